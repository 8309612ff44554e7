/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/it/gms_crash_world.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "gms/keeper_in.h"

#define ARENA_MAX (256U << 20)
#define FILE_MAX  (64U << 20)
#define TURNS_MAX 1000000U /* of the loop, until it is stuck */

static const struct mu_sign_key audit_key = {{4, 2}};

/* The vault's log lies in the vault's folder, the others in ours. A write-ahead
 * log is there only after a crash. */
static const char *const files[CRASH_FILES] = {
    "log", "store", "store-wal", "audit", "time"};

static struct test_folder *folder_of(
    struct vault_world *vault, struct test_folder *folder, size_t file)
{
    return file == 0 ? &vault->folder : folder;
}

static void must(enum mu_err err)
{
    CU_ASSERT_EQUAL_FATAL(err, MU_OK);
}

void crash_read(struct test_folder *folder, const char *name, struct buf *out)
{
    must(mu_file_read(test_folder_path(folder, name), FILE_MAX, out));
}

static void copy(struct test_folder *folder, const char *from, const char *to)
{
    MU_CLEANUP(buf_clear) struct buf octets = {0};

    (void)unlink(test_folder_path(folder, to));
    if (!test_folder_has(folder, from))
        return;
    crash_read(folder, from, &octets);
    test_folder_write(folder, to, buf_span(&octets));
}

static void copy_all(
    struct vault_world *vault, struct test_folder *folder, bool back)
{
    for (size_t i = 0; i < CRASH_FILES; i++) {
        char aside[32];

        (void)snprintf(aside, sizeof(aside), "%s.saved", files[i]);
        copy(folder_of(vault, folder, i), back ? aside : files[i],
            back ? files[i] : aside);
    }
}

void crash_save(struct vault_world *vault, struct test_folder *folder)
{
    copy_all(vault, folder, false);
}

void crash_restore(struct vault_world *vault, struct test_folder *folder)
{
    copy_all(vault, folder, true);
}

struct span crash_uri(char letter, char out[32])
{
    (void)snprintf(out, 32, "sip:%c@example.%s", letter | 0x20,
        letter < 'a' ? "net" : "org");
    return span_str(out);
}

/* ------------------------------------------------------------------------ time
 */

/* The next process must not be earlier than this one. */
static void set_time(struct crash_world *w, uint64_t unix_ms)
{
    w->now.mono_ms += unix_ms - w->now.unix_ms;
    w->now.unix_ms = unix_ms;
    w->run.clock.unix_ms = unix_ms;
    test_folder_write(w->folder, "time", SPAN_OF(&w->now.unix_ms));
}

static uint64_t saved_time(struct crash_world *w)
{
    MU_CLEANUP(buf_clear) struct buf octets = {0};
    uint64_t unix_ms = w->vault->now_s * 1000;

    if (!test_folder_has(w->folder, "time"))
        return unix_ms;
    test_folder_read(w->folder, "time", &octets);
    CU_ASSERT_EQUAL_FATAL(octets.len, sizeof(unix_ms));
    memcpy(&unix_ms, octets.p, sizeof(unix_ms));
    return unix_ms + 1000;
}

/* ------------------------------------------------------------------- the parts
 */

static void on_up(void *ctx, const struct gms_vault_hello *hello)
{
    struct crash_world *w = ctx;

    (void)hello;
    if (w->keeper != NULL)
        gms_keeper_wake(w->keeper);
}

static struct kms_cert *read_cert(
    const struct vault_world *vault, const char *text)
{
    struct kms_cert *cert = NULL;
    struct xml_fault fault;
    struct kms_trust trust;

    kms_trust_of(&vault->home.enrolment, &trust);
    must(kms_cert_new(&trust, span_str(text), &fault, &cert));
    return cert;
}

static void make_domains(struct crash_world *w)
{
    MU_CLEANUP(kms_cert_drop)
    struct kms_cert *home = read_cert(w->vault, w->vault->home_cert);
    MU_CLEANUP(kms_cert_drop)
    struct kms_cert *abroad = read_cert(w->vault, w->vault->abroad_cert);

    must(kms_keyset_new(&w->vault->home.enrolment.user_uri, &w->keys));
    must(kms_keyset_set_home(w->keys, home));
    must(kms_keyset_add_external(w->keys, abroad));
    must(gms_domains_new(w->keys, "", &w->domains));
}

static struct gms_vault_period period_of(
    const struct vault_world *vault, char letter)
{
    return (struct gms_vault_period){
        span_str(letter < 'a' ? VAULT_ABROAD : VAULT_HOME), vault->period};
}

void crash_shared_init(struct crash_shared *shared)
{
    struct vault_run run;

    shared->vault = vault_world();
    vault_start_inside(shared->vault, &run);
    vault_provision(shared->vault, &run);
    shared->state = run.desk.state;
    run.desk.state = NULL;
    CU_ASSERT_EQUAL(vault_stop(&run), MU_OK);
    for (size_t i = 0; CRASH_LETTERS[i] != '\0'; i++) {
        struct gms_vault_period period =
            period_of(shared->vault, CRASH_LETTERS[i]);
        char name[32];

        vault_member_init(shared->vault, &period,
            crash_uri(CRASH_LETTERS[i], name), &shared->members[i]);
    }
}

void crash_shared_clear(struct crash_shared *shared)
{
    gms_state_free(shared->state);
    for (size_t i = 0; CRASH_LETTERS[i] != '\0'; i++)
        test_user_clear(&shared->members[i]);
}

/* The vault's log and book are this process's, what it was provisioned with is
 * everybody's. Nobody asks it before it is linked. */
static void start_vault(struct crash_world *w)
{
    vault_start_inside(w->vault, &w->run);
    gms_state_free(w->run.desk.state);
    w->run.desk.state = w->shared->state;
    w->run.clock.unix_ms = w->now.unix_ms;
    must(gms_vault_link_take(w->link, w->run.fd));
    w->run.fd = -1;
}

static void open_files(struct crash_world *w)
{
    const struct gms_audit_config audit = {
        .path = test_folder_path(w->folder, "audit"),
        .key = &audit_key,
        .clock = &w->now.clock,
        .rng = &w->rng.rng};

    must(gms_audit_open(&audit, &w->audit));
    must(gms_store_open(test_folder_path(w->folder, "store"), &w->store));
}

static void start_keeper(struct crash_world *w)
{
    const struct gms_keeper_config config = {.base = w->base,
        .clock = &w->now.clock,
        .rng = &w->rng.rng,
        .store = w->store,
        .vault = w->link,
        .domains = w->domains,
        .audit = w->audit,
        .policy = {.grace_s = 30,
            .overlap_s = 60,
            .coalesce_ms = 500,
            .lifetime_s = 3600,
            .renew_s = 600,
            .quorum = 80,
            .quorum_margin_s = 5,
            .hot_spare = true,
            .tombstone_s = 600}};

    must(gms_keeper_new(&config, &w->keeper));
}

void crash_open(struct crash_world *w, struct crash_shared *shared,
    struct test_folder *folder)
{
    struct gms_vault_link_config link = {.on_up = on_up, .ctx = w};

    *w = (struct crash_world){
        .shared = shared, .vault = shared->vault, .folder = folder, .said = -1};
    test_clock_init(&w->now, 0);
    test_rng_init(&w->rng, 1);
    mu_arena_init(&w->arena, ARENA_MAX);
    w->base = event_base_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(w->base);
    set_time(w, saved_time(w));
    make_domains(w);
    open_files(w);
    link.base = w->base;
    must(gms_vault_link_new(&link, &w->link));
    start_keeper(w);
    start_vault(w);
    crash_run(w);
}

void crash_close(struct crash_world *w)
{
    gms_keeper_free(w->keeper);
    gms_vault_link_free(w->link);
    w->run.desk.state = NULL;
    CU_ASSERT_EQUAL(vault_stop(&w->run), MU_OK);
    gms_store_close(w->store);
    gms_audit_close(w->audit);
    gms_domains_free(w->domains);
    kms_keyset_free(w->keys);
    event_base_free(w->base);
    mu_arena_clear(&w->arena);
}

/* --------------------------------------------------------------------- its
 * work
 */

static const struct keeper_agenda_item *first_item(const struct crash_world *w)
{
    return keeper_agenda_first(w->keeper->groups);
}

static bool is_due(const struct crash_world *w)
{
    const struct keeper_agenda_item *first = first_item(w);

    return first != NULL && first->at_ms <= w->now.unix_ms;
}

/* Its timer waits for a clock that does not move by itself. */
static void look(struct crash_world *w)
{
    if (is_due(w))
        keeper_touch(w->keeper, first_item(w)->owner);
}

void crash_run(struct crash_world *w)
{
    unsigned turns = 0;

    look(w);
    while (w->keeper->in_flight > 0 || w->keeper->accepted.len > 0 ||
           w->keeper->opened != NULL || !gms_vault_link_is_up(w->link) ||
           is_due(w)) {
        CU_ASSERT_FATAL(event_base_loop(w->base, EVLOOP_ONCE) >= 0);
        CU_ASSERT_FATAL(++turns < TURNS_MAX);
    }
}

static void fetch(struct crash_world *w)
{
    struct mu_arena_list list = {0};
    const struct gms_holder *holders;

    must(gms_store_holders(w->store, span_str(CRASH_GROUP), &w->arena, &list));
    holders = list.at;
    for (size_t i = 0; i < list.len; i++)
        must(gms_keeper_accepted(
            w->keeper, span_str(CRASH_GROUP), holders[i].uri));
    crash_run(w);
}

void crash_settle(struct crash_world *w, uint64_t seconds)
{
    uint64_t until_ms = w->now.unix_ms + seconds * 1000;

    crash_run(w);
    fetch(w);
    while (w->now.unix_ms < until_ms) {
        const struct keeper_agenda_item *first = first_item(w);
        uint64_t to_ms = until_ms;

        if (first != NULL && first->at_ms < to_ms)
            to_ms = first->at_ms > w->now.unix_ms ? first->at_ms
                                                  : w->now.unix_ms + 1;
        set_time(w, to_ms);
        crash_run(w);
        fetch(w);
    }
}

void crash_put(struct crash_world *w, const char *members, enum gms_stop stop)
{
    struct gms_doc doc = {.uri = span_str(CRASH_GROUP),
        .xui = span_str("sip:owner@example.org"),
        .name = span_str("group.xml"),
        .text = span_str("<group/>"),
        .reduced_etag = span_str("reduced")};
    struct gms_write write = {.actor = span_str("sip:owner@example.org"),
        .uri = doc.uri,
        .stop = stop};
    struct gms_holder holders[8];
    char uris[8][32];

    if (members != NULL) {
        write.doc = &doc;
        write.view = (struct gms_view){.exists = true,
            .keyed = true,
            .holders = holders,
            .count = strlen(members),
            .ids = {doc.uri},
            .id_count = 1};
        for (size_t i = 0; i < write.view.count; i++)
            holders[i] = (struct gms_holder){crash_uri(members[i], uris[i]),
                span_str(members[i] < 'a' ? VAULT_ABROAD : VAULT_HOME)};
    }
    must(gms_keeper_write(w->keeper, &write, &w->arena, NULL));
}

static void on_proved(void *ctx, enum mu_err err)
{
    struct crash_proof *proof = ctx;

    proof->told = true;
    proof->err = err;
    if (proof->said >= 0)
        CU_ASSERT_EQUAL(write(proof->said, "1", 1), 1);
}

static struct mcptt_key_id key_in_force(struct crash_world *w)
{
    struct mu_arena_list list = {0};
    const struct gms_gmk *gmks;
    size_t i = 0;

    must(gms_store_gmks(w->store, span_str(CRASH_GROUP), &w->arena, &list));
    gmks = list.at;
    while (i < list.len && gmks[i].state != GMS_GMK_ACTIVE)
        i++;
    CU_ASSERT_FATAL(i < list.len);
    return gmks[i].id;
}

void crash_prove(struct crash_world *w, char letter, struct crash_proof *proof)
{
    char name[32];
    struct span uri = crash_uri(letter, name);

    *proof = (struct crash_proof){.opened = {.group = span_str(CRASH_GROUP),
                                      .member = mu_arena_copy(&w->arena, uri),
                                      .key = key_in_force(w),
                                      .done = on_proved,
                                      .ctx = proof},
        .said = w->said};
    gms_keeper_opened(w->keeper, &proof->opened);
}

enum mu_err crash_open_message(struct crash_world *w, char letter,
    struct span message, struct mcptt_opened *out)
{
    size_t i = (size_t)(strchr(CRASH_LETTERS, letter) - CRASH_LETTERS);
    const struct gms_vault_period period = period_of(w->vault, letter);
    char name[32];

    return vault_open_as(w->vault, message, &period, crash_uri(letter, name),
        &w->shared->members[i], out);
}
