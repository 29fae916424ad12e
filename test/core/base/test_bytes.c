/* SPDX-License-Identifier: BSD-3-Clause */
#include "base/bytes.h"

#include "cmocka_setup.h"

#include <string.h>

static const uint8_t counting[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};

static void
test_reader_network_order(void **state)
{
    (void)state;
    fb_reader reader = fb_reader_over(counting, sizeof counting);
    assert_int_equal(fb_read_u8(&reader), 0x01);
    assert_int_equal(fb_read_u16(&reader), 0x0203);
    assert_int_equal(fb_read_u32(&reader), 0x04050607);
    assert_true(fb_read_u64(&reader) == UINT64_C(0x08090a0b0c0d0e0f));
    assert_int_equal(fb_read_left(&reader), 1);
    assert_int_equal(fb_read_u8(&reader), 0x10);
    assert_int_equal(fb_read_left(&reader), 0);
    assert_false(reader.failed);
}

static void
test_reader_remembers_failure(void **state)
{
    (void)state;
    fb_reader reader = fb_reader_over(counting, 3);
    assert_int_equal(fb_read_u16(&reader), 0x0102);
    assert_int_equal(fb_read_u16(&reader), 0);
    assert_true(reader.failed);
    /* One octet is still there, but a failed reader yields zeros. */
    assert_int_equal(fb_read_u8(&reader), 0);
    assert_int_equal(fb_read_u32(&reader), 0);
    assert_true(fb_read_u64(&reader) == 0);
    assert_int_equal(fb_read_left(&reader), 0);
}

static void
test_reader_every_size_at_the_end(void **state)
{
    (void)state;
    for (size_t length = 0; length < 8; length++)
    {
        fb_reader reader = fb_reader_over(counting, length);
        fb_read_u64(&reader);
        assert_true(reader.failed);
        reader = fb_reader_over(counting, length);
        fb_read_u32(&reader);
        assert_int_equal(reader.failed, length < 4);
        reader = fb_reader_over(counting, length);
        fb_read_u16(&reader);
        assert_int_equal(reader.failed, length < 2);
        reader = fb_reader_over(counting, length);
        fb_read_u8(&reader);
        assert_int_equal(reader.failed, length < 1);
    }
}

static void
test_reader_bytes_and_skip(void **state)
{
    (void)state;
    uint8_t out[4] = {0xee, 0xee, 0xee, 0xee};
    fb_reader reader = fb_reader_over(counting, 8);
    fb_read_skip(&reader, 2);
    fb_read_bytes(&reader, out, 3);
    assert_memory_equal(out, counting + 2, 3);
    assert_int_equal(out[3], 0xee);
    fb_read_bytes(&reader, out, 0);
    assert_int_equal(fb_read_left(&reader), 3);
    fb_read_bytes(&reader, out, 4);
    assert_true(reader.failed);
    assert_memory_equal(out, ((uint8_t[4]){0}), 4);

    reader = fb_reader_over(counting, 8);
    fb_read_skip(&reader, SIZE_MAX);
    assert_true(reader.failed);
}

static void
test_writer_network_order(void **state)
{
    (void)state;
    uint8_t buffer[16];
    fb_writer writer = fb_writer_over(buffer, sizeof buffer);
    fb_write_u8(&writer, 0x01);
    fb_write_u16(&writer, 0x0203);
    fb_write_u32(&writer, 0x04050607);
    fb_write_u64(&writer, UINT64_C(0x08090a0b0c0d0e0f));
    fb_write_bytes(&writer, counting + 15, 1);
    fb_write_bytes(&writer, NULL, 0);
    assert_false(writer.failed);
    assert_int_equal(writer.position, 16);
    assert_memory_equal(buffer, counting, 16);
}

static void
test_writer_never_passes_its_capacity(void **state)
{
    (void)state;
    for (size_t capacity = 0; capacity <= 15; capacity++)
    {
        uint8_t buffer[16];
        memset(buffer, 0xee, sizeof buffer);
        fb_writer writer = fb_writer_over(buffer, capacity);
        fb_write_u8(&writer, 1);
        fb_write_u16(&writer, 1);
        fb_write_u32(&writer, 1);
        fb_write_u64(&writer, 1);
        fb_write_bytes(&writer, counting, 1);
        assert_true(writer.failed);
        assert_true(writer.position <= capacity);
        size_t written = writer.position;
        fb_write_u8(&writer, 1); /* fits perhaps, but a failed writer writes nothing more */
        assert_int_equal(writer.position, written);
        for (size_t i = written; i < sizeof buffer; i++)
        {
            assert_int_equal(buffer[i], 0xee);
        }
    }
}

static void
test_writer_patch(void **state)
{
    (void)state;
    uint8_t buffer[4] = {0};
    fb_writer writer = fb_writer_over(buffer, sizeof buffer);
    fb_write_u32(&writer, 0);
    fb_write_patch_u16(&writer, 1, 0xabcd);
    fb_write_patch_u16(&writer, 2, 0xbeef);
    assert_false(writer.failed);
    assert_int_equal(writer.position, 4);
    assert_memory_equal(buffer, ((uint8_t[4]){0, 0xab, 0xbe, 0xef}), 4);
    fb_write_patch_u16(&writer, 3, 0x1111);
    assert_true(writer.failed);
    assert_int_equal(buffer[3], 0xef);

    writer = fb_writer_over(buffer, sizeof buffer);
    fb_write_u8(&writer, 0);
    fb_write_patch_u16(&writer, 0, 1);
    assert_true(writer.failed);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reader_network_order),
        cmocka_unit_test(test_reader_remembers_failure),
        cmocka_unit_test(test_reader_every_size_at_the_end),
        cmocka_unit_test(test_reader_bytes_and_skip),
        cmocka_unit_test(test_writer_network_order),
        cmocka_unit_test(test_writer_never_passes_its_capacity),
        cmocka_unit_test(test_writer_patch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
