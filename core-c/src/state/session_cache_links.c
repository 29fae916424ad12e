/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * What a mobility session says of its access link: the link-layer identifier of the mobile node's interface, and the
 * link-local address (RFC 5213 5.3.6). Most have a MAC address and nothing else, which stands with the session; what
 * others have besides lies in cells.
 */

#include "state/session_cache.h"

#include <string.h>

/** Link-local address, and all of a link-layer identifier that is too long to stand with the session. */
#define MORE_MAX (FB_LINK_LOCAL_OCTETS + FB_LINK_LAYER_MAX)

void
fb_sessions_init_links(fb_session_cache *sessions, fb_arena *arena, const fb_limits *limits)
{
    uint64_t most = limits->long_sessions > 0 && limits->long_sessions < limits->sessions
                        ? limits->long_sessions
                        : limits->sessions;

    fb_cells_init(&sessions->more, arena, most * fb_cells_for(MORE_MAX));
}

/** Octets in the cells of a session. */
static size_t
more_octets(size_t link_layer_length, bool link_local)
{
    return (link_local ? FB_LINK_LOCAL_OCTETS : 0) +
           (link_layer_length > FB_LINK_LAYER_FRONT ? link_layer_length : 0);
}

static bool
has_link_local(const fb_mobility_session *item)
{
    return (item->owner.flags & FB_SESSION_LINK_LOCAL) != 0;
}

static size_t
more_of(const fb_mobility_session *item)
{
    return more_octets(item->link_layer_length, has_link_local(item));
}

size_t
fb_session_link_layer(const fb_session_cache *sessions,
                      uint32_t session,
                      uint8_t octets[FB_LINK_LAYER_MAX])
{
    const fb_mobility_session *item = &sessions->session[session];
    size_t at = has_link_local(item) ? FB_LINK_LOCAL_OCTETS : 0;
    uint8_t more[MORE_MAX];

    if (item->link_layer_length <= FB_LINK_LAYER_FRONT)
    {
        memcpy(octets, item->link_layer, item->link_layer_length);
    }
    else
    {
        fb_cells_read(&sessions->more, item->more, more, more_of(item));
        memcpy(octets, more + at, item->link_layer_length);
    }
    return item->link_layer_length;
}

bool
fb_session_has_link_layer(const fb_session_cache *sessions, uint32_t session, fb_octets identifier)
{
    uint8_t octets[FB_LINK_LAYER_MAX];
    size_t length = sessions->session[session].link_layer_length;

    return length == identifier.length &&
           (length == 0 ||
            memcmp(octets, identifier.octet, fb_session_link_layer(sessions, session, octets)) ==
                0);
}

void
fb_session_link_local(const fb_session_cache *sessions,
                      uint32_t session,
                      uint8_t octets[FB_LINK_LOCAL_OCTETS])
{
    const fb_mobility_session *item = &sessions->session[session];

    memset(octets, 0, FB_LINK_LOCAL_OCTETS);
    if (has_link_local(item))
    {
        fb_cells_read(&sessions->more, item->more, octets, FB_LINK_LOCAL_OCTETS);
    }
}

bool
fb_session_has_room_for_link(const fb_session_cache *sessions,
                             uint32_t session,
                             size_t length,
                             bool link_local)
{
    const fb_pool *pool = &sessions->more.pool;
    uint32_t own = session == FB_SESSION_NONE ? 0
                                              : fb_cells_for(more_of(&sessions->session[session]));

    return fb_cells_for(more_octets(length, link_local)) <= pool->capacity - pool->used + own;
}

/** Whether any of the octets is not 0. */
static bool
is_address(const uint8_t link_local[FB_LINK_LOCAL_OCTETS])
{
    static const uint8_t none[FB_LINK_LOCAL_OCTETS] = {0};

    return memcmp(link_local, none, sizeof none) != 0;
}

void
fb_session_set_link(fb_session_cache *sessions,
                    uint32_t session,
                    fb_octets identifier,
                    const uint8_t link_local[FB_LINK_LOCAL_OCTETS])
{
    fb_mobility_session *item = &sessions->session[session];
    bool address = is_address(link_local);
    bool apart = identifier.length > FB_LINK_LAYER_FRONT;
    size_t length = more_octets(identifier.length, address), before = more_of(item);
    uint8_t more[MORE_MAX];

    memcpy(more, link_local, address ? FB_LINK_LOCAL_OCTETS : 0);
    if (apart)
    {
        memcpy(more + (address ? FB_LINK_LOCAL_OCTETS : 0), identifier.octet, identifier.length);
    }
    if (length != before || !fb_cells_equal(&sessions->more, item->more, more, length))
    {
        fb_cells_give(&sessions->more, item->more, before);
        item->more = fb_cells_store(&sessions->more, more, length);
        item->owner.generation++; /* the fingerprint does not look into the cells */
    }
    item->owner.flags = (uint8_t)((item->owner.flags & ~FB_SESSION_LINK_LOCAL) |
                                  (address ? FB_SESSION_LINK_LOCAL : 0));
    item->link_layer_length = identifier.length;
    memset(item->link_layer, 0, sizeof item->link_layer);
    if (identifier.length > 0)
    {
        memcpy(item->link_layer, identifier.octet, apart ? FB_LINK_LAYER_FRONT : identifier.length);
    }
}
