/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/kms_message.h"

#include <assert.h>

#include "base/alloc.h"
#include "base/text.h"
#include "xml/kms_form.h"
#include "xml/value.h"

static const char *const messages[] = {
    [XML_KMS_INIT] = "KmsInit",
    [XML_KMS_KEY_PROV] = "KmsKeyProv",
    [XML_KMS_CERT_CACHE] = "KmsCertCache",
};

/* Nothing is declared on the way to the pieces (xml/kms_form.h). */
static void put_message(
    struct xml_writer *x, const struct xml_kms_response_form *in)
{
    if (in->head.message == XML_KMS_NO_MESSAGE)
        return;
    xml_open(x, "KmsMessage");
    xml_open(x, messages[in->head.message]);
    if (in->head.message == XML_KMS_CERT_CACHE)
        xml_attribute_number(x, "CacheNum", in->head.cache_num);
    xml_attribute_text(x, "Version", "1.0.0");
    for (size_t i = 0; i < in->piece_count; i++)
        xml_verbatim(x, in->pieces[i]);
    xml_end(x);
    xml_end(x);
}

static void put_error(struct xml_writer *x, const struct xml_kms_head *head)
{
    if (head->error_code == XML_KMS_NO_ERROR)
        return;
    xml_open(x, "KmsError");
    xml_leaf_number(x, "ErrorCode", head->error_code);
    xml_leaf(x, "ErrorMsg", head->error_text);
    xml_end(x);
}

enum mu_err xml_kms_response_write(
    struct wr *w, const struct xml_kms_response_form *in)
{
    struct xml_writer x;

    assert(xml_kms_id_fits(in->id));
    xml_writer_init(&x, w);
    xml_kms_open(&x, "KmsResponse");
    xml_attribute_span(&x, "Id", in->id);
    xml_attribute_text(&x, "Version", "1.0.0");
    xml_leaf(&x, "UserUri", in->head.user_uri);
    xml_leaf(&x, "KmsUri", in->head.kms_uri);
    xml_leaf_time(&x, "Time", in->head.time_s);
    xml_leaf_optional(&x, "KmsId", in->head.kms_id);
    xml_leaf(&x, "ClientReqUrl", in->head.client_req_url);
    put_message(&x, in);
    put_error(&x, &in->head);
    xml_end(&x);
    return xml_writer_close(&x);
}

struct reading {
    struct xml_kms_response *response;
    struct xml_kms_piece **end;
    unsigned count;
};

static enum mu_err on_user_uri(void *to, const struct xml_element *e)
{
    struct xml_kms_response *r = ((struct reading *)to)->response;

    return xml_value_string(e, &r->arena, &r->head.user_uri);
}

static enum mu_err on_kms_uri(void *to, const struct xml_element *e)
{
    struct xml_kms_response *r = ((struct reading *)to)->response;

    return xml_value_string(e, &r->arena, &r->head.kms_uri);
}

static enum mu_err on_time(void *to, const struct xml_element *e)
{
    struct xml_kms_response *r = ((struct reading *)to)->response;

    return xml_value_time(e, &r->head.time_s);
}

static enum mu_err on_kms_id(void *to, const struct xml_element *e)
{
    struct xml_kms_response *r = ((struct reading *)to)->response;

    return xml_value_string(e, &r->arena, &r->head.kms_id);
}

static enum mu_err on_url(void *to, const struct xml_element *e)
{
    struct xml_kms_response *r = ((struct reading *)to)->response;

    return xml_value_text(
        e, &r->arena, XML_KMS_URL_MAX, &r->head.client_req_url);
}

static enum mu_err on_error_code(void *to, const struct xml_element *e)
{
    struct xml_kms_response *r = ((struct reading *)to)->response;

    TRY(xml_value_number(e, &r->head.error_code));
    if (r->head.error_code == XML_KMS_NO_ERROR)
        return xml_refuse(e, MU_E_MALFORMED, "is no error");
    return MU_OK;
}

static enum mu_err on_error_text(void *to, const struct xml_element *e)
{
    struct xml_kms_response *r = ((struct reading *)to)->response;

    return xml_value_string(e, &r->arena, &r->head.error_text);
}

static enum mu_err enter_message(
    void *to, const struct xml_element *e, enum xml_kms_message message)
{
    struct xml_kms_response *r = ((struct reading *)to)->response;

    if (r->head.message != XML_KMS_NO_MESSAGE)
        return xml_refuse(e, MU_E_MALFORMED, "is a second message");
    r->head.message = message;
    return MU_OK;
}

static enum mu_err enter_init(void *to, const struct xml_element *e)
{
    return enter_message(to, e, XML_KMS_INIT);
}

static enum mu_err enter_key_prov(void *to, const struct xml_element *e)
{
    return enter_message(to, e, XML_KMS_KEY_PROV);
}

static enum mu_err enter_cert_cache(void *to, const struct xml_element *e)
{
    struct xml_kms_response *r = ((struct reading *)to)->response;
    struct span number = xml_attribute(e, NULL, "CacheNum");

    TRY(enter_message(to, e, XML_KMS_CERT_CACHE));
    if (number.p != NULL && mu_text_u64(number, &r->head.cache_num) != MU_OK)
        return xml_refuse(e, MU_E_MALFORMED, "has a CacheNum of no number");
    return MU_OK;
}

static enum mu_err on_piece(struct reading *r, const struct xml_element *e,
    enum xml_kms_piece_kind kind)
{
    struct xml_kms_piece *piece;

    if (r->count++ == XML_KMS_PIECES_MAX)
        return xml_refuse(e, MU_E_NO_SPACE, "is one too many");
    piece = mu_alloc(sizeof(*piece));
    if (piece == NULL)
        return MU_E_NO_MEMORY;
    *r->end = piece;
    r->end = &piece->next;
    piece->kind = kind;
    return xml_canonical_of(e, &piece->text);
}

static enum mu_err on_signed_cert(void *to, const struct xml_element *e)
{
    return on_piece(to, e, XML_KMS_PIECE_SIGNED_CERT);
}

static enum mu_err on_cert(void *to, const struct xml_element *e)
{
    return on_piece(to, e, XML_KMS_PIECE_CERT);
}

static enum mu_err on_key_set(void *to, const struct xml_element *e)
{
    return on_piece(to, e, XML_KMS_PIECE_KEY_SET);
}

/* clang-format off */
#define RESPONSE    "KmsResponse"
#define SIGNED_CERT "SignedKmsCertificate"
static const struct xml_rule rules[] = {
    {NULL, RESPONSE,               NULL, 0, 1, NULL, NULL},
    {RESPONSE, "UserUri",          NULL, 1, 1, on_user_uri, NULL},
    {RESPONSE, "KmsUri",           NULL, 1, 1, on_kms_uri, NULL},
    {RESPONSE, "Time",             NULL, 1, 1, on_time, NULL},
    {RESPONSE, "KmsId",            NULL, 0, 1, on_kms_id, NULL},
    {RESPONSE, "ClientReqUrl",     NULL, 1, 1, on_url, NULL},
    {RESPONSE, "KmsMessage",       NULL, 0, 1, NULL, NULL},
    {RESPONSE, "KmsError",         NULL, 0, 1, NULL, NULL},

    {"KmsError", "ErrorCode",      NULL, 1, 1, on_error_code, NULL},
    {"KmsError", "ErrorMsg",       NULL, 1, 1, on_error_text, NULL},

    {"KmsMessage", "KmsInit",      NULL, 0, 1, enter_init, NULL},
    {"KmsMessage", "KmsKeyProv",   NULL, 0, 1, enter_key_prov, NULL},
    {"KmsMessage", "KmsCertCache", NULL, 0, 1, enter_cert_cache, NULL},

    {"KmsInit", SIGNED_CERT,       NULL, 0, 1, NULL, on_signed_cert},
    {"KmsInit", "KmsCertificate",  NULL, 0, 1, NULL, on_cert},
    {"KmsInit", "NewTransportKey", NULL, 0, XML_MANY, NULL, NULL},
    {"KmsInit", "NewIntegrityKey", NULL, 0, XML_MANY, NULL, NULL},

    {"KmsKeyProv", "KmsKeySet",    NULL, 0, XML_MANY, NULL, on_key_set},
    {"KmsKeyProv", "NewTransportKey", NULL, 0, XML_MANY, NULL, NULL},
    {"KmsKeyProv", "NewIntegrityKey", NULL, 0, XML_MANY, NULL, NULL},

    {"KmsCertCache", SIGNED_CERT,  NULL, 0, XML_MANY, NULL, on_signed_cert},
    {"KmsCertCache", "KmsCertificate", NULL, 0, XML_MANY, NULL, on_cert},
};
/* clang-format on */

static const struct xml_table table = {
    .ns = XML_NS_KMS,
    .rules = rules,
    .count = sizeof(rules) / sizeof(rules[0]),
    .limits = {.octets = 1U << 20, .elements = 10000, .depth = 16},
};

static void drop(struct xml_kms_response **response)
{
    xml_kms_response_free(*response);
}

enum mu_err xml_kms_response_read(
    struct span text, struct xml_fault *fault, struct xml_kms_response **out)
{
    MU_CLEANUP(drop)
    struct xml_kms_response *response = mu_alloc(sizeof(*response));
    struct reading r = {.response = response};

    *fault = (struct xml_fault){.err = MU_OK};
    if (response == NULL)
        return xml_fault_whole(fault, MU_E_NO_MEMORY, "out of memory", 0);
    mu_arena_init(&response->arena, table.limits.octets);
    r.end = &response->pieces;
    TRY(xml_read(&table, text, &r, fault));
    *out = response;
    response = NULL;
    return MU_OK;
}

void xml_kms_response_free(struct xml_kms_response *response)
{
    if (response == NULL)
        return;
    for (struct xml_kms_piece *p = response->pieces, *next; p != NULL;
         p = next) {
        next = p->next;
        xml_canonical_clear(&p->text);
        mu_free(p);
    }
    mu_arena_clear(&response->arena);
    mu_free(response);
}
