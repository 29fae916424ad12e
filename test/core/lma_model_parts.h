/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_LMA_MODEL_PARTS_H
#define FB_TEST_LMA_MODEL_PARTS_H

/** @file What the files of the model share: lma_model_lookup.c, lma_model_flows.c and lma_model.c. */

#include "lma_model.h"

/** Of link-layer identifiers and link-local addresses. */
#define ALL_ZERO 1u

bool lma_model_deregisters(const lma_model_update *u);

/** Its proxy care-of address. */
unsigned lma_model_care_of(const lma_model_update *u);

/** NULL: the session has none of this BID. */
lma_model_binding *lma_model_binding_of(lma_model_session *s, uint8_t bid);

bool lma_model_has_care_of(const lma_model_session *s, unsigned address);

/** Whether the prefix is one of the @p count in @p list. */
bool lma_model_among(uint32_t prefix, const uint32_t *list, unsigned count);

/** The session that has the prefix; NULL. */
lma_model_session *lma_model_user_of(model *m, lma_model_use use, uint32_t prefix);

/** C8-12: the same identifier; or, where an end has none, a care-of address or the association in common. */
bool lma_model_same_gateway(const lma_model_session *s,
                            const lma_model_update *u,
                            unsigned gateway);

typedef struct lma_model_finding
{
    lma_model_session *session;
    int status; /* 155, 159, or MODEL_SILENCE: it waits; 0 */
} lma_model_finding;

/** Which session the update is about (RFC 5213 5.4.1). */
lma_model_finding lma_model_find_session(model *m,
                                         const lma_model_update *u,
                                         unsigned gateway,
                                         fb_time now);

bool lma_model_changes_flows(const model *m, const lma_model_session *s, const lma_model_update *u);

/** RFC 6089 5.3 */
void lma_model_take_flows(model *m,
                          lma_model_session *s,
                          const lma_model_update *u,
                          lma_model_answer *a);

#endif
