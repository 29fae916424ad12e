/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/mag_internal.h"

#include "wire/ipv4.h"
#include "wire/tunnel_echo.h"

/*
 * Paths whose link is up and that carry nothing: asking through the tunnel of the session that last had a packet,
 * giving up, watching for their return by heartbeats.
 */

static uint16_t
count_alive(const fb_mag *mag)
{
    uint16_t count = 0;

    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        count = (uint16_t)(count + (mag->link[i].known && mag->link[i].up &&
                                    !fb_mag_link_dead(&mag->link[i])));
    }
    return count;
}

static void
tell_path(const fb_mag *mag, const fb_mag_link *link, bool answers, fb_time now)
{
    fb_event event = {.kind = FB_EVENT_PATH,
                      .role = FB_ROLE_MAG,
                      .from = !answers,
                      .to = answers,
                      .cause = FB_CAUSE_PROBE,
                      .count = count_alive(mag),
                      .ref = {.link = link->link.link, .bid = link->link.bid},
                      .care_of = link->link.address,
                      .time = now};

    fb_events_push(mag->events, &event);
}

void
fb_mag_forget_path(fb_mag_link *link)
{
    fb_path_probe_stop(&link->probe);
    fb_path_quality_forget(&link->path);
    fb_path_telling_forget(&link->telling);
}

/* ---- whose tunnel ---- */

/** The binding whose tunnel the link's probes take; NULL: it is gone. */
static const fb_update_entry *
entry_of(const fb_mag *mag, uint16_t place)
{
    const fb_mag_link *link = &mag->link[place];
    const fb_update_entry *entry;

    if (!link->known || !link->up || !fb_update_list_used(&mag->list, link->probe_session))
    {
        return NULL;
    }
    entry = fb_mag_entry(mag, link->probe_session, place);
    return fb_update_entry_up(entry) ? entry : NULL;
}

/**
 * Both ends of a probe: the gateway is a router on the link of each prefix of the session, whose Subnet-Router anycast
 * address is hers (RFC 4291 2.6.1); of a session with IPv4 only the home address. False: the anchor has no address of
 * that family.
 */
static bool
find_ends(const fb_mag *mag, const fb_update_session *session, fb_tunnel_echo *echo)
{
    const fb_networks *networks = session->home.count > 0 ? &session->home : &session->delegated;

    for (size_t i = 0; i < networks->count && mag->config.anchor.family == FB_FAMILY_IPV6; i++)
    {
        if (networks->prefix[i].address.family == FB_FAMILY_IPV6)
        {
            echo->source = networks->prefix[i].address;
            echo->destination = mag->config.anchor;
            return true;
        }
    }
    echo->source = fb_addr_from_ipv4(session->home_address);
    echo->destination = fb_addr_from_ipv4(mag->config.anchor_ipv4);
    return session->home_address != 0 && mag->config.anchor_ipv4 != 0;
}

/* ---- losing and finding ---- */

static void
lose(fb_mag *mag, uint16_t place, fb_time now)
{
    const fb_mag_link *link = &mag->link[place];

    tell_path(mag, link, false, now);
    for (uint32_t s = 0; s < mag->list.capacity; s++)
    {
        if (fb_update_list_used(&mag->list, s))
        {
            /* Steering looks anew; what has no other path keeps this one, until it has */
            fb_update_list_at(&mag->list, s)->generation++;
            fb_mag_settle(mag, s, FB_CAUSE_PROBE, now);
        }
    }
    if (entry_of(mag, place) != NULL && fb_mag_link_usable(mag, place) &&
        entry_of(mag, place)->state == FB_BINDING_UP)
    {
        /* Nothing is gained by going without. Perhaps it is the anchor that lost its state, or a NAT */
        fb_mag_enqueue(mag,
                       link->probe_session,
                       fb_mag_entry(mag, link->probe_session, place),
                       FB_UPDATE_REFRESH,
                       FB_CAUSE_PROBE,
                       now);
        fb_mag_settle(mag, link->probe_session, FB_CAUSE_PROBE, now);
    }
}

static void
take_back(fb_mag *mag, uint16_t place, fb_time now)
{
    tell_path(mag, &mag->link[place], true, now);
    fb_mag_revive_link(mag, place, FB_CAUSE_PROBE, now);
}

void
fb_mag_path_answers(fb_mag *mag, uint16_t place, fb_time now)
{
    if (fb_path_probe_found(&mag->link[place].probe, &mag->probe, now) == FB_PROBE_RETURNED)
    {
        take_back(mag, place, now);
    }
}

static bool
is_answer(const fb_mag *mag, const fb_arrival *arrival)
{
    const fb_addr *anchor = &mag->config.anchor;

    if (arrival->inner.family == FB_FAMILY_IPV6)
    {
        return fb_arrival_is_echo6(arrival, FB_ICMPV6_ECHO_REPLY) &&
               memcmp(arrival->inner.source6, anchor->octet, sizeof anchor->octet) == 0;
    }
    return fb_arrival_is_echo(arrival, FB_ICMP_ECHO_REPLY) &&
           arrival->inner.source == mag->config.anchor_ipv4;
}

bool
fb_mag_take_echo(fb_mag *mag, const fb_arrival *arrival, uint16_t place, fb_time now)
{
    fb_mag_link *link = &mag->link[place];
    fb_time round_trip;

    if (mag->probe.interval_ms == 0 || !is_answer(mag, arrival) ||
        fb_arrival_echo_identifier(arrival) != fb_probe_identifier(link->link.bid))
    {
        return false;
    }
    if (fb_path_probe_answered(&link->probe, fb_arrival_echo_sequence(arrival), &round_trip, now))
    {
        fb_path_quality_measure(&link->path, round_trip);
        fb_mag_learned(mag, place, now);
        fb_mag_path_answers(mag, place, now);
    }
    return true; /* late or doubled it is an answer to us all the same */
}

/* ---- asking ---- */

/*
 * RFC 5847 3.2: an anchor answers heartbeats with or without bindings, so that the answer shows both directions and
 * leaves nothing behind. One that does not know them is believed to be there again, and it is tried.
 */
static void
watch(fb_mag *mag, uint16_t place, fb_time now)
{
    fb_mag_link *link = &mag->link[place];

    link->probe.due = entry_of(mag, place) != NULL; /* kept for want of another */
    if (mag->heartbeat_unsupported)
    {
        fb_mag_path_answers(mag, place, now);
        return;
    }
    fb_heartbeat_ask(&link->heartbeat, now);
    link->request_due = true;
}

static void
handle_timeout(fb_mag *mag, uint16_t place, fb_time now)
{
    fb_mag_link *link = &mag->link[place];
    const fb_update_entry *entry = entry_of(mag, place);
    fb_tunnel_echo echo;

    if (link->probe.state == FB_PROBE_ASKING &&
        (entry == NULL ||
         !find_ends(mag, fb_update_list_at(&mag->list, link->probe_session), &echo)))
    {
        fb_path_probe_stop(&link->probe);
        return;
    }
    switch (
        fb_path_probe_timeout(&link->probe, &mag->probe, fb_path_quality_timeout(&link->path), now))
    {
    case FB_PROBE_LOST:
        lose(mag, place, now);
        break;
    case FB_PROBE_WATCH:
        watch(mag, place, now);
        break;
    case FB_PROBE_RETURNED:
        take_back(mag, place, now);
        break;
    default:
        break;
    }
}

void
fb_mag_probe_timeout(fb_mag *mag, fb_time now)
{
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        if (mag->link[i].known && mag->link[i].probe.next <= now)
        {
            handle_timeout(mag, i, now);
        }
    }
}

fb_time
fb_mag_probe_deadline(const fb_mag *mag)
{
    fb_time next = FB_TIME_NEVER;

    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        if (mag->link[i].known)
        {
            next = fb_time_earlier(next, mag->link[i].probe.next);
        }
    }
    return next;
}

static void
describe(const fb_mag *mag, uint16_t place, fb_tunnel_echo *echo, fb_meta *meta)
{
    const fb_mag_link *link = &mag->link[place];
    const fb_update_entry *entry = entry_of(mag, place);

    echo->tunnel = entry->tunnel;
    echo->udp = entry->udp ? FB_TUNNEL_UDP_PLAIN : FB_TUNNEL_UDP_NONE;
    echo->has_key = entry->has_key;
    echo->key = entry->key_up;
    echo->identifier = fb_probe_identifier(link->link.bid);
    echo->sequence = (uint16_t)(link->probe.sequence + 1);
    *meta = (fb_meta){.src = entry->care_of,
                      .dst = fb_mag_anchor(mag, &link->link),
                      .sport = entry->udp ? FB_PMIP_DATA_PORT : 0,
                      .dport = entry->udp ? FB_PMIP_DATA_PORT : 0,
                      .link = link->link.link,
                      .ttl = FB_IPV4_TTL};
}

ptrdiff_t
fb_mag_output_probe(fb_mag *mag, fb_meta *meta, uint8_t *buffer, size_t capacity, fb_time now)
{
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        fb_mag_link *link = &mag->link[i];
        fb_writer writer = fb_writer_over(buffer, capacity);
        fb_tunnel_echo echo = {0};
        fb_probe_outcome outcome;

        if (!link->probe.due || entry_of(mag, i) == NULL ||
            !find_ends(mag, fb_update_list_at(&mag->list, link->probe_session), &echo))
        {
            continue;
        }
        describe(mag, i, &echo, meta);
        meta->protocol = fb_tunnel_echo_write(&writer, &echo);
        if (writer.failed)
        {
            return FB_ERR_LIMIT;
        }
        outcome = fb_path_probe_sent(&link->probe, now);
        if (outcome != FB_PROBE_UNKNOWN)
        {
            fb_path_quality_count(&link->path, outcome == FB_PROBE_ANSWERED);
            fb_mag_learned(mag, i, now);
        }
        return (ptrdiff_t)writer.position;
    }
    return 0;
}
