/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/explain.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "mcptt/protected.h"
#include "mikey/ntp.h"

/* The fields have names that fit JSON; one is short, as the contract has it. */
static const char *member(const char *field)
{
    return strcmp(field, "map_type") == 0 ? "map" : field;
}

static void end_array(struct explain *e)
{
    if (e->array != NULL)
        json_close(&e->json, ']');
    e->array = NULL;
}

/* Before a member at offset at: says where, and leaves the list before. */
static void place(struct explain *e, const char *name, size_t at)
{
    if (e->in_group)
        return;
    end_array(e);
    json_number(&e->offsets_json, name, at);
}

static void text_field(struct explain *e, const char *field, size_t at)
{
    char line[96];

    (void)snprintf(line, sizeof(line), "%6zu  %s%-22s ", at,
        e->in_group ? "  " : "", field);
    buf_text(e->out, line);
}

/* What a timestamp means; its era is the one that is now. */
static const char *time_of(
    const char *field, uint64_t value, char text[MU_TIME_TEXT])
{
    uint64_t now_ms = mu_clock_unix_ms(mu_clock_system());
    int64_t unix_s;

    if (strcmp(field, "date_time") == 0)
        unix_s = (int64_t)value;
    else if (strcmp(field, "ts") == 0 && value > UINT32_MAX)
        unix_s = mikey_ntp_to_unix(value, (int64_t)(now_ms / 1000));
    else
        return NULL;
    if (unix_s < 0)
        return NULL;
    mu_time_write((uint64_t)unix_s * 1000, text);
    return text;
}

static const char *meaning(
    const char *field, uint64_t value, char text[MU_TIME_TEXT])
{
    const char *name = mikey_code_name(field, value);

    return name != NULL ? name : time_of(field, value, text);
}

/* A number that is shown as hex: an identifier, most significant first. */
static void json_id(
    struct explain *e, const char *name, unsigned digits, uint64_t value)
{
    uint8_t octets[8];

    for (size_t i = 0; i < sizeof(octets); i++)
        octets[i] = (uint8_t)(value >> (56 - 8 * i));
    json_hex(&e->json, name,
        (struct span){octets + sizeof(octets) - digits / 2, digits / 2});
}

/* "prf_name" beside "prf", "id_text" beside "id". */
static void json_beside(
    struct explain *e, const char *name, const char *suffix, struct span text)
{
    char beside[64];

    (void)snprintf(beside, sizeof(beside), "%s%s", name, suffix);
    json_text(&e->json, beside, text);
}

static void json_field(struct explain *e, const char *field, size_t at,
    uint64_t value, const char *means)
{
    const char *name = member(field);

    place(e, name, at);
    if (mikey_field_digits(field) > 0)
        json_id(e, name, mikey_field_digits(field), value);
    else
        json_number(&e->json, name, value);
    if (means != NULL)
        json_beside(e, name, "_name", span_str(means));
}

static void on_number(void *ctx, const char *field, size_t at, uint64_t value)
{
    struct explain *e = ctx;
    unsigned digits = mikey_field_digits(field);
    char when[MU_TIME_TEXT], shown[32];
    const char *means = meaning(field, value, when);

    if (!e->in_group && strcmp(field, "next") == 0)
        e->next = (uint8_t)value;
    if (e->as_json) {
        json_field(e, field, at, value, means);
        return;
    }
    if (digits > 0)
        (void)snprintf(
            shown, sizeof(shown), "0x%0*" PRIx64, (int)digits, value);
    else
        (void)snprintf(shown, sizeof(shown), "%" PRIu64, value);
    text_field(e, field, at);
    buf_text(e->out, shown);
    if (means != NULL) {
        buf_text(e->out, "  ");
        buf_text(e->out, means);
    }
    buf_text(e->out, "\n");
}

static void json_octets(struct explain *e, const char *field, size_t at,
    struct span octets, bool is_text)
{
    const char *name = member(field);

    place(e, name, at);
    json_hex(&e->json, name, octets);
    if (is_text)
        json_beside(e, name, "_text", octets);
}

static void on_octets(
    void *ctx, const char *field, size_t at, struct span octets)
{
    struct explain *e = ctx;
    bool is_text = strcmp(field, "id") == 0 && mikey_id_is_text(octets);

    if (e->as_json) {
        json_octets(e, field, at, octets, is_text);
        return;
    }
    text_field(e, field, at);
    buf_hex(e->out, octets);
    if (is_text) {
        buf_text(e->out, "  ");
        buf_add(e->out, octets);
    }
    buf_text(e->out, "\n");
}

static void on_enter(void *ctx, const char *group, size_t at)
{
    struct explain *e = ctx;

    if (e->as_json) {
        if (e->array == NULL || strcmp(e->array, group) != 0) {
            end_array(e);
            json_open(&e->json, group, '[');
            e->array = group;
        }
        json_open(&e->json, NULL, '{');
        json_number(&e->json, "offset", at);
    } else {
        text_field(e, group, at);
        buf_text(e->out, "\n");
    }
    e->in_group = true;
}

static void on_leave(void *ctx, const char *group)
{
    struct explain *e = ctx;

    (void)group;
    e->in_group = false;
    if (e->as_json)
        json_close(&e->json, '}');
}

/* The end of a header's or a payload's members. */
static void end_members(struct explain *e)
{
    if (e->in_group)
        on_leave(e, NULL);
    end_array(e);
    json_open(&e->json, "offsets", '{');
    buf_add(e->out, buf_span(&e->offsets));
    json_close(&e->json, '}');
    buf_clear(&e->offsets);
    e->offsets_json.comma = false;
}

static void begin_json(struct explain *e, const char *name, size_t at)
{
    end_members(e);
    if (e->in_payloads)
        json_close(&e->json, '}');
    else
        json_open(&e->json, "payloads", '[');
    e->in_payloads = true;
    json_open(&e->json, NULL, '{');
    json_number(&e->json, "type", e->next);
    json_text(&e->json, "name", span_str(name));
    json_number(&e->json, "offset", at);
}

static void on_begin(void *ctx, const char *name, size_t at)
{
    struct explain *e = ctx;
    char line[48];

    if (e->as_json) {
        if (at > 0)
            begin_json(e, name, at);
        return;
    }
    (void)snprintf(line, sizeof(line), "%6zu %s\n", at, name);
    buf_text(e->out, line);
}

static void on_hdr(void *ctx, struct rd *r, const struct mikey_hdr *hdr)
{
    struct explain *e = ctx;

    (void)r;
    e->data_type = hdr->data_type;
}

/*
 * Key parameters are encrypted; what stands around them is not (TS 33.180
 * clause 8.5.4). Products of older profiles put something else there, which
 * then stays the octets that were shown already.
 */
static void explain_params(
    const struct rd *outer, const struct mikey_ext *ext, size_t at)
{
    struct mcptt_protected in;
    struct rd r;

    rd_init(&r, ext->data);
    mcptt_protected_read(&r, NULL, &in);
    if (rd_close(&r) != MU_OK)
        return;
    rd_init(&r, ext->data);
    r.origin = at;
    r.trace = outer->trace;
    rd_enter(&r, "protected");
    mcptt_protected_read(&r, NULL, &in);
    rd_leave(&r, "protected");
}

static void on_payload(void *ctx, struct rd *r, const struct mikey_payload *p)
{
    struct explain *e = ctx;

    if (p->type == MIKEY_PL_SAKKE && e->data_type != MIKEY_DT_SAKKE)
        rd_fail(r, (struct rd_fault){MU_E_MALFORMED, "data_type", 1,
                       "a SAKKE payload belongs to data type 26"});
    if (p->type == MIKEY_PL_EXT && p->ext.type == MIKEY_EXT_KEY_PARAMS)
        explain_params(r, &p->ext, (size_t)(p->ext.data.p - e->message.p));
}

enum mu_err explain_message(
    struct explain *e, struct span message, struct mikey_fault *fault)
{
    const struct rd_trace trace = {
        .octets = on_octets,
        .number = on_number,
        .enter = on_enter,
        .leave = on_leave,
        .ctx = e,
    };
    const struct mikey_visitor visitor = {
        .begin = on_begin, .hdr = on_hdr, .payload = on_payload, .ctx = e};

    e->message = message;
    e->json.out = e->out;
    e->offsets_json.out = &e->offsets;
    if (e->as_json)
        json_open(&e->json, NULL, '{');
    return mikey_walk(message, &trace, &visitor, fault);
}

static void json_fault(struct explain *e, const struct mikey_fault *fault)
{
    json_open(&e->json, "error", '{');
    json_text(&e->json, "payload", span_str(fault->payload));
    json_text(&e->json, "field", span_str(fault->rd.field));
    json_number(&e->json, "offset", fault->rd.at);
    json_text(&e->json, "error", span_str(mu_err_name(fault->rd.err)));
    if (fault->rd.why != NULL)
        json_text(&e->json, "why", span_str(fault->rd.why));
    json_close(&e->json, '}');
}

void explain_end(struct explain *e, const struct mikey_fault *fault)
{
    if (!e->as_json)
        return;
    end_members(e);
    if (e->in_payloads)
        json_close(&e->json, '}');
    else
        json_open(&e->json, "payloads", '[');
    json_close(&e->json, ']');
    if (fault != NULL)
        json_fault(e, fault);
    json_close(&e->json, '}');
    buf_text(e->out, "\n");
}
