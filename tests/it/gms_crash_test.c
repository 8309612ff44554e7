/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RB-02: gmsd may be killed at every step of whatever it does with keys, and
 * nothing is lost, given twice or given to the wrong one.
 *
 * For each change of a group, a process makes it and is killed at its first
 * fault point (gms/fault.h); the state is put back, another one is killed at
 * the second; and so on until one lives to the end. After each, a new process
 * goes on with what lies on the disk, lets time pass, and looks:
 *
 *   - who is a member by the store opens the key in force, with his own keys;
 *     it is the same for all;
 *   - nobody else has a message or an envelope of it;
 *   - nothing is left to be done;
 *   - the vault's log and the audit log agree (gms/verify.h): no identifier
 *     twice, epochs grow, recipients were authorised, exclusions were told.
 *
 * A point at which the disk is as it was at the point before needs no new look.
 * MUSTER_CRASH_STEP=1 goes through every point, which takes some minutes; else
 * it is every 25th, beginning with another one in each change.
 * MUSTER_CRASH_FIRST is the first point, MUSTER_CRASH_CHANGE=1..8 one change
 * alone.
 */
#include <CUnit/Basic.h>
#include <openssl/sha.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "gms/fault.h"
#include "gms/keydoc.h"
#include "gms/verify.h"
#include "tests/it/gms_crash_world.h"
#include "xml/gktp.h"
#include "xml/library.h"

#define POINTS_MAX 2000 /* of one change */

static const struct mu_sign_key audit_key = {{4, 2}};

static struct crash_shared shared; /* inherited by every process */
static pid_t parent;

struct change {
    const char *before; /* members; NULL: no group */
    void (*make)(struct crash_world *w);
    uint64_t settle_s;
    const char *after; /* members; NULL: no group */
    unsigned points;   /* the first so many, each of them; 0: as above */
    /* Looks at what make() alone is about, once it was made (said), or when it
     * was killed over it; NULL: nothing. */
    void (*look)(struct crash_world *w, bool said);
};

static void make_abc(struct crash_world *w)
{
    crash_put(w, "abC", GMS_STOP_SOFT);
}

static void make_abcd(struct crash_world *w)
{
    crash_put(w, "abCd", GMS_STOP_SOFT);
}

static void make_abc_hard(struct crash_world *w)
{
    crash_put(w, "abC", GMS_STOP_HARD);
}

/* Removed, and, once the others have the next key, put back. */
static void make_undo(struct crash_world *w)
{
    char uri[32];
    bool cancelled;

    crash_put(w, "abC", GMS_STOP_SOFT);
    crash_settle(w, 5);
    crash_put(w, "abCd", GMS_STOP_SOFT);
    CU_ASSERT_EQUAL(
        gms_keeper_cancel(w->keeper, span_str("sip:owner@example.org"),
            span_str(CRASH_GROUP), crash_uri('d', uri), &cancelled),
        MU_OK);
}

/* Time alone brings it. */
static void make_nothing(struct crash_world *w)
{
    (void)w;
}

static void make_none(struct crash_world *w)
{
    crash_put(w, NULL, GMS_STOP_SOFT);
}

#define PROVERS "abC" /* who send receipts */

/* All at once; each is told that his is on the disk. */
static void make_opened(struct crash_world *w)
{
    static const char letters[] = PROVERS;
    struct crash_proof proofs[sizeof(letters) - 1];

    for (size_t i = 0; i < sizeof(letters) - 1; i++)
        crash_prove(w, letters[i], &proofs[i]);
    crash_run(w);
    for (size_t i = 0; i < sizeof(letters) - 1; i++)
        CU_ASSERT(proofs[i].told && proofs[i].err == MU_OK);
}

/* -------------------------------------------------------------------- the look
 */

static size_t count_in(struct span text, const char *word)
{
    size_t count = 0, len = strlen(word);

    for (size_t i = 0; i + len <= text.len; i++)
        count += memcmp(text.p + i, word, len) == 0;
    return count;
}

/* Receipts that were one transaction: all of them, or none where nobody was
 * answered. None that the store has is missing from the log; the log may tell
 * of some that nobody was answered for, which will be sent again. */
static void look_at_receipts(struct crash_world *w, bool said)
{
    const struct gms_delivery_query query = {.group = span_str(CRASH_GROUP),
        .purpose = GMS_ISSUES,
        .states = 1U << GMS_DLV_OPENED,
        .bare = true};
    MU_CLEANUP(buf_clear) struct buf audit = {0};
    struct mu_arena_list list = {0};
    size_t told;

    CU_ASSERT_EQUAL_FATAL(
        gms_store_deliveries(w->store, &query, &w->arena, &list), MU_OK);
    CU_ASSERT(list.len == strlen(PROVERS) || (list.len == 0 && !said));
    (void)gms_audit_flush(w->audit);
    crash_read(w->folder, "audit", &audit);
    told = count_in(buf_span(&audit), "event=delivery.opened ");
    CU_ASSERT(told == list.len || told == strlen(PROVERS));
}

/* Whose it is by the store. */
static bool is_holder(struct crash_world *w, struct span uri)
{
    struct mu_arena_list list = {0};
    const struct gms_holder *holders;

    CU_ASSERT_EQUAL_FATAL(
        gms_store_holders(w->store, span_str(CRASH_GROUP), &w->arena, &list),
        MU_OK);
    holders = list.at;
    for (size_t i = 0; i < list.len; i++)
        if (span_eq(holders[i].uri, uri))
            return true;
    return false;
}

/* The key in force; how many there are. */
static size_t active_key(struct crash_world *w, struct gms_gmk *out)
{
    struct mu_arena_list list = {0};
    const struct gms_gmk *gmks;
    size_t found = 0;

    CU_ASSERT_EQUAL_FATAL(
        gms_store_gmks(w->store, span_str(CRASH_GROUP), &w->arena, &list),
        MU_OK);
    gmks = list.at;
    for (size_t i = 0; i < list.len; i++) {
        if (gmks[i].state == GMS_GMK_ACTIVE) {
            *out = gmks[i];
            found++;
        }
    }
    return found;
}

/* Opens what his key document says of the key; false when it says nothing. */
static bool opens(struct crash_world *w, char letter, struct mcptt_key_id id,
    struct mcptt_key *key)
{
    struct span text = {0}, uri;
    const struct xml_gktp *entries = NULL;
    char etag[GMS_KEYDOC_ETAG], name[32];
    struct xml_fault fault;
    bool found = false;
    size_t count = 0;

    uri = crash_uri(letter, name);
    if (gms_keydoc_make(w->store, span_str(CRASH_GROUP), uri, &w->arena, &text,
            etag) != MU_OK)
        return false;
    CU_ASSERT_EQUAL_FATAL(
        xml_gktp_read(text, &w->arena, &fault, &entries, &count), MU_OK);
    for (size_t i = 0; i < count && !found; i++) {
        MU_CLEANUP(mcptt_opened_clear) struct mcptt_opened opened;

        CU_ASSERT_EQUAL_FATAL(
            crash_open_message(w, letter, entries[i].message, &opened), MU_OK);
        found = opened.key_id.v == id.v &&
                !mcptt_key_params_revoked(&opened.params, 0);
        *key = opened.key;
    }
    return found;
}

static bool has_octets(
    struct crash_world *w, struct span uri, struct mcptt_key_id id)
{
    const struct gms_delivery_query query = {
        .purpose = GMS_ISSUES, .member = uri, .by_key = true, .key = id};
    struct mu_arena_list list = {0};
    const struct gms_delivery *rows;
    bool any = false;

    CU_ASSERT_EQUAL_FATAL(
        gms_store_deliveries(w->store, &query, &w->arena, &list), MU_OK);
    rows = list.at;
    for (size_t i = 0; i < list.len; i++)
        any = any || rows[i].envelope.len > 0 || rows[i].message.len > 0;
    return any;
}

static void look_at_members(struct crash_world *w, const struct gms_gmk *gmk)
{
    struct mcptt_key first = {0}, key = {0};
    bool any = false;

    for (const char *c = CRASH_LETTERS; *c != '\0'; c++) {
        char name[32];
        struct span uri = crash_uri(*c, name);

        if (!is_holder(w, uri)) {
            CU_ASSERT_FALSE(has_octets(w, uri, gmk->id));
            continue;
        }
        CU_ASSERT(opens(w, *c, gmk->id, &key));
        if (any)
            CU_ASSERT_EQUAL(memcmp(&key, &first, sizeof(key)), 0);
        first = key;
        any = true;
    }
    CU_ASSERT(any);
}

static void on_breach(void *ctx, const struct gms_breach *b)
{
    (void)ctx;
    (void)fprintf(stderr, "breach: %s line %u: %s: %.*s epoch %u\n",
        b->in_vault_log ? "vault" : "audit", (unsigned)b->line,
        gms_breach_text(b->kind), (int)b->member.len,
        b->member.p != NULL ? (const char *)b->member.p : "",
        (unsigned)b->epoch);
}

static void look_at_logs(struct crash_world *w)
{
    struct gms_verify_config config = {.now_ms = w->now.unix_ms,
        .grace_ms = GMS_VERIFY_GRACE_MS,
        .on_breach = on_breach};
    char audit[320], vault[320];
    struct gms_verify_report report;

    (void)gms_audit_flush(w->audit);
    (void)snprintf(
        audit, sizeof(audit), "%s", test_folder_path(w->folder, "audit"));
    (void)snprintf(
        vault, sizeof(vault), "%s", test_folder_path(&w->vault->folder, "log"));
    config.audit.path = audit;
    config.vault.path = vault;
    CU_ASSERT_EQUAL_FATAL(mu_sign_public(&audit_key, &config.audit.key), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        mu_sign_public(&w->vault->identity.log_key, &config.vault.key), MU_OK);
    CU_ASSERT_EQUAL(gms_verify(&config, &report), MU_OK);
}

static void look_at_all(struct crash_world *w, const struct change *change)
{
    struct mu_arena_list intents = {0};
    struct gms_group_row row = {0};
    struct gms_gmk gmk = {0};
    enum mu_err err =
        gms_store_group(w->store, span_str(CRASH_GROUP), &w->arena, &row);

    (void)change;
    CU_ASSERT_EQUAL(
        gms_store_intents(w->store, span_str(CRASH_GROUP), &w->arena, &intents),
        MU_OK);
    CU_ASSERT_EQUAL(intents.len, 0);
    if (err == MU_OK && row.exists) {
        CU_ASSERT_EQUAL(active_key(w, &gmk), 1);
        look_at_members(w, &gmk);
    } else {
        CU_ASSERT_EQUAL(active_key(w, &gmk), 0);
    }
    look_at_logs(w);
}

/* ------------------------------------------------------------------- processes
 */

/* Runs part in a process of its own; its wait status. A failed assertion that
 * ends the test there brings it to the next test, which finds that it is not
 * the parent. */
static int in_child(void (*part)(void *ctx), void *ctx)
{
    int status = 0;
    pid_t child;

    (void)fflush(NULL);
    child = fork();
    CU_ASSERT_FATAL(child >= 0);
    if (child == 0) {
        unsigned before = CU_get_number_of_failures();

        (void)alarm(600); /* it hangs */
        part(ctx);
        _exit(CU_get_number_of_failures() == before ? 0 : 1);
    }
    CU_ASSERT_EQUAL_FATAL(waitpid(child, &status, 0), child);
    return status;
}

struct run {
    const struct change *change;
    struct test_folder folder;
    unsigned point; /* at which it is killed */
    int said;       /* a pipe: an octet once it was answered */
    bool made;      /* what came out of it */
};

static void prepare(void *ctx)
{
    struct run *run = ctx;
    struct crash_world w;

    gms_fault_arm("any", 0);
    crash_open(&w, &shared, &run->folder);
    if (run->change->before != NULL)
        crash_put(&w, run->change->before, GMS_STOP_SOFT);
    crash_settle(&w, 120);
    crash_close(&w);
}

static void make_change(void *ctx)
{
    struct run *run = ctx;
    struct crash_world w;

    gms_fault_arm("any", 0);
    crash_open(&w, &shared, &run->folder);
    gms_fault_arm("any", run->point);
    w.said = run->said;
    run->change->make(&w);
    CU_ASSERT_EQUAL(write(run->said, "1", 1), 1);
    crash_settle(&w, run->change->settle_s);
    look_at_all(&w, run->change);
    if (run->change->look != NULL)
        run->change->look(&w, true);
    crash_close(&w);
}

static void go_on(void *ctx)
{
    struct run *run = ctx;
    struct crash_world w;

    gms_fault_arm("any", 0);
    crash_open(&w, &shared, &run->folder);
    crash_settle(&w, run->change->settle_s + 60);
    look_at_all(&w, run->change);
    if (run->change->look != NULL)
        run->change->look(&w, run->made);
    crash_close(&w);
}

/* Who are members once all is done, if the change was said to be made. */
static void look_at_change(void *ctx)
{
    struct run *run = ctx;
    struct crash_world w;

    crash_open(&w, &shared, &run->folder);
    for (const char *c = CRASH_LETTERS; *c != '\0'; c++) {
        char name[32];
        bool wanted = run->change->after != NULL &&
                      strchr(run->change->after, *c) != NULL;

        CU_ASSERT_EQUAL(is_holder(&w, crash_uri(*c, name)), wanted);
    }
    crash_close(&w);
}

/* Of all files on the disk. */
static void hash_state(struct run *run, uint8_t out[SHA256_DIGEST_LENGTH])
{
    static const char *const names[] = {"store", "store-wal", "audit", "time"};
    MU_CLEANUP(buf_clear) struct buf all = {0};

    crash_read(&shared.vault->folder, "log", &all);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (test_folder_has(&run->folder, names[i]))
            crash_read(&run->folder, names[i], &all);
    (void)SHA256(all.p, all.len, out);
}

/* Kills one at run->point and looks at what comes of it; false when it lived.
 */
static bool kill_one(struct run *run, uint8_t seen[SHA256_DIGEST_LENGTH])
{
    uint8_t state[SHA256_DIGEST_LENGTH], octet;
    int ends[2], status;

    crash_restore(shared.vault, &run->folder);
    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    run->said = ends[1];
    status = in_child(make_change, run);
    (void)close(ends[1]);
    run->made = read(ends[0], &octet, 1) == 1;
    (void)close(ends[0]);
    if (!WIFSIGNALED(status)) {
        CU_ASSERT_EQUAL(status, 0);
        CU_ASSERT_EQUAL(in_child(look_at_change, run), 0);
        return false;
    }
    CU_ASSERT_EQUAL_FATAL(WTERMSIG(status), SIGKILL);
    hash_state(run, state);
    if (memcmp(state, seen, sizeof(state)) == 0)
        return true;
    memcpy(seen, state, sizeof(state));
    status = in_child(go_on, run);
    CU_ASSERT_EQUAL(status, 0);
    if (status != 0)
        (void)fprintf(
            stderr, "point %u: status 0x%x\n", run->point, (unsigned)status);
    if (run->made)
        CU_ASSERT_EQUAL(in_child(look_at_change, run), 0);
    return true;
}

/* A number from the environment, or what it is without. */
static unsigned number_of(const char *name, unsigned otherwise)
{
    const char *text = getenv(name);
    uint64_t given = 0;

    if (text == NULL || mu_text_u64(span_str(text), &given) != MU_OK ||
        given == 0 || given > POINTS_MAX)
        return otherwise;
    return (unsigned)given;
}

static void check(const struct change *change)
{
    static unsigned start;
    uint8_t seen[SHA256_DIGEST_LENGTH] = {0};
    struct run run = {.change = change};

    if (getpid() != parent)
        _exit(1); /* a child whose test failed for good */
    test_folder_make(&run.folder);
    if (shared.vault == NULL)
        crash_shared_init(&shared);
    vault_world_forget(shared.vault);
    CU_ASSERT_EQUAL_FATAL(in_child(prepare, &run), 0);
    crash_save(shared.vault, &run.folder);
    run.point = change->points > 0
                    ? 1
                    : number_of("MUSTER_CRASH_FIRST", 1 + start++ % 25);
    while (kill_one(&run, seen) &&
           (change->points == 0 || run.point < change->points)) {
        run.point +=
            change->points > 0 ? 1 : number_of("MUSTER_CRASH_STEP", 25);
        CU_ASSERT_FATAL(run.point < POINTS_MAX);
    }
    CU_ASSERT(run.point > 16 || run.point == change->points);
    printf("%u points ", run.point - 1);
    test_folder_remove(&run.folder);
}

static void a_group_is_created(void)
{
    check(&(struct change){NULL, make_abc, 60, "abC", 0, NULL});
}

static void a_member_joins(void)
{
    check(&(struct change){"abC", make_abcd, 10, "abCd", 0, NULL});
}

static void a_member_leaves(void)
{
    check(&(struct change){"abCd", make_abc, 120, "abC", 0, NULL});
}

static void a_member_is_compromised(void)
{
    check(&(struct change){"abCd", make_abc_hard, 30, "abC", 0, NULL});
}

static void a_removal_is_undone(void)
{
    check(&(struct change){"abCd", make_undo, 120, "abCd", 0, NULL});
}

static void a_key_comes_to_its_end(void)
{
    check(&(struct change){"abC", make_nothing, 3500, "abC", 0, NULL});
}

static void a_group_is_deleted(void)
{
    check(&(struct change){"abC", make_none, 60, NULL, 0, NULL});
}

/* The points of the transaction and some behind it. */
static void members_prove_that_they_opened(void)
{
    check(&(struct change){"abC", make_opened, 5, "abC", 14, look_at_receipts});
}

static CU_TestInfo tests[] = {
    {"RB-02 a group is created", a_group_is_created},
    {"RB-02 a member joins", a_member_joins},
    {"RB-02 a member leaves", a_member_leaves},
    {"RB-02 a member is compromised", a_member_is_compromised},
    {"RB-02 a removal is undone", a_removal_is_undone},
    {"RB-02 a key comes to its end", a_key_comes_to_its_end},
    {"RB-02 a group is deleted", a_group_is_deleted},
    {"RB-02 members prove that they opened a key",
        members_prove_that_they_opened},
    CU_TEST_INFO_NULL,
};

#define CHANGES (sizeof(tests) / sizeof(tests[0]) - 1)

int main(void)
{
    CU_SuiteInfo suites[] = {
        {"gms crash", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};
    unsigned failed, change;

    parent = getpid();
    if (xml_init() != MU_OK || CU_initialize_registry() != CUE_SUCCESS)
        return 1;
    change = number_of("MUSTER_CRASH_CHANGE", 0);
    if (change > 0 && change <= CHANGES) {
        tests[0] = tests[change - 1];
        tests[1] = (CU_TestInfo)CU_TEST_INFO_NULL;
    }
    if (CU_register_suites(suites) != CUE_SUCCESS)
        return 1;

    CU_basic_set_mode(CU_BRM_VERBOSE);
    (void)CU_basic_run_tests();
    if (getpid() != parent)
        _exit(1);
    failed = CU_get_number_of_tests_failed();
    if (shared.vault != NULL)
        crash_shared_clear(&shared);
    (void)vault_world_end();
    printf("%u passed, %u failed, 0 skipped\n",
        CU_get_number_of_tests_run() - failed, failed);
    CU_cleanup_registry();
    xml_cleanup();
    return failed != 0;
}
