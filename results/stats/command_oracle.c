/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "commands.h"
#include "oracle.h"

#include <string.h>

static size_t
count_parameters(const fbs_oracle* oracle)
{
    size_t count = 0;
    while (count < FBS_PARAMETERS && oracle->parameters[count].name != NULL)
    {
        count++;
    }
    return count;
}

/* Length of a name without the mark of a list. */
static size_t
name_length(const char* name)
{
    return strcspn(name, "*");
}

static bool
is_list(const char* name)
{
    return name[name_length(name)] == '*';
}

static void
list_oracles(const fbs_oracle* oracle)
{
    for (; oracle->name != NULL; oracle++)
    {
        printf("%s\n    %s (%s)\n", oracle->name, oracle->what, oracle->source);
        for (size_t i = 0; i < count_parameters(oracle); i++)
        {
            const fbs_parameter* p = &oracle->parameters[i];
            const char* preset = p->preset == NULL ? ""
                                 : *p->preset == 0 ? ", or not given"
                                                   : ", or ";
            printf("      %.*s=%s   %s%s%s\n",
                   (int)name_length(p->name),
                   p->name,
                   is_list(p->name) ? "A,B,..." : "N",
                   p->meaning,
                   preset,
                   p->preset == NULL ? "" : p->preset);
        }
        printf("      ->");
        for (size_t i = 0; i < FBS_RESULTS && oracle->results[i] != NULL; i++)
        {
            const char* name = oracle->results[i];
            printf(" %.*s%s", (int)name_length(name), name, is_list(name) ? "1 ..." : "");
        }
        printf("\n");
    }
}

/* A question: the oracle, a text for each parameter, and which one has several values, a row each. */
typedef struct
{
    const fbs_oracle* oracle;
    const char* text[FBS_PARAMETERS];
    fbs_list values[FBS_PARAMETERS];
    size_t count;
    size_t varied; /* count: none */
} question;

static bool
take_words(question* q, int count, char** words)
{
    for (int i = 0; i < count; i++)
    {
        size_t length = strcspn(words[i], "=");
        size_t which = 0;
        while (which < q->count &&
               (name_length(q->oracle->parameters[which].name) != length ||
                strncmp(q->oracle->parameters[which].name, words[i], length) != 0))
        {
            which++;
        }
        if (words[i][length] != '=' || which == q->count)
        {
            complain("'%s' is no NAME=VALUE of the oracle '%s'; see --list",
                     words[i],
                     q->oracle->name);
            return false;
        }
        q->text[which] = words[i] + length + 1;
    }
    return true;
}

/* Whether "5,10,20" or "2..16" are several values of a parameter that is one number. */
static bool
is_varied(const fbs_parameter* parameter, const char* text)
{
    return !is_list(parameter->name) && (strchr(text, ',') != NULL || strstr(text, "..") != NULL);
}

static bool
prepare(question* q)
{
    q->varied = q->count;
    for (size_t i = 0; i < q->count; i++)
    {
        const fbs_parameter* p = &q->oracle->parameters[i];
        q->text[i] = q->text[i] != NULL ? q->text[i] : p->preset;
        if (q->text[i] == NULL)
        {
            complain("the oracle '%s' needs %.*s=: %s",
                     q->oracle->name,
                     (int)name_length(p->name),
                     p->name,
                     p->meaning);
            return false;
        }
        if (is_varied(p, q->text[i]))
        {
            if (q->varied != q->count)
            {
                complain("one parameter at a time may have several values");
                return false;
            }
            q->varied = i;
            continue;
        }
        bool absent = q->values[i].count == 0 && *q->text[i] == 0;
        bool good = fbs_list_parse(q->text[i], &q->values[i]);
        good = good && (q->values[i].count > 0 || (absent && p->preset != NULL && *p->preset == 0));
        if (!good)
        {
            complain("'%s' is no %s for %.*s of '%s'",
                     q->text[i],
                     is_list(p->name) ? "list of at most 16 numbers" : "number",
                     (int)name_length(p->name),
                     p->name,
                     q->oracle->name);
            return false;
        }
    }
    return true;
}

static int
answer(question* q, fbs_writer* writer)
{
    const fbs_oracle* oracle = q->oracle;
    fbs_answer result = {.list = {.count = 0}};
    const char* wrong = "";
    if (!oracle->compute(q->values, &result, &wrong))
    {
        return complain("oracle '%s': %s", oracle->name, wrong);
    }
    if (q->varied < q->count)
    {
        fbs_writer_number(writer,
                          oracle->parameters[q->varied].name,
                          q->values[q->varied].value[0]);
    }
    for (size_t i = 0; i < FBS_RESULTS && oracle->results[i] != NULL; i++)
    {
        const char* name = oracle->results[i];
        if (!is_list(name))
        {
            fbs_writer_number(writer, name, result.value[i]);
            continue;
        }
        for (size_t k = 0; k < result.list.count; k++)
        {
            char column[64];
            snprintf(column, sizeof(column), "%.*s%zu", (int)name_length(name), name, k + 1);
            fbs_writer_number(writer, column, result.list.value[k]);
        }
    }
    return fbs_writer_end_row(writer) ? EXIT_GOOD : EXIT_NOT_WRITTEN;
}

/* One of the values of the varied parameter: "7", or the range "2..16". Leaves the text behind it, and the comma. */
static bool
next_values(const char** text, double* from, double* to)
{
    char part[64];
    size_t length = strcspn(*text, ",");
    if (length >= sizeof(part))
    {
        return false;
    }
    memcpy(part, *text, length);
    part[length] = 0;
    *text += length + ((*text)[length] == ',');
    char* dots = strstr(part, "..");
    fbs_list low, high;
    if (dots != NULL)
    {
        *dots = 0;
    }
    if (!fbs_list_parse(part, &low) || low.count != 1)
    {
        return false;
    }
    *from = *to = low.value[0];
    if (dots != NULL)
    {
        if (!fbs_list_parse(dots + 2, &high) || high.count != 1 || high.value[0] < *from ||
            high.value[0] > *from + 100000)
        {
            return false;
        }
        *to = high.value[0];
    }
    return true;
}

static int
answer_all(question* q, fbs_writer* writer)
{
    if (q->varied == q->count)
    {
        return answer(q, writer);
    }
    const char* text = q->text[q->varied];
    int code = EXIT_GOOD;
    while (code == EXIT_GOOD && *text != 0)
    {
        double from, to;
        if (!next_values(&text, &from, &to))
        {
            return complain("'%s' has a value that is neither a number nor a range like 2..16",
                            q->text[q->varied]);
        }
        for (double value = from; code == EXIT_GOOD && value <= to; value++)
        {
            q->values[q->varied] = (fbs_list){.value = {value}, .count = 1};
            code = answer(q, writer);
        }
    }
    return code;
}

int
command_oracle(int count, char** words, bool json)
{
    if (count == 0 || strcmp(words[0], "--list") == 0)
    {
        list_oracles(fbs_steering_oracles);
        list_oracles(fbs_access_oracles);
        return EXIT_GOOD;
    }
    question q = {.oracle = fbs_oracle_find(words[0])};
    if (q.oracle == NULL)
    {
        return complain("there is no oracle '%s'; flowbind-stats oracle --list shows all",
                        words[0]);
    }
    q.count = count_parameters(q.oracle);
    if (!take_words(&q, count - 1, words + 1) || !prepare(&q))
    {
        return EXIT_WRONG_INPUT;
    }
    fbs_writer writer;
    fbs_writer_init(&writer, stdout, json);
    return answer_all(&q, &writer);
}
