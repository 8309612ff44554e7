/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ctl_kek.c - gmsctl kek status, kek rotate: what each of the keys that seal
 * the store has sealed, and all of it under the newest (gmsd(8), "Another
 * KEK").
 */
#include <stdio.h>
#include <unistd.h>

#include "gms/ctl.h"
#include "gms/ctl_commands.h"

#define LOOK_MS 200 /* between two looks */

static const struct cli_option no_options[GMS_CTL_OWN] = {GMS_CTL_OPTIONS};

static const char *role_of(const json_t *kek)
{
    if (gms_ctl_bool(kek, "seals"))
        return "seals";
    return gms_ctl_bool(kek, "configured") ? "opens" : "MISSING";
}

static void print_keks(struct buf *out, const json_t *answer)
{
    MU_CLEANUP(gms_ctl_table_clear) struct gms_ctl_table table;
    const json_t *keks = json_object_get(answer, "keks");
    static const char *const head[] = {
        "KEK-ID", "USE", "KEYS", "ENVELOPES", "IDENTITY"};

    gms_ctl_table_init(&table, sizeof(head) / sizeof(head[0]));
    for (size_t i = 0; i < sizeof(head) / sizeof(head[0]); i++)
        gms_ctl_cell(&table, head[i]);
    for (size_t i = 0; i < json_array_size(keks); i++) {
        const json_t *kek = json_array_get(keks, i);

        gms_ctl_cell(&table, gms_ctl_text(kek, "kek"));
        gms_ctl_cell(&table, role_of(kek));
        gms_ctl_cell_number(&table, gms_ctl_number(kek, "keys"));
        gms_ctl_cell_number(&table, gms_ctl_number(kek, "envelopes"));
        gms_ctl_cell(&table, gms_ctl_bool(kek, "identity") ? "yes" : "");
    }
    gms_ctl_table_write(&table, out);
}

/* Of the one that runs, or that was just done. */
static void print_rotation(struct buf *out, const json_t *answer)
{
    const json_t *rotation = json_object_get(answer, "rotation");
    json_int_t dropped = gms_ctl_number(rotation, "dropped");
    json_int_t unreadable = gms_ctl_number(rotation, "unreadable");

    gms_ctl_line(out, "rotation",
        gms_ctl_bool(rotation, "running") ? "under way" : "none under way");
    if (dropped > 0)
        gms_ctl_line_number(out, "dropped", dropped);
    if (unreadable > 0)
        gms_ctl_line_number(out, "UNREADABLE", unreadable);
    gms_ctl_line_number(out, "left", gms_ctl_number(answer, "left"));
    if (gms_ctl_number(answer, "left") == 0)
        buf_text(out, "nothing is left under an older KEK\n");
}

static void print(struct cli *cli, const json_t *answer)
{
    if (cli->json) {
        gms_ctl_print_json(cli, answer);
        return;
    }
    print_keks(&cli->out, answer);
    print_rotation(&cli->out, answer);
}

static enum mu_err status_run(struct cli *cli)
{
    MU_CLEANUP(gms_ctl_drop) struct gms_ctl *ctl = NULL;
    MU_CLEANUP(gms_ctl_json_drop) json_t *answer = NULL;

    TRY(gms_ctl_open(cli, &ctl));
    TRY(gms_ctl_get(ctl, "/kek", &answer));
    print(cli, answer);
    return MU_OK;
}

static void show(const json_t *answer)
{
    const json_t *rotation = json_object_get(answer, "rotation");

    if (isatty(STDERR_FILENO) == 1)
        (void)fprintf(stderr, "\r%lld done, %lld left ",
            (long long)(gms_ctl_number(rotation, "keys") +
                        gms_ctl_number(rotation, "envelopes")),
            (long long)gms_ctl_number(answer, "left"));
}

static void show_end(void)
{
    if (isatty(STDERR_FILENO) == 1)
        (void)fputs("\r\033[K", stderr);
}

static bool is_running(const json_t *answer)
{
    return gms_ctl_bool(json_object_get(answer, "rotation"), "running");
}

static enum mu_err follow(struct gms_ctl *ctl, json_t **answer)
{
    enum mu_err err = MU_OK;

    while (err == MU_OK && is_running(*answer)) {
        show(*answer);
        gms_ctl_wait_ms(ctl, LOOK_MS);
        json_decref(*answer);
        *answer = NULL;
        err = gms_ctl_get(ctl, "/kek", answer);
    }
    show_end();
    return err;
}

static enum mu_err rotate_run(struct cli *cli)
{
    MU_CLEANUP(gms_ctl_drop) struct gms_ctl *ctl = NULL;
    MU_CLEANUP(gms_ctl_json_drop) json_t *answer = NULL;
    const struct gms_ctl_ask ask = {.method = "POST", .path = "/kek/rotate"};
    json_int_t left;

    TRY(gms_ctl_open(cli, &ctl));
    TRY(gms_ctl_ask(ctl, &ask, NULL, &answer));
    TRY(follow(ctl, &answer));
    print(cli, answer);
    left = gms_ctl_number(answer, "left");
    if (left == 0)
        return MU_OK;
    cli->print_on_failure = true; /* where it is */
    return cli_fail(cli, MU_E_STATE, "kek rotate",
        "%lld objects are still under an older KEK: keep it", (long long)left);
}

const struct cli_command gms_ctl_kek_status = {
    .name = "kek status",
    .help = "the keys that seal the store, and what is sealed under each",
    .options = no_options,
    .option_count = GMS_CTL_OWN,
    .common = GMS_CTL_OWN,
    .run = status_run,
};

const struct cli_command gms_ctl_kek_rotate = {
    .name = "kek rotate",
    .help = "seals under the newest KEK what older ones seal",
    .options = no_options,
    .option_count = GMS_CTL_OWN,
    .common = GMS_CTL_OWN,
    .run = rotate_run,
};
