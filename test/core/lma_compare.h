/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_LMA_COMPARE_H
#define FB_TEST_LMA_COMPARE_H

/** @file An anchor beside its model: every session, and every field of an acknowledgement. */

#include "lma_message.h"

typedef struct comparison
{
    fb_agent *agent;
    model *m;
    const lma_model_answer *expected; /* to the update */
    const char *wrong; /* the first disagreement; NULL */
} comparison;

/** All sessions. The model is told what the anchor chose. */
void compare_sessions(comparison *c);

/** The acknowledgement of an update, after compare_sessions(). */
void compare_answer(comparison *c, const lma_model_update *u, const message_ack *ack);

#endif
