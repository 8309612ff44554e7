/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema.h - validates a parsed document against a schema of our own (XML
 * Schema part 1), for xml/ itself.
 *
 * Schemas are built into the program and compiled once, at start; they import
 * each other by name and nothing else is ever loaded (xml/library.h). A
 * compiled schema is constant: threads may validate at the same time.
 */
#ifndef XML_SCHEMA_H
#define XML_SCHEMA_H

#include "xml/fault.h"
#include "xml/library.h"

struct _xmlDoc; /* libxml2's */
struct _xmlSchema;

/*
 * Compiles the first of files; the others are what it may import.
 *
 *   files  borrowed as long as the schema is in use
 *   out    the caller's, for xml_schema_free()
 *
 * Before a second thread starts. Returns MU_OK; MU_E_MALFORMED for files that
 * are no schema; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err xml_schema_new(
    const struct xml_file *files, size_t count, struct _xmlSchema **out);
void xml_schema_free(struct _xmlSchema **schema);

#define XML_SCHEMA_MESSAGE 112

/*
 * Validates. Where malloc() fails, libxml2's validator may dereference what it
 * did not get and end the process; so callers bound a document's size and
 * elements by xml_parse() first, and MU_E_NO_MEMORY is only where it noticed.
 *
 * On failure fault says where, and message, printable ASCII, which
 * rule of the schema was broken first.
 *
 * Returns MU_OK; MU_E_MALFORMED; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err xml_schema_check(struct _xmlSchema *schema,
    struct _xmlDoc *doc, struct xml_fault *fault,
    char message[XML_SCHEMA_MESSAGE]);

#endif
