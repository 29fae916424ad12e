/* SPDX-License-Identifier: BSD-3-Clause */
#include "flowbind/reason.h"

/** What people and peers are told about a reason. */
typedef struct reason_entry
{
    const char *name;
    const char *text;
    uint8_t reply_code; /* 0: silent discard */
} reason_entry;

/* Codes of a Registration Reply, RFC 5944 3.4, RFC 3024 4, RFC 7629 4.3. The layer above names them all; this table
 * needs only those a refusal can have. */
enum
{
    SILENT = 0,
    PROHIBITED = 129,
    RESOURCES = 130,
    AUTHENTICATION = 131,
    IDENTIFICATION = 133,
    POORLY_FORMED = 134,
    TOO_MANY_BINDINGS = 135,
    UNKNOWN_HOME_AGENT = 136,
    REVERSE_TUNNEL_MANDATORY = 138,
    ENCAPSULATION = 139,
    MULTIPATH_NOT_ALLOWED = 152,
    INVALID_FB_IDENTIFIER = 153
};

static const reason_entry reasons[] = {
    [FB_REASON_NONE] = {"none", "nothing is wrong", SILENT},

    [FB_DROP_TRUNCATED] = {"truncated", "the message ends inside a field or an extension", SILENT},
    [FB_DROP_UNKNOWN_MESSAGE] = {"unknown-message",
                                 "neither a Registration Request nor a Registration Reply",
                                 SILENT},
    [FB_DROP_UNKNOWN_EXTENSION] = {"unknown-extension",
                                   "an extension of an unknown type that must not be skipped",
                                   SILENT},
    [FB_DROP_UNKNOWN_SUBTYPE] = {"unknown-subtype",
                                 "an extension of type 154 with an unknown subtype",
                                 SILENT},
    [FB_DROP_TOO_MANY_EXTENSIONS] = {"too-many-extensions",
                                     "more extensions than this implementation reads",
                                     SILENT},

    [FB_DROP_NO_SECURITY_ASSOCIATION] = {"no-security-association",
                                         "no security association with this node and SPI",
                                         SILENT},
    [FB_DROP_NO_AUTHENTICATION] = {"no-authentication",
                                   "there is no Mobile-Home Authentication Extension",
                                   SILENT},
    [FB_DROP_REPEATED_AUTHENTICATION] =
        {"repeated-authentication",
         "there is more than one Mobile-Home Authentication Extension",
         SILENT},
    [FB_DROP_AUTHENTICATION_LENGTH] =
        {"authentication-length",
         "the authenticator has not the length of the association's algorithm",
         SILENT},
    [FB_DROP_BAD_AUTHENTICATOR] =
        {"bad-authenticator",
         "the authenticator is wrong: another key, or the message was altered",
         AUTHENTICATION},
    [FB_DROP_IDENTIFICATION] =
        {"identification",
         "the Identification is outside the time window or not newer than the last accepted one",
         IDENTIFICATION},

    [FB_DROP_MULTIPATH_LENGTH] = {"multipath-length",
                                  "the Length of a Multipath Extension is not 4",
                                  POORLY_FORMED},
    [FB_DROP_MULTIPATH_REPEATED] = {"multipath-repeated",
                                    "there is more than one Multipath Extension",
                                    POORLY_FORMED},
    [FB_DROP_MULTIPATH_AFTER_AUTHENTICATION] =
        {"multipath-after-authentication",
         "a Multipath or Flow-Binding Extension stands behind the Mobile-Home Authentication",
         POORLY_FORMED},
    [FB_DROP_LABEL_ZERO] = {"label-zero",
                            "the If-Label of a Multipath Extension is 0",
                            POORLY_FORMED},
    [FB_DROP_BID_RESERVED] = {"bid-reserved",
                              "a BID is 0 or 255, which are reserved",
                              POORLY_FORMED},
    [FB_DROP_BULK_AND_OVERWRITE] = {"bulk-and-overwrite",
                                    "the flags B and O are both set",
                                    POORLY_FORMED},
    [FB_DROP_FLOW_BINDING_WITHOUT_MULTIPATH] =
        {"flow-binding-without-multipath",
         "a Flow-Binding Extension without a Multipath Extension",
         POORLY_FORMED},
    [FB_DROP_FLOW_BINDING_LENGTH] = {"flow-binding-length",
                                     "a Flow-Binding Extension is too short for its fields",
                                     POORLY_FORMED},
    [FB_DROP_ACTION_UNKNOWN] = {"action-unknown",
                                "the Action of a Flow-Binding is neither DROP nor FORWARD",
                                POORLY_FORMED},
    [FB_DROP_BID_COUNT] = {"bid-count",
                           "the BID Count of a FORWARD Flow-Binding is not 1 to 8",
                           POORLY_FORMED},
    [FB_DROP_BID_COUNT_OF_DROP] = {"bid-count-of-drop",
                                   "the BID Count of a DROP Flow-Binding is not 1",
                                   POORLY_FORMED},
    [FB_DROP_SELECTOR_FORMAT] = {"selector-format",
                                 "the TS Format of a Flow-Binding is neither 1 (IPv4) nor 2 (IPv6)",
                                 POORLY_FORMED},
    [FB_DROP_SELECTOR_LENGTH] = {"selector-length",
                                 "a traffic selector has more or fewer octets than its flags say",
                                 POORLY_FORMED},
    [FB_DROP_SELECTOR_END_WITHOUT_START] =
        {"selector-end-without-start",
         "a traffic selector has the end of a range without its start",
         POORLY_FORMED},
    [FB_DROP_SELECTOR_RANGE] = {"selector-range",
                                "a range of a traffic selector ends before it starts",
                                POORLY_FORMED},
    [FB_DROP_RESERVED_BITS] = {"reserved-bits",
                               "a reserved flag of the request is set",
                               POORLY_FORMED},
    [FB_DROP_TECHNOLOGY_UNASSIGNED] = {"technology-unassigned",
                                       "If-ATT is no assigned access technology type",
                                       POORLY_FORMED},
    [FB_DROP_CARE_OF_ADDRESS_INVALID] =
        {"care-of-address-invalid",
         "the care-of address is none a packet could be tunnelled to",
         POORLY_FORMED},

    [FB_DROP_HOME_AGENT_UNKNOWN] = {"home-agent-unknown",
                                    "the Home Agent field is not an address of this home agent",
                                    UNKNOWN_HOME_AGENT},
    [FB_DROP_MULTIPATH_NOT_ALLOWED] = {"multipath-not-allowed",
                                       "this node may not use more than one path",
                                       MULTIPATH_NOT_ALLOWED},
    [FB_DROP_FLOW_POLICY_NOT_ALLOWED] = {"flow-policy-not-allowed",
                                         "the home agent accepts no flow policy",
                                         PROHIBITED},
    [FB_DROP_BID_UNKNOWN] = {"bid-unknown",
                             "a Flow-Binding names a BID that is not registered",
                             INVALID_FB_IDENTIFIER},
    [FB_DROP_TOO_MANY_BINDINGS] = {"too-many-bindings",
                                   "the limit of bindings is reached",
                                   TOO_MANY_BINDINGS},
    [FB_DROP_TOO_MANY_RULES] = {"too-many-rules",
                                "the limit of flow policy rules is reached",
                                RESOURCES},
    [FB_DROP_RESOURCES] = {"resources", "the home agent has no room left for this node", RESOURCES},
    [FB_DROP_REVERSE_TUNNEL_REQUIRED] = {"reverse-tunnel-required",
                                         "the home agent insists on reverse tunnelling (T)",
                                         REVERSE_TUNNEL_MANDATORY},
    [FB_DROP_ENCAPSULATION_UNSUPPORTED] = {"encapsulation-unsupported",
                                           "the encapsulation asked for is not available",
                                           ENCAPSULATION},

    [FB_DROP_NOT_EXPECTED] = {"not-expected", "a reply to no request that is outstanding", SILENT},
    [FB_DROP_WRONG_ROLE] = {"wrong-role", "a message this agent has no role for", SILENT},

    [FB_DROP_PACKET_MALFORMED] = {"packet-malformed",
                                  "the packet has no complete IP header",
                                  SILENT},
    [FB_DROP_POLICY] = {"policy", "a DROP rule of the flow policy matches", SILENT},
    [FB_DROP_NO_BINDING] = {"no-binding", "no path is registered that could carry it", SILENT},
    [FB_DROP_NO_SESSION] = {"no-session", "the address belongs to no node that is served", SILENT},
    [FB_DROP_TUNNEL_SOURCE] = {"tunnel-source",
                               "the tunnel packet comes from no registered peer",
                               SILENT},
    [FB_DROP_TUNNEL_INNER_SOURCE] = {"tunnel-inner-source",
                                     "the inner source is not the home address of that tunnel",
                                     SILENT},
    [FB_DROP_TUNNEL_INNER_DESTINATION] = {"tunnel-inner-destination",
                                          "the inner destination is not the home address",
                                          SILENT},
    [FB_DROP_TUNNEL_PROTOCOL] = {"tunnel-protocol",
                                 "the tunnel's protocol is not the negotiated one",
                                 SILENT},
    [FB_DROP_TTL] = {"ttl", "the time to live is used up", SILENT},
    [FB_DROP_LOOP] = {"loop", "the packet would be tunnelled in a circle", SILENT},

    [FB_BUG_STATE_TRANSITION] = {"bug-state-transition",
                                 "a registration changed its state in a way that makes no sense",
                                 SILENT},
};

_Static_assert(sizeof reasons / sizeof reasons[0] == FB_REASON_COUNT, "every reason has its row");

static const reason_entry unknown = {"?", "not a reason", SILENT};

static const reason_entry *
entry_of(int reason)
{
    if (reason < 0 || reason >= FB_REASON_COUNT || reasons[reason].name == NULL)
    {
        return &unknown;
    }
    return &reasons[reason];
}

const char *
fb_reason_name(int reason)
{
    return entry_of(reason)->name;
}

const char *
fb_reason_text(int reason)
{
    return entry_of(reason)->text;
}

uint8_t
fb_reason_reply_code(int reason)
{
    return entry_of(reason)->reply_code;
}
