/* SPDX-License-Identifier: BSD-3-Clause */
#include "scenario_reader.h"

#include <string.h>

enum
{
    TCP = 6,
    UDP = 17,
    /* Ports for flows that leave the port open: one for each traffic, none of them well known. */
    FIRST_FREE_PORT = 20000
};

static const char *const directions[] = {"?", "up", "down", "both"};

const char *
fbc_direction_name(fbc_direction direction)
{
    return directions[direction & 3];
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* What to generate so that it is the flow                                                                            */

static const char *
protocol_name(uint8_t protocol)
{
    return protocol == TCP ? "tcp" : "udp";
}

/* What a selector of either family says of ports and protocol; a field that is absent allows everything. */
typedef struct flow_fields
{
    uint8_t protocol_start, protocol_end;
    bool port, local_port, spi; /* present */
    uint16_t port_start, port_end;
    uint16_t local_port_start, local_port_end;
    uint8_t ds;
} flow_fields;

static flow_fields
fields_of4(const fb_selector4 *selector)
{
    uint32_t present = selector->present;
    flow_fields fields = {0, UINT8_MAX, false, false, false, 0, 0, 0, 0, 0};
    if ((present & FB_SELECTOR4_PROTOCOL_START) != 0)
    {
        bool range = (present & FB_SELECTOR4_PROTOCOL_END) != 0;
        fields.protocol_start = selector->protocol_start;
        fields.protocol_end = range ? selector->protocol_end : selector->protocol_start;
    }
    fields.spi = (present & FB_SELECTOR4_SPI_START) != 0;
    fields.port = (present & FB_SELECTOR4_SOURCE_PORT_START) != 0;
    fields.port_start = selector->source_port_start;
    fields.port_end = selector->source_port_end;
    fields.local_port = (present & FB_SELECTOR4_DESTINATION_PORT_START) != 0;
    fields.local_port_start = selector->destination_port_start;
    fields.local_port_end = selector->destination_port_end;
    fields.ds = (present & FB_SELECTOR4_DS_START) != 0 ? selector->ds_start : 0;
    return fields;
}

static flow_fields
fields_of6(const fb_selector6 *selector)
{
    uint32_t present = selector->present;
    flow_fields fields = {0, UINT8_MAX, false, false, false, 0, 0, 0, 0, 0};
    if ((present & FB_SELECTOR6_NEXT_HEADER_START) != 0)
    {
        bool range = (present & FB_SELECTOR6_NEXT_HEADER_END) != 0;
        fields.protocol_start = selector->next_header_start;
        fields.protocol_end = range ? selector->next_header_end : selector->next_header_start;
    }
    fields.spi = (present & FB_SELECTOR6_SPI_START) != 0;
    fields.port = (present & FB_SELECTOR6_SOURCE_PORT_START) != 0;
    fields.port_start = selector->source_port_start;
    fields.port_end = selector->source_port_end;
    fields.local_port = (present & FB_SELECTOR6_DESTINATION_PORT_START) != 0;
    fields.local_port_start = selector->destination_port_start;
    fields.local_port_end = selector->destination_port_end;
    fields.ds = (present & FB_SELECTOR6_TRAFFIC_CLASS_START) != 0 ? selector->traffic_class_start
                                                                  : 0;
    return fields;
}

static bool
matches_protocol(const flow_fields *fields, uint8_t protocol)
{
    return protocol >= fields->protocol_start && protocol <= fields->protocol_end;
}

/* Port 0 cannot be sent from; a range that begins there goes on at 1. */
static uint16_t
sendable(uint16_t start, uint16_t end)
{
    return start == 0 && end > 0 ? 1 : start;
}

static bool
follow_protocol(fbc_reader *reader,
                const fbc_value *value,
                const flow_fields *fields,
                fbc_traffic *traffic)
{
    const uint8_t *protocols = fbc_kind_protocols(traffic->kind);
    traffic->protocol = matches_protocol(fields, protocols[0]) ? protocols[0] : protocols[1];
    if (traffic->protocol == 0 || !matches_protocol(fields, traffic->protocol))
    {
        fbc_error(reader,
                  value->place,
                  "flow '%s' is not of a protocol that %s uses; expected a flow of %s%s",
                  traffic->flow->name,
                  fbc_kind_name(traffic->kind),
                  protocol_name(protocols[0]),
                  protocols[1] != 0 ? " or tcp" : "");
        return false;
    }
    if (fields->spi)
    {
        fbc_error(
            reader,
            value->place,
            "flow '%s' is of packets with an SPI, which no traffic here has; expected another flow",
            traffic->flow->name);
        return false;
    }
    return true;
}

static void
follow_flow(fbc_reader *reader, const fbc_value *value, uint16_t free_port, fbc_traffic *traffic)
{
    const fb_selector *selector = &traffic->flow->selector;
    traffic->ipv6 = selector->format == FB_SELECTOR_IPV6;
    flow_fields fields = traffic->ipv6 ? fields_of6(&selector->u.v6) : fields_of4(&selector->u.v4);
    if (!follow_protocol(reader, value, &fields, traffic))
    {
        return;
    }
    traffic->port = fields.port ? sendable(fields.port_start, fields.port_end) : free_port;
    if (fields.local_port)
    {
        traffic->local_port = sendable(fields.local_port_start, fields.local_port_end);
    }
    if (traffic->port == 0)
    {
        fbc_error(
            reader,
            value->place,
            "flow '%s' is of port 0 only, which nothing can be sent to; expected another flow",
            traffic->flow->name);
    }
    traffic->dscp = fields.ds >> 2;
}

static void
report_unknown_flow(fbc_reader *reader, const fbc_value *value, const fbc_policy *policy)
{
    const char *names[FB_RULES_MAX];
    char expected[320];
    if (policy == NULL)
    {
        fbc_error(
            reader,
            value->place,
            "flow '%s' of no policy; expected a policy in this scenario, or match in place of flow",
            value->text);
        return;
    }
    for (size_t i = 0; i < policy->flow_count; i++)
    {
        names[i] = policy->flows[i].name;
    }
    fbc_expected(value->text, names, policy->flow_count, expected, sizeof(expected));
    bool inside = policy->source == reader->source;
    fbc_error(reader,
              value->place,
              "there is no flow '%s' in %s%s%s",
              value->text,
              inside ? "the policy of this scenario" : "policy ",
              inside ? "" : policy->file,
              expected);
}

const fbc_flow *
fbc_flow_find(fbc_reader *reader,
              const fbc_value *value,
              bool policy_failed,
              const fbc_scenario *scenario)
{
    const fbc_flow *flow = NULL;
    if (!value->valid || policy_failed)
    {
        return NULL;
    }
    if (scenario->policy != NULL)
    {
        flow = fbc_policy_flow(scenario->policy, value->text);
    }
    if (flow == NULL && scenario->static_policy != NULL)
    {
        flow = fbc_policy_flow(scenario->static_policy, value->text);
    }
    if (flow == NULL)
    {
        report_unknown_flow(reader,
                            value,
                            scenario->policy != NULL ? scenario->policy : scenario->static_policy);
    }
    return flow;
}

static void
follow_match(fbc_reader *reader, const fbc_value *value, fbc_traffic *traffic)
{
    fbc_value values[FBC_KEYS_MAX];
    const uint8_t *protocols = fbc_kind_protocols(traffic->kind);
    if (!value->valid || !fbc_object_read(reader, &fbc_object_traffic_match, value->node, values))
    {
        return;
    }
    const fbc_value *protocol = &values[FBC_TRAFFIC_MATCH_PROTOCOL];
    traffic->port = (uint16_t)values[FBC_TRAFFIC_MATCH_PORT].number;
    traffic->protocol = protocol->number == 0 ? UDP : TCP;
    traffic->ipv6 = values[FBC_TRAFFIC_MATCH_FAMILY].number == 1;
    if (protocol->valid && traffic->protocol != protocols[0] && traffic->protocol != protocols[1])
    {
        fbc_error(reader,
                  protocol->place,
                  "%s does not run over %s; expected %s",
                  fbc_kind_name(traffic->kind),
                  protocol_name(traffic->protocol),
                  protocol_name(protocols[0]));
    }
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* traffic                                                                                                            */

void
fbc_refuse(fbc_reader *reader, const fbc_value *value, const char *key, const char *expected)
{
    if (value->given)
    {
        fbc_error(reader, value->place, "%s means nothing here; expected %s", key, expected);
    }
}

static void
check_times(fbc_reader *reader,
            const fbc_value *start,
            const fbc_value *stop,
            uint64_t duration_ns,
            const fbc_traffic *traffic)
{
    if (traffic->stop_ns > duration_ns)
    {
        fbc_error(reader,
                  stop->place,
                  "stop: '%s' is after the end of the scenario; expected at most its duration",
                  stop->text);
        return;
    }
    if (traffic->start_ns >= traffic->stop_ns)
    {
        fbc_error(reader,
                  start->given  ? start->place
                  : stop->given ? stop->place
                                : traffic->place,
                  "traffic starts at %s, when it has stopped already; expected a start before %s",
                  start->text,
                  stop->given ? stop->text : "the end of the scenario");
    }
}

static void
read_times(fbc_reader *reader, const fbc_value *values, uint64_t duration_ns, fbc_traffic *traffic)
{
    size_t errors = reader->errors;
    const fbc_value *start = &values[FBC_TRAFFIC_START];
    const fbc_value *stop = &values[FBC_TRAFFIC_STOP];
    bool known = start->valid && (stop->valid || !stop->given) && duration_ns > 0;
    traffic->start_ns = start->number;
    traffic->stop_ns = stop->given ? stop->number : duration_ns;
    if (known)
    {
        check_times(reader, start, stop, duration_ns, traffic);
    }
    if (!known || reader->errors > errors)
    {
        /* As if always on, so that expectations about it are not refused as well. */
        traffic->start_ns = 0;
        traffic->stop_ns = UINT64_MAX;
    }
}

/* IPv6 packets are the mobile node's own (RFC 5454), and it needs an address for them. */
static void
check_ipv6(fbc_reader *reader, const fbc_scenario *scenario, const fbc_traffic *traffic)
{
    if (scenario->protocol == FBC_PMIP6)
    {
        if (!traffic->ipv6 && traffic->port != 0 && traffic->host != NULL && !traffic->host->ipv4)
        {
            fbc_error(
                reader,
                traffic->place,
                "traffic over IPv4, but host '%s' has IPv6 only; expected family: ipv6 in its "
                "match, or the host with ipv4: true",
                traffic->host->name);
        }
        return;
    }
    if (traffic->ipv6 && scenario->ipv6_prefix.address.family != FB_FAMILY_IPV6)
    {
        fbc_error(reader,
                  traffic->place,
                  "traffic over IPv6, but the mobile node has no IPv6 address; expected an "
                  "ipv6-prefix in this scenario");
    }
    if (traffic->ipv6 && traffic->behind)
    {
        fbc_error(reader,
                  traffic->place,
                  "traffic over IPv6 of the host in the mobile-network, which has IPv4 only; "
                  "expected host: mobile-node");
    }
}

static void
read_packets(fbc_reader *reader,
             const fbc_value *values,
             bool policy_failed,
             const fbc_scenario *scenario,
             fbc_traffic *traffic)
{
    const fbc_value *flow = &values[FBC_TRAFFIC_FLOW];
    const fbc_value *match = &values[FBC_TRAFFIC_MATCH];
    if (flow->given == match->given)
    {
        fbc_error(reader,
                  traffic->place,
                  "traffic with %s; expected either flow or match",
                  flow->given ? "both flow and match" : "neither flow nor match");
        return;
    }
    if (match->given)
    {
        follow_match(reader, match, traffic);
        return;
    }
    size_t index = (size_t)(traffic - scenario->traffic);
    traffic->flow = fbc_flow_find(reader, flow, policy_failed, scenario);
    if (traffic->flow != NULL)
    {
        follow_flow(reader, flow, (uint16_t)(FIRST_FREE_PORT + index), traffic);
    }
}

const fbc_traffic *
fbc_traffic_find(const fbc_scenario *scenario, const char *name)
{
    for (size_t i = 0; i < scenario->traffic_count; i++)
    {
        const fbc_traffic *traffic = &scenario->traffic[i];
        if (traffic->name != NULL && strcmp(traffic->name, name) == 0)
        {
            return traffic;
        }
    }
    return NULL;
}

static const char *const host_names[] = {"mobile-node", "mobile-network"};

static void
read_host(fbc_reader *reader,
          const fbc_value *value,
          const fbc_scenario *scenario,
          fbc_traffic *traffic)
{
    char expected[320];
    if (scenario->protocol == FBC_PMIP6)
    {
        traffic->host = value->given ? fbc_host_find(reader, value, scenario) : scenario->hosts;
        if (scenario->host_count == 0)
        {
            fbc_error(reader,
                      traffic->place,
                      "traffic of nobody; expected hosts: [{name: mn1}] in this scenario");
        }
        return;
    }
    if (!value->valid || strcmp(value->text, host_names[0]) == 0)
    {
        return;
    }
    traffic->behind = strcmp(value->text, host_names[1]) == 0;
    if (!traffic->behind)
    {
        fbc_expected(value->text, host_names, 2, expected, sizeof(expected));
        fbc_error(reader, value->place, "host: '%s' is not known%s", value->text, expected);
    }
    else if (scenario->mobile_network == 0)
    {
        fbc_error(reader,
                  value->place,
                  "there is no host behind the mobile node; expected a mobile-network in this "
                  "scenario");
    }
}

static void
read_traffic(fbc_reader *reader,
             const yaml_node_t *node,
             bool policy_failed,
             fbc_scenario *scenario,
             fbc_traffic *traffic)
{
    fbc_value values[FBC_KEYS_MAX];
    traffic->place = fbc_node_place(node);
    if (!fbc_object_read(reader, &fbc_object_traffic, node, values))
    {
        return;
    }
    const fbc_value *name = &values[FBC_TRAFFIC_NAME];
    if (name->valid && fbc_traffic_find(scenario, name->text) != NULL)
    {
        fbc_error(reader,
                  name->place,
                  "a second traffic '%s', the first is in line %lu; expected a name of its own",
                  name->text,
                  (unsigned long)fbc_traffic_find(scenario, name->text)->place.line);
    }
    traffic->name = name->valid ? name->text : NULL;
    traffic->direction = (fbc_direction)(values[FBC_TRAFFIC_DIRECTION].number + 1);
    read_host(reader, &values[FBC_TRAFFIC_HOST], scenario, traffic);
    read_times(reader, values, scenario->duration_ns, traffic);
    if (!values[FBC_TRAFFIC_KIND].valid)
    {
        return;
    }
    traffic->kind = (fbc_kind)values[FBC_TRAFFIC_KIND].number;
    read_packets(reader, values, policy_failed, scenario, traffic);
    fbc_kind_read(reader, values, traffic);
    check_ipv6(reader, scenario, traffic);
}

void
fbc_traffic_read(fbc_reader *reader,
                 const fbc_value *list,
                 bool policy_failed,
                 fbc_scenario *scenario)
{
    if (!list->valid)
    {
        return;
    }
    scenario->traffic_count = fbc_list_count(list->node);
    scenario->traffic =
        fbc_arena_array(reader->arena, scenario->traffic_count, sizeof(fbc_traffic));
    for (size_t i = 0; i < scenario->traffic_count; i++)
    {
        const yaml_node_t *node = fbc_list_item(reader, list->node, i);
        read_traffic(reader, node, policy_failed, scenario, &scenario->traffic[i]);
    }
}
