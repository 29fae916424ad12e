/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_WIRE_AGENT_DISCOVERY_H
#define FB_WIRE_AGENT_DISCOVERY_H

/**
 * @file
 * Agent advertisements and solicitations: ICMP router discovery (RFC 1256) with the Mobility Agent Advertisement
 * Extension (RFC 5944 2.1, 2.2).
 */

#include "base/bytes.h"
#include "flowbind/reason.h"

enum
{
    FB_ICMP_ADVERTISEMENT = 9,
    FB_ICMP_SOLICITATION = 10
};

/** Code of an advertisement (RFC 5944 2.1). */
enum
{
    FB_ADVERTISEMENT_ROUTER = 0, /* routes common traffic too */
    FB_ADVERTISEMENT_AGENT = 16 /* only that of mobile nodes */
};

/** Flags of the extension (RFC 5944 2.1.1; T: RFC 3024 3.1; U: RFC 3519 3.5). */
enum
{
    FB_ADVERTISEMENT_R = 0x8000, /* registration required */
    FB_ADVERTISEMENT_B = 0x4000, /* busy */
    FB_ADVERTISEMENT_H = 0x2000, /* home agent */
    FB_ADVERTISEMENT_F = 0x1000, /* foreign agent */
    FB_ADVERTISEMENT_M = 0x0800, /* minimal encapsulation */
    FB_ADVERTISEMENT_G = 0x0400, /* GRE */
    FB_ADVERTISEMENT_T = 0x0100, /* reverse tunnelling */
    FB_ADVERTISEMENT_U = 0x0080 /* UDP tunnelling */
};

/** Care-of addresses of one advertisement that are read; the first ones. */
#define FB_ADVERTISEMENT_ADDRESSES_MAX 4

typedef struct fb_advertisement
{
    uint8_t code; /**< FB_ADVERTISEMENT_ROUTER or FB_ADVERTISEMENT_AGENT */
    uint16_t lifetime_s; /**< of the advertisement */
    fb_ipv4 router; /**< first router address; 0: none */
    bool agent; /**< the Mobility Agent Advertisement Extension is there: what follows counts */
    uint16_t sequence;
    uint16_t registration_lifetime_s; /**< the longest the agent accepts; 0xffff: no limit */
    uint16_t flags; /**< FB_ADVERTISEMENT_* */
    uint8_t address_count;
    fb_ipv4 care_of_address[FB_ADVERTISEMENT_ADDRESSES_MAX];
    uint8_t prefix_length; /**< of `router`'s network (RFC 5944 2.1.2); 0: not said */
} fb_advertisement;

/** Decodes an ICMP message, checksum included. 0 or FB_DROP_ADVERTISEMENT. */
int fb_advertisement_decode(fb_advertisement *advertisement, const uint8_t *icmp, size_t length);

/** Appends the whole ICMP message, checksum included; fails when F is set without a care-of address (2.1.1). */
void fb_advertisement_write(fb_writer *writer, const fb_advertisement *advertisement);

/** 0 for a well-formed solicitation (RFC 1256 4.2), or FB_DROP_ADVERTISEMENT. */
int fb_solicitation_check(const uint8_t *icmp, size_t length);

/** Appends a solicitation: eight octets. */
void fb_solicitation_write(fb_writer *writer);

#endif
