/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vault_world.h - a vault to talk to: the real process, or its insides on a
 * thread with a clock that the test sets; the KMSs that it and its members
 * have; members who open what it signs.
 *
 *     struct vault_world *world = vault_world();
 *     struct vault_run run;
 *
 *     vault_start(world, NULL, &run);
 *     vault_provision(world, &run);
 *     key = vault_new_key(&run, GROUP, 1);
 *
 * Failures end the running test.
 */
#ifndef TESTS_GMS_VAULT_WORLD_H
#define TESTS_GMS_VAULT_WORLD_H

#include <pthread.h>
#include <sys/types.h>

#include "gms/identity.h"
#include "gms/vault/serve.h"
#include "mcptt/incoming.h"
#include "mcptt/receipt.h"
#include "tests/clock.h"
#include "tests/folder.h"
#include "tests/kms-client/world.h"

#define VAULT_GMS    "sip:gms@example.org"
#define VAULT_HOME   "kms.example.org"
#define VAULT_ABROAD "kms.example.net"
#define VAULT_GROUP  "sip:incident-42@groups.example.org"

/* A home KMS, one of another domain, the identity, KEK and log of a GMS. */
struct vault_world {
    struct world home;      /* tests/kms-client/world.h */
    struct test_kms abroad; /* its certificate is signed by the home KMS */
    char home_cert[WORLD_TEXT], abroad_cert[WORLD_TEXT];
    struct mu_kek kek;
    struct mu_keyring ring;
    struct gms_identity identity;
    struct test_folder
        folder;      /* kek, identity, log; and of tests: message, opened */
    uint64_t now_s;  /* Unix, when the world was made */
    uint64_t period; /* of that moment, at both KMSs */
};

void vault_world_init(struct vault_world *w);
void vault_world_clear(struct vault_world *w);

/* One for all tests of a suite, made by the first that asks; the suite's end
 * for CUnit is vault_world_end(). */
struct vault_world *vault_world(void);
int vault_world_end(void);

/* The log is begun anew by the next vault. */
void vault_world_forget(struct vault_world *w);

/* A vault that runs. */
struct vault_run {
    int fd; /* the front's end; -1 once somebody else has it */
    uint32_t last_id;
    pid_t pid; /* of the process; 0 for a thread */
    pthread_t thread;
    int thread_fd;
    struct test_clock clock; /* of the thread's vault */
    struct gms_state *state;
    struct gms_desk desk;
    struct gms_serve *serve;
    enum mu_err ended;     /* how the thread's did */
    struct mu_arena arena; /* what was answered */
};

/* The process gmsd-vault; arguments end with NULL, or are NULL. */
void vault_start(
    struct vault_world *w, const char *const *arguments, struct vault_run *run);

/* The same without a process: no confinement, and run->clock, which begins at
 * the world's time, is its clock. */
void vault_start_inside(struct vault_world *w, struct vault_run *run);

/* Closes the line and waits for its end; the exit status, of a process, or the
 * error, of a thread. */
int vault_stop(struct vault_run *run);

/* SIGKILL, and waits. */
void vault_kill(struct vault_run *run);

/* The whole answer to a request, in run->arena. */
struct vault_reply {
    enum mu_err err;
    enum gms_vault_refusal refusal;
    struct span why;
    struct gms_vault_hello hello;
    struct gms_sealed_key key;
    struct gms_vault_csk_opened csk;
    size_t frames;
    size_t count; /* of the envelopes or messages that came */
    struct gms_vault_envelope envelopes[GMS_VAULT_RECIPIENTS_MAX];
    struct span messages[GMS_VAULT_SIGN_MAX];
    struct span objects[GMS_VAULT_RESEAL_MAX];
};

void vault_send(struct vault_run *run, struct gms_vault_request *request);

/* Sends and waits for the last frame; requests of others are not open. */
void vault_ask(struct vault_run *run, struct gms_vault_request *request,
    struct vault_reply *reply);

/* Both certificates, and keys for the world's period and the next. */
void vault_provision(struct vault_world *w, struct vault_run *run);
enum gms_vault_refusal vault_give_cert(struct vault_run *run, const char *text);
enum gms_vault_refusal vault_give_keys(
    struct vault_run *run, const struct kms_wrapped_keys *keys);

/* Each of these demands that it is done, but for those that yield the refusal.
 * Keys live in run->arena. */
struct gms_sealed_key vault_new_key(
    struct vault_run *run, const char *group, uint64_t epoch);

#define VAULT_TASK_MAX 40

/* What is asked for in WRAP and SIGN alike. */
struct vault_task {
    struct gms_sealed_key key;
    struct gms_vault_period period;
    bool revocation; /* of the envelope */
    struct gms_sign_terms terms;
    struct span members[VAULT_TASK_MAX];
    size_t count;
    struct span envelopes[VAULT_TASK_MAX]; /* set by vault_wrap() */
    struct mcptt_key_id guk_ids[VAULT_TASK_MAX];
};

/* For a key of VAULT_GROUP, one member at home, now, to be used at once. */
struct vault_task vault_task(
    const struct vault_world *w, struct gms_sealed_key key, const char *member);

enum gms_vault_refusal vault_wrap(
    struct vault_run *run, struct vault_task *task);
enum gms_vault_refusal vault_sign(struct vault_run *run,
    const struct vault_task *task, struct vault_reply *reply);

/* EXCLUDE or ADMIT of one member of VAULT_GROUP. */
enum gms_vault_refusal vault_members(struct vault_run *run,
    enum gms_vault_op op, uint64_t epoch, const char *member);

/*
 * Opens a message as the member of that URI, at home or abroad, in a period,
 * would: by keys that his KMS extracts here.
 */
enum mu_err vault_open_message(struct vault_world *w, struct span message,
    const struct gms_vault_period *period, struct span member,
    struct mcptt_opened *out);

/* The same in two steps, for who opens many: his keys, and a message. */
void vault_member_init(struct vault_world *w,
    const struct gms_vault_period *period, struct span member,
    struct test_user *out);
enum mu_err vault_open_as(struct vault_world *w, struct span message,
    const struct gms_vault_period *period, struct span member,
    const struct test_user *user, struct mcptt_opened *out);

/*
 * The receipt that a member at home would make for a key at a moment, Unix ms;
 * in run->arena.
 */
struct span vault_receipt(struct vault_world *w, struct vault_run *run,
    const struct mcptt_receipt *draft, const struct mcptt_key *key);

#endif
