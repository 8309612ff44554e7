/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/hdr.h"
#include "tests/mikey/fields.h"
#include "tests/suites.h"
#include "tests/vec.h"

#include <string.h>

static enum mu_err decode(struct span wire, const struct rd_trace *trace,
    struct mikey_hdr *out, struct rd_fault *fault)
{
    enum mu_err err;
    struct rd r;

    rd_init(&r, wire);
    r.trace = trace;
    mikey_hdr_read(&r, out);
    err = rd_close(&r);
    *fault = r.fault;
    return err;
}

static void matches_every_vector(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct rd_fault fault;
    struct mikey_hdr hdr;
    struct fields seen;

    vec_open(&v, "mikey-hdr.vec");
    while (vec_next(&v)) {
        enum mu_err err;

        fields_init(&seen);
        err = decode(vec_hex(&v, "wire"), &seen.trace, &hdr, &fault);
        if (vec_text(&v, "error") != NULL) {
            CU_ASSERT_STRING_EQUAL(mu_err_name(err), vec_text(&v, "error"));
            CU_ASSERT_STRING_EQUAL_FATAL(fault.field, vec_text(&v, "field"));
            CU_ASSERT_EQUAL(fault.at, vec_num(&v, "at"));
        } else {
            CU_ASSERT_EQUAL_FATAL(err, MU_OK);
            CU_ASSERT_STRING_EQUAL(seen.text, vec_text(&v, "trace"));
        }
    }
}

static void writes_every_vector_again(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct rd_fault fault;
    struct mikey_hdr hdr;
    uint8_t buf[256];

    vec_open(&v, "mikey-hdr.vec");
    while (vec_next(&v)) {
        struct span wire = vec_hex(&v, "wire"), out = {0};
        struct wr w;

        if (vec_text(&v, "error") != NULL)
            continue;
        CU_ASSERT_EQUAL_FATAL(decode(wire, NULL, &hdr, &fault), MU_OK);
        wr_init(&w, buf, sizeof(buf));
        mikey_hdr_write(&w, &hdr);
        CU_ASSERT_EQUAL_FATAL(wr_close(&w, &out), MU_OK);
        CU_ASSERT(span_eq(out, wire));
    }
}

static void writes_every_map_entry_again(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct rd_fault fault;
    struct mikey_hdr hdr;
    struct mikey_cs cs;
    uint8_t buf[256];

    vec_open(&v, "mikey-hdr.vec");
    while (vec_next(&v)) {
        struct span wire = vec_hex(&v, "wire"), out = {0};
        struct wr w;

        if (vec_text(&v, "error") != NULL)
            continue;
        CU_ASSERT_EQUAL_FATAL(decode(wire, NULL, &hdr, &fault), MU_OK);
        wr_init(&w, buf, sizeof(buf));
        for (unsigned i = 0; mikey_hdr_cs(&hdr, i, &cs); i++)
            mikey_cs_write(&w, hdr.map_type, &cs);
        CU_ASSERT_EQUAL_FATAL(wr_close(&w, &out), MU_OK);
        CU_ASSERT(span_eq(out, hdr.map));
    }
}

static void every_truncation_is_malformed_inside(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct rd_fault fault;
    struct mikey_hdr hdr;

    vec_open(&v, "mikey-hdr.vec");
    while (vec_next(&v)) {
        struct span wire = vec_hex(&v, "wire");

        for (size_t len = 0; vec_text(&v, "error") == NULL && len < wire.len;
             len++) {
            struct span cut = {wire.p, len};

            CU_ASSERT_EQUAL(decode(cut, NULL, &hdr, &fault), MU_E_MALFORMED);
            CU_ASSERT(fault.at <= len);
        }
    }
}

static void the_entries_of_an_srtp_id_map_count_from_one(void)
{
    static const uint8_t map[18] = {[0] = 3, [1] = 0xca, [9] = 4, [17] = 9};
    const struct mikey_hdr hdr = {.cs_count = 2,
        .map_type = MIKEY_MAP_SRTP_ID,
        .map = {map, sizeof(map)}};
    struct mikey_cs cs = {0};

    CU_ASSERT(mikey_hdr_cs(&hdr, 1, &cs));
    CU_ASSERT_EQUAL(cs.cs_id, 2);
    CU_ASSERT_EQUAL(cs.policies.p[0], 4);
    CU_ASSERT_EQUAL(cs.roc, 9);
    CU_ASSERT_FALSE(mikey_hdr_cs(&hdr, 2, &cs));
    CU_ASSERT_EQUAL(cs.cs_id, 2);
}

CU_TestInfo mikey_hdr_tests[] = {
    {"matches every vector", matches_every_vector},
    {"writes every vector again", writes_every_vector_again},
    {"writes every map entry again", writes_every_map_entry_again},
    {"every truncation is malformed inside",
        every_truncation_is_malformed_inside},
    {"the entries of an SRTP-ID map count from one",
        the_entries_of_an_srtp_id_map_count_from_one},
    CU_TEST_INFO_NULL,
};
