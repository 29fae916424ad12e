/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Tables: CSV files in (RFC 4180: quotes, any line end), CSV or JSON out, and rows put together by some columns. */
#ifndef FLOWBIND_STATS_TABLE_H
#define FLOWBIND_STATS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

typedef struct
{
    char* name; /* of the file, for messages */
    char* text; /* the file, cut into cells */
    size_t columns, rows;
    char** cells; /* the names of the columns, then the rows */
    size_t* lines; /* of each row, from 1 */
} fbs_table;

#define FBS_ERROR_LENGTH 512

/* Reads a table whose first row names the columns. false: `error` says why ("FILE:LINE: ..."), and there is nothing to
 * free. */
bool fbs_table_read(FILE* file, const char* name, fbs_table* table, char* error);
void fbs_table_free(fbs_table* table);

/* Its column; false: there is none of this name, or several. */
bool fbs_table_find(const fbs_table* table, const char* column, size_t* index, char* error);

const char* fbs_table_cell(const fbs_table* table, size_t row, size_t column);

/* A number, NaN for an empty cell. false: it is none. */
bool fbs_table_number(const fbs_table* table,
                      size_t row,
                      size_t column,
                      double* number,
                      char* error);

/* Rows with the same cells in some columns. */
typedef struct
{
    size_t* rows; /* all rows of the table, group by group; within one in the order of the file */
    size_t* starts; /* of each group in `rows`, and where the last one ends */
    size_t count;
} fbs_groups;

/* The groups stand in the order in which they begin in the file. */
bool fbs_groups_make(const fbs_table* table,
                     const size_t* columns,
                     size_t count,
                     fbs_groups* groups);
void fbs_groups_free(fbs_groups* groups);

/* A table that is written row by row. */
typedef struct
{
    FILE* file;
    bool json; /* an object a line, else CSV */
    bool begun;
    size_t column; /* of the next cell */
    struct cJSON* object;
    char *head, *line; /* of CSV */
    size_t head_length, line_length;
    FILE *heads, *cells;
} fbs_writer;

void fbs_writer_init(fbs_writer* writer, FILE* file, bool json);
/* A row is its cells in order; each row has the same columns. */
void fbs_writer_text(fbs_writer* writer, const char* column, const char* text);
/* NaN is an empty cell, or null. */
void fbs_writer_number(fbs_writer* writer, const char* column, double number);
void fbs_writer_count(fbs_writer* writer, const char* column, size_t number);
/* false: it could not be written, or there is no memory. */
bool fbs_writer_end_row(fbs_writer* writer);

#endif
