/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/mobile_node_internal.h"

/* Acting on replies that say no. */

#define DEREGISTRATION_RETRIES \
    2 /* after code 133; then as after three unanswered sendings (C-03) */

/** A denial for which there is no better answer than to wait, longer each time. */
void
fb_mobile_node_block(fb_mobile_node *node, fb_registration *r, fb_time now)
{
    uint16_t wait_s = fb_backoff_refused(&r->retry_s, node->config.retry_denied_s);

    fb_mobile_node_drop_request(node, r);
    if (fb_registration_up(r))
    {
        /* The binding lives until its lifetime ends (C-02); meanwhile ask again */
        fb_mobile_node_set_state(node, r, FB_BINDING_UP, FB_CAUSE_DENIED, now);
        r->refresh_at = now + wait_s * FB_SECOND;
        return;
    }
    fb_mobile_node_set_state(node, r, FB_BINDING_BLOCKED, FB_CAUSE_DENIED, now);
    fb_mobile_node_ask_anew(r);
    r->blocked_until = now + wait_s * FB_SECOND;
    /* Without RFC 7629 the next path; with it perhaps one that this one stood in the way of (D-38) */
    fb_mobile_node_register_idle(node, FB_CAUSE_DENIED, now);
}

/** Wait before the next try of a request that was denied again and again: longer each time, up to the lifetime. */
static fb_time
retry_wait(const fb_mobile_node *node, const fb_request *request)
{
    unsigned doublings = request->retries < 15 ? request->retries + 1u : 16;
    fb_time wait = node->config.retransmit_ms * FB_MILLISECOND << doublings;
    fb_time longest = node->config.lifetime_s * FB_SECOND;

    return wait < longest ? wait : longest;
}

void
fb_mobile_node_retry(fb_mobile_node *node, fb_registration *r, fb_time now)
{
    fb_request *request = &r->request;
    fb_time second_wait = node->config.retransmit_ms * FB_MILLISECOND * 2;

    request->waiting = false;
    request->send_at = request->retries > 0 ? now + retry_wait(node, request) : now;
    request->retries = request->retries == UINT8_MAX ? UINT8_MAX : (uint8_t)(request->retries + 1);
    /*
     * It was answered: the path is not silent, and the next sending holds the token again; not for longer than early
     * ones do, as others wait for it whose lifetimes may be short
     */
    request->tries = 0;
    request->backoff = request->backoff < second_wait ? request->backoff : second_wait;
    request->sequence = ++node->sequence;
    if (node->outstanding == r)
    {
        node->outstanding = NULL;
    }
}

/** Puts @p r into the queue again for what it wanted, as if new. */
static void
repeat(fb_mobile_node *node, fb_registration *r, bool without_policy, fb_time now)
{
    fb_request_kind kind = (fb_request_kind)r->request.kind;
    bool overwrite = r->request.overwrite, bulk = r->request.bulk;
    bool with_policy = r->request.with_policy;

    fb_mobile_node_enqueue(node, r, kind, FB_CAUSE_DENIED, now);
    r->request.overwrite = overwrite;
    r->request.bulk = bulk;
    r->request.with_policy = with_policy;
    r->request.without_policy = without_policy;
}

/** Whether a binding is being registered again for 153, and the queue waits for it. */
static bool
repair_under_way(const fb_mobile_node *node)
{
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        const fb_registration *r = &node->registrations.item[i];

        if (r->known && r->state == FB_BINDING_UP_PENDING && r->request.without_policy &&
            r->request.tries <= FB_UNANSWERED_BEFORE_YIELD)
        {
            return true;
        }
    }
    return false;
}

/* RFC 7629 5.1: on 153 MUST re-register that specific binding; the reply does not say which (D-31) */
static void
repair_bindings(fb_mobile_node *node, fb_registration *r, fb_time now)
{
    if (!r->request.sent_policy)
    {
        fb_mobile_node_block(node, r, now);
        return;
    }
    if (!repair_under_way(node) && ++node->policy_round > 2)
    {
        node->policy_suspended = true;
        repeat(node, r, true, now);
        return;
    }
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        fb_registration *other = &node->registrations.item[i];

        if (other->known && other != r && other->state == FB_BINDING_UP &&
            fb_bid_set_has(&r->request.sent_policy_bids, other->link.bid))
        {
            fb_mobile_node_enqueue(node, other, FB_REQUEST_REFRESH, FB_CAUSE_DENIED, now);
            other->request.without_policy = true;
        }
    }
    repeat(node, r, false, now);
}

/*
 * RFC 7629 5.1: on 152 multipath MUST be disabled; the node MAY register without (M10). What the home agent has already
 * stays valid until then (C-02).
 */
static void
give_up_multipath(fb_mobile_node *node, fb_registration *r, fb_time now)
{
    fb_registration *keep = NULL;

    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        fb_registration *up = &node->registrations.item[i];

        if (up->known && fb_registration_up(up) &&
            (keep == NULL || up->link.preference < keep->link.preference))
        {
            keep = up;
        }
    }
    fb_mobile_node_set_multipath(node, FB_MULTIPATH_OFF, keep, now);
    node->legacy_retry_at = FB_TIME_NEVER; /* it knows RFC 7629 and says no */
    if (keep != NULL)
    {
        fb_mobile_node_enqueue(node, keep, FB_REQUEST_REFRESH, FB_CAUSE_DENIED, now);
        return;
    }
    fb_mobile_node_take_down(node, r, FB_CAUSE_DENIED, now);
    fb_mobile_node_register_idle(node, FB_CAUSE_DENIED, now);
}

/** The same request, changed; a second after the last one (RFC 5944 3.6), as nobody has to be believed who says so. */
static void
retry_changed(fb_mobile_node *node, fb_registration *r, fb_time now)
{
    repeat(node, r, r->request.without_policy, now);
    if (r->not_before > now)
    {
        r->request.send_at = r->not_before;
    }
}

/**
 * What can be done about a denial so that the same agent may accept (RFC 5944 3.6.2.3, RFC 3024 4.1.2). False: nothing
 * that was not tried.
 */
static bool
adapt(fb_mobile_node *node, fb_registration *r, fb_agent_heard *agent, const fb_mip4_fixed *reply)
{
    const fb_request *request = &r->request;

    switch (reply->code)
    {
    case FB_MIP4_FA_LIFETIME_TOO_LONG:
        if (reply->lifetime_s == 0 || reply->lifetime_s >= request->sent_lifetime_s)
        {
            return false; /* not authenticated: only what shortens it and leaves something (C-06) */
        }
        agent->lifetime_limit_s = reply->lifetime_s;
        return true;
    case FB_MIP4_FA_DELIVERY_STYLE:
        agent->refused_delivery = true;
        return request->sent_delivery;
    default:
        return fb_mobile_node_give_up(node, r, reply->code);
    }
}

/** A foreign agent refuses: adapt to it, or take another, or wait (RFC 5944 2.4, 3.6.2.3). */
static void
deny_by_agent(fb_mobile_node *node, fb_registration *r, const fb_mip4_fixed *reply, fb_time now)
{
    fb_agent_heard *agent = fb_agents_chosen_mutable(&r->agents);
    bool asked = agent != NULL && fb_agent_care_of_address(agent) == r->request.sent_relay;

    if (asked && adapt(node, r, agent, reply))
    {
        retry_changed(node, r, now);
        return;
    }
    if (asked && !fb_registration_up(r) && fb_mobile_node_try_elsewhere(node, r, reply->code, now))
    {
        retry_changed(node, r, now);
        return;
    }
    fb_mobile_node_block(node, r, now);
}

/** Another encapsulation, T the other way round, or without F: once each, then it is a denial like any other. */
static void
try_other_tunnel(fb_mobile_node *node, fb_registration *r, uint8_t code, fb_time now)
{
    if (!fb_mobile_node_give_up(node, r, code))
    {
        fb_mobile_node_block(node, r, now);
        return;
    }
    if (code == FB_MIP4_ADMINISTRATIVELY_PROHIBITED && r->request.without_policy)
    {
        node->policy_suspended = false; /* which seems not to have been the reason */
        r->request.without_policy = false;
    }
    fb_mobile_node_retry(node, r, now);
}

void
fb_mobile_node_deny(fb_mobile_node *node,
                    fb_registration *r,
                    const fb_mip4_fixed *reply,
                    fb_time now)
{
    if (reply->code == FB_MIP4_IDENTIFICATION_MISMATCH &&
        (!fb_request_removes(&r->request) || r->request.retries < DEREGISTRATION_RETRIES))
    {
        fb_mobile_node_retry(node, r, now);
        return;
    }
    if (fb_request_removes(&r->request))
    {
        fb_mobile_node_finish_deregistration(node, r, FB_CAUSE_DENIED, now); /* C-03 */
        return;
    }
    if (fb_mobile_node_agent_code(reply->code))
    {
        deny_by_agent(node, r, reply, now);
        return;
    }
    switch (reply->code)
    {
    case FB_MIP4_UNKNOWN_HOME_AGENT:
        if (reply->home_agent == node->home_agent || reply->home_agent == 0)
        {
            fb_mobile_node_block(node, r, now);
            return;
        }
        node->home_agent = reply->home_agent; /* RFC 5944 3.6.2.3 */
        fb_mobile_node_retry(node, r, now);
        return;
    case FB_MIP4_ADMINISTRATIVELY_PROHIBITED:
        if (!r->request.sent_policy)
        {
            try_other_tunnel(node, r, reply->code, now);
            return;
        }
        node->policy_suspended = true; /* perhaps only the policy is (D-34) */
        repeat(node, r, true, now);
        return;
    case FB_MIP4_NETWORK_ERROR:
    case FB_MIP4_NETWORK_PROHIBITED:
        if (!r->request.sent_networks)
        {
            fb_mobile_node_block(node, r, now);
            return;
        }
        /* RFC 5177 5.1: without the networks it names, as fb_mobile_node_refuse_networks() noted */
        repeat(node, r, r->request.without_policy, now);
        return;
    case FB_MIP4_MULTIPATH_NOT_ALLOWED:
        if (!r->request.sent_multipath)
        {
            fb_mobile_node_block(node, r, now);
            return;
        }
        give_up_multipath(node, r, now);
        return;
    case FB_MIP4_INVALID_FB_IDENTIFIER:
        repair_bindings(node, r, now);
        return;
    default:
        try_other_tunnel(node, r, reply->code, now);
        return;
    }
}
