/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/lma.h"

#include <string.h>

void
fb_lma_init(fb_lma *lma,
            fb_arena *arena,
            const fb_config *config,
            const fb_clock *clock,
            fb_entropy *entropy,
            fb_events *events)
{
    (void)arena;
    (void)entropy;
    lma->config = config->lma;
    lma->clock = clock;
    lma->events = events;
}

int
fb_lma_set_subscriber(fb_lma *lma, const fb_proxy_subscriber *subscriber, fb_time now)
{
    (void)lma;
    (void)subscriber;
    (void)now;
    return FB_ERR_LIMIT;
}

int
fb_lma_remove_subscriber(fb_lma *lma, const fb_nai *identity, fb_time now)
{
    (void)lma;
    (void)identity;
    (void)now;
    return FB_ERR_UNKNOWN;
}

int
fb_lma_set_gateway(fb_lma *lma, const fb_gateway *gateway, fb_time now)
{
    (void)lma;
    (void)gateway;
    (void)now;
    return FB_ERR_LIMIT;
}

int
fb_lma_remove_gateway(fb_lma *lma, const fb_nai *identity, fb_time now)
{
    (void)lma;
    (void)identity;
    (void)now;
    return FB_ERR_UNKNOWN;
}

int
fb_lma_input(fb_lma *lma,
             const fb_meta *meta,
             const fb_mh_message *message,
             int wrong,
             fb_time now)
{
    int reason = wrong != FB_REASON_NONE ? wrong : FB_DROP_PBU_NODE_UNKNOWN;
    fb_event event = {.kind = FB_EVENT_DROP,
                      .role = FB_ROLE_LMA,
                      .type = message->fixed.type,
                      .reason = (uint16_t)reason,
                      .care_of = meta->src,
                      .time = now};

    fb_events_push(lma->events, &event);
    return fb_events_count(lma->events, reason);
}

void
fb_lma_handle_timeout(fb_lma *lma, unsigned budget, fb_time now)
{
    (void)lma;
    (void)budget;
    (void)now;
}

fb_time
fb_lma_next_timeout(const fb_lma *lma)
{
    (void)lma;
    return FB_TIME_NEVER;
}

ptrdiff_t
fb_lma_output(fb_lma *lma, fb_meta *meta, uint8_t *buffer, size_t capacity, fb_time now)
{
    (void)lma;
    (void)meta;
    (void)buffer;
    (void)capacity;
    (void)now;
    return 0;
}

bool
fb_lma_waits(const fb_lma *lma)
{
    (void)lma;
    return false;
}

uint32_t
fb_lma_session_toward(const fb_lma *lma, const fb_flow *flow)
{
    (void)lma;
    (void)flow;
    return FB_NODE_NONE;
}

bool
fb_lma_session_forwards(const fb_lma *lma, uint32_t session)
{
    (void)lma;
    (void)session;
    return false;
}

uint32_t
fb_lma_generation(const fb_lma *lma, uint32_t session)
{
    (void)lma;
    (void)session;
    return 0;
}

size_t
fb_lma_paths(const fb_lma *lma, uint32_t session, fb_path_view *paths)
{
    (void)lma;
    (void)session;
    (void)paths;
    return 0;
}

const fb_rule *
fb_lma_rules(const fb_lma *lma, uint32_t session, size_t *count)
{
    (void)lma;
    (void)session;
    *count = 0;
    return NULL;
}

void
fb_lma_tunnel(const fb_lma *lma, uint32_t session, uint8_t bid, fb_tunnel *tunnel)
{
    (void)lma;
    (void)session;
    (void)bid;
    memset(tunnel, 0, sizeof *tunnel);
}

int
fb_lma_check_uplink(const fb_lma *lma, const fb_arrival *arrival, fb_ref *path)
{
    (void)lma;
    (void)arrival;
    (void)path;
    return FB_DROP_TUNNEL_SOURCE;
}

bool
fb_lma_owns_tunnel(const fb_lma *lma,
                   const fb_addr *local,
                   const fb_addr *remote,
                   uint16_t remote_port)
{
    (void)lma;
    (void)local;
    (void)remote;
    (void)remote_port;
    return false;
}

bool
fb_lma_session_view(const fb_lma *lma, size_t index, fb_session_view *view)
{
    (void)lma;
    (void)index;
    (void)view;
    return false;
}

bool
fb_lma_binding_view(const fb_lma *lma, uint32_t session, size_t index, fb_proxy_view *view)
{
    (void)lma;
    (void)session;
    (void)index;
    (void)view;
    return false;
}
