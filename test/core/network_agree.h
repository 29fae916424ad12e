/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_NETWORK_AGREE_H
#define FB_TEST_NETWORK_AGREE_H

/**
 * @file
 * Whether the agents of network.h agree about both mobile nodes: paths, their tunnels and lifetimes, visitors, policies
 * and networks; whether their hosts were told just that; and whether an agent has anything left that nothing needs.
 */

#include "network.h"

/** What the home agent allows. */
typedef struct net_service
{
    bool legacy; /**< it knows RFC 5944 only, or does not let them use RFC 7629 */
    size_t limit; /**< bindings of a node */
} net_service;

bool network_path_up(const fb_binding_view *view);

/**
 * Whether RFC 7629 is in use. Behind a foreign agent that does not let it through all of it may look like a home agent
 * without it (D-01): then it is what the home agent has.
 */
bool network_multipath(const network *n, const net_service *service, int node);

/** The other end of @p path, which a mobile node has registered, at @p agent; false: there is none. */
bool network_find_binding(const network *n,
                          const net_service *service,
                          int node,
                          int agent,
                          const fb_binding_view *path,
                          fb_binding_view *b);

/** What they do not agree on; NULL: nothing. */
const char *network_differs(const network *n, const net_service *service);

/** What an agent has that no binding, policy or visitor there is needs; NULL: nothing. */
const char *network_left_over(const network *n);

#endif
