/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/gmop.h"

#include "base/alloc.h"
#include "tests/suites.h"

#define DOC(in)     "<document xmlns='" XML_GMOP_NS "'>" in "</document>"
#define REQUEST(in) DOC("<request>" in "</request>")

static void tells_the_operations_apart(void)
{
    static const struct {
        const char *text;
        enum xml_gmop op;
    } rows[] = {
        {REQUEST("\n <get-excluding-memberlist/> "),
            XML_GMOP_GET_EXCLUDING_MEMBERLIST},
        {"<?xml version='1.0'?><g:document xmlns:g='" XML_GMOP_NS
         "'><!-- --><g:request><g:get-excluding-memberlist>"
         "</g:get-excluding-memberlist></g:request></g:document>",
            XML_GMOP_GET_EXCLUDING_MEMBERLIST},
        {REQUEST("<group-regroup-creation><group xmlns='urn:oma'>t</group>"
                 "</group-regroup-creation>"),
            XML_GMOP_REGROUP_CREATION},
        {REQUEST("<make-tea/>"), XML_GMOP_UNKNOWN},
        {REQUEST("<get-excluding-memberlist xmlns='urn:other'/>"),
            XML_GMOP_UNKNOWN},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct xml_fault fault;
        enum xml_gmop op;

        CU_ASSERT_EQUAL_FATAL(
            xml_gmop_read(span_str(rows[i].text), &fault, &op), MU_OK);
        CU_ASSERT_EQUAL(op, rows[i].op);
    }
}

static void refuses_what_is_no_request(void)
{
    static const struct {
        const char *text, *path;
    } rows[] = {
        {"", ""},
        {"{}", ""},
        {"<document/>", "/document"},
        {DOC(""), "/document/request"},
        {DOC("<response/>"), "/document/request"},
        {REQUEST(""), "/document/request"},
        {REQUEST("text"), "/document/request"},
        {REQUEST("<a/><b/>"), "/document/request"},
        {REQUEST("<get-excluding-memberlist/>x"), "/document/request"},
        {DOC("<request><a/></request><request><a/></request>"),
            "/document/request"},
        {"<!DOCTYPE document><document/>", ""},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum xml_gmop op = XML_GMOP_REGROUP_CREATION;
        struct xml_fault fault;

        CU_ASSERT_EQUAL(
            xml_gmop_read(span_str(rows[i].text), &fault, &op), MU_E_MALFORMED);
        CU_ASSERT_STRING_EQUAL(fault.path, rows[i].path);
        CU_ASSERT_EQUAL(op, XML_GMOP_REGROUP_CREATION);
    }
}

static void every_truncation_is_refused(void)
{
    const struct span whole = span_str(REQUEST("<get-excluding-memberlist/>"));

    for (size_t len = 0; len < whole.len; len++) {
        struct xml_fault fault;
        enum xml_gmop op;

        CU_ASSERT_NOT_EQUAL(
            xml_gmop_read((struct span){whole.p, len}, &fault, &op), MU_OK);
    }
}

static void survives_every_failing_allocation(void)
{
    for (unsigned n = 1;; n++) {
        struct xml_fault fault;
        enum xml_gmop op;
        enum mu_err err;

        mu_alloc_fail_nth(n);
        err = xml_gmop_read(
            span_str(REQUEST("<get-excluding-memberlist/>")), &fault, &op);
        if (!mu_alloc_fail_end())
            break;
        CU_ASSERT_EQUAL(err, MU_E_NO_MEMORY);
    }
}

CU_TestInfo xml_gmop_tests[] = {
    {"tells the operations apart", tells_the_operations_apart},
    {"refuses what is no request", refuses_what_is_no_request},
    {"every truncation is refused", every_truncation_is_refused},
    {"survives every failing allocation", survives_every_failing_allocation},
    CU_TEST_INFO_NULL,
};
