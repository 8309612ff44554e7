/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kms users: who gets keys. Adding makes TrK and InK, and a single-use
 * enrolment file for the user's device.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/json.h"
#include "kms-client/enrol.h"
#include "kms/cert.h"
#include "kms/commands.h"
#include "kms/session.h"
#include "kms/users.h"

#define LIST_MAX ((size_t)64 << 20)
#define WEEK_S   604800

enum {
    ADD_USER = KMS_OPT_UNLOCK,
    ADD_USERS,
    ADD_OUT,
    ADD_URL,
    ADD_VALID,
    ADD_RENEW
};

enum {
    REVOKE_USER = KMS_OPT_UNLOCK
};

static const struct cli_option add_options[] = {
    KMS_OPTIONS_UNLOCK,
    {"--user", CLI_URI, CLI_OPTIONAL, "URI of the user"},
    {"--users", CLI_FILE, CLI_OPTIONAL, "file with a URI a line"},
    {"--enrol-out", CLI_FILE, CLI_REQUIRED, "folder for the enrolment files"},
    {"--kds-url", CLI_URI, CLI_REQUIRED, "of the distribution server"},
    {"--valid", CLI_NUMBER, CLI_OPTIONAL,
        "seconds that the files are good for, 604800"},
    {"--renew", CLI_FLAG, CLI_OPTIONAL, "new keys for users who have some"},
};

static const struct cli_option list_options[] = {KMS_OPTIONS_OPEN};

static const struct cli_option revoke_options[] = {
    KMS_OPTIONS_UNLOCK,
    {"--user", CLI_URI, CLI_REQUIRED, "URI of the user"},
};

static enum mu_err load(struct kms_session *s, struct kms_users *users)
{
    size_t line = 0;
    enum mu_err err = kms_users_load(&s->dir, users, &line);

    if (err != MU_OK)
        return cli_fail(
            s->cli, err, KMS_DIR_USERS, "line %zu: %s", line, mu_err_name(err));
    return MU_OK;
}

/* An adding under way: what all enrolment files have in common. */
struct adding {
    struct kms_session s;
    struct kms_users users;
    struct kms_enrolment file;
    const char *folder;
    size_t count;
};

static void adding_clear(struct adding *a)
{
    kms_users_clear(&a->users);
    kms_enrolment_clear(&a->file);
    kms_session_clear(&a->s);
}

static enum mu_err begin(struct adding *a, struct cli *cli)
{
    MU_CLEANUP(buf_clear) struct buf cert = {.p = NULL};
    const struct cli_arg *valid = &cli->args[ADD_VALID];
    const struct kms_facts *facts = &a->s.facts;
    struct kms_enrolment *file = &a->file;
    struct xml_fault fault;

    TRY(kms_session_unlock(&a->s, cli));
    TRY(load(&a->s, &a->users));
    file->kms_uri = facts->uri;
    file->not_after_s = a->s.now_s + (valid->given ? valid->number : WEEK_S);
    if (strlen(cli->args[ADD_URL].text) >= sizeof(file->kds_url))
        return cli_fail(cli, MU_E_NO_SPACE, "--kds-url", "is too long");
    memcpy(file->kds_url, cli->args[ADD_URL].text,
        strlen(cli->args[ADD_URL].text));
    memcpy(file->cert_key, facts->keys.cert_key, sizeof(file->cert_key));
    TRY(kms_dir_read(&a->s.dir, KMS_DIR_CERT, &cert));
    a->folder = cli->args[ADD_OUT].text;
    return xml_kms_fingerprint(buf_span(&cert), &fault, file->cert_sha256);
}

/*
 * The name of a user's file: his URI, with everything but letters, digits and
 * "@.+_-" as %XX, cut where a file name has to end; the serial makes it new.
 */
static void name_of(const struct kms_user *user, char out[224])
{
    struct span uri = mcptt_id_span(&user->uri);
    char *at = out;

    for (size_t i = 0; i < uri.len && at < out + 190; i++) {
        uint8_t c = uri.p[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                     (c >= 'A' && c <= 'Z') || strchr("@.+_-", c) != NULL;

        at += snprintf(at, 4, plain && c != '\0' ? "%c" : "%%%02X", c);
    }
    (void)snprintf(at, 24, "-%llu.enrol", (unsigned long long)user->serial);
}

static enum mu_err write_file(struct adding *a, const struct kms_user *user)
{
    uint8_t room[KMS_ENROL_TEXT_MAX];
    char path[MU_PATH_MAX], name[224];
    struct span text;
    enum mu_err err;
    struct wr w;

    name_of(user, name);
    if ((size_t)snprintf(path, sizeof(path), "%s/%s", a->folder, name) >=
        sizeof(path))
        return MU_E_NO_SPACE;
    wr_init(&w, room, sizeof(room));
    err = kms_enrolment_write(&w, &a->file);
    if (err == MU_OK)
        err = wr_close(&w, &text);
    if (err == MU_OK)
        err = mu_file_create(path, 0600, text);
    mu_wipe(room, sizeof(room));
    return err;
}

/* One user: his keys, the record of it, his file. */
static enum mu_err add_one(struct adding *a, struct span uri)
{
    MU_CLEANUP(kms_user_keys_clear) struct kms_user_keys keys;
    struct kms_enrolling who = {uri, a->s.now_s, mu_rng_system()};
    const struct cli *cli = a->s.cli;
    struct kms_user *user;
    enum mu_err err;

    if (mcptt_id_check(uri) != MU_OK)
        return kms_session_refuse(
            &a->s, MU_E_MALFORMED, "user", "is no identity");
    if (kms_users_find(&a->users, uri) != NULL && !cli->args[ADD_RENEW].given)
        return kms_session_refuse(&a->s, MU_E_STATE, "user",
            "is there already; --renew makes new keys");
    TRY(kms_users_enrol(&a->users, &a->s.users, &who, &user, &keys));
    TRY(kms_session_log(&a->s, "user.add", mu_log_octets("user", uri),
        mu_log_u64("serial", user->serial)));
    a->file.user_uri = user->uri;
    a->file.serial = user->serial;
    a->file.trk = keys.trk;
    a->file.ink = keys.ink;
    err = write_file(a, user);
    if (err != MU_OK)
        return kms_session_refuse(
            &a->s, err, "--enrol-out", "cannot be written to");
    a->count++;
    return MU_OK;
}

static enum mu_err add_lines(struct adding *a, struct span text)
{
    while (text.len > 0) {
        const uint8_t *end = memchr(text.p, '\n', text.len);
        size_t len = end != NULL ? (size_t)(end - text.p) : text.len;
        struct span uri = {text.p, len};

        if (uri.len > 0 && uri.p[uri.len - 1] == '\r')
            uri.len--;
        if (uri.len > 0)
            TRY(add_one(a, uri));
        len += end != NULL ? 1 : 0;
        text.p += len;
        text.len -= len;
    }
    return MU_OK;
}

static enum mu_err add_all(struct adding *a, struct cli *cli)
{
    MU_CLEANUP(buf_clear) struct buf list = {.p = NULL};
    const char *path = cli->args[ADD_USERS].text;
    enum mu_err err;

    if (cli->args[ADD_USER].given)
        return add_one(a, span_str(cli->args[ADD_USER].text));
    err = mu_file_read(path, LIST_MAX, &list);
    if (err != MU_OK)
        return cli_fail(
            cli, err, "--users", "cannot be read: %s", mu_err_name(err));
    return add_lines(a, buf_span(&list));
}

static const char *check_add(const struct cli *cli)
{
    return cli->args[ADD_USER].given != cli->args[ADD_USERS].given
               ? NULL
               : "either --user or --users";
}

/*
 * The users whose files were written are saved even when a later one was
 * refused: a file that the KMS does not know would open nothing.
 */
static enum mu_err run_add(struct cli *cli)
{
    MU_CLEANUP(adding_clear) struct adding a = {.count = 0};
    char count[24];
    enum mu_err err, saved;

    TRY(begin(&a, cli));
    err = add_all(&a, cli);
    saved = kms_users_save(&a.s.dir, &a.users);
    if (saved != MU_OK)
        return kms_session_refuse(&a.s, saved, KMS_DIR_USERS,
            "cannot be saved: the enrolment files are void");
    TRY(err);
    (void)snprintf(count, sizeof(count), "%zu", a.count);
    kms_session_print(
        &a.s, (const struct kms_result[]){{"added", span_str(count)}}, 1);
    return MU_OK;
}

static void list_one(
    struct cli *cli, struct json *json, const struct kms_user *user)
{
    const char *state = user->state == KMS_USER_ACTIVE ? "active" : "revoked";

    if (cli->json) {
        json_open(json, NULL, '{');
        json_text(json, "uri", mcptt_id_span(&user->uri));
        json_text(json, "state", span_str(state));
        json_number(json, "serial", user->serial);
        json_number(json, "since", user->since_s);
        json_close(json, '}');
        return;
    }
    buf_text(&cli->out, state);
    buf_text(&cli->out, " ");
    buf_number(&cli->out, user->serial);
    buf_text(&cli->out, " ");
    buf_number(&cli->out, user->since_s);
    buf_text(&cli->out, " ");
    buf_add(&cli->out, mcptt_id_span(&user->uri));
    buf_text(&cli->out, "\n");
}

static enum mu_err run_list(struct cli *cli)
{
    MU_CLEANUP(kms_session_clear) struct kms_session s = {.cli = NULL};
    MU_CLEANUP(kms_users_clear) struct kms_users users = {NULL, 0, 0};
    struct json json = {.out = &cli->out};

    TRY(kms_session_look(&s, cli));
    TRY(load(&s, &users));
    if (cli->json)
        json_open(&json, NULL, '[');
    for (size_t i = 0; i < users.len; i++)
        list_one(cli, &json, users.at[i]);
    if (cli->json) {
        json_close(&json, ']');
        buf_text(&cli->out, "\n");
    }
    return MU_OK;
}

static enum mu_err run_revoke(struct cli *cli)
{
    MU_CLEANUP(kms_session_clear) struct kms_session s = {.cli = NULL};
    MU_CLEANUP(kms_users_clear) struct kms_users users = {NULL, 0, 0};
    struct span uri = span_str(cli->args[REVOKE_USER].text);
    struct kms_user *user;
    enum mu_err err;

    TRY(kms_session_unlock(&s, cli));
    TRY(load(&s, &users));
    user = kms_users_find(&users, uri);
    if (user == NULL)
        return kms_session_refuse(
            &s, MU_E_NOT_FOUND, "--user", "is not a user of this KMS");
    err = kms_user_revoke(user, &s.users, s.now_s, mu_rng_system());
    if (err != MU_OK)
        return kms_session_refuse(&s, err, "--user",
            err == MU_E_STATE ? "is revoked already" : "has a changed record");
    TRY(kms_session_log(&s, "user.revoke", mu_log_octets("user", uri)));
    TRY(kms_users_save(&s.dir, &users));
    kms_session_print(&s, (const struct kms_result[]){{"revoked", uri}}, 1);
    return MU_OK;
}

const struct cli_command kms_cmd_users_add = {
    .name = "users add",
    .help = "how many were added, and the head of the log",
    .options = add_options,
    .option_count = sizeof(add_options) / sizeof(add_options[0]),
    .check = check_add,
    .run = run_add,
};

const struct cli_command kms_cmd_users_list = {
    .name = "users list",
    .help = "the users: state, serial of the enrolment, since when, URI",
    .options = list_options,
    .option_count = sizeof(list_options) / sizeof(list_options[0]),
    .run = run_list,
};

const struct cli_command kms_cmd_users_revoke = {
    .name = "users revoke",
    .help = "who was revoked, and the head of the log",
    .options = revoke_options,
    .option_count = sizeof(revoke_options) / sizeof(revoke_options[0]),
    .run = run_revoke,
};
