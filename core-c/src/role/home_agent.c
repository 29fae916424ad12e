/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/home_agent_internal.h"

#include "wire/rfc3115.h"

#include <string.h>

/*
 * Every request runs the gate first; the first check that fails decides the answer and nothing has changed by then.
 * Then exactly one row of the state table acts. Replay protection counts either way (C-12).
 */

void
fb_home_agent_init(fb_home_agent *agent,
                   fb_arena *arena,
                   const fb_config *config,
                   const fb_clock *clock,
                   fb_entropy *entropy,
                   const fb_associations *associations,
                   fb_events *events)
{
    agent->config = config->home_agent;
    agent->layout = config->selector_layout;
    agent->clock = clock;
    agent->entropy = entropy;
    agent->associations = associations;
    agent->events = events;
    agent->reply.waiting = false;
    fb_cache_init(&agent->cache, arena, &config->limits, config->selector_layout, events);
    if (agent->config.replay_per_binding)
    {
        fb_cache_keep_identifications(&agent->cache, arena, &config->limits);
    }
    if (agent->config.merge_policy)
    {
        /* The rules of a request, and what they make of the policy: at most those and as many more */
        agent->merge = fb_arena_take(arena,
                                     3u * config->limits.rules_per_node,
                                     sizeof(fb_rule),
                                     _Alignof(fb_rule));
    }
    if (agent->config.vendor != 0)
    {
        agent->metrics = fb_arena_take(arena,
                                       config->limits.bindings,
                                       sizeof(fb_path_metrics),
                                       _Alignof(fb_path_metrics));
    }
}

/* ---- the state table: what an accepted request does ---- */

/** What has to go before the new binding comes. */
static void
make_way(fb_home_agent *agent, const fb_gate *gate, fb_time now)
{
    fb_binding_cache *cache = &agent->cache;
    const fb_multipath *multipath = &gate->request.multipath;
    const fb_binding *same_end;

    if (fb_cache_binding(cache, gate->node, FB_BID_PLAIN) != NULL)
    {
        /* D-26: a registration with RFC 7629 replaces one without */
        fb_cache_unbind_all(cache, gate->node, FB_CAUSE_REPLACED, now);
    }
    if (multipath->overwrite)
    {
        /* RFC 7629 5.2: O replaces all other bindings, and a rebooted node's old rules mean nothing (D-25) */
        fb_cache_clear_policy(cache, gate->node, now);
        fb_cache_unbind_others(cache, gate->node, multipath->bid, FB_CAUSE_OVERWRITTEN, now);
    }
    same_end =
        fb_cache_binding_by_tunnel(cache, gate->node, gate->tunnel.address, gate->tunnel.udp_port);
    if (same_end != NULL && same_end->bid != multipath->bid)
    {
        /* RFC 7629 2.2: no two bindings share a care-of address; the new BID takes it over (D-11, C-14) */
        fb_cache_unbind(cache, gate->node, same_end->bid, FB_CAUSE_REPLACED, now);
    }
}

static void
register_multipath(fb_home_agent *agent, const fb_gate *gate, uint16_t granted_s, fb_time now)
{
    const fb_multipath *multipath = &gate->request.multipath;
    fb_binding wanted = {.care_of_address = gate->message->fixed.care_of_address,
                         .lifetime_s = granted_s,
                         .bid = multipath->bid,
                         .technology = multipath->technology,
                         .label = multipath->label};

    fb_home_agent_set_tunnel(&wanted, gate);
    make_way(agent, gate, now);
    fb_cache_bind(&agent->cache, gate->node, &wanted, now);
    if (multipath->bulk)
    {
        /* RFC 7629 5.2: B gives all bindings the new lifetime, even a shorter one (D-06) */
        fb_cache_extend_all(&agent->cache, gate->node, granted_s, now);
    }
    if (gate->request.flow_binding_count > 0)
    {
        fb_home_agent_install_policy(agent, gate, now);
    }
}

/* RFC 5944 3.8.2.2: without the S bit a registration replaces all bindings; D-26: also those of RFC 7629 */
static void
register_plain(fb_home_agent *agent, const fb_gate *gate, uint16_t granted_s, fb_time now)
{
    fb_binding wanted = {.care_of_address = gate->message->fixed.care_of_address,
                         .lifetime_s = granted_s,
                         .bid = FB_BID_PLAIN};

    fb_home_agent_set_tunnel(&wanted, gate);
    fb_cache_unbind_others(&agent->cache, gate->node, FB_BID_PLAIN, FB_CAUSE_REPLACED, now);
    fb_cache_clear_policy(&agent->cache, gate->node, now);
    fb_cache_bind(&agent->cache, gate->node, &wanted, now);
}

/* RFC 5944 3.8.2.2, RFC 7629 5.1, D-05, D-28: what is not there is de-registered already */
static void
deregister(fb_home_agent *agent, const fb_gate *gate, fb_time now)
{
    const fb_mip4_fixed *fixed = &gate->message->fixed;
    const fb_mip4_request *request = &gate->request;
    const fb_binding *binding;

    if (fixed->care_of_address == gate->home_address ||
        (request->has_multipath && request->multipath.bulk))
    {
        fb_cache_unbind_all(&agent->cache, gate->node, FB_CAUSE_DEREGISTERED, now);
        return;
    }
    if (request->has_multipath)
    {
        fb_cache_unbind(&agent->cache,
                        gate->node,
                        request->multipath.bid,
                        FB_CAUSE_DEREGISTERED,
                        now);
        return;
    }
    while ((binding = fb_home_agent_binding_to_leave(agent, gate)) != NULL)
    {
        fb_cache_unbind(&agent->cache, gate->node, binding->bid, FB_CAUSE_DEREGISTERED, now);
    }
}

/** RFC 3115: what the node knows of this path; without a word about it nothing is known. */
static void
heed_metrics(fb_home_agent *agent, const fb_gate *gate)
{
    uint8_t bid = gate->request.has_multipath ? gate->request.multipath.bid : FB_BID_PLAIN;
    const fb_binding *binding = fb_cache_binding(&agent->cache, gate->node, bid);
    fb_path_metrics told = {0};

    if (agent->metrics != NULL && binding != NULL)
    {
        (void)fb_vendor_metrics_find(&told, agent->config.vendor, gate->message);
        agent->metrics[binding - agent->cache.binding] = told;
    }
}

/** Acts on an accepted request. Returns the lifetime granted. */
static uint16_t
apply(fb_home_agent *agent, const fb_gate *gate, fb_time now)
{
    uint16_t asked_s = gate->message->fixed.lifetime_s;
    /* RFC 5944 3.8.2.2: never more than asked, lowered without a word */
    uint16_t granted_s = asked_s < agent->config.lifetime_max_s ? asked_s
                                                                : agent->config.lifetime_max_s;

    if (asked_s == 0)
    {
        deregister(agent, gate, now);
        return 0;
    }
    if (gate->request.has_multipath)
    {
        register_multipath(agent, gate, granted_s, now);
    }
    else
    {
        register_plain(agent, gate, granted_s, now);
    }
    heed_metrics(agent, gate);
    fb_home_agent_use_networks(agent, gate, now);
    return granted_s;
}

/* ---- answers ---- */

static fb_ref
binding_of(const fb_gate *gate)
{
    return (fb_ref){.session = gate->node + 1, .bid = gate->request.multipath.bid};
}

/* RFC 5944 3.8.3.1: how a node de-registers that has returned home */
static bool
came_home(const fb_gate *gate)
{
    const fb_mip4_fixed *fixed = &gate->message->fixed;

    return fixed->lifetime_s == 0 && fixed->care_of_address == fixed->home_address &&
           fb_addr_to_ipv4(&gate->meta->src) == fixed->home_address;
}

/* RFC 5944 3.8.3.1: addresses and ports of the request the other way round; the source is our own unicast address */
static void
set_reply(fb_home_agent *agent, const fb_gate *gate, uint8_t code, uint16_t lifetime_s, fb_time now)
{
    const fb_meta *meta = gate->meta;
    const fb_mip4_fixed *asked = &gate->message->fixed;
    fb_home_agent_reply *reply = &agent->reply;

    reply->waiting = true;
    reply->extension_length = 0;
    reply->with_policy = false;
    reply->node = gate->node;
    reply->ref = binding_of(gate);
    reply->foreign_agent = fb_gate_foreign_association(agent, gate) != NULL ? asked->care_of_address
                                                                            : 0;
    reply->meta = (fb_meta){.src = fb_addr_from_ipv4(agent->config.address),
                            .dst = meta->src,
                            .sport = meta->dport,
                            .dport = meta->sport,
                            .link = meta->link,
                            .protocol = FB_PROTOCOL_UDP,
                            .ttl = 64};
    if (came_home(gate))
    {
        /* RFC 5944 3.8.3.1: onto the home network, past any binding: by the address on the link it came from */
        reply->meta.link_addr_len = meta->link_addr_len;
        memcpy(reply->meta.link_addr, meta->link_addr, sizeof reply->meta.link_addr);
    }
    reply->fixed = (fb_mip4_fixed){
        .type = FB_MIP4_REPLY,
        .code = code,
        .lifetime_s = lifetime_s,
        .home_address = gate->home_address,
        .home_agent = agent->config.address,
        .identification = fb_home_agent_reply_identification(agent, gate, code, now)};
    fb_home_agent_answer_networks(agent, gate, code);
}

static void
message_event(const fb_home_agent *agent,
              const fb_mip4_fixed *fixed,
              fb_ref ref,
              fb_event_kind kind,
              int reason,
              fb_time now)
{
    fb_event event = {.kind = (uint8_t)kind,
                      .role = FB_ROLE_HOME_AGENT,
                      .type = fixed->type,
                      .code = fixed->code,
                      .reason = (uint16_t)reason,
                      .lifetime_s = fixed->lifetime_s,
                      .ref = ref,
                      .home_address = fixed->home_address,
                      .care_of_address = fixed->care_of_address,
                      .identification = fixed->identification,
                      .time = now};

    fb_events_push(agent->events, &event);
}

/** The reply leaves, with @p rules Flow-Bindings. */
static void
sent_event(const fb_home_agent *agent, uint16_t rules, fb_time now)
{
    const fb_mip4_fixed *fixed = &agent->reply.fixed;
    fb_event *event = fb_events_add(agent->events, FB_EVENT_SENT, FB_ROLE_HOME_AGENT, now);

    if (event == NULL)
    {
        return;
    }
    event->type = fixed->type;
    event->code = fixed->code;
    event->flags = rules > 0 ? FB_EVENT_FLAG_POLICY : 0;
    event->lifetime_s = fixed->lifetime_s;
    event->count = rules;
    event->ref = agent->reply.ref;
    event->home_address = fixed->home_address;
    event->identification = fixed->identification;
}

static void
received_event(const fb_home_agent *agent, const fb_gate *gate, fb_time now)
{
    const fb_mip4_fixed *fixed = &gate->message->fixed;
    const fb_mip4_request *request = &gate->request;
    fb_event *event = fb_events_add(agent->events, FB_EVENT_RECEIVED, FB_ROLE_HOME_AGENT, now);

    if (event == NULL)
    {
        return;
    }
    event->type = FB_MIP4_REQUEST;
    event->lifetime_s = fixed->lifetime_s;
    event->count = request->flow_binding_count;
    event->ref = binding_of(gate);
    event->home_address = gate->home_address;
    event->care_of_address = fixed->care_of_address;
    event->identification = fixed->identification;
    event->flags = (uint8_t)((request->has_multipath ? FB_EVENT_FLAG_MULTIPATH : 0) |
                             (request->multipath.bulk ? FB_EVENT_FLAG_BULK : 0) |
                             (request->multipath.overwrite ? FB_EVENT_FLAG_OVERWRITE : 0) |
                             (request->flow_binding_count > 0 ? FB_EVENT_FLAG_POLICY : 0));
}

/** The code for the request in @p gate, refused for @p reason, or 0 for silence. */
static uint8_t
answer_to(const fb_home_agent *agent, const fb_gate *gate, int reason)
{
    bool told = true;

    if (reason == FB_DROP_BAD_AUTHENTICATOR)
    {
        /* RFC 5944 3.8.2.1 a: 131 is owed to a foreign agent that vouches for the message; without an association with
           it, it is our choice */
        told = fb_gate_foreign_association(agent, gate) != NULL
                   ? fb_gate_vouched_for(agent, gate)
                   : agent->config.reply_bad_authenticator;
    }
    return told ? fb_reason_reply_code(reason) : 0;
}

static void
refuse(fb_home_agent *agent, const fb_gate *gate, int reason, fb_time now)
{
    const fb_mip4_fixed *fixed = &gate->message->fixed;
    uint8_t code = answer_to(agent, gate, reason);
    fb_mip4_fixed noted = *fixed;

    noted.code = code;
    noted.home_address = gate->home_address;
    fb_events_count(agent->events, reason);
    message_event(agent,
                  &noted,
                  binding_of(gate),
                  code != 0 ? FB_EVENT_DENIED : FB_EVENT_DROP,
                  reason,
                  now);
    if (code != 0)
    {
        set_reply(agent, gate, code, fixed->lifetime_s, now);
    }
}

static void
settle(fb_home_agent *agent, const fb_gate *gate, fb_time now)
{
    if (came_home(gate))
    {
        fb_cache_settle_at_home(&agent->cache, gate->node, gate->meta, now);
        return;
    }
    fb_cache_settle(&agent->cache, gate->node, now);
}

static void
accept(fb_home_agent *agent, const fb_gate *gate, fb_time now)
{
    uint16_t granted_s;
    uint8_t code;

    received_event(agent, gate, now);
    if (gate->duplicate)
    {
        granted_s = fb_home_agent_duplicate_lifetime(agent, gate, now);
    }
    else
    {
        granted_s = apply(agent, gate, now);
        settle(agent, gate, now);
    }
    /* RFC 5944 3.8.3.2: simultaneous bindings are not supported, which a multipath node need not hear (B5944-50) */
    code = gate->request.has_multipath || granted_s == 0 ? FB_MIP4_ACCEPTED
                                                         : FB_MIP4_ACCEPTED_NO_SIMULTANEOUS;
    set_reply(agent, gate, code, granted_s, now);
    fb_home_agent_answer_tunnel(agent, gate);
    agent->reply.with_policy = agent->config.echo_policy && gate->request.has_multipath &&
                               granted_s > 0 &&
                               agent->reply.extension_length <= FB_REPLY_EXTENSIONS_WITH_POLICY;
}

void
fb_home_agent_expect(const fb_home_agent *agent, const uint8_t *message, size_t length)
{
    fb_reader reader = fb_reader_over(message, length);

    fb_read_skip(&reader, 4); /* RFC 5944 3.3: Type, flags, Lifetime; then the Home Address */
    fb_cache_expect(&agent->cache, fb_read_u32(&reader));
}

int
fb_home_agent_input(fb_home_agent *agent,
                    const fb_meta *meta,
                    const fb_mip4_message *message,
                    fb_time now)
{
    fb_gate gate = {.meta = meta, .message = message, .node = FB_NODE_NONE};
    int reason = fb_home_agent_run_gate(agent, &gate, now);

    if (reason == FB_REASON_NONE)
    {
        accept(agent, &gate, now);
    }
    else
    {
        refuse(agent, &gate, reason, now);
    }
    fb_home_agent_count_identification(agent, &gate, reason);
    return reason;
}

/* RFC 5944 3.8.3.3 e: for a foreign agent we share an association with */
static void
write_foreign_authentication(const fb_home_agent *agent, fb_writer *writer)
{
    const fb_security_association *shared = agent->reply.foreign_agent == 0
                                                ? NULL
                                                : fb_associations_find(agent->associations,
                                                                       FB_ASSOCIATION_FOREIGN_HOME,
                                                                       agent->reply.foreign_agent);

    if (shared != NULL)
    {
        fb_mip4_write_authentication(writer, FB_EXT_FOREIGN_HOME_AUTHENTICATION, shared);
    }
}

ptrdiff_t
fb_home_agent_output(fb_home_agent *agent,
                     fb_meta *meta,
                     uint8_t *buffer,
                     size_t capacity,
                     fb_time now)
{
    fb_home_agent_reply *reply = &agent->reply;
    fb_writer writer = fb_writer_over(buffer, capacity);
    uint16_t rules = 0;

    if (!reply->waiting)
    {
        return 0;
    }
    /* RFC 5944 3.8.3.3: fixed part, the Mobile-Home authentication, then the foreign agent's; RFC 7629 4.1: never a
       Multipath Extension */
    fb_mip4_write_fixed(&writer, &reply->fixed);
    fb_write_bytes(&writer, reply->extension, reply->extension_length);
    if (reply->with_policy)
    {
        rules = fb_home_agent_echo_policy(agent, reply->node, &writer);
    }
    fb_mip4_write_authentication(&writer,
                                 FB_EXT_MOBILE_HOME_AUTHENTICATION,
                                 &agent->cache.subscriber[reply->node].association);
    write_foreign_authentication(agent, &writer);
    if (writer.failed)
    {
        return FB_ERR_LIMIT;
    }
    *meta = reply->meta;
    reply->waiting = false;
    sent_event(agent, rules, now);
    return (ptrdiff_t)writer.position;
}
