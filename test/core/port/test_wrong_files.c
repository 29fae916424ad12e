/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmocka_setup.h"
#include "config/scenario_file.h"
#include "config_files.h"

#include <dirent.h>
#include <inttypes.h>
#include <sys/stat.h>

/*
 * Every file of test/core/port/bad is wrong, and says so itself: its first lines are `# expect: LINE:COLUMN: MESSAGE`,
 * all messages it gives, in order. Files whose names begin with policy are policies, the others scenarios.
 */

#define FOLDER FLOWBIND_SOURCE_DIR "/test/core/port/bad"

enum
{
    FILES_AT_LEAST = 40
};

static bool
read_any(const char *name, const char *path, fbc_report *report)
{
    if (strncmp(name, "policy", 6) == 0)
    {
        return fbc_policy_check(path, report);
    }
    return fbc_scenario_check(path, NULL, report);
}

/* True when the message is what @p line expects. */
static bool
is_expected(const char *line, const fbc_message *message)
{
    char text[1280];
    snprintf(text,
             sizeof(text),
             "# expect: %" PRIu32 ":%" PRIu32 ": %s",
             message->place.line,
             message->place.column,
             message->text);
    return strcmp(text, line) == 0;
}

static bool
check_file(const char *name)
{
    char path[512];
    size_t length = 0;
    size_t lines = 0;
    bool right = true;
    fbc_report report = {0};
    snprintf(path, sizeof(path), "%s/%s", FOLDER, name);
    if (read_any(name, path, &report))
    {
        print_error("%s: accepted\n", name);
        return false;
    }
    char *text = file_read(path, &length);
    for (char *line = strtok(text, "\n"); line != NULL && strncmp(line, "# expect: ", 10) == 0;
         line = strtok(NULL, "\n"))
    {
        if (lines >= report.count || !is_expected(line, &report.message[lines]))
        {
            print_error("%s: not found: %s\n", name, line);
            right = false;
        }
        lines++;
    }
    if (lines == 0 || lines != report.count || report.total != report.count)
    {
        print_error("%s: %zu messages expected, %zu given\n", name, lines, report.count);
        right = false;
    }
    if (!right)
    {
        fbc_report_print(&report, stderr);
    }
    free(text);
    fbc_report_free(&report);
    return right;
}

static void
test_every_wrong_file(void **state)
{
    (void)state;
    int files = 0;
    int failures = 0;
    DIR *folder = opendir(FOLDER);
    assert_non_null(folder);
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
    {
        if (strstr(entry->d_name, ".yaml") != NULL)
        {
            files++;
            failures += check_file(entry->d_name) ? 0 : 1;
        }
    }
    closedir(folder);
    print_message("%d wrong files\n", files);
    assert_int_equal(failures, 0);
    assert_true(files >= FILES_AT_LEAST);
}

static void
expect_whole_file(const char *path, const char *text)
{
    fbc_report report = {0};
    assert_null(fbc_policy_read(path, &report));
    assert_int_equal(report.total, 1);
    assert_string_equal(report.message[0].file, path);
    assert_int_equal(report.message[0].place.line, 0);
    assert_string_equal(report.message[0].text, text);
    fbc_report_free(&report);
    assert_null(fbc_scenario_read(path, NULL, &report));
    assert_int_equal(report.total, 1);
    assert_string_equal(report.message[0].text, text);
    fbc_report_free(&report);
}

static void
test_what_is_no_text_file(void **state)
{
    (void)state;
    expect_whole_file("/no/such/file.yaml", "cannot be opened: No such file or directory");
    expect_whole_file("/tmp", "cannot be read: Is a directory");
    expect_whole_file("/dev/zero", "is larger than 1 MB; expected a policy or scenario file");
}

static void
test_sizes_of_files(void **state)
{
    (void)state;
    const size_t most = (size_t)1 << 20;
    const char head[] = "flows: [{name: a, match: {}, use: [b]}]\n#";
    char folder[] = "/tmp/flowbind-wrong-XXXXXX";
    char file[64];
    fbc_report report = {0};
    char *text = malloc(most + 1);
    assert_non_null(text);
    memset(text, 'x', most + 1);
    memcpy(text, head, sizeof(head) - 1);
    folder_make(folder);
    snprintf(file, sizeof(file), "%s/file.yaml", folder);

    file_write(file, text, most);
    assert_true(fbc_policy_check(file, &report));
    file_write(file, text, most + 1);
    expect_whole_file(file, "is larger than 1 MB; expected a policy or scenario file");
    file_write(file, "flows:\0", 7);
    expect_whole_file(file, "is a binary file (it has a zero octet); expected text in UTF-8");

    file_write(file, "", 0);
    assert_false(fbc_policy_check(file, &report));
    assert_int_equal(report.message[0].place.line, 1);
    assert_string_equal(report.message[0].text,
                        "the file is empty; expected a policy or a scenario");
    fbc_report_free(&report);

    /* Nobody but root is kept out by permissions, so that only shows elsewhere. */
    file_write(file, head, sizeof(head) - 1);
    if (geteuid() != 0)
    {
        assert_int_equal(chmod(file, 0), 0);
        expect_whole_file(file, "cannot be opened: Permission denied");
    }
    unlink(file);
    rmdir(folder);
    free(text);
}

static void
test_too_many_keys(void **state)
{
    (void)state;
    char folder[] = "/tmp/flowbind-wrong-XXXXXX";
    char file[64];
    fbc_report report = {0};
    char *text = calloc(1, 1 << 16);
    assert_non_null(text);
    size_t used = (size_t)sprintf(text,
                                  "protocol: mip4\n"
                                  "duration: 1s\n"
                                  "paths: [{name: a, type: lte, bid: 1, label: 1}]\n"
                                  "ns3:\n");
    for (int i = 0; i < 1001; i++)
    {
        used += (size_t)sprintf(text + used, "  /NodeList/%d: 1\n", i);
    }
    folder_make(folder);
    snprintf(file, sizeof(file), "%s/file.yaml", folder);
    file_write(file, text, used);
    assert_false(fbc_scenario_check(file, NULL, &report));
    assert_int_equal(report.total, 1);
    assert_int_equal(report.message[0].place.line, 5);
    assert_string_equal(report.message[0].text, "1001 keys in one mapping; expected 1000 at most");
    fbc_report_free(&report);
    file_write(file, text, used - strlen("  /NodeList/1000: 1\n"));
    assert_true(fbc_scenario_check(file, NULL, &report));
    unlink(file);
    rmdir(folder);
    free(text);
}

/* As it looks for the user: the message, the line, a caret; at most twenty of them. */
static void
test_report_as_printed(void **state)
{
    (void)state;
    char folder[] = "/tmp/flowbind-wrong-XXXXXX";
    char file[64];
    char out[64];
    char text[2048] = "flows:\n  - {name: a, match: {porte: 1}, use: [b]}\n";
    fbc_report report = {0};
    folder_make(folder);
    snprintf(file, sizeof(file), "%s/file.yaml", folder);
    snprintf(out, sizeof(out), "%s/out", folder);
    for (int i = 0; i < 29; i++)
    {
        strncat(text, "  - {name: a b, match: {}, use: [b]}\n", sizeof(text) - strlen(text) - 1);
    }
    file_write(file, text, strlen(text));
    assert_null(fbc_policy_read(file, &report));
    assert_int_equal(report.count, FBC_MESSAGES_MAX);
    assert_int_equal(report.total, 30);

    FILE *stream = fopen(out, "wb");
    assert_non_null(stream);
    fbc_report_print(&report, stream);
    fclose(stream);
    size_t length = 0;
    char *printed = file_read(out, &length);
    char expected[512];
    snprintf(expected,
             sizeof(expected),
             "%s:2:23: flows[].match has no key 'porte'; did you mean 'port'?\n"
             "      - {name: a, match: {porte: 1}, use: [b]}\n"
             "                          ^\n"
             "%s:3:12: ",
             file,
             file);
    assert_memory_equal(printed, expected, strlen(expected));
    assert_non_null(strstr(printed, "\n... and 10 more; mend these first\n"));
    free(printed);
    fbc_report_free(&report);
    unlink(file);
    unlink(out);
    rmdir(folder);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_wrong_file),
        cmocka_unit_test(test_what_is_no_text_file),
        cmocka_unit_test(test_sizes_of_files),
        cmocka_unit_test(test_too_many_keys),
        cmocka_unit_test(test_report_as_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
