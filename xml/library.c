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

/* What may be loaded: while schemas are compiled at start, the built-in ones
 * that they import; at all other times nothing. */
static struct {
    const struct xml_file *files;
    size_t count;
} served;

void xml_library_serve(const struct xml_file *files, size_t count)
{
    served.files = files;
    served.count = count;
}

static xmlParserInputPtr open_served(
    const struct xml_file *file, xmlParserCtxtPtr parser)
{
    xmlParserInputBufferPtr buffer =
        xmlParserInputBufferCreateMem((const char *)file->text.p,
            (int)file->text.len, XML_CHAR_ENCODING_NONE);
    xmlParserInputPtr input;

    if (buffer == NULL)
        return NULL;
    input = xmlNewIOInputStream(parser, buffer, XML_CHAR_ENCODING_NONE);
    if (input == NULL)
        xmlFreeParserInputBuffer(buffer);
    return input;
}

static xmlParserInputPtr on_external(
    const char *url, const char *id, xmlParserCtxtPtr parser)
{
    (void)id;
    for (size_t i = 0; i < served.count; i++)
        if (url != NULL && strcmp(url, served.files[i].name) == 0)
            return open_served(&served.files[i], parser);
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
    xmlSetExternalEntityLoader(on_external);
    xmlSetGenericErrorFunc(NULL, say_nothing);
    xmlThrDefSetGenericErrorFunc(NULL, say_nothing);
    return MU_OK;
}

void xml_cleanup(void)
{
    xmlCleanupParser();
}
