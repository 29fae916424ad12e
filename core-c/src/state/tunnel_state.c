/* SPDX-License-Identifier: BSD-3-Clause */
#include "state/tunnel_state.h"

#include <string.h>

static fb_time
known_until(const fb_tunnel_state *state)
{
    return state->mtu_until > state->unreachable_until ? state->mtu_until
                                                       : state->unreachable_until;
}

static bool
is_same(const fb_addr *a, const fb_addr *b)
{
    return a->family == b->family &&
           memcmp(a->octet, b->octet, a->family == FB_FAMILY_IPV4 ? 4 : sizeof a->octet) == 0;
}

static bool
is_of(const fb_tunnel_state *state, const fb_tunnel_ends *ends)
{
    return is_same(&state->ends.source, &ends->source) &&
           is_same(&state->ends.destination, &ends->destination) &&
           state->ends.destination_port == ends->destination_port;
}

const fb_tunnel_state *
fb_tunnel_state_find(const fb_tunnel_states *states, const fb_tunnel_ends *ends, fb_time now)
{
    for (size_t i = 0; i < FB_TUNNEL_STATES; i++)
    {
        const fb_tunnel_state *state = &states->item[i];

        if (is_of(state, ends) && known_until(state) > now)
        {
            return state;
        }
    }
    return NULL;
}

/** The entry of a tunnel: its own, or that which is forgotten first, emptied. */
static fb_tunnel_state *
entry_for(fb_tunnel_states *states, const fb_tunnel_ends *ends)
{
    fb_tunnel_state *first = &states->item[0];

    for (size_t i = 0; i < FB_TUNNEL_STATES; i++)
    {
        fb_tunnel_state *state = &states->item[i];

        if (is_of(state, ends))
        {
            return state;
        }
        first = known_until(state) < known_until(first) ? state : first;
    }
    *first = (fb_tunnel_state){.ends = *ends};
    return first;
}

static void
note_trouble(fb_tunnel_states *states, fb_time until)
{
    states->trouble_until = until > states->trouble_until ? until : states->trouble_until;
}

void
fb_tunnel_state_too_big(fb_tunnel_states *states,
                        const fb_tunnel_ends *ends,
                        uint16_t mtu,
                        fb_time now)
{
    fb_tunnel_state *state = entry_for(states, ends);
    uint16_t least = ends->source.family == FB_FAMILY_IPV6 ? FB_TUNNEL_MTU_MIN_IPV6
                                                           : FB_TUNNEL_MTU_MIN;

    mtu = mtu < least ? least : mtu;
    if (state->mtu_until <= now || mtu < state->mtu)
    {
        state->mtu = mtu;
    }
    state->mtu_until = now + FB_TUNNEL_MTU_AGE;
    note_trouble(states, state->mtu_until);
}

void
fb_tunnel_state_unreachable(fb_tunnel_states *states, const fb_tunnel_ends *ends, fb_time now)
{
    fb_tunnel_state *state = entry_for(states, ends);

    state->unreachable_until = now + FB_TUNNEL_UNREACHABLE_AGE;
    note_trouble(states, state->unreachable_until);
}
