/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/prefix.h"
#include "cmocka_setup.h"
#include "random.h"

#include <stdlib.h>
#include <string.h>

#define MEMBERS 24

static fb_prefix
ipv4(uint32_t address, uint8_t length)
{
    return (fb_prefix){.address = fb_addr_from_ipv4(address), .length = length};
}

static void
test_what_is_valid(void **state)
{
    fb_prefix prefix = ipv4(0xc6336480, 0);

    (void)state;
    assert_false(fb_prefix_valid(&prefix));
    prefix.length = 32;
    assert_true(fb_prefix_valid(&prefix));
    prefix.length = 33;
    assert_false(fb_prefix_valid(&prefix));
    prefix.address.family = FB_FAMILY_IPV6;
    assert_true(fb_prefix_valid(&prefix));
    prefix.length = 129;
    assert_false(fb_prefix_valid(&prefix));
    prefix.length = 64;
    prefix.address.family = FB_FAMILY_NONE;
    assert_false(fb_prefix_valid(&prefix));
}

static void
test_host_bits(void **state)
{
    (void)state;
    for (uint8_t length = 0; length <= 128; length++)
    {
        fb_prefix prefix = {.address = {.family = FB_FAMILY_IPV6}, .length = length};

        memset(prefix.address.octet, 0xff, 16);
        fb_prefix_clear_host_bits(&prefix);
        for (unsigned bit = 0; bit < 128; bit++)
        {
            assert_int_equal(prefix.address.octet[bit / 8] >> (7 - bit % 8) & 1, bit < length);
        }
        assert_int_equal(fb_prefix_unspecified(&prefix), length == 0);
    }
}

static void
test_what_it_covers(void **state)
{
    static const uint8_t inside[4] = {198, 51, 100, 143}, outside[4] = {198, 51, 100, 144};
    fb_prefix prefix = ipv4(0xc6336480, 28);
    fb_prefix other = prefix;

    (void)state;
    assert_true(fb_prefix_covers(&prefix, inside));
    assert_false(fb_prefix_covers(&prefix, outside));
    assert_true(fb_prefix_equal(&prefix, &other));
    other.length = 29;
    assert_false(fb_prefix_equal(&prefix, &other));
    other = prefix;
    other.address.octet[3] = 0x90;
    assert_false(fb_prefix_equal(&prefix, &other));
    other = prefix;
    other.address.family = FB_FAMILY_IPV6;
    assert_false(fb_prefix_equal(&prefix, &other));
}

/* ---- the set, against a list ---- */

typedef struct fixture
{
    fb_prefix_set set;
    fb_prefix_set_memory memory;
    bool there[MEMBERS];
    fb_prefix list[MEMBERS];
} fixture;

static int
start(void **state)
{
    fixture *f = calloc(1, sizeof *f);

    assert_non_null(f);
    f->memory.member = malloc(MEMBERS * sizeof *f->memory.member);
    f->memory.branch = malloc(MEMBERS * sizeof *f->memory.branch);
    f->memory.pool = malloc(fb_pool_memory(MEMBERS));
    assert_non_null(f->memory.member);
    assert_non_null(f->memory.branch);
    assert_non_null(f->memory.pool);
    fb_prefix_set_init(&f->set, f->memory, MEMBERS);
    *state = f;
    return 0;
}

static int
stop(void **state)
{
    fixture *f = *state;

    free(f->memory.member);
    free(f->memory.branch);
    free(f->memory.pool);
    free(f);
    return 0;
}

/** Few bits vary, so that prefixes meet: at the front, across an octet, and at the end of an IPv6 address. */
static fb_prefix
random_prefix(test_random *random)
{
    uint64_t bits = test_random_next(random);
    fb_prefix prefix = {.address = {.family = (bits & 1) != 0 ? FB_FAMILY_IPV4 : FB_FAMILY_IPV6}};

    prefix.address.octet[0] = (uint8_t)(bits >> 8 & 0xc0);
    prefix.address.octet[1] = (uint8_t)(bits >> 16 & 0x03);
    prefix.address.octet[2] = (uint8_t)(bits >> 24 & 0xc0);
    prefix.address.octet[15] = (uint8_t)(bits >> 32 & 0x03);
    prefix.length = (uint8_t)(1 + (bits >> 40) % fb_prefix_length_max(prefix.address.family));
    fb_prefix_clear_host_bits(&prefix);
    return prefix;
}

static bool
list_overlaps(const fixture *f, const fb_prefix *prefix)
{
    for (size_t i = 0; i < MEMBERS; i++)
    {
        if (f->there[i] && f->list[i].address.family == prefix->address.family &&
            (fb_prefix_covers(&f->list[i], prefix->address.octet) ||
             fb_prefix_covers(prefix, f->list[i].address.octet)))
        {
            return true;
        }
    }
    return false;
}

static uint32_t
list_find(const fixture *f, const fb_addr *address)
{
    for (uint32_t i = 0; i < MEMBERS; i++)
    {
        if (f->there[i] && f->list[i].address.family == address->family &&
            fb_prefix_covers(&f->list[i], address->octet))
        {
            return i;
        }
    }
    return FB_PREFIX_NONE;
}

static void
test_against_a_list(void **state)
{
    fixture *f = *state;
    test_random random = test_random_start("test_against_a_list");
    size_t added = 0, refused = 0, found = 0;

    for (size_t step = 0; step < 60000; step++)
    {
        fb_prefix prefix = random_prefix(&random);
        uint32_t member = test_random_below(&random, MEMBERS);
        uint32_t expected;

        if (f->there[member])
        {
            fb_prefix_set_remove(&f->set, member);
            f->there[member] = false;
        }
        else
        {
            bool overlaps = list_overlaps(f, &prefix);

            assert_int_equal(fb_prefix_set_add(&f->set, member, &prefix), !overlaps);
            f->there[member] = !overlaps;
            f->list[member] = prefix;
            added += !overlaps;
            refused += overlaps;
        }
        prefix = random_prefix(&random);
        prefix.address.octet[3] = (uint8_t)step;
        expected = list_find(f, &prefix.address);
        found += expected != FB_PREFIX_NONE;
        assert_int_equal(fb_prefix_set_find(&f->set, prefix.address.family, prefix.address.octet),
                         expected);
    }
    /* The test met all there is */
    assert_true(added > 5000 && refused > 5000 && found > 5000);
}

static void
test_an_empty_set(void **state)
{
    static const uint8_t octets[16] = {198, 51, 100, 10};
    fixture *f = *state;
    fb_prefix prefix = ipv4(0xc6336400, 24);

    assert_int_equal(fb_prefix_set_find(&f->set, FB_FAMILY_IPV4, octets), FB_PREFIX_NONE);
    assert_true(fb_prefix_set_add(&f->set, 3, &prefix));
    assert_int_equal(fb_prefix_set_find(&f->set, FB_FAMILY_IPV4, octets), 3);
    assert_int_equal(fb_prefix_set_find(&f->set, FB_FAMILY_IPV6, octets), FB_PREFIX_NONE);
    fb_prefix_set_remove(&f->set, 3);
    assert_int_equal(fb_prefix_set_find(&f->set, FB_FAMILY_IPV4, octets), FB_PREFIX_NONE);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_valid),
        cmocka_unit_test(test_host_bits),
        cmocka_unit_test(test_what_it_covers),
        cmocka_unit_test_setup_teardown(test_against_a_list, start, stop),
        cmocka_unit_test_setup_teardown(test_an_empty_set, start, stop),
    };

    return cmocka_run_group_tests_name("prefix", tests, NULL, NULL);
}
