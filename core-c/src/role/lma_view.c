/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/lma_internal.h"

#include <string.h>

/** The session that is at place @p index of those there are; FB_SESSION_NONE. */
static uint32_t
session_at(const fb_lma *lma, size_t index)
{
    for (uint32_t id = 0; id < lma->sessions.cache.nodes.touched; id++)
    {
        if (fb_session_exists(&lma->sessions, id) && index-- == 0)
        {
            return id;
        }
    }
    return FB_SESSION_NONE;
}

bool
fb_lma_session_view(const fb_lma *lma, size_t index, fb_session_view *view)
{
    const fb_session_cache *sessions = &lma->sessions;
    uint32_t id = session_at(lma, index);
    const fb_mobility_session *session;
    fb_networks ipv4;

    memset(view, 0, sizeof *view);
    if (id == FB_SESSION_NONE)
    {
        return false;
    }
    session = &sessions->session[id];
    view->session = id + 1;
    view->identity = fb_sessions_identity(sessions, session->node);
    view->multipath = (session->owner.flags & FB_SESSION_MULTIPATH) != 0;
    view->grace = (session->owner.flags & FB_SESSION_GRACE) != 0;
    view->gateway = fb_gateways_nai(&sessions->gateways, session->gateway);
    view->technology = session->technology;
    view->handoff = session->handoff;
    fb_session_prefixes(sessions, id, FB_PREFIX_HOME, &view->home);
    fb_session_prefixes(sessions, id, FB_PREFIX_DELEGATED, &view->delegated);
    fb_session_prefixes(sessions, id, FB_PREFIX_IPV4, &ipv4);
    view->home_address = ipv4.count > 0 ? fb_addr_to_ipv4(&ipv4.prefix[0].address) : 0;
    fb_session_link_local(sessions, id, view->link_local);
    view->binding_count = view->grace ? 0 : fb_cache_node(&sessions->cache, id)->binding_count;
    view->flow_count = session->owner.rule_count;
    return true;
}

bool
fb_lma_binding_view(const fb_lma *lma, uint32_t session, size_t index, fb_proxy_view *view)
{
    const fb_session_cache *sessions = &lma->sessions;
    const fb_binding *b;

    memset(view, 0, sizeof *view);
    if (!fb_lma_session_forwards(lma, session))
    {
        return false;
    }
    b = fb_cache_binding_first(&sessions->cache, session);
    while (b != NULL && index-- > 0)
    {
        b = fb_cache_binding_next(&sessions->cache, b);
    }
    if (b == NULL)
    {
        return false;
    }
    *view = (fb_proxy_view){.ref = {.session = session + 1, .bid = b->bid},
                            .care_of = sessions->care_of.item[b->care_of_address].address,
                            .state = FB_BINDING_UP,
                            .technology = b->technology,
                            .label = b->label,
                            .lifetime_s = b->lifetime_s,
                            .expires = b->expires,
                            .tunnel = b->tunnel,
                            .udp_port = b->udp_port,
                            .has_key = (b->flags & FB_BINDING_FLAG_KEY) != 0};
    if (view->has_key)
    {
        view->key_up = fb_lma_key_up(session, b->bid);
        view->key_down = *fb_session_key_down(sessions, b);
    }
    return true;
}
