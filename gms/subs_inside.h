/* SPDX-License-Identifier: Apache-2.0 */
/*
 * subs_inside.h - what the files subs*.c share, and nobody else.
 *
 *   subs.c       the table of subscriptions, the loop's side of the agent
 *   subs_take.c  SUBSCRIBE: who, what, for how long
 *   subs_csk.c   keys that come with it, and tokens encrypted under them
 *   subs_look.c  what a subscriber would see of each thing now
 *   subs_tell.c  NOTIFY, and what became of it
 *   subs_parts.c the way mikey-part: messages beside the xcap-diff
 *   subs_post.c  the way message: each message as a SIP MESSAGE
 *   subs_keep.c  the store: answers go out when it is on disk
 */
#ifndef GMS_SUBS_INSIDE_H
#define GMS_SUBS_INSIDE_H

#include "gms/adapter.h"
#include "gms/csks.h"
#include "gms/subs.h"
#include "gms/watched.h"
#include "sip/multipart.h"
#include "sip/schedule.h"
#include "sip/watch.h"

struct event;

#define GMS_SUBS_LIST_ROOM (1U << 20) /* octets of what the entries mean */
#define GMS_SUBS_BUCKETS   4096 /* by id and by subscriber; a power of two */

/* Of a NOTIFY; with the xcap-diff as many as SIP_PARTS_MAX. */
#define GMS_SUB_PARTS_MAX (SIP_PARTS_MAX - 1)

#define GMS_SUBS_TAG_MAX 64 /* of ours, with its NUL */

struct gms_sub {
    uint64_t id;
    struct gms_sub *next, *next_of_who, *next_dirty;
    struct mu_arena arena; /* of the texts of dialog and caller */
    struct sip_dialog dialog;
    struct gms_caller caller;
    struct span event_id;
    uint64_t expires_ms; /* Unix */
    struct sip_watch *watch;
    struct gms_watched *watched; /* what the entries mean; a list of its own */
    struct mu_arena watched_arena;
    enum sip_urgency urgency;       /* of what is to be told */
    enum sip_urgency sent_urgency;  /* of the NOTIFY under way */
    bool insistent, sent_insistent; /* gms/adapter.h; likewise */
    uint32_t area;                  /* of the access: where he came from */
    bool takes_parts; /* as his Accept says (RFC 6665 clause 4.2.1.3) */
    /* Rows whose messages the NOTIFY under way has as parts, and since when. */
    uint64_t brought[GMS_SUB_PARTS_MAX];
    size_t brought_count;
    uint64_t brought_ms;
    uint64_t not_before_ms; /* after a failure; monotonic */
    unsigned looking;       /* answers of gms/group.h that are still to come */
    unsigned tries;         /* of the NOTIFY that failed */
    bool blind;             /* not all was to be seen: look again */
    bool dirty;             /* to be written to the store */
    bool stored;            /* it has been */
    bool gone;              /* nobody hears it: freed when that is written */
    bool in_flight;
    bool brings_keys; /* the NOTIFY under way */
    bool heard;       /* he has refreshed since that one went out */
    /* Content stays at home: it is too large for his datagrams, and at TCP he
     * does not answer. He fetches it. */
    bool bare;
    const char *ending; /* the reason, once it is at its end */
    bool last_sent;     /* the NOTIFY that says so is out */
    /* The answer to the SUBSCRIBE, due when all is on disk; 0: none. */
    uint64_t request;
    uint32_t answer_expires_s;
};

/* A row's message on its way as a SIP MESSAGE. */
struct gms_parcel {
    uint64_t id; /* of the row, and GMS_PARCEL */
    struct gms_parcel *next;
    uint32_t area;
    enum sip_urgency urgency;
    unsigned tries; /* that failed */
    bool in_flight;
    bool came;        /* it did; that is about to be written */
    uint64_t sent_ms; /* Unix */
    uint64_t sub;     /* his newest subscription then; 0: none */
};
/* What tells their numbers from those of subscriptions. */
#define GMS_PARCEL (UINT64_C(1) << 63)

struct gms_subs {
    struct gms_subs_parts parts;
    struct gms_sub *by_id[GMS_SUBS_BUCKETS], *by_who[GMS_SUBS_BUCKETS];
    struct gms_parcel *parcels[GMS_SUBS_BUCKETS];
    uint64_t last_id;
    uint64_t hash_key; /* so that nobody can choose a bucket */
    struct gms_sub *dirty;
    struct sip_schedule *schedule;
    struct event *on_agent, *on_time;
    uint64_t wake_ms;        /* when on_time is due; monotonic */
    uint64_t next_expiry_ms; /* no subscription ends before; Unix */
    uint64_t look_ms;        /* when to look for the blind; monotonic */
    struct gms_subs_stats stats;
    bool leaving; /* nobody new */
    struct gms_csks *csks;
    struct http_admit *csk_failures; /* by source */
    struct gms_csk_wait *csk_first;
    size_t csk_waiting;
};

/* subs.c */
uint64_t gms_subs_now_ms(const struct gms_subs *subs);
struct gms_sub *gms_subs_find(const struct gms_subs *subs, uint64_t id);
struct gms_sub *gms_subs_find_dialog(
    const struct gms_subs *subs, const struct sip_request *request);
unsigned gms_subs_count_of(const struct gms_subs *subs, struct span who);
struct gms_sub *gms_sub_new(void);
void gms_sub_free(struct gms_sub *sub);
/* The entry with that selector; NULL: none. */
struct gms_watched *gms_sub_watched(const struct gms_sub *sub, struct span sel);
/* Texts are copied; those of the dialog before and of the caller are gone then,
 * and the caller's are others. MU_OK or the arena's error: then nothing
 * changed.
 */
MU_MUST_CHECK enum mu_err gms_sub_set_dialog(
    struct gms_sub *sub, const struct sip_dialog *dialog);
/* Into the table; it has its id and caller. */
void gms_subs_enter(struct gms_subs *subs, struct gms_sub *sub);
/* Out of it, and freed. */
void gms_subs_remove(struct gms_subs *subs, struct gms_sub *sub);
/* Calls each for the subscriptions of one identity; empty: all. */
void gms_subs_each(struct gms_subs *subs, struct span who,
    void (*each)(struct gms_subs *subs, struct gms_sub *sub, void *ctx),
    void *ctx);
void gms_subs_answer(
    struct gms_subs *subs, uint64_t request, const struct sip_answer *answer);
/* The timer's next turn is not later than at_ms (monotonic); 0: at once. */
void gms_subs_wake(struct gms_subs *subs, uint64_t at_ms);
/* Its expires_ms was set. */
void gms_subs_mind_expiry(struct gms_subs *subs, const struct gms_sub *sub);

/* subs_take.c */

/* csk_sender: who sent a CSK with it, by his signature; empty: nobody. */
void gms_subs_take(struct gms_subs *subs, const struct sip_request *request,
    struct span csk_sender);
/* Whether it is worth asking the vault; what is not is refused by
 * gms_subs_take(). */
bool gms_subs_is_wanted(
    const struct gms_subs *subs, const struct sip_request *request);

/* A status for inside: 403 that says why (TS 24.379 clause 4.4.2). */
#define GMS_SUBS_UNREADABLE 1403
/* why: for the log; NULL: the status says it. An address to which 403 is said
 * too often hears 480. */
void gms_subs_refuse(struct gms_subs *subs, const struct sip_request *request,
    unsigned status, const char *why);

/* subs_csk.c */
#define GMS_SUBS_MIKEY_TYPE "application/mikey"
MU_MUST_CHECK enum mu_err gms_subs_csk_init(struct gms_subs *subs);
void gms_subs_csk_clear(struct gms_subs *subs);
/* True when the event is its by now: the SUBSCRIBE waits, or was refused. */
bool gms_subs_csk_begin(struct gms_subs *subs, struct sip_event *event);
/* Who has waited too long. */
void gms_subs_csk_expire(struct gms_subs *subs);
/* Something from there did not open. */
void gms_subs_csk_failed(
    struct gms_subs *subs, const struct sip_request *request);

struct gms_unsealed {
    struct span token, member; /* whose CSK it was encrypted under */
};
/*
 * Decrypts a token (xml/mcptt_info.h).
 *
 *   member  whose CSK it has to be; empty: anybody's
 *   out     lies in the arena
 *
 * Returns 0, or the status that refuses it.
 */
unsigned gms_subs_unseal(struct gms_subs *subs,
    const struct sip_request *request, struct span data, struct span member,
    struct mu_arena *arena, struct gms_unsealed *out);

/* subs_look.c: of all that it watches, or of one group, and of one member's
 * keys if that is not empty. */
void gms_sub_look(struct gms_subs *subs, struct gms_sub *sub, struct span group,
    struct span member);

/* For those who could not see all, when it is time. */
void gms_subs_look_again(struct gms_subs *subs);

/* subs_tell.c */
void gms_sub_due(struct gms_subs *subs, struct gms_sub *sub);
/* What a request with one key costs, about, in octets. */
#define GMS_SUBS_KEY_COST 2800
/* When what failed so may be sent again; monotonic. */
uint64_t gms_subs_again_ms(const struct gms_subs *subs,
    const struct gms_attempt *attempt, const struct sip_outcome *outcome);
void gms_subs_tell(struct gms_subs *subs);
void gms_subs_told(struct gms_subs *subs, const struct sip_outcome *outcome);
/* The last NOTIFY, terminated with that reason, and then it is gone. */
void gms_sub_end(
    struct gms_subs *subs, struct gms_sub *sub, const char *reason);

/* subs_parts.c */
/* Whether the subscriber gets parts. */
bool gms_sub_has_parts(const struct gms_subs *subs, const struct gms_sub *sub);
/* The body of a NOTIFY in the making; its texts lie in the arena, in room, or
 * are static. */
struct gms_sub_body {
    struct mu_arena arena;
    struct mu_arena_list changes; /* of struct sip_watch_change */
    struct span octets;           /* the xcap-diff, until there are parts */
    const char *type;
    struct sip_multipart multipart;
    struct buf room;
};
/* Adds the messages that belong to its changes; without any, it stays. */
MU_MUST_CHECK enum mu_err gms_sub_parts(
    struct gms_subs *subs, struct gms_sub *sub, struct gms_sub_body *body);

/* subs_post.c; nothing where that way is off */
/* What waits for a member, of one group or of all; for everybody when member is
 * empty. */
void gms_subs_post(
    struct gms_subs *subs, struct span group, struct span member);
/* Its turn has come, or its answer. */
void gms_subs_post_send(struct gms_subs *subs, uint64_t id);
void gms_subs_posted(struct gms_subs *subs, const struct sip_outcome *outcome);
void gms_subs_post_clear(struct gms_subs *subs);

/* subs_keep.c */
MU_MUST_CHECK enum mu_err gms_subs_load(struct gms_subs *subs);
void gms_sub_keep(struct gms_subs *subs, struct gms_sub *sub);
void gms_subs_flush(struct gms_subs *subs);

#endif
