/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_WIRE_MOBILITY_OPTION_FORMAT_H
#define FB_WIRE_MOBILITY_OPTION_FORMAT_H

/**
 * @file
 * The table of mobility options, and how each of them begins: what mobility_option.c, which reads them, and
 * mobility_option_write.c share. Inline, as it is most of what is done to write one.
 */

#include "wire/mobility_option.h"

/** Reads the body of an option, whose length its row allows. 0 or a drop reason. */
typedef int fb_option_read(fb_mobility_options *options, fb_octets body, uint8_t mh_type);

typedef struct fb_option_format
{
    const char *name;
    uint8_t length_min, length_max; /**< of the body */
    uint8_t modulus, offset; /**< RFC 6275 6.2: begins at modulus * n + offset; a power of two */
    uint8_t messages; /**< that it is for; 0: the row is empty */
    uint8_t repeated; /**< why a second one is refused; 0: it is not */
    fb_option_read *read;
} fb_option_format;

#define FB_OPTION_FORMATS (FB_OPTION_GATEWAY_IDENTIFIER + 1)

extern const fb_option_format fb_option_formats[FB_OPTION_FORMATS];

/** Pad1 or PadN, @p length octets of at most 257. The sub-options of RFC 6089 4.2.1.1 and 4.2.1.2 are the same. */
static inline void
fb_option_pad(uint8_t *octets, size_t length)
{
    if (length == 1)
    {
        octets[0] = FB_OPTION_PAD1;
        return;
    }
    octets[0] = FB_OPTION_PADN;
    octets[1] = (uint8_t)(length - 2);
    for (size_t i = 2; i < length; i++)
    {
        octets[i] = 0;
    }
}

/**
 * Begins an option of @p length octets: the padding it needs, Type and Length. Returns where its octets go; NULL: the
 * writer has failed.
 */
static inline uint8_t *
fb_option_begin(fb_writer *writer, uint8_t type, size_t length)
{
    const fb_option_format *format = &fb_option_formats[type];
    size_t padding = (format->offset - writer->position) & (format->modulus - 1u);
    uint8_t *octets;

    if (length > UINT8_MAX)
    {
        writer->failed = true;
    }
    octets = fb_writer_claim(writer, padding + 2 + length);
    if (octets == NULL)
    {
        return NULL;
    }
    if (padding > 0)
    {
        fb_option_pad(octets, padding);
        octets += padding;
    }
    octets[0] = type;
    octets[1] = (uint8_t)length;
    return octets + 2;
}

#endif
