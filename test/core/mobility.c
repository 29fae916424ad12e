/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobility.h"

#include "cmocka_setup.h"

#include <string.h>

void
mobility_addresses(const test_vector *vector, fb_addr *source, fb_addr *destination)
{
    bool is_ipv4 = vector->packet[0] >> 4 == 4;
    size_t at = is_ipv4 ? 12 : 8, size = is_ipv4 ? 4 : 16;

    *source = (fb_addr){.family = is_ipv4 ? FB_FAMILY_IPV4 : FB_FAMILY_IPV6};
    *destination = *source;
    memcpy(source->octet, vector->packet + at, size);
    memcpy(destination->octet, vector->packet + at + size, size);
}

int
mobility_walk_vector(fb_mh_message *message, const test_vector *vector)
{
    fb_addr source, destination;

    mobility_addresses(vector, &source, &destination);
    return fb_mh_walk(message, &source, &destination, vector->octets, vector->length);
}

/** Octets in front of the options. */
static size_t
write_fixed(uint8_t *octets, uint8_t type)
{
    static const uint8_t update[] = {59, 0, 5, 0, 0, 0, 0, 1, 0x82, 0, 0x03, 0x84};
    static const uint8_t acknowledgement[] = {59, 0, 6, 0, 0, 0, 0, 0x20, 0, 1, 0x03, 0x84};
    static const uint8_t error[24] = {59, 0, 7, 0, 0, 0, 2};
    static const uint8_t heartbeat[] = {59, 0, 13, 0, 0, 0, 0, 0, 0, 0, 0, 77};

    switch (type)
    {
    case FB_MH_BINDING_UPDATE:
        memcpy(octets, update, sizeof update);
        return sizeof update;
    case FB_MH_BINDING_ACKNOWLEDGEMENT:
        memcpy(octets, acknowledgement, sizeof acknowledgement);
        return sizeof acknowledgement;
    case FB_MH_BINDING_ERROR:
        memcpy(octets, error, sizeof error);
        return sizeof error;
    default:
        assert_int_equal(type, FB_MH_HEARTBEAT);
        memcpy(octets, heartbeat, sizeof heartbeat);
        return sizeof heartbeat;
    }
}

void
mobility_make(mobility_message *made, uint8_t type, const uint8_t *options, size_t length)
{
    const fb_addr source = {FB_FAMILY_IPV4, {203, 0, 113, 90}};
    const fb_addr destination = {FB_FAMILY_IPV4, {192, 0, 2, 53}};
    size_t front;

    memset(made->octets, 0, sizeof made->octets); /* what is behind the options is Pad1 */
    front = write_fixed(made->octets, type);
    assert_true(front + length + 7 <= sizeof made->octets);
    if (length > 0)
    {
        memcpy(made->octets + front, options, length);
    }
    made->length = (front + length + 7) / 8 * 8;
    made->octets[1] = (uint8_t)(made->length / 8 - 1);
    made->reason = fb_mh_walk(&made->message, &source, &destination, made->octets, made->length);
}
