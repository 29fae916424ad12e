/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmocka_setup.h"
#include "state/prefix_pool.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

static uint8_t memory[65536];

static fb_prefix
prefix(const char *text, uint8_t length)
{
    bool ipv6 = strchr(text, ':') != NULL;
    fb_prefix p = {{ipv6 ? FB_FAMILY_IPV6 : FB_FAMILY_IPV4, {0}}, length};

    assert_int_equal(inet_pton(ipv6 ? AF_INET6 : AF_INET, text, p.address.octet), 1);
    return p;
}

static fb_prefix_pool
pool_of(const char *base, uint8_t base_length, uint8_t length, uint32_t first, uint32_t capacity)
{
    fb_arena arena = fb_arena_over(memory, sizeof memory);
    fb_prefix b = prefix(base, base_length);
    fb_prefix_pool pool;

    memset(&pool, 0xa5, sizeof pool);
    fb_prefix_pool_init(&pool, &arena, &b, length, first, capacity);
    assert_false(arena.failed);
    return pool;
}

/** Prefix @p number of the pool is @p text, and is found by its name. */
static void
assert_numbered(const fb_prefix_pool *pool, uint32_t number, const char *text)
{
    fb_prefix expected = prefix(text, pool->length);
    fb_prefix got = fb_prefix_pool_prefix(pool, number);

    assert_true(fb_prefix_equal(&got, &expected));
    assert_int_equal(fb_prefix_pool_number(pool, &expected), number);
}

static uint32_t
owner_of(const fb_prefix_pool *pool, const char *text)
{
    fb_prefix p = prefix(text, 1);

    return fb_prefix_pool_owner(pool, p.address.family, p.address.octet);
}

static void
test_numbers(void **state)
{
    fb_prefix_pool pool = pool_of("2001:db8:100::", 40, 64, 0, 1000);
    fb_prefix other;

    (void)state;
    assert_numbered(&pool, 0, "2001:db8:100::");
    assert_numbered(&pool, 1, "2001:db8:100:1::");
    assert_numbered(&pool, 999, "2001:db8:100:3e7::");
    other = prefix("2001:db8:100:3e8::", 64); /* beyond the capacity */
    assert_int_equal(fb_prefix_pool_number(&pool, &other), FB_POOL_NONE);
    other = prefix("2001:db8:200::", 64);
    assert_int_equal(fb_prefix_pool_number(&pool, &other), FB_POOL_NONE);
    other = prefix("2001:db8:100::", 63);
    assert_int_equal(fb_prefix_pool_number(&pool, &other), FB_POOL_NONE);

    pool = pool_of("2001:db8:200::", 39, 57, 0, 1000); /* not at octets */
    assert_numbered(&pool, 3, "2001:db8:200:180::");
    pool = pool_of("2001:db8::", 32, 127, 0, 1000); /* more bits than numbers have */
    assert_numbered(&pool, 3, "2001:db8::6");
    other = prefix("2001:db8:1::", 127);
    assert_int_equal(fb_prefix_pool_number(&pool, &other), FB_POOL_NONE);
}

/* Wherever in the address numbers stand: the prefix in front of the first and that behind the last are nobody's */
static void
test_ends(void **state)
{
    static const struct
    {
        const char *base, *before, *last, *behind;
        uint8_t base_length, length;
    } rows[] = {
        {"2001:db8:40::", "2001:db8:3f:ffff::", "2001:db8:40:3::", "2001:db8:40:4::", 62, 64},
        {"8000::", "7fff::", "c000::", "::", 1, 2},
        {"2001:db8::8000:0:0:0",
         "2001:db8::7fff:0:0:0",
         "2001:db8::8003:0:0:0",
         "2001:db8::8004:0:0:0",
         78,
         80},
        {"2001:db8:0:4::", "2001:db8:0:3:8000::", "2001:db8:0:7:8000::", "2001:db8:0:8::", 62, 65},
        {"198.51.100.16", "198.51.100.15", "198.51.100.19", "198.51.100.20", 30, 32},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
    {
        fb_prefix_pool pool = pool_of(rows[i].base, rows[i].base_length, rows[i].length, 0, 8);
        uint32_t last = (1u << (rows[i].length - rows[i].base_length)) - 1;

        assert_int_equal(pool.free.capacity, last + 1);
        for (uint32_t number = 0; number <= last; number++)
        {
            assert_int_equal(fb_prefix_pool_take(&pool, 100 + number), number);
        }
        assert_int_equal(owner_of(&pool, rows[i].base), 100);
        assert_int_equal(owner_of(&pool, rows[i].last), 100 + last);
        assert_int_equal(owner_of(&pool, rows[i].before), FB_PREFIX_UNOWNED);
        assert_int_equal(owner_of(&pool, rows[i].behind), FB_PREFIX_UNOWNED);
    }
}

/* A guess, for prefixes that are given to owners in the order of their numbers */
static void
test_expecting(void **state)
{
    fb_prefix_pool pool = pool_of("2001:db8:100::", 62, 64, 1, 1000);
    fb_prefix second = prefix("2001:db8:100:2::", 64), other = prefix("2001:db8:101::", 64);

    (void)state;
    assert_int_equal(fb_prefix_pool_take(&pool, 0), 1);
    assert_int_equal(fb_prefix_pool_take(&pool, 1), 2);
    assert_int_equal(fb_prefix_pool_guess(&pool, FB_FAMILY_IPV6, second.address.octet), 1);
    assert_int_equal(owner_of(&pool, "2001:db8:100:2::"), 1);
    assert_int_equal(fb_prefix_pool_guess(&pool, FB_FAMILY_IPV6, other.address.octet),
                     FB_PREFIX_UNOWNED);
    assert_int_equal(fb_prefix_pool_guess(&pool, FB_FAMILY_IPV4, second.address.octet),
                     FB_PREFIX_UNOWNED);
}

static void
test_giving(void **state)
{
    fb_prefix_pool pool = pool_of("2001:db8:100::", 62, 64, 0, 1000);

    (void)state;
    assert_int_equal(pool.free.capacity, 4);
    assert_int_equal(fb_prefix_pool_take(&pool, 7), 0);
    assert_true(fb_prefix_pool_take_number(&pool, 2, 8));
    assert_false(fb_prefix_pool_take_number(&pool, 2, 9));
    assert_false(fb_prefix_pool_take_number(&pool, 4, 9));
    assert_int_equal(fb_prefix_pool_take(&pool, 10), 1);
    assert_int_equal(fb_prefix_pool_take(&pool, 11), 3);
    assert_int_equal(fb_prefix_pool_take(&pool, 12), FB_POOL_NONE);
    assert_false(fb_prefix_pool_has_room(&pool));
    assert_int_equal(owner_of(&pool, "2001:db8:100::1"), 7);
    assert_int_equal(owner_of(&pool, "2001:db8:100:1:ffff::"), 10);
    assert_int_equal(owner_of(&pool, "2001:db8:100:2::"), 8);
    assert_int_equal(owner_of(&pool, "2001:db8:100:4::"), FB_PREFIX_UNOWNED);
    assert_int_equal(owner_of(&pool, "10.0.0.1"), FB_PREFIX_UNOWNED);
    fb_prefix_pool_give(&pool, 1);
    assert_int_equal(owner_of(&pool, "2001:db8:100:1::"), FB_PREFIX_UNOWNED);
    assert_true(fb_prefix_pool_has_room(&pool));
    assert_int_equal(fb_prefix_pool_take(&pool, 13), 1);
}

/* Neither the network, nor the router, nor the broadcast address */
static void
test_ipv4_addresses(void **state)
{
    fb_prefix_pool pool = pool_of("198.51.100.0", 29, 32, 2, 1000);

    (void)state;
    assert_int_equal(pool.free.capacity, 5);
    assert_int_equal(fb_prefix_pool_take(&pool, 1), 2);
    assert_numbered(&pool, 2, "198.51.100.2");
    assert_false(fb_prefix_pool_take_number(&pool, 1, 1));
    assert_false(fb_prefix_pool_take_number(&pool, 7, 1));
    assert_true(fb_prefix_pool_take_number(&pool, 6, 1));
    pool = pool_of("198.51.100.0", 31, 32, 2, 1000);
    assert_int_equal(fb_prefix_pool_take(&pool, 1), FB_POOL_NONE);
}

static void
test_no_pool(void **state)
{
    fb_prefix_pool pool = pool_of("2001:db8::", 0, 64, 0, 1000);
    fb_prefix any = prefix("2001:db8::", 64);

    (void)state;
    for (int i = 0; i < 2; i++)
    {
        assert_int_equal(fb_prefix_pool_take(&pool, 1), FB_POOL_NONE);
        assert_false(fb_prefix_pool_take_number(&pool, 0, 1));
        assert_false(fb_prefix_pool_has_room(&pool));
        assert_int_equal(fb_prefix_pool_number(&pool, &any), FB_POOL_NONE);
        assert_int_equal(owner_of(&pool, "2001:db8::1"), FB_PREFIX_UNOWNED);
        pool = pool_of("2001:db8::", 65, 64, 0, 1000); /* longer than its parts */
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_ends),
        cmocka_unit_test(test_expecting),
        cmocka_unit_test(test_giving),
        cmocka_unit_test(test_ipv4_addresses),
        cmocka_unit_test(test_no_pool),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
