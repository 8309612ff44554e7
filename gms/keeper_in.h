/* SPDX-License-Identifier: Apache-2.0 */
/*
 * keeper_in.h - how the keeper works inside, and what its files share; users of
 * the keeper read gms/keeper.h.
 *
 * The keeper takes one group at a time from its agenda and looks at it: it
 * reads what the store has of the group, then goes through the steps of
 * keeper.c's table in their order. A step does one bounded thing, in one
 * transaction, and ends the look, after which the group is looked at again; or
 * it asks the vault for something, whose answer comes to a callback; or it says
 * when it wants to be asked again. So what is to be done is always what the
 * store says: a look after a crash does what the look before it would have
 * done.
 *
 * What is in memory is only what the store cannot know, and what may be lost:
 * requests that the vault has not answered, and when to look next.
 */
#ifndef GMS_KEEPER_IN_H
#define GMS_KEEPER_IN_H

#include <event2/event.h>

#include "gms/audit_events.h"
#include "gms/fault.h"
#include "gms/keeper.h"
#include "gms/keeper_agenda.h"
#include "gms/settings.h"

#define KEEPER_ARENA_MAX   (64U << 20) /* of a look */
#define KEEPER_CHUNK       256         /* rows that one step writes */
#define KEEPER_LOAD        1024        /* rows that the pump reads at a time */
#define KEEPER_EVENTS_KEPT 100000
/* Requests in flight: urgent ones always find a place. */
#define KEEPER_FLIGHT_MAX    6
#define KEEPER_FLIGHT_URGENT 10

/* One group in memory. It stays until the keeper goes. */
struct keeper_group {
    struct keeper_group *next; /* of all */
    struct span uri;
    uint8_t *uri_octets;
    enum gms_class class; /* of what is to be done, as the last look saw it */
    struct keeper_agenda_item item; /* where it stands in the agenda */
    struct keeper_agenda_item
        slot;              /* where it stands in the line for requests */
    bool fencing, drawing; /* such a request is in flight */
    size_t in_flight;      /* wraps and signs */
    bool rows_fine;        /* nobody lacks a row, until rows_until_ms */
    uint64_t rows_until_ms;
    uint64_t ends_until_ms;     /* the same for revocations */
    uint64_t not_before_ms;     /* the vault refuses; when to ask it again */
    struct mu_arena arena;      /* of queue */
    struct gms_delivery *queue; /* bare rows to be wrapped or signed */
    size_t queue_at, queue_len;
    size_t batch_most; /* fewer after a refusal */
};

struct keeper_ask;

struct gms_keeper {
    struct gms_keeper_config config;
    struct event *timer, *accept_timer, *open_timer;
    struct keeper_group *all;
    void *tree; /* of struct keeper_group, by uri: tsearch(3) */
    struct keeper_agenda *groups; /* when to look at which */
    struct keeper_agenda *line;   /* who waits for a request to be answered */
    struct keeper_ask *asks;
    size_t in_flight;
    bool vault_ready; /* as gms_keeper_set_ready() said */
    struct mu_arena accepted_arena;
    struct mu_arena_list accepted;           /* of struct keeper_accepted */
    struct gms_opened *opened, **opened_end; /* to be written, in order */
    struct gms_keeper_stats stats;
    uint64_t told; /* the audit log's last record that the store knows of */
};

/* What a look has read, and what came of it so far. */
struct keeper_look {
    struct gms_keeper *k;
    struct keeper_group *g;
    struct mu_arena *arena; /* cleared after the look */
    uint64_t now_ms;
    struct gms_group_row row;
    struct gms_settings settings;
    bool live; /* has to have a key (gms_view_is_live()) */
    bool told; /* what servers said of the call holds (gms/urgency.h) */
    enum gms_condition condition;
    struct gms_gmk *gmks; /* of every kind, newest epoch first */
    size_t gmk_count;
    struct gms_intent *intents; /* the oldest first */
    size_t intent_count;
    enum gms_class class; /* of the most urgent thing to do */

    bool acted;   /* a step did something: the look ends, another follows */
    bool blocked; /* nothing more before an answer comes */
    uint64_t
        next_ms; /* when to look again; UINT64_MAX: when something happens */
};

typedef enum mu_err keeper_step(struct keeper_look *look);

/* The steps, a file each. */
keeper_step keeper_clock_step;  /* what time does to keys */
keeper_step keeper_rows_step;   /* who lacks a row gets one */
keeper_step keeper_fence_step;  /* exclusions and admissions to the vault */
keeper_step keeper_revoke_step; /* revocations of keys that ended */
keeper_step keeper_intent_step; /* what was decided becomes a key */
keeper_step keeper_server_step; /* keys that servers asked for */
keeper_step keeper_spare_step;  /* the next key, ahead of time */
keeper_step keeper_pump_step;   /* wrap and sign what is queued */

/* --------------------------------------------------------------- keeper.c */

/* NULL when there is no memory. */
struct keeper_group *keeper_group(struct gms_keeper *k, struct span uri);
/* Something of the group changed: it is looked at at once. */
void keeper_touch(struct gms_keeper *k, struct keeper_group *g);
/* Looks again at that moment at the latest. */
void keeper_wish(struct keeper_look *look, uint64_t at_ms);
uint64_t keeper_now_ms(const struct gms_keeper *k);
/* Commits, or rolls back for an error, and returns it. */
MU_MUST_CHECK enum mu_err keeper_end(struct gms_keeper *k, enum mu_err err);
/* When to try again what was to be done since then: after as long as it has
 * been waiting, so that the pauses double, with jitter. */
uint64_t keeper_back_off(const struct gms_keeper *k, uint64_t since_ms);
/* A look outside of the agenda, for who needs what it reads. */
MU_MUST_CHECK enum mu_err keeper_look_open(struct gms_keeper *k,
    struct keeper_group *g, struct mu_arena *arena, struct keeper_look *out);

/* A request to the vault that is in flight; on the keeper's list. */
struct keeper_ask {
    struct gms_keeper *k;
    struct keeper_group *g;
    struct keeper_ask *next, **prev;
    void (*drop)(struct keeper_ask *ask); /* frees what is its own; NULL */
};
/* A zeroed struct of size octets that begins with a struct keeper_ask; NULL
 * when there is no memory. */
void *keeper_ask_new(struct keeper_look *look, size_t size);
void keeper_ask_free(struct keeper_ask *ask);

/* -------------------------------------------------------------- the others */

/* keeper_group.c: what is known of a group, from the store. */
MU_MUST_CHECK enum mu_err keeper_read(struct keeper_look *look);
struct gms_gmk *keeper_find_gmk(
    struct keeper_look *look, struct mcptt_key_id id);
/* The newest GMK in that state; NULL for none. */
struct gms_gmk *keeper_gmk_in(
    struct keeper_look *look, enum gms_gmk_state state);
/* The class of what has that one for its reason, as the group is now. */
enum gms_class keeper_class(
    const struct keeper_look *look, enum gms_class by_reason);
/* The first intent of that kind; NULL for none. */
struct gms_intent *keeper_intent_of(
    struct keeper_look *look, enum gms_action_kind kind);
bool keeper_is_gmk(const struct gms_gmk *gmk);
/* The lowest epoch that nobody was ever sent. */
uint64_t keeper_next_epoch(const struct gms_gmk *gmks, size_t count);
/* What a key was made for, from its reason. */
enum gms_trigger keeper_trigger_of(const struct gms_gmk *gmk);
/* URIs as an intent keeps them: LF between them, which no URI has. */
struct span keeper_join(
    struct mu_arena *arena, const struct gms_holder *who, size_t count);
/* Takes the first URI off a list; false at its end. */
bool keeper_next_uri(struct span *list, struct span *uri);
bool keeper_lists(struct span list, struct span uri);

/* keeper_key.c: steps of a key's life, with what is said of them. In a
 * transaction. */
MU_MUST_CHECK enum mu_err keeper_key_issue(struct keeper_look *look,
    struct gms_gmk *gmk, const struct gms_intent *intent);
MU_MUST_CHECK enum mu_err keeper_key_activate(
    struct keeper_look *look, struct gms_gmk *gmk);
MU_MUST_CHECK enum mu_err keeper_key_supersede(
    struct keeper_look *look, struct gms_gmk *gmk);
/* on_wire: with messages that say so. */
MU_MUST_CHECK enum mu_err keeper_key_revoke(struct keeper_look *look,
    struct gms_gmk *gmk, enum gms_trigger trigger, bool on_wire);
MU_MUST_CHECK enum mu_err keeper_key_destroy(
    struct keeper_look *look, struct gms_gmk *gmk);

/* keeper_draw.c: asks for a key; an intent with that id gets it. */
MU_MUST_CHECK enum mu_err keeper_draw(struct keeper_look *look,
    enum mcptt_key_kind kind, const char *reason, uint64_t intent_id);

/* keeper_rows.c. In a transaction. */
/* A row of the key for a holder, or the one that was withdrawn from him. */
MU_MUST_CHECK enum mu_err keeper_row_add(struct keeper_look *look,
    const struct gms_gmk *gmk, const struct gms_holder *holder,
    uint64_t period);
/* Takes back rows of periods that are over and that nobody took. Acts. */
MU_MUST_CHECK enum mu_err keeper_drop_past(
    struct keeper_look *look, const struct gms_store_place *place);
/* The row as it is without its octets, after an event. */
MU_MUST_CHECK enum mu_err keeper_row_empty(struct keeper_look *look,
    struct gms_delivery *row, enum gms_delivery_event event);

/* keeper_intent.c: whether whoever can have an envelope of the key has one. */
MU_MUST_CHECK enum mu_err keeper_is_wrapped(
    struct keeper_look *look, const struct gms_gmk *gmk, bool *out);

/* keeper_change.c: what actions mean for the rows of the store. In a
 * transaction. */
struct keeper_change {
    struct span actor;
    enum gms_stop stop;
    struct gms_diff diff;
    struct gms_actions actions;
};
MU_MUST_CHECK enum mu_err keeper_change(
    struct keeper_look *look, const struct keeper_change *change);
/* What is on its way to a holder for another KMS than his. */
MU_MUST_CHECK enum mu_err keeper_move(
    struct keeper_look *look, const struct gms_holder *who);

/* keeper_redirect.c: at the start, whom redirects had sent where. */
MU_MUST_CHECK enum mu_err keeper_redirects_load(struct gms_keeper *k);

/* keeper_merge.c: one rekey per group. In a transaction. */
MU_MUST_CHECK enum mu_err keeper_want_key(struct keeper_look *look,
    enum gms_trigger trigger, struct span actor, struct span leavers);

/* keeper_wrap.c, keeper_sign.c: batches, from keeper_pump.c. */
struct keeper_batch {
    struct keeper_ask ask;
    struct mcptt_key_id key;
    struct span kms; /* in arena */
    uint64_t period;
    bool revocation, wrap;
    enum gms_class class;
    struct mu_arena arena;
    uint64_t *ids; /* of rows, in the order of the request */
    size_t count;
};
gms_vault_answered keeper_wrap_answered, keeper_sign_answered;
/* Adds a row's URI and octets to the request; false when it is full. */
MU_MUST_CHECK enum mu_err keeper_wrap_ask(struct keeper_look *look,
    struct keeper_batch *batch, const struct gms_gmk *gmk);
MU_MUST_CHECK enum mu_err keeper_sign_ask(struct keeper_look *look,
    struct keeper_batch *batch, const struct gms_gmk *gmk);
/* The request is over: what is left of the batch was not done. */
void keeper_batch_over(
    struct keeper_batch *batch, const struct gms_vault_answer *answer);

/* keeper_ask.c: what came in a turn of the loop is written at once. */
void keeper_on_accepted(evutil_socket_t fd, short what, void *ctx);
/* keeper_opened.c: so is this. */
void keeper_on_opened(evutil_socket_t fd, short what, void *ctx);

/* keeper_tell.c: what users see happen, and the audit log. */
/* In the transaction of what it tells. */
MU_MUST_CHECK enum mu_err keeper_event(struct gms_keeper *k, const char *name,
    struct span group, const struct mu_log_field *fields, size_t count);
#define KEEPER_FIELDS(...)                                                     \
    (const struct mu_log_field[]){__VA_ARGS__},                                \
        sizeof((const struct mu_log_field[]){__VA_ARGS__}) /                   \
            sizeof(struct mu_log_field)
/* Event and audit record of the same fields, group first. */
MU_MUST_CHECK enum mu_err keeper_tell(struct gms_keeper *k, const char *name,
    struct span group, const struct mu_log_field *fields, size_t count);
/* Before a commit: the store knows what was told. */
MU_MUST_CHECK enum mu_err keeper_told_keep(struct gms_keeper *k);
/* After a transaction: it was committed, or what it told is taken back. */
void keeper_told_end(struct gms_keeper *k, enum mu_err err);
/* At the start: takes back what was told last if the store knows nothing of
 * it. */
MU_MUST_CHECK enum mu_err keeper_told_check(struct gms_keeper *k);
void keeper_changed(
    struct gms_keeper *k, struct span group, struct span member);

#endif
