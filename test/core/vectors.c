/* SPDX-License-Identifier: BSD-3-Clause */
#include "vectors.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if !defined FB_TEST_VECTORS && defined FLOWBIND_SOURCE_DIR
#define FB_TEST_VECTORS FLOWBIND_SOURCE_DIR "/test/vectors/vectors.json"
#elif !defined FB_TEST_VECTORS
#define FB_TEST_VECTORS "test/vectors/vectors.json"
#endif

static void
give_up(const char *what, const char *name)
{
    fprintf(stderr, "%s: %s: %s\n", FB_TEST_VECTORS, what, name);
    exit(2);
}

static void *
allocate(size_t size)
{
    void *memory = calloc(1, size == 0 ? 1 : size);
    if (memory == NULL)
    {
        give_up("no memory", "");
    }
    return memory;
}

static char *
read_file(void)
{
    FILE *file = fopen(FB_TEST_VECTORS, "rb");
    if (file == NULL)
    {
        give_up("cannot be opened; run the tests from the top folder or define FB_TEST_VECTORS",
                "");
    }
    fseek(file, 0, SEEK_END);
    long size = ftell(file);
    rewind(file);
    char *text = allocate((size_t)size + 1);
    if (fread(text, 1, (size_t)size, file) != (size_t)size)
    {
        give_up("cannot be read", "");
    }
    fclose(file);
    return text;
}

static const char *
string_of(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static size_t
number_of(const cJSON *object, const char *name)
{
    const cJSON *number = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!cJSON_IsNumber(number))
    {
        give_up("number missing", name);
    }
    return (size_t)number->valueint;
}

static uint8_t *
octets_of(const char *hex, size_t *length)
{
    *length = strlen(hex) / 2;
    uint8_t *octets = allocate(*length);
    for (size_t i = 0; i < *length; i++)
    {
        unsigned value = 0;
        if (sscanf(hex + 2 * i, "%2x", &value) != 1)
        {
            give_up("not hexadecimal", hex);
        }
        octets[i] = (uint8_t)value;
    }
    return octets;
}

/** Fields carry their octets too: they must be those of the vector at that offset. */
static void
read_fields(test_vector *vector, const cJSON *json)
{
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, "fields");
    vector->fields = allocate((size_t)cJSON_GetArraySize(list) * sizeof *vector->fields);
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        test_field *field = &vector->fields[vector->field_count++];
        snprintf(field->name, sizeof field->name, "%s", string_of(item, "name"));
        field->offset = number_of(item, "offset");
        field->length = number_of(item, "len");
        size_t length;
        uint8_t *octets = octets_of(string_of(item, "hex"), &length);
        if (length != field->length || field->offset + length > vector->length ||
            memcmp(octets, vector->octets + field->offset, length) != 0)
        {
            give_up("field disagrees with its vector", field->name);
        }
        free(octets);
    }
}

static void
read_vector(test_vector *vector, const cJSON *json)
{
    const char *id = string_of(json, "id");
    const char *hex = string_of(json, "hex");
    if (id == NULL || hex == NULL)
    {
        give_up("vector without id or hex", id == NULL ? "?" : id);
    }
    snprintf(vector->id, sizeof vector->id, "%s", id);
    vector->octets = octets_of(hex, &vector->length);
    const char *packet = string_of(json, "packet_hex");
    if (packet != NULL)
    {
        vector->packet = octets_of(packet, &vector->packet_length);
    }
    read_fields(vector, json);
}

test_vectors *
vectors_load(void)
{
    char *text = read_file();
    cJSON *json = cJSON_Parse(text);
    free(text);
    const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, "vectors");
    if (!cJSON_IsArray(list))
    {
        give_up("is not JSON with a list `vectors`", "");
    }
    test_vectors *vectors = allocate(sizeof *vectors);
    vectors->vector = allocate((size_t)cJSON_GetArraySize(list) * sizeof *vectors->vector);
    const cJSON *item;
    cJSON_ArrayForEach(item, list)
    {
        read_vector(&vectors->vector[vectors->count++], item);
    }
    cJSON_Delete(json);
    return vectors;
}

void
vectors_free(test_vectors *vectors)
{
    for (size_t i = 0; i < vectors->count; i++)
    {
        free(vectors->vector[i].octets);
        free(vectors->vector[i].packet);
        free(vectors->vector[i].fields);
    }
    free(vectors->vector);
    free(vectors);
}

const test_vector *
vectors_find(const test_vectors *vectors, const char *id)
{
    for (size_t i = 0; i < vectors->count; i++)
    {
        if (strcmp(vectors->vector[i].id, id) == 0)
        {
            return &vectors->vector[i];
        }
    }
    give_up("no such vector", id);
    return NULL;
}

uint64_t
vectors_number(const test_vector *vector, const test_field *field)
{
    uint64_t number = 0;
    for (size_t i = 0; i < field->length && i < sizeof number; i++)
    {
        number = number << 8 | vector->octets[field->offset + i];
    }
    return number;
}

fb_security_association
vectors_association(void)
{
    return (fb_security_association){
        .spi = 0x101,
        .algorithm = FB_HMAC_MD5,
        .key_length = 16,
        .key = {0x01,
                0x23,
                0x45,
                0x67,
                0x89,
                0xab,
                0xcd,
                0xef,
                0x01,
                0x23,
                0x45,
                0x67,
                0x89,
                0xab,
                0xcd,
                0xef},
    };
}

uint8_t *
vectors_copy(const uint8_t *octets, size_t length)
{
    /* malloc(0) may be NULL; one octet that nobody may read stands for it. */
    uint8_t *copy = malloc(length == 0 ? 1 : length);
    if (copy == NULL)
    {
        give_up("no memory", "");
    }
    if (length > 0)
    {
        memcpy(copy, octets, length);
    }
    return copy;
}
