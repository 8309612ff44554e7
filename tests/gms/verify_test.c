/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/verify.h"

#include "base/chain_file.h"
#include "tests/folder.h"
#include "tests/rng.h"
#include "tests/suites.h"

#include <stdio.h>
#include <string.h>

#define T0    1700000000000ULL /* moment 0 of the cases below */
#define LINES 12
#define G     "sip:g@x"

static const struct mu_sign_key audit_key = {{1, 1}};
static const struct mu_sign_key vault_key = {{2, 2}};

/* A line of a log: seconds after T0, and what it says. */
struct line {
    unsigned s;
    const char *text;
};

/* What is right with each other: a group, two members, a key for both; one is
 * excluded, a new key for the other. */
static const struct line good_audit[LINES] = {
    {1, "event=service.started version=1 store=gms.db"},
    {1, "event=group.created group=" G " by=sip:o@x version=1 etag=e"},
    {1, "event=holder.added group=" G " by=sip:o@x member=sip:a@x"
        " member=sip:b@x"},
    {2, "event=key.made group=" G " gmk_id=0x00000001 epoch=1 reason=created"},
    {100, "event=holder.removed group=" G " by=sip:o@x stop=soft"
          " member=sip:b@x"},
    {100, "event=holder.excluded group=" G " epoch=2 member=sip:b@x"},
    {101, "event=key.made group=" G " gmk_id=0x00000002 epoch=2"
          " reason=removed"},
};

#define KEY1                                                                   \
    "group=" G " epoch=1 key_id=0x00000001 kms=kms.x period=5 revocation=0"
#define KEY2                                                                   \
    "group=" G " epoch=2 key_id=0x00000002 kms=kms.x period=5 revocation=0"

static const struct line good_vault[LINES] = {
    {1, "event=vault.new_key group=" G " epoch=1 key_id=0x00000001"},
    {1, "event=vault.wrap " KEY1 " to=sip:a@x to=sip:b@x"},
    {2, "event=vault.sign " KEY1 " activation=9 expiry=0 to=sip:a@x"
        " to=sip:b@x"},
    {101, "event=vault.exclude group=" G " epoch=2 to=sip:b@x"},
    {101, "event=vault.new_key group=" G " epoch=2 key_id=0x00000002"},
    {102, "event=vault.wrap " KEY2 " to=sip:a@x"},
    {102, "event=vault.sign " KEY2 " activation=110 expiry=0 to=sip:a@x"},
};

struct fixture {
    struct test_folder folder;
    struct line audit[LINES], vault[LINES];
    struct mu_chain_head audit_head, vault_head;
    struct gms_verify_config config;
    struct gms_verify_report report;
    char said[1024]; /* breaches: "vault 3 removed; ..." */
};

static void close_file(struct mu_chain_file **file)
{
    mu_chain_file_close(*file);
}

/* A log of those lines; its head to *head. */
static void write_log(const char *path, const char *name,
    const struct mu_sign_key *key, const struct line *lines,
    struct mu_chain_head *head)
{
    MU_CLEANUP(close_file) struct mu_chain_file *file = NULL;
    struct test_rng rng;

    test_rng_init(&rng, 3);
    (void)remove(path);
    CU_ASSERT_EQUAL_FATAL(
        mu_chain_file_create(path, key, name, &rng.rng, T0, &file), MU_OK);
    for (size_t i = 0; i < LINES && lines[i].text != NULL; i++)
        CU_ASSERT_EQUAL_FATAL(
            mu_chain_file_append(
                file, T0 + lines[i].s * 1000ULL, span_str(lines[i].text)),
            MU_OK);
    *head = *mu_chain_file_head(file);
}

static const char *kind_name(enum gms_breach_kind kind)
{
    static const char *const names[GMS_BREACHES] = {"record", "no holder",
        "removed", "excluded", "no exclude", "no decision", "no group",
        "key twice", "epoch", "no key", "no order", "head"};

    return names[kind];
}

static void on_breach(void *ctx, const struct gms_breach *b)
{
    struct fixture *f = ctx;
    size_t len = strlen(f->said);

    (void)snprintf(f->said + len, sizeof(f->said) - len, "%s%s %u %s%s%.*s",
        len > 0 ? "; " : "", b->in_vault_log ? "vault" : "audit",
        (unsigned)b->line, kind_name(b->kind), b->member.len > 0 ? " " : "",
        (int)b->member.len,
        b->member.p != NULL ? (const char *)b->member.p : "");
}

static void setup(struct fixture *f)
{
    memset(f, 0, sizeof(*f));
    test_folder_make(&f->folder);
    memcpy(f->audit, good_audit, sizeof(good_audit));
    memcpy(f->vault, good_vault, sizeof(good_vault));
    f->config.now_ms = T0 + 1000000;
    f->config.grace_ms = 10000;
    f->config.skew_ms = 500;
    f->config.on_breach = on_breach;
    f->config.ctx = f;
    CU_ASSERT_EQUAL_FATAL(
        mu_sign_public(&audit_key, &f->config.audit.key), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        mu_sign_public(&vault_key, &f->config.vault.key), MU_OK);
}

static void clear(struct fixture *f)
{
    test_folder_remove(&f->folder);
}

/* Paths in the folder, both at once. */
static void set_paths(struct fixture *f, char audit[128], char vault[128])
{
    (void)snprintf(audit, 128, "%s/audit", f->folder.path);
    (void)snprintf(vault, 128, "%s/vault", f->folder.path);
    f->config.audit.path = audit;
    f->config.vault.path = vault;
}

static enum mu_err verify(struct fixture *f)
{
    char audit[128], vault[128];
    enum mu_err err;

    set_paths(f, audit, vault);
    write_log(audit, "gmsd-audit", &audit_key, f->audit, &f->audit_head);
    write_log(vault, "gmsd-vault", &vault_key, f->vault, &f->vault_head);
    f->said[0] = '\0';
    err = gms_verify(&f->config, &f->report);
    CU_ASSERT_EQUAL(err == MU_E_DENIED, f->said[0] != '\0');
    CU_ASSERT_EQUAL(f->report.breaches > 0, f->said[0] != '\0');
    return err;
}

static void what_is_right_has_no_breach(void)
{
    MU_CLEANUP(clear) struct fixture f;

    setup(&f);
    CU_ASSERT_EQUAL(verify(&f), MU_OK);
    CU_ASSERT_STRING_EQUAL(f.said, "");
    CU_ASSERT_EQUAL(f.report.audit.records, 8);
    CU_ASSERT_EQUAL(f.report.vault.records, 8);
    CU_ASSERT_EQUAL(f.report.pending, 0);
    CU_ASSERT_EQUAL(f.report.lost, 0);
}

/* One line changed or put in place of another: its index, the line, and what is
 * said of it. Line numbers count record 0. */
struct change {
    bool vault;
    size_t at;
    struct line line;
    const char *said;
};

static void check_change(const struct change *c)
{
    MU_CLEANUP(clear) struct fixture f;

    setup(&f);
    if (c->vault)
        f.vault[c->at] = c->line;
    else
        f.audit[c->at] = c->line;
    CU_ASSERT_EQUAL(verify(&f), c->said[0] == '\0' ? MU_OK : MU_E_DENIED);
    CU_ASSERT_STRING_EQUAL(f.said, c->said);
    if (strcmp(f.said, c->said) != 0)
        printf("%s\n", f.said);
}

static void what_the_vault_did_must_have_been_decided(void)
{
    static const struct change changes[] = {
        /* A stranger, in a wrap and in a signature. */
        {true, 1, {1, "event=vault.wrap " KEY1 " to=sip:a@x to=sip:evil@x"},
            "vault 3 no holder sip:evil@x"},
        {true, 6,
            {102, "event=vault.sign " KEY2
                  " activation=110 expiry=0 to=sip:a@x to=sip:evil@x"},
            "vault 8 no holder sip:evil@x"},
        /* Before he was added, but for what the clock may be off. */
        {false, 2,
            {3, "event=holder.added group=" G
                " by=sip:o@x member=sip:a@x member=sip:b@x"},
            "vault 3 no holder sip:a@x; vault 3 no holder sip:b@x; vault 4 no "
            "holder sip:a@x; vault 4 no holder sip:b@x"},
        /* The holder of another group. */
        {false, 2,
            {1, "event=holder.added group=sip:h@x by=sip:o@x"
                " member=sip:a@x member=sip:b@x"},
            "vault 3 no holder sip:a@x; vault 3 no holder sip:b@x; vault 4 no "
            "holder sip:a@x; vault 4 no holder sip:b@x; vault 7 no holder "
            "sip:a@x; vault 8 no holder sip:a@x"},
        /* A member whom it had excluded itself. */
        {true, 6,
            {102,
                "event=vault.sign " KEY2 " activation=110 expiry=0 to=sip:b@x"},
            "vault 8 excluded sip:b@x"},
        /* The key before is good for him until then, but not for ever. */
        {true, 7,
            {109, "event=vault.sign " KEY1 " activation=9 expiry=0 to=sip:b@x"},
            ""},
        {true, 7,
            {111, "event=vault.sign " KEY1 " activation=9 expiry=0 to=sip:b@x"},
            "vault 9 removed sip:b@x"},
        /* That a key is no longer good everybody may know. */
        {true, 7,
            {900, "event=vault.sign group=" G
                  " epoch=1 key_id=0x00000001 kms=kms.x period=5 revocation=1"
                  " activation=9 expiry=0 to=sip:b@x to=sip:c@x"},
            ""},
        /* Changes of the vault's rules that nobody wanted. */
        {true, 7, {200, "event=vault.admit group=" G " epoch=3 to=sip:b@x"},
            "vault 9 no decision sip:b@x"},
        {true, 7, {200, "event=vault.exclude group=" G " epoch=3 to=sip:a@x"},
            "vault 9 no decision sip:a@x"},
        {true, 3, {101, "event=vault.exclude group=" G " epoch=3 to=sip:b@x"},
            "audit 7 no exclude sip:b@x"},
    };

    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
        check_change(&changes[i]);
}

#define MKFC                                                                   \
    "group=" G " epoch=3 key_id=0x10000003 kms=kms.x period=5 revocation=0"

/* Its own key is its right from the moment on that it was given, and no other
 * key, a GMK least of all. */
static void a_server_has_what_it_was_given(void)
{
    struct fixture f;

    setup(&f);
    f.audit[7] = (struct line){200,
        "event=key.made group=" G " gmk_id=0x10000003 epoch=3 reason=server"};
    f.audit[8] = (struct line){200,
        "event=key.given group=" G " gmk_id=0x10000003 server=sip:s@x "
        "by=sip:s@x"};
    f.vault[7] = (struct line){
        200, "event=vault.new_key group=" G " epoch=3 key_id=0x10000003"};
    f.vault[8] = (struct line){200, "event=vault.wrap " MKFC " to=sip:s@x"};
    CU_ASSERT_EQUAL(verify(&f), MU_OK);
    CU_ASSERT_STRING_EQUAL(f.said, "");
    f.audit[8].s = 210;
    CU_ASSERT_EQUAL(verify(&f), MU_E_DENIED);
    CU_ASSERT_STRING_EQUAL(f.said, "vault 10 no holder sip:s@x");
    f.audit[8] = (struct line){200,
        "event=key.given group=" G " gmk_id=0x10000004 server=sip:s@x "
        "by=sip:s@x"};
    CU_ASSERT_EQUAL(verify(&f), MU_E_DENIED);
    CU_ASSERT_STRING_EQUAL(f.said, "vault 10 no holder sip:s@x");
    f.audit[8] = (struct line){200,
        "event=key.given group=" G " gmk_id=0x00000002 server=sip:s@x "
        "by=sip:s@x"};
    f.vault[8] = (struct line){200, "event=vault.wrap " KEY2 " to=sip:s@x"};
    CU_ASSERT_EQUAL(verify(&f), MU_E_DENIED);
    CU_ASSERT_STRING_EQUAL(f.said, "vault 10 no holder sip:s@x");
    clear(&f);
}

static void what_is_sealed_anew_was_ordered(void)
{
    MU_CLEANUP(clear) struct fixture f;

    setup(&f);
    f.vault[7] = (struct line){
        200, "event=vault.reseal kek=0102030405060708 keys=1 envelopes=2"};
    CU_ASSERT_EQUAL(verify(&f), MU_E_DENIED);
    CU_ASSERT_STRING_EQUAL(f.said, "vault 9 no order");
    f.audit[7] = (struct line){
        200, "event=kek.rotation by=sip:o@x kek=0102030405060708"};
    CU_ASSERT_EQUAL(verify(&f), MU_OK);
    f.audit[7].text = "event=kek.rotation by=sip:o@x kek=0102030405060709";
    CU_ASSERT_EQUAL(verify(&f), MU_E_DENIED);
    CU_ASSERT_STRING_EQUAL(f.said, "vault 9 no order");
    f.audit[7] = (struct line){
        201, "event=kek.rotation by=sip:o@x kek=0102030405060708"};
    CU_ASSERT_EQUAL(verify(&f), MU_E_DENIED); /* afterwards */
}

static void keys_are_made_once_and_in_order(void)
{
    static const struct change changes[] = {
        {true, 7,
            {200, "event=vault.new_key group=sip:h@x epoch=1"
                  " key_id=0x00000003"},
            "vault 9 no group"},
        {true, 7,
            {200, "event=vault.new_key group=" G " epoch=3 key_id=0x00000001"},
            "vault 9 key twice"},
        /* One that was lost on its way may be followed by one like it, which is
         * the one that is signed. */
        {true, 7,
            {200, "event=vault.new_key group=" G " epoch=2 key_id=0x00000003"},
            ""},
        {true, 7,
            {200, "event=vault.sign group=" G
                  " epoch=2 key_id=0x00000003 kms=kms.x period=5 revocation=0"
                  " activation=9 expiry=0 to=sip:a@x"},
            "vault 9 epoch"},
        {true, 7, {200, "event=vault.eat group=" G " epoch=2"},
            "vault 9 record"},
    };

    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
        check_change(&changes[i]);
}

static void what_was_decided_must_have_been_done(void)
{
    static const struct change changes[] = {
        /* The vault was not told, or only of somebody else. */
        {true, 3, {101, "event=vault.exclude group=" G " epoch=2 to=sip:a@x"},
            "vault 5 no decision sip:a@x; vault 7 excluded sip:a@x; vault 8 "
            "excluded sip:a@x; audit 7 no exclude sip:b@x"},
        {false, 7,
            {200, "event=holder.excluded group=" G " epoch=3 member=sip:a@x"},
            "audit 9 no exclude sip:a@x"},
        /* Told before it was decided. */
        {false, 5,
            {105, "event=holder.excluded group=" G " epoch=2 member=sip:b@x"},
            "vault 5 no decision sip:b@x; audit 7 no exclude sip:b@x"},
        {false, 7,
            {200, "event=key.made group=" G
                  " gmk_id=0x00000009 epoch=3 reason=asked"},
            "audit 9 no key"},
        {false, 3,
            {2, "event=key.made group=" G
                " gmk_id=0x00000001 epoch=7 reason=created"},
            "audit 5 no key"},
        {false, 7, {200, "event=group.eaten group=" G}, "audit 9 record"},
        {false, 3,
            {2, "event=key.made group=" G " gmk_id=one epoch=1 reason=created"},
            "audit 5 record"},
    };

    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++)
        check_change(&changes[i]);
}

static void who_comes_back_is_a_holder_again(void)
{
    MU_CLEANUP(clear) struct fixture f;

    setup(&f);
    f.audit[7] = (struct line){
        200, "event=holder.added group=" G " by=sip:o@x member=sip:b@x"};
    f.audit[8] = (struct line){
        200, "event=holder.admitted group=" G " epoch=2 member=sip:b@x"};
    f.vault[7] =
        (struct line){201, "event=vault.admit group=" G " epoch=2 to=sip:b@x"};
    f.vault[8] = (struct line){
        202, "event=vault.sign " KEY2 " activation=110 expiry=0 to=sip:b@x"};
    CU_ASSERT_EQUAL(verify(&f), MU_OK);
    CU_ASSERT_STRING_EQUAL(f.said, "");
    f.vault[7] = f.vault[8]; /* signed, but never admitted */
    f.vault[8].text = NULL;
    CU_ASSERT_EQUAL(verify(&f), MU_E_DENIED);
    CU_ASSERT_STRING_EQUAL(f.said, "vault 9 excluded sip:b@x");
}

static void an_exclusion_that_is_fresh_is_pending(void)
{
    MU_CLEANUP(clear) struct fixture f;

    setup(&f);
    f.audit[7] = (struct line){
        200, "event=holder.excluded group=" G " epoch=3 member=sip:a@x"};
    f.config.now_ms = T0 + 200000 + f.config.grace_ms - 1;
    CU_ASSERT_EQUAL(verify(&f), MU_OK);
    CU_ASSERT_EQUAL(f.report.pending, 1);
    f.config.now_ms++;
    CU_ASSERT_EQUAL(verify(&f), MU_E_DENIED);
    CU_ASSERT_EQUAL(f.report.pending, 0);
}

/* A change was told, and then the machine stopped, or the disk was full. */
static void what_was_undone_counts_for_nothing(void)
{
    MU_CLEANUP(clear) struct fixture f;

    setup(&f);
    f.audit[7] = (struct line){200,
        "event=holder.removed group=" G " by=sip:o@x stop=soft"
        " member=sip:a@x"};
    f.audit[8] = (struct line){
        200, "event=holder.excluded group=" G " epoch=3 member=sip:a@x"};
    f.vault[7] = (struct line){
        300, "event=vault.sign " KEY2 " activation=110 expiry=0 to=sip:a@x"};
    CU_ASSERT_EQUAL(verify(&f), MU_E_DENIED);
    CU_ASSERT_STRING_EQUAL(
        f.said, "vault 9 removed sip:a@x; audit 10 no exclude sip:a@x");
    f.audit[9] = (struct line){201, "event=audit.undone first=8 last=9"};
    CU_ASSERT_EQUAL(verify(&f), MU_OK);
    f.audit[9] = (struct line){201, "event=audit.undone first=9 last=9"};
    CU_ASSERT_EQUAL(verify(&f), MU_E_DENIED);
    CU_ASSERT_STRING_EQUAL(f.said, "vault 9 removed sip:a@x");
    f.audit[9] = (struct line){201, "event=audit.undone first=9 last=8"};
    CU_ASSERT_EQUAL(verify(&f), MU_E_DENIED);
    CU_ASSERT_PTR_NOT_NULL(strstr(f.said, "audit 11 record"));
}

static void lost_records_are_told(void)
{
    MU_CLEANUP(clear) struct fixture f;

    setup(&f);
    f.audit[7] = (struct line){200, "event=audit.gap lost=7"};
    f.audit[8] = (struct line){201, "event=audit.gap lost=2"};
    CU_ASSERT_EQUAL(verify(&f), MU_OK);
    CU_ASSERT_EQUAL(f.report.lost, 9);
}

/* The front notes the vault's head; the vault's log is then put back to an
 * earlier state, or made anew with the same key. */
static void an_earlier_state_of_the_vaults_log_is_found(void)
{
    MU_CLEANUP(clear) struct fixture f;
    char head[MU_CHAIN_HEAD_TEXT], note[256];

    setup(&f);
    CU_ASSERT_EQUAL_FATAL(verify(&f), MU_OK);
    mu_chain_head_write(&f.vault_head, head);
    (void)snprintf(note, sizeof(note),
        "event=vault.up identity=sip:gms@x log_head=%s", head);
    f.audit[7] = (struct line){200, note};
    CU_ASSERT_EQUAL(verify(&f), MU_OK);
    f.vault[6].text = NULL;
    CU_ASSERT_EQUAL(verify(&f), MU_E_DENIED);
    CU_ASSERT_STRING_EQUAL(f.said, "audit 9 head");
    f.vault[6] = good_vault[6];
    f.vault[6].s++;
    CU_ASSERT_EQUAL(verify(&f), MU_E_DENIED);
    CU_ASSERT_STRING_EQUAL(f.said, "vault 8 head");
}

static void a_log_that_does_not_verify_is_told_apart(void)
{
    MU_CLEANUP(clear) struct fixture f;
    const struct mu_chain_head witness = {.seq = 99};

    setup(&f);
    f.config.audit.witness = &witness;
    CU_ASSERT_EQUAL(verify(&f), MU_E_CRYPTO);
    CU_ASSERT_EQUAL(f.report.audit.fault, MU_CHAIN_TRUNCATED);
    f.config.audit.witness = NULL;
    f.config.vault.witness = &witness;
    CU_ASSERT_EQUAL(verify(&f), MU_E_CRYPTO);
    CU_ASSERT_EQUAL(f.report.audit.fault, MU_CHAIN_GOOD);
    CU_ASSERT_EQUAL(f.report.vault.fault, MU_CHAIN_TRUNCATED);
    f.config.vault.witness = NULL;
    f.config.vault.key = f.config.audit.key;
    CU_ASSERT_EQUAL(verify(&f), MU_E_CRYPTO);
    CU_ASSERT_NOT_EQUAL(f.report.vault.fault, MU_CHAIN_GOOD);
}

static void a_log_that_is_just_written_is_good(void)
{
    MU_CLEANUP(clear) struct fixture f;
    MU_CLEANUP(buf_clear) struct buf log = {0};
    char audit[128], vault[128];

    setup(&f);
    CU_ASSERT_EQUAL(verify(&f), MU_OK);
    test_folder_read(&f.folder, "vault", &log);
    buf_text(&log, "8 2023-11-14T22:");
    test_folder_write(&f.folder, "vault", buf_span(&log));
    set_paths(&f, audit, vault);
    CU_ASSERT_EQUAL(gms_verify(&f.config, &f.report), MU_OK);
    CU_ASSERT_EQUAL(f.report.vault.fault, MU_CHAIN_TORN);
}

static void a_missing_log_is_not_found(void)
{
    MU_CLEANUP(clear) struct fixture f;
    char audit[128], vault[128];

    setup(&f);
    set_paths(&f, audit, vault);
    f.report.breaches = 77;
    CU_ASSERT_EQUAL(gms_verify(&f.config, &f.report), MU_E_NOT_FOUND);
    CU_ASSERT_EQUAL(f.report.breaches, 77);
}

static void each_breach_has_its_words(void)
{
    for (unsigned i = 0; i < GMS_BREACHES; i++)
        for (unsigned j = 0; j < i; j++)
            CU_ASSERT_STRING_NOT_EQUAL(gms_breach_text((enum gms_breach_kind)i),
                gms_breach_text((enum gms_breach_kind)j));
}

CU_TestInfo gms_verify_tests[] = {
    {"what is right has no breach", what_is_right_has_no_breach},
    {"what the vault did must have been decided",
        what_the_vault_did_must_have_been_decided},
    {"a server has what it was given", a_server_has_what_it_was_given},
    {"what is sealed anew was ordered", what_is_sealed_anew_was_ordered},
    {"keys are made once and in order", keys_are_made_once_and_in_order},
    {"what was decided must have been done",
        what_was_decided_must_have_been_done},
    {"who comes back is a holder again", who_comes_back_is_a_holder_again},
    {"an exclusion that is fresh is pending",
        an_exclusion_that_is_fresh_is_pending},
    {"what was undone counts for nothing", what_was_undone_counts_for_nothing},
    {"lost records are told", lost_records_are_told},
    {"an earlier state of the vault's log is found",
        an_earlier_state_of_the_vaults_log_is_found},
    {"a log that does not verify is told apart",
        a_log_that_does_not_verify_is_told_apart},
    {"a log that is just written is good", a_log_that_is_just_written_is_good},
    {"a missing log is not found", a_missing_log_is_not_found},
    {"each breach has its words", each_breach_has_its_words},
    CU_TEST_INFO_NULL,
};
