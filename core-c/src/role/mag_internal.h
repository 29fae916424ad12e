/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FB_ROLE_MAG_INTERNAL_H
#define FB_ROLE_MAG_INTERNAL_H

/**
 * @file
 * What the files of the gateway's role share with each other, and with nobody else.
 *
 * mag.c: facts. mag_paths.c: which path does what, and time. mag_update.c: composing. mag_acknowledgement.c: what
 * answers do. mag_heartbeat.c: whether the anchor is there. mag_probe.c: whether a path is silent. mag_flows.c: RFC
 * 6089. mag_data.c: packets, and looking at it.
 */

#include "role/mag.h"

/** Unanswered sendings after which another path is tried. */
#define FB_MAG_TRIES 3

/** Answers that another update is the answer to, of one that registers: then it is refused. */
#define FB_MAG_REPAIRS 8

/** Handoff Indicators (RFC 5213 8.4). */
enum
{
    FB_HANDOFF_NEW_INTERFACE = 1,
    FB_HANDOFF_UNKNOWN = 4,
    FB_HANDOFF_RE_REGISTRATION = 5
};

/** INITIAL_BINDACK_TIMEOUT */
static inline fb_time
fb_mag_first_wait(const fb_mag *mag)
{
    return mag->config.retransmit_ms * FB_MILLISECOND;
}

static inline fb_update_entry *
fb_mag_entry(const fb_mag *mag, uint32_t session, uint16_t link)
{
    return fb_update_list_entry(&mag->list, session, link);
}

/** The place of the host's link @p number, a free one for it if need be; `link_max` when there is none. */
uint16_t fb_mag_place_of(const fb_mag *mag, uint32_t number, bool or_free);

/** The place of the link an entry is about. */
static inline uint16_t
fb_mag_link_of(const fb_mag *mag, const fb_update_entry *entry)
{
    return (uint16_t)((size_t)(entry - mag->list.entry) % mag->list.links);
}

/** Whether RFC 8278 is used for the session's updates now. */
bool fb_mag_multipath(const fb_mag *mag, uint32_t session);

/** Whether the entry's updates carry RFC 8278's options, the one it has outstanding included. */
bool fb_mag_carries_multipath(const fb_mag *mag, uint32_t session, const fb_update_entry *entry);

/** The anchor's address a link reaches it by; family none: it cannot. */
fb_addr fb_mag_anchor(const fb_mag *mag, const fb_link *link);

/** Whether updates may go over a link: up, wanted, and not dead unless all are. */
bool fb_mag_link_usable(const fb_mag *mag, uint16_t link);

/** Whether link @p left is preferred to @p right. */
bool fb_mag_link_preferred(const fb_mag *mag, uint16_t left, uint16_t right);

/** The preferred path of the session that is up, alive and not @p except (may be NULL); NULL. */
fb_update_entry *fb_mag_best_up(const fb_mag *mag, uint32_t session, const fb_update_entry *except);

size_t fb_mag_count_up(const fb_mag *mag, uint32_t session);

/** The entry whose update asks for all (RFC 8278 4.1: B); NULL. */
const fb_update_entry *fb_mag_bulk_carrier(const fb_mag *mag, uint32_t session);

/** Puts an update into the session's queue, in place of the one the entry had, and moves its state accordingly. */
void fb_mag_enqueue(fb_mag *mag,
                    uint32_t session,
                    fb_update_entry *entry,
                    fb_update_kind kind,
                    fb_cause cause,
                    fb_time now);

void fb_mag_set_state(fb_mag *mag,
                      uint32_t session,
                      fb_update_entry *entry,
                      fb_binding_state state,
                      fb_cause cause,
                      fb_time now);

/** No update, no binding: FB_BINDING_DOWN, or _WAITING, _STANDBY. */
void fb_mag_take_down(fb_mag *mag,
                      uint32_t session,
                      fb_update_entry *entry,
                      fb_binding_state state,
                      fb_cause cause,
                      fb_time now);

/** The path cannot be used any more: de-registered over another one where there is one (C8-03). */
void fb_mag_lose_path(fb_mag *mag,
                      uint32_t session,
                      fb_update_entry *entry,
                      fb_cause cause,
                      fb_time now);

/** The path can be used again: a de-registration for want of it is no longer needed (C8-01). */
void fb_mag_revive(fb_mag *mag,
                   uint32_t session,
                   fb_update_entry *entry,
                   fb_cause cause,
                   fb_time now);

/**
 * To be called after anything that changed entries of a session: who registers now, who waits, which prefixes and MTU
 * are told, when there is something to do next.
 */
void fb_mag_settle(fb_mag *mag, uint32_t session, fb_cause cause, fb_time now);

/** The same for all sessions. */
void fb_mag_settle_all(fb_mag *mag, fb_cause cause, fb_time now);

/** Whether an update that de-registers the whole session is under way. */
bool fb_mag_leaving(const fb_mag *mag, uint32_t session);

/** What is known of the anchor (RFC 8278 4.4): told, and all sessions act on it. */
void fb_mag_set_capability(fb_mag *mag, uint8_t capability, fb_time now);

/** RFC 8278 is not used for this mobile node any more, or again. */
void fb_mag_set_session_multipath(fb_mag *mag, uint32_t session, bool multipath, fb_time now);

/** No binding is left: prefixes, flows and the session are gone, which is told. */
void fb_mag_end_session(fb_mag *mag, uint32_t session, fb_cause cause, fb_time now);

/** A de-registration ended, answered or not. A session that was detached is gone then. */
void fb_mag_finish_deregistration(fb_mag *mag,
                                  uint32_t session,
                                  fb_update_entry *entry,
                                  fb_cause cause,
                                  fb_time now);

/** An event about a path. */
fb_event fb_mag_event(const fb_mag *mag,
                      uint32_t session,
                      const fb_update_entry *entry,
                      fb_event_kind kind,
                      fb_time now);

/* mag_update.c */

/** A link that reaches the anchor, if need be one that seems not to; NULL. */
const fb_mag_link *fb_mag_any_way(const fb_mag *mag);

/** The link an update of @p entry leaves by; NULL when there is none. */
const fb_mag_link *fb_mag_egress(const fb_mag *mag, uint32_t session, const fb_update_entry *entry);

/** The entry of the session whose update may be sent at once or first; NULL. @p when: the time. */
fb_update_entry *fb_mag_next_sender(const fb_mag *mag, uint32_t session, fb_time *when);

ptrdiff_t fb_mag_output_update(fb_mag *mag,
                               fb_meta *meta,
                               uint8_t *buffer,
                               size_t capacity,
                               fb_time now);

/** Addresses and ports of a message over a link. */
fb_meta fb_mag_addresses(const fb_mag *mag, const fb_mag_link *link);

/* mag_acknowledgement.c */

int fb_mag_acknowledged(fb_mag *mag,
                        const fb_meta *meta,
                        const fb_mh_message *message,
                        fb_time now);

/** Waits after a refusal, longer each time; with @p administrative until an administrator acts. */
void fb_mag_block(fb_mag *mag,
                  uint32_t session,
                  fb_update_entry *entry,
                  bool administrative,
                  fb_time now);

/* mag_heartbeat.c */

/** A binding over this link is there: heartbeats run from now on. */
void fb_mag_watch(fb_mag *mag, fb_mag_link *link, fb_time now);

int fb_mag_heartbeat(fb_mag *mag, const fb_meta *meta, const fb_mh_message *message, fb_time now);

/** The anchor does not know a message of ours. */
int fb_mag_binding_error(fb_mag *mag,
                         const fb_meta *meta,
                         const fb_mh_message *message,
                         fb_time now);

/** Nothing comes over this link: where another one is left its bindings are de-registered over that (C8-03). */
void fb_mag_lose_link(fb_mag *mag, uint16_t place, fb_cause cause, fb_time now);

/** It answers again. */
void fb_mag_revive_link(fb_mag *mag, uint16_t place, fb_cause cause, fb_time now);

void fb_mag_heartbeat_timeout(fb_mag *mag, fb_time now);
fb_time fb_mag_heartbeat_deadline(const fb_mag *mag);

ptrdiff_t fb_mag_output_heartbeat(fb_mag *mag,
                                  fb_meta *meta,
                                  uint8_t *buffer,
                                  size_t capacity,
                                  fb_time now);

/* mag_metrics.c */

/** Something was found out about the path: whether the anchor is to hear of it. */
void fb_mag_learned(fb_mag *mag, uint16_t place, fb_time now);

void fb_mag_metrics_timeout(fb_mag *mag, fb_time now);
fb_time fb_mag_metrics_deadline(const fb_mag *mag);

/** Updates for the paths of the session of which the anchor does not know the latest. */
void fb_mag_tell_news(fb_mag *mag, uint32_t session, fb_time now);

/** RFC 5094: what is known of the path, unless the update removes it. */
void fb_mag_write_metrics(const fb_mag *mag, fb_update_entry *entry, fb_writer *writer);

/* mag_probe.c */

/** Another address, or the link is down: what was found out about the path counts no more. */
void fb_mag_forget_path(fb_mag_link *link);

/** The anchor answered over this link, by a message that is authenticated. */
void fb_mag_path_answers(fb_mag *mag, uint16_t place, fb_time now);

void fb_mag_probe_timeout(fb_mag *mag, fb_time now);
fb_time fb_mag_probe_deadline(const fb_mag *mag);

ptrdiff_t fb_mag_output_probe(fb_mag *mag,
                              fb_meta *meta,
                              uint8_t *buffer,
                              size_t capacity,
                              fb_time now);

/* mag_flows.c */

/** Makes flows of the policy and the links there are. */
void fb_mag_number_flows(fb_mag *mag);

/** The session's flows are gone at the anchor; with @p asked_anew also what it said about them. */
void fb_mag_forget_flows(fb_update_session *session, bool asked_anew);

/** The preferred path is refreshed: what was refused is told again with that, if that was long ago. */
void fb_mag_retry_flows(fb_update_session *session, fb_time now);

/** Whether an update is needed to tell the anchor of flows. */
bool fb_mag_flows_due(const fb_mag *mag, uint32_t session);

/** Flow Summary and Flow Identification options of an update of @p entry. Which of the latter: bit n for flow n. */
uint16_t fb_mag_write_flows(const fb_mag *mag,
                            uint32_t session,
                            const fb_update_entry *entry,
                            fb_writer *writer);

/**
 * The update of @p by was sent: flows it does not name are deleted by it (RFC 6089 5.3.4), also those that another
 * update, which is not answered yet, told the anchor of before.
 */
void fb_mag_flows_overtaken(fb_mag *mag, uint32_t session, const fb_update_entry *by);

/** What an accepting acknowledgement says of flows. */
void fb_mag_accept_flows(fb_mag *mag,
                         uint32_t session,
                         const fb_update_entry *entry,
                         const fb_mobility_options *options,
                         fb_time now);

/* mag_data.c */

/** The MTU of router advertisements: the smallest of the paths that are up (RFC 5213 6.9.5). */
uint16_t fb_mag_mtu(const fb_mag *mag, uint32_t session);

#endif
