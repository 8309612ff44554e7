/* SPDX-License-Identifier: Apache-2.0 */
/* eccsi ...: the operations of RFC 6507 on P-256. */
#include "mikey/eccsi.h"
#include "tools/commands.h"

#define COUNT(options) (sizeof(options) / sizeof((options)[0]))

static void free_kms(struct mikey_eccsi_kms **kms)
{
    mikey_eccsi_kms_free(*kms);
}

static void free_signer(struct mikey_eccsi_signer **signer)
{
    mikey_eccsi_signer_free(*signer);
}

static enum mu_err new_kms(
    struct tool *tool, struct span kpak, struct mikey_eccsi_kms **kms)
{
    enum mu_err err = mikey_eccsi_kms_new(kpak, kms);

    if (err == MU_E_MALFORMED)
        return tool_fail(
            tool, err, "--kpak", "is not 65 octets of a point of P-256");
    return err;
}

enum secret_option {
    SECRET_SECRET,
    SECRET_ID,
    SECRET_V
};

static const struct tool_option secret_options[] = {
    [SECRET_SECRET] = {"--secret", TOOL_HEX, TOOL_REQUIRED,
        "KSAK of the KMS, 32 octets"},
    [SECRET_ID] = {"--id", TOOL_HEX, TOOL_REQUIRED,
        "identifier: a UID, 32 octets, or other"},
    [SECRET_V] = {"--v", TOOL_HEX, TOOL_OPTIONAL,
        "v, 32 octets; for test vectors, else random"},
};

static enum mu_err read_secret(struct tool *tool,
    struct mikey_eccsi_secret *secret, uint8_t kpak[MIKEY_KPAK_LEN])
{
    enum mu_err err;

    TRY(tool_octets(tool, SECRET_SECRET, secret->b, sizeof(secret->b)));
    err = mikey_eccsi_public(secret, kpak);
    if (err == MU_E_MALFORMED)
        return tool_fail(tool, err, "--secret", "is not in 1..q-1");
    return err;
}

static enum mu_err run_public(struct tool *tool)
{
    MU_CLEANUP(mikey_eccsi_secret_clear)
    struct mikey_eccsi_secret secret = {{0}};
    uint8_t kpak[MIKEY_KPAK_LEN];

    TRY(read_secret(tool, &secret, kpak));
    tool_print(tool, "kpak", SPAN_OF(kpak));
    return MU_OK;
}

const struct tool_command tool_eccsi_public = {
    .name = "eccsi public",
    .help = "KPAK, the public authentication key of a KMS, 65 octets",
    .options = secret_options,
    .option_count = SECRET_ID,
    .run = run_public,
};

/* With a v of the caller's where one was given. */
static enum mu_err extract(struct tool *tool, const struct mikey_eccsi_kms *kms,
    const struct mikey_eccsi_secret *secret, struct mikey_eccsi_pair *pair)
{
    MU_CLEANUP(mikey_eccsi_nonce_clear) struct mikey_eccsi_nonce v = {{0}};
    struct span id = tool_span(tool, SECRET_ID);
    enum mu_err err;

    if (!tool->args[SECRET_V].given)
        return mikey_eccsi_extract(kms, secret, id, mu_rng_system(), pair);
    TRY(tool_octets(tool, SECRET_V, v.b, sizeof(v.b)));
    err = mikey_eccsi_extract_with(kms, secret, id, &v, pair);
    if (err == MU_E_MALFORMED)
        return tool_fail(tool, err, "--v", "is not in 1..q-1");
    return err;
}

static enum mu_err run_extract(struct tool *tool)
{
    MU_CLEANUP(mikey_eccsi_secret_clear)
    struct mikey_eccsi_secret secret = {{0}};
    MU_CLEANUP(mikey_eccsi_pair_clear)
    struct mikey_eccsi_pair pair = {.ssk = {{0}}};
    MU_CLEANUP(free_kms) struct mikey_eccsi_kms *kms = NULL;
    uint8_t kpak[MIKEY_KPAK_LEN];

    TRY(read_secret(tool, &secret, kpak));
    TRY(new_kms(tool, SPAN_OF(kpak), &kms));
    TRY(extract(tool, kms, &secret, &pair));
    tool_print_two(tool, (struct tool_result[2]){{"ssk", SPAN_OF(pair.ssk.b)},
                             {"pvt", SPAN_OF(pair.pvt)}});
    return MU_OK;
}

const struct tool_command tool_eccsi_extract = {
    .name = "eccsi extract",
    .help = "ssk, the signing key of an identifier, 32 octets, and pvt, 65",
    .options = secret_options,
    .option_count = COUNT(secret_options),
    .run = run_extract,
};

enum sign_option {
    SIGN_KPAK,
    SIGN_ID,
    SIGN_SSK,
    SIGN_PVT,
    SIGN_MESSAGE,
    SIGN_J
};

static const struct tool_option sign_options[] = {
    [SIGN_KPAK] = {"--kpak", TOOL_HEX, TOOL_REQUIRED,
        "KPAK of the KMS, 65 octets"},
    [SIGN_ID] = {"--id", TOOL_HEX, TOOL_REQUIRED, "identifier of the signer"},
    [SIGN_SSK] = {"--ssk", TOOL_HEX, TOOL_REQUIRED,
        "SSK of the signer, 32 octets"},
    [SIGN_PVT] = {"--pvt", TOOL_HEX, TOOL_REQUIRED,
        "PVT of the signer, 65 octets"},
    [SIGN_MESSAGE] = {"--message", TOOL_HEX, TOOL_REQUIRED, "what to sign"},
    [SIGN_J] = {"--j", TOOL_HEX, TOOL_OPTIONAL,
        "j, 32 octets; for test vectors, else random"},
};

/* Checks the pair on the way (RFC 6507 clause 5.1.2). */
static enum mu_err new_signer(struct tool *tool,
    const struct mikey_eccsi_kms *kms, struct mikey_eccsi_signer **signer)
{
    MU_CLEANUP(mikey_eccsi_pair_clear)
    struct mikey_eccsi_pair pair = {.ssk = {{0}}};
    enum mu_err err;

    TRY(tool_octets(tool, SIGN_SSK, pair.ssk.b, sizeof(pair.ssk.b)));
    TRY(tool_octets(tool, SIGN_PVT, pair.pvt, sizeof(pair.pvt)));
    err = mikey_eccsi_signer_new(kms, tool_span(tool, SIGN_ID), &pair, signer);
    if (err == MU_E_CRYPTO)
        return tool_fail(
            tool, err, "--ssk, --pvt", "are not the keys of this identifier");
    return err;
}

static enum mu_err run_validate(struct tool *tool)
{
    MU_CLEANUP(free_kms) struct mikey_eccsi_kms *kms = NULL;
    MU_CLEANUP(free_signer) struct mikey_eccsi_signer *signer = NULL;

    TRY(new_kms(tool, tool_span(tool, SIGN_KPAK), &kms));
    TRY(new_signer(tool, kms, &signer));
    tool_print_valid(tool);
    return MU_OK;
}

const struct tool_command tool_eccsi_validate = {
    .name = "eccsi validate",
    .help = "nothing; exit status 0 when SSK and PVT are the identifier's, "
            "else 1",
    .options = sign_options,
    .option_count = SIGN_MESSAGE,
    .run = run_validate,
};

static enum mu_err sign(struct tool *tool,
    const struct mikey_eccsi_signer *signer, uint8_t sig[MIKEY_SIG_LEN])
{
    MU_CLEANUP(mikey_eccsi_nonce_clear) struct mikey_eccsi_nonce j = {{0}};
    struct span message = tool_span(tool, SIGN_MESSAGE);
    enum mu_err err;

    if (!tool->args[SIGN_J].given)
        return mikey_eccsi_sign(signer, message, mu_rng_system(), sig);
    TRY(tool_octets(tool, SIGN_J, j.b, sizeof(j.b)));
    err = mikey_eccsi_sign_with(signer, message, &j, sig);
    if (err == MU_E_MALFORMED)
        return tool_fail(tool, err, "--j", "is not in 1..q-1");
    return err;
}

static enum mu_err run_sign(struct tool *tool)
{
    MU_CLEANUP(free_kms) struct mikey_eccsi_kms *kms = NULL;
    MU_CLEANUP(free_signer) struct mikey_eccsi_signer *signer = NULL;
    uint8_t sig[MIKEY_SIG_LEN];

    TRY(new_kms(tool, tool_span(tool, SIGN_KPAK), &kms));
    TRY(new_signer(tool, kms, &signer));
    TRY(sign(tool, signer, sig));
    tool_print(tool, "signature", SPAN_OF(sig));
    return MU_OK;
}

const struct tool_command tool_eccsi_sign = {
    .name = "eccsi sign",
    .help = "the signature r, s, PVT, 129 octets",
    .options = sign_options,
    .option_count = COUNT(sign_options),
    .run = run_sign,
};

enum verify_option {
    VERIFY_KPAK,
    VERIFY_ID,
    VERIFY_MESSAGE,
    VERIFY_SIGNATURE
};

static const struct tool_option verify_options[] = {
    [VERIFY_KPAK] = {"--kpak", TOOL_HEX, TOOL_REQUIRED,
        "KPAK of the KMS, 65 octets"},
    [VERIFY_ID] = {"--id", TOOL_HEX, TOOL_REQUIRED, "identifier of the signer"},
    [VERIFY_MESSAGE] = {"--message", TOOL_HEX, TOOL_REQUIRED,
        "what was signed"},
    [VERIFY_SIGNATURE] = {"--signature", TOOL_HEX, TOOL_REQUIRED,
        "r, s, PVT, 129 octets"},
};

static enum mu_err run_verify(struct tool *tool)
{
    MU_CLEANUP(free_kms) struct mikey_eccsi_kms *kms = NULL;
    enum mu_err err;

    TRY(new_kms(tool, tool_span(tool, VERIFY_KPAK), &kms));
    err = mikey_eccsi_verify(kms, tool_span(tool, VERIFY_ID),
        tool_span(tool, VERIFY_MESSAGE), tool_span(tool, VERIFY_SIGNATURE));
    if (err == MU_E_CRYPTO)
        return tool_fail(tool, err, "--signature", "does not verify");
    TRY(err);
    tool_print_valid(tool);
    return MU_OK;
}

const struct tool_command tool_eccsi_verify = {
    .name = "eccsi verify",
    .help = "nothing; exit status 0 when the signature verifies, else 1",
    .options = verify_options,
    .option_count = COUNT(verify_options),
    .run = run_verify,
};
