/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/kms-client/fake_kms.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

#include "xml/dsig.h"
#include "xml/kms_message.h"
#include "xml/kms_wrapped_set.h"

#define ANSWER_MAX 16384

static void must(enum mu_err err)
{
    CU_ASSERT_EQUAL_FATAL(err, MU_OK);
}

void fake_kms_init(struct fake_kms *fake)
{
    *fake = (struct fake_kms){.cache_num = 5};
    world_init(&fake->world);
    fake->root = world_root(&fake->world);
    fake->external = world_root(&fake->world);
    fake->external.role = "External";
    fake->external.kms_uri = "kms.example.net";
    fake->ink = fake->world.enrolment.ink;
    CU_ASSERT_FATAL(buf_reserve(&fake->body, ANSWER_MAX));
}

void fake_kms_clear(struct fake_kms *fake)
{
    buf_clear(&fake->body);
    world_clear(&fake->world);
}

/* One KmsKeySet; text has room for it. */
static struct span write_key_set(
    struct fake_kms *fake, uint64_t period_no, char text[WORLD_TEXT])
{
    struct kms_wrapped_keys keys;
    struct xml_kms_wrapped_set set = {
        .origin = {.kms_uri = mcptt_id_span(&fake->world.enrolment.kms_uri),
            .valid_to_s = XML_KMS_FOREVER},
        .user_uri = mcptt_id_span(&fake->world.enrolment.user_uri),
        .period_no = period_no,
    };
    struct span out = {NULL, 0};
    struct wr w;

    world_wrap_keys(&fake->world, period_no + fake->period_add, &keys);
    set.uid = keys.uid;
    set.rsk.wrapped = xml_wrapped_span(&keys.rsk);
    set.ssk.wrapped = xml_wrapped_span(&keys.ssk);
    set.pvt.wrapped = xml_wrapped_span(&keys.pvt);
    wr_init(&w, (uint8_t *)text, WORLD_TEXT);
    must(xml_kms_wrapped_set_write(&w, &set, XML_UID_HEX));
    must(wr_close(&w, &out));
    return out;
}

static struct span write_root(struct fake_kms *fake, char text[WORLD_TEXT])
{
    if (fake->bare_root)
        world_bare_cert(&fake->world, &fake->root, text);
    else
        world_sign_cert(&fake->world, &fake->root, text);
    return span_str(text);
}

static struct span write_external(struct fake_kms *fake, char text[WORLD_TEXT])
{
    world_sign_cert(&fake->world, &fake->external, text);
    return span_str(text);
}

/* Wraps one piece, or none, into a response. */
static void write_response(struct fake_kms *fake,
    const struct kms_request *request, uint64_t now_s,
    struct xml_kms_response_form *form)
{
    const struct kms_enrolment *e = &fake->world.enrolment;
    struct xml_kms_head *head = &form->head;
    static uint8_t element[ANSWER_MAX];
    struct span text = {NULL, 0};
    struct wr w;

    form->id = span_str("a1");
    head->user_uri = fake->user_uri != NULL ? span_str(fake->user_uri)
                                            : mcptt_id_span(&e->user_uri);
    head->kms_uri = fake->kms_uri != NULL ? span_str(fake->kms_uri)
                                          : mcptt_id_span(&e->kms_uri);
    head->time_s = now_s + (uint64_t)fake->clock_s;
    head->client_req_url =
        span_str(fake->url != NULL ? fake->url : request->url);
    wr_init(&w, element, sizeof(element));
    must(xml_kms_response_write(&w, form));
    must(wr_close(&w, &text));
    wr_init(&w, fake->body.p, fake->body.cap);
    if (fake->unsigned_envelope)
        wr_span(&w, text);
    else
        must(xml_sign_hmac(
            XML_SIGNED_RESPONSE, text, &fake->ink, span_str(""), &w));
    must(wr_close(&w, &text));
    fake->body.len = text.len;
}

/* Every request is signed by the user, or has no body. */
static void check_request(
    const struct fake_kms *fake, const struct kms_request *request)
{
    struct xml_canonical out = {NULL, 0};
    struct xml_fault fault;

    CU_ASSERT_STRING_EQUAL(request->method, "POST");
    if (request->body.len == 0) {
        CU_ASSERT_PTR_NULL(request->type);
        return;
    }
    CU_ASSERT_STRING_EQUAL(request->type, "application/xml");
    must(xml_verify_hmac(XML_SIGNED_REQUEST, request->body,
        &fake->world.enrolment.ink, &fault, &out));
    xml_canonical_clear(&out);
}

/* What the resource holds: the message and its piece; false: 404. */
static bool find(struct fake_kms *fake, const char *url,
    struct xml_kms_response_form *form, struct span *piece,
    char text[WORLD_TEXT])
{
    char next[32];
    uint64_t period_no = fake->world.period_no;
    uint64_t next_s = (period_no + 1) * WORLD_PERIOD;
    bool is_next;

    /* keyprov asks for the beginning of the next period. */
    (void)snprintf(
        next, sizeof(next), "/%08llX00000000", (unsigned long long)next_s);
    is_next = strstr(url, next) != NULL;
    form->piece_count = 1;
    if (strstr(url, "/init") != NULL) {
        form->head.message = XML_KMS_INIT;
        *piece = write_root(fake, text);
    } else if (strstr(url, "/keyprov/") != NULL) {
        form->head.message = XML_KMS_KEY_PROV;
        form->piece_count = fake->lacks_keys ? 0 : 1;
        *piece = write_key_set(fake, period_no + (is_next ? 1 : 0), text);
        return !is_next || !fake->lacks_next;
    } else if (strstr(url, "/certcache/") != NULL) {
        form->head.message = XML_KMS_CERT_CACHE;
        form->head.cache_num = fake->cache_num;
        form->piece_count = 0;
    } else {
        form->head.message = XML_KMS_INIT;
        *piece = write_external(fake, text);
    }
    return true;
}

void fake_kms_answer(struct fake_kms *fake, const struct kms_request *request,
    uint64_t now_s, struct kms_answer *out)
{
    static char text[WORLD_TEXT];
    struct span piece = {NULL, 0};
    struct xml_kms_response_form form = {.pieces = &piece};

    check_request(fake, request);
    *out = (struct kms_answer){.status = 200};
    if (!find(fake, request->url, &form, &piece, text)) {
        out->status = 404;
        return;
    }
    if (fake->error_code != 0) {
        form.head.message = XML_KMS_NO_MESSAGE;
        form.head.error_code = fake->error_code;
        form.head.error_text = span_str("because");
        form.piece_count = 0;
    }
    write_response(fake, request, now_s, &form);
    out->body = buf_span(&fake->body);
}
