/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/mobile_node_internal.h"
#include "wire/rfc3519.h"

/* Acting on replies. */

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

/** Whether the reply is for this node: while it has no home address, an acceptance has to name one (RFC 2794 3). */
static bool
names_us(const fb_mobile_node *node, const fb_mip4_fixed *reply)
{
    bool accepted = reply->code <= FB_MIP4_ACCEPTED_NO_SIMULTANEOUS;

    if (node->config.home_address == 0)
    {
        return !accepted || reply->home_address != 0;
    }
    return reply->home_address == node->config.home_address;
}

/** RFC 5944 3.6.2.1: exactly one authentication extension of @p type, and valid. 0 or a drop reason. */
static int
check_authentication(const fb_mip4_message *message,
                     uint8_t type,
                     const fb_security_association *association)
{
    size_t authentications = 0;
    int extension = -1;

    for (uint16_t i = 0; i < message->extension_count; i++)
    {
        if (message->extension[i].type == type)
        {
            authentications++;
            extension = i;
        }
    }
    if (authentications == 0)
    {
        return FB_DROP_NO_AUTHENTICATION;
    }
    if (authentications > 1)
    {
        return FB_DROP_REPEATED_AUTHENTICATION;
    }
    return fb_mip4_verify(message, extension, association);
}

static int
check_reply(const fb_mobile_node *node, const fb_registration *r, const fb_mip4_message *message)
{
    const fb_security_association *shared = fb_mobile_node_association(node, r->request.sent_relay);
    uint8_t code = message->fixed.code;
    bool from_agent = fb_mobile_node_agent_code(code) && r->request.sent_relay != 0;
    int reason;

    /* Nobody but an agent it was sent to can have refused it on its own (C-05) */
    if (!names_us(node, &message->fixed) || (!home_agent_code(code) && !from_agent))
    {
        return FB_DROP_NOT_EXPECTED;
    }
    /* RFC 5944 3.6.2.1 a: whatever the code */
    reason = shared == NULL
                 ? FB_REASON_NONE
                 : check_authentication(message, FB_EXT_MOBILE_FOREIGN_AUTHENTICATION, shared);
    if (reason != FB_REASON_NONE || from_agent)
    {
        return reason;
    }
    /* 3.6.2.1 b */
    return check_authentication(message,
                                FB_EXT_MOBILE_HOME_AUTHENTICATION,
                                &node->config.association);
}

/* RFC 3519 3.2: a UDP Tunnel Reply may not be skipped (RFC 5944 1.8), so neither can one nobody can read */
static int
check_tunnel_reply(const fb_mip4_message *message)
{
    fb_udp_tunnel_reply reply;

    return fb_udp_tunnel_reply_find(&reply, message) == FB_UDP_TUNNEL_MALFORMED
               ? FB_DROP_NOT_EXPECTED
               : FB_REASON_NONE;
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
    r->refresh_at = fb_refresh_time(sent_at, lifetime_s);
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
            /* One path only, and this one answered; what the other was to find out (C-04), it has to */
            node->legacy_retry_at = other->request.confirm ? now : node->legacy_retry_at;
            fb_mobile_node_take_down(node, other, FB_CAUSE_REPLACED, now);
        }
        if (other != r)
        {
            other->held_until = 0;
        }
    }
}

/** Bindings whose paths were lost when there was no other to say so by: now there is one (D-37, C-07). */
static void
deregister_strays(fb_mobile_node *node, fb_time now)
{
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        fb_registration *r = &node->registrations.item[i];
        bool usable = r->link_up && r->wanted && fb_mobile_node_care_of(r) != 0 &&
                      !fb_registration_silent(r);

        if (r->known && r->state == FB_BINDING_DOWN && r->held_until > now && !usable &&
            fb_mobile_node_best_direct(node, r) != NULL)
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
    fb_mobile_node_displace(node, r, now);
    deregister_strays(node, now);
    fb_mobile_node_drop_silent(node, now);
}

static void
accept(fb_mobile_node *node, fb_registration *r, const fb_mip4_message *message, fb_time now)
{
    const fb_mip4_fixed *reply = &message->fixed;
    const fb_request *request = &r->request;
    fb_cause cause = fb_registration_up(r) ? FB_CAUSE_REFRESH : FB_CAUSE_REGISTERED;
    fb_agent_heard *agent = fb_agents_chosen_mutable(&r->agents);
    uint16_t granted_s = reply->lifetime_s < request->sent_lifetime_s ? reply->lifetime_s
                                                                      : request->sent_lifetime_s;

    if (fb_request_removes(request))
    {
        fb_mobile_node_finish_deregistration(node, r, FB_CAUSE_DEREGISTERED, now);
        return;
    }
    if (granted_s == 0)
    {
        fb_mobile_node_block(node, r, now); /* accepted for no time at all */
        return;
    }
    start_lifetime(r, granted_s, request->sent_at);
    r->confirmed_at = request->sent_at;
    r->retry_s = 0;
    r->reverse = request->sent_reverse;
    r->delivery = request->sent_delivery;
    r->agents.solicited = 0; /* RFC 5944 2.4: after a registration it may search as fast again */
    if (agent != NULL)
    {
        /* nobody authenticated it: for one registration, not for ever (C-06) */
        agent->lifetime_limit_s = 0;
    }
    fb_mobile_node_adopt_tunnel(node, r, message);
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

/** Why a foreign agent refuses with @p code; 0: it does not say, or is none. */
static int
agent_reason(uint8_t code)
{
    for (int reason = FB_DROP_AGENT_PROHIBITED; reason <= FB_DROP_AGENT_HOME_AGENT_INVALID;
         reason++)
    {
        if (fb_reason_reply_code(reason) == code)
        {
            return reason;
        }
    }
    return FB_REASON_NONE;
}

int
fb_mobile_node_input(fb_mobile_node *node, const fb_mip4_message *message, fb_time now)
{
    fb_registration *r = match_reply(node, message);
    int reason = r == NULL ? FB_DROP_NOT_EXPECTED : check_reply(node, r, message);
    bool accepted;

    if (reason == FB_REASON_NONE)
    {
        reason = check_tunnel_reply(message);
    }
    if (reason != FB_REASON_NONE)
    {
        fb_events_count(node->events, reason);
        reply_event(node, r, &message->fixed, FB_EVENT_DROP, reason, now);
        return reason;
    }
    accepted = message->fixed.code <= FB_MIP4_ACCEPTED_NO_SIMULTANEOUS;
    if (r->request.kind == FB_REQUEST_WATCH)
    {
        /* Whatever the home agent says of a binding that is not there: it says it over this path */
        reply_event(node, r, &message->fixed, FB_EVENT_RECEIVED, FB_REASON_NONE, now);
        if (!fb_mobile_node_agent_code(message->fixed.code))
        {
            fb_mobile_node_path_answers(node, r, now);
        }
        return FB_REASON_NONE;
    }
    if (!fb_mobile_node_agent_code(message->fixed.code))
    {
        fb_mobile_node_heed_identification(node, &message->fixed, now);
        fb_mobile_node_path_answers(node, r, now);
        reply_event(node, r, &message->fixed, FB_EVENT_RECEIVED, FB_REASON_NONE, now);
    }
    if (accepted)
    {
        fb_mobile_node_assign_home_address(node, message->fixed.home_address, now);
        accept(node, r, message, now);
        if (fb_registration_up(r))
        {
            fb_mobile_node_accept_networks(node, message, now); /* C-16: not without a binding */
        }
        obey_policy_of_reply(node, message);
        fb_mobile_node_tell_news(node, r, now); /* what came up while the answer was on its way */
        return FB_REASON_NONE;
    }
    reason = agent_reason(message->fixed.code);
    if (reason != FB_REASON_NONE)
    {
        fb_events_count(node->events, reason);
    }
    reply_event(node, r, &message->fixed, FB_EVENT_DENIED, reason, now);
    fb_mobile_node_refuse_networks(node, message);
    fb_mobile_node_deny(node, r, &message->fixed, now);
    return FB_REASON_NONE;
}
