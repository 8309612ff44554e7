/* SPDX-License-Identifier: Apache-2.0 */
/* sakke ...: the operations of RFC 6508 with parameter set 1. */
#include "mikey/sakke.h"
#include "tools/commands.h"

#define COUNT(options) (sizeof(options) / sizeof((options)[0]))

static void free_kms(struct mikey_sakke_kms **kms)
{
    mikey_sakke_kms_free(*kms);
}

static void free_user(struct mikey_sakke_user **user)
{
    mikey_sakke_user_free(*user);
}

static const struct cli_option secret_options[] = {
    {"--secret", CLI_HEX, CLI_REQUIRED, "z_T of the KMS, 128 octets"},
    {"--id", CLI_HEX, CLI_REQUIRED, "identifier: a UID, 32 octets, or other"},
};

enum secret_option {
    SECRET_SECRET,
    SECRET_ID
};

static enum mu_err read_secret(
    struct cli *cli, struct mikey_sakke_secret *secret)
{
    return cli_octets(cli, SECRET_SECRET, secret->b, sizeof(secret->b));
}

static enum mu_err run_public(struct cli *cli)
{
    MU_CLEANUP(mikey_sakke_secret_clear)
    struct mikey_sakke_secret secret = {{0}};
    uint8_t z[MIKEY_POINT_LEN];
    enum mu_err err;

    TRY(read_secret(cli, &secret));
    err = mikey_sakke_public(&secret, z);
    if (err != MU_OK)
        return cli_fail(cli, err, "--secret", "is not in 2..q-1");
    cli_print(cli, "z", SPAN_OF(z));
    return MU_OK;
}

const struct cli_command tool_sakke_public = {
    .name = "sakke public",
    .help = "Z, the public encryption key of a KMS, 257 octets",
    .options = secret_options,
    .option_count = SECRET_ID,
    .run = run_public,
};

static enum mu_err run_extract(struct cli *cli)
{
    MU_CLEANUP(mikey_sakke_secret_clear)
    struct mikey_sakke_secret secret = {{0}};
    MU_CLEANUP(mikey_rsk_clear) struct mikey_rsk rsk = {{0}};
    enum mu_err err;

    TRY(read_secret(cli, &secret));
    err = mikey_sakke_extract(
        &secret, cli_span(cli, SECRET_ID), mu_rng_system(), &rsk);
    if (err == MU_E_MALFORMED)
        return cli_fail(cli, err, "--secret, --id", "one is out of range");
    if (err != MU_OK)
        return cli_fail(cli, err, "--id", "has no key under this secret");
    cli_print(cli, "rsk", SPAN_OF(rsk.b));
    return MU_OK;
}

const struct cli_command tool_sakke_extract = {
    .name = "sakke extract",
    .help = "the RSK of an identifier, 257 octets",
    .options = secret_options,
    .option_count = COUNT(secret_options),
    .run = run_extract,
};

static enum mu_err new_kms(
    struct cli *cli, unsigned option, struct mikey_sakke_kms **kms)
{
    enum mu_err err = mikey_sakke_kms_new(cli_span(cli, option), kms);

    if (err == MU_E_CRYPTO)
        return cli_fail(
            cli, err, "--z", "is not 257 octets of a point of order q");
    return err;
}

enum rsk_option {
    RSK_Z,
    RSK_ID,
    RSK_RSK,
    RSK_SED
};

static const struct cli_option rsk_options[] = {
    [RSK_Z] = {"--z", CLI_HEX, CLI_REQUIRED, "Z of the KMS, 257 octets"},
    [RSK_ID] = {"--id", CLI_HEX, CLI_REQUIRED, "identifier of the receiver"},
    [RSK_RSK] = {"--rsk", CLI_HEX, CLI_REQUIRED,
        "RSK of the receiver, 257 octets"},
    [RSK_SED] = {"--sed", CLI_HEX, CLI_REQUIRED,
        "encapsulated data, 273 octets"},
};

/* Checks the key on the way (RFC 6508 clause 6.1.2). */
static enum mu_err new_user(struct cli *cli, const struct mikey_sakke_kms *kms,
    struct mikey_sakke_user **user)
{
    MU_CLEANUP(mikey_rsk_clear) struct mikey_rsk rsk = {{0}};
    enum mu_err err;

    TRY(cli_octets(cli, RSK_RSK, rsk.b, sizeof(rsk.b)));
    err = mikey_sakke_user_new(kms, cli_span(cli, RSK_ID), &rsk, user);
    if (err == MU_E_MALFORMED)
        return cli_fail(cli, err, "--id", "is out of range");
    if (err == MU_E_CRYPTO)
        return cli_fail(cli, err, "--rsk", "is not the key of this identifier");
    return err;
}

static enum mu_err run_validate(struct cli *cli)
{
    MU_CLEANUP(free_kms) struct mikey_sakke_kms *kms = NULL;
    MU_CLEANUP(free_user) struct mikey_sakke_user *user = NULL;

    TRY(new_kms(cli, RSK_Z, &kms));
    TRY(new_user(cli, kms, &user));
    cli_print_valid(cli);
    return MU_OK;
}

const struct cli_command tool_sakke_validate_rsk = {
    .name = "sakke validate-rsk",
    .help = "nothing; exit status 0 when the RSK is the identifier's, else 1",
    .options = rsk_options,
    .option_count = RSK_SED,
    .run = run_validate,
};

static enum mu_err run_decapsulate(struct cli *cli)
{
    MU_CLEANUP(free_kms) struct mikey_sakke_kms *kms = NULL;
    MU_CLEANUP(free_user) struct mikey_sakke_user *user = NULL;
    MU_CLEANUP(mikey_ssv_clear) struct mikey_ssv ssv = {{0}};
    enum mu_err err;

    TRY(new_kms(cli, RSK_Z, &kms));
    TRY(new_user(cli, kms, &user));
    err = mikey_sakke_decapsulate(user, cli_span(cli, RSK_SED), &ssv);
    if (err != MU_OK)
        return cli_fail(cli, err, "--sed", "cannot be decapsulated");
    cli_print(cli, "ssv", SPAN_OF(ssv.b));
    return MU_OK;
}

const struct cli_command tool_sakke_decapsulate = {
    .name = "sakke decapsulate",
    .help = "the SSV, 16 octets",
    .options = rsk_options,
    .option_count = COUNT(rsk_options),
    .run = run_decapsulate,
};

enum encapsulate_option {
    ENCAPSULATE_Z,
    ENCAPSULATE_ID,
    ENCAPSULATE_SSV
};

static const struct cli_option encapsulate_options[] = {
    [ENCAPSULATE_Z] = {"--z", CLI_HEX, CLI_REQUIRED,
        "Z of the receiver's KMS, 257 octets"},
    [ENCAPSULATE_ID] = {"--id", CLI_HEX, CLI_REQUIRED,
        "identifier of the receiver"},
    [ENCAPSULATE_SSV] = {"--ssv", CLI_HEX, CLI_REQUIRED,
        "shared secret value, 16 octets"},
};

static enum mu_err run_encapsulate(struct cli *cli)
{
    MU_CLEANUP(free_kms) struct mikey_sakke_kms *kms = NULL;
    MU_CLEANUP(mikey_ssv_clear) struct mikey_ssv ssv = {{0}};
    struct span id = cli_span(cli, ENCAPSULATE_ID);
    uint8_t sed[1][MIKEY_SED_LEN];
    enum mu_err err;

    TRY(cli_octets(cli, ENCAPSULATE_SSV, ssv.b, sizeof(ssv.b)));
    TRY(new_kms(cli, ENCAPSULATE_Z, &kms));
    err = mikey_sakke_encapsulate(kms, &ssv, &id, 1, sed);
    if (err != MU_OK)
        return cli_fail(cli, err, "--id", "is out of range");
    cli_print(cli, "sed", SPAN_OF(sed[0]));
    return MU_OK;
}

const struct cli_command tool_sakke_encapsulate = {
    .name = "sakke encapsulate",
    .help = "the encapsulated data (SED) for an identifier, 273 octets",
    .options = encapsulate_options,
    .option_count = COUNT(encapsulate_options),
    .run = run_encapsulate,
};
