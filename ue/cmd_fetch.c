/* SPDX-License-Identifier: Apache-2.0 */
/* mcue fetch: members look at their key documents once. */
#include "base/file.h"
#include "ue/commands.h"
#include "ue/setup.h"
#include "ue/status.h"

#define DOCUMENT_MAX ((size_t)4 << 20)
#define NEVER_MS     UINT64_C(86400000) /* the second look does not come */

enum option {
    DOCUMENT = UE_COMMON_OPTIONS,
    ANY_RECEIVER,
    OPTIONS
};

static const struct cli_option options[OPTIONS] = {
    UE_COMMON_ROWS,
    [DOCUMENT] = {"--document", CLI_FILE, CLI_OPTIONAL,
        "a key document to open, instead of the GMS's"},
    [ANY_RECEIVER] = {"--any-receiver", CLI_FLAG, CLI_OPTIONAL,
        "try also what is addressed to somebody else"},
};

static const char *check_options(const struct cli *cli)
{
    if (cli->args[ANY_RECEIVER].given && !cli->args[DOCUMENT].given)
        return "--any-receiver needs --document";
    return ue_setup_check(cli);
}

struct fetch {
    struct cli *cli;
    struct ue_setup setup;
    struct buf document;
    size_t awaited; /* members to become ready, and groups of those to settle */
    size_t failed;  /* members without keys of their own */
};

static void fetch_clear(struct fetch *f)
{
    ue_setup_clear(&f->setup);
    buf_clear(&f->document);
}

static void one_less(struct fetch *f)
{
    if (--f->awaited == 0)
        ue_crowd_stop(f->setup.crowd);
}

static void on_settled(void *ctx)
{
    one_less(ctx);
}

static void take_document(struct fetch *f, const struct ue_member *member)
{
    for (size_t i = 0; i < ue_member_group_count(member); i++)
        ue_group_take(ue_member_group(member, i), buf_span(&f->document),
            f->cli->args[ANY_RECEIVER].given);
}

static void on_ready(void *ctx, struct ue_member *member)
{
    struct fetch *f = ctx;

    if (ue_member_state(member) == UE_MEMBER_FAILED)
        f->failed++;
    else
        f->awaited += ue_member_group_count(member);
    if (f->cli->args[DOCUMENT].given &&
        ue_member_state(member) != UE_MEMBER_FAILED)
        take_document(f, member);
    one_less(f);
}

static enum mu_err read_document(struct fetch *f)
{
    const char *path = f->cli->args[DOCUMENT].text;
    enum mu_err err;

    if (path == NULL)
        return MU_OK;
    err = mu_file_read(path, DOCUMENT_MAX, &f->document);
    if (err != MU_OK)
        return cli_fail(f->cli, err, "--document", "%s cannot be read: %s",
            path, mu_err_name(err));
    return MU_OK;
}

/* Has it any key that is good for anything? */
static bool holds_key(const struct ue_group *group, uint64_t now_s)
{
    const struct ue_keystore *store = ue_group_keys(group);

    for (size_t i = 0; i < store->len; i++)
        if (ue_keystore_receiving(store, store->keys[i].gmk_id, now_s) != NULL)
            return true;
    return false;
}

static size_t count_without(const struct ue_crowd *crowd)
{
    uint64_t now_s = mu_clock_unix_ms(mu_clock_system()) / 1000;
    size_t count = 0;

    for (size_t i = 0; i < ue_crowd_count(crowd); i++) {
        const struct ue_member *member = ue_crowd_member(crowd, i);

        for (size_t k = 0; k < ue_member_group_count(member); k++)
            count += !holds_key(ue_member_group(member, k), now_s);
    }
    return count;
}

static enum mu_err judge(struct fetch *f)
{
    size_t without = count_without(f->setup.crowd);

    f->cli->print_on_failure = true;
    if (f->cli->json)
        ue_status_json(f->setup.crowd, &f->cli->out);
    else
        ue_status_text(f->setup.crowd, &f->cli->out);
    if (f->failed > 0)
        return cli_fail(f->cli, MU_E_NOT_FOUND, "members",
            "%zu have no keys of their own", f->failed);
    if (f->awaited > 0)
        return cli_fail(f->cli, MU_E_STATE, "fetch", "was interrupted");
    if (without > 0)
        return cli_fail(f->cli, MU_E_NOT_FOUND, "groups",
            "members without a key: %zu", without);
    return MU_OK;
}

static enum mu_err run(struct cli *cli)
{
    MU_CLEANUP(fetch_clear)
    struct fetch f = {.cli = cli,
        .setup = {.cli = cli,
            .config = {.watch = !cli->args[DOCUMENT].given,
                .poll_ms = NEVER_MS,
                .on_ready = on_ready,
                .on_settled = on_settled}}};

    f.setup.config.ctx = &f;
    TRY(read_document(&f));
    TRY(ue_setup_open(&f.setup));
    f.awaited = ue_crowd_count(f.setup.crowd);
    if (f.awaited > 0)
        TRY(ue_crowd_run(f.setup.crowd));
    return judge(&f);
}

const struct cli_command mcue_fetch = {
    .name = "fetch",
    .help = "each member, its groups and keys; exit 1 when one has none",
    .options = options,
    .option_count = OPTIONS,
    .check = check_options,
    .run = run,
};
