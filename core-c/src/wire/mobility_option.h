/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_WIRE_MOBILITY_OPTION_H
#define FB_WIRE_MOBILITY_OPTION_H

/**
 * @file
 * Mobility options, one const table for all of them: type, lengths, alignment, how often, where to read. Unknown types
 * are skipped (RFC 6275 6.2.1). The rooms of a message are fixed; what is more than fits is a drop reason.
 */

#include "base/bytes.h"
#include "flowbind/config.h"
#include "flowbind/policy.h"
#include "wire/path_metrics.h"

/** Types: RFC 6275 6.2, 4283, 5094, 5213 8, 5555, 5844 3, 5845 6, 5847 3.4, 6089 4, 7148 4, 8278 4, 5648 4. */
enum
{
    FB_OPTION_PAD1 = 0,
    FB_OPTION_PADN = 1,
    FB_OPTION_ALTERNATE_CARE_OF_ADDRESS = 3,
    FB_OPTION_MOBILE_NODE_IDENTIFIER = 8,
    FB_OPTION_VENDOR_SPECIFIC = 19,
    FB_OPTION_HOME_NETWORK_PREFIX = 22,
    FB_OPTION_HANDOFF_INDICATOR = 23,
    FB_OPTION_ACCESS_TECHNOLOGY = 24,
    FB_OPTION_LINK_LAYER_IDENTIFIER = 25,
    FB_OPTION_LINK_LOCAL_ADDRESS = 26,
    FB_OPTION_TIMESTAMP = 27,
    FB_OPTION_RESTART_COUNTER = 28,
    FB_OPTION_NAT_DETECTION = 31,
    FB_OPTION_GRE_KEY = 33,
    FB_OPTION_BINDING_IDENTIFIER = 35,
    FB_OPTION_IPV4_HOME_REQUEST = 36,
    FB_OPTION_IPV4_HOME_REPLY = 37,
    FB_OPTION_IPV4_DEFAULT_ROUTER = 38,
    FB_OPTION_DHCP_SUPPORT = 39,
    FB_OPTION_FLOW_SUMMARY = 44,
    FB_OPTION_FLOW_IDENTIFICATION = 45,
    FB_OPTION_DELEGATED_PREFIX = 55,
    FB_OPTION_MULTIPATH_BINDING = 63,
    FB_OPTION_GATEWAY_IDENTIFIER = 64
};

/** Octets in the message: not terminated, and valid as long as it is. */
typedef struct fb_octets
{
    const uint8_t *octet; /**< NULL: absent */
    uint8_t length;
} fb_octets;

/** A Mobile Node Identifier (RFC 4283 3) or MAG Identifier (RFC 8278 4.2): compared as opaque (D8-05). */
typedef struct fb_identifier
{
    uint8_t subtype; /**< 1: NAI */
    fb_octets value;
} fb_identifier;

/** MAG Multipath Binding option (RFC 8278 4.1). */
typedef struct fb_multipath_binding
{
    uint8_t technology; /**< If-ATT: of the WAN interface (D8-21) */
    uint8_t label; /**< If-Label */
    uint8_t bid;
    bool bulk; /**< B */
    bool overwrite; /**< O */
} fb_multipath_binding;

/** Flow Identification option (RFC 6089 4.2) with its sub-options. */
#define FB_FLOW_BIDS_MAX FB_BIDS_PER_RULE
#define FB_FLOW_BINDING_REFERENCE 2 /**< the sub-option (RFC 6089 4.2.1.3) */

typedef struct fb_flow_identification
{
    uint16_t fid, priority;
    uint8_t status;
    uint8_t bid_count; /**< of the Binding Reference sub-option */
    /** Traffic Selector sub-options that were there; `selector` is the first one */
    uint8_t selector_count;
    uint8_t reference_count; /**< Binding Reference sub-options */
    uint16_t bid[FB_FLOW_BIDS_MAX]; /**< 16 bits (D8-24) */
    /** TS Format, Reserved, selector (RFC 6089 4.2.1.4, RFC 6088); decoded when it is used */
    fb_octets selector;
    /** a sub-option does not fit, or FID or FID-PRI is 0: answered with status 130 in the option (RFC 6089 4.2) */
    bool malformed;
    fb_octets whole; /**< the option behind Type and Length, to be echoed */
} fb_flow_identification;

/** Most of each in one message. More: FB_DROP_MH_TOO_MANY_OPTIONS; of vendors' options: not looked at. */
#define FB_MESSAGE_PREFIXES_MAX FB_NETWORKS_MAX
#define FB_MESSAGE_FLOWS_MAX 16
#define FB_MESSAGE_VENDORS_MAX 4

/** IPv4 Home Address Request or Reply (RFC 5844 3.3.1, 3.3.2). */
typedef struct fb_ipv4_home
{
    bool present;
    uint8_t status; /**< of a reply */
    uint8_t prefix_length;
    fb_ipv4 address;
} fb_ipv4_home;

typedef struct fb_vendor_option
{
    uint32_t vendor;
    uint8_t subtype;
    fb_octets data;
} fb_vendor_option;

/** What a message has of options; bit n of `present` is option type n. */
typedef struct fb_mobility_options
{
    uint64_t present; /**< types up to 63; bit 0 is that of type 64 */
    /** what is wrong for who does not know RFC 8278, and skips its options */
    int wrong_but_for_multipath;
    fb_identifier mobile_node;
    uint8_t home_prefix_count;
    uint8_t delegated_count;
    uint8_t handoff; /**< RFC 5213 8.4 */
    uint8_t technology; /**< RFC 5213 8.5 */
    fb_octets link_layer; /**< RFC 5213 8.6, without Reserved */
    uint8_t link_local[16]; /**< RFC 5213 8.7 */
    uint64_t timestamp; /**< RFC 5213 8.8: seconds since 1970 in 48 bits, 1/65536 s in 16 */
    uint8_t alternate_care_of[16]; /**< RFC 6275 6.2.5 */
    uint32_t restart_counter; /**< RFC 5847 3.4 */
    bool nat_force; /**< F of NAT Detection (RFC 5555 3.2.2) */
    uint32_t nat_refresh_s;
    bool gre_has_key; /**< RFC 5845 6.1: Length 6; 2 asks for GRE without key */
    uint32_t gre_key;
    fb_ipv4_home ipv4_request, ipv4_reply;
    fb_ipv4 ipv4_default_router;
    bool dhcp_server; /**< S of RFC 5844 3.3.4 */
    fb_multipath_binding multipath; /**< RFC 8278 4.1 */
    fb_octets multipath_octets; /**< as it came, to be echoed when it is wrong (D8-03) */
    bool has_gateway;
    fb_identifier gateway; /**< MAG Identifier (RFC 8278 4.2), type 64 */
    uint8_t flow_count;
    uint8_t summary_count; /**< of the Flow Summary (RFC 6089 4.3) */
    uint8_t vendor_count;
    /* From here on only what is counted above has a value: most messages have none of it */
    fb_prefix home_prefix[FB_MESSAGE_PREFIXES_MAX]; /**< RFC 5213 8.3; of address 0: ALL_ZERO */
    fb_prefix delegated[FB_MESSAGE_PREFIXES_MAX]; /**< RFC 7148 4.1; V: an IPv4 one */
    fb_flow_identification flow[FB_MESSAGE_FLOWS_MAX];
    uint16_t summary[FB_MESSAGE_FLOWS_MAX];
    fb_vendor_option vendor[FB_MESSAGE_VENDORS_MAX];
} fb_mobility_options;

static inline bool
fb_option_present(const fb_mobility_options *options, unsigned type)
{
    return (options->present >> type & 1) != 0;
}

/** The next option that is no padding. False at the end; when the reader has failed then, an option goes beyond it. */
bool fb_mobility_option_next(fb_reader *reader, uint8_t *type, fb_octets *body);

/** The first option of @p type, of any length; of octet NULL: there is none. */
fb_octets fb_mobility_option_find(const uint8_t *octets, size_t length, uint8_t type);

/** "Home Network Prefix", ...; "unknown". Never NULL. */
const char *fb_mobility_option_name(uint8_t type);

/** No option is there. */
void fb_mobility_options_clear(fb_mobility_options *options);

/**
 * Walks the options of a message of MH Type @p mh_type. Options that are not for this message are skipped
 * (R8278-4.1-01). 0 or the drop reason of the first thing that is wrong: FB_DROP_TRUNCATED for framing, after which
 * nothing is to be believed; else the walk goes on, and what could be read is there. An option whose length is wrong
 * counts as absent, of repeated ones the first is there. What is wrong with the values of a MAG Multipath Binding
 * (R8278-4.1-11, -14) is told of an update, and it is there all the same; an acknowledgement only repeats it.
 */
int fb_mobility_options_walk(fb_mobility_options *options,
                             uint8_t mh_type,
                             const uint8_t *octets,
                             size_t length);

/* Writing: each pads to the option's alignment first (RFC 6275 6.2, Appendix B), offsets counting from the writer's
   start, which is that of the Mobility Header. An option longer than 255 octets makes the writer fail. */

/** How many octets stand in front of an option of @p type at @p position, so that it is aligned. */
size_t fb_mobility_option_padding(uint8_t type, size_t position);

/** Pad1 or PadN, @p length octets of at most 257 (RFC 6275 6.2.2, 6.2.3). */
void fb_write_option_padding(fb_writer *writer, size_t length);

void fb_write_identifier_option(fb_writer *writer, uint8_t type, const fb_identifier *identifier);
void fb_write_home_network_prefix(fb_writer *writer, const fb_prefix *prefix);
void fb_write_delegated_prefix(fb_writer *writer, const fb_prefix *prefix);
/** Handoff Indicator, Access Technology Type: one octet behind a reserved one. */
void fb_write_octet_option(fb_writer *writer, uint8_t type, uint8_t value);
void fb_write_link_layer_identifier(fb_writer *writer, fb_octets identifier);
void fb_write_link_local_address(fb_writer *writer, const uint8_t address[16]);
void fb_write_timestamp(fb_writer *writer, uint64_t timestamp);
void fb_write_alternate_care_of_address(fb_writer *writer, const uint8_t address[16]);
void fb_write_restart_counter(fb_writer *writer, uint32_t counter);
void fb_write_nat_detection(fb_writer *writer, bool force, uint32_t refresh_s);
void fb_write_gre_key(fb_writer *writer, bool has_key, uint32_t key);
void fb_write_ipv4_home_request(fb_writer *writer, const fb_ipv4_home *request);
void fb_write_ipv4_home_reply(fb_writer *writer, const fb_ipv4_home *reply);
void fb_write_ipv4_default_router(fb_writer *writer, fb_ipv4 router);
void fb_write_multipath_binding(fb_writer *writer, const fb_multipath_binding *multipath);
/** A MAG Multipath Binding as it came, at most 6 octets (D8-03). */
void fb_write_multipath_echo(fb_writer *writer, fb_octets octets);
void fb_write_vendor_specific(fb_writer *writer, const fb_vendor_option *vendor);
/** One Flow Identification with a Binding Reference and a Traffic Selector; either may be absent. */
void fb_write_flow_identification(fb_writer *writer,
                                  const fb_flow_identification *flow,
                                  const fb_selector *selector);
/** A Flow Identification as it came, with @p status (RFC 6089 5.3.2). */
void fb_write_flow_echo(fb_writer *writer, const fb_flow_identification *flow, uint8_t status);
void fb_write_flow_summary(fb_writer *writer, const uint16_t *fid, size_t count);

/** Path metrics in a Vendor-Specific option (RFC 5094). */
void fb_write_path_metrics(fb_writer *writer, uint32_t vendor, const fb_path_metrics *metrics);
/** False: it is another vendor's, another sub-type, or has another length. */
bool fb_read_path_metrics(const fb_vendor_option *option,
                          uint32_t vendor,
                          fb_path_metrics *metrics);

#endif
