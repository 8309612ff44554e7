/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/sakke.h"

#include "base/alloc.h"
#include "base/ct.h"
#include "mikey/hash_range.h"
#include "mikey/pairing.h"
#include "mikey/params.h"
#include "mikey/sakke_lanes.h"
#include "mikey/tables.h"

#include <string.h>

struct mikey_sakke_kms {
    struct mikey_edwards z;
    struct mikey_edwards_table table; /* of z */
};

struct mikey_sakke_user {
    const struct mikey_sakke_kms *kms;
    struct mikey_scalar id; /* as an integer */
    uint8_t id_octets[MIKEY_SAKKE_ID_MAX];
    size_t id_len;
    struct mikey_pairing key; /* secret */
};

/* The integer of an identifier: public. */
static enum mu_err read_id(struct mikey_scalar *b, struct span id)
{
    return mikey_scalar_read(b, id) != 0 ? MU_OK : MU_E_MALFORMED;
}

enum mu_err mikey_sakke_kms_new(struct span z, struct mikey_sakke_kms **out)
{
    /* q itself as a scalar: the sum of digits for [q]Z */
    static const struct mikey_scalar zero = {{0}};
    struct mikey_edwards multiple;
    struct mikey_sakke_kms *kms;
    struct mikey_point point;

    TRY(mikey_point_read(z, &point));
    kms = mu_alloc(sizeof(*kms));
    if (kms == NULL)
        return MU_E_NO_MEMORY;
    mikey_edwards_from_point(&kms->z, &point);
    mikey_edwards_table_init(&kms->table, &kms->z);

    /* The order of Z: zero is even, so it is recoded as -q. */
    mikey_edwards_multiple(&multiple, &kms->table, &zero);
    if (mikey_edwards_is_neutral(&multiple) == 0) {
        mikey_sakke_kms_free(kms);
        return MU_E_CRYPTO;
    }
    *out = kms;
    return MU_OK;
}

void mikey_sakke_kms_free(struct mikey_sakke_kms *kms)
{
    mu_free(kms);
}

/* r = HashToIntegerRange(SSV || b, q), clause 6.2.1 step 2, and r b. */
static enum mu_err exponents(struct mikey_lane_in *lane,
    const struct mikey_ssv *ssv, struct span id, const struct mikey_scalar *b)
{
    uint8_t q[MIKEY_MOD_LEN], input[MIKEY_SSV_LEN + MIKEY_SAKKE_ID_MAX];
    struct span s = {input, MIKEY_SSV_LEN + id.len};
    uint8_t r[MIKEY_MOD_LEN];
    enum mu_err err;

    memcpy(input, ssv->b, MIKEY_SSV_LEN);
    memcpy(input + MIKEY_SSV_LEN, id.p, id.len);
    mikey_mod_store(q, mikey_mod_q.n);
    err = mikey_hash_to_range(s, SPAN_OF(q), r);
    if (err == MU_OK) {
        /* less than q by construction; 0 makes R neutral, refused later */
        (void)mikey_mod_load(lane->r.v, r, &mikey_mod_q);
        mikey_scalar_mul(&lane->rb, &lane->r, b);
    }
    mu_wipe(input, sizeof(input));
    mu_wipe(r, sizeof(r));
    return err;
}

/* out = in xor HashToIntegerRange(w, 2^n), clause 6.2.1 step 4: all 128
 * octets of w are hashed, leading zeros included. */
static enum mu_err mask_ssv(
    uint8_t *out, const uint8_t *in, const struct mikey_fp *w)
{
    static const uint8_t range[MIKEY_SSV_LEN + 1] = {1}; /* 2^128 */
    uint8_t octets[MIKEY_MOD_LEN], mask[sizeof(range)];
    enum mu_err err;

    mikey_fp_write(octets, w);
    err = mikey_hash_to_range(SPAN_OF(octets), SPAN_OF(range), mask);
    for (size_t i = 0; i < MIKEY_SSV_LEN && err == MU_OK; i++)
        out[i] = in[i] ^ mask[1 + i];
    mu_wipe(octets, sizeof(octets));
    mu_wipe(mask, sizeof(mask));
    return err;
}

static enum mu_err write_seds(const struct mikey_lane_out *lane, size_t n,
    const struct mikey_ssv *ssv, uint8_t (*seds)[MIKEY_SED_LEN])
{
    for (size_t i = 0; i < n; i++) {
        mikey_point_write(seds[i], &lane[i].r);
        TRY(mask_ssv(seds[i] + MIKEY_POINT_LEN, ssv->b, &lane[i].w));
    }
    /* Public: R and H are what is sent. */
    MU_CT_DECLASSIFY(seds, n * MIKEY_SED_LEN);
    return MU_OK;
}

static enum mu_err encapsulate_some(const struct mikey_sakke_kms *kms,
    const struct mikey_ssv *ssv, const struct span *ids, size_t n,
    uint8_t (*seds)[MIKEY_SED_LEN])
{
    struct mikey_lane_in in[MIKEY_LANES];
    struct mikey_lane_out out[MIKEY_LANES];
    enum mu_err err = MU_OK;

    for (size_t i = 0; i < n && err == MU_OK; i++) {
        struct mikey_scalar b;

        err = read_id(&b, ids[i]);
        if (err == MU_OK)
            err = exponents(&in[i], ssv, ids[i], &b);
    }
    if (err == MU_OK) {
        uint64_t good = mikey_sakke_lanes(&kms->table, in, n, out);

        /* Public: an identifier that is refused. */
        MU_CT_DECLASSIFY(&good, sizeof(good));
        err = good != 0 ? write_seds(out, n, ssv, seds) : MU_E_CRYPTO;
    }
    mu_wipe(in, sizeof(in));
    mu_wipe(out, sizeof(out));
    return err;
}

enum mu_err mikey_sakke_encapsulate(const struct mikey_sakke_kms *kms,
    const struct mikey_ssv *ssv, const struct span *ids, size_t n,
    uint8_t (*seds)[MIKEY_SED_LEN])
{
    struct mikey_scalar b;

    for (size_t i = 0; i < n; i++)
        TRY(read_id(&b, ids[i]));
    for (size_t at = 0, some; at < n; at += some) {
        enum mu_err err;

        some = n - at < MIKEY_LANES ? n - at : MIKEY_LANES;
        err = encapsulate_some(kms, ssv, ids + at, some, seds + at);
        if (err != MU_OK) {
            mu_wipe(seds, n * sizeof(*seds));
            return err;
        }
    }
    return MU_OK;
}

/* w = x2 / x1, the one field element of clause 2.1. */
static void flatten(struct mikey_fp *w, struct mikey_torus *t)
{
    fp_inv(&t->x1, &t->x1);
    fp_mul(w, &t->x2, &t->x1);
    mu_wipe(t, sizeof(*t));
}

/* Clause 6.1.2: <[a]P + Z, K> = g. */
static enum mu_err check_key(const struct mikey_sakke_user *user)
{
    struct mikey_edwards sum;
    struct mikey_point point;
    struct mikey_fp divisor, w;
    struct mikey_torus t;
    uint64_t good;

    mikey_edwards_multiple(&sum, &mikey_table_p, &user->id);
    mikey_edwards_add(&sum, &sum, &user->kms->z);
    mikey_edwards_denominator(&divisor, &sum);
    if (fp_is_zero(&divisor) != 0)
        return MU_E_CRYPTO; /* a = -z: no such user */
    fp_inv(&divisor, &divisor);
    mikey_edwards_to_point(&point, &sum, &divisor);
    mikey_pairing_at(&t, &user->key, &point);
    flatten(&w, &t);
    good = fp_equal(&w, &mikey_g);
    mu_wipe(&w, sizeof(w));
    /* Public: a key that is refused. */
    MU_CT_DECLASSIFY(&good, sizeof(good));
    return good != 0 ? MU_OK : MU_E_CRYPTO;
}

static enum mu_err user_init(struct mikey_sakke_user *user,
    const struct mikey_sakke_kms *kms, struct span id,
    const struct mikey_rsk *rsk)
{
    struct mikey_point key;
    uint64_t order;

    user->kms = kms;
    TRY(read_id(&user->id, id));
    memcpy(user->id_octets, id.p, id.len);
    user->id_len = id.len;
    TRY(mikey_point_read(SPAN_OF(rsk->b), &key));
    order = mikey_pairing_init(&user->key, &key);
    mu_wipe(&key, sizeof(key));
    /* Public: a key that is refused. */
    MU_CT_DECLASSIFY(&order, sizeof(order));
    return order != 0 ? check_key(user) : MU_E_CRYPTO;
}

enum mu_err mikey_sakke_user_new(const struct mikey_sakke_kms *kms,
    struct span id, const struct mikey_rsk *rsk, struct mikey_sakke_user **out)
{
    struct mikey_sakke_user *user = mu_alloc(sizeof(*user));
    enum mu_err err;

    if (user == NULL)
        return MU_E_NO_MEMORY;
    err = user_init(user, kms, id, rsk);
    if (err == MU_OK)
        *out = user;
    else
        mikey_sakke_user_free(user);
    return err;
}

void mikey_sakke_user_free(struct mikey_sakke_user *user)
{
    mu_free_wiped(user, sizeof(*user));
}

enum mu_err mikey_sakke_validate_rsk(const struct mikey_sakke_kms *kms,
    struct span id, const struct mikey_rsk *rsk)
{
    struct mikey_sakke_user *user;

    TRY(mikey_sakke_user_new(kms, id, rsk, &user));
    mikey_sakke_user_free(user);
    return MU_OK;
}

/*
 * TEST = [r]([b]P + Z) = R, both coordinates (clause 6.2.2 steps 4 and 5). As
 * TEST has order q or is neutral, this refuses every R of another order, too;
 * comparing g^r with w instead would not.
 */
static enum mu_err test(const struct mikey_sakke_user *user,
    const struct mikey_ssv *ssv, const struct mikey_point *r)
{
    struct span id = {user->id_octets, user->id_len};
    struct mikey_edwards point;
    struct mikey_lane_in in;
    uint64_t good;

    TRY(exponents(&in, ssv, id, &user->id));
    mikey_sakke_lane_point(&user->kms->table, &in, &point);
    good = mikey_edwards_equals_point(&point, r);
    mu_wipe(&in, sizeof(in));
    mu_wipe(&point, sizeof(point));
    /* Public: whether the message is accepted. */
    MU_CT_DECLASSIFY(&good, sizeof(good));
    return good != 0 ? MU_OK : MU_E_CRYPTO;
}

enum mu_err mikey_sakke_decapsulate(
    const struct mikey_sakke_user *user, struct span sed, struct mikey_ssv *out)
{
    MU_CLEANUP(mikey_ssv_clear) struct mikey_ssv ssv = {{0}};
    struct mikey_point r;
    struct mikey_torus t;
    struct mikey_fp w;
    enum mu_err err;

    if (sed.len != MIKEY_SED_LEN)
        return MU_E_CRYPTO;
    /* Before the pairing: it does not notice a point of another curve. */
    TRY(mikey_point_read((struct span){sed.p, MIKEY_POINT_LEN}, &r));
    mikey_pairing_at(&t, &user->key, &r);
    flatten(&w, &t);
    err = mask_ssv(ssv.b, sed.p + MIKEY_POINT_LEN, &w);
    mu_wipe(&w, sizeof(w));
    if (err == MU_OK)
        err = test(user, &ssv, &r);
    if (err == MU_OK)
        *out = ssv;
    return err;
}
