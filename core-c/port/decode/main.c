/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * flowbind-decode: messages of Mobile IPv4 and Proxy Mobile IPv6 as JSON, read by the library's own decoder. Programs
 * that do not know RFC 7629 read its extensions' type, 154, as that of a short extension, and lose their way behind it;
 * those that do not know RFC 8278 show its options as numbers.
 */

#include "hex.h"
#include "json.h"
#include "message_json.h"
#include "messages.h"
#include "mobility_json.h"
#include "options.h"
#include "wire/mobility_header.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Exit codes. */
enum
{
    DONE = 0,
    NO_MESSAGE = 1, /* readable, but none of these messages */
    BAD_INPUT = 2
};

static int
complain(int exit_code, const char *text)
{
    fprintf(stderr, "flowbind-decode: %s\n", text);
    return exit_code;
}

static void
print_object(cJSON *object)
{
    char *line = cJSON_PrintUnformatted(object);
    if (line != NULL)
    {
        puts(line);
        free(line);
    }
    cJSON_Delete(object);
}

/** Addresses and ports of the packet a message came in. */
static void
add_packet(cJSON *object, const fbd_datagram *datagram)
{
    const fb_flow *flow = &datagram->flow;

    fbd_json_add_address(object, "source", &datagram->source);
    if (flow->has_ports)
    {
        cJSON_AddNumberToObject(object, "source_port", flow->source_port);
    }
    fbd_json_add_address(object, "destination", &datagram->destination);
    if (flow->has_ports)
    {
        cJSON_AddNumberToObject(object, "destination_port", flow->destination_port);
    }
}

/** What the packet carries. */
static void
add_datagram(cJSON *object, const fbd_datagram *datagram, const fbd_keys *keys)
{
    add_packet(object, datagram);
    switch (datagram->kind)
    {
    case FBD_KIND_DISCOVERY:
        fbd_discovery_json(object, datagram->payload, datagram->length);
        return;
    case FBD_KIND_MOBILITY:
        fbd_mobility_json(object, datagram);
        return;
    case FBD_KIND_MIP4:
        fbd_message_json(object, datagram->payload, datagram->length, keys, datagram->drop);
        return;
    }
}

static void
print_captured(void *context, const fbd_datagram *datagram, const fbd_place *place)
{
    const fbd_keys *keys = context;
    cJSON *object = cJSON_CreateObject();
    char time[48];
    snprintf(time, sizeof time, "%" PRId64 ".%09" PRIu32, place->seconds, place->nanoseconds);
    cJSON_AddNumberToObject(object, "frame", (double)place->frame);
    cJSON_AddRawToObject(object,
                         "time",
                         time); /* a double has not nine decimals left beside the date */
    add_datagram(object, datagram, keys);
    print_object(object);
}

static int
decode_packet(const fbd_octets *octets, const fbd_keys *keys)
{
    fbd_datagram datagram;
    switch (fbd_packet_read(&datagram, octets->data, octets->length, octets->length))
    {
    case FBD_PACKET_FRAGMENT:
        return complain(NO_MESSAGE, "a fragment of an IP packet; give the whole packet");
    case FBD_PACKET_OTHER:
    case FBD_PACKET_CUT:
        return complain(
            NO_MESSAGE,
            "the octets begin like an IP packet, but it is not complete or carries no UDP to or "
            "from port 434 or 5436, no router discovery and no Mobility Header");
    case FBD_PACKET_MESSAGE:
        break;
    }
    cJSON *object = cJSON_CreateObject();
    add_datagram(object, &datagram, keys);
    print_object(object);
    return DONE;
}

/**
 * A message begins with its type, 1, 3 or 4, in ICMP 9 or 10, or with Payload Proto, 59; an IPv4 packet with 0x45 to
 * 0x4f, and an IPv6 packet of 40 octets or more with 0x60 to 0x6f.
 */
static bool
begins_like_a_packet(const fbd_octets *octets)
{
    uint8_t first = octets->data[0];

    return (first >= 0x45 && first <= 0x4f) ||
           (first >> 4 == 6 && octets->length >= FB_IPV6_HEADER);
}

/** A message by itself; of a Mobility Header nobody knows then between whom, so its checksum is not looked at. */
static void
add_message(cJSON *object, const fbd_octets *octets, const fbd_keys *keys)
{
    if (fbd_is_discovery(octets->data, octets->length))
    {
        fbd_discovery_json(object, octets->data, octets->length);
    }
    else if (octets->data[0] == FB_PROTOCOL_NONE)
    {
        fbd_mobility_json(object,
                          &(fbd_datagram){.payload = octets->data, .length = octets->length});
    }
    else
    {
        fbd_message_json(object, octets->data, octets->length, keys, NULL);
    }
}

static int
decode_hex(const char *text, const fbd_keys *keys)
{
    fbd_octets octets;
    size_t position = 0;
    int result = DONE;
    char error[160];
    switch (fbd_hex_read(&octets, text, &position))
    {
    case FBD_HEX_EMPTY:
        result = complain(BAD_INPUT, "nothing to decode: there is not one hexadecimal digit");
        break;
    case FBD_HEX_ODD:
        result = complain(
            BAD_INPUT,
            "an odd number of hexadecimal digits: every octet has two; one is missing");
        break;
    case FBD_HEX_FOREIGN:
        snprintf(error,
                 sizeof error,
                 "\"%.40s\" is neither a file nor hexadecimal: see character %zu",
                 text,
                 position + 1);
        result = complain(BAD_INPUT, error);
        break;
    case FBD_HEX_MEMORY:
        result = complain(BAD_INPUT, "not enough memory");
        break;
    case FBD_HEX_OK:
        if (begins_like_a_packet(&octets))
        {
            result = decode_packet(&octets, keys);
            break;
        }
        cJSON *object = cJSON_CreateObject();
        add_message(object, &octets, keys);
        print_object(object);
        break;
    }
    fbd_octets_free(&octets);
    return result;
}

/** Everything on standard input, as text. False: no memory, or not readable. */
static bool
read_standard_input(fbd_octets *text)
{
    uint8_t piece[4096];
    size_t length;
    while ((length = fread(piece, 1, sizeof piece, stdin)) > 0)
    {
        if (!fbd_octets_append(text, piece, length))
        {
            return false;
        }
    }
    const uint8_t end = '\0';
    return ferror(stdin) == 0 && fbd_octets_append(text, &end, 1);
}

static bool
join(fbd_octets *text, char *const *argument, int count)
{
    for (int i = 0; i < count; i++)
    {
        if (!fbd_octets_append(text, (const uint8_t *)argument[i], strlen(argument[i])))
        {
            return false;
        }
    }
    const uint8_t end = '\0';
    return fbd_octets_append(text, &end, 1);
}

static int
decode_text(const fbd_options *options)
{
    fbd_octets text = {0};
    bool from_input = options->input_count == 1 && strcmp(options->input[0], "-") == 0;
    bool complete = from_input ? read_standard_input(&text)
                               : join(&text, options->input, options->input_count);
    int result = complete ? decode_hex((const char *)text.data, &options->keys)
                          : complain(BAD_INPUT, "standard input cannot be read");
    fbd_octets_free(&text);
    return result;
}

static bool
is_there(const char *path)
{
    struct stat information;
    return stat(path, &information) == 0;
}

static int
decode(fbd_options *options)
{
    if (options->input_count == 1 && is_there(options->input[0]))
    {
        char error[512];
        if (!fbd_capture_read(options->input[0],
                              print_captured,
                              &options->keys,
                              error,
                              sizeof error))
        {
            return complain(BAD_INPUT, error);
        }
        return DONE;
    }
    return decode_text(options);
}

int
main(int argc, char **argv)
{
    fbd_options options;
    char error[256];
    if (!fbd_options_read(&options, argc, argv, error, sizeof error))
    {
        return complain(BAD_INPUT, error);
    }
    if (options.help)
    {
        fputs(fbd_options_usage(), stdout);
        return DONE;
    }
    int result = decode(&options);
    if (fflush(stdout) != 0 || ferror(stdout))
    {
        return complain(BAD_INPUT, "standard output cannot be written");
    }
    return result;
}
