/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kms init: the ceremony. Master secrets are made, the key that seals them is
 * split, every share is read back, and only then is anything sealed.
 */
#include "base/text.h"
#include "kms/cert.h"
#include "kms/commands.h"
#include "kms/handout.h"
#include "kms/session.h"

enum {
    INIT_URI = KMS_OPT_OPEN,
    INIT_SHARES,
    INIT_THRESHOLD,
    INIT_SHARES_OUT,
    INIT_PERIOD,
    INIT_OFFSET,
    INIT_REHEARSE
};

static const struct cli_option options[] = {
    KMS_OPTIONS_OPEN,
    {"--uri", CLI_URI, CLI_REQUIRED, "KmsUri, as it goes into every UID"},
    {"--shares", CLI_NUMBER, CLI_OPTIONAL, "keepers of the key, 5"},
    {"--threshold", CLI_NUMBER, CLI_OPTIONAL, "how many must meet, 3"},
    {"--shares-out", CLI_FILE, CLI_OPTIONAL,
        "folder for share-N.txt, instead of the terminal"},
    {"--period", CLI_NUMBER, CLI_OPTIONAL, "seconds of a key period, 2592000"},
    {"--offset", CLI_NUMBER, CLI_OPTIONAL, "seconds that period 0 is late, 0"},
    {"--rehearse", CLI_FLAG, CLI_OPTIONAL, "with a throw-away KMS"},
};

static uint64_t number(const struct cli *cli, unsigned option, uint64_t other)
{
    return cli->args[option].given ? cli->args[option].number : other;
}

static const char *check(const struct cli *cli)
{
    struct mcptt_period_rule rule = {
        number(cli, INIT_PERIOD, 2592000), number(cli, INIT_OFFSET, 0)};
    bool shared =
        cli->args[INIT_SHARES].given || cli->args[INIT_THRESHOLD].given;

    if (mcptt_id_check(span_str(cli->args[INIT_URI].text)) != MU_OK)
        return "--uri is no identity";
    if (mcptt_period_check(&rule) != MU_OK)
        return "--offset has to be below --period";
    if (cli->args[KMS_OPT_TEST_KEY].given)
        return shared || cli->args[INIT_SHARES_OUT].given
                   ? "a test key is not shared"
                   : NULL;
    if (kms_shares_check(number(cli, INIT_SHARES, 5),
            number(cli, INIT_THRESHOLD, 3)) != MU_OK)
        return "2 <= --threshold <= --shares <= 16";
    return NULL;
}

/* A ceremony under way. */
struct ceremony {
    struct kms_session s;
    struct kms_sealing_key key;
};

static void ceremony_clear(struct ceremony *c)
{
    kms_session_clear(&c->s);
    kms_sealing_key_clear(&c->key);
}

/* What there is to know before there is a key. */
static enum mu_err set_facts(struct ceremony *c, struct cli *cli)
{
    struct kms_facts *facts = &c->s.facts;

    facts->rule = (struct mcptt_period_rule){
        number(cli, INIT_PERIOD, 2592000), number(cli, INIT_OFFSET, 0)};
    facts->created_s = c->s.now_s;
    facts->test_key = cli->args[KMS_OPT_TEST_KEY].given;
    if (!facts->test_key) {
        facts->shares = (uint8_t)number(cli, INIT_SHARES, 5);
        facts->threshold = (uint8_t)number(cli, INIT_THRESHOLD, 3);
    }
    return mcptt_id_set(&facts->uri, span_str(cli->args[INIT_URI].text));
}

static void shares_clear(struct kms_share (*shares)[KMS_SHARES_MAX])
{
    mu_wipe(*shares, sizeof(*shares));
}

/* Splits the key, gives out the shares, and joins those that were given. */
static enum mu_err share_key(struct ceremony *c, struct cli *cli)
{
    MU_CLEANUP(shares_clear) struct kms_share shares[KMS_SHARES_MAX];
    MU_CLEANUP(kms_sealing_key_clear) struct kms_sealing_key joined = {{0}};
    const struct cli_arg *folder = &cli->args[INIT_SHARES_OUT];
    const struct kms_facts *facts = &c->s.facts;
    enum mu_err err;

    TRY(kms_shares_split(
        &c->key, facts->shares, facts->threshold, mu_rng_system(), shares));
    TRY(kms_shares_join(shares, facts->threshold, &joined));
    if (!kms_sealing_key_eq(&joined, &c->key))
        return MU_E_CRYPTO;
    err = folder->given ? kms_handout_files(folder->text, shares, facts->shares)
                        : kms_handout_typed(shares, facts->shares);
    if (err == MU_E_NOT_FOUND)
        return cli_fail(cli, err, "shares",
            "there is no terminal; --shares-out writes them to files");
    if (err != MU_OK)
        return cli_fail(
            cli, err, "shares", "cannot be given out: %s", mu_err_name(err));
    return MU_OK;
}

static enum mu_err make_key(struct ceremony *c, struct cli *cli)
{
    if (c->s.facts.test_key)
        return kms_sealing_key_test(&c->key);
    TRY(kms_sealing_key_make(mu_rng_system(), &c->key));
    return share_key(c, cli);
}

static enum mu_err store_cert(struct kms_session *s)
{
    MU_CLEANUP(buf_clear) struct buf text = {.p = NULL};

    TRY(kms_cert_root(&s->facts, &s->master.cert, &text));
    return kms_dir_create(&s->dir, KMS_DIR_CERT, buf_span(&text));
}

/* Everything that goes into the directory, the log first. */
static enum mu_err fill_dir(struct ceremony *c, struct cli *cli)
{
    struct kms_session *s = &c->s;

    TRY(kms_journal_create(
        &s->dir, mu_rng_system(), s->now_s * 1000, &s->facts.log, &s->journal));
    TRY(kms_master_make(mu_rng_system(), &s->master));
    TRY(kms_master_public(&s->master, &s->facts.keys));
    TRY(make_key(c, cli));
    TRY(kms_master_store(
        &s->dir, &s->facts, &s->master, &c->key, mu_rng_system()));
    TRY(store_cert(s));
    /* What was stored is what the key opens: the last chance to notice. */
    TRY(kms_master_load(&s->dir, &c->key, &s->facts, &s->master));
    return kms_session_log(s, "init",
        mu_log_octets("uri", mcptt_id_span(&s->facts.uri)),
        mu_log_u64("period", s->facts.rule.length_s),
        mu_log_u64("offset", s->facts.rule.offset_s),
        mu_log_u64("shares", s->facts.shares),
        mu_log_u64("threshold", s->facts.threshold),
        mu_log_bool("insecure_test_key", s->facts.test_key));
}

/* What is to be written into the record of the ceremony. */
static enum mu_err print_facts(struct ceremony *c)
{
    MU_CLEANUP(buf_clear) struct buf cert = {.p = NULL};
    uint8_t print[XML_SHA256_LEN];
    char hex[MU_HEX_LEN(XML_SHA256_LEN)], key[MU_HEX_LEN(KMS_CERT_KEY_LEN)],
        bundle[MU_HEX_LEN(32)];
    const struct kms_facts *facts = &c->s.facts;
    struct xml_fault fault;

    TRY(kms_dir_read(&c->s.dir, KMS_DIR_CERT, &cert));
    TRY(xml_kms_fingerprint(buf_span(&cert), &fault, print));
    mu_hex_write(SPAN_OF(print), hex);
    mu_hex_write(SPAN_OF(facts->keys.cert_key), key);
    mu_hex_write(SPAN_OF(facts->keys.bundle.b), bundle);
    kms_session_print(&c->s,
        (const struct kms_result[]){
            {"uri", mcptt_id_span(&facts->uri)},
            {"cert_sha256", span_str(hex)},
            {"cert_key", span_str(key)},
            {"bundle_key", span_str(bundle)},
        },
        4);
    return MU_OK;
}

/* Nothing stays of a ceremony that failed, or of a rehearsal. */
static enum mu_err undo(struct ceremony *c, struct cli *cli, enum mu_err err)
{
    const struct cli_arg *folder = &cli->args[INIT_SHARES_OUT];
    bool rehearsed = err == MU_OK;

    if (folder->given && rehearsed)
        kms_handout_remove(folder->text, c->s.facts.shares);
    if (kms_dir_remove(&c->s.dir) != MU_OK && rehearsed)
        return cli_fail(cli, MU_E_IO, "--dir", "cannot be removed again");
    return err;
}

static enum mu_err run(struct cli *cli)
{
    MU_CLEANUP(ceremony_clear) struct ceremony c = {.s = {.cli = NULL}};
    enum mu_err err;

    TRY(kms_session_init(&c.s, cli));
    TRY(set_facts(&c, cli));
    err = kms_dir_make(&c.s.dir);
    if (err != MU_OK)
        return cli_fail(cli, err, "--dir",
            err == MU_E_STATE ? "is there already" : "cannot be made");
    err = fill_dir(&c, cli);
    if (err == MU_OK)
        err = print_facts(&c);
    if (err != MU_OK || cli->args[INIT_REHEARSE].given)
        return undo(&c, cli, err);
    return MU_OK;
}

const struct cli_command kms_cmd_init = {
    .name = "init",
    .help = "the new KMS's public facts and the head of its log",
    .options = options,
    .option_count = sizeof(options) / sizeof(options[0]),
    .check = check,
    .run = run,
};
