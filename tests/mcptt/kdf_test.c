/* SPDX-License-Identifier: Apache-2.0 */
#include "mcptt/kdf.h"

#include "tests/suites.h"
#include "tests/vec.h"
#include "tests/vendor.h"

#include <string.h>

/* One derivation of a vector; its kind of key is that of the identifier. */
static enum mu_err derive(const char *test, const struct mcptt_xpk_use *use,
    uint8_t out[16], size_t *len)
{
    struct mcptt_gmk gmk;
    struct mcptt_key_id guk_id;
    struct mcptt_sig_conf_key conf;
    struct mcptt_sig_int_key integrity;
    struct mcptt_dpck dpck;
    struct wr w;

    *len = 16;
    wr_init(&w, out, 16);
    if (strcmp(test, "guk") == 0) {
        *len = 4;
        TRY(mcptt_key_to_gmk(use->xpk, &gmk));
        TRY(mcptt_guk_id_derive(&gmk, use->xpk_id, use->user, &guk_id));
        mcptt_key_id_write(&w, guk_id);
    } else if (strcmp(test, "confidentiality") == 0) {
        TRY(mcptt_kdf_sig_conf(use, &conf));
        wr_span(&w, SPAN_OF(conf.b));
    } else if (strcmp(test, "integrity") == 0) {
        TRY(mcptt_kdf_sig_int(use, &integrity));
        wr_span(&w, SPAN_OF(integrity.b));
    } else {
        TRY(mcptt_kdf_dpck(use->xpk, use->xpk_id, &dpck));
        wr_span(&w, SPAN_OF(dpck.b));
    }
    return w.err;
}

static void matches_every_vector(void)
{
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "mcptt-kdf.vec");
    while (vec_next(&v)) {
        const char *user = vec_text(&v, "user");
        struct mcptt_key key = {.b = {0}};
        struct mcptt_xpk_use use = {.xpk = &key};
        uint8_t out[16];
        size_t len = 0;
        struct rd r;

        rd_init(&r, vec_hex(&v, "id"));
        use.xpk_id = mcptt_key_id_read(&r, "id");
        mcptt_key_set(&key, (enum mcptt_key_kind)mcptt_key_id_tag(use.xpk_id),
            vec_hex(&v, "key").p);
        if (user != NULL)
            use.user = span_str(user);
        CU_ASSERT_EQUAL_FATAL(
            derive(vec_text(&v, "test"), &use, out, &len), MU_OK);
        CU_ASSERT(span_eq((struct span){out, len}, vec_hex(&v, "out")));
    }
}

static void signalling_keys_come_from_a_csk_or_an_spk_alone(void)
{
    struct mcptt_key key = {.b = {1}};
    struct mcptt_xpk_use use = {
        .xpk = &key, .user = span_str("sip:user@example.org")};
    struct mcptt_sig_conf_key conf = {{7}};
    struct mcptt_sig_int_key integrity;

    for (unsigned kind = 0; kind < MCPTT_KINDS; kind++) {
        bool ok = kind == MCPTT_KIND_CSK || kind == MCPTT_KIND_SPK;

        key.kind = (enum mcptt_key_kind)kind;
        CU_ASSERT_EQUAL(
            mcptt_kdf_sig_conf(&use, &conf), ok ? MU_OK : MU_E_STATE);
        CU_ASSERT_EQUAL(
            mcptt_kdf_sig_int(&use, &integrity), ok ? MU_OK : MU_E_STATE);
        CU_ASSERT(kind != MCPTT_KIND_GMK || conf.b[0] == 7);
    }
}

static void an_identity_out_of_range_is_refused(void)
{
    static const uint8_t octets[MCPTT_ID_MAX + 1] = {'x'};
    struct mcptt_key key = {.kind = MCPTT_KIND_CSK};
    struct mcptt_xpk_use use = {.xpk = &key};
    struct mcptt_sig_int_key out;

    CU_ASSERT_EQUAL(mcptt_kdf_sig_int(&use, &out), MU_E_MALFORMED);
    use.user = SPAN_OF(octets);
    CU_ASSERT_EQUAL(mcptt_kdf_sig_int(&use, &out), MU_E_MALFORMED);
    use.user.len = MCPTT_ID_MAX;
    CU_ASSERT_EQUAL(mcptt_kdf_sig_int(&use, &out), MU_OK);
}

static void guk_ids_of_deployed_products_match(void)
{
    MU_CLEANUP(vendor_close) json_t *file = vendor_open("guk_srtp.json");
    const json_t *entry;

    if (file == NULL)
        return;
    for (size_t i = 0; (entry = vendor_item(file, "guk", i)) != NULL; i++) {
        struct mcptt_key_id gmk_id = {vendor_u32(entry, "gmk_id")}, guk_id;
        struct mcptt_gmk gmk;

        vendor_octets(entry, "gmk", gmk.b, sizeof(gmk.b));
        CU_ASSERT_EQUAL_FATAL(
            mcptt_guk_id_derive(&gmk, gmk_id,
                span_str(vendor_text(entry, "user_uri")), &guk_id),
            MU_OK);
        CU_ASSERT_EQUAL(guk_id.v, vendor_u32(entry, "guk_id"));
    }
}

static void the_dpck_of_a_deployed_product_matches(void)
{
    MU_CLEANUP(vendor_close) json_t *file = vendor_open("guk_srtp.json");
    const json_t *entry;

    if (file == NULL)
        return;
    for (size_t i = 0; (entry = vendor_item(file, "dpck", i)) != NULL; i++) {
        struct mcptt_key dppk = {.kind = MCPTT_KIND_GMK};
        struct mcptt_key_id id = {vendor_u32(entry, "dppk_id")};
        struct mcptt_dpck got, want;

        vendor_octets(entry, "dppk", dppk.b, sizeof(dppk.b));
        vendor_octets(entry, "dpck", want.b, sizeof(want.b));
        CU_ASSERT_EQUAL(mcptt_kdf_dpck(&dppk, id, &got), MU_OK);
        CU_ASSERT(mcptt_dpck_eq(&got, &want));
    }
}

CU_TestInfo mcptt_kdf_tests[] = {
    {"matches every vector", matches_every_vector},
    {"signalling keys come from a CSK or an SPK alone",
        signalling_keys_come_from_a_csk_or_an_spk_alone},
    {"an identity out of range is refused",
        an_identity_out_of_range_is_refused},
    {"GUK-IDs of deployed products match", guk_ids_of_deployed_products_match},
    {"the DPCK of a deployed product matches",
        the_dpck_of_a_deployed_product_matches},
    CU_TEST_INFO_NULL,
};
