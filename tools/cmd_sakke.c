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

static const struct tool_option secret_options[] = {
    {"--secret", TOOL_HEX, TOOL_REQUIRED, "z_T of the KMS, 128 octets"},
    {"--id", TOOL_HEX, TOOL_REQUIRED, "identifier: a UID, 32 octets, or other"},
};

enum secret_option {
    SECRET_SECRET,
    SECRET_ID
};

static enum mu_err read_secret(
    struct tool *tool, struct mikey_sakke_secret *secret)
{
    return tool_octets(tool, SECRET_SECRET, secret->b, sizeof(secret->b));
}

static enum mu_err run_public(struct tool *tool)
{
    MU_CLEANUP(mikey_sakke_secret_clear)
    struct mikey_sakke_secret secret = {{0}};
    uint8_t z[MIKEY_POINT_LEN];
    enum mu_err err;

    TRY(read_secret(tool, &secret));
    err = mikey_sakke_public(&secret, z);
    if (err != MU_OK)
        return tool_fail(tool, err, "--secret", "is not in 2..q-1");
    tool_print(tool, "z", SPAN_OF(z));
    return MU_OK;
}

const struct tool_command tool_sakke_public = {
    .name = "sakke public",
    .help = "Z, the public encryption key of a KMS, 257 octets",
    .options = secret_options,
    .option_count = SECRET_ID,
    .run = run_public,
};

static enum mu_err run_extract(struct tool *tool)
{
    MU_CLEANUP(mikey_sakke_secret_clear)
    struct mikey_sakke_secret secret = {{0}};
    MU_CLEANUP(mikey_rsk_clear) struct mikey_rsk rsk = {{0}};
    enum mu_err err;

    TRY(read_secret(tool, &secret));
    err = mikey_sakke_extract(
        &secret, tool_span(tool, SECRET_ID), mu_rng_system(), &rsk);
    if (err == MU_E_MALFORMED)
        return tool_fail(tool, err, "--secret, --id", "one is out of range");
    if (err != MU_OK)
        return tool_fail(tool, err, "--id", "has no key under this secret");
    tool_print(tool, "rsk", SPAN_OF(rsk.b));
    return MU_OK;
}

const struct tool_command tool_sakke_extract = {
    .name = "sakke extract",
    .help = "the RSK of an identifier, 257 octets",
    .options = secret_options,
    .option_count = COUNT(secret_options),
    .run = run_extract,
};

static enum mu_err new_kms(
    struct tool *tool, unsigned option, struct mikey_sakke_kms **kms)
{
    enum mu_err err = mikey_sakke_kms_new(tool_span(tool, option), kms);

    if (err == MU_E_CRYPTO)
        return tool_fail(
            tool, err, "--z", "is not 257 octets of a point of order q");
    return err;
}

enum rsk_option {
    RSK_Z,
    RSK_ID,
    RSK_RSK,
    RSK_SED
};

static const struct tool_option rsk_options[] = {
    [RSK_Z] = {"--z", TOOL_HEX, TOOL_REQUIRED, "Z of the KMS, 257 octets"},
    [RSK_ID] = {"--id", TOOL_HEX, TOOL_REQUIRED, "identifier of the receiver"},
    [RSK_RSK] = {"--rsk", TOOL_HEX, TOOL_REQUIRED,
        "RSK of the receiver, 257 octets"},
    [RSK_SED] = {"--sed", TOOL_HEX, TOOL_REQUIRED,
        "encapsulated data, 273 octets"},
};

/* Checks the key on the way (RFC 6508 clause 6.1.2). */
static enum mu_err new_user(struct tool *tool,
    const struct mikey_sakke_kms *kms, struct mikey_sakke_user **user)
{
    MU_CLEANUP(mikey_rsk_clear) struct mikey_rsk rsk = {{0}};
    enum mu_err err;

    TRY(tool_octets(tool, RSK_RSK, rsk.b, sizeof(rsk.b)));
    err = mikey_sakke_user_new(kms, tool_span(tool, RSK_ID), &rsk, user);
    if (err == MU_E_MALFORMED)
        return tool_fail(tool, err, "--id", "is out of range");
    if (err == MU_E_CRYPTO)
        return tool_fail(
            tool, err, "--rsk", "is not the key of this identifier");
    return err;
}

static enum mu_err run_validate(struct tool *tool)
{
    MU_CLEANUP(free_kms) struct mikey_sakke_kms *kms = NULL;
    MU_CLEANUP(free_user) struct mikey_sakke_user *user = NULL;

    TRY(new_kms(tool, RSK_Z, &kms));
    TRY(new_user(tool, kms, &user));
    tool_print_valid(tool);
    return MU_OK;
}

const struct tool_command tool_sakke_validate_rsk = {
    .name = "sakke validate-rsk",
    .help = "nothing; exit status 0 when the RSK is the identifier's, else 1",
    .options = rsk_options,
    .option_count = RSK_SED,
    .run = run_validate,
};

static enum mu_err run_decapsulate(struct tool *tool)
{
    MU_CLEANUP(free_kms) struct mikey_sakke_kms *kms = NULL;
    MU_CLEANUP(free_user) struct mikey_sakke_user *user = NULL;
    MU_CLEANUP(mikey_ssv_clear) struct mikey_ssv ssv = {{0}};
    enum mu_err err;

    TRY(new_kms(tool, RSK_Z, &kms));
    TRY(new_user(tool, kms, &user));
    err = mikey_sakke_decapsulate(user, tool_span(tool, RSK_SED), &ssv);
    if (err != MU_OK)
        return tool_fail(tool, err, "--sed", "cannot be decapsulated");
    tool_print(tool, "ssv", SPAN_OF(ssv.b));
    return MU_OK;
}

const struct tool_command tool_sakke_decapsulate = {
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

static const struct tool_option encapsulate_options[] = {
    [ENCAPSULATE_Z] = {"--z", TOOL_HEX, TOOL_REQUIRED,
        "Z of the receiver's KMS, 257 octets"},
    [ENCAPSULATE_ID] = {"--id", TOOL_HEX, TOOL_REQUIRED,
        "identifier of the receiver"},
    [ENCAPSULATE_SSV] = {"--ssv", TOOL_HEX, TOOL_REQUIRED,
        "shared secret value, 16 octets"},
};

static enum mu_err run_encapsulate(struct tool *tool)
{
    MU_CLEANUP(free_kms) struct mikey_sakke_kms *kms = NULL;
    MU_CLEANUP(mikey_ssv_clear) struct mikey_ssv ssv = {{0}};
    struct span id = tool_span(tool, ENCAPSULATE_ID);
    uint8_t sed[1][MIKEY_SED_LEN];
    enum mu_err err;

    TRY(tool_octets(tool, ENCAPSULATE_SSV, ssv.b, sizeof(ssv.b)));
    TRY(new_kms(tool, ENCAPSULATE_Z, &kms));
    err = mikey_sakke_encapsulate(kms, &ssv, &id, 1, sed);
    if (err != MU_OK)
        return tool_fail(tool, err, "--id", "is out of range");
    tool_print(tool, "sed", SPAN_OF(sed[0]));
    return MU_OK;
}

const struct tool_command tool_sakke_encapsulate = {
    .name = "sakke encapsulate",
    .help = "the encapsulated data (SED) for an identifier, 273 octets",
    .options = encapsulate_options,
    .option_count = COUNT(encapsulate_options),
    .run = run_encapsulate,
};
