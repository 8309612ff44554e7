/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/mikey/parts.h"

#include "mikey/codes.h"
#include "mikey/hdr.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

void parts_open(struct parts *p, struct vec *v, const char *name)
{
    p->count = 0;
    vec_open(v, name);
}

static void learn(struct parts *p, struct vec *v)
{
    struct span wire = vec_hex(v, "wire");

    CU_ASSERT_FATAL(p->count < sizeof(p->part) / sizeof(p->part[0]));
    CU_ASSERT_FATAL(wire.len <= sizeof(p->part[0].wire));
    (void)snprintf(p->part[p->count].name, sizeof(p->part[0].name), "%s",
        vec_text(v, "part"));
    p->part[p->count].payload = (uint8_t)vec_num(v, "payload");
    p->part[p->count].len = wire.len;
    memcpy(p->part[p->count].wire, wire.p, wire.len);
    p->count++;
}

static size_t find(const struct parts *p, const char *name, size_t len)
{
    for (size_t i = 0; i < p->count; i++)
        if (strlen(p->part[i].name) == len &&
            memcmp(p->part[i].name, name, len) == 0)
            return i;
    CU_FAIL_FATAL("no such part");
    return 0;
}

/* HDR announces the first part, each part the one after it: in its first octet,
 * which is the next payload octet. */
static void build(struct parts *p, struct vec *v)
{
    struct span hdr = vec_hex(v, "hdr");
    uint8_t *announces = p->octets + MIKEY_HDR_NEXT_AT;
    const char *name = vec_text(v, "parts");
    struct wr w;

    wr_init(&w, p->octets, sizeof(p->octets));
    wr_span(&w, hdr);
    *announces = MIKEY_PL_LAST;
    while (*name != '\0') {
        size_t len = strcspn(name, " ");
        size_t i = find(p, name, len);
        uint8_t *first = p->octets + wr_so_far(&w).len;

        wr_span(&w, (struct span){p->part[i].wire, p->part[i].len});
        *announces = p->part[i].payload;
        announces = first;
        name += len + strspn(name + len, " ");
    }
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, &p->message), MU_OK);
}

bool parts_next(struct parts *p, struct vec *v)
{
    while (vec_next(v)) {
        if (vec_text(v, "part") == NULL) {
            build(p, v);
            return true;
        }
        learn(p, v);
    }
    return false;
}
