/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walks a message of any data type. Each payload has to be written as it was
 * read, and each field that the trace sees has to lie inside the message.
 */
#include "fuzz/fuzz.h"
#include "mikey/payload.h"

struct walk {
    struct span in;
    size_t depth; /* of groups */
};

static void on_octets(
    void *ctx, const char *field, size_t at, struct span octets)
{
    const struct walk *walk = ctx;

    fuzz_demand(field != NULL && at <= walk->in.len);
    fuzz_demand(octets.len <= walk->in.len - at);
    fuzz_demand(octets.len == 0 || octets.p == walk->in.p + at);
}

static void on_number(void *ctx, const char *field, size_t at, uint64_t value)
{
    const struct walk *walk = ctx;

    (void)value;
    fuzz_demand(field != NULL && at < walk->in.len);
}

static void on_enter(void *ctx, const char *group, size_t at)
{
    struct walk *walk = ctx;

    fuzz_demand(group != NULL && at <= walk->in.len);
    walk->depth++;
}

static void on_leave(void *ctx, const char *group)
{
    struct walk *walk = ctx;

    fuzz_demand(group != NULL && walk->depth > 0);
    walk->depth--;
}

static void compare(const struct wr *w, struct span wire)
{
    struct span out = {0};

    fuzz_demand(wr_close(w, &out) == MU_OK && span_eq(out, wire));
}

static void on_hdr(void *ctx, struct rd *r, const struct mikey_hdr *hdr)
{
    const struct walk *walk = ctx;
    uint8_t *buf = malloc(walk->in.len);
    struct wr w;

    fuzz_demand(buf != NULL);
    wr_init(&w, buf, walk->in.len);
    mikey_hdr_write(&w, hdr);
    compare(&w, rd_since(r, 0));
    free(buf);
}

static void on_payload(void *ctx, struct rd *r, const struct mikey_payload *p)
{
    const struct walk *walk = ctx;
    uint8_t *buf = malloc(walk->in.len);
    struct wr w;

    fuzz_demand(buf != NULL);
    wr_init(&w, buf, walk->in.len);
    mikey_payload_write(&w, p);
    compare(&w, rd_since(r, p->at));
    free(buf);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct walk walk = {.in = {data, size}};
    const struct rd_trace trace = {
        on_octets, on_number, &walk, on_enter, on_leave};
    const struct mikey_visitor visitor = {
        .hdr = on_hdr, .payload = on_payload, .ctx = &walk};
    struct mikey_fault fault = {0};

    if (mikey_walk(walk.in, &trace, &visitor, &fault) == MU_OK)
        fuzz_demand(walk.depth == 0);
    else
        fuzz_demand(fault.payload != NULL && fault.rd.field != NULL &&
                    fault.rd.at <= size);
    return 0;
}
