/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of deployed products, read in place, with the keys that their
 * makers published.
 */
#include "mcptt/incoming.h"
#include "mikey/ntp.h"
#include "tests/kms.h"
#include "tests/suites.h"
#include "tests/vendor.h"

#include <stdio.h>
#include <string.h>

#define MESSAGE_MAX 2048

/* One file: a KMS, its users, its messages. */
struct product {
    json_t *doc;
    struct test_kms kms;
    struct mcptt_period_rule rule;
    struct span kms_uri;
};

static bool product_open(struct product *p, const char *file)
{
    uint8_t z[MIKEY_POINT_LEN], kpak[MIKEY_KPAK_LEN];
    const json_t *kms;

    *p = (struct product){.doc = vendor_open(file)};
    if (p->doc == NULL)
        return false;
    kms = json_object_get(p->doc, "kms");
    p->kms_uri = span_str(vendor_text(kms, "KmsUri"));
    p->rule.length_s = vendor_num(kms, "UserKeyPeriod");
    p->rule.offset_s = vendor_num(kms, "UserKeyOffset");
    vendor_octets(kms, "PubEncKey", z, sizeof(z));
    vendor_octets(kms, "PubAuthKey", kpak, sizeof(kpak));
    test_kms_public(&p->kms, SPAN_OF(z), SPAN_OF(kpak));
    return true;
}

static void product_close(struct product *p)
{
    test_kms_clear(&p->kms);
    vendor_close(&p->doc);
}

/* The user whose URI stands under either of the names that the files use. */
static const json_t *find_user(const struct product *p, const char *uri)
{
    const char *name;
    json_t *user;

    json_object_foreach(json_object_get(p->doc, "users"), name, user)
    {
        const json_t *at = json_object_get(user, "uri");

        if (at == NULL)
            at = json_object_get(user, "UserUri");
        if (strcmp(json_string_value(at), uri) == 0)
            return user;
    }
    CU_FAIL_FATAL("no such user");
    return NULL;
}

/* The UID that the receiver derives for one end from its clear URI. */
static void derive(const struct product *p, const struct mcptt_incoming *in,
    const char *uri, struct mcptt_uid *out)
{
    uint64_t t_s = mikey_ntp_s(in->msg.ts.ts, INT64_C(1760000000));

    CU_ASSERT_EQUAL_FATAL(mcptt_uid_derive_at(
                              &(struct mcptt_uid_source){
                                  .identity = span_str(uri),
                                  .kms = p->kms_uri,
                                  .rule = p->rule,
                              },
                              t_s, out),
        MU_OK);
}

struct tolerances {
    unsigned message, params;
};

static enum mu_err open_message(struct product *p, const json_t *message,
    struct tolerances t, struct mcptt_opened *out)
{
    MU_CLEANUP(test_user_clear) struct test_user user = {0};
    const struct span none = {NULL, 0};
    const char *to = vendor_text(message, "responder");
    uint8_t octets[MESSAGE_MAX], rsk[MIKEY_POINT_LEN];
    struct mcptt_uid from_uid, to_uid;
    struct mcptt_opener opener = {
        .keys = {.initiator_kms = p->kms.eccsi,
            .initiator_id = SPAN_OF(from_uid.b),
            .tolerance = t.message},
        .id = SPAN_OF(to_uid.b),
        .uri = span_str(to),
        .params_tolerance = t.params,
    };
    struct mcptt_incoming in;

    TRY(mcptt_incoming_read(
        vendor_hex(message, "message_hex", octets, sizeof(octets)), t.message,
        &in, NULL));
    derive(p, &in, vendor_text(message, "initiator"), &from_uid);
    derive(p, &in, to, &to_uid);
    vendor_octets(find_user(p, to), "UserDecryptKey", rsk, sizeof(rsk));
    test_user_import(
        &user, &p->kms, SPAN_OF(to_uid.b), SPAN_OF(rsk), none, none);
    opener.keys.user = user.sakke;
    return mcptt_incoming_open(&in, &opener, out, NULL);
}

static void opens_as_published(
    struct product *p, const json_t *message, struct tolerances t)
{
    MU_CLEANUP(mcptt_opened_clear) struct mcptt_opened out;
    uint8_t key[MCPTT_KEY_LEN];

    CU_ASSERT_EQUAL_FATAL(open_message(p, message, t, &out), MU_OK);
    vendor_octets(message, "key", key, sizeof(key));
    CU_ASSERT(span_eq(SPAN_OF(out.key.b), SPAN_OF(key)));
    CU_ASSERT_STRING_EQUAL(
        mcptt_key_kind_name(out.key.kind), vendor_text(message, "key_type"));
    CU_ASSERT(out.key_id_known);
    CU_ASSERT_EQUAL(out.key_id.v, vendor_u32(message, "key_id"));
    CU_ASSERT_EQUAL(
        out.has_params, json_object_get(message, "key_parameters") != NULL);
}

static void opens_the_first(const char *file, size_t count)
{
    const struct tolerances strict = {MIKEY_STRICT, 0};
    MU_CLEANUP(product_close) struct product p;

    if (!product_open(&p, file))
        return;
    for (size_t i = 0; i < count; i++) {
        const json_t *m = json_array_get(json_object_get(p.doc, "messages"), i);

        CU_ASSERT_PTR_NOT_NULL_FATAL(m);
        opens_as_published(&p, m, strict);
    }
}

static void opens_gmk_csk_and_pck_of_streamwide_v5(void)
{
    opens_the_first("imessage_streamwide_v5.json", 3);
}

static void opens_gmk_and_csk_of_alea(void)
{
    opens_the_first("imessage_alea.json", 2);
}

static void the_group_of_alea_s_gmk_is_read(void)
{
    MU_CLEANUP(mcptt_opened_clear) struct mcptt_opened out = {0};
    MU_CLEANUP(product_close) struct product p;
    const struct tolerances strict = {MIKEY_STRICT, 0};

    if (!product_open(&p, "imessage_alea.json"))
        return;
    CU_ASSERT_EQUAL_FATAL(
        open_message(&p, json_array_get(json_object_get(p.doc, "messages"), 0),
            strict, &out),
        MU_OK);
    CU_ASSERT_EQUAL_FATAL(out.params.group_count, 1);
    CU_ASSERT(span_eq(
        out.params.groups[0], span_str("sip:g4.chat@veronica-cluster")));
    /* Its status word is zero: revoked, to those who take it by its word. */
    CU_ASSERT(mcptt_key_params_revoked(&out.params, 0));
    CU_ASSERT_FALSE(
        mcptt_key_params_revoked(&out.params, MCPTT_ACCEPT_STATUS_ZERO));
}

static void the_legacy_message_needs_its_tolerances(void)
{
    static const struct tolerances refused[] = {
        {MIKEY_STRICT, 0},
        {MIKEY_STRICT, MCPTT_ACCEPT_CLEAR_KEY_PARAMS},
        {MIKEY_LEGACY, 0},
    };
    const struct tolerances legacy = {
        MIKEY_LEGACY, MCPTT_ACCEPT_CLEAR_KEY_PARAMS};
    MU_CLEANUP(mcptt_opened_clear) struct mcptt_opened out = {0};
    MU_CLEANUP(product_close) struct product p;
    const json_t *m;

    if (!product_open(&p, "imessage_streamwide_v5.json"))
        return;
    m = json_array_get(json_object_get(p.doc, "messages"), 3);
    for (size_t i = 0; i < 3; i++)
        CU_ASSERT_NOT_EQUAL(open_message(&p, m, refused[i], &out), MU_OK);
    opens_as_published(&p, m, legacy);
}

static void opens_what_is_verified_of_streamwide_v4(void)
{
    const struct tolerances legacy = {
        MIKEY_LEGACY, MCPTT_ACCEPT_CLEAR_KEY_PARAMS};
    MU_CLEANUP(product_close) struct product p;
    const json_t *m;

    if (!product_open(&p, "imessage_streamwide_v4.json"))
        return;
    for (size_t i = 0; (m = vendor_item(p.doc, "messages", i)) != NULL; i++)
        opens_as_published(&p, m, legacy);
}

/* Broken by its makers: an odd map, and a signature that does not verify. */
static void alea_s_pck_stays_closed(void)
{
    const struct tolerances strict = {MIKEY_STRICT, 0};
    const struct tolerances legacy = {
        MIKEY_LEGACY | MIKEY_ALLOW_SHORT_COVERAGE, 0};
    MU_CLEANUP(product_close) struct product p;
    struct mcptt_incoming in;
    uint8_t octets[MESSAGE_MAX];
    struct span wire;
    const json_t *m;

    if (!product_open(&p, "imessage_alea.json"))
        return;
    m = json_array_get(json_object_get(p.doc, "messages"), 2);
    wire = vendor_hex(m, "message_hex", octets, sizeof(octets));
    CU_ASSERT_NOT_EQUAL(
        mcptt_incoming_read(wire, strict.message, &in, NULL), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        mcptt_incoming_read(wire, legacy.message, &in, NULL), MU_OK);
    CU_ASSERT_EQUAL(in.kind, MCPTT_KIND_PCK);
    CU_ASSERT_EQUAL(mikey_eccsi_verify(p.kms.eccsi, in.initiator.uid,
                        in.msg.covered, in.msg.sign.signature),
        MU_E_CRYPTO);
}

CU_TestInfo mcptt_vendor_message_tests[] = {
    {"opens GMK, CSK and PCK of streamwide v5",
        opens_gmk_csk_and_pck_of_streamwide_v5},
    {"opens GMK and CSK of alea", opens_gmk_and_csk_of_alea},
    {"the group of alea's GMK is read", the_group_of_alea_s_gmk_is_read},
    {"the legacy message needs its tolerances",
        the_legacy_message_needs_its_tolerances},
    {"opens what is verified of streamwide v4",
        opens_what_is_verified_of_streamwide_v4},
    {"alea's PCK stays closed", alea_s_pck_stays_closed},
    CU_TEST_INFO_NULL,
};
