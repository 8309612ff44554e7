/* SPDX-License-Identifier: Apache-2.0 */
#include "mikey/codes.h"

#include <stddef.h>
#include <string.h>

struct code {
    uint16_t value;
    const char *name;
};

/* One registry a table, as many rows a line as fit. */
/* clang-format off */
static const struct code data_type[] = {
    {0, "Pre-shared"}, {1, "PSK ver msg"}, {2, "Public key"}, {3, "PK ver msg"},
    {4, "D-H init"}, {5, "D-H resp"}, {6, "Error"}, {7, "DHHMAC init"},
    {8, "DHHMAC resp"}, {9, "RSA-R I_MSG"}, {10, "RSA-R R_MSG"},
    {11, "REQUEST_INIT_PSK"}, {12, "REQUEST_INIT_PK"}, {13, "REQUEST_RESP"},
    {14, "TRANSFER_INIT"}, {15, "TRANSFER_RESP"}, {16, "RESOLVE_INIT_PSK"},
    {17, "RESOLVE_INIT_PK"}, {18, "RESOLVE_RESP"}, {19, "REQUEST_KEY_PSK"},
    {20, "REQUEST_KEY_PKE"}, {21, "REQUEST_KEY_RESP"}, {22, "I_MESSAGE_1"},
    {23, "R_MESSAGE_1"}, {24, "I_MESSAGE_2"}, {25, "R_MESSAGE_2"},
    {26, "SAKKE msg"},
};
static const struct code next_payload[] = {
    {0, "Last payload"}, {1, "KEMAC"}, {2, "PKE"}, {3, "DH"}, {4, "SIGN"},
    {5, "T"}, {6, "ID"}, {7, "CERT"}, {8, "CHASH"}, {9, "V"}, {10, "SP"},
    {11, "RAND"}, {12, "ERR"}, {13, "TR"}, {14, "IDR"}, {15, "RANDR"},
    {16, "TP"}, {17, "TICKET"}, {20, "Key data"}, {21, "General Ext."},
    {22, "IBAKE"}, {23, "ESK"}, {24, "SK"}, {25, "ECCPT"}, {26, "SAKKE"},
};
static const struct code prf_func[] = {
    {0, "MIKEY-1 (HMAC-SHA-1)"}, {1, "PRF-HMAC-SHA-256"},
};
static const struct code cs_id_map_type[] = {
    {0, "SRTP-ID"}, {1, "Empty map"}, {2, "GENERIC-ID"},
};
static const struct code kemac_encr_alg[] = {
    {0, "NULL"}, {1, "AES-CM-128"}, {2, "AES-KW-128"}, {3, "AES-CM-256"},
};
static const struct code kemac_mac_alg[] = {
    {0, "NULL"}, {1, "HMAC-SHA-1-160"}, {2, "HMAC-SHA-256-256"},
};
static const struct code pke_cache[] = {
    {0, "No cache"}, {1, "Cache"}, {2, "Cache for CSB"},
};
static const struct code dh_group[] = {
    {0, "OAKLEY 5 (1536 bit)"}, {1, "OAKLEY 1 (768 bit)"},
    {2, "OAKLEY 2 (1024 bit)"},
};
static const struct code sign_s_type[] = {
    {0, "RSA/PKCS#1/1.5"}, {1, "RSA/PSS"}, {2, "ECCSI"},
};
static const struct code ts_type[] = {
    {0, "NTP-UTC"}, {1, "NTP"}, {2, "COUNTER"}, {3, "NTP-UTC-32"},
};
static const struct code id_type[] = {
    {0, "NAI"}, {1, "URI"}, {2, "Byte string"},
};
static const struct code cert_type[] = {
    {0, "X.509v3"}, {1, "X.509v3 URL"}, {2, "X.509v3 Sign"},
    {3, "X.509v3 Encr"},
};
static const struct code chash_hash_func[] = {
    {0, "SHA-1"}, {1, "MD5"}, {2, "SHA-256"},
};
static const struct code sp_prot_type[] = {
    {0, "SRTP"}, {1, "TESLA"},
};
static const struct code srtp_policy_type[] = {
    {0, "Encryption algorithm"}, {1, "Session encryption key length (octets)"},
    {2, "Authentication algorithm"},
    {3, "Session authentication key length (octets)"},
    {4, "Session salt key length (octets)"}, {5, "SRTP PRF"},
    {6, "Key derivation rate"}, {7, "SRTP encryption off/on"},
    {8, "SRTCP encryption off/on"}, {9, "Sender's FEC order"},
    {10, "SRTP authentication off/on"},
    {11, "Authentication tag length (octets)"},
    {12, "SRTP prefix length (octets)"}, {13, "ROC transmission rate"},
    {14, "SRTP authentication algorithm"},
    {15, "SRTCP authentication algorithm"},
    {16, "SRTP session authentication key length"},
    {17, "SRTCP session authentication key length"},
    {18, "SRTP authentication tag length"},
    {19, "SRTCP authentication tag length"},
    {20, "AEAD authentication tag length (octets)"},
};
static const struct code srtp_encr_alg[] = {
    {0, "NULL"}, {1, "AES-CM"}, {2, "AES-F8"}, {3, "SEED-CTR"}, {4, "SEED-CCM"},
    {5, "SEED-GCM"}, {6, "AES-GCM"}, {7, "ARIA-CTR"}, {8, "ARIA-GCM"},
};
static const struct code srtp_auth_alg[] = {
    {0, "NULL"}, {1, "HMAC-SHA-1"}, {2, "RCCm1"}, {3, "RCCm2"}, {4, "RCCm3"},
};
static const struct code srtp_prf[] = {
    {0, "AES-CM"}, {1, "SEED-CTR"}, {2, "ARIA-CTR"},
};
static const struct code srtp_fec_order[] = {
    {0, "FEC-SRTP"},
};
static const struct code tesla_policy_type[] = {
    {1, "PRF identifier"}, {2, "Length of PRF f' output"},
    {3, "TESLA MAC identifier"}, {4, "Length of TESLA MAC output"},
    {5, "Start of session"}, {6, "Interval duration"},
    {7, "Key disclosure delay"}, {8, "Key chain length"},
    {9, "Local timestamp media receiver"},
};
static const struct code error_no[] = {
    {0, "Auth failure"}, {1, "Invalid TS"}, {2, "Invalid PRF"},
    {3, "Invalid MAC"}, {4, "Invalid EA"}, {5, "Invalid HA"}, {6, "Invalid DH"},
    {7, "Invalid ID"}, {8, "Invalid Cert"}, {9, "Invalid SP"},
    {10, "Invalid SPpar"}, {11, "Invalid DT"}, {12, "Unspecified error"},
    {13, "Unsupported message type"}, {14, "Invalid TICKET"},
    {15, "Invalid TPpar"},
};
static const struct code key_data_type[] = {
    {0, "TGK"}, {1, "TGK+SALT"}, {2, "TEK"}, {3, "TEK+SALT"}, {4, "GTGK"},
    {5, "GTGK+SALT"}, {6, "MPK"}, {7, "K_PR"},
};
static const struct code kv_type[] = {
    {0, "Null"}, {1, "SPI/MKI"}, {2, "Interval"},
};
static const struct code general_extension_type[] = {
    {0, "Vendor ID"}, {1, "SDP IDs"}, {2, "TESLA I-Key"}, {3, "Key ID"},
    {4, "CSB_ID"}, {5, "OMA BCAST"}, {6, "SAKKE-to-self"},
    {7, "3GPP key parameters"},
};
static const struct code key_id_type[] = {
    {0, "MBMS Key Domain ID"}, {1, "MBMS Service Key ID"},
    {2, "MBMS Traffic Key ID"},
};
static const struct code oma_bcast_subtype[] = {
    {1, "LTKM"}, {2, "STKM"}, {3, "LTKM Reporting"}, {4, "Parental Control"},
};
static const struct code ts_role[] = {
    {0, "Reserved"}, {1, "Time of issue (TRi)"},
    {2, "Start of validity period (TRs)"}, {3, "End of validity period (TRe)"},
    {4, "Rekeying interval (TRr)"}, {255, "Reserved"},
};
static const struct code id_role[] = {
    {0, "Reserved"}, {1, "Initiator (IDRi)"}, {2, "Responder (IDRr)"},
    {3, "KMS (IDRkms)"}, {4, "Pre-Shared Key (IDRpsk)"},
    {5, "Application (IDRapp)"}, {6, "Initiator's KMS (IDRkmsi)"},
    {7, "Responder's KMS (IDRkmsr)"}, {8, "UID of the initiator (IDRuidi)"},
    {9, "UID of the responder (IDRuidr)"}, {255, "Reserved"},
};
static const struct code rand_role[] = {
    {0, "Reserved"}, {1, "Initiator (RANDRi)"}, {2, "Responder (RANDRr)"},
    {3, "KMS (RANDRkms)"}, {255, "Reserved"},
};
static const struct code ticket_type[] = {
    {0, "Reserved"}, {1, "MIKEY base ticket"}, {2, "3GPP base ticket"},
    {65535, "Reserved"},
};
static const struct code ecc_curve[] = {
    {1, "secp192r1"}, {2, "sect163r2"}, {3, "sect163k1"}, {4, "sect163r1"},
    {5, "secp224r1"}, {6, "sect233r1"}, {7, "sect233k1"}, {8, "secp256r1"},
    {9, "sect283r1"}, {10, "sect283k1"}, {11, "secp384r1"}, {12, "sect409r1"},
    {13, "sect409k1"}, {14, "secp521r1"}, {15, "sect571r1"}, {16, "sect571k1"},
};
static const struct code sk_type[] = {
    {1, "SK"},
};
static const struct code sakke_params[] = {
    {0, "Reserved"}, {1, "Parameter Set 1"}, {255, "Reserved"},
};
static const struct code id_scheme[] = {
    {0, "Reserved"}, {1, "tel URI with monthly keys"},
    {2, "3GPP MCX hashed UID"}, {255, "Reserved"},
};
/* clang-format on */

#define ROW(field, table)                                                      \
    {                                                                          \
        field, table, sizeof(table) / sizeof((table)[0])                       \
    }

/* By the registry's name, then by the names that fields have. */
static const struct {
    const char *name;
    const struct code *codes;
    size_t count;
} registries[] = {
    ROW("data_type", data_type),
    ROW("next_payload", next_payload),
    ROW("next", next_payload),
    ROW("prf_func", prf_func),
    ROW("prf", prf_func),
    ROW("cs_id_map_type", cs_id_map_type),
    ROW("map_type", cs_id_map_type),
    ROW("kemac_encr_alg", kemac_encr_alg),
    ROW("encr_alg", kemac_encr_alg),
    ROW("kemac_mac_alg", kemac_mac_alg),
    ROW("mac_alg", kemac_mac_alg),
    ROW("auth_alg", kemac_mac_alg),
    ROW("pke_cache", pke_cache),
    ROW("dh_group", dh_group),
    ROW("sign_s_type", sign_s_type),
    ROW("s_type", sign_s_type),
    ROW("ts_type", ts_type),
    ROW("id_type", id_type),
    ROW("cert_type", cert_type),
    ROW("chash_hash_func", chash_hash_func),
    ROW("hash_func", chash_hash_func),
    ROW("sp_prot_type", sp_prot_type),
    ROW("prot_type", sp_prot_type),
    ROW("srtp_policy_type", srtp_policy_type),
    ROW("srtp_param", srtp_policy_type),
    ROW("srtp_encr_alg", srtp_encr_alg),
    ROW("srtp_auth_alg", srtp_auth_alg),
    ROW("srtp_prf", srtp_prf),
    ROW("srtp_fec_order", srtp_fec_order),
    ROW("tesla_policy_type", tesla_policy_type),
    ROW("tesla_param", tesla_policy_type),
    ROW("error_no", error_no),
    ROW("key_data_type", key_data_type),
    ROW("kv_type", kv_type),
    ROW("general_extension_type", general_extension_type),
    ROW("ext_type", general_extension_type),
    ROW("key_id_type", key_id_type),
    ROW("oma_bcast_subtype", oma_bcast_subtype),
    ROW("ts_role", ts_role),
    ROW("id_role", id_role),
    ROW("rand_role", rand_role),
    ROW("ticket_type", ticket_type),
    ROW("ecc_curve", ecc_curve),
    ROW("sk_type", sk_type),
    ROW("sakke_params", sakke_params),
    ROW("id_scheme", id_scheme),
};

const char *mikey_code_name(const char *registry, uint64_t value)
{
    for (size_t i = 0; i < sizeof(registries) / sizeof(registries[0]); i++) {
        if (strcmp(registries[i].name, registry) != 0)
            continue;
        for (size_t j = 0; j < registries[i].count; j++)
            if (registries[i].codes[j].value == value)
                return registries[i].codes[j].name;
        return NULL;
    }
    return NULL;
}

unsigned mikey_field_digits(const char *field)
{
    static const struct {
        const char *field;
        unsigned digits;
    } shown[] = {{"csb_id", 8}, {"ssrc", 8}, {"roc", 8}, {"ts", 16},
        {"dppk_id", 8}, {"status", 8}};

    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
        if (strcmp(shown[i].field, field) == 0)
            return shown[i].digits;
    return 0;
}
