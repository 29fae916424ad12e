/* SPDX-License-Identifier: BSD-3-Clause */
#include "tree.h"

#include <string.h>

/* Deeper and wider than any schema here, so that a hostile file costs neither stack nor time. */
enum
{
    DEPTH_MAX = 32,
    KEYS_MAX = 1000
};

void
fbc_error(fbc_reader *reader, fbc_place place, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fbc_report_add(reader->report, reader->source, place, format, arguments);
    va_end(arguments);
    reader->errors++;
}

static fbc_place
mark_place(const yaml_mark_t *mark)
{
    fbc_place place = {(uint32_t)mark->line + 1, (uint32_t)mark->column + 1};
    return place;
}

fbc_place
fbc_node_place(const yaml_node_t *node)
{
    return mark_place(&node->start_mark);
}

const char *
fbc_node_text(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : NULL;
}

static bool
is_control(const char *text)
{
    unsigned char octet = (unsigned char)text[0];
    /* The upper control characters, U+0080..9F, are C2 80..9F in UTF-8. */
    return octet < 0x20 || octet == 0x7f || (octet == 0xC2 && (unsigned char)text[1] < 0xA0);
}

static bool
is_continuation(char octet)
{
    return ((unsigned char)octet & 0xC0u) == 0x80u;
}

const char *
fbc_quote(const char *text, char buffer[FBC_QUOTE_MAX])
{
    size_t used = 1;
    buffer[0] = '\'';
    while (*text != 0)
    {
        size_t octets = 1;
        while (is_continuation(text[octets]))
        {
            octets++;
        }
        if (used + octets + sizeof("...'") > FBC_QUOTE_MAX)
        {
            memcpy(buffer + used, "...'", sizeof("...'"));
            return buffer;
        }
        bool control = is_control(text);
        memcpy(buffer + used, control ? "?" : text, control ? 1 : octets);
        used += control ? 1 : octets;
        text += octets;
    }
    memcpy(buffer + used, "'", 2);
    return buffer;
}

const char *
fbc_node_quote(const yaml_node_t *node, char buffer[FBC_QUOTE_MAX])
{
    if (node->type == YAML_MAPPING_NODE)
    {
        return "a mapping";
    }
    if (node->type == YAML_SEQUENCE_NODE)
    {
        return "a list";
    }
    const char *text = fbc_node_text(node);
    return text == NULL || text[0] == 0 ? "nothing" : fbc_quote(text, buffer);
}

size_t
fbc_list_count(const yaml_node_t *list)
{
    return (size_t)(list->data.sequence.items.top - list->data.sequence.items.start);
}

yaml_node_t *
fbc_list_item(fbc_reader *reader, const yaml_node_t *list, size_t index)
{
    return yaml_document_get_node(&reader->document, list->data.sequence.items.start[index]);
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* What YAML allows and we do not                                                                                     */

enum
{
    NODE_NEW,
    NODE_OPEN, /* being walked: meeting it again means that it contains itself */
    NODE_DONE
};

typedef struct tree_walk
{
    fbc_reader *reader;
    uint8_t *state; /* of each node, by its number from 0 */
    bool stop;
} tree_walk;

static void walk_node(tree_walk *walk, int number, unsigned depth);

static bool
is_earlier_key(const tree_walk *walk,
               const yaml_node_t *mapping,
               const yaml_node_pair_t *pair,
               const char *text)
{
    for (const yaml_node_pair_t *other = mapping->data.mapping.pairs.start; other < pair; other++)
    {
        const yaml_node_t *key = yaml_document_get_node(&walk->reader->document, other->key);
        const char *known = fbc_node_text(key);
        if (known != NULL && strcmp(known, text) == 0)
        {
            return true;
        }
    }
    return false;
}

static void
check_key(tree_walk *walk, const yaml_node_t *mapping, const yaml_node_pair_t *pair)
{
    char quote[FBC_QUOTE_MAX];
    const yaml_node_t *key = yaml_document_get_node(&walk->reader->document, pair->key);
    const char *text = fbc_node_text(key);
    if (text == NULL)
    {
        fbc_error(walk->reader,
                  fbc_node_place(key),
                  "a key is %s; expected a word",
                  fbc_node_quote(key, quote));
        return;
    }
    if (strcmp(text, "<<") == 0)
    {
        fbc_error(walk->reader,
                  fbc_node_place(key),
                  "merge keys (<<) are not supported; expected the keys written out");
        return;
    }
    if (is_earlier_key(walk, mapping, pair, text))
    {
        fbc_error(walk->reader,
                  fbc_node_place(key),
                  "key %s for the second time in this mapping; expected each key once",
                  fbc_quote(text, quote));
    }
}

static void
walk_mapping(tree_walk *walk, const yaml_node_t *node, unsigned depth)
{
    const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
    const yaml_node_pair_t *end = node->data.mapping.pairs.top;
    if (end - pair > KEYS_MAX)
    {
        fbc_error(walk->reader,
                  fbc_node_place(node),
                  "%ld keys in one mapping; expected %d at most",
                  (long)(end - pair),
                  (int)KEYS_MAX);
        return;
    }
    for (; pair < end && !walk->stop; pair++)
    {
        check_key(walk, node, pair);
        walk_node(walk, pair->value, depth + 1);
    }
}

static void
check_tag(tree_walk *walk, const yaml_node_t *node)
{
    const char *plain = node->type == YAML_SCALAR_NODE     ? YAML_STR_TAG
                        : node->type == YAML_SEQUENCE_NODE ? YAML_SEQ_TAG
                                                           : YAML_MAP_TAG;
    char quote[FBC_QUOTE_MAX];
    if (node->tag != NULL && strcmp((const char *)node->tag, plain) != 0)
    {
        fbc_error(walk->reader,
                  fbc_node_place(node),
                  "the tag %s has no meaning here; expected a value without one",
                  fbc_quote((const char *)node->tag, quote));
    }
}

static void
walk_node(tree_walk *walk, int number, unsigned depth)
{
    const yaml_node_t *node = yaml_document_get_node(&walk->reader->document, number);
    uint8_t *state = &walk->state[number - 1];
    if (*state == NODE_OPEN)
    {
        fbc_error(walk->reader,
                  fbc_node_place(node),
                  "an alias (*) inside the very value it stands for; expected one that ends");
        walk->stop = true;
        return;
    }
    if (*state == NODE_DONE)
    {
        return;
    }
    if (depth > DEPTH_MAX)
    {
        fbc_error(
            walk->reader,
            fbc_node_place(node),
            "nested more than %d levels deep; expected what doc/scenario-reference.md describes",
            (int)DEPTH_MAX);
        walk->stop = true;
        return;
    }
    *state = NODE_OPEN;
    check_tag(walk, node);
    if (node->type == YAML_MAPPING_NODE)
    {
        walk_mapping(walk, node, depth);
    }
    if (node->type == YAML_SEQUENCE_NODE)
    {
        size_t count = fbc_list_count(node);
        for (size_t i = 0; i < count && !walk->stop; i++)
        {
            walk_node(walk, node->data.sequence.items.start[i], depth + 1);
        }
    }
    *state = NODE_DONE;
}

/* ---------------------------------------------------------------------------------------------------------------- */
/* Loading                                                                                                            */

static void
report_parser_error(fbc_reader *reader, const yaml_parser_t *parser)
{
    const char *problem = parser->problem != NULL ? parser->problem : "it cannot be parsed";
    if (parser->error == YAML_READER_ERROR)
    {
        fbc_error(reader,
                  fbc_source_place(reader->source, parser->problem_offset),
                  "not text in UTF-8: %s; expected a text file",
                  problem);
        return;
    }
    fbc_place place = mark_place(&parser->problem_mark);
    const char *at = fbc_source_at(reader->source, place);
    if (parser->error == YAML_SCANNER_ERROR && *at == '\t')
    {
        fbc_error(reader, place, "a tab; expected spaces, YAML knows no other indentation");
        return;
    }
    if (parser->context == NULL)
    {
        fbc_error(reader,
                  place,
                  "not valid YAML: %s; check indentation, brackets and quotes",
                  problem);
        return;
    }
    fbc_error(
        reader,
        place,
        "not valid YAML: %s (%s that begins at line %lu); check indentation, brackets and quotes",
        problem,
        parser->context,
        (unsigned long)parser->context_mark.line + 1);
}

/* True when nothing follows the first document. */
static bool
check_end(fbc_reader *reader, yaml_parser_t *parser)
{
    yaml_document_t next;
    if (!yaml_parser_load(parser, &next))
    {
        report_parser_error(reader, parser);
        return false;
    }
    const yaml_node_t *root = yaml_document_get_root_node(&next);
    fbc_place place = mark_place(&next.start_mark);
    yaml_document_delete(&next);
    if (root != NULL)
    {
        fbc_error(reader, place, "a second document begins here; expected one a file");
    }
    return root == NULL;
}

/* False when the tree must not be read: it has no end. Other errors do not keep the rest from being checked. */
static bool
check_nodes(fbc_reader *reader)
{
    yaml_node_t *start = reader->document.nodes.start;
    size_t count = (size_t)(reader->document.nodes.top - start);
    tree_walk walk = {reader, fbc_arena_array(reader->arena, count, 1), false};
    walk_node(&walk, 1, 0);
    return !walk.stop;
}

static yaml_node_t *
load_document(fbc_reader *reader, yaml_parser_t *parser)
{
    if (!yaml_parser_load(parser, &reader->document))
    {
        report_parser_error(reader, parser);
        return NULL;
    }
    yaml_node_t *root = yaml_document_get_root_node(&reader->document);
    if (root == NULL)
    {
        fbc_place first = {1, 1};
        fbc_error(reader, first, "the file is empty; expected a policy or a scenario");
    }
    else if (check_end(reader, parser) && check_nodes(reader))
    {
        return root;
    }
    yaml_document_delete(&reader->document);
    return NULL;
}

yaml_node_t *
fbc_tree_load(fbc_reader *reader)
{
    yaml_parser_t parser;
    if (!yaml_parser_initialize(&parser))
    {
        fbc_place none = {0, 0};
        fbc_error(reader, none, "out of memory; the file was not read");
        return NULL;
    }
    yaml_parser_set_input_string(&parser,
                                 (const unsigned char *)reader->source->text,
                                 reader->source->length);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_node_t *root = load_document(reader, &parser);
    yaml_parser_delete(&parser);
    return root;
}

void
fbc_tree_free(fbc_reader *reader)
{
    yaml_document_delete(&reader->document);
}
