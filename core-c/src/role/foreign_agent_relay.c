/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/foreign_agent_internal.h"

#include <string.h>

#include "base/hash.h"
#include "wire/checksum.h"

/*
 * What the foreign agent sends: requests and replies of others, never its own but for denials (RFC 5944 3.7).
 */

#define MESSAGE_TTL 64

void
fb_foreign_event(const fb_foreign_agent *agent,
                 const fb_mip4_fixed *fixed,
                 uint32_t link,
                 fb_event_kind kind,
                 int reason,
                 fb_time now)
{
    fb_event event = {.kind = (uint8_t)kind,
                      .role = FB_ROLE_FOREIGN_AGENT,
                      .type = fixed->type,
                      .code = fixed->code,
                      .reason = (uint16_t)reason,
                      .lifetime_s = fixed->lifetime_s,
                      .ref = {.link = link},
                      .home_address = fixed->home_address,
                      .care_of_address = fixed->care_of_address,
                      .identification = fixed->identification,
                      .time = now};

    fb_events_push(agent->events, &event);
}

size_t
fb_foreign_authenticated_length(const fb_mip4_message *message)
{
    const fb_mip4_extension *last = &message->extension[message->mobile_home];

    return (size_t)last->body + last->length;
}

/**
 * Writes @p message up to its Mobile-Home authentication, not an octet changed, and nothing of what follows it
 * (RFC 5944 3.7.2.2, 3.7.3.2, D-16), but our own authentication of @p type. False: it is too long to be sent.
 */
static bool
write_relayed(fb_foreign_message *out,
              const fb_mip4_message *message,
              uint8_t type,
              const fb_security_association *shared)
{
    fb_writer writer = fb_writer_over(out->octets, sizeof out->octets);

    fb_write_bytes(&writer, message->data, fb_foreign_authenticated_length(message));
    if (shared != NULL)
    {
        fb_mip4_write_authentication(&writer, type, shared);
    }
    out->length = writer.position;
    out->fixed = message->fixed;
    out->waiting = !writer.failed;
    return out->waiting;
}

static const fb_security_association *
shared_with_home_agent(const fb_foreign_agent *agent, fb_ipv4 home_agent)
{
    return fb_associations_find(agent->associations, FB_ASSOCIATION_FOREIGN_HOME, home_agent);
}

int
fb_foreign_relay_request(fb_foreign_agent *agent,
                         fb_pending *pending,
                         const fb_mip4_message *message)
{
    const fb_mip4_fixed *request = &message->fixed;
    fb_foreign_message *out = &agent->message;
    /* C-18: it vouches for its own care-of address only */
    const fb_security_association *shared = fb_foreign_vouches(agent, request)
                                                ? shared_with_home_agent(agent, request->home_agent)
                                                : NULL;

    if (!write_relayed(out, message, FB_EXT_FOREIGN_HOME_AUTHENTICATION, shared))
    {
        return FB_DROP_AGENT_POOR_REQUEST;
    }
    pending->relayed_length = (uint16_t)out->length;
    out->ref = (fb_ref){0};
    out->meta = (fb_meta){.src = fb_addr_from_ipv4(agent->config.address),
                          .dst = fb_addr_from_ipv4(request->home_agent),
                          .sport = FB_MIP4_PORT,
                          .dport = FB_MIP4_PORT,
                          .protocol = FB_PROTOCOL_UDP,
                          .ttl = MESSAGE_TTL};
    return FB_REASON_NONE;
}

/* ---- to the node ---- */

/** RFC 5944 3.7.2.3: where a reply to the request in @p pending goes. */
static void
address_to_node(fb_foreign_agent *agent, const fb_pending *pending, fb_ipv4 home_address)
{
    fb_foreign_message *out = &agent->message;
    const fb_meta *from = &pending->from;
    const fb_access *access = fb_advertiser_access(agent->links, from->link);
    bool was_unicast = fb_is_unicast(fb_addr_to_ipv4(&from->dst));
    /* a group (224.0.0.11) is no source; of a link that is gone meanwhile there is no address any more */
    fb_addr own = access != NULL ? access->address : fb_addr_from_ipv4(agent->config.address);

    out->ref = (fb_ref){.link = from->link};
    out->meta = (fb_meta){
        .src = was_unicast ? from->dst : own,
        .dst = fb_addr_from_ipv4(home_address != 0 ? home_address : FB_LIMITED_BROADCAST),
        .sport = FB_MIP4_PORT,
        .dport = from->sport,
        .link = from->link,
        .link_addr_len = from->link_addr_len,
        .protocol = FB_PROTOCOL_UDP,
        .ttl = MESSAGE_TTL};
    memcpy(out->meta.link_addr, from->link_addr, sizeof out->meta.link_addr);
}

/** RFC 5944 3.7.2: no more than one denial a second to the same node. */
static bool
may_deny(fb_foreign_denial *last, uint64_t node, fb_time now)
{
    if (last->node == node && now - last->at < FB_SECOND)
    {
        return false;
    }
    *last = (fb_foreign_denial){.node = node, .at = now};
    return true;
}

static bool
denial_allowed(fb_foreign_agent *agent, const fb_pending *pending, int reason, fb_time now)
{
    /* Nodes without an address count as one */
    uint64_t node = UINT64_C(1) << 32 | pending->request.home_address;
    uint32_t slot = (uint32_t)fb_hash_mix(node) & (FB_FOREIGN_DENIALS - 1);

    if (reason == FB_DROP_AGENT_DISTANT && !may_deny(&agent->distant, 1, now))
    {
        return false; /* RFC 3024 4.2.1: one a second, to whomever */
    }
    return may_deny(&agent->denial[slot], node, now);
}

/** A denial by this agent: no Mobile-Home authentication (C-05), and the Mobile-Foreign one where there is a key. */
static void
write_denial(fb_foreign_agent *agent, const fb_pending *pending, const fb_mip4_fixed *denial)
{
    const fb_security_association *shared = fb_foreign_node_association(agent, &pending->request);
    fb_foreign_message *out = &agent->message;
    fb_writer writer = fb_writer_over(out->octets, sizeof out->octets);

    fb_mip4_write_fixed(&writer, denial);
    if (shared != NULL)
    {
        fb_mip4_write_authentication(&writer, FB_EXT_MOBILE_FOREIGN_AUTHENTICATION, shared);
    }
    out->length = writer.position;
    out->fixed = *denial;
    out->waiting = true;
    address_to_node(agent, pending, denial->home_address);
}

void
fb_foreign_deny(fb_foreign_agent *agent, const fb_pending *pending, int reason, fb_time now)
{
    const fb_mip4_fixed *request = &pending->request;
    bool told = denial_allowed(agent, pending, reason, now);
    fb_mip4_fixed noted = *request;
    fb_mip4_fixed denial = {.type = FB_MIP4_REPLY,
                            .code = fb_reason_reply_code(reason),
                            .lifetime_s = request->lifetime_s,
                            .home_address = request->home_address,
                            .home_agent = request->home_agent,
                            .identification = request->identification};

    if (reason == FB_DROP_AGENT_LIFETIME)
    {
        denial.lifetime_s = agent->config.lifetime_max_s; /* RFC 5944 3.7.2.3 */
    }
    fb_events_count(agent->events, reason);
    noted.code = told ? denial.code : 0;
    fb_foreign_event(agent,
                     &noted,
                     pending->from.link,
                     told ? FB_EVENT_DENIED : FB_EVENT_DROP,
                     reason,
                     now);
    if (told)
    {
        write_denial(agent, pending, &denial);
    }
}

/* ---- replies ---- */

/** Number of the request @p reply answers; FB_VISITOR_NONE. */
static uint32_t
answered(const fb_foreign_agent *agent, const fb_mip4_message *reply)
{
    fb_nai nai;
    bool has_nai = fb_foreign_read_nai(reply, &nai);

    return fb_pending_answered(&agent->list, &reply->fixed, has_nai ? &nai : NULL);
}

bool
fb_foreign_agent_expects(const fb_foreign_agent *agent, const fb_mip4_message *reply)
{
    return answered(agent, reply) != FB_VISITOR_NONE;
}

/* RFC 5944 3.7.3.1, 3.7.1: what was asked for with Foreign-Home authentication is answered with it (C-18) */
static int
check_home_authentication(const fb_foreign_agent *agent,
                          const fb_pending *pending,
                          const fb_mip4_message *reply)
{
    const fb_security_association *shared = shared_with_home_agent(agent,
                                                                   pending->request.home_agent);
    int at = fb_mip4_extension_find(reply, FB_EXT_FOREIGN_HOME_AUTHENTICATION);

    if (shared == NULL || !fb_foreign_vouches(agent, &pending->request))
    {
        return FB_REASON_NONE;
    }
    if (fb_mip4_extension_count(reply, FB_EXT_FOREIGN_HOME_AUTHENTICATION) != 1 ||
        at < reply->mobile_home || fb_mip4_verify(reply, at, shared) != FB_REASON_NONE)
    {
        return FB_DROP_AGENT_HOME_AUTHENTICATION;
    }
    return FB_REASON_NONE;
}

static bool
is_acceptance(const fb_mip4_fixed *reply)
{
    return reply->code == FB_MIP4_ACCEPTED || reply->code == FB_MIP4_ACCEPTED_NO_SIMULTANEOUS;
}

/** Codes a home agent can have sent (C-05). */
static bool
is_code_of_home_agent(uint8_t code)
{
    return code <= FB_MIP4_ACCEPTED_NO_SIMULTANEOUS || (code >= 128 && code < 194);
}

/*
 * RFC 2794 3: NAI, home agent and home address have to be there. RFC 5944 3.8.3.2: a home agent accepts only what names
 * it; one that answers for another would speak for that one's visitors.
 */
static int
check_reply_form(const fb_pending *pending, const fb_mip4_message *reply)
{
    fb_nai nai;

    if (fb_mip4_extension_count(reply, FB_EXT_MOBILE_HOME_AUTHENTICATION) != 1 ||
        !is_code_of_home_agent(reply->fixed.code))
    {
        return FB_DROP_AGENT_POOR_REPLY;
    }
    if (pending->has_nai && !fb_foreign_read_nai(reply, &nai))
    {
        return FB_DROP_AGENT_MISSING_NAI;
    }
    if (reply->fixed.home_agent == 0)
    {
        return FB_DROP_AGENT_MISSING_HOME_AGENT;
    }
    if (is_acceptance(&reply->fixed) && reply->fixed.home_agent != pending->request.home_agent)
    {
        return FB_DROP_AGENT_POOR_REPLY;
    }
    return is_acceptance(&reply->fixed) && reply->fixed.home_address == 0
               ? FB_DROP_AGENT_MISSING_HOME_ADDRESS
               : FB_REASON_NONE;
}

static fb_visitor
visitor_of(const fb_foreign_agent *agent, const fb_pending *pending, const fb_mip4_fixed *reply)
{
    uint16_t most_s = agent->config.lifetime_max_s;
    fb_visitor visitor = {.home_address = reply->home_address,
                          .home_agent = reply->home_agent,
                          .care_of_address = pending->request.care_of_address,
                          .link = pending->from.link,
                          .link_addr_len = pending->from.link_addr_len,
                          .flags = pending->request.flags,
                          .encapsulating = pending->encapsulating,
                          .port = pending->from.sport,
                          .identification = pending->request.identification};

    /* RFC 5944 3.7.3.2: the smaller of what was granted and what this agent allows. 3.8.3.2: nobody grants more than
       was asked for; a reply that does was altered on its way, which this agent cannot see without a key */
    most_s = pending->request.lifetime_s < most_s ? pending->request.lifetime_s : most_s;
    visitor.lifetime_s = reply->lifetime_s < most_s ? reply->lifetime_s : most_s;
    memcpy(visitor.link_addr, pending->from.link_addr, sizeof visitor.link_addr);
    return visitor;
}

/* RFC 5944 3.7.3.2: a visitor comes, stays or goes by what the home agent accepted; a denial changes nothing */
static void
update_visitor(fb_foreign_agent *agent,
               const fb_pending *pending,
               const fb_mip4_fixed *reply,
               fb_time now)
{
    const fb_mip4_fixed *request = &pending->request;
    fb_visitor visitor;

    if (!is_acceptance(reply))
    {
        return;
    }
    if (reply->lifetime_s != 0 && request->lifetime_s != 0)
    {
        visitor = visitor_of(agent, pending, reply);
        fb_visitor_accept(&agent->list, &visitor, now);
        return;
    }
    if ((request->flags & FB_MIP4_FLAG_D) == 0)
    {
        /* whatever care-of address it named: the whole entry goes (C-07) */
        fb_visitor_remove(&agent->list,
                          reply->home_address,
                          reply->home_agent,
                          agent->config.address,
                          now);
    }
    fb_visitor_remove(&agent->list,
                      reply->home_address,
                      reply->home_agent,
                      request->care_of_address,
                      now);
}

/** Whether a visitor this reply would make has no place: others were faster. */
static bool
no_room_for_visitor(const fb_foreign_agent *agent,
                    const fb_pending *pending,
                    const fb_mip4_fixed *reply)
{
    return is_acceptance(reply) && reply->lifetime_s != 0 && pending->request.lifetime_s != 0 &&
           fb_visitor_full(&agent->list) &&
           fb_visitor_find(&agent->list,
                           reply->home_address,
                           reply->home_agent,
                           pending->request.care_of_address) == NULL;
}

/** Passes the reply on. 0 or the reason why the request has failed instead. */
static int
relay_reply(fb_foreign_agent *agent, const fb_pending *pending, const fb_mip4_message *reply)
{
    fb_mip4_fixed node = pending->request;

    if (no_room_for_visitor(agent, pending, &reply->fixed))
    {
        return FB_DROP_AGENT_BUSY;
    }
    if (reply->fixed.home_address != 0)
    {
        node.home_address = reply->fixed.home_address;
    }
    if (!write_relayed(&agent->message,
                       reply,
                       FB_EXT_MOBILE_FOREIGN_AUTHENTICATION,
                       fb_foreign_node_association(agent, &node)))
    {
        return FB_DROP_AGENT_POOR_REPLY;
    }
    address_to_node(agent, pending, reply->fixed.home_address);
    return FB_REASON_NONE;
}

/** RFC 5944 3.8.3.1: a home agent answers from the address it was asked at, unless that was a broadcast one (136). */
static bool
comes_from_home_agent(const fb_pending *pending, const fb_meta *meta, const fb_mip4_fixed *reply)
{
    return fb_addr_to_ipv4(&meta->src) == pending->request.home_agent ||
           reply->code == FB_MIP4_UNKNOWN_HOME_AGENT;
}

int
fb_foreign_agent_reply(fb_foreign_agent *agent,
                       const fb_meta *meta,
                       const fb_mip4_message *message,
                       fb_time now)
{
    uint32_t id = answered(agent, message);
    const fb_pending *pending = id == FB_VISITOR_NONE ? NULL : &agent->list.pending[id];
    int reason;

    if (pending == NULL || !comes_from_home_agent(pending, meta, &message->fixed))
    {
        fb_foreign_event(agent,
                         &message->fixed,
                         meta->link,
                         FB_EVENT_DROP,
                         FB_DROP_NOT_EXPECTED,
                         now);
        return fb_events_count(agent->events, FB_DROP_NOT_EXPECTED);
    }
    reason = check_home_authentication(agent, pending, message);
    if (reason == FB_REASON_NONE)
    {
        reason = check_reply_form(pending, message);
    }
    if (reason == FB_REASON_NONE)
    {
        reason = relay_reply(agent, pending, message);
    }
    if (reason != FB_REASON_NONE)
    {
        fb_pending_fail(&agent->list, id, reason);
        return reason;
    }
    fb_foreign_event(agent, &message->fixed, 0, FB_EVENT_RECEIVED, FB_REASON_NONE, now);
    update_visitor(agent, pending, &message->fixed, now);
    fb_pending_remove(&agent->list, id);
    return FB_REASON_NONE;
}

/* ---- ICMP errors ---- */

/** Types of RFC 792, and codes of "destination unreachable". */
enum
{
    ICMP_UNREACHABLE = 3,
    ICMP_TIME_EXCEEDED = 11,
    ICMP_PARAMETER_PROBLEM = 12,
    ICMP_NETWORK = 0,
    ICMP_HOST = 1,
    ICMP_PORT = 3
};

#define ICMP_HEADER 8
#define UDP_HEADER 8

/** RFC 5944 3.4: 80 to 95. 0: no error that means the home agent is out of reach. */
static int
unreachable_reason(uint8_t type, uint8_t code)
{
    if (type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETER_PROBLEM)
    {
        return FB_DROP_AGENT_UNREACHABLE;
    }
    if (type != ICMP_UNREACHABLE)
    {
        return FB_REASON_NONE;
    }
    switch (code)
    {
    case ICMP_NETWORK:
        return FB_DROP_AGENT_NETWORK_UNREACHABLE;
    case ICMP_HOST:
        return FB_DROP_AGENT_HOST_UNREACHABLE;
    case ICMP_PORT:
        return FB_DROP_AGENT_PORT_UNREACHABLE;
    default:
        return FB_DROP_AGENT_UNREACHABLE;
    }
}

/** What an ICMP error quotes of a request we relayed. */
typedef struct quotation
{
    fb_ipv4 home_agent;
    uint16_t length; /* octets of the message */
    const uint8_t *message; /* as many of them as are quoted */
    size_t quoted;
} quotation;

static bool
read_quotation(const fb_foreign_agent *agent, quotation *q, const uint8_t *icmp, size_t length)
{
    const uint8_t *packet = icmp + ICMP_HEADER;
    size_t left = length - ICMP_HEADER;
    size_t header = left > 0 ? (size_t)(packet[0] & 0x0f) * 4 : 0;
    fb_flow flow;
    fb_reader udp;

    /* The packet is longer than what is quoted of it: its own length stands in it */
    if (!fb_flow_read(&flow, packet, left, UINT16_MAX) || left < header + UDP_HEADER ||
        flow.protocol != FB_PROTOCOL_UDP || flow.source != agent->config.address ||
        flow.source_port != FB_MIP4_PORT || flow.destination_port != FB_MIP4_PORT)
    {
        return false;
    }
    udp = fb_reader_over(packet + header + 4, 2);
    q->home_agent = flow.destination;
    q->length = (uint16_t)(fb_read_u16(&udp) - UDP_HEADER);
    q->message = packet + header + UDP_HEADER;
    q->quoted = left - header - UDP_HEADER;
    return true;
}

/** The request that is quoted, if enough of it is there to tell; FB_VISITOR_NONE. */
static uint32_t
quoted_request(const fb_foreign_agent *agent, const quotation *q)
{
    fb_pending wanted = {.request = {0}};
    fb_mip4_message message;

    (void)fb_mip4_walk(&message, q->message, q->quoted); /* cut short, as a rule */
    wanted.request = message.fixed;
    return message.fixed.type == FB_MIP4_REQUEST && message.fixed.home_address != 0
               ? fb_pending_find(&agent->list, &wanted)
               : FB_VISITOR_NONE;
}

int
fb_foreign_agent_icmp(fb_foreign_agent *agent, const uint8_t *icmp, size_t length)
{
    int reason = length > ICMP_HEADER ? unreachable_reason(icmp[0], icmp[1]) : FB_REASON_NONE;
    quotation q;
    uint32_t id;

    if (reason == FB_REASON_NONE || fb_checksum_finish(fb_checksum_add(0, icmp, length)) != 0 ||
        !read_quotation(agent, &q, icmp, length))
    {
        return FB_DROP_NOT_EXPECTED;
    }
    id = quoted_request(agent, &q);
    if (id != FB_VISITOR_NONE)
    {
        fb_pending_fail(&agent->list, id, reason);
        return FB_REASON_NONE;
    }
    /* RFC 792: eight octets may be all there is: every request that looks like it from outside */
    id = fb_pending_relayed(&agent->list, 0, q.home_agent, q.length);
    if (id == FB_VISITOR_NONE)
    {
        return FB_DROP_NOT_EXPECTED;
    }
    for (; id != FB_VISITOR_NONE;
         id = fb_pending_relayed(&agent->list, id + 1, q.home_agent, q.length))
    {
        fb_pending_fail(&agent->list, id, reason);
    }
    return FB_REASON_NONE;
}

/* ---- output ---- */

ptrdiff_t
fb_foreign_agent_output(fb_foreign_agent *agent,
                        fb_meta *meta,
                        uint8_t *buffer,
                        size_t capacity,
                        fb_time now)
{
    fb_foreign_message *out = &agent->message;

    for (uint32_t id = fb_pending_failed(&agent->list); !out->waiting && id != FB_VISITOR_NONE;
         id = fb_pending_failed(&agent->list))
    {
        fb_foreign_deny(agent, &agent->list.pending[id], agent->list.pending[id].reason, now);
        fb_pending_told(&agent->list);
    }
    if (!out->waiting)
    {
        return 0;
    }
    if (capacity < out->length)
    {
        return FB_ERR_LIMIT;
    }
    memcpy(buffer, out->octets, out->length);
    *meta = out->meta;
    out->waiting = false;
    fb_foreign_event(agent, &out->fixed, out->ref.link, FB_EVENT_SENT, FB_REASON_NONE, now);
    return (ptrdiff_t)out->length;
}
