/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kms_xml.h - what a KMS publishes and what it gives its users, in clear
 * (TS 33.180 annex D.3).
 *
 * Accepted as the root: KmsResponse, bare or in SignedKmsResponse, and
 * KmsCertificate, SignedKmsCertificate or KmsKeySet on their own, all in the
 * namespace urn:3gpp:ns:mcsecKMSInterface:1.0. Signatures are skipped, not
 * checked; encrypted keys are MU_E_UNSUPPORTED. Nothing here is verified: the
 * caller checks points, keys and UIDs.
 */
#ifndef XML_KMS_XML_H
#define XML_KMS_XML_H

#include "base/arena.h"
#include "mcptt/uid.h"
#include "mikey/eccsi.h"
#include "mikey/sakke.h"
#include "xml/fault.h"

#define XML_KMS_FOREVER UINT64_MAX

enum xml_kms_role {
    XML_KMS_ROLE_NONE, /* not stated */
    XML_KMS_ROLE_ROOT,
    XML_KMS_ROLE_EXTERNAL
};

/* What certificates and key sets have in common. Absent texts have len 0. */
struct xml_kms_origin {
    struct span kms_uri;   /* verbatim, as it is hashed into UIDs */
    struct span cert_uri;  /* optional */
    struct span issuer;    /* optional */
    uint64_t valid_from_s; /* Unix; 0 when absent */
    uint64_t valid_to_s;   /* Unix; XML_KMS_FOREVER when absent */
    bool revoked;          /* false when absent */
};

struct xml_kms_cert {
    struct xml_kms_origin origin;
    enum xml_kms_role role;
    bool is_security_gateway;
    struct mcptt_period_rule rule; /* passes mcptt_period_check() */
    uint8_t z[MIKEY_POINT_LEN];    /* PubEncKey */
    uint8_t kpak[MIKEY_KPAK_LEN];  /* PubAuthKey */
    struct xml_kms_cert *next;
};

struct xml_kms_key_set {
    struct xml_kms_origin origin;
    struct span user_uri; /* verbatim, as it is hashed into the UID */
    struct mcptt_uid uid; /* claimed: derive it and compare */
    uint64_t period_no;
    struct mikey_rsk rsk;         /* UserDecryptKey */
    struct mikey_eccsi_pair pair; /* UserSigningKeySSK, UserPubTokenPVT */
    struct xml_kms_key_set *next;
};

/* A document: certificates and key sets in their order, or a refusal. */
struct xml_kms {
    struct xml_kms_cert *certs;
    struct xml_kms_key_set *key_sets;
    bool refused;        /* the KMS answered with a KmsError */
    uint64_t error_code; /* of the KmsError */
    struct span error_text;
    struct mu_arena arena; /* the texts; no keys */
};

/*
 *   text   borrowed during the call; the caller wipes it
 *   fault  set in every case; names the element and its line
 *   out    set on success; for xml_kms_free()
 *
 * Returns MU_OK; MU_E_MALFORMED, also for an offset not below the period or
 * an end before its beginning; MU_E_UNSUPPORTED for a UserIdFormat other
 * than 2, a ParameterSet other than 1, or encrypted keys; MU_E_NO_SPACE;
 * MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err xml_kms_read(
    struct span text, struct xml_fault *fault, struct xml_kms **out);

/* Wipes the keys. NULL is fine. */
void xml_kms_free(struct xml_kms *kms);

#endif
