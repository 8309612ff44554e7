/* SPDX-License-Identifier: Apache-2.0 */
/*
 * front_sip.h - the SIP side of the front: the user agent and the subscriptions
 * on it, as sip.* of the configuration says. Without sip.listens there is none.
 */
#ifndef GMS_FRONT_SIP_H
#define GMS_FRONT_SIP_H

#include "gms/front_parts.h"
#include "gms/subs.h"

struct gms_front_sip;

/* *out stays NULL where no SIP is configured. Fails as gms_front_step(). */
MU_MUST_CHECK enum mu_err gms_front_sip_new(
    struct gms_front *front, struct gms_front_sip **out);
void gms_front_sip_free(struct gms_front_sip *sip); /* NULL is fine */

/* Of the i-th listener; for the readiness line. */
uint16_t gms_front_sip_port(const struct gms_front_sip *sip, size_t i);

/* NULL where there is no SIP. */
struct gms_subs *gms_front_sip_subs(struct gms_front_sip *sip);

#endif
