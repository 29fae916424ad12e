/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * cheapest-first: packets take the path that costs least (fb_link.cost) as long as it has capacity left, then the next
 * one, and return as soon as there is capacity again. A path has none left while what waits for it takes longer than
 * 20 ms to send, by its rate and what it was given, or by the queue the host sees. Where all are full, a packet takes
 * the one that is free first.
 *
 * A path whose rate is not known is full only by a queue of more than 30 packets that the host sees. Of two paths that
 * cost the same the first listed counts as the cheaper one.
 */
#include "steer/path_account.h"

#define QUEUE_MAX (20 * FB_MILLISECOND)
#define QUEUE_OCTETS_MAX (30u * 1500u)

/** How long what waits for @p path takes; 0 of a path whose rate is not known and whose queue is short. */
static fb_time
waiting_time(const fb_path_account *account, const fb_path_view *path, fb_time now)
{
    if (path->rate_kbps == 0)
    {
        return path->backlog_octets > QUEUE_OCTETS_MAX ? QUEUE_MAX + path->backlog_octets : 0;
    }
    return fb_path_free_at(account, path, path->rate_kbps, now) - now;
}

/** Whether a path of @p cost that has so much waiting is better than the best so far. */
static bool
is_better(fb_time waits, uint16_t cost, fb_time best_waits, uint16_t best_cost)
{
    bool full = waits > QUEUE_MAX, best_full = best_waits > QUEUE_MAX;

    if (full != best_full)
    {
        return best_full;
    }
    return full ? waits < best_waits : cost < best_cost;
}

static int
pick(void *context,
     const fb_flow *flow,
     bool mirrored,
     const fb_path_view *paths,
     size_t count,
     fb_time now)
{
    fb_path_account *chosen = NULL;
    fb_time least = 0;
    int best = -1;

    (void)mirrored;
    for (size_t i = 0; i < count; i++)
    {
        fb_path_account *account = fb_path_account_of(context, &paths[i], i, now);
        fb_time waits = waiting_time(account, &paths[i], now);

        if (best < 0 || is_better(waits, paths[i].cost, least, paths[best].cost))
        {
            best = (int)i;
            least = waits;
            chosen = account;
        }
    }
    if (chosen != NULL && paths[best].rate_kbps != 0)
    {
        chosen->busy_until = now + least +
                             fb_path_duration(fb_path_octets(&paths[best], flow),
                                              paths[best].rate_kbps);
    }
    return best;
}

const fb_scheduler fb_scheduler_cheapest_first = {
    .name = "cheapest-first",
    .context_size = sizeof(fb_path_accounts),
    .init = fb_path_accounts_init,
    .pick = pick,
    .per_packet = true,
};
