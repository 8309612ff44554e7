/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/kds_import.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kms/bundle.h"
#include "kms/kds_ink.h"
#include "xml/kms_wrapped_set.h"
#include "xml/kms_xml.h"

#define ITEM_ARENA_MAX (4U << 20) /* what is read back for one item */

struct import {
    struct kds_store *store;
    const struct kds_import_config *config;
    struct span whole;
    struct kms_bundle_header header;
    struct kds_import_result result;
    struct kds_import_why *why;
    struct mu_arena arena; /* of one item */
};

__attribute__((format(printf, 3, 4))) static enum mu_err refuse(
    struct import *in, enum mu_err err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(in->why->text, sizeof(in->why->text), format, args);
    va_end(args);
    return err;
}

/* A URI for a line of text: it was checked and has no control characters. */
#define URI_OF(uri) (int)(uri).len, (const char *)(uri).p

static enum mu_err refuse_rd(struct import *in, const struct rd_fault *fault)
{
    return refuse(in, fault->err, "%s at offset %zu: %s", fault->field,
        fault->at, mu_err_name(fault->err));
}

/* Errors of the store say nothing of the bundle. */
static enum mu_err stored(struct import *in, enum mu_err err)
{
    if (err != MU_OK)
        return refuse(in, err, "the database: %s", mu_err_name(err));
    return MU_OK;
}

/* Responses carry it verbatim, where no XML declaration may stand. */
static bool is_bare_element(struct span xml)
{
    return xml.len > 1 && xml.p[0] == '<' && xml.p[1] != '?' && xml.p[1] != '!';
}

/* The one certificate of an item, checked for its form. */
static enum mu_err read_certificate(
    struct import *in, const struct kms_bundle_item *item, struct xml_kms **doc)
{
    struct xml_fault fault;
    enum mu_err err = xml_kms_read(item->certificate, &fault, doc);

    if (err != MU_OK)
        return refuse(in, err, "certificate at offset %zu: %s line %u: %s",
            item->at, fault.path, fault.line,
            fault.why != NULL ? fault.why : mu_err_name(err));
    if ((*doc)->certs == NULL || (*doc)->certs->next != NULL ||
        (*doc)->key_sets != NULL || !is_bare_element(item->certificate))
        return refuse(in, MU_E_MALFORMED,
            "certificate at offset %zu: not one KmsCertificate", item->at);
    return MU_OK;
}

static void free_doc(struct xml_kms **doc)
{
    xml_kms_free(*doc);
}

static struct kds_certificate certificate_of(
    const struct xml_kms *doc, const struct kms_bundle_item *item)
{
    return (struct kds_certificate){.kms_uri = doc->certs->origin.kms_uri,
        .rule = doc->certs->rule,
        .xml = item->certificate};
}

static enum mu_err take_root(
    struct import *in, const struct kms_bundle_item *item)
{
    MU_CLEANUP(free_doc) struct xml_kms *doc = NULL;
    struct kds_certificate put;

    TRY(read_certificate(in, item, &doc));
    if (!span_eq(doc->certs->origin.kms_uri, in->header.kms_uri) ||
        doc->certs->role == XML_KMS_ROLE_EXTERNAL)
        return refuse(in, MU_E_MALFORMED,
            "certificate at offset %zu: not the root of this KMS", item->at);
    in->result.certificates++;
    put = certificate_of(doc, item);
    return stored(in, kds_store_put_root(in->store, &put));
}

/* Also one without a role: it is the place that says what it is. */
static enum mu_err take_external(
    struct import *in, const struct kms_bundle_item *item)
{
    MU_CLEANUP(free_doc) struct xml_kms *doc = NULL;
    struct kds_certificate put;
    struct span uri;

    TRY(read_certificate(in, item, &doc));
    uri = doc->certs->origin.kms_uri;
    if (span_eq(uri, in->header.kms_uri) ||
        doc->certs->role == XML_KMS_ROLE_ROOT)
        return refuse(in, MU_E_MALFORMED,
            "certificate at offset %zu: not of another KMS", item->at);
    in->result.certificates++;
    put = certificate_of(doc, item);
    return stored(in, kds_store_put_external(in->store, &put));
}

/* Opens an InK that was sealed to our import key, and seals it under the KEK.
 */
static enum mu_err move_ink(struct import *in,
    const struct kms_bundle_user *user, uint8_t out[KDS_INK_SEALED_LEN])
{
    MU_CLEANUP(mcptt_ink_clear) struct mcptt_ink ink = {0};
    struct kms_import_use use = {in->header.kms_uri, user->uri, user->serial};
    enum mu_err err =
        kms_import_open(in->config->import_key, &use, user->ink, &ink);

    if (err == MU_OK)
        err = kds_ink_seal(in->config->kek, user->uri, user->serial, &ink,
            in->config->rng, out);
    if (err != MU_OK)
        return refuse(in, err, "the InK of %.*s does not open: %s",
            URI_OF(user->uri), mu_err_name(err));
    return MU_OK;
}

/* An enrolment replaces an earlier one, never a later one. */
static enum mu_err not_older(
    struct import *in, const struct kms_bundle_user *user)
{
    struct kds_user held = {0};
    enum mu_err err = kds_store_user(in->store, user->uri, &in->arena, &held);

    if (err == MU_E_NOT_FOUND)
        return MU_OK;
    TRY(stored(in, err));
    if (user->serial < held.serial)
        return refuse(in, MU_E_STATE,
            "%.*s: the enrolment is older than the one held",
            URI_OF(user->uri));
    return MU_OK;
}

static enum mu_err check_uri(
    struct import *in, const struct kms_bundle_item *item, struct span uri)
{
    if (mcptt_id_check(uri) != MU_OK)
        return refuse(
            in, MU_E_MALFORMED, "user URI at offset %zu: malformed", item->at);
    return MU_OK;
}

static enum mu_err take_user(
    struct import *in, const struct kms_bundle_item *item)
{
    const struct kms_bundle_user *user = &item->user;
    struct kds_user put = {
        .uri = user->uri, .revoked = user->revoked, .serial = user->serial};
    uint8_t ink[KDS_INK_SEALED_LEN];

    TRY(check_uri(in, item, user->uri));
    TRY(not_older(in, user));
    if (user->ink.len > 0 && !user->revoked && in->config->import_key != NULL) {
        TRY(move_ink(in, user, ink));
        put.ink = SPAN_OF(ink);
    }
    in->result.users++;
    in->result.revoked += user->revoked;
    return stored(in, kds_store_put_user(in->store, &put));
}

/* With the InK at hand, that the KMS signed this key set for this user. */
static enum mu_err check_mac(struct import *in, const struct kds_user *owner,
    const struct kms_bundle_key_set *set)
{
    MU_CLEANUP(mcptt_ink_clear) struct mcptt_ink ink = {0};
    enum mu_err err;

    if (owner->ink.len == 0 || in->config->kek == NULL)
        return MU_OK;
    err = kds_ink_open(
        in->config->kek, owner->uri, owner->serial, owner->ink, &ink);
    if (err == MU_OK)
        err = kds_ink_check(&ink, set->xml, set->mac);
    if (err != MU_OK)
        return refuse(in, err, "key set of %.*s, period %llu: %s",
            URI_OF(set->uri), (unsigned long long)set->period,
            mu_err_name(err));
    return MU_OK;
}

/* That the KmsKeySet is the one that the item says it is. */
static enum mu_err check_form(
    struct import *in, const struct kms_bundle_key_set *set)
{
    struct xml_kms_wrapped_set got;
    struct xml_fault fault;
    enum mu_err err =
        xml_kms_wrapped_set_read(set->xml, &in->arena, &fault, &got);

    if (err != MU_OK)
        return refuse(in, err, "key set of %.*s: %s line %u: %s",
            URI_OF(set->uri), fault.path, fault.line,
            fault.why != NULL ? fault.why : mu_err_name(err));
    if (!is_bare_element(set->xml) || !span_eq(got.user_uri, set->uri) ||
        !span_eq(got.origin.kms_uri, in->header.kms_uri) ||
        got.period_no != set->period)
        return refuse(in, MU_E_MALFORMED,
            "key set of %.*s: the KmsKeySet is of another user, KMS or period",
            URI_OF(set->uri));
    return MU_OK;
}

static enum mu_err take_key_set(
    struct import *in, const struct kms_bundle_item *item)
{
    const struct kms_bundle_key_set *set = &item->key_set;
    struct kds_key_set put = {.uri = set->uri,
        .period = set->period,
        .serial = set->serial,
        .mac = set->mac,
        .xml = set->xml};
    struct kds_user owner = {0};
    enum mu_err err;

    TRY(check_uri(in, item, set->uri));
    err = kds_store_user(in->store, set->uri, &in->arena, &owner);
    if (err == MU_E_NOT_FOUND)
        return refuse(in, MU_E_MALFORMED, "key set of %.*s: no such user",
            URI_OF(set->uri));
    TRY(stored(in, err));
    if (owner.revoked || owner.serial != set->serial)
        return refuse(in, MU_E_MALFORMED, "key set of %.*s: %s",
            URI_OF(set->uri),
            owner.revoked ? "he is revoked" : "not of his enrolment");
    TRY(check_mac(in, &owner, set));
    TRY(check_form(in, set));
    in->result.key_sets++;
    return stored(in, kds_store_put_key_set(in->store, &put));
}

static enum mu_err take(struct import *in, const struct kms_bundle_item *item)
{
    static enum mu_err (*const takers[])(
        struct import *, const struct kms_bundle_item *) = {
        [KMS_BUNDLE_ROOT] = take_root,
        [KMS_BUNDLE_EXTERNAL] = take_external,
        [KMS_BUNDLE_USER] = take_user,
        [KMS_BUNDLE_KEY_SET] = take_key_set,
    };
    enum mu_err err;

    mu_arena_init(&in->arena, ITEM_ARENA_MAX);
    err = takers[item->kind](in, item);
    mu_arena_clear(&in->arena);
    return err;
}

static enum mu_err check_order(struct import *in, const struct kds_last *last)
{
    unsigned long long held = last->sequence, number = in->header.sequence;
    enum mu_err err =
        kms_bundle_follows(&in->header, last->sequence, last->hash);

    switch (err) {
    case MU_E_STATE:
        return refuse(
            in, err, "number %llu again: %llu is the last", number, held);
    case MU_E_NOT_FOUND:
        return refuse(
            in, err, "number %llu after %llu: one is missing", number, held);
    case MU_E_DENIED:
        return refuse(in, err,
            "number %llu follows another number %llu than ours: a fork", number,
            held);
    default:
        return err;
    }
}

static enum mu_err check_last(struct import *in)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct kds_last last = {0};

    mu_arena_init(&arena, ITEM_ARENA_MAX);
    TRY(stored(in, kds_store_last(in->store, &arena, &last)));
    return check_order(in, &last);
}

static enum mu_err put_last(struct import *in)
{
    struct kds_last last = {.sequence = in->header.sequence,
        .kms_uri = in->header.kms_uri,
        .created_s = in->header.created_s,
        .log_head = in->header.log_head};

    memcpy(last.certificate, in->header.certificate, sizeof(last.certificate));
    TRY(kms_bundle_hash(in->whole, last.hash));
    return stored(in, kds_store_put_last(in->store, &last));
}

/* Without a root nobody can be served: the first bundle must bring it. */
static enum mu_err check_root(struct import *in)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct kds_certificate root;
    enum mu_err err;

    mu_arena_init(&arena, ITEM_ARENA_MAX);
    err = kds_store_root(in->store, &arena, &root);
    if (err == MU_E_NOT_FOUND)
        return refuse(in, MU_E_MALFORMED, "no root certificate");
    return stored(in, err);
}

static enum mu_err take_all(struct import *in, struct rd *items)
{
    struct kms_bundle_item item;

    TRY(check_last(in));
    while (kms_bundle_next(items, &item))
        TRY(take(in, &item));
    if (rd_err(items) != MU_OK)
        return refuse_rd(in, &items->fault);
    TRY(check_root(in));
    return put_last(in);
}

static enum mu_err transact(struct import *in, struct rd *items)
{
    enum mu_err err = stored(in, kds_store_begin_write(in->store));

    if (err == MU_OK)
        err = take_all(in, items);
    if (err == MU_OK)
        err = stored(in, kds_store_commit(in->store));
    if (err != MU_OK)
        kds_store_undo(in->store);
    return err;
}

enum mu_err kds_import(struct kds_store *store,
    const struct kds_import_config *config, struct span bundle,
    struct kds_import_result *out, struct kds_import_why *why)
{
    struct import in = {
        .store = store, .config = config, .whole = bundle, .why = why};
    struct rd_fault fault = {0};
    struct rd items;

    (void)snprintf(why->text, sizeof(why->text), "cannot be imported");
    if (kms_bundle_open(
            bundle, &config->bundle_key, &in.header, &items, &fault) != MU_OK)
        return refuse_rd(&in, &fault);
    if (!span_eq(in.header.kms_uri, config->kms_uri))
        return refuse(&in, MU_E_DENIED, "a bundle of another KMS");
    TRY(transact(&in, &items));
    in.result.sequence = in.header.sequence;
    in.result.log_head = in.header.log_head;
    *out = in.result;
    return MU_OK;
}
