/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STATE_BINDING_CACHE_H
#define FB_STATE_BINDING_CACHE_H

/**
 * @file
 * A home agent's memory: the nodes it serves, their bindings (RFC 5944 3.8, RFC 7629 5.2) and negotiated policies. An
 * anchor keeps the bindings of its mobility sessions in one, too (RFC 5213 5.1, RFC 8278 4.4): its nodes are sessions,
 * and in the place of addresses stand the numbers of proxy care-of addresses.
 *
 * This file is the only writer of all three. Every change raises its event, keeps the node's deadline and moves the
 * node's generation on, so that no flow-cache entry outlives what it was made from.
 */

#include "base/arena.h"
#include "base/heap.h"
#include "base/index.h"
#include "base/pool.h"
#include "flowbind/agent.h"
#include "state/care_of.h"
#include "state/events.h"
#include "state/identities.h"
#include "wire/mobile_ipv4.h"

#define FB_NODE_NONE FB_INDEX_NONE

/** BID of a binding registered without RFC 7629. */
#define FB_BID_PLAIN 0

/** In the place of a BID: what all bindings of a node are asked for. 255 is reserved (RFC 7629 4.1). */
#define FB_BID_ALL 255

typedef struct fb_binding
{
    fb_time expires; /**< FB_TIME_NEVER for lifetime 0xffff */
    fb_ipv4 care_of_address;
    uint32_t next; /**< of the same node; FB_POOL_NONE at the end */
    uint16_t lifetime_s; /**< granted */
    uint8_t bid, technology, label;
    uint8_t tunnel; /**< FB_TUNNEL_* */
    uint8_t flags; /**< FB_BINDING_FLAG_* */
    uint16_t udp_port; /**< far end's port; 0: no UDP tunnel (RFC 3519) */
    /** far end of the tunnel: the care-of address, or the NAT in front of it (C-14) */
    fb_ipv4 tunnel_address;
} fb_binding;

enum
{
    FB_BINDING_FLAG_REVERSE = 1, /**< T: packets may come back through the tunnel (RFC 3024) */
    FB_BINDING_FLAG_AGENT = 2, /**< D = 0: the care-of address is a foreign agent's */
    /** B flag of the request: wants broadcasts of the home network (RFC 5944 4.3) */
    FB_BINDING_FLAG_BROADCAST = 4,
    FB_BINDING_FLAG_KEY = 8, /**< GRE with keys (RFC 5845) */
    /** it came to an end, and only its memory is kept until `expires` (RFC 5213 5.3.5) */
    FB_BINDING_FLAG_LINGERS = 16
};

/** What every node has. The rest stands behind it, in fb_home_node or the role's session. */
typedef struct fb_node
{
    uint32_t generation; /**< moves with every change of bindings or policy */
    /** how often it moved though only times changed, or what was agreed was only said again: without these moves it
        counts what there is to know */
    uint32_t reaffirmed;
    uint32_t bindings; /**< first of the list; FB_POOL_NONE: none */
    uint8_t binding_count;
    uint8_t unbound_by; /**< fb_cause that took the last binding away */
    uint8_t rule_count; /**< rules or flows that were agreed */
    uint8_t flags; /**< the role's own */
} fb_node;

/** A node that has a home address. */
typedef struct fb_home_node
{
    fb_node node;
    fb_ipv4 home_address;
    uint32_t policy; /**< first block of the rules; FB_POOL_NONE: none negotiated */
    /** replay protection; 0: none accepted yet. With timestamps the greatest that passed (RFC 5944 5.7.1), with nonces
        that of the last request that was accepted (3.8.2.2: to know its duplicates) */
    uint64_t latest_identification;
} fb_home_node;

/** What else is known of it; most of it was configured. */
typedef struct fb_home_subscriber
{
    fb_security_association association;
    uint32_t nonce; /**< high half of the last reply's Identification (RFC 5944 5.7.2) */
    uint32_t identity; /**< block of a node with a NAI or networks; FB_IDENTITY_NONE: without */
    uint16_t policy_octets; /**< in the blocks */
    bool nonce_given;
    uint8_t latest_bid; /**< of the request accepted last, with nonces */
    bool multipath_allowed;
    bool intercepted; /**< the host was told to catch packets for the home address */
    bool suspended; /**< known but not served (RFC 5944 3.8.3.2) */
} fb_home_subscriber;

/** Octets of rules in a block, which is as long as a line of the processor's cache. */
#define FB_RULE_BLOCK_OCTETS 60

/**
 * A part of a policy. A policy is stored as it came: for each rule the length of the Flow-Binding's body (RFC 7629 4.2)
 * in one octet, and the body. It takes a tenth of what the same fb_rule would, and is decoded when a packet asks.
 */
typedef struct fb_rule_block
{
    uint8_t octet[FB_RULE_BLOCK_OCTETS];
    uint32_t next; /**< of the same policy, if its octets do not end here */
} fb_rule_block;

/** A policy that is being put together. */
typedef struct fb_policy_draft
{
    uint32_t first, last; /**< blocks */
    uint16_t octets;
    uint8_t rule_count;
} fb_policy_draft;

/** The policy that was asked for last, decoded. */
typedef struct fb_decoded_policy
{
    uint32_t node, generation;
    fb_rule *rule; /**< room for `rules_per_node` */
} fb_decoded_policy;

typedef struct fb_binding_cache
{
    void *node; /**< each begins with fb_node, and is node_size long */
    size_t node_size;
    fb_home_node *home; /**< the same nodes; NULL: they are sessions */
    fb_home_subscriber *subscriber; /**< by their numbers */
    fb_binding *binding;
    fb_rule_block *rule_block;
    fb_pool nodes, bindings, rule_blocks;
    uint32_t policies, policies_max; /**< nodes that have one */
    uint32_t rule_blocks_max; /**< of all policies; a draft has its own on top */
    fb_policy_draft draft;
    fb_decoded_policy *decoded;
    fb_selector_layout layout;
    fb_index by_home_address;
    fb_heap deadline; /**< when to look at a node: never later than its earliest expiry */
    /** a node's bindings begin at this many times its number, if they can: they lie together */
    uint32_t binding_share;
    uint8_t bindings_per_node, rules_per_node;
    uint8_t role; /**< FB_ROLE_* in its events */
    /** what care-of addresses are numbers of; NULL: they are addresses */
    fb_care_of_table *care_of;
    fb_events *events;
    fb_identities identities;

    /* Only where Identifications are compared within a binding (C-21), else NULL. */
    uint64_t *identification; /**< of each binding: the greatest accepted, or the floor */
    /** of each node: what a request for a BID that is not bound has to be greater than; no binding's is below it */
    uint64_t *identification_floor;
} fb_binding_cache;

static inline fb_node *
fb_cache_node(const fb_binding_cache *cache, uint32_t node)
{
    void *at = (uint8_t *)cache->node + node * cache->node_size;

    return at;
}

void fb_cache_init(fb_binding_cache *cache,
                   fb_arena *arena,
                   const fb_limits *limits,
                   fb_selector_layout layout,
                   fb_events *events);

/** Identifications are kept for each binding from now on (replay-scope=binding, C-21). Right after fb_cache_init(). */
void fb_cache_keep_identifications(fb_binding_cache *cache,
                                   fb_arena *arena,
                                   const fb_limits *limits);

/**
 * The cache of an anchor: nodes are mobility sessions, which have no home address and no policy here. Each is
 * @p session_size octets long and begins with its fb_node; of the rest the cache knows nothing, but clears it.
 */
void fb_cache_init_sessions(fb_binding_cache *cache,
                            fb_arena *arena,
                            const fb_limits *limits,
                            size_t session_size,
                            fb_care_of_table *care_of,
                            fb_events *events);

/** A new mobility session; FB_NODE_NONE when all are in use. */
uint32_t fb_cache_add_session(fb_binding_cache *cache);

/** Forgets it, with its bindings. */
void fb_cache_remove_session(fb_binding_cache *cache,
                             uint32_t session,
                             fb_cause cause,
                             fb_time now);

/* Nodes. */

/** FB_NODE_NONE when no such node is served. */
uint32_t fb_cache_find(const fb_binding_cache *cache, fb_ipv4 home_address);

/** Brings what fb_cache_find() will look at near. */
void fb_cache_expect(const fb_binding_cache *cache, fb_ipv4 home_address);

/** Brings what a request about @p node needs near, while there is something else to do. */
void fb_cache_prefetch(const fb_binding_cache *cache, uint32_t node);

/** The same of what an update of a session needs besides if it is about all its bindings: one that carries flows. */
void fb_cache_prefetch_floor(const fb_binding_cache *cache, uint32_t node);

/** Serves @p subscriber from now on, or changes key and rights of one already served. FB_OK or FB_ERR_LIMIT. */
int fb_cache_set_subscriber(fb_binding_cache *cache, const fb_subscriber *subscriber);

void fb_cache_remove_subscriber(fb_binding_cache *cache, uint32_t node, fb_time now);

/**
 * What the Identification of a request for @p bid has to be greater than; 0: anything. Unless they are kept for each
 * binding, and for FB_BID_ALL, that is the greatest of the node.
 */
uint64_t fb_cache_latest_identification(const fb_binding_cache *cache, uint32_t node, uint8_t bid);

/** Replay protection: @p identification passed the check, whatever became of the request for @p bid (C-12). */
void fb_cache_accept_identification(fb_binding_cache *cache,
                                    uint32_t node,
                                    uint8_t bid,
                                    uint64_t identification);

/** A request was accepted, and is known from now on if it comes once more; with nonces (RFC 5944 3.8.2.2). */
void fb_cache_remember_request(fb_binding_cache *cache,
                               uint32_t node,
                               uint8_t bid,
                               uint64_t identification);

/** The node's next request has to bring @p nonce back (RFC 5944 5.7.2). */
void fb_cache_give_nonce(fb_binding_cache *cache, uint32_t node, uint32_t nonce);

/* Bindings. NULL: no such one. Inline, as every request walks a node's list several times. */

static inline const fb_binding *
fb_cache_binding_first(const fb_binding_cache *cache, uint32_t node)
{
    uint32_t first = fb_cache_node(cache, node)->bindings;

    return first == FB_POOL_NONE ? NULL : &cache->binding[first];
}

static inline const fb_binding *
fb_cache_binding_next(const fb_binding_cache *cache, const fb_binding *binding)
{
    return binding->next == FB_POOL_NONE ? NULL : &cache->binding[binding->next];
}

static inline const fb_binding *
fb_cache_binding(const fb_binding_cache *cache, uint32_t node, uint8_t bid)
{
    const fb_binding *b = fb_cache_binding_first(cache, node);

    while (b != NULL && b->bid != bid)
    {
        b = fb_cache_binding_next(cache, b);
    }
    return b;
}

const fb_binding *fb_cache_binding_by_address(const fb_binding_cache *cache,
                                              uint32_t node,
                                              fb_ipv4 care_of_address);
/** By the far end of its tunnel, which for one through UDP is address and port (C-14). */
const fb_binding *fb_cache_binding_by_tunnel(const fb_binding_cache *cache,
                                             uint32_t node,
                                             fb_ipv4 tunnel_address,
                                             uint16_t udp_port);

/** Whether one more binding fits: 0, FB_DROP_TOO_MANY_BINDINGS or FB_DROP_RESOURCES. */
int fb_cache_room_for_binding(const fb_binding_cache *cache, uint32_t node);

/**
 * Adds the binding of @p wanted->bid, or updates it: care-of address, lifetime, technology, label, tunnel; `expires`
 * and `next` of @p wanted are ignored. The caller made sure that there is room. Returns the binding.
 */
const fb_binding *fb_cache_bind(fb_binding_cache *cache,
                                uint32_t node,
                                const fb_binding *wanted,
                                fb_time now);

/** Gives every binding of the node @p lifetime_s from now on (RFC 7629 5.2, B = 1; D-06). */
void fb_cache_extend_all(fb_binding_cache *cache, uint32_t node, uint16_t lifetime_s, fb_time now);

void fb_cache_unbind(fb_binding_cache *cache,
                     uint32_t node,
                     uint8_t bid,
                     fb_cause cause,
                     fb_time now);

/** All of them. */
void fb_cache_unbind_all(fb_binding_cache *cache, uint32_t node, fb_cause cause, fb_time now);

/** All but @p bid. */
void fb_cache_unbind_others(fb_binding_cache *cache,
                            uint32_t node,
                            uint8_t bid,
                            fb_cause cause,
                            fb_time now);

/** All bindings of the node come to an end, and are remembered until @p until (RFC 5213 5.3.5). */
void fb_cache_linger(fb_binding_cache *cache,
                     uint32_t node,
                     fb_time until,
                     fb_cause cause,
                     fb_time now);

/**
 * To be called after the last change a request made: the policy goes with the last binding (D-25), and the host learns
 * whether packets for the home address are to be caught. In between a request may take the last binding away and put
 * another in its place, which is nobody's business.
 */
void fb_cache_settle(fb_binding_cache *cache, uint32_t node, fb_time now);

/**
 * The same after a de-registration of all that came from the home network, as @p meta says: the host is to tell the
 * neighbours there, whether or not there was a binding left (RFC 5944 4.6).
 */
void fb_cache_settle_at_home(fb_binding_cache *cache,
                             uint32_t node,
                             const fb_meta *meta,
                             fb_time now);

/* Time. */

/**
 * When fb_cache_expire() is to be called: never later than the earliest expiry, but it may be earlier, as one that a
 * refresh put off is left where it is until then. FB_TIME_NEVER if nothing expires.
 */
fb_time fb_cache_next_deadline(const fb_binding_cache *cache);

/** Looks at nodes whose time came, at most @p budget, and removes what expired. Returns how many were looked at. */
unsigned fb_cache_expire(fb_binding_cache *cache, unsigned budget, fb_time now);

/**
 * Looks at the node whose time came first and removes what expired of it; what that means is the caller's business.
 * FB_NODE_NONE: no time has come.
 */
uint32_t fb_cache_expire_next(fb_binding_cache *cache, fb_time now);

/* Policies. */

/** Whether a policy of @p rules rules, @p octets in their bodies, can be stored: 0 or FB_DROP_TOO_MANY_RULES. */
int fb_cache_room_for_policy(const fb_binding_cache *cache,
                             uint32_t node,
                             size_t rules,
                             size_t octets);

/**
 * A policy is replaced whole: fb_cache_draft_rule() for each rule in order, then fb_cache_install_draft(). Until then
 * the earlier one stays as it is and can be read. The caller made sure that there is room.
 */
void fb_cache_draft_rule(fb_binding_cache *cache, const uint8_t *body, size_t length);

/** The draft, perhaps empty, is the node's policy. */
void fb_cache_install_draft(fb_binding_cache *cache, uint32_t node, fb_time now);

void fb_cache_clear_policy(fb_binding_cache *cache, uint32_t node, fb_time now);

/** The rules in force, in order; @p count of them. They stay where they are until the next call. */
const fb_rule *fb_cache_policy(const fb_binding_cache *cache, uint32_t node, size_t *count);

/* Identities and networks: binding_cache_identity.c. */

/** The node with this NAI (RFC 2794); FB_NODE_NONE. */
uint32_t fb_cache_find_nai(const fb_binding_cache *cache, const uint8_t *text, size_t length);

/** The node that has registered the network this address is in, or whose home address it is; FB_NODE_NONE. */
uint32_t fb_cache_find_address(const fb_binding_cache *cache,
                               uint8_t family,
                               fb_ipv4 ipv4,
                               const uint8_t *ipv6);

/** What is known of the node's NAI and networks; NULL: it has neither. */
const fb_identity *fb_cache_identity(const fb_binding_cache *cache, uint32_t node);

/** Network @p index of those the node may register, up to fb_identity.network_count. */
const fb_prefix *fb_cache_network(const fb_binding_cache *cache, uint32_t node, size_t index);

/**
 * Changes the node's NAI and what networks it may register; registered ones that are not among them go. FB_OK,
 * FB_ERR_LIMIT, or FB_ERR_ARGUMENT when another node has the NAI or an overlapping network; then nothing changed.
 */
int fb_cache_set_identity(fb_binding_cache *cache,
                          uint32_t node,
                          const fb_nai *nai,
                          const fb_networks *networks,
                          fb_time now);

/** What an accepted request says of networks; bit i of `in_use` is network i. */
typedef struct fb_network_use
{
    uint8_t in_use;
    bool explicit_mode, ipv6_to_care_of; /**< as in fb_identity */
} fb_network_use;

/** The node, which has an identity, uses exactly these networks from now on (RFC 5177 6.3, RFC 5454 3.8). */
void fb_cache_use_networks(fb_binding_cache *cache, uint32_t node, fb_network_use use, fb_time now);

#endif
