/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What MCPTT servers say of a group's call: kept, and put to use at once for
 * what is under way.
 */
#include "gms/keeper_in.h"

static enum mu_err set_standings(struct keeper_look *look,
    const struct span *uris, size_t count, enum gms_standing standing)
{
    for (size_t i = 0; i < count; i++)
        TRY(gms_store_set_standing(
            look->k->config.store, look->row.uri, uris[i], standing));
    return MU_OK;
}

/* Only more urgent than before: an emergency that is over leaves what it had
 * begun where it stands. */
static enum mu_err raise_rows(
    struct keeper_look *look, enum gms_condition condition, bool *any)
{
    struct gms_store *store = look->k->config.store;
    enum gms_class class =
        gms_urgency_class(GMS_CLASS_NORMAL, condition, GMS_STANDING_MEMBER);

    TRY(gms_store_raise(store, look->row.uri, class, GMS_STANDING_MEMBER, any));
    return gms_store_raise(
        store, look->row.uri, GMS_CLASS_TALKER, GMS_STANDING_TALKER, any);
}

/* Who talks changes every few seconds: the condition alone is for the record.
 */
static enum mu_err say(
    struct keeper_look *look, struct span actor, const struct gms_urgency *now)
{
    if (now->condition == look->condition)
        return MU_OK;
    return keeper_tell(look->k, GMS_AUDIT_URGENCY, look->row.uri,
        KEEPER_FIELDS(mu_log_octets("by", actor),
            mu_log_str("condition", gms_condition_name(now->condition)),
            mu_log_u64("until_ms", now->until_ms)));
}

static enum mu_err put(struct keeper_look *look, struct span actor,
    const struct gms_urgency_word *word, bool *any)
{
    TRY(gms_store_set_urgency(
        look->k->config.store, look->row.uri, &word->urgency));
    TRY(set_standings(look, word->affiliated, word->affiliated_count,
        GMS_STANDING_AFFILIATED));
    TRY(set_standings(
        look, word->talkers, word->talker_count, GMS_STANDING_TALKER));
    TRY(raise_rows(look, word->urgency.condition, any));
    return say(look, actor, &word->urgency);
}

enum mu_err gms_keeper_set_urgency(struct gms_keeper *k, struct span actor,
    struct span group, const struct gms_urgency_word *word)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct keeper_look look;
    struct keeper_group *g = keeper_group(k, group);
    bool any = false;

    mu_arena_init(&arena, KEEPER_ARENA_MAX);
    if (g == NULL)
        return MU_E_NO_MEMORY;
    TRY(keeper_look_open(k, g, &arena, &look));
    if (!look.row.exists)
        return MU_E_NOT_FOUND;
    TRY(gms_store_begin(k->config.store));
    TRY(keeper_end(k, put(&look, actor, word, &any)));
    g->class = gms_urgency_class(
        look.class, word->urgency.condition, GMS_STANDING_MEMBER);
    keeper_touch(k, g);
    if (any)
        keeper_changed(k, group, (struct span){0});
    return MU_OK;
}
