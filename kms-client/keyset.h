/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keyset.h - what a KMS gave to one user: its certificates and, by key
 * period, the user's keys (TS 33.180 clause 5.3 and annex D.3).
 *
 * Nothing is in it that was not checked: a certificate is a struct kms_cert,
 * which exists only when its signature holds, and keys that are open belong
 * to the user, the period and the home KMS. Keys may also be held unopened, as
 * they came, wrapped under the user's TrK: by a process that hands them on to
 * one that has the TrK, and never sees them itself.
 *
 * Times are Unix seconds. One thread at a time.
 */
#ifndef KMS_CLIENT_KEYSET_H
#define KMS_CLIENT_KEYSET_H

#include "kms-client/cert.h"
#include "mcptt/transport.h"
#include "xml/kms_wrap.h"

#define KMS_PERIODS_MAX   8   /* key periods at once */
#define KMS_EXTERNALS_MAX 256 /* certificates of other security domains */

/* A key set as it came. No secret without the TrK. */
struct kms_wrapped_keys {
    uint64_t period_no;
    struct mcptt_uid uid; /* as the KMS claims it */
    struct xml_wrapped rsk, ssk, pvt;
};

/* The user's keys for one period. */
struct kms_period_keys {
    struct kms_wrapped_keys wrapped; /* its UID is the right one */
    uint64_t from_s, until_s;        /* of the period: from <= t < until */
    bool open;                       /* the keys below are there, checked */
    struct mikey_rsk rsk;
    struct mikey_eccsi_pair pair;
};

struct kms_keyset;

/* user is copied. Returns MU_OK or MU_E_NO_MEMORY. */
MU_MUST_CHECK enum mu_err kms_keyset_new(
    const struct mcptt_id *user, struct kms_keyset **out);
void kms_keyset_free(struct kms_keyset *set); /* wipes; NULL is fine */

const struct mcptt_id *kms_keyset_user(const struct kms_keyset *set);

/*
 * The home KMS's certificate, of role Root, the first or a newer one. With one
 * of other public keys or periods all keys are dropped: they are of no use
 * under it. A reference of its own is taken.
 *
 * Returns MU_OK; MU_E_DENIED when it is older than the present one (by
 * ValidFrom), or of the same age and not the same, or of another KMS;
 * MU_E_MALFORMED when its role is External.
 */
MU_MUST_CHECK enum mu_err kms_keyset_set_home(
    struct kms_keyset *set, struct kms_cert *cert);

/* Borrowed; NULL before there is one. */
struct kms_cert *kms_keyset_home(const struct kms_keyset *set);

/*
 * The certificate of another security domain, the first or a newer one, of
 * role External. A reference of its own is taken.
 *
 * Returns MU_OK; MU_E_DENIED as above, and for the home KMS; MU_E_MALFORMED
 * when its role is not External; MU_E_NO_SPACE.
 */
MU_MUST_CHECK enum mu_err kms_keyset_add_external(
    struct kms_keyset *set, struct kms_cert *cert);

/* By number 0.. in no order, or by KMS URI; borrowed; NULL for none. */
struct kms_cert *kms_keyset_external(const struct kms_keyset *set, size_t i);
struct kms_cert *kms_keyset_external_of(
    const struct kms_keyset *set, struct span kms_uri);

/*
 * Adds the keys of one period, in the place of those that it had: unwraps,
 * derives the UID and compares, validates the RSK by its pairing and order
 * (RFC 6508 clause 6.1.2) and SSK and PVT against KPAK (RFC 6507 clause
 * 5.1.2). Without a TrK only the UID is checked, and the keys stay closed;
 * those of a period that is open already are left alone when they are the
 * same.
 *
 * Returns MU_OK; MU_E_STATE without a home certificate; MU_E_DENIED when the
 * UID is not that of user and period; MU_E_CRYPTO when the TrK does not open
 * them, or they are not the user's; MU_E_NO_SPACE; MU_E_NO_MEMORY. On failure
 * the set is as before.
 */
MU_MUST_CHECK enum mu_err kms_keyset_add(struct kms_keyset *set,
    const struct mcptt_trk *trk, const struct kms_wrapped_keys *in);

/* The keys of a period; borrowed until the set changes; NULL for none. */
const struct kms_period_keys *kms_keyset_find(
    const struct kms_keyset *set, uint64_t period_no);

/* By number 0.. in order of periods; NULL at the end. */
const struct kms_period_keys *kms_keyset_at(
    const struct kms_keyset *set, size_t i);

/* Wipes the keys of periods that ended keep_s or more before now_s. */
void kms_keyset_drop_old(
    struct kms_keyset *set, uint64_t now_s, uint64_t keep_s);

/* The period of now_s, and whether keys for it and the next one are there. */
struct kms_keyset_status {
    uint64_t period_no;
    uint64_t next_s; /* when the next one begins */
    bool has_now, has_next;
};

/*
 * Returns MU_OK; MU_E_STATE without a home certificate; MU_E_NOT_FOUND before
 * its first period.
 */
MU_MUST_CHECK enum mu_err kms_keyset_status(const struct kms_keyset *set,
    uint64_t now_s, struct kms_keyset_status *out);

#endif
