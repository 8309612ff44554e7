/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_kek.c - /v1/kek: the keys that seal the store, and their rotation
 * (gms/reseal.h).
 */
#include <string.h>

#include "base/text.h"
#include "gms/api_topics.h"
#include "gms/reseal.h"

/* What a KEK is, and what it seals. */
struct line {
    struct gms_store_kek in_store;
    bool configured, seals, identity;
};

#define LINES_MAX 32

struct lines {
    struct line at[LINES_MAX];
    size_t count;
    uint64_t left;
};

static struct line *line_of(struct lines *lines, const struct mu_kek_id *id)
{
    struct line *line = lines->at;

    while (line < lines->at + lines->count &&
           memcmp(&line->in_store.id, id, sizeof(*id)) != 0)
        line++;
    if (line == lines->at + LINES_MAX)
        return line - 1; /* more than anybody has: they share the last */
    if (line == lines->at + lines->count)
        lines->at[lines->count++] = (struct line){.in_store.id = *id};
    return line;
}

static enum mu_err collect(struct gms_api_call *call,
    const struct gms_reseal_status *status, struct lines *out)
{
    const struct gms_store_kek *keks;
    struct mu_arena_list list;

    for (size_t i = 0; i < status->kek_count; i++) {
        struct line *line = line_of(out, &status->keks[i]);

        line->configured = true;
        line->seals = i + 1 == status->kek_count;
    }
    if (status->known)
        line_of(out, &status->identity)->identity = true;
    TRY(gms_store_keks(call->parts->store, &call->arena, &list));
    keks = list.at;
    for (size_t i = 0; i < list.len; i++) {
        struct line *line = line_of(out, &keks[i].id);

        line->in_store.keys += keks[i].keys;
        line->in_store.envelopes += keks[i].envelopes;
    }
    for (size_t i = 0; i < out->count; i++)
        if (!out->at[i].seals)
            out->left += out->at[i].in_store.keys +
                         out->at[i].in_store.envelopes + out->at[i].identity;
    return MU_OK;
}

static json_t *form_id(const struct mu_kek_id *id)
{
    char hex[MU_HEX_LEN(MU_KEK_ID_LEN)];

    mu_hex_write(SPAN_OF(id->b), hex);
    return json_string(hex);
}

static json_t *form_lines(const struct lines *lines)
{
    json_t *list = json_array();

    for (size_t i = 0; i < lines->count; i++) {
        const struct line *line = &lines->at[i];

        (void)json_array_append_new(
            list, json_pack("{s:o, s:b, s:b, s:I, s:I, s:b}", "kek",
                      form_id(&line->in_store.id), "configured",
                      (int)line->configured, "seals", (int)line->seals, "keys",
                      (json_int_t)line->in_store.keys, "envelopes",
                      (json_int_t)line->in_store.envelopes, "identity",
                      (int)line->identity));
    }
    return list;
}

static json_t *form_rotation(const struct gms_reseal_status *s)
{
    return json_pack("{s:b, s:I, s:I, s:I, s:I}", "running", (int)s->running,
        "keys", (json_int_t)s->keys, "envelopes", (json_int_t)s->envelopes,
        "dropped", (json_int_t)s->dropped, "unreadable",
        (json_int_t)s->unreadable);
}

static void answer(struct gms_api_call *call, unsigned http)
{
    struct gms_reseal_status status = gms_reseal_status(call->parts->reseal);
    struct lines lines = {.count = 0};
    enum mu_err err = collect(call, &status, &lines);

    if (err != MU_OK) {
        gms_api_fail_err(call, err);
        return;
    }
    gms_api_answer(call, http,
        json_pack("{s:o, s:I, s:o, s:o}", "kek",
            status.kek_count > 0 ? form_id(&status.keks[status.kek_count - 1])
                                 : json_null(),
            "left", (json_int_t)lines.left, "keks", form_lines(&lines),
            "rotation", form_rotation(&status)));
}

void gms_api_kek_show(struct gms_api_call *call)
{
    answer(call, 200);
}

void gms_api_kek_rotate(struct gms_api_call *call)
{
    enum mu_err err = gms_reseal_order(call->parts->reseal, call->caller.uri);

    if (err == MU_OK)
        answer(call, 202);
    else if (err == MU_E_STATE)
        gms_api_fail(call, GMS_API_UNAVAILABLE, "the vault is not ready");
    else
        gms_api_fail_err(call, err);
}
