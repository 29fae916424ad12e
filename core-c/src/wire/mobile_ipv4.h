/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_WIRE_MOBILE_IPV4_H
#define FB_WIRE_MOBILE_IPV4_H

/**
 * @file
 * Registration Requests and Replies (RFC 5944 3.3, 3.4), their extensions, and those of RFC 7629.
 *
 * Reading goes in two steps, because nothing is believed before it is authenticated: fb_mip4_walk() looks at framing
 * only; the bodies of extensions are decoded afterwards, by fb_mip4_check_request() and the decoders below it.
 */

#include "base/bytes.h"
#include "flowbind/config.h"
#include "flowbind/policy.h"
#include "flowbind/reason.h"

enum
{
    FB_MIP4_REQUEST = 1,
    FB_MIP4_REPLY = 3,
    FB_MIP4_TUNNEL_DATA = 4 /* RFC 3519 3.4: a data packet, which fb_mip4_walk() does not take */
};

/** Flags of a Registration Request (RFC 5944 3.3). */
enum
{
    FB_MIP4_FLAG_S = 0x80, /* simultaneous bindings */
    FB_MIP4_FLAG_B = 0x40, /* broadcast datagrams */
    FB_MIP4_FLAG_D = 0x20, /* decapsulation by the mobile node */
    FB_MIP4_FLAG_M = 0x10, /* minimal encapsulation */
    FB_MIP4_FLAG_G = 0x08, /* GRE */
    FB_MIP4_FLAG_R = 0x04, /* r: sent as zero, ignored */
    FB_MIP4_FLAG_T = 0x02, /* reverse tunnelling */
    FB_MIP4_FLAG_X = 0x01 /* x: sent as zero, ignored */
};

/** Extension types. 154 uses the long format although its number says otherwise (D-01). */
enum
{
    FB_EXT_PADDING = 0,
    FB_EXT_MOBILE_HOME_AUTHENTICATION = 32,
    FB_EXT_MOBILE_FOREIGN_AUTHENTICATION = 33,
    FB_EXT_FOREIGN_HOME_AUTHENTICATION = 34,
    FB_EXT_UDP_TUNNEL_REPLY = 44, /* RFC 3519 3.2 */
    FB_EXT_ENCAPSULATING_DELIVERY = 130, /* RFC 3024 3.3 */
    FB_EXT_NAI = 131, /* RFC 2794 2 */
    FB_EXT_VENDOR = 134, /* RFC 3115 2.2: Normal Vendor/Organization Specific */
    FB_EXT_UDP_TUNNEL_REQUEST = 144, /* RFC 3519 3.1 */
    FB_EXT_MOBILE_NETWORK = 148, /* RFC 5177 4 */
    FB_EXT_IPV6 = 152, /* RFC 5454 3 */
    FB_EXT_MULTIPATH = 154
};

/** Subtypes of 154 (RFC 7629 7). */
enum
{
    FB_EXT_SUBTYPE_MULTIPATH = 1,
    FB_EXT_SUBTYPE_FLOW_BINDING = 2
};

/** "Mobile-Home Authentication", "Multipath", ...; "unknown". Never NULL. */
const char *fb_mip4_extension_name(uint8_t type, uint8_t subtype);

/** D-33: one policy is one message of at most 1200 octets; the rest of it takes 24 + 8 + 6 + 32. */
#define FB_POLICY_OCTETS_MAX (1200 - 70)

/** Most extensions one message may have: more than fit an unfragmented Ethernet packet with Flow-Bindings. */
#define FB_MIP4_EXTENSIONS_MAX 128

/** Where an extension is. `body` is what follows its Length field. */
typedef struct fb_mip4_extension
{
    uint8_t type, subtype; /**< subtype only of 154 */
    uint16_t start; /**< offset of its Type */
    uint16_t body; /**< offset of its body */
    uint16_t length; /**< octets of the body */
} fb_mip4_extension;

/** The fixed part of either message. */
typedef struct fb_mip4_fixed
{
    uint8_t type;
    uint8_t flags; /**< request */
    uint8_t code; /**< reply */
    uint16_t lifetime_s;
    fb_ipv4 home_address, home_agent;
    fb_ipv4 care_of_address; /**< request */
    uint64_t identification;
} fb_mip4_fixed;

/** A message whose framing is sound. Points into the caller's octets. */
typedef struct fb_mip4_message
{
    const uint8_t *data;
    size_t length;
    fb_mip4_fixed fixed;
    int mobile_home; /**< index of the first Mobile-Home Authentication Extension; -1: none */
    uint16_t extension_count;
    fb_mip4_extension extension[FB_MIP4_EXTENSIONS_MAX];
} fb_mip4_message;

/**
 * Framing (RFC 5944 1.8-1.10; D-01 for 154). Returns 0 or a drop reason; after a drop, `fixed` is filled in as far as
 * it was there (FB_DROP_TRUNCATED and FB_DROP_UNKNOWN_MESSAGE may leave it zero).
 */
int fb_mip4_walk(fb_mip4_message *message, const uint8_t *data, size_t length);

/** The same by RFC 5944 alone: 154 is an unknown type that may be skipped, with a Length of one octet (1.9). */
int fb_mip4_walk_legacy(fb_mip4_message *message, const uint8_t *data, size_t length);

/** How many extensions of @p type the message has. */
unsigned fb_mip4_extension_count(const fb_mip4_message *message, uint8_t type);

/** Index of the first extension of @p type; -1: none. */
int fb_mip4_extension_find(const fb_mip4_message *message, uint8_t type);

/** Multipath Extension (RFC 7629 4.1). */
typedef struct fb_multipath
{
    uint8_t technology; /**< If-ATT */
    uint8_t label; /**< If-Label */
    uint8_t bid;
    bool bulk; /**< B */
    bool overwrite; /**< O */
} fb_multipath;

/** Decodes the body; checks its own fields only (4.1), not the rest of the message. 0 or a drop reason. */
int fb_multipath_decode(fb_multipath *multipath, const uint8_t *body, size_t length);

/** Longest body of a Flow-Binding: eight BIDs, Reserved (D-20), and all fields of an IPv6 selector. */
#define FB_FLOW_BINDING_OCTETS_MAX 108

/** Decodes a Flow-Binding's body (RFC 7629 4.2) into a rule. 0 or a drop reason. */
int fb_flow_binding_decode(fb_rule *rule,
                           const uint8_t *body,
                           size_t length,
                           fb_selector_layout layout);

/** What the extensions of an authenticated request say, RFC 7629's rules for the whole message applied. */
typedef struct fb_mip4_request
{
    bool has_multipath;
    fb_multipath multipath;
    uint16_t flow_binding_count;
    uint32_t flow_binding_octets; /**< in their bodies */
} fb_mip4_request;

/**
 * G7 of the home agent's gate: at most one Multipath, none behind the authentication, B and O not both (unless Lifetime
 * is 0, D-04), Flow-Bindings only with Multipath, every Flow-Binding well formed. Returns 0 or a drop reason whose
 * fb_reason_reply_code() is 134.
 */
int fb_mip4_check_request(fb_mip4_request *request,
                          const fb_mip4_message *message,
                          fb_selector_layout layout);

/**
 * Whether a request names a care-of address packets can be tunnelled to: a unicast address that is neither the home
 * address nor the home agent's. A de-registration may name any (RFC 5944 3.6.1.2).
 */
bool fb_mip4_care_of_address_usable(const fb_mip4_fixed *request);

/** The first Flow-Binding of a message, or the one after @p previous; NULL: no more. */
const fb_mip4_extension *fb_mip4_next_flow_binding(const fb_mip4_message *message,
                                                   const fb_mip4_extension *previous);

/** Decodes the @p index-th Flow-Binding of a message that fb_mip4_check_request() passed. False: no such one. */
bool fb_mip4_flow_binding(const fb_mip4_message *message,
                          size_t index,
                          fb_selector_layout layout,
                          fb_rule *rule);

/**
 * Only action, bid_count and bid of @p rule, of a Flow-Binding that fb_mip4_check_request() passed: what it costs does
 * not depend on the selector. False: too many BIDs.
 */
bool fb_mip4_flow_binding_bids(const fb_mip4_message *message,
                               const fb_mip4_extension *flow_binding,
                               fb_rule *rule);

/**
 * Verifies the authentication extension @p extension (an index) against @p association: SPI, length, and the
 * authenticator over everything up to and including the SPI (RFC 5944 3.5.1), in constant time. 0 or a drop reason.
 */
int fb_mip4_verify(const fb_mip4_message *message,
                   int extension,
                   const fb_security_association *association);

/* Writing: fixed part, extensions, then the authentication over all that was written. */

void fb_mip4_write_fixed(fb_writer *writer, const fb_mip4_fixed *fixed);
void fb_multipath_write(fb_writer *writer, const fb_multipath *multipath);
/** A rule that no message of RFC 7629 can say (FB_RULE_FORWARD_LABEL, ...) fails the writer. */
void fb_flow_binding_write(fb_writer *writer, const fb_rule *rule, fb_selector_layout layout);

/** Octets fb_flow_binding_write() takes for @p rule, at most. */
size_t fb_flow_binding_size(const fb_rule *rule);

/** Replaces the Identification of a request whose fixed part is at the start of @p writer. */
void fb_mip4_patch_request_identification(fb_writer *writer, uint64_t identification);

/** Appends authentication extension @p type over everything written so far (RFC 5944 3.5.1). */
void fb_mip4_write_authentication(fb_writer *writer,
                                  uint8_t type,
                                  const fb_security_association *association);

#endif
