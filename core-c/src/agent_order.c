/* SPDX-License-Identifier: BSD-3-Clause */
#include "agent_internal.h"

#include <string.h>

/*
 * Sequence numbers (RFC 2890): which packets get one, and those that come in put in order again.
 *
 * The class of a rule is the space its numbers are of. With Mobile IPv4 it is the GRE key as well. With Proxy Mobile
 * IPv6 the key is the binding's (D8-28), so that a session has but one space, for all of its bindings: class 0.
 */

static uint8_t
class_of(uint32_t role, uint8_t configured)
{
    return (role & FB_PROXY_ROLES) != 0 ? 0 : configured;
}

/** How long packets of a class wait, in milliseconds: the longest time any rule of it says; 0: there is none. */
static uint16_t
wait_for(const fb_agent *agent, uint32_t role, uint8_t number)
{
    uint16_t wait_ms = number == 0 ? agent->reorder.default_ms : 0;

    for (size_t i = 0; i < agent->static_rule_count; i++)
    {
        const fb_rule *rule = &agent->static_rule[i];

        if (rule->reorder_ms > wait_ms && class_of(role, rule->reorder_class) == number)
        {
            wait_ms = rule->reorder_ms;
        }
    }
    return wait_ms;
}

/** What packets of a session are called by: its number in events. */
static uint32_t
session_ref(const fb_agent *agent, uint32_t role, uint32_t session)
{
    return role == FB_ROLE_MAG ? fb_mag_session_ref(&agent->mag, session - 1).session : session;
}

static void
tell(fb_agent *agent, const fb_direction *view, uint8_t number, bool possible)
{
    fb_event event = {.kind = FB_EVENT_REORDER,
                      .role = view->role,
                      .from = !possible,
                      .to = possible,
                      .ref = {.session = session_ref(agent, view->role, view->session)},
                      .count = number,
                      .time = agent->last_time};

    fb_events_push(&agent->events, &event);
}

/** The host is told once, until it is otherwise. NULL: there is no space to note it in. */
static void
note_possible(fb_agent *agent,
              const fb_direction *view,
              fb_sequence_space *space,
              uint8_t number,
              bool possible)
{
    bool *told = space != NULL ? &space->told : &agent->reorder_full_told;

    if (*told == possible)
    {
        *told = !possible;
        tell(agent, view, number, possible);
    }
}

static fb_sequence_space *
open_space(fb_agent *agent, const fb_direction *view, uint8_t number)
{
    fb_sequence_space *space = fb_resequencer_open(&agent->resequencer,
                                                   view->role,
                                                   view->session,
                                                   number,
                                                   agent->last_time);

    if (space == NULL)
    {
        note_possible(agent, view, NULL, number, false);
    }
    else
    {
        agent->reorder_full_told = false;
    }
    return space;
}

/* ---- packets that leave ---- */

bool
fb_agent_number(fb_agent *agent, const fb_direction *view, const fb_choice *choice)
{
    uint8_t number = class_of(view->role, choice->reorder_class);
    bool possible = choice->numbering == FB_NUMBERING_YES;
    fb_sequence_space *space = open_space(agent, view, number);

    if (space != NULL)
    {
        space->used_at = agent->last_time;
        note_possible(agent, view, space, number, possible);
    }
    agent->numbering = possible ? space : NULL;
    return !possible || space != NULL;
}

void
fb_agent_write_number(const fb_agent *agent, fb_gre_fields *gre)
{
    const fb_sequence_space *space = agent->numbering;

    gre->has_sequence = true;
    gre->sequence = space->next_sent;
    if ((space->role & FB_PROXY_ROLES) == 0)
    {
        gre->has_key = true;
        gre->key = space->number;
    }
}

void
fb_agent_use_number(fb_agent *agent)
{
    /* What was not sent has none: the far end would wait for it */
    if (agent->action.kind == FB_SEND || agent->copy_count > 0)
    {
        agent->numbering->next_sent++;
    }
    agent->numbering = NULL;
}

/* ---- packets that come ---- */

/** The other direction of a session: what its packets could leave by, the far end can send by. */
static fb_direction
direction_of(const fb_agent *agent, uint8_t role, uint32_t node)
{
    fb_direction view = {.role = role, .node = node, .session = node + 1};

    switch (role)
    {
    case FB_ROLE_MOBILE_NODE:
        view.generation = agent->mobile_node.generation;
        view.mirrored = true;
        break;
    case FB_ROLE_HOME_AGENT:
        view.generation = fb_cache_node(&agent->home_agent.cache, node)->generation;
        break;
    case FB_ROLE_MAG:
        view.generation = fb_mag_generation(&agent->mag, node);
        view.mirrored = true;
        break;
    default:
        view.generation = fb_lma_generation(&agent->lma, node);
        break;
    }
    view.generation += agent->static_version;
    return view;
}

/** Whether the far end knows no other paths than this one. Anchors and home agents always know all. */
static bool
is_settled(const fb_agent *agent, const fb_direction *view)
{
    switch (view->role)
    {
    case FB_ROLE_MOBILE_NODE:
        return fb_mobile_node_is_settled(&agent->mobile_node);
    case FB_ROLE_MAG:
        return fb_mag_is_settled(&agent->mag, view->node);
    default:
        return true;
    }
}

/** Whether packets of the class may take this path. */
static bool
may_take(const fb_agent *agent, uint32_t role, uint8_t number, const fb_path_view *path)
{
    if (number == 0 && agent->reorder.default_ms != 0)
    {
        return true;
    }
    for (size_t i = 0; i < agent->static_rule_count; i++)
    {
        const fb_rule *rule = &agent->static_rule[i];

        if (rule->reorder_ms != 0 && class_of(role, rule->reorder_class) == number &&
            fb_rule_names(rule, path))
        {
            return true;
        }
    }
    return false;
}

/** Time limit and paths of a class, after the policy or the session's bindings have changed. */
static void
describe(fb_agent *agent, const fb_direction *view, fb_sequence_space *space)
{
    fb_steering unused = {0};
    size_t all = fb_agent_candidates(agent, view, &unused), count = 0;

    for (size_t i = 0; i < all; i++)
    {
        if (may_take(agent, view->role, space->number, &agent->paths[i]))
        {
            agent->paths[count++] = agent->paths[i];
        }
    }
    fb_sequence_set_paths(space, agent->paths, count);
    fb_resequencer_set_wait(&agent->resequencer,
                            space,
                            wait_for(agent, view->role, space->number) * FB_MILLISECOND);
    space->version = view->generation;
}

/** The space a packet out of a tunnel is of; NULL: of none that both ends know, and it is as one without a number. */
static fb_sequence_space *
space_of(fb_agent *agent, const fb_direction *view, const fb_arrival *arrival)
{
    fb_sequence_space *space;
    uint32_t number = 0;

    if ((view->role & FB_PROXY_ROLES) == 0 &&
        (!fb_gre_key(arrival->gre, &number) || number > UINT8_MAX))
    {
        return NULL;
    }
    space = fb_resequencer_find(&agent->resequencer, view->role, view->session, (uint8_t)number);
    if (space == NULL && wait_for(agent, view->role, (uint8_t)number) != 0)
    {
        space = open_space(agent, view, (uint8_t)number);
    }
    if (space == NULL)
    {
        return NULL;
    }
    if (space->wait == 0 || space->version != view->generation)
    {
        describe(agent, view, space);
    }
    return space->wait != 0 ? space : NULL;
}

/** Whether it goes no further: RFC 2890 2.2, "When the decapsulator receives an out-of sequence packet". */
static int
objection(const fb_agent *agent, const fb_sequence_space *space, fb_order order, uint32_t number)
{
    switch (order)
    {
    case FB_ORDER_DUPLICATE:
        return FB_DROP_DUPLICATE;
    case FB_ORDER_LATE:
        return agent->reorder.drop_late ? FB_DROP_OUT_OF_SEQUENCE : FB_REASON_NONE;
    case FB_ORDER_STRAY:
        return agent->reorder.drop_late && (int32_t)(number - space->next) < 0
                   ? FB_DROP_OUT_OF_SEQUENCE
                   : FB_REASON_NONE;
    default:
        return FB_REASON_NONE;
    }
}

int
fb_agent_put_in_order(fb_agent *agent,
                      const fb_packet *packet,
                      const fb_arrival *arrival,
                      fb_agent_owner owner,
                      int reason)
{
    fb_direction view = direction_of(agent, owner.role, owner.node);
    fb_sequence_space *space = space_of(agent, &view, arrival);
    fb_action *action = &agent->action;
    fb_delivery delivery = {.packet = packet->packet,
                            .path = action->path,
                            .strip = action->strip,
                            .outer_len = action->outer_len,
                            .family = action->family};
    uint32_t number;
    fb_order order;

    if (space == NULL || !fb_gre_sequence(arrival->gre, &number))
    {
        return reason;
    }
    if (space->waiting > 0 || number != space->next)
    {
        space->settled = !agent->reorder.unordered_paths && is_settled(agent, &view);
    }
    memcpy(delivery.outer, action->outer, sizeof delivery.outer);
    order = fb_resequencer_take(&agent->resequencer,
                                space,
                                number,
                                &delivery,
                                reason == FB_REASON_NONE,
                                agent->last_time);
    if (order == FB_ORDER_WAITS)
    {
        action->kind = FB_HOLD;
        action->last = false;
        action->strip = 0;
        action->outer_len = 0;
    }
    agent->action_waiting = order != FB_ORDER_RELEASED;
    return reason != FB_REASON_NONE ? reason : objection(agent, space, order, number);
}

bool
fb_agent_poll_released(fb_agent *agent, fb_action *action)
{
    fb_delivery delivery;

    if (!fb_resequencer_poll(&agent->resequencer, &delivery))
    {
        return false;
    }
    memset(action, 0, sizeof *action);
    action->packet = delivery.packet;
    action->path = delivery.path;
    action->kind = FB_DELIVER;
    action->last = true;
    action->strip = delivery.strip;
    action->outer_len = delivery.outer_len;
    action->family = delivery.family;
    memcpy(action->outer, delivery.outer, sizeof delivery.outer);
    return true;
}

/* ---- configuration ---- */

bool
fb_agent_order_usable(const fb_config *config)
{
    bool room = config->limits.reorder_spaces > 0 && config->limits.reorder_packets > 0;

    return config->limits.reorder_packets <= FB_SEQUENCE_PACKETS_MAX &&
           (room || config->reorder.default_ms == 0);
}

int
fb_agent_check_order(const fb_agent *agent, const fb_rule *rules, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        if (rules[i].reorder_ms != 0 && !agent->can_reorder)
        {
            return FB_ERR_CONFIG;
        }
    }
    return FB_OK;
}

void
fb_agent_note_order(fb_agent *agent)
{
    if (fb_agent_has_role(agent, FB_ROLE_MAG))
    {
        fb_mag_set_numbered(&agent->mag, wait_for(agent, FB_ROLE_MAG, 0) != 0, agent->last_time);
    }
}

/* ---- looking at it ---- */

bool
fb_agent_order(const fb_agent *agent, size_t index, fb_order_view *view)
{
    const fb_sequence_space *space = fb_resequencer_at(&agent->resequencer, index);

    if (space == NULL)
    {
        return false;
    }
    *view = (fb_order_view){.session = session_ref(agent, space->role, space->session),
                            .role = space->role,
                            .number = space->number,
                            .next_sent = space->next_sent,
                            .waiting = space->waiting,
                            .counters = space->counters};
    return true;
}

void
fb_agent_order_total(const fb_agent *agent, fb_order_counters *total)
{
    fb_resequencer_total(&agent->resequencer, total);
}
