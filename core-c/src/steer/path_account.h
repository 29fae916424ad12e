/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STEER_PATH_ACCOUNT_H
#define FB_STEER_PATH_ACCOUNT_H

/**
 * @file
 * What schedulers remember of each path between two packets of a session: until when it is busy with what they gave it.
 * Paths may come, go and change their order at any time; an account is its BID's.
 */

#include "steer/scheduler.h"

/** Paths that have accounts at a time; of a session with more the one that is idle the longest loses its own. */
#define FB_PATH_ACCOUNTS 16

/** No account says more than that of all paths at once: a real queue so long has lost what came last. */
#define FB_PATH_WAIT_MAX FB_SECOND

typedef struct fb_path_account
{
    fb_time busy_until; /**< the path has sent all it was given then */
    uint8_t bid;
    bool open;
} fb_path_account;

typedef struct fb_path_accounts
{
    fb_path_account item[FB_PATH_ACCOUNTS];
} fb_path_accounts;

/** None is open. As fb_scheduler.init, which ignores the seed. */
void fb_path_accounts_init(void *context, uint64_t seed);

/** The account of @p path, which is at @p place in the list: opened if need be, in place of one that is idle. */
fb_path_account *fb_path_account_of(fb_path_accounts *accounts,
                                    const fb_path_view *path,
                                    size_t place,
                                    fb_time now);

/**
 * To be called when even the path that is free first is free only at @p free_at. When that is more than
 * FB_PATH_WAIT_MAX from @p now, all accounts become shorter by the excess: their order stays as it is. So what was
 * given to paths while all were overloaded is not remembered long after it is over, and no account can overflow.
 */
void fb_path_accounts_forget(fb_path_accounts *accounts, fb_time free_at, fb_time now);

/** Octets of @p flow on @p path, outer headers included. */
static inline uint64_t
fb_path_octets(const fb_path_view *path, const fb_flow *flow)
{
    return (uint64_t)flow->length + path->overhead;
}

/** Nanoseconds that @p octets take at @p rate_kbps, which is not 0. */
static inline fb_time
fb_path_duration(uint64_t octets, uint32_t rate_kbps)
{
    return octets * UINT64_C(8000000) / rate_kbps;
}

/** When a path of @p rate_kbps will have sent all that waits for it: by its account, or by what the host sees. */
fb_time fb_path_free_at(const fb_path_account *account,
                        const fb_path_view *path,
                        uint32_t rate_kbps,
                        fb_time now);

#endif
