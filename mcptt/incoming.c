/* SPDX-License-Identifier: Apache-2.0 */
#include "mcptt/incoming.h"

#include "mcptt/profile.h"
#include "mikey/ntp.h"

#include <string.h>

static struct span role_id(const struct mikey_msg *msg, enum mikey_id_role role)
{
    const struct mikey_idr *idr = mikey_msg_idr(msg, role);

    return idr != NULL ? idr->id : (struct span){NULL, 0};
}

/* A URI's role holds a UID in messages of the MIKEY_ALLOW_UID_AS_URI kind. */
static void read_end(const struct mikey_msg *msg, enum mikey_id_role uri,
    enum mikey_id_role uid, enum mikey_id_role kms, struct mcptt_stated *out)
{
    out->uri = role_id(msg, uri);
    out->uid = role_id(msg, uid);
    out->kms = role_id(msg, kms);
    if (out->uri.len == MCPTT_UID_LEN && !mikey_id_is_text(out->uri)) {
        out->uid = out->uri;
        out->uri = (struct span){NULL, 0};
    }
    /* A NUL is there only when MIKEY_ALLOW_NUL let it pass. */
    if (out->kms.len > 0 && out->kms.p[out->kms.len - 1] == 0)
        out->kms.len--;
}

enum mu_err mcptt_incoming_read(struct span in, unsigned tolerance,
    struct mcptt_incoming *out, struct mikey_fault *fault)
{
    struct mcptt_incoming m = {0};
    unsigned tag;

    TRY(mikey_msg_read(in, tolerance, &m.msg, fault));
    read_end(&m.msg, MIKEY_ROLE_INITIATOR, MIKEY_ROLE_INITIATOR_UID,
        MIKEY_ROLE_INITIATOR_KMS, &m.initiator);
    read_end(&m.msg, MIKEY_ROLE_RESPONDER, MIKEY_ROLE_RESPONDER_UID,
        MIKEY_ROLE_RESPONDER_KMS, &m.responder);
    m.csb_id.v = m.msg.hdr.csb_id;
    tag = mcptt_key_id_tag(m.csb_id);
    m.kind = MCPTT_KINDS;
    if (m.msg.sakke.scheme == MIKEY_SCHEME_UID && tag < MCPTT_KINDS)
        m.kind = (enum mcptt_key_kind)tag;
    *out = m;
    return MU_OK;
}

static enum mu_err tel_identifier(
    struct span uri, uint64_t t_s, struct mcptt_identifier *out)
{
    struct mcptt_tel_id id = {.tel = uri};
    struct mcptt_identifier made;
    struct span written;
    struct wr w;

    TRY(mcptt_tel_check(uri));
    TRY(mcptt_month_of(t_s, &id.month));
    wr_init(&w, made.b, sizeof(made.b));
    mcptt_tel_id_write(&w, &id);
    TRY(wr_close(&w, &written));
    made.len = written.len;
    *out = made;
    return MU_OK;
}

enum mu_err mcptt_incoming_identifier(const struct mcptt_incoming *in,
    const struct mcptt_stated *stated, const struct mcptt_period_rule *rule,
    int64_t near_unix_s, struct mcptt_identifier *out)
{
    uint64_t t_s = mikey_ntp_s(in->msg.ts.ts, near_unix_s);
    struct mcptt_uid uid;

    if (stated->uid.len == MCPTT_UID_LEN) {
        memcpy(out->b, stated->uid.p, MCPTT_UID_LEN);
        out->len = MCPTT_UID_LEN;
        return MU_OK;
    }
    if (stated->uri.len == 0)
        return MU_E_NOT_FOUND;
    if (in->msg.sakke.scheme == MIKEY_SCHEME_TEL)
        return tel_identifier(stated->uri, t_s, out);
    if (stated->kms.len == 0)
        return MU_E_NOT_FOUND;
    TRY(mcptt_uid_derive_at(
        &(struct mcptt_uid_source){
            .identity = stated->uri, .kms = stated->kms, .rule = *rule},
        t_s, &uid));
    memcpy(out->b, uid.b, MCPTT_UID_LEN);
    out->len = MCPTT_UID_LEN;
    return MU_OK;
}

void mcptt_opened_clear(struct mcptt_opened *opened)
{
    mu_wipe(opened, sizeof(*opened));
}

/* What the three ways of opening have in common, and where it failed. */
struct opening {
    const struct mcptt_incoming *in;
    const struct mcptt_opener *opener;
    struct mikey_fault fault;
};

/* A fault at octets of the message, or at its start when at.p is NULL. */
static enum mu_err refuse(struct opening *o, enum mu_err err,
    const char *payload, struct rd_fault where, struct span at)
{
    where.err = err;
    if (at.p != NULL)
        where.at = (size_t)(at.p - o->in->msg.covered.p);
    o->fault = (struct mikey_fault){.payload = payload, .rd = where};
    return err;
}

/* An end that is not stated names nobody, not even who has no URI. */
static bool names(
    const struct mcptt_stated *end, struct span uri, struct span id)
{
    if (end->uid.len > 0)
        return span_eq(end->uid, id);
    return end->uri.len > 0 && span_eq(end->uri, uri);
}

/* TS 33.180 clauses 5.2.6 and E.7. */
static enum mu_err check_identities(struct opening *o)
{
    const struct mcptt_stated *i = &o->in->initiator, *r = &o->in->responder;

    if (!names(r, o->opener->uri, o->opener->id))
        return refuse(o, MU_E_DENIED, "IDR",
            (struct rd_fault){.field = "id", .why = "not the opener"},
            r->uid.len > 0 ? r->uid : r->uri);
    if (i->uid.len > 0 && !span_eq(i->uid, o->opener->keys.initiator_id))
        return refuse(o, MU_E_DENIED, "IDR",
            (struct rd_fault){.field = "id", .why = "not the initiator"},
            i->uid);
    return MU_OK;
}

static enum mu_err open_key(struct opening *o,
    const struct mikey_sakke_pl *sakke, struct mcptt_key *key)
{
    MU_CLEANUP(mikey_ssv_clear) struct mikey_ssv ssv = {0};
    enum mu_err err =
        mikey_imsg_open(&o->in->msg, sakke, &o->opener->keys, &ssv);

    if (err != MU_OK)
        return refuse(o, err, "message",
            (struct rd_fault){.field = "signature or encapsulated key",
                .why = "does not verify"},
            (struct span){NULL, 0});
    key->kind = o->in->kind; /* MCPTT_KINDS, too */
    memcpy(key->b, ssv.b, sizeof(key->b));
    return MU_OK;
}

/* TS 33.180 clause 5.2.3: the receiver gets the GMK-ID back by his own salt. */
static enum mu_err undo_guk_id(
    const struct opening *o, struct mcptt_opened *out)
{
    MU_CLEANUP(mcptt_gmk_clear) struct mcptt_gmk gmk = {0};

    out->key_id_known = true;
    out->key_id = o->in->csb_id;
    if (o->in->kind != MCPTT_KIND_GMK)
        return MU_OK;
    TRY(mcptt_key_to_gmk(&out->key, &gmk));
    return mcptt_guk_id_derive(
        &gmk, o->in->csb_id, o->opener->uri, &out->key_id);
}

static enum mu_err find_key_id(struct opening *o, struct mcptt_opened *out)
{
    struct mcptt_key_id stated = {0};
    enum mu_err err = mcptt_profile_key_id(&o->in->msg.hdr, &stated);

    /* An RFC 6509 message has session data there that we know nothing of. */
    if (o->in->kind == MCPTT_KINDS)
        return MU_OK;
    if (o->in->kind != MCPTT_KIND_GMK || o->opener->uri.len > 0)
        TRY(undo_guk_id(o, out));
    if (err == MU_E_NOT_FOUND)
        return MU_OK;
    if (err != MU_OK || (out->key_id_known && out->key_id.v != stated.v))
        return refuse(o, MU_E_MALFORMED, "HDR",
            (struct rd_fault){.field = "spi", .why = "contradicts the CSB ID"},
            o->in->msg.hdr.map);
    out->key_id = stated;
    out->key_id_known = true;
    return MU_OK;
}

/* TS 33.180 clause E.6. */
static enum mu_err open_params(struct opening *o, struct mcptt_opened *out)
{
    const struct mikey_ext *ext =
        mikey_msg_ext(&o->in->msg, MIKEY_EXT_KEY_PARAMS);
    struct mcptt_key_params_context context = {
        .key = &out->key,
        .csb_id = o->in->csb_id,
        .tolerances = o->opener->params_tolerance,
    };
    enum mu_err err;
    struct rd r;

    if (ext == NULL)
        return MU_OK;
    rd_init(&r, ext->data);
    r.origin = (size_t)(ext->data.p - o->in->msg.covered.p);
    err = mcptt_key_params_open(&r, &context, &out->plain, &out->params);
    if (err != MU_OK)
        o->fault =
            (struct mikey_fault){.payload = "key parameters", .rd = r.fault};
    out->has_params = err == MU_OK;
    return err;
}

static enum mu_err open_all(struct opening *o,
    const struct mikey_sakke_pl *sakke, struct mcptt_opened *out)
{
    TRY(open_key(o, sakke, &out->key));
    TRY(find_key_id(o, out));
    return open_params(o, out);
}

static enum mu_err finish(struct opening *o, enum mu_err err,
    struct mcptt_opened *out, struct mikey_fault *fault)
{
    if (err == MU_OK)
        return MU_OK;
    mcptt_opened_clear(out);
    if (fault != NULL) {
        *fault = o->fault;
        fault->rd.err = err;
    }
    return err;
}

static struct opening start(const struct mcptt_incoming *in,
    const struct mcptt_opener *opener, struct mcptt_opened *out)
{
    static const struct mikey_fault whole = {
        .payload = "message", .rd = {.field = "message"}};

    *out = (struct mcptt_opened){0};
    return (struct opening){in, opener, whole};
}

enum mu_err mcptt_incoming_open(const struct mcptt_incoming *in,
    const struct mcptt_opener *opener, struct mcptt_opened *out,
    struct mikey_fault *fault)
{
    struct opening o = start(in, opener, out);
    enum mu_err err = check_identities(&o);

    if (err == MU_OK)
        err = open_all(&o, &in->msg.sakke, out);
    return finish(&o, err, out, fault);
}

enum mu_err mcptt_incoming_open_self(const struct mcptt_incoming *in,
    const struct mcptt_opener *opener, struct mcptt_opened *out,
    struct mikey_fault *fault)
{
    struct opening o = start(in, opener, out);
    const struct mikey_ext *ext =
        mikey_msg_ext(&in->msg, MIKEY_EXT_SAKKE_TO_SELF);
    struct mikey_sakke_pl sakke;
    enum mu_err err = MU_E_NOT_FOUND;

    if (ext != NULL && mikey_ext_self(ext, &sakke))
        err = open_all(&o, &sakke, out);
    return finish(&o, err, out, fault);
}

enum mu_err mcptt_incoming_open_bare(const struct mcptt_incoming *in,
    const struct mcptt_opener *opener, struct mcptt_opened *out,
    struct mikey_fault *fault)
{
    struct opening o = start(in, opener, out);

    return finish(&o, open_all(&o, &in->msg.sakke, out), out, fault);
}
