/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/keeper_agenda.h"

#include <string.h>

#include "base/alloc.h"

/* A binary heap; slot 0 is not used, so that the children of i are 2i and
 * 2i + 1. */
struct keeper_agenda {
    struct keeper_agenda_item **heap;
    size_t count, cap;
    uint64_t turn;
};

enum mu_err keeper_agenda_new(struct keeper_agenda **out)
{
    struct keeper_agenda *agenda = mu_alloc(sizeof(*agenda));

    if (agenda == NULL)
        return MU_E_NO_MEMORY;
    *out = agenda;
    return MU_OK;
}

void keeper_agenda_free(struct keeper_agenda *agenda)
{
    if (agenda == NULL)
        return;
    mu_free(agenda->heap);
    mu_free(agenda);
}

static bool before(
    const struct keeper_agenda_item *a, const struct keeper_agenda_item *b)
{
    return a->at_ms != b->at_ms ? a->at_ms < b->at_ms : a->turn < b->turn;
}

static void set(
    struct keeper_agenda *agenda, size_t place, struct keeper_agenda_item *item)
{
    agenda->heap[place] = item;
    item->place = place;
}

static void rise(struct keeper_agenda *agenda, struct keeper_agenda_item *item)
{
    size_t i = item->place;

    for (; i > 1 && before(item, agenda->heap[i / 2]); i /= 2)
        set(agenda, i, agenda->heap[i / 2]);
    set(agenda, i, item);
}

static void sink(struct keeper_agenda *agenda, struct keeper_agenda_item *item)
{
    size_t i = item->place;

    for (size_t child; (child = 2 * i) <= agenda->count; i = child) {
        if (child < agenda->count &&
            before(agenda->heap[child + 1], agenda->heap[child]))
            child++;
        if (!before(agenda->heap[child], item))
            break;
        set(agenda, i, agenda->heap[child]);
    }
    set(agenda, i, item);
}

static enum mu_err grow(struct keeper_agenda *agenda)
{
    size_t cap = agenda->cap > 0 ? 2 * agenda->cap : 64;
    struct keeper_agenda_item **heap;

    if (agenda->count + 1 < agenda->cap)
        return MU_OK;
    heap = mu_alloc_array(cap, sizeof(struct keeper_agenda_item *));
    if (heap == NULL)
        return MU_E_NO_MEMORY;
    if (agenda->heap != NULL)
        memcpy(heap, agenda->heap,
            (agenda->count + 1) * sizeof(struct keeper_agenda_item *));
    mu_free(agenda->heap);
    agenda->heap = heap;
    agenda->cap = cap;
    return MU_OK;
}

void keeper_agenda_take(
    struct keeper_agenda *agenda, struct keeper_agenda_item *item)
{
    struct keeper_agenda_item *last = agenda->heap[agenda->count];
    size_t place = item->place;

    if (place == 0)
        return;
    agenda->count--;
    item->place = 0;
    if (last == item)
        return;
    set(agenda, place, last);
    rise(agenda, last);
    sink(agenda, last);
}

enum mu_err keeper_agenda_put(struct keeper_agenda *agenda,
    struct keeper_agenda_item *item, uint64_t at_ms)
{
    if (item->place == 0) {
        TRY(grow(agenda));
        set(agenda, ++agenda->count, item);
    } else if (item->at_ms == at_ms) {
        return MU_OK; /* keeps its turn */
    }
    item->at_ms = at_ms;
    item->turn = agenda->turn++;
    rise(agenda, item);
    sink(agenda, item);
    return MU_OK;
}

struct keeper_agenda_item *keeper_agenda_first(
    const struct keeper_agenda *agenda)
{
    return agenda->count > 0 ? agenda->heap[1] : NULL;
}

size_t keeper_agenda_count(const struct keeper_agenda *agenda)
{
    return agenda->count;
}
