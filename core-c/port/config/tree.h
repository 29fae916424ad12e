/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOWBIND_CONFIG_TREE_H
#define FLOWBIND_CONFIG_TREE_H

/**
 * @file
 * One YAML document as a tree of nodes that know their place. What YAML allows and these files do not - keys twice,
 * merge keys, tags, cycles of aliases, several documents - is refused here, so that no one behind has to think of it.
 */

#include "source.h"

#include <yaml.h>

typedef struct fbc_reader
{
    fbc_arena *arena; /**< of what is being read */
    fbc_report *report; /**< may be NULL */
    fbc_source *source;
    yaml_document_t document;
    size_t errors; /**< found in this file so far */
} fbc_reader;

/** Reports an error: "what is wrong; what was expected". */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
void
fbc_error(fbc_reader *reader, fbc_place place, const char *format, ...);

/** Parses reader->source. The root, or NULL after an error; fbc_tree_free() only after success. */
yaml_node_t *fbc_tree_load(fbc_reader *reader);
void fbc_tree_free(fbc_reader *reader);

fbc_place fbc_node_place(const yaml_node_t *node);

/** "a mapping", "a list", "nothing", "'text'" for messages. @p buffer is used when needed. */
#define FBC_QUOTE_MAX 64
const char *fbc_node_quote(const yaml_node_t *node, char buffer[FBC_QUOTE_MAX]);

/** @p text in quotes, cut when long and without control characters. */
const char *fbc_quote(const char *text, char buffer[FBC_QUOTE_MAX]);

/** Text of a scalar node; NULL for other nodes. */
const char *fbc_node_text(const yaml_node_t *node);

size_t fbc_list_count(const yaml_node_t *list);
yaml_node_t *fbc_list_item(fbc_reader *reader, const yaml_node_t *list, size_t index);

#endif
