/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_BASE_BYTES_H
#define FB_BASE_BYTES_H

/**
 * @file
 * Cursors over octets in network order that remember failure: read or write field after field, look at `failed` once
 * at the end. A failed reader yields zeros, a failed writer writes nothing more. All of it is inline: most of what is
 * done for a message is done here.
 */

#include "base/octets.h"
#include "flowbind/types.h"

#include <string.h>

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

static inline fb_reader
fb_reader_over(const uint8_t *data, size_t length)
{
    return (fb_reader){.data = data, .length = length};
}

/** The next @p length octets, or NULL once the reader has failed. */
static inline const uint8_t *
fb_reader_take(fb_reader *reader, size_t length)
{
    if (reader->failed || length > reader->length - reader->position)
    {
        reader->failed = true;
        return NULL;
    }
    const uint8_t *octets = reader->data + reader->position;
    reader->position += length;
    return octets;
}

static inline uint8_t
fb_read_u8(fb_reader *reader)
{
    const uint8_t *octets = fb_reader_take(reader, 1);
    return octets == NULL ? 0 : octets[0];
}

static inline uint16_t
fb_read_u16(fb_reader *reader)
{
    const uint8_t *octets = fb_reader_take(reader, 2);
    return octets == NULL ? 0 : fb_load_u16(octets);
}

static inline uint32_t
fb_read_u32(fb_reader *reader)
{
    const uint8_t *octets = fb_reader_take(reader, 4);
    return octets == NULL ? 0 : fb_load_u32(octets);
}

static inline uint64_t
fb_read_u64(fb_reader *reader)
{
    const uint8_t *octets = fb_reader_take(reader, 8);
    return octets == NULL ? 0 : fb_load_u64(octets);
}

static inline void
fb_read_bytes(fb_reader *reader, uint8_t *out, size_t length)
{
    if (length == 0)
    {
        return;
    }
    const uint8_t *octets = fb_reader_take(reader, length);
    if (octets == NULL)
    {
        memset(out, 0, length);
        return;
    }
    memcpy(out, octets, length);
}

static inline void
fb_read_skip(fb_reader *reader, size_t length)
{
    (void)fb_reader_take(reader, length);
}

static inline size_t
fb_read_left(const fb_reader *reader)
{
    return reader->failed ? 0 : reader->length - reader->position;
}

static inline fb_writer
fb_writer_over(uint8_t *data, size_t capacity)
{
    return (fb_writer){.data = data, .capacity = capacity};
}

/** Room for the next @p length octets, or NULL once the writer has failed. */
static inline uint8_t *
fb_writer_claim(fb_writer *writer, size_t length)
{
    if (writer->failed || length > writer->capacity - writer->position)
    {
        writer->failed = true;
        return NULL;
    }
    uint8_t *octets = writer->data + writer->position;
    writer->position += length;
    return octets;
}

static inline void
fb_write_u8(fb_writer *writer, uint8_t value)
{
    uint8_t *octets = fb_writer_claim(writer, 1);
    if (octets != NULL)
    {
        octets[0] = value;
    }
}

static inline void
fb_write_u16(fb_writer *writer, uint16_t value)
{
    uint8_t *octets = fb_writer_claim(writer, 2);
    if (octets != NULL)
    {
        fb_store_u16(octets, value);
    }
}

static inline void
fb_write_u32(fb_writer *writer, uint32_t value)
{
    uint8_t *octets = fb_writer_claim(writer, 4);
    if (octets != NULL)
    {
        fb_store_u32(octets, value);
    }
}

static inline void
fb_write_u64(fb_writer *writer, uint64_t value)
{
    uint8_t *octets = fb_writer_claim(writer, 8);
    if (octets != NULL)
    {
        fb_store_u64(octets, value);
    }
}

static inline void
fb_write_bytes(fb_writer *writer, const uint8_t *data, size_t length)
{
    if (length == 0)
    {
        return;
    }
    uint8_t *octets = fb_writer_claim(writer, length);
    if (octets != NULL)
    {
        memcpy(octets, data, length);
    }
}

/** Overwrites two octets already written at @p position (a length known only afterwards). */
static inline void
fb_write_patch_u16(fb_writer *writer, size_t position, uint16_t value)
{
    if (writer->failed || writer->position < 2 || position > writer->position - 2)
    {
        writer->failed = true;
        return;
    }
    fb_store_u16(writer->data + position, value);
}

#endif
