/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STEER_CLASSIFIER_INTERNAL_H
#define FB_STEER_CLASSIFIER_INTERNAL_H

/**
 * @file
 * What building a classifier and asking it have to agree on: the fields of boxes.
 *
 * classifier_box.c: a rule as a box. classifier_build.c: the trees. classifier.c: looking for a packet.
 */

#include "steer/classifier.h"

/**
 * Fields behind the addresses. An address of IPv6 is four fields, of which each is as narrow as the ones before it
 * allow (of a range that is no prefix, too wide: a box of IPv6 says that its rule may match, one of IPv4 that it does).
 */
enum
{
    FB_BOX_SOURCE_PORT,
    FB_BOX_DESTINATION_PORT,
    FB_BOX_PROTOCOL,
    FB_BOX_DS,
    FB_BOX_SPI,
    FB_BOX_HAS_SPI, /* 1: the packet has one */
    FB_BOX_FLOW_LABEL, /* IPv6 */
};

#define FB_BOX_ADDRESSES4 2
#define FB_BOX_ADDRESSES6 8
#define FB_BOX_WIDTH4 8
#define FB_BOX_WIDTH6 16 /* the last is 0 */

/** Port of a packet that has none (B6088-07): outside of every range of ports. */
#define FB_BOX_NO_PORT UINT32_C(0x10000)

/** Nodes on the way to a leaf, at most. */
#define FB_CLASSIFIER_DEPTH 12

/** Numbers of boxes are less; it stands for none. */
#define FB_NO_BOX 0xffff

/**
 * What a cell refers to, in 64 bits, so that each step down the tree reads memory once:
 *
 *     2 bits   FB_REFERENCE_*
 *     node:        1  it has boxes apart: the reference to them is before its first cell
 *                  4  logarithm of the number of its cells
 *                  5  how far the value of its field is shifted
 *                  4  the field
 *                 16  the lowest of its boxes
 *                 32  its first cell in fb_classifier.cell
 *     short leaf: 14  -
 *                 48  up to three boxes, the first in the lowest bits, then FB_NO_BOX
 *     long leaf:  14  -
 *                 16  how many boxes
 *                 32  the first, in 16 bits from fb_classifier.cell on
 *
 * The number of a cell is the shifted value modulo the number of cells: values a node's boxes tell apart meet
 * different ones, and a value far from all of them meets boxes that do not let it pass, and all those that do.
 */
enum
{
    FB_REFERENCE_NODE = 0,
    FB_REFERENCE_SHORT = 1,
    FB_REFERENCE_LONG = 2
};

#define FB_SHORT_LEAF 3

static inline uint32_t
fb_reference_kind(uint64_t reference)
{
    return (uint32_t)(reference >> 62);
}

static inline uint32_t
fb_reference_place(uint64_t reference)
{
    return (uint32_t)reference;
}

/** Of a node the lowest box, of a long leaf how many boxes. */
static inline uint32_t
fb_reference_number(uint64_t reference)
{
    return (uint32_t)(reference >> 32) & 0xffff;
}

static inline uint32_t
fb_node_field(uint64_t reference)
{
    return (uint32_t)(reference >> 48) & 15;
}

static inline uint32_t
fb_node_shift(uint64_t reference)
{
    return (uint32_t)(reference >> 52) & 31;
}

static inline uint32_t
fb_node_cells(uint64_t reference)
{
    return UINT32_C(1) << ((reference >> 57) & 15);
}

static inline bool
fb_node_has_apart(uint64_t reference)
{
    return (reference >> 61 & 1) != 0;
}

static inline size_t
fb_box_width(bool is_ipv6)
{
    return is_ipv6 ? FB_BOX_WIDTH6 : FB_BOX_WIDTH4;
}

/** Writes the box of @p selector: lowest values, then how far they reach. False: no packet can match it. */
bool fb_box_write(uint32_t *box, const fb_selector *selector);

#endif
