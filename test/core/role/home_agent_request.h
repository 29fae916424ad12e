/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_HOME_AGENT_REQUEST_H
#define FB_TEST_HOME_AGENT_REQUEST_H

/** @file The requests of home_agent_model.h as octets and as text. */

#include "home_agent_model.h"

#include <stdio.h>

#define REQUEST_OCTETS 600

/** What node number @p node shares with its home agent; of MODEL_NODES what nobody knows. */
fb_security_association request_association(unsigned node);

fb_ipv4 request_home_address(unsigned node);

/** What the node may register: those of its own that @p has says. */
fb_networks request_networks(unsigned node, const bool has[NETWORKS_OWN]);

/** Writes the message into @p octets. Returns its length. */
size_t request_compose(const model_request *request, uint8_t octets[REQUEST_OCTETS]);

/** What MODEL_FOREIGN_AGENT shares with the home agent. */
fb_security_association request_foreign_association(void);

/** Appends extension 34 over the @p length octets there. Returns the new length. */
size_t request_vouch(uint8_t *octets, size_t length, const fb_security_association *association);

/** Appends extension 32 over the @p length octets there. Returns the new length. */
size_t request_sign(uint8_t *octets, size_t length, const fb_security_association *association);

void request_print(FILE *out, const model_request *request);

#endif
