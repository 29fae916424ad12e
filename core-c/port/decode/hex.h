/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_DECODE_HEX_H
#define FLOWBIND_DECODE_HEX_H

/** @file Octets written in hexadecimal, as people paste them. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Octets on the heap. */
typedef struct fbd_octets
{
    uint8_t *data;
    size_t length;
} fbd_octets;

void fbd_octets_free(fbd_octets *octets);

/** Appends @p length octets. False: no memory. */
bool fbd_octets_append(fbd_octets *octets, const uint8_t *data, size_t length);

typedef enum fbd_hex_result
{
    FBD_HEX_OK,
    FBD_HEX_EMPTY,
    FBD_HEX_ODD, /**< one digit of an octet is missing */
    FBD_HEX_FOREIGN, /**< something that is neither digit nor separator; its position is reported */
    FBD_HEX_MEMORY
} fbd_hex_result;

/**
 * Reads @p text: digits of either case, between them spaces, newlines, colons and hyphens as you like, "0x" in front.
 * @p position is set to where FBD_HEX_FOREIGN was met.
 */
fbd_hex_result fbd_hex_read(fbd_octets *octets, const char *text, size_t *position);

/** Writes 2 * @p length digits and a NUL octet. */
void fbd_hex_write(char *text, const uint8_t *data, size_t length);

#endif
