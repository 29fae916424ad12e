/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/rfc3115.h"

/** Reserved, Vendor/Org-ID and Vendor-NVSE-Type. */
#define FRONT 8

void
fb_vendor_metrics_write(fb_writer *writer, uint32_t vendor, const fb_path_metrics *metrics)
{
    fb_write_u8(writer, FB_EXT_VENDOR);
    fb_write_u8(writer, (uint8_t)(FRONT + fb_path_metrics_length(metrics)));
    fb_write_u16(writer, 0);
    fb_write_u32(writer, vendor);
    fb_write_u16(writer, FB_VENDOR_PATH_METRICS);
    fb_path_metrics_write(writer, metrics);
}

bool
fb_vendor_metrics_decode(fb_path_metrics *metrics,
                         uint32_t vendor,
                         const uint8_t *body,
                         size_t length)
{
    fb_reader reader = fb_reader_over(body, length);
    uint32_t whose;
    uint16_t type;

    fb_read_skip(&reader, 2); /* Reserved: ignored */
    whose = fb_read_u32(&reader);
    type = fb_read_u16(&reader);
    return !reader.failed && whose == vendor && type == FB_VENDOR_PATH_METRICS &&
           fb_path_metrics_read(body + FRONT, length - FRONT, metrics);
}

bool
fb_vendor_metrics_find(fb_path_metrics *metrics, uint32_t vendor, const fb_mip4_message *message)
{
    for (int i = 0; i < message->mobile_home; i++)
    {
        const fb_mip4_extension *extension = &message->extension[i];

        if (extension->type == FB_EXT_VENDOR &&
            fb_vendor_metrics_decode(metrics,
                                     vendor,
                                     message->data + extension->body,
                                     extension->length))
        {
            return true;
        }
    }
    return false;
}
