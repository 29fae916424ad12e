/* SPDX-License-Identifier: BSD-3-Clause */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Noreturn void
options_fail(const char *text, const char *word)
{
    fputs("flowbind-paths: ", stderr);
    fprintf(stderr, text, word);
    fputc('\n', stderr);
    exit(2);
}

const char *
options_text(options *o, const char *name, const char *otherwise)
{
    size_t length = strlen(name);

    for (int i = 0; i < o->count; i++)
    {
        if (strncmp(o->words[i], name, length) == 0 && o->words[i][length] == '=')
        {
            o->used |= UINT64_C(1) << i;
            return o->words[i] + length + 1;
        }
    }
    if (otherwise == NULL)
    {
        options_fail("%s=... is missing", name);
    }
    return otherwise;
}

/** One number at the start of @p text; @p end is what follows it. */
static double
read_number(const char *text, const char **end)
{
    static const char units[] = "kMG";
    char *rest;
    double value;

    errno = 0;
    value = strtod(text, &rest);
    if (rest == text || errno != 0 || !(value >= 0 && value <= 1e15))
    {
        options_fail("'%s' is no number of 0 or more", text);
    }
    for (const char *unit = units; *unit != '\0'; unit++)
    {
        if (*rest == *unit)
        {
            for (const char *u = units; u <= unit; u++)
            {
                value *= 1000;
            }
            rest++;
            break;
        }
    }
    *end = rest;
    return value;
}

double
options_number(options *o, const char *name, const char *otherwise)
{
    const char *text = options_text(o, name, otherwise);
    const char *end;
    double value = read_number(text, &end);

    if (*end != '\0')
    {
        options_fail("'%s' is no number; a unit is k, M or G", text);
    }
    return value;
}

size_t
options_list(options *o, const char *name, const char *otherwise, double list[PATHS_MAX])
{
    const char *text = options_text(o, name, otherwise);
    size_t count = 0;

    while (*text != '\0')
    {
        if (count == PATHS_MAX)
        {
            options_fail("%s: there are at most 16", name);
        }
        list[count++] = read_number(text, &text);
        if (*text != ',' && *text != '\0')
        {
            options_fail("'%s' is no list of numbers between commas", text);
        }
        text += *text == ',';
    }
    return count;
}

void
options_check(const options *o)
{
    for (int i = 0; i < o->count; i++)
    {
        if ((o->used >> i & 1) == 0)
        {
            options_fail("'%s' means nothing here", o->words[i]);
        }
    }
}
