/* SPDX-License-Identifier: BSD-3-Clause */
#include "options.h"

#include "hex.h"

#include <stdio.h>
#include <string.h>

const char *
fbd_options_usage(void)
{
    return "usage: flowbind-decode HEX | FILE | - [--key SPI=KEY]... [--ts-layout LAYOUT]\n"
           "\n"
           "Prints messages of Mobile IPv4 (RFC 5944, RFC 7629) and Proxy Mobile IPv6 (RFC 5213, RFC 8278),\n"
           "one JSON object a line.\n"
           "\n"
           "  HEX   a message (the UDP payload or Mobility Header) or a whole IP packet, in hexadecimal;\n"
           "        spaces and colons between the digits do no harm, nor do several arguments\n"
           "  FILE  a capture (pcap or pcapng); every message to or from UDP port 434 or 5436 and every\n"
           "        Mobility Header is printed\n"
           "  -     HEX from standard input\n"
           "\n"
           "  --key SPI=KEY       a security association: SPI in decimal, KEY in hexadecimal; repeatable.\n"
           "                      With it \"authentic\" says whether the authenticator is right\n"
           "                      (HMAC-MD5, or HMAC-SHA-256 when it is 32 octets long)\n"
           "  --ts-layout LAYOUT  where a traffic selector begins in a Flow-Binding: rfc7629 (the default:\n"
           "                      behind TS Format) or rfc6089 (behind one more, reserved octet)\n"
           "\n"
           "\"drop\", \"reply_code\" or \"reply_status\" appear when the receiver would not accept the\n"
           "message, as far as that can be told from the message alone. \"needs_bids\" are those its\n"
           "Flow-Bindings name and a home agent must know already: it answers 153 if it does not.\n"
           "\n"
           "example: flowbind-decode capture.pcap --key 257=0123456789abcdef0123456789abcdef\n";
}

/** SPI in decimal, 32 bits. */
static bool
read_spi(uint32_t *spi, const char *text, size_t length)
{
    uint64_t value = 0;
    if (length == 0 || length > 10)
    {
        return false;
    }
    for (size_t i = 0; i < length; i++)
    {
        if (text[i] < '0' || text[i] > '9')
        {
            return false;
        }
        value = value * 10 + (uint64_t)(text[i] - '0');
    }
    *spi = (uint32_t)value;
    return value <= UINT32_MAX;
}

static bool
add_key(fbd_options *options, const char *text, char *error, size_t size)
{
    fbd_keys *keys = &options->keys;
    const char *equals = strchr(text, '=');
    fbd_key key = {0};
    if (equals == NULL || !read_spi(&key.spi, text, (size_t)(equals - text)))
    {
        snprintf(error,
                 size,
                 "--key %s: expected SPI=KEY with the SPI in decimal, 0 to 4294967295",
                 text);
        return false;
    }

    fbd_octets octets;
    size_t position;
    fbd_hex_result result = fbd_hex_read(&octets, equals + 1, &position);
    bool fits = result == FBD_HEX_OK && octets.length <= FB_HMAC_KEY_MAX;
    if (fits)
    {
        memcpy(key.octets, octets.data, octets.length);
        key.length = (uint8_t)octets.length;
    }
    fbd_octets_free(&octets);
    if (!fits)
    {
        snprintf(error,
                 size,
                 "--key %s: expected a KEY of 1 to %d octets in hexadecimal, two digits each",
                 text,
                 FB_HMAC_KEY_MAX);
        return false;
    }
    for (size_t i = 0; i < keys->count; i++)
    {
        if (keys->key[i].spi == key.spi)
        {
            snprintf(error, size, "--key %s: there is a key for this SPI already", text);
            return false;
        }
    }
    if (keys->count == FBD_KEYS_MAX)
    {
        snprintf(error, size, "--key %s: no more than %d keys", text, FBD_KEYS_MAX);
        return false;
    }
    keys->key[keys->count++] = key;
    return true;
}

static bool
set_layout(fbd_options *options, const char *text, char *error, size_t size)
{
    if (strcmp(text, "rfc7629") == 0)
    {
        options->keys.layout = FB_SELECTOR_LAYOUT_RFC7629;
        return true;
    }
    if (strcmp(text, "rfc6089") == 0)
    {
        options->keys.layout = FB_SELECTOR_LAYOUT_RFC6089;
        return true;
    }
    snprintf(error, size, "--ts-layout %s: expected rfc7629 or rfc6089", text);
    return false;
}

/** The value of option @p name at @p argv[*index], written "--name VALUE" or "--name=VALUE"; NULL: not this option. */
static const char *
value_of(const char *name, int argc, char **argv, int *index)
{
    size_t length = strlen(name);
    const char *argument = argv[*index];
    if (strncmp(argument, name, length) != 0)
    {
        return NULL;
    }
    if (argument[length] == '=')
    {
        return argument + length + 1;
    }
    if (argument[length] != '\0')
    {
        return NULL;
    }
    if (*index + 1 >= argc)
    {
        return "";
    }
    (*index)++;
    return argv[*index];
}

/** Whether "-..." is an option, and not standard input or a negative something. */
static bool
is_option(const char *argument)
{
    return argument[0] == '-' && argument[1] != '\0';
}

bool
fbd_options_read(fbd_options *options, int argc, char **argv, char *error, size_t size)
{
    *options = (fbd_options){.input = argv};
    for (int i = 1; i < argc; i++)
    {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
        {
            options->help = true;
            return true;
        }
        if (!is_option(argv[i]))
        {
            options->input[options->input_count++] = argv[i];
            continue;
        }
        const char *key = value_of("--key", argc, argv, &i);
        const char *layout = key != NULL ? NULL : value_of("--ts-layout", argc, argv, &i);
        if (key == NULL && layout == NULL)
        {
            snprintf(error, size, "unknown option %s; --help lists them all", argv[i]);
            return false;
        }
        if (key != NULL ? !add_key(options, key, error, size)
                        : !set_layout(options, layout, error, size))
        {
            return false;
        }
    }
    if (options->input_count == 0)
    {
        snprintf(error, size, "nothing to decode: expected HEX, a capture file, or -; see --help");
        return false;
    }
    return true;
}
