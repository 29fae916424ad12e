/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STEER_CLASSIFY_H
#define FB_STEER_CLASSIFY_H

/**
 * @file
 * Does a packet match a traffic selector (RFC 6088)?
 */

#include "flowbind/policy.h"
#include "wire/ipv4.h"

/**
 * Selectors describe packets toward the mobile node. @p mirrored is the mobile node's side, where packets go the other
 * way: addresses and ports are compared the other way round, protocol, DS, SPI and flow label as they are (D-21).
 *
 * Port fields never match a packet without ports, SPI fields never one that is neither ESP nor AH (B6088-07): that is
 * also what a fragment without its transport header is. An IPv6 selector never matches an IPv4 packet, nor the other
 * way round.
 */
bool fb_selector_matches(const fb_selector *selector, const fb_flow *flow, bool mirrored);

#endif
