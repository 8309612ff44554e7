/* SPDX-License-Identifier: Apache-2.0 */
#include "http/peer.h"

#include <openssl/x509v3.h>

static void names_free(GENERAL_NAMES **p)
{
    GENERAL_NAMES_free(*p);
}

static struct span uri_of(const GENERAL_NAME *name)
{
    const ASN1_IA5STRING *text;
    int type;

    text = GENERAL_NAME_get0_value(name, &type);
    if (type != GEN_URI || ASN1_STRING_length(text) <= 0)
        return (struct span){NULL, 0};
    return (struct span){
        ASN1_STRING_get0_data(text), (size_t)ASN1_STRING_length(text)};
}

enum mu_err http_peer_uri(X509 *peer, struct mcptt_id *out)
{
    MU_CLEANUP(names_free)
    GENERAL_NAMES *names =
        X509_get_ext_d2i(peer, NID_subject_alt_name, NULL, NULL);
    struct span found = {NULL, 0};

    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        struct span uri = uri_of(sk_GENERAL_NAME_value(names, i));

        if (uri.len > 0 && found.len > 0)
            return MU_E_MALFORMED;
        if (uri.len > 0)
            found = uri;
    }
    if (found.len == 0)
        return MU_E_NOT_FOUND;
    return mcptt_id_set(out, found);
}
