/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_BENCH_H
#define FB_BENCH_H

/** @file What the benchmarks of both protocols share. */

#include "flowbind/agent.h"

#define WALL_NS UINT64_C(1767225600000000000) /* 2026-01-01 */

/** Ends the program with @p what unless @p condition. */
void must(bool condition, const char* what);

/** Seconds of processor time. */
double seconds(void);

/** Number of @p count, one after the other of a series that begins with @p state. */
uint32_t any_below(uint64_t* state, uint32_t count);

/** An agent in memory with huge pages, whose clock is set. */
fb_agent* make_agent(const fb_config* config);

/* Data packets: steering.c. */

/** Prints what a packet toward @p home_address costs, which @p agent has bindings of, and a choice of schedulers. */
void steering_measure(fb_agent* agent, fb_ipv4 home_address, fb_time now);

/* Proxy Mobile IPv6: updates.c. */

typedef struct updates updates;

/** An anchor with @p sessions, each with two paths and four flows; @p count updates are measured at a time. */
updates* updates_start(uint32_t sessions, uint32_t count);

/** Updates a second: refreshes of one path each, which with @p policy carry the four flows anew. */
double updates_measure(updates* u, bool policy);

/** Prints its memory, by session. */
void updates_print_memory(uint32_t sessions);

#endif
