/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CSKs in SUBSCRIBE, and tokens that are encrypted (TS 33.180 clauses 9.2.1 and
 * 9.3.4; TS 24.379 clause 6.6.2.3; notes gms-protocol 2.1).
 *
 * A SUBSCRIBE that brings a CSK waits for the vault to open it, and is judged
 * then; who waits too long is told to come again. What the vault refuses is
 * refused with
 *
 *     400  no message                     503  the vault is not ready, or busy
 *     403  140 unable to decrypt          480  too many of this sender, or of
 *          XML content                         all at once
 *
 * A source from which too much comes that does not open is not listened to for
 * a while: 480. That is whom a trusted core asserts, or else an address; to the
 * proxy of a core 503 would say to send nobody here for a while (RFC 3261
 * clause 21.5.4).
 */
#include "gms/subs_inside.h"

#include <string.h>

#include "base/alloc.h"
#include "base/log.h"
#include "xml/mcptt_token.h"

/* Which of them waits for the vault. */
struct gms_csk_wait {
    struct gms_csk_wait *next;
    struct gms_subs *subs;
    struct sip_event *event;
    uint64_t due_ms; /* monotonic */
};

static uint64_t mono_ms(const struct gms_subs *subs)
{
    return mu_clock_mono_ms(subs->parts.clock);
}

static void leave(struct gms_csk_wait *wait)
{
    struct gms_csk_wait **link = &wait->subs->csk_first;

    while (*link != wait)
        link = &(*link)->next;
    *link = wait->next;
    wait->subs->csk_waiting--;
    sip_event_free(wait->event);
    mu_free(wait);
}

/* Behind a core there are all members, and one of them is not to stop the
 * others. */
static struct span source_of(const struct sip_request *request)
{
    return request->asserted.len > 0 ? request->asserted : request->address;
}

void gms_subs_csk_failed(
    struct gms_subs *subs, const struct sip_request *request)
{
    (void)http_admit_take(
        subs->csk_failures, source_of(request), mono_ms(subs));
}

static unsigned status_of(enum gms_vault_refusal refusal)
{
    switch (refusal) {
    case GMS_REFUSED_MESSAGE:
        return 400;
    case GMS_REFUSED_RATE:
        return 480;
    case GMS_REFUSED_NOT: /* memory, or the line broke */
    case GMS_REFUSED_NOT_READY:
    case GMS_REFUSED_LOG:
        return 503;
    default:
        return GMS_SUBS_UNREADABLE;
    }
}

/* Ours, or a matter of time: nothing that he did wrong. */
static bool is_ours(unsigned status)
{
    return status == 480 || status == 503;
}

static void refuse(struct gms_csk_wait *wait, const struct gms_vault_answer *a)
{
    const struct sip_request *request = &wait->event->request;
    unsigned status = status_of(a->refusal);

    wait->subs->stats.csk_refused++;
    mu_log(MU_LOG_INFO, "gms.sub_csk",
        mu_log_octets("address", request->address),
        mu_log_octets("sender", a->why),
        mu_log_str("refusal", gms_vault_refusal_name(a->refusal)),
        mu_log_err("error", a->err));
    if (!is_ours(status))
        gms_subs_csk_failed(wait->subs, request);
    gms_subs_refuse(wait->subs, request, status, NULL);
}

static void take(
    struct gms_csk_wait *wait, const struct gms_vault_csk_opened *opened)
{
    struct gms_subs *subs = wait->subs;
    const struct gms_csk csk = {
        opened->sender, opened->id, opened->until_s, &opened->key};

    subs->stats.csk_opened++;
    mu_log(MU_LOG_INFO, "gms.csk", mu_log_octets("sender", opened->sender),
        mu_log_hex32("csk_id", opened->id.v));
    if (gms_csks_put(subs->csks, &csk, gms_subs_now_ms(subs) / 1000) != MU_OK)
        gms_subs_refuse(subs, &wait->event->request, 500, NULL);
    else
        gms_subs_take(subs, &wait->event->request, opened->sender);
}

static void on_answer(void *ctx, const struct gms_vault_answer *answer)
{
    struct gms_csk_wait *wait = ctx;

    if (answer->err == MU_OK)
        take(wait, &answer->csk);
    else
        refuse(wait, answer);
    leave(wait);
}

/* ------------------------------------------------------------------- begin */

/* The status with which it is refused at once; 0: ask the vault. */
static unsigned admit(struct gms_subs *subs, const struct sip_request *request)
{
    const struct gms_conf_csk *conf = subs->parts.csk;

    bool listens =
        http_admit_has(subs->csk_failures, source_of(request), mono_ms(subs));

    if (listens && subs->csk_waiting < conf->waiting)
        return 0;
    subs->stats.csk_limited++;
    return listens ? 503 : 480;
}

static enum mu_err ask(struct gms_csk_wait *wait, struct span message)
{
    struct gms_vault_request request = {.op = GMS_VAULT_CSK, .csk = {message}};

    return gms_vault_link_ask(
        wait->subs->parts.vault, &request, false, on_answer, wait);
}

static void enter(struct gms_csk_wait *wait)
{
    struct gms_subs *subs = wait->subs;

    wait->due_ms = mono_ms(subs) + subs->parts.csk->wait_ms;
    wait->next = subs->csk_first;
    subs->csk_first = wait;
    subs->csk_waiting++;
    gms_subs_wake(subs, wait->due_ms);
}

/* The status of what could not be asked: 0 and the event is kept. */
static unsigned begin(
    struct gms_subs *subs, struct sip_event *event, struct span message)
{
    struct gms_csk_wait *wait;
    enum mu_err err;

    if (message.len == 0 || message.len > MCPTT_MESSAGE_MAX)
        return 400;
    wait = mu_alloc(sizeof(*wait));
    if (wait == NULL)
        return 500;
    wait->subs = subs;
    err = ask(wait, message);
    if (err != MU_OK) {
        mu_free(wait);
        return err == MU_E_STATE ? 503 : 500;
    }
    wait->event = event;
    enter(wait);
    return 0;
}

bool gms_subs_csk_begin(struct gms_subs *subs, struct sip_event *event)
{
    const struct sip_request *request = &event->request;
    const struct sip_part *part =
        sip_request_part(request, GMS_SUBS_MIKEY_TYPE);
    unsigned status;

    if (part == NULL || !gms_subs_is_wanted(subs, request))
        return false;
    status = admit(subs, request);
    if (status == 0)
        status = begin(subs, event, part->body);
    if (status == 0)
        return true;
    gms_subs_refuse(subs, request, status, NULL);
    sip_event_free(event);
    return true;
}

void gms_subs_csk_expire(struct gms_subs *subs)
{
    uint64_t now = mono_ms(subs);
    struct gms_csk_wait *next;

    for (struct gms_csk_wait *wait = subs->csk_first; wait != NULL;
         wait = next) {
        next = wait->next;
        if (wait->due_ms > now) {
            gms_subs_wake(subs, wait->due_ms);
            continue;
        }
        gms_vault_link_forget(subs->parts.vault, wait);
        subs->stats.csk_limited++;
        gms_subs_refuse(subs, &wait->event->request, 503, NULL);
        leave(wait);
    }
}

/* ------------------------------------------------------------- beginning, end
 */

enum mu_err gms_subs_csk_init(struct gms_subs *subs)
{
    const struct gms_conf_csk *conf = subs->parts.csk;
    const struct gms_csks_limits limits = {
        conf->keys, conf->keys_each, conf->keep_s};
    uint8_t key[MU_SIPHASH_KEY];

    TRY(mu_rng_fill(subs->parts.rng, key, sizeof(key)));
    TRY(http_admit_new(
        conf->failures_per_s, conf->failure_burst, key, &subs->csk_failures));
    return gms_csks_new(&limits, subs->parts.rng, &subs->csks);
}

void gms_subs_csk_clear(struct gms_subs *subs)
{
    while (subs->csk_first != NULL) {
        gms_vault_link_forget(subs->parts.vault, subs->csk_first);
        leave(subs->csk_first);
    }
    gms_csks_free(subs->csks);
    http_admit_free(subs->csk_failures);
}

/* ------------------------------------------------------------------ tokens */

struct unsealing {
    struct gms_subs *subs;
    struct mu_arena *arena;
    struct xml_sealed_token sealed;
    struct xml_fault fault;
};

/* By whichever key of that name it is. What it opens by says whose it is. */
static enum mu_err try_keys(
    struct unsealing *u, struct span member, struct gms_unsealed *out)
{
    struct gms_csk csks[GMS_CSKS_SAME_ID];
    size_t count = gms_csks_find(u->subs->csks, u->sealed.key_id, member,
        gms_subs_now_ms(u->subs) / 1000, csks);
    enum mu_err err = MU_E_NOT_FOUND;

    for (size_t i = 0; i < count && (i == 0 || err == MU_E_CRYPTO); i++) {
        err = xml_sealed_token_open(
            &u->sealed, csks[i].key, u->arena, &out->token);
        out->member = mu_arena_copy(u->arena, csks[i].member);
    }
    return err == MU_OK ? mu_arena_err(u->arena) : err;
}

unsigned gms_subs_unseal(struct gms_subs *subs,
    const struct sip_request *request, struct span data, struct span member,
    struct mu_arena *arena, struct gms_unsealed *out)
{
    struct unsealing u = {.subs = subs, .arena = arena};
    enum mu_err err = xml_sealed_token_read(data, arena, &u.fault, &u.sealed);
    bool reads = err == MU_OK;

    if (reads)
        err = try_keys(&u, member, out);
    if (err == MU_OK) {
        subs->stats.unsealed++;
        return 0;
    }
    subs->stats.unread++;
    mu_log(MU_LOG_INFO, "gms.sub_sealed",
        mu_log_octets("address", request->address), mu_log_err("why", err),
        mu_log_str("what", reads ? "its key or content" : u.fault.why));
    if (err == MU_E_NO_MEMORY)
        return 500;
    gms_subs_csk_failed(subs, request);
    return GMS_SUBS_UNREADABLE;
}
