/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/mobile_node_internal.h"

#include <string.h>

/* Composing requests. */

#define ALL_MOBILITY_AGENTS 0xe000000bu /* 224.0.0.11 (RFC 5944 3.6.1.1) */

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

/**
 * Takes the place of an earlier policy when nothing of the new one can be said yet, as none of its paths is registered:
 * no message says "no policy" (D-22). No packet that is forwarded comes from 0.0.0.0 (RFC 1122 3.2.1.3).
 */
static fb_rule
rule_for_nothing(const fb_registration *r)
{
    fb_rule rule = {.action = FB_RULE_FORWARD,
                    .bid_count = 1,
                    .bid = {r->link.bid},
                    .selector.format = FB_SELECTOR_IPV4};

    rule.selector.u.v4.present = FB_SELECTOR4_SOURCE_START;
    return rule;
}

static uint16_t
write_policy(const fb_mobile_node *node,
             const fb_registration *r,
             fb_writer *writer,
             const fb_bid_set *named)
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
    if (count == 0 && node->policy_told)
    {
        fb_rule rule = rule_for_nothing(r);

        fb_flow_binding_write(writer, &rule, node->layout);
        count++;
    }
    return count;
}

/** Whether it de-registers all from the home network (RFC 5944 3.6.1.2). */
static bool
sent_at_home(const fb_mobile_node *node, const fb_registration *r)
{
    return fb_mobile_node_home_link(node, r) && r->request.kind == FB_REQUEST_DEREGISTER_ALL;
}

/** The agent it goes to; NULL: the home agent. One for another path's care-of address goes directly (C-07). */
static const fb_agent_heard *
relay_of(const fb_mobile_node *node, const fb_registration *r, const fb_link *egress)
{
    bool own_path = egress == &r->link && !sent_at_home(node, r);

    return own_path ? fb_mobile_node_relay(r) : NULL;
}

static uint8_t
request_flags(const fb_mobile_node *node, const fb_registration *r)
{
    /* RFC 5944 3.6.1.2: D only with a co-located care-of address */
    uint8_t own = r->agent == 0 ? FB_MIP4_FLAG_D : 0;

    /* RFC 5944 appendix C.3: at home there is nothing to decapsulate */
    return sent_at_home(node, r) ? 0 : own | fb_mobile_node_tunnel_flags(node, r);
}

/* RFC 5944 3.6.1.2: not more than the agent advertises, or says in a denial with 69 */
static uint16_t
lifetime_to_ask(const fb_mobile_node *node, const fb_registration *r, const fb_agent_heard *relay)
{
    uint16_t lifetime_s = node->config.lifetime_s;

    if (fb_request_removes(&r->request))
    {
        return 0;
    }
    if (relay != NULL && relay->registration_lifetime_s < lifetime_s)
    {
        lifetime_s = relay->registration_lifetime_s;
    }
    if (relay != NULL && relay->lifetime_limit_s != 0 && relay->lifetime_limit_s < lifetime_s)
    {
        lifetime_s = relay->lifetime_limit_s;
    }
    return lifetime_s;
}

static fb_mip4_fixed
fixed_part(const fb_mobile_node *node, const fb_registration *r, const fb_agent_heard *relay)
{
    fb_mip4_fixed fixed = {.type = FB_MIP4_REQUEST,
                           .flags = request_flags(node, r),
                           .lifetime_s = lifetime_to_ask(node, r, relay),
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
    uint16_t longest_s = fixed->lifetime_s != 0 ? fixed->lifetime_s : node->config.lifetime_s;
    fb_time longest = longest_s * FB_SECOND;
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

    request->sent_reverse = (fixed->flags & FB_MIP4_FLAG_T) != 0;
    request->sent_multipath = carries_multipath(node, request);
    request->sent_policy = rules > 0;
    node->policy_told |= rules > 0;
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
    request->backoff = fb_backoff_longer(request->backoff, longest);
    if (!fb_request_removes(request))
    {
        /* RFC 5944 3.6: a second each on average; what a reply demanded at once (C-19) is made up for */
        r->not_before = (r->not_before > now ? r->not_before : now) + FB_SECOND;
    }
    /* D-29: who only asks whether its path is there holds up nobody */
    node->outstanding = request->kind == FB_REQUEST_WATCH ? node->outstanding : r;
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

/* RFC 5944 3.6.1.3: behind the Mobile-Home authentication what is for the foreign agent, its authentication last */
static void
write_for_agent(const fb_mobile_node *node,
                fb_writer *writer,
                fb_registration *r,
                const fb_mip4_fixed *fixed,
                const fb_agent_heard *relay)
{
    fb_request *request = &r->request;
    const fb_security_association *shared;

    request->sent_relay = fb_agent_care_of_address(relay);
    shared = fb_mobile_node_association(node, request->sent_relay);
    /* RFC 3024 3.3: only with T; for packets the agent is to tunnel, that is with its care-of address */
    request->sent_delivery = relay != NULL && node->config.encapsulating_delivery &&
                             !relay->refused_delivery && r->agent != 0 && fixed->lifetime_s != 0 &&
                             (fixed->flags & FB_MIP4_FLAG_T) != 0;
    if (request->sent_delivery)
    {
        fb_write_u8(writer, FB_EXT_ENCAPSULATING_DELIVERY);
        fb_write_u8(writer, 0);
    }
    if (shared != NULL)
    {
        fb_mip4_write_authentication(writer, FB_EXT_MOBILE_FOREIGN_AUTHENTICATION, shared);
    }
}

/* RFC 5944 3.6.1.1 */
static fb_meta
addresses(const fb_mobile_node *node,
          const fb_registration *r,
          const fb_link *egress,
          const fb_agent_heard *relay)
{
    fb_meta meta = {.src = egress->address,
                    .dst = fb_addr_from_ipv4(node->home_agent),
                    .sport = node->config.port,
                    .dport = FB_MIP4_PORT,
                    .link = egress->link,
                    .protocol = FB_PROTOCOL_UDP,
                    .ttl = 255}; /* RFC 3024 3.2 */

    if (sent_at_home(node, r) || egress->care_of == FB_CARE_OF_AGENT)
    {
        meta.src = fb_addr_from_ipv4(node->config.home_address); /* 0.0.0.0 without one */
    }
    if (relay != NULL)
    {
        /* Never by ARP (4.6): the address on the link is that of the advertisement */
        meta.dst = fb_addr_from_ipv4(relay->source.address);
        meta.link_addr_len = relay->source.link_addr_len;
        memcpy(meta.link_addr, relay->source.link_addr, sizeof meta.link_addr);
    }
    if (relay != NULL && relay->source.address == 0)
    {
        meta.dst = fb_addr_from_ipv4(ALL_MOBILITY_AGENTS);
        meta.ttl = 1;
    }
    return meta;
}

static ptrdiff_t
compose(fb_mobile_node *node,
        fb_registration *r,
        fb_meta *meta,
        uint8_t *buffer,
        size_t capacity,
        fb_time now)
{
    fb_writer writer = fb_writer_over(buffer, capacity);
    uint64_t last_identification = node->last_identification;
    uint16_t sendings = node->sendings;
    const fb_link *egress = fb_mobile_node_egress(node, r);
    const fb_agent_heard *relay = relay_of(node, r, egress);
    fb_bid_set known = registered_bids(node, r);
    fb_bid_set named = named_bids(node, &known);
    fb_mip4_fixed fixed = fixed_part(node, r, relay);
    uint16_t rules = 0;

    fb_mip4_write_fixed(&writer, &fixed);
    fb_mobile_node_write_identity(node, r, &writer);
    if (carries_multipath(node, &r->request))
    {
        fb_multipath multipath = multipath_part(r);

        fb_multipath_write(&writer, &multipath);
    }
    if (policy_due(node, &r->request, &named))
    {
        rules = write_policy(node, r, &writer, &named);
        r->request.sent_policy_bids = named;
        r->request.sent_policy_version = node->policy_version;
    }
    fb_mobile_node_write_tunnel_request(r, &writer);
    fb_mobile_node_write_metrics(node, r, &writer);
    fixed.identification = fb_mobile_node_identify(node, r, &writer, now);
    fb_mip4_patch_request_identification(&writer, fixed.identification);
    /* RFC 7629 4.1, 4.2, RFC 3519 4.4: all before the Mobile-Home authentication */
    fb_mip4_write_authentication(&writer,
                                 FB_EXT_MOBILE_HOME_AUTHENTICATION,
                                 &node->config.association);
    write_for_agent(node, &writer, r, &fixed, relay);
    if (writer.failed)
    {
        node->last_identification = last_identification;
        node->sendings = sendings;
        r->request.sent_content = 0; /* not sent: the next one is no repetition */
        return FB_ERR_LIMIT;
    }
    *meta = addresses(node, r, egress, relay);
    note_sending(node, r, &fixed, rules, now);
    if (egress == &r->link)
    {
        fb_mobile_node_note_traffic(node, r, now);
    }
    return (ptrdiff_t)writer.position;
}

ptrdiff_t
fb_mobile_node_output(fb_mobile_node *node,
                      fb_meta *meta,
                      uint8_t *buffer,
                      size_t capacity,
                      fb_time now)
{
    ptrdiff_t length = fb_mobile_node_solicit(node, meta, buffer, capacity, now);
    fb_registration *r = length == 0 ? fb_mobile_node_next_sender(node, now) : NULL;

    if (length == 0 && r == NULL)
    {
        length = fb_mobile_node_output_keepalive(node, meta, buffer, capacity, now);
        return length != 0 ? length
                           : fb_mobile_node_output_probe(node, meta, buffer, capacity, now);
    }
    return r == NULL ? length : compose(node, r, meta, buffer, capacity, now);
}
