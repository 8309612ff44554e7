/* SPDX-License-Identifier: Apache-2.0 */
/*
 * store.h - what gmsd must not forget (DESIGN section 7): typed operations, a
 * transaction for each change. Behind it a back end; SQLite is the first
 * (store_sqlite*.c, where all SQL is).
 *
 * Whatever is secret is sealed before it comes here. What was committed stays,
 * whatever happens to the machine; what was not, never was. Octets that were
 * deleted or replaced are overwritten.
 *
 * One thread. Reading yields rows whose spans lie in the caller's arena, and
 * returns MU_OK; MU_E_NOT_FOUND; the arena's error; MU_E_IO; MU_E_MALFORMED
 * for a damaged file. Lists may be empty. Within a transaction reading sees
 * what it wrote. Writing is within a transaction and returns MU_OK; MU_E_STATE
 * when such a row must not be there and is, or there is no transaction;
 * MU_E_NOT_FOUND when a row is to be set that is not there (to delete it is
 * fine); MU_E_NO_SPACE, also for numbers over INT64_MAX; MU_E_IO. An operation
 * that fails has changed nothing. Results are untouched on failure.
 */
#ifndef GMS_STORE_H
#define GMS_STORE_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/keyring.h"
#include "gms/delivery.h"
#include "gms/gmk.h"
#include "gms/rekey.h"
#include "gms/urgency.h"

struct gms_store;

/*
 * Makes the file where there is none, and migrates an older schema forward. It
 * is this process's alone while it is open: two gmsds with one file would sign
 * each for themselves.
 *
 * Returns MU_OK; MU_E_UNSUPPORTED for the schema of a later release;
 * MU_E_MALFORMED for a file that is something else; MU_E_STATE when somebody
 * else has it open; MU_E_IO; MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err gms_store_open(
    const char *path, struct gms_store **out);
void gms_store_close(struct gms_store *store); /* NULL is fine */
void gms_store_drop(struct gms_store **store); /* for MU_CLEANUP */

/* MU_E_STATE when one is open. */
MU_MUST_CHECK enum mu_err gms_store_begin(struct gms_store *store);
/* On disk when it returns MU_OK; after a failure nothing of it is left. Either
 * way the transaction is over. */
MU_MUST_CHECK enum mu_err gms_store_commit(struct gms_store *store);
void gms_store_rollback(struct gms_store *store); /* no transaction: nothing */
/* After the next commit what was replaced before is not in the write-ahead log
 * either, as it is by itself when a key goes. */
void gms_store_wipe(struct gms_store *store);

/* ------------------------------------------------------------- documents */

/*
 * What stays of a group's URI for ever, so that nothing goes back when it is
 * used anew: zeros where it never was used. Never MU_E_NOT_FOUND.
 */
struct gms_fence {
    uint64_t epoch;   /* the highest given out */
    uint64_t version; /* of the last document */
};
MU_MUST_CHECK enum mu_err gms_store_fence(
    struct gms_store *store, struct span uri, struct gms_fence *out);

/* Addresses: users/XUI/NAME and global/byGroupID/URI are the same row. */
struct gms_doc {
    struct span uri;          /* of the group */
    struct span xui, name;    /* in the users tree */
    struct span text;         /* octet for octet */
    struct span etag;         /* of the whole document */
    struct span reduced_etag; /* of the form without its list */
    uint64_t version;         /* of this document, from 1; never goes back */
    uint64_t created_ms, changed_ms;
};
MU_MUST_CHECK enum mu_err gms_store_doc(struct gms_store *store,
    struct span uri, struct mu_arena *arena, struct gms_doc *out);
MU_MUST_CHECK enum mu_err gms_store_doc_at(struct gms_store *store,
    struct span xui, struct span name, struct mu_arena *arena,
    struct gms_doc *out);
/* URIs after `after` in octet order, at most `most`: list of struct span. */
MU_MUST_CHECK enum mu_err gms_store_doc_uris(struct gms_store *store,
    struct span after, size_t most, struct mu_arena *arena,
    struct mu_arena_list *out);
/* New or in the place of the same uri. MU_E_STATE when the version is not one
 * higher than the fence's, or the address is another group's. */
MU_MUST_CHECK enum mu_err gms_store_put_doc(
    struct gms_store *store, const struct gms_doc *doc);
MU_MUST_CHECK enum mu_err gms_store_delete_doc(
    struct gms_store *store, struct span uri);

/* ---------------------------------------------------------------- groups */

/* What is known of a group beside its document; outlives it until its
 * tombstone is over. */
struct gms_group_row {
    struct span uri;
    bool exists, keyed, disabled; /* as its last view said */
    uint64_t epoch;               /* the highest given out */
    uint64_t deleted_ms;          /* 0: not */
    struct span settings;         /* JSON of the group's own policy; empty */
    struct span ids; /* MC group IDs that its keys are for, LF after each */
};
MU_MUST_CHECK enum mu_err gms_store_group(struct gms_store *store,
    struct span uri, struct mu_arena *arena, struct gms_group_row *out);
/* New or in the place of the same. MU_E_STATE for an epoch below the fence's.
 */
MU_MUST_CHECK enum mu_err gms_store_put_group(
    struct gms_store *store, const struct gms_group_row *group);
/* With its holders, keys, deliveries and intents. Its fence stays, and the
 * identifiers of its keys stay used. */
MU_MUST_CHECK enum mu_err gms_store_delete_group(
    struct gms_store *store, struct span uri);
/* All, in order of uri: list of struct gms_group_row. */
MU_MUST_CHECK enum mu_err gms_store_groups(
    struct gms_store *store, struct mu_arena *arena, struct mu_arena_list *out);

/* Holders of a group's keys: list of struct gms_holder, by uri. */
MU_MUST_CHECK enum mu_err gms_store_holders(struct gms_store *store,
    struct span group, struct mu_arena *arena, struct mu_arena_list *out);
/* New or in the place of the same uri. */
MU_MUST_CHECK enum mu_err gms_store_put_holder(struct gms_store *store,
    struct span group, const struct gms_holder *holder);
MU_MUST_CHECK enum mu_err gms_store_delete_holder(
    struct gms_store *store, struct span group, struct span uri);
/* Groups of a holder, in order: list of struct span. */
MU_MUST_CHECK enum mu_err gms_store_groups_of(struct gms_store *store,
    struct span uri, struct mu_arena *arena, struct mu_arena_list *out);

/* Groups with a delivery to a member, in order: list of struct span. Beside his
 * own there are those that he has left, whose keys have ended for him. */
MU_MUST_CHECK enum mu_err gms_store_groups_keyed(struct gms_store *store,
    struct span member, struct mu_arena *arena, struct mu_arena_list *out);

/*
 * What MCPTT servers say of a group's call (gms/urgency.h); it goes with the
 * group, and a standing with its holder. Setting makes everybody's standing
 * GMS_STANDING_MEMBER. Who is no holder has that one, and none is kept of him.
 *
 * MU_E_NOT_FOUND when there is no such group.
 */
MU_MUST_CHECK enum mu_err gms_store_set_urgency(struct gms_store *store,
    struct span group, const struct gms_urgency *urgency);
MU_MUST_CHECK enum mu_err gms_store_urgency(struct gms_store *store,
    struct span group, struct span member, struct gms_urgency *out,
    enum gms_standing *standing);
MU_MUST_CHECK enum mu_err gms_store_set_standing(struct gms_store *store,
    struct span group, struct span uri, enum gms_standing standing);

/* ------------------------------------------------------------------ keys */

/* An identifier that was ever used stays used (no GMK-ID twice). */
MU_MUST_CHECK enum mu_err gms_store_key_id_used(
    struct gms_store *store, struct mcptt_key_id id, bool *used);
/* MU_E_STATE when the identifier was used before, or the epoch in this group.
 */
MU_MUST_CHECK enum mu_err gms_store_add_gmk(
    struct gms_store *store, const struct gms_gmk *gmk);
/* State, times, sealed, reason. */
MU_MUST_CHECK enum mu_err gms_store_set_gmk(
    struct gms_store *store, const struct gms_gmk *gmk);
MU_MUST_CHECK enum mu_err gms_store_gmk(struct gms_store *store,
    struct mcptt_key_id id, struct mu_arena *arena, struct gms_gmk *out);
/* Of a group, newest epoch first; destroyed ones too: list of gms_gmk. */
MU_MUST_CHECK enum mu_err gms_store_gmks(struct gms_store *store,
    struct span group, struct mu_arena *arena, struct mu_arena_list *out);

/* ------------------------------------------------------------ deliveries */

/* Sets delivery->id. MU_E_STATE when there is one of the same key, member,
 * kms, period and purpose. */
MU_MUST_CHECK enum mu_err gms_store_add_delivery(
    struct gms_store *store, struct gms_delivery *delivery);
/* Everything but key, group, member, kms, period and purpose; of a row that was
 * read bare, not envelope and message either. */
MU_MUST_CHECK enum mu_err gms_store_set_delivery(
    struct gms_store *store, const struct gms_delivery *delivery);
MU_MUST_CHECK enum mu_err gms_store_delivery(struct gms_store *store,
    uint64_t id, struct mu_arena *arena, struct gms_delivery *out);
/* What to look for; empty spans, zero: any. */
enum gms_purpose {
    GMS_ANY_PURPOSE,
    GMS_ISSUES,
    GMS_REVOCATIONS
};
struct gms_delivery_query {
    enum gms_purpose purpose;
    struct span group, member, kms;
    uint64_t before_period; /* of lower number */
    struct mcptt_key_id key;
    bool by_key;
    unsigned states; /* bits 1 << state; 0: any */
    uint64_t due_ms; /* next_ms is set and not later; 0: any */
    uint64_t after_id;
    size_t most; /* 0: all */
    bool bare;   /* without envelope and message */
    bool by_id;  /* in order of id alone: for pages */
};
/* By class, then id: list of struct gms_delivery. */
MU_MUST_CHECK enum mu_err gms_store_deliveries(struct gms_store *store,
    const struct gms_delivery_query *query, struct mu_arena *arena,
    struct mu_arena_list *out);
/* Counts of a key's issue rows by state. */
MU_MUST_CHECK enum mu_err gms_store_count_deliveries(struct gms_store *store,
    struct mcptt_key_id key, size_t counts[GMS_DLV_STATES]);
/* All rows of a group's member, or of a key; octets are overwritten. */
MU_MUST_CHECK enum mu_err gms_store_delete_deliveries_of(
    struct gms_store *store, struct span group, struct span member);
MU_MUST_CHECK enum mu_err gms_store_delete_deliveries_for(
    struct gms_store *store, struct mcptt_key_id key);

/* What is still to be done is a question to the store, so that whoever asks
 * after a crash gets the answer that the one before would have got. */

/* The KMSs of a group's holders: list of struct span. */
MU_MUST_CHECK enum mu_err gms_store_kms_of(struct gms_store *store,
    struct span group, struct mu_arena *arena, struct mu_arena_list *out);

/* The KMSs of a key's rows: list of struct span. */
MU_MUST_CHECK enum mu_err gms_store_kms_of_key(struct gms_store *store,
    struct mcptt_key_id key, struct mu_arena *arena, struct mu_arena_list *out);
/* Whether a member knows another key that is not destroyed by that GUK-ID. */
MU_MUST_CHECK enum mu_err gms_store_guk_id_taken(struct gms_store *store,
    struct span member, struct mcptt_key_id guk_id, struct mcptt_key_id key,
    bool *taken);

/* A key, and where: what rows of one kind have in common. */
struct gms_store_place {
    struct span group;
    struct mcptt_key_id key;
    struct span kms;
    uint64_t period;
};
/*
 * Holders of that KMS to whom the key is still to be brought: who has not got a
 * row for that period or a later one, does not hold it by one of an earlier
 * period, and it was not withdrawn from him. At most `most`, by uri: list of
 * struct gms_holder.
 */
MU_MUST_CHECK enum mu_err gms_store_lacking(struct gms_store *store,
    const struct gms_store_place *place, size_t most, struct mu_arena *arena,
    struct mu_arena_list *out);
/*
 * Issues of a key that were sent at least once and that no revocation follows
 * for that period or a later one, unless an earlier one arrived; withdrawn ones
 * when asked for, or if there was a revocation before. Bare, by member: list of
 * struct gms_delivery.
 */
MU_MUST_CHECK enum mu_err gms_store_unrevoked(struct gms_store *store,
    const struct gms_store_place *place, bool withdrawn, size_t most,
    struct mu_arena *arena, struct mu_arena_list *out);
/* Queued rows of a key that rest (next_ms is 0) are due now, in that class. */
MU_MUST_CHECK enum mu_err gms_store_release(struct gms_store *store,
    struct mcptt_key_id key, enum gms_class class, uint64_t now_ms);
/* A group's rows that are queued, sent or failed, spares' excepted, are of that
 * class at least: all, or those of holders of a standing. Sets *any if one was
 * not. */
MU_MUST_CHECK enum mu_err gms_store_raise(struct gms_store *store,
    struct span group, enum gms_class class, enum gms_standing least,
    bool *any);

/* ------------------------------------------------- keys that seal the others
 */

/* How much is sealed under one KEK. */
struct gms_store_kek {
    struct mu_kek_id id;
    uint64_t keys, envelopes;
};
/* All that something is sealed under, by id: list of struct gms_store_kek.
 * Counts every row: not for each request. */
MU_MUST_CHECK enum mu_err gms_store_keks(
    struct gms_store *store, struct mu_arena *arena, struct mu_arena_list *out);

/* What is sealed under one, of identifiers above `after`, in their order, at
 * most `most`: lists of struct gms_gmk, and of struct gms_delivery without
 * messages. */
MU_MUST_CHECK enum mu_err gms_store_keys_under(struct gms_store *store,
    const struct mu_kek_id *kek, uint64_t after, size_t most,
    struct mu_arena *arena, struct mu_arena_list *out);
MU_MUST_CHECK enum mu_err gms_store_envelopes_under(struct gms_store *store,
    const struct mu_kek_id *kek, uint64_t after, size_t most,
    struct mu_arena *arena, struct mu_arena_list *out);

/*
 * The same object, sealed anew, if it is what it was; an envelope that is empty
 * is to be made again. MU_E_NOT_FOUND when the row is gone or has another one
 * by now.
 */
MU_MUST_CHECK enum mu_err gms_store_reseal_key(struct gms_store *store,
    struct mcptt_key_id id, struct span was, struct span is);
MU_MUST_CHECK enum mu_err gms_store_reseal_envelope(
    struct gms_store *store, uint64_t row, struct span was, struct span is);

/* --------------------------------------------------------------- intents */

/* What was decided and not yet done: written in the transaction of the change,
 * deleted in the one of its last step. */
struct gms_intent {
    uint64_t id; /* of the store; 0: not stored yet */
    struct span group;
    enum gms_action_kind kind;
    enum gms_trigger trigger;
    struct mcptt_key_id key; /* the key that it made; zero: none yet */
    bool has_key;
    uint64_t not_before_ms; /* coalescing, back-off */
    struct span who;        /* holders, as gms/keeper.c writes them */
    struct span actor;
};
MU_MUST_CHECK enum mu_err gms_store_add_intent(
    struct gms_store *store, struct gms_intent *intent);
MU_MUST_CHECK enum mu_err gms_store_set_intent(
    struct gms_store *store, const struct gms_intent *intent);
MU_MUST_CHECK enum mu_err gms_store_delete_intent(
    struct gms_store *store, uint64_t id);
/* By id, the oldest first; group empty: of all: list of struct gms_intent. */
MU_MUST_CHECK enum mu_err gms_store_intents(struct gms_store *store,
    struct span group, struct mu_arena *arena, struct mu_arena_list *out);

/* ------------------------------------------- answers given, events, blobs */

/* A request that must not be done twice (idempotency keys). */
struct gms_once {
    struct span actor, key; /* who asked, and the key he chose */
    uint8_t request[32];    /* SHA-256 of method, path and body */
    unsigned status;        /* of the answer; 0: still being made */
    struct span body;
    uint64_t expires_ms;
};
MU_MUST_CHECK enum mu_err gms_store_once(struct gms_store *store,
    struct span actor, struct span key, struct mu_arena *arena,
    struct gms_once *out);
/* New or in the place of the same actor and key. */
MU_MUST_CHECK enum mu_err gms_store_put_once(
    struct gms_store *store, const struct gms_once *once);
/* All that expired. */
MU_MUST_CHECK enum mu_err gms_store_drop_once(
    struct gms_store *store, uint64_t now_ms);

/* What a user can see happen; seq grows by one, from 1. */
struct gms_event {
    uint64_t seq;
    uint64_t at_ms;
    struct span name;  /* "group.created", "key.activated" */
    struct span group; /* empty: none */
    struct span json;  /* an object, without secrets */
};
/* Sets event->seq. The oldest beyond `keep` go. */
MU_MUST_CHECK enum mu_err gms_store_add_event(
    struct gms_store *store, struct gms_event *event, uint64_t keep);
/* In order; most 0: all. List of struct gms_event. */
MU_MUST_CHECK enum mu_err gms_store_events(struct gms_store *store,
    uint64_t after_seq, size_t most, struct mu_arena *arena,
    struct mu_arena_list *out);

/* -------------------------------------------------------- subscriptions */

/* A SIP subscription, so that it outlives the process (gms/subs.h). */
struct gms_sub_row {
    uint64_t id;              /* the caller's, at least 1 */
    struct span who;          /* the subscriber */
    bool asserted;            /* a server, by asserted identity */
    uint64_t token_expires_s; /* 0: no token */
    uint64_t expires_ms;      /* Unix */
    struct span event_id;
    struct span dialog; /* sip_dialog_write() */
    struct span watch;  /* sip_watch_write(): what he was told */
    bool parts;         /* he takes multipart bodies with application/mikey */
    uint32_t area;      /* of the access (sip/access.h) */
};
/* New or in the place of the same id. */
MU_MUST_CHECK enum mu_err gms_store_put_sub(
    struct gms_store *store, const struct gms_sub_row *sub);
MU_MUST_CHECK enum mu_err gms_store_delete_sub(
    struct gms_store *store, uint64_t id);
/* By id: list of struct gms_sub_row. */
MU_MUST_CHECK enum mu_err gms_store_subs(
    struct gms_store *store, struct mu_arena *arena, struct mu_arena_list *out);

/* ------------------------------------------------------------- redirects */

/* Where a KMS redirect (TS 33.180 clause 5.2.8) has sent a member's messages,
 * and how often it happened to those of the key that it was said of last. */
struct gms_redirect_row {
    struct span member, kms; /* URIs */
    struct mcptt_key_id key;
    unsigned hops;
};
MU_MUST_CHECK enum mu_err gms_store_redirect(struct gms_store *store,
    struct span member, struct mu_arena *arena, struct gms_redirect_row *out);
/* New or in the place of the same member. */
MU_MUST_CHECK enum mu_err gms_store_put_redirect(
    struct gms_store *store, const struct gms_redirect_row *redirect);
/* All, by member: list of struct gms_redirect_row. */
MU_MUST_CHECK enum mu_err gms_store_redirects(
    struct gms_store *store, struct mu_arena *arena, struct mu_arena_list *out);

/* Named octets: what the KMS client brought, counters, the like. */
MU_MUST_CHECK enum mu_err gms_store_blob(struct gms_store *store,
    const char *name, struct mu_arena *arena, struct span *out);
MU_MUST_CHECK enum mu_err gms_store_put_blob(
    struct gms_store *store, const char *name, struct span octets);

/* ------------------------------------------------------------ for /metrics */

/* Counts every row: not for each request. */
struct gms_store_tally {
    uint64_t groups;               /* that exist */
    uint64_t keys[GMS_GMK_STATES]; /* but for destroyed ones */
    uint64_t deliveries[GMS_CLASSES][GMS_DLV_STATES];
};
MU_MUST_CHECK enum mu_err gms_store_tally(
    struct gms_store *store, struct gms_store_tally *out);

/* How long commits took; bucket i counts those of at most
 * gms_store_bounds_ms[i], the last one all the others. */
#define GMS_STORE_BOUNDS 9
extern const unsigned gms_store_bounds_ms[GMS_STORE_BOUNDS];
struct gms_store_times {
    uint64_t buckets[GMS_STORE_BOUNDS + 1]; /* not cumulative */
    uint64_t sum_ms;
};
/* From now on they are measured. */
void gms_store_set_clock(struct gms_store *store, const struct mu_clock *clock);
struct gms_store_times gms_store_times(const struct gms_store *store);

#endif
