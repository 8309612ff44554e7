/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/master.h"

#include "tests/folder.h"
#include "tests/rng.h"
#include "tests/suites.h"

#include <string.h>

/* A KMS in a folder. */
struct made {
    struct test_folder folder;
    struct kms_dir dir;
    struct test_rng rng;
    struct kms_facts facts;
    struct kms_master master;
    struct kms_sealing_key key;
};

static void made_clear(struct made *made)
{
    test_folder_remove(&made->folder);
}

static void make_facts(struct made *made)
{
    struct kms_facts *facts = &made->facts;

    *facts = (struct kms_facts){.rule = {2592000, 0},
        .created_s = 1764000000,
        .shares = 5,
        .threshold = 3};
    CU_ASSERT_EQUAL(
        mcptt_id_set(&facts->uri, span_str("kms.example.org")), MU_OK);
    CU_ASSERT_EQUAL(kms_master_public(&made->master, &facts->keys), MU_OK);
}

static void make(struct made *made)
{
    test_folder_make(&made->folder);
    test_rng_init(&made->rng, 1);
    CU_ASSERT_EQUAL_FATAL(
        kms_dir_set(&made->dir, test_folder_path(&made->folder, "kms")), MU_OK);
    CU_ASSERT_EQUAL_FATAL(kms_dir_make(&made->dir), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        kms_master_make(&made->rng.rng, &made->master), MU_OK);
    make_facts(made);
    CU_ASSERT_EQUAL(kms_sealing_key_make(&made->rng.rng, &made->key), MU_OK);
    CU_ASSERT_EQUAL_FATAL(kms_master_store(&made->dir, &made->facts,
                              &made->master, &made->key, &made->rng.rng),
        MU_OK);
}

static enum mu_err load(struct made *made, struct kms_master *out)
{
    struct kms_facts facts;

    return kms_master_load(&made->dir, &made->key, &facts, out);
}

static void the_key_opens_what_was_stored(void)
{
    MU_CLEANUP(made_clear) struct made made;
    struct kms_master got;

    make(&made);
    CU_ASSERT_EQUAL(load(&made, &got), MU_OK);
    CU_ASSERT_EQUAL(memcmp(&got, &made.master, sizeof(got)), 0);
}

static void the_facts_come_back_as_they_were(void)
{
    MU_CLEANUP(made_clear) struct made made;
    struct kms_facts got;

    make(&made);
    CU_ASSERT_EQUAL(kms_facts_load(&made.dir, &got), MU_OK);
    CU_ASSERT(mcptt_id_eq(&got.uri, &made.facts.uri));
    CU_ASSERT_EQUAL(got.rule.length_s, 2592000);
    CU_ASSERT_EQUAL(got.created_s, 1764000000);
    CU_ASSERT_EQUAL(got.shares, 5);
    CU_ASSERT_EQUAL(got.threshold, 3);
    CU_ASSERT_FALSE(got.test_key);
    CU_ASSERT_EQUAL(memcmp(&got.keys, &made.facts.keys, sizeof(got.keys)), 0);
}

static void another_key_does_not_open_it(void)
{
    MU_CLEANUP(made_clear) struct made made;
    struct kms_master got;

    make(&made);
    made.key.b[0] ^= 1;
    CU_ASSERT_EQUAL(load(&made, &got), MU_E_NOT_FOUND);
}

/* Replaces one text in kms.conf by another of the same length. */
static void edit_facts(struct made *made, const char *from, const char *to)
{
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    uint8_t *at;

    CU_ASSERT_EQUAL(kms_dir_read(&made->dir, KMS_DIR_CONF, &text), MU_OK);
    at = test_buf_find(&text, span_str(from));
    CU_ASSERT_PTR_NOT_NULL_FATAL(at);
    for (size_t i = 0; to[i] != '\0'; i++)
        at[i] = (uint8_t)to[i];
    CU_ASSERT_EQUAL(
        kms_dir_replace(&made->dir, KMS_DIR_CONF, buf_span(&text)), MU_OK);
}

static void with_edited_facts_it_does_not_open(void)
{
    MU_CLEANUP(made_clear) struct made made;
    struct kms_master got;

    make(&made);
    edit_facts(&made, "kms.example.org", "kms.example.net");
    CU_ASSERT_EQUAL(load(&made, &got), MU_E_CRYPTO);
}

static void a_threshold_that_cannot_be_is_refused(void)
{
    MU_CLEANUP(made_clear) struct made made;
    struct kms_facts got;

    make(&made);
    edit_facts(&made, "threshold = 3", "threshold = 6");
    CU_ASSERT_EQUAL(kms_facts_load(&made.dir, &got), MU_E_MALFORMED);
}

static void another_version_of_facts_is_unsupported(void)
{
    MU_CLEANUP(made_clear) struct made made;
    struct kms_facts got;

    make(&made);
    edit_facts(&made, "muster-kms = 1", "muster-kms = 2");
    CU_ASSERT_EQUAL(kms_facts_load(&made.dir, &got), MU_E_UNSUPPORTED);
}

static void every_truncation_of_the_facts_is_refused(void)
{
    MU_CLEANUP(made_clear) struct made made;
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    struct kms_facts got;

    make(&made);
    CU_ASSERT_EQUAL(kms_dir_read(&made.dir, KMS_DIR_CONF, &text), MU_OK);
    for (size_t len = 0; len < text.len; len++)
        CU_ASSERT_EQUAL(kms_facts_read((struct span){text.p, len}, &got, NULL),
            MU_E_MALFORMED);
}

static void every_truncation_of_the_master_is_refused(void)
{
    MU_CLEANUP(made_clear) struct made made;
    MU_CLEANUP(buf_clear) struct buf sealed = {.p = NULL};
    struct kms_master got;

    make(&made);
    CU_ASSERT_EQUAL(kms_dir_read(&made.dir, KMS_DIR_MASTER, &sealed), MU_OK);
    CU_ASSERT_EQUAL(sealed.len, KMS_MASTER_SEALED_LEN);
    for (size_t len = 0; len < sealed.len; len += 16) {
        CU_ASSERT_EQUAL(kms_dir_replace(&made.dir, KMS_DIR_MASTER,
                            (struct span){sealed.p, len}),
            MU_OK);
        CU_ASSERT_NOT_EQUAL(load(&made, &got), MU_OK);
    }
}

static void a_second_ceremony_does_not_replace_the_first(void)
{
    MU_CLEANUP(made_clear) struct made made;
    struct kms_master got;

    make(&made);
    CU_ASSERT_EQUAL(kms_dir_make(&made.dir), MU_E_STATE);
    CU_ASSERT_EQUAL(kms_master_store(&made.dir, &made.facts, &made.master,
                        &made.key, &made.rng.rng),
        MU_E_STATE);
    CU_ASSERT_EQUAL(load(&made, &got), MU_OK);
}

static void no_secret_stands_in_a_file_in_clear(void)
{
    MU_CLEANUP(made_clear) struct made made;
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    const struct kms_master *m = &made.master;

    make(&made);
    CU_ASSERT_EQUAL(kms_dir_read(&made.dir, KMS_DIR_MASTER, &text), MU_OK);
    CU_ASSERT_EQUAL(kms_dir_read(&made.dir, KMS_DIR_CONF, &text), MU_OK);
    CU_ASSERT_PTR_NULL(test_buf_find(&text, (struct span){m->z.b + 96, 16}));
    CU_ASSERT_PTR_NULL(test_buf_find(&text, (struct span){m->ksak.b, 16}));
    CU_ASSERT_PTR_NULL(test_buf_find(&text, (struct span){m->cert.b, 16}));
    CU_ASSERT_PTR_NULL(test_buf_find(&text, (struct span){m->bundle.b, 16}));
    CU_ASSERT_PTR_NULL(test_buf_find(&text, (struct span){m->users.b, 16}));
    CU_ASSERT_PTR_NULL(test_buf_find(&text, (struct span){made.key.b, 16}));
}

static void the_test_key_is_always_the_same(void)
{
    struct kms_sealing_key a, b;

    CU_ASSERT_EQUAL(kms_sealing_key_test(&a), MU_OK);
    CU_ASSERT_EQUAL(kms_sealing_key_test(&b), MU_OK);
    CU_ASSERT(kms_sealing_key_eq(&a, &b));
}

static void no_randomness_means_no_master(void)
{
    struct kms_master master;
    struct test_rng rng;

    test_rng_init(&rng, 1);
    rng.fails = true;
    CU_ASSERT_EQUAL(kms_master_make(&rng.rng, &master), MU_E_CRYPTO);
}

CU_TestInfo kms_master_tests[] = {
    {"the key opens what was stored", the_key_opens_what_was_stored},
    {"the facts come back as they were", the_facts_come_back_as_they_were},
    {"another key does not open it", another_key_does_not_open_it},
    {"with edited facts it does not open", with_edited_facts_it_does_not_open},
    {"a threshold that cannot be is refused",
        a_threshold_that_cannot_be_is_refused},
    {"another version of facts is unsupported",
        another_version_of_facts_is_unsupported},
    {"every truncation of the facts is refused",
        every_truncation_of_the_facts_is_refused},
    {"every truncation of the master is refused",
        every_truncation_of_the_master_is_refused},
    {"a second ceremony does not replace the first",
        a_second_ceremony_does_not_replace_the_first},
    {"no secret stands in a file in clear",
        no_secret_stands_in_a_file_in_clear},
    {"the test key is always the same", the_test_key_is_always_the_same},
    {"no randomness means no master", no_randomness_means_no_master},
    CU_TEST_INFO_NULL,
};
