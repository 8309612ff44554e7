/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kek.h - where the key-encryption keys come from: a file, a credential of
 * systemd, or a file that a PKCS#11 token unwraps.
 *
 * The descriptor yields KEKs of 32 octets, oldest first, at most
 * MU_KEYRING_MAX, and is for the vault: the monitor hands it on unread. With a
 * token it is a pipe from gmsd-kek, a program that lives for the moment, so
 * that the token's module, foreign code, is in no process that stays.
 */
#ifndef GMS_KEK_H
#define GMS_KEK_H

#include "base/keyring.h"
#include "gms/conf.h"

/* Exit statuses of gmsd-kek are those of the command line: 0, 1, 2. */
#define GMS_KEK_PROGRAM "gmsd-kek"

/* What did not work; static storage or the configuration's. */
struct gms_kek_why {
    const char *what;
};

/*
 * Opens the source.
 *
 *   programs  the folder of gmsd-kek
 *
 * Returns MU_OK with a descriptor, which is the caller's; MU_E_NOT_FOUND;
 * MU_E_DENIED for a file that others may read; MU_E_MALFORMED for one of
 * another length; MU_E_CRYPTO when the token does not unwrap it; MU_E_IO.
 */
MU_MUST_CHECK enum mu_err gms_kek_open(const struct gms_conf *conf,
    const char *programs, int *fd, struct gms_kek_why *why);

/* The same, read into a ring: for enrolling and checking. */
MU_MUST_CHECK enum mu_err gms_kek_load(const struct gms_conf *conf,
    const char *programs, struct mu_keyring *ring, struct gms_kek_why *why);

/*
 * Makes kek_file with a new KEK in it, in clear or wrapped by the token.
 *
 * Returns MU_OK; MU_E_STATE when there is one; MU_E_UNSUPPORTED for a
 * credential, which is systemd-creds' to make; errors as above.
 */
MU_MUST_CHECK enum mu_err gms_kek_make(const struct gms_conf *conf,
    const char *programs, const struct mu_rng *rng, struct gms_kek_why *why);

/*
 * Puts a new KEK behind those of kek_file: it seals from the next start on.
 *
 * Returns as gms_kek_make(); MU_E_NO_SPACE when MU_KEYRING_MAX are in.
 */
MU_MUST_CHECK enum mu_err gms_kek_add(const struct gms_conf *conf,
    const char *programs, const struct mu_rng *rng, struct gms_kek_why *why);

/*
 * Takes all but the newest out of kek_file. They go into another file beside
 * it, of GMS_KEK_RETIRED, until somebody destroys that.
 *
 * Returns MU_OK, also when there was only one; MU_E_STATE when others that were
 * retired before are still there; MU_E_UNSUPPORTED for a credential; errors of
 * the files.
 */
#define GMS_KEK_RETIRED ".retired"
MU_MUST_CHECK enum mu_err gms_kek_retire(
    const struct gms_conf *conf, struct gms_kek_why *why);

#endif
