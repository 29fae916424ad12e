/* SPDX-License-Identifier: BSD-3-Clause */
#include "agent_internal.h"

#include "base/arena.h"

#include <string.h>

/** Seconds: three intervals are the lifetime of an advertisement, at most 9000 s (RFC 1256 6.2.1). */
#define ADVERTISEMENT_MAX_S 3000

/** Visitors and requests together are numbered in 32 bits. */
#define AGENT_ENTRIES_MAX (UINT32_C(1) << 30)

/** RFC 5213 9, RFC 5847 5, RFC 6275 12. */
static void
default_proxy_roles(fb_config *config)
{
    config->mag = (fb_mag_config){.lifetime_s = 3600,
                                  .multipath = true,
                                  .negotiate_policy = true,
                                  .bulk_refresh = true,
                                  .heartbeat_s = 60,
                                  .heartbeat_missing = 3,
                                  .legacy_retry_s = 3600,
                                  .retry_denied_s = 60,
                                  .retransmit_ms = 1000,
                                  .retransmit_max_s = 32,
                                  .metrics_interval_s = 10};
    config->lma = (fb_lma_config){.lifetime_max_s = 3600,
                                  .timestamp_window_ms = 3000,
                                  .delete_delay_ms = 10000,
                                  .handoff_wait_ms = 1500,
                                  .multipath = true,
                                  .require_gateway_identifier = true,
                                  .flow_policy = true,
                                  .gre = true,
                                  .force_udp = true,
                                  .ipv4 = true,
                                  .delegation = true,
                                  .home_prefix_length = 64,
                                  .delegated_prefix_length = 56,
                                  .heartbeat_s = 60,
                                  .heartbeat_missing = 3};
}

void
fb_config_default(fb_config *config)
{
    memset(config, 0, sizeof *config);
    config->path_mtu = 1500; /* RFC 894: Ethernet's, and what most paths carry */
    config->limits = (fb_limits){.nodes = 16,
                                 .bindings = 16 * 8,
                                 .policies = 16,
                                 .bindings_per_node = 8,
                                 .rules_per_node = FB_RULES_MAX,
                                 .links = 8,
                                 .flow_cache = 1024,
                                 .events = 64,
                                 .identities = 16,
                                 .associations = 16,
                                 .static_rules = FB_RULES_MAX,
                                 .visitors = 64,
                                 .pending = 64,
                                 .access_links = 4,
                                 .rule_octets = 32,
                                 .sessions = 16,
                                 .subscribers = 16,
                                 .gateways = 8,
                                 .care_of_addresses = 32,
                                 .flows = 128,
                                 .spreads = 64,
                                 .reorder_spaces = 16,
                                 .reorder_packets = 512};
    config->probe = (fb_probe_config){.interval_ms = 100, .idle_ms = 2000, .hold_down_ms = 1000};
    config->mobile_node = (fb_mobile_node_config){.lifetime_s = 600,
                                                  .port = FB_MIP4_PORT,
                                                  .multipath = true,
                                                  .negotiate_policy = true,
                                                  .bulk_refresh = true,
                                                  .reverse_tunnel = true,
                                                  .coa_change = FB_COA_CHANGE_REPLACE,
                                                  .retry_denied_s = 60,
                                                  .legacy_retry_s = 3600,
                                                  .retransmit_ms = 1000,
                                                  .keepalive_s = 110,
                                                  .metrics_interval_s = 10};
    config->home_agent = (fb_home_agent_config){.lifetime_max_s = 1800,
                                                .replay_tolerance_s = 7,
                                                .multipath = true,
                                                .flow_policy = true,
                                                .reply_bad_authenticator = true,
                                                .unknown_bid_strict = true,
                                                .reverse_tunnel = true,
                                                .gre = true,
                                                .minimal = true,
                                                .udp_tunnel = true,
                                                .udp_force = true,
                                                .keepalive_s = 110,
                                                .networks = true,
                                                .advertisement_s = 10};
    config->foreign_agent = (fb_foreign_agent_config){.lifetime_max_s = 1800,
                                                      .advertisement_s = 10,
                                                      .pending_s = 7,
                                                      .pending_per_node = 5,
                                                      .reverse_tunnel = true,
                                                      .gre = true,
                                                      .minimal = true,
                                                      .encapsulating_delivery = true};
    default_proxy_roles(config);
}

bool
fb_agent_association_usable(const fb_security_association *association)
{
    /* RFC 5944 5.1: SPI 0..255 are reserved */
    return association->spi > 255 && fb_hmac_digest_size(association->algorithm) > 0 &&
           association->key_length > 0 && association->key_length <= FB_HMAC_KEY_MAX &&
           association->replay <= FB_REPLAY_NONCE;
}

bool
fb_agent_identity_usable(const fb_nai *nai, const fb_networks *networks, bool assignable)
{
    if (nai->length > FB_NAI_MAX || networks->count > FB_NETWORKS_MAX)
    {
        return false;
    }
    for (size_t i = 0; i < networks->count; i++)
    {
        fb_prefix prefix = networks->prefix[i];
        bool assigned = assignable && prefix.address.family == FB_FAMILY_IPV4 &&
                        fb_prefix_unspecified(&prefix);

        if (assigned ? prefix.length > 32
                     : !fb_prefix_valid(&prefix) || fb_prefix_unspecified(&prefix))
        {
            return false;
        }
    }
    return true;
}

static bool
limits_usable(const fb_limits *limits)
{
    bool power_of_two = (limits->flow_cache & (limits->flow_cache - 1)) == 0;

    return limits->bindings_per_node >= 1 && limits->bindings_per_node <= 254 &&
           limits->rules_per_node <= FB_RULES_MAX && power_of_two && limits->events >= 8 &&
           limits->identities <= FB_IDENTITIES_MAX;
}

static bool
mobile_node_usable(const fb_config *config)
{
    const fb_mobile_node_config *node = &config->mobile_node;

    /* RFC 2794 2: without a home address it is the NAI that says who asks for one */
    return (node->home_address != 0 || node->nai.length > 0) && node->home_agent != 0 &&
           node->lifetime_s > 0 && node->port != 0 && node->retransmit_ms >= 1000 &&
           node->retry_denied_s > 0 && config->limits.links > 0 && config->limits.links <= 254 &&
           fb_agent_association_usable(&node->association) &&
           fb_agent_identity_usable(&node->nai, &node->networks, true);
}

static bool
home_agent_usable(const fb_config *config)
{
    const fb_home_agent_config *agent = &config->home_agent;

    /* RFC 5944 5.7.1: the tolerance is to be more than 3 seconds */
    return agent->address != 0 && agent->lifetime_max_s > 0 && agent->replay_tolerance_s > 3 &&
           (agent->reverse_tunnel || !agent->require_reverse_tunnel) && config->limits.nodes > 0 &&
           config->limits.bindings > 0 && agent->advertisement_s <= ADVERTISEMENT_MAX_S &&
           agent->weight_count <= FB_LABEL_WEIGHTS_MAX;
}

static bool
foreign_agent_usable(const fb_config *config)
{
    const fb_foreign_agent_config *agent = &config->foreign_agent;

    /* RFC 5944 3.7.1: each foreign agent has a care-of address */
    return agent->address != 0 && agent->lifetime_max_s > 0 && agent->pending_s > 0 &&
           agent->pending_per_node > 0 && agent->advertisement_s <= ADVERTISEMENT_MAX_S &&
           config->limits.visitors > 0 && config->limits.pending > 0 &&
           config->limits.visitors <= AGENT_ENTRIES_MAX &&
           config->limits.pending <= AGENT_ENTRIES_MAX && config->limits.access_links > 0;
}

/** The default scheduler: the host's own if it has that name. NULL: nobody has. */
static const fb_scheduler *
find_scheduler(const fb_config *config)
{
    const fb_scheduler *custom = config->custom_scheduler;

    if (config->scheduler == NULL)
    {
        return fb_scheduler_at(0);
    }
    return custom != NULL && fb_scheduler_is_called(custom, config->scheduler)
               ? custom
               : fb_scheduler_find(config->scheduler);
}

static bool
config_usable(const fb_config *config)
{
    uint32_t known = FB_ROLE_MOBILE_NODE | FB_ROLE_HOME_AGENT | FB_ROLE_FOREIGN_AGENT;

    if (!limits_usable(&config->limits) || find_scheduler(config) == NULL ||
        !fb_agent_order_usable(config))
    {
        return false;
    }
    if ((config->roles & FB_PROXY_ROLES) != 0)
    {
        return fb_agent_proxy_usable(config);
    }
    if (config->roles == 0 || (config->roles & ~known) != 0)
    {
        return false;
    }
    if ((config->roles & FB_ROLE_MOBILE_NODE) != 0 && !mobile_node_usable(config))
    {
        return false;
    }
    if ((config->roles & FB_ROLE_HOME_AGENT) != 0 && !home_agent_usable(config))
    {
        return false;
    }
    if ((config->roles & FB_ROLE_FOREIGN_AGENT) != 0 && !foreign_agent_usable(config))
    {
        return false;
    }
    return true;
}

/** The default scheduler and its contexts: one, or by packet one for each session and another. Returns how many. */
static size_t
lay_out_scheduler(fb_agent *agent, fb_arena *arena, const fb_config *config)
{
    bool proxy = (config->roles & FB_PROXY_ROLES) != 0;
    size_t sessions = proxy ? config->limits.sessions : config->limits.nodes;
    size_t contexts;

    agent->scheduler = find_scheduler(config);
    contexts = agent->scheduler->per_packet ? sessions + 1 : 1;
    agent->scheduler_context = fb_arena_take(arena, contexts, agent->scheduler->context_size, 8);
    return contexts;
}

static void
lay_out_order(fb_agent *agent, fb_arena *arena, const fb_config *config)
{
    const fb_limits *limits = &config->limits;
    bool gre = ((config->roles & FB_ROLE_HOME_AGENT) == 0 || config->home_agent.gre) &&
               ((config->roles & FB_ROLE_LMA) == 0 || config->lma.gre);

    fb_resequencer_init(&agent->resequencer,
                        arena,
                        limits->reorder_spaces,
                        limits->reorder_packets);
    agent->reorder = config->reorder;
    agent->can_reorder = gre && limits->reorder_spaces > 0 && limits->reorder_packets > 0;
}

/** Lays the agent out; with a measuring arena only its size matters. */
static void
lay_out(fb_agent *agent, fb_arena *arena, const fb_config *config)
{
    size_t cache_octets = fb_flow_cache_memory(config->limits.flow_cache);
    size_t most_paths = config->limits.links > config->limits.bindings_per_node
                            ? config->limits.links
                            : config->limits.bindings_per_node;
    void *cache = fb_arena_take(arena, 1, cache_octets, 64);
    size_t classifier_octets = fb_classifier_memory(config->limits.static_rules);
    void *classifier = fb_arena_take(arena, 1, classifier_octets, 64);
    void *spread = fb_arena_take(arena, 1, fb_spread_memory(config->limits.spreads), 8);
    size_t contexts;

    agent->roles = config->roles;
    contexts = lay_out_scheduler(agent, arena, config);
    agent->static_rule_max = config->limits.static_rules;
    agent->static_rule =
        fb_arena_take(arena, config->limits.static_rules, sizeof(fb_rule), _Alignof(fb_rule));
    agent->paths = fb_arena_take(arena, most_paths, sizeof(fb_path_view), _Alignof(fb_path_view));
    fb_events_init(&agent->events, arena, config->limits.events);
    fb_associations_init(&agent->associations, arena, config->limits.associations);
    lay_out_order(agent, arena, config);
    agent->copy = fb_arena_take(arena, FB_BIDS_PER_RULE, sizeof(fb_action), _Alignof(fb_action));
    if ((config->roles & FB_PROXY_ROLES) != 0)
    {
        fb_agent_proxy_init(agent, arena, config);
    }
    if ((config->roles & FB_ROLE_MOBILE_NODE) != 0)
    {
        fb_mobile_node_init(&agent->mobile_node,
                            arena,
                            config,
                            &agent->associations,
                            &agent->entropy,
                            &agent->events);
    }
    if ((config->roles & FB_ROLE_HOME_AGENT) != 0)
    {
        fb_home_agent_init(&agent->home_agent,
                           arena,
                           config,
                           &agent->clock,
                           &agent->entropy,
                           &agent->associations,
                           &agent->events);
    }
    if ((config->roles & FB_ROLE_FOREIGN_AGENT) != 0)
    {
        fb_foreign_agent_init(&agent->foreign_agent,
                              arena,
                              config,
                              &agent->associations,
                              &agent->advertiser,
                              &agent->events);
    }
    if ((config->roles & (FB_ROLE_HOME_AGENT | FB_ROLE_FOREIGN_AGENT)) != 0)
    {
        fb_advertiser_init(&agent->advertiser, arena, config, &agent->entropy);
    }
    if (arena->base == NULL || arena->failed)
    {
        return;
    }
    fb_flow_cache_init(&agent->flow_cache, cache, config->limits.flow_cache);
    fb_classifier_init(&agent->static_classifier, classifier, config->limits.static_rules);
    fb_spread_init(&agent->spread, spread, config->limits.spreads);
    for (size_t i = 0; agent->scheduler->context_size > 0 && i < contexts; i++)
    {
        agent->scheduler->init((uint8_t *)agent->scheduler_context +
                                   i * agent->scheduler->context_size,
                               0);
    }
}

size_t
fb_agent_size(const fb_config *config)
{
    fb_arena arena = fb_arena_over(NULL, 0);
    fb_agent measured;

    if (!config_usable(config))
    {
        return 0;
    }
    memset(&measured, 0, sizeof measured);
    (void)fb_arena_take(&arena, 1, sizeof(fb_agent), _Alignof(fb_agent));
    lay_out(&measured, &arena, config);
    return arena.failed ? 0 : arena.used;
}

int
fb_agent_init(fb_agent **agent, void *memory, size_t length, const fb_config *config, fb_time now)
{
    size_t needed = fb_agent_size(config);
    fb_arena arena = fb_arena_over(memory, length);
    fb_agent *made;

    if (needed == 0)
    {
        return FB_ERR_CONFIG;
    }
    if (memory == NULL || length < needed || ((uintptr_t)memory & 15) != 0)
    {
        return FB_ERR_MEMORY;
    }
    memset(memory, 0, needed);
    made = fb_arena_take(&arena, 1, sizeof(fb_agent), _Alignof(fb_agent));
    lay_out(made, &arena, config);
    made->last_time = now;
    made->path_mtu = config->path_mtu;
    *agent = made;
    return FB_OK;
}
