/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_BASE_BYTES_H
#define FB_BASE_BYTES_H

/**
 * @file
 * Cursors over octets in network order that remember failure: read or write field after field, look at `failed` once
 * at the end. A failed reader yields zeros, a failed writer writes nothing more.
 */

#include "flowbind/types.h"

typedef struct fb_reader
{
    const uint8_t *data;
    size_t length, position;
    bool failed;
} fb_reader;

typedef struct fb_writer
{
    uint8_t *data;
    size_t capacity, position;
    bool failed;
} fb_writer;

fb_reader fb_reader_over(const uint8_t *data, size_t length);
uint8_t fb_read_u8(fb_reader *reader);
uint16_t fb_read_u16(fb_reader *reader);
uint32_t fb_read_u32(fb_reader *reader);
uint64_t fb_read_u64(fb_reader *reader);
void fb_read_bytes(fb_reader *reader, uint8_t *out, size_t length);
void fb_read_skip(fb_reader *reader, size_t length);
size_t fb_read_left(const fb_reader *reader);

fb_writer fb_writer_over(uint8_t *data, size_t capacity);
void fb_write_u8(fb_writer *writer, uint8_t value);
void fb_write_u16(fb_writer *writer, uint16_t value);
void fb_write_u32(fb_writer *writer, uint32_t value);
void fb_write_u64(fb_writer *writer, uint64_t value);
void fb_write_bytes(fb_writer *writer, const uint8_t *data, size_t length);

/** Overwrites two octets already written at @p position (a length known only afterwards). */
void fb_write_patch_u16(fb_writer *writer, size_t position, uint16_t value);

#endif
