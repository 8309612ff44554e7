/* SPDX-License-Identifier: Apache-2.0 */
#include "kms-client/store.h"

#include <string.h>

#include "base/alloc.h"
#include "tests/folder.h"
#include "tests/kms-client/world.h"
#include "tests/suites.h"

/* A world, and a device of its user with keys for two periods in a store. */
struct store {
    struct world world;
    struct test_folder folder;
    struct mu_keyring ring;
    struct kms_device device;
    struct kms_store_name name;
};

static void must(enum mu_err err)
{
    CU_ASSERT_EQUAL_FATAL(err, MU_OK);
}

static void store_init(struct store *s)
{
    struct kms_wrapped_keys keys;

    *s = (struct store){.device = {.keys = NULL}};
    world_init(&s->world);
    test_folder_make(&s->folder);
    must(kms_store_make(s->folder.path, &s->world.rng.rng));
    must(kms_store_read_key(s->folder.path, &s->ring));
    s->device = (struct kms_device){
        .enrolment = s->world.enrolment,
        .keys = world_keyset(&s->world),
        .cache_num = 9,
        .signed_seen = true,
    };
    for (uint64_t i = 0; i < 2; i++) {
        world_wrap_keys(&s->world, s->world.period_no + i, &keys);
        must(kms_keyset_add(s->device.keys, &s->world.enrolment.trk, &keys));
    }
    must(kms_store_name(&s->world.enrolment.user_uri, &s->name));
    must(kms_store_save(
        s->folder.path, &s->ring, &s->world.rng.rng, &s->device));
}

static void store_clear(struct store *s)
{
    kms_device_clear(&s->device);
    mu_keyring_clear(&s->ring);
    test_folder_remove(&s->folder);
    world_clear(&s->world);
}

static enum mu_err load(struct store *s)
{
    MU_CLEANUP(kms_device_clear) struct kms_device back = {.keys = NULL};

    return kms_store_load(s->folder.path, &s->ring, &s->name, &back);
}

static void gives_back_what_was_saved(void)
{
    MU_CLEANUP(store_clear) struct store s;
    MU_CLEANUP(kms_device_clear) struct kms_device back = {.keys = NULL};
    const struct kms_period_keys *is, *was;

    store_init(&s);
    must(kms_store_load(s.folder.path, &s.ring, &s.name, &back));
    CU_ASSERT_EQUAL(back.cache_num, 9);
    CU_ASSERT(back.signed_seen);
    CU_ASSERT(mcptt_trk_eq(&back.enrolment.trk, &s.device.enrolment.trk));
    CU_ASSERT(span_eq(kms_keyset_home(back.keys)->text,
        kms_keyset_home(s.device.keys)->text));
    for (size_t i = 0; i < 2; i++) {
        is = kms_keyset_at(back.keys, i);
        was = kms_keyset_at(s.device.keys, i);
        CU_ASSERT_FATAL(is != NULL && was != NULL);
        CU_ASSERT(mikey_rsk_eq(&is->rsk, &was->rsk));
        CU_ASSERT(mikey_ssk_eq(&is->pair.ssk, &was->pair.ssk));
    }
    CU_ASSERT_PTR_NULL(kms_keyset_at(back.keys, 2));
}

static void every_changed_octet_is_found(void)
{
    MU_CLEANUP(store_clear) struct store s;
    MU_CLEANUP(buf_clear) struct buf file = {0};
    unsigned accepted = 0;

    store_init(&s);
    test_folder_read(&s.folder, s.name.text, &file);
    for (size_t i = 0; i < file.len; i++) {
        file.p[i] ^= 1;
        test_folder_write(&s.folder, s.name.text, buf_span(&file));
        if (load(&s) == MU_OK)
            accepted++;
        file.p[i] ^= 1;
    }
    CU_ASSERT_EQUAL(accepted, 0);
}

static void a_truncated_file_is_refused(void)
{
    MU_CLEANUP(store_clear) struct store s;
    MU_CLEANUP(buf_clear) struct buf file = {0};
    unsigned accepted = 0;

    store_init(&s);
    test_folder_read(&s.folder, s.name.text, &file);
    for (size_t len = 0; len < file.len; len += 16) {
        test_folder_write(&s.folder, s.name.text, (struct span){file.p, len});
        if (load(&s) == MU_OK)
            accepted++;
    }
    CU_ASSERT_EQUAL(accepted, 0);
}

static void a_file_under_another_users_name_is_refused(void)
{
    MU_CLEANUP(store_clear) struct store s;
    MU_CLEANUP(buf_clear) struct buf file = {0};
    struct mcptt_id other;

    store_init(&s);
    test_folder_read(&s.folder, s.name.text, &file);
    must(mcptt_id_set(&other, span_str("sip:else@example.org")));
    must(kms_store_name(&other, &s.name));
    test_folder_write(&s.folder, s.name.text, buf_span(&file));
    CU_ASSERT_EQUAL(load(&s), MU_E_CRYPTO);
}

static void another_devices_key_opens_nothing(void)
{
    MU_CLEANUP(store_clear) struct store s;
    const struct mu_kek other = {{1}};

    store_init(&s);
    mu_keyring_clear(&s.ring);
    must(mu_keyring_add(&s.ring, &other));
    CU_ASSERT_EQUAL(load(&s), MU_E_NOT_FOUND);
}

static void a_device_key_of_another_length_is_malformed(void)
{
    static const uint8_t octets[33] = {1};
    MU_CLEANUP(store_clear) struct store s;

    store_init(&s);
    for (size_t len = 31; len <= 33; len += 2) {
        test_folder_write(&s.folder, "device.key", (struct span){octets, len});
        CU_ASSERT_EQUAL(
            kms_store_read_key(s.folder.path, &s.ring), MU_E_MALFORMED);
    }
}

static void making_a_store_again_keeps_its_key(void)
{
    MU_CLEANUP(store_clear) struct store s;

    store_init(&s);
    must(kms_store_make(s.folder.path, &s.world.rng.rng));
    mu_keyring_clear(&s.ring);
    must(kms_store_read_key(s.folder.path, &s.ring));
    CU_ASSERT_EQUAL(load(&s), MU_OK);
}

static enum mu_err count(void *ctx, const struct kms_store_name *name)
{
    struct store *s = ctx;

    CU_ASSERT_STRING_EQUAL(name->text, s->name.text);
    s->device.cache_num++;
    return MU_OK;
}

static void finds_the_files_of_users_alone(void)
{
    MU_CLEANUP(store_clear) struct store s;

    store_init(&s);
    test_folder_write(&s.folder, "notes.user", span_str("x"));
    s.device.cache_num = 0;
    must(kms_store_walk(s.folder.path, count, &s));
    CU_ASSERT_EQUAL(s.device.cache_num, 1);
}

static bool holds(const struct buf *file, struct span octets)
{
    for (size_t at = 0; at + octets.len <= file->len; at++)
        if (memcmp(file->p + at, octets.p, octets.len) == 0)
            return true;
    return false;
}

static void no_key_can_be_read_in_the_file(void)
{
    MU_CLEANUP(store_clear) struct store s;
    MU_CLEANUP(buf_clear) struct buf file = {0};
    const struct kms_enrolment *e;

    store_init(&s);
    e = &s.world.enrolment;
    test_folder_read(&s.folder, s.name.text, &file);
    CU_ASSERT_FALSE(holds(&file, SPAN_OF(e->trk.b)));
    CU_ASSERT_FALSE(holds(&file, SPAN_OF(e->ink.b)));
    CU_ASSERT_FALSE(holds(&file, span_str("example")));
}

static void reading_survives_a_lack_of_memory(void)
{
    MU_CLEANUP(store_clear) struct store s;
    enum mu_err err = MU_E_STATE;

    store_init(&s);
    for (unsigned n = 1;; n++) {
        mu_alloc_fail_nth(n);
        err = load(&s);
        if (!mu_alloc_fail_end())
            break;
        CU_ASSERT_EQUAL(err, MU_E_NO_MEMORY);
    }
    CU_ASSERT_EQUAL(err, MU_OK);
}

CU_TestInfo kms_client_store_tests[] = {
    {"gives back what was saved", gives_back_what_was_saved},
    {"every changed octet is found", every_changed_octet_is_found},
    {"a truncated file is refused", a_truncated_file_is_refused},
    {"a file under another user's name is refused",
        a_file_under_another_users_name_is_refused},
    {"another device's key opens nothing", another_devices_key_opens_nothing},
    {"a device key of another length is malformed",
        a_device_key_of_another_length_is_malformed},
    {"making a store again keeps its key", making_a_store_again_keeps_its_key},
    {"finds the files of users alone", finds_the_files_of_users_alone},
    {"no key can be read in the file", no_key_can_be_read_in_the_file},
    {"reading survives a lack of memory", reading_survives_a_lack_of_memory},
    CU_TEST_INFO_NULL,
};
