/* SPDX-License-Identifier: Apache-2.0 */
#include "mcptt/key_params.h"

#include "tests/rng.h"
#include "tests/suites.h"
#include "tests/vec.h"
#include "tests/vendor.h"

#include <string.h>

#define WIRE_MAX (MCPTT_KEY_PARAMS_MAX + MCPTT_PROTECTED_OVERHEAD)

/* Reads a content in clear. */
static enum mu_err decode(struct span wire, unsigned tolerances,
    struct mcptt_key_params *out, struct rd_fault *fault)
{
    struct rd r;
    enum mu_err err;

    rd_init(&r, wire);
    mcptt_key_params_read(&r, tolerances, out);
    err = rd_close(&r);
    *fault = r.fault;
    return err;
}

/* The groups' URIs, each followed by a blank. */
static void join_groups(const struct mcptt_key_params *p, char *out, size_t cap)
{
    struct wr w;

    memset(out, 0, cap);
    wr_init(&w, (uint8_t *)out, cap - 1);
    for (size_t i = 0; i < p->group_count; i++) {
        wr_span(&w, p->groups[i]);
        wr_u8(&w, ' ');
    }
}

static void check_fields(struct vec *v, const struct mcptt_key_params *got)
{
    const char *groups = vec_text(v, "groups");
    char joined[256];
    size_t len;

    CU_ASSERT_STRING_EQUAL(mcptt_key_kind_name(got->kind), vec_text(v, "kind"));
    CU_ASSERT_EQUAL(got->status, vec_num(v, "status"));
    CU_ASSERT_EQUAL(got->activation_s, vec_num(v, "activation"));
    CU_ASSERT_EQUAL(got->expiry_s, vec_num(v, "expiry"));
    CU_ASSERT(span_eq(got->text, vec_hex(v, "text")));
    join_groups(got, joined, sizeof(joined));
    len = strlen(joined);
    if (len > 0)
        joined[len - 1] = '\0';
    CU_ASSERT_STRING_EQUAL(joined, groups != NULL ? groups : "");
}

static void the_content_matches_every_vector(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct mcptt_key_params got;
    struct rd_fault fault;

    vec_open(&v, "mcptt-key-params.vec");
    while (vec_next(&v)) {
        enum mu_err err = decode(vec_hex(&v, "wire"),
            (unsigned)vec_num(&v, "tolerances"), &got, &fault);

        if (vec_text(&v, "error") != NULL) {
            CU_ASSERT_STRING_EQUAL(mu_err_name(err), vec_text(&v, "error"));
            CU_ASSERT_EQUAL(fault.at, vec_num(&v, "at"));
            CU_ASSERT_STRING_EQUAL(fault.field, vec_text(&v, "field"));
        } else {
            CU_ASSERT_EQUAL_FATAL(err, MU_OK);
            check_fields(&v, &got);
        }
    }
}

static bool same(
    const struct mcptt_key_params *a, const struct mcptt_key_params *b)
{
    if (a->kind != b->kind || a->status != b->status ||
        a->activation_s != b->activation_s || a->expiry_s != b->expiry_s ||
        !span_eq(a->text, b->text) || a->group_count != b->group_count)
        return false;
    for (size_t i = 0; i < a->group_count; i++)
        if (!span_eq(a->groups[i], b->groups[i]))
            return false;
    return true;
}

/* With no text and no group, or, every second one, with all there can be. */
static struct mcptt_key_params some_params(unsigned n)
{
    static const uint8_t longest[MCPTT_ID_MAX] = "sip:group@example.org";
    static char group[MCPTT_ID_MAX];
    struct mcptt_key_params p = {
        .kind = (enum mcptt_key_kind)(n % MCPTT_KINDS),
        .status = MCPTT_STATUS_NOT_REVOKED | (n & 2),
        .activation_s = n & 1 ? 1758980858 : 0,
        .expiry_s = n & 4 ? (UINT64_C(1) << 40) - 1 : 0,
    };

    if (n < MCPTT_KINDS)
        return p;
    memset(group, 'g', sizeof(group));
    p.text = (struct span){longest, MCPTT_KEY_PARAMS_TEXT_MAX};
    for (unsigned i = 0; i < MCPTT_KEY_PARAMS_GROUPS_MAX; i++)
        p.groups[i] = (struct span){(uint8_t *)group, MCPTT_ID_MAX - i};
    if (mcptt_key_kind_has_groups(p.kind))
        p.group_count = MCPTT_KEY_PARAMS_GROUPS_MAX;
    return p;
}

static void the_content_round_trips(void)
{
    uint8_t buf[MCPTT_KEY_PARAMS_MAX];
    struct mcptt_key_params got;
    struct rd_fault fault;

    for (unsigned n = 0; n < 2 * MCPTT_KINDS; n++) {
        struct mcptt_key_params in = some_params(n);
        struct span wire = {NULL, 0};
        struct wr w;

        CU_ASSERT_EQUAL_FATAL(mcptt_key_params_check(&in), MU_OK);
        wr_init(&w, buf, sizeof(buf));
        mcptt_key_params_write(&w, &in);
        CU_ASSERT_EQUAL_FATAL(wr_close(&w, &wire), MU_OK);
        CU_ASSERT_EQUAL_FATAL(decode(wire, 0, &got, &fault), MU_OK);
        CU_ASSERT(same(&in, &got));
    }
}

/* A content cut behind its text lacks the groups, which may be absent. */
static void the_content_refuses_every_truncation(void)
{
    MU_CLEANUP(vec_close) struct vec v;
    struct mcptt_key_params got;
    struct rd_fault fault;

    vec_open(&v, "mcptt-key-params.vec");
    while (vec_next(&v)) {
        struct span wire = vec_hex(&v, "wire");
        size_t no_groups;

        if (vec_text(&v, "error") != NULL || vec_num(&v, "tolerances") != 0)
            continue;
        no_groups = 17 + vec_hex(&v, "text").len;
        for (size_t n = 0; n < wire.len; n++) {
            struct span cut = {wire.p, n};

            CU_ASSERT_EQUAL(decode(cut, 0, &got, &fault),
                n == no_groups ? MU_OK : MU_E_MALFORMED);
        }
    }
}

static void parameters_that_cannot_be_sent_are_refused(void)
{
    static const uint8_t text[MCPTT_KEY_PARAMS_TEXT_MAX + 1] = {'x'};
    struct mcptt_key_params bad[9];

    for (unsigned i = 0; i < 9; i++) {
        bad[i] = some_params(MCPTT_KINDS); /* a GMK with everything */
        CU_ASSERT_EQUAL(mcptt_key_params_check(&bad[i]), MU_OK);
    }
    bad[0].kind = MCPTT_KINDS;
    bad[1].status |= 4;
    bad[2].activation_s = UINT64_C(1) << 40;
    bad[3].expiry_s = UINT64_C(1) << 40;
    bad[4].activation_s = bad[4].expiry_s = 100;
    bad[5].text = SPAN_OF(text);
    bad[6].group_count = MCPTT_KEY_PARAMS_GROUPS_MAX + 1;
    bad[7].kind = MCPTT_KIND_PCK;
    bad[8].groups[3].len = 0;
    for (unsigned i = 0; i < 9; i++)
        CU_ASSERT_EQUAL(mcptt_key_params_check(&bad[i]), MU_E_MALFORMED);
}

static void a_zero_status_revokes_unless_tolerated(void)
{
    struct mcptt_key_params p = {.status = 0};
    unsigned tolerant = MCPTT_ACCEPT_STATUS_ZERO;

    CU_ASSERT(mcptt_key_params_revoked(&p, 0));
    CU_ASSERT(!mcptt_key_params_revoked(&p, tolerant));
    p.status = MCPTT_STATUS_SHARED_GATEWAY;
    CU_ASSERT(mcptt_key_params_revoked(&p, tolerant));
    p.status |= MCPTT_STATUS_NOT_REVOKED;
    CU_ASSERT(!mcptt_key_params_revoked(&p, 0));
}

static void times_of_zero_mean_the_message_and_never(void)
{
    struct mcptt_key_params p = {.activation_s = 0, .expiry_s = 0};
    uint64_t from = 0, until = 0;

    CU_ASSERT_EQUAL(mcptt_key_params_validity(&p, 50, &from, &until), MU_OK);
    CU_ASSERT(from == 50 && until == UINT64_MAX);
    p.activation_s = 40;
    p.expiry_s = 60;
    CU_ASSERT_EQUAL(mcptt_key_params_validity(&p, 50, &from, &until), MU_OK);
    CU_ASSERT(from == 40 && until == 60);
    p.activation_s = 0;
    CU_ASSERT_EQUAL(
        mcptt_key_params_validity(&p, 60, &from, &until), MU_E_MALFORMED);
    CU_ASSERT(from == 40 && until == 60);
}

/* One sealed payload and what it takes to open it. */
struct sealed {
    struct mcptt_key key;
    struct mcptt_key_params_context context;
    uint8_t buf[WIRE_MAX];
    struct span wire;
};

static void seal(struct sealed *s, const struct mcptt_key_params *params)
{
    struct test_rng rng;
    struct wr w;

    test_rng_init(&rng, 1);
    s->key = (struct mcptt_key){params->kind, {1, 2, 3}};
    s->context = (struct mcptt_key_params_context){
        .key = &s->key, .csb_id = {0x06a12aea}, .now_s = 1758980858};
    wr_init(&w, s->buf, sizeof(s->buf));
    CU_ASSERT_EQUAL_FATAL(
        mcptt_key_params_seal(&w, &s->context, params, &rng.rng), MU_OK);
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, &s->wire), MU_OK);
}

/* Opens s, cut to len octets. */
static enum mu_err open_cut(const struct sealed *s, size_t len,
    struct mcptt_key_params *out, struct rd_fault *fault)
{
    static struct mcptt_key_params_plain plain;
    enum mu_err err;
    struct rd r;

    rd_init(&r, (struct span){s->wire.p, len});
    err = mcptt_key_params_open(&r, &s->context, &plain, out);
    *fault = r.fault;
    return err;
}

static void sealed_parameters_open_with_their_key(void)
{
    struct mcptt_key_params got;
    struct rd_fault fault;
    struct sealed s;

    for (unsigned n = 0; n < 2 * MCPTT_KINDS; n++) {
        struct mcptt_key_params in = some_params(n);

        seal(&s, &in);
        CU_ASSERT_EQUAL_FATAL(open_cut(&s, s.wire.len, &got, &fault), MU_OK);
        CU_ASSERT(same(&in, &got));
    }
}

static void the_outer_layout_is_that_of_the_clause(void)
{
    struct mcptt_key_params in = some_params(0);
    struct mcptt_protected outer;
    struct sealed s;
    struct rd r;

    seal(&s, &in);
    CU_ASSERT_EQUAL(s.wire.len, 20 + MCPTT_PROTECTED_OVERHEAD);
    rd_init(&r, s.wire);
    mcptt_protected_read(&r, NULL, &outer);
    CU_ASSERT_EQUAL(rd_close(&r), MU_OK);
    CU_ASSERT_EQUAL(outer.message_type, 0x43);
    CU_ASSERT_EQUAL(outer.date_time_s, 1758980858);
    CU_ASSERT_EQUAL(outer.payload_id, 0);
    CU_ASSERT_EQUAL(outer.sequence, 0);
    CU_ASSERT_EQUAL(outer.algorithm, 1);
    CU_ASSERT_EQUAL(outer.dppk_id.v, 0x06a12aea);
    CU_ASSERT_EQUAL(outer.iei, 0);
    CU_ASSERT(span_eq(outer.aad, (struct span){s.wire.p, 32}));
    CU_ASSERT_EQUAL(outer.sealed_at, 35);
}

static void sealed_parameters_refuse_every_truncation(void)
{
    struct mcptt_key_params in = some_params(MCPTT_KINDS), got;
    struct rd_fault fault;
    struct sealed s;

    in.group_count = 1;
    seal(&s, &in);
    for (size_t n = 0; n < s.wire.len; n++)
        CU_ASSERT_EQUAL(open_cut(&s, n, &got, &fault), MU_E_MALFORMED);
    s.wire.len++; /* within buf */
    CU_ASSERT_EQUAL(open_cut(&s, s.wire.len, &got, &fault), MU_E_MALFORMED);
    CU_ASSERT_STRING_EQUAL(fault.field, "trailing octets");
}

static void any_octet_changed_is_noticed_where_it_counts(void)
{
    /* First octet of each part, and what a change there leads to. */
    static const struct {
        size_t from;
        enum mu_err err;
        size_t at;
        const char *field;
    } parts[] = {
        {1, MU_E_CRYPTO, 35, "payload"},  /* date and time */
        {6, MU_E_CRYPTO, 35, "payload"},  /* payload ID */
        {10, MU_E_CRYPTO, 35, "payload"}, /* sequence number */
        {11, MU_E_UNSUPPORTED, 11, "payload_alg"},
        {12, MU_E_CRYPTO, 35, "payload"}, /* IV */
        {28, MU_E_MALFORMED, 28, "dppk_id"},
        {32, MU_OK, 0, NULL},                /* IEI, not looked at */
        {33, MU_E_MALFORMED, 35, "payload"}, /* its length */
        {35, MU_E_CRYPTO, 35, "payload"},
    };
    struct mcptt_key_params in = some_params(0), got;
    struct rd_fault fault;
    struct sealed s;
    size_t part = 0;

    seal(&s, &in);
    for (size_t n = 1; n < s.wire.len; n++) {
        while (part + 1 < sizeof(parts) / sizeof(parts[0]) &&
               parts[part + 1].from <= n)
            part++;
        s.buf[n] ^= 0x40;
        CU_ASSERT_EQUAL(
            open_cut(&s, s.wire.len, &got, &fault), parts[part].err);
        if (parts[part].field != NULL) {
            CU_ASSERT_EQUAL(fault.at, parts[part].at);
            CU_ASSERT_STRING_EQUAL(fault.field, parts[part].field);
        }
        s.buf[n] ^= 0x40;
    }
}

static void the_flags_of_the_message_type_count_and_nothing_else(void)
{
    struct mcptt_key_params in = some_params(0), got;
    struct rd_fault fault;
    struct sealed s;

    seal(&s, &in);
    for (unsigned type = 0; type < 256; type++) {
        bool ok = (type & 0xc0) == 0x40;

        s.buf[0] = (uint8_t)type;
        /* Where the flags are right the octet is still authenticated. */
        CU_ASSERT_EQUAL(
            open_cut(&s, s.wire.len, &got, &fault), type == 0x43 ? MU_OK
                                                    : ok         ? MU_E_CRYPTO
                                                         : MU_E_UNSUPPORTED);
        if (!ok)
            CU_ASSERT_EQUAL(fault.at, 0);
    }
}

static void a_length_without_room_for_the_tag_is_refused(void)
{
    struct mcptt_key_params in = some_params(0), got;
    struct rd_fault fault;
    struct sealed s;

    seal(&s, &in);
    s.buf[33] = 0;
    s.buf[34] = 15;
    CU_ASSERT_EQUAL(open_cut(&s, 35 + 15, &got, &fault), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(fault.at, 33);
    CU_ASSERT_STRING_EQUAL(fault.field, "payload_len");
}

static void a_payload_of_another_kind_or_key_is_refused(void)
{
    struct mcptt_key_params in = some_params(0), got;
    struct rd_fault fault;
    struct sealed s;

    seal(&s, &in);
    s.key.kind = MCPTT_KIND_MKFC;
    CU_ASSERT_EQUAL(open_cut(&s, s.wire.len, &got, &fault), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(fault.at, 35);
    CU_ASSERT_STRING_EQUAL(fault.field, "key_type");
    s.key.kind = in.kind;
    s.key.b[15] ^= 1;
    CU_ASSERT_EQUAL(open_cut(&s, s.wire.len, &got, &fault), MU_E_CRYPTO);
}

static void what_cannot_be_sealed_is_not(void)
{
    struct mcptt_key_params in = some_params(0);
    struct mcptt_key key = {MCPTT_KIND_PCK, {0}};
    struct mcptt_key_params_context context = {.key = &key};
    struct test_rng rng;
    struct wr w;

    test_rng_init(&rng, 1);
    wr_init(&w, NULL, SIZE_MAX);
    CU_ASSERT_EQUAL(mcptt_key_params_seal(&w, &context, &in, &rng.rng),
        MU_E_MALFORMED); /* another kind */
    key.kind = in.kind;
    context.now_s = UINT64_C(1) << 40;
    CU_ASSERT_EQUAL(
        mcptt_key_params_seal(&w, &context, &in, &rng.rng), MU_E_MALFORMED);
    context.now_s = 0;
    rng.fails = true;
    CU_ASSERT_EQUAL(
        mcptt_key_params_seal(&w, &context, &in, &rng.rng), MU_E_CRYPTO);
}

/* The form before the standard: in clear, key types one higher. */
static void the_clear_form_opens_where_tolerated(void)
{
    static const uint8_t wire[] = {
        1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
    struct mcptt_key_params_plain plain;
    struct mcptt_key key = {MCPTT_KIND_GMK, {0}};
    struct mcptt_key_params_context context = {
        .key = &key, .tolerances = MCPTT_ACCEPT_CLEAR_KEY_PARAMS};
    struct mcptt_key_params got;
    struct rd r;

    rd_init(&r, SPAN_OF(wire));
    CU_ASSERT_EQUAL(mcptt_key_params_open(&r, &context, &plain, &got), MU_OK);
    CU_ASSERT_EQUAL(got.kind, MCPTT_KIND_GMK);
    CU_ASSERT(!mcptt_key_params_revoked(&got, 0));
    key.kind = MCPTT_KIND_PCK;
    rd_init(&r, SPAN_OF(wire));
    CU_ASSERT_EQUAL(
        mcptt_key_params_open(&r, &context, &plain, &got), MU_E_MALFORMED);
    CU_ASSERT_STRING_EQUAL(r.fault.field, "key_type");
    context.tolerances = 0;
    rd_init(&r, SPAN_OF(wire));
    CU_ASSERT_EQUAL(
        mcptt_key_params_open(&r, &context, &plain, &got), MU_E_UNSUPPORTED);
    CU_ASSERT_EQUAL(r.fault.at, 0);
}

/* Opens the parameters of one message; *out borrows from plain. */
static enum mu_err open_vendor(const json_t *message, enum mcptt_key_kind kind,
    struct mcptt_key_params_plain *plain, struct mcptt_key_params *out)
{
    const json_t *params = json_object_get(message, "key_parameters");
    struct mcptt_key key = {.kind = kind};
    struct mcptt_key_params_context context = {.key = &key};
    struct mcptt_protected outer;
    uint8_t buf[512];
    struct span data = vendor_hex(params, "gen_ext_data", buf, sizeof(buf));
    struct rd r;

    vendor_octets(message, "key", key.b, sizeof(key.b));
    rd_init(&r, data);
    mcptt_protected_read(&r, NULL, &outer);
    TRY(rd_close(&r));
    context.csb_id = outer.dppk_id;
    rd_init(&r, data);
    return mcptt_key_params_open(&r, &context, plain, out);
}

static void check_vendor_message(const json_t *message)
{
    const json_t *params = json_object_get(message, "key_parameters");
    static struct mcptt_key_params_plain plain;
    struct mcptt_key_params got;
    struct span want, again = {NULL, 0};
    uint8_t want_buf[512], buf[512];
    struct wr w;

    if (json_object_get(params, "plaintext") == NULL)
        return; /* a message without, or in the clear form */
    want = vendor_hex(params, "plaintext", want_buf, sizeof(want_buf));
    CU_ASSERT_FATAL(want.len > 0);
    CU_ASSERT_EQUAL_FATAL(
        open_vendor(message, (enum mcptt_key_kind)want.p[0], &plain, &got),
        MU_OK);
    wr_init(&w, buf, sizeof(buf));
    mcptt_key_params_write(&w, &got);
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, &again), MU_OK);
    CU_ASSERT(span_eq(again, want));
}

static void parameters_of_deployed_products_open_and_write_the_same(void)
{
    static const char *const files[] = {"imessage_alea.json",
        "imessage_streamwide_v4.json", "imessage_streamwide_v5.json"};

    for (size_t i = 0; i < 3; i++) {
        MU_CLEANUP(vendor_close) json_t *file = vendor_open(files[i]);
        const json_t *message;

        if (file == NULL)
            return;
        for (size_t n = 0; (message = vendor_item(file, "messages", n)) != NULL;
             n++)
            check_vendor_message(message);
    }
}

CU_TestInfo mcptt_key_params_tests[] = {
    {"the content matches every vector", the_content_matches_every_vector},
    {"the content round trips", the_content_round_trips},
    {"the content refuses every truncation",
        the_content_refuses_every_truncation},
    {"parameters that cannot be sent are refused",
        parameters_that_cannot_be_sent_are_refused},
    {"a zero status revokes unless tolerated",
        a_zero_status_revokes_unless_tolerated},
    {"times of zero mean the message and never",
        times_of_zero_mean_the_message_and_never},
    {"sealed parameters open with their key",
        sealed_parameters_open_with_their_key},
    {"the outer layout is that of the clause",
        the_outer_layout_is_that_of_the_clause},
    {"sealed parameters refuse every truncation",
        sealed_parameters_refuse_every_truncation},
    {"any octet changed is noticed where it counts",
        any_octet_changed_is_noticed_where_it_counts},
    {"the flags of the message type count and nothing else",
        the_flags_of_the_message_type_count_and_nothing_else},
    {"a length without room for the tag is refused",
        a_length_without_room_for_the_tag_is_refused},
    {"a payload of another kind or key is refused",
        a_payload_of_another_kind_or_key_is_refused},
    {"what cannot be sealed is not", what_cannot_be_sealed_is_not},
    {"the clear form opens where tolerated",
        the_clear_form_opens_where_tolerated},
    {"parameters of deployed products open and write the same",
        parameters_of_deployed_products_open_and_write_the_same},
    CU_TEST_INFO_NULL,
};
