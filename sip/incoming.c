/* SPDX-License-Identifier: Apache-2.0 */
#include "sip/incoming.h"

#include <sofia-sip/msg_addr.h>
#include <sofia-sip/msg_header.h>
#include <sofia-sip/sip_extra.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/su_string.h>
#include <sofia-sip/url.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/text.h"
#include "sip/access.h"
#include "sip/multipart.h"

static struct sip_event *event_new(size_t room)
{
    struct sip_event *e = mu_alloc(sizeof(*e));

    if (e != NULL)
        mu_arena_init(&e->arena, room);
    return e;
}

void sip_event_free(struct sip_event *event)
{
    if (event == NULL)
        return;
    mu_arena_clear(&event->arena);
    mu_free(event);
}

static void event_drop(struct sip_event **event)
{
    sip_event_free(*event);
}

static enum mu_err copy(
    struct mu_arena *arena, const char *text, struct span *out)
{
    struct span in = span_str(text != NULL ? text : "");

    if (in.len > SIP_TEXT_MAX)
        return MU_E_NO_SPACE;
    *out = mu_arena_copy(arena, in);
    return mu_arena_err(arena);
}

static enum mu_err copy_octets(
    struct mu_arena *arena, struct span octets, struct span *out)
{
    *out = mu_arena_copy(arena, octets);
    return mu_arena_err(arena);
}

static struct span type_of(sip_t const *sip)
{
    const char *type = sip->sip_content_type->c_type;

    return span_str(type != NULL ? type : "");
}

static struct span payload_of(sip_t const *sip)
{
    const sip_payload_t *payload = sip->sip_payload;

    if (payload == NULL)
        return (struct span){NULL, 0};
    return (struct span){(const uint8_t *)payload->pl_data, payload->pl_len};
}

/* A URL as text, without anything that could stand around it. */
static enum mu_err copy_url(
    struct mu_arena *arena, url_t const *url, struct span *out)
{
    char text[SIP_TEXT_MAX + 1];
    issize_t len = url_e(text, sizeof(text), url);

    if (len < 0 || (size_t)len >= sizeof(text))
        return MU_E_NO_SPACE;
    return copy(arena, text, out);
}

/* A media type in lower case: types compare without case. */
static enum mu_err copy_type(
    struct mu_arena *arena, struct span type, struct span *out)
{
    uint8_t *p;

    if (type.len > SIP_TEXT_MAX)
        return MU_E_NO_SPACE;
    p = mu_arena_alloc(arena, type.len, 1);
    if (p == NULL)
        return mu_arena_err(arena);
    for (size_t i = 0; i < type.len; i++)
        p[i] = type.p[i] >= 'A' && type.p[i] <= 'Z'
                   ? (uint8_t)(type.p[i] - 'A' + 'a')
                   : type.p[i];
    *out = (struct span){p, type.len};
    return MU_OK;
}

static enum mu_err read_from_to(
    struct mu_arena *a, sip_t const *sip, struct sip_request *r)
{
    TRY(copy_url(a, sip->sip_from->a_url, &r->from_uri));
    TRY(copy(a, sip->sip_from->a_tag, &r->from_tag));
    TRY(copy_url(a, sip->sip_to->a_url, &r->to_uri));
    TRY(copy(a, sip->sip_to->a_tag, &r->to_tag));
    TRY(copy(a, sip->sip_call_id->i_id, &r->call_id));
    r->cseq = sip->sip_cseq->cs_seq;
    return MU_OK;
}

/* Where he wants to be called: a SIP URI, as far as it may be one of a request
 * (RFC 3261 clause 19.1.1: without headers). Any other is none. */
static enum mu_err read_contact(
    struct mu_arena *a, sip_t const *sip, struct span *out)
{
    url_t url;

    if (sip->sip_contact == NULL)
        return MU_OK;
    url = *sip->sip_contact->m_url;
    if (url.url_type != url_sip && url.url_type != url_sips)
        return MU_OK;
    url.url_headers = NULL;
    return copy_url(a, &url, out);
}

static enum mu_err read_routes(
    struct mu_arena *a, sip_t const *sip, struct sip_request *r)
{
    for (sip_record_route_t const *rr = sip->sip_record_route; rr != NULL;
         rr = rr->r_next) {
        if (r->route_count == SIP_ROUTES_MAX)
            return MU_E_NO_SPACE;
        TRY(copy_url(a, rr->r_url, &r->routes[r->route_count]));
        r->route_count++;
    }
    return MU_OK;
}

static enum mu_err read_accepts(
    struct mu_arena *a, sip_t const *sip, struct sip_request *r)
{
    r->has_accept = sip->sip_accept != NULL;
    for (sip_accept_t const *ac = sip->sip_accept; ac != NULL;
         ac = ac->ac_next) {
        if (ac->ac_type == NULL || r->accept_count == SIP_ACCEPTS_MAX)
            continue;
        TRY(copy_type(a, span_str(ac->ac_type), &r->accepts[r->accept_count]));
        r->accept_count++;
    }
    return MU_OK;
}

static enum mu_err read_event(
    struct mu_arena *a, sip_t const *sip, struct sip_request *r)
{
    if (sip->sip_event != NULL) {
        TRY(copy(a, sip->sip_event->o_type, &r->event));
        TRY(copy(a, sip->sip_event->o_id, &r->event_id));
    }
    if (sip->sip_subscription_state != NULL) {
        TRY(copy(a, sip->sip_subscription_state->ss_substate, &r->state));
        TRY(copy(a, sip->sip_subscription_state->ss_reason, &r->reason));
    }
    if (sip->sip_expires != NULL) {
        r->has_expires = true;
        r->expires_s = (uint32_t)sip->sip_expires->ex_delta;
    }
    return MU_OK;
}

static bool is_trusted(
    const struct sip_agent_config *config, struct span address)
{
    for (size_t i = 0; i < config->trusted_count; i++)
        if (span_eq(span_str(config->trusted[i]), address))
            return true;
    return false;
}

/* sofia-sip has no name for that header. One too long says nothing. */
static enum mu_err read_access(
    struct mu_arena *a, sip_t const *sip, struct sip_request *r)
{
    for (sip_unknown_t const *u = sip->sip_unknown;
         u != NULL && r->access.len == 0; u = u->un_next)
        if (u->un_value != NULL &&
            su_casematch(u->un_name, "P-Access-Network-Info")) {
            struct span picked = sip_access_pick(span_str(u->un_value));

            if (picked.len <= SIP_TEXT_MAX)
                TRY(copy_octets(a, picked, &r->access));
        }
    return MU_OK;
}

/* Where it came from; only a trusted source asserts anybody (RFC 3325 clause
 * 4), or says where he is (RFC 7315 clause 5.4). */
static enum mu_err read_source(struct mu_arena *a, msg_t *msg,
    const struct sip_agent_config *config, struct sip_request *r)
{
    sip_p_asserted_identity_t const *paid =
        sip_p_asserted_identity(sip_object(msg));
    char host[SU_ADDRSIZE] = "";
    su_sockaddr_t *from = msg_addr(msg);

    if (from != NULL)
        (void)su_inet_ntop(from->su_family, SU_ADDR(from), host, sizeof(host));
    TRY(copy(a, host, &r->address));
    r->octets = msg_size(msg);
    if (!is_trusted(config, r->address))
        return MU_OK;
    TRY(read_access(a, sip_object(msg), r));
    if (paid != NULL)
        return copy_url(a, paid->paid_url, &r->asserted);
    return MU_OK;
}

static bool is_word(struct span text, const char *word)
{
    return text.len == strlen(word) &&
           strncasecmp((const char *)text.p, word, text.len) == 0;
}

/* Undoes base64; 8bit, 7bit and binary are the octets themselves. */
static enum mu_err decode(
    struct mu_arena *a, struct span encoding, struct span *body)
{
    char *text;
    uint8_t *out;
    size_t len;

    if (encoding.len == 0 || is_word(encoding, "binary") ||
        is_word(encoding, "8bit") || is_word(encoding, "7bit"))
        return MU_OK;
    if (!is_word(encoding, "base64"))
        return MU_E_UNSUPPORTED;
    text = mu_arena_text(a, *body);
    out = mu_arena_alloc(a, body->len + 1, 1);
    if (text == NULL || out == NULL)
        return mu_arena_err(a);
    len = mu_text_squeeze(text, body->len);
    TRY(mu_base64_read(
        (struct span){(const uint8_t *)text, len}, out, body->len + 1, &len));
    *body = (struct span){out, len};
    return MU_OK;
}

static enum mu_err add_part(
    struct mu_arena *a, const struct sip_raw_part *raw, struct sip_request *r)
{
    struct sip_part *part = &r->parts[r->part_count];

    TRY(copy_type(a, raw->type, &part->type));
    if (raw->id.len > SIP_TEXT_MAX)
        return MU_E_NO_SPACE;
    TRY(copy_octets(a, raw->id, &part->id));
    TRY(copy_octets(a, raw->body, &part->body));
    TRY(decode(a, raw->encoding, &part->body));
    r->part_count++;
    return MU_OK;
}

/* The parameter's value; a quoted one without its quotes (RFC 3261 clause
 * 25.1). */
static enum mu_err read_boundary(
    struct mu_arena *a, sip_t const *sip, struct span *out)
{
    const char *value =
        msg_params_find(sip->sip_content_type->c_params, "boundary=");
    struct span in = span_str(value != NULL ? value : "");
    size_t len = 0;
    uint8_t *p;

    if (in.len < 2 || in.p[0] != '"' || in.p[in.len - 1] != '"') {
        *out = in;
        return MU_OK;
    }
    p = mu_arena_alloc(a, in.len, 1);
    if (p == NULL)
        return mu_arena_err(a);
    for (size_t i = 1; i < in.len - 1; i++) {
        if (in.p[i] == '\\' && i + 1 < in.len - 1)
            i++;
        p[len++] = in.p[i];
    }
    *out = (struct span){p, len};
    return MU_OK;
}

static enum mu_err read_multipart(
    struct mu_arena *a, sip_t const *sip, struct sip_request *r)
{
    struct sip_raw_part raw[SIP_PARTS_MAX];
    struct span boundary = {NULL, 0};
    size_t count = 0;

    TRY(read_boundary(a, sip, &boundary));
    TRY(sip_multipart_read(payload_of(sip), boundary, raw, &count));
    for (size_t i = 0; i < count; i++)
        TRY(add_part(a, &raw[i], r));
    return MU_OK;
}

static bool is_multipart(struct span type)
{
    static const char multipart[] = "multipart/";
    const size_t len = sizeof(multipart) - 1;

    return type.len >= len &&
           strncasecmp((const char *)type.p, multipart, len) == 0;
}

static enum mu_err read_body(
    struct mu_arena *a, sip_t const *sip, struct sip_request *r)
{
    struct sip_part *part = &r->parts[0];

    if (sip->sip_payload == NULL || sip->sip_payload->pl_len == 0)
        return MU_OK;
    if (sip->sip_content_type == NULL || type_of(sip).len == 0)
        return MU_E_MALFORMED;
    if (is_multipart(type_of(sip)))
        return read_multipart(a, sip, r);
    TRY(copy_type(a, type_of(sip), &part->type));
    TRY(copy_octets(a, payload_of(sip), &part->body));
    r->part_count = 1;
    return MU_OK;
}

static enum mu_err read_request(struct mu_arena *a, msg_t *msg,
    sip_t const *sip, const struct sip_agent_config *config,
    struct sip_request *r)
{
    if (sip->sip_from == NULL || sip->sip_to == NULL ||
        sip->sip_call_id == NULL || sip->sip_cseq == NULL)
        return MU_E_MALFORMED;
    TRY(copy(a, sip->sip_request->rq_method_name, &r->method));
    TRY(copy_url(a, sip->sip_request->rq_url, &r->uri));
    TRY(read_from_to(a, sip, r));
    TRY(read_contact(a, sip, &r->contact));
    TRY(read_routes(a, sip, r));
    TRY(read_accepts(a, sip, r));
    TRY(read_event(a, sip, r));
    TRY(read_source(a, msg, config, r));
    return read_body(a, sip, r);
}

static unsigned status_of(enum mu_err err)
{
    switch (err) {
    case MU_E_NO_SPACE:
        return 413;
    case MU_E_UNSUPPORTED:
        return 415;
    case MU_E_NO_MEMORY:
        return 500;
    default:
        return 400;
    }
}

enum mu_err sip_incoming_request(msg_t *msg, sip_t const *sip,
    const struct sip_agent_config *config, struct sip_event **out,
    unsigned *status)
{
    MU_CLEANUP(event_drop)
    struct sip_event *e = event_new(SIP_EVENT_ROOM + 4 * msg_size(msg));
    enum mu_err err;

    *status = 500;
    if (e == NULL)
        return MU_E_NO_MEMORY;
    err = read_request(&e->arena, msg, sip, config, &e->request);
    if (err != MU_OK) {
        *status = status_of(err);
        return err;
    }
    *out = e;
    e = NULL;
    return MU_OK;
}

static enum mu_err read_outcome(
    struct mu_arena *a, sip_t const *sip, struct sip_outcome *o)
{
    if (sip->sip_to != NULL)
        TRY(copy(a, sip->sip_to->a_tag, &o->to_tag));
    TRY(read_contact(a, sip, &o->contact));
    if (sip->sip_retry_after != NULL)
        o->retry_after_s = (uint32_t)sip->sip_retry_after->af_delta;
    if (sip->sip_expires != NULL) {
        o->has_expires = true;
        o->expires_s = (uint32_t)sip->sip_expires->ex_delta;
    }
    if (sip->sip_content_type == NULL || sip->sip_payload == NULL)
        return MU_OK;
    TRY(copy_type(a, type_of(sip), &o->type));
    return copy_octets(a, payload_of(sip), &o->body);
}

struct sip_event *sip_outcome_new(uint64_t id, size_t max)
{
    struct sip_event *e = event_new(SIP_EVENT_ROOM + max);

    if (e == NULL)
        return NULL;
    e->is_outcome = true;
    e->outcome.id = id;
    return e;
}

void sip_outcome_fill(struct sip_event *e, unsigned status, sip_t const *sip)
{
    e->outcome.status = status;
    /* What does not fit of an answer is left out: its status is what counts. */
    if (sip != NULL && read_outcome(&e->arena, sip, &e->outcome) != MU_OK)
        e->outcome.body = (struct span){NULL, 0};
}
