/* SPDX-License-Identifier: Apache-2.0 */
/*
 * utf8.h - octets as UTF-8 (RFC 3629), and as the characters that XML 1.0
 * clause 2.2 allows.
 */
#ifndef XML_UTF8_H
#define XML_UTF8_H

#include "base/bytes.h"

/* Octets of the XML character that text begins with, in its shortest form; 0
 * for anything else. */
size_t xml_char_len(struct span text);

/* Whether text is UTF-8; control characters are. */
bool xml_is_utf8(struct span text);

#endif
