/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmocka_setup.h"
#include "config/schema.h"
#include "config_files.h"

/* doc/scenario-reference.md is what the schema says. FLOWBIND_UPDATE=1 in the environment writes it anew. */

#define REFERENCE FLOWBIND_SOURCE_DIR "/doc/scenario-reference.md"

static void
print_to(const char *file)
{
    FILE *stream = fopen(file, "wb");
    assert_non_null(stream);
    fbc_reference_print(stream);
    assert_int_equal(fclose(stream), 0);
}

static void
test_reference_is_current(void **state)
{
    (void)state;
    char folder[] = "/tmp/flowbind-reference-XXXXXX";
    char file[64];
    size_t length = 0;
    size_t known_length = 0;
    if (getenv("FLOWBIND_UPDATE") != NULL)
    {
        print_to(REFERENCE);
    }
    folder_make(folder);
    snprintf(file, sizeof(file), "%s/reference.md", folder);
    print_to(file);
    char *now = file_read(file, &length);
    char *known = file_read(REFERENCE, &known_length);
    unlink(file);
    rmdir(folder);
    if (strcmp(now, known) != 0)
    {
        free(now);
        free(known);
        fail_msg(
            "doc/scenario-reference.md is not what the schema says; run this test with FLOWBIND_UPDATE=1");
    }
    free(now);
    free(known);
}

/* Every default in the table can be read, lies within its limits, and every key is explained. */
static void
test_table_is_sound(void **state)
{
    (void)state;
    const fbc_object *const objects[] = {
        &fbc_object_policy,
        &fbc_object_flow,
        &fbc_object_match,
        &fbc_object_scenario,
        &fbc_object_path,
        &fbc_object_traffic,
        &fbc_object_event,
        &fbc_object_traffic_match,
        &fbc_object_expect,
        &fbc_object_tcp,
        &fbc_object_backhaul,
        &fbc_object_timers,
        &fbc_object_probe,
        &fbc_object_mobile_node,
        &fbc_object_home_agent,
    };
    for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++)
    {
        fbc_value values[FBC_KEYS_MAX];
        fbc_reader reader = {.arena = fbc_arena_new()};
        size_t count = 0;
        assert_true(fbc_object_read(&reader, objects[i], NULL, values));
        for (const fbc_key *key = objects[i]->keys; key->key != NULL; key++, count++)
        {
            const fbc_value *value = &values[count];
            assert_true(count < FBC_KEYS_MAX);
            assert_true(strlen(key->help) > 5);
            assert_true(key->preset == NULL || (value->valid && !key->required));
            assert_true(key->preset == NULL || key->max == 0 ||
                        (value->number >= key->min && value->number <= key->max));
            assert_true(key->step == 0 || value->number % key->step == 0);
            assert_true((key->type == FBC_CHOICE || key->type == FBC_CHOICES) ==
                        (key->choices != NULL));
        }
        assert_int_equal(reader.errors, 0);
        fbc_arena_free(reader.arena);
    }
}

static void
test_suggestions(void **state)
{
    (void)state;
    const char *const names[] = {"duration", "goodput-min", "port", "local_port", "up"};
    assert_string_equal(fbc_suggest("duraton", names, 5), "duration");
    assert_string_equal(fbc_suggest("Duration", names, 5), "duration");
    assert_string_equal(fbc_suggest("goodput_min", names, 5), "goodput-min");
    assert_string_equal(fbc_suggest("prot", names, 5), "port");
    assert_string_equal(fbc_suggest("local-port", names, 5), "local_port");
    assert_null(fbc_suggest("colour", names, 5));
    assert_null(fbc_suggest("", names, 5));
    assert_null(fbc_suggest("xy", names, 5));
    assert_null(fbc_suggest("durationdurationdurationdurationduration", names, 5));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reference_is_current),
        cmocka_unit_test(test_table_is_sound),
        cmocka_unit_test(test_suggestions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
