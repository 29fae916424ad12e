/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_LMA_MODEL_H
#define FB_TEST_LMA_MODEL_H

/**
 * @file
 * What a local mobility anchor has to know and to answer, written down once more and as simply as possible: no wire
 * format, no memory layout, no timers. It is told what an update means; test_lma_histories.c compares it with the
 * library. Of what the anchor may choose (a prefix out of its pool, the number of a session) the model only says what
 * it may be, and is told what it was.
 */

#include "flowbind/agent.h"

#define MODEL_NODES 4 /* the last one is nobody's subscriber */
#define MODEL_STRANGER (MODEL_NODES - 1)
#define MODEL_GATEWAYS 3 /* A and B are known, the last one is not */
#define MODEL_CARE_OFS 6 /* three of A, three of B */
#define MODEL_SESSIONS 6
#define MODEL_BINDINGS 8
#define MODEL_PREFIXES 2
#define MODEL_OPTIONS 3 /* flows in one update */
#define MODEL_FLOWS 6

/** A prefix: of the pool with its number, a node's by name, or nobody's. */
enum
{
    PREFIX_ZERO = 0, /* ALL_ZERO; where a session has it: one of the pool, not yet told which */
    PREFIX_POOL = 0x100,
    PREFIX_NAMED = 0x200, /* with its number; these are node 1's */
    PREFIX_STRANGE = 0x300
};

typedef enum lma_model_use
{
    USE_HOME,
    USE_DELEGATED,
    USES
} lma_model_use;

/** What is wrong with an update, beside what its fields say. */
enum
{
    FAULT_NO_NODE = 1 << 0, /* options that have to be there and are not */
    FAULT_NO_PREFIX = 1 << 1,
    FAULT_NO_HANDOFF = 1 << 2,
    FAULT_NO_TECHNOLOGY = 1 << 3,
    FAULT_TWO_HANDOFFS = 1 << 4,
    FAULT_TWO_TIMESTAMPS = 1 << 5,
    FAULT_TWO_MULTIPATHS = 1 << 6,
    FAULT_TWO_GATEWAYS = 1 << 7,
    FAULT_MULTIPATH_SHORT = 1 << 8, /* Length 5 */
    FAULT_MULTIPATH_LONG = 1 << 9, /* Length 7 */
    FAULT_EMPTY_GATEWAY = 1 << 10, /* option 64 of Length 2 */
    FAULT_PREFIX_LENGTH = 1 << 11, /* option 22 of Length 17, instead of the first one */
    FAULT_NOT_PROXY = 1 << 12, /* P = 0 */
    FAULT_TYPE = 1 << 13, /* MH Type 200 */
    FAULT_PAYLOAD_PROTO = 1 << 14,
    FAULT_CUT = 1 << 15, /* eight octets are missing */
    FAULT_CHECKSUM = 1 << 16,
    FAULT_OVERRUN = 1 << 17, /* the last option goes beyond the message */
    FAULTS = 18
};

/** What is wrong with a Flow Identification option. */
typedef enum lma_model_flow_fault
{
    FLOW_WHOLE,
    FLOW_NO_SELECTOR,
    FLOW_NO_REFERENCE,
    FLOW_FORMAT, /* TS Format 3 */
    FLOW_SELECTOR_LENGTH, /* an octet more than its flags say */
    FLOW_SUBOPTION, /* that goes beyond the option */
    FLOW_FAULTS
} lma_model_flow_fault;

typedef struct lma_model_flow
{
    uint16_t fid, priority;
    unsigned bids;
    uint16_t bid[3];
    uint16_t port; /* the whole selector: from this port */
    lma_model_flow_fault fault; /* of an option */
} lma_model_flow;

typedef struct lma_model_update
{
    unsigned faults;
    unsigned node;
    unsigned gateway; /* MODEL_GATEWAYS: option 64 is not there */
    uint32_t association; /* it came in by */
    unsigned source, alternate; /* care-of addresses; alternate MODEL_CARE_OFS: none */
    bool acknowledge; /* A */
    uint16_t sequence, lifetime; /* in units of 4 s */
    bool timed;
    uint64_t timestamp;
    bool multipath, bulk, overwrite;
    uint8_t technology, label, bid; /* of option 63 */
    uint8_t handoff, access; /* Handoff Indicator, Access Technology Type */
    unsigned link_layer; /* 0: none, 1: one of all zeros, then identifiers */
    unsigned link_local; /* 0: none, 1: ALL_ZERO, then addresses */
    unsigned prefixes[USES];
    uint32_t prefix[USES][MODEL_PREFIXES];
    unsigned flows, summaries;
    lma_model_flow flow[MODEL_OPTIONS];
    uint16_t summary[MODEL_OPTIONS];
} lma_model_update;

typedef struct lma_model_binding
{
    uint8_t bid; /* 0: registered without RFC 8278 */
    uint8_t technology, label;
    unsigned care_of;
    uint32_t lifetime_s;
    fb_time expires;
    uint64_t timestamp;
} lma_model_binding;

typedef struct lma_model_session
{
    bool there;
    uint32_t number; /* what the library calls it; 0: not yet told */
    uint64_t age; /* younger ones have more */
    unsigned node, gateway; /* from MODEL_GATEWAYS on: one known by that care-of address */
    uint32_t association;
    bool multipath, grace;
    uint8_t access, handoff;
    unsigned link_layer; /* 0: not known */
    unsigned link_local;
    unsigned prefixes[USES];
    uint32_t prefix[USES][MODEL_PREFIXES];
    uint64_t latest, floor; /* timestamps: the greatest, and what no binding may go below */
    bool sequenced;
    uint16_t sequence;
    unsigned bindings, flows;
    lma_model_binding binding[MODEL_BINDINGS];
    lma_model_flow flow[MODEL_FLOWS]; /* by FID-PRI */
} lma_model_session;

typedef struct lma_model_node
{
    bool known, service, multipath, delegation;
    uint64_t floor; /* timestamps of sessions that ended */
    bool waits; /* an update waits for the end of an earlier attachment */
    fb_time since;
} lma_model_node;

/** How an anchor knows which gateway sends. */
typedef enum lma_model_trust
{
    TRUST_NAME, /* by what it says: option 64 */
    TRUST_ADDRESS, /* its proxy care-of addresses are its own */
    TRUST_ASSOCIATION, /* 1 is A's, 2 is B's */
    TRUSTS
} lma_model_trust;

typedef struct model
{
    const fb_config *config;
    lma_model_trust trust;
    unsigned pool; /* prefixes of each */
    uint64_t births;
    lma_model_node node[MODEL_NODES];
    lma_model_session session[MODEL_SESSIONS];
    unsigned owner[MODEL_CARE_OFS]; /* which gateway registered it last */
} model;

#define MODEL_SILENCE (-1)

typedef struct lma_model_answer
{
    int status; /* or MODEL_SILENCE */
    uint16_t lifetime, sequence;
    int session; /* that the accepted update is about; -1 */
    uint64_t timestamp; /* of an update that has one */
    unsigned flows; /* FID and Status of each option 45 */
    uint16_t fid[2 * MODEL_OPTIONS];
    uint8_t flow_status[2 * MODEL_OPTIONS];
} lma_model_answer;

/** What the anchor does with @p update at @p now, when its clock shows @p timestamp (RFC 5213 8.8). */
lma_model_answer lma_model_input(model *m,
                                 const lma_model_update *update,
                                 uint64_t timestamp,
                                 fb_time now);

/** Lets time act. */
void lma_model_expire(model *m, fb_time now);

/** The anchor serves the node no more: its sessions end, and what is remembered of it. */
void lma_model_remove(model *m, unsigned node);

/** The prefix the anchor chose for a session. False: it had no such choice. */
bool lma_model_learn(model *m, lma_model_session *session, lma_model_use use, uint32_t prefix);

#endif
