/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads whatever names something: identities, telephone URIs and their
 * identifiers, MKIs. What is read has to be written as it was, and what was
 * normalised has to stay as it is.
 */
#include "fuzz/fuzz.h"
#include "mcptt/key_id.h"
#include "mcptt/uid.h"

static void check_written(const struct wr *w, struct span wire)
{
    struct span out = {NULL, 0};

    fuzz_demand(wr_close(w, &out) == MU_OK && span_eq(out, wire));
}

static void check_identity(struct span in)
{
    struct mcptt_id id, again;

    if (mcptt_id_set(&id, in) == MU_OK)
        fuzz_demand(span_eq(mcptt_id_span(&id), in));
    if (mcptt_tel_set(&id, in) != MU_OK)
        return;
    fuzz_demand(mcptt_tel_check(mcptt_id_span(&id)) == MU_OK);
    fuzz_demand(mcptt_id_check(mcptt_id_span(&id)) == MU_OK);
    fuzz_demand(mcptt_tel_set(&again, mcptt_id_span(&id)) == MU_OK);
    fuzz_demand(mcptt_id_eq(&id, &again));
}

static void check_tel_id(struct span in)
{
    uint8_t buf[MCPTT_TEL_ID_MAX];
    struct mcptt_tel_id id;
    struct rd r;
    struct wr w;

    rd_init(&r, in);
    mcptt_tel_id_read(&r, &id);
    if (rd_close(&r) != MU_OK)
        return;
    wr_init(&w, buf, sizeof(buf));
    mcptt_tel_id_write(&w, &id);
    check_written(&w, in);
}

static void check_mki(struct span in)
{
    uint8_t buf[MCPTT_MKI_MAX];
    struct mcptt_mki mki;
    struct rd r;
    struct wr w;

    rd_init(&r, in);
    mcptt_mki_read(&r, &mki);
    if (rd_close(&r) != MU_OK)
        return;
    fuzz_demand(mcptt_mki_len(mki.key_id) == in.len);
    wr_init(&w, buf, sizeof(buf));
    mcptt_mki_write(&w, &mki);
    check_written(&w, in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span in = {data, size};

    check_identity(in);
    check_tel_id(in);
    check_mki(in);
    return 0;
}
