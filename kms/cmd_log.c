/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The log of a KMS, for those who watch it: read alone, without shares.
 */
#include "cli/json.h"
#include "kms/commands.h"
#include "kms/session.h"

enum {
    LOG_HEAD = KMS_OPT_OPEN
};

static const struct cli_option show_options[] = {KMS_OPTIONS_OPEN};

static const struct cli_option verify_options[] = {
    KMS_OPTIONS_OPEN,
    {"--head", CLI_TEXT, CLI_OPTIONAL,
        "SEQ:HASH that a ceremony printed or a bundle carried"},
};

/* Records on their way to the output. */
struct shown {
    struct cli *cli;
    struct json json;
};

static void show_record(void *ctx, const struct mu_chain_record *record)
{
    struct shown *shown = ctx;
    struct buf *out = &shown->cli->out;
    char time[MU_TIME_TEXT];

    mu_time_write(record->unix_ms, time);
    if (shown->cli->json) {
        json_open(&shown->json, NULL, '{');
        json_number(&shown->json, "seq", record->seq);
        json_text(&shown->json, "time", span_str(time));
        json_text(&shown->json, "record", record->payload);
        json_close(&shown->json, '}');
        return;
    }
    buf_number(out, record->seq);
    buf_text(out, " ");
    buf_text(out, time);
    buf_text(out, " ");
    buf_add(out, record->payload);
    buf_text(out, "\n");
}

/* Verifies the log against a witness, if there is one. */
static enum mu_err verify(struct kms_session *s,
    const struct mu_chain_head *witness, struct shown *shown,
    struct mu_chain_report *report)
{
    struct mu_chain_check check = {.key = s->facts.log,
        .name = KMS_JOURNAL_NAME,
        .witness = witness,
        .on_record = shown != NULL ? show_record : NULL,
        .ctx = shown};
    char path[MU_PATH_MAX];
    enum mu_err err;

    kms_dir_path(&s->dir, KMS_DIR_LOG, path);
    *report = (struct mu_chain_report){.fault = MU_CHAIN_GOOD};
    err = mu_chain_file_verify(path, &check, report);
    if (report->fault != MU_CHAIN_GOOD)
        return cli_fail(s->cli, err, "log", "line %llu: %s",
            (unsigned long long)report->line,
            mu_chain_fault_text(report->fault));
    if (err != MU_OK)
        return cli_fail(s->cli, err, "log", "%s", mu_err_name(err));
    return MU_OK;
}

static enum mu_err run_show(struct cli *cli)
{
    MU_CLEANUP(kms_session_clear) struct kms_session s = {.cli = NULL};
    struct shown shown = {.cli = cli, .json = {.out = &cli->out}};
    struct mu_chain_report report;

    TRY(kms_session_look(&s, cli));
    if (cli->json)
        json_open(&shown.json, NULL, '[');
    TRY(verify(&s, NULL, &shown, &report));
    if (cli->json) {
        json_close(&shown.json, ']');
        buf_text(&cli->out, "\n");
    }
    return MU_OK;
}

static void print_head(struct cli *cli, const struct mu_chain_head *head)
{
    char text[MU_CHAIN_HEAD_TEXT];
    struct kms_result result = {"head", {NULL, 0}};

    mu_chain_head_write(head, text);
    result.text = span_str(text);
    if (cli->json) {
        kms_print(cli, &result, 1);
        return;
    }
    buf_text(&cli->out, text);
    buf_text(&cli->out, "\n");
}

static enum mu_err run_head(struct cli *cli)
{
    MU_CLEANUP(kms_session_clear) struct kms_session s = {.cli = NULL};
    struct mu_chain_report report;

    TRY(kms_session_look(&s, cli));
    TRY(verify(&s, NULL, NULL, &report));
    print_head(cli, &report.head);
    return MU_OK;
}

static enum mu_err run_verify(struct cli *cli)
{
    MU_CLEANUP(kms_session_clear) struct kms_session s = {.cli = NULL};
    const struct cli_arg *arg = &cli->args[LOG_HEAD];
    struct mu_chain_head head;
    struct mu_chain_report report;

    if (arg->given && mu_chain_head_read(span_str(arg->text), &head) != MU_OK)
        return cli_fail(cli, MU_E_MALFORMED, "--head", "is no SEQ:HASH");
    TRY(kms_session_look(&s, cli));
    TRY(verify(&s, arg->given ? &head : NULL, NULL, &report));
    print_head(cli, &report.head);
    return MU_OK;
}

const struct cli_command kms_cmd_log_show = {
    .name = "log show",
    .help = "the records of the log, after verifying it",
    .options = show_options,
    .option_count = sizeof(show_options) / sizeof(show_options[0]),
    .run = run_show,
};

const struct cli_command kms_cmd_log_head = {
    .name = "log head",
    .help = "the log's head, to be kept elsewhere as its witness",
    .options = show_options,
    .option_count = sizeof(show_options) / sizeof(show_options[0]),
    .run = run_head,
};

const struct cli_command kms_cmd_log_verify = {
    .name = "log verify",
    .help = "the log's head, when nothing was changed, moved or cut off",
    .options = verify_options,
    .option_count = sizeof(verify_options) / sizeof(verify_options[0]),
    .run = run_verify,
};
