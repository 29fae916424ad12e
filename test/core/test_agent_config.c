/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Configurations of gateways and anchors: what contradicts itself has no size, and nothing is made of it.
 */
#include "proxy_pair.h"

#include <stdlib.h>

/** A configuration that is changed in one way, and whether it still makes sense. */
static void
assert_usable(const fb_config *config, bool usable)
{
    static _Alignas(16) uint8_t memory[64];
    fb_agent *agent;

    if (usable)
    {
        assert_true(fb_agent_size(config) > 0);
        return;
    }
    assert_int_equal(fb_agent_size(config), 0);
    assert_int_equal(fb_agent_init(&agent, memory, sizeof memory, config, 0), FB_ERR_CONFIG);
}

static fb_config
gateway(void)
{
    proxy_setup setup;

    proxy_setup_default(&setup);
    return setup.gateway;
}

static fb_config
anchor(void)
{
    proxy_setup setup;

    proxy_setup_default(&setup);
    return setup.anchor;
}

#define WITH(made, change, usable)      \
    do                                  \
    {                                   \
        fb_config config = made();      \
        config.change;                  \
        assert_usable(&config, usable); \
    }                                   \
    while (0)

/* One of the two, and nothing of Mobile IPv4 beside it */
static void
test_roles(void **state)
{
    (void)state;
    for (uint32_t roles = 0; roles < 64; roles++)
    {
        fb_config config = gateway();

        config.lma = anchor().lma;
        config.roles = roles;
        config.home_agent.address = 1;
        config.foreign_agent.address = 1;
        if ((roles & (FB_ROLE_MAG | FB_ROLE_LMA)) != 0)
        {
            assert_usable(&config, roles == FB_ROLE_MAG || roles == FB_ROLE_LMA);
        }
    }
}

static void
test_gateway(void **state)
{
    (void)state;
    WITH(gateway, mag.lifetime_s = 3600, true);
    /* RFC 6275 6.1.7: units of four seconds, in 16 bits */
    WITH(gateway, mag.lifetime_s = 65532, true);
    WITH(gateway, mag.lifetime_s = 65536, false);
    WITH(gateway, mag.lifetime_s = 4, true);
    WITH(gateway, mag.lifetime_s = 0, false);
    WITH(gateway, mag.lifetime_s = 3601, false);
    WITH(gateway, mag.heartbeat_s = 3600, true); /* RFC 5847 5 */
    WITH(gateway, mag.heartbeat_s = 3601, false);
    WITH(gateway, mag.retransmit_ms = 0, false);
    WITH(gateway, mag.retransmit_max_s = 0, false);
    WITH(gateway, mag.retry_denied_s = 0, false);
    WITH(gateway, mag.flow_decision = FB_FLOW_DECISION_ANCHOR, true);
    WITH(gateway, mag.flow_decision = FB_FLOW_DECISION_ANCHOR + 1, false);
    WITH(gateway, mag.identity.length = FB_NAI_MAX, true);
    WITH(gateway, mag.identity.length = FB_NAI_MAX + 1, false);
    WITH(gateway, mag.anchor_ipv4 = 0, true);
    WITH(gateway, mag.anchor.family = FB_FAMILY_NONE, true); /* reached over IPv4 alone */
    WITH(gateway, limits.links = 0, false);
    WITH(gateway, limits.links = 254, true);
    WITH(gateway, limits.links = 255, false);
    WITH(gateway, limits.sessions = 0, false);
    WITH(gateway, limits.spreads = 0, true);
    WITH(gateway, scheduler = "weighted", true);
    WITH(gateway, scheduler = "by chance", false);
}

/* RFC 8278 4.4: a gateway names itself where it registers several paths */
static void
test_identity(void **state)
{
    fb_config config = gateway();

    (void)state;
    config.mag.identity.length = 0;
    assert_usable(&config, false);
    config.mag.multipath = false;
    assert_usable(&config, true);
    config.mag.anchor.family = FB_FAMILY_NONE;
    config.mag.anchor_ipv4 = 0;
    assert_usable(&config, false);
}

static void
test_anchor(void **state)
{
    (void)state;
    WITH(anchor, lma.lifetime_max_s = 65532, true);
    WITH(anchor, lma.lifetime_max_s = 65536, false);
    WITH(anchor, lma.lifetime_max_s = 0, false);
    WITH(anchor, lma.lifetime_max_s = 6, false);
    WITH(anchor, lma.heartbeat_s = 3601, false);
    WITH(anchor, lma.flow_decision = 2, false);
    WITH(anchor, lma.address_ipv4 = 0, true);
    WITH(anchor, lma.address.family = FB_FAMILY_NONE, true);
    WITH(anchor, lma.require_gre = true, true);
    WITH(anchor, limits.sessions = 0, false);
    WITH(anchor, limits.bindings = 0, false);
    WITH(anchor, limits.subscribers = 0, false);
    WITH(anchor, limits.gateways = 0, false);
    WITH(anchor, limits.care_of_addresses = 0, false);
    WITH(anchor, limits.flows = 0, true);
    WITH(anchor, limits.spreads = 0, true);
    WITH(anchor, limits.flow_cache = 3, false);
}

/* RFC 5845: whoever requires what he does not know accepts nobody */
static void
test_anchor_that_contradicts_itself(void **state)
{
    fb_config config = anchor();

    (void)state;
    config.lma.gre = false;
    assert_usable(&config, true);
    config.lma.require_gre = true;
    assert_usable(&config, false);
    config = anchor();
    config.lma.address.family = FB_FAMILY_NONE;
    config.lma.address_ipv4 = 0;
    assert_usable(&config, false);
}

/* Pools: of their family, and prefixes are not longer than what they are of */
static void
test_pools(void **state)
{
    (void)state;
    WITH(anchor, lma.home_pool.length = 0, true); /* none */
    WITH(anchor, lma.home_pool.address.family = FB_FAMILY_IPV4, false);
    WITH(anchor, lma.home_prefix_length = 40, true);
    WITH(anchor, lma.home_prefix_length = 39, false);
    WITH(anchor, lma.home_prefix_length = 128, true);
    WITH(anchor, lma.home_prefix_length = 129, false);
    WITH(anchor, lma.delegated_prefix_length = 39, false);
    WITH(anchor, lma.delegated_prefix_length = 129, false);
    WITH(anchor, lma.ipv4_pool.length = 33, false);
    WITH(anchor, lma.ipv4_pool.length = 32, true);
    WITH(anchor, lma.ipv4_pool.address.family = FB_FAMILY_IPV6, false);
}

/* Exactly the size asked for is enough, one octet less is not. */
static void
test_memory(void **state)
{
    const fb_config configs[] = {gateway(), anchor()};

    (void)state;
    for (size_t i = 0; i < 2; i++)
    {
        size_t size = fb_agent_size(&configs[i]);
        uint8_t *memory = aligned_alloc(16, (size + 15) / 16 * 16);
        fb_agent *agent;

        assert_non_null(memory);
        assert_int_equal(fb_agent_init(&agent, memory, size - 1, &configs[i], 0), FB_ERR_MEMORY);
        assert_int_equal(fb_agent_init(&agent, NULL, size, &configs[i], 0), FB_ERR_MEMORY);
        assert_int_equal(fb_agent_init(&agent, memory, size, &configs[i], 0), FB_OK);
        assert_true(fb_agent_next_timeout(agent) == FB_TIME_NEVER);
        free(memory);
    }
}

/* Memory grows with each limit, and what cannot be counted is refused. */
static void
test_limits(void **state)
{
    fb_config config = anchor();
    size_t small = fb_agent_size(&config);

    (void)state;
    config.limits.sessions *= 2;
    assert_true(fb_agent_size(&config) > small);
    config = anchor();
    config.limits.spreads *= 2;
    assert_true(fb_agent_size(&config) > small);
    config = anchor();
    config.limits.flows *= 2;
    assert_true(fb_agent_size(&config) > small);
    config = gateway();
    small = fb_agent_size(&config);
    config.limits.sessions *= 2;
    assert_true(fb_agent_size(&config) > small);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_roles),
        cmocka_unit_test(test_gateway),
        cmocka_unit_test(test_identity),
        cmocka_unit_test(test_anchor),
        cmocka_unit_test(test_anchor_that_contradicts_itself),
        cmocka_unit_test(test_pools),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests_name("agent/config", tests, NULL, NULL);
}
