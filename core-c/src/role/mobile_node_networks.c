/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/mobile_node_internal.h"

#include "base/prefix.h"
#include "wire/rfc2794.h"
#include "wire/rfc5177.h"
#include "wire/rfc5454.h"

/*
 * What a mobile node says of itself: its NAI (RFC 2794), the networks of a mobile router (RFC 5177, RFC 6626) and its
 * IPv6 prefixes (RFC 5454); and what of that the home agent lets it use.
 */

static bool
is_ipv4(const fb_mobile_node_network *network)
{
    return network->prefix.address.family == FB_FAMILY_IPV4;
}

void
fb_mobile_node_init_networks(fb_mobile_node *node)
{
    fb_networks *networks = &node->config.networks;

    for (size_t i = 0; i < FB_NETWORKS_MAX; i++)
    {
        if (i >= networks->count)
        {
            /* what the host left there says nothing */
            networks->prefix[i] = (fb_prefix){.length = 0};
        }
        fb_prefix_clear_host_bits(&networks->prefix[i]);
        node->network[i].prefix = networks->prefix[i];
    }
    fb_mobile_node_ask_for_networks(node);
}

void
fb_mobile_node_ask_for_networks(fb_mobile_node *node)
{
    node->mobile_router_refused = false;
    for (size_t i = 0; i < node->config.networks.count; i++)
    {
        fb_mobile_node_network *network = &node->network[i];

        /* RFC 5177 5: in implicit mode no request names one; RFC 5454 knows no such mode */
        network->asked = !is_ipv4(network) || !node->config.implicit_networks;
    }
}

/* ---- requests ---- */

static bool
names(const fb_mobile_node *node, const fb_mobile_node_network *network)
{
    return network->asked && !(is_ipv4(network) && node->mobile_router_refused);
}

size_t
fb_mobile_node_identity_octets(const fb_mobile_node *node)
{
    /* Type, Length, NAI; RFC 5177 4.1: 8; RFC 5454 2.1, 2.3: 20 for each and 4 for all */
    size_t octets = node->config.nai.length > 0 ? 2u + node->config.nai.length : 0u;

    for (size_t i = 0; i < node->config.networks.count; i++)
    {
        octets += is_ipv4(&node->network[i]) ? 8u : 24u;
    }
    return octets;
}

/** RFC 5177 4.1. Returns whether any network was named. */
static bool
write_mobile_networks(const fb_mobile_node *node, fb_writer *writer)
{
    bool any = false;

    for (size_t i = 0; i < node->config.networks.count; i++)
    {
        fb_mobile_network network = {.subtype = FB_MOBILE_NETWORK_REQUEST,
                                     .prefix = node->network[i].prefix};

        if (is_ipv4(&node->network[i]) && names(node, &node->network[i]))
        {
            fb_mobile_network_write(writer, &network);
            any = true;
        }
    }
    return any;
}

/** RFC 5454 2.1. Returns whether any prefix was named. */
static bool
write_ipv6_prefixes(const fb_mobile_node *node, fb_writer *writer)
{
    bool any = false;

    for (size_t i = 0; i < node->config.networks.count; i++)
    {
        fb_ipv6_extension request = {.subtype = FB_IPV6_PREFIX_REQUEST,
                                     .prefix = node->network[i].prefix};

        if (!is_ipv4(&node->network[i]) && names(node, &node->network[i]))
        {
            fb_ipv6_extension_write(writer, &request);
            any = true;
        }
    }
    return any;
}

void
fb_mobile_node_write_identity(const fb_mobile_node *node, fb_registration *r, fb_writer *writer)
{
    const fb_nai *nai = &node->config.nai;
    bool colocated = r->agent == 0;

    if (nai->length > 0)
    {
        fb_nai_write(writer, (const uint8_t *)nai->text, nai->length);
    }
    r->request.sent_networks = false;
    if (fb_request_removes(&r->request))
    {
        return; /* RFC 5177 5: "without any Mobile Network Request extensions" (C-16) */
    }
    /* What a request does not name is deleted, whichever path it is for, so each names all (B5177-01, B5454-04) */
    r->request.sent_networks = write_mobile_networks(node, writer);
    if (write_ipv6_prefixes(node, writer) && colocated && !node->config.ipv6_to_home_address)
    {
        /* RFC 5454 3.5: never with a foreign agent's care-of address */
        fb_ipv6_extension mode = {.subtype = FB_IPV6_TUNNELING_MODE};

        fb_ipv6_extension_write(writer, &mode);
    }
}

/* ---- replies ---- */

void
fb_mobile_node_assign_home_address(fb_mobile_node *node, fb_ipv4 home_address, fb_time now)
{
    fb_event event = {.kind = FB_EVENT_HOME_ADDRESS,
                      .role = FB_ROLE_MOBILE_NODE,
                      .to = 1,
                      .ref = {.session = 1},
                      .home_address = home_address,
                      .time = now};

    if (node->config.home_address != 0)
    {
        return;
    }
    node->config.home_address = home_address;
    node->registrations.home_address = home_address;
    node->generation++;
    fb_events_push(node->events, &event);
}

static fb_mobile_node_network *
find_network(fb_mobile_node *node, const fb_prefix *prefix)
{
    for (size_t i = 0; i < FB_NETWORKS_MAX; i++)
    {
        if (node->network[i].prefix.address.family == prefix->address.family &&
            fb_prefix_equal(&node->network[i].prefix, prefix))
        {
            return &node->network[i];
        }
    }
    return NULL;
}

/** One that waits for a network: asked for without a value (RFC 6626), or with @p implicit not asked for; NULL. */
static fb_mobile_node_network *
find_unassigned(fb_mobile_node *node, bool implicit, uint8_t length)
{
    fb_mobile_node_network *found = NULL;

    for (size_t i = 0; i < FB_NETWORKS_MAX; i++)
    {
        fb_mobile_node_network *network = &node->network[i];
        bool waits = fb_prefix_unspecified(&network->prefix) && network->asked != implicit;

        if (waits &&
            (found == NULL || (found->prefix.length != length && network->prefix.length == length)))
        {
            found = network;
        }
    }
    return found;
}

/** The network an acknowledgement that says "success" is about; NULL: none of ours, and no room for one more. */
static fb_mobile_node_network *
granted_network(fb_mobile_node *node, const fb_mobile_network *acknowledged)
{
    fb_mobile_node_network *network = find_network(node, &acknowledged->prefix);

    if (network == NULL)
    {
        network = find_unassigned(node,
                                  acknowledged->subtype == FB_MOBILE_NETWORK_IMPLICIT,
                                  acknowledged->prefix.length);
    }
    if (network != NULL)
    {
        network->prefix = acknowledged->prefix;
    }
    return network;
}

/** RFC 5177 5, RFC 6626 3.1 */
static void
read_acknowledgement(fb_mobile_node *node, const uint8_t *body, size_t length)
{
    fb_mobile_network acknowledged;
    fb_mobile_node_network *network;

    if (fb_mobile_network_decode(&acknowledged, body, length) != FB_REASON_NONE ||
        acknowledged.subtype == FB_MOBILE_NETWORK_REQUEST)
    {
        return;
    }
    if (acknowledged.code == FB_MOBNET_SUCCESS && fb_prefix_valid(&acknowledged.prefix))
    {
        network = granted_network(node, &acknowledged);
        if (network != NULL)
        {
            network->granted = true;
        }
        return;
    }
    network = find_network(node, &acknowledged.prefix);
    if (network != NULL)
    {
        /* One that had been assigned, and is not any more, is asked for without a value again */
        network->prefix = node->config.networks.prefix[network - node->network];
    }
}

/** RFC 5454 3.5 */
static void
read_prefix_reply(fb_mobile_node *node, const uint8_t *body, size_t length)
{
    fb_ipv6_extension reply;
    fb_mobile_node_network *network;

    if (fb_ipv6_extension_decode(&reply, body, length) != FB_REASON_NONE ||
        reply.subtype != FB_IPV6_PREFIX_REPLY)
    {
        return;
    }
    network = find_network(node, &reply.prefix);
    /* RFC 5454 5: codes below 8 accept */
    if (network != NULL && reply.code < FB_IPV6_REJECTED)
    {
        network->granted = true;
    }
}

/** Goes through the acknowledgements of an authenticated reply. */
static void
read_answers(fb_mobile_node *node, const fb_mip4_message *message)
{
    for (int i = 0; i < message->mobile_home; i++)
    {
        const fb_mip4_extension *extension = &message->extension[i];
        const uint8_t *body = message->data + extension->body;

        if (extension->type == FB_EXT_MOBILE_NETWORK)
        {
            read_acknowledgement(node, body, extension->length);
        }
        else if (extension->type == FB_EXT_IPV6)
        {
            read_prefix_reply(node, body, extension->length);
        }
    }
}

static void
use_network(fb_mobile_node *node, fb_mobile_node_network *network, bool in_use, fb_time now)
{
    fb_event event = {.kind = FB_EVENT_NETWORK,
                      .role = FB_ROLE_MOBILE_NODE,
                      .from = !in_use,
                      .to = in_use,
                      .ref = {.session = 1},
                      .home_address = node->config.home_address,
                      .prefix = network->used,
                      .time = now};

    network->in_use = in_use;
    node->generation++;
    fb_events_push(node->events, &event);
}

void
fb_mobile_node_accept_networks(fb_mobile_node *node, const fb_mip4_message *message, fb_time now)
{
    for (size_t i = 0; i < FB_NETWORKS_MAX; i++)
    {
        node->network[i].granted = false;
    }
    read_answers(node, message);
    for (size_t i = 0; i < FB_NETWORKS_MAX; i++)
    {
        fb_mobile_node_network *network = &node->network[i];
        bool same = network->granted && fb_prefix_equal(&network->used, &network->prefix);

        /* RFC 5177 5.1, RFC 5454 3.5: without an answer a network is not registered */
        if (network->in_use && !same)
        {
            use_network(node, network, false, now);
        }
        if (network->granted && !network->in_use)
        {
            network->used = network->prefix;
            use_network(node, network, true, now);
        }
    }
}

void
fb_mobile_node_release_networks(fb_mobile_node *node, fb_time now)
{
    for (size_t i = 0; i < FB_NETWORKS_MAX; i++)
    {
        if (node->network[i].in_use)
        {
            use_network(node, &node->network[i], false, now);
        }
    }
}

/** RFC 5177 5.1: what this acknowledgement says failed MUST NOT be asked for again. Whether anything was. */
static bool
stop_asking(fb_mobile_node *node, const uint8_t *body, size_t length)
{
    fb_mobile_network acknowledged;
    bool any = false;

    if (fb_mobile_network_decode(&acknowledged, body, length) != FB_REASON_NONE ||
        acknowledged.subtype != FB_MOBILE_NETWORK_EXPLICIT ||
        acknowledged.code == FB_MOBNET_SUCCESS)
    {
        return false;
    }
    for (size_t i = 0; i < FB_NETWORKS_MAX; i++)
    {
        fb_mobile_node_network *network = &node->network[i];

        if (network->asked && is_ipv4(network) &&
            fb_prefix_equal(&network->prefix, &acknowledged.prefix))
        {
            network->asked = false;
            any = true;
        }
    }
    return any;
}

void
fb_mobile_node_refuse_networks(fb_mobile_node *node, const fb_mip4_message *message)
{
    bool named = false;

    if (message->fixed.code == FB_MIP4_NETWORK_PROHIBITED)
    {
        /* RFC 5177 5.1: MUST stop sending any to this home agent */
        node->mobile_router_refused = true;
    }
    if (message->fixed.code != FB_MIP4_NETWORK_ERROR)
    {
        return;
    }
    for (int i = 0; i < message->mobile_home; i++)
    {
        const fb_mip4_extension *extension = &message->extension[i];

        if (extension->type == FB_EXT_MOBILE_NETWORK)
        {
            named |= stop_asking(node, message->data + extension->body, extension->length);
        }
    }
    if (!named)
    {
        /* It does not say which, or only what is not asked for any more: none then, or this would never end */
        node->mobile_router_refused = true;
    }
}

/* ---- data ---- */

bool
fb_mobile_node_owns_address(const fb_mobile_node *node,
                            uint8_t family,
                            fb_ipv4 ipv4,
                            const uint8_t *ipv6)
{
    fb_addr address = fb_addr_from_ipv4(ipv4);
    const uint8_t *octets = family == FB_FAMILY_IPV6 ? ipv6 : address.octet;
    uint8_t wanted = family == FB_FAMILY_IPV6 ? FB_FAMILY_IPV6 : FB_FAMILY_IPV4;

    if (wanted == FB_FAMILY_IPV4 && ipv4 == node->config.home_address)
    {
        return ipv4 != 0; /* none has been assigned yet */
    }
    for (size_t i = 0; i < FB_NETWORKS_MAX; i++)
    {
        const fb_mobile_node_network *network = &node->network[i];

        if (network->in_use && network->used.address.family == wanted &&
            fb_prefix_covers(&network->used, octets))
        {
            return true;
        }
    }
    return false;
}
