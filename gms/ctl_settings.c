/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ctl_settings.c - gmsctl settings: a group's own policy, shown and changed.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gms/ctl.h"
#include "gms/ctl_commands.h"

enum option {
    GROUP = GMS_CTL_OWN,
    SET,
    RESET,
    OPTIONS
};

static const struct cli_option options[OPTIONS] = {
    GMS_CTL_OPTIONS,
    [GROUP] = {"GROUP", CLI_TEXT, CLI_REQUIRED, "URI of the group"},
    [SET] = {"--set", CLI_TEXTS, CLI_OPTIONAL,
        "NAME=VALUE, the value in JSON; as often as needed"},
    [RESET] = {"--reset", CLI_TEXTS, CLI_OPTIONAL,
        "NAME: back to the configuration's"},
};

static enum mu_err add_value(struct cli *cli, const char *text, json_t *patch)
{
    const char *eq = strchr(text, '=');
    json_t *value =
        eq == NULL ? NULL : json_loads(eq + 1, JSON_DECODE_ANY, NULL);
    char name[64];

    if (value == NULL || eq - text >= (int)sizeof(name)) {
        json_decref(value);
        return cli_fail(cli, MU_E_MALFORMED, "--set",
            "%s is not NAME=VALUE with a value in JSON", text);
    }
    (void)snprintf(name, sizeof(name), "%.*s", (int)(eq - text), text);
    if (json_object_set_new(patch, name, value) != 0)
        return cli_fail(cli, MU_E_MALFORMED, "--set", "is no UTF-8");
    return MU_OK;
}

static enum mu_err make_patch(struct cli *cli, json_t *patch)
{
    const struct cli_arg *set = &cli->args[SET], *reset = &cli->args[RESET];

    for (size_t i = 0; i < set->count; i++)
        TRY(add_value(cli, set->texts[i], patch));
    for (size_t i = 0; i < reset->count; i++)
        (void)json_object_set_new(patch, reset->texts[i], json_null());
    return MU_OK;
}

static void print(struct cli *cli, json_t *answer)
{
    json_t *settings = json_object_get(answer, "settings");
    const json_t *own = json_object_get(answer, "own");
    MU_CLEANUP(gms_ctl_table_clear) struct gms_ctl_table table;
    void *at = json_object_iter(settings);

    gms_ctl_table_init(&table, 3);
    gms_ctl_cell(&table, "SETTING");
    gms_ctl_cell(&table, "FROM");
    gms_ctl_cell(&table, "VALUE");
    for (; at != NULL; at = json_object_iter_next(settings, at)) {
        const char *name = json_object_iter_key(at);
        char *value = json_dumps(
            json_object_iter_value(at), JSON_ENCODE_ANY | JSON_COMPACT);

        gms_ctl_cell(&table, name);
        gms_ctl_cell(
            &table, json_object_get(own, name) != NULL ? "group" : "default");
        gms_ctl_cell(&table, value);
        free(value);
    }
    gms_ctl_table_write(&table, &cli->out);
}

static enum mu_err run(struct cli *cli)
{
    MU_CLEANUP(gms_ctl_drop) struct gms_ctl *ctl = NULL;
    MU_CLEANUP(gms_ctl_json_drop) json_t *patch = json_object();
    MU_CLEANUP(gms_ctl_json_drop) json_t *answer = NULL;
    char path[GMS_CTL_PATH_MAX];
    struct gms_ctl_ask ask = {.method = "GET", .path = path};

    TRY(make_patch(cli, patch));
    if (json_object_size(patch) > 0) {
        ask.method = "PATCH";
        ask.body = patch;
    }
    TRY(gms_ctl_open(cli, &ctl));
    gms_ctl_path(path, "/groups/", cli->args[GROUP].text, "/settings");
    TRY(gms_ctl_ask(ctl, &ask, NULL, &answer));
    if (cli->json)
        gms_ctl_print_json(cli, answer);
    else
        print(cli, answer);
    return MU_OK;
}

const struct cli_command gms_ctl_settings = {
    .name = "settings",
    .help = "a group's policy: which of it is its own, and what it is",
    .options = options,
    .option_count = OPTIONS,
    .common = GMS_CTL_OWN,
    .run = run,
};
