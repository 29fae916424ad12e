/* SPDX-License-Identifier: BSD-3-Clause */
#include "hex.h"

#include <stdlib.h>
#include <string.h>

void
fbd_octets_free(fbd_octets *octets)
{
    free(octets->data);
    *octets = (fbd_octets){0};
}

bool
fbd_octets_append(fbd_octets *octets, const uint8_t *data, size_t length)
{
    uint8_t *grown = realloc(octets->data, octets->length + length + 1);
    if (grown == NULL)
    {
        return false;
    }
    memcpy(grown + octets->length, data, length);
    octets->data = grown;
    octets->length += length;
    return true;
}

/** 0 to 15; -1: no hexadecimal digit. */
static int
digit_of(char character)
{
    const char *digits = "0123456789abcdef";
    const char lower = character >= 'A' && character <= 'F' ? (char)(character - 'A' + 'a')
                                                            : character;
    const char *found = lower == '\0' ? NULL : strchr(digits, lower);
    return found == NULL ? -1 : (int)(found - digits);
}

static bool
is_separator(char character)
{
    return character != '\0' && strchr(" \t\r\n:-", character) != NULL;
}

fbd_hex_result
fbd_hex_read(fbd_octets *octets, const char *text, size_t *position)
{
    *octets = (fbd_octets){.data = malloc(strlen(text) / 2 + 1)};
    if (octets->data == NULL)
    {
        return FBD_HEX_MEMORY;
    }
    size_t start = strspn(text, " \t\r\n");
    if (text[start] == '0' && (text[start + 1] == 'x' || text[start + 1] == 'X'))
    {
        start += 2;
    }
    int high = -1;
    for (size_t i = start; text[i] != '\0'; i++)
    {
        int digit = digit_of(text[i]);
        if (digit < 0 && !is_separator(text[i]))
        {
            *position = i;
            return FBD_HEX_FOREIGN;
        }
        if (digit < 0)
        {
            continue;
        }
        if (high < 0)
        {
            high = digit;
            continue;
        }
        octets->data[octets->length++] = (uint8_t)(high << 4 | digit);
        high = -1;
    }
    if (high >= 0)
    {
        return FBD_HEX_ODD;
    }
    return octets->length == 0 ? FBD_HEX_EMPTY : FBD_HEX_OK;
}

void
fbd_hex_write(char *text, const uint8_t *data, size_t length)
{
    const char *digits = "0123456789abcdef";
    for (size_t i = 0; i < length; i++)
    {
        text[2 * i] = digits[data[i] >> 4];
        text[2 * i + 1] = digits[data[i] & 0x0f];
    }
    text[2 * length] = '\0';
}
