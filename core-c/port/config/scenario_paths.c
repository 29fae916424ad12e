/* SPDX-License-Identifier: BSD-3-Clause */
#include "scenario_reader.h"

#include <string.h>

/* What a type brings along. */
typedef struct path_preset
{
    const char *name;
    uint8_t technology; /* Access Technology Type, RFC 5213 8.5 and IANA */
    bool is_link; /* a link with a rate of its own; false: a radio network makes it */
    bool has_network; /* a network with a delay and queues of its own */
    uint64_t delay_ns;
} path_preset;

static const path_preset presets[] = {
    [FBC_PATH_WLAN] = {"wlan", 4, false, false, 0},
    [FBC_PATH_LTE] = {"lte", 8, false, false, 0},
    [FBC_PATH_CDMA] = {"cdma", 10, false, true, 0},
    [FBC_PATH_WIRED] = {"wired", 3, true, true, FB_MILLISECOND},
};

static const fbc_queue queue_preset = {100, 0};

/* RFC 4787 4.3: a mapping must not end before 2 minutes. */
#define NAT_TIMEOUT_NS (120 * FB_SECOND)

const char *
fbc_path_type_name(fbc_path_type type)
{
    return presets[type].name;
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* paths                                                                                                              */

static void
refuse_link_keys(fbc_reader *reader, const fbc_value *values, fbc_path_type type)
{
    for (size_t i = FBC_PATH_KEY_RATE; i <= FBC_PATH_KEY_LOSS; i++)
    {
        bool of_network = i == FBC_PATH_KEY_DELAY || i == FBC_PATH_KEY_QUEUE ||
                          i == FBC_PATH_KEY_MTU;
        if (values[i].given && !(of_network && presets[type].has_network))
        {
            fbc_error(reader,
                      values[i].place,
                      "%s cannot be set for a path of type %s, its radio network makes it; "
                      "expected it with type wired%s",
                      fbc_object_path.keys[i].key,
                      presets[type].name,
                      of_network ? " or cdma" : "");
        }
    }
}

/* `up` or `down`, else `rate`. */
static uint64_t
pick_rate(const fbc_value *direction, const fbc_value *both)
{
    return direction->given ? direction->number : both->number;
}

static void
read_link(fbc_reader *reader, const fbc_value *values, fbc_path *path)
{
    const fbc_value *rate = &values[FBC_PATH_KEY_RATE];
    const fbc_value *up = &values[FBC_PATH_KEY_UP];
    const fbc_value *down = &values[FBC_PATH_KEY_DOWN];
    if (rate->given && up->given && down->given)
    {
        fbc_error(reader,
                  rate->place,
                  "rate beside up and down; expected either it or both of them");
    }
    if (!rate->given && !(up->given && down->given))
    {
        fbc_error(reader,
                  path->place,
                  "a path of type %s has no rate of its own; expected rate, or up and down",
                  presets[path->type].name);
    }
    path->up_bps = pick_rate(up, rate);
    path->down_bps = pick_rate(down, rate);
    path->loss_ppm = (uint32_t)values[FBC_PATH_KEY_LOSS].number;
}

/* Its delay and queues. */
static void
read_network(const fbc_value *values, fbc_path *path)
{
    const fbc_value *delay = &values[FBC_PATH_KEY_DELAY];
    const fbc_value *queue = &values[FBC_PATH_KEY_QUEUE];
    path->delay_ns = delay->given ? delay->number : presets[path->type].delay_ns;
    path->queue = queue_preset;
    if (queue->given)
    {
        path->queue.packets = queue->end == 1 ? (uint32_t)queue->number : 0;
        path->queue.octets = queue->end == 1 ? 0 : (uint32_t)queue->number;
    }
}

static void
read_agent(fbc_reader *reader, const fbc_value *value, fbc_agent *agent)
{
    fbc_value values[FBC_KEYS_MAX];
    if (fbc_object_read(reader, &fbc_object_agent, value->valid ? value->node : NULL, values))
    {
        agent->advertisement_s = (uint16_t)(values[FBC_AGENT_ADVERTISEMENT].number / FB_SECOND);
        agent->reverse_tunnel = values[FBC_AGENT_REVERSE_TUNNEL].number != 0;
        agent->require_reverse_tunnel = values[FBC_AGENT_REQUIRE_REVERSE_TUNNEL].number != 0;
        agent->encapsulating_delivery = values[FBC_AGENT_ENCAPSULATING_DELIVERY].number != 0;
        agent->gre = values[FBC_AGENT_GRE].number != 0;
        agent->minimal = values[FBC_AGENT_MINIMAL].number != 0;
        agent->busy = values[FBC_AGENT_BUSY].number != 0;
        agent->legacy = values[FBC_AGENT_LEGACY].number != 0;
        agent->authenticate = values[FBC_AGENT_AUTHENTICATE].number != 0;
    }
}

/* How it is tunnelled, whose its care-of address is, and what is on the way. */
static void
read_tunnel(fbc_reader *reader, const fbc_value *values, fbc_path *path)
{
    const fbc_value *udp = &values[FBC_PATH_KEY_UDP];
    const fbc_value *nat = &values[FBC_PATH_KEY_NAT];
    const fbc_value *timeout = &values[FBC_PATH_KEY_NAT_TIMEOUT];
    path->tunnel = (uint8_t)values[FBC_PATH_KEY_ENCAPSULATION].number;
    path->udp = udp->given ? (uint8_t)udp->number : FB_UDP_IF_NAT;
    path->care_of = (uint8_t)values[FBC_PATH_KEY_CARE_OF].number;
    path->nat = nat->number != 0;
    path->nat_timeout_ns = timeout->given ? timeout->number : NAT_TIMEOUT_NS;
    if (!path->nat)
    {
        fbc_refuse(reader, timeout, "nat-timeout", "it with nat: true");
    }
    if (path->care_of != FB_CARE_OF_AGENT)
    {
        fbc_refuse(reader, &values[FBC_PATH_KEY_AGENT], "agent", "it with care-of: agent");
        return;
    }
    /* RFC 3519 4.4: a foreign agent asks for UDP tunnels itself */
    fbc_refuse(reader, udp, "udp", "it with care-of: colocated");
    if (path->nat)
    {
        fbc_error(
            reader,
            nat->place,
            "a foreign agent behind a NAT, whose care-of address nobody could reach; expected "
            "nat with care-of: colocated");
    }
    if (path->type == FBC_PATH_LTE)
    {
        fbc_error(reader,
                  values[FBC_PATH_KEY_CARE_OF].place,
                  "there are no foreign agents in LTE; expected care-of: colocated");
    }
    read_agent(reader, &values[FBC_PATH_KEY_AGENT], &path->agent);
}

static void
check_path(fbc_reader *reader,
           const fbc_value *values,
           const fbc_scenario *scenario,
           const fbc_path *path)
{
    const fbc_value *name = &values[FBC_PATH_KEY_NAME];
    const fbc_value *bid = &values[FBC_PATH_KEY_BID];
    if (name->valid && (strcmp(name->text, "drop") == 0 || strcmp(name->text, "none") == 0))
    {
        fbc_error(
            reader,
            name->place,
            "a path cannot be called '%s', the word means that there is none; expected another name",
            name->text);
    }
    for (const fbc_path *other = scenario->paths; other < path; other++)
    {
        if (name->valid && other->name != NULL && strcmp(other->name, name->text) == 0)
        {
            fbc_error(reader,
                      name->place,
                      "a second path '%s', the first is in line %lu; expected a name of its own",
                      name->text,
                      (unsigned long)other->place.line);
            break;
        }
    }
    for (const fbc_path *other = scenario->paths; other < path; other++)
    {
        if (bid->valid && other->bid == bid->number)
        {
            fbc_error(
                reader,
                bid->place,
                "BID %lu is that of the path in line %lu; expected one of its own (RFC 7629 4.1)",
                (unsigned long)bid->number,
                (unsigned long)other->place.line);
            break;
        }
    }
}

/* Labels mark the paths for the other end (RFC 7629 4.1, RFC 8278 4.1), which weighs them by these. */
static void
check_weight(fbc_reader *reader,
             const fbc_value *weight,
             const fbc_value *label,
             const fbc_scenario *scenario,
             const fbc_path *path)
{
    size_t weighed = weight->number != 0 ? 1 : 0;
    for (const fbc_path *other = scenario->paths; other < path; other++)
    {
        if (label->valid && other->label == label->number && other->weight != path->weight)
        {
            fbc_error(reader,
                      weight->given ? weight->place : path->place,
                      "label %lu weighs %lu here and %lu in line %lu; expected the same weight, or "
                      "another label",
                      (unsigned long)label->number,
                      (unsigned long)path->weight,
                      (unsigned long)other->weight,
                      (unsigned long)other->place.line);
            return;
        }
        weighed += other->weight != 0 ? 1 : 0;
    }
    if (weight->given && weighed > FB_LABEL_WEIGHTS_MAX)
    {
        fbc_error(reader,
                  weight->place,
                  "a weight of one path more than the other end can have; expected at most %d",
                  FB_LABEL_WEIGHTS_MAX);
    }
}

static void
read_path(fbc_reader *reader, const yaml_node_t *node, fbc_scenario *scenario, fbc_path *path)
{
    fbc_value values[FBC_KEYS_MAX];
    path->place = fbc_node_place(node);
    if (!fbc_object_read(reader, &fbc_object_path, node, values))
    {
        return;
    }
    check_path(reader, values, scenario, path);
    fbc_proxy_path_read(reader, values, scenario, path);
    path->name = values[FBC_PATH_KEY_NAME].valid ? values[FBC_PATH_KEY_NAME].text : NULL;
    path->bid = values[FBC_PATH_KEY_BID].valid ? (uint8_t)values[FBC_PATH_KEY_BID].number : 0;
    path->label = (uint8_t)values[FBC_PATH_KEY_LABEL].number;
    path->cost = (uint16_t)values[FBC_PATH_KEY_COST].number;
    path->weight = (uint16_t)values[FBC_PATH_KEY_WEIGHT].number;
    check_weight(reader, &values[FBC_PATH_KEY_WEIGHT], &values[FBC_PATH_KEY_LABEL], scenario, path);
    if (!values[FBC_PATH_KEY_TYPE].valid)
    {
        return;
    }
    path->type = (fbc_path_type)values[FBC_PATH_KEY_TYPE].number;
    path->technology = presets[path->type].technology;
    read_tunnel(reader, values, path);
    fbc_access_read(reader, values, path);
    if (presets[path->type].has_network)
    {
        read_network(values, path);
    }
    if (presets[path->type].is_link)
    {
        read_link(reader, values, path);
    }
    else
    {
        refuse_link_keys(reader, values, path->type);
    }
}

void
fbc_paths_read(fbc_reader *reader, const fbc_value *list, fbc_scenario *scenario)
{
    if (!list->valid)
    {
        return;
    }
    size_t count = fbc_list_count(list->node);
    scenario->paths = fbc_arena_array(reader->arena, count, sizeof(fbc_path));
    scenario->path_count = count;
    for (size_t i = 0; i < count; i++)
    {
        read_path(reader, fbc_list_item(reader, list->node, i), scenario, &scenario->paths[i]);
    }
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* home                                                                                                               */

#define HOME_NAME "home"

/* The highest that no path has; only the message that de-registers all bindings names it. 0: all are taken. */
static uint8_t
free_bid(const fbc_scenario *scenario)
{
    uint8_t bid = 254;
    while (bid > 0 && fbc_scenario_path_by_bid(scenario, bid) != NULL)
    {
        bid--;
    }
    return bid;
}

void
fbc_home_read(fbc_reader *reader, const fbc_value *value, fbc_scenario *scenario)
{
    fbc_value values[FBC_KEYS_MAX];
    if (!value->valid || !fbc_object_read(reader, &fbc_object_home_link, value->node, values))
    {
        return;
    }
    const fbc_path *namesake = fbc_scenario_path(scenario, HOME_NAME);
    if (namesake != NULL)
    {
        fbc_error(reader,
                  namesake->place,
                  "a path cannot be called '%s' beside a home link, which is called so; expected "
                  "another name",
                  HOME_NAME);
    }
    fbc_path *home = fbc_arena_array(reader->arena, 1, sizeof(*home));
    home->name = HOME_NAME;
    home->type = FBC_PATH_WIRED;
    home->technology = presets[FBC_PATH_WIRED].technology;
    home->bid = free_bid(scenario);
    home->label = home->bid;
    home->up_bps = values[FBC_HOME_LINK_RATE].number;
    home->down_bps = home->up_bps;
    home->place = value->place;
    if (home->bid == 0)
    {
        fbc_error(reader,
                  value->place,
                  "a home link beside 254 paths, and no BID is left; expected a path less");
    }
    scenario->home = home;
    scenario->home_advertisement_s = (uint16_t)(values[FBC_HOME_LINK_ADVERTISEMENT].number /
                                                FB_SECOND);
}

const fbc_path *
fbc_path_find(fbc_reader *reader, const fbc_value *value, const fbc_scenario *scenario)
{
    const char *names[UINT8_MAX];
    size_t count = 0;
    char expected[320];
    if (!value->valid || scenario->path_count == 0)
    {
        return NULL;
    }
    const fbc_path *path = fbc_scenario_path(scenario, value->text);
    if (path != NULL)
    {
        return path;
    }
    for (size_t i = 0; i < scenario->path_count && count < UINT8_MAX; i++)
    {
        if (scenario->paths[i].name != NULL)
        {
            names[count++] = scenario->paths[i].name;
        }
    }
    fbc_expected(value->text, names, count, expected, sizeof(expected));
    fbc_error(reader, value->place, "there is no path '%s'%s", value->text, expected);
    return NULL;
}

uint8_t
fbc_path_weights(const fbc_scenario *scenario, fb_label_weight weights[FB_LABEL_WEIGHTS_MAX])
{
    uint8_t count = 0;
    for (size_t i = 0; i < scenario->path_count; i++)
    {
        const fbc_path *path = &scenario->paths[i];
        if ((path->weight != 0 || path->cost != 0) && count < FB_LABEL_WEIGHTS_MAX)
        {
            weights[count++] =
                (fb_label_weight){.label = path->label, .weight = path->weight, .cost = path->cost};
        }
    }
    return count;
}
