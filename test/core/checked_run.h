/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_CHECKED_RUN_H
#define FB_TEST_CHECKED_RUN_H

/**
 * @file
 * Lets time pass in a world as world_run() does, and checks at every step what fb_agent_next_timeout() promises: never
 * late (whoever looks earlier finds nothing to do) and never stuck (after an agent is drained it is later than now);
 * and that at most one request is outstanding, but for those that were sent more than twice (D-29, C-01).
 */

#include "world.h"

void checked_run(world *w, fb_time duration);

/** The same, but how many requests are outstanding counts only after @p lenient_until. */
void checked_run_lenient(world *w, fb_time duration, fb_time lenient_until);

#endif
