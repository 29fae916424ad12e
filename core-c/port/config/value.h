/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_CONFIG_VALUE_H
#define FLOWBIND_CONFIG_VALUE_H

/**
 * @file
 * What a scalar can say: quantities with units, numbers, ranges, addresses. Integers only: 2.4576Mbps is exactly
 * 2457600 bit/s, and what cannot be held exactly is refused.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** A unit and how many of the smallest one it is. Tables run from small to large and end with a NULL name. */
typedef struct fbc_unit
{
    const char *name;
    uint64_t factor;
    bool shown; /**< used by fbc_quantity_format(); false: another name for the same */
} fbc_unit;

extern const fbc_unit fbc_duration_units[]; /**< nanoseconds */
extern const fbc_unit fbc_rate_units[]; /**< bit/s */
extern const fbc_unit fbc_size_units[]; /**< octets; a number alone is octets */
extern const fbc_unit fbc_length_units[]; /**< millimetres */
extern const fbc_unit fbc_speed_units[]; /**< micrometres an hour */
extern const fbc_unit fbc_decimal_units[]; /**< thousandths, which are not written */

typedef enum fbc_parse
{
    FBC_PARSE_OK,
    FBC_PARSE_SYNTAX,
    FBC_PARSE_NO_UNIT,
    FBC_PARSE_UNIT,
    FBC_PARSE_TOO_FINE,
    FBC_PARSE_TOO_LARGE,
    FBC_PARSE_BACKWARD, /**< a range whose end is below its start */
    FBC_PARSE_HOST_BITS, /**< a.b.c.d/len with bits behind the prefix */
    FBC_PARSE_PERCENT /**< a share of 1 or more without % */
} fbc_parse;

/** A number with a fraction and a unit: "100ms", "2.4576 Mbps", "64kB". 0 needs no unit. */
fbc_parse fbc_parse_quantity(const char *text, const fbc_unit *units, uint64_t *value);

/** The shortest exact form in the largest unit that leaves no fraction. */
void fbc_quantity_format(uint64_t value, const fbc_unit *units, char *buffer, size_t size);

/** A whole number, decimal or 0x... */
fbc_parse fbc_parse_integer(const char *text, uint64_t *value);

/** A share in parts per million: "1%", "0.25%", "0.0025". */
fbc_parse fbc_parse_share(const char *text, uint64_t *ppm);

/** A coordinate in metres, "-12.5", as millimetres. */
fbc_parse fbc_parse_metres(const char *text, int64_t *millimetres);

/** A queue: "100p" is packets, sizes are octets. */
fbc_parse fbc_parse_queue(const char *text, uint64_t *value, bool *packets);

/** One value of a range: a number or one of a field's names. */
typedef fbc_parse (*fbc_atom)(const char *text, uint64_t *value);

fbc_parse fbc_atom_protocol(const char *text, uint64_t *value); /**< udp, tcp, ..., 0..255 */
fbc_parse fbc_atom_dscp(const char *text, uint64_t *value); /**< ef, af41, cs5, ..., 0..63 */
fbc_parse fbc_atom_address(const char *text, uint64_t *value); /**< a.b.c.d */

/** "n" or "a-b", both ends included. */
fbc_parse fbc_parse_range(const char *text, fbc_atom atom, uint64_t *start, uint64_t *end);

/** As fbc_parse_range() for addresses, and "a.b.c.d/len". */
fbc_parse fbc_parse_addresses(const char *text, uint64_t *start, uint64_t *end);

/** Octets of an IPv6 address. */
#define FBC_ADDRESS6 16

/** The same for IPv6: "fd00::1", "fd00::1-fd00::9" or "fd00::/64". Network order. */
fbc_parse fbc_parse_addresses6(const char *text,
                               uint8_t start[FBC_ADDRESS6],
                               uint8_t end[FBC_ADDRESS6]);

#endif
