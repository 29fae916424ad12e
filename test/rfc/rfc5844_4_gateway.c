/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5844 3, 4: IPv4 home addresses and paths with an IPv4 care-of address, and RFC 5845 3, 4: GRE keys; of a gateway.
 */

#include "cmocka_setup.h"
#include "gateway.h"
#include "requirement.h"

#include <string.h>

#define UPDATE 5
#define HEARTBEAT 13
#define F 0x0100

static const gateway_message *
last(const gateway *g)
{
    return gateway_last(g, UPDATE);
}

static fb_tunnel
tunnel_of(const gateway *g, uint8_t bid)
{
    fb_tunnel tunnel;

    fb_mag_tunnel(&g->mag, 0, bid, &tunnel);
    return tunnel;
}

/** One IPv4 link that asks for UDP, as P18 has it. */
static gateway *
over_ipv4(uint8_t udp)
{
    gateway *g = gateway_new(NULL);

    g->link[GATEWAY_IPV4].bid = 2;
    g->link[GATEWAY_IPV4].udp = udp;
    g->session.link_layer_length = 0;
    g->session.delegation = false;
    gateway_link_up(g, GATEWAY_IPV4);
    gateway_attach(g);
    return g;
}

/* 4.1.3: "the Mobility Header in a UDP header, port 5436"; the checksum of the Mobility Header is 0 (P18) */
static void
test_update_over_ipv4(void **state)
{
    gateway *g = over_ipv4(FB_UDP_FORCE);
    const gateway_message *m = last(g);

    (void)state;
    requirement("B5844-03", "R8278-1-03", "D8-29", "C8-15", "P18");
    gateway_assert_vector(g, m, "P18");
    assert_int_equal(m->meta.protocol, 17);
    assert_int_equal(m->meta.sport, 5436);
    assert_int_equal(m->meta.dport, 5436);
    assert_true(fb_addr_to_ipv4(&m->meta.src) == 0xcb00715a);
    assert_true(fb_addr_to_ipv4(&m->meta.dst) == 0xc0000235);
    gateway_free(g);
    g = over_ipv4(FB_UDP_IF_NAT);
    assert_int_equal(gateway_flags(last(g)) & F, 0);
    gateway_free(g);
}

/* C8-15: UDP only if the answer carries NAT Detection with F, whatever was asked for; else IPv4 */
static void
test_data_in_udp(void **state)
{
    static const struct
    {
        bool option;
        uint8_t f;
        bool udp;
    } row[] = {{false, 0, false}, {true, 0, false}, {true, 0x80, true}};

    (void)state;
    requirement("C8-15", "B5844-04", "B5844-03");
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
    {
        gateway *g = over_ipv4(FB_UDP_FORCE);
        gateway_answer answer = gateway_answer_begin(last(g), 0, 900);
        const uint8_t nat[6] = {row[i].f, 0, 0, 0, 0, 110};

        gateway_answer_echo(&answer, last(g), 0);
        if (row[i].option)
        {
            gateway_answer_option(&answer, 31, nat, 6, 4, 0);
        }
        assert_int_equal(gateway_answer_send(g, &answer), FB_REASON_NONE);
        assert_int_equal(tunnel_of(g, 2).remote_port, row[i].udp ? 5437 : 0);
        assert_int_equal(tunnel_of(g, 2).local_port, row[i].udp ? 5437 : 0);
        assert_int_equal(tunnel_of(g, 2).local.family, FB_FAMILY_IPV4);
        assert_int_equal(gateway_event(g, 0, FB_EVENT_PREFIX, 0)->mtu,
                         row[i].udp ? 1500 - 28 : 1500 - 20);
        gateway_free(g);
    }
}

/* 4.1.3.1: an anchor that does not accept F says 129; then without */
static void
test_force_refused(void **state)
{
    gateway *g = over_ipv4(FB_UDP_FORCE);

    (void)state;
    requirement("B5844-04", "C8-07");
    assert_int_equal(gateway_reply(g, last(g), 129), FB_REASON_NONE);
    gateway_drain(g);
    assert_int_equal(g->sent_count, 2);
    assert_int_equal(gateway_flags(last(g)) & F, 0);
    gateway_reply(g, last(g), 129);
    assert_int_equal(gateway_state(g, 2), FB_BINDING_BLOCKED);
    gateway_free(g);
}

/* D8-29: transport is chosen for each path; heartbeats and cross-path de-registrations go the path's way */
static void
test_mixed_paths(void **state)
{
    fb_config config;
    gateway *g;
    size_t length;

    (void)state;
    requirement("D8-29", "B5844-03", "R8278-1-01", "C8-03");
    gateway_config(&config);
    config.mag.heartbeat_s = 60;
    g = gateway_registered(&config, 4);
    gateway_run(g, 2 * FB_SECOND);
    assert_paths(g, "1234");
    assert_int_equal(tunnel_of(g, 1).local.family, FB_FAMILY_IPV6);
    assert_int_equal(tunnel_of(g, 4).local.family, FB_FAMILY_IPV4);
    gateway_run(g, 70 * FB_SECOND);
    assert_int_equal(gateway_last(g, HEARTBEAT)->meta.protocol, 17);
    assert_int_equal(gateway_last(g, HEARTBEAT)->meta.dport, 5436);
    gateway_link_down(g, GATEWAY_IPV4);
    /* the BID says which one; the option has no room for an IPv4 address */
    assert_null(gateway_option(last(g), 3, 0, &length));
    assert_int_equal(gateway_option(last(g), 63, 0, &length)[2], 4);
    assert_int_equal(last(g)->meta.protocol, 135);
    gateway_free(g);
    /* an anchor that is not reached over IPv4 */
    config.mag.anchor_ipv4 = 0;
    g = gateway_new(&config);
    gateway_link_up(g, GATEWAY_IPV4);
    gateway_attach(g);
    assert_int_equal(g->sent_count, 0);
    assert_int_equal(gateway_state(g, 4), FB_BINDING_DOWN);
    gateway_free(g);
}

/* 3.3: "IPv4 Home Address Request option"; the reply assigns one, or has a Status why not */
static void
test_ipv4_home_address(void **state)
{
    (void)state;
    requirement("B5844-01", "D8-27", "B5213-18");
    for (int refused = 0; refused < 2; refused++)
    {
        gateway *g = gateway_new(NULL);
        const uint8_t reply[6] = {refused ? 128 : 0, 32 << 2, 198, 51, 100, 7};
        gateway_answer answer;
        fb_session_view view;
        size_t length;

        g->session.ipv4 = true;
        gateway_link_up(g, GATEWAY_LTE);
        gateway_attach(g);
        assert_memory_equal(gateway_option(last(g), 36, 0, &length), "\x80\0\0\0\0\0", 6);
        answer = gateway_answer_begin(last(g), 0, 900);
        gateway_answer_echo(&answer, last(g), 0);
        gateway_answer_option(&answer, 37, reply, 6, 4, 0);
        assert_int_equal(gateway_answer_send(g, &answer), FB_REASON_NONE);
        fb_mag_session_view(&g->mag, 0, &view);
        assert_true(view.home_address == (refused ? 0 : 0xc6336407));
        if (!refused)
        {
            const fb_event *event = gateway_event(g, 0, FB_EVENT_PREFIX, 0);

            assert_int_equal(event->prefix.address.family, FB_FAMILY_IPV4);
            assert_int_equal(event->prefix.length, 32);
            assert_false(event->delegated);
            /* every later update asks for it by name */
            gateway_link_up(g, GATEWAY_WLAN);
            assert_memory_equal(gateway_option(last(g), 36, 0, &length),
                                "\x80\0\xc6\x33\x64\x07",
                                6);
        }
        gateway_free(g);
    }
}

/* 170: no IPv4 for this node; 171: not that address; 172: no IPv6. Each once (RFC 5844 3.6) */
static void
test_ipv4_statuses(void **state)
{
    gateway *g = gateway_new(NULL);
    size_t length;

    (void)state;
    requirement("C8-07", "B5844-01");
    g->session.ipv4 = true;
    g->session.home_address = 0xc6336409;
    gateway_link_up(g, GATEWAY_LTE);
    gateway_attach(g);
    gateway_reply(g, last(g), 171);
    gateway_drain(g);
    assert_memory_equal(gateway_option(last(g), 36, 0, &length), "\x80\0\0\0\0\0", 6);
    gateway_reply(g, last(g), 170);
    gateway_run(g, 4 * FB_SECOND);
    assert_null(gateway_option(last(g), 36, 0, &length));
    assert_non_null(gateway_option(last(g), 22, 0, &length));
    gateway_free(g);

    g = gateway_new(NULL);
    g->session.ipv4 = true;
    gateway_link_up(g, GATEWAY_LTE);
    gateway_attach(g);
    gateway_reply(g, last(g), 172);
    gateway_drain(g);
    assert_non_null(gateway_option(last(g), 36, 0, &length));
    assert_null(gateway_option(last(g), 22, 0, &length));
    gateway_reply(g, last(g), 170); /* neither: there is nothing left to ask for */
    assert_true(gateway_state(g, 1) == FB_BINDING_BLOCKED);
    gateway_free(g);
}

/* ---- RFC 5845 ---- */

static gateway *
with_gre(bool key)
{
    gateway *g = gateway_new(NULL);

    g->link[GATEWAY_LTE].tunnel = FB_TUNNEL_GRE;
    g->link[GATEWAY_LTE].gre_key = key;
    gateway_link_up(g, GATEWAY_LTE);
    return g;
}

static int
answer_gre(gateway *g, uint8_t status, const uint8_t *body, size_t length)
{
    gateway_answer answer = gateway_answer_begin(last(g), status, 900);

    gateway_answer_echo(&answer, last(g), 0);
    if (length > 0)
    {
        gateway_answer_option(&answer, 33, body, length, 4, 0);
    }
    return gateway_answer_send(g, &answer);
}

/* 3.3.1: "MUST include the downlink GRE key"; the answer has the uplink one. P13 */
static void
test_gre_key(void **state)
{
    static const uint8_t uplink[] = {0, 0, 1, 2, 3, 4};
    gateway *g = with_gre(true);
    const uint8_t *body;
    size_t length;
    uint32_t key;

    (void)state;
    requirement("B5845-02", "D8-28", "R8278-1-02", "R8278-3.1-06", "C8-19", "P13");
    g->session.link_layer_length = 0;
    g->session.delegation = false;
    g->session.handoff = 5;
    g->session.home.count = 1;
    g->session.home.prefix[0] = (fb_prefix){{FB_FAMILY_IPV6, {0x20, 1, 0xd, 0xb8, 1, 0}}, 64};
    gateway_attach(g);
    body = gateway_option(last(g), 33, 0, &length);
    assert_int_equal(length, 6);
    key = (uint32_t)body[2] << 24 | (uint32_t)body[3] << 16 | (uint32_t)body[4] << 8 | body[5];
    assert_true(key != 0);
    {
        /* the vector with our key */
        gateway_message m = *last(g);

        memcpy(m.octets + (body - last(g)->octets) + 2, "\x0a\x0b\x0c\x0d", 4);
        m.octets[4] = (uint8_t)(gateway_checksum(&m.meta.src, &m.meta.dst, m.octets, m.length) >>
                                8);
        m.octets[5] = (uint8_t)gateway_checksum(&m.meta.src, &m.meta.dst, m.octets, m.length);
        gateway_assert_vector_now(g, &m, "P13");
    }
    assert_int_equal(answer_gre(g, 0, uplink, 6), FB_REASON_NONE);
    assert_int_equal(tunnel_of(g, 1).kind, FB_TUNNEL_GRE);
    assert_true(tunnel_of(g, 1).has_key);
    assert_true(tunnel_of(g, 1).key == 0x01020304);
    assert_true(gateway_binding(g, 1).key_down == key);
    assert_int_equal(gateway_event(g, 0, FB_EVENT_PREFIX, 0)->mtu, 1500 - 40 - 8);
    /* 3.3.2: the same one in refreshes; 4.1: not in a de-registration */
    gateway_run_until(g, 2880 * FB_SECOND);
    body = gateway_option(last(g), 33, 0, &length);
    assert_int_equal((uint32_t)body[2] << 24 | (uint32_t)body[3] << 16 | (uint32_t)body[4] << 8 |
                         body[5],
                     key);
    answer_gre(g, 0, uplink, 6);
    fb_mag_deregister(&g->mag, 1, g->now);
    gateway_run(g, FB_SECOND);
    assert_int_equal(gateway_lifetime(last(g)), 0);
    assert_null(gateway_option(last(g), 33, 0, &length));
    gateway_free(g);
}

/* Without key: mode only, Length 2 */
static void
test_gre_without_key(void **state)
{
    static const uint8_t mode[] = {0, 0};
    gateway *g = with_gre(false);
    size_t length;

    (void)state;
    requirement("B5845-02", "R8278-1-02");
    gateway_attach(g);
    assert_non_null(gateway_option(last(g), 33, 0, &length));
    assert_int_equal(length, 2);
    answer_gre(g, 0, mode, 2);
    assert_int_equal(tunnel_of(g, 1).kind, FB_TUNNEL_GRE);
    assert_false(tunnel_of(g, 1).has_key);
    assert_int_equal(gateway_binding(g, 1).key_down, 0);
    assert_int_equal(gateway_event(g, 0, FB_EVENT_PREFIX, 0)->mtu, 1500 - 40 - 4);
    gateway_free(g);
}

/* 4.1: no option in a success other than 2: not supported, SHOULD NOT be sent again; 2: not for this session */
static void
test_gre_not_supported(void **state)
{
    (void)state;
    requirement("B5845-02", "C8-19");
    for (uint8_t status = 0; status <= 2; status += 2)
    {
        gateway *g = with_gre(true);
        size_t length;

        gateway_attach(g);
        assert_int_equal(answer_gre(g, status, NULL, 0), FB_REASON_NONE);
        assert_int_equal(tunnel_of(g, 1).kind, FB_TUNNEL_IPIP);
        assert_paths(g, "1");
        gateway_run_until(g, 2880 * FB_SECOND);
        assert_null(gateway_option(last(g), 33, 0, &length));
        /* the anchor may want it of another session after 2 */
        gateway_attach_another(g, 2);
        assert_int_equal(gateway_option(last(g), 33, 0, &length) != NULL, status == 2);
        gateway_free(g);
    }
    {
        /* a refusal without the option says nothing about it */
        gateway *g = with_gre(true);
        size_t length;

        gateway_attach(g);
        gateway_reply(g, last(g), 130);
        gateway_run(g, 60 * FB_SECOND);
        assert_int_equal(g->sent_count, 2);
        assert_non_null(gateway_option(last(g), 33, 0, &length));
        gateway_free(g);
    }
}

/* 163: the anchor insists; a path that did not ask for GRE asks with a key */
static void
test_gre_required(void **state)
{
    static const uint8_t uplink[] = {0, 0, 0, 0, 0, 5};
    gateway *g = gateway_new(NULL);
    size_t length;

    (void)state;
    requirement("C8-07", "B5845-02");
    gateway_link_up(g, GATEWAY_LTE);
    gateway_attach(g);
    assert_null(gateway_option(last(g), 33, 0, &length));
    gateway_reply(g, last(g), 163);
    gateway_drain(g);
    assert_int_equal(g->sent_count, 2);
    assert_non_null(gateway_option(last(g), 33, 0, &length));
    assert_int_equal(length, 6);
    assert_int_equal(answer_gre(g, 0, uplink, 6), FB_REASON_NONE);
    assert_int_equal(tunnel_of(g, 1).kind, FB_TUNNEL_GRE);
    assert_int_equal(tunnel_of(g, 1).key, 5);
    gateway_free(g);
}

/**
 * RFC 5845 4.2: after status 2 "MUST NOT include the GRE Key option in any subsequent Proxy Binding Update ... for this
 * mobility session", over whatever path; a session that begins later is another one.
 */
static void
test_gre_not_required(void **state)
{
    gateway *g = with_gre(true);
    size_t length;

    (void)state;
    requirement("B5845-02", "C8-19");
    g->link[GATEWAY_WLAN].tunnel = FB_TUNNEL_GRE;
    gateway_attach(g);
    assert_int_equal(answer_gre(g, 2, NULL, 0), FB_REASON_NONE);
    gateway_link_up(g, GATEWAY_WLAN);
    assert_int_equal(last(g)->meta.link, GATEWAY_WLAN);
    assert_null(gateway_option(last(g), 33, 0, &length));
    gateway_reply(g, last(g), 0);
    /* nor when a link comes back */
    g->answering = true;
    gateway_link_down(g, GATEWAY_LTE);
    gateway_link_up(g, GATEWAY_LTE);
    gateway_run(g, 2 * FB_SECOND);
    assert_int_equal(last(g)->meta.link, GATEWAY_LTE);
    assert_int_equal(gateway_lifetime(last(g)), 900);
    assert_null(gateway_option(last(g), 33, 0, &length));
    assert_paths(g, "12");
    fb_mag_remove_session(&g->mag, 1, g->now);
    gateway_run(g, 2 * FB_SECOND);
    g->answering = false;
    gateway_attach(g);
    assert_non_null(gateway_option(last(g), 33, 0, &length));
    gateway_free(g);
}

/* RFC 5845 7.1: GRE in UDP is behind a TLV header (T); who does not offer that does not ask for both */
static void
test_udp_without_gre(void **state)
{
    gateway *g = gateway_new(NULL);
    size_t length;

    (void)state;
    requirement("B5845-02", "B5844-04");
    g->link[GATEWAY_IPV4].udp = FB_UDP_FORCE;
    g->link[GATEWAY_IPV4].tunnel = FB_TUNNEL_GRE;
    gateway_link_up(g, GATEWAY_IPV4);
    gateway_attach(g);
    assert_int_equal(gateway_flags(last(g)) & F, F);
    assert_null(gateway_option(last(g), 33, 0, &length));
    /* without UDP after all: then GRE */
    gateway_reply(g, last(g), 129);
    gateway_drain(g);
    assert_int_equal(gateway_flags(last(g)) & F, 0);
    assert_non_null(gateway_option(last(g), 33, 0, &length));
    gateway_free(g);
}

/* 3.2.1: an address that no IPv4 Home Address Reply option grants is not in use, whoever asked for it */
static void
test_ipv4_not_granted(void **state)
{
    gateway *g = gateway_new(NULL);
    fb_session_view view;
    size_t length;

    (void)state;
    requirement("B5844-01");
    g->answering = true; /* without option 37 */
    g->session.ipv4 = true;
    g->session.home_address = 0xc6336407u;
    gateway_link_up(g, GATEWAY_LTE);
    gateway_attach(g);
    assert_true(fb_mag_session_view(&g->mag, 0, &view));
    assert_int_equal(view.home.count, 1);
    assert_int_equal(view.home_address, 0);
    assert_int_equal(gateway_events(g, 0, FB_EVENT_PREFIX), 2);
    /* it is asked for all the same */
    gateway_run_until(g, 2880 * FB_SECOND);
    assert_int_equal(gateway_option(last(g), 36, 0, &length)[2], 198);
    gateway_free(g);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_update_over_ipv4),
                                       cmocka_unit_test(test_data_in_udp),
                                       cmocka_unit_test(test_force_refused),
                                       cmocka_unit_test(test_mixed_paths),
                                       cmocka_unit_test(test_ipv4_home_address),
                                       cmocka_unit_test(test_ipv4_statuses),
                                       cmocka_unit_test(test_gre_key),
                                       cmocka_unit_test(test_gre_without_key),
                                       cmocka_unit_test(test_gre_not_supported),
                                       cmocka_unit_test(test_gre_required),
                                       cmocka_unit_test(test_gre_not_required),
                                       cmocka_unit_test(test_udp_without_gre),
                                       cmocka_unit_test(test_ipv4_not_granted)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
