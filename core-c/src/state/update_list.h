/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STATE_UPDATE_LIST_H
#define FB_STATE_UPDATE_LIST_H

/**
 * @file
 * A gateway's binding update list (RFC 5213 6.1): its mobility sessions and, for each session and WAN link, one entry
 * with the binding and the update it has outstanding (RFC 8278 4.1: a binding for each BID). Only
 * fb_update_list_set_state() writes the state of an entry, only fb_update_list_set_prefixes() the prefixes of a
 * session.
 */

#include "base/arena.h"
#include "base/chains.h"
#include "base/heap.h"
#include "base/index.h"
#include "base/prefix.h"
#include "flowbind/agent.h"
#include "state/events.h"

/** No session. */
#define FB_UPDATE_LIST_NONE UINT32_MAX

/** Prefixes a session can have: home network, delegated, and its IPv4 home address as one of 32 bits. */
#define FB_UPDATE_LIST_PREFIXES (2 * FB_NETWORKS_MAX + 1)

/** Most sessions: their prefixes are numbered. */
#define FB_UPDATE_LIST_MAX (FB_PREFIX_SET_MAX / FB_UPDATE_LIST_PREFIXES)

/** What a binding update is for. */
typedef enum fb_update_kind
{
    FB_UPDATE_NONE,
    FB_UPDATE_REGISTER, /**< the binding is not (or no longer) known to be there */
    FB_UPDATE_REFRESH, /**< it is: another lifetime, other flows (RFC 5213 6.9.1.3) */
    FB_UPDATE_DEREGISTER, /**< Lifetime 0 for this BID, until it is acknowledged (C8-03) */
    FB_UPDATE_DEREGISTER_ALL /**< Lifetime 0 for the session, B = 1 (RFC 5213 6.9.1.4) */
} fb_update_kind;

/** An update from when it is wanted until it is answered or given up. */
typedef struct fb_update
{
    uint8_t kind; /**< fb_update_kind */
    bool bulk; /**< B: the lifetime of all acknowledged bindings (C8-09) */
    bool probe; /**< with RFC 8278 although the anchor seemed not to know it (D8-18) */
    bool waiting; /**< sent, and `send_at` not reached */
    uint8_t tries; /**< sendings since the last answer */
    uint8_t repairs; /**< refusals another update was the answer to */
    uint32_t order; /**< of the session's queue */
    fb_time backoff; /**< wait after the next sending */
    fb_time send_at; /**< when to send, first or again; FB_TIME_NEVER without an update */

    /* The last sending. */
    bool sent_multipath; /**< with options 63 and 64 */
    bool sent_overwrite; /**< O */
    bool sent_delegation; /**< with a Delegated Mobile Network Prefix option */
    bool sent_gre; /**< with a GRE Key option */
    bool sent_force; /**< F (RFC 5844 4.1.3) */
    uint8_t sent_handoff;
    uint16_t sent_sequence;
    uint32_t sent_lifetime_s;
    fb_time sent_at; /**< the lifetime counts from here */
    fb_addr sent_from; /**< source address: the acknowledgement has to come here */
    fb_addr sent_care_of; /**< proxy care-of address it is about */
    uint16_t sent_flows; /**< bit n: flow n stood in a Flow Identification option (RFC 6089) */
    uint32_t sent_flows_version;
} fb_update;

/** Whether it asks for Lifetime 0. */
static inline bool
fb_update_removes(const fb_update *update)
{
    return update->kind == FB_UPDATE_DEREGISTER || update->kind == FB_UPDATE_DEREGISTER_ALL;
}

/** One session over one WAN link. */
typedef struct fb_update_entry
{
    fb_ref ref; /**< the host's numbers, and the BID */
    uint8_t state; /**< fb_binding_state */
    bool plain; /**< bound without RFC 8278 */
    bool administrative; /**< nothing is sent until an administrator acts (C8-06) */
    bool clock; /**< nothing is sent until the clock was set (RFC 5213 6.9.1.2-9) */
    uint16_t retry_s; /**< next wait after a refusal */
    fb_addr care_of; /**< registered, or asked for */
    uint32_t lifetime_s; /**< granted; UINT32_MAX: no end */
    fb_time expires;
    fb_time refresh_at;
    fb_time blocked_until;
    fb_time held_until; /**< until then the anchor may have the binding, whatever the state here */
    fb_time accepted_at; /**< when an update of its own was acknowledged last */
    fb_time asked_at; /**< when that was sent */
    fb_time probed_at; /**< when it was last the one to register alone */
    /** wait after a sending when its turn comes again, since nothing came back the last time; 0: it has not been */
    fb_time silent_wait;
    fb_update update;

    /* The tunnel, as the last acknowledgement left it. */
    uint8_t tunnel; /**< FB_TUNNEL_* */
    bool udp; /**< data in UDP (RFC 5844 4.1.3) */
    bool has_key; /**< RFC 5845 */
    bool refused_force; /**< F: the anchor does not allow it (RFC 5844 4.1.3) */
    bool required_gre; /**< ... insists on it (status 163) */
    uint32_t key_up, key_down; /**< toward the anchor, toward us; 0: none chosen yet */
    uint16_t told; /**< version of what the anchor knows of the path (fb_path_telling) */
} fb_update_entry;

/** Whether packets can use its tunnel. */
static inline bool
fb_update_entry_up(const fb_update_entry *entry)
{
    return entry->state == FB_BINDING_UP || entry->state == FB_BINDING_UP_PENDING;
}

/** Whether the anchor may have the binding. */
static inline bool
fb_update_entry_held(const fb_update_entry *entry, fb_time now)
{
    return fb_update_entry_up(entry) || entry->held_until > now;
}

/** What a session is assigned. */
typedef struct fb_assignment
{
    fb_networks home, delegated;
    fb_ipv4 home_address;
    uint16_t mtu;
} fb_assignment;

/** When it has to ask for itself at the latest, whatever others asked for it: within a lifetime (C8-09). */
static inline fb_time
fb_update_entry_own_turn(const fb_update_entry *entry)
{
    return entry->asked_at + entry->lifetime_s * (FB_SECOND / 20 * 19);
}

typedef struct fb_update_session
{
    fb_session profile; /**< as the host gave it; `session` 0: the place is free */
    bool detaching; /**< removed by the host; goes when that is acknowledged or given up */
    bool established; /**< told to the host: a binding is up */
    bool multipath; /**< RFC 8278 is used for this mobile node (R8278-4.4-07, -10) */
    /** the anchor lost it: prefixes stay until it has said what becomes of them */
    bool recovering;
    bool registered; /**< was accepted once: updates are re-registrations */
    bool overwrite_due; /**< the first update after our own reboot (C8-10) */
    bool home_refused, ipv4_refused, delegation_refused; /**< goes on without (172, 170, 177) */
    bool gre_refused; /**< not needed for this session, says the anchor (RFC 5845 4.2) */
    fb_assignment asked; /**< what updates ask for by name */
    fb_networks home, delegated; /**< in use */
    fb_ipv4 home_address; /**< 0: none */
    uint8_t link_local[16]; /**< RFC 5213 6.9.1.2-15; 0: none */
    uint16_t sequence; /**< of the last update, over all paths (D8-16) */
    uint64_t timestamp; /**< of the last update */
    uint16_t mtu; /**< told with the prefixes */
    uint16_t indexed; /**< bit n: prefix n is in the set */
    uint32_t order; /**< counts updates that were wanted */
    uint32_t generation; /**< moves with everything steering depends on */
    fb_time multipath_retry_at; /**< asks once more with RFC 8278 (C8-13) */

    /* RFC 6089: of the gateway's flows, bit n is flow n. */
    bool flows_unsupported; /**< the anchor does not know them (B6089-06) */
    bool flows_held; /**< it has some, of whatever version of the policy */
    fb_time flows_retry_at; /**< what was refused is told again after that */
    uint16_t flows_installed, flows_refused;
    /** of those refused: a BID was not known, which another registration changes */
    uint16_t flows_unbound;
    uint32_t flows_version;
} fb_update_session;

typedef struct fb_update_list
{
    fb_update_session *session;
    fb_update_entry *entry; /**< `links` of them for each session */
    uint32_t capacity;
    uint16_t links;
    uint32_t count; /**< sessions */
    fb_pool places; /* that are free */
    fb_index by_number; /* the host's number -> place */
    fb_chains by_identity; /* hash -> places */
    fb_prefix_set prefixes; /* member: place * FB_UPDATE_LIST_PREFIXES + prefix */
    uint32_t overlapping; /**< prefixes that are not in the set, since they overlap one there */
    fb_heap timers; /**< by session: when time acts on it */
    fb_heap senders; /**< by session: when it may send */
    fb_events *events;
} fb_update_list;

void fb_update_list_init(fb_update_list *list,
                         fb_arena *arena,
                         uint32_t sessions,
                         uint16_t links,
                         fb_events *events);

/** The place of the host's session @p number; FB_UPDATE_LIST_NONE. */
uint32_t fb_update_list_find(const fb_update_list *list, uint32_t number);

/** A fresh session; FB_UPDATE_LIST_NONE when all places are taken. The number is not in the list yet. */
uint32_t fb_update_list_add(fb_update_list *list, const fb_session *profile);

/** Forgets a session, whose entries are down and which has no prefixes. */
void fb_update_list_remove(fb_update_list *list, uint32_t session);

static inline fb_update_session *
fb_update_list_at(const fb_update_list *list, uint32_t session)
{
    return &list->session[session];
}

static inline bool
fb_update_list_used(const fb_update_list *list, uint32_t session)
{
    return list->session[session].profile.session != 0;
}

/** The entry of @p session over link @p link, counted from 0. */
static inline fb_update_entry *
fb_update_list_entry(const fb_update_list *list, uint32_t session, uint16_t link)
{
    return &list->entry[(size_t)session * list->links + link];
}

/** The first session of the mobile node called so, and the next one; FB_UPDATE_LIST_NONE. */
uint32_t fb_update_list_identity(const fb_update_list *list, const uint8_t *text, size_t length);
uint32_t fb_update_list_same_identity(const fb_update_list *list, uint32_t session);

/** Puts an update into the session's queue, in place of the one the entry had. */
void fb_update_list_enqueue(fb_update_list *list,
                            uint32_t session,
                            fb_update_entry *entry,
                            fb_update_kind kind,
                            fb_time backoff,
                            fb_time now);

void fb_update_list_drop_update(fb_update_entry *entry);

/**
 * Changes the state of an entry and raises the event; does nothing when the state is that already. Leaving UP and
 * UP_PENDING stops the timers of the binding.
 */
void fb_update_list_set_state(fb_update_list *list,
                              uint32_t session,
                              fb_update_entry *entry,
                              fb_binding_state next,
                              fb_cause cause,
                              fb_time now);

/**
 * The session has these prefixes from now on; what came, went, or has another MTU is told. Prefixes that overlap
 * another session's are told too, but no packet finds this session by them until the other one has lost its own.
 */
void fb_update_list_set_prefixes(fb_update_list *list,
                                 uint32_t session,
                                 const fb_assignment *assignment,
                                 fb_time now);

/** The session the address @p octets is of; FB_UPDATE_LIST_NONE. */
uint32_t fb_update_list_lookup(const fb_update_list *list, uint8_t family, const uint8_t *octets);

#endif
