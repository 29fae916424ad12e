/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * flowbind-classify: which rule of a policy, and which paths, the flows of a capture would get. The capture is read
 * once and never held; what is held are its flows. The library's own classifier decides.
 */

#include "flows.h"
#include "mobile_node.h"
#include "options.h"
#include "output.h"
#include "steer/classifier.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Exit codes. */
enum
{
    DONE = 0,
    BAD_INPUT = 2
};

#define ERROR_TEXT 512

static int
complain(const char *text)
{
    fprintf(stderr, "flowbind classify: %s\n", text);
    return BAD_INPUT;
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* Reading, with a word on how far it is when it takes long                                                           */

/** A capture that is being read. */
typedef struct reading
{
    fbk_flows flows;
    bool memory_failed;
    uint64_t packets, octets, file_octets;
    time_t next_word;
    bool terminal, said;
} reading;

static void
say_progress(reading *r)
{
    time_t now = time(NULL);
    uint64_t percent;
    char share[16] = "";

    if (now < r->next_word)
    {
        return;
    }
    if (r->file_octets > 0) /* a pipe's length is not known */
    {
        percent = 100 * r->octets / r->file_octets;
        snprintf(share, sizeof share, "%" PRIu64 " %%, ", percent < 99 ? percent : 99);
    }
    fprintf(stderr,
            "%s  reading the capture: %s%" PRIu64 " packets, %zu flows%s",
            r->terminal ? "\r" : "",
            share,
            r->packets,
            r->flows.count,
            r->terminal ? "" : "\n");
    r->next_word = now + (r->terminal ? 1 : 5);
    r->said = true;
}

static void
count_packet(void *context, const fbd_captured *packet)
{
    reading *r = context;

    r->memory_failed = r->memory_failed || !fbk_flows_add(&r->flows, packet);
    r->octets += packet->captured + 30; /* about what file and link add */
    if (++r->packets % 4096 == 0)
    {
        say_progress(r);
    }
}

static void
start_reading(reading *r, const char *file)
{
    struct stat information;

    memset(r, 0, sizeof *r);
    r->file_octets = stat(file, &information) == 0 ? (uint64_t)information.st_size : 0;
    r->terminal = isatty(STDERR_FILENO) == 1;
    r->next_word = time(NULL) + 3;
}

/** What of the capture could not be used, on standard error. */
static void
report_losses(const char *file, const reading *r, const fbd_tally *tally)
{
    const struct
    {
        uint64_t count;
        const char *what;
    } losses[] = {
        {tally->other, "frames without an IP packet"},
        {r->flows.malformed,
         "IP packets that are damaged, or cut before the end of their IP header"},
        {r->flows.cut,
         "packets were cut before their ports or SPI, so no rule with such fields matches them; capture with a longer "
         "snap length (tcpdump -s 0)"},
        {r->flows.orphans,
         "fragments whose first one is not in the capture: they have no ports, so no rule with ports matches them"},
    };

    fbd_capture_report(file, tally);
    for (size_t i = 0; i < sizeof losses / sizeof losses[0]; i++)
    {
        if (losses[i].count > 0)
        {
            fprintf(stderr, "%s: %" PRIu64 " %s\n", file, losses[i].count, losses[i].what);
        }
    }
    if (r->packets == 0)
    {
        fprintf(stderr, "%s: no IP packet in %" PRIu64 " frames\n", file, tally->frames);
    }
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* Deciding                                                                                                           */

/** Whether --paths names all paths the policy uses; if not, that is reported. */
static bool
check_paths(const fbc_policy *policy, const fbk_options *options, fbc_report *report)
{
    fb_rule *rules;
    size_t count = 0;
    bool right;

    if (options->path_count == 0)
    {
        return true;
    }
    rules = calloc(2 * policy->flow_count + 1, sizeof *rules);
    right = rules != NULL &&
            fbc_policy_resolve(policy, options->path, options->path_count, rules, &count, report);
    free(rules);
    return right;
}

/** Gives every flow its rule. False: no memory. */
static bool
decide(fbk_flows *flows, const fbc_policy *policy)
{
    size_t count = policy->flow_count;
    size_t octets = fb_classifier_memory((uint32_t)count);
    fb_rule *rules = calloc(count + 1, sizeof *rules);
    void *memory = malloc(octets + 1);
    fb_classifier classifier;

    if (rules != NULL && memory != NULL)
    {
        for (size_t i = 0; i < count; i++)
        {
            rules[i].selector = policy->flows[i].selector;
        }
        fb_classifier_init(&classifier, memory, (uint32_t)count);
        fb_classifier_build(&classifier, rules, count);
        for (size_t i = 0; i < flows->count; i++)
        {
            fb_flow seen = fbk_flow_seen(&flows->flow[i]);

            flows->flow[i].rule =
                fb_classifier_find(&classifier, &seen, flows->flow[i].direction == FBK_UP, 0);
        }
    }
    free(rules);
    free(memory);
    return rules != NULL && memory != NULL;
}

/** Whom the directions are seen from, when nobody said it. */
static void
say_home(const fbk_options *options, bool guessed)
{
    for (size_t i = 0; guessed && i < options->home_count; i++)
    {
        const fb_prefix *home = &options->home[i];
        char text[64];

        fprintf(
            stderr,
            "taken for the mobile node: %s, the address most packets have in common (--home says otherwise)\n",
            fbk_address_text(text, sizeof text, home->address.family, home->address.octet));
    }
}

static int
print_result(const fbk_result *result)
{
    bool printed = result->options->json ? fbk_print_json(result) : fbk_print_tables(result);

    if (!printed)
    {
        return complain("not enough memory");
    }
    if (fflush(stdout) != 0 || ferror(stdout))
    {
        return complain("standard output cannot be written");
    }
    return DONE;
}

static int
classify(fbk_options *options, const fbc_policy *policy)
{
    bool guessed = options->home_count == 0 && options->side == FBK_SIDE_AUTO;
    char error[ERROR_TEXT];
    fbd_tally tally;
    reading r;
    bool whole;
    int result;

    start_reading(&r, options->capture);
    if (!fbk_flows_init(&r.flows))
    {
        fbk_flows_free(&r.flows);
        return complain("not enough memory");
    }
    whole = fbd_capture_packets(options->capture, count_packet, &r, &tally, error, sizeof error);
    if (r.said && r.terminal)
    {
        fprintf(stderr, "\r\033[K");
    }
    if (!whole && tally.frames == 0)
    {
        fbk_flows_free(&r.flows);
        (void)complain(error);
        return complain(
            "expected a capture in pcap or pcapng format, as tcpdump -w and Wireshark write them");
    }
    if (r.memory_failed || !fbk_set_directions(&r.flows, options) || !decide(&r.flows, policy))
    {
        fbk_flows_free(&r.flows);
        return complain("not enough memory for the flows of this capture");
    }
    report_losses(options->capture, &r, &tally);
    say_home(options, guessed);
    result = print_result(&(fbk_result){options, policy, &r.flows, &tally});
    fbk_flows_free(&r.flows);
    if (!whole)
    {
        (void)complain(error);
        return complain("what is before the damage was used");
    }
    return result;
}

int
main(int argc, char **argv)
{
    fbk_options options;
    fbc_report report = {0};
    char error[ERROR_TEXT];
    fbc_policy *policy;
    int result = BAD_INPUT;

    if (!fbk_options_read(&options, argc, argv, error, sizeof error))
    {
        return complain(error);
    }
    if (options.help)
    {
        fputs(fbk_options_usage(), stdout);
        return DONE;
    }
    policy = fbc_policy_read(options.policy, &report);
    if (policy != NULL && check_paths(policy, &options, &report))
    {
        result = classify(&options, policy);
    }
    fbc_report_print(&report, stderr);
    fbc_report_free(&report);
    fbc_policy_free(policy);
    return result;
}
