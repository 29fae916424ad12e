/* SPDX-License-Identifier: BSD-3-Clause */
#include "output.h"

#include "decode/json.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---------------------------------------------------------------------------------------------------------------- */
/* Flows and rules as text                                                                                            */

#define END_TEXT (INET6_ADDRSTRLEN + 10)
#define PATHS_TEXT 512

const char *
fbk_address_text(char *text, size_t size, uint8_t family, const uint8_t *address)
{
    const char *written =
        inet_ntop(family == FB_FAMILY_IPV6 ? AF_INET6 : AF_INET, address, text, (socklen_t)size);

    return written == NULL ? "?" : written;
}

/** "192.0.2.1:80", "[2001:db8::1]:80", or the address alone. */
static void
write_end(char text[END_TEXT], const fbk_key *key, const uint8_t *address, uint16_t port)
{
    char host[INET6_ADDRSTRLEN];
    bool ipv6 = key->family == FB_FAMILY_IPV6;

    (void)fbk_address_text(host, sizeof host, key->family, address);
    if (!key->has_ports)
    {
        snprintf(text, END_TEXT, "%s", host);
        return;
    }
    snprintf(text, END_TEXT, ipv6 ? "[%s]:%u" : "%s:%u", host, (unsigned)port);
}

static const char *
protocol_name(uint8_t protocol)
{
    static const struct
    {
        uint8_t number;
        const char *name;
    } names[] = {{FB_PROTOCOL_ICMP, "icmp"},
                 {FB_PROTOCOL_IPV4, "ipip"},
                 {FB_PROTOCOL_TCP, "tcp"},
                 {FB_PROTOCOL_UDP, "udp"},
                 {FB_PROTOCOL_DCCP, "dccp"},
                 {FB_PROTOCOL_IPV6, "ipv6"},
                 {FB_PROTOCOL_GRE, "gre"},
                 {FB_PROTOCOL_ESP, "esp"},
                 {FB_PROTOCOL_AH, "ah"},
                 {FB_PROTOCOL_ICMPV6, "icmpv6"},
                 {FB_PROTOCOL_SCTP, "sctp"},
                 {FB_PROTOCOL_UDPLITE, "udplite"}};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    {
        if (names[i].number == protocol)
        {
            return names[i].name;
        }
    }
    return NULL;
}

/** Protocol, and what else a rule can tell of it: "udp", "esp 0x100", "tcp ds 46", "tcp label 0x12345". */
static void
write_protocol(char *text, size_t size, const fbk_key *key)
{
    const char *name = protocol_name(key->protocol);
    char number[4], spi[16] = "", ds[16] = "", label[24] = "";

    snprintf(number, sizeof number, "%u", (unsigned)key->protocol);
    if (key->has_spi)
    {
        snprintf(spi, sizeof spi, " 0x%" PRIx32, key->spi);
    }
    if (key->dscp != 0)
    {
        snprintf(ds, sizeof ds, " ds %u", (unsigned)key->dscp);
    }
    if (key->flow_label != 0)
    {
        snprintf(label, sizeof label, " label 0x%" PRIx32, key->flow_label);
    }
    snprintf(text, size, "%s%s%s%s", name != NULL ? name : number, spi, ds, label);
}

static const char *
direction_name(fbk_direction direction)
{
    return direction == FBK_DOWN ? "down" : direction == FBK_UP ? "up" : "-";
}

/** "wlan > lte > drop"; of no rule the default scheduler. */
static void
write_paths(char text[PATHS_TEXT], const fbc_policy *policy, size_t rule)
{
    size_t at = 0;

    if (rule >= policy->flow_count)
    {
        snprintf(text, PATHS_TEXT, "%s", policy->scheduler);
        return;
    }
    const fbc_flow *flow = &policy->flows[rule];

    text[0] = '\0';
    for (size_t i = 0; i < flow->path_count + (flow->drop ? 1u : 0u) && at < PATHS_TEXT; i++)
    {
        const char *name = i < flow->path_count ? flow->path[i] : "drop";

        at += (size_t)snprintf(text + at, PATHS_TEXT - at, "%s%s", i > 0 ? " > " : "", name);
    }
}

static const char *
rule_name(const fbc_policy *policy, size_t rule)
{
    return rule < policy->flow_count ? policy->flows[rule].name : "(default)";
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* What each rule gets                                                                                                */

typedef struct share
{
    uint64_t flows, packets, octets;
} share;

/** By rule; behind them the default and what is not the mobile node's. */
static share *
add_shares(const fbk_result *result)
{
    size_t rules = result->policy->flow_count;
    share *shares = calloc(rules + 2, sizeof *shares);

    for (size_t i = 0; shares != NULL && i < result->flows->count; i++)
    {
        const fbk_flow *flow = &result->flows->flow[i];
        share *its = &shares[flow->direction == FBK_ELSEWHERE ? rules + 1 : flow->rule];

        its->flows++;
        its->packets += flow->packets;
        its->octets += flow->octets;
    }
    return shares;
}

static double
percent(const fbk_result *result, const share *its)
{
    return result->flows->octets == 0 ? 0
                                      : 100.0 * (double)its->octets / (double)result->flows->octets;
}

/** Those with most octets first, then as they came. */
static int
compare_flows(const void *a, const void *b)
{
    const fbk_flow *left = *(const fbk_flow *const *)a, *right = *(const fbk_flow *const *)b;

    if (left->octets != right->octets)
    {
        return left->octets > right->octets ? -1 : 1;
    }
    return left->frame < right->frame ? -1 : 1;
}

/** Those to print, in their order, and how many. NULL: no memory. */
static const fbk_flow **
sort_flows(const fbk_result *result, size_t *count)
{
    const fbk_flow **sorted = malloc((result->flows->count + 1) * sizeof *sorted);

    *count = result->flows->count;
    for (size_t i = 0; sorted != NULL && i < *count; i++)
    {
        sorted[i] = &result->flows->flow[i];
    }
    if (sorted != NULL)
    {
        qsort(sorted, *count, sizeof *sorted, compare_flows);
    }
    if (result->options->top > 0 && result->options->top < *count)
    {
        *count = (size_t)result->options->top;
    }
    return sorted;
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* Tables                                                                                                             */

#define COLUMNS_MAX 8
#define CELL_TEXT PATHS_TEXT

/** The cells of a line. */
typedef char row[COLUMNS_MAX][CELL_TEXT];

/** A table whose columns are as wide as their widest cell: printed twice, the first time to measure. */
typedef struct table
{
    size_t columns;
    const char *right; /**< for each column 'r': its cells are numbers; else 'l' */
    size_t width[COLUMNS_MAX];
    bool measuring;
} table;

static void
put_row(table *t, row cells)
{
    for (size_t i = 0; i < t->columns; i++)
    {
        int width = (int)t->width[i];
        bool last = i + 1 == t->columns;
        size_t length = strlen(cells[i]);

        if (t->measuring)
        {
            t->width[i] = length > t->width[i] ? length : t->width[i];
            continue;
        }
        if (t->right[i] == 'r')
        {
            printf("%*s", width, cells[i]);
        }
        else
        {
            printf("%-*s", last ? 0 : width, cells[i]);
        }
        fputs(last ? "\n" : "  ", stdout);
    }
}

static void
put_flow(table *t, const fbk_result *result, const fbk_flow *flow)
{
    bool decided = flow->direction != FBK_ELSEWHERE;
    row cells;

    write_end(cells[0], &flow->key, flow->key.source, flow->key.source_port);
    write_end(cells[1], &flow->key, flow->key.destination, flow->key.destination_port);
    write_protocol(cells[2], CELL_TEXT, &flow->key);
    snprintf(cells[3], CELL_TEXT, "%s", direction_name(flow->direction));
    snprintf(cells[4], CELL_TEXT, "%" PRIu64, flow->packets);
    snprintf(cells[5], CELL_TEXT, "%" PRIu64, flow->octets);
    snprintf(cells[6], CELL_TEXT, "%s", decided ? rule_name(result->policy, flow->rule) : "-");
    write_paths(cells[7], result->policy, flow->rule);
    if (!decided)
    {
        snprintf(cells[7], CELL_TEXT, "-");
    }
    put_row(t, cells);
}

static void
print_flows(const fbk_result *result, const fbk_flow *const *sorted, size_t count)
{
    row titles = {"source", "destination", "protocol", "way", "packets", "octets", "rule", "paths"};
    table t = {.columns = 8, .right = "llllrrll"};

    for (int pass = 0; pass < 2; pass++)
    {
        t.measuring = pass == 0;
        put_row(&t, titles);
        for (size_t i = 0; i < count; i++)
        {
            put_flow(&t, result, sorted[i]);
        }
    }
    if (count < result->flows->count)
    {
        printf("... and %zu flows with fewer octets\n", result->flows->count - count);
    }
}

static void
put_share(table *t, const fbk_result *result, const share *shares, size_t rule)
{
    const share *its = &shares[rule];
    bool elsewhere = rule > result->policy->flow_count;
    row cells;

    snprintf(cells[0],
             CELL_TEXT,
             "%s",
             elsewhere ? "(not the mobile node's)" : rule_name(result->policy, rule));
    snprintf(cells[1], CELL_TEXT, "%" PRIu64, its->flows);
    snprintf(cells[2], CELL_TEXT, "%" PRIu64, its->packets);
    snprintf(cells[3], CELL_TEXT, "%" PRIu64, its->octets);
    snprintf(cells[4], CELL_TEXT, "%.1f %%", percent(result, its));
    write_paths(cells[5], result->policy, rule);
    if (elsewhere)
    {
        snprintf(cells[5], CELL_TEXT, "-");
    }
    put_row(t, cells);
}

static void
print_shares(const fbk_result *result, const share *shares)
{
    size_t rules = result->policy->flow_count;
    row titles = {"rule", "flows", "packets", "octets", "share", "paths"};
    table t = {.columns = 6, .right = "lrrrrl"};

    for (int pass = 0; pass < 2; pass++)
    {
        t.measuring = pass == 0;
        put_row(&t, titles);
        for (size_t i = 0; i <= rules; i++)
        {
            put_share(&t, result, shares, i);
        }
        if (shares[rules + 1].flows > 0)
        {
            put_share(&t, result, shares, rules + 1);
        }
    }
}

bool
fbk_print_tables(const fbk_result *result)
{
    size_t count;
    const fbk_flow **sorted = sort_flows(result, &count);
    share *shares = add_shares(result);
    bool done = sorted != NULL && shares != NULL;

    if (done)
    {
        if (count > 0)
        {
            print_flows(result, sorted, count);
            putchar('\n');
        }
        print_shares(result, shares);
    }
    free(sorted);
    free(shares);
    return done;
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* JSON                                                                                                               */

static void
print_object(cJSON *object)
{
    char *line = cJSON_PrintUnformatted(object);

    if (line != NULL)
    {
        puts(line);
        free(line);
    }
    cJSON_Delete(object);
}

static void
add_number(cJSON *object, const char *name, uint64_t number)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRIu64, number); /* a double has 53 bits only */
    cJSON_AddRawToObject(object, name, text);
}

static void
add_paths(cJSON *object, const fbc_policy *policy, size_t rule)
{
    cJSON *paths;

    if (rule >= policy->flow_count)
    {
        cJSON_AddNullToObject(object, "rule");
        cJSON_AddStringToObject(object, "scheduler", policy->scheduler);
        return;
    }
    const fbc_flow *flow = &policy->flows[rule];

    cJSON_AddStringToObject(object, "rule", flow->name);
    paths = cJSON_AddArrayToObject(object, "paths");
    for (size_t i = 0; i < flow->path_count; i++)
    {
        cJSON_AddItemToArray(paths, cJSON_CreateString(flow->path[i]));
    }
    cJSON_AddBoolToObject(object, "drop", flow->drop);
}

static void
print_flow_json(const fbk_result *result, const fbk_flow *flow)
{
    const fbk_key *key = &flow->key;
    cJSON *object = cJSON_CreateObject();
    char address[INET6_ADDRSTRLEN];

    cJSON_AddStringToObject(object, "type", "flow");
    cJSON_AddStringToObject(object,
                            "source",
                            fbk_address_text(address, sizeof address, key->family, key->source));
    cJSON_AddStringToObject(
        object,
        "destination",
        fbk_address_text(address, sizeof address, key->family, key->destination));
    add_number(object, "protocol", key->protocol);
    if (key->has_ports)
    {
        add_number(object, "source_port", key->source_port);
        add_number(object, "destination_port", key->destination_port);
    }
    if (key->has_spi)
    {
        add_number(object, "spi", key->spi);
    }
    add_number(object, "dscp", key->dscp);
    if (key->family == FB_FAMILY_IPV6)
    {
        add_number(object, "flow_label", key->flow_label);
    }
    cJSON_AddStringToObject(object,
                            "direction",
                            flow->direction == FBK_ELSEWHERE ? "none"
                                                             : direction_name(flow->direction));
    add_number(object, "first_frame", flow->frame);
    add_number(object, "packets", flow->packets);
    add_number(object, "octets", flow->octets);
    if (flow->direction != FBK_ELSEWHERE)
    {
        add_paths(object, result->policy, flow->rule);
    }
    print_object(object);
}

static void
print_rule_json(const fbk_result *result, const share *its, size_t rule)
{
    cJSON *object = cJSON_CreateObject();
    char text[16];

    cJSON_AddStringToObject(object, "type", "rule");
    add_paths(object, result->policy, rule);
    add_number(object, "flows", its->flows);
    add_number(object, "packets", its->packets);
    add_number(object, "octets", its->octets);
    snprintf(text, sizeof text, "%.4f", percent(result, its) / 100);
    cJSON_AddRawToObject(object, "share", text);
    print_object(object);
}

static void
print_capture_json(const fbk_result *result, const share *elsewhere)
{
    const fbk_flows *flows = result->flows;
    cJSON *object = cJSON_CreateObject();
    cJSON *homes;

    cJSON_AddStringToObject(object, "type", "capture");
    add_number(object, "frames", result->tally->frames);
    add_number(object, "packets", flows->packets);
    add_number(object, "octets", flows->octets);
    add_number(object, "flows", flows->count);
    homes = cJSON_AddArrayToObject(object, "home");
    for (size_t i = 0; i < result->options->home_count; i++)
    {
        const fb_prefix *home = &result->options->home[i];
        char address[INET6_ADDRSTRLEN], text[INET6_ADDRSTRLEN + 8];

        snprintf(
            text,
            sizeof text,
            "%s/%u",
            fbk_address_text(address, sizeof address, home->address.family, home->address.octet),
            (unsigned)home->length);
        cJSON_AddItemToArray(homes, cJSON_CreateString(text));
    }
    add_number(object, "without_ip", result->tally->other);
    add_number(object, "unreadable", result->tally->encrypted + result->tally->aggregated);
    add_number(object, "malformed", flows->malformed);
    add_number(object, "truncated", flows->cut);
    add_number(object, "fragments_without_first", flows->orphans);
    add_number(object, "not_the_mobile_nodes", elsewhere->packets);
    print_object(object);
}

bool
fbk_print_json(const fbk_result *result)
{
    size_t rules = result->policy->flow_count, count;
    const fbk_flow **sorted = sort_flows(result, &count);
    share *shares = add_shares(result);
    bool done = sorted != NULL && shares != NULL;

    for (size_t i = 0; done && i < count; i++)
    {
        print_flow_json(result, sorted[i]);
    }
    for (size_t i = 0; done && i <= rules; i++)
    {
        print_rule_json(result, &shares[i], i);
    }
    if (done)
    {
        print_capture_json(result, &shares[rules + 1]);
    }
    free(sorted);
    free(shares);
    return done;
}
