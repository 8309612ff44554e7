/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of a key's life (gms/gmk.h) with what belongs to each: its times,
 * its rows, and what is said of it. All in the caller's transaction.
 */
#include "gms/keeper_in.h"

/* Make before break: there is grace while another key is in force. Without one
 * nobody could talk, and a compromise does not wait. */
static uint64_t activation_of(struct keeper_look *look,
    const struct gms_gmk *gmk, const struct gms_policy_row *row)
{
    uint64_t now_s = look->now_ms / 1000;

    if (row->hard || !keeper_is_gmk(gmk) ||
        keeper_gmk_in(look, GMS_GMK_ACTIVE) == NULL)
        return now_s;
    return now_s + look->settings.policy.grace_s;
}

static void set_terms(struct keeper_look *look, struct gms_gmk *gmk,
    const struct gms_policy_row *row)
{
    const struct gms_policy *policy = &look->settings.policy;
    uint64_t ask_ms;

    gmk->activation_s = activation_of(look, gmk, row);
    gmk->expiry_s =
        policy->lifetime_s > 0 ? gmk->activation_s + policy->lifetime_s : 0;
    gmk->due_ms = gmk->activation_s * 1000;
    ask_ms = policy->quorum_margin_s * 1000;
    if (gmk->due_ms > look->now_ms)
        gmk->due_ms = gmk->due_ms - look->now_ms > ask_ms ? gmk->due_ms - ask_ms
                                                          : look->now_ms;
}

/* Its rows are to be signed, as urgent as the reason, the group and what each
 * member does in it make them. */
static enum mu_err release(struct keeper_look *look, const struct gms_gmk *gmk,
    enum gms_class by_reason)
{
    struct gms_store *store = look->k->config.store;
    bool any = false;

    TRY(gms_store_release(
        store, gmk->id, keeper_class(look, by_reason), look->now_ms));
    if (!look->told)
        return MU_OK;
    return gms_store_raise(
        store, gmk->group, GMS_CLASS_TALKER, GMS_STANDING_TALKER, &any);
}

/* The write-ahead of a key: from here on somebody may have it. */
enum mu_err keeper_key_issue(struct keeper_look *look, struct gms_gmk *gmk,
    const struct gms_intent *intent)
{
    const struct gms_policy_row *row = gms_policy_row(intent->trigger);
    struct gms_store *store = look->k->config.store;

    set_terms(look, gmk, row);
    gmk->reason = span_str(gms_trigger_name(intent->trigger));
    gmk->made_ms = look->now_ms;
    TRY(gms_gmk_step(gmk, GMS_GMK_EV_ISSUE));
    TRY(gms_store_set_gmk(store, gmk));
    TRY(release(look, gmk, row->class));
    TRY(gms_store_delete_intent(store, intent->id));
    look->g->rows_fine = false; /* periods to come are its business now */
    return keeper_tell(look->k, GMS_AUDIT_ISSUED, gmk->group,
        KEEPER_FIELDS(mu_log_hex32("gmk_id", gmk->id.v),
            mu_log_u64("epoch", gmk->epoch),
            mu_log_u64("activation_s", gmk->activation_s),
            mu_log_u64("expiry_s", gmk->expiry_s)));
}

/* When the next one is wanted; 0: never. */
static uint64_t renewal_of(
    const struct keeper_look *look, const struct gms_gmk *gmk)
{
    uint64_t renew_s = look->settings.policy.renew_s, at_ms;

    if (gmk->expiry_s == 0)
        return 0;
    at_ms = (gmk->expiry_s > renew_s ? gmk->expiry_s - renew_s : 0) * 1000;
    return at_ms > look->now_ms ? at_ms : look->now_ms;
}

enum mu_err keeper_key_activate(struct keeper_look *look, struct gms_gmk *gmk)
{
    size_t counts[GMS_DLV_STATES], all = 0;

    TRY(gms_gmk_step(gmk, GMS_GMK_EV_ACTIVATE));
    gmk->due_ms = renewal_of(look, gmk);
    TRY(gms_store_set_gmk(look->k->config.store, gmk));
    TRY(gms_store_count_deliveries(look->k->config.store, gmk->id, counts));
    for (int i = 0; i < GMS_DLV_STATES; i++)
        if (i != GMS_DLV_REVOKED && i != GMS_DLV_REDIRECTED)
            all += counts[i];
    return keeper_tell(look->k, GMS_AUDIT_ACTIVATED, gmk->group,
        KEEPER_FIELDS(mu_log_hex32("gmk_id", gmk->id.v),
            mu_log_u64("epoch", gmk->epoch),
            mu_log_u64(
                "held", counts[GMS_DLV_ACCEPTED] + counts[GMS_DLV_OPENED]),
            mu_log_u64("members", all)));
}

enum mu_err keeper_key_supersede(struct keeper_look *look, struct gms_gmk *gmk)
{
    TRY(gms_gmk_step(gmk, GMS_GMK_EV_SUPERSEDE));
    gmk->due_ms = look->now_ms + look->settings.policy.overlap_s * 1000;
    TRY(gms_store_set_gmk(look->k->config.store, gmk));
    return keeper_tell(look->k, GMS_AUDIT_SUPERSEDED, gmk->group,
        KEEPER_FIELDS(mu_log_hex32("gmk_id", gmk->id.v),
            mu_log_u64("retire_ms", gmk->due_ms)));
}

enum mu_err keeper_key_revoke(struct keeper_look *look, struct gms_gmk *gmk,
    enum gms_trigger trigger, bool on_wire)
{
    struct gms_intent tell = {.group = gmk->group,
        .kind = GMS_ACT_REVOKE,
        .trigger = trigger,
        .key = gmk->id,
        .has_key = true};

    TRY(gms_gmk_step(gmk, GMS_GMK_EV_REVOKE));
    gmk->due_ms = look->now_ms + look->settings.policy.tombstone_s * 1000;
    TRY(gms_store_set_gmk(look->k->config.store, gmk));
    if (on_wire)
        TRY(gms_store_add_intent(look->k->config.store, &tell));
    look->k->stats.revoked++;
    return keeper_tell(look->k, GMS_AUDIT_REVOKED, gmk->group,
        KEEPER_FIELDS(mu_log_hex32("gmk_id", gmk->id.v),
            mu_log_str("reason", gms_trigger_name(trigger))));
}

enum mu_err keeper_key_destroy(struct keeper_look *look, struct gms_gmk *gmk)
{
    TRY(gms_gmk_step(gmk, GMS_GMK_EV_DESTROY));
    gmk->sealed = (struct span){0};
    gmk->due_ms = 0;
    TRY(gms_store_set_gmk(look->k->config.store, gmk));
    TRY(gms_store_delete_deliveries_for(look->k->config.store, gmk->id));
    return keeper_tell(look->k, GMS_AUDIT_DESTROYED, gmk->group,
        KEEPER_FIELDS(mu_log_hex32("gmk_id", gmk->id.v)));
}
