/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmocka_setup.h"
#include "config/scenario_file.h"
#include "config_files.h"

#include <dirent.h>

static const char base[] =
    "protocol: mip4\n"
    "duration: 60s\n"
    "paths:\n"
    "  - {name: wlan, type: wlan, bid: 1, label: 1}\n"
    "  - {name: lte, type: lte, bid: 2, label: 2}\n"
    "policy:\n"
    "  flows:\n"
    "    - {name: SIP, match: {protocol: udp, port: 5060}, use: [wlan, lte, drop]}\n"
    "    - {name: many, match: {port: 0-9, local_port: 7000, dscp: ef}, use: [lte]}\n"
    "    - {name: rest, match: {}, use: [lte, wlan]}\n";

/* A scenario out of the text above and @p more; it must be right. */
static fbc_scenario *
scenario_from(const char *text, const char *more)
{
    char folder[] = "/tmp/flowbind-scenario-XXXXXX";
    char file[64];
    char all[8192];
    fbc_report report = {0};
    folder_make(folder);
    snprintf(file, sizeof(file), "%s/scenario.yaml", folder);
    snprintf(all, sizeof(all), "%s%s", text, more);
    file_write(file, all, strlen(all));
    fbc_scenario *scenario = fbc_scenario_read(file, NULL, &report);
    unlink(file);
    rmdir(folder);
    fbc_report_print(&report, stdout);
    assert_int_equal(report.total, 0);
    assert_non_null(scenario);
    return scenario;
}

static void
expect_path(const fbc_path *path,
            const char *name,
            fbc_path_type type,
            uint8_t bid,
            uint8_t technology)
{
    assert_string_equal(path->name, name);
    assert_int_equal(path->type, type);
    assert_string_equal(fbc_path_type_name(path->type), name);
    assert_int_equal(path->bid, bid);
    assert_int_equal(path->label, bid);
    assert_int_equal(path->technology, technology);
    assert_int_equal(path->cost, 0);
}

static void
expect_traffic(const fbc_traffic *traffic,
               const char *name,
               fbc_kind kind,
               fbc_direction direction,
               const fbc_flow *flow)
{
    assert_string_equal(traffic->name, name);
    assert_int_equal(traffic->kind, kind);
    assert_int_equal(traffic->direction, direction);
    assert_ptr_equal(traffic->flow, flow);
    assert_int_equal(traffic->local_port, 0);
    assert_int_equal(traffic->dscp, 0);
    assert_true(traffic->start_ns == 2 * FB_SECOND);
    assert_true(traffic->stop_ns == 60 * FB_SECOND);
    assert_true(traffic->bytes == 0);
}

static void
test_figure2_paths_and_policy(void **state)
{
    (void)state;
    fbc_report report = {0};
    fbc_scenario *scenario = fbc_scenario_read(EXAMPLE_SCENARIO, NULL, &report);
    fbc_report_print(&report, stdout);
    assert_non_null(scenario);
    assert_int_equal(report.total, 0);
    assert_int_equal(scenario->protocol, FBC_MIP4);
    assert_true(scenario->duration_ns == 60 * FB_SECOND);
    assert_true(scenario->warmup_ns == 0);
    assert_int_equal(scenario->seed, 1);
    assert_int_equal(scenario->measure, FBC_MEASURE_ALL);
    assert_int_equal(scenario->attribute_count, 0);

    assert_int_equal(scenario->path_count, 3);
    expect_path(&scenario->paths[0], "wlan", FBC_PATH_WLAN, 1, 4);
    expect_path(&scenario->paths[1], "lte", FBC_PATH_LTE, 2, 8);
    expect_path(&scenario->paths[2], "cdma", FBC_PATH_CDMA, 3, 10);
    const fbc_path *cdma = &scenario->paths[2];
    assert_true(cdma->up_bps == 0);
    assert_true(cdma->down_bps == 0);
    assert_true(cdma->delay_ns == 0);
    assert_int_equal(cdma->queue.packets, 100);
    assert_int_equal(cdma->queue.octets, 0);
    assert_int_equal(cdma->loss_ppm, 0);
    assert_ptr_equal(fbc_scenario_path(scenario, "cdma"), cdma);
    assert_ptr_equal(fbc_scenario_path_by_bid(scenario, 3), cdma);
    assert_null(fbc_scenario_path(scenario, "umts"));
    assert_null(fbc_scenario_path_by_bid(scenario, 4));

    assert_non_null(scenario->policy);
    assert_int_equal(scenario->policy->flow_count, 3);
    assert_string_equal(scenario->scheduler, "flow-hash");
    assert_int_equal(scenario->rule_count, 5);
    assert_int_equal(scenario->rules[0].bid[0], 1);
    assert_int_equal(scenario->rules[0].bid[1], 2);
    assert_int_equal(scenario->rules[1].action, FB_RULE_DROP);
    assert_int_equal(scenario->rules[4].bid[0], 3);
    fbc_scenario_free(scenario);
}

static void
test_figure2_traffic_and_events(void **state)
{
    (void)state;
    fbc_scenario *scenario = fbc_scenario_read(EXAMPLE_SCENARIO, NULL, NULL);
    assert_non_null(scenario);
    const fbc_flow *flows = scenario->policy->flows;
    assert_int_equal(scenario->traffic_count, 3);

    const fbc_traffic *call = &scenario->traffic[0];
    expect_traffic(call, "call", FBC_KIND_VOIP, FBC_BOTH, &flows[0]);
    assert_int_equal(call->protocol, 17);
    assert_int_equal(call->port, 5060);
    /* G.711 in RTP: a packet of 172 octets each 20 ms. */
    assert_int_equal(call->packet, 172);
    assert_true(call->packet * 8 * FB_SECOND / call->rate_bps == 20 * FB_MILLISECOND);

    const fbc_traffic *web = &scenario->traffic[1];
    expect_traffic(web, "web", FBC_KIND_TCP, FBC_DOWN, &flows[1]);
    assert_int_equal(web->protocol, 6);
    assert_int_equal(web->port, 80);
    assert_true(web->rate_bps == 0);
    assert_int_equal(web->packet, 0);

    const fbc_traffic *shell = &scenario->traffic[2];
    expect_traffic(shell, "shell", FBC_KIND_CBR, FBC_BOTH, &flows[2]);
    assert_int_equal(shell->protocol, 6);
    assert_int_equal(shell->port, 22);
    assert_true(shell->rate_bps == 32000);
    assert_int_equal(shell->packet, 200);

    assert_int_equal(scenario->event_count, 2);
    assert_true(scenario->events[0].at_ns == 20 * FB_SECOND);
    assert_ptr_equal(scenario->events[0].path, &scenario->paths[0]);
    assert_int_equal(scenario->events[0].action, FBC_EVENT_DOWN);
    assert_true(scenario->events[1].at_ns == 35 * FB_SECOND);
    assert_ptr_equal(scenario->events[1].path, &scenario->paths[0]);
    assert_int_equal(scenario->events[1].action, FBC_EVENT_UP);

    assert_int_equal(scenario->expect_count, 1);
    const fbc_expect *expect = &scenario->expect[0];
    assert_ptr_equal(expect->flow, &flows[0]);
    assert_null(expect->traffic);
    assert_true(expect->from_ns == 22 * FB_SECOND);
    assert_true(expect->until_ns == 34 * FB_SECOND);
    assert_int_equal(expect->outcome, FBC_OUTCOME_PATH);
    assert_ptr_equal(expect->path, &scenario->paths[1]);
    assert_true(expect->goodput_min_bps == FBC_UNSET && expect->loss_max_ppm == FBC_UNSET);
    assert_true(expect->delay_max_ns == FBC_UNSET && expect->failover_gap_max_ns == FBC_UNSET);
    fbc_scenario_free(scenario);
}

/* The table's defaults are those of the library, so that a scenario without `timers` changes nothing. */
static void
test_defaults_are_the_librarys(void **state)
{
    (void)state;
    fb_config expected;
    fb_config config;
    fb_config_default(&expected);
    fb_config_default(&config);
    fbc_scenario *scenario = fbc_scenario_read(EXAMPLE_SCENARIO, NULL, NULL);
    assert_non_null(scenario);
    fbc_scenario_configure(scenario, &config);
    assert_int_equal(config.probe.interval_ms, 0); /* no RFC has them: a scenario asks for probes */
    config.probe.interval_ms = expected.probe.interval_ms;
    assert_memory_equal(&config, &expected, sizeof(config));
    assert_string_equal(scenario->tcp.variant, "cubic");
    assert_string_equal(scenario->tcp.type_id, "ns3::TcpCubic");
    assert_int_equal(scenario->tcp.segment, 1400);
    assert_int_equal(scenario->tcp.buffers, 1 << 19);
    assert_true(scenario->backhaul.access_ns == 5 * FB_MILLISECOND);
    assert_true(scenario->backhaul.core_ns == 5 * FB_MILLISECOND);
    fbc_scenario_free(scenario);
}

static void
test_configuration(void **state)
{
    (void)state;
    fb_config config;
    fb_config_default(&config);
    fbc_scenario *scenario = scenario_from(
        base,
        "seed: 4294967295\n"
        "warmup: 1500ms\n"
        "measure: [loss, signalling]\n"
        "tcp: {variant: bbr, segment: 536, buffers: 64kB}\n"
        "backhaul: {access: 12.5ms, core: 0}\n"
        "timers: {lifetime: 5min, lifetime-max: 65535s, retransmit: 1500ms, retry-denied: 10s,\n"
        "         legacy-retry: 1h, replay-tolerance: 4s}\n"
        "mobile-node: {multipath: false, negotiate-policy: false, bulk-refresh: false, reverse-tunnel: false,\n"
        "              coa-change: in-place, clock-offset: 90s}\n"
        "home-agent: {multipath: false, allow-multipath: false, flow-policy: false, legacy: true,\n"
        "             reply-bad-authenticator: false, unknown-bid-strict: false, require-reverse-tunnel: true,\n"
        "             strict-technology: true, strict-reserved: true, lenient-deregistration: true,\n"
        "             clock-offset: 1h}\n"
        "ns3:\n"
        "  ns3::WifiRemoteStationManager::RtsCtsThreshold: 100\n"
        "  /NodeList/*/DeviceList/*/$ns3::PointToPointNetDevice/Mtu: 1400\n");
    fbc_scenario_configure(scenario, &config);
    assert_true(scenario->seed == UINT32_MAX);
    assert_true(scenario->warmup_ns == 1500 * FB_MILLISECOND);
    assert_int_equal(scenario->measure, FBC_MEASURE_LOSS | FBC_MEASURE_SIGNALLING);
    assert_string_equal(scenario->tcp.type_id, "ns3::TcpBbr");
    assert_int_equal(scenario->tcp.segment, 536);
    assert_int_equal(scenario->tcp.buffers, 64000);
    assert_true(scenario->backhaul.access_ns == 12500000);
    assert_true(scenario->backhaul.core_ns == 0);
    assert_int_equal(config.mobile_node.lifetime_s, 300);
    assert_int_equal(config.mobile_node.retransmit_ms, 1500);
    assert_int_equal(config.mobile_node.retry_denied_s, 10);
    assert_int_equal(config.mobile_node.legacy_retry_s, 3600);
    assert_int_equal(config.mobile_node.coa_change, FB_COA_CHANGE_IN_PLACE);
    assert_false(config.mobile_node.multipath || config.mobile_node.negotiate_policy);
    assert_false(config.mobile_node.bulk_refresh || config.mobile_node.reverse_tunnel);
    assert_int_equal(config.home_agent.lifetime_max_s, 65535);
    assert_int_equal(config.home_agent.replay_tolerance_s, 4);
    assert_false(config.home_agent.multipath || config.home_agent.flow_policy);
    assert_true(config.home_agent.legacy);
    assert_false(config.home_agent.reply_bad_authenticator || config.home_agent.unknown_bid_strict);
    assert_true(config.home_agent.require_reverse_tunnel && config.home_agent.strict_technology);
    assert_true(config.home_agent.strict_reserved && config.home_agent.lenient_deregistration);
    assert_true(scenario->registration.clock_offset_ns == 90 * FB_SECOND);
    assert_false(scenario->home_agent.allow_multipath);
    assert_true(scenario->home_agent.clock_offset_ns == 3600 * FB_SECOND);
    assert_int_equal(scenario->attribute_count, 2);
    assert_string_equal(scenario->attributes[0].path,
                        "ns3::WifiRemoteStationManager::RtsCtsThreshold");
    assert_string_equal(scenario->attributes[0].value, "100");
    assert_string_equal(scenario->attributes[1].path,
                        "/NodeList/*/DeviceList/*/$ns3::PointToPointNetDevice/Mtu");
    fbc_scenario_free(scenario);
}

static void
test_links(void **state)
{
    (void)state;
    fbc_scenario *scenario = scenario_from(
        "protocol: mip4\n"
        "duration: 2min\n"
        "paths:\n"
        "  - {name: dsl, type: wired, bid: 254, label: 255, cost: 3, up: 1Mbps, down: 16Mbps, delay: 15ms,\n"
        "     queue: 64kB, loss: 0.1%}\n"
        "  - {name: fibre, type: wired, bid: 1, label: 255, rate: 1Gbps}\n"
        "  - {name: evdo, type: cdma, bid: 2, label: 2, delay: 40ms, queue: 10p}\n",
        "");
    const fbc_path *dsl = &scenario->paths[0];
    assert_int_equal(dsl->technology, 3);
    assert_int_equal(dsl->bid, 254);
    assert_int_equal(dsl->label, 255);
    assert_int_equal(dsl->cost, 3);
    assert_true(dsl->up_bps == 1000000 && dsl->down_bps == 16000000);
    assert_true(dsl->delay_ns == 15 * FB_MILLISECOND);
    assert_int_equal(dsl->queue.packets, 0);
    assert_int_equal(dsl->queue.octets, 64000);
    assert_int_equal(dsl->loss_ppm, 1000);
    const fbc_path *fibre = &scenario->paths[1];
    assert_true(fibre->up_bps == 1000000000 && fibre->down_bps == 1000000000);
    assert_true(fibre->delay_ns == FB_MILLISECOND);
    const fbc_path *evdo = &scenario->paths[2];
    assert_true(evdo->up_bps == 0 && evdo->down_bps == 0);
    assert_true(evdo->delay_ns == 40 * FB_MILLISECOND);
    assert_int_equal(evdo->queue.packets, 10);
    /* Without a policy: no rules, the default scheduler. */
    assert_null(scenario->policy);
    assert_int_equal(scenario->rule_count, 0);
    assert_string_equal(scenario->scheduler, "flow-hash");
    assert_int_equal(scenario->traffic_count, 0);
    fbc_scenario_free(scenario);
}

/* What is generated matches the flow it was asked to be. */
static const char tunnels[] =
    "protocol: mip4\n"
    "duration: 60s\n"
    "paths:\n"
    "  - {name: a, type: wired, rate: 1Mbps, bid: 1, label: 7, encapsulation: gre, udp: never}\n"
    "  - {name: b, type: wired, rate: 1Mbps, bid: 2, label: 8, encapsulation: minimal, nat: true}\n"
    "  - {name: c, type: wlan, bid: 3, label: 9, nat: true, nat-timeout: 30s, udp: force}\n"
    "  - {name: d, type: wlan, bid: 4, label: 9, care-of: agent,\n"
    "     agent: {advertisement: 2s, gre: false, legacy: true}}\n";

static void
test_tunnels_and_agents(void **state)
{
    (void)state;
    fbc_scenario *scenario = scenario_from(tunnels,
                                           "events:\n"
                                           "  - {at: 1s, path: c, do: flush-nat}\n"
                                           "  - {at: 2s, path: d, do: restart-agent}\n"
                                           "expect:\n"
                                           "  - {bindings: [c, a], tunnels: [udp, gre]}\n");
    const fbc_path *paths = scenario->paths;
    assert_int_equal(paths[0].tunnel, FB_TUNNEL_GRE);
    assert_int_equal(paths[0].udp, FB_UDP_NEVER);
    assert_int_equal(paths[0].care_of, FB_CARE_OF_COLOCATED);
    assert_false(paths[0].nat);
    assert_int_equal(paths[1].tunnel, FB_TUNNEL_MINIMAL);
    assert_int_equal(paths[1].udp, FB_UDP_IF_NAT);
    assert_true(paths[1].nat);
    assert_int_equal(paths[1].nat_timeout_ns, 120 * FB_SECOND);
    assert_int_equal(paths[2].tunnel, FB_TUNNEL_IPIP);
    assert_int_equal(paths[2].udp, FB_UDP_FORCE);
    assert_int_equal(paths[2].nat_timeout_ns, 30 * FB_SECOND);
    assert_int_equal(paths[3].care_of, FB_CARE_OF_AGENT);
    assert_int_equal(paths[3].agent.advertisement_s, 2);
    assert_false(paths[3].agent.gre);
    assert_true(paths[3].agent.minimal);
    assert_true(paths[3].agent.legacy);
    assert_true(paths[3].agent.reverse_tunnel);
    assert_false(paths[3].agent.authenticate);
    assert_int_equal(scenario->events[0].action, FBC_EVENT_FLUSH_NAT);
    assert_ptr_equal(scenario->events[0].path, &paths[2]);
    assert_int_equal(scenario->events[1].action, FBC_EVENT_RESTART_AGENT);
    assert_int_equal(scenario->expect[0].tunnels[0], FBC_TUNNEL_UDP);
    assert_int_equal(scenario->expect[0].tunnels[1], FB_TUNNEL_GRE);
    assert_string_equal(fbc_tunnel_name(FBC_TUNNEL_UDP), "udp");
    fbc_scenario_free(scenario);
}

/* RFC 5454: the IP version of a traffic is that of its flow's selector, or said in its match. */
static void
test_ipv6_prefix(void **state)
{
    (void)state;
    fb_config config;
    fbc_scenario *scenario = scenario_from(
        tunnels,
        "static-policy:\n"
        "  by: label\n"
        "  flows:\n"
        "    - {name: SIP, match: {family: ipv6, protocol: udp, port: 5060, local_port: 0-9, dscp: ef},"
        " use: [9]}\n"
        "    - {name: all, match: {family: ipv6}, use: [9]}\n"
        "mobile-network: 198.51.101.0/24\n"
        "ipv6-prefix: fd00:a::/48\n"
        "traffic:\n"
        "  - {name: call, kind: voip, direction: both, flow: SIP}\n"
        "  - {name: film, kind: tcp, direction: down, flow: all}\n"
        "  - {name: web, kind: tcp, direction: down, match: {family: ipv6, protocol: tcp, port: 80}}\n"
        "  - {name: old, kind: tcp, direction: down, match: {protocol: tcp, port: 80}}\n");
    const fbc_traffic *call = &scenario->traffic[0];
    assert_true(call->ipv6);
    assert_int_equal(call->protocol, 17);
    assert_int_equal(call->port, 5060);
    assert_int_equal(call->local_port, 1);
    assert_int_equal(call->dscp, 46);
    assert_true(scenario->traffic[1].ipv6);
    assert_int_equal(scenario->traffic[1].protocol, 6);
    assert_int_equal(scenario->traffic[1].local_port, 0);
    assert_true(scenario->traffic[2].ipv6);
    assert_false(scenario->traffic[3].ipv6);
    fb_config_default(&config);
    fbc_scenario_configure(scenario, &config);
    static const uint8_t first[16] = {0xfd, 0, 0, 0x0a};
    const fb_networks *networks = &config.mobile_node.networks;
    assert_int_equal(networks->count, 2);
    assert_int_equal(networks->prefix[0].address.family, FB_FAMILY_IPV4);
    assert_int_equal(networks->prefix[1].address.family, FB_FAMILY_IPV6);
    assert_int_equal(networks->prefix[1].length, 48);
    assert_memory_equal(networks->prefix[1].address.octet, first, sizeof(first));
    fbc_scenario_free(scenario);
}

static void
test_static_policy_and_mobile_network(void **state)
{
    (void)state;
    fb_config config;
    fbc_scenario *scenario = scenario_from(
        tunnels,
        "static-policy:\n"
        "  by: label\n"
        "  flows:\n"
        "    - {name: SIP, match: {protocol: udp, port: 5060}, use: [9, 7, drop]}\n"
        "  default: round-robin\n"
        "mobile-network: 198.51.101.0/24\n"
        "traffic:\n"
        "  - {name: call, kind: voip, direction: both, flow: SIP, host: mobile-network}\n"
        "mobile-node: {replay: nonces, nai: mn@example.com}\n"
        "home-agent: {merge-policy: true, gre: false, keepalive: 20s}\n");
    assert_null(scenario->policy);
    assert_int_equal(scenario->rule_count, 0);
    assert_int_equal(scenario->static_rule_count, 2);
    const fb_rule *rules = scenario->static_rules;
    assert_int_equal(rules[0].action, FB_RULE_FORWARD_LABEL);
    assert_int_equal(rules[0].bid_count, 2);
    assert_int_equal(rules[0].bid[0], 9);
    assert_int_equal(rules[0].bid[1], 7);
    assert_int_equal(rules[1].action, FB_RULE_DROP);
    assert_string_equal(scenario->scheduler, "round-robin");
    assert_true(scenario->traffic[0].behind);
    assert_ptr_equal(scenario->traffic[0].flow, &scenario->static_policy->flows[0]);
    fb_config_default(&config);
    fbc_scenario_configure(scenario, &config);
    assert_int_equal(config.mobile_node.association.replay, FB_REPLAY_NONCE);
    assert_int_equal(config.mobile_node.nai.length, 14);
    assert_memory_equal(config.mobile_node.nai.text, "mn@example.com", 14);
    assert_int_equal(config.mobile_node.networks.count, 1);
    assert_int_equal(config.mobile_node.networks.prefix[0].length, 24);
    assert_int_equal(fb_addr_to_ipv4(&config.mobile_node.networks.prefix[0].address), 0xc6336500);
    assert_true(config.home_agent.merge_policy);
    assert_false(config.home_agent.gre);
    assert_true(config.home_agent.minimal);
    assert_int_equal(config.home_agent.keepalive_s, 20);
    fbc_scenario_free(scenario);
}

/* RFC 5944 4.6: what is said of the home link, when the mobile node is there, and what is expected of it. */
static void
test_home_link(void **state)
{
    (void)state;
    fbc_scenario *scenario = scenario_from(
        tunnels,
        "home: {rate: 10Mbps, advertisement: 2s}\n"
        "events:\n"
        "  - {at: 20s, do: leave-home}\n"
        "  - {at: 10s, do: go-home}\n"
        "traffic:\n"
        "  - {name: call, kind: voip, direction: both, match: {protocol: udp, port: 5060}}\n"
        "expect:\n"
        "  - {traffic: call, path: home, between: [11s, 20s]}\n"
        "  - {message: request, path: home, lifetime: 0s}\n");
    const fbc_path *home = scenario->home;
    assert_non_null(home);
    assert_string_equal(home->name, "home");
    assert_int_equal(home->bid, 254);
    assert_int_equal(home->up_bps, 10000000);
    assert_int_equal(home->down_bps, 10000000);
    assert_int_equal(scenario->home_advertisement_s, 2);
    assert_int_equal(scenario->path_count, 4);
    assert_ptr_equal(fbc_scenario_path_by_bid(scenario, 254), home);
    assert_null(fbc_scenario_path(scenario, "home"));
    assert_int_equal(scenario->events[0].action, FBC_EVENT_GO_HOME);
    assert_int_equal(scenario->events[0].at_ns, 10 * FB_SECOND);
    assert_null(scenario->events[0].path);
    assert_int_equal(scenario->events[1].action, FBC_EVENT_LEAVE_HOME);
    assert_string_equal(fbc_event_action_name(FBC_EVENT_LEAVE_HOME), "leave-home");
    assert_int_equal(scenario->expect[0].outcome, FBC_OUTCOME_PATH);
    assert_ptr_equal(scenario->expect[0].path, home);
    assert_ptr_equal(scenario->expect[1].path, home);
    fbc_scenario_free(scenario);
}

/* Its BID is none of a path; without the key there is none, and a path can have the name. */
static void
test_home_link_defaults(void **state)
{
    (void)state;
    static const char *const paths =
        "protocol: mip4\n"
        "duration: 60s\n"
        "paths:\n"
        "  - {name: a, type: wired, rate: 1Mbps, bid: 254, label: 1}\n"
        "  - {name: b, type: wired, rate: 1Mbps, bid: 253, label: 2}\n";
    fbc_scenario *scenario = scenario_from(paths, "home: {}\n");
    assert_int_equal(scenario->home->bid, 252);
    assert_int_equal(scenario->home->up_bps, 100000000);
    assert_int_equal(scenario->home_advertisement_s, 10);
    assert_false(scenario->registration.home_address_assigned);
    fbc_scenario_free(scenario);
    scenario = scenario_from(paths,
                             "  - {name: home, type: wired, rate: 1Mbps, bid: 3, label: 3}\n"
                             "mobile-node: {nai: mn@example.com, home-address: assigned}\n"
                             "expect:\n"
                             "  - {message: request, path: home}\n");
    assert_null(scenario->home);
    assert_null(fbc_scenario_path_by_bid(scenario, 252));
    assert_ptr_equal(scenario->expect[0].path, &scenario->paths[2]);
    assert_true(scenario->registration.home_address_assigned);
    fbc_scenario_free(scenario);
}

static void
test_gateways_hosts_and_anchor(void **state)
{
    (void)state;
    fb_config config;
    fbc_scenario *scenario = scenario_from(
        "protocol: pmip6\n"
        "duration: 60s\n"
        "gateways: [{name: mag1, logical: delegated}, {name: mag2}]\n"
        "hosts: [{name: mn1, session: gateway}, {name: mn2, gateway: mag2, attached: false, ipv4: true}]\n"
        "access-gateway: {heartbeat: 30s, concurrent: false, flow-decision: anchor, path-metrics: true,\n"
        "                 sample: 20ms}\n"
        "anchor: {gre: false, delete-delay: 2s, allow-multipath: false}\n"
        "timers: {lifetime: 40s}\n",
        "paths:\n"
        "  - {name: a, type: wired, rate: 1Mbps, bid: 1, label: 1, encapsulation: gre, mtu: 1400}\n"
        "  - {name: b, type: wired, rate: 1Mbps, bid: 2, label: 2, gateway: mag2, transport: ipv4-udp,\n"
        "     nat: true, weight: 3, cost: 7}\n"
        "events:\n"
        "  - {at: 5s, do: attach, host: mn2, gateway: mag1}\n"
        "  - {at: 6s, do: rate, path: a, rate: 2Mbps}\n"
        "expect:\n"
        "  - {bindings: [a], session: mag1}\n"
        "  - {message: heartbeat, path: a, count: 4}\n");
    assert_int_equal(scenario->protocol, FBC_PMIP6);
    assert_int_equal(scenario->gateways[0].logical, FBC_LOGICAL_DELEGATED);
    assert_int_equal(scenario->gateways[1].logical, FBC_LOGICAL_NONE);
    assert_ptr_equal(scenario->hosts[0].gateway, &scenario->gateways[0]);
    assert_false(scenario->hosts[0].own_session);
    assert_true(scenario->hosts[0].attached);
    assert_true(scenario->hosts[1].own_session);
    assert_false(scenario->hosts[1].attached);
    assert_ptr_equal(scenario->paths[0].gateway, &scenario->gateways[0]);
    assert_true(scenario->paths[0].gre_key);
    assert_int_equal(scenario->paths[0].transport, FBC_TRANSPORT_IPV6);
    assert_ptr_equal(scenario->paths[1].gateway, &scenario->gateways[1]);
    assert_false(scenario->paths[1].gre_key);
    assert_int_equal(scenario->paths[1].transport, FBC_TRANSPORT_IPV4_UDP);
    assert_ptr_equal(scenario->events[0].host, &scenario->hosts[1]);
    assert_ptr_equal(scenario->events[0].gateway, &scenario->gateways[0]);
    assert_true(scenario->hosts[1].ipv4);
    assert_true(scenario->paths[1].nat);
    assert_int_equal(scenario->paths[0].mtu, 1400);
    assert_int_equal(scenario->paths[1].mtu, 0);
    assert_int_equal(scenario->paths[1].cost, 7);
    assert_int_equal(scenario->events[1].rate_bps, 2000000);
    assert_string_equal(scenario->expect[0].session, "mag1");
    assert_true(scenario->expect[1].heartbeat);
    assert_int_equal(scenario->measuring.sample_ns, 20 * FB_MILLISECOND);
    assert_false(scenario->anchor.allow_multipath);
    fb_config_default(&config);
    fbc_scenario_configure(scenario, &config);
    assert_int_equal(config.mag.heartbeat_s, 30);
    assert_int_equal(config.mag.lifetime_s, 40);
    assert_false(config.mag.concurrent);
    assert_int_equal(config.mag.flow_decision, FB_FLOW_DECISION_ANCHOR);
    assert_int_equal(config.lma.flow_decision, FB_FLOW_DECISION_ANCHOR);
    assert_false(config.lma.gre);
    assert_int_equal(config.lma.delete_delay_ms, 2000);
    assert_int_not_equal(config.mag.vendor, 0);
    assert_int_equal(config.lma.vendor, config.mag.vendor);
    assert_int_equal(config.lma.weight_count, 1);
    assert_int_equal(config.lma.weight[0].label, 2);
    assert_int_equal(config.lma.weight[0].weight, 3);
    fbc_scenario_free(scenario);
}

static void
test_policy_by_technology(void **state)
{
    (void)state;
    fbc_scenario *scenario = scenario_from(
        base,
        "static-policy:\n"
        "  by: technology\n"
        "  flows: [{name: web, match: {protocol: tcp, port: 80}, use: [lte, wlan]}]\n");
    assert_int_equal(scenario->rule_count, 4);
    assert_int_equal(scenario->static_rule_count, 1);
    assert_int_equal(scenario->static_rules[0].action, FB_RULE_FORWARD_TECHNOLOGY);
    assert_int_equal(scenario->static_rules[0].bid[0], 8);
    assert_int_equal(scenario->static_rules[0].bid[1], 4);
    assert_string_equal(scenario->scheduler, "flow-hash");
    fbc_scenario_free(scenario);
}

static void
test_traffic_follows_its_flow(void **state)
{
    (void)state;
    fbc_scenario *scenario = scenario_from(
        base,
        "traffic:\n"
        "  - {name: a, kind: cbr, direction: up, flow: many, rate: 1Mbps}\n"
        "  - {name: b, kind: tcp, direction: down, flow: many, bytes: 20MB, start: 3s, stop: 59.5s}\n"
        "  - {name: c, kind: cbr, direction: down, flow: rest, rate: 1Mbps, packet: 100}\n"
        "  - {name: d, kind: tcp, direction: both, match: {protocol: tcp, port: 873}}\n"
        "  - {name: e, kind: voip, direction: both, match: {protocol: udp, port: 5004}, rate: 12.2kbps, packet: 44}\n"
        "  - {name: f, kind: voip, direction: both, flow: rest}\n");
    const fbc_traffic *traffic = scenario->traffic;
    assert_int_equal(traffic[0].protocol, 17);
    assert_int_equal(traffic[0].port, 1); /* the first of 0-9 that can be used */
    assert_int_equal(traffic[0].local_port, 7000);
    assert_int_equal(traffic[0].dscp, 46);
    assert_int_equal(traffic[0].packet, 1000);
    assert_int_equal(traffic[1].protocol, 6);
    assert_true(traffic[1].bytes == 20000000);
    assert_true(traffic[1].start_ns == 3 * FB_SECOND &&
                traffic[1].stop_ns == 59500 * FB_MILLISECOND);
    assert_int_equal(traffic[2].packet, 100);
    assert_true(traffic[2].port != 0 && traffic[2].port != traffic[5].port);
    assert_null(traffic[3].flow);
    assert_int_equal(traffic[3].protocol, 6);
    assert_int_equal(traffic[3].port, 873);
    assert_int_equal(traffic[4].protocol, 17);
    assert_true(traffic[4].rate_bps == 12200);
    assert_int_equal(traffic[5].protocol, 17);
    assert_string_equal(fbc_kind_name(traffic[4].kind), "voip");
    assert_string_equal(fbc_direction_name(FBC_UP), "up");
    assert_string_equal(fbc_direction_name(FBC_BOTH), "both");
    fbc_scenario_free(scenario);
}

static void
test_expectations(void **state)
{
    (void)state;
    fbc_scenario *scenario = scenario_from(
        base,
        "warmup: 5s\n"
        "traffic:\n"
        "  - {name: call, kind: voip, direction: both, flow: SIP}\n"
        "expect:\n"
        "  - {traffic: call, goodput-min: 60kbps, loss-max: 0%, delay-max: 50ms,\n"
        "     failover-gap-max: 1s}\n"
        "  - {flow: SIP, between: [20s, 60s], path: drop}\n"
        "  - {flow: SIP, between: [20s, 60s], path: none}\n");
    const fbc_expect *expect = scenario->expect;
    assert_ptr_equal(expect[0].traffic, &scenario->traffic[0]);
    assert_null(expect[0].flow);
    assert_int_equal(expect[0].outcome, FBC_OUTCOME_ANY);
    assert_null(expect[0].path);
    assert_true(expect[0].from_ns == 5 * FB_SECOND && expect[0].until_ns == 60 * FB_SECOND);
    assert_true(expect[0].goodput_min_bps == 60000);
    assert_true(expect[0].loss_max_ppm == 0);
    assert_true(expect[0].delay_max_ns == 50 * FB_MILLISECOND);
    assert_true(expect[0].failover_gap_max_ns == FB_SECOND);
    assert_int_equal(expect[1].outcome, FBC_OUTCOME_DROP);
    assert_null(expect[1].path);
    assert_int_equal(expect[2].outcome, FBC_OUTCOME_NONE);
    assert_int_equal(expect[2].kind, FBC_EXPECTS_TRAFFIC);
    fbc_scenario_free(scenario);
}

static void
test_expectations_on_signalling(void **state)
{
    (void)state;
    fbc_scenario *scenario = scenario_from(
        base,
        "expect:\n"
        "  - {message: request}\n"
        "  - {message: reply, code: 153, bid: 2, path: lte, lifetime: 600s, between: [5s, 9s], count: 0}\n"
        "  - {message: request, bulk: true, overwrite: false, multipath: true, rules: 5}\n"
        "  - {bindings: [lte, wlan], rules: 4, at: 30s}\n"
        "  - {bindings: []}\n");
    const fbc_expect *expect = scenario->expect;
    assert_int_equal(expect[0].kind, FBC_EXPECTS_MESSAGE);
    assert_false(expect[0].reply);
    assert_true(expect[0].code == FBC_UNSET && expect[0].bid == FBC_UNSET);
    assert_true(expect[0].lifetime_s == FBC_UNSET && expect[0].count == FBC_UNSET);
    assert_true(expect[0].bulk == FBC_UNSET && expect[0].rules == FBC_UNSET);
    assert_true(expect[0].from_ns == 0 && expect[0].until_ns == 60 * FB_SECOND);
    assert_true(expect[1].reply && expect[1].code == 153 && expect[1].bid == 2);
    assert_ptr_equal(expect[1].path, &scenario->paths[1]);
    assert_true(expect[1].lifetime_s == 600 && expect[1].count == 0);
    assert_true(expect[1].from_ns == 5 * FB_SECOND && expect[1].until_ns == 9 * FB_SECOND);
    assert_true(expect[2].bulk == 1 && expect[2].overwrite == 0 && expect[2].multipath == 1);
    assert_true(expect[2].rules == 5);
    assert_int_equal(expect[3].kind, FBC_EXPECTS_BINDINGS);
    assert_int_equal(expect[3].binding_count, 2);
    assert_ptr_equal(expect[3].bindings[0], &scenario->paths[1]);
    assert_ptr_equal(expect[3].bindings[1], &scenario->paths[0]);
    assert_true(expect[3].rules == 4 && expect[3].at_ns == 30 * FB_SECOND);
    assert_int_equal(expect[4].binding_count, 0);
    assert_true(expect[4].rules == FBC_UNSET && expect[4].at_ns == 60 * FB_SECOND);
    fbc_scenario_free(scenario);
}

static void
test_events_of_signalling(void **state)
{
    (void)state;
    fbc_scenario *scenario = scenario_from(
        base,
        "events:\n"
        "  - {at: 1s, path: wlan, do: renumber, address: 203.0.113.20}\n"
        "  - {at: 2s, path: lte, do: renumber}\n"
        "  - {at: 3s, do: deregister}\n"
        "  - {at: 4s, path: lte, do: register}\n"
        "  - {at: 5s, do: policy, policy: {flows: [{name: all, match: {}, use: [lte, drop]}]}}\n"
        "  - {at: 6s, path: wlan, do: lose, what: replies, count: 2}\n"
        "  - {at: 7s, do: lose, what: packets, for: 3s}\n"
        "  - {at: 8s, do: restart-home-agent}\n"
        "  - {at: 9s, do: forbid-multipath}\n"
        "  - {at: 10s, do: allow-multipath}\n");
    const fbc_event *events = scenario->events;
    assert_int_equal(scenario->event_count, 10);
    assert_int_equal(events[0].action, FBC_EVENT_RENUMBER);
    assert_int_equal(events[0].address, 0xcb007114);
    assert_int_equal(events[1].address, 0);
    assert_int_equal(events[2].action, FBC_EVENT_DEREGISTER);
    assert_null(events[2].path);
    assert_int_equal(events[3].action, FBC_EVENT_REGISTER);
    assert_ptr_equal(events[3].path, &scenario->paths[1]);
    assert_int_equal(events[4].action, FBC_EVENT_POLICY);
    assert_int_equal(events[4].policy->flow_count, 1);
    assert_int_equal(events[4].rule_count, 2);
    assert_int_equal(events[4].rules[0].bid[0], 2);
    assert_int_equal(events[5].loss, FBC_LOSS_REPLIES);
    assert_int_equal(events[5].count, 2);
    assert_true(events[5].for_ns == 0);
    assert_int_equal(events[6].loss, FBC_LOSS_PACKETS);
    assert_null(events[6].path);
    assert_true(events[6].count == 0 && events[6].for_ns == 3 * FB_SECOND);
    assert_int_equal(events[7].action, FBC_EVENT_RESTART_HOME_AGENT);
    assert_int_equal(events[8].action, FBC_EVENT_FORBID_MULTIPATH);
    assert_int_equal(events[9].action, FBC_EVENT_ALLOW_MULTIPATH);
    assert_string_equal(fbc_event_action_name(events[7].action), "restart-home-agent");
    assert_string_equal(fbc_loss_name(events[6].loss), "packets");
    fbc_scenario_free(scenario);
}

static void
test_events_are_in_order_of_time(void **state)
{
    (void)state;
    fbc_scenario *scenario = scenario_from(base,
                                           "events:\n"
                                           "  - {at: 30s, path: wlan, do: up}\n"
                                           "  - {at: 10s, path: wlan, do: down}\n"
                                           "  - {at: 30s, path: wlan, do: down}\n"
                                           "  - {at: 60s, path: lte, do: down}\n");
    assert_int_equal(scenario->event_count, 4);
    assert_true(scenario->events[0].at_ns == 10 * FB_SECOND);
    assert_int_equal(scenario->events[1].action, FBC_EVENT_UP);
    assert_int_equal(scenario->events[2].action, FBC_EVENT_DOWN);
    assert_true(scenario->events[3].at_ns == 60 * FB_SECOND);
    fbc_scenario_free(scenario);
}

/* `run --policy FILE`: in place of what the scenario names, with the same checks. */
static void
test_policy_in_place_of_the_scenarios(void **state)
{
    (void)state;
    char folder[] = "/tmp/flowbind-scenario-XXXXXX";
    char file[64];
    fbc_report report = {0};
    const char *good = "flows:\n"
                       "  - {name: SIP, match: {protocol: udp, port: 5060}, use: [cdma]}\n"
                       "  - {name: HTTP, match: {protocol: tcp, port: 8080}, use: [wlan]}\n"
                       "  - {name: SSH, match: {protocol: tcp, port: 22}, use: [lte]}\n";
    const char *other = "flows:\n"
                        "  - {name: SIP, match: {protocol: udp, port: 5060}, use: [umts]}\n";
    folder_make(folder);
    snprintf(file, sizeof(file), "%s/policy.yaml", folder);

    file_write(file, good, strlen(good));
    fbc_scenario *scenario = fbc_scenario_read(EXAMPLE_SCENARIO, file, &report);
    assert_non_null(scenario);
    assert_int_equal(scenario->rule_count, 3);
    assert_int_equal(scenario->rules[0].bid[0], 3);
    assert_int_equal(scenario->traffic[1].port, 8080);
    fbc_scenario_free(scenario);

    file_write(file, other, strlen(other));
    assert_false(fbc_scenario_check(EXAMPLE_SCENARIO, file, &report));
    assert_int_equal(report.total, 3);
    assert_string_equal(report.message[0].file, EXAMPLE_SCENARIO);
    assert_non_null(strstr(report.message[0].text, "there is no flow 'HTTP' in policy /tmp/"));
    assert_string_equal(report.message[2].file, file);
    assert_int_equal(report.message[2].place.line, 2);
    fbc_report_free(&report);

    unlink(file);
    rmdir(folder);
    assert_false(fbc_scenario_check(EXAMPLE_SCENARIO, file, &report));
    assert_int_equal(report.total, 1);
    assert_string_equal(report.message[0].file, file);
    assert_string_equal(report.message[0].text, "cannot be opened: No such file or directory");
    fbc_report_free(&report);
}

/* Whatever stands in examples/ is right. */
static void
test_examples_are_right(void **state)
{
    (void)state;
    size_t count = 0;
    DIR *folder = opendir(FLOWBIND_SOURCE_DIR "/examples/scenarios");
    assert_non_null(folder);
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
    {
        char file[512];
        fbc_report report = {0};
        if (strstr(entry->d_name, ".yaml") == NULL)
        {
            continue;
        }
        snprintf(file, sizeof(file), FLOWBIND_SOURCE_DIR "/examples/scenarios/%s", entry->d_name);
        assert_true(fbc_scenario_check(file, NULL, &report));
        assert_int_equal(report.total, 0);
        count++;
    }
    closedir(folder);
    assert_true(count >= 3);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_figure2_paths_and_policy),
        cmocka_unit_test(test_figure2_traffic_and_events),
        cmocka_unit_test(test_defaults_are_the_librarys),
        cmocka_unit_test(test_configuration),
        cmocka_unit_test(test_links),
        cmocka_unit_test(test_tunnels_and_agents),
        cmocka_unit_test(test_static_policy_and_mobile_network),
        cmocka_unit_test(test_home_link),
        cmocka_unit_test(test_home_link_defaults),
        cmocka_unit_test(test_ipv6_prefix),
        cmocka_unit_test(test_gateways_hosts_and_anchor),
        cmocka_unit_test(test_policy_by_technology),
        cmocka_unit_test(test_traffic_follows_its_flow),
        cmocka_unit_test(test_expectations),
        cmocka_unit_test(test_expectations_on_signalling),
        cmocka_unit_test(test_events_are_in_order_of_time),
        cmocka_unit_test(test_events_of_signalling),
        cmocka_unit_test(test_policy_in_place_of_the_scenarios),
        cmocka_unit_test(test_examples_are_right),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
