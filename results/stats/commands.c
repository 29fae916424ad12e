/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "commands.h"

#include "statistics.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The groups of a table and the numbers of one group. */
typedef struct
{
    const options* o;
    const fbs_table* table;
    size_t by[MOST_COLUMNS];
    size_t value;
    fbs_groups groups;
    double* numbers;
    fbs_writer writer;
} work;

static int
end(work* w, int code)
{
    fbs_groups_free(&w->groups);
    free(w->numbers);
    return code;
}

/* Before anything is written: a table that ends in the middle could be taken for a whole one. */
static bool
are_numbers(const work* w, char* error)
{
    bool good = true;
    for (size_t row = 0; row < w->table->rows && good; row++)
    {
        double number;
        good = fbs_table_number(w->table, row, w->value, &number, error);
    }
    return good;
}

static bool
find_columns(work* w, char* error)
{
    for (size_t i = 0; i < w->o->by_count; i++)
    {
        if (!fbs_table_find(w->table, w->o->by[i], &w->by[i], error))
        {
            return false;
        }
    }
    return fbs_table_find(w->table, w->o->value, &w->value, error);
}

static int
begin(work* w, const options* o, const fbs_table* table)
{
    *w = (work){.o = o, .table = table};
    char error[FBS_ERROR_LENGTH];
    if (!find_columns(w, error) || !are_numbers(w, error))
    {
        return complain("%s", error);
    }
    w->numbers = calloc(table->rows + 1, sizeof(*w->numbers));
    if (w->numbers == NULL || !fbs_groups_make(table, w->by, o->by_count, &w->groups))
    {
        free(w->numbers);
        return complain("out of memory");
    }
    fbs_writer_init(&w->writer, stdout, o->json);
    return EXIT_GOOD;
}

/* The numbers of a group in w->numbers, without those that do not exist. */
static bool
take_group(work* w, size_t group, size_t* n)
{
    *n = 0;
    for (size_t i = w->groups.starts[group]; i < w->groups.starts[group + 1]; i++)
    {
        char error[FBS_ERROR_LENGTH];
        double number;
        if (!fbs_table_number(w->table, w->groups.rows[i], w->value, &number, error))
        {
            complain("%s", error);
            return false;
        }
        if (!isnan(number))
        {
            w->numbers[(*n)++] = number;
        }
    }
    return true;
}

static void
write_keys(work* w, size_t group)
{
    size_t row = w->groups.rows[w->groups.starts[group]];
    for (size_t i = 0; i < w->o->by_count; i++)
    {
        fbs_writer_text(&w->writer, w->o->by[i], fbs_table_cell(w->table, row, w->by[i]));
    }
}

/* Does one thing with every group: `write` writes its rows. */
static int
for_groups(const options* o,
           const fbs_table* table,
           bool sorted,
           bool (*write)(work* w, size_t group, size_t n))
{
    work w;
    int code = begin(&w, o, table);
    if (code != EXIT_GOOD)
    {
        return code;
    }
    for (size_t group = 0; group < w.groups.count; group++)
    {
        size_t n;
        if (!take_group(&w, group, &n))
        {
            return end(&w, EXIT_WRONG_INPUT);
        }
        if (sorted)
        {
            gsl_sort(w.numbers, 1, n);
        }
        if (!write(&w, group, n))
        {
            return end(&w, EXIT_NOT_WRITTEN);
        }
    }
    return end(&w, EXIT_GOOD);
}

static void
write_interval(fbs_writer* writer, const char* name, const fbs_mean* mean)
{
    fbs_writer_count(writer, "n", mean->n);
    fbs_writer_number(writer, name, mean->mean);
    fbs_writer_number(writer, "sd", mean->sd);
    fbs_writer_number(writer, "half_width", mean->half_width);
    fbs_writer_number(writer, "low", mean->low);
    fbs_writer_number(writer, "high", mean->high);
}

static bool
write_mean(work* w, size_t group, size_t n)
{
    fbs_mean mean;
    fbs_mean_interval(w->numbers, n, w->o->confidence, &mean);
    write_keys(w, group);
    write_interval(&w->writer, "mean", &mean);
    fbs_writer_number(&w->writer, "min", mean.min);
    fbs_writer_number(&w->writer, "max", mean.max);
    return fbs_writer_end_row(&w->writer);
}

int
command_mean(const options* o, const fbs_table* table)
{
    return for_groups(o, table, false, write_mean);
}

static bool
write_quantiles(work* w, size_t group, size_t n)
{
    bool good = true;
    for (size_t i = 0; i < w->o->at_count && good; i++)
    {
        fbs_quantile quantile;
        fbs_quantile_interval(w->numbers, n, w->o->at[i], w->o->confidence, &quantile);
        write_keys(w, group);
        fbs_writer_count(&w->writer, "n", n);
        fbs_writer_number(&w->writer, "at", w->o->at[i]);
        fbs_writer_number(&w->writer, "quantile", quantile.value);
        fbs_writer_number(&w->writer, "low", quantile.low);
        fbs_writer_number(&w->writer, "high", quantile.high);
        fbs_writer_number(&w->writer, "coverage", quantile.coverage);
        good = fbs_writer_end_row(&w->writer);
    }
    return good;
}

int
command_quantile(const options* o, const fbs_table* table)
{
    return for_groups(o, table, true, write_quantiles);
}

/* Outliers in one cell, separated by blanks. */
static bool
write_outliers(work* w, const fbs_box* box)
{
    char* text = NULL;
    size_t length;
    FILE* file = open_memstream(&text, &length);
    if (file == NULL)
    {
        return false;
    }
    for (size_t i = 0; i < box->n; i++)
    {
        if (i < box->below || i >= box->n - box->above)
        {
            fprintf(file, "%s%.9g", ftell(file) > 0 ? " " : "", w->numbers[i]);
        }
    }
    bool good = fclose(file) == 0;
    if (good)
    {
        fbs_writer_text(&w->writer, "outliers", text);
    }
    free(text);
    return good;
}

static bool
write_box(work* w, size_t group, size_t n)
{
    fbs_box box;
    fbs_box_summary(w->numbers, n, &box);
    write_keys(w, group);
    fbs_writer_count(&w->writer, "n", n);
    fbs_writer_number(&w->writer, "low_whisker", box.low_whisker);
    fbs_writer_number(&w->writer, "lower_quartile", box.lower_quartile);
    fbs_writer_number(&w->writer, "median", box.median);
    fbs_writer_number(&w->writer, "upper_quartile", box.upper_quartile);
    fbs_writer_number(&w->writer, "high_whisker", box.high_whisker);
    fbs_writer_number(&w->writer, "mean", box.mean);
    return write_outliers(w, &box) && fbs_writer_end_row(&w->writer);
}

int
command_box(const options* o, const fbs_table* table)
{
    return for_groups(o, table, true, write_box);
}

static bool
write_stop(work* w, size_t group, size_t n)
{
    fbs_stop stop;
    fbs_stop_rule(w->numbers, n, w->o->confidence, w->o->until, w->o->least, &stop);
    write_keys(w, group);
    write_interval(&w->writer, "mean", &stop.mean);
    fbs_writer_number(&w->writer, "relative", isfinite(stop.relative) ? stop.relative : NAN);
    fbs_writer_text(&w->writer, "reached", stop.reached ? "yes" : "no");
    fbs_writer_number(&w->writer, "needed", stop.needed > 0 ? (double)stop.needed : NAN);
    return fbs_writer_end_row(&w->writer);
}

int
command_stop(const options* o, const fbs_table* table)
{
    return for_groups(o, table, false, write_stop);
}

/* ------------------------------------------------------------------------------------------------------------------
 * Paired differences */

/* What is compared inside one group: the rows of the alternatives. */
typedef struct
{
    work* w;
    size_t versus, pair;
    const char** names; /* of the alternatives, in order of the file */
    size_t count;
    double *first, *second, *scratch;
    fbs_paired* differences;
    double *p, *adjusted;
} comparison;

static const char*
cell_of(const comparison* c, size_t i, size_t column)
{
    return fbs_table_cell(c->w->table, c->w->groups.rows[i], column);
}

/* The number of the row of an alternative with this pair; NaN: there is none. False: there are several. */
static bool
find_partner(const comparison* c, size_t group, const char* name, const char* pair, double* number)
{
    char error[FBS_ERROR_LENGTH];
    const work* w = c->w;
    bool found = false;
    *number = NAN;
    for (size_t i = w->groups.starts[group]; i < w->groups.starts[group + 1]; i++)
    {
        if (strcmp(cell_of(c, i, c->versus), name) != 0 ||
            strcmp(cell_of(c, i, c->pair), pair) != 0)
        {
            continue;
        }
        if (found)
        {
            complain("%s:%zu: the second row of '%s' with %s %s; tell them apart with --by",
                     w->table->name,
                     w->table->lines[w->groups.rows[i]],
                     name,
                     w->o->pair,
                     pair);
            return false;
        }
        found = true;
        if (!fbs_table_number(w->table, w->groups.rows[i], w->value, number, error))
        {
            complain("%s", error);
            return false;
        }
    }
    return true;
}

/* The pairs of two alternatives: their number, or SIZE_MAX when something is wrong. */
static size_t
take_pairs(const comparison* c, size_t group, const char* first, const char* second)
{
    const work* w = c->w;
    size_t n = 0;
    for (size_t i = w->groups.starts[group]; i < w->groups.starts[group + 1]; i++)
    {
        if (strcmp(cell_of(c, i, c->versus), first) != 0)
        {
            continue;
        }
        const char* pair = cell_of(c, i, c->pair);
        if (!find_partner(c, group, first, pair, &c->first[n]) ||
            !find_partner(c, group, second, pair, &c->second[n]))
        {
            return (size_t)-1;
        }
        n += !isnan(c->first[n]) && !isnan(c->second[n]);
    }
    return n;
}

static bool
write_pair(comparison* c, size_t group, size_t i, size_t j, size_t k)
{
    fbs_writer* writer = &c->w->writer;
    const fbs_paired* paired = &c->differences[k];
    double level = 1 - c->w->o->confidence;
    write_keys(c->w, group);
    fbs_writer_text(writer, "first", c->names[i]);
    fbs_writer_text(writer, "second", c->names[j]);
    write_interval(writer, "difference", &paired->difference);
    fbs_writer_number(writer, "t", isfinite(paired->t) ? paired->t : NAN);
    fbs_writer_number(writer, "p", paired->p);
    fbs_writer_number(writer, "p_holm", c->adjusted[k]);
    const char* verdict = isnan(c->adjusted[k]) ? "" : c->adjusted[k] < level ? "yes" : "no";
    fbs_writer_text(writer, "significant", verdict);
    return fbs_writer_end_row(writer);
}

static int
compare_group(comparison* c, size_t group)
{
    size_t k = 0;
    for (size_t i = 0; i < c->count; i++)
    {
        for (size_t j = i + 1; j < c->count; j++, k++)
        {
            size_t n = take_pairs(c, group, c->names[i], c->names[j]);
            if (n == (size_t)-1)
            {
                return EXIT_WRONG_INPUT;
            }
            fbs_paired_difference(c->first,
                                  c->second,
                                  c->scratch,
                                  n,
                                  c->w->o->confidence,
                                  &c->differences[k]);
            c->p[k] = c->differences[k].p;
        }
    }
    fbs_holm(c->p, k, c->adjusted);
    k = 0;
    for (size_t i = 0; i < c->count; i++)
    {
        for (size_t j = i + 1; j < c->count; j++, k++)
        {
            if (!write_pair(c, group, i, j, k))
            {
                return EXIT_NOT_WRITTEN;
            }
        }
    }
    return EXIT_GOOD;
}

/* The different cells of a column. */
static void
find_names(comparison* c)
{
    for (size_t row = 0; row < c->w->table->rows; row++)
    {
        const char* name = fbs_table_cell(c->w->table, row, c->versus);
        size_t i = 0;
        while (i < c->count && strcmp(c->names[i], name) != 0)
        {
            i++;
        }
        if (i == c->count)
        {
            c->names[c->count++] = name;
        }
    }
}

static bool
allocate(comparison* c)
{
    size_t rows = c->w->table->rows + 1;
    c->names = calloc(rows, sizeof(*c->names));
    c->first = calloc(rows, sizeof(double));
    c->second = calloc(rows, sizeof(double));
    c->scratch = calloc(rows, sizeof(double));
    if (c->names == NULL || c->first == NULL || c->second == NULL || c->scratch == NULL)
    {
        return false;
    }
    find_names(c);
    size_t pairs = c->count * c->count / 2 + 1;
    c->differences = calloc(pairs, sizeof(*c->differences));
    c->p = calloc(pairs, sizeof(double));
    c->adjusted = calloc(pairs, sizeof(double));
    return c->differences != NULL && c->p != NULL && c->adjusted != NULL;
}

int
command_paired(const options* o, const fbs_table* table)
{
    work w;
    comparison c = {.w = &w};
    char error[FBS_ERROR_LENGTH];
    if (!fbs_table_find(table, o->versus, &c.versus, error) ||
        !fbs_table_find(table, o->pair, &c.pair, error))
    {
        return complain("%s", error);
    }
    int code = begin(&w, o, table);
    if (code != EXIT_GOOD)
    {
        return code;
    }
    code = allocate(&c) ? EXIT_GOOD : complain("out of memory");
    for (size_t group = 0; code == EXIT_GOOD && group < w.groups.count; group++)
    {
        code = compare_group(&c, group);
    }
    free(c.names);
    free(c.first);
    free(c.second);
    free(c.scratch);
    free(c.differences);
    free(c.p);
    free(c.adjusted);
    return end(&w, code);
}
