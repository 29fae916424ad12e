/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STATE_TUNNEL_STATE_H
#define FB_STATE_TUNNEL_STATE_H

/**
 * @file
 * Soft state of tunnels (RFC 2003 5): which of those we send into carry less than we thought, or nothing. Most have no
 * trouble and no entry; what is known ages, so that it cannot be wrong for long. Its only writer.
 */

#include "flowbind/types.h"

/** Tunnels in trouble at a time; one more takes the place of the one that is forgotten first. */
#define FB_TUNNEL_STATES 16

/** RFC 1191 6.3: a path MTU is forgotten after ten minutes, and then tried again. */
#define FB_TUNNEL_MTU_AGE (600 * FB_SECOND)

/** An unreachable end is tried again after a second: what is sent then shows whether it still is. */
#define FB_TUNNEL_UNREACHABLE_AGE FB_SECOND

/** RFC 791, RFC 8200 5: every link carries so much. */
#define FB_TUNNEL_MTU_MIN 68
#define FB_TUNNEL_MTU_MIN_IPV6 1280

/** A tunnel by its ends, as outer headers of either family have them. */
typedef struct fb_tunnel_ends
{
    fb_addr source, destination; /**< of the same family; ours and the far one */
    uint16_t destination_port; /**< 0: not in UDP */
} fb_tunnel_ends;

typedef struct fb_tunnel_state
{
    fb_tunnel_ends ends;
    uint16_t mtu; /**< of outer packets */
    fb_time mtu_until; /**< until then `mtu` is known */
    fb_time unreachable_until;
} fb_tunnel_state;

typedef struct fb_tunnel_states
{
    fb_tunnel_state item[FB_TUNNEL_STATES];
    fb_time trouble_until; /**< then nothing is known of any */
} fb_tunnel_states;

/** What is known of a tunnel; NULL: nothing. */
const fb_tunnel_state *fb_tunnel_state_find(const fb_tunnel_states *states,
                                            const fb_tunnel_ends *ends,
                                            fb_time now);

/** An outer packet of more than @p mtu octets did not get through. */
void fb_tunnel_state_too_big(fb_tunnel_states *states,
                             const fb_tunnel_ends *ends,
                             uint16_t mtu,
                             fb_time now);

/** No outer packet gets through. */
void fb_tunnel_state_unreachable(fb_tunnel_states *states, const fb_tunnel_ends *ends, fb_time now);

#endif
