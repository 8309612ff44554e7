/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/session.h"

#include <stdio.h>

#include "cli/json.h"
#include "kms/terminal.h"

#define SHARE_FILE_MAX 4096

void kms_session_clear(struct kms_session *s)
{
    kms_journal_close(s->journal);
    s->journal = NULL;
    kms_master_clear(&s->master);
    mu_keyring_clear(&s->users);
}

enum mu_err kms_session_init(struct kms_session *s, struct cli *cli)
{
    const struct cli_arg *now = &cli->args[KMS_OPT_NOW];

    s->cli = cli;
    s->now_s =
        now->given ? now->number : mu_clock_unix_ms(mu_clock_system()) / 1000;
    if (s->now_s > MU_TIME_MAX_MS / 1000)
        return cli_fail(cli, MU_E_MALFORMED, "--now", "is after the year 9999");
    if (kms_dir_set(&s->dir, cli->args[KMS_OPT_DIR].text) != MU_OK)
        return cli_fail(cli, MU_E_NO_SPACE, "--dir", "is too long or empty");
    return MU_OK;
}

enum mu_err kms_session_look(struct kms_session *s, struct cli *cli)
{
    enum mu_err err;

    TRY(kms_session_init(s, cli));
    err = kms_facts_load(&s->dir, &s->facts);
    if (err == MU_E_NOT_FOUND)
        return cli_fail(cli, err, "--dir", "is no directory of a KMS");
    if (err != MU_OK)
        return cli_fail(cli, err, KMS_DIR_CONF, "%s", mu_err_name(err));
    if (s->facts.test_key && !cli->args[KMS_OPT_TEST_KEY].given)
        return cli_fail(cli, MU_E_DENIED, "--insecure-test-key",
            "is missing: this KMS keeps no secret");
    if (!s->facts.test_key && cli->args[KMS_OPT_TEST_KEY].given)
        return cli_fail(cli, MU_E_DENIED, "--insecure-test-key",
            "is for test KMSs; this is none");
    return MU_OK;
}

enum mu_err kms_session_begin(struct kms_session *s, struct cli *cli)
{
    struct mu_chain_report report = {.fault = MU_CHAIN_GOOD};
    enum mu_err err;

    TRY(kms_session_look(s, cli));
    err = kms_journal_open(&s->dir, &s->facts.log, &report, &s->journal);
    if (err == MU_E_STATE)
        return cli_fail(cli, err, "--dir", "somebody else is working on it");
    if (err == MU_E_CRYPTO && report.line > 0)
        return cli_fail(cli, err, "log", "line %llu: %s",
            (unsigned long long)report.line, mu_chain_fault_text(report.fault));
    if (err != MU_OK)
        return cli_fail(cli, err, "log", "%s", mu_err_name(err));
    return MU_OK;
}

enum mu_err kms_session_write(struct kms_session *s, const char *event,
    const struct mu_log_field *fields, size_t count)
{
    enum mu_err err =
        kms_journal_write(s->journal, s->now_s * 1000, event, fields, count);

    if (err != MU_OK)
        return cli_fail(s->cli, err, "log", "%s", mu_err_name(err));
    return MU_OK;
}

enum mu_err kms_session_refuse(
    struct kms_session *s, enum mu_err err, const char *what, const char *why)
{
    (void)cli_fail(s->cli, err, what, "%s", why);
    if (s->journal != NULL) {
        enum mu_err logged = kms_session_log(s, "refused",
            mu_log_str("command", s->cli->command->name),
            mu_log_str("what", what), mu_log_str("why", why));

        if (logged != MU_OK) /* the refusal stands, and is what to say */
            return err;
    }
    return err;
}

/* The shares of one unlocking; wiped. */
struct shares {
    struct kms_share share[KMS_SHARES_MAX];
    size_t count;
};

static void shares_clear(struct shares *shares)
{
    mu_wipe(shares, sizeof(*shares));
}

static enum mu_err take_file(
    struct kms_session *s, const char *path, struct shares *shares)
{
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    enum mu_err err = mu_file_read(path, SHARE_FILE_MAX, &text);

    if (err == MU_OK)
        err = kms_share_read(buf_span(&text), &shares->share[shares->count]);
    if (err == MU_E_CRYPTO)
        return kms_session_refuse(
            s, err, "share", "does not match its checksum: mistyped?");
    if (err != MU_OK)
        return kms_session_refuse(s, err, "share",
            err == MU_E_MALFORMED ? "is not a share" : mu_err_name(err));
    shares->count++;
    return MU_OK;
}

/* Asks until one is typed without a mistake. */
static enum mu_err take_typed(struct kms_terminal *terminal, unsigned number,
    unsigned of, struct shares *shares)
{
    MU_CLEANUP(buf_clear) struct buf line = {.p = NULL};
    char prompt[80];

    (void)snprintf(
        prompt, sizeof(prompt), "Share %u of %u (not shown): ", number, of);
    for (;;) {
        TRY(kms_terminal_ask(terminal, prompt, &line));
        if (kms_share_read(buf_span(&line), &shares->share[shares->count]) ==
            MU_OK)
            break;
        TRY(kms_terminal_say(
            terminal, "That is no share: a character is wrong or missing.\n"));
    }
    shares->count++;
    return MU_OK;
}

static enum mu_err take_all_typed(struct kms_session *s, struct shares *shares)
{
    MU_CLEANUP(kms_terminal_close) struct kms_terminal terminal;

    if (kms_terminal_open(&terminal) != MU_OK)
        return kms_session_refuse(s, MU_E_NOT_FOUND, "--share",
            "is missing, and there is no terminal to type shares at");
    for (unsigned i = 1; i <= s->facts.threshold; i++)
        if (take_typed(&terminal, i, s->facts.threshold, shares) != MU_OK)
            return kms_session_refuse(s, MU_E_IO, "terminal", "cannot be read");
    return MU_OK;
}

static enum mu_err join(struct kms_session *s, const struct shares *shares,
    struct kms_sealing_key *out)
{
    enum mu_err err = kms_shares_join(shares->share, shares->count, out);

    switch (err) {
    case MU_E_NOT_FOUND:
        return kms_session_refuse(s, err, "shares", "are too few");
    case MU_E_STATE:
        return kms_session_refuse(s, err, "shares", "one is given twice");
    case MU_E_DENIED:
    case MU_E_CRYPTO:
        return kms_session_refuse(
            s, err, "shares", "are not of one key, or of another splitting");
    default:
        return err;
    }
}

static enum mu_err sealing_key(
    struct kms_session *s, struct kms_sealing_key *out)
{
    MU_CLEANUP(shares_clear) struct shares shares = {.count = 0};
    const struct cli_arg *files = &s->cli->args[KMS_OPT_SHARE];

    if (s->facts.test_key)
        return kms_sealing_key_test(out);
    for (size_t i = 0; i < files->count; i++)
        TRY(take_file(s, files->texts[i], &shares));
    if (files->count == 0)
        TRY(take_all_typed(s, &shares));
    return join(s, &shares, out);
}

static enum mu_err open_master(
    struct kms_session *s, const struct kms_sealing_key *key)
{
    enum mu_err err = kms_master_load(&s->dir, key, &s->facts, &s->master);

    if (err == MU_E_NOT_FOUND)
        return kms_session_refuse(s, err, "shares", "are those of another KMS");
    if (err == MU_E_CRYPTO)
        return kms_session_refuse(
            s, err, "master", "kms.conf or master.sealed was changed");
    if (err != MU_OK)
        return kms_session_refuse(s, err, "master", mu_err_name(err));
    return mu_keyring_add(&s->users, &s->master.users);
}

enum mu_err kms_session_unlock(struct kms_session *s, struct cli *cli)
{
    MU_CLEANUP(kms_sealing_key_clear) struct kms_sealing_key key = {{0}};

    TRY(kms_session_begin(s, cli));
    TRY(sealing_key(s, &key));
    TRY(open_master(s, &key));
    return kms_session_log(
        s, "unlock", mu_log_str("command", cli->command->name));
}

static void print_fields(struct cli *cli, struct json *j,
    const struct kms_result *results, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (cli->json) {
            json_text(j, results[i].name, results[i].text);
            continue;
        }
        buf_text(&cli->out, results[i].name);
        buf_text(&cli->out, " ");
        buf_add(&cli->out, results[i].text);
        buf_text(&cli->out, "\n");
    }
}

static void print_two(struct cli *cli, const struct kms_result *results,
    size_t count, const struct kms_result *last)
{
    struct json j = {.out = &cli->out};

    if (cli->json)
        json_open(&j, NULL, '{');
    print_fields(cli, &j, results, count);
    print_fields(cli, &j, last, last != NULL ? 1 : 0);
    if (!cli->json)
        return;
    json_close(&j, '}');
    buf_text(&cli->out, "\n");
}

void kms_print(struct cli *cli, const struct kms_result *results, size_t count)
{
    print_two(cli, results, count, NULL);
}

void kms_session_print(
    struct kms_session *s, const struct kms_result *results, size_t count)
{
    char text[MU_CHAIN_HEAD_TEXT];
    struct kms_result head = {"head", {NULL, 0}};

    mu_chain_head_write(kms_journal_head(s->journal), text);
    head.text = span_str(text);
    print_two(s->cli, results, count, &head);
}
