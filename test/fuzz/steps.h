/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_FUZZ_STEPS_H
#define FB_TEST_FUZZ_STEPS_H

/** @file Inputs that are little programs of steps, and an agent that obeys them. */

#include "flowbind/agent.h"
#include "fuzz.h"
#include "wire/mobile_ipv4.h"
#include "wire/traffic_selector.h"

#define FUZZ_STEPS_MAX 200
#define FUZZ_HOME_ADDRESS 0xc633640au /* 198.51.100.10 */
#define FUZZ_HOME_AGENT 0xc0000201u /* 192.0.2.1 */
#define FUZZ_WALL_NS UINT64_C(1767225600000000000) /* 2026-01-01 */

/** What is left of the program. */
typedef struct fuzz_program
{
    const uint8_t* next;
    size_t left;
} fuzz_program;

/** The next number; 0 at the end. */
static inline uint32_t
fuzz_take(fuzz_program* program, unsigned octets)
{
    uint32_t value = 0;

    for (; octets > 0 && program->left > 0; octets--, program->left--)
    {
        value = value << 8 | *program->next++;
    }
    return value;
}

/** The next @p length octets (16 bits in front of them), or as many as are left. */
static inline const uint8_t*
fuzz_take_octets(fuzz_program* program, size_t* length)
{
    const uint8_t* octets;

    *length = fuzz_take(program, 2);
    *length = *length < program->left ? *length : program->left;
    octets = program->next;
    program->next += *length;
    program->left -= *length;
    return octets;
}

static inline void
fuzz_put(uint8_t* at, uint64_t value, unsigned octets)
{
    while (octets-- > 0)
    {
        *at++ = (uint8_t)(value >> 8 * octets);
    }
}

typedef struct fuzz_agent
{
    fb_agent* agent;
    void* memory;
    fb_config config;
    fb_time now;
    uint64_t clock_ns; /* the wall clock is this much ahead of `now` */
} fuzz_agent;

static inline void
fuzz_agent_start(fuzz_agent* a)
{
    fb_fact fact = {.kind = FB_FACT_WALL_CLOCK, .u.wall_ns = FUZZ_WALL_NS};
    fb_fact entropy = {.kind = FB_FACT_ENTROPY, .u.entropy = {1}};
    size_t size = fb_agent_size(&a->config);

    FUZZ_CHECK(size > 0);
    a->memory = aligned_alloc(16, (size + 15) & ~(size_t)15);
    FUZZ_CHECK(a->memory != NULL);
    FUZZ_CHECK(fb_agent_init(&a->agent, a->memory, size, &a->config, 0) == FB_OK);
    FUZZ_CHECK(fb_agent_fact(a->agent, &fact, 0) == FB_OK);
    FUZZ_CHECK(fb_agent_fact(a->agent, &entropy, 0) == FB_OK);
    a->clock_ns = FUZZ_WALL_NS;
}

static inline void
fuzz_agent_set_clock(fuzz_agent* a, int64_t step_ns)
{
    fb_fact fact = {.kind = FB_FACT_WALL_CLOCK};

    a->clock_ns += (uint64_t)step_ns;
    fact.u.wall_ns = a->clock_ns + a->now;
    FUZZ_CHECK(fb_agent_fact(a->agent, &fact, a->now) == FB_OK);
}

/** The wall clock as an Identification has it (RFC 5905 figure 4: seconds from 1900). */
static inline uint64_t
fuzz_agent_ntp(const fuzz_agent* a)
{
    uint64_t wall_ns = a->clock_ns + a->now;

    return (wall_ns / FB_SECOND + 2208988800u) << 32 | ((wall_ns % FB_SECOND) << 32) / FB_SECOND;
}

static inline void
fuzz_agent_poll_events(fuzz_agent* a)
{
    fb_event event;

    while (fb_agent_poll_event(a->agent, &event))
    {
        FUZZ_CHECK(event.time <= a->now && event.reason < FB_REASON_COUNT);
    }
}

/** Most that can have to be done at one time. */
#define FUZZ_BUSY_MAX 1000

/** A duration the program names in two octets: milliseconds, or seconds. */
static inline fb_time
fuzz_take_duration(fuzz_program* program)
{
    uint32_t value = fuzz_take(program, 2);

    return (value & 0x8000u) != 0 ? (value & 0x7fffu) * FB_SECOND : value * FB_MILLISECOND;
}

/** Appends an authentication extension to @p length octets that have room for it. Returns the new length. */
static inline size_t
fuzz_sign(uint8_t* octets,
          size_t length,
          size_t capacity,
          const fb_security_association* association)
{
    fb_writer writer = fb_writer_over(octets, capacity);

    writer.position = length;
    fb_mip4_write_authentication(&writer, FB_EXT_MOBILE_HOME_AUTHENTICATION, association);
    FUZZ_CHECK(!writer.failed);
    return writer.position;
}

/** Checks a message the agent sent. */
static inline void
fuzz_check_sent(const uint8_t* octets,
                size_t length,
                uint8_t type,
                const fb_security_association* association)
{
    fb_mip4_message message;

    FUZZ_CHECK(fb_mip4_walk(&message, octets, length) == FB_REASON_NONE);
    FUZZ_CHECK(message.fixed.type == type && message.mobile_home >= 0);
    FUZZ_CHECK(fb_mip4_verify(&message, message.mobile_home, association) == FB_REASON_NONE);
}

/** Mixes everything that can be seen of a node's bindings and rules into @p digest; checks each of them. */
static inline void
fuzz_mix_state(const fuzz_agent* a, uint8_t role, fb_ipv4 home_address, uint64_t* digest)
{
    fb_binding_view view;
    fb_rule rule;

    for (size_t i = 0; fb_agent_binding(a->agent, role, home_address, i, &view); i++)
    {
        FUZZ_CHECK(i < 255 && view.home_address == home_address &&
                   view.state <= FB_BINDING_BLOCKED);
        fuzz_mix(digest,
                 (uint64_t)view.ref.link << 32 | (uint64_t)view.ref.bid << 24 |
                     (uint64_t)view.state << 16 | (uint64_t)view.technology << 8 | view.label);
        fuzz_mix(digest, (uint64_t)view.care_of_address << 16 | view.lifetime_s);
        fuzz_mix(digest, view.expires);
    }
    for (size_t i = 0; fb_agent_rule(a->agent, role, home_address, i, &rule); i++)
    {
        FUZZ_CHECK(i < a->config.limits.rules_per_node);
        FUZZ_CHECK(rule.bid_count >= 1 && rule.bid_count <= FB_BIDS_PER_RULE);
        FUZZ_CHECK(fb_selector_check(&rule.selector) == FB_REASON_NONE);
        fuzz_mix(digest, (uint64_t)rule.action << 8 | rule.bid_count);
        fuzz_mix(digest,
                 rule.selector.format == FB_SELECTOR_IPV4 ? rule.selector.u.v4.present
                                                          : rule.selector.u.v6.present);
        for (size_t k = 0; k < rule.bid_count; k++)
        {
            fuzz_mix(digest, rule.bid[k]);
        }
    }
}

/** A data packet that leaves (steer) or came out of a tunnel; returns the one action there must be. */
static inline fb_action
fuzz_packet(fuzz_agent* a, fuzz_program* program, bool out_of_tunnel, fb_ipv4 outer_destination)
{
    fb_meta outer = {.protocol = 4, .dst = fb_addr_from_ipv4(outer_destination)};
    uint32_t source = fuzz_take(program, 1);
    uint32_t longer = fuzz_take(program, 1);
    fb_packet packet = {.packet = 7};
    fb_action action;
    size_t length;
    const uint8_t* octets = fuzz_take_octets(program, &length);
    uint8_t* copy = fuzz_copy(octets, length);

    outer.src = fb_addr_from_ipv4(source == 0 ? FUZZ_HOME_AGENT : 0xcb007100u + source);
    packet.header = copy;
    packet.header_len = length;
    packet.total_len = length + longer * longer;
    if (out_of_tunnel)
    {
        FUZZ_CHECK(fb_agent_receive(a->agent, &outer, &packet, a->now) == FB_OK);
    }
    else
    {
        FUZZ_CHECK(fb_agent_steer(a->agent, (fb_ref){0}, &packet, a->now) == FB_OK);
    }
    FUZZ_CHECK(fb_agent_poll_action(a->agent, &action, a->now));
    FUZZ_CHECK(action.packet == 7 && action.last && action.outer_len <= FB_OUTER_MAX);
    FUZZ_CHECK(action.reason < FB_REASON_COUNT &&
               (action.kind == FB_DROP_PACKET) == (action.reason != 0));
    FUZZ_CHECK(!fb_agent_poll_action(a->agent, &action, a->now));
    free(copy);
    return action;
}

#endif
