/* SPDX-License-Identifier: BSD-3-Clause */
#include "schema.h"

/* The part of the language that is about the nodes: what the mobile node, its agents and the NATs do. */

#define DAY_NS UINT64_C(86400000000000)
#define SECOND_NS UINT64_C(1000000000)
#define MILLISECOND_NS UINT64_C(1000000)
#define MOST_SECONDS (65535 * SECOND_NS)

/* In the order of FB_REPLAY_*. */
static const char *const replay_names[] = {"timestamps", "nonces", NULL};

static const fbc_key agent_keys[] = {
    [FBC_AGENT_ADVERTISEMENT] =
        {.key = "advertisement",
         .type = FBC_DURATION,
         .preset = "10s",
         .min = SECOND_NS,
         .max = 3000 * SECOND_NS,
         .step = SECOND_NS,
         .help = "Time between two advertisements; after three the mobile node gives it up."},
    [FBC_AGENT_REVERSE_TUNNEL] = {.key = "reverse-tunnel",
                                  .type = FBC_BOOLEAN,
                                  .preset = "true",
                                  .help = "It grants reverse tunnels; `false`: code 74."},
    [FBC_AGENT_REQUIRE_REVERSE_TUNNEL] = {.key = "require-reverse-tunnel",
                                          .type = FBC_BOOLEAN,
                                          .preset = "false",
                                          .help = "Code 75 to requests without a reverse tunnel."},
    [FBC_AGENT_ENCAPSULATING_DELIVERY] =
        {.key = "encapsulating-delivery",
         .type = FBC_BOOLEAN,
         .preset = "true",
         .help = "It grants encapsulating delivery (RFC 3024 3.3); `false`: code 79."},
    [FBC_AGENT_GRE] = {.key = "gre",
                       .type = FBC_BOOLEAN,
                       .preset = "true",
                       .help = "It grants GRE; `false`: code 72."},
    [FBC_AGENT_MINIMAL] = {.key = "minimal",
                           .type = FBC_BOOLEAN,
                           .preset = "true",
                           .help = "It grants minimal encapsulation; `false`: code 72."},
    [FBC_AGENT_BUSY] = {.key = "busy",
                        .type = FBC_BOOLEAN,
                        .preset = "false",
                        .help = "It takes no visitors."},
    [FBC_AGENT_LEGACY] = {.key = "legacy",
                          .type = FBC_BOOLEAN,
                          .preset = "false",
                          .help = "It knows RFC 5944 only, and is silent where RFC 7629 is used."},
    [FBC_AGENT_AUTHENTICATE] =
        {.key = "authenticate",
         .type = FBC_BOOLEAN,
         .preset = "false",
         .help =
             "It shares keys with the mobile node and the home agent, which authenticate each leg of a message."},
    {.key = NULL},
};

static const fbc_key home_link_keys[] = {
    [FBC_HOME_LINK_RATE] = {.key = "rate",
                            .type = FBC_RATE,
                            .preset = "100Mbps",
                            .min = 1000,
                            .max = UINT64_C(1000000000000),
                            .help = "Rate, shared by all that are there: it is an Ethernet."},
    [FBC_HOME_LINK_ADVERTISEMENT] =
        {.key = "advertisement",
         .type = FBC_DURATION,
         .preset = "10s",
         .min = SECOND_NS,
         .max = 3000 * SECOND_NS,
         .step = SECOND_NS,
         .help = "Time between two advertisements of the home agent. The mobile node asks for one "
                 "within a second when it is plugged in."},
    {.key = NULL},
};

/* No, yes. */
static const char *const home_address_names[] = {"configured", "assigned", NULL};

/* In the order of fb_coa_change. */
static const char *const coa_change_names[] = {"replace", "overwrite", "in-place", NULL};

static const fbc_key mobile_node_keys[] = {
    [FBC_MOBILE_MULTIPATH] = {.key = "multipath",
                              .type = FBC_BOOLEAN,
                              .preset = "true",
                              .help =
                                  "It uses RFC 7629; `false`: RFC 5944 with one path at a time."},
    [FBC_MOBILE_NEGOTIATE_POLICY] = {.key = "negotiate-policy",
                                     .type = FBC_BOOLEAN,
                                     .preset = "true",
                                     .help =
                                         "It sends the policy to the home agent (RFC 7629 5.1)."},
    [FBC_MOBILE_BULK_REFRESH] = {.key = "bulk-refresh",
                                 .type = FBC_BOOLEAN,
                                 .preset = "true",
                                 .help = "One request refreshes all bindings (B flag)."},
    [FBC_MOBILE_REVERSE_TUNNEL] =
        {.key = "reverse-tunnel",
         .type = FBC_BOOLEAN,
         .preset = "true",
         .help = "Packets from the mobile node go by the home agent too (RFC 3024)."},
    [FBC_MOBILE_COA_CHANGE] = {.key = "coa-change",
                               .type = FBC_CHOICE,
                               .preset = "replace",
                               .choices = coa_change_names,
                               .help =
                                   "When a care-of address changes: `replace` de-registers over "
                                   "another path and registers anew, `overwrite` uses the O flag "
                                   "(RFC 7629 5.1), `in-place` registers the new address."},
    [FBC_MOBILE_REPLAY] =
        {.key = "replay",
         .type = FBC_CHOICE,
         .preset = "timestamps",
         .choices = replay_names,
         .help = "How replays of messages are found out, agreed with the home agent (RFC 5944 "
                 "5.7)."},
    [FBC_MOBILE_NAI] = {.key = "nai",
                        .type = FBC_NAI,
                        .help =
                            "Its network access identifier (RFC 2794), sent with its requests."},
    [FBC_MOBILE_HOME_ADDRESS] =
        {.key = "home-address",
         .type = FBC_CHOICE,
         .preset = "configured",
         .choices = home_address_names,
         .help = "Where it has its home address from: `configured`, or `assigned` by the home "
                 "agent, which knows it by its `nai` (RFC 2794): its first request has home "
                 "address 0.0.0.0."},
    [FBC_MOBILE_IMPLICIT_NETWORKS] =
        {.key = "implicit-networks",
         .type = FBC_BOOLEAN,
         .preset = "false",
         .help = "The mobile network is not in its requests, the home agent knows it (RFC 5177 "
                 "4.1)."},
    [FBC_MOBILE_ENCAPSULATING_DELIVERY] =
        {.key = "encapsulating-delivery",
         .type = FBC_BOOLEAN,
         .preset = "false",
         .help = "It tunnels its packets to its foreign agents too (RFC 3024 3.3)."},
    [FBC_MOBILE_CLOCK_OFFSET] = {.key = "clock-offset",
                                 .type = FBC_DURATION,
                                 .preset = "0s",
                                 .max = DAY_NS,
                                 .help = "By how much its clock is ahead of the right time."},
    [FBC_MOBILE_POSITION] = {.key = "position",
                             .type = FBC_POSITION,
                             .help = "Where it is at first; see `move` of events. [0, 0] when not "
                                     "given."},
    [FBC_MOBILE_PATH_METRICS] =
        {.key = "path-metrics",
         .type = FBC_BOOLEAN,
         .preset = "false",
         .help = "It knows rates, delays and losses of those of its paths that are links with a "
                 "rate of their own, and tells the home agent with its requests (RFC 3115): for "
                 "schedulers."},
    [FBC_MOBILE_SAMPLE] =
        {.key = "sample",
         .type = FBC_DURATION,
         .preset = "0s",
         .max = 3600 * SECOND_NS,
         .step = MILLISECOND_NS,
         .help = "With `path-metrics`: how often it looks at what waits in the queues of its "
                 "paths, for schedulers that go by that; 0s: never."},
    [FBC_MOBILE_METRICS_INTERVAL] =
        {.key = "metrics-interval",
         .type = FBC_DURATION,
         .preset = "10s",
         .max = 3600 * SECOND_NS,
         .step = SECOND_NS,
         .help =
             "With `path-metrics`: when what it knows of a path changes by more than a quarter, the home agent "
             "hears of it at once, with a request for this alone, but not again within this time; 0s: only with the "
             "next refresh."},
    {.key = NULL},
};

static const fbc_key home_agent_keys[] = {
    [FBC_HOME_MULTIPATH] = {.key = "multipath",
                            .type = FBC_BOOLEAN,
                            .preset = "true",
                            .help = "It does RFC 7629; `false`: it answers code 152 to everybody."},
    [FBC_HOME_ALLOW_MULTIPATH] =
        {.key = "allow-multipath",
         .type = FBC_BOOLEAN,
         .preset = "true",
         .help = "The mobile node has the right to several paths; `false`: code 152."},
    [FBC_HOME_FLOW_POLICY] = {.key = "flow-policy",
                              .type = FBC_BOOLEAN,
                              .preset = "true",
                              .help = "It accepts policies; `false`: code 129."},
    [FBC_HOME_LEGACY] = {.key = "legacy",
                         .type = FBC_BOOLEAN,
                         .preset = "false",
                         .help = "It knows RFC 5944 only, and is silent where RFC 7629 is used."},
    [FBC_HOME_REPLY_BAD_AUTHENTICATOR] =
        {.key = "reply-bad-authenticator",
         .type = FBC_BOOLEAN,
         .preset = "true",
         .help = "It answers code 131 to a bad authenticator; `false`: silence."},
    [FBC_HOME_UNKNOWN_BID_STRICT] =
        {.key = "unknown-bid-strict",
         .type = FBC_BOOLEAN,
         .preset = "true",
         .help = "Code 153 when one BID of a rule is unknown; `false`: when all are."},
    [FBC_HOME_REQUIRE_REVERSE_TUNNEL] = {.key = "require-reverse-tunnel",
                                         .type = FBC_BOOLEAN,
                                         .preset = "false",
                                         .help = "Code 138 to requests without a reverse tunnel."},
    [FBC_HOME_STRICT_TECHNOLOGY] = {.key = "strict-technology",
                                    .type = FBC_BOOLEAN,
                                    .preset = "false",
                                    .help =
                                        "Code 134 to access technologies that are not assigned."},
    [FBC_HOME_STRICT_RESERVED] = {.key = "strict-reserved",
                                  .type = FBC_BOOLEAN,
                                  .preset = "false",
                                  .help = "Code 134 to reserved flags."},
    [FBC_HOME_LENIENT_DEREGISTRATION] =
        {.key = "lenient-deregistration",
         .type = FBC_BOOLEAN,
         .preset = "false",
         .help =
             "A mobile node without the right to several paths may de-register them; `false`: code 152."},
    [FBC_HOME_MERGE_POLICY] = {.key = "merge-policy",
                               .type = FBC_BOOLEAN,
                               .preset = "false",
                               .help =
                                   "It adds rules to the policy it has, in place of replacing it."},
    [FBC_HOME_ECHO_POLICY] = {.key = "echo-policy",
                              .type = FBC_BOOLEAN,
                              .preset = "false",
                              .help = "Its accepting replies carry the policy in force."},
    [FBC_HOME_REPLAY_PER_BINDING] =
        {.key = "replay-per-binding",
         .type = FBC_BOOLEAN,
         .preset = "false",
         .help = "It compares Identifications within a binding, not within the mobile node."},
    [FBC_HOME_REVERSE_TUNNEL] = {.key = "reverse-tunnel",
                                 .type = FBC_BOOLEAN,
                                 .preset = "true",
                                 .help = "It grants reverse tunnels; `false`: code 137."},
    [FBC_HOME_GRE] = {.key = "gre",
                      .type = FBC_BOOLEAN,
                      .preset = "true",
                      .help = "It grants GRE; `false`: code 139."},
    [FBC_HOME_MINIMAL] = {.key = "minimal",
                          .type = FBC_BOOLEAN,
                          .preset = "true",
                          .help = "It grants minimal encapsulation; `false`: code 139."},
    [FBC_HOME_UDP_TUNNEL] =
        {.key = "udp-tunnel",
         .type = FBC_BOOLEAN,
         .preset = "true",
         .help = "It grants UDP tunnels through a NAT (RFC 3519); `false`: code 129."},
    [FBC_HOME_UDP_FORCE] = {.key = "udp-force",
                            .type = FBC_BOOLEAN,
                            .preset = "true",
                            .help = "... and without a NAT, when asked to; `false`: code 129."},
    [FBC_HOME_KEEPALIVE] =
        {.key = "keepalive",
         .type = FBC_DURATION,
         .preset = "110s",
         .min = SECOND_NS,
         .max = MOST_SECONDS,
         .step = SECOND_NS,
         .help =
             "How often a mobile node with a UDP tunnel has to make itself heard (RFC 3519 4.9)."},
    [FBC_HOME_NETWORKS] = {.key = "networks",
                           .type = FBC_BOOLEAN,
                           .preset = "true",
                           .help = "It serves mobile networks (RFC 5177); `false`: code 148."},
    [FBC_HOME_CLOCK_OFFSET] = {.key = "clock-offset",
                               .type = FBC_DURATION,
                               .preset = "0s",
                               .max = DAY_NS,
                               .help = "By how much its clock is ahead of the right time."},
    {.key = NULL},
};

const fbc_object fbc_object_home_link = {
    "home",
    "The home link of the mobile node: an Ethernet with the home agent on it (RFC 5944 4.6).",
    "home: {advertisement: 1s}\n",
    home_link_keys,
};

const fbc_object fbc_object_agent = {
    "paths[].agent",
    "The foreign agent of a path with `care-of: agent`. It stands at the access network's router.",
    "paths:\n"
    "  - {name: wlan, type: wlan, bid: 1, label: 1, care-of: agent, agent: {advertisement: 1s}}\n",
    agent_keys,
};

const fbc_object fbc_object_mobile_node = {
    "mobile-node",
    "What the mobile node does. Its times are in `timers`.",
    NULL,
    mobile_node_keys,
};

const fbc_object fbc_object_home_agent = {
    "home-agent",
    "What the home agent does and allows. Its times are in `timers`.",
    NULL,
    home_agent_keys,
};

/* Those of the library (fb_config_default()). */
static const fbc_key probe_keys[] = {
    [FBC_PROBE_KEY_INTERVAL] =
        {.key = "interval",
         .type = FBC_DURATION,
         .preset = "100ms",
         .min = 0,
         .max = 60 * SECOND_NS,
         .step = MILLISECOND_NS,
         .help = "Between two echo requests through the path's tunnel, while there are packets on "
                 "it. After three without answer the path is silent. 0s: nothing is asked."},
    [FBC_PROBE_KEY_IDLE] = {.key = "idle",
                            .type = FBC_DURATION,
                            .preset = "2s",
                            .min = MILLISECOND_NS,
                            .max = 60 * SECOND_NS,
                            .step = MILLISECOND_NS,
                            .help = "So long after the last packet they go on."},
    [FBC_PROBE_KEY_HOLD_DOWN] =
        {.key = "hold-down",
         .type = FBC_DURATION,
         .preset = "1s",
         .min = 0,
         .max = 60 * SECOND_NS,
         .step = MILLISECOND_NS,
         .help = "A path lost again within a minute of its return is not used for so long when it "
                 "answers, twice as long each time. 0s: it is used at once."},
    {.key = NULL},
};

const fbc_object fbc_object_probe = {
    "probe",
    "How a mobile node or gateway finds out that a path carries nothing although its link is up; without this section "
    "it does not. Packets then take other paths, and the far end is told; the silent path is asked every second, later "
    "less often, whether it is there again.",
    "probe: {interval: 100ms}\n",
    probe_keys,
};
