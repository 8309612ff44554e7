/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is said of keys: the audit log, which is signed and for later, and the
 * events, which people and their tools see while they happen.
 */
#include <jansson.h>
#include <stdio.h>

#include "gms/keeper_in.h"

static json_t *value_of(const struct mu_log_field *field)
{
    char hex[11];

    switch (field->kind) {
    case MU_LOG_KIND_TEXT:
        return json_stringn((const char *)field->text.p, field->text.len);
    case MU_LOG_KIND_U64:
        return json_integer((json_int_t)field->number);
    case MU_LOG_KIND_HEX32:
        (void)snprintf(
            hex, sizeof(hex), "%08x", (unsigned)(uint32_t)field->number);
        return json_string(hex);
    case MU_LOG_KIND_BOOL:
        return json_boolean(field->number != 0);
    }
    return NULL;
}

/* A key that is said again makes a list of it. */
static void put(json_t *object, const char *key, json_t *value)
{
    json_t *present = json_object_get(object, key);
    json_t *list;

    if (present == NULL) {
        (void)json_object_set_new(object, key, value);
    } else if (json_is_array(present)) {
        (void)json_array_append_new(present, value);
    } else {
        list = json_array();
        (void)json_array_append(list, present);
        (void)json_array_append_new(list, value);
        (void)json_object_set_new(object, key, list);
    }
}

enum mu_err keeper_event(struct gms_keeper *k, const char *name,
    struct span group, const struct mu_log_field *fields, size_t count)
{
    struct gms_event event = {
        .at_ms = keeper_now_ms(k), .name = span_str(name), .group = group};
    json_t *object = json_object();
    char *text;
    enum mu_err err;

    for (size_t i = 0; i < count; i++)
        put(object, fields[i].key, value_of(&fields[i]));
    text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    if (text == NULL)
        return MU_E_NO_MEMORY;
    event.json = span_str(text);
    err = gms_store_add_event(k->config.store, &event, KEEPER_EVENTS_KEPT);
    free(text);
    return err;
}

enum mu_err keeper_tell(struct gms_keeper *k, const char *name,
    struct span group, const struct mu_log_field *fields, size_t count)
{
    struct mu_log_field all[GMS_AUDIT_FIELDS_MAX];
    size_t n = 0;

    all[n++] = mu_log_octets("group", group);
    for (size_t i = 0; i < count && n < GMS_AUDIT_FIELDS_MAX; i++)
        all[n++] = fields[i];
    gms_audit_write(k->config.audit, name, all, n);
    return keeper_event(k, name, group, fields, count);
}

#define TOLD "audit.told" /* the blob: a number, 64 bits */

enum mu_err keeper_told_keep(struct gms_keeper *k)
{
    uint8_t octets[8];
    struct span told;
    struct wr w;

    wr_init(&w, octets, sizeof(octets));
    wr_u64(&w, gms_audit_told(k->config.audit));
    TRY(wr_close(&w, &told));
    return gms_store_put_blob(k->config.store, TOLD, told);
}

void keeper_told_end(struct gms_keeper *k, enum mu_err err)
{
    if (err != MU_OK)
        gms_audit_undo(k->config.audit, k->told);
    k->told = gms_audit_told(k->config.audit);
}

/*
 * What the log tells of changes behind that number was never committed: this
 * process, or the one before it, died between the two. A log that does not come
 * to that number has lost what waited for its disk, or was put back.
 */
enum mu_err keeper_told_check(struct gms_keeper *k)
{
    uint64_t last = gms_audit_told(k->config.audit);
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct span octets;
    struct rd r;
    enum mu_err err;

    mu_arena_init(&arena, 64);
    err = gms_store_blob(k->config.store, TOLD, &arena, &octets);
    if (err == MU_OK) {
        rd_init(&r, octets);
        k->told = rd_u64(&r, "told");
        err = rd_close(&r);
    }
    if (err != MU_OK && err != MU_E_NOT_FOUND)
        return err;
    if (gms_audit_changed(k->config.audit) > k->told)
        gms_audit_undo(k->config.audit, k->told);
    else if (last < k->told)
        gms_audit_gap(k->config.audit, k->told - last);
    k->told = gms_audit_told(k->config.audit);
    return MU_OK;
}

void keeper_changed(struct gms_keeper *k, struct span group, struct span member)
{
    if (k->config.on_changed != NULL)
        k->config.on_changed(k->config.ctx, group, member);
}
