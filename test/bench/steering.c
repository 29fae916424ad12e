/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * What a data packet costs in the library: its path chosen and its outer header written, beside copying the octets that
 * are written; and what a scheduler takes to choose among three and eight paths.
 */
#include "bench.h"

#include "base/octets.h"
#include "steer/scheduler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXT_MAX 1024
#define PICKS 2000000
#define PACKETS 2000000
#define FLOWS 64
#define INNER_HEADER 28
#define OUTER_HEADER 20

/** Nanoseconds of one choice among @p count paths, each of its own rate, delay, weight and cost. */
static double
measure_pick(const fb_scheduler* scheduler, size_t count)
{
    static uint64_t context[CONTEXT_MAX / sizeof(uint64_t)];
    fb_path_view paths[8];
    fb_flow flow = {.family = FB_FAMILY_IPV4, .protocol = 17, .has_ports = true, .length = 1000};
    volatile int sum = 0;
    double from;

    must(scheduler->context_size <= sizeof context, "a context is too large");
    memset(paths, 0, sizeof paths);
    for (unsigned i = 0; i < count; i++)
    {
        paths[i].bid = (uint8_t)(i + 1);
        paths[i].weight = (uint16_t)(i + 1);
        paths[i].rate_kbps = 1000 * (i + 1);
        paths[i].delay_us = 10000 + 1000 * i;
        paths[i].round_trip_us = 20000 + 2000 * i;
        paths[i].cost = (uint16_t)(8 - i);
    }
    if (scheduler->init != NULL)
    {
        scheduler->init(context, 1);
    }
    from = seconds();
    for (unsigned i = 0; i < PICKS; i++)
    {
        flow.source_port = (uint16_t)i;
        sum += scheduler->pick(context, &flow, false, paths, count, (fb_time)i * 100000);
    }
    return (seconds() - from) * 1e9 / PICKS;
}

/** IPv4 and UDP headers of a packet of 1000 octets toward @p home_address. */
static void
make_packet(uint8_t header[INNER_HEADER], fb_ipv4 home_address, uint16_t port)
{
    memset(header, 0, INNER_HEADER);
    header[0] = 0x45;
    fb_store_u16(header + 2, 1000);
    header[8] = 64;
    header[9] = 17;
    fb_store_u32(header + 12, 0xc00002c8u);
    fb_store_u32(header + 16, home_address);
    fb_store_u16(header + 20, port);
    fb_store_u16(header + 22, 40000);
    fb_store_u16(header + 24, 980);
}

/** Nanoseconds of a packet through the agent, the flow cache warm. */
static double
measure_steer(fb_agent* agent, fb_ipv4 home_address, fb_time now)
{
    uint8_t header[FLOWS][INNER_HEADER];
    double from;

    for (uint16_t i = 0; i < FLOWS; i++)
    {
        make_packet(header[i], home_address, (uint16_t)(5060 + i));
    }
    from = seconds();
    for (unsigned i = 0; i < PACKETS; i++)
    {
        fb_packet packet = {.packet = i,
                            .header = header[i % FLOWS],
                            .header_len = INNER_HEADER,
                            .total_len = 1000};
        fb_action action;

        must(fb_agent_steer(agent, (fb_ref){0}, &packet, now) == FB_OK, "a packet is refused");
        must(fb_agent_poll_action(agent, &action, now) && action.kind == FB_SEND,
             "a packet is dropped");
        must(action.outer_len == OUTER_HEADER, "an outer header has another length");
    }
    return (seconds() - from) * 1e9 / PACKETS;
}

/** Nanoseconds of copying as many octets as such a packet has headers, outer ones included. */
static double
measure_copy(void)
{
    static uint8_t source[FLOWS][64], copy[FLOWS][64];
    double from = seconds();

    for (unsigned i = 0; i < PACKETS; i++)
    {
        memcpy(copy[i % FLOWS], source[(i + 1) % FLOWS], INNER_HEADER + OUTER_HEADER);
        __asm__ volatile("" : : "r"(copy) : "memory"); /* it has to be done each time */
    }
    return (seconds() - from) * 1e9 / PACKETS;
}

void
steering_measure(fb_agent* agent, fb_ipv4 home_address, fb_time now)
{
    const fb_scheduler* scheduler;

    printf("{\"steer_ns\": %.2f, \"copy_ns\": %.2f, \"pick_ns\": {",
           measure_steer(agent, home_address, now),
           measure_copy());
    for (size_t i = 0; (scheduler = fb_scheduler_at(i)) != NULL; i++)
    {
        printf("%s\"%s\": [%.2f, %.2f]",
               i > 0 ? ", " : "",
               scheduler->name,
               measure_pick(scheduler, 3),
               measure_pick(scheduler, 8));
    }
    printf("}}");
}
