/* SPDX-License-Identifier: Apache-2.0 */
#include "kms-client/reply.h"

#include <stdio.h>
#include <string.h>

#include "xml/dsig.h"
#include "xml/kms_krr.h"
#include "xml/kms_message.h"
#include "xml/kms_wrapped_set.h"

/* What is wrong with an answer as a whole. */
static enum mu_err refuse(
    struct kms_brought *out, enum mu_err err, const char *why)
{
    (void)snprintf(out->why, sizeof(out->why), "%s", why);
    return err;
}

/* The same for an element; err is MU_OK when nothing is. */
static enum mu_err refuse_at(struct kms_brought *out, enum mu_err err,
    const struct xml_fault *fault, const char *where)
{
    if (err == MU_OK)
        return MU_OK;
    if (fault->err != MU_OK)
        (void)snprintf(out->why, sizeof(out->why), "%s%.100s: %.40s", where,
            fault->path, fault->why);
    else
        (void)snprintf(
            out->why, sizeof(out->why), "%s: %s", where, mu_err_name(err));
    return err;
}

static void response_drop(struct xml_kms_response **response)
{
    xml_kms_response_free(*response);
}

/*
 * The KmsResponse in the envelope. With a signature it is read from the very
 * octets that were signed; without one it is as good as TLS, if that will do.
 */
static enum mu_err open_envelope(const struct kms_expected *x, struct span body,
    struct kms_brought *out, struct xml_kms_response **response)
{
    MU_CLEANUP(xml_canonical_clear) struct xml_canonical canonical = {0};
    struct xml_fault fault = {.err = MU_OK};
    enum mu_err err = MU_OK;

    out->is_signed = xml_kms_is_signed(body);
    if (out->is_signed) {
        err = xml_verify_hmac(
            XML_SIGNED_RESPONSE, body, &x->enrolment->ink, &fault, &canonical);
        TRY(refuse_at(out, err, &fault, "the envelope's signature"));
        body = xml_canonical_span(&canonical);
    }
    err = xml_kms_response_read(body, &fault, response);
    TRY(refuse_at(out, err, &fault, ""));
    if (!out->is_signed && !x->unsigned_ok)
        return refuse(out, MU_E_DENIED, "the envelope is not signed");
    return MU_OK;
}

static bool is_id(struct span text, const struct mcptt_id *id)
{
    return span_eq(text, mcptt_id_span(id));
}

/* Is it the answer to what was asked, and of now (annex D.2.3)? */
static enum mu_err check_head(const struct kms_expected *x,
    const struct xml_kms_head *head, struct kms_brought *out)
{
    uint64_t apart_s = head->time_s > x->now_s ? head->time_s - x->now_s
                                               : x->now_s - head->time_s;

    if (!is_id(head->user_uri, &x->enrolment->user_uri))
        return refuse(out, MU_E_DENIED, "UserUri: is another user's");
    if (!is_id(head->kms_uri, &x->enrolment->kms_uri))
        return refuse(out, MU_E_DENIED, "KmsUri: is another KMS's");
    if (!span_eq(head->client_req_url, x->url))
        return refuse(out, MU_E_DENIED, "ClientReqUrl: is another request's");
    if (apart_s > x->skew_s)
        return refuse(out, MU_E_EXPIRED,
            "Time: is not now; the answer is old or a clock is wrong");
    if (head->error_code == XML_KMS_NO_ERROR)
        return MU_OK;
    (void)snprintf(out->why, sizeof(out->why), "KmsError %llu: %.*s",
        (unsigned long long)head->error_code, (int)head->error_text.len,
        (const char *)head->error_text.p);
    return MU_E_DENIED;
}

static enum mu_err read_cert(const struct kms_expected *x, struct span text,
    struct kms_brought *out, struct kms_cert **cert)
{
    struct xml_fault fault = {.err = MU_OK};
    struct kms_trust trust;

    kms_trust_of(x->enrolment, &trust);
    return refuse_at(out, kms_cert_new_or(x->known, &trust, text, &fault, cert),
        &fault, "the certificate");
}

/* Home certificates have to be good now: keys follow under them. */
static enum mu_err take_home(const struct kms_expected *x,
    const struct xml_kms_piece *piece, struct kms_keyset *keys,
    struct kms_brought *out)
{
    MU_CLEANUP(kms_cert_drop) struct kms_cert *cert = NULL;
    struct span text = xml_canonical_span(&piece->text);
    struct kms_cert *have = kms_keyset_home(keys);
    enum mu_err err;

    if (have != NULL && span_eq(have->text, text))
        cert = kms_cert_ref(have);
    else
        TRY(read_cert(x, text, out, &cert));
    if (!is_id(cert->says->origin.kms_uri, &x->enrolment->kms_uri))
        return refuse(out, MU_E_DENIED, "KmsCertificate/KmsUri: is another's");
    err = kms_cert_check_time(cert, x->now_s);
    if (err == MU_E_DENIED)
        return refuse(out, err, "KmsCertificate/Revoked: it is revoked");
    if (err != MU_OK)
        return refuse(
            out, err, "KmsCertificate: ValidFrom..ValidTo is not now");
    err = kms_keyset_set_home(keys, cert);
    if (err == MU_E_MALFORMED)
        return refuse(out, err, "KmsCertificate: its Role is not Root");
    if (err != MU_OK)
        return refuse(out, err, "KmsCertificate: is older than the one known");
    return MU_OK;
}

/* Those of other domains are taken as they are: who uses one checks its time,
 * and a revoked one has to take the place of the good one. */
static enum mu_err take_external(const struct kms_expected *x,
    const struct xml_kms_piece *piece, struct kms_keyset *keys,
    struct kms_brought *out)
{
    MU_CLEANUP(kms_cert_drop) struct kms_cert *cert = NULL;
    struct span kms_uri;
    enum mu_err err;

    TRY(read_cert(x, xml_canonical_span(&piece->text), out, &cert));
    kms_uri = cert->says->origin.kms_uri;
    if (x->kind == KMS_REPLY_CERT && !span_eq(kms_uri, x->wanted))
        return refuse(
            out, MU_E_DENIED, "KmsCertificate/KmsUri: is not the one wanted");
    err = kms_keyset_add_external(keys, cert);
    if (err == MU_E_MALFORMED)
        return refuse(out, err, "KmsCertificate: its Role is not External");
    if (err == MU_E_DENIED)
        return refuse(out, err, "KmsCertificate: is older than the one known");
    if (err != MU_OK)
        return refuse(out, err, "KmsCertificate: there are too many");
    return MU_OK;
}

static enum mu_err take_cert(const struct kms_expected *x,
    const struct xml_kms_piece *piece, struct kms_keyset *keys,
    struct kms_brought *out)
{
    if (piece->kind == XML_KMS_PIECE_KEY_SET)
        return refuse(out, MU_E_MALFORMED, "KmsMessage: keys, not asked for");
    if (x->kind == KMS_REPLY_INIT)
        TRY(take_home(x, piece, keys, out));
    else
        TRY(take_external(x, piece, keys, out));
    out->certs++;
    return MU_OK;
}

static enum mu_err copy_wrapped(struct span in, struct xml_wrapped *out)
{
    if (in.len > sizeof(out->b))
        return MU_E_CRYPTO;
    if (in.len > 0)
        memcpy(out->b, in.p, in.len);
    out->len = in.len;
    return MU_OK;
}

static enum mu_err add_keys(const struct kms_expected *x,
    const struct xml_kms_wrapped_set *set, struct kms_keyset *keys)
{
    struct kms_wrapped_keys in = {.period_no = set->period_no, .uid = set->uid};

    TRY(copy_wrapped(set->rsk.wrapped, &in.rsk));
    TRY(copy_wrapped(set->ssk.wrapped, &in.ssk));
    TRY(copy_wrapped(set->pvt.wrapped, &in.pvt));
    return kms_keyset_add(keys, x->unopened ? NULL : &x->enrolment->trk, &in);
}

static enum mu_err check_origin(const struct kms_expected *x,
    const struct xml_kms_wrapped_set *set, struct kms_brought *out)
{
    if (!is_id(set->user_uri, &x->enrolment->user_uri))
        return refuse(out, MU_E_DENIED, "KmsKeySet/UserUri: is another's");
    if (!is_id(set->origin.kms_uri, &x->enrolment->kms_uri))
        return refuse(out, MU_E_DENIED, "KmsKeySet/KmsUri: is another's");
    if (set->origin.revoked)
        return refuse(out, MU_E_DENIED, "KmsKeySet/Revoked: it is revoked");
    if (set->origin.valid_to_s <= x->now_s)
        return refuse(out, MU_E_EXPIRED, "KmsKeySet/ValidTo: has passed");
    return MU_OK;
}

static enum mu_err take_keys(const struct kms_expected *x,
    const struct xml_kms_piece *piece, struct kms_keyset *keys,
    struct kms_brought *out)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_fault fault = {.err = MU_OK};
    struct xml_kms_wrapped_set set;
    enum mu_err err;

    mu_arena_init(&arena, 1U << 14);
    if (piece->kind != XML_KMS_PIECE_KEY_SET)
        return refuse(
            out, MU_E_MALFORMED, "KmsMessage: a certificate, not asked for");
    err = xml_kms_wrapped_set_read(
        xml_canonical_span(&piece->text), &arena, &fault, &set);
    TRY(refuse_at(out, err, &fault, ""));
    TRY(check_origin(x, &set, out));
    err = add_keys(x, &set, keys);
    if (err == MU_E_DENIED)
        return refuse(
            out, err, "KmsKeySet/UserID: is not of this user and period");
    if (err == MU_E_CRYPTO)
        return refuse(
            out, err, "KmsKeySet: its keys do not open, or are not the user's");
    if (err != MU_OK)
        return refuse(out, err, "KmsKeySet: cannot be kept");
    out->key_sets++;
    return MU_OK;
}

/* What each kind of answer holds. */
struct row {
    enum xml_kms_message message;
    enum mu_err (*take)(const struct kms_expected *x,
        const struct xml_kms_piece *piece, struct kms_keyset *keys,
        struct kms_brought *out);
};

static const struct row rows[] = {
    [KMS_REPLY_INIT] = {XML_KMS_INIT, take_cert},
    [KMS_REPLY_KEYPROV] = {XML_KMS_KEY_PROV, take_keys},
    [KMS_REPLY_CERTCACHE] = {XML_KMS_CERT_CACHE, take_cert},
    [KMS_REPLY_CERT] = {XML_KMS_INIT, take_cert},
};

enum mu_err kms_reply_take(const struct kms_expected *expected,
    struct span body, struct kms_keyset *keys, struct kms_brought *out)
{
    MU_CLEANUP(response_drop) struct xml_kms_response *response = NULL;
    const struct row *row = &rows[expected->kind];

    *out = (struct kms_brought){.is_signed = false};
    TRY(open_envelope(expected, body, out, &response));
    TRY(check_head(expected, &response->head, out));
    if (response->head.message != row->message)
        return refuse(
            out, MU_E_MALFORMED, "KmsMessage: not what was asked for");
    for (const struct xml_kms_piece *p = response->pieces; p != NULL;
         p = p->next)
        TRY(row->take(expected, p, keys, out));
    out->cache_num = response->head.cache_num;
    return MU_OK;
}

/* A KRR is a hint that nobody signed: only the caller's own list counts, and
 * of nested ones the outermost, which was made last. */
enum mu_err kms_reply_redirect(
    struct span body, kms_permitted *permitted, void *ctx)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_fault fault;
    struct xml_krr krr;

    mu_arena_init(&arena, 1U << 14);
    if (xml_krr_read(body, &arena, &fault, &krr) != MU_OK)
        return MU_E_MALFORMED;
    for (size_t i = 0; i < krr.count; i++)
        if (krr.uris[i].depth == 1 && permitted(ctx, krr.uris[i].uri))
            return MU_OK;
    return MU_E_DENIED;
}
