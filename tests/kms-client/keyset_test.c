/* SPDX-License-Identifier: Apache-2.0 */
#include "kms-client/keyset.h"

#include <string.h>

#include "tests/kms-client/world.h"
#include "tests/suites.h"

static void set_drop(struct kms_keyset **set)
{
    kms_keyset_free(*set);
}

/* A certificate of the world's, as the device reads it. */
static struct kms_cert *cert_of(
    const struct world *w, const struct world_cert *says)
{
    struct kms_cert *cert = NULL;
    struct kms_trust trust;
    struct xml_fault fault;
    char text[WORLD_TEXT];

    world_sign_cert(w, says, text);
    kms_trust_of(&w->enrolment, &trust);
    CU_ASSERT_EQUAL_FATAL(
        kms_cert_new(&trust, span_str(text), &fault, &cert), MU_OK);
    return cert;
}

static enum mu_err set_home(struct kms_keyset *set, const struct world *w,
    const struct world_cert *says)
{
    MU_CLEANUP(kms_cert_drop) struct kms_cert *cert = cert_of(w, says);

    return kms_keyset_set_home(set, cert);
}

static enum mu_err add_external(struct kms_keyset *set, const struct world *w,
    const struct world_cert *says)
{
    MU_CLEANUP(kms_cert_drop) struct kms_cert *cert = cert_of(w, says);

    return kms_keyset_add_external(set, cert);
}

static void keys_of_two_periods_are_held_at_once(void)
{
    MU_CLEANUP(world_clear) struct world w;
    MU_CLEANUP(set_drop) struct kms_keyset *set = NULL;
    struct kms_wrapped_keys keys;
    struct kms_keyset_status status;

    world_init(&w);
    set = world_keyset(&w);
    for (uint64_t i = 2; i > 0; i--) { /* the later ones first */
        world_wrap_keys(&w, w.period_no + i - 1, &keys);
        CU_ASSERT_EQUAL(kms_keyset_add(set, &w.enrolment.trk, &keys), MU_OK);
    }
    CU_ASSERT_EQUAL(kms_keyset_status(set, WORLD_NOW, &status), MU_OK);
    CU_ASSERT(status.has_now && status.has_next);
    CU_ASSERT(kms_keyset_find(set, w.period_no)->open);
    CU_ASSERT_PTR_EQUAL(
        kms_keyset_at(set, 1), kms_keyset_find(set, w.period_no + 1));
    CU_ASSERT_PTR_NULL(kms_keyset_at(set, 2));
}

static void tells_when_the_next_period_is_lacking(void)
{
    MU_CLEANUP(world_clear) struct world w;
    MU_CLEANUP(set_drop) struct kms_keyset *set = NULL;
    struct kms_wrapped_keys keys;
    struct kms_keyset_status status;

    world_init(&w);
    set = world_keyset(&w);
    world_wrap_keys(&w, w.period_no, &keys);
    CU_ASSERT_EQUAL(kms_keyset_add(set, &w.enrolment.trk, &keys), MU_OK);
    CU_ASSERT_EQUAL(kms_keyset_status(set, WORLD_NOW, &status), MU_OK);
    CU_ASSERT(status.has_now && !status.has_next);
    CU_ASSERT_EQUAL(status.period_no, w.period_no);
    CU_ASSERT_EQUAL(status.next_s, kms_keyset_at(set, 0)->until_s);
}

static void old_periods_are_dropped_when_they_are_old_enough(void)
{
    MU_CLEANUP(world_clear) struct world w;
    MU_CLEANUP(set_drop) struct kms_keyset *set = NULL;
    struct kms_wrapped_keys keys;
    uint64_t until_s;

    world_init(&w);
    set = world_keyset(&w);
    for (uint64_t i = 0; i < 2; i++) {
        world_wrap_keys(&w, w.period_no + i, &keys);
        CU_ASSERT_EQUAL(kms_keyset_add(set, &w.enrolment.trk, &keys), MU_OK);
    }
    until_s = kms_keyset_at(set, 0)->until_s;
    kms_keyset_drop_old(set, until_s + 99, 100);
    CU_ASSERT_PTR_NOT_NULL(kms_keyset_find(set, w.period_no));
    kms_keyset_drop_old(set, until_s + 100, 100);
    CU_ASSERT_PTR_NULL(kms_keyset_find(set, w.period_no));
    CU_ASSERT_PTR_NOT_NULL(kms_keyset_find(set, w.period_no + 1));
}

/* One thing wrong with a key set, and what the device makes of it. */
struct wrong {
    enum mu_err want;
    void (*spoil)(struct world *w, struct kms_wrapped_keys *keys);
};

static void spoil_period(struct world *w, struct kms_wrapped_keys *keys)
{
    (void)w;
    keys->period_no++;
}

static void spoil_uid(struct world *w, struct kms_wrapped_keys *keys)
{
    (void)w;
    keys->uid.b[0] ^= 1;
}

static void spoil_trk(struct world *w, struct kms_wrapped_keys *keys)
{
    (void)keys;
    w->enrolment.trk.b[31] ^= 1;
}

static void spoil_rsk(struct world *w, struct kms_wrapped_keys *keys)
{
    (void)w;
    keys->rsk.b[100] ^= 1;
}

/* The three below open: they are good keys, of something else. */
static void take_rsk_of_next(struct world *w, struct kms_wrapped_keys *keys)
{
    struct kms_wrapped_keys other;

    world_wrap_keys(w, w->period_no + 1, &other);
    keys->rsk = other.rsk;
}

static void take_ssk_of_next(struct world *w, struct kms_wrapped_keys *keys)
{
    struct kms_wrapped_keys other;

    world_wrap_keys(w, w->period_no + 1, &other);
    keys->ssk = other.ssk;
}

static void take_pvt_of_next(struct world *w, struct kms_wrapped_keys *keys)
{
    struct kms_wrapped_keys other;

    world_wrap_keys(w, w->period_no + 1, &other);
    keys->pvt = other.pvt;
}

static void take_all_of_next(struct world *w, struct kms_wrapped_keys *keys)
{
    uint64_t period_no = keys->period_no;

    world_wrap_keys(w, w->period_no + 1, keys);
    keys->period_no = period_no;
}

static void wrong_keys_are_refused(void)
{
    static const struct wrong wrongs[] = {
        {MU_E_DENIED, spoil_period},
        {MU_E_DENIED, spoil_uid},
        {MU_E_CRYPTO, spoil_trk},
        {MU_E_CRYPTO, spoil_rsk},
        {MU_E_CRYPTO, take_rsk_of_next},
        {MU_E_CRYPTO, take_ssk_of_next},
        {MU_E_CRYPTO, take_pvt_of_next},
        {MU_E_DENIED, take_all_of_next},
    };

    for (size_t i = 0; i < sizeof(wrongs) / sizeof(wrongs[0]); i++) {
        MU_CLEANUP(world_clear) struct world w;
        MU_CLEANUP(set_drop) struct kms_keyset *set = NULL;
        struct kms_wrapped_keys keys;

        world_init(&w);
        set = world_keyset(&w);
        world_wrap_keys(&w, w.period_no, &keys);
        wrongs[i].spoil(&w, &keys);
        CU_ASSERT_EQUAL(
            kms_keyset_add(set, &w.enrolment.trk, &keys), wrongs[i].want);
        CU_ASSERT_PTR_NULL(kms_keyset_at(set, 0));
    }
}

static void keys_of_another_user_are_refused(void)
{
    MU_CLEANUP(world_clear) struct world w;
    MU_CLEANUP(set_drop) struct kms_keyset *set = NULL;
    struct kms_wrapped_keys keys;

    world_init(&w);
    set = world_keyset(&w);
    CU_ASSERT_EQUAL(
        mcptt_id_set(&w.enrolment.user_uri, span_str("sip:else@example.org")),
        MU_OK);
    world_wrap_keys(&w, w.period_no, &keys);
    CU_ASSERT_EQUAL(kms_keyset_add(set, &w.enrolment.trk, &keys), MU_E_DENIED);
}

static void unopened_keys_can_be_handed_on(void)
{
    MU_CLEANUP(world_clear) struct world w;
    MU_CLEANUP(set_drop) struct kms_keyset *front = NULL, *vault = NULL;
    struct kms_wrapped_keys keys;
    const struct kms_period_keys *held;

    world_init(&w);
    front = world_keyset(&w);
    vault = world_keyset(&w);
    world_wrap_keys(&w, w.period_no, &keys);
    CU_ASSERT_EQUAL(kms_keyset_add(front, NULL, &keys), MU_OK);
    held = kms_keyset_find(front, w.period_no);
    CU_ASSERT_PTR_NOT_NULL_FATAL(held);
    CU_ASSERT_FALSE(held->open);
    CU_ASSERT_EQUAL(
        kms_keyset_add(vault, &w.enrolment.trk, &held->wrapped), MU_OK);
    CU_ASSERT(kms_keyset_find(vault, w.period_no)->open);
}

static void a_certificate_of_other_keys_takes_the_old_keys_away(void)
{
    MU_CLEANUP(world_clear) struct world w;
    MU_CLEANUP(set_drop) struct kms_keyset *set = NULL;
    struct kms_wrapped_keys keys;
    struct world_cert root;
    struct test_kms other;

    world_init(&w);
    set = world_keyset(&w);
    world_wrap_keys(&w, w.period_no, &keys);
    CU_ASSERT_EQUAL(kms_keyset_add(set, &w.enrolment.trk, &keys), MU_OK);
    root = world_root(&w);
    root.from_s++;
    CU_ASSERT_EQUAL(set_home(set, &w, &root), MU_OK);
    CU_ASSERT_PTR_NOT_NULL(kms_keyset_at(set, 0));
    test_kms_init(&other, &w.rng);
    root.kms = &other;
    root.from_s++;
    CU_ASSERT_EQUAL(set_home(set, &w, &root), MU_OK);
    CU_ASSERT_PTR_NULL(kms_keyset_at(set, 0));
    test_kms_clear(&other);
}

static void an_older_certificate_is_refused(void)
{
    MU_CLEANUP(world_clear) struct world w;
    MU_CLEANUP(set_drop) struct kms_keyset *set = NULL;
    struct world_cert root;

    world_init(&w);
    set = world_keyset(&w);
    root = world_root(&w);
    root.from_s--;
    CU_ASSERT_EQUAL(set_home(set, &w, &root), MU_E_DENIED);
    root.from_s++;
    root.to_s++; /* of the same age, and another */
    CU_ASSERT_EQUAL(set_home(set, &w, &root), MU_E_DENIED);
}

static void roles_are_not_mixed_up(void)
{
    MU_CLEANUP(world_clear) struct world w;
    MU_CLEANUP(set_drop) struct kms_keyset *set = NULL;
    struct world_cert cert;

    world_init(&w);
    set = world_keyset(&w);
    cert = world_root(&w);
    CU_ASSERT_EQUAL(add_external(set, &w, &cert), MU_E_MALFORMED);
    cert.role = "External";
    CU_ASSERT_EQUAL(set_home(set, &w, &cert), MU_E_MALFORMED);
    CU_ASSERT_EQUAL(add_external(set, &w, &cert), MU_E_DENIED);
}

static void externals_are_found_by_their_uri(void)
{
    MU_CLEANUP(world_clear) struct world w;
    MU_CLEANUP(set_drop) struct kms_keyset *set = NULL;
    struct world_cert cert;

    world_init(&w);
    set = world_keyset(&w);
    cert = world_root(&w);
    cert.role = "External";
    cert.kms_uri = "kms.example.net";
    CU_ASSERT_EQUAL(add_external(set, &w, &cert), MU_OK);
    CU_ASSERT_PTR_NOT_NULL(
        kms_keyset_external_of(set, span_str("kms.example.net")));
    CU_ASSERT_PTR_NULL(
        kms_keyset_external_of(set, span_str("kms.example.com")));
    cert.from_s--;
    CU_ASSERT_EQUAL(add_external(set, &w, &cert), MU_E_DENIED);
}

CU_TestInfo kms_client_keyset_tests[] = {
    {"keys of two periods are held at once",
        keys_of_two_periods_are_held_at_once},
    {"tells when the next period is lacking",
        tells_when_the_next_period_is_lacking},
    {"old periods are dropped when they are old enough",
        old_periods_are_dropped_when_they_are_old_enough},
    {"wrong keys are refused", wrong_keys_are_refused},
    {"keys of another user are refused", keys_of_another_user_are_refused},
    {"unopened keys can be handed on", unopened_keys_can_be_handed_on},
    {"a certificate of other keys takes the old keys away",
        a_certificate_of_other_keys_takes_the_old_keys_away},
    {"an older certificate is refused", an_older_certificate_is_refused},
    {"roles are not mixed up", roles_are_not_mixed_up},
    {"externals are found by their URI", externals_are_found_by_their_uri},
    CU_TEST_INFO_NULL,
};
