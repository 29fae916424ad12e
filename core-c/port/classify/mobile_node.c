/* SPDX-License-Identifier: BSD-3-Clause */
#include "mobile_node.h"

#include "base/prefix.h"

#include <stdlib.h>
#include <string.h>

/** One end of a flow. */
typedef struct end
{
    fb_addr address;
    uint64_t packets;
    uint64_t frame; /* of the first packet from it; UINT64_MAX: it has sent none */
} end;

static bool
is_home(const fbk_options *options, uint8_t family, const uint8_t *address)
{
    for (size_t i = 0; i < options->home_count; i++)
    {
        if (options->home[i].address.family == family &&
            fb_prefix_covers(&options->home[i], address))
        {
            return true;
        }
    }
    return false;
}

static fbk_direction
direction_of(const fbk_flow *flow, const fbk_options *options)
{
    if (options->side != FBK_SIDE_AUTO)
    {
        return options->side == FBK_SIDE_DOWN ? FBK_DOWN : FBK_UP;
    }
    if (is_home(options, flow->key.family, flow->key.destination))
    {
        return FBK_DOWN;
    }
    return is_home(options, flow->key.family, flow->key.source) ? FBK_UP : FBK_ELSEWHERE;
}

static int
compare_addresses(const void *a, const void *b)
{
    const end *left = a, *right = b;

    return memcmp(left->address.octet, right->address.octet, sizeof left->address.octet);
}

/** Whether a mobile node can have it: no multicast, no broadcast, not none. */
static bool
is_unicast(uint8_t family, const uint8_t *address)
{
    static const uint8_t zero[16];

    return memcmp(address, zero, 16) != 0 &&
           (family == FB_FAMILY_IPV6 ? address[0] != 0xff : address[0] < 224);
}

/** Both ends of all flows of a family in @p ends; how many. */
static size_t
collect_ends(const fbk_flows *flows, uint8_t family, end *ends)
{
    size_t count = 0;

    for (size_t i = 0; i < flows->count; i++)
    {
        const fbk_flow *flow = &flows->flow[i];
        const uint8_t *address[] = {flow->key.source, flow->key.destination};

        for (size_t side = 0; flow->key.family == family && side < 2; side++)
        {
            if (is_unicast(family, address[side]))
            {
                ends[count] = (end){.packets = flow->packets,
                                    .frame = side == 0 ? flow->frame : UINT64_MAX};
                ends[count].address.family = family;
                memcpy(ends[count].address.octet, address[side], 16);
                count++;
            }
        }
    }
    return count;
}

/** The end with most packets; sorted by address, the same one's follow each other. */
static const end *
busiest(end *ends, size_t count)
{
    const end *best = NULL;
    size_t distinct = 0;

    for (size_t i = 0; i < count; i++)
    {
        if (distinct > 0 && compare_addresses(&ends[distinct - 1], &ends[i]) == 0)
        {
            end *same = &ends[distinct - 1];

            same->packets += ends[i].packets;
            same->frame = ends[i].frame < same->frame ? ends[i].frame : same->frame;
            continue;
        }
        ends[distinct++] = ends[i];
    }
    for (size_t i = 0; i < distinct; i++)
    {
        if (best == NULL || ends[i].packets > best->packets ||
            (ends[i].packets == best->packets && ends[i].frame < best->frame))
        {
            best = &ends[i];
        }
    }
    return best;
}

static bool
guess_homes(const fbk_flows *flows, fbk_options *options)
{
    static const uint8_t families[] = {FB_FAMILY_IPV4, FB_FAMILY_IPV6};
    end *ends = calloc(2 * flows->count + 1, sizeof *ends);

    for (size_t i = 0; ends != NULL && i < 2; i++)
    {
        size_t count = collect_ends(flows, families[i], ends);
        const end *best;

        qsort(ends, count, sizeof *ends, compare_addresses);
        best = busiest(ends, count);
        if (best != NULL)
        {
            options->home[options->home_count++] =
                (fb_prefix){.address = best->address, .length = fb_prefix_length_max(families[i])};
        }
    }
    free(ends);
    return ends != NULL;
}

bool
fbk_set_directions(fbk_flows *flows, fbk_options *options)
{
    if (options->side == FBK_SIDE_AUTO && options->home_count == 0 && !guess_homes(flows, options))
    {
        return false;
    }
    for (size_t i = 0; i < flows->count; i++)
    {
        flows->flow[i].direction = direction_of(&flows->flow[i], options);
    }
    return true;
}
