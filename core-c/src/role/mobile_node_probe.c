/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/mobile_node_internal.h"

#include "wire/tunnel_echo.h"

/* Paths whose link is up and that carry nothing: asking, giving up, watching for their return. */

#define HOP_LIMIT 64

static size_t
count_alive(const fb_mobile_node *node)
{
    size_t count = 0;

    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        const fb_registration *r = &node->registrations.item[i];

        count += r->known && r->link_up && fb_registration_up(r) && !fb_registration_silent(r);
    }
    return count;
}

static void
tell_path(fb_mobile_node *node, const fb_registration *r, bool answers, fb_time now)
{
    fb_event event = {.kind = FB_EVENT_PATH,
                      .role = FB_ROLE_MOBILE_NODE,
                      .from = !answers,
                      .to = answers,
                      .cause = FB_CAUSE_PROBE,
                      .count = (uint16_t)count_alive(node),
                      .ref = {.session = 1, .link = r->link.link, .bid = r->link.bid},
                      .home_address = node->config.home_address,
                      .care_of_address = r->care_of_address,
                      .time = now};

    node->generation++;
    fb_events_push(node->events, &event);
}

/* ---- giving up ---- */

/** Another link that can be registered in its place, where there is one path only. */
static bool
another_link_serves(const fb_mobile_node *node, const fb_registration *r)
{
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        const fb_registration *other = &node->registrations.item[i];

        if (other != r && other->known && other->wanted && other->link_up &&
            fb_mobile_node_care_of(other) != 0 && !fb_registration_silent(other))
        {
            return true;
        }
    }
    return false;
}

/** Whether both ends can do without it: the home agent hears of it over another path, or binds another one instead. */
static bool
dispensable(const fb_mobile_node *node, const fb_registration *r)
{
    return node->multipath == FB_MULTIPATH_OFF ? another_link_serves(node, r)
                                               : fb_mobile_node_best_direct(node, r) != NULL;
}

static void
give_up(fb_mobile_node *node, fb_registration *r, fb_time now)
{
    if (dispensable(node, r))
    {
        fb_mobile_node_lose_path(node, r, FB_CAUSE_PROBE, now);
        return;
    }
    if (r->state == FB_BINDING_UP && !r->request.confirm)
    {
        /* Nothing is gained by going without. Perhaps it is the home agent that lost its state, or a NAT */
        fb_mobile_node_enqueue(node, r, FB_REQUEST_REFRESH, FB_CAUSE_PROBE, now);
        r->request.with_policy = true;
    }
}

void
fb_mobile_node_drop_silent(fb_mobile_node *node, fb_time now)
{
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        fb_registration *r = fb_mobile_node_at(node, i);

        if (r->known && fb_registration_up(r) && fb_registration_silent(r) && dispensable(node, r))
        {
            fb_mobile_node_lose_path(node, r, FB_CAUSE_PROBE, now);
        }
    }
}

void
fb_mobile_node_forget_path(fb_mobile_node *node, fb_registration *r)
{
    node->generation++;
    fb_path_probe_stop(&r->probe);
    fb_path_quality_forget(&r->quality);
    fb_path_telling_forget(&r->telling);
}

/* ---- coming back ---- */

static void
take_back(fb_mobile_node *node, fb_registration *r, fb_time now)
{
    tell_path(node, r, true, now);
    if (r->state == FB_BINDING_DOWN)
    {
        fb_mobile_node_try_register(node, r, FB_CAUSE_PROBE, now);
    }
    fb_mobile_node_drop_silent(node, now); /* others, that were kept for want of one that answers */
}

static void
find(fb_mobile_node *node, fb_registration *r, fb_time now)
{
    if (fb_path_probe_found(&r->probe, &node->probe, now) == FB_PROBE_RETURNED)
    {
        take_back(node, r, now);
    }
}

/** Whether the answer to its request came the way its packets go, and is to no other sending (RFC 6298 3). */
static bool
measures(const fb_registration *r)
{
    bool own_way = !fb_request_removes(&r->request) || r->request.kind == FB_REQUEST_WATCH;

    return own_way && !r->request.repeated;
}

void
fb_mobile_node_path_answers(fb_mobile_node *node, fb_registration *r, fb_time now)
{
    bool watched = r->request.kind == FB_REQUEST_WATCH;

    if (!measures(r))
    {
        return;
    }
    fb_path_quality_measure(&r->quality, now - r->request.sent_at);
    fb_mobile_node_learned(node, r, now);
    if (watched)
    {
        fb_mobile_node_drop_request(node, r);
        find(node, r, now);
        return;
    }
    /* A silent one that is used for want of another: an answer to a registration shows that it is worth asking */
    fb_path_probe_hurry(&r->probe, now);
}

bool
fb_mobile_node_take_reply(fb_mobile_node *node,
                          const fb_arrival *arrival,
                          const fb_registration *registration,
                          fb_time now)
{
    fb_registration *r = &node->registrations.item[registration - node->registrations.item];
    uint16_t identifier;
    fb_time round_trip;

    if (!fb_arrival_is_echo(arrival, FB_ICMP_ECHO_REPLY))
    {
        return false;
    }
    identifier = fb_arrival_echo_identifier(arrival);
    if (arrival->udp && identifier == fb_keepalive_identifier(r->link.bid))
    {
        fb_mobile_node_keepalive_answered(node, r, now);
        return true;
    }
    if (node->probe.interval_ms == 0 || identifier != fb_probe_identifier(r->link.bid))
    {
        return false;
    }
    if (fb_path_probe_answered(&r->probe, fb_arrival_echo_sequence(arrival), &round_trip, now))
    {
        fb_path_quality_measure(&r->quality, round_trip);
        fb_mobile_node_learned(node, r, now);
        find(node, r, now);
    }
    return true; /* late or doubled it is an answer to us all the same */
}

/* ---- asking ---- */

/** Whether its tunnel is there, and ends at the node itself. */
static bool
has_tunnel(const fb_registration *r)
{
    return r->known && r->link_up && fb_registration_up(r) && r->agent == 0;
}

static void
watch(fb_mobile_node *node, fb_registration *r, fb_time now)
{
    if (fb_registration_up(r))
    {
        r->probe.due = true; /* kept for want of another: through its tunnel */
    }
    else if (r->state == FB_BINDING_DOWN && r->link_up && r->wanted && node->home_link == 0 &&
             fb_mobile_node_care_of(r) != 0)
    {
        /*
         * RFC 5944 3.6.3: never more often than once a second. A registration whose reply is lost would make the home
         * agent send packets into a path that is silent one way; what is de-registered already stays so (D-28).
         */
        fb_mobile_node_enqueue(node, r, FB_REQUEST_WATCH, FB_CAUSE_PROBE, now);
    }
}

void
fb_mobile_node_probe_timeout(fb_mobile_node *node, fb_registration *r, fb_time now)
{
    if (r->probe.state == FB_PROBE_ASKING && !has_tunnel(r))
    {
        fb_path_probe_stop(&r->probe);
        return;
    }
    switch (
        fb_path_probe_timeout(&r->probe, &node->probe, fb_path_quality_timeout(&r->quality), now))
    {
    case FB_PROBE_LOST:
        tell_path(node, r, false, now);
        give_up(node, r, now);
        break;
    case FB_PROBE_WATCH:
        watch(node, r, now);
        break;
    case FB_PROBE_RETURNED:
        take_back(node, r, now);
        break;
    default:
        break;
    }
}

static fb_registration *
next_probe(fb_mobile_node *node)
{
    for (size_t i = 0; i < node->registrations.capacity; i++)
    {
        fb_registration *r = fb_mobile_node_at(node, i);

        if (has_tunnel(r) && r->probe.due)
        {
            return r;
        }
    }
    return NULL;
}

ptrdiff_t
fb_mobile_node_output_probe(fb_mobile_node *node,
                            fb_meta *meta,
                            uint8_t *buffer,
                            size_t capacity,
                            fb_time now)
{
    fb_writer writer = fb_writer_over(buffer, capacity);
    fb_registration *r = next_probe(node);
    fb_probe_outcome outcome;
    fb_tunnel_echo echo;

    if (r == NULL)
    {
        return 0;
    }
    echo = (fb_tunnel_echo){.tunnel = r->tunnel,
                            .udp = r->udp ? FB_TUNNEL_UDP_DATA : FB_TUNNEL_UDP_NONE,
                            .source = fb_addr_from_ipv4(node->config.home_address),
                            .destination = fb_addr_from_ipv4(node->home_agent),
                            .outer_source = r->care_of_address,
                            .identifier = fb_probe_identifier(r->link.bid),
                            .sequence = (uint16_t)(r->probe.sequence + 1)};
    *meta = (fb_meta){.src = fb_addr_from_ipv4(r->care_of_address),
                      .dst = echo.destination,
                      .sport = r->udp ? node->config.port : 0,
                      .dport = r->udp ? FB_MIP4_PORT : 0,
                      .link = r->link.link,
                      .protocol = fb_tunnel_echo_write(&writer, &echo),
                      .ttl = HOP_LIMIT};
    if (writer.failed)
    {
        return FB_ERR_LIMIT;
    }
    outcome = fb_path_probe_sent(&r->probe, now);
    if (outcome != FB_PROBE_UNKNOWN)
    {
        fb_path_quality_count(&r->quality, outcome == FB_PROBE_ANSWERED);
        fb_mobile_node_learned(node, r, now);
    }
    return (ptrdiff_t)writer.position;
}
