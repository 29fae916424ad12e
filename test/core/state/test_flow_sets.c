/* SPDX-License-Identifier: BSD-3-Clause */
#include "state/flow_sets.h"

#include "base/random.h"
#include "cmocka_setup.h"

#include <stdlib.h>
#include <string.h>

#define SESSIONS 12
#define FLOWS 24

/** In front of the terms of each flow: FID, FID-PRI and their length. */
#define FLOW_HEAD_OCTETS 5

typedef struct fixture
{
    uint8_t *memory;
    fb_flow_sets sets;
} fixture;

static int
start_with(void **state, uint8_t rule_octets)
{
    const fb_limits limits = {.sessions = SESSIONS, .flows = FLOWS, .rule_octets = rule_octets};
    fixture *f = calloc(1, sizeof *f);
    fb_arena arena = fb_arena_over(NULL, 0);
    size_t size;

    assert_non_null(f);
    fb_flow_sets_init(&f->sets, &arena, &limits);
    size = arena.used;
    f->memory = aligned_alloc(64, (size + 63) / 64 * 64);
    assert_non_null(f->memory);
    memset(f->memory, 0xa5, size);
    arena = fb_arena_over(f->memory, size);
    fb_flow_sets_init(&f->sets, &arena, &limits);
    assert_false(arena.failed);
    assert_int_equal(arena.used, size);
    *state = f;
    return 0;
}

/** Flows of any length. */
static int
start(void **state)
{
    return start_with(state, 0);
}

static int
start_with_short_flows(void **state)
{
    return start_with(state, 20);
}

/** All chains are one: whatever is looked for is compared with all there is. */
static int
start_with_one_chain(void **state)
{
    int failed = start_with(state, 20);

    ((fixture *)*state)->sets.by_hash.mask = 0;
    return failed;
}

static int
stop(void **state)
{
    fixture *f = *state;

    free(f->memory);
    free(f);
    return 0;
}

/** Flows 1..count, whose terms are all @p length times @p octet. */
static fb_flow_list
flows_of(uint8_t octet, uint8_t length, size_t count)
{
    fb_flow_list list = {.count = count};

    for (size_t i = 0; i < count; i++)
    {
        fb_flow_binding *flow = &list.flow[i];

        flow->fid = (uint16_t)(1 + i);
        flow->priority = (uint16_t)(10 * (1 + i));
        flow->terms.length = length;
        memset(flow->terms.octet, octet, length);
    }
    return list;
}

static bool
same_list(const fb_flow_list *a, const fb_flow_list *b)
{
    bool same = a->count == b->count;

    for (size_t i = 0; same && i < a->count; i++)
    {
        const fb_flow_binding *one = &a->flow[i], *other = &b->flow[i];

        same = one->fid == other->fid && one->priority == other->priority &&
               one->terms.length == other->terms.length &&
               memcmp(one->terms.octet, other->terms.octet, one->terms.length) == 0;
    }
    return same;
}

static void
assert_empty(const fb_flow_sets *sets)
{
    assert_int_equal(sets->pool.used, 0);
    assert_int_equal(sets->flows, 0);
    assert_int_equal(sets->cells.pool.used, 0);
    assert_int_equal(sets->by_hash.count, 0);
    assert_int_equal(sets->decoded->set, FB_FLOW_SET_NONE);
}

/** Sets it, which has to find room, and gives the number of the set. */
static uint32_t
have(fixture *f, uint32_t former, fb_flow_list list)
{
    assert_true(fb_flow_sets_fit(&f->sets, former, &list));
    assert_true(fb_flow_sets_replace(&f->sets, &former, &list));
    assert_true(same_list(fb_flow_sets_list(&f->sets, former), &list));
    return former;
}

static void
refuse(fixture *f, uint32_t former, fb_flow_list list)
{
    uint32_t set = former;

    assert_false(fb_flow_sets_fit(&f->sets, former, &list));
    assert_false(fb_flow_sets_replace(&f->sets, &set, &list));
    assert_int_equal(set, former);
}

static void
have_none(fixture *f, uint32_t former)
{
    assert_int_equal(have(f, former, flows_of(0, 0, 0)), FB_FLOW_SET_NONE);
}

/* ---- one by one ---- */

static void
test_sharing(void **state)
{
    fixture *f = *state;
    uint32_t one = have(f, FB_FLOW_SET_NONE, flows_of(1, 9, 4)), other;

    assert_int_equal(have(f, FB_FLOW_SET_NONE, flows_of(1, 9, 4)), one);
    assert_int_equal(have(f, one, flows_of(1, 9, 4)), one); /* what it has already */
    assert_int_equal(f->sets.item[one].references, 2);
    assert_int_equal(f->sets.flows, 4);
    assert_int_equal(f->sets.cells.pool.used, fb_cells_for(4 * (FLOW_HEAD_OCTETS + 9)));
    other = have(f, one, flows_of(2, 9, 4));
    assert_int_not_equal(other, one);
    assert_int_equal(f->sets.item[one].references, 1);
    assert_int_equal(f->sets.pool.used, 2);
    assert_int_equal(have(f, other, flows_of(1, 9, 4)), one);
    assert_int_equal(f->sets.pool.used, 1);
    have_none(f, one);
    have_none(f, one);
    have_none(f, FB_FLOW_SET_NONE);
    assert_empty(&f->sets);
}

/* Lists that differ in one thing are two, also where all their octets together are the same */
static void
test_differences(void **state)
{
    fixture *f = *state;
    fb_flow_list lists[6];
    uint32_t set[6];

    for (size_t i = 0; i < 6; i++)
    {
        lists[i] = flows_of(0, 11, 2);
    }
    lists[1].flow[1].fid++;
    lists[2].flow[0].priority++;
    lists[3].flow[1].terms.length--;
    lists[4].flow[1].terms.octet[10] = 1;
    lists[5].count = 1;
    lists[5].flow[0].terms.length = 11 + FLOW_HEAD_OCTETS + 11;
    memset(lists[5].flow[0].terms.octet, 0, 27);
    lists[5].flow[0].terms.octet[12] = 2;
    lists[5].flow[0].terms.octet[14] = 20;
    lists[5].flow[0].terms.octet[15] = 11;
    for (size_t i = 0; i < 6; i++)
    {
        set[i] = have(f, FB_FLOW_SET_NONE, lists[i]);
    }
    assert_int_equal(f->sets.pool.used, 6);
    for (size_t i = 0; i < 6; i++)
    {
        assert_true(same_list(fb_flow_sets_list(&f->sets, set[i]), &lists[i]));
        have_none(f, set[i]);
    }
    assert_empty(&f->sets);
}

/* The number of a set that has gone is the next one's: nobody gets what was read before */
static void
test_numbers_are_used_again(void **state)
{
    fixture *f = *state;
    uint32_t set = have(f, FB_FLOW_SET_NONE, flows_of(1, 9, 3));

    assert_int_equal(have(f, set, flows_of(2, 9, 3)), set);
    have_none(f, set);
    assert_int_equal(have(f, FB_FLOW_SET_NONE, flows_of(3, 5, 1)), set);
    have_none(f, set);
    assert_empty(&f->sets);
}

/* What is to be had can be what was just read */
static void
test_from_what_was_read(void **state)
{
    fixture *f = *state;
    const fb_flow_list one = flows_of(1, 9, 3);
    uint32_t set = have(f, FB_FLOW_SET_NONE, one), same = FB_FLOW_SET_NONE;

    assert_true(fb_flow_sets_replace(&f->sets, &same, fb_flow_sets_list(&f->sets, set)));
    assert_int_equal(same, set);
    assert_true(fb_flow_sets_replace(&f->sets, &same, fb_flow_sets_list(&f->sets, set)));
    assert_int_equal(f->sets.item[set].references, 2);
    assert_true(same_list(fb_flow_sets_list(&f->sets, set), &one));
    have_none(f, set);
    have_none(f, same);
    assert_empty(&f->sets);
}

/* ---- no room ---- */

/* fb_limits.flows: of all sets together; those of a set that goes are there for what comes in its place */
static void
test_no_room_for_flows(void **state)
{
    fixture *f = *state;
    const fb_flow_list rest = flows_of(2, 9, FLOWS - 16);
    uint32_t one = have(f, FB_FLOW_SET_NONE, flows_of(1, 9, 16));
    uint32_t other = have(f, FB_FLOW_SET_NONE, rest);

    refuse(f, FB_FLOW_SET_NONE, flows_of(3, 9, 1));
    refuse(f, other, flows_of(3, 9, FLOWS - 16 + 1));
    assert_true(same_list(fb_flow_sets_list(&f->sets, other), &rest));
    other = have(f, other, flows_of(3, 9, FLOWS - 16));
    /* which is not so while another session has it, even if there would be fewer */
    assert_int_equal(have(f, FB_FLOW_SET_NONE, flows_of(1, 9, 16)), one);
    refuse(f, one, flows_of(4, 9, 15));
    assert_int_equal(f->sets.item[one].references, 2);
    /* what is there already has room, and nothing has */
    assert_int_equal(have(f, FB_FLOW_SET_NONE, flows_of(3, 9, FLOWS - 16)), other);
    have_none(f, one);
    assert_int_equal(have(f, one, flows_of(4, 9, 15)), one);
    have_none(f, one);
    have_none(f, other);
    have_none(f, other);
    assert_empty(&f->sets);
}

/* fb_limits.rule_octets: long ones take what short ones leave, as long as there is some */
static void
test_no_room_for_octets(void **state)
{
    fixture *f = *state;
    uint32_t set[SESSIONS], sets = 0, one;
    fb_flow_list list = flows_of(0, FB_FLOW_TERMS_MAX, 1);

    while (sets < SESSIONS && fb_flow_sets_fit(&f->sets, FB_FLOW_SET_NONE, &list))
    {
        set[sets++] = have(f, FB_FLOW_SET_NONE, list);
        list = flows_of((uint8_t)sets, FB_FLOW_TERMS_MAX, 1);
    }
    assert_in_range(sets, 2, SESSIONS - 1);
    refuse(f, FB_FLOW_SET_NONE, list);
    refuse(f, set[1], flows_of(99, FB_FLOW_TERMS_MAX, 3));
    assert_int_equal(fb_flow_sets_list(&f->sets, set[1])->flow[0].terms.octet[0], 1);
    one = have(f, set[0], list);
    have_none(f, one);
    for (uint32_t i = 1; i < sets; i++)
    {
        have_none(f, set[i]);
    }
    assert_empty(&f->sets);
}

/* As many flows as there may be, of the length that is said, have room however many are in a set */
static void
test_room_for_the_usual(void **state)
{
    fixture *f = *state;
    test_random random = test_random_start("usual flows");

    for (unsigned round = 0; round < 500; round++)
    {
        uint32_t set[SESSIONS], left = FLOWS;

        for (uint32_t i = 0; i < SESSIONS; i++)
        {
            uint32_t others = SESSIONS - 1 - i; /* each gets one at least */
            uint32_t most = left - others < FB_FLOW_SET_MAX ? left - others : FB_FLOW_SET_MAX;
            uint32_t count = others == 0 ? most : 1 + test_random_below(&random, most);

            set[i] = have(f, FB_FLOW_SET_NONE, flows_of((uint8_t)i, 20 - FLOW_HEAD_OCTETS, count));
            left -= count;
        }
        assert_int_equal(f->sets.pool.used, SESSIONS);
        for (uint32_t i = 0; i < SESSIONS; i++)
        {
            have_none(f, set[i]);
        }
        assert_empty(&f->sets);
    }
}

/* As many sets as there can be sessions: more are nobody's */
static void
test_no_room_for_sets(void **state)
{
    fixture *f = *state;
    uint32_t set[SESSIONS];

    for (uint32_t i = 0; i < SESSIONS; i++)
    {
        set[i] = have(f, FB_FLOW_SET_NONE, flows_of((uint8_t)i, 9, 1));
    }
    refuse(f, FB_FLOW_SET_NONE, flows_of(SESSIONS, 9, 1));
    set[0] = have(f, set[0], flows_of(SESSIONS, 9, 1));
    for (uint32_t i = 0; i < SESSIONS; i++)
    {
        have_none(f, set[i]);
    }
    assert_empty(&f->sets);
}

/* ---- the same hash ---- */

/** Both have one hash from now on, and @p one is found first. */
static void
give_hash(fb_flow_sets *sets, uint32_t one, uint32_t other)
{
    fb_chains_remove(&sets->by_hash, sets->item[one].hash, one);
    sets->item[one].hash = sets->item[other].hash;
    fb_chains_add(&sets->by_hash, sets->item[one].hash, one);
}

/* Two sets with one hash are two: octets decide, all of them. To find such sets takes long, so they are made */
static void
test_same_hash(void **state)
{
    fixture *f = *state;
    const fb_flow_list others[] = {flows_of(2, 9, 4), flows_of(1, 9, 3)};

    for (size_t i = 0; i < 2; i++)
    {
        uint32_t one = have(f, FB_FLOW_SET_NONE, flows_of(1, 9, 4));
        uint32_t other = have(f, FB_FLOW_SET_NONE, others[i]);

        give_hash(&f->sets, one, other);
        assert_int_equal(have(f, FB_FLOW_SET_NONE, others[i]), other);
        assert_int_equal(f->sets.item[one].references, 1);
        have_none(f, one);
        assert_int_equal(have(f, other, others[i]), other);
        have_none(f, other);
        have_none(f, other);
        assert_empty(&f->sets);
    }
}

/* ---- any sets ---- */

/** What each session should have. */
typedef struct model
{
    fb_flow_list list[SESSIONS];
} model;

/** Of few kinds, so that many are the same. */
static fb_flow_list
random_list(test_random *random)
{
    static const uint8_t lengths[] = {2, 6, 7, 8, 19, FB_FLOW_TERMS_MAX};
    size_t count = test_random_below(random, 5);

    if (test_random_below(random, 16) == 0)
    {
        count = FB_FLOW_SET_MAX;
    }
    return flows_of((uint8_t)test_random_below(random, 3),
                    lengths[test_random_below(random, sizeof lengths)],
                    count);
}

/** How many different lists there are, and in them flows and cells. */
static void
count_lists(const model *m, uint32_t *sets, uint32_t *flows, uint32_t *cells)
{
    *sets = *flows = *cells = 0;
    for (size_t i = 0; i < SESSIONS; i++)
    {
        const fb_flow_list *list = &m->list[i];
        size_t octets = 0;
        bool first = list->count > 0;

        for (size_t k = 0; k < i; k++)
        {
            first = first && !same_list(&m->list[k], list);
        }
        for (size_t k = 0; first && k < list->count; k++)
        {
            octets += FLOW_HEAD_OCTETS + list->flow[k].terms.length;
        }
        *sets += first;
        *flows += first ? (uint32_t)list->count : 0;
        *cells += fb_cells_for(octets);
    }
}

static uint32_t
sessions_with(const uint32_t set[SESSIONS], uint32_t wanted)
{
    uint32_t count = 0;

    for (size_t i = 0; i < SESSIONS; i++)
    {
        count += set[i] == wanted;
    }
    return count;
}

static void
check(const fb_flow_sets *sets, const model *m, const uint32_t set[SESSIONS])
{
    uint32_t different, flows, cells;

    count_lists(m, &different, &flows, &cells);
    assert_int_equal(sets->pool.used, different);
    assert_int_equal(sets->by_hash.count, different);
    assert_int_equal(sets->flows, flows);
    assert_int_equal(sets->cells.pool.used, cells);
    for (size_t i = 0; i < SESSIONS; i++)
    {
        assert_true(same_list(fb_flow_sets_list(sets, set[i]), &m->list[i]));
        if (set[i] != FB_FLOW_SET_NONE)
        {
            assert_int_equal(sets->item[set[i]].references, sessions_with(set, set[i]));
        }
    }
}

/** Sessions agree on anything, or on what another one has; with room for it they have it, without what they had. */
static void
change(fixture *f, const char *name)
{
    test_random random = test_random_start(name);
    model m = {.list[0].count = 0};
    uint32_t set[SESSIONS];
    unsigned shared = 0, refused = 0;

    memset(set, UINT8_MAX, sizeof set); /* FB_FLOW_SET_NONE */
    for (int step = 0; step < 5000; step++)
    {
        uint32_t at = test_random_below(&random, SESSIONS), different, flows, cells;
        model wanted = m;
        bool room;

        wanted.list[at] = test_random_below(&random, 4) > 0
                              ? random_list(&random)
                              : m.list[test_random_below(&random, SESSIONS)];
        count_lists(&wanted, &different, &flows, &cells);
        room = flows <= FLOWS && cells <= f->sets.cells.pool.capacity;
        assert_int_equal(fb_flow_sets_fit(&f->sets, set[at], &wanted.list[at]), room);
        assert_int_equal(fb_flow_sets_replace(&f->sets, &set[at], &wanted.list[at]), room);
        m = room ? wanted : m;
        refused += !room;
        check(&f->sets, &m, set);
        shared += set[at] != FB_FLOW_SET_NONE && f->sets.item[set[at]].references > 1;
    }
    assert_true(shared > 500);
    assert_true(refused > 200);
    for (size_t i = 0; i < SESSIONS; i++)
    {
        have_none(f, set[i]);
    }
    assert_empty(&f->sets);
}

static void
test_any(void **state)
{
    change(*state, "any flows");
}

static void
test_any_with_short_flows(void **state)
{
    change(*state, "any flows with little room");
}

static void
test_any_in_one_chain(void **state)
{
    change(*state, "any flows in one chain");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_sharing, start, stop),
        cmocka_unit_test_setup_teardown(test_differences, start, stop),
        cmocka_unit_test_setup_teardown(test_numbers_are_used_again, start, stop),
        cmocka_unit_test_setup_teardown(test_from_what_was_read, start, stop),
        cmocka_unit_test_setup_teardown(test_no_room_for_flows, start, stop),
        cmocka_unit_test_setup_teardown(test_no_room_for_octets, start_with_short_flows, stop),
        cmocka_unit_test_setup_teardown(test_no_room_for_sets, start, stop),
        cmocka_unit_test_setup_teardown(test_room_for_the_usual, start_with_short_flows, stop),
        cmocka_unit_test_setup_teardown(test_same_hash, start, stop),
        cmocka_unit_test_setup_teardown(test_any, start, stop),
        cmocka_unit_test_setup_teardown(test_any_with_short_flows, start_with_short_flows, stop),
        cmocka_unit_test_setup_teardown(test_any_in_one_chain, start_with_one_chain, stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
