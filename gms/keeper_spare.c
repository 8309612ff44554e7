/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hot spare (DESIGN section 5): while nothing happens, the next key is made
 * and wrapped for everybody. When somebody has to be shut out, his envelope is
 * deleted and the others' are signed: no encapsulation keeps them waiting.
 */
#include "gms/keeper_in.h"

static struct gms_gmk *find_spare(struct keeper_look *look)
{
    return keeper_gmk_in(look, GMS_GMK_SPARE);
}

static enum mu_err drop(struct keeper_look *look, struct gms_gmk *spare)
{
    look->acted = true;
    TRY(gms_store_begin(look->k->config.store));
    return keeper_end(look->k, keeper_key_destroy(look, spare));
}

/* At rest: a key in force, none on its way, nothing wanted. */
static bool is_at_rest(struct keeper_look *look)
{
    return keeper_gmk_in(look, GMS_GMK_ACTIVE) != NULL &&
           keeper_gmk_in(look, GMS_GMK_PENDING) == NULL &&
           look->g->in_flight == 0;
}

enum mu_err keeper_spare_step(struct keeper_look *look)
{
    struct gms_gmk *spare = find_spare(look);
    bool wanted = look->live && look->settings.policy.hot_spare;

    if (keeper_intent_of(look, GMS_ACT_NEW_GMK) != NULL)
        return MU_OK;
    if (spare != NULL && !wanted && look->g->in_flight == 0)
        return drop(look, spare);
    if (spare == NULL && wanted && is_at_rest(look))
        return keeper_draw(look, MCPTT_KIND_GMK, "spare", 0);
    return MU_OK;
}
