/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STEER_SCHEDULER_H
#define FB_STEER_SCHEDULER_H

/**
 * @file
 * The schedulers there are: flowbind/scheduler.h. A new one is one file with one const table, declared and listed in
 * scheduler_list.c, and a test.
 */

#include "flowbind/scheduler.h"
#include "wire/ipv4.h"

/** The scheduler called @p name; NULL when there is none. */
const fb_scheduler *fb_scheduler_find(const char *name);

/** Whether that is its name. */
bool fb_scheduler_is_called(const fb_scheduler *scheduler, const char *name);

/** All of them, @p index from 0 until it returns NULL; the first is the default (D-35). */
const fb_scheduler *fb_scheduler_at(size_t index);

#endif
