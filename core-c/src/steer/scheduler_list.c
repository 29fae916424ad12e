/* SPDX-License-Identifier: BSD-3-Clause */
#include "flowbind/policy.h"
#include "steer/scheduler.h"

/* Every scheduler: declared and listed here, defined in a file of its own. */
extern const fb_scheduler fb_scheduler_flow_hash;
extern const fb_scheduler fb_scheduler_round_robin;
extern const fb_scheduler fb_scheduler_weighted;
extern const fb_scheduler fb_scheduler_lowest_rtt;
extern const fb_scheduler fb_scheduler_edpf;
extern const fb_scheduler fb_scheduler_cheapest_first;
extern const fb_scheduler fb_scheduler_redundant;

static const fb_scheduler *const schedulers[] = {
    &fb_scheduler_flow_hash,
    &fb_scheduler_round_robin,
    &fb_scheduler_weighted,
    &fb_scheduler_lowest_rtt,
    &fb_scheduler_edpf,
    &fb_scheduler_cheapest_first,
    &fb_scheduler_redundant,
};

const fb_scheduler *
fb_scheduler_at(size_t index)
{
    return index < sizeof schedulers / sizeof schedulers[0] ? schedulers[index] : NULL;
}

/* A compiler for a device without a C library supplies memcmp() but not strcmp(). */
static bool
same_name(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b)
    {
        a++;
        b++;
    }
    return *a == *b;
}

bool
fb_scheduler_is_called(const fb_scheduler *scheduler, const char *name)
{
    return same_name(scheduler->name, name);
}

const fb_scheduler *
fb_scheduler_find(const char *name)
{
    const fb_scheduler *scheduler;

    for (size_t i = 0; (scheduler = fb_scheduler_at(i)) != NULL; i++)
    {
        if (same_name(scheduler->name, name))
        {
            return scheduler;
        }
    }
    return NULL;
}

const char *
fb_scheduler_name(size_t index)
{
    const fb_scheduler *scheduler = fb_scheduler_at(index);

    return scheduler != NULL ? scheduler->name : NULL;
}

bool
fb_scheduler_is_by_packet(size_t index)
{
    const fb_scheduler *scheduler = fb_scheduler_at(index);

    return scheduler != NULL && scheduler->per_packet;
}
