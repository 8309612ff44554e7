/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ctl_verify.c - gmsctl audit verify: the logs as files, without a server,
 * which might be the one that is suspected.
 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "gms/ctl.h"
#include "gms/ctl_commands.h"
#include "gms/verify.h"

enum option {
    AUDIT,
    VAULT,
    AUDIT_KEY,
    VAULT_KEY,
    HEAD,
    VAULT_HEAD,
    OPTIONS
};

static const struct cli_option options[OPTIONS] = {
    [AUDIT] = {"--audit", CLI_FILE, CLI_REQUIRED, "the front's audit log"},
    [VAULT] = {"--vault", CLI_FILE, CLI_REQUIRED, "the vault's own log"},
    [AUDIT_KEY] = {"--audit-key", CLI_HEX, CLI_OPTIONAL,
        "who signs the first; otherwise whom it names itself"},
    [VAULT_KEY] = {"--vault-key", CLI_HEX, CLI_OPTIONAL,
        "who signs the second; otherwise whom it names itself"},
    [HEAD] = {"--head", CLI_TEXT, CLI_OPTIONAL,
        "SEQ:HASH of the audit log that was kept elsewhere"},
    [VAULT_HEAD] = {"--vault-head", CLI_TEXT, CLI_OPTIONAL,
        "the same of the vault's log"},
};

/* What stands behind " key=" in the payload of record 0. */
static enum mu_err read_named(struct span payload, struct mu_verify_key *out)
{
    static const char name[] = " key=";
    size_t want = strlen(name) + 2 * sizeof(out->b), len = 0;

    for (size_t i = 0; i + want <= payload.len; i++)
        if (memcmp(payload.p + i, name, strlen(name)) == 0)
            return mu_hex_read(
                (struct span){payload.p + i + strlen(name), 2 * sizeof(out->b)},
                out->b, sizeof(out->b), &len);
    return MU_E_MALFORMED;
}

/* The key that record 0 names. It proves that one key signed all of the log,
 * and nothing about whose it is: with --audit-key it does. */
static enum mu_err find_key(
    struct cli *cli, const char *path, struct mu_verify_key *out)
{
    MU_CLEANUP(buf_clear) struct buf file = {0};
    struct mu_chain_record record;
    const uint8_t *end = NULL;

    if (mu_file_read(path, SIZE_MAX / 2, &file) != MU_OK || file.len == 0)
        return cli_fail(cli, MU_E_IO, path, "cannot be read");
    end = memchr(file.p, '\n', file.len);
    if (end == NULL ||
        mu_chain_record_read(
            (struct span){file.p, (size_t)(end - file.p)}, &record) != MU_OK ||
        read_named(record.payload, out) != MU_OK)
        return cli_fail(cli, MU_E_MALFORMED, path, "does not begin as a log");
    return MU_OK;
}

static enum mu_err read_key(struct cli *cli, enum option file, enum option key,
    struct mu_verify_key *out)
{
    if (!cli->args[key].given)
        return find_key(cli, cli->args[file].text, out);
    return cli_octets(cli, key, out->b, sizeof(out->b));
}

static enum mu_err read_head(struct cli *cli, enum option option,
    struct mu_chain_head *head, const struct mu_chain_head **out)
{
    const struct cli_arg *arg = &cli->args[option];

    if (!arg->given)
        return MU_OK;
    if (mu_chain_head_read(span_str(arg->text), head) != MU_OK)
        return cli_fail(
            cli, MU_E_MALFORMED, options[option].name, "is no SEQ:HASH");
    *out = head;
    return MU_OK;
}

/* -------------------------------------------------------------------- output
 */

struct found {
    json_t *breaches;
};

static json_t *text_of(struct span text)
{
    json_t *json = text.len == 0 ? json_null()
                                 : json_stringn((const char *)text.p, text.len);

    return json != NULL ? json : json_string("(no UTF-8)");
}

static void on_breach(void *ctx, const struct gms_breach *breach)
{
    struct found *found = ctx;

    (void)json_array_append_new(found->breaches,
        json_pack("{s:s, s:s, s:I, s:o, s:o, s:I, s:o}", "what",
            gms_breach_text(breach->kind), "log",
            breach->in_vault_log ? "vault" : "audit", "line",
            (json_int_t)breach->line, "group", text_of(breach->group), "member",
            text_of(breach->member), "epoch", (json_int_t)breach->epoch,
            "key_id", json_sprintf("%08x", (unsigned)breach->key_id.v)));
}

static json_t *form_log(const struct mu_chain_report *report)
{
    char head[MU_CHAIN_HEAD_TEXT] = "";

    if (report->records > 0)
        mu_chain_head_write(&report->head, head);
    return json_pack("{s:s, s:I, s:I, s:s}", "fault",
        mu_chain_fault_text(report->fault), "line", (json_int_t)report->line,
        "records", (json_int_t)report->records, "head", head);
}

static void print_breaches(struct buf *out, const json_t *breaches)
{
    MU_CLEANUP(gms_ctl_table_clear) struct gms_ctl_table table;

    gms_ctl_table_init(&table, 5);
    gms_ctl_cell(&table, "LOG");
    gms_ctl_cell(&table, "LINE");
    gms_ctl_cell(&table, "WHAT");
    gms_ctl_cell(&table, "GROUP");
    gms_ctl_cell(&table, "MEMBER");
    for (size_t i = 0; i < json_array_size(breaches); i++) {
        const json_t *breach = json_array_get(breaches, i);

        gms_ctl_cell(&table, gms_ctl_text(breach, "log"));
        gms_ctl_cell_number(&table, gms_ctl_number(breach, "line"));
        gms_ctl_cell(&table, gms_ctl_text(breach, "what"));
        gms_ctl_cell(&table, gms_ctl_text(breach, "group"));
        gms_ctl_cell(&table, gms_ctl_text(breach, "member"));
    }
    if (json_array_size(breaches) > 0)
        gms_ctl_table_write(&table, out);
}

static void print(struct cli *cli, const struct gms_verify_report *report,
    const json_t *breaches)
{
    MU_CLEANUP(gms_ctl_json_drop) json_t *all = NULL;

    all = json_pack("{s:o, s:o, s:I, s:I, s:O}", "audit",
        form_log(&report->audit), "vault", form_log(&report->vault), "lost",
        (json_int_t)report->lost, "pending", (json_int_t)report->pending,
        "breaches", breaches);
    if (cli->json) {
        gms_ctl_print_json(cli, all);
        return;
    }
    gms_ctl_line(&cli->out, "audit head",
        gms_ctl_text(json_object_get(all, "audit"), "head"));
    gms_ctl_line(&cli->out, "vault head",
        gms_ctl_text(json_object_get(all, "vault"), "head"));
    gms_ctl_line_number(&cli->out, "lost", (json_int_t)report->lost);
    gms_ctl_line_number(&cli->out, "pending", (json_int_t)report->pending);
    gms_ctl_line_number(
        &cli->out, "breaches", (json_int_t)json_array_size(breaches));
    print_breaches(&cli->out, breaches);
}

static enum mu_err fail(
    struct cli *cli, enum mu_err err, const struct gms_verify_report *report)
{
    const struct mu_chain_report *bad = &report->audit;
    const char *name = "audit log";

    if (err == MU_E_DENIED)
        return cli_fail(cli, err, "audit verify",
            "%llu things were done that nobody was allowed to ask for",
            (unsigned long long)report->breaches);
    if (err != MU_E_CRYPTO)
        return cli_fail(cli, err, "audit verify", "%s", mu_err_name(err));
    if (bad->fault == MU_CHAIN_GOOD || bad->fault == MU_CHAIN_TORN) {
        bad = &report->vault;
        name = "vault's log";
    }
    return cli_fail(cli, err, name, "line %llu: %s",
        (unsigned long long)bad->line, mu_chain_fault_text(bad->fault));
}

static enum mu_err run(struct cli *cli)
{
    MU_CLEANUP(gms_ctl_json_drop) json_t *breaches = json_array();
    struct found found = {breaches};
    struct mu_chain_head heads[2];
    struct gms_verify_config config = {
        .audit = {.path = cli->args[AUDIT].text},
        .vault = {.path = cli->args[VAULT].text},
        .now_ms = mu_clock_unix_ms(mu_clock_system()),
        .grace_ms = GMS_VERIFY_GRACE_MS,
        .skew_ms = GMS_VERIFY_SKEW_MS,
        .on_breach = on_breach,
        .ctx = &found,
    };
    struct gms_verify_report report = {.breaches = 0};
    enum mu_err err;

    TRY(read_key(cli, AUDIT, AUDIT_KEY, &config.audit.key));
    TRY(read_key(cli, VAULT, VAULT_KEY, &config.vault.key));
    TRY(read_head(cli, HEAD, &heads[0], &config.audit.witness));
    TRY(read_head(cli, VAULT_HEAD, &heads[1], &config.vault.witness));
    err = gms_verify(&config, &report);
    if (err == MU_OK || err == MU_E_DENIED)
        print(cli, &report, breaches);
    if (err == MU_OK)
        return MU_OK;
    cli->print_on_failure = err == MU_E_DENIED; /* what was found, by name */
    return fail(cli, err, &report);
}

const struct cli_command gms_ctl_audit_verify = {
    .name = "audit verify",
    .help = "whether the logs are whole, and say of all that was done that it "
            "was allowed",
    .options = options,
    .option_count = OPTIONS,
    .run = run,
};
