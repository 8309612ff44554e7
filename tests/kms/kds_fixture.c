/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kms/kds_fixture.h"

#include <CUnit/CUnit.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#include "xml/kms_wrapped_set.h"

#define ARENA_MAX (1 << 20)

const struct mcptt_ink kds_test_ink = {{0x1a, 0x2b, 0x3c}};

static void open_store(struct kds_fixture *f)
{
    CU_ASSERT_EQUAL_FATAL(
        kds_store_open(test_folder_path(&f->folder, "kdsd.db"), &f->store),
        MU_OK);
}

void kds_fixture_setup(struct kds_fixture *f)
{
    const struct mu_kek kek = {{9}};

    memset(f, 0, sizeof(*f));
    test_folder_make(&f->folder);
    mu_arena_init(&f->arena, ARENA_MAX);
    test_rng_init(&f->rng, 11);
    CU_ASSERT_EQUAL_FATAL(mu_keyring_add(&f->ring, &kek), MU_OK);
    f->import_key = (struct kms_import_key){{3}};
    f->bundle_key = (struct mu_sign_key){{7}};
    CU_ASSERT_EQUAL_FATAL(
        mu_sign_public(&f->bundle_key, &f->config.bundle_key), MU_OK);
    f->config.kms_uri = span_str(KDS_TEST_KMS);
    f->config.import_key = &f->import_key;
    f->config.kek = &f->ring;
    f->config.rng = &f->rng.rng;
    open_store(f);
}

void kds_fixture_clear(struct kds_fixture *f)
{
    kds_store_close(f->store);
    mu_arena_clear(&f->arena);
    test_folder_remove(&f->folder);
}

void kds_fixture_reopen(struct kds_fixture *f)
{
    kds_store_close(f->store);
    f->store = NULL;
    open_store(f);
}

void kds_bundle_begin(
    struct kds_bundle *b, uint64_t sequence, const struct kds_bundle *previous)
{
    struct kms_bundle_header header = {.kms_uri = span_str(KDS_TEST_KMS),
        .sequence = sequence,
        .created_s = 1700000000,
        .log_head = {.seq = 41, .hash = {1, 2, 3}}};

    if (previous != NULL)
        CU_ASSERT_EQUAL_FATAL(
            kms_bundle_hash(previous->whole, header.previous), MU_OK);
    wr_init(&b->w, b->b, sizeof(b->b));
    kms_bundle_begin(&b->w, &header);
}

/* The certificate of tests/vectors/xml, as that of some KMS. */
static void add_certificate(
    struct kds_bundle *b, enum kms_bundle_kind kind, const char *kms_uri)
{
    char path[512], text[2048], made[2048], *at;
    struct kms_bundle_item item = {.kind = kind};
    FILE *file;
    size_t len;

    (void)snprintf(
        path, sizeof(path), "%s/xml/kms-certificate.xml", VECTOR_DIR);
    file = fopen(path, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    len = fread(text, 1, sizeof(text) - 1, file);
    (void)fclose(file);
    text[len] = '\0';
    at = strstr(text, KDS_TEST_KMS);
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    *at = '\0';
    (void)snprintf(
        made, sizeof(made), "%s%s%s", text, kms_uri, at + strlen(KDS_TEST_KMS));
    if (kind == KMS_BUNDLE_EXTERNAL) {
        at = strstr(made, "Root");
        CU_ASSERT_PTR_NOT_NULL_FATAL(at);
        (void)snprintf(text, sizeof(text), "External%s", at + strlen("Root"));
        (void)snprintf(at, sizeof(made) - (size_t)(at - made), "%s", text);
    }
    at = strstr(made, "<KmsCertificate");
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    item.certificate = span_str(at);
    kms_bundle_add(&b->w, &item);
}

void kds_bundle_root(struct kds_bundle *b)
{
    add_certificate(b, KMS_BUNDLE_ROOT, KDS_TEST_KMS);
}

void kds_bundle_external(struct kds_bundle *b, const char *kms_uri)
{
    add_certificate(b, KMS_BUNDLE_EXTERNAL, kms_uri);
}

void kds_bundle_user(struct kds_bundle *b, struct kds_fixture *f,
    const char *uri, uint64_t serial)
{
    struct kms_import_use use = {span_str(KDS_TEST_KMS), span_str(uri), serial};
    struct kms_bundle_item item = {.kind = KMS_BUNDLE_USER};
    uint8_t sealed[KMS_IMPORT_SEALED_LEN];
    struct kms_import_public public;

    CU_ASSERT_EQUAL_FATAL(
        kms_import_key_public(&f->import_key, &public), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        kms_import_seal(&public, &use, &kds_test_ink, &f->rng.rng, sealed),
        MU_OK);
    item.user = (struct kms_bundle_user){
        .serial = serial, .uri = span_str(uri), .ink = SPAN_OF(sealed)};
    kms_bundle_add(&b->w, &item);
}

void kds_bundle_revoke(struct kds_bundle *b, const char *uri, uint64_t serial)
{
    struct kms_bundle_item item = {.kind = KMS_BUNDLE_USER,
        .user = {.revoked = true, .serial = serial, .uri = span_str(uri)}};

    kms_bundle_add(&b->w, &item);
}

static struct span write_key_set(
    const char *uri, uint64_t period, uint8_t out[4096])
{
    static const uint8_t rsk[272], ssk[40], pvt[80];
    const struct xml_kms_wrapped_set set = {
        .origin = {.kms_uri = span_str(KDS_TEST_KMS),
            .valid_to_s = XML_KMS_FOREVER},
        .user_uri = span_str(uri),
        .period_no = period,
        .rsk = {.wrapped = SPAN_OF(rsk)},
        .ssk = {.wrapped = SPAN_OF(ssk)},
        .pvt = {.wrapped = SPAN_OF(pvt)}};
    struct span done = {NULL, 0};
    struct wr w;

    wr_init(&w, out, 4096);
    CU_ASSERT_EQUAL_FATAL(
        xml_kms_wrapped_set_write(&w, &set, XML_UID_HEX), MU_OK);
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, &done), MU_OK);
    return done;
}

void kds_bundle_key_set_of(struct kds_bundle *b, const char *uri,
    uint64_t serial, uint64_t period, struct span xml)
{
    struct kms_bundle_item item = {.kind = KMS_BUNDLE_KEY_SET};
    uint8_t mac[KDS_MAC_LEN];

    CU_ASSERT_PTR_NOT_NULL_FATAL(HMAC(EVP_sha256(), kds_test_ink.b,
        sizeof(kds_test_ink.b), xml.p, xml.len, mac, NULL));
    item.key_set = (struct kms_bundle_key_set){.period = period,
        .serial = serial,
        .uri = span_str(uri),
        .mac = SPAN_OF(mac),
        .xml = xml};
    kms_bundle_add(&b->w, &item);
}

void kds_bundle_key_set(
    struct kds_bundle *b, const char *uri, uint64_t serial, uint64_t period)
{
    uint8_t xml[4096];

    kds_bundle_key_set_of(
        b, uri, serial, period, write_key_set(uri, period, xml));
}

void kds_bundle_key_set_as(struct kds_bundle *b, const char *uri,
    uint64_t serial, uint64_t period, const char *other)
{
    uint8_t xml[4096];

    kds_bundle_key_set_of(
        b, uri, serial, period, write_key_set(other, period, xml));
}

void kds_bundle_close(struct kds_bundle *b, const struct mu_sign_key *key)
{
    CU_ASSERT_EQUAL_FATAL(kms_bundle_end(&b->w, key), MU_OK);
    CU_ASSERT_EQUAL_FATAL(wr_close(&b->w, &b->whole), MU_OK);
}

void kds_bundle_first(struct kds_bundle *b, struct kds_fixture *f)
{
    kds_bundle_begin(b, 1, NULL);
    kds_bundle_root(b);
    kds_bundle_user(b, f, "sip:alice@x", 1);
    kds_bundle_user(b, f, "sip:bob@x", 2);
    kds_bundle_key_set(b, "sip:alice@x", 1, 5);
    kds_bundle_key_set(b, "sip:alice@x", 1, 6);
    kds_bundle_key_set(b, "sip:bob@x", 2, 5);
    kds_bundle_close(b, &f->bundle_key);
}

enum mu_err kds_fixture_import(
    struct kds_fixture *f, const struct kds_bundle *b)
{
    struct kds_import_result result;

    return kds_import(f->store, &f->config, b->whole, &result, &f->why);
}

uint64_t kds_fixture_serial(struct kds_fixture *f, const char *uri)
{
    struct kds_user user = {0};
    enum mu_err err = kds_store_user(f->store, span_str(uri), &f->arena, &user);

    CU_ASSERT(err == MU_OK || err == MU_E_NOT_FOUND);
    return user.serial;
}

bool kds_fixture_has(struct kds_fixture *f, const char *uri, uint64_t period)
{
    struct kds_key_set set;
    enum mu_err err =
        kds_store_key_set(f->store, span_str(uri), period, &f->arena, &set);

    CU_ASSERT(err == MU_OK || err == MU_E_NOT_FOUND);
    return err == MU_OK;
}

uint64_t kds_fixture_sequence(struct kds_fixture *f)
{
    struct kds_last last = {0};

    CU_ASSERT_EQUAL(kds_store_last(f->store, &f->arena, &last), MU_OK);
    return last.sequence;
}
