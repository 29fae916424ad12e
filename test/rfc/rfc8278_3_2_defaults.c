/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RFC 8278 3.2: "implementations have to be sensitive to issues related to asymmetric link characteristics and the
 * resulting issues such as reordering": so where nothing was configured, no flow is split, and both ends agree.
 */
#include "proxy_pair.h"

#include "requirement.h"

#define UDP 17

static proxy_pair *
registered_over(const char *links)
{
    proxy_setup setup;

    proxy_setup_default(&setup);
    return proxy_registered(&setup, links);
}

static unsigned
bid_of(proxy_pair *w, bool up, uint16_t port)
{
    data_packet packet = up ? proxy_up(w, UDP, port) : proxy_down(w, UDP, port);
    proxy_sent sent = proxy_steer(w, up ? w->gateway : w->anchor, &packet);

    assert_int_equal(sent.count, 1);
    assert_int_equal(sent.action[0].kind, FB_SEND);
    return sent.action[0].path.bid;
}

/* Flows are spread over all paths, each has one, and the same both ways: there is nothing to reorder */
static void
test_no_flow_is_split(void **state)
{
    proxy_pair *w = registered_over("123");
    unsigned flows[4] = {0};

    (void)state;
    requirement("R8278-3.2-05", "R8278-3.2-02");
    for (uint16_t port = 1000; port < 1090; port++)
    {
        unsigned bid = bid_of(w, false, port);

        flows[bid]++;
        for (unsigned i = 0; i < 20; i++)
        {
            assert_int_equal(bid_of(w, i % 2, port), bid);
        }
    }
    for (unsigned bid = 1; bid <= 3; bid++)
    {
        assert_in_range(flows[bid], 15, 45);
    }
    proxy_end(w);
}

/* RFC 6089 5.1.1 has one care-of address for "a packet that does not match any"; here it is the scheduler's (D-35) */
static void
test_what_no_flow_binding_names(void **state)
{
    proxy_pair *w = registered_over("12"), *without = registered_over("12");
    fb_rule rule = proxy_rule(FB_RULE_FORWARD, "2", UDP, 7000);
    fb_rule known;

    (void)state;
    requirement("B6089-05");
    proxy_policy(w, &rule, 1);
    proxy_run(w, FB_SECOND);
    assert_true(fb_agent_session_rule(w->anchor, FB_ROLE_LMA, 1, 0, &known));
    assert_int_equal(bid_of(w, false, 7000), 2);
    assert_int_equal(bid_of(w, true, 7000), 2);
    for (uint16_t port = 1000; port < 1030; port++)
    {
        unsigned bid = bid_of(without, false, port);

        assert_int_equal(bid_of(w, false, port), bid);
        assert_int_equal(bid_of(w, true, port), bid);
    }
    proxy_end(w);
    proxy_end(without);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_flow_is_split),
        cmocka_unit_test(test_what_no_flow_binding_names),
    };

    return cmocka_run_group_tests_name("rfc8278/3.2/defaults", tests, NULL, NULL);
}
