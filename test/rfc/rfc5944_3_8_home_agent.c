/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 5944 3.8 and 4.2.3, with RFC 3024 and RFC 2003 where a home agent's tunnels need them: what it accepts, what it
 * answers, what it forwards.
 */

#include "exchange.h"

#include <string.h>

static void
put_u32(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value >> 24);
    at[1] = (uint8_t)(value >> 16);
    at[2] = (uint8_t)(value >> 8);
    at[3] = (uint8_t)value;
}

static world *
new_world(void)
{
    world_setup setup;

    world_setup_default(&setup);
    return world_start(&setup);
}

/** A registration without RFC 7629. */
static answer
register_plain(world *w, uint8_t link, uint16_t lifetime_s)
{
    request r = request_new(w, lifetime_s, care_of(link));

    return request_send(w, &r);
}

/* ---- messages (1.8 to 1.10, 3.3, 3.4) ---- */

static void
test_other_messages_are_dropped(void **state)
{
    world *w = new_world();

    (void)state;
    requirement("B5944-01");
    for (unsigned type = 0; type < 256; type++)
    {
        uint8_t octets[60] = {(uint8_t)type};
        answer a = octets_send(w, care_of(1), octets, sizeof octets);

        assert_false(a.came);
        assert_true(a.reason == FB_DROP_UNKNOWN_MESSAGE || type == 1 || type == 3);
    }
    world_end(w);
}

static void
test_the_formats(void **state)
{
    world *w = new_world();
    request r = request_new(w, 500, care_of(1));
    answer a = request_send(w, &r);
    const uint8_t *octets;

    (void)state;
    requirement("B5944-02", "B5944-03", "B5944-13", "B5944-14", "B5944-53");
    assert_true(a.came);
    octets = a.message->octets;
    assert_int_equal(a.message->length, 20 + 22);
    assert_int_equal(octets[0], 3);
    assert_int_equal(octets_u16(octets + 2), 500);
    assert_memory_equal(octets + 4, r.octets + 4, 8); /* home address, home agent */
    assert_memory_equal(octets + 12, r.octets + 16, 8); /* Identification */
    assert_int_equal(octets[20], 32);
    assert_int_equal(octets[21], 20);
    world_end(w);
}

static void
test_reserved_bits_are_ignored(void **state)
{
    static const uint8_t flags[] = {0x26, 0x23, 0x27};

    (void)state;
    requirement("B5944-05", "D-44");
    for (size_t i = 0; i < sizeof flags; i++)
    {
        world *w = new_world();
        request r = request_new(w, 600, care_of(1));

        r.octets[1] = flags[i];
        assert_int_equal(request_send(w, &r).code, 1);
        world_end(w);
    }
}

/* 1.8, 1.9: cut anywhere it is discarded; nothing is answered that could not be read. */
static void
test_truncated_requests(void **state)
{
    world *w = registered_world(1);
    request r = request_new(w, 600, care_of(1));
    snapshot before = home_agent_state(w);

    (void)state;
    requirement("B5944-06");
    request_multipath(&r, TECHNOLOGY_WLAN, 1, 1, 0);
    r.length = world_sign(r.octets, r.length);
    for (size_t length = 0; length < r.length; length++)
    {
        answer a = octets_send(w, r.source, r.octets, length);

        assert_false(a.came);
        assert_int_not_equal(a.reason, FB_REASON_NONE);
        assert_unchanged(w, &before);
    }
    world_end(w);
}

static void
test_unknown_extensions(void **state)
{
    world *w = new_world();

    (void)state;
    requirement("B5944-07", "B5944-08");
    for (unsigned type = 0; type < 256; type++)
    {
        bool known = type == 0 || (type >= 32 && type <= 34) || type == 44 || type == 131 ||
                     type == 144 || type == 148 || type == 152 || type == 154;
        request r = request_new(w, 600, care_of(1));
        answer a;

        if (known)
        {
            continue;
        }
        request_octets(&r, (const uint8_t[]){(uint8_t)type, 3, 1, 2, 3}, 5);
        a = request_send(w, &r);
        /* Below 128: the message is discarded; from 128 on: the extension is skipped */
        assert_int_equal(a.came, type >= 128);
        assert_int_equal(a.reason, type < 128 ? FB_DROP_UNKNOWN_EXTENSION : FB_REASON_NONE);
    }
    world_end(w);
}

static void
test_padding(void **state)
{
    world *w = new_world();
    request r = request_new(w, 600, care_of(1));

    (void)state;
    requirement("B5944-07");
    request_octets(&r, (const uint8_t[7]){0}, 7); /* Type 0 is one octet, without a Length */
    assert_int_equal(request_send(w, &r).code, 1);
    world_end(w);
}

/* ---- 3.8.2.1: authentication ---- */

static void
test_no_association(void **state)
{
    world *w = new_world();
    request r = request_new(w, 600, care_of(1));
    answer a;

    (void)state;
    requirement("B5944-19");
    put_u32(r.octets + 4, WORLD_HOME_ADDRESS + 1);
    a = request_send(w, &r);
    assert_false(a.came);
    assert_int_equal(a.reason, FB_DROP_NO_SECURITY_ASSOCIATION);
    r = request_new(w, 600, care_of(1));
    r.length = world_sign(r.octets, r.length);
    r.octets[r.length - 17] ^= 0x40; /* an SPI nobody agreed on */
    a = octets_send(w, r.source, r.octets, r.length);
    assert_false(a.came);
    assert_int_equal(a.reason, FB_DROP_NO_SECURITY_ASSOCIATION);
    world_end(w);
}

static void
test_no_authentication(void **state)
{
    world *w = new_world();
    request r = request_new(w, 600, care_of(1));
    answer a = octets_send(w, r.source, r.octets, r.length);

    (void)state;
    requirement("B5944-13", "B5944-19");
    assert_false(a.came);
    assert_int_equal(a.reason, FB_DROP_NO_AUTHENTICATION);
    world_end(w);
}

static void
test_a_bad_authenticator(void **state)
{
    world *w = registered_world(1);
    snapshot before = home_agent_state(w);

    (void)state;
    requirement("B5944-15", "B5944-19");
    /* Every octet it covers, and every octet of itself */
    for (size_t at = 4; at < 46; at++)
    {
        request r = request_new(w, 600, care_of(1));
        bool framing = at >= 4 && at < 8; /* another home address: another node, unknown */
        bool spi = at >= 26 && at < 30;
        answer a;

        r.length = world_sign(r.octets, r.length);
        if (at == 24 || at == 25)
        {
            continue; /* Type and Length: no longer this extension */
        }
        r.octets[at] ^= 0x80;
        a = octets_send(w, r.source, r.octets, r.length);
        assert_int_equal(a.reason,
                         framing || spi ? FB_DROP_NO_SECURITY_ASSOCIATION
                                        : FB_DROP_BAD_AUTHENTICATOR);
        assert_int_equal(a.came, !framing && !spi);
        assert_true(!a.came || a.code == 131);
        assert_unchanged(w, &before);
    }
    world_end(w);
}

/* 3.8.2.1 d: what a foreign agent without an association signs is discarded. */
static void
test_a_foreign_agent_without_association(void **state)
{
    world *w = new_world();
    request r = request_new(w, 600, care_of(1));
    answer a;

    (void)state;
    requirement("B5944-21", "C-18");
    r.length = world_sign(r.octets, r.length);
    request_octets(&r, (const uint8_t[22]){34, 20, 0, 0, 3, 3}, 22);
    a = octets_send(w, r.source, r.octets, r.length);
    assert_false(a.came);
    assert_int_equal(a.reason, FB_DROP_NO_SECURITY_ASSOCIATION);
    assert_bound(w, "");
    world_end(w);
}

/* ---- 3.8.2.2: bindings ---- */

static void
test_what_a_binding_holds(void **state)
{
    world *w = new_world();
    fb_binding_view view;

    (void)state;
    requirement("B5944-48");
    assert_int_equal(register_plain(w, 1, 700).code, 1);
    assert_true(world_binding(w, 0, &view));
    assert_int_equal(view.home_address, WORLD_HOME_ADDRESS);
    assert_int_equal(view.care_of_address, care_of(1));
    assert_int_equal(view.lifetime_s, 700);
    assert_true(view.expires == w->now + 700 * FB_SECOND);
    assert_int_equal(view.label, 0);
    assert_int_equal(register_path(w, 2, 600, 0).code, 0);
    assert_true(world_binding(w, 2, &view));
    assert_int_equal(view.technology, TECHNOLOGY_LTE);
    assert_int_equal(view.label, 2);
    world_end(w);
}

/* How its packets travel belongs to it: encapsulation, far end, and whether that is a foreign agent */
static void
test_what_a_binding_holds_of_its_tunnel(void **state)
{
    static const struct
    {
        uint8_t flags, tunnel;
        bool foreign_agent;
    } cases[] = {
        {0x22, FB_TUNNEL_IPIP, false},
        {0x2a, FB_TUNNEL_GRE, false},
        {0x32, FB_TUNNEL_MINIMAL, false},
        {0x02, FB_TUNNEL_IPIP, true},
        {0x0a, FB_TUNNEL_GRE, true},
    };
    world *w = new_world();

    (void)state;
    requirement("B5944-48");
    for (unsigned i = 0; i < sizeof cases / sizeof cases[0]; i++)
    {
        request r = request_new(w, 600, care_of(1 + i));
        fb_binding_view view;

        r.octets[1] = cases[i].flags;
        assert_int_equal(request_send(w, &r).code, 1);
        assert_true(world_binding(w, 0, &view));
        assert_int_equal(view.tunnel, cases[i].tunnel);
        assert_int_equal(view.tunnel_address, care_of(1 + i));
        assert_int_equal(view.udp_port, 0);
        assert_int_equal(view.foreign_agent, cases[i].foreign_agent);
    }
    world_end(w);
}

static void
test_a_registration_replaces_the_one_before(void **state)
{
    world *w = new_world();
    fb_binding_view view;

    (void)state;
    requirement("B5944-49");
    assert_int_equal(register_plain(w, 1, 700).code, 1);
    assert_int_equal(register_plain(w, 2, 300).code, 1);
    assert_int_equal(world_binding_count(w), 1);
    assert_true(world_binding(w, 0, &view));
    assert_int_equal(view.care_of_address, care_of(2));
    world_end(w);
}

static void
test_deregistrations(void **state)
{
    world *w = new_world();
    request all;
    answer a;

    (void)state;
    requirement("B5944-09", "B5944-49", "C-11");
    assert_int_equal(register_plain(w, 1, 700).code, 1);
    a = register_plain(w, 2, 0); /* a care-of address that is not bound */
    assert_int_equal(a.code, 0);
    assert_int_equal(a.lifetime_s, 0);
    assert_bound(w, "0");
    a = register_plain(w, 1, 0); /* the one that is */
    assert_int_equal(a.code, 0);
    assert_int_equal(a.lifetime_s, 0);
    assert_bound(w, "");
    a = register_plain(w, 1, 0); /* again: nothing there is as good as de-registered */
    assert_int_equal(a.code, 0);
    /* With several bindings: one by its care-of address, all by the home address */
    for (uint8_t bid = 1; bid <= 3; bid++)
    {
        assert_int_equal(register_path(w, bid, 600, 0).code, 0);
    }
    assert_int_equal(register_plain(w, 2, 0).code, 0);
    assert_bound(w, "13");
    all = request_new(w, 0, WORLD_HOME_ADDRESS);
    all.source = care_of(1);
    a = request_send(w, &all);
    assert_int_equal(a.code, 0);
    assert_int_equal(a.lifetime_s, 0);
    assert_bound(w, "");
    world_end(w);
}

static void
test_never_more_than_asked(void **state)
{
    static const struct
    {
        uint16_t asked_s, granted_s;
    } row[] = {{1, 1}, {1799, 1799}, {1800, 1800}, {1801, 1800}, {65534, 1800}, {65535, 1800}};

    (void)state;
    requirement("B5944-11", "B5944-09");
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
    {
        world *w = new_world();

        assert_int_equal(register_plain(w, 1, row[i].asked_s).lifetime_s, row[i].granted_s);
        assert_int_equal(seconds_left(w, 0), row[i].granted_s);
        world_end(w);
    }
}

static void
test_infinity_where_it_is_allowed(void **state)
{
    world_setup setup;
    world *w;

    (void)state;
    requirement("B5944-09");
    world_setup_default(&setup);
    setup.home_agent.home_agent.lifetime_max_s = 0xffff;
    w = world_start(&setup);
    assert_int_equal(register_plain(w, 1, 0xffff).lifetime_s, 0xffff);
    world_run(w, 1000000 * FB_SECOND);
    assert_bound(w, "0");
    world_end(w);
}

/* 3.8.3.2: simultaneous bindings are not supported: Code 1; who registers with RFC 7629 need not hear of it. */
static void
test_simultaneous_bindings(void **state)
{
    (void)state;
    requirement("B5944-50", "D-27");
    for (int s = 0; s < 2; s++)
    {
        for (int multipath = 0; multipath < 2; multipath++)
        {
            world *w = new_world();
            request r = request_new(w, 600, care_of(1));
            fb_binding_view view;

            r.octets[1] |= s != 0 ? 0x80 : 0;
            if (multipath != 0)
            {
                request_multipath(&r, TECHNOLOGY_WLAN, 1, 1, 0);
            }
            assert_int_equal(request_send(w, &r).code, multipath != 0 ? 0 : 1);
            assert_true(world_binding(w, (uint8_t)multipath, &view));
            world_end(w);
        }
    }
}

static void
test_a_binding_expires_without_a_word(void **state)
{
    world *w = new_world();
    size_t replies;

    (void)state;
    requirement("B5944-54");
    assert_int_equal(register_path(w, 1, 60, 0).code, 0);
    assert_int_equal(register_path(w, 2, 600, 0).code, 0);
    replies = world_sent_count(w, false);
    world_run(w, 59 * FB_SECOND);
    assert_bound(w, "12");
    world_run(w, 2 * FB_SECOND);
    assert_bound(w, "2");
    world_run(w, 600 * FB_SECOND);
    assert_bound(w, "");
    assert_int_equal(world_sent_count(w, false), replies);
    world_end(w);
}

/* ---- 3.8.3: the reply ---- */

static void
test_where_the_reply_goes(void **state)
{
    world *w = new_world();
    request r = request_new(w, 600, care_of(1));
    fb_meta meta = {.src = fb_addr_from_ipv4(care_of(2)),
                    .dst = fb_addr_from_ipv4(0xffffffff), /* it came by broadcast */
                    .sport = 4321,
                    .dport = FB_MIP4_PORT,
                    .link = 7,
                    .protocol = UDP};
    const world_message *m;

    (void)state;
    requirement("B5944-52");
    r.length = world_sign(r.octets, r.length);
    assert_int_equal(world_inject(w, true, &meta, r.octets, r.length), FB_REASON_NONE);
    m = world_last(w, false);
    assert_non_null(m);
    /* Addresses and ports the other way round; the source is the home agent's own, unicast */
    assert_int_equal(fb_addr_to_ipv4(&m->meta.src), WORLD_HOME_AGENT);
    assert_int_equal(fb_addr_to_ipv4(&m->meta.dst), care_of(2));
    assert_int_equal(m->meta.sport, FB_MIP4_PORT);
    assert_int_equal(m->meta.dport, 4321);
    assert_int_equal(m->meta.link, 7);
    world_end(w);
}

static void
test_another_home_agent(void **state)
{
    static const fb_ipv4 not_mine[] = {0, WORLD_HOME_AGENT + 1, 0xc00002ffu, 0xffffffffu};
    world *w = new_world();

    (void)state;
    requirement("B5944-51");
    for (size_t i = 0; i < sizeof not_mine / sizeof not_mine[0]; i++)
    {
        request r = request_new(w, 600, care_of(1));
        answer a;

        put_u32(r.octets + 8, not_mine[i]);
        a = request_send(w, &r);
        assert_denied(a, 136, FB_DROP_HOME_AGENT_UNKNOWN);
        assert_int_equal(look_at(a.message).home_agent, WORLD_HOME_AGENT);
        assert_bound(w, "");
    }
    world_end(w);
}

/* "the home agent cannot serve": a home address it knows but does not serve, authenticated and told so */
static void
test_a_node_that_is_suspended(void **state)
{
    world *w = new_world();
    fb_fact fact = {.kind = FB_FACT_SUBSCRIBER_SET,
                    .u.subscriber = {.home_address = WORLD_HOME_ADDRESS,
                                     .association = vectors_association(),
                                     .multipath_allowed = true,
                                     .suspended = true}};
    size_t since;

    (void)state;
    requirement("B5944-51", "B5944-12");
    assert_int_equal(register_path(w, 1, 600, 0).code, 0);
    since = w->events;
    world_fact(w, w->home_agent, &fact);
    assert_bound(w, "");
    assert_int_equal(binding_event(w, since, FB_ROLE_HOME_AGENT, 1, FB_BINDING_DOWN)->cause,
                     FB_CAUSE_ADMINISTRATOR);
    assert_int_equal(world_event(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_INTERCEPT)->count, 0);
    assert_denied(register_path(w, 1, 600, 0), 129, FB_DROP_NOT_SERVED);
    assert_denied(register_path(w, 1, 0, 0), 129, FB_DROP_NOT_SERVED);
    {
        request plain = request_new(w, 600, care_of(1)), elsewhere, forged;

        assert_denied(request_send(w, &plain), 129, FB_DROP_NOT_SERVED);
        /* the order of 3.8.2.1 and 3.8.3.2: who it is, when it was, for whom it is */
        assert_denied(request_send(w, &plain), 133, FB_DROP_IDENTIFICATION);
        elsewhere = request_new(w, 600, care_of(1));
        put_u32(elsewhere.octets + 8, WORLD_HOME_AGENT + 1);
        assert_denied(request_send(w, &elsewhere), 136, FB_DROP_HOME_AGENT_UNKNOWN);
        forged = request_new(w, 600, care_of(1));
        forged.length = world_sign(forged.octets, forged.length);
        forged.octets[forged.length - 1] ^= 1;
        assert_denied(octets_send(w, care_of(1), forged.octets, forged.length),
                      131,
                      FB_DROP_BAD_AUTHENTICATOR);
    }
    fact.u.subscriber.suspended = false;
    world_fact(w, w->home_agent, &fact);
    assert_int_equal(register_path(w, 1, 600, 0).code, 0);
    world_end(w);
}

/* Each refusal has its code of 3.4, and says for whom and to what. */
static void
test_the_codes(void **state)
{
    static const struct
    {
        fb_reason reason;
        uint8_t code;
    } row[] = {{FB_DROP_FLOW_POLICY_NOT_ALLOWED, 129},
               {FB_DROP_RESOURCES, 130},
               {FB_DROP_TOO_MANY_RULES, 130},
               {FB_DROP_BAD_AUTHENTICATOR, 131},
               {FB_DROP_IDENTIFICATION, 133},
               {FB_DROP_RESERVED_BITS, 134},
               {FB_DROP_TOO_MANY_BINDINGS, 135},
               {FB_DROP_HOME_AGENT_UNKNOWN, 136},
               {FB_DROP_REVERSE_TUNNEL_REQUIRED, 138},
               {FB_DROP_ENCAPSULATION_UNSUPPORTED, 139},
               {FB_DROP_NO_SECURITY_ASSOCIATION, 0},
               {FB_DROP_UNKNOWN_EXTENSION, 0},
               {FB_DROP_TRUNCATED, 0}};

    (void)state;
    requirement("B5944-12");
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
    {
        assert_int_equal(fb_reason_reply_code(row[i].reason), row[i].code);
    }
}

/* ---- RFC 3024 4.2, RFC 5944 4.1: tunnels ---- */

static void
test_tunnels_that_are_not_offered(void **state)
{
    world_setup setup;
    world *w;
    request r;
    answer a;

    (void)state;
    requirement("B3024-02", "B5944-60");
    world_setup_default(&setup);
    setup.home_agent.home_agent.gre = false;
    setup.home_agent.home_agent.minimal = false;
    w = world_start(&setup);
    r = request_new(w, 600, care_of(1));
    r.octets[1] = 0x20 | 0x10; /* minimal encapsulation */
    a = request_send(w, &r);
    assert_denied(a, 139, FB_DROP_ENCAPSULATION_UNSUPPORTED);
    r = request_new(w, 600, care_of(1));
    r.octets[1] = 0x20 | 0x08; /* GRE */
    a = request_send(w, &r);
    assert_denied(a, 139, FB_DROP_ENCAPSULATION_UNSUPPORTED);
    r = request_new(w, 600, care_of(1));
    r.octets[1] = 0x20; /* without reverse tunnel: as it likes */
    assert_int_equal(request_send(w, &r).code, 1);
    world_end(w);

    world_setup_default(&setup);
    setup.home_agent.home_agent.require_reverse_tunnel = true;
    w = world_start(&setup);
    r = request_new(w, 600, care_of(1));
    r.octets[1] = 0x20;
    a = request_send(w, &r);
    assert_denied(a, 138, FB_DROP_REVERSE_TUNNEL_REQUIRED);
    assert_int_equal(register_plain(w, 1, 600).code, 1);
    world_end(w);
}

/* ---- RFC 5944 4.2.3, RFC 2003: data ---- */

typedef struct packet
{
    uint8_t octets[48];
} packet;

static packet
new_packet(fb_ipv4 source, fb_ipv4 destination)
{
    packet p = {{0x45, 0, 0, 48, 0, 0, 0, 0, 64, UDP}};

    put_u32(p.octets + 12, source);
    put_u32(p.octets + 16, destination);
    p.octets[20] = SIP >> 8;
    p.octets[21] = SIP & 0xff;
    return p;
}

static fb_action
steer(world *w, fb_agent *agent, packet p)
{
    fb_packet described = {1, p.octets, 48, 48};
    fb_action action;

    assert_int_equal(fb_agent_steer(agent, (fb_ref){0}, &described, w->now), FB_OK);
    assert_true(fb_agent_poll_action(agent, &action, w->now));
    return action;
}

static fb_action
receive(world *w, fb_ipv4 source, uint8_t protocol, packet p)
{
    fb_meta outer = {.src = fb_addr_from_ipv4(source),
                     .dst = fb_addr_from_ipv4(WORLD_HOME_AGENT),
                     .protocol = protocol};
    fb_packet described = {1, p.octets, 48, 48};
    fb_action action;

    assert_int_equal(fb_agent_receive(w->home_agent, &outer, &described, w->now), FB_OK);
    assert_true(fb_agent_poll_action(w->home_agent, &action, w->now));
    return action;
}

static void
test_packets_for_a_bound_home_address(void **state)
{
    world *w = registered_world(1);
    packet p = new_packet(WORLD_CORRESPONDENT, WORLD_HOME_ADDRESS);
    fb_action action = steer(w, w->home_agent, p);
    uint32_t sum = 0;

    (void)state;
    requirement("B5944-55", "B2003-01");
    assert_int_equal(action.kind, FB_SEND);
    assert_int_equal(action.outer_len, 20);
    assert_int_equal(action.outer[0], 0x45);
    assert_int_equal(octets_u16(action.outer + 2), 68);
    assert_int_equal(action.outer[9], 4);
    assert_int_equal(octets_u32(action.outer + 12), WORLD_HOME_AGENT);
    assert_int_equal(octets_u32(action.outer + 16), care_of(1));
    for (size_t i = 0; i < 20; i += 2)
    {
        sum += octets_u16(action.outer + i);
    }
    assert_int_equal((sum & 0xffff) + (sum >> 16), 0xffff);
    world_end(w);
}

/* The host intercepts from the first binding of the node to its last, and is told once each. */
static void
test_interception(void **state)
{
    world *w = new_world();
    packet p = new_packet(WORLD_CORRESPONDENT, WORLD_HOME_ADDRESS);
    size_t since = w->events;
    const fb_event *told;

    (void)state;
    requirement("B5944-55", "C-10");
    assert_int_equal(steer(w, w->home_agent, p).reason, FB_DROP_NO_BINDING);
    assert_int_equal(register_path(w, 1, 600, 0).code, 0);
    assert_int_equal(register_path(w, 2, 600, 0).code, 0);
    assert_int_equal(register_path(w, 3, 600, FLAG_O).code, 0);
    assert_int_equal(register_plain(w, 4, 600).code, 1);
    assert_int_equal(events_of(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_INTERCEPT, 0), 1);
    told = world_event(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_INTERCEPT);
    assert_int_equal(told->count, 1);
    since = w->events;
    assert_int_equal(register_plain(w, 4, 0).code, 0);
    told = world_event(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_INTERCEPT);
    assert_non_null(told);
    assert_int_equal(told->count, 0);
    assert_int_equal(steer(w, w->home_agent, p).reason, FB_DROP_NO_BINDING);
    world_end(w);
}

/* RFC 2003 3.1: TOS copied, DF copied if set, TTL of its own; the inner header is the host's to forward. */
static void
test_the_outer_header(void **state)
{
    world *w = registered_world(1);
    packet p = new_packet(WORLD_CORRESPONDENT, WORLD_HOME_ADDRESS);
    fb_action action;

    (void)state;
    requirement("B2003-01");
    for (unsigned tos = 0; tos < 256; tos += 5)
    {
        p.octets[1] = (uint8_t)tos;
        p.octets[6] = tos % 2 == 0 ? 0x40 : 0;
        p.octets[8] = (uint8_t)(1 + tos % 200);
        action = steer(w, w->home_agent, p);
        assert_int_equal(action.outer[1], tos);
        assert_int_equal(action.outer[6] & 0x40, p.octets[6]);
        assert_int_equal(action.outer[8], 64);
        assert_int_equal(action.strip, 0);
    }
    p.octets[8] = 0;
    assert_int_equal(steer(w, w->home_agent, p).reason, FB_DROP_TTL);
    world_end(w);
}

static void
test_loops(void **state)
{
    world *w = registered_world(3);
    fb_action action;

    (void)state;
    requirement("B2003-02", "B5944-56");
    action = steer(w, w->home_agent, new_packet(WORLD_HOME_AGENT, WORLD_HOME_ADDRESS));
    assert_int_equal(action.reason, FB_DROP_LOOP);
    for (uint32_t link = 1; link <= 3; link++)
    {
        packet p = new_packet(care_of(link), WORLD_HOME_ADDRESS);

        p.octets[9] = 4; /* tunnelled once already, by the node itself */
        assert_int_equal(steer(w, w->home_agent, p).reason, FB_DROP_LOOP);
    }
    world_end(w);
}

/* RFC 3024 4.3 */
static void
test_reverse_tunnelled_packets(void **state)
{
    world *w = registered_world(2);
    packet good = new_packet(WORLD_HOME_ADDRESS, WORLD_CORRESPONDENT);
    packet spoofed = new_packet(WORLD_HOME_ADDRESS + 1, WORLD_CORRESPONDENT);
    uint64_t before = fb_agent_counter(w->home_agent, FB_DROP_TUNNEL_INNER_SOURCE);

    (void)state;
    requirement("B3024-04", "B3024-01");
    for (uint32_t link = 1; link <= 2; link++)
    {
        fb_action action = receive(w, care_of(link), 4, good);

        assert_int_equal(action.kind, FB_DELIVER);
        assert_int_equal(action.path.bid, link);
        assert_int_equal(receive(w, care_of(link), 4, spoofed).reason, FB_DROP_TUNNEL_INNER_SOURCE);
    }
    assert_int_equal(receive(w, care_of(3), 4, good).reason, FB_DROP_TUNNEL_SOURCE);
    assert_int_equal(receive(w, care_of(1), 50, good).reason, FB_DROP_TUNNEL_PROTOCOL);
    assert_int_equal(fb_agent_counter(w->home_agent, FB_DROP_TUNNEL_INNER_SOURCE), before + 2);
    administrator(w, FB_FACT_DEREGISTER, 2);
    world_run(w, FB_SECOND);
    assert_int_equal(receive(w, care_of(2), 4, good).reason, FB_DROP_TUNNEL_SOURCE);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_messages_are_dropped),
        cmocka_unit_test(test_the_formats),
        cmocka_unit_test(test_reserved_bits_are_ignored),
        cmocka_unit_test(test_truncated_requests),
        cmocka_unit_test(test_unknown_extensions),
        cmocka_unit_test(test_padding),
        cmocka_unit_test(test_no_association),
        cmocka_unit_test(test_no_authentication),
        cmocka_unit_test(test_a_bad_authenticator),
        cmocka_unit_test(test_a_foreign_agent_without_association),
        cmocka_unit_test(test_what_a_binding_holds),
        cmocka_unit_test(test_what_a_binding_holds_of_its_tunnel),
        cmocka_unit_test(test_a_registration_replaces_the_one_before),
        cmocka_unit_test(test_deregistrations),
        cmocka_unit_test(test_never_more_than_asked),
        cmocka_unit_test(test_infinity_where_it_is_allowed),
        cmocka_unit_test(test_simultaneous_bindings),
        cmocka_unit_test(test_a_binding_expires_without_a_word),
        cmocka_unit_test(test_where_the_reply_goes),
        cmocka_unit_test(test_another_home_agent),
        cmocka_unit_test(test_a_node_that_is_suspended),
        cmocka_unit_test(test_the_codes),
        cmocka_unit_test(test_tunnels_that_are_not_offered),
        cmocka_unit_test(test_packets_for_a_bound_home_address),
        cmocka_unit_test(test_interception),
        cmocka_unit_test(test_the_outer_header),
        cmocka_unit_test(test_loops),
        cmocka_unit_test(test_reverse_tunnelled_packets),
    };

    return cmocka_run_group_tests_name("rfc5944_3_8_home_agent", tests, NULL, NULL);
}
