/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/token.h"

#include <p11-kit/p11-kit.h>
#include <p11-kit/pkcs11.h>
#include <string.h>

#include "base/alloc.h"

#define VERSION   1
#define SLOTS_MAX 64

/* A module may want room for as much as it is given, tag and all. */
SECRET_TYPE(room, 32 + GMS_TOKEN_TAG_LEN);

struct gms_token {
    CK_FUNCTION_LIST *module;
    bool initialised;
    CK_SESSION_HANDLE session; /* 0: none */
    CK_OBJECT_HANDLE key;
};

void gms_token_close(struct gms_token *token)
{
    if (token == NULL)
        return;
    if (token->session != 0)
        (void)token->module->C_CloseSession(token->session);
    if (token->initialised)
        (void)p11_kit_module_finalize(token->module);
    if (token->module != NULL)
        p11_kit_module_release(token->module);
    mu_free(token);
}

static void drop(struct gms_token **token)
{
    gms_token_close(*token);
}

static enum mu_err fail(enum mu_err err, const char *what, const char **why)
{
    *why = what;
    return err;
}

/* PKCS#11 has no const: what a module only reads is passed as if it were not.
 */
static void *not_const(const void *p)
{
    const union {
        const void *in;
        void *out;
    } same = {p};

    return same.out;
}

static enum mu_err load(
    struct gms_token *t, const char *module, const char **why)
{
    t->module = p11_kit_module_load(module, P11_KIT_MODULE_CRITICAL);
    if (t->module == NULL)
        return fail(MU_E_NOT_FOUND, "module cannot be loaded", why);
    if (p11_kit_module_initialize(t->module) != CKR_OK)
        return fail(MU_E_IO, "module does not start", why);
    t->initialised = true;
    return MU_OK;
}

/* A token's label is padded with blanks. */
static bool has_label(const CK_TOKEN_INFO *info, struct span label)
{
    uint8_t padded[sizeof(info->label)];

    if (label.len > sizeof(padded))
        return false;
    memset(padded, ' ', sizeof(padded));
    memcpy(padded, label.p, label.len);
    return memcmp(padded, info->label, sizeof(padded)) == 0;
}

static enum mu_err find_slot(const struct gms_token *t, struct span label,
    CK_SLOT_ID *out, const char **why)
{
    CK_SLOT_ID slots[SLOTS_MAX];
    CK_ULONG count = SLOTS_MAX;
    CK_TOKEN_INFO info;

    if (t->module->C_GetSlotList(CK_TRUE, slots, &count) != CKR_OK)
        return fail(MU_E_IO, "module does not list its tokens", why);
    for (CK_ULONG i = 0; i < count; i++)
        if (t->module->C_GetTokenInfo(slots[i], &info) == CKR_OK &&
            has_label(&info, label)) {
            *out = slots[i];
            return MU_OK;
        }
    return fail(MU_E_NOT_FOUND, "no token of that label", why);
}

static enum mu_err log_in(struct gms_token *t,
    const struct gms_token_config *config, const char **why)
{
    CK_SLOT_ID slot = 0;
    CK_RV rv;

    TRY(find_slot(t, span_str(config->label), &slot, why));
    if (t->module->C_OpenSession(
            slot, CKF_SERIAL_SESSION, NULL, NULL, &t->session) != CKR_OK)
        return fail(MU_E_IO, "token opens no session", why);
    rv = t->module->C_Login(
        t->session, CKU_USER, not_const(config->pin.p), config->pin.len);
    if (rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN)
        return MU_OK;
    return fail(MU_E_DENIED, "token refuses the PIN", why);
}

static CK_ATTRIBUTE attribute(
    CK_ATTRIBUTE_TYPE type, const void *value, size_t len)
{
    return (CK_ATTRIBUTE){type, not_const(value), len};
}

/* The one key, and not one of several. */
static enum mu_err find_key(
    struct gms_token *t, const char *label, const char **why)
{
    CK_OBJECT_CLASS class = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_AES;
    CK_ATTRIBUTE is[] = {attribute(CKA_CLASS, &class, sizeof(class)),
        attribute(CKA_KEY_TYPE, &type, sizeof(type)),
        attribute(CKA_LABEL, label, strlen(label))};
    CK_OBJECT_HANDLE found[2] = {0};
    CK_ULONG count = 0;

    if (t->module->C_FindObjectsInit(t->session, is, 3) != CKR_OK)
        return fail(MU_E_IO, "token does not search", why);
    if (t->module->C_FindObjects(t->session, found, 2, &count) != CKR_OK)
        count = 0;
    (void)t->module->C_FindObjectsFinal(t->session);
    if (count != 1)
        return fail(MU_E_NOT_FOUND,
            count == 0 ? "token has no AES key of that label"
                       : "token has several AES keys of that label",
            why);
    t->key = found[0];
    return MU_OK;
}

/* A key that can leave the token protects nothing. */
static enum mu_err check_key(struct gms_token *t, const char **why)
{
    CK_BBOOL sensitive = CK_FALSE, extractable = CK_TRUE;
    CK_ATTRIBUTE are[] = {
        attribute(CKA_SENSITIVE, &sensitive, sizeof(sensitive)),
        attribute(CKA_EXTRACTABLE, &extractable, sizeof(extractable))};

    if (t->module->C_GetAttributeValue(t->session, t->key, are, 2) != CKR_OK)
        return fail(MU_E_IO, "token does not describe the key", why);
    if (sensitive != CK_TRUE || extractable != CK_FALSE)
        return fail(
            MU_E_DENIED, "the key must be sensitive and not extractable", why);
    return MU_OK;
}

enum mu_err gms_token_open(const struct gms_token_config *config,
    struct gms_token **out, const char **why)
{
    MU_CLEANUP(drop) struct gms_token *made = mu_alloc(sizeof(*made));

    if (made == NULL)
        return fail(MU_E_NO_MEMORY, "out of memory", why);
    TRY(load(made, config->module, why));
    TRY(log_in(made, config, why));
    TRY(find_key(made, config->key, why));
    TRY(check_key(made, why));
    *out = made;
    made = NULL;
    return MU_OK;
}

/* Additional data: the version and what it is. */
static const uint8_t aad[] = "\x01muster kek";

static struct ck_gcm_params params_of(uint8_t *iv)
{
    return (struct ck_gcm_params){
        .pIv = iv,
        .ulIvLen = GMS_TOKEN_IV_LEN,
        .ulIvBits = 8UL * GMS_TOKEN_IV_LEN,
        .pAAD = not_const(aad),
        .ulAADLen = sizeof(aad) - 1,
        .ulTagBits = 8UL * GMS_TOKEN_TAG_LEN,
    };
}

enum mu_err gms_token_wrap(struct gms_token *token, const struct mu_kek *kek,
    const struct mu_rng *rng, uint8_t out[GMS_TOKEN_WRAPPED_LEN])
{
    uint8_t *iv = out + 1;
    struct ck_gcm_params params = params_of(iv);
    CK_MECHANISM how = {CKM_AES_GCM, &params, sizeof(params)};
    CK_ULONG len = sizeof(kek->b) + GMS_TOKEN_TAG_LEN;
    MU_CLEANUP(mu_kek_clear) struct mu_kek copy = *kek;

    out[0] = VERSION;
    TRY(mu_rng_fill(rng, iv, GMS_TOKEN_IV_LEN));
    if (token->module->C_EncryptInit(token->session, &how, token->key) !=
            CKR_OK ||
        token->module->C_Encrypt(token->session, copy.b, sizeof(copy.b),
            iv + GMS_TOKEN_IV_LEN, &len) != CKR_OK ||
        len != sizeof(kek->b) + GMS_TOKEN_TAG_LEN)
        return MU_E_CRYPTO;
    return MU_OK;
}

enum mu_err gms_token_unwrap(struct gms_token *token,
    const uint8_t in[GMS_TOKEN_WRAPPED_LEN], struct mu_kek *out)
{
    uint8_t copy[GMS_TOKEN_WRAPPED_LEN], *iv = copy + 1;
    struct ck_gcm_params params = params_of(iv);
    CK_MECHANISM how = {CKM_AES_GCM, &params, sizeof(params)};
    MU_CLEANUP(room_clear) struct room room = {{0}};
    CK_ULONG len = sizeof(room.b);

    if (in[0] != VERSION)
        return MU_E_UNSUPPORTED;
    memcpy(copy, in, sizeof(copy));
    if (token->module->C_DecryptInit(token->session, &how, token->key) !=
            CKR_OK ||
        token->module->C_Decrypt(token->session, iv + GMS_TOKEN_IV_LEN,
            sizeof(out->b) + GMS_TOKEN_TAG_LEN, room.b, &len) != CKR_OK ||
        len != sizeof(out->b))
        return MU_E_CRYPTO;
    memcpy(out->b, room.b, sizeof(out->b));
    return MU_OK;
}
