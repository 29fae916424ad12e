/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * A gateway's binding update list: sessions by number, name and prefix; states and the events they raise.
 */

#include "cmocka_setup.h"
#include "requirement.h"
#include "state/update_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SESSIONS 8
#define LINKS 3

typedef struct fixture
{
    fb_events events;
    fb_update_list list;
    void *memory;
} fixture;

static int
set_up(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    fb_arena arena = fb_arena_over(NULL, 0);

    fb_events_init(&f->events, &arena, 64);
    fb_update_list_init(&f->list, &arena, SESSIONS, LINKS, &f->events);
    f->memory = aligned_alloc(64, (arena.used + 63) / 64 * 64);
    memset(f->memory, 0xff, arena.used);
    arena = fb_arena_over(f->memory, arena.used);
    fb_events_init(&f->events, &arena, 64);
    fb_update_list_init(&f->list, &arena, SESSIONS, LINKS, &f->events);
    assert_false(arena.failed);
    *state = f;
    return 0;
}

static int
tear_down(void **state)
{
    fixture *f = *state;

    free(f->memory);
    free(f);
    return 0;
}

static uint32_t
add(fixture *f, uint32_t number, const char *name)
{
    fb_session session = {.session = number, .access_link = 100 + number};

    session.identity.length = (uint8_t)strlen(name);
    memcpy(session.identity.text, name, strlen(name));
    return fb_update_list_add(&f->list, &session);
}

static uint32_t
named(const fixture *f, const char *name)
{
    return fb_update_list_identity(&f->list, (const uint8_t *)name, strlen(name));
}

static void
test_sessions(void **state)
{
    fixture *f = *state;
    uint32_t a, b, c;

    requirement("B5213-16");
    assert_int_equal(fb_update_list_find(&f->list, 1), FB_UPDATE_LIST_NONE);
    assert_int_equal(named(f, "a"), FB_UPDATE_LIST_NONE);
    a = add(f, 7, "a");
    b = add(f, 9, "b");
    /* one more session of the same node: one for each of its interfaces (RFC 5213 5.2) */
    c = add(f, 8, "a");
    assert_int_equal(fb_update_list_find(&f->list, 7), a);
    assert_int_equal(fb_update_list_find(&f->list, 9), b);
    assert_int_equal(fb_update_list_find(&f->list, 1), FB_UPDATE_LIST_NONE);
    assert_int_equal(named(f, "b"), b);
    assert_int_equal(named(f, ""), FB_UPDATE_LIST_NONE);
    assert_int_equal(named(f, "ab"), FB_UPDATE_LIST_NONE);
    assert_int_equal(named(f, "a") + fb_update_list_same_identity(&f->list, named(f, "a")), a + c);
    assert_int_equal(
        fb_update_list_same_identity(&f->list,
                                     fb_update_list_same_identity(&f->list, named(f, "a"))),
        FB_UPDATE_LIST_NONE);
    /* in whatever order they go */
    fb_update_list_remove(&f->list, a);
    assert_int_equal(named(f, "a"), c);
    assert_int_equal(fb_update_list_find(&f->list, 7), FB_UPDATE_LIST_NONE);
    a = add(f, 7, "a");
    fb_update_list_remove(&f->list, c);
    assert_int_equal(named(f, "a"), a);
    fb_update_list_remove(&f->list, a);
    assert_int_equal(named(f, "a"), FB_UPDATE_LIST_NONE);
    assert_int_equal(f->list.count, 1);
}

static void
test_all_places(void **state)
{
    fixture *f = *state;
    char name[8];

    for (uint32_t round = 0; round < 3; round++)
    {
        for (uint32_t i = 1; i <= SESSIONS; i++)
        {
            snprintf(name, sizeof name, "n%u", i);
            assert_int_not_equal(add(f, i + round, name), FB_UPDATE_LIST_NONE);
        }
        assert_int_equal(add(f, 99, "x"), FB_UPDATE_LIST_NONE);
        for (uint32_t i = 1; i <= SESSIONS; i++)
        {
            fb_update_list_remove(&f->list, fb_update_list_find(&f->list, i + round));
        }
        assert_int_equal(f->list.count, 0);
    }
}

static void
test_states(void **state)
{
    fixture *f = *state;
    uint32_t s = add(f, 1, "a");
    fb_update_entry *entry = fb_update_list_entry(&f->list, s, 2);
    uint32_t generation = fb_update_list_at(&f->list, s)->generation;
    fb_event event;

    requirement("B5213-16");
    assert_int_equal(entry->state, FB_BINDING_DOWN);
    entry->ref = (fb_ref){1, 5, 3};
    entry->lifetime_s = 100000;
    fb_update_list_set_state(&f->list, s, entry, FB_BINDING_DOWN, FB_CAUSE_RETRY, 1);
    assert_false(fb_events_poll(&f->events, &event)); /* it is that already */
    fb_update_list_set_state(&f->list, s, entry, FB_BINDING_QUEUED, FB_CAUSE_LINK_UP, 2);
    assert_true(fb_events_poll(&f->events, &event));
    assert_int_equal(event.kind, FB_EVENT_BINDING);
    assert_int_equal(event.role, FB_ROLE_MAG);
    assert_int_equal(event.from, FB_BINDING_DOWN);
    assert_int_equal(event.to, FB_BINDING_QUEUED);
    assert_int_equal(event.cause, FB_CAUSE_LINK_UP);
    assert_int_equal(event.ref.link, 5);
    assert_int_equal(event.ref.bid, 3);
    assert_int_equal(event.lifetime_s, UINT16_MAX);
    assert_int_equal(event.identity.length, 1);
    assert_int_equal(fb_update_list_at(&f->list, s)->generation, generation + 1);
    fb_update_list_set_state(&f->list, s, entry, FB_BINDING_PENDING, FB_CAUSE_TOKEN, 3);
    fb_update_list_set_state(&f->list, s, entry, FB_BINDING_UP, FB_CAUSE_REGISTERED, 4);
    entry->expires = entry->refresh_at = 100;
    fb_update_list_set_state(&f->list, s, entry, FB_BINDING_UP_PENDING, FB_CAUSE_REFRESH, 5);
    assert_int_equal(entry->expires, 100);
    fb_update_list_set_state(&f->list, s, entry, FB_BINDING_BLOCKED, FB_CAUSE_DENIED, 6);
    assert_true(entry->expires == FB_TIME_NEVER && entry->refresh_at == FB_TIME_NEVER);
    entry->blocked_until = 50;
    fb_update_list_set_state(&f->list, s, entry, FB_BINDING_DOWN, FB_CAUSE_RETRY, 7);
    assert_true(entry->blocked_until == FB_TIME_NEVER);
    assert_int_equal(f->events.counter[FB_BUG_STATE_TRANSITION], 0);
    fb_update_list_set_state(&f->list, s, entry, FB_BINDING_UP, FB_CAUSE_REGISTERED, 8);
    /* from nothing nothing comes */
    assert_int_equal(f->events.counter[FB_BUG_STATE_TRANSITION], 1);
}

static void
test_queue(void **state)
{
    fixture *f = *state;
    uint32_t s = add(f, 1, "a");
    fb_update_entry *first = fb_update_list_entry(&f->list, s, 0);
    fb_update_entry *second = fb_update_list_entry(&f->list, s, 1);

    fb_update_list_enqueue(&f->list, s, first, FB_UPDATE_REGISTER, FB_SECOND, 5);
    fb_update_list_enqueue(&f->list, s, second, FB_UPDATE_DEREGISTER, FB_SECOND, 5);
    assert_true(first->update.order < second->update.order);
    assert_true(first->update.send_at == 5 && first->update.backoff == FB_SECOND);
    assert_false(fb_update_removes(&first->update));
    assert_true(fb_update_removes(&second->update));
    fb_update_list_drop_update(second);
    assert_int_equal(second->update.kind, FB_UPDATE_NONE);
    assert_true(second->update.send_at == FB_TIME_NEVER);
}

static fb_prefix
prefix(uint8_t octet, uint8_t length)
{
    return (fb_prefix){{FB_FAMILY_IPV6, {0x20, 0x01, 0x0d, 0xb8, octet, 0, 0, 0, 0xff}}, length};
}

static unsigned
told(fixture *f, uint8_t to)
{
    fb_event event;
    unsigned count = 0;

    while (fb_events_poll(&f->events, &event))
    {
        assert_int_equal(event.kind, FB_EVENT_PREFIX);
        count += event.to == to;
    }
    return count;
}

static void
test_prefixes(void **state)
{
    fixture *f = *state;
    uint32_t s = add(f, 1, "a"), other = add(f, 2, "b");
    fb_assignment assignment = {.mtu = 1400};
    fb_event event;
    uint32_t generation;
    uint8_t address[16] = {0x20, 0x01, 0x0d, 0xb8, 1, 0, 0, 0, 1};
    uint8_t ipv4[4] = {198, 51, 100, 7};

    requirement("B5213-19", "B5213-22");
    assignment.home.count = 1;
    assignment.home.prefix[0] = prefix(1, 64); /* with bits behind the length */
    assignment.delegated.count = 1;
    assignment.delegated.prefix[0] = prefix(2, 56);
    assignment.home_address = 0xc6336407;
    fb_update_list_set_prefixes(&f->list, s, &assignment, 5);
    assert_true(fb_events_poll(&f->events, &event));
    assert_int_equal(event.ref.session, 1);
    assert_int_equal(event.ref.link, 101); /* the access link */
    assert_int_equal(event.mtu, 1400);
    assert_int_equal(event.prefix.address.octet[8], 0);
    assert_int_equal(told(f, 1), 2);
    fb_update_list_set_prefixes(&f->list, s, &assignment, 6);
    assert_int_equal(told(f, 1), 0); /* nothing new */
    assert_int_equal(fb_update_list_lookup(&f->list, FB_FAMILY_IPV6, address), s);
    assert_int_equal(fb_update_list_lookup(&f->list, FB_FAMILY_IPV4, ipv4), s);
    address[4] = 3;
    assert_int_equal(fb_update_list_lookup(&f->list, FB_FAMILY_IPV6, address), FB_UPDATE_LIST_NONE);
    /* another session with the same prefix is told of it, and packets stay with the first */
    fb_update_list_set_prefixes(&f->list, other, &assignment, 7);
    assert_int_equal(told(f, 1), 3);
    address[4] = 1;
    assert_int_equal(fb_update_list_lookup(&f->list, FB_FAMILY_IPV6, address), s);
    /* one other prefix: that went, this came */
    assignment.home.prefix[0] = prefix(3, 64);
    fb_update_list_set_prefixes(&f->list, s, &assignment, 8);
    assert_true(fb_events_poll(&f->events, &event));
    assert_int_equal(event.to, 0);
    assert_int_equal(event.prefix.address.octet[4], 1);
    assert_int_equal(told(f, 1), 1);
    /* now the other session's packets find it */
    assert_int_equal(fb_update_list_lookup(&f->list, FB_FAMILY_IPV6, address), other);
    assert_int_equal(fb_update_list_lookup(&f->list, FB_FAMILY_IPV4, ipv4), s);
    /* another MTU is told with every prefix */
    assignment.mtu = 1300;
    fb_update_list_set_prefixes(&f->list, s, &assignment, 9);
    assert_int_equal(told(f, 1), 3);
    fb_update_list_set_prefixes(&f->list, s, &(fb_assignment){.mtu = 1300}, 10);
    assert_int_equal(told(f, 0), 3);
    generation = f->list.session[s].generation;
    fb_update_list_remove(&f->list, s);
    assert_int_equal(fb_update_list_lookup(&f->list, FB_FAMILY_IPV4, ipv4), other);
    /* whoever has the place next: no decision about packets of the first is still good */
    assert_int_equal(add(f, 3, "c"), s);
    assert_true(f->list.session[s].generation > generation);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sessions, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_all_places, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_states, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_queue, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_prefixes, set_up, tear_down)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
