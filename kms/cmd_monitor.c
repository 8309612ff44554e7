/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kms monitor: the organisation's own lawful monitoring. A case is opened, two
 * officers approve it, and then one user's RSK of one period goes, sealed, to
 * one investigator. Every step, and every step refused, is in the log.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/text.h"
#include "kms/commands.h"
#include "kms/session.h"
#include "kms/users.h"
#include "kms/warrant.h"
#include "mcptt/uid.h"

#define KEY_FILE_MAX 1024

enum {
    OPEN_USER = KMS_OPT_OPEN,
    OPEN_PERIOD,
    OPEN_REASON,
    OPEN_INVESTIGATOR
};

enum {
    CASE_NUMBER = KMS_OPT_OPEN,
    APPROVE_KEY
};

enum {
    EXTRACT_CASE = KMS_OPT_UNLOCK,
    EXTRACT_OUT
};

enum {
    KEYGEN_OUT
};

enum {
    UNSEAL_KEY,
    UNSEAL_IN
};

static const struct cli_option open_options[] = {
    KMS_OPTIONS_OPEN,
    {"--user", CLI_URI, CLI_REQUIRED, "URI of the user"},
    {"--period", CLI_NUMBER, CLI_REQUIRED, "number of the key period"},
    {"--reason", CLI_TEXT, CLI_REQUIRED, "one line, for officers and log"},
    {"--investigator", CLI_HEX, CLI_REQUIRED, "his key, of monitor keygen"},
};

static const struct cli_option approve_options[] = {
    KMS_OPTIONS_OPEN,
    {"--case", CLI_NUMBER, CLI_REQUIRED, "its number"},
    {"--key", CLI_FILE, CLI_REQUIRED, "the officer's key file"},
};

static const struct cli_option show_options[] = {
    KMS_OPTIONS_OPEN,
    {"--case", CLI_NUMBER, CLI_REQUIRED, "its number"},
};

static const struct cli_option extract_options[] = {
    KMS_OPTIONS_UNLOCK,
    {"--case", CLI_NUMBER, CLI_REQUIRED, "its number"},
    {"--out", CLI_FILE, CLI_REQUIRED, "new file for the investigator"},
};

static const struct cli_option keygen_options[] = {
    {"--key-out", CLI_FILE, CLI_REQUIRED, "new file for the secret key"},
};

static const struct cli_option unseal_options[] = {
    {"--key", CLI_FILE, CLI_REQUIRED, "file of monitor keygen"},
    {"--in", CLI_FILE, CLI_REQUIRED, "file of monitor extract"},
};

static enum mu_err load_case(
    struct kms_session *s, uint64_t number, struct kms_case *c)
{
    enum mu_err err = kms_case_load(&s->dir, number, c);

    if (err != MU_OK)
        return kms_session_refuse(s, err, "--case",
            err == MU_E_NOT_FOUND ? "there is none of that number"
                                  : "its file was changed");
    return MU_OK;
}

static void print_case(struct kms_session *s, const struct kms_case *c)
{
    char number[24];

    (void)snprintf(number, sizeof(number), "%" PRIu64, c->number);
    kms_session_print(
        s, (const struct kms_result[]){{"case", span_str(number)}}, 1);
}

static enum mu_err run_open(struct cli *cli)
{
    MU_CLEANUP(kms_session_clear) struct kms_session s = {.cli = NULL};
    struct kms_case c = {.period = cli->args[OPEN_PERIOD].number};

    if (mcptt_id_set(&c.user_uri, span_str(cli->args[OPEN_USER].text)) != MU_OK)
        return cli_fail(cli, MU_E_MALFORMED, "--user", "is no identity");
    if (kms_case_reason_set(&c, span_str(cli->args[OPEN_REASON].text)) != MU_OK)
        return cli_fail(cli, MU_E_MALFORMED, "--reason",
            "is not one line of 1 to 512 characters");
    TRY(cli_octets(
        cli, OPEN_INVESTIGATOR, c.investigator.b, sizeof(c.investigator.b)));
    TRY(kms_session_begin(&s, cli));
    c.kms_uri = s.facts.uri;
    c.opened_s = s.now_s;
    TRY(kms_case_add(&s.dir, &c));
    TRY(kms_session_log(&s, "monitor.open", mu_log_u64("case", c.number),
        mu_log_octets("user", mcptt_id_span(&c.user_uri)),
        mu_log_u64("period", c.period), mu_log_str("reason", c.reason)));
    print_case(&s, &c);
    return MU_OK;
}

static enum mu_err read_officer(
    struct kms_session *s, struct kms_officer *officer, struct mu_sign_key *key)
{
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    const char *path = s->cli->args[APPROVE_KEY].text;
    enum mu_err err = mu_file_read(path, KEY_FILE_MAX, &text);

    if (err == MU_OK)
        err = kms_officer_key_read(buf_span(&text), officer, key);
    if (err != MU_OK)
        return kms_session_refuse(s, err, "--key", "is no officer's key file");
    return MU_OK;
}

/* A first look; what counts is checked when the shares are there. */
static enum mu_err check_officer(
    struct kms_session *s, const struct kms_officer *officer)
{
    struct kms_officers officers;
    const struct kms_officer *known;

    TRY(kms_officers_load(&s->dir, NULL, &officers));
    known = kms_officers_find(&officers, officer->name);
    if (known == NULL ||
        !span_eq(SPAN_OF(known->key.b), SPAN_OF(officer->key.b)))
        return kms_session_refuse(
            s, MU_E_DENIED, "--key", "is not that of an officer");
    return MU_OK;
}

static enum mu_err run_approve(struct cli *cli)
{
    MU_CLEANUP(kms_session_clear) struct kms_session s = {.cli = NULL};
    MU_CLEANUP(mu_sign_key_clear) struct mu_sign_key key = {{0}};
    struct kms_officer officer = {.name = ""};
    struct kms_case c = {.number = 0};
    enum mu_err err;

    TRY(kms_session_begin(&s, cli));
    TRY(load_case(&s, cli->args[CASE_NUMBER].number, &c));
    TRY(read_officer(&s, &officer, &key));
    TRY(check_officer(&s, &officer));
    err = kms_case_approve(&c, &officer, &key);
    if (err != MU_OK)
        return kms_session_refuse(&s, err, "--key",
            err == MU_E_STATE ? "this officer approved already"
                              : mu_err_name(err));
    TRY(kms_session_log(&s, "monitor.approve", mu_log_u64("case", c.number),
        mu_log_str("officer", officer.name)));
    TRY(kms_case_save(&s.dir, &c));
    print_case(&s, &c);
    return MU_OK;
}

static enum mu_err run_show(struct cli *cli)
{
    MU_CLEANUP(kms_session_clear) struct kms_session s = {.cli = NULL};
    char number[24], period[24], approvals[24];
    struct kms_case c = {.number = 0};

    TRY(kms_session_look(&s, cli));
    TRY(load_case(&s, cli->args[CASE_NUMBER].number, &c));
    (void)snprintf(number, sizeof(number), "%" PRIu64, c.number);
    (void)snprintf(period, sizeof(period), "%" PRIu64, c.period);
    (void)snprintf(approvals, sizeof(approvals), "%zu", c.approval_count);
    kms_print(cli,
        (const struct kms_result[]){
            {"case", span_str(number)},
            {"user", mcptt_id_span(&c.user_uri)},
            {"period", span_str(period)},
            {"reason", span_str(c.reason)},
            {"approvals", span_str(approvals)},
        },
        5);
    return MU_OK;
}

/* Whether the case may be carried out: approved, ours, of a user of ours. */
static enum mu_err check_case(struct kms_session *s, const struct kms_case *c)
{
    MU_CLEANUP(kms_users_clear) struct kms_users users = {NULL, 0, 0};
    struct kms_officers officers;
    enum mu_err err = kms_officers_load(&s->dir, &s->users, &officers);

    if (err == MU_OK)
        err = kms_case_check(c, &officers);
    if (err == MU_E_DENIED)
        return kms_session_refuse(
            s, err, "--case", "two officers have not approved it");
    if (err != MU_OK)
        return kms_session_refuse(
            s, err, "--case", "it, its approvals or the officers were changed");
    if (!mcptt_id_eq(&c->kms_uri, &s->facts.uri))
        return kms_session_refuse(s, MU_E_DENIED, "--case", "is not ours");
    TRY(kms_users_load(&s->dir, &users, NULL));
    if (kms_users_find(&users, mcptt_id_span(&c->user_uri)) == NULL)
        return kms_session_refuse(
            s, MU_E_NOT_FOUND, "--case", "is of nobody that we know");
    return MU_OK;
}

static void free_sakke(struct mikey_sakke_kms **kms)
{
    mikey_sakke_kms_free(*kms);
}

/* The RSK, checked as the user would. */
static enum mu_err extract(
    struct kms_session *s, const struct kms_case *c, struct mikey_rsk *rsk)
{
    MU_CLEANUP(free_sakke) struct mikey_sakke_kms *kms = NULL;
    struct mcptt_uid_source source = {.identity = mcptt_id_span(&c->user_uri),
        .kms = mcptt_id_span(&c->kms_uri),
        .rule = s->facts.rule,
        .number = c->period};
    struct mcptt_uid uid;

    TRY(mcptt_uid_derive(&source, &uid));
    TRY(mikey_sakke_extract(
        &s->master.z, SPAN_OF(uid.b), mu_rng_system(), rsk));
    TRY(mikey_sakke_kms_new(SPAN_OF(s->facts.keys.z), &kms));
    return mikey_sakke_validate_rsk(kms, SPAN_OF(uid.b), rsk);
}

static enum mu_err write_warrant(struct kms_session *s,
    const struct kms_case *c, const struct mikey_rsk *rsk)
{
    MU_CLEANUP(buf_clear) struct buf room = {.p = NULL};
    struct span text;
    struct wr w;

    if (!buf_reserve(&room, KMS_WARRANT_TEXT_MAX))
        return room.err;
    wr_init(&w, room.p, KMS_WARRANT_TEXT_MAX);
    TRY(kms_warrant_write(&w, c, rsk, mu_rng_system()));
    TRY(wr_close(&w, &text));
    if (mu_file_create(s->cli->args[EXTRACT_OUT].text, 0600, text) != MU_OK)
        return kms_session_refuse(s, MU_E_IO, "--out", "cannot be written to");
    return MU_OK;
}

static enum mu_err run_extract(struct cli *cli)
{
    MU_CLEANUP(kms_session_clear) struct kms_session s = {.cli = NULL};
    MU_CLEANUP(mikey_rsk_clear) struct mikey_rsk rsk = {{0}};
    struct kms_case c = {.number = 0};

    TRY(kms_session_unlock(&s, cli));
    TRY(load_case(&s, cli->args[EXTRACT_CASE].number, &c));
    TRY(check_case(&s, &c));
    TRY(kms_session_log(&s, "monitor.extract", mu_log_u64("case", c.number),
        mu_log_octets("user", mcptt_id_span(&c.user_uri)),
        mu_log_u64("period", c.period)));
    TRY(extract(&s, &c, &rsk));
    TRY(write_warrant(&s, &c, &rsk));
    print_case(&s, &c);
    return MU_OK;
}

static enum mu_err run_keygen(struct cli *cli)
{
    MU_CLEANUP(kms_import_key_clear) struct kms_import_key key = {{0}};
    struct kms_import_public public;

    TRY(kms_import_key_make(mu_rng_system(), &key));
    TRY(kms_import_key_public(&key, &public));
    if (mu_file_create(cli->args[KEYGEN_OUT].text, 0600, SPAN_OF(key.b)) !=
        MU_OK)
        return cli_fail(cli, MU_E_IO, "--key-out", "cannot be written to");
    cli_print(cli, "investigator", SPAN_OF(public.b));
    return MU_OK;
}

static enum mu_err read_key(struct cli *cli, struct kms_import_key *out)
{
    MU_CLEANUP(buf_clear) struct buf octets = {.p = NULL};
    struct rd r;
    struct span key;

    if (mu_file_read(cli->args[UNSEAL_KEY].text, KEY_FILE_MAX, &octets) !=
        MU_OK)
        return cli_fail(cli, MU_E_IO, "--key", "cannot be read");
    rd_init(&r, buf_span(&octets));
    key = rd_span(&r, sizeof(out->b), "key");
    if (rd_close(&r) != MU_OK)
        return cli_fail(cli, MU_E_MALFORMED, "--key", "is no key");
    for (size_t i = 0; i < key.len; i++)
        out->b[i] = key.p[i];
    return MU_OK;
}

static enum mu_err run_unseal(struct cli *cli)
{
    MU_CLEANUP(kms_import_key_clear) struct kms_import_key key = {{0}};
    MU_CLEANUP(mikey_rsk_clear) struct mikey_rsk rsk = {{0}};
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    struct kms_case c = {.number = 0};
    enum mu_err err;

    TRY(read_key(cli, &key));
    if (mu_file_read(cli->args[UNSEAL_IN].text, KMS_WARRANT_TEXT_MAX, &text) !=
        MU_OK)
        return cli_fail(cli, MU_E_IO, "--in", "cannot be read");
    err = kms_warrant_open(buf_span(&text), &key, &c, &rsk);
    if (err != MU_OK)
        return cli_fail(cli, err, "--in",
            err == MU_E_NOT_FOUND ? "is for another key" : "was changed");
    cli_print(cli, "rsk", SPAN_OF(rsk.b));
    return MU_OK;
}

#define COUNT(options) (sizeof(options) / sizeof((options)[0]))

const struct cli_command kms_cmd_monitor_open = {
    .name = "monitor open",
    .help = "the number of the new case, and the head of the log",
    .options = open_options,
    .option_count = COUNT(open_options),
    .run = run_open,
};

const struct cli_command kms_cmd_monitor_approve = {
    .name = "monitor approve",
    .help = "the number of the case, and the head of the log",
    .options = approve_options,
    .option_count = COUNT(approve_options),
    .run = run_approve,
};

const struct cli_command kms_cmd_monitor_extract = {
    .name = "monitor extract",
    .help = "the number of the case, and the head of the log",
    .options = extract_options,
    .option_count = COUNT(extract_options),
    .run = run_extract,
};

const struct cli_command kms_cmd_monitor_show = {
    .name = "monitor show",
    .help = "what the case says",
    .options = show_options,
    .option_count = COUNT(show_options),
    .run = run_show,
};

const struct cli_command kms_cmd_monitor_keygen = {
    .name = "monitor keygen",
    .help = "the public half of an investigator's new key",
    .options = keygen_options,
    .option_count = COUNT(keygen_options),
    .run = run_keygen,
};

const struct cli_command kms_cmd_monitor_unseal = {
    .name = "monitor unseal",
    .help = "the RSK, for its investigator",
    .options = unseal_options,
    .option_count = COUNT(unseal_options),
    .run = run_unseal,
};
