/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/rfc2794.h"

#include <string.h>

const fb_mip4_extension *
fb_nai_find(const fb_mip4_message *message)
{
    /* RFC 2794 2: it MUST stand before the Mobile-Home authentication, else nobody vouches for it */
    for (int i = 0; i < message->mobile_home; i++)
    {
        const fb_mip4_extension *extension = &message->extension[i];

        if (extension->type == FB_EXT_NAI && extension->length > 0)
        {
            return extension;
        }
    }
    return NULL;
}

bool
fb_nai_equal(const fb_nai *nai, const uint8_t *text, size_t length)
{
    return nai->length == length && memcmp(nai->text, text, length) == 0;
}

void
fb_nai_write(fb_writer *writer, const uint8_t *text, size_t length)
{
    fb_write_u8(writer, FB_EXT_NAI);
    fb_write_u8(writer, (uint8_t)length);
    fb_write_bytes(writer, text, length);
}
