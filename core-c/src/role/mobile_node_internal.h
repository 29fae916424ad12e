/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_ROLE_MOBILE_NODE_INTERNAL_H
#define FB_ROLE_MOBILE_NODE_INTERNAL_H

/**
 * @file
 * What the files of the mobile node's role share with each other, and with nobody else.
 */

#include "role/mobile_node.h"
#include "state/backoff.h"

/** The registration in slot @p index, known or not. */
fb_registration *fb_mobile_node_at(fb_mobile_node *node, size_t index);

/** Changes a registration's state; steering sees it. */
void fb_mobile_node_set_state(fb_mobile_node *node,
                              fb_registration *registration,
                              fb_binding_state state,
                              fb_cause cause,
                              fb_time now);

/** Whether @p registration is preferred to @p other, which may be NULL: one that answers to a silent one. */
bool fb_mobile_node_prefers(const fb_registration *registration, const fb_registration *other);

/** The preferred registration that is up and not @p except; NULL. */
const fb_registration *fb_mobile_node_best_up(const fb_mobile_node *node,
                                              const fb_registration *except);

/** The same, but only a co-located one that is registered without a foreign agent (C-07), and not silent. */
const fb_registration *fb_mobile_node_best_direct(const fb_mobile_node *node,
                                                  const fb_registration *except);

/** The care-of address has changed under the registration, which is not FB_BINDING_DOWN (C-03). */
void fb_mobile_node_change_address(fb_mobile_node *node,
                                   fb_registration *registration,
                                   fb_cause cause,
                                   fb_time now);

/** Its link or its foreign agent is gone: de-registered over another path where there is one. */
void fb_mobile_node_lose_path(fb_mobile_node *node,
                              fb_registration *registration,
                              fb_cause cause,
                              fb_time now);

/** Registers this path if it is wanted, has a link and may. */
void fb_mobile_node_try_register(fb_mobile_node *node,
                                 fb_registration *registration,
                                 fb_cause cause,
                                 fb_time now);

/** Puts a request into the queue, in place of the one the registration had, and moves its state accordingly. */
void fb_mobile_node_enqueue(fb_mobile_node *node,
                            fb_registration *registration,
                            fb_request_kind kind,
                            fb_cause cause,
                            fb_time now);

/** Forgets the registration's request, and with it the token. */
void fb_mobile_node_drop_request(fb_mobile_node *node, fb_registration *registration);

/** No binding, no request, no timer. */
void fb_mobile_node_take_down(fb_mobile_node *node,
                              fb_registration *registration,
                              fb_cause cause,
                              fb_time now);

/** Registers what is wanted, has a link and may (one path only without RFC 7629): all such that are down. */
void fb_mobile_node_register_idle(fb_mobile_node *node, fb_cause cause, fb_time now);

/** A de-registration ended, answered or not. */
void fb_mobile_node_finish_deregistration(fb_mobile_node *node,
                                          fb_registration *registration,
                                          fb_cause cause,
                                          fb_time now);

/** The peer knows RFC 7629, or not. With FB_MULTIPATH_OFF all paths but @p keep go. */
void fb_mobile_node_set_multipath(fb_mobile_node *node,
                                  uint8_t multipath,
                                  fb_registration *keep,
                                  fb_time now);

size_t fb_mobile_node_count_up(const fb_mobile_node *node);

/** The link a request of @p registration leaves by: NULL when there is none (D-37). */
const fb_link *fb_mobile_node_egress(const fb_mobile_node *node,
                                     const fb_registration *registration);

/** Steering obeys the node's own policy, whatever a reply said before. */
void fb_mobile_node_obey_own_policy(fb_mobile_node *node);

/** The registration whose request is to be sent now; NULL. */
fb_registration *fb_mobile_node_next_sender(fb_mobile_node *node, fb_time now);

/* Replay protection: mobile_node_replay.c. */

/** The Identification for @p message, the request of @p registration, which is complete but for it. */
uint64_t fb_mobile_node_identify(fb_mobile_node *node,
                                 fb_registration *registration,
                                 const fb_writer *message,
                                 fb_time now);

/** What the Identification of an authenticated reply teaches: the next nonce, or the home agent's clock. */
void fb_mobile_node_heed_identification(fb_mobile_node *node,
                                        const fb_mip4_fixed *reply,
                                        fb_time now);

/** A denial for which there is no better answer than to wait, longer each time. */
void fb_mobile_node_block(fb_mobile_node *node, fb_registration *registration, fb_time now);

/** An authenticated reply refuses the request of @p registration. */
void fb_mobile_node_deny(fb_mobile_node *node,
                         fb_registration *registration,
                         const fb_mip4_fixed *reply,
                         fb_time now);

/** Sends the request of @p registration again: at once the first time, then as retransmissions are. */
void fb_mobile_node_retry(fb_mobile_node *node, fb_registration *registration, fb_time now);

/* The tunnel of a path. */

/** G, M and T, as the requests of @p registration have them. */
uint8_t fb_mobile_node_tunnel_flags(const fb_mobile_node *node,
                                    const fb_registration *registration);

/** Writes the UDP Tunnel Request, if the request of @p registration is to have one. */
void fb_mobile_node_write_tunnel_request(const fb_registration *registration, fb_writer *writer);

/** Asks for what link and configuration say again: the care-of address is new, or the path. */
void fb_mobile_node_ask_anew(fb_registration *registration);

/** Gives up what @p code refuses. False when there was nothing to give up. */
bool fb_mobile_node_give_up(fb_mobile_node *node, fb_registration *registration, uint8_t code);

/** The tunnel is as @p reply, which accepts the request of @p registration, says. */
void fb_mobile_node_adopt_tunnel(const fb_mobile_node *node,
                                 fb_registration *registration,
                                 const fb_mip4_message *reply);

/** A keepalive is due, or was not answered. */
void fb_mobile_node_handle_keepalive(fb_mobile_node *node,
                                     fb_registration *registration,
                                     fb_time now);

/** Composes the next keepalive that is due: its length, 0 for none, FB_ERR_LIMIT when @p capacity is too small. */
ptrdiff_t fb_mobile_node_output_keepalive(fb_mobile_node *node,
                                          fb_meta *meta,
                                          uint8_t *buffer,
                                          size_t capacity,
                                          fb_time now);

/* Silent paths: mobile_node_probe.c. */

/** Time has come for its probe. */
void fb_mobile_node_probe_timeout(fb_mobile_node *node, fb_registration *registration, fb_time now);

/** Composes the next probe that is due, as fb_mobile_node_output_keepalive(). */
ptrdiff_t fb_mobile_node_output_probe(fb_mobile_node *node,
                                      fb_meta *meta,
                                      uint8_t *buffer,
                                      size_t capacity,
                                      fb_time now);

/** The link is gone or another one: what was found out about its path counts no more. */
void fb_mobile_node_forget_path(fb_mobile_node *node, fb_registration *registration);

/** An authenticated reply came to the request of @p registration: its path is not silent, and has a round trip. */
void fb_mobile_node_path_answers(fb_mobile_node *node, fb_registration *registration, fb_time now);

/** There is a path that answers, now: silent ones that were kept for want of one go. */
void fb_mobile_node_drop_silent(fb_mobile_node *node, fb_time now);

/* mobile_node_metrics.c */

/** Something was found out about the path: whether the home agent is to hear of it. */
void fb_mobile_node_learned(const fb_mobile_node *node, fb_registration *registration, fb_time now);

/** Asks to register the path again when the home agent does not know the latest of it. */
void fb_mobile_node_tell_news(fb_mobile_node *node, fb_registration *registration, fb_time now);

/** RFC 3115: what is known of the path, unless the request removes it. */
void fb_mobile_node_write_metrics(const fb_mobile_node *node,
                                  fb_registration *registration,
                                  fb_writer *writer);

/* NAI, networks and prefixes. */

void fb_mobile_node_init_networks(fb_mobile_node *node);

/** Whatever was refused may be asked for again. */
void fb_mobile_node_ask_for_networks(fb_mobile_node *node);

/** Most octets fb_mobile_node_write_identity() writes. */
size_t fb_mobile_node_identity_octets(const fb_mobile_node *node);

/** Writes the NAI, and into a request with a Lifetime all networks. */
void fb_mobile_node_write_identity(const fb_mobile_node *node,
                                   fb_registration *registration,
                                   fb_writer *writer);

/** An authenticated, accepting reply names the home address: takes it over if there is none yet (RFC 2794). */
void fb_mobile_node_assign_home_address(fb_mobile_node *node, fb_ipv4 home_address, fb_time now);

/** The networks an authenticated reply acknowledges to a request with a Lifetime are those in use from now on. */
void fb_mobile_node_accept_networks(fb_mobile_node *node,
                                    const fb_mip4_message *message,
                                    fb_time now);

/** No binding is left, and so no network. */
void fb_mobile_node_release_networks(fb_mobile_node *node, fb_time now);

/** An authenticated reply denies: with 147 and 148 what it names is not asked for any more (RFC 5177 5.1). */
void fb_mobile_node_refuse_networks(fb_mobile_node *node, const fb_mip4_message *message);

/** Whether the address is the home address or in a network in use: @p ipv4, or with FB_FAMILY_IPV6 @p ipv6. */
bool fb_mobile_node_owns_address(const fb_mobile_node *node,
                                 uint8_t family,
                                 fb_ipv4 ipv4,
                                 const uint8_t *ipv6);

/** Code of a denial by a foreign agent, which is not authenticated (C-05). */
static inline bool
fb_mobile_node_agent_code(uint8_t code)
{
    return (code >= 64 && code <= 127) || code >= 194;
}

/* mobile_node_agents.c */

/** The foreign agent its requests are to be sent to now; NULL: directly. */
const fb_agent_heard *fb_mobile_node_relay(const fb_registration *registration);

/** Whether the tunnel may be asked for: with a foreign agent's care-of address what that advertises. */
bool fb_mobile_node_agent_offers(const fb_registration *registration, uint8_t tunnel);

/** Whether the foreign agent that relays advertises UDP tunnelling (RFC 3519 3.5). */
bool fb_mobile_node_agent_allows_udp(const fb_registration *registration);

/** What is shared with the foreign agent whose care-of address is @p relay; NULL. */
const fb_security_association *fb_mobile_node_association(const fb_mobile_node *node,
                                                          fb_ipv4 relay);

/** The care-of address the link has now, its own or a foreign agent's; 0: none. */
fb_ipv4 fb_mobile_node_care_of(const fb_registration *registration);

/** The next registration is for that address, and through that agent. */
void fb_mobile_node_adopt_care_of(fb_registration *registration);

/** Another path with the same foreign agent's care-of address is in use and no worse (D-38). */
bool fb_mobile_node_shadowed(const fb_mobile_node *node, const fb_registration *registration);

/** The home agent has renamed other bindings with this one's care-of address (D-11, D-38). */
void fb_mobile_node_displace(fb_mobile_node *node,
                             const fb_registration *registration,
                             fb_time now);

/** Whether a binding that is up goes through a foreign agent (D-07). */
bool fb_mobile_node_any_relayed(const fb_mobile_node *node);

/** The link is up, @p appeared: was not before. */
void fb_mobile_node_look_for_agents(fb_mobile_node *node,
                                    fb_registration *registration,
                                    bool appeared,
                                    fb_time now);

void fb_mobile_node_forget_agents(fb_mobile_node *node, fb_registration *registration, fb_time now);

void fb_mobile_node_agents_timeout(fb_mobile_node *node,
                                   fb_registration *registration,
                                   fb_time now);
fb_time fb_mobile_node_agents_deadline(const fb_registration *registration);

/** Takes another agent of the link, or another address of this one after 77. False: there is none. */
bool fb_mobile_node_try_elsewhere(fb_mobile_node *node,
                                  fb_registration *registration,
                                  uint8_t code,
                                  fb_time now);

/** Composes a solicitation that is due, as fb_mobile_node_output(). */
ptrdiff_t fb_mobile_node_solicit(fb_mobile_node *node,
                                 fb_meta *meta,
                                 uint8_t *buffer,
                                 size_t capacity,
                                 fb_time now);

/* mobile_node_home.c */

/** Whether the node is at home on this link. */
static inline bool
fb_mobile_node_home_link(const fb_mobile_node *node, const fb_registration *registration)
{
    return node->home_link != 0 && node->home_link == registration->link.link;
}

/** Whether it is the home agent's own advertisement, on its own network. */
bool fb_mobile_node_is_home(const fb_mobile_node *node,
                            const fb_agent_source *source,
                            const fb_advertisement *advertisement);

/** An advertisement of the home agent came by this link. */
void fb_mobile_node_hear_home(fb_mobile_node *node,
                              fb_registration *registration,
                              uint16_t lifetime_s,
                              fb_time now);

void fb_mobile_node_leave_home(fb_mobile_node *node, fb_time now);

/** The request that de-registers all has ended: answered, denied or given up. */
void fb_mobile_node_note_home_answer(fb_mobile_node *node, fb_cause cause, fb_time now);

void fb_mobile_node_home_timeout(fb_mobile_node *node, fb_time now);

#endif
