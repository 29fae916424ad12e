/* SPDX-License-Identifier: BSD-3-Clause */
#include "wire/path_metrics.h"

size_t
fb_path_metrics_length(const fb_path_metrics *metrics)
{
    return metrics->delay_up_us != 0 || metrics->delay_down_us != 0 ? FB_VENDOR_METRICS_LENGTH_MAX
                                                                    : FB_VENDOR_METRICS_LENGTH;
}

void
fb_path_metrics_write(fb_writer *writer, const fb_path_metrics *metrics)
{
    fb_write_u32(writer, metrics->round_trip_us);
    fb_write_u32(writer, metrics->loss_ppm);
    fb_write_u32(writer, metrics->rate_up_kbps);
    fb_write_u32(writer, metrics->rate_down_kbps);
    if (fb_path_metrics_length(metrics) == FB_VENDOR_METRICS_LENGTH_MAX)
    {
        fb_write_u32(writer, metrics->delay_up_us);
        fb_write_u32(writer, metrics->delay_down_us);
    }
}

bool
fb_path_metrics_read(const uint8_t *body, size_t length, fb_path_metrics *metrics)
{
    fb_reader reader = fb_reader_over(body, length);

    if (length != FB_VENDOR_METRICS_LENGTH && length != FB_VENDOR_METRICS_LENGTH_MAX)
    {
        return false;
    }
    metrics->round_trip_us = fb_read_u32(&reader);
    metrics->loss_ppm = fb_read_u32(&reader);
    metrics->rate_up_kbps = fb_read_u32(&reader);
    metrics->rate_down_kbps = fb_read_u32(&reader);
    metrics->delay_up_us = metrics->delay_down_us = 0;
    if (length == FB_VENDOR_METRICS_LENGTH_MAX)
    {
        metrics->delay_up_us = fb_read_u32(&reader);
        metrics->delay_down_us = fb_read_u32(&reader);
    }
    return !reader.failed;
}
