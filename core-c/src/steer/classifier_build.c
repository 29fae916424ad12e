/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * How the trees of a classifier are made.
 *
 * List after list of boxes becomes a leaf or a node, depth first, without recursion: the innermost frame is the node
 * that is being filled. Each list that waits has the octets promised that it takes as a leaf, so it always fits; what
 * is left beyond that is shared out by the lengths of the lists, and a cut is made only where its share allows it. Of
 * the cuts that do, the cheapest for a packet wins, by a rough guess of what finding a packet takes from there on.
 */

#include <string.h>

#include "base/arena.h"
#include "steer/classifier_internal.h"

/** So many rules are asked one after the other as fast. */
#define RULES_TOO_FEW 4

/** Most cells of a node, by its boxes and at all. */
#define CELLS_PER_BOX 4
#define CELLS_MAX 4096

/** What nodes and leaves may take, by rule: more tells more rules apart. */
#define TREE_OCTETS_PER_RULE 512

/* Costs, in sixteenths of the comparison of a box. */
#define COST_BOX 16u
#define COST_NODE 40u
#define COST_BIT 32u
#define COST_MEMORY 64u

/** A list apart that is as long as a part of this is not worth a tree of its own. */
#define WORTH_A_TREE 16

/* Cells that are not known yet; no node has these places. */
#define TO_DO 0u
#define LIKE_THE_ONE_BEFORE 1u
#define LIKE_THE_EMPTY_ONE 2u
#define FIRST_PLACE 3u

/** Values that can come to a node. */
typedef struct region
{
    uint32_t low[FB_BOX_WIDTH6], high[FB_BOX_WIDTH6];
} region;

/** A part of builder.list. */
typedef struct span
{
    uint32_t first, count;
} span;

/** A way to cut a list of boxes. */
typedef struct cut
{
    uint8_t field, shift, cells_log;
    bool apart; /* boxes that reach into most cells get a tree of their own */
    uint32_t base; /* the cell that the lowest value would have, were there a cell for each */
    uint32_t used; /* cells from there on that boxes reach into */
    uint32_t wide; /* boxes in all cells, or apart */
    uint32_t undecided; /* boxes of lists that are too long for a short leaf, repetitions counted */
    size_t octets; /* with all its lists as leaves */
    uint32_t cost;
} cut;

/** A node that is being filled. */
typedef struct frame
{
    cut cut;
    uint32_t place; /* of its first cell */
    uint32_t step; /* 0: what is apart; then cell after cell */
    uint64_t empty; /* the reference of cells without boxes of their own; 0: none yet */
    span list;
    region region;
} frame;

typedef struct builder
{
    const fb_classifier_tree *tree;
    size_t width;
    /* Cells grow upward, boxes of leaves downward; octets between are promised to leaves of lists that wait. */
    uint64_t *cell;
    size_t bottom, top, promised;
    uint32_t undecided;
    uint16_t *list;
    uint16_t *first, *reach; /* of the boxes in the lists of frames: the cells they are in */
    uint32_t listed;
    /* of boxes of a list in a field, where they are narrower than the region */
    uint32_t *low, *high;
    uint32_t narrow; /* how many they are */
    uint32_t *starts, *ends, *sums; /* by cell */
    frame *frames;
    uint32_t depth;
} builder;

/** What a leaf of @p boxes takes beside its reference. */
static size_t
leaf_octets(size_t boxes)
{
    return boxes <= FB_SHORT_LEAF ? 0 : boxes * sizeof(uint16_t);
}

static uint32_t
undecided(uint32_t boxes)
{
    return boxes <= FB_SHORT_LEAF ? 0 : boxes;
}

static size_t
node_octets(const cut *c)
{
    return (((size_t)1 << c->cells_log) + c->apart) * sizeof(uint64_t);
}

/* ---- where a box lies ---- */

/** The values of the region the box lets pass in a field. False: all of them. */
static bool
values_of(const builder *b,
          const region *r,
          uint16_t box,
          size_t field,
          uint32_t *low,
          uint32_t *high)
{
    const uint32_t *values = b->tree->box + 2 * b->width * box + field;

    *low = values[0];
    *high = values[0] + values[b->width];
    if (*low <= r->low[field] && *high >= r->high[field])
    {
        return false;
    }
    *low = *low > r->low[field] ? *low : r->low[field];
    *high = *high < r->high[field] ? *high : r->high[field];
    return true;
}

/** Whether a box that reaches into the cells from @p first to @p last is in all cells, or apart. */
static bool
is_wide(const cut *c, uint32_t first, uint32_t last)
{
    return c->apart && 2 * (last - first + 1) > c->used;
}

/* ---- the best cut of a list ---- */

/** Sixteenths of the logarithm to base 2, between powers a straight line. */
static uint32_t
logarithm(uint32_t value)
{
    uint32_t power = 0;

    while (value >> power > 1)
    {
        power++;
    }
    return 16 * power + (power >= 4 ? value >> (power - 4) : value << (4 - power)) - 16;
}

/** What finding the box costs in a list of @p sixteenths / 16 boxes, which will be cut further: a guess. */
static uint32_t
cost_of_list(uint32_t sixteenths)
{
    uint32_t short_list = FB_SHORT_LEAF * COST_BOX;

    if (sixteenths <= short_list)
    {
        return sixteenths;
    }
    return short_list + (logarithm(sixteenths) - logarithm(short_list)) * COST_BIT / 16;
}

/** Counts in which cells the boxes of a list begin and end; those in all of them in @p c. */
static void
count_boxes(builder *b, span list, cut *c)
{
    memset(b->starts, 0, c->used * sizeof *b->starts);
    memset(b->ends, 0, c->used * sizeof *b->ends);
    c->wide = list.count - b->narrow;
    for (uint32_t i = 0; i < b->narrow; i++)
    {
        uint32_t first = (b->low[i] >> c->shift) - c->base;
        uint32_t last = (b->high[i] >> c->shift) - c->base;

        if (is_wide(c, first, last))
        {
            c->wide++;
            continue;
        }
        b->starts[first]++;
        b->ends[last]++;
    }
}

/** Neighbouring cells with the same boxes have the same reference. */
static bool
is_like_the_one_before(const builder *b, uint32_t cell)
{
    return cell > 0 && b->starts[cell] == 0 && b->ends[cell - 1] == 0;
}

/** Adds up what the lists of all cells take, and their lengths. */
static void
count_lists(builder *b, cut *c)
{
    uint32_t here = 0;
    uint32_t everywhere = c->apart ? 0 : c->wide;
    bool empty = c->apart || c->used < UINT32_C(1) << c->cells_log;

    c->octets = node_octets(c);
    c->undecided = 0;
    b->sums[0] = 0;
    for (uint32_t i = 0; i < c->used; i++)
    {
        uint32_t boxes;

        here += b->starts[i];
        boxes = here + everywhere;
        empty = empty || here == 0;
        if (here > 0 && !is_like_the_one_before(b, i))
        {
            c->octets += leaf_octets(boxes);
            c->undecided += undecided(boxes);
        }
        b->sums[i + 1] = b->sums[i] + boxes;
        here -= b->ends[i];
    }
    if (empty) /* one list for all cells without boxes of their own, or what is apart */
    {
        c->octets += leaf_octets(c->wide);
        c->undecided += undecided(c->wide);
    }
}

/** The list a packet of any of the boxes finds, on average, in sixteenths of boxes. */
static uint32_t
average_list(const builder *b, span list, const cut *c)
{
    uint32_t everywhere = list.count - b->narrow;
    uint64_t total = c->apart ? 0 : COST_BOX * (uint64_t)c->wide * everywhere;
    uint32_t counted = everywhere;

    for (uint32_t i = 0; i < b->narrow; i++)
    {
        uint32_t first = (b->low[i] >> c->shift) - c->base;
        uint32_t last = (b->high[i] >> c->shift) - c->base;

        if (!is_wide(c, first, last))
        {
            total += COST_BOX * (b->sums[last + 1] - b->sums[first]) / (last - first + 1);
            counted++;
        }
    }
    return counted == 0 ? 0 : (uint32_t)(total / counted);
}

/**
 * What the cut would cost a packet; UINT32_MAX: more than @p most, or it does not fit in @p share octets, or does not
 * tell boxes apart.
 */
static uint32_t
rate(builder *b, span list, size_t share, uint32_t most, cut *c)
{
    uint32_t average, cost;

    count_boxes(b, list, c);
    if (c->apart && c->wide == 0)
    {
        return UINT32_MAX;
    }
    count_lists(b, c);
    if (c->octets > share)
    {
        return UINT32_MAX;
    }
    cost = COST_NODE + (uint32_t)(c->octets * COST_MEMORY / share);
    cost += c->apart ? COST_NODE + cost_of_list(c->wide * COST_BOX) : 0;
    if (cost >= most || 8 * (uint64_t)c->wide > 7 * (uint64_t)list.count)
    {
        return UINT32_MAX;
    }
    average = average_list(b, list, c);
    return average > list.count * (COST_BOX - 2) ? UINT32_MAX : cost + cost_of_list(average);
}

/** Puts the values of the boxes in @p field into `low` and `high`, where they are not all. */
static void
read_values(builder *b, const region *r, span list, size_t field)
{
    b->narrow = 0;
    for (uint32_t i = 0; i < list.count; i++)
    {
        if (values_of(b,
                      r,
                      b->list[list.first + i],
                      field,
                      &b->low[b->narrow],
                      &b->high[b->narrow]))
        {
            b->narrow++;
        }
    }
}

/** The bounds of these values. */
static void
bounds_of(const builder *b, uint32_t *low, uint32_t *high)
{
    *low = UINT32_MAX;
    *high = 0;
    for (uint32_t i = 0; i < b->narrow; i++)
    {
        *low = b->low[i] < *low ? b->low[i] : *low;
        *high = b->high[i] > *high ? b->high[i] : *high;
    }
}

/** Cells for the values from @p low to @p high, as narrow as their number allows. */
static void
lay_cells(cut *c, uint32_t low, uint32_t high, uint32_t cells_log)
{
    c->cells_log = (uint8_t)cells_log;
    c->shift = 0;
    while (((high >> c->shift) - (low >> c->shift)) >> cells_log != 0)
    {
        c->shift++;
    }
    c->base = low >> c->shift;
    c->used = (high >> c->shift) - c->base + 1;
}

/** The best cut of the field whose values are there, if it is better than @p best. */
static void
try_field(builder *b, span list, size_t share, size_t field, cut *best)
{
    uint32_t low, high;
    uint32_t most = list.count < CELLS_MAX / CELLS_PER_BOX ? list.count * CELLS_PER_BOX : CELLS_MAX;
    cut c = {.field = (uint8_t)field};

    bounds_of(b, &low, &high);
    for (uint32_t log = 2; UINT32_C(1) << log <= most; log += 3)
    {
        lay_cells(&c, low, high, log);
        if (node_octets(&c) > share)
        {
            return;
        }
        for (int apart = 0; apart <= (list.count >= WORTH_A_TREE); apart++)
        {
            c.apart = apart != 0;
            c.cost = rate(b, list, share, best->cost, &c);
            if (c.cost < best->cost)
            {
                *best = c;
            }
        }
        if (c.shift == 0)
        {
            return;
        }
    }
}

/** The cut that costs a packet least, with at most @p share octets. False: none is worth its cost. */
static bool
choose_cut(builder *b, const region *r, span list, size_t share, cut *best)
{
    best->cost = list.count * COST_BOX;
    for (size_t field = 0; field < b->width; field++)
    {
        read_values(b, r, list, field);
        if (b->narrow > list.count / 4)
        {
            try_field(b, list, share, field, best);
        }
    }
    return best->cost < list.count * COST_BOX;
}

/* ---- nodes and leaves ---- */

static uint64_t
make_leaf(builder *b, span list)
{
    uint64_t leaf = 0;
    uint16_t *boxes;

    if (list.count <= FB_SHORT_LEAF)
    {
        for (uint32_t i = FB_SHORT_LEAF; i-- > 0;)
        {
            leaf = leaf << 16 | (i < list.count ? b->list[list.first + i] : FB_NO_BOX);
        }
        return (uint64_t)FB_REFERENCE_SHORT << 62 | leaf;
    }
    b->top -= leaf_octets(list.count);
    boxes = (uint16_t *)(void *)b->cell + b->top / sizeof *boxes;
    memcpy(boxes, b->list + list.first, list.count * sizeof *boxes);
    return (uint64_t)FB_REFERENCE_LONG << 62 | (uint64_t)list.count << 32 | b->top / sizeof *boxes;
}

/** Which cells of a new node will have the same reference as others. */
static void
mark_cells(builder *b, const cut *c, uint64_t *cell)
{
    uint32_t cells = UINT32_C(1) << c->cells_log, here = 0;

    for (uint32_t i = 0; i < cells; i++)
    {
        uint64_t *this = &cell[(c->base + i) & (cells - 1)];

        here += i < c->used ? b->starts[i] : 0;
        *this = here == 0                      ? LIKE_THE_EMPTY_ONE
                : is_like_the_one_before(b, i) ? LIKE_THE_ONE_BEFORE
                                               : TO_DO;
        here -= i < c->used ? b->ends[i] : 0;
    }
}

/* Beside cells from 0 to cut.used - 1, in builder.first. */
#define NO_CELL UINT16_MAX

/** Notes for the boxes of a new frame's list in which cells they are. Those apart are behind the last one. */
static void
place_boxes(builder *b, const frame *f)
{
    const cut *c = &f->cut;

    for (uint32_t i = f->list.first; i < f->list.first + f->list.count; i++)
    {
        uint32_t low, high, first = 0, last = NO_CELL;
        bool wide = !values_of(b, &f->region, b->list[i], c->field, &low, &high);

        if (!wide)
        {
            first = (low >> c->shift) - c->base;
            last = (high >> c->shift) - c->base;
            wide = is_wide(c, first, last);
        }
        if (wide && c->apart)
        {
            first = last = c->used;
        }
        b->first[i] = (uint16_t)first;
        b->reach[i] = (uint16_t)(last - first);
    }
}

/** A reference to a new node whose lists wait. */
static uint64_t
make_node(builder *b, const cut *c, const region *r, span list)
{
    uint32_t place = (uint32_t)(b->bottom / sizeof *b->cell) + c->apart;
    frame *f = &b->frames[b->depth++];

    b->bottom += node_octets(c);
    b->promised += c->octets - node_octets(c);
    b->undecided += c->undecided;
    *f = (frame){.cut = *c, .place = place, .list = list, .region = *r};
    mark_cells(b, c, b->cell + place);
    place_boxes(b, f);
    return (uint64_t)FB_REFERENCE_NODE << 62 | (uint64_t)c->apart << 61 |
           (uint64_t)c->cells_log << 57 | (uint64_t)c->shift << 52 | (uint64_t)c->field << 48 |
           (uint64_t)b->list[list.first] << 32 | place;
}

/** A reference to what finds the boxes of @p list, a leaf or a node that is to be filled. */
static uint64_t
settle(builder *b, const region *r, span list)
{
    size_t left, own = leaf_octets(list.count);
    cut c;

    b->promised -= own;
    if (undecided(list.count) > 0)
    {
        uint64_t all = b->undecided;

        b->undecided -= list.count;
        left = b->top - b->bottom - b->promised - own;
        if (b->depth < FB_CLASSIFIER_DEPTH &&
            choose_cut(b, r, list, own + (size_t)((uint64_t)left * list.count / all), &c))
        {
            read_values(b, r, list, c.field);
            count_boxes(b, list, &c);
            return make_node(b, &c, r, list);
        }
    }
    return make_leaf(b, list);
}

/** Puts the boxes of the frame's list behind it that are in its cell number @p cell, counted from its base. */
static span
collect(builder *b, const frame *f, uint32_t cell)
{
    span found = {b->listed, 0};

    for (uint32_t i = f->list.first; i < f->list.first + f->list.count; i++)
    {
        b->list[b->listed] = b->list[i];
        /* no branch: this is most of the work of building */
        b->listed += cell - b->first[i] <= b->reach[i];
    }
    found.count = b->listed - found.first;
    return found;
}

static uint64_t *
cell_of(const builder *b, const frame *f, uint32_t cell)
{
    return b->cell + f->place + ((f->cut.base + cell) & ((UINT32_C(1) << f->cut.cells_log) - 1));
}

/** Values of the cells from @p cell on that share its list. */
static region
region_of(const builder *b, const frame *f, uint32_t cell)
{
    const cut *c = &f->cut;
    region r = f->region;
    uint32_t last = cell;
    uint32_t low, high;

    while (last + 1 < c->used && *cell_of(b, f, last + 1) == LIKE_THE_ONE_BEFORE)
    {
        last++;
    }
    low = (c->base + cell) << c->shift;
    high = ((c->base + last) << c->shift) + ((UINT32_C(1) << c->shift) - 1);
    r.low[c->field] = low > r.low[c->field] ? low : r.low[c->field];
    r.high[c->field] = high < r.high[c->field] ? high : r.high[c->field];
    return r;
}

/** The reference of cell @p cell is made; it may be that of a new frame. */
static uint64_t
settle_cell(builder *b, const frame *f, uint32_t cell)
{
    span list = collect(b, f, cell);
    region r = cell < f->cut.used ? region_of(b, f, cell) : f->region;

    return settle(b, &r, list);
}

static void
take_step(builder *b)
{
    frame *f = &b->frames[b->depth - 1];
    uint32_t step = f->step++;
    uint64_t *cell;

    b->listed = f->list.first + f->list.count;
    if (step == 0)
    {
        if (f->cut.apart)
        {
            b->cell[f->place - 1] = settle_cell(b, f, f->cut.used);
        }
        return;
    }
    if (step > UINT32_C(1) << f->cut.cells_log)
    {
        b->depth--;
        return;
    }
    cell = cell_of(b, f, step - 1);
    if (*cell == LIKE_THE_ONE_BEFORE)
    {
        *cell = *cell_of(b, f, step - 2);
    }
    else if (*cell == LIKE_THE_EMPTY_ONE)
    {
        if (f->empty == 0)
        {
            f->empty = settle_cell(b, f, NO_CELL);
        }
        *cell = f->empty;
    }
    else
    {
        *cell = settle_cell(b, f, step - 1);
    }
}

static uint64_t
build_tree(builder *b)
{
    region r;
    span list = {0, b->tree->count};
    uint64_t root;

    memset(r.low, 0, sizeof r.low);
    memset(r.high, 0xff, sizeof r.high);
    for (uint32_t i = 0; i < list.count; i++)
    {
        b->list[i] = (uint16_t)i;
    }
    b->listed = list.count;
    root = settle(b, &r, list);
    while (b->depth > 0)
    {
        take_step(b);
    }
    return root;
}

/* ---- memory ---- */

/** The parts of a classifier's memory. */
typedef struct parts
{
    uint32_t *rule;
    frame *frames;
    uint32_t *starts, *ends, *sums, *low, *high;
    uint16_t *list, *first, *reach;
    uint8_t *rest; /* boxes, then trees */
    size_t rest_octets;
} parts;

static parts
lay_out(fb_arena *arena, uint32_t capacity)
{
    size_t cells = (capacity < CELLS_MAX / CELLS_PER_BOX ? capacity * CELLS_PER_BOX : CELLS_MAX) +
                   1;
    size_t box = 2 * FB_BOX_WIDTH6 * sizeof(uint32_t) + TREE_OCTETS_PER_RULE;
    size_t listed = (FB_CLASSIFIER_DEPTH + 1) * (size_t)capacity + 1;
    parts p;

    p.rule = fb_arena_take(arena, capacity, sizeof *p.rule, 8);
    p.frames = fb_arena_take(arena, FB_CLASSIFIER_DEPTH, sizeof *p.frames, 8);
    p.starts = fb_arena_take(arena, cells, sizeof *p.starts, 8);
    p.ends = fb_arena_take(arena, cells, sizeof *p.ends, 8);
    p.sums = fb_arena_take(arena, cells, sizeof *p.sums, 8);
    p.low = fb_arena_take(arena, capacity + 1, sizeof *p.low, 8);
    p.high = fb_arena_take(arena, capacity + 1, sizeof *p.high, 8);
    p.list = fb_arena_take(arena, listed, sizeof *p.list, 8);
    p.first = fb_arena_take(arena, listed, sizeof *p.first, 8);
    p.reach = fb_arena_take(arena, listed, sizeof *p.reach, 8);
    p.rest_octets = fb_arena_octets(capacity, box);
    p.rest = fb_arena_take(arena, 1, p.rest_octets, 64);
    return p;
}

static uint32_t
usable(uint32_t capacity)
{
    return capacity <= RULES_TOO_FEW ? 0 : capacity < FB_NO_BOX ? capacity : FB_NO_BOX;
}

size_t
fb_classifier_memory(uint32_t capacity)
{
    fb_arena arena = fb_arena_over(NULL, 0);

    if (usable(capacity) == 0)
    {
        return 0;
    }
    (void)lay_out(&arena, usable(capacity));
    return arena.used;
}

void
fb_classifier_init(fb_classifier *classifier, void *memory, uint32_t capacity)
{
    memset(classifier, 0, sizeof *classifier);
    classifier->capacity = usable(capacity);
    classifier->memory = memory;
}

/** The boxes of the rules of one family, from @p box on; how many. */
static uint32_t
write_boxes(fb_classifier *classifier, bool is_ipv6, uint32_t *box, uint32_t *rule)
{
    uint32_t count = 0;
    size_t width = fb_box_width(is_ipv6);
    uint8_t format = is_ipv6 ? FB_SELECTOR_IPV6 : FB_SELECTOR_IPV4;

    for (uint32_t i = 0; i < classifier->covered; i++)
    {
        const fb_selector *selector = &classifier->rules[i].selector;

        if (selector->format == format && fb_box_write(box + 2 * width * count, selector))
        {
            rule[count++] = i;
        }
    }
    classifier->tree[is_ipv6] = (fb_classifier_tree){.box = box, .rule = rule, .count = count};
    return count;
}

void
fb_classifier_build(fb_classifier *classifier, const fb_rule *rules, size_t count)
{
    fb_arena arena = fb_arena_over(classifier->memory, fb_classifier_memory(classifier->capacity));
    builder b = {.cell = NULL};
    uint32_t ipv4, ipv6, *ipv6_box;
    size_t boxes;
    parts p;

    fb_classifier_init(classifier, classifier->memory, classifier->capacity);
    classifier->rules = rules;
    classifier->rule_count = count;
    if (classifier->capacity == 0 || count <= RULES_TOO_FEW)
    {
        return;
    }
    p = lay_out(&arena, classifier->capacity);
    classifier->covered = count < classifier->capacity ? count : classifier->capacity;
    ipv4 = write_boxes(classifier, false, (uint32_t *)(void *)p.rest, p.rule);
    ipv6_box = (uint32_t *)(void *)p.rest + (size_t)ipv4 * 2 * FB_BOX_WIDTH4;
    ipv6 = write_boxes(classifier, true, ipv6_box, p.rule + ipv4);
    boxes = ((size_t)ipv4 * FB_BOX_WIDTH4 + (size_t)ipv6 * FB_BOX_WIDTH6) * 2 * sizeof(uint32_t);

    b = (builder){.cell = (uint64_t *)(void *)(p.rest + boxes),
                  .bottom = FIRST_PLACE * sizeof(uint64_t),
                  .top = p.rest_octets - boxes,
                  .promised = leaf_octets(ipv4) + leaf_octets(ipv6),
                  .undecided = undecided(ipv4) + undecided(ipv6),
                  .list = p.list,
                  .first = p.first,
                  .reach = p.reach,
                  .low = p.low,
                  .high = p.high,
                  .starts = p.starts,
                  .ends = p.ends,
                  .sums = p.sums,
                  .frames = p.frames};
    classifier->cell = b.cell;
    for (size_t family = 0; family < 2; family++)
    {
        b.tree = &classifier->tree[family];
        b.width = fb_box_width(family == 1);
        classifier->tree[family].root = build_tree(&b);
    }
    classifier->used = p.rest_octets - (b.top - b.bottom);
}

size_t
fb_classifier_used(const fb_classifier *classifier)
{
    return classifier->used;
}
