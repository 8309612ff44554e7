/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/kds_store.h"

#include <string.h>

#include "base/alloc.h"
#include "base/sql.h"
#include "tests/kms/kds_fixture.h"
#include "tests/suites.h"

static const struct span alice = {(const uint8_t *)"sip:alice@x", 11};

static void an_empty_store_has_no_bundle(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    struct kds_certificate root;

    kds_fixture_setup(&f);
    CU_ASSERT_EQUAL(kds_fixture_sequence(&f), 0);
    CU_ASSERT_EQUAL(kds_store_root(f.store, &f.arena, &root), MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(kds_fixture_serial(&f, "sip:alice@x"), 0);
}

static void what_is_undone_is_gone(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    const struct kds_user user = {.uri = alice, .serial = 3};

    kds_fixture_setup(&f);
    CU_ASSERT_EQUAL_FATAL(kds_store_begin_write(f.store), MU_OK);
    CU_ASSERT_EQUAL(kds_store_begin_write(f.store), MU_E_STATE);
    CU_ASSERT_EQUAL(kds_store_put_user(f.store, &user), MU_OK);
    CU_ASSERT_EQUAL(kds_fixture_serial(&f, "sip:alice@x"), 3);
    kds_store_undo(f.store);
    CU_ASSERT_EQUAL(kds_fixture_serial(&f, "sip:alice@x"), 0);
}

static void an_ink_stays_until_the_enrolment_changes(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    struct kds_user user = {
        .uri = alice, .serial = 3, .ink = span_str("sealed")};

    kds_fixture_setup(&f);
    CU_ASSERT_EQUAL_FATAL(kds_store_put_user(f.store, &user), MU_OK);
    user.ink.len = 0;
    CU_ASSERT_EQUAL_FATAL(kds_store_put_user(f.store, &user), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        kds_store_user(f.store, alice, &f.arena, &user), MU_OK);
    CU_ASSERT(span_eq(user.ink, span_str("sealed")));
    user.ink.len = 0;
    user.serial = 4;
    CU_ASSERT_EQUAL_FATAL(kds_store_put_user(f.store, &user), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        kds_store_user(f.store, alice, &f.arena, &user), MU_OK);
    CU_ASSERT_EQUAL(user.ink.len, 0);
}

static void a_reader_sees_one_moment(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    const struct kds_user user = {.uri = alice, .serial = 3};
    MU_CLEANUP(kds_store_drop) struct kds_store *reader = NULL;
    struct kds_user got;

    kds_fixture_setup(&f);
    CU_ASSERT_EQUAL_FATAL(
        kds_store_open(test_folder_path(&f.folder, "kdsd.db"), &reader), MU_OK);
    CU_ASSERT_EQUAL_FATAL(kds_store_begin_read(reader), MU_OK);
    CU_ASSERT_EQUAL(
        kds_store_user(reader, alice, &f.arena, &got), MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(kds_store_put_user(f.store, &user), MU_OK);
    CU_ASSERT_EQUAL(
        kds_store_user(reader, alice, &f.arena, &got), MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(kds_store_commit(reader), MU_OK);
    CU_ASSERT_EQUAL(kds_store_user(reader, alice, &f.arena, &got), MU_OK);
}

static void numbers_that_sqlite_cannot_hold_are_refused(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    const struct kds_user user = {.uri = alice, .serial = UINT64_MAX};

    kds_fixture_setup(&f);
    CU_ASSERT_EQUAL(kds_store_put_user(f.store, &user), MU_E_NO_SPACE);
    CU_ASSERT_FALSE(kds_fixture_has(&f, "sip:alice@x", UINT64_MAX));
}

static void one_user_cannot_fill_the_store(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    const struct span xml = span_str("<Krr/>");

    kds_fixture_setup(&f);
    for (unsigned i = 0; i < KDS_KRR_USER_MAX; i++)
        CU_ASSERT_EQUAL(kds_store_add_krr(f.store, alice, i, xml), MU_OK);
    CU_ASSERT_EQUAL(kds_store_add_krr(f.store, alice, 99, xml), MU_E_NO_SPACE);
    CU_ASSERT_EQUAL(
        kds_store_add_krr(f.store, span_str("sip:b@x"), 99, xml), MU_OK);
}

static void a_later_schema_is_not_touched(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    struct kds_store *store = NULL;
    sqlite3 *db = NULL;

    kds_fixture_setup(&f);
    CU_ASSERT_EQUAL_FATAL(
        mu_sql_open(test_folder_path(&f.folder, "kdsd.db"), MU_SQL_SHARED, &db),
        MU_OK);
    CU_ASSERT_EQUAL(mu_sql_run(db, "PRAGMA user_version = 99"), MU_OK);
    (void)sqlite3_close_v2(db);
    CU_ASSERT_EQUAL(
        kds_store_open(test_folder_path(&f.folder, "kdsd.db"), &store),
        MU_E_UNSUPPORTED);
}

static void what_is_no_database_is_malformed(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    struct kds_store *store = NULL;
    char text[600];

    kds_fixture_setup(&f);
    memset(text, 'x', sizeof(text));
    test_folder_write(&f.folder, "other", SPAN_OF(text));
    CU_ASSERT_EQUAL(
        kds_store_open(test_folder_path(&f.folder, "other"), &store),
        MU_E_MALFORMED);
    CU_ASSERT_EQUAL(
        kds_store_open(test_folder_path(&f.folder, "no/file"), &store),
        MU_E_IO);
}

static void a_full_arena_is_told(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    const struct kds_user user = {.uri = alice, .serial = 3};
    MU_CLEANUP(mu_arena_clear) struct mu_arena small;
    struct kds_user got = {.serial = 77};

    kds_fixture_setup(&f);
    mu_arena_init(&small, 4);
    CU_ASSERT_EQUAL_FATAL(kds_store_put_user(f.store, &user), MU_OK);
    CU_ASSERT_EQUAL(
        kds_store_user(f.store, alice, &small, &got), MU_E_NO_SPACE);
    CU_ASSERT_EQUAL(got.serial, 77);
}

CU_TestInfo kms_kds_store_tests[] = {
    {"an empty store has no bundle", an_empty_store_has_no_bundle},
    {"what is undone is gone", what_is_undone_is_gone},
    {"an InK stays until the enrolment changes",
        an_ink_stays_until_the_enrolment_changes},
    {"a reader sees one moment", a_reader_sees_one_moment},
    {"numbers that SQLite cannot hold are refused",
        numbers_that_sqlite_cannot_hold_are_refused},
    {"one user cannot fill the store", one_user_cannot_fill_the_store},
    {"a later schema is not touched", a_later_schema_is_not_touched},
    {"what is no database is malformed", what_is_no_database_is_malformed},
    {"a full arena is told", a_full_arena_is_told},
    CU_TEST_INFO_NULL,
};
