/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include "base/alloc.h"

#include <string.h>

/* What most requests need in all; larger pieces get a block of their own. */
#define BLOCK_LEN 4096

/* Elements that a list has room for at first. */
#define LIST_FIRST 8

struct mu_arena_block {
    struct mu_arena_block *next;
    size_t used, cap;
    _Alignas(max_align_t) uint8_t data[];
};

void mu_arena_init(struct mu_arena *a, size_t max)
{
    *a = (struct mu_arena){.left = max};
}

void mu_arena_clear(struct mu_arena *a)
{
    while (a->blocks != NULL) {
        struct mu_arena_block *block = a->blocks;

        a->blocks = block->next;
        mu_free(block);
    }
    mu_arena_init(a, 0);
}

static bool add_block(struct mu_arena *a, size_t len)
{
    size_t cap = len > BLOCK_LEN ? len : BLOCK_LEN;
    struct mu_arena_block *block;

    if (cap > SIZE_MAX - sizeof(*block))
        return false;
    block = mu_alloc(sizeof(*block) + cap);
    if (block == NULL)
        return false;
    block->cap = cap;
    block->next = a->blocks;
    a->blocks = block;
    return true;
}

static void *fail(struct mu_arena *a, enum mu_err err)
{
    a->err = err;
    return NULL;
}

void *mu_arena_alloc(struct mu_arena *a, size_t count, size_t size)
{
    const size_t unit = _Alignof(max_align_t);
    size_t len, units;
    void *p;

    if (a->err != MU_OK)
        return NULL;
    if (__builtin_mul_overflow(count, size, &len))
        return fail(a, MU_E_NO_SPACE);
    /* An empty piece takes a unit, too, so that no two share an address. */
    units = len / unit + (len % unit != 0 || len == 0);
    if (units > a->left / unit)
        return fail(a, MU_E_NO_SPACE);
    len = units * unit;
    if (a->blocks == NULL || len > a->blocks->cap - a->blocks->used)
        if (!add_block(a, len))
            return fail(a, MU_E_NO_MEMORY);
    p = a->blocks->data + a->blocks->used;
    a->blocks->used += len;
    a->left -= len;
    return p;
}

char *mu_arena_text(struct mu_arena *a, struct span octets)
{
    char *text;

    if (octets.len == SIZE_MAX)
        return fail(a, MU_E_NO_SPACE);
    text = mu_arena_alloc(a, octets.len + 1, 1);
    if (text != NULL && octets.len > 0)
        memcpy(text, octets.p, octets.len);
    return text;
}

struct span mu_arena_copy(struct mu_arena *a, struct span octets)
{
    uint8_t *p = mu_arena_alloc(a, octets.len, 1);

    if (p != NULL && octets.len > 0)
        memcpy(p, octets.p, octets.len);
    return (struct span){p, p != NULL ? octets.len : 0};
}

enum mu_err mu_arena_err(const struct mu_arena *a)
{
    return a->err;
}

/* Doubles the room, so that n additions copy fewer than 2 n elements. */
static bool grow(struct mu_arena *a, struct mu_arena_list *list, size_t size)
{
    /* No overflow: cap elements of an octet or more lie in memory. */
    size_t cap = list->cap == 0 ? LIST_FIRST : 2 * list->cap;
    void *at = mu_arena_alloc(a, cap, size);

    if (at == NULL)
        return false;
    if (list->len > 0)
        memcpy(at, list->at, list->len * size);
    list->at = at;
    list->cap = cap;
    return true;
}

void *mu_arena_list_add(
    struct mu_arena *a, struct mu_arena_list *list, size_t size)
{
    if (list->len == list->cap && !grow(a, list, size))
        return NULL;
    return (uint8_t *)list->at + size * list->len++;
}
