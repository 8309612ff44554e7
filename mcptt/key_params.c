/* SPDX-License-Identifier: Apache-2.0 */
#include "mcptt/key_params.h"

#include <assert.h>

#include "mcptt/ident.h"
#include "mcptt/mcx_codes.h"

#define TIME_MAX     ((UINT64_C(1) << 40) - 1)
#define STATUS_KNOWN (MCPTT_STATUS_NOT_REVOKED | MCPTT_STATUS_SHARED_GATEWAY)

/* The clear form: its lengths, and how far its key types are shifted. */
#define CLEAR_MIN   17
#define CLEAR_MAX   21
#define CLEAR_SHIFT 1

_Static_assert(1 + 4 + 5 + 5 + 2 + MCPTT_KEY_PARAMS_TEXT_MAX + 2 + 1 +
                       MCPTT_KEY_PARAMS_GROUPS_MAX * (3 + MCPTT_ID_MAX) <=
                   MCPTT_KEY_PARAMS_MAX,
    "the longest parameters that pass the check can be sealed");

bool mcptt_key_kind_has_groups(enum mcptt_key_kind kind)
{
    return kind == MCPTT_KIND_GMK || kind == MCPTT_KIND_MKFC ||
           kind == MCPTT_KIND_MUSIK;
}

/* Clause E.6.10: 0 is never; otherwise later than the activation, which is
 * not known here when it is 0. */
static bool expiry_fits(const struct mcptt_key_params *p)
{
    return p->expiry_s == 0 || p->expiry_s > p->activation_s;
}

static bool groups_fit(const struct mcptt_key_params *p)
{
    if (p->group_count > MCPTT_KEY_PARAMS_GROUPS_MAX)
        return false;
    if (p->group_count > 0 && !mcptt_key_kind_has_groups(p->kind))
        return false;
    for (size_t i = 0; i < p->group_count; i++)
        if (mcptt_id_check(p->groups[i]) != MU_OK)
            return false;
    return true;
}

enum mu_err mcptt_key_params_check(const struct mcptt_key_params *params)
{
    bool ok = (unsigned)params->kind < MCPTT_KINDS &&
              (params->status & ~STATUS_KNOWN) == 0 &&
              params->activation_s <= TIME_MAX &&
              params->expiry_s <= TIME_MAX && expiry_fits(params) &&
              params->text.len <= MCPTT_KEY_PARAMS_TEXT_MAX &&
              groups_fit(params);

    return ok ? MU_OK : MU_E_MALFORMED;
}

static void read_group(struct rd *r, struct mcptt_key_params *out)
{
    size_t len;

    (void)rd_u8(r, "group_iei");
    len = rd_u16(r, "group_id_len");
    out->groups[out->group_count] = rd_span(r, len, "group_id");
    if (mcptt_id_check(out->groups[out->group_count]) != MU_OK)
        rd_rule(r, false, MU_E_MALFORMED, "group_id", "not an identity");
    out->group_count++;
}

static void write_group(struct wr *w, struct span group)
{
    wr_u8(w, MCX_IEI_GROUP_ID);
    wr_u16(w, (uint16_t)group.len);
    wr_span(w, group);
}

static void read_groups(struct rd *r, struct mcptt_key_params *out)
{
    struct rd list = rd_sub(r, rd_u16(r, "groups_len"), "groups");
    uint8_t count = rd_u8(&list, "group_count");

    rd_rule(&list, count <= MCPTT_KEY_PARAMS_GROUPS_MAX, MU_E_NO_SPACE,
        "group_count", "too many groups");
    for (unsigned i = 0; i < count && rd_err(&list) == MU_OK; i++) {
        rd_enter(&list, "group");
        read_group(&list, out);
        rd_leave(&list, "group");
    }
    rd_join(r, &list);
}

static void write_groups(struct wr *w, const struct mcptt_key_params *in)
{
    size_t mark = wr_len16_open(w);

    wr_u8(w, (uint8_t)in->group_count);
    for (size_t i = 0; i < in->group_count; i++)
        write_group(w, in->groups[i]);
    wr_len16_close(w, mark);
}

/* All but the key type, whose number depends on the form. */
static void read_rest(
    struct rd *r, unsigned tolerances, struct mcptt_key_params *out)
{
    out->status = rd_u32(r, "status");
    out->activation_s = rd_u40(r, "activation_time");
    out->expiry_s = rd_u40(r, "expiry_time");
    rd_rule(r, expiry_fits(out), MU_E_MALFORMED, "expiry_time",
        "not later than the activation time");
    out->text = rd_span(r, rd_u16(r, "text_len"), "text");
    out->group_count = 0;
    if (rd_more(r))
        read_groups(r, out);
    if (rd_more(r)) {
        (void)rd_rest(r, "reserved");
        rd_rule(r, (tolerances & MCPTT_ACCEPT_RESERVED) != 0, MU_E_MALFORMED,
            "reserved", "octets behind the groups");
    }
}

static void read_key_type(
    struct rd *r, unsigned shift, struct mcptt_key_params *out)
{
    unsigned kind = rd_u8(r, "key_type") - shift;

    rd_rule(
        r, kind < MCPTT_KINDS, MU_E_UNSUPPORTED, "key_type", "not assigned");
    out->kind = (enum mcptt_key_kind)(kind < MCPTT_KINDS ? kind : 0);
}

void mcptt_key_params_read(
    struct rd *r, unsigned tolerances, struct mcptt_key_params *out)
{
    read_key_type(r, 0, out);
    read_rest(r, tolerances, out);
}

void mcptt_key_params_write(struct wr *w, const struct mcptt_key_params *in)
{
    wr_u8(w, (uint8_t)in->kind);
    wr_u32(w, in->status);
    wr_u40(w, in->activation_s);
    wr_u40(w, in->expiry_s);
    wr_u16(w, (uint16_t)in->text.len);
    wr_span(w, in->text);
    if (mcptt_key_kind_has_groups(in->kind))
        write_groups(w, in);
}

bool mcptt_key_params_revoked(
    const struct mcptt_key_params *params, unsigned tolerances)
{
    if (params->status == 0 && (tolerances & MCPTT_ACCEPT_STATUS_ZERO) != 0)
        return false;
    return (params->status & MCPTT_STATUS_NOT_REVOKED) == 0;
}

enum mu_err mcptt_key_params_validity(const struct mcptt_key_params *params,
    uint64_t message_s, uint64_t *from_s, uint64_t *until_s)
{
    uint64_t from = params->activation_s, until = params->expiry_s;

    if (from == 0)
        from = message_s;
    if (until == 0)
        until = UINT64_MAX;
    if (until <= from)
        return MU_E_MALFORMED;
    *from_s = from;
    *until_s = until;
    return MU_OK;
}

enum mu_err mcptt_key_params_seal(struct wr *w,
    const struct mcptt_key_params_context *context,
    const struct mcptt_key_params *params, const struct mu_rng *rng)
{
    struct mcptt_protected outer = {
        .message_type = MCX_TYPE_KEY_PARAMETERS,
        .date_time_s = context->now_s,
        .algorithm = MCPTT_PROTECTED_AES_128_GCM,
        .dppk_id = context->csb_id,
        .iei = MCX_IEI_KEY_PARAMETERS,
    };
    MU_CLEANUP(mcptt_dpck_clear) struct mcptt_dpck dpck;
    uint8_t buf[MCPTT_KEY_PARAMS_MAX];
    struct span plain = {NULL, 0};
    struct wr inner;

    TRY(mcptt_key_params_check(params));
    if (params->kind != context->key->kind || context->now_s > TIME_MAX)
        return MU_E_MALFORMED;
    wr_init(&inner, buf, sizeof(buf));
    mcptt_key_params_write(&inner, params);
    TRY(wr_close(&inner, &plain));
    TRY(mcptt_kdf_dpck(context->key, context->csb_id, &dpck));
    return mcptt_protected_seal(w, &outer, &dpck, rng, plain);
}

static bool is_clear_form(const struct rd *r, unsigned tolerances)
{
    size_t left = rd_left(r);

    /* The first octet of the other form has a flag set; and it is longer. */
    return (tolerances & MCPTT_ACCEPT_CLEAR_KEY_PARAMS) != 0 &&
           left >= CLEAR_MIN && left <= CLEAR_MAX;
}

/* A reader of what the payload holds in clear, with the payload's offsets. */
static struct rd reader_of(
    const struct rd *outer, struct span plain, size_t sealed_at)
{
    struct rd r;

    rd_init(&r, plain);
    r.origin = sealed_at;
    r.trace = outer->trace;
    return r;
}

static enum mu_err decrypt(const struct mcptt_protected *outer,
    const struct mcptt_key_params_context *context,
    struct mcptt_key_params_plain *plain, size_t *len)
{
    MU_CLEANUP(mcptt_dpck_clear) struct mcptt_dpck dpck;

    TRY(mcptt_kdf_dpck(context->key, context->csb_id, &dpck));
    return mcptt_protected_open(outer, &dpck, plain->b, sizeof(plain->b), len);
}

static void read_for_key(struct rd *r, unsigned shift,
    const struct mcptt_key_params_context *context,
    struct mcptt_key_params *out)
{
    read_key_type(r, shift, out);
    rd_rule(r, out->kind == context->key->kind, MU_E_MALFORMED, "key_type",
        "not the kind of the key");
    read_rest(r, context->tolerances, out);
}

static void open_protected(struct rd *r,
    const struct mcptt_key_params_context *context,
    struct mcptt_key_params_plain *plain, struct mcptt_key_params *out)
{
    struct mcptt_protected outer;
    enum mu_err err;
    struct rd inner;
    size_t len = 0;

    mcptt_protected_read(r, &context->csb_id, &outer);
    if (rd_err(r) != MU_OK)
        return;
    err = decrypt(&outer, context, plain, &len);
    if (err != MU_OK) {
        rd_rule(r, false, err, "payload", "does not open with this key");
        return;
    }
    inner = reader_of(r, (struct span){plain->b, len}, outer.sealed_at);
    read_for_key(&inner, 0, context, out);
    rd_join(r, &inner);
}

enum mu_err mcptt_key_params_open(struct rd *r,
    const struct mcptt_key_params_context *context,
    struct mcptt_key_params_plain *plain, struct mcptt_key_params *out)
{
    if (is_clear_form(r, context->tolerances))
        read_for_key(r, CLEAR_SHIFT, context, out);
    else
        open_protected(r, context, plain, out);
    return rd_close(r);
}
