/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/utf8.h"

#include <libxml/chvalid.h>
#include <libxml/xmlstring.h>

size_t xml_char_len(struct span text)
{
    static const int least[] = {0, 0, 0x80, 0x800, 0x10000};
    int len = text.len < 4 ? (int)text.len : 4;
    int c;

    if (text.len > 0 && text.p[0] >= ' ' && text.p[0] < 0x7f)
        return 1; /* nearly all of a document */
    c = xmlGetUTF8Char(text.p, &len);
    if (c < 0 || len < 1 || len > 4 || c < least[len] ||
        !xmlIsCharQ((unsigned)c))
        return 0;
    return (size_t)len;
}

bool xml_is_utf8(struct span text)
{
    while (text.len > 0) {
        size_t len = xml_char_len(text);

        if (len == 0)
            return false;
        text.p += len;
        text.len -= len;
    }
    return true;
}
