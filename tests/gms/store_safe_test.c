/* SPDX-License-Identifier: Apache-2.0 */
/* What a store keeps when something fails: a transaction, a disk, a process, a
 * file, memory. */
#include "gms/store.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "gms/store_sqlite.h"
#include "tests/gms/kill_vfs.h"
#include "tests/gms/store_fixture.h"
#include "tests/rng.h"
#include "tests/suites.h"

#define KEY_A 0x0a0a0a0aU
#define KEY_B 0x0b0b0b0bU

static const struct span group = {
    (const uint8_t *)STORE_GROUP, sizeof(STORE_GROUP) - 1};

/*
 * A change of many rows: the group's key A and the member's row of it go, a new
 * document, key B and a row for him come.
 */
static enum mu_err first_half(struct gms_store *store)
{
    const struct gms_doc doc = store_doc_row(STORE_GROUP, "a.xml");
    const struct gms_group_row row = store_group_row(STORE_GROUP, 1);
    const struct gms_gmk gmk = store_gmk_row(KEY_A, 1);
    struct gms_delivery d = store_delivery_row(KEY_A, "sip:m@x");

    TRY(gms_store_begin(store));
    TRY(gms_store_put_doc(store, &doc));
    TRY(gms_store_put_group(store, &row));
    TRY(gms_store_add_gmk(store, &gmk));
    TRY(gms_store_add_delivery(store, &d));
    return gms_store_commit(store);
}

static enum mu_err second_half(struct gms_store *store)
{
    const struct gms_group_row row = store_group_row(STORE_GROUP, 2);
    struct gms_doc doc = store_doc_row(STORE_GROUP, "a.xml");
    struct gms_gmk old = store_gmk_row(KEY_A, 1), new = store_gmk_row(KEY_B, 2);
    struct gms_delivery d = store_delivery_row(KEY_B, "sip:m@x");

    doc.version = 2;
    old.state = GMS_GMK_DESTROYED;
    old.sealed.len = 0;
    TRY(gms_store_begin(store));
    TRY(gms_store_put_doc(store, &doc));
    TRY(gms_store_put_group(store, &row));
    TRY(gms_store_set_gmk(store, &old));
    TRY(gms_store_delete_deliveries_for(store, old.id));
    TRY(gms_store_add_gmk(store, &new));
    TRY(gms_store_add_delivery(store, &d));
    return gms_store_commit(store);
}

/* Which halves are there: 0, 1 or 2; anything between them fails the test. */
static unsigned halves(struct store_fixture *f)
{
    struct mu_arena_list gmks = {0}, rows = {0};
    const struct gms_delivery_query all = {.by_id = true};
    struct gms_group_row row = {0};
    struct gms_doc doc = {0};
    const struct gms_delivery *d;
    const struct gms_gmk *newest;

    CU_ASSERT_EQUAL_FATAL(
        gms_store_gmks(f->store, group, &f->arena, &gmks), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        gms_store_deliveries(f->store, &all, &f->arena, &rows), MU_OK);
    CU_ASSERT_EQUAL(rows.len, gmks.len > 0);
    if (gmks.len == 0) {
        CU_ASSERT_EQUAL(
            gms_store_doc(f->store, group, &f->arena, &doc), MU_E_NOT_FOUND);
        return 0;
    }
    CU_ASSERT_EQUAL(gms_store_doc(f->store, group, &f->arena, &doc), MU_OK);
    CU_ASSERT_EQUAL(gms_store_group(f->store, group, &f->arena, &row), MU_OK);
    newest = gmks.at;
    d = rows.at;
    CU_ASSERT_EQUAL(d->key.v, newest->id.v);
    CU_ASSERT_EQUAL(newest->id.v, gmks.len == 1 ? KEY_A : KEY_B);
    CU_ASSERT_EQUAL(doc.version, gmks.len);
    CU_ASSERT_EQUAL(row.epoch, gmks.len);
    return (unsigned)gmks.len;
}

static void a_transaction_that_is_rolled_back_was_none(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    const struct gms_gmk gmk = store_gmk_row(KEY_B, 2);

    store_fixture_setup(&f);
    CU_ASSERT_EQUAL_FATAL(first_half(f.store), MU_OK);
    store_begin(&f);
    CU_ASSERT_EQUAL(gms_store_begin(f.store), MU_E_STATE);
    CU_ASSERT_EQUAL(gms_store_add_gmk(f.store, &gmk), MU_OK);
    gms_store_rollback(f.store);
    gms_store_rollback(f.store);
    CU_ASSERT_EQUAL(gms_store_commit(f.store), MU_E_STATE);
    CU_ASSERT_EQUAL(halves(&f), 1);
    CU_ASSERT_EQUAL_FATAL(second_half(f.store), MU_OK);
    CU_ASSERT_EQUAL(halves(&f), 2);
}

static void nothing_is_written_without_a_transaction(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    const struct gms_doc doc = store_doc_row(STORE_GROUP, "a.xml");
    const struct gms_group_row row = store_group_row(STORE_GROUP, 1);
    const struct gms_holder holder = {span_str("sip:a@x"), span_str("kms")};
    const struct gms_gmk gmk = store_gmk_row(KEY_A, 1);
    struct gms_delivery d = store_delivery_row(KEY_A, "sip:m@x");
    struct gms_intent intent = store_intent_row(STORE_GROUP);
    const struct gms_once once = {.key = span_str("k")};
    struct gms_event event = {.name = span_str("e")};

    store_fixture_setup(&f);
    CU_ASSERT_EQUAL(gms_store_put_doc(f.store, &doc), MU_E_STATE);
    CU_ASSERT_EQUAL(gms_store_delete_doc(f.store, group), MU_E_STATE);
    CU_ASSERT_EQUAL(gms_store_put_group(f.store, &row), MU_E_STATE);
    CU_ASSERT_EQUAL(gms_store_delete_group(f.store, group), MU_E_STATE);
    CU_ASSERT_EQUAL(gms_store_put_holder(f.store, group, &holder), MU_E_STATE);
    CU_ASSERT_EQUAL(
        gms_store_delete_holder(f.store, group, holder.uri), MU_E_STATE);
    CU_ASSERT_EQUAL(gms_store_add_gmk(f.store, &gmk), MU_E_STATE);
    CU_ASSERT_EQUAL(gms_store_set_gmk(f.store, &gmk), MU_E_STATE);
    CU_ASSERT_EQUAL(gms_store_add_delivery(f.store, &d), MU_E_STATE);
    CU_ASSERT_EQUAL(gms_store_set_delivery(f.store, &d), MU_E_STATE);
    CU_ASSERT_EQUAL(
        gms_store_delete_deliveries_of(f.store, group, d.member), MU_E_STATE);
    CU_ASSERT_EQUAL(
        gms_store_delete_deliveries_for(f.store, d.key), MU_E_STATE);
    CU_ASSERT_EQUAL(gms_store_add_intent(f.store, &intent), MU_E_STATE);
    CU_ASSERT_EQUAL(gms_store_set_intent(f.store, &intent), MU_E_STATE);
    CU_ASSERT_EQUAL(gms_store_delete_intent(f.store, 1), MU_E_STATE);
    CU_ASSERT_EQUAL(gms_store_put_once(f.store, &once), MU_E_STATE);
    CU_ASSERT_EQUAL(gms_store_drop_once(f.store, 1), MU_E_STATE);
    CU_ASSERT_EQUAL(gms_store_add_event(f.store, &event, 1), MU_E_STATE);
    CU_ASSERT_EQUAL(gms_store_put_blob(f.store, "b", group), MU_E_STATE);
    CU_ASSERT_EQUAL(halves(&f), 0);
}

static void numbers_that_no_column_holds_are_refused(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_gmk gmk = store_gmk_row(KEY_A, 1);
    bool used = true;

    store_fixture_setup(&f);
    store_begin(&f);
    gmk.expiry_s = UINT64_MAX;
    CU_ASSERT_EQUAL(gms_store_add_gmk(f.store, &gmk), MU_E_NO_SPACE);
    CU_ASSERT_EQUAL(gms_store_key_id_used(f.store, gmk.id, &used), MU_OK);
    CU_ASSERT_FALSE(used);
    store_commit(&f);
}

static void a_commit_on_a_full_disk_leaves_nothing(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    enum mu_err err;

    store_fixture_setup(&f);
    CU_ASSERT_EQUAL_FATAL(first_half(f.store), MU_OK);
    test_files_limit(4096);
    err = second_half(f.store);
    gms_store_rollback(f.store);
    test_files_unlimit();
    CU_ASSERT(err == MU_E_IO || err == MU_E_NO_SPACE);
    CU_ASSERT_EQUAL(halves(&f), 1);
    store_fixture_reopen(&f);
    CU_ASSERT_EQUAL(halves(&f), 1);
    CU_ASSERT_EQUAL_FATAL(second_half(f.store), MU_OK);
    CU_ASSERT_EQUAL(halves(&f), 2);
}

/* Runs both halves in a process of its own that dies at the n-th change of a
 * file; whether it lived. *done: how many halves it had committed. */
static bool live(struct store_fixture *f, unsigned n, unsigned *done)
{
    const char *path = test_folder_path(&f->folder, "gms.db");
    struct gms_store *store = NULL;
    int ends[2], status = 0;
    uint8_t said;
    pid_t child;

    *done = 0;
    CU_ASSERT_EQUAL_FATAL(pipe(ends), 0);
    child = fork();
    CU_ASSERT_FATAL(child >= 0);
    if (child == 0) {
        kill_vfs_arm(n);
        if (gms_store_open(path, &store) == MU_OK &&
            first_half(store) == MU_OK && write(ends[1], "1", 1) == 1 &&
            second_half(store) == MU_OK && write(ends[1], "2", 1) == 1)
            gms_store_close(store);
        _exit(0);
    }
    (void)close(ends[1]);
    while (read(ends[0], &said, 1) == 1)
        ++*done;
    (void)close(ends[0]);
    CU_ASSERT_EQUAL_FATAL(waitpid(child, &status, 0), child);
    return !WIFSIGNALED(status);
}

/* RB-02 in small: at each octet that reaches the disk. */
static void a_commit_that_is_killed_is_whole_or_was_none(void)
{
    unsigned n = 0, seen[3] = {0};
    bool lived;

    do {
        MU_CLEANUP(store_fixture_clear) struct store_fixture f;
        unsigned done, found;

        memset(&f, 0, sizeof(f));
        test_folder_make(&f.folder);
        mu_arena_init(&f.arena, 1 << 20);
        lived = live(&f, ++n, &done);
        store_fixture_reopen(&f);
        found = halves(&f);
        /* What was said to be committed is; the next may be. */
        CU_ASSERT(found == done || found == done + 1);
        seen[found]++;
    } while (!lived && n < 1000);
    CU_ASSERT(lived);
    CU_ASSERT(n > 20);
    CU_ASSERT(seen[0] > 0 && seen[1] > 0 && seen[2] > 1);
}

static bool on_disk(struct store_fixture *f, struct span octets)
{
    static const char *const names[] = {"gms.db", "gms.db-wal"};
    bool found = false;

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        MU_CLEANUP(buf_clear) struct buf text = {0};

        if (!test_folder_has(&f->folder, names[i]))
            continue;
        test_folder_read(&f->folder, names[i], &text);
        found = found || test_buf_find(&text, octets) != NULL;
    }
    return found;
}

static void what_was_deleted_is_nowhere_on_the_disk(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    const struct span member = span_str("sip:m@x");
    struct gms_delivery d = store_delivery_row(KEY_A, "sip:m@x");
    struct gms_gmk gmk = store_gmk_row(KEY_A, 1);

    store_fixture_setup(&f);
    CU_ASSERT_EQUAL_FATAL(first_half(f.store), MU_OK);
    CU_ASSERT(on_disk(&f, d.envelope));
    CU_ASSERT(on_disk(&f, gmk.sealed));
    store_begin(&f);
    CU_ASSERT_EQUAL(
        gms_store_delete_deliveries_of(f.store, group, member), MU_OK);
    store_commit(&f);
    CU_ASSERT_FALSE(on_disk(&f, d.envelope));
    CU_ASSERT(on_disk(&f, gmk.sealed));
    store_begin(&f);
    gmk.sealed.len = 0;
    CU_ASSERT_EQUAL(gms_store_set_gmk(f.store, &gmk), MU_OK);
    store_commit(&f);
    gmk = store_gmk_row(KEY_A, 1);
    CU_ASSERT_FALSE(on_disk(&f, gmk.sealed));
}

static void a_store_is_one_process_alone(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_store *other = NULL;

    store_fixture_setup(&f);
    CU_ASSERT_EQUAL(
        gms_store_open(test_folder_path(&f.folder, "gms.db"), &other),
        MU_E_STATE);
    gms_store_close(f.store);
    f.store = NULL;
    CU_ASSERT_EQUAL(
        gms_store_open(test_folder_path(&f.folder, "gms.db"), &f.store), MU_OK);
}

/* The file through SQL, as somebody else might have changed it. */
static void meddle(struct store_fixture *f, const char *script)
{
    sqlite3 *db = NULL;

    gms_store_close(f->store);
    f->store = NULL;
    CU_ASSERT_EQUAL_FATAL(
        mu_sql_open(test_folder_path(&f->folder, "gms.db"), MU_SQL_SHARED, &db),
        MU_OK);
    CU_ASSERT_EQUAL_FATAL(mu_sql_run(db, script), MU_OK);
    (void)sqlite3_close_v2(db);
}

static enum mu_err open_again(struct store_fixture *f)
{
    return gms_store_open(test_folder_path(&f->folder, "gms.db"), &f->store);
}

static void the_schema_of_a_later_release_is_left_alone(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;

    store_fixture_setup(&f);
    meddle(&f, "PRAGMA user_version = 1000");
    CU_ASSERT_EQUAL(open_again(&f), MU_E_UNSUPPORTED);
    meddle(&f, "PRAGMA user_version = 1; PRAGMA application_id = 7");
    CU_ASSERT_EQUAL(open_again(&f), MU_E_MALFORMED);
}

static void rows_that_mean_nothing_are_malformed(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    const struct gms_delivery_query all = {.by_id = true};
    size_t counts[GMS_DLV_STATES] = {77};
    struct mu_arena_list list = {.len = 77};
    struct gms_once once = {.status = 77};

    store_fixture_setup(&f);
    CU_ASSERT_EQUAL_FATAL(first_half(f.store), MU_OK);
    meddle(&f, "UPDATE gmk SET state = 99; UPDATE delivery SET state = 7;"
               "UPDATE grp SET keyed = 2;"
               "INSERT INTO once VALUES (x'61', x'61', x'00', 200, 1, x'');");
    CU_ASSERT_EQUAL_FATAL(open_again(&f), MU_OK);
    CU_ASSERT_EQUAL(
        gms_store_gmks(f.store, group, &f.arena, &list), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(
        gms_store_deliveries(f.store, &all, &f.arena, &list), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(gms_store_groups(f.store, &f.arena, &list), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(gms_store_count_deliveries(
                        f.store, (struct mcptt_key_id){KEY_A}, counts),
        MU_E_MALFORMED);
    CU_ASSERT_EQUAL(
        gms_store_once(f.store, span_str("a"), span_str("a"), &f.arena, &once),
        MU_E_MALFORMED);
    CU_ASSERT_EQUAL(list.len, 77);
    CU_ASSERT_EQUAL(counts[0], 77);
    CU_ASSERT_EQUAL(once.status, 77);
}

/* Whatever it says, it says it by an error or an answer, and ends. */
static void use(struct gms_store *store, struct mu_arena *arena)
{
    const struct gms_delivery_query all = {.by_id = true};
    struct mu_arena_list list = {0};
    struct gms_doc doc;

    (void)!gms_store_doc(store, group, arena, &doc);
    (void)!gms_store_groups(store, arena, &list);
    (void)!gms_store_gmks(store, group, arena, &list);
    (void)!gms_store_deliveries(store, &all, arena, &list);
    (void)!second_half(store);
    gms_store_rollback(store);
}

static void a_damaged_file_is_survived(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    MU_CLEANUP(buf_clear) struct buf good = {0};
    unsigned refused = 0;
    struct test_rng rng;

    store_fixture_setup(&f);
    test_rng_init(&rng, 5);
    CU_ASSERT_EQUAL_FATAL(first_half(f.store), MU_OK);
    gms_store_close(f.store);
    f.store = NULL;
    test_folder_read(&f.folder, "gms.db", &good);
    for (unsigned i = 0; i < 200; i++) {
        MU_CLEANUP(buf_clear) struct buf bad = {0};
        enum mu_err err;

        buf_add(&bad, buf_span(&good));
        for (unsigned j = 0; j < 64; j++)
            bad.p[test_rng_below(&rng, bad.len)] =
                (uint8_t)test_rng_below(&rng, 256);
        test_folder_write(&f.folder, "gms.db", buf_span(&bad));
        err = open_again(&f);
        refused += err != MU_OK;
        if (err == MU_OK)
            use(f.store, &f.arena);
        gms_store_close(f.store);
        f.store = NULL;
    }
    CU_ASSERT(refused > 0);
}

static void what_is_no_database_is_malformed(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_store *store = NULL;
    char text[600];

    store_fixture_setup(&f);
    memset(text, 'x', sizeof(text));
    test_folder_write(&f.folder, "other", SPAN_OF(text));
    CU_ASSERT_EQUAL(
        gms_store_open(test_folder_path(&f.folder, "other"), &store),
        MU_E_MALFORMED);
    CU_ASSERT_EQUAL(
        gms_store_open(test_folder_path(&f.folder, "no/file"), &store),
        MU_E_IO);
}

static void a_full_arena_is_told(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    MU_CLEANUP(mu_arena_clear) struct mu_arena small;
    struct gms_doc doc = {.version = 77};
    struct mu_arena_list list = {.len = 77};

    store_fixture_setup(&f);
    CU_ASSERT_EQUAL_FATAL(first_half(f.store), MU_OK);
    mu_arena_init(&small, 4);
    CU_ASSERT_EQUAL(gms_store_doc(f.store, group, &small, &doc), MU_E_NO_SPACE);
    CU_ASSERT_EQUAL(doc.version, 77);
    CU_ASSERT_EQUAL(
        gms_store_gmks(f.store, group, &small, &list), MU_E_NO_SPACE);
    CU_ASSERT_EQUAL(list.len, 77);
}

/* SQLite's memory does not come from base: this is SQLite's way to say no. */
static sqlite3_mem_methods memory;
static unsigned memory_left; /* allocations until one fails; 0: none does */

static void *scarce_malloc(int size)
{
    return memory_left > 0 && --memory_left == 0 ? NULL : memory.xMalloc(size);
}

static void *scarce_realloc(void *p, int size)
{
    return memory_left > 0 && --memory_left == 0 ? NULL
                                                 : memory.xRealloc(p, size);
}

int gms_store_safe_begin(void)
{
    sqlite3_mem_methods scarce;

    if (sqlite3_shutdown() != SQLITE_OK ||
        sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory) != SQLITE_OK)
        return 1;
    scarce = memory;
    scarce.xMalloc = scarce_malloc;
    scarce.xRealloc = scarce_realloc;
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &scarce) != SQLITE_OK;
}

int gms_store_safe_end(void)
{
    return sqlite3_shutdown() != SQLITE_OK ||
           sqlite3_config(SQLITE_CONFIG_MALLOC, &memory) != SQLITE_OK;
}

/* Opens, changes, reads; the first error. */
static enum mu_err whole_life(struct store_fixture *f)
{
    struct mu_arena_list list;
    struct gms_doc doc;

    TRY(open_again(f));
    TRY(first_half(f->store));
    TRY(second_half(f->store));
    TRY(gms_store_gmks(f->store, group, &f->arena, &list));
    return gms_store_doc(f->store, group, &f->arena, &doc);
}

static void sqlite_may_run_out_of_memory_anywhere(void)
{
    bool failed = true;

    for (unsigned n = 1; failed; n += 1 + n / 40) {
        MU_CLEANUP(store_fixture_clear) struct store_fixture f;
        enum mu_err err;

        memset(&f, 0, sizeof(f));
        test_folder_make(&f.folder);
        mu_arena_init(&f.arena, 1 << 20);
        memory_left = n;
        err = whole_life(&f);
        failed = memory_left == 0;
        memory_left = 0;
        /* It may also do without what it asked for. */
        CU_ASSERT(err == MU_OK || (failed && err == MU_E_NO_MEMORY) ||
                  (failed && err == MU_E_IO));
        if (f.store != NULL)
            gms_store_rollback(f.store);
        store_fixture_reopen(&f);
        (void)halves(&f);
    }
}

static void our_own_allocations_may_fail_one_by_one(void)
{
    bool failed = true;

    for (unsigned n = 1; failed; n++) {
        MU_CLEANUP(store_fixture_clear) struct store_fixture f;
        enum mu_err err;

        memset(&f, 0, sizeof(f));
        test_folder_make(&f.folder);
        mu_arena_init(&f.arena, 1 << 20);
        mu_alloc_fail_nth(n);
        err = whole_life(&f);
        failed = mu_alloc_fail_end();
        CU_ASSERT_EQUAL(err, failed ? MU_E_NO_MEMORY : MU_OK);
    }
}

CU_TestInfo gms_store_safe_tests[] = {
    {"a transaction that is rolled back was none",
        a_transaction_that_is_rolled_back_was_none},
    {"nothing is written without a transaction",
        nothing_is_written_without_a_transaction},
    {"numbers that no column holds are refused",
        numbers_that_no_column_holds_are_refused},
    {"a commit on a full disk leaves nothing",
        a_commit_on_a_full_disk_leaves_nothing},
    {"a commit that is killed is whole or was none",
        a_commit_that_is_killed_is_whole_or_was_none},
    {"what was deleted is nowhere on the disk",
        what_was_deleted_is_nowhere_on_the_disk},
    {"a store is one process's alone", a_store_is_one_process_alone},
    {"the schema of a later release is left alone",
        the_schema_of_a_later_release_is_left_alone},
    {"rows that mean nothing are malformed",
        rows_that_mean_nothing_are_malformed},
    {"a damaged file is survived", a_damaged_file_is_survived},
    {"what is no database is malformed", what_is_no_database_is_malformed},
    {"a full arena is told", a_full_arena_is_told},
    {"SQLite may run out of memory anywhere",
        sqlite_may_run_out_of_memory_anywhere},
    {"our own allocations may fail one by one",
        our_own_allocations_may_fail_one_by_one},
    CU_TEST_INFO_NULL,
};
