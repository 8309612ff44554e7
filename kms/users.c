/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/users.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"

#define HEADING "muster-users 1\n"
#define LABEL   "kms user"

/* TrK and InK as they are sealed. */
SECRET_TYPE(keys_octets, MCPTT_TRK_LEN + MCPTT_INK_LEN);

static const char *const state_names[] = {
    [KMS_USER_ACTIVE] = "active",
    [KMS_USER_REVOKED] = "revoked",
};

#define STATES (sizeof(state_names) / sizeof(state_names[0]))

void kms_user_keys_clear(struct kms_user_keys *keys)
{
    mu_wipe(keys, sizeof(*keys));
}

void kms_users_clear(struct kms_users *users)
{
    for (size_t i = 0; i < users->len; i++)
        mu_free(users->at[i]);
    mu_free(users->at);
    *users = (struct kms_users){NULL, 0, 0};
}

/* By octets, then by length. */
static int compare(struct span a, struct span b)
{
    size_t both = a.len < b.len ? a.len : b.len;
    int order = memcmp(a.p, b.p, both); /* identities are never empty */

    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* The place of the first user that is not before uri. */
static size_t place_of(const struct kms_users *users, struct span uri)
{
    size_t from = 0, until = users->len;

    while (from < until) {
        size_t middle = from + (until - from) / 2;

        if (compare(mcptt_id_span(&users->at[middle]->uri), uri) < 0)
            from = middle + 1;
        else
            until = middle;
    }
    return from;
}

struct kms_user *kms_users_find(const struct kms_users *users, struct span uri)
{
    size_t i;

    if (uri.len == 0)
        return NULL;
    i = place_of(users, uri);
    if (i == users->len || !span_eq(mcptt_id_span(&users->at[i]->uri), uri))
        return NULL;
    return users->at[i];
}

static enum mu_err make_room(struct kms_users *users)
{
    size_t cap = users->cap > 0 ? 2 * users->cap : 64;
    struct kms_user **at;

    if (users->len < users->cap)
        return MU_OK;
    if (users->len >= KMS_USERS_MAX)
        return MU_E_NO_SPACE;
    at = mu_alloc_array(cap, sizeof(struct kms_user *));
    if (at == NULL)
        return MU_E_NO_MEMORY;
    if (users->len > 0)
        memcpy(at, users->at, users->len * sizeof(struct kms_user *));
    mu_free(users->at);
    users->at = at;
    users->cap = cap;
    return MU_OK;
}

/* Adds a copy of a user who is not in yet, at his place. */
static enum mu_err insert(
    struct kms_users *users, const struct kms_user *user, struct kms_user **out)
{
    size_t i = place_of(users, mcptt_id_span(&user->uri));
    struct kms_user *copy;

    TRY(make_room(users));
    copy = mu_alloc(sizeof(*copy));
    if (copy == NULL)
        return MU_E_NO_MEMORY;
    *copy = *user;
    memmove(&users->at[i + 1], &users->at[i],
        (users->len - i) * sizeof(struct kms_user *));
    users->at[i] = copy;
    users->len++;
    *out = copy;
    return MU_OK;
}

/* What is bound to a user's keys: | state (8) | serial (64) | URI |. */
struct binding {
    uint8_t b[1 + 8 + MCPTT_ID_MAX];
    struct mu_seal_use use;
};

static void bind(struct binding *binding, const struct kms_user *user)
{
    struct wr w;

    wr_init(&w, binding->b, sizeof(binding->b));
    wr_u8(&w, (uint8_t)user->state);
    wr_u64(&w, user->serial);
    wr_span(&w, mcptt_id_span(&user->uri));
    binding->use = (struct mu_seal_use){LABEL, wr_so_far(&w)};
}

static enum mu_err seal_keys(struct kms_user *user,
    const struct mu_keyring *ring, const struct kms_user_keys *keys,
    const struct mu_rng *rng)
{
    MU_CLEANUP(keys_octets_clear) struct keys_octets octets;
    struct binding binding;

    memcpy(octets.b, keys->trk.b, MCPTT_TRK_LEN);
    memcpy(octets.b + MCPTT_TRK_LEN, keys->ink.b, MCPTT_INK_LEN);
    bind(&binding, user);
    return mu_seal(ring, &binding.use, SPAN_OF(octets.b), rng, user->sealed);
}

enum mu_err kms_user_open(const struct kms_user *user,
    const struct mu_keyring *ring, struct kms_user_keys *out)
{
    MU_CLEANUP(keys_octets_clear) struct keys_octets octets;
    struct binding binding;

    bind(&binding, user);
    TRY(mu_unseal(
        ring, &binding.use, SPAN_OF(user->sealed), octets.b, sizeof(octets.b)));
    memcpy(out->trk.b, octets.b, MCPTT_TRK_LEN);
    memcpy(out->ink.b, octets.b + MCPTT_TRK_LEN, MCPTT_INK_LEN);
    return MU_OK;
}

static enum mu_err make_keys(
    const struct mu_rng *rng, struct kms_user_keys *out)
{
    TRY(mu_rng_fill(rng, out->trk.b, sizeof(out->trk.b)));
    return mu_rng_fill(rng, out->ink.b, sizeof(out->ink.b));
}

enum mu_err kms_users_enrol(struct kms_users *users,
    const struct mu_keyring *ring, const struct kms_enrolling *who,
    struct kms_user **out, struct kms_user_keys *keys)
{
    MU_CLEANUP(kms_user_keys_clear) struct kms_user_keys made = {{{0}}, {{0}}};
    struct kms_user *known = kms_users_find(users, who->uri);
    struct kms_user user = {.state = KMS_USER_ACTIVE, .since_s = who->now_s};

    TRY(mcptt_id_set(&user.uri, who->uri));
    user.serial = known != NULL ? known->serial + 1 : 1;
    TRY(make_keys(who->rng, &made));
    TRY(seal_keys(&user, ring, &made, who->rng));
    if (known != NULL)
        *known = user;
    else
        TRY(insert(users, &user, &known));
    *out = known;
    *keys = made;
    return MU_OK;
}

enum mu_err kms_user_revoke(struct kms_user *user,
    const struct mu_keyring *ring, uint64_t now_s, const struct mu_rng *rng)
{
    MU_CLEANUP(kms_user_keys_clear) struct kms_user_keys keys;
    struct kms_user revoked = *user;

    if (user->state == KMS_USER_REVOKED)
        return MU_E_STATE;
    TRY(kms_user_open(user, ring, &keys));
    revoked.state = KMS_USER_REVOKED;
    revoked.since_s = now_s;
    TRY(seal_keys(&revoked, ring, &keys, rng));
    *user = revoked;
    return MU_OK;
}

/* Up to the next blank or the end, and past the blank. */
static struct span next_word(struct span *line)
{
    const uint8_t *blank =
        line->len > 0 ? memchr(line->p, ' ', line->len) : NULL;
    size_t len = blank != NULL ? (size_t)(blank - line->p) : line->len;
    struct span word = {line->p, len};

    line->p += blank != NULL ? len + 1 : len;
    line->len -= blank != NULL ? len + 1 : len;
    return word;
}

static enum mu_err read_state(struct span word, enum kms_user_state *out)
{
    for (size_t i = 0; i < STATES; i++)
        if (span_eq(word, span_str(state_names[i]))) {
            *out = (enum kms_user_state)i;
            return MU_OK;
        }
    return MU_E_MALFORMED;
}

static enum mu_err read_user(struct span line, struct kms_user *out)
{
    size_t len = 0;

    TRY(read_state(next_word(&line), &out->state));
    TRY(mu_text_u64(next_word(&line), &out->serial));
    TRY(mu_text_u64(next_word(&line), &out->since_s));
    TRY(mcptt_id_set(&out->uri, next_word(&line)));
    TRY(mu_hex_read(line, out->sealed, sizeof(out->sealed), &len));
    return len == sizeof(out->sealed) && out->serial > 0 ? MU_OK
                                                         : MU_E_MALFORMED;
}

/* Each user stands after the one before: once, and in order. */
static enum mu_err read_line(struct kms_users *users, struct span line)
{
    struct kms_user user = {.serial = 0}, *added;

    TRY(read_user(line, &user));
    if (users->len > 0 &&
        compare(mcptt_id_span(&users->at[users->len - 1]->uri),
            mcptt_id_span(&user.uri)) >= 0)
        return MU_E_MALFORMED;
    return insert(users, &user, &added);
}

/* All lines after the first; *line counts them. */
static enum mu_err read_lines(
    struct kms_users *users, struct span text, size_t *line)
{
    while (text.len > 0) {
        const uint8_t *end = memchr(text.p, '\n', text.len);
        size_t len = end != NULL ? (size_t)(end - text.p) : 0;

        ++*line;
        if (end == NULL)
            return MU_E_MALFORMED;
        TRY(read_line(users, (struct span){text.p, len}));
        text.p += len + 1;
        text.len -= len + 1;
    }
    return MU_OK;
}

static enum mu_err read_text(
    struct kms_users *users, struct span text, size_t *line)
{
    struct span heading = span_str(HEADING);

    if (text.len < heading.len || memcmp(text.p, heading.p, heading.len) != 0)
        return MU_E_UNSUPPORTED;
    text.p += heading.len;
    text.len -= heading.len;
    return read_lines(users, text, line);
}

enum mu_err kms_users_load(
    const struct kms_dir *dir, struct kms_users *out, size_t *line)
{
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};
    MU_CLEANUP(kms_users_clear) struct kms_users users = {NULL, 0, 0};
    enum mu_err err = kms_dir_read(dir, KMS_DIR_USERS, &text);
    size_t at = 1;

    if (err == MU_OK)
        err = read_text(&users, buf_span(&text), &at);
    else if (err == MU_E_NOT_FOUND)
        err = MU_OK;
    if (line != NULL)
        *line = at;
    TRY(err);
    *out = users;
    users = (struct kms_users){NULL, 0, 0};
    return MU_OK;
}

static void write_user(struct buf *out, const struct kms_user *user)
{
    char text[64];

    (void)snprintf(text, sizeof(text), "%s %" PRIu64 " %" PRIu64 " ",
        state_names[user->state], user->serial, user->since_s);
    buf_text(out, text);
    buf_add(out, mcptt_id_span(&user->uri));
    buf_text(out, " ");
    buf_hex(out, SPAN_OF(user->sealed));
    buf_text(out, "\n");
}

enum mu_err kms_users_save(
    const struct kms_dir *dir, const struct kms_users *users)
{
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};

    buf_text(&text, HEADING);
    for (size_t i = 0; i < users->len; i++)
        write_user(&text, users->at[i]);
    TRY(text.err);
    return kms_dir_replace(dir, KMS_DIR_USERS, buf_span(&text));
}
