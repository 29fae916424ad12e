/* SPDX-License-Identifier: BSD-3-Clause */
#include "lma_message.h"

#include <inttypes.h>
#include <string.h>

#define OPTIONS_AT 12

/* ---- names and addresses ---- */

static fb_nai
nai_of(const char *name, unsigned number)
{
    fb_nai nai = {.length = 0};

    nai.length = (uint8_t)snprintf(nai.text, sizeof nai.text, "%s%u@example.net", name, number);
    return nai;
}

fb_nai
message_node(unsigned node)
{
    return nai_of("mr", node);
}

fb_nai
message_gateway(unsigned gateway)
{
    return nai_of("mag", gateway);
}

fb_addr
message_care_of(unsigned care_of)
{
    /* 2001:db8:a::1 to ::3, 2001:db8:b::1 to ::3 */
    return (fb_addr){FB_FAMILY_IPV6,
                     {0x20,
                      0x01,
                      0x0d,
                      0xb8,
                      0,
                      (uint8_t)(0x0a + care_of / 3),
                      [15] = (uint8_t)(1 + care_of % 3)}};
}

fb_addr
message_anchor(void)
{
    return (fb_addr){FB_FAMILY_IPV6, {0x20, 0x01, 0x0d, 0xb8, 0, 0x0f, [15] = 1}};
}

/** Where the number of a prefix stands: home network prefixes are /64, delegated ones /56. */
static const struct
{
    uint8_t octet, length;
} shape[USES] = {{7, 64}, {6, 56}};

fb_prefix
message_prefix(lma_model_use use, uint32_t prefix)
{
    fb_prefix result = {{FB_FAMILY_IPV6, {0x20, 0x01, 0x0d, 0xb8}}, shape[use].length};

    if (prefix == PREFIX_ZERO)
    {
        return (fb_prefix){{FB_FAMILY_IPV6, {0}}, 0};
    }
    result.address.octet[4] = (uint8_t)(prefix >> 8);
    result.address.octet[5] = (uint8_t)use;
    result.address.octet[shape[use].octet] = (uint8_t)prefix;
    return result;
}

uint32_t
message_prefix_number(lma_model_use use, const fb_prefix *prefix)
{
    for (uint32_t kind = PREFIX_POOL; kind < PREFIX_STRANGE; kind += PREFIX_POOL)
    {
        for (uint32_t number = kind; number < kind + 4; number++)
        {
            fb_prefix this = message_prefix(use, number);

            if (this.length == prefix->length &&
                memcmp(&this.address, &prefix->address, sizeof this.address) == 0)
            {
                return number;
            }
        }
    }
    return PREFIX_STRANGE;
}

fb_prefix
message_pool(lma_model_use use, unsigned count)
{
    fb_prefix pool = message_prefix(use, PREFIX_POOL);

    pool.length = (uint8_t)(pool.length - (count == 4 ? 2 : 1));
    return pool;
}

const uint8_t *
message_link_layer(unsigned link_layer, size_t *length)
{
    static const uint8_t identifier[][6] = {{0},
                                            {0},
                                            {0x02, 0x00, 0x5e, 0x00, 0x53, 0x01},
                                            {0x02, 0x00, 0x5e, 0x00, 0x53, 0x02}};

    *length = sizeof identifier[0];
    return identifier[link_layer];
}

const uint8_t *
message_link_local(unsigned link_local)
{
    static const uint8_t address[][16] = {{0},
                                          {0},
                                          {0xfe, 0x80, [15] = 0x42},
                                          {0xfe, 0x80, [15] = 0x43}};

    return address[link_local];
}

/* ---- writing ---- */

typedef struct draft
{
    uint8_t *octets;
    size_t length;
} draft;

static void
put(draft *d, uint64_t value, unsigned count)
{
    while (count-- > 0)
    {
        d->octets[d->length++] = (uint8_t)(value >> 8 * count);
    }
}

static void
put_option(draft *d, uint8_t type, const void *body, size_t length)
{
    put(d, type, 1);
    put(d, length, 1);
    memcpy(d->octets + d->length, body, length);
    d->length += length;
}

/** One octet behind a reserved one. */
static void
put_indicator(draft *d, uint8_t type, uint8_t value)
{
    put_option(d, type, (uint8_t[]){0, value}, 2);
}

/** Subtype 1; option 64 has a reserved octet, too (R8278-4.2-04). */
static void
put_identifier(draft *d, uint8_t type, const fb_nai *nai)
{
    uint8_t body[2 + FB_NAI_MAX] = {1};
    size_t head = type == 64 ? 2 : 1;

    memcpy(body + head, nai->text, nai->length);
    put_option(d, type, body, head + nai->length);
}

static void
put_prefixes(draft *d, const lma_model_update *u, lma_model_use use, uint8_t type)
{
    for (unsigned i = 0; i < u->prefixes[use]; i++)
    {
        fb_prefix prefix = message_prefix(use, u->prefix[use][i]);
        uint8_t body[18] = {0, prefix.length};
        bool wrong = type == 22 && i == 0 && (u->faults & FAULT_PREFIX_LENGTH) != 0;

        memcpy(body + 2, prefix.address.octet, 16);
        put_option(d, type, body, wrong ? 17 : 18);
    }
}

static void
put_multipath(draft *d, const lma_model_update *u)
{
    const uint8_t body[7] = {u->technology,
                             u->label,
                             u->bid,
                             (uint8_t)((u->bulk ? 0x80 : 0) | (u->overwrite ? 0x40 : 0) | 0x15),
                             0xaa, /* Reserved: ignored (R8278-4.1-18) */
                             0x55};
    size_t length = (u->faults & FAULT_MULTIPATH_SHORT) != 0  ? 5
                    : (u->faults & FAULT_MULTIPATH_LONG) != 0 ? 7
                                                              : 6;

    put_option(d, 63, body, length);
    if ((u->faults & FAULT_TWO_MULTIPATHS) != 0)
    {
        put_option(d, 63, body, 6);
    }
}

static void
put_gateway(draft *d, const lma_model_update *u)
{
    fb_nai nai = {.length = 0};

    if (u->gateway < MODEL_GATEWAYS && (u->faults & FAULT_EMPTY_GATEWAY) == 0)
    {
        nai = message_gateway(u->gateway);
    }
    if (u->gateway < MODEL_GATEWAYS || (u->faults & FAULT_EMPTY_GATEWAY) != 0)
    {
        put_identifier(d, 64, &nai);
    }
    if ((u->faults & FAULT_TWO_GATEWAYS) != 0)
    {
        nai = message_gateway(0);
        put_identifier(d, 64, &nai);
        put_identifier(d, 64, &nai);
    }
}

/** RFC 6089 4.2 with an RFC 6088 selector of one field. */
static void
put_flow(draft *d, const lma_model_flow *f)
{
    size_t begin = d->length;

    put(d, 45, 1);
    put(d, 0, 1);
    put(d, f->fid, 2);
    put(d, f->priority, 2);
    put(d, 0, 2);
    if (f->fault != FLOW_NO_REFERENCE)
    {
        put(d, 0x0200u | 2 * f->bids, 2);
        for (unsigned i = 0; i < f->bids; i++)
        {
            put(d, f->bid[i], 2);
        }
    }
    if (f->fault != FLOW_NO_SELECTOR)
    {
        put(d, f->fault == FLOW_SELECTOR_LENGTH ? 0x0309 : 0x0308, 2);
        put(d, f->fault == FLOW_FORMAT ? 0x0300 : 0x0100, 2);
        put(d, 0x02000000, 4); /* a source port */
        put(d, f->port, 2);
        put(d, 0, f->fault == FLOW_SELECTOR_LENGTH);
    }
    if (f->fault == FLOW_SUBOPTION)
    {
        put(d, 0x0420, 2);
    }
    d->octets[begin + 1] = (uint8_t)(d->length - begin - 2);
}

static void
put_session(draft *d, const lma_model_update *u)
{
    size_t length;
    const uint8_t *link_layer = message_link_layer(u->link_layer, &length);
    uint8_t body[8] = {0};

    if ((u->faults & FAULT_NO_HANDOFF) == 0)
    {
        put_indicator(d, 23, u->handoff);
    }
    if ((u->faults & FAULT_TWO_HANDOFFS) != 0)
    {
        put_indicator(d, 23, 3);
        put_indicator(d, 23, 4);
    }
    if ((u->faults & FAULT_NO_TECHNOLOGY) == 0)
    {
        put_indicator(d, 24, u->access);
    }
    if (u->link_layer != 0)
    {
        memcpy(body + 2, link_layer, length);
        put_option(d, 25, body, 2 + length);
    }
    if (u->link_local != 0)
    {
        put_option(d, 26, message_link_local(u->link_local), 16);
    }
}

static void
put_timestamp(draft *d, uint64_t timestamp)
{
    put(d, 27, 1);
    put(d, 8, 1);
    put(d, timestamp, 8);
}

static uint16_t
checksum(const fb_addr *source, const fb_addr *destination, const uint8_t *octets, size_t length)
{
    uint32_t sum = (uint32_t)length + 135; /* RFC 8200 8.1 */

    for (size_t i = 0; i < 16; i += 2)
    {
        sum += (uint32_t)source->octet[i] << 8 | source->octet[i + 1];
        sum += (uint32_t)destination->octet[i] << 8 | destination->octet[i + 1];
    }
    for (size_t i = 0; i < length; i += 2)
    {
        sum += (uint32_t)octets[i] << 8 | octets[i + 1];
    }
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)(0xffff - ((sum & 0xffff) + (sum >> 16)));
}

/** Pads it and fills in what depends on the whole of it. Returns its length. */
static size_t
finish(draft *d, const lma_model_update *u)
{
    fb_addr source = message_care_of(u->source), anchor = message_anchor();
    uint16_t sum;

    if ((u->faults & FAULT_OVERRUN) != 0)
    {
        put(d, 0xc8ff, 2);
    }
    if (d->length % 8 == 7)
    {
        put(d, 0, 1);
    }
    else if (d->length % 8 > 0)
    {
        size_t left = 8 - d->length % 8;

        put(d, 0x0100 | (left - 2), 2);
        put(d, 0, (unsigned)(left - 2));
    }
    d->octets[1] = (uint8_t)(d->length / 8 - 1);
    sum = checksum(&source, &anchor, d->octets, d->length);
    sum ^= (u->faults & FAULT_CHECKSUM) != 0 ? 0x0100 : 0;
    d->octets[4] = (uint8_t)(sum >> 8);
    d->octets[5] = (uint8_t)sum;
    return (u->faults & FAULT_CUT) != 0 ? d->length - 8 : d->length;
}

size_t
message_compose(const lma_model_update *update, uint8_t octets[MESSAGE_OCTETS])
{
    const lma_model_update *u = update;
    fb_nai node = message_node(u->node);
    fb_addr alternate = message_care_of(u->alternate);
    draft d = {octets, 0};

    put(&d, (u->faults & FAULT_PAYLOAD_PROTO) != 0 ? 0x3a00 : 0x3b00, 2);
    put(&d, (u->faults & FAULT_TYPE) != 0 ? 0xc800 : 0x0500, 2);
    put(&d, 0, 2);
    put(&d, u->sequence, 2);
    put(&d, (u->acknowledge ? 0x8000u : 0) | ((u->faults & FAULT_NOT_PROXY) == 0 ? 0x0200 : 0), 2);
    put(&d, u->lifetime, 2);
    if ((u->faults & FAULT_NO_NODE) == 0)
    {
        put_identifier(&d, 8, &node);
    }
    put_prefixes(&d, u, USE_HOME, 22);
    put_session(&d, u);
    if (u->timed)
    {
        put_timestamp(&d, u->timestamp);
    }
    if ((u->faults & FAULT_TWO_TIMESTAMPS) != 0)
    {
        put_timestamp(&d, u->timestamp + 1);
        put_timestamp(&d, u->timestamp + 2);
    }
    if (u->multipath)
    {
        put_multipath(&d, u);
    }
    put_gateway(&d, u);
    if (u->alternate < MODEL_CARE_OFS)
    {
        put_option(&d, 3, alternate.octet, 16);
    }
    put_prefixes(&d, u, USE_DELEGATED, 55);
    for (unsigned i = 0; i < u->flows; i++)
    {
        put_flow(&d, &u->flow[i]);
    }
    if (u->summaries > 0)
    {
        put(&d, 0x2c00 | 2 * u->summaries, 2);
    }
    for (unsigned i = 0; i < u->summaries; i++)
    {
        put(&d, u->summary[i], 2);
    }
    return finish(&d, u);
}

/* ---- reading ---- */

static uint64_t
number_at(const uint8_t *octets, unsigned count)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < count; i++)
    {
        value = value << 8 | octets[i];
    }
    return value;
}

static const char *
read_prefix(message_ack *ack, lma_model_use use, const uint8_t *body, size_t length)
{
    fb_prefix prefix = {.address.family = FB_FAMILY_IPV6, .length = body[1]};

    if (length != 18 || ack->prefixes[use] == 4)
    {
        return "a prefix option of another length, or one too many";
    }
    memcpy(prefix.address.octet, body + 2, 16);
    ack->prefix[use][ack->prefixes[use]++] = prefix.length == 0 && number_at(body + 2, 8) == 0
                                                 ? PREFIX_ZERO
                                                 : message_prefix_number(use, &prefix);
    return NULL;
}

/** How long each option is, how it is aligned (xn+y), for those that have one length. */
static const struct
{
    uint8_t length, x, y;
} format[256] = {[22] = {18, 8, 4},
                 [23] = {2, 1, 0},
                 [24] = {2, 1, 0},
                 [25] = {8, 1, 0},
                 [26] = {16, 8, 6},
                 [27] = {8, 8, 2},
                 [55] = {18, 8, 2}};

static const char *
read_option(message_ack *ack, uint8_t type, const uint8_t *body, size_t length)
{
    switch (type)
    {
    case 1:
        return NULL;
    case 8:
        ack->node = body;
        ack->node_length = length;
        return NULL;
    case 22:
    case 55:
        return read_prefix(ack, type == 22 ? USE_HOME : USE_DELEGATED, body, length);
    case 23:
        ack->handoff = body[1];
        return NULL;
    case 24:
        ack->access = body[1];
        return NULL;
    case 25:
        ack->link_layer = body + 2;
        ack->link_layer_length = length - 2;
        return NULL;
    case 26:
        ack->link_local = body;
        return NULL;
    case 27:
        ack->timestamp = number_at(body, 8);
        return NULL;
    case 45:
        if (length < 6 || ack->flows == 2 * MODEL_OPTIONS)
        {
            return "flow options nobody asked for";
        }
        ack->fid[ack->flows] = (uint16_t)number_at(body, 2);
        ack->flow_status[ack->flows++] = body[5];
        return NULL;
    case 63:
        ack->multipath = body;
        ack->multipath_length = length;
        return NULL;
    default:
        return "an option nobody asked for";
    }
}

static const char *
read_options(message_ack *ack, const uint8_t *octets, size_t length)
{
    for (size_t at = OPTIONS_AT; at < length;)
    {
        uint8_t type = octets[at];
        size_t body = at + 1 < length ? octets[at + 1] : 0;
        const char *wrong;

        if (type == 0)
        {
            at++;
            continue;
        }
        if (at + 2 + body > length)
        {
            return "an option goes beyond the message";
        }
        if (format[type].x != 0 &&
            (body != format[type].length || at % format[type].x != format[type].y))
        {
            return "an option of another length or alignment";
        }
        ack->options[type]++;
        wrong = read_option(ack, type, octets + at + 2, body);
        if (wrong != NULL)
        {
            return wrong;
        }
        at += 2 + body;
    }
    return NULL;
}

const char *
message_read(message_ack *ack,
             const fb_addr *source,
             const fb_addr *destination,
             const uint8_t *octets,
             size_t length)
{
    memset(ack, 0, sizeof *ack);
    if (length < OPTIONS_AT || length % 8 != 0 || octets[0] != 59 || octets[2] != 6 ||
        octets[3] != 0 || (size_t)(octets[1] + 1) * 8 != length)
    {
        return "no acknowledgement";
    }
    if (checksum(source, destination, octets, length) != 0)
    {
        return "a wrong checksum";
    }
    ack->status = octets[6];
    ack->flags = octets[7];
    ack->sequence = (uint16_t)number_at(octets + 8, 2);
    ack->lifetime = (uint16_t)number_at(octets + 10, 2);
    return read_options(ack, octets, length);
}

/* ---- telling ---- */

static void
print_prefixes(FILE *out, const lma_model_update *u, lma_model_use use)
{
    for (unsigned i = 0; i < u->prefixes[use]; i++)
    {
        fprintf(out, " %s %03x", use == USE_HOME ? "HNP" : "DMNP", (unsigned)u->prefix[use][i]);
    }
}

void
message_print(FILE *out, const lma_model_update *update)
{
    const lma_model_update *u = update;

    fprintf(out,
            "node %u gateway %u by %u from %u",
            u->node,
            u->gateway,
            (unsigned)u->association,
            u->source);
    if (u->alternate < MODEL_CARE_OFS)
    {
        fprintf(out, " for %u", u->alternate);
    }
    fprintf(out,
            ", seq %u%s%s, lifetime %u, HI %u ATT %u LL %u LLA %u",
            u->sequence,
            u->timed ? " timed" : "",
            u->acknowledge ? "" : " (no A)",
            u->lifetime,
            u->handoff,
            u->access,
            u->link_layer,
            u->link_local);
    print_prefixes(out, u, USE_HOME);
    print_prefixes(out, u, USE_DELEGATED);
    if (u->multipath)
    {
        fprintf(out,
                ", BID %u%s%s label %u",
                u->bid,
                u->bulk ? " B" : "",
                u->overwrite ? " O" : "",
                u->label);
    }
    for (unsigned i = 0; i < u->flows; i++)
    {
        const lma_model_flow *f = &u->flow[i];

        fprintf(out,
                ", FID %u PRI %u to %u BIDs (%u...) fault %d",
                f->fid,
                f->priority,
                f->bids,
                f->bid[0],
                (int)f->fault);
    }
    for (unsigned i = 0; i < u->summaries; i++)
    {
        fprintf(out, ", summary %u", u->summary[i]);
    }
    if (u->faults != 0)
    {
        fprintf(out, ", faults %05x", u->faults);
    }
}
