/* SPDX-License-Identifier: Apache-2.0 */
/*
 * arena.h - the strings and lists of one request or document, freed at once.
 *
 * An arena is the caller's memory and starts empty; it allocates as it grows
 * and mu_arena_clear() gives everything back in one call. What it hands out
 * is zeroed, aligned for any type, and valid until then. Its limit bounds what
 * a peer can make us hold. No secrets in arenas: they are not wiped.
 *
 *     MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
 *
 *     mu_arena_init(&arena, 1 << 20);
 *     name = mu_arena_text(&arena, span);
 *     if (name == NULL)
 *         return mu_arena_err(&arena);
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/bytes.h"

struct mu_arena_block;

struct mu_arena {
    struct mu_arena_block *blocks; /* the newest first */
    size_t left;                   /* octets until the limit */
    enum mu_err err;               /* of the first allocation that failed */
};

/* max bounds the octets handed out, each piece rounded up for alignment. */
void mu_arena_init(struct mu_arena *a, size_t max);
void mu_arena_clear(struct mu_arena *a);

/*
 * count elements of size octets each; count may be 0. NULL on failure, and
 * from then on always: mu_arena_err() tells why.
 */
void *mu_arena_alloc(struct mu_arena *a, size_t count, size_t size);

/* A copy of octets as a C string. A NUL inside ends it for its readers. */
char *mu_arena_text(struct mu_arena *a, struct span octets);

/*
 * Copies octets into the arena; p is NULL in the result on failure only:
 * an empty copy has a pointer, too.
 */
struct span mu_arena_copy(struct mu_arena *a, struct span octets);

/*
 * MU_OK; MU_E_NO_SPACE when the limit was reached (the peer sent too much);
 * MU_E_NO_MEMORY when the system has no more.
 */
MU_MUST_CHECK enum mu_err mu_arena_err(const struct mu_arena *a);

/*
 * A list that grows in an arena: elements of one size, in order, side by
 * side. Starts as {0}.
 */
struct mu_arena_list {
    void *at; /* the first of len elements; moves when one is added */
    size_t len, cap;
};

/*
 * Appends a zeroed element of size octets, the same size at each call, and
 * yields it; NULL on failure, the list then as before.
 */
void *mu_arena_list_add(
    struct mu_arena *a, struct mu_arena_list *list, size_t size);

#endif
