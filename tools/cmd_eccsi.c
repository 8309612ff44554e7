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
    struct cli *cli, struct span kpak, struct mikey_eccsi_kms **kms)
{
    enum mu_err err = mikey_eccsi_kms_new(kpak, kms);

    if (err == MU_E_MALFORMED)
        return cli_fail(
            cli, err, "--kpak", "is not 65 octets of a point of P-256");
    return err;
}

enum secret_option {
    SECRET_SECRET,
    SECRET_ID,
    SECRET_V
};

static const struct cli_option secret_options[] = {
    [SECRET_SECRET] = {"--secret", CLI_HEX, CLI_REQUIRED,
        "KSAK of the KMS, 32 octets"},
    [SECRET_ID] = {"--id", CLI_HEX, CLI_REQUIRED,
        "identifier: a UID, 32 octets, or other"},
    [SECRET_V] = {"--v", CLI_HEX, CLI_OPTIONAL,
        "v, 32 octets; for test vectors, else random"},
};

static enum mu_err read_secret(struct cli *cli,
    struct mikey_eccsi_secret *secret, uint8_t kpak[MIKEY_KPAK_LEN])
{
    enum mu_err err;

    TRY(cli_octets(cli, SECRET_SECRET, secret->b, sizeof(secret->b)));
    err = mikey_eccsi_public(secret, kpak);
    if (err == MU_E_MALFORMED)
        return cli_fail(cli, err, "--secret", "is not in 1..q-1");
    return err;
}

static enum mu_err run_public(struct cli *cli)
{
    MU_CLEANUP(mikey_eccsi_secret_clear)
    struct mikey_eccsi_secret secret = {{0}};
    uint8_t kpak[MIKEY_KPAK_LEN];

    TRY(read_secret(cli, &secret, kpak));
    cli_print(cli, "kpak", SPAN_OF(kpak));
    return MU_OK;
}

const struct cli_command tool_eccsi_public = {
    .name = "eccsi public",
    .help = "KPAK, the public authentication key of a KMS, 65 octets",
    .options = secret_options,
    .option_count = SECRET_ID,
    .run = run_public,
};

/* With a v of the caller's where one was given. */
static enum mu_err extract(struct cli *cli, const struct mikey_eccsi_kms *kms,
    const struct mikey_eccsi_secret *secret, struct mikey_eccsi_pair *pair)
{
    MU_CLEANUP(mikey_eccsi_nonce_clear) struct mikey_eccsi_nonce v = {{0}};
    struct span id = cli_span(cli, SECRET_ID);
    enum mu_err err;

    if (!cli->args[SECRET_V].given)
        return mikey_eccsi_extract(kms, secret, id, mu_rng_system(), pair);
    TRY(cli_octets(cli, SECRET_V, v.b, sizeof(v.b)));
    err = mikey_eccsi_extract_with(kms, secret, id, &v, pair);
    if (err == MU_E_MALFORMED)
        return cli_fail(cli, err, "--v", "is not in 1..q-1");
    return err;
}

static enum mu_err run_extract(struct cli *cli)
{
    MU_CLEANUP(mikey_eccsi_secret_clear)
    struct mikey_eccsi_secret secret = {{0}};
    MU_CLEANUP(mikey_eccsi_pair_clear)
    struct mikey_eccsi_pair pair = {.ssk = {{0}}};
    MU_CLEANUP(free_kms) struct mikey_eccsi_kms *kms = NULL;
    uint8_t kpak[MIKEY_KPAK_LEN];

    TRY(read_secret(cli, &secret, kpak));
    TRY(new_kms(cli, SPAN_OF(kpak), &kms));
    TRY(extract(cli, kms, &secret, &pair));
    cli_print_two(cli, (struct cli_result[2]){{"ssk", SPAN_OF(pair.ssk.b)},
                           {"pvt", SPAN_OF(pair.pvt)}});
    return MU_OK;
}

const struct cli_command tool_eccsi_extract = {
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

static const struct cli_option sign_options[] = {
    [SIGN_KPAK] = {"--kpak", CLI_HEX, CLI_REQUIRED,
        "KPAK of the KMS, 65 octets"},
    [SIGN_ID] = {"--id", CLI_HEX, CLI_REQUIRED, "identifier of the signer"},
    [SIGN_SSK] = {"--ssk", CLI_HEX, CLI_REQUIRED,
        "SSK of the signer, 32 octets"},
    [SIGN_PVT] = {"--pvt", CLI_HEX, CLI_REQUIRED,
        "PVT of the signer, 65 octets"},
    [SIGN_MESSAGE] = {"--message", CLI_HEX, CLI_REQUIRED, "what to sign"},
    [SIGN_J] = {"--j", CLI_HEX, CLI_OPTIONAL,
        "j, 32 octets; for test vectors, else random"},
};

/* Checks the pair on the way (RFC 6507 clause 5.1.2). */
static enum mu_err new_signer(struct cli *cli,
    const struct mikey_eccsi_kms *kms, struct mikey_eccsi_signer **signer)
{
    MU_CLEANUP(mikey_eccsi_pair_clear)
    struct mikey_eccsi_pair pair = {.ssk = {{0}}};
    enum mu_err err;

    TRY(cli_octets(cli, SIGN_SSK, pair.ssk.b, sizeof(pair.ssk.b)));
    TRY(cli_octets(cli, SIGN_PVT, pair.pvt, sizeof(pair.pvt)));
    err = mikey_eccsi_signer_new(kms, cli_span(cli, SIGN_ID), &pair, signer);
    if (err == MU_E_CRYPTO)
        return cli_fail(
            cli, err, "--ssk, --pvt", "are not the keys of this identifier");
    return err;
}

static enum mu_err run_validate(struct cli *cli)
{
    MU_CLEANUP(free_kms) struct mikey_eccsi_kms *kms = NULL;
    MU_CLEANUP(free_signer) struct mikey_eccsi_signer *signer = NULL;

    TRY(new_kms(cli, cli_span(cli, SIGN_KPAK), &kms));
    TRY(new_signer(cli, kms, &signer));
    cli_print_valid(cli);
    return MU_OK;
}

const struct cli_command tool_eccsi_validate = {
    .name = "eccsi validate",
    .help = "nothing; exit status 0 when SSK and PVT are the identifier's, "
            "else 1",
    .options = sign_options,
    .option_count = SIGN_MESSAGE,
    .run = run_validate,
};

static enum mu_err sign(struct cli *cli,
    const struct mikey_eccsi_signer *signer, uint8_t sig[MIKEY_SIG_LEN])
{
    MU_CLEANUP(mikey_eccsi_nonce_clear) struct mikey_eccsi_nonce j = {{0}};
    struct span message = cli_span(cli, SIGN_MESSAGE);
    enum mu_err err;

    if (!cli->args[SIGN_J].given)
        return mikey_eccsi_sign(signer, message, mu_rng_system(), sig);
    TRY(cli_octets(cli, SIGN_J, j.b, sizeof(j.b)));
    err = mikey_eccsi_sign_with(signer, message, &j, sig);
    if (err == MU_E_MALFORMED)
        return cli_fail(cli, err, "--j", "is not in 1..q-1");
    return err;
}

static enum mu_err run_sign(struct cli *cli)
{
    MU_CLEANUP(free_kms) struct mikey_eccsi_kms *kms = NULL;
    MU_CLEANUP(free_signer) struct mikey_eccsi_signer *signer = NULL;
    uint8_t sig[MIKEY_SIG_LEN];

    TRY(new_kms(cli, cli_span(cli, SIGN_KPAK), &kms));
    TRY(new_signer(cli, kms, &signer));
    TRY(sign(cli, signer, sig));
    cli_print(cli, "signature", SPAN_OF(sig));
    return MU_OK;
}

const struct cli_command tool_eccsi_sign = {
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

static const struct cli_option verify_options[] = {
    [VERIFY_KPAK] = {"--kpak", CLI_HEX, CLI_REQUIRED,
        "KPAK of the KMS, 65 octets"},
    [VERIFY_ID] = {"--id", CLI_HEX, CLI_REQUIRED, "identifier of the signer"},
    [VERIFY_MESSAGE] = {"--message", CLI_HEX, CLI_REQUIRED, "what was signed"},
    [VERIFY_SIGNATURE] = {"--signature", CLI_HEX, CLI_REQUIRED,
        "r, s, PVT, 129 octets"},
};

static enum mu_err run_verify(struct cli *cli)
{
    MU_CLEANUP(free_kms) struct mikey_eccsi_kms *kms = NULL;
    enum mu_err err;

    TRY(new_kms(cli, cli_span(cli, VERIFY_KPAK), &kms));
    err = mikey_eccsi_verify(kms, cli_span(cli, VERIFY_ID),
        cli_span(cli, VERIFY_MESSAGE), cli_span(cli, VERIFY_SIGNATURE));
    if (err == MU_E_CRYPTO)
        return cli_fail(cli, err, "--signature", "does not verify");
    TRY(err);
    cli_print_valid(cli);
    return MU_OK;
}

const struct cli_command tool_eccsi_verify = {
    .name = "eccsi verify",
    .help = "nothing; exit status 0 when the signature verifies, else 1",
    .options = verify_options,
    .option_count = COUNT(verify_options),
    .run = run_verify,
};
