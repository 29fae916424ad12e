/* SPDX-License-Identifier: BSD-3-Clause */
#include "schema.h"

#include "flowbind/config.h"
#include "value.h"

#include <string.h>

/* ---------------------------------------------------------------------------------------------------------------- */
/* Did you mean                                                                                                       */

enum
{
    SUGGEST_MAX = 32, /* longer words are no misspelt keys */
    SCHEDULERS_MAX = 32
};

#define FARTHEST_MM INT64_C(100000000)

/* How many characters to change, insert, drop or swap with their neighbour to turn one word into the other. */
static size_t
edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][SUGGEST_MAX + 1];
    for (size_t j = 0; j <= b_length; j++)
    {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= a_length; i++)
    {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++)
        {
            size_t best = above[j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u);
            best = above[j] + 1 < best ? above[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            row[j] = swapped && two_above[j - 2] + 1 < best ? two_above[j - 2] + 1 : best;
        }
    }
    return rows[a_length % 3][b_length];
}

/* '_' and '-', 'A' and 'a' are the same mistake. */
static size_t
fold(const char *text, char folded[SUGGEST_MAX + 1])
{
    size_t length = 0;
    for (; text[length] != 0; length++)
    {
        if (length == SUGGEST_MAX)
        {
            return SUGGEST_MAX + 1;
        }
        char c = text[length];
        folded[length] = c == '_' ? '-' : c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    return length;
}

const char *
fbc_suggest(const char *text, const char *const *names, size_t count)
{
    char a[SUGGEST_MAX + 1];
    char b[SUGGEST_MAX + 1];
    size_t a_length = fold(text, a);
    const char *best = NULL;
    size_t best_distance = a_length / 3 + 2;
    if (a_length > SUGGEST_MAX)
    {
        return NULL;
    }
    for (size_t i = 0; i < count; i++)
    {
        size_t b_length = fold(names[i], b);
        if (b_length > SUGGEST_MAX)
        {
            continue;
        }
        size_t distance = edit_distance(a, a_length, b, b_length);
        size_t longer = a_length > b_length ? a_length : b_length;
        if (distance < best_distance && distance * 2 <= longer)
        {
            best = names[i];
            best_distance = distance;
        }
    }
    return best;
}

/* "one of a, b, c" */
static void
join_names(const char *const *names, size_t count, char *buffer, size_t size)
{
    size_t used = (size_t)snprintf(buffer, size, "%s", count > 1 ? "one of " : "");
    for (size_t i = 0; i < count && used < size; i++)
    {
        used += (size_t)snprintf(buffer + used, size - used, "%s%s", i > 0 ? ", " : "", names[i]);
    }
}

void
fbc_expected(const char *text, const char *const *names, size_t count, char *buffer, size_t size)
{
    const char *similar = fbc_suggest(text, names, count);
    if (similar != NULL)
    {
        snprintf(buffer, size, "; did you mean '%s'?", similar);
        return;
    }
    size_t used = (size_t)snprintf(buffer, size, "; expected ");
    if (used < size)
    {
        join_names(names, count, buffer + used, size - used);
    }
}

static size_t
choice_count(const char *const *choices)
{
    size_t count = 0;
    while (choices[count] != NULL)
    {
        count++;
    }
    return count;
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* Types                                                                                                              */

typedef struct type_info
{
    const char *text; /* "expected ..." */
    const fbc_unit *units;
    fbc_atom atom;
} type_info;

static const type_info types[FBC_TYPE_COUNT] = {
    [FBC_NAME] =
        {"a name of 1 to 32 letters, digits, '-', '_', '.', beginning with a letter or digit",
         NULL,
         NULL},
    [FBC_INTEGER] = {"a whole number", NULL, NULL},
    [FBC_DURATION] = {"a duration like 20s, 100ms or 2min", fbc_duration_units, NULL},
    [FBC_RATE] = {"a rate like 32kbps or 2.4576Mbps", fbc_rate_units, NULL},
    [FBC_SIZE] = {"octets, like 1400, 64kB or 1MiB", fbc_size_units, NULL},
    [FBC_QUEUE] = {"packets like 100p or octets like 64kB", NULL, NULL},
    [FBC_SHARE] = {"a share like 1% or 0.01", NULL, NULL},
    [FBC_LENGTH] = {"a distance like 30m or 1.5km", fbc_length_units, NULL},
    [FBC_SPEED] = {"a speed like 1.5m/s or 30km/h", fbc_speed_units, NULL},
    [FBC_DECIMAL] = {"a number like 3.5", fbc_decimal_units, NULL},
    [FBC_BOOLEAN] = {"true or false", NULL, NULL},
    [FBC_NAI] = {"an identifier like mn@example.com, at most 72 characters", NULL, NULL},
    [FBC_CHOICE] = {"one of the names below", NULL, NULL},
    [FBC_SCHEDULER] = {"a scheduler", NULL, NULL},
    [FBC_PROTOCOLS] = {"a protocol like udp, 17 or 6-17", NULL, fbc_atom_protocol},
    [FBC_NUMBERS] = {"a number or a range like 5060-5080", NULL, fbc_parse_integer},
    [FBC_DSCPS] = {"a code point like ef, 46 or cs4-cs5", NULL, fbc_atom_dscp},
    [FBC_ADDRESSES] = {"an address like 198.51.100.7, 198.51.100.0/24 or 198.51.100.7-198.51.100.9",
                       NULL,
                       fbc_atom_address},
    [FBC_ADDRESSES6] = {"an IPv6 prefix like fd00:a::/64", NULL, NULL},
    [FBC_ANY_ADDRESSES] =
        {"an address like 198.51.100.7, 198.51.100.0/24 or 198.51.100.7-198.51.100.9, or of IPv6 "
         "like fd00:a::/64",
         NULL,
         fbc_atom_address},
    [FBC_CHOICES] = {"a list like [goodput, delay]", NULL, NULL},
    [FBC_INTERVAL] = {"two times like [22s, 34s]", fbc_duration_units, NULL},
    [FBC_POSITION] = {"x and y in metres, like [60, -12.5]", NULL, NULL},
    [FBC_NAMES] = {"a list like [wlan, lte, drop]", NULL, NULL},
    [FBC_RATES] = {"a list of rates like [500kbps, 2Mbps]", NULL, NULL},
    [FBC_NAMES_OR_OBJECT] = {"a list like [wlan, lte, drop], or {spread: [wlan, lte]}", NULL, NULL},
    [FBC_SCHEDULER_OR_OBJECT] = {"a scheduler, or {scheduler: edpf, reorder: 60ms}", NULL, NULL},
    [FBC_OBJECT] = {"a mapping", NULL, NULL},
    [FBC_OBJECTS] = {"a list", NULL, NULL},
    [FBC_FILE] = {"the name of a file", NULL, NULL},
    [FBC_FILE_OR_OBJECT] = {"the name of a policy file, or a mapping", NULL, NULL},
    [FBC_FREE] = {"a mapping from attributes to values", NULL, NULL},
};

void
fbc_limit_format(const fbc_key *key, uint64_t value, char *buffer, size_t size)
{
    const fbc_unit *units = types[key->type].units;
    if (units != NULL)
    {
        fbc_quantity_format(value, units, buffer, size);
    }
    else if (key->type == FBC_SHARE)
    {
        snprintf(buffer, size, "%llu%%", (unsigned long long)(value / 10000));
    }
    else
    {
        snprintf(buffer, size, "%llu", (unsigned long long)value);
    }
}

/** The names of all schedulers, NULL behind the last. */
static const char *const *
scheduler_names(const char *names[SCHEDULERS_MAX + 1])
{
    size_t count = 0;
    for (; count < SCHEDULERS_MAX && fb_scheduler_name(count) != NULL; count++)
    {
        names[count] = fb_scheduler_name(count);
    }
    names[count] = NULL;
    return names;
}

static bool
is_choice(const fbc_key *key)
{
    return key->type == FBC_CHOICE || key->type == FBC_SCHEDULER ||
           key->type == FBC_SCHEDULER_OR_OBJECT;
}

/** What one of them has to be. */
static const char *const *
choices_of(const fbc_key *key, const char *names[SCHEDULERS_MAX + 1])
{
    return key->choices != NULL ? key->choices : scheduler_names(names);
}

static fbc_parse
parse_choice(const char *text, const char *const *choices, uint64_t *number)
{
    for (*number = 0; choices[*number] != NULL; (*number)++)
    {
        if (strcmp(choices[*number], text) == 0)
        {
            return FBC_PARSE_OK;
        }
    }
    return FBC_PARSE_SYNTAX;
}

static bool
is_name(const char *text)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    size_t length = strlen(text);
    return length >= 1 && length <= 32 && strspn(text, allowed) == length &&
           strchr("-_.", text[0]) == NULL;
}

/* RFC 4282 2.1 with everything that can be seen; the library does not look into it. */
static bool
is_nai(const char *text)
{
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++)
    {
        if (text[i] <= ' ' || text[i] > '~')
        {
            return false;
        }
    }
    return length >= 1 && length <= FB_NAI_MAX;
}

static fbc_parse
parse_addresses(const char *text, fbc_type type, fbc_value *value)
{
    value->ipv6 = type == FBC_ADDRESSES6 ||
                  (type == FBC_ANY_ADDRESSES && strchr(text, ':') != NULL);
    if (value->ipv6)
    {
        return fbc_parse_addresses6(text, value->octets, value->octets_end);
    }
    return fbc_parse_addresses(text, &value->number, &value->end);
}

static fbc_parse
parse_scalar(const char *text, const fbc_key *key, fbc_value *value)
{
    static const char *const booleans[] = {"false", "true", NULL};
    const char *names[SCHEDULERS_MAX + 1];
    bool packets = false;
    fbc_parse result = FBC_PARSE_SYNTAX;
    switch (key->type)
    {
    case FBC_NAME:
        return is_name(text) ? FBC_PARSE_OK : FBC_PARSE_SYNTAX;
    case FBC_NAI:
        return is_nai(text) ? FBC_PARSE_OK : FBC_PARSE_SYNTAX;
    case FBC_INTEGER:
        return fbc_parse_integer(text, &value->number);
    case FBC_DURATION:
    case FBC_RATE:
    case FBC_SIZE:
    case FBC_LENGTH:
    case FBC_SPEED:
    case FBC_DECIMAL:
        return fbc_parse_quantity(text, types[key->type].units, &value->number);
    case FBC_QUEUE:
        result = fbc_parse_queue(text, &value->number, &packets);
        value->end = packets ? 1 : 0;
        return result;
    case FBC_SHARE:
        return fbc_parse_share(text, &value->number);
    case FBC_BOOLEAN:
        return parse_choice(text, booleans, &value->number);
    case FBC_CHOICE:
    case FBC_SCHEDULER:
    case FBC_SCHEDULER_OR_OBJECT:
        return parse_choice(text, choices_of(key, names), &value->number);
    case FBC_PROTOCOLS:
    case FBC_NUMBERS:
    case FBC_DSCPS:
        return fbc_parse_range(text, types[key->type].atom, &value->number, &value->end);
    case FBC_ADDRESSES:
    case FBC_ADDRESSES6:
    case FBC_ANY_ADDRESSES:
        return parse_addresses(text, key->type, value);
    default:
        return FBC_PARSE_SYNTAX;
    }
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* Messages about values                                                                                              */

static const char *
problem_of(fbc_parse result)
{
    switch (result)
    {
    case FBC_PARSE_NO_UNIT:
        return "has no unit";
    case FBC_PARSE_UNIT:
        return "has an unknown unit";
    case FBC_PARSE_TOO_FINE:
        return "is finer than can be held exactly";
    case FBC_PARSE_BACKWARD:
        return "ends before it begins";
    case FBC_PARSE_HOST_BITS:
        return "has address bits behind its prefix length";
    case FBC_PARSE_PERCENT:
        return "has no % sign";
    default:
        return "cannot be read";
    }
}

/* "a whole number from 1 to 254", "one of up, down" */
static const char *
expected_of(const fbc_key *key, char *buffer, size_t size)
{
    if (is_choice(key))
    {
        const char *names[SCHEDULERS_MAX + 1];
        const char *const *choices = choices_of(key, names);
        join_names(choices, choice_count(choices), buffer, size);
        return buffer;
    }
    if (key->type != FBC_INTEGER)
    {
        return types[key->type].text;
    }
    snprintf(buffer,
             size,
             "a whole number from %llu to %llu",
             (unsigned long long)key->min,
             (unsigned long long)key->max);
    return buffer;
}

static void
report_value(fbc_reader *reader, const fbc_key *key, const yaml_node_t *node, const char *problem)
{
    char quote[FBC_QUOTE_MAX];
    char expected[320];
    const char *text = fbc_node_text(node);
    if (text != NULL && text[0] == 0)
    {
        fbc_error(reader,
                  fbc_node_place(node),
                  "%s has no value; expected %s",
                  key->key,
                  expected_of(key, expected, sizeof(expected)));
        return;
    }
    fbc_error(reader,
              fbc_node_place(node),
              "%s: %s %s; expected %s",
              key->key,
              fbc_node_quote(node, quote),
              problem,
              expected_of(key, expected, sizeof(expected)));
}

static void
report_choice(fbc_reader *reader, const fbc_key *key, const yaml_node_t *node)
{
    char quote[FBC_QUOTE_MAX];
    char expected[320];
    const char *names[SCHEDULERS_MAX + 1];
    const char *const *choices = choices_of(key, names);
    const char *text = fbc_node_text(node);
    fbc_expected(text, choices, choice_count(choices), expected, sizeof(expected));
    fbc_error(reader,
              fbc_node_place(node),
              "%s: %s is not known%s",
              key->key,
              fbc_node_quote(node, quote),
              expected);
}

static void
report_limits(fbc_reader *reader, const fbc_key *key, const yaml_node_t *node)
{
    char quote[FBC_QUOTE_MAX];
    char low[32];
    char high[32];
    char step[48] = "";
    fbc_limit_format(key, key->min, low, sizeof(low));
    fbc_limit_format(key, key->max, high, sizeof(high));
    if (key->step > 1)
    {
        char unit[32];
        fbc_limit_format(key, key->step, unit, sizeof(unit));
        snprintf(step, sizeof(step), " in steps of %s", unit);
    }
    fbc_error(reader,
              fbc_node_place(node),
              "%s: %s is out of range; expected %s to %s%s",
              key->key,
              fbc_node_quote(node, quote),
              low,
              high,
              step);
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* Values                                                                                                             */

static bool
is_range(fbc_type type)
{
    return type == FBC_PROTOCOLS || type == FBC_NUMBERS || type == FBC_DSCPS ||
           type == FBC_INTERVAL;
}

static bool
is_within(const fbc_key *key, const fbc_value *value)
{
    if (key->min == 0 && key->max == 0)
    {
        return true;
    }
    uint64_t high = is_range(key->type) ? value->end : value->number;
    return value->number >= key->min && high <= key->max &&
           (key->step == 0 || value->number % key->step == 0);
}

static void
read_scalar(fbc_reader *reader, const fbc_key *key, const yaml_node_t *node, fbc_value *value)
{
    const char *text = fbc_node_text(node);
    if (text == NULL || text[0] == 0)
    {
        report_value(reader, key, node, "is not allowed here");
        return;
    }
    fbc_parse result = parse_scalar(text, key, value);
    if (result != FBC_PARSE_OK && is_choice(key))
    {
        report_choice(reader, key, node);
        return;
    }
    if (result == FBC_PARSE_TOO_LARGE && key->max > 0)
    {
        report_limits(reader, key, node);
        return;
    }
    if (result != FBC_PARSE_OK)
    {
        report_value(reader, key, node, problem_of(result));
        return;
    }
    if (!is_within(key, value))
    {
        report_limits(reader, key, node);
        return;
    }
    value->text = fbc_arena_text(reader->arena, text, strlen(text));
    value->valid = true;
}

static bool
is_list(fbc_reader *reader, const fbc_key *key, const yaml_node_t *node)
{
    if (node->type != YAML_SEQUENCE_NODE)
    {
        report_value(reader, key, node, "is not allowed here");
        return false;
    }
    return true;
}

static void
read_choices(fbc_reader *reader, const fbc_key *key, const yaml_node_t *node, fbc_value *value)
{
    size_t errors = reader->errors;
    if (!is_list(reader, key, node))
    {
        return;
    }
    for (size_t i = 0; i < fbc_list_count(node); i++)
    {
        const yaml_node_t *item = fbc_list_item(reader, node, i);
        uint64_t number = 0;
        if (fbc_node_text(item) == NULL)
        {
            report_value(reader, key, item, "is not allowed in this list");
        }
        else if (parse_choice(fbc_node_text(item), key->choices, &number) != FBC_PARSE_OK)
        {
            report_choice(reader, key, item);
        }
        else if ((value->number & UINT64_C(1) << number) != 0)
        {
            report_value(reader, key, item, "stands in the list twice");
        }
        else
        {
            value->number |= UINT64_C(1) << number;
        }
    }
    value->valid = reader->errors == errors;
}

static bool
read_time(fbc_reader *reader, const fbc_key *key, const yaml_node_t *node, uint64_t *time)
{
    fbc_key single = *key;
    single.type = FBC_DURATION;
    fbc_value value = {0};
    read_scalar(reader, &single, node, &value);
    *time = value.number;
    return value.valid;
}

static bool
is_pair(fbc_reader *reader, const fbc_key *key, const yaml_node_t *node)
{
    if (is_list(reader, key, node) && fbc_list_count(node) != 2)
    {
        fbc_error(reader,
                  fbc_node_place(node),
                  "%s: %lu values in this list; expected %s",
                  key->key,
                  (unsigned long)fbc_list_count(node),
                  types[key->type].text);
        return false;
    }
    return node->type == YAML_SEQUENCE_NODE;
}

static void
read_interval(fbc_reader *reader, const fbc_key *key, const yaml_node_t *node, fbc_value *value)
{
    if (!is_pair(reader, key, node))
    {
        return;
    }
    const yaml_node_t *second = fbc_list_item(reader, node, 1);
    bool from = read_time(reader, key, fbc_list_item(reader, node, 0), &value->number);
    bool until = read_time(reader, key, second, &value->end);
    if (from && until && value->end <= value->number)
    {
        report_value(reader, key, second, "is not after the first time");
        return;
    }
    value->valid = from && until;
}

static bool
read_coordinate(fbc_reader *reader, const fbc_key *key, const yaml_node_t *node, int64_t *value)
{
    const char *text = fbc_node_text(node);
    fbc_parse result = text == NULL ? FBC_PARSE_SYNTAX : fbc_parse_metres(text, value);
    if (result != FBC_PARSE_OK)
    {
        report_value(reader, key, node, problem_of(result));
        return false;
    }
    if (*value > FARTHEST_MM || *value < -FARTHEST_MM)
    {
        report_value(reader, key, node, "is more than 100 km away");
        return false;
    }
    return true;
}

static void
read_position(fbc_reader *reader, const fbc_key *key, const yaml_node_t *node, fbc_value *value)
{
    if (is_pair(reader, key, node))
    {
        bool x = read_coordinate(reader, key, fbc_list_item(reader, node, 0), &value->x_mm);
        bool y = read_coordinate(reader, key, fbc_list_item(reader, node, 1), &value->y_mm);
        value->valid = x && y;
    }
}

static void
read_objects(fbc_reader *reader, const fbc_key *key, const yaml_node_t *node, fbc_value *value)
{
    if (!is_list(reader, key, node))
    {
        return;
    }
    size_t count = fbc_list_count(node);
    if (count < key->min || count > key->max)
    {
        fbc_error(reader,
                  fbc_node_place(node),
                  "%s: %lu entries; expected %lu to %lu",
                  key->key,
                  (unsigned long)count,
                  (unsigned long)key->min,
                  (unsigned long)key->max);
        return;
    }
    value->valid = true;
}

static void
read_value(fbc_reader *reader, const fbc_key *key, const yaml_node_t *node, fbc_value *value)
{
    value->given = true;
    value->node = node;
    value->place = fbc_node_place(node);
    switch (key->type)
    {
    case FBC_CHOICES:
        read_choices(reader, key, node, value);
        return;
    case FBC_INTERVAL:
        read_interval(reader, key, node, value);
        return;
    case FBC_POSITION:
        read_position(reader, key, node, value);
        return;
    case FBC_NAMES:
    case FBC_RATES:
        value->valid = is_list(reader, key, node);
        return;
    case FBC_NAMES_OR_OBJECT:
        value->valid = node->type == YAML_MAPPING_NODE || node->type == YAML_SEQUENCE_NODE;
        break;
    case FBC_SCHEDULER_OR_OBJECT:
        if (node->type != YAML_MAPPING_NODE)
        {
            read_scalar(reader, key, node, value);
            return;
        }
        value->valid = true;
        return;
    case FBC_OBJECTS:
        read_objects(reader, key, node, value);
        return;
    case FBC_OBJECT:
    case FBC_FREE:
        value->valid = node->type == YAML_MAPPING_NODE;
        break;
    case FBC_FILE:
        value->text = fbc_node_text(node);
        value->valid = value->text != NULL && value->text[0] != 0;
        break;
    case FBC_FILE_OR_OBJECT:
        value->valid = node->type == YAML_MAPPING_NODE ||
                       (fbc_node_text(node) != NULL && fbc_node_text(node)[0] != 0);
        break;
    default:
        read_scalar(reader, key, node, value);
        return;
    }
    if (!value->valid)
    {
        report_value(reader, key, node, "is not allowed here");
    }
}

/* A default of the table. It is right, or the tests fail. */
static void
preset_value(fbc_reader *reader, const fbc_key *key, fbc_value *value)
{
    value->text = fbc_arena_text(reader->arena, key->preset, strlen(key->preset));
    if (key->type != FBC_CHOICES)
    {
        value->valid = parse_scalar(key->preset, key, value) == FBC_PARSE_OK;
        return;
    }
    /* The only default of a list: everything. */
    value->number = (UINT64_C(1) << choice_count(key->choices)) - 1;
    value->valid = true;
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* Objects                                                                                                            */

static size_t
key_names(const fbc_object *object, const char *names[FBC_KEYS_MAX])
{
    size_t count = 0;
    for (; object->keys[count].key != NULL && count < FBC_KEYS_MAX; count++)
    {
        names[count] = object->keys[count].key;
    }
    return count;
}

static void
report_unknown_key(fbc_reader *reader,
                   const fbc_object *object,
                   const yaml_node_t *key,
                   fbc_value values[FBC_KEYS_MAX])
{
    char quote[FBC_QUOTE_MAX];
    char expected[320];
    const char *names[FBC_KEYS_MAX];
    const char *text = fbc_node_text(key);
    size_t count = key_names(object, names);
    const char *similar = fbc_suggest(text, names, count);
    for (size_t i = 0; i < count; i++)
    {
        values[i].meant = values[i].meant || names[i] == similar;
    }
    fbc_expected(text, names, count, expected, sizeof(expected));
    fbc_error(reader,
              fbc_node_place(key),
              "%s has no key %s%s",
              object->path,
              fbc_quote(text, quote),
              expected);
}

static void
report_no_mapping(fbc_reader *reader, const fbc_object *object, const yaml_node_t *node)
{
    char quote[FBC_QUOTE_MAX];
    char expected[320];
    const char *names[FBC_KEYS_MAX];
    size_t count = key_names(object, names);
    join_names(names, count, expected, sizeof(expected));
    fbc_error(reader,
              fbc_node_place(node),
              "%s: %s; expected a mapping with keys, %s",
              object->path,
              fbc_node_quote(node, quote),
              expected);
}

static void
read_pair(fbc_reader *reader,
          const fbc_object *object,
          const yaml_node_pair_t *pair,
          fbc_value values[FBC_KEYS_MAX])
{
    const yaml_node_t *key = yaml_document_get_node(&reader->document, pair->key);
    const char *text = fbc_node_text(key);
    if (text == NULL || strcmp(text, "<<") == 0)
    {
        return; /* reported when the tree was loaded */
    }
    for (size_t i = 0; object->keys[i].key != NULL; i++)
    {
        if (strcmp(object->keys[i].key, text) != 0)
        {
            continue;
        }
        if (!values[i].given) /* a second one was reported when the tree was loaded */
        {
            read_value(reader,
                       &object->keys[i],
                       yaml_document_get_node(&reader->document, pair->value),
                       &values[i]);
        }
        return;
    }
    report_unknown_key(reader, object, key, values);
}

static void
complete(fbc_reader *reader,
         const fbc_object *object,
         const yaml_node_t *node,
         fbc_value values[FBC_KEYS_MAX])
{
    for (size_t i = 0; object->keys[i].key != NULL; i++)
    {
        const fbc_key *key = &object->keys[i];
        if (values[i].given || (key->required && values[i].meant))
        {
            continue; /* one mistake, one message */
        }
        if (key->required && node != NULL)
        {
            char expected[320];
            fbc_error(reader,
                      fbc_node_place(node),
                      "%s: '%s' is missing; expected %s",
                      object->path,
                      key->key,
                      expected_of(key, expected, sizeof(expected)));
        }
        else if (key->preset != NULL)
        {
            preset_value(reader, key, &values[i]);
        }
    }
}

bool
fbc_object_read(fbc_reader *reader,
                const fbc_object *object,
                const yaml_node_t *node,
                fbc_value values[FBC_KEYS_MAX])
{
    memset(values, 0, FBC_KEYS_MAX * sizeof(values[0]));
    if (node != NULL && node->type != YAML_MAPPING_NODE)
    {
        report_no_mapping(reader, object, node);
        return false;
    }
    if (node != NULL)
    {
        const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
        for (; pair < node->data.mapping.pairs.top; pair++)
        {
            read_pair(reader, object, pair, values);
        }
    }
    complete(reader, object, node, values);
    return true;
}

uint64_t
fbc_rate_read(fbc_reader *reader, const yaml_node_t *node, const char *what)
{
    const fbc_key key = {.key = what, .type = FBC_RATE, .min = 1, .max = UINT64_C(1000000000000)};
    fbc_value value = {0};
    read_scalar(reader, &key, node, &value);
    return value.valid ? value.number : 0;
}

const char *
fbc_name_read(fbc_reader *reader, const yaml_node_t *node, const char *what)
{
    const fbc_key key = {.key = what, .type = FBC_NAME};
    fbc_value value = {0};
    read_scalar(reader, &key, node, &value);
    return value.valid ? value.text : NULL;
}
