/* SPDX-License-Identifier: GPL-2.0-only */
/**
 * @file
 * A scheduler of one's own: least-loss, all packets of a session by the path that loses the least of them.
 *
 * Two ways to use it. An application hands it to its agent:
 *
 *     config.custom_scheduler = &least_loss;
 *     config.scheduler = "least-loss";
 *
 * Or it becomes one of the library's, for policy files and for everybody: copy the part above main() to
 * core-c/src/steer/least_loss.c, call the table fb_scheduler_least_loss, and add it to the list in scheduler_list.c and
 * to sources.list. `default: least-loss` and `use: {spread: [wlan, lte], scheduler: least-loss}` work then. In ns-3,
 * FlowbindScheduler is the same as a class; examples/flowbind-own-scheduler.cc.
 *
 * The program shows what it chooses.
 */
#include "flowbind/scheduler.h"

#include <stdio.h>

/** What it remembers of a session between two packets; a multiple of 8 octets. */
typedef struct memory
{
    uint64_t bid; /* the path in use; 0: none yet */
} memory;

static void
init(void* context, uint64_t seed)
{
    (void)seed; /* for those that draw lots */
    ((memory*)context)->bid = 0;
}

/** Whether @p path loses less than @p other by a tenth: two that are alike shall not take turns. */
static bool
is_better(const fb_path_view* path, const fb_path_view* other)
{
    return (uint64_t)path->loss_ppm * 10 < (uint64_t)other->loss_ppm * 9;
}

static int
pick(void* context,
     const fb_flow* flow,
     bool mirrored,
     const fb_path_view* paths,
     size_t count,
     fb_time now)
{
    memory* m = context;
    int chosen = count > 0 ? 0 : -1; /* no path, no choice */

    (void)flow; /* addresses, ports, protocol, length of the packet */
    (void)mirrored; /* this is the mobile node's end */
    (void)now;
    for (size_t i = 0; i < count; i++)
    {
        if (paths[i].bid == m->bid)
        {
            chosen = (int)i; /* paths come and go, and change their order: BIDs are what stays */
        }
    }
    for (size_t i = 0; i < count; i++)
    {
        chosen = is_better(&paths[i], &paths[chosen]) ? (int)i : chosen;
    }
    m->bid = chosen >= 0 ? paths[chosen].bid : 0;
    return chosen;
}

const fb_scheduler least_loss = {
    .name = "least-loss",
    .context_size = sizeof(memory),
    .init = init,
    .pick = pick,
    .per_packet = true, /* asked for each packet; false: once for each flow */
};

int
main(void)
{
    static const uint32_t loss_percent[][2] = {{2, 1}, {2, 2}, {1, 2}, {0, 2}};
    memory m;
    fb_flow flow = {.family = FB_FAMILY_IPV4, .protocol = 17, .length = 1000};

    least_loss.init(&m, 1);
    for (size_t i = 0; i < sizeof loss_percent / sizeof loss_percent[0]; i++)
    {
        const fb_path_view paths[] = {{.bid = 1, .loss_ppm = loss_percent[i][0] * 10000},
                                      {.bid = 2, .loss_ppm = loss_percent[i][1] * 10000}};
        int chosen = least_loss.pick(&m, &flow, false, paths, 2, 0);

        printf("BID 1 loses %u %%, BID 2 %u %%: the packet takes BID %u\n",
               (unsigned)loss_percent[i][0],
               (unsigned)loss_percent[i][1],
               (unsigned)paths[chosen].bid);
    }
    return 0;
}
