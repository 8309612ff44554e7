/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/kds_import.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/kms/kds_fixture.h"
#include "tests/suites.h"

static const char alice[] = "sip:alice@x", bob[] = "sip:bob@x";

/* Imports what must be refused, and sees that nothing of it is there. */
static void refused(struct kds_fixture *f, const struct kds_bundle *b,
    enum mu_err want, const char *why)
{
    uint64_t before = kds_fixture_sequence(f);

    CU_ASSERT_EQUAL(kds_fixture_import(f, b), want);
    CU_ASSERT_PTR_NOT_NULL(strstr(f->why.text, why));
    CU_ASSERT_PTR_NULL(strchr(f->why.text, '\n'));
    CU_ASSERT_EQUAL(kds_fixture_sequence(f), before);
}

static void takes_all_that_is_in_a_bundle(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    struct kds_import_result result = {0};
    static struct kds_bundle b;

    kds_fixture_setup(&f);
    kds_bundle_first(&b, &f);
    CU_ASSERT_EQUAL_FATAL(
        kds_import(f.store, &f.config, b.whole, &result, &f.why), MU_OK);
    CU_ASSERT_EQUAL(result.sequence, 1);
    CU_ASSERT_EQUAL(result.certificates, 1);
    CU_ASSERT_EQUAL(result.users, 2);
    CU_ASSERT_EQUAL(result.key_sets, 3);
    CU_ASSERT_EQUAL(result.log_head.seq, 41);
    kds_fixture_reopen(&f);
    CU_ASSERT_EQUAL(kds_fixture_sequence(&f), 1);
    CU_ASSERT_EQUAL(kds_fixture_serial(&f, bob), 2);
    CU_ASSERT(kds_fixture_has(&f, alice, 6));
    CU_ASSERT_FALSE(kds_fixture_has(&f, bob, 6));
}

static void keeps_the_ink_sealed_under_the_kek(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    struct mcptt_ink ink = {{0}};
    struct kds_user user = {0};
    static struct kds_bundle b;

    kds_fixture_setup(&f);
    kds_bundle_first(&b, &f);
    CU_ASSERT_EQUAL_FATAL(kds_fixture_import(&f, &b), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        kds_store_user(f.store, span_str(alice), &f.arena, &user), MU_OK);
    CU_ASSERT_EQUAL(user.ink.len, KDS_INK_SEALED_LEN);
    CU_ASSERT_EQUAL(kds_ink_open(&f.ring, user.uri, 1, user.ink, &ink), MU_OK);
    CU_ASSERT(mcptt_ink_eq(&ink, &kds_test_ink));
    CU_ASSERT_EQUAL(
        kds_ink_open(&f.ring, span_str(bob), 1, user.ink, &ink), MU_E_CRYPTO);
    CU_ASSERT_EQUAL(
        kds_ink_open(&f.ring, user.uri, 2, user.ink, &ink), MU_E_CRYPTO);
}

static void without_an_import_key_there_is_no_ink(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    struct kds_user user = {0};
    static struct kds_bundle b;

    kds_fixture_setup(&f);
    kds_bundle_first(&b, &f);
    f.config.import_key = NULL;
    CU_ASSERT_EQUAL_FATAL(kds_fixture_import(&f, &b), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        kds_store_user(f.store, span_str(alice), &f.arena, &user), MU_OK);
    CU_ASSERT_EQUAL(user.ink.len, 0);
    CU_ASSERT(kds_fixture_has(&f, alice, 5));
}

static void another_signer_is_refused(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    const struct mu_sign_key thief = {{8}};
    static struct kds_bundle b;

    kds_fixture_setup(&f);
    kds_bundle_begin(&b, 1, NULL);
    kds_bundle_root(&b);
    kds_bundle_close(&b, &thief);
    refused(&f, &b, MU_E_CRYPTO, "signature at offset");
}

static void every_truncation_is_refused(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    static struct kds_bundle b;
    size_t len;

    kds_fixture_setup(&f);
    kds_bundle_first(&b, &f);
    len = b.whole.len;
    for (b.whole.len = 0; b.whole.len < len; b.whole.len += 7)
        CU_ASSERT_NOT_EQUAL(kds_fixture_import(&f, &b), MU_OK);
    CU_ASSERT_EQUAL(kds_fixture_sequence(&f), 0);
}

static void a_bundle_of_another_kms_is_refused(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    static struct kds_bundle b;

    kds_fixture_setup(&f);
    kds_bundle_first(&b, &f);
    f.config.kms_uri = span_str("kms.example.com");
    refused(&f, &b, MU_E_DENIED, "another KMS");
}

static void a_bundle_comes_once(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    static struct kds_bundle b;

    kds_fixture_setup(&f);
    kds_bundle_first(&b, &f);
    CU_ASSERT_EQUAL_FATAL(kds_fixture_import(&f, &b), MU_OK);
    refused(&f, &b, MU_E_STATE, "number 1 again: 1 is the last");
}

static void no_bundle_is_left_out(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    static struct kds_bundle first, third;

    kds_fixture_setup(&f);
    kds_bundle_first(&first, &f);
    kds_bundle_begin(&third, 3, &first);
    kds_bundle_root(&third);
    kds_bundle_close(&third, &f.bundle_key);
    refused(&f, &third, MU_E_NOT_FOUND, "number 3 after 0: one is missing");
    CU_ASSERT_EQUAL_FATAL(kds_fixture_import(&f, &first), MU_OK);
    refused(&f, &third, MU_E_NOT_FOUND, "number 3 after 1: one is missing");
}

static void a_fork_is_refused(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    static struct kds_bundle ours, theirs, second;

    kds_fixture_setup(&f);
    kds_bundle_first(&ours, &f);
    kds_bundle_begin(&theirs, 1, NULL);
    kds_bundle_root(&theirs);
    kds_bundle_close(&theirs, &f.bundle_key);
    kds_bundle_begin(&second, 2, &theirs);
    kds_bundle_close(&second, &f.bundle_key);
    CU_ASSERT_EQUAL_FATAL(kds_fixture_import(&f, &ours), MU_OK);
    refused(&f, &second, MU_E_DENIED, "a fork");
}

static void the_first_bundle_brings_the_root(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    static struct kds_bundle b;

    kds_fixture_setup(&f);
    kds_bundle_begin(&b, 1, NULL);
    kds_bundle_user(&b, &f, alice, 1);
    kds_bundle_close(&b, &f.bundle_key);
    refused(&f, &b, MU_E_MALFORMED, "no root certificate");
    CU_ASSERT_EQUAL(kds_fixture_serial(&f, alice), 0);
}

static void a_root_of_another_kms_is_refused(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    struct kms_bundle_item item = {.kind = KMS_BUNDLE_ROOT};
    static struct kds_bundle b, partner;
    struct kms_bundle_header header;
    struct rd items;

    kds_fixture_setup(&f);
    kds_bundle_begin(&partner, 1, NULL);
    kds_bundle_external(&partner, "kms.partner.example");
    kds_bundle_close(&partner, &f.bundle_key);
    CU_ASSERT_EQUAL_FATAL(
        kms_bundle_open(partner.whole, NULL, &header, &items, NULL), MU_OK);
    CU_ASSERT_FATAL(kms_bundle_next(&items, &item));
    item.kind = KMS_BUNDLE_ROOT;
    kds_bundle_begin(&b, 1, NULL);
    kms_bundle_add(&b.w, &item);
    kds_bundle_close(&b, &f.bundle_key);
    refused(&f, &b, MU_E_MALFORMED, "not the root of this KMS");
}

static void our_own_certificate_is_not_external(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    static struct kds_bundle b;

    kds_fixture_setup(&f);
    kds_bundle_begin(&b, 1, NULL);
    kds_bundle_root(&b);
    kds_bundle_external(&b, KDS_TEST_KMS);
    kds_bundle_close(&b, &f.bundle_key);
    refused(&f, &b, MU_E_MALFORMED, "not of another KMS");
}

static void external_certificates_are_numbered(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    struct mu_arena_list list;
    uint64_t cache_num = 0;
    static struct kds_bundle b;

    kds_fixture_setup(&f);
    kds_bundle_begin(&b, 1, NULL);
    kds_bundle_root(&b);
    kds_bundle_external(&b, "kms.a.example");
    kds_bundle_external(&b, "kms.b.example");
    kds_bundle_external(&b, "kms.a.example");
    kds_bundle_close(&b, &f.bundle_key);
    CU_ASSERT_EQUAL_FATAL(kds_fixture_import(&f, &b), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        kds_store_externals(f.store, 0, &f.arena, &list, &cache_num), MU_OK);
    CU_ASSERT_EQUAL(list.len, 2);
    CU_ASSERT_EQUAL(cache_num, 4);
    CU_ASSERT_EQUAL_FATAL(
        kds_store_externals(f.store, 3, &f.arena, &list, &cache_num), MU_OK);
    CU_ASSERT_EQUAL_FATAL(list.len, 1);
    CU_ASSERT(span_eq(((struct kds_certificate *)list.at)->kms_uri,
        span_str("kms.a.example")));
}

static void revoking_takes_the_keys_away(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    static struct kds_bundle first, second;
    struct kds_user user = {0};

    kds_fixture_setup(&f);
    kds_bundle_first(&first, &f);
    kds_bundle_begin(&second, 2, &first);
    kds_bundle_revoke(&second, bob, 2);
    kds_bundle_close(&second, &f.bundle_key);
    CU_ASSERT_EQUAL_FATAL(kds_fixture_import(&f, &first), MU_OK);
    CU_ASSERT_EQUAL_FATAL(kds_fixture_import(&f, &second), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        kds_store_user(f.store, span_str(bob), &f.arena, &user), MU_OK);
    CU_ASSERT(user.revoked);
    CU_ASSERT_EQUAL(user.ink.len, 0);
    CU_ASSERT_FALSE(kds_fixture_has(&f, bob, 5));
    CU_ASSERT(kds_fixture_has(&f, alice, 5));
}

static void a_new_enrolment_drops_the_old_key_sets(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    static struct kds_bundle first, second;

    kds_fixture_setup(&f);
    kds_bundle_first(&first, &f);
    kds_bundle_begin(&second, 2, &first);
    kds_bundle_user(&second, &f, alice, 4);
    kds_bundle_key_set(&second, alice, 4, 6);
    kds_bundle_close(&second, &f.bundle_key);
    CU_ASSERT_EQUAL_FATAL(kds_fixture_import(&f, &first), MU_OK);
    CU_ASSERT_EQUAL_FATAL(kds_fixture_import(&f, &second), MU_OK);
    CU_ASSERT_EQUAL(kds_fixture_serial(&f, alice), 4);
    CU_ASSERT_FALSE(kds_fixture_has(&f, alice, 5));
    CU_ASSERT(kds_fixture_has(&f, alice, 6));
}

static void an_older_enrolment_is_refused(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    static struct kds_bundle first, second;

    kds_fixture_setup(&f);
    kds_bundle_first(&first, &f);
    kds_bundle_begin(&second, 2, &first);
    kds_bundle_user(&second, &f, bob, 1);
    kds_bundle_close(&second, &f.bundle_key);
    CU_ASSERT_EQUAL_FATAL(kds_fixture_import(&f, &first), MU_OK);
    refused(&f, &second, MU_E_STATE, "sip:bob@x: the enrolment is older");
}

static void key_sets_belong_to_a_user_and_his_enrolment(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    static struct kds_bundle b;

    kds_fixture_setup(&f);
    kds_bundle_begin(&b, 1, NULL);
    kds_bundle_root(&b);
    kds_bundle_key_set(&b, alice, 1, 5);
    kds_bundle_close(&b, &f.bundle_key);
    refused(&f, &b, MU_E_MALFORMED, "sip:alice@x: no such user");
    kds_bundle_begin(&b, 1, NULL);
    kds_bundle_root(&b);
    kds_bundle_user(&b, &f, alice, 1);
    kds_bundle_key_set(&b, alice, 2, 5);
    kds_bundle_close(&b, &f.bundle_key);
    refused(&f, &b, MU_E_MALFORMED, "not of his enrolment");
    kds_bundle_begin(&b, 1, NULL);
    kds_bundle_root(&b);
    kds_bundle_revoke(&b, alice, 1);
    kds_bundle_key_set(&b, alice, 1, 5);
    kds_bundle_close(&b, &f.bundle_key);
    refused(&f, &b, MU_E_MALFORMED, "he is revoked");
}

static void a_key_set_with_a_wrong_mac_spoils_the_bundle(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    struct kms_bundle_item item = {.kind = KMS_BUNDLE_KEY_SET};
    static const uint8_t mac[KDS_MAC_LEN];
    static struct kds_bundle b;

    kds_fixture_setup(&f);
    item.key_set = (struct kms_bundle_key_set){.period = 5,
        .serial = 1,
        .uri = span_str(alice),
        .mac = SPAN_OF(mac),
        .xml = span_str("<KmsKeySet/>")};
    kds_bundle_begin(&b, 1, NULL);
    kds_bundle_root(&b);
    kds_bundle_user(&b, &f, alice, 1);
    kms_bundle_add(&b.w, &item);
    kds_bundle_close(&b, &f.bundle_key);
    refused(&f, &b, MU_E_CRYPTO, "key set of sip:alice@x, period 5: crypto");
    CU_ASSERT_EQUAL(kds_fixture_serial(&f, alice), 0);
}

static void a_key_set_is_of_the_user_that_it_names(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    static struct kds_bundle b;

    kds_fixture_setup(&f);
    kds_bundle_begin(&b, 1, NULL);
    kds_bundle_root(&b);
    kds_bundle_user(&b, &f, alice, 1);
    kds_bundle_key_set_as(&b, alice, 1, 5, bob);
    kds_bundle_close(&b, &f.bundle_key);
    refused(&f, &b, MU_E_MALFORMED, "of another user, KMS or period");
}

static void a_key_set_that_is_none_is_refused(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    static struct kds_bundle b;

    kds_fixture_setup(&f);
    kds_bundle_begin(&b, 1, NULL);
    kds_bundle_root(&b);
    kds_bundle_user(&b, &f, alice, 1);
    kds_bundle_key_set_of(&b, alice, 1, 5, span_str("<KmsKeySet/>"));
    kds_bundle_close(&b, &f.bundle_key);
    refused(&f, &b, MU_E_MALFORMED, "key set of sip:alice@x: /KmsKeySet");
}

static void an_ink_for_another_server_spoils_the_bundle(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    static struct kds_bundle b;

    kds_fixture_setup(&f);
    kds_bundle_first(&b, &f);
    f.import_key.b[0] ^= 8;
    refused(&f, &b, MU_E_CRYPTO, "the InK of sip:alice@x does not open");
}

/* Randomness is drawn for each InK: the n-th time the process dies. */
struct deadly_rng {
    unsigned left;
};

static enum mu_err kill_or_fill(void *ctx, uint8_t *out, size_t len)
{
    struct deadly_rng *deadly = ctx;

    if (deadly->left-- == 0)
        (void)raise(SIGKILL);
    memset(out, 0x5a, len);
    return MU_OK;
}

/* Imports in a child; true when it was killed on the way. */
static bool import_and_die(
    struct kds_fixture *f, const struct kds_bundle *b, unsigned after)
{
    struct deadly_rng deadly = {after};
    const struct mu_rng rng = {kill_or_fill, &deadly};
    int status = 0;
    pid_t child = fork();

    CU_ASSERT_FATAL(child >= 0);
    if (child == 0) {
        struct kds_store *store = NULL;
        const char *path = test_folder_path(&f->folder, "kdsd.db");

        f->config.rng = &rng;
        if (kds_store_open(path, &store) != MU_OK)
            _exit(2);
        f->store = store;
        _exit(kds_fixture_import(f, b) == MU_OK ? 0 : 3);
    }
    CU_ASSERT_EQUAL_FATAL(waitpid(child, &status, 0), child);
    CU_ASSERT(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
    return WIFSIGNALED(status);
}

static void a_killed_import_leaves_nothing(void)
{
    MU_CLEANUP(kds_fixture_clear) struct kds_fixture f;
    static struct kds_bundle b;
    unsigned after = 0;

    kds_fixture_setup(&f);
    kds_bundle_first(&b, &f);
    while (import_and_die(&f, &b, after)) {
        kds_fixture_reopen(&f);
        CU_ASSERT_EQUAL(kds_fixture_sequence(&f), 0);
        CU_ASSERT_EQUAL(kds_fixture_serial(&f, alice), 0);
        after++;
    }
    CU_ASSERT_EQUAL(after, 2); /* two users have an InK */
    kds_fixture_reopen(&f);
    CU_ASSERT_EQUAL(kds_fixture_sequence(&f), 1);
}

CU_TestInfo kms_kds_import_tests[] = {
    {"takes all that is in a bundle", takes_all_that_is_in_a_bundle},
    {"keeps the InK sealed under the KEK", keeps_the_ink_sealed_under_the_kek},
    {"without an import key there is no InK",
        without_an_import_key_there_is_no_ink},
    {"another signer is refused", another_signer_is_refused},
    {"every truncation is refused", every_truncation_is_refused},
    {"a bundle of another KMS is refused", a_bundle_of_another_kms_is_refused},
    {"a bundle comes once", a_bundle_comes_once},
    {"no bundle is left out", no_bundle_is_left_out},
    {"a fork is refused", a_fork_is_refused},
    {"the first bundle brings the root", the_first_bundle_brings_the_root},
    {"a root of another KMS is refused", a_root_of_another_kms_is_refused},
    {"our own certificate is not external",
        our_own_certificate_is_not_external},
    {"external certificates are numbered", external_certificates_are_numbered},
    {"revoking takes the keys away", revoking_takes_the_keys_away},
    {"a new enrolment drops the old key sets",
        a_new_enrolment_drops_the_old_key_sets},
    {"an older enrolment is refused", an_older_enrolment_is_refused},
    {"key sets belong to a user and his enrolment",
        key_sets_belong_to_a_user_and_his_enrolment},
    {"a key set with a wrong MAC spoils the bundle",
        a_key_set_with_a_wrong_mac_spoils_the_bundle},
    {"a key set is of the user that it names",
        a_key_set_is_of_the_user_that_it_names},
    {"a key set that is none is refused", a_key_set_that_is_none_is_refused},
    {"an InK for another server spoils the bundle",
        an_ink_for_another_server_spoils_the_bundle},
    {"a killed import leaves nothing", a_killed_import_leaves_nothing},
    CU_TEST_INFO_NULL,
};
