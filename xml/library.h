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

#include "base/err.h"

/*
 * Before any other use of libxml2, and before a second thread starts.
 *
 * Returns MU_OK; MU_E_STATE if libxml2 does not take the settings.
 */
MU_MUST_CHECK enum mu_err xml_init(void);

/* After the last use; nothing of xml/ may be called again but xml_init(). */
void xml_cleanup(void);

/*
 * For xml/ itself: whether libxml2 was refused memory in this thread since the
 * last call. It does not always say so, but goes on with a hole in its tree.
 */
bool xml_starved(void);

#endif
