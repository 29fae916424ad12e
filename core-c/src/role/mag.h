/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_ROLE_MAG_H
#define FB_ROLE_MAG_H

/**
 * @file
 * The mobile access gateway (RFC 5213 6, RFC 8278 4.4).
 */

#include "base/arena.h"
#include "state/backoff.h"
#include "state/clock.h"
#include "state/entropy.h"
#include "state/events.h"
#include "state/heartbeat.h"
#include "state/path_probe.h"
#include "state/path_quality.h"
#include "state/update_list.h"
#include "steer/decapsulate.h"
#include "steer/scheduler.h"
#include "steer/tunnel.h"
#include "wire/mobility_header.h"

/** Flows of the policy one update can name (RFC 6089): more are not negotiated. */
#define FB_MAG_FLOWS_MAX FB_MESSAGE_FLOWS_MAX

/** A WAN link: proxy care-of addresses are those of links. */
typedef struct fb_mag_link
{
    fb_link link; /**< as the host last described it */
    bool known; /**< the place is in use */
    bool up;
    bool wanted; /**< by the administrator */
    fb_heartbeat heartbeat; /**< with the anchor, from this care-of address (B5847-02) */
    bool found_dead; /**< just now, and nothing was done about it yet */
    bool request_due; /**< a heartbeat request waits to be sent */
    bool response_due; /**< ... a response to `response_sequence` */
    uint32_t response_sequence;
    fb_path_quality path;
    fb_path_telling telling; /**< the anchor of it (RFC 5094), session by session */
    fb_path_probe probe; /**< whether the path is silent, which is of all sessions */
    uint32_t probe_session; /**< whose tunnel is used for it: that of the last packet */
} fb_mag_link;

/** Whether it answers neither heartbeats nor probes. */
static inline bool
fb_mag_link_dead(const fb_mag_link *link)
{
    return link->heartbeat.dead || fb_path_probe_silent(&link->probe);
}

/** What one FID stands for: a rule, or one BID of its list (D8-24). */
typedef struct fb_mag_flow
{
    uint8_t rule;
    uint8_t bid_count;
    uint8_t bid[FB_BIDS_PER_RULE];
} fb_mag_flow;

typedef struct fb_mag
{
    fb_mag_config config;
    const fb_clock *clock;
    fb_entropy *entropy;
    fb_events *events;
    fb_update_list list;
    fb_mag_link *link;
    uint16_t link_max;
    fb_rule *rule; /**< the policy */
    uint8_t rule_max, rule_count;
    fb_mag_flow flow[FB_MAG_FLOWS_MAX]; /**< FID n + 1 is flow n */
    uint8_t flow_count;
    uint32_t flows_version; /**< moves with the policy */

    /* The anchor, as far as it is known (RFC 8278 4.4). */
    uint8_t capability; /**< FB_MULTIPATH_* */
    fb_time legacy_retry_at; /**< when it is asked once more */
    bool legacy_probe_due; /**< ... with the next update that registers or refreshes */
    bool gre_unsupported; /**< it does not know option 33 (RFC 5845 4.2) */
    bool heartbeat_unsupported; /**< it answered with a Binding Error (RFC 5847 3.3) */
    bool counter_known;
    uint32_t counter; /**< its Restart Counter: of the peer, not of a path (C8-10) */
    fb_time counter_at; /**< when it was last heard */
    fb_rate_limit updates, heartbeats;
    uint16_t heartbeat_turn; /**< the place whose heartbeat goes first */
    bool numbered; /**< packets in GRE can have sequence numbers (RFC 2890), which take room */
    fb_probe_config probe;
} fb_mag;

void fb_mag_init(fb_mag *mag,
                 fb_arena *arena,
                 const fb_config *config,
                 const fb_clock *clock,
                 fb_entropy *entropy,
                 fb_events *events);

/* Facts. FB_OK or FB_ERR_*. */

/** A WAN link came up or changed: address, label and the like. */
int fb_mag_link_up(fb_mag *mag, const fb_link *link, fb_time now);
int fb_mag_link_down(fb_mag *mag, uint32_t link, fb_time now);
int fb_mag_add_session(fb_mag *mag, const fb_session *session, fb_time now);
int fb_mag_remove_session(fb_mag *mag, uint32_t session, fb_time now);
/** The gateway's policy, for all its sessions: negotiated by RFC 6089 options where that is configured. */
int fb_mag_set_policy(fb_mag *mag, const fb_rule *rules, size_t count, fb_time now);
int fb_mag_set_quality(fb_mag *mag, const fb_quality *quality, fb_time now);
/** An administrator wants this path (0: all) to register; ends waiting after a refusal (FB_FACT_REGISTER). */
int fb_mag_register(fb_mag *mag, uint8_t bid, fb_time now);
/** ... does not want it any more (0: all, with one update, B = 1). */
int fb_mag_deregister(fb_mag *mag, uint8_t bid, fb_time now);
/** The wall clock is right now: what waits for it after status 156 goes on (RFC 5213 6.9.1.2). */
void fb_mag_clock_set(fb_mag *mag, fb_time now);

/** An acknowledgement, Binding Error or heartbeat; as fb_lma_input(). */
int fb_mag_input(fb_mag *mag,
                 const fb_meta *meta,
                 const fb_mh_message *message,
                 int wrong,
                 fb_time now);

void fb_mag_handle_timeout(fb_mag *mag, unsigned budget, fb_time now);

fb_time fb_mag_next_timeout(const fb_mag *mag);

ptrdiff_t fb_mag_output(fb_mag *mag, fb_meta *meta, uint8_t *buffer, size_t capacity, fb_time now);

/* Data. Sessions are numbered from 0 here, by place; in references as the host numbered them. */

#define FB_MAG_SESSION_NONE UINT32_MAX

/**
 * The session a packet from the access side belongs to: its source is in a home network or delegated prefix, or is the
 * IPv4 home address, and @p from.link, unless 0, is the session's access link. FB_MAG_SESSION_NONE: not forwarded, and
 * neither is one with a link-local source (RFC 5213 6.10.3).
 */
uint32_t fb_mag_session_from(const fb_mag *mag, fb_ref from, const fb_flow *flow);

/** The session a packet goes to: by its destination. */
uint32_t fb_mag_session_toward(const fb_mag *mag, const fb_flow *flow);

/** The host's number of a session, and the access link of its mobile node (0: none). */
fb_ref fb_mag_session_ref(const fb_mag *mag, uint32_t session);

uint32_t fb_mag_generation(const fb_mag *mag, uint32_t session);

/** Whether packets can have sequence numbers: the MTU that mobile nodes are told is for those. */
void fb_mag_set_numbered(fb_mag *mag, bool numbered, fb_time now);

/** Whether the anchor sees the same paths of a session as this gateway: none is just coming or going. */
bool fb_mag_is_settled(const fb_mag *mag, uint32_t session);

size_t fb_mag_paths(const fb_mag *mag, uint32_t session, fb_path_view *paths);

/** Octets, as the host told of the link with this number; 0: not known. */
uint16_t fb_mag_link_mtu(const fb_mag *mag, uint32_t link);
const fb_rule *fb_mag_rules(const fb_mag *mag, uint32_t session, size_t *count);
void fb_mag_tunnel(const fb_mag *mag, uint32_t session, uint8_t bid, fb_tunnel *tunnel);

/**
 * Whether a packet that came out of a tunnel may be forwarded to the access side: the tunnel comes from the anchor to a
 * care-of address of ours, its kind and key are the path's, and the destination is of a session. 0 or a reason; then
 * @p path has session, BID and WAN link, and @p session its place.
 */
int fb_mag_check_downlink(const fb_mag *mag,
                          const fb_arrival *arrival,
                          fb_ref *path,
                          uint32_t *session);

/** The same, with the place of the WAN link. */
int fb_mag_find_downlink(const fb_mag *mag,
                         const fb_arrival *arrival,
                         fb_ref *path,
                         uint32_t *session,
                         uint16_t *place);

/**
 * A packet of @p session took this link, either way: as long as there are such it is asked whether it is silent.
 * Whether that begins.
 */
static inline bool
fb_mag_note_packet(fb_mag *mag, uint16_t place, uint32_t session, fb_time now)
{
    mag->link[place].probe_session = session;
    return fb_path_probe_traffic(&mag->link[place].probe, &mag->probe, now);
}

/** Whether a packet that came out of the tunnel of @p place answers a probe of ours; it is noted then. */
bool fb_mag_take_echo(fb_mag *mag, const fb_arrival *arrival, uint16_t place, fb_time now);

bool fb_mag_owns_tunnel(const fb_mag *mag,
                        const fb_addr *local,
                        const fb_addr *remote,
                        uint16_t remote_port);

/* Looking at it: flowbind/agent.h. */

bool fb_mag_session_view(const fb_mag *mag, size_t index, fb_session_view *view);
bool fb_mag_binding_view(const fb_mag *mag, uint32_t session, size_t index, fb_proxy_view *view);

#endif
