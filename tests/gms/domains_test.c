/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/domains.h"

#include "tests/folder.h"
#include "tests/kms-client/world.h"
#include "tests/suites.h"

#define OTHER "other-kms.example.net"

/* A KMS with another one's certificate, and a list of users. */
struct fixture {
    struct world world;
    struct kms_keyset *keys;
    struct test_folder folder;
    const char *path;
    struct gms_domains *domains;
};

static void add_other(struct fixture *f)
{
    MU_CLEANUP(kms_cert_drop) struct kms_cert *cert = NULL;
    struct world_cert of = world_root(&f->world);
    char text[WORLD_TEXT];
    struct xml_fault fault;
    struct kms_trust trust;

    of.kms_uri = OTHER;
    of.role = "External";
    of.to_s = WORLD_NOW + (uint64_t)2 * WORLD_PERIOD;
    kms_trust_of(&f->world.enrolment, &trust);
    world_sign_cert(&f->world, &of, text);
    CU_ASSERT_EQUAL_FATAL(
        kms_cert_new(&trust, span_str(text), &fault, &cert), MU_OK);
    CU_ASSERT_EQUAL_FATAL(kms_keyset_add_external(f->keys, cert), MU_OK);
}

static void write_list(struct fixture *f, const char *text)
{
    test_folder_write(&f->folder, "users", span_str(text));
}

static void fixture_init(struct fixture *f)
{
    f->domains = NULL;
    world_init(&f->world);
    f->keys = world_keyset(&f->world);
    test_folder_make(&f->folder);
    f->path = test_folder_path(&f->folder, "users");
}

static void fixture_clear(struct fixture *f)
{
    gms_domains_free(f->domains);
    test_folder_remove(&f->folder);
    kms_keyset_free(f->keys);
    world_clear(&f->world);
}

/* As a text: the KMS's URI, or the error's name. */
static bool kms_is(const struct fixture *f, const char *user, const char *want)
{
    struct span kms = {NULL, 0};
    enum mu_err err = gms_domains_kms_of(f->domains, span_str(user), &kms);

    return span_eq(
        err == MU_OK ? kms : span_str(mu_err_name(err)), span_str(want));
}

static const char *home(const struct fixture *f)
{
    return (const char *)f->world.enrolment.kms_uri.b;
}

static void without_a_list_everybody_is_at_home(void)
{
    MU_CLEANUP(fixture_clear) struct fixture f;

    fixture_init(&f);
    CU_ASSERT_EQUAL_FATAL(gms_domains_new(f.keys, "", &f.domains), MU_OK);
    CU_ASSERT_TRUE(kms_is(&f, "sip:anybody@example.org", home(&f)));
    CU_ASSERT_EQUAL(gms_domains_reload(f.domains), MU_OK);
}

static void the_list_names_users_and_their_kms(void)
{
    MU_CLEANUP(fixture_clear) struct fixture f;

    fixture_init(&f);
    write_list(&f, "# users\n\nsip:z@x\r\n  sip:a@x \t" OTHER "\nsip:ab@x");
    CU_ASSERT_EQUAL_FATAL(gms_domains_new(f.keys, f.path, &f.domains), MU_OK);
    CU_ASSERT_TRUE(kms_is(&f, "sip:z@x", home(&f)));
    CU_ASSERT_TRUE(kms_is(&f, "sip:a@x", OTHER));
    CU_ASSERT_TRUE(kms_is(&f, "sip:ab@x", home(&f)));
    CU_ASSERT_TRUE(kms_is(&f, "sip:A@x", "not found"));
    CU_ASSERT_TRUE(kms_is(&f, "sip:a", "not found"));
    CU_ASSERT_TRUE(kms_is(&f, "", "not found"));
}

static void before_there_is_a_home_nobody_is_at_home(void)
{
    MU_CLEANUP(fixture_clear) struct fixture f;
    struct kms_keyset *none = NULL;

    fixture_init(&f);
    CU_ASSERT_EQUAL_FATAL(
        kms_keyset_new(&f.world.enrolment.user_uri, &none), MU_OK);
    write_list(&f, "sip:z@x\nsip:a@x " OTHER "\n");
    CU_ASSERT_EQUAL_FATAL(gms_domains_new(none, f.path, &f.domains), MU_OK);
    CU_ASSERT_TRUE(kms_is(&f, "sip:z@x", "wrong state"));
    CU_ASSERT_TRUE(kms_is(&f, "sip:a@x", OTHER));
    kms_keyset_free(none);
}

static const struct {
    const char *text;
    enum mu_err err;
} refused[] = {
    {"sip:a@x kms another\n", MU_E_MALFORMED},
    {"sip:a@x\nsip:b@x\nsip:a@x kms\n", MU_E_MALFORMED},
    {"sip:a\x01@x\n", MU_E_MALFORMED},
    {"sip:a@x k\xff\n", MU_E_MALFORMED},
};

static void a_list_that_does_not_read_changes_nothing(void)
{
    MU_CLEANUP(fixture_clear) struct fixture f;
    struct gms_domains *none = NULL;

    fixture_init(&f);
    CU_ASSERT_EQUAL(gms_domains_new(f.keys, f.path, &none), MU_E_NOT_FOUND);
    write_list(&f, "sip:a@x " OTHER "\n");
    CU_ASSERT_EQUAL_FATAL(gms_domains_new(f.keys, f.path, &f.domains), MU_OK);
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        write_list(&f, refused[i].text);
        CU_ASSERT_EQUAL(gms_domains_new(f.keys, f.path, &none), refused[i].err);
        CU_ASSERT_EQUAL(gms_domains_reload(f.domains), refused[i].err);
        CU_ASSERT_TRUE(kms_is(&f, "sip:a@x", OTHER));
    }
    write_list(&f, "sip:b@x\n");
    CU_ASSERT_EQUAL(gms_domains_reload(f.domains), MU_OK);
    CU_ASSERT_TRUE(kms_is(&f, "sip:a@x", "not found"));
    CU_ASSERT_TRUE(kms_is(&f, "sip:b@x", home(&f)));
}

static void knows_the_key_period_of_each_kms(void)
{
    MU_CLEANUP(fixture_clear) struct fixture f;
    struct gms_period at, next;

    fixture_init(&f);
    add_other(&f);
    CU_ASSERT_EQUAL_FATAL(gms_domains_new(f.keys, "", &f.domains), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        gms_domains_period(f.domains, span_str(home(&f)), WORLD_NOW, &at),
        MU_OK);
    CU_ASSERT_EQUAL(at.number, f.world.period_no);
    CU_ASSERT(at.from_s <= WORLD_NOW && WORLD_NOW < at.until_s);
    CU_ASSERT_EQUAL(at.until_s - at.from_s, WORLD_PERIOD);
    CU_ASSERT_EQUAL_FATAL(
        gms_domains_period(f.domains, span_str(OTHER), at.until_s, &next),
        MU_OK);
    CU_ASSERT_EQUAL(next.number, at.number + 1);
    CU_ASSERT_EQUAL(next.from_s, at.until_s);
}

/* Whatever the list says, also when it is read again. */
static void a_redirect_moves_a_user(void)
{
    MU_CLEANUP(fixture_clear) struct fixture f;

    fixture_init(&f);
    write_list(&f, "sip:a@x\nsip:b@x\n");
    CU_ASSERT_EQUAL_FATAL(gms_domains_new(f.keys, f.path, &f.domains), MU_OK);
    CU_ASSERT_EQUAL(
        gms_domains_move(f.domains, span_str("sip:b@x"), span_str("kms.b")),
        MU_OK);
    CU_ASSERT_EQUAL(
        gms_domains_move(f.domains, span_str("sip:a@x"), span_str("kms.a")),
        MU_OK);
    CU_ASSERT_EQUAL(
        gms_domains_move(f.domains, span_str("sip:b@x"), span_str(OTHER)),
        MU_OK);
    CU_ASSERT(kms_is(&f, "sip:a@x", "kms.a"));
    CU_ASSERT(kms_is(&f, "sip:b@x", OTHER));
    CU_ASSERT_EQUAL(gms_domains_reload(f.domains), MU_OK);
    CU_ASSERT(kms_is(&f, "sip:b@x", OTHER));
}

static void has_no_period_without_a_certificate_that_is_good_then(void)
{
    MU_CLEANUP(fixture_clear) struct fixture f;
    struct world_cert root;
    struct gms_period at;

    fixture_init(&f);
    root = world_root(&f.world);
    CU_ASSERT_EQUAL_FATAL(gms_domains_new(f.keys, "", &f.domains), MU_OK);
    CU_ASSERT_EQUAL(
        gms_domains_period(f.domains, span_str(OTHER), WORLD_NOW, &at),
        MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(
        gms_domains_period(f.domains, span_str(home(&f)), root.from_s - 1, &at),
        MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(
        gms_domains_period(f.domains, span_str(home(&f)), root.to_s + 1, &at),
        MU_E_NOT_FOUND);
}

CU_TestInfo gms_domains_tests[] = {
    {"without a list everybody is at home",
        without_a_list_everybody_is_at_home},
    {"the list names users and their KMS", the_list_names_users_and_their_kms},
    {"before there is a home nobody is at home",
        before_there_is_a_home_nobody_is_at_home},
    {"a list that does not read changes nothing",
        a_list_that_does_not_read_changes_nothing},
    {"a redirect moves a user", a_redirect_moves_a_user},
    {"knows the key period of each KMS", knows_the_key_period_of_each_kms},
    {"has no period without a certificate that is good then",
        has_no_period_without_a_certificate_that_is_good_then},
    CU_TEST_INFO_NULL,
};
