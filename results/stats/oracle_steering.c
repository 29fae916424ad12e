/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What steering must give: hashes, schedulers, resequencing, encapsulation. */
#include "oracle.h"

#include <math.h>

#define OCTET 8.

static double
sum(const fbs_list* list)
{
    double total = 0;
    for (size_t i = 0; i < list->count; i++)
    {
        total += list->value[i];
    }
    return total;
}

static double
least(const fbs_list* list)
{
    double result = INFINITY;
    for (size_t i = 0; i < list->count; i++)
    {
        result = fmin(result, list->value[i]);
    }
    return result;
}

static double
greatest(const fbs_list* list)
{
    double result = -INFINITY;
    for (size_t i = 0; i < list->count; i++)
    {
        result = fmax(result, list->value[i]);
    }
    return result;
}

static bool
all_positive(const fbs_list* list)
{
    return list->count > 0 && least(list) > 0;
}

static bool
refuse(const char** wrong, const char* why)
{
    *wrong = why;
    return false;
}

/* ------------------------------------------------------------------------------------------------------------------
 * Hashes */

static bool
is_whole(double value, double from, double to)
{
    return value >= from && value <= to && value == floor(value);
}

static bool
hash_threshold(const fbs_list* v, fbs_answer* answer, const char** wrong)
{
    double n = v[0].value[0], k = v[1].value[0];
    if (!is_whole(n, 2, 1e9) || !is_whole(k, 1, n))
    {
        return refuse(wrong, "paths is a number from 2, lost one from 1 to paths");
    }
    answer->value[0] = ((k - 1) * k + (n - k) * (n - k + 1)) / (2 * n * (n - 1));
    return true;
}

static bool
modulo_hash(const fbs_list* v, fbs_answer* answer, const char** wrong)
{
    double n = v[0].value[0];
    if (!is_whole(n, 2, 1e9))
    {
        return refuse(wrong, "paths is a number from 2");
    }
    answer->value[0] = (n - 1) / n;
    return true;
}

/* HRW: only the flows of the lost path move. With weights those are its share of them. */
static bool
highest_random_weight(const fbs_list* v, fbs_answer* answer, const char** wrong)
{
    double lost = v[1].value[0];
    if (!all_positive(&v[0]) || v[0].count < 2 || !is_whole(lost, 1, (double)v[0].count))
    {
        return refuse(wrong, "weights is a list of two or more, lost the number of one of them");
    }
    answer->value[0] = v[0].value[(size_t)lost - 1] / sum(&v[0]);
    return true;
}

/* Each path that at least one flow hashes to is used in full. */
static bool
elastic_hash(const fbs_list* v, fbs_answer* answer, const char** wrong)
{
    const fbs_list *rates = &v[0], *weights = &v[1];
    double flows = v[2].value[0];
    if (!all_positive(rates) || !is_whole(flows, 1, 1e9))
    {
        return refuse(wrong, "rates are above 0, flows is a number from 1");
    }
    if (weights->count != 0 && (weights->count != rates->count || !all_positive(weights)))
    {
        return refuse(wrong, "there are as many weights as rates, above 0");
    }
    double total = weights->count == 0 ? (double)rates->count : sum(weights);
    answer->value[0] = 0;
    for (size_t i = 0; i < rates->count; i++)
    {
        double share = (weights->count == 0 ? 1 : weights->value[i]) / total;
        answer->value[0] += rates->value[i] * (1 - pow(1 - share, flows));
    }
    return true;
}

/* ------------------------------------------------------------------------------------------------------------------
 * Schedulers */

/* The path with the shortest delay + transmission time that is not yet in the list; count: none is left. */
static size_t
next_fastest(const fbs_list* cost, const bool* taken)
{
    size_t best = cost->count;
    for (size_t i = 0; i < cost->count; i++)
    {
        if (!taken[i] && (best == cost->count || cost->value[i] < cost->value[best]))
        {
            best = i;
        }
    }
    return best;
}

/* Fluid limit: the fastest path is filled first, and a queue grows on it until the next one is as fast. */
static bool
edpf_fluid(const fbs_list* v, fbs_answer* answer, const char** wrong)
{
    const fbs_list *rates = &v[0], *delays = &v[1];
    double bits = v[2].value[0] * OCTET, load = v[3].value[0];
    if (!all_positive(rates) || delays->count != rates->count || bits <= 0)
    {
        return refuse(wrong, "there are as many delays as rates; rates and packet are above 0");
    }
    if (load <= 0 || load > sum(rates))
    {
        return refuse(wrong, "load is above 0 and at most the sum of the rates");
    }
    fbs_list cost = {.count = rates->count};
    for (size_t i = 0; i < cost.count; i++)
    {
        cost.value[i] = delays->value[i] + bits / rates->value[i];
    }
    bool taken[FBS_LIST] = {false};
    answer->list = (fbs_list){.count = rates->count};
    for (double left = load; left > 0;)
    {
        size_t path = next_fastest(&cost, taken);
        double part = fmin(left, rates->value[path]);
        taken[path] = true;
        answer->list.value[path] = part / load;
        answer->value[0] = cost.value[path];
        left -= part;
    }
    return true;
}

/* n:m. Without loss the path that is short of capacity for its weight bounds all; else each loses what it cannot
 * carry. */
static bool
weighted(const fbs_list* v, fbs_answer* answer, const char** wrong)
{
    const fbs_list *rates = &v[0], *weights = &v[1];
    double load = v[2].count > 0 ? v[2].value[0] : NAN;
    if (!all_positive(rates) || weights->count != rates->count || !all_positive(weights))
    {
        return refuse(wrong, "there are as many weights as rates, all above 0");
    }
    double total = sum(weights), capacity = INFINITY, goodput = 0;
    for (size_t i = 0; i < rates->count; i++)
    {
        capacity = fmin(capacity, rates->value[i] * total / weights->value[i]);
        goodput += fmin(rates->value[i], load * weights->value[i] / total);
    }
    answer->value[0] = capacity;
    answer->value[1] = isnan(load) ? NAN : goodput;
    return true;
}

/* Packets on two paths in turn, `spacing` apart; one path is slower by `gap`; no queues. */
static bool
two_paths(const fbs_list* v, fbs_answer* answer, const char** wrong)
{
    double spacing = v[0].value[0], gap = v[1].value[0];
    if (spacing <= 0 || gap < 0)
    {
        return refuse(wrong, "spacing is above 0, gap not below");
    }
    double m = floor(ceil(gap / spacing) / 2);
    answer->value[0] = m >= 1 ? 0.5 : 0;
    answer->value[1] = m >= 1 ? 2 * m - 1 : 0;
    answer->value[2] = m;
    answer->value[3] = m >= 1 ? (gap - spacing) / 2 : 0;
    return true;
}

/* With a wait shorter than the slow packets are late, each of them comes after its place was given up. */
static bool
reorder_timeout(const fbs_list* v, fbs_answer* answer, const char** wrong)
{
    double spacing = v[0].value[0], gap = v[1].value[0], timeout = v[2].value[0];
    if (spacing <= 0 || gap < 0 || timeout < 0)
    {
        return refuse(wrong, "spacing is above 0, gap and timeout not below");
    }
    answer->value[0] = timeout >= gap - spacing ? 1 : 0.5;
    return true;
}

/* A window of packets, the acknowledgements of which come back after ack_delay. */
static bool
window_limit(const fbs_list* v, fbs_answer* answer, const char** wrong)
{
    const fbs_list *rates = &v[0], *delays = &v[1];
    double ack = v[2].value[0], bits = v[3].value[0] * OCTET, window = v[4].value[0] * OCTET;
    if (!all_positive(rates) || delays->count != rates->count || bits <= 0 || window <= 0)
    {
        return refuse(wrong,
                      "there are as many delays as rates; rates, packet and window are above 0");
    }
    double slowest = 0;
    for (size_t i = 0; i < rates->count; i++)
    {
        slowest = fmax(slowest, delays->value[i] + ack + bits / rates->value[i]);
    }
    answer->value[0] = fmin((double)rates->count * least(rates), window / slowest);
    return true;
}

static bool
buffer_size(const fbs_list* v, fbs_answer* answer, const char** wrong)
{
    const fbs_list *rates = &v[0], *rtts = &v[1];
    if (!all_positive(rates) || rtts->count != rates->count)
    {
        return refuse(wrong, "there are as many rtts as rates; rates are above 0");
    }
    answer->value[0] = sum(rates) * greatest(rtts) / OCTET;
    answer->list = (fbs_list){.count = rates->count};
    for (size_t i = 0; i < rates->count; i++)
    {
        answer->list.value[i] = rates->value[i] * rtts->value[i] / OCTET;
    }
    return true;
}

static bool
encapsulation(const fbs_list* v, fbs_answer* answer, const char** wrong)
{
    double rate = v[0].value[0], mtu = v[1].value[0], tunnel = v[2].value[0];
    double frame = v[3].value[0], headers = v[4].value[0];
    if (rate <= 0 || mtu <= tunnel + headers || tunnel < 0 || frame < 0 || headers < 0)
    {
        return refuse(wrong, "rate is above 0, and mtu above tunnel + headers");
    }
    answer->value[0] = rate * (mtu - headers - tunnel) / (mtu + frame);
    return true;
}

/* 1: all that the other paths have is added; 0: as good as the best path alone; -1: nothing is left. */
static bool
aggregation_benefit(const fbs_list* v, fbs_answer* answer, const char** wrong)
{
    const fbs_list* single = &v[1];
    double all = v[0].value[0], best = greatest(single);
    if (single->count < 2 || !all_positive(single) || all < 0)
    {
        return refuse(wrong, "paths is a list of two or more, above 0, and goodput not below 0");
    }
    double range = all >= best ? sum(single) - best : best;
    answer->value[0] = (all - best) / range;
    return true;
}

static bool
outage(const fbs_list* v, fbs_answer* answer, const char** wrong)
{
    double keepalive = v[0].value[0], missed = v[1].value[0], rtt = v[2].value[0];
    if (keepalive < 0 || missed < 0 || rtt < 0)
    {
        return refuse(wrong, "no value is below 0");
    }
    answer->value[0] = keepalive * missed + rtt;
    return true;
}

const fbs_oracle fbs_steering_oracles[] = {
    {"hash-threshold",
     "share of flows that move when a path goes, its key space cut into regions",
     "RFC 2992 3",
     {{"paths", NULL, "before"}, {"lost", NULL, "which one, from 1"}},
     {"moved"},
     hash_threshold},
    {"modulo-hash",
     "the same, for hash modulo the number of paths",
     "RFC 2992 4",
     {{"paths", NULL, "before"}},
     {"moved"},
     modulo_hash},
    {"highest-random-weight",
     "the same, for highest random weight",
     "RFC 2992 4",
     {{"weights*", NULL, "of the paths"}, {"lost", "1", "which one, from 1"}},
     {"moved"},
     highest_random_weight},
    {"elastic-hash",
     "what n flows that take all they get carry together, hashed over paths",
     "expectation over the hash",
     {{"rates*", NULL, "of the paths, bit/s"},
      {"weights*", "", "of the hash; equal"},
      {"flows", NULL, "number"}},
     {"throughput_bps"},
     elastic_hash},
    {"edpf-fluid",
     "where earliest delivery path first sends a constant stream, and its delay",
     "Chebrolu and Rao 2006: the rule, in the fluid limit",
     {{"rates*", NULL, "of the paths, bit/s"},
      {"delays*", NULL, "of the paths, one way, s"},
      {"packet", "1500", "octets on the wire"},
      {"load", NULL, "bit/s"}},
     {"delay_s", "share*"},
     edpf_fluid},
    {"weighted",
     "capacity of n:m without loss, and goodput of UDP that offers more",
     "the definition of n:m; rates and weights in order of the paths",
     {{"rates*", NULL, "of the paths, bit/s"},
      {"weights*", NULL, "of the paths"},
      {"load", "", "offered, bit/s"}},
     {"capacity_bps", "goodput_bps"},
     weighted},
    {"two-paths",
     "round robin over two paths: reordering (RFC 4737) and resequencing",
     "RFC 4737 4, arrivals of two interleaved streams",
     {{"spacing", NULL, "of packets, s"}, {"gap", NULL, "by which a path is slower, s"}},
     {"reordered", "extent", "buffer_packets", "resequencing_s"},
     two_paths},
    {"reorder-timeout",
     "round robin over two paths: share delivered in order",
     "RFC 8157 4.4: the timer against the difference of the delays",
     {{"spacing", NULL, "of packets, s"},
      {"gap", NULL, "by which a path is slower, s"},
      {"timeout", NULL, "of the resequencer, s"}},
     {"in_order"},
     reorder_timeout},
    {"window",
     "throughput of a window in order, over one path or in turn over several",
     "window / round-trip time",
     {{"rates*", NULL, "of the paths, bit/s"},
      {"delays*", NULL, "of the paths, one way, s"},
      {"ack_delay", NULL, "one way, s"},
      {"packet", "1500", "octets"},
      {"window", NULL, "octets"}},
     {"throughput_bps"},
     window_limit},
    {"buffer",
     "receive buffer that keeps all paths busy, and each alone",
     "Raiciu et al., NSDI 2012: sum of rates times the longest round-trip time",
     {{"rates*", NULL, "of the paths, bit/s"}, {"rtts*", NULL, "of the paths, s"}},
     {"buffer_octets", "alone_octets*"},
     buffer_size},
    {"encapsulation",
     "UDP goodput of a link inside a tunnel, full packets",
     "header lengths",
     {{"rate", NULL, "bit/s"},
      {"mtu", "1500", "octets"},
      {"tunnel", "0", "octets it adds"},
      {"frame", "38", "octets of the link around the MTU; Ethernet"},
      {"headers", "28", "octets of IP and UDP"}},
     {"goodput_bps"},
     encapsulation},
    {"aggregation-benefit",
     "what several paths give over the best one: 0 nothing, 1 all",
     "flowbind's own definition",
     {{"goodput", NULL, "with all paths, bit/s"}, {"paths*", NULL, "goodput of each alone, bit/s"}},
     {"benefit"},
     aggregation_benefit},
    {"outage",
     "time without a path: keepalives that are missed, and one registration",
     "detection time + round-trip time",
     {{"keepalive", NULL, "s"},
      {"missed", "3", "until the path is dead"},
      {"rtt", NULL, "of a registration, s"}},
     {"outage_s"},
     outage},
    {.name = NULL},
};
