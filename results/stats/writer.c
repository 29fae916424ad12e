/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "table.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void
fbs_writer_init(fbs_writer* writer, FILE* file, bool json)
{
    *writer = (fbs_writer){.file = file, .json = json};
}

/* Starts a row if none is being written. Without memory its cells are lost, and the end of the row says so. */
static void
start_row(fbs_writer* writer)
{
    if (writer->json && writer->object == NULL)
    {
        writer->object = cJSON_CreateObject();
    }
    if (!writer->json && writer->cells == NULL)
    {
        writer->heads = open_memstream(&writer->head, &writer->head_length);
        writer->cells = open_memstream(&writer->line, &writer->line_length);
    }
}

static void
write_cell(FILE* file, const char* text, bool first)
{
    if (file == NULL)
    {
        return;
    }
    if (!first)
    {
        fputc(',', file);
    }
    if (strpbrk(text, ",\"\r\n") == NULL)
    {
        fputs(text, file);
        return;
    }
    fputc('"', file);
    for (; *text != 0; text++)
    {
        fputs(*text == '"' ? "\"\"" : (char[2]){*text, 0}, file);
    }
    fputc('"', file);
}

void
fbs_writer_text(fbs_writer* writer, const char* column, const char* text)
{
    start_row(writer);
    if (writer->json)
    {
        cJSON_AddStringToObject(writer->object, column, text);
        return;
    }
    write_cell(writer->heads, column, writer->column == 0);
    write_cell(writer->cells, text, writer->column == 0);
    writer->column++;
}

void
fbs_writer_number(fbs_writer* writer, const char* column, double number)
{
    char text[32] = "";
    if (!isnan(number))
    {
        snprintf(text, sizeof(text), "%.9g", number);
    }
    if (!writer->json)
    {
        fbs_writer_text(writer, column, text);
        return;
    }
    start_row(writer);
    /* JSON has no infinity either. */
    cJSON* value = isfinite(number) ? cJSON_CreateRaw(text) : cJSON_CreateNull();
    cJSON_AddItemToObject(writer->object, column, value);
}

void
fbs_writer_count(fbs_writer* writer, const char* column, size_t number)
{
    fbs_writer_number(writer, column, (double)number);
}

static bool
end_json(fbs_writer* writer)
{
    char* line = cJSON_PrintUnformatted(writer->object);
    bool good = line != NULL && fprintf(writer->file, "%s\n", line) > 0;
    cJSON_free(line);
    cJSON_Delete(writer->object);
    writer->object = NULL;
    return good;
}

static bool
close_stream(FILE** stream)
{
    bool good = *stream != NULL && fclose(*stream) == 0;
    *stream = NULL;
    return good;
}

bool
fbs_writer_end_row(fbs_writer* writer)
{
    if (writer->json)
    {
        return end_json(writer);
    }
    bool heads = close_stream(&writer->heads), cells = close_stream(&writer->cells);
    bool good = heads && cells;
    if (good && !writer->begun)
    {
        good = fprintf(writer->file, "%s\n", writer->head) > 0;
    }
    good = good && fprintf(writer->file, "%s\n", writer->line) > 0;
    writer->begun = true;
    writer->column = 0;
    free(writer->head);
    free(writer->line);
    writer->head = writer->line = NULL;
    return good;
}
