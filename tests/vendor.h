/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vendor.h - the JSON files among the vendor vectors, read in place.
 *
 * A missing or ill-formed member ends the running test as a failure.
 */
#ifndef TESTS_VENDOR_H
#define TESTS_VENDOR_H

#include "base/bytes.h"

#include <jansson.h>

/*
 * The file's document, closed by the caller, or NULL where the vendor folder
 * is absent (tests/vec.h, vec_vendor()): the test then returns at once.
 */
json_t *vendor_open(const char *name);

/* For MU_CLEANUP; *document may be NULL. */
void vendor_close(json_t **document);

/* The i-th object of a list that must not be empty, or NULL past its end. */
const json_t *vendor_item(const json_t *document, const char *list, size_t i);

/* The member's text, valid as long as the document. */
const char *vendor_text(const json_t *object, const char *name);

/* A number that stands as such or as decimal digits. */
uint64_t vendor_num(const json_t *object, const char *name);

/* The octets of a hex member, in buf. */
struct span vendor_hex(
    const json_t *object, const char *name, uint8_t *buf, size_t cap);

/* The same where the length is known: exactly len octets. */
void vendor_octets(
    const json_t *object, const char *name, uint8_t *out, size_t len);

/* Eight hex digits. */
uint32_t vendor_u32(const json_t *object, const char *name);

#endif
