/* SPDX-License-Identifier: Apache-2.0 */
#include "base/conf.h"

#include "base/alloc.h"
#include "base/conf_print.h"
#include "tests/suites.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct kms {
    const char *uri;
    uint64_t period;
};

struct tls {
    const char *cert;
    bool required;
};

struct conf {
    bool signing;
    uint64_t body_max;
    unsigned format;
    const char *realm;
    const char *store;
    struct mu_conf_addr listen;
    struct mu_conf_strs audiences;
    struct tls tls;
    struct mu_conf_list kms;
};

static const char *const formats[] = {"text", "json", NULL};

static const struct mu_conf_option kms_options[] = {
    MU_CONF_STR(struct kms, uri, NULL, 1, 20, "Its URI."),
    MU_CONF_INT(struct kms, period, MU_CONF_SECONDS, "2592000", 60, 31536000,
        "Its key period."),
};
static const struct mu_conf_table kms_table =
    MU_CONF_TABLE(struct kms, kms_options);

static const struct mu_conf_option tls_options[] = {
    MU_CONF_PATH(struct tls, cert, "\"\"", "Certificate chain, PEM."),
    MU_CONF_BOOL(struct tls, required, "true", "Refuse clear text."),
};
static const struct mu_conf_table tls_table =
    MU_CONF_TABLE(struct tls, tls_options);

static const struct mu_conf_option options[] = {
    MU_CONF_BOOL(struct conf, signing, "true", "Sign answers."),
    MU_CONF_INT(struct conf, body_max, MU_CONF_OCTETS, "65536", 1024,
        5000000000, "Largest body."),
    MU_CONF_CHOICE(
        struct conf, format, formats, "\"json\"", "Format of the log."),
    MU_CONF_STR(struct conf, realm, "\"x\"", 1, 8, "Realm\\of-the tokens."),
    MU_CONF_PATH(struct conf, store, "\"kds.db\"", "The database."),
    MU_CONF_ADDR(
        struct conf, listen, "\"127.0.0.1:8444\"", "Address of the server."),
    MU_CONF_STRS(
        struct conf, audiences, "[ \"kds\" ]", 1, 3, "Accepted audiences."),
    MU_CONF_GROUP(struct conf, tls, struct tls, &tls_table, "TLS."),
    MU_CONF_LIST(struct conf, kms, &kms_table, 0, 2, "KMSs that are known."),
};
static const struct mu_conf_table table = MU_CONF_TABLE(struct conf, options);

/* The faults of the last reading, one a line. */
static char told[2048];

static void on_fault(void *ctx, const char *text)
{
    size_t len = strlen(told);

    (void)ctx;
    (void)snprintf(told + len, sizeof(told) - len, "%s\n", text);
}

static const struct mu_conf_faults faults = {on_fault, NULL};

static enum mu_err read_as(const char *name, const char *text,
    struct mu_arena *arena, struct conf *out)
{
    told[0] = '\0';
    mu_arena_init(arena, 1 << 20);
    return mu_conf_read_text(&table, name, span_str(text), arena, &faults, out);
}

static enum mu_err read_conf(
    const char *text, struct mu_arena *arena, struct conf *out)
{
    return read_as("/etc/muster/kdsd.conf", text, arena, out);
}

static void an_empty_file_has_the_defaults(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct conf c = {0};

    CU_ASSERT_EQUAL_FATAL(read_conf("", &arena, &c), MU_OK);
    CU_ASSERT_STRING_EQUAL(told, "");
    CU_ASSERT(c.signing);
    CU_ASSERT_EQUAL(c.body_max, 65536);
    CU_ASSERT_EQUAL(c.format, 1);
    CU_ASSERT_STRING_EQUAL(c.realm, "x");
    CU_ASSERT_STRING_EQUAL(c.store, "/etc/muster/kds.db");
    CU_ASSERT_STRING_EQUAL(c.listen.host, "127.0.0.1");
    CU_ASSERT_EQUAL(c.listen.port, 8444);
    CU_ASSERT_EQUAL(c.audiences.len, 1);
    CU_ASSERT_STRING_EQUAL(c.audiences.at[0], "kds");
    CU_ASSERT_STRING_EQUAL(c.tls.cert, "");
    CU_ASSERT(c.tls.required);
    CU_ASSERT_EQUAL(c.kms.len, 0);
}

static void a_full_file_is_read(void)
{
    static const char text[] =
        "signing = false;\n"
        "body_max = 5000000000L; # needs its L\n"
        "format = \"text\"; realm = \"r\"; store = \"/var/kds.db\";\n"
        "listen = \"[::1]:0\";\n"
        "audiences = [ \"a\", \"b\" ];\n"
        "tls = { cert = \"tls/cert.pem\"; required = false; };\n"
        "kms = ( { uri = \"one\"; period = 60; }, { uri = \"two\"; } );\n";
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    const struct kms *kms;
    struct conf c = {0};

    CU_ASSERT_EQUAL_FATAL(read_conf(text, &arena, &c), MU_OK);
    CU_ASSERT_FALSE(c.signing);
    CU_ASSERT_EQUAL(c.body_max, 5000000000);
    CU_ASSERT_EQUAL(c.format, 0);
    CU_ASSERT_STRING_EQUAL(c.store, "/var/kds.db");
    CU_ASSERT_STRING_EQUAL(c.listen.host, "::1");
    CU_ASSERT_EQUAL(c.listen.port, 0);
    CU_ASSERT_EQUAL(c.audiences.len, 2);
    CU_ASSERT_STRING_EQUAL(c.audiences.at[1], "b");
    CU_ASSERT_STRING_EQUAL(c.tls.cert, "/etc/muster/tls/cert.pem");
    CU_ASSERT_FALSE(c.tls.required);
    CU_ASSERT_EQUAL_FATAL(c.kms.len, 2);
    kms = c.kms.at;
    CU_ASSERT_STRING_EQUAL(kms[0].uri, "one");
    CU_ASSERT_EQUAL(kms[0].period, 60);
    CU_ASSERT_STRING_EQUAL(kms[1].uri, "two");
    CU_ASSERT_EQUAL(kms[1].period, 2592000);
}

static void every_fault_names_file_line_and_key(void)
{
    static const char *const cases[][2] = {
        {"\n\nnot_there = 1;", "f:3: not_there: no such option\n"},
        {"tls = { cret = \"\"; };", "f:1: tls.cret: no such option\n"},
        {"signing = 1;", "f:1: signing: must be true or false\n"},
        {"body_max = \"1\";", "f:1: body_max: must be a whole number\n"},
        {"body_max = 2048.5;", "f:1: body_max: must be a whole number\n"},
        {"body_max = -1;", "f:1: body_max: must not be negative\n"},
        {"body_max = 1023;",
            "f:1: body_max: 1023 is not within 1024..5000000000\n"},
        {"format = \"xml\";", "f:1: format: is none of the words allowed\n"},
        {"realm = 7;", "f:1: realm: must be a text in quotes\n"},
        {"realm = \"\";", "f:1: realm: 0 octets is not within 1..8\n"},
        {"realm = \"123456789\";", "f:1: realm: 9 octets is not within 1..8\n"},
        {"store = true;", "f:1: store: must be a text in quotes\n"},
        {"listen = \"localhost\";",
            "f:1: listen: must be \"host:port\" or \"[address]:port\"\n"},
        {"audiences = \"a\";", "f:1: audiences: must be a list\n"},
        {"audiences = [ ];", "f:1: audiences: 0 elements is not within 1..3\n"},
        {"audiences = [ 1 ];",
            "f:1: audiences: must be a list of texts in quotes\n"},
        {"tls = 1;", "f:1: tls: must be a group\n"},
        {"kms = { };", "f:1: kms: must be a list\n"},
        {"kms = ( 1 );", "f:1: kms[0]: must be a group\n"},
        {"kms = ( { uri = \"a\"; },\n { } );",
            "f:2: kms[1].uri: is missing and has no default\n"},
        {"kms = ( { uri = \"a\"; urn = 1; } );",
            "f:1: kms[0].urn: no such option\n"},
        {"kms = ( {uri=\"a\";}, {uri=\"b\";}, {uri=\"c\";} );",
            "f:1: kms: 3 elements is not within 0..2\n"},
        {"\nsigning = ;", "f:2: syntax error\n"},
        {"\nsigning = true;\nsigning = true;", "f:3: duplicate setting name\n"},
        {"\nbody_max = 5000000000;",
            "f:2: number over 2147483647 without a final L\n"},
        {"@include \"x\"", "f:1: @include is not supported\n"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct conf c = {.format = 99};

        CU_ASSERT_EQUAL(read_as("f", cases[i][0], &arena, &c), MU_E_MALFORMED);
        CU_ASSERT_STRING_EQUAL(told, cases[i][1]);
        CU_ASSERT_EQUAL(c.format, 99);
    }
}

static void all_faults_are_told_at_once(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct conf c;

    CU_ASSERT_EQUAL(
        read_as("f", "x = 1;\nsigning = 2;\nkms = ( { } );", &arena, &c),
        MU_E_MALFORMED);
    CU_ASSERT_STRING_EQUAL(told,
        "f:2: signing: must be true or false\n"
        "f:1: x: no such option\n"
        "f:3: kms[0].uri: is missing and has no default\n");
}

static void addresses_need_host_and_port(void)
{
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {"127.0.0.1:1", true},
        {"kms.example.org:65535", true},
        {"[fe80::1%1]:5060", true},
        {"kms.example.org:65536", false},
        {":80", false},
        {"[]:80", false},
        {"[::1:80", false},
        {"::1:80", false},
        {"[::1]", false},
        {"[kms]:80", false},
        {"a b:80", false},
        {"a:", false},
        {"a:+1", false},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        char text[64];
        struct conf c;

        (void)snprintf(text, sizeof(text), "listen = \"%s\";", cases[i].text);
        CU_ASSERT_EQUAL(read_as("f", text, &arena, &c),
            cases[i].good ? MU_OK : MU_E_MALFORMED);
    }
}

static void texts_are_never_shown(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct conf c;

    CU_ASSERT_EQUAL(read_as("f",
                        "realm = \"hunter2hunter2\"; format = \"hunter2\";"
                        "listen = \"hunter2\"; kms = \"hunter2\";",
                        &arena, &c),
        MU_E_MALFORMED);
    CU_ASSERT_PTR_NULL(strstr(told, "hunter2"));
}

static void a_relative_name_has_no_folder_to_add(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct conf c;

    CU_ASSERT_EQUAL(read_as("kdsd.conf", "", &arena, &c), MU_OK);
    CU_ASSERT_STRING_EQUAL(c.store, "kds.db");
}

static void a_file_is_read_or_refused(void)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    char path[] = "conf_test.XXXXXX";
    int fd = mkstemp(path);
    struct conf c = {0};

    CU_ASSERT_FATAL(fd >= 0);
    CU_ASSERT_EQUAL(write(fd, "body_max = 2000;\n", 17), 17);
    mu_arena_init(&arena, 1 << 20);
    CU_ASSERT_EQUAL(mu_conf_read(&table, path, &arena, &faults, &c), MU_OK);
    CU_ASSERT_EQUAL(c.body_max, 2000);
    CU_ASSERT_EQUAL(ftruncate(fd, MU_CONF_FILE_MAX), 0);
    CU_ASSERT_EQUAL(
        mu_conf_read(&table, path, &arena, &faults, &c), MU_E_NO_SPACE);
    (void)close(fd);
    (void)unlink(path);
    CU_ASSERT_EQUAL(mu_conf_read(&table, path, &arena, &faults, &c), MU_E_IO);
}

static void every_failed_allocation_is_told_apart(void)
{
    for (unsigned n = 1;; n++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct conf c;
        enum mu_err err;

        mu_alloc_fail_nth(n);
        err = read_conf("kms = ( { uri = \"a\"; } );", &arena, &c);
        if (!mu_alloc_fail_end()) {
            CU_ASSERT_EQUAL(err, MU_OK);
            CU_ASSERT(n > 1);
            break;
        }
        CU_ASSERT_EQUAL(err, MU_E_NO_MEMORY);
    }
}

static void an_arena_too_small_is_an_error_at_any_size(void)
{
    enum mu_err err = MU_E_NO_SPACE;

    for (size_t max = 0; err != MU_OK && max < 8192; max += 16) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct conf c;

        mu_arena_init(&arena, max);
        err = mu_conf_read_text(&table, "f",
            span_str("kms = ( { uri = \"a\"; } );"), &arena, &faults, &c);
        CU_ASSERT(err == MU_OK || err == MU_E_NO_SPACE);
    }
    CU_ASSERT_EQUAL(err, MU_OK);
}

static const char *print(enum mu_conf_format format)
{
    static char text[4096];
    struct span done = {NULL, 0};
    struct wr w;

    wr_init(&w, (uint8_t *)text, sizeof(text) - 1);
    CU_ASSERT_EQUAL(mu_conf_print(&table, format, &w), MU_OK);
    CU_ASSERT_EQUAL(wr_close(&w, &done), MU_OK);
    text[done.len] = '\0';
    return text;
}

static void help_comes_from_the_table(void)
{
    CU_ASSERT_STRING_EQUAL(print(MU_CONF_HELP),
        "  signing  true|false, default true\n"
        "      Sign answers.\n"
        "  body_max  1024..5000000000 octets, default 65536\n"
        "      Largest body.\n"
        "  format  \"text\"|\"json\", default \"json\"\n"
        "      Format of the log.\n"
        "  realm  text, 1..8 octets, default \"x\"\n"
        "      Realm\\of-the tokens.\n"
        "  store  path, default \"kds.db\"\n"
        "      The database.\n"
        "  listen  address:port, default \"127.0.0.1:8444\"\n"
        "      Address of the server.\n"
        "  audiences  list of 1..3 texts, default [ \"kds\" ]\n"
        "      Accepted audiences.\n"
        "  tls  group\n"
        "      TLS.\n"
        "  tls.cert  path, default \"\"\n"
        "      Certificate chain, PEM.\n"
        "  tls.required  true|false, default true\n"
        "      Refuse clear text.\n"
        "  kms  list of 0..2 groups\n"
        "      KMSs that are known.\n"
        "  kms[].uri  text, 1..20 octets, required\n"
        "      Its URI.\n"
        "  kms[].period  60..31536000 seconds, default 2592000\n"
        "      Its key period.\n");
}

static void the_man_page_comes_from_the_table(void)
{
    static const char begin[] =
        ".TP\n.B signing\ntrue|false, default true.\nSign answers.\n";
    const char *text = print(MU_CONF_MAN);

    CU_ASSERT_EQUAL(strncmp(text, begin, sizeof(begin) - 1), 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(
        text, ".TP\n.B kms[].uri\ntext, 1..20 octets, required.\nIts URI.\n"));
}

static void printing_needs_its_room(void)
{
    struct wr w;
    uint8_t few[100];

    wr_init(&w, few, sizeof(few));
    CU_ASSERT_EQUAL(mu_conf_print(&table, MU_CONF_HELP, &w), MU_E_NO_SPACE);
}

CU_TestInfo base_conf_tests[] = {
    {"an empty file has the defaults", an_empty_file_has_the_defaults},
    {"a full file is read", a_full_file_is_read},
    {"every fault names file, line and key",
        every_fault_names_file_line_and_key},
    {"all faults are told at once", all_faults_are_told_at_once},
    {"addresses need host and port", addresses_need_host_and_port},
    {"texts are never shown", texts_are_never_shown},
    {"a relative name has no folder to add",
        a_relative_name_has_no_folder_to_add},
    {"a file is read or refused", a_file_is_read_or_refused},
    {"every failed allocation is told apart",
        every_failed_allocation_is_told_apart},
    {"an arena too small is an error at any size",
        an_arena_too_small_is_an_error_at_any_size},
    {"help comes from the table", help_comes_from_the_table},
    {"the man page comes from the table", the_man_page_comes_from_the_table},
    {"printing needs its room", printing_needs_its_room},
    CU_TEST_INFO_NULL,
};
