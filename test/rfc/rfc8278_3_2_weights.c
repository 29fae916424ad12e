/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RFC 8278 3.2: "when the links have different speeds, the chosen approach can be based on weighted distribution (e.g.,
 * n:m ratio)": shares that both ends have by configuration. A gateway's are those of its links; an anchor knows a path
 * by the label both ends mark it with (4.1).
 */
#include "proxy_pair.h"

#include <string.h>

#include "requirement.h"

#define UDP 17
#define PORT 7000

/** Both ends spread by weight whatever no rule decides: LTE (label 11) and WLAN (label 9). */
static proxy_pair *
start_weighted(uint16_t lte, uint16_t wlan)
{
    proxy_setup setup;
    proxy_pair *w;

    proxy_setup_default(&setup);
    setup.gateway.scheduler = setup.anchor.scheduler = "weighted";
    setup.anchor.lma.weight_count = 2;
    setup.anchor.lma.weight[0] = (fb_label_weight){.label = 11, .weight = lte};
    setup.anchor.lma.weight[1] = (fb_label_weight){.label = 9, .weight = wlan};
    w = proxy_start(&setup);
    w->link[PROXY_LTE].weight = lte;
    w->link[PROXY_WLAN].weight = wlan;
    proxy_link_up(w, PROXY_LTE);
    proxy_link_up(w, PROXY_WLAN);
    proxy_attach(w);
    proxy_run(w, FB_SECOND);
    return w;
}

static unsigned
count_over(proxy_pair *w, bool up, uint8_t bid, unsigned packets)
{
    unsigned count = 0;

    for (unsigned i = 0; i < packets; i++)
    {
        data_packet packet = up ? proxy_up(w, UDP, PORT) : proxy_down(w, UDP, PORT);
        proxy_sent sent = proxy_steer(w, up ? w->gateway : w->anchor, &packet);

        assert_int_equal(sent.count, 1);
        assert_int_equal(sent.action[0].kind, FB_SEND);
        count += sent.action[0].path.bid == bid ? 1 : 0;
    }
    return count;
}

/* 3:1 is 75 to 25 per cent to within one, at either end; 1:1 halves */
static void
test_both_ends_share_alike(void **state)
{
    static const struct
    {
        uint16_t lte, wlan;
        unsigned expected;
    } rows[] = {{3, 1, 3000},
                {1, 1, 2000},
                {1, 3, 1000},
                {0, 0, 2000},
                {0, 3, 1000},
                {65535, 65535, 2000}};

    (void)state;
    requirement("R8278-3.2-04", "R8278-4.1-09");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    {
        proxy_pair *w = start_weighted(rows[i].lte, rows[i].wlan);

        for (unsigned up = 0; up < 2; up++)
        {
            unsigned count = count_over(w, up, 1, 4000);

            assert_in_range(count, rows[i].expected - 40, rows[i].expected + 40);
        }
        proxy_end(w);
    }
}

/* One path alone has it all, whatever it weighs; back again, nobody catches up */
static void
test_one_path_after_the_other(void **state)
{
    proxy_pair *w = start_weighted(3, 1);

    (void)state;
    requirement("R8278-3.2-04");
    assert_int_equal(count_over(w, false, 1, 4), 3);
    proxy_link_down(w, PROXY_LTE);
    proxy_run(w, FB_SECOND);
    assert_int_equal(count_over(w, false, 2, 1000), 1000);
    assert_int_equal(count_over(w, true, 2, 1000), 1000);
    proxy_link_up(w, PROXY_LTE);
    proxy_run(w, FB_SECOND);
    assert_int_equal(count_over(w, false, 1, 8), 6);
    assert_int_equal(count_over(w, true, 1, 8), 6);
    proxy_end(w);
}

/* More weights than there is room for are refused with the rest of the configuration */
static void
test_too_many_weights(void **state)
{
    proxy_setup setup;

    (void)state;
    proxy_setup_default(&setup);
    setup.anchor.lma.weight_count = FB_LABEL_WEIGHTS_MAX;
    assert_true(fb_agent_size(&setup.anchor) > 0);
    setup.anchor.lma.weight_count++;
    assert_int_equal(fb_agent_size(&setup.anchor), 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ends_share_alike),
        cmocka_unit_test(test_one_path_after_the_other),
        cmocka_unit_test(test_too_many_weights),
    };

    return cmocka_run_group_tests_name("rfc8278/3.2/weights", tests, NULL, NULL);
}
