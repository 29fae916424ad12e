/* SPDX-License-Identifier: BSD-3-Clause */
#include "cmocka_setup.h"
#include "flowbind/agent.h"
#include "flowbind/reason.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

/** Lower case, digits and single hyphens: what a column of a file or a trace can hold. */
static void
assert_is_name(const char *name)
{
    assert_non_null(name);
    assert_true(strlen(name) > 1);
    for (const char *at = name; *at != '\0'; at++)
    {
        assert_true(islower((unsigned char)*at) || isdigit((unsigned char)*at) || *at == '-');
    }
}

static void
test_reason_names_are_there_and_differ(void **state)
{
    (void)state;
    for (int reason = 0; reason < FB_REASON_COUNT; reason++)
    {
        assert_is_name(fb_reason_name(reason));
        assert_true(strlen(fb_reason_text(reason)) > 10);
        for (int other = 0; other < reason; other++)
        {
            assert_string_not_equal(fb_reason_name(reason), fb_reason_name(other));
            assert_string_not_equal(fb_reason_text(reason), fb_reason_text(other));
        }
    }
}

static void
test_reason_outside_the_table(void **state)
{
    (void)state;
    const int outside[] = {INT_MIN, -1, FB_REASON_COUNT, INT_MAX};
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++)
    {
        assert_string_equal(fb_reason_name(outside[i]), "?");
        assert_non_null(fb_reason_text(outside[i]));
        assert_int_equal(fb_reason_reply_code(outside[i]), 0);
        assert_int_equal(fb_reason_pba_status(outside[i]), 0);
    }
}

/* R7629-4.3-01, R7629-4.3-02, RFC 5944 3.4, RFC 3024 4: every code that is not silence. */
static void
test_reason_reply_codes(void **state)
{
    /* RFC 5944 3.4, RFC 2794 5, RFC 3024 4, RFC 3519 3.3, RFC 5177 7 */
    static const struct
    {
        fb_reason reason;
        uint8_t code;
    } agents[] = {
        {FB_DROP_FOREIGN_AGENT_AUTHENTICATION, 132},
        {FB_DROP_NOT_SERVED, 129},
        {FB_DROP_REVERSE_TUNNEL_UNAVAILABLE, 137},
        {FB_DROP_UDP_TUNNEL_UNAVAILABLE, 142},
        {FB_DROP_UDP_TUNNEL_NOT_ALLOWED, 129},
        {FB_DROP_UDP_TUNNEL_MISPLACED, 134},
        {FB_DROP_NETWORK_UNAVAILABLE, 147},
        {FB_DROP_NETWORK_NOT_ALLOWED, 148},
        {FB_DROP_NETWORK_MALFORMED, 134},
        {FB_DROP_AGENT_PROHIBITED, 65},
        {FB_DROP_AGENT_BUSY, 66},
        {FB_DROP_AGENT_NODE_AUTHENTICATION, 67},
        {FB_DROP_AGENT_HOME_AUTHENTICATION, 68},
        {FB_DROP_AGENT_LIFETIME, 69},
        {FB_DROP_AGENT_POOR_REQUEST, 70},
        {FB_DROP_AGENT_POOR_REPLY, 71},
        {FB_DROP_AGENT_ENCAPSULATION, 72},
        {FB_DROP_AGENT_REVERSE_TUNNEL, 74},
        {FB_DROP_AGENT_REVERSE_TUNNEL_REQUIRED, 75},
        {FB_DROP_AGENT_DISTANT, 76},
        {FB_DROP_AGENT_CARE_OF_ADDRESS, 77},
        {FB_DROP_AGENT_TIMEOUT, 78},
        {FB_DROP_AGENT_DELIVERY_STYLE, 79},
        {FB_DROP_AGENT_NETWORK_UNREACHABLE, 80},
        {FB_DROP_AGENT_HOST_UNREACHABLE, 81},
        {FB_DROP_AGENT_PORT_UNREACHABLE, 82},
        {FB_DROP_AGENT_UNREACHABLE, 88},
        {FB_DROP_AGENT_HOME_ADDRESS_REQUIRED, 96},
        {FB_DROP_AGENT_MISSING_NAI, 97},
        {FB_DROP_AGENT_MISSING_HOME_AGENT, 98},
        {FB_DROP_AGENT_MISSING_HOME_ADDRESS, 99},
        {FB_DROP_AGENT_HOME_AGENT_INVALID, 194},
    };

    (void)state;
    for (int reason = 0; reason < FB_REASON_COUNT; reason++)
    {
        uint8_t expected = 0;
        if (reason >= FB_DROP_MULTIPATH_LENGTH && reason <= FB_DROP_CARE_OF_ADDRESS_INVALID)
        {
            expected = 134;
        }
        switch (reason)
        {
        case FB_DROP_BAD_AUTHENTICATOR:
            expected = 131;
            break;
        case FB_DROP_IDENTIFICATION:
            expected = 133;
            break;
        case FB_DROP_HOME_AGENT_UNKNOWN:
            expected = 136;
            break;
        case FB_DROP_MULTIPATH_NOT_ALLOWED:
            expected = 152;
            break;
        case FB_DROP_FLOW_POLICY_NOT_ALLOWED:
            expected = 129;
            break;
        case FB_DROP_BID_UNKNOWN:
            expected = 153;
            break;
        case FB_DROP_TOO_MANY_BINDINGS:
            expected = 135;
            break;
        case FB_DROP_TOO_MANY_RULES:
        case FB_DROP_RESOURCES:
            expected = 130;
            break;
        case FB_DROP_REVERSE_TUNNEL_REQUIRED:
            expected = 138;
            break;
        case FB_DROP_ENCAPSULATION_UNSUPPORTED:
            expected = 139;
            break;
        default:
            break;
        }
        for (size_t i = 0; i < sizeof agents / sizeof agents[0]; i++)
        {
            expected = (int)agents[i].reason == reason ? agents[i].code : expected;
        }
        assert_int_equal(fb_reason_reply_code(reason), expected);
    }
}

/* RFC 5213 5.3, 8.9, RFC 5844 3.1.2.1, RFC 5845 4.1, RFC 7148 4.2, RFC 8278 4.3: all that is not silence. */
static void
test_reason_pba_statuses(void **state)
{
    static const struct
    {
        fb_reason reason;
        uint8_t status;
    } answered[] = {
        {FB_DROP_MULTIPATH_LENGTH, 128}, /* D8-03 */
        {FB_DROP_MULTIPATH_REPEATED, 128},
        {FB_DROP_BID_RESERVED, 128}, /* D8-03 */
        {FB_DROP_BULK_AND_OVERWRITE, 128}, /* D8-01 */
        {FB_DROP_TOO_MANY_BINDINGS, 130},
        {FB_DROP_RESOURCES, 130},
        {FB_DROP_MH_OPTION_LENGTH, 128},
        {FB_DROP_MH_OPTION_REPEATED, 128}, /* D8-22 */
        {FB_DROP_MH_TOO_MANY_OPTIONS, 130},
        {FB_DROP_PBU_NO_IDENTIFIER, 160},
        {FB_DROP_PBU_GATEWAY_NOT_AUTHORIZED, 154},
        {FB_DROP_PBU_NODE_UNKNOWN, 153},
        {FB_DROP_PBU_SERVICE_DISABLED, 152},
        {FB_DROP_PBU_TIMESTAMP, 156},
        {FB_DROP_PBU_TIMESTAMP_OLD, 157},
        {FB_DROP_PBU_SEQUENCE, 135},
        {FB_DROP_PBU_NO_PREFIX, 158},
        {FB_DROP_PBU_PREFIX_NOT_AUTHORIZED, 155},
        {FB_DROP_PBU_PREFIX_SET, 159},
        {FB_DROP_PBU_NO_HANDOFF, 161},
        {FB_DROP_PBU_NO_TECHNOLOGY, 162},
        {FB_DROP_PBU_MULTIPATH_UNSUPPORTED, 180},
        {FB_DROP_PBU_NO_GATEWAY_IDENTIFIER, 128}, /* D8-04 */
        {FB_DROP_PBU_GRE_REQUIRED, 163},
        {FB_DROP_PBU_FORCE_UDP, 129},
        {FB_DROP_PBU_IPV4_MOBILITY, 170},
        {FB_DROP_PBU_IPV4_ADDRESS, 171},
        {FB_DROP_PBU_IPV6_MOBILITY, 172},
        {FB_DROP_PBU_IPV4_ADDRESSES, 173},
        {FB_DROP_PBU_DELEGATION, 177},
        {FB_DROP_PBU_DELEGATED_PREFIX, 178},
        {FB_DROP_PBU_RESOURCES, 130},
    };

    (void)state;
    for (int reason = 0; reason < FB_REASON_COUNT; reason++)
    {
        uint8_t expected = 0;
        for (size_t i = 0; i < sizeof answered / sizeof answered[0]; i++)
        {
            expected = (int)answered[i].reason == reason ? answered[i].status : expected;
        }
        assert_int_equal(fb_reason_pba_status(reason), expected);
    }
}

/* A status that is sent has a name, and no two have the same. */
static void
test_pba_status_names(void **state)
{
    size_t named = 0;

    (void)state;
    for (int status = 0; status <= UINT8_MAX; status++)
    {
        const char *name = fb_pba_status_name((uint8_t)status);
        bool assigned = strcmp(name, "unassigned") != 0;

        named += assigned ? 1 : 0;
        for (int other = 0; assigned && other < status; other++)
        {
            assert_string_not_equal(name, fb_pba_status_name((uint8_t)other));
        }
    }
    assert_int_equal(named, 44);
    for (int reason = 0; reason < FB_REASON_COUNT; reason++)
    {
        assert_string_not_equal(fb_pba_status_name(fb_reason_pba_status(reason)), "unassigned");
    }
    assert_string_equal(fb_pba_status_name(0), "accepted");
    assert_string_equal(fb_pba_status_name(160), "MISSING_MN_IDENTIFIER_OPTION");
    assert_string_equal(fb_pba_status_name(140), "unassigned");
    assert_string_equal(fb_pba_status_name(255), "unassigned");
}

static void
test_error_texts(void **state)
{
    (void)state;
    for (int error = FB_ERR_UNKNOWN; error <= FB_OK; error++)
    {
        for (int other = error + 1; other <= FB_OK; other++)
        {
            assert_string_not_equal(fb_error_text(error), fb_error_text(other));
        }
    }
    assert_string_equal(fb_error_text(1), fb_error_text(INT_MAX));
    assert_string_equal(fb_error_text(1), fb_error_text(INT_MIN));
    assert_string_equal(fb_error_text(1), fb_error_text(FB_ERR_UNKNOWN - 1));
}

static void
test_state_and_cause_names(void **state)
{
    (void)state;
    for (int i = FB_BINDING_DOWN; i <= FB_BINDING_STANDBY; i++)
    {
        assert_is_name(fb_binding_state_name(i));
    }
    assert_string_equal(fb_binding_state_name(FB_BINDING_UP), "up");
    assert_string_equal(fb_binding_state_name(-1), "?");
    assert_string_equal(fb_binding_state_name(FB_BINDING_STANDBY + 1), "?");

    for (int i = 0; i < FB_CAUSE_COUNT; i++)
    {
        assert_is_name(fb_cause_name(i));
        for (int other = 0; other < i; other++)
        {
            assert_string_not_equal(fb_cause_name(i), fb_cause_name(other));
        }
    }
    assert_string_equal(fb_cause_name(-1), "?");
    assert_string_equal(fb_cause_name(FB_CAUSE_COUNT), "?");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reason_names_are_there_and_differ),
        cmocka_unit_test(test_reason_outside_the_table),
        cmocka_unit_test(test_reason_reply_codes),
        cmocka_unit_test(test_reason_pba_statuses),
        cmocka_unit_test(test_pba_status_names),
        cmocka_unit_test(test_error_texts),
        cmocka_unit_test(test_state_and_cause_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
