/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_STEER_RESEQUENCER_H
#define FB_STEER_RESEQUENCER_H

/**
 * @file
 * Puts numbered packets that took different paths in order again (RFC 2890 2.2): a packet before which others are
 * missing waits until they have come, until it is known that they never will, until it has waited so long as the policy
 * says (OUTOFORDER_TIMER), or until there is no room for it (MAX_PERFLOW_BUFFER). Each packet that was taken comes out
 * once. What is in order waits for nothing, and costs a few instructions.
 *
 * All waiting packets are in one array, of which one space may have four times as much as is left: so one has nearly
 * all when it is alone, and many share (A. K. Choudhury, E. L. Hahne, Dynamic Queue Length Thresholds for Shared-Memory
 * Packet Switches, IEEE/ACM ToN 6(2), 1998).
 *
 * A space that was silent for FB_SEQUENCE_IDLE in both directions is free again, at both ends; the session's next
 * packet then has number 0, as the first one had. So nobody has to say when a session ends: what waits then comes out
 * when its time is up.
 */

#include "base/arena.h"
#include "base/chains.h"
#include "base/heap.h"
#include "base/pool.h"
#include "steer/sequence_space.h"

#define FB_SEQUENCE_IDLE (10 * FB_SECOND)

/** Most packets that can wait. */
#define FB_SEQUENCE_PACKETS_MAX (UINT32_C(1) << 24)

/** What a mark of congestion changes of an inner header; other headers of GRE packets are whole (decapsulate.h). */
#define FB_DELIVERY_OUTER_MAX 12

/** A packet and how it leaves its tunnel. */
typedef struct fb_delivery
{
    fb_handle packet;
    fb_ref path;
    uint8_t strip;
    uint8_t outer_len;
    uint8_t outer[FB_DELIVERY_OUTER_MAX];
    uint8_t family;
} fb_delivery;

/* A packet that waits, or was released and not polled. */
typedef struct fb_waiting
{
    fb_delivery delivery;
    fb_time deadline;
    uint32_t space, number;
    uint32_t chained; /* the next one in the same bucket */
    /* of its space, in order of arrival; released and free ones: `newer` is the next */
    uint32_t older, newer;
} fb_waiting;

typedef struct fb_resequencer
{
    fb_pool spaces;
    fb_sequence_space *space;
    fb_chains by_owner; /* spaces, by the hash of role, session and class */
    fb_heap wake; /* when a space has something to do; may be early */

    fb_waiting *item;
    uint32_t *bucket; /* waiting packets, by space and number */
    uint32_t bucket_mask;
    uint32_t room; /* items in which nothing waits */
    uint32_t free;
    uint32_t released, released_last;
    fb_order_counters gone; /* of spaces that are free again */
} fb_resequencer;

/** What became of a packet. */
typedef enum fb_order
{
    FB_ORDER_NOW, /**< goes on at once, before what is released */
    FB_ORDER_WAITS, /**< was kept, and will be released */
    FB_ORDER_RELEASED, /**< is among those released */
    FB_ORDER_LATE, /**< was not waited for any more; not kept */
    FB_ORDER_DUPLICATE, /**< its number has come before; not kept */
    FB_ORDER_STRAY /**< its number is far from the others; not kept */
} fb_order;

/** Lays it out in @p arena for @p spaces, and @p packets that wait in all of them together. 0: none at all. */
void fb_resequencer_init(fb_resequencer *resequencer,
                         fb_arena *arena,
                         uint32_t spaces,
                         uint32_t packets);

/** The space of class @p number of @p session (not 0) of @p role; NULL when there is none. */
fb_sequence_space *fb_resequencer_find(const fb_resequencer *resequencer,
                                       uint8_t role,
                                       uint32_t session,
                                       uint8_t number);

/** The same; where there is none a new one, and NULL when all are in use. */
fb_sequence_space *fb_resequencer_open(fb_resequencer *resequencer,
                                       uint8_t role,
                                       uint32_t session,
                                       uint8_t number,
                                       fb_time now);

/** Packets wait @p wait at most from now on; those that wait are released if that is a change. */
void fb_resequencer_set_wait(fb_resequencer *resequencer, fb_sequence_space *space, fb_time wait);

/**
 * A packet with @p number came, by the path of @p delivery. Without @p keep it is not to be kept (it is dropped for a
 * reason of its own): the number counts as having come, and the answer is none of those that say it is kept.
 * Everything that was released has to be polled before.
 */
fb_order fb_resequencer_take(fb_resequencer *resequencer,
                             fb_sequence_space *space,
                             uint32_t number,
                             const fb_delivery *delivery,
                             bool keep,
                             fb_time now);

/** When there is something to do; may be early, never late. */
static inline fb_time
fb_resequencer_next_timeout(const fb_resequencer *resequencer)
{
    uint32_t space;

    return fb_heap_top(&resequencer->wake, &space);
}

/** Releases what has waited long enough, in at most @p budget spaces, and forgets spaces that are idle. */
void fb_resequencer_expire(fb_resequencer *resequencer, unsigned budget, fb_time now);

/** Whether released packets have to be polled. */
static inline bool
fb_resequencer_has_released(const fb_resequencer *resequencer)
{
    return resequencer->released != FB_POOL_NONE;
}

/** The next released packet, in order. False when there is none. */
bool fb_resequencer_poll(fb_resequencer *resequencer, fb_delivery *delivery);

/** Adds the counters of all spaces there are or were. */
void fb_resequencer_total(const fb_resequencer *resequencer, fb_order_counters *total);

/** The space @p index, counted over those in use; NULL. */
const fb_sequence_space *fb_resequencer_at(const fb_resequencer *resequencer, size_t index);

#endif
