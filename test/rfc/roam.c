/* SPDX-License-Identifier: BSD-3-Clause */
#include "roam.h"

#include <nettle/hmac.h>
#include <stdlib.h>
#include <string.h>

#define ICMP_ADVERTISEMENT 9
#define ICMP_SOLICITATION 10

static const uint8_t mn_fa_key[16] = {0xff,
                                      0xee,
                                      0xdd,
                                      0xcc,
                                      0xbb,
                                      0xaa,
                                      0x99,
                                      0x88,
                                      0x77,
                                      0x66,
                                      0x55,
                                      0x44,
                                      0x33,
                                      0x22,
                                      0x11,
                                      0x00};

static void
put_u16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void
put_u32(uint8_t *at, uint32_t value)
{
    put_u16(at, (uint16_t)(value >> 16));
    put_u16(at + 2, (uint16_t)value);
}

/* ---- advertisements ---- */

notice
notice_of(fb_ipv4 agent)
{
    return (notice){.source = agent,
                    .lifetime_s = 30,
                    .sequence = 256,
                    .registration_s = 600,
                    .flags = ADVERTISES_F | ADVERTISES_G | ADVERTISES_T | ADVERTISES_U,
                    .care_of_address = {agent},
                    .addresses = 1};
}

notice
notice_of_home(void)
{
    return (notice){.source = WORLD_HOME_AGENT,
                    .lifetime_s = 30,
                    .sequence = 256,
                    .registration_s = 1800,
                    .flags = ADVERTISES_H};
}

/** RFC 1256 4.1, RFC 5944 2.1. Returns the length. */
static size_t
write_notice(uint8_t *out, const notice *n)
{
    size_t at = 8;
    uint32_t sum = 0;

    memset(out, 0, 8);
    out[0] = ICMP_ADVERTISEMENT;
    out[1] = n->router != 0 ? 0 : 16;
    out[4] = n->router != 0;
    out[5] = 2;
    put_u16(out + 6, n->lifetime_s);
    if (n->router != 0)
    {
        put_u32(out + at, n->router);
        put_u32(out + at + 4, 0);
        at += 8;
    }
    out[at] = 16;
    out[at + 1] = (uint8_t)(6 + 4 * n->addresses);
    put_u16(out + at + 2, n->sequence);
    put_u16(out + at + 4, n->registration_s);
    put_u16(out + at + 6, n->flags);
    at += 8;
    for (size_t i = 0; i < n->addresses; i++, at += 4)
    {
        put_u32(out + at, n->care_of_address[i]);
    }
    if (n->prefix_length != 0)
    {
        memcpy(out + at, (const uint8_t[]){19, 1, n->prefix_length}, 3);
        at += 3;
    }
    for (size_t i = 0; i < at; i++)
    {
        sum += i % 2 == 0 ? (uint32_t)out[i] << 8 : out[i];
    }
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    put_u16(out + 2, (uint16_t)~sum);
    return at;
}

int
hear_octets(world *w, uint32_t link, fb_ipv4 source, const uint8_t *octets, size_t length)
{
    fb_meta meta = {.src = fb_addr_from_ipv4(source),
                    .dst = fb_addr_from_ipv4(0xe0000001u),
                    .link = link,
                    .protocol = ICMP,
                    .ttl = 1,
                    .link_addr = {2, 0, 0, 0, 0, (uint8_t)source},
                    .link_addr_len = 6};
    uint8_t *copy = vectors_copy(octets, length);
    int reason = world_inject(w, false, &meta, copy, length);

    free(copy);
    return reason;
}

int
hear(world *w, uint32_t link, const notice *n)
{
    uint8_t octets[64];

    return hear_octets(w, link, n->source, octets, write_notice(octets, n));
}

int
hear_again(world *w, uint32_t link, notice *n)
{
    n->sequence++;
    return hear(w, link, n);
}

/* ---- the node ---- */

static bool
lose_all(world *w, const world_message *message)
{
    (void)w;
    (void)message;
    return true;
}

fb_mobile_node_config
roam_defaults(void)
{
    world_setup setup;

    world_setup_default(&setup);
    setup.mobile_node.mobile_node.port = ROAM_PORT;
    setup.mobile_node.mobile_node.discover_home = true;
    return setup.mobile_node.mobile_node;
}

world *
roam_world(const fb_mobile_node_config *config)
{
    world_setup setup;
    world *w;

    world_setup_default(&setup);
    setup.mobile_node.mobile_node = config != NULL ? *config : roam_defaults();
    w = world_start(&setup);
    w->lose = lose_all;
    return w;
}

void
agent_link_up_with(world *w, uint32_t link, uint8_t tunnel)
{
    static const uint8_t technology[] = {0, TECHNOLOGY_WLAN, TECHNOLOGY_LTE, TECHNOLOGY_CDMA, 3};
    fb_fact fact = {.kind = FB_FACT_LINK_UP};

    fact.u.link = (fb_link){.link = link,
                            .bid = (uint8_t)link,
                            .label = (uint8_t)link,
                            .technology = technology[link],
                            .preference = (uint8_t)link,
                            .tunnel = tunnel,
                            .care_of = FB_CARE_OF_AGENT};
    world_fact(w, w->mobile_node, &fact);
}

void
agent_link_up(world *w, uint32_t link)
{
    agent_link_up_with(w, link, FB_TUNNEL_IPIP);
}

void
share_key(world *w, fb_ipv4 agent)
{
    fb_fact fact = {.kind = FB_FACT_ASSOCIATION};

    fact.u.association.kind = FB_ASSOCIATION_MOBILE_FOREIGN;
    fact.u.association.peer = agent;
    fact.u.association.association =
        (fb_security_association){.spi = 0x202, .algorithm = FB_HMAC_MD5, .key_length = 16};
    memcpy(fact.u.association.association.key, mn_fa_key, sizeof mn_fa_key);
    world_fact(w, w->mobile_node, &fact);
}

/* ---- what it sends ---- */

static const world_message *
sent_of(const world *w, uint8_t protocol, size_t index)
{
    for (size_t i = 0; i < w->messages; i++)
    {
        if (w->message[i].to_home_agent && w->message[i].meta.protocol == protocol && index-- == 0)
        {
            return &w->message[i];
        }
    }
    fail_msg("the mobile node did not send so much");
    return NULL;
}

static size_t
count_of(const world *w, uint8_t protocol)
{
    size_t count = 0;

    for (size_t i = 0; i < w->messages; i++)
    {
        count += w->message[i].to_home_agent && w->message[i].meta.protocol == protocol;
    }
    return count;
}

size_t
requests_of(const world *w)
{
    return count_of(w, UDP);
}

size_t
solicitations_of(const world *w)
{
    return count_of(w, ICMP);
}

const world_message *
request_of(const world *w, size_t index)
{
    return sent_of(w, UDP, index);
}

const world_message *
last_request(const world *w)
{
    return request_of(w, requests_of(w) - 1);
}

const world_message *
solicitation_of(const world *w, size_t index)
{
    return sent_of(w, ICMP, index);
}

size_t
extension_of(const world_message *m, uint8_t type)
{
    size_t at = REQUEST_FIXED;

    while (at < m->length)
    {
        if (m->octets[at] == type)
        {
            return at;
        }
        at += m->octets[at] == 154 ? 4u + octets_u16(m->octets + at + 2) : 2u + m->octets[at + 1];
    }
    return 0;
}

/* ---- answers ---- */

size_t
sign_for_agent(uint8_t *octets, size_t length)
{
    struct hmac_md5_ctx hmac;
    uint8_t *at = octets + length;

    at[0] = 33;
    at[1] = 20;
    put_u32(at + 2, 0x202);
    hmac_md5_set_key(&hmac, sizeof mn_fa_key, mn_fa_key);
    hmac_md5_update(&hmac, length + 6, octets);
    hmac_md5_digest(&hmac, 16, at + 6);
    return length + 22;
}

int
answer_request(world *w, const world_message *m, uint8_t code, uint16_t lifetime_s, unsigned with)
{
    uint8_t octets[256];
    size_t length = reply_fixed(octets, m, code, lifetime_s);
    fb_meta meta = {.src = m->meta.dst,
                    .dst = m->meta.src,
                    .sport = m->meta.dport,
                    .dport = m->meta.sport,
                    .link = m->meta.link,
                    .protocol = UDP,
                    .ttl = 64};

    length = (with & ROAM_MHAE) != 0 ? world_sign(octets, length) : length;
    if ((with & (ROAM_MFAE | ROAM_MFAE_BAD | ROAM_MFAE_TWICE)) != 0)
    {
        length = sign_for_agent(octets, length);
    }
    if ((with & ROAM_MFAE_TWICE) != 0)
    {
        length = sign_for_agent(octets, length);
    }
    if ((with & ROAM_MFAE_BAD) != 0)
    {
        octets[length - 1] ^= 1;
    }
    return world_inject(w, false, &meta, octets, length);
}

void
accept_last(world *w)
{
    const world_message *m = last_request(w);

    assert_int_equal(answer_request(w, m, 0, octets_u16(m->octets + 2), ROAM_MHAE), FB_REASON_NONE);
}

void
register_through(world *w, uint32_t link, const notice *n)
{
    agent_link_up(w, link);
    assert_int_equal(hear(w, link, n), FB_REASON_NONE);
    accept_last(w);
    assert_int_equal(world_state(w, (uint8_t)link), FB_BINDING_UP);
}

int
last_told(const world *w, fb_event_kind kind, uint32_t link)
{
    int to = -1;

    for (size_t i = 0; i < w->events; i++)
    {
        if (w->event[i].kind == kind && w->event[i].ref.link == link)
        {
            to = w->event[i].to;
        }
    }
    return to;
}
