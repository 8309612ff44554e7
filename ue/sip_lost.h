/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sip_lost.h - requests that were lost on their way, on command: they came, but
 * nobody answers them. The user agent holds each until it is answered, so it is
 * answered when its sender has given up (RFC 3261 timer F, 32 s) and hears
 * nothing of it.
 */
#ifndef UE_SIP_LOST_H
#define UE_SIP_LOST_H

#include "sip/agent.h"

#define UE_SIP_LOST_MAX 1024 /* at once; the oldest goes first */
#define UE_SIP_LOST_MS  40000

/* Starts as {0}. */
struct ue_sip_lost {
    struct {
        uint64_t id, at_ms;
    } at[UE_SIP_LOST_MAX]; /* a ring */
    size_t first, count;
};

/* now_ms never goes back. */
void ue_sip_lost_add(struct ue_sip_lost *lost, struct sip_agent *agent,
    uint64_t id, uint64_t now_ms);
/* Lets those go whose time is over. */
void ue_sip_lost_purge(
    struct ue_sip_lost *lost, struct sip_agent *agent, uint64_t now_ms);

#endif
