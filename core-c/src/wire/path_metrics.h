/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_WIRE_PATH_METRICS_H
#define FB_WIRE_PATH_METRICS_H

/**
 * @file
 * What one end knows of a path, told to the other end's schedulers: the body of a Vendor-Specific option of Proxy
 * Mobile IPv6 (RFC 5094) and of a Normal Vendor-Specific extension of Mobile IPv4 (RFC 3115), both ours to define:
 * round trip, loss, rate up, rate down, and where known delay up and delay down, 32 bits each.
 */

#include "base/bytes.h"

/** 0: not known. Up is from the mobile node or gateway to its home agent or anchor. */
typedef struct fb_path_metrics
{
    uint32_t round_trip_us;
    uint32_t loss_ppm;
    uint32_t rate_up_kbps;
    uint32_t rate_down_kbps;
    /** one way, or how much longer than the shortest path's */
    uint32_t delay_up_us, delay_down_us;
} fb_path_metrics;

/** The private enterprise number that stands for an example (RFC 5612). */
#define FB_VENDOR_EXAMPLE 32473
#define FB_VENDOR_PATH_METRICS 1 /**< our Sub-Type, and our Vendor-NVSE-Type */
#define FB_VENDOR_METRICS_LENGTH 16
#define FB_VENDOR_METRICS_LENGTH_MAX 24 /**< with delays */

/** Octets of the body. */
size_t fb_path_metrics_length(const fb_path_metrics *metrics);

void fb_path_metrics_write(fb_writer *writer, const fb_path_metrics *metrics);

/** False: it has another length. */
bool fb_path_metrics_read(const uint8_t *body, size_t length, fb_path_metrics *metrics);

#endif
