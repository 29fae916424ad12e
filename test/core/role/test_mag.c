/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * A gateway under damaged input and random histories: nothing is believed that is not an answer, and what was set up
 * stays sound. What it does otherwise is in test/rfc, a file a clause.
 */

#include "base/random.h"
#include "cmocka_setup.h"
#include "gateway.h"

#include <stdlib.h>
#include <string.h>

#define UPDATE 5

/** An acknowledgement with everything in it. */
static gateway_answer
rich_answer(const gateway *g)
{
    const gateway_message *m = gateway_last(g, UPDATE);
    gateway_answer answer = gateway_answer_begin(m, 0, 900);

    gateway_answer_echo(&answer, m, 0);
    gateway_answer_option(&answer, 33, (const uint8_t[]){0, 0, 1, 2, 3, 4}, 6, 4, 0);
    gateway_answer_option(&answer, 37, (const uint8_t[]){0, 32 << 2, 198, 51, 100, 7}, 6, 4, 0);
    gateway_answer_option(&answer, 31, (const uint8_t[]){0x80, 0, 0, 0, 0, 110}, 6, 4, 0);
    gateway_answer_option(&answer, 45, (const uint8_t[]){0, 1, 0, 10, 0, 0}, 6, 2, 0);
    gateway_answer_option(&answer, 1, (const uint8_t[]){0, 0, 0, 0, 0, 0, 0, 0}, 8, 1, 0);
    return answer;
}

static gateway *
asking(void)
{
    gateway *g = gateway_new(NULL);
    fb_rule rule = gateway_rule("1", 6, 80);

    g->session.ipv4 = true;
    gateway_link_up(g, GATEWAY_LTE);
    fb_mag_set_policy(&g->mag, &rule, 1, g->now);
    gateway_attach(g);
    return g;
}

/** As over IPv4: without a checksum nothing protects the rest. */
static void
inject_damaged(gateway *g, const gateway_answer *answer, const uint8_t *octets, size_t length)
{
    uint8_t copy[1500];
    uint16_t sum;

    memcpy(copy, octets, length);
    if (length >= 6 && length % 2 == 0)
    {
        sum = gateway_checksum(&answer->meta.src, &answer->meta.dst, copy, length);
        copy[4] = (uint8_t)(sum >> 8);
        copy[5] = (uint8_t)sum;
    }
    gateway_inject(g, &answer->meta, copy, length);
    gateway_drain(g);
}

static void
test_truncated(void **state)
{
    gateway *g = asking();
    gateway_answer answer = rich_answer(g);

    (void)state;
    answer.octets[1] = (uint8_t)(answer.length / 8 - 1);
    for (size_t length = 0; length < answer.length; length++)
    {
        inject_damaged(g, &answer, answer.octets, length);
        assert_int_equal(gateway_state(g, 1), FB_BINDING_PROBING);
    }
    gateway_free(g);
}

static void
test_every_bit(void **state)
{
    gateway *first = asking();
    gateway_answer answer = rich_answer(first);
    size_t length = answer.length - answer.length % 8;

    (void)state;
    answer.octets[1] = (uint8_t)(length / 8 - 1);
    gateway_free(first);
    for (size_t bit = 0; bit < length * 8; bit++)
    {
        gateway *g = asking();

        answer.octets[bit / 8] ^= (uint8_t)(1u << bit % 8);
        inject_damaged(g, &answer, answer.octets, length);
        answer.octets[bit / 8] ^= (uint8_t)(1u << bit % 8);
        gateway_run(g, 2 * FB_SECOND);
        gateway_free(g);
    }
}

/** When the session needs time to act on it, or may send: looked for in all it has. */
static void
deadlines_of(const gateway *g, uint32_t place, fb_time *timer, fb_time *send)
{
    const fb_update_session *session = fb_update_list_at(&g->mag.list, place);

    *timer = session->multipath_retry_at;
    *send = FB_TIME_NEVER;
    for (uint16_t link = 0; link < GATEWAY_LINKS; link++)
    {
        const fb_update_entry *entry = fb_update_list_entry(&g->mag.list, place, link);
        const fb_update *update = &entry->update;

        *timer = entry->expires < *timer ? entry->expires : *timer;
        *timer = entry->refresh_at < *timer ? entry->refresh_at : *timer;
        *timer = entry->blocked_until < *timer ? entry->blocked_until : *timer;
        if (update->kind == FB_UPDATE_NONE)
        {
            assert_true(update->send_at == FB_TIME_NEVER);
        }
        else if (update->waiting)
        {
            *timer = update->send_at < *timer ? update->send_at : *timer;
        }
        else
        {
            *send = update->send_at < *send ? update->send_at : *send;
        }
    }
}

/** Whether an update of the session that was sent for the first time is not given up yet (C8-02). */
static bool
waits_for_answer(const gateway *g, uint32_t place)
{
    for (uint16_t link = 0; link < GATEWAY_LINKS; link++)
    {
        const fb_update *update = &fb_update_list_entry(&g->mag.list, place, link)->update;

        if (update->waiting && update->tries <= 1)
        {
            return true;
        }
    }
    return false;
}

/** fb_mag_next_timeout() is not late, and not early but for what another update of the session holds up. */
static void
check_deadlines(const gateway *g)
{
    fb_time next = g->mag.legacy_retry_at, limit = fb_rate_limit_free_at(&g->mag.updates);

    for (uint32_t place = 0; place < g->mag.list.capacity; place++)
    {
        fb_time timer, send;

        if (!fb_update_list_used(&g->mag.list, place))
        {
            continue;
        }
        deadlines_of(g, place, &timer, &send);
        if (send != FB_TIME_NEVER && (g->config.mag.concurrent || !waits_for_answer(g, place)))
        {
            send = send < limit ? limit : send;
            /* concurrently only with an anchor that is known to be capable */
            assert_true(g->config.mag.concurrent || fb_mag_next_timeout(&g->mag) <= send);
            timer = g->config.mag.concurrent || send > timer ? timer : send;
        }
        next = timer < next ? timer : next;
    }
    for (uint16_t i = 0; i < GATEWAY_LINKS; i++)
    {
        const fb_mag_link *link = &g->mag.link[i];

        if (link->known && link->up)
        {
            next = link->heartbeat.next < next ? link->heartbeat.next : next;
        }
        /* what waits to be sent is sent in time */
        assert_true(!(link->request_due || link->response_due) ||
                    fb_mag_next_timeout(&g->mag) <= fb_rate_limit_free_at(&g->mag.heartbeats));
    }
    assert_true(fb_mag_next_timeout(&g->mag) <= next);
    if (!g->config.mag.concurrent && g->mag.config.heartbeat_s == 0)
    {
        assert_true(fb_mag_next_timeout(&g->mag) == next);
    }
}

/** What holds whatever happened. */
static void
check(const gateway *g)
{
    fb_path_view paths[GATEWAY_LINKS];
    fb_session_view view;

    for (size_t i = 0; fb_mag_session_view(&g->mag, i, &view); i++)
    {
        uint32_t place = fb_update_list_find(&g->mag.list, view.session);
        size_t count = fb_mag_paths(&g->mag, place, paths);
        unsigned plain = 0, probing = 0, farewell = 0;

        assert_true(count <= view.binding_count);
        for (uint16_t link = 0; link < GATEWAY_LINKS; link++)
        {
            const fb_update_entry *entry = fb_update_list_entry(&g->mag.list, place, link);
            bool up = fb_update_entry_up(entry);

            plain += up && entry->plain;
            probing += entry->state == FB_BINDING_PROBING;
            farewell += entry->update.kind == FB_UPDATE_DEREGISTER_ALL;
            assert_true(up == (entry->expires != FB_TIME_NEVER));
            assert_true(entry->state != FB_BINDING_DOWN || entry->update.kind == FB_UPDATE_NONE);
        }
        /* who leaves says so, once */
        assert_true(farewell <= 1);
        assert_true(!fb_update_list_at(&g->mag.list, place)->detaching || farewell == 1);
        /* a binding without RFC 8278 is alone, and never two ask (C8-01) */
        assert_true(plain == 0 || view.binding_count == 1);
        assert_true(probing <= 1);
    }
    assert_int_equal(g->events.counter[FB_BUG_STATE_TRANSITION], 0);
    check_deadlines(g);
}

static uint8_t
some_status(test_random *random)
{
    static const uint8_t status[] = {0,   0,   0,   0,   0,   0,   1,   2,   128,
                                     129, 130, 133, 135, 152, 155, 156, 157, 159,
                                     163, 170, 171, 172, 177, 178, 180, 180};

    return status[test_random_next(random) % sizeof status];
}

static void
step(gateway *g, test_random *random)
{
    uint32_t link = 1 + (uint32_t)(test_random_next(random) % GATEWAY_LINKS);
    uint32_t session = 1 + (uint32_t)(test_random_next(random) % 3);
    fb_rule rules[2] = {gateway_rule("21", 6, 80), gateway_rule("13", 17, 5060)};

    g->status = some_status(random);
    switch (test_random_next(random) % 16)
    {
    case 0:
        g->link[link].address.octet[12 * (link != GATEWAY_IPV4) + 3] = (uint8_t)test_random_next(
            random);
        gateway_link_up(g, link);
        break;
    case 1:
    case 2:
        gateway_link_up(g, link);
        break;
    case 3:
        (void)fb_mag_link_down(&g->mag, link, g->now);
        break;
    case 4:
        if (fb_update_list_find(&g->mag.list, session) == FB_UPDATE_LIST_NONE)
        {
            gateway_attach_another(g, session);
        }
        break;
    case 5:
        (void)fb_mag_remove_session(&g->mag, session, g->now);
        break;
    case 6:
        (void)fb_mag_deregister(&g->mag,
                                test_random_next(random) % 3 == 0 ? 0 : (uint8_t)link,
                                g->now);
        break;
    case 7:
    case 8:
        (void)fb_mag_register(&g->mag,
                              test_random_next(random) % 2 == 0 ? 0 : (uint8_t)link,
                              g->now);
        break;
    case 9:
        (void)fb_mag_set_policy(&g->mag, rules, test_random_next(random) % 3, g->now);
        break;
    case 10:
        g->legacy = test_random_next(random) % 4 == 0;
        g->flows = test_random_next(random) % 2 == 0;
        break;
    case 11:
        g->counter += test_random_next(random) % 4 == 0;
        break;
    case 12:
        g->deaf[link] = !g->deaf[link];
        break;
    case 13:
        fb_mag_clock_set(&g->mag, g->now);
        break;
    default:
        gateway_run(g, test_random_next(random) % (900 * FB_SECOND));
        break;
    }
    gateway_drain(g);
    check(g);
}

static void
test_histories(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 150; seed++)
    {
        test_random random = {seed * UINT64_C(0x9e3779b97f4a7c15)};
        fb_config config;
        gateway *g;

        gateway_config(&config);
        config.mag.heartbeat_s = seed % 2 == 0 ? 60 : 0;
        config.mag.bulk_refresh = seed % 3 == 0;
        config.mag.concurrent = seed % 5 == 0;
        config.mag.sequence_numbers = seed % 7 == 0;
        config.mag.anchor_capable = seed % 4 == 0;
        config.mag.restart_counter = seed % 6 == 0;
        config.mag.lifetime_s = 1200;
        g = gateway_new(&config);
        g->answering = true;
        g->counter = 1;
        for (unsigned i = 0; i < 60 && g->sent_count < GATEWAY_MESSAGES - 700; i++)
        {
            step(g, &random);
        }
        /* whatever happened: with an anchor that works, and paths, all is well in the end */
        memset(g->deaf, 0, sizeof g->deaf);
        g->status = 0;
        g->legacy = false;
        for (uint32_t link = 1; link <= GATEWAY_LINKS; link++)
        {
            gateway_link_up(g, link);
        }
        gateway_run(g, 40 * FB_SECOND);
        if (fb_update_list_find(&g->mag.list, 1) == FB_UPDATE_LIST_NONE)
        {
            gateway_attach_another(g, 1);
        }
        fb_mag_register(&g->mag, 0, g->now);
        gateway_run(g, 400 * FB_SECOND);
        if (strcmp(gateway_paths(g, (char[16]){0}), "1234") != 0)
        {
            printf("# seed %u\n", (unsigned)seed);
        }
        assert_paths(g, "1234");
        check(g);
        gateway_free(g);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_truncated),
                                       cmocka_unit_test(test_every_bit),
                                       cmocka_unit_test(test_histories)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
