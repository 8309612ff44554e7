/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The codecs of all payloads, through the table that names them. What the
 * structs of each hold is checked by writing them again.
 */
#include "mikey/payload.h"
#include "tests/mikey/fields.h"
#include "tests/suites.h"
#include "tests/vec.h"

#include <stdio.h>
#include <string.h>

static enum mu_err decode(struct vec *v, struct span wire,
    const struct rd_trace *trace, struct mikey_payload *out,
    struct rd_fault *fault)
{
    enum mu_err err;
    struct rd r;

    rd_init(&r, wire);
    r.trace = trace;
    mikey_payload_read(&r, (uint8_t)vec_num(v, "payload"), out);
    err = rd_close(&r);
    *fault = r.fault;
    return err;
}

static void matches_every_vector(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct mikey_payload p;
    struct rd_fault fault;
    struct fields seen;

    vec_open(&v, "mikey-payload.vec");
    while (vec_next(&v)) {
        enum mu_err err;

        fields_init(&seen);
        err = decode(&v, vec_hex(&v, "wire"), &seen.trace, &p, &fault);
        if (vec_text(&v, "error") != NULL) {
            CU_ASSERT_STRING_EQUAL(mu_err_name(err), vec_text(&v, "error"));
            CU_ASSERT_STRING_EQUAL_FATAL(fault.field, vec_text(&v, "field"));
            CU_ASSERT_EQUAL(fault.at, vec_num(&v, "at"));
            CU_ASSERT_PTR_NOT_NULL(fault.why);
        } else {
            CU_ASSERT_EQUAL_FATAL(err, MU_OK);
            CU_ASSERT_STRING_EQUAL(seen.text, vec_text(&v, "trace"));
        }
    }
}

static void writes_every_vector_again(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct mikey_payload p;
    struct rd_fault fault;
    uint8_t buf[512];

    vec_open(&v, "mikey-payload.vec");
    while (vec_next(&v)) {
        struct span wire = vec_hex(&v, "wire"), out = {0};
        struct wr w;

        if (vec_text(&v, "error") != NULL)
            continue;
        CU_ASSERT_EQUAL_FATAL(decode(&v, wire, NULL, &p, &fault), MU_OK);
        wr_init(&w, buf, sizeof(buf));
        mikey_payload_write(&w, &p);
        CU_ASSERT_EQUAL_FATAL(wr_close(&w, &out), MU_OK);
        CU_ASSERT(span_eq(out, wire));
    }
}

static void every_truncation_is_malformed_inside(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct mikey_payload p;
    struct rd_fault fault;

    vec_open(&v, "mikey-payload.vec");
    while (vec_next(&v)) {
        struct span wire = vec_hex(&v, "wire");

        for (size_t len = 0; vec_text(&v, "error") == NULL && len < wire.len;
             len++) {
            struct span cut = {wire.p, len};

            CU_ASSERT_EQUAL(decode(&v, cut, NULL, &p, &fault), MU_E_MALFORMED);
            CU_ASSERT(fault.at <= len);
            CU_ASSERT_STRING_EQUAL(fault.why, "cut short");
        }
    }
}

static void every_layout_has_a_vector(void)
{
    bool seen[UINT8_MAX + 1] = {false};
    MU_CLEANUP(vec_close) struct vec v;

    vec_open(&v, "mikey-payload.vec");
    while (vec_next(&v))
        seen[vec_num(&v, "payload")] = true;
    for (unsigned type = 0; type <= UINT8_MAX; type++)
        CU_ASSERT_EQUAL(mikey_payload_name((uint8_t)type) != NULL, seen[type]);
}

static void names_every_payload_as_the_registry_does(void)
{
    for (unsigned type = 0; type <= UINT8_MAX; type++) {
        const char *name = mikey_payload_name((uint8_t)type);

        if (name == NULL || type == MIKEY_PL_KEY_DATA || type == MIKEY_PL_EXT)
            continue;
        CU_ASSERT_STRING_EQUAL(name, mikey_code_name("next_payload", type));
    }
}

/* A message of a data type without rules, walked by its chain alone. */
static const uint8_t error_message[] = {
    0x01, 0x06, 0x05, 0x01, 0x00, 0x00, 0x00, 0x2a, 0x00, 0x01, /* HDR */
    0x0c, 0x02, 0x00, 0x00, 0x00, 0x07,                         /* T */
    0x09, 0x00, 0x00, 0x00,                                     /* ERR */
    0x00, 0x00,                                                 /* V */
};

static void on_begin(void *ctx, const char *name, size_t at)
{
    char *text = ctx;
    size_t len = strlen(text);

    (void)snprintf(text + len, 64 - len, "%s@%zu ", name, at);
}

static const struct mikey_visitor nobody = {0};

static void walks_a_message_of_any_data_type(void)
{
    char text[64] = "";
    const struct mikey_visitor visitor = {.begin = on_begin, .ctx = text};

    CU_ASSERT_EQUAL(
        mikey_walk(SPAN_OF(error_message), NULL, &visitor, NULL), MU_OK);
    CU_ASSERT_STRING_EQUAL(text, "HDR@0 T@10 ERR@16 V@20 ");
}

static void a_walk_traces_all_payloads(void)
{
    struct fields seen;

    fields_init(&seen);
    CU_ASSERT_EQUAL(
        mikey_walk(SPAN_OF(error_message), &seen.trace, &nobody, NULL), MU_OK);
    CU_ASSERT_STRING_EQUAL(seen.text,
        "version=1 data_type=6 next=5 v=0 prf=1 csb_id=42 cs_count=0 "
        "map_type=1 next=12 ts_type=2 ts=7 next=9 error_no=0 reserved=0 next=0 "
        "auth_alg=0 mac=");
}

/* Walks error_message with one octet changed; expects a fault. */
static struct mikey_fault walk_changed(size_t at, uint8_t octet)
{
    uint8_t m[sizeof(error_message)];
    struct mikey_fault fault = {0};

    memcpy(m, error_message, sizeof(m));
    m[at] = octet;
    CU_ASSERT_NOT_EQUAL(mikey_walk(SPAN_OF(m), NULL, &nobody, &fault), MU_OK);
    return fault;
}

static void an_unknown_payload_is_named_where_it_is_announced(void)
{
    struct mikey_fault fault = walk_changed(10, 0x63);

    CU_ASSERT_EQUAL(fault.rd.err, MU_E_UNSUPPORTED);
    CU_ASSERT_STRING_EQUAL(fault.payload, "T");
    CU_ASSERT_STRING_EQUAL(fault.rd.field, "next");
    CU_ASSERT_EQUAL(fault.rd.at, 10);
    CU_ASSERT_STRING_EQUAL(fault.rd.why, "no such payload");
    fault = walk_changed(2, 17);
    CU_ASSERT_STRING_EQUAL(fault.payload, "HDR");
    CU_ASSERT_EQUAL(fault.rd.at, 2);
    CU_ASSERT_STRING_EQUAL(fault.rd.why, "a payload that is not read here");
}

static void a_fault_names_its_payload(void)
{
    struct mikey_fault fault = walk_changed(11, 0x09);

    CU_ASSERT_EQUAL(fault.rd.err, MU_E_UNSUPPORTED);
    CU_ASSERT_STRING_EQUAL(fault.payload, "T");
    CU_ASSERT_STRING_EQUAL(fault.rd.field, "ts_type");
    CU_ASSERT_EQUAL(fault.rd.at, 11);
}

static void octets_after_the_last_payload_are_malformed(void)
{
    struct mikey_fault fault = walk_changed(16, MIKEY_PL_LAST);

    CU_ASSERT_EQUAL(fault.rd.err, MU_E_MALFORMED);
    CU_ASSERT_STRING_EQUAL(fault.payload, "message");
    CU_ASSERT_STRING_EQUAL(fault.rd.field, "trailing octets");
    CU_ASSERT_EQUAL(fault.rd.at, 20);
}

static void on_payload_refuse(
    void *ctx, struct rd *r, const struct mikey_payload *p)
{
    if (p->type == MIKEY_PL_ERR)
        rd_fail(r, (struct rd_fault){MU_E_DENIED, "error_no", p->at + 1, ctx});
}

static void a_visitor_can_refuse(void)
{
    char why[] = "no errors today";
    const struct mikey_visitor visitor = {
        .payload = on_payload_refuse, .ctx = why};
    struct mikey_fault fault = {0};

    CU_ASSERT_EQUAL(mikey_walk(SPAN_OF(error_message), NULL, &visitor, &fault),
        MU_E_DENIED);
    CU_ASSERT_STRING_EQUAL(fault.payload, "ERR");
    CU_ASSERT_EQUAL(fault.rd.at, 17);
    CU_ASSERT_STRING_EQUAL(fault.rd.why, why);
}

CU_TestInfo mikey_payload_tests[] = {
    {"matches every vector", matches_every_vector},
    {"writes every vector again", writes_every_vector_again},
    {"every truncation is malformed inside",
        every_truncation_is_malformed_inside},
    {"every layout has a vector", every_layout_has_a_vector},
    {"names every payload as the registry does",
        names_every_payload_as_the_registry_does},
    {"walks a message of any data type", walks_a_message_of_any_data_type},
    {"a walk traces all payloads", a_walk_traces_all_payloads},
    {"an unknown payload is named where it is announced",
        an_unknown_payload_is_named_where_it_is_announced},
    {"a fault names its payload", a_fault_names_its_payload},
    {"octets after the last payload are malformed",
        octets_after_the_last_payload_are_malformed},
    {"a visitor can refuse", a_visitor_can_refuse},
    CU_TEST_INFO_NULL,
};
