/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gms_csk.c - what a client puts into SUBSCRIBE to have its token encrypted,
 * for gms_csk_test.sh:
 *
 *   gms_csk KMS-DIR USER TOKEN-FILE OUT HOW...
 *
 * with keys that it extracts itself, from the test KMS in KMS-DIR. Writes
 *
 *   OUT.mikey  the I_MESSAGE that brings the CSK to sip:gms@example.org, base64
 *   OUT.info   the mcptt-info body, the token encrypted under what is derived
 *   OUT.keys   "csk HEX" and "xpk HEX": the CSK, and that
 *   OUT.xpk    the latter's octets; OUT.name its name in the body
 *
 * HOW is good, or one or more of what is to be wrong:
 *
 *   signature gmk receiver old hidden us   with the message
 *   key name cipher                        with the token
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"
#include "kms/master.h"
#include "mikey/ntp.h"
#include "tests/csk.h"
#include "xml/mcptt_token.h"

#define GMS       "sip:gms@example.org"
#define OTHER     "sip:server@example.org"
#define TOKEN_MAX 16384
#define BODY_MAX  32768
#define OLD_MS    UINT64_C(1000000)

static void must(bool holds, const char *what)
{
    if (holds)
        return;
    (void)fprintf(stderr, "gms_csk: %s\n", what);
    exit(1);
}

struct world {
    struct kms_facts facts;
    struct kms_master master;
    struct mikey_sakke_kms *sakke;
    struct mikey_eccsi_kms *eccsi;
    struct mikey_eccsi_signer *signer;
    const char *const *how;
};

static bool is(const struct world *w, const char *how)
{
    for (const char *const *at = w->how; *at != NULL; at++)
        if (strcmp(*at, how) == 0)
            return true;
    return false;
}

static void load(const char *path, struct world *w)
{
    struct kms_sealing_key key;
    struct kms_dir dir;

    must(kms_dir_set(&dir, path) == MU_OK, "directory");
    must(kms_sealing_key_test(&key) == MU_OK, "sealing key");
    must(kms_master_load(&dir, &key, &w->facts, &w->master) == MU_OK,
        "master secrets");
    must(mikey_sakke_kms_new(SPAN_OF(w->facts.keys.z), &w->sakke) == MU_OK &&
             mikey_eccsi_kms_new(SPAN_OF(w->facts.keys.kpak), &w->eccsi) ==
                 MU_OK,
        "keys of the KMS");
}

static uint64_t now_ms(const struct world *w)
{
    uint64_t now = (uint64_t)time(NULL) * 1000;

    return is(w, "old") ? now - OLD_MS : now;
}

static struct test_csk_end end_of(const struct world *w, const char *uri)
{
    const struct mcptt_uid_source source = {.identity = span_str(uri),
        .kms = mcptt_id_span(&w->facts.uri),
        .rule = w->facts.rule};
    struct test_csk_end end = {.uri = source.identity, .kms = source.kms};

    must(mcptt_uid_derive_at(&source,
             now_ms(w) / 1000 + (uint64_t)MIKEY_NTP_UNIX_S, &end.uid) == MU_OK,
        uri);
    return end;
}

static void make_signer(struct world *w, const struct mcptt_uid *uid)
{
    MU_CLEANUP(mikey_eccsi_pair_clear) struct mikey_eccsi_pair pair;
    struct span id = SPAN_OF(uid->b);

    must(mikey_eccsi_extract(
             w->eccsi, &w->master.ksak, id, mu_rng_system(), &pair) == MU_OK,
        "a signing key");
    must(mikey_eccsi_signer_new(w->eccsi, id, &pair, &w->signer) == MU_OK,
        "a signer");
}

static struct test_csk draw(struct world *w, const char *user)
{
    const char *from = is(w, "us") ? GMS : user;
    struct test_csk csk = {.client = end_of(w, from),
        .server = end_of(w, is(w, "receiver") ? OTHER : GMS),
        .server_kms = w->sakke,
        .key.kind = is(w, "gmk") ? MCPTT_KIND_GMK : MCPTT_KIND_CSK,
        .unix_ms = now_ms(w)};

    csk.client.hidden = is(w, "hidden");
    make_signer(w, &csk.client.uid);
    csk.signer = w->signer;
    must(mu_rng_fill(mu_rng_system(), csk.key.b, sizeof(csk.key.b)) == MU_OK &&
             mu_rng_fill(mu_rng_system(), (uint8_t *)&csk.random,
                 sizeof(csk.random)) == MU_OK,
        "random octets");
    csk.random &= (UINT32_C(1) << MCPTT_KEY_ID_RANDOM_BITS) - 1;
    return csk;
}

/* ------------------------------------------------------------------- files */

static void put(const char *out, const char *end, struct span octets)
{
    char path[512];

    (void)snprintf(path, sizeof(path), "%s.%s", out, end);
    (void)remove(path);
    must(mu_file_create(path, 0600, octets) == MU_OK, path);
}

static void put_message(
    const struct world *w, const struct test_csk *csk, const char *out)
{
    static char text[MU_BASE64_LEN(MCPTT_MESSAGE_MAX)];
    static uint8_t octets[MCPTT_MESSAGE_MAX];
    struct span message = {NULL, 0};
    struct wr wr;

    wr_init(&wr, octets, sizeof(octets));
    must(test_csk_write(csk, mu_rng_system(), &wr) == MU_OK &&
             wr_close(&wr, &message) == MU_OK,
        "a message");
    if (is(w, "signature"))
        octets[message.len - 1] ^= 1;
    mu_base64_write(message, text);
    put(out, "mikey", span_str(text));
}

/* One character of the ciphertext, which stays base64. */
static void break_cipher(char *body)
{
    static const char mark[] = "CipherValue>";
    char *at = strstr(body, mark);

    must(at != NULL, mark);
    at += sizeof(mark) - 1 + 24;
    *at = *at == 'A' ? 'B' : 'A';
}

static void put_info(const struct world *w, struct mcptt_key_id id,
    struct mcptt_sig_conf_key key, struct span token, const char *out)
{
    static uint8_t octets[BODY_MAX + 1];
    struct span body = {NULL, 0};
    struct wr wr;

    if (is(w, "key"))
        key.b[0] ^= 1;
    if (is(w, "name"))
        id.v ^= 1;
    wr_init(&wr, octets, BODY_MAX);
    must(xml_sealed_token_write(&wr, token, id, &key, mu_rng_system()) ==
                 MU_OK &&
             wr_close(&wr, &body) == MU_OK,
        "a body");
    if (is(w, "cipher"))
        break_cipher((char *)octets);
    put(out, "info", body);
}

static void put_keys(const struct test_csk *csk, struct mcptt_key_id id,
    const struct mcptt_sig_conf_key *key, const char *out)
{
    char name[MU_BASE64_LEN(4)], hex[2][MU_HEX_LEN(16)], text[256];
    const uint8_t octets[] = {(uint8_t)(id.v >> 24), (uint8_t)(id.v >> 16),
        (uint8_t)(id.v >> 8), (uint8_t)id.v};

    mu_hex_write(SPAN_OF(csk->key.b), hex[0]);
    mu_hex_write(SPAN_OF(key->b), hex[1]);
    (void)snprintf(text, sizeof(text), "csk %s\nxpk %s\n", hex[0], hex[1]);
    put(out, "keys", span_str(text));
    put(out, "xpk", SPAN_OF(key->b));
    mu_base64_write(SPAN_OF(octets), name);
    put(out, "name", span_str(name));
}

int main(int argc, char **argv)
{
    MU_CLEANUP(buf_clear) struct buf token = {0};
    struct mcptt_sig_conf_key key = {{0}};
    struct mcptt_xpk_use use;
    struct mcptt_key as_csk;
    struct world w = {.signer = NULL};
    struct test_csk csk;

    must(argc > 5, "KMS-DIR USER TOKEN-FILE OUT HOW...");
    w.how = (const char *const *)argv + 5;
    load(argv[1], &w);
    must(mu_file_read(argv[3], TOKEN_MAX, &token) == MU_OK, argv[3]);
    csk = draw(&w, argv[2]);
    put_message(&w, &csk, argv[4]);
    as_csk = csk.key;
    as_csk.kind = MCPTT_KIND_CSK;
    use = (struct mcptt_xpk_use){&as_csk, test_csk_id(&csk), csk.client.uri};
    must(mcptt_kdf_sig_conf(&use, &key) == MU_OK, "a derived key");
    put_info(&w, use.xpk_id, key, buf_span(&token), argv[4]);
    put_keys(&csk, use.xpk_id, &key, argv[4]);
    mikey_eccsi_signer_free(w.signer);
    mikey_eccsi_kms_free(w.eccsi);
    mikey_sakke_kms_free(w.sakke);
    kms_master_clear(&w.master);
    return 0;
}
