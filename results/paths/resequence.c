/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * A stream through the library's resequencer at the far end.
 */
#include "stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "steer/resequencer.h"

typedef struct receiver
{
    fb_resequencer resequencer;
    fb_sequence_space *space;
    void *memory;
    const stream_packet *packet; /* in order of arrival; a handle is an index */
    uint64_t delivered, in_order;
    uint32_t next; /* of the numbers delivered */
    double waited_s;
} receiver;

static void
open_receiver(receiver *r, const stream *s, uint32_t room, fb_time wait)
{
    fb_arena arena = fb_arena_over(NULL, 0);

    memset(r, 0, sizeof *r);
    fb_resequencer_init(&r->resequencer, &arena, 1, room);
    r->memory = malloc(arena.used);
    if (r->memory == NULL)
    {
        options_fail("%s: there is no memory for so many", "room");
    }
    arena = fb_arena_over(r->memory, arena.used);
    fb_resequencer_init(&r->resequencer, &arena, 1, room);
    r->space = fb_resequencer_open(&r->resequencer, FB_ROLE_MOBILE_NODE, 1, 1, 0);
    fb_resequencer_set_wait(&r->resequencer, r->space, wait);
    r->packet = s->packet;
}

static void
deliver(receiver *r, size_t index, fb_time now)
{
    const stream_packet *p = &r->packet[index];

    r->delivered++;
    r->in_order += p->number >= r->next;
    r->next = p->number >= r->next ? p->number + 1 : r->next;
    r->waited_s += (double)(now - p->arrives) / 1e9;
}

static void
poll_released(receiver *r, fb_time now)
{
    fb_delivery delivery;

    while (fb_resequencer_poll(&r->resequencer, &delivery))
    {
        deliver(r, (size_t)delivery.packet, now);
    }
}

/** Everything whose time is up before @p now. */
static void
run_until(receiver *r, fb_time now)
{
    fb_time due = fb_resequencer_next_timeout(&r->resequencer);

    while (due <= now)
    {
        fb_resequencer_expire(&r->resequencer, 1, due);
        poll_released(r, due);
        due = fb_resequencer_next_timeout(&r->resequencer);
    }
}

static void
arrive(receiver *r, size_t index)
{
    const stream_packet *p = &r->packet[index];
    fb_delivery delivery = {.packet = (fb_handle)index, .path = {.bid = p->bid}};

    run_until(r, p->arrives);
    /* a session that is 1 of the node's: the receiver drops what comes too late (policy key drop-late) */
    if (fb_resequencer_take(&r->resequencer, r->space, p->number, &delivery, true, p->arrives) ==
        FB_ORDER_NOW)
    {
        deliver(r, index, p->arrives);
    }
    poll_released(r, p->arrives);
}

void
run_resequence(options *o)
{
    double timeout = options_number(o, "timeout", NULL), room = options_number(o, "room", "65536");
    stream s;
    receiver r;

    if (!(room >= 1 && room <= FB_SEQUENCE_PACKETS_MAX))
    {
        options_fail("%s: from 1 to 16777216", "room");
    }
    stream_send(&s, o);
    stream_sort(&s);
    open_receiver(&r, &s, (uint32_t)room, to_time(timeout));
    for (size_t i = 0; i < s.count; i++)
    {
        arrive(&r, i);
    }
    run_until(&r, s.packet[s.count - 1].arrives + 2 * to_time(timeout) + FB_SECOND);
    printf("in_order,waited_s,late\n%.9g,%.9g,%llu\n",
           (double)r.in_order / (double)s.count,
           r.delivered == 0 ? 0.0 : r.waited_s / (double)r.delivered,
           (unsigned long long)r.space->counters.late);
    free(r.memory);
    free(s.packet);
}
