/* SPDX-License-Identifier: BSD-3-Clause */
#include "role/lma_internal.h"

#define IPV4_BITS 32

bool
fb_lma_names_prefix(const fb_prefix *prefix, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        if (!fb_prefix_unspecified(&prefix[i]))
        {
            return true;
        }
    }
    return false;
}

bool
fb_lma_asks_for_any(const fb_prefix *prefix, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        if (fb_prefix_unspecified(&prefix[i]))
        {
            return true;
        }
    }
    return false;
}

static bool
asks_for_family(const fb_lma_gate *gate, uint8_t family)
{
    for (size_t i = 0; i < gate->options->delegated_count; i++)
    {
        const fb_prefix *prefix = &gate->options->delegated[i];

        if (prefix->address.family == family && fb_prefix_unspecified(prefix))
        {
            return true;
        }
    }
    return false;
}

static fb_prefix
asked_address(const fb_lma_gate *gate)
{
    return (fb_prefix){fb_addr_from_ipv4(gate->options->ipv4_request.address), IPV4_BITS};
}

/* ---- withdrawing ---- */

/** Whether the update is for the only binding there is: else what it leaves out is another one's (D8-27). */
static bool
is_for_only_binding(const fb_lma *lma, const fb_lma_gate *gate)
{
    return !gate->multipath || !gate->same_gateway ||
           (fb_cache_node(&lma->sessions.cache, gate->session)->binding_count == 1 &&
            gate->own != NULL);
}

void
fb_lma_see_withdrawals(const fb_lma *lma, fb_lma_gate *gate)
{
    const fb_session_cache *sessions = &lma->sessions;
    const fb_mobility_options *options = gate->options;
    bool asked[FB_PREFIX_USES];

    gate->delegates = lma->config.delegation && options->delegated_count > 0;
    if (gate->session == FB_SESSION_NONE || gate->deregisters || !is_for_only_binding(lma, gate))
    {
        return;
    }
    asked[FB_PREFIX_HOME] = options->home_prefix_count > 0;
    asked[FB_PREFIX_DELEGATED] = options->delegated_count > 0;
    asked[FB_PREFIX_IPV4] = options->ipv4_request.present;
    for (size_t use = 0; use < FB_PREFIX_USES; use++)
    {
        if (!asked[use] && fb_session_has_prefixes(sessions, gate->session, (fb_prefix_use)use))
        {
            gate->withdraws |= (uint8_t)(1u << use);
        }
    }
}

/** Whether it names one the session has not. */
static bool
names_other(const fb_lma *lma,
            const fb_lma_gate *gate,
            fb_prefix_use use,
            const fb_prefix *prefix,
            size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        if (!fb_prefix_unspecified(&prefix[i]) &&
            fb_sessions_find_address(&lma->sessions,
                                     prefix[i].address.family,
                                     prefix[i].address.octet) != gate->session)
        {
            return true;
        }
    }
    return count > 0 && !fb_session_has_prefixes(&lma->sessions, gate->session, use);
}

static bool
names_other_address(const fb_lma *lma, const fb_lma_gate *gate)
{
    fb_prefix address = asked_address(gate);

    return names_other(lma, gate, FB_PREFIX_IPV4, &address, 1);
}

bool
fb_lma_changes_prefixes(const fb_lma *lma, const fb_lma_gate *gate)
{
    const fb_mobility_options *options = gate->options;

    return gate->withdraws != 0 ||
           (!gate->keeps_home && names_other(lma,
                                             gate,
                                             FB_PREFIX_HOME,
                                             options->home_prefix,
                                             options->home_prefix_count)) ||
           (gate->delegates && names_other(lma,
                                           gate,
                                           FB_PREFIX_DELEGATED,
                                           options->delegated,
                                           options->delegated_count)) ||
           (options->ipv4_request.present && names_other_address(lma, gate));
}

/* ---- may it? ---- */

/** Whether the session of the update has something for @p use, of @p family. */
static bool
has_already(const fb_lma *lma, const fb_lma_gate *gate, fb_prefix_use use, uint8_t family)
{
    fb_networks networks;

    if (gate->session == FB_SESSION_NONE)
    {
        return false;
    }
    fb_session_prefixes(&lma->sessions, gate->session, use, &networks);
    for (size_t i = 0; i < networks.count; i++)
    {
        if (networks.prefix[i].address.family == family)
        {
            return true;
        }
    }
    return false;
}

/** Whether one may be chosen: a mobile node that came by this very update is given what is free. */
static int
check_any(const fb_lma *lma, const fb_lma_gate *gate, fb_prefix_use use, uint8_t family)
{
    return has_already(lma, gate, use, family)
               ? FB_REASON_NONE
               : fb_sessions_check_any(&lma->sessions, gate->node, gate->session, use, family);
}

/* RFC 5213 5.3.2-1 to -3 */
static int
check_home(const fb_lma *lma, const fb_lma_gate *gate)
{
    const fb_mobility_options *options = gate->options;
    size_t count = options->home_prefix_count;

    if (count == 0 || gate->keeps_home)
    {
        return FB_REASON_NONE;
    }
    if (fb_lma_asks_for_any(options->home_prefix, count))
    {
        return check_any(lma, gate, FB_PREFIX_HOME, FB_FAMILY_IPV6);
    }
    return fb_sessions_check_named(&lma->sessions,
                                   gate->node,
                                   gate->session,
                                   FB_PREFIX_HOME,
                                   options->home_prefix,
                                   count);
}

/* RFC 5844 3.1.2.2 */
static int
check_ipv4(const fb_lma *lma, fb_lma_gate *gate)
{
    fb_prefix address;
    int reason;

    if (!gate->options->ipv4_request.present)
    {
        return FB_REASON_NONE;
    }
    if (gate->options->ipv4_request.address == 0)
    {
        reason = check_any(lma, gate, FB_PREFIX_IPV4, FB_FAMILY_IPV4);
        gate->ipv4_status = reason == FB_REASON_NONE ? FB_IPV4_HOME_ACCEPTED
                                                     : FB_IPV4_HOME_UNSPECIFIED;
        return reason;
    }
    address = asked_address(gate);
    reason = fb_sessions_check_named(&lma->sessions,
                                     gate->node,
                                     gate->session,
                                     FB_PREFIX_IPV4,
                                     &address,
                                     1);
    gate->ipv4_status = reason == FB_REASON_NONE ? FB_IPV4_HOME_ACCEPTED : FB_IPV4_HOME_PROHIBITED;
    return reason == FB_REASON_NONE ? reason : FB_DROP_PBU_IPV4_ADDRESS;
}

/* RFC 7148 5.2.2 */
static int
check_delegated(const fb_lma *lma, const fb_lma_gate *gate)
{
    const fb_mobility_options *options = gate->options;
    int reason = FB_REASON_NONE;

    if (!gate->delegates)
    {
        return FB_REASON_NONE;
    }
    if (gate->node != FB_NODE_NONE &&
        (lma->sessions.node[gate->node].rights & FB_PROXY_DELEGATION) == 0)
    {
        return FB_DROP_PBU_DELEGATION;
    }
    if (asks_for_family(gate, FB_FAMILY_IPV6))
    {
        reason = check_any(lma, gate, FB_PREFIX_DELEGATED, FB_FAMILY_IPV6);
    }
    if (reason == FB_REASON_NONE && asks_for_family(gate, FB_FAMILY_IPV4))
    {
        reason = check_any(lma, gate, FB_PREFIX_DELEGATED, FB_FAMILY_IPV4);
    }
    if (fb_lma_asks_for_any(options->delegated, options->delegated_count))
    {
        return reason;
    }
    return fb_sessions_check_named(&lma->sessions,
                                   gate->node,
                                   gate->session,
                                   FB_PREFIX_DELEGATED,
                                   options->delegated,
                                   options->delegated_count) == FB_REASON_NONE
               ? FB_REASON_NONE
               : FB_DROP_PBU_DELEGATED_PREFIX;
}

int
fb_lma_check_prefixes(const fb_lma *lma, fb_lma_gate *gate)
{
    int reason = check_home(lma, gate);

    if (reason == FB_REASON_NONE)
    {
        reason = check_ipv4(lma, gate);
    }
    return reason == FB_REASON_NONE ? check_delegated(lma, gate) : reason;
}

/* ---- it has ---- */

static void
assign(fb_lma *lma,
       const fb_lma_gate *gate,
       fb_prefix_use use,
       const fb_prefix *prefix,
       size_t count,
       fb_time now)
{
    static const uint8_t families[] = {FB_FAMILY_IPV6, FB_FAMILY_IPV4};

    if (!fb_lma_asks_for_any(prefix, count))
    {
        fb_session_assign_named(&lma->sessions, gate->session, use, prefix, count, now);
        return;
    }
    for (size_t i = 0; i < sizeof families; i++)
    {
        bool asked = use != FB_PREFIX_DELEGATED ? prefix[0].address.family == families[i]
                                                : asks_for_family(gate, families[i]);

        if (asked && !has_already(lma, gate, use, families[i]))
        {
            fb_session_assign_any(&lma->sessions, gate->session, use, families[i], now);
        }
    }
}

void
fb_lma_assign_prefixes(fb_lma *lma, const fb_lma_gate *gate, fb_time now)
{
    const fb_mobility_options *options = gate->options;

    for (size_t use = 0; use < FB_PREFIX_USES && gate->withdraws != 0; use++)
    {
        if ((gate->withdraws >> use & 1) != 0)
        {
            fb_session_release_prefixes(&lma->sessions, gate->session, (fb_prefix_use)use, now);
        }
    }
    if (!gate->keeps_home)
    {
        assign(lma, gate, FB_PREFIX_HOME, options->home_prefix, options->home_prefix_count, now);
    }
    if (options->ipv4_request.present)
    {
        fb_prefix address = asked_address(gate);

        assign(lma, gate, FB_PREFIX_IPV4, &address, 1, now);
    }
    if (gate->delegates)
    {
        assign(lma, gate, FB_PREFIX_DELEGATED, options->delegated, options->delegated_count, now);
    }
}
