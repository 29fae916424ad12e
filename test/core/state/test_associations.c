/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmocka_setup.h"
#include "state/associations.h"

#include <stdlib.h>

#define CAPACITY 50

static fb_associations
make(void *memory, size_t length)
{
    fb_arena arena = fb_arena_over(memory, length);
    fb_associations made;

    fb_associations_init(&made, &arena, CAPACITY);
    assert_false(arena.failed);
    return made;
}

static fb_peer_association
shared(uint8_t kind, fb_ipv4 peer, uint32_t spi)
{
    return (fb_peer_association){.kind = kind,
                                 .peer = peer,
                                 .association = {.spi = spi, .algorithm = 1, .key_length = 16}};
}

static void
test_associations_are_found_changed_and_removed(void **state)
{
    uint64_t memory[CAPACITY * sizeof(fb_peer_association) / 8 + 8];
    fb_associations all = make(memory, sizeof memory);

    (void)state;
    /* In no order; the two kinds share peers */
    for (uint32_t i = 0; i < CAPACITY; i++)
    {
        uint32_t peer = 1 + (i * 7) % (CAPACITY / 2);
        fb_peer_association one = shared(i < CAPACITY / 2 ? FB_ASSOCIATION_MOBILE_FOREIGN
                                                          : FB_ASSOCIATION_FOREIGN_HOME,
                                         peer,
                                         1000 * (i < CAPACITY / 2 ? 1u : 2u) + peer);

        assert_int_equal(fb_associations_set(&all, &one), FB_OK);
    }
    for (uint8_t kind = 1; kind <= 2; kind++)
    {
        for (uint32_t peer = 1; peer <= CAPACITY / 2; peer++)
        {
            assert_int_equal(fb_associations_find(&all, kind, peer)->spi, 1000u * kind + peer);
        }
        assert_null(fb_associations_find(&all, kind, 0));
        assert_null(fb_associations_find(&all, kind, CAPACITY / 2 + 1));
    }
    assert_null(fb_associations_find(&all, 3, 1));

    fb_peer_association more = shared(FB_ASSOCIATION_FOREIGN_HOME, 999, 300);
    fb_peer_association changed = shared(FB_ASSOCIATION_FOREIGN_HOME, 7, 300);
    fb_peer_association gone = shared(FB_ASSOCIATION_MOBILE_FOREIGN, 7, 300);

    gone.association.key_length = 0;
    assert_int_equal(fb_associations_set(&all, &more), FB_ERR_LIMIT);
    assert_int_equal(fb_associations_set(&all, &changed), FB_OK);
    assert_int_equal(fb_associations_find(&all, FB_ASSOCIATION_FOREIGN_HOME, 7)->spi, 300);
    assert_int_equal(fb_associations_find(&all, FB_ASSOCIATION_MOBILE_FOREIGN, 7)->spi, 1007);
    assert_int_equal(fb_associations_set(&all, &gone), FB_OK);
    assert_int_equal(fb_associations_set(&all, &gone), FB_OK);
    assert_null(fb_associations_find(&all, FB_ASSOCIATION_MOBILE_FOREIGN, 7));
    assert_int_equal(fb_associations_find(&all, FB_ASSOCIATION_MOBILE_FOREIGN, 8)->spi, 1008);
    assert_int_equal(fb_associations_set(&all, &more), FB_OK);
    assert_int_equal(fb_associations_find(&all, FB_ASSOCIATION_FOREIGN_HOME, 999)->spi, 300);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_associations_are_found_changed_and_removed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
