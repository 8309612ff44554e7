/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/utf8.h"

#include <libxml/chvalid.h>
#include <libxml/xmlstring.h>

/* Octets of the character in its shortest form, no surrogate, and *c; or 0. */
static size_t utf8_len(struct span text, int *c)
{
    static const int least[] = {0, 0, 0x80, 0x800, 0x10000};
    int len = text.len < 4 ? (int)text.len : 4;

    *c = xmlGetUTF8Char(text.p, &len);
    if (*c < 0 || *c > 0x10ffff || (*c >= 0xd800 && *c < 0xe000) || len < 1 ||
        len > 4 || *c < least[len])
        return 0;
    return (size_t)len;
}

size_t xml_char_len(struct span text)
{
    int c = 0;
    size_t len;

    if (text.len > 0 && text.p[0] >= ' ' && text.p[0] < 0x7f)
        return 1; /* nearly all of a document */
    len = utf8_len(text, &c);
    return len > 0 && xmlIsCharQ((unsigned)c) ? len : 0;
}

bool xml_is_utf8(struct span text)
{
    while (text.len > 0) {
        int c = 0;
        size_t len = text.p[0] < 0x80 ? 1 : utf8_len(text, &c);

        if (len == 0)
            return false;
        text.p += len;
        text.len -= len;
    }
    return true;
}
