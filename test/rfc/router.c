/* SPDX-License-Identifier: BSD-3-Clause */
#include "router.h"

#include <string.h>

fb_nai
nai_of(const char *text)
{
    fb_nai nai = {.length = (uint8_t)strlen(text)};

    memcpy(nai.text, text, nai.length);
    return nai;
}

fb_prefix
ipv4_prefix(fb_ipv4 address, uint8_t length)
{
    return (fb_prefix){.address = fb_addr_from_ipv4(address), .length = length};
}

fb_prefix
ipv6_prefix(uint8_t site)
{
    fb_prefix prefix = {.address = {.family = FB_FAMILY_IPV6, .octet = {ROUTER_IPV6}},
                        .length = 64};

    prefix.address.octet[5] = site;
    return prefix;
}

void
router_setup(world_setup *setup)
{
    fb_networks networks = {
        .count = 2,
        .prefix = {ipv4_prefix(ROUTER_NETWORK, ROUTER_NETWORK_LENGTH), ipv6_prefix(0x0a)}};

    world_setup_default(setup);
    setup->subscriber.nai = nai_of(ROUTER_NAI);
    setup->subscriber.networks = networks;
    setup->mobile_node.mobile_node.nai = nai_of(ROUTER_NAI);
    setup->mobile_node.mobile_node.networks = networks;
}

world *
router_world(void)
{
    world_setup setup;

    router_setup(&setup);
    return world_start(&setup);
}

void
serve_another(world *w, fb_ipv4 home_address, const char *nai, fb_ipv4 network)
{
    fb_fact fact = {.kind = FB_FACT_SUBSCRIBER_SET,
                    .u.subscriber = {.home_address = home_address,
                                     .association = vectors_association(),
                                     .multipath_allowed = true}};

    fact.u.subscriber.nai = nai_of(nai);
    fact.u.subscriber.networks.count = network != 0;
    fact.u.subscriber.networks.prefix[0] = ipv4_prefix(network, ROUTER_NETWORK_LENGTH);
    world_fact(w, w->home_agent, &fact);
}

/* ---- into requests ---- */

void
request_nai(request *r, const char *text)
{
    request_octets(r, (const uint8_t[]){131, (uint8_t)strlen(text)}, 2);
    request_octets(r, (const uint8_t *)text, strlen(text));
}

void
request_network(request *r, fb_ipv4 address, uint8_t length)
{
    request_octets(r,
                   (const uint8_t[]){148,
                                     6,
                                     0,
                                     length,
                                     (uint8_t)(address >> 24),
                                     (uint8_t)(address >> 16),
                                     (uint8_t)(address >> 8),
                                     (uint8_t)address},
                   8);
}

void
request_ipv6(request *r, uint8_t site, uint8_t length)
{
    uint8_t octets[20] = {152, 18, 1, length, ROUTER_IPV6};

    octets[9] = site;
    request_octets(r, octets, sizeof octets);
}

void
request_tunneling_mode(request *r)
{
    request_octets(r, (const uint8_t[]){152, 2, 3, 0}, 4);
}

void
register_router(world *w, uint8_t bid)
{
    request r = request_new(w, 600, care_of(bid));
    answer a;

    request_nai(&r, ROUTER_NAI);
    request_network(&r, ROUTER_NETWORK, ROUTER_NETWORK_LENGTH);
    request_ipv6(&r, 0x0a, 64);
    request_tunneling_mode(&r);
    request_multipath(&r, TECHNOLOGY_LTE, bid, bid, 0);
    a = request_send(w, &r);
    assert_accepted(&a, &r, 600);
}

/* ---- in messages ---- */

void
assert_extension(const world_message *message, size_t index, const uint8_t *octets, size_t length)
{
    seen s = look_at(message);

    assert_true(index < s.networks);
    assert_int_equal(message->octets[s.network[index] + 1] + 2, length);
    assert_memory_equal(message->octets + s.network[index], octets, length);
}

void
assert_nai(const world_message *message, const char *text)
{
    seen s = look_at(message);
    size_t fixed = s.type == 3 ? REPLY_FIXED : REQUEST_FIXED;

    assert_int_equal(s.nai, fixed);
    assert_int_equal(message->octets[fixed + 1], strlen(text));
    assert_memory_equal(message->octets + fixed + 2, text, strlen(text));
}

/* ---- what came of it ---- */

const char *
networks_in_use(const world *w, uint8_t role, char text[8])
{
    const fb_agent *agent = role == FB_ROLE_HOME_AGENT ? w->home_agent : w->mobile_node;
    fb_prefix network;
    size_t count = 0;

    while (count < 7 && fb_agent_network(agent, role, WORLD_HOME_ADDRESS, count, &network))
    {
        text[count++] = (char)('0' + network.address.family);
    }
    text[count] = '\0';
    return text;
}

const char *
network_events(const world *w, size_t since, uint8_t role, char text[32])
{
    size_t length = 0;

    for (size_t i = since; i < w->events; i++)
    {
        const fb_event *e = &w->event[i];

        if (e->kind == FB_EVENT_NETWORK && e->role == role && length < 30)
        {
            assert_int_equal(e->home_address, WORLD_HOME_ADDRESS);
            assert_int_equal(e->from, !e->to);
            text[length++] = e->to != 0 ? '+' : '-';
            text[length++] = (char)('0' + e->prefix.address.family);
        }
    }
    text[length] = '\0';
    return text;
}

static void
put_address(uint8_t *at, fb_ipv4 address)
{
    fb_addr octets = fb_addr_from_ipv4(address);

    memcpy(at, octets.octet, 4);
}

/** A packet from end to end: into the tunnel at one agent, out of it at the other. */
static world_verdict
send_packet(world *w,
            bool down,
            fb_ipv4 source,
            fb_ipv4 destination,
            uint8_t protocol,
            uint16_t source_port,
            uint16_t destination_port)
{
    uint8_t octets[48] = {0x45, 0, 0, 48, 0, 0, 0, 0, 63, protocol};
    fb_packet packet = {.packet = 5, .header = octets, .header_len = 48, .total_len = 48};
    fb_agent *from = down ? w->home_agent : w->mobile_node;
    fb_agent *to = down ? w->mobile_node : w->home_agent;
    fb_action action = {0};
    fb_meta outer = {.protocol = 4};
    world_verdict verdict;

    put_address(octets + 12, source);
    put_address(octets + 16, destination);
    octets[20] = (uint8_t)(source_port >> 8);
    octets[21] = (uint8_t)source_port;
    octets[22] = (uint8_t)(destination_port >> 8);
    octets[23] = (uint8_t)destination_port;
    assert_int_equal(fb_agent_steer(from, (fb_ref){0}, &packet, w->now), FB_OK);
    assert_true(fb_agent_poll_action(from, &action, w->now));
    verdict = (world_verdict){.kind = action.kind, .bid = action.path.bid, .reason = action.reason};
    if (action.kind != FB_SEND)
    {
        return verdict;
    }
    verdict.outer_source = octets_u32(action.outer + 12);
    verdict.outer_destination = octets_u32(action.outer + 16);
    outer.src = fb_addr_from_ipv4(verdict.outer_source);
    outer.dst = fb_addr_from_ipv4(verdict.outer_destination);
    assert_int_equal(fb_agent_receive(to, &outer, &packet, w->now), FB_OK);
    assert_true(fb_agent_poll_action(to, &action, w->now));
    verdict.delivered = action.kind == FB_DELIVER;
    verdict.delivered_reason = action.reason;
    return verdict;
}

world_verdict
downlink_to(world *w,
            fb_ipv4 destination,
            uint8_t protocol,
            uint16_t correspondent_port,
            uint16_t local_port)
{
    return send_packet(w,
                       true,
                       WORLD_CORRESPONDENT,
                       destination,
                       protocol,
                       correspondent_port,
                       local_port);
}

world_verdict
uplink_from(world *w,
            fb_ipv4 source,
            uint8_t protocol,
            uint16_t correspondent_port,
            uint16_t local_port)
{
    return send_packet(w,
                       false,
                       source,
                       WORLD_CORRESPONDENT,
                       protocol,
                       local_port,
                       correspondent_port);
}
