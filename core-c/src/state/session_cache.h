/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STATE_SESSION_CACHE_H
#define FB_STATE_SESSION_CACHE_H

/**
 * @file
 * An anchor's memory: the mobile nodes it serves, their mobility sessions, one for each interface (RFC 5213 5.1, 5.4),
 * with prefixes, bindings (RFC 8278 4.4: one for each BID) and flows (RFC 6089 4.3), and the gateways and proxy care-of
 * addresses they are registered through.
 *
 * Sessions and bindings are written here only. Every change raises its event and moves the session's generation.
 */

#include "base/cells.h"
#include "base/machine.h"
#include "state/binding_cache.h"
#include "state/flow_sets.h"
#include "state/gateways.h"
#include "state/prefix_pool.h"
#include "wire/mobility_option.h"
#include "wire/traffic_selector.h"

#define FB_SESSION_NONE FB_NODE_NONE

/** A mobile node: one that was named, or one that came by itself where any may. */
typedef struct fb_proxy_node
{
    /** timestamps of new sessions have to be greater: those of sessions that have ended (RFC 5213 5.5, C8-08) */
    uint64_t floor;
    /** just after it came, an update that waits for its earlier attachment's end (RFC 5213 5.4.1.2-4); 0: none does */
    fb_time waits_from;
    uint32_t sessions; /**< first; FB_POOL_NONE */
    uint32_t prefixes; /**< first that it was given by name; FB_POOL_NONE */
    uint32_t name; /**< first cell of subtype (RFC 4283 3) and identifier */
    uint16_t session_count;
    uint8_t rights; /**< FB_PROXY_* */
    uint8_t name_length; /**< of the identifier */
} fb_proxy_node;

_Static_assert(FB_CACHE_LINE % sizeof(fb_proxy_node) == 0, "updates look at one");

enum
{
    FB_PROXY_CONFIGURED = 1,
    FB_PROXY_MULTIPATH = 2,
    FB_PROXY_SERVICE = 4,
    FB_PROXY_IPV4 = 8,
    FB_PROXY_DELEGATION = 16,
    FB_PROXY_IPV6 = 32
};

/** What a session can have prefixes for. */
typedef enum fb_prefix_use
{
    FB_PREFIX_HOME, /**< home network prefixes (RFC 5213 5.2) */
    FB_PREFIX_DELEGATED, /**< RFC 7148 */
    FB_PREFIX_IPV4, /**< IPv4 home address (RFC 5844) */
    FB_PREFIX_USES
} fb_prefix_use;

/** A prefix that is one mobile node's by name; itself in the set `named_set`. */
typedef struct fb_named_prefix
{
    uint32_t node, next;
    uint32_t session; /**< that has it now; FB_SESSION_NONE */
    uint8_t use; /**< fb_prefix_use */
} fb_named_prefix;

enum
{
    FB_SESSION_MULTIPATH = 1, /**< R8278-3.1-04 */
    FB_SESSION_GRACE = 2, /**< de-registered; MinDelayBeforeBCEDelete runs (RFC 5213 5.3.5) */
    FB_SESSION_SEQUENCE = 4, /**< `sequence` is the last one accepted */
    FB_SESSION_LINK_LOCAL = 8 /**< it has a link-local address (RFC 5213 5.3.6) */
};

/** Octets of a link-layer identifier that stand with the session: those of a MAC address, and one more. */
#define FB_LINK_LAYER_FRONT 7

typedef struct fb_mobility_session
{
    fb_node owner; /**< of its bindings; flags: FB_SESSION_*, rule_count: its flows */
    uint32_t node; /**< whose it is; FB_NODE_NONE: the place is free */
    uint32_t next; /**< of the same mobile node */
    uint32_t gateway;
    uint32_t gateway_next, gateway_previous; /**< of the same gateway */
    /** of what it has out of the pool of home network prefixes; FB_POOL_NONE */
    uint32_t home_number;
    /* From here on what updates write: fb_session_fingerprint() */
    uint32_t association; /**< the last update came in by */
    uint32_t flows; /**< set; FB_FLOW_SET_NONE */
    /** first cell of its link-local address, if it has one, and of a link-layer identifier that is too long for here */
    uint32_t more;
    uint16_t sequence;
    uint8_t technology, handoff; /**< of the last update */
    uint8_t link_layer_length; /**< 0: not known */
    uint8_t link_layer[FB_LINK_LAYER_FRONT];
} fb_mobility_session;

_Static_assert(sizeof(fb_mobility_session) == FB_CACHE_LINE, "every update looks at it");

typedef struct fb_session_cache
{
    fb_binding_cache cache; /**< its nodes are the sessions */
    fb_mobility_session *session; /**< these nodes */
    fb_cells more; /**< fb_mobility_session.more */
    /** by the binding's place in `cache`: of what is sent toward the gateway (RFC 5845); NULL: none has a key */
    uint32_t *key_down;
    /** by the same place: what the gateway measured (RFC 5094); NULL: nothing is heard */
    fb_path_metrics *metrics;
    /** by the same place: the update about the binding that was accepted last (role/lma_repeat.c); 0: there is none */
    uint64_t *repeat;
    fb_proxy_node *node;
    fb_cells names;
    fb_pool nodes;
    fb_chains by_identity;
    fb_named_prefix *named;
    fb_pool nameds;
    fb_prefix_set named_set; /**< member: a named prefix */
    fb_prefix_pool pool[FB_PREFIX_USES];
    /** by session what it has out of the pool, but for FB_PREFIX_HOME; NULL: there is no pool */
    uint32_t *number[FB_PREFIX_USES];
    fb_gateways gateways;
    fb_care_of_table care_of;
    fb_flow_sets flows;
    fb_events *events;
} fb_session_cache;

void fb_sessions_init(fb_session_cache *sessions,
                      fb_arena *arena,
                      const fb_config *config,
                      fb_events *events);

/* Mobile nodes: session_cache_nodes.c. */

/** Called by fb_sessions_init(). */
void fb_sessions_init_names(fb_session_cache *sessions, fb_arena *arena, const fb_limits *limits);

/** Whether there is room for one more, with an identifier of so many octets. */
bool fb_sessions_has_room_for_node(const fb_session_cache *sessions, size_t name_length);

/** FB_OK, FB_ERR_LIMIT, or FB_ERR_ARGUMENT: a prefix overlaps another one; with an error nothing has changed. */
int fb_sessions_set_node(fb_session_cache *sessions, const fb_proxy_subscriber *subscriber);

/** FB_OK, or FB_ERR_UNKNOWN. Its sessions end. */
int fb_sessions_remove_node(fb_session_cache *sessions, const fb_nai *identity, fb_time now);

/** FB_NODE_NONE: unknown. */
uint32_t fb_sessions_find_node(const fb_session_cache *sessions, const fb_identifier *identifier);

/** Whether @p node, which is one, has this identifier. */
bool fb_sessions_is_node(const fb_session_cache *sessions,
                         uint32_t node,
                         const fb_identifier *identifier);

/** Writes the identifier of @p node, and nothing behind its end. */
void fb_sessions_name(const fb_session_cache *sessions, uint32_t node, fb_nai *name);

/** The same, with zeros behind it. */
fb_nai fb_sessions_identity(const fb_session_cache *sessions, uint32_t node);

/**
 * An update came in that names this home network prefix: what it is likely to need is brought near, while there is
 * something else to do. First the session, as far as it can be guessed; then it is said whose the prefix is, which is
 * what fb_sessions_find_address() would say of it, FB_SESSION_NONE if nobody's. Then what it takes to renew a binding,
 * perhaps with flows; then, for an update that has to be read, the rest of it, its binding @p bid and its flows.
 */
uint32_t fb_session_expect(const fb_session_cache *sessions, const uint8_t *prefix);
uint32_t fb_session_expected(const fb_session_cache *sessions,
                             uint32_t guess,
                             const uint8_t *prefix);
void fb_session_expect_owners(const fb_session_cache *sessions,
                              uint32_t session,
                              const fb_binding *binding,
                              bool flows);
void fb_session_expect_more(const fb_session_cache *sessions,
                            uint32_t session,
                            uint8_t bid,
                            bool flows);

/** One that came by itself. FB_NODE_NONE: there is no room. It is forgotten with its last session. */
uint32_t fb_sessions_add_node(fb_session_cache *sessions,
                              const fb_identifier *identifier,
                              uint8_t rights);

/** Its rights, or an update that waits, are something its sessions' updates depend on: moves their generations. */
void fb_sessions_node_changed(fb_session_cache *sessions, uint32_t node);

/** Forgets a mobile node that came by itself and has no session. */
void fb_sessions_settle_node(fb_session_cache *sessions, uint32_t node);

/* Sessions. */

/** A session of @p node through @p gateway. FB_SESSION_NONE: there is no room. */
uint32_t fb_session_create(fb_session_cache *sessions, uint32_t node, uint32_t gateway);

/** Its mobile node is registered through @p gateway from now on. */
void fb_session_move(fb_session_cache *sessions, uint32_t session, uint32_t gateway);

/** To be called after the last change of an update: tells the host of a session that is new. */
void fb_session_announce(fb_session_cache *sessions, uint32_t session, fb_time now);

void fb_session_delete(fb_session_cache *sessions, uint32_t session, fb_cause cause, fb_time now);

/** Whether it is one. */
static inline bool
fb_session_exists(const fb_session_cache *sessions, uint32_t session)
{
    return session < sessions->cache.nodes.touched &&
           sessions->session[session].node != FB_NODE_NONE;
}

/** The key of a binding of the cache: where it is; NULL: there is no GRE. */
static inline uint32_t *
fb_session_key_down(const fb_session_cache *sessions, const fb_binding *binding)
{
    return sessions->key_down == NULL ? NULL
                                      : &sessions->key_down[binding - sessions->cache.binding];
}

/** The number of the prefix it has out of the pool for @p use; FB_POOL_NONE. */
static inline uint32_t
fb_session_number(const fb_session_cache *sessions, uint32_t session, fb_prefix_use use)
{
    if (use == FB_PREFIX_HOME)
    {
        return sessions->session[session].home_number;
    }
    return sessions->number[use] == NULL ? FB_POOL_NONE : sessions->number[use][session];
}

/* Link-layer identifier and link-local address: session_cache_links.c. */

/** An address of octets that are all 0 stands for none. */
#define FB_LINK_LOCAL_OCTETS 16

/** Called by fb_sessions_init(). */
void fb_sessions_init_links(fb_session_cache *sessions, fb_arena *arena, const fb_limits *limits);

/** The link-layer identifier of its interface, in @p octets. Its length; 0: it is not known. */
size_t fb_session_link_layer(const fb_session_cache *sessions,
                             uint32_t session,
                             uint8_t octets[FB_LINK_LAYER_MAX]);

/** Whether this is its link-layer identifier; one without octets: it is not known. */
bool fb_session_has_link_layer(const fb_session_cache *sessions,
                               uint32_t session,
                               fb_octets identifier);

/** Its link-local address on the access link; zeros: none. */
void fb_session_link_local(const fb_session_cache *sessions,
                           uint32_t session,
                           uint8_t octets[FB_LINK_LOCAL_OCTETS]);

/**
 * Whether a link-layer identifier of @p length octets, and a link-local address if @p link_local, find room in place
 * of those of @p session, unless FB_SESSION_NONE.
 */
bool fb_session_has_room_for_link(const fb_session_cache *sessions,
                                  uint32_t session,
                                  size_t length,
                                  bool link_local);

/** Sets both; there is room. Zeros: no link-local address. */
void fb_session_set_link(fb_session_cache *sessions,
                         uint32_t session,
                         fb_octets identifier,
                         const uint8_t link_local[FB_LINK_LOCAL_OCTETS]);

/** What its gateway measured; NULL: nothing is heard of it. */
static inline fb_path_metrics *
fb_session_metrics(const fb_session_cache *sessions, const fb_binding *binding)
{
    return sessions->metrics == NULL ? NULL : &sessions->metrics[binding - sessions->cache.binding];
}

/** Its place for the update that was accepted last. */
static inline uint64_t *
fb_session_repeat(const fb_session_cache *sessions, const fb_binding *binding)
{
    return &sessions->repeat[binding - sessions->cache.binding];
}

/**
 * A digest of what decides about an update of this session besides the update, the time, and what is configured for
 * good: what its mobile node and gateways may, prefixes, bindings, flows, and what earlier updates said. The same one:
 * nothing of it has changed, but lifetimes and timestamps.
 */
uint64_t fb_session_fingerprint(const fb_session_cache *sessions, uint32_t session);

/** Whether packets may go by this binding: it has not ended, its gateway answers and has not restarted. */
bool fb_session_binding_usable(const fb_session_cache *sessions,
                               uint32_t session,
                               const fb_binding *binding);

/** Moves with every change of what packets of the session depend on. */
uint32_t fb_session_generation(const fb_session_cache *sessions, uint32_t session);

/* Time. */

fb_time fb_sessions_next_deadline(const fb_session_cache *sessions);

/** Looks at what expired or was lost, at most @p budget sessions. Returns how many were looked at. */
unsigned fb_sessions_expire(fb_session_cache *sessions, unsigned budget, fb_time now);

/* Prefixes: session_cache_prefixes.c. */

/** The session that an address is in a prefix of; FB_SESSION_NONE. */
uint32_t fb_sessions_find_address(const fb_session_cache *sessions,
                                  uint8_t family,
                                  const uint8_t *octets);

/** What the session has for @p use, in @p networks. */
void fb_session_prefixes(const fb_session_cache *sessions,
                         uint32_t session,
                         fb_prefix_use use,
                         fb_networks *networks);

/** Whether it has @p prefix out of the pool for @p use, and its mobile node has none by name for anything. */
bool fb_session_has_only(const fb_session_cache *sessions,
                         uint32_t session,
                         fb_prefix_use use,
                         const fb_prefix *prefix);

/** Whether it has anything for @p use. */
bool fb_session_has_prefixes(const fb_session_cache *sessions, uint32_t session, fb_prefix_use use);

/**
 * Whether @p node can have what is asked for, in a session of its own or, unless FB_SESSION_NONE, in @p session:
 * @p wanted by name, or one of @p family to be chosen. 0, FB_DROP_PBU_PREFIX_NOT_AUTHORIZED or FB_DROP_PBU_RESOURCES.
 */
int fb_sessions_check_named(const fb_session_cache *sessions,
                            uint32_t node,
                            uint32_t session,
                            fb_prefix_use use,
                            const fb_prefix *wanted,
                            size_t count);
int fb_sessions_check_any(const fb_session_cache *sessions,
                          uint32_t node,
                          uint32_t session,
                          fb_prefix_use use,
                          uint8_t family);

/** Gives it to the session; the check said 0. */
void fb_session_assign_named(fb_session_cache *sessions,
                             uint32_t session,
                             fb_prefix_use use,
                             const fb_prefix *wanted,
                             size_t count,
                             fb_time now);
void fb_session_assign_any(fb_session_cache *sessions,
                           uint32_t session,
                           fb_prefix_use use,
                           uint8_t family,
                           fb_time now);

/** Takes all of this use away. */
void fb_session_release_prefixes(fb_session_cache *sessions,
                                 uint32_t session,
                                 fb_prefix_use use,
                                 fb_time now);

/* Flows: session_cache_flows.c. */

/** The flow with this FID; NULL. */
const fb_flow_binding *fb_flow_list_find(const fb_flow_list *list, uint16_t fid);

/** Its flows. They stay where they are until the next call about flows. */
static inline const fb_flow_list *
fb_session_flows(const fb_session_cache *sessions, uint32_t session)
{
    return fb_flow_sets_list(&sessions->flows, sessions->session[session].flows);
}

/** Whether it can have these. */
bool fb_session_flows_fit(const fb_session_cache *sessions,
                          uint32_t session,
                          const fb_flow_list *list);

/** It has these flows now. False, and nothing has changed: they find no room. Without any it has none. */
bool fb_session_set_flows(fb_session_cache *sessions, uint32_t session, const fb_flow_list *list);

/** It has no flows any more; tells the host if it had any. */
void fb_session_forget_flows(fb_session_cache *sessions, uint32_t session, fb_time now);

/** The flows were changed: tells the host. */
void fb_session_flows_changed(fb_session_cache *sessions, uint32_t session, fb_time now);

/**
 * An update of the mobile node with this identifier said once more what is agreed of the flows: the host is told, as if
 * that were a change.
 */
void fb_session_flows_reaffirmed(fb_session_cache *sessions,
                                 uint32_t session,
                                 fb_octets identifier,
                                 fb_time now);

#endif
