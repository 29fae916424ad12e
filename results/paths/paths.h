/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_PATHS_H
#define FLOWBIND_PATHS_H

/**
 * @file
 * flowbind-paths: the library's schedulers and its resequencer over paths that are nothing but a rate, a delay and a
 * queue without an end. What closed forms are about, and a simulator is too much for.
 */

#include "options.h"

#include "steer/scheduler.h"

/** A scheduler as it is asked: with its context, and the paths it chooses from. */
typedef struct chooser
{
    const fb_scheduler *scheduler;
    uint64_t context[64]; /* aligned to 8 */
    fb_path_view view[PATHS_MAX];
    size_t count;
    uint64_t seed;
} chooser;

/** From `scheduler`, `rates` (bit/s), `delays` (s), `weights` and `seed`; what is not given, no path has. */
void chooser_read(chooser *c, options *o, const char *scheduler);

/** The path for a packet of @p flow. */
size_t chooser_pick(chooser *c, const fb_flow *flow, fb_time now);

/** Random numbers that are the same on each machine. */
uint64_t random_next(uint64_t *state);

/** More than 0, at most 1. */
double random_share(uint64_t *state);

/** A flow of UDP between random addresses and ports. */
fb_flow random_flow(uint64_t *state);

/** @p seconds as the library has them. */
fb_time to_time(double seconds);

/** The commands; each prints CSV with a header. */
void run_moved(options *o);
void run_elastic(options *o);
void run_sequence(options *o);
void run_stream(options *o);
void run_resequence(options *o);
void run_order(options *o);

#endif
