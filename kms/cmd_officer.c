/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kms officer add: who may approve monitoring. His key is made here, once, and
 * leaves in a file of his own.
 */
#include "kms/commands.h"
#include "kms/officers.h"
#include "kms/session.h"

#define KEY_TEXT_MAX 256

enum {
    ADD_NAME = KMS_OPT_UNLOCK,
    ADD_KEY_OUT
};

static const struct cli_option options[] = {
    KMS_OPTIONS_UNLOCK,
    {"NAME", CLI_TEXT, CLI_REQUIRED, "a-z, 0-9, '.' and '-'"},
    {"--key-out", CLI_FILE, CLI_REQUIRED, "new file for the officer's key"},
};

static enum mu_err write_key(const struct cli *cli,
    const struct kms_officer *officer, const struct mu_sign_key *key)
{
    uint8_t room[KEY_TEXT_MAX];
    struct span text;
    enum mu_err err;
    struct wr w;

    wr_init(&w, room, sizeof(room));
    err = kms_officer_key_write(&w, officer, key);
    if (err == MU_OK)
        err = wr_close(&w, &text);
    if (err == MU_OK)
        err = mu_file_create(cli->args[ADD_KEY_OUT].text, 0600, text);
    mu_wipe(room, sizeof(room));
    return err;
}

/* A new officer among those there are. */
static enum mu_err enter(struct kms_session *s,
    const struct kms_officer *officer, struct kms_officers *officers)
{
    enum mu_err err = kms_officers_load(&s->dir, &s->users, officers);

    if (err != MU_OK)
        return kms_session_refuse(s, err, KMS_DIR_OFFICERS, mu_err_name(err));
    err = kms_officers_add(officers, officer);
    if (err != MU_OK)
        return kms_session_refuse(s, err, "NAME",
            err == MU_E_STATE ? "is an officer already"
                              : "there are too many officers");
    return MU_OK;
}

static enum mu_err run(struct cli *cli)
{
    MU_CLEANUP(kms_session_clear) struct kms_session s = {.cli = NULL};
    MU_CLEANUP(mu_sign_key_clear) struct mu_sign_key key = {{0}};
    struct kms_officer officer = {.name = ""};
    struct kms_officers officers;

    if (kms_officer_name_set(&officer, span_str(cli->args[ADD_NAME].text)) !=
        MU_OK)
        return cli_fail(cli, MU_E_MALFORMED, "NAME", "has other characters");
    TRY(kms_session_unlock(&s, cli));
    TRY(mu_sign_key_make(mu_rng_system(), &key));
    TRY(mu_sign_public(&key, &officer.key));
    TRY(enter(&s, &officer, &officers));
    TRY(kms_session_log(
        &s, "officer.add", mu_log_str("officer", officer.name)));
    if (write_key(cli, &officer, &key) != MU_OK)
        return kms_session_refuse(
            &s, MU_E_IO, "--key-out", "cannot be written to");
    TRY(kms_officers_save(&s.dir, &s.users, mu_rng_system(), &officers));
    kms_session_print(&s,
        (const struct kms_result[]){{"officer", span_str(officer.name)}}, 1);
    return MU_OK;
}

const struct cli_command kms_cmd_officer_add = {
    .name = "officer add",
    .help = "the officer's name, and the head of the log",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .run = run,
};
