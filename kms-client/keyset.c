/* SPDX-License-Identifier: Apache-2.0 */
#include "kms-client/keyset.h"

#include <string.h>

#include "base/alloc.h"
#include "mikey/ntp.h"

struct kms_keyset {
    struct mcptt_id user;
    struct kms_cert *home;
    struct kms_cert *externals[KMS_EXTERNALS_MAX];
    size_t externals_len;
    /* In order of periods, each once. */
    struct kms_period_keys *periods[KMS_PERIODS_MAX];
    size_t periods_len;
};

static void period_free(struct kms_period_keys *keys)
{
    mu_free_wiped(keys, sizeof(*keys));
}

static void period_drop(struct kms_period_keys **keys)
{
    period_free(*keys);
}

enum mu_err kms_keyset_new(const struct mcptt_id *user, struct kms_keyset **out)
{
    struct kms_keyset *set = mu_alloc(sizeof(*set));

    if (set == NULL)
        return MU_E_NO_MEMORY;
    set->user = *user;
    *out = set;
    return MU_OK;
}

/* Drops the first n periods. */
static void drop_first(struct kms_keyset *set, size_t n)
{
    for (size_t i = 0; i < n; i++)
        period_free(set->periods[i]);
    set->periods_len -= n;
    for (size_t i = 0; i < set->periods_len; i++)
        set->periods[i] = set->periods[i + n];
}

void kms_keyset_free(struct kms_keyset *set)
{
    if (set == NULL)
        return;
    drop_first(set, set->periods_len);
    for (size_t i = 0; i < set->externals_len; i++)
        kms_cert_unref(set->externals[i]);
    kms_cert_unref(set->home);
    mu_free(set);
}

const struct mcptt_id *kms_keyset_user(const struct kms_keyset *set)
{
    return &set->user;
}

/*
 * Whether cert may take the place of old: of the same KMS, and not from before
 * it. An old certificate has been signed, too, and a taken server could give it
 * out again.
 */
static enum mu_err check_newer(
    const struct kms_cert *old, const struct kms_cert *cert)
{
    const struct xml_kms_origin *was = &old->says->origin;
    const struct xml_kms_origin *is = &cert->says->origin;

    if (!span_eq(was->kms_uri, is->kms_uri) ||
        is->valid_from_s < was->valid_from_s)
        return MU_E_DENIED;
    if (is->valid_from_s == was->valid_from_s &&
        !span_eq(SPAN_OF(old->sha256), SPAN_OF(cert->sha256)))
        return MU_E_DENIED;
    return MU_OK;
}

/* From now on *place is cert. */
static void replace(struct kms_cert **place, struct kms_cert *cert)
{
    struct kms_cert *old = *place;

    *place = kms_cert_ref(cert);
    kms_cert_unref(old);
}

enum mu_err kms_keyset_set_home(struct kms_keyset *set, struct kms_cert *cert)
{
    if (cert->says->role == XML_KMS_ROLE_EXTERNAL)
        return MU_E_MALFORMED;
    if (set->home != NULL) {
        TRY(check_newer(set->home, cert));
        if (!kms_cert_same_keys(set->home, cert))
            drop_first(set, set->periods_len);
    }
    replace(&set->home, cert);
    return MU_OK;
}

struct kms_cert *kms_keyset_home(const struct kms_keyset *set)
{
    return set->home;
}

static size_t external_at(const struct kms_keyset *set, struct span kms_uri)
{
    size_t i = 0;

    while (i < set->externals_len &&
           !span_eq(set->externals[i]->says->origin.kms_uri, kms_uri))
        i++;
    return i;
}

enum mu_err kms_keyset_add_external(
    struct kms_keyset *set, struct kms_cert *cert)
{
    struct span kms_uri = cert->says->origin.kms_uri;
    size_t at = external_at(set, kms_uri);

    if (cert->says->role != XML_KMS_ROLE_EXTERNAL)
        return MU_E_MALFORMED;
    if (set->home != NULL && span_eq(set->home->says->origin.kms_uri, kms_uri))
        return MU_E_DENIED;
    if (at == KMS_EXTERNALS_MAX)
        return MU_E_NO_SPACE;
    if (at < set->externals_len)
        TRY(check_newer(set->externals[at], cert));
    else
        set->externals_len++;
    replace(&set->externals[at], cert);
    return MU_OK;
}

struct kms_cert *kms_keyset_external(const struct kms_keyset *set, size_t i)
{
    return i < set->externals_len ? set->externals[i] : NULL;
}

struct kms_cert *kms_keyset_external_of(
    const struct kms_keyset *set, struct span kms_uri)
{
    return kms_keyset_external(set, external_at(set, kms_uri));
}

/* Unix seconds of a time since 1900, which may be before 1970. */
static uint64_t to_unix(uint64_t t_s)
{
    return t_s < MIKEY_NTP_UNIX_S ? 0 : t_s - (uint64_t)MIKEY_NTP_UNIX_S;
}

/* What follows from user, certificate and number alone. */
static enum mu_err place_in_time(
    const struct kms_keyset *set, struct kms_period_keys *keys)
{
    const struct xml_kms_cert *home = set->home->says;
    struct mcptt_uid_source source = {
        .identity = mcptt_id_span(&set->user),
        .kms = home->origin.kms_uri,
        .rule = home->rule,
        .number = keys->wrapped.period_no,
    };
    struct mcptt_interval interval = {0};
    struct mcptt_uid uid = {{0}};

    TRY(mcptt_uid_derive(&source, &uid));
    TRY(mcptt_period_interval(&home->rule, source.number, &interval));
    if (!mcptt_uid_eq(&uid, &keys->wrapped.uid))
        return MU_E_DENIED;
    keys->from_s = to_unix(interval.from_s);
    keys->until_s = to_unix(interval.until_s);
    return MU_OK;
}

static enum mu_err open_keys(const struct kms_cert *home,
    const struct mcptt_trk *trk, struct kms_period_keys *keys)
{
    struct kms_wrapped_keys *in = &keys->wrapped;
    struct span uid = SPAN_OF(in->uid.b);

    TRY(xml_unwrap_rsk(trk, xml_wrapped_span(&in->rsk), &keys->rsk));
    TRY(xml_unwrap_ssk(trk, xml_wrapped_span(&in->ssk), &keys->pair.ssk));
    TRY(xml_unwrap_pvt(trk, xml_wrapped_span(&in->pvt), keys->pair.pvt));
    TRY(mikey_sakke_validate_rsk(home->sakke, uid, &keys->rsk));
    TRY(mikey_eccsi_validate(home->eccsi, uid, &keys->pair));
    keys->open = true;
    return MU_OK;
}

static bool wrapped_eq(
    const struct kms_wrapped_keys *a, const struct kms_wrapped_keys *b)
{
    return a->period_no == b->period_no && mcptt_uid_eq(&a->uid, &b->uid) &&
           span_eq(xml_wrapped_span(&a->rsk), xml_wrapped_span(&b->rsk)) &&
           span_eq(xml_wrapped_span(&a->ssk), xml_wrapped_span(&b->ssk)) &&
           span_eq(xml_wrapped_span(&a->pvt), xml_wrapped_span(&b->pvt));
}

/* Where that period is, or would have to be. */
static size_t period_at(const struct kms_keyset *set, uint64_t period_no)
{
    size_t i = 0;

    while (
        i < set->periods_len && set->periods[i]->wrapped.period_no < period_no)
        i++;
    return i;
}

static struct kms_period_keys *find(
    const struct kms_keyset *set, uint64_t period_no)
{
    size_t at = period_at(set, period_no);

    if (at == set->periods_len ||
        set->periods[at]->wrapped.period_no != period_no)
        return NULL;
    return set->periods[at];
}

/* keys is the set's from here. */
static void insert(struct kms_keyset *set, struct kms_period_keys *keys)
{
    size_t at = period_at(set, keys->wrapped.period_no);

    if (find(set, keys->wrapped.period_no) != NULL) {
        period_free(set->periods[at]);
    } else {
        for (size_t i = set->periods_len++; i > at; i--)
            set->periods[i] = set->periods[i - 1];
    }
    set->periods[at] = keys;
}

enum mu_err kms_keyset_add(struct kms_keyset *set, const struct mcptt_trk *trk,
    const struct kms_wrapped_keys *in)
{
    MU_CLEANUP(period_drop) struct kms_period_keys *keys = NULL;
    const struct kms_period_keys *have = find(set, in->period_no);

    if (set->home == NULL)
        return MU_E_STATE;
    if (have != NULL && have->open && wrapped_eq(&have->wrapped, in))
        return MU_OK;
    if (have == NULL && set->periods_len == KMS_PERIODS_MAX)
        return MU_E_NO_SPACE;
    keys = mu_alloc(sizeof(*keys));
    if (keys == NULL)
        return MU_E_NO_MEMORY;
    keys->wrapped = *in;
    TRY(place_in_time(set, keys));
    if (trk != NULL)
        TRY(open_keys(set->home, trk, keys));
    insert(set, keys);
    keys = NULL;
    return MU_OK;
}

const struct kms_period_keys *kms_keyset_find(
    const struct kms_keyset *set, uint64_t period_no)
{
    return find(set, period_no);
}

const struct kms_period_keys *kms_keyset_at(
    const struct kms_keyset *set, size_t i)
{
    return i < set->periods_len ? set->periods[i] : NULL;
}

void kms_keyset_drop_old(
    struct kms_keyset *set, uint64_t now_s, uint64_t keep_s)
{
    size_t n = 0;

    while (n < set->periods_len && set->periods[n]->until_s <= now_s &&
           now_s - set->periods[n]->until_s >= keep_s)
        n++;
    drop_first(set, n);
}

enum mu_err kms_keyset_status(
    const struct kms_keyset *set, uint64_t now_s, struct kms_keyset_status *out)
{
    struct mcptt_interval interval = {0};
    uint64_t number = 0;

    if (set->home == NULL)
        return MU_E_STATE;
    TRY(mcptt_period_number(
        &set->home->says->rule, now_s + (uint64_t)MIKEY_NTP_UNIX_S, &number));
    TRY(mcptt_period_interval(&set->home->says->rule, number, &interval));
    *out = (struct kms_keyset_status){
        .period_no = number,
        .next_s = to_unix(interval.until_s),
        .has_now = find(set, number) != NULL,
        .has_next = find(set, number + 1) != NULL,
    };
    return MU_OK;
}
