/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Statistics of simulation runs. It reads tables that flowbind wrote and writes tables; it shares no code with the rest
 * of the project, because it uses GSL, which is GPL-3.0-or-later. */
#include "commands.h"

#include <errno.h>
#include <gsl/gsl_errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static const char HELP[] =
    "usage: flowbind-stats COMMAND [OPTION]... [FILE.csv]     (without a file: standard input)\n"
    "\n"
    "  mean      means with Student's t intervals\n"
    "  paired    differences between alternatives, run by run, and whether they are significant\n"
    "  quantile  quantiles with intervals that hold for any distribution\n"
    "  box       what a box plot shows (Tukey's)\n"
    "  stop      whether there are runs enough, and how many it should take\n"
    "  oracle    closed forms: flowbind-stats oracle --list\n"
    "\n"
    "  --by A,B,...      columns whose cells tell the groups apart (none: all rows are one)\n"
    "  --value NAME      column of the numbers (value); an empty cell is no run\n"
    "  --versus NAME     of paired: column that names the alternatives (policy)\n"
    "  --pair NAME       of paired: column that says which runs belong together (run)\n"
    "  --confidence P    of the intervals and of \"significant\" (95%)\n"
    "  --at P,P,...      of quantile (5%,50%,95%)\n"
    "  --until P         of stop: half-width at most this share of the mean (5%)\n"
    "  --least N         of stop: not before so many runs (10)\n"
    "  --json            an object a line instead of CSV\n"
    "\n"
    "A difference is significant when Holm's procedure says so for all pairs of alternatives of its\n"
    "group. Exit code: 0 fine, 2 wrong input, 4 not written.\n";

int
complain(const char* format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("flowbind-stats: ", stderr);
    vfprintf(stderr, format, arguments);
    fputs("\n", stderr);
    va_end(arguments);
    return EXIT_WRONG_INPUT;
}

/* "95%" or "0.95"; above 0 and below 1. */
static bool
parse_share(const char* text, double* share)
{
    char* end;
    *share = strtod(text, &end);
    if (end == text)
    {
        return false;
    }
    if (*end == '%')
    {
        *share /= 100;
        end++;
    }
    return *end == 0 && *share > 0 && *share < 1;
}

static bool
parse_by(char* text, options* o)
{
    o->by_count = 0;
    for (char* word = strtok(text, ","); word != NULL; word = strtok(NULL, ","))
    {
        if (o->by_count == MOST_COLUMNS)
        {
            return false;
        }
        o->by[o->by_count++] = word;
    }
    return o->by_count > 0;
}

static bool
parse_at(char* text, options* o)
{
    o->at_count = 0;
    for (char* word = strtok(text, ","); word != NULL; word = strtok(NULL, ","))
    {
        if (o->at_count == MOST_SHARES || !parse_share(word, &o->at[o->at_count++]))
        {
            return false;
        }
    }
    return o->at_count > 0;
}

static bool
parse_least(const char* text, options* o)
{
    char* end;
    long number = strtol(text, &end, 10);
    o->least = (size_t)number;
    return end != text && *end == 0 && number >= 2 && number <= 1000000;
}

/* An option with a value. 0: taken; else an exit code. */
static int
take_value(const char* word, char* value, options* o)
{
    bool good = true;
    if (strcmp(word, "--by") == 0)
    {
        good = parse_by(value, o);
    }
    else if (strcmp(word, "--value") == 0)
    {
        o->value = value;
    }
    else if (strcmp(word, "--versus") == 0)
    {
        o->versus = value;
    }
    else if (strcmp(word, "--pair") == 0)
    {
        o->pair = value;
    }
    else if (strcmp(word, "--confidence") == 0)
    {
        good = parse_share(value, &o->confidence);
    }
    else if (strcmp(word, "--at") == 0)
    {
        good = parse_at(value, o);
    }
    else if (strcmp(word, "--until") == 0)
    {
        good = parse_share(value, &o->until);
    }
    else if (strcmp(word, "--least") == 0)
    {
        good = parse_least(value, o);
    }
    else
    {
        return complain("there is no option '%s'; say: flowbind-stats --help", word);
    }
    return good ? 0 : complain("%s cannot be '%s'; say: flowbind-stats --help", word, value);
}

static int
parse_options(int count, char** words, options* o)
{
    *o = (options){.value = "value",
                   .versus = "policy",
                   .pair = "run",
                   .confidence = 0.95,
                   .at = {0.05, 0.5, 0.95}};
    o->at_count = 3;
    o->until = 0.05;
    o->least = 10;
    for (int i = 0; i < count; i++)
    {
        if (strcmp(words[i], "--json") == 0)
        {
            o->json = true;
        }
        else if (words[i][0] != '-' || words[i][1] == 0)
        {
            if (o->file != NULL)
            {
                return complain("one file at a time; '%s' is too much", words[i]);
            }
            o->file = words[i];
        }
        else if (i + 1 == count)
        {
            return complain("a value is missing behind %s, or there is no such option", words[i]);
        }
        else
        {
            int code = take_value(words[i], words[i + 1], o);
            if (code != 0)
            {
                return code;
            }
            i++;
        }
    }
    return 0;
}

static const struct
{
    const char* name;
    int (*run)(const options* o, const fbs_table* table);
} COMMANDS[] = {
    {"mean", command_mean},
    {"paired", command_paired},
    {"quantile", command_quantile},
    {"box", command_box},
    {"stop", command_stop},
};

static int
run_table_command(size_t command, int count, char** words)
{
    options o;
    int code = parse_options(count, words, &o);
    if (code != 0)
    {
        return code;
    }
    bool from_file = o.file != NULL && strcmp(o.file, "-") != 0;
    FILE* file = from_file ? fopen(o.file, "rb") : stdin;
    if (file == NULL)
    {
        return complain("%s: %s", o.file, strerror(errno));
    }
    fbs_table table;
    char error[FBS_ERROR_LENGTH];
    bool read = fbs_table_read(file, from_file ? o.file : "standard input", &table, error);
    if (from_file)
    {
        fclose(file);
    }
    if (!read)
    {
        return complain("%s", error);
    }
    code = COMMANDS[command].run(&o, &table);
    fbs_table_free(&table);
    return code;
}

static int
run(int count, char** words)
{
    bool help = count == 0 || strcmp(words[0], "help") == 0;
    for (int i = 0; i < count && i < 2; i++)
    {
        help = help || strcmp(words[i], "--help") == 0;
    }
    if (help)
    {
        fputs(HELP, stdout);
        return EXIT_GOOD;
    }
    if (strcmp(words[0], "oracle") == 0)
    {
        bool json = count > 1 && strcmp(words[count - 1], "--json") == 0;
        return command_oracle(count - 1 - json, words + 1, json);
    }
    for (size_t i = 0; i < sizeof(COMMANDS) / sizeof(COMMANDS[0]); i++)
    {
        if (strcmp(words[0], COMMANDS[i].name) == 0)
        {
            return run_table_command(i, count - 1, words + 1);
        }
    }
    return complain("there is no command '%s'; say: flowbind-stats --help", words[0]);
}

int
main(int argc, char** argv)
{
    gsl_set_error_handler_off(); /* errors are looked at where they come back */
    int code = run(argc - 1, argv + 1);
    if (fclose(stdout) != 0 && code == EXIT_GOOD)
    {
        fprintf(stderr, "flowbind-stats: cannot write: %s\n", strerror(errno));
        code = EXIT_NOT_WRITTEN;
    }
    return code;
}
