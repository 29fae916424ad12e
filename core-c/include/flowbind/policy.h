/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_POLICY_H
#define FLOWBIND_POLICY_H

/**
 * @file
 * Flow policies: RFC 6088 traffic selectors and what to do with the packets that match them.
 */

#include "flowbind/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** TS Format of RFC 7629 4.2. */
enum
{
    FB_SELECTOR_IPV4 = 1, /**< RFC 6088 3.1 */
    FB_SELECTOR_IPV6 = 2 /**< RFC 6088 3.2 */
};

/**
 * Which fields of an IPv4 selector are present: the flag word of RFC 6088 3.1 as it is on the wire. An End needs its
 * Start; a Start alone is a single value; an absent field matches anything.
 */
#define FB_SELECTOR4_SOURCE_START UINT32_C(0x80000000) /* A */
#define FB_SELECTOR4_SOURCE_END UINT32_C(0x40000000) /* B */
#define FB_SELECTOR4_DESTINATION_START UINT32_C(0x20000000) /* C */
#define FB_SELECTOR4_DESTINATION_END UINT32_C(0x10000000) /* D */
#define FB_SELECTOR4_SPI_START UINT32_C(0x08000000) /* E */
#define FB_SELECTOR4_SPI_END UINT32_C(0x04000000) /* F */
#define FB_SELECTOR4_SOURCE_PORT_START UINT32_C(0x02000000) /* G */
#define FB_SELECTOR4_SOURCE_PORT_END UINT32_C(0x01000000) /* H */
#define FB_SELECTOR4_DESTINATION_PORT_START UINT32_C(0x00800000) /* I */
#define FB_SELECTOR4_DESTINATION_PORT_END UINT32_C(0x00400000) /* J */
#define FB_SELECTOR4_DS_START UINT32_C(0x00200000) /* K */
#define FB_SELECTOR4_DS_END UINT32_C(0x00100000) /* L */
#define FB_SELECTOR4_PROTOCOL_START UINT32_C(0x00080000) /* M */
#define FB_SELECTOR4_PROTOCOL_END UINT32_C(0x00040000) /* N */

/**
 * An IPv4 binary traffic selector (RFC 6088 3.1). Written for packets toward the mobile node as its home agent sees
 * them: the source is the correspondent (D-21). DS values keep the two low (ECN) bits they had on the wire; matching
 * ignores them.
 */
typedef struct fb_selector4
{
    uint32_t present; /**< FB_SELECTOR4_* */
    fb_ipv4 source_start, source_end;
    fb_ipv4 destination_start, destination_end;
    uint32_t spi_start, spi_end;
    uint16_t source_port_start, source_port_end;
    uint16_t destination_port_start, destination_port_end;
    uint8_t ds_start, ds_end;
    uint8_t protocol_start, protocol_end;
} fb_selector4;

/** Which fields of an IPv6 selector are present: the flag word of RFC 6088 3.2. */
#define FB_SELECTOR6_SOURCE_START UINT32_C(0x80000000) /* A */
#define FB_SELECTOR6_SOURCE_END UINT32_C(0x40000000) /* B */
#define FB_SELECTOR6_DESTINATION_START UINT32_C(0x20000000) /* C */
#define FB_SELECTOR6_DESTINATION_END UINT32_C(0x10000000) /* D */
#define FB_SELECTOR6_SPI_START UINT32_C(0x08000000) /* E */
#define FB_SELECTOR6_SPI_END UINT32_C(0x04000000) /* F */
#define FB_SELECTOR6_FLOW_LABEL_START UINT32_C(0x02000000) /* G */
#define FB_SELECTOR6_FLOW_LABEL_END UINT32_C(0x01000000) /* H */
#define FB_SELECTOR6_SOURCE_PORT_START UINT32_C(0x00800000) /* I */
#define FB_SELECTOR6_SOURCE_PORT_END UINT32_C(0x00400000) /* J */
#define FB_SELECTOR6_DESTINATION_PORT_START UINT32_C(0x00200000) /* K */
#define FB_SELECTOR6_DESTINATION_PORT_END UINT32_C(0x00100000) /* L */
#define FB_SELECTOR6_TRAFFIC_CLASS_START UINT32_C(0x00080000) /* M */
#define FB_SELECTOR6_TRAFFIC_CLASS_END UINT32_C(0x00040000) /* N */
#define FB_SELECTOR6_NEXT_HEADER_START UINT32_C(0x00020000) /* O */
#define FB_SELECTOR6_NEXT_HEADER_END UINT32_C(0x00010000) /* P */

/**
 * An IPv6 binary traffic selector (RFC 6088 3.2); as fb_selector4. Next Header is the protocol behind all extension
 * headers.
 */
typedef struct fb_selector6
{
    uint32_t present; /**< FB_SELECTOR6_* */
    uint8_t source_start[16], source_end[16];
    uint8_t destination_start[16], destination_end[16];
    uint32_t spi_start, spi_end;
    uint32_t flow_label_start, flow_label_end;
    uint16_t source_port_start, source_port_end;
    uint16_t destination_port_start, destination_port_end;
    uint8_t traffic_class_start, traffic_class_end;
    uint8_t next_header_start, next_header_end;
} fb_selector6;

typedef struct fb_selector
{
    uint8_t format; /**< FB_SELECTOR_IPV4 or FB_SELECTOR_IPV6 */
    union
    {
        fb_selector4 v4;
        fb_selector6 v6;
    } u;
} fb_selector;

/** Action of RFC 7629 4.2; from 128 on our own, for static policies (RFC 7629 4.1, 6) and never on the wire. */
enum
{
    FB_RULE_DROP = 0,
    FB_RULE_FORWARD = 1,
    /** `bid` holds If-Labels: the first path that carries one of them, in this order */
    FB_RULE_FORWARD_LABEL = 128,
    FB_RULE_FORWARD_TECHNOLOGY = 129, /**< `bid` holds Access Technology Types (RFC 5213) */
    FB_RULE_COPY = 130, /**< a copy to each BID of the list that is registered (RFC 6089 4.3) */
    /** what the scheduler says, among the BIDs of the list that are registered (R8278-3.2-04) */
    FB_RULE_SPREAD = 131
};

/** RFC 7629 4.2: BID Count is 1..8. */
#define FB_BIDS_PER_RULE 8

/** Most rules a negotiated policy can have, whatever the configured limit (D-33 recommends 64). */
#define FB_RULES_MAX 64

/** So many a static policy can have in files and in simulations; the library's limit is fb_limits.static_rules. */
#define FB_STATIC_RULES_MAX 4096

/** One Flow-Binding: packets that match the selector go to the first BID of the list that is registered, or nowhere. */
typedef struct fb_rule
{
    uint8_t action; /**< FB_RULE_* */
    /** 1..FB_BIDS_PER_RULE; of a DROP rule the list is without meaning (D-13) */
    uint8_t bid_count;
    uint8_t bid[FB_BIDS_PER_RULE]; /**< in order of preference; labels or technologies by action */
    fb_selector selector;
    /** where one is to choose: 1 + its number (fb_scheduler_at); 0: the configured one */
    uint8_t scheduler;
    /**
     * packets of this rule that take different paths are put in order again at the far end, which waits so long for one
     * that is missing; 0: not. Of static rules only, that both ends have (RFC 2890)
     */
    uint16_t reorder_ms;
    /**
     * with `reorder_ms` the sequence space, from 1 (0 is fb_reorder_config.default_ms's): on Mobile IPv4 the key of
     * GRE. A mobility session of Proxy Mobile IPv6 has but one, since there the key is the binding's (D8-28). Of rules
     * of one space the longest time counts
     */
    uint8_t reorder_class;
} fb_rule;

/**
 * What a scheduler is called, which policies and fb_config.scheduler name it by: @p index from 0 until it returns NULL;
 * fb_rule.scheduler is one more. The first one is the default.
 */
const char *fb_scheduler_name(size_t index);

/** Whether it may send packets of one flow over different paths, so that they may come in another order. */
bool fb_scheduler_is_by_packet(size_t index);

#ifdef __cplusplus
}
#endif

#endif
