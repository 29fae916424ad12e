/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the mobile node tells the home agent of its paths (RFC 3115), whose schedulers know nothing else of them: with
 * each request, and with one for this alone when there is news.
 */
#include "role/mobile_node_internal.h"
#include "wire/rfc3115.h"

/** Authentication of home and foreign agent, and what is for the latter. */
#define ROOM_BEHIND_METRICS 128

/** With nonces a message that is sent again has to be the same (RFC 5944 3.6.3), whatever was measured meanwhile. */
static bool
tells(const fb_mobile_node *node)
{
    return node->config.vendor != 0 && node->config.association.replay == FB_REPLAY_TIMESTAMP;
}

int
fb_mobile_node_set_quality(fb_mobile_node *node, const fb_quality *quality, fb_time now)
{
    fb_registration *r = fb_registration_find(&node->registrations, quality->link);

    if (r == NULL)
    {
        return FB_ERR_UNKNOWN;
    }
    fb_path_quality_tell(&r->quality, quality);
    fb_mobile_node_learned(node, r, now);
    return FB_OK;
}

void
fb_mobile_node_learned(const fb_mobile_node *node, fb_registration *r, fb_time now)
{
    if (tells(node))
    {
        fb_path_telling_consider(&r->telling, &r->quality, node->config.metrics_interval_s, now);
    }
}

void
fb_mobile_node_tell_news(fb_mobile_node *node, fb_registration *r, fb_time now)
{
    if (r->telling.due <= now)
    {
        (void)fb_path_telling_due(&r->telling, &r->quality, now);
    }
    /* With a request under way it is looked at again when the answer is there */
    if (r->told == r->telling.version || r->state != FB_BINDING_UP ||
        r->request.kind != FB_REQUEST_NONE || fb_registration_silent(r))
    {
        return;
    }
    fb_mobile_node_enqueue(node, r, FB_REQUEST_REFRESH, FB_CAUSE_METRICS, now);
    /* RFC 7629 5.1: a re-registration has the same fields as the first one */
    r->request.with_policy = true;
}

/* Nothing is left out for it: a request that has no room goes without. */
void
fb_mobile_node_write_metrics(const fb_mobile_node *node, fb_registration *r, fb_writer *writer)
{
    bool fits = writer->capacity >=
                writer->position + FB_VENDOR_EXTENSION_MAX + ROOM_BEHIND_METRICS;
    fb_path_metrics metrics;

    if (!tells(node) || fb_request_removes(&r->request))
    {
        return;
    }
    r->told = r->telling.version;
    if (fits && fb_path_quality_metrics(&r->quality, &metrics))
    {
        fb_vendor_metrics_write(writer, node->config.vendor, &metrics);
    }
}
