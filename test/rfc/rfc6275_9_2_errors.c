/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RFC 6275 9.2: Mobility Headers that cannot be processed, at a gateway and at an anchor: silence, a Binding Error, or
 * an ICMPv6 Parameter Problem.
 */
#include "proxy_pair.h"

#include <string.h>

#include "requirement.h"

#define MOBILITY 135
#define ICMPV6 58

static proxy_pair *
start(void)
{
    proxy_setup setup;

    proxy_setup_default(&setup);
    return proxy_registered(&setup, "1");
}

/** The checksum of RFC 6275 6.1.1, put into @p octets. */
static void
seal(const fb_meta *meta, uint8_t *octets, size_t length)
{
    uint8_t whole[40 + 256] = {0};
    uint16_t sum;

    octets[4] = octets[5] = 0;
    memcpy(whole, meta->src.octet, 16);
    memcpy(whole + 16, meta->dst.octet, 16);
    whole[35] = (uint8_t)length;
    whole[39] = MOBILITY;
    memcpy(whole + 40, octets, length);
    sum = (uint16_t)~data_sum(whole, 40 + length);
    octets[4] = (uint8_t)(sum >> 8);
    octets[5] = (uint8_t)sum;
}

/** From the other one of the two. */
static fb_meta
meta_for(const proxy_pair *w, const fb_agent *agent)
{
    bool to_gateway = agent == w->gateway;
    fb_meta meta = {.src = to_gateway ? proxy_address(0x0f) : w->link[PROXY_LTE].address,
                    .dst = to_gateway ? w->link[PROXY_LTE].address : proxy_address(0x0f),
                    .link = to_gateway ? PROXY_LTE : 0,
                    .protocol = MOBILITY,
                    .ttl = 61};

    return meta;
}

/** A header of 8 octets more than @p blocks blocks of 8, of MH Type @p type, sealed. */
static size_t
make(const fb_meta *meta, uint8_t octets[64], uint8_t type, uint8_t blocks)
{
    size_t length = 8 + 8u * blocks;

    memset(octets, 0, 64);
    octets[0] = 59;
    octets[1] = blocks;
    octets[2] = type;
    seal(meta, octets, length);
    return length;
}

/** Gives it to @p agent without letting anybody take what it answers. */
static int
hear(proxy_pair *w, fb_agent *agent, const fb_meta *meta, const uint8_t *octets, size_t length)
{
    return fb_agent_input(agent, meta, octets, length, w->now);
}

static void
assert_silent(proxy_pair *w, fb_agent *agent)
{
    uint8_t out[1500];
    fb_meta meta;

    assert_int_equal(proxy_output(w, agent, &meta, out), 0);
}

/** Octet for octet: a Binding Error of Status 2 without a home address, back to where @p heard came from. */
static void
assert_binding_error(proxy_pair *w, fb_agent *agent, const fb_meta *heard)
{
    uint8_t expected[24] = {59, 2, 7, 0, 0, 0, 2, 0}, out[1500];
    fb_meta meta;

    assert_int_equal(proxy_output(w, agent, &meta, out), 24);
    assert_int_equal(meta.protocol, MOBILITY);
    assert_memory_equal(meta.src.octet, heard->dst.octet, 16);
    assert_memory_equal(meta.dst.octet, heard->src.octet, 16);
    assert_int_equal(meta.link, heard->link);
    seal(&meta, expected, 24);
    assert_memory_equal(out, expected, 24);
    assert_silent(w, agent);
}

/* "MH Type ... unknown ... the node MUST issue a Binding Error message with Status 2" */
static void
test_unknown_type(void **state)
{
    static const uint8_t types[] = {20, 99, 255};
    proxy_pair *w = start();
    fb_agent *const agents[] = {w->gateway, w->anchor};
    uint8_t octets[64];

    (void)state;
    requirement("B6275-01");
    for (size_t i = 0; i < 2 * sizeof types; i++)
    {
        fb_agent *agent = agents[i % 2];
        fb_meta meta = meta_for(w, agent);
        size_t length = make(&meta, octets, types[i / 2], 1);

        assert_int_equal(hear(w, agent, &meta, octets, length), FB_DROP_MH_TYPE);
        assert_binding_error(w, agent, &meta);
        proxy_run(w, FB_SECOND);
    }
    assert_proxy_bids(w, FB_ROLE_MAG, "1");
    assert_proxy_bids(w, FB_ROLE_LMA, "1");
    proxy_end(w);
}

/* 6.1.9: "a Binding Error message is not sent in answer to one"; nor is one to a group of nodes */
static void
test_no_error_about_errors(void **state)
{
    proxy_pair *w = start();
    fb_agent *const agents[] = {w->gateway, w->anchor};
    uint8_t octets[64];

    (void)state;
    requirement("B6275-01");
    for (size_t i = 0; i < 2; i++)
    {
        fb_meta meta = meta_for(w, agents[i]);
        size_t length = make(&meta, octets, 7, 2);

        octets[6] = 2;
        seal(&meta, octets, length);
        assert_int_not_equal(hear(w, agents[i], &meta, octets, length), FB_DROP_MH_TYPE);
        assert_silent(w, agents[i]);
        meta.dst.octet[0] = 0xff;
        length = make(&meta, octets, 99, 1);
        assert_int_equal(hear(w, agents[i], &meta, octets, length), FB_DROP_MH_TYPE);
        assert_silent(w, agents[i]);
    }
    proxy_end(w);
}

/* They are rare: whoever sends one hundred gets a few (RFC 4443 2.4 f) */
static void
test_errors_are_limited(void **state)
{
    proxy_pair *w = start();
    unsigned errors = 0, problems = 0;

    (void)state;
    requirement("B6275-01");
    for (unsigned i = 0; i < 100; i++)
    {
        fb_meta meta = meta_for(w, w->anchor), sent;
        uint8_t octets[64], out[1500];
        size_t length = make(&meta, octets, 99, 1);

        w->now += 10 * FB_MILLISECOND;
        assert_int_equal(hear(w, w->anchor, &meta, octets, length), FB_DROP_MH_TYPE);
        errors += proxy_output(w, w->anchor, &sent, out) > 0;
        octets[2] = 5;
        octets[0] = 6;
        seal(&meta, octets, length);
        assert_int_equal(hear(w, w->anchor, &meta, octets, length), FB_DROP_MH_PAYLOAD_PROTO);
        problems += proxy_output(w, w->anchor, &sent, out) > 0;
    }
    assert_in_range(errors, 9, 11);
    assert_in_range(problems, 9, 11);
    proxy_end(w);
}

/** A Parameter Problem, Code 0, whose Pointer is @p pointer, about the packet @p octets came in. */
static void
assert_parameter_problem(proxy_pair *w,
                         fb_agent *agent,
                         const fb_meta *heard,
                         const uint8_t *octets,
                         size_t length,
                         uint8_t pointer)
{
    const uint8_t front[] = {4, 0}, place[] = {0, 0, 0, pointer};
    const uint8_t ipv6[] = {0x60, 0, 0, 0, 0, (uint8_t)length, MOBILITY, 61};
    uint8_t out[1500];
    fb_meta meta;
    size_t sent = proxy_output(w, agent, &meta, out);

    assert_int_equal(sent, 8 + 40 + length);
    assert_int_equal(meta.protocol, ICMPV6);
    assert_memory_equal(meta.dst.octet, heard->src.octet, 16);
    assert_memory_equal(out, front, sizeof front);
    assert_memory_equal(out + 4, place, sizeof place);
    assert_memory_equal(out + 8, ipv6, sizeof ipv6);
    assert_memory_equal(out + 16, heard->src.octet, 16);
    assert_memory_equal(out + 32, heard->dst.octet, 16);
    assert_memory_equal(out + 48, octets, length);
    assert_silent(w, agent);
}

/* "Payload Proto ... MUST be IPPROTO_NONE (59) ... ICMP Parameter Problem, Code 0 ... pointer": octet 40 */
static void
test_payload_proto(void **state)
{
    proxy_pair *w = start();
    fb_agent *const agents[] = {w->gateway, w->anchor};
    uint8_t octets[64];

    (void)state;
    requirement("B6275-01");
    for (size_t i = 0; i < 2; i++)
    {
        fb_meta meta = meta_for(w, agents[i]);
        size_t length = make(&meta, octets, i == 0 ? 6 : 5, 1);

        octets[0] = 6;
        seal(&meta, octets, length);
        assert_int_equal(hear(w, agents[i], &meta, octets, length), FB_DROP_MH_PAYLOAD_PROTO);
        assert_parameter_problem(w, agents[i], &meta, octets, length, 40);
    }
    proxy_end(w);
}

/* "Header Len ... MUST NOT be less than the length specified for this particular type": pointer to it, octet 41 */
static void
test_header_length(void **state)
{
    proxy_pair *w = start();
    fb_agent *const agents[] = {w->gateway, w->anchor};
    uint8_t octets[64];

    (void)state;
    requirement("B6275-01");
    for (size_t i = 0; i < 2; i++)
    {
        fb_meta meta = meta_for(w, agents[i]);
        size_t length = make(&meta, octets, i == 0 ? 6 : 5, 0);

        assert_int_equal(hear(w, agents[i], &meta, octets, length), FB_DROP_MH_LENGTH);
        assert_parameter_problem(w, agents[i], &meta, octets, length, 41);
    }
    proxy_end(w);
}

/* "The checksum must be verified ... Otherwise ... silently": whatever else is wrong */
static void
test_checksum(void **state)
{
    proxy_pair *w = start();
    fb_agent *const agents[] = {w->gateway, w->anchor};
    uint8_t octets[64];

    (void)state;
    requirement("B6275-01");
    for (size_t i = 0; i < 2; i++)
    {
        fb_meta meta = meta_for(w, agents[i]);
        size_t length;

        for (unsigned wrong = 0; wrong < 3; wrong++)
        {
            length = make(&meta, octets, wrong == 1 ? 99 : 5, wrong == 2 ? 0 : 1);
            octets[0] = wrong == 0 ? 6 : 59;
            octets[4] ^= 1;
            assert_int_equal(hear(w, agents[i], &meta, octets, length), FB_DROP_MH_CHECKSUM);
            assert_silent(w, agents[i]);
        }
    }
    proxy_end(w);
}

/* RFC 5844 4.1.3: over IPv4 there is no such header to point at; a Binding Error goes back in UDP */
static void
test_over_ipv4(void **state)
{
    proxy_pair *w = start();
    fb_meta meta = {.src = fb_addr_from_ipv4(PROXY_GATEWAY_IPV4),
                    .dst = fb_addr_from_ipv4(PROXY_ANCHOR_IPV4),
                    .sport = 40001,
                    .dport = FB_PMIP_CONTROL_PORT,
                    .protocol = 17};
    fb_meta sent;
    uint8_t octets[64] = {6, 1, 5}, out[1500];
    const uint8_t expected[24] = {59, 2, 7, 0, 0, 0, 2, 0};

    (void)state;
    requirement("B6275-01", "B5844-03");
    assert_int_equal(hear(w, w->anchor, &meta, octets, 16), FB_DROP_MH_PAYLOAD_PROTO);
    assert_silent(w, w->anchor);
    octets[0] = 59;
    octets[2] = 99;
    assert_int_equal(hear(w, w->anchor, &meta, octets, 16), FB_DROP_MH_TYPE);
    assert_int_equal(proxy_output(w, w->anchor, &sent, out), 24);
    assert_memory_equal(out, expected, 24);
    assert_int_equal(sent.protocol, 17);
    assert_int_equal(sent.sport, FB_PMIP_CONTROL_PORT);
    assert_int_equal(sent.dport, 40001);
    assert_int_equal(fb_addr_to_ipv4(&sent.dst), PROXY_GATEWAY_IPV4);
    proxy_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unknown_type),
        cmocka_unit_test(test_no_error_about_errors),
        cmocka_unit_test(test_errors_are_limited),
        cmocka_unit_test(test_payload_proto),
        cmocka_unit_test(test_header_length),
        cmocka_unit_test(test_checksum),
        cmocka_unit_test(test_over_ipv4),
    };

    return cmocka_run_group_tests_name("rfc6275/9.2-errors", tests, NULL, NULL);
}
