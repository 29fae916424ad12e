/* SPDX-License-Identifier: BSD-3-Clause */
#include "capture/capture.h"
#include "scenario_reader.h"

#include <string.h>

enum
{
    TCP = 6,
    UDP = 17,
    RTP_HEADER = 12,
    UDP_HEADER = 8,
    IPV4_HEADER = 20,
    IPV6_HEADER = 40,
    DATAGRAM_MAX = 65507 /* octets of payload that UDP over IPv4 can carry */
};

#define MILLISECOND UINT64_C(1000000)

/* What a kind brings along. */
typedef struct kind_preset
{
    const char *name;
    uint8_t protocol[2]; /* that can carry it, best first; 0: no second one */
    uint32_t packet; /* 0: the kind has no `packet` */
} kind_preset;

static const kind_preset kinds[] = {
    [FBC_KIND_VOIP] = {"voip", {UDP, 0}, 0},
    [FBC_KIND_CBR] = {"cbr", {UDP, TCP}, 1000},
    [FBC_KIND_TCP] = {"tcp", {TCP, 0}, 0},
    [FBC_KIND_POISSON] = {"poisson", {UDP, 0}, 1000},
    [FBC_KIND_PCAP] = {"pcap", {UDP, 0}, 0},
    [FBC_KIND_WEB] = {"web", {TCP, 0}, 0},
    [FBC_KIND_VIDEO] = {"video", {TCP, 0}, 0},
};

/*
 * In the order of the choices. Ie and Bpl are those of G.711 with packet loss concealment, of G.729A, and of GSM-EFR,
 * which is AMR at 12.2 kbit/s. Voice in a packet: 160 octets (RFC 3551 4.5.14), 20 (RFC 3551 4.5.6), and 32, the 244
 * bits of a frame behind 10 of the payload header, in the bandwidth-efficient form (RFC 4867 4.3).
 */
static const fbc_codec codecs[] = {
    {"g711", RTP_HEADER + 160, 20 * MILLISECOND, 0, 0, 25100},
    {"g729", RTP_HEADER + 20, 20 * MILLISECOND, 5 * MILLISECOND, 11000, 19000},
    {"amr", RTP_HEADER + 32, 20 * MILLISECOND, 5 * MILLISECOND, 5000, 10000},
};

const char *
fbc_kind_name(fbc_kind kind)
{
    return kinds[kind].name;
}

const uint8_t *
fbc_kind_protocols(fbc_kind kind)
{
    return kinds[kind].protocol;
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* Keys of some kinds only                                                                                            */

#define OF(kind) (1u << (kind))

typedef struct kind_key
{
    size_t key;
    unsigned kinds;
    const char *expected;
} kind_key;

static const kind_key kind_keys[] = {
    {FBC_TRAFFIC_RATE,
     OF(FBC_KIND_VOIP) | OF(FBC_KIND_CBR) | OF(FBC_KIND_POISSON),
     "it with kind voip, cbr or poisson"},
    {FBC_TRAFFIC_PACKET,
     OF(FBC_KIND_VOIP) | OF(FBC_KIND_CBR) | OF(FBC_KIND_POISSON),
     "it with kind voip, cbr or poisson; for tcp there is tcp: segment"},
    {FBC_TRAFFIC_BYTES, OF(FBC_KIND_TCP), "it with kind tcp; here there is stop"},
    {FBC_TRAFFIC_CODEC, OF(FBC_KIND_VOIP), "it with kind voip"},
    {FBC_TRAFFIC_PLAYOUT, OF(FBC_KIND_VOIP), "it with kind voip"},
    {FBC_TRAFFIC_CAPTURE, OF(FBC_KIND_PCAP), "it with kind pcap"},
    {FBC_TRAFFIC_CAPTURE_HOST, OF(FBC_KIND_PCAP), "it with kind pcap"},
    {FBC_TRAFFIC_PAGE, OF(FBC_KIND_WEB), "it with kind web"},
    {FBC_TRAFFIC_OBJECTS, OF(FBC_KIND_WEB), "it with kind web"},
    {FBC_TRAFFIC_THINK, OF(FBC_KIND_WEB), "it with kind web"},
    {FBC_TRAFFIC_CONNECTIONS, OF(FBC_KIND_WEB), "it with kind web"},
    {FBC_TRAFFIC_LADDER, OF(FBC_KIND_VIDEO), "it with kind video"},
    {FBC_TRAFFIC_SEGMENT, OF(FBC_KIND_VIDEO), "it with kind video"},
    {FBC_TRAFFIC_BUFFER, OF(FBC_KIND_VIDEO), "it with kind video"},
    {FBC_TRAFFIC_START_UP, OF(FBC_KIND_VIDEO), "it with kind video"},
};

static void
refuse_keys(fbc_reader *reader, const fbc_value *values, fbc_kind kind)
{
    for (size_t i = 0; i < sizeof(kind_keys) / sizeof(kind_keys[0]); i++)
    {
        const kind_key *row = &kind_keys[i];
        if ((row->kinds & OF(kind)) == 0)
        {
            fbc_refuse(reader,
                       &values[row->key],
                       fbc_object_traffic.keys[row->key].key,
                       row->expected);
        }
    }
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* pcap                                                                                                               */

/* The packets of a capture: counted first, then kept. */
typedef struct replay_search
{
    fbc_traffic *traffic;
    const fbc_value *host; /* whose packets they are; not given: all are */
    bool keep;
    uint64_t first_ns;
    uint64_t last_ns;
} replay_search;

static bool
is_in_range(const uint8_t *address, bool ipv6, const fbc_value *range)
{
    if (ipv6 != range->ipv6)
    {
        return false;
    }
    if (ipv6)
    {
        return memcmp(address, range->octets, FBC_ADDRESS6) >= 0 &&
               memcmp(address, range->octets_end, FBC_ADDRESS6) <= 0;
    }
    uint64_t number = (uint64_t)address[0] << 24 | (uint64_t)address[1] << 16 |
                      (uint64_t)address[2] << 8 | address[3];
    return number >= range->number && number <= range->end;
}

/* Which way it goes; 0: it is none of the host's. */
static unsigned
direction_of(const replay_search *search, const fbd_captured *packet, bool ipv6)
{
    size_t source = ipv6 ? 8 : 12;
    size_t destination = ipv6 ? 24 : 16;
    if (!search->host->given)
    {
        return search->traffic->direction;
    }
    if (is_in_range(packet->octets + source, ipv6, search->host))
    {
        return FBC_UP;
    }
    return is_in_range(packet->octets + destination, ipv6, search->host) ? FBC_DOWN : 0;
}

/* Octets behind IP and UDP header; a shorter packet cannot be sent. */
static uint32_t
payload_of(const fbd_captured *packet, bool ipv6)
{
    size_t header = (ipv6 ? IPV6_HEADER : IPV4_HEADER) + UDP_HEADER;
    size_t field = ipv6 ? 4 : 2;
    size_t length = (size_t)packet->octets[field] << 8 | packet->octets[field + 1];
    if (length == 0)
    {
        /* left to the network card, which cuts what is larger than a packet */
        length = packet->total;
    }
    else if (ipv6)
    {
        length += IPV6_HEADER;
    }
    length = length > header ? length - header : 1;
    return length < DATAGRAM_MAX ? (uint32_t)length : DATAGRAM_MAX;
}

static void
keep_packet(replay_search *search, const fbd_captured *packet, unsigned direction, bool ipv6)
{
    fbc_traffic *traffic = search->traffic;
    uint64_t at = (uint64_t)packet->place.seconds * FB_SECOND + packet->place.nanoseconds;
    if (traffic->replay_count == 0)
    {
        search->first_ns = at;
    }
    /* Captures of several interfaces can be a little out of order. */
    search->last_ns = at > search->first_ns + search->last_ns ? at - search->first_ns
                                                              : search->last_ns;
    traffic->replay[traffic->replay_count] = (fbc_replayed){
        .at_ns = search->last_ns,
        .octets = payload_of(packet, ipv6),
        .direction = (fbc_direction)direction,
    };
}

static void
see_packet(void *context, const fbd_captured *packet)
{
    replay_search *search = context;
    bool ipv6 = packet->captured > 0 && packet->octets[0] >> 4 == 6;
    if (packet->captured < (ipv6 ? (size_t)IPV6_HEADER : (size_t)IPV4_HEADER))
    {
        return;
    }
    unsigned direction = direction_of(search, packet, ipv6);
    if ((direction & search->traffic->direction) == 0)
    {
        return;
    }
    if (search->keep)
    {
        keep_packet(search, packet, direction, ipv6);
    }
    search->traffic->replay_count++;
}

static bool
read_capture(fbc_reader *reader, const fbc_value *capture, replay_search *search)
{
    char problem[512];
    fbd_tally tally;
    fbc_traffic *traffic = search->traffic;
    const char *file = fbc_beside(reader->arena, reader->source->file, capture->text);
    if (!fbd_capture_packets(file, see_packet, search, &tally, problem, sizeof(problem)))
    {
        fbc_error(reader, capture->place, "capture: %s", problem);
        return false;
    }
    if (traffic->replay_count == 0)
    {
        fbc_error(reader,
                  capture->place,
                  "capture: %s has no IP packet%s; expected at least one",
                  file,
                  search->host->given ? " that way of this capture-host" : "");
        return false;
    }
    traffic->replay = fbc_arena_array(reader->arena, traffic->replay_count, sizeof(fbc_replayed));
    search->keep = true;
    traffic->replay_count = 0;
    return fbd_capture_packets(file, see_packet, search, &tally, problem, sizeof(problem));
}

static void
read_pcap(fbc_reader *reader, const fbc_value *values, fbc_traffic *traffic)
{
    const fbc_value *capture = &values[FBC_TRAFFIC_CAPTURE];
    const fbc_value *host = &values[FBC_TRAFFIC_CAPTURE_HOST];
    if (!capture->given)
    {
        fbc_error(reader,
                  traffic->place,
                  "traffic of kind pcap without packets; expected capture, the name of a file");
        return;
    }
    if (traffic->direction == FBC_BOTH && !host->given)
    {
        fbc_error(reader,
                  traffic->place,
                  "nothing says which packets of the capture go up and which down; expected "
                  "capture-host, the address in it that the mobile node stands for, or direction: "
                  "up or down");
        return;
    }
    if (capture->valid && (host->valid || !host->given))
    {
        read_capture(reader, capture, &(replay_search){.traffic = traffic, .host = host});
    }
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* web and video                                                                                                      */

/* The mobile node asks, the correspondent answers: the policy names the port of what is asked. */
static void
check_asking(fbc_reader *reader, const fbc_value *direction, const fbc_traffic *traffic)
{
    if (direction->valid && traffic->direction != FBC_DOWN)
    {
        fbc_error(
            reader,
            direction->place,
            "traffic of kind %s comes when the mobile node asks for it; expected direction: down",
            fbc_kind_name(traffic->kind));
    }
}

static uint64_t
number_or(const fbc_value *value, uint64_t preset)
{
    return value->given ? value->number : preset;
}

static void
read_web(fbc_reader *reader, const fbc_value *values, fbc_traffic *traffic)
{
    const fbc_value *page = &values[FBC_TRAFFIC_PAGE];
    const fbc_value *objects = &values[FBC_TRAFFIC_OBJECTS];
    check_asking(reader, &values[FBC_TRAFFIC_DIRECTION], traffic);
    if (objects->given && !page->given && !page->meant)
    {
        fbc_error(reader,
                  objects->place,
                  "objects of a page whose size is drawn; expected page, like 2MB");
    }
    traffic->web = (fbc_web){
        .page = page->number,
        .objects = page->given ? (uint32_t)number_or(objects, 1) : 0,
        .think_ns = number_or(&values[FBC_TRAFFIC_THINK], 5 * FB_SECOND),
        .connections = (uint32_t)number_or(&values[FBC_TRAFFIC_CONNECTIONS], 1),
    };
    if (traffic->local_port != 0 && traffic->web.connections > 1)
    {
        fbc_error(reader,
                  values[FBC_TRAFFIC_CONNECTIONS].place,
                  "several connections, but flow '%s' fixes the mobile node's port; expected one",
                  traffic->flow->name);
    }
    if (page->valid && traffic->web.page < traffic->web.objects)
    {
        fbc_error(reader,
                  page->place,
                  "page: '%s' is less than an octet for each of its objects; expected more",
                  page->text);
    }
}

static void
read_ladder(fbc_reader *reader, const fbc_value *list, fbc_video *video)
{
    static const uint64_t preset[] = {400000, 1000000, 2500000, 5000000, 8000000};
    video->ladder = preset;
    video->rungs = sizeof(preset) / sizeof(preset[0]);
    if (!list->valid)
    {
        return;
    }
    size_t count = fbc_list_count(list->node);
    if (count == 0)
    {
        fbc_error(reader,
                  list->place,
                  "ladder without rates; expected a list like [500kbps, 2Mbps]");
        return;
    }
    uint64_t *ladder = fbc_arena_array(reader->arena, count, sizeof(ladder[0]));
    for (size_t i = 0; i < count; i++)
    {
        const yaml_node_t *node = fbc_list_item(reader, list->node, i);
        ladder[i] = fbc_rate_read(reader, node, "ladder");
        if (i > 0 && ladder[i] != 0 && ladder[i] <= ladder[i - 1])
        {
            fbc_error(reader,
                      fbc_node_place(node),
                      "ladder: '%s' is not above the rate before it; expected rising rates",
                      fbc_node_text(node));
        }
    }
    video->ladder = ladder;
    video->rungs = count;
}

static void
read_video(fbc_reader *reader, const fbc_value *values, fbc_traffic *traffic)
{
    const fbc_value *segment = &values[FBC_TRAFFIC_SEGMENT];
    const fbc_value *buffer = &values[FBC_TRAFFIC_BUFFER];
    const fbc_value *start_up = &values[FBC_TRAFFIC_START_UP];
    fbc_video *video = &traffic->video;
    check_asking(reader, &values[FBC_TRAFFIC_DIRECTION], traffic);
    read_ladder(reader, &values[FBC_TRAFFIC_LADDER], video);
    video->segment_ns = number_or(segment, 4 * FB_SECOND);
    video->buffer_ns = number_or(buffer, 30 * FB_SECOND);
    video->start_up_ns = number_or(start_up, video->segment_ns);
    uint64_t least = video->segment_ns > video->start_up_ns ? video->segment_ns
                                                            : video->start_up_ns;
    bool known = (segment->valid || !segment->given) && (buffer->valid || !buffer->given) &&
                 (start_up->valid || !start_up->given);
    if (known && video->buffer_ns < video->segment_ns + least)
    {
        fbc_error(reader,
                  buffer->given ? buffer->place : traffic->place,
                  "the player's buffer is too small; expected buffer to have room for a segment "
                  "beside another one, or beside what start-up says");
    }
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* The others                                                                                                         */

static void
read_voip(fbc_reader *reader, const fbc_value *values, fbc_traffic *traffic)
{
    const fbc_value *rate = &values[FBC_TRAFFIC_RATE];
    const fbc_value *packet = &values[FBC_TRAFFIC_PACKET];
    const fbc_value *codec = &values[FBC_TRAFFIC_CODEC];
    const fbc_value *playout = &values[FBC_TRAFFIC_PLAYOUT];
    traffic->codec = &codecs[codec->given && codec->valid ? codec->number : 0];
    traffic->playout_ns = playout->given ? playout->number : FBC_UNSET;
    if (codec->given)
    {
        fbc_refuse(reader, rate, "rate", "either it or codec");
        fbc_refuse(reader, packet, "packet", "either it or codec");
    }
    traffic->packet = packet->given ? (uint32_t)packet->number : traffic->codec->packet;
    traffic->rate_bps = rate->given
                            ? rate->number
                            : traffic->codec->packet * 8 * FB_SECOND / traffic->codec->interval_ns;
}

static void
read_rate(fbc_reader *reader, const fbc_value *values, fbc_traffic *traffic)
{
    const fbc_value *rate = &values[FBC_TRAFFIC_RATE];
    const fbc_value *packet = &values[FBC_TRAFFIC_PACKET];
    if (!rate->given)
    {
        fbc_error(reader,
                  traffic->place,
                  "traffic of kind %s has no rate; expected rate, like 32kbps",
                  fbc_kind_name(traffic->kind));
    }
    traffic->rate_bps = rate->number;
    traffic->packet = packet->given ? (uint32_t)packet->number : kinds[traffic->kind].packet;
}

void
fbc_kind_read(fbc_reader *reader, const fbc_value *values, fbc_traffic *traffic)
{
    refuse_keys(reader, values, traffic->kind);
    switch (traffic->kind)
    {
    case FBC_KIND_VOIP:
        read_voip(reader, values, traffic);
        return;
    case FBC_KIND_CBR:
    case FBC_KIND_POISSON:
        read_rate(reader, values, traffic);
        return;
    case FBC_KIND_TCP:
        traffic->bytes = values[FBC_TRAFFIC_BYTES].number;
        return;
    case FBC_KIND_PCAP:
        read_pcap(reader, values, traffic);
        return;
    case FBC_KIND_WEB:
        read_web(reader, values, traffic);
        return;
    case FBC_KIND_VIDEO:
        read_video(reader, values, traffic);
        return;
    }
}
