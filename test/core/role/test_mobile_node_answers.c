/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Whatever the agents answer, by turns and for ever: a mobile node sends no more than a request a second for each
 * binding (RFC 5944 3.6), and as soon as it is accepted again and asked to, it registers every path.
 */

#include "../../rfc/roam.h"

#define SECONDS 30

enum
{
    COLOCATED_LINK = 1,
    VISITING_LINK,
    SHARED_VISITING_LINK,
    RELAYED_LINK
};

/** What a node has. */
enum
{
    COLOCATED = 1, /* a path without a foreign agent, with UDP forced and GRE */
    VISITING = 2, /* a path with one */
    POLICY = 4,
    NETWORKS = 8,
    NONCES = 16,
    SHARED_LINK = 32, /* another path with the same foreign agent */
    RELAYED = 64 /* a co-located path through an agent that demands it */
};

static const unsigned kinds[] = {COLOCATED,
                                 COLOCATED | POLICY,
                                 COLOCATED | NETWORKS | NONCES,
                                 VISITING,
                                 VISITING | SHARED_LINK | NETWORKS,
                                 COLOCATED | VISITING | POLICY,
                                 RELAYED | COLOCATED | NONCES | POLICY,
                                 COLOCATED | VISITING | SHARED_LINK | RELAYED | POLICY | NETWORKS};

/** Each code a node acts on, and one it does not know of either agent. */
static const uint8_t codes[] = {0,   1,   65,  66,  69,  72,  74,  75,  77,  78,
                                79,  128, 129, 130, 131, 133, 134, 135, 136, 137,
                                138, 139, 142, 147, 148, 152, 153, 194};

static const uint16_t lifetimes[] = {0, 1, 300};

typedef struct answering
{
    world *w;
    size_t seen; /* messages looked at */
    size_t requests;
    uint8_t code[2]; /* by turns */
    uint16_t lifetime_s;
} answering;

static bool
by_foreign_agent(uint8_t code)
{
    return (code >= 64 && code < 128) || code >= 194;
}

/** Answers what has been sent meanwhile; what comes in return at once, too, but not for ever. */
static void
answer_all(answering *a)
{
    for (size_t most = 200; a->seen < a->w->messages && most > 0; a->seen++, most--)
    {
        const world_message m = a->w->message[a->seen];
        uint8_t code = a->code[a->requests % 2];

        if (!m.to_home_agent || m.meta.protocol != UDP || m.octets[0] != 1)
        {
            continue;
        }
        a->requests++;
        answer_request(a->w,
                       &m,
                       code,
                       octets_u16(m.octets + 2) == 0 ? 0 : a->lifetime_s,
                       by_foreign_agent(code) ? 0 : ROAM_MHAE);
    }
}

static void
pass(answering *a, unsigned seconds)
{
    for (unsigned i = 0; i < seconds * 4; i++)
    {
        world_run(a->w, 250 * FB_MILLISECOND);
        answer_all(a);
    }
}

static void
link_up(world *w, uint32_t link, uint8_t tunnel, uint8_t udp)
{
    w->tunnel[link] = tunnel;
    w->udp[link] = udp;
    world_link_up(w, link);
}

static world *
node_of(unsigned kind)
{
    fb_mobile_node_config config = roam_defaults();
    fb_rule rules[2] = {forward_rule("12", UDP, SIP), forward_rule("3", TCP, HTTP)};
    notice n = notice_of(ROAM_AGENT), relay = notice_of(ROAM_OTHER_AGENT);
    fb_fact entropy = {.kind = FB_FACT_ENTROPY, .u.entropy = {1}};
    world *w;

    n.lifetime_s = relay.lifetime_s = 9000;
    relay.flags |= ADVERTISES_R;
    config.association.replay = (kind & NONCES) != 0 ? FB_REPLAY_NONCE : FB_REPLAY_TIMESTAMP;
    if ((kind & NETWORKS) != 0)
    {
        config.networks.count = 2;
        config.networks.prefix[0] = (fb_prefix){.address = fb_addr_from_ipv4(0x0a000000),
                                                .length = 24};
        config.networks.prefix[1] = config.networks.prefix[0];
    }
    w = roam_world(&config);
    world_fact(w, w->mobile_node, &entropy);
    if ((kind & POLICY) != 0)
    {
        assert_int_equal(world_policy(w, rules, 2), FB_OK);
    }
    if ((kind & COLOCATED) != 0)
    {
        link_up(w, COLOCATED_LINK, FB_TUNNEL_GRE, FB_UDP_FORCE);
    }
    if ((kind & VISITING) != 0)
    {
        agent_link_up_with(w, VISITING_LINK, FB_TUNNEL_GRE);
        hear(w, VISITING_LINK, &n);
    }
    if ((kind & SHARED_LINK) != 0)
    {
        agent_link_up(w, SHARED_VISITING_LINK);
        hear(w, SHARED_VISITING_LINK, &n);
    }
    if ((kind & RELAYED) != 0)
    {
        link_up(w, RELAYED_LINK, FB_TUNNEL_MINIMAL, FB_UDP_FORCE);
        hear(w, RELAYED_LINK, &relay);
    }
    return w;
}

static unsigned
paths_of(unsigned kind)
{
    unsigned count = 0;

    for (unsigned each = kind & (COLOCATED | VISITING | SHARED_LINK | RELAYED); each != 0;
         each &= each - 1)
    {
        count++;
    }
    return count;
}

/** All paths but the worse of two with one care-of address (D-38). */
static bool
registered(const world *w, unsigned kind)
{
    return ((kind & COLOCATED) == 0 || world_state(w, COLOCATED_LINK) == FB_BINDING_UP) &&
           ((kind & VISITING) == 0 || world_state(w, VISITING_LINK) == FB_BINDING_UP) &&
           ((kind & RELAYED) == 0 || world_state(w, RELAYED_LINK) == FB_BINDING_UP);
}

static void
check_answers(unsigned kind, const uint8_t code[2], uint16_t lifetime_s)
{
    answering a = {.w = node_of(kind), .code = {code[0], code[1]}, .lifetime_s = lifetime_s};
    fb_fact again = {.kind = FB_FACT_REGISTER};
    size_t before;
    bool storm;

    pass(&a, SECONDS);
    before = a.requests;
    pass(&a, SECONDS);
    storm = a.requests - before > paths_of(kind) * (SECONDS + 2);
    a.code[0] = a.code[1] = 0;
    a.lifetime_s = 300;
    pass(&a, 4);
    world_fact(a.w, a.w->mobile_node, &again);
    /* what was retransmitted is so at least once in the lifetime asked for (RFC 5944 3.6.3) */
    pass(&a, 700);
    if (storm || !registered(a.w, kind))
    {
        fail_msg("kind %u, answers %u and %u for %u s: %s",
                 kind,
                 code[0],
                 code[1],
                 lifetime_s,
                 storm ? "too many requests" : "not registered");
    }
    world_end(a.w);
}

static void
test_no_storm_and_no_dead_end(void **state)
{
    (void)state;
    requirement("C-19", "B5944-33");
    for (size_t i = 0; i < sizeof codes; i++)
    {
        for (size_t j = 0; j < sizeof codes; j++)
        {
            /* every pair with half of the kinds: all would take minutes under ASan */
            for (size_t k = (i + j) % 2; k < sizeof kinds / sizeof kinds[0]; k += 2)
            {
                uint8_t code[2] = {codes[i], codes[j]};

                check_answers(kinds[k], code, lifetimes[(i + j + k) % 3]);
            }
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_storm_and_no_dead_end),
    };

    return cmocka_run_group_tests_name("test_mobile_node_answers", tests, NULL, NULL);
}
