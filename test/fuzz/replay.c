/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * Runs a fuzz target without libFuzzer, built by any compiler: with the inputs in test/fuzz/corpus/, in the folder
 * named as this program without "fuzz_", or with the files named on the command line.
 */

#include "cmocka_setup.h"
#include "fuzz.h"

#include <dirent.h>

static const char* target;

static void
run_file(const char* path)
{
    FILE* file = fopen(path, "rb");
    uint8_t* data;
    long size;

    if (file == NULL || fseek(file, 0, SEEK_END) != 0 || (size = ftell(file)) < 0)
    {
        fprintf(stderr, "%s: cannot read %s\n", target, path);
        exit(2);
    }
    rewind(file);
    data = malloc((size_t)size + 1);
    FUZZ_CHECK(data != NULL && fread(data, 1, (size_t)size, file) == (size_t)size);
    fclose(file);
    fprintf(stderr, "# %s\n", path); /* the last one named is the one that ended the program */
    LLVMFuzzerTestOneInput(data, (size_t)size);
    free(data);
}

static void
test_corpus(void** state)
{
    char folder[1000], path[2000];
    struct dirent* entry;
    DIR* list;
    int count = 0;

    (void)state;
    snprintf(folder, sizeof folder, "%s/test/fuzz/corpus/%s", FLOWBIND_SOURCE_DIR, target);
    list = opendir(folder);
    if (list == NULL)
    {
        fail_msg("there is no folder %s: test/fuzz/make_corpus.py makes it", folder);
    }
    while ((entry = readdir(list)) != NULL)
    {
        if (entry->d_name[0] != '.')
        {
            snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
            run_file(path);
            count++;
        }
    }
    closedir(list);
    assert_true(count > 0);
}

int
main(int argc, char** argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_corpus),
    };

    target = strrchr(argv[0], '/') != NULL ? strrchr(argv[0], '/') + 1 : argv[0];
    target = strncmp(target, "fuzz_", 5) == 0 ? target + 5 : target;
    for (int i = 1; i < argc; i++)
    {
        run_file(argv[i]);
    }
    return argc > 1 ? 0 : cmocka_run_group_tests_name(target, tests, NULL, NULL);
}
