/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/settings.h"

#include <assert.h>
#include <jansson.h>
#include <string.h>

#include "mcptt/ident.h"

#define DAY_S  UINT64_C(86400)
#define YEAR_S (366 * DAY_S)

enum type {
    A_BOOL,
    A_NUMBER,  /* uint64_t */
    A_PERCENT, /* unsigned */
    URIS
};

/* One member of the object. */
struct row {
    const char *name;
    enum type type;
    size_t at; /* in struct gms_settings */
    uint64_t most;
};

#define ROW(member, type, most)                                                \
    {                                                                          \
#member, type, offsetof(struct gms_settings, member), most             \
    }
#define OF_POLICY(member, type, most)                                          \
    {                                                                          \
#member, type, offsetof(struct gms_settings, policy.member), most      \
    }

static const struct row rows[] = {
    OF_POLICY(backward_secrecy, A_BOOL, 0),
    OF_POLICY(hot_spare, A_BOOL, 0),
    OF_POLICY(grace_s, A_NUMBER, DAY_S),
    OF_POLICY(overlap_s, A_NUMBER, 7 * DAY_S),
    OF_POLICY(lifetime_s, A_NUMBER, YEAR_S),
    OF_POLICY(quorum, A_PERCENT, 100),
    ROW(hidden_identities, A_BOOL, 0),
    ROW(media_entities, URIS, GMS_MEDIA_ENTITIES_MAX),
    ROW(shared_ids, URIS, GMS_SHARED_IDS_MAX),
};

static const struct row *find_row(const char *name)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (strcmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

static bool take_number(const struct row *row, const json_t *value, void *at)
{
    json_int_t number = json_integer_value(value);

    if (!json_is_integer(value) || number < 0 || (uint64_t)number > row->most)
        return false;
    if (row->type == A_PERCENT)
        *(unsigned *)at = (unsigned)number;
    else
        *(uint64_t *)at = (uint64_t)number;
    return true;
}

static bool has(const struct gms_uris *uris, struct span uri)
{
    for (size_t i = 0; i < uris->count; i++)
        if (span_eq(uris->at[i], uri))
            return true;
    return false;
}

/* A list of different URIs; a failure of the arena is seen by the caller. */
static bool take_uris(const struct row *row, const json_t *value,
    struct mu_arena *arena, struct gms_uris *out)
{
    size_t count = json_array_size(value);
    struct span *at = mu_arena_alloc(arena, count, sizeof(*at));

    if (!json_is_array(value) || count > row->most || at == NULL)
        return false;
    *out = (struct gms_uris){at, 0};
    for (size_t i = 0; i < count; i++) {
        const json_t *one = json_array_get(value, i);
        struct span uri = {
            (const uint8_t *)json_string_value(one), json_string_length(one)};

        if (!json_is_string(one) || mcptt_id_check(uri) != MU_OK ||
            has(out, uri))
            return false;
        at[i] = mu_arena_copy(arena, uri);
        out->count = i + 1;
    }
    return true;
}

static bool take(const struct row *row, const json_t *value,
    struct mu_arena *arena, struct gms_settings *out)
{
    void *at = (uint8_t *)out + row->at;

    switch (row->type) {
    case A_BOOL:
        *(bool *)at = json_is_true(value);
        return json_is_boolean(value);
    case A_NUMBER:
    case A_PERCENT:
        return take_number(row, value, at);
    case URIS:
        return take_uris(row, value, arena, at);
    }
    return false;
}

static enum mu_err take_all(json_t *object, struct mu_arena *arena,
    struct gms_settings *out, const char **at_fault)
{
    const char *name;
    json_t *value;

    if (!json_is_object(object))
        return MU_E_MALFORMED;
    json_object_foreach(object, name, value)
    {
        const struct row *row = find_row(name);

        if (row != NULL && take(row, value, arena, out))
            continue;
        *at_fault = mu_arena_text(arena, span_str(name));
        TRY(mu_arena_err(arena));
        return MU_E_MALFORMED;
    }
    return mu_arena_err(arena);
}

enum mu_err gms_settings_read(struct span json,
    const struct gms_policy *defaults, struct mu_arena *arena,
    struct gms_settings *out, const char **at_fault)
{
    struct gms_settings got = {.policy = *defaults};
    enum mu_err err = MU_OK;
    json_t *object;

    *at_fault = "";
    if (json.len > GMS_SETTINGS_MAX)
        return MU_E_MALFORMED;
    if (json.len > 0) {
        object = json_loadb(
            (const char *)json.p, json.len, JSON_REJECT_DUPLICATES, NULL);
        err = take_all(object, arena, &got, at_fault);
        json_decref(object);
    }
    if (err == MU_OK)
        *out = got;
    return err;
}
