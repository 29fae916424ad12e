/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_CAPTURE_LINK_H
#define FLOWBIND_CAPTURE_LINK_H

/** @file Link layers of captures: what stands in front of the IP packet. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum fbd_link
{
    FBD_LINK_IP,
    FBD_LINK_OTHER, /**< something else, or cut off */
    FBD_LINK_ENCRYPTED, /**< 802.11 with protection */
    FBD_LINK_AGGREGATED /**< 802.11: several packets in one frame, or part of one */
} fbd_link;

/** Whether frames of this type (libpcap's DLT_*) can be read. */
bool fbd_link_is_known(int type);

/** Names of the types that can be read, for a message. */
const char *fbd_link_names(void);

/** Finds the IPv4 or IPv6 packet in a frame: it begins at @p offset. */
fbd_link fbd_link_read(int type, const uint8_t *frame, size_t length, size_t *offset);

#endif
