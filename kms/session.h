/* SPDX-License-Identifier: Apache-2.0 */
/*
 * session.h - what one command of kms works on: the directory with its facts,
 * then its log, then the master secrets, each opened when it is needed.
 *
 * All functions say what failed by cli_fail() and record in the log what was
 * refused.
 */
#ifndef KMS_SESSION_H
#define KMS_SESSION_H

#include "cli/command.h"
#include "kms/journal.h"
#include "kms/master.h"

/* The first options of every command, in this order. */
enum kms_option {
    KMS_OPT_DIR,
    KMS_OPT_TEST_KEY,
    KMS_OPT_NOW,
    KMS_OPT_OPEN, /* how many, for a command that does not unlock */
    KMS_OPT_SHARE = KMS_OPT_OPEN,
    KMS_OPT_UNLOCK /* how many, for one that does */
};

#define KMS_OPTIONS_OPEN                                                       \
    {"--dir", CLI_FILE, CLI_REQUIRED, "directory of the KMS"},                 \
        {"--insecure-test-key", CLI_FLAG, CLI_OPTIONAL,                        \
            "it is a KMS for tests, without any secret"},                      \
    {                                                                          \
        "--now", CLI_NUMBER, CLI_OPTIONAL, "Unix time, for tests"              \
    }

#define KMS_OPTIONS_UNLOCK                                                     \
    KMS_OPTIONS_OPEN,                                                          \
    {                                                                          \
        "--share", CLI_FILES, CLI_OPTIONAL,                                    \
            "file with a share, once a share; else they are asked for"         \
    }

/* Starts as {0}; wiped and closed by its _clear. */
struct kms_session {
    struct cli *cli;
    struct kms_dir dir;
    uint64_t now_s; /* Unix time */
    struct kms_facts facts;
    struct kms_journal *journal; /* once begun */
    struct kms_master master;    /* once unlocked */
    struct mu_keyring users;     /* the user-key key, once unlocked */
};

void kms_session_clear(struct kms_session *s);

/* Directory and time alone, from the options: for a KMS that is to be made. */
MU_MUST_CHECK enum mu_err kms_session_init(
    struct kms_session *s, struct cli *cli);

/* And the facts, to read: others may work on the directory. */
MU_MUST_CHECK enum mu_err kms_session_look(
    struct kms_session *s, struct cli *cli);

/* And the log: nobody else works on the directory from now on. */
MU_MUST_CHECK enum mu_err kms_session_begin(
    struct kms_session *s, struct cli *cli);

/*
 * And the master secrets: with the shares of --share, those typed at the
 * terminal, or --insecure-test-key. The attempt and its outcome are recorded.
 */
MU_MUST_CHECK enum mu_err kms_session_unlock(
    struct kms_session *s, struct cli *cli);

/* Records an event; a failure is cli_fail()'s. */
MU_MUST_CHECK enum mu_err kms_session_write(struct kms_session *s,
    const char *event, const struct mu_log_field *fields, size_t count);

#define kms_session_log(s, event, ...)                                         \
    kms_session_write((s), (event),                                            \
        (const struct mu_log_field[]){__VA_ARGS__},                            \
        sizeof((const struct mu_log_field[]){__VA_ARGS__}) /                   \
            sizeof(struct mu_log_field))

/*
 * Records that a command was refused, and says so: err is returned even when it
 * could not be recorded.
 */
enum mu_err kms_session_refuse(
    struct kms_session *s, enum mu_err err, const char *what, const char *why);

/* Results: "name text" a line, or one object with --json. */
struct kms_result {
    const char *name;
    struct span text;
};

void kms_print(struct cli *cli, const struct kms_result *results, size_t count);

/* The same, and the log's head behind them: every change ends so. */
void kms_session_print(
    struct kms_session *s, const struct kms_result *results, size_t count);

#endif
