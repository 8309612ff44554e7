/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_json.h - the JSON that strangers send to the API, checked against a table
 * before a handler sees it, and the parameters of a query.
 *
 * A member that the table does not know is refused: a misspelt one would be
 * ignored otherwise, and "hrad":true is not what the sender meant.
 *
 * Pure.
 */
#ifndef GMS_API_JSON_H
#define GMS_API_JSON_H

#include <jansson.h>

#include "base/arena.h"

#define GMS_JSON_TEXT_MAX  1024  /* octets of a text; ours */
#define GMS_JSON_ITEMS_MAX 10000 /* of an array; ours */
#define GMS_JSON_WHY_MAX   160

enum gms_json_kind {
    GMS_JSON_ID,     /* a URI that mcptt_id_check() takes */
    GMS_JSON_TEXT,   /* 1..GMS_JSON_TEXT_MAX octets, no control characters */
    GMS_JSON_NUMBER, /* an integer, 0 or more */
    GMS_JSON_BOOL,
    GMS_JSON_WORD,   /* one of words */
    GMS_JSON_ANY,    /* whatever; the handler looks */
    GMS_JSON_MEMBERS /* array of IDs, or of objects with uri and what else
                        gms_json_member_fields[] says */
};

struct gms_json_field {
    const char *name;
    enum gms_json_kind kind;
    bool required;
    const char *words; /* of GMS_JSON_WORD: blanks between */
};

/* What a member may say: a body, or an item of GMS_JSON_MEMBERS. */
#define GMS_JSON_MEMBER_FIELDS 6
extern const struct gms_json_field
    gms_json_member_fields[GMS_JSON_MEMBER_FIELDS];

/*
 * Reads a body: one object of these fields. An empty body is an empty object.
 *
 *   why  set on failure: which member, and what is wrong with it
 *   out  the caller's, for json_decref(); untouched on failure
 *
 * Returns MU_OK or MU_E_MALFORMED.
 */
MU_MUST_CHECK enum mu_err gms_json_read(struct span body,
    const struct gms_json_field *fields, size_t count,
    char why[GMS_JSON_WHY_MAX], json_t **out);

/* For MU_CLEANUP. */
void gms_json_drop(json_t **json);

/* Members of an object that was read; p NULL when it is not there. Borrowed. */
struct span gms_json_span(const json_t *object, const char *name);
bool gms_json_bool(const json_t *object, const char *name);
uint64_t gms_json_number(
    const json_t *object, const char *name, uint64_t otherwise);

/* Octets as a JSON text; NULL when they are no UTF-8 or memory fails. */
json_t *gms_json_of(struct span text);

/*
 * The value of a parameter in a query, "after=7&most=10", percent-decoded,
 * '+' left alone; the first of that name.
 *
 *   query  as http_path has it; p NULL: there is none
 *   out    p NULL when it is not there
 *
 * Returns MU_OK; MU_E_MALFORMED for a '%' without two hex digits; the arena's
 * error.
 */
MU_MUST_CHECK enum mu_err gms_query_text(struct span query, const char *name,
    struct mu_arena *arena, struct span *out);

/* The same as a decimal number; otherwise when it is not there. */
MU_MUST_CHECK enum mu_err gms_query_number(
    struct span query, const char *name, uint64_t otherwise, uint64_t *out);

/* Whether every name of the query is one of names (blanks between). */
bool gms_query_is_known(struct span query, const char *names);

#endif
