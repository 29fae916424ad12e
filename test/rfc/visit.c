/* SPDX-License-Identifier: BSD-3-Clause */
#include "visit.h"

#include <nettle/hmac.h>
#include <stdlib.h>
#include <string.h>

/* ---- scenes ---- */

fb_foreign_agent_config
foreign_agent_defaults(void)
{
    fb_config config;

    fb_config_default(&config);
    config.foreign_agent.address = WORLD3_FOREIGN_AGENT_ADDRESS;
    return config.foreign_agent;
}

world3 *
visit_world_of(const fb_foreign_agent_config *config, bool associations)
{
    world3_setup setup;
    world3 *w;

    world3_setup_default(&setup);
    setup.no_mobile_node = true;
    setup.node_association = setup.home_association = associations;
    if (config != NULL)
    {
        setup.config[WORLD3_FOREIGN_AGENT].foreign_agent = *config;
    }
    w = world3_start(&setup);
    world3_move(w, WORLD3_VISITING);
    return w;
}

world3 *
visit_world(void)
{
    return visit_world_of(NULL, true);
}

static bool
lose_requests_to_home_agent(world3 *w, const world3_message *m)
{
    (void)w;
    return m->to == WORLD3_HOME_AGENT;
}

world3 *
lonely_visit_world(const fb_foreign_agent_config *config, bool associations)
{
    world3 *w = visit_world_of(config, associations);

    w->lose = lose_requests_to_home_agent;
    return w;
}

/* ---- messages ---- */

void
hand_octets(hand *h, const uint8_t *octets, size_t length)
{
    assert_true(h->length + length <= sizeof h->octets);
    memcpy(h->octets + h->length, octets, length);
    h->length += length;
}

void
hand_u32(hand *h, size_t at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
    {
        h->octets[at + (size_t)i] = (uint8_t)(value >> (24 - 8 * i));
    }
}

hand
visit_fixed(world3 *w, uint16_t lifetime_s, uint8_t flags)
{
    hand h = {.octets = {1, flags, (uint8_t)(lifetime_s >> 8), (uint8_t)lifetime_s}, .length = 24};

    w->now += FB_MILLISECOND;
    hand_u32(&h, 4, WORLD_HOME_ADDRESS);
    hand_u32(&h, 8, WORLD_HOME_AGENT);
    hand_u32(&h, 12, WORLD3_FOREIGN_AGENT_ADDRESS);
    hand_u32(&h, 16, WORLD_NTP + (uint32_t)(w->now / FB_SECOND));
    hand_u32(&h, 20, (uint32_t)(((w->now % FB_SECOND) << 32) / FB_SECOND));
    return h;
}

hand
answer_fixed(const hand *request, uint8_t code, uint16_t lifetime_s)
{
    hand h = {.octets = {3, code, (uint8_t)(lifetime_s >> 8), (uint8_t)lifetime_s}, .length = 20};

    memcpy(h.octets + 4, request->octets + 4, 8);
    memcpy(h.octets + 12, request->octets + 16, 8);
    return h;
}

void
hand_nai(hand *h, const char *nai)
{
    uint8_t header[2] = {NAI, (uint8_t)strlen(nai)};

    hand_octets(h, header, 2);
    hand_octets(h, (const uint8_t *)nai, strlen(nai));
}

void
hand_sign(hand *h, uint8_t type)
{
    fb_security_association key = type == MHAE   ? vectors_association()
                                  : type == MFAE ? world3_node_association()
                                                 : world3_home_association();
    struct hmac_md5_ctx hmac;
    uint8_t digest[16];
    uint8_t header[6] = {type, 20, 0, 0, (uint8_t)(key.spi >> 8), (uint8_t)key.spi};

    hand_octets(h, header, sizeof header);
    hmac_md5_set_key(&hmac, key.key_length, key.key);
    hmac_md5_update(&hmac, h->length, h->octets);
    hmac_md5_digest(&hmac, sizeof digest, digest);
    hand_octets(h, digest, sizeof digest);
}

hand
visit_request(world3 *w, uint16_t lifetime_s, bool associations)
{
    static const uint8_t multipath[] = {154, 1, 0, 4, TECHNOLOGY_WLAN, 1, 1, 0};
    hand h = visit_fixed(w, lifetime_s, FLAG_T);

    hand_octets(&h, multipath, sizeof multipath);
    hand_sign(&h, MHAE);
    if (associations)
    {
        hand_sign(&h, MFAE);
    }
    return h;
}

hand
visit_answer(const hand *request, uint8_t code, uint16_t lifetime_s, bool associations)
{
    hand h = answer_fixed(request, code, lifetime_s);

    hand_sign(&h, MHAE);
    if (associations)
    {
        hand_sign(&h, FHAE);
    }
    return h;
}

/* ---- on the way ---- */

fb_meta
visit_meta(void)
{
    return (fb_meta){.src = fb_addr_from_ipv4(WORLD_HOME_ADDRESS),
                     .dst = fb_addr_from_ipv4(WORLD3_FOREIGN_AGENT_ADDRESS),
                     .sport = VISIT_PORT,
                     .dport = FB_MIP4_PORT,
                     .link = WORLD3_VISITED_LINK,
                     .link_addr = {2, 0, 0, 0, 0, 7},
                     .link_addr_len = 6,
                     .protocol = UDP,
                     .ttl = 255};
}

int
visit_send_as(world3 *w, const hand *request, const fb_meta *meta)
{
    uint8_t *copy = vectors_copy(request->octets, request->length);
    int reason = world3_inject(w, WORLD3_FOREIGN_AGENT, meta, copy, request->length);

    free(copy);
    return reason;
}

int
visit_send(world3 *w, const hand *request)
{
    fb_meta meta = visit_meta();

    return visit_send_as(w, request, &meta);
}

int
visit_reply(world3 *w, const hand *reply)
{
    fb_meta meta = {.src = fb_addr_from_ipv4(WORLD_HOME_AGENT),
                    .dst = fb_addr_from_ipv4(WORLD3_FOREIGN_AGENT_ADDRESS),
                    .sport = FB_MIP4_PORT,
                    .dport = FB_MIP4_PORT,
                    .protocol = UDP,
                    .ttl = 60};

    return visit_send_as(w, reply, &meta);
}

hand
visit_register(world3 *w, bool associations)
{
    hand request = visit_request(w, 600, associations);
    hand reply = visit_answer(&request, 0, 600, associations);

    assert_int_equal(visit_send(w, &request), FB_REASON_NONE);
    assert_int_equal(visit_reply(w, &reply), FB_REASON_NONE);
    assert_true(visits(w));
    return request;
}

/* ---- what came of it ---- */

size_t
relayed_requests(const world3 *w)
{
    return world3_sent_count(w, WORLD3_FOREIGN_AGENT, WORLD3_HOME_AGENT, 1);
}

size_t
replies_to_node(const world3 *w)
{
    return world3_sent_count(w, WORLD3_FOREIGN_AGENT, WORLD3_MOBILE_NODE, 3);
}

const world3_message *
relayed_request(const world3 *w)
{
    const world3_message *last = world3_last(w, WORLD3_FOREIGN_AGENT, WORLD3_HOME_AGENT, 1);

    assert_non_null(last);
    return last;
}

const world3_message *
reply_to_node(const world3 *w)
{
    const world3_message *last = world3_last(w, WORLD3_FOREIGN_AGENT, WORLD3_MOBILE_NODE, 3);

    assert_non_null(last);
    return last;
}

bool
visits(const world3 *w)
{
    fb_binding_view view;

    return world3_visitor(w, &view);
}

void
assert_foreign_denial(const world3 *w, const hand *request, uint8_t code, bool associations)
{
    const world3_message *m = reply_to_node(w);
    hand expected = answer_fixed(request, code, octets_u16(request->octets + 2));

    if (code == FB_MIP4_FA_LIFETIME_TOO_LONG)
    {
        memcpy(expected.octets + 2, m->octets + 2, 2); /* the agent's own maximum */
    }
    if (associations)
    {
        hand_sign(&expected, MFAE);
    }
    assert_int_equal(m->length, expected.length);
    assert_memory_equal(m->octets, expected.octets, expected.length);
    assert_int_equal(m->meta.link, WORLD3_VISITED_LINK);
    assert_int_equal(m->meta.sport, FB_MIP4_PORT);
}
