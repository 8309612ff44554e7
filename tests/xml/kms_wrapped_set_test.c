/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/kms_wrapped_set.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/suites.h"

#define TEXT_MAX 8192

static const uint8_t octets[XML_WRAPPED_MAX] = {0xfb, 0xff, 1, 2, 3};

static void make_set(struct xml_kms_wrapped_set *set)
{
    *set = (struct xml_kms_wrapped_set){
        .origin = {.kms_uri = span_str("kms.example.org"),
            .valid_from_s = 1757030400,
            .valid_to_s = 1759622400},
        .user_uri = span_str("sip:b602878@example.org"),
        .uid = {{0x75, 0x04}},
        .period_no = 1531,
        .rsk = {{octets, 272}, span_str("trk.1.b")},
        .ssk = {{octets, 40}, {NULL, 0}},
        .pvt = {{octets, 80}, span_str("trk.1.b")},
    };
}

/* The set as a string; free() it. */
static char *write_set(enum xml_uid_form uid_form)
{
    struct xml_kms_wrapped_set set;
    char *text = calloc(1, TEXT_MAX);
    struct wr w;

    CU_ASSERT_FATAL(text != NULL);
    make_set(&set);
    wr_init(&w, (uint8_t *)text, TEXT_MAX - 1);
    CU_ASSERT_EQUAL_FATAL(xml_kms_wrapped_set_write(&w, &set, uid_form), MU_OK);
    return text;
}

static enum mu_err read_set(const char *text, struct mu_arena *arena,
    struct xml_fault *fault, struct xml_kms_wrapped_set *out)
{
    mu_arena_init(arena, 1 << 16);
    return xml_kms_wrapped_set_read(span_str(text), arena, fault, out);
}

static void check_round_trip(enum xml_uid_form uid_form)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_kms_wrapped_set set, got;
    char *text = write_set(uid_form);
    struct xml_fault fault;

    make_set(&set);
    CU_ASSERT_EQUAL_FATAL(read_set(text, &arena, &fault, &got), MU_OK);
    free(text);
    CU_ASSERT(span_eq(got.origin.kms_uri, set.origin.kms_uri));
    CU_ASSERT_EQUAL(got.origin.valid_from_s, set.origin.valid_from_s);
    CU_ASSERT_EQUAL(got.origin.valid_to_s, set.origin.valid_to_s);
    CU_ASSERT_FALSE(got.origin.revoked);
    CU_ASSERT(span_eq(got.user_uri, set.user_uri));
    CU_ASSERT(mcptt_uid_eq(&got.uid, &set.uid));
    CU_ASSERT_EQUAL(got.period_no, 1531);
    CU_ASSERT(span_eq(got.rsk.wrapped, set.rsk.wrapped));
    CU_ASSERT(span_eq(got.rsk.key_name, set.rsk.key_name));
    CU_ASSERT(span_eq(got.ssk.wrapped, set.ssk.wrapped));
    CU_ASSERT_EQUAL(got.ssk.key_name.len, 0);
    CU_ASSERT(span_eq(got.pvt.wrapped, set.pvt.wrapped));
}

static void reads_the_set_it_wrote(void)
{
    check_round_trip(XML_UID_HEX);
}

static void reads_the_uid_in_base64_as_well(void)
{
    check_round_trip(XML_UID_BASE64);
}

/* A copy of text in which the first old has become new; free() it. */
static char *replace(const char *text, const char *old, const char *new)
{
    const char *at = strstr(text, old);
    size_t size = strlen(text) + strlen(new) + 1;
    char *out = calloc(1, size);

    CU_ASSERT_FATAL(at != NULL && out != NULL);
    (void)snprintf(
        out, size, "%.*s%s%s", (int)(at - text), text, new, at + strlen(old));
    return out;
}

struct change {
    const char *old, *new;
    enum mu_err err;
    const char *path, *why;
};

static void check_change(const struct change *c)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    char *good = write_set(XML_UID_HEX);
    char *bad = replace(good, c->old, c->new);
    struct xml_kms_wrapped_set got;
    struct xml_fault fault;
    enum mu_err err = read_set(bad, &arena, &fault, &got);

    CU_ASSERT_EQUAL(err, c->err);
    CU_ASSERT_STRING_EQUAL(fault.path, c->path);
    CU_ASSERT(fault.why != NULL && strcmp(fault.why, c->why) == 0);
    if (err != c->err || strcmp(fault.path, c->path) != 0)
        printf("%s -> %s: %s at %s, %s\n", c->old, c->new, mu_err_name(err),
            fault.path, fault.why != NULL ? fault.why : "");
    free(good);
    free(bad);
}

#define SET "/KmsKeySet"
#define KEY SET "/UserDecryptKey/EncryptedKey"

static void refuses_bad_values(void)
{
    static const struct change changes[] = {
        {"KMSInterface:1.0", "KMSInterface:2.0", MU_E_MALFORMED, SET,
            "is not a document of this kind"},
        {"<UserUri>sip:b602878@example.org</UserUri>", "", MU_E_MALFORMED,
            SET "/UserUri", "is missing"},
        {"<UserID>75", "<UserID>7", MU_E_MALFORMED, SET "/UserID",
            "is not hex or base64 of the right length"},
        {"<KeyPeriodNo>", "<KeyPeriodNo>-", MU_E_MALFORMED, SET "/KeyPeriodNo",
            "is not a number"},
        {"<ValidTo>2025", "<ValidTo>2024", MU_E_MALFORMED, SET,
            "ends before it begins"},
        {" xsi:type=\"EncKeyContentType\"", "", MU_E_UNSUPPORTED,
            SET "/UserDecryptKey", "is not wrapped"},
        {"EncKeyContentType", "KeyContentType", MU_E_UNSUPPORTED,
            SET "/UserDecryptKey", "is not wrapped"},
        {"#kw-aes256", "#kw-aes128", MU_E_UNSUPPORTED, KEY "/EncryptionMethod",
            "names another algorithm"},
        {"xmlenc#\"", "xmlenc2#\"", MU_E_MALFORMED, KEY, "is missing"},
        {"<xenc:CipherValue>", "<xenc:CipherValue>?", MU_E_MALFORMED,
            KEY "/CipherData/CipherValue", "is not base64 of that length"},
        {"<xenc:CipherValue>", "<xenc:CipherValue>AAAAAAAA", MU_E_MALFORMED,
            KEY "/CipherData/CipherValue", "is not base64 of that length"},
        {"<xenc:CipherData>", "<xenc:CipherReference/><xenc:CipherData>",
            MU_E_MALFORMED, KEY "/CipherReference", "is not expected"},
        {"<KmsKeySet", "<!DOCTYPE a []><KmsKeySet", MU_E_MALFORMED, "",
            "has a DOCTYPE"},
    };

    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
        check_change(&changes[i]);
}

static void refuses_every_truncation(void)
{
    char *text = write_set(XML_UID_HEX);
    struct xml_kms_wrapped_set got;
    struct xml_fault fault;

    for (size_t len = strlen(text); len > 0; len--) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;

        text[len - 1] = '\0';
        CU_ASSERT_EQUAL(read_set(text, &arena, &fault, &got), MU_E_MALFORMED);
    }
    free(text);
}

CU_TestInfo xml_kms_wrapped_set_tests[] = {
    {"reads the set it wrote", reads_the_set_it_wrote},
    {"reads the UID in base64 as well", reads_the_uid_in_base64_as_well},
    {"refuses bad values", refuses_bad_values},
    {"refuses every truncation", refuses_every_truncation},
    CU_TEST_INFO_NULL,
};
