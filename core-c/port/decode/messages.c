/* SPDX-License-Identifier: BSD-3-Clause */
#include "messages.h"

#include <inttypes.h>
#include <stdio.h>

/** A message is looked for in each packet. */
typedef struct message_search
{
    const char *path;
    fbd_message_found found;
    void *context;
    uint64_t messages;
} message_search;

static void
report_skipped(const message_search *search, uint64_t frame, const char *why)
{
    fprintf(stderr, "%s: frame %" PRIu64 " skipped: %s\n", search->path, frame, why);
}

static void
read_packet(void *context, const fbd_captured *packet)
{
    message_search *search = context;
    fbd_datagram datagram;

    switch (fbd_packet_read(&datagram, packet->octets, packet->captured, packet->total))
    {
    case FBD_PACKET_OTHER:
        return;
    case FBD_PACKET_FRAGMENT:
        report_skipped(search,
                       packet->place.frame,
                       "a fragment of an IP packet; fragments are not put together");
        return;
    case FBD_PACKET_CUT:
        report_skipped(search,
                       packet->place.frame,
                       "only part of the packet was captured (snap length)");
        return;
    case FBD_PACKET_MESSAGE:
        search->messages++;
        search->found(search->context, &datagram, &packet->place);
        return;
    }
}

bool
fbd_capture_read(const char *path, fbd_message_found found, void *context, char *error, size_t size)
{
    message_search search = {.path = path, .found = found, .context = context};
    fbd_tally tally;

    if (!fbd_capture_packets(path, read_packet, &search, &tally, error, size))
    {
        return false;
    }
    fbd_capture_report(path, &tally);
    if (search.messages == 0)
    {
        fprintf(
            stderr,
            "%s: no message of Mobile IPv4 (UDP port 434) or Proxy Mobile IPv6 (Mobility Header, UDP "
            "port 5436) in %" PRIu64 " frames\n",
            path,
            tally.frames);
    }
    return true;
}
