/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_REASON_H
#define FLOWBIND_REASON_H

/**
 * @file
 * Why a message was not accepted or a packet was not forwarded, and which reply code tells the peer, if any.
 */

#include "flowbind/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Positive; 0 means "nothing wrong". The names in fb_reason_name() are what logs, traces and `decode` print. */
typedef enum fb_reason
{
    FB_REASON_NONE = 0,

    /* Framing, RFC 5944 1.8-1.10, 3.3, 3.4: silent discard. */
    FB_DROP_TRUNCATED,
    FB_DROP_UNKNOWN_MESSAGE,
    FB_DROP_UNKNOWN_EXTENSION,
    FB_DROP_UNKNOWN_SUBTYPE,
    FB_DROP_TOO_MANY_EXTENSIONS,

    /* Security, RFC 5944 3.8.2.1, 3.6.2.1. */
    FB_DROP_NO_SECURITY_ASSOCIATION,
    FB_DROP_NO_AUTHENTICATION,
    FB_DROP_REPEATED_AUTHENTICATION,
    FB_DROP_AUTHENTICATION_LENGTH,
    FB_DROP_BAD_AUTHENTICATOR,
    FB_DROP_IDENTIFICATION,

    /* Requests the home agent answers with 134, RFC 7629 4.1, 4.2. */
    FB_DROP_MULTIPATH_LENGTH,
    FB_DROP_MULTIPATH_REPEATED,
    FB_DROP_MULTIPATH_AFTER_AUTHENTICATION,
    FB_DROP_LABEL_ZERO,
    FB_DROP_BID_RESERVED,
    FB_DROP_BULK_AND_OVERWRITE,
    FB_DROP_FLOW_BINDING_WITHOUT_MULTIPATH,
    FB_DROP_FLOW_BINDING_LENGTH,
    FB_DROP_ACTION_UNKNOWN,
    FB_DROP_BID_COUNT,
    FB_DROP_BID_COUNT_OF_DROP,
    FB_DROP_SELECTOR_FORMAT,
    FB_DROP_SELECTOR_LENGTH,
    FB_DROP_SELECTOR_END_WITHOUT_START,
    FB_DROP_SELECTOR_RANGE,
    FB_DROP_RESERVED_BITS,
    FB_DROP_TECHNOLOGY_UNASSIGNED,
    FB_DROP_CARE_OF_ADDRESS_INVALID,

    /* Requests answered with another code. */
    FB_DROP_HOME_AGENT_UNKNOWN,
    FB_DROP_MULTIPATH_NOT_ALLOWED,
    FB_DROP_FLOW_POLICY_NOT_ALLOWED,
    FB_DROP_BID_UNKNOWN,
    FB_DROP_TOO_MANY_BINDINGS,
    FB_DROP_TOO_MANY_RULES,
    FB_DROP_RESOURCES,
    FB_DROP_REVERSE_TUNNEL_REQUIRED,
    FB_DROP_ENCAPSULATION_UNSUPPORTED,

    /* Replies a mobile node does not act on. */
    FB_DROP_NOT_EXPECTED,
    FB_DROP_WRONG_ROLE,

    /* Data packets. */
    FB_DROP_PACKET_MALFORMED,
    FB_DROP_POLICY,
    FB_DROP_NO_BINDING,
    FB_DROP_NO_SESSION,
    FB_DROP_TUNNEL_SOURCE,
    FB_DROP_TUNNEL_INNER_SOURCE,
    FB_DROP_TUNNEL_INNER_DESTINATION,
    FB_DROP_TUNNEL_PROTOCOL,
    FB_DROP_TTL,
    FB_DROP_LOOP,

    /* Never met unless this library has a bug; counted, so that a test or an operator can see it. */
    FB_BUG_STATE_TRANSITION,

    FB_REASON_COUNT
} fb_reason;

/** Short lower-case name of @p reason ("bid-unknown"); "?" for a number that is none. Never NULL. */
const char *fb_reason_name(int reason);

/** A sentence for people. Never NULL. */
const char *fb_reason_text(int reason);

/** The Code of the Registration Reply that reports @p reason (RFC 5944 3.4, RFC 7629 4.3); 0: silent discard. */
uint8_t fb_reason_reply_code(int reason);

/** Of a Registration Reply: "registration accepted", "MULTIPATH_NOT_ALLOWED", ...; "unassigned". Never NULL. */
const char *fb_mip4_code_name(uint8_t code);

#ifdef __cplusplus
}
#endif

#endif
