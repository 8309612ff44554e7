/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SUBSCRIBE (TS 24.481 clause 6.3.13.3; RFC 6665 clause 4.2.1; notes
 * gms-protocol 2.1), judged in this order:
 *
 *     489  another event package             481  no such dialog
 *     406  xcap-diff is not accepted         403  nobody that we know, or a
 *                                                 token that does not decrypt
 *     423  too short                         400  a body that does not read
 *     480  too many subscriptions            200  and a NOTIFY at once
 *     480  too many requests of one, or refusals to one address
 *
 * 480 says to him to wait, by Retry-After. 503 would say it to the core's
 * proxy, which then keeps away everybody (RFC 3261 clause 21.5.4).
 */
#include "gms/subs_inside.h"

#include <stdio.h>

#include "base/log.h"
#include "base/text.h"
#include "gms/adapter.h"
#include "gms/caller.h"
#include "sip/access.h"
#include "xml/mcptt_info.h"
#include "xml/resource_lists.h"
#include "xml/xcap_diff.h"

#define BODY_ROOM  (1U << 20)
#define TAG_OCTETS 8
#define RETRY_S    30

/* A SUBSCRIBE as it is being judged. */
struct taking {
    struct gms_subs *subs;
    const struct sip_request *request;
    struct mu_arena arena;
    struct gms_caller caller;
    uint32_t expires_s;
    struct xml_resource_lists lists;
    bool has_list;
    struct span csk_sender; /* of a CSK in the request; empty: none */
    struct span subscriber; /* of the dialog; empty: it has none yet */
    const char *why;        /* of a refusal; NULL: its status says it */
};

static void taking_clear(struct taking *t)
{
    mu_arena_clear(&t->arena);
}

#define UNREADABLE "399 gms \"140 unable to decrypt XML content\""

/* A refusal for want of an identity, to that address, beyond the limit: it says
 * no more than to wait, and is not logged. */
static bool is_too_often(const struct gms_subs *subs,
    const struct sip_request *request, unsigned status)
{
    char address[64];

    if (status != 403 && status != GMS_SUBS_UNREADABLE)
        return false;
    (void)snprintf(address, sizeof(address), "%.*s", (int)request->address.len,
        request->address.p);
    return !http_auth_may_refuse(subs->parts.auth, address);
}

static void log_refused(
    const struct sip_request *request, unsigned status, const char *why)
{
    mu_log(MU_LOG_INFO, "gms.sub_refused",
        mu_log_octets("address", request->address),
        mu_log_u64("status", status),
        mu_log_str("why", why != NULL ? why : ""));
}

void gms_subs_refuse(struct gms_subs *subs, const struct sip_request *request,
    unsigned status, const char *why)
{
    bool too_often = is_too_often(subs, request, status);
    bool unreadable = status == GMS_SUBS_UNREADABLE && !too_often;
    unsigned said = too_often ? 480 : unreadable ? 403 : status;
    const struct sip_answer answer = {.status = said,
        .warning = unreadable ? UNREADABLE : NULL,
        .allow_events = said == 489 ? GMS_EVENT_PACKAGE : NULL,
        .min_expires_s =
            said == 423 ? (uint32_t)subs->parts.conf->expires_least_s : 0,
        .retry_after_s = said == 480 || said == 503 ? RETRY_S : 0};

    subs->stats.refused++;
    if (!too_often)
        log_refused(request, said, why);
    gms_subs_answer(subs, request->id, &answer);
}

/* ---------------------------------------------------------------------- who */

static unsigned admit_token(struct taking *t, struct span token)
{
    const struct http_auth *auth = t->subs->parts.auth;
    const struct http_token_terms terms = {
        .keys = auth->keys != NULL ? http_keys_now(auth->keys) : NULL,
        .policy = &auth->policy,
        .now_s = gms_subs_now_ms(t->subs) / 1000};
    enum http_token_fault fault = HTTP_TOKEN_GOOD;
    struct http_claims claims;

    if (terms.keys == NULL)
        return 503;
    if (http_token_check(&t->arena, token, &terms, &claims, &fault) == MU_OK) {
        t->caller = (struct gms_caller){
            .uri = claims.identity, .expires_s = claims.expires_s};
        return 0;
    }
    if (fault == HTTP_TOKEN_KEY)
        http_keys_missing(auth->keys);
    t->why = http_token_fault_name(fault);
    return fault == HTTP_TOKEN_GOOD ? 500 : 403;
}

/* A server by the identity that its core asserts, if it has a role here (notes
 * 2.4). */
static unsigned admit_server(struct taking *t)
{
    struct gms_caller caller = {.uri = t->request->asserted, .asserted = true};

    if (caller.uri.len == 0 || !gms_access_may(t->subs->parts.access, &caller,
                                   GMS_MAY_READ_FULL, (struct span){NULL, 0}))
        return 403;
    t->caller = caller;
    return 0;
}

/* By the CSK that came with it; or one of the same subscriber's from before;
 * or, for somebody new, whoever's has that name. */
static unsigned admit_sealed(struct taking *t, struct span data)
{
    struct span member = t->csk_sender.len > 0 ? t->csk_sender : t->subscriber;
    struct gms_unsealed unsealed = {.token = {NULL, 0}};
    unsigned status = gms_subs_unseal(
        t->subs, t->request, data, member, &t->arena, &unsealed);

    if (status == 0)
        status = admit_token(t, unsealed.token);
    /* What a member encrypts is his own token, or he could show us one that
     * he was shown by somebody else. */
    if (status == 0 && !span_eq(unsealed.member, t->caller.uri))
        status = 403;
    return status;
}

static unsigned admit(struct taking *t, const struct xml_mcptt_info *info)
{
    if (info->encrypted)
        return admit_sealed(t, info->data);
    return info->token.len > 0 ? admit_token(t, info->token) : admit_server(t);
}

/* The token says who, and nothing else does; without one a trusted core may
 * (notes gms-protocol 0.7). Never From. A CSK is by the same. */
static unsigned identify(struct taking *t)
{
    const struct sip_part *part =
        sip_request_part(t->request, XML_MCPTT_INFO_TYPE);
    struct xml_mcptt_info info = {.encrypted = false};
    struct xml_fault fault;
    unsigned status;

    if (part != NULL &&
        xml_mcptt_info_read(part->body, &t->arena, &fault, &info) != MU_OK)
        return 400;
    status = admit(t, &info);
    if (status == 0 && t->csk_sender.len > 0 &&
        !span_eq(t->csk_sender, t->caller.uri))
        status = 403;
    return status;
}

/* -------------------------------------------------------- how long, and what
 */

/* No longer than the token is good, and a grace (notes 2.2). */
static uint32_t bounded(const struct taking *t, uint64_t wanted_s)
{
    const struct gms_conf_sip *conf = t->subs->parts.conf;
    uint64_t now_s = gms_subs_now_ms(t->subs) / 1000;
    uint64_t until_s = t->caller.expires_s + conf->token_grace_s;

    uint64_t left_s = until_s > now_s ? until_s - now_s : 0;

    if (wanted_s > conf->expires_most_s)
        wanted_s = conf->expires_most_s;
    if (t->caller.expires_s > 0 && wanted_s > left_s)
        wanted_s = left_s;
    return (uint32_t)wanted_s;
}

static unsigned set_expires(struct taking *t)
{
    const struct gms_conf_sip *conf = t->subs->parts.conf;

    t->expires_s = t->request->has_expires ? t->request->expires_s
                                           : (uint32_t)conf->expires_s;
    if (t->expires_s == 0)
        return 0;
    if (t->expires_s < conf->expires_least_s)
        return 423;
    t->expires_s = bounded(t, t->expires_s);
    return 0;
}

static unsigned read_list(struct taking *t)
{
    const struct sip_part *part =
        sip_request_part(t->request, XML_RESOURCE_LISTS_TYPE);
    struct xml_fault fault;
    enum mu_err err;

    t->has_list = part != NULL;
    if (part == NULL)
        return 0;
    err = xml_resource_lists_read(part->body, &t->arena, &fault, &t->lists);
    if (err != MU_OK)
        mu_log(MU_LOG_INFO, "gms.sub_list", mu_log_octets("who", t->caller.uri),
            mu_log_str("at", fault.path), mu_log_str("why", fault.why));
    return err == MU_OK ? 0 : err == MU_E_NO_MEMORY ? 500 : 400;
}

/* He may ask so often, by HTTP and SIP together. */
static unsigned let_in(struct taking *t)
{
    return http_auth_within(t->subs->parts.auth, t->caller.uri) ? 0 : 480;
}

static unsigned check_package(const struct taking *t)
{
    if (!span_eq(t->request->event, span_str(GMS_EVENT_PACKAGE)))
        return 489;
    return sip_request_accepts(t->request, XML_XCAP_DIFF_TYPE) ? 0 : 406;
}

/* The status of what cannot be; 0: go on. */
static unsigned judge(struct taking *t)
{
    static unsigned (*const steps[])(struct taking *) = {
        identify, let_in, set_expires, read_list};

    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        unsigned status = steps[i](t);

        if (status != 0)
            return status;
    }
    return 0;
}

/* -------------------------------------------------------------- a list anew */

static enum mu_err add_entry(
    struct taking *t, struct gms_sub *sub, struct span uri)
{
    const struct gms_subs_parts *parts = &t->subs->parts;
    struct gms_watched *w;

    TRY(gms_watched_read(
        uri, parts->conf->xcap_root, parts->gktp, &sub->watched_arena, &w));
    if (gms_sub_watched(sub, w->sel) == NULL) { /* once is enough to look */
        w->next = sub->watched;
        sub->watched = w;
    }
    return sip_watch_add(sub->watch, w->sel, w->kind);
}

static unsigned status_of_entry(enum mu_err err)
{
    if (err == MU_OK)
        return 0;
    return err == MU_E_NO_MEMORY ? 500 : 400;
}

/* Before anything changes: a refresh that is refused leaves the subscription
 * as it was (RFC 6665 clause 4.2.1.4). */
static unsigned check_entries(struct taking *t)
{
    const struct gms_subs_parts *parts = &t->subs->parts;
    struct gms_watched *w;
    enum mu_err err = MU_OK;

    for (size_t i = 0; err == MU_OK && i < t->lists.count; i++)
        err = gms_watched_read(t->lists.uris[i], parts->conf->xcap_root,
            parts->gktp, &t->arena, &w);
    return status_of_entry(err);
}

static unsigned add_entries(struct taking *t, struct gms_sub *sub)
{
    for (size_t i = 0; i < t->lists.count; i++) {
        enum mu_err err = add_entry(t, sub, t->lists.uris[i]);

        if (err != MU_OK)
            return status_of_entry(err);
    }
    return 0;
}

/* Told everything, whatever he was told before (RFC 5875 clause 4.7). */
static void look_at_all(struct gms_subs *subs, struct gms_sub *sub)
{
    sip_watch_full(sub->watch);
    gms_sub_look(subs, sub, (struct span){NULL, 0}, (struct span){NULL, 0});
}

/* Without an Accept it is the package's own type alone (RFC 6665 clause
 * 4.2.1.3). */
static bool takes_parts(const struct sip_request *request)
{
    return request->has_accept &&
           sip_request_accepts(request, "multipart/mixed") &&
           sip_request_accepts(request, GMS_MIKEY_TYPE);
}

static void set_time(struct taking *t, struct gms_sub *sub)
{
    if (t->request->has_accept)
        sub->takes_parts = takes_parts(t->request);
    sub->expires_ms = gms_subs_now_ms(t->subs) + (uint64_t)t->expires_s * 1000;
    sub->request = t->request->id;
    sub->answer_expires_s = t->expires_s;
    if (t->expires_s == 0)
        sub->ending = "timeout"; /* a fetch, or good-bye: one NOTIFY */
    gms_subs_mind_expiry(t->subs, sub);
}

/* ---------------------------------------------------------------- a new one */

static enum mu_err make_tag(struct gms_subs *subs, uint64_t id,
    struct mu_arena *arena, struct span *out)
{
    char hex[MU_HEX_LEN(TAG_OCTETS)], tag[GMS_SUBS_TAG_MAX];
    uint8_t random[TAG_OCTETS];

    TRY(mu_rng_fill(subs->parts.rng, random, sizeof(random)));
    mu_hex_write(SPAN_OF(random), hex);
    (void)snprintf(tag, sizeof(tag), "%llu.%s", (unsigned long long)id, hex);
    *out = mu_arena_copy(arena, span_str(tag));
    return mu_arena_err(arena);
}

static enum mu_err fill(struct taking *t, struct gms_sub *sub)
{
    struct sip_dialog dialog;
    struct span tag;

    sub->id = ++t->subs->last_id;
    sub->caller = t->caller;
    sub->caller.uri = mu_arena_copy(&sub->arena, t->caller.uri);
    sub->event_id = mu_arena_copy(&sub->arena, t->request->event_id);
    TRY(mu_arena_err(&sub->arena));
    TRY(make_tag(t->subs, sub->id, &sub->arena, &tag));
    TRY(sip_request_dialog(t->request, tag, &dialog));
    TRY(sip_dialog_copy(&dialog, &sub->arena, &sub->dialog));
    return sip_watch_new(t->subs->parts.conf->min_interval_ms, &sub->watch);
}

/* The access that he came through: what shares a budget (sip/schedule.h). All
 * that come through a core have one address: it says where they are. */
static uint32_t area_of(const struct sip_request *request)
{
    return sip_access_area(
        request->access.len > 0 ? request->access : request->address);
}

static unsigned begin(struct taking *t, struct gms_sub *sub)
{
    enum mu_err err = fill(t, sub);
    unsigned status;

    if (err != MU_OK)
        return err == MU_E_MALFORMED ? 400 : 500;
    sub->area = area_of(t->request);
    status = add_entries(t, sub);
    if (status != 0)
        return status;
    set_time(t, sub);
    return 0;
}

static unsigned subscribe(struct taking *t)
{
    struct gms_subs *subs = t->subs;
    const struct gms_conf_sip *conf = subs->parts.conf;
    struct gms_sub *sub;
    unsigned status;

    if (subs->stats.active >= conf->subscriptions ||
        gms_subs_count_of(subs, t->caller.uri) >= conf->subscriptions_each)
        return 480;
    sub = gms_sub_new();
    if (sub == NULL)
        return 500;
    status = begin(t, sub);
    if (status != 0) {
        gms_sub_free(sub);
        return status;
    }
    gms_subs_enter(subs, sub);
    subs->stats.subscribed++;
    gms_sub_keep(subs, sub);
    look_at_all(subs, sub);
    gms_subs_post(subs, (struct span){NULL, 0}, sub->caller.uri);
    return 0;
}

/* ---------------------------------------------------------------- a refresh */

static void replace_list(struct gms_sub *sub)
{
    gms_watched_clear(sub->watched);
    sub->watched = NULL;
    mu_arena_clear(&sub->watched_arena);
    mu_arena_init(&sub->watched_arena, GMS_SUBS_LIST_ROOM);
    sip_watch_restart(sub->watch);
}

/*
 * A SUBSCRIBE says where its sender is from now on (RFC 3261 clause 12.2.2): a
 * device that came into another network refreshes from there, and is told
 * there. What he could not be sent before may go there.
 */
static enum mu_err move(struct taking *t, struct gms_sub *sub)
{
    struct sip_dialog dialog = sub->dialog;

    sub->area = area_of(t->request);
    dialog.target = t->request->contact;
    if (dialog.target.len == 0 || span_eq(dialog.target, sub->dialog.target))
        return MU_OK;
    TRY(gms_sub_set_dialog(sub, &dialog));
    sub->bare = false;
    t->subscriber = t->caller.uri = sub->caller.uri; /* it lies elsewhere now */
    return MU_OK;
}

static unsigned refresh(struct taking *t, struct gms_sub *sub)
{
    unsigned status;

    /* Another user's token does not take over a subscription. */
    if (!span_eq(t->caller.uri, sub->caller.uri) ||
        t->caller.asserted != sub->caller.asserted)
        return 403;
    status = check_entries(t);
    if (status != 0)
        return status;
    if (move(t, sub) != MU_OK)
        return 500;
    sub->caller.expires_s = t->caller.expires_s;
    if (t->has_list) {
        replace_list(sub);
        status = add_entries(t, sub);
        if (status != 0)
            return status;
    }
    set_time(t, sub);
    sub->tries = 0;
    sub->heard = true;
    sub->not_before_ms = 0;
    t->subs->stats.refreshed++;
    gms_sub_keep(t->subs, sub);
    look_at_all(t->subs, sub);
    if (sub->ending == NULL)
        gms_subs_post(t->subs, (struct span){NULL, 0}, sub->caller.uri);
    return 0;
}

/* A refresh may come without a token, on the word of the first one. */
static unsigned judge_refresh(struct taking *t, struct gms_sub *sub)
{
    unsigned status;

    if (sub->ending != NULL)
        return 481;
    if (t->request->cseq <= sub->dialog.remote_cseq)
        return 500; /* RFC 3261 clause 12.2.2 */
    sub->dialog.remote_cseq = t->request->cseq;
    status = check_package(t);
    if (status != 0)
        return status;
    /* Another id would be another subscription (RFC 6665 clause 4.5.1): of
     * those there is one in a dialog. */
    if (!span_eq(t->request->event_id, sub->event_id))
        return 481;
    t->subscriber = sub->caller.uri;
    if (sip_request_part(t->request, XML_MCPTT_INFO_TYPE) != NULL)
        return judge(t);
    t->caller = sub->caller;
    status = let_in(t);
    if (status == 0)
        status = set_expires(t);
    return status != 0 ? status : read_list(t);
}

static unsigned take(struct taking *t)
{
    struct gms_sub *sub;
    unsigned status;

    if (t->subs->leaving)
        return 503;
    if (t->request->to_tag.len == 0) {
        status = check_package(t);
        if (status == 0)
            status = judge(t);
        return status != 0 ? status : subscribe(t);
    }
    sub = gms_subs_find_dialog(t->subs, t->request);
    if (sub == NULL)
        return 481;
    if (sub->request != 0)
        return 500; /* the one before is not answered yet */
    status = judge_refresh(t, sub);
    return status != 0 ? status : refresh(t, sub);
}

bool gms_subs_is_wanted(
    const struct gms_subs *subs, const struct sip_request *request)
{
    if (subs->leaving ||
        !span_eq(request->event, span_str(GMS_EVENT_PACKAGE)) ||
        !sip_request_accepts(request, XML_XCAP_DIFF_TYPE))
        return false;
    return request->to_tag.len == 0 ||
           gms_subs_find_dialog(subs, request) != NULL;
}

void gms_subs_take(struct gms_subs *subs, const struct sip_request *request,
    struct span csk_sender)
{
    MU_CLEANUP(taking_clear)
    struct taking t = {
        .subs = subs, .request = request, .csk_sender = csk_sender};
    unsigned status;

    mu_arena_init(&t.arena, BODY_ROOM);
    status = take(&t);
    if (status != 0)
        gms_subs_refuse(subs, request, status, t.why);
}
