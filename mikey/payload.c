/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/payload.h"

#include <assert.h>

/* Readers and writers of one signature over the typed ones. */
#define PAYLOAD(codec, member)                                                 \
    static void codec##_in(struct rd *r, struct mikey_payload *p)              \
    {                                                                          \
        mikey_##codec##_read(r, &p->member);                                   \
    }                                                                          \
    static void codec##_out(struct wr *w, const struct mikey_payload *p)       \
    {                                                                          \
        mikey_##codec##_write(w, &p->member);                                  \
    }

PAYLOAD(kemac, kemac)
PAYLOAD(pke, pke)
PAYLOAD(dh, dh)
PAYLOAD(sign, sign)
PAYLOAD(t, ts)
PAYLOAD(id, idr)
PAYLOAD(cert, cert)
PAYLOAD(chash, chash)
PAYLOAD(v, v)
PAYLOAD(sp, sp)
PAYLOAD(rand, rand)
PAYLOAD(err, err)
PAYLOAD(tr, ts)
PAYLOAD(idr, idr)
PAYLOAD(randr, rand)
PAYLOAD(key_data, key_data)
PAYLOAD(ext, ext)
PAYLOAD(sakke_pl, sakke)

struct row {
    const char *name;
    void (*read)(struct rd *r, struct mikey_payload *p);
    void (*write)(struct wr *w, const struct mikey_payload *p);
};

/* By payload number; an empty row is a payload without a layout here. */
static const struct row rows[] = {
    [MIKEY_PL_KEMAC] = {"KEMAC", kemac_in, kemac_out},
    [MIKEY_PL_PKE] = {"PKE", pke_in, pke_out},
    [MIKEY_PL_DH] = {"DH", dh_in, dh_out},
    [MIKEY_PL_SIGN] = {"SIGN", sign_in, sign_out},
    [MIKEY_PL_T] = {"T", t_in, t_out},
    [MIKEY_PL_ID] = {"ID", id_in, id_out},
    [MIKEY_PL_CERT] = {"CERT", cert_in, cert_out},
    [MIKEY_PL_CHASH] = {"CHASH", chash_in, chash_out},
    [MIKEY_PL_V] = {"V", v_in, v_out},
    [MIKEY_PL_SP] = {"SP", sp_in, sp_out},
    [MIKEY_PL_RAND] = {"RAND", rand_in, rand_out},
    [MIKEY_PL_ERR] = {"ERR", err_in, err_out},
    [MIKEY_PL_TR] = {"TR", tr_in, tr_out},
    [MIKEY_PL_IDR] = {"IDR", idr_in, idr_out},
    [MIKEY_PL_RANDR] = {"RANDR", randr_in, randr_out},
    [MIKEY_PL_KEY_DATA] = {"KEY_DATA", key_data_in, key_data_out},
    [MIKEY_PL_EXT] = {"GEN_EXT", ext_in, ext_out},
    [MIKEY_PL_SAKKE] = {"SAKKE", sakke_pl_in, sakke_pl_out},
};

const char *mikey_payload_name(uint8_t type)
{
    return type < sizeof(rows) / sizeof(rows[0]) ? rows[type].name : NULL;
}

void mikey_payload_read(struct rd *r, uint8_t type, struct mikey_payload *out)
{
    assert(mikey_payload_name(type) != NULL);
    *out = (struct mikey_payload){.type = type, .at = rd_at(r)};
    rows[type].read(r, out);
}

void mikey_payload_write(struct wr *w, const struct mikey_payload *in)
{
    assert(mikey_payload_name(in->type) != NULL);
    rows[in->type].write(w, in);
}

uint8_t mikey_payload_next(const struct mikey_payload *p)
{
    return p->type == MIKEY_PL_SIGN ? MIKEY_PL_LAST : p->next;
}

/* Refuses a type that no row reads, at the octet that announces it. */
static void known(struct rd *r, uint8_t type, size_t announced_at)
{
    const char *why = mikey_code_name("next_payload", type) != NULL
                          ? "a payload that is not read here"
                          : "no such payload";

    if (mikey_payload_name(type) == NULL)
        rd_fail(
            r, (struct rd_fault){MU_E_UNSUPPORTED, "next", announced_at, why});
}

static void walk_hdr(
    struct rd *r, const struct mikey_visitor *v, struct mikey_hdr *hdr)
{
    if (v->begin != NULL)
        v->begin(v->ctx, "HDR", rd_at(r));
    mikey_hdr_read(r, hdr);
    if (v->hdr != NULL && rd_err(r) == MU_OK)
        v->hdr(v->ctx, r, hdr);
}

static void walk_payload(struct rd *r, uint8_t type,
    const struct mikey_visitor *v, struct mikey_payload *p)
{
    if (v->begin != NULL)
        v->begin(v->ctx, mikey_payload_name(type), rd_at(r));
    mikey_payload_read(r, type, p);
    if (v->payload != NULL && rd_err(r) == MU_OK)
        v->payload(v->ctx, r, p);
}

enum mu_err mikey_walk(struct span in, const struct rd_trace *trace,
    const struct mikey_visitor *visitor, struct mikey_fault *fault)
{
    size_t announced_at = MIKEY_HDR_NEXT_AT;
    struct mikey_payload p = {0};
    struct mikey_hdr hdr = {0};
    const char *name = "HDR";
    uint8_t type;
    struct rd r;

    rd_init(&r, in);
    r.trace = trace;
    walk_hdr(&r, visitor, &hdr);
    for (type = hdr.next; type != MIKEY_PL_LAST && rd_err(&r) == MU_OK;
         type = mikey_payload_next(&p)) {
        known(&r, type, announced_at);
        if (rd_err(&r) != MU_OK)
            break;
        name = mikey_payload_name(type);
        announced_at = rd_at(&r);
        walk_payload(&r, type, visitor, &p);
    }
    if (rd_err(&r) == MU_OK)
        name = "message";
    if (rd_close(&r) != MU_OK && fault != NULL)
        *fault = (struct mikey_fault){name, r.fault};
    return rd_err(&r);
}
