/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sql.h"

#include "tests/folder.h"
#include "tests/suites.h"

#include <sys/stat.h>

/* Three releases of a schema: the second adds a column, the third fills it. */
static const char *const steps[] = {
    "CREATE TABLE thing (id INTEGER PRIMARY KEY)",
    "ALTER TABLE thing ADD COLUMN name BLOB NOT NULL DEFAULT x''",
    "UPDATE thing SET name = CAST('thing ' || id AS BLOB)",
};

static const struct mu_sql_schema releases[] = {
    {0x74657374, steps, 0},
    {0x74657374, steps, 1},
    {0x74657374, steps, 2},
    {0x74657374, steps, 3},
};

static void close_db(sqlite3 **db)
{
    (void)sqlite3_close_v2(*db);
}

static sqlite3 *open_db(struct test_folder *folder)
{
    sqlite3 *db = NULL;

    CU_ASSERT_EQUAL_FATAL(
        mu_sql_open(test_folder_path(folder, "db"), MU_SQL_SHARED, &db), MU_OK);
    return db;
}

static uint64_t number(sqlite3 *db, const char *text)
{
    sqlite3_stmt *stmt = NULL;
    struct mu_query q;
    uint64_t v;

    CU_ASSERT_EQUAL_FATAL(mu_sql_prepare(db, &text, 1, &stmt), MU_OK);
    q = mu_query_begin(stmt);
    CU_ASSERT_EQUAL_FATAL(mu_query_one(&q), MU_OK);
    v = mu_column_number(&q, 0);
    (void)sqlite3_finalize(stmt);
    return v;
}

static void an_earlier_schema_is_brought_forward(void)
{
    for (size_t from = 1; from <= 3; from++) {
        MU_CLEANUP(test_folder_remove) struct test_folder folder;
        MU_CLEANUP(close_db) sqlite3 *db = NULL;

        test_folder_make(&folder);
        db = open_db(&folder);
        CU_ASSERT_EQUAL_FATAL(mu_sql_migrate(db, &releases[from]), MU_OK);
        CU_ASSERT_EQUAL(number(db, "PRAGMA user_version"), from);
        CU_ASSERT_EQUAL_FATAL(
            mu_sql_run(db, "INSERT INTO thing (id) VALUES (7)"), MU_OK);
        CU_ASSERT_EQUAL(mu_sql_migrate(db, &releases[3]), MU_OK);
        CU_ASSERT_EQUAL(number(db, "PRAGMA user_version"), 3);
        CU_ASSERT_EQUAL(number(db, "PRAGMA application_id"), 0x74657374);
        /* A file of the last release was not migrated again. */
        CU_ASSERT_EQUAL(
            number(db,
                "SELECT count(*) FROM thing WHERE name = x'7468696e672037'"),
            from < 3);
    }
}

static void a_later_schema_is_refused(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    MU_CLEANUP(close_db) sqlite3 *db = NULL;

    test_folder_make(&folder);
    db = open_db(&folder);
    CU_ASSERT_EQUAL_FATAL(mu_sql_migrate(db, &releases[3]), MU_OK);
    CU_ASSERT_EQUAL(mu_sql_migrate(db, &releases[2]), MU_E_UNSUPPORTED);
    CU_ASSERT_FALSE(mu_sql_in_transaction(db));
    CU_ASSERT_EQUAL(number(db, "PRAGMA user_version"), 3);
}

static void the_file_of_another_program_is_refused(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    MU_CLEANUP(close_db) sqlite3 *db = NULL;
    const struct mu_sql_schema other = {0x6f746872, steps, 3};

    test_folder_make(&folder);
    db = open_db(&folder);
    CU_ASSERT_EQUAL_FATAL(mu_sql_migrate(db, &releases[2]), MU_OK);
    CU_ASSERT_EQUAL(mu_sql_migrate(db, &other), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(number(db, "PRAGMA user_version"), 2);
}

static void a_step_that_fails_leaves_the_version_before(void)
{
    static const char *const broken[] = {
        "CREATE TABLE thing (id INTEGER PRIMARY KEY)",
        "CREATE TABLE other (id INTEGER PRIMARY KEY)",
        "INSERT INTO nowhere VALUES (1)",
    };
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    MU_CLEANUP(close_db) sqlite3 *db = NULL;
    const struct mu_sql_schema good = {1, broken, 1}, bad = {1, broken, 3};

    test_folder_make(&folder);
    db = open_db(&folder);
    CU_ASSERT_EQUAL_FATAL(mu_sql_migrate(db, &good), MU_OK);
    CU_ASSERT_EQUAL(mu_sql_migrate(db, &bad), MU_E_IO);
    CU_ASSERT_EQUAL(number(db, "PRAGMA user_version"), 1);
    CU_ASSERT_EQUAL(
        number(db, "SELECT count(*) FROM sqlite_master WHERE name = 'other'"),
        0);
}

static void a_file_is_its_owners_alone(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    MU_CLEANUP(close_db) sqlite3 *db = NULL;
    struct stat st;

    test_folder_make(&folder);
    db = open_db(&folder);
    CU_ASSERT_EQUAL_FATAL(mu_sql_migrate(db, &releases[1]), MU_OK);
    CU_ASSERT_EQUAL_FATAL(stat(test_folder_path(&folder, "db"), &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
    CU_ASSERT_EQUAL_FATAL(stat(test_folder_path(&folder, "db-wal"), &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
}

static void an_exclusive_file_is_nobody_elses(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    MU_CLEANUP(close_db) sqlite3 *db = NULL;
    sqlite3 *other = NULL;

    test_folder_make(&folder);
    CU_ASSERT_EQUAL_FATAL(
        mu_sql_open(test_folder_path(&folder, "db"), MU_SQL_EXCLUSIVE, &db),
        MU_OK);
    CU_ASSERT_EQUAL(
        mu_sql_open(test_folder_path(&folder, "db"), MU_SQL_EXCLUSIVE, &other),
        MU_E_STATE);
}

CU_TestInfo base_sql_tests[] = {
    {"an earlier schema is brought forward",
        an_earlier_schema_is_brought_forward},
    {"a later schema is refused", a_later_schema_is_refused},
    {"the file of another program is refused",
        the_file_of_another_program_is_refused},
    {"a step that fails leaves the version before",
        a_step_that_fails_leaves_the_version_before},
    {"a file is its owner's alone", a_file_is_its_owners_alone},
    {"an exclusive file is nobody else's", an_exclusive_file_is_nobody_elses},
    CU_TEST_INFO_NULL,
};
