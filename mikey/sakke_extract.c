/* SPDX-License-Identifier: Apache-2.0 */
/* The side of the KMS: what is done with its master secret. */
#include "mikey/sakke.h"

#include "base/alloc.h"
#include "base/ct.h"
#include "mikey/params.h"
#include "mikey/sakke_lanes.h"
#include "mikey/tables.h"

static enum mu_err read_secret(
    struct mikey_scalar *k, const struct mikey_sakke_secret *z)
{
    uint64_t good = mikey_scalar_read(k, SPAN_OF(z->b));

    /* Public: one bit that every right secret has in common. */
    MU_CT_DECLASSIFY(&good, sizeof(good));
    return good != 0 ? MU_OK : MU_E_MALFORMED;
}

static void clear_scalar(struct mikey_scalar *k)
{
    mu_wipe(k, sizeof(*k));
}

/* [k]P for each of n <= MIKEY_LANES, none of them zero modulo q. */
static void multiples_of_p(
    const struct mikey_scalar *k, size_t n, struct mikey_point *out)
{
    struct mikey_edwards multiple[MIKEY_LANES];
    struct mikey_fp divisor[MIKEY_LANES];

    for (size_t i = 0; i < n; i++) {
        mikey_edwards_multiple(&multiple[i], &mikey_table_p, &k[i]);
        mikey_edwards_denominator(&divisor[i], &multiple[i]);
    }
    (void)mikey_fp_inv_many(divisor, n); /* none is zero */
    for (size_t i = 0; i < n; i++)
        mikey_edwards_to_point(&out[i], &multiple[i], &divisor[i]);
    mu_wipe(multiple, sizeof(multiple));
    mu_wipe(divisor, sizeof(divisor));
}

enum mu_err mikey_sakke_public(
    const struct mikey_sakke_secret *z, uint8_t out[MIKEY_POINT_LEN])
{
    MU_CLEANUP(clear_scalar) struct mikey_scalar k = {{0}};
    struct mikey_point point;

    TRY(read_secret(&k, z));
    multiples_of_p(&k, 1, &point);
    mikey_point_write(out, &point);
    /* Public: it is printed on every certificate. */
    MU_CT_DECLASSIFY(out, MIKEY_POINT_LEN);
    return MU_OK;
}

/* A random factor in 2..2^1021, below q. */
static enum mu_err draw_blind(
    struct mikey_scalar *blind, const struct mu_rng *rng)
{
    struct mikey_sakke_secret octets = {{0}};
    enum mu_err err = mu_rng_fill(rng, octets.b, sizeof(octets.b));

    octets.b[0] &= 0x1f;
    if (err == MU_OK && read_secret(blind, &octets) != MU_OK)
        err = MU_E_CRYPTO;
    mikey_sakke_secret_clear(&octets);
    return err;
}

/* k = 1/k for each of n <= MIKEY_LANES with one inversion, which sees the
 * product of all times a random factor. */
static enum mu_err invert_scalars(
    struct mikey_scalar *k, size_t n, const struct mu_rng *rng)
{
    MU_CLEANUP(clear_scalar) struct mikey_scalar all = {{0}};
    MU_CLEANUP(clear_scalar) struct mikey_scalar blind = {{0}};
    struct mikey_scalar prefix[MIKEY_LANES], t;
    uint64_t zero;

    TRY(draw_blind(&blind, rng));
    all = blind;
    for (size_t i = 0; i < n; i++) {
        prefix[i] = all;
        mikey_scalar_mul(&all, &all, &k[i]);
    }
    zero = mikey_mod_is_zero(all.v);
    mikey_scalar_inv(&all, &all);
    for (size_t i = n; i-- > 0;) {
        mikey_scalar_mul(&t, &all, &prefix[i]);
        mikey_scalar_mul(&all, &all, &k[i]);
        k[i] = t;
    }
    mu_wipe(prefix, sizeof(prefix));
    clear_scalar(&t);
    /* Public: the refusal of an identifier shows. */
    MU_CT_DECLASSIFY(&zero, sizeof(zero));
    return zero == 0 ? MU_OK : MU_E_CRYPTO;
}

static enum mu_err extract_some(const struct mikey_scalar *z,
    const struct span *ids, size_t n, const struct mu_rng *rng,
    struct mikey_rsk *keys)
{
    struct mikey_scalar k[MIKEY_LANES];
    struct mikey_point key[MIKEY_LANES];
    enum mu_err err = MU_OK;

    for (size_t i = 0; i < n && err == MU_OK; i++) {
        if (mikey_scalar_read(&k[i], ids[i]) != 0)
            mikey_scalar_add(&k[i], &k[i], z);
        else
            err = MU_E_MALFORMED;
    }
    if (err == MU_OK)
        err = invert_scalars(k, n, rng);
    if (err == MU_OK) {
        multiples_of_p(k, n, key);
        for (size_t i = 0; i < n; i++)
            mikey_point_write(keys[i].b, &key[i]);
        mu_wipe(key, sizeof(key));
    }
    mu_wipe(k, sizeof(k));
    return err;
}

enum mu_err mikey_sakke_extract_many(const struct mikey_sakke_secret *z,
    const struct span *ids, size_t n, const struct mu_rng *rng,
    struct mikey_rsk *keys)
{
    MU_CLEANUP(clear_scalar) struct mikey_scalar k = {{0}};
    enum mu_err err = read_secret(&k, z);
    size_t some;

    for (size_t at = 0; at < n && err == MU_OK; at += some) {
        some = n - at < MIKEY_LANES ? n - at : MIKEY_LANES;
        err = extract_some(&k, ids + at, some, rng, keys + at);
    }
    if (err != MU_OK)
        mu_wipe(keys, n * sizeof(*keys));
    return err;
}

enum mu_err mikey_sakke_extract(const struct mikey_sakke_secret *z,
    struct span id, const struct mu_rng *rng, struct mikey_rsk *out)
{
    MU_CLEANUP(mikey_rsk_clear) struct mikey_rsk key = {{0}};

    TRY(mikey_sakke_extract_many(z, &id, 1, rng, &key));
    *out = key;
    return MU_OK;
}

/* What the check works with: all of it tells the key. */
struct check {
    struct mikey_scalar k;
    struct mikey_point key;
    struct mikey_edwards base, product;
    struct mikey_edwards_entry row[MIKEY_ROW];
};

static enum mu_err check_with(struct check *c,
    const struct mikey_sakke_secret *z, struct span id,
    const struct mikey_rsk *key)
{
    struct mikey_scalar a;
    uint64_t good;

    TRY(read_secret(&c->k, z));
    if (mikey_scalar_read(&a, id) == 0)
        return MU_E_MALFORMED;
    mikey_scalar_add(&c->k, &c->k, &a);
    TRY(mikey_point_read(SPAN_OF(key->b), &c->key));
    mikey_edwards_from_point(&c->base, &c->key);
    mikey_edwards_multiply(&c->product, c->row, &c->base, &c->k);
    good = mikey_edwards_equals_point(&c->product, &mikey_p);
    /* Public: the key is right or is not handed out. */
    MU_CT_DECLASSIFY(&good, sizeof(good));
    return good != 0 ? MU_OK : MU_E_CRYPTO;
}

enum mu_err mikey_sakke_check_extracted(const struct mikey_sakke_secret *z,
    struct span id, const struct mikey_rsk *key)
{
    struct check *c = mu_alloc(sizeof(*c));
    enum mu_err err;

    if (c == NULL)
        return MU_E_NO_MEMORY;
    err = check_with(c, z, id, key);
    mu_free_wiped(c, sizeof(*c));
    return err;
}
