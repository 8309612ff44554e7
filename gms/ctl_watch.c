/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ctl_watch.c - gmsctl watch: events as they happen, one a line, until it is
 * interrupted. When the server goes, it comes back to it where it was.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gms/ctl.h"
#include "gms/ctl_commands.h"

#define BACK_MS 1000 /* before the server is asked again */

enum option {
    GROUP = GMS_CTL_OWN,
    AFTER,
    COUNT,
    OPTIONS
};

static const struct cli_option options[OPTIONS] = {
    GMS_CTL_OPTIONS,
    [GROUP] = {"--group", CLI_URI, CLI_OPTIONAL, "this group alone"},
    [AFTER] = {"--after", CLI_NUMBER, CLI_OPTIONAL,
        "go on behind this event; otherwise what happens from now on"},
    [COUNT] = {"--count", CLI_NUMBER, CLI_OPTIONAL, "end after so many"},
};

struct watch {
    struct cli *cli;
    json_int_t last; /* event seen */
    uint64_t left;   /* UINT64_MAX: no end */
    enum mu_err err; /* of the output */
};

static void print_data(struct buf *out, const json_t *event)
{
    const json_t *data = json_object_get(event, "data");
    char *text = json_is_object(data) && json_object_size(data) > 0
                     ? json_dumps(data, JSON_COMPACT | JSON_ENSURE_ASCII)
                     : NULL;

    if (text != NULL) {
        buf_text(out, " ");
        buf_text(out, text);
    }
    free(text);
}

static void print(struct cli *cli, const json_t *event)
{
    const char *at = gms_ctl_text(event, "at");
    const char *name = gms_ctl_text(event, "name");
    const char *group = gms_ctl_text(event, "group");

    if (cli->json) {
        gms_ctl_print_json(cli, event);
        return;
    }
    buf_text(&cli->out, at != NULL ? at : "-");
    buf_text(&cli->out, " ");
    buf_text(&cli->out, name != NULL ? name : "-");
    buf_text(&cli->out, " ");
    buf_text(&cli->out, group != NULL ? group : "-");
    print_data(&cli->out, event);
    buf_text(&cli->out, "\n");
}

static bool on_event(void *ctx, const json_t *event)
{
    struct watch *watch = ctx;
    const char *want = watch->cli->args[GROUP].text;
    const char *group = gms_ctl_text(event, "group");

    watch->last = gms_ctl_number(event, "seq");
    if (want != NULL && (group == NULL || strcmp(group, want) != 0))
        return true;
    print(watch->cli, event);
    watch->err = gms_ctl_flush(watch->cli);
    if (watch->left != UINT64_MAX)
        watch->left--;
    return watch->err == MU_OK && watch->left > 0;
}

/* The number of the event that happened last: what is before it is old. */
static enum mu_err find_end(struct gms_ctl *ctl, json_int_t *last)
{
    bool more = true;

    while (more) {
        MU_CLEANUP(gms_ctl_json_drop) json_t *page = NULL;
        char path[96];

        (void)snprintf(path, sizeof(path), "/events?after=%lld&most=1000",
            (long long)*last);
        TRY(gms_ctl_get(ctl, path, &page));
        *last = gms_ctl_number(page, "last");
        more = gms_ctl_bool(page, "more");
    }
    return MU_OK;
}

static enum mu_err run(struct cli *cli)
{
    MU_CLEANUP(gms_ctl_drop) struct gms_ctl *ctl = NULL;
    struct watch watch = {.cli = cli, .left = UINT64_MAX};

    if (cli->args[COUNT].given)
        watch.left = cli->args[COUNT].number;
    if (cli->args[AFTER].given)
        watch.last = (json_int_t)cli->args[AFTER].number;
    TRY(gms_ctl_open(cli, &ctl));
    if (!cli->args[AFTER].given)
        TRY(find_end(ctl, &watch.last));
    while (watch.left > 0) {
        char path[96];

        (void)snprintf(
            path, sizeof(path), "/events?after=%lld", (long long)watch.last);
        TRY(gms_ctl_stream(ctl, path, on_event, &watch));
        TRY(watch.err);
        if (watch.left > 0)
            gms_ctl_wait_ms(ctl, BACK_MS);
    }
    return MU_OK;
}

const struct cli_command gms_ctl_watch = {
    .name = "watch",
    .help = "what happens, as it happens: time, event, group, details",
    .options = options,
    .option_count = OPTIONS,
    .common = GMS_CTL_OWN,
    .run = run,
};
