/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/issue.h"

#include "base/alloc.h"
#include "kms/extract.h"
#include "mikey/ntp.h"
#include "xml/kms_wrapped_set.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>

#define XML_MAX      4096 /* octets of one KmsKeySet */
#define KEY_NAME_MAX (4 + 20 + 1 + MCPTT_ID_MAX + 1)

/* One run. */
struct run {
    const struct kms_issue *in;
    struct buf *out;
    struct mu_keyring ring; /* the user-key key */
    struct mikey_sakke_kms *sakke;
    struct mikey_eccsi_kms *eccsi;
    struct kms_extractor extractor;
    uint64_t done;
    uint8_t xml[XML_MAX]; /* of the present key set */
};

static void run_free(struct run **at)
{
    struct run *run = *at;

    if (run == NULL)
        return;
    mikey_sakke_kms_free(run->sakke);
    mikey_eccsi_kms_free(run->eccsi);
    mu_free_wiped(run, sizeof(*run));
}

static enum mu_err run_init(
    struct run *run, const struct kms_issue *in, struct buf *out)
{
    const struct kms_public *keys = &in->facts->keys;

    run->in = in;
    run->out = out;
    TRY(mu_keyring_add(&run->ring, &in->master->users));
    TRY(mikey_sakke_kms_new(SPAN_OF(keys->z), &run->sakke));
    TRY(mikey_eccsi_kms_new(SPAN_OF(keys->kpak), &run->eccsi));
    run->extractor = (struct kms_extractor){
        .kms_uri = mcptt_id_span(&in->facts->uri),
        .rule = in->facts->rule,
        .z = &in->master->z,
        .ksak = &in->master->ksak,
        .sakke = run->sakke,
        .eccsi = run->eccsi,
        .rng = in->rng,
        .pair_all = in->pair_all,
    };
    return MU_OK;
}

static enum mu_err add_header(struct run *run)
{
    struct kms_bundle_header header = run->in->header;
    struct wr w;

    header.kms_uri = mcptt_id_span(&run->in->facts->uri);
    wr_init(&w, NULL, SIZE_MAX);
    kms_bundle_begin(&w, &header);
    if (!buf_reserve(run->out, w.at))
        return MU_E_NO_MEMORY;
    wr_init(&w, run->out->p, run->out->cap);
    kms_bundle_begin(&w, &header);
    run->out->len = w.at;
    return w.err;
}

/* A writer that goes on behind what is there, with room for len more. */
static enum mu_err go_on(struct run *run, size_t len, struct wr *w)
{
    if (!buf_reserve(run->out, len))
        return MU_E_NO_MEMORY;
    wr_init(w, run->out->p, run->out->cap);
    w->at = run->out->len;
    return MU_OK;
}

static enum mu_err add_item(struct run *run, const struct kms_bundle_item *item)
{
    struct wr w;

    wr_init(&w, NULL, SIZE_MAX);
    kms_bundle_add(&w, item);
    TRY(go_on(run, w.at, &w));
    kms_bundle_add(&w, item);
    run->out->len = w.at;
    return w.err;
}

static enum mu_err add_end(struct run *run)
{
    struct wr w;

    TRY(go_on(run, 5 + sizeof(struct mu_signature), &w));
    TRY(kms_bundle_end(&w, &run->in->master->bundle));
    run->out->len = w.at;
    return MU_OK;
}

static enum mu_err add_certificates(struct run *run)
{
    struct kms_bundle_item item = {
        .kind = KMS_BUNDLE_ROOT, .certificate = run->in->root};

    TRY(add_item(run, &item));
    item.kind = KMS_BUNDLE_EXTERNAL;
    for (size_t i = 0; i < run->in->external_count; i++) {
        item.certificate = run->in->external[i];
        TRY(add_item(run, &item));
    }
    return MU_OK;
}

static enum mu_err add_user(struct run *run, const struct kms_user *user)
{
    MU_CLEANUP(kms_user_keys_clear) struct kms_user_keys keys = {0};
    uint8_t sealed[KMS_IMPORT_SEALED_LEN];
    struct kms_bundle_item item = {.kind = KMS_BUNDLE_USER};
    struct kms_import_use use = {
        .kms_uri = run->extractor.kms_uri,
        .user_uri = mcptt_id_span(&user->uri),
        .serial = user->serial,
    };

    item.user.revoked = user->state == KMS_USER_REVOKED;
    item.user.serial = user->serial;
    item.user.uri = use.user_uri;
    if (run->in->import != NULL && !item.user.revoked) {
        TRY(kms_user_open(user, &run->ring, &keys));
        TRY(kms_import_seal(
            run->in->import, &use, &keys.ink, run->in->rng, sealed));
        item.user.ink = SPAN_OF(sealed);
    }
    return add_item(run, &item);
}

/* RSK, SSK and PVT under the user's TrK. */
struct wrapped_keys {
    struct xml_wrapped rsk, ssk, pvt;
};

static enum mu_err wrap_keys(enum trk_wrap how, const struct mcptt_trk *trk,
    const struct kms_extracted *keys, struct wrapped_keys *out)
{
    TRY(xml_wrap_rsk(trk, how, &keys->rsk, &out->rsk));
    TRY(xml_wrap_ssk(trk, how, &keys->pair.ssk, &out->ssk));
    return xml_wrap_pvt(trk, how, keys->pair.pvt, &out->pvt);
}

static struct xml_encrypted_key encrypted(
    const struct xml_wrapped *wrapped, const char *name)
{
    return (struct xml_encrypted_key){
        xml_wrapped_span(wrapped), span_str(name)};
}

/* When the period begins and ends, as Unix time. */
static enum mu_err set_validity(
    const struct run *run, uint64_t period, struct xml_kms_origin *out)
{
    struct mcptt_interval i;

    TRY(mcptt_period_interval(&run->extractor.rule, period, &i));
    if (i.from_s < (uint64_t)MIKEY_NTP_UNIX_S)
        return MU_E_MALFORMED;
    out->valid_from_s = i.from_s - (uint64_t)MIKEY_NTP_UNIX_S;
    out->valid_to_s = i.until_s - (uint64_t)MIKEY_NTP_UNIX_S;
    return MU_OK;
}

static enum mu_err write_xml(const struct run *run, uint64_t period,
    const struct kms_user *user, const struct kms_extracted *keys,
    const struct wrapped_keys *wrapped, struct wr *w)
{
    struct xml_kms_wrapped_set set = {
        .origin = {.kms_uri = run->extractor.kms_uri},
        .user_uri = mcptt_id_span(&user->uri),
        .uid = keys->uid,
        .period_no = period,
    };
    char name[KEY_NAME_MAX];

    (void)snprintf(name, sizeof(name), "trk.%llu.%.*s",
        (unsigned long long)user->serial, (int)user->uri.len,
        (const char *)user->uri.b);
    set.rsk = encrypted(&wrapped->rsk, name);
    set.ssk = encrypted(&wrapped->ssk, name);
    set.pvt = encrypted(&wrapped->pvt, name);
    TRY(set_validity(run, period, &set.origin));
    return xml_kms_wrapped_set_write(w, &set, XML_UID_HEX);
}

static enum mu_err authenticate(const struct mcptt_ink *ink, struct span xml,
    uint8_t mac[KMS_BUNDLE_HASH_LEN])
{
    unsigned len = 0;

    if (HMAC(EVP_sha256(), ink->b, sizeof(ink->b), xml.p, xml.len, mac, &len) ==
        NULL)
        return MU_E_CRYPTO;
    return MU_OK;
}

static enum mu_err add_key_set(struct run *run, uint64_t period,
    const struct kms_user *user, const struct kms_extracted *keys)
{
    MU_CLEANUP(kms_user_keys_clear) struct kms_user_keys shared = {0};
    struct kms_bundle_item item = {.kind = KMS_BUNDLE_KEY_SET};
    uint8_t mac[KMS_BUNDLE_HASH_LEN];
    struct wrapped_keys wrapped;
    struct wr w;

    TRY(kms_user_open(user, &run->ring, &shared));
    TRY(wrap_keys(run->in->wrap, &shared.trk, keys, &wrapped));
    wr_init(&w, run->xml, sizeof(run->xml));
    TRY(write_xml(run, period, user, keys, &wrapped, &w));
    item.key_set = (struct kms_bundle_key_set){
        .period = period,
        .serial = user->serial,
        .uri = mcptt_id_span(&user->uri),
        .mac = SPAN_OF(mac),
        .xml = wr_so_far(&w),
    };
    TRY(authenticate(&shared.ink, item.key_set.xml, mac));
    return add_item(run, &item);
}

/* A few users at a time, so that they share their inversions. */
static enum mu_err add_some(
    struct run *run, uint64_t period, struct kms_user *const *users, size_t n)
{
    struct kms_extracted keys[KMS_EXTRACT_MAX];
    struct span uris[KMS_EXTRACT_MAX];
    enum mu_err err;

    for (size_t i = 0; i < n; i++)
        uris[i] = mcptt_id_span(&users[i]->uri);
    err = kms_extract(&run->extractor, period, uris, n, run->done, keys);
    for (size_t i = 0; i < n && err == MU_OK; i++)
        err = add_key_set(run, period, users[i], &keys[i]);
    mu_wipe(keys, sizeof(keys));
    run->done += n;
    return err;
}

static enum mu_err add_period(struct run *run, uint64_t period)
{
    const struct kms_issue *in = run->in;
    uint64_t total =
        in->chosen_count * (in->last_period - in->first_period + 1);
    size_t n;

    for (size_t at = 0; at < in->chosen_count; at += n) {
        n = in->chosen_count - at < KMS_EXTRACT_MAX ? in->chosen_count - at
                                                    : KMS_EXTRACT_MAX;
        TRY(add_some(run, period, in->chosen + at, n));
        if (in->progress != NULL)
            in->progress(in->ctx, run->done, total);
    }
    return MU_OK;
}

static enum mu_err check_input(const struct kms_issue *in)
{
    if (in->last_period < in->first_period ||
        in->last_period - in->first_period >= KMS_ISSUE_PERIODS_MAX)
        return MU_E_NO_SPACE;
    for (size_t i = 0; i < in->chosen_count; i++)
        if (in->chosen[i]->state != KMS_USER_ACTIVE)
            return MU_E_STATE;
    return MU_OK;
}

enum mu_err kms_issue_write(const struct kms_issue *in, struct buf *out)
{
    MU_CLEANUP(run_free) struct run *run = NULL;

    TRY(check_input(in));
    run = mu_alloc(sizeof(*run));
    if (run == NULL)
        return MU_E_NO_MEMORY;
    TRY(run_init(run, in, out));
    TRY(add_header(run));
    TRY(add_certificates(run));
    for (size_t i = 0; i < in->users->len; i++)
        TRY(add_user(run, in->users->at[i]));
    for (uint64_t p = in->first_period; p <= in->last_period; p++)
        TRY(add_period(run, p));
    return add_end(run);
}
