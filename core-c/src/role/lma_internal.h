/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_ROLE_LMA_INTERNAL_H
#define FB_ROLE_LMA_INTERNAL_H

/**
 * @file
 * What the files of the anchor's role share with each other, and with nobody else.
 *
 * lma_gate.c: every check of an update, in the order of RFC 5213 5.3.1. lma_lookup.c: which session it is about
 * (5.4.1). lma_allocation.c: prefixes. lma_update.c: what an accepted one does. lma_flows.c: RFC 6089. lma_reply.c: the
 * answer (5.3.6). lma_repeat.c: most updates, which say nothing new. lma_heartbeat.c: RFC 5847. lma_data.c: data
 * packets. lma_view.c: looking at it.
 */

#include "role/lma.h"

/** Status of a flow (RFC 6089 4.2). */
enum
{
    FB_FLOW_ACCEPTED = 0,
    FB_FLOW_PROHIBITED = 128,
    FB_FLOW_REASON_UNSPECIFIED = 129,
    FB_FLOW_MALFORMED = 130,
    FB_FLOW_BID_NOT_FOUND = 131,
    FB_FLOW_FID_NOT_FOUND = 132,
    FB_FLOW_SELECTOR_UNSUPPORTED = 133
};

/** Status of an IPv4 home address (RFC 5844 3.3.2). */
enum
{
    FB_IPV4_HOME_ACCEPTED = 0,
    FB_IPV4_HOME_UNSPECIFIED = 128,
    FB_IPV4_HOME_PROHIBITED = 129
};

/** An update on its way through the gate. */
typedef struct fb_lma_gate
{
    const fb_meta *meta;
    const fb_mh_message *message;
    const fb_mobility_options *options;
    int wrong; /**< about its options, found when they were read */
    const fb_addr *source; /**< of the packet */
    /** proxy care-of address: the source, or the Alternate Care-of Address (RFC 5213 5.3.1-13) */
    fb_addr care_of;
    uint16_t port; /**< that tells gateways behind a NAT apart; 0: none is looked at */
    bool over_ipv4; /**< in UDP (RFC 5844 4) */
    bool multipath; /**< option 63 is there, and known */
    bool deregisters;
    bool identified; /**< option 64 is there, and known */
    fb_octets link_layer; /**< of length 0: none, which all zeros are, too (RFC 5213 8.6) */
    uint8_t bid; /**< FB_BID_PLAIN without option 63 */

    /** whose prefix the update names first, FB_SESSION_NONE: what it most likely is about, nothing more. What that
        session has is compared with the update before anything is looked up */
    uint32_t likely;
    const fb_binding *likely_binding; /**< its one with the update's BID; NULL */
    uint32_t gateway; /**< FB_GATEWAY_NONE: one that is not known yet */
    uint32_t node; /**< FB_NODE_NONE: one that is not known yet */
    uint8_t rights; /**< what the mobile node may: FB_PROXY_* */
    uint32_t number; /**< of the proxy care-of address; FB_CARE_OF_NONE: no binding has it */
    /** the number it will have as the end of the tunnel, by check_room(); FB_CARE_OF_NONE: a new one */
    uint32_t end;
    uint32_t session; /**< FB_SESSION_NONE: a new one, or none */

    /* What the session has, which the gate looks up once (fb_lma_see_session). Nothing changes until it has passed. */
    const fb_binding *own; /**< the binding with its BID; NULL */
    const fb_binding *held; /**< the binding of its proxy care-of address; NULL */
    bool same_gateway; /**< the session is registered through the gateway that speaks */
    /** own and held are one, and nothing has to go before it is bound again */
    bool refreshes;
    /** it says what the binding's last update said, and nothing of the session has changed since: lma_repeat.c */
    bool repeats;
    /** the gateway decides where flows go, and the session has one that the update does not name */
    bool leaves_flow_out;
    int found; /**< why no session could be found; 0 */
    uint64_t timestamp_floor; /**< the update's is greater */
    uint8_t scope; /**< the BID whose timestamps it is compared with, or FB_BID_ALL */

    /* The tunnel it gets. */
    bool udp, gre, keys;
    uint8_t status; /**< of the acknowledgement: 0, or 2 and 3 of RFC 5845 */

    /* What is done about prefixes. */
    /** it names the home network prefixes of its session, all and no others: nothing changes */
    bool keeps_home;
    /** what the session had and the update does not name is taken away: bit n is fb_prefix_use n */
    uint8_t withdraws;
    bool delegates; /**< delegated prefixes are asked for, and known */
    uint8_t ipv4_status; /**< in the IPv4 Home Address Reply */

    bool flows; /**< RFC 6089 is spoken */
    uint8_t flow_status[FB_MESSAGE_FLOWS_MAX];
} fb_lma_gate;

static inline bool
fb_gate_has(const fb_lma_gate *gate, unsigned option)
{
    return fb_option_present(gate->options, option);
}

/** Every check of an update, in order; 0 or the reason of the first that failed. Nothing has changed. */
int fb_lma_run_gate(const fb_lma *lma, fb_lma_gate *gate, fb_time now);

/** RFC 5213 5.5 with timestamps: 0 or a reason. Fills in gate->scope. */
int fb_lma_check_timestamp(const fb_lma *lma, fb_lma_gate *gate, fb_time now);

/* Which session: lma_lookup.c. */

/** Fills in gate->session and gate->found. */
void fb_lma_find_session(const fb_lma *lma, fb_lma_gate *gate, fb_time now);

/** The update waits for the end of an earlier attachment (RFC 5213 5.4.1.2-4): from now on, if none did before. */
void fb_lma_note_waiting(fb_lma *lma, const fb_lma_gate *gate, fb_time now);

/** Whether @p gate comes from the gateway the session is registered through (C8-12). */
bool fb_lma_same_gateway(const fb_lma *lma, const fb_lma_gate *gate, uint32_t session);

/** What its session has, once that is found. */
void fb_lma_see_session(const fb_lma *lma, fb_lma_gate *gate);

/* Prefixes: lma_allocation.c. */

/** Which prefixes the session loses by not being asked for. */
void fb_lma_see_withdrawals(const fb_lma *lma, fb_lma_gate *gate);

/** Whether the update asks for a change of the prefixes of its session. */
bool fb_lma_changes_prefixes(const fb_lma *lma, const fb_lma_gate *gate);

/** RFC 5213 5.3.2, RFC 5844 3.1.2.2, RFC 7148 5.2.2: may it have what it asks for? 0 or a reason. */
int fb_lma_check_prefixes(const fb_lma *lma, fb_lma_gate *gate);

/** Gives the session of an accepted update its prefixes. */
void fb_lma_assign_prefixes(fb_lma *lma, const fb_lma_gate *gate, fb_time now);

/** Whether one of the @p count prefixes has a value, and whether one has none (ALL_ZERO). */
bool fb_lma_names_prefix(const fb_prefix *prefix, size_t count);
bool fb_lma_asks_for_any(const fb_prefix *prefix, size_t count);

/* Updates that say the same once more: lma_repeat.c. */

/** Octets that are copied at once of a mobile node's identifier: so many follow in updates that can be known again. */
#define FB_NAME_FRONT 32

void fb_lma_init_layouts(fb_lma *lma, fb_arena *arena);

/** To be called when @p gate was answered: its session's fingerprint was @p fingerprint before that was begun. */
void fb_lma_remember(fb_lma *lma, const fb_lma_gate *gate, uint64_t fingerprint);

/* What an accepted update does: lma_update.c. */

/** Tells the host of it. */
void fb_lma_tell_update(fb_lma *lma, const fb_lma_gate *gate, fb_time now);

/** The lifetime it gets. */
uint16_t fb_lma_granted_s(const fb_lma *lma, const fb_lma_gate *gate);

/** Renews the binding gate->own as it is. */
void fb_lma_renew(fb_lma *lma, const fb_lma_gate *gate, fb_time now);

/** Registers. Returns the lifetime granted, in units of 4 s. */
uint16_t fb_lma_register(fb_lma *lma, fb_lma_gate *gate, fb_time now);

/** De-registers. */
void fb_lma_deregister(fb_lma *lma, fb_lma_gate *gate, fb_time now);

/* Flows: lma_flows.c. */

/** Whether the anchor has heard of flows: who knows RFC 5213 only skips RFC 6089's options, too. */
static inline bool
fb_lma_knows_flows(const fb_lma *lma)
{
    return lma->config.flow_policy && !lma->config.legacy;
}

/** Whether the gateway decides where flows go (B7864-03). */
static inline bool
fb_lma_takes_flows(const fb_lma *lma)
{
    return fb_lma_knows_flows(lma) && lma->config.flow_decision == FB_FLOW_DECISION_GATEWAY;
}

/** Whether the session has a flow that the update does not name. */
bool fb_lma_leaves_flow_out(const fb_lma *lma,
                            uint32_t session,
                            const fb_mobility_options *options);

/** What is agreed of a flow, decoded: where its packets go. */
void fb_lma_flow_rule(const fb_flow_terms *terms, fb_rule *rule);

/** Acts on the flow options of an accepted update, after its binding (D8-24). */
void fb_lma_take_flows(fb_lma *lma, fb_lma_gate *gate, fb_time now);

/* The answer: lma_reply.c. */

/** Composes the acknowledgement. @p lifetime in units of 4 s. */
void fb_lma_acknowledge(fb_lma *lma,
                        const fb_lma_gate *gate,
                        uint8_t status,
                        uint16_t lifetime,
                        fb_time now);

/** What the host is told when the answer leaves, which accepts the update. @p lifetime in units of 4 s. */
void fb_lma_note_sent(fb_lma *lma, const fb_lma_gate *gate, uint16_t lifetime, fb_time now);

/** The answer's addresses and ports: back to where @p meta came from. */
fb_meta fb_lma_meta_back(const fb_meta *meta);

/** RFC 5845 3.1: the key of a binding's packets toward the anchor, the same for the life of the session. */
uint32_t fb_lma_key_up(uint32_t session, uint8_t bid);

/* Heartbeats: lma_heartbeat.c. */

/** The gateway that registered from a proxy care-of address last; FB_GATEWAY_NONE: it is forgotten, others use it. */
static inline uint32_t
fb_lma_owner(const fb_lma *lma, uint32_t care_of)
{
    uint32_t gateway = lma->sessions.care_of.item[care_of].gateway;

    return lma->sessions.gateways.item[gateway].life == lma->sessions.care_of.life[care_of]
               ? gateway
               : FB_GATEWAY_NONE;
}

int fb_lma_hear_heartbeat(fb_lma *lma,
                          const fb_meta *meta,
                          const fb_mh_message *message,
                          fb_time now);

int fb_lma_hear_error(fb_lma *lma, const fb_meta *meta, const fb_mh_message *message, fb_time now);

/** The next request to be sent: its length, 0 for none, FB_ERR_LIMIT. */
ptrdiff_t fb_lma_ask(fb_lma *lma, fb_meta *meta, uint8_t *buffer, size_t capacity, fb_time now);

/** A message was discarded, silently: counts it and tells the host. Returns @p reason. */
int fb_lma_drop(fb_lma *lma,
                const fb_meta *meta,
                const fb_mh_message *message,
                int reason,
                fb_time now);

#endif
