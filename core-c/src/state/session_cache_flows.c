/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The flow bindings of mobility sessions (RFC 6089 4.3): a list for each, ordered by FID-PRI.
 */

#include "state/session_cache.h"

const fb_flow_binding *
fb_session_flow(const fb_session_cache *sessions, uint32_t session, uint16_t fid)
{
    const fb_flow_binding *flow = fb_session_first_flow(sessions, session);

    while (flow != NULL && flow->fid != fid)
    {
        flow = fb_session_next_flow(sessions, flow);
    }
    return flow;
}

/** Takes the flow @p *link points at out of the list; it keeps its place. */
static uint32_t
unlink_flow(fb_session_cache *sessions, uint32_t session, uint32_t *link)
{
    uint32_t at = *link;

    *link = sessions->flow[at].next;
    sessions->session[session].flow_count--;
    return at;
}

static uint32_t
take_place(fb_session_cache *sessions, uint32_t session, uint16_t fid)
{
    uint32_t *link = &sessions->session[session].flows;

    while (*link != FB_POOL_NONE && sessions->flow[*link].fid != fid)
    {
        link = &sessions->flow[*link].next;
    }
    if (*link != FB_POOL_NONE)
    {
        return unlink_flow(sessions, session, link);
    }
    return sessions->session[session].flow_count < sessions->flows_per_session
               ? fb_pool_take_near(&sessions->flows, session * sessions->flow_share)
               : FB_POOL_NONE;
}

bool
fb_session_set_flow(fb_session_cache *sessions,
                    uint32_t session,
                    const fb_flow_binding *wanted,
                    const fb_rule *rule)
{
    uint32_t *link = &sessions->session[session].flows;
    uint32_t at = take_place(sessions, session, wanted->fid);

    if (at == FB_POOL_NONE)
    {
        return false;
    }
    while (*link != FB_POOL_NONE && sessions->flow[*link].priority < wanted->priority)
    {
        link = &sessions->flow[*link].next;
    }
    sessions->flow[at] = *wanted;
    sessions->flow[at].next = *link;
    sessions->rule[at] = *rule;
    *link = at;
    sessions->session[session].flow_count++;
    return true;
}

static bool
is_among(uint16_t fid, const uint16_t *keep, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        if (keep[i] == fid)
        {
            return true;
        }
    }
    return false;
}

void
fb_session_keep_flows(fb_session_cache *sessions,
                      uint32_t session,
                      const uint16_t *keep,
                      size_t count)
{
    uint32_t *link = &sessions->session[session].flows;

    while (*link != FB_POOL_NONE)
    {
        if (is_among(sessions->flow[*link].fid, keep, count))
        {
            link = &sessions->flow[*link].next;
        }
        else
        {
            fb_pool_give(&sessions->flows, unlink_flow(sessions, session, link));
        }
    }
}

void
fb_session_flows_changed(fb_session_cache *sessions, uint32_t session, fb_time now)
{
    fb_event event = {.kind = FB_EVENT_POLICY,
                      .role = FB_ROLE_LMA,
                      .count = sessions->session[session].flow_count,
                      .ref = {.session = session + 1},
                      .identity = sessions->node[sessions->session[session].node].identity,
                      .time = now};

    sessions->cache.node[session].generation++;
    fb_events_push(sessions->events, &event);
}
