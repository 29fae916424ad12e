/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_LMA_MESSAGE_H
#define FB_TEST_LMA_MESSAGE_H

/** @file The updates of lma_model.h as octets and as text, and acknowledgements read octet by octet. */

#include "lma_model.h"

#include <stdio.h>

#define MESSAGE_OCTETS 768

fb_nai message_node(unsigned node);
fb_nai message_gateway(unsigned gateway);
fb_addr message_care_of(unsigned care_of);
fb_addr message_anchor(void);

/** A prefix of use @p use; of PREFIX_ZERO no octet but zeros. */
fb_prefix message_prefix(lma_model_use use, uint32_t prefix);
/** The other way round; PREFIX_STRANGE: none of them. */
uint32_t message_prefix_number(lma_model_use use, const fb_prefix *prefix);

/** From which prefixes are allocated, @p count of them: 2 or 4. */
fb_prefix message_pool(lma_model_use use, unsigned count);

/** Writes the message into @p octets. Returns its length. */
size_t message_compose(const lma_model_update *update, uint8_t octets[MESSAGE_OCTETS]);

void message_print(FILE *out, const lma_model_update *update);

/** What a Proxy Binding Acknowledgement says. */
typedef struct message_ack
{
    uint8_t status, flags;
    uint16_t sequence, lifetime;
    unsigned options[256]; /* how many of each type */
    const uint8_t *node, *link_layer, *link_local, *multipath; /* bodies */
    size_t node_length, link_layer_length, multipath_length;
    uint8_t handoff, access;
    uint64_t timestamp;
    unsigned prefixes[USES];
    uint32_t prefix[USES][4];
    unsigned flows;
    uint16_t fid[2 * MODEL_OPTIONS];
    uint8_t flow_status[2 * MODEL_OPTIONS];
} message_ack;

/** Reads it. NULL, or what is wrong with it. */
const char *message_read(message_ack *ack,
                         const fb_addr *source,
                         const fb_addr *destination,
                         const uint8_t *octets,
                         size_t length);

/** What stands in options 25 and 26 of an update. */
const uint8_t *message_link_layer(unsigned link_layer, size_t *length);
const uint8_t *message_link_local(unsigned link_local);

#endif
