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
#define RULE_OCTETS 36 /* three blocks for five rules, where the longest would take ten */
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
                                 .rules_per_node = RULES,
                                 .rule_octets = RULE_OCTETS};

static void
lay_out(fixture *f, fb_arena *arena)
{
    fb_events_init(&f->events, arena, EVENTS);
    fb_cache_init(&f->cache, arena, &limits, FB_SELECTOR_LAYOUT_RFC7629, &f->events);
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

/** Adds a rule to the draft: FORWARD to @p bid, if @p fields what has these values. Returns the octets of its body. */
static size_t
draft_rule(fixture *f, uint8_t bid, bool fields)
{
    uint8_t body[52] = {FB_RULE_FORWARD, 1, bid, FB_SELECTOR_IPV4};
    size_t length = 8;

    if (fields)
    {
        /* RFC 6088 3.1: A to D, G to J, M, N */
        memcpy(&body[4], (const uint8_t[]){0xf3, 0xcc, 0, 0}, 4);
        memset(&body[8], bid, 26);
        length = 34;
    }
    fb_cache_draft_rule(&f->cache, body, length);
    return length;
}

/** A policy of @p count short rules. */
static void
set_policy(fixture *f, uint32_t node, uint8_t count)
{
    for (uint8_t i = 0; i < count; i++)
    {
        (void)draft_rule(f, (uint8_t)(i + 1), false);
    }
    fb_cache_install_draft(&f->cache, node, 0);
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
    assert_int_equal(count, fb_cache_node(&f->cache, node)->binding_count);
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
        assert_int_equal(f->cache.home[node].home_address, HOME(n));
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
    set_policy(f, node, 2);
    generation = fb_cache_node(&f->cache, node)->generation;
    assert_int_equal(fb_cache_set_subscriber(&f->cache, &changed), FB_OK);
    assert_int_equal(fb_cache_find(&f->cache, HOME(1)), node);
    assert_int_equal(f->cache.subscriber[node].association.spi, 777);
    assert_false(f->cache.subscriber[node].multipath_allowed);
    assert_int_equal(f->cache.home[node].latest_identification, 42);
    assert_int_equal(fb_cache_node(&f->cache, node)->rule_count, 2);
    assert_int_equal(fb_cache_node(&f->cache, node)->generation, generation);
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
    set_policy(f, node, 3);
    fb_cache_settle(&f->cache, node, 0);
    fb_cache_accept_identification(&f->cache, node, FB_BID_ALL, 42);
    generation = fb_cache_node(&f->cache, node)->generation;
    forget_events(f);
    fb_cache_remove_subscriber(&f->cache, node, 7);
    expect_binding_event(f, 2, FB_BINDING_UP, FB_BINDING_DOWN, FB_CAUSE_ADMINISTRATOR);
    expect_binding_event(f, 1, FB_BINDING_UP, FB_BINDING_DOWN, FB_CAUSE_ADMINISTRATOR);
    assert_int_equal(next_event(f, FB_EVENT_POLICY).count, 0);
    assert_int_equal(next_event(f, FB_EVENT_INTERCEPT).count, 0);
    expect_no_event(f);
    assert_true(fb_cache_next_deadline(&f->cache) == FB_TIME_NEVER);
    assert_int_equal(f->cache.bindings.used, 0);
    assert_int_equal(f->cache.policies, 0);

    again = subscribed(f, 2);
    assert_int_equal(again, node); /* the slot is used again */
    assert_true(fb_cache_node(&f->cache, again)->generation > generation);
    assert_int_equal(f->cache.home[again].latest_identification, 0);
    assert_int_equal(count_bindings(f, again), 0);
    assert_null(fb_cache_policy(&f->cache, again, &count));
    assert_int_equal(count, 0);
}

/* ---- replay protection ---- */

/* For the whole node, unless the switch is on. */
static void
test_the_latest_identification_is_the_nodes(void **state)
{
    fixture *f = *state;
    uint32_t node = subscribed(f, 1);

    bind_at(f, node, 1, 1, 600, 0);
    assert_true(fb_cache_latest_identification(&f->cache, node, 1) == 0);
    fb_cache_accept_identification(&f->cache, node, 1, 100);
    fb_cache_accept_identification(&f->cache, node, 2, 90);
    assert_true(fb_cache_latest_identification(&f->cache, node, 1) == 100);
    assert_true(fb_cache_latest_identification(&f->cache, node, 2) == 100);
    assert_true(fb_cache_latest_identification(&f->cache, node, FB_BID_ALL) == 100);
}

/* C-21: within each binding; a BID that is not bound is measured by what was refused, is gone, or concerned all. */
static void
test_the_latest_identification_of_each_binding(void **state)
{
    fixture *f = *state;
    static _Alignas(16) uint8_t memory[4096];
    fb_arena arena = fb_arena_over(memory, sizeof memory);
    uint32_t node = subscribed(f, 1), other = subscribed(f, 2);

    fb_cache_keep_identifications(&f->cache, &arena, &limits);
    assert_false(arena.failed);
    bind_at(f, node, 1, 1, 600, 0);
    bind_at(f, node, 2, 2, 600, 0);
    fb_cache_accept_identification(&f->cache, node, 1, 100);
    fb_cache_accept_identification(&f->cache, node, 2, 90);
    assert_true(fb_cache_latest_identification(&f->cache, node, 1) == 100);
    assert_true(fb_cache_latest_identification(&f->cache, node, 2) == 90);
    assert_true(fb_cache_latest_identification(&f->cache, node, 3) == 0);
    assert_true(fb_cache_latest_identification(&f->cache, node, FB_BID_ALL) == 100);
    assert_true(fb_cache_latest_identification(&f->cache, other, 1) == 0);

    fb_cache_accept_identification(&f->cache, node, 3, 50); /* not bound: refused */
    assert_true(fb_cache_latest_identification(&f->cache, node, 3) == 50);
    assert_true(fb_cache_latest_identification(&f->cache, node, 2) == 90);
    fb_cache_unbind(&f->cache, node, 2, FB_CAUSE_EXPIRED, 0);
    assert_true(fb_cache_latest_identification(&f->cache, node, 2) == 90);
    bind_at(f, node, 2, 2, 600, 0); /* the same memory, another binding */
    assert_true(fb_cache_latest_identification(&f->cache, node, 2) == 90);
    fb_cache_accept_identification(&f->cache, node, FB_BID_ALL, 200);
    for (uint8_t bid = 1; bid <= 4; bid++)
    {
        assert_true(fb_cache_latest_identification(&f->cache, node, bid) == 200);
    }
    fb_cache_remove_subscriber(&f->cache, node, 0);
    node = subscribed(f, 3);
    assert_true(fb_cache_latest_identification(&f->cache, node, 1) == 0);
}

/* RFC 5944 5.7: what was kept for one style of replay protection is nothing for the other. */
static void
test_another_style_of_replay_protection(void **state)
{
    fixture *f = *state;
    uint32_t node = subscribed(f, 1);
    fb_subscriber changed = {.home_address = HOME(1), .association = {.replay = FB_REPLAY_NONCE}};

    fb_cache_accept_identification(&f->cache, node, FB_BID_ALL, 42);
    assert_int_equal(fb_cache_set_subscriber(&f->cache, &changed), FB_OK);
    assert_true(f->cache.home[node].latest_identification == 0);
    assert_false(f->cache.subscriber[node].nonce_given);
    fb_cache_give_nonce(&f->cache, node, 7);
    fb_cache_remember_request(&f->cache, node, 9, UINT64_C(0x700000001));
    assert_int_equal(fb_cache_set_subscriber(&f->cache, &changed), FB_OK);
    assert_true(f->cache.subscriber[node].nonce_given && f->cache.subscriber[node].nonce == 7);
    assert_int_equal(f->cache.subscriber[node].latest_bid, 9);
    changed.association.replay = FB_REPLAY_TIMESTAMP;
    assert_int_equal(fb_cache_set_subscriber(&f->cache, &changed), FB_OK);
    assert_true(f->cache.home[node].latest_identification == 0);
}

/* ---- bindings ---- */

static void
test_a_binding_is_added_refreshed_and_moved(void **state)
{
    fixture *f = *state;
    uint32_t node = subscribed(f, 1), generation = fb_cache_node(&f->cache, node)->generation;
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
    assert_true(fb_cache_node(&f->cache, node)->generation > generation);

    bind_at(f, node, 1, 1, 30, 20 * FB_SECOND); /* a shorter lifetime is as good as a longer one */
    expect_binding_event(f, 1, FB_BINDING_UP, FB_BINDING_UP, FB_CAUSE_REFRESH);
    assert_true(fb_cache_next_deadline(&f->cache) == 50 * FB_SECOND);

    generation = fb_cache_node(&f->cache, node)->generation;
    bind_at(f, node, 1, 5, 600, 20 * FB_SECOND);
    expect_binding_event(f, 1, FB_BINDING_UP, FB_BINDING_UP, FB_CAUSE_ADDRESS_CHANGED);
    assert_true(fb_cache_node(&f->cache, node)->generation > generation);
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
    generation = fb_cache_node(&f->cache, node)->generation;
    fb_cache_unbind(&f->cache, node, 77, FB_CAUSE_DEREGISTERED, 0); /* unknown: nothing happens */
    assert_int_equal(fb_cache_node(&f->cache, node)->generation, generation);
    expect_no_event(f);

    fb_cache_unbind(&f->cache, node, 1, FB_CAUSE_DEREGISTERED, 0);
    expect_binding_event(f, 1, FB_BINDING_UP, FB_BINDING_DOWN, FB_CAUSE_DEREGISTERED);
    assert_true(fb_cache_node(&f->cache, node)->generation > generation);
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

/* A refresh costs no work on the timers; what it put off is seen when the old time comes. */
static void
test_a_deadline_put_off_is_looked_at_twice(void **state)
{
    fixture *f = *state;
    uint32_t first = subscribed(f, 1), second = subscribed(f, 2);

    bind_at(f, first, 1, 1, 10, 0);
    bind_at(f, second, 1, 2, 20, 0);
    bind_at(f, second, 1, 2, 50, 0); /* stands behind the first one: stays at 20 */
    assert_true(fb_cache_next_deadline(&f->cache) == 10 * FB_SECOND);
    bind_at(f, first, 1, 1, 60, 0); /* the host would be woken for this one: moves */
    assert_true(fb_cache_next_deadline(&f->cache) == 20 * FB_SECOND);
    fb_cache_settle(&f->cache, second, 0);
    forget_events(f);
    assert_int_equal(fb_cache_expire(&f->cache, 9, 20 * FB_SECOND), 1);
    expect_no_event(f);
    assert_int_equal(count_bindings(f, second), 1);
    assert_true(fb_cache_next_deadline(&f->cache) == 50 * FB_SECOND);
    bind_at(f, second, 1, 2, 5, 0); /* earlier: at once */
    assert_true(fb_cache_next_deadline(&f->cache) == 5 * FB_SECOND);
    bind_at(f, first, 1, 1, UINT16_MAX, 0); /* no end: there is nothing to look at */
    forget_events(f);
    assert_int_equal(fb_cache_expire(&f->cache, 9, 100 * FB_SECOND), 1);
    expect_binding_event(f, 1, FB_BINDING_UP, FB_BINDING_DOWN, FB_CAUSE_EXPIRED);
    assert_true(fb_cache_next_deadline(&f->cache) == FB_TIME_NEVER);
}

/* ---- policies ---- */

static void
expect_rules(const fixture *f, uint32_t node, size_t expected, bool fields)
{
    size_t count;
    const fb_rule *rules = fb_cache_policy(&f->cache, node, &count);

    assert_int_equal(count, expected);
    for (size_t i = 0; i < count; i++)
    {
        uint8_t bid = (uint8_t)(fields ? 10 * (node + 1) + i : i + 1);

        assert_int_equal(rules[i].action, FB_RULE_FORWARD);
        assert_int_equal(rules[i].bid_count, 1);
        assert_int_equal(rules[i].bid[0], bid);
        assert_int_equal(rules[i].selector.u.v4.present, fields ? 0xf3cc0000 : 0);
        assert_int_equal(rules[i].selector.u.v4.source_start, fields ? bid * 0x01010101U : 0);
        assert_int_equal(rules[i].selector.u.v4.protocol_end, fields ? bid : 0);
    }
}

static void
test_policies_up_to_the_limits(void **state)
{
    fixture *f = *state;
    uint32_t first = subscribed(f, 1), second = subscribed(f, 2), third = subscribed(f, 3);
    fb_binding_cache *cache = &f->cache;
    size_t count;

    assert_int_equal(fb_cache_room_for_policy(cache, first, RULES, 8 * RULES), FB_REASON_NONE);
    assert_int_equal(fb_cache_room_for_policy(cache, first, RULES + 1, 8 * (RULES + 1)),
                     FB_DROP_TOO_MANY_RULES);
    set_policy(f, first, RULES);
    set_policy(f, second, RULES - 1);
    expect_rules(f, first, RULES, false);
    expect_rules(f, second, RULES - 1, false);
    assert_int_equal(fb_cache_room_for_policy(cache, third, 1, 8), FB_DROP_TOO_MANY_RULES);
    /* Replacing one is no new one */
    assert_int_equal(fb_cache_room_for_policy(cache, first, 1, 8), FB_REASON_NONE);
    set_policy(f, first, 1);
    expect_rules(f, first, 1, false);
    assert_int_equal(cache->policies, 2);
    fb_cache_clear_policy(cache, first, 0);
    assert_null(fb_cache_policy(cache, first, &count));
    assert_int_equal(count, 0);
    assert_int_equal(cache->policies, 1);
    assert_int_equal(fb_cache_room_for_policy(cache, third, RULES, 8 * RULES), FB_REASON_NONE);
    assert_null(fb_cache_policy(cache, third, &count));
    assert_int_equal(count, 0);
}

/* Rules that go over the edges of blocks; an earlier policy is there until the new one is complete. */
static void
test_long_policies(void **state)
{
    fixture *f = *state;
    uint32_t nodes[2] = {subscribed(f, 1), subscribed(f, 2)};

    for (int round = 0; round < 3; round++)
    {
        for (int n = 0; n < 2; n++)
        {
            size_t octets = RULES * 34;

            assert_int_equal(fb_cache_room_for_policy(&f->cache, nodes[n], RULES, octets),
                             FB_REASON_NONE);
            for (uint8_t i = 0; i < RULES; i++)
            {
                octets -= draft_rule(f, (uint8_t)(10 * (nodes[n] + 1) + i), true);
                expect_rules(f, nodes[n], round == 0 ? 0 : RULES, true);
            }
            assert_int_equal(octets, 0);
            fb_cache_install_draft(&f->cache, nodes[n], 0);
            expect_rules(f, nodes[n], RULES, true);
        }
        expect_rules(f, nodes[0], RULES, true);
    }
    assert_int_equal(f->cache.rule_blocks.used, 2 * 3);
    fb_cache_clear_policy(&f->cache, nodes[0], 0);
    fb_cache_clear_policy(&f->cache, nodes[1], 0);
    assert_int_equal(f->cache.rule_blocks.used, 0);
}

/* What one node leaves another may use, up to what was laid out for all. */
static void
test_memory_for_rules_is_shared(void **state)
{
    fixture *f = *state;
    uint32_t first = subscribed(f, 1), second = subscribed(f, 2);
    size_t blocks = POLICIES *
                    ((RULES * RULE_OCTETS + FB_RULE_BLOCK_OCTETS - 1) / FB_RULE_BLOCK_OCTETS);
    size_t longest = RULES * FB_FLOW_BINDING_OCTETS_MAX;

    assert_int_equal(f->cache.rule_blocks_max, blocks);
    assert_true((longest + RULES + FB_RULE_BLOCK_OCTETS - 1) / FB_RULE_BLOCK_OCTETS > blocks);
    assert_int_equal(fb_cache_room_for_policy(&f->cache, first, RULES, longest),
                     FB_DROP_TOO_MANY_RULES);
    /* One node has it all */
    longest = blocks * FB_RULE_BLOCK_OCTETS - RULES;
    assert_int_equal(fb_cache_room_for_policy(&f->cache, first, RULES, longest), FB_REASON_NONE);
    assert_int_equal(fb_cache_room_for_policy(&f->cache, first, RULES, longest + 1),
                     FB_DROP_TOO_MANY_RULES);
    /* The other takes a block, which the first one cannot have any more, but may use again itself */
    set_policy(f, second, 1);
    assert_int_equal(fb_cache_room_for_policy(&f->cache, first, RULES, longest),
                     FB_DROP_TOO_MANY_RULES);
    assert_int_equal(fb_cache_room_for_policy(&f->cache, second, RULES, longest), FB_REASON_NONE);
    longest -= FB_RULE_BLOCK_OCTETS;
    assert_int_equal(fb_cache_room_for_policy(&f->cache, first, RULES, longest), FB_REASON_NONE);
    /* No rule is longer than the longest there is */
    assert_int_equal(fb_cache_room_for_policy(&f->cache, first, 1, FB_FLOW_BINDING_OCTETS_MAX + 1),
                     FB_DROP_TOO_MANY_RULES);
}

static void
test_policy_events_and_generations(void **state)
{
    fixture *f = *state;
    uint32_t node = subscribed(f, 1), generation = fb_cache_node(&f->cache, node)->generation;

    fb_cache_clear_policy(&f->cache, node, 0); /* there is none: nothing happens */
    assert_int_equal(fb_cache_node(&f->cache, node)->generation, generation);
    expect_no_event(f);
    set_policy(f, node, 3);
    assert_int_equal(next_event(f, FB_EVENT_POLICY).count, 3);
    assert_true(fb_cache_node(&f->cache, node)->generation > generation);
    generation = fb_cache_node(&f->cache, node)->generation;
    set_policy(f, node, 2);
    assert_int_equal(next_event(f, FB_EVENT_POLICY).count, 2);
    assert_true(fb_cache_node(&f->cache, node)->generation > generation);
    generation = fb_cache_node(&f->cache, node)->generation;
    fb_cache_clear_policy(&f->cache, node, 0);
    assert_int_equal(next_event(f, FB_EVENT_POLICY).count, 0);
    assert_true(fb_cache_node(&f->cache, node)->generation > generation);
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
    set_policy(f, node, 2);
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
    assert_true(fb_cache_next_deadline(&f->cache) <= earliest);
    assert_int_equal(fb_cache_next_deadline(&f->cache) == FB_TIME_NEVER, earliest == FB_TIME_NEVER);
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
        TEST(test_the_latest_identification_is_the_nodes),
        TEST(test_the_latest_identification_of_each_binding),
        TEST(test_another_style_of_replay_protection),
        TEST(test_a_binding_is_added_refreshed_and_moved),
        TEST(test_a_binding_without_end),
        TEST(test_room_for_bindings),
        TEST(test_taking_bindings_away),
        TEST(test_all_get_the_same_lifetime),
        TEST(test_what_expires_goes_and_nothing_else),
        TEST(test_nodes_expire_in_order_and_within_the_budget),
        TEST(test_a_deadline_put_off_is_looked_at_twice),
        TEST(test_policies_up_to_the_limits),
        TEST(test_long_policies),
        TEST(test_memory_for_rules_is_shared),
        TEST(test_policy_events_and_generations),
        TEST(test_interception_is_told_once),
        TEST(test_cache_agrees_with_a_naive_model),
    };

    return cmocka_run_group_tests_name("state/binding_cache", tests, NULL, NULL);
}
