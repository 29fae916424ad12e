/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_CAPTURE_CAPTURE_H
#define FLOWBIND_CAPTURE_CAPTURE_H

/** @file The packets of a capture file. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Where a packet was found. */
typedef struct fbd_place
{
    uint64_t frame; /**< number in the file, from 1 */
    int64_t seconds;
    uint32_t nanoseconds;
} fbd_place;

/** An IP packet as it was captured. */
typedef struct fbd_captured
{
    const uint8_t *octets;
    size_t captured; /**< so many of them are there */
    size_t total; /**< and so many there were, with what the link puts behind a packet */
    fbd_place place;
} fbd_captured;

typedef void (*fbd_packet_seen)(void *context, const fbd_captured *packet);

/** What a capture contained. */
typedef struct fbd_tally
{
    uint64_t frames;
    uint64_t other; /**< without an IP packet */
    uint64_t encrypted, aggregated; /**< of 802.11, which cannot be read */
} fbd_tally;

/**
 * Reads the capture @p path and calls @p seen for every IP packet. False when the file cannot be read, or not to its
 * end; then @p error says why.
 */
bool fbd_capture_packets(const char *path,
                         fbd_packet_seen seen,
                         void *context,
                         fbd_tally *tally,
                         char *error,
                         size_t size);

/** Says on standard error which frames could not be read. */
void fbd_capture_report(const char *path, const fbd_tally *tally);

#endif
