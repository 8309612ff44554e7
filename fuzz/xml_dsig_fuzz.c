/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Verifies documents under keys that the corpus was signed with. What verifies
 * has to be canonical octets that stay as they are, and nothing verifies for
 * a kind other than its own.
 */
#include "fuzz/fuzz.h"
#include "xml/dsig.h"
#include "xml/kms_cert.h"
#include "xml/library.h"

static const struct mcptt_ink ink = {{1, 2, 3}};
static const struct xml_cert_key cert_key = {{4, 5, 6}};

static void check_kind(
    enum xml_signed kind, const struct xml_cert_point *point, struct span in)
{
    struct xml_canonical hmac = {NULL, 0}, ecdsa = {NULL, 0};
    enum mu_err err_hmac, err_ecdsa;
    struct xml_fault fault;

    err_hmac = xml_verify_hmac(kind, in, &ink, &fault, &hmac);
    fuzz_demand((err_hmac == MU_OK) == (hmac.p != NULL));
    fuzz_demand((err_hmac == MU_OK) == (fault.err == MU_OK));
    err_ecdsa = xml_verify_ecdsa(kind, in, point, &fault, &ecdsa);
    fuzz_demand((err_ecdsa == MU_OK) == (ecdsa.p != NULL));
    fuzz_demand(err_hmac != MU_OK || err_ecdsa != MU_OK);
    xml_canonical_clear(&hmac);
    xml_canonical_clear(&ecdsa);
}

/* The hash of a certificate is that of its canonical octets, whatever. */
static void check_fingerprint(struct span in)
{
    uint8_t one[XML_SHA256_LEN];
    struct xml_fault fault;

    fuzz_demand((xml_kms_fingerprint(in, &fault, one) == MU_OK) ==
                (fault.err == MU_OK));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span in = {data, size};
    static struct xml_cert_point point;
    static bool ready;

    if (!ready) {
        fuzz_demand(xml_init() == MU_OK);
        fuzz_demand(xml_cert_point_of(&cert_key, &point) == MU_OK);
        ready = true;
    }
    check_kind(XML_SIGNED_CERT, &point, in);
    check_kind(XML_SIGNED_REQUEST, &point, in);
    check_kind(XML_SIGNED_RESPONSE, &point, in);
    check_fingerprint(in);
    return 0;
}
