/* SPDX-License-Identifier: BSD-3-Clause */
#include "bench_classify.h"

#include <rte_acl.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_malloc.h>
#include <rte_memory.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS 5
/** More than a rule set that is of any use takes. */
#define OCTETS_MAX (1024u << 20)

struct acl
{
    struct rte_acl_ctx* context;
};

RTE_ACL_RULE_DEF(acl_rule, FIELDS);

void
acl_start(void)
{
    static char arguments[][24] = {"classify",
                                   "--no-huge",
                                   "-m",
                                   "2048",
                                   "--no-pci",
                                   "--no-telemetry",
                                   "-l",
                                   "0",
                                   "--log-level=critical"};
    char* list[sizeof arguments / sizeof arguments[0]];
    int count = (int)(sizeof arguments / sizeof arguments[0]);

    for (int i = 0; i < count; i++)
    {
        list[i] = arguments[i];
    }
    if (rte_eal_init(count, list) < 0)
    {
        fprintf(stderr,
                "flowbind-classify-benchmark: DPDK does not start: %s\n",
                rte_strerror(rte_errno));
        exit(1);
    }
}

/** As in DPDK's examples: protocol first, then addresses, then both ports in one word. */
static void
define_fields(struct rte_acl_config* config, bool ranges)
{
    static const uint8_t size[FIELDS] = {1, 4, 4, 2, 2};
    static const uint8_t input[FIELDS] = {0, 1, 2, 3, 3};
    static const uint32_t offset[FIELDS] = {0, 4, 8, 12, 14};
    uint8_t addresses = ranges ? RTE_ACL_FIELD_TYPE_RANGE : RTE_ACL_FIELD_TYPE_MASK;
    const uint8_t type[FIELDS] = {RTE_ACL_FIELD_TYPE_BITMASK,
                                  addresses,
                                  addresses,
                                  RTE_ACL_FIELD_TYPE_RANGE,
                                  RTE_ACL_FIELD_TYPE_RANGE};

    memset(config, 0, sizeof *config);
    config->num_categories = 1;
    config->num_fields = FIELDS;
    config->max_size = OCTETS_MAX;
    for (uint8_t i = 0; i < FIELDS; i++)
    {
        config->defs[i] = (struct rte_acl_field_def){.type = type[i],
                                                     .size = size[i],
                                                     .field_index = i,
                                                     .input_index = input[i],
                                                     .offset = offset[i]};
    }
}

static void
set_address(struct rte_acl_field* field, bool present, uint32_t start, uint32_t end, bool ranges)
{
    uint32_t rest = present ? end - start : UINT32_MAX;

    field->value.u32 = present ? start : 0;
    field->mask_range.u32 = ranges      ? field->value.u32 + rest
                            : rest == 0 ? 32
                                        : (uint32_t)__builtin_clz(rest);
}

static void
set_port(struct rte_acl_field* field, bool present, uint16_t start, uint16_t end)
{
    field->value.u16 = present ? start : 0;
    field->mask_range.u16 = present ? end : UINT16_MAX;
}

static struct acl_rule
rule_of(const fb_selector4* s, bool ranges)
{
    struct acl_rule rule = {.data.category_mask = 1};
    bool protocol = (s->present & FB_SELECTOR4_PROTOCOL_START) != 0;

    rule.field[0].value.u8 = protocol ? s->protocol_start : 0;
    rule.field[0].mask_range.u8 = protocol ? UINT8_MAX : 0;
    set_address(&rule.field[1],
                (s->present & FB_SELECTOR4_SOURCE_START) != 0,
                s->source_start,
                s->source_end,
                ranges);
    set_address(&rule.field[2],
                (s->present & FB_SELECTOR4_DESTINATION_START) != 0,
                s->destination_start,
                s->destination_end,
                ranges);
    set_port(&rule.field[3],
             (s->present & FB_SELECTOR4_SOURCE_PORT_START) != 0,
             s->source_port_start,
             s->source_port_end);
    set_port(&rule.field[4],
             (s->present & FB_SELECTOR4_DESTINATION_PORT_START) != 0,
             s->destination_port_start,
             s->destination_port_end);
    return rule;
}

static size_t
octets_in_use(void)
{
    struct rte_malloc_socket_stats stats;

    return rte_malloc_get_socket_stats(0, &stats) == 0 ? stats.heap_allocsz_bytes : 0;
}

acl*
acl_make(const fb_rule* rules, uint32_t count, bool ranges, double* duration, size_t* octets)
{
    static int number;
    char name[24];
    struct rte_acl_param parameters = {.name = name,
                                       .socket_id = SOCKET_ID_ANY,
                                       .rule_size = RTE_ACL_RULE_SZ(FIELDS),
                                       .max_rule_num = count};
    struct rte_acl_config config;
    acl* a = calloc(1, sizeof *a);
    size_t before = octets_in_use();
    double start = seconds();
    int error = 0;

    snprintf(name, sizeof name, "rules%d", number++);
    define_fields(&config, ranges);
    a->context = rte_acl_create(&parameters);
    for (uint32_t i = 0; a->context != NULL && error == 0 && i < count; i++)
    {
        struct acl_rule rule = rule_of(&rules[i].selector.u.v4, ranges);

        rule.data.priority = (int32_t)(count - i);
        rule.data.userdata = i + 1;
        error = rte_acl_add_rules(a->context, (struct rte_acl_rule*)&rule, 1);
    }
    if (a->context == NULL || error != 0 || rte_acl_build(a->context, &config) != 0)
    {
        acl_free(a);
        return NULL;
    }
    *duration = seconds() - start;
    *octets = octets_in_use() - before;
    return a;
}

void
acl_free(acl* a)
{
    if (a != NULL)
    {
        rte_acl_free(a->context);
        free(a);
    }
}

void
acl_find(const acl* a, const packet* packets, uint32_t count, uint32_t* result)
{
    for (uint32_t i = 0; i < count; i++)
    {
        const uint8_t* key = &packets[i].protocol;

        rte_acl_classify(a->context, &key, &result[i], 1, 1);
    }
}
