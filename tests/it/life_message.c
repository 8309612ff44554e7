/* SPDX-License-Identifier: Apache-2.0 */
/*
 * life_message.c - a group management server in one call, for scripts:
 *
 *   life_message CERT KEYS TO UNIX [GROUP [ended|revoked]]
 *
 * makes a GMK and the message that brings it to TO, signed with the key set in
 * KEYS, of that moment, for GROUP if there is one; prints the GMK and the
 * message, one a line. "ended": it was good for a while before that moment;
 * "revoked": it must not be used any more.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "mcptt/message.h"
#include "mcptt/uid.h"
#include "mikey/ntp.h"
#include "xml/kms_xml.h"
#include "xml/library.h"

#define FILE_MAX ((size_t)1 << 20)

static void must(enum mu_err err, const char *what)
{
    if (err == MU_OK)
        return;
    (void)fprintf(stderr, "life_message: %s: %s\n", what, mu_err_name(err));
    exit(1);
}

static struct xml_kms *read_xml(const char *path)
{
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    struct xml_fault fault;
    struct xml_kms *doc;

    must(mu_file_read(path, FILE_MAX, &text), path);
    must(xml_kms_read(buf_span(&text), &fault, &doc), path);
    return doc;
}

/* What goes into the message, and what it borrows. */
struct draft {
    struct mcptt_key gmk;
    struct mcptt_key_params params;
    struct mcptt_message message;
    struct mcptt_uid to;
    uint8_t rand[MCPTT_RAND_LEN], sed[1][MIKEY_SED_LEN];
};

static void draw_key(struct draft *d)
{
    uint8_t octets[MCPTT_KEY_LEN];

    must(mu_rng_fill(mu_rng_system(), octets, sizeof(octets)), "GMK");
    must(mu_rng_fill(mu_rng_system(), d->rand, sizeof(d->rand)), "RAND");
    mcptt_key_set(&d->gmk, MCPTT_KIND_GMK, octets);
    d->params.kind = MCPTT_KIND_GMK;
    d->params.status = MCPTT_STATUS_NOT_REVOKED;
    d->message.key = &d->gmk;
    d->message.key_id.v = 0x0123456;
    d->message.rand = SPAN_OF(d->rand);
    d->message.params = &d->params;
}

static void address(struct draft *d, const struct xml_kms_cert *cert,
    const struct xml_kms_key_set *from, struct span to, uint64_t unix_s)
{
    struct mcptt_uid_source source = {.identity = to,
        .kms = cert->origin.kms_uri,
        .rule = cert->rule,
        .number = from->period_no};
    struct mcptt_message *m = &d->message;

    must(mcptt_uid_derive(&source, &d->to), "UID");
    m->scheme = MIKEY_SCHEME_UID;
    m->initiator = (struct mcptt_party){
        from->user_uri, cert->origin.kms_uri, SPAN_OF(from->uid.b), false};
    m->responder =
        (struct mcptt_party){to, cert->origin.kms_uri, SPAN_OF(d->to.b), false};
    m->ntp = mikey_ntp_from_unix((int64_t)unix_s, 0);
    m->now_s = unix_s;
}

static void encapsulate(struct draft *d, const struct xml_kms_cert *cert)
{
    struct mikey_sakke_kms *kms;
    struct span id = SPAN_OF(d->to.b);
    struct mikey_ssv ssv;

    memcpy(ssv.b, d->gmk.b, sizeof(ssv.b));
    must(mikey_sakke_kms_new(SPAN_OF(cert->z), &kms), "PubEncKey");
    must(mikey_sakke_encapsulate(kms, &ssv, &id, 1, d->sed), "SAKKE");
    mikey_sakke_kms_free(kms);
    d->message.sed = SPAN_OF(d->sed[0]);
}

static void sign_and_print(struct draft *d, const struct xml_kms_cert *cert,
    const struct xml_kms_key_set *from)
{
    static uint8_t room[MCPTT_MESSAGE_MAX];
    static char text[MU_HEX_LEN(MCPTT_MESSAGE_MAX)];
    struct mikey_eccsi_signer *signer;
    struct mikey_eccsi_kms *kms;
    struct span message;
    struct wr w;

    must(mikey_eccsi_kms_new(SPAN_OF(cert->kpak), &kms), "PubAuthKey");
    must(
        mikey_eccsi_signer_new(kms, SPAN_OF(from->uid.b), &from->pair, &signer),
        "signing key");
    wr_init(&w, room, sizeof(room));
    must(mcptt_message_build(&w, &d->message, signer, mu_rng_system()),
        "message");
    must(wr_close(&w, &message), "message");
    mikey_eccsi_signer_free(signer);
    mikey_eccsi_kms_free(kms);
    mu_hex_write(SPAN_OF(d->gmk.b), text);
    (void)puts(text);
    mu_hex_write(message, text);
    (void)puts(text);
}

/* What else the message says of the key. */
static void limit(struct draft *d, const char *how, uint64_t unix_s)
{
    if (strcmp(how, "revoked") == 0) {
        d->params.status = 0;
        return;
    }
    d->params.activation_s = unix_s - 100;
    d->params.expiry_s = unix_s - 10;
}

int main(int argc, char **argv)
{
    struct draft d = {.gmk = {.kind = MCPTT_KIND_GMK}};
    struct xml_kms *cert, *keys;
    uint64_t unix_s = 0;

    if (argc < 5 || argc > 7 ||
        mu_text_u64(span_str(argv[4]), &unix_s) != MU_OK)
        return 2;
    must(xml_init(), "libxml2");
    cert = read_xml(argv[1]);
    keys = read_xml(argv[2]);
    if (cert->certs == NULL || keys->key_sets == NULL)
        return 1;
    draw_key(&d);
    if (argc == 7)
        limit(&d, argv[6], unix_s);
    if (argc >= 6)
        d.params.groups[d.params.group_count++] = span_str(argv[5]);
    address(&d, cert->certs, keys->key_sets, span_str(argv[3]), unix_s);
    encapsulate(&d, cert->certs);
    sign_and_print(&d, cert->certs, keys->key_sets);
    xml_kms_free(cert);
    xml_kms_free(keys);
    xml_cleanup();
    return 0;
}
