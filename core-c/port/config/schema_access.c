/* SPDX-License-Identifier: BSD-3-Clause */
#include "schema.h"

/* The part of the language that is about paths: the access networks, and what they are made of. */

#define DAY_NS UINT64_C(86400000000000)
#define SECOND_NS UINT64_C(1000000000)
#define MILLISECOND_NS UINT64_C(1000000)
#define TERABIT UINT64_C(1000000000000)
#define KILOMETRE_MM UINT64_C(1000000)
#define KILOMETRE_PER_HOUR UINT64_C(1000000000)

/* In the order of FB_TUNNEL_*, FB_UDP_* and FB_CARE_OF_*. */
static const char *const encapsulations[] = {"ipip", "gre", "minimal", NULL};
static const char *const udp_names[] = {"if-nat", "never", "force", NULL};
static const char *const care_of_names[] = {"colocated", "agent", NULL};

/* In the order of fbc_transport. */
static const char *const transports[] = {"ipv6", "ipv4", "ipv4-udp", NULL};

/* In the order of fbc_path_type. */
static const char *const path_types[] = {"wlan", "lte", "cdma", "wired", NULL};

static const fbc_key path_keys[] = {
    [FBC_PATH_KEY_NAME] =
        {.key = "name",
         .type = FBC_NAME,
         .required = true,
         .help = "What policies, events and tables call it. Unique; not `drop` or `none`."},
    [FBC_PATH_KEY_TYPE] =
        {.key = "type",
         .type = FBC_CHOICE,
         .required = true,
         .choices = path_types,
         .help = "The access network: 802.11, LTE with its core network, CDMA (1xEV-DO), "
                 "or a point-to-point wire. doc/access.md says what each does."},
    [FBC_PATH_KEY_BID] = {.key = "bid",
                          .type = FBC_INTEGER,
                          .required = true,
                          .min = 1,
                          .max = 254,
                          .help = "Binding identifier (RFC 7629 4.1). Unique."},
    [FBC_PATH_KEY_LABEL] = {.key = "label",
                            .type = FBC_INTEGER,
                            .required = true,
                            .min = 1,
                            .max = 255,
                            .help = "Interface label (RFC 7629 4.1)."},
    [FBC_PATH_KEY_COST] = {.key = "cost",
                           .type = FBC_INTEGER,
                           .preset = "0",
                           .max = UINT16_MAX,
                           .help =
                               "What using it costs, in any unit that is the same for all paths."},
    [FBC_PATH_KEY_WEIGHT] =
        {.key = "weight",
         .type = FBC_INTEGER,
         .preset = "0",
         .max = UINT16_MAX,
         .help = "Its share in the schedulers `flow-hash` and `weighted`; the other end is told by "
                 "label. 0: 1, or with `weighted` as its rate says where the rates of all paths "
                 "are known (`path-metrics`)."},
    [FBC_PATH_KEY_MTU] =
        {.key = "mtu",
         .type = FBC_INTEGER,
         .min = 1280,
         .max = 9000,
         .help = "Of pmip6: the longest packet the link carries, in octets, which its gateway "
                 "knows; 1500 when not given, and nobody is told."},
    [FBC_PATH_KEY_RATE] = {.key = "rate",
                           .type = FBC_RATE,
                           .min = 1,
                           .max = TERABIT,
                           .help = "Rate in both directions. Of `wired`."},
    [FBC_PATH_KEY_UP] = {.key = "up",
                         .type = FBC_RATE,
                         .min = 1,
                         .max = TERABIT,
                         .help = "Rate from the mobile node, in place of `rate`."},
    [FBC_PATH_KEY_DOWN] = {.key = "down",
                           .type = FBC_RATE,
                           .min = 1,
                           .max = TERABIT,
                           .help = "Rate toward the mobile node, in place of `rate`."},
    [FBC_PATH_KEY_DELAY] =
        {.key = "delay",
         .type = FBC_DURATION,
         .max = 3600 * SECOND_NS,
         .help =
             "One-way delay: of `wired`, 1ms when not given; of `cdma` that of the network behind "
             "the sector, 0 when not given."},
    [FBC_PATH_KEY_QUEUE] =
        {.key = "queue",
         .type = FBC_QUEUE,
         .min = 1,
         .max = UINT32_MAX,
         .help =
             "Of `wired` and `cdma`: room for waiting packets at each end. 100p when not given."},
    [FBC_PATH_KEY_LOSS] =
        {.key = "loss",
         .type = FBC_SHARE,
         .max = 1000000,
         .help =
             "Of `wired`: share of packets lost at random, in each direction. 0% when not given."},
    [FBC_PATH_KEY_ENCAPSULATION] =
        {.key = "encapsulation",
         .type = FBC_CHOICE,
         .preset = "ipip",
         .choices = encapsulations,
         .help = "What the mobile node asks for: IP in IP (RFC 2003), GRE (RFC 2784), or minimal "
                 "encapsulation (RFC 2004)."},
    [FBC_PATH_KEY_UDP] =
        {.key = "udp",
         .type = FBC_CHOICE,
         .choices = udp_names,
         .help = "Whether the tunnel goes through UDP (RFC 3519): when there is a NAT on the way "
                 "(this when not given), never, or always. Not of `care-of: agent`."},
    [FBC_PATH_KEY_NAT] = {.key = "nat",
                          .type = FBC_BOOLEAN,
                          .preset = "false",
                          .help = "A NAT stands behind the access network: the care-of address is "
                                  "a private one. It lets UDP through and nothing else."},
    [FBC_PATH_KEY_NAT_TIMEOUT] =
        {.key = "nat-timeout",
         .type = FBC_DURATION,
         .min = SECOND_NS,
         .max = DAY_NS,
         .help = "How long the NAT remembers a port that the mobile node does not use. 120s when "
                 "not given."},
    [FBC_PATH_KEY_CARE_OF] =
        {.key = "care-of",
         .type = FBC_CHOICE,
         .preset = "colocated",
         .choices = care_of_names,
         .help = "Whose the care-of address is: the mobile node's own, or that of a foreign agent "
                 "(RFC 5944 1.7). Not of `lte`, which has no foreign agents."},
    [FBC_PATH_KEY_AGENT] = {.key = "agent",
                            .type = FBC_OBJECT,
                            .help = "What the foreign agent does. Of `care-of: agent`."},
    [FBC_PATH_KEY_GATEWAY] = {.key = "gateway",
                              .type = FBC_NAME,
                              .help = "Of pmip6: whose path it is. The first gateway's when not "
                                      "given."},
    [FBC_PATH_KEY_TRANSPORT] =
        {.key = "transport",
         .type = FBC_CHOICE,
         .choices = transports,
         .help = "Of pmip6: what the access network carries. Over IPv4 the gateway has an IPv4 "
                 "care-of address and signals through UDP (RFC 5844 4); with `ipv4-udp` its "
                 "tunnel goes through UDP too. ipv6 when not given."},
    [FBC_PATH_KEY_GRE_KEY] = {.key = "gre-key",
                              .type = FBC_BOOLEAN,
                              .help = "Of pmip6 with `encapsulation: gre`: with keys, one in each "
                                      "direction (RFC 5845). true when not given."},
    [FBC_PATH_KEY_POSITION] =
        {.key = "position",
         .type = FBC_POSITION,
         .help = "Where its access point, cell or sector is. When not given: wlan [10, 0], lte "
                 "[0, 300], cdma [-500, 0]."},
    [FBC_PATH_KEY_USERS] = {.key = "users",
                            .type = FBC_OBJECT,
                            .help = "Other users of the radio network, who load it."},
    [FBC_PATH_KEY_RADIO] = {.key = "radio",
                            .type = FBC_OBJECT,
                            .help = "How the radio network works; its keys depend on the type."},
    {.key = NULL},
};

static const fbc_key users_keys[] = {
    [FBC_USERS_COUNT] = {.key = "count",
                         .type = FBC_INTEGER,
                         .required = true,
                         .min = 1,
                         .max = 200,
                         .help = "How many."},
    [FBC_USERS_DOWN] = {.key = "down",
                        .type = FBC_RATE,
                        .min = 1000,
                        .max = TERABIT,
                        .help = "Payload that each gets, over UDP, at random times (Poisson). "
                                "Nothing when not given."},
    [FBC_USERS_UP] = {.key = "up",
                      .type = FBC_RATE,
                      .min = 1000,
                      .max = TERABIT,
                      .help = "The same that each sends."},
    [FBC_USERS_PACKET] = {.key = "packet",
                          .type = FBC_SIZE,
                          .preset = "1000",
                          .min = 1,
                          .max = 1400,
                          .help = "Payload of a packet."},
    [FBC_USERS_DISTANCE] = {.key = "distance",
                            .type = FBC_LENGTH,
                            .min = 1000,
                            .max = 100 * KILOMETRE_MM,
                            .help = "How far they are from the access point, their cell, or the "
                                    "sector, on a circle. When not given: wlan 10m, lte 300m, "
                                    "cdma 500m."},
    {.key = NULL},
};

/* The same of all radio networks. */
#define EXPONENT(preset_text)                                         \
    .key = "exponent", .type = FBC_DECIMAL, .min = 1000, .max = 6000, \
    .help =                                                           \
        "How fast the signal fades with distance: path loss exponent, beyond 1 m. " preset_text

/* In the order of fbc_standard and fbc_band; widths of 20 MHz times a power of two. */
static const char *const standards[] = {"802.11n", "802.11ac", NULL};
static const char *const bands[] = {"2.4GHz", "5GHz", NULL};
static const char *const widths[] = {"20MHz", "40MHz", "80MHz", NULL};
static const char *const rate_controls[] = {"minstrel-ht",
                                            "mcs0",
                                            "mcs1",
                                            "mcs2",
                                            "mcs3",
                                            "mcs4",
                                            "mcs5",
                                            "mcs6",
                                            "mcs7",
                                            "mcs8",
                                            "mcs9",
                                            NULL};

static const fbc_key wlan_keys[] = {
    [FBC_WLAN_STANDARD] = {.key = "standard",
                           .type = FBC_CHOICE,
                           .preset = "802.11n",
                           .choices = standards,
                           .help = "What access point and stations do."},
    [FBC_WLAN_BAND] = {.key = "band",
                       .type = FBC_CHOICE,
                       .choices = bands,
                       .help = "2.4GHz for 802.11n, 5GHz for 802.11ac when not given."},
    [FBC_WLAN_WIDTH] = {.key = "width",
                        .type = FBC_CHOICE,
                        .choices = widths,
                        .help = "Of the channel. 20MHz for 802.11n, 80MHz for 802.11ac when not "
                                "given."},
    [FBC_WLAN_RATE_CONTROL] =
        {.key = "rate-control",
         .type = FBC_CHOICE,
         .preset = "minstrel-ht",
         .choices = rate_controls,
         .help = "Who chooses the rate of a frame: Minstrel-HT, as Linux does, or nobody: always "
                 "the same modulation and coding scheme of one stream."},
    [FBC_WLAN_EXPONENT] = {EXPONENT("3 when not given.")},
    {.key = NULL},
};

/* In the order of fbc_lte_scheduler. */
static const char *const lte_schedulers[] =
    {"pf", "rr", "fd-mt", "td-mt", "fd-bet", "td-bet", NULL};
static const char *const bandwidths[] = {"1.4MHz", "3MHz", "5MHz", "10MHz", "15MHz", "20MHz", NULL};

static const fbc_key lte_keys[] = {
    [FBC_LTE_SCHEDULER] = {.key = "scheduler",
                           .type = FBC_CHOICE,
                           .preset = "pf",
                           .choices = lte_schedulers,
                           .help = "Who gets the resource blocks: `pf` proportional fair, `rr` in "
                                   "turn, `fd-mt` and `td-mt` whoever has the best channel, "
                                   "`fd-bet` and `td-bet` equal throughput for all."},
    [FBC_LTE_BANDWIDTH] = {.key = "bandwidth",
                           .type = FBC_CHOICE,
                           .preset = "10MHz",
                           .choices = bandwidths,
                           .help = "Of a cell, in each direction."},
    [FBC_LTE_SECOND_CELL] =
        {.key = "second-cell",
         .type = FBC_POSITION,
         .help = "There is another cell there. A terminal is handed over when the other one has "
                 "been stronger for long enough (event A3, RSRP), over X2."},
    [FBC_LTE_HYSTERESIS] = {.key = "hysteresis",
                            .type = FBC_INTEGER,
                            .min = 0,
                            .max = 15,
                            .help = "Of `second-cell`: by how much stronger, in dB. 3 when not "
                                    "given."},
    [FBC_LTE_TIME_TO_TRIGGER] = {.key = "time-to-trigger",
                                 .type = FBC_DURATION,
                                 .min = MILLISECOND_NS,
                                 .max = 5120 * MILLISECOND_NS,
                                 .step = MILLISECOND_NS,
                                 .help = "Of `second-cell`: for how long. 256ms when not given."},
    [FBC_LTE_EXPONENT] = {EXPONENT("2, free space, when not given.")},
    {.key = NULL},
};

/* In the order of fbc_fading. */
static const char *const fadings[] = {"rayleigh", "per-slot", "none", NULL};

static const fbc_key cdma_keys[] = {
    [FBC_CDMA_FADING] = {.key = "fading",
                         .type = FBC_CHOICE,
                         .preset = "rayleigh",
                         .choices = fadings,
                         .help = "`rayleigh`: as fast as the terminal moves; `per-slot`: anew in "
                                 "each slot; `none`."},
    [FBC_CDMA_FADING_SPEED] =
        {.key = "fading-speed",
         .type = FBC_SPEED,
         .preset = "3km/h",
         .max = 1000 * KILOMETRE_PER_HOUR,
         .help = "Of `rayleigh`: at least as if the terminal moved so fast, as what is around it "
                 "moves too. 0: the gain of a standing terminal never changes."},
    [FBC_CDMA_EXPONENT] = {EXPONENT("3.5 when not given.")},
    {.key = NULL},
};

const fbc_object fbc_object_path = {
    "paths[]",
    "One access link of the mobile node.",
    "paths:\n"
    "  - {name: wlan, type: wlan, bid: 1, label: 1}\n"
    "  - {name: dsl, type: wired, bid: 2, label: 2, up: 1Mbps, down: 16Mbps, delay: 15ms, queue: 64kB}\n"
    "  - {name: evdo, type: cdma, bid: 3, label: 3, position: [800, 0], users: {count: 10, down: 300kbps}}\n",
    path_keys,
};

const fbc_object fbc_object_users = {
    "paths[].users",
    "Other users of a path's radio network. Their packets go no further than its router.",
    NULL,
    users_keys,
};

const fbc_object fbc_object_wlan = {
    "paths[].radio (wlan)",
    "How a WLAN works.",
    "paths:\n"
    "  - {name: wlan, type: wlan, bid: 1, label: 1, radio: {standard: 802.11ac, width: 40MHz}}\n",
    wlan_keys,
};

const fbc_object fbc_object_lte = {
    "paths[].radio (lte)",
    "How an LTE network works.",
    "paths:\n"
    "  - name: lte\n"
    "    type: lte\n"
    "    bid: 2\n"
    "    label: 2\n"
    "    position: [0, 100]\n"
    "    users: {count: 4, down: 1Mbps, up: 200kbps}\n"
    "    radio: {scheduler: rr, second-cell: [1000, 100]}\n",
    lte_keys,
};

const fbc_object fbc_object_cdma = {
    "paths[].radio (cdma)",
    "How a CDMA sector works. More of it can be set under `ns3`: doc/cdma.md lists the attributes.",
    "paths:\n"
    "  - {name: cdma, type: cdma, bid: 3, label: 3, radio: {fading-speed: 30km/h}}\n",
    cdma_keys,
};
