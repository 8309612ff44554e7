/* SPDX-License-Identifier: Apache-2.0 */
/*
 * value.h - the texts of leaves as values (XML Schema part 2, where it fits).
 *
 * For handlers of a table: each takes the leaf's text, without white space at
 * both ends. A text that is no such value is refused as MU_E_MALFORMED with
 * the element and the reason in the fault; *out is untouched then.
 */
#ifndef XML_VALUE_H
#define XML_VALUE_H

#include "base/arena.h"
#include "xml/reader.h"

#define XML_STRING_MAX 255 /* octets of a string or URI; ours */

/* 1..XML_STRING_MAX octets, verbatim, copied into the arena. */
MU_MUST_CHECK enum mu_err xml_value_string(
    const struct xml_element *e, struct mu_arena *arena, struct span *out);

/* The same with another limit. */
MU_MUST_CHECK enum mu_err xml_value_text(const struct xml_element *e,
    struct mu_arena *arena, size_t max, struct span *out);

/* xsd:nonNegativeInteger below 2^64, digits only. */
MU_MUST_CHECK enum mu_err xml_value_number(
    const struct xml_element *e, uint64_t *out);

/* xsd:boolean: true, false, 1, 0. */
MU_MUST_CHECK enum mu_err xml_value_boolean(
    const struct xml_element *e, bool *out);

/*
 * xsd:dateTime from 1970 to 9999 as Unix seconds. The fraction is dropped; a
 * missing zone is UTC (33180 notes 6.1).
 */
MU_MUST_CHECK enum mu_err xml_value_time(
    const struct xml_element *e, uint64_t *out);

/* The same of any text, an attribute's say. Returns MU_OK or MU_E_MALFORMED. */
MU_MUST_CHECK enum mu_err xml_value_time_of(struct span text, uint64_t *out);

/*
 * Exactly len octets, 4 < len <= XML_OCTETS_MAX (below, hex and base64 may be
 * equally long), as hex of either case or, as some key management servers send
 * them, base64; white space inside is ignored.
 * Hex takes the same time for all octets, and nothing is left behind, so that
 * a key can be read.
 */
#define XML_OCTETS_MAX 300

MU_MUST_CHECK enum mu_err xml_value_octets(
    const struct xml_element *e, uint8_t *out, size_t len);

/*
 * 1..cap octets as base64 alone, cap <= XML_OCTETS_MAX, white space ignored:
 * digests, signatures and cipher values. *len is set with them.
 */
MU_MUST_CHECK enum mu_err xml_value_base64(
    const struct xml_element *e, uint8_t *out, size_t cap, size_t *len);

#endif
