/* SPDX-License-Identifier: Apache-2.0 */
/*
 * utf8.h - what octets are XML text at all: well-formed UTF-8 in its shortest
 * form, of characters that XML 1.0 clause 2.2 allows.
 */
#ifndef XML_UTF8_H
#define XML_UTF8_H

#include "base/bytes.h"

/* Octets of the character that text begins with; 0 for anything else. */
size_t xml_char_len(struct span text);

/* Whether text is such characters and nothing else. */
bool xml_is_utf8(struct span text);

#endif
