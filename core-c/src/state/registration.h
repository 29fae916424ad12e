/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STATE_REGISTRATION_H
#define FB_STATE_REGISTRATION_H

/**
 * @file
 * A mobile node's list of registrations, one for each of its links (RFC 5944 3.6, RFC 7629 5.1), and the request each
 * of them has outstanding. fb_registration_set_state() is the only writer of a registration's state.
 */

#include "base/arena.h"
#include "flowbind/agent.h"
#include "state/agent_heard.h"
#include "state/events.h"
#include "state/path_probe.h"
#include "state/path_quality.h"

/** What a request is for. */
typedef enum fb_request_kind
{
    FB_REQUEST_NONE,
    FB_REQUEST_REGISTER, /**< the binding is not (or no longer) known to be there */
    FB_REQUEST_REFRESH, /**< it is; a new lifetime or policy */
    FB_REQUEST_DEREGISTER, /**< Lifetime 0 for this BID */
    FB_REQUEST_DEREGISTER_ALL, /**< Lifetime 0, B = 1, care-of address = home address */
    /** Lifetime 0 for this BID, which is not registered, over its own silent path: the answer shows that it is back */
    FB_REQUEST_WATCH
} fb_request_kind;

/** 256 BIDs as a set. */
typedef struct fb_bid_set
{
    uint64_t word[4];
} fb_bid_set;

static inline void
fb_bid_set_add(fb_bid_set *set, uint8_t bid)
{
    set->word[bid >> 6] |= UINT64_C(1) << (bid & 63);
}

static inline bool
fb_bid_set_has(const fb_bid_set *set, uint8_t bid)
{
    return (set->word[bid >> 6] >> (bid & 63) & 1) != 0;
}

/** Whether every member of @p subset is in @p set. */
bool fb_bid_set_contains(const fb_bid_set *set, const fb_bid_set *subset);

/** A request from when it is wanted until it is answered or given up. */
typedef struct fb_request
{
    uint8_t kind; /**< fb_request_kind */
    bool bulk; /**< B */
    bool overwrite; /**< O */
    bool without_policy; /**< not even if it were due (D-31) */
    bool with_policy; /**< even if the home agent should have it */
    bool plain; /**< without 154, to find out whether the peer is alive at all (D-01) */
    bool confirm; /**< with 154, although the peer seems not to know it (C-04) */
    bool waiting; /**< sent, and `send_at` not reached */
    uint8_t tries; /**< sendings since the last answer */
    uint8_t retries; /**< answers with code 133 or 136 so far */
    uint32_t sequence; /**< order of the queue */
    fb_time backoff; /**< wait after the next sending */
    fb_time send_at; /**< when to send, first or again; FB_TIME_NEVER without a request */

    /* The last sending. */
    bool sent_multipath;
    bool sent_policy;
    bool sent_networks; /**< named IPv4 networks (RFC 5177) */
    uint16_t sent_lifetime_s;
    uint32_t sent_policy_version;
    fb_bid_set sent_policy_bids; /**< named in its Flow-Bindings */
    uint64_t sent_identification;
    uint64_t sent_content; /**< a hash of it, with nonces: to know a repetition (RFC 5944 3.6.3) */
    bool repeated; /**< it was the message before once more */
    /** the lifetime counts from here (RFC 5944 3.6.2.2); of a message sent several times the first */
    fb_time sent_at;
    bool sent_reverse; /**< with T (RFC 3024) */
    bool sent_delivery; /**< with the Encapsulating Delivery Style Extension */
    fb_ipv4 sent_relay; /**< care-of address of the foreign agent it was sent to; 0: none */
} fb_request;

/** Whether it asks for Lifetime 0. */
static inline bool
fb_request_removes(const fb_request *request)
{
    return request->kind == FB_REQUEST_DEREGISTER || request->kind == FB_REQUEST_DEREGISTER_ALL ||
           request->kind == FB_REQUEST_WATCH;
}

typedef struct fb_registration
{
    fb_link link; /**< as the host last described it */
    bool known; /**< the slot is in use */
    bool link_up;
    bool wanted; /**< by the administrator */
    uint8_t state; /**< fb_binding_state */
    uint16_t lifetime_s; /**< granted */
    uint16_t retry_s; /**< next wait after a denial */
    fb_ipv4 care_of_address; /**< registered, or in the outstanding request */
    fb_time expires;
    fb_time refresh_at;
    fb_time
        held_until; /**< until then the home agent may have the binding, whatever the state here */
    fb_time confirmed_at; /**< when the last request of its own that was accepted was sent */
    fb_time blocked_until;
    fb_time not_before; /**< when the next registration may be sent, unless an answer asks for it */
    fb_request request;

    /* The tunnel as the last accepted reply left it. */
    uint8_t tunnel; /**< FB_TUNNEL_* */
    bool reverse; /**< reverse tunnelled (T, RFC 3024) */
    bool udp; /**< through UDP, from our port to the home agent's (RFC 3519) */
    uint16_t keepalive_s; /**< of a UDP tunnel */

    /** the foreign agent whose care-of address is used; 0: co-located, the tunnel ends here */
    fb_ipv4 agent;
    uint8_t agent_link_addr[8]; /**< its address on the link, once heard */
    uint8_t agent_link_addr_len;
    /** packets are to be encapsulated to the agent (RFC 3024 5.2); false: sent as they are (5.1) */
    bool delivery;
    /** care-of address of the foreign agent that relays for it, whoever's the care-of address is; 0: none does */
    fb_ipv4 relay;
    fb_agents_heard agents; /**< heard on the link */

    /** FB_REFUSED_*: what its requests ask for no longer, or otherwise than link and configuration say */
    uint8_t refused;

    /* Keepalives of a UDP tunnel (RFC 3519 4.9). */
    fb_time traffic_at; /**< when something was last sent by this path */
    fb_time keepalive_at; /**< when the next one is due, or the wait for an answer over */
    uint16_t keepalive_sequence; /**< of the last one */
    uint8_t keepalive_tries; /**< sent since the last answer */
    uint8_t keepalive_losses; /**< how often none was answered since the care-of address was new */
    bool keepalive_due; /**< waits to be composed */

    fb_path_probe probe; /**< whether it is silent */
    fb_path_quality quality;
    fb_path_telling telling; /**< the home agent of it (RFC 3115) */
    uint16_t told; /**< `telling.version` at the last request that told of it */
} fb_registration;

/** What a peer's denials changed about the requests of a path; each at most once. */
enum
{
    FB_REFUSED_ENCAPSULATION = 1, /**< G, M: IP in IP instead */
    FB_REFUSED_UDP_ENCAPSULATION = 2, /**< inside UDP: IP in IP instead */
    FB_REFUSED_UDP_FORCE = 4, /**< F: only if there is a NAT */
    FB_REFUSED_REVERSE = 8 /**< T: the other way round */
};

typedef struct fb_registration_list
{
    fb_registration *item;
    uint16_t capacity;
    fb_events *events;
    fb_ipv4 home_address;
} fb_registration_list;

void fb_registrations_init(fb_registration_list *list,
                           fb_arena *arena,
                           uint16_t capacity,
                           fb_ipv4 home_address,
                           fb_events *events);

/** The registration of the host's link number; NULL. */
fb_registration *fb_registration_find(fb_registration_list *list, uint32_t link);

/** A fresh one; NULL when all are taken. */
fb_registration *fb_registration_add(fb_registration_list *list, const fb_link *link);

/** Whether its path does not answer although the link is up. */
static inline bool
fb_registration_silent(const fb_registration *registration)
{
    return fb_path_probe_silent(&registration->probe);
}

/** Whether packets can use its tunnel. */
static inline bool
fb_registration_up(const fb_registration *registration)
{
    return registration->state == FB_BINDING_UP || registration->state == FB_BINDING_UP_PENDING;
}

/**
 * Changes the state and raises the event; does nothing when the state is that already. Leaving UP and UP_PENDING
 * stops the timers of the binding, so that no later event can act on what is gone.
 */
void fb_registration_set_state(fb_registration_list *list,
                               fb_registration *registration,
                               fb_binding_state next,
                               fb_cause cause,
                               fb_time now);

#endif
