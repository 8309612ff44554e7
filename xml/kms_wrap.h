/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kms_wrap.h - a user's keys under his transport key TrK (TS 33.180 clause
 * 9.3.4.2), and the xenc:EncryptedKey element that carries them (annex D.3).
 *
 * The clause names kw-aes256, RFC 3394, which takes multiples of 8 octets; the
 * RSK has 257 and the PVT 65. How the standard means that is not known, so the
 * choice is made here and nowhere else: RFC 5649, which pads, or RFC 3394 of
 * the keys without the octet 04 that both begin with. Readers need no switch:
 * the two have integrity checks that cannot both hold.
 */
#ifndef XML_KMS_WRAP_H
#define XML_KMS_WRAP_H

#include "mcptt/transport.h"
#include "mikey/eccsi.h"
#include "mikey/sakke.h"
#include "xml/writer.h"

enum trk_wrap {
    KW_PAD_RFC5649, /* the default */
    KW_STRIP_04
};

/* The longest: an RSK padded to 264 octets, and the integrity check. */
#define XML_WRAPPED_MAX 272

struct xml_wrapped {
    uint8_t b[XML_WRAPPED_MAX];
    size_t len;
};

struct span xml_wrapped_span(const struct xml_wrapped *wrapped);

/*
 * Wraps one key. Deterministic. Returns MU_OK; MU_E_MALFORMED in
 * KW_STRIP_04 for a point that does not begin with 04; MU_E_CRYPTO if OpenSSL
 * fails.
 */
MU_MUST_CHECK enum mu_err xml_wrap_rsk(const struct mcptt_trk *trk,
    enum trk_wrap how, const struct mikey_rsk *rsk, struct xml_wrapped *out);
MU_MUST_CHECK enum mu_err xml_wrap_ssk(const struct mcptt_trk *trk,
    enum trk_wrap how, const struct mikey_ssk *ssk, struct xml_wrapped *out);
MU_MUST_CHECK enum mu_err xml_wrap_pvt(const struct mcptt_trk *trk,
    enum trk_wrap how, const uint8_t pvt[MIKEY_PVT_LEN],
    struct xml_wrapped *out);

/*
 * Unwraps what either way wrapped; whether it is a point or belongs to the
 * user is the caller's to check. Returns MU_OK, or MU_E_CRYPTO for everything
 * else: another TrK, changed octets, another length. *out is untouched then.
 */
MU_MUST_CHECK enum mu_err xml_unwrap_rsk(
    const struct mcptt_trk *trk, struct span wrapped, struct mikey_rsk *out);
MU_MUST_CHECK enum mu_err xml_unwrap_ssk(
    const struct mcptt_trk *trk, struct span wrapped, struct mikey_ssk *out);
MU_MUST_CHECK enum mu_err xml_unwrap_pvt(const struct mcptt_trk *trk,
    struct span wrapped, uint8_t out[MIKEY_PVT_LEN]);

/* One wrapped key, and the name of the TrK, which a receiver may ignore. */
struct xml_encrypted_key {
    struct span wrapped;  /* the cipher value */
    struct span key_name; /* "trk.12.user@example.org"; may be empty */
};

/*
 * The element xenc:EncryptedKey with the algorithm that the clause names,
 * whichever way was chosen.
 */
void xml_encrypted_key_write(
    struct xml_writer *x, const struct xml_encrypted_key *key);

/* The algorithms that EncryptionMethod may name. */
bool xml_wrap_algorithm_known(struct span uri);

#define XML_NS_XENC "http://www.w3.org/2001/04/xmlenc#"

#endif
