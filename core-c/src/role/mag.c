/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/mag.h"

#include <string.h>

void
fb_mag_init(fb_mag *mag,
            fb_arena *arena,
            const fb_config *config,
            const fb_clock *clock,
            fb_entropy *entropy,
            fb_events *events)
{
    (void)arena;
    (void)entropy;
    memset(mag, 0, sizeof *mag);
    mag->config = config->mag;
    mag->clock = clock;
    mag->events = events;
}

int
fb_mag_link_up(fb_mag *mag, const fb_link *link, fb_time now)
{
    (void)mag;
    (void)link;
    (void)now;
    return FB_ERR_LIMIT;
}

int
fb_mag_link_down(fb_mag *mag, uint32_t link, fb_time now)
{
    (void)mag;
    (void)link;
    (void)now;
    return FB_ERR_UNKNOWN;
}

int
fb_mag_add_session(fb_mag *mag, const fb_session *session, fb_time now)
{
    (void)mag;
    (void)session;
    (void)now;
    return FB_ERR_LIMIT;
}

int
fb_mag_remove_session(fb_mag *mag, uint32_t session, fb_time now)
{
    (void)mag;
    (void)session;
    (void)now;
    return FB_ERR_UNKNOWN;
}

int
fb_mag_set_policy(fb_mag *mag, const fb_rule *rules, size_t count, fb_time now)
{
    (void)mag;
    (void)rules;
    (void)count;
    (void)now;
    return FB_ERR_LIMIT;
}

int
fb_mag_set_quality(fb_mag *mag, const fb_quality *quality, fb_time now)
{
    (void)mag;
    (void)quality;
    (void)now;
    return FB_ERR_UNKNOWN;
}

int
fb_mag_register(fb_mag *mag, uint8_t bid, fb_time now)
{
    (void)mag;
    (void)bid;
    (void)now;
    return FB_ERR_UNKNOWN;
}

int
fb_mag_deregister(fb_mag *mag, uint8_t bid, fb_time now)
{
    (void)mag;
    (void)bid;
    (void)now;
    return FB_ERR_UNKNOWN;
}

void
fb_mag_clock_set(fb_mag *mag, fb_time now)
{
    (void)mag;
    (void)now;
}

int
fb_mag_input(fb_mag *mag, const fb_meta *meta, const fb_mh_message *message, int wrong, fb_time now)
{
    (void)meta;
    (void)message;
    (void)now;
    return fb_events_count(mag->events, wrong != 0 ? wrong : FB_DROP_NOT_EXPECTED);
}

void
fb_mag_handle_timeout(fb_mag *mag, unsigned budget, fb_time now)
{
    (void)mag;
    (void)budget;
    (void)now;
}

fb_time
fb_mag_next_timeout(const fb_mag *mag)
{
    (void)mag;
    return FB_TIME_NEVER;
}

ptrdiff_t
fb_mag_output(fb_mag *mag, fb_meta *meta, uint8_t *buffer, size_t capacity, fb_time now)
{
    (void)mag;
    (void)meta;
    (void)buffer;
    (void)capacity;
    (void)now;
    return 0;
}

uint32_t
fb_mag_session_from(const fb_mag *mag, fb_ref from, const fb_flow *flow)
{
    (void)mag;
    (void)from;
    (void)flow;
    return FB_MAG_SESSION_NONE;
}

uint32_t
fb_mag_session_toward(const fb_mag *mag, const fb_flow *flow)
{
    (void)mag;
    (void)flow;
    return FB_MAG_SESSION_NONE;
}

fb_ref
fb_mag_session_ref(const fb_mag *mag, uint32_t session)
{
    (void)mag;
    (void)session;
    return (fb_ref){0};
}

uint32_t
fb_mag_generation(const fb_mag *mag, uint32_t session)
{
    (void)mag;
    (void)session;
    return 0;
}

size_t
fb_mag_paths(const fb_mag *mag, uint32_t session, fb_path_view *paths)
{
    (void)mag;
    (void)session;
    (void)paths;
    return 0;
}

const fb_rule *
fb_mag_rules(const fb_mag *mag, uint32_t session, size_t *count)
{
    (void)mag;
    (void)session;
    *count = 0;
    return NULL;
}

void
fb_mag_tunnel(const fb_mag *mag, uint32_t session, uint8_t bid, fb_tunnel *tunnel)
{
    (void)mag;
    (void)session;
    (void)bid;
    memset(tunnel, 0, sizeof *tunnel);
}

int
fb_mag_check_downlink(const fb_mag *mag, const fb_arrival *arrival, fb_ref *path, uint32_t *session)
{
    (void)mag;
    (void)arrival;
    *path = (fb_ref){0};
    *session = FB_MAG_SESSION_NONE;
    return FB_DROP_TUNNEL_SOURCE;
}

bool
fb_mag_owns_tunnel(const fb_mag *mag,
                   const fb_addr *local,
                   const fb_addr *remote,
                   uint16_t remote_port)
{
    (void)mag;
    (void)local;
    (void)remote;
    (void)remote_port;
    return false;
}

bool
fb_mag_session_view(const fb_mag *mag, size_t index, fb_session_view *view)
{
    (void)mag;
    (void)index;
    (void)view;
    return false;
}

bool
fb_mag_binding_view(const fb_mag *mag, uint32_t session, size_t index, fb_proxy_view *view)
{
    (void)mag;
    (void)session;
    (void)index;
    (void)view;
    return false;
}
