/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/domains.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/arena.h"
#include "base/file.h"
#include "mikey/ntp.h"

#define LIST_MAX  (1U << 24) /* octets of the list; ours */
#define ARENA_MAX (1U << 27)

struct user {
    struct span uri;
    struct span kms; /* empty: the home KMS */
};

/* The list as it was read: users sorted by URI, texts in the arena. */
struct list {
    struct mu_arena arena;
    struct user *users;
    size_t len;
};

/* A user whom a redirect sent to another KMS; its octets lie behind it. */
struct moved {
    struct user user;
    uint8_t octets[];
};

struct gms_domains {
    const struct kms_keyset *keys;
    const char *path; /* empty: no list */
    struct list list;
    void *moved; /* of struct moved, by URI: tsearch(3) */
};

static void list_clear(struct list *list)
{
    mu_arena_clear(&list->arena);
}

/* In octet order, the shorter one first. */
static int compare(const void *left, const void *right)
{
    const struct user *a = left, *b = right;
    size_t len = a->uri.len < b->uri.len ? a->uri.len : b->uri.len;
    int by_octets = len == 0 ? 0 : memcmp(a->uri.p, b->uri.p, len);

    if (by_octets != 0)
        return by_octets;
    return (a->uri.len > b->uri.len) - (a->uri.len < b->uri.len);
}

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Takes the next word off the line; empty at its end. */
static struct span take_word(struct span *line)
{
    struct span word;

    while (line->len > 0 && is_blank(line->p[0]))
        *line = (struct span){line->p + 1, line->len - 1};
    word = (struct span){line->p, 0};
    while (word.len < line->len && !is_blank(line->p[word.len]))
        word.len++;
    *line = (struct span){line->p + word.len, line->len - word.len};
    return word;
}

static enum mu_err read_line(
    struct list *list, struct mu_arena_list *users, struct span line)
{
    struct span uri = take_word(&line), kms = take_word(&line);
    struct user *user;

    if (uri.len == 0 || uri.p[0] == '#')
        return MU_OK;
    TRY(mcptt_id_check(uri));
    if (kms.len > 0)
        TRY(mcptt_id_check(kms));
    if (take_word(&line).len > 0)
        return MU_E_MALFORMED;
    user = mu_arena_list_add(&list->arena, users, sizeof(*user));
    if (user == NULL)
        return mu_arena_err(&list->arena);
    *user = (struct user){uri, kms};
    return MU_OK;
}

/* A user who stood there twice could have two KMSs. */
static enum mu_err sort(struct list *list)
{
    qsort(list->users, list->len, sizeof(list->users[0]), compare);
    for (size_t i = 1; i < list->len; i++)
        if (compare(&list->users[i - 1], &list->users[i]) == 0)
            return MU_E_MALFORMED;
    return MU_OK;
}

static enum mu_err read_text(struct list *list, struct span text)
{
    struct mu_arena_list users = {.at = NULL};

    while (text.len > 0) {
        const uint8_t *lf = memchr(text.p, '\n', text.len);
        size_t len = lf != NULL ? (size_t)(lf - text.p) : text.len;
        size_t step = lf != NULL ? len + 1 : len;

        TRY(read_line(list, &users, (struct span){text.p, len}));
        text = (struct span){text.p + step, text.len - step};
    }
    list->users = users.at;
    list->len = users.len;
    return list->len > 0 ? sort(list) : MU_OK;
}

static enum mu_err read_list(const char *path, struct list *out)
{
    MU_CLEANUP(list_clear) struct list list = {.users = NULL};
    MU_CLEANUP(buf_clear) struct buf text = {0};
    struct span kept;

    mu_arena_init(&list.arena, ARENA_MAX);
    TRY(mu_file_read(path, LIST_MAX, &text));
    kept = mu_arena_copy(&list.arena, buf_span(&text));
    if (kept.p == NULL)
        return mu_arena_err(&list.arena);
    TRY(read_text(&list, kept));
    *out = list;
    mu_arena_init(&list.arena, 0); /* out's from here */
    return MU_OK;
}

static void drop(struct gms_domains **domains)
{
    gms_domains_free(*domains);
}

enum mu_err gms_domains_new(const struct kms_keyset *keys,
    const char *subscribers, struct gms_domains **out)
{
    MU_CLEANUP(drop) struct gms_domains *made = mu_alloc(sizeof(*made));

    if (made == NULL)
        return MU_E_NO_MEMORY;
    mu_arena_init(&made->list.arena, 0);
    made->keys = keys;
    made->path = subscribers;
    TRY(gms_domains_reload(made));
    *out = made;
    made = NULL;
    return MU_OK;
}

void gms_domains_free(struct gms_domains *domains)
{
    if (domains == NULL)
        return;
    while (domains->moved != NULL) {
        struct moved *first = *(struct moved **)domains->moved;

        (void)tdelete(first, &domains->moved, compare);
        mu_free(first);
    }
    list_clear(&domains->list);
    mu_free(domains);
}

enum mu_err gms_domains_reload(struct gms_domains *domains)
{
    struct list list = {.users = NULL};

    if (domains->path[0] == '\0')
        return MU_OK;
    TRY(read_list(domains->path, &list));
    list_clear(&domains->list);
    domains->list = list;
    return MU_OK;
}

static enum mu_err home_of(const struct gms_domains *domains, struct span *kms)
{
    const struct kms_cert *home = kms_keyset_home(domains->keys);

    if (home == NULL)
        return MU_E_STATE;
    *kms = home->says->origin.kms_uri;
    return MU_OK;
}

static struct moved *moved_new(struct span user, struct span kms)
{
    struct moved *m = mu_alloc(sizeof(*m) + user.len + kms.len);

    if (m == NULL)
        return NULL;
    memcpy(m->octets, user.p, user.len);
    memcpy(m->octets + user.len, kms.p, kms.len);
    m->user =
        (struct user){{m->octets, user.len}, {m->octets + user.len, kms.len}};
    return m;
}

enum mu_err gms_domains_move(
    struct gms_domains *domains, struct span user, struct span kms)
{
    struct moved *m = moved_new(user, kms), **place;

    if (m == NULL)
        return MU_E_NO_MEMORY;
    place = tsearch(m, &domains->moved, compare);
    if (place == NULL) {
        mu_free(m);
        return MU_E_NO_MEMORY;
    }
    if (*place != m) {
        mu_free(*place);
        *place = m; /* the same URI: the tree's order stays */
    }
    return MU_OK;
}

enum mu_err gms_domains_kms_of(
    const struct gms_domains *domains, struct span user, struct span *kms)
{
    const struct list *list = &domains->list;
    const struct user key = {.uri = user}, *found;
    struct moved *const *moved = tfind(&key, &domains->moved, compare);

    if (moved != NULL) {
        *kms = (*moved)->user.kms;
        return MU_OK;
    }
    if (domains->path[0] == '\0')
        return home_of(domains, kms);
    found = list->len == 0 ? NULL
                           : bsearch(&key, list->users, list->len,
                                 sizeof(list->users[0]), compare);
    if (found == NULL)
        return MU_E_NOT_FOUND;
    if (found->kms.len == 0)
        return home_of(domains, kms);
    *kms = found->kms;
    return MU_OK;
}

static const struct kms_cert *cert_of(
    const struct gms_domains *domains, struct span kms)
{
    const struct kms_cert *home = kms_keyset_home(domains->keys);

    if (home != NULL && span_eq(home->says->origin.kms_uri, kms))
        return home;
    return kms_keyset_external_of(domains->keys, kms);
}

/* Unix seconds of a time since 1900, which may be before 1970. */
static uint64_t to_unix(uint64_t t_s)
{
    return t_s < MIKEY_NTP_UNIX_S ? 0 : t_s - (uint64_t)MIKEY_NTP_UNIX_S;
}

enum mu_err gms_domains_period(const struct gms_domains *domains,
    struct span kms, uint64_t unix_s, struct gms_period *out)
{
    const struct kms_cert *cert = cert_of(domains, kms);
    struct mcptt_interval interval = {0};
    uint64_t number = 0;

    if (cert == NULL || kms_cert_check_time(cert, unix_s) != MU_OK ||
        mcptt_period_number(&cert->says->rule,
            unix_s + (uint64_t)MIKEY_NTP_UNIX_S, &number) != MU_OK ||
        mcptt_period_interval(&cert->says->rule, number, &interval) != MU_OK)
        return MU_E_NOT_FOUND;
    *out = (struct gms_period){.number = number,
        .from_s = to_unix(interval.from_s),
        .until_s = to_unix(interval.until_s)};
    return MU_OK;
}
