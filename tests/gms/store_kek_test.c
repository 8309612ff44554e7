/* SPDX-License-Identifier: Apache-2.0 */
/* What the store says of KEKs, and how objects are replaced by the same ones
 * sealed anew. */
#include "gms/store.h"

#include <string.h>

#include "tests/gms/store_fixture.h"
#include "tests/suites.h"

#define KEY_A 0x0a0a0a0aU
#define KEY_B 0x0b0b0b0bU

/* The heads of sealed objects: version, KEK-ID, some more. */
#define UNDER_1                                                                \
    "\x01"                                                                     \
    "kek-id-1"                                                                 \
    "salt, ciphertext, tag: "
#define UNDER_2                                                                \
    "\x01"                                                                     \
    "kek-id-2"                                                                 \
    "salt, ciphertext, tag: "

static const struct mu_kek_id kek_1 = {
    {'k', 'e', 'k', '-', 'i', 'd', '-', '1'}};
static const struct mu_kek_id kek_2 = {
    {'k', 'e', 'k', '-', 'i', 'd', '-', '2'}};

static void add_key(
    struct store_fixture *f, uint32_t id, uint64_t epoch, const char *sealed)
{
    struct gms_gmk gmk = store_gmk_row(id, epoch);

    gmk.sealed = span_str(sealed);
    CU_ASSERT_EQUAL_FATAL(gms_store_add_gmk(f->store, &gmk), MU_OK);
}

static uint64_t add_row(
    struct store_fixture *f, const char *member, const char *envelope)
{
    struct gms_delivery row = store_delivery_row(KEY_A, member);

    row.envelope = span_str(envelope);
    return store_add_delivery(f, &row);
}

/* Two keys and two envelopes under 1, one of each under 2, and rows without. */
static void setup(struct store_fixture *f)
{
    store_fixture_setup(f);
    store_begin(f);
    add_key(f, KEY_A, 1, UNDER_1 "a");
    add_key(f, KEY_B, 2, UNDER_1 "b");
    add_key(f, 0x0c0c0c0c, 3, UNDER_2 "c");
    add_key(f, 0x0d0d0d0d, 4, "");
    store_commit(f);
    add_row(f, "sip:m@x", UNDER_1 "m");
    add_row(f, "sip:n@x", UNDER_1 "n");
    add_row(f, "sip:o@x", UNDER_2 "o");
    add_row(f, "sip:p@x", "");
}

/* How much is under a KEK. */
static struct gms_store_kek under(
    struct store_fixture *f, const struct mu_kek_id *id)
{
    struct mu_arena_list list;
    const struct gms_store_kek *keks;

    CU_ASSERT_EQUAL_FATAL(gms_store_keks(f->store, &f->arena, &list), MU_OK);
    keks = list.at;
    for (size_t i = 0; i < list.len; i++)
        if (memcmp(&keks[i].id, id, sizeof(*id)) == 0)
            return keks[i];
    return (struct gms_store_kek){.keys = 0};
}

static void it_counts_what_each_kek_seals(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct mu_arena_list list;

    setup(&f);
    CU_ASSERT_EQUAL_FATAL(gms_store_keks(f.store, &f.arena, &list), MU_OK);
    CU_ASSERT_EQUAL(list.len, 2);
    CU_ASSERT_EQUAL(under(&f, &kek_1).keys, 2);
    CU_ASSERT_EQUAL(under(&f, &kek_1).envelopes, 2);
    CU_ASSERT_EQUAL(under(&f, &kek_2).keys, 1);
    CU_ASSERT_EQUAL(under(&f, &kek_2).envelopes, 1);
}

static void it_lists_them_in_pages(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct mu_arena_list list;
    const struct gms_gmk *gmks;
    const struct gms_delivery *rows;
    uint64_t first;

    setup(&f);
    CU_ASSERT_EQUAL_FATAL(
        gms_store_keys_under(f.store, &kek_1, 0, 1, &f.arena, &list), MU_OK);
    gmks = list.at;
    CU_ASSERT(list.len == 1 && gmks->id.v == KEY_A && gmks->epoch == 1);
    CU_ASSERT_EQUAL_FATAL(
        gms_store_keys_under(f.store, &kek_1, KEY_A, 9, &f.arena, &list),
        MU_OK);
    gmks = list.at;
    CU_ASSERT(list.len == 1 && gmks->id.v == KEY_B);
    CU_ASSERT_EQUAL_FATAL(
        gms_store_envelopes_under(f.store, &kek_1, 0, 1, &f.arena, &list),
        MU_OK);
    rows = list.at;
    CU_ASSERT_FATAL(list.len == 1);
    CU_ASSERT(span_eq(rows->member, span_str("sip:m@x")));
    CU_ASSERT(span_eq(rows->envelope, span_str(UNDER_1 "m")));
    CU_ASSERT_EQUAL(rows->message.len, 0);
    first = rows->id;
    CU_ASSERT_EQUAL_FATAL(
        gms_store_envelopes_under(f.store, &kek_1, first, 9, &f.arena, &list),
        MU_OK);
    rows = list.at;
    CU_ASSERT(list.len == 1 && span_eq(rows->member, span_str("sip:n@x")));
}

static void it_replaces_what_is_as_it_was(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    const struct mcptt_key_id id = {KEY_A};
    const struct span was = span_str(UNDER_1 "a"), is = span_str(UNDER_2 "a");
    struct gms_gmk gmk;

    setup(&f);
    store_begin(&f);
    CU_ASSERT_EQUAL(gms_store_reseal_key(f.store, id, was, is), MU_OK);
    CU_ASSERT_EQUAL(gms_store_reseal_key(f.store, id, was, is), MU_E_NOT_FOUND);
    store_commit(&f);
    CU_ASSERT_EQUAL(gms_store_gmk(f.store, id, &f.arena, &gmk), MU_OK);
    CU_ASSERT(span_eq(gmk.sealed, is));
    CU_ASSERT(gmk.state == GMS_GMK_ACTIVE && gmk.expiry_s == 99);
    CU_ASSERT_EQUAL(under(&f, &kek_1).keys, 1);
    CU_ASSERT_EQUAL(
        gms_store_reseal_key(f.store, id, is, was), MU_E_STATE); /* outside */
}

/* Its message stays; the envelope that cannot be used is made again. */
static void an_envelope_that_does_not_open_is_to_be_made_again(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    const struct span was = span_str(UNDER_1 "q"), none = {NULL, 0};
    struct gms_delivery row;
    uint64_t id;

    setup(&f);
    id = add_row(&f, "sip:q@x", UNDER_1 "q");
    store_begin(&f);
    CU_ASSERT_EQUAL(
        gms_store_reseal_envelope(f.store, id, was, span_str(UNDER_2 "q")),
        MU_OK);
    CU_ASSERT_EQUAL(gms_store_delivery(f.store, id, &f.arena, &row), MU_OK);
    CU_ASSERT_NOT_EQUAL(row.guk_id.v, 0);
    CU_ASSERT_EQUAL(
        gms_store_reseal_envelope(f.store, id, was, none), MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(
        gms_store_reseal_envelope(f.store, id, span_str(UNDER_2 "q"), none),
        MU_OK);
    store_commit(&f);
    CU_ASSERT_EQUAL(gms_store_delivery(f.store, id, &f.arena, &row), MU_OK);
    CU_ASSERT(row.envelope.len == 0 && row.guk_id.v == 0);
    CU_ASSERT(span_eq(row.message, span_str("a message to him")));
}

static bool on_disk(struct store_fixture *f, const char *text)
{
    static const char *const names[] = {"gms.db", "gms.db-wal"};
    bool found = false;

    for (size_t i = 0; i < 2; i++) {
        MU_CLEANUP(buf_clear) struct buf octets = {0};

        if (!test_folder_has(&f->folder, names[i]))
            continue;
        test_folder_read(&f->folder, names[i], &octets);
        found = found || test_buf_find(&octets, span_str(text)) != NULL;
    }
    return found;
}

static void after_a_wipe_the_old_objects_are_nowhere(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    const struct mcptt_key_id id = {KEY_A};

    setup(&f);
    CU_ASSERT(on_disk(&f, UNDER_1 "a"));
    store_begin(&f);
    CU_ASSERT_EQUAL(gms_store_reseal_key(f.store, id, span_str(UNDER_1 "a"),
                        span_str(UNDER_2 "a")),
        MU_OK);
    gms_store_wipe(f.store);
    store_commit(&f);
    CU_ASSERT_FALSE(on_disk(&f, UNDER_1 "a"));
    CU_ASSERT(on_disk(&f, UNDER_2 "a"));
}

CU_TestInfo gms_store_kek_tests[] = {
    {"it counts what each KEK seals", it_counts_what_each_kek_seals},
    {"it lists them in pages", it_lists_them_in_pages},
    {"it replaces what is as it was", it_replaces_what_is_as_it_was},
    {"an envelope that does not open is to be made again",
        an_envelope_that_does_not_open_is_to_be_made_again},
    {"after a wipe the old objects are nowhere",
        after_a_wipe_the_old_objects_are_nowhere},
    CU_TEST_INFO_NULL,
};
