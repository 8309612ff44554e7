/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cert_key.h - the key under which a KMS signs its certificates, ECDSA with
 * SHA-256 on P-256, as XML signatures carry it (RFC 6931 clause 2.3.6).
 *
 * The public half is a bare point that clients are given at enrolment: there is
 * no chain of X.509 certificates to check, and none to forge.
 */
#ifndef XML_CERT_KEY_H
#define XML_CERT_KEY_H

#include "base/bytes.h"
#include "base/rng.h"
#include "base/secret.h"

#define XML_CERT_POINT_LEN     65
#define XML_CERT_SIGNATURE_LEN 64

SECRET_TYPE(xml_cert_key, 32); /* 1..q-1, most significant octet first */

struct xml_cert_point {
    uint8_t b[XML_CERT_POINT_LEN]; /* 04, x, y */
};

/* r and s, 32 octets each. */
struct xml_cert_signature {
    uint8_t b[XML_CERT_SIGNATURE_LEN];
};

/* A new key. Returns MU_OK, or what the rng returned. */
MU_MUST_CHECK enum mu_err xml_cert_key_make(
    const struct mu_rng *rng, struct xml_cert_key *out);

/* Returns MU_OK; MU_E_MALFORMED for a key out of range; MU_E_NO_MEMORY;
 * MU_E_CRYPTO. */
MU_MUST_CHECK enum mu_err xml_cert_point_of(
    const struct xml_cert_key *key, struct xml_cert_point *out);

/* The nonce is OpenSSL's. Returns MU_OK; errors as xml_cert_point_of(). */
MU_MUST_CHECK enum mu_err xml_cert_sign(const struct xml_cert_key *key,
    struct span message, struct xml_cert_signature *out);

/* Returns MU_OK, or MU_E_CRYPTO for everything else. */
MU_MUST_CHECK enum mu_err xml_cert_verify(const struct xml_cert_point *point,
    struct span message, const struct xml_cert_signature *signature);

#endif
