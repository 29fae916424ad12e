/* SPDX-License-Identifier: BSD-3-Clause */
#include "paths.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct command
{
    const char *name;
    void (*run)(options *o);
    const char *help;
} command;

static const command commands[] = {
    {"moved", run_moved, "share of flows that move when a path goes: lost=N (from 1) flows=N"},
    {"elastic",
     run_elastic,
     "what flows that take all they get carry together: flows=N sets=N (of random flows)"},
    {"sequence", run_sequence, "the paths of the first packets: packets=N"},
    {"stream",
     run_stream,
     "order and delay of one stream: load=BIT/S packets=N packet=OCTETS arrivals=cbr|poisson"},
    {"resequence",
     run_resequence,
     "the same through the resequencer: timeout=S room=PACKETS, and the options of stream"},
    {"order", run_order, "reordered packets (RFC 4737) of an order of arrival: numbers=A,B,..."},
};

uint64_t
random_next(uint64_t *state)
{
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15)); /* SplitMix64 */

    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

double
random_share(uint64_t *state)
{
    return (double)((random_next(state) >> 11) + 1) / 9007199254740992.0;
}

fb_flow
random_flow(uint64_t *state)
{
    uint64_t addresses = random_next(state), ports = random_next(state);

    return (fb_flow){.family = FB_FAMILY_IPV4,
                     .source = (fb_ipv4)addresses,
                     .destination = (fb_ipv4)(addresses >> 32),
                     .protocol = 17,
                     .has_ports = true,
                     .source_port = (uint16_t)ports,
                     .destination_port = (uint16_t)(ports >> 16)};
}

fb_time
to_time(double seconds)
{
    return (fb_time)llround(seconds * 1e9);
}

/** What all schedulers are called. */
static void
list_schedulers(FILE *file)
{
    for (size_t i = 0; fb_scheduler_at(i) != NULL; i++)
    {
        fprintf(file, "%s%s", i == 0 ? "" : " ", fb_scheduler_at(i)->name);
    }
}

void
chooser_read(chooser *c, options *o, const char *scheduler)
{
    const char *name = options_text(o, "scheduler", scheduler);
    double rates[PATHS_MAX] = {0}, delays[PATHS_MAX] = {0}, weights[PATHS_MAX] = {0};
    size_t rate_count = options_list(o, "rates", "", rates);
    size_t delay_count = options_list(o, "delays", "", delays);
    size_t weight_count = options_list(o, "weights", "", weights);

    memset(c, 0, sizeof *c);
    c->scheduler = fb_scheduler_find(name);
    c->seed = (uint64_t)options_number(o, "seed", "1");
    c->count = rate_count > weight_count ? rate_count : weight_count;
    if (c->scheduler == NULL || c->scheduler->context_size > sizeof c->context)
    {
        fprintf(stderr, "flowbind-paths: there is no scheduler '%s'; there are: ", name);
        list_schedulers(stderr);
        fputc('\n', stderr);
        exit(2);
    }
    if (c->count == 0 || (rate_count != 0 && rate_count != c->count) ||
        (weight_count != 0 && weight_count != c->count) ||
        (delay_count != 0 && delay_count != c->count))
    {
        options_fail("%s have as many numbers as there are paths", "rates, delays and weights");
    }
    for (size_t p = 0; p < c->count; p++)
    {
        c->view[p] = (fb_path_view){.bid = (uint8_t)(p + 1),
                                    .label = (uint8_t)(p + 1),
                                    .weight = (uint16_t)weights[p],
                                    .rate_kbps = (uint32_t)(rates[p] / 1000),
                                    .delay_us = (uint32_t)llround(delays[p] * 1e6)};
    }
    if (c->scheduler->init != NULL)
    {
        c->scheduler->init(c->context, c->seed);
    }
}

size_t
chooser_pick(chooser *c, const fb_flow *flow, fb_time now)
{
    void *context = c->scheduler->context_size != 0 ? c->context : c->scheduler->user;
    int place = c->scheduler->pick(context, flow, false, c->view, c->count, now);

    if (place < 0)
    {
        options_fail("%s chose no path", c->scheduler->name);
    }
    return (size_t)place;
}

static void
print_help(FILE *file)
{
    fputs("usage: flowbind-paths COMMAND NAME=VALUE...\n\n", file);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
    {
        fprintf(file, "  %-11s %s\n", commands[i].name, commands[i].help);
    }
    fputs("\nAll but order take scheduler=NAME rates=A,B,... (bit/s) delays=A,B,... (s, one way)\n"
          "weights=A,B,... seed=N. "
          "Numbers may end in k, M or G. Schedulers: ",
          file);
    list_schedulers(file);
    fputc('\n', file);
}

int
main(int argc, char **argv)
{
    options o = {.words = argv + 2, .count = argc - 2};

    if (argc < 2 || strcmp(argv[1], "--help") == 0)
    {
        print_help(argc < 2 ? stderr : stdout);
        return argc < 2 ? 2 : 0;
    }
    if (o.count > 64)
    {
        options_fail("%s: there are at most 64", "options");
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
    {
        if (strcmp(commands[i].name, argv[1]) == 0)
        {
            commands[i].run(&o);
            if (fflush(stdout) != 0 || ferror(stdout))
            {
                fputs("flowbind-paths: cannot write the results\n", stderr);
                return 4;
            }
            return 0;
        }
    }
    options_fail("there is no command '%s'; flowbind-paths --help lists them", argv[1]);
}
