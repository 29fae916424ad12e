/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/mobile_node_internal.h"

/* Composing requests. */

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
        request->without_policy || fb_request_removes(request) || !carries_multipath(node, request))
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

static fb_mip4_fixed
fixed_part(const fb_mobile_node *node, const fb_registration *r)
{
    fb_mip4_fixed fixed = {.type = FB_MIP4_REQUEST,
                           .flags = FB_MIP4_FLAG_D | fb_mobile_node_tunnel_flags(node, r),
                           .lifetime_s = fb_request_removes(&r->request) ? 0
                                                                         : node->config.lifetime_s,
                           .home_address = node->config.home_address,
                           .home_agent = node->home_agent,
                           .care_of_address = r->care_of_address};

    if (node->config.broadcast && !fb_request_removes(&r->request))
    {
        fixed.flags |= FB_MIP4_FLAG_B; /* RFC 5944 4.3 */
    }
    if (r->request.kind == FB_REQUEST_DEREGISTER_ALL)
    {
        fixed.care_of_address = node->config.home_address; /* RFC 5944 3.6.1.2 (C-09) */
    }
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
                          .overwrite = request->overwrite && !fb_request_removes(request)};
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
    /* Nobody knows which of several equal messages was answered: the first is the one that promises least */
    request->sent_at = request->repeated ? request->sent_at : now;
    request->waiting = true;
    if (!fb_request_removes(request))
    {
        r->held_until = fixed->lifetime_s == UINT16_MAX ? FB_TIME_NEVER : now + longest;
    }
    request->tries = request->tries == UINT8_MAX ? UINT8_MAX : (uint8_t)(request->tries + 1);
    request->send_at = now + request->backoff;
    /* RFC 5944 3.6.3: at least doubling, up to the lifetime asked for */
    request->backoff = request->backoff * 2 < longest ? request->backoff * 2 : longest;
    r->not_before = fb_request_removes(request) ? r->not_before : now + FB_SECOND;
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
        return fb_mobile_node_output_keepalive(node, meta, buffer, capacity, now);
    }
    egress = fb_mobile_node_egress(node, r);
    known = registered_bids(node, r);
    named = named_bids(node, &known);
    fixed = fixed_part(node, r);
    fb_mip4_write_fixed(&writer, &fixed);
    fb_mobile_node_write_identity(node, r, &writer);
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
    fb_mobile_node_write_tunnel_request(r, &writer);
    fixed.identification = fb_mobile_node_identify(node, r, &writer, now);
    fb_mip4_patch_request_identification(&writer, fixed.identification);
    /* RFC 7629 4.1, 4.2, RFC 3519 4.4: all before the Mobile-Home authentication */
    fb_mip4_write_authentication(&writer,
                                 FB_EXT_MOBILE_HOME_AUTHENTICATION,
                                 &node->config.association);
    if (writer.failed)
    {
        node->last_identification = last_identification;
        node->sendings = sendings;
        r->request.sent_content = 0; /* not sent: the next one is no repetition */
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
    if (egress == &r->link)
    {
        fb_mobile_node_note_traffic(node, r, now);
    }
    return (ptrdiff_t)writer.position;
}
