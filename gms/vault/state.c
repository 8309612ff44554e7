/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/vault/state.h"

#include "base/alloc.h"
#include "mikey/ntp.h"

#include <string.h>

struct gms_state {
    const struct mu_keyring *ring;
    const struct gms_identity *identity;
    struct kms_trust trust;
    struct kms_keyset *set;
    /* Made when first asked for; in no order, each period once. */
    struct gms_signer *signers[KMS_PERIODS_MAX];
    /* Of the period that was asked for last. */
    struct gms_receiver *receiver;
};

static void drop_signers(struct gms_state *state)
{
    for (size_t i = 0; i < KMS_PERIODS_MAX; i++) {
        gms_signer_unref(state->signers[i]);
        state->signers[i] = NULL;
    }
    gms_receiver_unref(state->receiver);
    state->receiver = NULL;
}

enum mu_err gms_state_new(const struct mu_keyring *ring,
    const struct gms_identity *identity, struct gms_state **out)
{
    struct gms_state *state = mu_alloc(sizeof(*state));
    enum mu_err err;

    if (state == NULL)
        return MU_E_NO_MEMORY;
    state->ring = ring;
    state->identity = identity;
    memcpy(state->trust.cert_key.b, identity->cert_key,
        sizeof(state->trust.cert_key.b));
    memcpy(state->trust.cert_sha256, identity->cert_sha256,
        sizeof(state->trust.cert_sha256));
    err = kms_keyset_new(&identity->user_uri, &state->set);
    if (err != MU_OK) {
        mu_free(state);
        return err;
    }
    *out = state;
    return MU_OK;
}

void gms_state_free(struct gms_state *state)
{
    if (state == NULL)
        return;
    drop_signers(state);
    kms_keyset_free(state->set);
    mu_free(state);
}

const struct mu_keyring *gms_state_ring(const struct gms_state *state)
{
    return state->ring;
}

const struct gms_identity *gms_state_identity(const struct gms_state *state)
{
    return state->identity;
}

/* The home KMS is the one that the identity names, whatever a role says. */
static enum mu_err add_cert(struct gms_state *state, struct kms_cert *cert)
{
    const struct xml_kms_cert *says = cert->says;

    if (says->role == XML_KMS_ROLE_EXTERNAL)
        return kms_keyset_add_external(state->set, cert);
    if (!span_eq(
            says->origin.kms_uri, mcptt_id_span(&state->identity->kms_uri)))
        return MU_E_DENIED;
    TRY(kms_keyset_set_home(state->set, cert));
    drop_signers(state); /* the keys may have gone with the old one */
    return MU_OK;
}

/* An error that is the machine's, not the certificate's or the keys'. */
static bool is_ours(enum mu_err err)
{
    return err == MU_E_NO_MEMORY || err == MU_E_NO_SPACE;
}

enum gms_vault_refusal gms_state_add_cert(
    struct gms_state *state, struct span text, enum mu_err *err)
{
    MU_CLEANUP(kms_cert_drop) struct kms_cert *cert = NULL;
    struct xml_fault fault;

    *err = kms_cert_new(&state->trust, text, &fault, &cert);
    if (*err == MU_OK)
        *err = add_cert(state, cert);
    return *err == MU_OK || is_ours(*err) ? GMS_REFUSED_NOT : GMS_REFUSED_CERT;
}

enum gms_vault_refusal gms_state_add_keys(struct gms_state *state,
    const struct kms_wrapped_keys *keys, uint64_t now_s, enum mu_err *err)
{
    kms_keyset_drop_old(state->set, now_s, 0);
    *err = kms_keyset_add(state->set, &state->identity->trk, keys);
    drop_signers(state);
    if (*err == MU_E_STATE)
        return GMS_REFUSED_KMS;
    return *err == MU_OK || is_ours(*err) ? GMS_REFUSED_NOT : GMS_REFUSED_KEYS;
}

struct kms_cert *gms_state_cert(
    const struct gms_state *state, struct span kms_uri)
{
    struct kms_cert *home = kms_keyset_home(state->set);

    if (home != NULL && span_eq(home->says->origin.kms_uri, kms_uri))
        return home;
    return kms_keyset_external_of(state->set, kms_uri);
}

void gms_signer_unref(struct gms_signer *signer)
{
    if (signer == NULL || --signer->refs > 0)
        return;
    mikey_eccsi_signer_free(signer->eccsi);
    kms_cert_unref(signer->home);
    mu_free(signer);
}

static void drop_signer(struct gms_signer **signer)
{
    gms_signer_unref(*signer);
}

static enum mu_err make_signer(struct kms_cert *home,
    const struct kms_period_keys *keys, struct gms_signer **out)
{
    MU_CLEANUP(drop_signer)
    struct gms_signer *signer = mu_alloc(sizeof(*signer));

    if (signer == NULL)
        return MU_E_NO_MEMORY;
    signer->refs = 1;
    signer->number = keys->wrapped.period_no;
    signer->uid = keys->wrapped.uid;
    signer->home = kms_cert_ref(home);
    TRY(mcptt_period_interval(
        &home->says->rule, signer->number, &signer->period));
    TRY(mikey_eccsi_signer_new(
        home->eccsi, SPAN_OF(signer->uid.b), &keys->pair, &signer->eccsi));
    *out = signer;
    signer = NULL;
    return MU_OK;
}

/* Where a period's signer is, or may be put. */
static struct gms_signer **slot(struct gms_state *state, uint64_t number)
{
    struct gms_signer **empty = NULL;

    for (size_t i = 0; i < KMS_PERIODS_MAX; i++) {
        if (state->signers[i] == NULL)
            empty = &state->signers[i];
        else if (state->signers[i]->number == number)
            return &state->signers[i];
    }
    return empty;
}

/* The keys for a time since 1900; NULL for none, or none that are good. */
static const struct kms_period_keys *keys_at(
    const struct gms_state *state, uint64_t at_s)
{
    const struct kms_cert *home = kms_keyset_home(state->set);
    const struct kms_period_keys *keys;
    uint64_t number = 0;

    if (home == NULL || at_s < MIKEY_NTP_UNIX_S ||
        kms_cert_check_time(home, at_s - (uint64_t)MIKEY_NTP_UNIX_S) != MU_OK ||
        mcptt_period_number(&home->says->rule, at_s, &number) != MU_OK)
        return NULL;
    keys = kms_keyset_find(state->set, number);
    return keys != NULL && keys->open ? keys : NULL;
}

enum gms_vault_refusal gms_state_signer(struct gms_state *state, uint64_t at_s,
    struct gms_signer **out, enum mu_err *err)
{
    const struct kms_period_keys *keys = keys_at(state, at_s);
    struct gms_signer **at;

    *err = MU_E_STATE;
    if (keys == NULL)
        return GMS_REFUSED_NOT_READY;
    at = slot(state, keys->wrapped.period_no);
    if (at == NULL) { /* others than the keyset's: all are old */
        drop_signers(state);
        at = &state->signers[0];
    }
    *err = *at != NULL ? MU_OK
                       : make_signer(kms_keyset_home(state->set), keys, at);
    if (*err != MU_OK)
        return GMS_REFUSED_NOT;
    (*at)->refs++;
    *out = *at;
    return GMS_REFUSED_NOT;
}

void gms_receiver_unref(struct gms_receiver *receiver)
{
    if (receiver == NULL || --receiver->refs > 0)
        return;
    mikey_sakke_user_free(receiver->sakke);
    kms_cert_unref(receiver->home);
    mu_free(receiver);
}

static void drop_receiver(struct gms_receiver **receiver)
{
    gms_receiver_unref(*receiver);
}

static enum mu_err make_receiver(struct kms_cert *home,
    const struct kms_period_keys *keys, struct gms_receiver **out)
{
    MU_CLEANUP(drop_receiver)
    struct gms_receiver *receiver = mu_alloc(sizeof(*receiver));

    if (receiver == NULL)
        return MU_E_NO_MEMORY;
    receiver->refs = 1;
    receiver->number = keys->wrapped.period_no;
    receiver->uid = keys->wrapped.uid;
    receiver->home = kms_cert_ref(home);
    TRY(mikey_sakke_user_new(
        home->sakke, SPAN_OF(receiver->uid.b), &keys->rsk, &receiver->sakke));
    *out = receiver;
    receiver = NULL;
    return MU_OK;
}

enum gms_vault_refusal gms_state_receiver(struct gms_state *state,
    uint64_t at_s, struct gms_receiver **out, enum mu_err *err)
{
    const struct kms_period_keys *keys = keys_at(state, at_s);
    struct gms_receiver *made = NULL;

    *err = MU_OK;
    if (keys == NULL)
        return GMS_REFUSED_NOT_READY;
    if (state->receiver == NULL ||
        state->receiver->number != keys->wrapped.period_no) {
        *err = make_receiver(kms_keyset_home(state->set), keys, &made);
        if (*err != MU_OK)
            return GMS_REFUSED_NOT;
        gms_receiver_unref(state->receiver);
        state->receiver = made;
    }
    state->receiver->refs++;
    *out = state->receiver;
    return GMS_REFUSED_NOT;
}

bool gms_state_is_ready(const struct gms_state *state, uint64_t now_s)
{
    return keys_at(state, now_s + (uint64_t)MIKEY_NTP_UNIX_S) != NULL;
}
