/* SPDX-License-Identifier: Apache-2.0 */
/* What the vault signs, in the eyes of another program: mikeytool, by hand. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "base/text.h"
#include "tests/gms/vault_world.h"
#include "tests/suites.h"

#define ALICE "sip:alice@example.org"

extern char **environ;

static struct vault_reply reply;

/* The options of mikeytool, in hex. */
struct options {
    char kpak[MU_HEX_LEN(MIKEY_KPAK_LEN)], z[MU_HEX_LEN(MIKEY_POINT_LEN)];
    char rsk[MU_HEX_LEN(MIKEY_POINT_LEN)];
    char sender[MU_HEX_LEN(MCPTT_UID_LEN)];
    char receiver[MU_HEX_LEN(MCPTT_UID_LEN)];
};

static void put_uid(
    const struct vault_world *w, const char *uri, struct mcptt_uid *uid)
{
    const struct mcptt_uid_source source = {span_str(uri), span_str(VAULT_HOME),
        {.length_s = WORLD_PERIOD}, w->period};

    CU_ASSERT_EQUAL_FATAL(mcptt_uid_derive(&source, uid), MU_OK);
}

static void make_options(struct vault_world *w, struct options *o)
{
    uint8_t kpak[MIKEY_KPAK_LEN], z[MIKEY_POINT_LEN];
    struct test_kms *kms = &w->home.kms;
    struct mcptt_uid sender, receiver;
    struct mikey_rsk rsk;

    put_uid(w, VAULT_GMS, &sender);
    put_uid(w, ALICE, &receiver);
    CU_ASSERT_EQUAL_FATAL(mikey_eccsi_public(&kms->ksak, kpak), MU_OK);
    CU_ASSERT_EQUAL_FATAL(mikey_sakke_public(&kms->z, z), MU_OK);
    CU_ASSERT_EQUAL_FATAL(mikey_sakke_extract(&kms->z, SPAN_OF(receiver.b),
                              &w->home.rng.rng, &rsk),
        MU_OK);
    mu_hex_write(SPAN_OF(kpak), o->kpak);
    mu_hex_write(SPAN_OF(z), o->z);
    mu_hex_write(SPAN_OF(rsk.b), o->rsk);
    mu_hex_write(SPAN_OF(sender.b), o->sender);
    mu_hex_write(SPAN_OF(receiver.b), o->receiver);
}

/* Runs mikeytool with the message as its input; its exit status. */
static int run_tool(struct vault_world *w, struct options *o)
{
    char program[] = MIKEYTOOL, open[] = "open", json[] = "--json";
    char secret[] = "--show-secret", kpak[] = "--kpak", z[] = "--z";
    char rsk[] = "--rsk", sender[] = "--sender-id";
    char receiver[] = "--receiver-id", of[] = "--receiver", uri[] = ALICE;
    char *argv[] = {program, open, json, secret, kpak, o->kpak, z, o->z, rsk,
        o->rsk, sender, o->sender, receiver, o->receiver, of, uri, NULL};
    posix_spawn_file_actions_t files;
    char in[256], out[256];
    int status = -1;
    pid_t pid;

    (void)snprintf(
        in, sizeof(in), "%s", test_folder_path(&w->folder, "message"));
    (void)snprintf(
        out, sizeof(out), "%s", test_folder_path(&w->folder, "opened"));
    CU_ASSERT_EQUAL_FATAL(posix_spawn_file_actions_init(&files), 0);
    (void)posix_spawn_file_actions_addopen(&files, 0, in, O_RDONLY, 0);
    (void)posix_spawn_file_actions_addopen(
        &files, 1, out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    CU_ASSERT_EQUAL_FATAL(
        posix_spawn(&pid, MIKEYTOOL, &files, NULL, argv, environ), 0);
    (void)posix_spawn_file_actions_destroy(&files);
    CU_ASSERT_EQUAL(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void mikeytool_opens_what_the_vault_signs(void)
{
    static struct mcptt_opened opened; /* large, and of a test's key */
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    struct vault_world *w = vault_world();
    char key[MU_HEX_LEN(MCPTT_KEY_LEN)];
    static struct options options;
    static struct vault_task task;
    struct vault_run run;

    vault_world_forget(w);
    vault_start(w, NULL, &run);
    vault_provision(w, &run);
    task = vault_task(w, vault_new_key(&run, VAULT_GROUP, 1), ALICE);
    CU_ASSERT_EQUAL_FATAL(vault_wrap(&run, &task), GMS_REFUSED_NOT);
    CU_ASSERT_EQUAL_FATAL(vault_sign(&run, &task, &reply), GMS_REFUSED_NOT);
    CU_ASSERT_EQUAL_FATAL(vault_open_message(w, reply.messages[0], &task.period,
                              task.members[0], &opened),
        MU_OK);
    mu_hex_write(SPAN_OF(opened.key.b), key);
    test_folder_write(&w->folder, "message", reply.messages[0]);
    make_options(w, &options);
    CU_ASSERT_EQUAL(run_tool(w, &options), 0);
    test_folder_read(&w->folder, "opened", &text);
    CU_ASSERT_PTR_NOT_NULL(test_buf_find(&text, span_str(key)));
    CU_ASSERT_PTR_NOT_NULL(test_buf_find(&text, span_str(VAULT_GROUP)));
    options.receiver[0] ^= 1; /* another one's identifier: no key of his */
    CU_ASSERT_NOT_EQUAL(run_tool(w, &options), 0);
    CU_ASSERT_EQUAL(vault_stop(&run), 0);
}

CU_TestInfo gms_vault_tool_tests[] = {
    {"mikeytool opens what the vault signs",
        mikeytool_opens_what_the_vault_signs},
    CU_TEST_INFO_NULL,
};
