/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kdsd_world.c - everything around kdsd, for its test (kdsd_test.sh):
 *
 *   make DIR IMPORT-KEY       certificates, tokens, token keys and bundles in
 *                             DIR; prints the bundle key and the present key
 *                             period, one a line
 *   request USER URL AGE KEY  a SignedKmsRequest of USER, AGE seconds old,
 *                             under the InK of KEY
 *   open USER signed|plain    reads a response from standard input, whose
 *                             envelope must carry a good signature, or none;
 *                             opens each key set with USER's TrK and compares
 *                             its keys; prints a line for each piece
 *   enrol USER URL            USER's enrolment file, for the server at URL
 *   search HEX...             reads octets from standard input: exit 1 when a
 *                             secret of a user is in them, in binary or hex,
 *                             or one of the canaries HEX is not
 *   leak                      octets that hold one such secret
 */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "kms-client/enrol.h"
#include "mikey/ntp.h"
#include "tests/issuer.h"
#include "tests/it/kdsd_kms.h"
#include "tests/pki.h"
#include "xml/dsig.h"
#include "xml/kms_message.h"
#include "xml/kms_wrapped_set.h"
#include "xml/library.h"

#define ALICE     "sip:alice@example.org"
#define BOB       "sip:bob@example.org"
#define CAROL     "sip:carol@example.org"
#define STRANGER  "sip:stranger@example.net"
#define SCOPE     "3gpp:mc:ptt_key_management_service"
#define INPUT_MAX (1U << 30)

static const char *const users[] = {ALICE, BOB, CAROL};

#define USERS   (sizeof(users) / sizeof(users[0]))
#define PERIODS 3 /* whose keys are ever made: now and the two next */

static uint64_t now_s(void)
{
    return (uint64_t)time(NULL);
}

static uint64_t period_now(void)
{
    return (now_s() + (uint64_t)MIKEY_NTP_UNIX_S) / KDSD_PERIOD_S;
}

static void put(const char *dir, const char *name, struct span octets)
{
    char path[512];

    (void)snprintf(path, sizeof(path), "%s/%s", dir, name);
    kdsd_must(mu_file_create(path, 0600, octets) == MU_OK, path);
}

static void copy(const char *dir, const char *name, const char *from)
{
    MU_CLEANUP(buf_clear) struct buf file = {0};

    kdsd_must(mu_file_read(from, INPUT_MAX, &file) == MU_OK, from);
    put(dir, name, buf_span(&file));
}

static void make_pki(const char *dir)
{
    MU_CLEANUP(test_pki_clear) struct test_pki pki;

    kdsd_must(test_pki_make(&pki), "certificates");
    copy(dir, "ca.pem", pki.ca);
    copy(dir, "server.pem", pki.server);
    copy(dir, "server.key", pki.server_key);
    copy(dir, "client.pem", pki.client);
    copy(dir, "client.key", pki.client_key);
    copy(dir, "device.pem", pki.device);
    copy(dir, "device.key", pki.device_key);
}

static void make_token(const struct test_issuer *issuer, const char *dir,
    const char *name, const char *user, const char *scope, uint64_t exp)
{
    char token[TEST_TOKEN_MAX];

    kdsd_must(test_issuer_token(issuer, user, scope, exp, token), "token");
    put(dir, name, span_str(token));
}

/* alg none, and HMAC under the public key. */
static void make_forged(const struct test_issuer *issuer, const char *dir)
{
    char payload[512], token[TEST_TOKEN_MAX];

    (void)snprintf(payload, sizeof(payload),
        "{\"mcptt_id\":\"%s\",\"scope\":\"%s\",\"exp\":%llu}", ALICE, SCOPE,
        (unsigned long long)now_s() + 3600);
    kdsd_must(test_issuer_sign(issuer, TEST_UNSIGNED,
                  "{\"alg\":\"none\",\"kid\":\"ec-1\"}", payload, token),
        "token");
    put(dir, "token.none", span_str(token));
    kdsd_must(test_issuer_sign(issuer, TEST_HS256,
                  "{\"alg\":\"HS256\",\"kid\":\"rsa-1\"}", payload, token),
        "token");
    put(dir, "token.hmac", span_str(token));
}

static void make_tokens(const char *dir)
{
    MU_CLEANUP(test_issuer_clear) struct test_issuer issuer;
    uint64_t later = now_s() + 3600;

    kdsd_must(test_issuer_make(&issuer), "token keys");
    put(dir, "jwks.json", span_str(issuer.jwks));
    make_token(&issuer, dir, "token.alice", ALICE, SCOPE, later);
    make_token(&issuer, dir, "token.bob", BOB, SCOPE, later);
    make_token(&issuer, dir, "token.carol", CAROL, SCOPE, later);
    make_token(&issuer, dir, "token.stranger", STRANGER, SCOPE, later);
    make_token(&issuer, dir, "token.scope", ALICE,
        "3gpp:mc:ptt_group_management_service", later);
    make_token(&issuer, dir, "token.expired", ALICE, SCOPE, now_s() - 60);
    make_forged(&issuer, dir);
}

/* Ends a bundle and writes it; *whole is it, for the next one. */
static void finish(struct kdsd_bundle *b, const struct mu_sign_key *key,
    const char *dir, const char *name, struct buf *whole)
{
    kdsd_bundle_end(b, key);
    put(dir, name, buf_span(&b->octets));
    if (whole != NULL) {
        buf_clear(whole);
        *whole = b->octets;
    } else {
        buf_clear(&b->octets);
    }
}

static void add_first(const struct kdsd_kms *kms, struct kdsd_bundle *b,
    const struct kms_import_public *to)
{
    uint64_t period = period_now();

    kdsd_bundle_certificates(kms, b);
    for (size_t i = 0; i < USERS; i++) {
        kdsd_bundle_user(b, users[i], i + 1, to);
        kdsd_bundle_keys(kms, b, users[i], i + 1, period);
    }
    kdsd_bundle_keys(kms, b, ALICE, 1, period + 1);
}

static void make_bundles(const struct kdsd_kms *kms, const char *dir,
    const struct kms_import_public *to)
{
    MU_CLEANUP(buf_clear) struct buf first = {0};
    MU_CLEANUP(buf_clear) struct buf second = {0};
    const struct mu_sign_key thief = {{8}};
    struct kdsd_bundle b;

    kdsd_bundle_begin(kms, &b, 1, (struct span){NULL, 0});
    add_first(kms, &b, to);
    finish(&b, &thief, dir, "stolen.1", NULL);
    kdsd_bundle_begin(kms, &b, 1, (struct span){NULL, 0});
    add_first(kms, &b, to);
    finish(&b, &kms->bundle_key, dir, "bundle.1", &first);
    kdsd_bundle_begin(kms, &b, 2, buf_span(&first));
    kdsd_bundle_revoke(&b, CAROL, 3);
    kdsd_bundle_keys(kms, &b, ALICE, 1, period_now() + 2);
    finish(&b, &kms->bundle_key, dir, "bundle.2", &second);
    kdsd_bundle_begin(kms, &b, 2, span_str("another first"));
    finish(&b, &kms->bundle_key, dir, "fork.2", NULL);
    kdsd_bundle_begin(kms, &b, 3, buf_span(&second));
    finish(&b, &kms->bundle_key, dir, "bundle.3", NULL);
}

static void read_key(const char *hex, uint8_t out[32])
{
    size_t len = 0;

    kdsd_must(
        mu_hex_read(span_str(hex), out, 32, &len) == MU_OK && len == 32, hex);
}

static void make(const struct kdsd_kms *kms, char **arg)
{
    struct kms_import_public to;
    struct mu_verify_key key;
    char hex[MU_HEX_LEN(32)];

    read_key(arg[1], to.b);
    make_pki(arg[0]);
    make_tokens(arg[0]);
    make_bundles(kms, arg[0], &to);
    kdsd_must(mu_sign_public(&kms->bundle_key, &key) == MU_OK, "bundle key");
    mu_hex_write(SPAN_OF(key.b), hex);
    (void)printf("%s\n%llu\n", hex, (unsigned long long)period_now());
}

static void request(const struct kdsd_kms *kms, char **arg)
{
    struct xml_kms_request form = {.user_uri = span_str(arg[0]),
        .kms_uri = span_str(KDSD_KMS_URI),
        .time_s = now_s() - strtoull(arg[2], NULL, 10),
        .client_req_url = span_str(arg[1])};
    struct mcptt_ink ink = kdsd_ink(arg[3]);
    static uint8_t plain[8192], whole[16384];
    struct span done = {NULL, 0};
    struct wr w;

    (void)kms;
    wr_init(&w, plain, sizeof(plain));
    kdsd_must(xml_kms_request_write(&w, &form, span_str("request")) == MU_OK &&
                  wr_close(&w, &done) == MU_OK,
        "request");
    wr_init(&w, whole, sizeof(whole));
    kdsd_must(xml_sign_hmac(XML_SIGNED_REQUEST, done, &ink, span_str("ink"),
                  &w) == MU_OK &&
                  wr_close(&w, &done) == MU_OK,
        "signature");
    (void)fwrite(done.p, 1, done.len, stdout);
}

/* The keys of a key set are those that the master gives. */
static void open_key_set(
    const struct kdsd_kms *kms, const char *user, struct span xml)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    MU_CLEANUP(kdsd_keys_clear) struct kdsd_keys want;
    struct mcptt_trk trk = kdsd_trk(user);
    struct xml_kms_wrapped_set set;
    struct xml_fault fault;
    struct kdsd_keys got;

    mu_arena_init(&arena, 1 << 20);
    kdsd_must(xml_kms_wrapped_set_read(xml, &arena, &fault, &set) == MU_OK,
        "KmsKeySet");
    kdsd_keys_of(kms, user, set.period_no, &want);
    kdsd_must(
        xml_unwrap_rsk(&trk, set.rsk.wrapped, &got.rsk) == MU_OK &&
            xml_unwrap_ssk(&trk, set.ssk.wrapped, &got.pair.ssk) == MU_OK &&
            xml_unwrap_pvt(&trk, set.pvt.wrapped, got.pair.pvt) == MU_OK,
        "a wrapped key does not open");
    kdsd_must(mikey_rsk_eq(&got.rsk, &want.rsk) &&
                  mikey_ssk_eq(&got.pair.ssk, &want.pair.ssk) &&
                  memcmp(got.pair.pvt, want.pair.pvt, MIKEY_PVT_LEN) == 0,
        "a key is not the user's");
    (void)printf("keys of period +%llu\n",
        (unsigned long long)(set.period_no - period_now()));
}

static void free_response(struct xml_kms_response **response)
{
    xml_kms_response_free(*response);
}

static void print_response(
    const struct kdsd_kms *kms, const char *user, struct span text)
{
    MU_CLEANUP(free_response) struct xml_kms_response *response = NULL;
    struct xml_fault fault;

    kdsd_must(
        xml_kms_response_read(text, &fault, &response) == MU_OK, "KmsResponse");
    kdsd_must(
        span_eq(response->head.kms_uri, span_str(KDSD_KMS_URI)), "KmsUri");
    kdsd_must(span_eq(response->head.user_uri, span_str(user)), "UserUri");
    if (response->head.error_code != 0)
        (void)printf(
            "error %llu\n", (unsigned long long)response->head.error_code);
    if (response->head.message == XML_KMS_CERT_CACHE)
        (void)printf(
            "cache %llu\n", (unsigned long long)response->head.cache_num);
    for (const struct xml_kms_piece *p = response->pieces; p != NULL;
         p = p->next)
        if (p->kind == XML_KMS_PIECE_KEY_SET)
            open_key_set(kms, user, xml_canonical_span(&p->text));
        else
            (void)printf("certificate\n");
}

static void read_input(struct buf *out)
{
    kdsd_must(mu_fd_read(STDIN_FILENO, INPUT_MAX, out) == MU_OK, "input");
}

static void open_response(const struct kdsd_kms *kms, char **arg)
{
    MU_CLEANUP(buf_clear) struct buf in = {0};
    MU_CLEANUP(xml_canonical_clear) struct xml_canonical body = {0};
    struct mcptt_ink ink = kdsd_ink(arg[0]);
    struct xml_fault fault;

    read_input(&in);
    if (strcmp(arg[1], "plain") == 0) {
        print_response(kms, arg[0], buf_span(&in));
        return;
    }
    kdsd_must(xml_verify_hmac(XML_SIGNED_RESPONSE, buf_span(&in), &ink, &fault,
                  &body) == MU_OK,
        "the envelope's signature is not good");
    print_response(kms, arg[0], xml_canonical_span(&body));
}

static bool holds(struct span text, struct span octets)
{
    const uint8_t *p = text.p;
    size_t left = text.len;

    while (left >= octets.len) {
        const uint8_t *at = memchr(p, octets.p[0], left - octets.len + 1);

        if (at == NULL)
            return false;
        if (memcmp(at, octets.p, octets.len) == 0)
            return true;
        left -= (size_t)(at + 1 - p);
        p = at + 1;
    }
    return false;
}

/* In binary or as hex of either case. */
static bool holds_any(struct span text, struct span octets)
{
    char hex[MU_HEX_LEN(MIKEY_POINT_LEN)];

    if (holds(text, octets))
        return true;
    mu_hex_write(octets, hex);
    if (holds(text, span_str(hex)))
        return true;
    for (char *c = hex; *c != '\0'; c++)
        if (*c >= 'a' && *c <= 'f')
            *c = (char)(*c - 'a' + 'A');
    return holds(text, span_str(hex));
}

/* Half a key is bad enough: x of the RSK, and it may have lost its 04. */
static unsigned count_keys(
    const struct kdsd_kms *kms, const char *user, struct span text)
{
    unsigned found = 0;

    for (uint64_t i = 0; i < PERIODS; i++) {
        MU_CLEANUP(kdsd_keys_clear) struct kdsd_keys keys;

        kdsd_keys_of(kms, user, period_now() + i, &keys);
        found += holds_any(text, (struct span){keys.rsk.b + 1, 64});
        found += holds_any(text, SPAN_OF(keys.pair.ssk.b));
    }
    return found;
}

static void search(const struct kdsd_kms *kms, char **arg)
{
    MU_CLEANUP(buf_clear) struct buf in = {0};
    unsigned found = 0;

    read_input(&in);
    for (size_t i = 0; i < USERS; i++) {
        struct mcptt_trk trk = kdsd_trk(users[i]);

        found += holds_any(buf_span(&in), SPAN_OF(trk.b));
        found += count_keys(kms, users[i], buf_span(&in));
    }
    for (; *arg != NULL; arg++) {
        uint8_t canary[32];

        read_key(*arg, canary);
        kdsd_must(
            holds_any(buf_span(&in), SPAN_OF(canary)), "no canary was found");
    }
    kdsd_must(found == 0, "a secret of a user was found");
}

static void enrol(const struct kdsd_kms *kms, char **arg)
{
    struct kms_enrolment e = {.serial = 1, .not_after_s = now_s() + 3600};
    uint8_t text[KMS_ENROL_TEXT_MAX];
    struct xml_cert_point point;
    struct span out = {NULL, 0};
    struct wr w;

    kdsd_must(mcptt_id_set(&e.kms_uri, span_str(KDSD_KMS_URI)) == MU_OK &&
                  mcptt_id_set(&e.user_uri, span_str(arg[0])) == MU_OK &&
                  xml_cert_point_of(&kms->cert_key, &point) == MU_OK,
        "enrolment");
    (void)snprintf(e.kds_url, sizeof(e.kds_url), "%s", arg[1]);
    memcpy(e.cert_key, point.b, sizeof(e.cert_key));
    e.trk = kdsd_trk(arg[0]);
    e.ink = kdsd_ink(arg[0]);
    wr_init(&w, text, sizeof(text));
    kdsd_must(
        kms_enrolment_write(&w, &e) == MU_OK && wr_close(&w, &out) == MU_OK,
        "enrolment");
    (void)fwrite(out.p, 1, out.len, stdout);
}

static void leak(const struct kdsd_kms *kms, char **arg)
{
    struct kdsd_keys keys;

    (void)arg;
    kdsd_keys_of(kms, BOB, period_now(), &keys);
    (void)printf("somewhere in ");
    (void)fwrite(keys.pair.ssk.b, 1, sizeof(keys.pair.ssk.b), stdout);
    (void)printf(" there is a key\n");
}

static const struct {
    const char *name;
    int least, most;
    void (*run)(const struct kdsd_kms *kms, char **arg);
} commands[] = {
    {"make", 2, 2, make},
    {"request", 4, 4, request},
    {"open", 2, 2, open_response},
    {"enrol", 2, 2, enrol},
    {"search", 1, 8, search},
    {"leak", 0, 0, leak},
};

int main(int argc, char **argv)
{
    MU_CLEANUP(kdsd_kms_clear) struct kdsd_kms kms;

    kdsd_must(xml_init() == MU_OK, "libxml2");
    kdsd_kms_init(&kms);
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (argc >= 2 && strcmp(argv[1], commands[i].name) == 0 &&
            argc - 2 >= commands[i].least && argc - 2 <= commands[i].most) {
            commands[i].run(&kms, argv + 2);
            return 0;
        }
    (void)fputs("usage: kdsd_world COMMAND ARG...\n", stderr);
    return 2;
}
