/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ctl_ops.c - gmsctl status, health, audit head, config check.
 */
#include <stdio.h>
#include <string.h>

#include "gms/conf.h"
#include "gms/ctl.h"
#include "gms/ctl_commands.h"

static const struct cli_option no_options[GMS_CTL_OWN] = {GMS_CTL_OPTIONS};

static enum mu_err get(struct cli *cli, const char *path, json_t **out)
{
    MU_CLEANUP(gms_ctl_drop) struct gms_ctl *ctl = NULL;

    TRY(gms_ctl_open(cli, &ctl));
    return gms_ctl_get(ctl, path, out);
}

/* ------------------------------------------------------------------- status */

static const char *yes(bool is)
{
    return is ? "yes" : "NO";
}

static void print_status(struct buf *out, const json_t *answer)
{
    const json_t *vault = json_object_get(answer, "vault");
    const json_t *keys = json_object_get(answer, "keys");
    const json_t *audit = json_object_get(answer, "audit");
    const json_t *http = json_object_get(answer, "http");

    gms_ctl_line(out, "version", gms_ctl_text(answer, "version"));
    gms_ctl_line(out, "time", gms_ctl_text(answer, "now"));
    gms_ctl_line(out, "vault up", yes(gms_ctl_bool(vault, "up")));
    gms_ctl_line(out, "own keys", yes(gms_ctl_bool(vault, "ready")));
    gms_ctl_line_number(out, "keys made", gms_ctl_number(keys, "keys_made"));
    gms_ctl_line_number(out, "wrapped", gms_ctl_number(keys, "wrapped"));
    gms_ctl_line_number(out, "signed", gms_ctl_number(keys, "signed"));
    gms_ctl_line_number(out, "fetched", gms_ctl_number(keys, "accepted"));
    gms_ctl_line_number(out, "failed", gms_ctl_number(keys, "failed"));
    gms_ctl_line_number(out, "to do", gms_ctl_number(keys, "queued"));
    gms_ctl_line(out, "audit log",
        gms_ctl_bool(audit, "failing") ? "CANNOT BE WRITTEN" : "written");
    gms_ctl_line_number(out, "lost", gms_ctl_number(audit, "lost"));
    gms_ctl_line_number(out, "clients", gms_ctl_number(http, "connections"));
}

static enum mu_err status_run(struct cli *cli)
{
    MU_CLEANUP(gms_ctl_json_drop) json_t *answer = NULL;

    TRY(get(cli, "/status", &answer));
    if (cli->json)
        gms_ctl_print_json(cli, answer);
    else
        print_status(&cli->out, answer);
    return MU_OK;
}

const struct cli_command gms_ctl_status = {
    .name = "status",
    .help = "how the server is",
    .options = no_options,
    .option_count = GMS_CTL_OWN,
    .common = GMS_CTL_OWN,
    .run = status_run,
};

/* ------------------------------------------------------------------- health */

/* Ready is who can make and sign keys now. */
static enum mu_err health_run(struct cli *cli)
{
    MU_CLEANUP(gms_ctl_json_drop) json_t *answer = NULL;
    const json_t *vault;
    bool up, ready;

    TRY(get(cli, "/status", &answer));
    vault = json_object_get(answer, "vault");
    up = gms_ctl_bool(vault, "up");
    ready = gms_ctl_bool(vault, "ready");
    if (!up || !ready)
        return cli_fail(cli, MU_E_STATE, "health",
            up ? "the server has no keys of its own for this period"
               : "the vault is down");
    if (cli->json)
        buf_text(&cli->out, "{\"healthy\":true}\n");
    else
        buf_text(&cli->out, "healthy\n");
    return MU_OK;
}

const struct cli_command gms_ctl_health = {
    .name = "health",
    .help = "\"healthy\", or fails and says why",
    .options = no_options,
    .option_count = GMS_CTL_OWN,
    .common = GMS_CTL_OWN,
    .run = health_run,
};

/* --------------------------------------------------------------- audit head */

static enum mu_err head_run(struct cli *cli)
{
    MU_CLEANUP(gms_ctl_json_drop) json_t *answer = NULL;

    TRY(get(cli, "/audit/head", &answer));
    if (cli->json) {
        gms_ctl_print_json(cli, answer);
        return MU_OK;
    }
    gms_ctl_line(&cli->out, "audit", gms_ctl_text(answer, "head"));
    gms_ctl_line(&cli->out, "vault", gms_ctl_text(answer, "vault_head"));
    return MU_OK;
}

const struct cli_command gms_ctl_audit_head = {
    .name = "audit head",
    .help =
        "the heads of audit log and vault's log, SEQ:HASH: keep them elsewhere",
    .options = no_options,
    .option_count = GMS_CTL_OWN,
    .common = GMS_CTL_OWN,
    .run = head_run,
};

/* ------------------------------------------------------------- config check */

static const struct cli_option check_options[] = {
    {"FILE", CLI_FILE, CLI_REQUIRED, "a gmsd.conf"},
};

struct faults {
    struct buf *out;
    size_t count;
};

static void on_fault(void *ctx, const char *text)
{
    struct faults *faults = ctx;

    faults->count++;
    buf_text(faults->out, text);
    buf_text(faults->out, "\n");
}

static enum mu_err check_run(struct cli *cli)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    const char *path = cli->args[0].text;
    struct faults faults = {.out = &cli->out};
    const struct mu_conf_faults sink = {on_fault, &faults};
    struct gms_conf conf;
    enum mu_err err;

    mu_arena_init(&arena, (size_t)4 << 20);
    err = gms_conf_read(path, &arena, &sink, &conf);
    if (err != MU_OK) {
        cli->print_on_failure = true; /* every fault, not the first alone */
        return cli_fail(cli, err, "config check", "%s: %s", path,
            faults.count > 0 ? "see above" : mu_err_name(err));
    }
    if (cli->json)
        buf_text(&cli->out, "{\"valid\":true}\n");
    return MU_OK;
}

const struct cli_command gms_ctl_config_check = {
    .name = "config check",
    .help = "every fault of a configuration file, or nothing",
    .options = check_options,
    .option_count = 1,
    .run = check_run,
};
