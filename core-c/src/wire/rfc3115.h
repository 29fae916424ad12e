/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_WIRE_RFC3115_H
#define FB_WIRE_RFC3115_H

/**
 * @file
 * Path metrics in a Normal Vendor/Organization Specific Extension (RFC 3115 2.2): Type 134, which may be skipped,
 * Length, Reserved, Vendor/Org-ID, Vendor-NVSE-Type, and the metrics as its value.
 */

#include "wire/mobile_ipv4.h"
#include "wire/path_metrics.h"

/** Most octets fb_vendor_metrics_write() writes. */
#define FB_VENDOR_EXTENSION_MAX (2 + 8 + FB_VENDOR_METRICS_LENGTH_MAX)

/** Appends the extension; @p vendor has 24 bits. */
void fb_vendor_metrics_write(fb_writer *writer, uint32_t vendor, const fb_path_metrics *metrics);

/** Decodes a body. False: another vendor's, another type, or another length. */
bool fb_vendor_metrics_decode(fb_path_metrics *metrics,
                              uint32_t vendor,
                              const uint8_t *body,
                              size_t length);

/** The first such extension in front of the Mobile-Home authentication; behind it nobody vouches for one. */
bool fb_vendor_metrics_find(fb_path_metrics *metrics,
                            uint32_t vendor,
                            const fb_mip4_message *message);

#endif
