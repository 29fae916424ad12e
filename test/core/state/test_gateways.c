/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmocka_setup.h"
#include "state/gateways.h"

#include <stdlib.h>
#include <string.h>

#define GATEWAYS 6
#define TOLD 2
#define NAME_OCTETS 12

typedef struct fixture
{
    uint8_t *memory;
    fb_gateways gateways;
} fixture;

static int
start(void **state)
{
    fb_limits limits = {.gateways = GATEWAYS, .named_gateways = TOLD, .name_octets = NAME_OCTETS};
    fixture *f = calloc(1, sizeof *f);
    fb_arena arena = fb_arena_over(NULL, 0);
    size_t size;

    assert_non_null(f);
    fb_gateways_init(&f->gateways, &arena, &limits);
    size = arena.used;
    f->memory = aligned_alloc(FB_CACHE_LINE,
                              (size + FB_CACHE_LINE) / FB_CACHE_LINE * FB_CACHE_LINE);
    assert_non_null(f->memory);
    memset(f->memory, 0, size);
    arena = fb_arena_over(f->memory, size);
    fb_gateways_init(&f->gateways, &arena, &limits);
    assert_false(arena.failed);
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

static fb_identifier
opaque(const uint8_t *octets, size_t length)
{
    return (fb_identifier){200, {octets, (uint8_t)length}};
}

static fb_gateway
told(const char *name, uint32_t association)
{
    fb_gateway gateway = {.security_association = association};

    gateway.identity.length = (uint8_t)strlen(name);
    memcpy(gateway.identity.text, name, gateway.identity.length);
    return gateway;
}

static uint32_t
by_name(const fixture *f, const char *name)
{
    fb_identifier identifier = {1, {(const uint8_t *)name, (uint8_t)strlen(name)}};

    return fb_gateways_find(&f->gateways, &identifier);
}

/* RFC 8278 4.2: identifiers are opaque, and all of them counts, whatever their length (D8-05) */
static void
test_long_identifiers(void **state)
{
    fixture *f = *state;
    uint8_t octets[UINT8_MAX] = {7};
    fb_identifier longest = opaque(octets, sizeof octets);
    uint32_t gateway;

    assert_true(fb_gateways_has_room(&f->gateways, sizeof octets));
    gateway = fb_gateways_add(&f->gateways, &longest);
    assert_int_equal(fb_gateways_find(&f->gateways, &longest), gateway);
    for (size_t at = 0; at < sizeof octets; at += 127)
    {
        octets[at] ^= 1;
        assert_int_equal(fb_gateways_find(&f->gateways, &longest), FB_GATEWAY_NONE);
        assert_false(fb_gateways_is(&f->gateways, gateway, &longest));
        octets[at] ^= 1;
    }
    assert_int_equal(fb_gateways_nai(&f->gateways, gateway).length, 0); /* it is too long for one */
    fb_gateways_settle(&f->gateways, gateway);
    assert_int_equal(f->gateways.names.pool.used, 0);
    assert_int_equal(f->gateways.by_identity.count, 0);
}

/* What short names leave is there for long ones, and who finds no room leaves no trace */
static void
test_room_for_names(void **state)
{
    fixture *f = *state;
    uint8_t octets[UINT8_MAX];
    uint32_t gateway[GATEWAYS];
    size_t length = 5 * NAME_OCTETS;
    unsigned count = 0;

    while (count < GATEWAYS && fb_gateways_has_room(&f->gateways, length))
    {
        fb_identifier identifier = opaque(octets, length);

        memset(octets, (int)count, sizeof octets);
        gateway[count++] = fb_gateways_add(&f->gateways, &identifier);
    }
    assert_in_range(count, 2, GATEWAYS - 1);
    assert_true(fb_gateways_has_room(&f->gateways, NAME_OCTETS));
    assert_int_equal(f->gateways.pool.used, count);
    fb_gateways_settle(&f->gateways, gateway[0]);
    assert_true(fb_gateways_has_room(&f->gateways, length));
    memset(octets, 1, sizeof octets);
    assert_int_equal(
        fb_gateways_find(&f->gateways, &(fb_identifier){200, {octets, (uint8_t)length}}),
        gateway[1]);
    for (unsigned i = 1; i < count; i++)
    {
        fb_gateways_settle(&f->gateways, gateway[i]);
    }
    assert_int_equal(f->gateways.names.pool.used, 0);
}

/* fb_limits.named_gateways: those that come by themselves do not count, and one that goes leaves its place */
static void
test_told_gateways(void **state)
{
    fixture *f = *state;
    fb_gateway one = told("one", 1), two = told("two", 2), three = told("three", 3);
    fb_identifier stranger = opaque((const uint8_t *)"stranger", 8);
    uint32_t alone = fb_gateways_add(&f->gateways, &stranger);

    assert_false(fb_gateways_is_told(&f->gateways, alone));
    assert_int_equal(fb_gateways_association(&f->gateways, alone), 0);
    assert_int_equal(fb_gateways_set(&f->gateways, &one), FB_OK);
    assert_int_equal(fb_gateways_set(&f->gateways, &two), FB_OK);
    assert_int_equal(fb_gateways_set(&f->gateways, &three), FB_ERR_LIMIT);
    assert_int_equal(by_name(f, "three"), FB_GATEWAY_NONE);
    one.security_association = 9; /* one that is told of can change */
    assert_int_equal(fb_gateways_set(&f->gateways, &one), FB_OK);
    assert_int_equal(fb_gateways_find_association(&f->gateways, 1), FB_GATEWAY_NONE);
    assert_int_equal(fb_gateways_find_association(&f->gateways, 9), by_name(f, "one"));
    two.security_association = 9; /* but not to what is another one's */
    assert_int_equal(fb_gateways_set(&f->gateways, &two), FB_ERR_ARGUMENT);
    assert_int_equal(fb_gateways_find_association(&f->gateways, 2), by_name(f, "two"));
    fb_gateways_unset(&f->gateways, by_name(f, "one"));
    assert_int_equal(by_name(f, "one"), FB_GATEWAY_NONE);
    assert_int_equal(fb_gateways_set(&f->gateways, &three), FB_OK);
    assert_int_equal(fb_gateways_association(&f->gateways, by_name(f, "three")), 3);
    fb_gateways_settle(&f->gateways, alone);
    fb_gateways_unset(&f->gateways, by_name(f, "two"));
    fb_gateways_unset(&f->gateways, by_name(f, "three"));
    assert_int_equal(f->gateways.told.used, 0);
    assert_int_equal(f->gateways.pool.used, 0);
    assert_int_equal(f->gateways.names.pool.used, 0);
    assert_int_equal(f->gateways.open, 0);
}

/* Whose an address is, as gateways come and go in places others had */
static void
test_addresses(void **state)
{
    fixture *f = *state;
    fb_gateway one = told("one", 0), two = told("two", 0);
    fb_addr address = {FB_FAMILY_IPV6, {0x20, 1, 0xd, 0xb8, 5, [15] = 1}};

    one.address_count = 1;
    one.address[0] = (fb_prefix){{FB_FAMILY_IPV6, {0x20, 1, 0xd, 0xb8, 5}}, 48};
    two.address_count = 2;
    two.address[0] = (fb_prefix){{FB_FAMILY_IPV6, {0x20, 1, 0xd, 0xb8, 6}}, 48};
    two.address[1] = one.address[0];
    assert_int_equal(fb_gateways_set(&f->gateways, &one), FB_OK);
    assert_int_equal(fb_gateways_set(&f->gateways, &two), FB_ERR_ARGUMENT); /* one is another's */
    assert_int_equal(by_name(f, "two"), FB_GATEWAY_NONE);
    assert_int_equal(f->gateways.told.used, 1);
    assert_int_equal(fb_gateways_find_origin(&f->gateways, &address, 0), by_name(f, "one"));
    fb_gateways_unset(&f->gateways, by_name(f, "one"));
    assert_int_equal(fb_gateways_find_origin(&f->gateways, &address, 0), FB_GATEWAY_NONE);
    assert_int_equal(fb_gateways_set(&f->gateways, &two), FB_OK);
    assert_int_equal(fb_gateways_find_origin(&f->gateways, &address, 0), by_name(f, "two"));
    assert_true(fb_gateways_origin_fits(&f->gateways, by_name(f, "two"), &address, 0));
    address.octet[4] = 7;
    assert_false(fb_gateways_origin_fits(&f->gateways, by_name(f, "two"), &address, 0));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_long_identifiers, start, stop),
        cmocka_unit_test_setup_teardown(test_room_for_names, start, stop),
        cmocka_unit_test_setup_teardown(test_told_gateways, start, stop),
        cmocka_unit_test_setup_teardown(test_addresses, start, stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
