/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper_agenda.h - groups in the order in which they are to be looked at:
 * those that are due now by class, the longest waiting first, then by time.
 *
 * Items are the caller's and stay where they are while they are in an agenda.
 */
#ifndef GMS_KEEPER_AGENDA_H
#define GMS_KEEPER_AGENDA_H

#include "gms/delivery.h"

struct keeper_agenda;

/* Starts as {0}: in no agenda. */
struct keeper_agenda_item {
    uint64_t at_ms;
    uint64_t turn; /* who came first of two at one moment */
    size_t place;  /* in the heap, from 1; 0: not in it */
    void *owner;   /* the caller's */
};

/* Now, in a class's order: before every moment of a clock. */
#define KEEPER_NOW(class) ((uint64_t)(class))

MU_MUST_CHECK enum mu_err keeper_agenda_new(struct keeper_agenda **out);
void keeper_agenda_free(
    struct keeper_agenda *agenda); /* NULL is fine; items stay */

/* Enters an item, or moves it. There is room for as many as there ever were in
 * it at once; MU_E_NO_MEMORY comes with one more alone. */
MU_MUST_CHECK enum mu_err keeper_agenda_put(struct keeper_agenda *agenda,
    struct keeper_agenda_item *item, uint64_t at_ms);

/* Takes an item out, if it is in it. */
void keeper_agenda_take(
    struct keeper_agenda *agenda, struct keeper_agenda_item *item);

/* The next one; NULL when there is none. */
struct keeper_agenda_item *keeper_agenda_first(
    const struct keeper_agenda *agenda);
size_t keeper_agenda_count(const struct keeper_agenda *agenda);

#endif
