/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/open.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "mikey/ntp.h"

void ue_opening_clear(struct ue_opening *opening)
{
    kms_cert_unref(opening->sender);
    mu_wipe(opening, sizeof(*opening));
}

static enum mu_err refuse(
    struct ue_opening *o, enum mu_err err, enum ue_cause cause, const char *why)
{
    o->cause = cause;
    (void)snprintf(o->why, sizeof(o->why), "%s", why);
    return err;
}

static enum mu_err refuse_at(struct ue_opening *o, enum mu_err err,
    enum ue_cause cause, const struct mikey_fault *fault)
{
    o->cause = cause;
    (void)snprintf(o->why, sizeof(o->why), "%s%s%s%s%s",
        fault->payload != NULL ? fault->payload : "the message",
        fault->rd.field != NULL ? " " : "",
        fault->rd.field != NULL ? fault->rd.field : "",
        fault->rd.why != NULL ? ": " : "",
        fault->rd.why != NULL ? fault->rd.why : "");
    if (fault->rd.why == NULL) {
        size_t at = strlen(o->why);

        (void)snprintf(
            o->why + at, sizeof(o->why) - at, ": %s", mu_err_name(err));
    }
    return err;
}

static struct kms_cert *find_cert(
    const struct kms_keyset *keys, struct span kms)
{
    struct kms_cert *home = kms_keyset_home(keys);

    if (home != NULL && span_eq(home->says->origin.kms_uri, kms))
        return home;
    return kms_keyset_external_of(keys, kms);
}

const struct ue_period *ue_identity_period(
    const struct ue_identity *who, uint64_t t_s)
{
    for (size_t i = 0; i < who->period_count; i++)
        if (mcptt_interval_has(who->periods[i]->interval, t_s))
            return who->periods[i];
    return NULL;
}

/* Who has to be the initiator, and under which KMS. One that is hidden is who
 * the channel says (TS 33.180 clause E.7): the GMS whose document it was. */
static enum mu_err find_sender(
    struct ue_opening *o, const struct ue_identity *who, uint64_t now_s)
{
    struct mcptt_stated sender = {.uri = who->gms, .kms = o->in.initiator.kms};
    const struct mcptt_stated *stated = &o->in.initiator;
    struct kms_cert *cert = find_cert(who->keys, sender.kms);

    if (stated->uri.len > 0 && !span_eq(stated->uri, who->gms))
        return refuse(
            o, MU_E_DENIED, UE_CAUSE_SENDER, "the message is not by the GMS");
    if (cert == NULL)
        return refuse(o, MU_E_NOT_FOUND, UE_CAUSE_KMS,
            "no certificate of the KMS of who made it");
    o->sender = kms_cert_ref(cert);
    if (kms_cert_check_time(o->sender, now_s) != MU_OK)
        return refuse(o, MU_E_EXPIRED, UE_CAUSE_KMS,
            "the certificate of its maker's KMS is not good");
    if (mcptt_incoming_identifier(&o->in, &sender, &o->sender->says->rule,
            (int64_t)now_s, &o->sender_id) != MU_OK)
        return refuse(o, MU_E_MALFORMED, UE_CAUSE_FORM,
            "who made the message has no identifier");
    return MU_OK;
}

enum mu_err ue_opening_begin(struct ue_opening *out,
    const struct ue_identity *who, struct span group, struct span message,
    uint64_t now_s)
{
    struct mikey_fault fault = {.payload = NULL};
    enum mu_err err;
    uint64_t t_s;

    memset(out, 0, sizeof(*out));
    if (message.len > sizeof(out->octets))
        return refuse(
            out, MU_E_NO_SPACE, UE_CAUSE_FORM, "the message is too long");
    memcpy(out->octets, message.p, message.len);
    out->len = message.len;
    err = mcptt_incoming_read(
        (struct span){out->octets, message.len}, 0, &out->in, &fault);
    if (err != MU_OK)
        return refuse_at(out, err, UE_CAUSE_FORM, &fault);
    TRY(mcptt_id_set(&out->uri, who->uri));
    TRY(mcptt_id_set(&out->group, group));
    TRY(find_sender(out, who, now_s));
    t_s = mikey_ntp_s(mikey_ts_64(&out->in.msg.ts), (int64_t)now_s);
    out->period = ue_identity_period(who, t_s);
    if (out->period == NULL)
        return refuse(out, MU_E_NOT_FOUND, UE_CAUSE_PERIOD,
            "no keys for the key period of the message");
    out->replay =
        (struct mcptt_replay_message){.signed_octets = out->in.msg.covered,
            .t_s = t_s,
            .period = out->period->interval,
            .deferred = true};
    return MU_OK;
}

static bool names_group(
    const struct mcptt_key_params *params, const struct mcptt_id *group)
{
    for (size_t i = 0; i < params->group_count; i++)
        if (span_eq(params->groups[i], mcptt_id_span(group)))
            return true;
    return false;
}

static uint64_t to_unix_ms(const struct ue_opening *o)
{
    uint64_t unix_s = o->replay.t_s - (uint64_t)MIKEY_NTP_UNIX_S;

    return unix_s * 1000 + mikey_ntp_ns(mikey_ts_64(&o->in.msg.ts)) / 1000000;
}

/* What the message says of the key; all of it is authentic by now. */
static enum mu_err take(struct ue_opening *o, const struct mcptt_opened *opened)
{
    struct ue_key *key = &o->key;

    if (o->in.kind != MCPTT_KIND_GMK)
        return refuse(
            o, MU_E_UNSUPPORTED, UE_CAUSE_KIND, "the key is not a GMK");
    if (!opened->key_id_known || !opened->has_params)
        return refuse(o, MU_E_MALFORMED, UE_CAUSE_FORM,
            "the message has no key parameters");
    if (!names_group(&opened->params, &o->group))
        return refuse(
            o, MU_E_DENIED, UE_CAUSE_GROUP, "the key is not of this group");
    TRY(mcptt_key_to_gmk(&opened->key, &key->gmk));
    key->gmk_id = opened->key_id;
    key->guk_id = o->in.csb_id;
    key->message_ms = to_unix_ms(o);
    key->remember_s = o->period->interval.until_s - (uint64_t)MIKEY_NTP_UNIX_S;
    o->revoked = mcptt_key_params_revoked(&opened->params, 0);
    if (mcptt_key_params_validity(&opened->params, key->message_ms / 1000,
            &key->from_s, &key->until_s) != MU_OK)
        return refuse(
            o, MU_E_MALFORMED, UE_CAUSE_FORM, "the key ends before it begins");
    return MU_OK;
}

/* mcptt_incoming_open() does not say which of the two was wrong, lest a sender
 * learn it; who looks at his own screen may. */
static bool is_signed(const struct ue_opening *o)
{
    return mikey_eccsi_verify(o->sender->eccsi,
               (struct span){o->sender_id.b, o->sender_id.len},
               o->in.msg.covered, o->in.msg.sign.signature) == MU_OK;
}

static enum ue_cause cause_of(const struct ue_opening *o, enum mu_err err,
    const struct mikey_fault *fault)
{
    if (err == MU_E_CRYPTO)
        return is_signed(o) ? UE_CAUSE_KEY : UE_CAUSE_SIGNATURE;
    if (err != MU_E_DENIED)
        return UE_CAUSE_FORM;
    return strcmp(fault->rd.why, "not the opener") == 0 ? UE_CAUSE_RECEIVER
                                                        : UE_CAUSE_SENDER;
}

static enum mu_err open_and_take(struct ue_opening *o)
{
    MU_CLEANUP(mcptt_opened_clear)
    struct mcptt_opened opened = {.has_params = false};
    struct mikey_fault fault = {.payload = NULL};
    const struct mcptt_opener opener = {
        .keys = {.initiator_kms = o->sender->eccsi,
            .initiator_id = {o->sender_id.b, o->sender_id.len},
            .user = o->period->user},
        .id = SPAN_OF(o->period->uid.b),
        .uri = mcptt_id_span(&o->uri),
    };
    enum mu_err err;

    err = o->any_receiver
              ? mcptt_incoming_open_bare(&o->in, &opener, &opened, &fault)
              : mcptt_incoming_open(&o->in, &opener, &opened, &fault);
    if (err != MU_OK)
        return refuse_at(o, err, cause_of(o, err, &fault), &fault);
    TRY(take(o, &opened));
    if (EVP_Digest(o->octets, o->len, o->sha256, NULL, EVP_sha256(), NULL) != 1)
        return refuse(
            o, MU_E_CRYPTO, UE_CAUSE_FORM, "the message cannot be hashed");
    return MU_OK;
}

void ue_opening_run(struct ue_opening *opening)
{
    opening->err = open_and_take(opening);
}
