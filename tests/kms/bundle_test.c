/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/bundle.h"
#include "tests/suites.h"

#include <string.h>

#define BUNDLE_MAX 2048

static const struct mu_sign_key signer = {.b = {7}};

static struct kms_bundle_header header_of(uint64_t sequence)
{
    struct kms_bundle_header h = {
        .kms_uri = span_str("kms.example.org"),
        .sequence = sequence,
        .created_s = 1700000000,
        .log_head = {.seq = 41, .hash = {1, 2, 3}},
        .certificate = {4, 5, 6},
    };

    return h;
}

static const struct kms_bundle_item *items_of(size_t *count)
{
    static const uint8_t mac[KMS_BUNDLE_HASH_LEN] = {9};
    static struct kms_bundle_item items[4];

    items[0].kind = KMS_BUNDLE_ROOT;
    items[0].certificate = span_str("<SignedKmsCertificate/>");
    items[1].kind = KMS_BUNDLE_USER;
    items[1].user = (struct kms_bundle_user){
        .serial = 3, .uri = span_str("sip:a@x"), .ink = span_str("sealed")};
    items[2].kind = KMS_BUNDLE_USER;
    items[2].user = (struct kms_bundle_user){
        .revoked = true, .serial = 4, .uri = span_str("sip:b@x")};
    items[3].kind = KMS_BUNDLE_KEY_SET;
    items[3].key_set = (struct kms_bundle_key_set){.period = 650,
        .serial = 3,
        .uri = span_str("sip:a@x"),
        .mac = SPAN_OF(mac),
        .xml = span_str("<KmsKeySet/>")};
    *count = 4;
    return items;
}

static struct span make(uint8_t *buf, uint64_t sequence)
{
    struct kms_bundle_header h = header_of(sequence);
    const struct kms_bundle_item *items;
    struct span out = {0};
    size_t count;
    struct wr w;

    items = items_of(&count);
    wr_init(&w, buf, BUNDLE_MAX);
    kms_bundle_begin(&w, &h);
    for (size_t i = 0; i < count; i++)
        kms_bundle_add(&w, &items[i]);
    CU_ASSERT_EQUAL(kms_bundle_end(&w, &signer), MU_OK);
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, &out), MU_OK);
    return out;
}

static struct mu_verify_key verifier(void)
{
    struct mu_verify_key key = {0};

    CU_ASSERT_EQUAL(mu_sign_public(&signer, &key), MU_OK);
    return key;
}

static void reads_what_was_written(void)
{
    struct mu_verify_key key = verifier();
    struct kms_bundle_item got[5] = {0};
    struct kms_bundle_header h;
    uint8_t buf[BUNDLE_MAX];
    size_t n = 0;
    struct rd r;

    CU_ASSERT_EQUAL_FATAL(
        kms_bundle_open(make(buf, 5), &key, &h, &r, NULL), MU_OK);
    CU_ASSERT(span_eq(h.kms_uri, span_str("kms.example.org")));
    CU_ASSERT_EQUAL(h.sequence, 5);
    CU_ASSERT_EQUAL(h.log_head.seq, 41);
    CU_ASSERT_EQUAL(h.created_s, 1700000000);
    while (n < 5 && kms_bundle_next(&r, &got[n]))
        n++;
    CU_ASSERT_EQUAL(rd_err(&r), MU_OK);
    CU_ASSERT_EQUAL_FATAL(n, 4);
    CU_ASSERT(span_eq(got[0].certificate, span_str("<SignedKmsCertificate/>")));
    CU_ASSERT(span_eq(got[1].user.ink, span_str("sealed")));
    CU_ASSERT(got[2].user.revoked);
    CU_ASSERT_EQUAL(got[2].user.serial, 4);
    CU_ASSERT_EQUAL(got[3].key_set.period, 650);
    CU_ASSERT(span_eq(got[3].key_set.xml, span_str("<KmsKeySet/>")));
    CU_ASSERT_EQUAL(buf[got[3].at], KMS_BUNDLE_KEY_SET);
}

static void counts_before_it_writes(void)
{
    struct kms_bundle_header h = header_of(1);
    const struct kms_bundle_item *items;
    uint8_t buf[BUNDLE_MAX];
    struct span out = {0};
    size_t count;
    struct wr w;

    items = items_of(&count);
    wr_init(&w, NULL, SIZE_MAX);
    kms_bundle_begin(&w, &h);
    for (size_t i = 0; i < count; i++)
        kms_bundle_add(&w, &items[i]);
    CU_ASSERT_EQUAL(kms_bundle_end(&w, &signer), MU_OK);
    CU_ASSERT_EQUAL(wr_close(&w, &out), MU_OK);
    CU_ASSERT_EQUAL(out.len, make(buf, 1).len);
}

static void every_truncation_is_refused(void)
{
    struct mu_verify_key key = verifier();
    struct kms_bundle_header h;
    uint8_t buf[BUNDLE_MAX];
    struct span whole = make(buf, 1);
    struct rd r;

    for (size_t len = 0; len < whole.len; len++) {
        struct rd_fault fault = {0};

        CU_ASSERT_EQUAL(
            kms_bundle_open((struct span){buf, len}, &key, &h, &r, &fault),
            MU_E_MALFORMED);
        CU_ASSERT(fault.at <= len);
        CU_ASSERT_PTR_NOT_NULL(fault.field);
    }
}

static void no_octet_can_be_changed(void)
{
    struct mu_verify_key key = verifier();
    struct kms_bundle_header h;
    uint8_t buf[BUNDLE_MAX];
    struct span whole = make(buf, 1);
    struct rd r;

    for (size_t i = 0; i < whole.len; i++) {
        buf[i] ^= 1;
        CU_ASSERT_NOT_EQUAL(kms_bundle_open(whole, &key, &h, &r, NULL), MU_OK);
        buf[i] ^= 1;
    }
}

static void another_key_is_refused_at_the_signature(void)
{
    struct mu_verify_key key = verifier();
    struct rd_fault fault = {0};
    struct kms_bundle_header h;
    uint8_t buf[BUNDLE_MAX];
    struct span whole = make(buf, 1);
    struct rd r;

    key.b[3] ^= 1;
    CU_ASSERT_EQUAL(kms_bundle_open(whole, &key, &h, &r, &fault), MU_E_CRYPTO);
    CU_ASSERT_STRING_EQUAL(fault.field, "signature");
    CU_ASSERT_EQUAL(fault.at, whole.len - sizeof(struct mu_signature));
}

static void an_unknown_item_is_named(void)
{
    struct kms_bundle_header h;
    uint8_t buf[BUNDLE_MAX];
    struct kms_bundle_item item;
    struct span whole = make(buf, 1);
    struct rd r;

    CU_ASSERT_EQUAL_FATAL(kms_bundle_open(whole, NULL, &h, &r, NULL), MU_OK);
    buf[rd_at(&r)] = 0x70;
    CU_ASSERT_FALSE(kms_bundle_next(&r, &item));
    CU_ASSERT_EQUAL(rd_err(&r), MU_E_UNSUPPORTED);
    CU_ASSERT_STRING_EQUAL(r.fault.field, "kind");
}

static void only_the_next_bundle_follows(void)
{
    uint8_t first[BUNDLE_MAX], hash[KMS_BUNDLE_HASH_LEN] = {0};
    struct kms_bundle_header h = header_of(1);

    CU_ASSERT_EQUAL(kms_bundle_follows(&h, 0, hash), MU_OK);
    CU_ASSERT_EQUAL(kms_bundle_hash(make(first, 1), hash), MU_OK);
    CU_ASSERT_EQUAL(kms_bundle_follows(&h, 1, hash), MU_E_STATE);
    h = header_of(2);
    CU_ASSERT_EQUAL(kms_bundle_follows(&h, 0, hash), MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(kms_bundle_follows(&h, 1, hash), MU_E_DENIED);
    memcpy(h.previous, hash, sizeof(hash));
    CU_ASSERT_EQUAL(kms_bundle_follows(&h, 1, hash), MU_OK);
    h.sequence = 3;
    CU_ASSERT_EQUAL(kms_bundle_follows(&h, 1, hash), MU_E_NOT_FOUND);
}

CU_TestInfo kms_bundle_tests[] = {
    {"reads what was written", reads_what_was_written},
    {"counts before it writes", counts_before_it_writes},
    {"every truncation is refused", every_truncation_is_refused},
    {"no octet can be changed", no_octet_can_be_changed},
    {"another key is refused at the signature",
        another_key_is_refused_at_the_signature},
    {"an unknown item is named", an_unknown_item_is_named},
    {"only the next bundle follows", only_the_next_bundle_follows},
    CU_TEST_INFO_NULL,
};
