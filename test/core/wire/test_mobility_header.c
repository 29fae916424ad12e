/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Every Mobility Header of the vector file: read, each field compared with what the file says is at that place, written
 * again and compared octet for octet; then cut at every length, and with every single bit flipped.
 */

#include "base/octets.h"
#include "cmocka_setup.h"
#include "flowbind/reason.h"
#include "mobility.h"
#include "requirement.h"
#include "wire/traffic_selector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VECTORS 18

static test_vectors *vectors;

static const test_vector *
vector_number(unsigned number)
{
    char id[8];

    snprintf(id, sizeof id, "P%02u", number);
    return vectors_find(vectors, id);
}

/** What the codec finds wrong with a vector. P15 lacks an option: that is for the anchor to see. */
static int
expected_reason(const test_vector *vector)
{
    return strcmp(vector->id, "P14") == 0 ? FB_DROP_BULK_AND_OVERWRITE : FB_REASON_NONE;
}

/* ---- reading ---- */

/** Where a field of a vector is found in what was read. */
typedef struct place
{
    const char *name;
    size_t offset, size;
} place;

#define PLACE(name, member)                                                         \
    {                                                                               \
        name, offsetof(fb_mh_message, member), sizeof(((fb_mh_message *)0)->member) \
    }
#define OPTION(name, member) PLACE(name, options.member)

static const place places[] = {
    PLACE("MH Type", fixed.type),
    PLACE("Sequence #", fixed.sequence),
    PLACE("Lifetime", fixed.lifetime),
    PLACE("Status", fixed.status),
    PLACE("Reserved|U|R", fixed.flags),
    PLACE("Sequence Number", fixed.heartbeat),
    OPTION("MN-ID.Subtype", mobile_node.subtype),
    OPTION("HNP.Prefix Length", home_prefix[0].length),
    OPTION("HNP.Prefix", home_prefix[0].address.octet),
    OPTION("HI", handoff),
    OPTION("ATT", technology),
    OPTION("Timestamp", timestamp),
    OPTION("MMB.If-ATT", multipath.technology),
    OPTION("MMB.If-Label", multipath.label),
    OPTION("MMB.BID", multipath.bid),
    OPTION("MAG-ID.Subtype", gateway.subtype),
    OPTION("DMNP.Prefix Length", delegated[0].length),
    OPTION("DMNP.Prefix", delegated[0].address.octet),
    OPTION("GREKey", gre_key),
    OPTION("RestartCounter", restart_counter),
    OPTION("FID1.FID", flow[0].fid),
    OPTION("FID1.FID-PRI", flow[0].priority),
    OPTION("FID1.Status", flow[0].status),
    OPTION("FID2.FID", flow[1].fid),
    OPTION("FID2.FID-PRI", flow[1].priority),
    OPTION("FID2.Status", flow[1].status),
};

static uint64_t
native_number(const void *at, size_t size)
{
    uint8_t value8;
    uint16_t value16;
    uint32_t value32;
    uint64_t value64;

    switch (size)
    {
    case 1:
        memcpy(&value8, at, size);
        return value8;
    case 2:
        memcpy(&value16, at, size);
        return value16;
    case 4:
        memcpy(&value32, at, size);
        return value32;
    default:
        assert_int_equal(size, 8);
        memcpy(&value64, at, size);
        return value64;
    }
}

static bool
compare_place(const fb_mh_message *message, const test_vector *vector, const test_field *field)
{
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
    {
        const uint8_t *at = (const uint8_t *)message + places[i].offset;

        if (strcmp(places[i].name, field->name) != 0)
        {
            continue;
        }
        assert_int_equal(places[i].size, field->length);
        if (field->length > 8)
        {
            assert_memory_equal(at, vector->octets + field->offset, field->length);
        }
        else
        {
            assert_true(native_number(at, places[i].size) == vectors_number(vector, field));
        }
        return true;
    }
    return false;
}

/** Identifiers, which have no fixed length. */
static bool
compare_octets(const fb_mobility_options *options,
               const test_vector *vector,
               const test_field *field)
{
    const fb_octets *found;

    if (strcmp(field->name, "MN-ID.Identifier") == 0)
    {
        found = &options->mobile_node.value;
    }
    else if (strcmp(field->name, "MN-LL-ID") == 0)
    {
        found = &options->link_layer;
    }
    else if (strcmp(field->name, "MAG-ID.Identifier") == 0)
    {
        found = &options->gateway.value;
    }
    else
    {
        return false;
    }
    assert_int_equal(found->length, field->length);
    assert_ptr_equal(found->octet, vector->octets + field->offset);
    return true;
}

/** "FID1.BindingRef", "FID1.TS.header", "FID1.TS.(I)Start Source Port": the sub-options. */
static bool
compare_flow(const fb_mobility_options *options, const test_vector *vector, const test_field *field)
{
    const fb_flow_identification *flow = &options->flow[field->name[3] == '1' ? 0 : 1];
    const uint8_t *octets = vector->octets + field->offset;
    const char *name = field->name + 5;
    fb_selector selector;

    if (strncmp(field->name, "FID", 3) != 0)
    {
        return false;
    }
    assert_false(flow->malformed);
    if (strcmp(name, "BindingRef") == 0)
    {
        assert_int_equal(flow->bid_count, octets[1] / 2);
        assert_int_equal(flow->bid[0], fb_load_u16(octets + 2));
        return true;
    }
    assert_int_equal(flow->selector_count, 1);
    assert_int_equal(
        fb_selector_decode(&selector, flow->selector.octet[0], flow->selector.octet + 2, 7),
        0);
    assert_int_equal(selector.format, FB_SELECTOR_IPV6);
    if (strcmp(name, "TS.header") == 0)
    {
        assert_ptr_equal(flow->selector.octet, octets + 2);
        assert_int_equal(flow->selector.length, octets[1]);
    }
    else if (strcmp(name, "TS.Flags") == 0)
    {
        assert_int_equal(selector.u.v6.present, vectors_number(vector, field));
    }
    else if (strcmp(name, "TS.(I)Start Source Port") == 0)
    {
        assert_int_equal(selector.u.v6.source_port_start, vectors_number(vector, field));
    }
    else
    {
        assert_string_equal(name, "TS.(O)Start NH");
        assert_int_equal(selector.u.v6.next_header_start, octets[0]);
    }
    return true;
}

/** Flags: of an update two octets, of an acknowledgement one. */
static bool
compare_flags(const fb_mh_message *message, const test_vector *vector, const test_field *field)
{
    if (strcmp(field->name, "MMB.B|O|Reserved") == 0)
    {
        uint64_t flags = vectors_number(vector, field);

        assert_int_equal(message->options.multipath.bulk, flags >> 23 & 1);
        assert_int_equal(message->options.multipath.overwrite, flags >> 22 & 1);
        assert_int_equal(flags & 0x3fffff, 0);
        return true;
    }
    if (strcmp(field->name, "Flags") == 0)
    {
        assert_int_equal(message->fixed.flags, vectors_number(vector, field));
        return true;
    }
    return false;
}

/** What is in no struct: framing and padding. Writing it again shows that. */
static bool
is_framing(const char *name)
{
    static const char *const all[] = {"Payload Proto", "Header Len", "Checksum", "Pad1", "PadN"};
    const char *dot = strchr(name, '.');

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    {
        if (strcmp(name, all[i]) == 0)
        {
            return true;
        }
    }
    name = dot == NULL ? name : dot + 1;
    return strcmp(name, "Type") == 0 || strcmp(name, "Length") == 0 ||
           strcmp(name, "Reserved") == 0 || strcmp(name, "V|Reserved") == 0;
}

static void
test_every_field_of_every_vector(void **state)
{
    size_t compared = 0;

    (void)state;
    requirement("P01", "P02", "P03", "P04", "P05", "P06", "P07", "P08", "P09");
    requirement("P10", "P11", "P12", "P13", "P14", "P15", "P16", "P17", "P18");
    for (unsigned number = 1; number <= VECTORS; number++)
    {
        const test_vector *vector = vector_number(number);
        fb_mh_message message;

        assert_int_equal(mobility_walk_vector(&message, vector), expected_reason(vector));
        assert_int_equal(message.length, vector->length);
        for (size_t i = 0; i < vector->field_count; i++)
        {
            const test_field *field = &vector->fields[i];
            bool found = compare_place(&message, vector, field) ||
                         compare_octets(&message.options, vector, field) ||
                         compare_flags(&message, vector, field);

            if (!found && !is_framing(field->name))
            {
                found = compare_flow(&message.options, vector, field);
                assert_true(found);
            }
            compared += found ? 1 : 0;
        }
    }
    assert_true(compared > 250);
}

/* ---- writing ---- */

/** How often each option was written: the next one of its kind is meant. */
typedef struct written
{
    size_t home_prefixes, delegated, flows;
} written;

static void
write_flow(fb_writer *writer, const fb_flow_identification *flow)
{
    fb_selector selector;

    assert_int_equal(fb_selector_decode(&selector,
                                        flow->selector.octet[0],
                                        flow->selector.octet + 2,
                                        flow->selector.length - 2u),
                     0);
    fb_write_flow_identification(writer, flow, &selector);
}

/** Writes the option @p type of @p options as its value says. */
static void
write_option(fb_writer *writer, const fb_mobility_options *options, uint8_t type, written *count)
{
    switch (type)
    {
    case FB_OPTION_MOBILE_NODE_IDENTIFIER:
        fb_write_identifier_option(writer, type, &options->mobile_node);
        return;
    case FB_OPTION_GATEWAY_IDENTIFIER:
        fb_write_identifier_option(writer, type, &options->gateway);
        return;
    case FB_OPTION_HOME_NETWORK_PREFIX:
        fb_write_home_network_prefix(writer, &options->home_prefix[count->home_prefixes++]);
        return;
    case FB_OPTION_DELEGATED_PREFIX:
        fb_write_delegated_prefix(writer, &options->delegated[count->delegated++]);
        return;
    case FB_OPTION_HANDOFF_INDICATOR:
        fb_write_octet_option(writer, type, options->handoff);
        return;
    case FB_OPTION_ACCESS_TECHNOLOGY:
        fb_write_octet_option(writer, type, options->technology);
        return;
    case FB_OPTION_LINK_LAYER_IDENTIFIER:
        fb_write_link_layer_identifier(writer, options->link_layer);
        return;
    case FB_OPTION_TIMESTAMP:
        fb_write_timestamp(writer, options->timestamp);
        return;
    case FB_OPTION_MULTIPATH_BINDING:
        fb_write_multipath_binding(writer, &options->multipath);
        return;
    case FB_OPTION_GRE_KEY:
        fb_write_gre_key(writer, options->gre_has_key, options->gre_key);
        return;
    case FB_OPTION_RESTART_COUNTER:
        fb_write_restart_counter(writer, options->restart_counter);
        return;
    default:
        assert_int_equal(type, FB_OPTION_FLOW_IDENTIFICATION);
        write_flow(writer, &options->flow[count->flows++]);
        return;
    }
}

/** Type of the option at @p *at, which moves behind it; 0 at the end. Padding is stepped over. */
static uint8_t
next_type(const test_vector *vector, size_t *at)
{
    while (*at < vector->length)
    {
        uint8_t type = vector->octets[*at];

        *at += type == 0 ? 1 : 2u + vector->octets[*at + 1];
        if (type > 1)
        {
            return type;
        }
    }
    return 0;
}

static void
test_every_vector_written(void **state)
{
    (void)state;
    requirement("B6275-01", "B6275-02", "B5213-02");
    for (unsigned number = 1; number <= VECTORS; number++)
    {
        const test_vector *vector = vector_number(number);
        fb_addr source, destination;
        fb_mh_message message;
        uint8_t octets[FB_MH_MAX], type;
        fb_writer writer = fb_writer_over(octets, sizeof octets);
        size_t at = 12;
        written count = {0};

        mobility_addresses(vector, &source, &destination);
        assert_int_equal(mobility_walk_vector(&message, vector), expected_reason(vector));
        fb_mh_begin(&writer, &message.fixed);
        while ((type = next_type(vector, &at)) != 0)
        {
            write_option(&writer, &message.options, type, &count);
        }
        assert_int_equal(fb_mh_end(&writer, &source, &destination), vector->length);
        assert_memory_equal(octets, vector->octets, vector->length);
    }
}

/* ---- damage ---- */

/** What was read points into the message, and is as long as the rooms it has. */
static void
assert_inside(const fb_mh_message *message, fb_octets octets)
{
    if (octets.octet != NULL)
    {
        assert_true(octets.octet >= message->octets);
        assert_true(octets.octet + octets.length <= message->octets + message->length);
    }
}

static void
assert_is_sound(const fb_mh_message *message)
{
    const fb_mobility_options *options = &message->options;

    assert_inside(message, options->mobile_node.value);
    assert_inside(message, options->gateway.value);
    assert_inside(message, options->link_layer);
    assert_inside(message, options->multipath_octets);
    assert_true(options->home_prefix_count <= FB_MESSAGE_PREFIXES_MAX);
    assert_true(options->delegated_count <= FB_MESSAGE_PREFIXES_MAX);
    assert_true(options->flow_count <= FB_MESSAGE_FLOWS_MAX);
    assert_true(options->summary_count <= FB_MESSAGE_FLOWS_MAX);
    assert_true(options->vendor_count <= FB_MESSAGE_VENDORS_MAX);
    for (size_t i = 0; i < options->home_prefix_count; i++)
    {
        assert_true(options->home_prefix[i].length <= 128);
    }
    for (size_t i = 0; i < options->flow_count; i++)
    {
        assert_inside(message, options->flow[i].whole);
        assert_inside(message, options->flow[i].selector);
        assert_true(options->flow[i].bid_count <= FB_FLOW_BIDS_MAX);
    }
    for (size_t i = 0; i < options->vendor_count; i++)
    {
        assert_inside(message, options->vendor[i].data);
    }
}

/** Walks a copy on a block of exactly its size, as over IPv4 when no @p checksum is to be looked at. */
static int
walk_copy(const test_vector *vector, const uint8_t *octets, size_t length, bool checksum)
{
    uint8_t *copy = vectors_copy(octets, length);
    fb_addr source, destination;
    fb_mh_message message;
    int reason;

    mobility_addresses(vector, &source, &destination);
    source.family = checksum ? source.family : FB_FAMILY_IPV4;
    reason = fb_mh_walk(&message, &source, &destination, copy, length);
    assert_in_range(reason, 0, FB_REASON_COUNT - 1);
    assert_is_sound(&message);
    free(copy);
    return reason;
}

static void
test_every_truncation(void **state)
{
    (void)state;
    for (unsigned number = 1; number <= VECTORS; number++)
    {
        const test_vector *vector = vector_number(number);

        for (size_t length = 0; length < vector->length; length++)
        {
            uint8_t *shorter = vectors_copy(vector->octets, vector->length);

            assert_int_equal(walk_copy(vector, vector->octets, length, true), FB_DROP_TRUNCATED);
            if (length >= 8)
            {
                shorter[1] = (uint8_t)(length / 8 - 1); /* and its length says so */
                walk_copy(vector, shorter, length, false);
            }
            free(shorter);
        }
    }
}

/** Reserved octets and padding apart, a flipped bit is another message; with a checksum it is none. */
static void
test_every_bit_flipped(void **state)
{
    (void)state;
    requirement("B6275-01");
    for (unsigned number = 1; number <= VECTORS; number++)
    {
        const test_vector *vector = vector_number(number);
        bool checksum = vector->packet[0] >> 4 == 6;
        uint8_t *octets = vectors_copy(vector->octets, vector->length);

        for (size_t bit = 0; bit < 8 * vector->length; bit++)
        {
            octets[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
            walk_copy(vector, octets, vector->length, false);
            if (checksum)
            {
                int reason = walk_copy(vector, octets, vector->length, true);
                assert_true(reason == FB_DROP_MH_CHECKSUM || reason == FB_DROP_TRUNCATED);
            }
            octets[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
        }
        free(octets);
    }
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
        cmocka_unit_test(test_every_field_of_every_vector),
        cmocka_unit_test(test_every_vector_written),
        cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_every_bit_flipped),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
