/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Random lives of a mobile node among foreign agents: agents that come, go, restart, are busy, demand registration and
 * refuse; links with and without an address of their own; its home agent heard now and then. Some things hold after
 * every step; and when the world has become quiet, the node is registered, or at home.
 *
 * FLOWBIND_SEED repeats a run; the number of the life that failed is printed.
 */

#include "base/random.h"
#include "roam.h"

#include <stdlib.h>
#include <string.h>

#define LIVES 400
#define STEPS 150
#define AGENTS 3
#define FIRST_AGENT 0xcb007281u /* 203.0.114.129: no address of a link */

typedef struct life
{
    world *w;
    test_random random;
    bool up[WORLD_LINKS + 1];
    bool by_agent[WORLD_LINKS + 1]; /* kind of the link's care-of address */
    size_t looked_at; /* messages */
    bool home_before; /* at home when the records began */
    fb_time asked_at[WORLD_LINKS + 1]; /* last registration of that BID */
    bool demanded[WORLD_LINKS + 1]; /* an answer asked for the next one */
} life;

static uint32_t
below(life *l, uint32_t count)
{
    return test_random_below(&l->random, count);
}

static uint32_t
some_link(life *l)
{
    return 1 + below(l, WORLD_LINKS);
}

/* ---- what may happen ---- */

static notice
some_notice(life *l)
{
    static const uint16_t lifetime_s[] = {0, 3, 30, 9000};
    static const uint16_t registration_s[] = {0, 20, 300, 0xffff};
    uint32_t which = below(l, AGENTS + 1);
    notice n = which == 0 ? notice_of_home() : notice_of(FIRST_AGENT + 16 * (which - 1));

    n.lifetime_s = lifetime_s[below(l, 4)];
    n.registration_s = registration_s[below(l, 4)];
    n.sequence = (uint16_t)below(l, 600);
    n.flags |= below(l, 6) == 0 ? ADVERTISES_B : 0;
    n.flags |= below(l, 4) == 0 ? ADVERTISES_R : 0;
    n.flags ^= below(l, 8) == 0 ? ADVERTISES_F : 0;
    n.addresses = (uint8_t)below(l, 4);
    for (uint32_t i = 0; i < n.addresses; i++)
    {
        n.care_of_address[i] = below(l, 20) == 0 ? 0 : FIRST_AGENT + 16 * below(l, AGENTS) + i;
    }
    n.prefix_length = below(l, 2) == 0 ? 28 : 0;
    n.router = below(l, 2) == 0 ? n.source : 0;
    return n;
}

static void
flap(life *l)
{
    uint32_t link = some_link(l);

    if (l->up[link] && below(l, 3) != 0)
    {
        world_link_down(l->w, link);
        l->up[link] = false;
        return;
    }
    l->by_agent[link] = below(l, 2) == 0;
    l->up[link] = true;
    if (l->by_agent[link])
    {
        agent_link_up_with(l->w, link, (uint8_t)below(l, FB_TUNNEL_COUNT));
    }
    else
    {
        world_change_address(l->w, link, care_of(link));
    }
}

/** An answer to one of the last requests, of any code; the signature may be missing. */
static void
answer_some(life *l)
{
    static const uint8_t codes[] =
        {0, 0, 0, 1, 64, 66, 69, 72, 74, 75, 77, 79, 97, 128, 133, 135, 152, 153, 194};
    size_t count = requests_of(l->w), back = below(l, 3);
    const world_message *m;
    uint8_t code = below(l, 8) == 0 ? (uint8_t)below(l, 256)
                                    : codes[below(l, sizeof codes / sizeof codes[0])];

    if (count <= back)
    {
        return;
    }
    m = request_of(l->w, count - 1 - back);
    for (uint32_t link = 1; link <= WORLD_LINKS; link++)
    {
        l->demanded[link] = true;
    }
    (void)answer_request(l->w, m, code, (uint16_t)below(l, 700), below(l, 8) == 0 ? 0 : ROAM_MHAE);
}

static void
administrate(life *l)
{
    uint8_t bid = (uint8_t)some_link(l);

    if (world_state(l->w, bid) >= 0)
    {
        administrator(l->w, below(l, 3) == 0 ? FB_FACT_DEREGISTER : FB_FACT_REGISTER, bid);
    }
}

static void
happen(life *l)
{
    notice n = some_notice(l);

    switch (below(l, 10))
    {
    case 0:
    case 1:
        flap(l);
        break;
    case 2:
    case 3:
    case 4:
        assert_true(hear(l->w, some_link(l), &n) >= 0);
        break;
    case 5:
        administrate(l);
        break;
    default:
        answer_some(l);
        break;
    }
}

/* ---- what holds after every step ---- */

/** Whether the node had told before @p when that it is at home; leaving counts from its very moment on. */
static bool
home_at(const life *l, fb_time when)
{
    bool home = l->home_before;

    for (size_t i = 0; i < l->w->events; i++)
    {
        const fb_event *e = &l->w->event[i];

        if (e->kind == FB_EVENT_HOME && (e->time < when || (e->time == when && e->to == 0)))
        {
            home = e->to;
        }
    }
    return home;
}

static void
check_request(life *l, const world_message *m)
{
    size_t at = extension_of(m, 154);
    uint16_t lifetime_s = octets_u16(m->octets + 2);
    fb_ipv4 care_of_address = octets_u32(m->octets + 12);
    fb_ipv4 destination = fb_addr_to_ipv4(&m->meta.dst);
    uint32_t link = m->meta.link;
    bool own = care_of_address == care_of(link);

    assert_true(link >= 1 && link <= WORLD_LINKS && l->up[link]);
    assert_int_not_equal(extension_of(m, 32), 0);
    if (care_of_address == WORLD_HOME_ADDRESS)
    {
        assert_int_equal(lifetime_s, 0);
        return;
    }
    if (lifetime_s == 0)
    {
        return; /* of another path perhaps */
    }
    assert_false(home_at(l, m->sent_at));
    /* RFC 5944 3.1, 3.6.1.2: D and the way belong to the kind of address */
    assert_int_equal((m->octets[1] & 0x20) != 0, own);
    assert_int_equal(own, !l->by_agent[link]);
    assert_true(own || destination != WORLD_HOME_AGENT);
    assert_int_equal(fb_addr_to_ipv4(&m->meta.src), own ? care_of(link) : WORLD_HOME_ADDRESS);
    assert_int_equal(m->meta.link_addr_len, destination == WORLD_HOME_AGENT ? 0 : 6);
    if (at != 0)
    {
        assert_int_equal(m->octets[at + 6], link);
    }
    /* 3.6: at most one a second, but for what an answer asked for */
    assert_true(l->demanded[link] || l->asked_at[link] == 0 ||
                m->sent_at >= l->asked_at[link] + FB_SECOND);
    l->asked_at[link] = m->sent_at;
    l->demanded[link] = false;
}

static void
check_bindings(const life *l)
{
    fb_binding_view view[WORLD_LINKS];
    bool home = home_at(l, FB_TIME_NEVER);
    size_t count = 0;

    while (count < WORLD_LINKS && fb_agent_binding(l->w->mobile_node,
                                                   FB_ROLE_MOBILE_NODE,
                                                   WORLD_HOME_ADDRESS,
                                                   count,
                                                   &view[count]))
    {
        bool up = view[count].state == FB_BINDING_UP || view[count].state == FB_BINDING_UP_PENDING;

        assert_true(!up || (l->up[view[count].ref.link] && !home));
        for (size_t i = 0; up && i < count; i++)
        {
            bool other_up = view[i].state == FB_BINDING_UP ||
                            view[i].state == FB_BINDING_UP_PENDING;

            /* RFC 7629 2.2, D-38 */
            assert_true(!other_up || view[i].care_of_address != view[count].care_of_address);
        }
        count++;
    }
}

/** Looks at what was sent and told since the last time. */
static void
check(life *l)
{
    world *w = l->w;

    world_run_until(w, w->now);
    for (; l->looked_at < w->messages; l->looked_at++)
    {
        if (w->message[l->looked_at].meta.protocol == UDP)
        {
            check_request(l, &w->message[l->looked_at]);
        }
    }
    check_bindings(l);
    assert_true(fb_agent_next_timeout(w->mobile_node) > w->now);
}

/** The records anew, before they get full. */
static void
forget_records(life *l)
{
    if (l->w->messages > 1000 || l->w->events > 1000)
    {
        l->home_before = home_at(l, FB_TIME_NEVER);
        memset(l->w->done, 0, sizeof l->w->done);
        l->w->messages = l->w->events = l->looked_at = 0;
    }
}

/* ---- and in the end ---- */

/** One friendly agent a link, all requests accepted: the node is registered on every link. */
static void
settle(life *l)
{
    size_t answered;

    for (uint32_t link = 1; link <= WORLD_LINKS; link++)
    {
        if (l->up[link])
        {
            world_link_down(l->w, link);
        }
        l->up[link] = true;
        l->by_agent[link] = link % 2 == 0;
        if (l->by_agent[link])
        {
            agent_link_up(l->w, link);
        }
        else
        {
            world_change_address(l->w, link, care_of(link));
        }
    }
    administrator(l->w, FB_FACT_REGISTER, 0);
    for (int i = 0; i < 300; i++)
    {
        forget_records(l);
        answered = requests_of(l->w);
        for (uint32_t link = 2; link <= WORLD_LINKS; link += 2)
        {
            notice n = notice_of(0xcb007301u + 16 * link);

            n.sequence = (uint16_t)(256 + i);
            hear(l->w, link, &n);
        }
        world_run(l->w, FB_SECOND);
        for (; answered < requests_of(l->w); answered++)
        {
            const world_message *m = request_of(l->w, answered);

            (void)answer_request(l->w, m, 0, octets_u16(m->octets + 2), ROAM_MHAE);
        }
    }
}

static void
live(life *l)
{
    fb_mobile_node_config config = roam_defaults();
    unsigned up = 0;

    config.lifetime_s = below(l, 2) == 0 ? 60 : 600;
    config.retry_denied_s = 5;
    config.legacy_retry_s = 50;
    config.encapsulating_delivery = below(l, 2) == 0;
    config.bulk_refresh = below(l, 2) == 0;
    config.coa_change = (fb_coa_change)below(l, 3);
    l->w = roam_world(&config);
    for (int i = 0; i < STEPS; i++)
    {
        happen(l);
        check(l);
        world_run(l->w,
                  below(l, 3) == 0 ? below(l, 30000) * FB_MILLISECOND
                                   : below(l, 200) * FB_MILLISECOND);
        check(l);
        forget_records(l);
    }
    settle(l);
    for (uint8_t bid = 1; bid <= WORLD_LINKS; bid++)
    {
        int state = world_state(l->w, bid);

        up += state == FB_BINDING_UP || state == FB_BINDING_UP_PENDING;
    }
    /* One path when a reply has said that there is no more (152, or silence to 154) */
    assert_true(up == WORLD_LINKS || up == 1);
    world_end(l->w);
}

static void
test_random_lives(void **state)
{
    test_random random = test_random_start("mobile_node_agents");

    (void)state;
    for (unsigned i = 0; i < LIVES; i++)
    {
        life l = {.random = random};

        printf("# life %u\n", i);
        live(&l);
        random = l.random;
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_lives),
    };

    return cmocka_run_group_tests_name("role/mobile_node_agents", tests, NULL, NULL);
}
