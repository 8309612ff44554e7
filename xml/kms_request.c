/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/kms_message.h"

#include <assert.h>

#include "xml/kms_form.h"
#include "xml/value.h"

enum mu_err xml_kms_request_write(
    struct wr *w, const struct xml_kms_request *in, struct span id)
{
    struct xml_writer x;

    assert(xml_kms_id_fits(id));
    xml_writer_init(&x, w);
    xml_kms_open(&x, "KmsRequest");
    xml_attribute_span(&x, "Id", id);
    xml_attribute_text(&x, "Version", "1.1.0");
    xml_leaf(&x, "UserUri", in->user_uri);
    xml_leaf(&x, "KmsUri", in->kms_uri);
    xml_leaf_time(&x, "Time", in->time_s);
    xml_leaf_optional(&x, "ClientId", in->client_id);
    xml_leaf_optional(&x, "DeviceId", in->device_id);
    xml_leaf(&x, "ClientReqUrl", in->client_req_url);
    if (in->error_code != 0) {
        xml_open(&x, "ClientError");
        xml_leaf_number(&x, "ErrorCode", in->error_code);
        xml_leaf(&x, "ErrorMsg", in->error_text);
        xml_end(&x);
    }
    xml_end(&x);
    return xml_writer_close(&x);
}

struct reading {
    struct xml_kms_request request;
    struct mu_arena *arena;
};

static enum mu_err on_user_uri(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_string(e, r->arena, &r->request.user_uri);
}

static enum mu_err on_kms_uri(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_string(e, r->arena, &r->request.kms_uri);
}

static enum mu_err on_time(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_time(e, &r->request.time_s);
}

static enum mu_err on_client_id(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_string(e, r->arena, &r->request.client_id);
}

static enum mu_err on_device_id(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_string(e, r->arena, &r->request.device_id);
}

static enum mu_err on_url(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_text(
        e, r->arena, XML_KMS_URL_MAX, &r->request.client_req_url);
}

static enum mu_err on_error_code(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_number(e, &r->request.error_code);
}

static enum mu_err on_error_text(void *to, const struct xml_element *e)
{
    struct reading *r = to;

    return xml_value_string(e, r->arena, &r->request.error_text);
}

/* clang-format off */
#define REQUEST "KmsRequest"
static const struct xml_rule rules[] = {
    {NULL, REQUEST,               NULL, 0, 1, NULL, NULL},
    {REQUEST, "UserUri",          NULL, 1, 1, on_user_uri, NULL},
    {REQUEST, "KmsUri",           NULL, 1, 1, on_kms_uri, NULL},
    {REQUEST, "Time",             NULL, 1, 1, on_time, NULL},
    {REQUEST, "ClientId",         NULL, 0, 1, on_client_id, NULL},
    {REQUEST, "DeviceId",         NULL, 0, 1, on_device_id, NULL},
    {REQUEST, "ClientReqUrl",     NULL, 1, 1, on_url, NULL},
    {REQUEST, "KrrList",          NULL, 0, 1, NULL, NULL},
    {REQUEST, "ClientError",      NULL, 0, 1, NULL, NULL},
    {"ClientError", "ErrorCode",  NULL, 1, 1, on_error_code, NULL},
    {"ClientError", "ErrorMsg",   NULL, 1, 1, on_error_text, NULL},
};
/* clang-format on */

static const struct xml_table table = {
    .ns = XML_NS_KMS,
    .rules = rules,
    .count = sizeof(rules) / sizeof(rules[0]),
    .limits = {.octets = 1U << 16, .elements = 1000, .depth = 16},
};

enum mu_err xml_kms_request_read(struct span text, struct mu_arena *arena,
    struct xml_fault *fault, struct xml_kms_request *out)
{
    struct reading r = {.arena = arena};

    TRY(xml_read(&table, text, &r, fault));
    *out = r.request;
    return MU_OK;
}

/* clang-format off */
static const struct xml_rule signed_rules[] = {
    {NULL, "SignedKmsRequest",  NULL, 0, 1, NULL, NULL},
    {NULL, "SignedKmsResponse", NULL, 0, 1, NULL, NULL},
};
/* clang-format on */

static const struct xml_table signed_table = {
    .ns = XML_NS_KMS,
    .rules = signed_rules,
    .count = sizeof(signed_rules) / sizeof(signed_rules[0]),
    .limits = {.octets = 1U << 20, .elements = 10000, .depth = 16},
};

bool xml_kms_is_signed(struct span text)
{
    struct xml_fault fault;

    return xml_read(&signed_table, text, NULL, &fault) == MU_OK;
}
