/* SPDX-License-Identifier: BSD-3-Clause */
#include "steer/classifier.h"

#include "base/octets.h"
#include "steer/classifier_internal.h"
#include "steer/classify.h"

/** Whether the value of each field lies in the box. Without branches: which field differs cannot be foretold. */
static inline bool
box_holds(const uint32_t *restrict box, const uint32_t *restrict key, size_t width)
{
    uint32_t outside = 0;

    for (size_t i = 0; i < width; i++)
    {
        outside |= (uint32_t)(key[i] - box[i] > box[width + i]);
    }
    return outside == 0;
}

/** What the fields of both families from FB_BOX_SOURCE_PORT on are. */
static inline void
key_of_rest(uint32_t *rest, const fb_flow *flow, bool mirrored)
{
    /* without a branch: which packets have ports cannot be foretold either */
    uint32_t there = 0u - (uint32_t)flow->has_ports;
    uint32_t from = (flow->source_port & there) | (FB_BOX_NO_PORT & ~there);
    uint32_t to = (flow->destination_port & there) | (FB_BOX_NO_PORT & ~there);

    rest[FB_BOX_SOURCE_PORT] = mirrored ? to : from;
    rest[FB_BOX_DESTINATION_PORT] = mirrored ? from : to;
    rest[FB_BOX_PROTOCOL] = flow->protocol;
    rest[FB_BOX_DS] = flow->tos >> 2; /* B6088-05 */
    rest[FB_BOX_SPI] = flow->spi;
    rest[FB_BOX_HAS_SPI] = flow->has_spi;
}

static inline void
key_of_ipv4(uint32_t *key, const fb_flow *flow, bool mirrored)
{
    key[0] = mirrored ? flow->destination : flow->source;
    key[1] = mirrored ? flow->source : flow->destination;
    key_of_rest(key + FB_BOX_ADDRESSES4, flow, mirrored);
}

static void
key_of_ipv6(uint32_t *key, const fb_flow *flow, bool mirrored)
{
    const uint8_t *source = mirrored ? flow->destination6 : flow->source6;
    const uint8_t *destination = mirrored ? flow->source6 : flow->destination6;

    for (size_t i = 0; i < 4; i++)
    {
        key[i] = fb_load_u32(source + 4 * i);
        key[4 + i] = fb_load_u32(destination + 4 * i);
    }
    key_of_rest(key + FB_BOX_ADDRESSES6, flow, mirrored);
    key[FB_BOX_ADDRESSES6 + FB_BOX_FLOW_LABEL] = flow->flow_label;
    key[FB_BOX_WIDTH6 - 1] = 0;
}

/** A packet that is looked for. */
typedef struct search
{
    const fb_classifier *classifier;
    const fb_classifier_tree *tree;
    const fb_flow *flow;
    bool mirrored;
    uint32_t from; /* boxes before do not count */
    uint32_t best; /* the first found, or FB_NO_BOX */
} search;

/** Whether the packet matches the rule of @p box. */
static inline bool
box_matches(const search *s, uint32_t box, const uint32_t *key)
{
    const uint32_t *values = s->tree->box;

    if (s->flow->family != FB_FAMILY_IPV6)
    {
        return box_holds(values + (size_t)box * 2 * FB_BOX_WIDTH4, key, FB_BOX_WIDTH4);
    }
    return box_holds(values + (size_t)box * 2 * FB_BOX_WIDTH6, key, FB_BOX_WIDTH6) &&
           fb_selector_matches(&s->classifier->rules[s->tree->rule[box]].selector,
                               s->flow,
                               s->mirrored);
}

/** The boxes of a leaf, of which one before `best` can be better. */
static inline void
search_short(search *s, uint64_t leaf, const uint32_t *key)
{
    for (size_t i = 0; i < FB_SHORT_LEAF; i++)
    {
        uint32_t box = (uint32_t)(leaf >> (16 * i)) & 0xffff;

        if (box >= s->best)
        {
            return;
        }
        if (box >= s->from && box_matches(s, box, key))
        {
            s->best = box;
            return;
        }
    }
}

static void
search_long(search *s, uint64_t leaf, const uint32_t *key)
{
    const uint16_t *box = (const uint16_t *)(const void *)s->classifier->cell +
                          fb_reference_place(leaf);
    const uint16_t *end = box + fb_reference_number(leaf);

    for (; box < end && *box < s->best; box++)
    {
        if (*box >= s->from && box_matches(s, *box, key))
        {
            s->best = *box;
        }
    }
}

/** From the root down to a leaf, and then from whatever was apart of the nodes on the way. */
static void
search_tree(search *s, const uint32_t *key)
{
    uint64_t waiting[FB_CLASSIFIER_DEPTH + 1]; /* what is apart of the nodes on the way */
    size_t count = 1;

    waiting[0] = s->tree->root;
    while (count > 0)
    {
        uint64_t at = waiting[--count];

        while (fb_reference_kind(at) == FB_REFERENCE_NODE && fb_reference_number(at) < s->best)
        {
            const uint64_t *cell = s->classifier->cell + fb_reference_place(at);

            if (fb_node_has_apart(at))
            {
                waiting[count++] = cell[-1];
            }
            at = cell[(key[fb_node_field(at)] >> fb_node_shift(at)) & (fb_node_cells(at) - 1)];
        }
        if (fb_reference_kind(at) == FB_REFERENCE_SHORT)
        {
            search_short(s, at, key);
        }
        else if (fb_reference_kind(at) == FB_REFERENCE_LONG)
        {
            search_long(s, at, key);
        }
    }
}

/** How many boxes are of rules before @p from. */
static uint32_t
boxes_before(const fb_classifier_tree *tree, size_t from)
{
    uint32_t low = 0, high = tree->count;

    while (from > 0 && low < high)
    {
        uint32_t middle = low + (high - low) / 2;

        if (tree->rule[middle] < from)
        {
            low = middle + 1;
        }
        else
        {
            high = middle;
        }
    }
    return low;
}

size_t
fb_classifier_find(const fb_classifier *classifier, const fb_flow *flow, bool mirrored, size_t from)
{
    bool is_ipv6 = flow->family == FB_FAMILY_IPV6;
    search s = {.classifier = classifier,
                .tree = &classifier->tree[is_ipv6],
                .flow = flow,
                .mirrored = mirrored,
                .best = FB_NO_BOX};
    uint32_t key[FB_BOX_WIDTH6];

    if (s.tree->count > 0)
    {
        s.from = boxes_before(s.tree, from);
        (is_ipv6 ? key_of_ipv6 : key_of_ipv4)(key, flow, mirrored);
        search_tree(&s, key);
        if (s.best != FB_NO_BOX)
        {
            return s.tree->rule[s.best];
        }
    }
    from = from < classifier->covered ? classifier->covered : from;
    while (from < classifier->rule_count &&
           !fb_selector_matches(&classifier->rules[from].selector, flow, mirrored))
    {
        from++;
    }
    return from < classifier->rule_count ? from : classifier->rule_count;
}
