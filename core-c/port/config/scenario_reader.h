/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_CONFIG_SCENARIO_READER_H
#define FLOWBIND_CONFIG_SCENARIO_READER_H

/**
 * @file
 * The parts of the scenario reader. They run in this order, each relies on those before it. Errors go to the reader;
 * what is wrong stays zero, and what refers to it stays silent, so that one mistake gives one message.
 */

#include "policy_reader.h"
#include "scenario_file.h"

void fbc_paths_read(fbc_reader *reader, const fbc_value *list, fbc_scenario *scenario);

/** Nowhere when @p value is not given. */
fbc_position fbc_position_read(const fbc_value *value);

/** Where a path's radio network is, how it works, and who else uses it. */
void fbc_access_read(fbc_reader *reader, const fbc_value *values, fbc_path *path);

/** The parts of pmip6 that paths need: gateways and hosts. */
void fbc_proxy_read(fbc_reader *reader, const fbc_value *values, fbc_scenario *scenario);

/** Keys that are of the other protocol only. */
void fbc_proxy_check(fbc_reader *reader, const fbc_value *values, const fbc_scenario *scenario);

/** `path-metrics`, `sample` and `metrics-interval` of who has the paths. */
void fbc_measuring_read(fbc_reader *reader,
                        const fbc_value *path_metrics,
                        const fbc_value *sample,
                        const fbc_value *interval,
                        fbc_measuring *measuring);

/** Whose path metrics both ends understand; 0: none are told. */
uint32_t fbc_scenario_vendor(const fbc_scenario *scenario);

/** What the other end is told of paths with a weight or cost, by their labels. Returns how many. */
uint8_t fbc_path_weights(const fbc_scenario *scenario,
                         fb_label_weight weights[FB_LABEL_WEIGHTS_MAX]);

/** What is only of a path of pmip6. */
void fbc_proxy_path_read(fbc_reader *reader,
                         const fbc_value *values,
                         const fbc_scenario *scenario,
                         fbc_path *path);

/** `anchor` and `access-gateway` of a configuration made by fb_config_default(). */
void fbc_proxy_configure(const fbc_scenario *scenario, fb_config *config);

/** The gateway that @p value names; NULL after an error, or when it is not valid. */
const fbc_gateway *fbc_gateway_find(fbc_reader *reader,
                                    const fbc_value *value,
                                    const fbc_scenario *scenario);

/** The host that @p value names; NULL after an error, or when it is not valid. */
const fbc_host *fbc_host_find(fbc_reader *reader,
                              const fbc_value *value,
                              const fbc_scenario *scenario);

/** The name of the session that @p value means; NULL after an error, or when there is none to mean. */
const char *fbc_session_find(fbc_reader *reader,
                             const fbc_value *value,
                             fbc_place place,
                             const fbc_scenario *scenario);

/** Needs the paths. */
void fbc_home_read(fbc_reader *reader, const fbc_value *value, fbc_scenario *scenario);

/** Needs duration_ns, the paths and the home link. */
void fbc_events_read(fbc_reader *reader, const fbc_value *list, fbc_scenario *scenario);

/** What a kind of traffic may run over, best first; 0: no second protocol. */
const uint8_t *fbc_kind_protocols(fbc_kind kind);

/** What there is to send. Needs the kind and the direction of @p traffic, and its flow or match. */
void fbc_kind_read(fbc_reader *reader, const fbc_value *values, fbc_traffic *traffic);

/** @p name as seen from the folder of @p file. */
const char *fbc_beside(fbc_arena *arena, const char *file, const char *name);

/** Needs duration_ns and the policy; @p policy_failed: there is one, but it could not be read. */
void fbc_traffic_read(fbc_reader *reader,
                      const fbc_value *list,
                      bool policy_failed,
                      fbc_scenario *scenario);

/** Needs everything above. */
void fbc_expect_read(fbc_reader *reader,
                     const fbc_value *list,
                     bool policy_failed,
                     fbc_scenario *scenario);

/** The policy that @p value names or is. NULL after an error. */
fbc_policy *fbc_scenario_policy(fbc_reader *reader, const fbc_value *value);

/** The rules of @p policy with the BIDs of this scenario. False after an error. */
bool fbc_scenario_rules(fbc_reader *reader,
                        const fbc_scenario *scenario,
                        const fbc_policy *policy,
                        fb_rule **rules,
                        size_t *rule_count);

/** An error for a key that is given where it has no meaning. */
void fbc_refuse(fbc_reader *reader, const fbc_value *value, const char *key, const char *expected);

/** The flow of the policy that @p value names; NULL after an error, or when the policy itself could not be read. */
const fbc_flow *fbc_flow_find(fbc_reader *reader,
                              const fbc_value *value,
                              bool policy_failed,
                              const fbc_scenario *scenario);

/** NULL: there is no traffic of that name. */
const fbc_traffic *fbc_traffic_find(const fbc_scenario *scenario, const char *name);

/** The path that @p value names; NULL after an error, or when the paths themselves could not be read. */
const fbc_path *fbc_path_find(fbc_reader *reader,
                              const fbc_value *value,
                              const fbc_scenario *scenario);

#endif
