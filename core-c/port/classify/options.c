/* SPDX-License-Identifier: BSD-3-Clause */
#include "options.h"

#include "base/prefix.h"
#include "config/value.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

const char *
fbk_options_usage(void)
{
    return "usage: flowbind classify POLICY.yaml CAPTURE.pcap [option]...\n"
           "\n"
           "Says which rule of a policy each flow of a capture (pcap or pcapng) would get, and which paths in\n"
           "which order: a table, with a summary for each rule.\n"
           "\n"
           "  --json               one JSON object a line instead: flows, then rules, then the capture\n"
           "  --home ADDRESS       the mobile node's address or prefix; repeatable. Rules are written for packets\n"
           "                       toward it and hold mirrored for packets from it. Without it the mobile node is\n"
           "                       the address that most packets have in common, of each IP version\n"
           "  --direction WAY      down: every packet goes toward the mobile node; up: every packet comes from it;\n"
           "                       auto (the default): as --home says\n"
           "  --paths NAME,...     the paths there are: a policy that uses another one is an error\n"
           "  --top N              only the N flows with most octets\n"
           "\n"
           "A flow is what no rule can tell apart: packets with the same addresses, protocol, ports, SPI, DSCP and\n"
           "flow label. Later fragments count for the flow of the first.\n"
           "\n"
           "example: flowbind classify examples/policies/rfc7629-figure2.yaml capture.pcap --home 10.0.0.5\n";
}

static bool
add_home(fbk_options *options, const char *text, char *error, size_t size)
{
    const char *slash = strchr(text, '/');
    size_t length = slash == NULL ? strlen(text) : (size_t)(slash - text);
    char address[INET6_ADDRSTRLEN];
    fb_prefix home;
    uint64_t bits = 0;
    int family = strchr(text, ':') != NULL ? AF_INET6 : AF_INET;
    uint8_t longest;

    memset(&home, 0, sizeof home);
    home.address.family = family == AF_INET6 ? FB_FAMILY_IPV6 : FB_FAMILY_IPV4;
    longest = fb_prefix_length_max(home.address.family);
    snprintf(address, sizeof address, "%.*s", (int)(length < sizeof address ? length : 0), text);
    if (inet_pton(family, address, home.address.octet) != 1 ||
        (slash != NULL && (fbc_parse_integer(slash + 1, &bits) != FBC_PARSE_OK || bits > longest)))
    {
        snprintf(
            error,
            size,
            "--home %s: expected an address or a prefix like 10.0.0.5, 10.0.0.0/24 or 2001:db8::/64",
            text);
        return false;
    }
    if (options->home_count == FBK_HOMES_MAX)
    {
        snprintf(error, size, "--home %s: no more than %d of them", text, FBK_HOMES_MAX);
        return false;
    }
    home.length = slash == NULL ? longest : (uint8_t)bits;
    fb_prefix_clear_host_bits(&home);
    options->home[options->home_count++] = home;
    return true;
}

static bool
set_direction(fbk_options *options, const char *text, char *error, size_t size)
{
    static const char *const names[] = {"auto", "down", "up"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    {
        if (strcmp(text, names[i]) == 0)
        {
            options->side = (fbk_side)i;
            return true;
        }
    }
    snprintf(error, size, "--direction %s: expected down, up or auto", text);
    return false;
}

static bool
set_paths(fbk_options *options, const char *text, char *error, size_t size)
{
    char *name;

    if (strlen(text) >= sizeof options->paths)
    {
        snprintf(error, size, "--paths: too long; expected names like wlan,lte");
        return false;
    }
    strcpy(options->paths, text);
    options->path_count = 0;
    for (name = strtok(options->paths, ","); name != NULL; name = strtok(NULL, ","))
    {
        if (options->path_count == FB_RULES_MAX)
        {
            snprintf(error, size, "--paths: no more than %d of them", FB_RULES_MAX);
            return false;
        }
        options->path[options->path_count] = (fbc_bid){.name = name,
                                                       .bid = (uint8_t)(options->path_count + 1)};
        options->path_count++;
    }
    if (options->path_count == 0)
    {
        snprintf(error, size, "--paths: expected names with commas between them, like wlan,lte");
        return false;
    }
    return true;
}

static bool
set_top(fbk_options *options, const char *text, char *error, size_t size)
{
    if (fbc_parse_integer(text, &options->top) == FBC_PARSE_OK && options->top > 0)
    {
        return true;
    }
    snprintf(error, size, "--top %s: expected how many flows, 1 or more", text);
    return false;
}

/** An option with a value, by its name. */
typedef struct option
{
    const char *name, *value;
    bool (*set)(fbk_options *options, const char *text, char *error, size_t size);
} option;

static const option options_known[] = {
    {"--home", "ADDRESS", add_home},
    {"--direction", "down, up or auto", set_direction},
    {"--paths", "NAME,...", set_paths},
    {"--top", "N", set_top},
};

static const option *
option_of(const char *name)
{
    for (size_t i = 0; i < sizeof options_known / sizeof options_known[0]; i++)
    {
        if (strcmp(options_known[i].name, name) == 0)
        {
            return &options_known[i];
        }
    }
    return NULL;
}

/** A word that is no option: the policy, then the capture. */
static bool
add_file(fbk_options *options, const char *text, char *error, size_t size)
{
    if (options->policy == NULL)
    {
        options->policy = text;
    }
    else if (options->capture == NULL)
    {
        options->capture = text;
    }
    else
    {
        snprintf(error,
                 size,
                 "'%s': there is a policy and a capture already; one of each at a time",
                 text);
        return false;
    }
    return true;
}

static bool
read_argument(fbk_options *options, int *at, int argc, char *const *argv, char *error, size_t size)
{
    const char *text = argv[*at];
    const option *known = option_of(text);

    if (known != NULL)
    {
        if (*at + 1 == argc)
        {
            snprintf(error,
                     size,
                     "%s: its value is missing; expected %s %s",
                     text,
                     text,
                     known->value);
            return false;
        }
        return known->set(options, argv[++*at], error, size);
    }
    if (strcmp(text, "--json") == 0)
    {
        options->json = true;
        return true;
    }
    if (strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0)
    {
        options->help = true;
        return true;
    }
    if (text[0] == '-' && text[1] != '\0')
    {
        snprintf(error, size, "unknown option '%s'; --help lists them", text);
        return false;
    }
    return add_file(options, text, error, size);
}

bool
fbk_options_read(fbk_options *options, int argc, char *const *argv, char *error, size_t size)
{
    memset(options, 0, sizeof *options);
    options->help = argc == 1;
    for (int i = 1; i < argc; i++)
    {
        if (!read_argument(options, &i, argc, argv, error, size))
        {
            return false;
        }
    }
    if (!options->help && options->capture == NULL)
    {
        snprintf(error,
                 size,
                 "%s; say: flowbind classify POLICY.yaml CAPTURE.pcap",
                 options->policy == NULL ? "no policy and no capture" : "no capture");
        return false;
    }
    return true;
}
