/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/rekey.h"

#include <stdio.h>
#include <string.h>

#include "tests/rng.h"
#include "tests/suites.h"

/*
 * A group on one line: flags, then its members, a letter each; a capital is
 * the same person with another KMS. Flags: '-' no document, '!' not protected,
 * '#' disabled, '2' two group IDs.
 */
struct group {
    struct gms_holder holders[32];
    char uri[32];
};

static void view_of(const char *text, struct group *group, struct gms_view *out)
{
    *out = (struct gms_view){.exists = true,
        .keyed = true,
        .holders = group->holders,
        .ids = {span_str("sip:g@x"), span_str("sip:h@x")},
        .id_count = 1};
    for (size_t i = 0; text[i] != '\0'; i++) {
        char c = text[i];

        if (c == '-')
            out->exists = out->keyed = false;
        else if (c == '!')
            out->keyed = false;
        else if (c == '#')
            out->disabled = true;
        else if (c == '2')
            out->id_count = 2;
        else {
            group->uri[out->count] = (char)(c | 0x20);
            group->holders[out->count] =
                (struct gms_holder){{(uint8_t *)&group->uri[out->count], 1},
                    span_str(c < 'a' ? "kms:2" : "kms:1")};
            out->count++;
        }
    }
}

/* "exclude(removed:b) new(removed:)". */
static void describe(const struct gms_actions *actions, char *out, size_t cap)
{
    static const char *const kinds[] = {[GMS_ACT_NEW_GMK] = "new",
        [GMS_ACT_ISSUE] = "issue",
        [GMS_ACT_REVOKE] = "revoke",
        [GMS_ACT_EXCLUDE] = "exclude",
        [GMS_ACT_ADMIT] = "admit",
        [GMS_ACT_REBUILD] = "rebuild"};
    size_t at = 0;

    out[0] = '\0';
    for (size_t i = 0; i < actions->count; i++) {
        const struct gms_action *a = &actions->at[i];

        at +=
            (size_t)snprintf(out + at, cap - at, "%s%s(%s:", at > 0 ? " " : "",
                kinds[a->kind], gms_trigger_name(a->trigger));
        for (size_t k = 0; k < a->count; k++)
            at +=
                (size_t)snprintf(out + at, cap - at, "%c", a->who[k].uri.p[0]);
        at += (size_t)snprintf(out + at, cap - at, ")");
    }
}

static void decide(const struct gms_change *change,
    const struct gms_policy *policy, char *out, size_t cap)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct gms_actions actions;

    mu_arena_init(&arena, 1U << 16);
    CU_ASSERT_EQUAL_FATAL(gms_rekey(change, policy, &arena, &actions), MU_OK);
    describe(&actions, out, cap);
}

#define HARD     1U
#define RETARGET 2U
#define BACKWARD 4U
#define KEEP     8U

/* clang-format off */
static const struct {
    const char *before, *after;
    unsigned how;
    const char *expect;
} cases[] = {
    /* created */
    {"-", "ab", 0, "new(created:)"},
    {"-", "", 0, ""},
    {"-", "!ab", 0, ""},
    {"-", "#ab", 0, ""},
    {"-", "#ab", KEEP, "new(created:)"},
    {"", "ab", 0, "admit(added:ab) new(created:)"},
    /* nothing that concerns keys */
    {"ab", "ab", 0, ""},
    {"ab", "ab", HARD, ""},
    {"ab", "ab", RETARGET, ""},
    {"ab", "ab", BACKWARD, ""},
    {"!ab", "!ab", 0, ""},
    {"#ab", "#ab", 0, ""},
    /* a member came */
    {"ab", "abc", 0, "admit(added:c) issue(added:c)"},
    {"ab", "abc", HARD, "admit(added:c) issue(added:c)"},
    {"ab", "abc", RETARGET, "admit(added:c) issue(added:c)"},
    {"ab", "abc", BACKWARD, "admit(added:c) new(added:)"},
    {"!ab", "!abc", 0, "admit(added:c)"},
    {"#ab", "#abc", 0, "admit(added:c)"},
    {"#ab", "#abc", KEEP, "admit(added:c) issue(added:c)"},
    /* a member left */
    {"abc", "ac", 0, "exclude(removed:b) new(removed:)"},
    {"abc", "ac", BACKWARD, "exclude(removed:b) new(removed:)"},
    {"abc", "ac", RETARGET, "exclude(removed:b) new(removed:)"},
    {"abc", "c", 0, "exclude(removed:ab) new(removed:)"},
    {"ab", "", 0, "exclude(removed:ab) revoke(deleted:)"},
    {"!abc", "!ac", 0, "exclude(removed:b)"},
    {"#abc", "#ac", 0, "exclude(removed:b)"},
    {"#abc", "#ac", KEEP, "exclude(removed:b) new(removed:)"},
    /* a member was expelled */
    {"abc", "ac", HARD,
        "exclude(expelled:b) revoke(expelled:) new(expelled:)"},
    {"abc", "acd", HARD, "exclude(expelled:b) admit(added:d) "
        "revoke(expelled:) new(expelled:)"},
    {"abc", "acd", HARD | RETARGET, "exclude(expelled:b) admit(added:d) "
        "revoke(expelled:) new(expelled:)"},
    {"!abc", "!ac", HARD, "exclude(expelled:b) revoke(expelled:)"},
    {"abc", "!ac", HARD, "exclude(expelled:b) revoke(unprotected:)"},
    {"ab", "", HARD, "exclude(expelled:ab) revoke(deleted:)"},
    /* some left, some came */
    {"abc", "acd", 0, "exclude(removed:b) admit(added:d) issue(removed:d) "
        "new(removed:)"},
    {"abc", "acd", BACKWARD,
        "exclude(removed:b) admit(added:d) new(removed:)"},
    /* one in the place of another */
    {"abc", "acd", RETARGET, "exclude(retargeted:b) admit(added:d) "
        "issue(retargeted:d) new(retargeted:)"},
    {"abc", "acd", RETARGET | BACKWARD,
        "exclude(retargeted:b) admit(added:d) new(retargeted:)"},
    {"abc", "cd", RETARGET, "exclude(removed:ab) admit(added:d) "
        "issue(removed:d) new(removed:)"},
    /* protection */
    {"!ab", "ab", 0, "new(protected:)"},
    {"!ab", "ac", 0,
        "exclude(removed:b) admit(added:c) new(protected:)"},
    {"ab", "!ab", 0, ""},
    {"ab", "!a", 0, "exclude(removed:b)"},
    /* group IDs */
    {"ab", "2ab", 0, "rebuild(ids:)"},
    {"2ab", "ab", 0, "rebuild(ids:)"},
    {"abc", "2ac", 0, "exclude(removed:b) new(removed:) rebuild(ids:)"},
    {"abc", "2ac", HARD,
        "exclude(expelled:b) revoke(expelled:) new(expelled:)"},
    {"!ab", "2!ab", 0, ""},
    /* disabled, enabled */
    {"ab", "#ab", 0, "revoke(disabled:)"},
    {"ab", "#a", 0, "exclude(removed:b) revoke(disabled:)"},
    {"ab", "#ab", KEEP, ""},
    {"#ab", "ab", 0, "new(enabled:)"},
    {"#ab", "ab", KEEP, ""},
    {"#!ab", "ab", 0, "new(protected:)"},
    /* deleted: nobody is shut out of the revocations */
    {"ab", "-", 0, "revoke(deleted:)"},
    {"ab", "-", HARD, "revoke(deleted:)"},
    {"!ab", "-", 0, ""},
    {"!ab", "-", HARD, "revoke(expelled:)"},
    /* another KMS */
    {"abc", "aBc", 0, "rebuild(moved:b)"},
    {"abc", "aC", 0, "exclude(removed:b) new(removed:) rebuild(moved:c)"},
    {"abc", "aC", HARD,
        "exclude(expelled:b) revoke(expelled:) new(expelled:)"},
    {"!ab", "!aB", 0, ""},
};
/* clang-format on */

static void each_change_has_its_actions(void)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct group before, after;
        struct gms_change change = {
            .stop = cases[i].how & HARD ? GMS_STOP_HARD : GMS_STOP_SOFT,
            .retarget = (cases[i].how & RETARGET) != 0};
        struct gms_policy policy = {
            .backward_secrecy = (cases[i].how & BACKWARD) != 0,
            .keep_keys_when_disabled = (cases[i].how & KEEP) != 0};
        char got[256];

        view_of(cases[i].before, &before, &change.before);
        view_of(cases[i].after, &after, &change.after);
        decide(&change, &policy, got, sizeof(got));
        CU_ASSERT_STRING_EQUAL(got, cases[i].expect);
        if (strcmp(got, cases[i].expect) != 0)
            printf("\n%s -> %s how %u: %s, not %s\n", cases[i].before,
                cases[i].after, cases[i].how, got, cases[i].expect);
    }
}

/* Letters in order, each with an even chance; some with another KMS. */
static void random_group(struct test_rng *rng, char out[16])
{
    size_t at = 0;

    if (test_rng_below(rng, 10) == 0)
        out[at++] = '!';
    if (test_rng_below(rng, 10) == 0)
        out[at++] = '#';
    if (test_rng_below(rng, 6) == 0)
        out[at++] = '2';
    for (int c = 'a'; c < 'i'; c++)
        if (test_rng_below(rng, 2) == 0)
            out[at++] = (char)(test_rng_below(rng, 8) == 0 ? c ^ 0x20 : c);
    out[at] = '\0';
    if (test_rng_below(rng, 12) == 0)
        memcpy(out, "-", 2);
}

static bool in(const struct gms_view *view, struct span uri)
{
    for (size_t i = 0; i < view->count; i++)
        if (span_eq(view->holders[i].uri, uri))
            return true;
    return false;
}

static bool is_issued(enum gms_action_kind kind)
{
    return kind == GMS_ACT_NEW_GMK || kind == GMS_ACT_ISSUE ||
           kind == GMS_ACT_REBUILD;
}

static void judge(const struct gms_change *change,
    const struct gms_policy *policy, const struct gms_actions *actions)
{
    const struct gms_view *before = &change->before, *after = &change->after;
    bool live = gms_view_is_live(after, policy);
    bool excluded = false, renewed = false;
    size_t gone = 0;

    for (size_t i = 0; i < actions->count; i++) {
        const struct gms_action *a = &actions->at[i];

        CU_ASSERT(live || !is_issued(a->kind));
        renewed = renewed || a->kind == GMS_ACT_NEW_GMK;
        excluded = excluded || a->kind == GMS_ACT_EXCLUDE;
        for (size_t k = 0; k < a->count; k++) {
            bool stays = in(after, a->who[k].uri);

            /* Nobody outside is ever issued, nobody inside shut out. */
            CU_ASSERT_EQUAL(stays, a->kind != GMS_ACT_EXCLUDE);
        }
        if (a->kind == GMS_ACT_EXCLUDE)
            gone = a->count;
    }
    /* Whoever had a key and is not in the group has not got the next one. */
    for (size_t i = 0; i < before->count; i++)
        gone -= excluded && !in(after, before->holders[i].uri) ? 1 : 0;
    CU_ASSERT_EQUAL(gone, 0);
    if (excluded && live)
        CU_ASSERT(renewed);
}

static void no_change_issues_to_an_outsider(void)
{
    struct test_rng rng;

    test_rng_init(&rng, 1);
    for (unsigned n = 0; n < 20000; n++) {
        MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
        struct group before, after;
        char was[16], is[16];
        struct gms_change change = {.stop = test_rng_below(&rng, 3) == 0
                                                ? GMS_STOP_HARD
                                                : GMS_STOP_SOFT,
            .retarget = test_rng_below(&rng, 2) == 0};
        struct gms_policy policy = {
            .backward_secrecy = test_rng_below(&rng, 2) == 0,
            .keep_keys_when_disabled = test_rng_below(&rng, 2) == 0};
        struct gms_actions actions;

        random_group(&rng, was);
        random_group(&rng, is);
        view_of(was, &before, &change.before);
        view_of(is, &after, &change.after);
        mu_arena_init(&arena, 1U << 16);
        CU_ASSERT_EQUAL_FATAL(
            gms_rekey(&change, &policy, &arena, &actions), MU_OK);
        judge(&change, &policy, &actions);
    }
}

/* Two of one thing would mean two rekeys for one change. */
static void a_change_is_at_most_one_rekey(void)
{
    struct test_rng rng;

    test_rng_init(&rng, 2);
    for (unsigned n = 0; n < 20000; n++) {
        struct group before, after;
        char was[16], is[16], got[256];
        struct gms_change change = {.retarget = true};
        struct gms_policy policy = {.backward_secrecy = n % 2 == 0};
        const char *first;

        random_group(&rng, was);
        random_group(&rng, is);
        view_of(was, &before, &change.before);
        view_of(is, &after, &change.after);
        decide(&change, &policy, got, sizeof(got));
        first = strstr(got, "new(");
        CU_ASSERT(first == NULL || strstr(first + 1, "new(") == NULL);
        /* A join alone never rekeys unless it is asked for. */
        if (first != NULL && strncmp(first, "new(added", 9) == 0)
            CU_ASSERT(policy.backward_secrecy);
    }
}

static void memory_that_runs_out_is_said(void)
{
    struct group before, after;
    struct gms_change change = {0};
    struct gms_policy policy = {0};
    struct gms_actions actions = {.count = 99};
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;

    view_of("abc", &before, &change.before);
    view_of("abd", &after, &change.after);
    mu_arena_init(&arena, 16);
    CU_ASSERT_EQUAL(
        gms_rekey(&change, &policy, &arena, &actions), MU_E_NO_SPACE);
    CU_ASSERT_EQUAL(actions.count, 99);
}

CU_TestInfo gms_rekey_tests[] = {
    {"each change has its actions", each_change_has_its_actions},
    {"no change issues to an outsider", no_change_issues_to_an_outsider},
    {"a change is at most one rekey", a_change_is_at_most_one_rekey},
    {"memory that runs out is said", memory_that_runs_out_is_said},
    CU_TEST_INFO_NULL,
};
