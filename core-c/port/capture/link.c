/* SPDX-License-Identifier: BSD-3-Clause */

/* libpcap's header uses the BSD types u_char and u_int. */
#define _DEFAULT_SOURCE

#include "link.h"

#include "base/bytes.h"

#include <pcap/pcap.h>

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86dd
#define ETHERTYPE_VLAN 0x8100
#define ETHERTYPE_VLAN_SERVICE 0x88a8
#define ETHERTYPE_FIRST 0x0600 /* IEEE 802.3 3.2.6: below, the field is a length */
#define PPP_IPV4 0x0021
#define PPP_IPV6 0x0057

static fbd_link
found(const fb_reader *reader, bool is_ip, size_t *offset)
{
    *offset = reader->position;
    return !reader->failed && is_ip ? FBD_LINK_IP : FBD_LINK_OTHER;
}

static bool
is_ip(uint16_t ethertype)
{
    return ethertype == ETHERTYPE_IPV4 || ethertype == ETHERTYPE_IPV6;
}

/** IEEE 802.2 with SNAP (RFC 1042): AA AA 03, OUI zero, EtherType. */
static fbd_link
read_llc(fb_reader *reader, size_t *offset)
{
    uint32_t llc = fb_read_u32(reader);
    uint16_t oui = fb_read_u16(reader);
    uint16_t type = fb_read_u16(reader);
    return found(reader, llc == 0xaaaa0300 && oui == 0 && is_ip(type), offset);
}

static fbd_link
read_ethernet(fb_reader *reader, size_t *offset)
{
    fb_read_skip(reader, 12);
    uint16_t type = fb_read_u16(reader);
    while (type == ETHERTYPE_VLAN || type == ETHERTYPE_VLAN_SERVICE)
    {
        fb_read_skip(reader, 2);
        type = fb_read_u16(reader);
    }
    if (type < ETHERTYPE_FIRST)
    {
        return read_llc(reader, offset);
    }
    return found(reader, is_ip(type), offset);
}

static fbd_link
read_raw(fb_reader *reader, size_t *offset)
{
    unsigned version = reader->length > 0 ? reader->data[0] >> 4 : 0;

    return found(reader, version == 4 || version == 6, offset);
}

/** RFC 1661 2, with or without the HDLC address and control octets (RFC 1662 3.1) and the short protocol field. */
static fbd_link
read_ppp(fb_reader *reader, size_t *offset)
{
    if (reader->length >= 2 && reader->data[0] == 0xff && reader->data[1] == 0x03)
    {
        fb_read_skip(reader, 2);
    }
    uint16_t protocol = fb_read_u8(reader);
    if (protocol % 2 == 0)
    {
        protocol = (uint16_t)(protocol << 8 | fb_read_u8(reader));
    }
    return found(reader, protocol == PPP_IPV4 || protocol == PPP_IPV6, offset);
}

static fbd_link
read_linux_cooked(fb_reader *reader, size_t *offset)
{
    fb_read_skip(reader, 14);
    uint16_t type = fb_read_u16(reader);
    return found(reader, is_ip(type), offset);
}

static fbd_link
read_linux_cooked_2(fb_reader *reader, size_t *offset)
{
    uint16_t type = fb_read_u16(reader);
    fb_read_skip(reader, 18);
    return found(reader, is_ip(type), offset);
}

/* Frame Control of IEEE 802.11 9.2.4.1: the first octet holds type and subtype, the second the flags. */
#define WIFI_TYPE 0x0c
#define WIFI_TYPE_DATA 0x08
#define WIFI_NO_DATA 0x40
#define WIFI_QOS 0x80
#define WIFI_BOTH_DS 0x03
#define WIFI_MORE_FRAGMENTS 0x04
#define WIFI_PROTECTED 0x40
#define WIFI_HT_CONTROL 0x80
#define WIFI_AMSDU 0x80

static fbd_link
read_wifi(fb_reader *reader, size_t *offset)
{
    uint8_t control = fb_read_u8(reader);
    uint8_t flags = fb_read_u8(reader);
    if (reader->failed || (control & WIFI_TYPE) != WIFI_TYPE_DATA || (control & WIFI_NO_DATA) != 0)
    {
        return FBD_LINK_OTHER;
    }
    fb_read_skip(reader, 20); /* duration, three addresses */
    uint8_t fragment = fb_read_u8(reader) & 0x0f;
    fb_read_skip(reader, 1);
    if ((flags & WIFI_BOTH_DS) == WIFI_BOTH_DS)
    {
        fb_read_skip(reader, 6);
    }
    bool aggregated = (flags & WIFI_MORE_FRAGMENTS) != 0 || fragment != 0;
    if ((control & WIFI_QOS) != 0)
    {
        uint8_t quality = fb_read_u8(reader);
        aggregated = aggregated || (quality & WIFI_AMSDU) != 0;
        fb_read_skip(reader, 1);
        fb_read_skip(reader, (flags & WIFI_HT_CONTROL) != 0 ? 4 : 0);
    }
    if ((flags & WIFI_PROTECTED) != 0)
    {
        return FBD_LINK_ENCRYPTED;
    }
    return aggregated ? FBD_LINK_AGGREGATED : read_llc(reader, offset);
}

/** radiotap.org: version, pad, length of all of it (little endian), then fields nobody here needs. */
static fbd_link
read_radiotap(fb_reader *reader, size_t *offset)
{
    fb_read_skip(reader, 2);
    size_t length = fb_read_u8(reader);
    length |= (size_t)fb_read_u8(reader) << 8;
    if (reader->failed || length > reader->length)
    {
        return FBD_LINK_OTHER;
    }
    fb_reader inner = fb_reader_over(reader->data + length, reader->length - length);
    fbd_link link = read_wifi(&inner, offset);
    *offset += length;
    return link;
}

typedef struct link_type
{
    int type;
    fbd_link (*read)(fb_reader *reader, size_t *offset);
} link_type;

static const link_type types[] = {
    {DLT_EN10MB, read_ethernet},
    {DLT_RAW, read_raw},
    {DLT_IPV4, read_raw},
    {DLT_IPV6, read_raw},
    {DLT_PPP, read_ppp},
    {DLT_LINUX_SLL, read_linux_cooked},
    {DLT_LINUX_SLL2, read_linux_cooked_2},
    {DLT_IEEE802_11, read_wifi},
    {DLT_IEEE802_11_RADIO, read_radiotap},
};

static const link_type *
type_of(int type)
{
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
    {
        if (types[i].type == type)
        {
            return &types[i];
        }
    }
    return NULL;
}

bool
fbd_link_is_known(int type)
{
    return type_of(type) != NULL;
}

const char *
fbd_link_names(void)
{
    return "Ethernet, raw IP, PPP, Linux cooked, 802.11, radiotap";
}

fbd_link
fbd_link_read(int type, const uint8_t *frame, size_t length, size_t *offset)
{
    const link_type *known = type_of(type);
    *offset = 0;
    if (known == NULL)
    {
        return FBD_LINK_OTHER;
    }
    fb_reader reader = fb_reader_over(frame, length);
    return known->read(&reader, offset);
}
