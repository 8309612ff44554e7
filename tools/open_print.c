/* SPDX-License-Identifier: Apache-2.0 */
/* What open prints: "name value" lines, or one object. */
#include <inttypes.h>
#include <stdio.h>

#include "base/clock.h"
#include "cli/json.h"
#include "mikey/idr.h"
#include "tools/open.h"

/* Both forms of output behind one set of calls. */
struct report {
    const struct cli *cli;
    struct json json;
};

static void put_name(struct report *r, const char *name)
{
    buf_text(r->json.out, name);
    buf_text(r->json.out, " ");
}

static void put_hex(struct report *r, const char *name, struct span octets)
{
    if (r->cli->json) {
        json_hex(&r->json, name, octets);
        return;
    }
    put_name(r, name);
    buf_hex(r->json.out, octets);
    buf_text(r->json.out, "\n");
}

/* What a peer chose, so as hex where it could break a line. */
static void put_text(struct report *r, const char *name, struct span text)
{
    if (!mikey_id_is_text(text) && (text.len > 0 || !r->cli->json)) {
        put_hex(r, name, text);
        return;
    }
    if (r->cli->json) {
        json_text(&r->json, name, text);
        return;
    }
    put_name(r, name);
    buf_add(r->json.out, text);
    buf_text(r->json.out, "\n");
}

static void put_u32(struct report *r, const char *name, uint32_t value)
{
    uint8_t octets[4];
    struct wr w;

    wr_init(&w, octets, sizeof(octets));
    wr_u32(&w, value);
    put_hex(r, name, wr_so_far(&w));
}

/* Unix seconds; 0 has a meaning of its own. */
static void put_time(
    struct report *r, const char *name, uint64_t seconds, const char *zero)
{
    char text[MU_TIME_TEXT];

    if (r->cli->json) {
        json_number(&r->json, name, seconds);
        return;
    }
    put_name(r, name);
    mu_time_write(seconds * 1000, text);
    buf_text(r->json.out, seconds == 0 ? zero : text);
    buf_text(r->json.out, "\n");
}

static void put_bool(struct report *r, const char *name, bool value)
{
    if (r->cli->json)
        json_bool(&r->json, name, value);
    else
        put_text(r, name, span_str(value ? "yes" : "no"));
}

static void put_groups(struct report *r, const struct mcptt_key_params *params)
{
    if (r->cli->json)
        json_open(&r->json, "groups", '[');
    for (size_t i = 0; i < params->group_count; i++)
        put_text(r, r->cli->json ? NULL : "group", params->groups[i]);
    if (r->cli->json)
        json_close(&r->json, ']');
}

static void put_params(struct report *r, const struct opening *o)
{
    const struct mcptt_key_params *params = &o->opened.params;

    if (!o->opened.has_params)
        return;
    if (r->cli->json)
        json_open(&r->json, "key_parameters", '{');
    put_u32(r, "status", params->status);
    put_bool(r, "revoked",
        mcptt_key_params_revoked(params, o->opener.params_tolerance));
    put_time(r, "activation", params->activation_s, "at the message's time");
    put_time(r, "expiry", params->expiry_s, "never");
    if (params->text.len > 0 || r->cli->json)
        put_text(r, "text", params->text);
    put_groups(r, params);
    if (r->cli->json)
        json_close(&r->json, '}');
}

static void put_ids(struct report *r, const struct opening *o)
{
    bool gmk = o->in.kind == MCPTT_KIND_GMK;

    put_text(r, "key_type", span_str(mcptt_key_kind_name(o->in.kind)));
    if (o->opened.key_id_known)
        put_u32(r, gmk ? "gmk_id" : "key_id", o->opened.key_id.v);
    put_u32(r, gmk ? "guk_id" : "csb_id", o->in.csb_id.v);
}

/*
 * The signer's identifier is what the signature was checked with. His URI is
 * what the signed message says, and with --cert and --keys they belong
 * together.
 */
static void put_signer(struct report *r, const struct opening *o)
{
    struct span id = {o->sender.b, o->sender.len};
    struct span uri = o->in.initiator.uri;

    if (o->cli->args[OPEN_SENDER].given && o->cli->args[OPEN_CERT].given)
        uri = span_str(o->cli->args[OPEN_SENDER].text);
    if (uri.len > 0)
        put_text(r, "signer", uri);
    else
        put_hex(r, "signer", id);
    put_hex(r, "signer_id", id);
}

void open_print(const struct opening *o)
{
    struct report r = {.cli = o->cli, .json = {.out = &o->cli->out}};

    if (r.cli->json)
        json_open(&r.json, NULL, '{');
    put_ids(&r, o);
    put_signer(&r, o);
    put_params(&r, o);
    put_hex(&r, "rand", o->in.msg.rand.rand);
    if (r.cli->args[OPEN_SHOW_SECRET].given)
        put_hex(&r, "key", SPAN_OF(o->opened.key.b));
    if (!r.cli->json)
        return;
    json_close(&r.json, '}');
    buf_text(r.json.out, "\n");
}
