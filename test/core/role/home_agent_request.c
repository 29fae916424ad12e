/* SPDX-License-Identifier: BSD-3-Clause */
#include "home_agent_request.h"

#include <nettle/hmac.h>
#include <string.h>

typedef struct writer
{
    uint8_t *octets;
    size_t length;
} writer;

static void
put(writer *w, uint64_t value, unsigned octets)
{
    while (octets-- > 0)
    {
        w->octets[w->length++] = (uint8_t)(value >> 8 * octets);
    }
}

fb_security_association
request_association(unsigned node)
{
    fb_security_association a = {.spi = 0x101 + node, .algorithm = FB_HMAC_MD5, .key_length = 16};

    memset(a.key, 0x50 + (int)node, 16);
    return a;
}

fb_ipv4
request_home_address(unsigned node)
{
    return 0xc633640au + node; /* 198.51.100.10 */
}

fb_security_association
request_foreign_association(void)
{
    fb_security_association a = {.spi = 0x303, .algorithm = FB_HMAC_MD5, .key_length = 16};

    memset(a.key, 0x70, 16);
    return a;
}

static size_t
authenticate(uint8_t *octets,
             size_t length,
             uint8_t type,
             const fb_security_association *association)
{
    struct hmac_md5_ctx context;
    writer w = {octets, length};

    put(&w, type, 1);
    put(&w, 20, 1);
    put(&w, association->spi, 4);
    hmac_md5_set_key(&context, association->key_length, association->key);
    hmac_md5_update(&context, w.length, octets);
    hmac_md5_digest(&context, 16, octets + w.length);
    return w.length + 16;
}

size_t
request_sign(uint8_t *octets, size_t length, const fb_security_association *association)
{
    return authenticate(octets, length, 32, association);
}

size_t
request_vouch(uint8_t *octets, size_t length, const fb_security_association *association)
{
    return authenticate(octets, length, 34, association);
}

static void
put_multipath(writer *w, const model_request *r)
{
    bool long_one = (r->faults & FAULT_MULTIPATH_LENGTH) != 0;

    put(w, 154, 1);
    put(w, 1, 1);
    put(w, long_one ? 5 : 4, 2);
    put(w, r->technology, 1);
    put(w, r->label, 1);
    put(w, r->bid, 1);
    /* RFC 7629 4.1: six reserved bits, to be ignored */
    put(w, (r->bulk ? 0x80u : 0) | (r->overwrite ? 0x40u : 0) | (r->identification & 0x3f), 1);
    put(w, 0, long_one);
}

static void
put_flow_binding(writer *w, const model_rule *rule, unsigned faults)
{
    static const uint8_t two[] = {1, 2};
    const uint8_t *bid = rule->bid;
    bool drop = rule->drop;
    uint8_t bids = rule->bids;
    size_t start;

    if ((faults & (FAULT_BID_COUNT | FAULT_BID_COUNT_OF_DROP)) != 0)
    {
        drop = (faults & FAULT_BID_COUNT_OF_DROP) != 0;
        bids = drop ? 2 : 0;
        bid = two;
    }
    put(w, 154, 1);
    put(w, 2, 1);
    put(w, 0, 2);
    start = w->length;
    put(w, (faults & FAULT_ACTION) != 0 ? 2 : !drop, 1);
    put(w, bids, 1);
    for (unsigned i = 0; i < bids; i++)
    {
        put(w, bid[i], 1);
    }
    put(w, (faults & FAULT_SELECTOR_FORMAT) != 0 ? 3 : 1, 1);
    put(w, 0x02000000u, 4); /* RFC 6088 3.1, G: start of the source port */
    put(w, rule->port, 2);
    put(w, 0, (faults & FAULT_SELECTOR_LENGTH) != 0);
    w->octets[start - 1] = (uint8_t)(w->length - start);
}

/** RFC 3519 3.1, with something in the reserved fields that are to be ignored. */
static void
put_udp(writer *w, const model_request *r)
{
    put(w, 144, 1);
    put(w, 6, 1);
    put(w, 0, 1);
    put(w, r->identification & 0xff, 1);
    put(w,
        (r->udp_force ? 0x80u : 0) | (r->udp_through_agent ? 0x40u : 0) |
            (r->identification & 0x3f),
        1);
    put(w, r->udp_encapsulation, 1);
    put(w, r->udp_reserved, 2);
}

/** 10.<node>.1.0/24, 10.<node>.2.0/28, 2001:db8:<node>::/64; with bits behind the length, which say nothing. */
static void
put_network(writer *w, const model_request *r, model_network network)
{
    uint64_t behind = r->identification & 0xf;

    if (network == NETWORK_IPV6 || network == NETWORK_STRANGE_IPV6)
    {
        put(w, 152u << 24 | 18u << 16 | 1u << 8 | 64u, 4);
        put(w, 0x20010db8, 4);
        put(w, (uint64_t)(network == NETWORK_IPV6 ? r->node : 99) << 16, 4);
        put(w, behind, 8);
        return;
    }
    put(w, 148u << 16 | 6u << 8, 3);
    switch (network)
    {
    case NETWORK_FIRST:
        put(w, 24, 1);
        put(w, (0x0a000100u | r->node << 16) | behind, 4);
        break;
    case NETWORK_SECOND:
        put(w, 28, 1);
        put(w, (0x0a000200u | r->node << 16) | behind, 4);
        break;
    case NETWORK_ANY:
        put(w, 28, 1);
        put(w, 0, 4);
        break;
    default:
        put(w, network == NETWORK_STRANGE ? 24 : 33, 1);
        put(w, 0x0a630100, 4);
        break;
    }
}

fb_networks
request_networks(unsigned node, const bool has[NETWORKS_OWN])
{
    fb_networks networks = {.count = 0};

    for (unsigned k = 0; k < NETWORKS_OWN; k++)
    {
        model_request r = {.node = node};
        uint8_t octets[20];
        writer w = {octets, 0};
        fb_prefix *prefix = &networks.prefix[networks.count];
        bool ipv6 = k == NETWORK_IPV6;

        put_network(&w, &r, (model_network)k);
        prefix->address.family = ipv6 ? FB_FAMILY_IPV6 : FB_FAMILY_IPV4;
        prefix->length = octets[3];
        memcpy(prefix->address.octet, octets + 4, ipv6 ? 16 : 4);
        networks.count = (uint8_t)(networks.count + has[k]);
    }
    return networks;
}

static void
put_extensions(writer *w, const model_request *r)
{
    unsigned of_rules = FAULT_ACTION | FAULT_BID_COUNT | FAULT_BID_COUNT_OF_DROP |
                        FAULT_SELECTOR_FORMAT | FAULT_SELECTOR_LENGTH;

    if ((r->identification & 0x40) != 0)
    {
        put(w, 200u << 16 | 1 << 8, 3); /* RFC 5944 1.9: one that may be skipped */
        put(w, 0, 1); /* and padding */
    }
    if ((r->faults & FAULT_UNKNOWN_EXTENSION) != 0)
    {
        put(w, 100u << 8, 2);
    }
    if ((r->faults & FAULT_UNKNOWN_SUBTYPE) != 0)
    {
        put(w, 154u << 24 | 7u << 16, 4);
    }
    for (unsigned i = 0; i < r->networks; i++)
    {
        put_network(w, r, r->network[i]);
    }
    if (r->ipv6_to_care_of)
    {
        put(w, 152u << 24 | 2u << 16 | 3u << 8, 4);
    }
    if (r->multipath && (r->faults & FAULT_MULTIPATH_BEHIND) == 0)
    {
        put_multipath(w, r);
    }
    if ((r->faults & FAULT_TWO_MULTIPATHS) != 0)
    {
        put_multipath(w, r);
    }
    if (r->udp == MODEL_UDP_BEFORE)
    {
        put_udp(w, r);
    }
    for (unsigned i = 0; i < r->rules; i++)
    {
        put_flow_binding(w, &r->rule[i], i + 1 == r->rules ? r->faults & of_rules : 0);
    }
}

static void
put_vouched(writer *w, model_vouched vouched)
{
    fb_security_association association = request_foreign_association();

    association.key[0] ^= vouched == MODEL_VOUCHED_WRONG;
    if (vouched != MODEL_VOUCHED_NOT)
    {
        w->length = request_vouch(w->octets, w->length, &association);
    }
    if (vouched == MODEL_VOUCHED_TWICE)
    {
        w->length = request_vouch(w->octets, w->length, &association);
    }
}

size_t
request_compose(const model_request *r, uint8_t octets[REQUEST_OCTETS])
{
    fb_security_association association = request_association(r->node);
    writer w = {octets, 0};

    put(&w, 1, 1);
    put(&w, r->flags, 1);
    put(&w, r->lifetime_s, 2);
    put(&w, request_home_address(r->node), 4);
    put(&w, r->home_agent, 4);
    put(&w, r->care_of_address, 4);
    put(&w, r->identification, 8);
    put_extensions(&w, r);
    association.spi += (r->faults & FAULT_WRONG_SPI) != 0 ? 0x100 : 0;
    association.key[0] ^= (r->faults & FAULT_WRONG_KEY) != 0;
    if ((r->faults & FAULT_NO_AUTHENTICATION) == 0)
    {
        w.length = request_sign(octets, w.length, &association);
    }
    if ((r->faults & FAULT_MULTIPATH_BEHIND) != 0)
    {
        put_multipath(&w, r);
    }
    if (r->udp == MODEL_UDP_BEHIND)
    {
        put_udp(&w, r);
    }
    put_vouched(&w, r->vouched);
    return w.length - ((r->faults & FAULT_CUT) != 0);
}

void
request_print(FILE *out, const model_request *r)
{
    static const char *const names[FAULTS] = {
        "cut short",
        "unknown extension",
        "unknown subtype",
        "no authentication",
        "wrong SPI",
        "wrong key",
        "two Multipath",
        "Multipath of 5 octets",
        "Multipath behind",
        "Action 2",
        "FORWARD to none",
        "DROP with two BIDs",
        "unknown TS Format",
        "selector one too long",
    };

    fprintf(out,
            "node %u: Lifetime %u, care-of address .%u.%u, flags %02x",
            r->node,
            (unsigned)r->lifetime_s,
            (unsigned)(r->care_of_address >> 8 & 0xff),
            (unsigned)(r->care_of_address & 0xff),
            (unsigned)r->flags);
    if (r->udp != MODEL_UDP_NONE || r->source != r->care_of_address)
    {
        fprintf(out,
                ", from .%u port %u, %s%s%s%s encapsulation %u",
                (unsigned)(r->source & 0xff),
                (unsigned)r->port,
                r->udp == MODEL_UDP_NONE     ? "no UDP"
                : r->udp == MODEL_UDP_BEFORE ? "UDP"
                                             : "UDP behind",
                r->udp_force ? " F" : "",
                r->udp_through_agent ? " R" : "",
                r->udp_reserved ? " reserved" : "",
                (unsigned)r->udp_encapsulation);
    }
    if (r->multipath)
    {
        fprintf(out, ", BID %u label %u technology %u", r->bid, r->label, r->technology);
        fprintf(out, "%s%s", r->bulk ? " B" : "", r->overwrite ? " O" : "");
    }
    for (unsigned i = 0; i < r->rules; i++)
    {
        fprintf(out, ", port %u %s", (unsigned)r->rule[i].port, r->rule[i].drop ? "DROP" : "->");
        for (unsigned k = 0; k < r->rule[i].bids; k++)
        {
            fprintf(out, " %u", r->rule[i].bid[k]);
        }
    }
    for (unsigned i = 0; i < r->networks; i++)
    {
        static const char *const of[NETWORKS] =
            {"first", "second", "IPv6", "strange", "too long", "any", "strange IPv6"};

        fprintf(out, ", %s network", of[r->network[i]]);
    }
    fprintf(out, "%s", r->ipv6_to_care_of ? ", IPv6 to care-of address" : "");
    if (r->vouched != MODEL_VOUCHED_NOT)
    {
        fprintf(out,
                ", vouched for%s",
                r->vouched == MODEL_VOUCHED_TWICE   ? " twice"
                : r->vouched == MODEL_VOUCHED_WRONG ? " with a wrong key"
                                                    : "");
    }
    for (unsigned i = 0; i < FAULTS; i++)
    {
        if ((r->faults & 1u << i) != 0)
        {
            fprintf(out, ", %s", names[i]);
        }
    }
}
