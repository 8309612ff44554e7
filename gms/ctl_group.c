/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ctl_group.c - gmsctl group ...
 */
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "gms/ctl.h"
#include "gms/ctl_commands.h"

#define MEMBERS_FILE_MAX (4U << 20)
#define WAIT_DEFAULT_S   60

/* ------------------------------------------------------------------- create */

enum create_option {
    ID = GMS_CTL_OWN,
    NAME,
    OWNER,
    MEMBER,
    MEMBERS,
    INCIDENT,
    PRIORITY,
    NO_WAIT,
    CREATE_OPTIONS
};

static const struct cli_option create_options[CREATE_OPTIONS] = {
    GMS_CTL_OPTIONS,
    [ID] = {"GROUP", CLI_TEXT, CLI_REQUIRED, "URI of the group"},
    [NAME] = {"--name", CLI_TEXT, CLI_OPTIONAL, "what people call it"},
    [OWNER] = {"--owner", CLI_URI, CLI_OPTIONAL,
        "its owner; otherwise who asks"},
    [MEMBER] = {"--member", CLI_URIS, CLI_OPTIONAL,
        "a member; as often as needed"},
    [MEMBERS] = {"--members", CLI_FILE, CLI_OPTIONAL,
        "a file with a URI, and perhaps a name, on each line"},
    [INCIDENT] = {"--incident", CLI_FLAG, CLI_OPTIONAL,
        "emergency and imminent peril calls allowed, high priority"},
    [PRIORITY] = {"--priority", CLI_NUMBER, CLI_OPTIONAL, "0 to 255"},
    [NO_WAIT] = {"--no-wait", CLI_FLAG, CLI_OPTIONAL,
        "do not follow the delivery of the key"},
};

static const char *create_check(const struct cli *cli)
{
    if (!cli->args[MEMBER].given && !cli->args[MEMBERS].given)
        return "--member or --members is needed";
    return NULL;
}

/* "URI name of the person": the name is optional. */
static void add_line(json_t *members, char *line)
{
    size_t uri = strcspn(line, " \t");
    const char *name = line + uri + strspn(line + uri, " \t");

    if (line[0] == '\0' || line[0] == '#')
        return;
    (void)json_array_append_new(members,
        name[0] == '\0'
            ? json_stringn(line, uri)
            : json_pack("{s:s%, s:s}", "uri", line, uri, "name", name));
}

static enum mu_err add_file(struct cli *cli, json_t *members)
{
    MU_CLEANUP(buf_clear) struct buf file = {0};
    const char *path = cli->args[MEMBERS].text;
    char *line, *rest = NULL;
    enum mu_err err;

    if (path == NULL)
        return MU_OK;
    err = mu_file_read(path, MEMBERS_FILE_MAX, &file);
    if (err != MU_OK)
        return cli_fail(cli, err, "--members", "%s cannot be read", path);
    buf_add(&file, (struct span){(const uint8_t *)"", 1});
    TRY(file.err);
    for (line = strtok_r((char *)file.p, "\r\n", &rest); line != NULL;
         line = strtok_r(NULL, "\r\n", &rest))
        add_line(members, line);
    return MU_OK;
}

static enum mu_err make_body(struct cli *cli, json_t **out)
{
    MU_CLEANUP(gms_ctl_json_drop) json_t *members = json_array();
    const struct cli_arg *args = cli->args;

    for (size_t i = 0; i < args[MEMBER].count; i++)
        (void)json_array_append_new(
            members, json_string(args[MEMBER].texts[i]));
    TRY(add_file(cli, members));
    *out = json_pack("{s:s, s:s*, s:s*, s:O, s:s}", "id", args[ID].text, "name",
        args[NAME].text, "owner", args[OWNER].text, "members", members,
        "template", args[INCIDENT].given ? "incident" : "plain");
    if (*out == NULL)
        return cli_fail(
            cli, MU_E_MALFORMED, "group create", "a text is no UTF-8");
    if (args[PRIORITY].given)
        (void)json_object_set_new(
            *out, "priority", json_integer((json_int_t)args[PRIORITY].number));
    return MU_OK;
}

static enum mu_err print_created(struct gms_ctl *ctl, json_t *created)
{
    struct cli *cli = gms_ctl_cli(ctl);
    MU_CLEANUP(gms_ctl_json_drop) json_t *delivery = NULL;

    if (!cli->args[NO_WAIT].given) {
        TRY(gms_ctl_follow(
            ctl, cli->args[ID].text, 0, WAIT_DEFAULT_S, &delivery));
        (void)json_object_set(created, "delivery", delivery);
    }
    if (cli->json) {
        gms_ctl_print_json(cli, created);
        return MU_OK;
    }
    gms_ctl_line(&cli->out, "group", gms_ctl_text(created, "id"));
    gms_ctl_line_number(
        &cli->out, "members", gms_ctl_number(created, "members"));
    if (gms_ctl_text(delivery, "gmk_id") != NULL) {
        gms_ctl_line(&cli->out, "key", gms_ctl_text(delivery, "gmk_id"));
        gms_ctl_line_number(
            &cli->out, "ready for", gms_ctl_number(delivery, "ready"));
    }
    return MU_OK;
}

static enum mu_err create_run(struct cli *cli)
{
    MU_CLEANUP(gms_ctl_drop) struct gms_ctl *ctl = NULL;
    MU_CLEANUP(gms_ctl_json_drop) json_t *body = NULL;
    MU_CLEANUP(gms_ctl_json_drop) json_t *created = NULL;
    struct gms_ctl_ask ask = {.method = "POST", .path = "/groups"};

    TRY(make_body(cli, &body));
    TRY(gms_ctl_open(cli, &ctl));
    ask.body = body;
    TRY(gms_ctl_ask(ctl, &ask, NULL, &created));
    return print_created(ctl, created);
}

const struct cli_command gms_ctl_group_create = {
    .name = "group create",
    .help = "what was made, when everybody's message is ready",
    .options = create_options,
    .option_count = CREATE_OPTIONS,
    .common = GMS_CTL_OWN,
    .check = create_check,
    .run = create_run,
};

/* --------------------------------------------------------------------- list */

static const struct cli_option list_options[GMS_CTL_OWN] = {GMS_CTL_OPTIONS};

/* All pages into one array. */
static enum mu_err get_all(struct gms_ctl *ctl, json_t *groups)
{
    char after[GMS_CTL_PATH_MAX] = "", path[GMS_CTL_PATH_MAX];

    for (;;) {
        MU_CLEANUP(gms_ctl_json_drop) json_t *page = NULL;
        const char *next;

        gms_ctl_path(path, "/groups?after=", after, "");
        TRY(gms_ctl_get(ctl, path, &page));
        (void)json_array_extend(groups, json_object_get(page, "groups"));
        next = gms_ctl_text(page, "next");
        if (next == NULL)
            return MU_OK;
        (void)snprintf(after, sizeof(after), "%s", next);
    }
}

static void print_list(struct cli *cli, const json_t *groups)
{
    MU_CLEANUP(gms_ctl_table_clear) struct gms_ctl_table table;

    gms_ctl_table_init(&table, 5);
    gms_ctl_cell(&table, "GROUP");
    gms_ctl_cell(&table, "NAME");
    gms_ctl_cell(&table, "MEMBERS");
    gms_ctl_cell(&table, "KEYED");
    gms_ctl_cell(&table, "EPOCH");
    for (size_t i = 0; i < json_array_size(groups); i++) {
        const json_t *group = json_array_get(groups, i);

        gms_ctl_cell(&table, gms_ctl_text(group, "id"));
        gms_ctl_cell(&table, gms_ctl_text(group, "name"));
        gms_ctl_cell_number(&table, gms_ctl_number(group, "members"));
        gms_ctl_cell(&table, gms_ctl_bool(group, "keyed") ? "yes" : "no");
        gms_ctl_cell_number(&table, gms_ctl_number(group, "epoch"));
    }
    gms_ctl_table_write(&table, &cli->out);
}

static enum mu_err list_run(struct cli *cli)
{
    MU_CLEANUP(gms_ctl_drop) struct gms_ctl *ctl = NULL;
    MU_CLEANUP(gms_ctl_json_drop) json_t *groups = json_array();
    MU_CLEANUP(gms_ctl_json_drop) json_t *all = NULL;

    TRY(gms_ctl_open(cli, &ctl));
    TRY(get_all(ctl, groups));
    all = json_pack("{s:O}", "groups", groups);
    if (cli->json)
        gms_ctl_print_json(cli, all);
    else
        print_list(cli, groups);
    return MU_OK;
}

const struct cli_command gms_ctl_group_list = {
    .name = "group list",
    .help = "the groups that you may view",
    .options = list_options,
    .option_count = GMS_CTL_OWN,
    .common = GMS_CTL_OWN,
    .run = list_run,
};

/* --------------------------------------------------------------------- show */

enum one_option {
    GROUP = GMS_CTL_OWN,
    ONE_OPTIONS
};

static const struct cli_option one_options[ONE_OPTIONS] = {
    GMS_CTL_OPTIONS,
    [GROUP] = {"GROUP", CLI_TEXT, CLI_REQUIRED, "URI of the group"},
};

static void print_members(struct buf *out, const json_t *members)
{
    MU_CLEANUP(gms_ctl_table_clear) struct gms_ctl_table table;

    gms_ctl_table_init(&table, 4);
    gms_ctl_cell(&table, "MEMBER");
    gms_ctl_cell(&table, "NAME");
    gms_ctl_cell(&table, "TYPE");
    gms_ctl_cell(&table, "PRIORITY");
    for (size_t i = 0; i < json_array_size(members); i++) {
        const json_t *member = json_array_get(members, i);

        gms_ctl_cell(&table, gms_ctl_text(member, "uri"));
        gms_ctl_cell(&table, gms_ctl_text(member, "name"));
        gms_ctl_cell(&table, gms_ctl_text(member, "type"));
        gms_ctl_cell_number(&table, gms_ctl_number(member, "priority"));
    }
    gms_ctl_table_write(&table, out);
}

/* Who else gets the keys is never in small print. */
static void print_media(struct buf *out, const json_t *settings)
{
    const json_t *media = json_object_get(settings, "media_entities");

    for (size_t i = 0; i < json_array_size(media); i++)
        gms_ctl_line(
            out, "KEYS ALSO TO", json_string_value(json_array_get(media, i)));
}

static void print_group(struct buf *out, const json_t *group)
{
    const json_t *key = json_object_get(group, "key");
    const json_t *members = json_object_get(group, "members");

    gms_ctl_line(out, "group", gms_ctl_text(group, "id"));
    gms_ctl_line(out, "name", gms_ctl_text(group, "name"));
    gms_ctl_line(out, "owner", gms_ctl_text(group, "owner"));
    gms_ctl_line_number(out, "version", gms_ctl_number(group, "version"));
    gms_ctl_line(out, "changed", gms_ctl_text(group, "changed"));
    gms_ctl_line(out, "state",
        gms_ctl_bool(group, "disabled")
            ? "off"
            : (gms_ctl_bool(group, "keyed") ? "keyed" : "without keys"));
    gms_ctl_line(out, "key", gms_ctl_text(key, "gmk_id"));
    gms_ctl_line(out, "since", gms_ctl_text(key, "since"));
    gms_ctl_line(out, "until", gms_ctl_text(key, "until"));
    print_media(out, json_object_get(group, "settings"));
    gms_ctl_line_number(out, "members", (json_int_t)json_array_size(members));
    buf_text(out, "\n");
    print_members(out, members);
}

static enum mu_err show_run(struct cli *cli)
{
    MU_CLEANUP(gms_ctl_drop) struct gms_ctl *ctl = NULL;
    MU_CLEANUP(gms_ctl_json_drop) json_t *group = NULL;
    char path[GMS_CTL_PATH_MAX];

    TRY(gms_ctl_open(cli, &ctl));
    gms_ctl_path(path, "/groups/", cli->args[GROUP].text);
    TRY(gms_ctl_get(ctl, path, &group));
    if (cli->json)
        gms_ctl_print_json(cli, group);
    else
        print_group(&cli->out, group);
    return MU_OK;
}

const struct cli_command gms_ctl_group_show = {
    .name = "group show",
    .help = "a group, its members and its key in force",
    .options = one_options,
    .option_count = ONE_OPTIONS,
    .common = GMS_CTL_OWN,
    .run = show_run,
};

/* ------------------------------------------------------------------- delete */

static enum mu_err delete_run(struct cli *cli)
{
    MU_CLEANUP(gms_ctl_drop) struct gms_ctl *ctl = NULL;
    MU_CLEANUP(gms_ctl_json_drop) json_t *answer = NULL;
    char path[GMS_CTL_PATH_MAX];
    struct gms_ctl_ask ask = {.method = "DELETE", .path = path};

    TRY(gms_ctl_open(cli, &ctl));
    gms_ctl_path(path, "/groups/", cli->args[GROUP].text);
    TRY(gms_ctl_ask(ctl, &ask, NULL, &answer));
    if (cli->json)
        gms_ctl_print_json(cli, answer);
    else
        gms_ctl_line(&cli->out, "deleted", gms_ctl_text(answer, "id"));
    return MU_OK;
}

const struct cli_command gms_ctl_group_delete = {
    .name = "group delete",
    .help = "that the group is no more, its keys revoked",
    .options = one_options,
    .option_count = ONE_OPTIONS,
    .common = GMS_CTL_OWN,
    .run = delete_run,
};
