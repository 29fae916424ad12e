/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_CONFIG_SCENARIO_FILE_H
#define FLOWBIND_CONFIG_SCENARIO_FILE_H

/**
 * @file
 * Scenario files: paths, policy, traffic, what happens when, what to measure and what must come out. Every key is
 * explained in doc/scenario-reference.md.
 *
 * Whatever fbc_scenario_read() returns is complete and free of contradictions: defaults are filled in, names are
 * resolved to pointers into the same scenario, times lie within the duration.
 */

#include "flowbind/config.h"
#include "policy_file.h"

#ifdef __cplusplus
extern "C" {
#endif

/** "Not asked for" in fbc_expect, where 0 is a sensible demand. */
#define FBC_UNSET UINT64_MAX

typedef enum fbc_protocol
{
    FBC_MIP4, /**< Mobile IPv4 with RFC 7629 */
    FBC_PMIP6 /**< Proxy Mobile IPv6 with RFC 8278 */
} fbc_protocol;

typedef enum fbc_path_type
{
    FBC_PATH_WLAN,
    FBC_PATH_LTE,
    FBC_PATH_CDMA,
    FBC_PATH_WIRED
} fbc_path_type;

/** A drop-tail queue: exactly one of the two is set. */
typedef struct fbc_queue
{
    uint32_t packets;
    uint32_t octets;
} fbc_queue;

/** A place on the map of the scenario. */
typedef struct fbc_position
{
    bool given;
    int32_t x_mm, y_mm;
} fbc_position;

/** Other users of a path's radio network, who load it. */
typedef struct fbc_users
{
    uint16_t count;
    uint64_t down_bps, up_bps; /**< of payload, each; 0: nothing */
    uint16_t packet; /**< octets of payload */
    uint32_t distance_mm; /**< from their access point or cell; 0: not given */
} fbc_users;

typedef enum fbc_standard
{
    FBC_STANDARD_80211N,
    FBC_STANDARD_80211AC
} fbc_standard;

typedef enum fbc_band
{
    FBC_BAND_2_4GHZ,
    FBC_BAND_5GHZ
} fbc_band;

/** The LTE schedulers of ns-3, in the order of the table. */
typedef enum fbc_lte_scheduler
{
    FBC_LTE_PF, /**< proportional fair */
    FBC_LTE_RR, /**< round robin */
    FBC_LTE_FDMT, /**< most throughput, in frequency */
    FBC_LTE_TDMT, /**< ... in time */
    FBC_LTE_FDBET, /**< blind equal throughput, in frequency */
    FBC_LTE_TDBET /**< ... in time */
} fbc_lte_scheduler;

typedef enum fbc_fading
{
    FBC_FADING_RAYLEIGH,
    FBC_FADING_PER_SLOT, /**< Rayleigh, each slot by itself */
    FBC_FADING_NONE
} fbc_fading;

/** `radio` of a path; what is not of its type is 0. */
typedef struct fbc_radio
{
    uint16_t exponent_milli; /**< of the path loss; 0: as ns-3 has it */
    /* wlan */
    fbc_standard standard;
    fbc_band band;
    uint8_t width_mhz;
    uint8_t rate_control; /**< 0: Minstrel-HT; n: constantly MCS n - 1 */
    /* lte */
    fbc_lte_scheduler scheduler;
    uint8_t resource_blocks;
    fbc_position second_cell;
    uint8_t hysteresis_db; /**< of the handover */
    uint64_t time_to_trigger_ns;
    /* cdma */
    fbc_fading fading;
    uint64_t fading_speed_um_h; /**< at least */
} fbc_radio;

/** The foreign agent of a path. */
typedef struct fbc_agent
{
    uint16_t advertisement_s;
    bool reverse_tunnel, require_reverse_tunnel, encapsulating_delivery;
    bool gre, minimal, busy, legacy;
    bool authenticate; /**< it shares associations with the mobile node and the home agent */
} fbc_agent;

/** What a path of a gateway carries (RFC 5844 4). */
typedef enum fbc_transport
{
    FBC_TRANSPORT_IPV6,
    FBC_TRANSPORT_IPV4, /**< its care-of address is IPv4 */
    FBC_TRANSPORT_IPV4_UDP /**< ... and its tunnel goes through UDP */
} fbc_transport;

/** The session of a gateway for itself (RFC 8278 3.1: a logical mobile node). */
typedef enum fbc_logical
{
    FBC_LOGICAL_NONE,
    FBC_LOGICAL_HOME_NETWORK, /**< with a home network prefix */
    FBC_LOGICAL_DELEGATED /**< with a delegated one (RFC 7148), for more than one host */
} fbc_logical;

/** `gateways[]` */
typedef struct fbc_gateway
{
    const char *name; /**< unique among gateways and hosts */
    fbc_logical logical;
    fbc_place place;
    fbc_position position; /**< at first */
} fbc_gateway;

/** `hosts[]`: a mobile node behind gateways. */
typedef struct fbc_host
{
    const char *name; /**< unique among gateways and hosts */
    const fbc_gateway *gateway; /**< where it is at first */
    bool own_session; /**< false: it has an address of its gateway's logical session */
    bool attached; /**< at first */
    bool ipv4; /**< has an IPv4 home address too */
    fbc_place place;
} fbc_host;

typedef struct fbc_path
{
    const char *name; /**< letters, digits, '-', '_', '.'; unique; fit for a file name */
    fbc_path_type type;
    uint8_t bid; /**< 1..254, unique */
    uint8_t label; /**< 1..255 */
    uint8_t
        /** Access Technology Type of the type (RFC 5213): 4 WLAN, 8 LTE, 10 CDMA (HRPD), 3 wired */
        technology;
    uint16_t cost; /**< any unit; 0 when not given */
    /* Of wired; 0 for the others, whose rates and losses are made by their radio. */
    uint64_t up_bps; /**< from the mobile node */
    uint64_t down_bps; /**< toward the mobile node */
    uint32_t loss_ppm; /**< packets lost per million, each direction */
    /* Of wired and cdma; 0 for the others. */
    uint64_t delay_ns; /**< one way; cdma: of the network behind the sector */
    fbc_queue queue; /**< at each end */
    uint8_t tunnel; /**< FB_TUNNEL_* */
    uint8_t udp; /**< FB_UDP_* */
    uint8_t care_of; /**< FB_CARE_OF_* */
    bool nat;
    uint64_t nat_timeout_ns; /**< of a NAT */
    fbc_agent agent; /**< of FB_CARE_OF_AGENT */
    fbc_place place;
    /* Of pmip6. */
    const fbc_gateway *gateway; /**< whose it is */
    fbc_transport transport;
    bool gre_key;
    uint16_t weight; /**< 0 when not given */
    uint16_t mtu; /**< octets; 0 when not given */
    /* Of radio networks. */
    fbc_position position; /**< of the access point, cell or sector */
    fbc_users users;
    fbc_radio radio;
} fbc_path;

typedef enum fbc_kind
{
    FBC_KIND_VOIP, /**< packets of `packet` octets at `rate`, UDP */
    FBC_KIND_CBR, /**< the same over UDP or TCP, whatever the flow says */
    FBC_KIND_TCP, /**< as much as TCP can carry, or `bytes` of it */
    FBC_KIND_POISSON, /**< packets of `packet` octets, on average at `rate`, UDP */
    FBC_KIND_PCAP, /**< packets as in a capture, UDP */
    FBC_KIND_WEB, /**< pages, TCP */
    FBC_KIND_VIDEO /**< a film in segments of several rates, TCP */
} fbc_kind;

/** How voice becomes packets, and what that does to it (ITU-T G.107 3.6, values of ITU-T G.113 Appendix I). */
typedef struct fbc_codec
{
    const char *name;
    uint32_t packet; /**< octets of payload in a packet, RTP header included */
    uint64_t interval_ns; /**< of voice in a packet */
    uint64_t lookahead_ns; /**< the coder waits for so much more */
    uint32_t impairment; /**< Ie in thousandths */
    uint32_t robustness; /**< Bpl in thousandths */
} fbc_codec;

/** Seen from the mobile node; or-ed: BOTH is UP | DOWN. */
typedef enum fbc_direction
{
    FBC_UP = 1, /**< from the mobile node */
    FBC_DOWN = 2, /**< toward the mobile node */
    FBC_BOTH = 3
} fbc_direction;

/** Pages that somebody looks at. */
typedef struct fbc_web
{
    uint64_t page; /**< octets with all its objects; 0: drawn as in 3GPP TR 25.892 */
    uint32_t objects; /**< of such a page; otherwise 0 */
    uint64_t think_ns; /**< mean, from a page's end to the next click */
    uint32_t connections; /**< at a time */
} fbc_web;

/** A film. */
typedef struct fbc_video
{
    const uint64_t *ladder; /**< bit/s, rising */
    size_t rungs; /**< at least 1 */
    uint64_t segment_ns; /**< to watch */
    /** that the player holds at most; room for a segment beside another, or start_up_ns */
    uint64_t buffer_ns;
    uint64_t start_up_ns; /**< that must be there to begin, or to go on */
} fbc_video;

/** A packet of a capture. */
typedef struct fbc_replayed
{
    uint64_t at_ns; /**< behind the first one */
    uint32_t octets; /**< payload of the UDP datagram that stands for it, at least 1 */
    fbc_direction direction; /**< UP or DOWN */
} fbc_replayed;

typedef struct fbc_traffic
{
    const char *name; /**< unique; fit for a file name */
    fbc_kind kind;
    fbc_direction direction;
    bool behind; /**< of the host in the mobile network, not of the mobile node itself */
    const fbc_flow *flow; /**< the flow of the policy it was asked to be; NULL: explicit match */
    uint8_t protocol; /**< 6 or 17: what to generate so that the flow matches */
    uint16_t port; /**< the correspondent's, whichever way packets go; never 0 */
    uint16_t local_port; /**< the mobile node's; 0: any */
    uint8_t dscp; /**< 0..63, 0 when the flow says nothing */
    /** voip, cbr, poisson: of the payload, each direction; otherwise 0 */
    uint64_t rate_bps;
    /** voip, cbr, poisson: octets of payload in a packet (over TCP: in a write); otherwise 0 */
    uint32_t packet;
    uint64_t bytes; /**< tcp: payload to send in each direction, then stop; 0: no end */
    uint64_t start_ns;
    uint64_t stop_ns; /**< start_ns < stop_ns <= duration_ns */
    fbc_place place;
    bool ipv6; /**< the mobile node's address is the first of its IPv6 prefix */
    const fbc_host *host; /**< of pmip6: whose it is */
    const fbc_codec *codec; /**< of voip; otherwise NULL */
    /** of voip: what the listener's buffer holds back; FBC_UNSET: as much as it takes */
    uint64_t playout_ns;
    fbc_replayed *replay; /**< of pcap: in order of time */
    size_t replay_count;
    fbc_web web; /**< of web */
    fbc_video video; /**< of video */
} fbc_traffic;

typedef enum fbc_event_action
{
    FBC_EVENT_DOWN, /**< the link is lost */
    FBC_EVENT_UP, /**< ... and there again */
    FBC_EVENT_RENUMBER, /**< the link gets another care-of address */
    FBC_EVENT_REGISTER, /**< an administrator wants the path, or all */
    FBC_EVENT_DEREGISTER, /**< ... does not want it, or any */
    FBC_EVENT_POLICY, /**< the mobile node gets another policy */
    FBC_EVENT_LOSE, /**< messages or packets are lost between a path and the home agent */
    FBC_EVENT_RESTART_HOME_AGENT, /**< it forgets its bindings and policies */
    FBC_EVENT_FORBID_MULTIPATH, /**< the mobile node has no right to several paths any more */
    FBC_EVENT_ALLOW_MULTIPATH, /**< ... and has it again */
    FBC_EVENT_FLUSH_NAT, /**< the path's NAT forgets its ports */
    FBC_EVENT_STOP_AGENT, /**< the path's foreign agent serves nobody any more */
    FBC_EVENT_START_AGENT, /**< ... and does again */
    FBC_EVENT_RESTART_AGENT, /**< the path's foreign agent forgets its visitors */
    FBC_EVENT_GO_HOME, /**< the mobile node is plugged into its home link */
    FBC_EVENT_LEAVE_HOME, /**< ... and unplugged */
    FBC_EVENT_ATTACH, /**< a host attaches to a gateway, from another one if it is there */
    FBC_EVENT_DETACH, /**< ... and goes away */
    FBC_EVENT_RESTART_ANCHOR, /**< the anchor forgets its sessions */
    FBC_EVENT_RESTART_GATEWAY, /**< a gateway forgets its sessions */
    FBC_EVENT_SET_RATE, /**< a link has another rate */
    FBC_EVENT_MOVE /**< the mobile node, or a gateway, goes somewhere */
} fbc_event_action;

/** What FBC_EVENT_LOSE loses. */
typedef enum fbc_loss
{
    FBC_LOSS_REQUESTS, /**< Registration Requests */
    FBC_LOSS_REPLIES, /**< Registration Replies */
    FBC_LOSS_PACKETS /**< everything, in both directions */
} fbc_loss;

/** In order of time; those of the same time in order of the file. */
typedef struct fbc_event
{
    uint64_t at_ns;
    const fbc_path *path; /**< NULL: of no path, or all of them */
    fbc_event_action action;
    fb_ipv4 address; /**< of FBC_EVENT_RENUMBER; 0: the next one of the network */
    const fbc_policy *policy; /**< of FBC_EVENT_POLICY */
    fb_rule *rules; /**< ... with this scenario's BIDs */
    size_t rule_count;
    fbc_loss loss; /**< of FBC_EVENT_LOSE: either count or for_ns is not 0 */
    uint32_t count;
    uint64_t for_ns;
    fbc_place place;
    const fbc_host *host; /**< of FBC_EVENT_ATTACH and FBC_EVENT_DETACH */
    /** of FBC_EVENT_ATTACH, FBC_EVENT_RESTART_GATEWAY, FBC_EVENT_MOVE */
    const fbc_gateway *gateway;
    uint64_t rate_bps; /**< of FBC_EVENT_SET_RATE */
    fbc_position to; /**< of FBC_EVENT_MOVE */
    uint64_t speed_um_h; /**< ... 0: it is there at once */
} fbc_event;

/** What to measure, or-ed. */
enum
{
    FBC_MEASURE_GOODPUT = 1,
    FBC_MEASURE_DELAY = 2,
    FBC_MEASURE_LOSS = 4,
    FBC_MEASURE_REORDERING = 8,
    FBC_MEASURE_PATH_SHARE = 16,
    FBC_MEASURE_FAILOVER_GAP = 32,
    FBC_MEASURE_SIGNALLING = 64,
    FBC_MEASURE_EXPERIENCE = 128,
    FBC_MEASURE_ALL = 255
};

typedef enum fbc_outcome
{
    FBC_OUTCOME_ANY, /**< `path` not given */
    /** every packet, in each direction the traffic has, uses fbc_expect.path; at least one does */
    FBC_OUTCOME_PATH,
    FBC_OUTCOME_DROP, /**< every packet sent is dropped by the policy, and at least one is sent */
    FBC_OUTCOME_NONE /**< no path carries a packet, for whatever reason */
} fbc_outcome;

typedef enum fbc_expect_kind
{
    FBC_EXPECTS_TRAFFIC, /**< what becomes of a flow or a traffic */
    FBC_EXPECTS_MESSAGE, /**< messages that are sent */
    FBC_EXPECTS_BINDINGS /**< what the home agent knows */
} fbc_expect_kind;

/** How a binding is tunnelled: FB_TUNNEL_*, or in UDP, whatever is inside. */
enum
{
    FBC_TUNNEL_UDP = 3,
    FBC_TUNNEL_COUNT = 4
};

/** What must have been true between two times; it makes the scenario a regression test. */
typedef struct fbc_expect
{
    fbc_expect_kind kind;
    const fbc_flow *flow; /**< all traffic of this flow (there is some); NULL when traffic is set */
    const fbc_traffic *traffic; /**< this traffic; NULL when flow is set */
    uint64_t from_ns,
        until_ns; /**< from < until <= duration; the whole measured time when not given */
    fbc_outcome outcome;
    const fbc_path *path; /**< of FBC_OUTCOME_PATH; otherwise NULL */
    /** of `path`: packets per million that take it; FBC_UNSET: all of them */
    uint64_t share_min_ppm;
    uint64_t goodput_min_bps; /**< payload received, each direction; FBC_UNSET */
    uint64_t loss_max_ppm; /**< lost per million sent; FBC_UNSET */
    uint64_t delay_max_ns; /**< mean one-way delay; FBC_UNSET */
    uint64_t failover_gap_max_ns; /**< longest time without a packet arriving; FBC_UNSET */
    uint64_t mos_min; /**< of a call, each direction, in thousandths; FBC_UNSET */
    uint64_t completion_max_ns; /**< until all octets of a transfer have arrived; FBC_UNSET */
    uint64_t page_time_max_ns; /**< mean, of pages clicked at in that time; FBC_UNSET */
    uint64_t stalls_max; /**< of a film, that begin in that time; FBC_UNSET */
    /* Of messages: those that are as described, by whoever sends them; `path` is the one they take. FBC_UNSET: any. */
    bool reply; /**< false: requests */
    bool heartbeat; /**< neither: heartbeats */
    uint64_t code, bid, lifetime_s;
    uint64_t bulk, overwrite, multipath; /**< 0 or 1 */
    uint64_t rules; /**< Flow-Bindings in it; of bindings: rules in force */
    uint64_t count; /**< how many; FBC_UNSET: at least one */
    /* Of bindings. */
    const fbc_path **bindings; /**< exactly these */
    size_t binding_count;
    uint8_t *tunnels; /**< FBC_TUNNEL_* of each of them; NULL: any */
    uint64_t at_ns;
    fbc_place place;
    const char *session; /**< of pmip6: name of the gateway or host whose session it is */
} fbc_expect;

/** Any attribute of ns-3, in the file's order. */
typedef struct fbc_attribute
{
    const char *path; /**< "ns3::Class::Attribute" (a default) or "/NodeList/..." (Config::Set) */
    const char *value; /**< as ns-3's StringValue */
    fbc_place place;
} fbc_attribute;

typedef struct fbc_tcp
{
    const char *variant; /**< "cubic" */
    const char *type_id; /**< what ns-3 calls it: "ns3::TcpCubic" */
    uint32_t segment; /**< octets */
    uint32_t buffers; /**< octets: send and receive buffer, each */
} fbc_tcp;

/** The wired networks behind the access links. */
typedef struct fbc_backhaul
{
    uint64_t access_ns; /**< one way, from each access network to the home agent */
    uint64_t core_ns; /**< one way, from the home agent to the correspondent */
    uint64_t rate_bps; /**< of each */
} fbc_backhaul;

/** `timers` and `mobile-node`; fbc_scenario_configure() copies what is in fb_config. */
typedef struct fbc_registration
{
    uint16_t lifetime_s, lifetime_max_s; /**< 0xffff: no end */
    uint16_t retransmit_ms, retry_denied_s, legacy_retry_s, replay_tolerance_s;
    fb_coa_change coa_change;
    bool multipath;
    bool negotiate_policy, bulk_refresh, reverse_tunnel;
    uint8_t replay; /**< FB_REPLAY_* */
    const char *nai; /**< NULL: none */
    bool home_address_assigned; /**< by the home agent; there is a nai */
    bool implicit_networks, encapsulating_delivery;
    uint64_t clock_offset_ns; /**< the mobile node's clock is so much ahead */
    fbc_position position; /**< of the mobile node, at first */
} fbc_registration;

/** `home-agent`: as in fb_home_agent_config, but for the last two. */
typedef struct fbc_home_agent
{
    bool multipath, flow_policy, legacy;
    bool reply_bad_authenticator, unknown_bid_strict, require_reverse_tunnel;
    bool strict_technology, strict_reserved, lenient_deregistration;
    bool merge_policy, echo_policy, replay_per_binding;
    bool reverse_tunnel, gre, minimal, udp_tunnel, udp_force, networks;
    uint16_t keepalive_s;
    bool allow_multipath; /**< the mobile node has the right to several paths */
    uint64_t clock_offset_ns; /**< the home agent's clock is so much ahead */
} fbc_home_agent;

/** Of `mobile-node` and `access-gateway`: what it knows of its paths. */
typedef struct fbc_measuring
{
    bool path_metrics; /**< it is told of its paths, and tells the other end */
    uint64_t sample_ns; /**< how often of their queues; 0: never */
    uint16_t interval_s; /**< between two messages for this alone; 0: there are none */
} fbc_measuring;

/** `access-gateway`: as in fb_mag_config, but for the last one. */
typedef struct fbc_access_gateway
{
    bool multipath, negotiate_policy, bulk_refresh, concurrent, anchor_capable;
    bool sequence_numbers, local_routing, anchor_decides;
    uint16_t heartbeat_s;
    uint8_t heartbeat_missing;
    uint64_t clock_offset_ns;
} fbc_access_gateway;

/** `anchor`: as in fb_lma_config, but for the last two. */
typedef struct fbc_anchor
{
    bool multipath, legacy, require_gateway_identifier, any_gateway, flow_policy;
    bool gre, require_gre, force_udp, delegation, sequence_per_session;
    uint16_t heartbeat_s;
    uint16_t delete_delay_ms, handoff_wait_ms, timestamp_window_ms;
    bool allow_multipath; /**< mobile nodes have the right to several paths */
    uint64_t clock_offset_ns;
} fbc_anchor;

typedef struct fbc_scenario
{
    const char *file; /**< as given to the reader */
    fbc_protocol protocol;
    uint64_t duration_ns;
    uint64_t warmup_ns; /**< nothing before it is measured; < duration_ns */
    uint32_t seed; /**< 1.. */
    fbc_path *paths; /**< at least one; in order of preference where only one can be used */
    size_t path_count;
    /** the home link; NULL: none. Not one of the paths, but in results like one: name, bid and rate are set */
    fbc_path *home;
    uint16_t home_advertisement_s; /**< between two advertisements there */
    fbc_policy *policy; /**< owned; NULL: none, everything goes by the default scheduler */
    fb_rule *rules; /**< the policy with this scenario's BIDs */
    size_t rule_count;
    fbc_policy *static_policy; /**< owned; NULL: none */
    fb_rule *static_rules; /**< of it, both ends have them */
    size_t static_rule_count;
    const char *scheduler; /**< of the policy, else of the static policy, or "flow-hash" */
    /** the same: of packets no flow decides about; 0: delivered as they come */
    uint16_t reorder_ms;
    fb_ipv4 mobile_network; /**< behind the mobile node; 0: none */
    uint8_t mobile_network_length; /**< its prefix length: 8 to 30 */
    fb_prefix ipv6_prefix; /**< of the mobile node; no family: none */
    fbc_traffic *traffic;
    size_t traffic_count;
    fbc_event *events;
    size_t event_count;
    uint32_t measure; /**< FBC_MEASURE_* */
    fbc_expect *expect;
    size_t expect_count;
    fbc_attribute *attributes; /**< `ns3` */
    size_t attribute_count;
    fbc_tcp tcp;
    fbc_backhaul backhaul;
    fbc_registration registration;
    fb_probe_config probe;
    fbc_measuring measuring;
    fbc_home_agent home_agent;
    /* Of pmip6. */
    fbc_gateway *gateways; /**< at least one */
    size_t gateway_count;
    fbc_host *hosts;
    size_t host_count;
    fbc_access_gateway access_gateway;
    fbc_anchor anchor;
    struct fbc_source *source; /**< the reader's */
    struct fbc_arena *arena; /**< the reader's */
} fbc_scenario;

/**
 * Reads @p file and the policy it names. @p policy_file, when not NULL, is used in place of that policy (`--policy`).
 * NULL when anything is wrong in either file; @p report then says what, all errors and not only the first.
 */
fbc_scenario *fbc_scenario_read(const char *file, const char *policy_file, fbc_report *report);

/** @p scenario may be NULL. */
void fbc_scenario_free(fbc_scenario *scenario);

/** True when @p file, its policy and their connections are without errors (`--check`). Keeps nothing. */
bool fbc_scenario_check(const char *file, const char *policy_file, fbc_report *report);

/** The path of that name or BID; NULL when there is none. The home link goes by its BID only. */
const fbc_path *fbc_scenario_path(const fbc_scenario *scenario, const char *name);
const fbc_path *fbc_scenario_path_by_bid(const fbc_scenario *scenario, uint8_t bid);

/** Copies `timers`, `mobile-node` and `home-agent` into a configuration made by fb_config_default(). */
void fbc_scenario_configure(const fbc_scenario *scenario, fb_config *config);

/** Names for tables and CSV: "wlan", "voip", "down"/"up"/"both". Never NULL. */
const char *fbc_path_type_name(fbc_path_type type);
const char *fbc_event_action_name(fbc_event_action action);
const char *fbc_loss_name(fbc_loss loss);
const char *fbc_kind_name(fbc_kind kind);
const char *fbc_direction_name(fbc_direction direction);
const char *fbc_tunnel_name(uint8_t tunnel); /**< "ipip", "gre", "minimal", "udp" */

#ifdef __cplusplus
}
#endif

#endif
