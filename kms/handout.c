/* SPDX-License-Identifier: Apache-2.0 */
#include "kms/handout.h"

#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "kms/terminal.h"

#define TEXT_MAX 4096
#define PATH_LEN 2048 /* of a share's file; a longer one is not written */

/* A share as it is shown; wiped. */
SECRET_TYPE(share_text, KMS_SHARE_TEXT);

static enum mu_err write_text(
    const struct kms_share *share, struct share_text *out)
{
    char text[KMS_SHARE_TEXT];
    enum mu_err err = kms_share_write(share, text);

    for (size_t i = 0; i < sizeof(text); i++)
        out->b[i] = (uint8_t)text[i];
    mu_wipe(text, sizeof(text));
    return err;
}

static bool same(const struct kms_share *a, const struct kms_share *b)
{
    return a->number == b->number && a->threshold == b->threshold &&
           a->tag == b->tag && kms_share_value_eq(&a->value, &b->value);
}

static enum mu_err show(
    struct kms_terminal *terminal, const struct kms_share *share, size_t count)
{
    MU_CLEANUP(share_text_clear) struct share_text text = {{0}};
    MU_CLEANUP(buf_clear) struct buf line = {.p = NULL};
    char head[128];

    TRY(write_text(share, &text));
    (void)snprintf(head, sizeof(head),
        "Share %u of %zu, for its keeper's eyes alone; write it down:\n\n    ",
        share->number, count);
    TRY(kms_terminal_wipe(terminal));
    TRY(kms_terminal_say(terminal, head));
    TRY(kms_terminal_say(terminal, (const char *)text.b));
    TRY(kms_terminal_ask(
        terminal, "\n\nWritten? Press Enter: the screen is wiped. ", &line));
    return kms_terminal_wipe(terminal);
}

/* Whether the keeper typed back what was shown. */
static enum mu_err ask_back(
    struct kms_terminal *terminal, const struct kms_share *share, bool *ok)
{
    MU_CLEANUP(kms_share_clear) struct kms_share typed = {.number = 0};
    MU_CLEANUP(buf_clear) struct buf line = {.p = NULL};

    TRY(kms_terminal_ask(
        terminal, "Type it back from the paper (not shown): ", &line));
    *ok =
        kms_share_read(buf_span(&line), &typed) == MU_OK && same(&typed, share);
    if (*ok)
        return kms_terminal_say(terminal, "Right.\n");
    return kms_terminal_say(
        terminal, "That is not the share; here it is once more.\n");
}

/* Shows a share until it was typed back. */
static enum mu_err hand_out(
    struct kms_terminal *terminal, const struct kms_share *share, size_t count)
{
    bool ok = false;

    while (!ok) {
        TRY(show(terminal, share, count));
        TRY(ask_back(terminal, share, &ok));
    }
    return MU_OK;
}

enum mu_err kms_handout_typed(const struct kms_share *shares, size_t count)
{
    MU_CLEANUP(kms_terminal_close) struct kms_terminal terminal;

    TRY(kms_terminal_open(&terminal));
    for (size_t i = 0; i < count; i++)
        TRY(hand_out(&terminal, &shares[i], count));
    return kms_terminal_wipe(&terminal);
}

static enum mu_err path_of(
    const char *folder, size_t number, char out[PATH_LEN])
{
    int len = snprintf(out, PATH_LEN, "%s/share-%zu.txt", folder, number);

    return len > 0 && len < PATH_LEN ? MU_OK : MU_E_NO_SPACE;
}

void kms_handout_remove(const char *folder, size_t count)
{
    char path[PATH_LEN];

    for (size_t i = 1; i <= count; i++) {
        if (path_of(folder, i, path) == MU_OK)
            (void)unlink(path);
    }
}

static enum mu_err write_one(const char *path, const struct kms_share *share)
{
    MU_CLEANUP(share_text_clear) struct share_text text = {{0}};

    TRY(write_text(share, &text));
    text.b[KMS_SHARE_TEXT - 1] = '\n'; /* in the place of its NUL */
    return mu_file_create(path, 0600, SPAN_OF(text.b));
}

static enum mu_err read_back(const char *path, const struct kms_share *share)
{
    MU_CLEANUP(kms_share_clear) struct kms_share got = {.number = 0};
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};

    TRY(mu_file_read(path, TEXT_MAX, &text));
    TRY(kms_share_read(buf_span(&text), &got));
    return same(&got, share) ? MU_OK : MU_E_CRYPTO;
}

enum mu_err kms_handout_files(
    const char *folder, const struct kms_share *shares, size_t count)
{
    char path[PATH_LEN];

    for (size_t i = 0; i < count; i++) {
        enum mu_err err;

        err = path_of(folder, i + 1, path);
        if (err == MU_OK)
            err = write_one(path, &shares[i]);
        if (err != MU_OK) { /* not the one that was there before */
            kms_handout_remove(folder, i);
            return err;
        }
        err = read_back(path, &shares[i]);
        if (err != MU_OK) {
            kms_handout_remove(folder, i + 1);
            return err;
        }
    }
    return MU_OK;
}
