/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_GATEWAY_H
#define FB_TEST_GATEWAY_H

/**
 * @file
 * A mobile access gateway alone: the test is the world around it and, above all, its anchor. What it sends is kept and
 * read here octet by octet, and answers are written by hand or are vectors, so that the library's codec never judges
 * itself.
 *
 * Addresses and names are those of test/vectors/vectors.json. Link 1 is LTE (BID 1, label 11), 2 WLAN (BID 2, label 9),
 * 3 Ethernet (BID 3, label 9), 4 an IPv4-only WLAN (BID 4, label 9).
 */

#include "role/mag.h"
#include "vectors.h"

#define GATEWAY_LTE 1
#define GATEWAY_WLAN 2
#define GATEWAY_ETHERNET 3
#define GATEWAY_IPV4 4
#define GATEWAY_LINKS 4
#define GATEWAY_MESSAGES 2048
#define GATEWAY_EVENTS 16384
#define GATEWAY_WALL_NS UINT64_C(1767225600000000000) /* 2026-01-01T00:00:00Z, at time 0 */

typedef struct gateway_message
{
    fb_time at;
    fb_meta meta;
    size_t length;
    uint8_t octets[1500];
} gateway_message;

typedef struct gateway
{
    fb_config config;
    fb_clock clock;
    fb_entropy entropy;
    fb_events events;
    fb_mag mag;
    void *memory;
    fb_time now;
    gateway_message *sent;
    size_t sent_count;
    fb_event *event;
    size_t event_count;
    fb_link link[GATEWAY_LINKS + 1];
    fb_session session;
    /** answers every update itself as anchors do, and heartbeats */
    bool answering;
    /** answers nothing that comes by the links that are true */
    bool deaf[GATEWAY_LINKS + 1];
    bool legacy; /**< answers as RFC 5213 does, without options 63 and 64 */
    uint8_t status; /**< of these answers */
    uint16_t lifetime; /**< granted in them, in units of 4 s */
    uint32_t counter; /**< Restart Counter of them; 0: none */
    bool flows; /**< accepts RFC 6089's options; false: does not know them */
    test_vectors *vectors;
} gateway;

/** A configuration as the vectors have it: 3600 s, timestamps, no heartbeats, no bulk refresh. */
void gateway_config(fb_config *config);

/** With this configuration (NULL: that one), at time 0. Nothing is attached. */
gateway *gateway_new(const fb_config *config);
void gateway_free(gateway *g);

void gateway_link_up(gateway *g, uint32_t link);
void gateway_link_down(gateway *g, uint32_t link);
/** The session of the vectors, mr1@example.net, with home and delegated prefix to be assigned. */
void gateway_attach(gateway *g);
/** One more, of the mobile node "n<number>@example.net". */
void gateway_attach_another(gateway *g, uint32_t number);

/** Lets time pass; what is to be sent is. */
void gateway_run(gateway *g, fb_time duration);
void gateway_run_until(gateway *g, fb_time when);
/** Sends what is due now, and reads the events. */
void gateway_drain(gateway *g);

/** Links 1 to @p links are up and registered, with an anchor that answers. */
gateway *gateway_registered(const fb_config *config, unsigned links);

/* ---- what was sent ---- */

/** The @p index-th message of MH Type @p type, and how many there are; fails the test where there is none. */
const gateway_message *gateway_sent(const gateway *g, uint8_t type, size_t index);
size_t gateway_sent_count(const gateway *g, uint8_t type);
const gateway_message *gateway_last(const gateway *g, uint8_t type);

/** The body of the @p index-th option of this type, from 0, behind Type and Length; NULL. */
const uint8_t *gateway_option(const gateway_message *message,
                              uint8_t type,
                              size_t index,
                              size_t *length);
size_t gateway_options(const gateway_message *message, uint8_t type);

uint16_t gateway_sequence(const gateway_message *message);
uint16_t gateway_flags(const gateway_message *message);
uint16_t gateway_lifetime(const gateway_message *message);
uint64_t gateway_timestamp(const gateway_message *message);
uint8_t gateway_handoff(const gateway_message *message);
/** BID of the MAG Multipath Binding option; 0: there is none. B is 0x80, O 0x40 of @p flags. */
uint8_t gateway_bid(const gateway_message *message, uint8_t *flags);

/** The checksum of RFC 6275 6.1.1, worked out here. */
uint16_t gateway_checksum(const fb_addr *source,
                          const fb_addr *destination,
                          const uint8_t *octets,
                          size_t length);

/** The vector @p id was sent, octet for octet. */
void gateway_assert_vector(const gateway *g, const gateway_message *message, const char *id);
/** The same but for sequence number and timestamp, which are the moment's, and so the checksum. */
void gateway_assert_vector_now(const gateway *g, const gateway_message *message, const char *id);

/* ---- answers ---- */

typedef struct gateway_answer
{
    fb_meta meta;
    size_t length; /**< so far */
    uint8_t octets[1500];
} gateway_answer;

/** An acknowledgement of @p message without options. */
gateway_answer gateway_answer_begin(const gateway_message *message,
                                    uint8_t status,
                                    uint16_t lifetime);
/** Adds an option at its alignment: @p multiple n + @p offset. */
void gateway_answer_option(gateway_answer *answer,
                           uint8_t type,
                           const uint8_t *body,
                           size_t length,
                           size_t multiple,
                           size_t offset);
/** Adds the options an anchor repeats, all but @p except (0: none), and the prefixes it assigns. */
void gateway_answer_echo(gateway_answer *answer, const gateway_message *message, uint8_t except);
/** Pads and gives it to the gateway. Returns what fb_mag_input() did. */
int gateway_answer_send(gateway *g, gateway_answer *answer);

/** The usual answer: everything repeated, prefixes 2001:db8:100::/64 and 2001:db8:200::/56 assigned. */
int gateway_reply(gateway *g, const gateway_message *message, uint8_t status);
/** The same of an anchor that knows RFC 5213 only. */
int gateway_reply_legacy(gateway *g, const gateway_message *message);

/** Octets as they are, from the anchor to @p to's source. */
int gateway_inject(gateway *g, const fb_meta *meta, const uint8_t *octets, size_t length);
/** A vector as the answer to @p message, with its own sequence number, timestamp and checksum. */
int gateway_inject_vector(gateway *g, const char *id, const gateway_message *message);

/** A heartbeat to link @p link: @p flags 1 R, 2 U; @p counter in a Restart Counter option unless 0. */
int gateway_heartbeat(gateway *g,
                      uint32_t link,
                      uint16_t flags,
                      uint32_t sequence,
                      uint32_t counter);

/* ---- state ---- */

/** State of the session's path: fb_binding_state. */
int gateway_state(const gateway *g, uint8_t bid);
fb_proxy_view gateway_binding(const gateway *g, uint8_t bid);
/** BIDs the data plane may use, ascending, as decimal digits: "12". A plain path is "0". */
const char *gateway_paths(const gateway *g, char text[16]);

#define assert_paths(g, expected)                                    \
    do                                                               \
    {                                                                \
        char paths_text[16];                                         \
        assert_string_equal(gateway_paths(g, paths_text), expected); \
    }                                                                \
    while (0)

/** The last event of this kind since record @p since, of @p bid unless 0; NULL. */
const fb_event *gateway_event(const gateway *g, size_t since, fb_event_kind kind, uint8_t bid);
size_t gateway_events(const gateway *g, size_t since, fb_event_kind kind);

/** A FORWARD rule for packets from @p port with protocol @p protocol; @p bids as decimal digits. */
fb_rule gateway_rule(const char *bids, uint8_t protocol, uint16_t port);

#endif
