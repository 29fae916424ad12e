/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/random.h"
#include "cmocka_setup.h"
#include "state/binding_cache.h"

#include <stdlib.h>
#include <string.h>

#define NODES 4
#define BINDINGS 6 /* of all nodes: fewer than NODES * PER_NODE, so that the pool runs dry too */
#define POLICIES 2
#define PER_NODE 3
#define RULES 5
#define EVENTS 256
#define HOME(n) (0xc6336400u + (uint32_t)(n))
#define CARE_OF(n) (0xcb007100u + (uint32_t)(n))

typedef struct fixture
{
    uint8_t *memory;
    fb_events events;
    fb_binding_cache cache;
} fixture;

static const fb_limits limits = {.nodes = NODES,
                                 .bindings = BINDINGS,
                                 .policies = POLICIES,
                                 .bindings_per_node = PER_NODE,
                                 .rules_per_node = RULES};

static void
lay_out(fixture *f, fb_arena *arena)
{
    fb_events_init(&f->events, arena, EVENTS);
    fb_cache_init(&f->cache, arena, &limits, &f->events);
}

/* The cache lies on a heap block of exactly its size. */
static int
start(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    fb_arena arena = fb_arena_over(NULL, 0);
    size_t size;

    assert_non_null(f);
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

    assert_int_equal(f->events.lost, 0);
    free(f->memory);
    free(f);
    return 0;
}

static uint32_t
subscribed(fixture *f, uint32_t number)
{
    fb_subscriber subscriber = {.home_address = HOME(number), .multipath_allowed = true};

    assert_int_equal(fb_cache_set_subscriber(&f->cache, &subscriber), FB_OK);
    return fb_cache_find(&f->cache, HOME(number));
}

static void
bind_at(fixture *f, uint32_t node, uint8_t bid, uint32_t address, uint16_t lifetime_s, fb_time now)
{
    fb_binding wanted = {.bid = bid,
                         .care_of_address = CARE_OF(address),
                         .lifetime_s = lifetime_s,
                         .technology = 4,
                         .label = 9,
                         .expires = 1, /* to be ignored, as is `next` */
                         .next = 3};

    fb_cache_bind(&f->cache, node, &wanted, now);
}

static void
forget_events(fixture *f)
{
    fb_event event;

    while (fb_events_poll(&f->events, &event))
    {
    }
}

/** The next event, which is of this kind. */
static fb_event
next_event(fixture *f, fb_event_kind kind)
{
    fb_event event;

    assert_true(fb_events_poll(&f->events, &event));
    assert_int_equal(event.kind, kind);
    assert_int_equal(event.role, FB_ROLE_HOME_AGENT);
    return event;
}

static void
expect_binding_event(fixture *f,
                     uint8_t bid,
                     fb_binding_state from,
                     fb_binding_state to,
                     fb_cause cause)
{
    fb_event event = next_event(f, FB_EVENT_BINDING);

    assert_int_equal(event.ref.bid, bid);
    assert_int_equal(event.from, from);
    assert_int_equal(event.to, to);
    assert_int_equal(event.cause, cause);
}

static void
expect_no_event(fixture *f)
{
    fb_event event;

    assert_false(fb_events_poll(&f->events, &event));
}

static size_t
count_bindings(const fixture *f, uint32_t node)
{
    size_t count = 0;

    for (const fb_binding *b = fb_cache_binding_first(&f->cache, node); b != NULL;
         b = fb_cache_binding_next(&f->cache, b))
    {
        count++;
    }
    assert_int_equal(count, f->cache.node[node].binding_count);
    return count;
}

/* ---- subscribers ---- */

static void
test_subscribers_up_to_the_limit(void **state)
{
    fixture *f = *state;
    fb_subscriber one_more = {.home_address = HOME(99)};

    assert_int_equal(fb_cache_find(&f->cache, HOME(1)), FB_NODE_NONE);
    for (uint32_t n = 1; n <= NODES; n++)
    {
        uint32_t node = subscribed(f, n);

        assert_in_range(node, 0, NODES - 1);
        assert_int_equal(f->cache.node[node].home_address, HOME(n));
        assert_null(fb_cache_binding_first(&f->cache, node));
    }
    assert_int_equal(fb_cache_set_subscriber(&f->cache, &one_more), FB_ERR_LIMIT);
    assert_int_equal(fb_cache_find(&f->cache, HOME(99)), FB_NODE_NONE);
    /* A known one can still be changed, and one that goes makes room */
    (void)subscribed(f, 2);
    fb_cache_remove_subscriber(&f->cache, fb_cache_find(&f->cache, HOME(3)), 0);
    assert_int_equal(fb_cache_find(&f->cache, HOME(3)), FB_NODE_NONE);
    assert_int_equal(fb_cache_set_subscriber(&f->cache, &one_more), FB_OK);
    assert_int_not_equal(fb_cache_find(&f->cache, HOME(99)), FB_NODE_NONE);
    expect_no_event(f);
}

static void
test_changing_a_subscriber_keeps_what_it_has(void **state)
{
    fixture *f = *state;
    uint32_t node = subscribed(f, 1);
    fb_subscriber changed = {.home_address = HOME(1), .association = {.spi = 777}};
    uint32_t generation;

    bind_at(f, node, 1, 1, 600, 0);
    fb_cache_accept_identification(&f->cache, node, FB_BID_ALL, 42);
    (void)fb_cache_replace_policy(&f->cache, node, 2, 0);
    generation = f->cache.node[node].generation;
    assert_int_equal(fb_cache_set_subscriber(&f->cache, &changed), FB_OK);
    assert_int_equal(fb_cache_find(&f->cache, HOME(1)), node);
    assert_int_equal(f->cache.node[node].association.spi, 777);
    assert_false(f->cache.node[node].multipath_allowed);
    assert_int_equal(f->cache.node[node].latest_identification, 42);
    assert_int_equal(f->cache.node[node].rule_count, 2);
    assert_int_equal(f->cache.node[node].generation, generation);
    assert_int_equal(count_bindings(f, node), 1);
}

/* What a slot's former owner had says nothing about the next; only the generation goes on. */
static void
test_a_removed_subscriber_leaves_nothing_behind(void **state)
{
    fixture *f = *state;
    uint32_t node = subscribed(f, 1), again, generation;
    size_t count;

    bind_at(f, node, 1, 1, 600, 0);
    bind_at(f, node, 2, 2, 600, 0);
    (void)fb_cache_replace_policy(&f->cache, node, 3, 0);
    fb_cache_settle(&f->cache, node, 0);
    fb_cache_accept_identification(&f->cache, node, FB_BID_ALL, 42);
    generation = f->cache.node[node].generation;
    forget_events(f);
    fb_cache_remove_subscriber(&f->cache, node, 7);
    expect_binding_event(f, 2, FB_BINDING_UP, FB_BINDING_DOWN, FB_CAUSE_ADMINISTRATOR);
    expect_binding_event(f, 1, FB_BINDING_UP, FB_BINDING_DOWN, FB_CAUSE_ADMINISTRATOR);
    assert_int_equal(next_event(f, FB_EVENT_POLICY).count, 0);
    assert_int_equal(next_event(f, FB_EVENT_INTERCEPT).count, 0);
    expect_no_event(f);
    assert_true(fb_cache_next_deadline(&f->cache) == FB_TIME_NEVER);
    assert_int_equal(f->cache.bindings.used, 0);
    assert_int_equal(f->cache.policies.used, 0);

    again = subscribed(f, 2);
    assert_int_equal(again, node); /* the slot is used again */
    assert_true(f->cache.node[again].generation > generation);
    assert_int_equal(f->cache.node[again].latest_identification, 0);
    assert_int_equal(count_bindings(f, again), 0);
    assert_null(fb_cache_policy(&f->cache, again, &count));
    assert_int_equal(count, 0);
}

/* ---- bindings ---- */

static void
test_a_binding_is_added_refreshed_and_moved(void **state)
{
    fixture *f = *state;
    uint32_t node = subscribed(f, 1), generation = f->cache.node[node].generation;
    const fb_binding *b;

    bind_at(f, node, 1, 1, 600, 10 * FB_SECOND);
    expect_binding_event(f, 1, FB_BINDING_DOWN, FB_BINDING_UP, FB_CAUSE_REGISTERED);
    b = fb_cache_binding(&f->cache, node, 1);
    assert_non_null(b);
    assert_int_equal(b->care_of_address, CARE_OF(1));
    assert_int_equal(b->lifetime_s, 600);
    assert_int_equal(b->technology, 4);
    assert_int_equal(b->label, 9);
    assert_true(b->expires == 610 * FB_SECOND);
    assert_true(fb_cache_next_deadline(&f->cache) == 610 * FB_SECOND);
    assert_true(f->cache.node[node].generation > generation);

    bind_at(f, node, 1, 1, 30, 20 * FB_SECOND); /* a shorter lifetime is as good as a longer one */
    expect_binding_event(f, 1, FB_BINDING_UP, FB_BINDING_UP, FB_CAUSE_REFRESH);
    assert_true(fb_cache_next_deadline(&f->cache) == 50 * FB_SECOND);

    generation = f->cache.node[node].generation;
    bind_at(f, node, 1, 5, 600, 20 * FB_SECOND);
    expect_binding_event(f, 1, FB_BINDING_UP, FB_BINDING_UP, FB_CAUSE_ADDRESS_CHANGED);
    assert_true(f->cache.node[node].generation > generation);
    assert_int_equal(count_bindings(f, node), 1);
    assert_null(fb_cache_binding_by_address(&f->cache, node, CARE_OF(1)));
    assert_ptr_equal(fb_cache_binding_by_address(&f->cache, node, CARE_OF(5)), b);
    expect_no_event(f);
}

static void
test_a_binding_without_end(void **state)
{
    fixture *f = *state;
    uint32_t node = subscribed(f, 1);

    bind_at(f, node, 1, 1, UINT16_MAX, 0); /* RFC 5944 3.3: infinity */
    assert_true(fb_cache_next_deadline(&f->cache) == FB_TIME_NEVER);
    bind_at(f, node, 2, 2, UINT16_MAX - 1, 0);
    assert_true(fb_cache_next_deadline(&f->cache) == (UINT16_MAX - 1) * FB_SECOND);
    assert_int_equal(fb_cache_expire(&f->cache, 9, UINT16_MAX * FB_SECOND), 1);
    assert_non_null(fb_cache_binding(&f->cache, node, 1));
    assert_null(fb_cache_binding(&f->cache, node, 2));
    bind_at(f, node, 1, 1, 1, 0);
    assert_true(fb_cache_next_deadline(&f->cache) == FB_SECOND);
}

static void
test_room_for_bindings(void **state)
{
    fixture *f = *state;
    uint32_t first = subscribed(f, 1), second = subscribed(f, 2), third = subscribed(f, 3);

    for (uint8_t bid = 1; bid <= PER_NODE; bid++)
    {
        assert_int_equal(fb_cache_room_for_binding(&f->cache, first), FB_REASON_NONE);
        bind_at(f, first, bid, bid, 600, 0);
        bind_at(f, second, bid, bid, 600, 0);
    }
    assert_int_equal(fb_cache_room_for_binding(&f->cache, first), FB_DROP_TOO_MANY_BINDINGS);
    assert_int_equal(fb_cache_room_for_binding(&f->cache, third), FB_DROP_RESOURCES);
    fb_cache_unbind(&f->cache, first, 2, FB_CAUSE_DEREGISTERED, 0);
    assert_int_equal(fb_cache_room_for_binding(&f->cache, first), FB_REASON_NONE);
    assert_int_equal(fb_cache_room_for_binding(&f->cache, third), FB_REASON_NONE);
    bind_at(f, third, 1, 1, 600, 0);
    assert_int_equal(fb_cache_room_for_binding(&f->cache, first), FB_DROP_RESOURCES);
    /* The same BIDs and care-of addresses, and nobody sees another's */
    assert_int_equal(count_bindings(f, first), 2);
    assert_int_equal(count_bindings(f, second), 3);
    assert_int_equal(count_bindings(f, third), 1);
}

static void
test_taking_bindings_away(void **state)
{
    fixture *f = *state;
    uint32_t node = subscribed(f, 1), generation;

    for (uint8_t bid = 1; bid <= PER_NODE; bid++)
    {
        bind_at(f, node, bid, bid, (uint16_t)(100 * bid), 0);
    }
    forget_events(f);
    generation = f->cache.node[node].generation;
    fb_cache_unbind(&f->cache, node, 77, FB_CAUSE_DEREGISTERED, 0); /* unknown: nothing happens */
    assert_int_equal(f->cache.node[node].generation, generation);
    expect_no_event(f);

    fb_cache_unbind(&f->cache, node, 1, FB_CAUSE_DEREGISTERED, 0);
    expect_binding_event(f, 1, FB_BINDING_UP, FB_BINDING_DOWN, FB_CAUSE_DEREGISTERED);
    assert_true(f->cache.node[node].generation > generation);
    assert_true(fb_cache_next_deadline(&f->cache) == 200 * FB_SECOND);

    bind_at(f, node, 1, 1, 100, 0);
    forget_events(f);
    fb_cache_unbind_others(&f->cache, node, 2, FB_CAUSE_OVERWRITTEN, 0);
    assert_int_equal(count_bindings(f, node), 1);
    assert_non_null(fb_cache_binding(&f->cache, node, 2));
    fb_cache_unbind_others(&f->cache, node, 77, FB_CAUSE_OVERWRITTEN, 0);
    assert_int_equal(count_bindings(f, node), 0);
    assert_true(fb_cache_next_deadline(&f->cache) == FB_TIME_NEVER);
    assert_int_equal(f->cache.bindings.used, 0);
    fb_cache_unbind_all(&f->cache, node, FB_CAUSE_REPLACED, 0);
    assert_int_equal(count_bindings(f, node), 0);
}

static void
test_all_get_the_same_lifetime(void **state)
{
    fixture *f = *state;
    uint32_t node = subscribed(f, 1), other = subscribed(f, 2);

    bind_at(f, node, 1, 1, 3000, 0);
    bind_at(f, node, 2, 2, 10, 0);
    bind_at(f, node, 3, 3, UINT16_MAX, 0);
    bind_at(f, other, 1, 4, 5000, 0);
    fb_cache_extend_all(&f->cache, node, 1200, 5 * FB_SECOND);
    for (uint8_t bid = 1; bid <= 3; bid++)
    {
        assert_int_equal(fb_cache_binding(&f->cache, node, bid)->lifetime_s, 1200);
        assert_true(fb_cache_binding(&f->cache, node, bid)->expires == 1205 * FB_SECOND);
    }
    assert_true(fb_cache_binding(&f->cache, other, 1)->expires == 5000 * FB_SECOND);
    assert_true(fb_cache_next_deadline(&f->cache) == 1205 * FB_SECOND);
    fb_cache_extend_all(&f->cache, node, UINT16_MAX, 6 * FB_SECOND);
    assert_true(fb_cache_next_deadline(&f->cache) == 5000 * FB_SECOND);
}

/* ---- time ---- */

static void
test_what_expires_goes_and_nothing_else(void **state)
{
    fixture *f = *state;
    uint32_t node = subscribed(f, 1);

    bind_at(f, node, 1, 1, 10, 0);
    bind_at(f, node, 2, 2, 20, 0);
    bind_at(f, node, 3, 3, 10, 0);
    forget_events(f);
    assert_int_equal(fb_cache_expire(&f->cache, 9, 10 * FB_SECOND - 1), 0);
    expect_no_event(f);
    assert_int_equal(fb_cache_expire(&f->cache, 9, 10 * FB_SECOND), 1);
    expect_binding_event(f, 3, FB_BINDING_UP, FB_BINDING_DOWN, FB_CAUSE_EXPIRED);
    expect_binding_event(f, 1, FB_BINDING_UP, FB_BINDING_DOWN, FB_CAUSE_EXPIRED);
    assert_int_equal(count_bindings(f, node), 1);
    assert_true(fb_cache_next_deadline(&f->cache) == 20 * FB_SECOND);
    assert_int_equal(fb_cache_expire(&f->cache, 9, 20 * FB_SECOND), 1);
    assert_int_equal(count_bindings(f, node), 0);
    assert_true(fb_cache_next_deadline(&f->cache) == FB_TIME_NEVER);
    assert_int_equal(fb_cache_expire(&f->cache, 9, 99 * FB_SECOND), 0);
}

static void
test_nodes_expire_in_order_and_within_the_budget(void **state)
{
    fixture *f = *state;
    uint32_t late = subscribed(f, 1), early = subscribed(f, 2), middle = subscribed(f, 3);
    fb_time now = 100 * FB_SECOND;

    bind_at(f, late, 1, 1, 30, 0);
    bind_at(f, early, 1, 2, 10, 0);
    bind_at(f, middle, 1, 3, 20, 0);
    forget_events(f);
    assert_true(fb_cache_next_deadline(&f->cache) == 10 * FB_SECOND);
    assert_int_equal(fb_cache_expire(&f->cache, 0, now), 0);
    assert_int_equal(fb_cache_expire(&f->cache, 1, now), 1);
    assert_int_equal(next_event(f, FB_EVENT_BINDING).ref.session, early + 1);
    assert_int_equal(fb_cache_expire(&f->cache, 2, now), 2);
    assert_int_equal(next_event(f, FB_EVENT_BINDING).ref.session, middle + 1);
    assert_int_equal(next_event(f, FB_EVENT_BINDING).ref.session, late + 1);
    expect_no_event(f);
    assert_int_equal(fb_cache_expire(&f->cache, 9, now), 0);
}

/* ---- policies ---- */

static void
test_policies_up_to_the_limits(void **state)
{
    fixture *f = *state;
    uint32_t first = subscribed(f, 1), second = subscribed(f, 2), third = subscribed(f, 3);
    fb_rule *of_first, *of_second;
    size_t count;

    assert_int_equal(fb_cache_room_for_policy(&f->cache, first, RULES), FB_REASON_NONE);
    assert_int_equal(fb_cache_room_for_policy(&f->cache, first, RULES + 1), FB_DROP_TOO_MANY_RULES);
    of_first = fb_cache_replace_policy(&f->cache, first, RULES, 0);
    of_second = fb_cache_replace_policy(&f->cache, second, RULES, 0);
    memset(of_first, 0x11, RULES * sizeof *of_first);
    memset(of_second, 0x22, RULES * sizeof *of_second);
    assert_int_equal(of_first[RULES - 1].action, 0x11); /* they do not overlap */
    assert_int_equal(fb_cache_room_for_policy(&f->cache, third, 1), FB_DROP_TOO_MANY_RULES);
    /* Replacing needs no second block */
    assert_int_equal(fb_cache_room_for_policy(&f->cache, first, 1), FB_REASON_NONE);
    assert_ptr_equal(fb_cache_replace_policy(&f->cache, first, 1, 0), of_first);
    assert_ptr_equal(fb_cache_policy(&f->cache, first, &count), of_first);
    assert_int_equal(count, 1);
    fb_cache_clear_policy(&f->cache, first, 0);
    assert_null(fb_cache_policy(&f->cache, first, &count));
    assert_int_equal(count, 0);
    assert_int_equal(fb_cache_room_for_policy(&f->cache, third, RULES), FB_REASON_NONE);
}

static void
test_policy_events_and_generations(void **state)
{
    fixture *f = *state;
    uint32_t node = subscribed(f, 1), generation = f->cache.node[node].generation;

    fb_cache_clear_policy(&f->cache, node, 0); /* there is none: nothing happens */
    assert_int_equal(f->cache.node[node].generation, generation);
    expect_no_event(f);
    (void)fb_cache_replace_policy(&f->cache, node, 3, 0);
    assert_int_equal(next_event(f, FB_EVENT_POLICY).count, 3);
    assert_true(f->cache.node[node].generation > generation);
    generation = f->cache.node[node].generation;
    (void)fb_cache_replace_policy(&f->cache, node, 2, 0);
    assert_int_equal(next_event(f, FB_EVENT_POLICY).count, 2);
    assert_true(f->cache.node[node].generation > generation);
    generation = f->cache.node[node].generation;
    fb_cache_clear_policy(&f->cache, node, 0);
    assert_int_equal(next_event(f, FB_EVENT_POLICY).count, 0);
    assert_true(f->cache.node[node].generation > generation);
}

/* ---- what the host is told ---- */

static void
test_interception_is_told_once(void **state)
{
    fixture *f = *state;
    uint32_t node = subscribed(f, 1);
    size_t count;

    bind_at(f, node, 1, 1, 10, 0);
    forget_events(f);
    fb_cache_settle(&f->cache, node, 0);
    assert_int_equal(next_event(f, FB_EVENT_INTERCEPT).count, 1);
    fb_cache_settle(&f->cache, node, 0);
    bind_at(f, node, 2, 2, 20, 0);
    forget_events(f);
    fb_cache_settle(&f->cache, node, 0);
    expect_no_event(f); /* a second binding: RFC 5944 4.6 speaks of the node, not of each binding */

    /* Within one request the last binding may go and another come: nobody hears of it, and the policy stays */
    (void)fb_cache_replace_policy(&f->cache, node, 2, 0);
    fb_cache_unbind_all(&f->cache, node, FB_CAUSE_REPLACED, 0);
    bind_at(f, node, 3, 3, 10, 0);
    forget_events(f);
    fb_cache_settle(&f->cache, node, 0);
    expect_no_event(f);
    assert_non_null(fb_cache_policy(&f->cache, node, &count));

    /* The last one goes: so does the policy (D-25) */
    (void)fb_cache_expire(&f->cache, 1, 10 * FB_SECOND);
    expect_binding_event(f, 3, FB_BINDING_UP, FB_BINDING_DOWN, FB_CAUSE_EXPIRED);
    assert_int_equal(next_event(f, FB_EVENT_POLICY).count, 0);
    assert_int_equal(next_event(f, FB_EVENT_INTERCEPT).count, 0);
    expect_no_event(f);
    fb_cache_settle(&f->cache, node, 0);
    expect_no_event(f);
    assert_null(fb_cache_policy(&f->cache, node, &count));
}

/* ---- against a model that cannot be wrong ---- */

typedef struct model_binding
{
    bool there;
    uint32_t address;
    fb_time expires;
} model_binding;

typedef struct model
{
    model_binding binding[NODES][8]; /* by BID */
    size_t total;
} model;

static size_t
model_count(const model *m, uint32_t node)
{
    size_t count = 0;

    for (uint8_t bid = 0; bid < 8; bid++)
    {
        count += m->binding[node][bid].there;
    }
    return count;
}

static void
model_drop(model *m, uint32_t node, uint8_t bid)
{
    m->total -= m->binding[node][bid].there;
    m->binding[node][bid].there = false;
}

static void
assert_agrees(const fixture *f, const model *m)
{
    fb_time earliest = FB_TIME_NEVER;

    for (uint32_t node = 0; node < NODES; node++)
    {
        assert_int_equal(count_bindings(f, node), model_count(m, node));
        for (uint8_t bid = 0; bid < 8; bid++)
        {
            const model_binding *expected = &m->binding[node][bid];
            const fb_binding *b = fb_cache_binding(&f->cache, node, bid);

            assert_int_equal(b != NULL, expected->there);
            if (expected->there)
            {
                assert_int_equal(b->care_of_address, CARE_OF(expected->address));
                assert_true(b->expires == expected->expires);
                earliest = expected->expires < earliest ? expected->expires : earliest;
            }
        }
    }
    assert_int_equal(f->cache.bindings.used, m->total);
    assert_true(fb_cache_next_deadline(&f->cache) == earliest);
}

static void
random_bind(fixture *f, model *m, test_random *random, uint32_t node, fb_time now)
{
    uint8_t bid = (uint8_t)test_random_below(random, 8);
    uint16_t lifetime_s = (uint16_t)(1 + test_random_below(random, 20));
    model_binding *b = &m->binding[node][bid];
    int room = fb_cache_room_for_binding(&f->cache, node);
    int expected = model_count(m, node) == PER_NODE ? FB_DROP_TOO_MANY_BINDINGS
                   : m->total == BINDINGS           ? FB_DROP_RESOURCES
                                                    : FB_REASON_NONE;

    assert_int_equal(room, expected);
    if (!b->there && room != FB_REASON_NONE)
    {
        return;
    }
    m->total += !b->there;
    *b = (model_binding){true, test_random_below(random, 50), now + lifetime_s * FB_SECOND};
    bind_at(f, node, bid, b->address, lifetime_s, now);
}

static void
random_step(fixture *f, model *m, test_random *random, fb_time now)
{
    uint32_t node = test_random_below(random, NODES);
    uint8_t bid = (uint8_t)test_random_below(random, 8);

    switch (test_random_below(random, 8))
    {
    case 0:
        fb_cache_unbind(&f->cache, node, bid, FB_CAUSE_DEREGISTERED, now);
        model_drop(m, node, bid);
        break;
    case 1:
        fb_cache_unbind_others(&f->cache, node, bid, FB_CAUSE_OVERWRITTEN, now);
        for (uint8_t other = 0; other < 8; other++)
        {
            if (other != bid)
            {
                model_drop(m, node, other);
            }
        }
        break;
    case 2:
        fb_cache_extend_all(&f->cache, node, 5, now);
        for (uint8_t each = 0; each < 8; each++)
        {
            m->binding[node][each].expires = now + 5 * FB_SECOND;
        }
        break;
    default:
        random_bind(f, m, random, node, now);
        break;
    }
}

static void
test_cache_agrees_with_a_naive_model(void **state)
{
    fixture *f = *state;
    test_random random = test_random_start("state/binding_cache");
    model m = {0};
    fb_time now = 0;

    for (uint32_t n = 0; n < NODES; n++)
    {
        assert_int_equal(subscribed(f, n), n);
    }
    for (int step = 0; step < 20000; step++)
    {
        now += test_random_below(&random, 2000) * FB_MILLISECOND;
        while (fb_cache_next_deadline(&f->cache) <= now)
        {
            assert_int_equal(fb_cache_expire(&f->cache, 1, now), 1);
        }
        for (uint32_t node = 0; node < NODES; node++)
        {
            for (uint8_t bid = 0; bid < 8; bid++)
            {
                if (m.binding[node][bid].there && m.binding[node][bid].expires <= now)
                {
                    model_drop(&m, node, bid);
                }
            }
        }
        random_step(f, &m, &random, now);
        forget_events(f);
        assert_agrees(f, &m);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_subscribers_up_to_the_limit),
        TEST(test_changing_a_subscriber_keeps_what_it_has),
        TEST(test_a_removed_subscriber_leaves_nothing_behind),
        TEST(test_a_binding_is_added_refreshed_and_moved),
        TEST(test_a_binding_without_end),
        TEST(test_room_for_bindings),
        TEST(test_taking_bindings_away),
        TEST(test_all_get_the_same_lifetime),
        TEST(test_what_expires_goes_and_nothing_else),
        TEST(test_nodes_expire_in_order_and_within_the_budget),
        TEST(test_policies_up_to_the_limits),
        TEST(test_policy_events_and_generations),
        TEST(test_interception_is_told_once),
        TEST(test_cache_agrees_with_a_naive_model),
    };

    return cmocka_run_group_tests_name("state/binding_cache", tests, NULL, NULL);
}
