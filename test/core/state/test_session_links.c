/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/random.h"
#include "cmocka_setup.h"
#include "state/session_cache.h"

#include <stdlib.h>
#include <string.h>

#define SESSIONS 6

typedef struct fixture
{
    uint8_t *memory;
    fb_config config;
    fb_events events;
    fb_session_cache sessions;
    uint32_t session[SESSIONS];
} fixture;

static void
lay_out(fixture *f, fb_arena *arena)
{
    fb_events_init(&f->events, arena, 64);
    fb_sessions_init(&f->sessions, arena, &f->config, &f->events);
}

/** @p long_sessions as fb_limits has it. */
static fixture *
begin(uint32_t long_sessions)
{
    fixture *f = calloc(1, sizeof *f);
    fb_arena arena = fb_arena_over(NULL, 0);
    fb_identifier peer = {1, {(const uint8_t *)"gateway", 7}};
    fb_identifier mobile = {1, {(const uint8_t *)"node", 4}};
    uint32_t node, gateway;
    size_t size;

    assert_non_null(f);
    f->config.limits = (fb_limits){.sessions = SESSIONS,
                                   .bindings = SESSIONS,
                                   .bindings_per_node = 1,
                                   .subscribers = 1,
                                   .gateways = 1,
                                   .care_of_addresses = 1,
                                   .long_sessions = long_sessions};
    lay_out(f, &arena);
    size = arena.used;
    f->memory = calloc(1, size);
    assert_non_null(f->memory);
    arena = fb_arena_over(f->memory, size);
    lay_out(f, &arena);
    assert_false(arena.failed);
    node = fb_sessions_add_node(&f->sessions, &mobile, 0);
    gateway = fb_gateways_add(&f->sessions.gateways, &peer);
    for (size_t i = 0; i < SESSIONS; i++)
    {
        f->session[i] = fb_session_create(&f->sessions, node, gateway);
        assert_int_not_equal(f->session[i], FB_SESSION_NONE);
    }
    return f;
}

/** Ends all sessions: nothing is left of what they had. */
static void
end(fixture *f)
{
    for (size_t i = 0; i < SESSIONS; i++)
    {
        fb_session_delete(&f->sessions, f->session[i], FB_CAUSE_EXPIRED, 0);
    }
    assert_int_equal(f->sessions.more.pool.used, 0);
    assert_int_equal(f->sessions.names.pool.used, 0);
    free(f->memory);
    free(f);
}

/** What a session should have. */
typedef struct link_model
{
    size_t length;
    uint8_t link_layer[FB_LINK_LAYER_MAX];
    uint8_t link_local[FB_LINK_LOCAL_OCTETS];
} link_model;

static void
check(const fixture *f, uint32_t session, const link_model *model)
{
    uint8_t octets[FB_LINK_LAYER_MAX], other[FB_LINK_LAYER_MAX];
    uint8_t link_local[FB_LINK_LOCAL_OCTETS];

    assert_int_equal(fb_session_link_layer(&f->sessions, session, octets), model->length);
    assert_memory_equal(octets, model->link_layer, model->length);
    fb_session_link_local(&f->sessions, session, link_local);
    assert_memory_equal(link_local, model->link_local, sizeof link_local);
    assert_true(fb_session_has_link_layer(&f->sessions,
                                          session,
                                          (fb_octets){model->link_layer, (uint8_t)model->length}));
    memcpy(other, model->link_layer, sizeof other);
    other[model->length > 0 ? model->length - 1 : 0] ^= 1;
    assert_false(fb_session_has_link_layer(
        &f->sessions,
        session,
        (fb_octets){other, (uint8_t)(model->length > 0 ? model->length : 1)}));
}

static void
set(fixture *f, uint32_t session, const link_model *model)
{
    fb_session_set_link(&f->sessions,
                        session,
                        (fb_octets){model->link_layer, (uint8_t)model->length},
                        model->link_local);
}

static link_model
random_model(test_random *random)
{
    link_model model = {.length = test_random_below(random, FB_LINK_LAYER_MAX + 1)};

    for (size_t i = 0; i < model.length; i++)
    {
        model.link_layer[i] = (uint8_t)test_random_below(random, 3);
    }
    if (test_random_below(random, 2) == 0)
    {
        memset(model.link_local, 1 + (int)test_random_below(random, 3), sizeof model.link_local);
    }
    return model;
}

/** Octets that do not stand with the session. */
static size_t
apart(const link_model *model)
{
    return (model->length > FB_LINK_LAYER_FRONT ? model->length : 0) +
           (model->link_local[0] != 0 ? sizeof model->link_local : 0);
}

/* RFC 5213 8.6, 8.7: of any length, with and without address; who reads a digest sees when what lies apart changes */
static void
test_random_links(void **state)
{
    fixture *f = begin(0);
    test_random random = test_random_start("session links");
    link_model model[SESSIONS] = {{0}};

    (void)state;
    for (unsigned step = 0; step < 20000; step++)
    {
        size_t at = test_random_below(&random, SESSIONS);
        link_model before = model[at];
        uint64_t digest = fb_session_fingerprint(&f->sessions, f->session[at]);
        bool same;

        model[at] = test_random_below(&random, 4) == 0 ? before : random_model(&random);
        same = memcmp(&before, &model[at], sizeof before) == 0;
        set(f, f->session[at], &model[at]);
        assert_int_equal(same, digest == fb_session_fingerprint(&f->sessions, f->session[at]));
        for (size_t i = 0; i < SESSIONS; i++)
        {
            check(f, f->session[i], &model[i]);
        }
    }
    end(f);
}

/* fb_limits.long_sessions: one may have as much as there can be, or two less; what stands with it always may */
static void
test_room(void **state)
{
    fixture *f = begin(1);
    link_model mac = {.length = 6, .link_layer = {2, 0, 0, 0, 0, 1}};
    link_model whole = {.length = FB_LINK_LAYER_MAX, .link_local = {0xfe, 0x80, [15] = 1}};
    uint32_t one = f->session[0], other = f->session[1];

    (void)state;
    assert_int_equal(apart(&whole), 32);
    assert_true(fb_session_has_room_for_link(&f->sessions, one, FB_LINK_LAYER_MAX, true));
    set(f, one, &whole);
    assert_false(fb_session_has_room_for_link(&f->sessions, other, 6, true));
    assert_false(fb_session_has_room_for_link(&f->sessions, FB_SESSION_NONE, 8, false));
    assert_true(fb_session_has_room_for_link(&f->sessions, one, FB_LINK_LAYER_MAX, true));
    assert_true(fb_session_has_room_for_link(&f->sessions, other, FB_LINK_LAYER_FRONT, false));
    set(f, other, &mac);
    check(f, other, &mac);
    check(f, one, &whole);
    set(f, one, &mac);
    assert_true(fb_session_has_room_for_link(&f->sessions, other, FB_LINK_LAYER_MAX, true));
    end(f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_links),
        cmocka_unit_test(test_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
