/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wolf_open.c - opens a GMK message with the SAKKE and ECCSI of libwolfssl, for
 * gms_keys_test.sh:
 *
 *   wolf_open CERT KEYS SENDER   the message in hex from standard input; the
 *                                KMS's certificate and the receiver's key set
 *                                in clear, as files; SENDER is a URI
 *
 * Prints the key and the CSB ID, in hex, on one line; exit 1 when the signature
 * is not the sender's or the key does not come out. The octets of the payloads
 * are found by our reader; all arithmetic is wolfSSL's.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "mcptt/incoming.h"
#include "mikey/ntp.h"
#include "tools/wolf.h"
#include "xml/kms_xml.h"
#include "xml/library.h"

#define FILE_MAX ((size_t)1 << 20)

static void must(bool holds, const char *what)
{
    if (holds)
        return;
    (void)fprintf(stderr, "wolf_open: %s\n", what);
    exit(1);
}

static struct xml_kms *read_xml(const char *path)
{
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    struct xml_fault fault;
    struct xml_kms *doc = NULL;

    must(mu_file_read(path, FILE_MAX, &text) == MU_OK, path);
    must(xml_kms_read(buf_span(&text), &fault, &doc) == MU_OK, path);
    return doc;
}

static size_t read_message(uint8_t *out, size_t cap)
{
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    size_t len = 0;

    must(mu_fd_read(STDIN_FILENO, FILE_MAX, &text) == MU_OK, "input");
    text.len = mu_text_squeeze((char *)text.p, text.len);
    must(mu_hex_read(buf_span(&text), out, cap, &len) == MU_OK, "no hex");
    return len;
}

static struct mcptt_uid uid_of(struct span uri, const struct xml_kms_cert *cert,
    const struct mcptt_incoming *in, int64_t now_s)
{
    struct mcptt_uid uid = {{0}};

    must(mcptt_uid_derive_at(&(struct mcptt_uid_source){.identity = uri,
                                 .kms = cert->origin.kms_uri,
                                 .rule = cert->rule},
             mikey_ntp_s(in->msg.ts.ts, now_s), &uid) == MU_OK,
        "UID");
    return uid;
}

static void verify(const struct xml_kms_cert *cert,
    const struct mcptt_incoming *in, struct span sender)
{
    struct mcptt_uid uid =
        uid_of(sender, cert, in, (int64_t)cert->origin.valid_from_s);
    struct wolf_eccsi *wolf = wolf_eccsi_new();

    must(wolf != NULL && wolf_eccsi_load_public(wolf, cert->kpak), "KPAK");
    must(in->msg.sign.signature.len == 129, "SIGN");
    must(wolf_eccsi_verify(
             wolf, SPAN_OF(uid.b), in->msg.covered, in->msg.sign.signature.p),
        "the signature is not the sender's");
    wolf_eccsi_free(wolf);
}

static void open_key(const struct xml_kms_cert *cert,
    const struct xml_kms_key_set *keys, const struct mcptt_incoming *in,
    uint8_t key[16])
{
    struct mcptt_uid uid =
        uid_of(keys->user_uri, cert, in, (int64_t)cert->origin.valid_from_s);
    struct wolf_sakke *wolf = wolf_sakke_new();

    must(wolf != NULL && wolf_sakke_load_public(wolf, cert->z), "Z");
    must(wolf_sakke_become(wolf, SPAN_OF(uid.b), keys->rsk.b), "RSK");
    must(in->msg.sakke.sed.len == MIKEY_SED_LEN, "SAKKE");
    must(wolf_sakke_decapsulate(wolf, in->msg.sakke.sed.p, key),
        "the key does not come out");
    wolf_sakke_free(wolf);
}

int main(int argc, char **argv)
{
    static uint8_t octets[8192];
    struct mcptt_incoming in;
    struct xml_kms *cert, *keys;
    uint8_t key[16];
    char hex[MU_HEX_LEN(sizeof(key))];
    size_t len;

    if (argc != 4)
        return 2;
    must(xml_init() == MU_OK, "libxml2");
    cert = read_xml(argv[1]);
    keys = read_xml(argv[2]);
    must(cert->certs != NULL && keys->key_sets != NULL, "no keys");
    len = read_message(octets, sizeof(octets));
    must(mcptt_incoming_read((struct span){octets, len}, 0, &in, NULL) == MU_OK,
        "no message");
    verify(cert->certs, &in, span_str(argv[3]));
    open_key(cert->certs, keys->key_sets, &in, key);
    mu_hex_write(SPAN_OF(key), hex);
    (void)printf("%s %08x\n", hex, in.csb_id.v);
    xml_kms_free(cert);
    xml_kms_free(keys);
    xml_cleanup();
    return 0;
}
