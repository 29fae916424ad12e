/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/mobile_node_internal.h"

/* Returning home and leaving again (RFC 5944 2.4.3, 4.6). */

/**
 * What the host does about ARP when it hears of FB_EVENT_HOME comes before the request that follows, both ways (4.6):
 * the request waits so long.
 */
#define TIME_FOR_ARP FB_MILLISECOND

bool
fb_mobile_node_is_home(const fb_mobile_node *node,
                       const fb_agent_source *source,
                       const fb_advertisement *advertisement)
{
    return node->config.discover_home && node->config.home_address != 0 &&
           (advertisement->flags & FB_ADVERTISEMENT_H) != 0 &&
           (source->address == node->home_agent || advertisement->router == node->home_agent);
}

static void
home_event(const fb_mobile_node *node, uint32_t link, bool home, fb_time now)
{
    fb_event event = {.kind = FB_EVENT_HOME,
                      .role = FB_ROLE_MOBILE_NODE,
                      .from = !home,
                      .to = home,
                      .cause = FB_CAUSE_HOME,
                      .ref = {.session = 1, .link = link},
                      .home_address = node->config.home_address,
                      .time = now};

    fb_events_push(node->events, &event);
}

/* RFC 5944 3.6.1.2: Lifetime 0, care-of address = home address; a binding of any kind goes by it (C-11) */
static void
deregister_at_home(fb_mobile_node *node, fb_registration *r, fb_time now)
{
    node->home_retry_at = FB_TIME_NEVER;
    fb_mobile_node_enqueue(node, r, FB_REQUEST_DEREGISTER_ALL, FB_CAUSE_HOME, now);
    r->request.plain = true;
    r->request.send_at = now + TIME_FOR_ARP;
}

static void
come_home(fb_mobile_node *node, fb_registration *r, fb_time now)
{
    node->home_link = r->link.link;
    node->home_retry_s = node->config.retry_denied_s;
    node->generation++;
    home_event(node, r->link.link, true, now);
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        fb_registration *other = fb_mobile_node_at(node, i);

        if (!other->known || other == r)
        {
            continue;
        }
        if (fb_registration_up(other))
        {
            fb_mobile_node_drop_request(node, other);
            fb_mobile_node_set_state(node, other, FB_BINDING_DEREGISTERING, FB_CAUSE_HOME, now);
        }
        else
        {
            fb_mobile_node_take_down(node, other, FB_CAUSE_HOME, now);
        }
    }
    deregister_at_home(node, r, now);
}

void
fb_mobile_node_leave_home(fb_mobile_node *node, fb_time now)
{
    home_event(node, node->home_link, false, now);
    node->home_link = 0;
    node->home_expires = FB_TIME_NEVER;
    node->home_retry_at = FB_TIME_NEVER;
    node->generation++;
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        fb_registration *r = fb_mobile_node_at(node, i);

        if (!r->known)
        {
            continue;
        }
        fb_mobile_node_take_down(node, r, FB_CAUSE_HOME, now);
        if (r->not_before < now + TIME_FOR_ARP)
        {
            r->not_before = now + TIME_FOR_ARP;
        }
        fb_mobile_node_look_for_agents(node, r, false, now);
    }
    fb_mobile_node_register_idle(node, FB_CAUSE_HOME, now);
}

void
fb_mobile_node_hear_home(fb_mobile_node *node, fb_registration *r, uint16_t lifetime_s, fb_time now)
{
    if (node->home_link == 0 && lifetime_s > 0)
    {
        come_home(node, r, now);
    }
    if (fb_mobile_node_home_link(node, r))
    {
        node->home_expires = now + lifetime_s * FB_SECOND;
    }
    fb_mobile_node_home_timeout(node, now); /* Lifetime 0: it says good-bye (RFC 1256 4.1) */
}

void
fb_mobile_node_note_home_answer(fb_mobile_node *node, fb_cause cause, fb_time now)
{
    uint16_t wait_s = node->home_retry_s;

    if (node->home_link == 0 || cause == FB_CAUSE_DEREGISTERED)
    {
        return;
    }
    /* The home agent still catches its packets (RFC 5944 4.6): ask again, less often each time */
    node->home_retry_at = now + wait_s * FB_SECOND;
    node->home_retry_s = wait_s > UINT16_MAX / 2 ? UINT16_MAX : (uint16_t)(wait_s * 2);
}

void
fb_mobile_node_home_timeout(fb_mobile_node *node, fb_time now)
{
    if (node->home_expires <= now)
    {
        fb_mobile_node_leave_home(node, now); /* RFC 5944 2.4.2.1: it is not heard any more */
    }
    if (node->home_retry_at <= now)
    {
        deregister_at_home(node, fb_registration_find(&node->registrations, node->home_link), now);
    }
}
