/* SPDX-License-Identifier: Apache-2.0 */
#include "mcptt/key_id.h"

#include "tests/suites.h"

#include <string.h>

/* Gives the octets it was filled with, then fails. */
struct stream {
    const uint8_t *p;
    size_t left;
};

static enum mu_err stream_fill(void *ctx, uint8_t *out, size_t len)
{
    struct stream *s = ctx;

    if (len > s->left)
        return MU_E_CRYPTO;
    memcpy(out, s->p, len);
    s->p += len;
    s->left -= len;
    return MU_OK;
}

static bool has_the_one(void *ctx, struct mcptt_key_id id)
{
    return id.v == *(const uint32_t *)ctx;
}

static bool has_all(void *ctx, struct mcptt_key_id id)
{
    (void)ctx;
    (void)id;
    return true;
}

static void a_new_identifier_carries_its_kind(void)
{
    static const uint8_t ones[4] = {0xff, 0xff, 0xff, 0xff};
    uint32_t none = 0;
    struct mcptt_key_id_set in_use = {has_the_one, &none};
    struct mcptt_key_id id;

    for (unsigned kind = 0; kind < MCPTT_KINDS; kind++) {
        struct stream s = {ones, sizeof(ones)};
        struct mu_rng rng = {stream_fill, &s};

        CU_ASSERT_EQUAL(
            mcptt_key_id_draw((enum mcptt_key_kind)kind, &in_use, &rng, &id),
            MU_OK);
        CU_ASSERT_EQUAL(mcptt_key_id_tag(id), kind);
        CU_ASSERT_EQUAL(id.v & 0x0fffffff, 0x0fffffff);
    }
}

static void an_identifier_in_use_is_not_drawn(void)
{
    static const uint8_t twice[8] = {0xa1, 2, 3, 4, 0xb5, 6, 7, 8};
    uint32_t taken = 0x21020304;
    struct mcptt_key_id_set in_use = {has_the_one, &taken};
    struct stream s = {twice, sizeof(twice)};
    struct mu_rng rng = {stream_fill, &s};
    struct mcptt_key_id id;

    CU_ASSERT_EQUAL(
        mcptt_key_id_draw(MCPTT_KIND_CSK, &in_use, &rng, &id), MU_OK);
    CU_ASSERT_EQUAL(id.v, 0x25060708);
}

static void a_full_set_and_a_dead_generator_end_the_draw(void)
{
    struct mcptt_key_id_set full = {has_all, NULL};
    struct stream s = {NULL, 0};
    struct mu_rng dead = {stream_fill, &s};
    struct mcptt_key_id id = {7};

    CU_ASSERT_EQUAL(
        mcptt_key_id_draw(MCPTT_KIND_GMK, &full, mu_rng_system(), &id),
        MU_E_NO_SPACE);
    CU_ASSERT_EQUAL(
        mcptt_key_id_draw(MCPTT_KIND_GMK, &full, &dead, &id), MU_E_CRYPTO);
    CU_ASSERT_EQUAL(id.v, 7);
}

static const struct mcptt_gmk gmk = {{1, 2, 3, 4, 5, 6, 7, 8}};

static void the_guk_id_is_its_own_inverse(void)
{
    struct mcptt_key_id gmk_id = {0x0123cdef}, guk_id, back;
    struct span member = span_str("sip:user@example.org");

    CU_ASSERT_EQUAL(mcptt_guk_id_derive(&gmk, gmk_id, member, &guk_id), MU_OK);
    CU_ASSERT_NOT_EQUAL(guk_id.v, gmk_id.v);
    CU_ASSERT_EQUAL(mcptt_key_id_tag(guk_id), MCPTT_KIND_GMK);
    CU_ASSERT_EQUAL(mcptt_guk_id_derive(&gmk, guk_id, member, &back), MU_OK);
    CU_ASSERT_EQUAL(back.v, gmk_id.v);
}

static void the_guk_id_wants_a_member(void)
{
    static const uint8_t octets[MCPTT_ID_MAX + 1] = {'x'};
    struct mcptt_key_id id = {7};
    struct span too_long = SPAN_OF(octets);

    CU_ASSERT_EQUAL(mcptt_guk_id_derive(&gmk, id, (struct span){NULL, 0}, &id),
        MU_E_MALFORMED);
    CU_ASSERT_EQUAL(
        mcptt_guk_id_derive(&gmk, id, too_long, &id), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(id.v, 7);
    too_long.len = MCPTT_ID_MAX;
    CU_ASSERT_EQUAL(mcptt_guk_id_derive(&gmk, id, too_long, &id), MU_OK);
}

/* The wire of an MKI written and read back; false when that fails. */
static bool mki_round_trip(const struct mcptt_mki *in, struct mcptt_mki *out,
    uint8_t wire[MCPTT_MKI_MAX])
{
    struct span octets = {NULL, 0};
    struct wr w;
    struct rd r;

    wr_init(&w, wire, MCPTT_MKI_MAX);
    mcptt_mki_write(&w, in);
    if (wr_close(&w, &octets) != MU_OK)
        return false;
    rd_init(&r, octets);
    mcptt_mki_read(&r, out);
    return rd_close(&r) == MU_OK && octets.len == mcptt_mki_len(in->key_id);
}

static void the_mki_of_a_gmk_has_both_identifiers(void)
{
    struct mcptt_mki in = {{0x09bf9d37}, {0x01c8de7b}}, out;
    uint8_t wire[MCPTT_MKI_MAX];

    CU_ASSERT(mki_round_trip(&in, &out, wire));
    CU_ASSERT_EQUAL(
        memcmp(wire, "\x09\xbf\x9d\x37\x01\xc8\xde\x7b", MCPTT_MKI_MAX), 0);
    CU_ASSERT(out.key_id.v == in.key_id.v && out.guk_id.v == in.guk_id.v);
}

static void the_mki_of_other_keys_is_their_identifier(void)
{
    struct mcptt_mki in = {{0x16992638}, {0}}, out;
    uint8_t wire[MCPTT_MKI_MAX];

    CU_ASSERT(mki_round_trip(&in, &out, wire));
    CU_ASSERT_EQUAL(memcmp(wire, "\x16\x99\x26\x38", 4), 0);
    CU_ASSERT(out.key_id.v == in.key_id.v && out.guk_id.v == 0);
}

static void an_mki_is_refused_at_the_right_place(void)
{
    static const struct {
        const char *wire;
        size_t len, at;
        const char *field;
    } cases[] = {
        {"\x09\xbf\x9d", 3, 0, "mki_key_id"},
        {"\x09\xbf\x9d\x37", 4, 4, "mki_guk_id"},
        {"\x09\xbf\x9d\x37\x01\xc8\xde", 7, 4, "mki_guk_id"},
        {"\x09\xbf\x9d\x37\x11\xc8\xde\x7b", 8, 4, "mki_guk_id"},
        {"\x16\x99\x26\x38\x01", 5, 4, "trailing octets"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct mcptt_mki out;
        struct rd r;

        rd_init(
            &r, (struct span){(const uint8_t *)cases[i].wire, cases[i].len});
        mcptt_mki_read(&r, &out);
        CU_ASSERT_EQUAL(rd_close(&r), MU_E_MALFORMED);
        CU_ASSERT_EQUAL(r.fault.at, cases[i].at);
        CU_ASSERT_STRING_EQUAL(r.fault.field, cases[i].field);
    }
}

static void a_key_serves_as_its_own_kind_alone(void)
{
    MU_CLEANUP(mcptt_key_clear) struct mcptt_key key;
    struct mcptt_gmk back;
    struct mcptt_csk csk = {{9}};

    mcptt_key_from_gmk(&gmk, &key);
    CU_ASSERT_EQUAL(mcptt_key_to_gmk(&key, &back), MU_OK);
    CU_ASSERT(mcptt_gmk_eq(&back, &gmk));
    CU_ASSERT_EQUAL(mcptt_key_to_csk(&key, &csk), MU_E_STATE);
    CU_ASSERT_EQUAL(csk.b[0], 9);
}

static void keys_differ_by_kind_as_by_octets(void)
{
    struct mcptt_key a, b;

    mcptt_key_from_gmk(&gmk, &a);
    b = a;
    CU_ASSERT(mcptt_key_eq(&a, &b));
    b.kind = MCPTT_KIND_PCK;
    CU_ASSERT(!mcptt_key_eq(&a, &b));
    b = a;
    b.b[15] ^= 1;
    CU_ASSERT(!mcptt_key_eq(&a, &b));
}

CU_TestInfo mcptt_key_id_tests[] = {
    {"a new identifier carries its kind", a_new_identifier_carries_its_kind},
    {"an identifier in use is not drawn", an_identifier_in_use_is_not_drawn},
    {"a full set and a dead generator end the draw",
        a_full_set_and_a_dead_generator_end_the_draw},
    {"the GUK-ID is its own inverse", the_guk_id_is_its_own_inverse},
    {"the GUK-ID wants a member", the_guk_id_wants_a_member},
    {"the MKI of a GMK has both identifiers",
        the_mki_of_a_gmk_has_both_identifiers},
    {"the MKI of other keys is their identifier",
        the_mki_of_other_keys_is_their_identifier},
    {"an MKI is refused at the right place",
        an_mki_is_refused_at_the_right_place},
    {"a key serves as its own kind alone", a_key_serves_as_its_own_kind_alone},
    {"keys differ by kind as by octets", keys_differ_by_kind_as_by_octets},
    CU_TEST_INFO_NULL,
};
