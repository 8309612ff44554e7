/* SPDX-License-Identifier: Apache-2.0 */
/*
 * text.h - octets as text: hexadecimal and base64 (RFC 4648).
 *
 * Texts are spans, not C strings. Readers are strict: no white space and no
 * sign; who tolerates white space removes it first (mu_text_squeeze).
 */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include "base/bytes.h"

/* Characters that mu_hex_write needs for n octets, its NUL included. */
#define MU_HEX_LEN(n) (2 * (n) + 1)

/* Characters that mu_base64_write needs for n octets, its NUL included. */
#define MU_BASE64_LEN(n) (((n) + 2) / 3 * 4 + 1)

/* Lower case without separators; out holds MU_HEX_LEN(in.len) characters. */
void mu_hex_write(struct span in, char *out);

/*
 * Reads hex of either case into out (cap octets); *len is set on success.
 * The time taken depends on the length alone, so that a key can be read.
 *
 * Returns MU_OK; MU_E_MALFORMED for an odd number of digits or any other
 * character; MU_E_NO_SPACE when more than cap octets are there.
 */
MU_MUST_CHECK enum mu_err mu_hex_read(
    struct span text, uint8_t *out, size_t cap, size_t *len);

/* Padded base64; out holds MU_BASE64_LEN(in.len) characters. */
void mu_base64_write(struct span in, char *out);

/*
 * Reads base64 with or without its padding into out (cap octets).
 *
 * Returns MU_OK; MU_E_MALFORMED for a foreign character, padding that does
 * not fit the length, or bits set beyond the last octet (so that one value
 * has one text); MU_E_NO_SPACE when more than cap octets are there.
 */
MU_MUST_CHECK enum mu_err mu_base64_read(
    struct span text, uint8_t *out, size_t cap, size_t *len);

/* True when text is not empty and has hex digits only. */
bool mu_text_is_hex(struct span text);

/* Removes blanks, tabs, CR and LF in place; the new length. */
size_t mu_text_squeeze(char *text, size_t len);

/*
 * An unsigned decimal integer up to 2^64 - 1: digits only.
 *
 * Returns MU_OK or MU_E_MALFORMED; *out is untouched on failure.
 */
MU_MUST_CHECK enum mu_err mu_text_u64(struct span text, uint64_t *out);

#endif
