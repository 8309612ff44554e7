/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/conf.h"

#include <stdio.h>
#include <string.h>

#include "base/conf_print.h"
#include "tests/suites.h"

#define ARENA_MAX (1U << 20)

/* The least that a file must say. */
#define LEAST                                                                  \
    "tls_cert = \"a.pem\"; tls_key = \"b.pem\"; kek_file = \"gmsd.kek\";\n"    \
    "token = { jwks_file = \"idms.jwks\"; };\n"

static char told[1024];

static void on_fault(void *ctx, const char *text)
{
    size_t len = strlen(told);

    (void)ctx;
    (void)snprintf(told + len, sizeof(told) - len, "%s\n", text);
}

static const struct mu_conf_faults faults = {on_fault, NULL};

static enum mu_err read_text(
    const char *text, struct mu_arena *arena, struct gms_conf *out)
{
    struct gms_conf conf;

    told[0] = '\0';
    mu_arena_init(arena, ARENA_MAX);
    TRY(mu_conf_read_text(
        &gms_conf_table, "/etc/x", span_str(text), arena, &faults, &conf));
    TRY(gms_conf_check(&conf, &faults));
    *out = conf;
    return MU_OK;
}

static void has_defaults_for_all_that_is_not_said(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_conf conf;

    CU_ASSERT_EQUAL_FATAL(read_text(LEAST, &arena, &conf), MU_OK);
    CU_ASSERT_STRING_EQUAL(told, "");
    CU_ASSERT_STRING_EQUAL(conf.listen.host, "127.0.0.1");
    CU_ASSERT_EQUAL(conf.listen.port, 8443);
    CU_ASSERT_EQUAL(conf.health.port, 9464);
    CU_ASSERT_PTR_NULL(gms_conf_mutual(&conf));
    CU_ASSERT_FALSE(conf.xcap.write_global);
    CU_ASSERT_EQUAL(conf.limits.body_max, 4194304);
    CU_ASSERT_EQUAL(conf.policy.prebuild_periods, 1);
    CU_ASSERT_EQUAL(conf.gktp.id, GMS_GKTP_GMK_ID);
}

static void reads_roles_as_their_owner_has_them(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_conf conf;
    const struct gms_access_row *rows;

    CU_ASSERT_EQUAL_FATAL(
        read_text(LEAST "roles = ( { who = \"sip:s@x\"; role = \"server\";"
                        " groups = [ \"sip:a@x\", \"sip:inc-*\" ]; },"
                        " { who = \"sip:v@x\"; role = \"viewer\"; } );",
            &arena, &conf),
        MU_OK);
    CU_ASSERT_EQUAL_FATAL(conf.roles.len, 2);
    rows = conf.roles.at;
    CU_ASSERT_STRING_EQUAL(rows[0].who, "sip:s@x");
    CU_ASSERT_EQUAL(rows[0].role, GMS_ROLE_SERVER);
    CU_ASSERT_EQUAL_FATAL(rows[0].groups.len, 2);
    CU_ASSERT_STRING_EQUAL(rows[0].groups.at[1], "sip:inc-*");
    CU_ASSERT_EQUAL(rows[1].role, GMS_ROLE_VIEWER);
    CU_ASSERT_EQUAL(rows[1].groups.len, 0);
}

/* A file that reads and yet cannot be, and the one line about it. */
static const struct {
    const char *text, *fault;
} refused[] = {
    {"token = { jwks_file = \"a\"; jwks_url = \"https://b\"; };",
        "token.jwks_url: there is a jwks_file already"},
    {"token = { };",
        "token.jwks_file: without keys and without mutual nobody can ask"},
    {"token = { jwks_file = \"a\"; require_aud = true; };",
        "token.require_aud: needs audience"},
    {"kek_file = \"\";", "kek_file: either this or kek_credential must be set"},
    {"kek_credential = \"kek\";",
        "kek_file: either this or kek_credential must be set"},
    {"kek_file = \"\"; kek_credential = \"../kek\";",
        "kek_credential: must be a name, not a path"},
    {"kek_file = \"\"; kek_credential = \"kek\"; pkcs11 = { module = \"m\"; "
     "token = \"t\"; pin_file = \"p\"; };",
        "pkcs11.module: needs kek_file, which it unwraps"},
    {"pkcs11 = { module = \"m\"; pin_file = \"p\"; };",
        "pkcs11.token: must be set"},
    {"pkcs11 = { module = \"m\"; token = \"t\"; };",
        "pkcs11.pin_file: must be set"},
    {"kds = { url = \"http://k\"; };",
        "kds.url: must begin with https:// and not end with a slash"},
    {"kds = { url = \"https://k/\"; };",
        "kds.url: must begin with https:// and not end with a slash"},
    {"kds = { peers = ( { kms_uri = \"k\"; url = \"k:1\"; } ); };",
        "kds.peers[].url: must begin with https:// and not end with a slash"},
    {"kds = { cert_file = \"c\"; };",
        "kds.cert_file: it and kds.key_file need each other"},
    {"xcap = { root = \"xcap\"; };",
        "xcap.root: must begin with a slash and not end with one"},
    {"xcap = { root = \"/\"; };",
        "xcap.root: must begin with a slash and not end with one"},
    {"gktp = { path = \"users/{mcptt_id}/x{gid_encoded}\"; };",
        "gktp.path: must have {mcptt_id} and {gid_encoded}, each once and as "
        "a segment"},
    {"gktp = { path = \"{mcptt_id}/{gid_encoded}/{gid_encoded}\"; };",
        "gktp.path: must have {mcptt_id} and {gid_encoded}, each once and as "
        "a segment"},
    {"policy = { lifetime_s = 100; renew_s = 100; };",
        "policy.renew_s: must be less than lifetime_s"},
};

/* LEAST without what the row says itself: a setting may stand there once. */
static void complete(const char *text, char *out, size_t len)
{
    (void)snprintf(out, len, "%s%s%s%s\n",
        "tls_cert = \"a.pem\"; tls_key = \"b.pem\";\n",
        strstr(text, "kek_file =") == NULL ? "kek_file = \"gmsd.kek\";\n" : "",
        strstr(text, "token = {") == NULL
            ? "token = { jwks_file = \"idms.jwks\"; };\n"
            : "",
        text);
}

static void refuses_what_does_not_go_together(void)
{
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct gms_conf conf;
        char text[512], want[256];

        complete(refused[i].text, text, sizeof(text));
        (void)snprintf(want, sizeof(want), "%s\n", refused[i].fault);
        CU_ASSERT_EQUAL(read_text(text, &arena, &conf), MU_E_MALFORMED);
        CU_ASSERT_STRING_EQUAL(told, want);
    }
}

static void tells_every_fault_at_once(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_conf conf;

    CU_ASSERT_EQUAL(read_text("tls_cert = \"a\"; tls_key = \"b\";\n"
                              "xcap = { root = \"x\"; };",
                        &arena, &conf),
        MU_E_MALFORMED);
    CU_ASSERT_STRING_EQUAL(told,
        "token.jwks_file: without keys and without mutual nobody can ask\n"
        "kek_file: either this or kek_credential must be set\n"
        "xcap.root: must begin with a slash and not end with one\n");
}

/* What gmsd --help and gmsd.conf(5) are made of. */
static void prints_itself_for_the_manual(void)
{
    static uint8_t text[32768];
    struct span done;
    struct wr w;

    wr_init(&w, text, sizeof(text) - 1);
    CU_ASSERT_EQUAL_FATAL(
        mu_conf_print(&gms_conf_table, MU_CONF_HELP, &w), MU_OK);
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, &done), MU_OK);
    CU_ASSERT_PTR_NOT_NULL(strstr((const char *)text, "policy.grace_s"));
    CU_ASSERT_PTR_NOT_NULL(strstr((const char *)text, "roles[].who"));
}

CU_TestInfo gms_conf_tests[] = {
    {"has defaults for all that is not said",
        has_defaults_for_all_that_is_not_said},
    {"reads roles as their owner has them",
        reads_roles_as_their_owner_has_them},
    {"refuses what does not go together", refuses_what_does_not_go_together},
    {"tells every fault at once", tells_every_fault_at_once},
    {"prints itself for the manual", prints_itself_for_the_manual},
    CU_TEST_INFO_NULL,
};
