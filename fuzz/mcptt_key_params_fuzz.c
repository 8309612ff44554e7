/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads key parameters. The first octet holds the tolerances; with its top bit
 * set the rest is a protected payload, otherwise the content of one. A content
 * has to read the same when it was sealed and opened; what can be sent has to
 * be written and read without a change.
 */
#include "fuzz/fuzz.h"

#include <string.h>

#include "mcptt/key_params.h"

#define SEALED     0x80
#define TOLERANCES 0x07

static const struct mcptt_key_id csb_id = {0x06a12aea};

/* The key is of the kind that the content is about. */
static struct mcptt_key key_of(const uint8_t *content, size_t len)
{
    struct mcptt_key key = {.b = {1, 2, 3}};

    if (len > 0 && content[0] < MCPTT_KINDS)
        key.kind = (enum mcptt_key_kind)content[0];
    return key;
}

static void demand_same(
    const struct mcptt_key_params *a, const struct mcptt_key_params *b)
{
    fuzz_demand(a->kind == b->kind && a->status == b->status);
    fuzz_demand(a->activation_s == b->activation_s);
    fuzz_demand(a->expiry_s == b->expiry_s && span_eq(a->text, b->text));
    fuzz_demand(a->group_count == b->group_count);
    for (size_t i = 0; i < a->group_count; i++)
        fuzz_demand(span_eq(a->groups[i], b->groups[i]));
}

static void check_round_trip(const struct mcptt_key_params *p)
{
    static uint8_t buf[MCPTT_KEY_PARAMS_MAX];
    struct mcptt_key_params again;
    struct span out = {NULL, 0};
    struct wr w;
    struct rd r;

    if (mcptt_key_params_check(p) != MU_OK)
        return; /* as unknown status bits, which are read but never sent */
    wr_init(&w, buf, sizeof(buf));
    mcptt_key_params_write(&w, p);
    fuzz_demand(wr_close(&w, &out) == MU_OK);
    rd_init(&r, out);
    mcptt_key_params_read(&r, 0, &again);
    fuzz_demand(rd_close(&r) == MU_OK);
    demand_same(p, &again);
}

static enum mu_err fill(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    memset(out, 0x5a, len);
    return MU_OK;
}

/* Seals the content as it is, right or wrong. */
static struct span seal(
    struct span content, const struct mcptt_key *key, uint8_t *buf, size_t cap)
{
    struct mcptt_protected outer = {.message_type = 0x43,
        .algorithm = MCPTT_PROTECTED_AES_128_GCM,
        .dppk_id = csb_id};
    struct mu_rng rng = {.fill = fill};
    struct span out = {NULL, 0};
    struct mcptt_dpck dpck;
    struct wr w;

    wr_init(&w, buf, cap);
    fuzz_demand(mcptt_kdf_dpck(key, csb_id, &dpck) == MU_OK);
    fuzz_demand(
        mcptt_protected_seal(&w, &outer, &dpck, &rng, content) == MU_OK);
    fuzz_demand(wr_close(&w, &out) == MU_OK);
    return out;
}

static void check_content(struct span content, unsigned tolerances)
{
    static uint8_t buf[MCPTT_KEY_PARAMS_MAX + MCPTT_PROTECTED_OVERHEAD];
    static struct mcptt_key_params_plain plain;
    struct mcptt_key key = key_of(content.p, content.len);
    struct mcptt_key_params_context context = {
        .key = &key, .csb_id = csb_id, .tolerances = tolerances};
    struct mcptt_key_params direct, opened;
    enum mu_err err;
    struct rd r, sealed;

    rd_init(&r, content);
    mcptt_key_params_read(&r, tolerances, &direct);
    err = rd_close(&r);
    rd_init(&sealed, seal(content, &key, buf, sizeof(buf)));
    fuzz_demand(
        mcptt_key_params_open(&sealed, &context, &plain, &opened) == err);
    if (err == MU_OK) {
        demand_same(&direct, &opened);
        check_round_trip(&direct);
    } else {
        fuzz_demand(r.fault.at <= content.len);
        fuzz_demand(sealed.fault.at == r.fault.at + 35);
    }
}

static void check_sealed(struct span wire, unsigned tolerances)
{
    static uint8_t buf[UINT16_MAX + MCPTT_PROTECTED_OVERHEAD];
    static struct mcptt_key_params_plain plain;
    struct mcptt_key key = {.kind = MCPTT_KIND_GMK};
    struct mcptt_key_params_context context = {
        .key = &key, .csb_id = csb_id, .tolerances = tolerances};
    struct mcptt_key_params params;
    struct span out = {NULL, 0};
    struct mcptt_protected p;
    struct rd r;
    struct wr w;

    rd_init(&r, wire);
    mcptt_protected_read(&r, NULL, &p);
    if (rd_close(&r) == MU_OK) {
        wr_init(&w, buf, sizeof(buf));
        mcptt_protected_write(&w, &p);
        fuzz_demand(wr_close(&w, &out) == MU_OK && span_eq(out, wire));
    }
    rd_init(&r, wire);
    if (mcptt_key_params_open(&r, &context, &plain, &params) == MU_OK)
        check_round_trip(&params);
    else
        fuzz_demand(r.fault.at <= wire.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span rest;

    if (size == 0 || size - 1 > MCPTT_KEY_PARAMS_MAX)
        return 0;
    rest = (struct span){data + 1, size - 1};
    if ((data[0] & SEALED) != 0)
        check_sealed(rest, data[0] & TOLERANCES);
    else
        check_content(rest, data[0] & TOLERANCES);
    return 0;
}
