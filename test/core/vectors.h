/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_CORE_VECTORS_H
#define TEST_CORE_VECTORS_H

/**
 * @file
 * The octet-exact messages of test/vectors/vectors.json. A compile definition says where that is: FB_TEST_VECTORS the
 * file, or FLOWBIND_SOURCE_DIR the top folder; with neither, tests run from the top folder.
 */

#include "flowbind/config.h"

typedef struct test_field
{
    char name[64]; /**< "MP.BID", "FB1.(G)Start Source Port" */
    size_t offset, length; /**< in the vector's octets */
} test_field;

typedef struct test_vector
{
    char id[8];
    uint8_t *octets; /**< the layer the vector is about, on a heap block of exactly this length */
    size_t length;
    uint8_t *packet; /**< the whole IP packet; NULL where there is none */
    size_t packet_length;
    test_field *fields;
    size_t field_count;
} test_vector;

typedef struct test_vectors
{
    test_vector *vector;
    size_t count;
} test_vectors;

/** Reads the file. Ends the program with a message when it cannot: no test means anything without it. */
test_vectors *vectors_load(void);
void vectors_free(test_vectors *vectors);

/** The vector @p id. Ends the program with a message when there is none. */
const test_vector *vectors_find(const test_vectors *vectors, const char *id);

/** The octets of @p field as a number, most significant first; at most 8 octets. */
uint64_t vectors_number(const test_vector *vector, const test_field *field);

/** The association every vector's Mobile-Home Authentication is made with (SPI 0x101, HMAC-MD5). */
fb_security_association vectors_association(void);

/** A copy of @p length octets on a heap block of exactly that size, so that reading past it is seen. */
uint8_t *vectors_copy(const uint8_t *octets, size_t length);

#endif
