/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kdsd_kms.h - an offline KMS for the test of kdsd, with all that it knows and
 * kdsd must not: every secret is derived from the test master on its own, so
 * that it can be derived again without a look at what was sent.
 *
 * Whatever fails ends the program.
 */
#ifndef TESTS_IT_KDSD_KMS_H
#define TESTS_IT_KDSD_KMS_H

#include "base/buf.h"
#include "base/sign.h"
#include "kms/bundle.h"
#include "kms/import_key.h"
#include "mcptt/uid.h"
#include "mikey/eccsi.h"
#include "mikey/sakke.h"
#include "xml/cert_key.h"
#include "xml/kms_wrap.h"

#define KDSD_KMS_URI  "kms.example.org"
#define KDSD_PERIOD_S 2592000

struct kdsd_kms {
    struct mikey_sakke_secret z;
    struct mikey_eccsi_secret ksak;
    struct mikey_eccsi_kms *eccsi;
    uint8_t z_public[MIKEY_POINT_LEN], kpak[MIKEY_KPAK_LEN];
    struct xml_cert_key cert_key;
    struct mu_sign_key bundle_key;
};

struct kdsd_keys {
    struct mcptt_uid uid;
    struct mikey_rsk rsk;
    struct mikey_eccsi_pair pair;
};

/* Ends the program with a line that says what, unless ok. */
void kdsd_must(bool ok, const char *what);

/* Always the same one. */
void kdsd_kms_init(struct kdsd_kms *kms);
void kdsd_kms_clear(struct kdsd_kms *kms);

struct mcptt_trk kdsd_trk(const char *user);
struct mcptt_ink kdsd_ink(const char *user);

/* The keys of one user in one period, extracted. */
void kdsd_keys_of(const struct kdsd_kms *kms, const char *user, uint64_t period,
    struct kdsd_keys *out);
void kdsd_keys_clear(struct kdsd_keys *keys);

/* The SignedKmsCertificate of this KMS, or of a partner. */
void kdsd_certificate(
    const struct kdsd_kms *kms, const char *kms_uri, struct buf *out);

/* A bundle in the making. */
struct kdsd_bundle {
    struct wr w;
    struct buf octets;
};

/* previous: the whole bundle before, or empty. */
void kdsd_bundle_begin(const struct kdsd_kms *kms, struct kdsd_bundle *b,
    uint64_t sequence, struct span previous);
void kdsd_bundle_certificates(
    const struct kdsd_kms *kms, struct kdsd_bundle *b);
void kdsd_bundle_user(struct kdsd_bundle *b, const char *user, uint64_t serial,
    const struct kms_import_public *to);
void kdsd_bundle_revoke(
    struct kdsd_bundle *b, const char *user, uint64_t serial);
void kdsd_bundle_keys(const struct kdsd_kms *kms, struct kdsd_bundle *b,
    const char *user, uint64_t serial, uint64_t period);
void kdsd_bundle_end(struct kdsd_bundle *b, const struct mu_sign_key *key);

#endif
