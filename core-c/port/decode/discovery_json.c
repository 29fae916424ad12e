/* SPDX-License-Identifier: BSD-3-Clause */
#include "json.h"
#include "message_json.h"
#include "wire/agent_discovery.h"

/** Letters of the flags of RFC 5944 2.1.1 (T: RFC 3024 3.1, U: RFC 3519 3.5), from the top bit on; '-': none yet. */
static const char letters[] = "RBHFMGrTUXI-----";

static void
add_agent(cJSON *object, const fb_advertisement *advertisement)
{
    cJSON *addresses = cJSON_CreateArray();

    cJSON_AddNumberToObject(object, "sequence", advertisement->sequence);
    cJSON_AddNumberToObject(object,
                            "registration_lifetime_s",
                            advertisement->registration_lifetime_s);
    fbd_json_add_flags(object, letters, 0, advertisement->flags);
    cJSON_AddItemToObject(object, "care_of_addresses", addresses);
    for (size_t i = 0; i < advertisement->address_count; i++)
    {
        cJSON_AddItemToArray(addresses, fbd_json_ipv4(advertisement->care_of_address[i]));
    }
}

static void
add_advertisement(cJSON *object, const fb_advertisement *advertisement)
{
    cJSON_AddStringToObject(object,
                            "name",
                            advertisement->agent ? "Agent Advertisement" : "Router Advertisement");
    cJSON_AddNumberToObject(object, "code", advertisement->code);
    cJSON_AddNumberToObject(object, "lifetime_s", advertisement->lifetime_s);
    if (advertisement->router != 0)
    {
        fbd_json_add_ipv4(object, "router", advertisement->router);
    }
    if (advertisement->prefix_length != 0)
    {
        cJSON_AddNumberToObject(object, "prefix_length", advertisement->prefix_length);
    }
    if (advertisement->agent)
    {
        add_agent(object, advertisement);
    }
}

bool
fbd_is_discovery(const uint8_t *icmp, size_t length)
{
    return length > 0 && (icmp[0] == FB_ICMP_ADVERTISEMENT || icmp[0] == FB_ICMP_SOLICITATION);
}

void
fbd_discovery_json(cJSON *object, const uint8_t *icmp, size_t length)
{
    bool solicits = length > 0 && icmp[0] == FB_ICMP_SOLICITATION;
    fb_advertisement advertisement = {0};
    int reason = solicits ? fb_solicitation_check(icmp, length)
                          : fb_advertisement_decode(&advertisement, icmp, length);

    cJSON_AddStringToObject(object, "protocol", "icmp");
    if (length > 0)
    {
        cJSON_AddNumberToObject(object, "type", icmp[0]);
    }
    if (solicits)
    {
        cJSON_AddStringToObject(object, "name", "Agent Solicitation");
    }
    else if (reason == FB_REASON_NONE)
    {
        add_advertisement(object, &advertisement);
    }
    else
    {
        cJSON_AddStringToObject(object, "name", "Agent Advertisement");
    }
    if (reason != FB_REASON_NONE)
    {
        fbd_json_add_drop(object, fb_reason_name(reason), fb_reason_text(reason));
    }
}
