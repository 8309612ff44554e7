/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/keydoc.h"

#include <openssl/evp.h>
#include <stdio.h>

#include "base/text.h"
#include "xml/gktp.h"

#define ETAG_OCTETS ((GMS_KEYDOC_ETAG - 1) / 2) /* of a SHA-256 */

struct document {
    struct mu_arena *arena;
    const struct gms_delivery *rows; /* of the member */
    size_t count;
    struct mu_arena_list keys;  /* of struct xml_gktp */
    struct mu_arena_list shown; /* the rows that they are of */
};

/* Messages wait here until they are replaced: one that is to be signed again
 * is better than none. What was withdrawn or redirected has none. */
static bool is_shown(const struct gms_delivery *row)
{
    return row->message.len > 0 && row->state != GMS_DLV_REVOKED &&
           row->state != GMS_DLV_REDIRECTED;
}

/* Whether there is a word that the key has ended; then it is the last one. */
static bool has_ended(const struct document *doc, struct mcptt_key_id key)
{
    for (size_t i = 0; i < doc->count; i++)
        if (doc->rows[i].revocation && doc->rows[i].key.v == key.v &&
            is_shown(&doc->rows[i]))
            return true;
    return false;
}

static enum mu_err add(struct document *doc, const struct gms_delivery *row,
    const struct gms_gmk *gmk)
{
    char *id = mu_arena_alloc(doc->arena, 9, 1);
    struct xml_gktp *key =
        mu_arena_list_add(doc->arena, &doc->keys, sizeof(*key));
    struct gms_delivery *shown =
        mu_arena_list_add(doc->arena, &doc->shown, sizeof(*shown));

    if (id == NULL || key == NULL || shown == NULL)
        return mu_arena_err(doc->arena);
    *shown = *row;
    /* What @id says is UNKNOWN in the notes (gms-protocol 2.3). */
    (void)snprintf(id, 9, "%08x", (unsigned)row->key.v);
    key->kind = mcptt_key_id_tag(row->key) == MCPTT_KIND_MKFC ? XML_GKTP_MKFC
                                                              : XML_GKTP_GMK;
    key->id = span_str(id);
    key->activation_s = row->revocation ? 0 : gmk->activation_s;
    key->message = row->message;
    return MU_OK;
}

/* Keys that members have: others go to servers, and not in a document. */
static bool is_members(struct mcptt_key_id id)
{
    unsigned kind = mcptt_key_id_tag(id);

    return kind == MCPTT_KIND_GMK || kind == MCPTT_KIND_MKFC;
}

/* What says of one key that it is, or that it has ended. */
static enum mu_err collect_of(struct document *doc, const struct gms_gmk *gmk)
{
    bool ended = has_ended(doc, gmk->id);

    for (size_t i = 0; i < doc->count; i++) {
        const struct gms_delivery *row = &doc->rows[i];

        if (row->key.v == gmk->id.v && is_shown(row) &&
            row->revocation == ended)
            TRY(add(doc, row, gmk));
    }
    return MU_OK;
}

/* The newest key first. */
static enum mu_err collect(
    struct document *doc, const struct gms_gmk *gmks, size_t gmk_count)
{
    for (size_t i = 0; i < gmk_count; i++)
        if (is_members(gmks[i].id))
            TRY(collect_of(doc, &gmks[i]));
    return doc->keys.len > 0 ? MU_OK : MU_E_NOT_FOUND;
}

static enum mu_err write_text(struct document *doc, struct span *out)
{
    struct wr count, w;
    struct span needed;
    uint8_t *text;

    wr_init(&count, NULL, SIZE_MAX);
    TRY(xml_gktp_write(&count, doc->keys.at, doc->keys.len));
    TRY(wr_close(&count, &needed));
    text = mu_arena_alloc(doc->arena, needed.len, 1);
    if (text == NULL)
        return mu_arena_err(doc->arena);
    wr_init(&w, text, needed.len);
    TRY(xml_gktp_write(&w, doc->keys.at, doc->keys.len));
    return wr_close(&w, out);
}

static enum mu_err make_etag(struct span text, char etag[GMS_KEYDOC_ETAG])
{
    uint8_t hash[EVP_MAX_MD_SIZE];

    if (EVP_Digest(text.p, text.len, hash, NULL, EVP_sha256(), NULL) != 1)
        return MU_E_CRYPTO;
    mu_hex_write((struct span){hash, ETAG_OCTETS}, etag);
    return MU_OK;
}

/* Rows and keys of the group, and from them what the document shows. */
static enum mu_err read_document(struct gms_store *store, struct span group,
    struct span member, struct document *doc)
{
    struct gms_delivery_query query = {
        .group = group, .member = member, .by_id = true};
    struct mu_arena_list rows, gmks;

    TRY(gms_store_deliveries(store, &query, doc->arena, &rows));
    TRY(gms_store_gmks(store, group, doc->arena, &gmks));
    doc->rows = rows.at;
    doc->count = rows.len;
    return collect(doc, gmks.at, gmks.len);
}

enum mu_err gms_keydoc_make(struct gms_store *store, struct span group,
    struct span member, struct mu_arena *arena, struct span *text,
    char etag[GMS_KEYDOC_ETAG])
{
    struct document doc = {.arena = arena};
    struct span made = {0};

    TRY(read_document(store, group, member, &doc));
    TRY(write_text(&doc, &made));
    TRY(make_etag(made, etag));
    *text = made;
    return MU_OK;
}

enum mu_err gms_keydoc_rows(struct gms_store *store, struct span group,
    struct span member, struct mu_arena *arena, struct mu_arena_list *out)
{
    struct document doc = {.arena = arena};

    TRY(read_document(store, group, member, &doc));
    *out = doc.shown;
    return MU_OK;
}
