/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_LMA_MODEL_PARTS_H
#define FB_TEST_LMA_MODEL_PARTS_H

/** @file What the files of the model share: lma_model_lookup.c, lma_model_flows.c and lma_model.c. */

#include "lma_model.h"

/** Of link-layer identifiers and link-local addresses. */
#define ALL_ZERO 1u

bool model_deregisters(const model_update *u);

/** Its proxy care-of address. */
unsigned model_care_of(const model_update *u);

/** NULL: the session has none of this BID. */
model_binding *model_binding_of(model_session *s, uint8_t bid);

bool model_has_care_of(const model_session *s, unsigned address);

/** Whether the prefix is one of the @p count in @p list. */
bool model_among(uint32_t prefix, const uint32_t *list, unsigned count);

/** The session that has the prefix; NULL. */
model_session *model_user_of(model *m, model_use use, uint32_t prefix);

/** C8-12: the same identifier; or, where an end has none, a care-of address or the association in common. */
bool model_same_gateway(const model_session *s, const model_update *u, unsigned gateway);

typedef struct model_finding
{
    model_session *session;
    int status; /* 155, 159, or MODEL_SILENCE: it waits; 0 */
} model_finding;

/** Which session the update is about (RFC 5213 5.4.1). */
model_finding model_find_session(model *m, const model_update *u, unsigned gateway, fb_time now);

bool model_changes_flows(const model *m, const model_session *s, const model_update *u);

/** RFC 6089 5.3 */
void model_take_flows(model *m, model_session *s, const model_update *u, model_answer *a);

#endif
