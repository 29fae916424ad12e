/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The anchor's role as such: whatever arrives, it keeps order. What it has to do is in test/rfc.
 */

#include "rfc/anchor.h"

#include <string.h>

static const char *const updates[] =
    {"P01", "P03", "P07", "P09", "P10", "P12", "P13", "P14", "P15", "P16", "P17", "P18"};

#define UPDATES (sizeof updates / sizeof updates[0])

/** What has to hold of an anchor at any time. */
static void
assert_in_order(const anchor *a)
{
    const fb_session_cache *sessions = &a->lma.sessions;
    uint32_t bindings = 0, policies = 0, flows = 0, references = 0;
    size_t count = anchor_sessions(a);

    assert_int_equal(sessions->cache.nodes.used, count);
    for (uint32_t id = 0; id < sessions->cache.nodes.touched; id++)
    {
        if (fb_session_exists(sessions, id))
        {
            bindings += fb_cache_node(&sessions->cache, id)->binding_count;
            policies += sessions->session[id].owner.rule_count > 0;
            assert_int_equal(fb_session_flows(sessions, id)->count,
                             sessions->session[id].owner.rule_count);
            assert_true(fb_cache_node(&sessions->cache, id)->binding_count > 0);
        }
    }
    for (uint32_t id = 0; id < sessions->care_of.pool.touched; id++)
    {
        if (!fb_pool_is_free(&sessions->care_of.pool, id))
        {
            assert_true(sessions->care_of.item[id].references > 0);
            references += sessions->care_of.item[id].references;
        }
    }
    assert_int_equal(sessions->cache.bindings.used, bindings);
    assert_int_equal(references, bindings);
    references = 0;
    for (uint32_t set = 0; set < sessions->flows.pool.touched; set++)
    {
        if (!fb_pool_is_free(&sessions->flows.pool, set))
        {
            references += sessions->flows.item[set].references;
            flows += sessions->flows.item[set].count;
        }
    }
    assert_int_equal(references, policies);
    assert_int_equal(sessions->flows.flows, flows);
    assert_int_equal(a->events.counter[FB_BUG_STATE_TRANSITION], 0);
}

static anchor *
start(void)
{
    fb_config config;
    anchor *a;

    anchor_config(&config);
    config.lma.any_subscriber = true;
    config.lma.any_gateway = true;
    config.lma.heartbeat_s = 60;
    a = anchor_start(&config);
    anchor_hear(a, "P01");
    anchor_hear(a, "P03");
    return a;
}

/** Between IPv4 addresses there is no checksum, so that damage gets to where it is read. */
static fb_meta
unprotected(void)
{
    return (fb_meta){.src = fb_addr_from_ipv4(0xcb00715a),
                     .dst = fb_addr_from_ipv4(0xc0000235),
                     .sport = 5436,
                     .dport = 5436,
                     .protocol = 17};
}

static void
hear_damaged(anchor *a, const uint8_t *octets, size_t length)
{
    fb_meta meta = unprotected();
    uint64_t lost = a->events.lost;
    pba answer;

    answer = anchor_hear_octets(a, &meta, octets, length);
    if (answer.came && answer.octets[2] == 6)
    {
        /* an answer says what became of it */
        assert_int_equal(answer.reason == 0, pba_status(&answer) < 128);
        assert_int_equal(answer.length % 8, 0);
        assert_int_equal((answer.octets[1] + 1u) * 8u, answer.length);
    }
    anchor_forget_events(a);
    assert_true(a->events.lost == lost);
    assert_in_order(a);
}

static void
test_every_bit(void **state)
{
    (void)state;
    for (size_t i = 0; i < UPDATES; i++)
    {
        anchor *a = start();
        const test_vector *v = vectors_find(a->vectors, updates[i]);
        uint8_t octets[512];

        memcpy(octets, v->octets, v->length);
        for (size_t bit = 0; bit < v->length * 8; bit++)
        {
            octets[bit / 8] ^= (uint8_t)(1u << bit % 8);
            hear_damaged(a, octets, v->length);
            octets[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        anchor_wait(a, 1000000 * FB_SECOND);
        assert_int_equal(anchor_sessions(a), 0);
        assert_in_order(a);
        anchor_end(a);
    }
}

/* ... with a Header Len that fits, and with the one that was there */
static void
test_every_length(void **state)
{
    (void)state;
    for (size_t i = 0; i < UPDATES; i++)
    {
        anchor *a = start();
        const test_vector *v = vectors_find(a->vectors, updates[i]);
        uint8_t octets[512];

        memcpy(octets, v->octets, v->length);
        for (size_t length = 0; length <= v->length; length++)
        {
            octets[1] = v->octets[1];
            hear_damaged(a, octets, length);
            octets[1] = (uint8_t)(length / 8 > 0 ? length / 8 - 1 : 0);
            hear_damaged(a, octets, length);
        }
        anchor_end(a);
    }
}

/* An update as long as there can be, of flows: the answer still is one packet */
static void
test_the_longest_answer(void **state)
{
    anchor *a = start();
    update u = update_path(a, 1, 100, "2001:db8:100::/64", 5);
    uint8_t flow[240] = {0, 1, 0, 1};
    pba answer;

    (void)state;
    anchor_wait(a, FB_SECOND);
    u = update_path(a, 1, 100, "2001:db8:100::/64", 5);
    for (uint8_t i = 0; i < 7; i++)
    {
        flow[1] = i + 1;
        update_option(&u, 45, flow, sizeof flow);
    }
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    assert_true(answer.length <= FB_LMA_REPLY_MAX);
    assert_true(answer.length > 1200);
    anchor_end(a);
}

/* What is behind the length of a prefix says nothing, wherever it is looked at; a shorter one is another prefix */
static void
test_host_bits(void **state)
{
    anchor *a = start();
    update u;
    pba answer;

    (void)state;
    anchor_wait(a, FB_SECOND);
    u = update_path(a, 1, 100, "2001:db8:100::5/64", 5);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    assert_int_equal(anchor_sessions(a), 1);
    anchor_wait(a, FB_SECOND);
    u = update_path(a, 1, 100, "2001:db8:100:7::5/48", 5);
    answer = update_send(a, &u);
    assert_int_equal(answer.reason, FB_DROP_PBU_PREFIX_SET);
    assert_in_order(a);
    anchor_end(a);
}

/* An answer waits until there is room for it */
static void
test_a_small_buffer(void **state)
{
    anchor *a = start();
    const test_vector *v = vectors_find(a->vectors, "P16");
    fb_meta meta = unprotected(), out;
    fb_mh_message message;
    uint8_t octets[64];
    int wrong = fb_mh_walk(&message, &meta.src, &meta.dst, v->octets, v->length);

    (void)state;
    assert_int_equal(wrong, 0);
    assert_int_equal(fb_lma_input(&a->lma, NULL, &meta, &message, wrong, a->now), 0);
    assert_true(fb_lma_waits(&a->lma));
    assert_int_equal(fb_lma_output(&a->lma, &out, octets, 23, a->now), FB_ERR_LIMIT);
    assert_true(fb_lma_waits(&a->lma));
    assert_int_equal(fb_lma_output(&a->lma, &out, octets, 24, a->now), 24);
    assert_false(fb_lma_waits(&a->lma));
    anchor_end(a);
}

/* Facts that cannot be */
static void
test_wrong_facts(void **state)
{
    fb_config config;
    anchor *a;
    fb_proxy_subscriber node = anchor_subscriber("one@example.net");
    fb_gateway gateway = anchor_gateway("one@example.net");

    (void)state;
    anchor_config(&config);
    config.limits.subscribers = 1;
    config.limits.gateways = 1;
    a = anchor_start(&config);
    assert_int_equal(fb_lma_set_subscriber(&a->lma, &node, a->now), FB_ERR_LIMIT);
    assert_int_equal(fb_lma_set_gateway(&a->lma, &gateway, a->now), FB_ERR_LIMIT);
    assert_int_equal(fb_lma_remove_subscriber(&a->lma, &node.identity, a->now), FB_ERR_UNKNOWN);
    node.identity.length = 0;
    gateway.identity.length = 0;
    assert_int_equal(fb_lma_set_subscriber(&a->lma, &node, a->now), FB_ERR_ARGUMENT);
    assert_int_equal(fb_lma_set_gateway(&a->lma, &gateway, a->now), FB_ERR_ARGUMENT);
    node = anchor_subscriber(ANCHOR_MOBILE_NODE);
    node.home.count = 1;
    node.home.prefix[0] = (fb_prefix){{FB_FAMILY_IPV6, {0}}, 64}; /* unspecified */
    assert_int_equal(fb_lma_set_subscriber(&a->lma, &node, a->now), FB_ERR_ARGUMENT);
    node.home.count = FB_NETWORKS_MAX + 1;
    assert_int_equal(fb_lma_set_subscriber(&a->lma, &node, a->now), FB_ERR_ARGUMENT);
    gateway = anchor_gateway(ANCHOR_GATEWAY);
    gateway.address_count = 2;
    gateway.address[0] = prefix_of("2001:db8::/32");
    gateway.address[1] = prefix_of("2001:db8:1::/48"); /* in the first */
    assert_int_equal(fb_lma_set_gateway(&a->lma, &gateway, a->now), FB_ERR_ARGUMENT);
    anchor_end(a);
}

/** What a subscriber cannot be given leaves it what it has, as with a gateway. */
static void
test_a_refused_change_of_a_subscriber(void **state)
{
    fb_config config;
    anchor *a;
    fb_proxy_subscriber first = anchor_subscriber("first@example.net");
    fb_proxy_subscriber second = anchor_subscriber("second@example.net");
    update u;
    pba answer;

    (void)state;
    anchor_config(&config);
    a = anchor_start(&config);
    first.home = (fb_networks){1, {prefix_of("2001:db8:701::/64")}};
    first.delegated = (fb_networks){1, {prefix_of("2001:db8:702::/56")}};
    first.home_address = 0xcb007105;
    second.home = (fb_networks){1, {prefix_of("2001:db8:703::/64")}};
    assert_int_equal(fb_lma_set_subscriber(&a->lma, &first, a->now), FB_OK);
    assert_int_equal(fb_lma_set_subscriber(&a->lma, &second, a->now), FB_OK);
    /* one that is free, and one that is the other's */
    first.home = (fb_networks){2, {prefix_of("2001:db8:704::/64"), second.home.prefix[0]}};
    assert_int_equal(fb_lma_set_subscriber(&a->lma, &first, a->now), FB_ERR_ARGUMENT);
    assert_int_equal(a->lma.sessions.nameds.used, 4);
    u = update_new(1, 100, path_address(1));
    update_node(&u, "first@example.net");
    update_home_prefix(&u, NULL);
    update_handoff(&u, 1);
    update_technology(&u, 1);
    update_timestamp(&u, a->now);
    update_delegated(&u, NULL);
    update_ipv4(&u, 24, 0xcb007105);
    update_gateway(&u, ANCHOR_GATEWAY);
    answer = update_send(a, &u);
    assert_int_equal(pba_status(&answer), 0);
    assert_true(pba_has_home_prefix(&answer, 0, "2001:db8:701::/64"));
    assert_int_equal(anchor_session(a).delegated.count, 1);
    assert_memory_equal(&anchor_session(a).delegated.prefix[0],
                        &first.delegated.prefix[0],
                        sizeof first.delegated.prefix[0]);
    anchor_end(a);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_bit),
        cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_the_longest_answer),
        cmocka_unit_test(test_host_bits),
        cmocka_unit_test(test_a_small_buffer),
        cmocka_unit_test(test_wrong_facts),
        cmocka_unit_test(test_a_refused_change_of_a_subscriber),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
