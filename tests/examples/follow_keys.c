/* SPDX-License-Identifier: Apache-2.0 */
/*
 * follow_keys.c - a group has several keys at once: which one a member sends
 * with, and which it takes from others (ue/keystore.h, a module that any device
 * may use as it is; docs/ue-developer.md).
 *
 *   follow_keys < STEPS
 *
 * A line a step, times in seconds:
 *
 *     key ID FROM UNTIL   a message brought that key; UNTIL 0: never ends
 *     revoke ID           a message says that it must not be used any more
 *     at TIME             prints what it sends with and takes, then
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/examples/args.h"
#include "ue/keystore.h"

static struct ue_keystore store; /* all of one group; too large for a stack */
static uint64_t now_s, message_ms;

/* What a message says of a key; it was opened and is authentic. Each one here
 * was signed after those before. */
static void take(uint32_t id, uint64_t from_s, uint64_t until_s, bool revoked)
{
    struct ue_key key = {.gmk_id = {id},
        .guk_id = {id},
        .from_s = from_s,
        .until_s = until_s != 0 ? until_s : UINT64_MAX,
        .message_ms = message_ms + 1,
        .remember_s = UINT64_MAX};
    enum ue_news news = UE_NEWS_NONE;

    message_ms = key.message_ms;
    memset(key.gmk.b, (int)id, sizeof(key.gmk.b)); /* each its own */
    must(ue_keystore_take(&store, &key, revoked, now_s, &news), "key");
    mcptt_gmk_clear(&key.gmk);
}

static void look(uint64_t at_s)
{
    const struct ue_key *sending = ue_keystore_sending(&store, at_s);

    now_s = at_s;
    (void)printf("%llu send ", (unsigned long long)now_s);
    if (sending != NULL)
        (void)printf("%x", sending->gmk_id.v);
    else
        (void)printf("nothing");
    (void)printf(" take");
    for (size_t i = 0; i < store.len; i++)
        if (ue_keystore_receiving(&store, store.keys[i].gmk_id, now_s) != NULL)
            (void)printf(" %x", store.keys[i].gmk_id.v);
    (void)printf("\n");
}

static uint64_t number(const char *word, int base)
{
    char *end = NULL;
    uint64_t value = strtoull(word != NULL ? word : "", &end, base);

    must(end != NULL && *end == '\0' ? MU_OK : MU_E_MALFORMED, "a number");
    return value;
}

static void do_step(char *line)
{
    char *rest = NULL;
    const char *what = strtok_r(line, " \n", &rest);
    const char *first = strtok_r(NULL, " \n", &rest);
    const char *from = strtok_r(NULL, " \n", &rest);
    const char *until = strtok_r(NULL, " \n", &rest);

    if (what == NULL)
        return;
    if (strcmp(what, "key") == 0)
        take((uint32_t)number(first, 16), number(from, 10), number(until, 10),
            false);
    else if (strcmp(what, "revoke") == 0)
        take((uint32_t)number(first, 16), 0, 0, true);
    else
        look(number(first, 10));
}

int main(void)
{
    char line[128];

    while (fgets(line, sizeof(line), stdin) != NULL)
        do_step(line);
    ue_keystore_clear(&store);
    return 0;
}
