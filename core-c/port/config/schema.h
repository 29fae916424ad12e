/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_CONFIG_SCHEMA_H
#define FLOWBIND_CONFIG_SCHEMA_H

/**
 * @file
 * What may stand in a policy or scenario file: one table of objects, each a table of keys. The reader checks files
 * against it and fbc_reference_print() makes doc/scenario-reference.md of it, so that the two cannot differ.
 *
 * A new key is a new row, a new constant in the enumeration of its object, and the line that uses the value.
 */

#include "tree.h"
#include "value.h"

typedef enum fbc_type
{
    /* One scalar */
    FBC_NAME, /**< text: letters, digits, '-', '_', '.' */
    FBC_INTEGER, /**< number */
    FBC_DURATION, /**< number: ns */
    FBC_RATE, /**< number: bit/s */
    FBC_SIZE, /**< number: octets */
    FBC_QUEUE, /**< number; end = 1: packets, 0: octets */
    FBC_SHARE, /**< number: parts per million */
    FBC_LENGTH, /**< number: mm */
    FBC_SPEED, /**< number: um/h */
    FBC_DECIMAL, /**< number: thousandths */
    FBC_BOOLEAN, /**< number: 0 or 1 */
    FBC_NAI, /**< text: a network access identifier */
    FBC_CHOICE, /**< number: index in `choices` */
    FBC_SCHEDULER, /**< number: as fb_scheduler_name() has them */
    FBC_PROTOCOLS, /**< number..end */
    FBC_NUMBERS, /**< number..end */
    FBC_DSCPS, /**< number..end */
    FBC_ADDRESSES, /**< number..end */
    FBC_ADDRESSES6, /**< octets..octets_end */
    FBC_ANY_ADDRESSES, /**< of IPv4 number..end; `ipv6`: octets..octets_end */
    /* A list of scalars */
    FBC_CHOICES, /**< number: bit n for choice n */
    FBC_INTERVAL, /**< number..end: ns */
    FBC_POSITION, /**< x_mm, y_mm */
    FBC_NAMES, /**< node */
    FBC_RATES, /**< node */
    FBC_NAMES_OR_OBJECT, /**< the same, or a mapping */
    FBC_SCHEDULER_OR_OBJECT, /**< FBC_SCHEDULER, or a mapping: `text` is NULL then */
    /* Structure: the node is for the caller */
    FBC_OBJECT,
    FBC_OBJECTS, /**< a list of mappings; min..max is their number */
    FBC_FILE, /**< the name of one */
    FBC_FILE_OR_OBJECT,
    FBC_FREE, /**< a mapping with any keys */
    FBC_TYPE_COUNT
} fbc_type;

typedef struct fbc_key
{
    const char *key;
    fbc_type type;
    bool required;
    const char *
        /** what is read when the key is not there, as it would be written; NULL: nothing */
        preset;
    uint64_t min, max; /**< 0, 0: whatever the type allows */
    uint64_t step; /**< the value is a multiple of it; 0: any */
    const char *const *choices;
    const char *help;
} fbc_key;

typedef struct fbc_object
{
    const char *path; /**< "paths[]": where it stands */
    const char *help;
    const char *example;
    const fbc_key *keys; /**< ends with a NULL key */
} fbc_object;

/** Most keys of one object. */
#define FBC_KEYS_MAX 32

typedef struct fbc_value
{
    bool given; /**< it stands in the file */
    bool meant; /**< it does not, but a key does that looks like it misspelt */
    bool valid; /**< ... and is right, or its default is */
    uint64_t number, end;
    const char *text; /**< of every scalar, as long as the arena */
    const yaml_node_t *node;
    fbc_place place;
    bool ipv6; /**< an IPv6 address, prefix or range */
    uint8_t octets[FBC_ADDRESS6], octets_end[FBC_ADDRESS6];
    int64_t x_mm, y_mm; /**< of a position */
} fbc_value;

/* Keys of each object, in the order of its table. */
enum
{
    FBC_POLICY_FLOWS,
    FBC_POLICY_BY,
    FBC_POLICY_DEFAULT
};

enum
{
    FBC_FLOW_NAME,
    FBC_FLOW_MATCH,
    FBC_FLOW_USE
};

enum
{
    FBC_GROUP_SPREAD,
    FBC_GROUP_SCHEDULER,
    FBC_GROUP_REORDER
};

enum
{
    FBC_DEFAULT_SCHEDULER,
    FBC_DEFAULT_REORDER
};

enum
{
    FBC_MATCH_PROTOCOL,
    FBC_MATCH_PORT,
    FBC_MATCH_LOCAL_PORT,
    FBC_MATCH_ADDRESS,
    FBC_MATCH_LOCAL_ADDRESS,
    FBC_MATCH_DSCP,
    FBC_MATCH_SPI,
    FBC_MATCH_FAMILY,
    FBC_MATCH_FLOW_LABEL
};

enum
{
    FBC_SCENARIO_PROTOCOL,
    FBC_SCENARIO_DURATION,
    FBC_SCENARIO_WARMUP,
    FBC_SCENARIO_SEED,
    FBC_SCENARIO_PATHS,
    FBC_SCENARIO_HOME,
    FBC_SCENARIO_POLICY,
    FBC_SCENARIO_STATIC_POLICY,
    FBC_SCENARIO_MOBILE_NETWORK,
    FBC_SCENARIO_IPV6_PREFIX,
    FBC_SCENARIO_TRAFFIC,
    FBC_SCENARIO_EVENTS,
    FBC_SCENARIO_MEASURE,
    FBC_SCENARIO_EXPECT,
    FBC_SCENARIO_TCP,
    FBC_SCENARIO_BACKHAUL,
    FBC_SCENARIO_TIMERS,
    FBC_SCENARIO_MOBILE_NODE,
    FBC_SCENARIO_HOME_AGENT,
    FBC_SCENARIO_NS3,
    FBC_SCENARIO_GATEWAYS,
    FBC_SCENARIO_HOSTS,
    FBC_SCENARIO_ACCESS_GATEWAY,
    FBC_SCENARIO_ANCHOR,
    FBC_SCENARIO_PROBE
};

enum
{
    FBC_PATH_KEY_NAME,
    FBC_PATH_KEY_TYPE,
    FBC_PATH_KEY_BID,
    FBC_PATH_KEY_LABEL,
    FBC_PATH_KEY_COST,
    FBC_PATH_KEY_WEIGHT,
    FBC_PATH_KEY_RATE,
    FBC_PATH_KEY_UP,
    FBC_PATH_KEY_DOWN,
    FBC_PATH_KEY_DELAY,
    FBC_PATH_KEY_QUEUE,
    FBC_PATH_KEY_MTU,
    FBC_PATH_KEY_LOSS,
    FBC_PATH_KEY_ENCAPSULATION,
    FBC_PATH_KEY_UDP,
    FBC_PATH_KEY_NAT,
    FBC_PATH_KEY_NAT_TIMEOUT,
    FBC_PATH_KEY_CARE_OF,
    FBC_PATH_KEY_AGENT,
    FBC_PATH_KEY_GATEWAY,
    FBC_PATH_KEY_TRANSPORT,
    FBC_PATH_KEY_GRE_KEY,
    FBC_PATH_KEY_POSITION,
    FBC_PATH_KEY_USERS,
    FBC_PATH_KEY_RADIO
};

enum
{
    FBC_USERS_COUNT,
    FBC_USERS_DOWN,
    FBC_USERS_UP,
    FBC_USERS_PACKET,
    FBC_USERS_DISTANCE
};

enum
{
    FBC_WLAN_STANDARD,
    FBC_WLAN_BAND,
    FBC_WLAN_WIDTH,
    FBC_WLAN_RATE_CONTROL,
    FBC_WLAN_EXPONENT
};

enum
{
    FBC_LTE_SCHEDULER,
    FBC_LTE_BANDWIDTH,
    FBC_LTE_SECOND_CELL,
    FBC_LTE_HYSTERESIS,
    FBC_LTE_TIME_TO_TRIGGER,
    FBC_LTE_EXPONENT
};

enum
{
    FBC_CDMA_FADING,
    FBC_CDMA_FADING_SPEED,
    FBC_CDMA_EXPONENT
};

enum
{
    FBC_HOME_LINK_RATE,
    FBC_HOME_LINK_ADVERTISEMENT
};

enum
{
    FBC_AGENT_ADVERTISEMENT,
    FBC_AGENT_REVERSE_TUNNEL,
    FBC_AGENT_REQUIRE_REVERSE_TUNNEL,
    FBC_AGENT_ENCAPSULATING_DELIVERY,
    FBC_AGENT_GRE,
    FBC_AGENT_MINIMAL,
    FBC_AGENT_BUSY,
    FBC_AGENT_LEGACY,
    FBC_AGENT_AUTHENTICATE
};

enum
{
    FBC_TRAFFIC_NAME,
    FBC_TRAFFIC_KIND,
    FBC_TRAFFIC_DIRECTION,
    FBC_TRAFFIC_HOST,
    FBC_TRAFFIC_FLOW,
    FBC_TRAFFIC_MATCH,
    FBC_TRAFFIC_RATE,
    FBC_TRAFFIC_PACKET,
    FBC_TRAFFIC_BYTES,
    FBC_TRAFFIC_START,
    FBC_TRAFFIC_STOP,
    FBC_TRAFFIC_CODEC,
    FBC_TRAFFIC_PLAYOUT,
    FBC_TRAFFIC_CAPTURE,
    FBC_TRAFFIC_CAPTURE_HOST,
    FBC_TRAFFIC_PAGE,
    FBC_TRAFFIC_OBJECTS,
    FBC_TRAFFIC_THINK,
    FBC_TRAFFIC_CONNECTIONS,
    FBC_TRAFFIC_LADDER,
    FBC_TRAFFIC_SEGMENT,
    FBC_TRAFFIC_BUFFER,
    FBC_TRAFFIC_START_UP
};

enum
{
    FBC_TRAFFIC_MATCH_PROTOCOL,
    FBC_TRAFFIC_MATCH_PORT,
    FBC_TRAFFIC_MATCH_FAMILY
};

enum
{
    FBC_EVENT_AT,
    FBC_EVENT_PATH,
    FBC_EVENT_DO,
    FBC_EVENT_ADDRESS,
    FBC_EVENT_NEW_POLICY,
    FBC_EVENT_WHAT,
    FBC_EVENT_COUNT,
    FBC_EVENT_FOR,
    FBC_EVENT_HOST,
    FBC_EVENT_GATEWAY,
    FBC_EVENT_RATE,
    FBC_EVENT_TO,
    FBC_EVENT_SPEED
};

enum
{
    FBC_EXPECT_FLOW,
    FBC_EXPECT_TRAFFIC,
    FBC_EXPECT_MESSAGE,
    FBC_EXPECT_BINDINGS,
    FBC_EXPECT_TUNNELS,
    FBC_EXPECT_BETWEEN,
    FBC_EXPECT_PATH,
    FBC_EXPECT_GOODPUT_MIN,
    FBC_EXPECT_LOSS_MAX,
    FBC_EXPECT_DELAY_MAX,
    FBC_EXPECT_FAILOVER_GAP_MAX,
    FBC_EXPECT_MOS_MIN,
    FBC_EXPECT_COMPLETION_MAX,
    FBC_EXPECT_PAGE_TIME_MAX,
    FBC_EXPECT_STALLS_MAX,
    FBC_EXPECT_CODE,
    FBC_EXPECT_BID,
    FBC_EXPECT_LIFETIME,
    FBC_EXPECT_BULK,
    FBC_EXPECT_OVERWRITE,
    FBC_EXPECT_MULTIPATH,
    FBC_EXPECT_RULES,
    FBC_EXPECT_COUNT,
    FBC_EXPECT_AT,
    FBC_EXPECT_SHARE_MIN,
    FBC_EXPECT_SESSION
};

enum
{
    FBC_TCP_VARIANT,
    FBC_TCP_SEGMENT,
    FBC_TCP_BUFFERS
};

enum
{
    FBC_BACKHAUL_ACCESS,
    FBC_BACKHAUL_CORE,
    FBC_BACKHAUL_RATE
};

enum
{
    FBC_TIMER_LIFETIME,
    FBC_TIMER_LIFETIME_MAX,
    FBC_TIMER_RETRANSMIT,
    FBC_TIMER_RETRY_DENIED,
    FBC_TIMER_LEGACY_RETRY,
    FBC_TIMER_REPLAY_TOLERANCE
};

enum
{
    FBC_PROBE_KEY_INTERVAL,
    FBC_PROBE_KEY_IDLE,
    FBC_PROBE_KEY_HOLD_DOWN
};

enum
{
    FBC_MOBILE_MULTIPATH,
    FBC_MOBILE_NEGOTIATE_POLICY,
    FBC_MOBILE_BULK_REFRESH,
    FBC_MOBILE_REVERSE_TUNNEL,
    FBC_MOBILE_COA_CHANGE,
    FBC_MOBILE_REPLAY,
    FBC_MOBILE_NAI,
    FBC_MOBILE_HOME_ADDRESS,
    FBC_MOBILE_IMPLICIT_NETWORKS,
    FBC_MOBILE_ENCAPSULATING_DELIVERY,
    FBC_MOBILE_CLOCK_OFFSET,
    FBC_MOBILE_POSITION,
    FBC_MOBILE_PATH_METRICS,
    FBC_MOBILE_SAMPLE,
    FBC_MOBILE_METRICS_INTERVAL
};

enum
{
    FBC_HOME_MULTIPATH,
    FBC_HOME_ALLOW_MULTIPATH,
    FBC_HOME_FLOW_POLICY,
    FBC_HOME_LEGACY,
    FBC_HOME_REPLY_BAD_AUTHENTICATOR,
    FBC_HOME_UNKNOWN_BID_STRICT,
    FBC_HOME_REQUIRE_REVERSE_TUNNEL,
    FBC_HOME_STRICT_TECHNOLOGY,
    FBC_HOME_STRICT_RESERVED,
    FBC_HOME_LENIENT_DEREGISTRATION,
    FBC_HOME_MERGE_POLICY,
    FBC_HOME_ECHO_POLICY,
    FBC_HOME_REPLAY_PER_BINDING,
    FBC_HOME_REVERSE_TUNNEL,
    FBC_HOME_GRE,
    FBC_HOME_MINIMAL,
    FBC_HOME_UDP_TUNNEL,
    FBC_HOME_UDP_FORCE,
    FBC_HOME_KEEPALIVE,
    FBC_HOME_NETWORKS,
    FBC_HOME_CLOCK_OFFSET
};

enum
{
    FBC_GATEWAY_NAME,
    FBC_GATEWAY_LOGICAL,
    FBC_GATEWAY_POSITION
};

enum
{
    FBC_HOST_NAME,
    FBC_HOST_GATEWAY,
    FBC_HOST_SESSION,
    FBC_HOST_ATTACHED,
    FBC_HOST_IPV4
};

enum
{
    FBC_ACCESS_MULTIPATH,
    FBC_ACCESS_NEGOTIATE_POLICY,
    FBC_ACCESS_BULK_REFRESH,
    FBC_ACCESS_CONCURRENT,
    FBC_ACCESS_ANCHOR_CAPABLE,
    FBC_ACCESS_SEQUENCE_NUMBERS,
    FBC_ACCESS_LOCAL_ROUTING,
    FBC_ACCESS_FLOW_DECISION,
    FBC_ACCESS_HEARTBEAT,
    FBC_ACCESS_HEARTBEAT_MISSING,
    FBC_ACCESS_CLOCK_OFFSET,
    FBC_ACCESS_PATH_METRICS,
    FBC_ACCESS_SAMPLE,
    FBC_ACCESS_METRICS_INTERVAL
};

enum
{
    FBC_ANCHOR_MULTIPATH,
    FBC_ANCHOR_ALLOW_MULTIPATH,
    FBC_ANCHOR_LEGACY,
    FBC_ANCHOR_REQUIRE_IDENTIFIER,
    FBC_ANCHOR_ANY_GATEWAY,
    FBC_ANCHOR_FLOW_POLICY,
    FBC_ANCHOR_GRE,
    FBC_ANCHOR_REQUIRE_GRE,
    FBC_ANCHOR_FORCE_UDP,
    FBC_ANCHOR_DELEGATION,
    FBC_ANCHOR_SEQUENCE_PER_SESSION,
    FBC_ANCHOR_HEARTBEAT,
    FBC_ANCHOR_DELETE_DELAY,
    FBC_ANCHOR_HANDOFF_WAIT,
    FBC_ANCHOR_TIMESTAMP_WINDOW,
    FBC_ANCHOR_CLOCK_OFFSET
};

extern const fbc_object fbc_object_policy;
extern const fbc_object fbc_object_flow;
extern const fbc_object fbc_object_match;
extern const fbc_object fbc_object_group;
extern const fbc_object fbc_object_default;
extern const fbc_object fbc_object_scenario;
extern const fbc_object fbc_object_path;
extern const fbc_object fbc_object_users;
extern const fbc_object fbc_object_wlan;
extern const fbc_object fbc_object_lte;
extern const fbc_object fbc_object_cdma;
extern const fbc_object fbc_object_home_link;
extern const fbc_object fbc_object_agent;
extern const fbc_object fbc_object_traffic;
extern const fbc_object fbc_object_traffic_match;
extern const fbc_object fbc_object_event;
extern const fbc_object fbc_object_expect;
extern const fbc_object fbc_object_tcp;
extern const fbc_object fbc_object_backhaul;
extern const fbc_object fbc_object_timers;
extern const fbc_object fbc_object_probe;
extern const fbc_object fbc_object_mobile_node;
extern const fbc_object fbc_object_home_agent;
extern const fbc_object fbc_object_gateway;
extern const fbc_object fbc_object_host;
extern const fbc_object fbc_object_access_gateway;
extern const fbc_object fbc_object_anchor;

/** TCP variants beside the names in the table: what ns-3 calls them, in the same order. */
extern const char *const fbc_tcp_type_ids[];

/**
 * Reads mapping @p node (NULL: not there, all defaults) into @p values, one a key, in the order of the table. Every
 * error is reported; values that are wrong are not valid. False when @p node is no mapping.
 */
bool fbc_object_read(fbc_reader *reader,
                     const fbc_object *object,
                     const yaml_node_t *node,
                     fbc_value values[FBC_KEYS_MAX]);

/** A rate that is an item of a list called @p what: bit/s; 0 after an error. */
uint64_t fbc_rate_read(fbc_reader *reader, const yaml_node_t *node, const char *what);

/** One name of a list (FBC_NAMES) or a free-standing one. NULL after an error. */
const char *fbc_name_read(fbc_reader *reader, const yaml_node_t *node, const char *what);

/** The most similar of @p count names; NULL when none is similar. */
const char *fbc_suggest(const char *text, const char *const *names, size_t count);

/** Writes "; did you mean 'x'?" or "; expected one of a, b" to @p buffer. */
void fbc_expected(const char *text,
                  const char *const *names,
                  size_t count,
                  char *buffer,
                  size_t size);

/** Prints the reference as Markdown. */
void fbc_reference_print(FILE *stream);

/** Text of a limit of @p key in the unit of its type. */
void fbc_limit_format(const fbc_key *key, uint64_t value, char *buffer, size_t size);

#endif
