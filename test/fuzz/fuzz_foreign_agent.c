/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * A foreign agent and everything that can come to it. Input: two octets of configuration, then steps: an octet that
 * says what (STEP_*), and what it needs. Messages can be made to look right and be signed, and replies to answer the
 * last request relayed, so that what lies behind the checks is reached.
 */

#include "agent_internal.h"
#include "steps.h"
#include "wire/checksum.h"

#define NODES 3
#define LINKS 2
#define MESSAGE_ROOM 64
#define FUZZ_CARE_OF 0xcb007141u /* 203.0.113.65 */
#define FIRST_LINK 10

enum
{
    STEP_TIME, /* a duration */
    STEP_REQUEST, /* REQUEST_*, then the message */
    STEP_REPLY, /* REPLY_*, then the message */
    /* type, code, quoted octets of the last request relayed (0: as it is, then octets) */
    STEP_ICMP,
    STEP_LINK, /* 2 bits number, then whether it is up */
    STEP_ASSOCIATION, /* bits: of which node, with the home agent, whether there is one */
    STEP_SOLICIT, /* link, source */
    STEP_FROM_LINK, /* link, then a packet */
    STEP_TUNNELLED, /* a packet */
    STEPS
};

enum
{
    REQUEST_NODE = 3, /* 0..2: its home address; 3: as it is */
    REQUEST_NEW = 4, /* a new Identification */
    REQUEST_ADDRESSED = 8, /* Home Agent and Care-of Address fields are right */
    REQUEST_SIGNED = 16, /* both authentications are appended */
    REQUEST_NAMED = 32, /* a NAI in front of them, and home address 0 */
    REQUEST_NEAR = 64 /* TTL 255 */
};

enum
{
    REPLY_ANSWERS = 1, /* home address and Identification of the last request relayed */
    REPLY_SIGNED = 2, /* for the node */
    REPLY_VOUCHED = 4, /* for the foreign agent */
    REPLY_STRANGE = 8, /* from another address */
    REPLY_NAMED = 16
};

typedef struct foreign
{
    fuzz_agent a;
    uint32_t counter;
    uint8_t relayed[1500]; /* the last request */
    size_t relayed_length;
} foreign;

static void
configure(fb_config* config, uint32_t bits)
{
    fb_config_default(config);
    config->roles = FB_ROLE_FOREIGN_AGENT | ((bits & 1) != 0 ? FB_ROLE_HOME_AGENT : 0);
    config->limits.pending = 4;
    config->limits.visitors = 2;
    config->limits.access_links = LINKS;
    config->limits.associations = 3;
    config->limits.events = 16;
    config->home_agent.address = FUZZ_CARE_OF + ((bits & 2) != 0);
    config->home_agent.advertise = (bits & 2) != 0;
    config->foreign_agent.address = FUZZ_CARE_OF;
    config->foreign_agent.lifetime_max_s = (bits & 4) != 0 ? 0xffff : 1800;
    config->foreign_agent.pending_per_node = (uint8_t)(1 + (bits >> 3 & 3));
    config->foreign_agent.reverse_tunnel = (bits & 32) == 0;
    config->foreign_agent.require_reverse_tunnel = (bits & 64) != 0;
    config->foreign_agent.gre = (bits & 128) == 0;
    config->foreign_agent.minimal = (bits & 256) == 0;
    config->foreign_agent.encapsulating_delivery = (bits & 512) == 0;
    config->foreign_agent.legacy = (bits & 1024) != 0;
    config->foreign_agent.router = (bits & 2048) != 0;
    config->foreign_agent.busy = (bits & 4096) != 0;
    config->foreign_agent.advertisement_s = (bits & 8192) != 0 ? 0 : 10;
}

static void
set_link(foreign* f, uint32_t link, bool up)
{
    fb_fact fact = {.kind = up ? FB_FACT_ACCESS_UP : FB_FACT_ACCESS_DOWN};

    fact.u.access = (fb_access){.link = FIRST_LINK + link,
                                .address = fb_addr_from_ipv4(FUZZ_CARE_OF + link),
                                .prefix_length = 24};
    /* perhaps it is one too many, or gone already */
    (void)fb_agent_fact(f->a.agent, &fact, f->a.now);
}

/** Numbers 0 to NODES - 1: with a node; NODES: with the home agent. */
static void
set_association(foreign* f, uint32_t number, bool there)
{
    fb_fact fact = {.kind = FB_FACT_ASSOCIATION};

    fact.u.association.kind = number < NODES ? FB_ASSOCIATION_MOBILE_FOREIGN
                                             : FB_ASSOCIATION_FOREIGN_HOME;
    fact.u.association.peer = number < NODES ? FUZZ_HOME_ADDRESS + number : FUZZ_HOME_AGENT;
    fact.u.association.association = fuzz_association(number);
    fact.u.association.association.key_length = there ? 16 : 0;
    (void)fb_agent_fact(f->a.agent, &fact, f->a.now); /* perhaps it is one too many */
}

/** Visitors as they can be seen, and what must hold of them. */
static uint64_t
visitors(const foreign* f)
{
    const fb_foreign_agent_config* config = &f->a.config.foreign_agent;
    fb_binding_view view;
    uint64_t digest = 0;
    size_t count = 0;

    for (uint32_t node = 0; node < NODES; node++)
    {
        for (size_t i = 0; fb_agent_binding(f->a.agent,
                                            FB_ROLE_FOREIGN_AGENT,
                                            FUZZ_HOME_ADDRESS + node,
                                            i,
                                            &view);
             i++, count++)
        {
            FUZZ_CHECK(view.expires > f->a.now && view.lifetime_s > 0 &&
                       view.lifetime_s <= config->lifetime_max_s);
            FUZZ_CHECK(view.ref.link >= FIRST_LINK && view.ref.link < FIRST_LINK + 4);
        }
        fuzz_mix_state(&f->a, FB_ROLE_FOREIGN_AGENT, FUZZ_HOME_ADDRESS + node, &digest);
    }
    FUZZ_CHECK(count <= f->a.config.limits.visitors);
    return digest;
}

/** Whether the indices and the heap say what the pools say. */
static void
check_list(const foreign* f)
{
    const fb_visitor_list* list = &f->a.agent->foreign_agent.list;
    uint32_t waiting = 0;

    for (uint32_t id = 0; id < list->pendings.capacity; id++)
    {
        waiting += fb_heap_get(&list->deadline, id) != FB_TIME_NEVER;
    }
    FUZZ_CHECK(list->failed == FB_VISITOR_NONE && waiting == list->pendings.used);
    FUZZ_CHECK(list->by_node.count == waiting && list->by_request.count == waiting);
    FUZZ_CHECK(list->by_home_address.count == list->visitors.used);
}

static void
check_reply(const uint8_t* octets, size_t length)
{
    fb_mip4_message message;

    FUZZ_CHECK(fb_mip4_walk(&message, octets, length) == FB_REASON_NONE);
    FUZZ_CHECK(message.fixed.type == FB_MIP4_REPLY);
    if (message.mobile_home < 0)
    {
        /* RFC 7629 4.3, RFC 5944 3.4: what this agent says itself */
        FUZZ_CHECK((message.fixed.code >= 64 && message.fixed.code < 128) ||
                   message.fixed.code == 194);
    }
}

/** Takes everything that is to be sent. */
static unsigned
drain(foreign* f)
{
    uint8_t octets[1500];
    unsigned count = 0;
    fb_meta meta;
    ptrdiff_t length;

    while ((length = fb_agent_output(f->a.agent, &meta, octets, sizeof octets, f->a.now)) > 0)
    {
        count++;
        FUZZ_CHECK(count < 64);
        if (meta.protocol == 1)
        {
            fb_advertisement said;

            FUZZ_CHECK(fb_advertisement_decode(&said, octets, (size_t)length) == FB_REASON_NONE);
            FUZZ_CHECK(said.agent && meta.ttl == 1 && meta.link != 0);
        }
        else if (octets[0] == FB_MIP4_REQUEST)
        {
            FUZZ_CHECK(fb_addr_to_ipv4(&meta.src) == FUZZ_CARE_OF && meta.dport == FB_MIP4_PORT);
            memcpy(f->relayed, octets, (size_t)length);
            f->relayed_length = (size_t)length;
        }
        else
        {
            check_reply(octets, (size_t)length);
        }
    }
    FUZZ_CHECK(length == 0);
    fuzz_agent_poll_events(&f->a);
    return count;
}

static int
deliver(foreign* f, const fb_meta* meta, const uint8_t* octets, size_t length)
{
    uint8_t* copy = fuzz_copy(octets, length);
    uint64_t before = visitors(f);
    int reason = fb_agent_input(f->a.agent, meta, copy, length, f->a.now);

    FUZZ_CHECK(reason >= 0 && reason < FB_REASON_COUNT);
    free(copy);
    /* a refusal changes no visitor, and a request never does */
    FUZZ_CHECK((reason == FB_REASON_NONE && length > 0 && octets[0] == FB_MIP4_REPLY) ||
               before == visitors(f));
    FUZZ_CHECK(drain(f) <= 1 + f->a.config.limits.pending);
    check_list(f);
    return reason;
}

/** Appends an authentication of @p type. */
static size_t
sign(uint8_t* octets, size_t length, size_t room, uint8_t type, uint32_t key)
{
    fb_writer writer = fb_writer_over(octets, room);
    fb_security_association association = fuzz_association(key);

    writer.position = length;
    fb_mip4_write_authentication(&writer, type, &association);
    return writer.failed ? length : writer.position;
}

static size_t
name(uint8_t* octets, size_t length)
{
    memcpy(octets + length, "\203\004a@bc", 6);
    return length + 6;
}

static uint8_t*
take_message(fuzz_program* program, size_t* length, size_t* room)
{
    const uint8_t* octets = fuzz_take_octets(program, length);
    uint8_t* message;

    *room = *length + MESSAGE_ROOM + 32;
    message = calloc(1, *room);
    FUZZ_CHECK(message != NULL);
    memcpy(message, octets, *length);
    return message;
}

static void
step_request(foreign* f, fuzz_program* program)
{
    uint32_t how = fuzz_take(program, 1), where = fuzz_take(program, 1);
    uint32_t node = (how & REQUEST_NODE) % NODES;
    size_t length, room;
    uint8_t* message = take_message(program, &length, &room);
    fb_meta meta = {.src = fb_addr_from_ipv4(FUZZ_HOME_ADDRESS + node),
                    .dst = fb_addr_from_ipv4((where & 4) != 0 ? FB_ALL_AGENTS : FUZZ_CARE_OF),
                    .sport = 5000,
                    .dport = FB_MIP4_PORT,
                    .link = FIRST_LINK + (where & 3),
                    .link_addr_len = 6,
                    .protocol = 17,
                    .ttl = (how & REQUEST_NEAR) != 0 ? 255 : 1};

    if (length >= 24 && (how & REQUEST_NODE) < NODES)
    {
        fuzz_put(message + 4, (how & REQUEST_NAMED) != 0 ? 0 : FUZZ_HOME_ADDRESS + node, 4);
    }
    if (length >= 24 && (how & REQUEST_ADDRESSED) != 0)
    {
        fuzz_put(message + 8, FUZZ_HOME_AGENT, 4);
        fuzz_put(message + 12, FUZZ_CARE_OF, 4);
    }
    if (length >= 24 && (how & REQUEST_NEW) != 0)
    {
        fuzz_put(message + 16, fuzz_agent_ntp(&f->a) + f->counter++, 8);
    }
    length = (how & REQUEST_NAMED) != 0 ? name(message, length) : length;
    if ((how & REQUEST_SIGNED) != 0)
    {
        length = sign(message, length, room, FB_EXT_MOBILE_HOME_AUTHENTICATION, 0);
        length = sign(message, length, room, FB_EXT_MOBILE_FOREIGN_AUTHENTICATION, node);
    }
    (void)deliver(f, &meta, message, length);
    free(message);
}

static void
step_reply(foreign* f, fuzz_program* program)
{
    uint32_t how = fuzz_take(program, 1);
    size_t length, room;
    uint8_t* message = take_message(program, &length, &room);
    fb_meta meta = {.src = fb_addr_from_ipv4((how & REPLY_STRANGE) != 0 ? 1 : FUZZ_HOME_AGENT),
                    .dst = fb_addr_from_ipv4(FUZZ_CARE_OF),
                    .sport = FB_MIP4_PORT,
                    .dport = FB_MIP4_PORT,
                    .protocol = 17,
                    .ttl = 60};

    if (length >= 20 && (how & REPLY_ANSWERS) != 0 && f->relayed_length >= 24)
    {
        memcpy(message + 4, f->relayed + 4, 8);
        memcpy(message + 12, f->relayed + 16, 8);
    }
    if (length >= 20 && (how & REPLY_NAMED) != 0)
    {
        fuzz_put(message + 4, FUZZ_HOME_ADDRESS, 4);
        length = name(message, length);
    }
    if ((how & REPLY_SIGNED) != 0)
    {
        length = sign(message, length, room, FB_EXT_MOBILE_HOME_AUTHENTICATION, 0);
    }
    if ((how & REPLY_VOUCHED) != 0)
    {
        length = sign(message, length, room, FB_EXT_FOREIGN_HOME_AUTHENTICATION, NODES);
    }
    (void)deliver(f, &meta, message, length);
    free(message);
}

/** An ICMP message with a right checksum. */
static void
step_icmp(foreign* f, fuzz_program* program)
{
    uint32_t type = fuzz_take(program, 1), code = fuzz_take(program, 1);
    size_t quoted = fuzz_take(program, 1), length;
    const uint8_t* octets = fuzz_take_octets(program, &length);
    uint8_t icmp[36 + 1500] = {(uint8_t)type, (uint8_t)code};
    fb_meta meta = {.src = fb_addr_from_ipv4(1), .protocol = 1, .ttl = 60};

    if (quoted == 0)
    {
        length = length < sizeof icmp - 8 ? length : sizeof icmp - 8;
        memcpy(icmp + 8, octets, length);
        length += 8;
    }
    else
    {
        quoted = quoted < f->relayed_length ? quoted : f->relayed_length;
        fuzz_put(icmp + 8, 0x4500, 2);
        fuzz_put(icmp + 10, 28 + f->relayed_length, 2);
        fuzz_put(icmp + 16, 60 << 8 | 17, 2);
        fuzz_put(icmp + 20, FUZZ_CARE_OF, 4);
        fuzz_put(icmp + 24, FUZZ_HOME_AGENT, 4);
        fuzz_put(icmp + 28, (uint64_t)FB_MIP4_PORT << 16 | FB_MIP4_PORT, 4);
        fuzz_put(icmp + 32, 8 + f->relayed_length, 2);
        memcpy(icmp + 36, f->relayed, quoted);
        length = 36 + quoted;
    }
    fuzz_put(icmp + 2, fb_checksum_finish(fb_checksum_add(0, icmp, length)), 2);
    (void)deliver(f, &meta, icmp, length);
}

static void
step_solicit(foreign* f, fuzz_program* program)
{
    fb_meta meta = {.link = FIRST_LINK + fuzz_take(program, 1) % 4, .protocol = 1, .ttl = 1};
    uint8_t octets[8];
    fb_writer writer = fb_writer_over(octets, sizeof octets);

    meta.src = fb_addr_from_ipv4(fuzz_take(program, 1));
    fb_solicitation_write(&writer);
    (void)deliver(f, &meta, octets, sizeof octets);
}

static void
step_time(foreign* f, fb_time duration)
{
    unsigned busy = 0;

    f->a.now += duration;
    while (fb_agent_next_timeout(f->a.agent) <= f->a.now)
    {
        FUZZ_CHECK(fb_agent_handle_timeout(f->a.agent, 2, f->a.now) == FB_OK);
        FUZZ_CHECK(busy++ < FUZZ_BUSY_MAX);
        if (busy % 2 == 0) /* a host that is slow to drain loses nothing */
        {
            (void)drain(f);
        }
    }
    (void)drain(f);
}

/** A packet a node sent on a link. */
static void
step_from_link(foreign* f, fuzz_program* program)
{
    fb_ref from = {.link = FIRST_LINK + fuzz_take(program, 1) % 4};
    size_t length;
    const uint8_t* octets = fuzz_take_octets(program, &length);
    uint8_t* copy = fuzz_copy(octets, length);
    fb_packet packet = {.packet = 7, .header = copy, .header_len = length, .total_len = length};
    fb_action action;

    FUZZ_CHECK(fb_agent_steer(f->a.agent, from, &packet, f->a.now) == FB_OK);
    FUZZ_CHECK(fb_agent_poll_action(f->a.agent, &action, f->a.now));
    FUZZ_CHECK(action.packet == 7 && action.last && action.outer_len <= FB_OUTER_MAX);
    FUZZ_CHECK((action.kind == FB_DROP_PACKET) == (action.reason != 0));
    free(copy);
}

static void
step(foreign* f, fuzz_program* program)
{
    uint32_t value;

    switch (fuzz_take(program, 1) % STEPS)
    {
    case STEP_TIME:
        step_time(f, fuzz_take_duration(program));
        break;
    case STEP_REQUEST:
        step_request(f, program);
        break;
    case STEP_REPLY:
        step_reply(f, program);
        break;
    case STEP_ICMP:
        step_icmp(f, program);
        break;
    case STEP_LINK:
        value = fuzz_take(program, 1);
        set_link(f, value & 3, (value & 4) != 0);
        break;
    case STEP_ASSOCIATION:
        value = fuzz_take(program, 1);
        set_association(f, value & 3, (value & 4) != 0);
        break;
    case STEP_SOLICIT:
        step_solicit(f, program);
        break;
    case STEP_FROM_LINK:
        step_from_link(f, program);
        break;
    default:
        (void)fuzz_packet(&f->a, program, true, FUZZ_CARE_OF);
        break;
    }
    (void)drain(f);
}

int
LLVMFuzzerTestOneInput(const uint8_t* data, size_t size)
{
    fuzz_program program = {data, size};
    foreign f = {.counter = 0};

    configure(&f.a.config, fuzz_take(&program, 2));
    fuzz_agent_start(&f.a);
    set_link(&f, 0, true);
    set_association(&f, 0, true);
    set_association(&f, NODES, true);
    (void)drain(&f);
    for (int i = 0; i < FUZZ_STEPS_MAX && program.left > 0; i++)
    {
        step(&f, &program);
        (void)visitors(&f);
        check_list(&f);
        FUZZ_CHECK(fb_agent_next_timeout(f.a.agent) > f.a.now);
    }
    free(f.a.memory);
    return 0;
}
