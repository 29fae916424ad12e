/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Every message of the vector file cut at every length, and with every single bit flipped, fed to whole agents: a home
 * agent with three bindings and the policy of RFC 7629 Figure 2, and a mobile node that has the request outstanding.
 * What is no longer authentic, by this file's own computation, must change nothing and be answered with 131 at most.
 */

#include "exchange.h"

#include <nettle/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECURITY_PARAMETER_INDEX 0x101u

static test_vectors *vectors;

static int
load(void **state)
{
    (void)state;
    vectors = vectors_load();
    return 0;
}

static int
unload(void **state)
{
    (void)state;
    vectors_free(vectors);
    return 0;
}

/* ---- is it authentic? Not asked of the library. ---- */

/** Where the first Mobile-Home Authentication begins; 0: there is none. */
static size_t
find_authentication(const uint8_t *octets, size_t length)
{
    size_t at = length > 0 && octets[0] == 3 ? REPLY_FIXED : REQUEST_FIXED;

    while (at + 4 <= length)
    {
        if (octets[at] == 32)
        {
            return at;
        }
        if (octets[at] == 0)
        {
            at++;
        }
        else if (octets[at] == 154)
        {
            at += 4u + octets_u16(octets + at + 2);
        }
        else
        {
            at += 2u + octets[at + 1];
        }
    }
    return 0;
}

static bool
is_authentic(const uint8_t *octets, size_t length)
{
    fb_security_association association = vectors_association();
    size_t at = find_authentication(octets, length);
    struct hmac_md5_ctx hmac;
    uint8_t digest[16];

    if (at == 0 || at + 22 > length || octets[at + 1] != 20 ||
        octets_u32(octets + at + 2) != SECURITY_PARAMETER_INDEX)
    {
        return false;
    }
    hmac_md5_set_key(&hmac, association.key_length, association.key);
    hmac_md5_update(&hmac, at + 6, octets);
    hmac_md5_digest(&hmac, sizeof digest, digest);
    return memcmp(digest, octets + at + 6, sizeof digest) == 0;
}

/* ---- feeding ---- */

/** What an agent does with octets on a heap block of exactly their size. */
typedef struct reaction
{
    int reason;
    int code; /* of its answer; -1: none */
} reaction;

static reaction
feed(world *w, fb_agent *agent, const uint8_t *octets, size_t length)
{
    fb_meta meta = {.src = fb_addr_from_ipv4(care_of(1)),
                    .dst = fb_addr_from_ipv4(WORLD_HOME_AGENT),
                    .sport = 51434,
                    .dport = FB_MIP4_PORT,
                    .protocol = UDP};
    uint8_t *copy = vectors_copy(octets, length), out[1500];
    reaction did = {.code = -1};
    ptrdiff_t answered;
    fb_event event;

    did.reason = fb_agent_input(agent, &meta, copy, length, w->now);
    free(copy);
    assert_in_range(did.reason, 0, FB_REASON_COUNT - 1);
    answered = fb_agent_output(agent, &meta, out, sizeof out, w->now);
    if (answered > 0)
    {
        did.code = out[1];
        assert_true(is_authentic(out, (size_t)answered));
        assert_int_equal(fb_agent_output(agent, &meta, out, sizeof out, w->now), 0);
    }
    while (fb_agent_poll_event(agent, &event))
    {
    }
    return did;
}

typedef void (*damage_test)(const uint8_t *octets, size_t length, void *context);

/** All truncations and all single flipped bits of @p length octets. */
static void
for_each_damage(const uint8_t *octets, size_t length, damage_test test, void *context)
{
    uint8_t copy[1500];

    for (size_t cut = 0; cut < length; cut++)
    {
        test(octets, cut, context);
    }
    memcpy(copy, octets, length);
    for (size_t bit = 0; bit < 8 * length; bit++)
    {
        copy[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
        test(copy, length, context);
        copy[bit / 8] ^= (uint8_t)(0x80 >> bit % 8);
    }
}

/* ---- the home agent ---- */

/** Registers BIDs 1 to 3 and the policy, with Identifications shortly before that of the vector to come. */
static void
prepare_home_agent(world *w, uint32_t ntp_seconds)
{
    static const struct
    {
        const char *bids;
        uint8_t protocol;
        uint16_t port;
    } rule[] = {{"12", UDP, SIP},
                {"", UDP, SIP},
                {"2", TCP, HTTP},
                {"", TCP, HTTP},
                {"321", TCP, SSH}};

    set_clock(w, w->home_agent, ntp_seconds, w->now);
    for (uint8_t bid = 1; bid <= 3; bid++)
    {
        request r = request_new(w, 1800, care_of(bid));
        uint32_t early = ntp_seconds - 4 + bid;

        for (size_t i = 0; i < 4; i++)
        {
            r.octets[16 + i] = (uint8_t)(early >> (24 - 8 * i));
        }
        request_multipath(&r, TECHNOLOGY_WLAN, bid, bid, 0);
        for (size_t i = 0; bid == 3 && i < 5; i++)
        {
            if (rule[i].bids[0] != '\0')
            {
                request_forward(&r, rule[i].bids, rule[i].protocol, rule[i].port);
            }
            else
            {
                request_drop(&r, 255, rule[i].protocol, rule[i].port);
            }
        }
        assert_int_equal(request_send(w, &r).code, 0);
    }
    assert_bound(w, "123");
    assert_int_equal(world_rule_count(w), 5);
}

static world *
prepared_home_agent(uint32_t ntp_seconds)
{
    world_setup setup;
    world *w;

    world_setup_default(&setup);
    w = world_start(&setup);
    prepare_home_agent(w, ntp_seconds);
    return w;
}

typedef struct attack
{
    world *w;
    snapshot before;
    uint32_t ntp_seconds;
    size_t harmless, authentic;
} attack;

static void
attack_home_agent(const uint8_t *octets, size_t length, void *context)
{
    attack *a = context;
    reaction did = feed(a->w, a->w->home_agent, octets, length);

    if (is_authentic(octets, length))
    {
        /* Cut or changed behind the authenticator: the home agent may do what it says */
        a->authentic++;
        world_end(a->w);
        a->w = prepared_home_agent(a->ntp_seconds);
        a->before = home_agent_state(a->w);
        return;
    }
    a->harmless++;
    assert_int_not_equal(did.reason, FB_REASON_NONE);
    assert_true(did.code == -1 || did.code == 131);
    assert_unchanged(a->w, &a->before);
}

/** The Code with which the home agent answers the vector as it is; -1: none. */
static int
expected_code(const char *id)
{
    static const struct
    {
        const char *ids;
        int code;
    } row[] = {{"M01 M03 M05 M06 M07 M09 M12 N12", 0},
               {"N01 N02 N03 N04 N05 N06 N09 N10 N11 N13", 134},
               {"N07", 153},
               {"N08", 131}};

    for (size_t i = 0; i < sizeof row / sizeof row[0]; i++)
    {
        if (strstr(row[i].ids, id) != NULL)
        {
            return row[i].code;
        }
    }
    return -1;
}

/** How many of the damaged copies are authentic. */
static size_t
authentic_copies(const char *id)
{
    if (strcmp(id, "N08") == 0)
    {
        return 1; /* one bit of its authenticator is wrong: flipped again it is right */
    }
    /* The last 8 octets of N09 stand behind the authenticator: whatever is there, the rest is authentic */
    return strcmp(id, "N09") == 0 ? 9 * 8 : 0;
}

static void
damage_for_the_home_agent(const char *letter, size_t last)
{
    size_t tried = 0;

    for (size_t number = 1; number <= last; number++)
    {
        char id[8];
        const test_vector *vector;
        attack a = {0};
        bool is_request;

        snprintf(id, sizeof id, "%s%02zu", letter, number);
        vector = vectors_find(vectors, id);
        is_request = vector->octets[0] == 1;
        a.ntp_seconds = octets_u32(vector->octets + (is_request ? 16 : 12));
        a.w = prepared_home_agent(a.ntp_seconds);
        a.before = home_agent_state(a.w);
        for_each_damage(vector->octets, vector->length, attack_home_agent, &a);
        tried += a.harmless + a.authentic;
        assert_int_equal(a.harmless + a.authentic, 9 * vector->length);
        assert_int_equal(a.authentic, authentic_copies(id));
        /* No damaged copy used up the Identification: the true message finds what it always would have */
        assert_int_equal(feed(a.w, a.w->home_agent, vector->octets, vector->length).code,
                         expected_code(id));
        world_end(a.w);
    }
    printf("# %zu damaged messages\n", tried);
}

static void
test_damaged_messages_at_the_home_agent(void **state)
{
    (void)state;
    damage_for_the_home_agent("M", 12);
}

static void
test_damaged_negative_examples_at_the_home_agent(void **state)
{
    (void)state;
    damage_for_the_home_agent("N", 13);
}

/* ---- the mobile node ---- */

typedef struct mobile_state
{
    fb_binding_view binding[8];
    size_t bindings;
    fb_time next_timeout;
} mobile_state;

static mobile_state
mobile_node_state(const world *w)
{
    mobile_state s;

    memset(&s, 0, sizeof s);
    while (fb_agent_binding(w->mobile_node,
                            FB_ROLE_MOBILE_NODE,
                            WORLD_HOME_ADDRESS,
                            s.bindings,
                            &s.binding[s.bindings]))
    {
        s.bindings++;
    }
    s.next_timeout = fb_agent_next_timeout(w->mobile_node);
    return s;
}

static bool
same_binding(const fb_binding_view *a, const fb_binding_view *b)
{
    return a->ref.bid == b->ref.bid && a->ref.link == b->ref.link && a->state == b->state &&
           a->care_of_address == b->care_of_address && a->lifetime_s == b->lifetime_s &&
           a->expires == b->expires;
}

static bool
mobile_node_unchanged(const world *w, const mobile_state *before)
{
    mobile_state now = mobile_node_state(w);
    bool same = now.bindings == before->bindings && now.next_timeout == before->next_timeout;

    for (size_t i = 0; same && i < now.bindings; i++)
    {
        same = same_binding(&now.binding[i], &before->binding[i]);
    }
    return same;
}

typedef struct mobile_attack
{
    world *w;
    mobile_state before;
    size_t tried;
} mobile_attack;

static void
attack_mobile_node(const uint8_t *octets, size_t length, void *context)
{
    mobile_attack *a = context;
    reaction did = feed(a->w, a->w->mobile_node, octets, length);

    a->tried++;
    assert_int_not_equal(did.reason, FB_REASON_NONE);
    assert_int_equal(did.code, -1);
    assert_true(mobile_node_unchanged(a->w, &a->before));
}

/** A mobile node that has sent what the reply @p id answers: a registration, one with a policy, a de-registration. */
static world *
prepared_mobile_node(const char *id)
{
    world *w = registered_world(1);
    fb_rule rules[5];

    w->lose = lose_requests;
    if (strcmp(id, "M08") == 0)
    {
        administrator(w, FB_FACT_DEREGISTER, 1);
        assert_int_equal(world_state(w, 1), FB_BINDING_DEREGISTERING);
        return w;
    }
    world_figure2(rules);
    if (strcmp(id, "M04") == 0 || strcmp(id, "M11") == 0)
    {
        w->lose = NULL;
        assert_int_equal(world_policy(w, rules, 5), FB_OK);
        world_run(w, FB_SECOND);
        w->lose = lose_requests;
    }
    world_link_up(w, WORLD_LTE);
    assert_int_equal(world_state(w, WORLD_LTE), FB_BINDING_PENDING);
    return w;
}

static void
test_damaged_replies_at_the_mobile_node(void **state)
{
    static const char *const replies[] = {"M02", "M04", "M08", "M10", "M11"};
    size_t tried = 0;

    (void)state;
    for (size_t i = 0; i < sizeof replies / sizeof replies[0]; i++)
    {
        const test_vector *vector = vectors_find(vectors, replies[i]);
        mobile_attack a = {.w = prepared_mobile_node(replies[i])};
        uint8_t reply[64];

        /* The vector as an answer to the request that is outstanding here */
        memcpy(reply, vector->octets, vector->length);
        memcpy(reply + 12, world_last(a.w, true)->octets + 16, 8);
        assert_int_equal(world_sign(reply, vector->length - 22), vector->length);
        a.before = mobile_node_state(a.w);
        for_each_damage(reply, vector->length, attack_mobile_node, &a);
        tried += a.tried;
        assert_int_equal(a.tried, 9 * vector->length);
        /* And it is believed as it was */
        assert_int_equal(feed(a.w, a.w->mobile_node, reply, vector->length).reason, FB_REASON_NONE);
        assert_false(mobile_node_unchanged(a.w, &a.before));
        world_end(a.w);
    }
    printf("# %zu damaged replies\n", tried);
}

/* None of the vectors means this mobile node: with or without damage. */
static void
test_damaged_messages_at_the_mobile_node(void **state)
{
    mobile_attack a = {.w = prepared_mobile_node("M02")};

    (void)state;
    a.before = mobile_node_state(a.w);
    for (size_t i = 0; i < vectors->count; i++)
    {
        const test_vector *vector = &vectors->vector[i];

        if (vector->id[0] == 'M' || vector->id[0] == 'N')
        {
            for_each_damage(vector->octets, vector->length, attack_mobile_node, &a);
            attack_mobile_node(vector->octets, vector->length, &a);
        }
    }
    world_end(a.w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_damaged_messages_at_the_home_agent),
        cmocka_unit_test(test_damaged_negative_examples_at_the_home_agent),
        cmocka_unit_test(test_damaged_replies_at_the_mobile_node),
        cmocka_unit_test(test_damaged_messages_at_the_mobile_node),
    };

    return cmocka_run_group_tests_name("agent/damage", tests, load, unload);
}
