/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_TEST_REQUIREMENT_H
#define FB_TEST_REQUIREMENT_H

/**
 * @file
 * Which requirements a test shows. The first statement of each test in this folder, and of others that show some:
 *
 *     requirement("R7629-4.1-08", "D-16");
 *
 * prints `# R7629-4.1-08 D-16`, a comment in TAP output, in front of the test's own line. test/tools/conformance.py
 * compares that with the source and writes doc/conformance.md. The ids stand in requirements.tsv: R7629-<section>-<nn>
 * statements of RFC 7629, B<rfc>-<nn> of the RFCs below it, D-nn decisions where RFC 7629 is silent, C-nn corrections
 * of these, M/N/S/D nn vectors.
 */

#include <stddef.h>
#include <stdio.h>

static inline void
requirement_print(const char *const *ids, size_t count)
{
    printf("#");
    for (size_t i = 0; i < count; i++)
    {
        printf(" %s", ids[i]);
    }
    printf("\n");
}

#define requirement(...)                                  \
    requirement_print((const char *const[]){__VA_ARGS__}, \
                      sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

#endif
