/* SPDX-License-Identifier: BSD-3-Clause */
#include "scenario_file.h"

#include "scenario_reader.h"

#include <string.h>

/* RFC 5612: of examples. */
#define FBC_VENDOR 32473

/* ---------------------------------------------------------------------------------------------------------------- */
/* policy                                                                                                             */

const char *
fbc_beside(fbc_arena *arena, const char *file, const char *name)
{
    const char *slash = strrchr(file, '/');
    if (slash == NULL || name[0] == '/')
    {
        return name;
    }
    size_t folder = (size_t)(slash - file) + 1;
    char *path = fbc_arena_array(arena, folder + strlen(name) + 1, 1);
    memcpy(path, file, folder);
    memcpy(path + folder, name, strlen(name));
    return path;
}

static fbc_policy *
read_policy_file(fbc_reader *reader, const fbc_value *value)
{
    const char *problem = NULL;
    char quote[FBC_QUOTE_MAX];
    const char *text = fbc_node_text(value->node);
    const char *file = fbc_beside(reader->arena, reader->source->file, text);
    fbc_source *source = fbc_source_load(reader->arena, file, &problem);
    if (source == NULL)
    {
        fbc_error(reader,
                  value->place,
                  "policy %s %s; expected a policy file, named as seen from the folder of this one",
                  fbc_quote(text, quote),
                  problem);
        return NULL;
    }
    return fbc_policy_parse(reader->arena, source, reader->report);
}

fbc_policy *
fbc_scenario_policy(fbc_reader *reader, const fbc_value *value)
{
    if (!value->valid)
    {
        return NULL;
    }
    return value->node->type == YAML_MAPPING_NODE ? fbc_policy_build(reader, value->node)
                                                  : read_policy_file(reader, value);
}

/* False when there is one but it cannot be read. @p policy_file stands in for what the scenario says. */
static bool
read_policy(fbc_reader *reader,
            const fbc_value *value,
            const char *policy_file,
            fbc_scenario *scenario)
{
    if (policy_file != NULL)
    {
        const char *problem = NULL;
        fbc_source *source = fbc_source_load(reader->arena, policy_file, &problem);
        if (source == NULL)
        {
            fbc_report_file(reader->report, policy_file, problem);
            return false;
        }
        scenario->policy = fbc_policy_parse(reader->arena, source, reader->report);
        return scenario->policy != NULL;
    }
    if (!value->given)
    {
        return true;
    }
    scenario->policy = fbc_scenario_policy(reader, value);
    return scenario->policy != NULL;
}

static bool
resolve(fbc_reader *reader,
        const fbc_scenario *scenario,
        const fbc_policy *policy,
        fb_rule **rules,
        size_t *rule_count)
{
    size_t count = 0;
    fbc_bid *bids = fbc_arena_array(reader->arena, scenario->path_count, sizeof(*bids));
    for (size_t i = 0; i < scenario->path_count; i++)
    {
        const fbc_path *path = &scenario->paths[i];
        if (path->name != NULL)
        {
            bids[count].name = path->name;
            /* A path whose BID was refused does exist; nobody will see the rules. */
            bids[count].bid = path->bid != 0 ? path->bid : UINT8_MAX;
            count++;
        }
    }
    fbc_reader at = {.report = reader->report, .source = policy->source};
    if (!fbc_policy_check_count(&at, policy, FB_RULES_MAX))
    {
        return false;
    }
    *rules = fbc_arena_array(reader->arena, FB_RULES_MAX, sizeof(fb_rule));
    return fbc_policy_resolve(policy, bids, count, *rules, rule_count, reader->report);
}

bool
fbc_scenario_rules(fbc_reader *reader,
                   const fbc_scenario *scenario,
                   const fbc_policy *policy,
                   fb_rule **rules,
                   size_t *rule_count)
{
    if (policy->by != FBC_BY_PATH)
    {
        fbc_reader at = {.report = reader->report, .source = policy->source};
        fbc_error(&at,
                  policy->by_place,
                  "rules by label or technology cannot be sent to the home agent; expected by: "
                  "path, or this policy as static-policy");
        return false;
    }
    for (size_t i = 0; i < policy->flow_count; i++)
    {
        if (policy->flows[i].spread)
        {
            fbc_reader at = {.report = reader->report, .source = policy->source};
            fbc_error(&at,
                      policy->flows[i].place,
                      "flow '%s' uses a group of paths, which cannot be sent to the home agent; "
                      "expected this policy as static-policy",
                      policy->flows[i].name);
            return false;
        }
    }
    return resolve(reader, scenario, policy, rules, rule_count);
}

static bool
has_number(const fbc_scenario *scenario, fbc_policy_by by, uint8_t number)
{
    for (size_t i = 0; i < scenario->path_count; i++)
    {
        const fbc_path *path = &scenario->paths[i];
        if (number == (by == FBC_BY_LABEL ? path->label : path->technology))
        {
            return true;
        }
    }
    return false;
}

/* A label or technology that no path has would never be used. */
static bool
check_numbers(fbc_reader *reader, const fbc_scenario *scenario, const fbc_policy *policy)
{
    fbc_reader at = {.report = reader->report, .source = policy->source};
    for (size_t i = 0; policy->by != FBC_BY_PATH && i < policy->flow_count; i++)
    {
        const fbc_flow *flow = &policy->flows[i];
        for (size_t j = 0; j < flow->path_count; j++)
        {
            if (!has_number(scenario, policy->by, flow->number[j]))
            {
                fbc_error(&at,
                          flow->path_place[j],
                          "flow '%s' uses %s %s, which no path has; expected that of a path",
                          flow->name,
                          policy->by == FBC_BY_LABEL ? "label" : "technology",
                          flow->path[j]);
            }
        }
    }
    return at.errors == 0;
}

static bool
resolve_policy(fbc_reader *reader, fbc_scenario *scenario)
{
    bool right = true;
    scenario->scheduler = FBC_SCHEDULER_PRESET;
    if (scenario->static_policy != NULL)
    {
        scenario->scheduler = scenario->static_policy->scheduler;
        scenario->reorder_ms = scenario->static_policy->reorder_ms;
        right = check_numbers(reader, scenario, scenario->static_policy);
        right = resolve(reader,
                        scenario,
                        scenario->static_policy,
                        &scenario->static_rules,
                        &scenario->static_rule_count) &&
                right;
    }
    if (scenario->policy != NULL)
    {
        scenario->scheduler = scenario->policy->scheduler;
        scenario->reorder_ms = scenario->policy->reorder_ms;
        right = fbc_scenario_rules(reader,
                                   scenario,
                                   scenario->policy,
                                   &scenario->rules,
                                   &scenario->rule_count) &&
                right;
    }
    return right;
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* The mobile network                                                                                                 */

enum
{
    LONGEST_PREFIX = 30, /* the mobile router and a host */
    SHORTEST_PREFIX = 8
};

static void
read_mobile_network(fbc_reader *reader, const fbc_value *value, fbc_scenario *scenario)
{
    if (!value->valid)
    {
        return;
    }
    uint64_t size = value->end - value->number + 1;
    uint8_t length = 32;
    while (length > 0 && (UINT64_C(1) << (32 - length)) < size)
    {
        length--;
    }
    bool is_prefix = (UINT64_C(1) << (32 - length)) == size && value->number % size == 0;
    if (!is_prefix || length < SHORTEST_PREFIX || length > LONGEST_PREFIX)
    {
        fbc_error(reader,
                  value->place,
                  "mobile-network: '%s' is no prefix of %d to %d bits; expected one like "
                  "198.51.101.0/24",
                  value->text,
                  SHORTEST_PREFIX,
                  LONGEST_PREFIX);
        return;
    }
    scenario->mobile_network = (fb_ipv4)value->number;
    scenario->mobile_network_length = length;
}

enum
{
    LONGEST_PREFIX6 = 64, /* of a link's addresses, RFC 4291 2.5.1 */
    SHORTEST_PREFIX6 = 16
};

static void
read_ipv6_prefix(fbc_reader *reader, const fbc_value *value, fbc_scenario *scenario)
{
    if (!value->valid)
    {
        return;
    }
    uint8_t length = 0;
    while (length < 128 && ((value->octets[length / 8] ^ value->octets_end[length / 8]) &
                            (0x80 >> length % 8)) == 0)
    {
        length++;
    }
    bool is_prefix = strchr(value->text, '/') != NULL;
    if (!is_prefix || length < SHORTEST_PREFIX6 || length > LONGEST_PREFIX6)
    {
        fbc_error(reader,
                  value->place,
                  "ipv6-prefix: '%s' is no prefix of %d to %d bits; expected one like fd00:a::/64",
                  value->text,
                  SHORTEST_PREFIX6,
                  LONGEST_PREFIX6);
        return;
    }
    scenario->ipv6_prefix.address.family = FB_FAMILY_IPV6;
    memcpy(scenario->ipv6_prefix.address.octet, value->octets, FBC_ADDRESS6);
    scenario->ipv6_prefix.length = length;
}

/* At home a mobile router would be one of the routers of the home network, and a dual-stack node a host of it. */
static void
refuse_prefixes_at_home(fbc_reader *reader, const fbc_value *values, const fbc_scenario *scenario)
{
    if (scenario->home != NULL)
    {
        fbc_refuse(reader,
                   &values[FBC_SCENARIO_MOBILE_NETWORK],
                   "mobile-network",
                   "it without home: at home nobody knows the way to it");
        fbc_refuse(reader,
                   &values[FBC_SCENARIO_IPV6_PREFIX],
                   "ipv6-prefix",
                   "it without home: there is no IPv6 on the home link");
    }
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* Small mappings                                                                                                     */

/* @p value is valid, or was not given and the defaults are read from nothing. */
static bool
read_part(fbc_reader *reader,
          const fbc_object *object,
          const fbc_value *value,
          fbc_value values[FBC_KEYS_MAX])
{
    return fbc_object_read(reader, object, value->valid ? value->node : NULL, values);
}

static void
read_tcp(fbc_reader *reader, const fbc_value *value, fbc_tcp *tcp)
{
    fbc_value values[FBC_KEYS_MAX];
    if (read_part(reader, &fbc_object_tcp, value, values) && values[FBC_TCP_VARIANT].valid)
    {
        tcp->variant = values[FBC_TCP_VARIANT].text;
        tcp->type_id = fbc_tcp_type_ids[values[FBC_TCP_VARIANT].number];
        tcp->segment = (uint32_t)values[FBC_TCP_SEGMENT].number;
        tcp->buffers = (uint32_t)values[FBC_TCP_BUFFERS].number;
    }
}

static void
read_backhaul(fbc_reader *reader, const fbc_value *value, fbc_backhaul *backhaul)
{
    fbc_value values[FBC_KEYS_MAX];
    if (read_part(reader, &fbc_object_backhaul, value, values))
    {
        backhaul->access_ns = values[FBC_BACKHAUL_ACCESS].number;
        backhaul->core_ns = values[FBC_BACKHAUL_CORE].number;
        backhaul->rate_bps = values[FBC_BACKHAUL_RATE].number;
    }
}

static uint16_t
seconds(const fbc_value *value)
{
    return (uint16_t)(value->number / FB_SECOND);
}

static uint16_t
milliseconds(const fbc_value *value)
{
    return (uint16_t)(value->number / FB_MILLISECOND);
}

static void
read_probe(fbc_reader *reader, const fbc_value *value, fb_probe_config *probe)
{
    fbc_value values[FBC_KEYS_MAX];
    if (read_part(reader, &fbc_object_probe, value, values))
    {
        /* Scenarios show what the RFCs say unless they ask for more */
        probe->interval_ms = value->given ? milliseconds(&values[FBC_PROBE_KEY_INTERVAL]) : 0;
        probe->idle_ms = milliseconds(&values[FBC_PROBE_KEY_IDLE]);
        probe->hold_down_ms = milliseconds(&values[FBC_PROBE_KEY_HOLD_DOWN]);
    }
}

static void
read_timers(fbc_reader *reader, const fbc_value *value, fbc_registration *registration)
{
    fbc_value values[FBC_KEYS_MAX];
    if (read_part(reader, &fbc_object_timers, value, values))
    {
        registration->lifetime_s = seconds(&values[FBC_TIMER_LIFETIME]);
        registration->lifetime_max_s = seconds(&values[FBC_TIMER_LIFETIME_MAX]);
        registration->retransmit_ms = (uint16_t)(values[FBC_TIMER_RETRANSMIT].number /
                                                 FB_MILLISECOND);
        registration->retry_denied_s = seconds(&values[FBC_TIMER_RETRY_DENIED]);
        registration->legacy_retry_s = seconds(&values[FBC_TIMER_LEGACY_RETRY]);
        registration->replay_tolerance_s = seconds(&values[FBC_TIMER_REPLAY_TOLERANCE]);
    }
}

void
fbc_measuring_read(fbc_reader *reader,
                   const fbc_value *path_metrics,
                   const fbc_value *sample,
                   const fbc_value *interval,
                   fbc_measuring *measuring)
{
    measuring->path_metrics = path_metrics->number != 0;
    measuring->sample_ns = sample->number;
    measuring->interval_s = (uint16_t)(interval->number / FB_SECOND);
    if (!measuring->path_metrics)
    {
        fbc_refuse(reader, sample, "sample", "it with path-metrics: true");
        fbc_refuse(reader, interval, "metrics-interval", "it with path-metrics: true");
    }
}

static void
read_mobile_node(fbc_reader *reader, const fbc_value *value, fbc_scenario *scenario)
{
    fbc_registration *registration = &scenario->registration;
    fbc_value values[FBC_KEYS_MAX];
    if (read_part(reader, &fbc_object_mobile_node, value, values))
    {
        registration->multipath = values[FBC_MOBILE_MULTIPATH].number != 0;
        registration->negotiate_policy = values[FBC_MOBILE_NEGOTIATE_POLICY].number != 0;
        registration->bulk_refresh = values[FBC_MOBILE_BULK_REFRESH].number != 0;
        registration->reverse_tunnel = values[FBC_MOBILE_REVERSE_TUNNEL].number != 0;
        registration->coa_change = (fb_coa_change)values[FBC_MOBILE_COA_CHANGE].number;
        registration->replay = (uint8_t)values[FBC_MOBILE_REPLAY].number;
        registration->nai = values[FBC_MOBILE_NAI].valid ? values[FBC_MOBILE_NAI].text : NULL;
        registration->home_address_assigned = values[FBC_MOBILE_HOME_ADDRESS].number != 0;
        if (registration->home_address_assigned && !values[FBC_MOBILE_NAI].given)
        {
            fbc_error(reader,
                      values[FBC_MOBILE_HOME_ADDRESS].place,
                      "home-address: assigned without nai, by which the home agent would know the "
                      "mobile node; expected both");
        }
        registration->implicit_networks = values[FBC_MOBILE_IMPLICIT_NETWORKS].number != 0;
        registration->encapsulating_delivery = values[FBC_MOBILE_ENCAPSULATING_DELIVERY].number !=
                                               0;
        registration->clock_offset_ns = values[FBC_MOBILE_CLOCK_OFFSET].number;
        registration->position = fbc_position_read(&values[FBC_MOBILE_POSITION]);
        if (scenario->protocol == FBC_MIP4)
        {
            fbc_measuring_read(reader,
                               &values[FBC_MOBILE_PATH_METRICS],
                               &values[FBC_MOBILE_SAMPLE],
                               &values[FBC_MOBILE_METRICS_INTERVAL],
                               &scenario->measuring);
        }
    }
}

static void
read_home_agent(fbc_reader *reader, const fbc_value *value, fbc_home_agent *home_agent)
{
    fbc_value values[FBC_KEYS_MAX];
    if (read_part(reader, &fbc_object_home_agent, value, values))
    {
        home_agent->multipath = values[FBC_HOME_MULTIPATH].number != 0;
        home_agent->allow_multipath = values[FBC_HOME_ALLOW_MULTIPATH].number != 0;
        home_agent->flow_policy = values[FBC_HOME_FLOW_POLICY].number != 0;
        home_agent->legacy = values[FBC_HOME_LEGACY].number != 0;
        home_agent->reply_bad_authenticator = values[FBC_HOME_REPLY_BAD_AUTHENTICATOR].number != 0;
        home_agent->unknown_bid_strict = values[FBC_HOME_UNKNOWN_BID_STRICT].number != 0;
        home_agent->require_reverse_tunnel = values[FBC_HOME_REQUIRE_REVERSE_TUNNEL].number != 0;
        home_agent->strict_technology = values[FBC_HOME_STRICT_TECHNOLOGY].number != 0;
        home_agent->strict_reserved = values[FBC_HOME_STRICT_RESERVED].number != 0;
        home_agent->lenient_deregistration = values[FBC_HOME_LENIENT_DEREGISTRATION].number != 0;
        home_agent->merge_policy = values[FBC_HOME_MERGE_POLICY].number != 0;
        home_agent->echo_policy = values[FBC_HOME_ECHO_POLICY].number != 0;
        home_agent->replay_per_binding = values[FBC_HOME_REPLAY_PER_BINDING].number != 0;
        home_agent->reverse_tunnel = values[FBC_HOME_REVERSE_TUNNEL].number != 0;
        home_agent->gre = values[FBC_HOME_GRE].number != 0;
        home_agent->minimal = values[FBC_HOME_MINIMAL].number != 0;
        home_agent->udp_tunnel = values[FBC_HOME_UDP_TUNNEL].number != 0;
        home_agent->udp_force = values[FBC_HOME_UDP_FORCE].number != 0;
        home_agent->keepalive_s = seconds(&values[FBC_HOME_KEEPALIVE]);
        home_agent->networks = values[FBC_HOME_NETWORKS].number != 0;
        home_agent->clock_offset_ns = values[FBC_HOME_CLOCK_OFFSET].number;
    }
}

static bool
is_attribute(const char *text)
{
    if (text[0] == '/')
    {
        return true;
    }
    return strncmp(text, "ns3::", 5) == 0 && strstr(text + 5, "::") != NULL;
}

static void
read_attribute(fbc_reader *reader, const yaml_node_pair_t *pair, fbc_attribute *attribute)
{
    char quote[FBC_QUOTE_MAX];
    const yaml_node_t *key = yaml_document_get_node(&reader->document, pair->key);
    const yaml_node_t *value = yaml_document_get_node(&reader->document, pair->value);
    const char *path = fbc_node_text(key);
    const char *text = fbc_node_text(value);
    attribute->place = fbc_node_place(key);
    if (path == NULL || strcmp(path, "<<") == 0)
    {
        return; /* reported when the tree was loaded */
    }
    if (!is_attribute(path))
    {
        fbc_error(reader,
                  attribute->place,
                  "%s is no attribute of ns-3; expected ns3::Class::Attribute or /NodeList/...",
                  fbc_quote(path, quote));
    }
    if (text == NULL || text[0] == 0)
    {
        fbc_error(reader,
                  fbc_node_place(value),
                  "%s is not a value for an attribute; expected a word or a number",
                  fbc_node_quote(value, quote));
        return;
    }
    attribute->path = fbc_arena_text(reader->arena, path, strlen(path));
    attribute->value = fbc_arena_text(reader->arena, text, strlen(text));
}

static void
read_attributes(fbc_reader *reader, const fbc_value *value, fbc_scenario *scenario)
{
    if (!value->valid)
    {
        return;
    }
    const yaml_node_pair_t *pairs = value->node->data.mapping.pairs.start;
    size_t count = (size_t)(value->node->data.mapping.pairs.top - pairs);
    scenario->attributes = fbc_arena_array(reader->arena, count, sizeof(fbc_attribute));
    scenario->attribute_count = count;
    for (size_t i = 0; i < count; i++)
    {
        read_attribute(reader, &pairs[i], &scenario->attributes[i]);
    }
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* Scenarios                                                                                                          */

static void
read_head(fbc_reader *reader, const fbc_value *values, fbc_scenario *scenario)
{
    const fbc_value *warmup = &values[FBC_SCENARIO_WARMUP];
    scenario->protocol = (fbc_protocol)values[FBC_SCENARIO_PROTOCOL].number;
    scenario->duration_ns = values[FBC_SCENARIO_DURATION].valid
                                ? values[FBC_SCENARIO_DURATION].number
                                : 0;
    scenario->warmup_ns = warmup->valid ? warmup->number : 0;
    scenario->seed = (uint32_t)values[FBC_SCENARIO_SEED].number;
    scenario->measure = (uint32_t)values[FBC_SCENARIO_MEASURE].number;
    if (scenario->duration_ns > 0 && scenario->warmup_ns >= scenario->duration_ns)
    {
        fbc_error(reader,
                  warmup->place,
                  "warmup: '%s' leaves nothing to measure; expected less than the duration",
                  warmup->text);
    }
}

/* An association is found by home address (RFC 5944 3.5.3), and there is none when the first request comes. */
static void
check_associations(fbc_reader *reader, const fbc_scenario *scenario)
{
    for (size_t i = 0; i < scenario->path_count; i++)
    {
        const fbc_path *path = &scenario->paths[i];
        if (scenario->registration.home_address_assigned && path->agent.authenticate)
        {
            fbc_error(reader,
                      path->place,
                      "a foreign agent that shares a key with a mobile node whose home address is "
                      "assigned; expected agent without authenticate, or home-address: configured");
        }
    }
}

/* False when anything is wrong. */
static bool
build(fbc_reader *reader, const yaml_node_t *root, const char *policy_file, fbc_scenario *scenario)
{
    fbc_value values[FBC_KEYS_MAX];
    if (!fbc_object_read(reader, &fbc_object_scenario, root, values))
    {
        return false;
    }
    read_head(reader, values, scenario);
    fbc_proxy_check(reader, values, scenario);
    fbc_proxy_read(reader, values, scenario);
    fbc_paths_read(reader, &values[FBC_SCENARIO_PATHS], scenario);
    fbc_home_read(reader, &values[FBC_SCENARIO_HOME], scenario);
    refuse_prefixes_at_home(reader, values, scenario);
    bool policy_failed = !read_policy(reader, &values[FBC_SCENARIO_POLICY], policy_file, scenario);
    const fbc_value *static_policy = &values[FBC_SCENARIO_STATIC_POLICY];
    scenario->static_policy = fbc_scenario_policy(reader, static_policy);
    policy_failed = policy_failed || (static_policy->given && scenario->static_policy == NULL);
    read_mobile_network(reader, &values[FBC_SCENARIO_MOBILE_NETWORK], scenario);
    read_ipv6_prefix(reader, &values[FBC_SCENARIO_IPV6_PREFIX], scenario);
    fbc_events_read(reader, &values[FBC_SCENARIO_EVENTS], scenario);
    fbc_traffic_read(reader, &values[FBC_SCENARIO_TRAFFIC], policy_failed, scenario);
    fbc_expect_read(reader, &values[FBC_SCENARIO_EXPECT], policy_failed, scenario);
    read_tcp(reader, &values[FBC_SCENARIO_TCP], &scenario->tcp);
    read_backhaul(reader, &values[FBC_SCENARIO_BACKHAUL], &scenario->backhaul);
    read_timers(reader, &values[FBC_SCENARIO_TIMERS], &scenario->registration);
    read_probe(reader, &values[FBC_SCENARIO_PROBE], &scenario->probe);
    read_mobile_node(reader, &values[FBC_SCENARIO_MOBILE_NODE], scenario);
    check_associations(reader, scenario);
    read_home_agent(reader, &values[FBC_SCENARIO_HOME_AGENT], &scenario->home_agent);
    read_attributes(reader, &values[FBC_SCENARIO_NS3], scenario);
    bool resolved = scenario->path_count == 0 || resolve_policy(reader, scenario);
    return resolved && !policy_failed && reader->errors == 0;
}

static fbc_scenario *
read_into(fbc_arena *arena, const char *file, const char *policy_file, fbc_report *report)
{
    const char *problem = NULL;
    fbc_source *source = fbc_source_load(arena, file, &problem);
    if (source == NULL)
    {
        fbc_report_file(report, file, problem);
        return NULL;
    }
    fbc_reader reader = {.arena = arena, .report = report, .source = source};
    const yaml_node_t *root = fbc_tree_load(&reader);
    if (root == NULL)
    {
        return NULL;
    }
    fbc_scenario *scenario = fbc_arena_array(arena, 1, sizeof(*scenario));
    scenario->file = source->file;
    scenario->source = source;
    scenario->arena = arena;
    bool right = build(&reader, root, policy_file, scenario);
    fbc_tree_free(&reader);
    return right ? scenario : NULL;
}

fbc_scenario *
fbc_scenario_read(const char *file, const char *policy_file, fbc_report *report)
{
    size_t first = report != NULL ? report->count : 0;
    fbc_arena *arena = fbc_arena_new();
    fbc_scenario *scenario = read_into(arena, file, policy_file, report);
    fbc_report_sort(report, first, file);
    if (scenario == NULL)
    {
        fbc_arena_free(arena);
    }
    return scenario;
}

void
fbc_scenario_free(fbc_scenario *scenario)
{
    if (scenario != NULL)
    {
        fbc_arena_free(scenario->arena); /* the policy lives in the same */
    }
}

bool
fbc_scenario_check(const char *file, const char *policy_file, fbc_report *report)
{
    fbc_scenario *scenario = fbc_scenario_read(file, policy_file, report);
    bool right = scenario != NULL;
    fbc_scenario_free(scenario);
    return right;
}

const fbc_path *
fbc_scenario_path(const fbc_scenario *scenario, const char *name)
{
    for (size_t i = 0; i < scenario->path_count; i++)
    {
        if (scenario->paths[i].name != NULL && strcmp(scenario->paths[i].name, name) == 0)
        {
            return &scenario->paths[i];
        }
    }
    return NULL;
}

const fbc_path *
fbc_scenario_path_by_bid(const fbc_scenario *scenario, uint8_t bid)
{
    for (size_t i = 0; i < scenario->path_count; i++)
    {
        if (scenario->paths[i].bid == bid)
        {
            return &scenario->paths[i];
        }
    }
    return scenario->home != NULL && scenario->home->bid == bid ? scenario->home : NULL;
}

uint32_t
fbc_scenario_vendor(const fbc_scenario *scenario)
{
    return scenario->measuring.path_metrics ? FBC_VENDOR : 0;
}

void
fbc_scenario_configure(const fbc_scenario *scenario, fb_config *config)
{
    const fbc_registration *from = &scenario->registration;
    fb_mobile_node_config *mobile_node = &config->mobile_node;
    fb_home_agent_config *home_agent = &config->home_agent;
    mobile_node->vendor = fbc_scenario_vendor(scenario);
    mobile_node->metrics_interval_s = scenario->measuring.interval_s;
    home_agent->vendor = mobile_node->vendor;
    home_agent->weight_count = fbc_path_weights(scenario, home_agent->weight);
    mobile_node->lifetime_s = from->lifetime_s;
    mobile_node->retransmit_ms = from->retransmit_ms;
    mobile_node->retry_denied_s = from->retry_denied_s;
    mobile_node->legacy_retry_s = from->legacy_retry_s;
    mobile_node->multipath = from->multipath;
    mobile_node->negotiate_policy = from->negotiate_policy;
    mobile_node->bulk_refresh = from->bulk_refresh;
    mobile_node->reverse_tunnel = from->reverse_tunnel;
    mobile_node->coa_change = from->coa_change;
    mobile_node->association.replay = from->replay;
    mobile_node->implicit_networks = from->implicit_networks;
    mobile_node->encapsulating_delivery = from->encapsulating_delivery;
    if (from->nai != NULL)
    {
        mobile_node->nai.length = (uint8_t)strlen(from->nai);
        memcpy(mobile_node->nai.text, from->nai, mobile_node->nai.length);
    }
    if (scenario->mobile_network != 0)
    {
        mobile_node->networks.count = 1;
        mobile_node->networks.prefix[0].address = fb_addr_from_ipv4(scenario->mobile_network);
        mobile_node->networks.prefix[0].length = scenario->mobile_network_length;
    }
    if (scenario->ipv6_prefix.address.family == FB_FAMILY_IPV6)
    {
        mobile_node->networks.prefix[mobile_node->networks.count++] = scenario->ipv6_prefix;
    }
    home_agent->lifetime_max_s = from->lifetime_max_s;
    home_agent->replay_tolerance_s = from->replay_tolerance_s;
    home_agent->multipath = scenario->home_agent.multipath;
    home_agent->flow_policy = scenario->home_agent.flow_policy;
    home_agent->legacy = scenario->home_agent.legacy;
    home_agent->reply_bad_authenticator = scenario->home_agent.reply_bad_authenticator;
    home_agent->unknown_bid_strict = scenario->home_agent.unknown_bid_strict;
    home_agent->require_reverse_tunnel = scenario->home_agent.require_reverse_tunnel;
    home_agent->strict_technology = scenario->home_agent.strict_technology;
    home_agent->strict_reserved = scenario->home_agent.strict_reserved;
    home_agent->lenient_deregistration = scenario->home_agent.lenient_deregistration;
    home_agent->merge_policy = scenario->home_agent.merge_policy;
    home_agent->echo_policy = scenario->home_agent.echo_policy;
    home_agent->replay_per_binding = scenario->home_agent.replay_per_binding;
    home_agent->reverse_tunnel = scenario->home_agent.reverse_tunnel;
    home_agent->gre = scenario->home_agent.gre;
    home_agent->minimal = scenario->home_agent.minimal;
    home_agent->udp_tunnel = scenario->home_agent.udp_tunnel;
    home_agent->udp_force = scenario->home_agent.udp_force;
    home_agent->keepalive_s = scenario->home_agent.keepalive_s;
    home_agent->networks = scenario->home_agent.networks;
    config->probe = scenario->probe;
    if (scenario->protocol == FBC_PMIP6)
    {
        fbc_proxy_configure(scenario, config);
    }
}
