/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/master.h"

#include <string.h>

#include "base/hkdf.h"

#define VERSION 1
#define LABEL   "kms master"

/* What is sealed, as octets. */
SECRET_TYPE(master_octets, KMS_MASTER_PLAIN_LEN);

void kms_master_clear(struct kms_master *master)
{
    mu_wipe(master, sizeof(*master));
}

/*
 * z_T in 2..q-1 (RFC 6508 clause 6.1.1): drawn below 2^1022 and again while
 * out of range, so that none is likelier than another. q > 2^1021, so half of
 * the draws are good.
 */
static enum mu_err make_z(
    const struct mu_rng *rng, struct mikey_sakke_secret *out)
{
    uint8_t public[MIKEY_POINT_LEN];
    enum mu_err err = MU_E_MALFORMED;

    while (err == MU_E_MALFORMED) {
        TRY(mu_rng_fill(rng, out->b, sizeof(out->b)));
        out->b[0] &= 0x3f;
        err = mikey_sakke_public(out, public);
    }
    return err;
}

/* KSAK in 1..q-1 (RFC 6507 clause 4.2), in the same manner; q > 2^255. */
static enum mu_err make_ksak(
    const struct mu_rng *rng, struct mikey_eccsi_secret *out)
{
    uint8_t public[MIKEY_KPAK_LEN];
    enum mu_err err = MU_E_MALFORMED;

    while (err == MU_E_MALFORMED) {
        TRY(mu_rng_fill(rng, out->b, sizeof(out->b)));
        err = mikey_eccsi_public(out, public);
    }
    return err;
}

enum mu_err kms_master_make(const struct mu_rng *rng, struct kms_master *out)
{
    MU_CLEANUP(kms_master_clear) struct kms_master master;

    TRY(make_z(rng, &master.z));
    TRY(make_ksak(rng, &master.ksak));
    TRY(xml_cert_key_make(rng, &master.cert));
    TRY(mu_sign_key_make(rng, &master.bundle));
    TRY(mu_rng_fill(rng, master.users.b, sizeof(master.users.b)));
    *out = master;
    return MU_OK;
}

enum mu_err kms_master_public(
    const struct kms_master *master, struct kms_public *out)
{
    struct xml_cert_point point;
    struct kms_public keys;

    TRY(mikey_sakke_public(&master->z, keys.z));
    TRY(mikey_eccsi_public(&master->ksak, keys.kpak));
    TRY(xml_cert_point_of(&master->cert, &point));
    memcpy(keys.cert_key, point.b, sizeof(keys.cert_key));
    TRY(mu_sign_public(&master->bundle, &keys.bundle));
    *out = keys;
    return MU_OK;
}

enum mu_err kms_sealing_key_make(
    const struct mu_rng *rng, struct kms_sealing_key *out)
{
    MU_CLEANUP(kms_sealing_key_clear) struct kms_sealing_key key = {{0}};

    TRY(mu_rng_fill(rng, key.b, sizeof(key.b)));
    *out = key;
    return MU_OK;
}

enum mu_err kms_sealing_key_test(struct kms_sealing_key *out)
{
    return mu_hkdf(span_str("muster insecure test key"), span_str(""),
        span_str("known to everybody"), out->b, sizeof(out->b));
}

static void write_octets(
    const struct kms_master *master, struct master_octets *out)
{
    struct wr w;

    wr_init(&w, out->b, sizeof(out->b));
    wr_u8(&w, VERSION);
    wr_span(&w, SPAN_OF(master->z.b));
    wr_span(&w, SPAN_OF(master->ksak.b));
    wr_span(&w, SPAN_OF(master->cert.b));
    wr_span(&w, SPAN_OF(master->bundle.b));
    wr_span(&w, SPAN_OF(master->users.b));
}

/* rd_span() within the octets is never NULL unless the version is wrong. */
static void read_key(struct rd *r, uint8_t *out, size_t len, const char *field)
{
    struct span octets = rd_span(r, len, field);

    if (octets.p != NULL)
        memcpy(out, octets.p, len);
}

static enum mu_err read_octets(
    const struct master_octets *in, struct kms_master *out)
{
    struct rd r;

    rd_init(&r, SPAN_OF(in->b));
    rd_check(&r, rd_u8(&r, "version") == VERSION, MU_E_UNSUPPORTED, "version");
    read_key(&r, out->z.b, sizeof(out->z.b), "z_T");
    read_key(&r, out->ksak.b, sizeof(out->ksak.b), "KSAK");
    read_key(&r, out->cert.b, sizeof(out->cert.b), "cert");
    read_key(&r, out->bundle.b, sizeof(out->bundle.b), "bundle");
    read_key(&r, out->users.b, sizeof(out->users.b), "users");
    return rd_close(&r);
}

static enum mu_err ring_of(
    const struct kms_sealing_key *key, struct mu_keyring *ring)
{
    MU_CLEANUP(mu_kek_clear) struct mu_kek kek;

    memcpy(kek.b, key->b, sizeof(kek.b));
    return mu_keyring_add(ring, &kek);
}

enum mu_err kms_master_store(const struct kms_dir *dir,
    const struct kms_facts *facts, const struct kms_master *master,
    const struct kms_sealing_key *key, const struct mu_rng *rng)
{
    MU_CLEANUP(mu_keyring_clear) struct mu_keyring ring = {0};
    MU_CLEANUP(master_octets_clear) struct master_octets octets;
    uint8_t text[KMS_FACTS_TEXT_MAX], sealed[KMS_MASTER_SEALED_LEN];
    struct mu_seal_use use = {.label = LABEL};
    struct wr w;

    wr_init(&w, text, sizeof(text));
    TRY(kms_facts_write(&w, facts));
    TRY(wr_close(&w, &use.bound));
    TRY(ring_of(key, &ring));
    write_octets(master, &octets);
    TRY(mu_seal(&ring, &use, SPAN_OF(octets.b), rng, sealed));
    TRY(kms_dir_create(dir, KMS_DIR_CONF, use.bound));
    return kms_dir_create(dir, KMS_DIR_MASTER, SPAN_OF(sealed));
}

static enum mu_err unseal(const struct kms_dir *dir,
    const struct kms_sealing_key *key, struct span bound,
    struct kms_master *out)
{
    MU_CLEANUP(mu_keyring_clear) struct mu_keyring ring = {0};
    MU_CLEANUP(master_octets_clear) struct master_octets octets;
    MU_CLEANUP(buf_clear) struct buf sealed = {.p = NULL};
    struct mu_seal_use use = {LABEL, bound};

    TRY(ring_of(key, &ring));
    TRY(kms_dir_read(dir, KMS_DIR_MASTER, &sealed));
    TRY(mu_unseal(&ring, &use, buf_span(&sealed), octets.b, sizeof(octets.b)));
    return read_octets(&octets, out);
}

/* Whether these secrets make the public keys that everybody has. */
static enum mu_err check_public(
    const struct kms_master *master, const struct kms_public *want)
{
    struct kms_public keys;

    TRY(kms_master_public(master, &keys));
    return memcmp(&keys, want, sizeof(keys)) == 0 ? MU_OK : MU_E_CRYPTO;
}

enum mu_err kms_master_load(const struct kms_dir *dir,
    const struct kms_sealing_key *key, struct kms_facts *facts,
    struct kms_master *out)
{
    MU_CLEANUP(kms_master_clear) struct kms_master master;
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    struct kms_facts found;

    TRY(kms_dir_read(dir, KMS_DIR_CONF, &text));
    if (text.len > KMS_FACTS_TEXT_MAX)
        return MU_E_MALFORMED;
    TRY(kms_facts_read(buf_span(&text), &found, NULL));
    TRY(unseal(dir, key, buf_span(&text), &master));
    TRY(check_public(&master, &found.keys));
    *facts = found;
    *out = master;
    return MU_OK;
}
