/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/sakke.h"

#include "base/alloc.h"
#include "tests/suites.h"
#include "tests/vec.h"

#include <string.h>

/* KMS objects cost some time to make; the vectors need three. */
struct kms_cache {
    uint8_t z[4][MIKEY_POINT_LEN];
    struct mikey_sakke_kms *kms[4];
    size_t n;
};

static void kms_cache_clear(struct kms_cache *c)
{
    while (c->n > 0)
        mikey_sakke_kms_free(c->kms[--c->n]);
}

static const struct mikey_sakke_kms *kms_of(struct kms_cache *c, struct span z)
{
    for (size_t i = 0; i < c->n; i++) {
        if (span_eq(z, SPAN_OF(c->z[i])))
            return c->kms[i];
    }
    CU_ASSERT_EQUAL_FATAL(mikey_sakke_kms_new(z, &c->kms[c->n]), MU_OK);
    memcpy(c->z[c->n], z.p, MIKEY_POINT_LEN);
    return c->kms[c->n++];
}

static void user_done(struct mikey_sakke_user **user)
{
    mikey_sakke_user_free(*user);
}

static void kms_done(struct mikey_sakke_kms **kms)
{
    mikey_sakke_kms_free(*kms);
}

/* Right length or not at all. */
static void copy(uint8_t *to, size_t len, struct span from)
{
    CU_ASSERT_EQUAL_FATAL(from.len, len);
    memcpy(to, from.p, len);
}

static struct mikey_sakke_secret secret_of(struct vec *v)
{
    struct mikey_sakke_secret z;

    copy(z.b, sizeof(z.b), vec_hex(v, "z"));
    return z;
}

static struct mikey_ssv ssv_of(struct vec *v)
{
    struct mikey_ssv ssv;

    copy(ssv.b, sizeof(ssv.b), vec_hex(v, "ssv"));
    return ssv;
}

static struct mikey_rsk rsk_of(struct vec *v)
{
    struct mikey_rsk rsk;

    copy(rsk.b, sizeof(rsk.b), vec_hex(v, "rsk"));
    return rsk;
}

static void makes_the_public_key_of_every_kms(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "sakke.vec");
    while (vec_next(&v)) {
        struct mikey_sakke_secret z = secret_of(&v);
        uint8_t out[MIKEY_POINT_LEN];

        CU_ASSERT_EQUAL_FATAL(mikey_sakke_public(&z, out), MU_OK);
        CU_ASSERT(span_eq(SPAN_OF(out), vec_hex(&v, "Z")));
    }
}

static void extracts_every_key(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "sakke.vec");
    while (vec_next(&v)) {
        struct mikey_sakke_secret z = secret_of(&v);
        struct mikey_rsk rsk;

        CU_ASSERT_EQUAL_FATAL(
            mikey_sakke_extract(&z, vec_hex(&v, "id"), mu_rng_system(), &rsk),
            MU_OK);
        CU_ASSERT(span_eq(SPAN_OF(rsk.b), vec_hex(&v, "rsk")));
    }
}

static void extracts_no_key_for_a_bad_identifier(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "sakke-extract-invalid.vec");
    while (vec_next(&v)) {
        struct mikey_sakke_secret z = secret_of(&v);
        struct mikey_rsk rsk = {{0}}, before = rsk;
        enum mu_err err =
            mikey_sakke_extract(&z, vec_hex(&v, "id"), mu_rng_system(), &rsk);

        CU_ASSERT_STRING_EQUAL(mu_err_name(err), vec_text(&v, "error"));
        CU_ASSERT(mikey_rsk_eq(&rsk, &before));
    }
}

static void finds_every_extracted_key_good(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "sakke.vec");
    while (vec_next(&v)) {
        struct mikey_sakke_secret z = secret_of(&v);
        struct mikey_rsk rsk;

        memcpy(rsk.b, vec_hex(&v, "rsk").p, sizeof(rsk.b));
        CU_ASSERT_EQUAL(
            mikey_sakke_check_extracted(&z, vec_hex(&v, "id"), &rsk), MU_OK);
    }
}

/* The master secret of the KMS with this Z. */
static struct mikey_sakke_secret secret_of_z(struct span z)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "sakke.vec");
    while (vec_next(&v))
        if (span_eq(vec_hex(&v, "Z"), z))
            return secret_of(&v);
    CU_FAIL_FATAL("no such KMS");
    return (struct mikey_sakke_secret){{0}};
}

/* RSK + (0,0) among them, which satisfies the pairing equation. */
static void finds_every_false_key_bad(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "sakke-rsk-invalid.vec");
    while (vec_next(&v)) {
        struct mikey_sakke_secret z = secret_of_z(vec_hex(&v, "Z"));
        struct span octets = vec_hex(&v, "rsk");
        struct mikey_rsk rsk;

        if (octets.len != sizeof(rsk.b))
            continue; /* no struct mikey_rsk holds it */
        memcpy(rsk.b, octets.p, sizeof(rsk.b));
        CU_ASSERT_EQUAL(
            mikey_sakke_check_extracted(&z, vec_hex(&v, "id"), &rsk),
            MU_E_CRYPTO);
    }
}

/* One false key among fifteen good ones is enough, whichever it is. */
static void finds_the_false_key_of_a_batch(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    static struct mikey_rsk keys[16];
    uint8_t octets[16][32];
    struct mikey_sakke_secret z;
    struct span ids[16];

    vec_open(&v, "sakke.vec");
    CU_ASSERT_FATAL(vec_next(&v));
    z = secret_of(&v);
    for (size_t i = 0; i < 16; i++) {
        memset(octets[i], (int)(i * 15 + 1), sizeof(octets[i]));
        ids[i] = SPAN_OF(octets[i]);
    }
    CU_ASSERT_EQUAL_FATAL(
        mikey_sakke_extract_many(&z, ids, 16, mu_rng_system(), keys), MU_OK);
    for (size_t n = 1; n <= 16; n++)
        CU_ASSERT_EQUAL(
            mikey_sakke_check_many(&z, ids, keys, n, mu_rng_system()), MU_OK);
    for (size_t i = 0; i < 16; i++) {
        struct mikey_rsk good = keys[i];

        keys[i] = keys[(i + 1) % 16]; /* another user's */
        CU_ASSERT_EQUAL(
            mikey_sakke_check_many(&z, ids, keys, 16, mu_rng_system()),
            MU_E_CRYPTO);
        keys[i] = good;
    }
}

/* Each false key of the vectors, alone and beside good ones. */
static void finds_every_false_key_in_a_batch(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "sakke-rsk-invalid.vec");
    while (vec_next(&v)) {
        struct mikey_sakke_secret z = secret_of_z(vec_hex(&v, "Z"));
        struct span octets = vec_hex(&v, "rsk");
        struct span ids[3] = {
            span_str("good"), vec_hex(&v, "id"), span_str("good, too")};
        struct mikey_rsk keys[3];

        if (octets.len != sizeof(keys[1].b))
            continue; /* no struct mikey_rsk holds it */
        CU_ASSERT_EQUAL_FATAL(
            mikey_sakke_extract_many(&z, ids, 3, mu_rng_system(), keys), MU_OK);
        memcpy(keys[1].b, octets.p, sizeof(keys[1].b));
        CU_ASSERT_EQUAL(
            mikey_sakke_check_many(&z, ids + 1, keys + 1, 1, mu_rng_system()),
            MU_E_CRYPTO);
        CU_ASSERT_EQUAL(
            mikey_sakke_check_many(&z, ids, keys, 3, mu_rng_system()),
            MU_E_CRYPTO);
    }
}

static void extracts_many_as_one_by_one(void)
{
    static const size_t counts[] = {1, 2, 7, 8, 9, 17};
    MU_CLEANUP(vec_close) struct vec v;
    uint8_t octets[17][32];
    struct span ids[17];
    static struct mikey_rsk one[17], many[17];
    struct mikey_sakke_secret z;

    vec_open(&v, "sakke.vec");
    CU_ASSERT_FATAL(vec_next(&v));
    z = secret_of(&v);
    for (size_t i = 0; i < 17; i++) {
        memset(octets[i], (int)(i * 15), sizeof(octets[i]));
        octets[i][31] = 9;
        ids[i] = SPAN_OF(octets[i]);
        CU_ASSERT_EQUAL(
            mikey_sakke_extract(&z, ids[i], mu_rng_system(), &one[i]), MU_OK);
    }
    for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
        size_t n = counts[c];

        memset(many, 0, sizeof(many));
        CU_ASSERT_EQUAL(
            mikey_sakke_extract_many(&z, ids, n, mu_rng_system(), many), MU_OK);
        CU_ASSERT(memcmp(one, many, n * sizeof(one[0])) == 0);
    }
}

static void encapsulates_every_vector(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    MU_CLEANUP(kms_cache_clear) struct kms_cache c = {.n = 0};

    vec_open(&v, "sakke.vec");
    while (vec_next(&v)) {
        const struct mikey_sakke_kms *kms = kms_of(&c, vec_hex(&v, "Z"));
        struct mikey_ssv ssv = ssv_of(&v);
        struct span id = vec_hex(&v, "id");
        uint8_t sed[1][MIKEY_SED_LEN];

        CU_ASSERT_EQUAL_FATAL(
            mikey_sakke_encapsulate(kms, &ssv, &id, 1, sed), MU_OK);
        CU_ASSERT(span_eq(SPAN_OF(sed[0]), vec_hex(&v, "sed")));
    }
}

static void decapsulates_every_vector(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    MU_CLEANUP(kms_cache_clear) struct kms_cache c = {.n = 0};

    vec_open(&v, "sakke.vec");
    while (vec_next(&v)) {
        MU_CLEANUP(user_done) struct mikey_sakke_user *user = NULL;
        const struct mikey_sakke_kms *kms = kms_of(&c, vec_hex(&v, "Z"));
        struct mikey_ssv ssv = {{0}}, expected = ssv_of(&v);
        struct mikey_rsk rsk = rsk_of(&v);

        CU_ASSERT_EQUAL_FATAL(
            mikey_sakke_user_new(kms, vec_hex(&v, "id"), &rsk, &user), MU_OK);
        CU_ASSERT_EQUAL(
            mikey_sakke_decapsulate(user, vec_hex(&v, "sed"), &ssv), MU_OK);
        CU_ASSERT(mikey_ssv_eq(&ssv, &expected));
    }
}

static void refuses_every_bad_sed(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    MU_CLEANUP(kms_cache_clear) struct kms_cache c = {.n = 0};

    vec_open(&v, "sakke-sed-invalid.vec");
    while (vec_next(&v)) {
        MU_CLEANUP(user_done) struct mikey_sakke_user *user = NULL;
        const struct mikey_sakke_kms *kms = kms_of(&c, vec_hex(&v, "Z"));
        struct mikey_ssv ssv = {{1, 2, 3}}, before = ssv;
        struct mikey_rsk rsk = rsk_of(&v);
        enum mu_err err =
            mikey_sakke_user_new(kms, vec_hex(&v, "id"), &rsk, &user);

        if (err == MU_OK)
            err = mikey_sakke_decapsulate(user, vec_hex(&v, "sed"), &ssv);
        CU_ASSERT_EQUAL(err, MU_E_CRYPTO);
        CU_ASSERT(mikey_ssv_eq(&ssv, &before));
    }
}

static void refuses_every_truncated_sed(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    MU_CLEANUP(kms_cache_clear) struct kms_cache c = {.n = 0};
    MU_CLEANUP(user_done) struct mikey_sakke_user *user = NULL;
    struct mikey_ssv ssv = {{0}};
    struct mikey_rsk rsk;
    struct span sed;

    vec_open(&v, "sakke.vec");
    CU_ASSERT_FATAL(vec_next(&v));
    rsk = rsk_of(&v);
    sed = vec_hex(&v, "sed");
    CU_ASSERT_EQUAL_FATAL(mikey_sakke_user_new(kms_of(&c, vec_hex(&v, "Z")),
                              vec_hex(&v, "id"), &rsk, &user),
        MU_OK);
    while (sed.len-- > 0)
        CU_ASSERT_EQUAL(mikey_sakke_decapsulate(user, sed, &ssv), MU_E_CRYPTO);
}

static void validates_every_key(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    MU_CLEANUP(kms_cache_clear) struct kms_cache c = {.n = 0};

    vec_open(&v, "sakke.vec");
    while (vec_next(&v)) {
        const struct mikey_sakke_kms *kms = kms_of(&c, vec_hex(&v, "Z"));
        struct mikey_rsk rsk = rsk_of(&v);

        CU_ASSERT_EQUAL(
            mikey_sakke_validate_rsk(kms, vec_hex(&v, "id"), &rsk), MU_OK);
    }
}

static void refuses_every_bad_key(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    MU_CLEANUP(kms_cache_clear) struct kms_cache c = {.n = 0};

    vec_open(&v, "sakke-rsk-invalid.vec");
    while (vec_next(&v)) {
        const struct mikey_sakke_kms *kms = kms_of(&c, vec_hex(&v, "Z"));
        struct mikey_rsk rsk;

        /* a key of another length cannot be passed at all */
        if (vec_hex(&v, "rsk").len != sizeof(rsk.b))
            continue;
        rsk = rsk_of(&v);
        CU_ASSERT_EQUAL(mikey_sakke_validate_rsk(kms, vec_hex(&v, "id"), &rsk),
            MU_E_CRYPTO);
    }
}

static void encapsulates_many_as_one_by_one(void)
{
    static const size_t counts[] = {0, 1, 2, 7, 8, 9, 63, 64, 65, 66};
    MU_CLEANUP(vec_close) struct vec v;
    MU_CLEANUP(kms_cache_clear) struct kms_cache c = {.n = 0};
    static uint8_t one[66][MIKEY_SED_LEN], many[67][MIKEY_SED_LEN];
    const struct mikey_sakke_kms *kms;
    uint8_t octets[66][32];
    struct span ids[66];
    struct mikey_ssv ssv;

    vec_open(&v, "sakke.vec");
    CU_ASSERT_FATAL(vec_next(&v));
    kms = kms_of(&c, vec_hex(&v, "Z"));
    ssv = ssv_of(&v);
    for (size_t i = 0; i < 66; i++) {
        memset(octets[i], (int)(i * 3 + 2), sizeof(octets[i]));
        ids[i] = (struct span){octets[i], 1 + i % 32};
        CU_ASSERT_EQUAL(
            mikey_sakke_encapsulate(kms, &ssv, &ids[i], 1, &one[i]), MU_OK);
    }
    for (size_t k = 0; k < sizeof(counts) / sizeof(counts[0]); k++) {
        size_t n = counts[k];

        memset(many, 0xaa, sizeof(many));
        CU_ASSERT_EQUAL(
            mikey_sakke_encapsulate(kms, &ssv, ids, n, many), MU_OK);
        CU_ASSERT(memcmp(one, many, n * sizeof(one[0])) == 0);
        CU_ASSERT(many[n][0] == 0xaa && many[n][MIKEY_SED_LEN - 1] == 0xaa);
    }
}

static void leaves_results_alone_when_an_identifier_is_out_of_range(void)
{
    static const uint8_t zero[1], one[1] = {1}, long_one[129] = {0};
    static const struct span bad[] = {
        {zero, 0}, {zero, 1}, {one, 1}, {long_one, 129}, {long_one, 128}};
    MU_CLEANUP(vec_close) struct vec v;
    MU_CLEANUP(kms_cache_clear) struct kms_cache c = {.n = 0};
    uint8_t seds[2][MIKEY_SED_LEN] = {{1}, {2}}, before[2][MIKEY_SED_LEN];
    const struct mikey_sakke_kms *kms;
    struct mikey_ssv ssv;

    memcpy(before, seds, sizeof(seds));
    vec_open(&v, "sakke.vec");
    CU_ASSERT_FATAL(vec_next(&v));
    kms = kms_of(&c, vec_hex(&v, "Z"));
    ssv = ssv_of(&v);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct span ids[2] = {vec_hex(&v, "id"), bad[i]};

        CU_ASSERT_EQUAL(
            mikey_sakke_encapsulate(kms, &ssv, ids, 2, seds), MU_E_MALFORMED);
        CU_ASSERT(memcmp(before, seds, sizeof(seds)) == 0);
    }
}

static void encapsulates_nothing_to_the_identifier_minus_z(void)
{
    static const uint8_t nothing[2][MIKEY_SED_LEN];
    MU_CLEANUP(vec_close) struct vec v;
    MU_CLEANUP(kms_done) struct mikey_sakke_kms *kms = NULL;
    uint8_t z[MIKEY_POINT_LEN], seds[2][MIKEY_SED_LEN];
    struct mikey_sakke_secret secret;
    struct mikey_ssv ssv = {{7}};
    struct span ids[2];

    vec_open(&v, "sakke-extract-invalid.vec");
    CU_ASSERT_FATAL(vec_next(&v)); /* its identifier is q - z */
    secret = secret_of(&v);
    ids[0] = span_str("somebody");
    ids[1] = vec_hex(&v, "id");
    CU_ASSERT_EQUAL_FATAL(mikey_sakke_public(&secret, z), MU_OK);
    CU_ASSERT_EQUAL_FATAL(mikey_sakke_kms_new(SPAN_OF(z), &kms), MU_OK);
    CU_ASSERT_EQUAL(
        mikey_sakke_encapsulate(kms, &ssv, ids, 2, seds), MU_E_CRYPTO);
    CU_ASSERT(memcmp(seds, nothing, sizeof(seds)) == 0);
}

/* Bad points as they stand in the bad messages and keys. */
static void refuses_bad_kms_keys(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct mikey_sakke_kms *kms = NULL;
    unsigned refused = 0;

    vec_open(&v, "sakke-rsk-invalid.vec");
    while (vec_next(&v)) {
        MU_CLEANUP(kms_done) struct mikey_sakke_kms *good = NULL;
        enum mu_err err = mikey_sakke_kms_new(vec_hex(&v, "rsk"), &good);

        CU_ASSERT(err == MU_OK || (err == MU_E_CRYPTO && good == NULL));
        refused += err != MU_OK;
    }
    /* order 2q, off the curve, (0,0), first octet, length */
    CU_ASSERT_EQUAL(refused, 5);
    CU_ASSERT_EQUAL(
        mikey_sakke_kms_new((struct span){NULL, 0}, &kms), MU_E_CRYPTO);
}

static void refuses_a_master_secret_out_of_range(void)
{
    struct mikey_sakke_secret z = {{0}};
    uint8_t out[MIKEY_POINT_LEN];

    CU_ASSERT_EQUAL(mikey_sakke_public(&z, out), MU_E_MALFORMED);
    z.b[127] = 1;
    CU_ASSERT_EQUAL(mikey_sakke_public(&z, out), MU_E_MALFORMED);
    z.b[127] = 2;
    CU_ASSERT_EQUAL(mikey_sakke_public(&z, out), MU_OK);
    z.b[0] = 0x26;
    z.b[1] = 0x5f; /* just over q */
    CU_ASSERT_EQUAL(mikey_sakke_public(&z, out), MU_E_MALFORMED);
}

static enum mu_err broken(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx, (void)out, (void)len;
    return MU_E_CRYPTO;
}

static void extracts_nothing_without_randomness(void)
{
    static const struct mu_rng rng = {broken, NULL};
    struct mikey_sakke_secret z = {{0, 1}};
    struct mikey_rsk rsk;

    CU_ASSERT_EQUAL(
        mikey_sakke_extract(&z, span_str("me"), &rng, &rsk), MU_E_CRYPTO);
}

static void fails_cleanly_without_memory(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    MU_CLEANUP(kms_cache_clear) struct kms_cache c = {.n = 0};
    struct mikey_sakke_kms *kms = NULL;
    const struct mikey_sakke_kms *good;
    struct mikey_rsk rsk;

    vec_open(&v, "sakke.vec");
    CU_ASSERT_FATAL(vec_next(&v));
    good = kms_of(&c, vec_hex(&v, "Z"));
    rsk = rsk_of(&v);
    mu_alloc_fail_nth(1);
    CU_ASSERT_EQUAL(
        mikey_sakke_kms_new(vec_hex(&v, "Z"), &kms), MU_E_NO_MEMORY);
    CU_ASSERT(mu_alloc_fail_end());
    mu_alloc_fail_nth(1);
    CU_ASSERT_EQUAL(mikey_sakke_validate_rsk(good, vec_hex(&v, "id"), &rsk),
        MU_E_NO_MEMORY);
    CU_ASSERT(mu_alloc_fail_end());
}

CU_TestInfo mikey_sakke_tests[] = {
    {"makes the public key of every KMS", makes_the_public_key_of_every_kms},
    {"extracts every key", extracts_every_key},
    {"extracts no key for a bad identifier",
        extracts_no_key_for_a_bad_identifier},
    {"finds every extracted key good", finds_every_extracted_key_good},
    {"finds every false key bad", finds_every_false_key_bad},
    {"finds the false key of a batch", finds_the_false_key_of_a_batch},
    {"finds every false key in a batch", finds_every_false_key_in_a_batch},
    {"extracts many as one by one", extracts_many_as_one_by_one},
    {"encapsulates every vector", encapsulates_every_vector},
    {"decapsulates every vector", decapsulates_every_vector},
    {"refuses every bad SED", refuses_every_bad_sed},
    {"refuses every truncated SED", refuses_every_truncated_sed},
    {"validates every key", validates_every_key},
    {"refuses every bad key", refuses_every_bad_key},
    {"encapsulates many as one by one", encapsulates_many_as_one_by_one},
    {"leaves results alone when an identifier is out of range",
        leaves_results_alone_when_an_identifier_is_out_of_range},
    {"encapsulates nothing to the identifier minus z",
        encapsulates_nothing_to_the_identifier_minus_z},
    {"refuses bad KMS keys", refuses_bad_kms_keys},
    {"refuses a master secret out of range",
        refuses_a_master_secret_out_of_range},
    {"extracts nothing without randomness",
        extracts_nothing_without_randomness},
    {"fails cleanly without memory", fails_cleanly_without_memory},
    CU_TEST_INFO_NULL,
};
