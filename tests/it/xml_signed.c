/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xml_signed.c - signed documents for a checker that is not ours.
 *
 * xml_signed WHAT prints: certificate, response (with that certificate in it)
 * or request, each signed; point, the public key of the certificate; ink, the
 * InK of the others. The last two are raw octets, and the same in each run.
 */
#include <stdio.h>
#include <string.h>

#include "xml/dsig.h"
#include "xml/kms_cert.h"
#include "xml/kms_message.h"
#include "xml/library.h"

static const struct xml_cert_key cert_key = {{4, 5, 6}};
static const struct mcptt_ink ink = {{1, 2, 3}};

static uint8_t inner[1 << 14], element[1 << 14], whole[1 << 15];

static enum mu_err make_certificate(struct wr *out)
{
    static struct xml_kms_cert cert = {
        .role = XML_KMS_ROLE_ROOT,
        .rule = {.length_s = 2592000},
    };
    struct xml_kms_cert_form form = {&cert, span_str("cert"), NULL, 0};
    struct wr w;

    cert.origin.kms_uri = span_str("kms.example.org");
    cert.origin.issuer = span_str("Example & <Sons>");
    cert.origin.valid_from_s = 1735689600;
    cert.origin.valid_to_s = XML_KMS_FOREVER;
    wr_init(&w, element, sizeof(element));
    TRY(xml_kms_cert_write(&w, &form));
    return xml_sign_ecdsa(XML_SIGNED_CERT, wr_so_far(&w), &cert_key, out);
}

static enum mu_err make_request(struct wr *out)
{
    const struct xml_kms_request request = {
        .user_uri = span_str("sip:a@example.org"),
        .kms_uri = span_str("kms.example.org"),
        .time_s = 1763906625,
        .client_req_url = span_str("https://kms.example.org/?a&b"),
    };
    struct wr w;

    wr_init(&w, element, sizeof(element));
    TRY(xml_kms_request_write(&w, &request, span_str("request")));
    return xml_sign_hmac(
        XML_SIGNED_REQUEST, wr_so_far(&w), &ink, span_str("ink.1.a"), out);
}

static enum mu_err make_response(struct wr *out)
{
    struct span piece;
    const struct xml_kms_response_form form = {
        .head = {.user_uri = span_str("sip:a@example.org"),
            .kms_uri = span_str("kms.example.org"),
            .time_s = 1763906625,
            .client_req_url = span_str("https://kms.example.org/"),
            .message = XML_KMS_INIT},
        .id = span_str("response"),
        .pieces = &piece,
        .piece_count = 1,
    };
    struct wr w;

    wr_init(&w, inner, sizeof(inner));
    TRY(make_certificate(&w));
    piece = wr_so_far(&w);
    wr_init(&w, element, sizeof(element));
    TRY(xml_kms_response_write(&w, &form));
    return xml_sign_hmac(
        XML_SIGNED_RESPONSE, wr_so_far(&w), &ink, span_str("ink.1.a"), out);
}

static enum mu_err make_point(struct wr *out)
{
    struct xml_cert_point point;

    TRY(xml_cert_point_of(&cert_key, &point));
    wr_span(out, SPAN_OF(point.b));
    return MU_OK;
}

static enum mu_err make_ink(struct wr *out)
{
    wr_span(out, SPAN_OF(ink.b));
    return MU_OK;
}

static const struct {
    const char *name;
    enum mu_err (*make)(struct wr *out);
} documents[] = {
    {"certificate", make_certificate},
    {"request", make_request},
    {"response", make_response},
    {"point", make_point},
    {"ink", make_ink},
};

int main(int argc, char **argv)
{
    struct wr w;

    if (argc != 2 || xml_init() != MU_OK)
        return 2;
    wr_init(&w, whole, sizeof(whole));
    for (size_t i = 0; i < sizeof(documents) / sizeof(documents[0]); i++)
        if (strcmp(argv[1], documents[i].name) == 0 &&
            documents[i].make(&w) == MU_OK)
            return fwrite(whole, 1, w.at, stdout) == w.at ? 0 : 1;
    return 1;
}
