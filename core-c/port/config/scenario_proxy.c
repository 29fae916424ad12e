/* SPDX-License-Identifier: BSD-3-Clause */
#include "scenario_reader.h"

#include <string.h>

/* ---------------------------------------------------------------------------------------------------------------- */
/* gateways, hosts                                                                                                    */

/* The place of the gateway or host that has the name already; {0, 0}: none. */
static fbc_place
find_namesake(const fbc_scenario *scenario, const char *name)
{
    fbc_place none = {0, 0};
    for (size_t i = 0; i < scenario->gateway_count; i++)
    {
        const fbc_gateway *gateway = &scenario->gateways[i];
        if (gateway->name != NULL && strcmp(gateway->name, name) == 0)
        {
            return gateway->place;
        }
    }
    for (size_t i = 0; i < scenario->host_count; i++)
    {
        const fbc_host *host = &scenario->hosts[i];
        if (host->name != NULL && strcmp(host->name, name) == 0)
        {
            return host->place;
        }
    }
    return none;
}

/* NULL after an error. */
static const char *
read_name(fbc_reader *reader, const fbc_value *value, const fbc_scenario *scenario)
{
    if (!value->valid)
    {
        return NULL;
    }
    fbc_place namesake = find_namesake(scenario, value->text);
    if (namesake.line != 0)
    {
        fbc_error(reader,
                  value->place,
                  "'%s' is the name of what stands in line %lu; expected one of its own",
                  value->text,
                  (unsigned long)namesake.line);
    }
    return value->text;
}

static void
read_gateway(fbc_reader *reader,
             const yaml_node_t *node,
             const fbc_scenario *scenario,
             fbc_gateway *gateway)
{
    fbc_value values[FBC_KEYS_MAX];
    gateway->place = fbc_node_place(node);
    if (fbc_object_read(reader, &fbc_object_gateway, node, values))
    {
        gateway->name = read_name(reader, &values[FBC_GATEWAY_NAME], scenario);
        gateway->logical = (fbc_logical)values[FBC_GATEWAY_LOGICAL].number;
        gateway->position = fbc_position_read(&values[FBC_GATEWAY_POSITION]);
    }
}

/* A home network prefix is of one link (RFC 5213 6.10.3), so it is for one host. */
static void
check_session(fbc_reader *reader,
              const fbc_value *session,
              const fbc_scenario *scenario,
              const fbc_host *host)
{
    if (host->own_session || host->gateway == NULL)
    {
        return;
    }
    if (host->gateway->logical == FBC_LOGICAL_NONE)
    {
        fbc_error(reader,
                  session->place,
                  "gateway '%s' has no session of its own; expected it with logical: delegated",
                  host->gateway->name);
    }
    for (const fbc_host *other = scenario->hosts; other < host; other++)
    {
        if (host->gateway->logical == FBC_LOGICAL_HOME_NETWORK && !other->own_session &&
            other->gateway == host->gateway)
        {
            fbc_error(reader,
                      session->place,
                      "the home network of gateway '%s' is for one host, that in line %lu; "
                      "expected the gateway with logical: delegated",
                      host->gateway->name,
                      (unsigned long)other->place.line);
            return;
        }
    }
}

static void
read_host(fbc_reader *reader, const yaml_node_t *node, const fbc_scenario *scenario, fbc_host *host)
{
    fbc_value values[FBC_KEYS_MAX];
    const fbc_value *gateway = &values[FBC_HOST_GATEWAY];
    host->place = fbc_node_place(node);
    host->own_session = true;
    if (!fbc_object_read(reader, &fbc_object_host, node, values))
    {
        return;
    }
    host->name = read_name(reader, &values[FBC_HOST_NAME], scenario);
    host->gateway = gateway->given ? fbc_gateway_find(reader, gateway, scenario)
                                   : scenario->gateways;
    host->own_session = values[FBC_HOST_SESSION].number == 0;
    host->attached = values[FBC_HOST_ATTACHED].number != 0;
    host->ipv4 = values[FBC_HOST_IPV4].number != 0;
    if (!host->own_session)
    {
        fbc_refuse(reader, &values[FBC_HOST_IPV4], "ipv4", "it with session: own");
    }
    check_session(reader, &values[FBC_HOST_SESSION], scenario, host);
}

static void
read_hosts(fbc_reader *reader, const fbc_value *list, fbc_scenario *scenario)
{
    if (!list->valid)
    {
        return;
    }
    size_t count = fbc_list_count(list->node);
    scenario->hosts = fbc_arena_array(reader->arena, count, sizeof(fbc_host));
    scenario->host_count = count;
    for (size_t i = 0; i < count; i++)
    {
        read_host(reader, fbc_list_item(reader, list->node, i), scenario, &scenario->hosts[i]);
    }
}

static void
read_gateways(fbc_reader *reader, const fbc_value *list, fbc_scenario *scenario)
{
    if (!list->valid)
    {
        return;
    }
    size_t count = fbc_list_count(list->node);
    scenario->gateways = fbc_arena_array(reader->arena, count, sizeof(fbc_gateway));
    scenario->gateway_count = count;
    for (size_t i = 0; i < count; i++)
    {
        read_gateway(reader,
                     fbc_list_item(reader, list->node, i),
                     scenario,
                     &scenario->gateways[i]);
    }
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* access-gateway, anchor                                                                                             */

static void
read_access_gateway(fbc_reader *reader, const fbc_value *value, fbc_scenario *scenario)
{
    fbc_access_gateway *gateway = &scenario->access_gateway;
    fbc_value values[FBC_KEYS_MAX];
    const yaml_node_t *node = value->valid ? value->node : NULL;
    if (fbc_object_read(reader, &fbc_object_access_gateway, node, values))
    {
        gateway->multipath = values[FBC_ACCESS_MULTIPATH].number != 0;
        gateway->negotiate_policy = values[FBC_ACCESS_NEGOTIATE_POLICY].number != 0;
        gateway->bulk_refresh = values[FBC_ACCESS_BULK_REFRESH].number != 0;
        gateway->concurrent = values[FBC_ACCESS_CONCURRENT].number != 0;
        gateway->anchor_capable = values[FBC_ACCESS_ANCHOR_CAPABLE].number != 0;
        gateway->sequence_numbers = values[FBC_ACCESS_SEQUENCE_NUMBERS].number != 0;
        gateway->local_routing = values[FBC_ACCESS_LOCAL_ROUTING].number != 0;
        gateway->anchor_decides = values[FBC_ACCESS_FLOW_DECISION].number != 0;
        gateway->heartbeat_s = (uint16_t)(values[FBC_ACCESS_HEARTBEAT].number / FB_SECOND);
        gateway->heartbeat_missing = (uint8_t)values[FBC_ACCESS_HEARTBEAT_MISSING].number;
        gateway->clock_offset_ns = values[FBC_ACCESS_CLOCK_OFFSET].number;
        fbc_measuring_read(reader,
                           &values[FBC_ACCESS_PATH_METRICS],
                           &values[FBC_ACCESS_SAMPLE],
                           &values[FBC_ACCESS_METRICS_INTERVAL],
                           &scenario->measuring);
    }
}

static uint16_t
milliseconds(const fbc_value *value)
{
    return (uint16_t)(value->number / FB_MILLISECOND);
}

static void
read_anchor(fbc_reader *reader, const fbc_value *value, fbc_anchor *anchor)
{
    fbc_value values[FBC_KEYS_MAX];
    const yaml_node_t *node = value->valid ? value->node : NULL;
    if (fbc_object_read(reader, &fbc_object_anchor, node, values))
    {
        anchor->multipath = values[FBC_ANCHOR_MULTIPATH].number != 0;
        anchor->allow_multipath = values[FBC_ANCHOR_ALLOW_MULTIPATH].number != 0;
        anchor->legacy = values[FBC_ANCHOR_LEGACY].number != 0;
        anchor->require_gateway_identifier = values[FBC_ANCHOR_REQUIRE_IDENTIFIER].number != 0;
        anchor->any_gateway = values[FBC_ANCHOR_ANY_GATEWAY].number != 0;
        anchor->flow_policy = values[FBC_ANCHOR_FLOW_POLICY].number != 0;
        anchor->gre = values[FBC_ANCHOR_GRE].number != 0;
        anchor->require_gre = values[FBC_ANCHOR_REQUIRE_GRE].number != 0;
        anchor->force_udp = values[FBC_ANCHOR_FORCE_UDP].number != 0;
        anchor->delegation = values[FBC_ANCHOR_DELEGATION].number != 0;
        anchor->sequence_per_session = values[FBC_ANCHOR_SEQUENCE_PER_SESSION].number != 0;
        anchor->heartbeat_s = (uint16_t)(values[FBC_ANCHOR_HEARTBEAT].number / FB_SECOND);
        anchor->delete_delay_ms = milliseconds(&values[FBC_ANCHOR_DELETE_DELAY]);
        anchor->handoff_wait_ms = milliseconds(&values[FBC_ANCHOR_HANDOFF_WAIT]);
        anchor->timestamp_window_ms = milliseconds(&values[FBC_ANCHOR_TIMESTAMP_WINDOW]);
        anchor->clock_offset_ns = values[FBC_ANCHOR_CLOCK_OFFSET].number;
    }
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* The scenario                                                                                                       */

/* Keys of one of the protocols only. */
static const uint8_t proxy_keys[] = {FBC_SCENARIO_GATEWAYS,
                                     FBC_SCENARIO_HOSTS,
                                     FBC_SCENARIO_ACCESS_GATEWAY,
                                     FBC_SCENARIO_ANCHOR};
static const uint8_t mobile_keys[] = {FBC_SCENARIO_HOME,
                                      FBC_SCENARIO_MOBILE_NETWORK,
                                      FBC_SCENARIO_IPV6_PREFIX,
                                      FBC_SCENARIO_MOBILE_NODE,
                                      FBC_SCENARIO_HOME_AGENT};

void
fbc_proxy_check(fbc_reader *reader, const fbc_value *values, const fbc_scenario *scenario)
{
    bool proxy = scenario->protocol == FBC_PMIP6;
    const uint8_t *keys = proxy ? mobile_keys : proxy_keys;
    size_t count = proxy ? sizeof(mobile_keys) : sizeof(proxy_keys);
    for (size_t i = 0; i < count && values[FBC_SCENARIO_PROTOCOL].valid; i++)
    {
        fbc_refuse(reader,
                   &values[keys[i]],
                   fbc_object_scenario.keys[keys[i]].key,
                   proxy ? "it with protocol: mip4" : "it with protocol: pmip6");
    }
    if (proxy && !values[FBC_SCENARIO_GATEWAYS].given && !values[FBC_SCENARIO_GATEWAYS].meant)
    {
        fbc_error(reader,
                  values[FBC_SCENARIO_PROTOCOL].place,
                  "protocol: pmip6 without a gateway; expected gateways: [{name: mag1}]");
    }
}

void
fbc_proxy_read(fbc_reader *reader, const fbc_value *values, fbc_scenario *scenario)
{
    if (scenario->protocol != FBC_PMIP6)
    {
        return;
    }
    read_gateways(reader, &values[FBC_SCENARIO_GATEWAYS], scenario);
    read_hosts(reader, &values[FBC_SCENARIO_HOSTS], scenario);
    read_access_gateway(reader, &values[FBC_SCENARIO_ACCESS_GATEWAY], scenario);
    read_anchor(reader, &values[FBC_SCENARIO_ANCHOR], &scenario->anchor);
}

/* What only a path of Mobile IPv4 has. */
static void
refuse_path_keys(fbc_reader *reader, const fbc_value *values, const fbc_path *path)
{
    static const uint8_t keys[] = {FBC_PATH_KEY_UDP, FBC_PATH_KEY_CARE_OF, FBC_PATH_KEY_AGENT};
    for (size_t i = 0; i < sizeof(keys); i++)
    {
        fbc_refuse(reader,
                   &values[keys[i]],
                   fbc_object_path.keys[keys[i]].key,
                   "it with protocol: mip4");
    }
    if (values[FBC_PATH_KEY_ENCAPSULATION].number == FB_TUNNEL_MINIMAL)
    {
        fbc_error(reader,
                  values[FBC_PATH_KEY_ENCAPSULATION].place,
                  "minimal encapsulation is of IPv4 only; expected ipip or gre");
    }
    if (path->transport != FBC_TRANSPORT_IPV4_UDP && values[FBC_PATH_KEY_NAT].number != 0)
    {
        /* RFC 5844 4.1.3: an anchor goes through UDP where it is asked to, and does not look for a NAT itself */
        fbc_error(reader,
                  values[FBC_PATH_KEY_NAT].place,
                  "a NAT translates UDP over IPv4 only; expected transport: ipv4-udp beside it");
    }
    if (path->transport == FBC_TRANSPORT_IPV4_UDP &&
        values[FBC_PATH_KEY_ENCAPSULATION].number == FB_TUNNEL_GRE)
    {
        fbc_error(
            reader,
            values[FBC_PATH_KEY_ENCAPSULATION].place,
            "GRE inside UDP is not offered (RFC 5845 7.1); expected transport: ipv4 beside it");
    }
}

void
fbc_proxy_path_read(fbc_reader *reader,
                    const fbc_value *values,
                    const fbc_scenario *scenario,
                    fbc_path *path)
{
    static const uint8_t keys[] = {FBC_PATH_KEY_GATEWAY,
                                   FBC_PATH_KEY_TRANSPORT,
                                   FBC_PATH_KEY_GRE_KEY,
                                   FBC_PATH_KEY_MTU};
    const fbc_value *gateway = &values[FBC_PATH_KEY_GATEWAY];
    const fbc_value *key = &values[FBC_PATH_KEY_GRE_KEY];
    if (scenario->protocol != FBC_PMIP6)
    {
        for (size_t i = 0; i < sizeof(keys); i++)
        {
            fbc_refuse(reader,
                       &values[keys[i]],
                       fbc_object_path.keys[keys[i]].key,
                       "it with protocol: pmip6");
        }
        return;
    }
    path->gateway = gateway->given ? fbc_gateway_find(reader, gateway, scenario)
                                   : scenario->gateways;
    path->transport = (fbc_transport)values[FBC_PATH_KEY_TRANSPORT].number;
    path->gre_key = values[FBC_PATH_KEY_ENCAPSULATION].number == FB_TUNNEL_GRE &&
                    (!key->given || key->number != 0);
    if (values[FBC_PATH_KEY_ENCAPSULATION].number != FB_TUNNEL_GRE)
    {
        fbc_refuse(reader, key, "gre-key", "it with encapsulation: gre");
    }
    path->mtu = (uint16_t)values[FBC_PATH_KEY_MTU].number;
    refuse_path_keys(reader, values, path);
}

void
fbc_proxy_configure(const fbc_scenario *scenario, fb_config *config)
{
    const fbc_access_gateway *gateway = &scenario->access_gateway;
    const fbc_anchor *anchor = &scenario->anchor;
    const fbc_registration *timers = &scenario->registration;
    fb_mag_config *mag = &config->mag;
    fb_lma_config *lma = &config->lma;
    mag->lifetime_s = timers->lifetime_s;
    mag->retransmit_ms = timers->retransmit_ms;
    mag->retry_denied_s = timers->retry_denied_s;
    mag->legacy_retry_s = timers->legacy_retry_s;
    mag->multipath = gateway->multipath;
    mag->negotiate_policy = gateway->negotiate_policy;
    mag->bulk_refresh = gateway->bulk_refresh;
    mag->concurrent = gateway->concurrent;
    mag->anchor_capable = gateway->anchor_capable;
    mag->sequence_numbers = gateway->sequence_numbers;
    mag->local_routing = gateway->local_routing;
    mag->flow_decision = gateway->anchor_decides ? FB_FLOW_DECISION_ANCHOR
                                                 : FB_FLOW_DECISION_GATEWAY;
    mag->heartbeat_s = gateway->heartbeat_s;
    mag->heartbeat_missing = gateway->heartbeat_missing;
    mag->vendor = fbc_scenario_vendor(scenario);
    mag->metrics_interval_s = scenario->measuring.interval_s;
    lma->lifetime_max_s = timers->lifetime_max_s;
    lma->multipath = anchor->multipath;
    lma->legacy = anchor->legacy;
    lma->require_gateway_identifier = anchor->require_gateway_identifier;
    lma->any_gateway = anchor->any_gateway;
    lma->flow_policy = anchor->flow_policy;
    lma->flow_decision = mag->flow_decision;
    lma->gre = anchor->gre;
    lma->require_gre = anchor->require_gre;
    lma->force_udp = anchor->force_udp;
    lma->delegation = anchor->delegation;
    lma->sequence_per_session = anchor->sequence_per_session;
    lma->heartbeat_s = anchor->heartbeat_s;
    lma->heartbeat_missing = gateway->heartbeat_missing;
    lma->delete_delay_ms = anchor->delete_delay_ms;
    lma->handoff_wait_ms = anchor->handoff_wait_ms;
    lma->timestamp_window_ms = anchor->timestamp_window_ms;
    lma->vendor = mag->vendor;
    lma->weight_count = fbc_path_weights(scenario, lma->weight);
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* Names                                                                                                              */

static void
report_unknown(fbc_reader *reader,
               const fbc_value *value,
               const char *what,
               const char *const *names,
               size_t count)
{
    char expected[320];
    fbc_expected(value->text, names, count, expected, sizeof(expected));
    fbc_error(reader, value->place, "there is no %s '%s'%s", what, value->text, expected);
}

const fbc_gateway *
fbc_gateway_find(fbc_reader *reader, const fbc_value *value, const fbc_scenario *scenario)
{
    const char *names[UINT8_MAX];
    size_t count = 0;
    if (!value->valid || scenario->gateway_count == 0)
    {
        return NULL;
    }
    for (size_t i = 0; i < scenario->gateway_count && count < UINT8_MAX; i++)
    {
        const fbc_gateway *gateway = &scenario->gateways[i];
        if (gateway->name != NULL && strcmp(gateway->name, value->text) == 0)
        {
            return gateway;
        }
        if (gateway->name != NULL)
        {
            names[count++] = gateway->name;
        }
    }
    report_unknown(reader, value, "gateway", names, count);
    return NULL;
}

const fbc_host *
fbc_host_find(fbc_reader *reader, const fbc_value *value, const fbc_scenario *scenario)
{
    const char *names[UINT8_MAX];
    size_t count = 0;
    if (!value->valid || scenario->host_count == 0)
    {
        return NULL;
    }
    for (size_t i = 0; i < scenario->host_count && count < UINT8_MAX; i++)
    {
        const fbc_host *host = &scenario->hosts[i];
        if (host->name != NULL && strcmp(host->name, value->text) == 0)
        {
            return host;
        }
        if (host->name != NULL)
        {
            names[count++] = host->name;
        }
    }
    report_unknown(reader, value, "host", names, count);
    return NULL;
}

/* Sessions are called like the gateway or host whose they are. */
static size_t
list_sessions(const fbc_scenario *scenario, const char **names)
{
    size_t count = 0;
    for (size_t i = 0; i < scenario->gateway_count; i++)
    {
        const fbc_gateway *gateway = &scenario->gateways[i];
        if (gateway->name != NULL && gateway->logical != FBC_LOGICAL_NONE)
        {
            names[count++] = gateway->name;
        }
    }
    for (size_t i = 0; i < scenario->host_count; i++)
    {
        const fbc_host *host = &scenario->hosts[i];
        if (host->name != NULL && host->own_session)
        {
            names[count++] = host->name;
        }
    }
    return count;
}

const char *
fbc_session_find(fbc_reader *reader,
                 const fbc_value *value,
                 fbc_place place,
                 const fbc_scenario *scenario)
{
    const char *names[UINT8_MAX];
    if (scenario->protocol != FBC_PMIP6)
    {
        fbc_refuse(reader, value, "session", "it with protocol: pmip6");
        return NULL;
    }
    size_t count = list_sessions(scenario, names);
    for (size_t i = 0; i < count && value->valid; i++)
    {
        if (strcmp(names[i], value->text) == 0)
        {
            return names[i];
        }
    }
    if (value->valid)
    {
        report_unknown(reader, value, "session", names, count);
        return NULL;
    }
    if (!value->given && count != 1 && scenario->gateway_count > 0)
    {
        fbc_error(reader,
                  place,
                  "bindings of one of %lu sessions; expected session: the name of its gateway or "
                  "host",
                  (unsigned long)count);
    }
    return count > 0 ? names[0] : NULL;
}
