/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kms issue: a bundle for the distribution server. It is written into the
 * directory first, then counted, then handed out: at whatever moment the
 * machine fails, no two bundles of one number leave it.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "kms/commands.h"
#include "kms/external.h"
#include "kms/issue.h"
#include "kms/sequence.h"
#include "kms/session.h"
#include "xml/kms_cert.h"

#define LIST_MAX ((size_t)64 << 20)

enum {
    ISSUE_USERS = KMS_OPT_UNLOCK,
    ISSUE_PERIOD,
    ISSUE_OUT,
    ISSUE_KDSD_KEY,
    ISSUE_CHECK_ALL,
    ISSUE_STRIP_04
};

static const struct cli_option issue_options[] = {
    KMS_OPTIONS_UNLOCK,
    {"--users", CLI_FILE, CLI_OPTIONAL,
        "file with a URI a line; else all active users"},
    {"--period", CLI_TEXT, CLI_REQUIRED, "key periods, N or N..M"},
    {"--out", CLI_FILE, CLI_REQUIRED, "the bundle, a new file"},
    {"--kdsd-key", CLI_HEX, CLI_OPTIONAL,
        "import key of the server; without it no InK goes along"},
    {"--check-all", CLI_FLAG, CLI_OPTIONAL,
        "the pairing check on each key, not on one in 100"},
    {"--strip-04", CLI_FLAG, CLI_OPTIONAL,
        "wrap points by RFC 3394 without their 04, not by RFC 5649"},
};

/* One issue under way, and all that its parts borrow. */
struct issuing {
    struct kms_session s;
    struct kms_users users;
    struct kms_user **chosen;
    struct buf root;
    struct kms_external external;
    struct kms_import_public import;
    struct kms_sequence sequence;
    struct kms_issue issue;
    struct buf bundle;
};

static void issuing_clear(struct issuing *i)
{
    mu_free(i->chosen);
    kms_users_clear(&i->users);
    kms_external_clear(&i->external);
    buf_clear(&i->root);
    buf_clear(&i->bundle);
    kms_session_clear(&i->s);
}

/* "N" or "N..M". */
static bool read_periods(struct span text, uint64_t *first, uint64_t *last)
{
    for (size_t i = 0; i + 1 < text.len; i++)
        if (text.p[i] == '.' && text.p[i + 1] == '.')
            return mu_text_u64((struct span){text.p, i}, first) == MU_OK &&
                   mu_text_u64((struct span){text.p + i + 2, text.len - i - 2},
                       last) == MU_OK;
    *last = 0;
    if (mu_text_u64(text, first) != MU_OK)
        return false;
    *last = *first;
    return true;
}

static enum mu_err choose_one(struct issuing *i, struct span uri, size_t line)
{
    struct kms_user *user = kms_users_find(&i->users, uri);
    enum mu_err err = user == NULL                     ? MU_E_NOT_FOUND
                      : user->state != KMS_USER_ACTIVE ? MU_E_STATE
                                                       : MU_OK;

    if (err != MU_OK)
        return cli_fail(i->s.cli, err, "--users", "line %zu: %s", line,
            err == MU_E_STATE ? "the user is revoked" : "is no user's URI");
    for (size_t k = 0; k < i->issue.chosen_count; k++)
        if (i->chosen[k] == user)
            return cli_fail(i->s.cli, MU_E_MALFORMED, "--users",
                "line %zu: stands there twice", line);
    i->chosen[i->issue.chosen_count++] = user;
    return MU_OK;
}

static enum mu_err choose_lines(struct issuing *i, struct span text)
{
    for (size_t line = 1; text.len > 0; line++) {
        const uint8_t *end = memchr(text.p, '\n', text.len);
        size_t len = end != NULL ? (size_t)(end - text.p) : text.len;
        struct span uri = {text.p, len};

        if (uri.len > 0 && uri.p[uri.len - 1] == '\r')
            uri.len--;
        if (uri.len > 0)
            TRY(choose_one(i, uri, line));
        len += end != NULL ? 1 : 0;
        text.p += len;
        text.len -= len;
    }
    return MU_OK;
}

static enum mu_err choose(struct issuing *i)
{
    MU_CLEANUP(buf_clear) struct buf list = {.p = NULL};
    const struct cli_arg *file = &i->s.cli->args[ISSUE_USERS];
    enum mu_err err;

    i->chosen = mu_alloc_array(i->users.len + 1, sizeof(struct kms_user *));
    if (i->chosen == NULL)
        return MU_E_NO_MEMORY;
    for (size_t k = 0; !file->given && k < i->users.len; k++)
        if (i->users.at[k]->state == KMS_USER_ACTIVE)
            i->chosen[i->issue.chosen_count++] = i->users.at[k];
    if (!file->given)
        return MU_OK;
    err = mu_file_read(file->text, LIST_MAX, &list);
    if (err != MU_OK)
        return cli_fail(
            i->s.cli, err, "--users", "cannot be read: %s", mu_err_name(err));
    return choose_lines(i, buf_span(&list));
}

static void show_progress(void *ctx, uint64_t done, uint64_t total)
{
    (void)ctx;
    if (isatty(STDERR_FILENO))
        (void)fprintf(stderr, "\r%llu of %llu key sets%s",
            (unsigned long long)done, (unsigned long long)total,
            done == total ? "\n" : "");
}

static enum mu_err read_options(struct issuing *i)
{
    struct cli *cli = i->s.cli;

    if (!read_periods(span_str(cli->args[ISSUE_PERIOD].text),
            &i->issue.first_period, &i->issue.last_period) ||
        i->issue.last_period < i->issue.first_period ||
        i->issue.last_period - i->issue.first_period >= KMS_ISSUE_PERIODS_MAX)
        return cli_fail(cli, MU_E_MALFORMED, "--period",
            "is neither N nor N..M with at most %d periods",
            KMS_ISSUE_PERIODS_MAX);
    if (cli->args[ISSUE_KDSD_KEY].given) {
        TRY(cli_octets(cli, ISSUE_KDSD_KEY, i->import.b, sizeof(i->import.b)));
        i->issue.import = &i->import;
    }
    i->issue.pair_all = cli->args[ISSUE_CHECK_ALL].given;
    i->issue.wrap =
        cli->args[ISSUE_STRIP_04].given ? KW_STRIP_04 : KW_PAD_RFC5649;
    return MU_OK;
}

static enum mu_err load_all(struct issuing *i)
{
    struct kms_session *s = &i->s;
    size_t line = 0;
    enum mu_err err = kms_users_load(&s->dir, &i->users, &line);

    if (err != MU_OK)
        return cli_fail(
            s->cli, err, KMS_DIR_USERS, "line %zu: %s", line, mu_err_name(err));
    err = kms_dir_read(&s->dir, KMS_DIR_CERT, &i->root);
    if (err != MU_OK)
        return cli_fail(s->cli, err, KMS_DIR_CERT, "%s; kms cert makes it",
            mu_err_name(err));
    err = kms_external_load(&s->dir, &i->external);
    if (err != MU_OK)
        return cli_fail(s->cli, err, KMS_DIR_EXTERNAL, "%s", mu_err_name(err));
    err = kms_sequence_load(&s->dir, &i->sequence);
    if (err != MU_OK)
        return cli_fail(s->cli, err, KMS_DIR_SEQUENCE, "%s", mu_err_name(err));
    return MU_OK;
}

/* The event goes to the log first: its head is in the bundle. */
static enum mu_err set_header(struct issuing *i)
{
    struct kms_bundle_header *h = &i->issue.header;
    struct xml_fault fault;

    TRY(kms_session_log(&i->s, "bundle.issue",
        mu_log_u64("sequence", i->sequence.last + 1),
        mu_log_u64("first_period", i->issue.first_period),
        mu_log_u64("last_period", i->issue.last_period),
        mu_log_u64("users", i->issue.chosen_count)));
    h->sequence = i->sequence.last + 1;
    memcpy(h->previous, i->sequence.hash, sizeof(h->previous));
    h->created_s = i->s.now_s;
    h->log_head = *kms_journal_head(i->s.journal);
    return xml_kms_fingerprint(buf_span(&i->root), &fault, h->certificate);
}

static enum mu_err make(struct issuing *i)
{
    struct kms_issue *issue = &i->issue;
    enum mu_err err;

    issue->facts = &i->s.facts;
    issue->master = &i->s.master;
    issue->rng = mu_rng_system();
    issue->root = buf_span(&i->root);
    issue->external = i->external.certs;
    issue->external_count = i->external.len;
    issue->users = &i->users;
    issue->chosen = i->chosen;
    issue->progress = show_progress;
    TRY(set_header(i));
    err = kms_issue_write(issue, &i->bundle);
    if (err != MU_OK)
        return kms_session_refuse(&i->s, err, "bundle",
            err == MU_E_CRYPTO ? "a check of a key or of a record failed"
                               : mu_err_name(err));
    return MU_OK;
}

static enum mu_err hand_out(struct issuing *i)
{
    struct span bundle = buf_span(&i->bundle);
    enum mu_err err = kms_dir_replace(&i->s.dir, KMS_DIR_BUNDLE, bundle);

    i->sequence.last++;
    if (err == MU_OK)
        err = kms_bundle_hash(bundle, i->sequence.hash);
    if (err == MU_OK)
        err = kms_sequence_save(&i->s.dir, &i->sequence);
    if (err != MU_OK)
        return kms_session_refuse(
            &i->s, err, "directory", "the bundle cannot be kept");
    err = mu_file_create(i->s.cli->args[ISSUE_OUT].text, 0644, bundle);
    if (err != MU_OK)
        return kms_session_refuse(&i->s, err, "--out",
            "cannot be made; the bundle is in the directory, as "
            "\"" KMS_DIR_BUNDLE "\"");
    return MU_OK;
}

static void print(struct issuing *i)
{
    char number[24], sets[24], hash[MU_HEX_LEN(KMS_BUNDLE_HASH_LEN)];
    char key[MU_HEX_LEN(sizeof(struct mu_verify_key))];
    unsigned long long made = i->issue.last_period - i->issue.first_period + 1;

    made *= i->issue.chosen_count;

    (void)snprintf(
        number, sizeof(number), "%llu", (unsigned long long)i->sequence.last);
    (void)snprintf(sets, sizeof(sets), "%llu", made);
    mu_hex_write(SPAN_OF(i->sequence.hash), hash);
    mu_hex_write(SPAN_OF(i->s.facts.keys.bundle.b), key);
    kms_session_print(&i->s,
        (const struct kms_result[]){
            {"sequence", span_str(number)},
            {"key_sets", span_str(sets)},
            {"sha256", span_str(hash)},
            {"bundle_key", span_str(key)},
        },
        4);
}

static enum mu_err run_issue(struct cli *cli)
{
    MU_CLEANUP(issuing_clear) struct issuing i = {.chosen = NULL};

    i.s.cli = cli;
    TRY(read_options(&i));
    if (access(cli->args[ISSUE_OUT].text, F_OK) == 0)
        return cli_fail(cli, MU_E_STATE, "--out", "is there already");
    TRY(kms_session_unlock(&i.s, cli));
    TRY(load_all(&i));
    TRY(choose(&i));
    TRY(make(&i));
    TRY(hand_out(&i));
    print(&i);
    return MU_OK;
}

const struct cli_command kms_cmd_issue = {
    .name = "issue",
    .help =
        "the bundle's number, hash and verification key, and the log's head",
    .options = issue_options,
    .option_count = sizeof(issue_options) / sizeof(issue_options[0]),
    .run = run_issue,
};
