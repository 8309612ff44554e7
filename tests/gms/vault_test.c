/* SPDX-License-Identifier: Apache-2.0 */
/* The vault at work: what it signs is opened by those it is for. */
#include "tests/gms/vault_world.h"
#include "tests/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "mikey/ntp.h"

#define GROUP VAULT_GROUP
#define ALICE "sip:alice@example.org"
#define BOB   "sip:bob@example.org"

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

/* The message of member i opens and says what the task says; its key. */
static struct mcptt_key opens(const struct vault_task *task, size_t i)
{
    MU_CLEANUP(mcptt_opened_clear) struct mcptt_opened out;

    CU_ASSERT_EQUAL_FATAL(vault_open_message(vault_world(), reply.messages[i],
                              &task->period, task->members[i], &out),
        MU_OK);
    CU_ASSERT(out.key_id_known);
    CU_ASSERT_EQUAL(out.key_id.v, task->key.id.v);
    CU_ASSERT(out.has_params);
    CU_ASSERT_EQUAL(
        mcptt_key_params_revoked(&out.params, 0), task->terms.revoked);
    CU_ASSERT_EQUAL(out.params.activation_s, task->terms.activation_s);
    CU_ASSERT_EQUAL(out.params.expiry_s, task->terms.expiry_s);
    CU_ASSERT(span_eq(out.params.text, task->terms.text));
    CU_ASSERT_EQUAL_FATAL(out.params.group_count, 1);
    CU_ASSERT(span_eq(out.params.groups[0], span_str(GROUP)));
    return out.key;
}

static void wrap_and_sign(struct vault_run *run, struct vault_task *task)
{
    CU_ASSERT_EQUAL_FATAL(vault_wrap(run, task), GMS_REFUSED_NOT);
    CU_ASSERT_EQUAL_FATAL(vault_sign(run, task, &reply), GMS_REFUSED_NOT);
}

static void members_at_home_and_abroad_open_the_same_key(void)
{
    struct mcptt_key first, second;
    struct vault_task task;
    struct vault_run run;

    setup(&run);
    task = vault_task(vault_world(), vault_new_key(&run, GROUP, 1), ALICE);
    task.terms.activation_s = run.clock.unix_ms / 1000 + 5;
    task.terms.expiry_s = run.clock.unix_ms / 1000 + 3600;
    task.terms.text = span_str("Incident 42");
    wrap_and_sign(&run, &task);
    first = opens(&task, 0);
    task.period.kms = span_str(VAULT_ABROAD);
    task.members[0] = span_str("sip:carol@example.net");
    wrap_and_sign(&run, &task);
    second = opens(&task, 0);
    CU_ASSERT(mcptt_key_eq(&first, &second));
    CU_ASSERT_EQUAL(first.kind, MCPTT_KIND_GMK);
    teardown(&run);
}

static bool names_a_uri(struct span message)
{
    struct span scheme = span_str("sip:");

    for (size_t i = 0; i + scheme.len <= message.len; i++) {
        if (memcmp(message.p + i, scheme.p, scheme.len) == 0) {
            return true;
        }
    }
    return false;
}

/* Who a message says it is from and for. */
static void says_who(struct span message, bool hidden)
{
    static struct mcptt_incoming in;

    CU_ASSERT_EQUAL_FATAL(
        mcptt_incoming_read(message, MIKEY_STRICT, &in, NULL), MU_OK);
    CU_ASSERT_EQUAL(in.initiator.uri.len == 0, hidden);
    CU_ASSERT_EQUAL(in.responder.uri.len == 0, hidden);
    CU_ASSERT_EQUAL(in.initiator.uid.len == 32, hidden);
    CU_ASSERT_EQUAL(in.responder.uid.len == 32, hidden);
    CU_ASSERT_EQUAL(names_a_uri(message), !hidden);
}

static enum mu_err opens_as(const struct vault_task *task, struct span member)
{
    MU_CLEANUP(mcptt_opened_clear) struct mcptt_opened out = {0};

    return vault_open_message(
        vault_world(), reply.messages[0], &task->period, member, &out);
}

/* Both ends by their UIDs, and no URI anywhere in the message; the member opens
 * it all the same, and nobody else does. */
static void identities_are_hidden_or_not(void)
{
    static struct vault_task task;
    struct vault_run run;

    setup(&run);
    task = vault_task(vault_world(), vault_new_key(&run, GROUP, 1), ALICE);
    for (int hidden = 0; hidden < 2; hidden++) {
        task.terms.hidden = hidden == 1;
        wrap_and_sign(&run, &task);
        says_who(reply.messages[0], task.terms.hidden);
        CU_ASSERT_EQUAL(opens_as(&task, span_str(BOB)), MU_E_DENIED);
        opens(&task, 0);
    }
    teardown(&run);
}

static void two_keys_differ(void)
{
    struct mcptt_key first, second;
    struct vault_task task;
    struct vault_run run;

    setup(&run);
    task = vault_task(vault_world(), vault_new_key(&run, GROUP, 1), ALICE);
    wrap_and_sign(&run, &task);
    first = opens(&task, 0);
    task.key = vault_new_key(&run, GROUP, 2);
    wrap_and_sign(&run, &task);
    second = opens(&task, 0);
    CU_ASSERT(!mcptt_key_eq(&first, &second));
    teardown(&run);
}

static uint64_t stamp_of(struct span message)
{
    struct mcptt_incoming in;

    CU_ASSERT_EQUAL_FATAL(
        mcptt_incoming_read(message, MIKEY_STRICT, &in, NULL), MU_OK);
    return in.msg.ts.ts;
}

static int ascending(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

/* Several pieces of work, with a clock that stands still. */
static void every_message_has_a_timestamp_of_its_own(void)
{
    static char uris[VAULT_TASK_MAX][40];
    uint64_t stamps[VAULT_TASK_MAX];
    struct vault_task task;
    struct vault_run run;

    setup(&run);
    task = vault_task(vault_world(), vault_new_key(&run, GROUP, 1), ALICE);
    for (size_t i = 0; i < VAULT_TASK_MAX; i++) {
        (void)snprintf(uris[i], sizeof(uris[i]), "sip:user%zu@example.org", i);
        task.members[i] = span_str(uris[i]);
    }
    task.count = VAULT_TASK_MAX;
    wrap_and_sign(&run, &task);
    CU_ASSERT(reply.frames > 1);
    for (size_t i = 0; i < VAULT_TASK_MAX; i++)
        stamps[i] = stamp_of(reply.messages[i]);
    qsort(stamps, VAULT_TASK_MAX, sizeof(stamps[0]), ascending);
    for (size_t i = 1; i < VAULT_TASK_MAX; i++)
        CU_ASSERT(stamps[i - 1] < stamps[i]);
    (void)opens(&task, 0);
    (void)opens(&task, VAULT_TASK_MAX - 1);
    CU_ASSERT_EQUAL(mikey_ntp_to_unix(stamps[0], (int64_t)vault_world()->now_s),
        run.clock.unix_ms / 1000);
    teardown(&run);
}

static void a_prebuilt_message_is_of_its_periods_beginning(void)
{
    struct vault_world *w = vault_world();
    struct vault_task task;
    struct vault_run run;
    uint64_t first, second, begins;

    setup(&run);
    task = vault_task(w, vault_new_key(&run, GROUP, 1), ALICE);
    task.period.number++;
    begins = task.period.number * WORLD_PERIOD - (uint64_t)MIKEY_NTP_UNIX_S;
    wrap_and_sign(&run, &task);
    (void)opens(&task, 0);
    first = stamp_of(reply.messages[0]);
    CU_ASSERT_EQUAL(vault_sign(&run, &task, &reply), GMS_REFUSED_NOT);
    second = stamp_of(reply.messages[0]);
    CU_ASSERT(first != second);
    first = (uint64_t)mikey_ntp_to_unix(first, (int64_t)begins);
    CU_ASSERT(first >= begins && first < begins + GMS_STAMPS_AHEAD_S);
    teardown(&run);
}

static void a_revocation_says_so(void)
{
    struct vault_task task;
    struct vault_run run;

    setup(&run);
    task = vault_task(vault_world(), vault_new_key(&run, GROUP, 1), ALICE);
    task.revocation = task.terms.revoked = true;
    wrap_and_sign(&run, &task);
    (void)opens(&task, 0);
    teardown(&run);
}

/* The same envelope, signed again: a retry. */
static void a_retry_has_the_same_key_and_another_timestamp(void)
{
    struct mcptt_key first, second;
    struct vault_task task;
    struct vault_run run;
    uint64_t stamp;

    setup(&run);
    task = vault_task(vault_world(), vault_new_key(&run, GROUP, 1), ALICE);
    wrap_and_sign(&run, &task);
    first = opens(&task, 0);
    stamp = stamp_of(reply.messages[0]);
    CU_ASSERT_EQUAL(vault_sign(&run, &task, &reply), GMS_REFUSED_NOT);
    second = opens(&task, 0);
    CU_ASSERT(mcptt_key_eq(&first, &second));
    CU_ASSERT(stamp_of(reply.messages[0]) > stamp);
    teardown(&run);
}

static void hello_says_who_and_whether_ready(void)
{
    struct gms_vault_request request = {.op = GMS_VAULT_HELLO};
    struct vault_world *w = vault_world();
    struct vault_run run;

    vault_world_forget(w);
    vault_start_inside(w, &run);
    vault_ask(&run, &request, &reply);
    CU_ASSERT_EQUAL_FATAL(reply.err, MU_OK);
    CU_ASSERT(span_eq(reply.hello.identity, span_str(VAULT_GMS)));
    CU_ASSERT(span_eq(reply.hello.kms, span_str(VAULT_HOME)));
    CU_ASSERT(!reply.hello.ready);
    CU_ASSERT_EQUAL(reply.hello.now_ms, run.clock.unix_ms);
    CU_ASSERT_EQUAL(reply.hello.log_head.p[0], '0');
    vault_provision(w, &run);
    vault_ask(&run, &request, &reply);
    CU_ASSERT(reply.hello.ready);
    teardown(&run);
}

/* What of the log a reader of it would believe. */
struct seen {
    size_t ops[GMS_VAULT_OPS];
    size_t recipients;
};

static void on_record(void *ctx, const struct mu_chain_record *record)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_vault_record got;
    struct seen *seen = ctx;

    mu_arena_init(&arena, 1 << 18);
    if (record->seq == 0)
        return;
    CU_ASSERT_EQUAL_FATAL(
        gms_vault_record_read(record->payload, &arena, &got), MU_OK);
    CU_ASSERT(span_eq(got.group, span_str(GROUP)));
    seen->ops[got.op]++;
    seen->recipients += got.count;
}

static struct seen read_log(void)
{
    struct vault_world *w = vault_world();
    struct seen seen = {.recipients = 0};
    struct mu_chain_check check = {
        .name = GMS_VAULT_LOG_NAME, .on_record = on_record, .ctx = &seen};
    struct mu_chain_report report;

    CU_ASSERT_EQUAL(mu_sign_public(&w->identity.log_key, &check.key), MU_OK);
    CU_ASSERT_EQUAL(mu_chain_file_verify(
                        test_folder_path(&w->folder, "log"), &check, &report),
        MU_OK);
    return seen;
}

static void everything_is_in_the_log(void)
{
    struct vault_task task;
    struct vault_run run;
    struct seen seen;

    setup(&run);
    task = vault_task(vault_world(), vault_new_key(&run, GROUP, 1), ALICE);
    task.members[task.count++] = span_str("sip:b\xc3\xa4r@example.org");
    wrap_and_sign(&run, &task);
    CU_ASSERT_EQUAL(
        vault_members(&run, GMS_VAULT_EXCLUDE, 2, ALICE), GMS_REFUSED_NOT);
    CU_ASSERT_EQUAL(
        vault_members(&run, GMS_VAULT_ADMIT, 2, ALICE), GMS_REFUSED_NOT);
    seen = read_log();
    CU_ASSERT_EQUAL(seen.ops[GMS_VAULT_NEW_KEY], 1);
    CU_ASSERT_EQUAL(seen.ops[GMS_VAULT_WRAP], 1);
    CU_ASSERT_EQUAL(seen.ops[GMS_VAULT_SIGN], 1);
    CU_ASSERT_EQUAL(seen.ops[GMS_VAULT_EXCLUDE], 1);
    CU_ASSERT_EQUAL(seen.ops[GMS_VAULT_ADMIT], 1);
    CU_ASSERT_EQUAL(seen.recipients, 6);
    teardown(&run);
}

/* The real one, confined: it answers, ends by itself, and its log stays. */
static void the_process_serves_and_ends_with_its_front(void)
{
    static const char *const arguments[] = {
        "--prebuild-periods", "0", "--threads", "3", NULL};
    struct vault_world *w = vault_world();
    struct vault_task task;
    struct vault_run run;

    vault_world_forget(w);
    vault_start(w, arguments, &run);
    vault_provision(w, &run);
    task = vault_task(w, vault_new_key(&run, GROUP, 1), ALICE);
    wrap_and_sign(&run, &task);
    (void)opens(&task, 0);
    task.period.number++;
    CU_ASSERT_EQUAL(vault_wrap(&run, &task), GMS_REFUSED_PERIOD);
    CU_ASSERT_EQUAL(
        vault_give_cert(&run, "<?xml version='1.0'"
                              " encoding='EUC-JP'?><KmsCertificate/>"),
        GMS_REFUSED_CERT); /* a character set to look for in vain */
    CU_ASSERT_EQUAL(vault_stop(&run), 0);
    CU_ASSERT_EQUAL(read_log().ops[GMS_VAULT_SIGN], 1);
}

/* Lines "NAME:\tVALUE" of /proc/PID/status. */
static bool status_says(pid_t pid, const char *line)
{
    char path[64], text[128];
    bool found = false;
    FILE *f;

    (void)snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    f = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(f);
    while (!found && fgets(text, sizeof(text), f) != NULL)
        found = strcmp(text, line) == 0;
    (void)fclose(f);
    return found;
}

static void the_process_is_confined(void)
{
    struct gms_vault_request request = {.op = GMS_VAULT_HELLO};
    struct vault_world *w = vault_world();
    struct vault_run run;

    vault_world_forget(w);
    vault_start(w, NULL, &run);
    vault_ask(&run, &request, &reply); /* it is past its start */
    CU_ASSERT(status_says(run.pid, "Seccomp:\t2\n"));
    CU_ASSERT(status_says(run.pid, "NoNewPrivs:\t1\n"));
    CU_ASSERT_EQUAL(vault_stop(&run), 0);
}

static void the_process_dies_of_a_malformed_frame(void)
{
    struct vault_world *w = vault_world();
    struct vault_run run;

    vault_world_forget(w);
    vault_start(w, NULL, &run);
    CU_ASSERT_EQUAL(send(run.fd, "what", 4, 0), 4);
    CU_ASSERT_EQUAL(vault_stop(&run), 1);
}

static void a_killed_process_is_followed_by_one_that_knows(void)
{
    struct vault_world *w = vault_world();
    struct vault_task task;
    struct vault_run run;

    vault_world_forget(w);
    vault_start(w, NULL, &run);
    vault_provision(w, &run);
    CU_ASSERT_EQUAL(
        vault_members(&run, GMS_VAULT_EXCLUDE, 1, ALICE), GMS_REFUSED_NOT);
    vault_kill(&run);
    vault_start(w, NULL, &run);
    vault_provision(w, &run);
    task = vault_task(w, vault_new_key(&run, GROUP, 1), ALICE);
    CU_ASSERT_EQUAL(vault_wrap(&run, &task), GMS_REFUSED_EXCLUDED);
    CU_ASSERT_EQUAL(vault_stop(&run), 0);
}

static void another_kek_or_a_changed_log_is_no_vault(void)
{
    MU_CLEANUP(buf_clear) struct buf log = {.p = NULL};
    struct vault_world *w = vault_world();
    static const struct mu_kek another = {{8}};
    struct vault_run run;

    vault_world_forget(w);
    test_folder_write(&w->folder, "kek", SPAN_OF(another.b));
    vault_start(w, NULL, &run);
    CU_ASSERT_EQUAL(vault_stop(&run), 1);
    test_folder_write(&w->folder, "kek", SPAN_OF(w->kek.b));
    vault_start(w, NULL, &run);
    CU_ASSERT_EQUAL(vault_stop(&run), 0);
    test_folder_read(&w->folder, "log", &log);
    log.p[log.len - 9] ^= 1;
    test_folder_write(&w->folder, "log", buf_span(&log));
    vault_start(w, NULL, &run);
    CU_ASSERT_EQUAL(vault_stop(&run), 1);
}

CU_TestInfo gms_vault_tests[] = {
    {"members at home and abroad open the same key",
        members_at_home_and_abroad_open_the_same_key},
    {"KD-12 identities are hidden or not", identities_are_hidden_or_not},
    {"two keys differ", two_keys_differ},
    {"every message has a timestamp of its own",
        every_message_has_a_timestamp_of_its_own},
    {"a prebuilt message is of its period's beginning",
        a_prebuilt_message_is_of_its_periods_beginning},
    {"a revocation says so", a_revocation_says_so},
    {"a retry has the same key and another timestamp",
        a_retry_has_the_same_key_and_another_timestamp},
    {"hello says who, and whether ready", hello_says_who_and_whether_ready},
    {"everything is in the log", everything_is_in_the_log},
    {"the process serves and ends with its front",
        the_process_serves_and_ends_with_its_front},
    {"the process is confined", the_process_is_confined},
    {"the process dies of a malformed frame",
        the_process_dies_of_a_malformed_frame},
    {"a killed process is followed by one that knows",
        a_killed_process_is_followed_by_one_that_knows},
    {"another KEK or a changed log is no vault",
        another_kek_or_a_changed_log_is_no_vault},
    CU_TEST_INFO_NULL,
};
