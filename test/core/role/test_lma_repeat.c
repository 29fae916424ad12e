/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Updates that say what the one before said are not read again. Two anchors hear the same; one of them forgets before
 * each update what it knows of the last one. Answers, events, deadlines and what is to be seen of sessions have to be
 * the same, whatever is sent and whatever changes in between.
 */

#include "rfc/anchor.h"

#include "base/random.h"

#include <string.h>

#define NODES 2
#define PATHS 3
#define LINK_LAYERS 3

/** What an update says. */
typedef struct wish
{
    uint8_t node, path, gateway;
    uint8_t handoff, technology, link_layer; /* 0: none */
    uint8_t label, multipath_flags;
    /* 0: none; 1: a summary; 2: all of them; 3: but the first; 4: with other ports; 5: the last first */
    uint8_t flows;
    uint16_t lifetime, flags;
    uint32_t association;
    bool alternate, ipv4, delegated, key, plain, misaligned, sequence_only;
    uint8_t metrics; /* 0: none */
    uint8_t link_local; /* 0: none; 1: the anchor is to choose; else this one */
    uint8_t prefix; /* 0: the session's own; 1: ALL_ZERO; 2: none */
} wish;

typedef struct twins
{
    anchor *a[2]; /* the second one forgets */
    uint8_t prefix[NODES][8];
    bool known[NODES];
    uint8_t flows; /* in most updates of a history */
    wish last[NODES][PATHS];
    uint8_t octets[400];
    size_t length;
    fb_meta meta;
    uint16_t sequence;
    pba answer;
} twins;

static const char *const node_name[NODES] = {"mr1@example.net",
                                             "mr2.of.a.name.that.is.longer@example.net"};
static const char *const gateway_name[NODES] = {"mag7@example.net", "mag8@example.net"};

static twins *
twins_start(void)
{
    static twins t;
    fb_config config;

    memset(&t, 0, sizeof t);
    anchor_config(&config);
    config.lma.any_gateway = true;
    for (int i = 0; i < 2; i++)
    {
        t.a[i] = anchor_start_empty(&config);
        for (int node = 0; node < NODES; node++)
        {
            fb_proxy_subscriber subscriber = anchor_subscriber(node_name[node]);

            assert_int_equal(fb_lma_set_subscriber(&t.a[i]->lma, &subscriber, t.a[i]->now), FB_OK);
        }
    }
    return &t;
}

static void
twins_end(twins *t)
{
    anchor_end(t->a[0]);
    anchor_end(t->a[1]);
}

/* ---- writing ---- */

static wish
usual(uint8_t node, uint8_t path)
{
    return (wish){.node = node,
                  .path = path,
                  .gateway = node,
                  .handoff = 5,
                  .technology = 4,
                  .link_layer = 1,
                  .label = path,
                  .lifetime = 450,
                  .flows = 1};
}

static void
write_name(fb_writer *writer, uint8_t type, const char *name)
{
    fb_identifier identifier = {1, {(const uint8_t *)name, (uint8_t)strlen(name)}};

    fb_write_identifier_option(writer, type, &identifier);
}

static void
write_flow(fb_writer *writer, uint16_t fid, uint16_t port)
{
    fb_flow_identification flow = {.fid = fid,
                                   .priority = (uint16_t)(10 * fid),
                                   .bid_count = 1,
                                   .reference_count = 1,
                                   .bid = {1}};
    fb_selector selector = {.format = FB_SELECTOR_IPV4};

    selector.u.v4.present = FB_SELECTOR4_SOURCE_PORT_START;
    selector.u.v4.source_port_start = port;
    fb_write_flow_identification(writer, &flow, &selector);
}

static void
write_flows(fb_writer *writer, const wish *w)
{
    static const uint16_t fids[] = {1, 2, 3};
    uint16_t port = w->flows == 4 ? 8000 : 80;

    if (w->flows == 1)
    {
        fb_write_flow_summary(writer, fids, 3);
    }
    for (uint16_t i = w->flows == 3 ? 1 : 0; w->flows > 1 && i < 3; i++)
    {
        uint16_t fid = w->flows == 5 ? (uint16_t)(3 - i) : (uint16_t)(1 + i);

        write_flow(writer, fid, (uint16_t)(port + fid));
    }
}

static uint64_t
timestamp_of(fb_time at)
{
    return (ANCHOR_EPOCH_S + at / FB_SECOND) << 16 | ((at % FB_SECOND) << 16) / FB_SECOND;
}

static void
write_first(twins *t, fb_writer *writer, const wish *w, fb_time at)
{
    uint8_t link_layer[8] = {2, 0, 0, 0, 0, w->link_layer};
    fb_prefix prefix = {{FB_FAMILY_IPV6, {0}}, 0};

    write_name(writer, FB_OPTION_MOBILE_NODE_IDENTIFIER, node_name[w->node]);
    if (w->prefix == 0 && t->known[w->node])
    {
        memcpy(prefix.address.octet, t->prefix[w->node], 8);
        prefix.length = 64;
    }
    if (w->prefix != 2)
    {
        fb_write_home_network_prefix(writer, &prefix);
    }
    fb_write_octet_option(writer, FB_OPTION_HANDOFF_INDICATOR, w->handoff);
    fb_write_octet_option(writer, FB_OPTION_ACCESS_TECHNOLOGY, w->technology);
    if (w->link_layer != 0)
    {
        fb_write_link_layer_identifier(writer, (fb_octets){link_layer, 6});
    }
    if (w->link_local != 0)
    {
        uint8_t address[16] = {0};

        memcpy(address, (const uint8_t[2]){0xfe, 0x80}, w->link_local > 1 ? 2 : 0);
        address[15] = w->link_local > 1 ? w->link_local : 0;
        fb_write_link_local_address(writer, address);
    }
    if (w->misaligned)
    {
        fb_write_u8(writer, 0);
    }
    if (!w->sequence_only)
    {
        fb_write_timestamp(writer, timestamp_of(at));
    }
}

static void
write_rest(fb_writer *writer, const wish *w, fb_addr care_of)
{
    fb_multipath_binding multipath = {.technology = 4,
                                      .label = w->label,
                                      .bid = (uint8_t)(1 + w->path),
                                      .bulk = (w->multipath_flags & 1) != 0,
                                      .overwrite = (w->multipath_flags & 2) != 0};
    fb_path_metrics metrics = {.round_trip_us = 1000u * w->metrics};
    fb_prefix any = {{FB_FAMILY_IPV6, {0}}, 0};

    if (w->ipv4)
    {
        fb_write_ipv4_home_request(writer, &(fb_ipv4_home){.prefix_length = 32});
    }
    if (w->key)
    {
        fb_write_gre_key(writer, true, 77);
    }
    if (!w->plain)
    {
        fb_write_multipath_binding(writer, &multipath);
        write_name(writer, FB_OPTION_GATEWAY_IDENTIFIER, gateway_name[w->gateway]);
    }
    if (w->delegated)
    {
        fb_write_delegated_prefix(writer, &any);
    }
    if (w->metrics != 0)
    {
        fb_write_path_metrics(writer, FB_VENDOR_EXAMPLE, &metrics);
    }
    if (w->alternate)
    {
        fb_write_alternate_care_of_address(writer, care_of.octet);
    }
    write_flows(writer, w);
}

/** The update of @p w, sent at @p at. */
static void
write_update(twins *t, const wish *w, fb_time at)
{
    fb_writer writer = fb_writer_over(t->octets, sizeof t->octets);
    fb_mh_fixed fixed = {.type = FB_MH_BINDING_UPDATE,
                         .sequence = ++t->sequence,
                         .flags = (uint16_t)(FB_PBU_ACKNOWLEDGE | FB_PBU_PROXY | w->flags),
                         .lifetime = w->lifetime};

    t->meta = (fb_meta){.src = path_address(1u + w->path + 10u * w->gateway),
                        .dst = address6("2001:db8:f::1"),
                        .security_association = w->association,
                        .protocol = 135};
    fb_mh_begin(&writer, &fixed);
    write_first(t, &writer, w, at);
    write_rest(&writer, w, path_address(1u + w->path + 10u * w->gateway));
    t->length = fb_mh_end(&writer, &t->meta.src, &t->meta.dst);
    assert_true(t->length > 0);
}

/** The checksum is right again. */
static void
seal(twins *t)
{
    uint16_t checksum = fb_mh_checksum(&t->meta.src, &t->meta.dst, t->octets, t->length);

    t->octets[4] = (uint8_t)(checksum >> 8);
    t->octets[5] = (uint8_t)checksum;
}

/* ---- comparing ---- */

static void
assert_same_events(twins *t)
{
    fb_event one, other;

    while (fb_events_poll(&t->a[0]->events, &one))
    {
        assert_true(fb_events_poll(&t->a[1]->events, &other));
        assert_memory_equal(&one, &other, offsetof(fb_event, identity));
        assert_int_equal(one.identity.length, other.identity.length);
        assert_memory_equal(one.identity.text, other.identity.text, one.identity.length);
    }
    assert_false(fb_events_poll(&t->a[1]->events, &other));
    assert_memory_equal(t->a[0]->events.counter,
                        t->a[1]->events.counter,
                        sizeof t->a[0]->events.counter);
}

static void
assert_same_session(twins *t, uint32_t id)
{
    const fb_session_cache *one = &t->a[0]->lma.sessions, *other = &t->a[1]->lma.sessions;
    const fb_binding *mine = fb_cache_binding_first(&one->cache, id);
    const fb_binding *theirs = fb_cache_binding_first(&other->cache, id);

    assert_memory_equal(&one->session[id], &other->session[id], sizeof *one->session);
    assert_memory_equal(&one->node[one->session[id].node],
                        &other->node[other->session[id].node],
                        sizeof *one->node);
    assert_int_equal(one->cache.identification_floor[id], other->cache.identification_floor[id]);
    assert_int_equal(one->more.pool.used, other->more.pool.used);
    for (; mine != NULL && theirs != NULL; mine = fb_cache_binding_next(&one->cache, mine),
                                           theirs = fb_cache_binding_next(&other->cache, theirs))
    {
        size_t place = (size_t)(mine - one->cache.binding);

        assert_int_equal(place, theirs - other->cache.binding);
        assert_memory_equal(mine, theirs, sizeof *mine);
        assert_int_equal(one->cache.identification[place], other->cache.identification[place]);
        if ((mine->flags & FB_BINDING_FLAG_KEY) != 0)
        {
            assert_int_equal(one->key_down[place], other->key_down[place]);
        }
        assert_memory_equal(&one->metrics[place], &other->metrics[place], sizeof *one->metrics);
        assert_memory_equal(&one->care_of.item[mine->care_of_address],
                            &other->care_of.item[theirs->care_of_address],
                            sizeof *one->care_of.item);
        assert_memory_equal(fb_care_of_heartbeat(&one->care_of, mine->care_of_address),
                            fb_care_of_heartbeat(&other->care_of, theirs->care_of_address),
                            sizeof *one->care_of.heartbeat);
        assert_int_equal(one->care_of.life[mine->care_of_address],
                         other->care_of.life[theirs->care_of_address]);
    }
    assert_true(mine == NULL && theirs == NULL);
}

static void
assert_same(twins *t)
{
    const fb_session_cache *one = &t->a[0]->lma.sessions, *other = &t->a[1]->lma.sessions;

    assert_same_events(t);
    assert_int_equal(one->cache.nodes.used, other->cache.nodes.used);
    assert_int_equal(one->cache.nodes.touched, other->cache.nodes.touched);
    assert_int_equal(one->flows.flows, other->flows.flows);
    assert_int_equal(fb_lma_next_timeout(&t->a[0]->lma), fb_lma_next_timeout(&t->a[1]->lma));
    for (uint32_t id = 0; id < one->cache.nodes.touched; id++)
    {
        assert_int_equal(fb_session_exists(one, id), fb_session_exists(other, id));
        if (fb_session_exists(one, id))
        {
            assert_same_session(t, id);
        }
    }
}

/** Both hear what was written. Whether the first had it known already. */
static bool
hear(twins *t)
{
    uint64_t before = t->a[0]->lma.repeats;
    pba other;

    memset(t->a[1]->lma.sessions.repeat,
           0,
           t->a[1]->config.limits.bindings * sizeof *t->a[1]->lma.sessions.repeat);
    t->answer = anchor_hear_octets(t->a[0], &t->meta, t->octets, t->length);
    other = anchor_hear_octets(t->a[1], &t->meta, t->octets, t->length);
    assert_int_equal(t->a[1]->lma.repeats, 0);
    assert_int_equal(t->answer.reason, other.reason);
    assert_int_equal(t->answer.length, other.length);
    if (t->answer.came)
    {
        assert_memory_equal(t->answer.octets, other.octets, other.length);
        assert_memory_equal(&t->answer.meta, &other.meta, sizeof other.meta);
    }
    assert_same(t);
    return t->a[0]->lma.repeats != before;
}

/** The prefix that an acknowledgement gives. */
static void
learn(twins *t, const wish *w)
{
    size_t length;
    const uint8_t *body;

    if (!t->answer.came || t->answer.octets[6] >= 128)
    {
        return;
    }
    body = pba_option(&t->answer, 22, 0, &length);
    if (body != NULL && body[1] == 64)
    {
        memcpy(t->prefix[w->node], body + 2, 8);
        t->known[w->node] = true;
    }
}

static bool
say(twins *t, const wish *w)
{
    bool known;

    write_update(t, w, t->a[0]->now);
    known = hear(t);
    learn(t, w);
    return known;
}

static void
pass(twins *t, fb_time how_long)
{
    anchor_wait(t->a[0], how_long);
    anchor_wait(t->a[1], how_long);
    assert_same(t);
}

/** A session with two paths and flows, each of whose paths was refreshed so often that it is known. */
static twins *
begin(uint8_t flows)
{
    twins *t = twins_start();
    wish w = usual(0, 0);

    w.handoff = 1;
    w.flows = 0;
    assert_false(say(t, &w));
    for (int round = 0; round < 3; round++)
    {
        for (uint8_t path = 0; path < 2; path++)
        {
            pass(t, FB_SECOND);
            w = usual(0, path);
            w.flows = round == 0 ? 2 * path : flows;
            (void)say(t, &w);
        }
    }
    return t;
}

/* ---- tests ---- */

static void
test_refreshes_are_known(void **state)
{
    static const uint8_t flows[] = {0, 1, 2};

    (void)state;
    for (size_t i = 0; i < sizeof flows; i++)
    {
        twins *t = begin(flows[i]);

        for (int round = 0; round < 6; round++)
        {
            wish w = usual(0, (uint8_t)(round % 2));

            w.flows = flows[i];
            pass(t, 30 * FB_SECOND);
            assert_true(say(t, &w));
            assert_int_equal(pba_status(&t->answer), 0);
            assert_int_equal(pba_lifetime(&t->answer), 450);
        }
        twins_end(t);
    }
}

/** Of one octet that is another, with the checksum that belongs to it, nothing else is believed. */
static void
test_every_octet_counts(void **state)
{
    static const uint8_t flip[] = {0x01, 0xff};
    size_t length = 1;

    (void)state;
    for (size_t at = 0; at < length; at++)
    {
        for (size_t i = 0; i < 3 * sizeof flip; i++)
        {
            twins *t = begin((uint8_t)(i / sizeof flip));
            wish w = usual(0, 1);

            w.flows = (uint8_t)(i / sizeof flip);
            pass(t, FB_SECOND);
            write_update(t, &w, t->a[0]->now);
            length = t->length;
            if (at < length)
            {
                t->octets[at] ^= flip[i % sizeof flip];
            }
            if (at != 4 && at != 5)
            {
                seal(t);
            }
            (void)hear(t); /* which compares all there is */
            pass(t, FB_SECOND);
            (void)say(t, &w);
            twins_end(t);
        }
    }
}

static void
test_a_damaged_one_is_no_repeat(void **state)
{
    twins *t = begin(1);
    wish w = usual(0, 0);

    (void)state;
    for (size_t bit = 0; bit < 8 * t->length; bit++)
    {
        pass(t, FB_SECOND);
        write_update(t, &w, t->a[0]->now);
        t->octets[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_false(hear(t));
    }
    for (size_t length = 0; length < t->length; length++)
    {
        size_t whole;

        pass(t, FB_SECOND);
        write_update(t, &w, t->a[0]->now);
        whole = t->length;
        t->length = length;
        assert_false(hear(t));
        t->length = whole;
    }
    twins_end(t);
}

/** What takes its time from the past is refused, and one that is too far ahead (RFC 5213 5.5). */
static void
test_time_is_checked(void **state)
{
    twins *t = begin(1);
    wish w = usual(0, 0);

    (void)state;
    pass(t, FB_SECOND);
    assert_true(say(t, &w));
    assert_false(hear(t)); /* the same once more */
    assert_int_equal(pba_status(&t->answer), 157);
    write_update(t, &w, t->a[0]->now + 10 * FB_SECOND);
    assert_false(hear(t));
    assert_int_equal(pba_status(&t->answer), 156);
    pass(t, FB_SECOND);
    assert_true(say(t, &w));
    twins_end(t);
}

/** After each of these the next refresh of path 1 has to be read. */
typedef struct change
{
    const char *name;
    void (*make)(twins *t);
    void (*vary)(wish *w); /* else: what an update of this path says; NULL: what is usual */
    uint8_t path;
} change;

static void
set_rights(twins *t, bool multipath, bool service)
{
    for (int i = 0; i < 2; i++)
    {
        fb_proxy_subscriber subscriber = anchor_subscriber(node_name[0]);

        subscriber.multipath_allowed = multipath;
        subscriber.service = service;
        assert_int_equal(fb_lma_set_subscriber(&t->a[i]->lma, &subscriber, t->a[i]->now), FB_OK);
    }
}

static void
forbid_multipath(twins *t)
{
    set_rights(t, false, true);
}

static void
forbid_service(twins *t)
{
    set_rights(t, true, false);
}

static void
set_gateway(twins *t, uint8_t number, uint32_t association, const char *from)
{
    for (int i = 0; i < 2; i++)
    {
        fb_gateway gateway = anchor_gateway(gateway_name[number]);

        gateway.security_association = association;
        if (from != NULL)
        {
            gateway.address[gateway.address_count++] = prefix_of(from);
        }
        assert_int_equal(fb_lma_set_gateway(&t->a[i]->lma, &gateway, t->a[i]->now), FB_OK);
    }
}

static void
bind_gateway_to_association(twins *t)
{
    set_gateway(t, 0, 7, NULL);
}

static void
bind_gateway_to_addresses(twins *t)
{
    set_gateway(t, 0, 0, "2001:db8:ffff::/48");
}

static void
other_path_overwrites(wish *w)
{
    w->multipath_flags = 2;
}

static void
other_path_changes_flows(wish *w)
{
    w->flows = 4;
}

static void
other_path_drops_a_flow(wish *w)
{
    w->flows = 3;
}

static void
other_path_goes(wish *w)
{
    w->lifetime = 0;
}

static void
own_path_goes(wish *w)
{
    w->lifetime = 0;
}

static void
other_link_layer(wish *w)
{
    w->handoff = 2;
    w->link_layer = 2;
}

static void
other_technology(wish *w)
{
    w->handoff = 2;
    w->technology = 5;
}

static void
another_gateway_takes_over(wish *w)
{
    w->gateway = 1;
    w->handoff = 3;
}

static void
own_path_has_metrics(wish *w)
{
    w->metrics = 1;
}

static void
session_is_in_grace(wish *w)
{
    w->plain = true;
    w->lifetime = 0;
}

static void
session_expires(twins *t)
{
    pass(t, 2000 * FB_SECOND);
}

static void
subscriber_goes_and_comes(twins *t)
{
    for (int i = 0; i < 2; i++)
    {
        fb_proxy_subscriber subscriber = anchor_subscriber(node_name[0]);

        assert_int_equal(
            fb_lma_remove_subscriber(&t->a[i]->lma, &subscriber.identity, t->a[i]->now),
            FB_OK);
        assert_int_equal(fb_lma_set_subscriber(&t->a[i]->lma, &subscriber, t->a[i]->now), FB_OK);
    }
}

/** RFC 5213 5.4.1.2-4: until the session is heard of again, which ends that. */
static void
another_interface_waits(twins *t)
{
    wish w = usual(0, 1);

    w.gateway = 1;
    w.handoff = 4;
    w.link_layer = 2;
    w.prefix = 1;
    assert_false(say(t, &w));
    assert_int_equal(t->answer.reason, FB_DROP_PBU_WAITS);
}

static void
make(twins *t, const change *c)
{
    wish w = usual(0, c->path);

    if (c->make != NULL)
    {
        c->make(t);
        return;
    }
    if (c->vary != NULL)
    {
        c->vary(&w);
    }
    pass(t, FB_SECOND);
    (void)say(t, &w);
}

static void
test_changes_are_seen(void **state)
{
    static const change changes[] = {
        {"no multipath", forbid_multipath, NULL, 0},
        {"no service", forbid_service, NULL, 0},
        {"the gateway has an association", bind_gateway_to_association, NULL, 0},
        {"the gateway is elsewhere", bind_gateway_to_addresses, NULL, 0},
        {"overwritten", NULL, other_path_overwrites, 1},
        {"other flows", NULL, other_path_changes_flows, 1},
        {"a flow less", NULL, other_path_drops_a_flow, 1},
        {"a path less", NULL, other_path_goes, 1},
        {"a path more", NULL, NULL, 2},
        {"de-registered", NULL, own_path_goes, 0},
        {"another interface", NULL, other_link_layer, 1},
        {"another technology", NULL, other_technology, 1},
        {"another gateway", NULL, another_gateway_takes_over, 1},
        {"metrics", NULL, own_path_has_metrics, 0},
        {"in grace", NULL, session_is_in_grace, 0},
        {"expired", session_expires, NULL, 0},
        {"another subscriber", subscriber_goes_and_comes, NULL, 0},
        {"somebody waits", another_interface_waits, NULL, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
    {
        for (uint8_t flows = 1; flows <= 2; flows++)
        {
            twins *t = begin(flows);
            wish w = usual(0, 0);

            w.flows = flows;
            pass(t, FB_SECOND);
            assert_true(say(t, &w));
            make(t, &changes[i]);
            assert_same(t);
            pass(t, FB_SECOND);
            if (say(t, &w))
            {
                fail_msg("\"%s\" is not seen", changes[i].name);
            }
            twins_end(t);
        }
    }
}

/** Another one than the gateway's own address, or association, is not it. */
static void
test_sender_is_compared(void **state)
{
    twins *t = begin(1);
    wish w = usual(0, 0);

    (void)state;
    pass(t, FB_SECOND);
    write_update(t, &w, t->a[0]->now);
    t->meta.src = path_address(9);
    seal(t);
    assert_false(hear(t));
    twins_end(t);

    t = begin(1);
    pass(t, FB_SECOND);
    w.association = 3;
    assert_false(say(t, &w));
    w.association = 0;
    pass(t, FB_SECOND);
    assert_false(say(t, &w));
    twins_end(t);
}

/** What was said in between, in a way that is not remembered, is said anew. */
static void
test_only_the_last_is_known(void **state)
{
    twins *t = begin(1);
    wish w = usual(0, 0);

    (void)state;
    for (int round = 0; round < 3; round++)
    {
        pass(t, FB_SECOND);
        w.metrics = 1;
        assert_int_equal(say(t, &w), round == 2);
        if (round == 1)
        {
            continue;
        }
        pass(t, FB_SECOND);
        w.metrics = 2;
        w.misaligned = true;
        assert_false(say(t, &w));
        w.misaligned = false;
    }
    twins_end(t);
}

static void
test_link_local_address_is_the_last_one(void **state)
{
    twins *t = begin(1);

    (void)state;
    for (int round = 0; round < 6; round++)
    {
        wish w = usual(0, (uint8_t)(round % 2));

        w.link_local = (uint8_t)(2 + round % 2);
        pass(t, FB_SECOND);
        (void)say(t, &w);
    }
    twins_end(t);
}

/* ---- any history ---- */

static bool
one_in(test_random *random, uint32_t count)
{
    return test_random_below(random, count) == 0;
}

/** Changes a wish here and there. */
static void
vary(test_random *random, wish *w)
{
    bool *const extra[] = {&w->alternate,
                           &w->ipv4,
                           &w->delegated,
                           &w->key,
                           &w->plain,
                           &w->misaligned,
                           &w->sequence_only};

    switch (test_random_below(random, 14))
    {
    case 0:
        w->handoff = (uint8_t)(1 + test_random_below(random, 5));
        break;
    case 1:
        w->technology = (uint8_t)(4 + test_random_below(random, 2));
        break;
    case 2:
        w->link_layer = (uint8_t)test_random_below(random, LINK_LAYERS);
        break;
    case 3:
        w->label = (uint8_t)test_random_below(random, 4);
        break;
    case 4:
        w->multipath_flags = (uint8_t)test_random_below(random, 3);
        break;
    case 5:
    case 6:
        w->flows = (uint8_t)test_random_below(random, 6);
        break;
    case 7:
        w->lifetime = (uint16_t)(test_random_below(random, 3) * 100);
        break;
    case 8:
        w->association = test_random_below(random, 3);
        break;
    case 9:
        w->gateway = (uint8_t)test_random_below(random, NODES);
        break;
    case 10:
        w->prefix = (uint8_t)test_random_below(random, 3);
        break;
    case 11:
        w->metrics = (uint8_t)test_random_below(random, 3);
        break;
    case 12:
        w->link_local = (uint8_t)test_random_below(random, 4);
        break;
    default:
        *extra[test_random_below(random, sizeof extra / sizeof extra[0])] ^= true;
        break;
    }
}

static void
random_update(twins *t, test_random *random)
{
    uint8_t node = (uint8_t)test_random_below(random, NODES);
    uint8_t path = (uint8_t)test_random_below(random, PATHS);
    wish *last = &t->last[node][path];
    wish w = *last;

    if (one_in(random, 12))
    {
        vary(random, &w);
    }
    if (one_in(random, 8))
    {
        w = usual(node, path);
        w.flows = t->flows;
        *last = w;
    }
    write_update(t, &w, t->a[0]->now - (one_in(random, 20) ? 2 * FB_SECOND : 0));
    if (one_in(random, 20))
    {
        t->octets[12 + test_random_below(random, (uint32_t)t->length - 12)] ^=
            (uint8_t)(1u << test_random_below(random, 8));
        seal(t);
    }
    (void)hear(t);
    learn(t, &w);
    if (one_in(random, 3))
    {
        *last = w;
    }
}

static void
random_fact(twins *t, test_random *random)
{
    switch (test_random_below(random, 4))
    {
    case 0:
        set_rights(t, !one_in(random, 3), !one_in(random, 3));
        break;
    case 1:
        set_rights(t, true, true);
        break;
    case 2:
        set_gateway(t, (uint8_t)test_random_below(random, NODES), 0, NULL);
        break;
    default:
        for (int i = 0; i < 2; i++)
        {
            fb_nai name = anchor_gateway(gateway_name[0]).identity;

            (void)fb_lma_remove_gateway(&t->a[i]->lma, &name, t->a[i]->now);
        }
        break;
    }
    assert_same(t);
}

static void
test_histories(void **state)
{
    test_random random = test_random_start("test_lma_repeat");
    uint64_t repeats = 0, steps = 0;

    (void)state;
    for (int history = 0; history < 150; history++)
    {
        twins *t = twins_start();

        t->flows = (uint8_t)(history % 3);
        for (uint8_t node = 0; node < NODES; node++)
        {
            for (uint8_t path = 0; path < PATHS; path++)
            {
                t->last[node][path] = usual(node, path);
                t->last[node][path].flows = 2;
            }
        }
        for (int step = 0; step < 120; step++)
        {
            pass(t, one_in(&random, 60) ? 1000 * FB_SECOND : 10 * FB_MILLISECOND);
            if (one_in(&random, 50))
            {
                random_fact(t, &random);
            }
            else
            {
                random_update(t, &random);
                steps++;
            }
        }
        repeats += t->a[0]->lma.repeats;
        twins_end(t);
    }
    assert_true(repeats > steps / 5);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refreshes_are_known),
        cmocka_unit_test(test_every_octet_counts),
        cmocka_unit_test(test_a_damaged_one_is_no_repeat),
        cmocka_unit_test(test_time_is_checked),
        cmocka_unit_test(test_changes_are_seen),
        cmocka_unit_test(test_sender_is_compared),
        cmocka_unit_test(test_only_the_last_is_known),
        cmocka_unit_test(test_link_local_address_is_the_last_one),
        cmocka_unit_test(test_histories),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
