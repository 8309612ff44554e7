/* SPDX-License-Identifier: Apache-2.0 */
/*
 * writer.h - XML out, through the cursor that all other formats use.
 *
 *     xml_writer_init(&x, &w);
 *     xml_open(&x, "KmsError");
 *     xml_attribute_text(&x, "Version", "1.0.0");
 *     xml_leaf(&x, "ErrorMsg", text);
 *     xml_end(&x);
 *     TRY(xml_writer_close(&x));
 *
 * Sticky like struct wr, and counts with a counting one. Names are our own,
 * with their prefix ("ds:Signature"), and name spaces are attributes, so the
 * writer knows of neither. Characters are escaped as Canonical XML 1.0 writes
 * them (clause 2.3) and no white space is added: a text whose attributes are
 * given in canonical order and whose declarations are not repeated is canonical
 * as it is written.
 *
 * No document type and no XML declaration: UTF-8 needs none.
 */
#ifndef XML_WRITER_H
#define XML_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bytes.h"

#define XML_WRITER_DEPTH 16

struct xml_writer {
    struct wr *w;
    enum mu_err err;
    unsigned depth;
    bool in_tag; /* the start tag lacks its '>' still */
    const char *open[XML_WRITER_DEPTH];
};

/* w is borrowed until xml_writer_close(). */
void xml_writer_init(struct xml_writer *x, struct wr *w);

/* Elements nest at most XML_WRITER_DEPTH deep; name is kept until its end. */
void xml_open(struct xml_writer *x, const char *name);
void xml_end(struct xml_writer *x);

/* Right after xml_open(). Fault: MU_E_MALFORMED for what is no XML text. */
void xml_attribute_span(
    struct xml_writer *x, const char *name, struct span value);
void xml_attribute_text(
    struct xml_writer *x, const char *name, const char *value);
void xml_attribute_number(
    struct xml_writer *x, const char *name, uint64_t value);
/* As xml_leaf_time(). */
void xml_attribute_time(
    struct xml_writer *x, const char *name, uint64_t unix_s);

/* Fault: MU_E_MALFORMED for octets that are no UTF-8 or no XML characters. */
void xml_characters(struct xml_writer *x, struct span text);

/* An element that another writer wrote, as it is. */
void xml_verbatim(struct xml_writer *x, struct span xml);

/* An element of text alone; the second writes nothing when text is empty. */
void xml_leaf(struct xml_writer *x, const char *name, struct span text);
void xml_leaf_optional(
    struct xml_writer *x, const char *name, struct span text);
void xml_leaf_number(struct xml_writer *x, const char *name, uint64_t value);

/* xsd:dateTime in UTC, whole seconds; Unix time up to the year 9999. */
void xml_leaf_time(struct xml_writer *x, const char *name, uint64_t unix_s);

#define XML_LEAF_OCTETS_MAX 300

/* Characters of at most XML_LEAF_OCTETS_MAX octets: lower-case hex, base64. */
void xml_hex(struct xml_writer *x, struct span octets);
void xml_base64(struct xml_writer *x, struct span octets);

/*
 * Ends the writing; the caller then closes w. Returns MU_OK; MU_E_MALFORMED;
 * MU_E_NO_SPACE when w is full.
 */
MU_MUST_CHECK enum mu_err xml_writer_close(const struct xml_writer *x);

#endif
