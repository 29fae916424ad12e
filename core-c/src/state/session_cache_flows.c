/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The flow bindings of mobility sessions (RFC 6089 4.3): a list for each, ordered by FID-PRI. Their terms lie in cells.
 */

#include "state/session_cache.h"

#include <string.h>

/** Most flows a session can have: what one message can name. */
#define FLOWS_MAX FB_MESSAGE_FLOWS_MAX

_Static_assert(FB_FLOW_TERMS_MAX <= UINT8_MAX, "the length of terms is one octet");
_Static_assert(sizeof(fb_flow_cell) == FB_FLOW_CELL_OCTETS + sizeof(uint32_t), "no padding");

/** How many cells terms of @p length octets take beyond the flow's own one. */
static uint32_t
more_cells_for(size_t length)
{
    return (uint32_t)(length / FB_FLOW_CELL_OCTETS); /* there is an octet for the length */
}

void
fb_sessions_init_flows(fb_session_cache *sessions, fb_arena *arena, const fb_limits *limits)
{
    size_t usual = limits->rule_octets > 0 && limits->rule_octets <= FB_FLOW_TERMS_MAX
                       ? limits->rule_octets - 1u
                       : FB_FLOW_TERMS_MAX;
    uint64_t wanted = (uint64_t)limits->flows * more_cells_for(usual);
    uint64_t all = limits->flows + wanted;
    bool fits = all < FB_POOL_NONE;
    uint32_t more = fits ? (uint32_t)wanted : 0;
    uint32_t *free_flows =
        fb_arena_take(arena, 1, fb_pool_memory(limits->flows), _Alignof(uint32_t));
    uint32_t *free_cells = fb_arena_take(arena, 1, fb_pool_memory(more), _Alignof(uint32_t));

    sessions->flow = fb_arena_take(arena, limits->flows, sizeof *sessions->flow, FB_CACHE_LINE);
    sessions->flow_cell = fb_arena_take(arena,
                                        fits ? (size_t)all : SIZE_MAX,
                                        sizeof *sessions->flow_cell,
                                        FB_CACHE_LINE);
    sessions->flow_share = limits->sessions > 0 ? limits->flows / limits->sessions : 0;
    sessions->flows_per_session = FLOWS_MAX;
    if (arena->base != NULL && !arena->failed)
    {
        fb_pool_init(&sessions->flows, free_flows, limits->flows);
        fb_pool_init(&sessions->more_cells, free_cells, more);
    }
}

/* ---- terms ---- */

/** The next part of @p octets octets that are left, in a cell with @p room octets. */
static size_t
part_of(size_t left, size_t room)
{
    return left < room ? left : room;
}

void
fb_session_flow_terms(const fb_session_cache *sessions,
                      const fb_flow_binding *flow,
                      fb_flow_terms *terms)
{
    const fb_flow_cell *cell = &sessions->flow_cell[flow - sessions->flow];
    size_t done = part_of(cell->octet[0], FB_FLOW_CELL_OCTETS - 1);

    terms->length = cell->octet[0];
    memcpy(terms->octet, cell->octet + 1, done);
    while (done < terms->length)
    {
        size_t part = part_of(terms->length - done, FB_FLOW_CELL_OCTETS);

        cell = &sessions->flow_cell[cell->next];
        memcpy(terms->octet + done, cell->octet, part);
        done += part;
    }
}

bool
fb_session_flow_has(const fb_session_cache *sessions,
                    const fb_flow_binding *flow,
                    const fb_flow_terms *terms)
{
    const fb_flow_cell *cell = &sessions->flow_cell[flow - sessions->flow];
    size_t done = part_of(terms->length, FB_FLOW_CELL_OCTETS - 1);
    bool same = cell->octet[0] == terms->length && memcmp(cell->octet + 1, terms->octet, done) == 0;

    while (same && done < terms->length)
    {
        size_t part = part_of(terms->length - done, FB_FLOW_CELL_OCTETS);

        cell = &sessions->flow_cell[cell->next];
        same = memcmp(cell->octet, terms->octet + done, part) == 0;
        done += part;
    }
    return same;
}

/** Gives all cells but the first of flow @p at back, which has terms. */
static void
give_cells(fb_session_cache *sessions, uint32_t at)
{
    const fb_flow_cell *cell = &sessions->flow_cell[at];

    for (uint32_t left = more_cells_for(cell->octet[0]); left > 0; left--)
    {
        uint32_t next = cell->next;

        cell = &sessions->flow_cell[next];
        fb_pool_give(&sessions->more_cells, next - sessions->flows.capacity);
    }
}

/** Writes the terms of flow @p at, which has but its first cell; there is room. */
static void
write_terms(fb_session_cache *sessions, uint32_t at, const fb_flow_terms *terms)
{
    fb_flow_cell *cell = &sessions->flow_cell[at];
    size_t done = part_of(terms->length, FB_FLOW_CELL_OCTETS - 1);

    cell->octet[0] = terms->length;
    memcpy(cell->octet + 1, terms->octet, done);
    for (uint32_t left = more_cells_for(terms->length); left > 0; left--)
    {
        size_t part = part_of(terms->length - done, FB_FLOW_CELL_OCTETS);

        cell->next = sessions->flows.capacity + fb_pool_take(&sessions->more_cells);
        cell = &sessions->flow_cell[cell->next];
        memcpy(cell->octet, terms->octet + done, part);
        done += part;
    }
}

/* ---- flows ---- */

const fb_flow_binding *
fb_session_flow(const fb_session_cache *sessions, uint32_t session, uint16_t fid)
{
    const fb_flow_binding *flow = fb_session_first_flow(sessions, session);

    while (flow != NULL && flow->fid != fid)
    {
        flow = fb_session_next_flow(sessions, flow);
    }
    return flow;
}

/** Takes the flow @p *link points at out of the list; it keeps its place. */
static uint32_t
unlink_flow(fb_session_cache *sessions, uint32_t session, uint32_t *link)
{
    uint32_t at = *link;

    *link = sessions->flow[at].next;
    sessions->session[session].owner.rule_count--;
    return at;
}

/** Whether terms of @p length octets have room, in the place of those of flow @p at unless FB_POOL_NONE. */
static bool
has_room_for_terms(const fb_session_cache *sessions, uint32_t at, size_t length)
{
    const fb_pool *cells = &sessions->more_cells;
    uint32_t own = at == FB_POOL_NONE ? 0 : more_cells_for(sessions->flow_cell[at].octet[0]);

    return more_cells_for(length) <= cells->capacity - cells->used + own;
}

/** A place for the flow, which is in no list and has but one cell; FB_POOL_NONE: there is no room. */
static uint32_t
take_place(fb_session_cache *sessions, uint32_t session, uint16_t fid, size_t length)
{
    uint32_t *link = &sessions->session[session].flows;

    while (*link != FB_POOL_NONE && sessions->flow[*link].fid != fid)
    {
        link = &sessions->flow[*link].next;
    }
    if (!has_room_for_terms(sessions, *link, length))
    {
        return FB_POOL_NONE;
    }
    if (*link != FB_POOL_NONE)
    {
        give_cells(sessions, *link);
        return unlink_flow(sessions, session, link);
    }
    return sessions->session[session].owner.rule_count < sessions->flows_per_session
               ? fb_pool_take_near(&sessions->flows, session * sessions->flow_share)
               : FB_POOL_NONE;
}

bool
fb_session_set_flow(fb_session_cache *sessions,
                    uint32_t session,
                    const fb_flow_binding *wanted,
                    const fb_flow_terms *terms)
{
    uint32_t *link = &sessions->session[session].flows;
    uint32_t at = take_place(sessions, session, wanted->fid, terms->length);

    if (at == FB_POOL_NONE)
    {
        return false;
    }
    write_terms(sessions, at, terms);
    while (*link != FB_POOL_NONE && sessions->flow[*link].priority < wanted->priority)
    {
        link = &sessions->flow[*link].next;
    }
    sessions->flow[at] = *wanted;
    sessions->flow[at].next = *link;
    *link = at;
    sessions->session[session].owner.rule_count++;
    return true;
}

static bool
is_among(uint16_t fid, const uint16_t *keep, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        if (keep[i] == fid)
        {
            return true;
        }
    }
    return false;
}

void
fb_session_keep_flows(fb_session_cache *sessions,
                      uint32_t session,
                      const uint16_t *keep,
                      size_t count)
{
    uint32_t *link = &sessions->session[session].flows;

    while (*link != FB_POOL_NONE)
    {
        if (is_among(sessions->flow[*link].fid, keep, count))
        {
            link = &sessions->flow[*link].next;
        }
        else
        {
            give_cells(sessions, *link);
            fb_pool_give(&sessions->flows, unlink_flow(sessions, session, link));
        }
    }
}

/** Tells of them. The event, without the mobile node's identifier; NULL: there is no room for one. */
static fb_event *
tell(fb_session_cache *sessions, uint32_t session, fb_time now)
{
    fb_mobility_session *item = &sessions->session[session];
    fb_event *event = fb_events_add(sessions->events, FB_EVENT_POLICY, FB_ROLE_LMA, now);

    item->owner.generation++;
    if (event != NULL)
    {
        event->count = item->owner.rule_count;
        event->ref.session = session + 1;
    }
    return event;
}

void
fb_session_flows_changed(fb_session_cache *sessions, uint32_t session, fb_time now)
{
    fb_event *event = tell(sessions, session, now);

    if (event != NULL)
    {
        fb_sessions_name(sessions, sessions->session[session].node, &event->identity);
    }
}

void
fb_session_flows_reaffirmed(fb_session_cache *sessions,
                            uint32_t session,
                            fb_octets identifier,
                            fb_time now)
{
    fb_event *event = tell(sessions, session, now);

    sessions->session[session].owner.reaffirmed++;
    if (event != NULL)
    {
        event->identity.length = identifier.length;
        memcpy(event->identity.text, identifier.octet, identifier.length);
    }
}
