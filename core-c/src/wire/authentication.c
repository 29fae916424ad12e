/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Authentication extensions (RFC 5944 3.5): Type, Length, SPI, authenticator. All three types are alike; what is
 * authenticated is everything in front of the authenticator, the SPI included (3.5.1).
 */

#include "flowbind/hmac.h"
#include "wire/extension.h"
#include "wire/mobile_ipv4.h"

#include <string.h>

#define SPI_LENGTH 4

static bool
is_authentication(uint8_t type)
{
    return type == FB_EXT_MOBILE_HOME_AUTHENTICATION ||
           type == FB_EXT_MOBILE_FOREIGN_AUTHENTICATION ||
           type == FB_EXT_FOREIGN_HOME_AUTHENTICATION;
}

static void
compute(uint8_t digest[FB_HMAC_DIGEST_MAX],
        const fb_security_association *association,
        const uint8_t *data,
        size_t length)
{
    fb_hmac hmac;
    fb_port_hmac_start(&hmac,
                       (fb_hmac_algorithm)association->algorithm,
                       association->key,
                       association->key_length);
    fb_port_hmac_update(&hmac, data, length);
    fb_port_hmac_digest(&hmac, digest);
}

/**
 * Takes the same time wherever the first difference is, so that nobody can guess a digest octet by octet. @p length is
 * that of a digest: a multiple of eight octets.
 */
static bool
equal_in_constant_time(const uint8_t *a, const uint8_t *b, size_t length)
{
    uint64_t difference = 0, left, right;
    for (size_t i = 0; i < length; i += sizeof left)
    {
        memcpy(&left, a + i, sizeof left);
        memcpy(&right, b + i, sizeof right);
        difference |= left ^ right;
    }
    return difference == 0;
}

int
fb_mip4_verify(const fb_mip4_message *message,
               int extension,
               const fb_security_association *association)
{
    if (extension < 0 || extension >= message->extension_count)
    {
        return FB_DROP_NO_AUTHENTICATION;
    }
    const fb_mip4_extension *found = &message->extension[extension];
    if (!is_authentication(found->type))
    {
        return FB_DROP_NO_AUTHENTICATION;
    }
    int reason = fb_extension_length_check(found->type, found->subtype, found->length);
    if (reason != FB_REASON_NONE)
    {
        return reason;
    }

    const uint8_t *body = message->data + found->body;
    fb_reader reader = fb_reader_over(body, found->length);
    size_t digest_size = fb_hmac_digest_size(association->algorithm);
    if (fb_read_u32(&reader) != association->spi || digest_size == 0)
    {
        return FB_DROP_NO_SECURITY_ASSOCIATION;
    }
    if (fb_read_left(&reader) != digest_size)
    {
        return FB_DROP_AUTHENTICATION_LENGTH;
    }

    uint8_t digest[FB_HMAC_DIGEST_MAX];
    compute(digest, association, message->data, (size_t)found->body + SPI_LENGTH);
    if (!equal_in_constant_time(digest, body + SPI_LENGTH, digest_size))
    {
        return FB_DROP_BAD_AUTHENTICATOR;
    }
    return FB_REASON_NONE;
}

void
fb_mip4_write_authentication(fb_writer *writer,
                             uint8_t type,
                             const fb_security_association *association)
{
    size_t digest_size = fb_hmac_digest_size(association->algorithm);
    if (digest_size == 0 || !is_authentication(type))
    {
        writer->failed = true;
        return;
    }
    fb_write_u8(writer, type);
    fb_write_u8(writer, (uint8_t)(SPI_LENGTH + digest_size));
    fb_write_u32(writer, association->spi);
    if (writer->failed)
    {
        return;
    }
    uint8_t digest[FB_HMAC_DIGEST_MAX];
    compute(digest, association, writer->data, writer->position);
    fb_write_bytes(writer, digest, digest_size);
}
