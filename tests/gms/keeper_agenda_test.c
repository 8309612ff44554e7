/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/keeper_agenda.h"

#include "tests/rng.h"
#include "tests/suites.h"

#define ITEMS 200

static void drop(struct keeper_agenda **agenda)
{
    keeper_agenda_free(*agenda);
}

static void make(struct keeper_agenda **agenda)
{
    CU_ASSERT_EQUAL_FATAL(keeper_agenda_new(agenda), MU_OK);
}

static void put(struct keeper_agenda *agenda, struct keeper_agenda_item *item,
    uint64_t at_ms)
{
    CU_ASSERT_EQUAL_FATAL(keeper_agenda_put(agenda, item, at_ms), MU_OK);
}

static void what_is_urgent_comes_before_what_waited_longer(void)
{
    MU_CLEANUP(drop) struct keeper_agenda *agenda = NULL;
    struct keeper_agenda_item later = {0}, normal = {0}, urgent = {0},
                              other = {0};

    make(&agenda);
    put(agenda, &later, 1700000000000);
    put(agenda, &normal, KEEPER_NOW(GMS_CLASS_NORMAL));
    put(agenda, &other, KEEPER_NOW(GMS_CLASS_NORMAL));
    put(agenda, &urgent, KEEPER_NOW(GMS_CLASS_EXCLUSION));
    CU_ASSERT_PTR_EQUAL(keeper_agenda_first(agenda), &urgent);
    keeper_agenda_take(agenda, &urgent);
    keeper_agenda_take(agenda, &urgent); /* it is out: nothing */
    CU_ASSERT_PTR_EQUAL(keeper_agenda_first(agenda), &normal);
    /* Put again at the same moment it keeps its turn; moved it loses it. */
    put(agenda, &normal, KEEPER_NOW(GMS_CLASS_NORMAL));
    CU_ASSERT_PTR_EQUAL(keeper_agenda_first(agenda), &normal);
    put(agenda, &normal, 1800000000000);
    CU_ASSERT_PTR_EQUAL(keeper_agenda_first(agenda), &other);
    keeper_agenda_take(agenda, &other);
    CU_ASSERT_PTR_EQUAL(keeper_agenda_first(agenda), &later);
    CU_ASSERT_EQUAL(keeper_agenda_count(agenda), 2);
}

static void items_come_out_in_their_order(void)
{
    MU_CLEANUP(drop) struct keeper_agenda *agenda = NULL;
    static struct keeper_agenda_item items[ITEMS];
    struct test_rng rng;
    uint64_t last_ms = 0;

    make(&agenda);
    test_rng_init(&rng, 7);
    for (size_t i = 0; i < ITEMS; i++) {
        items[i] = (struct keeper_agenda_item){0};
        put(agenda, &items[i], test_rng_below(&rng, 50));
    }
    for (size_t n = 0; n < 1000; n++) {
        struct keeper_agenda_item *item = &items[test_rng_below(&rng, ITEMS)];

        if (test_rng_below(&rng, 4) == 0)
            keeper_agenda_take(agenda, item);
        else
            put(agenda, item, test_rng_below(&rng, 50));
    }
    for (size_t left = keeper_agenda_count(agenda); left > 0; left--) {
        struct keeper_agenda_item *first = keeper_agenda_first(agenda);

        CU_ASSERT_PTR_NOT_NULL_FATAL(first);
        CU_ASSERT(first->at_ms >= last_ms);
        last_ms = first->at_ms;
        keeper_agenda_take(agenda, first);
        CU_ASSERT_EQUAL(first->place, 0);
    }
    CU_ASSERT_PTR_NULL(keeper_agenda_first(agenda));
}

CU_TestInfo gms_keeper_agenda_tests[] = {
    {"what is urgent comes before what waited longer",
        what_is_urgent_comes_before_what_waited_longer},
    {"items come out in their order", items_come_out_in_their_order},
    CU_TEST_INFO_NULL,
};
