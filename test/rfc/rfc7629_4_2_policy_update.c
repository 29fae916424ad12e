/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * RFC 7629 4.2, what it leaves open: how Flow-Bindings change an earlier policy (D-22, fb-update), and Flow-Bindings in
 * replies (D-30, echo-policy).
 */

#include "exchange.h"

#include <stdio.h>
#include <string.h>

static world *
merge_world(void)
{
    fb_home_agent_config config = home_agent_defaults();
    world *w;

    assert_false(config.merge_policy);
    config.merge_policy = true;
    w = home_agent_world(&config, true);
    for (uint8_t bid = 1; bid <= 3; bid++)
    {
        assert_int_equal(register_path(w, bid, 600, 0).code, 0);
    }
    return w;
}

/** The home agent's rules: "5060>12 5060x 80>2", port, and BIDs or x for DROP. */
static const char *
rules_installed(const world *w, char text[256])
{
    snapshot s = home_agent_state(w);
    size_t at = 0;

    text[0] = '\0';
    for (size_t i = 0; i < s.rules; i++)
    {
        const fb_rule *r = &s.rule[i];

        at += (size_t)snprintf(text + at,
                               256 - at,
                               "%s%u%s",
                               i == 0 ? "" : " ",
                               r->selector.u.v4.source_port_start,
                               r->action == FB_RULE_DROP ? "x" : ">");
        for (size_t k = 0; r->action == FB_RULE_FORWARD && k < r->bid_count; k++)
        {
            at += (size_t)snprintf(text + at, 256 - at, "%u", r->bid[k]);
        }
    }
    return text;
}

#define assert_rules(w, expected)                                      \
    do                                                                 \
    {                                                                  \
        char rules_text[256];                                          \
        assert_string_equal(rules_installed(w, rules_text), expected); \
    }                                                                  \
    while (0)

/* ---- fb-update ---- */

/* the default: what a request says is the whole policy, and saying nothing changes nothing */
static void
test_replace(void **state)
{
    world *w = bound_world(3);
    request r = path_request(w, 1, 600, 0);

    (void)state;
    requirement("D-22");
    request_forward(&r, "12", UDP, SIP);
    request_forward(&r, "2", TCP, HTTP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_rules(w, "5060>12 80>2");
    r = path_request(w, 2, 600, 0);
    request_forward(&r, "3", TCP, SSH);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_rules(w, "22>3");
    assert_int_equal(register_path(w, 3, 600, 0).code, 0);
    assert_rules(w, "22>3");
    world_end(w);
}

/* merge: an equal selector in its place, others behind */
static void
test_merge(void **state)
{
    world *w = merge_world();
    request r = path_request(w, 1, 600, 0);
    size_t since;

    (void)state;
    requirement("D-22");
    request_forward(&r, "12", UDP, SIP);
    request_forward(&r, "2", TCP, HTTP);
    assert_int_equal(request_send(w, &r).code, 0);
    r = path_request(w, 2, 600, 0);
    since = w->events;
    request_forward(&r, "3", TCP, SSH);
    request_forward(&r, "21", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_rules(w, "5060>21 80>2 22>3");
    assert_int_equal(world_event(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_POLICY)->count, 3);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).bid, 2);
    assert_int_equal(world_downlink(w, TCP, HTTP, 40000).bid, 2);
    assert_int_equal(world_downlink(w, TCP, SSH, 40000).bid, 3);

    /* the same port of another protocol is another selector */
    r = path_request(w, 2, 600, 0);
    request_drop(&r, 255, TCP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_rules(w, "5060>21 80>2 22>3 5060x");
    assert_int_equal(world_downlink(w, TCP, SIP, 40000).reason, FB_DROP_POLICY);
    world_end(w);
}

/* "forward, else drop" of Figure 2 are two rules of one selector: they go and come together, and again makes no more */
static void
test_merge_of_two_rules_with_one_selector(void **state)
{
    world *w = merge_world();
    request r;

    (void)state;
    requirement("D-22", "D-24");
    for (unsigned i = 0; i < 3; i++)
    {
        r = path_request(w, 1, 600, 0);
        request_forward(&r, "12", UDP, SIP);
        request_drop(&r, 255, UDP, SIP);
        request_forward(&r, "2", TCP, HTTP);
        assert_int_equal(request_send(w, &r).code, 0);
        assert_rules(w, "5060>12 5060x 80>2");
    }
    r = path_request(w, 1, 600, 0);
    request_forward(&r, "3", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_rules(w, "5060>3 80>2");
    r = path_request(w, 1, 600, 0);
    request_forward(&r, "1", UDP, SIP);
    request_forward(&r, "3", TCP, SSH);
    request_drop(&r, 255, UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_rules(w, "5060>1 5060x 80>2 22>3");
    world_end(w);
}

/* O deletes the earlier policy (D-25), the last binding too, and a refused request changes nothing */
static void
test_merge_begins_anew(void **state)
{
    world *w = merge_world();
    request r = path_request(w, 1, 600, 0);
    snapshot before;

    (void)state;
    requirement("D-22", "D-25", "D-32");
    request_forward(&r, "1", UDP, SIP);
    assert_int_equal(request_send(w, &r).code, 0);
    before = home_agent_state(w);
    r = path_request(w, 1, 600, 0);
    request_forward(&r, "7", TCP, HTTP);
    assert_denied(request_send(w, &r), 153, FB_DROP_BID_UNKNOWN);
    assert_unchanged(w, &before);
    r = path_request(w, 2, 600, FLAG_O);
    request_forward(&r, "2", TCP, HTTP);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_rules(w, "80>2");
    assert_int_equal(register_path(w, 2, 0, 0).code, 0);
    assert_rules(w, "");
    r = path_request(w, 2, 600, 0);
    request_forward(&r, "2", TCP, SSH);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_rules(w, "22>2");
    world_end(w);
}

/* limits: what would come out counts (D-33) */
static void
test_merge_over_the_limit(void **state)
{
    world_setup setup;
    snapshot before;
    request r;
    world *w;

    (void)state;
    requirement("D-22", "D-33");
    world_setup_default(&setup);
    setup.home_agent.home_agent.merge_policy = true;
    setup.home_agent.limits.rules_per_node = 3;
    w = world_start(&setup);
    r = path_request(w, 1, 600, 0);
    request_forward(&r, "1", UDP, 1);
    request_forward(&r, "1", UDP, 2);
    assert_int_equal(request_send(w, &r).code, 0);
    before = home_agent_state(w);
    r = path_request(w, 1, 600, 0);
    request_forward(&r, "1", UDP, 3);
    request_forward(&r, "1", UDP, 4);
    assert_denied(request_send(w, &r), 130, FB_DROP_TOO_MANY_RULES);
    assert_unchanged(w, &before);
    r = path_request(w, 1, 600, 0);
    request_drop(&r, 255, UDP, 2);
    request_forward(&r, "1", UDP, 3);
    assert_int_equal(request_send(w, &r).code, 0);
    assert_rules(w, "1>1 2x 3>1");
    r = path_request(w, 1, 600, 0);
    for (uint16_t port = 1; port <= 4; port++)
    {
        request_forward(&r, "1", UDP, port);
    }
    assert_denied(request_send(w, &r), 130, FB_DROP_TOO_MANY_RULES);
    assert_rules(w, "1>1 2x 3>1");
    world_end(w);
}

/* ---- echo-policy ---- */

static world *
echo_world(bool merge)
{
    fb_home_agent_config config = home_agent_defaults();

    assert_false(config.echo_policy);
    config.echo_policy = true;
    config.merge_policy = merge;
    return home_agent_world(&config, true);
}

/* "MAY be added by the home agent to a Registration Reply": before the Mobile-Home authentication, octet for octet */
static void
test_reply_carries_the_policy(void **state)
{
    static const uint8_t expected[] = {0x9a, 0x02, 0x00, 0x0c, 0x01, 0x02, 0x01, 0x02,
                                       0x01, 0x02, 0x08, 0x00, 0x00, 0x13, 0xc4, 0x11,
                                       0x9a, 0x02, 0x00, 0x0b, 0x00, 0x01, 0xff, 0x01,
                                       0x02, 0x08, 0x00, 0x00, 0x00, 0x50, 0x06};
    world *w = echo_world(false);
    request r;
    const fb_event *sent;
    size_t since;
    answer a;

    (void)state;
    requirement("R7629-4.2-05", "D-30");
    a = register_path(w, 1, 600, 0);
    assert_int_equal(a.code, 0);
    assert_int_equal(a.message->length, REPLY_FIXED + 22); /* there is none yet */
    r = path_request(w, 2, 600, 0);
    request_forward(&r, "12", UDP, SIP);
    request_drop(&r, 7, TCP, HTTP);
    since = w->events;
    a = request_send(w, &r);
    assert_int_equal(a.code, 0);
    assert_int_equal(a.message->length, REPLY_FIXED + sizeof expected + 22);
    assert_memory_equal(a.message->octets + REPLY_FIXED, expected, sizeof expected);
    assert_int_equal(a.message->octets[REPLY_FIXED + sizeof expected], 32);
    {
        uint8_t octets[256];

        memcpy(octets, a.message->octets, a.message->length);
        assert_int_equal(world_sign(octets, REPLY_FIXED + sizeof expected), a.message->length);
        assert_memory_equal(octets, a.message->octets, a.message->length);
    }
    sent = world_event(w, since, FB_ROLE_HOME_AGENT, FB_EVENT_SENT);
    assert_int_equal(sent->count, 2);
    assert_int_equal(sent->flags, FB_EVENT_FLAG_POLICY);

    /* also to a request that says nothing of flows; not to one that leaves, is refused, or does not know RFC 7629 */
    assert_int_equal(register_path(w, 1, 600, 0).message->length, a.message->length);
    assert_int_equal(register_path(w, 1, 0, 0).message->length, REPLY_FIXED + 22);
    r = path_request(w, 3, 600, FLAG_B | FLAG_O);
    assert_int_equal(request_send(w, &r).message->length, REPLY_FIXED + 22);
    r = request_new(w, 600, care_of(1));
    assert_int_equal(request_send(w, &r).message->length, REPLY_FIXED + 22);
    world_end(w);
}

/* without the switch no reply has any, as in RFC 7629 3.1 */
static void
test_no_reply_carries_a_policy_by_default(void **state)
{
    world *w = bound_world(1);
    request r = path_request(w, 1, 600, 0);

    (void)state;
    requirement("D-30");
    request_forward(&r, "1", UDP, SIP);
    assert_int_equal(request_send(w, &r).message->length, REPLY_FIXED + 22);
    world_end(w);
}

/* one policy is one message (D-33): what several requests made too long for it is not told in part */
static void
test_a_policy_is_told_whole_or_not_at_all(void **state)
{
    world *w = echo_world(true);
    size_t longest = 0, last = 0;

    (void)state;
    requirement("D-30", "D-33");
    assert_int_equal(register_path(w, 1, 600, 0).code, 0);
    for (uint16_t port = 1; port <= 64; port++)
    {
        request r = path_request(w, 1, 600, 0);
        /* RFC 6088 3.1: all fourteen fields, from port on */
        uint8_t octets[64] = {154, 2, 0, 44, 1, 1, 1, 1, 0xff, 0xfc, 0, 0};

        memset(octets + 12, 0xfe, 36);
        octets[36] = octets[38] = 0; /* source port: start and end */
        octets[37] = octets[39] = (uint8_t)port;
        request_octets(&r, octets, 4 + 44);
        last = request_send(w, &r).message->length;
        longest = last > longest ? last : longest;
    }
    assert_int_equal(last, REPLY_FIXED + 22);
    assert_in_range(longest, 1000, 1200);
    world_end(w);
}

/* the node obeys: both ends decide by what the home agent really has, here the sum of two policies */
static void
test_both_ends_follow_the_merged_policy(void **state)
{
    world_setup setup;
    fb_rule first[1] = {forward_rule("2", UDP, SIP)}, second[1] = {forward_rule("3", TCP, HTTP)};
    world *w;

    (void)state;
    requirement("D-30", "D-22", "R7629-4.2-05");
    world_setup_default(&setup);
    setup.home_agent.home_agent.merge_policy = true;
    setup.home_agent.home_agent.echo_policy = true;
    w = world_start(&setup);
    for (uint32_t link = 1; link <= 3; link++)
    {
        world_link_up(w, link);
    }
    world_run(w, FB_SECOND);
    assert_int_equal(world_policy(w, first, 1), FB_OK);
    world_run(w, 2 * FB_SECOND);
    assert_int_equal(world_policy(w, second, 1), FB_OK);
    world_run(w, 2 * FB_SECOND);
    assert_rules(w, "5060>2 80>3");
    assert_int_equal(world_uplink(w, UDP, SIP, 40000).bid, 2);
    assert_int_equal(world_uplink(w, TCP, HTTP, 40000).bid, 3);
    assert_int_equal(world_downlink(w, UDP, SIP, 40000).bid, 2);
    assert_int_equal(world_downlink(w, TCP, HTTP, 40000).bid, 3);
    world_run(w, 3600 * FB_SECOND); /* and through refreshes */
    assert_rules(w, "5060>2 80>3");
    assert_int_equal(world_uplink(w, UDP, SIP, 40000).bid, 2);
    world_end(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_replace),
        cmocka_unit_test(test_merge),
        cmocka_unit_test(test_merge_of_two_rules_with_one_selector),
        cmocka_unit_test(test_merge_begins_anew),
        cmocka_unit_test(test_merge_over_the_limit),
        cmocka_unit_test(test_reply_carries_the_policy),
        cmocka_unit_test(test_no_reply_carries_a_policy_by_default),
        cmocka_unit_test(test_a_policy_is_told_whole_or_not_at_all),
        cmocka_unit_test(test_both_ends_follow_the_merged_policy),
    };

    return cmocka_run_group_tests_name("rfc7629/4.2/policy-update", tests, NULL, NULL);
}
