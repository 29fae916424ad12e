/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_PATHS_STREAM_H
#define FLOWBIND_PATHS_STREAM_H

/**
 * @file
 * One stream of packets over all paths.
 */

#include "paths.h"

typedef struct stream_packet
{
    fb_time sent, arrives;
    uint32_t number; /* in order of sending, from 0 */
    uint8_t bid;
} stream_packet;

typedef struct stream
{
    chooser chooser;
    stream_packet *packet; /* in order of sending */
    size_t count;
    uint64_t by_path[PATHS_MAX];
} stream;

/** Reads the options of a stream, all of them, and sends it. To be freed: `packet`. */
void stream_send(stream *s, options *o);

/** Puts the packets in order of arrival. */
void stream_sort(stream *s);

#endif
