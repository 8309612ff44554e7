/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/it/kdsd_kms.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/rng.h"
#include "xml/dsig.h"
#include "xml/kms_cert.h"
#include "xml/kms_wrapped_set.h"

#define BUNDLE_ROOM (1U << 20)
#define XML_ROOM    6144

void kdsd_must(bool ok, const char *what)
{
    if (ok)
        return;
    (void)fprintf(stderr, "kdsd_world: %s\n", what);
    exit(1);
}

static void must(enum mu_err err, const char *what)
{
    kdsd_must(err == MU_OK, what);
}

void kdsd_kms_init(struct kdsd_kms *kms)
{
    struct test_rng rng;

    test_rng_init(&rng, 33180);
    *kms = (struct kdsd_kms){.bundle_key = {{7}}};
    must(mu_rng_fill(&rng.rng, kms->z.b, sizeof(kms->z.b)), "z");
    must(mu_rng_fill(&rng.rng, kms->ksak.b, sizeof(kms->ksak.b)), "KSAK");
    must(mu_rng_fill(&rng.rng, kms->cert_key.b, sizeof(kms->cert_key.b)),
        "certificate key");
    kms->z.b[0] = 0; /* below q, which has 1023 bits */
    kms->ksak.b[0] = 0;
    kms->cert_key.b[0] = 0;
    must(mikey_sakke_public(&kms->z, kms->z_public), "Z");
    must(mikey_eccsi_public(&kms->ksak, kms->kpak), "KPAK");
    must(mikey_eccsi_kms_new(SPAN_OF(kms->kpak), &kms->eccsi), "KPAK");
}

void kdsd_kms_clear(struct kdsd_kms *kms)
{
    mikey_eccsi_kms_free(kms->eccsi);
    mikey_sakke_secret_clear(&kms->z);
    mikey_eccsi_secret_clear(&kms->ksak);
}

/* 32 octets for a purpose: of a user, and of a period where it says so. */
static void secret_of(
    const char *purpose, const char *user, uint64_t period, uint8_t out[32])
{
    char text[512];

    (void)snprintf(text, sizeof(text), "%s|%s|%llu", purpose, user,
        (unsigned long long)period);
    kdsd_must(
        EVP_Digest(text, strlen(text), out, NULL, EVP_sha256(), NULL) == 1,
        "SHA-256");
}

struct mcptt_trk kdsd_trk(const char *user)
{
    struct mcptt_trk trk;

    secret_of("TrK", user, 0, trk.b);
    return trk;
}

struct mcptt_ink kdsd_ink(const char *user)
{
    struct mcptt_ink ink;

    secret_of("InK", user, 0, ink.b);
    return ink;
}

void kdsd_keys_of(const struct kdsd_kms *kms, const char *user, uint64_t period,
    struct kdsd_keys *out)
{
    struct mcptt_uid_source source = {.identity = span_str(user),
        .kms = span_str(KDSD_KMS_URI),
        .rule = {.length_s = KDSD_PERIOD_S},
        .number = period};
    struct mikey_eccsi_nonce v;
    struct test_rng rng;

    test_rng_init(&rng, 1);
    secret_of("v", user, period, v.b);
    v.b[0] = 0; /* below q */
    must(mcptt_uid_derive(&source, &out->uid), "UID");
    must(mikey_sakke_extract(&kms->z, SPAN_OF(out->uid.b), &rng.rng, &out->rsk),
        "RSK");
    must(mikey_eccsi_extract_with(
             kms->eccsi, &kms->ksak, SPAN_OF(out->uid.b), &v, &out->pair),
        "SSK");
}

void kdsd_keys_clear(struct kdsd_keys *keys)
{
    mikey_rsk_clear(&keys->rsk);
    mikey_eccsi_pair_clear(&keys->pair);
}

void kdsd_certificate(
    const struct kdsd_kms *kms, const char *kms_uri, struct buf *out)
{
    bool is_root = strcmp(kms_uri, KDSD_KMS_URI) == 0;
    struct xml_kms_cert cert = {
        .origin = {.kms_uri = span_str(kms_uri), .valid_to_s = XML_KMS_FOREVER},
        .role = is_root ? XML_KMS_ROLE_ROOT : XML_KMS_ROLE_EXTERNAL,
        .rule = {.length_s = KDSD_PERIOD_S}};
    struct xml_kms_cert_form form = {
        .cert = &cert, .id = span_str(is_root ? "root" : "external")};
    uint8_t plain[XML_ROOM];
    struct span done = {NULL, 0};
    struct wr w;

    memcpy(cert.z, kms->z_public, sizeof(cert.z));
    memcpy(cert.kpak, kms->kpak, sizeof(cert.kpak));
    wr_init(&w, plain, sizeof(plain));
    must(xml_kms_cert_write(&w, &form), "KmsCertificate");
    must(wr_close(&w, &done), "KmsCertificate");
    kdsd_must(buf_reserve(out, XML_ROOM), "memory");
    wr_init(&w, out->p + out->len, XML_ROOM);
    must(xml_sign_ecdsa(XML_SIGNED_CERT, done, &kms->cert_key, &w),
        "SignedKmsCertificate");
    must(wr_close(&w, &done), "SignedKmsCertificate");
    out->len += done.len;
}

void kdsd_bundle_begin(const struct kdsd_kms *kms, struct kdsd_bundle *b,
    uint64_t sequence, struct span previous)
{
    MU_CLEANUP(buf_clear) struct buf root = {0};
    struct kms_bundle_header header = {.kms_uri = span_str(KDSD_KMS_URI),
        .sequence = sequence,
        .created_s = 1700000000,
        .log_head = {.seq = 4, .hash = {1}}};
    struct xml_fault fault;

    kdsd_certificate(kms, KDSD_KMS_URI, &root);
    must(xml_kms_fingerprint(buf_span(&root), &fault, header.certificate),
        "fingerprint");
    if (previous.len > 0)
        must(kms_bundle_hash(previous, header.previous), "hash");
    *b = (struct kdsd_bundle){.octets = {0}};
    kdsd_must(buf_reserve(&b->octets, BUNDLE_ROOM), "memory");
    wr_init(&b->w, b->octets.p, BUNDLE_ROOM);
    kms_bundle_begin(&b->w, &header);
}

static void add_certificate(const struct kdsd_kms *kms, struct kdsd_bundle *b,
    enum kms_bundle_kind kind, const char *uri)
{
    MU_CLEANUP(buf_clear) struct buf xml = {0};
    struct kms_bundle_item item = {.kind = kind};

    kdsd_certificate(kms, uri, &xml);
    item.certificate = buf_span(&xml);
    kms_bundle_add(&b->w, &item);
}

void kdsd_bundle_certificates(const struct kdsd_kms *kms, struct kdsd_bundle *b)
{
    add_certificate(kms, b, KMS_BUNDLE_ROOT, KDSD_KMS_URI);
    add_certificate(kms, b, KMS_BUNDLE_EXTERNAL, "kms.partner.example");
}

void kdsd_bundle_user(struct kdsd_bundle *b, const char *user, uint64_t serial,
    const struct kms_import_public *to)
{
    struct kms_import_use use = {
        span_str(KDSD_KMS_URI), span_str(user), serial};
    struct mcptt_ink ink = kdsd_ink(user);
    uint8_t sealed[KMS_IMPORT_SEALED_LEN];
    struct kms_bundle_item item = {.kind = KMS_BUNDLE_USER};

    must(kms_import_seal(to, &use, &ink, mu_rng_system(), sealed), "InK");
    item.user = (struct kms_bundle_user){
        .serial = serial, .uri = span_str(user), .ink = SPAN_OF(sealed)};
    kms_bundle_add(&b->w, &item);
}

void kdsd_bundle_revoke(
    struct kdsd_bundle *b, const char *user, uint64_t serial)
{
    struct kms_bundle_item item = {.kind = KMS_BUNDLE_USER,
        .user = {.revoked = true, .serial = serial, .uri = span_str(user)}};

    kms_bundle_add(&b->w, &item);
}

static struct span write_key_set(const struct kdsd_keys *keys, const char *user,
    uint64_t period, uint8_t out[XML_ROOM])
{
    struct xml_kms_wrapped_set set = {
        .origin = {.kms_uri = span_str(KDSD_KMS_URI),
            .valid_to_s = XML_KMS_FOREVER},
        .user_uri = span_str(user),
        .uid = keys->uid,
        .period_no = period};
    struct mcptt_trk trk = kdsd_trk(user);
    struct xml_wrapped rsk, ssk, pvt;
    struct span done = {NULL, 0};
    struct wr w;

    must(xml_wrap_rsk(&trk, KW_PAD_RFC5649, &keys->rsk, &rsk), "wrap");
    must(xml_wrap_ssk(&trk, KW_PAD_RFC5649, &keys->pair.ssk, &ssk), "wrap");
    must(xml_wrap_pvt(&trk, KW_PAD_RFC5649, keys->pair.pvt, &pvt), "wrap");
    set.rsk.wrapped = xml_wrapped_span(&rsk);
    set.ssk.wrapped = xml_wrapped_span(&ssk);
    set.pvt.wrapped = xml_wrapped_span(&pvt);
    wr_init(&w, out, XML_ROOM);
    must(xml_kms_wrapped_set_write(&w, &set, XML_UID_HEX), "KmsKeySet");
    must(wr_close(&w, &done), "KmsKeySet");
    return done;
}

void kdsd_bundle_keys(const struct kdsd_kms *kms, struct kdsd_bundle *b,
    const char *user, uint64_t serial, uint64_t period)
{
    MU_CLEANUP(kdsd_keys_clear) struct kdsd_keys keys;
    struct kms_bundle_item item = {.kind = KMS_BUNDLE_KEY_SET};
    struct mcptt_ink ink = kdsd_ink(user);
    uint8_t xml[XML_ROOM], mac[32];
    struct span text;

    kdsd_keys_of(kms, user, period, &keys);
    text = write_key_set(&keys, user, period, xml);
    kdsd_must(HMAC(EVP_sha256(), ink.b, sizeof(ink.b), text.p, text.len, mac,
                  NULL) != NULL,
        "HMAC");
    item.key_set = (struct kms_bundle_key_set){.period = period,
        .serial = serial,
        .uri = span_str(user),
        .mac = SPAN_OF(mac),
        .xml = text};
    kms_bundle_add(&b->w, &item);
}

void kdsd_bundle_end(struct kdsd_bundle *b, const struct mu_sign_key *key)
{
    struct span done = {NULL, 0};

    must(kms_bundle_end(&b->w, key), "bundle");
    must(wr_close(&b->w, &done), "bundle");
    b->octets.len = done.len;
}
