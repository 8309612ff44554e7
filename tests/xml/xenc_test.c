/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/xenc.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "tests/rng.h"
#include "tests/suites.h"
#include "xml/mcptt_info.h"
#include "xml/mcptt_token.h"

#define XENC "http://www.w3.org/2001/04/xmlenc#"
#define DS   "http://www.w3.org/2000/09/xmldsig#"
#define GCM  "http://www.w3.org/2009/xmlenc11#aes128-gcm"

/* The parts of an element; what is NULL is as it should be. */
struct parts {
    const char *type, *method, *info, *data, *after;
};

#define METHOD "<EncryptionMethod Algorithm=\"" GCM "\"/>"
#define INFO                                                                   \
    "<d:KeyInfo xmlns:d=\"" DS "\"><d:KeyName>KrwBIw==</d:KeyName></"          \
    "d:KeyInfo>"
#define DATA "<CipherData><CipherValue>AAAA</CipherValue></CipherData>"

static const char *or_usual(const char *text, const char *usual)
{
    return text != NULL ? text : usual;
}

static struct span make(const struct parts *p, char *room, size_t cap)
{
    int len = snprintf(room, cap,
        "<EncryptedData xmlns=\"" XENC "\" xmlns:m=\"urn:x\"%s>%s%s%s%s"
        "</EncryptedData>",
        or_usual(p->type, " Type=\"" XENC "Content\""),
        or_usual(p->method, METHOD), or_usual(p->info, INFO),
        or_usual(p->data,
            "<CipherData><CipherValue>AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
            "</CipherValue></CipherData>"),
        or_usual(p->after, ""));

    CU_ASSERT_FATAL(len > 0 && (size_t)len < cap);
    return (struct span){(const uint8_t *)room, (size_t)len};
}

static enum mu_err read_parts(const struct parts *p)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_encrypted out;
    struct xml_fault fault;
    char room[2048];
    enum mu_err err;

    mu_arena_init(&arena, 1 << 18);
    err = xml_encrypted_read(
        make(p, room, sizeof(room)), "urn:x", &arena, &fault, &out);
    CU_ASSERT_EQUAL(err, fault.err);
    return err;
}

static void an_element_is_read(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    const struct parts usual = {NULL, NULL, NULL, NULL, NULL};
    struct xml_encrypted out;
    struct xml_fault fault;
    char room[2048];

    mu_arena_init(&arena, 1 << 18);
    CU_ASSERT_EQUAL_FATAL(xml_encrypted_read(make(&usual, room, sizeof(room)),
                              "urn:x", &arena, &fault, &out),
        MU_OK);
    CU_ASSERT(span_eq(out.key_name, span_str("KrwBIw==")));
    CU_ASSERT_EQUAL(out.sealed.len, 30);
    CU_ASSERT(span_eq(out.prefix, span_str("m")));
}

static void what_may_be_left_out_may_be(void)
{
    static const struct parts good[] = {
        {.type = ""},
        {.type = " Id=\"e1\" Type=\"" XENC "Content\" MimeType=\"text/xml\""},
        {.data = "<CipherData><CipherValue>\n AAAAAAAAAAAAAAAAAAAA\n AAAAAAAAAA"
                 "AAAAAAAAAA\n</CipherValue></CipherData>"},
    };

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        CU_ASSERT_EQUAL(read_parts(&good[i]), MU_OK);
}

static void every_other_form_is_refused(void)
{
    static const struct {
        struct parts parts;
        enum mu_err err;
    } bad[] = {
        {{.type = " Type=\"" XENC "Element\""}, MU_E_UNSUPPORTED},
        {{.method = ""}, MU_E_MALFORMED},
        {{.method = METHOD METHOD}, MU_E_MALFORMED},
        {{.method = "<EncryptionMethod/>"}, MU_E_UNSUPPORTED},
        {{.method = "<EncryptionMethod Algorithm=\"" XENC "aes128-cbc\"/>"},
            MU_E_UNSUPPORTED},
        {{.method = "<EncryptionMethod Algorithm=\"" GCM "\">x"
                    "</EncryptionMethod>"},
            MU_E_MALFORMED},
        {{.method = "<EncryptionMethod Algorithm=\"" GCM "\"><KeySize>128"
                    "</KeySize></EncryptionMethod>"},
            MU_E_MALFORMED},
        {{.info = ""}, MU_E_MALFORMED},
        {{.info = "<KeyInfo><KeyName>a</KeyName></KeyInfo>"}, MU_E_MALFORMED},
        {{.info = "<d:KeyInfo xmlns:d=\"" DS "\"/>"}, MU_E_MALFORMED},
        {{.info = "<d:KeyInfo xmlns:d=\"" DS "\"><d:KeyName/></d:KeyInfo>"},
            MU_E_MALFORMED},
        {{.info = "<d:KeyInfo xmlns:d=\"" DS "\"><d:KeyName>a</d:KeyName>"
                  "<d:KeyName>b</d:KeyName></d:KeyInfo>"},
            MU_E_MALFORMED},
        {{.info = "<d:KeyInfo xmlns:d=\"" DS "\"><EncryptedKey/></d:KeyInfo>"},
            MU_E_MALFORMED},
        {{.data = ""}, MU_E_MALFORMED},
        {{.data = "<CipherData/>"}, MU_E_MALFORMED},
        {{.data = DATA}, MU_E_MALFORMED}, /* shorter than IV and tag */
        {{.data = "<CipherData><CipherReference URI=\"#a\"/></CipherData>"},
            MU_E_MALFORMED},
        {{.data = "<CipherData><CipherValue>AA!A</CipherValue></CipherData>"},
            MU_E_MALFORMED},
        {{.data = "<CipherData><CipherValue><a/></CipherValue></CipherData>"},
            MU_E_MALFORMED},
        {{.after = "<EncryptionProperties/>"}, MU_E_MALFORMED},
        {{.after = "text"}, MU_E_MALFORMED},
        {{.method = INFO, .info = METHOD}, MU_E_MALFORMED}, /* their order */
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CU_ASSERT_EQUAL(read_parts(&bad[i].parts), bad[i].err);
        if (read_parts(&bad[i].parts) != bad[i].err)
            (void)printf("form %zu\n", i);
    }
}

/* "abcd" under a key and an IV of zeros, by python3-cryptography. */
#define SEALED_ABCD                                                            \
    "00000000000000000000000062eab9aadfe6c2fe5ad3afe565b6e21a08a5d32c"

/* Each octet of it counts. */
static void what_was_changed_does_not_open(void)
{
    uint8_t sealed[XML_XENC_IV_LEN + 4 + XML_XENC_TAG_LEN];
    struct xml_encrypted in = {.sealed = SPAN_OF(sealed)};
    MU_CLEANUP(buf_clear) struct buf plain = {.p = NULL};

    static const uint8_t zero[XML_XENC_KEY_LEN], other[XML_XENC_KEY_LEN] = {1};
    size_t len = 0;

    CU_ASSERT_EQUAL_FATAL(
        mu_hex_read(span_str(SEALED_ABCD), sealed, sizeof(sealed), &len),
        MU_OK);
    CU_ASSERT_EQUAL_FATAL(len, sizeof(sealed));
    CU_ASSERT_EQUAL(xml_encrypted_open(&in, zero, &plain), MU_OK);
    CU_ASSERT(span_eq(buf_span(&plain), span_str("abcd")));
    for (size_t i = 0; i < sizeof(sealed); i++) {
        sealed[i] ^= 0x10;
        CU_ASSERT_EQUAL(xml_encrypted_open(&in, zero, &plain), MU_E_CRYPTO);
        CU_ASSERT_EQUAL(plain.len, 4);
        sealed[i] ^= 0x10;
    }
    CU_ASSERT_EQUAL(xml_encrypted_open(&in, other, &plain), MU_E_CRYPTO);
}

/* ------------------------------------------------------------------ tokens */

struct body {
    struct mu_arena arena;
    struct xml_mcptt_info info;
    struct xml_sealed_token sealed;
};

static enum mu_err read_body(struct span text, struct body *b)
{
    struct xml_fault fault;

    mu_arena_init(&b->arena, 1 << 18);
    TRY(xml_mcptt_info_read(text, &b->arena, &fault, &b->info));
    CU_ASSERT(b->info.encrypted);
    return xml_sealed_token_read(b->info.data, &b->arena, &fault, &b->sealed);
}

static void body_clear(struct body *b)
{
    mu_arena_clear(&b->arena);
}

static const struct mcptt_sig_conf_key token_key = {{1, 2, 3}};
static const struct mcptt_key_id csk_id = {0x2abc0123};

static void a_token_comes_back_as_it_was(void)
{
    MU_CLEANUP(body_clear) struct body b;
    struct mcptt_sig_conf_key other = token_key;
    struct span text = {NULL, 0}, token = {NULL, 0};
    struct test_rng rng;
    uint8_t room[2048];
    struct wr w;

    test_rng_init(&rng, 1);
    wr_init(&w, room, sizeof(room));
    CU_ASSERT_EQUAL(xml_sealed_token_write(&w, span_str("a.b-c.d&e"), csk_id,
                        &token_key, &rng.rng),
        MU_OK);
    CU_ASSERT_EQUAL(wr_close(&w, &text), MU_OK);
    CU_ASSERT_EQUAL_FATAL(read_body(text, &b), MU_OK);
    CU_ASSERT_EQUAL(b.sealed.key_id.v, csk_id.v);
    CU_ASSERT_EQUAL(
        xml_sealed_token_open(&b.sealed, &token_key, &b.arena, &token), MU_OK);
    CU_ASSERT(span_eq(token, span_str("a.b-c.d&e")));
    other.b[15] ^= 1;
    CU_ASSERT_EQUAL(xml_sealed_token_open(&b.sealed, &other, &b.arena, &token),
        MU_E_CRYPTO);
}

/* An mcptt-info body whose elements have the given prefix, around content. */
static enum mu_err open_content(
    const char *prefix, const char *content, struct body *b, struct span *token)
{
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    struct span element = {NULL, 0};
    struct test_rng rng;
    uint8_t room[2048];
    struct xml_writer x;
    char head[256];
    struct wr w;

    test_rng_init(&rng, 1);
    wr_init(&w, room, sizeof(room));
    xml_writer_init(&x, &w);
    CU_ASSERT_EQUAL(xml_encrypted_write(&x, span_str("KrwBIw=="), token_key.b,
                        span_str(content), &rng.rng),
        MU_OK);
    CU_ASSERT_EQUAL(wr_close(&w, &element), MU_OK);
    (void)snprintf(head, sizeof(head),
        "<%smcpttinfo xmlns%s%.*s=\"" XML_MCPTT_INFO_NS
        "\"><%smcptt-Params><%smcptt-access-token type=\"Encrypted\">",
        prefix, prefix[0] != '\0' ? ":" : "",
        (int)(prefix[0] != '\0' ? strlen(prefix) - 1 : 0), prefix, prefix,
        prefix);
    buf_text(&text, head);
    buf_add(&text, element);
    (void)snprintf(head, sizeof(head),
        "</%smcptt-access-token></%smcptt-Params></%smcpttinfo>", prefix,
        prefix, prefix);
    buf_text(&text, head);
    CU_ASSERT_EQUAL_FATAL(text.err, MU_OK);
    CU_ASSERT_EQUAL_FATAL(read_body(buf_span(&text), b), MU_OK);
    return xml_sealed_token_open(&b->sealed, &token_key, &b->arena, token);
}

static void content_is_read_where_it_stood(void)
{
    static const struct {
        const char *prefix, *content;
    } good[] = {
        {"", "<mcpttString>t.o.k</mcpttString>"},
        {"", " <mcpttString>\nt.o.k </mcpttString>\n"},
        {"p:", "<p:mcpttString>t.o.k</p:mcpttString>"},
        {"p:", "<mcpttString>t.o.k</mcpttString>"},
        {"", "<q:mcpttString xmlns:q=\"" XML_MCPTT_INFO_NS
             "\">t.o.k</q:mcpttString>"},
        {"", "t.o.k"},
        {"", "\r\nt.o.k\r\n"},
    };

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        MU_CLEANUP(body_clear) struct body b;
        struct span token = {NULL, 0};

        CU_ASSERT_EQUAL(
            open_content(good[i].prefix, good[i].content, &b, &token), MU_OK);
        CU_ASSERT(span_eq(token, span_str("t.o.k")));
    }
}

static void content_that_is_no_token_is_refused(void)
{
    static const char *const bad[] = {
        " ",
        "<mcpttString/>",
        "<mcpttURI>sip:a@x</mcpttURI>",
        "<mcpttString>a</mcpttString><mcpttString>b</mcpttString>",
        "<mcpttString>a</mcpttString>text",
        "<mcpttString xmlns=\"urn:other\">a</mcpttString>",
        "<mcpttString>a",
        "</mcptt-access-token><mcptt-access-token>",
        "<!DOCTYPE a [<!ENTITY e \"x\">]><mcpttString>a</mcpttString>",
        "<mcpttString>&e;</mcpttString>",
        "<p:mcpttString>a</p:mcpttString>",
    };

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        MU_CLEANUP(body_clear) struct body b;
        struct span token = {NULL, 0};

        CU_ASSERT_EQUAL(open_content("", bad[i], &b, &token), MU_E_MALFORMED);
    }
}

static enum mu_err read_name(const char *name)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_sealed_token out;
    struct xml_fault fault;
    struct parts parts = {NULL, NULL, NULL, NULL, NULL};
    char info[256], room[2048];

    (void)snprintf(info, sizeof(info),
        "<d:KeyInfo xmlns:d=\"" DS "\"><d:KeyName>%s</d:KeyName></d:KeyInfo>",
        name);
    parts.info = info;
    mu_arena_init(&arena, 1 << 18);
    return xml_sealed_token_read(
        make(&parts, room, sizeof(room)), &arena, &fault, &out);
}

static void a_key_name_is_an_identifier_in_base64(void)
{
    CU_ASSERT_EQUAL(read_name("KrwBIw=="), MU_OK);
    CU_ASSERT_EQUAL(read_name(" KrwBIw== "), MU_OK);
    CU_ASSERT_EQUAL(read_name("2abc0123"), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(read_name("KrwBIwA="), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(read_name("KrwB"), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(read_name("csk of alice"), MU_E_MALFORMED);
}

CU_TestInfo xml_xenc_tests[] = {
    {"an element is read", an_element_is_read},
    {"what may be left out may be", what_may_be_left_out_may_be},
    {"every other form is refused", every_other_form_is_refused},
    {"what was changed does not open", what_was_changed_does_not_open},
    {"a token comes back as it was", a_token_comes_back_as_it_was},
    {"content is read where it stood", content_is_read_where_it_stood},
    {"content that is no token is refused",
        content_that_is_no_token_is_refused},
    {"a key name is an identifier in base64",
        a_key_name_is_an_identifier_in_base64},
    CU_TEST_INFO_NULL,
};
