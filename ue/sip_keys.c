/* SPDX-License-Identifier: Apache-2.0 */
#include "ue/sip_keys.h"

#include "mcptt/incoming.h"
#include "ue/sip_text.h"
#include "xml/gktp.h"
#include "xml/kms_krr.h"
#include "xml/xcap_diff.h"

#define BODY_MAX     ((size_t)4 << 20) /* of the arena of one NOTIFY */
#define DOCUMENT_MAX ((size_t)4 << 20)
#define KRR_ROOM     1024

static struct span kms_of(const struct ue_member *member)
{
    return mcptt_id_span(&ue_member_enrolment(member)->kms_uri);
}

/* --------------------------------------------------------------- another KMS
 */

bool ue_sip_is_elsewhere(struct span message, struct span kms)
{
    struct mcptt_incoming in;

    if (mcptt_incoming_read(message, 0, &in, NULL) != MU_OK)
        return false;
    return in.responder.kms.len > 0 && !span_eq(in.responder.kms, kms);
}

static bool content_is_elsewhere(struct span content, struct span kms)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    MU_CLEANUP(buf_clear) struct buf document = {.p = NULL};
    const struct xml_gktp *keys = NULL;
    struct xml_fault fault;
    size_t count = 0;

    mu_arena_init(&arena, DOCUMENT_MAX);
    ue_sip_document(content, &document);
    if (document.err != MU_OK || xml_gktp_read(buf_span(&document), &arena,
                                     &fault, &keys, &count) != MU_OK)
        return false;
    for (size_t i = 0; i < count; i++)
        if (ue_sip_is_elsewhere(keys[i].message, kms))
            return true;
    return false;
}

static bool is_mikey(const struct sip_part *part)
{
    return span_eq(part->type, span_str(UE_SIP_MIKEY_TYPE));
}

static bool is_misdirected(struct span kms, const struct sip_request *request,
    const struct xml_xcap_diff *diff)
{
    for (size_t i = 0; i < request->part_count; i++)
        if (is_mikey(&request->parts[i]) &&
            ue_sip_is_elsewhere(request->parts[i].body, kms))
            return true;
    for (size_t i = 0; i < diff->count; i++)
        if (diff->items[i].content.len > 0 &&
            content_is_elsewhere(diff->items[i].content, kms))
            return true;
    return false;
}

void ue_sip_redirect(const struct ue_member *member, struct buf *out)
{
    uint8_t room[KRR_ROOM];
    struct span text = {NULL, 0};
    struct wr w;

    wr_init(&w, room, sizeof(room));
    if (xml_krr_write(&w, kms_of(member)) == MU_OK &&
        wr_close(&w, &text) == MU_OK)
        buf_add(out, text);
}

/* ------------------------------------------------------------------- content
 */

/* The group whose keys that selector names; NULL: none of his. */
static struct ue_group *group_of(const struct ue_env *env,
    const struct ue_member *member, const struct xml_xcap_item *item)
{
    bool node = item->kind == XML_XCAP_ELEMENT;
    char own[UE_URL_MAX];

    for (size_t i = 0; i < ue_member_group_count(member); i++) {
        struct ue_group *group = ue_member_group(member, i);

        if (ue_sip_sel(env->key_path, ue_member_uri(member),
                ue_group_uri(group), node, own) == MU_OK &&
            span_eq(span_str(own), item->sel))
            return group;
    }
    return NULL;
}

static void take_content(struct ue_group *group, struct span content)
{
    MU_CLEANUP(buf_clear) struct buf document = {.p = NULL};

    ue_sip_document(content, &document);
    if (document.err == MU_OK)
        ue_group_take(group, buf_span(&document), false);
}

/* A document that changed, or a node without its content, is to be fetched. */
static bool is_to_be_fetched(const struct xml_xcap_item *item)
{
    return item->kind == XML_XCAP_ELEMENT
               ? !item->gone && item->content.len == 0
               : item->new_etag.len > 0;
}

static size_t count_fetches(const struct ue_env *env,
    const struct ue_member *member, const struct xml_xcap_diff *diff)
{
    size_t count = 0;

    for (size_t i = 0; i < diff->count; i++)
        if (is_to_be_fetched(&diff->items[i]) &&
            group_of(env, member, &diff->items[i]) != NULL)
            count++;
    return count;
}

static void take_items(const struct ue_env *env, const struct ue_member *member,
    const struct xml_xcap_diff *diff, bool fetch)
{
    for (size_t i = 0; i < diff->count; i++) {
        const struct xml_xcap_item *item = &diff->items[i];
        struct ue_group *group = group_of(env, member, item);

        if (group != NULL && item->content.len > 0)
            take_content(group, item->content);
        else if (group != NULL && fetch && is_to_be_fetched(item))
            (void)(ue_group_watch(group, 0) == MU_OK);
    }
}

/* --------------------------------------------------------------------- parts
 */

size_t ue_sip_parts(const struct sip_request *request)
{
    size_t count = 0;

    for (size_t i = 0; i < request->part_count; i++)
        count += is_mikey(&request->parts[i]) ? 1 : 0;
    return count;
}

static void offer(
    const struct ue_member *member, const struct sip_request *request)
{
    for (size_t i = 0; i < request->part_count; i++)
        for (size_t g = 0;
             is_mikey(&request->parts[i]) && g < ue_member_group_count(member);
             g++)
            ue_group_offer(ue_member_group(member, g), request->parts[i].body);
}

unsigned ue_sip_take(const struct ue_env *env, const struct ue_member *member,
    const struct sip_request *request)
{
    const struct sip_part *part = sip_request_part(request, XML_XCAP_DIFF_TYPE);
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct xml_xcap_diff diff = {.count = 0};
    size_t parts = ue_sip_parts(request);
    struct xml_fault fault;

    mu_arena_init(&arena, BODY_MAX);
    if (part == NULL && parts == 0)
        return request->part_count == 0 ? 200 : 415;
    if (part != NULL &&
        xml_xcap_diff_read(part->body, &arena, &fault, &diff) != MU_OK)
        return 400;
    if (is_misdirected(kms_of(member), request, &diff))
        return 488;
    offer(member, request);
    take_items(env, member, &diff, parts < count_fetches(env, member, &diff));
    return 200;
}
