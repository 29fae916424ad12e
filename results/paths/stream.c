/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * One stream of packets over all paths: what a scheduler makes of its order and its delay.
 */
#include "stream.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** When the next packet is sent: in even steps, or as a Poisson process. */
static double
step(bool poisson, double spacing, uint64_t *state)
{
    return poisson ? -spacing * log(random_share(state)) : spacing;
}

/** Sends all packets, each over the path that was chosen, behind what that path still has to send. */
static void
send_all(stream *s, options *o)
{
    double packet = options_number(o, "packet", "1500"), load = options_number(o, "load", NULL);
    const char *arrivals = options_text(o, "arrivals", "cbr");
    double at = 0;
    fb_time free_at[PATHS_MAX] = {0};
    uint64_t state = s->chooser.seed;
    fb_flow flow = random_flow(&state);

    options_check(o);
    if (strcmp(arrivals, "cbr") != 0 && strcmp(arrivals, "poisson") != 0)
    {
        options_fail("arrivals=%s: there are cbr and poisson", arrivals);
    }
    flow.length = (uint32_t)packet;
    for (size_t i = 0; i < s->count; i++)
    {
        fb_time now = to_time(at);
        size_t p = chooser_pick(&s->chooser, &flow, now);
        const fb_path_view *path = &s->chooser.view[p];
        double takes = path->rate_kbps == 0 ? 0 : packet * 8 / (path->rate_kbps * 1000.0);

        /* In whole nanoseconds, as the library: what arrives at one time by two paths is no accident of rounding */
        free_at[p] = (free_at[p] > now ? free_at[p] : now) + to_time(takes);
        s->packet[i] = (stream_packet){now,
                                       free_at[p] + to_time(path->delay_us * 1e-6),
                                       (uint32_t)i,
                                       path->bid};
        s->by_path[p]++;
        at += step(arrivals[0] == 'p', packet * 8 / load, &state);
    }
}

static int
by_arrival(const void *a, const void *b)
{
    const stream_packet *x = a, *y = b;

    if (x->arrives != y->arrives)
    {
        return x->arrives < y->arrives ? -1 : 1;
    }
    return x->number < y->number ? -1 : x->number > y->number;
}

void
stream_sort(stream *s)
{
    qsort(s->packet, s->count, sizeof *s->packet, by_arrival);
}

void
stream_send(stream *s, options *o)
{
    double packets = options_number(o, "packets", "100000");

    memset(s, 0, sizeof *s);
    chooser_read(&s->chooser, o, NULL);
    if (!(packets >= 1 && packets <= 1e8))
    {
        options_fail("%s: from 1 to 100M", "packets");
    }
    s->count = (size_t)packets;
    s->packet = calloc(s->count, sizeof *s->packet);
    if (s->packet == NULL)
    {
        options_fail("%s: there is no memory for so many", "packets");
    }
    send_all(s, o);
}

/** The mean time from sending to delivery in order, and the mean of the network alone. */
static void
measure_delay(const stream *s, double *in_order, double *network)
{
    fb_time last = 0;
    double sum = 0, plain = 0;

    for (size_t i = 0; i < s->count; i++)
    {
        const stream_packet *p = &s->packet[i];

        last = p->arrives > last ? p->arrives : last;
        sum += (double)(last - p->sent);
        plain += (double)(p->arrives - p->sent);
    }
    *in_order = sum / 1e9 / (double)s->count;
    *network = plain / 1e9 / (double)s->count;
}

/** RFC 4737 3.3, 4.2.3: which packets are reordered, and by how much; @p arrived in order of arrival. */
static void
measure_order(const stream_packet *arrived, size_t count, double *ratio, uint64_t *extent)
{
    /* where the highest number so far changed */
    uint32_t *records = malloc(count * sizeof *records);
    uint64_t reordered = 0;
    size_t record_count = 0;

    *extent = 0;
    if (records == NULL)
    {
        options_fail("%s: there is no memory for so many", "packets");
    }
    for (size_t i = 0; i < count; i++)
    {
        if (record_count == 0 || arrived[i].number > arrived[records[record_count - 1]].number)
        {
            records[record_count++] = (uint32_t)i;
            continue;
        }
        /* the earliest arrival with a greater number: the first record above it */
        size_t low = 0, high = record_count - 1;

        while (low < high)
        {
            size_t middle = (low + high) / 2;

            if (arrived[records[middle]].number > arrived[i].number)
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }
        reordered++;
        *extent = i - records[low] > *extent ? i - records[low] : *extent;
    }
    *ratio = (double)reordered / (double)count;
    free(records);
}

/** The most packets that wait at a time for earlier ones; @p arrived in order of arrival. */
static uint64_t
measure_buffer(const stream_packet *arrived, size_t count)
{
    bool *here = calloc(count, sizeof *here);
    uint64_t waiting = 0, most = 0;
    size_t next = 0;

    if (here == NULL)
    {
        options_fail("%s: there is no memory for so many", "packets");
    }
    for (size_t i = 0; i < count; i++)
    {
        here[arrived[i].number] = true;
        waiting++;
        while (next < count && here[next])
        {
            next++;
            waiting--;
        }
        most = waiting > most ? waiting : most;
    }
    free(here);
    return most;
}

void
run_stream(options *o)
{
    stream s;
    double in_order, network, reordered;
    uint64_t extent;

    stream_send(&s, o);
    measure_delay(&s, &in_order, &network);
    stream_sort(&s);
    measure_order(s.packet, s.count, &reordered, &extent);
    printf("delay_s,network_s,reordered,extent,buffer");
    for (size_t p = 0; p < s.chooser.count; p++)
    {
        printf(",share%zu", p + 1);
    }
    printf("\n%.9g,%.9g,%.9g,%llu,%llu",
           in_order,
           network,
           reordered,
           (unsigned long long)extent,
           (unsigned long long)measure_buffer(s.packet, s.count));
    for (size_t p = 0; p < s.chooser.count; p++)
    {
        printf(",%.9g", (double)s.by_path[p] / (double)s.count);
    }
    printf("\n");
    free(s.packet);
}

void
run_sequence(options *o)
{
    chooser c;
    uint64_t packets = (uint64_t)options_number(o, "packets", NULL);
    uint64_t state;
    fb_flow flow;

    chooser_read(&c, o, NULL);
    options_check(o);
    state = c.seed;
    flow = random_flow(&state);
    flow.length = 1500;
    printf("sequence\n");
    for (uint64_t i = 0; i < packets; i++)
    {
        printf("%zu", chooser_pick(&c, &flow, 0));
    }
    printf("\n");
}
