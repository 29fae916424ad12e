/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flows.h"
#include "requirement.h"
#include "steer/spread.h"

/** 1 + the number of a scheduler, as rules name it. */
static uint8_t
number_of(const char *name)
{
    for (uint8_t i = 0; fb_scheduler_at(i) != NULL; i++)
    {
        if (strcmp(fb_scheduler_at(i)->name, name) == 0)
        {
            return (uint8_t)(i + 1);
        }
    }
    fail_msg("no scheduler %s", name);
    return 0;
}

/** In memory of exactly the size asked for, with whatever was there before. */
static fb_spread
start(uint32_t count)
{
    size_t octets = fb_spread_memory(count);
    void *memory = malloc(octets > 0 ? octets : 1);
    fb_spread spread;

    assert_non_null(memory);
    memset(memory, 0xff, octets);
    fb_spread_init(&spread, memory, count);
    return spread;
}

/** The BID of the next packet of @p session, whose rule names @p scheduler, over BIDs 1 (weight 3) and 2 (weight 1). */
static uint8_t
next(fb_spread *spread, uint32_t session, const char *scheduler)
{
    static const fb_path_view paths[] = {{.bid = 1, .weight = 3}, {.bid = 2, .weight = 1}};
    fb_flow flow = test_flow_down(FB_PROTOCOL_TCP, 80, 40000);
    uint8_t number = number_of(scheduler);
    void *context = fb_spread_context(spread, session, number);

    assert_non_null(context);
    assert_int_equal((uintptr_t)context % 8, 0);
    return paths[fb_scheduler_at(number - 1u)->pick(context, &flow, false, paths, 2, 0)].bid;
}

/* As many sessions as there are contexts: one's packets do not move another's turn, whichever come first. */
static void
test_each_session_has_its_own(void **state)
{
    static const uint32_t counts[] = {1, 2, 3, 4, 5, 16, 64};

    (void)state;
    requirement("R8278-3.2-04");
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
    {
        fb_spread spread = start(counts[i]);

        for (unsigned k = 0; k < 8; k++)
        {
            for (uint32_t session = counts[i]; session > 0; session--)
            {
                assert_int_equal(next(&spread, session, "weighted"), k % 4 == 3 ? 2 : 1);
            }
        }
        free(spread.slot);
    }
}

/* Two schedulers of one session count for themselves. */
static void
test_each_scheduler_has_its_own(void **state)
{
    fb_spread spread = start(8);

    (void)state;
    for (unsigned k = 0; k < 8; k++)
    {
        assert_int_equal(next(&spread, 1, "weighted"), k % 4 == 3 ? 2 : 1);
        assert_int_equal(next(&spread, 1, "round-robin"), 1 + k % 2);
        assert_int_equal(next(&spread, 2, "round-robin"), 1 + k % 2);
    }
    free(spread.slot);
}

/* More sessions than contexts: whoever lost its own begins anew, with nobody else's counts. */
static void
test_a_context_that_was_lost_begins_anew(void **state)
{
    fb_spread spread = start(1);

    (void)state;
    assert_int_equal(next(&spread, 1, "weighted"), 1);
    assert_int_equal(next(&spread, 1, "weighted"), 1);
    assert_int_equal(next(&spread, 2, "round-robin"), 1);
    assert_int_equal(next(&spread, 2, "round-robin"), 2);
    for (unsigned k = 0; k < 8; k++)
    {
        assert_int_equal(next(&spread, 1, "weighted"), k % 4 == 3 ? 2 : 1);
    }
    assert_int_equal(next(&spread, UINT32_MAX, "weighted"), 1);
    assert_int_equal(next(&spread, UINT32_MAX, "weighted"), 1);
    free(spread.slot);
}

static void
test_without_any(void **state)
{
    fb_spread spread = start(0);

    (void)state;
    assert_int_equal(fb_spread_memory(0), 0);
    assert_null(fb_spread_context(&spread, 1, number_of("weighted")));
    free(spread.slot);
}

static void
test_memory(void **state)
{
    (void)state;
    assert_int_equal(fb_spread_memory(1) % 8, 0);
    assert_int_equal(fb_spread_memory(100), 100 * fb_spread_memory(1));
    for (size_t i = 0; fb_scheduler_at(i) != NULL; i++)
    {
        assert_true(fb_spread_memory(1) >= 8 + fb_scheduler_at(i)->context_size);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_session_has_its_own),
        cmocka_unit_test(test_each_scheduler_has_its_own),
        cmocka_unit_test(test_a_context_that_was_lost_begins_anew),
        cmocka_unit_test(test_without_any),
        cmocka_unit_test(test_memory),
    };

    return cmocka_run_group_tests_name("steer/spread", tests, NULL, NULL);
}
