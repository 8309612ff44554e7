/* SPDX-License-Identifier: Apache-2.0 */
#include "kms-client/ask.h"

#include <stdio.h>

#include "base/alloc.h"
#include "base/text.h"
#include "http/path.h"
#include "mikey/ntp.h"

#define ROOT         "/keymanagement/identity/v1"
#define KEY_NAME_MAX (MCPTT_ID_MAX + 32)
#define ID_LEN       16

static void write_number(struct wr *w, uint64_t number)
{
    char text[24];

    (void)snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
    wr_span(w, span_str(text));
}

static void write_time(struct wr *w, uint64_t unix_s)
{
    uint64_t ntp = mikey_ntp_from_unix((int64_t)unix_s, 0);
    char text[17];

    (void)snprintf(text, sizeof(text), "%016llX", (unsigned long long)ntp);
    wr_span(w, span_str(text));
}

static void write_resource(struct wr *w, const struct kms_ask *ask)
{
    switch (ask->kind) {
    case KMS_REPLY_INIT:
        wr_span(w, span_str("/init"));
        return;
    case KMS_REPLY_KEYPROV:
        wr_span(w, span_str("/keyprov/"));
        http_path_write_segment(w, ask->uri);
        wr_u8(w, '/');
        write_time(w, ask->time_s);
        return;
    case KMS_REPLY_CERTCACHE:
        wr_span(w, span_str("/certcache/"));
        write_number(w, ask->cache_num);
        return;
    case KMS_REPLY_CERT:
        wr_span(w, span_str("/cert/"));
        http_path_write_segment(w, ask->uri);
        return;
    }
}

enum mu_err kms_ask_url(
    const char *server, const struct kms_ask *ask, char out[KMS_ASK_URL_MAX])
{
    struct span url;
    struct wr w;

    wr_init(&w, (uint8_t *)out, KMS_ASK_URL_MAX - 1);
    wr_span(&w, span_str(server));
    wr_span(&w, span_str(ROOT));
    write_resource(&w, ask);
    TRY(wr_close(&w, &url));
    out[url.len] = '\0';
    return MU_OK;
}

/* The Id of a request: of no meaning, but never the same. */
struct request_id {
    char text[1 + MU_HEX_LEN(ID_LEN)];
};

static enum mu_err make_id(const struct mu_rng *rng, struct request_id *out)
{
    uint8_t octets[ID_LEN];

    TRY(mu_rng_fill(rng, octets, sizeof(octets)));
    out->text[0] = 'r'; /* an Id begins with a letter */
    mu_hex_write(SPAN_OF(octets), out->text + 1);
    return MU_OK;
}

/* Signs it under "ink.12.user@example.org": which of the user's keys. */
static enum mu_err sign(
    const struct kms_enrolment *e, struct span element, struct wr *out)
{
    uint8_t octets[KEY_NAME_MAX];
    struct span key_name;
    struct wr w;

    wr_init(&w, octets, sizeof(octets));
    wr_span(&w, span_str("ink."));
    write_number(&w, e->serial);
    wr_u8(&w, '.');
    wr_span(&w, mcptt_id_span(&e->user_uri));
    TRY(wr_close(&w, &key_name));
    return xml_sign_hmac(XML_SIGNED_REQUEST, element, &e->ink, key_name, out);
}

static void octets_free(uint8_t **octets)
{
    mu_free(*octets);
}

enum mu_err kms_ask_body(const struct kms_enrolment *enrolment, const char *url,
    uint64_t now_s, const struct mu_rng *rng, struct wr *out)
{
    MU_CLEANUP(octets_free) uint8_t *octets = mu_alloc(KMS_ASK_ELEMENT_MAX);
    struct xml_kms_request request = {
        .user_uri = mcptt_id_span(&enrolment->user_uri),
        .kms_uri = mcptt_id_span(&enrolment->kms_uri),
        .time_s = now_s,
        .client_req_url = span_str(url),
    };
    struct request_id id;
    struct span element;
    struct wr w;

    if (octets == NULL)
        return MU_E_NO_MEMORY;
    TRY(make_id(rng, &id));
    wr_init(&w, octets, KMS_ASK_ELEMENT_MAX);
    TRY(xml_kms_request_write(&w, &request, span_str(id.text)));
    TRY(wr_close(&w, &element));
    return sign(enrolment, element, out);
}
