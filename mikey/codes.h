/* SPDX-License-Identifier: Apache-2.0 */
/*
 * codes.h - the code points of MIKEY and their names.
 *
 * Sources: RFC 3830 and its successors (4442, 4563, 4650, 4738, 4771, 5410,
 * 5748, 6043, 6267, 6309, 6509, 7714, 8269); TS 33.180 annex E for the rows of
 * 3GPP. The enumerations name what code compares with; the tables behind
 * mikey_code_name() name all values, for explanation.
 */
#ifndef MIKEY_CODES_H
#define MIKEY_CODES_H

#include <stdbool.h>
#include <stdint.h>

#define MIKEY_VERSION 1

/* RFC 3830 clause 6.1.a, RFC 6509 clause 4.1. */
enum mikey_data_type {
    MIKEY_DT_ERROR = 6,
    MIKEY_DT_SAKKE = 26
};

/* RFC 3830 clause 6.1.b: what the next payload octet announces. */
enum mikey_payload_type {
    MIKEY_PL_LAST = 0,
    MIKEY_PL_KEMAC = 1,
    MIKEY_PL_PKE = 2,
    MIKEY_PL_DH = 3,
    MIKEY_PL_SIGN = 4,
    MIKEY_PL_T = 5,
    MIKEY_PL_ID = 6,
    MIKEY_PL_CERT = 7,
    MIKEY_PL_CHASH = 8,
    MIKEY_PL_V = 9,
    MIKEY_PL_SP = 10,
    MIKEY_PL_RAND = 11,
    MIKEY_PL_ERR = 12,
    MIKEY_PL_TR = 13,
    MIKEY_PL_IDR = 14,
    MIKEY_PL_RANDR = 15,
    MIKEY_PL_KEY_DATA = 20,
    MIKEY_PL_EXT = 21,
    MIKEY_PL_SAKKE = 26
};

/* RFC 3830 clause 6.1.c, RFC 6043 clause 6.1. */
enum mikey_prf_func {
    MIKEY_PRF_SHA1 = 0,
    MIKEY_PRF_SHA256 = 1
};

/* RFC 3830 clause 6.1.d, RFC 4563, RFC 6043 clause 6.1.1. */
enum mikey_map_type {
    MIKEY_MAP_SRTP_ID = 0,
    MIKEY_MAP_EMPTY = 1,
    MIKEY_MAP_GENERIC_ID = 2
};

/* RFC 3830 clause 6.6. */
enum mikey_ts_type {
    MIKEY_TS_NTP_UTC = 0,
    MIKEY_TS_NTP = 1,
    MIKEY_TS_COUNTER = 2,
    MIKEY_TS_NTP_UTC_32 = 3
};

/* RFC 6043 clause 6.6, RFC 6509 clause 4.4, TS 33.180 clause E.7. */
enum mikey_id_role {
    MIKEY_ROLE_INITIATOR = 1,
    MIKEY_ROLE_RESPONDER = 2,
    MIKEY_ROLE_KMS = 3,
    MIKEY_ROLE_PSK = 4,
    MIKEY_ROLE_APPLICATION = 5,
    MIKEY_ROLE_INITIATOR_KMS = 6,
    MIKEY_ROLE_RESPONDER_KMS = 7,
    MIKEY_ROLE_INITIATOR_UID = 8,
    MIKEY_ROLE_RESPONDER_UID = 9
};

/* RFC 3830 clause 6.7, RFC 6043 clause 6.6. */
enum mikey_id_type {
    MIKEY_ID_NAI = 0,
    MIKEY_ID_URI = 1,
    MIKEY_ID_OCTETS = 2
};

/* RFC 3830 clause 6.10, RFC 4442. */
enum mikey_prot_type {
    MIKEY_PROT_SRTP = 0,
    MIKEY_PROT_TESLA = 1
};

/* RFC 3830 clause 6.10.1, RFC 4771, RFC 7714: SRTP policy parameters. */
enum mikey_srtp_param {
    MIKEY_SRTP_ENCR_ALG = 0,
    MIKEY_SRTP_ENCR_KEY_LEN = 1,
    MIKEY_SRTP_AUTH_ALG = 2,
    MIKEY_SRTP_AUTH_KEY_LEN = 3,
    MIKEY_SRTP_SALT_LEN = 4,
    MIKEY_SRTP_PRF = 5,
    MIKEY_SRTP_KDR = 6,
    MIKEY_SRTP_ROC_RATE = 13,
    MIKEY_SRTP_RTP_TAG_LEN = 18,
    MIKEY_SRTP_RTCP_TAG_LEN = 19,
    MIKEY_SRTP_AEAD_TAG_LEN = 20
};

enum mikey_srtp_encr {
    MIKEY_SRTP_AES_GCM = 6
};

enum mikey_srtp_auth {
    MIKEY_SRTP_RCCM3 = 4
};

/* RFC 3830 clause 6.13.b. */
enum mikey_kv_type {
    MIKEY_KV_NULL = 0,
    MIKEY_KV_SPI = 1,
    MIKEY_KV_INTERVAL = 2
};

/* RFC 3830 clause 6.15, RFC 4563, RFC 5410, TS 33.180 clauses E.5 and E.6. */
enum mikey_ext_type {
    MIKEY_EXT_VENDOR = 0,
    MIKEY_EXT_SDP_IDS = 1,
    MIKEY_EXT_KEY_ID = 3,
    MIKEY_EXT_OMA_BCAST = 5,
    MIKEY_EXT_SAKKE_TO_SELF = 6,
    MIKEY_EXT_KEY_PARAMS = 7
};

/* RFC 3830 clause 6.5, RFC 6509 clause 4.5. */
enum mikey_sign_type {
    MIKEY_SIGN_ECCSI = 2
};

/* RFC 6509 clauses 4.2 and 7; TS 33.180 clause F.2.1 for the last. */
enum mikey_sakke_params {
    MIKEY_SAKKE_SET_1 = 1
};

enum mikey_id_scheme {
    MIKEY_SCHEME_TEL = 1, /* tel URI with monthly keys */
    MIKEY_SCHEME_UID = 2  /* 3GPP hashed UID */
};

/*
 * The name of a value, or NULL when the registry or the value is unknown.
 * Registries carry the names of the fields of the readers ("id_role",
 * "ts_type", "data_type"), so that an explanation is one look-up; the
 * alternative names are "next" for next_payload, "prf" for prf_func and
 * "map_type" for cs_id_map_type. Static storage.
 */
const char *mikey_code_name(const char *registry, uint64_t value);

/*
 * Hex digits in which a number of this field is best shown (8 for csb_id), or
 * 0 for decimal.
 */
unsigned mikey_field_digits(const char *field);

#endif
