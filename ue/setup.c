/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/setup.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "ue/gms_client.h"

#define LIST_MAX  ((size_t)16 << 20) /* octets of a file with a line each */
#define ARENA_MAX ((size_t)16 << 20)

const char *ue_setup_check(const struct cli *cli)
{
    const struct cli_arg *args = cli->args;

    if (args[UE_ENROLMENT].given != args[UE_TOKEN].given)
        return "--enrolment and --token need each other";
    if (args[UE_MEMBERS].given == args[UE_ENROLMENT].given)
        return "either --members or --enrolment is needed";
    if (args[UE_GROUP].given == args[UE_GROUPS].given)
        return "either --group or --groups is needed";
    if (args[UE_THREADS].number > MU_POOL_THREADS_MAX)
        return "--threads: there are too many";
    if (args[UE_CONNECTIONS].number > UE_MEMBERS_MAX)
        return "--connections: there are too many";
    return NULL;
}

/* A file of lines, with a NUL behind. */
static enum mu_err read_list(
    struct ue_setup *s, unsigned option, struct buf *out)
{
    const char *path = s->cli->args[option].text;
    enum mu_err err = mu_file_read(path, LIST_MAX, out);

    if (err != MU_OK)
        return cli_fail(s->cli, err, s->cli->command->options[option].name,
            "%s cannot be read: %s", path, mu_err_name(err));
    buf_add(out, (struct span){(const uint8_t *)"", 1});
    return out->err;
}

static enum mu_err add_group(
    struct ue_setup *s, struct mu_arena_list *list, const char *uri)
{
    struct span *at;

    if (mcptt_id_check(span_str(uri)) != MU_OK)
        return cli_fail(s->cli, MU_E_MALFORMED, "group", "%s is no URI", uri);
    at = mu_arena_list_add(&s->arena, list, sizeof(struct span));
    if (at == NULL)
        return mu_arena_err(&s->arena);
    *at = span_str(uri);
    return MU_OK;
}

static enum mu_err read_groups(struct ue_setup *s)
{
    struct mu_arena_list list = {.at = NULL};
    char *rest = NULL;

    if (s->cli->args[UE_GROUP].given) {
        TRY(add_group(s, &list, s->cli->args[UE_GROUP].text));
    } else {
        TRY(read_list(s, UE_GROUPS, &s->groups_text));
        for (char *uri = strtok_r((char *)s->groups_text.p, "\r\n", &rest);
             uri != NULL; uri = strtok_r(NULL, "\r\n", &rest))
            TRY(add_group(s, &list, uri));
    }
    s->config.groups = list.at;
    s->config.group_count = list.len;
    return MU_OK;
}

static enum mu_err make_crowd(struct ue_setup *s)
{
    const struct cli_arg *args = s->cli->args;
    struct ue_crowd_config *config = &s->config;
    enum mu_err err;

    config->gms_url = args[UE_GMS].text;
    config->gms_id = span_str(args[UE_GMS_ID].text);
    config->key_path = args[UE_PATH].given ? args[UE_PATH].text : UE_KEY_PATH;
    config->kds_url = args[UE_KDS].text;
    config->ca_file = args[UE_CA].text;
    config->threads = (unsigned)args[UE_THREADS].number;
    config->connections = (unsigned)args[UE_CONNECTIONS].number;
    err = ue_crowd_new(config, &s->crowd);
    if (err != MU_OK)
        return cli_fail(
            s->cli, err, "the members' loop", "%s", mu_err_name(err));
    return MU_OK;
}

static enum mu_err add_member(
    struct ue_setup *s, const char *enrolment, const char *token)
{
    enum mu_err err = ue_crowd_add(s->crowd, enrolment, token);

    if (err != MU_OK)
        return cli_fail(s->cli, err, "member", "%s or %s: %s", enrolment, token,
            mu_err_name(err));
    return MU_OK;
}

/* Relative paths are from the folder of the file that names them. */
static const char *path_from(struct ue_setup *s, const char *path)
{
    const char *list = s->cli->args[UE_MEMBERS].text;
    const char *slash = strrchr(list, '/');
    int folder = path[0] == '/' || slash == NULL ? 0 : (int)(slash - list) + 1;
    size_t size = (size_t)folder + strlen(path) + 1;
    char *out = mu_arena_alloc(&s->arena, size, 1);

    if (out != NULL)
        (void)snprintf(out, size, "%.*s%s", folder, list, path);
    return out;
}

static enum mu_err add_line(struct ue_setup *s, char *line)
{
    char *rest = NULL;
    const char *enrolment = strtok_r(line, " \t", &rest);
    const char *token = strtok_r(NULL, " \t", &rest);

    if (enrolment == NULL || token == NULL ||
        strtok_r(NULL, " \t", &rest) != NULL)
        return cli_fail(
            s->cli, MU_E_MALFORMED, "--members", "a line must have two paths");
    enrolment = path_from(s, enrolment);
    token = path_from(s, token);
    TRY(mu_arena_err(&s->arena));
    return add_member(s, enrolment, token);
}

static enum mu_err add_members(struct ue_setup *s)
{
    const struct cli_arg *args = s->cli->args;
    char *rest = NULL;

    if (args[UE_ENROLMENT].given)
        return add_member(s, args[UE_ENROLMENT].text, args[UE_TOKEN].text);
    TRY(read_list(s, UE_MEMBERS, &s->members_text));
    for (char *line = strtok_r((char *)s->members_text.p, "\r\n", &rest);
         line != NULL; line = strtok_r(NULL, "\r\n", &rest))
        TRY(add_line(s, line));
    return MU_OK;
}

enum mu_err ue_setup_open(struct ue_setup *setup)
{
    mu_arena_init(&setup->arena, ARENA_MAX);
    TRY(read_groups(setup));
    TRY(make_crowd(setup));
    return add_members(setup);
}

void ue_setup_clear(struct ue_setup *setup)
{
    ue_crowd_free(setup->crowd);
    mu_arena_clear(&setup->arena);
    buf_clear(&setup->groups_text);
    buf_clear(&setup->members_text);
}
