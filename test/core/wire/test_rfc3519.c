/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * UDP Tunnel Request and Reply (RFC 3519 3.1, 3.2) and the keepalive (4.9), octet by octet and damaged.
 */

#include "cmocka_setup.h"
#include "requirement.h"
#include "vectors.h"
#include "wire/rfc3519.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t forced[] = {144, 6, 0, 0, 0x80, 47, 0, 0};
static const uint8_t nothing[1];
static const uint8_t assent[] = {44, 6, 0, 0, 0x80, 0, 0x01, 0x2c};

/** A request of 24 octets of fixed part, @p before, an authentication nobody verifies here, and @p behind. */
static fb_mip4_message
message_of(uint8_t octets[128],
           const uint8_t *before,
           size_t before_length,
           const uint8_t *behind,
           size_t behind_length)
{
    fb_mip4_message message;
    size_t length = 24;

    memset(octets, 0, 128);
    octets[0] = FB_MIP4_REQUEST;
    memcpy(octets + length, before, before_length);
    length += before_length;
    octets[length] = FB_EXT_MOBILE_HOME_AUTHENTICATION;
    octets[length + 1] = 20;
    length += 22;
    memcpy(octets + length, behind, behind_length);
    length += behind_length;
    assert_int_equal(fb_mip4_walk(&message, octets, length), FB_REASON_NONE);
    return message;
}

static void
test_request_octets(void **state)
{
    static const struct
    {
        fb_udp_tunnel_request request;
        uint8_t octets[8];
    } row[] = {
        {{.encapsulation = FB_UDP_TUNNEL_AS_FLAGS}, {144, 6, 0, 0, 0, 0, 0, 0}},
        {{.force = true, .encapsulation = FB_UDP_TUNNEL_GRE}, {144, 6, 0, 0, 0x80, 47, 0, 0}},
        {{.through_agent = true, .encapsulation = FB_UDP_TUNNEL_MINIMAL},
         {144, 6, 0, 0, 0x40, 55, 0, 0}},
        {{.force = true, .through_agent = true, .encapsulation = FB_UDP_TUNNEL_IPIP},
         {144, 6, 0, 0, 0xc0, 4, 0, 0}},
    };

    (void)state;
    requirement("B5944-08"); /* RFC 5944 1.11: Type, Length 1 + data, Sub-Type */
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
    {
        uint8_t octets[8];
        fb_writer writer = fb_writer_over(octets, sizeof octets);
        fb_udp_tunnel_request read;

        fb_udp_tunnel_request_write(&writer, &row[i].request);
        assert_false(writer.failed);
        assert_int_equal(writer.position, 8);
        assert_memory_equal(octets, row[i].octets, 8);
        assert_true(fb_udp_tunnel_request_decode(&read, row[i].octets + 2, 6));
        assert_int_equal(read.force, row[i].request.force);
        assert_int_equal(read.through_agent, row[i].request.through_agent);
        assert_int_equal(read.encapsulation, row[i].request.encapsulation);
    }
}

static void
test_reply_octets(void **state)
{
    static const struct
    {
        fb_udp_tunnel_reply reply;
        uint8_t octets[8];
    } row[] = {
        {{.code = 0, .keepalive_s = 110}, {44, 6, 0, 0, 0, 0, 0, 110}},
        {{.code = 0, .forced = true, .keepalive_s = 0xfedc}, {44, 6, 0, 0, 0x80, 0, 0xfe, 0xdc}},
        {{.code = 64}, {44, 6, 0, 64, 0, 0, 0, 0}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
    {
        uint8_t octets[8];
        fb_writer writer = fb_writer_over(octets, sizeof octets);
        fb_udp_tunnel_reply read;

        fb_udp_tunnel_reply_write(&writer, &row[i].reply);
        assert_false(writer.failed);
        assert_int_equal(writer.position, 8);
        assert_memory_equal(octets, row[i].octets, 8);
        assert_true(fb_udp_tunnel_reply_decode(&read, row[i].octets + 2, 6));
        assert_int_equal(read.code, row[i].reply.code);
        assert_int_equal(read.forced, row[i].reply.forced);
        assert_int_equal(read.keepalive_s, row[i].reply.keepalive_s);
    }
}

/* A writer with too little room says so and writes nothing beyond it. */
static void
test_too_little_room(void **state)
{
    const fb_udp_tunnel_request request = {.force = true};
    const fb_udp_tunnel_reply reply = {.keepalive_s = 110};
    const fb_udp_keepalive keepalive = {.tunnel = FB_TUNNEL_GRE};

    (void)state;
    for (size_t room = 0; room < 36; room++)
    {
        uint8_t *octets = malloc(room > 0 ? room : 1);
        fb_writer writer = fb_writer_over(octets, room);

        assert_non_null(octets);
        fb_udp_keepalive_write(&writer, &keepalive);
        assert_true(writer.failed);
        if (room < 8)
        {
            writer = fb_writer_over(octets, room);
            fb_udp_tunnel_request_write(&writer, &request);
            assert_true(writer.failed);
            writer = fb_writer_over(octets, room);
            fb_udp_tunnel_reply_write(&writer, &reply);
            assert_true(writer.failed);
        }
        free(octets);
    }
}

/* RFC 3519 3.1.3: Reserved 1 and 2 are ignored, Reserved 3 is not; another Sub-Type is another extension. */
static void
test_every_bit_of_a_request(void **state)
{
    (void)state;
    for (size_t bit = 0; bit < 48; bit++)
    {
        uint8_t body[6];
        fb_udp_tunnel_request read;
        bool understood = bit / 8 != 0 && bit / 8 < 4;

        memcpy(body, forced + 2, sizeof body);
        body[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
        assert_int_equal(fb_udp_tunnel_request_decode(&read, body, sizeof body), understood);
        if (understood)
        {
            assert_int_equal(read.force, bit != 16);
            assert_int_equal(read.through_agent, bit == 17);
            assert_int_equal(read.encapsulation, body[3]);
        }
    }
}

static void
test_every_bit_of_a_reply(void **state)
{
    (void)state;
    for (size_t bit = 0; bit < 48; bit++)
    {
        uint8_t body[6];
        fb_udp_tunnel_reply read;

        memcpy(body, assent + 2, sizeof body);
        body[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
        assert_int_equal(fb_udp_tunnel_reply_decode(&read, body, sizeof body), bit >= 8);
        if (bit >= 8)
        {
            assert_int_equal(read.code, body[1]);
            assert_int_equal(read.forced, bit != 16);
            assert_int_equal(read.keepalive_s, body[4] << 8 | body[5]);
        }
    }
}

/* Cut anywhere: not understood, and nothing behind the end is read. */
static void
test_truncated_bodies(void **state)
{
    (void)state;
    for (size_t length = 0; length < 6; length++)
    {
        uint8_t *body = vectors_copy(forced + 2, length);
        fb_udp_tunnel_request request;
        fb_udp_tunnel_reply reply;

        assert_false(fb_udp_tunnel_request_decode(&request, body, length));
        assert_false(fb_udp_tunnel_reply_decode(&reply, body, length));
        free(body);
    }
}

static void
test_where_a_request_is_found(void **state)
{
    static const uint8_t later[] = {144, 6, 0, 0, 0x80, 47, 0, 1};
    static const uint8_t both[] = {144, 6, 0, 0, 0, 4, 1, 0, 144, 6, 0, 0, 0x80, 55, 0, 0};
    uint8_t octets[128];
    fb_mip4_message message = message_of(octets, forced, 8, nothing, 0);
    fb_udp_tunnel_request request;

    (void)state;
    assert_int_equal(fb_udp_tunnel_request_find(&request, &message), FB_UDP_TUNNEL_AUTHENTICATED);
    assert_true(request.force);
    assert_int_equal(request.encapsulation, 47);
    message = message_of(octets, nothing, 0, forced, 8);
    assert_int_equal(fb_udp_tunnel_request_find(&request, &message), FB_UDP_TUNNEL_BEHIND);
    message = message_of(octets, nothing, 0, nothing, 0);
    assert_int_equal(fb_udp_tunnel_request_find(&request, &message), FB_UDP_TUNNEL_ABSENT);
    message = message_of(octets, later, 8, nothing, 0);
    assert_int_equal(fb_udp_tunnel_request_find(&request, &message), FB_UDP_TUNNEL_ABSENT);
    /* One for somebody newer, and one for us */
    message = message_of(octets, both, 16, nothing, 0);
    assert_int_equal(fb_udp_tunnel_request_find(&request, &message), FB_UDP_TUNNEL_AUTHENTICATED);
    assert_int_equal(request.encapsulation, 55);
}

static void
test_a_length_that_is_not_six(void **state)
{
    (void)state;
    for (uint8_t length = 0; length < 12; length++)
    {
        uint8_t octets[128], extension[16] = {144, length};
        fb_mip4_message message;
        fb_udp_tunnel_request request;
        fb_udp_tunnel_reply reply;

        message = message_of(octets, extension, 2u + length, nothing, 0);
        assert_int_equal(fb_udp_tunnel_request_find(&request, &message),
                         length == 6 ? FB_UDP_TUNNEL_AUTHENTICATED : FB_UDP_TUNNEL_MALFORMED);
        extension[0] = 44;
        message = message_of(octets, extension, 2u + length, nothing, 0);
        assert_int_equal(fb_udp_tunnel_reply_find(&reply, &message),
                         length == 6 ? FB_UDP_TUNNEL_AUTHENTICATED : FB_UDP_TUNNEL_MALFORMED);
    }
}

/* Behind the authentication nobody vouches for a reply; in front of it, it may not be skipped. */
static void
test_where_a_reply_is_found(void **state)
{
    static const uint8_t unknown[] = {44, 6, 1, 0, 0, 0, 0, 110};
    uint8_t octets[128];
    fb_mip4_message message = message_of(octets, assent, 8, unknown, 8);
    fb_udp_tunnel_reply reply;

    (void)state;
    assert_int_equal(fb_udp_tunnel_reply_find(&reply, &message), FB_UDP_TUNNEL_AUTHENTICATED);
    assert_int_equal(reply.keepalive_s, 300);
    message = message_of(octets, nothing, 0, assent, 8);
    assert_int_equal(fb_udp_tunnel_reply_find(&reply, &message), FB_UDP_TUNNEL_ABSENT);
    message = message_of(octets, unknown, 8, assent, 8);
    assert_int_equal(fb_udp_tunnel_reply_find(&reply, &message), FB_UDP_TUNNEL_MALFORMED);
}

/* RFC 792 and RFC 791 by hand; the checksums were computed apart from this library. */
static void
test_keepalive_octets(void **state)
{
    static const uint8_t header[] = {0x04, 0x04, 0x00, 0x00};
    static const uint8_t gre[] = {0x04, 0x2f, 0x00, 0x00, 0x00, 0x00, 0x08, 0x00};
    static const uint8_t packet[] = {0x45, 0x00, 0x00, 0x1c, 0x00, 0x07, 0x00, 0x00, 0x40, 0x01,
                                     0x8e, 0x9b, 198,  51,   100,  10,   192,  0,    2,    1,
                                     8,    0,    0xf7, 0xf6, 0,    2,    0,    7};
    fb_udp_keepalive keepalive = {.home_address = 0xc633640au,
                                  .home_agent = 0xc0000201u,
                                  .identifier = 2,
                                  .sequence = 7};
    uint8_t octets[64];

    (void)state;
    for (uint8_t tunnel = 0; tunnel < FB_TUNNEL_COUNT; tunnel++)
    {
        bool in_gre = tunnel == FB_TUNNEL_GRE;
        size_t front = in_gre ? sizeof gre : sizeof header;
        fb_writer writer = fb_writer_over(octets, sizeof octets);

        keepalive.tunnel = tunnel;
        fb_udp_keepalive_write(&writer, &keepalive);
        assert_false(writer.failed);
        assert_int_equal(writer.position, front + sizeof packet);
        assert_memory_equal(octets, in_gre ? gre : header, front);
        assert_memory_equal(octets + front, packet, sizeof packet);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request_octets),
        cmocka_unit_test(test_reply_octets),
        cmocka_unit_test(test_too_little_room),
        cmocka_unit_test(test_every_bit_of_a_request),
        cmocka_unit_test(test_every_bit_of_a_reply),
        cmocka_unit_test(test_truncated_bodies),
        cmocka_unit_test(test_where_a_request_is_found),
        cmocka_unit_test(test_a_length_that_is_not_six),
        cmocka_unit_test(test_where_a_reply_is_found),
        cmocka_unit_test(test_keepalive_octets),
    };

    return cmocka_run_group_tests_name("wire/rfc3519", tests, NULL, NULL);
}
