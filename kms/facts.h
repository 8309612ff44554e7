/* SPDX-License-Identifier: Apache-2.0 */
/*
 * facts.h - what is public about a KMS: kms.conf in its directory.
 *
 * A text of lines (base/lines.h), written once by the ceremony. The master
 * secrets are sealed with the text bound to them, so that whoever edits it, say
 * to have keys issued under another name, finds that they no longer open.
 */
#ifndef KMS_FACTS_H
#define KMS_FACTS_H

#include "base/sign.h"
#include "kms/dir.h"
#include "mcptt/ident.h"
#include "mcptt/period.h"
#include "mikey/eccsi.h"
#include "mikey/sakke.h"

#define KMS_CERT_KEY_LEN 65 /* a point of P-256, 04 | x | y */

/* Room for the text; less than MU_SEAL_BOUND_MAX. */
#define KMS_FACTS_TEXT_MAX 2048

/* The public halves of the master secrets. */
struct kms_public {
    uint8_t z[MIKEY_POINT_LEN];
    uint8_t kpak[MIKEY_KPAK_LEN];
    uint8_t cert_key[KMS_CERT_KEY_LEN]; /* verifies certificates */
    struct mu_verify_key bundle;        /* verifies bundles */
};

struct kms_facts {
    struct mcptt_id uri;           /* KmsUri */
    struct mcptt_period_rule rule; /* passes mcptt_period_check() */
    uint64_t created_s;            /* Unix time */
    uint8_t shares, threshold;     /* both 0 with the test key */
    bool test_key;                 /* --insecure-test-key: keeps no secret */
    struct kms_public keys;
    struct mu_verify_key log; /* verifies the log */
};

/* Returns MU_OK or MU_E_NO_SPACE. */
MU_MUST_CHECK enum mu_err kms_facts_write(
    struct wr *w, const struct kms_facts *facts);

/*
 * Reads and checks the ranges; points are not checked.
 *
 * Returns MU_OK; MU_E_MALFORMED; MU_E_UNSUPPORTED for another version. fault,
 * which may be NULL, is set on failure.
 */
MU_MUST_CHECK enum mu_err kms_facts_read(
    struct span text, struct kms_facts *out, struct rd_fault *fault);

/* The facts of a directory. MU_E_NOT_FOUND when it has none. */
MU_MUST_CHECK enum mu_err kms_facts_load(
    const struct kms_dir *dir, struct kms_facts *out);

#endif
