/* SPDX-License-Identifier: BSD-3-Clause */
#include "schema.h"

/* The part of the language that is about Proxy Mobile IPv6: gateways, hosts behind them, and the anchor. */

#define DAY_NS UINT64_C(86400000000000)
#define SECOND_NS UINT64_C(1000000000)
#define MILLISECOND_NS UINT64_C(1000000)
#define LONGEST_NS (65535 * MILLISECOND_NS)

/* In the order of fbc_logical. */
static const char *const logical_names[] = {"none", "home-network", "delegated", NULL};

/* own is 0. */
static const char *const session_names[] = {"own", "gateway", NULL};

/* In the order of FB_FLOW_DECISION_*. */
static const char *const decision_names[] = {"gateway", "anchor", NULL};

static const fbc_key gateway_keys[] = {
    [FBC_GATEWAY_NAME] =
        {.key = "name",
         .type = FBC_NAME,
         .required = true,
         .help =
             "What hosts, paths and tables call it. Unique. Its MAG Identifier is NAME@gateways.example.com."},
    [FBC_GATEWAY_LOGICAL] =
        {.key = "logical",
         .type = FBC_CHOICE,
         .preset = "none",
         .choices = logical_names,
         .help =
             "Whether it registers a session of its own, as a logical mobile node (RFC 8278 3.1): "
             "with a home network prefix, enough for one host, or with a delegated prefix (RFC "
             "7148), of which each host gets a part."},
    [FBC_GATEWAY_POSITION] = {.key = "position",
                              .type = FBC_POSITION,
                              .help = "Where it is at first; see `move` of events. [0, 0] when "
                                      "not given."},
    {.key = NULL},
};

static const fbc_key host_keys[] = {
    [FBC_HOST_NAME] = {.key = "name",
                       .type = FBC_NAME,
                       .required = true,
                       .help =
                           "What traffic, events and tables call it. Unique, also among gateways."},
    [FBC_HOST_GATEWAY] = {.key = "gateway",
                          .type = FBC_NAME,
                          .help = "The gateway it is at. The first when not given."},
    [FBC_HOST_SESSION] =
        {.key = "session",
         .type = FBC_CHOICE,
         .preset = "own",
         .choices = session_names,
         .help = "`own`: a gateway registers it when it attaches (RFC 5213). `gateway`: it has an "
                 "address of its gateway's logical session."},
    [FBC_HOST_ATTACHED] = {.key = "attached",
                           .type = FBC_BOOLEAN,
                           .preset = "true",
                           .help = "It is there from the start; `false`: see `attach` of events."},
    [FBC_HOST_IPV4] = {.key = "ipv4",
                       .type = FBC_BOOLEAN,
                       .preset = "false",
                       .help = "It has an IPv4 home address too, which the anchor gives it (RFC "
                               "5844 3). With `session: own`."},
    {.key = NULL},
};

static const fbc_key access_gateway_keys[] = {
    [FBC_ACCESS_MULTIPATH] = {.key = "multipath",
                              .type = FBC_BOOLEAN,
                              .preset = "true",
                              .help =
                                  "It uses RFC 8278; `false`: RFC 5213 with one path at a time."},
    [FBC_ACCESS_NEGOTIATE_POLICY] = {.key = "negotiate-policy",
                                     .type = FBC_BOOLEAN,
                                     .preset = "true",
                                     .help = "It sends the policy to the anchor (RFC 6089)."},
    [FBC_ACCESS_BULK_REFRESH] = {.key = "bulk-refresh",
                                 .type = FBC_BOOLEAN,
                                 .preset = "true",
                                 .help =
                                     "One update refreshes all bindings of a session (B flag)."},
    [FBC_ACCESS_CONCURRENT] =
        {.key = "concurrent",
         .type = FBC_BOOLEAN,
         .preset = "true",
         .help = "Several updates of a session are under way at a time, if they have timestamps."},
    [FBC_ACCESS_ANCHOR_CAPABLE] =
        {.key = "anchor-capable",
         .type = FBC_BOOLEAN,
         .preset = "false",
         .help = "It knows that the anchor understands RFC 8278; `false`: it finds out on one path "
                 "first (RFC 8278 4.4)."},
    [FBC_ACCESS_SEQUENCE_NUMBERS] =
        {.key = "sequence-numbers",
         .type = FBC_BOOLEAN,
         .preset = "false",
         .help = "Updates are ordered by sequence numbers, not timestamps (RFC 5213 5.5)."},
    [FBC_ACCESS_LOCAL_ROUTING] =
        {.key = "local-routing",
         .type = FBC_BOOLEAN,
         .preset = "false",
         .help = "Packets between its own hosts do not go to the anchor (RFC 5213 6.10.3)."},
    [FBC_ACCESS_FLOW_DECISION] =
        {.key = "flow-decision",
         .type = FBC_CHOICE,
         .preset = "gateway",
         .choices = decision_names,
         .help =
             "Which end decides where flows go, told to both: the anchor refuses the policies of gateways then."},
    [FBC_ACCESS_HEARTBEAT] = {.key = "heartbeat",
                              .type = FBC_DURATION,
                              .preset = "0s",
                              .max = 3600 * SECOND_NS,
                              .step = SECOND_NS,
                              .help = "Time between two heartbeats (RFC 5847); 0s: none."},
    [FBC_ACCESS_HEARTBEAT_MISSING] =
        {.key = "heartbeat-missing",
         .type = FBC_INTEGER,
         .preset = "3",
         .min = 1,
         .max = 255,
         .help = "More than so many in a row without an answer: the path is dead."},
    [FBC_ACCESS_CLOCK_OFFSET] = {.key = "clock-offset",
                                 .type = FBC_DURATION,
                                 .preset = "0s",
                                 .max = DAY_NS,
                                 .help = "By how much its clock is ahead of the right time."},
    [FBC_ACCESS_PATH_METRICS] =
        {.key = "path-metrics",
         .type = FBC_BOOLEAN,
         .preset = "false",
         .help = "It knows rates, delays and losses of those of its paths that are links with a "
                 "rate of their own, and tells the anchor with its updates (RFC 5094): for "
                 "schedulers."},
    [FBC_ACCESS_SAMPLE] =
        {.key = "sample",
         .type = FBC_DURATION,
         .preset = "0s",
         .max = 3600 * SECOND_NS,
         .step = MILLISECOND_NS,
         .help = "With `path-metrics`: how often it looks at what waits in the queues of its "
                 "paths, for schedulers that go by that; 0s: never."},
    [FBC_ACCESS_METRICS_INTERVAL] =
        {.key = "metrics-interval",
         .type = FBC_DURATION,
         .preset = "10s",
         .max = 3600 * SECOND_NS,
         .step = SECOND_NS,
         .help =
             "With `path-metrics`: when what it knows of a path changes by more than a quarter, the anchor "
             "hears of it at once, with an update for this alone, but not again within this time; 0s: only with the "
             "next refresh."},
    {.key = NULL},
};

static const fbc_key anchor_keys[] = {
    [FBC_ANCHOR_MULTIPATH] = {.key = "multipath",
                              .type = FBC_BOOLEAN,
                              .preset = "true",
                              .help =
                                  "It does RFC 8278; `false`: it answers status 180 to everybody."},
    [FBC_ANCHOR_ALLOW_MULTIPATH] =
        {.key = "allow-multipath",
         .type = FBC_BOOLEAN,
         .preset = "true",
         .help = "Mobile nodes have the right to several paths; `false`: status 180."},
    [FBC_ANCHOR_LEGACY] = {.key = "legacy",
                           .type = FBC_BOOLEAN,
                           .preset = "false",
                           .help = "It knows RFC 5213 only, and skips RFC 8278's options."},
    [FBC_ANCHOR_REQUIRE_IDENTIFIER] =
        {.key = "require-gateway-identifier",
         .type = FBC_BOOLEAN,
         .preset = "true",
         .help = "It refuses multipath bindings without a MAG Identifier (RFC 8278 4.2)."},
    [FBC_ANCHOR_ANY_GATEWAY] = {.key = "any-gateway",
                                .type = FBC_BOOLEAN,
                                .preset = "false",
                                .help =
                                    "It accepts gateways it was not told of; `false`: status 154."},
    [FBC_ANCHOR_FLOW_POLICY] =
        {.key = "flow-policy",
         .type = FBC_BOOLEAN,
         .preset = "true",
         .help = "It accepts policies (RFC 6089); `false`: it does not know them."},
    [FBC_ANCHOR_GRE] = {.key = "gre",
                        .type = FBC_BOOLEAN,
                        .preset = "true",
                        .help = "It grants GRE with keys; `false`: it does not know them."},
    [FBC_ANCHOR_REQUIRE_GRE] = {.key = "require-gre",
                                .type = FBC_BOOLEAN,
                                .preset = "false",
                                .help = "Status 163 to updates without GRE keys."},
    [FBC_ANCHOR_FORCE_UDP] =
        {.key = "force-udp",
         .type = FBC_BOOLEAN,
         .preset = "true",
         .help = "It grants UDP tunnels where there is no NAT; `false`: status 129."},
    [FBC_ANCHOR_DELEGATION] = {.key = "delegation",
                               .type = FBC_BOOLEAN,
                               .preset = "true",
                               .help = "It delegates prefixes (RFC 7148); `false`: status 177."},
    [FBC_ANCHOR_SEQUENCE_PER_SESSION] =
        {.key = "sequence-per-session",
         .type = FBC_BOOLEAN,
         .preset = "false",
         .help = "Timestamps are compared within a session, not within a binding."},
    [FBC_ANCHOR_HEARTBEAT] = {.key = "heartbeat",
                              .type = FBC_DURATION,
                              .preset = "0s",
                              .max = 3600 * SECOND_NS,
                              .step = SECOND_NS,
                              .help = "Time between two heartbeats (RFC 5847); 0s: none."},
    [FBC_ANCHOR_DELETE_DELAY] =
        {.key = "delete-delay",
         .type = FBC_DURATION,
         .preset = "10s",
         .max = LONGEST_NS,
         .step = MILLISECOND_NS,
         .help =
             "How long it remembers a session that was de-registered: MinDelayBeforeBCEDelete (RFC 5213 9.1)."},
    [FBC_ANCHOR_HANDOFF_WAIT] =
        {.key = "handoff-wait",
         .type = FBC_DURATION,
         .preset = "1500ms",
         .max = LONGEST_NS,
         .step = MILLISECOND_NS,
         .help = "How long an update of unknown kind waits for the old gateway: "
                 "MaxDelayBeforeNewBCEAssign (RFC 5213 9.1)."},
    [FBC_ANCHOR_TIMESTAMP_WINDOW] =
        {.key = "timestamp-window",
         .type = FBC_DURATION,
         .preset = "3s",
         .min = MILLISECOND_NS,
         .max = LONGEST_NS,
         .step = MILLISECOND_NS,
         .help = "How far the clocks may be apart: TimestampValidityWindow (RFC 5213 9.1)."},
    [FBC_ANCHOR_CLOCK_OFFSET] = {.key = "clock-offset",
                                 .type = FBC_DURATION,
                                 .preset = "0s",
                                 .max = DAY_NS,
                                 .help = "By how much its clock is ahead of the right time."},
    {.key = NULL},
};

const fbc_object fbc_object_gateway = {
    "gateways[]",
    "One mobile access gateway of `protocol: pmip6`. Its links toward the anchor are those `paths` that name it.",
    "gateways:\n"
    "  - {name: mag1, logical: delegated}\n",
    gateway_keys,
};

const fbc_object fbc_object_host = {
    "hosts[]",
    "One mobile node of `protocol: pmip6`, an ordinary host: its IPv6 address comes from router advertisements.",
    "hosts:\n"
    "  - {name: mn1, gateway: mag1, session: gateway}\n",
    host_keys,
};

const fbc_object fbc_object_access_gateway = {
    "access-gateway",
    "What every gateway does. Its times are in `timers`.",
    NULL,
    access_gateway_keys,
};

const fbc_object fbc_object_anchor = {
    "anchor",
    "What the anchor does and allows.",
    NULL,
    anchor_keys,
};
