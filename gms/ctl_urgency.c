/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ctl_urgency.c - gmsctl urgency: what a group's call is like, where no MCPTT
 * server says so.
 */
#include "gms/ctl.h"
#include "gms/ctl_commands.h"

enum option {
    GROUP = GMS_CTL_OWN,
    CONDITION,
    TALKER,
    AFFILIATED,
    FOR,
    OPTIONS
};

static const struct cli_option options[OPTIONS] = {
    GMS_CTL_OPTIONS,
    [GROUP] = {"GROUP", CLI_TEXT, CLI_REQUIRED, "URI of the group"},
    [CONDITION] = {"--condition", CLI_TEXT, CLI_REQUIRED,
        "emergency, imminent-peril or normal"},
    [TALKER] = {"--talker", CLI_FILES, CLI_OPTIONAL,
        "URI of a member who talks; as often as needed"},
    [AFFILIATED] = {"--affiliated", CLI_FILES, CLI_OPTIONAL,
        "URI of a member who is affiliated; as often as needed"},
    [FOR] = {"--for", CLI_NUMBER, CLI_OPTIONAL, "seconds that it holds, 3600"},
};

static json_t *list_of(const struct cli_arg *arg)
{
    json_t *list = json_array();

    for (size_t i = 0; i < arg->count; i++)
        (void)json_array_append_new(list, json_string(arg->texts[i]));
    return list;
}

static enum mu_err make_body(struct cli *cli, json_t **out)
{
    const struct cli_arg *args = cli->args;

    *out = json_pack("{s:s, s:o, s:o}", "condition", args[CONDITION].text,
        "talkers", list_of(&args[TALKER]), "affiliated",
        list_of(&args[AFFILIATED]));
    if (*out == NULL)
        return cli_fail(cli, MU_E_MALFORMED, "urgency", "a text is no UTF-8");
    if (args[FOR].given)
        (void)json_object_set_new(
            *out, "for_s", json_integer((json_int_t)args[FOR].number));
    return MU_OK;
}

static enum mu_err run(struct cli *cli)
{
    MU_CLEANUP(gms_ctl_drop) struct gms_ctl *ctl = NULL;
    MU_CLEANUP(gms_ctl_json_drop) json_t *body = NULL;
    MU_CLEANUP(gms_ctl_json_drop) json_t *answer = NULL;
    char path[GMS_CTL_PATH_MAX];
    struct gms_ctl_ask ask = {.method = "POST", .path = path};

    TRY(make_body(cli, &body));
    ask.body = body;
    TRY(gms_ctl_open(cli, &ctl));
    gms_ctl_path(path, "/groups/", cli->args[GROUP].text, "/urgency");
    TRY(gms_ctl_ask(ctl, &ask, NULL, &answer));
    if (cli->json) {
        gms_ctl_print_json(cli, answer);
        return MU_OK;
    }
    gms_ctl_line(&cli->out, "condition", gms_ctl_text(answer, "condition"));
    gms_ctl_line(&cli->out, "until", gms_ctl_text(answer, "until"));
    return MU_OK;
}

const struct cli_command gms_ctl_urgency = {
    .name = "urgency",
    .help = "tells what a group's call is like, so that its keys go first",
    .options = options,
    .option_count = OPTIONS,
    .common = GMS_CTL_OWN,
    .run = run,
};
