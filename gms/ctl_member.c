/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ctl_member.c - gmsctl member ...
 */
#include "gms/ctl.h"
#include "gms/ctl_commands.h"

#define WAIT_S 60

enum option {
    GROUP = GMS_CTL_OWN,
    MEMBER,
    /* Of add and retarget; of remove; of undo none. */
    TO,
    NAME = TO,
    HARD = TO,
    NO_WAIT,
    TO_NAME,
    RETARGET_OPTIONS
};

#define OPERANDS                                                               \
    [GROUP] = {"GROUP", CLI_TEXT, CLI_REQUIRED, "URI of the group"},           \
    [MEMBER] = {"MEMBER", CLI_TEXT, CLI_REQUIRED, "URI of the member"}
#define FOLLOWS                                                                \
    {                                                                          \
        "--no-wait", CLI_FLAG, CLI_OPTIONAL,                                   \
            "do not follow the delivery of the new key"                        \
    }

/* What a change of members is; the answer is printed in one way for all. */
struct change {
    const char *method, *behind; /* of the path: what stands after him */
    const json_t *body;
    bool rekeys; /* and is to be followed */
};

static void print(struct cli *cli, const json_t *answer)
{
    const json_t *delivery = json_object_get(answer, "delivery");

    if (cli->json) {
        gms_ctl_print_json(cli, answer);
        return;
    }
    gms_ctl_line(&cli->out, "group", gms_ctl_text(answer, "group"));
    gms_ctl_line(&cli->out, "member", gms_ctl_text(answer, "member"));
    if (gms_ctl_text(answer, "replaced") != NULL)
        gms_ctl_line(&cli->out, "instead of", gms_ctl_text(answer, "replaced"));
    if (gms_ctl_text(answer, "stop") != NULL)
        gms_ctl_line(&cli->out, "stop", gms_ctl_text(answer, "stop"));
    if (json_object_get(answer, "cancelled") != NULL)
        gms_ctl_line(&cli->out, "new key",
            gms_ctl_bool(answer, "cancelled") ? "not needed any more"
                                              : "goes to him, too");
    if (gms_ctl_text(delivery, "gmk_id") == NULL)
        return;
    gms_ctl_line(&cli->out, "new key", gms_ctl_text(delivery, "gmk_id"));
    gms_ctl_line(&cli->out, "from", gms_ctl_text(delivery, "since"));
    gms_ctl_line_number(
        &cli->out, "ready for", gms_ctl_number(delivery, "ready"));
}

static enum mu_err run(struct cli *cli, const struct change *change)
{
    MU_CLEANUP(gms_ctl_drop) struct gms_ctl *ctl = NULL;
    MU_CLEANUP(gms_ctl_json_drop) json_t *answer = NULL;
    MU_CLEANUP(gms_ctl_json_drop) json_t *delivery = NULL;
    const char *group = cli->args[GROUP].text;
    char path[GMS_CTL_PATH_MAX];
    struct gms_ctl_ask ask = {
        .method = change->method, .path = path, .body = change->body};
    json_int_t epoch = 0;

    TRY(gms_ctl_open(cli, &ctl));
    if (change->rekeys)
        TRY(gms_ctl_epoch(ctl, group, &epoch));
    gms_ctl_path(path, "/groups/", group, "/members/", cli->args[MEMBER].text,
        change->behind);
    TRY(gms_ctl_ask(ctl, &ask, NULL, &answer));
    if (change->rekeys) {
        TRY(gms_ctl_follow(ctl, group, epoch, WAIT_S, &delivery));
        (void)json_object_set(answer, "delivery", delivery);
    }
    print(cli, answer);
    return MU_OK;
}

/* ---------------------------------------------------------------------- add */

static const struct cli_option add_options[] = {
    GMS_CTL_OPTIONS,
    OPERANDS,
    [NAME] = {"--name", CLI_TEXT, CLI_OPTIONAL, "what people call him"},
};

static enum mu_err add_run(struct cli *cli)
{
    MU_CLEANUP(gms_ctl_drop) struct gms_ctl *ctl = NULL;
    MU_CLEANUP(gms_ctl_json_drop) json_t *body = NULL;
    MU_CLEANUP(gms_ctl_json_drop) json_t *answer = NULL;
    char path[GMS_CTL_PATH_MAX];
    struct gms_ctl_ask ask = {.method = "POST", .path = path};

    body = json_pack("{s:s, s:s*}", "uri", cli->args[MEMBER].text, "name",
        cli->args[NAME].text);
    if (body == NULL)
        return cli_fail(
            cli, MU_E_MALFORMED, "member add", "a text is no UTF-8");
    ask.body = body;
    TRY(gms_ctl_open(cli, &ctl));
    gms_ctl_path(path, "/groups/", cli->args[GROUP].text, "/members");
    TRY(gms_ctl_ask(ctl, &ask, NULL, &answer));
    print(cli, answer);
    return MU_OK;
}

const struct cli_command gms_ctl_member_add = {
    .name = "member add",
    .help = "who was put in; he gets the present key",
    .options = add_options,
    .option_count = sizeof(add_options) / sizeof(add_options[0]),
    .common = GMS_CTL_OWN,
    .run = add_run,
};

/* ------------------------------------------------------------------- remove */

static const struct cli_option remove_options[] = {
    GMS_CTL_OPTIONS,
    OPERANDS,
    [HARD] = {"--hard", CLI_FLAG, CLI_OPTIONAL,
        "his device is in wrong hands: at once, and without undo"},
    [NO_WAIT] = FOLLOWS,
};

static enum mu_err remove_run(struct cli *cli)
{
    const struct change change = {.method = "DELETE",
        .behind = cli->args[HARD].given ? "?stop=hard" : "?stop=soft",
        .rekeys = !cli->args[NO_WAIT].given};

    return run(cli, &change);
}

const struct cli_command gms_ctl_member_remove = {
    .name = "member remove",
    .help = "who was taken out, when the others' new key is ready",
    .options = remove_options,
    .option_count = sizeof(remove_options) / sizeof(remove_options[0]),
    .common = GMS_CTL_OWN,
    .run = remove_run,
};

/* ----------------------------------------------------------------- retarget */

static const struct cli_option retarget_options[RETARGET_OPTIONS] = {
    GMS_CTL_OPTIONS,
    OPERANDS,
    [TO] = {"TO", CLI_TEXT, CLI_REQUIRED, "URI of who takes his place"},
    [NO_WAIT] = FOLLOWS,
    [TO_NAME] = {"--name", CLI_TEXT, CLI_OPTIONAL, "what people call him"},
};

static enum mu_err retarget_run(struct cli *cli)
{
    MU_CLEANUP(gms_ctl_json_drop) json_t *body = NULL;
    struct change change = {.method = "POST",
        .behind = "/retarget",
        .rekeys = !cli->args[NO_WAIT].given};

    body = json_pack("{s:s, s:s*}", "to", cli->args[TO].text, "name",
        cli->args[TO_NAME].text);
    if (body == NULL)
        return cli_fail(
            cli, MU_E_MALFORMED, "member retarget", "a text is no UTF-8");
    change.body = body;
    return run(cli, &change);
}

const struct cli_command gms_ctl_member_retarget = {
    .name = "member retarget",
    .help = "who came in the place of whom, when the new key is ready",
    .options = retarget_options,
    .option_count = RETARGET_OPTIONS,
    .common = GMS_CTL_OWN,
    .run = retarget_run,
};

/* --------------------------------------------------------------------- undo */

static const struct cli_option undo_options[] = {GMS_CTL_OPTIONS, OPERANDS};

static enum mu_err undo_run(struct cli *cli)
{
    const struct change change = {.method = "POST", .behind = "/undo"};

    return run(cli, &change);
}

const struct cli_command gms_ctl_member_undo = {
    .name = "member undo",
    .help = "who is back after a soft stop",
    .options = undo_options,
    .option_count = sizeof(undo_options) / sizeof(undo_options[0]),
    .common = GMS_CTL_OWN,
    .run = undo_run,
};
