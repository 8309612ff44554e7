/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_urgency.c - /v1/groups/{group}/urgency: an MCPTT server says that an
 * emergency or imminent peril call is under way in the group, or no more, who
 * talks and who is affiliated; the group's keys then go out in that order
 * (gms/urgency.h). A control room may say so, too.
 *
 * Each word takes the place of the one before and holds for an hour, or for_s.
 */
#include "gms/api_change.h"
#include "gms/api_form.h"
#include "gms/api_topics.h"

#define FOR_DEFAULT_S 3600
#define FOR_MAX_S     86400

const struct gms_json_field gms_api_urgency_body[] = {
    {"condition", GMS_JSON_WORD, true, "normal imminent-peril emergency"},
    {"talkers", GMS_JSON_MEMBERS, false, NULL},
    {"affiliated", GMS_JSON_MEMBERS, false, NULL},
    {"for_s", GMS_JSON_NUMBER, false, NULL},
};

static enum gms_condition condition_of(const struct gms_api_call *call)
{
    struct span word = gms_json_span(call->body, "condition");

    for (int i = 0; i < GMS_CONDITIONS; i++)
        if (span_eq(word, span_str(gms_condition_name((enum gms_condition)i))))
            return (enum gms_condition)i;
    return GMS_CONDITION_NORMAL;
}

/* Borrows from the body. */
static enum mu_err read_uris(struct gms_api_call *call, const char *name,
    const struct span **out, size_t *count)
{
    const json_t *list = json_object_get(call->body, name);
    size_t len = json_array_size(list);
    struct span *uris = mu_arena_alloc(&call->arena, len, sizeof(*uris));
    struct xml_group_entry entry;

    if (uris == NULL)
        return mu_arena_err(&call->arena);
    for (size_t i = 0; i < len; i++) {
        gms_api_entry_read(json_array_get(list, i), &entry);
        uris[i] = entry.uri;
    }
    *out = uris;
    *count = len;
    return MU_OK;
}

static enum mu_err set(struct gms_api_call *call, struct gms_urgency_word *word)
{
    word->urgency.condition = condition_of(call);
    TRY(read_uris(call, "talkers", &word->talkers, &word->talker_count));
    TRY(read_uris(
        call, "affiliated", &word->affiliated, &word->affiliated_count));
    return gms_keeper_set_urgency(
        call->parts->keeper, call->caller.uri, call->group, word);
}

void gms_api_urgency(struct gms_api_call *call)
{
    uint64_t for_s = gms_json_number(call->body, "for_s", FOR_DEFAULT_S);
    struct gms_urgency_word word = {
        .urgency = {.until_ms = mu_clock_unix_ms(call->parts->clock)}};
    enum mu_err err;

    if (for_s > FOR_MAX_S) {
        gms_api_fail(call, GMS_API_MALFORMED, "\"for_s\": 86400 at most");
        return;
    }
    word.urgency.until_ms += for_s * 1000;
    err = set(call, &word);
    if (err != MU_OK)
        gms_api_fail_err(call, err);
    else
        gms_api_answer(call, 200,
            json_pack("{s:o, s:s, s:o}", "group", gms_json_of(call->group),
                "condition", gms_condition_name(word.urgency.condition),
                "until", gms_form_time_ms(word.urgency.until_ms)));
}
