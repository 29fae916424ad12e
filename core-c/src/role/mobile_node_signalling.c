/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/mobile_node_internal.h"

#include <string.h>

#define DEREGISTRATION_RETRIES \
    2 /* after code 133; then as after three unanswered sendings (C-03) */

/* ---- composing requests ---- */

static bool
removes(const fb_request *request)
{
    return request->kind == FB_REQUEST_DEREGISTER || request->kind == FB_REQUEST_DEREGISTER_ALL;
}

static bool
carries_multipath(const fb_mobile_node *node, const fb_request *request)
{
    if (request->plain && node->multipath == FB_MULTIPATH_UNKNOWN)
    {
        return false;
    }
    return node->multipath != FB_MULTIPATH_OFF || request->confirm;
}

/** The BIDs the home agent will know once this request is accepted. */
static fb_bid_set
registered_bids(const fb_mobile_node *node, const fb_registration *r)
{
    fb_bid_set set = {{0}};

    fb_bid_set_add(&set, r->link.bid);
    for (size_t i = 0; !r->request.overwrite && i < node->registrations.capacity; i++)
    {
        const fb_registration *other = &node->registrations.item[i];

        if (other->known && fb_registration_up(other))
        {
            fb_bid_set_add(&set, other->link.bid);
        }
    }
    return set;
}

/** @p rule with only those BIDs in it that are in @p known. */
static fb_rule
rule_for(const fb_rule *rule, const fb_bid_set *known)
{
    fb_rule pruned = *rule;

    if (rule->action == FB_RULE_DROP)
    {
        return pruned;
    }
    pruned.bid_count = 0;
    for (size_t i = 0; i < rule->bid_count; i++)
    {
        if (fb_bid_set_has(known, rule->bid[i]))
        {
            pruned.bid[pruned.bid_count++] = rule->bid[i];
        }
    }
    return pruned;
}

/** Those BIDs of @p known that the policy names. */
static fb_bid_set
named_bids(const fb_mobile_node *node, const fb_bid_set *known)
{
    fb_bid_set named = {{0}};

    for (size_t i = 0; i < node->rule_count; i++)
    {
        const fb_rule *rule = &node->rule[i];

        for (size_t j = 0; rule->action == FB_RULE_FORWARD && j < rule->bid_count; j++)
        {
            if (fb_bid_set_has(known, rule->bid[j]))
            {
                fb_bid_set_add(&named, rule->bid[j]);
            }
        }
    }
    return named;
}

/**
 * Whether Flow-Bindings belong into this request: the home agent lacks the policy, or a path the policy names. A path
 * that is not registered cannot be named, as the answer would be 153 (RFC 7629 5.2); so each path that comes up
 * brings the policy with the paths known by then, and the request of the last one brings it whole.
 */
static bool
policy_due(const fb_mobile_node *node, const fb_request *request, const fb_bid_set *named)
{
    if (!node->config.negotiate_policy || node->rule_count == 0 || node->policy_suspended ||
        request->without_policy || removes(request) || !carries_multipath(node, request))
    {
        return false;
    }
    /* RFC 7629 5.2: O deletes the earlier policy (D-25) */
    return request->overwrite || request->with_policy ||
           node->installed_version != node->policy_version ||
           !fb_bid_set_contains(&node->installed_bids, named);
}

static uint16_t
write_policy(const fb_mobile_node *node, fb_writer *writer, const fb_bid_set *named)
{
    uint16_t count = 0;

    for (size_t i = 0; i < node->rule_count; i++)
    {
        fb_rule rule = rule_for(&node->rule[i], named);

        if (rule.bid_count > 0)
        {
            fb_flow_binding_write(writer, &rule, node->layout);
            count++;
        }
    }
    return count;
}

/*
 * RFC 5944 5.7.1: NTP time, and greater than in any request before. A reply is known by the low half alone (3.6.2.1),
 * but requests are whole seconds apart: the sixteen lowest bits, 15 microseconds, count sendings instead.
 */
static uint64_t
next_identification(fb_mobile_node *node, fb_time now)
{
    uint64_t identification = (fb_clock_ntp(&node->clock, now) & ~UINT64_C(0xffff)) |
                              ++node->sendings;

    if (node->last_identification != 0 &&
        (int64_t)(identification - node->last_identification) <= 0)
    {
        identification = node->last_identification + 1;
    }
    node->last_identification = identification;
    return identification;
}

static fb_mip4_fixed
fixed_part(fb_mobile_node *node, const fb_registration *r, fb_time now)
{
    fb_mip4_fixed fixed = {.type = FB_MIP4_REQUEST,
                           .flags = FB_MIP4_FLAG_D,
                           .lifetime_s = removes(&r->request) ? 0 : node->config.lifetime_s,
                           .home_address = node->config.home_address,
                           .home_agent = node->home_agent,
                           .care_of_address = r->care_of_address};

    if (node->config.reverse_tunnel)
    {
        fixed.flags |= FB_MIP4_FLAG_T;
    }
    if (r->request.kind == FB_REQUEST_DEREGISTER_ALL)
    {
        fixed.care_of_address = node->config.home_address; /* RFC 5944 3.6.1.2 (C-09) */
    }
    fixed.identification = next_identification(node, now);
    return fixed;
}

static fb_multipath
multipath_part(const fb_registration *r)
{
    const fb_request *request = &r->request;

    /* RFC 7629 4.1: B and O exclude each other, O is 0 in a de-registration */
    return (fb_multipath){.technology = r->link.technology,
                          .label = r->link.label,
                          .bid = r->link.bid,
                          .bulk = request->bulk || request->kind == FB_REQUEST_DEREGISTER_ALL,
                          .overwrite = request->overwrite && !removes(request)};
}

/** What was sent, for the reply, for the timer and for the host. */
static void
note_sending(fb_mobile_node *node,
             fb_registration *r,
             const fb_mip4_fixed *fixed,
             uint16_t rules,
             fb_time now)
{
    fb_request *request = &r->request;
    fb_multipath multipath = multipath_part(r);
    fb_time longest = node->config.lifetime_s * FB_SECOND;
    fb_event event = {.kind = FB_EVENT_SENT,
                      .role = FB_ROLE_MOBILE_NODE,
                      .type = FB_MIP4_REQUEST,
                      .lifetime_s = fixed->lifetime_s,
                      .count = rules,
                      .ref = {.session = 1, .link = r->link.link, .bid = r->link.bid},
                      .home_address = fixed->home_address,
                      .care_of_address = fixed->care_of_address,
                      .identification = fixed->identification,
                      .time = now};

    request->sent_multipath = carries_multipath(node, request);
    request->sent_policy = rules > 0;
    request->sent_lifetime_s = fixed->lifetime_s;
    request->sent_identification = fixed->identification;
    request->sent_at = now;
    request->waiting = true;
    if (!removes(request))
    {
        r->held_until = fixed->lifetime_s == UINT16_MAX ? FB_TIME_NEVER : now + longest;
    }
    request->tries = request->tries == UINT8_MAX ? UINT8_MAX : (uint8_t)(request->tries + 1);
    request->send_at = now + request->backoff;
    /* RFC 5944 3.6.3: at least doubling, up to the lifetime asked for */
    request->backoff = request->backoff * 2 < longest ? request->backoff * 2 : longest;
    r->not_before = removes(request) ? r->not_before : now + FB_SECOND;
    node->outstanding = r;
    if (request->sent_multipath)
    {
        event.flags = (uint8_t)(FB_EVENT_FLAG_MULTIPATH |
                                (multipath.bulk ? FB_EVENT_FLAG_BULK : 0) |
                                (multipath.overwrite ? FB_EVENT_FLAG_OVERWRITE : 0) |
                                (rules > 0 ? FB_EVENT_FLAG_POLICY : 0));
    }
    fb_events_push(node->events, &event);
    if (r->state == FB_BINDING_QUEUED)
    {
        fb_mobile_node_set_state(node, r, FB_BINDING_PENDING, FB_CAUSE_TOKEN, now);
    }
}

ptrdiff_t
fb_mobile_node_output(fb_mobile_node *node,
                      fb_meta *meta,
                      uint8_t *buffer,
                      size_t capacity,
                      fb_time now)
{
    fb_writer writer = fb_writer_over(buffer, capacity);
    fb_registration *r = fb_mobile_node_next_sender(node, now);
    uint64_t last_identification = node->last_identification;
    uint16_t sendings = node->sendings;
    const fb_link *egress;
    fb_bid_set known, named;
    fb_mip4_fixed fixed;
    uint16_t rules = 0;

    if (r == NULL)
    {
        return 0;
    }
    egress = fb_mobile_node_egress(node, r);
    known = registered_bids(node, r);
    named = named_bids(node, &known);
    fixed = fixed_part(node, r, now);
    fb_mip4_write_fixed(&writer, &fixed);
    if (carries_multipath(node, &r->request))
    {
        fb_multipath multipath = multipath_part(r);

        fb_multipath_write(&writer, &multipath);
    }
    if (policy_due(node, &r->request, &named))
    {
        rules = write_policy(node, &writer, &named);
        r->request.sent_policy_bids = named;
        r->request.sent_policy_version = node->policy_version;
    }
    /* RFC 7629 4.1, 4.2: both before the Mobile-Home authentication */
    fb_mip4_write_authentication(&writer,
                                 FB_EXT_MOBILE_HOME_AUTHENTICATION,
                                 &node->config.association);
    if (writer.failed)
    {
        node->last_identification = last_identification;
        node->sendings = sendings;
        return FB_ERR_LIMIT;
    }
    *meta = (fb_meta){.src = egress->address,
                      .dst = fb_addr_from_ipv4(node->home_agent),
                      .sport = node->config.port,
                      .dport = FB_MIP4_PORT,
                      .link = egress->link,
                      .protocol = FB_PROTOCOL_UDP,
                      .ttl = 255}; /* RFC 3024 3.2 */
    note_sending(node, r, &fixed, rules, now);
    return (ptrdiff_t)writer.position;
}

/* ---- replies ---- */

/** The request @p message answers: RFC 5944 3.6.2.1, the low half of the Identification (D-31). NULL: none. */
static fb_registration *
match_reply(fb_mobile_node *node, const fb_mip4_message *message)
{
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        fb_registration *r = &node->registrations.item[i];

        if (r->known && r->request.kind != FB_REQUEST_NONE && r->request.tries > 0 &&
            (uint32_t)r->request.sent_identification == (uint32_t)message->fixed.identification)
        {
            return r;
        }
    }
    return NULL;
}

/** Codes a home agent can have set; the others come from foreign agents, without its authentication (C-05). */
static bool
home_agent_code(uint8_t code)
{
    return code == FB_MIP4_ACCEPTED || code == FB_MIP4_ACCEPTED_NO_SIMULTANEOUS ||
           (code >= 128 && code <= 193);
}

static int
check_reply(const fb_mobile_node *node, const fb_mip4_message *message)
{
    size_t authentications = 0;

    for (uint16_t i = 0; i < message->extension_count; i++)
    {
        authentications += message->extension[i].type == FB_EXT_MOBILE_HOME_AUTHENTICATION;
    }
    if (message->fixed.home_address != node->config.home_address ||
        !home_agent_code(message->fixed.code))
    {
        return FB_DROP_NOT_EXPECTED;
    }
    if (authentications == 0)
    {
        return FB_DROP_NO_AUTHENTICATION;
    }
    if (authentications > 1)
    {
        return FB_DROP_REPEATED_AUTHENTICATION;
    }
    return fb_mip4_verify(message, message->mobile_home, &node->config.association);
}

/* RFC 5944 3.4, 3.6.2.2: the lesser of asked and granted, counted from the sending */
static void
start_lifetime(fb_registration *r, uint16_t lifetime_s, fb_time sent_at)
{
    r->lifetime_s = lifetime_s;
    if (lifetime_s == UINT16_MAX)
    {
        r->expires = FB_TIME_NEVER;
        r->refresh_at = FB_TIME_NEVER;
        r->held_until = FB_TIME_NEVER;
        return;
    }
    r->expires = sent_at + lifetime_s * FB_SECOND;
    r->held_until = r->expires;
    r->refresh_at = sent_at + lifetime_s * (FB_SECOND / 5 * 4);
}

/** O was accepted: the home agent has lost every other binding (RFC 7629 5.2); they come back one after another. */
static void
reregister_others(fb_mobile_node *node, const fb_registration *r, fb_time now)
{
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        fb_registration *other = &node->registrations.item[i];

        if (!other->known || other == r)
        {
            continue;
        }
        other->request.overwrite =
            false; /* there is nothing left it may wipe but this one (C-03) */
        other->held_until = 0;
        if (fb_registration_up(other))
        {
            fb_mobile_node_enqueue(node, other, FB_REQUEST_REGISTER, FB_CAUSE_OVERWRITTEN, now);
        }
    }
}

static void
note_policy(fb_mobile_node *node, const fb_request *request)
{
    if (request->overwrite)
    {
        node->installed_version = 0; /* O deleted the earlier policy (D-25) */
    }
    if (request->sent_policy)
    {
        node->installed_version = request->sent_policy_version;
        node->installed_bids = request->sent_policy_bids;
        /* Only an accepted policy ends the rounds of D-31: the repairs in between are accepted as well */
        node->policy_round = 0;
        fb_mobile_node_obey_own_policy(node);
    }
}

static void
bind_plain(fb_mobile_node *node, fb_registration *r, fb_cause cause, fb_time now)
{
    bool probe = node->multipath == FB_MULTIPATH_UNKNOWN;

    if (node->multipath == FB_MULTIPATH_YES)
    {
        /* Overtaken by a request with 154: nobody knows which of them the home agent has (D-26) */
        node->installed_version = 0;
        reregister_others(node, r, now);
        fb_mobile_node_enqueue(node, r, FB_REQUEST_REGISTER, FB_CAUSE_RETRY, now);
        return;
    }
    fb_mobile_node_set_state(node, r, FB_BINDING_UP, cause, now);
    fb_mobile_node_drop_request(node, r);
    if (probe)
    {
        /* Alive without 154: once more with it, over the path that just worked, before believing it (C-04) */
        fb_mobile_node_enqueue(node, r, FB_REQUEST_REFRESH, FB_CAUSE_RETRY, now);
        r->request.confirm = true;
        return;
    }
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        fb_registration *other = &node->registrations.item[i];

        if (other->known && other != r && other->state != FB_BINDING_DOWN)
        {
            /* One path only, and this one answered */
            fb_mobile_node_take_down(node, other, FB_CAUSE_REPLACED, now);
        }
        if (other != r)
        {
            other->held_until = 0;
        }
    }
}

/** Bindings whose paths were lost when there was no other to say so by: now there is one (D-37). */
static void
deregister_strays(fb_mobile_node *node, fb_time now)
{
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        fb_registration *r = &node->registrations.item[i];

        if (r->known && r->state == FB_BINDING_DOWN && r->held_until > now &&
            (!r->link_up || !r->wanted))
        {
            fb_mobile_node_enqueue(node, r, FB_REQUEST_DEREGISTER, FB_CAUSE_LINK_DOWN, now);
        }
    }
}

static void
bind_multipath(fb_mobile_node *node, fb_registration *r, fb_cause cause, fb_time now)
{
    fb_request request = r->request;

    note_policy(node, &request);
    fb_mobile_node_set_state(node, r, FB_BINDING_UP, cause, now);
    fb_mobile_node_drop_request(node, r);
    if (request.bulk)
    {
        for (size_t i = 0; i < node->registrations.capacity; i++)
        {
            fb_registration *other = &node->registrations.item[i];

            if (other->known && fb_registration_up(other))
            {
                start_lifetime(other, r->lifetime_s, request.sent_at); /* RFC 7629 5.1 (D-06) */
            }
        }
    }
    if (request.overwrite)
    {
        reregister_others(node, r, now);
    }
    /* Any acceptance of a request with 154 shows that it was understood, Code 1 too (C-20) */
    fb_mobile_node_set_multipath(node, FB_MULTIPATH_YES, r, now);
    deregister_strays(node, now);
}

static void block(fb_mobile_node *node, fb_registration *r, fb_time now);

static void
accept(fb_mobile_node *node, fb_registration *r, const fb_mip4_fixed *reply, fb_time now)
{
    const fb_request *request = &r->request;
    fb_cause cause = fb_registration_up(r) ? FB_CAUSE_REFRESH : FB_CAUSE_REGISTERED;
    uint16_t granted_s = reply->lifetime_s < request->sent_lifetime_s ? reply->lifetime_s
                                                                      : request->sent_lifetime_s;

    if (removes(request))
    {
        fb_mobile_node_finish_deregistration(node, r, FB_CAUSE_DEREGISTERED, now);
        return;
    }
    if (granted_s == 0)
    {
        block(node, r, now); /* accepted for no time at all */
        return;
    }
    start_lifetime(r, granted_s, request->sent_at);
    r->confirmed_at = request->sent_at;
    r->retry_s = 0;
    node->generation++;
    if (request->sent_multipath)
    {
        bind_multipath(node, r, cause, now);
    }
    else
    {
        bind_plain(node, r, cause, now);
    }
}

/* ---- denials ---- */

/** A denial for which there is no better answer than to wait, longer each time. */
static void
block(fb_mobile_node *node, fb_registration *r, fb_time now)
{
    uint16_t wait_s = r->retry_s != 0 ? r->retry_s : node->config.retry_denied_s;

    r->retry_s = wait_s > UINT16_MAX / 2 ? UINT16_MAX : (uint16_t)(wait_s * 2);
    fb_mobile_node_drop_request(node, r);
    if (fb_registration_up(r))
    {
        /* The binding lives until its lifetime ends (C-02); meanwhile ask again */
        fb_mobile_node_set_state(node, r, FB_BINDING_UP, FB_CAUSE_DENIED, now);
        r->refresh_at = now + wait_s * FB_SECOND;
        return;
    }
    fb_mobile_node_set_state(node, r, FB_BINDING_BLOCKED, FB_CAUSE_DENIED, now);
    r->blocked_until = now + wait_s * FB_SECOND;
    if (node->multipath == FB_MULTIPATH_OFF)
    {
        fb_mobile_node_register_idle(node, FB_CAUSE_DENIED, now);
    }
}

/** Sends again: at once the first time, then as retransmissions are. */
static void
retry(fb_mobile_node *node, fb_registration *r, fb_time now)
{
    fb_request *request = &r->request;

    request->waiting = false;
    request->send_at = request->retries > 0 ? now + request->backoff : now;
    request->retries = request->retries == UINT8_MAX ? UINT8_MAX : (uint8_t)(request->retries + 1);
    request->tries =
        0; /* it was answered: the path is not silent, and the next sending holds the token again */
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
        block(node, r, now);
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

static void
deny(fb_mobile_node *node, fb_registration *r, const fb_mip4_fixed *reply, fb_time now)
{
    if (reply->code == FB_MIP4_IDENTIFICATION_MISMATCH)
    {
        /* RFC 5944 3.6.2.3, 5.7.1: take over the home agent's clock */
        fb_clock_resynchronize(&node->clock, (uint32_t)(reply->identification >> 32), now);
        node->last_identification = 0;
    }
    if (reply->code == FB_MIP4_IDENTIFICATION_MISMATCH &&
        (!removes(&r->request) || r->request.retries < DEREGISTRATION_RETRIES))
    {
        retry(node, r, now);
        return;
    }
    if (removes(&r->request))
    {
        fb_mobile_node_finish_deregistration(node, r, FB_CAUSE_DENIED, now); /* C-03 */
        return;
    }
    switch (reply->code)
    {
    case FB_MIP4_UNKNOWN_HOME_AGENT:
        if (reply->home_agent == node->home_agent || reply->home_agent == 0)
        {
            block(node, r, now);
            return;
        }
        node->home_agent = reply->home_agent; /* RFC 5944 3.6.2.3 */
        retry(node, r, now);
        return;
    case FB_MIP4_ADMINISTRATIVELY_PROHIBITED:
        if (!r->request.sent_policy)
        {
            block(node, r, now);
            return;
        }
        node->policy_suspended = true; /* perhaps only the policy is (D-34) */
        repeat(node, r, true, now);
        return;
    case FB_MIP4_MULTIPATH_NOT_ALLOWED:
        if (!r->request.sent_multipath)
        {
            block(node, r, now);
            return;
        }
        give_up_multipath(node, r, now);
        return;
    case FB_MIP4_INVALID_FB_IDENTIFIER:
        repair_bindings(node, r, now);
        return;
    default:
        block(node, r, now);
        return;
    }
}

static void
reply_event(const fb_mobile_node *node,
            const fb_registration *r,
            const fb_mip4_fixed *reply,
            fb_event_kind kind,
            int reason,
            fb_time now)
{
    fb_event event = {.kind = (uint8_t)kind,
                      .role = FB_ROLE_MOBILE_NODE,
                      .type = reply->type,
                      .code = reply->code,
                      .reason = (uint16_t)reason,
                      .lifetime_s = reply->lifetime_s,
                      .home_address = reply->home_address,
                      .identification = reply->identification,
                      .time = now};

    if (r != NULL)
    {
        event.ref = (fb_ref){.session = 1, .link = r->link.link, .bid = r->link.bid};
        event.care_of_address = r->care_of_address;
    }
    fb_events_push(node->events, &event);
}

/** The next Flow-Binding from extension @p index on that is authenticated; `extension_count` when there is none. */
static int
next_flow_binding(const fb_mip4_message *message, int index)
{
    for (; index < message->mobile_home; index++)
    {
        const fb_mip4_extension *extension = &message->extension[index];

        if (extension->type == FB_EXT_MULTIPATH &&
            extension->subtype == FB_EXT_SUBTYPE_FLOW_BINDING)
        {
            return index;
        }
    }
    return message->extension_count;
}

/** Decodes the Flow-Bindings of a reply into @p rules, which may be NULL. How many; 0 when one is malformed. */
static size_t
read_policy(const fb_mobile_node *node, const fb_mip4_message *message, fb_rule *rules)
{
    size_t count = 0;

    for (int i = next_flow_binding(message, 0); i < message->extension_count;
         i = next_flow_binding(message, i + 1))
    {
        const fb_mip4_extension *extension = &message->extension[i];
        fb_rule rule;

        if (fb_flow_binding_decode(&rule,
                                   message->data + extension->body,
                                   extension->length,
                                   node->layout) != FB_REASON_NONE)
        {
            return 0;
        }
        if (rules != NULL)
        {
            rules[count] = rule;
        }
        count++;
    }
    return count;
}

/* RFC 7629 4.2: Flow-Bindings in an accepting reply are the policy the home agent really has; obey it as well (D-30) */
static void
obey_policy_of_reply(fb_mobile_node *node, const fb_mip4_message *message)
{
    size_t count = read_policy(node, message, NULL);

    if (count == 0 || count > node->rule_max)
    {
        return;
    }
    node->rule_in_force_count = (uint8_t)read_policy(node, message, node->rule_in_force);
    node->generation++;
}

int
fb_mobile_node_input(fb_mobile_node *node, const fb_mip4_message *message, fb_time now)
{
    fb_registration *r = match_reply(node, message);
    int reason = r == NULL ? FB_DROP_NOT_EXPECTED : check_reply(node, message);
    bool accepted;

    if (reason != FB_REASON_NONE)
    {
        fb_events_count(node->events, reason);
        reply_event(node, r, &message->fixed, FB_EVENT_DROP, reason, now);
        return reason;
    }
    accepted = message->fixed.code <= FB_MIP4_ACCEPTED_NO_SIMULTANEOUS;
    reply_event(node, r, &message->fixed, FB_EVENT_RECEIVED, FB_REASON_NONE, now);
    if (accepted)
    {
        accept(node, r, &message->fixed, now);
        obey_policy_of_reply(node, message);
        return FB_REASON_NONE;
    }
    reply_event(node, r, &message->fixed, FB_EVENT_DENIED, FB_REASON_NONE, now);
    deny(node, r, &message->fixed, now);
    return FB_REASON_NONE;
}
