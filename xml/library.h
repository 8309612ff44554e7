/* SPDX-License-Identifier: Apache-2.0 */
/*
 * library.h - libxml2's own initialisation, once per program, in main.
 *
 * Everything else in xml/ relies on it. libxml2 keeps settings for the whole
 * process; they are made here and nowhere else:
 *
 *  - its memory comes from base/alloc.h and is wiped when given back, because
 *    key sets in clear pass through its buffers;
 *  - external entities, schemas and includes are refused whatever the options
 *    of a parser say;
 *  - it prints nothing.
 */
#ifndef XML_LIBRARY_H
#define XML_LIBRARY_H

#include <stdbool.h>

#include "base/bytes.h"

/*
 * Before any other use of libxml2, and before a second thread starts.
 *
 * Returns MU_OK; MU_E_STATE if libxml2 does not take the settings.
 */
MU_MUST_CHECK enum mu_err xml_init(void);

/* After the last use; nothing of xml/ may be called again but xml_init(). */
void xml_cleanup(void);

/* A schema of our own, built into the program. */
struct xml_file {
    const char *name; /* as another schema imports it */
    struct span text;
};

/*
 * For xml/schema.c, while it compiles schemas and nothing else uses libxml2:
 * the files that may be asked for by name all the same. Borrowed until the
 * next call; count 0: none.
 */
void xml_library_serve(const struct xml_file *files, size_t count);

/*
 * For xml/ itself: whether libxml2 was refused memory in this thread since the
 * last call. It does not always say so, but goes on with a hole in its tree.
 */
bool xml_starved(void);

#endif
