/* SPDX-License-Identifier: BSD-3-Clause */
#include "flowbind/reason.h"

/** What people and peers are told about a reason. */
typedef struct reason_entry
{
    const char *name;
    const char *text;
    uint8_t reply_code; /* 0: silent discard */
} reason_entry;

#define SILENT 0

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
         FB_MIP4_FAILED_AUTHENTICATION},
    [FB_DROP_IDENTIFICATION] =
        {"identification",
         "the Identification is outside the time window or not newer than the last accepted one",
         FB_MIP4_IDENTIFICATION_MISMATCH},

    [FB_DROP_MULTIPATH_LENGTH] = {"multipath-length",
                                  "the Length of a Multipath Extension is not 4",
                                  FB_MIP4_POORLY_FORMED},
    [FB_DROP_MULTIPATH_REPEATED] = {"multipath-repeated",
                                    "there is more than one Multipath Extension",
                                    FB_MIP4_POORLY_FORMED},
    [FB_DROP_MULTIPATH_AFTER_AUTHENTICATION] =
        {"multipath-after-authentication",
         "a Multipath or Flow-Binding Extension stands behind the Mobile-Home Authentication",
         FB_MIP4_POORLY_FORMED},
    [FB_DROP_LABEL_ZERO] = {"label-zero",
                            "the If-Label of a Multipath Extension is 0",
                            FB_MIP4_POORLY_FORMED},
    [FB_DROP_BID_RESERVED] = {"bid-reserved",
                              "a BID is 0 or 255, which are reserved",
                              FB_MIP4_POORLY_FORMED},
    [FB_DROP_BULK_AND_OVERWRITE] = {"bulk-and-overwrite",
                                    "the flags B and O are both set",
                                    FB_MIP4_POORLY_FORMED},
    [FB_DROP_FLOW_BINDING_WITHOUT_MULTIPATH] =
        {"flow-binding-without-multipath",
         "a Flow-Binding Extension without a Multipath Extension",
         FB_MIP4_POORLY_FORMED},
    [FB_DROP_FLOW_BINDING_LENGTH] = {"flow-binding-length",
                                     "a Flow-Binding Extension is too short for its fields",
                                     FB_MIP4_POORLY_FORMED},
    [FB_DROP_ACTION_UNKNOWN] = {"action-unknown",
                                "the Action of a Flow-Binding is neither DROP nor FORWARD",
                                FB_MIP4_POORLY_FORMED},
    [FB_DROP_BID_COUNT] = {"bid-count",
                           "the BID Count of a FORWARD Flow-Binding is not 1 to 8",
                           FB_MIP4_POORLY_FORMED},
    [FB_DROP_BID_COUNT_OF_DROP] = {"bid-count-of-drop",
                                   "the BID Count of a DROP Flow-Binding is not 1",
                                   FB_MIP4_POORLY_FORMED},
    [FB_DROP_SELECTOR_FORMAT] = {"selector-format",
                                 "the TS Format of a Flow-Binding is neither 1 (IPv4) nor 2 (IPv6)",
                                 FB_MIP4_POORLY_FORMED},
    [FB_DROP_SELECTOR_LENGTH] = {"selector-length",
                                 "a traffic selector has more or fewer octets than its flags say",
                                 FB_MIP4_POORLY_FORMED},
    [FB_DROP_SELECTOR_END_WITHOUT_START] =
        {"selector-end-without-start",
         "a traffic selector has the end of a range without its start",
         FB_MIP4_POORLY_FORMED},
    [FB_DROP_SELECTOR_RANGE] = {"selector-range",
                                "a range of a traffic selector ends before it starts",
                                FB_MIP4_POORLY_FORMED},
    [FB_DROP_RESERVED_BITS] = {"reserved-bits",
                               "a reserved flag of the request is set",
                               FB_MIP4_POORLY_FORMED},
    [FB_DROP_TECHNOLOGY_UNASSIGNED] = {"technology-unassigned",
                                       "If-ATT is no assigned access technology type",
                                       FB_MIP4_POORLY_FORMED},
    [FB_DROP_CARE_OF_ADDRESS_INVALID] =
        {"care-of-address-invalid",
         "the care-of address is none a packet could be tunnelled to",
         FB_MIP4_POORLY_FORMED},

    [FB_DROP_HOME_AGENT_UNKNOWN] = {"home-agent-unknown",
                                    "the Home Agent field is not an address of this home agent",
                                    FB_MIP4_UNKNOWN_HOME_AGENT},
    [FB_DROP_MULTIPATH_NOT_ALLOWED] = {"multipath-not-allowed",
                                       "this node may not use more than one path",
                                       FB_MIP4_MULTIPATH_NOT_ALLOWED},
    [FB_DROP_FLOW_POLICY_NOT_ALLOWED] = {"flow-policy-not-allowed",
                                         "the home agent accepts no flow policy",
                                         FB_MIP4_ADMINISTRATIVELY_PROHIBITED},
    [FB_DROP_BID_UNKNOWN] = {"bid-unknown",
                             "a Flow-Binding names a BID that is not registered",
                             FB_MIP4_INVALID_FB_IDENTIFIER},
    [FB_DROP_TOO_MANY_BINDINGS] = {"too-many-bindings",
                                   "the limit of bindings is reached",
                                   FB_MIP4_TOO_MANY_BINDINGS},
    [FB_DROP_TOO_MANY_RULES] = {"too-many-rules",
                                "the limit of flow policy rules is reached",
                                FB_MIP4_INSUFFICIENT_RESOURCES},
    [FB_DROP_RESOURCES] = {"resources",
                           "the home agent has no room left for this node",
                           FB_MIP4_INSUFFICIENT_RESOURCES},
    [FB_DROP_REVERSE_TUNNEL_REQUIRED] = {"reverse-tunnel-required",
                                         "the home agent insists on reverse tunnelling (T)",
                                         FB_MIP4_REVERSE_TUNNEL_MANDATORY},
    [FB_DROP_ENCAPSULATION_UNSUPPORTED] = {"encapsulation-unsupported",
                                           "the encapsulation asked for is not available",
                                           FB_MIP4_ENCAPSULATION_UNAVAILABLE},
    [FB_DROP_FOREIGN_AGENT_AUTHENTICATION] =
        {"foreign-agent-authentication",
         "the Foreign-Home authentication is missing, repeated or wrong",
         FB_MIP4_FOREIGN_AGENT_AUTHENTICATION},
    [FB_DROP_NOT_SERVED] = {"not-served",
                            "the home address is known but not served at present",
                            FB_MIP4_ADMINISTRATIVELY_PROHIBITED},
    [FB_DROP_REVERSE_TUNNEL_UNAVAILABLE] = {"reverse-tunnel-unavailable",
                                            "reverse tunnelling (T) is not available",
                                            FB_MIP4_REVERSE_TUNNEL_UNAVAILABLE},
    [FB_DROP_UDP_TUNNEL_UNAVAILABLE] = {"udp-tunnel-unavailable",
                                        "the encapsulation asked for inside UDP is not available",
                                        FB_MIP4_UDP_TUNNEL_UNAVAILABLE},
    [FB_DROP_UDP_TUNNEL_NOT_ALLOWED] = {"udp-tunnel-not-allowed",
                                        "UDP tunnelling, or forcing it, is not allowed",
                                        FB_MIP4_ADMINISTRATIVELY_PROHIBITED},
    [FB_DROP_UDP_TUNNEL_MISPLACED] =
        {"udp-tunnel-misplaced",
         "the UDP Tunnel Request is too short or too long, or on the wrong side of the authentication",
         FB_MIP4_POORLY_FORMED},
    [FB_DROP_NETWORK_UNAVAILABLE] = {"network-unavailable",
                                     "none of the mobile network prefixes can be used",
                                     FB_MIP4_NETWORK_ERROR},
    [FB_DROP_NETWORK_NOT_ALLOWED] = {"network-not-allowed",
                                     "this node may not be a mobile router",
                                     FB_MIP4_NETWORK_PROHIBITED},
    [FB_DROP_NETWORK_MALFORMED] = {"network-malformed",
                                   "a mobile network or IPv6 prefix extension is malformed",
                                   FB_MIP4_POORLY_FORMED},

    [FB_DROP_AGENT_PROHIBITED] = {"agent-prohibited",
                                  "the foreign agent serves this node not",
                                  FB_MIP4_FA_PROHIBITED},
    [FB_DROP_AGENT_BUSY] = {"agent-busy",
                            "the foreign agent has no room for another request or visitor",
                            FB_MIP4_FA_RESOURCES},
    [FB_DROP_AGENT_NODE_AUTHENTICATION] = {"agent-node-authentication",
                                           "the Mobile-Foreign authentication is missing or wrong",
                                           FB_MIP4_FA_NODE_AUTHENTICATION},
    [FB_DROP_AGENT_HOME_AUTHENTICATION] =
        {"agent-home-authentication",
         "the Foreign-Home authentication of the reply is missing or wrong",
         FB_MIP4_FA_HOME_AGENT_AUTHENTICATION},
    [FB_DROP_AGENT_LIFETIME] = {"agent-lifetime",
                                "the lifetime asked for is longer than the foreign agent allows",
                                FB_MIP4_FA_LIFETIME_TOO_LONG},
    [FB_DROP_AGENT_POOR_REQUEST] = {"agent-poor-request",
                                    "the foreign agent finds the request poorly formed",
                                    FB_MIP4_FA_POOR_REQUEST},
    [FB_DROP_AGENT_POOR_REPLY] = {"agent-poor-reply",
                                  "the foreign agent finds the reply poorly formed",
                                  FB_MIP4_FA_POOR_REPLY},
    [FB_DROP_AGENT_ENCAPSULATION] = {"agent-encapsulation",
                                     "the foreign agent does not offer the encapsulation asked for",
                                     FB_MIP4_FA_ENCAPSULATION_UNAVAILABLE},
    [FB_DROP_AGENT_REVERSE_TUNNEL] = {"agent-reverse-tunnel",
                                      "the foreign agent offers no reverse tunnelling",
                                      FB_MIP4_FA_REVERSE_TUNNEL_UNAVAILABLE},
    [FB_DROP_AGENT_REVERSE_TUNNEL_REQUIRED] =
        {"agent-reverse-tunnel-required",
         "the foreign agent insists on reverse tunnelling (T)",
         FB_MIP4_FA_REVERSE_TUNNEL_MANDATORY},
    [FB_DROP_AGENT_DISTANT] = {"agent-distant",
                               "the request came through a router: its TTL is not 255",
                               FB_MIP4_FA_TOO_DISTANT},
    [FB_DROP_AGENT_CARE_OF_ADDRESS] = {"agent-care-of-address",
                                       "the care-of address is none of this foreign agent",
                                       FB_MIP4_FA_INVALID_CARE_OF_ADDRESS},
    [FB_DROP_AGENT_TIMEOUT] = {"agent-timeout",
                               "the home agent did not answer the relayed request in time",
                               FB_MIP4_FA_TIMEOUT},
    [FB_DROP_AGENT_DELIVERY_STYLE] = {"agent-delivery-style",
                                      "the delivery style asked for is not available",
                                      FB_MIP4_FA_DELIVERY_STYLE},
    [FB_DROP_AGENT_NETWORK_UNREACHABLE] = {"agent-network-unreachable",
                                           "the home network cannot be reached",
                                           FB_MIP4_FA_NETWORK_UNREACHABLE},
    [FB_DROP_AGENT_HOST_UNREACHABLE] = {"agent-host-unreachable",
                                        "the home agent cannot be reached",
                                        FB_MIP4_FA_HOST_UNREACHABLE},
    [FB_DROP_AGENT_PORT_UNREACHABLE] = {"agent-port-unreachable",
                                        "no home agent listens at that address",
                                        FB_MIP4_FA_PORT_UNREACHABLE},
    [FB_DROP_AGENT_UNREACHABLE] =
        {"agent-unreachable",
         "the home agent cannot be reached, for another reason that ICMP gave",
         FB_MIP4_FA_UNREACHABLE},
    [FB_DROP_AGENT_HOME_ADDRESS_REQUIRED] = {"agent-home-address-required",
                                             "home address 0 without a network access identifier",
                                             FB_MIP4_FA_HOME_ADDRESS_REQUIRED},
    [FB_DROP_AGENT_MISSING_NAI] = {"agent-missing-nai",
                                   "the reply lacks the network access identifier of the request",
                                   FB_MIP4_FA_MISSING_NAI},
    [FB_DROP_AGENT_MISSING_HOME_AGENT] = {"agent-missing-home-agent",
                                          "the reply names no home agent",
                                          FB_MIP4_FA_MISSING_HOME_AGENT},
    [FB_DROP_AGENT_MISSING_HOME_ADDRESS] = {"agent-missing-home-address",
                                            "the accepting reply assigns no home address",
                                            FB_MIP4_FA_MISSING_HOME_ADDRESS},
    [FB_DROP_AGENT_HOME_AGENT_INVALID] =
        {"agent-home-agent-invalid",
         "the foreign agent itself is named as home agent, which it is not",
         FB_MIP4_FA_INVALID_HOME_AGENT},
    [FB_DROP_ADVERTISEMENT] = {"advertisement",
                               "an agent advertisement or solicitation is malformed",
                               SILENT},

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
    [FB_DROP_TUNNEL_CHECKSUM] = {"tunnel-checksum",
                                 "the checksum of the tunnel header is wrong",
                                 SILENT},
    [FB_DROP_TUNNEL_HEADER] =
        {"tunnel-header",
         "the tunnel header has bits or a protocol this implementation does not know",
         SILENT},
    [FB_DROP_CONGESTION] =
        {"congestion",
         "marked by a congested router, and its sender would not understand the mark",
         SILENT},
    [FB_DROP_TOO_BIG] = {"too-big",
                         "longer than the path carries, and not to be fragmented",
                         SILENT},
    [FB_DROP_TUNNEL_UNREACHABLE] =
        {"tunnel-unreachable",
         "routers on the way report that the far end of the tunnel cannot be reached",
         SILENT},
    [FB_DROP_NO_VISITOR] = {"no-visitor",
                            "the inner destination visits this foreign agent not",
                            SILENT},
    [FB_DROP_AT_HOME] = {"at-home",
                         "the mobile node is at home, where nothing is tunnelled",
                         SILENT},
    [FB_DROP_TUNNEL_LIMIT] = {"tunnel-limit",
                              "the packet permits no more encapsulation (RFC 2473 4.1.1)",
                              SILENT},

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
