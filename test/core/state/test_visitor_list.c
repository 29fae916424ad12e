/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/random.h"
#include "cmocka_setup.h"
#include "state/visitor_list.h"

#include <stdlib.h>
#include <string.h>

#define PENDING 4
#define VISITORS 3
#define EVENTS 64
#define HOME(n) (0xc6336400u + (uint32_t)(n))
#define AGENT(n) (0xc0000200u + (uint32_t)(n))
#define CARE_OF 0xcb007141u

typedef struct fixture
{
    uint8_t *memory;
    fb_events events;
    fb_visitor_list list;
} fixture;

static const fb_limits limits = {.pending = PENDING, .visitors = VISITORS};

static void
lay_out(fixture *f, fb_arena *arena)
{
    fb_events_init(&f->events, arena, EVENTS);
    fb_visitor_list_init(&f->list, arena, &limits, &f->events);
}

/* The list lies on a heap block of exactly its size. */
static int
start(void **state)
{
    fixture *f = calloc(1, sizeof *f);
    fb_arena arena = fb_arena_over(NULL, 0);
    size_t size;

    assert_non_null(f);
    lay_out(f, &arena);
    size = arena.used;
    f->memory = calloc(1, size);
    assert_non_null(f->memory);
    arena = fb_arena_over(f->memory, size);
    lay_out(f, &arena);
    assert_false(arena.failed);
    assert_int_equal(arena.used, size);
    *state = f;
    return 0;
}

static int
stop(void **state)
{
    fixture *f = *state;

    free(f->memory);
    free(f);
    return 0;
}

static fb_pending
request(fb_ipv4 home_address, fb_ipv4 home_agent, uint64_t identification, const char *nai)
{
    fb_pending p = {.request = {.type = 1,
                                .lifetime_s = 600,
                                .home_address = home_address,
                                .home_agent = home_agent,
                                .care_of_address = CARE_OF,
                                .identification = identification},
                    .from = {.link = 7},
                    .relayed_length = 54};

    if (nai != NULL)
    {
        p.has_nai = true;
        p.nai.length = (uint8_t)strlen(nai);
        memcpy(p.nai.text, nai, p.nai.length);
    }
    return p;
}

static fb_visitor
guest(fb_ipv4 home_address, fb_ipv4 home_agent, uint16_t lifetime_s)
{
    return (fb_visitor){.home_address = home_address,
                        .home_agent = home_agent,
                        .care_of_address = CARE_OF,
                        .link = 7,
                        .lifetime_s = lifetime_s};
}

/** The number of the request a reply with these fields answers. */
static uint32_t
answered(const fixture *f, fb_ipv4 home_address, uint64_t identification, const char *nai)
{
    fb_mip4_fixed reply = {.home_address = home_address, .identification = identification};
    fb_pending named = request(0, 0, 0, nai);

    return fb_pending_answered(&f->list, &reply, nai != NULL ? &named.nai : NULL);
}

static bool
next_event(fixture *f, fb_event *event)
{
    return fb_events_poll(&f->events, event);
}

/* ---- requests ---- */

static void
test_a_request_and_its_answer(void **state)
{
    fixture *f = *state;
    fb_pending p = request(HOME(1), AGENT(1), UINT64_C(0xaaaaaaaa00000001), NULL);
    fb_pending other = p;

    assert_int_equal(fb_pending_find(&f->list, &p), FB_VISITOR_NONE);
    fb_pending_add(&f->list, &p, 100);
    assert_int_not_equal(fb_pending_find(&f->list, &p), FB_VISITOR_NONE);
    other.request.identification ^= UINT64_C(1) << 32; /* all 64 bits make a request the same */
    assert_int_equal(fb_pending_find(&f->list, &other), FB_VISITOR_NONE);
    other = p;
    other.request.home_agent = AGENT(2);
    assert_int_equal(fb_pending_find(&f->list, &other), FB_VISITOR_NONE);

    /* but 32 make the answer */
    assert_int_equal(answered(f, HOME(1), 1, NULL), fb_pending_find(&f->list, &p));
    assert_int_equal(answered(f, HOME(1), 2, NULL), FB_VISITOR_NONE);
    assert_int_equal(answered(f, HOME(2), 1, NULL), FB_VISITOR_NONE);
    assert_int_equal(answered(f, 0, 1, NULL), FB_VISITOR_NONE);
    fb_pending_remove(&f->list, fb_pending_find(&f->list, &p));
    assert_int_equal(answered(f, HOME(1), 1, NULL), FB_VISITOR_NONE);
    assert_true(fb_visitor_list_next_deadline(&f->list) == FB_TIME_NEVER);
}

static void
test_names(void **state)
{
    fixture *f = *state;
    fb_pending a = request(0, AGENT(1), 5, "a@x"), b = request(0, AGENT(1), 5, "b@x");
    fb_pending named = request(HOME(1), AGENT(1), 5, "c@x");
    fb_pending same_address = request(HOME(1), AGENT(2), 5, "d@x");

    fb_pending_add(&f->list, &a, 100);
    fb_pending_add(&f->list, &b, 100);
    fb_pending_add(&f->list, &named, 100);
    fb_pending_add(&f->list, &same_address, 100);
    assert_true(fb_pending_full(&f->list));

    /* RFC 2794 3: a home address of 0 is told by the name */
    assert_int_equal(answered(f, HOME(9), 5, "a@x"), fb_pending_find(&f->list, &a));
    assert_int_equal(answered(f, HOME(9), 5, "b@x"), fb_pending_find(&f->list, &b));
    assert_int_equal(answered(f, HOME(9), 5, "z@x"), FB_VISITOR_NONE);
    /* the name is missing: 97 */
    assert_int_not_equal(answered(f, HOME(9), 5, NULL), FB_VISITOR_NONE);
    /* RFC 5944 3.7.3.1: and one of several nodes with the same home address */
    assert_int_equal(answered(f, HOME(1), 5, "c@x"), fb_pending_find(&f->list, &named));
    assert_int_equal(answered(f, HOME(1), 5, "d@x"), fb_pending_find(&f->list, &same_address));
    assert_int_not_equal(answered(f, HOME(1), 5, NULL), FB_VISITOR_NONE);

    assert_int_equal(fb_pending_count(&f->list, &a), 1);
    assert_int_equal(fb_pending_count(&f->list, &named), 2);
    a = request(0, 0, 0, "z@x");
    assert_int_equal(fb_pending_count(&f->list, &a), 0);
}

static void
test_failures_are_told_in_order(void **state)
{
    fixture *f = *state;
    uint32_t id[3];

    for (uint32_t i = 0; i < 3; i++)
    {
        fb_pending p = request(HOME(i), AGENT(1), i, NULL);

        fb_pending_add(&f->list, &p, 100 + i);
        id[i] = fb_pending_find(&f->list, &p);
    }
    assert_int_equal(fb_pending_failed(&f->list), FB_VISITOR_NONE);
    fb_pending_fail(&f->list, id[1], FB_DROP_AGENT_HOST_UNREACHABLE);
    assert_int_equal(answered(f, HOME(1), 1, NULL), FB_VISITOR_NONE);
    fb_visitor_list_expire(&f->list, 8, 102);
    assert_true(fb_visitor_list_next_deadline(&f->list) == FB_TIME_NEVER);

    assert_int_equal(fb_pending_failed(&f->list), id[1]);
    assert_int_equal(f->list.pending[id[1]].reason, FB_DROP_AGENT_HOST_UNREACHABLE);
    fb_pending_told(&f->list);
    assert_int_equal(fb_pending_failed(&f->list), id[0]);
    assert_int_equal(f->list.pending[id[0]].reason, FB_DROP_AGENT_TIMEOUT);
    fb_pending_told(&f->list);
    assert_int_equal(fb_pending_failed(&f->list), id[2]);
    fb_pending_told(&f->list);
    assert_int_equal(fb_pending_failed(&f->list), FB_VISITOR_NONE);
    assert_int_equal(f->list.pendings.used, 0);
}

static void
test_relayed_to_a_home_agent(void **state)
{
    fixture *f = *state;
    fb_pending first = request(HOME(1), AGENT(1), 1, NULL);
    fb_pending second = request(HOME(2), AGENT(1), 2, NULL);
    fb_pending other = request(HOME(3), AGENT(2), 3, NULL);
    uint32_t id;

    second.relayed_length = 60;
    fb_pending_add(&f->list, &first, 100);
    fb_pending_add(&f->list, &second, 100);
    fb_pending_add(&f->list, &other, 100);
    id = fb_pending_relayed(&f->list, 0, AGENT(1), 60);
    assert_int_equal(id, fb_pending_find(&f->list, &second));
    assert_int_equal(fb_pending_relayed(&f->list, id + 1, AGENT(1), 60), FB_VISITOR_NONE);
    fb_pending_fail(&f->list, id, FB_DROP_AGENT_TIMEOUT);
    assert_int_equal(fb_pending_relayed(&f->list, 0, AGENT(1), 60), FB_VISITOR_NONE);
    assert_int_equal(fb_pending_relayed(&f->list, 0, AGENT(3), 54), FB_VISITOR_NONE);
}

static void
test_the_waiting_starts_again(void **state)
{
    fixture *f = *state;
    fb_pending p = request(HOME(1), AGENT(1), 1, NULL);

    fb_pending_add(&f->list, &p, 100);
    fb_pending_restart(&f->list, fb_pending_find(&f->list, &p), 200);
    fb_visitor_list_expire(&f->list, 8, 199);
    assert_int_equal(fb_pending_failed(&f->list), FB_VISITOR_NONE);
    fb_visitor_list_expire(&f->list, 8, 200);
    assert_int_not_equal(fb_pending_failed(&f->list), FB_VISITOR_NONE);
}

/* ---- visitors ---- */

static void
test_a_visit(void **state)
{
    fixture *f = *state;
    fb_visitor v = guest(HOME(1), AGENT(1), 10);
    const fb_visitor *found;
    uint32_t session;
    fb_event event;

    fb_visitor_accept(&f->list, &v, FB_SECOND);
    found = fb_visitor_find(&f->list, HOME(1), AGENT(1), CARE_OF);
    assert_non_null(found);
    assert_true(found->expires == 11 * FB_SECOND);
    assert_true(next_event(f, &event) && event.kind == FB_EVENT_VISITOR && event.to == 1);
    assert_int_equal(event.ref.link, 7);
    session = event.ref.session;
    assert_int_not_equal(session, 0);

    fb_visitor_accept(&f->list, &v, 2 * FB_SECOND); /* a refresh is no news */
    assert_false(next_event(f, &event));
    assert_int_equal(f->list.visitors.used, 1);
    v.link = 8;
    fb_visitor_accept(&f->list, &v, 3 * FB_SECOND); /* another link is */
    assert_true(next_event(f, &event) && event.to == 1 && event.ref.link == 8);
    assert_int_equal(event.ref.session, session);

    fb_visitor_list_expire(&f->list, 8, 13 * FB_SECOND - 1);
    assert_non_null(fb_visitor_first(&f->list, HOME(1)));
    fb_visitor_list_expire(&f->list, 8, 13 * FB_SECOND);
    assert_null(fb_visitor_first(&f->list, HOME(1)));
    assert_true(next_event(f, &event) && event.to == 0 && event.cause == FB_CAUSE_EXPIRED);
}

static void
test_the_same_address_of_two_home_agents(void **state)
{
    fixture *f = *state;
    fb_visitor one = guest(HOME(1), AGENT(1), 10), two = guest(HOME(1), AGENT(2), 10);

    fb_visitor_accept(&f->list, &one, 0);
    fb_visitor_accept(&f->list, &two, 0);
    assert_int_equal(fb_visitor_first(&f->list, HOME(1))->home_agent, AGENT(2));
    fb_visitor_remove(&f->list, HOME(1), AGENT(3), CARE_OF, 0); /* nobody's */
    assert_int_equal(f->list.visitors.used, 2);
    fb_visitor_remove(&f->list, HOME(1), AGENT(1), CARE_OF, 0);
    assert_int_equal(fb_visitor_first(&f->list, HOME(1))->home_agent, AGENT(2));
    assert_null(fb_visitor_next(&f->list, fb_visitor_first(&f->list, HOME(1))));
}

static void
test_no_end(void **state)
{
    fixture *f = *state;
    fb_visitor v = guest(HOME(1), AGENT(1), 0xffff); /* RFC 5944 3.3 */

    fb_visitor_accept(&f->list, &v, 0);
    assert_true(fb_visitor_list_next_deadline(&f->list) == FB_TIME_NEVER);
}

static void
test_a_link_goes(void **state)
{
    fixture *f = *state;
    fb_visitor here = guest(HOME(1), AGENT(1), 10), there = guest(HOME(2), AGENT(1), 10);
    fb_pending waits = request(HOME(3), AGENT(1), 1, NULL);
    fb_event event;

    there.link = 8;
    fb_visitor_accept(&f->list, &here, 0);
    fb_visitor_accept(&f->list, &there, 0);
    fb_pending_add(&f->list, &waits, 100);
    fb_visitor_list_remove_link(&f->list, 7, 5);
    assert_null(fb_visitor_first(&f->list, HOME(1)));
    assert_non_null(fb_visitor_first(&f->list, HOME(2)));
    assert_int_equal(fb_pending_find(&f->list, &waits), FB_VISITOR_NONE);
    assert_int_equal(fb_pending_failed(&f->list), FB_VISITOR_NONE); /* there is nobody to be told */
    while (next_event(f, &event) && event.to == 1)
    {
    }
    assert_int_equal(event.cause, FB_CAUSE_LINK_DOWN);
    fb_visitor_list_remove_link(&f->list, 7, 6); /* what is gone is not taken away twice */
    assert_int_equal(f->list.visitors.used, 1);
}

static void
test_the_budget(void **state)
{
    fixture *f = *state;

    for (uint32_t i = 0; i < VISITORS; i++)
    {
        fb_visitor v = guest(HOME(i), AGENT(1), 10);

        fb_visitor_accept(&f->list, &v, 0);
    }
    assert_true(fb_visitor_full(&f->list));
    fb_visitor_list_expire(&f->list, 1, 20 * FB_SECOND);
    assert_int_equal(f->list.visitors.used, VISITORS - 1);
    fb_visitor_list_expire(&f->list, 8, 20 * FB_SECOND);
    assert_int_equal(f->list.visitors.used, 0);
}

/* ---- histories, against a list that is searched from end to end ---- */

typedef struct model
{
    struct
    {
        bool used;
        fb_ipv4 home_address, home_agent;
        uint32_t low;
        fb_time deadline;
    } pending[PENDING];
    struct
    {
        bool used;
        fb_ipv4 home_address, home_agent;
        fb_time expires;
    } visitor[VISITORS];
} model;

static void
compare(const fixture *f, const model *m)
{
    uint32_t pendings = 0, visitors = 0;
    fb_time next = FB_TIME_NEVER;

    for (int i = 0; i < PENDING; i++)
    {
        if (m->pending[i].used)
        {
            fb_pending p = request(m->pending[i].home_address,
                                   m->pending[i].home_agent,
                                   m->pending[i].low,
                                   NULL);

            assert_int_not_equal(fb_pending_find(&f->list, &p), FB_VISITOR_NONE);
            assert_int_not_equal(answered(f, m->pending[i].home_address, m->pending[i].low, NULL),
                                 FB_VISITOR_NONE);
            next = m->pending[i].deadline < next ? m->pending[i].deadline : next;
            pendings++;
        }
    }
    for (int i = 0; i < VISITORS; i++)
    {
        if (m->visitor[i].used)
        {
            const fb_visitor *v = fb_visitor_find(&f->list,
                                                  m->visitor[i].home_address,
                                                  m->visitor[i].home_agent,
                                                  CARE_OF);

            assert_non_null(v);
            assert_true(v->expires == m->visitor[i].expires);
            next = v->expires < next ? v->expires : next;
            visitors++;
        }
    }
    assert_int_equal(f->list.pendings.used, pendings);
    assert_int_equal(f->list.visitors.used, visitors);
    assert_true(fb_visitor_list_next_deadline(&f->list) == next);
}

static void
add_pending(fixture *f, model *m, test_random *random, fb_time now)
{
    fb_ipv4 home_address = HOME(test_random_below(random, 3));
    fb_ipv4 home_agent = AGENT(test_random_below(random, 2));
    uint32_t low = test_random_below(random, 3);
    fb_pending p = request(home_address, home_agent, low, NULL);
    fb_time deadline = now + 1 + test_random_below(random, 10) * FB_SECOND;
    uint32_t id = fb_pending_find(&f->list, &p);

    for (int i = 0; i < PENDING; i++)
    {
        bool same = m->pending[i].used && m->pending[i].home_address == home_address &&
                    m->pending[i].home_agent == home_agent && m->pending[i].low == low;

        assert_true(!same || id != FB_VISITOR_NONE);
        if (same)
        {
            fb_pending_restart(&f->list, id, deadline);
            m->pending[i].deadline = deadline;
            return;
        }
    }
    assert_int_equal(id, FB_VISITOR_NONE);
    for (int i = 0; i < PENDING; i++)
    {
        if (!m->pending[i].used)
        {
            fb_pending_add(&f->list, &p, deadline);
            m->pending[i].used = true;
            m->pending[i].home_address = home_address;
            m->pending[i].home_agent = home_agent;
            m->pending[i].low = low;
            m->pending[i].deadline = deadline;
            return;
        }
    }
    assert_true(fb_pending_full(&f->list));
}

static void
remove_pending(fixture *f, model *m, test_random *random)
{
    uint32_t i = test_random_below(random, PENDING);
    fb_pending p;

    if (m->pending[i].used)
    {
        p = request(m->pending[i].home_address, m->pending[i].home_agent, m->pending[i].low, NULL);
        fb_pending_remove(&f->list, fb_pending_find(&f->list, &p));
        m->pending[i].used = false;
    }
}

static void
accept_visitor(fixture *f, model *m, test_random *random, fb_time now)
{
    fb_visitor v = guest(HOME(test_random_below(random, 2)),
                         AGENT(test_random_below(random, 2)),
                         (uint16_t)(1 + test_random_below(random, 10)));
    int place = -1;

    for (int i = 0; i < VISITORS; i++)
    {
        bool same = m->visitor[i].used && m->visitor[i].home_address == v.home_address &&
                    m->visitor[i].home_agent == v.home_agent;

        place = same ? i : place;
    }
    for (int i = 0; i < VISITORS && place < 0; i++)
    {
        place = m->visitor[i].used ? place : i;
    }
    if (place < 0)
    {
        assert_true(fb_visitor_full(&f->list));
        return;
    }
    fb_visitor_accept(&f->list, &v, now);
    m->visitor[place].used = true;
    m->visitor[place].home_address = v.home_address;
    m->visitor[place].home_agent = v.home_agent;
    m->visitor[place].expires = now + v.lifetime_s * FB_SECOND;
}

static void
expire(fixture *f, model *m, fb_time now)
{
    fb_visitor_list_expire(&f->list, 100, now);
    while (fb_pending_failed(&f->list) != FB_VISITOR_NONE)
    {
        fb_pending_told(&f->list);
    }
    for (int i = 0; i < PENDING; i++)
    {
        m->pending[i].used = m->pending[i].used && m->pending[i].deadline > now;
    }
    for (int i = 0; i < VISITORS; i++)
    {
        m->visitor[i].used = m->visitor[i].used && m->visitor[i].expires > now;
    }
}

static void
test_histories(void **state)
{
    fixture *f = *state;
    test_random random = test_random_start("test_visitor_list");
    model m = {0};
    fb_time now = 0;
    fb_event event;

    for (int step = 0; step < 20000; step++)
    {
        switch (test_random_below(&random, 5))
        {
        case 0:
        case 1:
            add_pending(f, &m, &random, now);
            break;
        case 2:
            remove_pending(f, &m, &random);
            break;
        case 3:
            accept_visitor(f, &m, &random, now);
            break;
        default:
            now += test_random_below(&random, 3) * FB_SECOND;
            expire(f, &m, now);
            break;
        }
        compare(f, &m);
        while (next_event(f, &event))
        {
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_request_and_its_answer, start, stop),
        cmocka_unit_test_setup_teardown(test_names, start, stop),
        cmocka_unit_test_setup_teardown(test_failures_are_told_in_order, start, stop),
        cmocka_unit_test_setup_teardown(test_relayed_to_a_home_agent, start, stop),
        cmocka_unit_test_setup_teardown(test_the_waiting_starts_again, start, stop),
        cmocka_unit_test_setup_teardown(test_a_visit, start, stop),
        cmocka_unit_test_setup_teardown(test_the_same_address_of_two_home_agents, start, stop),
        cmocka_unit_test_setup_teardown(test_no_end, start, stop),
        cmocka_unit_test_setup_teardown(test_a_link_goes, start, stop),
        cmocka_unit_test_setup_teardown(test_the_budget, start, stop),
        cmocka_unit_test_setup_teardown(test_histories, start, stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
