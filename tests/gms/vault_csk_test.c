/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CSKs at the vault: one that is good, and each way in which the vault is no
 * oracle for what else is encrypted to the group server.
 */
#include "gms/vault/csk.h"

#include <string.h>

#include "base/text.h"
#include "mikey/ntp.h"
#include "tests/csk.h"
#include "tests/gms/vault_world.h"
#include "tests/suites.h"

#define ALICE  "sip:alice@example.org"
#define BOB    "sip:bob@example.org"
#define RANDOM 0x0abc123

static struct vault_reply reply;

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

static struct mcptt_uid uid(const char *uri, const char *kms, uint64_t number)
{
    const struct mcptt_uid_source source = {
        span_str(uri), span_str(kms), {.length_s = WORLD_PERIOD}, number};
    struct mcptt_uid got = {{0}};

    CU_ASSERT_EQUAL_FATAL(mcptt_uid_derive(&source, &got), MU_OK);
    return got;
}

/* A client and what it is about to send: nothing is wrong with it yet. */
struct client {
    struct test_user keys;
    struct test_csk csk;
    uint8_t octets[2048];
    struct span message;
};

static void client_clear(struct client *c)
{
    test_user_clear(&c->keys);
}

static void client_of(
    struct client *c, const struct vault_run *run, const char *uri)
{
    struct vault_world *w = vault_world();
    const struct gms_vault_period period = {span_str(VAULT_HOME), w->period};

    vault_member_init(w, &period, span_str(uri), &c->keys);
    c->csk = (struct test_csk){
        .client = {span_str(uri), period.kms, uid(uri, VAULT_HOME, w->period),
            false},
        .server = {span_str(VAULT_GMS), period.kms,
            uid(VAULT_GMS, VAULT_HOME, w->period), false},
        .signer = c->keys.signer,
        .server_kms = w->home.kms.sakke,
        .key = {MCPTT_KIND_CSK, {1, 2, 3}},
        .random = RANDOM,
        .unix_ms = run->clock.unix_ms,
    };
}

static void make(struct client *c)
{
    struct wr w;

    wr_init(&w, c->octets, sizeof(c->octets));
    CU_ASSERT_EQUAL_FATAL(
        test_csk_write(&c->csk, &vault_world()->home.rng.rng, &w), MU_OK);
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, &c->message), MU_OK);
}

static enum gms_vault_refusal send_it(struct vault_run *run, struct client *c)
{
    struct gms_vault_request request = {
        .op = GMS_VAULT_CSK, .csk = {c->message}};

    vault_ask(run, &request, &reply);
    CU_ASSERT_EQUAL(reply.err == MU_OK, reply.refusal == GMS_REFUSED_NOT);
    return reply.refusal;
}

static enum gms_vault_refusal make_and_send(
    struct vault_run *run, struct client *c)
{
    make(c);
    return send_it(run, c);
}

/* The key that encrypts XML, as the client derives it. */
static void expected(const struct client *c, struct mcptt_sig_conf_key *out)
{
    const struct mcptt_xpk_use use = {
        &c->csk.key, test_csk_id(&c->csk), c->csk.client.uri};

    CU_ASSERT_EQUAL_FATAL(mcptt_kdf_sig_conf(&use, out), MU_OK);
}

static void a_csk_of_a_member_yields_the_key_of_his_xml(void)
{
    MU_CLEANUP(client_clear) struct client alice;
    struct mcptt_sig_conf_key key;
    struct vault_run run;

    setup(&run);
    client_of(&alice, &run, ALICE);
    CU_ASSERT_EQUAL(make_and_send(&run, &alice), GMS_REFUSED_NOT);
    CU_ASSERT(span_eq(reply.csk.sender, span_str(ALICE)));
    CU_ASSERT_EQUAL(reply.csk.id.v, 0x20000000U | RANDOM);
    CU_ASSERT_EQUAL(reply.csk.until_s, UINT64_MAX);
    expected(&alice, &key);
    CU_ASSERT(mcptt_sig_conf_key_eq(&reply.csk.key, &key));
    teardown(&run);
}

/* Nothing in the answer's frame but that: not the CSK, in any place. */
static void the_key_itself_does_not_go_out(void)
{
    MU_CLEANUP(client_clear) struct client alice;
    struct vault_run run;

    setup(&run);
    client_of(&alice, &run, ALICE);
    CU_ASSERT_EQUAL(make_and_send(&run, &alice), GMS_REFUSED_NOT);
    CU_ASSERT(!span_eq(SPAN_OF(reply.csk.key.b), SPAN_OF(alice.csk.key.b)));
    CU_ASSERT_EQUAL(reply.frames, 1);
    teardown(&run);
}

static void a_member_of_another_domain_is_served(void)
{
    struct vault_world *w = vault_world();
    MU_CLEANUP(client_clear) struct client carol;
    const struct gms_vault_period period = {span_str(VAULT_ABROAD), w->period};
    struct vault_run run;

    setup(&run);
    client_of(&carol, &run, ALICE);
    test_user_clear(&carol.keys);
    vault_member_init(w, &period, span_str(BOB), &carol.keys);
    carol.csk.client = (struct test_csk_end){
        span_str(BOB), period.kms, uid(BOB, VAULT_ABROAD, w->period), false};
    carol.csk.signer = carol.keys.signer;
    CU_ASSERT_EQUAL(make_and_send(&run, &carol), GMS_REFUSED_NOT);
    CU_ASSERT(span_eq(reply.csk.sender, span_str(BOB)));
    teardown(&run);
}

static void a_hidden_receiver_is_us_all_the_same(void)
{
    MU_CLEANUP(client_clear) struct client alice;
    struct vault_run run;

    setup(&run);
    client_of(&alice, &run, ALICE);
    alice.csk.server.hidden = true;
    CU_ASSERT_EQUAL(make_and_send(&run, &alice), GMS_REFUSED_NOT);
    teardown(&run);
}

static void its_end_is_told(void)
{
    const struct mcptt_key_params params = {.kind = MCPTT_KIND_CSK,
        .status = MCPTT_STATUS_NOT_REVOKED,
        .expiry_s = vault_world()->now_s + 500};
    MU_CLEANUP(client_clear) struct client alice;
    struct vault_run run;

    setup(&run);
    client_of(&alice, &run, ALICE);
    alice.csk.params = &params;
    CU_ASSERT_EQUAL(make_and_send(&run, &alice), GMS_REFUSED_NOT);
    CU_ASSERT_EQUAL(reply.csk.until_s, params.expiry_s);
    teardown(&run);
}

/* ---------------------------------------------------------------- refusals */

static void what_is_no_message_is_refused(void)
{
    MU_CLEANUP(client_clear) struct client alice;
    struct vault_run run;

    setup(&run);
    client_of(&alice, &run, ALICE);
    make(&alice);
    alice.octets[0] = 2; /* the version */
    CU_ASSERT_EQUAL(send_it(&run, &alice), GMS_REFUSED_MESSAGE);
    alice.octets[0] = 1;
    alice.message.len--;
    CU_ASSERT_EQUAL(send_it(&run, &alice), GMS_REFUSED_MESSAGE);
    alice.message = span_str("x");
    CU_ASSERT_EQUAL(send_it(&run, &alice), GMS_REFUSED_MESSAGE);
    teardown(&run);
}

/* A GMK, or whatever else somebody encrypted to us, is not for the front. */
static void another_kind_of_key_is_refused(void)
{
    MU_CLEANUP(client_clear) struct client alice;
    struct vault_run run;

    setup(&run);
    client_of(&alice, &run, ALICE);
    for (unsigned kind = 0; kind < MCPTT_KINDS; kind++) {
        if (kind == MCPTT_KIND_CSK)
            continue;
        alice.csk.key.kind = (enum mcptt_key_kind)kind;
        CU_ASSERT_EQUAL(make_and_send(&run, &alice), GMS_REFUSED_KIND);
    }
    teardown(&run);
}

/* The tag of a message of our own group key, changed on the way. */
static void a_tag_that_was_changed_breaks_the_signature(void)
{
    MU_CLEANUP(client_clear) struct client alice;
    struct vault_run run;

    setup(&run);
    client_of(&alice, &run, ALICE);
    alice.csk.key.kind = MCPTT_KIND_PCK;
    make(&alice);
    alice.octets[4] = 0x20 | (alice.octets[4] & 0x0f); /* the CSB ID */
    CU_ASSERT_EQUAL(send_it(&run, &alice), GMS_REFUSED_SIGNATURE);
    teardown(&run);
}

/*
 * The key of somebody else's message, signed anew as one's own CSK: it opens,
 * but what comes out is nothing that the other uses. This is why the key itself
 * is not given out.
 */
static void a_stolen_encapsulation_yields_a_key_of_nobodys(void)
{
    MU_CLEANUP(client_clear) struct client alice, bob;
    struct mcptt_sig_conf_key key;
    struct vault_run run;

    setup(&run);
    client_of(&alice, &run, ALICE);
    client_of(&bob, &run, BOB);
    /* Encapsulation depends on key and receiver alone: the same octets. */
    CU_ASSERT_EQUAL(make_and_send(&run, &alice), GMS_REFUSED_NOT);
    expected(&alice, &key);
    CU_ASSERT(mcptt_sig_conf_key_eq(&reply.csk.key, &key));
    CU_ASSERT_EQUAL(make_and_send(&run, &bob), GMS_REFUSED_NOT);
    CU_ASSERT(!mcptt_sig_conf_key_eq(&reply.csk.key, &key));
    teardown(&run);
}

static void another_receiver_is_refused(void)
{
    struct vault_world *w = vault_world();
    MU_CLEANUP(client_clear) struct client alice;
    struct vault_run run;

    setup(&run);
    client_of(&alice, &run, ALICE);
    alice.csk.server.uri = span_str(BOB);
    CU_ASSERT_EQUAL(make_and_send(&run, &alice), GMS_REFUSED_RECEIVER);
    alice.csk.server.uri = span_str(VAULT_GMS);
    alice.csk.server.kms = span_str(VAULT_ABROAD);
    CU_ASSERT_EQUAL(make_and_send(&run, &alice), GMS_REFUSED_RECEIVER);
    alice.csk.server.kms = span_str(VAULT_HOME);
    alice.csk.server.uid = uid(BOB, VAULT_HOME, w->period);
    alice.csk.server.hidden = true;
    CU_ASSERT_EQUAL(make_and_send(&run, &alice), GMS_REFUSED_RECEIVER);
    teardown(&run);
}

static void a_sender_who_is_hidden_or_us_is_refused(void)
{
    MU_CLEANUP(client_clear) struct client alice;
    struct vault_run run;

    setup(&run);
    client_of(&alice, &run, ALICE);
    alice.csk.client.hidden = true;
    CU_ASSERT_EQUAL(make_and_send(&run, &alice), GMS_REFUSED_SENDER);
    alice.csk.client.hidden = false;
    alice.csk.client.uri = span_str(VAULT_GMS);
    CU_ASSERT_EQUAL(make_and_send(&run, &alice), GMS_REFUSED_SENDER);
    teardown(&run);
}

static void a_kms_that_is_not_known_is_refused(void)
{
    MU_CLEANUP(client_clear) struct client alice;
    struct vault_run run;

    setup(&run);
    client_of(&alice, &run, ALICE);
    alice.csk.client.kms = span_str("kms.nobody.example");
    CU_ASSERT_EQUAL(make_and_send(&run, &alice), GMS_REFUSED_KMS);
    teardown(&run);
}

static void a_message_out_of_its_time_is_refused(void)
{
    MU_CLEANUP(client_clear) struct client alice;
    struct vault_run run;
    uint64_t now_ms;

    setup(&run);
    now_ms = run.clock.unix_ms;
    client_of(&alice, &run, ALICE);
    alice.csk.unix_ms = now_ms - (uint64_t)(MCPTT_REPLAY_WINDOW_S + 1) * 1000;
    CU_ASSERT_EQUAL(make_and_send(&run, &alice), GMS_REFUSED_TIME);
    alice.csk.unix_ms = now_ms + (uint64_t)(MCPTT_REPLAY_WINDOW_S + 1) * 1000;
    CU_ASSERT_EQUAL(make_and_send(&run, &alice), GMS_REFUSED_TIME);
    teardown(&run);
}

static void a_replay_is_refused(void)
{
    MU_CLEANUP(client_clear) struct client alice;
    struct vault_run run;

    setup(&run);
    client_of(&alice, &run, ALICE);
    CU_ASSERT_EQUAL(make_and_send(&run, &alice), GMS_REFUSED_NOT);
    CU_ASSERT_EQUAL(send_it(&run, &alice), GMS_REFUSED_REPLAY);
    teardown(&run);
    /* The log is what remembers. */
    vault_start_inside(vault_world(), &run);
    vault_provision(vault_world(), &run);
    CU_ASSERT_EQUAL(send_it(&run, &alice), GMS_REFUSED_REPLAY);
    teardown(&run);
}

static void without_our_keys_of_its_period_it_is_refused(void)
{
    struct vault_world *w = vault_world();
    MU_CLEANUP(client_clear) struct client alice;
    struct vault_run run;

    vault_world_forget(w);
    vault_start_inside(w, &run);
    CU_ASSERT_EQUAL(vault_give_cert(&run, w->home_cert), GMS_REFUSED_NOT);
    client_of(&alice, &run, ALICE);
    CU_ASSERT_EQUAL(make_and_send(&run, &alice), GMS_REFUSED_NOT_READY);
    teardown(&run);
}

static void a_signature_of_another_is_refused(void)
{
    MU_CLEANUP(client_clear) struct client alice, bob;
    struct vault_run run;

    setup(&run);
    client_of(&alice, &run, ALICE);
    client_of(&bob, &run, BOB);
    bob.csk.client = alice.csk.client; /* says that it is by Alice */
    CU_ASSERT_EQUAL(make_and_send(&run, &bob), GMS_REFUSED_SIGNATURE);
    make(&alice);
    alice.octets[alice.message.len - 1] ^= 1;
    CU_ASSERT_EQUAL(send_it(&run, &alice), GMS_REFUSED_SIGNATURE);
    /* One that was refused may come again as it should be. */
    alice.octets[alice.message.len - 1] ^= 1;
    CU_ASSERT_EQUAL(send_it(&run, &alice), GMS_REFUSED_NOT);
    teardown(&run);
}

static void what_does_not_open_is_refused(void)
{
    struct vault_world *w = vault_world();
    MU_CLEANUP(client_clear) struct client alice;
    struct vault_run run;

    setup(&run);
    client_of(&alice, &run, ALICE);
    alice.csk.server.uid = uid(BOB, VAULT_HOME, w->period);
    CU_ASSERT_EQUAL(make_and_send(&run, &alice), GMS_REFUSED_CSK);
    alice.csk.server.uid = uid(VAULT_GMS, VAULT_HOME, w->period);
    alice.csk.server_kms = w->abroad.sakke;
    CU_ASSERT_EQUAL(make_and_send(&run, &alice), GMS_REFUSED_CSK);
    teardown(&run);
}

static void a_csk_that_must_not_be_used_is_refused(void)
{
    struct mcptt_key_params params = {.kind = MCPTT_KIND_CSK};
    MU_CLEANUP(client_clear) struct client alice;
    struct vault_run run;

    setup(&run);
    client_of(&alice, &run, ALICE);
    alice.csk.params = &params; /* revoked */
    CU_ASSERT_EQUAL(make_and_send(&run, &alice), GMS_REFUSED_CSK);
    params.status = MCPTT_STATUS_NOT_REVOKED;
    params.activation_s = run.clock.unix_ms / 1000 + 10; /* not yet */
    CU_ASSERT_EQUAL(make_and_send(&run, &alice), GMS_REFUSED_CSK);
    params.activation_s = 0;
    CU_ASSERT_EQUAL(make_and_send(&run, &alice), GMS_REFUSED_NOT);
    teardown(&run);
}

static void too_many_of_one_sender_are_refused(void)
{
    MU_CLEANUP(client_clear) struct client alice, bob;
    struct vault_run run;

    setup(&run);
    client_of(&alice, &run, ALICE);
    client_of(&bob, &run, BOB);
    for (unsigned i = 0; i < 4; i++)
        CU_ASSERT_EQUAL(make_and_send(&run, &alice), GMS_REFUSED_NOT);
    CU_ASSERT_EQUAL(make_and_send(&run, &alice), GMS_REFUSED_RATE);
    CU_ASSERT_EQUAL(make_and_send(&run, &bob), GMS_REFUSED_NOT);
    teardown(&run);
}

/* Not even looked at: before the signature, which costs. */
static void too_many_of_all_are_refused(void)
{
    MU_CLEANUP(client_clear) struct client alice;
    unsigned refused = 0;
    struct vault_run run;

    setup(&run);
    client_of(&alice, &run, ALICE);
    alice.message = span_str("x");
    for (unsigned i = 0; i < 120; i++)
        refused += send_it(&run, &alice) == GMS_REFUSED_RATE;
    CU_ASSERT_EQUAL(refused, 20); /* the clock stands still */
    teardown(&run);
}

static void what_cannot_be_logged_is_not_opened(void)
{
    MU_CLEANUP(client_clear) struct client alice;
    struct vault_run run;

    setup(&run);
    client_of(&alice, &run, ALICE);
    make(&alice);
    test_files_limit(1); /* a full disk */
    CU_ASSERT_EQUAL(send_it(&run, &alice), GMS_REFUSED_LOG);
    test_files_unlimit();
    CU_ASSERT_EQUAL(send_it(&run, &alice), GMS_REFUSED_NOT);
    teardown(&run);
}

/* Who sent what when, before the answer. */
static void it_is_in_the_log(void)
{
    MU_CLEANUP(client_clear) struct client alice;
    struct gms_vault_record record = {.epoch = 0};
    uint8_t sha256[MCPTT_REPLAY_SHA256_LEN];
    struct mcptt_incoming in;
    struct vault_run run;

    setup(&run);
    client_of(&alice, &run, ALICE);
    CU_ASSERT_EQUAL(make_and_send(&run, &alice), GMS_REFUSED_NOT);
    CU_ASSERT_EQUAL_FATAL(
        mcptt_incoming_read(alice.message, MIKEY_STRICT, &in, NULL), MU_OK);
    CU_ASSERT_EQUAL_FATAL(mcptt_replay_sha256(in.msg.covered, sha256), MU_OK);
    memcpy(record.sha256, sha256, sizeof(sha256));
    record.time_s = run.clock.unix_ms / 1000 + (uint64_t)MIKEY_NTP_UNIX_S;
    CU_ASSERT_EQUAL(
        gms_book_check_csk(run.desk.book, &record, run.clock.unix_ms / 1000),
        MU_E_DENIED);
    teardown(&run);
}

CU_TestInfo gms_vault_csk_tests[] = {
    {"a CSK of a member yields the key of his XML",
        a_csk_of_a_member_yields_the_key_of_his_xml},
    {"the key itself does not go out", the_key_itself_does_not_go_out},
    {"a member of another domain is served",
        a_member_of_another_domain_is_served},
    {"a hidden receiver is us all the same",
        a_hidden_receiver_is_us_all_the_same},
    {"its end is told", its_end_is_told},
    {"it is in the log", it_is_in_the_log},
    {"what is no message is refused", what_is_no_message_is_refused},
    {"another kind of key is refused", another_kind_of_key_is_refused},
    {"a tag that was changed breaks the signature",
        a_tag_that_was_changed_breaks_the_signature},
    {"a stolen encapsulation yields a key of nobody's",
        a_stolen_encapsulation_yields_a_key_of_nobodys},
    {"another receiver is refused", another_receiver_is_refused},
    {"a sender who is hidden, or us, is refused",
        a_sender_who_is_hidden_or_us_is_refused},
    {"a KMS that is not known is refused", a_kms_that_is_not_known_is_refused},
    {"a message out of its time is refused",
        a_message_out_of_its_time_is_refused},
    {"a replay is refused", a_replay_is_refused},
    {"without our keys of its period it is refused",
        without_our_keys_of_its_period_it_is_refused},
    {"a signature of another is refused", a_signature_of_another_is_refused},
    {"what does not open is refused", what_does_not_open_is_refused},
    {"a CSK that must not be used is refused",
        a_csk_that_must_not_be_used_is_refused},
    {"too many of one sender are refused", too_many_of_one_sender_are_refused},
    {"too many of all are refused", too_many_of_all_are_refused},
    {"what cannot be logged is not opened",
        what_cannot_be_logged_is_not_opened},
    CU_TEST_INFO_NULL,
};
