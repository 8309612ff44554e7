/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/reader.h"

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "tests/suites.h"

/* A document kind of our own: <card> with a name, phones and a wallet. */
struct card {
    char name[32];
    char kind[32];
    unsigned phones, left;
    bool refuse_phone, fail_phone;
};

static enum mu_err on_name(void *to, const struct xml_element *e)
{
    struct card *c = to;
    struct span text = xml_text(e);

    (void)snprintf(
        c->name, sizeof(c->name), "%.*s", (int)text.len, (const char *)text.p);
    return MU_OK;
}

static enum mu_err on_phone(void *to, const struct xml_element *e)
{
    struct card *c = to;
    struct span kind = xml_attribute(e, "urn:kinds", "kind");

    c->phones++;
    if (kind.p != NULL)
        (void)snprintf(c->kind, sizeof(c->kind), "%.*s", (int)kind.len,
            (const char *)kind.p);
    if (c->refuse_phone)
        return xml_refuse(e, MU_E_UNSUPPORTED, "rings");
    return c->fail_phone ? MU_E_EXPIRED : MU_OK;
}

static enum mu_err leave_wallet(void *to, const struct xml_element *e)
{
    struct card *c = to;

    (void)e;
    c->left = c->phones;
    return MU_OK;
}

static const struct xml_rule rules[] = {
    {NULL, "card", NULL, 0, 1, NULL, NULL},
    {"card", "name", NULL, 1, 1, on_name, NULL},
    {"card", "wallet", NULL, 0, 1, NULL, leave_wallet},
    {"card", "junk", NULL, 0, XML_MANY, NULL, NULL},
    {"wallet", "phone", NULL, 0, 2, on_phone, NULL},
    {"wallet", "coin", "urn:coins", 0, 1, on_name, NULL},
};

static const struct xml_table table = {
    .ns = "urn:card",
    .rules = rules,
    .count = sizeof(rules) / sizeof(rules[0]),
    .skip_foreign = true,
    .limits = {.octets = 4096, .elements = 12, .depth = 5},
};

static enum mu_err read_card(
    const char *text, struct card *card, struct xml_fault *fault)
{
    memset(card, 0, sizeof(*card));
    return xml_read(&table, span_str(text), card, fault);
}

/* The document fails with err, at that path and for that reason. */
static void check_refused(
    const char *text, enum mu_err err, const char *path, const char *why)
{
    struct xml_fault fault;
    struct card card;

    CU_ASSERT_EQUAL(read_card(text, &card, &fault), err);
    CU_ASSERT_EQUAL(fault.err, err);
    CU_ASSERT_STRING_EQUAL(fault.path, path);
    CU_ASSERT(fault.why != NULL && strcmp(fault.why, why) == 0);
}

#define CARD(inside) "<card xmlns='urn:card'>" inside "</card>"
#define NAMED(rest)  CARD("<name>n</name>" rest)

static void calls_the_handlers_along_the_table(void)
{
    struct xml_fault fault;
    struct card card;
    enum mu_err err =
        read_card("<?xml version='1.0' encoding='utf-8'?>\n"
                  "<c:card xmlns:c='urn:card' xmlns:k='urn:kinds'>\n"
                  " <c:wallet><c:phone kind='no' k:kind='mobile'>1</c:phone>\n"
                  " <c:phone/></c:wallet> <c:name> Ann\n</c:name></c:card>\n",
            &card, &fault);

    CU_ASSERT_EQUAL(err, MU_OK);
    CU_ASSERT_EQUAL(fault.err, MU_OK);
    CU_ASSERT_STRING_EQUAL(card.name, "Ann");
    CU_ASSERT_STRING_EQUAL(card.kind, "mobile");
    CU_ASSERT_EQUAL(card.phones, 2);
    CU_ASSERT_EQUAL(card.left, 2);
}

static void joins_text_around_comments_and_cdata(void)
{
    struct xml_fault fault;
    struct card card;

    CU_ASSERT_EQUAL(read_card(CARD("<name>a<!-- x -->b<?pi y?>"
                                   "<![CDATA[<c>]]>&amp;&#x64;</name>"),
                        &card, &fault),
        MU_OK);
    CU_ASSERT_STRING_EQUAL(card.name, "ab<c>&d");
}

static void matches_a_rule_of_another_namespace(void)
{
    struct xml_fault fault;
    struct card card;

    CU_ASSERT_EQUAL(
        read_card(NAMED("<wallet><coin xmlns='urn:coins'>penny</coin>"
                        "</wallet>"),
            &card, &fault),
        MU_OK);
    CU_ASSERT_STRING_EQUAL(card.name, "penny");
}

static void skips_foreign_elements_and_rules_without_handlers(void)
{
    struct xml_fault fault;
    struct card card;

    CU_ASSERT_EQUAL(read_card(NAMED("<x xmlns='urn:x'><name>m</name></x>"
                                    "<junk>text<name>m</name></junk>"),
                        &card, &fault),
        MU_OK);
    CU_ASSERT_STRING_EQUAL(card.name, "n");
}

static void skips_unknown_elements_where_the_table_says_so(void)
{
    struct xml_table lenient = table;
    struct xml_fault fault;
    struct card card = {.phones = 0};

    lenient.skip_unknown = true;
    CU_ASSERT_EQUAL(
        xml_read(&lenient, span_str(NAMED("<fax/>")), &card, &fault), MU_OK);
}

static void refuses_an_unknown_element(void)
{
    check_refused(
        NAMED("<fax/>"), MU_E_MALFORMED, "/card/fax", "is not expected");
}

static void refuses_a_known_name_in_another_place(void)
{
    check_refused(
        NAMED("<phone/>"), MU_E_MALFORMED, "/card/phone", "is not expected");
}

static void refuses_a_document_of_another_namespace(void)
{
    check_refused("<card xmlns='urn:cards'><name>n</name></card>",
        MU_E_MALFORMED, "/card", "is not a document of this kind");
    check_refused("<card><name>n</name></card>", MU_E_MALFORMED, "/card",
        "is not a document of this kind");
}

static void refuses_a_child_as_the_root(void)
{
    check_refused("<name xmlns='urn:card'>n</name>", MU_E_MALFORMED, "/name",
        "is not a document of this kind");
}

static void refuses_a_missing_element(void)
{
    check_refused(
        CARD("<wallet/>"), MU_E_MALFORMED, "/card/name", "is missing");
}

static void refuses_an_element_that_occurs_too_often(void)
{
    check_refused(NAMED("<wallet><phone/><phone/><phone/></wallet>"),
        MU_E_MALFORMED, "/card/wallet/phone", "occurs too often");
}

static void names_the_line_of_a_fault(void)
{
    struct xml_fault fault;
    struct card card;

    CU_ASSERT_EQUAL(
        read_card(NAMED("\n\n<wallet>\n<fax/></wallet>"), &card, &fault),
        MU_E_MALFORMED);
    CU_ASSERT_EQUAL(fault.line, 4);
}

static void refuses_text_between_elements(void)
{
    check_refused(NAMED("hello"), MU_E_MALFORMED, "/card",
        "has text between its elements");
}

static void refuses_elements_inside_a_text(void)
{
    check_refused(CARD("<name>a<b xmlns='urn:x'/>c</name>"), MU_E_MALFORMED,
        "/card/name/b", "is not expected in a text");
}

static void keeps_what_a_handler_says(void)
{
    struct card card = {.refuse_phone = true};
    struct xml_fault fault;
    const char *text = NAMED("<wallet><phone/></wallet>");

    CU_ASSERT_EQUAL(
        xml_read(&table, span_str(text), &card, &fault), MU_E_UNSUPPORTED);
    CU_ASSERT_STRING_EQUAL(fault.path, "/card/wallet/phone");
    CU_ASSERT_STRING_EQUAL(fault.why, "rings");
}

static void names_the_element_whose_handler_fails(void)
{
    struct card card = {.fail_phone = true};
    struct xml_fault fault;
    const char *text = NAMED("<wallet><phone/><phone/></wallet>");

    CU_ASSERT_EQUAL(
        xml_read(&table, span_str(text), &card, &fault), MU_E_EXPIRED);
    CU_ASSERT_STRING_EQUAL(fault.path, "/card/wallet/phone");
    CU_ASSERT_STRING_EQUAL(fault.why, "expired");
    CU_ASSERT_EQUAL(card.phones, 1);
}

static void keeps_a_hostile_name_out_of_the_path(void)
{
    check_refused(NAMED("<f\xc3\xa4x/>"), MU_E_MALFORMED, "/card/f??x",
        "is not expected");
}

static void cuts_off_a_long_path(void)
{
    char text[1024], name[600];
    struct xml_fault fault;
    struct card card;

    memset(name, 'n', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    (void)snprintf(text, sizeof(text), NAMED("<%s/>"), name);
    CU_ASSERT_EQUAL(read_card(text, &card, &fault), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(strlen(fault.path), XML_PATH_MAX - 1);
}

static void refuses_what_is_not_well_formed(void)
{
    static const char *const bad[] = {"<card xmlns='urn:card'>",
        NAMED("") "<card/>", NAMED("<a></b>"), NAMED("&nbsp;"), "<",
        "<card xmlns='urn:card' a='1' a='2'/>", NAMED("<p:a/>"),
        CARD("<name>\x01</name>"), CARD("<name>\xff</name>"), "<?xml?>"};

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        check_refused(bad[i], MU_E_MALFORMED, "", "is not well-formed");
}

static void refuses_what_is_no_xml_at_all(void)
{
    check_refused("", MU_E_MALFORMED, "", "is not XML");
    check_refused("hello", MU_E_MALFORMED, "", "is not XML");
    check_refused("\xef\xbb\xbf", MU_E_MALFORMED, "", "is not XML");
    /* "<?xm" in EBCDIC: the parser would follow it. */
    check_refused("\x4c\x6f\xa7\x94", MU_E_MALFORMED, "", "is not XML");
}

static void accepts_a_byte_order_mark(void)
{
    struct xml_fault fault;
    struct card card;

    CU_ASSERT_EQUAL(read_card("\xef\xbb\xbf" NAMED(""), &card, &fault), MU_OK);
}

static void refuses_every_doctype(void)
{
    static const char *const bad[] = {
        "<!DOCTYPE card>" NAMED(""),
        "<!DOCTYPE card SYSTEM 'file:///etc/passwd'>" NAMED(""),
        "<!DOCTYPE card PUBLIC '-//x' 'http://127.0.0.1:1/x'>" NAMED(""),
        "<!DOCTYPE card [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>" CARD(
            "<name>&e;</name>"),
        "<!DOCTYPE card [<!ENTITY % p SYSTEM 'http://127.0.0.1:1/x'> "
        "%p;]>" NAMED(""),
        "<!DOCTYPE card [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'>"
        "<!ENTITY c '&b;&b;&b;&b;'><!ENTITY d '&c;&c;&c;&c;'>]>" CARD(
            "<name>&d;</name>"),
        "<!DOCTYPE card [<!ATTLIST card xmlns CDATA 'urn:card'>]><card/>",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        check_refused(bad[i], MU_E_MALFORMED, "", "has a DOCTYPE");
}

static void refuses_other_encodings(void)
{
    struct xml_fault fault;
    struct card card;
    uint8_t wide[2 * sizeof(NAMED(""))] = {0};

    check_refused("<?xml version='1.0' encoding='ISO-8859-1'?>" NAMED(""),
        MU_E_UNSUPPORTED, "", "is not UTF-8");
    for (size_t i = 0; i < sizeof(NAMED("")) - 1; i++)
        wide[2 * i] = (uint8_t)NAMED("")[i];
    CU_ASSERT_EQUAL(
        xml_read(&table, (struct span){wide, sizeof(wide) - 2}, &card, &fault),
        MU_E_UNSUPPORTED);
}

static void refuses_a_declared_encoding_that_is_unknown(void)
{
    struct xml_fault fault;
    struct card card;

    CU_ASSERT_NOT_EQUAL(
        read_card(
            "<?xml version='1.0' encoding='x-none'?>" NAMED(""), &card, &fault),
        MU_OK);
}

static void refuses_more_levels_than_the_limit(void)
{
    struct xml_fault fault;
    struct card card;

    CU_ASSERT_EQUAL(
        read_card(NAMED("<junk><a><b><c/></b></a></junk>"), &card, &fault),
        MU_OK);
    check_refused(NAMED("<junk><a><b><c><d/></c></b></a></junk>"),
        MU_E_NO_SPACE, "/card/junk/a/b/c/d", "is nested too deeply");
}

/* Below what the table allows, libxml2 has a limit of its own: 256. */
static void refuses_hundreds_of_levels(void)
{
    char text[4000];
    size_t at = 0;

    for (unsigned i = 0; i < 300; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, "<a>");
    for (unsigned i = 0; i < 300; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, "</a>");
    check_refused(text, MU_E_MALFORMED, "", "is not well-formed");
}

static void refuses_more_elements_than_the_limit(void)
{
    struct xml_fault fault;
    struct card card;

    CU_ASSERT_EQUAL(read_card(NAMED("<junk><a/><a/><a/><a/><a/><a/><a/><a/>"
                                    "<a/></junk>"),
                        &card, &fault),
        MU_OK);
    check_refused(NAMED("<junk><a/><a/><a/><a/><a/><a/><a/><a/><a/><b/>"
                        "</junk>"),
        MU_E_NO_SPACE, "/card/junk/b", "is one too many");
}

static void refuses_more_octets_than_the_limit(void)
{
    char text[4200];
    struct xml_fault fault;
    struct card card;
    size_t len = strlen(NAMED(""));

    memset(text, ' ', sizeof(text));
    memcpy(text, NAMED(""), len);
    text[4096] = '\0';
    CU_ASSERT_EQUAL(read_card(text, &card, &fault), MU_OK);
    text[4096] = ' ';
    text[4097] = '\0';
    check_refused(text, MU_E_NO_SPACE, "", "too many octets");
}

/* A start tag with that many attributes, each value full of bait. */
static void put_tag(char *text, size_t cap, unsigned attributes)
{
    size_t at = (size_t)snprintf(text, cap, "<card xmlns='urn:card'");

    for (unsigned i = 1; i < attributes; i++)
        at += (size_t)snprintf(text + at, cap - at, " a%u='=>\"='", i);
    (void)snprintf(text + at, cap - at, "><name>====</name></card>");
}

static void refuses_more_attributes_than_the_limit(void)
{
    struct xml_fault fault;
    struct card card;
    char text[2048];

    put_tag(text, sizeof(text), XML_ATTRIBUTES_MAX);
    CU_ASSERT_EQUAL(read_card(text, &card, &fault), MU_OK);
    put_tag(text, sizeof(text), XML_ATTRIBUTES_MAX + 1);
    check_refused(text, MU_E_NO_SPACE, "", "too many attributes");
}

static void does_not_take_other_equal_signs_for_attributes(void)
{
    struct xml_fault fault;
    struct card card;
    char text[1024], line[200];

    memset(line, '=', sizeof(line) - 1);
    line[sizeof(line) - 1] = '\0';
    (void)snprintf(
        text, sizeof(text), NAMED("<!-- %s --><junk>%s</junk>"), line, line);
    CU_ASSERT_EQUAL(read_card(text, &card, &fault), MU_OK);
}

static void refuses_every_truncation(void)
{
    const char *whole = NAMED("<wallet><phone>1</phone></wallet>");
    struct xml_fault fault;
    struct card card;

    for (size_t len = 0; len < strlen(whole); len++) {
        struct span cut = {(const uint8_t *)whole, len};

        CU_ASSERT_EQUAL(xml_read(&table, cut, &card, &fault), MU_E_MALFORMED);
    }
}

static void reports_every_failed_allocation(void)
{
    const char *text = NAMED("<wallet><phone>1</phone></wallet>");
    struct xml_fault fault;
    struct card card;
    enum mu_err err;

    for (unsigned n = 1;; n++) {
        mu_alloc_fail_nth(n);
        err = read_card(text, &card, &fault);
        if (!mu_alloc_fail_end())
            break;
        CU_ASSERT_EQUAL(err, MU_E_NO_MEMORY);
    }
    CU_ASSERT_EQUAL(err, MU_OK);
}

CU_TestInfo xml_reader_tests[] = {
    {"calls the handlers along the table", calls_the_handlers_along_the_table},
    {"joins text around comments and cdata",
        joins_text_around_comments_and_cdata},
    {"matches a rule of another namespace",
        matches_a_rule_of_another_namespace},
    {"skips foreign elements and rules without handlers",
        skips_foreign_elements_and_rules_without_handlers},
    {"skips unknown elements where the table says so",
        skips_unknown_elements_where_the_table_says_so},
    {"refuses an unknown element", refuses_an_unknown_element},
    {"refuses a known name in another place",
        refuses_a_known_name_in_another_place},
    {"refuses a document of another namespace",
        refuses_a_document_of_another_namespace},
    {"refuses a child as the root", refuses_a_child_as_the_root},
    {"refuses a missing element", refuses_a_missing_element},
    {"refuses an element that occurs too often",
        refuses_an_element_that_occurs_too_often},
    {"names the line of a fault", names_the_line_of_a_fault},
    {"refuses text between elements", refuses_text_between_elements},
    {"refuses elements inside a text", refuses_elements_inside_a_text},
    {"keeps what a handler says", keeps_what_a_handler_says},
    {"names the element whose handler fails",
        names_the_element_whose_handler_fails},
    {"keeps a hostile name out of the path",
        keeps_a_hostile_name_out_of_the_path},
    {"cuts off a long path", cuts_off_a_long_path},
    {"refuses what is not well formed", refuses_what_is_not_well_formed},
    {"refuses what is no xml at all", refuses_what_is_no_xml_at_all},
    {"accepts a byte order mark", accepts_a_byte_order_mark},
    {"refuses every doctype", refuses_every_doctype},
    {"refuses other encodings", refuses_other_encodings},
    {"refuses a declared encoding that is unknown",
        refuses_a_declared_encoding_that_is_unknown},
    {"refuses more levels than the limit", refuses_more_levels_than_the_limit},
    {"refuses hundreds of levels", refuses_hundreds_of_levels},
    {"refuses more elements than the limit",
        refuses_more_elements_than_the_limit},
    {"refuses more octets than the limit", refuses_more_octets_than_the_limit},
    {"refuses more attributes than the limit",
        refuses_more_attributes_than_the_limit},
    {"does not take other equal signs for attributes",
        does_not_take_other_equal_signs_for_attributes},
    {"refuses every truncation", refuses_every_truncation},
    {"reports every failed allocation", reports_every_failed_allocation},
    CU_TEST_INFO_NULL,
};
