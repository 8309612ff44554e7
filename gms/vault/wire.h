/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire.h - the fields that requests to the vault and its answers have in
 * common (gms/vault/proto.h).
 */
#ifndef GMS_VAULT_WIRE_H
#define GMS_VAULT_WIRE_H

#include "gms/vault/proto.h"

#define GMS_WIRE_VERSION 1

/* | version (8) | op (8) | request id (32) |   Faults: MU_E_UNSUPPORTED at
 * "version", MU_E_MALFORMED at "op". */
void gms_wire_head_read(struct rd *r, enum gms_vault_op *op, uint32_t *id);
void gms_wire_head_write(struct wr *w, enum gms_vault_op op, uint32_t id);

/* Octets with their length in front (16). */
struct span gms_wire_text_read(struct rd *r, const char *field);
void gms_wire_text_write(struct wr *w, struct span text);

/* 0 or 1 (8). */
bool gms_wire_flag_read(struct rd *r, const char *field);
void gms_wire_flag_write(struct wr *w, bool flag);

/* | identifier (32) | group | epoch (64) | sealed key |, as they come. */
void gms_wire_key_read(struct rd *r, struct gms_sealed_key *out);
void gms_wire_key_write(struct wr *w, const struct gms_sealed_key *in);

/* What a key must be on the way in and out: a known kind, a group's URI, the
 * right length. */
bool gms_wire_key_ok(const struct gms_sealed_key *key);

/* An element count (16), 0..max. */
size_t gms_wire_count_read(struct rd *r, const char *field, size_t max);

/*
 * count elements of size octets in the arena; its failure becomes a fault of r,
 * and NULL is returned.
 */
void *gms_wire_array(
    struct rd *r, struct mu_arena *arena, size_t count, size_t size);

/*
 * Ends a frame that was written from the start of w: no longer than
 * GMS_VAULT_FRAME_MAX. Returns MU_OK or MU_E_NO_SPACE.
 */
MU_MUST_CHECK enum mu_err gms_wire_close(const struct wr *w);

#endif
