/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/users.h"

#include "tests/folder.h"
#include "tests/rng.h"
#include "tests/suites.h"

#include <stdio.h>
#include <string.h>

#define ALICE "sip:alice@example.org"
#define BOB   "sip:bob@example.org"

/* Users under a key, and a folder for their file. */
struct set {
    struct test_folder folder;
    struct kms_dir dir;
    struct test_rng rng;
    struct mu_keyring ring;
    struct kms_users users;
};

static void set_clear(struct set *set)
{
    kms_users_clear(&set->users);
    test_folder_remove(&set->folder);
}

static void set_init(struct set *set)
{
    static const struct mu_kek kek = {{1, 2, 3}};

    memset(set, 0, sizeof(*set));
    test_folder_make(&set->folder);
    test_rng_init(&set->rng, 1);
    CU_ASSERT_EQUAL_FATAL(kms_dir_set(&set->dir, set->folder.path), MU_OK);
    CU_ASSERT_EQUAL_FATAL(mu_keyring_add(&set->ring, &kek), MU_OK);
}

static enum mu_err enrol(
    struct set *set, const char *uri, struct kms_user_keys *keys)
{
    struct kms_enrolling who = {span_str(uri), 1000, &set->rng.rng};
    struct kms_user *user;

    return kms_users_enrol(&set->users, &set->ring, &who, &user, keys);
}

/* Alice and Bob, saved. */
static void set_make(struct set *set, struct kms_user_keys *alice)
{
    struct kms_user_keys bob;

    set_init(set);
    CU_ASSERT_EQUAL_FATAL(enrol(set, BOB, &bob), MU_OK);
    CU_ASSERT_EQUAL_FATAL(enrol(set, ALICE, alice), MU_OK);
    CU_ASSERT_EQUAL_FATAL(kms_users_save(&set->dir, &set->users), MU_OK);
}

static bool keys_eq(
    const struct kms_user_keys *a, const struct kms_user_keys *b)
{
    return mcptt_trk_eq(&a->trk, &b->trk) && mcptt_ink_eq(&a->ink, &b->ink);
}

static void users_come_back_as_they_were(void)
{
    MU_CLEANUP(set_clear) struct set set;
    MU_CLEANUP(kms_users_clear) struct kms_users got = {NULL, 0, 0};
    struct kms_user_keys alice, keys;
    struct kms_user *user;

    set_make(&set, &alice);
    CU_ASSERT_EQUAL_FATAL(kms_users_load(&set.dir, &got, NULL), MU_OK);
    CU_ASSERT_EQUAL_FATAL(got.len, 2);
    user = kms_users_find(&got, span_str(ALICE));
    CU_ASSERT_PTR_EQUAL_FATAL(user, got.at[0]);
    CU_ASSERT_EQUAL(user->state, KMS_USER_ACTIVE);
    CU_ASSERT_EQUAL(user->serial, 1);
    CU_ASSERT_EQUAL(user->since_s, 1000);
    CU_ASSERT_EQUAL(kms_user_open(user, &set.ring, &keys), MU_OK);
    CU_ASSERT(keys_eq(&keys, &alice));
}

static void no_file_is_no_users(void)
{
    MU_CLEANUP(set_clear) struct set set;

    set_init(&set);
    CU_ASSERT_EQUAL(kms_users_load(&set.dir, &set.users, NULL), MU_OK);
    CU_ASSERT_EQUAL(set.users.len, 0);
}

static void identities_are_compared_octet_for_octet(void)
{
    MU_CLEANUP(set_clear) struct set set;
    struct kms_user_keys alice;

    set_make(&set, &alice);
    CU_ASSERT_PTR_NULL(
        kms_users_find(&set.users, span_str("sip:Alice@example.org")));
    CU_ASSERT_PTR_NULL(kms_users_find(&set.users, span_str("sip:alice")));
    CU_ASSERT_PTR_NULL(kms_users_find(&set.users, span_str("")));
}

static void enrolling_again_makes_new_keys(void)
{
    MU_CLEANUP(set_clear) struct set set;
    struct kms_user_keys alice, again;

    set_make(&set, &alice);
    CU_ASSERT_EQUAL(enrol(&set, ALICE, &again), MU_OK);
    CU_ASSERT_EQUAL(set.users.len, 2);
    CU_ASSERT_EQUAL(kms_users_find(&set.users, span_str(ALICE))->serial, 2);
    CU_ASSERT_FALSE(keys_eq(&alice, &again));
}

static void a_revoked_user_keeps_his_keys_and_serial(void)
{
    MU_CLEANUP(set_clear) struct set set;
    struct kms_user_keys alice, keys;
    struct kms_user *user;

    set_make(&set, &alice);
    user = kms_users_find(&set.users, span_str(ALICE));
    CU_ASSERT_EQUAL(
        kms_user_revoke(user, &set.ring, 2000, &set.rng.rng), MU_OK);
    CU_ASSERT_EQUAL(user->state, KMS_USER_REVOKED);
    CU_ASSERT_EQUAL(user->since_s, 2000);
    CU_ASSERT_EQUAL(user->serial, 1);
    CU_ASSERT_EQUAL(kms_user_open(user, &set.ring, &keys), MU_OK);
    CU_ASSERT(keys_eq(&keys, &alice));
    CU_ASSERT_EQUAL(
        kms_user_revoke(user, &set.ring, 3000, &set.rng.rng), MU_E_STATE);
}

/* Who edits the file to bring somebody back, or a key under another name. */
static void an_edited_record_does_not_open(void)
{
    MU_CLEANUP(set_clear) struct set set;
    struct kms_user_keys alice, keys;
    struct kms_user edited;

    set_make(&set, &alice);
    edited = *set.users.at[0];
    edited.state = KMS_USER_REVOKED;
    CU_ASSERT_EQUAL(kms_user_open(&edited, &set.ring, &keys), MU_E_CRYPTO);
    edited = *set.users.at[0];
    edited.serial++;
    CU_ASSERT_EQUAL(kms_user_open(&edited, &set.ring, &keys), MU_E_CRYPTO);
    edited = *set.users.at[0];
    edited.uri = set.users.at[1]->uri;
    CU_ASSERT_EQUAL(kms_user_open(&edited, &set.ring, &keys), MU_E_CRYPTO);
}

static void a_uri_that_is_none_is_refused(void)
{
    MU_CLEANUP(set_clear) struct set set;
    struct kms_user_keys keys;

    set_init(&set);
    CU_ASSERT_EQUAL(enrol(&set, "", &keys), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(enrol(&set, "sip:two words", &keys), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(set.users.len, 0);
}

/* Loads text as the file. */
static enum mu_err load(struct set *set, struct span text, size_t *line)
{
    kms_users_clear(&set->users);
    test_folder_write(&set->folder, KMS_DIR_USERS, text);
    return kms_users_load(&set->dir, &set->users, line);
}

static void bad_lines_are_refused_by_number(void)
{
    static const char *const lines[] = {"", "active 1 1000 sip:a@b",
        "gone 1 1000 sip:a@b 00", "active x 1000 sip:a@b 00",
        "active 1  sip:a@b 00", "active 0 1000 sip:a@b 00",
        "active 1 1000 sip:a@b 00 "};
    MU_CLEANUP(set_clear) struct set set;
    char text[128];
    size_t line;

    set_init(&set);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        (void)snprintf(text, sizeof(text), "muster-users 1\n%s\n", lines[i]);
        line = 0;
        CU_ASSERT_EQUAL(load(&set, span_str(text), &line), MU_E_MALFORMED);
        CU_ASSERT_EQUAL(line, 2);
    }
}

static void another_version_is_unsupported(void)
{
    MU_CLEANUP(set_clear) struct set set;

    set_init(&set);
    CU_ASSERT_EQUAL(
        load(&set, span_str("muster-users 2\n"), NULL), MU_E_UNSUPPORTED);
    CU_ASSERT_EQUAL(load(&set, span_str(""), NULL), MU_E_UNSUPPORTED);
}

static void every_truncation_within_a_line_is_refused(void)
{
    MU_CLEANUP(set_clear) struct set set;
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    struct kms_user_keys alice;

    set_make(&set, &alice);
    test_folder_read(&set.folder, KMS_DIR_USERS, &text);
    for (size_t len = 0; len < text.len; len++) {
        enum mu_err err = load(&set, (struct span){text.p, len}, NULL);

        if (len > 0 && text.p[len - 1] == '\n')
            CU_ASSERT_EQUAL(err, MU_OK);
        if (len == 0 || text.p[len - 1] != '\n')
            CU_ASSERT_NOT_EQUAL(err, MU_OK);
    }
}

static void a_user_twice_or_out_of_order_is_refused(void)
{
    MU_CLEANUP(set_clear) struct set set;
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    MU_CLEANUP(buf_clear) struct buf twice = {.p = NULL};
    struct kms_user_keys alice;
    size_t line = 0;

    set_make(&set, &alice);
    test_folder_read(&set.folder, KMS_DIR_USERS, &text);
    buf_add(&twice, buf_span(&text));
    buf_add(&twice, (struct span){text.p + 15, text.len - 15});
    CU_ASSERT_EQUAL(load(&set, buf_span(&twice), &line), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(line, 4);
}

static void many_users_stand_in_order(void)
{
    MU_CLEANUP(set_clear) struct set set;
    struct kms_user_keys keys;
    char uri[64];

    set_init(&set);
    for (unsigned i = 0; i < 300; i++) {
        (void)snprintf(uri, sizeof(uri), "sip:%u@example.org", i * 7 % 300);
        CU_ASSERT_EQUAL(enrol(&set, uri, &keys), MU_OK);
    }
    CU_ASSERT_EQUAL(set.users.len, 300);
    CU_ASSERT_EQUAL(kms_users_save(&set.dir, &set.users), MU_OK);
    kms_users_clear(&set.users);
    CU_ASSERT_EQUAL(kms_users_load(&set.dir, &set.users, NULL), MU_OK);
    CU_ASSERT_EQUAL(set.users.len, 300);
    CU_ASSERT_PTR_NOT_NULL(
        kms_users_find(&set.users, span_str("sip:299@example.org")));
}

CU_TestInfo kms_users_tests[] = {
    {"users come back as they were", users_come_back_as_they_were},
    {"no file is no users", no_file_is_no_users},
    {"identities are compared octet for octet",
        identities_are_compared_octet_for_octet},
    {"enrolling again makes new keys", enrolling_again_makes_new_keys},
    {"a revoked user keeps his keys and serial",
        a_revoked_user_keeps_his_keys_and_serial},
    {"an edited record does not open", an_edited_record_does_not_open},
    {"a URI that is none is refused", a_uri_that_is_none_is_refused},
    {"bad lines are refused by number", bad_lines_are_refused_by_number},
    {"another version is unsupported", another_version_is_unsupported},
    {"every truncation within a line is refused",
        every_truncation_within_a_line_is_refused},
    {"a user twice or out of order is refused",
        a_user_twice_or_out_of_order_is_refused},
    {"many users stand in order", many_users_stand_in_order},
    CU_TEST_INFO_NULL,
};
