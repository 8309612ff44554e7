/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/api_undo.h"

#include <stdio.h>
#include <stdlib.h>

#include "gms/api_json.h"
#include "mcptt/ident.h"

#define NAME_MAX   (MCPTT_ID_MAX + 16)
#define ARENA_MAX  ((size_t)4 << 20)
#define JSON_ENTRY "entry"

/* The list of a group: an array of {member, entry}, the latest last. Damage or
 * nothing there is an empty one. */
static json_t *load(struct gms_store *store, const char *name)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct span octets = {NULL, 0};
    json_t *list = NULL;

    mu_arena_init(&arena, ARENA_MAX);
    if (gms_store_blob(store, name, &arena, &octets) == MU_OK)
        list = json_loadb((const char *)octets.p, octets.len, 0, NULL);
    if (json_is_array(list))
        return list;
    json_decref(list);
    return json_array();
}

static void name_of(struct span group, char out[NAME_MAX])
{
    (void)snprintf(
        out, NAME_MAX, "undo/%.*s", (int)group.len, (const char *)group.p);
}

static enum mu_err save(
    struct gms_store *store, const char *name, const json_t *list)
{
    char *text = json_dumps(list, JSON_COMPACT);
    enum mu_err err;

    if (text == NULL)
        return MU_E_NO_MEMORY;
    err = gms_store_begin(store);
    if (err == MU_OK)
        err = gms_store_put_blob(store, name, span_str(text));
    if (err == MU_OK)
        err = gms_store_commit(store);
    if (err != MU_OK)
        gms_store_rollback(store);
    free(text);
    return err;
}

static void forget(json_t *list, struct span member)
{
    for (size_t i = json_array_size(list); i-- > 0;)
        if (span_eq(gms_json_span(json_array_get(list, i), "member"), member))
            (void)json_array_remove(list, i);
}

enum mu_err gms_undo_keep(struct gms_store *store, struct span group,
    struct span member, struct span entry)
{
    MU_CLEANUP(gms_json_drop) json_t *list = NULL;
    char name[NAME_MAX];

    name_of(group, name);
    list = load(store, name);
    forget(list, member);
    if (entry.len > 0 &&
        json_array_append_new(
            list, json_pack("{s:o, s:o}", "member", gms_json_of(member),
                      JSON_ENTRY, gms_json_of(entry))) != 0)
        return MU_E_NO_MEMORY;
    while (json_array_size(list) > GMS_UNDO_MAX)
        (void)json_array_remove(list, 0);
    return save(store, name, list);
}

enum mu_err gms_undo_find(struct gms_store *store, struct span group,
    struct span member, struct mu_arena *arena, struct span *out)
{
    MU_CLEANUP(gms_json_drop) json_t *list = NULL;
    char name[NAME_MAX];

    name_of(group, name);
    list = load(store, name);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);

        if (!span_eq(gms_json_span(item, "member"), member))
            continue;
        *out = mu_arena_copy(arena, gms_json_span(item, JSON_ENTRY));
        return out->p == NULL ? mu_arena_err(arena) : MU_OK;
    }
    return MU_E_NOT_FOUND;
}
