/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "gms/keeper_in.h"

/* Settings were read when they were accepted; should the rules have become
 * stricter since, the group goes on by the defaults. */
static enum mu_err read_settings(struct keeper_look *look)
{
    const struct gms_policy *defaults = &look->k->config.policy;
    const char *at_fault = NULL;
    enum mu_err err = gms_settings_read(
        look->row.settings, defaults, look->arena, &look->settings, &at_fault);

    if (err != MU_E_MALFORMED)
        return err;
    mu_log(MU_LOG_WARNING, "keeper.settings",
        mu_log_octets("group", look->row.uri), mu_log_str("at", at_fault));
    look->settings = (struct gms_settings){.policy = *defaults};
    return MU_OK;
}

static enum mu_err read_urgency(struct keeper_look *look)
{
    struct gms_urgency urgency;
    enum gms_standing nobodys;

    TRY(gms_store_urgency(look->k->config.store, look->row.uri,
        (struct span){0}, &urgency, &nobodys));
    look->told = gms_urgency_holds(&urgency, look->now_ms);
    look->condition = gms_urgency_condition(&urgency, look->now_ms);
    return MU_OK;
}

enum gms_class keeper_class(
    const struct keeper_look *look, enum gms_class by_reason)
{
    return gms_urgency_class(by_reason, look->condition, GMS_STANDING_MEMBER);
}

/* The class of the most urgent thing to do. */
static enum gms_class find_class(const struct keeper_look *look)
{
    enum gms_class class = GMS_CLASS_NORMAL;

    for (size_t i = 0; i < look->intent_count; i++) {
        enum gms_class its = gms_policy_row(look->intents[i].trigger)->class;

        if (its < class)
            class = its;
    }
    for (size_t i = 0; i < look->gmk_count; i++) {
        const struct gms_gmk *gmk = &look->gmks[i];
        enum gms_class its = gms_policy_row(keeper_trigger_of(gmk))->class;

        if (gmk->state == GMS_GMK_PENDING && its < class)
            class = its;
    }
    return keeper_class(look, class);
}

enum mu_err keeper_read(struct keeper_look *look)
{
    struct gms_store *store = look->k->config.store;
    struct span uri = look->g->uri;
    struct mu_arena_list list = {0};

    TRY(gms_store_group(store, uri, look->arena, &look->row));
    TRY(read_settings(look));
    TRY(read_urgency(look));
    look->live =
        look->row.exists && look->row.keyed &&
        (!look->row.disabled || look->settings.policy.keep_keys_when_disabled);
    TRY(gms_store_gmks(store, uri, look->arena, &list));
    look->gmks = list.at;
    look->gmk_count = list.len;
    TRY(gms_store_intents(store, uri, look->arena, &list));
    look->intents = list.at;
    look->intent_count = list.len;
    look->class = find_class(look);
    return MU_OK;
}

bool keeper_is_gmk(const struct gms_gmk *gmk)
{
    return mcptt_key_id_tag(gmk->id) == MCPTT_KIND_GMK;
}

struct gms_gmk *keeper_find_gmk(
    struct keeper_look *look, struct mcptt_key_id id)
{
    for (size_t i = 0; i < look->gmk_count; i++)
        if (look->gmks[i].id.v == id.v)
            return &look->gmks[i];
    return NULL;
}

struct gms_gmk *keeper_gmk_in(
    struct keeper_look *look, enum gms_gmk_state state)
{
    for (size_t i = 0; i < look->gmk_count; i++)
        if (look->gmks[i].state == state && keeper_is_gmk(&look->gmks[i]))
            return &look->gmks[i];
    return NULL;
}

struct gms_intent *keeper_intent_of(
    struct keeper_look *look, enum gms_action_kind kind)
{
    for (size_t i = 0; i < look->intent_count; i++)
        if (look->intents[i].kind == kind)
            return &look->intents[i];
    return NULL;
}

/* Keys of servers count, too: the vault's exclusions hold for every kind. */
uint64_t keeper_next_epoch(const struct gms_gmk *gmks, size_t count)
{
    uint64_t highest = 0;

    for (size_t i = 0; i < count; i++) {
        bool sent =
            gms_gmk_is_live(gmks[i].state) || gmks[i].state == GMS_GMK_REVOKED;

        if (sent && gmks[i].epoch > highest)
            highest = gmks[i].epoch;
    }
    return highest + 1;
}

enum gms_trigger keeper_trigger_of(const struct gms_gmk *gmk)
{
    for (int i = 0; i < GMS_TRIGGERS; i++)
        if (span_eq(
                gmk->reason, span_str(gms_trigger_name((enum gms_trigger)i))))
            return (enum gms_trigger)i;
    return GMS_TR_ASKED;
}

struct span keeper_join(
    struct mu_arena *arena, const struct gms_holder *who, size_t count)
{
    size_t len = 0, at = 0;
    uint8_t *text;

    for (size_t i = 0; i < count; i++)
        len += who[i].uri.len + 1;
    text = mu_arena_alloc(arena, len, 1);
    for (size_t i = 0; text != NULL && i < count; i++) {
        memcpy(text + at, who[i].uri.p, who[i].uri.len);
        at += who[i].uri.len;
        text[at++] = '\n';
    }
    return (struct span){text, text != NULL ? len : 0};
}

bool keeper_next_uri(struct span *list, struct span *uri)
{
    const uint8_t *end =
        list->len > 0 ? memchr(list->p, '\n', list->len) : NULL;

    if (end == NULL)
        return false;
    *uri = (struct span){list->p, (size_t)(end - list->p)};
    list->p = end + 1;
    list->len -= uri->len + 1;
    return true;
}

bool keeper_lists(struct span list, struct span uri)
{
    struct span one;

    while (keeper_next_uri(&list, &one))
        if (span_eq(one, uri))
            return true;
    return false;
}
