/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/checksum.h"

uint32_t
fb_checksum_add(uint32_t sum, const uint8_t *octets, size_t length)
{
    for (size_t i = 0; i + 1 < length; i += 2)
    {
        sum += (uint32_t)octets[i] << 8 | octets[i + 1];
        sum = (sum & 0xffff) + (sum >> 16);
    }
    if (length % 2 != 0)
    {
        sum += (uint32_t)octets[length - 1] << 8; /* RFC 1071 4.1: as if a zero octet followed */
    }
    return (sum & 0xffff) + (sum >> 16);
}

uint16_t
fb_checksum_finish(uint32_t sum)
{
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)~sum;
}
