/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * What flowbind-decode reads: hexadecimal text, and frames of a capture. Input: how to read it (0: text, otherwise the
 * link type, one of those below), then the text or the frame.
 */

#include "capture/link.h"
#include "decode/hex.h"
#include "decode/message_json.h"
#include "decode/mobility_json.h"
#include "fuzz.h"

/** As main() does: what the message is, its packet says. */
static void
print(const fbd_datagram* datagram)
{
    fb_security_association association = fuzz_association(0);
    fbd_keys keys = {.count = 1, .layout = FB_SELECTOR_LAYOUT_RFC7629};
    cJSON* object = cJSON_CreateObject();
    char* text;

    keys.key[0].spi = association.spi;
    keys.key[0].length = association.key_length;
    memcpy(keys.key[0].octets, association.key, association.key_length);
    switch (datagram->kind)
    {
    case FBD_KIND_MOBILITY:
        fbd_mobility_json(object, datagram);
        break;
    case FBD_KIND_DISCOVERY:
        fbd_discovery_json(object, datagram->payload, datagram->length);
        break;
    default:
        fbd_message_json(object, datagram->payload, datagram->length, &keys, datagram->drop);
        break;
    }
    text = cJSON_PrintUnformatted(object);
    FUZZ_CHECK(text != NULL);
    cJSON_free(text);
    cJSON_Delete(object);
}

static void
read_text(const uint8_t* data, size_t size)
{
    char* text = malloc(size + 1);
    fbd_octets octets = {NULL, 0}, again = {NULL, 0};
    size_t position = 0;

    FUZZ_CHECK(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    if (fbd_hex_read(&octets, text, &position) == FBD_HEX_OK)
    {
        char* written = malloc(2 * octets.length + 1);
        uint8_t* message = fuzz_copy(octets.data, octets.length);

        FUZZ_CHECK(written != NULL);
        fbd_hex_write(written, octets.data, octets.length);
        FUZZ_CHECK(fbd_hex_read(&again, written, &position) == FBD_HEX_OK);
        FUZZ_CHECK(again.length == octets.length &&
                   memcmp(again.data, octets.data, again.length) == 0);
        for (int kind = FBD_KIND_MIP4; kind <= FBD_KIND_MOBILITY; kind++)
        {
            print(&(
                fbd_datagram){.kind = (fbd_kind)kind, .payload = message, .length = octets.length});
        }
        free(message);
        free(written);
    }
    fbd_octets_free(&octets);
    fbd_octets_free(&again);
    free(text);
}

static void
read_frame(int type, const uint8_t* frame, size_t length)
{
    size_t offset = 0;
    fbd_datagram datagram;
    fbd_packet packet;

    if (fbd_link_read(type, frame, length, &offset) != FBD_LINK_IP)
    {
        return;
    }
    FUZZ_CHECK(offset <= length);
    packet = fbd_packet_read(&datagram, frame + offset, length - offset, length - offset);
    if (packet == FBD_PACKET_MESSAGE)
    {
        FUZZ_CHECK(datagram.payload >= frame &&
                   datagram.payload + datagram.length <= frame + length);
        print(&datagram);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    static const int types[] = {-1, 1, 9, 12, 101, 105, 113, 127, 228, 276};

    if (size == 0)
    {
        return 0;
    }
    if (data[0] % 10 == 0)
    {
        read_text(data + 1, size - 1);
    }
    else if (fbd_link_is_known(types[data[0] % 10]))
    {
        read_frame(types[data[0] % 10], data + 1, size - 1);
    }
    return 0;
}
