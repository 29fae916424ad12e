/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_CLASSIFY_MOBILE_NODE_H
#define FLOWBIND_CLASSIFY_MOBILE_NODE_H

/** @file Which way the flows of a capture go. */

#include "flows.h"
#include "options.h"

/**
 * Sets the direction of every flow. When the options name no home and no direction, the mobile node is guessed: of each
 * IP version the unicast address that most packets have at one end, of two with as many the one that sent first. Then
 * it is among the homes of @p options.
 */
bool fbk_set_directions(fbk_flows *flows, fbk_options *options);

#endif
