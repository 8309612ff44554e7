/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/gms_client.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "http/path.h"

/* One word of the path that stands for a URI. */
struct place {
    const char *word;
    struct span uri;
};

static const struct place *find_place(
    const struct place *places, size_t count, const char *at)
{
    for (size_t i = 0; i < count; i++)
        if (strncmp(at, places[i].word, strlen(places[i].word)) == 0)
            return &places[i];
    return NULL;
}

enum mu_err ue_key_url(const char *server, const char *path, struct span member,
    struct span group, char out[UE_URL_MAX])
{
    const struct place places[] = {
        {"{mcptt_id}", member}, {"{gid_encoded}", group}};
    struct span whole;
    struct wr w;

    wr_init(&w, (uint8_t *)out, UE_URL_MAX - 1);
    wr_span(&w, span_str(server));
    while (*path != '\0') {
        const struct place *place = find_place(places, 2, path);

        if (place == NULL) {
            wr_u8(&w, (uint8_t)*path++);
            continue;
        }
        http_path_write_segment(&w, place->uri);
        path += strlen(place->word);
    }
    TRY(wr_close(&w, &whole));
    out[whole.len] = '\0';
    return MU_OK;
}

enum mu_err ue_key_get(struct http_client *http, const struct ue_key_call *call,
    http_done *done, void *ctx, uint64_t *id)
{
    char match[UE_ETAG_MAX + 32];
    const char *fields[] = {match};
    const struct http_call get = {.method = "GET",
        .url = call->url,
        .fields = fields,
        .fields_len = call->have->text[0] != '\0' ? 1 : 0,
        .bearer = call->bearer};

    (void)snprintf(match, sizeof(match), "If-None-Match: %s", call->have->text);
    return http_client_start(http, &get, done, ctx, id);
}

void ue_etag_of(const struct http_reply *reply, struct ue_etag *out)
{
    struct span etag = http_reply_field(reply, "ETag");

    out->text[0] = '\0';
    if (etag.len > 0 && etag.len < sizeof(out->text)) {
        memcpy(out->text, etag.p, etag.len);
        out->text[etag.len] = '\0';
    }
}

uint64_t ue_retry_after_ms(const struct http_reply *reply)
{
    uint64_t seconds = 0;

    if (reply->err != MU_OK || (reply->status != 429 && reply->status != 503) ||
        mu_text_u64(http_reply_field(reply, "Retry-After"), &seconds) != MU_OK)
        return 0;
    return 1000 *
           (seconds < UE_RETRY_AFTER_MAX_S ? seconds : UE_RETRY_AFTER_MAX_S);
}
