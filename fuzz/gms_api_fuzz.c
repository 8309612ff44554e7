/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What strangers send to the JSON API: the first line is the query of a target,
 * the rest a body. A body that is read is read again from what it was written
 * as, and is the same; a decoded parameter is never longer than it came.
 */
#include "fuzz/fuzz.h"
#include "gms/api_json.h"

#include <stdlib.h>
#include <string.h>

static const struct gms_json_field fields[] = {
    {"id", GMS_JSON_ID, true, NULL},
    {"name", GMS_JSON_TEXT, false, NULL},
    {"priority", GMS_JSON_NUMBER, false, NULL},
    {"hard", GMS_JSON_BOOL, false, NULL},
    {"template", GMS_JSON_WORD, false, "incident plain"},
    {"members", GMS_JSON_MEMBERS, false, NULL},
    {"grace_s", GMS_JSON_ANY, false, NULL},
};

static enum mu_err read_body(struct span body, json_t **out)
{
    char why[GMS_JSON_WHY_MAX] = "";
    enum mu_err err = gms_json_read(
        body, fields, sizeof(fields) / sizeof(fields[0]), why, out);

    fuzz_demand(err == MU_OK || why[0] != '\0');
    return err;
}

static void try_body(struct span body)
{
    MU_CLEANUP(gms_json_drop) json_t *once = NULL;
    MU_CLEANUP(gms_json_drop) json_t *twice = NULL;
    char *text;

    if (read_body(body, &once) != MU_OK)
        return;
    text = json_dumps(once, JSON_COMPACT);
    fuzz_demand(text != NULL);
    fuzz_demand(read_body(span_str(text), &twice) == MU_OK);
    fuzz_demand(json_equal(once, twice) == 1);
    free(text);
}

static void try_query(struct span query)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct span text = {NULL, 0};
    uint64_t number = 0;

    mu_arena_init(&arena, 1 << 20);
    (void)gms_query_is_known(query, "after most");
    if (gms_query_text(query, "after", &arena, &text) == MU_OK)
        fuzz_demand(text.len <= query.len);
    if (gms_query_number(query, "most", 7, &number) == MU_OK && query.len == 0)
        fuzz_demand(number == 7);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *line = data != NULL ? memchr(data, '\n', size) : NULL;
    size_t len = line != NULL ? (size_t)(line - data) : size;

    try_query((struct span){data, len});
    if (line != NULL)
        try_body((struct span){line + 1, size - len - 1});
    return 0;
}
