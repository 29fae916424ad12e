/* SPDX-License-Identifier: BSD-3-Clause */
#include "verdict.h"

#include "wire/rfc3519.h"

#include <string.h>

static const fbd_key *
key_of(const fbd_keys *keys, uint32_t spi)
{
    for (size_t i = 0; i < keys->count; i++)
    {
        if (keys->key[i].spi == spi)
        {
            return &keys->key[i];
        }
    }
    return NULL;
}

fbd_authentic
fbd_verify(const fb_mip4_message *message, int extension, const fbd_keys *keys, int *reason)
{
    const fb_mip4_extension *found = &message->extension[extension];
    fb_reader reader = fb_reader_over(message->data + found->body, found->length);
    uint32_t spi = fb_read_u32(&reader);
    size_t authenticator = fb_read_left(&reader);
    const fbd_key *key = reader.failed ? NULL : key_of(keys, spi);
    *reason = FB_REASON_NONE;
    if (reader.failed)
    {
        *reason = FB_DROP_AUTHENTICATION_LENGTH;
        return FBD_AUTHENTIC_NO;
    }
    if (key == NULL)
    {
        return FBD_AUTHENTIC_UNKNOWN;
    }

    fb_security_association association = {
        .spi = spi,
        .algorithm = authenticator == fb_hmac_digest_size(FB_HMAC_SHA256) ? FB_HMAC_SHA256
                                                                          : FB_HMAC_MD5,
        .key_length = key->length,
    };
    memcpy(association.key, key->octets, key->length);
    *reason = fb_mip4_verify(message, extension, &association);
    return *reason == FB_REASON_NONE ? FBD_AUTHENTIC_YES : FBD_AUTHENTIC_NO;
}

static unsigned
count_mobile_home(const fb_mip4_message *message)
{
    unsigned count = 0;
    for (size_t i = 0; i < message->extension_count; i++)
    {
        if (message->extension[i].type == FB_EXT_MOBILE_HOME_AUTHENTICATION)
        {
            count++;
        }
    }
    return count;
}

/** RFC 5944 3.4: what a foreign agent denies (64 to 127, 194 on) carries no Mobile-Home Authentication (C-05). */
static bool
needs_authentication(const fb_mip4_fixed *fixed)
{
    if (fixed->type == FB_MIP4_REQUEST)
    {
        return true;
    }
    return fixed->code < 64 || (fixed->code >= 128 && fixed->code < 194);
}

/** G2, G3 of the gate. 0 or a reason. */
static int
judge_authentication(fbd_authentic *authentic, const fb_mip4_message *message, const fbd_keys *keys)
{
    *authentic = FBD_AUTHENTIC_NO;
    if (message->mobile_home < 0)
    {
        return needs_authentication(&message->fixed) ? FB_DROP_NO_AUTHENTICATION : FB_REASON_NONE;
    }
    int reason;
    *authentic = fbd_verify(message, message->mobile_home, keys, &reason);
    return count_mobile_home(message) > 1 ? FB_DROP_REPEATED_AUTHENTICATION : reason;
}

/** Notes the BIDs of @p rule that must be registered already; its own is by the request itself (D-12). */
static void
note_needed_bids(fbd_verdict *verdict, const fb_rule *rule, uint8_t own_bid)
{
    for (size_t i = 0; rule->action == FB_RULE_FORWARD && i < rule->bid_count; i++)
    {
        if (rule->bid[i] != own_bid)
        {
            verdict->needs_bid[rule->bid[i]] = true;
        }
    }
}

static bool
needs_any(const fbd_verdict *verdict)
{
    for (size_t bid = 0; bid <= UINT8_MAX; bid++)
    {
        if (verdict->needs_bid[bid])
        {
            return true;
        }
    }
    return false;
}

/** RFC 3519 4.6: with a care-of address of its own the node asks itself, else the foreign agent does. */
static int
judge_udp_tunnel(const fb_mip4_message *message)
{
    bool colocated = (message->fixed.flags & FB_MIP4_FLAG_D) != 0;
    fb_udp_tunnel_request request;

    switch (fb_udp_tunnel_request_find(&request, message))
    {
    case FB_UDP_TUNNEL_ABSENT:
        return FB_REASON_NONE;
    case FB_UDP_TUNNEL_AUTHENTICATED:
        return colocated ? FB_REASON_NONE : FB_DROP_UDP_TUNNEL_MISPLACED;
    case FB_UDP_TUNNEL_BEHIND:
        return colocated ? FB_DROP_UDP_TUNNEL_MISPLACED : FB_REASON_NONE;
    default:
        return FB_DROP_UDP_TUNNEL_MISPLACED;
    }
}

/** G6 to G11 of the gate, as far as one message decides them. 0 or a reason. */
static int
judge_request(fbd_verdict *verdict, const fb_mip4_message *message, fb_selector_layout layout)
{
    fb_mip4_request request;
    fb_rule rule;
    if (!fb_mip4_care_of_address_usable(&message->fixed))
    {
        return FB_DROP_CARE_OF_ADDRESS_INVALID;
    }
    int reason = fb_mip4_check_request(&request, message, layout);
    if (reason != FB_REASON_NONE || message->fixed.lifetime_s == 0)
    {
        return reason;
    }
    reason = judge_udp_tunnel(message);
    if (reason != FB_REASON_NONE)
    {
        return reason;
    }
    for (size_t i = 0; fb_mip4_flow_binding(message, i, layout, &rule); i++)
    {
        note_needed_bids(verdict, &rule, request.multipath.bid);
    }
    /* RFC 7629 5.2: with O only the request's own binding is left (C-15) */
    return request.multipath.overwrite && needs_any(verdict) ? FB_DROP_BID_UNKNOWN : FB_REASON_NONE;
}

fbd_verdict
fbd_judge(const fb_mip4_message *message, int walked, const fbd_keys *keys)
{
    fbd_verdict verdict = {.reason = walked};
    if (walked != FB_REASON_NONE)
    {
        return verdict;
    }
    bool is_request = message->fixed.type == FB_MIP4_REQUEST;
    verdict.reason = judge_authentication(&verdict.authentic, message, keys);
    if (verdict.reason == FB_REASON_NONE && is_request)
    {
        verdict.reason = judge_request(&verdict, message, keys->layout);
    }
    if (is_request)
    {
        verdict.reply_code = fb_reason_reply_code(verdict.reason); /* nobody answers a reply */
    }
    return verdict;
}

/** RFC 5213 5.3.1, as far as one update decides it: what it lacks. 0 or a reason. */
static int
judge_presence(const fb_mobility_options *options)
{
    if (!fb_option_present(options, FB_OPTION_MOBILE_NODE_IDENTIFIER))
    {
        return FB_DROP_PBU_NO_IDENTIFIER;
    }
    /* RFC 5844 3.1.2.1: one of the two has to be there */
    if (options->home_prefix_count == 0 && !options->ipv4_request.present)
    {
        return FB_DROP_PBU_NO_PREFIX;
    }
    if (!fb_option_present(options, FB_OPTION_HANDOFF_INDICATOR))
    {
        return FB_DROP_PBU_NO_HANDOFF;
    }
    return fb_option_present(options, FB_OPTION_ACCESS_TECHNOLOGY) ? FB_REASON_NONE
                                                                   : FB_DROP_PBU_NO_TECHNOLOGY;
}

int
fbd_judge_mobility(const fb_mh_message *message, int walked)
{
    const fb_mobility_options *options = &message->options;
    bool answered = walked == FB_REASON_NONE || fb_reason_pba_status(walked) != 0;

    if (!answered || message->fixed.type != FB_MH_BINDING_UPDATE)
    {
        return walked;
    }
    int reason = judge_presence(options);
    if (reason != FB_REASON_NONE || walked != FB_REASON_NONE)
    {
        return reason != FB_REASON_NONE ? reason : walked;
    }
    if (fb_option_present(options, FB_OPTION_MULTIPATH_BINDING) &&
        (!options->has_gateway || options->gateway.value.length == 0))
    {
        return FB_DROP_PBU_NO_GATEWAY_IDENTIFIER; /* D8-04 */
    }
    return FB_REASON_NONE;
}
