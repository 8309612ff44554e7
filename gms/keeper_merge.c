/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One rekey per group. What wants a new key while one is wanted already joins
 * it, as long as that one was not sent to anybody: nobody who left in between
 * has it. What comes later waits its turn.
 */
#include <string.h>

#include "gms/keeper_in.h"

/* Whether the first says more: it is hard, more urgent, or not to be put off.
 */
static bool is_stronger(enum gms_trigger a, enum gms_trigger b)
{
    const struct gms_policy_row *x = gms_policy_row(a), *y = gms_policy_row(b);

    if (x->hard != y->hard)
        return x->hard;
    if (x->class != y->class)
        return x->class < y->class;
    return x->no_quorum == GMS_NO_QUORUM_ACTIVATE &&
           y->no_quorum == GMS_NO_QUORUM_POSTPONE;
}

static enum mu_err append(
    struct mu_arena *arena, struct span more, struct span *list)
{
    uint8_t *text = mu_arena_alloc(arena, list->len + more.len, 1);

    if (text == NULL)
        return mu_arena_err(arena);
    if (list->len > 0)
        memcpy(text, list->p, list->len);
    if (more.len > 0)
        memcpy(text + list->len, more.p, more.len);
    *list = (struct span){text, list->len + more.len};
    return MU_OK;
}

/* Soft stops are gathered from the first of them on, so that the next does not
 * put off the one before. */
static uint64_t start_of(struct keeper_look *look, enum gms_trigger trigger)
{
    return gms_policy_row(trigger)->gather
               ? look->now_ms + look->settings.policy.coalesce_ms
               : look->now_ms;
}

static enum mu_err join(struct keeper_look *look, struct gms_intent *intent,
    const struct gms_intent *more)
{
    if (is_stronger(more->trigger, intent->trigger)) {
        intent->trigger = more->trigger;
        intent->actor = more->actor;
    }
    if (more->not_before_ms < intent->not_before_ms)
        intent->not_before_ms = more->not_before_ms;
    TRY(append(look->arena, more->who, &intent->who));
    return gms_store_set_intent(look->k->config.store, intent);
}

enum mu_err keeper_want_key(struct keeper_look *look, enum gms_trigger trigger,
    struct span actor, struct span leavers)
{
    struct gms_intent *present = keeper_intent_of(look, GMS_ACT_NEW_GMK);
    struct gms_intent intent = {.group = look->row.uri,
        .kind = GMS_ACT_NEW_GMK,
        .trigger = trigger,
        .not_before_ms = start_of(look, trigger),
        .who = leavers,
        .actor = actor};

    if (present != NULL)
        return join(look, present, &intent);
    return gms_store_add_intent(look->k->config.store, &intent);
}
