/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper_world.h - a keeper with all that it keeps: the real store and audit
 * log, the real line to a vault that is the fake or the real one, certificates
 * of two KMSs, and a clock that the test sets.
 *
 *     keeper_world_init(&w, KEEPER_FAKE);
 *     kw_put(&w, "abc", 0);
 *     kw_run(&w);
 *     CU_ASSERT_STRING_EQUAL(kw_can_talk(&w), "abc");
 *
 * Members are letters; a capital is the same person at the other KMS. Failures
 * end the running test.
 */
#ifndef TESTS_GMS_KEEPER_WORLD_H
#define TESTS_GMS_KEEPER_WORLD_H

#include "base/conf.h"
#include "gms/keeper.h"
#include "gms/keydoc.h"
#include "tests/gms/fake_vault.h"
#include "tests/gms/vault_world.h"
#include "tests/log.h"

#define KEEPER_GROUP "sip:incident-42@groups.example.org"
#define KEEPER_ALL   "abcdefgh" /* members that tests know */

enum keeper_vault {
    KEEPER_FAKE,
    KEEPER_INSIDE, /* the real one on a thread, with the test's clock */
    KEEPER_PROCESS /* gmsd-vault */
};

struct keeper_world {
    enum keeper_vault kind;
    struct vault_world *vault;
    struct vault_run run;
    struct fake_vault fake;
    struct test_clock now;
    struct test_rng rng;
    struct test_folder folder;
    struct event_base *base;
    struct gms_store *store;
    struct gms_audit *audit;
    struct kms_keyset *keys;
    struct gms_domains *domains;
    struct gms_vault_link *link;
    struct gms_policy policy;
    struct gms_keeper *keeper;
    struct mu_arena arena; /* of what is read */
    bool vault_down;       /* as the link said last */
    char text[64];
    struct span ids[2];
    size_t id_count;
    bool unkeyed, disabled; /* of the next document */
    bool retarget;
    struct mu_conf_strs redirect_kmss; /* none */
    /* gms_keeper_config.on_changed; may be NULL, and set at any time. */
    void (*on_changed)(void *ctx, struct span group, struct span member);
    void *changed_ctx;
};

void keeper_world_init(struct keeper_world *w, enum keeper_vault kind);
void keeper_world_clear(struct keeper_world *w);

/* The process ends, without a word, and another one begins. */
void keeper_world_restart(struct keeper_world *w);
/* The same for the vault. */
void kw_vault_dies(struct keeper_world *w);
void kw_vault_comes(struct keeper_world *w);

/* Until nothing is to be done at this moment. */
void kw_run(struct keeper_world *w);
/* Time passes, a second at a time where something is due. */
void kw_wait(struct keeper_world *w, uint64_t seconds);
/* When the keeper acts again, Unix ms; UINT64_MAX: not by itself. */
uint64_t kw_next_ms(const struct keeper_world *w);
/* Time passes at once: the keeper was busy, or away. */
void kw_skip(struct keeper_world *w, uint64_t seconds);

#define KEEPER_HARD 1U

/* The group's document with these members is written; nothing is run. NULL
 * deletes it. */
void kw_put(struct keeper_world *w, const char *members, unsigned how);
void kw_settings(struct keeper_world *w, const char *json);

struct span kw_uri(char letter); /* static */

/* The newest key in a state; false for none. */
bool kw_key(
    struct keeper_world *w, enum gms_gmk_state state, struct gms_gmk *out);
size_t kw_keys(struct keeper_world *w, enum gms_gmk_state state);
size_t kw_intents(struct keeper_world *w);
size_t kw_events(struct keeper_world *w, const char *name);

/* What a member reads in his key document, by the fake vault's messages. */
struct keeper_held {
    struct fake_message at[8];
    size_t count;
};
void kw_read(struct keeper_world *w, char letter, struct keeper_held *out);
/* Whether he reads a message of that key that says so. */
bool kw_reads(
    struct keeper_world *w, char letter, struct mcptt_key_id key, bool revoked);

/* Letters of those who read the key in force and no word that it has ended;
 * static until the next call. */
const char *kw_can_talk(struct keeper_world *w);
const char *kw_who_reads(
    struct keeper_world *w, struct mcptt_key_id key, bool revoked);

/* Everybody in the group fetches his document; or those named. */
void kw_fetch(struct keeper_world *w, const char *letters);

#endif
