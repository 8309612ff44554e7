/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper.h - keeps each group's members supplied with its keys: the way of a
 * key of DESIGN section 4, from a change of a document to the members' key
 * documents.
 *
 * A change and what it means for keys are one transaction; from then on the
 * keeper does what the store says is still to do, whatever dies in between:
 * itself, the vault, the machine. It never asks twice for what it has.
 *
 * One loop, one thread. Callers hold no transaction when they call.
 */
#ifndef GMS_KEEPER_H
#define GMS_KEEPER_H

#include "base/clock.h"
#include "base/conf.h"
#include "base/rng.h"
#include "gms/audit.h"
#include "gms/domains.h"
#include "gms/store.h"
#include "gms/vault_link.h"

struct gms_keeper;

struct gms_keeper_config {
    struct event_base *base;
    const struct mu_clock *clock;
    const struct mu_rng *rng; /* back-off */
    struct gms_store *store;
    struct gms_vault_link *vault;
    struct gms_domains *domains;
    struct gms_audit *audit;
    struct gms_policy policy; /* defaults; groups may have their own */
    const struct mu_conf_strs *redirect_kmss; /* NULL: to none */
    /* After a commit: a group's keys, deliveries or document are not what they
     * were; member empty: for all of them. */
    void (*on_changed)(void *ctx, struct span group, struct span member);
    /* After a commit: members proved that they opened a key of the group, of
     * which nothing changed for members; or NULL. */
    void (*on_opened)(void *ctx, struct span group);
    void *ctx;
};
MU_MUST_CHECK enum mu_err gms_keeper_new(
    const struct gms_keeper_config *config, struct gms_keeper **out);
void gms_keeper_free(struct gms_keeper *keeper);

/* The vault is there (again), keys of ours were imported, time passed: looks
 * for work. Also by itself, on its own timer. */
void gms_keeper_wake(struct gms_keeper *keeper);

/* Whether the vault has the keys that we sign with (gms/provision.h): for the
 * figures below; work is tried in either case. */
void gms_keeper_set_ready(struct gms_keeper *keeper, bool ready);

/* A document that was validated, to be stored with what follows from it. */
struct gms_write {
    struct span actor;         /* who; for the audit */
    const struct gms_doc *doc; /* version, etag and times are set here, the
                                  reduced_etag, which must not tell of changes
                                  of the list, by gms/group.c, who knows the
                                  reduced text; NULL: the group `uri` is
                                  deleted */
    struct span uri;
    struct gms_view view; /* of the new document; holders need not be sorted */
    enum gms_stop stop;
    bool retarget;
};
/*
 * One transaction: document, group, holders, intents, events; audit record.
 * Keys follow by themselves.
 *
 *   out  the document as stored, its spans in the arena; may be NULL
 *
 * Returns MU_OK; MU_E_NOT_FOUND to delete what is not there; errors of the
 * store, and then nothing has changed.
 */
MU_MUST_CHECK enum mu_err gms_keeper_write(struct gms_keeper *keeper,
    const struct gms_write *write, struct mu_arena *arena, struct gms_doc *out);

/* A new key for a group, soft or hard. MU_OK; MU_E_NOT_FOUND; MU_E_STATE when
 * the group is not keyed. */
MU_MUST_CHECK enum mu_err gms_keeper_rekey(struct gms_keeper *keeper,
    struct span actor, struct span group, enum gms_stop stop);

/*
 * Takes back a removal that was a soft stop. Before the first message it
 * cancels; after it the member is put back and gets the pending key. The
 * document has been written back by the caller (gms/group.h) as a join.
 */
MU_MUST_CHECK enum mu_err gms_keeper_cancel(struct gms_keeper *keeper,
    struct span actor, struct span group, struct span member, bool *cancelled);

/* Which key is in force: what a server asks for (issue "MCPTT servers"). */
struct gms_in_force {
    struct gms_gmk gmk;   /* ACTIVE, or PENDING where nothing is yet */
    bool made;            /* this question made it */
    size_t members, held; /* of the group; who are known to hold it */
};
/*
 * The key in force; when there is none, or it expires within renew_s, one is
 * made, once however often it is asked, and delivered.
 *
 * Returns MU_OK; MU_E_NOT_FOUND for the group; MU_E_STATE when it is not to be
 * keyed; MU_E_EXPIRED while the key is being made and none is valid: ask
 * again.
 */
MU_MUST_CHECK enum mu_err gms_keeper_in_force(struct gms_keeper *keeper,
    struct span actor, struct span group, struct mu_arena *arena,
    struct gms_in_force *out);

/*
 * A key that a server needs itself, of kind MuSiK or MKFC: made for the group
 * when there is none, once however often it is asked, and brought to the server
 * as a message of its own; of kind MKFC to the members as well.
 *
 *   server  its identity, a user of a KMS as members are
 *   out     the row; its message is what goes out
 *
 * Returns MU_OK; MU_E_NOT_FOUND for the group, or when no KMS serves the
 * server; MU_E_STATE when the group is not to be keyed; MU_E_UNSUPPORTED for
 * other kinds; MU_E_EXPIRED while the message is being made: ask again.
 */
MU_MUST_CHECK enum mu_err gms_keeper_server_key(struct gms_keeper *keeper,
    struct span server, struct span group, enum mcptt_key_kind kind,
    struct mu_arena *arena, struct gms_delivery *out);

/*
 * The group's own policy (gms/settings.h), which the caller has read and whom
 * the caller has let. Empty: the defaults. What it says of members and group
 * IDs takes effect with the next gms_keeper_write().
 */
MU_MUST_CHECK enum mu_err gms_keeper_set_settings(struct gms_keeper *keeper,
    struct span actor, struct span group, struct span json);

/* What a server says of a group's call. */
struct gms_urgency_word {
    struct gms_urgency urgency;
    /* Who talks, or did a moment ago; who is affiliated beside them. Who is no
     * holder is passed over. Both replace what was said before. */
    const struct span *talkers, *affiliated;
    size_t talker_count, affiliated_count;
};
/*
 * From now on the group's deliveries have the class that follows from it
 * (gms/urgency.h), those under way as well; none loses urgency that it had.
 *
 * Returns MU_OK; MU_E_NOT_FOUND; errors of the store.
 */
MU_MUST_CHECK enum mu_err gms_keeper_set_urgency(struct gms_keeper *keeper,
    struct span actor, struct span group, const struct gms_urgency_word *word);

/* The member has it: 200 to his GET of the present key document. Rows SENT of
 * that group and member become ACCEPTED. */
MU_MUST_CHECK enum mu_err gms_keeper_accepted(
    struct gms_keeper *keeper, struct span group, struct span member);

/*
 * One message came, that of a row: 200 to what brought it alone, sent at that
 * moment (Unix). If it is not another one since then, the row becomes ACCEPTED.
 */
MU_MUST_CHECK enum mu_err gms_keeper_accepted_row(
    struct gms_keeper *keeper, uint64_t row, uint64_t at_ms);

/* What an answer by SIP is about: messages that had been sent until then. */
struct gms_brought {
    uint64_t row; /* that one; 0: all of this group to this member */
    struct span group, member;
    uint64_t at_ms; /* Unix */
};
/*
 * He refused them, for good: SENT becomes FAILED, with the reason. What stands
 * in his document stays there.
 */
MU_MUST_CHECK enum mu_err gms_keeper_refused(
    struct gms_keeper *keeper, const struct gms_brought *what, const char *why);
/*
 * He says that his KMS is another one (gms/redirect.h). If that is followed, he
 * is moved there in all his groups: what was on its way is REDIRECTED, and
 * messages of the same keys follow for that KMS. If not, it is a refusal.
 *
 *   krr  the body of his 488
 */
MU_MUST_CHECK enum mu_err gms_keeper_redirected(
    struct gms_keeper *keeper, const struct gms_brought *what, struct span krr);

/*
 * A member opened a key: the vault believed his receipt. Those that come within
 * a moment, or while others are written, are one transaction and one sync of
 * the audit log.
 */
struct gms_opened {
    struct span group, member;
    struct mcptt_key_id key;
    /*
     * It is on the disk, or it is not: MU_OK, also when it was known;
     * MU_E_NOT_FOUND when the key was not sent to him; errors of the store,
     * and then another try may do. Called once, from the loop.
     */
    void (*done)(void *ctx, enum mu_err err);
    void *ctx;
    struct gms_opened *next; /* the keeper's, as err is */
    enum mu_err err;
};
/* what is borrowed until it is done, or the keeper is freed. */
void gms_keeper_opened(struct gms_keeper *keeper, struct gms_opened *what);

/* For /metrics and `gmsctl status`. */
struct gms_keeper_stats {
    uint64_t keys_made, wrapped, messages_signed, accepted, opened, failed,
        revoked, redirected, redirects_refused;
    uint64_t queued;    /* rows to be wrapped or signed */
    uint64_t intents;   /* not yet done */
    uint64_t oldest_ms; /* how long the oldest intent waits */
    bool vault_up, vault_ready;
};
struct gms_keeper_stats gms_keeper_stats(struct gms_keeper *keeper);

#endif
