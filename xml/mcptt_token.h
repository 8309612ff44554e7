/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mcptt_token.h - the access token of an mcptt-info body, encrypted between a
 * client and a server who share a CSK (TS 24.379 clause 6.6.2.3; TS 33.180
 * clauses 9.3.4 and F.1.4).
 *
 *     mcptt-access-token type="Encrypted"
 *       EncryptedData                 xml/xenc.h; KeyName: the CSK-ID
 *
 * All that is decided where our notes lack the standard's text is here:
 *   - KeyName is the base64 of the four octets of the CSK-ID, as it is attested
 *     for signed XML (TS 36.579-1 clause 5.5.13)
 *   - the key is the signalling confidentiality key of the CSK (FC 0x51)
 *   - what is encrypted is the content of the element, an mcpttString; the
 *     bare characters of the token are taken as well
 */
#ifndef XML_MCPTT_TOKEN_H
#define XML_MCPTT_TOKEN_H

#include "mcptt/kdf.h"
#include "xml/xenc.h"

struct xml_sealed_token {
    struct mcptt_key_id key_id; /* any tag */
    struct xml_encrypted data;
};

/*
 * Reads what mcptt_info.h leaves as data. Errors of xml_encrypted_read();
 * MU_E_MALFORMED for a key name that is no identifier.
 */
MU_MUST_CHECK enum mu_err xml_sealed_token_read(struct span data,
    struct mu_arena *arena, struct xml_fault *fault,
    struct xml_sealed_token *out);

/*
 * Decrypts it; *token lies in the arena.
 *
 * Returns MU_OK; MU_E_CRYPTO for another key; MU_E_MALFORMED when what was
 * encrypted is no token; MU_E_NO_SPACE; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err xml_sealed_token_open(
    const struct xml_sealed_token *in, const struct mcptt_sig_conf_key *key,
    struct mu_arena *arena, struct span *token);

/*
 * Writes a whole mcptt-info body around an encrypted token. Errors of
 * xml_encrypted_write() and xml_writer_close().
 */
MU_MUST_CHECK enum mu_err xml_sealed_token_write(struct wr *w,
    struct span token, struct mcptt_key_id key_id,
    const struct mcptt_sig_conf_key *key, const struct mu_rng *rng);

#endif
