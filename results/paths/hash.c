/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * What becomes of flows, each of which stays on one path.
 */
#include "paths.h"

#include <stdio.h>
#include <string.h>

/** Takes path @p lost, from 0, out of what is chosen from. */
static void
lose(chooser *c, size_t lost)
{
    memmove(&c->view[lost], &c->view[lost + 1], (c->count - lost - 1) * sizeof c->view[0]);
    c->count--;
}

void
run_moved(options *o)
{
    chooser before, after;
    uint64_t flows = (uint64_t)options_number(o, "flows", "1000000");
    size_t lost = (size_t)options_number(o, "lost", "1");
    uint64_t state, moved = 0, strays = 0, carried = 0;

    chooser_read(&before, o, "flow-hash");
    options_check(o);
    if (lost < 1 || lost > before.count || before.count < 2 || flows == 0)
    {
        options_fail("%s: there are two paths or more, and the lost one is one of them", "lost");
    }
    after = before;
    lose(&after, lost - 1);
    state = before.seed;
    for (uint64_t i = 0; i < flows; i++)
    {
        fb_flow flow = random_flow(&state);
        uint8_t first = before.view[chooser_pick(&before, &flow, 0)].bid;
        uint8_t then = after.view[chooser_pick(&after, &flow, 0)].bid;

        carried += first == lost;
        moved += first != then;
        strays += first != then && first != lost;
    }
    printf("flows,carried,moved,strays\n%llu,%.9g,%.9g,%llu\n",
           (unsigned long long)flows,
           (double)carried / (double)flows,
           (double)moved / (double)flows,
           (unsigned long long)strays);
}

/** What paths carry of which the bits of @p busy have a flow that takes all it gets. */
static double
carried_by(const chooser *c, uint32_t busy)
{
    double sum = 0;

    for (size_t p = 0; p < c->count; p++)
    {
        sum += (busy >> p & 1) != 0 ? c->view[p].rate_kbps * 1000.0 : 0;
    }
    return sum;
}

void
run_elastic(options *o)
{
    chooser c;
    uint64_t flows = (uint64_t)options_number(o, "flows", NULL);
    uint64_t sets = (uint64_t)options_number(o, "sets", "200");
    uint64_t state;
    double sum = 0;

    chooser_read(&c, o, "flow-hash");
    options_check(o);
    if (flows == 0 || sets == 0)
    {
        options_fail("%s: there is one at least", "flows");
    }
    state = c.seed;
    for (uint64_t s = 0; s < sets; s++)
    {
        uint32_t busy = 0;

        for (uint64_t i = 0; i < flows; i++)
        {
            fb_flow flow = random_flow(&state);

            busy |= UINT32_C(1) << chooser_pick(&c, &flow, 0);
        }
        sum += carried_by(&c, busy);
    }
    printf("throughput_bps\n%.9g\n", sum / (double)sets);
}
