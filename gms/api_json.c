/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/api_json.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "mcptt/ident.h"

const struct gms_json_field gms_json_member_fields[] = {
    {"uri", GMS_JSON_ID, true, NULL},
    {"name", GMS_JSON_TEXT, false, NULL},
    {"type", GMS_JSON_TEXT, false, NULL},
    {"priority", GMS_JSON_NUMBER, false, NULL},
    {"required", GMS_JSON_BOOL, false, NULL},
    {"receive_only", GMS_JSON_BOOL, false, NULL},
};

/* Whether word is one of words, between blanks. */
static bool is_among(struct span word, const char *words)
{
    while (*words != '\0') {
        size_t len = strcspn(words, " ");

        if (word.len == len && memcmp(words, word.p, len) == 0)
            return true;
        words += len + (words[len] == ' ');
    }
    return false;
}

static struct span text_of(const json_t *value)
{
    if (!json_is_string(value))
        return (struct span){NULL, 0};
    return (struct span){
        (const uint8_t *)json_string_value(value), json_string_length(value)};
}

/* Control characters have no business in a name that consoles show. */
static bool is_text(struct span text)
{
    if (text.len == 0 || text.len > GMS_JSON_TEXT_MAX)
        return false;
    for (size_t i = 0; i < text.len; i++)
        if (text.p[i] < 0x20 || text.p[i] == 0x7f)
            return false;
    return true;
}

static const char *check_scalar(
    const struct gms_json_field *field, const json_t *value)
{
    struct span text = text_of(value);

    switch (field->kind) {
    case GMS_JSON_ID:
        return text.p != NULL && mcptt_id_check(text) == MU_OK ? NULL
                                                               : "is no URI";
    case GMS_JSON_TEXT:
        return is_text(text) ? NULL : "is no text of 1 to 1024 octets";
    case GMS_JSON_NUMBER:
        return json_is_integer(value) && json_integer_value(value) >= 0
                   ? NULL
                   : "is no whole number";
    case GMS_JSON_BOOL:
        return json_is_boolean(value) ? NULL : "is neither true nor false";
    case GMS_JSON_WORD:
        return text.p != NULL && is_among(text, field->words)
                   ? NULL
                   : "is none of its words";
    case GMS_JSON_ANY:
        return NULL;
    case GMS_JSON_MEMBERS:
        break;
    }
    return "has no place here";
}

typedef const char *check_fn(
    const struct gms_json_field *field, const json_t *value);

static const struct gms_json_field *find_field(
    const struct gms_json_field *fields, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(fields[i].name, name) == 0)
            return &fields[i];
    return NULL;
}

static enum mu_err refuse(
    char why[GMS_JSON_WHY_MAX], const char *name, const char *fault)
{
    (void)snprintf(why, GMS_JSON_WHY_MAX, "member \"%.64s\" %s", name, fault);
    return MU_E_MALFORMED;
}

static enum mu_err check_object(json_t *object,
    const struct gms_json_field *fields, size_t count, check_fn *check,
    char why[GMS_JSON_WHY_MAX])
{
    void *at = json_object_iter(object);

    for (; at != NULL; at = json_object_iter_next(object, at)) {
        const char *name = json_object_iter_key(at);
        const struct gms_json_field *field = find_field(fields, count, name);
        const char *fault = field == NULL
                                ? "is not known here"
                                : check(field, json_object_iter_value(at));

        if (fault != NULL)
            return refuse(why, name, fault);
    }
    for (size_t i = 0; i < count; i++)
        if (fields[i].required &&
            json_object_get(object, fields[i].name) == NULL)
            return refuse(why, fields[i].name, "is missing");
    return MU_OK;
}

static const char *check_item(json_t *item)
{
    char why[GMS_JSON_WHY_MAX];

    if (json_is_string(item))
        return mcptt_id_check(text_of(item)) == MU_OK
                   ? NULL
                   : "has an item that is no URI";
    if (!json_is_object(item) ||
        check_object(item, gms_json_member_fields, GMS_JSON_MEMBER_FIELDS,
            check_scalar, why) != MU_OK)
        return "has an item that is neither a URI nor a member";
    return NULL;
}

static const char *check_value(
    const struct gms_json_field *field, const json_t *value)
{
    if (field->kind != GMS_JSON_MEMBERS)
        return check_scalar(field, value);
    if (!json_is_array(value))
        return "is no array";
    if (json_array_size(value) > GMS_JSON_ITEMS_MAX)
        return "has too many items";
    for (size_t i = 0; i < json_array_size(value); i++) {
        const char *fault = check_item(json_array_get(value, i));

        if (fault != NULL)
            return fault;
    }
    return NULL;
}

void gms_json_drop(json_t **json)
{
    json_decref(*json);
}

enum mu_err gms_json_read(struct span body, const struct gms_json_field *fields,
    size_t count, char why[GMS_JSON_WHY_MAX], json_t **out)
{
    MU_CLEANUP(gms_json_drop) json_t *json = NULL;
    json_error_t at;

    json = body.len == 0 ? json_object()
                         : json_loadb((const char *)body.p, body.len,
                               JSON_REJECT_DUPLICATES, &at);
    if (json == NULL || !json_is_object(json)) {
        (void)snprintf(why, GMS_JSON_WHY_MAX, "the body is no JSON object");
        return MU_E_MALFORMED;
    }
    TRY(check_object(json, fields, count, check_value, why));
    *out = json_incref(json);
    return MU_OK;
}

struct span gms_json_span(const json_t *object, const char *name)
{
    return text_of(json_object_get(object, name));
}

bool gms_json_bool(const json_t *object, const char *name)
{
    return json_is_true(json_object_get(object, name));
}

uint64_t gms_json_number(
    const json_t *object, const char *name, uint64_t otherwise)
{
    const json_t *value = json_object_get(object, name);

    return value == NULL ? otherwise : (uint64_t)json_integer_value(value);
}

json_t *gms_json_of(struct span text)
{
    return json_stringn(text.p == NULL ? "" : (const char *)text.p, text.len);
}

/* The next NAME=VALUE of a query; false at its end. */
static bool next_pair(struct span *query, struct span *name, struct span *value)
{
    const uint8_t *amp, *eq;
    size_t len;

    if (query->len == 0)
        return false;
    amp = memchr(query->p, '&', query->len);
    len = amp == NULL ? query->len : (size_t)(amp - query->p);
    eq = memchr(query->p, '=', len);
    name->p = query->p;
    name->len = eq == NULL ? len : (size_t)(eq - query->p);
    value->p = query->p + name->len + (eq != NULL);
    value->len = len - name->len - (eq != NULL);
    query->p += len + (amp != NULL);
    query->len -= len + (amp != NULL);
    return true;
}

bool gms_query_is_known(struct span query, const char *names)
{
    struct span name, value;

    while (next_pair(&query, &name, &value))
        if (!is_among(name, names))
            return false;
    return true;
}

static enum mu_err decode(
    struct span value, struct mu_arena *arena, struct span *out)
{
    uint8_t *text = mu_arena_alloc(arena, value.len + 1, 1);
    size_t len = 0, one;

    if (text == NULL)
        return mu_arena_err(arena);
    for (size_t i = 0; i < value.len; i++) {
        if (value.p[i] != '%') {
            text[len++] = value.p[i];
            continue;
        }
        if (value.len - i < 3)
            return MU_E_MALFORMED;
        TRY(mu_hex_read(
            (struct span){value.p + i + 1, 2}, text + len, 1, &one));
        len++;
        i += 2;
    }
    *out = (struct span){text, len};
    return MU_OK;
}

static struct span raw_value(struct span query, const char *name)
{
    struct span key, value;

    while (next_pair(&query, &key, &value))
        if (span_eq(key, span_str(name)))
            return value;
    return (struct span){NULL, 0};
}

enum mu_err gms_query_text(struct span query, const char *name,
    struct mu_arena *arena, struct span *out)
{
    struct span raw = raw_value(query, name);

    if (raw.p != NULL)
        return decode(raw, arena, out);
    *out = raw;
    return MU_OK;
}

enum mu_err gms_query_number(
    struct span query, const char *name, uint64_t otherwise, uint64_t *out)
{
    struct span raw = raw_value(query, name);

    if (raw.p != NULL)
        return mu_text_u64(raw, out);
    *out = otherwise;
    return MU_OK;
}
