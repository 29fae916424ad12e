/* SPDX-License-Identifier: BSD-3-Clause */
#include "scenario_reader.h"

#include <string.h>

/* Which keys an event has beside `at`, `do` and, where it is about a path, `path`. */
enum
{
    PATH_NEEDED = 1,
    PATH_ALLOWED = 2,
    HAS_ADDRESS = 4,
    HAS_POLICY = 8,
    HAS_LOSS = 16,
    OF_NAT = 32,
    OF_AGENT = 64,
    OF_HOME = 128,
    HAS_HOST = 256,
    HAS_GATEWAY = 512,
    OF_MIP4 = 1024,
    OF_PMIP6 = 2048,
    HAS_RATE = 4096,
    HAS_PLACE = 8192
};

static const uint16_t action_keys[] = {
    [FBC_EVENT_DOWN] = PATH_NEEDED,
    [FBC_EVENT_UP] = PATH_NEEDED,
    [FBC_EVENT_RENUMBER] = PATH_NEEDED | HAS_ADDRESS,
    [FBC_EVENT_REGISTER] = PATH_ALLOWED,
    [FBC_EVENT_DEREGISTER] = PATH_ALLOWED,
    [FBC_EVENT_POLICY] = HAS_POLICY,
    [FBC_EVENT_LOSE] = PATH_ALLOWED | HAS_LOSS,
    [FBC_EVENT_RESTART_HOME_AGENT] = OF_MIP4,
    [FBC_EVENT_FORBID_MULTIPATH] = 0,
    [FBC_EVENT_ALLOW_MULTIPATH] = 0,
    [FBC_EVENT_FLUSH_NAT] = PATH_NEEDED | OF_NAT,
    [FBC_EVENT_STOP_AGENT] = PATH_NEEDED | OF_AGENT,
    [FBC_EVENT_START_AGENT] = PATH_NEEDED | OF_AGENT,
    [FBC_EVENT_RESTART_AGENT] = PATH_NEEDED | OF_AGENT,
    [FBC_EVENT_GO_HOME] = OF_HOME,
    [FBC_EVENT_LEAVE_HOME] = OF_HOME,
    [FBC_EVENT_ATTACH] = HAS_HOST | HAS_GATEWAY | OF_PMIP6,
    [FBC_EVENT_DETACH] = HAS_HOST | OF_PMIP6,
    [FBC_EVENT_RESTART_ANCHOR] = OF_PMIP6,
    [FBC_EVENT_RESTART_GATEWAY] = HAS_GATEWAY | OF_PMIP6,
    [FBC_EVENT_SET_RATE] = PATH_NEEDED | HAS_RATE,
    [FBC_EVENT_MOVE] = HAS_PLACE,
};

const char *
fbc_event_action_name(fbc_event_action action)
{
    return fbc_object_event.keys[FBC_EVENT_DO].choices[action];
}

const char *
fbc_loss_name(fbc_loss loss)
{
    return fbc_object_event.keys[FBC_EVENT_WHAT].choices[loss];
}

/* What a key is good for. */
typedef struct event_key
{
    size_t key;
    uint16_t actions; /* bits of the above */
    const char *expected;
} event_key;

static const event_key event_keys[] = {
    {FBC_EVENT_PATH, PATH_NEEDED | PATH_ALLOWED, "no path, it is about the whole node"},
    {FBC_EVENT_ADDRESS, HAS_ADDRESS, "it with do: renumber"},
    {FBC_EVENT_NEW_POLICY, HAS_POLICY, "it with do: policy"},
    {FBC_EVENT_WHAT, HAS_LOSS, "it with do: lose"},
    {FBC_EVENT_COUNT, HAS_LOSS, "it with do: lose"},
    {FBC_EVENT_FOR, HAS_LOSS, "it with do: lose"},
    {FBC_EVENT_HOST, HAS_HOST, "it with do: attach or detach"},
    {FBC_EVENT_GATEWAY, HAS_GATEWAY | HAS_PLACE, "it with do: attach, restart-gateway or move"},
    {FBC_EVENT_RATE, HAS_RATE, "it with do: rate"},
    {FBC_EVENT_TO, HAS_PLACE, "it with do: move"},
    {FBC_EVENT_SPEED, HAS_PLACE, "it with do: move"},
};

static void
refuse_keys(fbc_reader *reader, const fbc_value *values, uint16_t keys)
{
    for (size_t i = 0; i < sizeof(event_keys) / sizeof(event_keys[0]); i++)
    {
        const event_key *row = &event_keys[i];
        if ((row->actions & keys) == 0)
        {
            fbc_refuse(reader,
                       &values[row->key],
                       fbc_object_event.keys[row->key].key,
                       row->expected);
        }
    }
}

static void
require(fbc_reader *reader, const fbc_event *event, const fbc_value *value, const char *expected)
{
    if (!value->given && !value->meant)
    {
        fbc_error(reader,
                  event->place,
                  "an event 'do: %s' that does not say everything; expected %s",
                  fbc_event_action_name(event->action),
                  expected);
    }
}

static void
read_address(fbc_reader *reader, const fbc_value *value, fbc_event *event)
{
    if (value->valid && value->number != value->end)
    {
        fbc_error(reader,
                  value->place,
                  "address: '%s' is more than one; expected a single address",
                  value->text);
    }
    event->address = (fb_ipv4)value->number;
}

static void
read_policy(fbc_reader *reader,
            const fbc_value *value,
            const fbc_scenario *scenario,
            fbc_event *event)
{
    require(reader, event, value, "policy: the name of a policy file, or a mapping");
    event->policy = fbc_scenario_policy(reader, value);
    if (event->policy == NULL)
    {
        /* The policy's own errors are counted where it was read. */
        reader->errors += value->given && value->valid ? 1u : 0u;
        return;
    }
    if (scenario->path_count > 0 &&
        !fbc_scenario_rules(reader, scenario, event->policy, &event->rules, &event->rule_count))
    {
        reader->errors++;
    }
}

static void
read_loss(fbc_reader *reader, const fbc_value *values, fbc_event *event)
{
    const fbc_value *count = &values[FBC_EVENT_COUNT];
    const fbc_value *duration = &values[FBC_EVENT_FOR];
    require(reader, event, &values[FBC_EVENT_WHAT], "what: requests, replies or packets");
    if (count->given && duration->given)
    {
        fbc_error(reader, duration->place, "for beside count; expected either of them");
    }
    if (!count->given)
    {
        require(reader, event, duration, "count, or for");
    }
    event->loss = (fbc_loss)values[FBC_EVENT_WHAT].number;
    event->count = (uint32_t)count->number;
    event->for_ns = duration->number;
}

static void
check_protocol(fbc_reader *reader,
               const fbc_value *action,
               uint16_t keys,
               const fbc_scenario *scenario)
{
    bool proxy = scenario->protocol == FBC_PMIP6;
    if ((keys & (proxy ? OF_MIP4 : OF_PMIP6)) != 0)
    {
        fbc_error(reader,
                  action->place,
                  "do: %s is of the other protocol; expected an event of protocol: %s",
                  action->text,
                  proxy ? "pmip6" : "mip4");
    }
}

static void
read_hosts(fbc_reader *reader,
           const fbc_value *values,
           const fbc_scenario *scenario,
           fbc_event *event)
{
    uint16_t keys = action_keys[event->action];
    if ((keys & HAS_HOST) != 0)
    {
        require(reader, event, &values[FBC_EVENT_HOST], "host: the name of one");
        event->host = fbc_host_find(reader, &values[FBC_EVENT_HOST], scenario);
    }
    if ((keys & HAS_GATEWAY) != 0)
    {
        require(reader, event, &values[FBC_EVENT_GATEWAY], "gateway: the name of one");
        event->gateway = fbc_gateway_find(reader, &values[FBC_EVENT_GATEWAY], scenario);
    }
}

/* Of pmip6 the gateways move, of mip4 the mobile node; wires follow, so somebody must have a radio. */
static void
read_move(fbc_reader *reader,
          const fbc_value *values,
          const fbc_scenario *scenario,
          fbc_event *event)
{
    const fbc_value *gateway = &values[FBC_EVENT_GATEWAY];
    bool proxy = scenario->protocol == FBC_PMIP6;
    bool has_radio = scenario->path_count == 0;
    require(reader, event, &values[FBC_EVENT_TO], "to: a place like [60, 0]");
    event->to = fbc_position_read(&values[FBC_EVENT_TO]);
    event->speed_um_h = values[FBC_EVENT_SPEED].number;
    if (!proxy)
    {
        fbc_refuse(reader, gateway, "gateway", "it with protocol: pmip6");
    }
    else if (gateway->given)
    {
        event->gateway = fbc_gateway_find(reader, gateway, scenario);
    }
    else
    {
        event->gateway = scenario->gateways;
    }
    for (size_t i = 0; i < scenario->path_count; i++)
    {
        const fbc_path *path = &scenario->paths[i];
        bool is_there = !proxy || event->gateway == NULL || path->gateway == event->gateway;
        has_radio = has_radio || (is_there && path->type != FBC_PATH_WIRED);
    }
    if (!has_radio)
    {
        fbc_error(reader,
                  values[FBC_EVENT_DO].place,
                  "do: move, and nothing changes by it, as all paths are wires; expected a path of "
                  "type wlan, lte or cdma");
    }
}

static void
read_what(fbc_reader *reader,
          const fbc_value *values,
          const fbc_scenario *scenario,
          fbc_event *event)
{
    uint16_t keys = action_keys[event->action];
    refuse_keys(reader, values, keys);
    check_protocol(reader, &values[FBC_EVENT_DO], keys, scenario);
    read_hosts(reader, values, scenario, event);
    if ((keys & PATH_NEEDED) != 0)
    {
        require(reader, event, &values[FBC_EVENT_PATH], "path: the name of one");
    }
    if ((keys & HAS_ADDRESS) != 0)
    {
        read_address(reader, &values[FBC_EVENT_ADDRESS], event);
    }
    if ((keys & HAS_POLICY) != 0)
    {
        read_policy(reader, &values[FBC_EVENT_NEW_POLICY], scenario, event);
    }
    if ((keys & HAS_LOSS) != 0)
    {
        read_loss(reader, values, event);
    }
    if ((keys & HAS_RATE) != 0)
    {
        require(reader, event, &values[FBC_EVENT_RATE], "rate: the new one");
        event->rate_bps = values[FBC_EVENT_RATE].number;
    }
    if ((keys & HAS_PLACE) != 0)
    {
        read_move(reader, values, scenario, event);
    }
    if ((keys & OF_HOME) != 0 && scenario->home == NULL)
    {
        fbc_error(reader,
                  values[FBC_EVENT_DO].place,
                  "there is no home link; expected 'home: {}' in the scenario");
    }
}

/* What is about a NAT or an agent needs a path that has one. */
static void
check_path(fbc_reader *reader, const fbc_value *value, const fbc_event *event)
{
    uint16_t keys = action_keys[event->action];
    bool misses_nat = (keys & OF_NAT) != 0 && !event->path->nat;
    bool misses_agent = (keys & OF_AGENT) != 0 && event->path->care_of != FB_CARE_OF_AGENT;
    if ((keys & HAS_RATE) != 0 && event->path->type != FBC_PATH_WIRED)
    {
        fbc_error(reader,
                  value->place,
                  "the rates of path '%s' are made by its radio network; expected a path of type "
                  "wired",
                  event->path->name);
    }
    if (misses_nat || misses_agent)
    {
        fbc_error(reader,
                  value->place,
                  "path '%s' has no %s; expected a path with %s",
                  event->path->name,
                  misses_nat ? "NAT" : "foreign agent",
                  misses_nat ? "nat: true" : "care-of: agent");
    }
}

static void
read_event(fbc_reader *reader,
           const yaml_node_t *node,
           const fbc_scenario *scenario,
           fbc_event *event)
{
    fbc_value values[FBC_KEYS_MAX];
    event->place = fbc_node_place(node);
    if (!fbc_object_read(reader, &fbc_object_event, node, values))
    {
        return;
    }
    const fbc_value *at = &values[FBC_EVENT_AT];
    if (at->valid && scenario->duration_ns > 0 && at->number > scenario->duration_ns)
    {
        fbc_error(reader,
                  at->place,
                  "at: '%s' is after the end of the scenario; expected at most its duration",
                  at->text);
    }
    event->at_ns = at->number;
    event->path = fbc_path_find(reader, &values[FBC_EVENT_PATH], scenario);
    if (values[FBC_EVENT_DO].valid)
    {
        event->action = (fbc_event_action)values[FBC_EVENT_DO].number;
        read_what(reader, values, scenario, event);
        if (event->path != NULL)
        {
            check_path(reader, &values[FBC_EVENT_PATH], event);
        }
    }
}

/* By time; those of the same time stay in the order of the file. */
static void
sort_events(fbc_scenario *scenario)
{
    for (size_t i = 1; i < scenario->event_count; i++)
    {
        fbc_event moving = scenario->events[i];
        size_t j = i;
        for (; j > 0 && scenario->events[j - 1].at_ns > moving.at_ns; j--)
        {
            scenario->events[j] = scenario->events[j - 1];
        }
        scenario->events[j] = moving;
    }
}

static bool
is_outage(const fbc_event *event)
{
    return event->action == FBC_EVENT_DOWN || event->action == FBC_EVENT_UP;
}

/* It is away at first. */
static void
check_home_event(fbc_reader *reader, const fbc_scenario *scenario, const fbc_event *event)
{
    fbc_event_action state = FBC_EVENT_LEAVE_HOME;
    for (const fbc_event *earlier = scenario->events; earlier < event; earlier++)
    {
        state = (action_keys[earlier->action] & OF_HOME) != 0 ? earlier->action : state;
    }
    if ((action_keys[event->action] & OF_HOME) != 0 && event->action == state)
    {
        bool away = state == FBC_EVENT_LEAVE_HOME;
        fbc_error(reader,
                  event->place,
                  "the mobile node is %s already at that time; expected do: %s",
                  away ? "away" : "at home",
                  away ? "go-home" : "leave-home");
    }
}

/* An event that changes nothing is a slip of the pen: the wrong path, or the wrong time. */
static void
check_event(fbc_reader *reader, const fbc_scenario *scenario, const fbc_event *event)
{
    fbc_event_action state = FBC_EVENT_UP;
    for (const fbc_event *earlier = scenario->events; earlier < event; earlier++)
    {
        state = earlier->path == event->path && is_outage(earlier) ? earlier->action : state;
    }
    if (is_outage(event) && event->action == state)
    {
        fbc_error(reader,
                  event->place,
                  "path '%s' is %s already at that time; expected do: %s",
                  event->path->name,
                  state == FBC_EVENT_UP ? "up" : "down",
                  state == FBC_EVENT_UP ? "down" : "up");
    }
    if (event->action == FBC_EVENT_RENUMBER && state == FBC_EVENT_DOWN)
    {
        fbc_error(reader,
                  event->place,
                  "path '%s' is down at that time; expected do: renumber of a path that is up",
                  event->path->name);
    }
}

void
fbc_events_read(fbc_reader *reader, const fbc_value *list, fbc_scenario *scenario)
{
    if (!list->valid)
    {
        return;
    }
    size_t errors = reader->errors;
    scenario->event_count = fbc_list_count(list->node);
    scenario->events = fbc_arena_array(reader->arena, scenario->event_count, sizeof(fbc_event));
    for (size_t i = 0; i < scenario->event_count; i++)
    {
        read_event(reader, fbc_list_item(reader, list->node, i), scenario, &scenario->events[i]);
    }
    sort_events(scenario);
    bool right = reader->errors == errors && scenario->path_count > 0;
    for (size_t i = 0; right && i < scenario->event_count; i++)
    {
        check_event(reader, scenario, &scenario->events[i]);
        check_home_event(reader, scenario, &scenario->events[i]);
    }
}
