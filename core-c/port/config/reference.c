/* SPDX-License-Identifier: BSD-3-Clause */
#include "schema.h"

#include <string.h>

/* doc/scenario-reference.md, out of the schema. */

static const fbc_object *const objects[] = {
    &fbc_object_scenario,
    &fbc_object_path,
    &fbc_object_users,
    &fbc_object_wlan,
    &fbc_object_lte,
    &fbc_object_cdma,
    &fbc_object_agent,
    &fbc_object_home_link,
    &fbc_object_gateway,
    &fbc_object_host,
    &fbc_object_access_gateway,
    &fbc_object_anchor,
    &fbc_object_traffic,
    &fbc_object_traffic_match,
    &fbc_object_event,
    &fbc_object_expect,
    &fbc_object_tcp,
    &fbc_object_backhaul,
    &fbc_object_timers,
    &fbc_object_probe,
    &fbc_object_mobile_node,
    &fbc_object_home_agent,
    &fbc_object_policy,
    &fbc_object_flow,
    &fbc_object_match,
    &fbc_object_group,
    &fbc_object_default,
};

static const char introduction[] =
    "# Scenario and policy files\n"
    "\n"
    "This page is made from the tables that check the files (`schema_*.c` in `core-c/port/config/`);\n"
    "the test `test_reference` compares the two and says how to make it anew.\n"
    "\n"
    "Both kinds of file are YAML. A key that is not listed here is refused, and so is a key that stands twice.\n"
    "An error says file, line and column, what is wrong and what was expected; nothing is run before a file is\n"
    "without errors. Anchors and aliases (`&name`, `*name`) work; merge keys (`<<`) and tags (`!name`) do not.\n"
    "A file may have 1 MB.\n"
    "\n"
    "| value | written as |\n"
    "|---|---|\n"
    "| duration | a number with ns, us, ms, s, min or h: `60s`, `100ms`, `1.5h` |\n"
    "| rate | a number with bps, kbps, Mbps or Gbps (or bit/s, kbit/s, ...), powers of 1000: `2.4576Mbps` |\n"
    "| size | octets: a number alone, or with B, kB, MB, GB (powers of 1000), KiB, MiB, GiB (of 1024): `64kB` |\n"
    "| queue | packets, `100p`, or a size |\n"
    "| share | percent, `0.5%`, or a number below 1, `0.005` |\n"
    "| distance | a number with m or km: `30m`, `1.5km` |\n"
    "| speed | a number with m/s or km/h: `1.5m/s`, `30km/h` |\n"
    "| `[x, y]` | a place: metres on one map, which may be negative: `[60, -12.5]` |\n"
    "| range | one value or `a-b`, both ends included |\n"
    "| name | 1 to 32 letters, digits, `-`, `_`, `.`; it begins with a letter or a digit |\n"
    "\n"
    "Quantities are held as integers: nanoseconds, bit/s, octets, parts per million. What cannot be held exactly\n"
    "is refused.\n";

static void
print_type(FILE *stream, const fbc_key *key)
{
    static const char *const names[FBC_TYPE_COUNT] = {
        [FBC_NAME] = "name",
        [FBC_INTEGER] = "number",
        [FBC_DURATION] = "duration",
        [FBC_RATE] = "rate",
        [FBC_SIZE] = "size",
        [FBC_QUEUE] = "queue",
        [FBC_SHARE] = "share",
        [FBC_LENGTH] = "distance",
        [FBC_SPEED] = "speed",
        [FBC_DECIMAL] = "number",
        [FBC_BOOLEAN] = "`true`, `false`",
        [FBC_NAI] = "identifier",
        [FBC_PROTOCOLS] = "protocol or range",
        [FBC_NUMBERS] = "number or range",
        [FBC_DSCPS] = "code point or range",
        [FBC_ADDRESSES] = "address, prefix or range",
        [FBC_ADDRESSES6] = "IPv6 prefix",
        [FBC_ANY_ADDRESSES] = "address, prefix or range",
        [FBC_INTERVAL] = "`[duration, duration]`",
        [FBC_POSITION] = "`[x, y]`",
        [FBC_SCHEDULER] = "scheduler",
        [FBC_NAMES] = "list of names",
        [FBC_RATES] = "list of rates",
        [FBC_NAMES_OR_OBJECT] = "list of names, or mapping, below",
        [FBC_SCHEDULER_OR_OBJECT] = "scheduler, or mapping, below",
        [FBC_OBJECT] = "mapping, below",
        [FBC_OBJECTS] = "list of mappings, below",
        [FBC_FILE] = "file name",
        [FBC_FILE_OR_OBJECT] = "file name, or mapping",
        [FBC_FREE] = "mapping, any keys",
    };
    if (key->choices == NULL)
    {
        fputs(names[key->type], stream);
        return;
    }
    fputs(key->type == FBC_CHOICES ? "list of " : "", stream);
    for (size_t i = 0; key->choices[i] != NULL; i++)
    {
        fprintf(stream, "%s`%s`", i > 0 ? ", " : "", key->choices[i]);
    }
}

static void
print_limits(FILE *stream, const fbc_key *key)
{
    char low[32];
    char high[32];
    if (key->min == 0 && key->max == 0)
    {
        return;
    }
    fbc_limit_format(key, key->min, low, sizeof(low));
    fbc_limit_format(key, key->max, high, sizeof(high));
    fprintf(stream, "%s to %s", low, high);
    if (key->step > 1)
    {
        fbc_limit_format(key, key->step, low, sizeof(low));
        fprintf(stream, " in steps of %s", low);
    }
}

static void
print_key(FILE *stream, const fbc_key *key)
{
    fprintf(stream, "| `%s` | ", key->key);
    print_type(stream, key);
    fputs(" | ", stream);
    print_limits(stream, key);
    if (key->required)
    {
        fputs(" | required | ", stream);
    }
    else if (key->preset != NULL && key->type == FBC_CHOICES)
    {
        fputs(" | all | ", stream);
    }
    else if (key->preset != NULL)
    {
        fprintf(stream, " | `%s` | ", key->preset);
    }
    else
    {
        fputs(" | | ", stream);
    }
    fprintf(stream, "%s |\n", key->help);
}

static void
print_object(FILE *stream, const fbc_object *object)
{
    bool is_file = strstr(object->path, " file") != NULL;
    fprintf(stream, "\n## %s%s%s\n\n", is_file ? "The " : "`", object->path, is_file ? "" : "`");
    fprintf(stream, "%s\n\n", object->help);
    if (object->example != NULL)
    {
        fprintf(stream, "```yaml\n%s```\n\n", object->example);
    }
    fputs("| key | value | range | default | meaning |\n|---|---|---|---|---|\n", stream);
    for (const fbc_key *key = object->keys; key->key != NULL; key++)
    {
        print_key(stream, key);
    }
}

void
fbc_reference_print(FILE *stream)
{
    fputs(introduction, stream);
    for (size_t i = 0; i < sizeof(objects) / sizeof(objects[0]); i++)
    {
        print_object(stream, objects[i]);
    }
}
