/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the gateway tells the anchor of its paths (RFC 5094), for its schedulers: with each update, and with one for
 * this alone, in each session, when there is news.
 */
#include "role/mag_internal.h"

int
fb_mag_set_quality(fb_mag *mag, const fb_quality *quality, fb_time now)
{
    uint16_t place = fb_mag_place_of(mag, quality->link, false);

    if (place == mag->link_max)
    {
        return FB_ERR_UNKNOWN;
    }
    fb_path_quality_tell(&mag->link[place].path, quality);
    fb_mag_learned(mag, place, now);
    return FB_OK;
}

void
fb_mag_learned(fb_mag *mag, uint16_t place, fb_time now)
{
    fb_mag_link *link = &mag->link[place];

    if (mag->config.vendor != 0)
    {
        fb_path_telling_consider(&link->telling, &link->path, mag->config.metrics_interval_s, now);
    }
}

void
fb_mag_metrics_timeout(fb_mag *mag, fb_time now)
{
    bool news = false;

    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        fb_mag_link *link = &mag->link[i];

        if (link->known && link->telling.due <= now)
        {
            news = fb_path_telling_due(&link->telling, &link->path, now) || news;
        }
    }
    if (news)
    {
        fb_mag_settle_all(mag, FB_CAUSE_METRICS, now);
    }
}

fb_time
fb_mag_metrics_deadline(const fb_mag *mag)
{
    fb_time next = FB_TIME_NEVER;

    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        if (mag->link[i].known)
        {
            next = fb_time_earlier(next, mag->link[i].telling.due);
        }
    }
    return next;
}

void
fb_mag_tell_news(fb_mag *mag, uint32_t session, fb_time now)
{
    for (uint16_t i = 0; i < mag->link_max; i++)
    {
        fb_update_entry *entry = fb_mag_entry(mag, session, i);

        /* With an update under way it is looked at again when the answer is there */
        if (entry->told != mag->link[i].telling.version && entry->state == FB_BINDING_UP &&
            !entry->administrative && fb_mag_link_usable(mag, i))
        {
            fb_mag_enqueue(mag, session, entry, FB_UPDATE_REFRESH, FB_CAUSE_METRICS, now);
        }
    }
}

void
fb_mag_write_metrics(const fb_mag *mag, fb_update_entry *entry, fb_writer *writer)
{
    const fb_mag_link *link = &mag->link[fb_mag_link_of(mag, entry)];
    fb_path_metrics metrics;

    if (mag->config.vendor == 0 || fb_update_removes(&entry->update))
    {
        return;
    }
    entry->told = link->telling.version;
    if (fb_path_quality_metrics(&link->path, &metrics))
    {
        fb_write_path_metrics(writer, mag->config.vendor, &metrics);
    }
}
