/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "gms/ctl.h"

#define LOOK_MS 200 /* between two looks */

/* A GMK, that is: keys of servers count the same epochs, and a spare may have
 * been made before one of those. */
static bool is_out(const json_t *key)
{
    const char *state = gms_ctl_text(key, "state");
    const char *kind = gms_ctl_text(key, "kind");

    return state != NULL && kind != NULL && strcmp(kind, "GMK") == 0 &&
           (strcmp(state, "pending") == 0 || strcmp(state, "active") == 0);
}

static enum mu_err get_keys(
    struct gms_ctl *ctl, const char *group, json_t **out)
{
    char path[GMS_CTL_PATH_MAX];

    gms_ctl_path(path, "/groups/", group, "/keys");
    return gms_ctl_get(ctl, path, out);
}

/* The newest key that is with members, or on its way; NULL: none. Borrowed. */
static const json_t *newest(const json_t *answer)
{
    const json_t *keys = json_object_get(answer, "keys");

    for (size_t i = 0; i < json_array_size(keys); i++)
        if (is_out(json_array_get(keys, i)))
            return json_array_get(keys, i);
    return NULL;
}

enum mu_err gms_ctl_epoch(
    struct gms_ctl *ctl, const char *group, json_int_t *out)
{
    MU_CLEANUP(gms_ctl_json_drop) json_t *answer = NULL;

    TRY(get_keys(ctl, group, &answer));
    *out = gms_ctl_number(newest(answer), "epoch");
    return MU_OK;
}

struct progress {
    json_int_t all, ready, held;
};

static struct progress progress_of(const json_t *key)
{
    const json_t *counts = json_object_get(key, "deliveries");
    json_int_t held =
        gms_ctl_number(counts, "accepted") + gms_ctl_number(counts, "opened");
    json_int_t ready = held + gms_ctl_number(counts, "sent");

    return (struct progress){.held = held,
        .ready = ready,
        .all = ready + gms_ctl_number(counts, "queued") +
               gms_ctl_number(counts, "failed") +
               gms_ctl_number(counts, "redirected")};
}

static void show(const char *group, const struct progress *p, bool end)
{
    if (isatty(STDERR_FILENO) == 1)
        (void)fprintf(stderr, "\r%.40s: %lld of %lld ready, %lld fetched%s",
            group, (long long)p->ready, (long long)p->all, (long long)p->held,
            end ? "\n" : "");
}

/* Whether all is done: *key is then the key, in answer. */
static bool look(const json_t *answer, json_int_t epoch, const char *group,
    const json_t **key)
{
    struct progress p;

    *key = newest(answer);
    if (!gms_ctl_bool(answer, "keyed"))
        return true;
    if (*key == NULL || gms_ctl_number(*key, "epoch") <= epoch)
        return false;
    p = progress_of(*key);
    show(group, &p, false);
    return gms_ctl_number(json_object_get(*key, "deliveries"), "queued") == 0;
}

static json_t *report(const json_t *key, const char *group)
{
    struct progress p = progress_of(key);

    if (key == NULL)
        return json_pack("{s:b}", "keyed", 0);
    show(group, &p, true);
    return json_pack("{s:O, s:O, s:I, s:I, s:I}", "gmk_id",
        json_object_get(key, "gmk_id"), "since", json_object_get(key, "since"),
        "all", p.all, "ready", p.ready, "held", p.held);
}

enum mu_err gms_ctl_follow(struct gms_ctl *ctl, const char *group,
    json_int_t epoch, uint64_t limit_s, json_t **out)
{
    const struct mu_clock *clock = mu_clock_system();
    uint64_t until = mu_clock_mono_ms(clock) + limit_s * 1000;

    for (;;) {
        MU_CLEANUP(gms_ctl_json_drop) json_t *answer = NULL;
        const json_t *key;

        TRY(get_keys(ctl, group, &answer));
        if (look(answer, epoch, group, &key)) {
            *out = report(key, group);
            return *out == NULL ? MU_E_NO_MEMORY : MU_OK;
        }
        if (mu_clock_mono_ms(clock) >= until)
            return cli_fail(gms_ctl_cli(ctl), MU_E_EXPIRED, group,
                "its new key is not ready after %llu s; see gmsctl deliveries",
                (unsigned long long)limit_s);
        gms_ctl_wait_ms(ctl, LOOK_MS);
    }
}
