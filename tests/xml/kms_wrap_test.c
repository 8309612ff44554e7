/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/kms_wrap.h"

#include <string.h>

#include "tests/suites.h"
#include "tests/vec.h"

/* Keys that only have to look like keys: the wrap does not know points. */
static void fill(uint8_t *out, size_t len, uint8_t first)
{
    for (size_t i = 0; i < len; i++)
        out[i] = (uint8_t)(first + 7 * i);
    out[0] = first;
}

struct keys {
    struct mcptt_trk trk;
    struct mikey_rsk rsk;
    struct mikey_ssk ssk;
    uint8_t pvt[MIKEY_PVT_LEN];
};

static void keys_make(struct keys *k)
{
    fill(k->trk.b, sizeof(k->trk.b), 0x90);
    fill(k->rsk.b, sizeof(k->rsk.b), 0x04);
    fill(k->ssk.b, sizeof(k->ssk.b), 0x55);
    fill(k->pvt, sizeof(k->pvt), 0x04);
}

struct all {
    struct xml_wrapped rsk, ssk, pvt;
};

static void wrap_all(const struct keys *k, enum trk_wrap how, struct all *out)
{
    CU_ASSERT_EQUAL_FATAL(
        xml_wrap_rsk(&k->trk, how, &k->rsk, &out->rsk), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        xml_wrap_ssk(&k->trk, how, &k->ssk, &out->ssk), MU_OK);
    CU_ASSERT_EQUAL_FATAL(xml_wrap_pvt(&k->trk, how, k->pvt, &out->pvt), MU_OK);
}

static void check_all(const struct keys *k, const struct all *wrapped)
{
    struct keys got = {.trk = k->trk};

    CU_ASSERT_EQUAL(
        xml_unwrap_rsk(&k->trk, xml_wrapped_span(&wrapped->rsk), &got.rsk),
        MU_OK);
    CU_ASSERT_EQUAL(
        xml_unwrap_ssk(&k->trk, xml_wrapped_span(&wrapped->ssk), &got.ssk),
        MU_OK);
    CU_ASSERT_EQUAL(
        xml_unwrap_pvt(&k->trk, xml_wrapped_span(&wrapped->pvt), got.pvt),
        MU_OK);
    CU_ASSERT(mikey_rsk_eq(&got.rsk, &k->rsk));
    CU_ASSERT(mikey_ssk_eq(&got.ssk, &k->ssk));
    CU_ASSERT(memcmp(got.pvt, k->pvt, sizeof(got.pvt)) == 0);
}

static void unwraps_what_rfc_5649_wrapped(void)
{
    struct all wrapped;
    struct keys k;

    keys_make(&k);
    wrap_all(&k, KW_PAD_RFC5649, &wrapped);
    CU_ASSERT_EQUAL(wrapped.rsk.len, 272);
    CU_ASSERT_EQUAL(wrapped.ssk.len, 40);
    CU_ASSERT_EQUAL(wrapped.pvt.len, 80);
    check_all(&k, &wrapped);
}

static void unwraps_what_was_stripped_of_its_04(void)
{
    struct all wrapped;
    struct keys k;

    keys_make(&k);
    wrap_all(&k, KW_STRIP_04, &wrapped);
    CU_ASSERT_EQUAL(wrapped.rsk.len, 264);
    CU_ASSERT_EQUAL(wrapped.ssk.len, 40);
    CU_ASSERT_EQUAL(wrapped.pvt.len, 72);
    check_all(&k, &wrapped);
}

/* RFC 3394 clause 4.6: 256 bits of key data under a key of 256 bits. */
static void wraps_as_rfc_3394_says(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct xml_wrapped wrapped;
    struct mikey_ssk ssk;
    struct mcptt_trk trk;

    vec_open(&v, "key-wrap.vec");
    CU_ASSERT_FATAL(vec_next(&v));
    memcpy(trk.b, vec_hex(&v, "kek").p, sizeof(trk.b));
    memcpy(ssk.b, vec_hex(&v, "key").p, sizeof(ssk.b));
    CU_ASSERT_EQUAL(xml_wrap_ssk(&trk, KW_STRIP_04, &ssk, &wrapped), MU_OK);
    CU_ASSERT(span_eq(xml_wrapped_span(&wrapped), vec_hex(&v, "wrapped")));
}

static void strips_nothing_but_04(void)
{
    struct xml_wrapped wrapped;
    struct keys k;

    keys_make(&k);
    k.rsk.b[0] = 0x05;
    CU_ASSERT_EQUAL(
        xml_wrap_rsk(&k.trk, KW_STRIP_04, &k.rsk, &wrapped), MU_E_MALFORMED);
}

static void refuses_every_changed_octet(void)
{
    struct mikey_ssk ssk;
    struct all wrapped;
    struct keys k;

    keys_make(&k);
    wrap_all(&k, KW_PAD_RFC5649, &wrapped);
    for (size_t i = 0; i < wrapped.ssk.len; i++) {
        wrapped.ssk.b[i] ^= 0x40;
        CU_ASSERT_EQUAL(
            xml_unwrap_ssk(&k.trk, xml_wrapped_span(&wrapped.ssk), &ssk),
            MU_E_CRYPTO);
        wrapped.ssk.b[i] ^= 0x40;
    }
}

static void refuses_every_truncation(void)
{
    uint8_t pvt[MIKEY_PVT_LEN];
    struct all wrapped;
    struct keys k;

    keys_make(&k);
    wrap_all(&k, KW_STRIP_04, &wrapped);
    for (size_t len = 0; len < wrapped.pvt.len; len++) {
        struct span cut = {wrapped.pvt.b, len};

        CU_ASSERT_EQUAL(xml_unwrap_pvt(&k.trk, cut, pvt), MU_E_CRYPTO);
    }
}

static void refuses_more_than_any_key(void)
{
    uint8_t large[XML_WRAPPED_MAX + 8] = {0};
    struct mikey_rsk rsk;
    struct keys k;

    keys_make(&k);
    CU_ASSERT_EQUAL(xml_unwrap_rsk(&k.trk, SPAN_OF(large), &rsk), MU_E_CRYPTO);
}

static void refuses_another_transport_key(void)
{
    struct mikey_rsk rsk;
    struct all wrapped;
    struct keys k;

    keys_make(&k);
    wrap_all(&k, KW_PAD_RFC5649, &wrapped);
    k.trk.b[31] ^= 1;
    CU_ASSERT_EQUAL(
        xml_unwrap_rsk(&k.trk, xml_wrapped_span(&wrapped.rsk), &rsk),
        MU_E_CRYPTO);
}

/* A whole key of one kind must not pass for another. */
static void refuses_a_key_of_another_length(void)
{
    static const enum trk_wrap ways[] = {KW_PAD_RFC5649, KW_STRIP_04};
    struct mikey_ssk ssk;
    struct all wrapped;
    struct keys k;

    keys_make(&k);
    for (size_t i = 0; i < 2; i++) {
        wrap_all(&k, ways[i], &wrapped);
        CU_ASSERT_EQUAL(
            xml_unwrap_ssk(&k.trk, xml_wrapped_span(&wrapped.pvt), &ssk),
            MU_E_CRYPTO);
    }
}

static void writes_an_encrypted_key(void)
{
    const struct xml_encrypted_key key = {
        span_str("\x01\xab"), span_str("trk.1.a&b")};
    struct span out = {NULL, 0};
    uint8_t buf[1024];
    struct xml_writer x;
    struct wr w;

    wr_init(&w, buf, sizeof(buf));
    xml_writer_init(&x, &w);
    xml_encrypted_key_write(&x, &key);
    CU_ASSERT_EQUAL(xml_writer_close(&x), MU_OK);
    CU_ASSERT_EQUAL(wr_close(&w, &out), MU_OK);
    CU_ASSERT(span_eq(out,
        span_str("<xenc:EncryptedKey xmlns:xenc=\"http://www.w3.org/2001/04/"
                 "xmlenc#\"><xenc:EncryptionMethod Algorithm=\"http://"
                 "www.w3.org/2001/04/xmlenc#kw-aes256\">"
                 "</xenc:EncryptionMethod><ds:KeyInfo xmlns:ds=\"http://"
                 "www.w3.org/2000/09/xmldsig#\"><ds:KeyName>trk.1.a&amp;b"
                 "</ds:KeyName></ds:KeyInfo><xenc:CipherData>"
                 "<xenc:CipherValue>Aas=</xenc:CipherValue>"
                 "</xenc:CipherData></xenc:EncryptedKey>")));
}

CU_TestInfo xml_kms_wrap_tests[] = {
    {"unwraps what RFC 5649 wrapped", unwraps_what_rfc_5649_wrapped},
    {"unwraps what was stripped of its 04",
        unwraps_what_was_stripped_of_its_04},
    {"wraps as RFC 3394 says", wraps_as_rfc_3394_says},
    {"strips nothing but 04", strips_nothing_but_04},
    {"refuses every changed octet", refuses_every_changed_octet},
    {"refuses every truncation", refuses_every_truncation},
    {"refuses more than any key", refuses_more_than_any_key},
    {"refuses another transport key", refuses_another_transport_key},
    {"refuses a key of another length", refuses_a_key_of_another_length},
    {"writes an encrypted key", writes_an_encrypted_key},
    CU_TEST_INFO_NULL,
};
