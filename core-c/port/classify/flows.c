/* SPDX-License-Identifier: BSD-3-Clause */
#include "flows.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(sizeof(fbk_key) == 52, "a key has no padding: it is hashed and compared as octets");

bool
fbk_flows_init(fbk_flows *flows)
{
    memset(flows, 0, sizeof *flows);
    flows->slots = 1024;
    flows->slot = calloc(flows->slots, sizeof *flows->slot);
    flows->fragment = calloc(FBK_FRAGMENTS, sizeof *flows->fragment);
    return flows->slot != NULL && flows->fragment != NULL;
}

void
fbk_flows_free(fbk_flows *flows)
{
    free(flows->flow);
    free(flows->slot);
    free(flows->fragment);
}

static uint64_t
hash_of(const fbk_key *key)
{
    return fb_hash_octets(0, (const uint8_t *)key, sizeof *key);
}

/** The slot of the flow with this key, or a free one. */
static size_t *
slot_of(const fbk_flows *flows, const fbk_key *key)
{
    size_t at = (size_t)hash_of(key) & (flows->slots - 1);

    while (flows->slot[at] != 0 &&
           memcmp(&flows->flow[flows->slot[at] - 1].key, key, sizeof *key) != 0)
    {
        at = (at + 1) & (flows->slots - 1);
    }
    return &flows->slot[at];
}

/** Makes room for one more flow. */
static bool
grow(fbk_flows *flows)
{
    if (flows->count == flows->capacity)
    {
        size_t capacity = flows->capacity == 0 ? 256 : 2 * flows->capacity;
        fbk_flow *more = realloc(flows->flow, capacity * sizeof *more);

        if (more == NULL)
        {
            return false;
        }
        flows->flow = more;
        flows->capacity = capacity;
    }
    if (2 * flows->count >= flows->slots)
    {
        size_t *slot = calloc(2 * flows->slots, sizeof *slot);

        if (slot == NULL)
        {
            return false;
        }
        free(flows->slot);
        flows->slot = slot;
        flows->slots *= 2;
        for (size_t i = 0; i < flows->count; i++)
        {
            *slot_of(flows, &flows->flow[i].key) = i + 1;
        }
    }
    return true;
}

/** The flow with this key, made when there is none. NULL: no memory. */
static fbk_flow *
find(fbk_flows *flows, const fbk_key *key, uint64_t frame)
{
    size_t *slot = slot_of(flows, key);

    if (*slot == 0)
    {
        if (!grow(flows))
        {
            return NULL;
        }
        slot = slot_of(flows, key);
        flows->flow[flows->count] = (fbk_flow){.key = *key, .frame = frame};
        *slot = ++flows->count;
    }
    return &flows->flow[*slot - 1];
}

static fbk_key
addresses_of(const fb_flow *flow)
{
    fbk_key key;

    memset(&key, 0, sizeof key);
    key.family = flow->family;
    if (flow->family == FB_FAMILY_IPV6)
    {
        memcpy(key.source, flow->source6, 16);
        memcpy(key.destination, flow->destination6, 16);
    }
    else
    {
        fb_store_u32(key.source, flow->source);
        fb_store_u32(key.destination, flow->destination);
    }
    return key;
}

static fbk_key
key_of(const fb_flow *flow)
{
    fbk_key key = addresses_of(flow);

    key.spi = flow->spi;
    key.flow_label = flow->flow_label;
    key.source_port = flow->source_port;
    key.destination_port = flow->destination_port;
    key.protocol = flow->protocol;
    key.dscp = flow->tos >> 2;
    key.has_ports = flow->has_ports;
    key.has_spi = flow->has_spi;
    return key;
}

/** Where the flow of a packet in fragments is remembered. Of two at the same place the later one counts. */
static fbk_fragment *
fragment_of(const fbk_flows *flows, const fb_flow *flow, fbk_key *key)
{
    *key = addresses_of(flow);
    /* RFC 791 3.2: the protocol tells too; RFC 8200 4.5: it does not, later fragments need not have it */
    key->protocol = flow->family == FB_FAMILY_IPV6 ? 0 : flow->protocol;
    return &flows->fragment[fb_hash_combine(hash_of(key), flow->fragment_id) % FBK_FRAGMENTS];
}

/** The flow of a packet; NULL: no memory. */
static fbk_flow *
flow_of(fbk_flows *flows, const fb_flow *seen, uint64_t frame)
{
    fbk_key key = key_of(seen), packet;
    fbk_fragment *fragment = fragment_of(flows, seen, &packet);
    fbk_flow *flow;

    if (seen->fragment && !seen->first_fragment)
    {
        if (fragment->flow != 0 && fragment->id == seen->fragment_id &&
            memcmp(&fragment->key, &packet, sizeof packet) == 0)
        {
            return &flows->flow[fragment->flow - 1];
        }
        flows->orphans++;
    }
    flow = find(flows, &key, frame);
    if (flow != NULL && seen->fragment && seen->first_fragment)
    {
        *fragment = (fbk_fragment){.key = packet,
                                   .id = seen->fragment_id,
                                   .flow = (size_t)(flow - flows->flow) + 1};
    }
    return flow;
}

/** Whether the packet must have had ports or an SPI that were not captured. */
static bool
lacks_its_transport(const fb_flow *seen, size_t captured)
{
    uint8_t nothing[8] = {0};
    fb_flow whole = *seen;

    if (captured >= seen->length || seen->has_ports || seen->has_spi ||
        (seen->fragment && !seen->first_fragment))
    {
        return false;
    }
    fb_flow_read_transport(&whole, nothing, sizeof nothing);
    return whole.has_ports || whole.has_spi;
}

bool
fbk_flows_add(fbk_flows *flows, const fbd_captured *packet)
{
    fb_flow seen;
    fbk_flow *flow;

    if (!fb_flow_read(&seen, packet->octets, packet->captured, packet->total))
    {
        flows->malformed++;
        return true;
    }
    flows->cut += lacks_its_transport(&seen, packet->captured);
    flow = flow_of(flows, &seen, packet->place.frame);
    if (flow == NULL)
    {
        return false;
    }
    flow->packets++;
    flow->octets += seen.length;
    flows->packets++;
    flows->octets += seen.length;
    return true;
}

fb_flow
fbk_flow_seen(const fbk_flow *flow)
{
    const fbk_key *key = &flow->key;
    fb_flow seen = {.family = key->family,
                    .spi = key->spi,
                    .flow_label = key->flow_label,
                    .source_port = key->source_port,
                    .destination_port = key->destination_port,
                    .protocol = key->protocol,
                    .tos = (uint8_t)(key->dscp << 2),
                    .has_ports = key->has_ports != 0,
                    .has_spi = key->has_spi != 0};

    if (key->family == FB_FAMILY_IPV6)
    {
        seen.source6 = key->source;
        seen.destination6 = key->destination;
    }
    else
    {
        seen.source = fb_load_u32(key->source);
        seen.destination = fb_load_u32(key->destination);
    }
    return seen;
}
