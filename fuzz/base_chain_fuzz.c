/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A log: the input is a list of edits of a good one, each three octets (two of
 * place, one of what) that overwrite one, then a number of octets to cut off
 * the end, all at random. What passes as good or torn must be a beginning of
 * the good log. Then the input itself is read as a line and as a head, and
 * what was understood has to write the same again.
 */
#include "base/chain_verify.h"
#include "base/text.h"
#include "fuzz/fuzz.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define RECORDS 4

struct log {
    uint8_t text[MU_CHAIN_FIRST_LEN + RECORDS * MU_CHAIN_LINE_LEN(8)];
    size_t len;
    struct mu_verify_key key;
};

static enum mu_err fill(void *ctx, uint8_t *out, size_t len)
{
    (void)ctx;
    memset(out, 0x5a, len);
    return MU_OK;
}

static void make_log(struct log *log)
{
    static const struct mu_sign_key key = {{1}};
    static const struct mu_rng rng = {fill, NULL};
    struct mu_chain_head head;
    struct wr w;

    wr_init(&w, log->text, sizeof(log->text));
    fuzz_demand(mu_sign_public(&key, &log->key) == MU_OK);
    fuzz_demand(mu_chain_begin(&key, "fuzz", &rng, 0, &w, &head) == MU_OK);
    for (uint64_t i = 0; i < RECORDS; i++)
        fuzz_demand(mu_chain_add(&key, &head, i, span_str("event=x "), &w,
                        &head) == MU_OK);
    log->len = w.at;
}

static void verify(const struct log *good, struct span text)
{
    struct mu_chain_check check = {.key = good->key, .name = "fuzz"};
    struct mu_chain_report report;
    enum mu_err err = mu_chain_verify(&check, text, &report);

    fuzz_demand((err == MU_OK) == (report.fault == MU_CHAIN_GOOD));
    fuzz_demand(report.good_len <= text.len && report.good_len <= good->len);
    fuzz_demand(memcmp(good->text, text.p, report.good_len) == 0);
    if (report.fault == MU_CHAIN_GOOD)
        fuzz_demand(report.good_len == text.len);
    if (report.fault == MU_CHAIN_TORN)
        fuzz_demand(memchr(text.p + report.good_len, '\n',
                        text.len - report.good_len - 1) == NULL);
}

static void verify_edited(const struct log *good, struct span in)
{
    struct log bad = *good;
    struct rd r;

    rd_init(&r, in);
    while (rd_left(&r) >= 3) {
        size_t at = rd_u16(&r, "place");

        bad.text[at % bad.len] = rd_u8(&r, "octet");
    }
    if (rd_more(&r))
        bad.len -= rd_u8(&r, "cut");
    verify(good, (struct span){bad.text, bad.len});
}

static void read_line(struct span in)
{
    struct mu_chain_record r;
    char prefix[64], time[MU_TIME_TEXT], prev[65], sig[129];

    if (mu_chain_record_read(in, &r) != MU_OK)
        return;
    mu_time_write(r.unix_ms, time);
    mu_hex_write(SPAN_OF(r.prev), prev);
    mu_hex_write(SPAN_OF(r.sig.b), sig);
    (void)snprintf(prefix, sizeof(prefix), "%" PRIu64 " %s ", r.seq, time);
    fuzz_demand(r.payload.p == in.p + strlen(prefix));
    fuzz_demand(memcmp(in.p, prefix, strlen(prefix)) == 0);
    fuzz_demand(memcmp(in.p + in.len - 128, sig, 128) == 0);
    fuzz_demand(memcmp(in.p + in.len - 193, prev, 64) == 0);
    fuzz_demand(r.covered.p == in.p && r.covered.len == in.len - 129);
    fuzz_demand(strlen(prefix) + r.payload.len + 194 == in.len);
}

static void read_head(struct span in)
{
    struct mu_chain_head head;
    char text[MU_CHAIN_HEAD_TEXT];

    if (mu_chain_head_read(in, &head) != MU_OK)
        return;
    mu_chain_head_write(&head, text);
    fuzz_demand(span_eq(in, span_str(text)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct log good;
    struct span in = {data, size};

    if (good.len == 0)
        make_log(&good);
    verify_edited(&good, in);
    if (size > 0)
        verify(&good, in);
    read_line(in);
    read_head(in);
    return 0;
}
