/* SPDX-License-Identifier: Apache-2.0 */
/* uid, guk-id, srtp: what TS 33.180 derives without a message. */
#include "tools/commands.h"

#include "mcptt/key_id.h"
#include "mcptt/srtp.h"
#include "mcptt/uid.h"
#include "mikey/rand.h"

enum uid_option {
    UID_IDENTITY,
    UID_KMS,
    UID_PERIOD,
    UID_LENGTH,
    UID_OFFSET
};

static const struct cli_option uid_options[] = {
    [UID_IDENTITY] = {"--identity", CLI_URI, CLI_REQUIRED,
        "URI of the user, octet for octet"},
    [UID_KMS] = {"--kms", CLI_URI, CLI_REQUIRED,
        "URI of the user's KMS, octet for octet"},
    [UID_PERIOD] = {"--period", CLI_NUMBER, CLI_REQUIRED,
        "number of the key period"},
    [UID_LENGTH] = {"--length", CLI_NUMBER, CLI_OPTIONAL,
        "length of a key period in seconds; 2592000"},
    [UID_OFFSET] = {"--offset", CLI_NUMBER, CLI_OPTIONAL,
        "offset of the key periods in seconds; 0"},
};

static enum mu_err run_uid(struct cli *cli)
{
    const struct cli_arg *args = cli->args;
    struct mcptt_uid_source source = {
        .identity = span_str(args[UID_IDENTITY].text),
        .kms = span_str(args[UID_KMS].text),
        .rule = {2592000, args[UID_OFFSET].number},
        .number = args[UID_PERIOD].number,
    };
    struct mcptt_uid uid;

    if (args[UID_LENGTH].given)
        source.rule.length_s = args[UID_LENGTH].number;
    if (source.identity.len == 0 || source.identity.len > MCPTT_ID_MAX)
        return cli_fail(cli, MU_E_MALFORMED, "--identity",
            "has %zu octets, not 1 to %d", source.identity.len, MCPTT_ID_MAX);
    if (source.kms.len == 0 || source.kms.len > MCPTT_ID_MAX)
        return cli_fail(cli, MU_E_MALFORMED, "--kms",
            "has %zu octets, not 1 to %d", source.kms.len, MCPTT_ID_MAX);
    TRY(mcptt_uid_derive(&source, &uid));
    cli_print(cli, "uid", SPAN_OF(uid.b));
    return MU_OK;
}

const struct cli_command tool_uid = {
    .name = "uid",
    .help = "the UID of a user in a key period, 32 octets",
    .options = uid_options,
    .option_count = sizeof(uid_options) / sizeof(uid_options[0]),
    .run = run_uid,
};

enum guk_option {
    GUK_GMK,
    GUK_GMK_ID,
    GUK_USER
};

static const struct cli_option guk_options[] = {
    [GUK_GMK] = {"--gmk", CLI_HEX, CLI_REQUIRED, "GMK, 16 octets"},
    [GUK_GMK_ID] = {"--gmk-id", CLI_HEX, CLI_REQUIRED, "GMK-ID, 8 hex digits"},
    [GUK_USER] = {"--user", CLI_URI, CLI_REQUIRED,
        "URI of the member, octet for octet"},
};

static enum mu_err run_guk_id(struct cli *cli)
{
    MU_CLEANUP(mcptt_gmk_clear) struct mcptt_gmk gmk = {{0}};
    struct span user = span_str(cli->args[GUK_USER].text);
    struct mcptt_key_id gmk_id, guk_id;
    uint8_t octets[MCPTT_KEY_ID_LEN];
    struct wr w;

    TRY(cli_octets(cli, GUK_GMK, gmk.b, sizeof(gmk.b)));
    TRY(cli_u32(cli, GUK_GMK_ID, &gmk_id.v));
    if (user.len == 0 || user.len > MCPTT_ID_MAX)
        return cli_fail(cli, MU_E_MALFORMED, "--user",
            "has %zu octets, not 1 to %d", user.len, MCPTT_ID_MAX);
    TRY(mcptt_guk_id_derive(&gmk, gmk_id, user, &guk_id));
    wr_init(&w, octets, sizeof(octets));
    mcptt_key_id_write(&w, guk_id);
    cli_print(cli, "guk_id", wr_so_far(&w));
    return MU_OK;
}

const struct cli_command tool_guk_id = {
    .name = "guk-id",
    .help = "the GUK-ID under which a member receives a GMK, 8 hex digits",
    .options = guk_options,
    .option_count = sizeof(guk_options) / sizeof(guk_options[0]),
    .run = run_guk_id,
};

enum srtp_option {
    SRTP_KEY,
    SRTP_CSB_ID,
    SRTP_RAND,
    SRTP_CS_ID
};

static const struct cli_option srtp_options[] = {
    [SRTP_KEY] = {"--key", CLI_HEX, CLI_REQUIRED,
        "GMK, PCK, CSK or MuSiK, 16 octets"},
    [SRTP_CSB_ID] = {"--csb-id", CLI_HEX, CLI_REQUIRED,
        "8 hex digits; for a GMK the sender's GUK-ID"},
    [SRTP_RAND] = {"--rand", CLI_HEX, CLI_REQUIRED,
        "RAND of the message, 16 octets or more"},
    [SRTP_CS_ID] = {"--cs-id", CLI_NUMBER, CLI_REQUIRED,
        "4 for the media of an MCPTT group call"},
};

static enum mu_err run_srtp(struct cli *cli)
{
    MU_CLEANUP(mcptt_key_clear) struct mcptt_key key = {.kind = MCPTT_KIND_GMK};
    MU_CLEANUP(mcptt_srtp_clear) struct mcptt_srtp srtp = {.key = {{0}}};
    struct mcptt_srtp_source source = {.key = &key};
    uint64_t cs_id = cli->args[SRTP_CS_ID].number;

    TRY(cli_octets(cli, SRTP_KEY, key.b, sizeof(key.b)));
    TRY(cli_u32(cli, SRTP_CSB_ID, &source.csb_id.v));
    source.rand = cli_span(cli, SRTP_RAND);
    /* RFC 3830 clause 6.11 */
    if (source.rand.len < MIKEY_RAND_MIN || source.rand.len > UINT8_MAX)
        return cli_fail(cli, MU_E_MALFORMED, "--rand",
            "has %zu octets, not %d to %d", source.rand.len, MIKEY_RAND_MIN,
            UINT8_MAX);
    if (cs_id > UINT8_MAX)
        return cli_fail(
            cli, MU_E_MALFORMED, "--cs-id", "is greater than %d", UINT8_MAX);
    source.cs_id = (uint8_t)cs_id;
    TRY(mcptt_srtp_derive(&source, &srtp));
    cli_print_two(
        cli, (struct cli_result[2]){{"master_key", SPAN_OF(srtp.key.b)},
                 {"master_salt", SPAN_OF(srtp.salt.b)}});
    return MU_OK;
}

const struct cli_command tool_srtp = {
    .name = "srtp",
    .help = "SRTP master_key, 16 octets, and master_salt, 12",
    .options = srtp_options,
    .option_count = sizeof(srtp_options) / sizeof(srtp_options[0]),
    .run = run_srtp,
};
