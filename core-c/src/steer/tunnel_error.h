/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STEER_TUNNEL_ERROR_H
#define FB_STEER_TUNNEL_ERROR_H

/**
 * @file
 * What is done about errors from inside of tunnels, over IPv4 (RFC 2003 4 and 5) and over IPv6 (RFC 2473 7 and 8): they
 * become soft state of the tunnel, and that decides what may enter it. Whose tunnel it is, roles know.
 */

#include "state/tunnel_state.h"
#include "steer/encapsulate_ipv6.h"
#include "wire/icmp_error.h"

/** The ends of the tunnel the packet was sent into that @p error quotes. */
fb_tunnel_ends fb_tunnel_error_ends(const fb_icmp_error *error);

/**
 * Whether packets of the protocol @p error quotes come out of a tunnel between two ends that may use any: IP in IP,
 * GRE, UDP.
 */
bool fb_tunnel_error_is_tunnelled(const fb_icmp_error *error);

/** Remembers what @p error says of its tunnel. 0, or FB_DROP_NOT_EXPECTED: it cannot be true. */
int fb_tunnel_error_note(fb_tunnel_states *states, const fb_icmp_error *error, fb_time now);

/**
 * RFC 2473 8.2, 8.3, RFC 2003 4: what the source of the packet inside is told of @p error at once, when enough of that
 * is quoted: then @p inner describes it and @p told the ICMP error. False: nothing, and soft state has to do.
 */
bool fb_tunnel_error_relay(const fb_icmp_error *error, fb_flow *inner, fb_tunnel_entry *told);

/**
 * Whether a packet of @p total octets may enter the tunnel between @p ends, which puts @p overhead octets in front of
 * it: 0 or FB_DROP_TOO_BIG, FB_DROP_TUNNEL_UNREACHABLE; then @p entry says what its source is told. Of an IPv6 packet
 * that has to be fragmented outside, @p flow says so then (an outer IPv4 header without DF).
 */
int fb_tunnel_admit(const fb_tunnel_states *states,
                    const fb_tunnel_ends *ends,
                    uint32_t overhead,
                    fb_flow *flow,
                    size_t total,
                    fb_tunnel_entry *entry,
                    fb_time now);

/** RFC 8201 5.2: what is known of the path between @p ends, in octets of outer packets; @p otherwise if nothing is. */
uint32_t fb_tunnel_path_mtu(const fb_tunnel_states *states,
                            const fb_tunnel_ends *ends,
                            uint32_t otherwise,
                            fb_time now);

/** fb_encapsulate_ipv6() with what is known of the tunnel; FB_DROP_TUNNEL_UNREACHABLE is one more reason. */
int fb_tunnel_enter_ipv6(const fb_tunnel_states *states,
                         fb_action *action,
                         uint8_t tunnel,
                         const fb_outer_ipv6 *outer,
                         const fb_flow *inner,
                         const fb_packet *packet,
                         fb_tunnel_entry *entry,
                         fb_time now);

#endif
