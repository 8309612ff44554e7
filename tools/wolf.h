/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wolf.h - the SAKKE and ECCSI of libwolfssl, octets in and octets out: the
 * other implementation, to measure ourselves against and to agree with.
 *
 * Octets have the forms of mikey/eccsi.h and mikey/sakke.h. This header names
 * nothing of wolfSSL's, whose headers do not go together with OpenSSL's.
 * An object is a KMS after make or load_secret, and a peer that knows the KMS
 * after load_public. All functions yield false, or NULL, when wolfSSL says no.
 */
#ifndef TOOLS_WOLF_H
#define TOOLS_WOLF_H

#include "base/bytes.h"

struct wolf_eccsi;

struct wolf_eccsi *wolf_eccsi_new(void);
void wolf_eccsi_free(struct wolf_eccsi *w);

/* New keys of wolfSSL's making: KSAK, KPAK. */
bool wolf_eccsi_make(struct wolf_eccsi *w, uint8_t ksak[32], uint8_t kpak[65]);

bool wolf_eccsi_load_secret(
    struct wolf_eccsi *w, const uint8_t ksak[32], const uint8_t kpak[65]);
bool wolf_eccsi_load_public(struct wolf_eccsi *w, const uint8_t kpak[65]);

bool wolf_eccsi_extract(
    struct wolf_eccsi *w, struct span id, uint8_t ssk[32], uint8_t pvt[65]);
bool wolf_eccsi_validate(struct wolf_eccsi *w, struct span id,
    const uint8_t ssk[32], const uint8_t pvt[65]);

/* Signs as id from now on. */
bool wolf_eccsi_become(struct wolf_eccsi *w, struct span id,
    const uint8_t ssk[32], const uint8_t pvt[65]);
bool wolf_eccsi_sign(struct wolf_eccsi *w, struct span msg, uint8_t sig[129]);

/* The whole verification, identity hash and signature. */
bool wolf_eccsi_verify(struct wolf_eccsi *w, struct span id, struct span msg,
    const uint8_t sig[129]);

struct wolf_sakke;

struct wolf_sakke *wolf_sakke_new(void);
void wolf_sakke_free(struct wolf_sakke *w);

/* New keys of wolfSSL's making: z_T, Z. */
bool wolf_sakke_make(struct wolf_sakke *w, uint8_t z[128], uint8_t pub[257]);

bool wolf_sakke_load_secret(
    struct wolf_sakke *w, const uint8_t z[128], const uint8_t pub[257]);
bool wolf_sakke_load_public(struct wolf_sakke *w, const uint8_t pub[257]);

bool wolf_sakke_extract(struct wolf_sakke *w, struct span id, uint8_t rsk[257]);
bool wolf_sakke_validate(
    struct wolf_sakke *w, struct span id, const uint8_t rsk[257]);

/* To an identity not seen before: nothing is cached. */
bool wolf_sakke_encapsulate(struct wolf_sakke *w, struct span id,
    const uint8_t ssv[16], uint8_t sed[273]);

/* Receives as id from now on. The tables of an RSK that wolfSSL has a call
 * for are of length 0 in the build of Debian 12. */
bool wolf_sakke_become(
    struct wolf_sakke *w, struct span id, const uint8_t rsk[257]);
bool wolf_sakke_decapsulate(
    struct wolf_sakke *w, const uint8_t sed[273], uint8_t ssv[16]);

#endif
