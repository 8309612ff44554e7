/* SPDX-License-Identifier: Apache-2.0 */
/*
 * installation.h - what is done before gmsd can serve: `gmsd keygen`, `gmsd
 * enrol FILE`, and the check of all that they made (`gmsd --check`).
 */
#ifndef GMS_INSTALLATION_H
#define GMS_INSTALLATION_H

#include "base/rng.h"
#include "gms/conf.h"

/* What it is about. */
struct gms_installation {
    const struct gms_conf *conf;
    const char *programs; /* the folder of gmsd-kek */
    const struct mu_rng *rng;
    uint64_t now_s; /* Unix time */
};

/* Where it failed; why is empty or more than the error says. */
struct gms_install_why {
    const char *what; /* a file, a token, an option */
    char text[160];
};

/* Makes the KEK. Returns as gms_kek_make(), and MU_OK when there is one. */
MU_MUST_CHECK enum mu_err gms_install_keygen(
    const struct gms_installation *at, struct gms_install_why *why);

/* Another KEK, which seals from now on. Returns as gms_kek_add(). */
MU_MUST_CHECK enum mu_err gms_install_kek_add(
    const struct gms_installation *at, struct gms_install_why *why);

/*
 * All KEKs but the newest leave kek_file. Returns as gms_kek_retire(), and
 * MU_E_STATE while the identity file is not sealed under the newest. What is in
 * the store is for gmsd to find when it starts.
 */
MU_MUST_CHECK enum mu_err gms_install_kek_retire(
    const struct gms_installation *at, struct gms_install_why *why);

/*
 * Seals the identity file under the newest KEK, if it is not.
 *
 * Returns MU_OK; MU_E_NOT_FOUND when it is sealed under a KEK that is not
 * configured, or there is none of them; errors of the files.
 */
MU_MUST_CHECK enum mu_err gms_install_reseal(
    const struct gms_installation *at, struct gms_install_why *why);

/*
 * Takes an enrolment in: writes the sealed identity for the vault, the rest of
 * it, without the TrK, for the front, and the audit log's key where there is
 * none; then destroys the file. Who has enrolled before keeps the key of the
 * vault's log, and must have the same identity and a newer enrolment.
 *
 * Returns MU_OK; MU_E_EXPIRED; MU_E_STATE for an enrolment that is not newer,
 * MU_E_DENIED for another identity; errors of the files, the KEK, and of
 * gms_identity_open() for an identity of before.
 */
MU_MUST_CHECK enum mu_err gms_install_enrol(const struct gms_installation *at,
    const char *path, struct gms_install_why *why);

/*
 * Opens what the vault will open, and looks at what the front will read.
 *
 * Returns MU_OK, or the first error.
 */
MU_MUST_CHECK enum mu_err gms_install_check(
    const struct gms_installation *at, struct gms_install_why *why);

#endif
