/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The resequencer over millions of packets: first beside a model of a page, which has to say the same of each packet;
 * then with numbers from anywhere, which nothing is known about but that each packet comes out once, and in time.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../base/random.h"
#include "requirement.h"
#include "steer/resequencer.h"

#define PATHS 3
#define RING 65536u

#define CHECK(condition)                                           \
    do                                                             \
    {                                                              \
        if (!(condition))                                          \
        {                                                          \
            fail_msg("%s:%d: %s", __FILE__, __LINE__, #condition); \
        }                                                          \
    }                                                              \
    while (0)

/* ---- the resequencer ---- */

typedef struct subject
{
    fb_resequencer r;
    fb_sequence_space *space;
    void *memory;
} subject;

static void
begin_subject(subject *s, uint32_t packets, fb_time wait)
{
    fb_arena arena = fb_arena_over(NULL, 0);

    memset(s, 0, sizeof *s);
    fb_resequencer_init(&s->r, &arena, 2, packets);
    s->memory = malloc(arena.used);
    CHECK(s->memory != NULL);
    arena = fb_arena_over(s->memory, arena.used);
    fb_resequencer_init(&s->r, &arena, 2, packets);
    s->space = fb_resequencer_open(&s->r, FB_ROLE_MOBILE_NODE, 1, 1, 0);
    fb_resequencer_set_wait(&s->r, s->space, wait);
}

/* ---- the model ---- */

/** RFC 2890 2.2 said once more. Numbers are looked up by their low 16 bits. */
typedef struct model
{
    /* 0: not seen, 1: waits, 2: gone on, or given up and not come, 3: has come late */
    uint8_t state[RING];
    fb_time since[RING];
    uint32_t by_arrival[RING], first, last; /* those that came and may still wait */
    uint32_t next, waiting, room;
    fb_time wait;
    bool started, queues; /* paths are queues, and what they have gone past is lost */
    uint32_t last_by[PATHS];
    bool heard[PATHS];
    uint32_t out[4096], out_count;
    uint64_t lost, late, duplicate;
} model;

static uint8_t *
state_of(model *m, uint32_t number)
{
    return &m->state[number % RING];
}

/** All up to @p to goes on, then what is in sequence. */
static void
model_go_on(model *m, uint32_t to)
{
    while ((int32_t)(to - m->next) >= 0 || *state_of(m, m->next) == 1)
    {
        if (*state_of(m, m->next) == 1)
        {
            m->out[m->out_count++] = m->next;
            m->waiting--;
        }
        else
        {
            m->lost++;
        }
        *state_of(m, m->next) = *state_of(m, m->next) == 1 ? 3 : 2;
        *state_of(m, m->next + RING / 2) = 0;
        m->next++;
    }
}

static void
model_give_up_known_lost(model *m)
{
    uint32_t least = m->last_by[0];

    for (size_t i = 0; i < PATHS; i++)
    {
        if (!m->heard[i] || !m->queues)
        {
            return;
        }
        least = (int32_t)(m->last_by[i] - least) < 0 ? m->last_by[i] : least;
    }
    if (m->waiting > 0 && (int32_t)(least - m->next) >= 0)
    {
        model_go_on(m, least);
    }
}

static void
model_expire(model *m, fb_time now)
{
    uint32_t furthest = m->next - 1;

    for (; m->first != m->last; m->first++)
    {
        uint32_t number = m->by_arrival[m->first % RING];

        if (*state_of(m, number) == 1 && m->since[number % RING] + m->wait > now)
        {
            break;
        }
        if (*state_of(m, number) == 1 && (int32_t)(number - furthest) > 0)
        {
            furthest = number;
        }
    }
    model_go_on(m, furthest);
}

/** What is expected of this packet: fb_order, with FB_ORDER_NOW for whatever goes on at once. */
static fb_order
model_take(model *m, uint32_t number, uint8_t path, fb_time now)
{
    uint8_t *state = state_of(m, number);

    if (!m->started)
    {
        m->started = true;
        m->next = number < FB_SEQUENCE_FIRST ? 0 : number;
    }
    m->heard[path] = true;
    m->last_by[path] = number;
    if (*state == 1 || *state == 3)
    {
        m->duplicate++;
        model_give_up_known_lost(m);
        return FB_ORDER_DUPLICATE;
    }
    if ((int32_t)(number - m->next) < 0)
    {
        m->late++;
        m->lost -= *state == 2;
        *state = 3;
        model_give_up_known_lost(m);
        return FB_ORDER_LATE;
    }
    *state = 1;
    m->since[number % RING] = now;
    m->by_arrival[m->last++ % RING] = number;
    m->waiting++;
    model_go_on(m, m->next - 1);
    model_give_up_known_lost(m);
    if (m->waiting > 4 * (m->room + 1 - m->waiting))
    {
        uint32_t head = m->next;

        while (*state_of(m, head) != 1)
        {
            head++;
        }
        model_go_on(m, head);
    }
    return *state == 1 ? FB_ORDER_WAITS : FB_ORDER_NOW;
}

/* ---- a network ---- */

typedef struct copy
{
    uint32_t number;
    fb_time when;
} copy;

typedef struct queue
{
    copy item[1024];
    uint32_t first, last;
    fb_time delay, jitter, latest;
} queue;

typedef struct network
{
    queue path[PATHS];
    unsigned loss, again, copies; /* of 256 */
} network;

static void
enqueue(queue *q, uint32_t number, fb_time now, test_random *random)
{
    fb_time when = now + q->delay + test_random_below(random, (uint32_t)q->jitter + 1);

    q->latest = when > q->latest ? when : q->latest;
    q->item[q->last++ % 1024] = (copy){number, q->latest};
}

static void
send_packet(network *n, uint32_t number, fb_time now, test_random *random)
{
    uint32_t dice = (uint32_t)test_random_next(random);
    uint8_t only = (uint8_t)((dice >> 24) % PATHS);
    bool everywhere = (dice & 0xff) < n->copies;

    for (uint8_t i = 0; i < PATHS; i++)
    {
        if (!everywhere && i != only)
        {
            continue;
        }
        dice = (uint32_t)test_random_next(random);
        if ((dice & 0xff) >= n->loss)
        {
            enqueue(&n->path[i], number, now, random);
        }
        if ((dice >> 8 & 0xff) < n->again)
        {
            enqueue(&n->path[i], number, now, random);
        }
    }
}

/** The path whose packet comes next, until @p now; PATHS: none. */
static uint8_t
next_path(const network *n, fb_time now)
{
    fb_time earliest = now;
    uint8_t found = PATHS;

    for (uint8_t i = 0; i < PATHS; i++)
    {
        const queue *q = &n->path[i];

        if (q->first != q->last && q->item[q->first % 1024].when <= earliest &&
            (found == PATHS || q->item[q->first % 1024].when < earliest))
        {
            earliest = q->item[q->first % 1024].when;
            found = i;
        }
    }
    return found;
}

static network
any_network(test_random *random)
{
    network n = {.loss = test_random_below(random, 3) * test_random_below(random, 40),
                 .again = test_random_below(random, 2) * test_random_below(random, 20),
                 .copies = test_random_below(random, 3) == 0 ? 256 : test_random_below(random, 30)};

    for (size_t i = 0; i < PATHS; i++)
    {
        n.path[i].delay = test_random_below(random, 40);
        n.path[i].jitter = test_random_below(random, 10);
    }
    return n;
}

/* ---- the same as the model ---- */

typedef struct pair
{
    subject s;
    model m;
    fb_handle kept[RING]; /* the packet with this number that waits */
    uint32_t seen; /* of the model's output */
    uint64_t packets;
} pair;

static void
compare_released(pair *p)
{
    fb_delivery delivery;

    while (fb_resequencer_poll(&p->s.r, &delivery))
    {
        uint32_t number = p->seen < p->m.out_count ? p->m.out[p->seen] : 0;

        CHECK(p->seen++ < p->m.out_count);
        CHECK(delivery.packet == p->kept[number % RING]);
        CHECK(delivery.strip == (uint8_t)number && delivery.path.session == number);
    }
    CHECK(p->seen == p->m.out_count);
    CHECK(p->s.space->waiting == p->m.waiting && p->s.space->next == p->m.next);
    p->seen = p->m.out_count = 0;
}

static void
compare_arrival(pair *p, uint32_t number, uint8_t path, fb_time now)
{
    fb_delivery delivery = {.packet = ++p->packets,
                            .path = {.session = number, .bid = (uint8_t)(path + 1)},
                            .strip = (uint8_t)number};
    fb_order expected = model_take(&p->m, number, path, now);
    fb_order order = fb_resequencer_take(&p->s.r, p->s.space, number, &delivery, true, now);

    if (expected == FB_ORDER_WAITS || expected == FB_ORDER_NOW)
    {
        p->kept[number % RING] = delivery.packet;
    }
    if (order == FB_ORDER_NOW)
    {
        CHECK(expected == FB_ORDER_NOW && p->m.out[p->seen] == number);
        p->seen++;
    }
    else
    {
        CHECK(order == (expected == FB_ORDER_NOW ? FB_ORDER_RELEASED : expected));
    }
    compare_released(p);
}

static void
compare_time(pair *p, fb_time now)
{
    fb_time due = p->m.first != p->m.last && p->m.waiting > 0 ? now : FB_TIME_NEVER;

    model_expire(&p->m, now);
    CHECK(p->m.out_count == 0 || due == now);
    CHECK(p->m.out_count == 0 || fb_resequencer_next_timeout(&p->s.r) <= now);
    fb_resequencer_expire(&p->s.r, 4, now);
    compare_released(p);
}

static void
compare_with_model(pair *p, test_random *random, uint32_t count)
{
    static const fb_path_view paths[PATHS] = {{.bid = 1}, {.bid = 2}, {.bid = 3}};
    uint32_t room = 1 + test_random_below(random, test_random_below(random, 2) ? 8 : 100);
    fb_time wait = 1 + test_random_below(random, 60);
    network n = any_network(random);
    uint32_t number = (uint32_t)test_random_next(random);
    fb_order_counters c;

    memset(&p->m, 0, sizeof p->m);
    begin_subject(&p->s, room, wait);
    p->m.room = room;
    p->m.wait = wait;
    p->m.queues = test_random_below(random, 2);
    fb_sequence_set_paths(p->s.space, paths, PATHS);
    p->s.space->settled = p->m.queues;
    number = test_random_below(random, 3) == 0 ? 0 - number % 5000 : number;
    number = test_random_below(random, 4) == 0 ? 0 : number;
    for (fb_time now = 0; now < count + 200; now++)
    {
        uint8_t path;

        compare_time(p, now);
        if (now < count)
        {
            send_packet(&n, number++, now, random);
        }
        while ((path = next_path(&n, now)) < PATHS)
        {
            queue *q = &n.path[path];

            compare_arrival(p, q->item[q->first++ % 1024].number, path, now);
        }
    }
    c = p->s.space->counters;
    CHECK(p->s.space->waiting == 0);
    CHECK(c.lost == p->m.lost && c.late == p->m.late && c.duplicate == p->m.duplicate);
    CHECK(c.stray == 0 && c.restarts == 0);
    free(p->s.memory);
}

static void
test_as_the_model(void **state)
{
    test_random random = test_random_start("test_as_the_model");
    pair *p = calloc(1, sizeof *p);

    (void)state;
    requirement("B2890-01");
    assert_non_null(p);
    while (p->packets < 10000000)
    {
        compare_with_model(p, &random, 20000);
    }
    free(p);
}

/* Paths that are queues: what is given up because all of them have gone past it never comes */
static void
test_known_lost_is_exact(void **state)
{
    test_random random = test_random_start("test_known_lost_is_exact");
    pair *p = calloc(1, sizeof *p);
    uint64_t lost = 0;

    (void)state;
    assert_non_null(p);
    while (p->packets < 1000000)
    {
        static const fb_path_view paths[PATHS] = {{.bid = 1}, {.bid = 2}, {.bid = 3}};
        network n = any_network(&random);

        n.again = 0;
        begin_subject(&p->s, 4000, 10 * FB_SECOND);
        fb_sequence_set_paths(p->s.space, paths, PATHS);
        p->s.space->settled = true;
        for (fb_time now = 0; now < 20000; now++)
        {
            uint8_t path;

            send_packet(&n, (uint32_t)now, now, &random);
            while ((path = next_path(&n, now)) < PATHS)
            {
                queue *q = &n.path[path];
                fb_delivery delivery = {.packet = ++p->packets, .path = {.bid = path + 1}};

                (void)fb_resequencer_take(&p->s.r,
                                          p->s.space,
                                          q->item[q->first++ % 1024].number,
                                          &delivery,
                                          true,
                                          now);
                while (fb_resequencer_poll(&p->s.r, &delivery))
                {
                }
            }
        }
        CHECK(p->s.space->counters.late == 0);
        lost += p->s.space->counters.lost;
        free(p->s.memory);
    }
    assert_true(lost > 0);
    free(p);
}

/* ---- numbers from anywhere ---- */

typedef struct chaos
{
    subject s;
    fb_time arrived[RING]; /* by handle; 0: it has gone */
    fb_handle packets;
    uint64_t out, dropped, genuine_dropped;
    fb_time wait, now;
} chaos;

static void
leave(chaos *c, fb_handle packet)
{
    CHECK(packet >= 1 && packet <= c->packets && c->packets - packet < RING);
    CHECK(c->arrived[packet % RING] != 0);
    CHECK(c->now - c->arrived[packet % RING] <= c->wait);
    c->arrived[packet % RING] = 0;
    c->out++;
}

static void
drain_chaos(chaos *c)
{
    fb_delivery delivery;

    while (fb_resequencer_poll(&c->s.r, &delivery))
    {
        CHECK(delivery.strip == (uint8_t)delivery.packet);
        leave(c, delivery.packet);
    }
}

static void
pass_time(chaos *c, fb_time by)
{
    fb_time until = c->now + by;

    while (fb_resequencer_next_timeout(&c->s.r) <= until && c->s.space->session != 0)
    {
        fb_time next = fb_resequencer_next_timeout(&c->s.r);

        c->now = next > c->now ? next : c->now;
        fb_resequencer_expire(&c->s.r, 1, c->now);
        drain_chaos(c);
    }
    c->now = until;
    if (c->s.space->session == 0)
    {
        c->s.space = fb_resequencer_open(&c->s.r, FB_ROLE_MOBILE_NODE, 1, 1, c->now);
        fb_resequencer_set_wait(&c->s.r, c->s.space, c->wait);
    }
}

static void
arrive_anywhere(chaos *c, uint32_t number, uint8_t bid, bool genuine)
{
    fb_handle packet = ++c->packets;
    fb_delivery delivery = {.packet = packet, .path = {.bid = bid}, .strip = (uint8_t)packet};
    fb_order order;

    CHECK(c->arrived[packet % RING] == 0);
    c->arrived[packet % RING] = c->now;
    order = fb_resequencer_take(&c->s.r, c->s.space, number, &delivery, true, c->now);
    if (order == FB_ORDER_NOW || order == FB_ORDER_LATE || order == FB_ORDER_STRAY)
    {
        leave(c, packet);
    }
    else if (order == FB_ORDER_DUPLICATE)
    {
        c->arrived[packet % RING] = 0;
        c->dropped++;
        c->genuine_dropped += genuine;
    }
    drain_chaos(c);
}

/* A sender, its paths, silences, restarts, and somebody who sends whatever he likes in between */
static void
test_numbers_from_anywhere(void **state)
{
    test_random random = test_random_start("test_numbers_from_anywhere");
    chaos *c = calloc(1, sizeof *c);
    uint64_t forged = 0, restarts = 0;

    (void)state;
    requirement("B2890-01");
    assert_non_null(c);
    c->now = 1;
    c->wait = 60 * FB_MILLISECOND;
    begin_subject(&c->s, 64, c->wait);
    for (unsigned round = 0; round < 200; round++)
    {
        uint32_t number = test_random_below(&random, 2) ? 0 : (uint32_t)test_random_next(&random);
        uint32_t bound = 1 + test_random_below(&random, 200); /* of 1000 are forged */

        restarts++;
        pass_time(c, test_random_below(&random, 3) * test_random_below(&random, 2000000000u));
        for (unsigned i = 0; i < 15000; i++)
        {
            uint32_t dice = test_random_below(&random, 1000);
            uint32_t anything = (uint32_t)test_random_next(&random);

            pass_time(c, test_random_below(&random, 2 * FB_MILLISECOND));
            if (dice < bound)
            {
                uint32_t near = number + (uint32_t)(int32_t)(anything % 512) - 256;

                forged++;
                arrive_anywhere(c, anything % 7 < 3 ? anything : near, 1 + anything % 9, false);
            }
            else
            {
                /* neighbours overtake each other; no number comes twice */
                arrive_anywhere(c,
                                number ^ (round & 1),
                                (uint8_t)(1 + ((number ^ (round & 1)) & 1)),
                                true);
                number++;
            }
        }
    }
    pass_time(c, FB_SECOND);
    CHECK(c->out + c->dropped == c->packets);
    for (size_t i = 0; i < RING; i++)
    {
        CHECK(c->arrived[i] == 0);
    }
    /* a packet is lost to a forged one with its number, or while a new beginning is not sure */
    CHECK(c->genuine_dropped <= forged + restarts * FB_SEQUENCE_BACK);
    printf("%llu packets, %llu of them forged; %llu others dropped\n",
           (unsigned long long)c->packets,
           (unsigned long long)forged,
           (unsigned long long)c->genuine_dropped);
    free(c->s.memory);
    free(c);
}

/* One forged number, wherever it is, costs no other packet more than its order, and that of a window of them */
static void
test_one_forged_number(void **state)
{
    (void)state;
    for (uint32_t ahead = 1; ahead != 0; ahead *= 2)
    {
        chaos *c = calloc(1, sizeof *c);
        uint64_t late;

        assert_non_null(c);
        c->now = 1;
        c->wait = 60 * FB_MILLISECOND;
        begin_subject(&c->s, 64, c->wait);
        for (uint32_t n = 0; n < 2000; n++)
        {
            pass_time(c, FB_MILLISECOND);
            if (n == 1000)
            {
                arrive_anywhere(c, n + ahead - 1, 1, false);
            }
            arrive_anywhere(c, n, 1, true);
        }
        pass_time(c, FB_SECOND);
        late = c->s.space->counters.late;
        CHECK(c->out + c->dropped == c->packets);
        CHECK(c->genuine_dropped <= 1);
        CHECK(late <= c->s.space->window && c->s.space->counters.stray <= 1);
        CHECK(c->s.space->next == 2000);
        free(c->s.memory);
        free(c);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_the_model),
        cmocka_unit_test(test_known_lost_is_exact),
        cmocka_unit_test(test_numbers_from_anywhere),
        cmocka_unit_test(test_one_forged_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
