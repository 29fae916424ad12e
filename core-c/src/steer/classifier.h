/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STEER_CLASSIFIER_H
#define FB_STEER_CLASSIFIER_H

/**
 * @file
 * Finds the first of many rules that matches a packet: what asking fb_selector_matches() of one rule after the other
 * says, in a time that hardly grows with their number.
 *
 * A rule is a box: an interval in each of the packet's fields. The boxes of a family are the leaves of a tree whose
 * nodes each cut one field into equal cells, as many as pay: the number of a cell is some bits of the field's value.
 * Which boxes reach into a cell is known, so a leaf holds the few that are left, in order, and they are compared whole.
 * Boxes that reach into most cells of a node are repeated in each of them while there is memory for it; where there is
 * not, they stand apart in a tree of their own, which is asked too. The memory that is left decides how far the rules
 * are told apart, never what is answered: a leaf can be as long as it has to be.
 *
 * Cells are those of HiCuts, trees apart those of EffiCuts, in one budget. The plainer methods do not do: bit vectors
 * by field take rules * rules / 4 octets each, 4 MiB for 4096 rules; tables of equivalence classes multiply fields; a
 * trie of octets, as DPDK's rte_acl is, takes a step an octet whatever the rules are, and multiplies for ranges that
 * overlap. ./flowbind bench measures it beside rte_acl.
 */

#include "flowbind/policy.h"
#include "wire/ipv4.h"

/** The rules of one family. */
typedef struct fb_classifier_tree
{
    uint32_t *box; /* of each the lowest values of all fields, then how far they reach */
    uint32_t *rule; /* of each its number */
    uint32_t count;
    uint64_t root; /* a reference */
} fb_classifier_tree;

typedef struct fb_classifier
{
    const fb_rule *rules; /* the caller's */
    size_t rule_count;
    size_t covered; /* so many of them are in the trees */
    fb_classifier_tree tree[2]; /* IPv4, IPv6 */
    uint64_t *cell; /* of all nodes: references; and behind them the boxes of long leaves */
    void *memory;
    size_t used;
    uint32_t capacity;
} fb_classifier;

/** Octets for @p capacity rules of any kind; 0: so few are asked one after the other. */
size_t fb_classifier_memory(uint32_t capacity);

/** Without rules, in @p memory: fb_classifier_memory() octets, aligned to 8. */
void fb_classifier_init(fb_classifier *classifier, void *memory, uint32_t capacity);

/**
 * Makes it know the @p count rules at @p rules, which stay where they are and as they are. Takes about 20 microseconds
 * a rule. More than the capacity are no error, but those behind it are asked one after the other.
 */
void fb_classifier_build(fb_classifier *classifier, const fb_rule *rules, size_t count);

/**
 * The first rule, at @p from or behind it, whose selector matches as fb_selector_matches() says; the number of rules
 * when none does.
 */
size_t fb_classifier_find(const fb_classifier *classifier,
                          const fb_flow *flow,
                          bool mirrored,
                          size_t from);

/** Octets of its memory that the rules it knows take; what is left would have told more of them apart. */
size_t fb_classifier_used(const fb_classifier *classifier);

#endif
