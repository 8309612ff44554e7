/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/kms_xml.h"

#include "base/alloc.h"
#include "xml/kms_form.h"
#include "xml/reader.h"
#include "xml/value.h"

/* The document and where its next certificate or key set is put. */
struct reading {
    struct xml_kms *kms;
    struct xml_kms_cert *cert, **cert_end;
    struct xml_kms_key_set *set, **set_end;
    struct xml_kms_origin *origin; /* of the one being read */
};

static enum mu_err on_kms_uri(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_string(e, &r->kms->arena, &r->origin->kms_uri);
}

static enum mu_err on_cert_uri(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_string(e, &r->kms->arena, &r->origin->cert_uri);
}

static enum mu_err on_issuer(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_string(e, &r->kms->arena, &r->origin->issuer);
}

static enum mu_err on_valid_from(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_time(e, &r->origin->valid_from_s);
}

static enum mu_err on_valid_to(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_time(e, &r->origin->valid_to_s);
}

static enum mu_err on_revoked(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_boolean(e, &r->origin->revoked);
}

static enum mu_err check_origin(
    const struct xml_kms_origin *origin, const struct xml_element *e)
{
    if (origin->valid_from_s >= origin->valid_to_s)
        return xml_refuse(e, MU_E_MALFORMED, "ends before it begins");
    return MU_OK;
}

/* Key elements have an abstract type; without xsi:type they are in clear. */
static enum mu_err on_key(const struct xml_element *e, uint8_t *out, size_t len)
{
    struct span type = xml_attribute(e, XML_NS_XSI, "type");

    if (type.p != NULL && !xml_kms_type_is(type, "KeyContentType"))
        return xml_refuse(e, MU_E_UNSUPPORTED, "is not in clear");
    return xml_value_octets(e, out, len);
}

static enum mu_err read_role(
    const struct xml_element *e, enum xml_kms_role *out)
{
    struct span role = xml_attribute(e, NULL, "Role");

    if (role.p == NULL)
        *out = XML_KMS_ROLE_NONE;
    else if (span_eq(role, span_str("Root")))
        *out = XML_KMS_ROLE_ROOT;
    else if (span_eq(role, span_str("External")))
        *out = XML_KMS_ROLE_EXTERNAL;
    else
        return xml_refuse(e, MU_E_MALFORMED, "has an unknown Role");
    return MU_OK;
}

static enum mu_err enter_cert(void *to, const struct xml_element *e)
{
    struct reading *r = to;
    struct span gateway = xml_attribute(e, NULL, "IsSecurityGateway");
    struct xml_kms_cert *cert = mu_alloc(sizeof(*cert));

    if (cert == NULL)
        return MU_E_NO_MEMORY;
    *r->cert_end = r->cert = cert;
    r->cert_end = &cert->next;
    r->origin = &cert->origin;
    cert->origin.valid_to_s = XML_KMS_FOREVER;
    cert->is_security_gateway =
        span_eq(gateway, span_str("true")) || span_eq(gateway, span_str("1"));
    return read_role(e, &cert->role);
}

/* TS 33.180 clause F.2.1: UserIdFormat 2 is the only one we make UIDs for. */
static enum mu_err on_uid_format(void *to, const struct xml_element *e)
{
    (void)to;
    if (!span_eq(xml_text(e), span_str("2")))
        return xml_refuse(e, MU_E_UNSUPPORTED, "is not 2");
    return MU_OK;
}

static enum mu_err on_period(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_number(e, &r->cert->rule.length_s);
}

static enum mu_err on_offset(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_number(e, &r->cert->rule.offset_s);
}

static enum mu_err on_pub_enc_key(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return on_key(e, r->cert->z, sizeof(r->cert->z));
}

static enum mu_err on_pub_auth_key(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return on_key(e, r->cert->kpak, sizeof(r->cert->kpak));
}

static enum mu_err on_parameter_set(void *to, const struct xml_element *e)
{
    (void)to;
    if (!span_eq(xml_text(e), span_str("1")))
        return xml_refuse(e, MU_E_UNSUPPORTED, "is not 1");
    return MU_OK;
}

static enum mu_err leave_cert(void *to, const struct xml_element *e)
{
    const struct reading *r = to;

    if (mcptt_period_check(&r->cert->rule) != MU_OK)
        return xml_refuse(
            e, MU_E_MALFORMED, "has a UserKeyOffset not below UserKeyPeriod");
    return check_origin(r->origin, e);
}

static enum mu_err enter_key_set(void *to, const struct xml_element *e)
{
    struct reading *r = to;
    struct xml_kms_key_set *set = mu_alloc(sizeof(*set));

    (void)e;
    if (set == NULL)
        return MU_E_NO_MEMORY;
    *r->set_end = r->set = set;
    r->set_end = &set->next;
    r->origin = &set->origin;
    set->origin.valid_to_s = XML_KMS_FOREVER;
    return MU_OK;
}

static enum mu_err on_user_uri(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_string(e, &r->kms->arena, &r->set->user_uri);
}

/* Base64 by the text of clause F.2.1, hex from deployed servers: both. */
static enum mu_err on_user_id(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_octets(e, r->set->uid.b, sizeof(r->set->uid.b));
}

static enum mu_err on_period_no(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_number(e, &r->set->period_no);
}

static enum mu_err on_rsk(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return on_key(e, r->set->rsk.b, sizeof(r->set->rsk.b));
}

static enum mu_err on_ssk(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return on_key(e, r->set->pair.ssk.b, sizeof(r->set->pair.ssk.b));
}

static enum mu_err on_pvt(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return on_key(e, r->set->pair.pvt, sizeof(r->set->pair.pvt));
}

static enum mu_err leave_key_set(void *to, const struct xml_element *e)
{
    const struct reading *r = to;

    return check_origin(r->origin, e);
}

static enum mu_err enter_error(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    (void)e;
    r->kms->refused = true;
    return MU_OK;
}

static enum mu_err on_error_code(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_number(e, &r->kms->error_code);
}

static enum mu_err on_error_text(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_string(e, &r->kms->arena, &r->kms->error_text);
}

/* Annex D.3.5.1 (33180 notes 6.1). NULL handlers: not for us, or skipped. */
/* clang-format off */
#define RESPONSE "KmsResponse"
#define CERT     "KmsCertificate"
#define SET      "KmsKeySet"
static const struct xml_rule rules[] = {
    {NULL, "SignedKmsResponse",    NULL, 0, 1, NULL, NULL},
    {NULL, RESPONSE,               NULL, 0, 1, NULL, NULL},
    {NULL, "SignedKmsCertificate", NULL, 0, 1, NULL, NULL},
    {NULL, CERT,                   NULL, 0, 1, enter_cert, leave_cert},
    {NULL, SET,                    NULL, 0, 1, enter_key_set, leave_key_set},

    {"SignedKmsResponse", RESPONSE, NULL, 1, 1, NULL, NULL},
    {RESPONSE, "UserUri",          NULL, 1, 1, NULL, NULL},
    {RESPONSE, "KmsUri",           NULL, 1, 1, NULL, NULL},
    {RESPONSE, "Time",             NULL, 1, 1, NULL, NULL},
    {RESPONSE, "KmsId",            NULL, 0, 1, NULL, NULL},
    {RESPONSE, "ClientReqUrl",     NULL, 1, 1, NULL, NULL},
    {RESPONSE, "KmsMessage",       NULL, 0, 1, NULL, NULL},
    {RESPONSE, "KmsError",         NULL, 0, 1, enter_error, NULL},

    {"KmsMessage", "KmsInit",      NULL, 0, 1, NULL, NULL},
    {"KmsMessage", "KmsKeyProv",   NULL, 0, 1, NULL, NULL},
    {"KmsMessage", "KmsCertCache", NULL, 0, 1, NULL, NULL},

    {"KmsError", "ErrorCode",      NULL, 1, 1, on_error_code, NULL},
    {"KmsError", "ErrorMsg",       NULL, 1, 1, on_error_text, NULL},

    {"KmsInit", "SignedKmsCertificate", NULL, 0, 1, NULL, NULL},
    {"KmsInit", CERT,              NULL, 0, 1, enter_cert, leave_cert},
    {"KmsInit", "NewTransportKey", NULL, 0, XML_MANY, NULL, NULL},
    {"KmsInit", "NewIntegrityKey", NULL, 0, XML_MANY, NULL, NULL},

    {"KmsKeyProv", SET,            NULL, 0, XML_MANY, enter_key_set, leave_key_set},
    {"KmsKeyProv", "NewTransportKey", NULL, 0, XML_MANY, NULL, NULL},
    {"KmsKeyProv", "NewIntegrityKey", NULL, 0, XML_MANY, NULL, NULL},

    {"KmsCertCache", "SignedKmsCertificate", NULL, 0, XML_MANY, NULL, NULL},
    {"KmsCertCache", CERT,         NULL, 0, XML_MANY, enter_cert, leave_cert},

    {"SignedKmsCertificate", CERT, NULL, 1, 1, enter_cert, leave_cert},

    {CERT, "CertUri",              NULL, 0, 1, on_cert_uri, NULL},
    {CERT, "KmsUri",               NULL, 1, 1, on_kms_uri, NULL},
    {CERT, "Issuer",               NULL, 0, 1, on_issuer, NULL},
    {CERT, "ValidFrom",            NULL, 0, 1, on_valid_from, NULL},
    {CERT, "ValidTo",              NULL, 0, 1, on_valid_to, NULL},
    {CERT, "Revoked",              NULL, 0, 1, on_revoked, NULL},
    {CERT, "UserIdFormat",         NULL, 1, 1, on_uid_format, NULL},
    {CERT, "UserKeyPeriod",        NULL, 1, 1, on_period, NULL},
    {CERT, "UserKeyOffset",        NULL, 1, 1, on_offset, NULL},
    {CERT, "PubEncKey",            NULL, 1, 1, on_pub_enc_key, NULL},
    {CERT, "PubAuthKey",           NULL, 1, 1, on_pub_auth_key, NULL},
    {CERT, "ParameterSet",         NULL, 0, 1, on_parameter_set, NULL},
    {CERT, "KmsDomainList",        NULL, 0, 1, NULL, NULL},

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
};
/* clang-format on */

/* A key set is below 3 KiB: room for some hundreds, or their signatures. */
static const struct xml_table table = {
    .ns = XML_NS_KMS,
    .rules = rules,
    .count = sizeof(rules) / sizeof(rules[0]),
    .skip_foreign = true, /* ds:Signature */
    .limits = {.octets = 1U << 20, .elements = 10000, .depth = 16},
};

static void drop(struct xml_kms **kms)
{
    xml_kms_free(*kms);
}

enum mu_err xml_kms_read(
    struct span text, struct xml_fault *fault, struct xml_kms **out)
{
    MU_CLEANUP(drop) struct xml_kms *kms = mu_alloc(sizeof(*kms));
    struct reading r = {.kms = kms};

    *fault = (struct xml_fault){.err = MU_OK};
    if (kms == NULL)
        return xml_fault_whole(fault, MU_E_NO_MEMORY, "out of memory", 0);
    mu_arena_init(&kms->arena, table.limits.octets);
    r.cert_end = &kms->certs;
    r.set_end = &kms->key_sets;
    TRY(xml_read(&table, text, &r, fault));
    *out = kms;
    kms = NULL;
    return MU_OK;
}

void xml_kms_free(struct xml_kms *kms)
{
    if (kms == NULL)
        return;
    for (struct xml_kms_cert *c = kms->certs, *next; c != NULL; c = next) {
        next = c->next;
        mu_free(c);
    }
    for (struct xml_kms_key_set *s = kms->key_sets, *next; s != NULL;
         s = next) {
        next = s->next;
        mu_free_wiped(s, sizeof(*s));
    }
    mu_arena_clear(&kms->arena);
    mu_free(kms);
}
