/* SPDX-License-Identifier: Apache-2.0 */
/*
 * book.h - what the vault remembers: of groups the newest epoch that it signed
 * for, and who is excluded; and the CSKs that it opened, as long as they could
 * come again.
 *
 * Made of the records of its log and of nothing else (gms/vault/record.h), so
 * that after a restart it is what it was. Keys of different kinds (GMK, MuSiK)
 * of one group have epochs of their own; an exclusion holds for all of them.
 */
#ifndef GMS_VAULT_BOOK_H
#define GMS_VAULT_BOOK_H

#include "gms/vault/record.h"

struct gms_book;

MU_MUST_CHECK enum mu_err gms_book_new(struct gms_book **out);
void gms_book_free(struct gms_book *book); /* NULL is fine */

/*
 * Takes note of a record that is in the log since now_s (Unix).
 *
 * The newest epoch of a group's keys of one kind is the highest that was signed
 * for, not as revoked. Its activation is that of the terms signed last, as it
 * may be postponed; once it has come, nothing takes it back. An exclusion
 * is from the lowest epoch that was said until the member is admitted.
 *
 * Returns MU_OK or MU_E_NO_MEMORY, and then the book is behind its log.
 */
MU_MUST_CHECK enum mu_err gms_book_note(struct gms_book *book,
    const struct gms_vault_record *record, uint64_t now_s);

/* Whether a newer key than that of this epoch is in force. */
bool gms_book_outdated(const struct gms_book *book, struct span group,
    enum mcptt_key_kind kind, uint64_t epoch, uint64_t now_s);

/* The newest epoch signed for; 0 for none. */
uint64_t gms_book_newest(
    const struct gms_book *book, struct span group, enum mcptt_key_kind kind);

/* Whether a member must not get a key of that epoch. */
bool gms_book_excludes(const struct gms_book *book, struct span group,
    uint64_t epoch, struct span uri);

/* Whether a key of that identifier was ever made here. */
bool gms_book_has_key(const struct gms_book *book, struct mcptt_key_id id);

/*
 * Whether a CSK of that time_s and sha256 may be opened now, Unix.
 *
 * Returns MU_OK; MU_E_EXPIRED outside of MCPTT_REPLAY_WINDOW_S; MU_E_DENIED
 * when it was noted before.
 */
MU_MUST_CHECK enum mu_err gms_book_check_csk(const struct gms_book *book,
    const struct gms_vault_record *record, uint64_t now_s);

/* Whether one more can be remembered; GMS_BOOK_CSKS_MAX are, 3 MiB. */
#define GMS_BOOK_CSKS_MAX 65536
bool gms_book_has_room(struct gms_book *book, uint64_t now_s);

#endif
