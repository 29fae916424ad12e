/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_AGENT_H
#define FLOWBIND_AGENT_H

/**
 * @file
 * The library: facts, packets and a timestamp come in; messages, events, actions and one deadline go out.
 *
 *     fb_config_default(&config); ...
 *     fb_agent_init(&agent, memory, fb_agent_size(&config), &config, now);
 *     for ever:
 *         something happened -> fb_agent_fact() / fb_agent_input() / fb_agent_handle_timeout()
 *         while (fb_agent_output(...) > 0) send it          // signalling
 *         while (fb_agent_poll_event(...)) tell whoever is interested
 *         wake up again at fb_agent_next_timeout()
 *     a data packet -> fb_agent_steer() or fb_agent_receive()
 *     after one, and after fb_agent_handle_timeout() -> while (fb_agent_poll_action(...)) obey
 *
 * An agent is one object in memory the caller owns; nothing is allocated after fb_agent_init(). It is not thread-safe;
 * different agents share nothing.
 */

#include "flowbind/config.h"
#include "flowbind/policy.h"
#include "flowbind/reason.h"
#include "flowbind/types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct fb_agent fb_agent;

/** UDP port of Mobile IPv4 (RFC 5944 1.8). */
#define FB_MIP4_PORT 434

/** UDP port of Mobility Headers over IPv4, and that of data (RFC 5844 4.1.3). */
#define FB_PMIP_CONTROL_PORT 5436
#define FB_PMIP_DATA_PORT 5437

/** The host's packet. It comes back exactly once in an action with `last` set. */
typedef uint64_t fb_handle;

/** Names a binding, a path or a peer: 0 means "any". */
typedef struct fb_ref
{
    uint32_t session; /**< home agent: the subscriber; foreign agent: the visitor; mobile node: 1 */
    uint32_t link; /**< the host's number of a link, from 1 */
    uint8_t bid; /**< RFC 7629 4.1: 1..254 */
} fb_ref;

/** What surrounds a message: the fields of the packet it travels in. */
typedef struct fb_meta
{
    fb_addr src, dst;
    uint16_t sport, dport;
    uint32_t link; /**< the link it came in by or has to leave by; 0: the host's routing decides */
    /** the host's number of the association it came in by; 0: none */
    uint32_t security_association;
    uint8_t link_addr[8];
    uint8_t link_addr_len;
    /** 17: a UDP payload; 1, 58: an ICMP message; 135: a Mobility Header, whose checksum is the library's; 4, 41, 47,
        55 of an output: what follows the outer IP header of a tunnel's packet (fb_probe_config), which is the host's */
    uint8_t protocol;
    uint8_t ttl;
    uint8_t tos;
    uint8_t flags; /**< FB_META_* */
    uint16_t identification; /**< of the IP header */
} fb_meta;

enum
{
    FB_META_DONT_FRAGMENT = 1 /**< of the IP header */
};

/* ---------------------------------------------------------------------------------------------------------------- */
/* Life                                                                                                               */

/** Octets an agent of this configuration needs; 0 when the configuration is contradictory. */
size_t fb_agent_size(const fb_config *config);

/**
 * Builds an agent in @p memory, which the caller owns, aligned to 16 and at least fb_agent_size() octets long, and
 * must keep as long as the agent is used. @p config is copied.
 */
int fb_agent_init(fb_agent **agent,
                  void *memory,
                  size_t length,
                  const fb_config *config,
                  fb_time now);

/* ---------------------------------------------------------------------------------------------------------------- */
/* Facts in                                                                                                           */

typedef enum fb_fact_kind
{
    FB_FACT_WALL_CLOCK, /**< u.wall_ns; may step */
    FB_FACT_LINK_UP, /**< u.link: usable, with an address */
    FB_FACT_LINK_DOWN, /**< u.link.link only */
    FB_FACT_LINK_CHANGED, /**< u.link: another address or property */
    FB_FACT_POLICY, /**< u.policy: a mobile node's policy; replaces the earlier one */
    FB_FACT_REGISTER, /**< u.bid: an administrator wants this path (0: all), as at start; ends waiting after a denial,
                           and with 0 asks a home agent that denied RFC 7629 once more */
    /** u.bid: ... does not want it any more (0: all, with one request, B = 1) */
    FB_FACT_DEREGISTER,
    FB_FACT_SUBSCRIBER_SET, /**< u.subscriber: a home agent serves this node */
    FB_FACT_SUBSCRIBER_REMOVE, /**< u.subscriber.home_address only */
    /** u.entropy: octets nobody can predict, for nonces and for what has to be random. Before it comes, a mobile node
        that uses nonces takes no facts, and a home agent no subscriber that does: FB_ERR_CONFIG */
    FB_FACT_ENTROPY,
    /** u.association: shared with a foreign agent, or by one with its peers */
    FB_FACT_ASSOCIATION,
    /** u.policy: rules both ends have by configuration; they decide where no negotiated one does (RFC 7629 6) */
    FB_FACT_STATIC_POLICY,
    /** u.access: a foreign or home agent serves nodes on this link from now on */
    FB_FACT_ACCESS_UP,
    FB_FACT_ACCESS_DOWN, /**< u.access.link only */
    /** u.session: a gateway registers this mobile node from now on (RFC 5213 6.9.1.1), over every link that is up */
    FB_FACT_SESSION_ADD,
    FB_FACT_SESSION_REMOVE, /**< u.session.session only: it is detached, and de-registered */
    FB_FACT_PROXY_SUBSCRIBER_SET, /**< u.proxy_subscriber: an anchor serves this mobile node */
    FB_FACT_PROXY_SUBSCRIBER_REMOVE, /**< u.proxy_subscriber.identity only */
    FB_FACT_GATEWAY_SET, /**< u.gateway: an anchor serves this gateway */
    FB_FACT_GATEWAY_REMOVE, /**< u.gateway.identity only */
    /** u.quality: of a link of a mobile node or gateway; told to the peer with the next request (RFC 3115) or update
        (RFC 5094), where a vendor is configured */
    FB_FACT_QUALITY
} fb_fact_kind;

/** A link of a mobile node or gateway. BID and label are assigned by configuration (RFC 7629 4.1, RFC 8278 4.1). */
typedef struct fb_link
{
    uint32_t link; /**< the host's number, from 1 */
    /** the co-located care-of address; a gateway's is IPv6, or IPv4 where the path carries no IPv6 (RFC 5844) */
    fb_addr address;
    uint8_t bid; /**< 1..254 */
    uint8_t label; /**< 1..255 */
    uint8_t technology; /**< Access Technology Type of RFC 5213: 4 WLAN, 8 LTE, 10 HRPD */
    /** order in which paths are preferred where only one can be used: low first */
    uint8_t preference;
    uint8_t tunnel; /**< FB_TUNNEL_* to ask for; refused ones are given up, IP in IP last */
    /** FB_UDP_*; with a co-located care-of address only, of a gateway with an IPv4 one (F: RFC 5844 4.1.3) */
    uint8_t udp;
    uint8_t care_of; /**< FB_CARE_OF_*; of FB_CARE_OF_AGENT the address may be absent */
    /** share of a scheduler that weighs paths; 0 is 1. Both ends have to be told alike */
    uint16_t weight;
    bool gre_key; /**< of a gateway with FB_TUNNEL_GRE: keys of RFC 5845 */
    uint16_t mtu; /**< of the link, in octets; 0: not known */
    /** what its use costs, in any unit, for schedulers that go by it: cheapest first */
    uint16_t cost;
} fb_link;

/** A link on which an agent serves nodes: it advertises there, and visitors or nodes at home are there. */
typedef struct fb_access
{
    uint32_t link; /**< the host's number, from 1; not that of an fb_link */
    fb_addr address; /**< the agent's own on that link */
    uint8_t prefix_length; /**< of the link's network; 0: not advertised (RFC 5944 2.1.2) */
    /** FB_ROLE_FOREIGN_AGENT and FB_ROLE_HOME_AGENT, as far as served there (RFC 5944 2.3); 0: all the agent has */
    uint8_t roles;
} fb_access;

typedef struct fb_fact
{
    fb_fact_kind kind;

    union
    {
        uint64_t wall_ns; /**< nanoseconds since 1970-01-01 UTC */
        fb_link link;

        struct
        {
            const fb_rule *rules; /**< copied */
            size_t count;
        } policy;

        uint8_t bid;
        fb_subscriber subscriber;
        uint8_t entropy[32];
        fb_peer_association association;
        fb_access access;
        fb_session session;
        fb_proxy_subscriber proxy_subscriber;
        fb_gateway gateway;
        fb_quality quality;
    } u;
} fb_fact;

/** Tells the agent what happened around it. FB_OK or FB_ERR_*. */
int fb_agent_fact(fb_agent *agent, const fb_fact *fact, fb_time now);

/**
 * A received message: the payload of a UDP datagram to one of our ports, or an ICMP message that is an agent
 * advertisement, a solicitation, or an error about a packet we sent. ICMPv6 (protocol 58) needs both addresses in
 * @p meta, which its checksum covers. A datagram whose first octet is 4 (RFC 3519) is data and goes to
 * fb_agent_receive(). Returns 0, a drop reason (> 0) when it was not accepted, which is also an
 * event, or FB_ERR_* (< 0). No input, however formed, does more than that.
 */
int fb_agent_input(fb_agent *agent,
                   const fb_meta *meta,
                   const uint8_t *message,
                   size_t length,
                   fb_time now);

/** Lets time act. At most @p budget expiries are handled; call again when next_timeout is still not later than now. */
int fb_agent_handle_timeout(fb_agent *agent, unsigned budget, fb_time now);

/* ---------------------------------------------------------------------------------------------------------------- */
/* Out, drained after each of the above                                                                               */

/**
 * When to call fb_agent_handle_timeout(): may be early, never late; FB_TIME_NEVER if nothing waits. Data packets move
 * it too: look again after fb_agent_steer() and fb_agent_receive().
 */
fb_time fb_agent_next_timeout(fb_agent *agent);

/**
 * The next message to send, composed now; a keepalive of a UDP tunnel (RFC 3519 4.9) is one, too. Returns its length, 0
 * when there is none, or FB_ERR_LIMIT when @p capacity is too small (1500 always is enough); the message then stays.
 */
ptrdiff_t fb_agent_output(fb_agent *agent,
                          fb_meta *meta,
                          uint8_t *buffer,
                          size_t capacity,
                          fb_time now);

typedef enum fb_event_kind
{
    FB_EVENT_BINDING, /**< state of a binding: from -> to */
    FB_EVENT_SENT, /**< a message left: type, code, lifetime_s, identification */
    FB_EVENT_RECEIVED, /**< an authenticated, well-formed message arrived: the same */
    /** a request was refused (home agent) or we were (mobile node): code, reason */
    FB_EVENT_DENIED,
    FB_EVENT_DROP, /**< a message was discarded: reason */
    FB_EVENT_POLICY, /**< a negotiated policy was installed (count rules) or deleted (0) */
    /** home agent: first binding of a node came (count 1: answer ARP for the home address and send a gratuitous one)
        or the last one went (0: answer no more). With FB_CAUSE_HOME, also where none was left, the node is on the home
        link again: send a gratuitous ARP with its link_addr (RFC 5944 4.6) */
    FB_EVENT_INTERCEPT,
    /** mobile node: what it knows of the peer changed: from -> to, FB_MULTIPATH_* */
    FB_EVENT_MULTIPATH,
    /** mobile node: came home (to 1: answer ARP, send a gratuitous one, route natively) or left (to 0): ref.link.
        Before the first one it is away. Away it broadcasts no ARP, and is silent when asked for the home address, but
        for a unicast answer to its foreign agent (RFC 5944 4.6). The request that belongs to it comes a millisecond
        later, so that all of this is done before */
    FB_EVENT_HOME,
    /** mobile node: a foreign agent is heard (to 1) or not any more (to 0): ref.link, care_of_address, link_addr,
        lifetime_s: the longest registration it takes */
    FB_EVENT_AGENT,
    /** foreign agent: a visitor came (to 1) or went (to 0): home_address, ref.link, link_addr. ref.session tells those
        with the same home address apart; one that moves to another link comes again */
    FB_EVENT_VISITOR,
    /** a prefix of a mobile router or dual-stack node came into use (to 1) or out of it (to 0): prefix, home_address.
        Home agent: packets for it are to be caught; mobile node: it may be advertised or used */
    FB_EVENT_NETWORK,
    /** mobile node: a home address was assigned to it (RFC 2794): home_address */
    FB_EVENT_HOME_ADDRESS,
    /** once: paths of RFC 7629 are there, but neither a negotiated nor a static policy, and the scheduler decides
        alone (RFC 7629 6): role, home_address */
    FB_EVENT_NO_POLICY,
    /** gateway, anchor: a peer answers heartbeats again (to 1), does not any more (to 0), or has restarted (to 2):
        care_of is its address, ref.link ours (RFC 5847) */
    FB_EVENT_PEER,
    /** gateway: a prefix for the mobile node came (to 1) or went (to 0): prefix, ref.session, ref.link the access link,
        mtu what a router advertisement there is to say (RFC 5213 6.9.3, 6.10). Delegated ones have `delegated` set.
        Anchor: route packets for the prefix to the agent, or not any more */
    FB_EVENT_PREFIX,
    /** a mobility session came (to 1) or went (to 0): identity, ref.session; cause */
    FB_EVENT_SESSION,
    /** packets of a rule with `reorder_ms` go by flow and without sequence numbers (to 0), as one of its paths is no
        GRE tunnel to the far end or no sequence space is left; or they have numbers again (to 1): role, ref.session,
        count: the class. Also where packets with numbers come in, and for want of a space are delivered as they come */
    FB_EVENT_REORDER,
    /** mobile node, gateway: a path whose link is up was found silent (to 0), or may be used again (to 1): ref. Packets
        take other paths where there are any, which `count` is the number of */
    FB_EVENT_PATH
} fb_event_kind;

/** States of a binding. A home agent knows only DOWN and UP. */
typedef enum fb_binding_state
{
    FB_BINDING_DOWN, /**< no address, or not wanted */
    /** wants to send; another request of this association is outstanding (D-29) */
    FB_BINDING_QUEUED,
    FB_BINDING_PENDING, /**< request sent */
    FB_BINDING_UP,
    FB_BINDING_UP_PENDING, /**< up, and a refresh outstanding */
    FB_BINDING_DEREGISTERING, /**< Lifetime 0 sent */
    FB_BINDING_BLOCKED, /**< denied; waits */
    /** gateway: another path finds out first whether the anchor understands RFC 8278 (R8278-4.4-04) */
    FB_BINDING_WAITING,
    FB_BINDING_PROBING, /**< gateway: the update that finds it out is sent */
    FB_BINDING_STANDBY /**< gateway: one path is all there is, and another one is up */
} fb_binding_state;

const char *fb_binding_state_name(int state);

enum
{
    FB_MULTIPATH_UNKNOWN,
    FB_MULTIPATH_YES,
    FB_MULTIPATH_OFF
};

/** Why a binding changed its state. */
typedef enum fb_cause
{
    FB_CAUSE_NONE,
    FB_CAUSE_LINK_UP,
    FB_CAUSE_LINK_DOWN,
    FB_CAUSE_ADDRESS_CHANGED,
    FB_CAUSE_REGISTERED,
    FB_CAUSE_DEREGISTERED,
    FB_CAUSE_OVERWRITTEN, /**< another binding came with O = 1 */
    /** by a registration without RFC 7629, or by another BID with the same care-of address */
    FB_CAUSE_REPLACED,
    FB_CAUSE_EXPIRED,
    FB_CAUSE_DENIED,
    FB_CAUSE_REFRESH,
    FB_CAUSE_POLICY_CHANGED,
    FB_CAUSE_RETRY,
    FB_CAUSE_ADMINISTRATOR,
    FB_CAUSE_NO_ANSWER,
    FB_CAUSE_TOKEN, /**< its turn to send came */
    FB_CAUSE_AGENT, /**< a foreign agent appeared, changed, restarted or fell silent */
    FB_CAUSE_HOME, /**< the node came home */
    FB_CAUSE_KEEPALIVE, /**< no answer through the UDP tunnel (RFC 3519 4.9) */
    FB_CAUSE_HEARTBEAT, /**< no answer to heartbeats (RFC 5847) */
    FB_CAUSE_PEER_RESTART, /**< the peer lost its state (RFC 5847 3.4) */
    FB_CAUSE_HANDOFF, /**< another gateway registered the mobile node (RFC 5213 5.4) */
    /** the path is silent although its link is up, or answers again (fb_probe_config) */
    FB_CAUSE_PROBE,
    FB_CAUSE_METRICS, /**< there is news of a path for the peer's schedulers */
    FB_CAUSE_COUNT
} fb_cause;

const char *fb_cause_name(int cause);

typedef struct fb_event
{
    uint8_t kind; /**< fb_event_kind */
    uint8_t role; /**< FB_ROLE_* that raised it */
    uint8_t from, to; /**< FB_EVENT_BINDING, FB_EVENT_MULTIPATH */
    uint8_t cause; /**< fb_cause */
    /** message type: 1 request, 3 reply; of a Mobility Header 5 update, 6 acknowledgement, 7, 13 */
    uint8_t type;
    uint8_t code; /**< of a reply, or status of an acknowledgement */
    uint8_t flags; /**< of a request, and of its Multipath Extension: FB_EVENT_FLAG_* */
    uint16_t reason; /**< fb_reason */
    uint16_t lifetime_s; /**< asked or granted */
    uint16_t count;
    fb_ref ref;
    fb_ipv4 home_address, care_of_address;
    uint64_t identification;
    fb_time time;
    fb_prefix prefix;
    uint8_t link_addr[8];
    uint8_t link_addr_len;
    fb_addr care_of; /**< Proxy Mobile IPv6: the proxy care-of address, or a peer's */
    uint16_t mtu;
    bool delegated;
    /** Proxy Mobile IPv6: the mobile node's, where known. The last one, so that events without it are short */
    fb_nai identity;
} fb_event;

enum
{
    FB_EVENT_FLAG_MULTIPATH = 1, /**< carries a Multipath Extension */
    FB_EVENT_FLAG_BULK = 2, /**< B = 1 */
    FB_EVENT_FLAG_OVERWRITE = 4, /**< O = 1 */
    FB_EVENT_FLAG_POLICY = 8 /**< carries Flow-Bindings: count; replies can too (D-30) */
};

/** The next event. False when there is none. */
bool fb_agent_poll_event(fb_agent *agent, fb_event *event);

/* ---------------------------------------------------------------------------------------------------------------- */
/* Data plane                                                                                                         */

typedef struct fb_packet
{
    fb_handle packet;
    /**
     * the first octets: all IP and transport headers that are there, 60 + 8 are enough. Only with the whole packet can
     * the checksum of a UDP tunnel be written (else there is none: RFC 768) and that of a GRE header be verified
     */
    const uint8_t *header;
    size_t header_len;
    size_t total_len;
} fb_packet;

typedef enum fb_action_kind
{
    FB_SEND, /**< remove `strip` octets from the front, put `outer` there, send over path.link */
    FB_DELIVER, /**< the same with `strip` and `outer`, then give it to the host's own stack */
    FB_DROP_PACKET, /**< reason */
    /** the same with `strip` and `outer`, then send it over path.link to next_hop, as any IP packet; path.link 0: where
        the host's routing says */
    FB_FORWARD,
    FB_CONSUME, /**< was for the agent itself: nothing is to be done */
    /** as FB_SEND, of a copy: another action names the packet (RFC 6089 4.3, a copy to each binding) */
    FB_COPY,
    /** the packet waits for those before it (RFC 2890 2.2): keep it as it came; an action after a later packet or after
        a time-out says what is done with it */
    FB_HOLD
} fb_action_kind;

/** Longest outer header: IPv6, UDP and GRE with key and sequence number; outer[0] >> 4 is its version. */
#define FB_OUTER_MAX 64

/** Two octets of a packet that are to be others. */
typedef struct fb_patch
{
    uint16_t at; /**< the first one's place in the packet, as it came */
    uint16_t value; /**< in host order */
} fb_patch;

/** The Maximum Segment Size of TCP and the checksum. */
#define FB_PATCHES_MAX 2

typedef struct fb_action
{
    fb_handle packet;
    fb_ref path; /**< the binding used */
    uint8_t kind; /**< fb_action_kind */
    bool last; /**< no later action names this packet */
    uint8_t strip; /**< octets */
    uint8_t outer_len;
    uint16_t reason; /**< fb_reason of a drop */
    /** FB_FORWARD, and FB_SEND to a foreign agent (RFC 3024 5.2); 0: the router of path.link, or the host's routing */
    fb_ipv4 next_hop;
    uint8_t link_addr[8]; /**< of next_hop, where known: no ARP for it (RFC 5944 4.6) */
    uint8_t link_addr_len; /**< 0: not known */
    /** octets to overwrite in the packet before anything is removed from its front: TCP segments that fit the tunnel */
    uint8_t patch_count;
    fb_patch patch[FB_PATCHES_MAX];
    uint8_t outer[FB_OUTER_MAX]; /**< complete outer headers, checksum included */
    /** FB_SEND and FB_COPY with an outer IPv6 header: sent in fragments no longer than this (RFC 2473 7.1, 7.2); 0: in
        one piece, as far as is known of the path */
    uint16_t mtu;
    uint8_t family; /**< FB_FAMILY_* of what FB_DELIVER delivers */
} fb_action;

/**
 * A packet that has to leave: from the mobile node's own applications, or caught by the home agent for a home address.
 * What is to be fragmented should be before: the outer packet of a UDP tunnel must not be (RFC 3519 4.8). Returns
 * FB_OK (then poll the actions) or FB_ERR_*. @p from is {0} unless the host knows better.
 *
 * A broadcast or multicast packet of the home network names no node: the home agent's host hands in a copy for each
 * node, @p from.session being the one its events name. It goes over one path, of those that asked for such packets
 * (RFC 5944 4.3, D-40), or is dropped: FB_DROP_NO_BINDING.
 *
 * RFC 2003 5: a packet dropped as FB_DROP_TOO_BIG (DF set, or IPv6) or FB_DROP_TUNNEL_UNREACHABLE leaves an ICMP error
 * for its source, which fb_agent_output() then has: protocol 1, or 58 without source address and checksum, which the
 * host knows. One such error is sent every 100 ms. What is known of a tunnel comes from ICMP errors given to
 * fb_agent_input(), and is forgotten: an MTU after ten minutes, an unreachable end after a second. An error that quotes
 * enough of the packet inside is relayed to its source at once (RFC 2473 8). For a visitor of a foreign agent it names
 * the link and the link-layer address.
 */
int fb_agent_steer(fb_agent *agent, fb_ref from, const fb_packet *packet, fb_time now);

/**
 * A packet that came out of a tunnel: @p packet begins behind the outer IP header, which is described by @p outer; with
 * protocol 17 behind the UDP header, at the 4 (RFC 3519). Protocols 4, 17, 41, 47 and 55. @p outer->tos has to be there
 * for congestion marks (RFC 3168 9.1); with minimal encapsulation `ttl`, `identification` and `flags` too, which are
 * the inner packet's (RFC 2004); and `link` where two links may have the same address behind NATs, and of an access
 * link: only what comes in by his own is a visitor's (RFC 3024 5.2.1).
 *
 * Hand in whatever comes with these protocols to an address of the node, the home address too: what a foreign agent
 * forwarded to a mobile router is in a tunnel from home agent to home address (RFC 5177 7, RFC 5454 3.3.2).
 */
int fb_agent_receive(fb_agent *agent, const fb_meta *outer, const fb_packet *packet, fb_time now);

/**
 * The next action. False when there is none. There may be some after fb_agent_handle_timeout(), too: packets that
 * waited for others long enough (FB_HOLD). No packet is taken before all are polled (FB_ERR_NOT_DRAINED). Packets that
 * wait when an agent is no longer used are the host's to drop.
 */
bool fb_agent_poll_action(fb_agent *agent, fb_action *action, fb_time now);

/* ---------------------------------------------------------------------------------------------------------------- */
/* Looking at it                                                                                                      */

/** One binding, as it is now. */
typedef struct fb_binding_view
{
    fb_ref ref;
    fb_ipv4 home_address, care_of_address;
    uint8_t state; /**< fb_binding_state */
    uint8_t technology, label; /**< 0 for a binding without RFC 7629 */
    uint16_t lifetime_s; /**< granted */
    fb_time expires;
    uint8_t tunnel; /**< FB_TUNNEL_* */
    uint16_t udp_port; /**< far end's port of a UDP tunnel (RFC 3519); 0: no UDP */
    /** far end of the tunnel: the care-of address, or the NAT in front of it */
    fb_ipv4 tunnel_address;
    bool foreign_agent; /**< the care-of address is a foreign agent's */
} fb_binding_view;

/**
 * Bindings of @p role one after another: @p index from 0 until it returns false. For a home agent those of
 * @p home_address, in no particular order; for a foreign agent its registrations as a visitor, with the home agent as
 * the far end of the tunnel.
 */
bool fb_agent_binding(const fb_agent *agent,
                      uint8_t role,
                      fb_ipv4 home_address,
                      size_t index,
                      fb_binding_view *view);

/** One binding of a mobility session (RFC 8278), as it is now. */
typedef struct fb_proxy_view
{
    fb_ref ref; /**< at an anchor without link */
    fb_addr care_of; /**< proxy care-of address; behind a NAT as the anchor sees it */
    uint8_t state; /**< fb_binding_state */
    uint8_t technology, label; /**< 0 for a binding without RFC 8278 */
    uint16_t lifetime_s; /**< granted */
    fb_time expires;
    uint8_t tunnel; /**< FB_TUNNEL_* */
    uint16_t udp_port; /**< far end's; 0: no UDP */
    bool has_key;
    uint32_t key_up, key_down; /**< RFC 5845: toward the anchor, toward the gateway */
} fb_proxy_view;

/** One mobility session, as it is now (RFC 5213 5.1, 6.1). */
typedef struct fb_session_view
{
    uint32_t session; /**< what events and references call it */
    fb_nai identity;
    bool multipath; /**< R8278-3.1-04 */
    bool grace; /**< anchor: de-registered, MinDelayBeforeBCEDelete has not ended */
    fb_nai gateway; /**< anchor: its MAG Identifier */
    uint8_t technology, handoff;
    fb_networks home, delegated;
    fb_ipv4 home_address;
    uint8_t link_local[16]; /**< RFC 5213 5.3.6; 0: none */
    uint8_t binding_count;
    uint8_t flow_count; /**< RFC 6089 */
} fb_session_view;

/** Sessions of a gateway or anchor one after another: @p index from 0 until it returns false. */
bool fb_agent_session(const fb_agent *agent, uint8_t role, size_t index, fb_session_view *view);

/** Bindings of session @p session of a gateway or anchor: @p index from 0 until it returns false. */
bool fb_agent_proxy_binding(const fb_agent *agent,
                            uint8_t role,
                            uint32_t session,
                            size_t index,
                            fb_proxy_view *view);

/** The rules in force for a mobility session, in order: @p index from 0 until it returns false. */
bool fb_agent_session_rule(const fb_agent *agent,
                           uint8_t role,
                           uint32_t session,
                           size_t index,
                           fb_rule *rule);

/** Rules in force for @p home_address, in order: @p index from 0 until it returns false. */
bool fb_agent_rule(const fb_agent *agent,
                   uint8_t role,
                   fb_ipv4 home_address,
                   size_t index,
                   fb_rule *rule);

/**
 * Networks in use (RFC 5177, RFC 5454), one after another: @p index from 0 until it returns false. For a home agent
 * those of @p home_address.
 */
bool fb_agent_network(const fb_agent *agent,
                      uint8_t role,
                      fb_ipv4 home_address,
                      size_t index,
                      fb_prefix *network);

/**
 * What became of packets with sequence numbers that came in (RFC 2890). in_order + reordered + duplicate + stray is all
 * of them.
 */
typedef struct fb_order_counters
{
    uint64_t in_order; /**< not below any number that had come before (RFC 4737 3) */
    uint64_t reordered; /**< below one that had come before: Type-P-Reordered (RFC 4737 3) */
    uint64_t late; /**< of these, those that were not waited for any more */
    uint64_t lost; /**< numbers that were given up and did not come late either */
    uint64_t duplicate; /**< with a number that had come before: dropped */
    uint64_t stray; /**< with a number far from the others: not put in order */
    /** how often the numbers went on somewhere else, as after a restart of the sender */
    uint64_t restarts;
    uint64_t waited; /**< packets that waited for others */
} fb_order_counters;

/** One sequence space, as it is now: it is there while there are packets, and ten seconds more. */
typedef struct fb_order_view
{
    uint32_t session; /**< as in fb_ref */
    uint8_t role; /**< FB_ROLE_* */
    /** fb_rule.reorder_class; 0: of packets no rule decides about, and with Proxy Mobile IPv6 */
    uint8_t number;
    uint32_t next_sent; /**< number of the next packet that leaves */
    uint32_t waiting; /**< packets that wait now */
    fb_order_counters counters;
} fb_order_view;

/** Sequence spaces one after another: @p index from 0 until it returns false. */
bool fb_agent_order(const fb_agent *agent, size_t index, fb_order_view *view);

/** Of all spaces, those that are no more too. */
void fb_agent_order_total(const fb_agent *agent, fb_order_counters *total);

/** How often each reason was met: messages discarded or denied, and packets dropped. */
uint64_t fb_agent_counter(const fb_agent *agent, fb_reason reason);

/** Events lost because the host did not poll. */
uint64_t fb_agent_events_lost(const fb_agent *agent);

#ifdef __cplusplus
}
#endif

#endif
