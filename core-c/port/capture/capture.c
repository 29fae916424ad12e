/* SPDX-License-Identifier: BSD-3-Clause */

/* libpcap's header uses the BSD types u_char and u_int. */
#define _DEFAULT_SOURCE

#include "capture.h"

#include "link.h"

#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>

/** The packet in a frame, if there is one. */
static void
read_frame(int link_type,
           const struct pcap_pkthdr *header,
           const uint8_t *frame,
           fbd_packet_seen seen,
           void *context,
           fbd_tally *tally)
{
    fbd_captured packet = {.place = {.frame = ++tally->frames,
                                     .seconds = header->ts.tv_sec,
                                     .nanoseconds = (uint32_t)header->ts.tv_usec}};
    size_t offset;

    switch (fbd_link_read(link_type, frame, header->caplen, &offset))
    {
    case FBD_LINK_OTHER:
        tally->other++;
        return;
    case FBD_LINK_ENCRYPTED:
        tally->encrypted++;
        return;
    case FBD_LINK_AGGREGATED:
        tally->aggregated++;
        return;
    case FBD_LINK_IP:
        packet.octets = frame + offset;
        packet.captured = header->caplen - offset;
        packet.total = header->len > offset ? header->len - offset : 0;
        seen(context, &packet);
        return;
    }
}

void
fbd_capture_report(const char *path, const fbd_tally *tally)
{
    if (tally->encrypted > 0)
    {
        fprintf(stderr,
                "%s: %" PRIu64 " encrypted 802.11 frames skipped\n",
                path,
                tally->encrypted);
    }
    if (tally->aggregated > 0)
    {
        fprintf(stderr,
                "%s: %" PRIu64 " aggregated or fragmented 802.11 frames skipped\n",
                path,
                tally->aggregated);
    }
}

/** Opens @p path. NULL: it is no capture, or of links that cannot be read; @p error says which. */
static pcap_t *
open_capture(const char *path, char *error, size_t size)
{
    char reason[PCAP_ERRBUF_SIZE];
    pcap_t *capture =
        pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, reason);

    if (capture == NULL)
    {
        snprintf(error, size, "%s: cannot be read as a capture: %s", path, reason);
        return NULL;
    }
    if (!fbd_link_is_known(pcap_datalink(capture)))
    {
        const char *name = pcap_datalink_val_to_name(pcap_datalink(capture));

        snprintf(error,
                 size,
                 "%s: captured on a link of type %s (%d); readable are: %s",
                 path,
                 name == NULL ? "?" : name,
                 pcap_datalink(capture),
                 fbd_link_names());
        pcap_close(capture);
        return NULL;
    }
    return capture;
}

bool
fbd_capture_packets(const char *path,
                    fbd_packet_seen seen,
                    void *context,
                    fbd_tally *tally,
                    char *error,
                    size_t size)
{
    pcap_t *capture = open_capture(path, error, size);
    struct pcap_pkthdr *header;
    const u_char *frame;
    int result;

    *tally = (fbd_tally){0};
    if (capture == NULL)
    {
        return false;
    }
    while ((result = pcap_next_ex(capture, &header, &frame)) == 1)
    {
        read_frame(pcap_datalink(capture), header, frame, seen, context, tally);
    }
    if (result == PCAP_ERROR)
    {
        snprintf(error,
                 size,
                 "%s: damaged behind frame %" PRIu64 ": %s",
                 path,
                 tally->frames,
                 pcap_geterr(capture));
    }
    pcap_close(capture);
    return result != PCAP_ERROR;
}
