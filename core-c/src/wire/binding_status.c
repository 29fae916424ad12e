/* SPDX-License-Identifier: BSD-3-Clause */

/**
 * @file
 * The names of the Status values of a Binding Acknowledgement.
 */

#include "flowbind/reason.h"

/* By Status. Those without a name in reason.h are never sent: RFC 6275 6.1.8, RFC 5648 4.4 (B5648-01). */
static const char *const names[] = {
    [FB_PBA_ACCEPTED] = "accepted",
    [FB_PBA_ACCEPTED_PREFIX_DISCOVERY] = "accepted, but prefix discovery necessary",
    [FB_PBA_GRE_KEY_NOT_REQUIRED] = "GRE_KEY_OPTION_NOT_REQUIRED",
    [FB_PBA_GRE_TLV_NOT_SUPPORTED] = "GRE_TUNNELING_BUT_TLV_HEADER_NOT_SUPPORTED",
    [4] = "MCOA NOTCOMPLETE",
    [5] = "MCOA RETURNHOME WO/NDP",
    [FB_PBA_REASON_UNSPECIFIED] = "reason unspecified",
    [FB_PBA_ADMINISTRATIVELY_PROHIBITED] = "administratively prohibited",
    [FB_PBA_INSUFFICIENT_RESOURCES] = "insufficient resources",
    [131] = "home registration not supported",
    [132] = "not home subnet",
    [FB_PBA_NOT_HOME_AGENT] = "not home agent for this mobile node",
    [134] = "duplicate address detection failed",
    [FB_PBA_SEQUENCE_OUT_OF_WINDOW] = "sequence number out of window",
    [136] = "expired home nonce index",
    [137] = "expired care-of nonce index",
    [138] = "expired nonces",
    [139] = "registration type change disallowed",
    [FB_PBA_PROXY_REGISTRATION_NOT_ENABLED] = "PROXY_REG_NOT_ENABLED",
    [FB_PBA_NOT_LMA_FOR_THIS_NODE] = "NOT_LMA_FOR_THIS_MOBILE_NODE",
    [FB_PBA_GATEWAY_NOT_AUTHORIZED] = "MAG_NOT_AUTHORIZED_FOR_PROXY_REG",
    [FB_PBA_NOT_AUTHORIZED_FOR_PREFIX] = "NOT_AUTHORIZED_FOR_HOME_NETWORK_PREFIX",
    [FB_PBA_TIMESTAMP_MISMATCH] = "TIMESTAMP_MISMATCH",
    [FB_PBA_TIMESTAMP_LOWER] = "TIMESTAMP_LOWER_THAN_PREV_ACCEPTED",
    [FB_PBA_MISSING_PREFIX] = "MISSING_HOME_NETWORK_PREFIX_OPTION",
    [FB_PBA_PREFIX_SET_MISMATCH] = "BCE_PBU_PREFIX_SET_DO_NOT_MATCH",
    [FB_PBA_MISSING_IDENTIFIER] = "MISSING_MN_IDENTIFIER_OPTION",
    [FB_PBA_MISSING_HANDOFF] = "MISSING_HANDOFF_INDICATOR_OPTION",
    [FB_PBA_MISSING_TECHNOLOGY] = "MISSING_ACCESS_TECH_TYPE_OPTION",
    [FB_PBA_GRE_KEY_REQUIRED] = "GRE_KEY_OPTION_REQUIRED",
    [164] = "MCOA MALFORMED",
    [165] = "MCOA NON-MCOA BINDING EXISTS",
    [166] = "MCOA PROHIBITED",
    [167] = "MCOA UNKNOWN COA",
    [168] = "MCOA BULK REGISTRATION PROHIBITED",
    [169] = "MCOA SIMULTANEOUS HOME AND FOREIGN PROHIBITED",
    [FB_PBA_NOT_AUTHORIZED_FOR_IPV4_MOBILITY] = "NOT_AUTHORIZED_FOR_IPV4_MOBILITY_SERVICE",
    [FB_PBA_NOT_AUTHORIZED_FOR_IPV4_ADDRESS] = "NOT_AUTHORIZED_FOR_IPV4_HOME_ADDRESS",
    [FB_PBA_NOT_AUTHORIZED_FOR_IPV6_MOBILITY] = "NOT_AUTHORIZED_FOR_IPV6_MOBILITY_SERVICE",
    [FB_PBA_MULTIPLE_IPV4_ADDRESSES] = "MULTIPLE_IPV4_HOME_ADDRESS_ASSIGNMENT_NOT_SUPPORTED",
    [174] = "invalid care-of address",
    [FB_PBA_NOT_AUTHORIZED_FOR_DELEGATION] = "NOT_AUTHORIZED_FOR_DELEGATED_MNP",
    [FB_PBA_DELEGATED_PREFIX_IN_USE] = "REQUESTED_DMNP_IN_USE",
    [FB_PBA_CANNOT_SUPPORT_MULTIPATH] = "CANNOT_SUPPORT_MULTIPATH_BINDING",
};

const char *
fb_pba_status_name(uint8_t status)
{
    if (status >= sizeof names / sizeof names[0] || names[status] == NULL)
    {
        return "unassigned";
    }
    return names[status];
}
