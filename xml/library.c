/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/library.h"

#include <libxml/parser.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/alloc.h"

/* The size stands before the octets handed out, so that they can be wiped. */
struct block {
    size_t size;
    _Alignas(max_align_t) unsigned char octets[];
};

/* libxml2 may go on with a hole in its tree when it gets no memory. */
static _Thread_local bool starved;

static struct block *block_of(void *p)
{
    return (struct block *)(void *)((unsigned char *)p -
                                    offsetof(struct block, octets));
}

static void give_back(void *p)
{
    struct block *b;

    if (p == NULL)
        return;
    b = block_of(p);
    mu_free_wiped(b, sizeof(*b) + b->size);
}

static void *take(size_t size)
{
    struct block *b = NULL;

    if (size <= SIZE_MAX - sizeof(*b))
        b = mu_alloc(sizeof(*b) + size);
    if (b == NULL) {
        starved = true;
        return NULL;
    }
    b->size = size;
    return b->octets;
}

/* Never in place: realloc() may leave the old octets behind. */
static void *resize(void *p, size_t size)
{
    void *moved = take(size);

    if (moved == NULL || p == NULL)
        return moved;
    memcpy(moved, p, block_of(p)->size < size ? block_of(p)->size : size);
    give_back(p);
    return moved;
}

static char *copy_text(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = take(size);

    return copy != NULL ? memcpy(copy, text, size) : NULL;
}

static xmlParserInputPtr refuse_external(
    const char *url, const char *id, xmlParserCtxtPtr parser)
{
    (void)url;
    (void)id;
    (void)parser;
    return NULL;
}

static __attribute__((format(printf, 2, 3))) void say_nothing(
    void *ctx, const char *format, ...)
{
    (void)ctx;
    (void)format;
}

bool xml_starved(void)
{
    bool was = starved;

    starved = false;
    return was;
}

enum mu_err xml_init(void)
{
    if (xmlMemSetup(give_back, take, resize, copy_text) != 0)
        return MU_E_STATE;
    xmlInitParser();
    xmlSetExternalEntityLoader(refuse_external);
    xmlSetGenericErrorFunc(NULL, say_nothing);
    xmlThrDefSetGenericErrorFunc(NULL, say_nothing);
    return MU_OK;
}

void xml_cleanup(void)
{
    xmlCleanupParser();
}
