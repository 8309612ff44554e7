/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/kds_answer.h"

#include <stdio.h>

#include "kms/kds_ink.h"
#include "mcptt/ident.h"
#include "mikey/ntp.h"
#include "xml/dsig.h"
#include "xml/kms_message.h"

#define ARENA_MAX   (8U << 20) /* certificates, key sets, the request's texts */
#define RESPONSE_ID "muster-kdsd-response"

/* "ink.12.user@example.org" (33180 notes 6.2) and its NUL. */
#define KEY_NAME_MAX (4 + 20 + 1 + MCPTT_ID_MAX + 1)

_Static_assert(KDS_EXTERNALS_MAX >= XML_KMS_PIECES_MAX,
    "a response holds fewer certificates than the store gives");

/* One answer as it is made. */
struct answer {
    const struct kds_service *service;
    const struct kds_ask *ask;
    struct mu_arena arena;
    struct kds_user user; /* who asks */
    struct mcptt_ink ink; /* when has_ink */
    bool has_ink;
    struct span pieces[XML_KMS_PIECES_MAX];
    struct xml_kms_response_form form;
    const char *why; /* of a refusal */
};

static void answer_clear(struct answer *a)
{
    kds_store_undo(a->service->store);
    mcptt_ink_clear(&a->ink);
    mu_arena_clear(&a->arena);
}

void kds_reply_clear(struct kds_reply *reply)
{
    buf_clear(&reply->body);
}

/* A refusal is a KmsError; the error returned only ends the work on it. */
static enum mu_err refuse(
    struct answer *a, enum xml_kms_error code, const char *why)
{
    a->form.head.error_code = (uint64_t)code;
    a->form.head.error_text = span_str(why);
    a->why = why;
    return MU_E_DENIED;
}

static enum mu_err not_found(struct answer *a, enum mu_err err, const char *why)
{
    return err == MU_E_NOT_FOUND ? refuse(a, XML_KMS_NOT_FOUND, why) : err;
}

static void add_piece(struct answer *a, struct span xml)
{
    if (a->form.piece_count < XML_KMS_PIECES_MAX)
        a->pieces[a->form.piece_count++] = xml;
}

/* Who asks must be a user, and not one who was revoked. */
static enum mu_err load_user(struct answer *a)
{
    const struct kds_service *s = a->service;
    enum mu_err err =
        kds_store_user(s->store, a->ask->user, &a->arena, &a->user);

    if (err != MU_OK)
        return not_found(a, err, "not a user of this KMS");
    if (a->user.revoked)
        return refuse(a, XML_KMS_FORBIDDEN, "the user is revoked");
    if (a->user.ink.len == 0 || mu_keyring_current(s->kek) == NULL)
        return MU_OK;
    if (kds_ink_open(
            s->kek, a->user.uri, a->user.serial, a->user.ink, &a->ink) != MU_OK)
        return refuse(a, XML_KMS_INTERNAL, "the user's InK does not open");
    a->has_ink = true;
    return MU_OK;
}

static enum mu_err read_signed(struct answer *a, struct xml_kms_request *out)
{
    MU_CLEANUP(xml_canonical_clear) struct xml_canonical signed_part = {0};
    struct xml_fault fault;
    enum mu_err err;

    if (!a->has_ink)
        return refuse(
            a, XML_KMS_FORBIDDEN, "no InK to check the signature with");
    err = xml_verify_hmac(
        XML_SIGNED_REQUEST, a->ask->body, &a->ink, &fault, &signed_part);
    if (err == MU_E_CRYPTO)
        return refuse(a, XML_KMS_FORBIDDEN, "the signature is not the user's");
    if (err != MU_OK)
        return err == MU_E_NO_MEMORY
                   ? err
                   : refuse(a, XML_KMS_BAD_REQUEST, "no SignedKmsRequest");
    /* What was signed, and nothing around it. */
    err = xml_kms_request_read(
        xml_canonical_span(&signed_part), &a->arena, &fault, out);
    return err == MU_OK || err == MU_E_NO_MEMORY
               ? err
               : refuse(a, XML_KMS_BAD_REQUEST, "no KmsRequest");
}

static enum mu_err read_unsigned(struct answer *a, struct xml_kms_request *out)
{
    struct xml_fault fault;
    enum mu_err err =
        xml_kms_request_read(a->ask->body, &a->arena, &fault, out);

    return err == MU_OK || err == MU_E_NO_MEMORY
               ? err
               : refuse(a, XML_KMS_BAD_REQUEST, "no KmsRequest");
}

static bool is_recent(const struct answer *a, uint64_t time_s)
{
    uint64_t now_s = a->ask->now_s;

    return (now_s > time_s ? now_s - time_s : time_s - now_s) <=
           a->service->request_age_s;
}

/* What a KMS checks of a request (annex D.2.2). */
static enum mu_err check_fields(
    struct answer *a, const struct xml_kms_request *request)
{
    if (!span_eq(request->user_uri, a->ask->user))
        return refuse(
            a, XML_KMS_FORBIDDEN, "UserUri is not the authenticated user");
    if (!span_eq(request->kms_uri, a->service->kms_uri))
        return refuse(a, XML_KMS_BAD_REQUEST, "KmsUri is another KMS's");
    if (!span_eq(request->client_req_url, a->ask->url))
        return refuse(
            a, XML_KMS_BAD_REQUEST, "ClientReqUrl is not the URL asked for");
    if (!is_recent(a, request->time_s))
        return refuse(a, XML_KMS_FORBIDDEN, "Time is not recent");
    return MU_OK;
}

/* Release 13 posts nothing; the security extension a signed request. */
static enum mu_err check_request(struct answer *a)
{
    bool is_signed = xml_kms_is_signed(a->ask->body);
    struct xml_kms_request request;

    if (a->service->signed_requests == KDS_SIGNED_REQUIRED && !is_signed)
        return refuse(a, XML_KMS_FORBIDDEN, "the request is not signed");
    if (a->ask->body.len == 0)
        return MU_OK;
    TRY(is_signed ? read_signed(a, &request) : read_unsigned(a, &request));
    return check_fields(a, &request);
}

static enum mu_err give_init(struct answer *a)
{
    struct kds_certificate root;
    enum mu_err err = kds_store_root(a->service->store, &a->arena, &root);

    if (err != MU_OK)
        return not_found(a, err, "no certificate yet");
    a->form.head.message = XML_KMS_INIT;
    add_piece(a, root.xml);
    return MU_OK;
}

/* The number of the first period that is asked for. */
static enum mu_err first_period(struct answer *a, uint64_t *out)
{
    const struct kds_ask *ask = a->ask;
    struct kds_certificate root;
    uint64_t t_s = ask->now_s + (uint64_t)MIKEY_NTP_UNIX_S;
    enum mu_err err = kds_store_root(a->service->store, &a->arena, &root);

    if (err != MU_OK)
        return not_found(a, err, "no certificate yet");
    if (ask->target.has_time)
        t_s = mikey_ntp_s(ask->target.ntp, (int64_t)ask->now_s);
    err = mcptt_period_number(&root.rule, t_s, out);
    return not_found(a, err, "before the first key period");
}

static enum mu_err add_key_set(struct answer *a, uint64_t period)
{
    struct kds_key_set set;
    enum mu_err err = kds_store_key_set(
        a->service->store, a->user.uri, period, &a->arena, &set);

    if (err == MU_E_NOT_FOUND)
        return MU_OK;
    TRY(err);
    add_piece(a, set.xml);
    return MU_OK;
}

/* Of the time that was named; else of now and what comes next. */
static enum mu_err give_keys(struct answer *a)
{
    const struct kds_target *target = &a->ask->target;
    uint64_t more = target->has_time ? 0 : a->service->next_periods;
    uint64_t first;

    if (target->uri.len > 0 && !span_eq(target->uri, a->ask->user))
        return refuse(a, XML_KMS_FORBIDDEN, "the keys are another user's");
    TRY(first_period(a, &first));
    for (uint64_t i = 0; i <= more; i++)
        TRY(add_key_set(a, first + i));
    if (a->form.piece_count == 0)
        return refuse(a, XML_KMS_NOT_FOUND, "no key set for that period");
    a->form.head.message = XML_KMS_KEY_PROV;
    return MU_OK;
}

/* More than fit come with the next request, from the number given. */
static enum mu_err give_cache(struct answer *a)
{
    struct mu_arena_list list;
    uint64_t cache_num;
    const struct kds_certificate *c;

    TRY(kds_store_externals(a->service->store, a->ask->target.cache_num,
        &a->arena, &list, &cache_num));
    c = list.at;
    for (size_t i = 0; i < list.len; i++)
        add_piece(a, c[i].xml);
    if (a->form.piece_count < list.len)
        cache_num = c[a->form.piece_count - 1].cache_num;
    a->form.head.message = XML_KMS_CERT_CACHE;
    a->form.head.cache_num = cache_num;
    return MU_OK;
}

/* One certificate, as KmsInit holds one: the form for this resource is not
 * known. */
static enum mu_err give_certificate(struct answer *a)
{
    struct kds_certificate got;
    enum mu_err err = kds_store_certificate(
        a->service->store, a->ask->target.uri, &a->arena, &got);

    if (err != MU_OK)
        return not_found(a, err, "no certificate of that KMS");
    a->form.head.message = XML_KMS_INIT;
    add_piece(a, got.xml);
    return MU_OK;
}

/* A user of this KMS: its KmsUri stands in every response. */
static enum mu_err give_lookup(struct answer *a)
{
    struct kds_user other;
    enum mu_err err = kds_store_user(
        a->service->store, a->ask->target.uri, &a->arena, &other);

    if (err == MU_OK && other.revoked)
        err = MU_E_NOT_FOUND;
    return not_found(a, err, "not a user of this KMS");
}

/* Kept as it came, signature and all, for the operator's eyes. */
static enum mu_err take_krr(struct answer *a)
{
    const struct kds_ask *ask = a->ask;
    enum mu_err err;

    if (ask->body.len == 0)
        return refuse(a, XML_KMS_BAD_REQUEST, "nothing was uploaded");
    TRY(kds_store_commit(a->service->store));
    err = kds_store_add_krr(
        a->service->store, a->user.uri, ask->now_s, ask->body);
    if (err == MU_E_NO_SPACE)
        return refuse(a, XML_KMS_FORBIDDEN, "too many were uploaded");
    return err;
}

static enum mu_err work(struct answer *a)
{
    static enum mu_err (*const give[])(struct answer *) = {
        [KDS_INIT] = give_init,
        [KDS_KEYPROV] = give_keys,
        [KDS_CERTCACHE] = give_cache,
        [KDS_CERT] = give_certificate,
        [KDS_LOOKUP] = give_lookup,
        [KDS_KRR] = take_krr,
    };

    TRY(kds_store_begin_read(a->service->store)); /* one bundle, whole */
    TRY(load_user(a));
    if (a->service->online_signing && !a->has_ink)
        return refuse(a, XML_KMS_FORBIDDEN, "no InK to sign the answer with");
    TRY(check_request(a));
    return give[a->ask->target.resource](a);
}

/* Memory is not refused politely; everything else is. */
static enum mu_err settle(struct answer *a, enum mu_err err)
{
    if (err == MU_E_NO_MEMORY)
        return err;
    if (err != MU_OK && a->form.head.error_code == 0)
        (void)refuse(a, XML_KMS_INTERNAL, mu_err_name(err));
    if (a->form.head.error_code != 0) {
        a->form.head.message = XML_KMS_NO_MESSAGE;
        a->form.piece_count = 0;
    }
    return MU_OK;
}

static enum mu_err write_response(const struct answer *a, struct buf *out)
{
    struct span done = {NULL, 0};
    struct wr w;

    wr_init(&w, NULL, SIZE_MAX);
    TRY(xml_kms_response_write(&w, &a->form));
    if (!buf_reserve(out, w.at))
        return out->err;
    wr_init(&w, out->p + out->len, w.at);
    TRY(xml_kms_response_write(&w, &a->form));
    TRY(wr_close(&w, &done));
    out->len += done.len;
    return MU_OK;
}

static enum mu_err sign(
    const struct answer *a, struct span response, struct buf *out)
{
    char name[KEY_NAME_MAX];
    size_t room = response.len + XML_SIGN_OVERHEAD;
    struct span done = {NULL, 0};
    struct wr w;

    (void)snprintf(name, sizeof(name), "ink.%llu.%.*s",
        (unsigned long long)a->user.serial, (int)a->user.uri.len,
        (const char *)a->user.uri.p);
    if (!buf_reserve(out, room))
        return out->err;
    wr_init(&w, out->p + out->len, room);
    TRY(xml_sign_hmac(
        XML_SIGNED_RESPONSE, response, &a->ink, span_str(name), &w));
    TRY(wr_close(&w, &done));
    out->len += done.len;
    return MU_OK;
}

static enum mu_err finish(const struct answer *a, struct buf *out)
{
    MU_CLEANUP(buf_clear) struct buf plain = {0};

    if (!a->service->online_signing || !a->has_ink)
        return write_response(a, out);
    TRY(write_response(a, &plain));
    return sign(a, buf_span(&plain), out);
}

enum mu_err kds_answer(const struct kds_service *service,
    const struct kds_ask *ask, struct kds_reply *out)
{
    MU_CLEANUP(answer_clear)
    struct answer a = {.service = service, .ask = ask, .why = ""};
    MU_CLEANUP(kds_reply_clear) struct kds_reply reply = {.status = 200};

    mu_arena_init(&a.arena, ARENA_MAX);
    a.form = (struct xml_kms_response_form){.head = {.user_uri = ask->user,
                                                .kms_uri = service->kms_uri,
                                                .time_s = ask->now_s,
                                                .client_req_url = ask->url},
        .id = span_str(RESPONSE_ID),
        .pieces = a.pieces};
    TRY(settle(&a, work(&a)));
    TRY(finish(&a, &reply.body));
    if (a.form.head.error_code != 0)
        reply.status = (unsigned)a.form.head.error_code;
    reply.why = a.why;
    *out = reply;
    reply.body = (struct buf){0};
    return MU_OK;
}
