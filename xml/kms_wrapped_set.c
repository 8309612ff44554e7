/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/kms_wrapped_set.h"

#include <string.h>

#include "xml/kms_form.h"
#include "xml/value.h"

#define KEY_NAME_MAX 512 /* octets; ours */

static void put_wrapped(
    struct xml_writer *x, const char *name, const struct xml_encrypted_key *key)
{
    xml_kms_open_key(x, name, "EncKeyContentType");
    xml_encrypted_key_write(x, key);
    xml_end(x);
}

static void put_uid(struct xml_writer *x, const struct mcptt_uid *uid,
    enum xml_uid_form uid_form)
{
    xml_open(x, "UserID");
    if (uid_form == XML_UID_HEX)
        xml_hex(x, SPAN_OF(uid->b));
    else
        xml_base64(x, SPAN_OF(uid->b));
    xml_end(x);
}

enum mu_err xml_kms_wrapped_set_write(struct wr *w,
    const struct xml_kms_wrapped_set *in, enum xml_uid_form uid_form)
{
    struct xml_writer x;

    xml_writer_init(&x, w);
    xml_kms_open(&x, "KmsKeySet");
    xml_attribute_text(&x, "Version", "1.1.0");
    xml_leaf(&x, "KmsUri", in->origin.kms_uri);
    xml_leaf_optional(&x, "CertUri", in->origin.cert_uri);
    xml_leaf_optional(&x, "Issuer", in->origin.issuer);
    xml_leaf(&x, "UserUri", in->user_uri);
    put_uid(&x, &in->uid, uid_form);
    xml_kms_put_validity(&x, &in->origin);
    xml_leaf_number(&x, "KeyPeriodNo", in->period_no);
    xml_kms_put_revoked(&x, &in->origin);
    put_wrapped(&x, "UserDecryptKey", &in->rsk);
    put_wrapped(&x, "UserSigningKeySSK", &in->ssk);
    put_wrapped(&x, "UserPubTokenPVT", &in->pvt);
    xml_end(&x);
    return xml_writer_close(&x);
}

/* A key set and which of its keys is being read. */
struct reading {
    struct xml_kms_wrapped_set set;
    struct mu_arena *arena;
    struct xml_encrypted_key *key;
};

static enum mu_err on_kms_uri(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_string(e, r->arena, &r->set.origin.kms_uri);
}

static enum mu_err on_cert_uri(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_string(e, r->arena, &r->set.origin.cert_uri);
}

static enum mu_err on_issuer(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_string(e, r->arena, &r->set.origin.issuer);
}

static enum mu_err on_user_uri(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_string(e, r->arena, &r->set.user_uri);
}

static enum mu_err on_user_id(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_octets(e, r->set.uid.b, sizeof(r->set.uid.b));
}

static enum mu_err on_valid_from(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_time(e, &r->set.origin.valid_from_s);
}

static enum mu_err on_valid_to(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_time(e, &r->set.origin.valid_to_s);
}

static enum mu_err on_period_no(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_number(e, &r->set.period_no);
}

static enum mu_err on_revoked(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_boolean(e, &r->set.origin.revoked);
}

static enum mu_err on_key(struct reading *r, const struct xml_element *e,
    struct xml_encrypted_key *key)
{
    struct span type = xml_attribute(e, XML_NS_XSI, "type");

    if (!xml_kms_type_is(type, "EncKeyContentType"))
        return xml_refuse(e, MU_E_UNSUPPORTED, "is not wrapped");
    r->key = key;
    return MU_OK;
}

static enum mu_err on_rsk(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return on_key(r, e, &r->set.rsk);
}

static enum mu_err on_ssk(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return on_key(r, e, &r->set.ssk);
}

static enum mu_err on_pvt(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return on_key(r, e, &r->set.pvt);
}

static enum mu_err on_method(void *to, const struct xml_element *e)
{
    (void)to;
    if (!xml_wrap_algorithm_known(xml_attribute(e, NULL, "Algorithm")))
        return xml_refuse(e, MU_E_UNSUPPORTED, "names another algorithm");
    return MU_OK;
}

static enum mu_err on_key_name(void *to, const struct xml_element *e)
{
    struct span name = xml_text(e);
    struct reading *r = to;

    if (name.len > KEY_NAME_MAX)
        return xml_refuse(e, MU_E_MALFORMED, "is too long");
    r->key->key_name = mu_arena_copy(r->arena, name);
    return mu_arena_err(r->arena);
}

static enum mu_err on_value(void *to, const struct xml_element *e)
{
    struct xml_wrapped wrapped;
    struct reading *r = to;

    TRY(xml_value_base64(e, wrapped.b, sizeof(wrapped.b), &wrapped.len));
    r->key->wrapped = mu_arena_copy(r->arena, xml_wrapped_span(&wrapped));
    return mu_arena_err(r->arena);
}

static enum mu_err leave_set(void *to, const struct xml_element *e)
{
    const struct reading *r = to;

    if (r->set.origin.valid_from_s >= r->set.origin.valid_to_s)
        return xml_refuse(e, MU_E_MALFORMED, "ends before it begins");
    return MU_OK;
}

/* Annex D.3.5.1 (33180 notes 6.1) and XML Encryption 1.1 clause 3.5.1. */
/* clang-format off */
#define SET  "KmsKeySet"
#define XENC XML_NS_XENC
static const struct xml_rule rules[] = {
    {NULL, SET,                    NULL, 0, 1, NULL, leave_set},
    {SET, "KmsUri",                NULL, 1, 1, on_kms_uri, NULL},
    {SET, "CertUri",               NULL, 0, 1, on_cert_uri, NULL},
    {SET, "Issuer",                NULL, 0, 1, on_issuer, NULL},
    {SET, "UserUri",               NULL, 1, 1, on_user_uri, NULL},
    {SET, "UserID",                NULL, 1, 1, on_user_id, NULL},
    {SET, "ValidFrom",             NULL, 0, 1, on_valid_from, NULL},
    {SET, "ValidTo",               NULL, 0, 1, on_valid_to, NULL},
    {SET, "KeyPeriodNo",           NULL, 1, 1, on_period_no, NULL},
    {SET, "Revoked",               NULL, 0, 1, on_revoked, NULL},
    {SET, "UserDecryptKey",        NULL, 1, 1, on_rsk, NULL},
    {SET, "UserSigningKeySSK",     NULL, 1, 1, on_ssk, NULL},
    {SET, "UserPubTokenPVT",       NULL, 1, 1, on_pvt, NULL},

    {"UserDecryptKey", "EncryptedKey",    XENC, 1, 1, NULL, NULL},
    {"UserSigningKeySSK", "EncryptedKey", XENC, 1, 1, NULL, NULL},
    {"UserPubTokenPVT", "EncryptedKey",   XENC, 1, 1, NULL, NULL},

    {"EncryptedKey", "EncryptionMethod",  XENC, 1, 1, on_method, NULL},
    {"EncryptedKey", "KeyInfo",           XML_NS_DS, 0, 1, NULL, NULL},
    {"KeyInfo", "KeyName",                XML_NS_DS, 0, 1, on_key_name, NULL},
    {"EncryptedKey", "CipherData",        XENC, 1, 1, NULL, NULL},
    {"CipherData", "CipherValue",         XENC, 1, 1, on_value, NULL},
};
/* clang-format on */

static const struct xml_table table = {
    .ns = XML_NS_KMS,
    .rules = rules,
    .count = sizeof(rules) / sizeof(rules[0]),
    .limits = {.octets = 1U << 16, .elements = 200, .depth = 8},
};

enum mu_err xml_kms_wrapped_set_read(struct span text, struct mu_arena *arena,
    struct xml_fault *fault, struct xml_kms_wrapped_set *out)
{
    struct reading r = {
        .set = {.origin = {.valid_to_s = XML_KMS_FOREVER}}, .arena = arena};

    TRY(xml_read(&table, text, &r, fault));
    *out = r.set;
    return MU_OK;
}
