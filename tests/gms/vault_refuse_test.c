/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a front that was taken cannot make the vault do: one test for each
 * refusal, and each of them provoked through the protocol.
 */
#include "tests/gms/vault_world.h"
#include "tests/suites.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define GROUP VAULT_GROUP
#define OTHER "sip:other@groups.example.org"
#define ALICE "sip:alice@example.org"
#define BOB   "sip:bob@example.org"

static struct vault_reply reply;

/* A vault with certificates and keys, and nothing in its log. */
static void setup(struct vault_run *run)
{
    vault_world_forget(vault_world());
    vault_start_inside(vault_world(), run);
    vault_provision(vault_world(), run);
}

static void teardown(struct vault_run *run)
{
    CU_ASSERT_EQUAL(vault_stop(run), MU_OK);
}

/* A key of that epoch, wrapped for one member. */
static struct vault_task wrapped(
    struct vault_run *run, uint64_t epoch, const char *member)
{
    struct vault_task task =
        vault_task(vault_world(), vault_new_key(run, GROUP, epoch), member);

    CU_ASSERT_EQUAL(vault_wrap(run, &task), GMS_REFUSED_NOT);
    return task;
}

static enum gms_vault_refusal sign(
    struct vault_run *run, const struct vault_task *task)
{
    return vault_sign(run, task, &reply);
}

static uint64_t now_s(const struct vault_run *run)
{
    return run->clock.unix_ms / 1000;
}

static void a_certificate_of_somebody_elses_root_is_refused(void)
{
    struct vault_world *w = vault_world();
    struct world stranger;
    struct world_cert cert;
    struct vault_run run;
    char text[WORLD_TEXT];

    setup(&run);
    world_init(&stranger);
    cert = world_root(&stranger);
    cert.kms_uri = "kms.stranger.example";
    cert.role = "External";
    cert.to_s = w->now_s + 1000;
    CU_ASSERT_EQUAL(mu_rng_fill(mu_rng_system(), stranger.cert_key.b,
                        sizeof(stranger.cert_key.b)),
        MU_OK);
    stranger.cert_key.b[0] = 0; /* in range */
    world_sign_cert(&stranger, &cert, text);
    CU_ASSERT_EQUAL(vault_give_cert(&run, text), GMS_REFUSED_CERT);
    world_bare_cert(&stranger, &cert, text);
    CU_ASSERT_EQUAL(vault_give_cert(&run, text), GMS_REFUSED_CERT);
    CU_ASSERT_EQUAL(
        vault_give_cert(&run, "<KmsCertificate/>"), GMS_REFUSED_CERT);
    world_clear(&stranger);
    teardown(&run);
}

static void a_home_certificate_of_another_kms_is_refused(void)
{
    struct vault_world *w = vault_world();
    struct world_cert cert = world_root(&w->home);
    struct vault_run run;
    char text[WORLD_TEXT];

    vault_world_forget(w);
    vault_start_inside(w, &run);
    cert.kms_uri = "kms.other.example";
    cert.to_s = w->now_s + 1000;
    world_sign_cert(&w->home, &cert, text);
    CU_ASSERT_EQUAL(vault_give_cert(&run, text), GMS_REFUSED_CERT);
    teardown(&run);
}

static void keys_that_are_not_ours_are_refused(void)
{
    struct vault_world *w = vault_world();
    struct kms_wrapped_keys keys, other;
    struct vault_run run;

    setup(&run);
    world_wrap_keys(&w->home, w->period, &keys);
    world_wrap_keys(&w->home, w->period + 1, &other);
    keys.rsk.b[20] ^= 1; /* the TrK does not open it */
    CU_ASSERT_EQUAL(vault_give_keys(&run, &keys), GMS_REFUSED_KEYS);
    other.period_no = w->period; /* with the UID of the next one */
    CU_ASSERT_EQUAL(vault_give_keys(&run, &other), GMS_REFUSED_KEYS);
    world_wrap_keys(&w->home, w->period + 1, &other);
    world_wrap_keys(&w->home, w->period, &keys);
    keys.ssk = other.ssk; /* opens, and does not verify */
    CU_ASSERT_EQUAL(vault_give_keys(&run, &keys), GMS_REFUSED_KEYS);
    teardown(&run);
}

static void keys_before_a_certificate_are_refused(void)
{
    struct vault_world *w = vault_world();
    struct kms_wrapped_keys keys;
    struct vault_run run;

    vault_world_forget(w);
    vault_start_inside(w, &run);
    world_wrap_keys(&w->home, w->period, &keys);
    CU_ASSERT_EQUAL(vault_give_keys(&run, &keys), GMS_REFUSED_KMS);
    teardown(&run);
}

static void without_keys_for_the_period_nothing_is_signed(void)
{
    struct vault_world *w = vault_world();
    struct kms_wrapped_keys keys;
    struct vault_task task;
    struct vault_run run;

    vault_world_forget(w);
    vault_start_inside(w, &run);
    CU_ASSERT_EQUAL(vault_give_cert(&run, w->home_cert), GMS_REFUSED_NOT);
    world_wrap_keys(&w->home, w->period + 1, &keys);
    CU_ASSERT_EQUAL(vault_give_keys(&run, &keys), GMS_REFUSED_NOT);
    task = wrapped(&run, 1, ALICE);
    CU_ASSERT_EQUAL(sign(&run, &task), GMS_REFUSED_NOT_READY);
    world_wrap_keys(&w->home, w->period, &keys);
    CU_ASSERT_EQUAL(vault_give_keys(&run, &keys), GMS_REFUSED_NOT);
    CU_ASSERT_EQUAL(sign(&run, &task), GMS_REFUSED_NOT);
    teardown(&run);
}

static void a_kms_without_a_certificate_is_refused(void)
{
    struct vault_task task;
    struct vault_run run;

    setup(&run);
    task = wrapped(&run, 1, ALICE);
    task.period.kms = span_str("kms.evil.example");
    CU_ASSERT_EQUAL(vault_wrap(&run, &task), GMS_REFUSED_KMS);
    CU_ASSERT_EQUAL(sign(&run, &task), GMS_REFUSED_KMS);
    CU_ASSERT(span_eq(reply.why, task.period.kms));
    teardown(&run);
}

static void a_certificate_that_has_expired_is_refused(void)
{
    struct vault_world *w = vault_world();
    struct vault_task task;
    struct vault_run run;

    setup(&run);
    task = wrapped(&run, 1, ALICE);
    test_clock_step(&run.clock, UINT64_C(101) * WORLD_PERIOD * 1000);
    task.period.number = w->period + 101;
    CU_ASSERT_EQUAL(vault_wrap(&run, &task), GMS_REFUSED_KMS);
    teardown(&run);
}

static void periods_that_are_not_now_nor_prebuilt_are_refused(void)
{
    struct vault_world *w = vault_world();
    struct vault_task task;
    struct vault_run run;

    setup(&run);
    task = wrapped(&run, 1, ALICE);
    task.period.number = w->period - 1;
    CU_ASSERT_EQUAL(vault_wrap(&run, &task), GMS_REFUSED_PERIOD);
    CU_ASSERT_EQUAL(sign(&run, &task), GMS_REFUSED_PERIOD);
    task.period.number = w->period + 2;
    CU_ASSERT_EQUAL(vault_wrap(&run, &task), GMS_REFUSED_PERIOD);
    CU_ASSERT_EQUAL(sign(&run, &task), GMS_REFUSED_PERIOD);
    task.period.number = w->period + 1;
    CU_ASSERT_EQUAL(vault_wrap(&run, &task), GMS_REFUSED_NOT);
    CU_ASSERT_EQUAL(sign(&run, &task), GMS_REFUSED_NOT);
    teardown(&run);
}

/* What does not open as what the request says it is. */
static void a_sealed_key_of_another_name_is_refused(void)
{
    struct vault_task task, bad;
    struct vault_run run;
    uint8_t octets[GMS_SEALED_KEY_LEN];

    setup(&run);
    task = bad = wrapped(&run, 1, ALICE);
    bad.key.group = span_str(OTHER);
    CU_ASSERT_EQUAL(vault_wrap(&run, &bad), GMS_REFUSED_SEALED_KEY);
    CU_ASSERT_EQUAL(sign(&run, &bad), GMS_REFUSED_SEALED_KEY);
    bad = task;
    bad.key.epoch++;
    CU_ASSERT_EQUAL(vault_wrap(&run, &bad), GMS_REFUSED_SEALED_KEY);
    bad = task;
    bad.key.id.v ^= 1;
    CU_ASSERT_EQUAL(vault_wrap(&run, &bad), GMS_REFUSED_SEALED_KEY);
    bad = task;
    memcpy(octets, task.key.sealed.p, sizeof(octets));
    octets[sizeof(octets) - 1] ^= 1;
    bad.key.sealed = SPAN_OF(octets);
    CU_ASSERT_EQUAL(vault_wrap(&run, &bad), GMS_REFUSED_SEALED_KEY);
    teardown(&run);
}

static void a_key_is_said_to_be_its_own_groups(void)
{
    struct vault_task task;
    struct vault_run run;

    setup(&run);
    task = wrapped(&run, 1, ALICE);
    task.terms.groups[0] = span_str(OTHER);
    CU_ASSERT_EQUAL(sign(&run, &task), GMS_REFUSED_SEALED_KEY);
    task.terms.groups[0] = span_str(GROUP);
    task.terms.groups[task.terms.group_count++] = span_str(OTHER);
    CU_ASSERT_EQUAL(sign(&run, &task), GMS_REFUSED_NOT);
    task.terms.group_count = 0;
    CU_ASSERT_EQUAL(sign(&run, &task), GMS_REFUSED_SEALED_KEY);
    teardown(&run);
}

static void an_envelope_of_another_recipient_is_refused(void)
{
    struct vault_task task;
    struct vault_run run;

    setup(&run);
    task = wrapped(&run, 1, ALICE);
    task.members[0] = span_str(BOB);
    CU_ASSERT_EQUAL(sign(&run, &task), GMS_REFUSED_ENVELOPE);
    CU_ASSERT(span_eq(reply.why, task.members[0]));
    teardown(&run);
}

static void an_envelope_of_another_period_is_refused(void)
{
    struct vault_world *w = vault_world();
    struct vault_task task;
    struct vault_run run;

    setup(&run);
    task = wrapped(&run, 1, ALICE);
    task.period.number = w->period + 1;
    CU_ASSERT_EQUAL(sign(&run, &task), GMS_REFUSED_ENVELOPE);
    teardown(&run);
}

static void an_envelope_of_another_kms_is_refused(void)
{
    struct vault_task task;
    struct vault_run run;

    setup(&run);
    task = wrapped(&run, 1, ALICE);
    task.period.kms = span_str(VAULT_ABROAD);
    CU_ASSERT_EQUAL(sign(&run, &task), GMS_REFUSED_ENVELOPE);
    teardown(&run);
}

static void an_envelope_of_another_key_is_refused(void)
{
    struct vault_task old, new;
    struct vault_run run;

    setup(&run);
    old = wrapped(&run, 1, ALICE);
    new = wrapped(&run, 2, ALICE);
    new.envelopes[0] = old.envelopes[0];
    CU_ASSERT_EQUAL(sign(&run, &new), GMS_REFUSED_ENVELOPE);
    teardown(&run);
}

/* The KMS keeps its name and has new keys: what was wrapped is of no use. */
static void an_envelope_under_old_kms_keys_is_refused(void)
{
    struct vault_world *w = vault_world();
    MU_CLEANUP(test_kms_clear) struct test_kms renewed;
    struct world_cert cert = world_root(&w->home);
    struct vault_task task;
    struct vault_run run;
    char text[WORLD_TEXT];

    setup(&run);
    task = vault_task(w, vault_new_key(&run, GROUP, 1), ALICE);
    task.period.kms = span_str(VAULT_ABROAD);
    CU_ASSERT_EQUAL(vault_wrap(&run, &task), GMS_REFUSED_NOT);
    CU_ASSERT_EQUAL(sign(&run, &task), GMS_REFUSED_NOT);
    test_kms_init(&renewed, &w->home.rng);
    cert.kms_uri = VAULT_ABROAD;
    cert.role = "External";
    cert.from_s = w->now_s - 10;
    cert.to_s = w->now_s + WORLD_PERIOD;
    cert.kms = &renewed;
    world_sign_cert(&w->home, &cert, text);
    CU_ASSERT_EQUAL(vault_give_cert(&run, text), GMS_REFUSED_NOT);
    CU_ASSERT_EQUAL(sign(&run, &task), GMS_REFUSED_ENVELOPE);
    teardown(&run);
}

static void an_epoch_is_refused_once_a_newer_one_is_in_force(void)
{
    struct vault_task old, new, joiner;
    struct vault_run run;

    setup(&run);
    old = wrapped(&run, 1, ALICE);
    CU_ASSERT_EQUAL(sign(&run, &old), GMS_REFUSED_NOT);
    new = wrapped(&run, 2, ALICE);
    new.terms.activation_s = now_s(&run) + 60;
    CU_ASSERT_EQUAL(sign(&run, &new), GMS_REFUSED_NOT);
    joiner = vault_task(vault_world(), old.key, BOB);
    CU_ASSERT_EQUAL(vault_wrap(&run, &joiner), GMS_REFUSED_NOT);
    CU_ASSERT_EQUAL(sign(&run, &joiner), GMS_REFUSED_NOT);
    test_clock_step(&run.clock, 60000);
    CU_ASSERT_EQUAL(vault_wrap(&run, &joiner), GMS_REFUSED_EPOCH);
    CU_ASSERT_EQUAL(sign(&run, &joiner), GMS_REFUSED_EPOCH);
    joiner.terms.revoked = true; /* by an envelope that is good for a key */
    CU_ASSERT_EQUAL(sign(&run, &joiner), GMS_REFUSED_EPOCH);
    CU_ASSERT_EQUAL(sign(&run, &new), GMS_REFUSED_NOT);
    teardown(&run);
}

/* A vault that was started again knows what it signed before. */
static void an_epoch_is_refused_after_a_restart_too(void)
{
    struct vault_task old, new;
    struct vault_run run;
    uint8_t sealed[GMS_SEALED_KEY_LEN], envelope[GMS_ENVELOPE_LEN];

    setup(&run);
    old = wrapped(&run, 1, ALICE);
    new = wrapped(&run, 2, ALICE);
    CU_ASSERT_EQUAL(sign(&run, &new), GMS_REFUSED_NOT);
    CU_ASSERT_EQUAL(
        vault_members(&run, GMS_VAULT_EXCLUDE, 3, BOB), GMS_REFUSED_NOT);
    memcpy(sealed, old.key.sealed.p, sizeof(sealed));
    memcpy(envelope, old.envelopes[0].p, sizeof(envelope));
    old.key.sealed = SPAN_OF(sealed);
    old.key.group = span_str(GROUP);
    old.envelopes[0] = SPAN_OF(envelope);
    teardown(&run);
    vault_start_inside(vault_world(), &run);
    vault_provision(vault_world(), &run);
    CU_ASSERT_EQUAL(sign(&run, &old), GMS_REFUSED_EPOCH);
    old = vault_task(vault_world(), vault_new_key(&run, GROUP, 3), BOB);
    CU_ASSERT_EQUAL(vault_wrap(&run, &old), GMS_REFUSED_EXCLUDED);
    teardown(&run);
}

static void no_second_key_of_an_epoch_is_made(void)
{
    struct gms_vault_request request = {.op = GMS_VAULT_NEW_KEY,
        .new_key = {MCPTT_KIND_GMK, span_str(GROUP), 2}};
    struct vault_task task;
    struct vault_run run;

    setup(&run);
    task = wrapped(&run, 2, ALICE);
    CU_ASSERT_EQUAL(sign(&run, &task), GMS_REFUSED_NOT);
    vault_ask(&run, &request, &reply);
    CU_ASSERT_EQUAL(reply.refusal, GMS_REFUSED_EPOCH);
    request.new_key.kind = MCPTT_KIND_MUSIK; /* has epochs of its own */
    vault_ask(&run, &request, &reply);
    CU_ASSERT_EQUAL(reply.err, MU_OK);
    teardown(&run);
}

static void who_is_excluded_gets_no_key(void)
{
    struct vault_task spare, old;
    struct vault_run run;

    setup(&run);
    old = wrapped(&run, 1, ALICE);
    spare = wrapped(&run, 2, ALICE); /* before anybody thought of it */
    CU_ASSERT_EQUAL(
        vault_members(&run, GMS_VAULT_EXCLUDE, 2, ALICE), GMS_REFUSED_NOT);
    CU_ASSERT_EQUAL(sign(&run, &spare), GMS_REFUSED_EXCLUDED);
    CU_ASSERT(span_eq(reply.why, span_str(ALICE)));
    CU_ASSERT_EQUAL(vault_wrap(&run, &spare), GMS_REFUSED_EXCLUDED);
    spare.terms.revoked = true; /* carries the key all the same */
    CU_ASSERT_EQUAL(sign(&run, &spare), GMS_REFUSED_EXCLUDED);
    spare.terms.revoked = false;
    CU_ASSERT_EQUAL(sign(&run, &old), GMS_REFUSED_NOT);
    CU_ASSERT_EQUAL(vault_members(&run, GMS_VAULT_EXCLUDE, 9, ALICE),
        GMS_REFUSED_NOT); /* does not let him in until then */
    CU_ASSERT_EQUAL(sign(&run, &spare), GMS_REFUSED_EXCLUDED);
    CU_ASSERT_EQUAL(
        vault_members(&run, GMS_VAULT_ADMIT, 2, ALICE), GMS_REFUSED_NOT);
    CU_ASSERT_EQUAL(sign(&run, &spare), GMS_REFUSED_NOT);
    teardown(&run);
}

static void one_excluded_recipient_fails_the_request(void)
{
    struct vault_task task;
    struct vault_run run;

    setup(&run);
    task = vault_task(vault_world(), vault_new_key(&run, GROUP, 1), BOB);
    task.members[task.count++] = span_str(ALICE);
    CU_ASSERT_EQUAL(vault_wrap(&run, &task), GMS_REFUSED_NOT);
    CU_ASSERT_EQUAL(
        vault_members(&run, GMS_VAULT_EXCLUDE, 1, ALICE), GMS_REFUSED_NOT);
    CU_ASSERT_EQUAL(sign(&run, &task), GMS_REFUSED_EXCLUDED);
    CU_ASSERT_EQUAL(reply.count, 0);
    teardown(&run);
}

static void an_envelope_for_revocation_brings_no_live_key(void)
{
    struct vault_task task, new;
    struct vault_run run;

    setup(&run);
    task = vault_task(vault_world(), vault_new_key(&run, GROUP, 1), ALICE);
    new = wrapped(&run, 2, ALICE);
    CU_ASSERT_EQUAL(sign(&run, &new), GMS_REFUSED_NOT);
    task.revocation = true;
    CU_ASSERT_EQUAL(vault_wrap(&run, &task), GMS_REFUSED_NOT);
    CU_ASSERT_EQUAL(sign(&run, &task), GMS_REFUSED_PURPOSE);
    task.terms.revoked = true; /* of an epoch that is past */
    CU_ASSERT_EQUAL(sign(&run, &task), GMS_REFUSED_NOT);
    teardown(&run);
}

static void times_that_no_policy_gives_are_refused(void)
{
    struct vault_task task;
    struct vault_run run;
    uint64_t now;

    setup(&run);
    now = now_s(&run);
    task = wrapped(&run, 1, ALICE);
    task.terms.activation_s = now + UINT64_C(31) * 86400;
    CU_ASSERT_EQUAL(sign(&run, &task), GMS_REFUSED_ACTIVATION);
    task.terms.activation_s = now + 60;
    task.terms.expiry_s = now + 60;
    CU_ASSERT_EQUAL(sign(&run, &task), GMS_REFUSED_ACTIVATION);
    task.terms.activation_s = 0;
    task.terms.expiry_s = now;
    CU_ASSERT_EQUAL(sign(&run, &task), GMS_REFUSED_ACTIVATION);
    task.terms.expiry_s = UINT64_C(1) << 40;
    CU_ASSERT_EQUAL(sign(&run, &task), GMS_REFUSED_ACTIVATION);
    task.terms.activation_s = now + 60;
    task.terms.expiry_s = now + 61;
    CU_ASSERT_EQUAL(sign(&run, &task), GMS_REFUSED_NOT);
    teardown(&run);
}

/* A log that takes no more: its descriptor does not write. */
static void what_cannot_be_logged_is_not_done(void)
{
    struct gms_vault_request request = {.op = GMS_VAULT_NEW_KEY,
        .new_key = {MCPTT_KIND_GMK, span_str(GROUP), 2}};
    struct vault_task task;
    struct vault_run run;

    setup(&run);
    task = wrapped(&run, 1, ALICE);
    test_files_limit(1); /* a full disk */
    CU_ASSERT_EQUAL(sign(&run, &task), GMS_REFUSED_LOG);
    CU_ASSERT_EQUAL(vault_wrap(&run, &task), GMS_REFUSED_LOG);
    CU_ASSERT_EQUAL(
        vault_members(&run, GMS_VAULT_EXCLUDE, 2, ALICE), GMS_REFUSED_LOG);
    vault_ask(&run, &request, &reply);
    CU_ASSERT_EQUAL(reply.refusal, GMS_REFUSED_LOG);
    CU_ASSERT_EQUAL(reply.err, MU_E_IO);
    test_files_unlimit();
    CU_ASSERT_EQUAL(sign(&run, &task), GMS_REFUSED_NOT);
    teardown(&run);
}

/* Reads answers until the last one of n requests; how many were refused. */
static size_t refused_for_rate(struct vault_run *run, size_t n)
{
    static uint8_t octets[GMS_VAULT_FRAME_MAX];
    size_t refused = 0;

    while (n > 0) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        ssize_t len = recv(run->fd, octets, sizeof(octets), 0);
        struct gms_vault_answer a;

        CU_ASSERT_FATAL(len > 0);
        mu_arena_init(&arena, 65536);
        CU_ASSERT_EQUAL_FATAL(
            gms_vault_answer_read(
                (struct span){octets, (size_t)len}, &arena, &a),
            MU_OK);
        CU_ASSERT(a.err == MU_OK || a.refusal == GMS_REFUSED_RATE);
        refused += a.refusal == GMS_REFUSED_RATE;
        n -= a.last;
    }
    return refused;
}

static void more_in_flight_than_agreed_is_refused(void)
{
    static struct span members[GMS_VAULT_RECIPIENTS_MAX];
    const size_t many = (size_t)3 * GMS_VAULT_INFLIGHT_MAX;
    struct gms_vault_request request;
    struct gms_sealed_key key;
    struct vault_run run;

    setup(&run);
    key = vault_new_key(&run, GROUP, 1);
    for (size_t i = 0; i < GMS_VAULT_RECIPIENTS_MAX; i++)
        members[i] = span_str(ALICE);
    request = (struct gms_vault_request){.op = GMS_VAULT_WRAP,
        .wrap = {key, {span_str(VAULT_HOME), vault_world()->period}, false,
            members, 16}};
    /* All are there before the first is done: this end does not read, and the
     * vault takes frames for as long as there are some. */
    for (size_t i = 0; i < many; i++)
        vault_send(&run, &request);
    CU_ASSERT(refused_for_rate(&run, many) > 0);
    request.wrap.count = 1;
    vault_ask(&run, &request, &reply);
    CU_ASSERT_EQUAL(reply.err, MU_OK);
    teardown(&run);
}

/* A key that Alice was sent and opened, and the draft of her receipt. */
static struct gms_sealed_key opened(struct vault_run *run,
    struct mcptt_opened *key, struct mcptt_receipt *draft)
{
    static uint8_t sha256[MCPTT_RECEIPT_SHA256_LEN];
    struct vault_task task = wrapped(run, 1, ALICE);

    CU_ASSERT_EQUAL(sign(run, &task), GMS_REFUSED_NOT);
    CU_ASSERT_EQUAL_FATAL(vault_open_message(vault_world(), reply.messages[0],
                              &task.period, task.members[0], key),
        MU_OK);
    CU_ASSERT_EQUAL(key->key_id.v, task.key.id.v);
    *draft = (struct mcptt_receipt){.key_id = key->key_id,
        .time_ms = run->clock.unix_ms,
        .group = span_str(GROUP),
        .member = span_str(ALICE),
        .kms = span_str(VAULT_HOME),
        .message_sha256 = SPAN_OF(sha256)};
    return task.key;
}

static enum gms_vault_refusal prove(struct vault_run *run,
    const struct gms_sealed_key *key, struct span receipt)
{
    struct gms_vault_request request = {
        .op = GMS_VAULT_RECEIPT, .receipt = {*key, receipt}};

    vault_ask(run, &request, &reply);
    return reply.refusal;
}

static void a_receipt_of_who_opened_the_key_is_believed(void)
{
    static struct mcptt_opened key;
    struct mcptt_receipt draft;
    struct gms_sealed_key sealed;
    struct vault_run run;

    setup(&run);
    sealed = opened(&run, &key, &draft);
    CU_ASSERT_EQUAL(prove(&run, &sealed,
                        vault_receipt(vault_world(), &run, &draft, &key.key)),
        GMS_REFUSED_NOT);
    CU_ASSERT_EQUAL(reply.err, MU_OK);
    mcptt_opened_clear(&key);
    teardown(&run);
}

static void a_receipt_that_proves_nothing_is_refused(void)
{
    static struct mcptt_opened key;
    struct mcptt_receipt draft, other;
    struct gms_sealed_key sealed;
    struct mcptt_key guessed = {.kind = MCPTT_KIND_GMK};
    struct vault_world *w = vault_world();
    struct vault_run run;

    setup(&run);
    sealed = opened(&run, &key, &draft);
    /* Without the key; of another key, group or time; of another KMS. */
    CU_ASSERT_EQUAL(
        prove(&run, &sealed, vault_receipt(w, &run, &draft, &guessed)),
        GMS_REFUSED_RECEIPT);
    other = draft;
    other.key_id.v ^= 1;
    CU_ASSERT_EQUAL(
        prove(&run, &sealed, vault_receipt(w, &run, &other, &key.key)),
        GMS_REFUSED_RECEIPT);
    other = draft;
    other.group = span_str(OTHER);
    CU_ASSERT_EQUAL(
        prove(&run, &sealed, vault_receipt(w, &run, &other, &key.key)),
        GMS_REFUSED_RECEIPT);
    other = draft;
    other.time_ms += UINT64_C(3600) * 1000;
    CU_ASSERT_EQUAL(
        prove(&run, &sealed, vault_receipt(w, &run, &other, &key.key)),
        GMS_REFUSED_RECEIPT);
    other = draft;
    other.kms = span_str("kms.nobody.example");
    CU_ASSERT_EQUAL(
        prove(&run, &sealed, vault_receipt(w, &run, &other, &key.key)),
        GMS_REFUSED_KMS);
    CU_ASSERT_EQUAL(
        prove(&run, &sealed, span_str("no receipt")), GMS_REFUSED_RECEIPT);
    sealed.epoch++;
    CU_ASSERT_EQUAL(
        prove(&run, &sealed, vault_receipt(w, &run, &draft, &key.key)),
        GMS_REFUSED_SEALED_KEY);
    mcptt_opened_clear(&key);
    teardown(&run);
}

/* It cannot know yet whether the receipt is any good. */
static void a_vault_without_keys_judges_no_receipt(void)
{
    static const uint8_t octets[GMS_SEALED_KEY_LEN], sha256[32];
    const struct gms_sealed_key sealed = {.id = {1},
        .group = span_str(GROUP),
        .epoch = 1,
        .sealed = SPAN_OF(octets)};
    const struct mcptt_key guessed = {.kind = MCPTT_KIND_GMK};
    struct mcptt_receipt draft = {.key_id = sealed.id,
        .group = sealed.group,
        .member = span_str(ALICE),
        .kms = span_str(VAULT_HOME),
        .message_sha256 = SPAN_OF(sha256)};
    struct vault_world *w = vault_world();
    struct vault_run run;
    struct span receipt;

    vault_world_forget(w);
    vault_start_inside(w, &run);
    draft.time_ms = run.clock.unix_ms;
    receipt = vault_receipt(w, &run, &draft, &guessed);
    CU_ASSERT_EQUAL(prove(&run, &sealed, receipt), GMS_REFUSED_NOT_READY);
    vault_provision(w, &run);
    CU_ASSERT_EQUAL(prove(&run, &sealed, receipt), GMS_REFUSED_SEALED_KEY);
    teardown(&run);
}

static void a_malformed_frame_ends_the_vault(void)
{
    static const uint8_t frame[] = {1, GMS_VAULT_OPS, 0, 0, 0, 1};
    struct vault_run run;

    setup(&run);
    CU_ASSERT_EQUAL(send(run.fd, frame, sizeof(frame), 0), sizeof(frame));
    CU_ASSERT_EQUAL(vault_stop(&run), MU_E_MALFORMED);
}

CU_TestInfo gms_vault_refuse_tests[] = {
    {"a certificate of somebody else's root is refused",
        a_certificate_of_somebody_elses_root_is_refused},
    {"a home certificate of another KMS is refused",
        a_home_certificate_of_another_kms_is_refused},
    {"keys that are not ours are refused", keys_that_are_not_ours_are_refused},
    {"keys before a certificate are refused",
        keys_before_a_certificate_are_refused},
    {"without keys for the period nothing is signed",
        without_keys_for_the_period_nothing_is_signed},
    {"a KMS without a certificate is refused",
        a_kms_without_a_certificate_is_refused},
    {"a certificate that has expired is refused",
        a_certificate_that_has_expired_is_refused},
    {"periods that are not now nor prebuilt are refused",
        periods_that_are_not_now_nor_prebuilt_are_refused},
    {"a sealed key of another name is refused",
        a_sealed_key_of_another_name_is_refused},
    {"a key is not said to be another group's",
        a_key_is_said_to_be_its_own_groups},
    {"an envelope of another recipient is refused",
        an_envelope_of_another_recipient_is_refused},
    {"an envelope of another period is refused",
        an_envelope_of_another_period_is_refused},
    {"an envelope of another KMS is refused",
        an_envelope_of_another_kms_is_refused},
    {"an envelope of another key is refused",
        an_envelope_of_another_key_is_refused},
    {"an envelope under old KMS keys is refused",
        an_envelope_under_old_kms_keys_is_refused},
    {"an epoch is refused once a newer one is in force",
        an_epoch_is_refused_once_a_newer_one_is_in_force},
    {"an epoch is refused after a restart, too",
        an_epoch_is_refused_after_a_restart_too},
    {"no second key of an epoch is made", no_second_key_of_an_epoch_is_made},
    {"who is excluded gets no key", who_is_excluded_gets_no_key},
    {"one excluded recipient fails the request",
        one_excluded_recipient_fails_the_request},
    {"an envelope for revocation brings no live key",
        an_envelope_for_revocation_brings_no_live_key},
    {"times that no policy gives are refused",
        times_that_no_policy_gives_are_refused},
    {"what cannot be logged is not done", what_cannot_be_logged_is_not_done},
    {"more in flight than agreed is refused",
        more_in_flight_than_agreed_is_refused},
    {"a receipt of who opened the key is believed",
        a_receipt_of_who_opened_the_key_is_believed},
    {"a receipt that proves nothing is refused",
        a_receipt_that_proves_nothing_is_refused},
    {"a vault without keys judges no receipt",
        a_vault_without_keys_judges_no_receipt},
    {"a malformed frame ends the vault", a_malformed_frame_ends_the_vault},
    CU_TEST_INFO_NULL,
};
