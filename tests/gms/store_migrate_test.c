/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of older releases, tests/vectors/gms-store-N.sql for version N of the
 * schema: opened today they have lost nothing and serve on.
 */
#include "gms/store.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "gms/store_sqlite.h"
#include "gms/vault/proto.h"
#include "tests/gms/kill_vfs.h"
#include "tests/gms/store_fixture.h"
#include "tests/suites.h"

/* What is in all of them. */
#define GROUP  "sip:incident-42@groups.example.org"
#define CLOSED "sip:closed@groups.example.org"
#define ALICE  "sip:alice@example.org"
#define BOB    "sip:bob@example.org"
#define CAROL  "sip:carol@example.net"
#define FIRST  0x01020304U
#define SECOND 0x0a0b0c0dU

#define OLD_VERSIONS 4

/* Makes the file of a release of that version. */
static void make_old(struct store_fixture *f, unsigned version)
{
    MU_CLEANUP(buf_clear) struct buf script = {0};
    char path[256];
    sqlite3 *db = NULL;

    memset(f, 0, sizeof(*f));
    test_folder_make(&f->folder);
    mu_arena_init(&f->arena, 1 << 20);
    (void)snprintf(path, sizeof(path), VECTOR_DIR "/gms-store-%u.sql", version);
    CU_ASSERT_EQUAL_FATAL(mu_file_read(path, 1 << 16, &script), MU_OK);
    buf_add(&script, (struct span){(const uint8_t *)"", 1}); /* its end */
    CU_ASSERT_EQUAL_FATAL(
        mu_sql_open(test_folder_path(&f->folder, "gms.db"), MU_SQL_SHARED, &db),
        MU_OK);
    CU_ASSERT_EQUAL_FATAL(mu_sql_run(db, (const char *)script.p), MU_OK);
    (void)sqlite3_close_v2(db);
}

static enum mu_err open_today(struct store_fixture *f)
{
    return gms_store_open(test_folder_path(&f->folder, "gms.db"), &f->store);
}

static void has_its_document(struct store_fixture *f)
{
    struct gms_fence fence;
    struct gms_doc doc;

    CU_ASSERT_EQUAL_FATAL(
        gms_store_doc(f->store, span_str(GROUP), &f->arena, &doc), MU_OK);
    CU_ASSERT(span_eq(doc.xui, span_str(ALICE)));
    CU_ASSERT(span_eq(doc.name, span_str("incident-42.xml")));
    CU_ASSERT(span_eq(doc.etag, span_str("e3")));
    CU_ASSERT_EQUAL(doc.version, 3);
    CU_ASSERT_EQUAL(doc.changed_ms, 1764248400000);
    CU_ASSERT(doc.text.len > 90 && memcmp(doc.text.p, "<?xml", 5) == 0);
    CU_ASSERT_EQUAL(gms_store_fence(f->store, span_str(GROUP), &fence), MU_OK);
    CU_ASSERT_EQUAL(fence.epoch, 2);
    CU_ASSERT_EQUAL(gms_store_fence(f->store, span_str(CLOSED), &fence), MU_OK);
    CU_ASSERT(fence.epoch == 7 && fence.version == 9);
}

static void has_its_group(struct store_fixture *f)
{
    struct gms_group_row row;
    struct mu_arena_list list;
    const struct gms_holder *holders;

    CU_ASSERT_EQUAL_FATAL(
        gms_store_group(f->store, span_str(GROUP), &f->arena, &row), MU_OK);
    CU_ASSERT(row.exists && row.keyed && !row.disabled);
    CU_ASSERT_EQUAL(row.epoch, 2);
    CU_ASSERT(span_eq(row.settings, span_str("{\"grace_s\":20}")));
    CU_ASSERT(span_eq(row.ids, span_str(GROUP "\n")));
    CU_ASSERT_EQUAL_FATAL(
        gms_store_holders(f->store, span_str(GROUP), &f->arena, &list), MU_OK);
    CU_ASSERT_EQUAL_FATAL(list.len, 3);
    holders = list.at;
    CU_ASSERT(span_eq(holders[1].uri, span_str(BOB)));
    CU_ASSERT(span_eq(holders[2].kms, span_str("kms.example.net")));
}

static void has_its_keys(struct store_fixture *f)
{
    struct mu_arena_list list;
    const struct gms_gmk *gmks;
    bool used = false;

    CU_ASSERT_EQUAL_FATAL(
        gms_store_gmks(f->store, span_str(GROUP), &f->arena, &list), MU_OK);
    CU_ASSERT_EQUAL_FATAL(list.len, 2);
    gmks = list.at;
    CU_ASSERT(gmks[0].id.v == SECOND && gmks[0].state == GMS_GMK_ACTIVE);
    CU_ASSERT_EQUAL(gmks[0].sealed.len, GMS_SEALED_KEY_LEN);
    CU_ASSERT_EQUAL(gmks[0].due_ms, 1764334800000);
    CU_ASSERT(gmks[1].id.v == FIRST && gmks[1].state == GMS_GMK_DESTROYED);
    CU_ASSERT_EQUAL(gmks[1].sealed.len, 0);
    /* One of a group that is gone. */
    CU_ASSERT_EQUAL(gms_store_key_id_used(
                        f->store, (struct mcptt_key_id){0x02030405}, &used),
        MU_OK);
    CU_ASSERT(used);
}

static void has_its_deliveries(struct store_fixture *f)
{
    const struct gms_delivery_query all = {.by_id = true};
    struct mu_arena_list list;
    const struct gms_delivery *rows;

    CU_ASSERT_EQUAL_FATAL(
        gms_store_deliveries(f->store, &all, &f->arena, &list), MU_OK);
    CU_ASSERT_EQUAL_FATAL(list.len, 3);
    rows = list.at;
    CU_ASSERT(rows[0].id == 11 && rows[0].state == GMS_DLV_ACCEPTED);
    CU_ASSERT_EQUAL(rows[0].envelope.len, GMS_ENVELOPE_LEN);
    CU_ASSERT(span_eq(rows[0].message, span_str("message to alice")));
    CU_ASSERT(rows[1].state == GMS_DLV_SENT && rows[1].tries == 2);
    CU_ASSERT_EQUAL(rows[1].guk_id.v, 0x0c0d0e0f);
    CU_ASSERT(rows[2].state == GMS_DLV_QUEUED && rows[2].envelope.len == 0);
    CU_ASSERT_EQUAL(rows[2].period, 1514);
}

static void has_the_rest(struct store_fixture *f)
{
    struct mu_arena_list list;
    const struct gms_event *events;
    struct gms_once once;
    struct span blob;

    CU_ASSERT_EQUAL_FATAL(
        gms_store_intents(f->store, span_str(GROUP), &f->arena, &list), MU_OK);
    CU_ASSERT_EQUAL(list.len, 1);
    CU_ASSERT_EQUAL_FATAL(
        gms_store_events(f->store, 0, 0, &f->arena, &list), MU_OK);
    CU_ASSERT_EQUAL_FATAL(list.len, 2);
    events = list.at;
    CU_ASSERT(span_eq(events[1].name, span_str("key.activated")));
    CU_ASSERT_EQUAL(gms_store_once(f->store, span_str(ALICE), span_str("key-1"),
                        &f->arena, &once),
        MU_OK);
    CU_ASSERT_EQUAL(once.status, 201);
    CU_ASSERT_EQUAL(
        gms_store_blob(f->store, "kms.keys", &f->arena, &blob), MU_OK);
    CU_ASSERT(span_eq(blob, span_str("what the KMS client brought")));
}

/* What came with later versions: what was said, or what holds when nothing
 * was. */
static void has_what_its_version_knew(struct store_fixture *f, unsigned version)
{
    enum gms_standing standing;
    struct gms_urgency urgency;
    struct mu_arena_list list;
    const struct gms_sub_row *sub;

    CU_ASSERT_EQUAL_FATAL(gms_store_urgency(f->store, span_str(GROUP),
                              span_str(BOB), &urgency, &standing),
        MU_OK);
    CU_ASSERT_EQUAL(urgency.condition,
        version >= 3 ? GMS_CONDITION_EMERGENCY : GMS_CONDITION_NORMAL);
    CU_ASSERT_EQUAL(
        standing, version >= 3 ? GMS_STANDING_TALKER : GMS_STANDING_MEMBER);
    CU_ASSERT_EQUAL_FATAL(gms_store_subs(f->store, &f->arena, &list), MU_OK);
    CU_ASSERT_EQUAL_FATAL(list.len, version >= 2 ? 1 : 0);
    sub = list.at;
    if (version >= 2)
        CU_ASSERT(span_eq(sub->who, span_str(BOB)) &&
                  span_eq(sub->dialog, span_str("dialog")) &&
                  sub->parts == (version >= 4));
    CU_ASSERT_EQUAL_FATAL(
        gms_store_redirects(f->store, &f->arena, &list), MU_OK);
    CU_ASSERT_EQUAL(list.len, version >= 4 ? 1 : 0);
}

static void has_lost_nothing(struct store_fixture *f, unsigned version)
{
    has_its_document(f);
    has_its_group(f);
    has_its_keys(f);
    has_its_deliveries(f);
    has_the_rest(f);
    has_what_its_version_knew(f, version);
}

/* The next key, and what only today's release writes. */
static void serves_on(struct store_fixture *f)
{
    struct gms_gmk gmk = store_gmk_row(0x03030303, 3);
    struct gms_delivery row = store_delivery_row(0x03030303, CAROL);
    const struct gms_urgency peril = {GMS_CONDITION_PERIL, 5000};
    const struct gms_redirect_row redirect = {.member = span_str(BOB),
        .kms = span_str("kms.example.net"),
        .key = gmk.id,
        .hops = 1};
    struct gms_group_row group;
    struct mu_arena_list list;

    CU_ASSERT_EQUAL_FATAL(
        gms_store_group(f->store, span_str(GROUP), &f->arena, &group), MU_OK);
    group.epoch = 3;
    gmk.group = row.group = span_str(GROUP);
    store_begin(f);
    CU_ASSERT_EQUAL(gms_store_put_group(f->store, &group), MU_OK);
    CU_ASSERT_EQUAL(gms_store_add_gmk(f->store, &gmk), MU_OK);
    CU_ASSERT_EQUAL(gms_store_add_delivery(f->store, &row), MU_OK);
    CU_ASSERT(row.id > 13);
    CU_ASSERT_EQUAL(
        gms_store_set_urgency(f->store, span_str(GROUP), &peril), MU_OK);
    CU_ASSERT_EQUAL(gms_store_put_redirect(f->store, &redirect), MU_OK);
    gmk.id.v = FIRST; /* no identifier twice, whoever gave it */
    gmk.epoch = 4;
    CU_ASSERT_EQUAL(gms_store_add_gmk(f->store, &gmk), MU_E_STATE);
    store_commit(f);
    store_fixture_reopen(f);
    CU_ASSERT_EQUAL(
        gms_store_gmks(f->store, span_str(GROUP), &f->arena, &list), MU_OK);
    CU_ASSERT_EQUAL(list.len, 3);
}

/* One line for each table, index and so on, without the blanks. */
static size_t shape(sqlite3 *db, char *out, size_t cap)
{
    sqlite3_stmt *stmt = NULL;
    size_t len = 0;

    CU_ASSERT_EQUAL_FATAL(
        sqlite3_prepare_v2(db,
            "SELECT name || ' ' || coalesce(sql, '') FROM sqlite_master"
            " ORDER BY name",
            -1, &stmt, NULL),
        SQLITE_OK);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        const char *c = (const char *)sqlite3_column_text(stmt, 0);

        for (; *c != '\0' && len + 2 < cap; c++)
            if (*c != ' ' && *c != '\n')
                out[len++] = *c;
        out[len++] = '\n';
    }
    (void)sqlite3_finalize(stmt);
    CU_ASSERT_FATAL(len + 2 < cap);
    return len;
}

static void a_file_of_each_version_has_lost_nothing_and_serves_on(void)
{
    for (unsigned v = 1; v <= OLD_VERSIONS; v++) {
        MU_CLEANUP(store_fixture_clear) struct store_fixture f;

        make_old(&f, v);
        CU_ASSERT_EQUAL_FATAL(open_today(&f), MU_OK);
        has_lost_nothing(&f, v);
        store_fixture_reopen(&f);
        has_lost_nothing(&f, v);
        serves_on(&f);
    }
}

/* Also: no step was changed since those files were made. */
static void an_old_file_gets_the_schema_of_a_new_one(void)
{
    static char today[32768], migrated[32768];

    for (unsigned v = 1; v <= OLD_VERSIONS; v++) {
        MU_CLEANUP(store_fixture_clear) struct store_fixture f, new;
        size_t len;

        make_old(&f, v);
        store_fixture_setup(&new);
        CU_ASSERT_EQUAL_FATAL(open_today(&f), MU_OK);
        len = shape(new.store->db, today, sizeof(today));
        CU_ASSERT_EQUAL(shape(f.store->db, migrated, sizeof(migrated)), len);
        CU_ASSERT(memcmp(today, migrated, len) == 0);
    }
}

static void there_is_a_file_of_each_older_version(void)
{
    CU_ASSERT_EQUAL(gms_sql_schema.versions, OLD_VERSIONS + 1);
}

/* Opens it in a process that dies at the n-th change of a file; whether it
 * lived. */
static bool opens_until(struct store_fixture *f, unsigned n)
{
    int status = 0;
    pid_t child = fork();

    CU_ASSERT_FATAL(child >= 0);
    if (child == 0) {
        kill_vfs_arm(n);
        _exit(open_today(f) == MU_OK ? 0 : 1);
    }
    CU_ASSERT_EQUAL_FATAL(waitpid(child, &status, 0), child);
    CU_ASSERT(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return !WIFSIGNALED(status);
}

static uint64_t version_of(struct store_fixture *f)
{
    sqlite3_stmt *stmt = NULL;
    sqlite3 *db = NULL;
    uint64_t version;

    CU_ASSERT_EQUAL_FATAL(
        mu_sql_open(test_folder_path(&f->folder, "gms.db"), MU_SQL_SHARED, &db),
        MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        sqlite3_prepare_v2(db, "PRAGMA user_version", -1, &stmt, NULL),
        SQLITE_OK);
    CU_ASSERT_EQUAL(sqlite3_step(stmt), SQLITE_ROW);
    version = (uint64_t)sqlite3_column_int64(stmt, 0);
    (void)sqlite3_finalize(stmt);
    (void)sqlite3_close_v2(db);
    return version;
}

/* From the first version, which has all steps before it: killed at each octet
 * it is old or new, and never between. */
static void a_migration_that_is_killed_begins_again(void)
{
    unsigned n = 0, old = 0, new = 0;
    bool lived;

    do {
        MU_CLEANUP(store_fixture_clear) struct store_fixture f;
        uint64_t version;

        make_old(&f, 1);
        lived = opens_until(&f, ++n);
        version = version_of(&f);
        old += version == 1;
        new += version == gms_sql_schema.versions;
        CU_ASSERT_EQUAL(old + new, n);
        CU_ASSERT_EQUAL_FATAL(open_today(&f), MU_OK);
        has_lost_nothing(&f, 1);
    } while (!lived && n < 1000);
    CU_ASSERT(lived);
    CU_ASSERT(old > 5 && new > 0);
}

static void read_whole(struct store_fixture *f, struct buf *out)
{
    test_folder_read(&f->folder, "gms.db", out);
    CU_ASSERT_FATAL(out->len > 0);
    if (test_folder_has(&f->folder, "gms.db-wal"))
        test_folder_read(&f->folder, "gms.db-wal", out);
}

static void a_file_of_a_later_release_stays_as_it_is(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    MU_CLEANUP(buf_clear) struct buf before = {0}, after = {0};
    sqlite3 *db = NULL;

    make_old(&f, OLD_VERSIONS);
    CU_ASSERT_EQUAL_FATAL(
        mu_sql_open(test_folder_path(&f.folder, "gms.db"), MU_SQL_SHARED, &db),
        MU_OK);
    CU_ASSERT_EQUAL(mu_sql_run(db, "PRAGMA user_version = 1000"), MU_OK);
    (void)sqlite3_close_v2(db);
    read_whole(&f, &before);
    CU_ASSERT_EQUAL(open_today(&f), MU_E_UNSUPPORTED);
    read_whole(&f, &after);
    CU_ASSERT(span_eq(buf_span(&before), buf_span(&after)));
}

CU_TestInfo gms_store_migrate_tests[] = {
    {"a file of each version has lost nothing and serves on",
        a_file_of_each_version_has_lost_nothing_and_serves_on},
    {"an old file gets the schema of a new one",
        an_old_file_gets_the_schema_of_a_new_one},
    {"there is a file of each older version",
        there_is_a_file_of_each_older_version},
    {"a migration that is killed begins again",
        a_migration_that_is_killed_begins_again},
    {"a file of a later release stays as it is",
        a_file_of_a_later_release_stays_as_it_is},
    CU_TEST_INFO_NULL,
};
