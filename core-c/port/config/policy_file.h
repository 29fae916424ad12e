/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_CONFIG_POLICY_FILE_H
#define FLOWBIND_CONFIG_POLICY_FILE_H

/**
 * @file
 * Policy files: which flow uses which paths, in which order. Written once, the same for a simulation and a device;
 * every key is explained in doc/scenario-reference.md.
 *
 *     fbc_report report = {0};
 *     fbc_policy *policy = fbc_policy_read("policy.yaml", &report);
 *     if (policy == NULL) { fbc_report_print(&report, stderr); fbc_report_free(&report); exit(2); }
 *     fb_rule *rules = calloc(fbc_policy_rule_count(policy), sizeof(*rules));
 *     fbc_policy_resolve(policy, bids, bid_count, rules, &rule_count, &report);
 *     ... fb_agent_fact(agent, FB_FACT_POLICY: rules, rule_count)
 *     fbc_policy_free(policy);
 */

#include "flowbind/policy.h"
#include "report.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What `use` names. */
typedef enum fbc_policy_by
{
    FBC_BY_PATH, /**< paths of this host: their BIDs */
    FBC_BY_LABEL, /**< interface labels (RFC 7629 4.1) */
    FBC_BY_TECHNOLOGY /**< access technologies (RFC 5213) */
} fbc_policy_by;

/** One flow of a policy. Strings live as long as the policy. */
typedef struct fbc_flow
{
    const char *name;
    fb_selector
        selector; /**< `match`, for packets toward the mobile node: source = correspondent (D-21) */
    /** `use`, in order of preference; labels or technologies by `by` */
    const char *path[FB_BIDS_PER_RULE];
    uint8_t number[FB_BIDS_PER_RULE]; /**< the label or technology each of them is; 0 for paths */
    fbc_place path_place[FB_BIDS_PER_RULE];
    uint8_t path_count;
    bool spread; /**< `use` is a group: `path` in no order, shared by `scheduler` */
    uint8_t scheduler; /**< of a group: 1 + its number (fb_scheduler_name) */
    uint16_t reorder_ms; /**< of a group; 0: its packets are delivered as they come */
    bool
        /** `use` ends with drop: nothing but these paths; false: then the default scheduler (D-24) */
        drop;
    fbc_place place;
} fbc_flow;

typedef struct fbc_policy
{
    const char *file; /**< as given to the reader */
    fbc_flow *flows; /**< in order: the first one that matches and has a live path decides (D-23) */
    size_t flow_count;
    fbc_policy_by by;
    fbc_place by_place; /**< where `by` stands */
    const char *scheduler; /**< `default`: for packets no flow decides ("flow-hash") */
    uint16_t reorder_ms; /**< of those packets; 0: they are delivered as they come */
    struct fbc_source *source; /**< the file's text, for messages; the reader's */
    struct fbc_arena *arena; /**< the memory of all this; the reader's */
} fbc_policy;

/** What a path's name stands for on this host. */
typedef struct fbc_bid
{
    const char *name;
    uint8_t bid;
} fbc_bid;

/**
 * Reads @p file. NULL when anything in it is wrong; @p report then says what, all errors and not only the first. The
 * names of paths are not checked: a policy does not know them. fbc_policy_resolve() does.
 */
fbc_policy *fbc_policy_read(const char *file, fbc_report *report);

/** @p policy may be NULL. */
void fbc_policy_free(fbc_policy *policy);

/** The flow of that name; NULL when there is none. */
const fbc_flow *fbc_policy_flow(const fbc_policy *policy, const char *name);

/** How many rules fbc_policy_resolve() makes of it; a file can have up to FB_STATIC_RULES_MAX. */
size_t fbc_policy_rule_count(const fbc_policy *policy);

/**
 * Turns the flows into Flow-Bindings (RFC 7629 4.2): a FORWARD with the BIDs of the paths, and behind it, when the
 * flow ends with drop, a DROP with the same selector (D-24). A policy by label or technology becomes rules of a static
 * policy, which need no BIDs; so do groups: SPREAD, with sequence spaces numbered from 1. @p rules has room for
 * fbc_policy_rule_count() of them. False when a path is not in @p bids; @p report (may be NULL) then says where.
 */
bool fbc_policy_resolve(const fbc_policy *policy,
                        const fbc_bid *bids,
                        size_t bid_count,
                        fb_rule *rules,
                        size_t *rule_count,
                        fbc_report *report);

/** True when @p file is a policy without errors. Keeps nothing. */
bool fbc_policy_check(const char *file, fbc_report *report);

#ifdef __cplusplus
}
#endif

#endif
