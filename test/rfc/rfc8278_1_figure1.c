/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RFC 8278 1, Figure 1: a gateway with two interfaces and two tunnels to its anchor. "Flow-1 and Flow-3" go through
 * Tunnel-1, "Flow-2" through Tunnel-2, and "Flow-4" through both.
 */
#include "proxy_pair.h"

#include <string.h>

#include "requirement.h"
#include "steer/scheduler.h"

#define UDP 17
#define FLOWS 4

/** Correspondents' ports of the four flows. */
static uint16_t
port_of(unsigned flow)
{
    return (uint16_t)(5000 + flow);
}

/** The figure's policy; Flow-4 as @p action says: a copy to each, or packet by packet. */
static void
figure1(fb_rule rules[FLOWS], uint8_t action)
{
    rules[0] = proxy_rule(FB_RULE_FORWARD, "1", UDP, port_of(1));
    rules[1] = proxy_rule(FB_RULE_FORWARD, "2", UDP, port_of(2));
    rules[2] = proxy_rule(FB_RULE_FORWARD, "1", UDP, port_of(3));
    rules[3] = proxy_rule(action, "12", UDP, port_of(4));
    for (uint8_t i = 0; action == FB_RULE_SPREAD && fb_scheduler_at(i) != NULL; i++)
    {
        if (strcmp(fb_scheduler_at(i)->name, "round-robin") == 0)
        {
            rules[3].scheduler = (uint8_t)(i + 1);
        }
    }
}

static proxy_pair *
two_tunnels(void)
{
    proxy_setup setup;

    proxy_setup_default(&setup);
    return proxy_registered(&setup, "12");
}

/** Addresses of the outer header are those of tunnel @p bid. */
static void
assert_in_tunnel(const proxy_pair *w, bool up, const data_packet *sent, uint8_t bid)
{
    fb_addr anchor = proxy_address(0x0f);
    const uint8_t *gateway = w->link[bid].address.octet;

    assert_int_equal(sent->octets[6], 41);
    assert_memory_equal(sent->octets + 8, up ? gateway : anchor.octet, 16);
    assert_memory_equal(sent->octets + 24, up ? anchor.octet : gateway, 16);
}

/** The packet, either way, is in tunnels @p bids and no other; and arrives out of each. */
static void
assert_flow(proxy_pair *w, unsigned flow, const char *bids)
{
    for (unsigned up = 0; up < 2; up++)
    {
        data_packet packet = up ? proxy_up(w, UDP, port_of(flow))
                                : proxy_down(w, UDP, port_of(flow));
        proxy_sent sent = proxy_steer(w, up ? w->gateway : w->anchor, &packet);

        assert_int_equal(sent.count, strlen(bids));
        for (size_t i = 0; i < sent.count; i++)
        {
            data_packet inner;
            uint8_t bid = sent.action[i].path.bid;

            assert_non_null(strchr(bids, '0' + bid));
            assert_true(i == 0 || bid != sent.action[0].path.bid);
            assert_in_tunnel(w, up, &sent.packet[i], bid);
            assert_int_equal(
                proxy_arrive(w, up ? w->anchor : w->gateway, &sent.packet[i], &inner).kind,
                FB_DELIVER);
            assert_memory_equal(inner.octets, packet.octets, packet.length);
        }
    }
}

/* Flow-4 in both tunnels, a copy in each */
static void
test_figure1_with_copies(void **state)
{
    proxy_pair *w = two_tunnels();
    fb_rule rules[FLOWS];

    (void)state;
    requirement("R8278-1-06");
    figure1(rules, FB_RULE_COPY);
    proxy_static_policy(w, rules, FLOWS);
    assert_flow(w, 1, "1");
    assert_flow(w, 2, "2");
    assert_flow(w, 3, "1");
    assert_flow(w, 4, "12");
    proxy_end(w);
}

/* ... packet by packet */
static void
test_figure1_by_packet(void **state)
{
    proxy_pair *w = two_tunnels();
    fb_rule rules[FLOWS];

    (void)state;
    requirement("R8278-1-06", "R8278-3.2-04");
    figure1(rules, FB_RULE_SPREAD);
    proxy_static_policy(w, rules, FLOWS);
    for (unsigned i = 0; i < 10; i++)
    {
        assert_flow(w, 1, "1");
        assert_flow(w, 2, "2");
        assert_flow(w, 3, "1");
        assert_flow(w, 4, i % 2 == 0 ? "1" : "2");
    }
    proxy_end(w);
}

/* ... and negotiated: RFC 6089 4.3 gives a flow with two BIDs "a copy ... to each" */
static void
test_figure1_negotiated(void **state)
{
    proxy_pair *w = two_tunnels();
    fb_rule rules[FLOWS];

    (void)state;
    requirement("R8278-1-06", "B6089-04");
    figure1(rules, FB_RULE_COPY);
    proxy_policy(w, rules, FLOWS);
    proxy_run(w, FB_SECOND);
    assert_int_equal(proxy_session(w, FB_ROLE_LMA).flow_count, FLOWS);
    assert_flow(w, 1, "1");
    assert_flow(w, 2, "2");
    assert_flow(w, 3, "1");
    assert_flow(w, 4, "12");
    proxy_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_figure1_with_copies),
        cmocka_unit_test(test_figure1_by_packet),
        cmocka_unit_test(test_figure1_negotiated),
    };

    return cmocka_run_group_tests_name("rfc8278/1-figure1", tests, NULL, NULL);
}
