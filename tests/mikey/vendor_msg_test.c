/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages of deployed products, judged by form; what is in them is opened in
 * tests/mcptt/vendor_message_test.c.
 */
#include "mikey/msg.h"
#include "tests/suites.h"
#include "tests/vendor.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>

static const char *const files[] = {"imessage_alea.json",
    "imessage_parse_only.json", "imessage_streamwide_v4.json",
    "imessage_streamwide_v5.json"};

#define FILES       (sizeof(files) / sizeof(files[0]))
#define MESSAGE_MAX 1024

/* Calls check for every message of every file. */
static void each_message(
    void (*check)(const json_t *message, struct span octets))
{
    uint8_t buf[MESSAGE_MAX];

    for (size_t i = 0; i < FILES; i++) {
        MU_CLEANUP(vendor_close) json_t *document = vendor_open(files[i]);
        const json_t *message;

        if (document == NULL)
            return;
        for (size_t n = 0;
             (message = vendor_item(document, "messages", n)) != NULL; n++)
            check(
                message, vendor_hex(message, "message_hex", buf, sizeof(buf)));
    }
}

static void check_hdr(const json_t *message, struct span octets)
{
    const json_t *hdr = json_object_get(message, "header");
    struct mikey_msg m;

    CU_ASSERT_EQUAL_FATAL(
        mikey_msg_read(octets, MIKEY_LEGACY, &m, NULL), MU_OK);
    CU_ASSERT_EQUAL(m.hdr.data_type, vendor_num(hdr, "data_type"));
    CU_ASSERT_EQUAL(m.hdr.next, vendor_num(hdr, "next"));
    CU_ASSERT_EQUAL(m.hdr.v, vendor_num(hdr, "V"));
    CU_ASSERT_EQUAL(m.hdr.prf, vendor_num(hdr, "prf"));
    CU_ASSERT_EQUAL(m.hdr.csb_id, vendor_u32(hdr, "csb_id"));
    CU_ASSERT_EQUAL(m.hdr.cs_count, vendor_num(hdr, "ncs"));
    CU_ASSERT_EQUAL(m.hdr.map_type, vendor_num(hdr, "map_type"));
}

static void reads_every_header(void)
{
    each_message(check_hdr);
}

static void check_generic_id(const json_t *message, struct span octets)
{
    const json_t *hdr = json_object_get(message, "header");
    uint8_t spi[16];
    struct mikey_msg m;
    struct mikey_cs cs;

    CU_ASSERT_EQUAL_FATAL(
        mikey_msg_read(octets, MIKEY_LEGACY, &m, NULL), MU_OK);
    if (m.hdr.map_type != MIKEY_MAP_GENERIC_ID)
        return;
    for (unsigned i = 0; mikey_hdr_cs(&m.hdr, i, &cs); i++) {
        const json_t *entry = vendor_item(hdr, "cs", i);

        CU_ASSERT_PTR_NOT_NULL_FATAL(entry);
        CU_ASSERT_EQUAL(cs.cs_id, vendor_num(entry, "cs_id"));
        CU_ASSERT_EQUAL(cs.prot_type, vendor_num(entry, "prot"));
        CU_ASSERT_EQUAL(cs.policies.len, vendor_num(entry, "S_and_P"));
        CU_ASSERT(span_eq(cs.spi, vendor_hex(entry, "spi", spi, sizeof(spi))));
    }
}

static void reads_every_generic_id_map(void)
{
    each_message(check_generic_id);
}

static void on_begin(void *ctx, const char *name, size_t at)
{
    char *order = ctx;
    size_t len = strlen(order);

    (void)at;
    (void)snprintf(order + len, 128 - len, "%s ", name);
}

static void check_order(const json_t *message, struct span octets)
{
    const json_t *expected = json_object_get(message, "payload_order");
    char seen[128] = "", text[128] = "";
    const struct mikey_visitor visitor = {.begin = on_begin, .ctx = seen};

    CU_ASSERT_EQUAL(mikey_walk(octets, NULL, &visitor, NULL), MU_OK);
    CU_ASSERT_FATAL(json_array_size(expected) > 0);
    for (size_t i = 0; i < json_array_size(expected); i++)
        on_begin(text, json_string_value(json_array_get(expected, i)), 0);
    CU_ASSERT_STRING_EQUAL(seen, text);
}

static void walks_every_message_in_its_order(void)
{
    each_message(check_order);
}

/* What TS 33.180 wants of a header: see enum mikey_tolerance. */
static bool is_regular(const json_t *hdr)
{
    return vendor_num(hdr, "V") == 0 &&
           vendor_num(hdr, "prf") == MIKEY_PRF_SHA256 &&
           vendor_num(hdr, "map_type") != MIKEY_MAP_SRTP_ID &&
           (vendor_num(hdr, "map_type") == MIKEY_MAP_EMPTY ||
               vendor_num(hdr, "ncs") > 0);
}

static void check_strict(const json_t *message, struct span octets)
{
    struct mikey_msg m;
    bool regular = is_regular(json_object_get(message, "header"));

    CU_ASSERT_EQUAL(mikey_msg_read(octets, MIKEY_STRICT, &m, NULL),
        regular ? MU_OK : MU_E_UNSUPPORTED);
}

static void strictness_refuses_irregular_headers_alone(void)
{
    each_message(check_strict);
}

static void check_cut(const json_t *message, struct span octets)
{
    (void)message;
    for (size_t len = 0; len < octets.len; len++) {
        struct mikey_fault fault = {0};
        struct mikey_msg m;

        CU_ASSERT_EQUAL(mikey_msg_read((struct span){octets.p, len},
                            MIKEY_LEGACY, &m, &fault),
            MU_E_MALFORMED);
        CU_ASSERT(fault.rd.at <= len);
    }
}

static void every_truncation_is_malformed_inside(void)
{
    each_message(check_cut);
}

/* One vendor puts key parameters before SAKKE; all others keep our order. */
static bool is_in_our_order(const json_t *message)
{
    const json_t *order = json_object_get(message, "payload_order");
    const json_t *name;
    bool sakke = false;

    for (size_t i = 0; (name = json_array_get(order, i)) != NULL; i++) {
        if (strcmp(json_string_value(name), "GEN_EXT") == 0 && !sakke)
            return false;
        sakke = sakke || strcmp(json_string_value(name), "SAKKE") == 0;
    }
    return sakke;
}

static void check_written(const json_t *message, struct span octets)
{
    uint8_t buf[MESSAGE_MAX];
    struct span out = {0};
    struct mikey_msg m;
    struct wr w;

    CU_ASSERT_EQUAL_FATAL(
        mikey_msg_read(octets, MIKEY_LEGACY, &m, NULL), MU_OK);
    wr_init(&w, buf, sizeof(buf));
    mikey_msg_write(&w, &m);
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, &out), MU_OK);
    CU_ASSERT_EQUAL(out.len, octets.len);
    CU_ASSERT_EQUAL(span_eq(out, octets), is_in_our_order(message));
}

static void writes_every_message_again(void)
{
    each_message(check_written);
}

static void reads_every_message_of_the_interoperability_list(void)
{
    MU_CLEANUP(vendor_close)
    json_t *document = vendor_open("interop-messages.json");
    uint8_t buf[MESSAGE_MAX], rand[16];
    const json_t *message;

    if (document == NULL)
        return;
    for (size_t n = 0; (message = vendor_item(document, "messages", n)) != NULL;
         n++) {
        struct mikey_msg m;

        CU_ASSERT_EQUAL_FATAL(
            mikey_msg_read(vendor_hex(message, "message", buf, sizeof(buf)),
                MIKEY_LEGACY, &m, NULL),
            MU_OK);
        CU_ASSERT(span_eq(
            m.rand.rand, vendor_hex(message, "rand", rand, sizeof(rand))));
    }
}

CU_TestInfo mikey_vendor_msg_tests[] = {
    {"reads every header", reads_every_header},
    {"reads every GENERIC-ID map", reads_every_generic_id_map},
    {"walks every message in its order", walks_every_message_in_its_order},
    {"strictness refuses irregular headers alone",
        strictness_refuses_irregular_headers_alone},
    {"every truncation is malformed inside",
        every_truncation_is_malformed_inside},
    {"writes every message again", writes_every_message_again},
    {"reads every message of the interoperability list",
        reads_every_message_of_the_interoperability_list},
    CU_TEST_INFO_NULL,
};
