/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/home_agent_internal.h"

#include "base/prefix.h"
#include "wire/rfc2794.h"
#include "wire/rfc5177.h"
#include "wire/rfc5454.h"

/*
 * What a request says of the node itself: its NAI (RFC 2794), the networks of a mobile router (RFC 5177, RFC 6626) and
 * IPv6 prefixes (RFC 5454). A home agent that knows RFC 5944 only skips all of it.
 */

uint32_t
fb_home_agent_identify(const fb_home_agent *agent, fb_gate *gate)
{
    const fb_binding_cache *cache = &agent->cache;
    const fb_mip4_message *message = gate->message;
    const fb_mip4_extension *nai = agent->config.legacy ? NULL : fb_nai_find(message);
    const fb_identity *identity = NULL;
    uint32_t node, by_nai;

    gate->home_address = message->fixed.home_address;
    node = fb_cache_find(cache, gate->home_address);
    if (nai == NULL)
    {
        return node;
    }
    gate->nai = message->data + nai->body;
    gate->nai_length = nai->length;
    by_nai = fb_cache_find_nai(cache, gate->nai, gate->nai_length);
    if (gate->home_address == 0 && by_nai != FB_NODE_NONE)
    {
        /* RFC 2794 2: asks for its home address */
        gate->home_address = cache->home[by_nai].home_address;
        return by_nai;
    }
    if (node != FB_NODE_NONE)
    {
        identity = fb_cache_identity(cache, node);
    }
    if (identity == NULL || identity->nai.length == 0)
    {
        /* Nothing says what this node's NAI is, but one that is another's it is not */
        return by_nai == FB_NODE_NONE ? node : FB_NODE_NONE;
    }
    return by_nai == node ? node : FB_NODE_NONE;
}

/* ---- G7 ---- */

/** Notes a request for @p prefix; one for the same prefix again is without effect (RFC 5454 3.3: one reply each). */
static int
add_request(fb_gate_networks *networks, uint8_t type, const fb_prefix *prefix)
{
    for (size_t i = 0; i < networks->count; i++)
    {
        if (fb_prefix_equal(&networks->answer[i].prefix, prefix) && !fb_prefix_unspecified(prefix))
        {
            return FB_REASON_NONE;
        }
    }
    if (networks->count == FB_NETWORK_REQUESTS_MAX)
    {
        return FB_DROP_RESOURCES;
    }
    networks->answer[networks->count++] = (fb_network_answer){.type = type, .prefix = *prefix};
    return FB_REASON_NONE;
}

static int
read_mobile_network(fb_gate_networks *networks, const uint8_t *body, size_t length)
{
    fb_mobile_network network;
    int reason = fb_mobile_network_decode(&network, body, length);

    if (reason != FB_REASON_NONE || network.subtype != FB_MOBILE_NETWORK_REQUEST)
    {
        return reason == FB_DROP_NETWORK_MALFORMED ? reason : FB_REASON_NONE;
    }
    networks->mobile_router = true;
    return add_request(networks, FB_EXT_MOBILE_NETWORK, &network.prefix);
}

static int
read_ipv6(fb_gate_networks *networks, const uint8_t *body, size_t length)
{
    fb_ipv6_extension extension;
    int reason = fb_ipv6_extension_decode(&extension, body, length);

    if (reason != FB_REASON_NONE)
    {
        return reason == FB_DROP_NETWORK_MALFORMED ? reason : FB_REASON_NONE;
    }
    if (extension.subtype == FB_IPV6_TUNNELING_MODE)
    {
        networks->use.ipv6_to_care_of = true;
    }
    return extension.subtype == FB_IPV6_PREFIX_REQUEST
               ? add_request(networks, FB_EXT_IPV6, &extension.prefix)
               : FB_REASON_NONE;
}

int
fb_home_agent_read_networks(const fb_home_agent *agent, fb_gate *gate)
{
    const fb_mip4_message *message = gate->message;
    int reason = FB_REASON_NONE;

    if (agent->config.legacy)
    {
        return FB_REASON_NONE;
    }
    for (int i = 0; reason == FB_REASON_NONE && i < message->mobile_home; i++)
    {
        const fb_mip4_extension *extension = &message->extension[i];
        const uint8_t *body = message->data + extension->body;

        if (extension->type == FB_EXT_MOBILE_NETWORK)
        {
            reason = read_mobile_network(&gate->networks, body, extension->length);
        }
        else if (extension->type == FB_EXT_IPV6 && agent->config.networks)
        {
            reason = read_ipv6(&gate->networks, body, extension->length);
        }
    }
    if ((message->fixed.flags & FB_MIP4_FLAG_D) == 0)
    {
        /* RFC 5454 3.5: MUST NOT be asked for through a foreign agent, which could not deliver it */
        gate->networks.use.ipv6_to_care_of = false;
    }
    return reason;
}

/* ---- the last of the gate: RFC 5177 6.3 looks at networks once the request is valid ---- */

static uint8_t
bit(size_t network)
{
    return (uint8_t)(1u << network);
}

/** What @p answer's prefix is among the node's: a bit, 0 if none. */
static uint8_t
allowed_network(const fb_home_agent *agent, const fb_gate *gate, const fb_network_answer *answer)
{
    const fb_identity *identity = fb_cache_identity(&agent->cache, gate->node);

    for (size_t i = 0; identity != NULL && i < identity->network_count; i++)
    {
        if (fb_prefix_equal(fb_cache_network(&agent->cache, gate->node, i), &answer->prefix))
        {
            return bit(i);
        }
    }
    return 0;
}

/** The networks of the node that are of @p family. */
static uint8_t
networks_of_family(const fb_home_agent *agent, uint32_t node, uint8_t family)
{
    const fb_identity *identity = fb_cache_identity(&agent->cache, node);
    uint8_t set = 0;

    for (size_t i = 0; identity != NULL && i < identity->network_count; i++)
    {
        if (fb_cache_network(&agent->cache, node, i)->address.family == family)
        {
            set |= bit(i);
        }
    }
    return set;
}

/** RFC 5177 6.3, 6.6 */
static void
judge_mobile_network(const fb_home_agent *agent, fb_gate *gate, fb_network_answer *answer)
{
    uint8_t network = allowed_network(agent, gate, answer);

    answer->subtype = FB_MOBILE_NETWORK_EXPLICIT;
    answer->code = FB_MOBNET_SUCCESS;
    if (!fb_prefix_valid(&answer->prefix))
    {
        answer->code = FB_MOBNET_INVALID_PREFIX_LENGTH;
    }
    else if (network == 0)
    {
        answer->code = FB_MOBNET_UNAUTHORIZED;
    }
    gate->networks.use.in_use |= network;
}

/** RFC 5454 3.3 */
static void
judge_ipv6(const fb_home_agent *agent, fb_gate *gate, fb_network_answer *answer)
{
    uint8_t network = allowed_network(agent, gate, answer);

    answer->subtype = FB_IPV6_PREFIX_REPLY;
    answer->code = gate->networks.use.ipv6_to_care_of ? FB_IPV6_TO_CARE_OF_ADDRESS
                                                      : FB_IPV6_TO_HOME_ADDRESS;
    if (!fb_prefix_valid(&answer->prefix))
    {
        /* A length of 255 asks for link-local packets, for prefix delegation (RFC 5454 3.7.1), which is not offered */
        answer->code = FB_IPV6_REJECTED;
    }
    else if (network == 0)
    {
        answer->code = FB_IPV6_PROHIBITED;
    }
    gate->networks.use.in_use |= network;
}

/** RFC 6626 3.2: one of the node's networks that the request does not use yet, of the length hinted at if there is. */
static void
assign_network(const fb_home_agent *agent, fb_gate *gate, fb_network_answer *answer)
{
    uint8_t left = networks_of_family(agent, gate->node, FB_FAMILY_IPV4) &
                   (uint8_t)~gate->networks.use.in_use;
    const fb_prefix *chosen = NULL;
    uint8_t taken = 0;

    answer->subtype = FB_MOBILE_NETWORK_EXPLICIT;
    answer->code = FB_MOBNET_UNASSIGNED;
    if (answer->prefix.length > 32)
    {
        answer->code = FB_MOBNET_INVALID_PREFIX_LENGTH;
        return;
    }
    for (size_t i = 0; i < FB_NETWORKS_MAX; i++)
    {
        const fb_prefix *network = fb_cache_network(&agent->cache, gate->node, i);

        if ((left & bit(i)) != 0 && (chosen == NULL || (chosen->length != answer->prefix.length &&
                                                        network->length == answer->prefix.length)))
        {
            chosen = network;
            taken = bit(i);
        }
    }
    if (chosen != NULL)
    {
        answer->prefix = *chosen;
        answer->code = FB_MOBNET_SUCCESS;
        gate->networks.use.in_use |= taken;
    }
}

/** Networks the node did not ask for, because the home agent knows them (RFC 5177 6.1). */
static void
imply_networks(const fb_home_agent *agent, fb_gate *gate, uint8_t networks)
{
    for (size_t i = 0; i < FB_NETWORKS_MAX; i++)
    {
        if ((networks & bit(i)) != 0)
        {
            gate->networks.answer[gate->networks.count++] = (fb_network_answer){
                .type = FB_EXT_MOBILE_NETWORK,
                .subtype = FB_MOBILE_NETWORK_IMPLICIT,
                .prefix = *fb_cache_network(&agent->cache, gate->node, i)};
        }
    }
    gate->networks.use.in_use |= networks;
}

static bool
to_be_assigned(const fb_network_answer *answer)
{
    return answer->type == FB_EXT_MOBILE_NETWORK && fb_prefix_unspecified(&answer->prefix);
}

int
fb_home_agent_check_networks(const fb_home_agent *agent, fb_gate *gate)
{
    fb_gate_networks *networks = &gate->networks;
    const fb_identity *identity = fb_cache_identity(&agent->cache, gate->node);
    uint8_t ipv4 = agent->config.networks && !agent->config.legacy
                       ? networks_of_family(agent, gate->node, FB_FAMILY_IPV4)
                       : 0;

    if (networks->mobile_router && ipv4 == 0)
    {
        return FB_DROP_NETWORK_NOT_ALLOWED;
    }
    for (size_t i = 0; i < networks->count; i++)
    {
        if (networks->answer[i].type == FB_EXT_IPV6)
        {
            judge_ipv6(agent, gate, &networks->answer[i]);
        }
        else if (!to_be_assigned(&networks->answer[i]))
        {
            judge_mobile_network(agent, gate, &networks->answer[i]);
        }
    }
    /* Those named by value come first, wherever in the message they stand */
    for (size_t i = 0; i < networks->count; i++)
    {
        if (to_be_assigned(&networks->answer[i]))
        {
            assign_network(agent, gate, &networks->answer[i]);
        }
    }
    networks->use.explicit_mode = networks->mobile_router ||
                                  (identity != NULL && identity->explicit_mode);
    if (networks->mobile_router)
    {
        return (networks->use.in_use & ipv4) != 0 ? FB_REASON_NONE : FB_DROP_NETWORK_UNAVAILABLE;
    }
    if (!networks->use.explicit_mode)
    {
        imply_networks(agent, gate, ipv4);
    }
    return FB_REASON_NONE;
}

/* ---- afterwards ---- */

void
fb_home_agent_use_networks(fb_home_agent *agent, const fb_gate *gate, fb_time now)
{
    if (fb_cache_identity(&agent->cache, gate->node) != NULL)
    {
        fb_cache_use_networks(&agent->cache, gate->node, gate->networks.use, now);
    }
}

static void
write_answer(fb_writer *writer, const fb_network_answer *answer)
{
    if (answer->type == FB_EXT_IPV6)
    {
        fb_ipv6_extension reply = {.subtype = answer->subtype,
                                   .code = answer->code,
                                   .prefix = answer->prefix};

        fb_ipv6_extension_write(writer, &reply);
    }
    else
    {
        fb_mobile_network acknowledgement = {.subtype = answer->subtype,
                                             .code = answer->code,
                                             .prefix = answer->prefix};

        fb_mobile_network_write(writer, &acknowledgement);
    }
}

void
fb_home_agent_answer_networks(fb_home_agent *agent, const fb_gate *gate, uint8_t code)
{
    fb_home_agent_reply *reply = &agent->reply;
    fb_writer writer = fb_writer_over(reply->extension, sizeof reply->extension);
    bool accepted = code <= FB_MIP4_ACCEPTED_NO_SIMULTANEOUS;

    writer.position = reply->extension_length;
    if (gate->nai != NULL)
    {
        /* RFC 2794 3: the reply MUST include it, whatever it says */
        fb_nai_write(&writer, gate->nai, gate->nai_length);
    }
    for (size_t i = 0; i < gate->networks.count; i++)
    {
        const fb_network_answer *answer = &gate->networks.answer[i];

        /* RFC 5177 4.2: with 147 they say why; RFC 5454 3.2: a denial needs no words for each prefix */
        if (accepted || (code == FB_MIP4_NETWORK_ERROR && answer->type == FB_EXT_MOBILE_NETWORK))
        {
            write_answer(&writer, answer);
        }
    }
    reply->extension_length = (uint16_t)writer.position;
}
