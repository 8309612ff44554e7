/* SPDX-License-Identifier: Apache-2.0 */
/* kms bundle show: what is in a bundle, without a key that opens it. */
#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "cli/json.h"
#include "kms/bundle.h"
#include "kms/commands.h"

#define BUNDLE_MAX ((size_t)1 << 30)

enum {
    SHOW_BUNDLE,
    SHOW_KEY
};

static const struct cli_option show_options[] = {
    {"BUNDLE", CLI_FILE, CLI_REQUIRED, "the file"},
    {"--key", CLI_HEX, CLI_OPTIONAL, "the KMS's bundle key, to verify with"},
};

/* What of each kind there is. */
struct tally {
    uint64_t external, users, revoked, inks, key_sets;
    uint64_t first_period, last_period; /* of the key sets */
};

static void count_key_set(struct tally *t, uint64_t period)
{
    if (t->key_sets == 0 || period < t->first_period)
        t->first_period = period;
    if (t->key_sets == 0 || period > t->last_period)
        t->last_period = period;
    t->key_sets++;
}

static void count_item(struct tally *t, const struct kms_bundle_item *item)
{
    switch (item->kind) {
    case KMS_BUNDLE_EXTERNAL:
        t->external++;
        break;
    case KMS_BUNDLE_USER:
        t->users++;
        t->revoked += item->user.revoked;
        t->inks += item->user.ink.len > 0;
        break;
    case KMS_BUNDLE_KEY_SET:
        count_key_set(t, item->key_set.period);
        break;
    case KMS_BUNDLE_ROOT:
    case KMS_BUNDLE_END:
        break;
    }
}

/* One fact a line, or a member of the object. */
struct printer {
    struct cli *cli;
    struct json json;
};

static void print_text(struct printer *p, const char *name, struct span text)
{
    if (p->cli->json) {
        json_text(&p->json, name, text);
        return;
    }
    buf_text(&p->cli->out, name);
    buf_text(&p->cli->out, " ");
    buf_add(&p->cli->out, text);
    buf_text(&p->cli->out, "\n");
}

static void print_number(struct printer *p, const char *name, uint64_t number)
{
    char text[24];

    if (p->cli->json) {
        json_number(&p->json, name, number);
        return;
    }
    (void)snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
    print_text(p, name, span_str(text));
}

static void print_hex(struct printer *p, const char *name, struct span octets)
{
    char text[MU_HEX_LEN(KMS_BUNDLE_HASH_LEN)];

    mu_hex_write(octets, text);
    print_text(p, name, span_str(text));
}

static void print_header(struct printer *p, const struct kms_bundle_header *h)
{
    char head[MU_CHAIN_HEAD_TEXT], created[MU_TIME_TEXT];

    mu_time_write(h->created_s * 1000, created);
    mu_chain_head_write(&h->log_head, head);
    print_text(p, "kms_uri", h->kms_uri);
    print_number(p, "sequence", h->sequence);
    print_hex(p, "previous", SPAN_OF(h->previous));
    print_text(p, "created", span_str(created));
    print_text(p, "log_head", span_str(head));
    print_hex(p, "cert_sha256", SPAN_OF(h->certificate));
}

static void print_tally(struct printer *p, const struct tally *t)
{
    print_number(p, "external_certificates", t->external);
    print_number(p, "users", t->users);
    print_number(p, "revoked", t->revoked);
    print_number(p, "inks", t->inks);
    print_number(p, "key_sets", t->key_sets);
    if (t->key_sets == 0)
        return;
    print_number(p, "first_period", t->first_period);
    print_number(p, "last_period", t->last_period);
}

static enum mu_err refuse(struct cli *cli, const struct rd_fault *fault)
{
    return cli_fail(cli, fault->err, "bundle", "%s at offset %zu: %s",
        fault->field, fault->at, mu_err_name(fault->err));
}

static enum mu_err explain(struct cli *cli, struct span whole)
{
    struct printer p = {.cli = cli, .json = {.out = &cli->out}};
    bool verify = cli->args[SHOW_KEY].given;
    struct kms_bundle_header header;
    uint8_t hash[KMS_BUNDLE_HASH_LEN];
    struct kms_bundle_item item;
    struct mu_verify_key key;
    struct tally tally = {0};
    struct rd_fault fault;
    struct rd items;

    if (verify)
        TRY(cli_octets(cli, SHOW_KEY, key.b, sizeof(key.b)));
    if (kms_bundle_open(whole, verify ? &key : NULL, &header, &items, &fault) !=
        MU_OK)
        return refuse(cli, &fault);
    while (kms_bundle_next(&items, &item))
        count_item(&tally, &item);
    if (rd_err(&items) != MU_OK)
        return refuse(cli, &items.fault);
    TRY(kms_bundle_hash(whole, hash));
    if (cli->json)
        json_open(&p.json, NULL, '{');
    print_text(&p, "signature", span_str(verify ? "good" : "not checked"));
    print_hex(&p, "sha256", SPAN_OF(hash));
    print_header(&p, &header);
    print_tally(&p, &tally);
    if (cli->json) {
        json_close(&p.json, '}');
        buf_text(&cli->out, "\n");
    }
    return MU_OK;
}

static enum mu_err run_show(struct cli *cli)
{
    MU_CLEANUP(buf_clear) struct buf file = {.p = NULL};
    enum mu_err err =
        mu_file_read(cli->args[SHOW_BUNDLE].text, BUNDLE_MAX, &file);

    if (err != MU_OK)
        return cli_fail(
            cli, err, "bundle", "cannot be read: %s", mu_err_name(err));
    return explain(cli, buf_span(&file));
}

const struct cli_command kms_cmd_bundle_show = {
    .name = "bundle show",
    .help = "what a bundle holds, by number, and its place in the chain",
    .options = show_options,
    .option_count = sizeof(show_options) / sizeof(show_options[0]),
    .run = run_show,
};
