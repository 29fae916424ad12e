/* SPDX-License-Identifier: BSD-3-Clause */
#include "source.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *
problem_text(fbc_arena *arena, const char *what, const char *why)
{
    size_t length = strlen(what) + strlen(why);
    char *text = fbc_arena_array(arena, length + 1, 1);
    snprintf(text, length + 1, "%s%s", what, why);
    return text;
}

/* All of it, or one octet more than is allowed. Size and kind of the file do not matter: it may be a pipe. */
static char *
read_stream(fbc_arena *arena, FILE *stream, size_t *length)
{
    size_t room = (size_t)1 << 14;
    char *text = fbc_arena_array(arena, room + 1, 1);
    *length = fread(text, 1, room, stream);
    while (*length == room && *length <= FBC_FILE_MAX)
    {
        char *longer = fbc_arena_array(arena, 4 * room + 1, 1);
        memcpy(longer, text, *length);
        text = longer;
        *length += fread(text + *length, 1, 3 * room, stream);
        room *= 4;
    }
    return text;
}

fbc_source *
fbc_source_load(fbc_arena *arena, const char *file, const char **problem)
{
    errno = 0;
    FILE *stream = fopen(file, "rb");
    if (stream == NULL)
    {
        *problem = problem_text(arena, "cannot be opened: ", strerror(errno));
        return NULL;
    }
    size_t length = 0;
    char *text = read_stream(arena, stream, &length);
    int failure = ferror(stream) ? errno : 0;
    fclose(stream);
    if (failure != 0)
    {
        *problem = problem_text(arena, "cannot be read: ", strerror(failure));
        return NULL;
    }
    if (length > FBC_FILE_MAX)
    {
        *problem = "is larger than 1 MB; expected a policy or scenario file";
        return NULL;
    }
    if (memchr(text, 0, length) != NULL)
    {
        *problem = "is a binary file (it has a zero octet); expected text in UTF-8";
        return NULL;
    }
    fbc_source *source = fbc_arena_array(arena, 1, sizeof(*source));
    source->file = fbc_arena_text(arena, file, strlen(file));
    source->text = text;
    source->length = length;
    return source;
}

/* Octets of the line break at @p text, 0 when there is none. The same five breaks as in YAML 1.1, chapter 4.2. */
static size_t
line_break(const char *text)
{
    if (text[0] == '\r' && text[1] == '\n')
    {
        return 2;
    }
    if (text[0] == '\n' || text[0] == '\r')
    {
        return 1;
    }
    if (text[0] == '\xC2' && text[1] == '\x85')
    {
        return 2;
    }
    if (text[0] == '\xE2' && text[1] == '\x80' && (text[2] == '\xA8' || text[2] == '\xA9'))
    {
        return 3;
    }
    return 0;
}

static bool
is_continuation(char octet)
{
    return ((unsigned char)octet & 0xC0u) == 0x80u; /* UTF-8: not the first octet of a character */
}

fbc_place
fbc_source_place(const fbc_source *source, size_t offset)
{
    fbc_place place = {1, 1};
    size_t at = 0;
    while (at < offset && at < source->length)
    {
        size_t broken = line_break(source->text + at);
        if (broken > 0)
        {
            place.line++;
            place.column = 1;
            at += broken;
            continue;
        }
        at++;
        if (!is_continuation(source->text[at]))
        {
            place.column++;
        }
    }
    return place;
}

/* Longer lines are cut in messages. */
enum
{
    SHOWN_MAX = 120
};

static const char *
line_start(const fbc_source *source, uint32_t number)
{
    const char *at = source->text;
    const char *end = source->text + source->length;
    for (uint32_t line = 1; line < number && at < end;)
    {
        size_t broken = line_break(at);
        line += broken > 0 ? 1u : 0u;
        at += broken > 0 ? broken : 1;
    }
    return at;
}

const char *
fbc_source_at(const fbc_source *source, fbc_place place)
{
    const char *at = line_start(source, place.line);
    for (uint32_t column = 1; column < place.column && *at != 0; column++)
    {
        at++;
        while (is_continuation(*at))
        {
            at++;
        }
    }
    return at;
}

/* A copy of line @p number fit for a terminal: one column a character, nothing that steers it. */
static char *
line_copy(const fbc_source *source, uint32_t number)
{
    const char *at = line_start(source, number);
    const char *end = source->text + source->length;
    size_t length = 0;
    while (at + length < end && line_break(at + length) == 0 &&
           (length < SHOWN_MAX || is_continuation(at[length])))
    {
        length++;
    }
    char *copy = malloc(length + 1);
    if (copy == NULL)
    {
        return NULL;
    }
    for (size_t i = 0; i < length; i++)
    {
        unsigned char octet = (unsigned char)at[i];
        copy[i] = octet == '\t' ? ' ' : octet < 0x20 || octet == 0x7f ? '?' : at[i];
    }
    copy[length] = 0;
    return copy;
}

static char *
text_copy(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    if (copy != NULL)
    {
        memcpy(copy, text, size);
    }
    return copy;
}

static bool
is_known(const fbc_report *report, const char *file, fbc_place place, const char *text)
{
    for (size_t i = 0; i < report->count; i++)
    {
        const fbc_message *known = &report->message[i];
        if (known->place.line == place.line && known->place.column == place.column &&
            strcmp(known->file, file) == 0 && strcmp(known->text, text) == 0)
        {
            return true;
        }
    }
    return false;
}

void
fbc_report_add(fbc_report *report,
               const fbc_source *source,
               fbc_place place,
               const char *format,
               va_list arguments)
{
    char text[1024];
    if (report == NULL)
    {
        return;
    }
    vsnprintf(text, sizeof(text), format, arguments);
    /* What an alias stands for is read once for each use, but wrong only once. */
    if (is_known(report, source->file, place, text))
    {
        return;
    }
    report->total++;
    if (report->count == FBC_MESSAGES_MAX)
    {
        return;
    }
    fbc_message message = {text_copy(source->file), place, text_copy(text), NULL};
    if (message.file == NULL || message.text == NULL)
    {
        free(message.file);
        free(message.text);
        return;
    }
    message.source = place.line == 0 ? NULL : line_copy(source, place.line);
    report->message[report->count++] = message;
}

static void
report_plain(fbc_report *report, const fbc_source *source, const char *format, ...)
{
    const fbc_place whole = {0, 0};
    va_list arguments;
    va_start(arguments, format);
    fbc_report_add(report, source, whole, format, arguments);
    va_end(arguments);
}

void
fbc_report_file(fbc_report *report, const char *file, const char *text)
{
    const fbc_source source = {file, "", 0};
    report_plain(report, &source, "%s", text);
}

static bool
comes_later(const fbc_message *a, const fbc_message *b, const char *file)
{
    bool a_other = strcmp(a->file, file) != 0;
    bool b_other = strcmp(b->file, file) != 0;
    if (a_other != b_other)
    {
        return a_other;
    }
    if (a->place.line != b->place.line)
    {
        return a->place.line > b->place.line;
    }
    return a->place.column > b->place.column;
}

void
fbc_report_sort(fbc_report *report, size_t first, const char *file)
{
    if (report == NULL)
    {
        return;
    }
    for (size_t i = first + 1; i < report->count; i++)
    {
        fbc_message moving = report->message[i];
        size_t j = i;
        for (; j > first && comes_later(&report->message[j - 1], &moving, file); j--)
        {
            report->message[j] = report->message[j - 1];
        }
        report->message[j] = moving;
    }
}

void
fbc_report_init(fbc_report *report)
{
    memset(report, 0, sizeof(*report));
}

void
fbc_report_free(fbc_report *report)
{
    for (size_t i = 0; i < report->count; i++)
    {
        free(report->message[i].file);
        free(report->message[i].text);
        free(report->message[i].source);
    }
    fbc_report_init(report);
}

static void
print_source(const fbc_message *message, FILE *stream)
{
    if (message->source == NULL || message->source[0] == 0)
    {
        return;
    }
    fprintf(stream, "    %s\n", message->source);
    if (message->place.column <= SHOWN_MAX)
    {
        fprintf(stream, "    %*s\n", (int)message->place.column, "^");
    }
}

void
fbc_report_print(const fbc_report *report, FILE *stream)
{
    for (size_t i = 0; i < report->count; i++)
    {
        const fbc_message *message = &report->message[i];
        if (message->place.line == 0)
        {
            fprintf(stream, "%s: %s\n", message->file, message->text);
            continue;
        }
        fprintf(stream,
                "%s:%lu:%lu: %s\n",
                message->file,
                (unsigned long)message->place.line,
                (unsigned long)message->place.column,
                message->text);
        print_source(message, stream);
    }
    if (report->total > report->count)
    {
        fprintf(stream,
                "... and %lu more; mend these first\n",
                (unsigned long)(report->total - report->count));
    }
}
