/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/msg.h"

#include <assert.h>

#include "mikey/rules.h"

/* Offsets of octets in their payloads, for faults. */
enum {
    HDR_DATA_TYPE_AT = 1,
    HDR_V_PRF_AT = 3,
    HDR_MAP_TYPE_AT = 9,
    TS_TYPE_AT = 1,
    IDR_ROLE_AT = 1,
    IDR_TYPE_AT = 2,
    IDR_LEN_AT = 3,
    IDR_ID_AT = 5,
    SP_POLICY_NO_AT = 1,
    SP_PROT_TYPE_AT = 2,
    SAKKE_SCHEME_AT = 2,
    EXT_TYPE_AT = 1,
    EXT_DATA_AT = 4
};

#define PAYLOADS_MAX (4 + MIKEY_IDR_MAX + MIKEY_SP_MAX + MIKEY_EXT_MAX)

/* A message on its way in. */
struct reading {
    unsigned tolerance;
    uint8_t count[MIKEY_RULES];
    size_t covered_end;
    struct mikey_msg msg;
};

static void refuse(struct rd *r, size_t at, const char *field, const char *why)
{
    rd_fail(r, (struct rd_fault){MU_E_MALFORMED, field, at, why});
}

static void unsupported(
    struct rd *r, size_t at, const char *field, const char *why)
{
    rd_fail(r, (struct rd_fault){MU_E_UNSUPPORTED, field, at, why});
}

/* Whether a tolerance is given; notes that the message needed it. */
static bool allowed(struct reading *m, enum mikey_tolerance bit)
{
    m->msg.allowed |= m->tolerance & bit;
    return (m->tolerance & bit) != 0;
}

/* TS 33.180 clause E.1.2: V clear, PRF-HMAC-SHA-256. */
static void check_hdr(
    struct reading *m, struct rd *r, const struct mikey_hdr *hdr)
{
    if (hdr->data_type != MIKEY_DT_SAKKE)
        unsupported(r, HDR_DATA_TYPE_AT, "data_type", "not a SAKKE message");
    if (hdr->v && !allowed(m, MIKEY_ALLOW_V))
        unsupported(r, HDR_V_PRF_AT, "v", "asks for an answer");
    if (hdr->prf != MIKEY_PRF_SHA256 &&
        !(hdr->prf == MIKEY_PRF_SHA1 && allowed(m, MIKEY_ALLOW_PRF_SHA1)))
        unsupported(r, HDR_V_PRF_AT, "prf", "not PRF-HMAC-SHA-256");
    if (hdr->map_type == MIKEY_MAP_SRTP_ID && !allowed(m, MIKEY_ALLOW_SRTP_ID))
        unsupported(r, HDR_MAP_TYPE_AT, "map_type", "an SRTP-ID map");
    if (hdr->map_type == MIKEY_MAP_GENERIC_ID && hdr->cs_count == 0 &&
        !allowed(m, MIKEY_ALLOW_EMPTY_GENERIC_ID))
        unsupported(r, HDR_MAP_TYPE_AT, "map_type",
            "a GENERIC-ID map without crypto sessions");
}

/* RFC 6509 clause 4.1: NTP-UTC or NTP; TS 33.180 clause E.1.2: NTP-UTC. */
static void take_t(
    struct reading *m, struct rd *r, const struct mikey_payload *p)
{
    if (p->ts.type != MIKEY_TS_NTP_UTC &&
        !(p->ts.type == MIKEY_TS_NTP && allowed(m, MIKEY_ALLOW_NTP)))
        unsupported(r, p->at + TS_TYPE_AT, "ts_type", "not NTP-UTC");
    m->msg.ts = p->ts;
}

static void take_rand(
    struct reading *m, struct rd *r, const struct mikey_payload *p)
{
    (void)r;
    m->msg.rand = p->rand;
}

/* TS 33.180 clause E.7. Deployed products send UIDs as ID type 1; 2 is what
 * the type says of itself. */
static void check_uid(struct rd *r, const struct mikey_payload *p)
{
    if (p->idr.type != MIKEY_ID_URI && p->idr.type != MIKEY_ID_OCTETS)
        unsupported(r, p->at + IDR_TYPE_AT, "id_type", "not a UID's");
    if (p->idr.id.len != MIKEY_UID_LEN)
        refuse(r, p->at + IDR_LEN_AT, "id_len", "a UID has 32 octets");
}

static bool is_kms(uint8_t role)
{
    return role == MIKEY_ROLE_INITIATOR_KMS || role == MIKEY_ROLE_RESPONDER_KMS;
}

/* What products of 33.179 put in place of a URI's text. */
static bool is_tolerated_id(struct reading *m, const struct mikey_idr *idr)
{
    struct span head = {idr->id.p, idr->id.len - 1};

    if (is_kms(idr->role))
        return idr->id.p[head.len] == '\0' && mikey_id_is_text(head) &&
               allowed(m, MIKEY_ALLOW_NUL);
    return idr->id.len == MIKEY_UID_LEN && allowed(m, MIKEY_ALLOW_UID_AS_URI);
}

/* TS 33.180 clause E.2: a URI, whose octets are taken as they are. */
static void check_uri(
    struct reading *m, struct rd *r, const struct mikey_payload *p)
{
    if (p->idr.type != MIKEY_ID_URI)
        unsupported(r, p->at + IDR_TYPE_AT, "id_type", "not a URI's");
    if (!mikey_id_is_text(p->idr.id) && !is_tolerated_id(m, &p->idr))
        refuse(r, p->at + IDR_ID_AT, "id", "not the text of a URI");
}

static void take_idr(
    struct reading *m, struct rd *r, const struct mikey_payload *p)
{
    if (p->idr.role == MIKEY_ROLE_INITIATOR_UID ||
        p->idr.role == MIKEY_ROLE_RESPONDER_UID)
        check_uid(r, p);
    else
        check_uri(m, r, p);
    m->msg.idr[m->msg.idr_count++] = p->idr;
}

static bool has_policy(const struct mikey_msg *msg, uint8_t policy_no)
{
    for (size_t i = 0; i < msg->sp_count; i++)
        if (msg->sp[i].policy_no == policy_no)
            return true;
    return false;
}

static void take_sp(
    struct reading *m, struct rd *r, const struct mikey_payload *p)
{
    if (p->sp.prot_type != MIKEY_PROT_SRTP)
        unsupported(r, p->at + SP_PROT_TYPE_AT, "prot_type", "not SRTP");
    if (has_policy(&m->msg, p->sp.policy_no))
        refuse(r, p->at + SP_POLICY_NO_AT, "policy_no", "given twice");
    m->msg.sp[m->msg.sp_count++] = p->sp;
}

/* TS 33.180 clause E.1.2: ID scheme 2; RFC 6509 clause 4.2: 1. */
static void check_scheme(
    struct reading *m, struct rd *r, const struct mikey_sakke_pl *pl, size_t at)
{
    if (pl->scheme != MIKEY_SCHEME_UID &&
        !(pl->scheme == MIKEY_SCHEME_TEL && allowed(m, MIKEY_ALLOW_TEL)))
        unsupported(r, at + SAKKE_SCHEME_AT, "id_scheme", "not 3GPP UIDs");
}

static void take_sakke(
    struct reading *m, struct rd *r, const struct mikey_payload *p)
{
    check_scheme(m, r, &p->sakke, p->at);
    m->msg.sakke = p->sakke;
}

static void take_ext(
    struct reading *m, struct rd *r, const struct mikey_payload *p)
{
    struct mikey_sakke_pl self;

    if (mikey_ext_self(&p->ext, &self))
        check_scheme(m, r, &self, p->at + EXT_DATA_AT);
    m->msg.ext[m->msg.ext_count++] = p->ext;
}

/* RFC 6509 clause 2.1.1; TS 33.180 clause E.1.2 leaves no choice. */
static void take_sign(
    struct reading *m, struct rd *r, const struct mikey_payload *p)
{
    if (p->sign.type != MIKEY_SIGN_ECCSI)
        unsupported(r, p->at, "s_type", "not ECCSI");
    m->msg.sign = p->sign;
}

/* Checks and keeps a payload, by its type; those of the rules are all here. */
static void (*const take[])(
    struct reading *m, struct rd *r, const struct mikey_payload *p) = {
    [MIKEY_PL_T] = take_t,
    [MIKEY_PL_RAND] = take_rand,
    [MIKEY_PL_IDR] = take_idr,
    [MIKEY_PL_SP] = take_sp,
    [MIKEY_PL_SAKKE] = take_sakke,
    [MIKEY_PL_EXT] = take_ext,
    [MIKEY_PL_SIGN] = take_sign,
};

/* Refuses what no rule lets in, at the octet that makes it so. */
static void refuse_foreign(struct rd *r, const struct mikey_payload *p)
{
    if (p->type == MIKEY_PL_IDR)
        unsupported(r, p->at + IDR_ROLE_AT, "id_role", "not in this message");
    else if (p->type == MIKEY_PL_EXT)
        unsupported(r, p->at + EXT_TYPE_AT, "ext_type", "not in this message");
    else
        refuse(r, p->at, mikey_payload_name(p->type), "not in this message");
}

static void refuse_surplus(
    struct rd *r, const struct mikey_payload *p, const struct mikey_rule *rule)
{
    rd_fail(
        r, (struct rd_fault){rule->most > 1 ? MU_E_NO_SPACE : MU_E_MALFORMED,
               rule->name, p->at, "too many"});
}

static void on_hdr(void *ctx, struct rd *r, const struct mikey_hdr *hdr)
{
    struct reading *m = ctx;

    check_hdr(m, r, hdr);
    m->msg.hdr = *hdr;
    m->covered_end = rd_at(r);
}

static void on_payload(void *ctx, struct rd *r, const struct mikey_payload *p)
{
    struct reading *m = ctx;
    size_t i = mikey_rule_find(p);

    if (i == MIKEY_RULES ||
        (mikey_rules[i].needs != 0 && !allowed(m, mikey_rules[i].needs))) {
        refuse_foreign(r, p);
    } else if (m->count[i] == mikey_rules[i].most) {
        refuse_surplus(r, p, &mikey_rules[i]);
    } else {
        m->count[i]++;
        take[p->type](m, r, p);
        if (mikey_rules[i].covered)
            m->covered_end = rd_at(r);
    }
}

/* Each policy that the map gives a session is one of the message's (TS 33.180
 * clause E.1.2, RFC 3830 clause 6.1.1). */
static enum mu_err check_policies(
    const struct mikey_msg *msg, struct span in, struct rd_fault *fault)
{
    struct mikey_cs cs;
    struct rd r;

    rd_init(&r, msg->hdr.map);
    while (rd_more(&r)) {
        mikey_cs_read(&r, msg->hdr.map_type, &cs);
        for (size_t i = 0; i < cs.policies.len; i++) {
            if (has_policy(msg, cs.policies.p[i]))
                continue;
            *fault = (struct rd_fault){MU_E_MALFORMED, "policies",
                (size_t)(cs.policies.p + i - in.p), "no such SP payload"};
            return MU_E_MALFORMED;
        }
    }
    return rd_err(&r);
}

static enum mu_err check_least(
    struct reading *m, struct span in, struct rd_fault *fault)
{
    for (size_t i = 0; i < MIKEY_RULES; i++) {
        const struct mikey_rule *rule = &mikey_rules[i];

        if (m->count[i] >= rule->least ||
            (rule->waived_by != 0 && allowed(m, rule->waived_by)))
            continue;
        *fault =
            (struct rd_fault){MU_E_MALFORMED, rule->name, in.len, "missing"};
        return MU_E_MALFORMED;
    }
    return MU_OK;
}

enum mu_err mikey_msg_read(struct span in, unsigned tolerance,
    struct mikey_msg *out, struct mikey_fault *fault)
{
    struct reading m = {.tolerance = tolerance};
    const struct mikey_visitor visitor = {
        .hdr = on_hdr, .payload = on_payload, .ctx = &m};
    struct mikey_fault whole = {.payload = "message"};
    enum mu_err err;

    TRY(mikey_walk(in, NULL, &visitor, fault));
    err = check_least(&m, in, &whole.rd);
    if (err == MU_OK)
        err = check_policies(&m.msg, in, &whole.rd);
    if (err != MU_OK && fault != NULL)
        *fault = whole;
    TRY(err);
    m.msg.covered = (struct span){in.p, m.covered_end + MIKEY_SIGN_HEAD_LEN};
    *out = m.msg;
    return MU_OK;
}

/* The payloads of a message in the order of its arrays, SIGN not included. */
static size_t gather(
    const struct mikey_msg *in, struct mikey_payload all[PAYLOADS_MAX])
{
    size_t n = 0;

    all[n++] = (struct mikey_payload){.type = MIKEY_PL_T, .ts = in->ts};
    all[n++] = (struct mikey_payload){.type = MIKEY_PL_RAND, .rand = in->rand};
    for (size_t i = 0; i < in->idr_count; i++)
        all[n++] =
            (struct mikey_payload){.type = MIKEY_PL_IDR, .idr = in->idr[i]};
    for (size_t i = 0; i < in->sp_count; i++)
        all[n++] = (struct mikey_payload){.type = MIKEY_PL_SP, .sp = in->sp[i]};
    all[n++] =
        (struct mikey_payload){.type = MIKEY_PL_SAKKE, .sakke = in->sakke};
    for (size_t i = 0; i < in->ext_count; i++)
        all[n++] =
            (struct mikey_payload){.type = MIKEY_PL_EXT, .ext = in->ext[i]};
    return n;
}

/* Puts them into the order of the rules; what has no rule is a caller's bug. */
static size_t order(
    struct mikey_payload *all, size_t n, struct mikey_payload **sorted)
{
    size_t count = 0;

    for (size_t rule = 0; rule < MIKEY_RULES; rule++)
        for (size_t i = 0; i < n; i++)
            if (mikey_rule_find(&all[i]) == rule)
                sorted[count++] = &all[i];
    assert(count == n);
    return count;
}

void mikey_msg_write_covered(struct wr *w, const struct mikey_msg *in)
{
    struct mikey_payload all[PAYLOADS_MAX];
    struct mikey_payload *sorted[PAYLOADS_MAX];
    struct mikey_hdr hdr = in->hdr;
    size_t n;

    assert(in->idr_count <= MIKEY_IDR_MAX && in->sp_count <= MIKEY_SP_MAX &&
           in->ext_count <= MIKEY_EXT_MAX);
    n = order(all, gather(in, all), sorted);
    hdr.next = sorted[0]->type;
    mikey_hdr_write(w, &hdr);
    for (size_t i = 0; i < n; i++) {
        sorted[i]->next = i + 1 < n ? sorted[i + 1]->type : MIKEY_PL_SIGN;
        mikey_payload_write(w, sorted[i]);
    }
    mikey_sign_eccsi_head_write(w);
}

void mikey_msg_write(struct wr *w, const struct mikey_msg *in)
{
    assert(in->sign.signature.len == MIKEY_SIGN_ECCSI_LEN);
    mikey_msg_write_covered(w, in);
    wr_span(w, in->sign.signature);
}

const struct mikey_idr *mikey_msg_idr(
    const struct mikey_msg *msg, enum mikey_id_role role)
{
    for (size_t i = 0; i < msg->idr_count; i++)
        if (msg->idr[i].role == role)
            return &msg->idr[i];
    return NULL;
}

const struct mikey_ext *mikey_msg_ext(
    const struct mikey_msg *msg, enum mikey_ext_type type)
{
    for (size_t i = 0; i < msg->ext_count; i++)
        if (msg->ext[i].type == type)
            return &msg->ext[i];
    return NULL;
}
