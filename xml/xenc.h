/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xenc.h - an EncryptedData element (W3C XML Encryption 1.1) in the one form
 * that protects the XML of mission-critical services (TS 33.180 clause 9.3.4):
 *
 *     EncryptedData Type="...#Content"
 *       EncryptionMethod Algorithm="...xmlenc11#aes128-gcm"
 *       KeyInfo
 *         KeyName                     which key
 *       CipherData
 *         CipherValue                 base64: IV (96) | ciphertext | tag (128)
 *
 * Everything else that the standard allows is refused: other algorithms, keys
 * that travel along, ciphertext behind a reference, properties.
 */
#ifndef XML_XENC_H
#define XML_XENC_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/rng.h"
#include "xml/reader.h"
#include "xml/writer.h"

#define XML_XENC_KEY_LEN 16
#define XML_XENC_IV_LEN  12
#define XML_XENC_TAG_LEN 16
/* Octets of what is encrypted, and characters of a key's name; ours. */
#define XML_XENC_PLAIN_MAX 20480
#define XML_XENC_NAME_MAX  64

struct xml_encrypted {
    struct span key_name;
    struct span sealed; /* IV, ciphertext and tag: longer than these two */
    struct span prefix; /* bound to content_ns around it; empty: none */
};

/*
 * Reads one, as a document: canonical octets (xml/c14n.h).
 *
 *   content_ns  name space of what is encrypted: content has the prefixes of
 *               where it was
 *   arena       holds all of *out
 *   fault       set in every case
 *
 * Returns MU_OK; MU_E_MALFORMED; MU_E_UNSUPPORTED for another algorithm or
 * type; MU_E_NO_SPACE; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err xml_encrypted_read(struct span text,
    const char *content_ns, struct mu_arena *arena, struct xml_fault *fault,
    struct xml_encrypted *out);

/*
 * Decrypts it, to the end of *plain, which is wiped when it is cleared.
 *
 * Returns MU_OK; MU_E_CRYPTO for another key or another text, with nothing
 * added; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err xml_encrypted_open(const struct xml_encrypted *in,
    const uint8_t key[XML_XENC_KEY_LEN], struct buf *plain);

/*
 * Encrypts plain and writes the element where x is.
 *
 * Returns MU_OK; MU_E_NO_SPACE beyond XML_XENC_PLAIN_MAX; MU_E_CRYPTO;
 * MU_E_NO_MEMORY. What the writer cannot do it says itself.
 */
MU_MUST_CHECK enum mu_err xml_encrypted_write(struct xml_writer *x,
    struct span key_name, const uint8_t key[XML_XENC_KEY_LEN],
    struct span plain, const struct mu_rng *rng);

#endif
