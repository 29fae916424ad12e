/* SPDX-License-Identifier: BSD-3-Clause */
/**
 * @file
 * The metrics of RFC 4737 by their definitions, for orders of arrival as short as the examples there.
 */
#include "paths.h"

#include <stdio.h>

/** RFC 4737 4.2.2: how many arrivals ago a greater number came first; 0: none did, the packet is in order. */
static size_t
extent_of(const double *number, size_t at)
{
    for (size_t i = 0; i < at; i++)
    {
        if (number[i] > number[at])
        {
            return at - i;
        }
    }
    return 0;
}

/** RFC 4737 5.4: how many arrivals just before it have greater numbers. */
static size_t
n_of(const double *number, size_t at)
{
    size_t n = 0;

    while (n < at && number[at - n - 1] > number[at])
    {
        n++;
    }
    return n;
}

void
run_order(options *o)
{
    double number[PATHS_MAX];
    size_t count = options_list(o, "numbers", NULL, number);

    options_check(o);
    printf("number,extent,n\n");
    for (size_t i = 0; i < count; i++)
    {
        if (extent_of(number, i) != 0)
        {
            printf("%.0f,%zu,%zu\n", number[i], extent_of(number, i), n_of(number, i));
        }
    }
}
