/* SPDX-License-Identifier: BSD-3-Clause */

/* libpcap's header uses the BSD types u_char and u_int. */
#define _DEFAULT_SOURCE

#include "capture.h"

#include "link.h"

#include <inttypes.h>
#include <pcap/pcap.h>
#include <stdio.h>

/** What a capture contained. */
typedef struct capture_tally
{
    uint64_t frames, messages, encrypted, aggregated;
} capture_tally;

typedef struct capture_reading
{
    const char *path;
    fbd_message_found found;
    void *context;
    int link_type;
    capture_tally tally;
} capture_reading;

static void
report_skipped(const capture_reading *reading, const char *why)
{
    fprintf(stderr,
            "%s: frame %" PRIu64 " skipped: %s\n",
            reading->path,
            reading->tally.frames,
            why);
}

static void
read_packet(capture_reading *reading,
            const uint8_t *octets,
            size_t captured,
            size_t total,
            const struct pcap_pkthdr *header)
{
    fbd_datagram datagram;
    fbd_place place = {.frame = reading->tally.frames,
                       .seconds = header->ts.tv_sec,
                       .nanoseconds = (uint32_t)header->ts.tv_usec};
    switch (fbd_packet_read(&datagram, octets, captured, total))
    {
    case FBD_PACKET_OTHER:
        return;
    case FBD_PACKET_FRAGMENT:
        report_skipped(reading, "a fragment of an IP packet; fragments are not put together");
        return;
    case FBD_PACKET_CUT:
        report_skipped(reading, "only part of the packet was captured (snap length)");
        return;
    case FBD_PACKET_MESSAGE:
        reading->tally.messages++;
        reading->found(reading->context, &datagram, &place);
        return;
    }
}

static void
read_frame(capture_reading *reading, const struct pcap_pkthdr *header, const uint8_t *frame)
{
    size_t offset;
    reading->tally.frames++;
    switch (fbd_link_read(reading->link_type, frame, header->caplen, &offset))
    {
    case FBD_LINK_OTHER:
        return;
    case FBD_LINK_ENCRYPTED:
        reading->tally.encrypted++;
        return;
    case FBD_LINK_AGGREGATED:
        reading->tally.aggregated++;
        return;
    case FBD_LINK_IP:
        read_packet(reading,
                    frame + offset,
                    header->caplen - offset,
                    header->len > offset ? header->len - offset : 0,
                    header);
        return;
    }
}

static void
report_tally(const capture_reading *reading)
{
    const capture_tally *tally = &reading->tally;
    if (tally->encrypted > 0)
    {
        fprintf(stderr,
                "%s: %" PRIu64 " encrypted 802.11 frames skipped\n",
                reading->path,
                tally->encrypted);
    }
    if (tally->aggregated > 0)
    {
        fprintf(stderr,
                "%s: %" PRIu64 " aggregated or fragmented 802.11 frames skipped\n",
                reading->path,
                tally->aggregated);
    }
    if (tally->messages == 0)
    {
        fprintf(
            stderr,
            "%s: no message of Mobile IPv4 (UDP port 434) or Proxy Mobile IPv6 (Mobility Header, UDP "
            "port 5436) in %" PRIu64 " frames\n",
            reading->path,
            tally->frames);
    }
}

bool
fbd_capture_read(const char *path, fbd_message_found found, void *context, char *error, size_t size)
{
    char reason[PCAP_ERRBUF_SIZE];
    pcap_t *capture =
        pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, reason);
    if (capture == NULL)
    {
        snprintf(error, size, "%s: cannot be read as a capture: %s", path, reason);
        return false;
    }
    capture_reading reading = {.path = path,
                               .found = found,
                               .context = context,
                               .link_type = pcap_datalink(capture)};
    if (!fbd_link_is_known(reading.link_type))
    {
        const char *name = pcap_datalink_val_to_name(reading.link_type);
        snprintf(error,
                 size,
                 "%s: captured on a link of type %s (%d); readable are: %s",
                 path,
                 name == NULL ? "?" : name,
                 reading.link_type,
                 fbd_link_names());
        pcap_close(capture);
        return false;
    }

    struct pcap_pkthdr *header;
    const u_char *frame;
    int result;
    while ((result = pcap_next_ex(capture, &header, &frame)) == 1)
    {
        read_frame(&reading, header, frame);
    }
    if (result == PCAP_ERROR)
    {
        snprintf(error,
                 size,
                 "%s: damaged behind frame %" PRIu64 ": %s",
                 path,
                 reading.tally.frames,
                 pcap_geterr(capture));
    }
    else
    {
        report_tally(&reading);
    }
    pcap_close(capture);
    return result != PCAP_ERROR;
}
