/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_CONFIG_H
#define FLOWBIND_CONFIG_H

/**
 * @file
 * What an agent is told once, when it is made. fb_config_default() first, then change what differs.
 * New fields go to the end of their struct.
 */

#include "flowbind/hmac.h"
#include "flowbind/policy.h"
#include "flowbind/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Roles, to be or-ed: one node can hold several. */
enum
{
    FB_ROLE_MOBILE_NODE = 1,
    FB_ROLE_HOME_AGENT = 2,
    FB_ROLE_FOREIGN_AGENT = 4,
    FB_ROLE_MAG = 8, /**< mobile access gateway (RFC 5213, RFC 8278) */
    FB_ROLE_LMA = 16 /**< local mobility anchor */
};

/** How a tunnel wraps packets. IP in IP always is available (RFC 5944 1.6). */
enum
{
    FB_TUNNEL_IPIP = 0, /**< RFC 2003 */
    FB_TUNNEL_GRE = 1, /**< RFC 2784; the G bit */
    /** RFC 2004; the M bit. Fragments and IPv6 go as IP in IP (RFC 2004 1, RFC 5944 4.1) */
    FB_TUNNEL_MINIMAL = 2,
    FB_TUNNEL_COUNT
};

/** Whether a path's tunnel goes through UDP (RFC 3519). */
enum
{
    FB_UDP_IF_NAT = 0, /**< asked for, used when there is a NAT on the way */
    FB_UDP_NEVER = 1, /**< not asked for */
    FB_UDP_FORCE = 2 /**< F bit: asked for whether or not there is a NAT */
};

/** Where a link's care-of address comes from (RFC 5944 1.7). */
enum
{
    FB_CARE_OF_COLOCATED = 0, /**< fb_link.address */
    FB_CARE_OF_AGENT = 1 /**< a foreign agent's, learnt from its advertisements */
};

/** Style of replay protection (RFC 5944 5.7), part of a security association. */
enum
{
    FB_REPLAY_TIMESTAMP = 0, /**< RFC 5944 5.7.1 */
    FB_REPLAY_NONCE = 1 /**< RFC 5944 5.7.2; needs FB_FACT_ENTROPY */
};

/** RFC 5944 5.1: what two nodes share. SPI 0..255 are reserved. */
typedef struct fb_security_association
{
    uint32_t spi;
    uint8_t algorithm; /**< fb_hmac_algorithm */
    uint8_t key_length; /**< 1..FB_HMAC_KEY_MAX */
    uint8_t key[FB_HMAC_KEY_MAX];
    uint8_t replay; /**< FB_REPLAY_*; of a mobile node and its home agent only */
} fb_security_association;

/** A network access identifier (RFC 2794), not terminated. */
#define FB_NAI_MAX 72

typedef struct fb_nai
{
    uint8_t length; /**< 0: none */
    char text[FB_NAI_MAX];
} fb_nai;

/** Most prefixes a mobile router can have, IPv4 (RFC 5177) and IPv6 (RFC 5454) together. */
#define FB_NETWORKS_MAX 4

/** Prefixes behind a mobile router, or of a dual-stack node. An address of zero: to be assigned (RFC 6626). */
typedef struct fb_networks
{
    uint8_t count;
    fb_prefix prefix[FB_NETWORKS_MAX];
} fb_networks;

/** What a mobile node does when the care-of address of a binding changes (D-09, C-13). */
typedef enum fb_coa_change
{
    /** two bindings or more: de-register over another path, then anew; one: overwrite */
    FB_COA_CHANGE_REPLACE,
    /** O = 1 as RFC 7629 5.1 says, then register every other path again */
    FB_COA_CHANGE_OVERWRITE,
    FB_COA_CHANGE_IN_PLACE /**< O = 0; relies on D-10 */
} fb_coa_change;

/** Where the selector begins inside a Flow-Binding (D-20). */
typedef enum fb_selector_layout
{
    FB_SELECTOR_LAYOUT_RFC7629, /**< directly after TS Format */
    FB_SELECTOR_LAYOUT_RFC6089 /**< after TS Format and a Reserved octet */
} fb_selector_layout;

/** Limits: memory is laid out for them once. Reaching one is a reply code or a counter, never a crash. */
typedef struct fb_limits
{
    uint32_t nodes; /**< subscribers of a home agent */
    uint32_t bindings; /**< of all nodes together */
    uint32_t policies; /**< nodes that can have a negotiated policy at the same time */
    uint8_t bindings_per_node; /**< 1..254 (D-33: 8) */
    uint8_t rules_per_node; /**< 0..FB_RULES_MAX (D-33: 64) */
    uint16_t links; /**< of a mobile node */
    uint32_t flow_cache; /**< entries, a power of two */
    uint32_t events; /**< events held between two polls */
    uint32_t identities; /**< subscribers of a home agent that have a NAI or networks */
    uint32_t associations; /**< with foreign agents, or of a foreign agent with its peers */
    /** of the static policy: about a kilooctet each, so that finding them is fast */
    uint32_t static_rules;
    uint32_t visitors; /**< of a foreign agent */
    uint32_t pending; /**< requests a foreign agent relayed and that are not answered yet */
    uint16_t access_links; /**< on which a foreign or home agent serves nodes */
    /** octets of a home agent's memory for each rule, on average: the body of its Flow-Binding (RFC 7629 4.2) and one
        more. What short policies leave is there for long ones of any node; 130 when it is used up. 0: 109, for any.
        Of an anchor's for each flow: its BIDs, the selector (RFC 6088) and 3 octets more */
    uint8_t rule_octets;
    uint32_t sessions; /**< mobility sessions of a gateway or an anchor (RFC 5213 2.2) */
    uint32_t subscribers; /**< mobile nodes an anchor knows */
    uint32_t gateways; /**< that an anchor serves */
    /** different ones of all gateways of an anchor: ends of its tunnels */
    uint32_t care_of_addresses;
    /** flow bindings of an anchor (RFC 6089). Sessions that agreed on the same ones, in the same order, share them:
        they count once */
    uint32_t flows;
    /** of an anchor: prefixes and IPv4 home addresses that its subscribers have by name; 0: one for each subscriber */
    uint32_t named_prefixes;
    /** contexts of schedulers that rules name (FB_RULE_SPREAD): more sessions than this share, and unevenly */
    uint32_t spreads;
    /** sequence spaces of all sessions together (fb_rule.reorder_class) */
    uint32_t reorder_spaces;
    /** that wait for others at a time, of all spaces together (RFC 2890 MAX_PERFLOW_BUFFER); at most 2^24 */
    uint32_t reorder_packets;
    /** octets of an identifier of an anchor's mobile nodes and gateways, on average: what short ones leave is there for
        long ones. 0: 72, the longest NAI */
    uint8_t name_octets;
    /** gateways an anchor is told of (FB_FACT_GATEWAY_SET); 0: as many as it serves */
    uint32_t named_gateways;
    /** sessions of an anchor that have a link-local address (RFC 5213 8.7) or a link-layer identifier of more than 6
        octets; 0: all of them can */
    uint32_t long_sessions;
} fb_limits;

typedef struct fb_mobile_node_config
{
    fb_ipv4 home_address;
    fb_ipv4 home_agent;
    fb_security_association association; /**< shared with the home agent */
    uint16_t lifetime_s; /**< asked for; 0xffff: no end */
    uint16_t port; /**< UDP source port of registrations */
    bool multipath; /**< RFC 7629 at all; false: plain RFC 5944, one path */
    bool negotiate_policy; /**< send Flow-Bindings (RFC 7629 5.1) */
    bool bulk_refresh; /**< refresh all bindings with one request, B = 1 (RFC 7629 5.1) */
    bool reverse_tunnel; /**< T bit (RFC 3024) */
    fb_coa_change coa_change;
    uint16_t retry_denied_s; /**< first wait after a denial, doubling (60) */
    uint16_t legacy_retry_s; /**< how long a peer without RFC 7629 is remembered (D-01: 3600) */
    uint16_t retransmit_ms; /**< first retransmission, doubling (RFC 5944 3.6.3: at least 1000) */
    fb_nai nai; /**< then the home address may be 0: the first reply assigns it (RFC 2794) */
    fb_networks networks; /**< registered with every request (RFC 5177, RFC 5454, RFC 6626) */
    /** IPv4 prefixes are not sent: the home agent knows them (RFC 5177 4.1) */
    bool implicit_networks;
    /** listens for its own home agent's advertisements: returning home (RFC 5944 2.4.3) */
    bool discover_home;
    bool encapsulating_delivery; /**< through a foreign agent (RFC 3024 3.3) */
    uint16_t keepalive_s; /**< of a UDP tunnel whose reply names none (RFC 3519 4.9: 110) */
    /** B: broadcast and multicast packets of the home network are wanted (RFC 5944 4.3) */
    bool broadcast;
    /** of the home network, to know its broadcast address; 0: not known */
    uint8_t home_prefix_length;
    /** IPv6 packets are tunnelled to the home address although the care-of address is co-located (RFC 5454 3.5) */
    bool ipv6_to_home_address;
    /** of the extension that tells the home agent what is known of a path (RFC 3115); 0: none is sent. With timestamps
        only, as with nonces a message that is sent again has to be the same */
    uint32_t vendor;
    /** a path is registered again when what is known of it has changed by more than a quarter, but no sooner than so
        many seconds after the last time; 0: for this alone it is not (10) */
    uint16_t metrics_interval_s;
} fb_mobile_node_config;

/** The paths that carry this label, as the other end's fb_link has them: labels mark both ends (RFC 7629 4.1). */
typedef struct fb_label_weight
{
    uint8_t label;
    uint16_t weight;
    uint16_t cost;
} fb_label_weight;

#define FB_LABEL_WEIGHTS_MAX 8

typedef struct fb_home_agent_config
{
    fb_ipv4 address;
    uint16_t lifetime_max_s; /**< the most it grants; 0xffff: no limit */
    uint16_t replay_tolerance_s; /**< RFC 5944 5.7.1: 7 by default, more than 3 */
    bool multipath; /**< RFC 7629 at all; false: 152 to every request with 154 */
    bool flow_policy; /**< accepts Flow-Bindings; false: 129 (D-34) */
    bool reply_bad_authenticator; /**< 131 instead of silence (RFC 5944 3.8.2.1 a) */
    bool unknown_bid_strict; /**< 153 when one BID is unknown; false: only when all are (D-12) */
    bool require_reverse_tunnel; /**< 138 to T = 0 (RFC 3024) */
    bool strict_technology; /**< 134 to If-ATT 0 or unassigned (D-17) */
    bool strict_reserved; /**< 134 to reserved flag bits (D-44) */
    /** Lifetime 0 with 154 is honoured although multipath is not allowed (C-12) */
    bool lenient_deregistration;
    /** knows RFC 5944 only, as home agents before RFC 7629 do: reads 154 as they read it (D-01) */
    bool legacy;
    /** Flow-Bindings are added to the policy, equal selectors replaced (D-22); false: replace it */
    bool merge_policy;
    /** Identifications are compared within a binding; not RFC 5944 (D-29, C-21) */
    bool replay_per_binding;
    bool echo_policy; /**< accepting replies carry the policy in force (D-30) */
    bool reverse_tunnel; /**< false: 137 to T = 1 (RFC 3024) */
    bool gre, minimal; /**< false: 139 to G = 1, M = 1 */
    bool udp_tunnel; /**< false: 129 to a UDP Tunnel Request through a NAT (RFC 3519 3.3) */
    bool udp_force; /**< F is honoured; false: 129 */
    uint16_t keepalive_s; /**< told to nodes with a UDP tunnel (RFC 3519 4.9: 110) */
    bool networks; /**< mobile routers and IPv6 prefixes; false: 148, and RFC 5454 is not known */
    bool advertise; /**< sends agent advertisements on its access links (RFC 5944 2.3) */
    /** seconds between two of them; 0: only in answer to solicitations */
    uint16_t advertisement_s;
    /** of path metrics it takes from nodes (RFC 3115), for its schedulers; 0: none */
    uint32_t vendor;
    uint8_t weight_count;
    fb_label_weight weight[FB_LABEL_WEIGHTS_MAX];
} fb_home_agent_config;

typedef struct fb_foreign_agent_config
{
    fb_ipv4 address; /**< the care-of address it offers */
    uint16_t lifetime_max_s; /**< advertised, and the most a request may ask for */
    /** seconds between two advertisements, 1 to 3000 (RFC 5944 2.1); 0: only in answer to solicitations */
    uint16_t advertisement_s;
    /** a relayed request not answered for so long gets 78 (RFC 5944 3.7.1: 7) */
    uint16_t pending_s;
    uint8_t pending_per_node; /**< the next one gets 66 (RFC 5944 3.7.1: 5) */
    /** R: also nodes with a co-located care-of address register through it */
    bool registration_required;
    bool busy; /**< B: takes no more visitors */
    bool reverse_tunnel; /**< T (RFC 3024); false: 74 */
    bool require_reverse_tunnel; /**< 75 to T = 0 */
    bool gre, minimal; /**< G, M; false: 72 */
    bool encapsulating_delivery; /**< RFC 3024 3.3; false: 79 */
    bool legacy; /**< knows RFC 5944 only: reads 154 as it says (D-01) */
    /** routes common traffic too: advertisements have code 0 and its own address (RFC 5944 2.1) */
    bool router;
    /** U of advertisements (RFC 3519 3.5), for a host behind a NAT that tunnels through UDP: this role never asks to */
    bool udp_tunnel;
} fb_foreign_agent_config;

/** Which end decides where flows go (B7864-03): never both. */
enum
{
    /** the gateway sends its policy (RFC 6089), or both have the static one */
    FB_FLOW_DECISION_GATEWAY = 0,
    FB_FLOW_DECISION_ANCHOR = 1 /**< flow options of gateways are refused: status 129 in each */
};

/** A mobile access gateway (RFC 5213 6, RFC 8278). */
typedef struct fb_mag_config
{
    fb_nai identity; /**< sent as MAG Identifier (RFC 8278 4.2) */
    fb_addr anchor; /**< of IPv6; family none: only reached over IPv4 */
    fb_ipv4 anchor_ipv4; /**< for paths with an IPv4 care-of address (RFC 5844 4); 0: none */
    uint32_t lifetime_s; /**< asked for: a multiple of 4, at most 65532 */
    bool multipath; /**< RFC 8278 at all; false: plain RFC 5213, one path */
    bool negotiate_policy; /**< sends Flow Identification options (RFC 6089) */
    /** refreshes the bindings of a session with one update, B = 1 (RFC 8278 4.1) */
    bool bulk_refresh;
    /** several updates of a session at a time, once the anchor is known to be capable (D8-16); with timestamps only */
    bool concurrent;
    /** the anchor is known to understand RFC 8278 (R8278-4.4-03); false: found out on one path first */
    bool anchor_capable;
    bool sequence_numbers; /**< instead of timestamps (RFC 5213 5.5) */
    bool local_routing; /**< EnableMAGLocalRouting (RFC 5213 9.2) */
    uint16_t heartbeat_s; /**< RFC 5847 5: 30 to 3600; 0: sends none */
    /** the path is dead when more than so many in a row are (C8-11: 3) */
    uint8_t heartbeat_missing;
    uint16_t legacy_retry_s; /**< how long an anchor without RFC 8278 is remembered (D8-18: 3600) */
    uint16_t retry_denied_s; /**< first wait after a refusal, doubling (60) */
    uint16_t retransmit_ms; /**< INITIAL_BINDACK_TIMEOUT (RFC 5213 6.9.4: 1000) */
    uint16_t retransmit_max_s; /**< MAX_BINDACK_TIMEOUT (RFC 6275 12: 32) */
    uint8_t flow_decision; /**< FB_FLOW_DECISION_* */
    /** of Vendor-Specific options with path metrics (RFC 5094); 0: none are sent */
    uint32_t vendor;
    /** in heartbeat responses (RFC 5847 3.4); kept by the host over restarts */
    uint32_t restart_counter;
    /** the host's number of the association the anchor's messages have to come in by, and ours leave by (RFC 5213 4);
        0: any */
    uint32_t security_association;
    uint16_t metrics_interval_s; /**< as fb_mobile_node_config */
} fb_mag_config;

/** A local mobility anchor (RFC 5213 5, RFC 8278). */
typedef struct fb_lma_config
{
    fb_addr address; /**< LMAA, of IPv6; family none: only IPv4 */
    fb_ipv4 address_ipv4; /**< for IPv4 transport (RFC 5844 4); 0: none */
    uint32_t lifetime_max_s; /**< the most it grants: a multiple of 4, at most 65532 */
    uint16_t timestamp_window_ms; /**< TimestampValidityWindow (D8-17: 3000; RFC 5213 9.1: 300) */
    uint16_t delete_delay_ms; /**< MinDelayBeforeBCEDelete (RFC 5213 9.1: 10000) */
    uint16_t handoff_wait_ms; /**< MaxDelayBeforeNewBCEAssign (RFC 5213 9.1: 1500) */
    bool multipath; /**< RFC 8278 at all; false: 180 (R8278-4.3-02) */
    bool legacy; /**< knows RFC 5213 only: options 63 and 64 are skipped (R8278-4.4-06) */
    /** false: option 63 without 64 is accepted and keyed by care-of address (D8-04) */
    bool require_gateway_identifier;
    bool any_gateway; /**< accepts gateways nobody named; false: 154 */
    bool any_subscriber; /**< serves mobile nodes nobody named, from its pools; false: 153 */
    /** accepts Flow Identification options (RFC 6089); false: it does not know them */
    bool flow_policy;
    uint8_t flow_decision; /**< FB_FLOW_DECISION_* */
    bool gre; /**< GRE with key (RFC 5845); false: it does not know option 33 */
    bool require_gre; /**< 163 without option 33 */
    bool force_udp; /**< AcceptForcedIPv4UDPEncapsulationRequest (RFC 5844); false: 129 to F = 1 */
    bool ipv4; /**< IPv4 home addresses and transport (RFC 5844) */
    bool delegation; /**< DMNP; false: it does not know option 55 (RFC 7148 5.2.2) */
    /** timestamps are compared within the session, not with those of the BID (D8-16) */
    bool sequence_per_session;
    fb_prefix home_pool; /**< home network prefixes come from here; length 0: none are allocated */
    uint8_t home_prefix_length; /**< of an allocated one (64) */
    fb_prefix delegated_pool; /**< delegated ones */
    uint8_t delegated_prefix_length; /**< (56) */
    /** IPv4 home addresses; the first address is the default router (RFC 5844 3.4) */
    fb_prefix ipv4_pool;
    uint16_t heartbeat_s; /**< as fb_mag_config */
    uint8_t heartbeat_missing;
    uint32_t vendor; /**< of path metrics it takes from gateways, and of those it sends; 0: none */
    uint32_t restart_counter; /**< as fb_mag_config */
    uint8_t weight_count;
    fb_label_weight weight[FB_LABEL_WEIGHTS_MAX];
} fb_lma_config;

/**
 * How a mobile node or gateway finds out that a path is silent before its registration does: an ICMP echo request in
 * the path's own encapsulation, since neither RFC 3519 nor RFC 5847 lets keepalives or heartbeats come fast. Only while
 * there are packets on the path, and not through a foreign agent, whose tunnel does not end at the mobile node. Three
 * in a row that are not answered within the path's round trip as it was, and it is silent: 300 ms by default.
 *
 * Then packets take other paths, and the binding is de-registered over one of them. Where there is none it stays, is
 * used on, and is registered once more, in case it is the home agent that lost it. The silent path is watched every
 * second, later half as often each time up to 32 seconds: by a de-registration over itself, or a heartbeat, since their
 * answers are authenticated, show both directions, and leave no binding behind if they do not arrive.
 */
typedef struct fb_probe_config
{
    uint16_t interval_ms; /**< between two (100); 0: no probes */
    uint16_t idle_ms; /**< so long after the last packet of the path they go on (2000) */
    /** a path that was lost again within a minute of its return is left alone so long when it comes back (1000),
        doubling with each loss up to 32 times; 0: never */
    uint16_t hold_down_ms;
} fb_probe_config;

/** How packets that took different paths are put in order again (fb_rule.reorder_ms, RFC 2890). */
typedef struct fb_reorder_config
{
    /** fb_rule.reorder_ms of packets that no rule decides about; their class is 0 */
    uint16_t default_ms;
    /**
     * drops what comes after its time, as RFC 2890 2.2 recommends. Else it is delivered all the same: to IP a late
     * packet is better than none, a time limit that is too short costs order and not packets, and a forged number
     * cannot make those behind it be discarded
     */
    bool drop_late;
    /**
     * paths may change the order of what is in them. Else they are queues, and what is missing when each has delivered
     * something later is known to be lost, and not waited for
     */
    bool unordered_paths;
} fb_reorder_config;

struct fb_scheduler; /* flowbind/scheduler.h */

typedef struct fb_config
{
    uint32_t roles; /**< FB_ROLE_* */
    fb_limits limits;
    fb_selector_layout selector_layout;
    fb_mobile_node_config mobile_node;
    fb_home_agent_config home_agent;
    fb_foreign_agent_config foreign_agent;
    /** for flows no rule decides; read by fb_agent_init() only; NULL: "flow-hash" */
    const char *scheduler;
    fb_mag_config mag;
    fb_lma_config lma;
    fb_probe_config probe;
    /** octets, of paths of which nothing else is known: TCP is held to segments that fit the tunnel (1500); 0: not */
    uint16_t path_mtu;
    fb_reorder_config reorder;
    /** one more scheduler, which `scheduler` can name, of the host's own; kept as long as the agent. NULL: none */
    const struct fb_scheduler *custom_scheduler;
} fb_config;

/** Fills in every default; roles, addresses and keys stay empty. */
void fb_config_default(fb_config *config);

/** One node a home agent serves (SUBSCRIBER_SET). */
typedef struct fb_subscriber
{
    fb_ipv4 home_address;
    fb_security_association association;
    bool multipath_allowed; /**< false: 152 (RFC 7629 5.2) */
    bool suspended; /**< known but not served: 129 (RFC 5944 3.8.3.2) */
    fb_nai nai; /**< by which it may ask for its home address (RFC 2794) */
    fb_networks networks; /**< what it may register, and what RFC 6626 assigns */
} fb_subscriber;

/** Most octets a mobile node's link-layer identifier has (RFC 5213 8.6). */
#define FB_LINK_LAYER_MAX 16

/** A mobile node as an anchor knows it (RFC 5213 5.1: policy profile). */
typedef struct fb_proxy_subscriber
{
    fb_nai identity; /**< MN-Identifier (RFC 4283), of Subtype 1 */
    bool multipath_allowed; /**< false: 180 (R8278-4.4-08) */
    bool service; /**< false: 152 (RFC 5213 5.3.1) */
    fb_networks home; /**< its home network prefixes; none: allocated from the pool */
    /** its delegated ones (RFC 7148), of either family; none: allocated from the pool */
    fb_networks delegated;
    fb_ipv4 home_address; /**< IPv4 (RFC 5844); 0: allocated from the pool */
    bool ipv4_allowed; /**< false: 170 (RFC 5844 3.1.2.1) */
    bool delegation_allowed; /**< false: 177 (RFC 7148 4.2) */
    bool ipv6_refused; /**< true: 172 to home network prefixes (RFC 5844 3.1.2.1) */
} fb_proxy_subscriber;

#define FB_GATEWAY_ADDRESSES_MAX 4

/** A gateway an anchor serves (RFC 5213 5.3.1-4, D8-36). */
typedef struct fb_gateway
{
    fb_nai identity; /**< its MAG Identifier */
    /** the host's number of what its messages have to come in by; 0: any */
    uint32_t security_association;
    uint8_t address_count; /**< proxy care-of addresses are from these; 0: any */
    fb_prefix address[FB_GATEWAY_ADDRESSES_MAX];
} fb_gateway;

/** Kinds of mobility session a gateway keeps (R8278-3.1-03). */
enum
{
    FB_SESSION_LOGICAL = 0, /**< a logical mobile node, always on by configuration */
    FB_SESSION_PHYSICAL = 1 /**< a mobile node attached to the access link */
};

/** What a gateway registers for a mobile node: with it the node is attached, removing it is its detaching. */
typedef struct fb_session
{
    uint32_t session; /**< the host's number, from 1 */
    uint8_t kind; /**< FB_SESSION_* */
    fb_nai identity; /**< MN-Identifier */
    uint8_t link_layer_length; /**< MN-LL-Identifier (RFC 5213 8.6); 0: not known */
    uint8_t link_layer[FB_LINK_LAYER_MAX];
    uint8_t technology; /**< of the access link (RFC 5213 8.5); 1 for a logical one */
    /** Handoff Indicator of the first update (RFC 5213 8.4): 1 new interface, 3 another gateway, 4 unknown */
    uint8_t handoff;
    uint32_t access_link; /**< the host's number of the link the node is on; 0: none (logical) */
    bool home_network; /**< asks for a home network prefix */
    fb_networks home; /**< those it asks for by name; none: allocated */
    bool delegation; /**< asks for a delegated prefix (RFC 7148) */
    fb_networks delegated; /**< those it asks for by name; none: allocated */
    bool ipv4; /**< asks for an IPv4 home address (RFC 5844) */
    fb_ipv4 home_address; /**< by name; 0: allocated */
} fb_session;

/** What a host measured of a link, or a scheduler is to assume: 0 is "not known". */
typedef struct fb_quality
{
    uint32_t link;
    uint32_t round_trip_us;
    uint32_t loss_ppm;
    uint32_t rate_up_kbps, rate_down_kbps;
    /** that wait in the link's queue on this side; known with `rate_up_kbps` */
    uint32_t backlog_octets;
    /** one way, or how much longer than the shortest path's */
    uint32_t delay_up_us, delay_down_us;
} fb_quality;

/** Between whom an association other than that of a mobile node and its home agent is (RFC 5944 3.5). */
enum
{
    FB_ASSOCIATION_MOBILE_FOREIGN = 1, /**< peer: the other end's home address or care-of address */
    FB_ASSOCIATION_FOREIGN_HOME = 2 /**< peer: the other agent's address */
};

/** What a foreign agent shares with a mobile node or a home agent; either end is told (FB_FACT_ASSOCIATION). */
typedef struct fb_peer_association
{
    uint8_t kind; /**< FB_ASSOCIATION_* */
    fb_ipv4 peer;
    fb_security_association association; /**< key_length 0: there is none any more */
} fb_peer_association;

#ifdef __cplusplus
}
#endif

#endif
