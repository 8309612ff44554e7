/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gms_crash_world.h - a keeper, its store and audit log, and a real vault on a
 * thread of the same process: so that killing the process is a power cut. All
 * of it lies in files, which the next process goes on with.
 *
 * Members are letters; a capital is a user of the other KMS. Failures end the
 * running test.
 */
#ifndef TESTS_IT_GMS_CRASH_WORLD_H
#define TESTS_IT_GMS_CRASH_WORLD_H

#include "gms/keeper.h"
#include "tests/gms/vault_world.h"

#define CRASH_GROUP   "sip:incident-42@groups.example.org"
#define CRASH_LETTERS "abcdABCD"
#define CRASH_FILES   5 /* that make up the state on disk */

/*
 * What costs time and changes nothing on the disk, made once and inherited by
 * every process: a vault that knows its keys, and those of the members.
 */
struct crash_shared {
    struct vault_world *vault;
    struct gms_state *state;
    struct test_user members[sizeof(CRASH_LETTERS)];
};
void crash_shared_init(struct crash_shared *shared);
void crash_shared_clear(struct crash_shared *shared);

struct crash_world {
    struct crash_shared *shared;
    struct test_folder *folder;
    struct vault_world *vault;
    struct vault_run run;
    struct test_clock now;
    struct test_rng rng;
    struct event_base *base;
    struct gms_store *store;
    struct gms_audit *audit;
    struct kms_keyset *keys;
    struct gms_domains *domains;
    struct gms_vault_link *link;
    struct gms_keeper *keeper;
    struct mu_arena arena; /* of what is read */
    int said;              /* a pipe: an octet for each answer; -1: none */
};

/* Begins, or goes on, with what lies in the folder and the vault's log. */
void crash_open(struct crash_world *w, struct crash_shared *shared,
    struct test_folder *folder);
void crash_close(struct crash_world *w);

/* The group's document with these members; NULL deletes it. */
void crash_put(struct crash_world *w, const char *members, enum gms_stop stop);

/* He opened the key in force, and the vault believed it. Told, when the keeper
 * says what became of it. */
struct crash_proof {
    struct gms_opened opened;
    bool told;
    enum mu_err err;
    int said;
};
void crash_prove(struct crash_world *w, char letter, struct crash_proof *proof);

/* Until nothing is to be done at this moment. */
void crash_run(struct crash_world *w);

/* Time passes; members fetch what is for them all the while. */
void crash_settle(struct crash_world *w, uint64_t seconds);

struct span crash_uri(char letter, char out[32]);

/* As the member of that letter. */
enum mu_err crash_open_message(struct crash_world *w, char letter,
    struct span message, struct mcptt_opened *out);

/* Adds a file's octets. */
void crash_read(struct test_folder *folder, const char *name, struct buf *out);

/* Files of the state: copies them aside, or back. */
void crash_save(struct vault_world *vault, struct test_folder *folder);
void crash_restore(struct vault_world *vault, struct test_folder *folder);

#endif
