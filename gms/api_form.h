/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_form.h - how groups, members, keys, deliveries and events look in JSON.
 *
 * Times are RFC 3339 texts in UTC, or null for never. Identifiers of keys are
 * eight hex digits. No octet of a key is ever among it: none of these functions
 * sees one.
 *
 * What they return is the caller's; NULL when memory fails.
 */
#ifndef GMS_API_FORM_H
#define GMS_API_FORM_H

#include <jansson.h>

#include "gms/document.h"
#include "gms/store.h"

json_t *gms_form_time_ms(uint64_t unix_ms); /* 0: null */
json_t *gms_form_time_s(uint64_t unix_s);
json_t *gms_form_key_id(struct mcptt_key_id id);

/* A line of the list of groups; row may be NULL: no keys yet. */
json_t *gms_form_group(
    const struct gms_document *document, const struct gms_group_row *row);

/* One member, as the document has him. */
json_t *gms_form_member(const struct xml_group_entry *entry);

/* All members, in document order. */
json_t *gms_form_members(const struct xml_group *group);

/* counts: of the key's issue rows by state. */
json_t *gms_form_key(
    const struct gms_gmk *gmk, const size_t counts[GMS_DLV_STATES]);

json_t *gms_form_delivery(const struct gms_delivery *delivery);

/* Why somebody does not hold the key, for people; NULL: he does. Static. */
const char *gms_form_why(const struct gms_delivery *delivery);

json_t *gms_form_event(const struct gms_event *event);

#endif
