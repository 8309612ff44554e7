/* SPDX-License-Identifier: Apache-2.0 */
/*
 * access.h - the access network that a request came through, as
 * P-Access-Network-Info tells it (RFC 7315 clauses 4.4 and 5.4):
 *
 *     3GPP-E-UTRAN-FDD;utran-cell-id-3gpp=2341592ABCDEF,3GPP-NR-FDD;\
 *     utran-cell-id-3gpp="23415000100abcdef012345678";network-provided
 *
 * Pure.
 */
#ifndef SIP_ACCESS_H
#define SIP_ACCESS_H

#include "base/bytes.h"

/*
 * Of the values of one header the one that the network gave; if it gave none,
 * the first, which is the device's own word. A comma in quotes is no end.
 *
 * Returns a part of header without the space around it; empty when there is
 * none.
 */
struct span sip_access_pick(struct span header);

/* A number for the place: the same for all devices that say the same, however
 * they write its letters. */
uint32_t sip_access_area(struct span access);

#endif
