/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_WIRE_MOBILITY_HEADER_H
#define FB_WIRE_MOBILITY_HEADER_H

/**
 * @file
 * The Mobility Header (RFC 6275 6.1) and the messages of Proxy Mobile IPv6 in it: Proxy Binding Update and
 * Acknowledgement (RFC 5213 8.1, 8.2), Heartbeat (RFC 5847 3.3), Binding Error (RFC 6275 6.1.9).
 *
 * A message is walked once: framing and fixed fields here, options by the table of mobility_option.h.
 */

#include "wire/mobility_option.h"

/** Next Header of the Mobility Header (RFC 6275 6.1.1), and what stands in its Payload Proto. */
#define FB_PROTOCOL_MOBILITY 135
#define FB_PROTOCOL_NONE 59

/** MH Type: RFC 6275 6.1, RFC 5847 3.3. */
enum
{
    FB_MH_BINDING_UPDATE = 5,
    FB_MH_BINDING_ACKNOWLEDGEMENT = 6,
    FB_MH_BINDING_ERROR = 7,
    FB_MH_HEARTBEAT = 13
};

/** Where the MH Type is (RFC 6275 6.1.1). */
#define FB_MH_TYPE_AT 2

/** Flags of a Binding Update; 0x0040 and 0x0020 are neither set nor read (D8-26). */
enum
{
    FB_PBU_ACKNOWLEDGE = 0x8000, /**< A: RFC 6275 6.1.7 */
    FB_PBU_HOME = 0x4000, /**< H: not set, accepted either way (D8-33) */
    FB_PBU_PROXY = 0x0200, /**< P: RFC 5213 8.1 */
    FB_PBU_FORCE_UDP = 0x0100, /**< F: RFC 5844 4.1.3 */
    FB_PBU_TLV = 0x0080 /**< T: RFC 5845 6.2 */
};

/** Flags of a Binding Acknowledgement. */
enum
{
    FB_PBA_PROXY = 0x20, /**< P: RFC 5213 8.2 */
    FB_PBA_TLV = 0x10 /**< T: RFC 5845 6.2 */
};

/** Flags of a Heartbeat (RFC 5847 3.3, C8-11). */
enum
{
    FB_HEARTBEAT_RESPONSE = 1, /**< R */
    FB_HEARTBEAT_UNSOLICITED = 2 /**< U, together with R */
};

/** Lifetime is counted in these (RFC 6275 6.1.7). */
#define FB_MH_LIFETIME_UNIT_S 4

/** Longest Mobility Header: Header Len is one octet (RFC 6275 6.1.1). */
#define FB_MH_MAX ((255 + 1) * 8)

/** Fixed fields; which are there depends on `type`. */
typedef struct fb_mh_fixed
{
    uint8_t type; /**< FB_MH_* */
    uint8_t status; /**< of an acknowledgement or Binding Error */
    uint16_t sequence; /**< of an update or acknowledgement */
    uint16_t flags; /**< FB_PBU_*, FB_PBA_* or FB_HEARTBEAT_* */
    uint16_t lifetime; /**< in units of 4 s */
    uint32_t heartbeat; /**< its Sequence Number */
} fb_mh_fixed;

typedef struct fb_mh_message
{
    fb_mh_fixed fixed;
    fb_mobility_options options;
    const uint8_t *octets; /**< of the whole message: options point into it */
    size_t length;
    /** the length of its header is possible: there are a checksum and, in known messages, options */
    bool framed;
} fb_mh_message;

/**
 * Checksum of a Mobility Header between two IPv6 addresses (RFC 6275 6.1.1: pseudo-header, Next Header 135), its own
 * field counted as 0.
 */
uint16_t fb_mh_checksum(const fb_addr *source,
                        const fb_addr *destination,
                        const uint8_t *octets,
                        size_t length);

/**
 * Takes a Mobility Header apart. 0 or the drop reason; with FB_DROP_MH_OPTION_REPEATED and other reasons about options
 * of an update everything that could be read is in @p message, so that it can be answered (`fb_reason_pba_status`).
 * The fixed fields are there whenever @p length reaches that far. @p source and @p destination are the packet's;
 * between IPv4 addresses (RFC 5844 4: in UDP) the checksum is neither used nor looked at.
 */
int fb_mh_walk(fb_mh_message *message,
               const fb_addr *source,
               const fb_addr *destination,
               const uint8_t *octets,
               size_t length);

/**
 * The same in two steps, for who has something to do in between: reading, after which nothing is to be believed, and
 * the rules of RFC 6275 9.2 that come first, the checksum among them. @p reason is what fb_mh_read() returned.
 */
int fb_mh_read(fb_mh_message *message, const uint8_t *octets, size_t length);
int fb_mh_check(fb_mh_message *message,
                const fb_addr *source,
                const fb_addr *destination,
                int reason);

/** Where the options of a message of MH Type @p type begin, behind its fixed fields; 0: an unknown type. */
size_t fb_mh_options_at(uint8_t type);

/** Begins a message in @p writer: header and fixed fields; options follow (mobility_option.h). */
void fb_mh_begin(fb_writer *writer, const fb_mh_fixed *fixed);

/**
 * Ends it: pads to a multiple of 8 octets (PadN, RFC 6275 6.2.3), writes Header Len and, between IPv6 addresses, the
 * checksum. Returns the length, 0 when it did not fit.
 */
size_t fb_mh_end(fb_writer *writer, const fb_addr *source, const fb_addr *destination);

#endif
