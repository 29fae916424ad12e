/* SPDX-License-Identifier: BSD-3-Clause */
#include "flowbind/policy.h"
#include "schema.h"

/*
 * The tables of the language, together with those of schema_roles.c. Help texts become the reference: whole sentences,
 * for somebody new to it.
 */

#define DAY_NS UINT64_C(86400000000000)
#define SECOND_NS UINT64_C(1000000000)
#define MILLISECOND_NS UINT64_C(1000000)
#define TERABIT UINT64_C(1000000000000)

/* In the order of fbc_policy_by. */
static const char *const by_names[] = {"path", "label", "technology", NULL};

/* clang-format off */
#define SCHEDULERS \
    "`flow-hash` spreads flows over the paths, by weight, and keeps each on one. By packet: " \
    "`round-robin` in turn; `weighted` n:m by weight or measured rate; `lowest-rtt` the path " \
    "with the shortest round-trip time; `edpf` the path that delivers first by rate and delay; " \
    "`cheapest-first` the path of the least `cost` while it has capacity; `redundant` a copy on " \
    "each, the first one wins with `reorder`."

/* Of packets that took different paths (RFC 2890). */
#define REORDER \
    .type = FBC_DURATION, .min = MILLISECOND_NS, .max = 10 * SECOND_NS, .step = MILLISECOND_NS, \
    .help = "How long packets wait at the far end for those before them that took a slower " \
            "path. The paths must be GRE tunnels; others keep each flow on one path. Without it " \
            "packets are delivered as they come."
/* clang-format on */

static const fbc_key policy_keys[] = {
    [FBC_POLICY_FLOWS] =
        {.key = "flows",
         .type = FBC_OBJECTS,
         .required = true,
         .min = 1,
         .max = FB_STATIC_RULES_MAX,
         .help =
             "The flows, in order: the first one that matches a packet and has a path "
             "that is up decides. A simulation takes 64 Flow-Bindings at most, one a flow, two with drop."},
    [FBC_POLICY_BY] =
        {.key = "by",
         .type = FBC_CHOICE,
         .preset = "path",
         .choices = by_names,
         .help =
             "What `use` names: paths, or labels of paths (`use: [7, 3]`, RFC 7629 4.1), or access "
             "technologies (`use: [wlan, lte]`). Rules by label or technology cannot be sent: "
             "of a `static-policy` only."},
    [FBC_POLICY_DEFAULT] =
        {.key = "default",
         .type = FBC_SCHEDULER_OR_OBJECT,
         .preset = "flow-hash",
         .help =
             "The scheduler for packets that no flow decides: a name, or a mapping. " SCHEDULERS},
    {.key = NULL},
};

static const fbc_key group_keys[] = {
    [FBC_GROUP_SPREAD] =
        {.key = "spread",
         .type = FBC_NAMES,
         .required = true,
         .help = "Paths of the group. Those that are up share the flow. `drop` at the end: when "
                 "none is up, packets are dropped."},
    [FBC_GROUP_SCHEDULER] = {.key = "scheduler",
                             .type = FBC_SCHEDULER,
                             .preset = "flow-hash",
                             .help = "Who shares. " SCHEDULERS},
    [FBC_GROUP_REORDER] = {.key = "reorder", REORDER},
    {.key = NULL},
};

static const fbc_key default_keys[] = {
    [FBC_DEFAULT_SCHEDULER] = {.key = "scheduler",
                               .type = FBC_SCHEDULER,
                               .required = true,
                               .help = "Its name. " SCHEDULERS},
    [FBC_DEFAULT_REORDER] = {.key = "reorder", REORDER},
    {.key = NULL},
};

static const fbc_key flow_keys[] = {
    [FBC_FLOW_NAME] = {.key = "name",
                       .type = FBC_NAME,
                       .required = true,
                       .help = "What tables and scenarios call it. Unique in the policy."},
    [FBC_FLOW_MATCH] = {.key = "match",
                        .type = FBC_OBJECT,
                        .required = true,
                        .help = "Which packets belong to it. `{}` matches every IPv4 packet."},
    [FBC_FLOW_USE] =
        {.key = "use",
         .type = FBC_NAMES_OR_OBJECT,
         .required = true,
         .help = "Paths in order of preference: the first one that is up carries the flow. "
                 "`drop` at the end: when none is up, packets are dropped; without it, later "
                 "flows and then the default scheduler decide. At most 8 paths (RFC 7629 4.2). "
                 "Or a group of paths that share the flow, `{spread: [wlan, lte], scheduler: "
                 "edpf, reorder: 60ms}`: of a `static-policy` only, as it cannot be sent."},
    {.key = NULL},
};

/* IPv6 is 1. */
static const char *const family_names[] = {"ipv4", "ipv6", NULL};

static const fbc_key match_keys[] = {
    [FBC_MATCH_PROTOCOL] =
        {.key = "protocol",
         .type = FBC_PROTOCOLS,
         .max = 255,
         .help = "IP protocol: udp, tcp, icmp, sctp, dccp, udplite, esp, ah, a number, "
                 "or a range."},
    [FBC_MATCH_PORT] =
        {.key = "port",
         .type = FBC_NUMBERS,
         .max = 65535,
         .help = "Port of the correspondent (the server, for a client on the mobile node), "
                 "whichever way the packet goes."},
    [FBC_MATCH_LOCAL_PORT] = {.key = "local_port",
                              .type = FBC_NUMBERS,
                              .max = 65535,
                              .help = "Port on the mobile side."},
    [FBC_MATCH_ADDRESS] = {.key = "address",
                           .type = FBC_ANY_ADDRESSES,
                           .help = "Address of the correspondent, IPv4 or IPv6."},
    [FBC_MATCH_LOCAL_ADDRESS] = {.key = "local_address",
                                 .type = FBC_ANY_ADDRESSES,
                                 .help =
                                     "Address on the mobile side: the home address, or one of a "
                                     "mobile network or of the `ipv6-prefix`."},
    [FBC_MATCH_DSCP] =
        {.key = "dscp",
         .type = FBC_DSCPS,
         .max = 63,
         .help = "Differentiated services code point: a number, a name (be, le, cs0 to cs7, "
                 "af11 to af43, va, ef), or a range."},
    [FBC_MATCH_SPI] = {.key = "spi",
                       .type = FBC_NUMBERS,
                       .max = UINT32_MAX,
                       .help =
                           "Security Parameters Index of ESP or AH packets, in decimal or 0x..."},
    [FBC_MATCH_FAMILY] =
        {.key = "family",
         .type = FBC_CHOICE,
         .choices = family_names,
         .help = "Which packets it is of (RFC 6088). ipv4 when not given, or what the addresses "
                 "are."},
    [FBC_MATCH_FLOW_LABEL] = {.key = "flow_label",
                              .type = FBC_NUMBERS,
                              .max = 0xfffff,
                              .help = "Flow label of IPv6 packets, in decimal or 0x..."},
    {.key = NULL},
};

static const char *const protocol_names[] = {"mip4", "pmip6", NULL};

static const char *const measure_names[] = {"goodput",
                                            "delay",
                                            "loss",
                                            "reordering",
                                            "path-share",
                                            "failover-gap",
                                            "signalling",
                                            "experience",
                                            NULL};

static const fbc_key scenario_keys[] = {
    [FBC_SCENARIO_PROTOCOL] =
        {.key = "protocol",
         .type = FBC_CHOICE,
         .required = true,
         .choices = protocol_names,
         .help = "`mip4`: Mobile IPv4 with RFC 7629. `pmip6`: Proxy Mobile IPv6 with RFC 8278; "
                 "then `paths` are those of `gateways`, and the mobile nodes are `hosts`."},
    [FBC_SCENARIO_DURATION] = {.key = "duration",
                               .type = FBC_DURATION,
                               .required = true,
                               .min = MILLISECOND_NS,
                               .max = DAY_NS,
                               .help = "Simulated time."},
    [FBC_SCENARIO_WARMUP] = {.key = "warmup",
                             .type = FBC_DURATION,
                             .preset = "0s",
                             .max = DAY_NS,
                             .help = "Nothing before it is measured."},
    [FBC_SCENARIO_SEED] = {.key = "seed",
                           .type = FBC_INTEGER,
                           .preset = "1",
                           .min = 1,
                           .max = UINT32_MAX,
                           .help = "The same seed gives the same results, octet for octet."},
    [FBC_SCENARIO_PATHS] =
        {.key = "paths",
         .type = FBC_OBJECTS,
         .required = true,
         .min = 1,
         .max = 254,
         .help = "The links of the mobile node; where only one can be used, the first "
                 "is preferred."},
    [FBC_SCENARIO_HOME] =
        {.key = "home",
         .type = FBC_OBJECT,
         .help =
             "The home link, where the mobile node is at home: `home: {}` is enough. It is away "
             "at first; see `go-home` of events. Expectations call the link `home`. Without "
             "this key the home network is virtual, and nobody can be there."},
    [FBC_SCENARIO_POLICY] = {.key = "policy",
                             .type = FBC_FILE_OR_OBJECT,
                             .help =
                                 "A policy file, relative to this file, or a policy written here. "
                                 "Without one the default scheduler decides for all packets."},
    [FBC_SCENARIO_STATIC_POLICY] =
        {.key = "static-policy",
         .type = FBC_FILE_OR_OBJECT,
         .help = "A policy like `policy` that both ends have by configuration: none of it is "
                 "sent. It decides where no rule of `policy` does (RFC 7629 6)."},
    [FBC_SCENARIO_MOBILE_NETWORK] =
        {.key = "mobile-network",
         .type = FBC_ADDRESSES,
         .help = "A prefix like 198.51.101.0/24 behind the mobile node, which is a mobile router "
                 "then (RFC 5177). One host is there; see `host` of traffic."},
    [FBC_SCENARIO_IPV6_PREFIX] =
        {.key = "ipv6-prefix",
         .type = FBC_ADDRESSES6,
         .help = "A prefix like fd00:a::/64 of the mobile node, which is a dual-stack node then "
                 "(RFC 5454). Its first address is the mobile node's, for IPv6 flows."},
    [FBC_SCENARIO_TRAFFIC] = {.key = "traffic",
                              .type = FBC_OBJECTS,
                              .max = 1000,
                              .help =
                                  "What is sent between the mobile node and its correspondent."},
    [FBC_SCENARIO_EVENTS] = {.key = "events",
                             .type = FBC_OBJECTS,
                             .max = 1000,
                             .help = "What happens, and when. All paths are up at first."},
    [FBC_SCENARIO_MEASURE] =
        {.key = "measure",
         .type = FBC_CHOICES,
         .preset = "goodput delay loss reordering path-share failover-gap signalling experience",
         .choices = measure_names,
         .help = "What the results contain. `experience`: what the users of applications notice."},
    [FBC_SCENARIO_EXPECT] = {.key = "expect",
                             .type = FBC_OBJECTS,
                             .max = 1000,
                             .help = "What must come out: makes the scenario a regression test."},
    [FBC_SCENARIO_TCP] = {.key = "tcp",
                          .type = FBC_OBJECT,
                          .help = "How every TCP end point behaves."},
    [FBC_SCENARIO_BACKHAUL] = {.key = "backhaul",
                               .type = FBC_OBJECT,
                               .help = "The wired networks behind the access links."},
    [FBC_SCENARIO_TIMERS] = {.key = "timers",
                             .type = FBC_OBJECT,
                             .help = "Times of the registration."},
    [FBC_SCENARIO_MOBILE_NODE] = {.key = "mobile-node",
                                  .type = FBC_OBJECT,
                                  .help = "What the mobile node does."},
    [FBC_SCENARIO_HOME_AGENT] = {.key = "home-agent",
                                 .type = FBC_OBJECT,
                                 .help = "What the home agent does and allows."},
    [FBC_SCENARIO_NS3] =
        {.key = "ns3",
         .type = FBC_FREE,
         .help = "Any attribute of ns-3: `ns3::Class::Attribute` sets a default before "
                 "anything is built, `/NodeList/...` sets it on what was built."},
    [FBC_SCENARIO_GATEWAYS] = {.key = "gateways",
                               .type = FBC_OBJECTS,
                               .min = 1,
                               .max = 15,
                               .help = "Of pmip6: the mobile access gateways (RFC 5213)."},
    [FBC_SCENARIO_HOSTS] = {.key = "hosts",
                            .type = FBC_OBJECTS,
                            .max = 100,
                            .help = "Of pmip6: the mobile nodes behind the gateways. They know "
                                    "nothing of mobility."},
    [FBC_SCENARIO_ACCESS_GATEWAY] = {.key = "access-gateway",
                                     .type = FBC_OBJECT,
                                     .help = "Of pmip6: what every gateway does."},
    [FBC_SCENARIO_ANCHOR] = {.key = "anchor",
                             .type = FBC_OBJECT,
                             .help = "Of pmip6: what the local mobility anchor does and allows."},
    [FBC_SCENARIO_PROBE] = {.key = "probe",
                            .type = FBC_OBJECT,
                            .help = "How silent paths are found out; without it they are not."},
    {.key = NULL},
};

/* In the order of fbc_kind. */
static const char *const kind_names[] =
    {"voip", "cbr", "tcp", "poisson", "pcap", "web", "video", NULL};
static const char *const codec_names[] = {"g711", "g729", "amr", NULL};
static const char *const direction_names[] = {"up", "down", "both", NULL};

static const fbc_key traffic_keys[] = {
    [FBC_TRAFFIC_NAME] = {.key = "name",
                          .type = FBC_NAME,
                          .required = true,
                          .help = "What tables call it. Unique."},
    [FBC_TRAFFIC_KIND] =
        {.key = "kind",
         .type = FBC_CHOICE,
         .required = true,
         .choices = kind_names,
         .help = "`voip`: a call, over UDP. `cbr`: packets at a constant rate, over UDP or "
                 "TCP, whichever the flow is. `poisson`: packets at random times, over UDP. "
                 "`tcp`: as much as TCP carries. `pcap`: the packets of a capture, over UDP. "
                 "`web`: pages that somebody looks at, `video`: a film that adapts its rate, over "
                 "TCP, and `down` only: the mobile node asks. See [traffic.md](traffic.md)."},
    [FBC_TRAFFIC_DIRECTION] = {.key = "direction",
                               .type = FBC_CHOICE,
                               .required = true,
                               .choices = direction_names,
                               .help = "`up`: from the mobile node; `down`: toward it."},
    [FBC_TRAFFIC_HOST] =
        {.key = "host",
         .type = FBC_NAME,
         .help =
             "Whose it is: `mobile-node`, its own, or `mobile-network`, that of the host there; "
             "mobile-node when not given. Of pmip6: one of the `hosts`, the first when not "
             "given."},
    [FBC_TRAFFIC_FLOW] =
        {.key = "flow",
         .type = FBC_NAME,
         .help = "The flow of the policy it belongs to: protocol and ports are taken from "
                 "there, and the IP version. Either this or `match`."},
    [FBC_TRAFFIC_MATCH] = {.key = "match",
                           .type = FBC_OBJECT,
                           .help = "Protocol and port, when no flow of the policy is meant."},
    [FBC_TRAFFIC_RATE] =
        {.key = "rate",
         .type = FBC_RATE,
         .min = 1,
         .max = TERABIT,
         .help = "Payload in each direction, of poisson on average. cbr, poisson: required; "
                 "voip: that of the codec when not given. Of no other kind."},
    [FBC_TRAFFIC_PACKET] =
        {.key = "packet",
         .type = FBC_SIZE,
         .min = 16,
         .max = 65000,
         .help = "Payload of one packet. When not given: voip that of the codec, cbr and "
                 "poisson 1000. Of no other kind; for tcp there is `tcp.segment`."},
    [FBC_TRAFFIC_BYTES] =
        {.key = "bytes",
         .type = FBC_SIZE,
         .min = 1,
         .max = UINT64_C(1000000000000),
         .help =
             "Of tcp: how much to send in each direction; then the results say how long it took. "
             "No end when not given."},
    [FBC_TRAFFIC_START] = {.key = "start",
                           .type = FBC_DURATION,
                           .preset = "2s",
                           .max = DAY_NS,
                           .help = "When it begins. After two seconds all paths are registered."},
    [FBC_TRAFFIC_STOP] = {.key = "stop",
                          .type = FBC_DURATION,
                          .max = DAY_NS,
                          .help = "When it ends. With the scenario when not given."},
    [FBC_TRAFFIC_CODEC] =
        {.key = "codec",
         .type = FBC_CHOICE,
         .choices = codec_names,
         .help = "Of voip, 20 ms in a packet: `g711`, 68.8kbps with RTP headers; `g729`, 12.8kbps; "
                 "`amr`, 12.2 kbit/s of voice (RFC 4867), 17.6kbps. g711 when not given."},
    [FBC_TRAFFIC_PLAYOUT] =
        {.key = "playout",
         .type = FBC_DURATION,
         .max = 10 * SECOND_NS,
         .help =
             "Of voip: the listener's buffer plays a packet this long after the first one would "
             "have been played at once; later packets are lost. When not given, it waits as "
             "long as the slowest packet of the last two seconds took, and 20 ms more."},
    [FBC_TRAFFIC_CAPTURE] =
        {.key = "capture",
         .type = FBC_FILE,
         .help =
             "Of pcap, required: a capture (pcap or pcapng), relative to this file. Each IP packet "
             "of it becomes a UDP datagram, at the same distance from the first one, so large "
             "that the IP packet is as long as it was."},
    [FBC_TRAFFIC_CAPTURE_HOST] =
        {.key = "capture-host",
         .type = FBC_ANY_ADDRESSES,
         .help =
             "Of pcap: the address in the capture that the mobile node stands for. What it sent "
             "goes up, what it got goes down, other packets are left out. When not given, all "
             "packets go the way of `direction`, which is not `both` then."},
    [FBC_TRAFFIC_PAGE] =
        {.key = "page",
         .type = FBC_SIZE,
         .min = 1,
         .max = UINT64_C(1000000000),
         .help =
             "Of web: a page with all its objects. When not given, sizes and numbers of objects "
             "are drawn as in 3GPP TR 25.892: about 50 kB on average."},
    [FBC_TRAFFIC_OBJECTS] = {.key = "objects",
                             .type = FBC_INTEGER,
                             .min = 1,
                             .max = 1000,
                             .help = "Of web with `page`: objects of a page, all of about the same "
                                     "size. The others are asked for when the first one is "
                                     "there. 1 when not given."},
    [FBC_TRAFFIC_THINK] = {.key = "think",
                           .type = FBC_DURATION,
                           .max = DAY_NS,
                           .help = "Of web: mean time from a page's end to the next click, "
                                   "exponential. 5s when not given."},
    [FBC_TRAFFIC_CONNECTIONS] =
        {.key = "connections",
         .type = FBC_INTEGER,
         .min = 1,
         .max = 8,
         .help =
             "Of web: connections at a time. 1, and when not given: all objects are asked for at "
             "once, as with HTTP/2; more: one after the other on each of them, as with HTTP/1.1."},
    [FBC_TRAFFIC_LADDER] =
        {.key = "ladder",
         .type = FBC_RATES,
         .help =
             "Of video: the rates the film is there at, rising. `[400kbps, 1Mbps, 2.5Mbps, 5Mbps, "
             "8Mbps]` when not given."},
    [FBC_TRAFFIC_SEGMENT] = {.key = "segment",
                             .type = FBC_DURATION,
                             .min = SECOND_NS / 10,
                             .max = 60 * SECOND_NS,
                             .help =
                                 "Of video: how long a segment is to watch. 4s when not given."},
    [FBC_TRAFFIC_BUFFER] = {.key = "buffer",
                            .type = FBC_DURATION,
                            .min = SECOND_NS / 10,
                            .max = 3600 * SECOND_NS,
                            .help =
                                "Of video: how much of the film the player holds at most. 30s when "
                                "not given."},
    [FBC_TRAFFIC_START_UP] =
        {.key = "start-up",
         .type = FBC_DURATION,
         .min = 1,
         .max = 3600 * SECOND_NS,
         .help =
             "Of video: how much of the film must be there to begin, or to go on after a stall. A "
             "segment when not given."},
    {.key = NULL},
};

static const char *const transport_names[] = {"udp", "tcp", NULL};

static const fbc_key traffic_match_keys[] = {
    [FBC_TRAFFIC_MATCH_PROTOCOL] = {.key = "protocol",
                                    .type = FBC_CHOICE,
                                    .required = true,
                                    .choices = transport_names,
                                    .help = "Transport protocol."},
    [FBC_TRAFFIC_MATCH_PORT] = {.key = "port",
                                .type = FBC_INTEGER,
                                .required = true,
                                .min = 1,
                                .max = 65535,
                                .help = "Port of the correspondent."},
    [FBC_TRAFFIC_MATCH_FAMILY] = {.key = "family",
                                  .type = FBC_CHOICE,
                                  .preset = "ipv4",
                                  .choices = family_names,
                                  .help = "IP version. IPv6 needs an `ipv6-prefix`."},
    {.key = NULL},
};

/* In the order of fbc_event_action. */
static const char *const event_names[] = {"down",
                                          "up",
                                          "renumber",
                                          "register",
                                          "deregister",
                                          "policy",
                                          "lose",
                                          "restart-home-agent",
                                          "forbid-multipath",
                                          "allow-multipath",
                                          "flush-nat",
                                          "stop-agent",
                                          "start-agent",
                                          "restart-agent",
                                          "go-home",
                                          "leave-home",
                                          "attach",
                                          "detach",
                                          "restart-anchor",
                                          "restart-gateway",
                                          "rate",
                                          "move",
                                          NULL};

/* In the order of fbc_loss. */
static const char *const loss_names[] = {"requests", "replies", "packets", NULL};

static const fbc_key event_keys[] = {
    [FBC_EVENT_AT] = {.key = "at",
                      .type = FBC_DURATION,
                      .required = true,
                      .max = DAY_NS,
                      .help = "When, from the start."},
    [FBC_EVENT_PATH] = {.key = "path",
                        .type = FBC_NAME,
                        .help = "Which path. Of `register`, `deregister` and `lose`: all when not "
                                "given; not of the events between `lose` and `flush-nat`, nor of "
                                "`go-home` and `leave-home`."},
    [FBC_EVENT_DO] =
        {.key = "do",
         .type = FBC_CHOICE,
         .required = true,
         .choices = event_names,
         .help = "`down`: the link is lost. `up`: it is there again. `renumber`: it gets another "
                 "care-of address. `register`, `deregister`: an administrator of the mobile node "
                 "wants the path, or does not want it any more. `policy`: the mobile node gets "
                 "another policy. `lose`: what a path carries does not arrive. "
                 "`restart-home-agent`: it forgets its bindings and policies. `forbid-multipath`, "
                 "`allow-multipath`: the mobile node's right to several paths is withdrawn, or "
                 "given (code 152). `flush-nat`: the path's NAT forgets its ports. `stop-agent`, "
                 "`start-agent`: the path's foreign agent serves nobody any more, or does again. "
                 "`restart-agent`: it forgets its visitors. `go-home`: the mobile node is plugged "
                 "into its home link, and finds out by the home agent's advertisements (RFC 5944 "
                 "2.4.3); its paths stay as they are. `leave-home`: it is unplugged there. Of "
                 "pmip6: `attach`: a host attaches to a gateway, and leaves the one where it was. "
                 "`detach`: it goes away. `restart-anchor`, `restart-gateway`: it forgets its "
                 "sessions. `rate`: the link has another rate from now on, and with `path-metrics` "
                 "its gateway knows. `move`: the mobile node, or a gateway, goes to another place, "
                 "in a straight line."},
    [FBC_EVENT_ADDRESS] =
        {.key = "address",
         .type = FBC_ADDRESSES,
         .help = "Of `renumber`: the new address. The next one of the path's network when not "
                 "given."},
    [FBC_EVENT_NEW_POLICY] =
        {.key = "policy",
         .type = FBC_FILE_OR_OBJECT,
         .help = "Of `policy`: the policy file, relative to this file, or a policy "
                 "written here."},
    [FBC_EVENT_WHAT] =
        {.key = "what",
         .type = FBC_CHOICE,
         .choices = loss_names,
         .help = "Of `lose`: Registration Requests, Registration Replies, or every packet in "
                 "both directions."},
    [FBC_EVENT_COUNT] = {.key = "count",
                         .type = FBC_INTEGER,
                         .min = 1,
                         .max = 1000000,
                         .help = "Of `lose`: so many, the next ones. Either this or `for`."},
    [FBC_EVENT_FOR] = {.key = "for",
                       .type = FBC_DURATION,
                       .min = 1,
                       .max = DAY_NS,
                       .help = "Of `lose`: all, for so long."},
    [FBC_EVENT_HOST] = {.key = "host",
                        .type = FBC_NAME,
                        .help = "Of `attach` and `detach`: which host."},
    [FBC_EVENT_GATEWAY] =
        {.key = "gateway",
         .type = FBC_NAME,
         .help = "Of `attach`, `restart-gateway`, and `move` in pmip6: which gateway."},
    [FBC_EVENT_RATE] = {.key = "rate",
                        .type = FBC_RATE,
                        .min = 1,
                        .max = TERABIT,
                        .help = "Of `rate`: the new one, in both directions."},
    [FBC_EVENT_TO] = {.key = "to", .type = FBC_POSITION, .help = "Of `move`: where."},
    [FBC_EVENT_SPEED] = {.key = "speed",
                         .type = FBC_SPEED,
                         .min = UINT64_C(1000000000),
                         .max = UINT64_C(1000000000000),
                         .help = "Of `move`: how fast. It is there at once when not given."},
    {.key = NULL},
};

static const char *const message_names[] = {"request", "reply", "heartbeat", NULL};

static const fbc_key expect_keys[] = {
    [FBC_EXPECT_FLOW] = {.key = "flow",
                         .type = FBC_NAME,
                         .help = "About all traffic of this flow. One of this and the next three."},
    [FBC_EXPECT_TRAFFIC] = {.key = "traffic", .type = FBC_NAME, .help = "About this traffic."},
    [FBC_EXPECT_MESSAGE] =
        {.key = "message",
         .type = FBC_CHOICE,
         .choices = message_names,
         .help =
             "About Registration Requests that the mobile node sends, or Registration "
             "Replies that the home agent sends, or a foreign agent in its own name, whether "
             "they arrive or not. Of pmip6: Proxy Binding Updates and their "
             "Acknowledgements, or heartbeats and responses to them, of either end (RFC 5847)."},
    [FBC_EXPECT_BINDINGS] =
        {.key = "bindings",
         .type = FBC_NAMES,
         .help = "About the home agent, or the anchor: it has bindings of exactly these paths; "
                 "`[]`: none."},
    [FBC_EXPECT_TUNNELS] =
        {.key = "tunnels",
         .type = FBC_NAMES,
         .help = "Of `bindings`: how each of these is tunnelled, in the same order: `ipip`, `gre`, "
                 "`minimal`, or `udp` for any of them in UDP."},
    [FBC_EXPECT_BETWEEN] =
        {.key = "between",
         .type = FBC_INTERVAL,
         .max = DAY_NS,
         .help = "When. The whole measured time when not given. Leave a second or two "
                 "behind an event for packets on their way."},
    [FBC_EXPECT_PATH] =
        {.key = "path",
         .type = FBC_NAME,
         .help = "The path that carries all its packets; `drop`: the policy drops all; "
                 "`none`: no path carries any, for whatever reason; `home`: the home link "
                 "carries all, without a tunnel. Of `message`: those over this path."},
    [FBC_EXPECT_GOODPUT_MIN] = {.key = "goodput-min",
                                .type = FBC_RATE,
                                .max = TERABIT,
                                .help = "At least this much payload arrives, in each direction."},
    [FBC_EXPECT_LOSS_MAX] = {.key = "loss-max",
                             .type = FBC_SHARE,
                             .max = 1000000,
                             .help = "At most this share is lost."},
    [FBC_EXPECT_SHARE_MIN] = {.key = "share-min",
                              .type = FBC_SHARE,
                              .max = 1000000,
                              .help = "Of `path`: at least this share of the packets takes it, "
                                      "not all of them."},
    [FBC_EXPECT_DELAY_MAX] = {.key = "delay-max",
                              .type = FBC_DURATION,
                              .max = DAY_NS,
                              .help = "At most this mean one-way delay."},
    [FBC_EXPECT_FAILOVER_GAP_MAX] = {.key = "failover-gap-max",
                                     .type = FBC_DURATION,
                                     .max = DAY_NS,
                                     .help = "At most this long without a packet arriving."},
    [FBC_EXPECT_MOS_MIN] = {.key = "mos-min",
                            .type = FBC_DECIMAL,
                            .min = 1000,
                            .max = 4500,
                            .help =
                                "Of voip: at least this mean opinion score, in each direction."},
    [FBC_EXPECT_COMPLETION_MAX] =
        {.key = "completion-max",
         .type = FBC_DURATION,
         .max = DAY_NS,
         .help = "Of tcp with `bytes`: all of them have arrived so long after its start."},
    [FBC_EXPECT_PAGE_TIME_MAX] =
        {.key = "page-time-max",
         .type = FBC_DURATION,
         .max = DAY_NS,
         .help =
             "Of web: the pages clicked at in that time, of which there is one, take at most so long "
             "on average, and nobody waits longer for one that is not there in the end."},
    [FBC_EXPECT_STALLS_MAX] = {.key = "stalls-max",
                               .type = FBC_INTEGER,
                               .max = 1000000,
                               .help =
                                   "Of video: the film has begun, and stalls at most so often in "
                                   "that time."},
    [FBC_EXPECT_CODE] = {.key = "code",
                         .type = FBC_INTEGER,
                         .max = 255,
                         .help = "Of `message: reply`: those with this code. 0 and 1 accept."},
    [FBC_EXPECT_BID] = {.key = "bid",
                        .type = FBC_INTEGER,
                        .min = 1,
                        .max = 254,
                        .help = "Of `message`: those about the path with this BID."},
    [FBC_EXPECT_LIFETIME] = {.key = "lifetime",
                             .type = FBC_DURATION,
                             .max = 65535 * SECOND_NS,
                             .step = SECOND_NS,
                             .help = "Of `message`: those with this lifetime; 0s de-registers."},
    [FBC_EXPECT_BULK] = {.key = "bulk",
                         .type = FBC_BOOLEAN,
                         .help = "Of `message: request`: those with or without the B flag."},
    [FBC_EXPECT_OVERWRITE] = {.key = "overwrite",
                              .type = FBC_BOOLEAN,
                              .help = "Of `message: request`: those with or without the O flag."},
    [FBC_EXPECT_MULTIPATH] =
        {.key = "multipath",
         .type = FBC_BOOLEAN,
         .help = "Of `message: request`: those with RFC 7629, or of RFC 5944 alone."},
    [FBC_EXPECT_RULES] =
        {.key = "rules",
         .type = FBC_INTEGER,
         .max = FB_RULES_MAX,
         .help = "Of `message: request`: those with so many Flow-Bindings. Of `bindings`: "
                 "so many rules are in force at the home agent."},
    [FBC_EXPECT_COUNT] =
        {.key = "count",
         .type = FBC_INTEGER,
         .max = 1000000,
         .help = "Of `message`: so many of them, exactly. At least one when not given."},
    [FBC_EXPECT_AT] = {.key = "at",
                       .type = FBC_DURATION,
                       .max = DAY_NS,
                       .help = "Of `bindings`: when. At the end when not given."},
    [FBC_EXPECT_SESSION] = {.key = "session",
                            .type = FBC_NAME,
                            .help = "Of `bindings` and pmip6: whose session at the anchor it is "
                                    "about: a host with one of its own, or a gateway with a "
                                    "logical one. The only one when not given."},
    {.key = NULL},
};

static const char *const tcp_variants[] = {"cubic",
                                           "newreno",
                                           "linux-reno",
                                           "bbr",
                                           "dctcp",
                                           "vegas",
                                           "veno",
                                           "bic",
                                           "yeah",
                                           "illinois",
                                           "htcp",
                                           "hybla",
                                           "highspeed",
                                           "scalable",
                                           "ledbat",
                                           "lp",
                                           NULL};

const char *const fbc_tcp_type_ids[] = {"ns3::TcpCubic",
                                        "ns3::TcpNewReno",
                                        "ns3::TcpLinuxReno",
                                        "ns3::TcpBbr",
                                        "ns3::TcpDctcp",
                                        "ns3::TcpVegas",
                                        "ns3::TcpVeno",
                                        "ns3::TcpBic",
                                        "ns3::TcpYeah",
                                        "ns3::TcpIllinois",
                                        "ns3::TcpHtcp",
                                        "ns3::TcpHybla",
                                        "ns3::TcpHighSpeed",
                                        "ns3::TcpScalable",
                                        "ns3::TcpLedbat",
                                        "ns3::TcpLp"};

static const fbc_key tcp_keys[] = {
    [FBC_TCP_VARIANT] = {.key = "variant",
                         .type = FBC_CHOICE,
                         .preset = "cubic",
                         .choices = tcp_variants,
                         .help = "Congestion control."},
    [FBC_TCP_SEGMENT] = {.key = "segment",
                         .type = FBC_SIZE,
                         .preset = "1400",
                         .min = 88,
                         .max = 9000,
                         .help =
                             "Payload of a full segment. 1400 leaves room for TCP options and the "
                             "tunnel's header in 1500."},
    [FBC_TCP_BUFFERS] = {.key = "buffers",
                         .type = FBC_SIZE,
                         .preset = "512KiB",
                         .min = 4096,
                         .max = UINT64_C(1073741824),
                         .help = "Send buffer and receive buffer, each."},
    {.key = NULL},
};

static const fbc_key backhaul_keys[] = {
    [FBC_BACKHAUL_ACCESS] = {.key = "access",
                             .type = FBC_DURATION,
                             .preset = "5ms",
                             .max = 3600 * SECOND_NS,
                             .help = "One-way delay from each access network to the home agent."},
    [FBC_BACKHAUL_CORE] = {.key = "core",
                           .type = FBC_DURATION,
                           .preset = "5ms",
                           .max = 3600 * SECOND_NS,
                           .help = "One-way delay from the home agent to the correspondent."},
    [FBC_BACKHAUL_RATE] = {.key = "rate",
                           .type = FBC_RATE,
                           .preset = "1Gbps",
                           .min = 1000,
                           .max = UINT64_C(1000000000000),
                           .help = "Rate of each of these networks, each way."},
    {.key = NULL},
};

#define MOST_SECONDS (65535 * SECOND_NS)

static const fbc_key timer_keys[] = {
    [FBC_TIMER_LIFETIME] = {.key = "lifetime",
                            .type = FBC_DURATION,
                            .preset = "600s",
                            .min = SECOND_NS,
                            .max = MOST_SECONDS,
                            .step = SECOND_NS,
                            .help = "What the mobile node asks for; 65535s: without end."},
    [FBC_TIMER_LIFETIME_MAX] = {.key = "lifetime-max",
                                .type = FBC_DURATION,
                                .preset = "1800s",
                                .min = SECOND_NS,
                                .max = MOST_SECONDS,
                                .step = SECOND_NS,
                                .help = "The most the home agent grants; 65535s: no limit."},
    [FBC_TIMER_RETRANSMIT] = {.key = "retransmit",
                              .type = FBC_DURATION,
                              .preset = "1s",
                              .min = SECOND_NS,
                              .max = 60 * SECOND_NS,
                              .step = MILLISECOND_NS,
                              .help =
                                  "First retransmission of a request, doubling (RFC 5944 3.6.3)."},
    [FBC_TIMER_RETRY_DENIED] = {.key = "retry-denied",
                                .type = FBC_DURATION,
                                .preset = "60s",
                                .min = SECOND_NS,
                                .max = MOST_SECONDS,
                                .step = SECOND_NS,
                                .help = "First wait after a denial, doubling."},
    [FBC_TIMER_LEGACY_RETRY] = {.key = "legacy-retry",
                                .type = FBC_DURATION,
                                .preset = "3600s",
                                .min = SECOND_NS,
                                .max = MOST_SECONDS,
                                .step = SECOND_NS,
                                .help = "How long a home agent without RFC 7629 is remembered."},
    [FBC_TIMER_REPLAY_TOLERANCE] =
        {.key = "replay-tolerance",
         .type = FBC_DURATION,
         .preset = "7s",
         .min = 4 * SECOND_NS,
         .max = MOST_SECONDS,
         .step = SECOND_NS,
         .help = "How far the clocks of the two may be apart (RFC 5944 5.7.1)."},
    {.key = NULL},
};

const fbc_object fbc_object_policy = {
    "policy file",
    "Which flow uses which paths. The same file works in a simulation and on a device.",
    "flows:\n"
    "  - name: SIP\n"
    "    match: {protocol: udp, port: 5060}\n"
    "    use: [wlan, lte, drop]\n"
    "default: flow-hash\n",
    policy_keys,
};

const fbc_object fbc_object_flow = {"flows[]", "One flow of a policy.", NULL, flow_keys};

const fbc_object fbc_object_group = {
    "flows[].use as a group",
    "Paths that share a flow. Both ends have to have the policy, since no message can say it.",
    "use: {spread: [wlan, lte], scheduler: edpf, reorder: 60ms}\n",
    group_keys,
};

const fbc_object fbc_object_default = {
    "default as a mapping",
    "The scheduler for packets that no flow decides, and whether they are put in order again.",
    "default: {scheduler: weighted, reorder: 100ms}\n",
    default_keys,
};

const fbc_object fbc_object_match = {
    "flows[].match",
    "What a packet must have to belong to the flow; what is not given matches anything. Every value is one "
    "value or a range `a-b`, both ends included. Written as seen from the mobile node: `port` and "
    "`address` are the correspondent's, whichever way the packet goes.",
    "match: {protocol: tcp, port: 8000-8099, address: 198.51.100.0/24}\n",
    match_keys,
};

const fbc_object fbc_object_scenario = {
    "scenario file",
    "One simulation: what there is, what happens, and what must come out.",
    "protocol: mip4\n"
    "duration: 60s\n"
    "paths:\n"
    "  - {name: wlan, type: wlan, bid: 1, label: 1}\n"
    "  - {name: lte, type: lte, bid: 2, label: 2}\n"
    "policy: ../policies/voice-first.yaml\n"
    "traffic:\n"
    "  - {name: call, kind: voip, direction: both, flow: SIP}\n"
    "events:\n"
    "  - {at: 20s, path: wlan, do: down}\n"
    "expect:\n"
    "  - {flow: SIP, between: [22s, 60s], path: lte}\n"
    "ns3:\n"
    "  ns3::WifiRemoteStationManager::RtsCtsThreshold: 100\n",
    scenario_keys,
};

const fbc_object fbc_object_traffic = {
    "traffic[]",
    "One application.",
    "traffic:\n"
    "  - {name: call, kind: voip, direction: both, flow: SIP}\n"
    "  - {name: backup, kind: tcp, direction: up, match: {protocol: tcp, port: 873}, bytes: 20MB}\n"
    "  - {name: pages, kind: web, page: 2MB, objects: 50, direction: down, flow: HTTP}\n"
    "  - {name: film, kind: video, direction: down, match: {protocol: tcp, port: 443}}\n"
    "  - {name: radio, kind: voip, codec: amr, direction: down, match: {protocol: udp, port: 5004}}\n",
    traffic_keys,
};

const fbc_object fbc_object_traffic_match = {
    "traffic[].match",
    "What the packets of this traffic look like.",
    NULL,
    traffic_match_keys,
};

const fbc_object fbc_object_event = {
    "events[]",
    "One thing that happens.",
    "events:\n"
    "  - {at: 20s, path: wlan, do: down}\n"
    "  - {at: 35s, path: wlan, do: up}\n"
    "  - {at: 40s, do: policy, policy: ../policies/data-first.yaml}\n"
    "  - {at: 45s, path: lte, do: lose, what: replies, count: 2}\n"
    "  - {at: 50s, do: move, to: [120, 0], speed: 1.5m/s}\n",
    event_keys,
};

const fbc_object fbc_object_expect = {
    "expect[]",
    "One demand on the result: on a flow (its path, or a limit, or several), on the messages, or on what the home "
    "agent knows. A run whose demands are not met fails.",
    "expect:\n"
    "  - {flow: SIP, between: [22s, 34s], path: lte, loss-max: 1%}\n"
    "  - {message: reply, code: 153, bid: 2, between: [5s, 10s], count: 1}\n"
    "  - {bindings: [wlan, lte], rules: 5, at: 30s}\n",
    expect_keys,
};

const fbc_object fbc_object_tcp = {"tcp", "How every TCP end point behaves.", NULL, tcp_keys};

const fbc_object fbc_object_backhaul = {
    "backhaul",
    "The wired networks behind the access links.",
    NULL,
    backhaul_keys,
};

const fbc_object fbc_object_timers = {"timers", "Times of the registration.", NULL, timer_keys};
