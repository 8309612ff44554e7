/* SPDX-License-Identifier: Apache-2.0 */
#include "mcptt/uid.h"

#include "tests/suites.h"
#include "tests/vec.h"
#include "tests/vendor.h"

#include <string.h>

static void uids_match_every_vector(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct mcptt_uid uid;

    vec_open(&v, "mcptt-uid.vec");
    while (vec_next(&v)) {
        struct mcptt_uid_source source = {
            .identity = span_str(vec_text(&v, "uri")),
            .kms = span_str(vec_text(&v, "kms")),
            .rule = {vec_num(&v, "period"), vec_num(&v, "offset")},
            .number = vec_num(&v, "number"),
        };

        CU_ASSERT_EQUAL_FATAL(mcptt_uid_derive(&source, &uid), MU_OK);
        CU_ASSERT(span_eq(SPAN_OF(uid.b), vec_hex(&v, "uid")));
    }
}

static void uids_of_deployed_products_match(void)
{
    MU_CLEANUP(vendor_close) json_t *file = vendor_open("uid.json");
    const json_t *entry;

    if (file == NULL)
        return;
    for (size_t i = 0; (entry = vendor_item(file, "vectors", i)) != NULL; i++) {
        struct mcptt_uid_source source = {
            .identity = span_str(vendor_text(entry, "uri")),
            .kms = span_str(vendor_text(entry, "kms_uri")),
            .rule = {vendor_num(entry, "key_period"),
                vendor_num(entry, "key_period_offset")},
            .number = vendor_num(entry, "key_period_no"),
        };
        struct mcptt_uid uid, want;

        vendor_octets(entry, "uid", want.b, sizeof(want.b));
        CU_ASSERT_EQUAL_FATAL(mcptt_uid_derive(&source, &uid), MU_OK);
        CU_ASSERT(mcptt_uid_eq(&uid, &want));
    }
}

static struct mcptt_uid_source a_source(void)
{
    return (struct mcptt_uid_source){
        .identity = span_str("sip:user@example.org"),
        .kms = span_str("kms.example.org"),
        .rule = {.length_s = 2592000},
    };
}

static void a_uid_changes_with_each_of_its_sources(void)
{
    struct mcptt_uid_source s[6];
    struct mcptt_uid uid[6];

    for (unsigned i = 0; i < 6; i++)
        s[i] = a_source();
    s[1].identity = span_str("sip:User@example.org");
    s[2].kms = span_str("kms.example.com");
    s[3].rule.length_s++;
    s[4].rule.offset_s++;
    s[5].number++;
    for (unsigned i = 0; i < 6; i++) {
        CU_ASSERT_EQUAL(mcptt_uid_derive(&s[i], &uid[i]), MU_OK);
        for (unsigned j = 0; j < i; j++)
            CU_ASSERT(!mcptt_uid_eq(&uid[i], &uid[j]));
    }
}

static void a_uid_takes_the_longest_and_largest(void)
{
    static const uint8_t longest[MCPTT_ID_MAX + 1] = {'x'};
    struct mcptt_uid_source s = {
        .identity = {longest, MCPTT_ID_MAX},
        .kms = {longest, MCPTT_ID_MAX},
        .rule = {UINT64_MAX, UINT64_MAX},
        .number = UINT64_MAX,
    };
    struct mcptt_uid uid;

    CU_ASSERT_EQUAL(mcptt_uid_derive(&s, &uid), MU_OK);
    s.identity.len++;
    CU_ASSERT_EQUAL(mcptt_uid_derive(&s, &uid), MU_E_MALFORMED);
    s.identity.len = 0;
    CU_ASSERT_EQUAL(mcptt_uid_derive(&s, &uid), MU_E_MALFORMED);
    s = a_source();
    s.kms.len = 0;
    CU_ASSERT_EQUAL(mcptt_uid_derive(&s, &uid), MU_E_MALFORMED);
}

static void a_uid_for_a_time_is_that_of_its_period(void)
{
    struct mcptt_uid_source s = a_source();
    struct mcptt_uid at, of;

    s.number = 1657;
    CU_ASSERT_EQUAL(mcptt_uid_derive(&s, &of), MU_OK);
    s.number = 0;
    CU_ASSERT_EQUAL(
        mcptt_uid_derive_at(&s, UINT64_C(1657) * 2592000, &at), MU_OK);
    CU_ASSERT(mcptt_uid_eq(&at, &of));
    s.rule.offset_s = 10;
    CU_ASSERT_EQUAL(mcptt_uid_derive_at(&s, 9, &at), MU_E_NOT_FOUND);
}

static enum mu_err decode(
    struct span wire, struct mcptt_tel_id *out, struct rd_fault *fault)
{
    struct rd r;
    enum mu_err err;

    rd_init(&r, wire);
    mcptt_tel_id_read(&r, out);
    err = rd_close(&r);
    *fault = r.fault;
    return err;
}

static void telephone_identifiers_match_every_vector(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct mcptt_tel_id got;
    struct rd_fault fault;

    vec_open(&v, "mcptt-tel-id.vec");
    while (vec_next(&v)) {
        enum mu_err err = decode(vec_hex(&v, "id"), &got, &fault);

        if (vec_text(&v, "error") != NULL) {
            CU_ASSERT_STRING_EQUAL(mu_err_name(err), vec_text(&v, "error"));
            CU_ASSERT_EQUAL(fault.at, vec_num(&v, "at"));
        } else {
            CU_ASSERT_EQUAL_FATAL(err, MU_OK);
            CU_ASSERT_EQUAL(got.month.year, vec_num(&v, "year"));
            CU_ASSERT_EQUAL(got.month.month, vec_num(&v, "month"));
            CU_ASSERT(span_eq(got.tel, span_str(vec_text(&v, "tel"))));
        }
    }
}

static void telephone_identifiers_round_trip(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    uint8_t buf[MCPTT_TEL_ID_MAX];
    struct mcptt_tel_id got;
    struct rd_fault fault;

    vec_open(&v, "mcptt-tel-id.vec");
    while (vec_next(&v)) {
        struct span wire = vec_hex(&v, "id"), again = {NULL, 0};
        struct wr w;

        if (decode(wire, &got, &fault) != MU_OK)
            continue;
        wr_init(&w, buf, sizeof(buf));
        mcptt_tel_id_write(&w, &got);
        CU_ASSERT_EQUAL(wr_close(&w, &again), MU_OK);
        CU_ASSERT(span_eq(wire, again));
    }
}

static void telephone_identifiers_are_of_the_month_of_the_time(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct mcptt_month month;

    vec_open(&v, "mcptt-tel-id.vec");
    while (vec_next(&v)) {
        struct rd r;
        uint64_t first;

        if (vec_text(&v, "first") == NULL)
            continue;
        rd_init(&r, vec_hex(&v, "first"));
        first = vec_num(&v, "era") << 32 | rd_u32(&r, "first");
        CU_ASSERT_EQUAL(mcptt_month_of(first, &month), MU_OK);
        CU_ASSERT_EQUAL(month.year, vec_num(&v, "year"));
        CU_ASSERT_EQUAL(month.month, vec_num(&v, "month"));
        CU_ASSERT_EQUAL(mcptt_month_interval(month).from_s, first);
    }
}

static void telephone_identifiers_refuse_every_truncation(void)
{
    static const char wire[] = "2011-02\0tel:+447700900123"; /* and its NUL */
    struct mcptt_tel_id got;
    struct rd_fault fault;

    CU_ASSERT_EQUAL(decode(SPAN_OF(wire), &got, &fault), MU_OK);
    for (size_t n = 0; n < sizeof(wire); n++) {
        struct span cut = {(const uint8_t *)wire, n};

        CU_ASSERT_EQUAL(decode(cut, &got, &fault), MU_E_MALFORMED);
    }
}

static void telephone_identifiers_want_both_nuls(void)
{
    char wire[] = "2011-02\0tel:+447700900123";
    struct mcptt_tel_id got;
    struct rd_fault fault;

    wire[7] = 'x';
    CU_ASSERT_EQUAL(decode(SPAN_OF(wire), &got, &fault), MU_E_MALFORMED);
    CU_ASSERT_STRING_EQUAL(fault.field, "nul");
    CU_ASSERT_EQUAL(fault.at, 7);
    wire[7] = '\0';
    wire[sizeof(wire) - 1] = '4';
    CU_ASSERT_EQUAL(decode(SPAN_OF(wire), &got, &fault), MU_E_MALFORMED);
    CU_ASSERT_STRING_EQUAL(fault.field, "nul");
    CU_ASSERT_EQUAL(fault.at, sizeof(wire) - 1);
}

CU_TestInfo mcptt_uid_tests[] = {
    {"UIDs match every vector", uids_match_every_vector},
    {"UIDs of deployed products match", uids_of_deployed_products_match},
    {"a UID changes with each of its sources",
        a_uid_changes_with_each_of_its_sources},
    {"a UID takes the longest and largest",
        a_uid_takes_the_longest_and_largest},
    {"a UID for a time is that of its period",
        a_uid_for_a_time_is_that_of_its_period},
    {"telephone identifiers match every vector",
        telephone_identifiers_match_every_vector},
    {"telephone identifiers round trip", telephone_identifiers_round_trip},
    {"telephone identifiers are of the month of the time",
        telephone_identifiers_are_of_the_month_of_the_time},
    {"telephone identifiers refuse every truncation",
        telephone_identifiers_refuse_every_truncation},
    {"telephone identifiers want both NULs",
        telephone_identifiers_want_both_nuls},
    CU_TEST_INFO_NULL,
};
