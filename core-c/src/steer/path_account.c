/* SPDX-License-Identifier: BSD-3-Clause */
#include "steer/path_account.h"

#include <string.h>

void
fb_path_accounts_init(void *context, uint64_t seed)
{
    (void)seed;
    memset(context, 0, sizeof(fb_path_accounts));
}

/** A place for one more account: a free one, else that of the path which is idle the longest. */
static fb_path_account *
find_place(fb_path_accounts *accounts)
{
    fb_path_account *oldest = &accounts->item[0];

    for (size_t i = 0; i < FB_PATH_ACCOUNTS; i++)
    {
        fb_path_account *account = &accounts->item[i];

        if (!account->open)
        {
            return account;
        }
        oldest = account->busy_until < oldest->busy_until ? account : oldest;
    }
    return oldest;
}

fb_path_account *
fb_path_account_of(fb_path_accounts *accounts, const fb_path_view *path, size_t place, fb_time now)
{
    fb_path_account *account;

    /* most packets: the same paths in the same order as for the last one */
    if (place < FB_PATH_ACCOUNTS && accounts->item[place].open &&
        accounts->item[place].bid == path->bid)
    {
        return &accounts->item[place];
    }
    for (size_t i = 0; i < FB_PATH_ACCOUNTS; i++)
    {
        if (accounts->item[i].open && accounts->item[i].bid == path->bid)
        {
            return &accounts->item[i];
        }
    }
    account = find_place(accounts);
    *account = (fb_path_account){.busy_until = now, .bid = path->bid, .open = true};
    return account;
}

fb_time
fb_path_free_at(const fb_path_account *account,
                const fb_path_view *path,
                uint32_t rate_kbps,
                fb_time now)
{
    fb_time seen = now + fb_path_duration(path->backlog_octets, rate_kbps);

    return account->busy_until > seen ? account->busy_until : seen;
}

void
fb_path_accounts_forget(fb_path_accounts *accounts, fb_time free_at, fb_time now)
{
    fb_time excess;

    if (free_at <= now + FB_PATH_WAIT_MAX)
    {
        return;
    }
    excess = free_at - now - FB_PATH_WAIT_MAX;
    for (size_t i = 0; i < FB_PATH_ACCOUNTS; i++)
    {
        fb_time *busy_until = &accounts->item[i].busy_until;

        *busy_until = *busy_until > excess ? *busy_until - excess : 0;
    }
}
