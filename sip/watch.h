/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch.h - what one subscriber watches, what he was told of it, and when he
 * is to be told again (RFC 5875 clauses 4.6, 4.7 and 4.10; notes gms-protocol
 * 2.2). Pure: no SIP, no clock.
 *
 * For each thing there are two tags: what it is now, and what the subscriber
 * was told last. Whatever differs is to be told. So changes coalesce by
 * themselves, the oldest previous tag with the newest new one, and a
 * notification cannot be lost: after a restart the tags told are read from
 * the store, the present ones are seen again, and the difference is sent.
 *
 *     told none, now a       new-etag="a"
 *     told a, now b          previous-etag="a" new-etag="b"
 *     with the same body     the same, and body-not-changed (RFC 5874)
 *     told a, now none       previous-etag="a"
 *     told none, now none    silence: absent, or not for his eyes (pending)
 *
 * Only what a NOTIFY's 200 confirms counts as told. At most one NOTIFY is on
 * its way. Between two of them lie min_interval_ms, unless one has a key in it:
 * an exclusion must not wait for the courtesy of clause 4.10.
 */
#ifndef SIP_WATCH_H
#define SIP_WATCH_H

#include "base/arena.h"
#include "base/buf.h"

#define SIP_WATCH_TAG_MAX    64   /* octets of a tag; ours */
#define SIP_WATCH_BODY       16   /* of a digest of a body */
#define SIP_WATCH_SEL_MAX    2048 /* of a selector */
#define SIP_WATCH_THINGS_MAX 4096 /* with those of collections */

enum sip_watch_kind {
    SIP_WATCH_DOCUMENT,
    SIP_WATCH_ELEMENT,   /* a node: its tag is a digest of its content */
    SIP_WATCH_COLLECTION /* a folder: every document below it */
};

struct sip_watch;

/* Returns MU_OK or MU_E_NO_MEMORY. */
MU_MUST_CHECK enum mu_err sip_watch_new(
    uint64_t min_interval_ms, struct sip_watch **out);
void sip_watch_free(struct sip_watch *watch); /* NULL is fine */

/*
 * Adds an entry of the subscription's list: sel as the subscriber wrote it.
 * A selector that is there already is not added again.
 *
 * Returns MU_OK; MU_E_MALFORMED for an empty one; MU_E_NO_SPACE;
 * MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err sip_watch_add(
    struct sip_watch *watch, struct span sel, enum sip_watch_kind kind);

/* A refresh with another list: what is not added again before sip_watch_full()
 * is forgotten; of what is, everything is told anew. */
void sip_watch_restart(struct sip_watch *watch);

/* Entries of the list, by number 0..; sel borrowed until a change of the list.
 * False at the end. */
bool sip_watch_entry(const struct sip_watch *watch, size_t i, struct span *sel,
    enum sip_watch_kind *kind);

/* What there is to see of a thing. */
struct sip_watch_sight {
    struct span tag;  /* empty: not there, or not for this subscriber */
    struct span body; /* digest, SIP_WATCH_BODY octets; empty: unknown */
    bool is_key;      /* its change is not held back */
};

/*
 * What a thing is now. Of what a collection does not show nothing is kept: it
 * takes no room.
 *
 *   sel  of an entry, or of a document below a collection, as it is to be
 *        written in a NOTIFY
 *
 * Returns MU_OK; MU_E_NOT_FOUND when it is neither; MU_E_NO_SPACE;
 * MU_E_NO_MEMORY.
 */
MU_MUST_CHECK enum mu_err sip_watch_see(struct sip_watch *watch,
    struct span sel, const struct sip_watch_sight *sight);

/* The next NOTIFY goes out even if it says nothing (RFC 6665 clause 4.2.2):
 * after a SUBSCRIBE. */
void sip_watch_full(struct sip_watch *watch);

/*
 * Whether there is something to send, and from when on (perhaps past). False
 * also while a NOTIFY is on its way.
 */
bool sip_watch_due(const struct sip_watch *watch, uint64_t *at_ms);

/* One thing to be told. Spans lie in the arena. */
struct sip_watch_change {
    enum sip_watch_kind kind;       /* DOCUMENT or ELEMENT */
    struct span sel, previous, now; /* tags; empty: none */
    bool is_key;
    bool same_body; /* the tag alone is another */
};

/*
 * Begins a NOTIFY with all there is to tell: list of struct sip_watch_change,
 * in the order of the subscription. Which may be empty, when a full one is due.
 *
 *   room  what the list may cost (SIP_WATCH_COST), but for one thing, which
 *         always goes; keys go first, and what is left is due at once then
 *
 * Returns MU_OK; MU_E_STATE while one is on its way; the arena's error.
 */
#define SIP_WATCH_COST(sel_len) (200 + 6 * (sel_len)) /* as XML, at most */
MU_MUST_CHECK enum mu_err sip_watch_take(struct sip_watch *watch,
    uint64_t now_ms, size_t room, struct mu_arena *arena,
    struct mu_arena_list *out);

/* Its answer. Without a 200 nothing was told (and the subscription is most
 * often at its end). */
void sip_watch_answered(struct sip_watch *watch, bool ok);

/*
 * The list and what was told, as octets for the store, and back. What is now is
 * to be seen again. A NOTIFY that was on its way was not answered; full: the
 * one after a SUBSCRIBE was not, or did not go out.
 *
 *     | version = 3 (8) | full (8) | count (16) | count x ( kind (8) |
 *         below (8) | length (16) | sel | length (8) | tag told |
 *         length (8) | body ) |
 *
 * Versions 1 and 2 are read as well: they had no full, and 1 had no body.
 *
 * Reading returns MU_OK; MU_E_MALFORMED; MU_E_UNSUPPORTED for another version;
 * MU_E_NO_SPACE; MU_E_NO_MEMORY.
 */
void sip_watch_write(const struct sip_watch *watch, struct buf *out);
MU_MUST_CHECK enum mu_err sip_watch_read(
    struct span octets, uint64_t min_interval_ms, struct sip_watch **out);

#endif
