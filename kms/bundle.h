/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bundle.h - what the offline KMS hands to the online distribution server: one
 * file, numbered and signed, that opens nothing by itself.
 *
 *     magic "muster bundle\n" | version = 1 (8) | header | items | end
 *
 *     header  KmsUri length (16) | KmsUri | sequence (64) | previous (256) |
 *             created (64) | log head sequence (64) | log head hash (256) |
 *             fingerprint of the root certificate (256)
 *     item    kind (8) | length (32) | body
 *     end     ff (8) | 64 (32) | Ed25519 signature
 *
 * The signature, with the label "muster bundle 1", covers all octets before
 * itself. Bundles of one KMS are a chain: sequence counts from 1, previous is
 * the SHA-256 of the whole bundle before, zeros in the first. An importer that
 * holds number n takes n + 1 and nothing else, so that none is lost, played
 * again or forked.
 *
 * The KMS's log head travels in every bundle: who keeps the bundles is a
 * witness of that log (base/chain.h).
 */
#ifndef KMS_BUNDLE_H
#define KMS_BUNDLE_H

#include "base/bytes.h"
#include "base/chain.h"
#include "base/sign.h"

#define KMS_BUNDLE_HASH_LEN 32
#define KMS_BUNDLE_URI_MAX  255
#define KMS_BUNDLE_ITEM_MAX (1U << 20) /* octets of one body; ours */
#define KMS_BUNDLE_INK_MAX  512

struct kms_bundle_header {
    struct span kms_uri; /* 1..KMS_BUNDLE_URI_MAX octets */
    uint64_t sequence;   /* from 1 */
    uint8_t previous[KMS_BUNDLE_HASH_LEN];
    uint64_t created_s; /* Unix time */
    struct mu_chain_head log_head;
    uint8_t certificate[KMS_BUNDLE_HASH_LEN]; /* of the root (kms/cert.h) */
};

enum kms_bundle_kind {
    KMS_BUNDLE_ROOT = 1,     /* SignedKmsCertificate XML of the KMS itself */
    KMS_BUNDLE_EXTERNAL = 2, /* that of a partner's KMS */
    KMS_BUNDLE_USER = 3,
    KMS_BUNDLE_KEY_SET = 4,
    KMS_BUNDLE_END = 0xff
};

/* | flags (8) | serial (64) | URI length (16) | URI | InK length (16) | InK |
 */
struct kms_bundle_user {
    bool revoked;    /* flag bit 0; no key set of his is to be served */
    uint64_t serial; /* of his enrolment; grows with each new TrK and InK */
    struct span uri; /* 1..KMS_BUNDLE_URI_MAX octets */
    struct span ink; /* sealed to the importer (kms/import_key.h), or empty */
};

/*
 * | period (64) | serial (64) | URI length (16) | URI | HMAC (256) | XML |
 *
 * One KmsKeySet element whose three keys are wrapped under the user's TrK, and
 * its HMAC-SHA-256 under the user's InK.
 */
struct kms_bundle_key_set {
    uint64_t period;
    uint64_t serial; /* of the enrolment whose TrK wraps it */
    struct span uri;
    struct span mac; /* 32 octets */
    struct span xml; /* to the end of the body */
};

/* One item; spans borrow the reader's input. */
struct kms_bundle_item {
    enum kms_bundle_kind kind;
    size_t at; /* offset of the kind octet */
    union {
        struct span certificate; /* ROOT, EXTERNAL */
        struct kms_bundle_user user;
        struct kms_bundle_key_set key_set;
    };
};

/*
 * Writing: header, then items, then the end. w holds the bundle from its first
 * octet; a full buffer is w's fault, and with w counting the size is known
 * before (kms_bundle_end() then skips the signature).
 */
void kms_bundle_begin(struct wr *w, const struct kms_bundle_header *header);
void kms_bundle_add(struct wr *w, const struct kms_bundle_item *item);
MU_MUST_CHECK enum mu_err kms_bundle_end(
    struct wr *w, const struct mu_sign_key *key);

/*
 * Verifies the signature and reads the header, without a look at the items.
 *
 *   in     the whole file; borrowed by *items and *out
 *   key    the pinned key of the KMS's bundles; NULL to explain an unverified
 *          bundle
 *   items  set to read the items with kms_bundle_next()
 *   fault  set on failure; may be NULL
 *
 * Returns MU_OK; MU_E_MALFORMED, MU_E_UNSUPPORTED (version); MU_E_CRYPTO when
 * the signature is not the key's, at its offset.
 */
MU_MUST_CHECK enum mu_err kms_bundle_open(struct span in,
    const struct mu_verify_key *key, struct kms_bundle_header *out,
    struct rd *items, struct rd_fault *fault);

/*
 * The next item; false at the end and at a fault, which rd_err(items) and
 * items->fault tell apart. An unknown kind is MU_E_UNSUPPORTED.
 */
bool kms_bundle_next(struct rd *items, struct kms_bundle_item *out);

/* What the next bundle's header says of this one. MU_OK or MU_E_CRYPTO. */
MU_MUST_CHECK enum mu_err kms_bundle_hash(
    struct span whole, uint8_t out[KMS_BUNDLE_HASH_LEN]);

/*
 * Whether a bundle is the one to import after number `held` with that hash
 * (held 0: none yet, hash not looked at).
 *
 * Returns MU_OK; MU_E_STATE for one that was imported before or an older one;
 * MU_E_NOT_FOUND when one in between is missing; MU_E_DENIED when it follows
 * another bundle of the same number: a fork.
 */
MU_MUST_CHECK enum mu_err kms_bundle_follows(
    const struct kms_bundle_header *header, uint64_t held,
    const uint8_t hash[KMS_BUNDLE_HASH_LEN]);

#endif
