/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/officers.h"

#include <stdio.h>
#include <string.h>

#include "base/lines.h"
#include "base/seal.h"
#include "base/text.h"

#define VERSION  1
#define LABEL    "kms officers"
#define TEXT_MAX 3072 /* of all officers; below MU_SEAL_BOUND_MAX */
#define SEAL_LEN MU_SEAL_LEN(0)
#define KEY_HEX  64

enum mu_err kms_officer_name_set(struct kms_officer *officer, struct span name)
{
    if (name.len == 0 || name.len > KMS_OFFICER_NAME_MAX)
        return MU_E_MALFORMED;
    for (size_t i = 0; i < name.len; i++) {
        uint8_t c = name.p[i];

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '.' &&
            c != '-')
            return MU_E_MALFORMED;
    }
    memcpy(officer->name, name.p, name.len);
    officer->name[name.len] = '\0';
    return MU_OK;
}

const struct kms_officer *kms_officers_find(
    const struct kms_officers *officers, const char *name)
{
    for (size_t i = 0; i < officers->len; i++)
        if (strcmp(officers->at[i].name, name) == 0)
            return &officers->at[i];
    return NULL;
}

enum mu_err kms_officers_add(
    struct kms_officers *officers, const struct kms_officer *officer)
{
    /* One key under two names would approve twice. */
    for (size_t i = 0; i < officers->len; i++)
        if (strcmp(officers->at[i].name, officer->name) == 0 ||
            memcmp(&officers->at[i].key, &officer->key, sizeof(officer->key)) ==
                0)
            return MU_E_STATE;
    if (officers->len == KMS_OFFICERS_MAX)
        return MU_E_NO_SPACE;
    officers->at[officers->len++] = *officer;
    return MU_OK;
}

/* NAME KEY */
static enum mu_err read_officer(struct span value, struct kms_officer *out)
{
    size_t len = 0;
    struct span key;

    if (value.len < KEY_HEX + 2)
        return MU_E_MALFORMED;
    key = (struct span){value.p + value.len - KEY_HEX, KEY_HEX};
    if (key.p[-1] != ' ')
        return MU_E_MALFORMED;
    TRY(kms_officer_name_set(
        out, (struct span){value.p, value.len - KEY_HEX - 1}));
    return mu_hex_read(key, out->key.b, sizeof(out->key.b), &len);
}

/* Whether the next line is of that name. */
static bool is_next(const struct rd *r, const char *name)
{
    size_t len = strlen(name);

    return rd_left(r) > len && memcmp(r->p + r->at, name, len) == 0 &&
           r->p[r->at + len] == ' ';
}

/* All lines up to the seal, which starts at *sealed_at. */
static enum mu_err read_lines(struct span text, struct kms_officers *out,
    uint8_t seal[SEAL_LEN], size_t *sealed_at)
{
    struct rd r;

    rd_init(&r, text);
    rd_check(&r, mu_line_read_u64(&r, "muster-officers") == VERSION,
        MU_E_UNSUPPORTED, "muster-officers");
    while (is_next(&r, "officer")) {
        struct span value = mu_line_read(&r, "officer");
        struct kms_officer officer = {.name = ""};

        mu_line_check(&r, value,
            read_officer(value, &officer) == MU_OK &&
                kms_officers_add(out, &officer) == MU_OK,
            "officer");
    }
    *sealed_at = rd_at(&r);
    mu_line_read_hex(&r, "seal", seal, SEAL_LEN);
    return rd_close(&r);
}

static enum mu_err check_seal(const struct mu_keyring *ring, struct span bound,
    const uint8_t seal[SEAL_LEN])
{
    struct mu_seal_use use = {LABEL, bound};
    uint8_t none;

    return mu_unseal(ring, &use, (struct span){seal, SEAL_LEN}, &none, 0);
}

enum mu_err kms_officers_load(const struct kms_dir *dir,
    const struct mu_keyring *ring, struct kms_officers *out)
{
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    struct kms_officers officers = {.len = 0};
    uint8_t seal[SEAL_LEN];
    size_t sealed_at = 0;
    enum mu_err err = kms_dir_read(dir, KMS_DIR_OFFICERS, &text);

    if (err == MU_E_NOT_FOUND) {
        *out = officers;
        return MU_OK;
    }
    TRY(err);
    TRY(read_lines(buf_span(&text), &officers, seal, &sealed_at));
    if (ring != NULL)
        TRY(check_seal(ring, (struct span){text.p, sealed_at}, seal));
    *out = officers;
    return MU_OK;
}

static void write_officer(struct wr *w, const struct kms_officer *officer)
{
    char value[KMS_OFFICER_NAME_MAX + 1 + KEY_HEX + 1], hex[KEY_HEX + 1];

    mu_hex_write(SPAN_OF(officer->key.b), hex);
    (void)snprintf(value, sizeof(value), "%s %s", officer->name, hex);
    mu_line_write(w, "officer", span_str(value));
}

enum mu_err kms_officers_save(const struct kms_dir *dir,
    const struct mu_keyring *ring, const struct mu_rng *rng,
    const struct kms_officers *officers)
{
    uint8_t text[TEXT_MAX], seal[SEAL_LEN];
    struct mu_seal_use use = {.label = LABEL};
    struct span none = {NULL, 0}, all;
    struct wr w;

    wr_init(&w, text, sizeof(text));
    mu_line_write_u64(&w, "muster-officers", VERSION);
    for (size_t i = 0; i < officers->len; i++)
        write_officer(&w, &officers->at[i]);
    use.bound = wr_so_far(&w);
    TRY(mu_seal(ring, &use, none, rng, seal));
    mu_line_write_hex(&w, "seal", SPAN_OF(seal));
    TRY(wr_close(&w, &all));
    return kms_dir_replace(dir, KMS_DIR_OFFICERS, all);
}

enum mu_err kms_officer_key_write(struct wr *w,
    const struct kms_officer *officer, const struct mu_sign_key *key)
{
    mu_line_write_u64(w, "muster-officer-key", VERSION);
    mu_line_write(w, "name", span_str(officer->name));
    mu_line_write_hex(w, "key", SPAN_OF(key->b));
    return w->err;
}

enum mu_err kms_officer_key_read(
    struct span text, struct kms_officer *officer, struct mu_sign_key *key)
{
    MU_CLEANUP(mu_sign_key_clear) struct mu_sign_key got = {{0}};
    struct kms_officer who = {.name = ""};
    struct span name;
    struct rd r;

    rd_init(&r, text);
    rd_check(&r, mu_line_read_u64(&r, "muster-officer-key") == VERSION,
        MU_E_UNSUPPORTED, "muster-officer-key");
    name = mu_line_read(&r, "name");
    mu_line_check(&r, name, kms_officer_name_set(&who, name) == MU_OK, "name");
    mu_line_read_hex(&r, "key", got.b, sizeof(got.b));
    TRY(rd_close(&r));
    TRY(mu_sign_public(&got, &who.key));
    *officer = who;
    *key = got;
    return MU_OK;
}
