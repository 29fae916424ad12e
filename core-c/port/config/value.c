/* SPDX-License-Identifier: BSD-3-Clause */
#include "value.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

const fbc_unit fbc_duration_units[] = {
    {"ns", 1, true},
    {"us", UINT64_C(1000), true},
    {"ms", UINT64_C(1000000), true},
    {"s", UINT64_C(1000000000), true},
    {"min", UINT64_C(60000000000), true},
    {"h", UINT64_C(3600000000000), true},
    {NULL, 0, false},
};

const fbc_unit fbc_rate_units[] = {
    {"bps", 1, true},
    {"bit/s", 1, false},
    {"kbps", UINT64_C(1000), true},
    {"kbit/s", UINT64_C(1000), false},
    {"Mbps", UINT64_C(1000000), true},
    {"Mbit/s", UINT64_C(1000000), false},
    {"Gbps", UINT64_C(1000000000), true},
    {"Gbit/s", UINT64_C(1000000000), false},
    {NULL, 0, false},
};

const fbc_unit fbc_size_units[] = {
    {"", 1, true},
    {"B", 1, false},
    {"kB", UINT64_C(1000), true},
    {"KiB", UINT64_C(1024), true},
    {"MB", UINT64_C(1000000), true},
    {"MiB", UINT64_C(1048576), true},
    {"GB", UINT64_C(1000000000), true},
    {"GiB", UINT64_C(1073741824), true},
    {NULL, 0, false},
};

const fbc_unit fbc_length_units[] = {
    {"m", 1000, true},
    {"km", UINT64_C(1000000), true},
    {NULL, 0, false},
};

const fbc_unit fbc_speed_units[] = {
    {"km/h", UINT64_C(1000000000), true},
    {"m/s", UINT64_C(3600000000), false},
    {NULL, 0, false},
};

const fbc_unit fbc_decimal_units[] = {
    {"", 1000, true},
    {NULL, 0, false},
};

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits from *text on, which moves behind them. */
static fbc_parse
read_digits(const char **text, uint64_t *value)
{
    if (!is_digit(**text))
    {
        return FBC_PARSE_SYNTAX;
    }
    *value = 0;
    for (; is_digit(**text); (*text)++)
    {
        uint64_t digit = (uint64_t)(**text - '0');
        if (*value > (UINT64_MAX - digit) / 10)
        {
            return FBC_PARSE_TOO_LARGE;
        }
        *value = *value * 10 + digit;
    }
    return FBC_PARSE_OK;
}

/* digits / scale is the part behind the point: zeros at its end dropped, at most nine digits left. */
static fbc_parse
read_fraction(const char **text, uint64_t *digits, uint64_t *scale)
{
    const char *start = *text;
    const char *end = start;
    while (is_digit(*end))
    {
        end++;
    }
    *text = end;
    if (end == start)
    {
        return FBC_PARSE_SYNTAX;
    }
    while (end > start && end[-1] == '0')
    {
        end--;
    }
    if (end - start > 9)
    {
        return FBC_PARSE_TOO_FINE;
    }
    *digits = 0;
    *scale = 1;
    for (const char *at = start; at < end; at++)
    {
        *digits = *digits * 10 + (uint64_t)(*at - '0');
        *scale *= 10;
    }
    return FBC_PARSE_OK;
}

static uint64_t
common_divisor(uint64_t a, uint64_t b)
{
    while (b != 0)
    {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* (whole + digits / scale) * factor, exactly or not at all. */
static fbc_parse
scale_exactly(uint64_t whole, uint64_t digits, uint64_t scale, uint64_t factor, uint64_t *value)
{
    uint64_t common = common_divisor(scale, factor);
    uint64_t divisor = scale / common;
    if (digits % divisor != 0)
    {
        return FBC_PARSE_TOO_FINE;
    }
    uint64_t part = digits / divisor * (factor / common);
    if (whole > (UINT64_MAX - part) / factor)
    {
        return FBC_PARSE_TOO_LARGE;
    }
    *value = whole * factor + part;
    return FBC_PARSE_OK;
}

static const fbc_unit *
find_unit(const fbc_unit *units, const char *name)
{
    for (; units->name != NULL; units++)
    {
        if (strcmp(units->name, name) == 0)
        {
            return units;
        }
    }
    return NULL;
}

static fbc_parse
read_decimal(const char **text, uint64_t *whole, uint64_t *digits, uint64_t *scale)
{
    *digits = 0;
    *scale = 1;
    fbc_parse result = read_digits(text, whole);
    if (result == FBC_PARSE_OK && **text == '.')
    {
        (*text)++;
        result = read_fraction(text, digits, scale);
    }
    return result;
}

fbc_parse
fbc_parse_quantity(const char *text, const fbc_unit *units, uint64_t *value)
{
    uint64_t whole = 0;
    uint64_t digits = 0;
    uint64_t scale = 1;
    fbc_parse result = read_decimal(&text, &whole, &digits, &scale);
    if (result != FBC_PARSE_OK)
    {
        return result;
    }
    while (*text == ' ')
    {
        text++;
    }
    const fbc_unit *unit = find_unit(units, text);
    if (unit == NULL && *text == 0)
    {
        *value = 0;
        return whole == 0 && digits == 0 ? FBC_PARSE_OK : FBC_PARSE_NO_UNIT;
    }
    if (unit == NULL)
    {
        return FBC_PARSE_UNIT;
    }
    return scale_exactly(whole, digits, scale, unit->factor, value);
}

void
fbc_quantity_format(uint64_t value, const fbc_unit *units, char *buffer, size_t size)
{
    const fbc_unit *best = units;
    if (value == 0)
    {
        snprintf(buffer, size, "0");
        return;
    }
    for (const fbc_unit *unit = units; unit->name != NULL; unit++)
    {
        if (unit->shown && value >= unit->factor && value % unit->factor == 0)
        {
            best = unit;
        }
    }
    /* Less than the smallest unit is left only where that is a thousand of what is counted. */
    unsigned digits = 3;
    uint64_t rest = value % best->factor * 1000 / best->factor;
    while (rest > 0 && rest % 10 == 0)
    {
        rest /= 10;
        digits--;
    }
    char fraction[8] = "";
    if (rest > 0)
    {
        snprintf(fraction, sizeof(fraction), ".%0*u", (int)digits, (unsigned)rest);
    }
    snprintf(buffer,
             size,
             "%llu%s%s",
             (unsigned long long)(value / best->factor),
             fraction,
             best->name);
}

fbc_parse
fbc_parse_integer(const char *text, uint64_t *value)
{
    if (text[0] != '0' || text[1] != 'x')
    {
        fbc_parse result = read_digits(&text, value);
        return result == FBC_PARSE_OK && *text != 0 ? FBC_PARSE_SYNTAX : result;
    }
    static const char digits[] = "0123456789abcdef0123456789ABCDEF";
    *value = 0;
    for (text += 2; *text != 0; text++)
    {
        const char *digit = strchr(digits, *text);
        if (digit == NULL)
        {
            return FBC_PARSE_SYNTAX;
        }
        if (*value > UINT64_MAX >> 4)
        {
            return FBC_PARSE_TOO_LARGE;
        }
        *value = *value << 4 | (uint64_t)((digit - digits) % 16);
    }
    return text[-1] == 'x' ? FBC_PARSE_SYNTAX : FBC_PARSE_OK;
}

fbc_parse
fbc_parse_share(const char *text, uint64_t *ppm)
{
    uint64_t whole = 0;
    uint64_t digits = 0;
    uint64_t scale = 1;
    fbc_parse result = read_decimal(&text, &whole, &digits, &scale);
    if (result != FBC_PARSE_OK)
    {
        return result;
    }
    bool percent = strcmp(text, "%") == 0;
    if (!percent && *text != 0)
    {
        return FBC_PARSE_SYNTAX;
    }
    if (!percent && whole > 0)
    {
        return FBC_PARSE_PERCENT; /* "1" could be a hundredth or everything */
    }
    return scale_exactly(whole, digits, scale, percent ? 10000 : 1000000, ppm);
}

fbc_parse
fbc_parse_metres(const char *text, int64_t *millimetres)
{
    bool negative = *text == '-';
    uint64_t value = 0;
    fbc_parse result = fbc_parse_quantity(text + (negative ? 1 : 0), fbc_decimal_units, &value);
    if (result == FBC_PARSE_OK && value > INT64_MAX)
    {
        return FBC_PARSE_TOO_LARGE;
    }
    *millimetres = negative ? -(int64_t)value : (int64_t)value;
    return result == FBC_PARSE_UNIT ? FBC_PARSE_SYNTAX : result;
}

fbc_parse
fbc_parse_queue(const char *text, uint64_t *value, bool *packets)
{
    const char *end = text;
    fbc_parse result = read_digits(&end, value);
    *packets = result == FBC_PARSE_OK && strcmp(end, "p") == 0;
    if (*packets || result != FBC_PARSE_OK)
    {
        return result;
    }
    return fbc_parse_quantity(text, fbc_size_units, value);
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* Fields of packets                                                                                                  */

typedef struct fbc_name
{
    const char *name;
    uint8_t value;
} fbc_name;

/* Protocol numbers of the IANA registry, by the names people use. */
static const fbc_name protocol_names[] = {
    {"icmp", 1},
    {"tcp", 6},
    {"udp", 17},
    {"dccp", 33},
    {"esp", 50},
    {"ah", 51},
    {"sctp", 132},
    {"udplite", 136},
    {NULL, 0},
};

/* DSCP values: RFC 2474 (cs), 2597 (af), 3246 (ef), 5865 (va), 8622 (le). */
static const fbc_name dscp_names[] = {
    {"be", 0},    {"le", 1},    {"cs0", 0},   {"cs1", 8},   {"af11", 10},
    {"af12", 12}, {"af13", 14}, {"cs2", 16},  {"af21", 18}, {"af22", 20},
    {"af23", 22}, {"cs3", 24},  {"af31", 26}, {"af32", 28}, {"af33", 30},
    {"cs4", 32},  {"af41", 34}, {"af42", 36}, {"af43", 38}, {"cs5", 40},
    {"va", 44},   {"ef", 46},   {"cs6", 48},  {"cs7", 56},  {NULL, 0},
};

static fbc_parse
parse_named(const char *text, const fbc_name *names, uint64_t most, uint64_t *value)
{
    for (; names->name != NULL; names++)
    {
        if (strcmp(names->name, text) == 0)
        {
            *value = names->value;
            return FBC_PARSE_OK;
        }
    }
    fbc_parse result = fbc_parse_integer(text, value);
    return result == FBC_PARSE_OK && *value > most ? FBC_PARSE_TOO_LARGE : result;
}

fbc_parse
fbc_atom_protocol(const char *text, uint64_t *value)
{
    return parse_named(text, protocol_names, 255, value);
}

fbc_parse
fbc_atom_dscp(const char *text, uint64_t *value)
{
    return parse_named(text, dscp_names, 63, value);
}

fbc_parse
fbc_atom_address(const char *text, uint64_t *value)
{
    *value = 0;
    for (int part = 0; part < 4; part++)
    {
        uint64_t octet = 0;
        const char *start = text;
        fbc_parse result = read_digits(&text, &octet);
        /* 010 could be octal for other programs: at most what is needed. */
        if (result != FBC_PARSE_OK || octet > 255 || (start[0] == '0' && text - start > 1))
        {
            return FBC_PARSE_SYNTAX;
        }
        if (*text != (part < 3 ? '.' : 0))
        {
            return FBC_PARSE_SYNTAX;
        }
        text += part < 3 ? 1 : 0;
        *value = *value << 8 | octet;
    }
    return FBC_PARSE_OK;
}

/* Longest text of one end of a range. */
enum
{
    ATOM_MAX = 32
};

fbc_parse
fbc_parse_range(const char *text, fbc_atom atom, uint64_t *start, uint64_t *end)
{
    char first[ATOM_MAX];
    const char *dash = strchr(text, '-');
    if (dash == NULL)
    {
        fbc_parse result = atom(text, start);
        *end = *start;
        return result;
    }
    if ((size_t)(dash - text) >= sizeof(first))
    {
        return FBC_PARSE_SYNTAX;
    }
    memcpy(first, text, (size_t)(dash - text));
    first[dash - text] = 0;
    fbc_parse result = atom(first, start);
    if (result != FBC_PARSE_OK)
    {
        return result;
    }
    result = atom(dash + 1, end);
    if (result != FBC_PARSE_OK)
    {
        return result;
    }
    return *end < *start ? FBC_PARSE_BACKWARD : FBC_PARSE_OK;
}

fbc_parse
fbc_parse_addresses(const char *text, uint64_t *start, uint64_t *end)
{
    char first[ATOM_MAX];
    const char *slash = strchr(text, '/');
    if (slash == NULL)
    {
        return fbc_parse_range(text, fbc_atom_address, start, end);
    }
    if ((size_t)(slash - text) >= sizeof(first))
    {
        return FBC_PARSE_SYNTAX;
    }
    memcpy(first, text, (size_t)(slash - text));
    first[slash - text] = 0;
    uint64_t length = 0;
    const char *rest = slash + 1;
    if (fbc_atom_address(first, start) != FBC_PARSE_OK ||
        read_digits(&rest, &length) != FBC_PARSE_OK || *rest != 0 || length > 32)
    {
        return FBC_PARSE_SYNTAX;
    }
    uint64_t host = UINT64_C(0xffffffff) >> length;
    if ((*start & host) != 0)
    {
        return FBC_PARSE_HOST_BITS;
    }
    *end = *start | host;
    return FBC_PARSE_OK;
}

static fbc_parse
address6(const char *text, size_t length, uint8_t address[FBC_ADDRESS6])
{
    char copy[INET6_ADDRSTRLEN];
    if (length >= sizeof(copy))
    {
        return FBC_PARSE_SYNTAX;
    }
    memcpy(copy, text, length);
    copy[length] = 0;
    return inet_pton(AF_INET6, copy, address) == 1 ? FBC_PARSE_OK : FBC_PARSE_SYNTAX;
}

static fbc_parse
prefix6(const char *text, const char *slash, uint8_t start[], uint8_t end[])
{
    uint64_t length = 0;
    const char *rest = slash + 1;
    if (address6(text, (size_t)(slash - text), start) != FBC_PARSE_OK ||
        read_digits(&rest, &length) != FBC_PARSE_OK || *rest != 0 || length > 128)
    {
        return FBC_PARSE_SYNTAX;
    }
    for (size_t i = 0; i < FBC_ADDRESS6; i++)
    {
        uint64_t before = 8 * i;
        uint64_t bits = length <= before ? 0 : length - before < 8 ? length - before : 8;
        uint8_t host = (uint8_t)(0xff >> bits);
        if ((start[i] & host) != 0)
        {
            return FBC_PARSE_HOST_BITS;
        }
        end[i] = start[i] | host;
    }
    return FBC_PARSE_OK;
}

fbc_parse
fbc_parse_addresses6(const char *text, uint8_t start[FBC_ADDRESS6], uint8_t end[FBC_ADDRESS6])
{
    const char *slash = strchr(text, '/');
    if (slash != NULL)
    {
        return prefix6(text, slash, start, end);
    }
    const char *dash = strchr(text, '-');
    size_t length = dash == NULL ? strlen(text) : (size_t)(dash - text);
    const char *last = dash == NULL ? text : dash + 1;
    fbc_parse result = address6(text, length, start);
    if (result == FBC_PARSE_OK)
    {
        result = address6(last, strlen(last), end);
    }
    bool backward = result == FBC_PARSE_OK && memcmp(end, start, FBC_ADDRESS6) < 0;
    return backward ? FBC_PARSE_BACKWARD : result;
}
