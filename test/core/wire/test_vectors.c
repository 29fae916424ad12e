/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Every octet-exact message: decoded, every field compared with what the vector file says is at that place, encoded
 * again and compared octet for octet. The negative ones give the reason and reply code the vector file states.
 */

#include "cmocka_setup.h"
#include "requirement.h"
#include "vectors.h"
#include "wire/ipv4.h"
#include "wire/mobile_ipv4.h"
#include "wire/traffic_selector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RULES_MAX 8

static test_vectors *vectors;

/** All a message says, in the core's own structs. */
typedef struct decoded_message
{
    fb_mip4_message message;
    fb_multipath multipath;
    bool has_multipath;
    fb_rule rule[RULES_MAX];
    size_t rule_count;
} decoded_message;

/** Where a field of a vector is found in a struct. */
typedef struct place
{
    const char *name;
    size_t offset, size;
} place;

#define PLACE(name, type, member)                                 \
    {                                                             \
        name, offsetof(type, member), sizeof(((type *)0)->member) \
    }

static const place fixed_places[] = {
    PLACE("Type", fb_mip4_fixed, type),
    PLACE("Flags", fb_mip4_fixed, flags),
    PLACE("Code", fb_mip4_fixed, code),
    PLACE("Lifetime", fb_mip4_fixed, lifetime_s),
    PLACE("Home Address", fb_mip4_fixed, home_address),
    PLACE("Home Agent", fb_mip4_fixed, home_agent),
    PLACE("Care-of Address", fb_mip4_fixed, care_of_address),
    {NULL, 0, 0},
};

static const place multipath_places[] = {
    PLACE("If-ATT", fb_multipath, technology),
    PLACE("If-Label", fb_multipath, label),
    PLACE("BID", fb_multipath, bid),
    {NULL, 0, 0},
};

static const place rule_places[] = {
    PLACE("Action", fb_rule, action),
    PLACE("BID Count", fb_rule, bid_count),
    {NULL, 0, 0},
};

static const place selector4_places[] = {
    PLACE("Flags", fb_selector4, present),
    PLACE("(A)Start Source Address", fb_selector4, source_start),
    PLACE("(B)End Source Address", fb_selector4, source_end),
    PLACE("(C)Start Destination Address", fb_selector4, destination_start),
    PLACE("(D)End Destination Address", fb_selector4, destination_end),
    PLACE("(E)Start IPsec SPI", fb_selector4, spi_start),
    PLACE("(F)End IPsec SPI", fb_selector4, spi_end),
    PLACE("(G)Start Source Port", fb_selector4, source_port_start),
    PLACE("(H)End Source Port", fb_selector4, source_port_end),
    PLACE("(I)Start Destination Port", fb_selector4, destination_port_start),
    PLACE("(J)End Destination Port", fb_selector4, destination_port_end),
    PLACE("(K)Start DS", fb_selector4, ds_start),
    PLACE("(L)End DS", fb_selector4, ds_end),
    PLACE("(M)Start Protocol", fb_selector4, protocol_start),
    PLACE("(N)End Protocol", fb_selector4, protocol_end),
    {NULL, 0, 0},
};

static const place selector6_places[] = {
    PLACE("Flags", fb_selector6, present),
    PLACE("(A)Start Source Address", fb_selector6, source_start),
    PLACE("(B)End Source Address", fb_selector6, source_end),
    PLACE("(C)Start Destination Address", fb_selector6, destination_start),
    PLACE("(D)End Destination Address", fb_selector6, destination_end),
    PLACE("(E)Start IPsec SPI", fb_selector6, spi_start),
    PLACE("(F)End IPsec SPI", fb_selector6, spi_end),
    PLACE("(G)Start Flow Label", fb_selector6, flow_label_start),
    PLACE("(H)End Flow Label", fb_selector6, flow_label_end),
    PLACE("(I)Start Source Port", fb_selector6, source_port_start),
    PLACE("(J)End Source Port", fb_selector6, source_port_end),
    PLACE("(K)Start Destination Port", fb_selector6, destination_port_start),
    PLACE("(L)End Destination Port", fb_selector6, destination_port_end),
    PLACE("(M)Start TC", fb_selector6, traffic_class_start),
    PLACE("(N)End TC", fb_selector6, traffic_class_end),
    PLACE("(O)Start NH", fb_selector6, next_header_start),
    PLACE("(P)End NH", fb_selector6, next_header_end),
    {NULL, 0, 0},
};

/** The number of @p size octets at @p at, as this machine keeps it. */
static uint64_t
native_number(const void *at, size_t size)
{
    uint8_t value8;
    uint16_t value16;
    uint32_t value32;
    switch (size)
    {
    case 1:
        memcpy(&value8, at, size);
        return value8;
    case 2:
        memcpy(&value16, at, size);
        return value16;
    default:
        assert_int_equal(size, 4);
        memcpy(&value32, at, size);
        return value32;
    }
}

/** Compares the field if @p places has its name. */
static bool
compare_in(const place *places,
           const void *object,
           const char *name,
           const test_vector *vector,
           const test_field *field)
{
    for (; places->name != NULL; places++)
    {
        if (strcmp(places->name, name) != 0)
        {
            continue;
        }
        const uint8_t *at = (const uint8_t *)object + places->offset;
        assert_int_equal(places->size, field->length);
        if (places->size > 8)
        {
            assert_memory_equal(at, vector->octets + field->offset, places->size);
        }
        else
        {
            assert_true(native_number(at, places->size) == vectors_number(vector, field));
        }
        return true;
    }
    return false;
}

static bool
compare_selector(const fb_selector *selector,
                 const char *name,
                 const test_vector *vector,
                 const test_field *field)
{
    if (selector->format == FB_SELECTOR_IPV4)
    {
        return compare_in(selector4_places, &selector->u.v4, name, vector, field);
    }
    assert_int_equal(selector->format, FB_SELECTOR_IPV6);
    return compare_in(selector6_places, &selector->u.v6, name, vector, field);
}

/** Type, Subtype, Length of an extension against what the walk found at that place. */
static bool
compare_framing(const fb_mip4_message *message,
                const char *name,
                const test_vector *vector,
                const test_field *field)
{
    const uint64_t number = vectors_number(vector, field);
    for (size_t i = 0; i < message->extension_count; i++)
    {
        const fb_mip4_extension *extension = &message->extension[i];
        if (strcmp(name, "Type") == 0 && extension->start == field->offset)
        {
            assert_int_equal(extension->type, number);
            return true;
        }
        if (strcmp(name, "Subtype") == 0 && extension->start + 1u == field->offset)
        {
            assert_int_equal(extension->subtype, number);
            return true;
        }
        if (strcmp(name, "Length") == 0 && extension->body == field->offset + field->length)
        {
            assert_int_equal(extension->length, number);
            return true;
        }
    }
    return false;
}

static bool
compare_multipath(const decoded_message *decoded,
                  const char *name,
                  const test_vector *vector,
                  const test_field *field)
{
    assert_true(decoded->has_multipath);
    if (strcmp(name, "B|O|Reserved") == 0)
    {
        uint64_t flags = vectors_number(vector, field);
        assert_int_equal(decoded->multipath.bulk, (flags & 0x80) != 0);
        assert_int_equal(decoded->multipath.overwrite, (flags & 0x40) != 0);
        return true;
    }
    return compare_in(multipath_places, &decoded->multipath, name, vector, field) ||
           compare_framing(&decoded->message, name, vector, field);
}

static bool
compare_rule(const decoded_message *decoded,
             size_t index,
             const char *name,
             const test_vector *vector,
             const test_field *field)
{
    assert_true(index < decoded->rule_count);
    const fb_rule *rule = &decoded->rule[index];
    if (strcmp(name, "BID List") == 0)
    {
        assert_int_equal(field->length, rule->bid_count);
        assert_memory_equal(rule->bid, vector->octets + field->offset, field->length);
        return true;
    }
    if (strcmp(name, "TS Format") == 0)
    {
        assert_int_equal(rule->selector.format, vectors_number(vector, field));
        return true;
    }
    return compare_in(rule_places, rule, name, vector, field) ||
           compare_selector(&rule->selector, name, vector, field) ||
           compare_framing(&decoded->message, name, vector, field);
}

static bool
compare_authentication(const fb_mip4_message *message,
                       const char *name,
                       const test_vector *vector,
                       const test_field *field)
{
    const fb_mip4_extension *extension = &message->extension[message->mobile_home];
    fb_security_association association = vectors_association();
    if (strcmp(name, "SPI") == 0)
    {
        assert_int_equal(field->offset, extension->body);
        assert_int_equal(association.spi, vectors_number(vector, field));
        return true;
    }
    if (strcmp(name, "Authenticator") == 0)
    {
        assert_int_equal(field->offset, extension->body + 4);
        assert_int_equal(field->length, extension->length - 4);
        assert_int_equal(fb_mip4_verify(message, message->mobile_home, &association), 0);
        return true;
    }
    return compare_framing(message, name, vector, field);
}

/** Finds what @p field is called after and compares; false when nothing in the core answers to its name. */
static bool
compare_field(const decoded_message *decoded, const test_vector *vector, const test_field *field)
{
    const fb_mip4_fixed *fixed = &decoded->message.fixed;
    const char *dot = strchr(field->name, '.');
    const char *name = dot == NULL ? field->name : dot + 1;
    if (strncmp(field->name, "Identification.", 15) == 0)
    {
        uint64_t half = name[0] == 'h' ? fixed->identification >> 32
                                       : fixed->identification & UINT32_MAX;
        assert_true(half == vectors_number(vector, field));
        return true;
    }
    if (dot == NULL)
    {
        return compare_in(fixed_places, fixed, name, vector, field);
    }
    if (strncmp(field->name, "MHAE.", 5) == 0)
    {
        return compare_authentication(&decoded->message, name, vector, field);
    }
    if (strncmp(field->name, "MP.", 3) == 0)
    {
        return compare_multipath(decoded, name, vector, field);
    }
    if (strncmp(field->name, "FB", 2) == 0)
    {
        size_t number = field->name[2] == '.' ? 1 : (size_t)(field->name[2] - '0');
        return compare_rule(decoded, number - 1, name, vector, field);
    }
    return false;
}

/** Decodes a message that is accepted, as a home agent would. */
static void
decode(decoded_message *decoded, const test_vector *vector, fb_selector_layout layout)
{
    memset(decoded, 0, sizeof *decoded);
    fb_mip4_message *message = &decoded->message;
    fb_mip4_request request;
    assert_int_equal(fb_mip4_walk(message, vector->octets, vector->length), 0);
    assert_int_equal(fb_mip4_check_request(&request, message, layout), 0);
    decoded->has_multipath = request.has_multipath;
    while (fb_mip4_flow_binding(message,
                                decoded->rule_count,
                                layout,
                                &decoded->rule[decoded->rule_count]))
    {
        decoded->rule_count++;
        assert_true(decoded->rule_count < RULES_MAX);
    }
    assert_int_equal(decoded->rule_count, request.flow_binding_count);

    for (size_t i = 0; i < message->extension_count; i++)
    {
        const fb_mip4_extension *extension = &message->extension[i];
        if (extension->type == FB_EXT_MULTIPATH && extension->subtype == FB_EXT_SUBTYPE_MULTIPATH)
        {
            /* As it is on the wire: the check takes O away from a de-registration. */
            const uint8_t *body = message->data + extension->body;
            assert_int_equal(fb_multipath_decode(&decoded->multipath, body, extension->length), 0);
        }
    }
}

static void
compare_all_fields(const decoded_message *decoded, const test_vector *vector)
{
    assert_true(vector->field_count > 0);
    size_t octets = 0;
    for (size_t i = 0; i < vector->field_count; i++)
    {
        if (!compare_field(decoded, vector, &vector->fields[i]))
        {
            fail_msg("%s: nothing compares field %s", vector->id, vector->fields[i].name);
        }
        octets += vector->fields[i].length;
    }
    assert_int_equal(octets, vector->length); /* the fields cover the message */
}

static void
encode_and_compare(const decoded_message *decoded,
                   const test_vector *vector,
                   fb_selector_layout layout)
{
    fb_security_association association = vectors_association();
    /* Every capacity that is too small fails and touches nothing behind it; the right one suffices. */
    for (size_t capacity = 0; capacity <= vector->length; capacity++)
    {
        uint8_t *buffer = malloc(capacity + 1);
        assert_non_null(buffer);
        buffer[capacity] = 0xee;
        fb_writer writer = fb_writer_over(buffer, capacity);
        fb_mip4_write_fixed(&writer, &decoded->message.fixed);
        if (decoded->has_multipath)
        {
            fb_multipath_write(&writer, &decoded->multipath);
        }
        for (size_t i = 0; i < decoded->rule_count; i++)
        {
            fb_flow_binding_write(&writer, &decoded->rule[i], layout);
        }
        fb_mip4_write_authentication(&writer, FB_EXT_MOBILE_HOME_AUTHENTICATION, &association);
        assert_int_equal(buffer[capacity], 0xee);
        assert_int_equal(writer.failed, capacity < vector->length);
        if (!writer.failed)
        {
            assert_int_equal(writer.position, vector->length);
            assert_memory_equal(buffer, vector->octets, vector->length);
        }
        free(buffer);
    }
}

/* M01-M12: the signalling of a node with co-located care-of addresses. */
static void
test_vectors_messages(void **state)
{
    (void)state;
    requirement("M01", "M02", "M03", "M04", "M05", "M06", "M07", "M08", "M09", "M10", "M11", "M12");
    for (int number = 1; number <= 12; number++)
    {
        char id[16];
        snprintf(id, sizeof id, "M%02d", number);
        const test_vector *vector = vectors_find(vectors, id);
        decoded_message decoded;
        decode(&decoded, vector, FB_SELECTOR_LAYOUT_RFC7629);
        compare_all_fields(&decoded, vector);
        encode_and_compare(&decoded, vector, FB_SELECTOR_LAYOUT_RFC7629);
    }
}

/* R7629-4.1-09: M01 octets 24..31. R7629-4.2-09, -10, -19: the first Flow-Binding of M03. */
static void
test_vectors_extension_octets(void **state)
{
    (void)state;
    requirement("R7629-4.1-09", "R7629-4.2-08", "R7629-4.2-09", "R7629-4.2-10", "R7629-4.2-19");
    const uint8_t expected_multipath[] = {0x9a, 0x01, 0x00, 0x04, 0x04, 0x01, 0x01, 0x00};
    const fb_multipath multipath = {.technology = 4, .label = 1, .bid = 1};
    uint8_t buffer[64];
    fb_writer writer = fb_writer_over(buffer, sizeof buffer);
    fb_multipath_write(&writer, &multipath);
    assert_int_equal(writer.position, sizeof expected_multipath);
    assert_memory_equal(buffer, expected_multipath, sizeof expected_multipath);
    assert_memory_equal(vectors_find(vectors, "M01")->octets + 24, expected_multipath, 8);

    const uint8_t expected_rule[] = {0x9a,
                                     0x02,
                                     0x00,
                                     0x0c,
                                     0x01,
                                     0x02,
                                     0x01,
                                     0x02,
                                     0x01,
                                     0x02,
                                     0x08,
                                     0x00,
                                     0x00,
                                     0x13,
                                     0xc4,
                                     0x11};
    fb_rule rule = {.action = FB_RULE_FORWARD, .bid_count = 2, .bid = {1, 2}};
    rule.selector.format = FB_SELECTOR_IPV4;
    rule.selector.u.v4.present = FB_SELECTOR4_SOURCE_PORT_START | FB_SELECTOR4_PROTOCOL_START;
    rule.selector.u.v4.source_port_start = 5060;
    rule.selector.u.v4.protocol_start = 17;
    writer = fb_writer_over(buffer, sizeof buffer);
    fb_flow_binding_write(&writer, &rule, FB_SELECTOR_LAYOUT_RFC7629);
    assert_int_equal(writer.position, sizeof expected_rule);
    assert_memory_equal(buffer, expected_rule, sizeof expected_rule);
    assert_memory_equal(vectors_find(vectors, "M03")->octets + 32, expected_rule, 16);
}

/* S01-S08: traffic selectors on their own. */
static void
test_vectors_selectors(void **state)
{
    (void)state;
    requirement("S01", "S02", "S03", "S04", "S05", "S06", "S07", "S08");
    for (int number = 1; number <= 8; number++)
    {
        char id[16];
        snprintf(id, sizeof id, "S%02d", number);
        const test_vector *vector = vectors_find(vectors, id);
        uint8_t format = number < 7 ? FB_SELECTOR_IPV4 : FB_SELECTOR_IPV6;
        fb_selector selector;
        assert_int_equal(fb_selector_decode(&selector, format, vector->octets, vector->length), 0);
        assert_int_equal(fb_selector_check(&selector), 0);
        for (size_t i = 0; i < vector->field_count; i++)
        {
            const test_field *field = &vector->fields[i];
            assert_int_equal(strncmp(field->name, "TS.", 3), 0);
            if (!compare_selector(&selector, field->name + 3, vector, field))
            {
                fail_msg("%s: nothing compares field %s", id, field->name);
            }
        }

        uint8_t buffer[128];
        fb_writer writer = fb_writer_over(buffer, sizeof buffer);
        fb_selector_write(&writer, &selector);
        assert_false(writer.failed);
        assert_int_equal(fb_selector_size(&selector), vector->length);
        assert_int_equal(writer.position, vector->length);
        assert_memory_equal(buffer, vector->octets, vector->length);
    }
}

/** What becomes of a negative vector before any state is looked at. */
typedef struct negative_vector
{
    const char *id;
    fb_reason authentication; /* of fb_mip4_verify() */
    fb_reason reason; /* of fb_mip4_check_request() */
    uint8_t reply_code;
} negative_vector;

static const negative_vector negatives[] = {
    {"N01", FB_REASON_NONE, FB_DROP_BULK_AND_OVERWRITE, 134},
    {"N02", FB_REASON_NONE, FB_DROP_MULTIPATH_REPEATED, 134},
    {"N03", FB_REASON_NONE, FB_DROP_LABEL_ZERO, 134},
    {"N04", FB_REASON_NONE, FB_DROP_BID_RESERVED, 134},
    {"N05", FB_REASON_NONE, FB_DROP_MULTIPATH_LENGTH, 134},
    {"N06", FB_REASON_NONE, FB_DROP_BID_COUNT, 134},
    {"N07",
     FB_REASON_NONE,
     FB_REASON_NONE,
     0}, /* only a home agent knows that BID 7 is not registered */
    {"N08", FB_DROP_BAD_AUTHENTICATOR, FB_REASON_NONE, 131},
    {"N09", FB_REASON_NONE, FB_DROP_MULTIPATH_AFTER_AUTHENTICATION, 134},
    {"N10", FB_REASON_NONE, FB_DROP_BID_COUNT_OF_DROP, 134},
    {"N11", FB_REASON_NONE, FB_DROP_SELECTOR_END_WITHOUT_START, 134},
    {"N12", FB_REASON_NONE, FB_REASON_NONE, 0}, /* D-04: O is ignored */
    {"N13", FB_REASON_NONE, FB_DROP_SELECTOR_LENGTH, 134},
};

static void
test_vectors_negative(void **state)
{
    (void)state;
    requirement("N01",
                "N02",
                "N03",
                "N04",
                "N05",
                "N06",
                "N07",
                "N08",
                "N09",
                "N10",
                "N11",
                "N12",
                "N13");
    fb_security_association association = vectors_association();
    for (size_t i = 0; i < sizeof negatives / sizeof negatives[0]; i++)
    {
        const negative_vector *negative = &negatives[i];
        const test_vector *vector = vectors_find(vectors, negative->id);
        fb_mip4_message message;
        fb_mip4_request request;
        assert_int_equal(fb_mip4_walk(&message, vector->octets, vector->length), 0);
        int verified = fb_mip4_verify(&message, message.mobile_home, &association);
        assert_int_equal(verified, negative->authentication);
        int checked = fb_mip4_check_request(&request, &message, FB_SELECTOR_LAYOUT_RFC7629);
        assert_int_equal(checked, negative->reason);
        int first = verified != 0 ? verified : checked;
        assert_int_equal(fb_reason_reply_code(first), negative->reply_code);
    }
}

/* N07, N12: well formed, so every field compares. N07's rule names the BID a home agent answers with 153. */
static void
test_vectors_negative_but_well_formed(void **state)
{
    (void)state;
    requirement("N07", "N12", "D-04");
    decoded_message decoded;
    const test_vector *vector = vectors_find(vectors, "N07");
    decode(&decoded, vector, FB_SELECTOR_LAYOUT_RFC7629);
    compare_all_fields(&decoded, vector);
    encode_and_compare(&decoded, vector, FB_SELECTOR_LAYOUT_RFC7629);
    assert_int_equal(decoded.rule_count, 1);
    assert_int_equal(decoded.rule[0].bid[0], 7);
    assert_int_equal(fb_reason_reply_code(FB_DROP_BID_UNKNOWN), 153);

    vector = vectors_find(vectors, "N12");
    decode(&decoded, vector, FB_SELECTOR_LAYOUT_RFC7629);
    compare_all_fields(&decoded, vector);
    fb_mip4_request request;
    assert_int_equal(fb_mip4_check_request(&request, &decoded.message, FB_SELECTOR_LAYOUT_RFC7629),
                     0);
    assert_true(decoded.multipath.overwrite);
    assert_false(request.multipath.overwrite);
    assert_int_equal(request.multipath.bid, 1);
}

/* N13 with the other layout (D-20): accepted, field for field, and written the same way. */
static void
test_vectors_other_selector_layout(void **state)
{
    (void)state;
    requirement("N13", "D-20");
    const test_vector *vector = vectors_find(vectors, "N13");
    decoded_message decoded;
    decode(&decoded, vector, FB_SELECTOR_LAYOUT_RFC6089);
    size_t reserved = 0;
    for (size_t i = 0; i < vector->field_count; i++)
    {
        if (strcmp(vector->fields[i].name, "FB.TS Reserved") == 0)
        {
            reserved++;
            continue;
        }
        assert_true(compare_field(&decoded, vector, &vector->fields[i]));
    }
    assert_int_equal(reserved, 1);
    encode_and_compare(&decoded, vector, FB_SELECTOR_LAYOUT_RFC6089);
}

/* D01: the outer header of IP in IP, octet for octet (B2003-01). */
static void
test_vectors_outer_header(void **state)
{
    (void)state;
    requirement("D01", "B2003-01");
    const test_vector *vector = vectors_find(vectors, "D01");
    const uint8_t *inner = vector->octets + FB_IPV4_HEADER;
    size_t inner_length = vector->length - FB_IPV4_HEADER;
    fb_flow flow;
    assert_true(fb_flow_read(&flow, inner, inner_length, inner_length));
    assert_int_equal(flow.source, 0xc00002c8);
    assert_int_equal(flow.destination, 0xc633640a);
    assert_int_equal(flow.source_port, 5060);
    assert_int_equal(flow.destination_port, 5060);

    const fb_ipv4_header header = {.source = 0xc0000201,
                                   .destination = 0xcb007111,
                                   .identification = 0x2001,
                                   .tos = flow.tos,
                                   .ttl = 64,
                                   .protocol = FB_PROTOCOL_IPV4,
                                   .dont_fragment = flow.dont_fragment};
    uint8_t outer[FB_IPV4_HEADER];
    fb_ipv4_write(outer, &header, inner_length);
    assert_memory_equal(outer, vector->octets, FB_IPV4_HEADER);
    assert_true(fb_flow_read(&flow, vector->octets, vector->length, vector->length));
    assert_int_equal(flow.protocol, FB_PROTOCOL_IPV4);
}

static int
load(void **state)
{
    (void)state;
    vectors = vectors_load();
    return 0;
}

static int
unload(void **state)
{
    (void)state;
    vectors_free(vectors);
    return 0;
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors_messages),
        cmocka_unit_test(test_vectors_extension_octets),
        cmocka_unit_test(test_vectors_selectors),
        cmocka_unit_test(test_vectors_negative),
        cmocka_unit_test(test_vectors_negative_but_well_formed),
        cmocka_unit_test(test_vectors_other_selector_layout),
        cmocka_unit_test(test_vectors_outer_header),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
