/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RFC 8278 4.1, Interface Label: "The static policies ... can use the label ... For example, a policy may bind HTTP
 * traffic to label 9, and, if there is none, to 11."
 */
#include "proxy_pair.h"

#include <string.h>

#include "requirement.h"

#define TCP 6
#define HTTP 80

static const fb_rule *
http_by_label(void)
{
    static fb_rule rule;

    rule = proxy_rule(FB_RULE_FORWARD_LABEL, "99", TCP, HTTP);
    rule.bid[0] = 9;
    rule.bid[1] = 11;
    return &rule;
}

/* "If-Label: ... configured on the mobile access gateway for each of its WAN interfaces"; "permitted range 1 to 255" */
static void
test_each_interface_has_a_label(void **state)
{
    proxy_setup setup;
    proxy_pair *w;
    fb_fact fact = {.kind = FB_FACT_LINK_UP};

    (void)state;
    requirement("R8278-4.1-07");
    proxy_setup_default(&setup);
    w = proxy_start(&setup);
    w->session.ipv4 = false;
    fact.u.link = w->link[PROXY_LTE];
    fact.u.link.label = 0;
    assert_int_equal(fb_agent_fact(w->gateway, &fact, w->now), FB_ERR_ARGUMENT);
    fact.u.link.label = 255;
    assert_int_equal(fb_agent_fact(w->gateway, &fact, w->now), FB_OK);
    proxy_attach(w);
    proxy_run(w, FB_SECOND);
    assert_int_equal(proxy_binding(w, FB_ROLE_LMA, 1).label, 255);
    /* on the wire: Type 63, Length 6, If-ATT, If-Label, BID */
    assert_memory_equal(proxy_last(w, true, 5)->octets + 84, "\x3f\x06\x08\xff\x01\x00", 6);
    proxy_end(w);
}

/* "identifies the type of the interface": two of one type have one label, and are two paths */
static void
test_labels_may_repeat(void **state)
{
    proxy_setup setup;
    proxy_pair *w;
    bool seen[4] = {false};

    (void)state;
    requirement("R8278-4.1-08");
    proxy_setup_default(&setup);
    w = proxy_registered(&setup, "123");
    assert_proxy_bids(w, FB_ROLE_LMA, "123");
    assert_int_equal(proxy_binding(w, FB_ROLE_LMA, 2).label, 9);
    assert_int_equal(proxy_binding(w, FB_ROLE_LMA, 3).label, 9);
    proxy_static_policy(w, http_by_label(), 1);
    /* the scheduler chooses among those with the label, and flows take both */
    for (uint16_t port = 40000; port < 40100; port++)
    {
        data_packet packet = proxy_ipv6(proxy_correspondent(), proxy_node(w), TCP, HTTP, port, 100);
        proxy_sent sent = proxy_steer(w, w->anchor, &packet);

        assert_int_equal(sent.count, 1);
        seen[sent.action[0].path.bid] = true;
    }
    assert_true(!seen[1] && seen[2] && seen[3]);
    proxy_end(w);
}

/* "the dynamically created tunnel ... is marked with the label" at both ends, the same over the life of the binding */
static void
test_both_ends_mark_the_tunnel(void **state)
{
    static const uint8_t label[] = {0, 11, 9, 9, 9}, technology[] = {0, 8, 4, 3, 4};
    proxy_setup setup;
    proxy_pair *w;

    (void)state;
    requirement("R8278-4.1-09");
    proxy_setup_default(&setup);
    w = proxy_registered(&setup, "1234");
    for (uint8_t bid = 1; bid <= 4; bid++)
    {
        fb_proxy_view here = proxy_binding(w, FB_ROLE_MAG, bid);
        fb_proxy_view there = proxy_binding(w, FB_ROLE_LMA, bid);

        assert_int_equal(here.label, label[bid]);
        assert_int_equal(there.label, label[bid]);
        assert_int_equal(here.technology, technology[bid]);
        assert_int_equal(there.technology, technology[bid]);
    }
    w->link[PROXY_WLAN].label = 77;
    proxy_link_up(w, PROXY_WLAN);
    proxy_run(w, 4000 * FB_SECOND);
    assert_int_equal(proxy_binding(w, FB_ROLE_MAG, 2).label, 77);
    assert_int_equal(proxy_binding(w, FB_ROLE_LMA, 2).label, 77);
    proxy_end(w);
}

/* HTTP on label 9; without any such path on 11; and on 9 again when one is back */
static void
test_http_by_label(void **state)
{
    proxy_setup setup;
    proxy_pair *w;

    (void)state;
    requirement("R8278-4.1-10");
    proxy_setup_default(&setup);
    w = proxy_registered(&setup, "12");
    proxy_static_policy(w, http_by_label(), 1);
    assert_takes(w, w->anchor, proxy_down(w, TCP, HTTP), "2");
    assert_takes(w, w->gateway, proxy_up(w, TCP, HTTP), "2");
    proxy_link_down(w, PROXY_WLAN);
    proxy_run(w, FB_SECOND);
    assert_takes(w, w->anchor, proxy_down(w, TCP, HTTP), "1");
    assert_takes(w, w->gateway, proxy_up(w, TCP, HTTP), "1");
    proxy_link_up(w, PROXY_ETHERNET);
    proxy_run(w, FB_SECOND);
    assert_takes(w, w->anchor, proxy_down(w, TCP, HTTP), "3");
    assert_takes(w, w->gateway, proxy_up(w, TCP, HTTP), "3");
    proxy_link_down(w, PROXY_ETHERNET);
    proxy_link_up(w, PROXY_WLAN);
    proxy_run(w, 2 * FB_SECOND);
    assert_takes(w, w->anchor, proxy_down(w, TCP, HTTP), "2");
    assert_takes(w, w->gateway, proxy_up(w, TCP, HTTP), "2");
    proxy_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_interface_has_a_label),
        cmocka_unit_test(test_labels_may_repeat),
        cmocka_unit_test(test_both_ends_mark_the_tunnel),
        cmocka_unit_test(test_http_by_label),
    };

    return cmocka_run_group_tests_name("rfc8278/4.1-labels", tests, NULL, NULL);
}
