/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/report.h"

#include "base/text.h"
#include "cli/json.h"

/* A writer of members, in either form. */
struct line {
    struct buf text;
    struct json json;
    bool is_json;
};

static void put_text(struct line *line, const char *name, struct span value)
{
    if (value.len == 0)
        return;
    if (line->is_json) {
        json_text(&line->json, name, value);
        return;
    }
    buf_text(&line->text, " ");
    buf_text(&line->text, name);
    buf_text(&line->text, "=");
    buf_add(&line->text, value);
}

static void put_number(struct line *line, const char *name, uint64_t value)
{
    if (line->is_json) {
        json_number(&line->json, name, value);
        return;
    }
    buf_text(&line->text, " ");
    buf_text(&line->text, name);
    buf_text(&line->text, "=");
    buf_number(&line->text, value);
}

static void put_id(struct line *line, const char *name, struct mcptt_key_id id)
{
    uint8_t octets[MCPTT_KEY_ID_LEN];
    char hex[MU_HEX_LEN(MCPTT_KEY_ID_LEN)];
    struct wr w;

    wr_init(&w, octets, sizeof(octets));
    mcptt_key_id_write(&w, id);
    mu_hex_write(SPAN_OF(octets), hex);
    put_text(line, name, span_str(hex));
}

static void put_key(struct line *line, const struct ue_event *event)
{
    if (!event->has_key)
        return;
    put_id(line, "gmk_id", event->gmk_id);
    put_id(line, "guk_id", event->guk_id);
    if (!event->has_times)
        return;
    put_number(line, "activation_s", event->from_s);
    put_number(
        line, "expiry_s", event->until_s == UINT64_MAX ? 0 : event->until_s);
}

static void put_all(struct line *line, const struct ue_event *event)
{
    put_text(line, "user", event->user);
    put_text(line, "group", event->group);
    put_key(line, event);
    if (event->state != NULL)
        put_text(line, "state", span_str(event->state));
    if (event->period != 0)
        put_number(line, "period", event->period);
    if (event->status != 0)
        put_number(line, "status", event->status);
    put_text(line, "id", event->id);
    if (event->cause != NULL)
        put_text(line, "cause", span_str(event->cause));
    if (event->why != NULL)
        put_text(line, "why", span_str(event->why));
}

static void begin(struct line *line, const char *name, uint64_t unix_ms)
{
    char at[MU_TIME_TEXT];

    if (line->is_json) {
        line->json.out = &line->text;
        json_open(&line->json, NULL, '{');
        json_text(&line->json, "event", span_str(name));
        json_number(&line->json, "at_ms", unix_ms);
        return;
    }
    mu_time_write(unix_ms, at);
    buf_text(&line->text, at);
    buf_text(&line->text, " ");
    buf_text(&line->text, name);
}

void ue_report(struct ue_report *report, const struct ue_event *event)
{
    struct line line = {.is_json = report != NULL && report->json};

    if (report == NULL)
        return;
    begin(&line, event->name, mu_clock_unix_ms(report->clock));
    put_all(&line, event);
    if (line.is_json)
        json_close(&line.json, '}');
    buf_text(&line.text, "\n");
    if (fwrite(line.text.p, 1, line.text.len, report->to) != line.text.len ||
        fflush(report->to) != 0)
        report->broken = true;
    buf_clear(&line.text);
}
