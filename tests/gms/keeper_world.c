/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gms/keeper_world.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gms/keeper_in.h"
#include "xml/gktp.h"

#define ARENA_MAX (256U << 20)

static const struct mu_sign_key audit_key = {{4, 2}};

static void must(enum mu_err err)
{
    CU_ASSERT_EQUAL_FATAL(err, MU_OK);
}

/* --------------------------------------------------------------- the processes
 */

static void on_up(void *ctx, const struct gms_vault_hello *hello)
{
    struct keeper_world *w = ctx;

    (void)hello;
    w->vault_down = false;
    if (w->keeper != NULL)
        gms_keeper_wake(w->keeper);
}

static void on_down(void *ctx)
{
    ((struct keeper_world *)ctx)->vault_down = true;
}

static void on_changed(void *ctx, struct span group, struct span member)
{
    struct keeper_world *w = ctx;

    if (w->on_changed != NULL)
        w->on_changed(w->changed_ctx, group, member);
}

static struct kms_cert *read_cert(
    const struct keeper_world *w, const char *text)
{
    struct kms_cert *cert = NULL;
    struct xml_fault fault;
    struct kms_trust trust;

    kms_trust_of(&w->vault->home.enrolment, &trust);
    must(kms_cert_new(&trust, span_str(text), &fault, &cert));
    return cert;
}

static void make_domains(struct keeper_world *w)
{
    MU_CLEANUP(kms_cert_drop)
    struct kms_cert *home = read_cert(w, w->vault->home_cert);
    MU_CLEANUP(kms_cert_drop)
    struct kms_cert *abroad = read_cert(w, w->vault->abroad_cert);

    must(kms_keyset_new(&w->vault->home.enrolment.user_uri, &w->keys));
    must(kms_keyset_set_home(w->keys, home));
    must(kms_keyset_add_external(w->keys, abroad));
    must(gms_domains_new(w->keys, "", &w->domains));
}

void kw_vault_comes(struct keeper_world *w)
{
    int fd;

    if (w->kind == KEEPER_FAKE) {
        fd = fake_vault_start(&w->fake, w->base);
    } else {
        if (w->kind == KEEPER_INSIDE)
            vault_start_inside(w->vault, &w->run);
        else
            vault_start(w->vault, NULL, &w->run);
        if (w->kind == KEEPER_INSIDE)
            w->run.clock.unix_ms = w->now.unix_ms;
        vault_provision(w->vault, &w->run);
        fd = w->run.fd;
        w->run.fd = -1;
    }
    w->vault_down = false;
    must(gms_vault_link_take(w->link, fd));
}

static void start(struct keeper_world *w)
{
    const struct gms_audit_config audit = {
        .path = test_folder_path(&w->folder, "audit"),
        .key = &audit_key,
        .clock = &w->now.clock,
        .rng = &w->rng.rng};
    const struct gms_vault_link_config link = {
        .base = w->base, .on_up = on_up, .on_down = on_down, .ctx = w};
    struct gms_keeper_config config = {.base = w->base,
        .clock = &w->now.clock,
        .rng = &w->rng.rng,
        .domains = w->domains,
        .policy = w->policy,
        .redirect_kmss = &w->redirect_kmss,
        .on_changed = on_changed,
        .ctx = w};

    must(gms_audit_open(&audit, &w->audit));
    must(gms_store_open(test_folder_path(&w->folder, "store"), &w->store));
    must(gms_vault_link_new(&link, &w->link));
    config.audit = w->audit;
    config.store = w->store;
    config.vault = w->link;
    must(gms_keeper_new(&config, &w->keeper));
}

static void stop(struct keeper_world *w)
{
    gms_keeper_free(w->keeper);
    w->keeper = NULL;
    gms_vault_link_free(w->link);
    gms_store_close(w->store);
    gms_audit_close(w->audit);
}

void kw_vault_dies(struct keeper_world *w)
{
    if (w->kind == KEEPER_FAKE) {
        fake_vault_die(&w->fake);
    } else if (w->kind == KEEPER_PROCESS) {
        vault_kill(&w->run);
    }
    while (!w->vault_down)
        CU_ASSERT_FATAL(event_base_loop(w->base, EVLOOP_ONCE) == 0);
}

void keeper_world_restart(struct keeper_world *w)
{
    stop(w);
    if (w->kind != KEEPER_FAKE)
        (void)vault_stop(&w->run);
    start(w);
    kw_vault_comes(w);
}

/* In memory where there is such a place: a day of commits in a second. What
 * survives a power cut is the crash test's business. */
static void make_folder(struct test_folder *folder)
{
    *folder = (struct test_folder){.path = "/dev/shm/muster-test-XXXXXX"};
    if (mkdtemp(folder->path) == NULL)
        test_folder_make(folder);
}

void keeper_world_init(struct keeper_world *w, enum keeper_vault kind)
{
    *w = (struct keeper_world){.kind = kind,
        .vault = vault_world(),
        .policy = {.grace_s = 30,
            .overlap_s = 60,
            .coalesce_ms = 500,
            .renew_s = 3600,
            .quorum = 80,
            .quorum_margin_s = 5,
            .tombstone_s = 600},
        .ids = {span_str(KEEPER_GROUP)},
        .id_count = 1};
    make_folder(&w->folder);
    test_clock_init(&w->now, w->vault->now_s * 1000);
    test_rng_init(&w->rng, 1);
    mu_arena_init(&w->arena, ARENA_MAX);
    vault_world_forget(w->vault);
    w->base = event_base_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(w->base);
    fake_vault_init(&w->fake, &w->now.clock);
    make_domains(w);
    start(w);
    kw_vault_comes(w);
    kw_run(w);
}

void keeper_world_clear(struct keeper_world *w)
{
    stop(w);
    if (w->kind != KEEPER_FAKE)
        (void)vault_stop(&w->run);
    fake_vault_clear(&w->fake);
    gms_domains_free(w->domains);
    kms_keyset_free(w->keys);
    event_base_free(w->base);
    mu_arena_clear(&w->arena);
    test_folder_remove(&w->folder);
}

/* ------------------------------------------------------------------------ time
 */

static bool is_due(struct keeper_world *w)
{
    const struct keeper_agenda_item *first =
        keeper_agenda_first(w->keeper->groups);

    return first != NULL && first->at_ms <= w->now.unix_ms;
}

/* Something is under way: a request, a look, an acceptance. */
static bool is_busy(struct keeper_world *w)
{
    bool hello = !w->vault_down && !gms_vault_link_is_up(w->link);

    return w->keeper->in_flight > 0 || w->keeper->accepted.len > 0 ||
           w->keeper->opened != NULL || hello || is_due(w);
}

/* The keeper's timer goes by the host's clock; what is due is by this one. */
static void call_due(struct keeper_world *w)
{
    const struct keeper_agenda_item *first =
        keeper_agenda_first(w->keeper->groups);

    if (is_due(w))
        keeper_touch(w->keeper, first->owner);
}

void kw_run(struct keeper_world *w)
{
    unsigned turns = 0;

    for (; is_busy(w); turns++) {
        call_due(w);
        CU_ASSERT_FATAL(event_base_loop(w->base, EVLOOP_ONCE) >= 0);
        CU_ASSERT_FATAL(turns < 100000);
    }
}

void kw_skip(struct keeper_world *w, uint64_t seconds)
{
    test_clock_step(&w->now, seconds * 1000);
    w->run.clock.unix_ms = w->now.unix_ms;
    kw_run(w);
}

uint64_t kw_next_ms(const struct keeper_world *w)
{
    const struct keeper_agenda_item *first =
        keeper_agenda_first(w->keeper->groups);

    return first != NULL ? first->at_ms : UINT64_MAX;
}

void kw_wait(struct keeper_world *w, uint64_t seconds)
{
    uint64_t until_ms = w->now.unix_ms + seconds * 1000;

    kw_run(w);
    while (w->now.unix_ms < until_ms) {
        uint64_t to_ms = until_ms, next_ms = kw_next_ms(w);

        if (next_ms > w->now.unix_ms && next_ms < to_ms)
            to_ms = next_ms;
        test_clock_step(&w->now, to_ms - w->now.unix_ms);
        w->run.clock.unix_ms = w->now.unix_ms;
        kw_run(w);
    }
}

/* ----------------------------------------------------------------------- group
 */

struct span kw_uri(char letter)
{
    static char uris[128][32];
    unsigned index = (unsigned)letter & 0x7fU;

    (void)snprintf(
        uris[index], sizeof(uris[index]), "sip:%c@example.org", letter | 0x20);
    return span_str(uris[index]);
}

void kw_put(struct keeper_world *w, const char *members, unsigned how)
{
    struct gms_holder holders[32];
    struct gms_doc doc = {.uri = span_str(KEEPER_GROUP),
        .xui = span_str("sip:owner@example.org"),
        .name = span_str("group.xml"),
        .text = span_str("<group/>")};
    struct gms_write write = {.actor = span_str("sip:owner@example.org"),
        .uri = span_str(KEEPER_GROUP),
        .stop = how & KEEPER_HARD ? GMS_STOP_HARD : GMS_STOP_SOFT,
        .retarget = w->retarget};
    struct gms_doc stored = {0};

    if (members != NULL) {
        write.doc = &doc;
        write.view = (struct gms_view){.exists = true,
            .keyed = !w->unkeyed,
            .disabled = w->disabled,
            .holders = holders,
            .count = strlen(members),
            .id_count = w->id_count};
        for (size_t i = 0; i < w->id_count; i++)
            write.view.ids[i] = w->ids[i];
        for (size_t i = 0; i < write.view.count; i++)
            holders[i] = (struct gms_holder){kw_uri(members[i]),
                span_str(members[i] < 'a' ? VAULT_ABROAD : VAULT_HOME)};
    }
    must(gms_keeper_write(w->keeper, &write, &w->arena, &stored));
    if (members != NULL)
        CU_ASSERT(stored.version > 0 && stored.etag.len > 0);
}

void kw_settings(struct keeper_world *w, const char *json)
{
    must(gms_keeper_set_settings(w->keeper, span_str("sip:owner@example.org"),
        span_str(KEEPER_GROUP), span_str(json)));
}

/* --------------------------------------------------------------- what there is
 */

static const struct gms_gmk *keys_of(struct keeper_world *w, size_t *count)
{
    struct mu_arena_list list;

    must(gms_store_gmks(w->store, span_str(KEEPER_GROUP), &w->arena, &list));
    *count = list.len;
    return list.at;
}

bool kw_key(
    struct keeper_world *w, enum gms_gmk_state state, struct gms_gmk *out)
{
    size_t count;
    const struct gms_gmk *keys = keys_of(w, &count);

    for (size_t i = 0; i < count; i++)
        if (keys[i].state == state) {
            *out = keys[i];
            return true;
        }
    return false;
}

size_t kw_keys(struct keeper_world *w, enum gms_gmk_state state)
{
    size_t count, found = 0;
    const struct gms_gmk *keys = keys_of(w, &count);

    for (size_t i = 0; i < count; i++)
        found += keys[i].state == state ? 1 : 0;
    return found;
}

size_t kw_intents(struct keeper_world *w)
{
    struct mu_arena_list list;

    must(gms_store_intents(w->store, span_str(KEEPER_GROUP), &w->arena, &list));
    return list.len;
}

size_t kw_events(struct keeper_world *w, const char *name)
{
    struct mu_arena_list list;
    const struct gms_event *events;
    size_t found = 0;

    must(gms_store_events(w->store, 0, 0, &w->arena, &list));
    events = list.at;
    for (size_t i = 0; i < list.len; i++)
        found += span_eq(events[i].name, span_str(name)) ? 1 : 0;
    return found;
}

void kw_read(struct keeper_world *w, char letter, struct keeper_held *out)
{
    struct span text = {0};
    char etag[GMS_KEYDOC_ETAG];
    struct xml_fault fault;
    const struct xml_gktp *keys;
    size_t count;
    enum mu_err err = gms_keydoc_make(w->store, span_str(KEEPER_GROUP),
        kw_uri(letter), &w->arena, &text, etag);

    out->count = 0;
    if (err == MU_E_NOT_FOUND)
        return;
    must(err);
    must(xml_gktp_read(text, &w->arena, &fault, &keys, &count));
    CU_ASSERT_FATAL(count <= 8);
    for (size_t i = 0; i < count; i++) {
        struct fake_message *message = &out->at[out->count++];
        char id[9];

        CU_ASSERT_FATAL(fake_message_read(keys[i].message, message));
        (void)snprintf(id, sizeof(id), "%08x", (unsigned)message->key.v);
        CU_ASSERT(span_eq(keys[i].id, span_str(id)));
        CU_ASSERT(span_eq(span_str(message->member), kw_uri(letter)));
    }
}

bool kw_reads(
    struct keeper_world *w, char letter, struct mcptt_key_id key, bool revoked)
{
    struct keeper_held held;

    kw_read(w, letter, &held);
    for (size_t i = 0; i < held.count; i++)
        if (held.at[i].key.v == key.v && held.at[i].revoked == revoked)
            return true;
    return false;
}

const char *kw_who_reads(
    struct keeper_world *w, struct mcptt_key_id key, bool revoked)
{
    size_t count = 0;

    for (const char *c = KEEPER_ALL; *c != '\0'; c++)
        if (kw_reads(w, *c, key, revoked))
            w->text[count++] = *c;
    w->text[count] = '\0';
    return w->text;
}

const char *kw_can_talk(struct keeper_world *w)
{
    struct gms_gmk gmk;

    if (!kw_key(w, GMS_GMK_ACTIVE, &gmk))
        return "";
    return kw_who_reads(w, gmk.id, false);
}

void kw_fetch(struct keeper_world *w, const char *letters)
{
    for (; *letters != '\0'; letters++)
        must(gms_keeper_accepted(
            w->keeper, span_str(KEEPER_GROUP), kw_uri(*letters)));
    kw_run(w);
}
