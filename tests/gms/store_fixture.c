/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gms/store_fixture.h"

#include <CUnit/CUnit.h>
#include <string.h>

#define ARENA_MAX (1 << 20)

static void open_store(struct store_fixture *f)
{
    CU_ASSERT_EQUAL_FATAL(
        gms_store_open(test_folder_path(&f->folder, "gms.db"), &f->store),
        MU_OK);
}

void store_fixture_setup(struct store_fixture *f)
{
    memset(f, 0, sizeof(*f));
    test_folder_make(&f->folder);
    mu_arena_init(&f->arena, ARENA_MAX);
    open_store(f);
}

void store_fixture_clear(struct store_fixture *f)
{
    gms_store_close(f->store);
    mu_arena_clear(&f->arena);
    test_folder_remove(&f->folder);
}

void store_fixture_reopen(struct store_fixture *f)
{
    gms_store_close(f->store);
    f->store = NULL;
    open_store(f);
}

void store_begin(struct store_fixture *f)
{
    CU_ASSERT_EQUAL_FATAL(gms_store_begin(f->store), MU_OK);
}

void store_commit(struct store_fixture *f)
{
    CU_ASSERT_EQUAL_FATAL(gms_store_commit(f->store), MU_OK);
}

struct gms_doc store_doc_row(const char *uri, const char *name)
{
    return (struct gms_doc){
        .uri = span_str(uri),
        .xui = span_str("sip:owner@x"),
        .name = span_str(name),
        .text = span_str("<group/>\n"),
        .etag = span_str("e1"),
        .reduced_etag = span_str("r1"),
        .version = 1,
        .created_ms = 1000,
        .changed_ms = 2000,
    };
}

struct gms_group_row store_group_row(const char *uri, uint64_t epoch)
{
    return (struct gms_group_row){
        .uri = span_str(uri),
        .exists = true,
        .keyed = true,
        .epoch = epoch,
        .settings = span_str("{}"),
    };
}

struct gms_gmk store_gmk_row(uint32_t id, uint64_t epoch)
{
    return (struct gms_gmk){
        .id = {id},
        .group = span_str(STORE_GROUP),
        .epoch = epoch,
        .state = GMS_GMK_ACTIVE,
        .sealed = span_str("sealed under the KEK"),
        .made_ms = 1000,
        .activation_s = 2,
        .expiry_s = 99,
        .reason = span_str("created"),
    };
}

struct gms_delivery store_delivery_row(uint32_t key, const char *member)
{
    return (struct gms_delivery){
        .key = {key},
        .group = span_str(STORE_GROUP),
        .member = span_str(member),
        .kms = span_str("kms.example.org"),
        .period = 17,
        .class = GMS_CLASS_NORMAL,
        .state = GMS_DLV_QUEUED,
        .changed_ms = 1000,
        .guk_id = {key + 1},
        .envelope = span_str("an envelope of his"),
        .message = span_str("a message to him"),
    };
}

struct gms_intent store_intent_row(const char *group)
{
    return (struct gms_intent){
        .group = span_str(group),
        .kind = GMS_ACT_EXCLUDE,
        .trigger = GMS_TR_EXPELLED,
        .key = {0x01020304},
        .has_key = true,
        .not_before_ms = 5000,
        .who = span_str("sip:m@x kms"),
        .actor = span_str("sip:owner@x"),
    };
}

uint64_t store_add_delivery(
    struct store_fixture *f, const struct gms_delivery *row)
{
    struct gms_delivery d = *row;

    store_begin(f);
    CU_ASSERT_EQUAL_FATAL(gms_store_add_delivery(f->store, &d), MU_OK);
    store_commit(f);
    return d.id;
}
