/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The flow bindings of mobility sessions (RFC 6089 4.3): which set of flows a session has.
 */

#include "state/session_cache.h"

#include <string.h>

const fb_flow_binding *
fb_flow_list_find(const fb_flow_list *list, uint16_t fid)
{
    for (size_t i = 0; i < list->count; i++)
    {
        if (list->flow[i].fid == fid)
        {
            return &list->flow[i];
        }
    }
    return NULL;
}

bool
fb_session_flows_fit(const fb_session_cache *sessions, uint32_t session, const fb_flow_list *list)
{
    return fb_flow_sets_fit(&sessions->flows, sessions->session[session].flows, list);
}

bool
fb_session_set_flows(fb_session_cache *sessions, uint32_t session, const fb_flow_list *list)
{
    fb_mobility_session *item = &sessions->session[session];
    uint8_t count = (uint8_t)list->count;

    if (!fb_flow_sets_replace(&sessions->flows, &item->flows, list))
    {
        return false;
    }
    item->owner.rule_count = count;
    return true;
}

/** Tells of them. The event, without the mobile node's identifier; NULL: there is no room for one. */
static fb_event *
tell(fb_session_cache *sessions, uint32_t session, fb_time now)
{
    fb_mobility_session *item = &sessions->session[session];
    fb_event *event = fb_events_add(sessions->events, FB_EVENT_POLICY, FB_ROLE_LMA, now);

    item->owner.generation++;
    if (event != NULL)
    {
        event->count = item->owner.rule_count;
        event->ref.session = session + 1;
    }
    return event;
}

void
fb_session_flows_changed(fb_session_cache *sessions, uint32_t session, fb_time now)
{
    fb_event *event = tell(sessions, session, now);

    if (event != NULL)
    {
        fb_sessions_name(sessions, sessions->session[session].node, &event->identity);
    }
}

void
fb_session_forget_flows(fb_session_cache *sessions, uint32_t session, fb_time now)
{
    static const fb_flow_list none = {.count = 0};

    if (sessions->session[session].owner.rule_count > 0)
    {
        (void)fb_session_set_flows(sessions, session, &none); /* which always finds room */
        fb_session_flows_changed(sessions, session, now);
    }
}

void
fb_session_flows_reaffirmed(fb_session_cache *sessions,
                            uint32_t session,
                            fb_octets identifier,
                            fb_time now)
{
    fb_event *event = tell(sessions, session, now);

    sessions->session[session].owner.reaffirmed++;
    if (event != NULL)
    {
        event->identity.length = identifier.length;
        memcpy(event->identity.text, identifier.octet, identifier.length);
    }
}
