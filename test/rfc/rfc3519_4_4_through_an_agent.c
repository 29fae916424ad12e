/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 3519 4.4: UDP tunnelling and foreign agents, as the mobile node sees it.
 */

#include "roam.h"

#include <string.h>

#define UDP_TUNNEL_REQUEST 144
#define FLAG_F 0x80 /* of the extension */
#define FLAG_R 0x40

/* "It SHALL NOT be used by the mobile node when it is registering with a foreign agent care-of address." */
static void
test_with_the_agents_address(void **state)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);
    fb_fact fact = {.kind = FB_FACT_LINK_UP,
                    .u.link = {.link = 1,
                               .bid = 1,
                               .label = 1,
                               .technology = TECHNOLOGY_WLAN,
                               .udp = FB_UDP_FORCE,
                               .care_of = FB_CARE_OF_AGENT}};

    (void)state;
    requirement("B3519-05");
    world_fact(w, w->mobile_node, &fact);
    assert_int_equal(hear(w, 1, &n), FB_REASON_NONE);
    world_run(w, 20 * FB_SECOND);
    assert_true(requests_of(w) > 3);
    for (size_t i = 0; i < requests_of(w); i++)
    {
        assert_int_equal(extension_of(request_of(w, i), UDP_TUNNEL_REQUEST), 0);
    }
    world_end(w);
}

/** A node with its own address that has to register through an agent, and does. */
static world *
demanded_world(uint16_t flags)
{
    world *w = roam_world(NULL);
    notice n = notice_of(ROAM_AGENT);

    n.flags = (uint16_t)(ADVERTISES_F | ADVERTISES_R | flags);
    w->udp[1] = FB_UDP_IF_NAT;
    world_link_up(w, 1);
    assert_int_equal(hear(w, 1, &n), FB_REASON_NONE);
    world_run(w, FB_SECOND);
    assert_int_equal(fb_addr_to_ipv4(&last_request(w)->meta.dst), ROAM_AGENT);
    return w;
}

/*
 * "If a mobile node is registering through a foreign agent but using a co-located care-of address, and the agent
 * advertisement from the foreign agent had the 'U' bit set, the mobile node MUST set the 'R' flag in its UDP Tunnel
 * Request Extension ... In this case, the mobile node also MUST send a keepalive as soon as its registration has been
 * accepted."
 */
static void
test_with_its_own_address(void **state)
{
    world *w = demanded_world(ADVERTISES_U);
    const world_message *m = last_request(w);
    size_t at = extension_of(m, UDP_TUNNEL_REQUEST);
    uint8_t octets[REPLY_FIXED + 8];

    (void)state;
    requirement("B3519-05", "B5944-31");
    assert_int_not_equal(at, 0);
    assert_int_equal(m->octets[at + 4] & (FLAG_F | FLAG_R), FLAG_R);
    assert_true(at < extension_of(m, 32)); /* the home agent's */
    reply_fixed(octets, m, 0, 600);
    /* 3.2: it assents, F, and asks for keepalives every 110 s */
    memcpy(octets + REPLY_FIXED, (const uint8_t[]){44, 6, 0, 0, 0x80, 0, 0, 110}, 8);
    assert_int_equal(reply_octets(w, m, octets, sizeof octets), FB_REASON_NONE);
    world_run(w, FB_MILLISECOND);
    m = &w->message[w->messages - 1];
    assert_true(m->to_home_agent);
    assert_int_equal(m->octets[0], 4);
    assert_int_equal(fb_addr_to_ipv4(&m->meta.dst), WORLD_HOME_AGENT);
    assert_int_equal(fb_addr_to_ipv4(&m->meta.src), care_of(1));
    world_end(w);
}

/* "does not have the 'U' bit set, the mobile node MUST NOT include a UDP Tunnel Request Extension". */
static void
test_with_its_own_address_but_no_u(void **state)
{
    world *w = demanded_world(0);

    (void)state;
    requirement("B3519-05", "B5944-31");
    assert_int_equal(extension_of(last_request(w), UDP_TUNNEL_REQUEST), 0);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_with_the_agents_address),
        cmocka_unit_test(test_with_its_own_address),
        cmocka_unit_test(test_with_its_own_address_but_no_u),
    };

    return cmocka_run_group_tests_name("rfc3519_4_4_through_an_agent", tests, NULL, NULL);
}
