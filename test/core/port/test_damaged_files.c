/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmocka_setup.h"
#include "config/scenario_file.h"
#include "config_files.h"

#include <inttypes.h>
#include <sys/stat.h>
#include <time.h>

/*
 * Good files, cut off and damaged in every way one can afford: whatever comes in, either a complete scenario without a
 * message comes out, or no scenario and messages about places that exist. FLOWBIND_SEED=N repeats a run.
 */

static char folder[] = "/tmp/flowbind-damaged-XXXXXX";
static char scenario_file[64];
static char policy_file[64];
static FILE *nowhere;
static uint64_t random_state;
static size_t accepted;
static size_t refused;

static uint64_t
random_number(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state;
}

/* What a reader of a scenario relies on without looking. */
static void
check_scenario(const fbc_scenario *scenario)
{
    assert_true(scenario->path_count >= 1);
    assert_true(scenario->duration_ns > scenario->warmup_ns);
    assert_true(scenario->rule_count <= FB_RULES_MAX);
    for (size_t i = 0; i < scenario->path_count; i++)
    {
        assert_non_null(scenario->paths[i].name);
        assert_true(scenario->paths[i].bid >= 1 && scenario->paths[i].bid <= 254);
        assert_ptr_equal(fbc_scenario_path_by_bid(scenario, scenario->paths[i].bid),
                         &scenario->paths[i]);
    }
    for (size_t i = 0; i < scenario->traffic_count; i++)
    {
        const fbc_traffic *traffic = &scenario->traffic[i];
        assert_true(traffic->port != 0);
        assert_true(traffic->protocol == 6 || traffic->protocol == 17);
        assert_true(traffic->start_ns < traffic->stop_ns &&
                    traffic->stop_ns <= scenario->duration_ns);
        assert_true(traffic->kind == FBC_KIND_TCP || traffic->kind == FBC_KIND_PCAP ||
                    (traffic->rate_bps > 0 && traffic->packet > 0));
        assert_true((traffic->kind == FBC_KIND_PCAP) == (traffic->replay_count > 0));
        assert_true((traffic->kind == FBC_KIND_VOIP) == (traffic->codec != NULL));
    }
    for (size_t i = 0; i < scenario->event_count; i++)
    {
        assert_non_null(scenario->events[i].path);
        assert_true(scenario->events[i].at_ns <= scenario->duration_ns);
    }
    for (size_t i = 0; i < scenario->expect_count; i++)
    {
        const fbc_expect *expect = &scenario->expect[i];
        assert_true((expect->flow == NULL) != (expect->traffic == NULL));
        assert_true((expect->path != NULL) == (expect->outcome == FBC_OUTCOME_PATH));
        assert_true(expect->from_ns < expect->until_ns &&
                    expect->until_ns <= scenario->duration_ns);
    }
}

static void
try_files(void)
{
    fbc_report report = {0};
    fbc_scenario *scenario = fbc_scenario_read(scenario_file, NULL, &report);
    assert_true((scenario == NULL) == (report.total > 0));
    assert_true(report.total == 0 || report.count > 0);
    for (size_t i = 0; i < report.count; i++)
    {
        assert_true(strlen(report.message[i].text) > 10);
        assert_true(report.message[i].place.line <= 64);
    }
    if (scenario != NULL)
    {
        check_scenario(scenario);
    }
    accepted += scenario != NULL ? 1 : 0;
    refused += scenario == NULL ? 1 : 0;
    fbc_report_print(&report, nowhere);
    fbc_report_free(&report);
    fbc_scenario_free(scenario);
}

static void
cut(const char *file, const char *text, size_t length)
{
    for (size_t shorter = 0; shorter <= length; shorter++)
    {
        file_write(file, text, shorter);
        try_files();
    }
    file_write(file, text, length);
}

static void
flip(const char *file, char *text, size_t length)
{
    for (size_t at = 0; at < length; at++)
    {
        /* One bit of every octet, and any value in every octet. */
        char old = text[at];
        text[at] = (char)(old ^ (1 << (random_number() % 8)));
        file_write(file, text, length);
        try_files();
        text[at] = (char)random_number();
        file_write(file, text, length);
        try_files();
        text[at] = old;
    }
    file_write(file, text, length);
}

/* Octets that mean something to YAML, words of the language, pieces moved about. */
static void
scramble(const char *file, const char *text, size_t length)
{
    static const char *const pieces[] = {"*a",
                                         "&a ",
                                         ": ",
                                         "- ",
                                         "[",
                                         "]",
                                         "{",
                                         "}",
                                         "\"",
                                         "'",
                                         "#",
                                         "\n",
                                         "<<: ",
                                         "? ",
                                         "|",
                                         ">",
                                         "!x ",
                                         "---\n",
                                         "%",
                                         "\t",
                                         "0",
                                         "-1",
                                         "\xC3\xA4",
                                         "\xFF",
                                         "drop",
                                         "none",
                                         "wlan",
                                         "SIP",
                                         "99999999999999999999",
                                         ""};
    const size_t count = sizeof(pieces) / sizeof(pieces[0]);
    char *mutant = malloc(3 * length + 64);
    assert_non_null(mutant);
    for (int i = 0; i < 3000; i++)
    {
        size_t from = random_number() % length;
        size_t removed = random_number() % 12;
        removed = from + removed > length ? length - from : removed;
        const char *piece = pieces[random_number() % count];
        size_t copied = random_number() % 4 == 0 ? random_number() % (length - from) : 0;
        size_t used = 0;
        memcpy(mutant, text, from);
        used += from;
        memcpy(mutant + used, piece, strlen(piece));
        used += strlen(piece);
        memcpy(mutant + used, text + from, copied);
        used += copied;
        memcpy(mutant + used, text + from + removed, length - from - removed);
        used += length - from - removed;
        file_write(file, mutant, used);
        try_files();
    }
    free(mutant);
    file_write(file, text, length);
}

static void
damage(const char *file, const char *source)
{
    size_t length = 0;
    char *text = file_read(source, &length);
    cut(file, text, length);
    flip(file, text, length);
    scramble(file, text, length);
    free(text);
}

static void
test_damaged_scenario(void **state)
{
    (void)state;
    damage(scenario_file, EXAMPLE_SCENARIO);
    print_message("%zu accepted, %zu refused\n", accepted, refused);
    assert_true(accepted > 0 && refused > 0);
}

static void
test_damaged_policy(void **state)
{
    (void)state;
    damage(policy_file, EXAMPLE_POLICY);
    print_message("%zu accepted, %zu refused\n", accepted, refused);
}

static void
copy_file(const char *file, const char *source)
{
    size_t length = 0;
    char *text = file_read(source, &length);
    file_write(file, text, length);
    free(text);
}

/* The same folders as in examples/, because the scenario names its policy from where it stands. */
static int
set_up(void **state)
{
    (void)state;
    char name[64];
    const char *seed = getenv("FLOWBIND_SEED");
    random_state = seed != NULL ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL);
    random_state = random_state == 0 ? 1 : random_state;
    print_message("FLOWBIND_SEED=%" PRIu64 "\n", random_state);
    folder_make(folder);
    snprintf(name, sizeof(name), "%s/policies", folder);
    mkdir(name, 0700);
    snprintf(name, sizeof(name), "%s/scenarios", folder);
    mkdir(name, 0700);
    snprintf(policy_file, sizeof(policy_file), "%s/policies/rfc7629-figure2.yaml", folder);
    snprintf(scenario_file, sizeof(scenario_file), "%s/scenarios/scenario.yaml", folder);
    copy_file(policy_file, EXAMPLE_POLICY);
    copy_file(scenario_file, EXAMPLE_SCENARIO);
    nowhere = fopen("/dev/null", "wb");
    return nowhere == NULL;
}

static int
tear_down(void **state)
{
    (void)state;
    char name[64];
    fclose(nowhere);
    unlink(policy_file);
    unlink(scenario_file);
    snprintf(name, sizeof(name), "%s/policies", folder);
    rmdir(name);
    snprintf(name, sizeof(name), "%s/scenarios", folder);
    rmdir(name);
    return rmdir(folder);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_damaged_scenario),
        cmocka_unit_test(test_damaged_policy),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
