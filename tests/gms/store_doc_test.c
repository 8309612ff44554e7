/* SPDX-License-Identifier: Apache-2.0 */
/* Documents, groups, holders. */
#include "gms/store.h"

#include "tests/gms/store_fixture.h"
#include "tests/suites.h"

static void put_doc(struct store_fixture *f, const struct gms_doc *doc)
{
    store_begin(f);
    CU_ASSERT_EQUAL_FATAL(gms_store_put_doc(f->store, doc), MU_OK);
    store_commit(f);
}

static enum mu_err try_doc(struct store_fixture *f, const struct gms_doc *doc)
{
    enum mu_err err;

    store_begin(f);
    err = gms_store_put_doc(f->store, doc);
    store_commit(f);
    return err;
}

static void a_document_is_found_by_both_addresses(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_doc doc = store_doc_row(STORE_GROUP, "a.xml"), got = {0};

    store_fixture_setup(&f);
    put_doc(&f, &doc);
    store_fixture_reopen(&f);
    CU_ASSERT_EQUAL_FATAL(
        gms_store_doc(f.store, doc.uri, &f.arena, &got), MU_OK);
    CU_ASSERT(span_eq(got.uri, doc.uri));
    CU_ASSERT(span_eq(got.xui, doc.xui));
    CU_ASSERT(span_eq(got.name, doc.name));
    CU_ASSERT(span_eq(got.text, doc.text));
    CU_ASSERT(span_eq(got.etag, doc.etag));
    CU_ASSERT(span_eq(got.reduced_etag, doc.reduced_etag));
    CU_ASSERT_EQUAL(got.version, 1);
    CU_ASSERT_EQUAL(got.created_ms, 1000);
    CU_ASSERT_EQUAL(got.changed_ms, 2000);
    CU_ASSERT_EQUAL_FATAL(
        gms_store_doc_at(f.store, doc.xui, doc.name, &f.arena, &got), MU_OK);
    CU_ASSERT(span_eq(got.uri, doc.uri));
    CU_ASSERT_EQUAL(
        gms_store_doc_at(f.store, doc.xui, span_str("b.xml"), &f.arena, &got),
        MU_E_NOT_FOUND);
}

static void a_document_is_replaced_by_its_next_version(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_doc doc = store_doc_row(STORE_GROUP, "a.xml"), got = {0};

    store_fixture_setup(&f);
    put_doc(&f, &doc);
    doc.text = SPAN_OF("<group>\0</group>"); /* octets, whatever they are */
    CU_ASSERT_EQUAL(try_doc(&f, &doc), MU_E_STATE);
    doc.version = 3;
    CU_ASSERT_EQUAL(try_doc(&f, &doc), MU_E_STATE);
    doc.version = 2;
    CU_ASSERT_EQUAL(try_doc(&f, &doc), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        gms_store_doc(f.store, doc.uri, &f.arena, &got), MU_OK);
    CU_ASSERT_EQUAL(got.version, 2);
    CU_ASSERT(span_eq(got.text, doc.text));
}

static void a_version_does_not_go_back_when_an_uri_is_used_anew(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_doc doc = store_doc_row(STORE_GROUP, "a.xml");
    struct gms_fence fence = {9, 9};

    store_fixture_setup(&f);
    CU_ASSERT_EQUAL(gms_store_fence(f.store, doc.uri, &fence), MU_OK);
    CU_ASSERT_EQUAL(fence.version, 0);
    doc.version = 2;
    CU_ASSERT_EQUAL(try_doc(&f, &doc), MU_E_STATE);
    doc.version = 1;
    put_doc(&f, &doc);
    store_begin(&f);
    CU_ASSERT_EQUAL(gms_store_delete_doc(f.store, doc.uri), MU_OK);
    CU_ASSERT_EQUAL(gms_store_delete_doc(f.store, doc.uri), MU_OK);
    store_commit(&f);
    CU_ASSERT_EQUAL(
        gms_store_doc(f.store, doc.uri, &f.arena, &doc), MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(try_doc(&f, &doc), MU_E_STATE);
    CU_ASSERT_EQUAL(gms_store_fence(f.store, doc.uri, &fence), MU_OK);
    CU_ASSERT_EQUAL(fence.version, 1);
    doc.version = 2;
    CU_ASSERT_EQUAL(try_doc(&f, &doc), MU_OK);
}

static void an_address_is_one_groups(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_doc doc = store_doc_row(STORE_GROUP, "a.xml"),
                   other = store_doc_row(STORE_OTHER, "a.xml");
    struct gms_fence fence = {9, 9};

    store_fixture_setup(&f);
    put_doc(&f, &doc);
    CU_ASSERT_EQUAL(try_doc(&f, &other), MU_E_STATE);
    /* What failed left no half of itself. */
    CU_ASSERT_EQUAL(gms_store_fence(f.store, other.uri, &fence), MU_OK);
    CU_ASSERT_EQUAL(fence.version, 0);
    other.name = span_str("b.xml");
    CU_ASSERT_EQUAL(try_doc(&f, &other), MU_OK);
}

static void uris_come_in_order_and_in_parts(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    const char *const uris[] = {"sip:c@x", "sip:a@x", "sip:b@x"};
    struct mu_arena_list list = {0};
    const struct span *at;

    store_fixture_setup(&f);
    for (size_t i = 0; i < 3; i++) {
        struct gms_doc doc = store_doc_row(uris[i], uris[i]);

        put_doc(&f, &doc);
    }
    CU_ASSERT_EQUAL_FATAL(
        gms_store_doc_uris(f.store, (struct span){NULL, 0}, 2, &f.arena, &list),
        MU_OK);
    CU_ASSERT_EQUAL_FATAL(list.len, 2);
    at = list.at;
    CU_ASSERT(span_eq(at[0], span_str("sip:a@x")));
    CU_ASSERT(span_eq(at[1], span_str("sip:b@x")));
    CU_ASSERT_EQUAL_FATAL(
        gms_store_doc_uris(f.store, at[1], SIZE_MAX, &f.arena, &list), MU_OK);
    CU_ASSERT_EQUAL_FATAL(list.len, 1);
    CU_ASSERT(span_eq(*(const struct span *)list.at, span_str("sip:c@x")));
}

static void put_group(struct store_fixture *f, const struct gms_group_row *row)
{
    store_begin(f);
    CU_ASSERT_EQUAL_FATAL(gms_store_put_group(f->store, row), MU_OK);
    store_commit(f);
}

static void a_group_is_what_was_put(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_group_row row = store_group_row(STORE_GROUP, 7), got = {0};
    struct mu_arena_list list = {0};

    store_fixture_setup(&f);
    CU_ASSERT_EQUAL(
        gms_store_group(f.store, row.uri, &f.arena, &got), MU_E_NOT_FOUND);
    put_group(&f, &row);
    row.exists = false;
    row.disabled = true;
    row.deleted_ms = 12345;
    put_group(&f, &row);
    row = store_group_row(STORE_OTHER, 0);
    put_group(&f, &row);
    store_fixture_reopen(&f);
    CU_ASSERT_EQUAL_FATAL(
        gms_store_group(f.store, span_str(STORE_GROUP), &f.arena, &got), MU_OK);
    CU_ASSERT_FALSE(got.exists);
    CU_ASSERT(got.keyed);
    CU_ASSERT(got.disabled);
    CU_ASSERT_EQUAL(got.epoch, 7);
    CU_ASSERT_EQUAL(got.deleted_ms, 12345);
    CU_ASSERT(span_eq(got.settings, span_str("{}")));
    CU_ASSERT_EQUAL_FATAL(gms_store_groups(f.store, &f.arena, &list), MU_OK);
    CU_ASSERT_EQUAL_FATAL(list.len, 2);
    CU_ASSERT(span_eq(
        ((struct gms_group_row *)list.at)[1].uri, span_str(STORE_OTHER)));
}

static void an_epoch_does_not_go_back(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_group_row row = store_group_row(STORE_GROUP, 7), got = {0};
    struct gms_fence fence = {0};

    store_fixture_setup(&f);
    put_group(&f, &row);
    row.epoch = 6;
    row.keyed = false;
    store_begin(&f);
    CU_ASSERT_EQUAL(gms_store_put_group(f.store, &row), MU_E_STATE);
    CU_ASSERT_EQUAL_FATAL(
        gms_store_group(f.store, row.uri, &f.arena, &got), MU_OK);
    CU_ASSERT(got.keyed);
    CU_ASSERT_EQUAL(gms_store_delete_group(f.store, row.uri), MU_OK);
    CU_ASSERT_EQUAL(
        gms_store_group(f.store, row.uri, &f.arena, &got), MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(gms_store_put_group(f.store, &row), MU_E_STATE);
    CU_ASSERT_EQUAL(gms_store_fence(f.store, row.uri, &fence), MU_OK);
    CU_ASSERT_EQUAL(fence.epoch, 7);
    row.epoch = 8;
    CU_ASSERT_EQUAL(gms_store_put_group(f.store, &row), MU_OK);
    store_commit(&f);
}

static void a_document_and_its_group_share_a_fence(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct gms_group_row row = store_group_row(STORE_GROUP, 7);
    struct gms_doc doc = store_doc_row(STORE_GROUP, "a.xml");
    struct gms_fence fence = {0};

    store_fixture_setup(&f);
    put_group(&f, &row);
    CU_ASSERT_EQUAL(try_doc(&f, &doc), MU_OK);
    CU_ASSERT_EQUAL(gms_store_fence(f.store, row.uri, &fence), MU_OK);
    CU_ASSERT_EQUAL(fence.epoch, 7);
    CU_ASSERT_EQUAL(fence.version, 1);
}

static void put_holder(struct store_fixture *f, const char *group,
    const char *uri, const char *kms)
{
    const struct gms_holder holder = {span_str(uri), span_str(kms)};

    store_begin(f);
    CU_ASSERT_EQUAL_FATAL(
        gms_store_put_holder(f->store, span_str(group), &holder), MU_OK);
    store_commit(f);
}

static void holders_come_by_uri_each_once(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    struct mu_arena_list list = {0};
    const struct gms_holder *at;

    store_fixture_setup(&f);
    put_holder(&f, STORE_GROUP, "sip:b@x", "kms1");
    put_holder(&f, STORE_GROUP, "sip:a@x", "kms1");
    put_holder(&f, STORE_GROUP, "sip:b@x", "kms2");
    put_holder(&f, STORE_OTHER, "sip:c@x", "kms1");
    CU_ASSERT_EQUAL_FATAL(
        gms_store_holders(f.store, span_str(STORE_GROUP), &f.arena, &list),
        MU_OK);
    CU_ASSERT_EQUAL_FATAL(list.len, 2);
    at = list.at;
    CU_ASSERT(span_eq(at[0].uri, span_str("sip:a@x")));
    CU_ASSERT(span_eq(at[1].uri, span_str("sip:b@x")));
    CU_ASSERT(span_eq(at[1].kms, span_str("kms2")));
}

static void a_holders_groups_are_found(void)
{
    MU_CLEANUP(store_fixture_clear) struct store_fixture f;
    const struct span b = span_str("sip:b@x");
    struct mu_arena_list list = {0};

    store_fixture_setup(&f);
    put_holder(&f, STORE_OTHER, "sip:b@x", "kms1");
    put_holder(&f, STORE_GROUP, "sip:b@x", "kms1");
    put_holder(&f, STORE_GROUP, "sip:a@x", "kms1");
    CU_ASSERT_EQUAL_FATAL(
        gms_store_groups_of(f.store, b, &f.arena, &list), MU_OK);
    CU_ASSERT_EQUAL_FATAL(list.len, 2);
    CU_ASSERT(span_eq(*(const struct span *)list.at, span_str(STORE_GROUP)));
    store_begin(&f);
    CU_ASSERT_EQUAL(
        gms_store_delete_holder(f.store, span_str(STORE_GROUP), b), MU_OK);
    store_commit(&f);
    CU_ASSERT_EQUAL_FATAL(
        gms_store_groups_of(f.store, b, &f.arena, &list), MU_OK);
    CU_ASSERT_EQUAL_FATAL(list.len, 1);
    CU_ASSERT(span_eq(*(const struct span *)list.at, span_str(STORE_OTHER)));
}

CU_TestInfo gms_store_doc_tests[] = {
    {"a document is found by both addresses",
        a_document_is_found_by_both_addresses},
    {"a document is replaced by its next version",
        a_document_is_replaced_by_its_next_version},
    {"a version does not go back when an URI is used anew",
        a_version_does_not_go_back_when_an_uri_is_used_anew},
    {"an address is one group's", an_address_is_one_groups},
    {"URIs come in order and in parts", uris_come_in_order_and_in_parts},
    {"a group is what was put", a_group_is_what_was_put},
    {"an epoch does not go back", an_epoch_does_not_go_back},
    {"a document and its group share a fence",
        a_document_and_its_group_share_a_fence},
    {"holders come by URI, each once", holders_come_by_uri_each_once},
    {"a holder's groups are found", a_holders_groups_are_found},
    CU_TEST_INFO_NULL,
};
