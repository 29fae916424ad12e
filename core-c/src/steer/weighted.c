/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * weighted: the packets of a node take its paths n:m, whatever flow they belong to (R8278-3.2-04). The next path is the
 * one for which (packets sent + 1) / weight is least, the first one listed where two are equal, so that no path gets
 * two packets in a row which another is owed: 3:1 goes a a a b, 2:1 a a b.
 *
 * A path weighs what it was configured to, else as much as its rate, where that of every path is known, else 1.
 */
#include "steer/scheduler.h"

#include <string.h>

/** Paths it knows at a time; a node with more uses the first ones. */
#define PATHS_MAX 16

typedef struct account
{
    uint8_t bid;
    bool open;
    uint32_t sent;
    uint32_t weight;
} account;

/** Of one session. */
typedef struct accounts
{
    account item[PATHS_MAX];
} accounts;

static void
init(void *context, uint64_t seed)
{
    (void)seed;
    memset(context, 0, sizeof(accounts));
}

/** Whether weights can be rates: every path has one, and none a configured weight. */
static bool
by_rate(const fb_path_view *paths, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        if (paths[i].weight != 0 || paths[i].rate_kbps == 0)
        {
            return false;
        }
    }
    return true;
}

static uint32_t
weight_of(const fb_path_view *path, bool rates)
{
    if (rates)
    {
        return path->rate_kbps;
    }
    return path->weight != 0 ? path->weight : 1;
}

/** That of @p bid; @p place is where it was opened, while paths keep their order. NULL: there is none. */
static account *
find(accounts *all, uint8_t bid, size_t place)
{
    if (all->item[place].open && all->item[place].bid == bid)
    {
        return &all->item[place];
    }
    for (size_t i = 0; i < PATHS_MAX; i++)
    {
        if (all->item[i].open && all->item[i].bid == bid)
        {
            return &all->item[i];
        }
    }
    return NULL;
}

/** Whether the accounts are those of exactly these paths, with these weights. */
static bool
is_current(accounts *all, const fb_path_view *paths, size_t count, bool rates)
{
    for (size_t i = 0; i < count; i++)
    {
        const account *a = find(all, paths[i].bid, i);

        if (a == NULL || a->weight != weight_of(&paths[i], rates))
        {
            return false;
        }
    }
    /* no two paths have the same BID: were there more accounts, there would be one here */
    return count == PATHS_MAX || !all->item[count].open;
}

/** Another set of paths, or other weights: from here on they are counted anew, so that nobody has to catch up. */
static void
open_accounts(accounts *all, const fb_path_view *paths, size_t count, bool rates)
{
    memset(all, 0, sizeof *all);
    for (size_t i = 0; i < count; i++)
    {
        all->item[i] =
            (account){.bid = paths[i].bid, .open = true, .weight = weight_of(&paths[i], rates)};
    }
}

/** Every path has had its share once: counts stay small, and their order as it is. */
static void
settle(accounts *all, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        if (all->item[i].sent < all->item[i].weight)
        {
            return;
        }
    }
    for (size_t i = 0; i < count; i++)
    {
        all->item[i].sent -= all->item[i].weight;
    }
}

static int
pick(void *context,
     const fb_flow *flow,
     bool mirrored,
     const fb_path_view *paths,
     size_t count,
     fb_time now)
{
    accounts *all = context;
    bool rates;
    account *best = NULL;
    int chosen = -1;

    (void)flow;
    (void)mirrored;
    (void)now;
    count = count < PATHS_MAX ? count : PATHS_MAX;
    rates = by_rate(paths, count);
    if (!is_current(all, paths, count, rates))
    {
        open_accounts(all, paths, count, rates);
    }
    for (size_t i = 0; i < count; i++)
    {
        account *a = find(all, paths[i].bid, i);

        if (best == NULL ||
            (uint64_t)(a->sent + 1) * best->weight < (uint64_t)(best->sent + 1) * a->weight)
        {
            best = a;
            chosen = (int)i;
        }
    }
    if (best != NULL)
    {
        best->sent++;
        settle(all, count);
    }
    return chosen;
}

const fb_scheduler fb_scheduler_weighted = {
    .name = "weighted",
    .context_size = sizeof(accounts),
    .init = init,
    .pick = pick,
    .per_packet = true,
};
