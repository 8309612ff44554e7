/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/vault/book.h"

#include "base/alloc.h"
#include "mikey/ntp.h"

#include <stdlib.h>
#include <string.h>

/* Things with a name, in the order of names: pointers of ours. */
struct named {
    struct mcptt_id name;
};

struct shelf {
    struct named **at;
    size_t len, cap;
};

struct excluded {
    struct named named; /* the member */
    uint64_t epoch;     /* from this one on */
};

/* The newest key of one kind. */
struct newest {
    uint64_t epoch;
    uint64_t activation_s;
};

struct group {
    struct named named;
    struct newest newest[MCPTT_KINDS];
    struct shelf excluded;
};

/* The name stands first in either; shelves hold what mu_alloc() aligned. */
static struct group *as_group(struct named *named)
{
    return (struct group *)(void *)named;
}

static struct excluded *as_excluded(struct named *named)
{
    return (struct excluded *)(void *)named;
}

struct gms_book {
    struct shelf groups;
    uint32_t *ids; /* of all keys, in order */
    size_t ids_len, ids_cap;
    struct mcptt_replay *csks;
};

static int compare(struct span a, struct span b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = memcmp(a.p, b.p, len);

    if (order != 0)
        return order;
    return a.len < b.len ? -1 : a.len > b.len;
}

/* Where a name is, or would have to be. */
static size_t place(const struct shelf *shelf, struct span name)
{
    size_t low = 0, high = shelf->len;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (compare(mcptt_id_span(&shelf->at[mid]->name), name) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static struct named *find(const struct shelf *shelf, struct span name)
{
    size_t at = place(shelf, name);

    if (at == shelf->len || !span_eq(mcptt_id_span(&shelf->at[at]->name), name))
        return NULL;
    return shelf->at[at];
}

/* Room for one more of size octets each: *at is moved when it has to grow. */
static enum mu_err grow(void **at, size_t len, size_t *cap, size_t size)
{
    size_t more = *cap > 0 ? 2 * *cap : 8;
    void *bigger;

    if (len < *cap)
        return MU_OK;
    bigger = mu_alloc_array(more, size);
    if (bigger == NULL)
        return MU_E_NO_MEMORY;
    if (len > 0)
        memcpy(bigger, *at, len * size);
    mu_free(*at);
    *at = bigger;
    *cap = more;
    return MU_OK;
}

/* The thing of that name, made (zero, of size octets) when there is none. */
static enum mu_err get(
    struct shelf *shelf, struct span name, size_t size, struct named **out)
{
    size_t at = place(shelf, name);
    struct named *made;

    *out = find(shelf, name);
    if (*out != NULL)
        return MU_OK;
    TRY(grow((void **)&shelf->at, shelf->len, &shelf->cap, sizeof(void *)));
    made = mu_alloc(size);
    if (made == NULL)
        return MU_E_NO_MEMORY;
    if (mcptt_id_set(&made->name, name) != MU_OK) {
        mu_free(made);
        return MU_E_MALFORMED;
    }
    memmove(shelf->at + at + 1, shelf->at + at,
        (shelf->len - at) * sizeof(struct named *));
    shelf->at[at] = made;
    shelf->len++;
    *out = made;
    return MU_OK;
}

static void drop(struct shelf *shelf, struct span name)
{
    size_t at = place(shelf, name);

    if (find(shelf, name) == NULL)
        return;
    mu_free(shelf->at[at]);
    shelf->len--;
    memmove(shelf->at + at, shelf->at + at + 1,
        (shelf->len - at) * sizeof(struct named *));
}

static void clear(struct shelf *shelf)
{
    for (size_t i = 0; i < shelf->len; i++)
        mu_free(shelf->at[i]);
    mu_free(shelf->at);
}

enum mu_err gms_book_new(struct gms_book **out)
{
    /* What was before it is read from the log, so nothing was lost. */
    static const struct mcptt_replay_conf csks = {
        .window_s = MCPTT_REPLAY_WINDOW_S,
        .capacity = GMS_BOOK_CSKS_MAX,
        .start = MCPTT_REPLAY_FIRST,
        .mode = MCPTT_REPLAY_ONLINE,
    };
    struct gms_book *book = mu_alloc(sizeof(*book));
    enum mu_err err;

    if (book == NULL)
        return MU_E_NO_MEMORY;
    err = mcptt_replay_new(&csks, 0, &book->csks);
    if (err != MU_OK) {
        mu_free(book);
        return err;
    }
    *out = book;
    return MU_OK;
}

void gms_book_free(struct gms_book *book)
{
    if (book == NULL)
        return;
    for (size_t i = 0; i < book->groups.len; i++)
        clear(&as_group(book->groups.at[i])->excluded);
    clear(&book->groups);
    mu_free(book->ids);
    mcptt_replay_free(book->csks);
    mu_free(book);
}

static size_t id_place(const struct gms_book *book, uint32_t id)
{
    size_t low = 0, high = book->ids_len;

    while (low < high) {
        size_t mid = low + (high - low) / 2;

        if (book->ids[mid] < id)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

bool gms_book_has_key(const struct gms_book *book, struct mcptt_key_id id)
{
    size_t at = id_place(book, id.v);

    return at < book->ids_len && book->ids[at] == id.v;
}

static enum mu_err note_key(struct gms_book *book, struct mcptt_key_id id)
{
    size_t at = id_place(book, id.v);

    if (gms_book_has_key(book, id))
        return MU_OK;
    TRY(grow((void **)&book->ids, book->ids_len, &book->ids_cap,
        sizeof(*book->ids)));
    memmove(book->ids + at + 1, book->ids + at,
        (book->ids_len - at) * sizeof(*book->ids));
    book->ids[at] = id.v;
    book->ids_len++;
    return MU_OK;
}

static void note_sign(struct newest *newest,
    const struct gms_vault_record *record, uint64_t now_s)
{
    uint64_t activation_s =
        record->activation_s != 0 ? record->activation_s : now_s;

    if (record->revocation || record->epoch < newest->epoch)
        return;
    if (record->epoch == newest->epoch && newest->activation_s <= now_s)
        return; /* in force already */
    *newest = (struct newest){record->epoch, activation_s};
}

static enum mu_err note_exclude(
    struct group *group, const struct gms_vault_record *record)
{
    for (size_t i = 0; i < record->count; i++) {
        struct shelf *shelf = &group->excluded;
        bool had = find(shelf, record->uris[i]) != NULL;
        struct named *named = NULL;
        struct excluded *excluded;

        TRY(get(shelf, record->uris[i], sizeof(*excluded), &named));
        excluded = as_excluded(named);
        if (!had || record->epoch < excluded->epoch)
            excluded->epoch = record->epoch;
    }
    return MU_OK;
}

static void note_admit(
    struct group *group, const struct gms_vault_record *record)
{
    for (size_t i = 0; i < record->count; i++)
        drop(&group->excluded, record->uris[i]);
}

static struct mcptt_replay_message message_of(
    const struct gms_vault_record *record)
{
    return (struct mcptt_replay_message){
        .sha256 = record->sha256, .t_s = record->time_s};
}

static uint64_t since_1900(uint64_t unix_s)
{
    return unix_s + (uint64_t)MIKEY_NTP_UNIX_S;
}

enum mu_err gms_book_check_csk(const struct gms_book *book,
    const struct gms_vault_record *record, uint64_t now_s)
{
    const struct mcptt_replay_message message = message_of(record);

    return mcptt_replay_check(book->csks, &message, since_1900(now_s));
}

bool gms_book_has_room(struct gms_book *book, uint64_t now_s)
{
    return mcptt_replay_has_room(book->csks, since_1900(now_s));
}

/* Who was asked before has room for it; what the log says of a time that the
 * clock has left since cannot come again. */
static void note_csk(struct gms_book *book,
    const struct gms_vault_record *record, uint64_t now_s)
{
    const struct mcptt_replay_message message = message_of(record);

    (void)(mcptt_replay_add(book->csks, &message, since_1900(now_s)) == MU_OK);
}

enum mu_err gms_book_note(struct gms_book *book,
    const struct gms_vault_record *record, uint64_t now_s)
{
    unsigned kind = mcptt_key_id_tag(record->key_id);
    struct named *named = NULL;
    struct group *group;

    if (record->op == GMS_VAULT_NEW_KEY)
        return note_key(book, record->key_id);
    if (record->op == GMS_VAULT_CSK)
        note_csk(book, record, now_s);
    if (record->op == GMS_VAULT_CSK || record->op == GMS_VAULT_WRAP ||
        record->op == GMS_VAULT_RESEAL)
        return MU_OK;
    TRY(get(&book->groups, record->group, sizeof(*group), &named));
    group = as_group(named);
    if (record->op == GMS_VAULT_EXCLUDE)
        return note_exclude(group, record);
    if (record->op == GMS_VAULT_ADMIT)
        note_admit(group, record);
    else if (kind < MCPTT_KINDS)
        note_sign(&group->newest[kind], record, now_s);
    return MU_OK;
}

static const struct group *find_group(
    const struct gms_book *book, struct span group)
{
    return as_group(find(&book->groups, group));
}

bool gms_book_outdated(const struct gms_book *book, struct span group,
    enum mcptt_key_kind kind, uint64_t epoch, uint64_t now_s)
{
    const struct group *at = find_group(book, group);

    return at != NULL && kind < MCPTT_KINDS && epoch < at->newest[kind].epoch &&
           at->newest[kind].activation_s <= now_s;
}

uint64_t gms_book_newest(
    const struct gms_book *book, struct span group, enum mcptt_key_kind kind)
{
    const struct group *at = find_group(book, group);

    return at != NULL && kind < MCPTT_KINDS ? at->newest[kind].epoch : 0;
}

bool gms_book_excludes(const struct gms_book *book, struct span group,
    uint64_t epoch, struct span uri)
{
    const struct group *at = find_group(book, group);
    const struct excluded *excluded;

    if (at == NULL)
        return false;
    excluded = as_excluded(find(&at->excluded, uri));
    return excluded != NULL && epoch >= excluded->epoch;
}
