/* SPDX-License-Identifier: Apache-2.0 */
#include "kms-client/enrol.h"
#include "tests/suites.h"

#include <string.h>

static void make(struct kms_enrolment *e)
{
    *e = (struct kms_enrolment){
        .serial = 12,
        .not_after_s = 1700000000,
        .kds_url = "https://kds.example.org:8444",
        .trk = {{1}},
        .ink = {{2}},
        .cert_key = {4, 5},
        .cert_sha256 = {6},
    };
    CU_ASSERT_EQUAL(
        mcptt_id_set(&e->kms_uri, span_str("kms.example.org")), MU_OK);
    CU_ASSERT_EQUAL(
        mcptt_id_set(&e->user_uri, span_str("sip:user@example.org")), MU_OK);
}

static struct span write_text(const struct kms_enrolment *e, uint8_t *buf)
{
    struct span out = {0};
    struct wr w;

    wr_init(&w, buf, KMS_ENROL_TEXT_MAX);
    CU_ASSERT_EQUAL(kms_enrolment_write(&w, e), MU_OK);
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, &out), MU_OK);
    return out;
}

static void reads_what_was_written(void)
{
    struct kms_enrolment e, back = {0};
    uint8_t buf[KMS_ENROL_TEXT_MAX];

    make(&e);
    CU_ASSERT_EQUAL_FATAL(
        kms_enrolment_read(write_text(&e, buf), &back, NULL), MU_OK);
    CU_ASSERT(mcptt_id_eq(&back.kms_uri, &e.kms_uri));
    CU_ASSERT(mcptt_id_eq(&back.user_uri, &e.user_uri));
    CU_ASSERT_EQUAL(back.serial, 12);
    CU_ASSERT_EQUAL(back.not_after_s, 1700000000);
    CU_ASSERT_STRING_EQUAL(back.kds_url, e.kds_url);
    CU_ASSERT(mcptt_trk_eq(&back.trk, &e.trk));
    CU_ASSERT(mcptt_ink_eq(&back.ink, &e.ink));
    CU_ASSERT_EQUAL(memcmp(back.cert_key, e.cert_key, sizeof(e.cert_key)), 0);
    CU_ASSERT_EQUAL(
        memcmp(back.cert_sha256, e.cert_sha256, sizeof(e.cert_sha256)), 0);
}

static void every_truncation_is_malformed(void)
{
    struct kms_enrolment e, back;
    uint8_t buf[KMS_ENROL_TEXT_MAX];
    struct span text;

    make(&e);
    text = write_text(&e, buf);
    for (size_t len = 0; len < text.len; len++) {
        struct rd_fault fault = {0};

        CU_ASSERT_EQUAL(
            kms_enrolment_read((struct span){buf, len}, &back, &fault),
            MU_E_MALFORMED);
        CU_ASSERT(fault.at <= len);
    }
}

static void a_changed_character_is_found(void)
{
    struct kms_enrolment e, back;
    uint8_t buf[KMS_ENROL_TEXT_MAX];
    struct span text;

    make(&e);
    text = write_text(&e, buf);
    for (size_t i = 0; i < text.len; i++) {
        buf[i] ^= 1;
        CU_ASSERT_NOT_EQUAL(kms_enrolment_read(text, &back, NULL), MU_OK);
        buf[i] ^= 1;
    }
}

/* The line that is wrong is the line that is named. */
static void a_fault_names_its_line(void)
{
    static const struct {
        const char *find, *name;
        size_t skip;
        char put;
        enum mu_err err;
    } cases[] = {
        {"enrolment = ", "muster-enrolment", 12, '2', MU_E_UNSUPPORTED},
        {"kms_uri", "kms_uri", 0, 'x', MU_E_MALFORMED},
        {"user_uri = ", "user_uri", 12, ' ', MU_E_MALFORMED},
        {"serial = ", "serial", 9, '-', MU_E_MALFORMED},
        {"kds_url = ", "kds_url", 10, '\t', MU_E_MALFORMED},
        {"trk = ", "trk", 6, 'g', MU_E_MALFORMED},
        {"cert_key = ", "cert_key", 20, ' ', MU_E_MALFORMED},
        {"serial = ", "check", 9, '9', MU_E_CRYPTO},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t buf[KMS_ENROL_TEXT_MAX + 1];
        struct kms_enrolment e, back;
        struct rd_fault fault = {0};
        struct span text;
        char *at;

        make(&e);
        text = write_text(&e, buf);
        buf[text.len] = '\0';
        at = strstr((char *)buf, cases[i].find);
        CU_ASSERT_PTR_NOT_NULL_FATAL(at);
        at[cases[i].skip] = cases[i].put;
        CU_ASSERT_EQUAL(kms_enrolment_read(text, &back, &fault), cases[i].err);
        CU_ASSERT_STRING_EQUAL(fault.field, cases[i].name);
    }
}

static void what_no_line_holds_is_not_written(void)
{
    uint8_t buf[KMS_ENROL_TEXT_MAX];
    struct kms_enrolment e;
    struct wr w;

    make(&e);
    (void)strcpy(e.kds_url, "https://kds\nserial = 1");
    wr_init(&w, buf, sizeof(buf));
    CU_ASSERT_EQUAL(kms_enrolment_write(&w, &e), MU_E_MALFORMED);
}

CU_TestInfo kms_client_enrol_tests[] = {
    {"reads what was written", reads_what_was_written},
    {"every truncation is malformed", every_truncation_is_malformed},
    {"a changed character is found", a_changed_character_is_found},
    {"a fault names its line", a_fault_names_its_line},
    {"what no line holds is not written", what_no_line_holds_is_not_written},
    CU_TEST_INFO_NULL,
};
