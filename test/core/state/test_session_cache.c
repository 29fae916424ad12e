/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmocka_setup.h"
#include "state/session_cache.h"

#include <stdlib.h>
#include <string.h>

#define SESSIONS 8
#define FLOWS 8

typedef struct fixture
{
    uint8_t *memory;
    fb_config config;
    fb_events events;
    fb_session_cache sessions;
} fixture;

static void
lay_out(fixture *f, fb_arena *arena)
{
    fb_events_init(&f->events, arena, 1024);
    fb_sessions_init(&f->sessions, arena, &f->config, &f->events);
}

static int
start(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    fb_arena arena = fb_arena_over(NULL, 0);
    size_t size;

    assert_non_null(f);
    f->config.limits = (fb_limits){.sessions = SESSIONS,
                                   .bindings = 16,
                                   .bindings_per_node = 4,
                                   .subscribers = SESSIONS,
                                   .gateways = 4,
                                   .care_of_addresses = 8,
                                   .flows = FLOWS,
                                   .named_prefixes = 4};
    f->config.lma.home_pool = (fb_prefix){{FB_FAMILY_IPV6, {0x20, 1, 0xd, 0xb8}}, 32};
    f->config.lma.home_prefix_length = 64;
    f->config.lma.heartbeat_s = 60;
    lay_out(f, &arena);
    size = arena.used;
    f->memory = calloc(1, size);
    assert_non_null(f->memory);
    arena = fb_arena_over(f->memory, size);
    lay_out(f, &arena);
    assert_false(arena.failed);
    assert_int_equal(arena.used, size);
    *state = f;
    return 0;
}

static int
stop(void **state)
{
    fixture *f = *state;

    free(f->memory);
    free(f);
    return 0;
}

static fb_identifier
identifier(const char *text)
{
    return (fb_identifier){1, {(const uint8_t *)text, (uint8_t)strlen(text)}};
}

static fb_addr
address(uint8_t last)
{
    return (fb_addr){FB_FAMILY_IPV6, {0x20, 1, 0xd, 0xb8, 0, 8, [15] = last}};
}

/** A session of @p node through @p gateway with a plain binding from address @p last. */
static uint32_t
bound(fixture *f, uint32_t node, uint32_t gateway, uint8_t last, fb_time now)
{
    fb_addr care_of = address(last);
    uint32_t session = fb_session_create(&f->sessions, node, gateway);
    fb_binding wanted = {.lifetime_s = 100};

    assert_int_not_equal(session, FB_SESSION_NONE);
    wanted.care_of_address = fb_care_of_intern(&f->sessions.care_of, &care_of, 0);
    wanted.tunnel_address = wanted.care_of_address;
    fb_cache_bind(&f->sessions.cache, session, &wanted, now);
    return session;
}

/** Identifiers are all of them: two that are the same as far as most are long are two, and so is one's beginning. */
static void
test_names(void **state)
{
    fixture *f = *state;
    char text[3][FB_NAI_MAX + 1];
    fb_identifier name[3];
    uint32_t node[3];

    memset(text, 'x', sizeof text);
    text[0][32] = '\0';
    text[1][FB_NAI_MAX] = '\0';
    text[2][FB_NAI_MAX] = '\0';
    text[2][FB_NAI_MAX - 1] = 'y';
    for (int i = 0; i < 3; i++)
    {
        name[i] = identifier(text[i]);
        assert_int_equal(fb_sessions_find_node(&f->sessions, &name[i]), FB_NODE_NONE);
        node[i] = fb_sessions_add_node(&f->sessions, &name[i], FB_PROXY_SERVICE);
    }
    for (int i = 0; i < 3; i++)
    {
        fb_nai known = fb_sessions_identity(&f->sessions, node[i]);

        assert_int_equal(fb_sessions_find_node(&f->sessions, &name[i]), node[i]);
        assert_false(fb_sessions_is_node(&f->sessions, node[i], &name[(i + 1) % 3]));
        assert_int_equal(known.length, strlen(text[i]));
        assert_memory_equal(known.text, text[i], known.length);
    }
}

/* RFC 5213 5.6.1: an address is kept as long as a binding has it, and its heartbeat runs as long */
static void
test_care_of_addresses_are_shared(void **state)
{
    fixture *f = *state;
    fb_identifier name = identifier("one"), peer = identifier("gateway");
    uint32_t node = fb_sessions_add_node(&f->sessions, &name, 0);
    uint32_t gateway = fb_gateways_add(&f->sessions.gateways, &peer);
    uint32_t first = bound(f, node, gateway, 1, 0);
    uint32_t second = bound(f, node, gateway, 1, 10 * FB_SECOND);
    uint32_t number;
    fb_addr care_of = address(1);

    assert_int_equal(f->sessions.care_of.pool.used, 1);
    assert_true(fb_heap_top(&f->sessions.care_of.heartbeats, &number) == 60 * FB_SECOND);
    fb_session_delete(&f->sessions, first, FB_CAUSE_DEREGISTERED, 0);
    assert_int_equal(fb_care_of_find(&f->sessions.care_of, &care_of, 0), number);
    fb_session_delete(&f->sessions, second, FB_CAUSE_DEREGISTERED, 0);
    assert_int_equal(fb_care_of_find(&f->sessions.care_of, &care_of, 0), FB_CARE_OF_NONE);
    assert_true(fb_heap_top(&f->sessions.care_of.heartbeats, &number) == FB_TIME_NEVER);
    /* nobody told us of the node and the gateway */
    assert_int_equal(f->sessions.nodes.used, 0);
    assert_int_equal(f->sessions.gateways.pool.used, 0);
}

/* C8-08: what begins another session of the node is later than what ended the last one */
static void
test_floor_of_new_sessions(void **state)
{
    fixture *f = *state;
    fb_identifier name = identifier("one"), peer = identifier("gateway");
    uint32_t node = fb_sessions_add_node(&f->sessions, &name, FB_PROXY_CONFIGURED);
    uint32_t gateway = fb_gateways_add(&f->sessions.gateways, &peer);
    uint32_t session = bound(f, node, gateway, 1, 0);

    fb_cache_accept_identification(&f->sessions.cache, session, FB_BID_ALL, 77);
    fb_session_delete(&f->sessions, session, FB_CAUSE_EXPIRED, 0);
    assert_true(f->sessions.node[node].floor == 77);
    gateway = fb_gateways_add(&f->sessions.gateways, &peer);
    session = bound(f, node, gateway, 1, 0);
    assert_true(fb_cache_latest_identification(&f->sessions.cache, session, 3) == 77);
    assert_true(fb_cache_latest_identification(&f->sessions.cache, session, FB_BID_ALL) == 77);
}

/* RFC 5213 5.3.5: ended, but remembered; the event comes once */
static void
test_lingering(void **state)
{
    fixture *f = *state;
    fb_identifier name = identifier("one"), peer = identifier("gateway");
    uint32_t node = fb_sessions_add_node(&f->sessions, &name, 0);
    uint32_t gateway = fb_gateways_add(&f->sessions.gateways, &peer);
    uint32_t session = bound(f, node, gateway, 1, 0);
    const fb_binding *b = fb_cache_binding(&f->sessions.cache, session, FB_BID_PLAIN);
    uint32_t generation = fb_session_generation(&f->sessions, session);
    unsigned downs = 0;
    fb_event event;

    assert_true(fb_session_binding_usable(&f->sessions, session, b));
    fb_cache_linger(&f->sessions.cache, session, 5 * FB_SECOND, FB_CAUSE_DEREGISTERED, 0);
    assert_false(fb_session_binding_usable(&f->sessions, session, b));
    assert_true(fb_session_generation(&f->sessions, session) != generation);
    assert_true(fb_sessions_next_deadline(&f->sessions) == 5 * FB_SECOND);
    assert_int_equal(fb_sessions_expire(&f->sessions, 8, 5 * FB_SECOND - 1), 0);
    assert_int_equal(fb_sessions_expire(&f->sessions, 8, 5 * FB_SECOND), 1);
    assert_false(fb_session_exists(&f->sessions, session));
    while (fb_events_poll(&f->events, &event))
    {
        downs += event.kind == FB_EVENT_BINDING && event.to == FB_BINDING_DOWN;
        assert_true(event.kind != FB_EVENT_INTERCEPT);
    }
    assert_int_equal(downs, 1);
}

/* C8-10: a restart is swept in pieces, and what came after it is spared, in whatever order */
static void
test_sweeping(void **state)
{
    fixture *f = *state;
    fb_identifier name = identifier("one"), peer = identifier("gateway");
    uint32_t node = fb_sessions_add_node(&f->sessions, &name, FB_PROXY_CONFIGURED);
    uint32_t gateway = fb_gateways_add(&f->sessions.gateways, &peer);
    uint32_t old[5], fresh;

    for (uint32_t i = 0; i < 5; i++)
    {
        old[i] = bound(f, node, gateway, (uint8_t)(i + 1), 1 * FB_SECOND);
    }
    assert_false(fb_gateways_hear(&f->sessions.gateways, gateway, 1, 2 * FB_SECOND));
    fresh = bound(f, node, gateway, 9, 3 * FB_SECOND);
    assert_true(fb_gateways_hear(&f->sessions.gateways, gateway, 2, 4 * FB_SECOND));
    assert_int_equal(f->sessions.gateways.item[gateway].unswept, 6);
    assert_true(fb_sessions_next_deadline(&f->sessions) == 0);
    /* one ends by itself in the meantime */
    fb_session_delete(&f->sessions, old[2], FB_CAUSE_DEREGISTERED, 4 * FB_SECOND);
    assert_int_equal(fb_sessions_expire(&f->sessions, 2, 4 * FB_SECOND), 2);
    assert_int_equal(f->sessions.gateways.sweeping, gateway);
    assert_int_equal(fb_sessions_expire(&f->sessions, 100, 4 * FB_SECOND), 3);
    assert_int_equal(f->sessions.gateways.sweeping, FB_GATEWAY_NONE);
    for (uint32_t i = 0; i < 5; i++)
    {
        assert_false(fb_session_exists(&f->sessions, old[i]));
    }
    assert_true(fb_session_exists(&f->sessions, fresh));
    assert_int_equal(f->sessions.gateways.item[gateway].sessions, 1);
}

/* A gateway that has gone with its last session while it was swept leaves nothing behind */
static void
test_sweeping_the_last(void **state)
{
    fixture *f = *state;
    fb_identifier name = identifier("one"), peer = identifier("gateway");
    uint32_t node = fb_sessions_add_node(&f->sessions, &name, FB_PROXY_CONFIGURED);
    uint32_t gateway = fb_gateways_add(&f->sessions.gateways, &peer);
    uint32_t session = bound(f, node, gateway, 1, FB_SECOND);

    fb_gateways_lose(&f->sessions.gateways, gateway, 2 * FB_SECOND);
    fb_session_delete(&f->sessions, session, FB_CAUSE_DEREGISTERED, 0);
    assert_int_equal(f->sessions.gateways.sweeping, FB_GATEWAY_NONE);
    assert_int_equal(f->sessions.gateways.pool.used, 0);
    assert_int_equal(fb_sessions_expire(&f->sessions, 10, 3 * FB_SECOND), 0);
}

/* What is compared with the only prefix of most sessions: that of the pool, whole; not where a name could be another */
static void
test_the_only_prefix(void **state)
{
    fixture *f = *state;
    fb_identifier name = identifier("one"), peer = identifier("gateway");
    uint32_t node = fb_sessions_add_node(&f->sessions, &name, FB_PROXY_CONFIGURED);
    uint32_t gateway = fb_gateways_add(&f->sessions.gateways, &peer);
    uint32_t session = bound(f, node, gateway, 1, FB_SECOND);
    fb_prefix first = {{FB_FAMILY_IPV6, {0x20, 1, 0xd, 0xb8}}, 64}, longer = first, next = first;

    longer.length = 65;
    next.address.octet[7] = 1;
    assert_false(fb_session_has_only(&f->sessions, session, FB_PREFIX_HOME, &first));
    fb_session_assign_any(&f->sessions, session, FB_PREFIX_HOME, FB_FAMILY_IPV6, FB_SECOND);
    assert_true(fb_session_has_only(&f->sessions, session, FB_PREFIX_HOME, &first));
    assert_false(fb_session_has_only(&f->sessions, session, FB_PREFIX_HOME, &longer));
    assert_false(fb_session_has_only(&f->sessions, session, FB_PREFIX_HOME, &next));
    assert_false(fb_session_has_only(&f->sessions, session, FB_PREFIX_DELEGATED, &first));
    f->sessions.node[node].prefixes = 0;
    assert_false(fb_session_has_only(&f->sessions, session, FB_PREFIX_HOME, &first));
    f->sessions.node[node].prefixes = FB_POOL_NONE;
    fb_session_delete(&f->sessions, session, FB_CAUSE_DEREGISTERED, FB_SECOND);
}

/* A binding that is bound again from its address counts that once, and from another one that instead */
static void
test_references(void **state)
{
    fixture *f = *state;
    fb_identifier name = identifier("one"), peer = identifier("gateway");
    uint32_t node = fb_sessions_add_node(&f->sessions, &name, 0);
    uint32_t gateway = fb_gateways_add(&f->sessions.gateways, &peer);
    uint32_t session = bound(f, node, gateway, 1, 0);
    const fb_binding *b = fb_cache_binding(&f->sessions.cache, session, FB_BID_PLAIN);
    uint32_t number = b->care_of_address;
    fb_binding wanted = *b;
    fb_addr care_of = address(2);

    assert_ptr_equal(fb_cache_bind(&f->sessions.cache, session, &wanted, FB_SECOND), b);
    assert_int_equal(f->sessions.care_of.item[number].references, 1);
    wanted.care_of_address = fb_care_of_intern(&f->sessions.care_of, &care_of, 0);
    assert_ptr_equal(fb_cache_bind(&f->sessions.cache, session, &wanted, FB_SECOND), b);
    assert_int_equal(f->sessions.care_of.item[wanted.care_of_address].references, 1);
    assert_int_equal(f->sessions.care_of.pool.used, 1);
    fb_session_delete(&f->sessions, session, FB_CAUSE_DEREGISTERED, FB_SECOND);
    assert_int_equal(f->sessions.care_of.pool.used, 0);
}

/* ---- flows ---- */

static fb_flow_list
flows_to(uint8_t bid, size_t count)
{
    fb_flow_list list = {.count = count};

    for (size_t i = 0; i < count; i++)
    {
        list.flow[i] = (fb_flow_binding){.fid = (uint16_t)(1 + i),
                                         .priority = (uint16_t)(10 + i),
                                         .terms = {.length = 3, .octet = {1, bid, 1}}};
    }
    return list;
}

/* A policy that many sessions have takes room once; who agrees on another one leaves the others what they have */
static void
test_flows_are_shared(void **state)
{
    fixture *f = *state;
    fb_identifier peer = identifier("gateway");
    uint32_t gateway = fb_gateways_add(&f->sessions.gateways, &peer);
    fb_flow_list one = flows_to(1, FLOWS / 2), other = flows_to(2, FLOWS / 2),
                 last = flows_to(3, 1);
    uint32_t session[SESSIONS];

    for (uint32_t i = 0; i < SESSIONS; i++)
    {
        char name[8] = {'n', (char)('a' + i)};
        fb_identifier mobile = identifier(name);

        session[i] = bound(f, fb_sessions_add_node(&f->sessions, &mobile, 0), gateway, 1, 0);
        assert_true(fb_session_set_flows(&f->sessions, session[i], &one));
    }
    assert_int_equal(f->sessions.flows.pool.used, 1);
    assert_int_equal(f->sessions.flows.flows, FLOWS / 2);
    assert_true(fb_session_set_flows(&f->sessions, session[0], &other));
    assert_int_equal(fb_session_flows(&f->sessions, session[0])->flow[0].terms.octet[1], 2);
    assert_int_equal(fb_session_flows(&f->sessions, session[1])->flow[0].terms.octet[1], 1);
    assert_int_equal(fb_session_flows(&f->sessions, session[0])->flow[1].terms.octet[1], 2);

    /* No room for a third one, unless it takes the place of one that only this session has */
    assert_false(fb_session_flows_fit(&f->sessions, session[1], &last));
    assert_false(fb_session_set_flows(&f->sessions, session[1], &last));
    assert_int_equal(fb_session_flows(&f->sessions, session[1])->flow[0].terms.octet[1], 1);
    assert_true(fb_session_flows_fit(&f->sessions, session[0], &last));
    assert_true(fb_session_set_flows(&f->sessions, session[0], &last));
    assert_int_equal(f->sessions.session[session[0]].owner.rule_count, 1);
    for (uint32_t i = 0; i < SESSIONS; i++)
    {
        fb_session_delete(&f->sessions, session[i], FB_CAUSE_EXPIRED, 0);
    }
    assert_int_equal(f->sessions.flows.pool.used, 0);
    assert_int_equal(f->sessions.flows.flows, 0);
    assert_int_equal(f->sessions.flows.cells.pool.used, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_names, start, stop),
        cmocka_unit_test_setup_teardown(test_care_of_addresses_are_shared, start, stop),
        cmocka_unit_test_setup_teardown(test_floor_of_new_sessions, start, stop),
        cmocka_unit_test_setup_teardown(test_lingering, start, stop),
        cmocka_unit_test_setup_teardown(test_sweeping, start, stop),
        cmocka_unit_test_setup_teardown(test_sweeping_the_last, start, stop),
        cmocka_unit_test_setup_teardown(test_the_only_prefix, start, stop),
        cmocka_unit_test_setup_teardown(test_references, start, stop),
        cmocka_unit_test_setup_teardown(test_flows_are_shared, start, stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
