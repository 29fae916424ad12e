/* SPDX-License-Identifier: BSD-3-Clause */
#include "state/flow_sets.h"

#include "base/hash.h"
#include "base/octets.h"

#include <string.h>

/** In front of a flow's terms: FID, FID-PRI, and how many octets they are. */
#define HEAD_OCTETS 5

#define FLOW_OCTETS_MAX (HEAD_OCTETS + FB_FLOW_TERMS_MAX)
/** What fb_limits.rule_octets counts: terms and their length. */
#define TERMS_OCTETS_MAX (1 + FB_FLOW_TERMS_MAX)
#define SET_OCTETS_MAX (FB_FLOW_SET_MAX * FLOW_OCTETS_MAX)

_Static_assert(FB_FLOW_TERMS_MAX <= UINT8_MAX, "the length of terms is one octet");
_Static_assert(SET_OCTETS_MAX <= UINT16_MAX, "fb_flow_set.octets can count them");

static const fb_flow_list no_flows = {.count = 0};

void
fb_flow_sets_init(fb_flow_sets *sets, fb_arena *arena, const fb_limits *limits)
{
    uint64_t usual = limits->rule_octets > 0 && limits->rule_octets < TERMS_OCTETS_MAX
                         ? limits->rule_octets + FLOW_OCTETS_MAX - TERMS_OCTETS_MAX
                         : FLOW_OCTETS_MAX;
    uint32_t capacity = limits->sessions < limits->flows ? limits->sessions : limits->flows;
    uint32_t *free_sets = fb_arena_take(arena, 1, fb_pool_memory(capacity), _Alignof(uint32_t));

    sets->item = fb_arena_take(arena, capacity, sizeof *sets->item, _Alignof(fb_flow_set));
    sets->decoded = fb_arena_take(arena, 1, sizeof *sets->decoded, _Alignof(fb_decoded_flow_set));
    fb_chains_init(&sets->by_hash, arena, capacity);
    /* The last cell of a set need not be full */
    fb_cells_init(&sets->cells, arena, limits->flows * usual / FB_CELL_OCTETS + 1 + capacity);
    sets->flows = 0;
    sets->flows_max = limits->flows;
    if (arena->base != NULL && !arena->failed)
    {
        fb_pool_init(&sets->pool, free_sets, capacity);
        sets->decoded->set = FB_FLOW_SET_NONE;
    }
}

/* ---- octets ---- */

/** A list as it is stored. */
typedef struct written
{
    size_t length;
    uint32_t hash;
    uint8_t octet[SET_OCTETS_MAX];
} written;

static void
write(written *to, const fb_flow_list *list)
{
    to->length = 0;
    for (size_t i = 0; i < list->count; i++)
    {
        const fb_flow_binding *flow = &list->flow[i];
        uint8_t *at = to->octet + to->length;

        fb_store_u16(at, flow->fid);
        fb_store_u16(at + 2, flow->priority);
        at[4] = flow->terms.length;
        memcpy(at + HEAD_OCTETS, flow->terms.octet, flow->terms.length);
        to->length += HEAD_OCTETS + flow->terms.length;
    }
    to->hash = (uint32_t)fb_hash_octets(list->count, to->octet, to->length);
}

static void
read(fb_flow_list *list, const fb_flow_sets *sets, uint32_t set)
{
    const fb_flow_set *item = &sets->item[set];
    uint8_t octets[SET_OCTETS_MAX];
    const uint8_t *at = octets;

    fb_cells_read(&sets->cells, item->first, octets, item->octets);
    list->count = item->count;
    for (size_t i = 0; i < item->count; i++)
    {
        fb_flow_binding *flow = &list->flow[i];

        flow->fid = fb_load_u16(at);
        flow->priority = fb_load_u16(at + 2);
        flow->terms.length = at[4];
        memcpy(flow->terms.octet, at + HEAD_OCTETS, flow->terms.length);
        at += HEAD_OCTETS + flow->terms.length;
    }
}

/* ---- sets ---- */

/** The set that is written so; FB_FLOW_SET_NONE. */
static uint32_t
find(const fb_flow_sets *sets, const written *wanted)
{
    uint32_t at = fb_chains_first(&sets->by_hash, wanted->hash);

    while (at != FB_FLOW_SET_NONE &&
           (sets->item[at].hash != wanted->hash || sets->item[at].octets != wanted->length ||
            !fb_cells_equal(&sets->cells, sets->item[at].first, wanted->octet, wanted->length)))
    {
        at = fb_chains_next(&sets->by_hash, at);
    }
    return at;
}

/** Whether there is room for one more, when @p former, which goes if nobody else has it, has gone. */
static bool
has_room(const fb_flow_sets *sets, uint32_t former, const written *wanted, size_t count)
{
    bool goes = former != FB_FLOW_SET_NONE && sets->item[former].references == 1;
    uint32_t free_cells = sets->cells.pool.capacity - sets->cells.pool.used;
    uint32_t free_flows = sets->flows_max - sets->flows;

    if (goes)
    {
        free_cells += fb_cells_for(sets->item[former].octets);
        free_flows += sets->item[former].count;
    }
    return count <= free_flows && fb_cells_for(wanted->length) <= free_cells &&
           (goes || sets->pool.used < sets->pool.capacity);
}

static uint32_t
add(fb_flow_sets *sets, const written *wanted, size_t count)
{
    uint32_t set = fb_pool_take(&sets->pool);

    sets->item[set] = (fb_flow_set){
        .hash = wanted->hash,
        .first = fb_cells_store(&sets->cells, wanted->octet, wanted->length),
        .octets = (uint16_t)wanted->length,
        .count = (uint8_t)count};
    sets->flows += (uint32_t)count;
    fb_chains_add(&sets->by_hash, wanted->hash, set);
    return set;
}

static void
release(fb_flow_sets *sets, uint32_t set)
{
    fb_flow_set *item = &sets->item[set];

    if (set == FB_FLOW_SET_NONE || --item->references > 0)
    {
        return;
    }
    if (sets->decoded->set == set)
    {
        sets->decoded->set = FB_FLOW_SET_NONE; /* its number is another one's soon */
    }
    fb_chains_remove(&sets->by_hash, item->hash, set);
    fb_cells_give(&sets->cells, item->first, item->octets);
    sets->flows -= item->count;
    fb_pool_give(&sets->pool, set);
}

bool
fb_flow_sets_fit(const fb_flow_sets *sets, uint32_t former, const fb_flow_list *list)
{
    written wanted;

    if (list->count == 0)
    {
        return true;
    }
    write(&wanted, list);
    return find(sets, &wanted) != FB_FLOW_SET_NONE || has_room(sets, former, &wanted, list->count);
}

bool
fb_flow_sets_replace(fb_flow_sets *sets, uint32_t *set, const fb_flow_list *list)
{
    uint32_t former = *set, found = FB_FLOW_SET_NONE;
    written wanted;

    if (list->count > 0)
    {
        write(&wanted, list);
        found = find(sets, &wanted);
        if (found == FB_FLOW_SET_NONE && !has_room(sets, former, &wanted, list->count))
        {
            return false;
        }
    }
    if (found != FB_FLOW_SET_NONE)
    {
        sets->item[found].references++; /* first: it may be the former one */
    }
    release(sets, former);
    if (list->count > 0 && found == FB_FLOW_SET_NONE)
    {
        found = add(sets, &wanted, list->count);
        sets->item[found].references = 1;
    }
    *set = found;
    return true;
}

const fb_flow_list *
fb_flow_sets_list(const fb_flow_sets *sets, uint32_t set)
{
    fb_decoded_flow_set *decoded = sets->decoded;

    if (set == FB_FLOW_SET_NONE)
    {
        return &no_flows;
    }
    if (decoded->set != set)
    {
        read(&decoded->list, sets, set);
        decoded->set = set;
    }
    return &decoded->list;
}
