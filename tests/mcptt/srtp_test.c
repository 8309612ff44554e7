/* SPDX-License-Identifier: Apache-2.0 */
#include "mcptt/srtp.h"

#include "mikey/codes.h"
#include "mikey/prf.h"
#include "tests/suites.h"
#include "tests/vec.h"
#include "tests/vendor.h"

#include <openssl/evp.h>
#include <srtp2/srtp.h>
#include <string.h>

#define TAG_LEN    16
#define PACKET_MAX 256

static void free_cipher(EVP_CIPHER_CTX **ctx)
{
    EVP_CIPHER_CTX_free(*ctx);
}

/*
 * RFC 3711 clause 4.3.1 with a key derivation rate of 0: the key stream of AES
 * in counter mode from the salt with the label at its eighth octet. A salt of
 * 12 octets gets two zero octets on the right (erratum to RFC 7714).
 */
static bool session_key(struct span master, struct span salt, uint8_t label,
    uint8_t *out, size_t len)
{
    MU_CLEANUP(free_cipher) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t iv[16] = {0};
    int n;

    memcpy(iv, salt.p, salt.len);
    iv[7] ^= label;
    memset(out, 0, len);
    return EVP_EncryptInit_ex(ctx, EVP_aes_128_ctr(), NULL, master.p, iv) ==
               1 &&
           EVP_EncryptUpdate(ctx, out, &n, out, (int)len) == 1;
}

/* Opens sealed, ciphertext and tag, into out. */
static bool gcm_open(struct span key, struct span iv, struct span aad,
    struct span sealed, uint8_t *out)
{
    MU_CLEANUP(free_cipher) EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    size_t len = sealed.len - TAG_LEN;
    uint8_t tag[TAG_LEN];
    int n;

    memcpy(tag, sealed.p + len, TAG_LEN);
    return EVP_DecryptInit_ex(ctx,
               key.len == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm(), NULL,
               key.p, iv.p) == 1 &&
           EVP_DecryptUpdate(ctx, NULL, &n, aad.p, (int)aad.len) == 1 &&
           EVP_DecryptUpdate(ctx, out, &n, sealed.p, (int)len) == 1 &&
           EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, tag) == 1 &&
           EVP_DecryptFinal_ex(ctx, out + len, &n) == 1;
}

static void check_kdf(struct vec *v)
{
    struct span want = vec_hex(v, "out");
    uint8_t out[PACKET_MAX];

    CU_ASSERT_FATAL(
        session_key(vec_hex(v, "master_key"), vec_hex(v, "master_salt"),
            (uint8_t)vec_num(v, "label"), out, want.len));
    CU_ASSERT(span_eq((struct span){out, want.len}, want));
}

static void check_gcm(struct vec *v)
{
    struct span want = vec_hex(v, "plain");
    uint8_t out[PACKET_MAX];

    CU_ASSERT_FATAL(gcm_open(vec_hex(v, "key"), vec_hex(v, "iv"),
        vec_hex(v, "aad"), vec_hex(v, "sealed"), out));
    CU_ASSERT(span_eq((struct span){out, want.len}, want));
}

static void this_test_reads_srtp_as_every_vector_does(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "srtp.vec");
    while (vec_next(&v)) {
        if (strcmp(vec_text(&v, "test"), "kdf") == 0)
            check_kdf(&v);
        else
            check_gcm(&v);
    }
}

static const uint8_t rand_octets[16] = {9, 8, 7};
static const struct mcptt_key gmk = {MCPTT_KIND_GMK, {1, 2, 3, 4}};

static struct mcptt_srtp_source a_source(void)
{
    return (struct mcptt_srtp_source){.key = &gmk,
        .csb_id = {0x01c8de7b},
        .rand = SPAN_OF(rand_octets),
        .cs_id = MCPTT_CS_MCPTT_GROUP};
}

static const uint8_t header[12] = {
    0x80, 0x60, 0x12, 0x34, 0, 0, 0, 1, 0xca, 0xfe, 0xba, 0xbe};
static const uint8_t speech[40] = "a talk burst of forty octets, more or le";

/* Protects one packet with libsrtp2 under the master key and salt. */
static size_t protect(const struct mcptt_srtp *keys, uint8_t packet[PACKET_MAX])
{
    uint8_t master[28];
    srtp_policy_t policy;
    srtp_t session;
    int len = sizeof(header) + sizeof(speech);

    memcpy(master, keys->key.b, 16);
    memcpy(master + 16, keys->salt.b, 12);
    memcpy(packet, header, sizeof(header));
    memcpy(packet + sizeof(header), speech, sizeof(speech));
    memset(&policy, 0, sizeof(policy));
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    policy.ssrc.type = ssrc_any_outbound;
    policy.key = master;
    CU_ASSERT_EQUAL_FATAL(srtp_init(), srtp_err_status_ok);
    CU_ASSERT_EQUAL_FATAL(srtp_create(&session, &policy), srtp_err_status_ok);
    CU_ASSERT_EQUAL(srtp_protect(session, packet, &len), srtp_err_status_ok);
    (void)srtp_dealloc(session);
    (void)srtp_shutdown();
    return (size_t)len;
}

/* RFC 7714 clause 8.1: 0000 || SSRC || ROC || SEQ, xor the session salt. */
static void packet_iv(const uint8_t salt[12], uint8_t iv[12])
{
    memcpy(iv, salt, 12);
    for (unsigned i = 0; i < 4; i++)
        iv[2 + i] ^= header[8 + i];
    iv[10] ^= header[2];
    iv[11] ^= header[3];
}

static void libsrtp_and_the_vectors_agree_on_the_keys(void)
{
    struct mcptt_srtp_source source = a_source();
    MU_CLEANUP(mcptt_srtp_clear) struct mcptt_srtp keys;
    uint8_t packet[PACKET_MAX], out[PACKET_MAX], key[16], salt[12], iv[12];
    struct span master, master_salt, sealed;
    size_t len;

    CU_ASSERT_EQUAL_FATAL(mcptt_srtp_derive(&source, &keys), MU_OK);
    master = SPAN_OF(keys.key.b);
    master_salt = SPAN_OF(keys.salt.b);
    len = protect(&keys, packet);
    CU_ASSERT_EQUAL_FATAL(len, sizeof(header) + sizeof(speech) + TAG_LEN);
    CU_ASSERT(session_key(master, master_salt, 0, key, sizeof(key)));
    CU_ASSERT(session_key(master, master_salt, 2, salt, sizeof(salt)));
    packet_iv(salt, iv);
    sealed = (struct span){packet + sizeof(header), len - sizeof(header)};
    CU_ASSERT_FATAL(
        gcm_open(SPAN_OF(key), SPAN_OF(iv), SPAN_OF(header), sealed, out));
    CU_ASSERT_EQUAL(memcmp(out, speech, sizeof(speech)), 0);
}

static void every_source_changes_key_and_salt(void)
{
    struct mcptt_srtp_source s[5];
    struct mcptt_srtp got[5];
    struct mcptt_key other = gmk;

    for (unsigned i = 0; i < 5; i++)
        s[i] = a_source();
    other.b[15] ^= 1;
    s[1].key = &other;
    s[2].csb_id.v ^= 1;
    s[3].rand.len--;
    s[4].cs_id = MCPTT_CS_MCVIDEO_GROUP;
    for (unsigned i = 0; i < 5; i++) {
        CU_ASSERT_EQUAL(mcptt_srtp_derive(&s[i], &got[i]), MU_OK);
        for (unsigned j = 0; j < i; j++) {
            CU_ASSERT(!mcptt_srtp_key_eq(&got[i].key, &got[j].key));
            CU_ASSERT(!mcptt_srtp_salt_eq(&got[i].salt, &got[j].salt));
        }
    }
}

static void a_rand_too_long_for_its_field_is_refused(void)
{
    static const uint8_t octets[256];
    struct mcptt_srtp_source source = a_source();
    struct mcptt_srtp keys;

    source.rand = SPAN_OF(octets);
    CU_ASSERT_EQUAL(mcptt_srtp_derive(&source, &keys), MU_E_MALFORMED);
}

static void crypto_sessions_have_names_and_kinds(void)
{
    CU_ASSERT_STRING_EQUAL(
        mcptt_cs_id_name(MCPTT_CS_MCPTT_GROUP), "MCPTT group call");
    CU_ASSERT_STRING_EQUAL(mcptt_cs_id_name(MCPTT_CS_IDS), "unknown");
    CU_ASSERT_EQUAL(mcptt_cs_id_kind(MCPTT_CS_MCPTT_GROUP), MCPTT_KIND_GMK);
    CU_ASSERT_EQUAL(
        mcptt_cs_id_kind(MCPTT_CS_MCVIDEO_SRTCP_MUSIK), MCPTT_KIND_MUSIK);
    for (unsigned i = 0; i < MCPTT_CS_IDS; i++)
        for (unsigned j = 0; j < i; j++)
            CU_ASSERT_NOT_EQUAL(
                strcmp(mcptt_cs_id_name(i), mcptt_cs_id_name(j)), 0);
}

/* Fields of an entry of guk_srtp.json; key and identifier under the names that
 * its list uses. */
static void check_vendor_entry(
    const json_t *entry, const char *key_name, const char *id_name)
{
    struct mcptt_key key = {.kind = MCPTT_KIND_GMK};
    struct mcptt_srtp want, got;
    uint8_t rand[16];
    struct mcptt_srtp_source source = {.key = &key, .rand = SPAN_OF(rand)};

    if (json_object_get(entry, "srtp_master_key") == NULL)
        return;
    vendor_octets(entry, key_name, key.b, sizeof(key.b));
    vendor_octets(entry, "rand", rand, sizeof(rand));
    vendor_octets(entry, "srtp_master_key", want.key.b, 16);
    vendor_octets(entry, "srtp_master_salt", want.salt.b, 12);
    source.csb_id.v = vendor_u32(entry, id_name);
    source.cs_id = (uint8_t)vendor_num(entry, "cs_id");
    CU_ASSERT_EQUAL(mcptt_srtp_derive(&source, &got), MU_OK);
    CU_ASSERT(mcptt_srtp_key_eq(&got.key, &want.key));
    CU_ASSERT(mcptt_srtp_salt_eq(&got.salt, &want.salt));
}

static void keys_of_deployed_products_match(void)
{
    MU_CLEANUP(vendor_close) json_t *file = vendor_open("guk_srtp.json");
    const json_t *entry;

    if (file == NULL)
        return;
    for (size_t i = 0; (entry = vendor_item(file, "guk", i)) != NULL; i++)
        check_vendor_entry(entry, "gmk", "guk_id");
    for (size_t i = 0; (entry = vendor_item(file, "other", i)) != NULL; i++)
        check_vendor_entry(entry, "key", "csb_id");
}

/* The label of MIKEY's own encryption key gives something else: a trap. */
static void the_encryption_key_is_not_the_srtp_key(void)
{
    MU_CLEANUP(vendor_close) json_t *file = vendor_open("guk_srtp.json");
    const json_t *entry;
    unsigned seen = 0;

    if (file == NULL)
        return;
    for (size_t i = 0; (entry = vendor_item(file, "other", i)) != NULL; i++) {
        uint8_t key[16], rand[16], want[16], got[16];
        struct mikey_prf_label label = {
            .use = MIKEY_PRF_ENCR, .rand = SPAN_OF(rand)};

        if (json_object_get(entry, "mikey_encr_key") == NULL)
            continue;
        vendor_octets(entry, "key", key, 16);
        vendor_octets(entry, "rand", rand, 16);
        vendor_octets(entry, "mikey_encr_key", want, 16);
        label.csb_id = vendor_u32(entry, "csb_id");
        label.cs_id = (uint8_t)vendor_num(entry, "cs_id");
        CU_ASSERT_EQUAL(
            mikey_prf(MIKEY_PRF_SHA256, SPAN_OF(key), &label, got, 16), MU_OK);
        CU_ASSERT_EQUAL(memcmp(got, want, 16), 0);
        seen++;
    }
    CU_ASSERT_EQUAL(seen, 2);
}

CU_TestInfo mcptt_srtp_tests[] = {
    {"this test reads SRTP as every vector does",
        this_test_reads_srtp_as_every_vector_does},
    {"libsrtp and the vectors agree on the keys",
        libsrtp_and_the_vectors_agree_on_the_keys},
    {"every source changes key and salt", every_source_changes_key_and_salt},
    {"a RAND too long for its field is refused",
        a_rand_too_long_for_its_field_is_refused},
    {"crypto sessions have names and kinds",
        crypto_sessions_have_names_and_kinds},
    {"keys of deployed products match", keys_of_deployed_products_match},
    {"the encryption key is not the SRTP key",
        the_encryption_key_is_not_the_srtp_key},
    CU_TEST_INFO_NULL,
};
