/* SPDX-License-Identifier: BSD-3-Clause */
#include "policy_file.h"

#include "policy_reader.h"
#include "value.h"

#include <string.h>

#define MILLISECOND_NS UINT64_C(1000000)

enum
{
    TCP = 6,
    UDP = 17,
    DCCP = 33,
    ESP = 50,
    AH = 51,
    SCTP = 132,
    UDPLITE = 136
};

/* ---------------------------------------------------------------------------------------------------------------- */
/* match                                                                                                              */

/* RFC 6088 3.1: a Start alone is a single value. Returns true when there also is an End. */
static bool
set_present(uint32_t *present, const fbc_value *value, uint32_t start, uint32_t end)
{
    if (!value->valid)
    {
        return false;
    }
    *present |= start;
    if (value->end == value->number)
    {
        return false;
    }
    *present |= end;
    return true;
}

static void
set_selector4(fb_selector4 *selector, const fbc_value *values)
{
    /* D-21: written for packets toward the mobile node, so the correspondent is the source. */
    const fbc_value *value = &values[FBC_MATCH_ADDRESS];
    selector->source_start = (fb_ipv4)value->number;
    bool range =
        set_present(&selector->present, value, FB_SELECTOR4_SOURCE_START, FB_SELECTOR4_SOURCE_END);
    selector->source_end = range ? (fb_ipv4)value->end : 0;

    value = &values[FBC_MATCH_LOCAL_ADDRESS];
    selector->destination_start = (fb_ipv4)value->number;
    range = set_present(&selector->present,
                        value,
                        FB_SELECTOR4_DESTINATION_START,
                        FB_SELECTOR4_DESTINATION_END);
    selector->destination_end = range ? (fb_ipv4)value->end : 0;

    value = &values[FBC_MATCH_SPI];
    selector->spi_start = (uint32_t)value->number;
    range = set_present(&selector->present, value, FB_SELECTOR4_SPI_START, FB_SELECTOR4_SPI_END);
    selector->spi_end = range ? (uint32_t)value->end : 0;

    value = &values[FBC_MATCH_PORT];
    selector->source_port_start = (uint16_t)value->number;
    range = set_present(&selector->present,
                        value,
                        FB_SELECTOR4_SOURCE_PORT_START,
                        FB_SELECTOR4_SOURCE_PORT_END);
    selector->source_port_end = range ? (uint16_t)value->end : 0;

    value = &values[FBC_MATCH_LOCAL_PORT];
    selector->destination_port_start = (uint16_t)value->number;
    range = set_present(&selector->present,
                        value,
                        FB_SELECTOR4_DESTINATION_PORT_START,
                        FB_SELECTOR4_DESTINATION_PORT_END);
    selector->destination_port_end = range ? (uint16_t)value->end : 0;

    /* RFC 6088 3.1: the field holds the whole octet; the code point is its upper six bits. */
    value = &values[FBC_MATCH_DSCP];
    selector->ds_start = (uint8_t)(value->number << 2);
    range = set_present(&selector->present, value, FB_SELECTOR4_DS_START, FB_SELECTOR4_DS_END);
    selector->ds_end = range ? (uint8_t)(value->end << 2) : 0;

    value = &values[FBC_MATCH_PROTOCOL];
    selector->protocol_start = (uint8_t)value->number;
    range = set_present(&selector->present,
                        value,
                        FB_SELECTOR4_PROTOCOL_START,
                        FB_SELECTOR4_PROTOCOL_END);
    selector->protocol_end = range ? (uint8_t)value->end : 0;
}

/* Writes @p value to @p start and @p end, and which of the two are there to @p present. */
static void
set_addresses6(uint32_t *present,
               const fbc_value *value,
               uint32_t has_start,
               uint32_t has_end,
               uint8_t *start,
               uint8_t *end)
{
    if (!value->valid)
    {
        return;
    }
    *present |= has_start;
    memcpy(start, value->octets, FBC_ADDRESS6);
    if (memcmp(value->octets, value->octets_end, FBC_ADDRESS6) != 0)
    {
        *present |= has_end;
        memcpy(end, value->octets_end, FBC_ADDRESS6);
    }
}

/* RFC 6088 3.2 */
static void
set_selector6(fb_selector6 *selector, const fbc_value *values)
{
    uint32_t *present = &selector->present;
    /* D-21, as above. */
    set_addresses6(present,
                   &values[FBC_MATCH_ADDRESS],
                   FB_SELECTOR6_SOURCE_START,
                   FB_SELECTOR6_SOURCE_END,
                   selector->source_start,
                   selector->source_end);
    set_addresses6(present,
                   &values[FBC_MATCH_LOCAL_ADDRESS],
                   FB_SELECTOR6_DESTINATION_START,
                   FB_SELECTOR6_DESTINATION_END,
                   selector->destination_start,
                   selector->destination_end);

    const fbc_value *value = &values[FBC_MATCH_SPI];
    selector->spi_start = (uint32_t)value->number;
    bool range = set_present(present, value, FB_SELECTOR6_SPI_START, FB_SELECTOR6_SPI_END);
    selector->spi_end = range ? (uint32_t)value->end : 0;

    value = &values[FBC_MATCH_FLOW_LABEL];
    selector->flow_label_start = (uint32_t)value->number;
    range = set_present(present, value, FB_SELECTOR6_FLOW_LABEL_START, FB_SELECTOR6_FLOW_LABEL_END);
    selector->flow_label_end = range ? (uint32_t)value->end : 0;

    value = &values[FBC_MATCH_PORT];
    selector->source_port_start = (uint16_t)value->number;
    range =
        set_present(present, value, FB_SELECTOR6_SOURCE_PORT_START, FB_SELECTOR6_SOURCE_PORT_END);
    selector->source_port_end = range ? (uint16_t)value->end : 0;

    value = &values[FBC_MATCH_LOCAL_PORT];
    selector->destination_port_start = (uint16_t)value->number;
    range = set_present(present,
                        value,
                        FB_SELECTOR6_DESTINATION_PORT_START,
                        FB_SELECTOR6_DESTINATION_PORT_END);
    selector->destination_port_end = range ? (uint16_t)value->end : 0;

    /* RFC 6088 3.2: the whole octet; the code point is its upper six bits. */
    value = &values[FBC_MATCH_DSCP];
    selector->traffic_class_start = (uint8_t)(value->number << 2);
    range = set_present(present,
                        value,
                        FB_SELECTOR6_TRAFFIC_CLASS_START,
                        FB_SELECTOR6_TRAFFIC_CLASS_END);
    selector->traffic_class_end = range ? (uint8_t)(value->end << 2) : 0;

    value = &values[FBC_MATCH_PROTOCOL];
    selector->next_header_start = (uint8_t)value->number;
    range =
        set_present(present, value, FB_SELECTOR6_NEXT_HEADER_START, FB_SELECTOR6_NEXT_HEADER_END);
    selector->next_header_end = range ? (uint8_t)value->end : 0;
}

static bool
has_ports(uint64_t protocol)
{
    return protocol == TCP || protocol == UDP || protocol == DCCP || protocol == SCTP ||
           protocol == UDPLITE;
}

/* A match that no packet can meet is a mistake. */
static void
check_match(fbc_reader *reader, const fbc_value *values)
{
    const fbc_value *protocol = &values[FBC_MATCH_PROTOCOL];
    const fbc_value *port = &values[FBC_MATCH_PORT];
    const fbc_value *spi = &values[FBC_MATCH_SPI];
    bool single = protocol->valid && protocol->number == protocol->end;
    if (!port->given)
    {
        port = &values[FBC_MATCH_LOCAL_PORT];
    }
    if (port->given && spi->given)
    {
        fbc_error(reader, spi->place, "no packet has both a port and an SPI; expected one of them");
        return;
    }
    if (port->given && single && !has_ports(protocol->number))
    {
        fbc_error(
            reader,
            port->place,
            "packets of protocol '%s' have no ports; expected tcp, udp, sctp, dccp or udplite",
            protocol->text);
    }
    if (spi->given && single && protocol->number != ESP && protocol->number != AH)
    {
        fbc_error(reader,
                  spi->place,
                  "packets of protocol '%s' have no SPI; expected esp or ah",
                  protocol->text);
    }
}

static bool
is_ipv6(const fbc_value *values)
{
    if (values[FBC_MATCH_FAMILY].given)
    {
        return values[FBC_MATCH_FAMILY].number == 1;
    }
    return values[FBC_MATCH_ADDRESS].ipv6 || values[FBC_MATCH_LOCAL_ADDRESS].ipv6 ||
           values[FBC_MATCH_FLOW_LABEL].given;
}

/* A packet is of one IP version. */
static void
check_family(fbc_reader *reader, const fbc_value *values, bool ipv6)
{
    static const size_t addresses[] = {FBC_MATCH_ADDRESS, FBC_MATCH_LOCAL_ADDRESS};
    for (size_t i = 0; i < 2; i++)
    {
        const fbc_value *address = &values[addresses[i]];
        if (address->valid && address->ipv6 != ipv6)
        {
            fbc_error(reader,
                      address->place,
                      "'%s' is no address of %s packets; expected one like %s",
                      address->text,
                      ipv6 ? "IPv6" : "IPv4",
                      ipv6 ? "fd00:a::7" : "198.51.100.7");
        }
    }
    const fbc_value *label = &values[FBC_MATCH_FLOW_LABEL];
    if (label->given && !ipv6)
    {
        fbc_error(reader, label->place, "IPv4 packets have no flow label; expected family: ipv6");
    }
}

static void
read_match(fbc_reader *reader, const yaml_node_t *node, fb_selector *selector)
{
    fbc_value values[FBC_KEYS_MAX];
    if (!fbc_object_read(reader, &fbc_object_match, node, values))
    {
        return;
    }
    bool ipv6 = is_ipv6(values);
    check_match(reader, values);
    check_family(reader, values, ipv6);
    if (ipv6)
    {
        selector->format = FB_SELECTOR_IPV6;
        set_selector6(&selector->u.v6, values);
        return;
    }
    selector->format = FB_SELECTOR_IPV4;
    set_selector4(&selector->u.v4, values);
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* use                                                                                                                */

static bool
is_used(const fbc_flow *flow, const char *path)
{
    for (size_t i = 0; i < flow->path_count; i++)
    {
        if (strcmp(flow->path[i], path) == 0)
        {
            return true;
        }
    }
    return false;
}

/* Access technologies of the types that paths can have, RFC 5213 8.5 and IANA. */
static const char *const technology_names[] = {"wired", "wlan", "lte", "cdma"};
static const uint8_t technology_numbers[] = {3, 4, 8, 10};

/* The label or technology that @p name is; 0 after an error, and for paths, which a policy does not know. */
static uint8_t
read_number(fbc_reader *reader, fbc_policy_by by, const char *name, fbc_place place)
{
    const size_t count = sizeof(technology_numbers);
    uint64_t number = 0;
    char expected[320];
    if (by == FBC_BY_LABEL)
    {
        if (fbc_parse_integer(name, &number) == FBC_PARSE_OK && number >= 1 && number <= UINT8_MAX)
        {
            return (uint8_t)number;
        }
        fbc_error(reader, place, "use: '%s' is no label; expected a number from 1 to 255", name);
    }
    if (by == FBC_BY_TECHNOLOGY)
    {
        for (size_t i = 0; i < count; i++)
        {
            if (strcmp(technology_names[i], name) == 0)
            {
                return technology_numbers[i];
            }
        }
        fbc_expected(name, technology_names, count, expected, sizeof(expected));
        fbc_error(reader, place, "use: '%s' is no access technology%s", name, expected);
    }
    return 0;
}

static void
add_path(fbc_reader *reader, fbc_policy_by by, fbc_flow *flow, const char *name, fbc_place place)
{
    if (is_used(flow, name))
    {
        fbc_error(reader, place, "path '%s' stands in the list twice; expected it once", name);
        return;
    }
    if (flow->path_count == FB_BIDS_PER_RULE)
    {
        fbc_error(reader,
                  place,
                  "path '%s' is one too many; expected at most %d paths (RFC 7629 4.2)",
                  name,
                  FB_BIDS_PER_RULE);
        return;
    }
    flow->path[flow->path_count] = name;
    flow->path_place[flow->path_count] = place;
    flow->number[flow->path_count] = read_number(reader, by, name, place);
    flow->path_count++;
}

static void
read_use(fbc_reader *reader, const yaml_node_t *list, fbc_policy_by by, fbc_flow *flow)
{
    size_t count = fbc_list_count(list);
    if (count == 0)
    {
        fbc_error(reader, fbc_node_place(list), "use: an empty list; expected paths or drop");
    }
    /* One more than can be right, so that a list of thousands does not bury what else is wrong. */
    for (size_t i = 0; i < count && i <= FB_BIDS_PER_RULE + 1u; i++)
    {
        const yaml_node_t *item = fbc_list_item(reader, list, i);
        fbc_place place = fbc_node_place(item);
        const char *name = fbc_name_read(reader, item, "use");
        if (name == NULL)
        {
            continue;
        }
        if (strcmp(name, "drop") != 0)
        {
            add_path(reader, by, flow, name, place);
            continue;
        }
        flow->drop = true;
        if (i + 1 < count)
        {
            fbc_error(
                reader,
                place,
                "drop is not the last of the list; expected nothing behind it, nothing is left to use");
        }
    }
}

/* Packets of one path need not be put in order: whoever asks for it means something else. */
static uint16_t
read_reorder(fbc_reader *reader, const fbc_value *reorder, uint64_t scheduler)
{
    if (!reorder->valid)
    {
        return 0;
    }
    if (!fb_scheduler_is_by_packet(scheduler))
    {
        fbc_error(reader,
                  reorder->place,
                  "reorder: '%s' keeps each flow on one path, and so in order; expected a "
                  "scheduler by packet, like round-robin or edpf",
                  fb_scheduler_name(scheduler));
        return 0;
    }
    return (uint16_t)(reorder->number / MILLISECOND_NS);
}

static void
read_group(fbc_reader *reader, const yaml_node_t *node, fbc_policy_by by, fbc_flow *flow)
{
    fbc_value values[FBC_KEYS_MAX];
    if (!fbc_object_read(reader, &fbc_object_group, node, values))
    {
        return;
    }
    const fbc_value *scheduler = &values[FBC_GROUP_SCHEDULER];
    flow->spread = true;
    if (by != FBC_BY_PATH)
    {
        fbc_error(reader,
                  fbc_node_place(node),
                  "use: a group names paths; expected by: path, or a list without spread");
    }
    if (values[FBC_GROUP_SPREAD].valid)
    {
        read_use(reader, values[FBC_GROUP_SPREAD].node, by, flow);
    }
    if (scheduler->valid)
    {
        flow->scheduler = (uint8_t)(scheduler->number + 1);
        flow->reorder_ms = read_reorder(reader, &values[FBC_GROUP_REORDER], scheduler->number);
    }
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* Policies                                                                                                           */

/* A scheduler's name alone, or with what else there is to say. */
static void
read_default(fbc_reader *reader, const fbc_value *value, fbc_policy *policy)
{
    fbc_value values[FBC_KEYS_MAX];
    policy->scheduler = value->text != NULL ? value->text : FBC_SCHEDULER_PRESET;
    if (value->text != NULL || !value->valid ||
        !fbc_object_read(reader, &fbc_object_default, value->node, values))
    {
        return;
    }
    const fbc_value *scheduler = &values[FBC_DEFAULT_SCHEDULER];
    if (scheduler->valid)
    {
        policy->scheduler = scheduler->text;
        policy->reorder_ms = read_reorder(reader, &values[FBC_DEFAULT_REORDER], scheduler->number);
    }
}

static void
read_flow(fbc_reader *reader, const yaml_node_t *node, fbc_policy_by by, fbc_flow *flow)
{
    fbc_value values[FBC_KEYS_MAX];
    flow->place = fbc_node_place(node);
    if (!fbc_object_read(reader, &fbc_object_flow, node, values))
    {
        return;
    }
    flow->name = values[FBC_FLOW_NAME].valid ? values[FBC_FLOW_NAME].text : NULL;
    if (values[FBC_FLOW_NAME].given)
    {
        flow->place = values[FBC_FLOW_NAME].place;
    }
    if (values[FBC_FLOW_MATCH].valid)
    {
        read_match(reader, values[FBC_FLOW_MATCH].node, &flow->selector);
    }
    if (values[FBC_FLOW_USE].valid)
    {
        const yaml_node_t *use = values[FBC_FLOW_USE].node;
        (use->type == YAML_MAPPING_NODE ? read_group : read_use)(reader, use, by, flow);
    }
}

size_t
fbc_policy_rule_count(const fbc_policy *policy)
{
    size_t rules = 0;
    for (size_t i = 0; i < policy->flow_count; i++)
    {
        const fbc_flow *flow = &policy->flows[i];
        rules += (flow->path_count > 0 ? 1u : 0u) + (flow->drop ? 1u : 0u);
    }
    return rules;
}

bool
fbc_policy_check_count(fbc_reader *reader, const fbc_policy *policy, size_t most)
{
    size_t rules = fbc_policy_rule_count(policy);
    if (rules > most)
    {
        fbc_error(reader,
                  policy->flows[0].place,
                  "%lu Flow-Bindings (one a flow, two with drop); expected at most %lu",
                  (unsigned long)rules,
                  (unsigned long)most);
    }
    return rules <= most;
}

static void
check_flows(fbc_reader *reader, const fbc_policy *policy)
{
    for (size_t i = 0; i < policy->flow_count; i++)
    {
        const fbc_flow *flow = &policy->flows[i];
        if (flow->name != NULL && fbc_policy_flow(policy, flow->name) != flow)
        {
            fbc_error(reader,
                      flow->place,
                      "a second flow '%s', the first is in line %lu; expected a name of its own",
                      flow->name,
                      (unsigned long)fbc_policy_flow(policy, flow->name)->place.line);
        }
    }
    fbc_policy_check_count(reader, policy, FB_STATIC_RULES_MAX);
}

fbc_policy *
fbc_policy_build(fbc_reader *reader, const yaml_node_t *node)
{
    size_t errors = reader->errors;
    fbc_value values[FBC_KEYS_MAX];
    if (!fbc_object_read(reader, &fbc_object_policy, node, values))
    {
        return NULL;
    }
    fbc_policy *policy = fbc_arena_array(reader->arena, 1, sizeof(*policy));
    policy->file = reader->source->file;
    policy->source = reader->source;
    policy->arena = reader->arena;
    policy->by = (fbc_policy_by)values[FBC_POLICY_BY].number;
    policy->by_place = values[FBC_POLICY_BY].place;
    read_default(reader, &values[FBC_POLICY_DEFAULT], policy);
    if (values[FBC_POLICY_FLOWS].valid)
    {
        const yaml_node_t *list = values[FBC_POLICY_FLOWS].node;
        policy->flow_count = fbc_list_count(list);
        policy->flows = fbc_arena_array(reader->arena, policy->flow_count, sizeof(fbc_flow));
        for (size_t i = 0; i < policy->flow_count; i++)
        {
            read_flow(reader, fbc_list_item(reader, list, i), policy->by, &policy->flows[i]);
        }
        check_flows(reader, policy);
    }
    return reader->errors == errors ? policy : NULL;
}

fbc_policy *
fbc_policy_parse(fbc_arena *arena, fbc_source *source, fbc_report *report)
{
    fbc_reader reader = {.arena = arena, .report = report, .source = source};
    const yaml_node_t *root = fbc_tree_load(&reader);
    if (root == NULL)
    {
        return NULL;
    }
    fbc_policy *policy = fbc_policy_build(&reader, root);
    fbc_tree_free(&reader);
    return reader.errors == 0 ? policy : NULL;
}

fbc_policy *
fbc_policy_read(const char *file, fbc_report *report)
{
    size_t first = report != NULL ? report->count : 0;
    const char *problem = NULL;
    fbc_arena *arena = fbc_arena_new();
    fbc_source *source = fbc_source_load(arena, file, &problem);
    fbc_policy *policy = NULL;
    if (source == NULL)
    {
        fbc_report_file(report, file, problem);
    }
    else
    {
        policy = fbc_policy_parse(arena, source, report);
    }
    fbc_report_sort(report, first, file);
    if (policy == NULL)
    {
        fbc_arena_free(arena);
    }
    return policy;
}

void
fbc_policy_free(fbc_policy *policy)
{
    if (policy != NULL)
    {
        fbc_arena_free(policy->arena);
    }
}

bool
fbc_policy_check(const char *file, fbc_report *report)
{
    fbc_policy *policy = fbc_policy_read(file, report);
    bool right = policy != NULL;
    fbc_policy_free(policy);
    return right;
}

const fbc_flow *
fbc_policy_flow(const fbc_policy *policy, const char *name)
{
    for (size_t i = 0; i < policy->flow_count; i++)
    {
        if (policy->flows[i].name != NULL && strcmp(policy->flows[i].name, name) == 0)
        {
            return &policy->flows[i];
        }
    }
    return NULL;
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* Names to BIDs                                                                                                      */

/* 0: no such path. */
static uint8_t
find_bid(const fbc_bid *bids, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
    {
        if (strcmp(bids[i].name, name) == 0)
        {
            return bids[i].bid;
        }
    }
    return 0;
}

static void
report_unknown_path(const fbc_policy *policy,
                    const fbc_bid *bids,
                    size_t bid_count,
                    const fbc_flow *flow,
                    size_t index,
                    fbc_report *report)
{
    fbc_reader reader = {.report = report, .source = policy->source};
    const char *names[UINT8_MAX];
    char expected[320];
    size_t count = bid_count < UINT8_MAX ? bid_count : UINT8_MAX;
    for (size_t i = 0; i < count; i++)
    {
        names[i] = bids[i].name;
    }
    fbc_expected(flow->path[index], names, count, expected, sizeof(expected));
    fbc_error(&reader,
              flow->path_place[index],
              "flow '%s' uses path '%s', which does not exist%s",
              flow->name,
              flow->path[index],
              expected);
}

static bool
resolve_flow(const fbc_policy *policy,
             const fbc_flow *flow,
             const fbc_bid *bids,
             size_t bid_count,
             fb_rule *rule,
             fbc_report *report)
{
    bool right = true;
    memset(rule, 0, sizeof(*rule));
    rule->action = flow->spread                      ? FB_RULE_SPREAD
                   : policy->by == FBC_BY_LABEL      ? FB_RULE_FORWARD_LABEL
                   : policy->by == FBC_BY_TECHNOLOGY ? FB_RULE_FORWARD_TECHNOLOGY
                                                     : FB_RULE_FORWARD;
    rule->selector = flow->selector;
    rule->scheduler = flow->scheduler;
    rule->reorder_ms = flow->reorder_ms;
    for (size_t i = 0; i < flow->path_count; i++)
    {
        uint8_t bid = policy->by == FBC_BY_PATH ? find_bid(bids, bid_count, flow->path[i])
                                                : flow->number[i];
        if (bid == 0)
        {
            report_unknown_path(policy, bids, bid_count, flow, i, report);
            right = false;
        }
        rule->bid[rule->bid_count++] = bid;
    }
    return right;
}

static void
resolve_drop(const fbc_flow *flow, fb_rule *rule)
{
    memset(rule, 0, sizeof(*rule));
    rule->action = FB_RULE_DROP;
    rule->selector = flow->selector;
    /* RFC 7629 4.2: DROP carries one BID octet (C-15), without meaning (D-13). 255 is no BID. */
    rule->bid_count = 1;
    rule->bid[0] = 255;
}

bool
fbc_policy_resolve(const fbc_policy *policy,
                   const fbc_bid *bids,
                   size_t bid_count,
                   fb_rule *rules,
                   size_t *rule_count,
                   fbc_report *report)
{
    bool right = true;
    uint8_t classes = 0;
    *rule_count = 0;
    for (size_t i = 0; i < policy->flow_count; i++)
    {
        const fbc_flow *flow = &policy->flows[i];
        if (flow->path_count > 0)
        {
            fb_rule *rule = &rules[(*rule_count)++];
            right = resolve_flow(policy, flow, bids, bid_count, rule, report) && right;
            /* both ends number them alike, as they have the same file */
            rule->reorder_class = rule->reorder_ms != 0 ? ++classes : 0;
        }
        if (flow->drop)
        {
            /* D-24: an exhausted list is skipped; what stops the packet is a DROP with the same selector. */
            resolve_drop(flow, &rules[(*rule_count)++]);
        }
    }
    if (!right)
    {
        *rule_count = 0;
    }
    return right;
}
