/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * edpf: Earliest Delivery Path First (K. Chebrolu, R. R. Rao, "Bandwidth Aggregation for Real-Time Applications in
 * Heterogeneous Wireless Networks", IEEE Transactions on Mobile Computing 5(4), 2006). A packet of L octets takes the
 * path l that delivers it first, by what is known: after the path's delay D and the time L / B it takes on it, once the
 * path is free of what it was given before. With right rates and delays and packets of one size none overtakes another.
 *
 * What is not known: a delay is half the round-trip time, or none; a rate is the lowest of the others', and where no
 * rate is known at all, each path has the same. A queue that the host sees counts when it is longer than the account.
 */
#include "steer/path_account.h"

/** Rate of each path where none is known: only their ratio counts. */
#define ASSUMED_KBPS 10000u

static uint32_t
lowest_rate(const fb_path_view *paths, size_t count)
{
    uint32_t lowest = 0;

    for (size_t i = 0; i < count; i++)
    {
        if (paths[i].rate_kbps != 0 && (lowest == 0 || paths[i].rate_kbps < lowest))
        {
            lowest = paths[i].rate_kbps;
        }
    }
    return lowest != 0 ? lowest : ASSUMED_KBPS;
}

static fb_time
delay_of(const fb_path_view *path)
{
    return (fb_time)(path->delay_us != 0 ? path->delay_us : path->round_trip_us / 2) *
           1000; /* nanoseconds */
}

static int
pick(void *context,
     const fb_flow *flow,
     bool mirrored,
     const fb_path_view *paths,
     size_t count,
     fb_time now)
{
    uint32_t otherwise = lowest_rate(paths, count);
    fb_path_account *chosen = NULL;
    fb_time earliest = 0, busy_until = 0;
    int best = -1;

    (void)mirrored;
    for (size_t i = 0; i < count; i++)
    {
        uint32_t rate = paths[i].rate_kbps != 0 ? paths[i].rate_kbps : otherwise;
        fb_path_account *account = fb_path_account_of(context, &paths[i], i, now);
        fb_time sent = fb_path_free_at(account, &paths[i], rate, now) +
                       fb_path_duration(fb_path_octets(&paths[i], flow), rate);
        fb_time delivered = sent + delay_of(&paths[i]);

        if (best < 0 || delivered < earliest)
        {
            best = (int)i;
            earliest = delivered;
            busy_until = sent;
            chosen = account;
        }
    }
    if (chosen != NULL)
    {
        chosen->busy_until = busy_until;
    }
    return best;
}

const fb_scheduler fb_scheduler_edpf = {
    .name = "edpf",
    .context_size = sizeof(fb_path_accounts),
    .init = fb_path_accounts_init,
    .pick = pick,
    .per_packet = true,
};
