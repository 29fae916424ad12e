/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oracle.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const fbs_oracle*
fbs_oracle_find(const char* name)
{
    const fbs_oracle* const tables[] = {fbs_steering_oracles, fbs_access_oracles};
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
    {
        for (const fbs_oracle* oracle = tables[i]; oracle->name != NULL; oracle++)
        {
            if (strcmp(oracle->name, name) == 0)
            {
                return oracle;
            }
        }
    }
    return NULL;
}

/* The factor of a letter behind a number; 0: it is none. */
static double
scale_of(char letter)
{
    switch (letter)
    {
    case 'k':
        return 1e3;
    case 'M':
        return 1e6;
    case 'G':
        return 1e9;
    default:
        return 0;
    }
}

bool
fbs_list_parse(const char* text, fbs_list* list)
{
    list->count = 0;
    while (*text != 0)
    {
        char* end;
        double value = strtod(text, &end);
        if (end == text || !isfinite(value) || list->count == FBS_LIST)
        {
            return false;
        }
        if (scale_of(*end) != 0)
        {
            value *= scale_of(*end++);
        }
        list->value[list->count++] = value;
        if (*end == ',' && end[1] != 0)
        {
            end++;
        }
        else if (*end != 0)
        {
            return false;
        }
        text = end;
    }
    return true;
}
