/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmocka_setup.h"
#include "config/policy_file.h"
#include "config_files.h"
#include "steer/steering.h"
#include "vectors.h"
#include "wire/mobile_ipv4.h"
#include "wire/traffic_selector.h"

static const fbc_bid figure2_bids[] = {{"wlan", 1}, {"lte", 2}, {"cdma", 3}};

/* A policy out of @p text; NULL when it is wrong. */
static fbc_policy *
policy_or_report(const char *text, fbc_report *report)
{
    char folder[] = "/tmp/flowbind-policy-XXXXXX";
    char file[64];
    folder_make(folder);
    snprintf(file, sizeof(file), "%s/policy.yaml", folder);
    file_write(file, text, strlen(text));
    fbc_policy *policy = fbc_policy_read(file, report);
    unlink(file);
    rmdir(folder);
    return policy;
}

/* A policy out of @p text; it must be right. */
static fbc_policy *
policy_from(const char *text)
{
    fbc_report report = {0};
    fbc_policy *policy = policy_or_report(text, &report);
    fbc_report_print(&report, stdout);
    assert_int_equal(report.total, 0);
    assert_non_null(policy);
    return policy;
}

static void
test_figure2_as_written(void **state)
{
    (void)state;
    fbc_report report = {0};
    fbc_policy *policy = fbc_policy_read(EXAMPLE_POLICY, &report);
    assert_non_null(policy);
    assert_int_equal(report.total, 0);
    assert_string_equal(policy->file, EXAMPLE_POLICY);
    assert_string_equal(policy->scheduler, "flow-hash");
    assert_int_equal(policy->flow_count, 3);

    const fbc_flow *sip = &policy->flows[0];
    assert_string_equal(sip->name, "SIP");
    assert_int_equal(sip->path_count, 2);
    assert_string_equal(sip->path[0], "wlan");
    assert_string_equal(sip->path[1], "lte");
    assert_true(sip->drop);
    fb_selector expected = {.format = FB_SELECTOR_IPV4};
    expected.u.v4.present = FB_SELECTOR4_SOURCE_PORT_START | FB_SELECTOR4_PROTOCOL_START;
    expected.u.v4.source_port_start = 5060;
    expected.u.v4.protocol_start = 17;
    assert_memory_equal(&sip->selector, &expected, sizeof(expected));

    const fbc_flow *http = &policy->flows[1];
    assert_string_equal(http->name, "HTTP");
    assert_int_equal(http->path_count, 1);
    assert_string_equal(http->path[0], "lte");
    assert_true(http->drop);
    expected.u.v4.source_port_start = 80;
    expected.u.v4.protocol_start = 6;
    assert_memory_equal(&http->selector, &expected, sizeof(expected));

    const fbc_flow *ssh = &policy->flows[2];
    assert_string_equal(ssh->name, "SSH");
    assert_int_equal(ssh->path_count, 3);
    assert_string_equal(ssh->path[0], "cdma");
    assert_string_equal(ssh->path[1], "lte");
    assert_string_equal(ssh->path[2], "wlan");
    assert_false(ssh->drop);
    expected.u.v4.source_port_start = 22;
    assert_memory_equal(&ssh->selector, &expected, sizeof(expected));

    assert_ptr_equal(fbc_policy_flow(policy, "HTTP"), http);
    assert_null(fbc_policy_flow(policy, "http"));
    fbc_policy_free(policy);
}

/* R7629-3-04, -05, -06: the file is the table of RFC 7629 Figure 2, octet for octet as in M12. */
static void
test_figure2_is_m12(void **state)
{
    (void)state;
    enum
    {
        FIRST_FLOW_BINDING = 32, /* behind the fixed part (24) and the Multipath Extension (8) */
        AUTHENTICATION = 22
    };
    test_vectors *vectors = vectors_load();
    const test_vector *m12 = vectors_find(vectors, "M12");
    fbc_policy *policy = fbc_policy_read(EXAMPLE_POLICY, NULL);
    assert_non_null(policy);
    fb_rule rules[FB_RULES_MAX];
    size_t count = 0;
    assert_true(fbc_policy_resolve(policy, figure2_bids, 3, rules, &count, NULL));
    assert_int_equal(count, 5);
    uint8_t octets[512];
    fb_writer writer = fb_writer_over(octets, sizeof(octets));
    for (size_t i = 0; i < count; i++)
    {
        fb_flow_binding_write(&writer, &rules[i], FB_SELECTOR_LAYOUT_RFC7629);
    }
    assert_false(writer.failed);
    assert_int_equal(writer.position, m12->length - FIRST_FLOW_BINDING - AUTHENTICATION);
    assert_memory_equal(octets, m12->octets + FIRST_FLOW_BINDING, writer.position);
    fbc_policy_free(policy);
    vectors_free(vectors);
}

/* The same rules decoded from M12 and read from the file. */
static void
test_figure2_rules(void **state)
{
    (void)state;
    const uint8_t actions[] = {FB_RULE_FORWARD,
                               FB_RULE_DROP,
                               FB_RULE_FORWARD,
                               FB_RULE_DROP,
                               FB_RULE_FORWARD};
    const uint8_t counts[] = {2, 1, 1, 1, 3};
    const uint8_t first[] = {1, 255, 2, 255, 3};
    fbc_policy *policy = fbc_policy_read(EXAMPLE_POLICY, NULL);
    assert_non_null(policy);
    fb_rule rules[FB_RULES_MAX];
    size_t count = 0;
    assert_true(fbc_policy_resolve(policy, figure2_bids, 3, rules, &count, NULL));
    for (size_t i = 0; i < count; i++)
    {
        assert_int_equal(rules[i].action, actions[i]);
        assert_int_equal(rules[i].bid_count, counts[i]);
        assert_int_equal(rules[i].bid[0], first[i]);
    }
    assert_int_equal(rules[4].bid[1], 2);
    assert_int_equal(rules[4].bid[2], 1);
    /* D-24: the DROP has the selector of the list before it. */
    assert_memory_equal(&rules[0].selector, &rules[1].selector, sizeof(rules[0].selector));
    assert_memory_equal(&rules[2].selector, &rules[3].selector, sizeof(rules[2].selector));
    fbc_policy_free(policy);
}

/* Every key of match, and each selector passes the check of those that come by wire. */
static void
test_match_every_key(void **state)
{
    (void)state;
    fbc_policy *policy = policy_from(
        "flows:\n"
        "  - name: all\n"
        "    match:\n"
        "      protocol: 6-17\n"
        "      port: 5060-5080\n"
        "      local_port: 1024-65535\n"
        "      address: 203.0.113.0/24\n"
        "      local_address: 198.51.100.10-198.51.100.12\n"
        "      dscp: cs4-ef\n"
        "    use: [a]\n"
        "  - name: one\n"
        "    match: {protocol: esp, address: 203.0.113.7, dscp: af41, spi: 0x1001}\n"
        "    use: [a]\n"
        "  - name: spis\n"
        "    match: {protocol: ah, spi: 4096-4100}\n"
        "    use: [drop]\n"
        "  - name: any\n"
        "    match: {}\n"
        "    use: [b, a]\n");
    const fb_selector4 *all = &policy->flows[0].selector.u.v4;
    const fb_selector4 expected_all = {
        .present = FB_SELECTOR4_SOURCE_START | FB_SELECTOR4_SOURCE_END |
                   FB_SELECTOR4_DESTINATION_START | FB_SELECTOR4_DESTINATION_END |
                   FB_SELECTOR4_SOURCE_PORT_START | FB_SELECTOR4_SOURCE_PORT_END |
                   FB_SELECTOR4_DESTINATION_PORT_START | FB_SELECTOR4_DESTINATION_PORT_END |
                   FB_SELECTOR4_DS_START | FB_SELECTOR4_DS_END | FB_SELECTOR4_PROTOCOL_START |
                   FB_SELECTOR4_PROTOCOL_END,
        .source_start = 0xcb007100,
        .source_end = 0xcb0071ff,
        .destination_start = 0xc633640a,
        .destination_end = 0xc633640c,
        .source_port_start = 5060,
        .source_port_end = 5080,
        .destination_port_start = 1024,
        .destination_port_end = 65535,
        .ds_start = 32 << 2,
        .ds_end = 46 << 2,
        .protocol_start = 6,
        .protocol_end = 17,
    };
    const fb_selector4 *one = &policy->flows[1].selector.u.v4;
    const fb_selector4 expected_one = {
        .present = FB_SELECTOR4_SOURCE_START | FB_SELECTOR4_SPI_START | FB_SELECTOR4_DS_START |
                   FB_SELECTOR4_PROTOCOL_START,
        .source_start = 0xcb007107,
        .spi_start = 0x1001,
        .ds_start = 34 << 2,
        .protocol_start = 50,
    };
    const fb_selector4 *spis = &policy->flows[2].selector.u.v4;
    assert_memory_equal(all, &expected_all, sizeof(*all));
    assert_memory_equal(one, &expected_one, sizeof(*one));
    assert_true((spis->present & FB_SELECTOR4_SPI_END) != 0);
    assert_int_equal(spis->spi_start, 4096);
    assert_int_equal(spis->spi_end, 4100);
    assert_int_equal(policy->flows[3].selector.u.v4.present, 0);
    for (size_t i = 0; i < policy->flow_count; i++)
    {
        assert_int_equal(policy->flows[i].selector.format, FB_SELECTOR_IPV4);
        assert_int_equal(fb_selector_check(&policy->flows[i].selector), 0);
    }

    /* `use: [drop]` is one rule, without a FORWARD. */
    const fbc_bid bids[] = {{"a", 7}, {"b", 254}};
    fb_rule rules[FB_RULES_MAX];
    size_t count = 0;
    assert_true(fbc_policy_resolve(policy, bids, 2, rules, &count, NULL));
    assert_int_equal(count, 4);
    assert_int_equal(rules[2].action, FB_RULE_DROP);
    assert_int_equal(rules[3].bid_count, 2);
    assert_int_equal(rules[3].bid[0], 254);
    assert_int_equal(rules[3].bid[1], 7);
    fbc_policy_free(policy);
}

/* RFC 7629 4.2: eight BIDs fit a Flow-Binding. FB_STATIC_RULES_MAX rules fit a policy. */
static void
test_limits_are_reached(void **state)
{
    (void)state;
    fbc_policy *policy = policy_from(
        "flows: [{name: x, match: {}, use: [a, b, c, d, e, f, g, h, drop]}]\n");
    assert_int_equal(policy->flows[0].path_count, 8);
    assert_true(policy->flows[0].drop);
    fbc_policy_free(policy);

    for (int more = 0; more <= 1; more++)
    {
        char *text = malloc(64 * FB_STATIC_RULES_MAX);
        size_t used = (size_t)snprintf(text, 64, "flows:\n");
        for (int i = 0; i < FB_STATIC_RULES_MAX / 2 + more; i++)
        {
            used += (size_t)snprintf(text + used,
                                     64,
                                     "  - {name: f%d, match: {port: %d}, use: [a, drop]}\n",
                                     i,
                                     i + 1);
        }
        fbc_report report = {0};
        policy = policy_or_report(text, &report);
        free(text);
        assert_int_equal(policy != NULL, more == 0);
        if (more > 0)
        {
            assert_int_equal(report.count, 1);
            assert_string_equal(
                report.message[0].text,
                "4098 Flow-Bindings (one a flow, two with drop); expected at most 4096");
        }
        else
        {
            const fbc_bid bids[] = {{"a", 1}};
            fb_rule *rules = calloc(fbc_policy_rule_count(policy), sizeof(*rules));
            size_t count = 0;
            assert_true(fbc_policy_resolve(policy, bids, 1, rules, &count, NULL));
            assert_int_equal(count, FB_STATIC_RULES_MAX);
            assert_int_equal(fbc_policy_rule_count(policy), count);
            free(rules);
        }
        fbc_report_free(&report);
        fbc_policy_free(policy);
    }
}

static void
test_resolve_names_what_is_missing(void **state)
{
    (void)state;
    const fbc_bid bids[] = {{"wlan", 1}, {"ltee", 2}};
    fbc_report report = {0};
    fb_rule rules[FB_RULES_MAX];
    size_t count = 99;
    fbc_policy *policy = fbc_policy_read(EXAMPLE_POLICY, &report);
    assert_non_null(policy);
    assert_false(fbc_policy_resolve(policy, bids, 2, rules, &count, &report));
    assert_int_equal(count, 0);
    assert_int_equal(report.total, 4); /* lte in three flows, cdma in one */
    assert_int_equal(report.message[0].place.line, 7);
    assert_int_equal(report.message[0].place.column, 19);
    assert_string_equal(report.message[0].file, EXAMPLE_POLICY);
    assert_string_equal(report.message[0].source, "    use:   [wlan, lte, drop]");
    assert_string_equal(report.message[0].text,
                        "flow 'SIP' uses path 'lte', which does not exist; did you mean 'ltee'?");
    assert_string_equal(
        report.message[2].text,
        "flow 'SSH' uses path 'cdma', which does not exist; expected one of wlan, ltee");
    fbc_policy_free(policy);
    fbc_report_free(&report);
}

/* Anchors and aliases are plain YAML, and so is JSON. */
static void
test_yaml_in_other_shapes(void **state)
{
    (void)state;
    fbc_policy *policy = policy_from("flows:\n"
                                     "  - {name: a, match: {port: 1}, use: &order [wlan, lte]}\n"
                                     "  - {name: b, match: {port: 2}, use: *order}\n");
    assert_int_equal(policy->flow_count, 2);
    assert_int_equal(policy->flows[1].path_count, 2);
    assert_string_equal(policy->flows[1].path[1], "lte");
    fbc_policy_free(policy);

    policy = policy_from("\xEF\xBB\xBF{\"flows\": [{\"name\": \"a\", \"match\": {\"port\": 80},\r\n"
                         " \"use\": [\"wlan\", \"drop\"]}], \"default\": \"flow-hash\"}\r\n");
    assert_int_equal(policy->flows[0].selector.u.v4.source_port_start, 80);
    assert_true(policy->flows[0].drop);
    fbc_policy_free(policy);
}

/* RFC 6088 3.2: what makes a selector one of IPv6, and where its fields go (D-21). */
static void
test_ipv6_selectors(void **state)
{
    (void)state;
    fbc_policy *policy = policy_from(
        "flows:\n"
        "  - {name: all, match: {family: ipv6}, use: [wlan]}\n"
        "  - {name: by-address, match: {address: fd00:c::2, local_address: fd00:a::/64}, use: [wlan]}\n"
        "  - {name: by-label, match: {flow_label: 7-9, protocol: udp, port: 5060, local_port: 5062-5064,"
        " dscp: ef}, use: [wlan]}\n"
        "  - {name: ipv4, match: {family: ipv4}, use: [wlan]}\n");
    fb_selector expected = {.format = FB_SELECTOR_IPV6};
    assert_memory_equal(&policy->flows[0].selector, &expected, sizeof(expected));

    fb_selector6 *fields = &expected.u.v6;
    static const uint8_t correspondent[16] = {0xfd, 0, 0, 0x0c, [15] = 2};
    static const uint8_t first[16] = {0xfd, 0, 0, 0x0a};
    fields->present = FB_SELECTOR6_SOURCE_START | FB_SELECTOR6_DESTINATION_START |
                      FB_SELECTOR6_DESTINATION_END;
    memcpy(fields->source_start, correspondent, sizeof(correspondent));
    memcpy(fields->destination_start, first, sizeof(first));
    memcpy(fields->destination_end, first, sizeof(first));
    memset(&fields->destination_end[8], 0xff, 8);
    assert_memory_equal(&policy->flows[1].selector, &expected, sizeof(expected));

    expected = (fb_selector){.format = FB_SELECTOR_IPV6};
    fields->present = FB_SELECTOR6_FLOW_LABEL_START | FB_SELECTOR6_FLOW_LABEL_END |
                      FB_SELECTOR6_NEXT_HEADER_START | FB_SELECTOR6_SOURCE_PORT_START |
                      FB_SELECTOR6_DESTINATION_PORT_START | FB_SELECTOR6_DESTINATION_PORT_END |
                      FB_SELECTOR6_TRAFFIC_CLASS_START;
    fields->flow_label_start = 7;
    fields->flow_label_end = 9;
    fields->next_header_start = 17;
    fields->source_port_start = 5060;
    fields->destination_port_start = 5062;
    fields->destination_port_end = 5064;
    fields->traffic_class_start = 46 << 2;
    assert_memory_equal(&policy->flows[2].selector, &expected, sizeof(expected));
    assert_int_equal(policy->flows[3].selector.format, FB_SELECTOR_IPV4);
    fbc_policy_free(policy);
}

/* Groups of paths, and what both ends need to know of them */
static void
test_groups(void **state)
{
    (void)state;
    fbc_policy *policy = policy_from(
        "flows:\n"
        "  - {name: a, match: {port: 1}, use: {spread: [wlan, lte], scheduler: edpf, reorder: 60ms}}\n"
        "  - {name: b, match: {port: 2}, use: [lte]}\n"
        "  - {name: c, match: {port: 3}, use: {spread: [cdma, wlan, drop], scheduler: weighted}}\n"
        "  - {name: d, match: {port: 4}, use: {spread: [lte, wlan], scheduler: redundant, reorder: 10s}}\n"
        "  - {name: e, match: {port: 5}, use: {spread: [lte, wlan]}}\n"
        "default: {scheduler: cheapest-first, reorder: 1ms}\n");
    fb_rule rules[FB_RULES_MAX];
    size_t count = 0;

    assert_string_equal(policy->scheduler, "cheapest-first");
    assert_int_equal(policy->reorder_ms, 1);
    assert_true(fbc_policy_resolve(policy, figure2_bids, 3, rules, &count, NULL));
    assert_int_equal(count, 6);
    assert_int_equal(rules[0].action, FB_RULE_SPREAD);
    assert_string_equal(fb_scheduler_name(rules[0].scheduler - 1u), "edpf");
    assert_int_equal(rules[0].bid_count, 2);
    assert_int_equal(rules[0].bid[0], 1);
    assert_int_equal(rules[0].bid[1], 2);
    assert_int_equal(rules[0].reorder_ms, 60);
    assert_int_equal(rules[0].reorder_class, 1);
    assert_int_equal(rules[1].action, FB_RULE_FORWARD);
    assert_int_equal(rules[1].scheduler, 0);
    assert_int_equal(rules[2].action, FB_RULE_SPREAD);
    assert_string_equal(fb_scheduler_name(rules[2].scheduler - 1u), "weighted");
    assert_int_equal(rules[2].bid[0], 3);
    assert_int_equal(rules[2].bid_count, 2);
    assert_int_equal(rules[2].reorder_ms, 0);
    assert_int_equal(rules[2].reorder_class, 0);
    assert_int_equal(rules[3].action, FB_RULE_DROP);
    assert_int_equal(rules[4].reorder_ms, 10000);
    assert_int_equal(rules[4].reorder_class, 2);
    assert_string_equal(fb_scheduler_name(rules[5].scheduler - 1u), "flow-hash");
    for (size_t i = 0; i < count; i++)
    {
        assert_true(fb_rule_usable(&rules[i]));
    }
    fbc_policy_free(policy);

    policy = policy_from("flows: [{name: x, match: {}, use: [a]}]\ndefault: lowest-rtt\n");
    assert_string_equal(policy->scheduler, "lowest-rtt");
    assert_int_equal(policy->reorder_ms, 0);
    fbc_policy_free(policy);
}

/* A list of names that is not kept by hand: what there is can be written */
static void
test_every_scheduler_has_its_name(void **state)
{
    (void)state;
    for (size_t i = 0; fb_scheduler_name(i) != NULL; i++)
    {
        char text[160];

        snprintf(text,
                 sizeof(text),
                 "flows: [{name: x, match: {}, use: [a]}]\ndefault: %s\n",
                 fb_scheduler_name(i));
        fbc_policy *policy = policy_from(text);
        assert_string_equal(policy->scheduler, fb_scheduler_name(i));
        fbc_policy_free(policy);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_figure2_as_written),
        cmocka_unit_test(test_figure2_is_m12),
        cmocka_unit_test(test_figure2_rules),
        cmocka_unit_test(test_match_every_key),
        cmocka_unit_test(test_limits_are_reached),
        cmocka_unit_test(test_resolve_names_what_is_missing),
        cmocka_unit_test(test_yaml_in_other_shapes),
        cmocka_unit_test(test_ipv6_selectors),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_every_scheduler_has_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
