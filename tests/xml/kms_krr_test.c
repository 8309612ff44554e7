/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/kms_krr.h"

#include <stdio.h>

#include "tests/suites.h"

#define OPEN  "<KmsRedirectResponse xmlns=\"urn:3gpp:ns:mcsecKMSKRR:1.0\">"
#define CLOSE "</KmsRedirectResponse>"
#define URI   "<KmsUri>kms.b.org</KmsUri>"

static enum mu_err read_krr(const char *text, struct mu_arena *arena,
    struct xml_fault *fault, struct xml_krr *out)
{
    mu_arena_init(arena, 1 << 16);
    return xml_krr_read(span_str(text), arena, fault, out);
}

static void takes_every_uri_of_a_kms_and_no_other(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_fault fault;
    struct xml_krr krr;

    CU_ASSERT_EQUAL_FATAL(
        read_krr(OPEN
            "<UserUri>sip:a@b.org</UserUri>"
            "<Initiator><InitiatorKmsUri> kms.a.org\n</InitiatorKmsUri>"
            "</Initiator><KMSURI>kms.b.org</KMSURI>"
            "<o:KmsUri xmlns:o=\"urn:o\">kms.c.org</o:KmsUri>" CLOSE,
            &arena, &fault, &krr),
        MU_OK);
    CU_ASSERT_EQUAL_FATAL(krr.count, 2);
    CU_ASSERT(span_eq(krr.uris[0].uri, span_str("kms.a.org")));
    CU_ASSERT(span_eq(krr.uris[1].uri, span_str("kms.b.org")));
    CU_ASSERT_EQUAL(krr.uris[1].depth, 1);
}

static void says_how_deep_a_uri_stands(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_fault fault;
    struct xml_krr krr;

    CU_ASSERT_EQUAL_FATAL(read_krr(OPEN URI OPEN "<Earlier>" OPEN URI CLOSE
                                                 "</Earlier>" CLOSE CLOSE,
                              &arena, &fault, &krr),
        MU_OK);
    CU_ASSERT_EQUAL_FATAL(krr.count, 2);
    CU_ASSERT_EQUAL(krr.uris[0].depth, 1);
    CU_ASSERT_EQUAL(krr.uris[1].depth, 3);
}

static void what_is_written_is_read(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct span text = {NULL, 0};
    struct xml_fault fault;
    struct xml_krr krr;
    uint8_t room[512];
    struct wr w;

    wr_init(&w, room, sizeof(room));
    CU_ASSERT_EQUAL_FATAL(xml_krr_write(&w, span_str("kms<b>.org")), MU_OK);
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, &text), MU_OK);
    mu_arena_init(&arena, 1 << 16);
    CU_ASSERT_EQUAL_FATAL(xml_krr_read(text, &arena, &fault, &krr), MU_OK);
    CU_ASSERT_EQUAL_FATAL(krr.count, 1);
    CU_ASSERT(span_eq(krr.uris[0].uri, span_str("kms<b>.org")));
    CU_ASSERT_EQUAL(krr.uris[0].depth, 1);
}

static void refuses_the_rest(void)
{
    static const struct {
        const char *text;
        enum mu_err err;
        const char *why;
    } bad[] = {
        {OPEN OPEN OPEN OPEN URI CLOSE CLOSE CLOSE CLOSE, MU_E_NO_SPACE,
            "is nested too deeply"},
        {OPEN CLOSE, MU_E_MALFORMED, "names no KMS"},
        {OPEN "<KmsUri> </KmsUri>" CLOSE, MU_E_MALFORMED,
            "is empty or too long"},
        {"<KmsRedirectResponse>" URI CLOSE, MU_E_MALFORMED,
            "is not a document of this kind"},
        {"<!DOCTYPE a []>" OPEN URI CLOSE, MU_E_MALFORMED, "has a DOCTYPE"},
        {OPEN URI, MU_E_MALFORMED, "is not well-formed"},
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct xml_fault fault;
        struct xml_krr krr;

        CU_ASSERT_EQUAL(
            read_krr(bad[i].text, &arena, &fault, &krr), bad[i].err);
        CU_ASSERT_STRING_EQUAL(fault.why, bad[i].why);
    }
}

static void refuses_more_uris_than_one_could_try(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    static const char four[] = URI URI URI URI;
    struct xml_fault fault;
    struct xml_krr krr;
    char text[2048];

    (void)snprintf(
        text, sizeof(text), OPEN "%s%s%s%s" URI CLOSE, four, four, four, four);
    CU_ASSERT_EQUAL(read_krr(text, &arena, &fault, &krr), MU_E_NO_SPACE);
    CU_ASSERT_STRING_EQUAL(fault.path, "/KmsRedirectResponse/KmsUri");
}

CU_TestInfo xml_kms_krr_tests[] = {
    {"what is written is read", what_is_written_is_read},
    {"takes every URI of a KMS and no other",
        takes_every_uri_of_a_kms_and_no_other},
    {"says how deep a URI stands", says_how_deep_a_uri_stands},
    {"refuses the rest", refuses_the_rest},
    {"refuses more URIs than one could try",
        refuses_more_uris_than_one_could_try},
    CU_TEST_INFO_NULL,
};
