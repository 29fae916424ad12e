/* SPDX-License-Identifier: BSD-3-Clause */
#include "agent_internal.h"

#include <string.h>

/*
 * The public API over the roles of Proxy Mobile IPv6, as agent.c and agent_data.c are over those of Mobile IPv4: which
 * role a fact or a Mobility Header is for, and the data packets of sessions.
 */

/** Errors about Mobility Headers nobody can read are sent at most so often (RFC 4443 2.4 f). */
#define COMPLAINT_INTERVAL (100 * FB_MILLISECOND)

/** Status of a Binding Error: "unrecognized MH Type value" (RFC 6275 6.1.9). */
#define BINDING_ERROR_UNKNOWN_TYPE 2

/* ---- configuration ---- */

static bool
lifetime_usable(uint32_t lifetime_s)
{
    return lifetime_s >= FB_MH_LIFETIME_UNIT_S && lifetime_s <= 65532 &&
           lifetime_s % FB_MH_LIFETIME_UNIT_S == 0;
}

/** RFC 5847 5: at most 3600 seconds, and not below 30 without a reason, which is the host's to have. */
static bool
heartbeat_usable(uint16_t interval_s)
{
    return interval_s <= 3600;
}

static bool
mag_usable(const fb_config *config)
{
    const fb_mag_config *mag = &config->mag;

    /* RFC 8278 4.4: without an identifier there is no multipath */
    return (mag->anchor.family == FB_FAMILY_IPV6 || mag->anchor_ipv4 != 0) &&
           mag->identity.length <= FB_NAI_MAX && (mag->identity.length > 0 || !mag->multipath) &&
           lifetime_usable(mag->lifetime_s) && heartbeat_usable(mag->heartbeat_s) &&
           mag->retransmit_ms > 0 && mag->retransmit_max_s > 0 && mag->retry_denied_s > 0 &&
           (mag->legacy_retry_s > 0 || !mag->multipath) &&
           mag->flow_decision <= FB_FLOW_DECISION_ANCHOR && config->limits.links > 0 &&
           config->limits.links <= 254 && config->limits.sessions > 0;
}

static bool
pool_usable(const fb_prefix *pool, uint8_t family, uint8_t length)
{
    return pool->length == 0 || (pool->address.family == family && fb_prefix_valid(pool) &&
                                 length >= pool->length && length <= fb_prefix_length_max(family));
}

static bool
lma_usable(const fb_config *config)
{
    const fb_lma_config *lma = &config->lma;
    const fb_limits *limits = &config->limits;

    return (lma->address.family == FB_FAMILY_IPV6 || lma->address_ipv4 != 0) &&
           lifetime_usable(lma->lifetime_max_s) && heartbeat_usable(lma->heartbeat_s) &&
           lma->flow_decision <= FB_FLOW_DECISION_ANCHOR &&
           lma->weight_count <= FB_LABEL_WEIGHTS_MAX && (lma->gre || !lma->require_gre) &&
           pool_usable(&lma->home_pool, FB_FAMILY_IPV6, lma->home_prefix_length) &&
           pool_usable(&lma->delegated_pool, FB_FAMILY_IPV6, lma->delegated_prefix_length) &&
           pool_usable(&lma->ipv4_pool, FB_FAMILY_IPV4, 32) && limits->sessions > 0 &&
           limits->bindings > 0 && limits->subscribers > 0 && limits->gateways > 0 &&
           limits->care_of_addresses > 0;
}

bool
fb_agent_proxy_usable(const fb_config *config)
{
    switch (config->roles)
    {
    case FB_ROLE_MAG:
        return mag_usable(config);
    case FB_ROLE_LMA:
        return lma_usable(config);
    default:
        return false; /* neither both nor one beside Mobile IPv4: two agents are */
    }
}

void
fb_agent_proxy_init(fb_agent *agent, fb_arena *arena, const fb_config *config)
{
    if (config->roles == FB_ROLE_MAG)
    {
        fb_mag_init(&agent->mag, arena, config, &agent->clock, &agent->entropy, &agent->events);
        return;
    }
    fb_lma_init(&agent->lma, arena, config, &agent->clock, &agent->entropy, &agent->events);
}

/* ---- facts ---- */

static int
mag_fact(fb_agent *agent, const fb_fact *fact, fb_time now)
{
    fb_mag *mag = &agent->mag;

    switch (fact->kind)
    {
    case FB_FACT_LINK_UP:
    case FB_FACT_LINK_CHANGED:
        return fb_mag_link_up(mag, &fact->u.link, now);
    case FB_FACT_LINK_DOWN:
        return fb_mag_link_down(mag, fact->u.link.link, now);
    case FB_FACT_POLICY:
        return fb_mag_set_policy(mag, fact->u.policy.rules, fact->u.policy.count, now);
    case FB_FACT_REGISTER:
        return fb_mag_register(mag, fact->u.bid, now);
    case FB_FACT_DEREGISTER:
        return fb_mag_deregister(mag, fact->u.bid, now);
    case FB_FACT_SESSION_ADD:
        return fb_mag_add_session(mag, &fact->u.session, now);
    case FB_FACT_SESSION_REMOVE:
        return fb_mag_remove_session(mag, fact->u.session.session, now);
    case FB_FACT_QUALITY:
        return fb_mag_set_quality(mag, &fact->u.quality, now);
    default:
        return FB_ERR_UNKNOWN;
    }
}

static int
lma_fact(fb_agent *agent, const fb_fact *fact, fb_time now)
{
    fb_lma *lma = &agent->lma;

    switch (fact->kind)
    {
    case FB_FACT_PROXY_SUBSCRIBER_SET:
        return fb_lma_set_subscriber(lma, &fact->u.proxy_subscriber, now);
    case FB_FACT_PROXY_SUBSCRIBER_REMOVE:
        return fb_lma_remove_subscriber(lma, &fact->u.proxy_subscriber.identity, now);
    case FB_FACT_GATEWAY_SET:
        return fb_lma_set_gateway(lma, &fact->u.gateway, now);
    case FB_FACT_GATEWAY_REMOVE:
        return fb_lma_remove_gateway(lma, &fact->u.gateway.identity, now);
    default:
        return FB_ERR_UNKNOWN;
    }
}

int
fb_agent_proxy_fact(fb_agent *agent, const fb_fact *fact, fb_time now)
{
    return fb_agent_has_role(agent, FB_ROLE_MAG) ? mag_fact(agent, fact, now)
                                                 : lma_fact(agent, fact, now);
}

/* ---- messages ---- */

static int
discard(fb_agent *agent, const fb_meta *meta, const fb_mh_fixed *fixed, int reason, fb_time now)
{
    fb_event event = {.kind = FB_EVENT_DROP,
                      .role = (uint8_t)agent->roles,
                      .type = fixed->type,
                      .code = fixed->status,
                      .reason = (uint16_t)reason,
                      .ref = {.link = meta->link},
                      .care_of = meta->src,
                      .time = now};

    fb_events_push(&agent->events, &event);
    return fb_events_count(&agent->events, reason);
}

/** RFC 4443 2.4 e.3: what was for many is not complained of. */
static bool
is_multicast(const fb_addr *address)
{
    return address->family == FB_FAMILY_IPV6 ? address->octet[0] == 0xff
                                             : address->octet[0] >= 0xe0;
}

/** RFC 6275 9.2: "the node MUST issue a Binding Error message with Status field set to 2"; not about one (6.1.9). */
static void
complain_of_type(fb_agent *agent, const fb_meta *meta, const fb_mh_fixed *fixed, fb_time now)
{
    fb_agent_complaint *complaint = &agent->complaint;

    if (complaint->waiting || now < complaint->not_before || is_multicast(&meta->dst) ||
        fixed->type == FB_MH_BINDING_ERROR)
    {
        return;
    }
    complaint->waiting = true;
    complaint->not_before = now + COMPLAINT_INTERVAL;
    complaint->meta = (fb_meta){.src = meta->dst,
                                .dst = meta->src,
                                .sport = meta->dport,
                                .dport = meta->sport,
                                .link = meta->link,
                                .protocol = meta->protocol};
}

static void
complain(fb_agent *agent,
         const fb_meta *meta,
         const fb_mh_message *message,
         int reason,
         fb_time now)
{
    switch (reason)
    {
    case FB_DROP_MH_TYPE:
        complain_of_type(agent, meta, &message->fixed, now);
        break;
    case FB_DROP_MH_PAYLOAD_PROTO:
        /* RFC 6275 9.2: pointing to the field */
        fb_agent_tell_of_header(agent, meta, message->octets, message->length, 0);
        break;
    case FB_DROP_MH_LENGTH:
        fb_agent_tell_of_header(agent, meta, message->octets, message->length, 1);
        break;
    default:
        break; /* RFC 6275 9.2: silently */
    }
}

/** Which role reads a message of this type: requests go to either. */
static bool
is_for_role(const fb_agent *agent, uint8_t type)
{
    switch (type)
    {
    case FB_MH_BINDING_UPDATE:
        return fb_agent_has_role(agent, FB_ROLE_LMA);
    case FB_MH_BINDING_ACKNOWLEDGEMENT:
        return fb_agent_has_role(agent, FB_ROLE_MAG);
    default:
        return true;
    }
}

/** Whether what is wrong is for the role to answer: the message is an update, and its options are what is wrong. */
static bool
can_be_answered(const fb_mh_message *message, int reason)
{
    return message->fixed.type == FB_MH_BINDING_UPDATE && fb_reason_pba_status(reason) != 0;
}

int
fb_agent_proxy_input(fb_agent *agent,
                     const fb_meta *meta,
                     const uint8_t *octets,
                     size_t length,
                     fb_time now)
{
    fb_mh_message message;
    bool anchor = fb_agent_has_role(agent, FB_ROLE_LMA);
    fb_lma_expected expected;
    int reason;

    if (anchor)
    {
        expected = fb_lma_expect(&agent->lma, octets, length);
        if (fb_lma_repeat(&agent->lma, &expected, meta, octets, length, now))
        {
            return FB_REASON_NONE;
        }
    }
    reason = fb_mh_read(&message, octets, length);
    if (anchor)
    {
        fb_lma_expect_more(&agent->lma, &expected, &message);
    }
    reason = fb_mh_check(&message, &meta->src, &meta->dst, reason);
    if (reason != FB_REASON_NONE && !can_be_answered(&message, reason))
    {
        complain(agent, meta, &message, reason, now);
        return discard(agent, meta, &message.fixed, reason, now);
    }
    if (!is_for_role(agent, message.fixed.type))
    {
        return discard(agent, meta, &message.fixed, FB_DROP_WRONG_ROLE, now);
    }
    return anchor ? fb_lma_input(&agent->lma, &expected, meta, &message, reason, now)
                  : fb_mag_input(&agent->mag, meta, &message, reason, now);
}

static ptrdiff_t
output_complaint(fb_agent *agent, fb_meta *meta, uint8_t *buffer, size_t capacity)
{
    static const fb_mh_fixed fixed = {.type = FB_MH_BINDING_ERROR,
                                      .status = BINDING_ERROR_UNKNOWN_TYPE};
    fb_agent_complaint *complaint = &agent->complaint;
    fb_writer writer = fb_writer_over(buffer, capacity);
    size_t length;

    if (!complaint->waiting)
    {
        return 0;
    }
    fb_mh_begin(&writer, &fixed);
    length = fb_mh_end(&writer, &complaint->meta.src, &complaint->meta.dst);
    if (length == 0)
    {
        return FB_ERR_LIMIT;
    }
    *meta = complaint->meta;
    complaint->waiting = false;
    return (ptrdiff_t)length;
}

static ptrdiff_t
output_echo(fb_agent *agent, fb_meta *meta, uint8_t *buffer, size_t capacity)
{
    fb_agent_echo *echo = &agent->echo;
    ptrdiff_t length = echo->length;

    if (echo->length > capacity)
    {
        return FB_ERR_LIMIT;
    }
    if (length != 0)
    {
        *meta = echo->meta;
        memcpy(buffer, echo->octets, echo->length);
        echo->length = 0;
    }
    return length;
}

ptrdiff_t
fb_agent_proxy_output(fb_agent *agent, fb_meta *meta, uint8_t *buffer, size_t capacity, fb_time now)
{
    ptrdiff_t echo = output_echo(agent, meta, buffer, capacity);
    ptrdiff_t length;

    if (echo != 0)
    {
        return echo;
    }
    length = fb_agent_has_role(agent, FB_ROLE_MAG)
                 ? fb_mag_output(&agent->mag, meta, buffer, capacity, now)
                 : fb_lma_output(&agent->lma, meta, buffer, capacity, now);
    return length != 0 ? length : output_complaint(agent, meta, buffer, capacity);
}

/* ---- data ---- */

/** Over an IPv6 path: RFC 2473, RFC 5213 5.6.1, 6.10.2. */
static int
enter_ipv6(fb_agent *agent,
           const fb_packet *packet,
           const fb_flow *flow,
           fb_ref path,
           const fb_tunnel *tunnel)
{
    fb_outer_ipv6 outer = {.source = tunnel->local.octet,
                           .destination = tunnel->remote.octet,
                           .path_mtu = tunnel->path_mtu,
                           .gre = {.has_key = tunnel->has_key, .key = tunnel->key}};
    fb_action *action = fb_agent_new_action(agent, packet, FB_SEND, path);
    int reason;

    if (agent->numbering != NULL)
    {
        fb_agent_write_number(agent, &outer.gre);
    }
    reason = fb_agent_enter_ipv6(agent, action, tunnel->kind, &outer, flow, packet);
    return reason == FB_REASON_NONE ? FB_OK : fb_agent_drop(agent, packet, path, reason);
}

/** Over an IPv4 path: RFC 5844 4. */
static int
enter_ipv4(fb_agent *agent,
           const fb_packet *packet,
           const fb_flow *flow,
           fb_ref path,
           const fb_tunnel *tunnel)
{
    fb_outer outer = {.source = fb_addr_to_ipv4(&tunnel->local),
                      .destination = fb_addr_to_ipv4(&tunnel->remote),
                      .source_port = tunnel->local_port,
                      .destination_port = tunnel->remote_port,
                      .plain_udp = true,
                      .gre = {.has_key = tunnel->has_key, .key = tunnel->key}};

    return fb_agent_send_into(agent, packet, flow, path, tunnel->kind, &outer);
}

/** Into the tunnel of path @p bid of a session, which is @p node in the role's own numbering. */
static int
send_over(fb_agent *agent,
          const fb_direction *direction,
          fb_ref path,
          uint8_t bid,
          const fb_packet *packet,
          const fb_flow *flow)
{
    fb_tunnel tunnel;

    if (direction->role == FB_ROLE_MAG)
    {
        fb_mag_tunnel(&agent->mag, direction->node, bid, &tunnel);
    }
    else
    {
        fb_lma_tunnel(&agent->lma, direction->node, bid, &tunnel);
    }
    path.bid = bid;
    path.link = tunnel.link;
    if (tunnel.remote.family == FB_FAMILY_NONE)
    {
        return fb_agent_drop(agent, packet, path, FB_DROP_NO_BINDING);
    }
    if (direction->role == FB_ROLE_MAG &&
        fb_mag_note_packet(&agent->mag, tunnel.place, direction->node, agent->last_time))
    {
        agent->deadline_known = false;
    }
    return tunnel.remote.family == FB_FAMILY_IPV6 ? enter_ipv6(agent, packet, flow, path, &tunnel)
                                                  : enter_ipv4(agent, packet, flow, path, &tunnel);
}

static int
steer_session(fb_agent *agent,
              const fb_direction *direction,
              fb_ref path,
              const fb_packet *packet,
              const fb_flow *flow,
              fb_time now)
{
    fb_agent_verdict verdict;

    if (flow->ttl == 0)
    {
        /* RFC 2473 3.1, RFC 2003 3.1: a packet whose Hop Limit or TTL is 0 is not tunnelled */
        return fb_agent_drop(agent, packet, path, FB_DROP_TTL);
    }
    verdict = fb_agent_judge(agent, direction, flow, now);
    if (verdict.reason != FB_REASON_NONE)
    {
        return fb_agent_drop(agent, packet, path, verdict.reason);
    }
    for (uint8_t i = verdict.copies; i > 0; i--)
    {
        /* RFC 6089 4.3: "a copy of the flow ... on each of the bindings" */
        (void)send_over(agent, direction, path, agent->paths[i].bid, packet, flow);
        fb_agent_keep_copy(agent);
    }
    return fb_agent_sent(agent, send_over(agent, direction, path, verdict.bid, packet, flow));
}

/** RFC 5213 6.10.3: EnableMAGLocalRouting; to a mobile node behind the same gateway not by way of the anchor. */
static bool
routes_locally(const fb_agent *agent, const fb_flow *flow)
{
    return agent->mag.config.local_routing &&
           fb_mag_session_toward(&agent->mag, flow) != FB_MAG_SESSION_NONE;
}

static int
steer_mag(fb_agent *agent, fb_ref from, const fb_packet *packet, const fb_flow *flow, fb_time now)
{
    uint32_t session = fb_mag_session_from(&agent->mag, from, flow);
    fb_direction direction = {.role = FB_ROLE_MAG, .node = session, .mirrored = true};
    fb_ref path;

    if (session == FB_MAG_SESSION_NONE)
    {
        /* RFC 5213 6.10.3: the source has to be of a prefix that was registered */
        return fb_agent_drop(agent, packet, from, FB_DROP_TUNNEL_INNER_SOURCE);
    }
    if (routes_locally(agent, flow))
    {
        fb_agent_new_action(agent, packet, FB_FORWARD, (fb_ref){0});
        return FB_OK;
    }
    path = (fb_ref){.session = fb_mag_session_ref(&agent->mag, session).session};
    direction.session = session + 1;
    direction.generation = fb_mag_generation(&agent->mag, session) + agent->static_version;
    return steer_session(agent, &direction, path, packet, flow, now);
}

static int
steer_lma(fb_agent *agent, const fb_packet *packet, const fb_flow *flow, fb_time now)
{
    uint32_t session = fb_lma_session_toward(&agent->lma, flow);
    fb_direction direction = {.role = FB_ROLE_LMA, .node = session, .session = session + 1};
    fb_ref path = {.session = session + 1};

    if (session == FB_NODE_NONE)
    {
        return fb_agent_drop(agent, packet, (fb_ref){0}, FB_DROP_NO_SESSION);
    }
    if (!fb_lma_session_forwards(&agent->lma, session))
    {
        return fb_agent_drop(agent, packet, path, FB_DROP_NO_BINDING);
    }
    direction.generation = fb_lma_generation(&agent->lma, session) + agent->static_version;
    return steer_session(agent, &direction, path, packet, flow, now);
}

int
fb_agent_proxy_steer(fb_agent *agent,
                     fb_ref from,
                     const fb_packet *packet,
                     const fb_flow *flow,
                     fb_time now)
{
    return fb_agent_has_role(agent, FB_ROLE_MAG) ? steer_mag(agent, from, packet, flow, now)
                                                 : steer_lma(agent, packet, flow, now);
}

/** Composes what fb_agent_output() has then. False: it has more data than is given back here. */
static bool
answer_probe(fb_agent *agent, const fb_arrival *arrival, fb_ref path)
{
    const fb_flow *inner = &arrival->inner;
    size_t icmp = (size_t)inner->header_length + FB_ICMP_ECHO_HEADER;
    fb_writer writer = fb_writer_over(agent->echo.octets, sizeof agent->echo.octets);
    fb_tunnel tunnel;
    fb_tunnel_echo echo;

    if (arrival->header_length < arrival->total || arrival->total - icmp > FB_TUNNEL_ECHO_DATA_MAX)
    {
        return false;
    }
    fb_lma_tunnel(&agent->lma, path.session - 1, path.bid, &tunnel);
    echo = (fb_tunnel_echo){.tunnel = tunnel.kind,
                            .udp = tunnel.remote_port != 0 ? FB_TUNNEL_UDP_PLAIN
                                                           : FB_TUNNEL_UDP_NONE,
                            .has_key = tunnel.has_key,
                            .key = tunnel.key,
                            .reply = true,
                            .source = fb_addr_from_ipv4(inner->destination),
                            .destination = fb_addr_from_ipv4(inner->source),
                            .identifier = fb_arrival_echo_identifier(arrival),
                            .sequence = fb_arrival_echo_sequence(arrival),
                            .data = arrival->header + icmp,
                            .data_length = arrival->total - icmp};
    if (inner->family == FB_FAMILY_IPV6)
    {
        echo.source.family = echo.destination.family = FB_FAMILY_IPV6;
        memcpy(echo.source.octet, inner->destination6, sizeof echo.source.octet);
        memcpy(echo.destination.octet, inner->source6, sizeof echo.destination.octet);
    }
    agent->echo.meta = (fb_meta){.src = tunnel.local,
                                 .dst = tunnel.remote,
                                 .sport = tunnel.local_port,
                                 .dport = tunnel.remote_port,
                                 .protocol = fb_tunnel_echo_write(&writer, &echo),
                                 .ttl = FB_IPV4_TTL};
    agent->echo.length = (uint16_t)writer.position;
    return true;
}

static int
receive_at_gateway(fb_agent *agent, const fb_packet *packet, fb_arrival *arrival)
{
    fb_agent_owner owner = {.role = FB_ROLE_MAG};
    fb_ref path = {0};
    uint32_t session;
    uint16_t place;
    int reason = fb_mag_find_downlink(&agent->mag, arrival, &path, &session, &place);

    if (reason != FB_REASON_NONE)
    {
        return fb_agent_drop(agent, packet, path, reason);
    }
    if (fb_mag_take_echo(&agent->mag, arrival, place, agent->last_time))
    {
        agent->deadline_known = false;
        fb_agent_new_action(agent, packet, FB_CONSUME, path);
        return FB_OK;
    }
    if (fb_mag_note_packet(&agent->mag, place, session, agent->last_time))
    {
        agent->deadline_known = false;
    }
    owner.node = session;
    return fb_agent_deliver(agent, packet, arrival, path, owner);
}

int
fb_agent_proxy_receive(fb_agent *agent, const fb_packet *packet, fb_arrival *arrival)
{
    fb_agent_owner owner = {.role = FB_ROLE_LMA};
    fb_ref path = {0};
    int reason;

    if (fb_agent_has_role(agent, FB_ROLE_MAG))
    {
        return receive_at_gateway(agent, packet, arrival);
    }
    reason = fb_lma_check_uplink(&agent->lma, arrival, &path);
    owner.node = path.session - 1;
    if (reason != FB_REASON_NONE)
    {
        return fb_agent_drop(agent, packet, path, reason);
    }
    if (fb_lma_is_probe(&agent->lma, arrival) && answer_probe(agent, arrival, path))
    {
        fb_agent_new_action(agent, packet, FB_CONSUME, path);
        return FB_OK;
    }
    return fb_agent_deliver(agent, packet, arrival, path, owner);
}
