/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The public API as a whole: memory, configurations, misuse, data packets, counters.
 */

#include "exchange.h"
#include "requirement.h"

#include <stdlib.h>
#include <string.h>

/* ---- memory ---- */

static void *
exact_memory(size_t length)
{
    void *memory = NULL;

    assert_int_equal(posix_memalign(&memory, 16, length), 0);
    return memory;
}

static fb_config
small_config(uint32_t roles)
{
    world_setup setup;
    fb_config config;

    world_setup_default(&setup);
    config = setup.mobile_node;
    config.home_agent = setup.home_agent.home_agent;
    config.roles = roles;
    config.limits = (fb_limits){.nodes = 2,
                                .bindings = 3,
                                .policies = 1,
                                .bindings_per_node = 2,
                                .rules_per_node = 5,
                                .links = 3,
                                .flow_cache = 4,
                                .events = 64};
    return config;
}

static void
test_every_smaller_memory_is_refused(void **state)
{
    fb_config config = small_config(FB_ROLE_MOBILE_NODE | FB_ROLE_HOME_AGENT);
    size_t size = fb_agent_size(&config);
    fb_agent *agent = NULL;

    (void)state;
    assert_true(size > 0);
    for (size_t length = 0; length < size; length++)
    {
        void *memory = exact_memory(length);

        assert_int_equal(fb_agent_init(&agent, memory, length, &config, 0), FB_ERR_MEMORY);
        assert_null(agent);
        free(memory);
    }
    assert_int_equal(fb_agent_init(&agent, NULL, size, &config, 0), FB_ERR_MEMORY);
}

static void
test_misaligned_memory_is_refused(void **state)
{
    fb_config config = small_config(FB_ROLE_HOME_AGENT);
    size_t size = fb_agent_size(&config);
    uint8_t *memory = exact_memory(size + 16);
    fb_agent *agent = NULL;

    (void)state;
    for (size_t shift = 1; shift < 16; shift++)
    {
        assert_int_equal(fb_agent_init(&agent, memory + shift, size, &config, 0), FB_ERR_MEMORY);
        assert_null(agent);
    }
    assert_int_equal(fb_agent_init(&agent, memory + 16, size, &config, 0), FB_OK);
    free(memory);
}

/** Uses all the configured limits say there is. */
static void
fill(fb_agent *agent, const fb_config *config)
{
    fb_rule rules[5];
    fb_fact fact = {.kind = FB_FACT_POLICY};
    uint8_t octets[1500];
    fb_meta meta;

    if ((config->roles & FB_ROLE_MOBILE_NODE) != 0)
    {
        fact.u.policy.count = world_figure2(rules);
        fact.u.policy.rules = rules;
        assert_int_equal(fb_agent_fact(agent, &fact, 0),
                         config->limits.rules_per_node >= 5 ? FB_OK : FB_ERR_LIMIT);
        for (uint32_t link = 1; link <= config->limits.links; link++)
        {
            fact = (fb_fact){.kind = FB_FACT_LINK_UP};
            fact.u.link = (fb_link){.link = link,
                                    .address = fb_addr_from_ipv4(0x0a000000u + link),
                                    .bid = (uint8_t)link,
                                    .label = 1,
                                    .technology = 4};
            assert_int_equal(fb_agent_fact(agent, &fact, 0), FB_OK);
        }
        assert_true(fb_agent_output(agent, &meta, octets, sizeof octets, 0) > 0);
    }
    for (uint32_t n = 0; (config->roles & FB_ROLE_HOME_AGENT) != 0 && n <= config->limits.nodes;
         n++)
    {
        fact = (fb_fact){.kind = FB_FACT_SUBSCRIBER_SET};
        fact.u.subscriber.home_address = 0xc6336400u + n;
        fact.u.subscriber.association = config->mobile_node.association;
        assert_int_equal(fb_agent_fact(agent, &fact, 0),
                         n < config->limits.nodes ? FB_OK : FB_ERR_LIMIT);
    }
    assert_int_equal(fb_agent_handle_timeout(agent, 9, FB_SECOND), FB_OK);
}

/* The sanitizer sees it when something lies behind the end. */
static void
test_the_size_is_exact_for_all_limits(void **state)
{
    static const uint32_t number[] = {1, 7};
    static const uint32_t cache[] = {0, 1, 2, 64};
    static const uint8_t per_node[] = {1, 254};
    static const uint8_t rules[] = {0, 1, 64};
    static const uint16_t links[] = {1, 254};

    (void)state;
    for (size_t i = 0; i < 3 * 2 * 4 * 2 * 3 * 2; i++)
    {
        fb_config config = small_config((uint32_t)(1 + i % 3));
        fb_agent *agent = NULL;
        size_t size;
        void *memory;

        config.limits.nodes = number[i / 3 % 2];
        config.limits.bindings = number[i / 3 % 2] * 3;
        config.limits.policies = number[i / 3 % 2] - 1;
        config.limits.flow_cache = cache[i / 6 % 4];
        config.limits.bindings_per_node = per_node[i / 24 % 2];
        config.limits.rules_per_node = rules[i / 48 % 3];
        config.limits.links = links[i / 144 % 2];
        size = fb_agent_size(&config);
        assert_true(size > 0);
        memory = exact_memory(size);
        assert_int_equal(fb_agent_init(&agent, memory, size, &config, 0), FB_OK);
        fill(agent, &config);
        free(memory);
    }
}

/* What was in the memory before makes no difference. */
static void
test_memory_need_not_be_cleared(void **state)
{
    fb_config config = small_config(FB_ROLE_MOBILE_NODE | FB_ROLE_HOME_AGENT);
    size_t size = fb_agent_size(&config);
    uint8_t *memory = exact_memory(size);
    fb_agent *agent = NULL;
    fb_binding_view view;
    fb_event event;

    (void)state;
    memset(memory, 0xff, size);
    assert_int_equal(fb_agent_init(&agent, memory, size, &config, 0), FB_OK);
    assert_true(fb_agent_next_timeout(agent) == FB_TIME_NEVER);
    assert_false(fb_agent_poll_event(agent, &event));
    assert_false(fb_agent_binding(agent, FB_ROLE_MOBILE_NODE, WORLD_HOME_ADDRESS, 0, &view));
    for (int reason = -1; reason <= FB_REASON_COUNT; reason++)
    {
        assert_int_equal(fb_agent_counter(agent, (fb_reason)reason), 0);
    }
    fill(agent, &config);
    free(memory);
}

/* ---- configurations that contradict themselves ---- */

static void
test_contradictory_configurations(void **state)
{
    fb_config good = small_config(FB_ROLE_MOBILE_NODE | FB_ROLE_HOME_AGENT), bad;
    fb_agent *agent = NULL;
    uint64_t memory[4] = {0};

    (void)state;
    requirement("B5944-14");
#define REFUSED(field, value)                                                               \
    bad = good;                                                                             \
    bad.field = value;                                                                      \
    assert_int_equal(fb_agent_size(&bad), 0);                                               \
    assert_int_equal(fb_agent_init(&agent, memory, sizeof memory, &bad, 0), FB_ERR_CONFIG); \
    assert_null(agent)
    REFUSED(roles, 0);
    REFUSED(roles, 4);
    REFUSED(roles, 0xffffffff);
    REFUSED(scheduler, "no-such-scheduler");
    REFUSED(limits.bindings_per_node, 0);
    REFUSED(limits.bindings_per_node, 255);
    REFUSED(limits.rules_per_node, 65);
    REFUSED(limits.flow_cache, 3);
    REFUSED(limits.flow_cache, 0xffffffff);
    REFUSED(limits.events, 7);
    REFUSED(limits.links, 0);
    REFUSED(limits.links, 255);
    REFUSED(limits.nodes, 0);
    REFUSED(limits.bindings, 0);
    REFUSED(mobile_node.home_address, 0);
    REFUSED(mobile_node.home_agent, 0);
    REFUSED(mobile_node.lifetime_s, 0);
    REFUSED(mobile_node.port, 0);
    REFUSED(mobile_node.retransmit_ms, 999); /* RFC 5944 3.6.3 */
    REFUSED(mobile_node.retry_denied_s, 0);
    REFUSED(mobile_node.association.spi, 255); /* RFC 5944 5.1 */
    REFUSED(mobile_node.association.algorithm, 0);
    REFUSED(mobile_node.association.algorithm, 3);
    REFUSED(mobile_node.association.key_length, 0);
    REFUSED(mobile_node.association.key_length, 33);
    REFUSED(home_agent.address, 0);
    REFUSED(home_agent.lifetime_max_s, 0);
    REFUSED(home_agent.replay_tolerance_s, 3); /* RFC 5944 5.7.1: greater than 3 */
#undef REFUSED
    assert_true(fb_agent_size(&good) > 0);
    good.scheduler = "flow-hash";
    assert_true(fb_agent_size(&good) > 0);
}

static void
test_only_the_roles_wanted_are_checked(void **state)
{
    fb_config config = small_config(FB_ROLE_HOME_AGENT);

    (void)state;
    memset(&config.mobile_node, 0, sizeof config.mobile_node);
    config.limits.links = 0;
    assert_true(fb_agent_size(&config) > 0);
    config = small_config(FB_ROLE_MOBILE_NODE);
    memset(&config.home_agent, 0, sizeof config.home_agent);
    config.limits.nodes = config.limits.bindings = config.limits.policies = 0;
    assert_true(fb_agent_size(&config) > 0);
}

/* Nobody has that much memory: refused or measured, but not by a number that has wrapped round. */
static void
test_limits_beyond_all_memory(void **state)
{
    fb_config config = small_config(FB_ROLE_HOME_AGENT);
    uint64_t memory[4] = {0};
    fb_agent *agent = NULL;
    size_t size;

    (void)state;
    config.limits.nodes = config.limits.bindings = config.limits.policies = UINT32_MAX;
    config.limits.rules_per_node = 64;
    config.limits.events = UINT32_MAX;
    config.limits.flow_cache = UINT32_C(1) << 31;
    size = fb_agent_size(&config);
    assert_true(size == 0 || size / UINT32_MAX > 64 * sizeof(fb_rule));
    assert_true(fb_agent_init(&agent, memory, sizeof memory, &config, 0) < 0);
    assert_null(agent);
}

/* ---- misuse ---- */

static void
test_time_does_not_go_back(void **state)
{
    world *w = registered_world(1);
    fb_time now = w->now + FB_SECOND, before = now - 1;
    fb_fact fact = {.kind = FB_FACT_LINK_DOWN, .u.link.link = 1};
    uint8_t octets[64] = {0};
    fb_meta meta = {0};
    fb_packet packet = {.header = octets, .header_len = 20, .total_len = 20};

    (void)state;
    assert_int_equal(fb_agent_handle_timeout(w->mobile_node, 1, now), FB_OK);
    assert_int_equal(fb_agent_handle_timeout(w->mobile_node, 1, before), FB_ERR_TIME);
    assert_int_equal(fb_agent_fact(w->mobile_node, &fact, before), FB_ERR_TIME);
    assert_int_equal(fb_agent_input(w->mobile_node, &meta, octets, 10, before), FB_ERR_TIME);
    assert_int_equal(fb_agent_output(w->mobile_node, &meta, octets, 10, before), FB_ERR_TIME);
    assert_int_equal(fb_agent_steer(w->mobile_node, (fb_ref){0}, &packet, before), FB_ERR_TIME);
    assert_int_equal(fb_agent_receive(w->mobile_node, &meta, &packet, before), FB_ERR_TIME);
    assert_int_equal(world_state(w, 1), FB_BINDING_UP);
    /* The same time again is no step back */
    assert_int_equal(fb_agent_fact(w->mobile_node, &fact, now), FB_OK);
    assert_int_equal(fb_agent_init(&w->mobile_node, NULL, 0, &(fb_config){0}, 0), FB_ERR_CONFIG);
    world_end(w);
}

static void
test_facts_for_a_role_that_is_not_there(void **state)
{
    world *w = registered_world(1);
    fb_binding_view view;
    fb_rule rule;

    (void)state;
    for (int kind = FB_FACT_WALL_CLOCK; kind <= FB_FACT_SUBSCRIBER_REMOVE; kind++)
    {
        fb_fact fact = {.kind = (fb_fact_kind)kind};
        int at_mobile_node = fb_agent_fact(w->mobile_node, &fact, w->now);
        int at_home_agent = fb_agent_fact(w->home_agent, &fact, w->now);

        assert_true(at_mobile_node != FB_ERR_UNKNOWN || at_home_agent != FB_ERR_UNKNOWN ||
                    kind == FB_FACT_LINK_DOWN || kind == FB_FACT_SUBSCRIBER_REMOVE);
        assert_int_equal(at_home_agent == FB_ERR_UNKNOWN,
                         kind != FB_FACT_WALL_CLOCK && kind != FB_FACT_SUBSCRIBER_SET);
        assert_int_equal(kind >= FB_FACT_SUBSCRIBER_SET ? at_mobile_node : FB_ERR_UNKNOWN,
                         FB_ERR_UNKNOWN);
    }
    assert_int_equal(fb_agent_fact(w->home_agent, &(fb_fact){.kind = (fb_fact_kind)77}, w->now),
                     FB_ERR_ARGUMENT);
    assert_false(
        fb_agent_binding(w->home_agent, FB_ROLE_MOBILE_NODE, WORLD_HOME_ADDRESS, 0, &view));
    assert_false(
        fb_agent_binding(w->mobile_node, FB_ROLE_HOME_AGENT, WORLD_HOME_ADDRESS, 0, &view));
    assert_false(fb_agent_binding(w->home_agent, 7, WORLD_HOME_ADDRESS, 0, &view));
    assert_false(fb_agent_binding(w->home_agent, FB_ROLE_HOME_AGENT, 1, 0, &view));
    assert_false(fb_agent_rule(w->mobile_node, FB_ROLE_HOME_AGENT, WORLD_HOME_ADDRESS, 0, &rule));
    assert_false(fb_agent_rule(w->home_agent, FB_ROLE_HOME_AGENT, 1, 0, &rule));
    world_end(w);
}

static void
test_messages_for_a_role_that_is_not_there(void **state)
{
    world *w = registered_world(1);
    const world_message *asked = world_last(w, true), *answered = world_last(w, false);

    (void)state;
    assert_int_equal(world_inject(w, false, &asked->meta, asked->octets, asked->length),
                     FB_DROP_WRONG_ROLE);
    assert_int_equal(world_inject(w, true, &answered->meta, answered->octets, answered->length),
                     FB_DROP_WRONG_ROLE);
    assert_int_equal(fb_agent_counter(w->mobile_node, FB_DROP_WRONG_ROLE), 1);
    assert_int_equal(fb_agent_counter(w->home_agent, FB_DROP_WRONG_ROLE), 1);
    assert_int_equal(requests_sent(w), 1);
    assert_int_equal(world_sent_count(w, false), 1);
    world_end(w);
}

/* ---- data packets ---- */

#define OFFSET_TTL 8
#define OFFSET_SOURCE 12
#define OFFSET_DESTINATION 16

typedef struct packet
{
    uint8_t octets[48];
} packet;

static void
put_address(packet *p, size_t at, fb_ipv4 address)
{
    for (size_t i = 0; i < 4; i++)
    {
        p->octets[at + i] = (uint8_t)(address >> (24 - 8 * i));
    }
}

static packet
new_packet(fb_ipv4 source, fb_ipv4 destination, uint8_t protocol, uint16_t sport, uint16_t dport)
{
    packet p = {{0x45, 0, 0, 48}};

    p.octets[OFFSET_TTL] = 64;
    p.octets[9] = protocol;
    put_address(&p, OFFSET_SOURCE, source);
    put_address(&p, OFFSET_DESTINATION, destination);
    p.octets[20] = (uint8_t)(sport >> 8);
    p.octets[21] = (uint8_t)sport;
    p.octets[22] = (uint8_t)(dport >> 8);
    p.octets[23] = (uint8_t)dport;
    return p;
}

static packet
sip_down(void)
{
    return new_packet(WORLD_CORRESPONDENT, WORLD_HOME_ADDRESS, UDP, SIP, 40000);
}

static packet
sip_up(void)
{
    return new_packet(WORLD_HOME_ADDRESS, WORLD_CORRESPONDENT, UDP, 40000, SIP);
}

static fb_action
the_action(fb_agent *agent, fb_handle handle, fb_time now)
{
    fb_action action, none;

    assert_true(fb_agent_poll_action(agent, &action, now));
    assert_int_equal(action.packet, handle);
    assert_true(action.last);
    assert_false(fb_agent_poll_action(agent, &none, now));
    return action;
}

/** The header lies on a heap block of exactly its size. */
static fb_action
steer_length(world *w, fb_agent *agent, const packet *p, size_t header_len, size_t total_len)
{
    static fb_handle handle;
    uint8_t *header = vectors_copy(p->octets, header_len);
    fb_packet described = {++handle, header, header_len, total_len};

    assert_int_equal(fb_agent_steer(agent, (fb_ref){0}, &described, w->now), FB_OK);
    free(header);
    return the_action(agent, handle, w->now);
}

static fb_action
steer(world *w, fb_agent *agent, packet p)
{
    return steer_length(w, agent, &p, 48, 48);
}

static fb_action
receive(world *w, fb_agent *agent, fb_ipv4 source, fb_ipv4 destination, packet p)
{
    fb_meta outer = {.src = fb_addr_from_ipv4(source),
                     .dst = fb_addr_from_ipv4(destination),
                     .protocol = 4};
    fb_packet described = {99, p.octets, 48, 48};

    assert_int_equal(fb_agent_receive(agent, &outer, &described, w->now), FB_OK);
    return the_action(agent, 99, w->now);
}

static world *
figure2_world(void)
{
    fb_rule rules[5];
    world *w = registered_world(3);

    world_figure2(rules);
    assert_int_equal(world_policy(w, rules, 5), FB_OK);
    world_run(w, FB_SECOND);
    assert_int_equal(world_rule_count(w), 5);
    return w;
}

static void
assert_dropped(fb_action action, int reason)
{
    assert_int_equal(action.kind, FB_DROP_PACKET);
    assert_int_equal(action.reason, reason);
    assert_int_equal(action.outer_len, 0);
}

static void
test_a_packet_comes_back_once(void **state)
{
    world *w = figure2_world();
    packet p = sip_down();
    fb_packet described = {5, p.octets, 48, 48};
    fb_meta outer = {.protocol = 4};
    fb_action action;

    (void)state;
    assert_false(fb_agent_poll_action(w->home_agent, &action, w->now));
    assert_int_equal(fb_agent_steer(w->home_agent, (fb_ref){0}, &described, w->now), FB_OK);
    assert_int_equal(fb_agent_steer(w->home_agent, (fb_ref){0}, &described, w->now),
                     FB_ERR_NOT_DRAINED);
    assert_int_equal(fb_agent_receive(w->home_agent, &outer, &described, w->now),
                     FB_ERR_NOT_DRAINED);
    action = the_action(w->home_agent, 5, w->now);
    assert_int_equal(action.kind, FB_SEND);
    assert_int_equal(action.strip, 0);
    assert_int_equal(action.outer_len, 20);
    assert_int_equal(octets_u16(action.outer + 2), 68);
    assert_int_equal(octets_u32(action.outer + 12), WORLD_HOME_AGENT);
    assert_int_equal(octets_u32(action.outer + 16), care_of(1));
    assert_int_equal(action.path.bid, 1);
    assert_int_equal(steer(w, w->mobile_node, sip_up()).path.link, WORLD_WLAN);
    world_end(w);
}

/* D-39: what keeps the paths alive must not depend on what the policy says of them. */
static void
test_signalling_is_outside_the_policy(void **state)
{
    fb_rule drop_all = {.action = FB_RULE_DROP,
                        .bid_count = 1,
                        .bid = {255},
                        .selector.format = FB_SELECTOR_IPV4};
    world *w = registered_world(3);
    packet to_home_agent;

    (void)state;
    requirement("D-39");
    assert_int_equal(world_policy(w, &drop_all, 1), FB_OK);
    world_run(w, FB_SECOND);
    to_home_agent = new_packet(WORLD_HOME_ADDRESS, WORLD_HOME_AGENT, UDP, 434, 434);
    assert_int_equal(steer(w, w->mobile_node, to_home_agent).kind, FB_SEND);
    /* Another port, another protocol, another peer: all of them are data */
    to_home_agent = new_packet(WORLD_HOME_ADDRESS, WORLD_HOME_AGENT, UDP, 434, 435);
    assert_dropped(steer(w, w->mobile_node, to_home_agent), FB_DROP_POLICY);
    to_home_agent = new_packet(WORLD_HOME_ADDRESS, WORLD_HOME_AGENT, TCP, 434, 434);
    assert_dropped(steer(w, w->mobile_node, to_home_agent), FB_DROP_POLICY);
    assert_int_equal(world_uplink(w, UDP, 434, 434).reason, FB_DROP_POLICY);
    assert_int_equal(world_downlink(w, UDP, 434, 434).reason, FB_DROP_POLICY);
    world_end(w);
}

static void
test_loops_are_refused(void **state)
{
    world *w = figure2_world();
    packet p = sip_down();

    (void)state;
    requirement("B2003-02", "B5944-56");
    put_address(&p, OFFSET_SOURCE, WORLD_HOME_AGENT); /* RFC 2003 3.2: the tunnel's own entry */
    assert_dropped(steer(w, w->home_agent, p), FB_DROP_LOOP);
    p.octets[9] = 4; /* RFC 5944 4.2.3: came out of this node's tunnel, whichever (B5944-56) */
    for (uint32_t link = 1; link <= 3; link++)
    {
        put_address(&p, OFFSET_SOURCE, care_of(link));
        assert_dropped(steer(w, w->home_agent, p), FB_DROP_LOOP);
    }
    put_address(&p, OFFSET_SOURCE, care_of(4)); /* tunnelled by somebody else: goes in again */
    assert_int_equal(steer(w, w->home_agent, p).kind, FB_SEND);
    assert_int_equal(fb_agent_counter(w->home_agent, FB_DROP_LOOP), 4);
    world_end(w);
}

static void
test_a_packet_without_time_to_live(void **state)
{
    world *w = figure2_world();
    packet down = sip_down(), up = sip_up();

    (void)state;
    requirement("B2003-01");
    down.octets[OFFSET_TTL] = up.octets[OFFSET_TTL] = 0;
    assert_dropped(steer(w, w->home_agent, down), FB_DROP_TTL);
    assert_dropped(steer(w, w->mobile_node, up), FB_DROP_TTL);
    down.octets[OFFSET_TTL] = up.octets[OFFSET_TTL] = 1;
    assert_int_equal(steer(w, w->home_agent, down).kind, FB_SEND);
    assert_int_equal(steer(w, w->mobile_node, up).kind, FB_SEND);
    world_end(w);
}

static void
test_malformed_packets_of_every_length(void **state)
{
    world *w = figure2_world();
    packet down = sip_down(), p;
    fb_meta outer = {.src = fb_addr_from_ipv4(care_of(1)),
                     .dst = fb_addr_from_ipv4(WORLD_HOME_AGENT),
                     .protocol = 4};
    uint64_t dropped = 0;

    (void)state;
    for (size_t length = 0; length < 20; length++)
    {
        uint8_t *header = vectors_copy(down.octets, length);
        fb_packet described = {99, header, length, 48};

        assert_dropped(steer_length(w, w->home_agent, &down, length, 48), FB_DROP_PACKET_MALFORMED);
        assert_int_equal(fb_agent_receive(w->home_agent, &outer, &described, w->now), FB_OK);
        assert_dropped(the_action(w->home_agent, 99, w->now), FB_DROP_PACKET_MALFORMED);
        free(header);
        dropped += 2;
    }
    for (size_t length = 20; length <= 48; length++)
    {
        /* The ports are not there: still a packet, but no rule for a port matches it */
        fb_action action = steer_length(w, w->home_agent, &down, length, 48);

        assert_int_equal(action.kind, FB_SEND);
        assert_true(length < 24 || action.path.bid == 1);
    }
    for (size_t total = 0; total < 48; total++)
    {
        /* Cut on its way: shorter than its own header says */
        assert_dropped(steer_length(w, w->home_agent, &down, total < 20 ? total : 20, total),
                       FB_DROP_PACKET_MALFORMED);
        dropped++;
    }
    for (unsigned first = 0; first < 256; first++)
    {
        unsigned version = first >> 4, words = first & 15;
        /* as IPv6 it is a short packet of nobody */
        bool sound = (version == 4 && words >= 5 && words * 4 <= 48) || version == 6;
        fb_action action;

        p = down;
        p.octets[0] = (uint8_t)first;
        action = steer(w, w->home_agent, p);
        assert_int_equal(action.reason == FB_DROP_PACKET_MALFORMED, !sound);
        dropped += !sound;
    }
    assert_int_equal(fb_agent_counter(w->home_agent, FB_DROP_PACKET_MALFORMED), dropped);
    world_end(w);
}

/* What is too long for IPv4 with 20 octets more in front. */
static void
test_a_packet_that_grows_too_long(void **state)
{
    world *w = figure2_world();
    packet p = sip_down();

    (void)state;
    p.octets[2] = 0xff;
    p.octets[3] = 0xff;
    assert_dropped(steer_length(w, w->home_agent, &p, 48, 65535), FB_DROP_PACKET_MALFORMED);
    p.octets[3] = 0xff - 20;
    assert_int_equal(steer_length(w, w->home_agent, &p, 48, 65515).kind, FB_SEND);
    world_end(w);
}

static void
test_what_comes_out_of_a_tunnel(void **state)
{
    world *w = figure2_world();
    fb_meta outer = {.src = fb_addr_from_ipv4(care_of(1)),
                     .dst = fb_addr_from_ipv4(WORLD_HOME_AGENT),
                     .protocol = 50};
    packet up = sip_up(), down = sip_down();
    fb_packet described = {99, up.octets, 48, 48};
    fb_action action = receive(w, w->home_agent, care_of(2), WORLD_HOME_AGENT, up);

    (void)state;
    /* RFC 3024 4.3: any care-of address of the node will do (B3024-04) */
    assert_int_equal(action.kind, FB_DELIVER);
    assert_int_equal(action.path.bid, 2);
    assert_int_equal(action.strip, 0);
    assert_dropped(receive(w, w->home_agent, care_of(4), WORLD_HOME_AGENT, up),
                   FB_DROP_TUNNEL_SOURCE);
    put_address(&up, OFFSET_SOURCE, WORLD_HOME_ADDRESS + 1);
    assert_dropped(receive(w, w->home_agent, care_of(1), WORLD_HOME_AGENT, up),
                   FB_DROP_TUNNEL_INNER_SOURCE);
    assert_int_equal(fb_agent_receive(w->home_agent, &outer, &described, w->now), FB_OK);
    assert_dropped(the_action(w->home_agent, 99, w->now), FB_DROP_TUNNEL_PROTOCOL);

    action = receive(w, w->mobile_node, WORLD_HOME_AGENT, care_of(3), down);
    assert_int_equal(action.kind, FB_DELIVER);
    assert_int_equal(action.path.link, WORLD_CDMA);
    assert_dropped(receive(w, w->mobile_node, WORLD_HOME_AGENT + 1, care_of(3), down),
                   FB_DROP_TUNNEL_SOURCE);
    assert_dropped(receive(w, w->mobile_node, WORLD_HOME_AGENT, care_of(4), down),
                   FB_DROP_NO_BINDING);
    put_address(&down, OFFSET_DESTINATION, WORLD_HOME_ADDRESS + 1);
    assert_dropped(receive(w, w->mobile_node, WORLD_HOME_AGENT, care_of(3), down),
                   FB_DROP_TUNNEL_INNER_DESTINATION);
    world_end(w);
}

static void
test_packets_of_nobody(void **state)
{
    world *w = figure2_world();
    packet up = sip_up(), down = sip_down();

    (void)state;
    put_address(&down, OFFSET_DESTINATION, WORLD_HOME_ADDRESS + 1);
    assert_dropped(steer(w, w->home_agent, down), FB_DROP_NO_SESSION);
    put_address(&up, OFFSET_SOURCE, WORLD_HOME_ADDRESS + 1);
    assert_dropped(steer(w, w->mobile_node, up), FB_DROP_TUNNEL_INNER_SOURCE);
    for (uint32_t link = 1; link <= 3; link++)
    {
        world_link_down(w, link);
    }
    up = new_packet(WORLD_HOME_ADDRESS, WORLD_CORRESPONDENT, UDP, 40000, 9);
    assert_dropped(steer(w, w->mobile_node, up), FB_DROP_NO_BINDING);
    assert_dropped(steer(w, w->mobile_node, sip_up()), FB_DROP_POLICY);
    world_end(w);
}

/** Makes @p p a fragment: @p offset in units of 8 octets. */
static packet
fragment(packet p, uint16_t id, uint16_t offset, bool more)
{
    p.octets[4] = (uint8_t)(id >> 8);
    p.octets[5] = (uint8_t)id;
    p.octets[6] = (uint8_t)((more ? 0x20 : 0) | offset >> 8);
    p.octets[7] = (uint8_t)offset;
    return p;
}

/* D-39: only the first has ports, and all have to go its way. */
static void
test_fragments_follow_the_first(void **state)
{
    world *w = figure2_world();

    (void)state;
    requirement("D-39");
    for (uint16_t id = 1; id < 200; id++)
    {
        /* SSH by CDMA and SIP by WLAN, in turn */
        bool ssh = id % 2 == 0;
        packet down = sip_down(), up = sip_up();

        if (ssh)
        {
            down = new_packet(WORLD_CORRESPONDENT, WORLD_HOME_ADDRESS, TCP, SSH, 40000);
            up = new_packet(WORLD_HOME_ADDRESS, WORLD_CORRESPONDENT, TCP, 40000, SSH);
        }
        for (uint16_t part = 0; part < 4; part++)
        {
            fb_action d = steer(w, w->home_agent, fragment(down, id, part * 185, part < 3));
            fb_action u = steer(w, w->mobile_node, fragment(up, id, part * 185, part < 3));

            assert_int_equal(d.path.bid, ssh ? WORLD_CDMA : WORLD_WLAN);
            assert_int_equal(u.path.bid, ssh ? WORLD_CDMA : WORLD_WLAN);
        }
    }
    world_end(w);
}

/* The first fragment of what the policy drops takes the others with it. */
static void
test_fragments_of_a_dropped_packet(void **state)
{
    world *w = figure2_world();
    packet http = new_packet(WORLD_CORRESPONDENT, WORLD_HOME_ADDRESS, TCP, HTTP, 40000);

    (void)state;
    requirement("D-39");
    world_link_down(w, WORLD_LTE);
    world_run(w, FB_SECOND);
    assert_dropped(steer(w, w->home_agent, fragment(http, 7, 0, true)), FB_DROP_POLICY);
    assert_dropped(steer(w, w->home_agent, fragment(http, 7, 185, true)), FB_DROP_POLICY);
    assert_dropped(steer(w, w->home_agent, fragment(http, 7, 370, false)), FB_DROP_POLICY);
    world_end(w);
}

/* No decision outlives what it was made from. */
static void
test_the_flow_cache_never_lies(void **state)
{
    world *w = figure2_world();
    fb_rule other = forward_rule("3", UDP, SIP);

    (void)state;
    for (int again = 0; again < 3; again++)
    {
        assert_int_equal(steer(w, w->home_agent, sip_down()).path.bid, 1);
        assert_int_equal(steer(w, w->mobile_node, sip_up()).path.bid, 1);
    }
    world_link_down(w, WORLD_WLAN);
    assert_int_equal(steer(w, w->mobile_node, sip_up()).path.bid, 2); /* at once */
    world_run(w, FB_SECOND);
    assert_int_equal(steer(w, w->home_agent, sip_down()).path.bid, 2);
    world_link_up(w, WORLD_WLAN);
    world_run(w, FB_SECOND);
    assert_int_equal(steer(w, w->home_agent, sip_down()).path.bid, 1);
    assert_int_equal(steer(w, w->mobile_node, sip_up()).path.bid, 1);
    assert_int_equal(world_policy(w, &other, 1), FB_OK);
    assert_int_equal(steer(w, w->mobile_node, sip_up()).path.bid, 3);
    world_run(w, FB_SECOND);
    assert_int_equal(steer(w, w->home_agent, sip_down()).path.bid, 3);
    /* The address behind a BID moves */
    world_change_address(w, WORLD_CDMA, 0xcb007190u);
    world_run(w, FB_SECOND);
    assert_int_equal(octets_u32(steer(w, w->home_agent, sip_down()).outer + 16), 0xcb007190u);
    assert_int_equal(octets_u32(steer(w, w->mobile_node, sip_up()).outer + 12), 0xcb007190u);
    /* Everything expires at the home agent */
    w->lose = lose_requests;
    world_run(w, 700 * FB_SECOND);
    assert_dropped(steer(w, w->home_agent, sip_down()), FB_DROP_NO_BINDING);
    world_end(w);
}

static void
test_drops_are_counted_each(void **state)
{
    world *w = figure2_world();
    packet http = new_packet(WORLD_CORRESPONDENT, WORLD_HOME_ADDRESS, TCP, HTTP, 40000);

    (void)state;
    world_link_down(w, WORLD_LTE);
    world_run(w, FB_SECOND);
    for (uint64_t n = 1; n <= 10; n++)
    {
        assert_dropped(steer(w, w->home_agent, http), FB_DROP_POLICY);
        assert_int_equal(fb_agent_counter(w->home_agent, FB_DROP_POLICY), n);
    }
    assert_int_equal(fb_agent_counter(w->home_agent, FB_REASON_NONE), 0);
    assert_int_equal(fb_agent_counter(w->home_agent, FB_REASON_COUNT), 0);
    assert_int_equal(fb_agent_counter(w->home_agent, (fb_reason)-1), 0);
    assert_int_equal(fb_agent_events_lost(w->home_agent), 0);
    world_end(w);
}

static void
test_events_nobody_polls(void **state)
{
    world *w = registered_world(1);
    const world_message *old = world_sent(w, true, 0);
    fb_event event;
    size_t polled = 0;

    (void)state;
    for (int n = 0; n < 100; n++)
    {
        uint8_t octets[1500];
        fb_meta meta;

        assert_int_equal(fb_agent_input(w->home_agent, &old->meta, old->octets, 10, w->now),
                         FB_DROP_TRUNCATED);
        assert_int_equal(fb_agent_output(w->home_agent, &meta, octets, sizeof octets, w->now), 0);
    }
    assert_int_equal(fb_agent_counter(w->home_agent, FB_DROP_TRUNCATED), 100);
    while (fb_agent_poll_event(w->home_agent, &event))
    {
        assert_int_equal(event.kind, FB_EVENT_DROP);
        assert_int_equal(event.reason, FB_DROP_TRUNCATED);
        polled++;
    }
    assert_int_equal(polled, 64);
    assert_int_equal(fb_agent_events_lost(w->home_agent), 36);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_smaller_memory_is_refused),
        cmocka_unit_test(test_misaligned_memory_is_refused),
        cmocka_unit_test(test_the_size_is_exact_for_all_limits),
        cmocka_unit_test(test_memory_need_not_be_cleared),
        cmocka_unit_test(test_contradictory_configurations),
        cmocka_unit_test(test_only_the_roles_wanted_are_checked),
        cmocka_unit_test(test_limits_beyond_all_memory),
        cmocka_unit_test(test_time_does_not_go_back),
        cmocka_unit_test(test_facts_for_a_role_that_is_not_there),
        cmocka_unit_test(test_messages_for_a_role_that_is_not_there),
        cmocka_unit_test(test_a_packet_comes_back_once),
        cmocka_unit_test(test_signalling_is_outside_the_policy),
        cmocka_unit_test(test_loops_are_refused),
        cmocka_unit_test(test_a_packet_without_time_to_live),
        cmocka_unit_test(test_malformed_packets_of_every_length),
        cmocka_unit_test(test_a_packet_that_grows_too_long),
        cmocka_unit_test(test_what_comes_out_of_a_tunnel),
        cmocka_unit_test(test_packets_of_nobody),
        cmocka_unit_test(test_fragments_follow_the_first),
        cmocka_unit_test(test_fragments_of_a_dropped_packet),
        cmocka_unit_test(test_the_flow_cache_never_lies),
        cmocka_unit_test(test_drops_are_counted_each),
        cmocka_unit_test(test_events_nobody_polls),
    };

    return cmocka_run_group_tests_name("agent", tests, NULL, NULL);
}
