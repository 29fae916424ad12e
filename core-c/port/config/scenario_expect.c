/* SPDX-License-Identifier: BSD-3-Clause */
#include "scenario_reader.h"

#include <string.h>

/* ---------------------------------------------------------------------------------------------------------------- */
/* Traffic                                                                                                            */

static bool
concerns(const fbc_expect *expect, const fbc_traffic *traffic)
{
    return expect->traffic == traffic || (expect->flow != NULL && expect->flow == traffic->flow);
}

/* An expectation about nothing would hold for ever. */
static void
check_subject(fbc_reader *reader,
              const fbc_value *subject,
              const fbc_scenario *scenario,
              const fbc_expect *expect)
{
    bool exists = false;
    for (size_t i = 0; i < scenario->traffic_count; i++)
    {
        const fbc_traffic *traffic = &scenario->traffic[i];
        if (traffic->port == 0)
        {
            return; /* it could not be read, so nobody knows whether it is the one */
        }
        if (!concerns(expect, traffic))
        {
            continue;
        }
        exists = true;
        if (traffic->start_ns < expect->until_ns && traffic->stop_ns > expect->from_ns)
        {
            return;
        }
    }
    fbc_error(reader,
              subject->place,
              "no traffic of '%s' %s; expected something to look at",
              subject->text,
              exists ? "at that time" : "in this scenario");
}

/* What a user notices can only be expected of an application that shows it. */
typedef struct experience_key
{
    size_t key;
    fbc_kind kind;
    const char *expected;
} experience_key;

static const experience_key experience_keys[] = {
    {FBC_EXPECT_MOS_MIN, FBC_KIND_VOIP, "which is no call; expected traffic of kind voip"},
    {FBC_EXPECT_COMPLETION_MAX, FBC_KIND_TCP, "which has no end; expected kind tcp with bytes"},
    {FBC_EXPECT_PAGE_TIME_MAX, FBC_KIND_WEB, "which has no pages; expected traffic of kind web"},
    {FBC_EXPECT_STALLS_MAX, FBC_KIND_VIDEO, "which is no film; expected traffic of kind video"},
};

static void
check_experience_of(fbc_reader *reader, const fbc_value *values, const fbc_traffic *traffic)
{
    for (size_t i = 0; i < sizeof(experience_keys) / sizeof(experience_keys[0]); i++)
    {
        const experience_key *row = &experience_keys[i];
        bool endless = traffic->kind == FBC_KIND_TCP && traffic->bytes == 0;
        if (values[row->key].given && (traffic->kind != row->kind || endless))
        {
            fbc_error(reader,
                      values[row->key].place,
                      "%s of '%s', %s",
                      fbc_object_expect.keys[row->key].key,
                      traffic->name,
                      row->expected);
        }
    }
}

static void
check_experience(fbc_reader *reader,
                 const fbc_value *values,
                 const fbc_scenario *scenario,
                 const fbc_expect *expect)
{
    for (size_t i = 0; i < scenario->traffic_count; i++)
    {
        if (concerns(expect, &scenario->traffic[i]))
        {
            check_experience_of(reader, values, &scenario->traffic[i]);
        }
    }
}

static void
report_unknown_traffic(fbc_reader *reader, const fbc_value *value, const fbc_scenario *scenario)
{
    const char *names[UINT8_MAX];
    size_t count = 0;
    char expected[320];
    for (size_t i = 0; i < scenario->traffic_count && count < UINT8_MAX; i++)
    {
        if (scenario->traffic[i].name != NULL)
        {
            names[count++] = scenario->traffic[i].name;
        }
    }
    fbc_expected(value->text, names, count, expected, sizeof(expected));
    fbc_error(reader, value->place, "there is no traffic '%s'%s", value->text, expected);
}

/* Which traffic it is about: `flow` or `traffic`. NULL after an error or when that cannot be known. */
static const fbc_value *
read_subject(fbc_reader *reader,
             const fbc_value *values,
             bool policy_failed,
             const fbc_scenario *scenario,
             fbc_expect *expect)
{
    const fbc_value *flow = &values[FBC_EXPECT_FLOW];
    const fbc_value *traffic = &values[FBC_EXPECT_TRAFFIC];
    if (flow->given)
    {
        expect->flow = fbc_flow_find(reader, flow, policy_failed, scenario);
        return expect->flow != NULL ? flow : NULL;
    }
    if (!traffic->valid)
    {
        return NULL;
    }
    expect->traffic = fbc_traffic_find(scenario, traffic->text);
    if (expect->traffic == NULL)
    {
        report_unknown_traffic(reader, traffic, scenario);
        return NULL;
    }
    return traffic;
}

static bool
read_interval(fbc_reader *reader,
              const fbc_value *between,
              const fbc_scenario *scenario,
              fbc_expect *expect)
{
    expect->from_ns = between->given ? between->number : scenario->warmup_ns;
    expect->until_ns = between->given ? between->end : scenario->duration_ns;
    if (scenario->duration_ns == 0 || (between->given && !between->valid))
    {
        return false; /* reported where it stands */
    }
    if (!between->given)
    {
        return true;
    }
    if (expect->until_ns > scenario->duration_ns)
    {
        fbc_error(reader,
                  between->place,
                  "between: it ends after the end of the scenario; expected at most its duration");
        return false;
    }
    if (expect->from_ns < scenario->warmup_ns)
    {
        fbc_error(
            reader,
            between->place,
            "between: it begins in the warm-up, which is not measured; expected a later time");
        return false;
    }
    return true;
}

/* A path, or the home link. */
static const fbc_path *
find_path(fbc_reader *reader, const fbc_value *value, const fbc_scenario *scenario)
{
    bool home = value->valid && scenario->home != NULL &&
                strcmp(scenario->home->name, value->text) == 0;
    return home ? scenario->home : fbc_path_find(reader, value, scenario);
}

static void
read_outcome(fbc_reader *reader,
             const fbc_value *path,
             const fbc_scenario *scenario,
             fbc_expect *expect)
{
    if (!path->valid)
    {
        return;
    }
    if (strcmp(path->text, "drop") == 0)
    {
        expect->outcome = FBC_OUTCOME_DROP;
        return;
    }
    if (strcmp(path->text, "none") == 0)
    {
        expect->outcome = FBC_OUTCOME_NONE;
        return;
    }
    expect->outcome = FBC_OUTCOME_PATH;
    expect->path = find_path(reader, path, scenario);
}

static uint64_t
limit(const fbc_value *value)
{
    return value->given ? value->number : FBC_UNSET;
}

static void
read_traffic(fbc_reader *reader,
             const fbc_value *values,
             bool policy_failed,
             const fbc_scenario *scenario,
             fbc_expect *expect)
{
    bool demands = values[FBC_EXPECT_PATH].given || values[FBC_EXPECT_PATH].meant;
    for (size_t i = FBC_EXPECT_GOODPUT_MIN; i <= FBC_EXPECT_STALLS_MAX; i++)
    {
        demands = demands || values[i].given || values[i].meant;
    }
    if (!demands)
    {
        fbc_error(
            reader,
            expect->place,
            "an expectation that demands nothing; expected path, goodput-min, loss-max, delay-max, "
            "failover-gap-max, mos-min, completion-max, page-time-max or stalls-max");
    }
    expect->goodput_min_bps = limit(&values[FBC_EXPECT_GOODPUT_MIN]);
    expect->loss_max_ppm = limit(&values[FBC_EXPECT_LOSS_MAX]);
    expect->delay_max_ns = limit(&values[FBC_EXPECT_DELAY_MAX]);
    expect->failover_gap_max_ns = limit(&values[FBC_EXPECT_FAILOVER_GAP_MAX]);
    expect->mos_min = limit(&values[FBC_EXPECT_MOS_MIN]);
    expect->completion_max_ns = limit(&values[FBC_EXPECT_COMPLETION_MAX]);
    expect->page_time_max_ns = limit(&values[FBC_EXPECT_PAGE_TIME_MAX]);
    expect->stalls_max = limit(&values[FBC_EXPECT_STALLS_MAX]);
    read_outcome(reader, &values[FBC_EXPECT_PATH], scenario, expect);
    expect->share_min_ppm = limit(&values[FBC_EXPECT_SHARE_MIN]);
    if (values[FBC_EXPECT_SHARE_MIN].given && expect->outcome != FBC_OUTCOME_PATH)
    {
        fbc_error(reader,
                  values[FBC_EXPECT_SHARE_MIN].place,
                  "share-min of no path; expected 'path' with the name of one");
    }
    const fbc_value *subject = read_subject(reader, values, policy_failed, scenario, expect);
    if (read_interval(reader, &values[FBC_EXPECT_BETWEEN], scenario, expect) && subject != NULL)
    {
        check_subject(reader, subject, scenario, expect);
        check_experience(reader, values, scenario, expect);
    }
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* Messages                                                                                                           */

/* In the order of the choices. */
enum
{
    MESSAGE_REQUEST,
    MESSAGE_REPLY,
    MESSAGE_HEARTBEAT
};

static void
read_message(fbc_reader *reader,
             const fbc_value *values,
             const fbc_scenario *scenario,
             fbc_expect *expect)
{
    const fbc_value *bid = &values[FBC_EXPECT_BID];
    const fbc_value *lifetime = &values[FBC_EXPECT_LIFETIME];
    const fbc_value *message = &values[FBC_EXPECT_MESSAGE];
    expect->reply = message->number == MESSAGE_REPLY;
    expect->heartbeat = message->number == MESSAGE_HEARTBEAT;
    if (message->valid && expect->heartbeat && scenario->protocol == FBC_MIP4)
    {
        fbc_error(reader,
                  message->place,
                  "heartbeats are of Proxy Mobile IPv6; expected request or reply");
    }
    expect->code = limit(&values[FBC_EXPECT_CODE]);
    expect->bid = limit(bid);
    expect->lifetime_s = lifetime->given ? lifetime->number / FB_SECOND : FBC_UNSET;
    expect->bulk = limit(&values[FBC_EXPECT_BULK]);
    expect->overwrite = limit(&values[FBC_EXPECT_OVERWRITE]);
    expect->multipath = limit(&values[FBC_EXPECT_MULTIPATH]);
    expect->rules = limit(&values[FBC_EXPECT_RULES]);
    expect->count = limit(&values[FBC_EXPECT_COUNT]);
    expect->path = find_path(reader, &values[FBC_EXPECT_PATH], scenario);
    if (bid->valid && scenario->path_count > 0 &&
        fbc_scenario_path_by_bid(scenario, (uint8_t)bid->number) == NULL)
    {
        fbc_error(reader,
                  bid->place,
                  "there is no path with BID %lu; expected that of a path",
                  (unsigned long)bid->number);
    }
    read_interval(reader, &values[FBC_EXPECT_BETWEEN], scenario, expect);
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* Bindings                                                                                                           */

static void
read_binding(fbc_reader *reader,
             const yaml_node_t *node,
             const fbc_scenario *scenario,
             fbc_expect *expect)
{
    fbc_value value = {.place = fbc_node_place(node)};
    value.text = fbc_name_read(reader, node, "bindings");
    value.valid = value.text != NULL;
    const fbc_path *path = fbc_path_find(reader, &value, scenario);
    for (size_t i = 0; i < expect->binding_count; i++)
    {
        if (path != NULL && expect->bindings[i] == path)
        {
            fbc_error(reader,
                      value.place,
                      "path '%s' stands in the list twice; expected each path once",
                      path->name);
            return;
        }
    }
    expect->bindings[expect->binding_count++] = path;
}

static const char *const tunnel_names[FBC_TUNNEL_COUNT] = {"ipip", "gre", "minimal", "udp"};

const char *
fbc_tunnel_name(uint8_t tunnel)
{
    return tunnel_names[tunnel];
}

/* FBC_TUNNEL_COUNT after an error. */
static uint8_t
read_tunnel(fbc_reader *reader, const yaml_node_t *node)
{
    char expected[320];
    const char *name = fbc_name_read(reader, node, "tunnels");
    uint8_t tunnel = 0;
    while (name != NULL && tunnel < FBC_TUNNEL_COUNT && strcmp(tunnel_names[tunnel], name) != 0)
    {
        tunnel++;
    }
    if (name != NULL && tunnel == FBC_TUNNEL_COUNT)
    {
        fbc_expected(name, tunnel_names, FBC_TUNNEL_COUNT, expected, sizeof(expected));
        fbc_error(reader, fbc_node_place(node), "tunnels: '%s' is not known%s", name, expected);
    }
    return tunnel;
}

/* One for each binding. */
static void
read_tunnels(fbc_reader *reader, const fbc_value *list, fbc_expect *expect)
{
    if (!list->valid)
    {
        return;
    }
    size_t count = fbc_list_count(list->node);
    if (count != expect->binding_count)
    {
        fbc_error(reader,
                  list->place,
                  "tunnels: %lu names for %lu bindings; expected one for each",
                  (unsigned long)count,
                  (unsigned long)expect->binding_count);
        return;
    }
    expect->tunnels = fbc_arena_array(reader->arena, count, sizeof(expect->tunnels[0]));
    for (size_t i = 0; i < count; i++)
    {
        expect->tunnels[i] = read_tunnel(reader, fbc_list_item(reader, list->node, i));
    }
}

static void
read_bindings(fbc_reader *reader,
              const fbc_value *values,
              const fbc_scenario *scenario,
              fbc_expect *expect)
{
    const fbc_value *list = &values[FBC_EXPECT_BINDINGS];
    const fbc_value *at = &values[FBC_EXPECT_AT];
    expect->rules = limit(&values[FBC_EXPECT_RULES]);
    expect->session =
        fbc_session_find(reader, &values[FBC_EXPECT_SESSION], expect->place, scenario);
    expect->at_ns = at->given ? at->number : scenario->duration_ns;
    if (at->valid && scenario->duration_ns > 0 && at->number > scenario->duration_ns)
    {
        fbc_error(reader,
                  at->place,
                  "at: '%s' is after the end of the scenario; expected at most its duration",
                  at->text);
    }
    if (!list->valid)
    {
        return;
    }
    size_t count = fbc_list_count(list->node);
    expect->bindings = fbc_arena_array(reader->arena, count, sizeof(expect->bindings[0]));
    for (size_t i = 0; i < count; i++)
    {
        read_binding(reader, fbc_list_item(reader, list->node, i), scenario, expect);
    }
    read_tunnels(reader, &values[FBC_EXPECT_TUNNELS], expect);
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* What an expectation is about                                                                                       */

enum
{
    OF_TRAFFIC = 1,
    OF_REQUESTS = 2,
    OF_REPLIES = 4,
    OF_BINDINGS = 8,
    OF_HEARTBEATS = 16,
    OF_REGISTRATIONS = OF_REQUESTS | OF_REPLIES,
    OF_MESSAGES = OF_REGISTRATIONS | OF_HEARTBEATS
};

typedef struct expect_key
{
    size_t key;
    uint8_t kinds;
    const char *expected;
} expect_key;

static const expect_key expect_keys[] = {
    {FBC_EXPECT_TUNNELS, OF_BINDINGS, "it with bindings"},
    {FBC_EXPECT_BETWEEN, OF_TRAFFIC | OF_MESSAGES, "at"},
    {FBC_EXPECT_PATH, OF_TRAFFIC | OF_MESSAGES, "it with flow, traffic or message"},
    {FBC_EXPECT_GOODPUT_MIN, OF_TRAFFIC, "it with flow or traffic"},
    {FBC_EXPECT_LOSS_MAX, OF_TRAFFIC, "it with flow or traffic"},
    {FBC_EXPECT_DELAY_MAX, OF_TRAFFIC, "it with flow or traffic"},
    {FBC_EXPECT_FAILOVER_GAP_MAX, OF_TRAFFIC, "it with flow or traffic"},
    {FBC_EXPECT_MOS_MIN, OF_TRAFFIC, "it with flow or traffic"},
    {FBC_EXPECT_COMPLETION_MAX, OF_TRAFFIC, "it with flow or traffic"},
    {FBC_EXPECT_PAGE_TIME_MAX, OF_TRAFFIC, "it with flow or traffic"},
    {FBC_EXPECT_STALLS_MAX, OF_TRAFFIC, "it with flow or traffic"},
    {FBC_EXPECT_CODE, OF_REPLIES, "it with message: reply"},
    {FBC_EXPECT_BID, OF_REGISTRATIONS, "it with message: request or reply"},
    {FBC_EXPECT_LIFETIME, OF_REGISTRATIONS, "it with message: request or reply"},
    {FBC_EXPECT_BULK, OF_REQUESTS, "it with message: request"},
    {FBC_EXPECT_OVERWRITE, OF_REQUESTS, "it with message: request"},
    {FBC_EXPECT_MULTIPATH, OF_REQUESTS, "it with message: request"},
    {FBC_EXPECT_RULES, OF_REQUESTS | OF_BINDINGS, "it with message: request, or bindings"},
    {FBC_EXPECT_COUNT, OF_MESSAGES, "it with message"},
    {FBC_EXPECT_AT, OF_BINDINGS, "it with bindings; here there is between"},
    {FBC_EXPECT_SESSION, OF_BINDINGS, "it with bindings"},
};

static void
refuse_keys(fbc_reader *reader, const fbc_value *values, uint8_t kind)
{
    for (size_t i = 0; i < sizeof(expect_keys) / sizeof(expect_keys[0]); i++)
    {
        const expect_key *row = &expect_keys[i];
        if ((row->kinds & kind) == 0)
        {
            fbc_refuse(reader,
                       &values[row->key],
                       fbc_object_expect.keys[row->key].key,
                       row->expected);
        }
    }
}

/* One of OF_*; 0 after an error. */
static uint8_t
read_kind(fbc_reader *reader, const fbc_value *values, fbc_expect *expect)
{
    size_t subjects = 0;
    for (size_t i = FBC_EXPECT_FLOW; i <= FBC_EXPECT_BINDINGS; i++)
    {
        subjects += values[i].given ? 1u : 0u;
    }
    if (subjects != 1)
    {
        fbc_error(reader,
                  expect->place,
                  "an expectation about %s; expected one of flow, traffic, message, bindings",
                  subjects == 0 ? "nothing" : "several things");
        return 0;
    }
    if (values[FBC_EXPECT_BINDINGS].given)
    {
        expect->kind = FBC_EXPECTS_BINDINGS;
        return OF_BINDINGS;
    }
    if (values[FBC_EXPECT_MESSAGE].given)
    {
        static const uint8_t kinds[] = {[MESSAGE_REQUEST] = OF_REQUESTS,
                                        [MESSAGE_REPLY] = OF_REPLIES,
                                        [MESSAGE_HEARTBEAT] = OF_HEARTBEATS};
        const fbc_value *message = &values[FBC_EXPECT_MESSAGE];
        expect->kind = FBC_EXPECTS_MESSAGE;
        return message->valid ? kinds[message->number] : OF_MESSAGES;
    }
    return OF_TRAFFIC;
}

static void
read_expect(fbc_reader *reader,
            const yaml_node_t *node,
            bool policy_failed,
            const fbc_scenario *scenario,
            fbc_expect *expect)
{
    fbc_value values[FBC_KEYS_MAX];
    expect->place = fbc_node_place(node);
    if (!fbc_object_read(reader, &fbc_object_expect, node, values))
    {
        return;
    }
    uint8_t kind = read_kind(reader, values, expect);
    if (kind == 0)
    {
        return;
    }
    refuse_keys(reader, values, kind);
    if (kind == OF_TRAFFIC)
    {
        read_traffic(reader, values, policy_failed, scenario, expect);
    }
    else if (kind == OF_BINDINGS)
    {
        read_bindings(reader, values, scenario, expect);
    }
    else
    {
        read_message(reader, values, scenario, expect);
    }
}

void
fbc_expect_read(fbc_reader *reader,
                const fbc_value *list,
                bool policy_failed,
                fbc_scenario *scenario)
{
    if (!list->valid)
    {
        return;
    }
    scenario->expect_count = fbc_list_count(list->node);
    scenario->expect = fbc_arena_array(reader->arena, scenario->expect_count, sizeof(fbc_expect));
    for (size_t i = 0; i < scenario->expect_count; i++)
    {
        const yaml_node_t *node = fbc_list_item(reader, list->node, i);
        read_expect(reader, node, policy_failed, scenario, &scenario->expect[i]);
    }
}
