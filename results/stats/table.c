/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "table.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ------------------------------------------------------------------------------------------------------------------
 * Reading */

/* The whole file with a 0 behind it; null: errno says why. */
static char*
read_text(FILE* file, size_t* length)
{
    size_t room = 1 << 16, used = 0;
    char* text = malloc(room);
    while (text != NULL)
    {
        used += fread(text + used, 1, room - used - 1, file);
        if (used < room - 1)
        {
            break;
        }
        char* larger = realloc(text, room *= 2);
        if (larger == NULL)
        {
            free(text);
        }
        text = larger;
    }
    if (text != NULL && ferror(file))
    {
        free(text);
        return NULL;
    }
    if (text != NULL)
    {
        text[used] = 0;
        *length = used;
    }
    return text;
}

typedef struct
{
    fbs_table* table;
    char* at; /* the next octet to read */
    size_t line; /* it is in */
    size_t cell_room, line_room;
    size_t cells; /* read so far */
    size_t width; /* cells of the row that is being read */
    char* error;
} reader;

static bool
complain(const reader* r, size_t line, const char* what)
{
    snprintf(r->error, FBS_ERROR_LENGTH, "%s:%zu: %s", r->table->name, line, what);
    return false;
}

/* Reads one cell in place and leaves `at` behind what ends it. *last: it ends its row. */
static bool
read_cell(reader* r, char** cell, bool* last)
{
    size_t first_line = r->line;
    bool quoted = *r->at == '"';
    char *in = r->at + quoted, *out = in;
    *cell = out;
    while (*in != 0 && (quoted || (*in != ',' && *in != '\n' && *in != '\r')))
    {
        if (quoted && *in == '"')
        {
            if (in[1] != '"')
            {
                break;
            }
            in++;
        }
        r->line += *in == '\n';
        *out++ = *in++;
    }
    if (quoted && *in++ != '"')
    {
        return complain(r, first_line, "a quoted cell has no end");
    }
    in += *in == '\r' && in[1] == '\n';
    if (*in != 0 && *in != ',' && *in != '\n' && *in != '\r')
    {
        return complain(r, r->line, "something follows the end of a quoted cell");
    }
    *last = *in != ',';
    r->line += *in == '\n' || *in == '\r';
    r->at = *in != 0 ? in + 1 : in;
    *out = 0;
    return true;
}

static bool
store_cell(reader* r, char* cell)
{
    if (r->cells == r->cell_room)
    {
        r->cell_room = r->cell_room == 0 ? 1024 : 2 * r->cell_room;
        char** cells = realloc(r->table->cells, r->cell_room * sizeof(*cells));
        if (cells == NULL)
        {
            return complain(r, r->line, "out of memory");
        }
        r->table->cells = cells;
    }
    r->table->cells[r->cells++] = cell;
    r->width++;
    return true;
}

static bool
store_line(reader* r, size_t line)
{
    fbs_table* table = r->table;
    if (table->rows == r->line_room)
    {
        r->line_room = r->line_room == 0 ? 256 : 2 * r->line_room;
        size_t* lines = realloc(table->lines, r->line_room * sizeof(*lines));
        if (lines == NULL)
        {
            return complain(r, r->line, "out of memory");
        }
        table->lines = lines;
    }
    table->lines[table->rows++] = line;
    return true;
}

static bool
read_row(reader* r)
{
    size_t line = r->line;
    bool last = false;
    r->width = 0;
    while (!last)
    {
        char* cell;
        if (!read_cell(r, &cell, &last) || !store_cell(r, cell))
        {
            return false;
        }
    }
    if (r->table->columns == 0)
    {
        r->table->columns = r->width;
        return true;
    }
    if (r->width != r->table->columns)
    {
        char what[100];
        snprintf(what,
                 sizeof(what),
                 "%zu cells; the first line has %zu",
                 r->width,
                 r->table->columns);
        return complain(r, line, what);
    }
    return store_line(r, line);
}

static bool
read_rows(reader* r, const char* end)
{
    while (r->at < end)
    {
        if (*r->at == '\n' || *r->at == '\r')
        { /* an empty line is no row */
            r->line += *r->at == '\n';
            r->at++;
        }
        else if (!read_row(r))
        {
            return false;
        }
    }
    return r->table->columns > 0 || complain(r, 1, "is empty; a first line must name the columns");
}

bool
fbs_table_read(FILE* file, const char* name, fbs_table* table, char* error)
{
    *table = (fbs_table){.name = strdup(name)};
    size_t length = 0;
    errno = 0;
    table->text = table->name != NULL ? read_text(file, &length) : NULL;
    if (table->text == NULL)
    {
        snprintf(error, FBS_ERROR_LENGTH, "%s: cannot read it: %s", name, strerror(errno));
        fbs_table_free(table);
        return false;
    }
    reader r = {.table = table, .at = table->text, .line = 1, .error = error};
    bool good = strlen(table->text) == length || complain(&r, 1, "is no text");
    if (!good || !read_rows(&r, table->text + length))
    {
        fbs_table_free(table);
        return false;
    }
    return true;
}

void
fbs_table_free(fbs_table* table)
{
    free(table->name);
    free(table->text);
    free(table->cells);
    free(table->lines);
    *table = (fbs_table){0};
}

bool
fbs_table_find(const fbs_table* table, const char* column, size_t* index, char* error)
{
    size_t found = 0;
    for (size_t i = 0; i < table->columns; i++)
    {
        if (strcmp(table->cells[i], column) == 0)
        {
            *index = i;
            found++;
        }
    }
    if (found == 1)
    {
        return true;
    }
    int used = snprintf(error,
                        FBS_ERROR_LENGTH,
                        "%s:1: %s column '%s'; there are:",
                        table->name,
                        found == 0 ? "no" : "more than one",
                        column);
    for (size_t i = 0; i < table->columns && used >= 0 && used < FBS_ERROR_LENGTH; i++)
    {
        used += snprintf(error + used, (size_t)(FBS_ERROR_LENGTH - used), " %s", table->cells[i]);
    }
    return false;
}

const char*
fbs_table_cell(const fbs_table* table, size_t row, size_t column)
{
    return table->cells[(row + 1) * table->columns + column];
}

bool
fbs_table_number(const fbs_table* table, size_t row, size_t column, double* number, char* error)
{
    const char* cell = fbs_table_cell(table, row, column);
    if (*cell == 0)
    {
        *number = NAN;
        return true;
    }
    char* end;
    *number = strtod(cell, &end);
    if (*end == 0 && isfinite(*number))
    {
        return true;
    }
    snprintf(error,
             FBS_ERROR_LENGTH,
             "%s:%zu: '%s' in column '%s' is no number",
             table->name,
             table->lines[row],
             cell,
             table->cells[column]);
    return false;
}

/* ------------------------------------------------------------------------------------------------------------------
 * Groups */

typedef struct
{
    const fbs_table* table;
    const size_t* columns;
    size_t count;
} keys;

/* Two rows by their keys alone. */
static int
compare_keys(const keys* k, size_t a, size_t b)
{
    int order = 0;
    for (size_t i = 0; i < k->count && order == 0; i++)
    {
        order = strcmp(fbs_table_cell(k->table, a, k->columns[i]),
                       fbs_table_cell(k->table, b, k->columns[i]));
    }
    return order;
}

/* A merge sort: it is stable, and qsort() takes no context. */
static void
sort_rows(const keys* k, size_t* rows, size_t* spare, size_t count)
{
    if (count < 2)
    {
        return;
    }
    size_t half = count / 2, left = 0, right = half;
    sort_rows(k, rows, spare, half);
    sort_rows(k, rows + half, spare, count - half);
    for (size_t i = 0; i < count; i++)
    {
        bool take_left = right == count ||
                         (left < half && compare_keys(k, rows[left], rows[right]) <= 0);
        spare[i] = take_left ? rows[left++] : rows[right++];
    }
    memcpy(rows, spare, count * sizeof(*rows));
}

typedef struct
{
    size_t start, length, first_row;
} span;

static int
compare_spans(const void* a, const void* b)
{
    const span *x = a, *y = b;
    return x->first_row < y->first_row ? -1 : 1;
}

/* Finds the groups in sorted rows: their number. */
static size_t
find_spans(const keys* k, const size_t* sorted, size_t count, span* spans)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++)
    {
        if (i == 0 || compare_keys(k, sorted[i - 1], sorted[i]) != 0)
        {
            spans[found++] = (span){.start = i, .first_row = sorted[i]};
        }
        spans[found - 1].length++;
    }
    return found;
}

bool
fbs_groups_make(const fbs_table* table, const size_t* columns, size_t count, fbs_groups* groups)
{
    keys k = {table, columns, count};
    size_t rows = table->rows;
    size_t* sorted = malloc((rows + 1) * sizeof(*sorted));
    span* spans = calloc(rows + 1, sizeof(*spans));
    groups->rows = malloc((rows + 1) * sizeof(*groups->rows));
    groups->starts = malloc((rows + 1) * sizeof(*groups->starts));
    bool good = sorted != NULL && spans != NULL && groups->rows != NULL && groups->starts != NULL;
    if (good)
    {
        for (size_t i = 0; i < rows; i++)
        {
            sorted[i] = i;
        }
        sort_rows(&k, sorted, groups->rows, rows);
        groups->count = find_spans(&k, sorted, rows, spans);
        qsort(spans, groups->count, sizeof(*spans), compare_spans);
        size_t at = 0;
        for (size_t i = 0; i < groups->count; i++)
        {
            groups->starts[i] = at;
            memcpy(groups->rows + at, sorted + spans[i].start, spans[i].length * sizeof(*sorted));
            at += spans[i].length;
        }
        groups->starts[groups->count] = at;
    }
    else
    {
        fbs_groups_free(groups);
    }
    free(sorted);
    free(spans);
    return good;
}

void
fbs_groups_free(fbs_groups* groups)
{
    free(groups->rows);
    free(groups->starts);
    *groups = (fbs_groups){0};
}
