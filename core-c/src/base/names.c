/* SPDX-License-Identifier: BSD-3-Clause */
#include "flowbind/agent.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Indexed by the error with its sign taken away. */
static const char *const errors[] = {
    [-FB_OK] = "no error",
    [-FB_ERR_ARGUMENT] = "an argument is outside its documented range",
    [-FB_ERR_MEMORY] = "the memory is smaller than fb_agent_size() says, or not aligned to 16",
    [-FB_ERR_CONFIG] = "the configuration contradicts itself",
    [-FB_ERR_LIMIT] = "a configured limit is reached",
    [-FB_ERR_TIME] = "the time passed in is earlier than that of the call before",
    [-FB_ERR_NOT_DRAINED] = "outputs or actions of the last call were not polled",
    [-FB_ERR_UNKNOWN] = "no such link, node or role",
};

_Static_assert(COUNT(errors) == 1 - FB_ERR_UNKNOWN, "every error has its text");

const char *
fb_error_text(int error)
{
    /* Compared before the sign is taken away: -INT_MIN does not exist. */
    if (error > FB_OK || error < FB_ERR_UNKNOWN)
    {
        return "not an error of this library";
    }
    return errors[-error];
}

static const char *const binding_states[] = {
    [FB_BINDING_DOWN] = "down",
    [FB_BINDING_QUEUED] = "queued",
    [FB_BINDING_PENDING] = "pending",
    [FB_BINDING_UP] = "up",
    [FB_BINDING_UP_PENDING] = "up-pending",
    [FB_BINDING_DEREGISTERING] = "deregistering",
    [FB_BINDING_BLOCKED] = "blocked",
    [FB_BINDING_WAITING] = "waiting",
    [FB_BINDING_PROBING] = "probing",
    [FB_BINDING_STANDBY] = "standby",
};

_Static_assert(COUNT(binding_states) == FB_BINDING_STANDBY + 1, "every state has its name");

const char *
fb_binding_state_name(int state)
{
    if (state < FB_BINDING_DOWN || state > FB_BINDING_STANDBY)
    {
        return "?";
    }
    return binding_states[state];
}

static const char *const causes[] = {
    [FB_CAUSE_NONE] = "none",
    [FB_CAUSE_LINK_UP] = "link-up",
    [FB_CAUSE_LINK_DOWN] = "link-down",
    [FB_CAUSE_ADDRESS_CHANGED] = "address-changed",
    [FB_CAUSE_REGISTERED] = "registered",
    [FB_CAUSE_DEREGISTERED] = "deregistered",
    [FB_CAUSE_OVERWRITTEN] = "overwritten",
    [FB_CAUSE_REPLACED] = "replaced",
    [FB_CAUSE_EXPIRED] = "expired",
    [FB_CAUSE_DENIED] = "denied",
    [FB_CAUSE_REFRESH] = "refresh",
    [FB_CAUSE_POLICY_CHANGED] = "policy-changed",
    [FB_CAUSE_RETRY] = "retry",
    [FB_CAUSE_ADMINISTRATOR] = "administrator",
    [FB_CAUSE_NO_ANSWER] = "no-answer",
    [FB_CAUSE_TOKEN] = "token",
    [FB_CAUSE_AGENT] = "agent",
    [FB_CAUSE_HOME] = "home",
    [FB_CAUSE_KEEPALIVE] = "keepalive",
    [FB_CAUSE_HEARTBEAT] = "heartbeat",
    [FB_CAUSE_PEER_RESTART] = "peer-restart",
    [FB_CAUSE_HANDOFF] = "handoff",
    [FB_CAUSE_PROBE] = "probe",
    [FB_CAUSE_METRICS] = "metrics",
};

_Static_assert(COUNT(causes) == FB_CAUSE_COUNT, "every cause has its name");

const char *
fb_cause_name(int cause)
{
    if (cause < FB_CAUSE_NONE || cause >= FB_CAUSE_COUNT)
    {
        return "?";
    }
    return causes[cause];
}
