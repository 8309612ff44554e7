/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gms_receipt.c - a receipt in one call, true or false, for scripts:
 *
 *   gms_receipt CERT KEYS GMK GMK-ID GROUP MEMBER UNIX-MS
 *
 * says that MEMBER opened the key GMK (hex) of GROUP then, signed with the key
 * set in KEYS, whosesoever that is; prints it in base64.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/text.h"
#include "mcptt/receipt.h"
#include "xml/kms_xml.h"
#include "xml/library.h"

#define FILE_MAX ((size_t)1 << 20)

static void must(enum mu_err err, const char *what)
{
    if (err == MU_OK)
        return;
    (void)fprintf(stderr, "gms_receipt: %s: %s\n", what, mu_err_name(err));
    exit(1);
}

static struct xml_kms *read_xml(const char *path)
{
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    struct xml_fault fault;
    struct xml_kms *doc = NULL;

    must(mu_file_read(path, FILE_MAX, &text), path);
    must(xml_kms_read(buf_span(&text), &fault, &doc), path);
    return doc;
}

static void read_hex(const char *text, uint8_t *out, size_t len)
{
    size_t read = 0;

    must(mu_hex_read(span_str(text), out, len, &read), text);
    must(read == len ? MU_OK : MU_E_MALFORMED, text);
}

static struct mcptt_key_id read_id(const char *text)
{
    uint8_t octets[MCPTT_KEY_ID_LEN];
    struct rd r;

    read_hex(text, octets, sizeof(octets));
    rd_init(&r, SPAN_OF(octets));
    return mcptt_key_id_read(&r, "GMK-ID");
}

static void write_it(const struct mcptt_receipt *says,
    const struct mcptt_key *key, const struct xml_kms_cert *cert,
    const struct xml_kms_key_set *signer)
{
    static uint8_t room[MCPTT_RECEIPT_MAX];
    static char text[MU_BASE64_LEN(MCPTT_RECEIPT_MAX)];
    struct mikey_eccsi_kms *kms = NULL;
    struct mikey_eccsi_signer *with = NULL;
    struct span whole = {NULL, 0};
    struct wr w;

    must(mikey_eccsi_kms_new(SPAN_OF(cert->kpak), &kms), "PubAuthKey");
    must(mikey_eccsi_signer_new(
             kms, SPAN_OF(signer->uid.b), &signer->pair, &with),
        "signing key");
    wr_init(&w, room, sizeof(room));
    must(mcptt_receipt_write(&w, says, key, with, mu_rng_system()), "receipt");
    must(wr_close(&w, &whole), "receipt");
    mikey_eccsi_signer_free(with);
    mikey_eccsi_kms_free(kms);
    mu_base64_write(whole, text);
    (void)puts(text);
}

int main(int argc, char **argv)
{
    static const uint8_t sha256[MCPTT_RECEIPT_SHA256_LEN] = {0};
    struct mcptt_receipt says = {.message_sha256 = SPAN_OF(sha256)};
    struct mcptt_key key;
    struct xml_kms *cert, *keys;
    uint8_t gmk[MCPTT_KEY_LEN];

    if (argc != 8)
        return 2;
    must(xml_init(), "libxml2");
    cert = read_xml(argv[1]);
    keys = read_xml(argv[2]);
    if (cert->certs == NULL || keys->key_sets == NULL)
        return 1;
    read_hex(argv[3], gmk, sizeof(gmk));
    mcptt_key_set(&key, MCPTT_KIND_GMK, gmk);
    says.key_id = read_id(argv[4]);
    says.group = span_str(argv[5]);
    says.member = span_str(argv[6]);
    says.kms = cert->certs->origin.kms_uri;
    must(mu_text_u64(span_str(argv[7]), &says.time_ms), "UNIX-MS");
    write_it(&says, &key, cert->certs, keys->key_sets);
    xml_kms_free(cert);
    xml_kms_free(keys);
    xml_cleanup();
    return 0;
}
