/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * A home agent and everything that can come to it. Input: two octets of configuration, then steps: an octet that says
 * what (STEP_*), and what it needs. A message can be made to look current and be signed, so that what lies behind the
 * authentication is reached.
 */

#include "steps.h"

#define NODES 3
#define MESSAGE_ROOM 64

enum
{
    STEP_TIME, /* a duration */
    STEP_MESSAGE, /* MESSAGE_*, then the message */
    STEP_RIGHTS, /* of a node: 2 bits number, then whether it may use multipath, and is suspended */
    STEP_REMOVE, /* a node: its number; it comes back with the next STEP_RIGHTS */
    STEP_CLOCK, /* the wall clock steps by so many seconds (8 bits, signed) */
    STEP_DOWNLINK, /* a packet */
    STEP_UPLINK, /* a packet */
    STEPS
};

enum
{
    MESSAGE_NODE = 3, /* 0..2: its home address; 3: as it is */
    MESSAGE_CURRENT = 4, /* a new Identification */
    MESSAGE_ADDRESSED = 8, /* the Home Agent field is right */
    MESSAGE_SIGNED = 16, /* the authentication is appended */
    MESSAGE_TWICE = 32
};

typedef struct home
{
    fuzz_agent a;
    uint32_t counter;
    uint32_t nonce[NODES]; /* of the last reply */
} home;

static void
configure(fb_config* config, uint32_t bits)
{
    fb_config_default(config);
    config->roles = FB_ROLE_HOME_AGENT;
    config->limits.nodes = NODES;
    config->limits.bindings = 6;
    config->limits.policies = 2;
    config->limits.bindings_per_node = (uint8_t)(1 + (bits & 7));
    config->limits.rules_per_node = 6;
    config->limits.flow_cache = (bits & 8) != 0 ? 16 : 0;
    config->limits.events = 16;
    config->selector_layout = (bits & 16) != 0 ? FB_SELECTOR_LAYOUT_RFC6089
                                               : FB_SELECTOR_LAYOUT_RFC7629;
    config->home_agent.address = FUZZ_HOME_AGENT;
    config->home_agent.lifetime_max_s = (bits & 32) != 0 ? 0xffff : 1800;
    config->home_agent.reply_bad_authenticator = (bits & 64) == 0;
    config->home_agent.unknown_bid_strict = (bits & 128) == 0;
    config->home_agent.require_reverse_tunnel = (bits & 256) != 0;
    config->home_agent.strict_technology = (bits & 512) != 0;
    config->home_agent.strict_reserved = (bits & 1024) != 0;
    config->home_agent.lenient_deregistration = (bits & 2048) != 0;
    config->home_agent.flow_policy = (bits & 4096) == 0;
    config->home_agent.multipath = (bits & 8192) == 0;
    config->home_agent.gre = config->home_agent.minimal = (bits & 512) == 0;
    config->home_agent.udp_tunnel = config->home_agent.udp_force = (bits & 1024) == 0;
    config->home_agent.replay_per_binding = (bits & 16384) != 0;
    config->home_agent.echo_policy = (bits & 16384) != 0;
    config->home_agent.merge_policy = (bits & 32768) != 0;
    config->scheduler = (bits & 32768) != 0 ? "round-robin" : NULL;
}

static bool
uses_nonces(uint32_t node)
{
    return node == 1;
}

static void
set_rights(home* h, uint32_t node, bool allowed, bool suspended)
{
    fb_fact fact = {.kind = FB_FACT_SUBSCRIBER_SET};

    fact.u.subscriber.home_address = FUZZ_HOME_ADDRESS + node;
    fact.u.subscriber.association = fuzz_association(node);
    fact.u.subscriber.multipath_allowed = allowed;
    fact.u.subscriber.suspended = suspended;
    fact.u.subscriber.association.replay = uses_nonces(node) ? FB_REPLAY_NONCE
                                                             : FB_REPLAY_TIMESTAMP;
    FUZZ_CHECK(fb_agent_fact(h->a.agent, &fact, h->a.now) == FB_OK);
}

static void
check_node(const home* h, fb_ipv4 home_address, size_t* all)
{
    fb_binding_view view, other;
    fb_rule rule;
    size_t count = 0;

    for (; fb_agent_binding(h->a.agent, FB_ROLE_HOME_AGENT, home_address, count, &view); count++)
    {
        FUZZ_CHECK(view.expires > h->a.now && view.lifetime_s > 0 && view.state == FB_BINDING_UP);
        FUZZ_CHECK(view.lifetime_s <= h->a.config.home_agent.lifetime_max_s);
        for (size_t i = 0; i < count; i++)
        {
            fb_agent_binding(h->a.agent, FB_ROLE_HOME_AGENT, home_address, i, &other);
            FUZZ_CHECK(other.ref.bid != view.ref.bid);
            FUZZ_CHECK(other.tunnel_address != view.tunnel_address ||
                       other.udp_port != view.udp_port); /* D-11, C-14 */
            FUZZ_CHECK(other.ref.bid != 0 && view.ref.bid != 0); /* D-26 */
        }
    }
    FUZZ_CHECK(count <= h->a.config.limits.bindings_per_node);
    /* D-25 */
    FUZZ_CHECK(count > 0 || !fb_agent_rule(h->a.agent, FB_ROLE_HOME_AGENT, home_address, 0, &rule));
    *all += count;
}

/** What is seen of the state, after checking it. */
static uint64_t
state(const home* h)
{
    uint64_t digest = 0;
    size_t all = 0;

    for (uint32_t node = 0; node < NODES; node++)
    {
        check_node(h, FUZZ_HOME_ADDRESS + node, &all);
        fuzz_mix_state(&h->a, FB_ROLE_HOME_AGENT, FUZZ_HOME_ADDRESS + node, &digest);
    }
    FUZZ_CHECK(all <= h->a.config.limits.bindings);
    return digest;
}

static void
deliver(home* h, const uint8_t* octets, size_t length)
{
    fb_meta meta = {.src = fb_addr_from_ipv4(0xcb0071feu),
                    .dst = fb_addr_from_ipv4(FUZZ_HOME_AGENT),
                    .sport = 5000,
                    .dport = FB_MIP4_PORT,
                    .protocol = 17};
    uint64_t before = state(h);
    uint8_t *copy = fuzz_copy(octets, length), reply[1500];
    int reason = fb_agent_input(h->a.agent, &meta, copy, length, h->a.now);
    ptrdiff_t answered;

    FUZZ_CHECK(reason >= 0 && reason < FB_REASON_COUNT);
    free(copy);
    answered = fb_agent_output(h->a.agent, &meta, reply, sizeof reply, h->a.now);
    FUZZ_CHECK(answered >= 0);
    FUZZ_CHECK(reason == FB_REASON_NONE || before == state(h)); /* a refusal changes nothing */
    FUZZ_CHECK(reason != FB_REASON_NONE || (answered > 0 && reply[1] <= 1));
    if (answered > 0)
    {
        uint32_t node = ((uint32_t)reply[6] << 8 | reply[7]) - (FUZZ_HOME_ADDRESS & 0xffff);
        fb_security_association association = fuzz_association(node);

        FUZZ_CHECK(reason == FB_REASON_NONE || reply[1] == fb_reason_reply_code(reason));
        FUZZ_CHECK(node < NODES && meta.dport == 5000);
        fuzz_check_sent(reply, (size_t)answered, FB_MIP4_REPLY, &association);
        h->nonce[node] = (uint32_t)reply[12] << 24 | (uint32_t)reply[13] << 16 |
                         (uint32_t)reply[14] << 8 | reply[15];
        FUZZ_CHECK(fb_agent_output(h->a.agent, &meta, reply, sizeof reply, h->a.now) == 0);
    }
    fuzz_agent_poll_events(&h->a);
}

static void
step_message(home* h, fuzz_program* program)
{
    uint32_t how = fuzz_take(program, 1);
    uint32_t node = how & MESSAGE_NODE;
    fb_security_association association = fuzz_association(node < NODES ? node : 0);
    size_t length;
    const uint8_t* octets = fuzz_take_octets(program, &length);
    size_t room = length + MESSAGE_ROOM;
    uint8_t* message = calloc(1, room);

    FUZZ_CHECK(message != NULL);
    memcpy(message, octets, length);
    if (length >= 24 && node < NODES)
    {
        fuzz_put(message + 4, FUZZ_HOME_ADDRESS + node, 4);
    }
    if (length >= 24 && (how & MESSAGE_ADDRESSED) != 0)
    {
        fuzz_put(message + 8, FUZZ_HOME_AGENT, 4);
    }
    if (length >= 24 && (how & MESSAGE_CURRENT) != 0)
    {
        fuzz_put(message + 16, fuzz_agent_ntp(&h->a) + h->counter++, 8);
    }
    if (length >= 24 && (how & MESSAGE_CURRENT) != 0 && uses_nonces(node))
    {
        fuzz_put(message + 16, h->nonce[node], 4);
    }
    if ((how & MESSAGE_SIGNED) != 0)
    {
        length = fuzz_sign(message, length, room, &association);
    }
    deliver(h, message, length);
    if ((how & MESSAGE_TWICE) != 0)
    {
        deliver(h, message, length);
    }
    free(message);
}

static void
step_time(home* h, fb_time duration)
{
    unsigned busy = 0;

    h->a.now += duration;
    while (fb_agent_next_timeout(h->a.agent) <= h->a.now)
    {
        FUZZ_CHECK(fb_agent_handle_timeout(h->a.agent, 2, h->a.now) == FB_OK);
        FUZZ_CHECK(busy++ < FUZZ_BUSY_MAX);
        fuzz_agent_poll_events(&h->a);
    }
}

static void
step(home* h, fuzz_program* program)
{
    fb_fact removal = {.kind = FB_FACT_SUBSCRIBER_REMOVE};
    uint32_t value;
    fb_action action;

    switch (fuzz_take(program, 1) % STEPS)
    {
    case STEP_TIME:
        step_time(h, fuzz_take_duration(program));
        break;
    case STEP_MESSAGE:
        step_message(h, program);
        break;
    case STEP_RIGHTS:
        value = fuzz_take(program, 1);
        set_rights(h, (value & 3) % NODES, (value & 4) != 0, (value & 8) != 0);
        break;
    case STEP_REMOVE:
        removal.u.subscriber.home_address = FUZZ_HOME_ADDRESS + fuzz_take(program, 1) % NODES;
        (void)fb_agent_fact(h->a.agent, &removal, h->a.now); /* perhaps it is removed already */
        break;
    case STEP_CLOCK:
        fuzz_agent_set_clock(&h->a, (int8_t)fuzz_take(program, 1) * (int64_t)FB_SECOND);
        break;
    case STEP_DOWNLINK:
        action = fuzz_packet(&h->a, program, false, 0);
        FUZZ_CHECK(action.kind != FB_DELIVER);
        break;
    default:
        action = fuzz_packet(&h->a, program, true, FUZZ_HOME_AGENT);
        FUZZ_CHECK(action.kind != FB_SEND);
        break;
    }
    fuzz_agent_poll_events(&h->a);
}

int
LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    fuzz_program program = {data, size};
    home h = {.counter = 0};

    configure(&h.a.config, fuzz_take(&program, 2));
    fuzz_agent_start(&h.a);
    for (uint32_t node = 0; node < NODES; node++)
    {
        set_rights(&h, node, node != 2, false);
    }
    for (int i = 0; i < FUZZ_STEPS_MAX && program.left > 0; i++)
    {
        step(&h, &program);
        (void)state(&h);
        FUZZ_CHECK(fb_agent_next_timeout(h.a.agent) > h.a.now);
    }
    free(h.a.memory);
    return 0;
}
