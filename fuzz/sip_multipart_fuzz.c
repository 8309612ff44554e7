/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A body of several parts: the first octet says how long the boundary is, then
 * come the boundary and the body. Every part lies in the body, in its order.
 */

#include "fuzz/fuzz.h"
#include "sip/multipart.h"

static bool is_in(struct span inner, struct span outer)
{
    return inner.len == 0 ||
           (inner.p >= outer.p && inner.p + inner.len <= outer.p + outer.len);
}

static void check(
    const struct sip_raw_part *parts, size_t count, struct span body)
{
    const uint8_t *end = body.p;

    fuzz_demand(count > 0 && count <= SIP_PARTS_MAX);
    for (size_t i = 0; i < count; i++) {
        fuzz_demand(parts[i].type.len > 0);
        fuzz_demand(is_in(parts[i].id, body));
        fuzz_demand(is_in(parts[i].encoding, body));
        fuzz_demand(is_in(parts[i].body, body));
        fuzz_demand(parts[i].body.p >= end);
        end = parts[i].body.p + parts[i].body.len;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct sip_raw_part parts[SIP_PARTS_MAX];
    struct span boundary, body;
    size_t count = 0;

    if (size == 0 || data[0] >= size)
        return 0;
    boundary = (struct span){data + 1, data[0]};
    body = (struct span){data + 1 + data[0], size - 1 - data[0]};
    if (sip_multipart_read(body, boundary, parts, &count) == MU_OK)
        check(parts, count, body);
    return 0;
}
