/* SPDX-License-Identifier: Apache-2.0 */
/* What was sealed under one KEK is sealed under the next, and under nothing
 * else (gms/vault/reseal.h). */
#include "tests/gms/vault_world.h"
#include "tests/suites.h"

#include <string.h>

#define GROUP VAULT_GROUP
#define OTHER "sip:other@groups.example.org"
#define ALICE "sip:alice@example.org"
#define BOB   "sip:bob@example.org"

static struct vault_reply reply;

/* A vault and its world, whose ring changes from vault to vault. */
struct rotation {
    struct vault_world *world;
    struct mu_keyring before; /* what the world's ring was */
    struct vault_run run;
};

static void start(struct rotation *r)
{
    vault_start_inside(r->world, &r->run);
    vault_provision(r->world, &r->run);
}

static void setup(struct rotation *r)
{
    r->world = vault_world();
    r->before = r->world->ring;
    vault_world_forget(r->world);
    start(r);
}

static void teardown(struct rotation *r)
{
    CU_ASSERT_EQUAL(vault_stop(&r->run), MU_OK);
    r->world->ring = r->before;
}

/* The next vault of the same world, with these KEKs; what is kept of the one
 * before has to be copied. */
static void restart_with(struct rotation *r, uint8_t first, uint8_t last)
{
    CU_ASSERT_EQUAL(vault_stop(&r->run), MU_OK);
    mu_keyring_clear(&r->world->ring);
    for (unsigned i = first; i <= last; i++) {
        struct mu_kek kek = {{(uint8_t)i}};

        CU_ASSERT_EQUAL(mu_keyring_add(&r->world->ring, &kek), MU_OK);
    }
    start(r);
}

/* The world's KEK begins with a 9. */
#define OLD 9
#define NEW 10

/* A key and its envelope for Alice, in memory that outlives a vault. */
struct kept {
    uint8_t key[GMS_SEALED_KEY_LEN], envelope[GMS_ENVELOPE_LEN];
    struct vault_task task;
};

static void keep(struct kept *kept, struct span key, struct span envelope)
{
    CU_ASSERT_EQUAL_FATAL(key.len, sizeof(kept->key));
    CU_ASSERT_EQUAL_FATAL(envelope.len, sizeof(kept->envelope));
    memmove(kept->key, key.p, key.len);
    memmove(kept->envelope, envelope.p, envelope.len);
    kept->task.key.group = span_str(GROUP);
    kept->task.key.sealed = SPAN_OF(kept->key);
    kept->task.envelopes[0] = SPAN_OF(kept->envelope);
}

static void make(struct rotation *r, struct kept *kept)
{
    kept->task = vault_task(r->world, vault_new_key(&r->run, GROUP, 1), ALICE);
    CU_ASSERT_EQUAL_FATAL(vault_wrap(&r->run, &kept->task), GMS_REFUSED_NOT);
    keep(kept, kept->task.key.sealed, kept->task.envelopes[0]);
}

static struct gms_vault_object key_of(const struct vault_task *task)
{
    return (struct gms_vault_object){.key = task->key};
}

static struct gms_vault_object envelope_of(const struct vault_task *task)
{
    struct gms_vault_object object = {.key = task->key,
        .envelope = task->envelopes[0],
        .period = task->period,
        .recipient = task->members[0],
        .revocation = task->revocation};

    object.key.sealed = (struct span){NULL, 0};
    return object;
}

static void reseal(
    struct rotation *r, const struct gms_vault_object *objects, size_t count)
{
    struct gms_vault_request request = {
        .op = GMS_VAULT_RESEAL, .reseal = {objects, count}};

    vault_ask(&r->run, &request, &reply);
    CU_ASSERT_EQUAL_FATAL(reply.err, MU_OK);
    CU_ASSERT_EQUAL_FATAL(reply.count, count);
}

/* Whether it comes back, under the new KEK. */
static bool comes_back(
    struct rotation *r, const struct gms_vault_object *object)
{
    struct mu_kek_id id;

    reseal(r, object, 1);
    if (reply.objects[0].len == 0)
        return false;
    CU_ASSERT_EQUAL_FATAL(mu_seal_kek_id(reply.objects[0], &id), MU_OK);
    CU_ASSERT(span_eq(
        SPAN_OF(id.b), SPAN_OF(mu_keyring_current(&r->world->ring)->b)));
    return true;
}

static bool opens(const struct rotation *r, const struct vault_task *task)
{
    MU_CLEANUP(mcptt_opened_clear) struct mcptt_opened out = {0};

    return vault_open_message(r->world, reply.messages[0], &task->period,
               task->members[0], &out) == MU_OK &&
           out.key_id.v == task->key.id.v;
}

static void once_sealed_anew_the_old_kek_is_not_needed(void)
{
    static struct kept kept, old;
    struct gms_vault_object objects[2];
    struct rotation r;

    setup(&r);
    make(&r, &kept);
    restart_with(&r, OLD, NEW);
    old = kept;
    keep(&old, kept.task.key.sealed, kept.task.envelopes[0]);
    objects[0] = envelope_of(&kept.task);
    objects[1] = key_of(&kept.task);
    reseal(&r, objects, 2);
    CU_ASSERT_EQUAL_FATAL(reply.objects[0].len, GMS_ENVELOPE_LEN);
    keep(&kept, reply.objects[1], reply.objects[0]);
    restart_with(&r, NEW, NEW);
    CU_ASSERT_EQUAL(vault_sign(&r.run, &kept.task, &reply), GMS_REFUSED_NOT);
    CU_ASSERT(opens(&r, &kept.task));
    CU_ASSERT_EQUAL(
        vault_sign(&r.run, &old.task, &reply), GMS_REFUSED_SEALED_KEY);
    objects[1] = key_of(&old.task);
    CU_ASSERT(!comes_back(&r, &objects[1])); /* nor can it come back */
    teardown(&r);
}

static void what_is_under_the_newest_kek_stays_good(void)
{
    static struct kept kept;
    struct gms_vault_object object;
    struct rotation r;

    setup(&r);
    make(&r, &kept);
    object = envelope_of(&kept.task);
    CU_ASSERT(comes_back(&r, &object));
    keep(&kept, kept.task.key.sealed, reply.objects[0]);
    CU_ASSERT_EQUAL(vault_sign(&r.run, &kept.task, &reply), GMS_REFUSED_NOT);
    CU_ASSERT(opens(&r, &kept.task));
    teardown(&r);
}

static void a_key_of_another_name_does_not_come_back(void)
{
    static struct kept kept;
    struct gms_vault_object object;
    struct rotation r;

    setup(&r);
    make(&r, &kept);
    object = key_of(&kept.task);
    object.key.epoch++;
    CU_ASSERT(!comes_back(&r, &object));
    object = key_of(&kept.task);
    object.key.group = span_str(OTHER);
    CU_ASSERT(!comes_back(&r, &object));
    object = key_of(&kept.task);
    object.key.id.v ^= 1;
    CU_ASSERT(!comes_back(&r, &object));
    object = key_of(&kept.task);
    kept.key[GMS_SEALED_KEY_LEN - 1] ^= 1;
    CU_ASSERT(!comes_back(&r, &object));
    kept.key[GMS_SEALED_KEY_LEN - 1] ^= 1;
    CU_ASSERT(comes_back(&r, &object));
    teardown(&r);
}

static void an_envelope_of_another_place_does_not_come_back(void)
{
    static struct kept kept;
    struct gms_vault_object right, object;
    struct rotation r;

    setup(&r);
    make(&r, &kept);
    right = object = envelope_of(&kept.task);
    object.recipient = span_str(BOB);
    CU_ASSERT(!comes_back(&r, &object));
    object = right;
    object.period.number++;
    CU_ASSERT(!comes_back(&r, &object));
    object = right;
    object.period.kms = span_str(VAULT_ABROAD);
    CU_ASSERT(!comes_back(&r, &object));
    object = right;
    object.revocation = true;
    CU_ASSERT(!comes_back(&r, &object));
    object = right;
    object.key.epoch++;
    CU_ASSERT(!comes_back(&r, &object));
    CU_ASSERT(comes_back(&r, &right));
    teardown(&r);
}

static void an_envelope_of_an_unknown_kms_does_not_come_back(void)
{
    static struct kept kept;
    struct gms_vault_object object;
    struct rotation r;

    setup(&r);
    make(&r, &kept);
    CU_ASSERT_EQUAL(vault_stop(&r.run), MU_OK);
    vault_start_inside(r.world, &r.run); /* without certificates */
    object = envelope_of(&kept.task);
    CU_ASSERT(!comes_back(&r, &object));
    object = key_of(&kept.task);
    CU_ASSERT(comes_back(&r, &object));
    teardown(&r);
}

/* One that does not open does not keep the others from it; each stands in its
 * place, whichever thread did it. */
static void a_full_request_is_answered_in_its_order(void)
{
    static struct gms_vault_object objects[GMS_VAULT_RESEAL_MAX];
    static struct kept kept;
    struct rotation r;

    setup(&r);
    make(&r, &kept);
    for (size_t i = 0; i < GMS_VAULT_RESEAL_MAX; i++) {
        objects[i] = i % 2 == 0 ? envelope_of(&kept.task) : key_of(&kept.task);
        if (i % 5 == 0)
            objects[i].key.epoch++;
    }
    reseal(&r, objects, GMS_VAULT_RESEAL_MAX);
    for (size_t i = 0; i < GMS_VAULT_RESEAL_MAX; i++) {
        size_t len = i % 2 == 0 ? GMS_ENVELOPE_LEN : GMS_SEALED_KEY_LEN;

        CU_ASSERT_EQUAL(reply.objects[i].len, i % 5 == 0 ? 0 : len);
    }
    teardown(&r);
}

/* Sealed anew it is the same envelope: who is excluded stays so. */
static void who_is_excluded_stays_excluded(void)
{
    static struct kept kept;
    struct gms_vault_object object;
    struct rotation r;

    setup(&r);
    make(&r, &kept);
    CU_ASSERT_EQUAL(
        vault_members(&r.run, GMS_VAULT_EXCLUDE, 1, ALICE), GMS_REFUSED_NOT);
    object = envelope_of(&kept.task);
    CU_ASSERT(comes_back(&r, &object));
    keep(&kept, kept.task.key.sealed, reply.objects[0]);
    CU_ASSERT_EQUAL(
        vault_sign(&r.run, &kept.task, &reply), GMS_REFUSED_EXCLUDED);
    teardown(&r);
}

static void what_cannot_be_logged_is_not_done(void)
{
    static struct kept kept;
    struct gms_vault_object object;
    struct gms_vault_request request = {
        .op = GMS_VAULT_RESEAL, .reseal = {&object, 1}};
    struct rotation r;

    setup(&r);
    make(&r, &kept);
    object = key_of(&kept.task);
    test_files_limit(1); /* a full disk */
    vault_ask(&r.run, &request, &reply);
    test_files_unlimit();
    CU_ASSERT_EQUAL(reply.refusal, GMS_REFUSED_LOG);
    CU_ASSERT_EQUAL(reply.count, 0);
    CU_ASSERT(comes_back(&r, &object));
    teardown(&r);
}

static void hello_names_the_keks(void)
{
    struct gms_vault_request request = {.op = GMS_VAULT_HELLO};
    struct rotation r;

    setup(&r);
    restart_with(&r, OLD, NEW);
    vault_ask(&r.run, &request, &reply);
    CU_ASSERT_EQUAL_FATAL(reply.err, MU_OK);
    CU_ASSERT_EQUAL_FATAL(reply.hello.kek_count, 2);
    for (size_t i = 0; i < 2; i++)
        CU_ASSERT(span_eq(SPAN_OF(reply.hello.keks[i].b),
            SPAN_OF(r.world->ring.slot[i].id.b)));
    CU_ASSERT(
        span_eq(SPAN_OF(reply.hello.kek.b), SPAN_OF(reply.hello.keks[1].b)));
    teardown(&r);
}

/* The process does it behind its closed doors, and says what its file is
 * under. */
static void the_process_does_it_too(void)
{
    static struct kept kept;
    struct gms_vault_request request = {.op = GMS_VAULT_HELLO};
    struct gms_vault_object object;
    struct rotation r;

    setup(&r);
    make(&r, &kept);
    CU_ASSERT_EQUAL(vault_stop(&r.run), MU_OK);
    vault_start(r.world, NULL, &r.run);
    vault_provision(r.world, &r.run);
    object = envelope_of(&kept.task);
    CU_ASSERT(comes_back(&r, &object));
    vault_ask(&r.run, &request, &reply);
    CU_ASSERT(span_eq(SPAN_OF(reply.hello.identity_kek.b),
        SPAN_OF(r.world->ring.slot[0].id.b)));
    CU_ASSERT_EQUAL(reply.hello.kek_count, 1);
    teardown(&r);
}

CU_TestInfo gms_vault_reseal_tests[] = {
    {"once sealed anew the old KEK is not needed",
        once_sealed_anew_the_old_kek_is_not_needed},
    {"what is under the newest KEK stays good",
        what_is_under_the_newest_kek_stays_good},
    {"a key of another name does not come back",
        a_key_of_another_name_does_not_come_back},
    {"an envelope of another place does not come back",
        an_envelope_of_another_place_does_not_come_back},
    {"an envelope of an unknown KMS does not come back",
        an_envelope_of_an_unknown_kms_does_not_come_back},
    {"a full request is answered in its order",
        a_full_request_is_answered_in_its_order},
    {"who is excluded stays excluded", who_is_excluded_stays_excluded},
    {"what cannot be logged is not done", what_cannot_be_logged_is_not_done},
    {"hello names the KEKs", hello_names_the_keks},
    {"the process does it, too", the_process_does_it_too},
    CU_TEST_INFO_NULL,
};
