/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store_fixture.h - a store of the group server in a folder of its own, and
 * rows to put into it. Failures end the running test.
 */
#ifndef TESTS_GMS_STORE_FIXTURE_H
#define TESTS_GMS_STORE_FIXTURE_H

#include "gms/store.h"
#include "tests/folder.h"

#define STORE_GROUP "sip:incident@example.org"
#define STORE_OTHER "sip:other@example.org"

struct store_fixture {
    struct test_folder folder;
    struct gms_store *store;
    struct mu_arena arena; /* of what is read */
};

void store_fixture_setup(struct store_fixture *f);
void store_fixture_clear(struct store_fixture *f);

/* The store as the next process sees it. */
void store_fixture_reopen(struct store_fixture *f);

void store_begin(struct store_fixture *f);
void store_commit(struct store_fixture *f);

/* Version 1 of a group's document at users/sip:owner@x/NAME. */
struct gms_doc store_doc_row(const char *uri, const char *name);
struct gms_group_row store_group_row(const char *uri, uint64_t epoch);
/* A key of STORE_GROUP, active. */
struct gms_gmk store_gmk_row(uint32_t id, uint64_t epoch);
/* On its way to a member, queued, of class normal. */
struct gms_delivery store_delivery_row(uint32_t key, const char *member);
struct gms_intent store_intent_row(const char *group);

/* Puts one row in, in a transaction of its own; yields its id. */
uint64_t store_add_delivery(
    struct store_fixture *f, const struct gms_delivery *row);

#endif
