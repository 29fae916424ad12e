/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * How many Proxy Binding Updates a second an anchor processes and answers. Every session is a gateway's own, as where
 * each home has one, with two paths and a policy like RFC 8278 Figure 1: two flows to the first path, one to the
 * second, one to both. Each update is about one path of any session, and carries options 8, 22 to 25, 27, 63 and 64;
 * one that only refreshes names its flows in a summary (RFC 6089 4.3), else they are all there: every second session's
 * gateway does the one, the others the other, always. Each binding was refreshed before, as most are all the time.
 * IPsec is the host's.
 */

#include "bench.h"

#include "base/octets.h"
#include "wire/mobility_header.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATHS 2
#define FLOWS 4
#define FLOW_OCTETS 16 /* those of Figure 1 */
#define UPDATE_ROOM 320
/** Refreshes of each binding before anything is measured. */
#define REFRESHES_BEFORE 3
#define LIFETIME 450 /* units of 4 s */
/** Between two updates: more than what timestamps can tell apart (RFC 5213 8.8), 1/65536 s. */
#define STEP_NS 16000

typedef struct update
{
    uint32_t session;
    uint16_t length;
    uint8_t path;
    uint8_t octets[UPDATE_ROOM - 7];
} update;

struct updates
{
    fb_agent* agent;
    uint32_t sessions, count;
    update* update;
    uint8_t (*prefix)[8]; /* of each session */
    fb_time now;
    uint64_t random;
    uint16_t sequence;
};

static const fb_addr anchor = {FB_FAMILY_IPV6, {0x20, 0x01, 0x0d, 0xb8, 0, 0x0f, [15] = 1}};

static fb_addr
address_of(uint32_t session, uint8_t path)
{
    fb_addr address = {FB_FAMILY_IPV6, {0x20, 0x01, 0x0d, 0xb8, 0x10, path, [15] = 1}};

    fb_store_u32(address.octet + 8, session);
    return address;
}

static fb_nai
nai_of(const char* kind, uint32_t session)
{
    fb_nai nai = {.length = 0};

    nai.length =
        (uint8_t)snprintf(nai.text, sizeof nai.text, "%s%07u@example.net", kind, (unsigned)session);
    return nai;
}

static void
write_nai(fb_writer* writer, uint8_t type, const char* kind, uint32_t session)
{
    fb_nai nai = nai_of(kind, session);
    fb_identifier identifier = {1, {(const uint8_t*)nai.text, nai.length}};

    fb_write_identifier_option(writer, type, &identifier);
}

/** RFC 8278 Figure 1, by ports: HTTPS and SSH to path 1, HTTP to path 2, SIP to both. */
static void
write_policy(fb_writer* writer)
{
    static const uint16_t port[FLOWS] = {443, 80, 22, 5060};
    static const uint16_t path[FLOWS] = {1, 2, 1, 1};

    for (uint16_t i = 0; i < FLOWS; i++)
    {
        fb_flow_identification flow = {.fid = (uint16_t)(1 + i),
                                       .priority = (uint16_t)(10 * (1 + i)),
                                       .bid_count = i + 1 == FLOWS ? PATHS : 1,
                                       .reference_count = 1,
                                       .bid = {path[i], 2}};
        fb_selector selector = {.format = FB_SELECTOR_IPV4};

        selector.u.v4.present = FB_SELECTOR4_SOURCE_PORT_START | FB_SELECTOR4_PROTOCOL_START;
        selector.u.v4.source_port_start = port[i];
        selector.u.v4.protocol_start = i + 1 == FLOWS ? 17 : 6;
        fb_write_flow_identification(writer, &flow, &selector);
    }
}

static uint64_t
timestamp_at(fb_time now)
{
    uint64_t wall_ns = WALL_NS + now;

    return wall_ns / FB_SECOND << 16 | ((wall_ns % FB_SECOND) << 16) / FB_SECOND;
}

static void
compose(updates* b, update* u, bool first, bool policy)
{
    static const uint16_t fids[FLOWS] = {1, 2, 3, 4};
    fb_writer writer = fb_writer_over(u->octets, sizeof u->octets);
    fb_mh_fixed fixed = {.type = FB_MH_BINDING_UPDATE,
                         .sequence = ++b->sequence,
                         .flags = FB_PBU_ACKNOWLEDGE | FB_PBU_PROXY,
                         .lifetime = LIFETIME};
    fb_multipath_binding multipath = {.technology = 4, .label = u->path, .bid = u->path};
    fb_prefix prefix = {{FB_FAMILY_IPV6, {0}}, first ? 0 : 64};
    uint8_t link_layer[8] = {0x02, 0};
    fb_addr source = address_of(u->session, u->path);

    fb_store_u32(link_layer + 2, u->session);
    memcpy(prefix.address.octet, first ? (const uint8_t[8]){0} : b->prefix[u->session], 8);
    fb_mh_begin(&writer, &fixed);
    write_nai(&writer, FB_OPTION_MOBILE_NODE_IDENTIFIER, "mr", u->session);
    fb_write_home_network_prefix(&writer, &prefix);
    fb_write_octet_option(&writer, FB_OPTION_HANDOFF_INDICATOR, first ? 1 : 5);
    fb_write_octet_option(&writer, FB_OPTION_ACCESS_TECHNOLOGY, 1);
    fb_write_link_layer_identifier(&writer, (fb_octets){link_layer, 6});
    fb_write_timestamp(&writer, timestamp_at(b->now));
    fb_write_multipath_binding(&writer, &multipath);
    write_nai(&writer, FB_OPTION_GATEWAY_IDENTIFIER, "mag", u->session);
    if (policy)
    {
        write_policy(&writer);
    }
    else if (!first && u->path <= PATHS)
    {
        fb_write_flow_summary(&writer, fids, FLOWS);
    }
    u->length = (uint16_t)fb_mh_end(&writer, &source, &anchor);
    must(u->length > 0, "an update is too long");
}

/** What a host does with an update. */
static void
serve(updates* b, const update* u, uint8_t answer[1500])
{
    fb_meta meta = {.src = address_of(u->session, u->path), .dst = anchor, .protocol = 135};
    fb_meta back;
    fb_event event;

    must(fb_agent_input(b->agent, &meta, u->octets, u->length, b->now) == 0,
         "an update is refused");
    must(fb_agent_output(b->agent, &back, answer, 1500, b->now) > 0 && answer[6] == 0,
         "no acknowledgement");
    while (fb_agent_poll_event(b->agent, &event))
    {
    }
    must(fb_agent_next_timeout(b->agent) > b->now, "something expired");
}

static fb_config
config_for(uint32_t sessions, uint32_t paths, uint32_t flows)
{
    fb_config config;

    fb_config_default(&config);
    config.roles = FB_ROLE_LMA;
    config.limits.sessions = sessions;
    config.limits.subscribers = sessions;
    config.limits.gateways = sessions;
    config.limits.bindings = sessions * paths;
    config.limits.care_of_addresses = sessions * paths;
    config.limits.bindings_per_node = PATHS;
    config.limits.flows = sessions * flows;
    config.limits.rule_octets = FLOW_OCTETS;
    config.limits.named_prefixes = 1;
    config.limits.flow_cache = 0;
    config.lma.address = anchor;
    config.lma.heartbeat_s = 0;
    config.lma.any_gateway = true;
    config.lma.home_pool = (fb_prefix){{FB_FAMILY_IPV6, {0x20, 0x01, 0x0d, 0xb9}}, 32};
    return config;
}

/** The prefix of the acknowledgement: the first option 22. */
static const uint8_t*
prefix_in(const uint8_t* answer)
{
    size_t at = 12;

    while (answer[at] != FB_OPTION_HOME_NETWORK_PREFIX)
    {
        at += answer[at] == 0 ? 1 : 2u + answer[at + 1];
    }
    return answer + at + 4;
}

static void
add_subscriber(updates* b, uint32_t session)
{
    fb_fact fact = {.kind = FB_FACT_PROXY_SUBSCRIBER_SET};

    fact.u.proxy_subscriber.identity = nai_of("mr", session);
    fact.u.proxy_subscriber.multipath_allowed = true;
    fact.u.proxy_subscriber.service = true;
    must(fb_agent_fact(b->agent, &fact, b->now) == FB_OK, "a mobile node is refused");
}

/** Whether the session's gateway sends the flows each time. */
static bool
sends_policy(uint32_t session)
{
    return session % 2 == 1;
}

static void
refresh_all(updates* b)
{
    update* u = b->update;
    uint8_t answer[1500];

    for (uint32_t i = 0; i < b->sessions * PATHS; i++)
    {
        b->now += STEP_NS;
        u->session = i / PATHS;
        u->path = (uint8_t)(1 + i % PATHS);
        compose(b, u, false, sends_policy(u->session));
        serve(b, u, answer);
    }
}

updates*
updates_start(uint32_t sessions, uint32_t count)
{
    updates* b = calloc(1, sizeof *b);
    fb_config config = config_for(sessions, PATHS, FLOWS);
    uint8_t answer[1500];

    must(b != NULL, "out of memory");
    *b = (updates){.sessions = sessions, .count = count, .random = 1};
    b->agent = make_agent(&config);
    b->update = malloc(sizeof *b->update * count);
    b->prefix = malloc(sizeof *b->prefix * sessions);
    must(b->update != NULL && b->prefix != NULL, "out of memory");
    for (uint32_t session = 0; session < sessions; session++)
    {
        add_subscriber(b, session);
    }
    for (uint8_t path = 1; path <= PATHS; path++)
    {
        for (uint32_t session = 0; session < sessions; session++)
        {
            update* u = b->update;

            b->now += STEP_NS;
            u->session = session;
            u->path = path;
            compose(b, u, path == 1, path == PATHS);
            serve(b, u, answer);
            memcpy(b->prefix[session], prefix_in(answer), 8);
        }
    }
    for (int i = 0; i < REFRESHES_BEFORE; i++)
    {
        refresh_all(b);
    }
    return b;
}

double
updates_measure(updates* b, bool policy)
{
    fb_time began_at = b->now;
    uint8_t answer[1500];
    double begin;

    for (uint32_t i = 0; i < b->count; i++)
    {
        b->now += STEP_NS;
        uint32_t session = any_below(&b->random, b->sessions);

        /* The only session there is has to do both */
        b->update[i].session = sends_policy(session) == policy || b->sessions == 1 ? session
                               : session > 0                                       ? session - 1
                                                                                   : 1;
        b->update[i].path = (uint8_t)(1 + i % PATHS);
        compose(b, &b->update[i], false, policy);
    }
    b->now = began_at;
    begin = seconds();
    for (uint32_t i = 0; i < b->count; i++)
    {
        b->now += STEP_NS;
        serve(b, &b->update[i], answer);
    }
    return b->count / (seconds() - begin);
}

void
updates_print_memory(uint32_t sessions)
{
    fb_config whole = config_for(sessions, PATHS, FLOWS);
    fb_config more_paths = config_for(sessions, PATHS + 1, FLOWS);
    fb_config no_flows = config_for(sessions, PATHS, 0);
    fb_config one_gateway = config_for(sessions, PATHS, FLOWS);
    double size = (double)fb_agent_size(&whole);

    one_gateway.limits.gateways = 1;
    one_gateway.limits.care_of_addresses = PATHS;
    printf("\"octets_per_session\": %.1f, \"octets_per_path\": %.1f, \"octets_of_flows\": %.1f, "
           "\"octets_with_one_gateway\": %.1f",
           size / sessions,
           ((double)fb_agent_size(&more_paths) - size) / sessions,
           (size - (double)fb_agent_size(&no_flows)) / sessions,
           (double)fb_agent_size(&one_gateway) / sessions);
}
