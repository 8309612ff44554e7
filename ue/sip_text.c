/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/sip_text.h"

#include <string.h>

#include "http/path.h"
#include "xml/mcptt_info.h"
#include "xml/mcptt_token.h"
#include "xml/resource_lists.h"

#define BODY_MAX ((size_t)256 << 10)

enum mu_err ue_sip_sel(const char *path, struct span member, struct span group,
    bool node, char out[UE_URL_MAX])
{
    const char *rest = path[0] == '/' ? strchr(path + 1, '/') : NULL;

    if (rest == NULL)
        return MU_E_MALFORMED;
    TRY(ue_key_url("", rest + 1, member, group, out));
    if (!node)
        return MU_OK;
    if (strlen(out) + sizeof(UE_SIP_NODE) > UE_URL_MAX)
        return MU_E_NO_SPACE;
    memcpy(out + strlen(out), UE_SIP_NODE, sizeof(UE_SIP_NODE));
    return MU_OK;
}

enum mu_err ue_sip_group_sel(struct span group, char out[UE_URL_MAX])
{
    struct span done = {NULL, 0};
    struct wr w;

    wr_init(&w, (uint8_t *)out, UE_URL_MAX);
    wr_span(&w, span_str(UE_SIP_GROUPS));
    http_path_write_segment(&w, group);
    wr_u8(&w, '\0');
    return wr_close(&w, &done);
}

static void begin_part(struct wr *w, const char *type)
{
    wr_span(w, span_str("--muster\r\nContent-Type: "));
    wr_span(w, span_str(type));
    wr_span(w, span_str("\r\n\r\n"));
}

static enum mu_err write_token(
    struct wr *w, const struct ue_sip_content *in, const struct mu_rng *rng)
{
    const struct xml_mcptt_info info = {.token = in->token};

    begin_part(w, XML_MCPTT_INFO_TYPE);
    if (in->csk == NULL)
        return xml_mcptt_info_write(w, &info);
    TRY(xml_sealed_token_write(w, in->token, in->csk->id, &in->csk->key, rng));
    wr_span(w, span_str("\r\n"));
    begin_part(w, "application/mikey");
    wr_span(w, (struct span){in->csk->octets, in->csk->len});
    return w->err;
}

enum mu_err ue_sip_body(
    const struct ue_sip_content *in, const struct mu_rng *rng, struct buf *out)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    const struct xml_resource_lists lists = {
        .uris = in->sels, .count = in->count};
    struct span body;
    uint8_t *room;
    struct wr w;

    mu_arena_init(&arena, 2 * BODY_MAX);
    room = mu_arena_alloc(&arena, BODY_MAX, 1);
    if (room == NULL)
        return mu_arena_err(&arena);
    wr_init(&w, room, BODY_MAX);
    TRY(write_token(&w, in, rng));
    wr_span(&w, span_str("\r\n"));
    begin_part(&w, XML_RESOURCE_LISTS_TYPE);
    TRY(xml_resource_lists_write(&w, &lists));
    wr_span(&w, span_str("\r\n--muster--\r\n"));
    TRY(wr_close(&w, &body));
    buf_add(out, body);
    return out->err;
}

void ue_sip_document(struct span content, struct buf *out)
{
    buf_text(out, "<GKTPs xmlns=\"urn:3gpp:ns:mcpttGKTP:1.0\">");
    buf_add(out, content);
    buf_text(out, "</GKTPs>");
}
