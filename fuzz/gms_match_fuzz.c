/* SPDX-License-Identifier: Apache-2.0 */
/*
 * If-Match and If-None-Match as strangers send them: the first line is one, the
 * rest the other. A second field never opens what the first one closed, and
 * where there is nothing If-Match cannot hold.
 */
#include "fuzz/fuzz.h"
#include "gms/xcap_match.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = {data != NULL ? data : (const uint8_t *)"", size};
    const uint8_t *line = memchr(in.p, '\n', in.len);
    size_t len = line != NULL ? (size_t)(line - in.p) : in.len;
    const struct gms_match_fields both = {
        {in.p, len}, {in.p + len, in.len - len}};
    const struct gms_match_fields first = {.if_match = both.if_match};
    struct span etag = span_str("a1b2");

    if (gms_match_judge(&both, etag, false) == GMS_MATCH_GO)
        fuzz_demand(gms_match_judge(&first, etag, false) == GMS_MATCH_GO);
    fuzz_demand(gms_match_judge(&first, (struct span){NULL, 0}, false) ==
                GMS_MATCH_FAILED);
    (void)gms_match_judge(&both, etag, true);
    return 0;
}
