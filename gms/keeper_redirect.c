/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What members refuse, and where they send us (gms/redirect.h). A member whose
 * KMS is another one is moved in all his groups by one transaction: his rows,
 * his place among the holders, and the row that says so to the next process,
 * and by gms/domains.h to the next change of a document.
 */
#include "gms/keeper_in.h"
#include "gms/redirect.h"

/* Messages that are out and not taken. */
static enum mu_err load_brought(struct gms_keeper *k,
    const struct gms_brought *what, struct mu_arena *arena,
    struct mu_arena_list *out)
{
    const struct gms_delivery_query query = {.group = what->group,
        .member = what->member,
        .states = 1U << GMS_DLV_SENT,
        .bare = true};
    struct mu_arena_list list = {0};
    struct gms_delivery *one;
    enum mu_err err;

    if (what->row == 0)
        return gms_store_deliveries(k->config.store, &query, arena, out);
    one = mu_arena_list_add(arena, &list, sizeof(*one));
    if (one == NULL)
        return mu_arena_err(arena);
    err = gms_store_delivery(k->config.store, what->row, arena, one);
    if (err != MU_OK && err != MU_E_NOT_FOUND)
        return err;
    one->bare = true;
    list.len = err == MU_OK && one->state == GMS_DLV_SENT ? 1 : 0;
    *out = list;
    return MU_OK;
}

/* -------------------------------------------------------------------- refused
 */

static enum mu_err refuse_row(
    struct gms_keeper *k, struct gms_delivery *row, const char *why)
{
    TRY(gms_delivery_step(row, GMS_DLV_EV_GIVE_UP));
    row->next_ms = 0; /* not by time: a message anew would be refused, too */
    row->changed_ms = keeper_now_ms(k);
    TRY(gms_store_set_delivery(k->config.store, row));
    k->stats.failed++;
    return keeper_tell(k, GMS_AUDIT_FAILED, row->group,
        KEEPER_FIELDS(mu_log_hex32("gmk_id", row->key.v),
            mu_log_octets("member", row->member),
            mu_log_u64("tries", row->tries), mu_log_str("why", why)));
}

struct refusal {
    struct mu_arena_list rows;
    uint64_t at_ms; /* what was sent later he has not seen */
    const char *why;
};

static enum mu_err refuse_rows(
    struct gms_keeper *k, const struct refusal *refusal)
{
    struct gms_delivery *row = refusal->rows.at;

    for (size_t i = 0; i < refusal->rows.len; i++)
        if (row[i].changed_ms <= refusal->at_ms)
            TRY(refuse_row(k, &row[i], refusal->why));
    return MU_OK;
}

static enum mu_err refuse(struct gms_keeper *k, const struct refusal *refusal)
{
    const struct gms_delivery *row = refusal->rows.at;

    TRY(gms_store_begin(k->config.store));
    TRY(keeper_end(k, refuse_rows(k, refusal)));
    for (size_t i = 0; i < refusal->rows.len; i++)
        keeper_changed(k, row[i].group, row[i].member);
    return MU_OK;
}

enum mu_err gms_keeper_refused(
    struct gms_keeper *k, const struct gms_brought *what, const char *why)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct refusal refusal = {.at_ms = what->at_ms, .why = why};

    mu_arena_init(&arena, KEEPER_ARENA_MAX);
    TRY(load_brought(k, what, &arena, &refusal.rows));
    return refusal.rows.len > 0 ? refuse(k, &refusal) : MU_OK;
}

/* ------------------------------------------------------------------ redirected
 */

/* A member on his way to another KMS. */
struct move {
    struct gms_keeper *k;
    struct mu_arena *arena;
    struct gms_redirect_row row;
    struct mu_arena_list groups; /* his: of struct span */
};

static enum mu_err move_holder(struct keeper_look *look, const struct move *m)
{
    struct gms_store *store = look->k->config.store;
    struct mu_arena_list list;
    const struct gms_holder *holders;

    TRY(gms_store_holders(store, look->row.uri, m->arena, &list));
    holders = list.at;
    for (size_t i = 0; i < list.len; i++) {
        struct gms_holder who = holders[i];

        if (!span_eq(who.uri, m->row.member))
            continue;
        who.kms = m->row.kms;
        TRY(gms_store_put_holder(store, look->row.uri, &who));
        TRY(keeper_move(look, &who));
    }
    return MU_OK;
}

static enum mu_err move_in_group(const struct move *m, struct span group)
{
    struct keeper_group *g = keeper_group(m->k, group);
    struct keeper_look look;

    if (g == NULL)
        return MU_E_NO_MEMORY;
    TRY(keeper_look_open(m->k, g, m->arena, &look));
    return move_holder(&look, m);
}

static enum mu_err move_everywhere(const struct move *m)
{
    const struct span *group = m->groups.at;

    for (size_t i = 0; i < m->groups.len; i++)
        TRY(move_in_group(m, group[i]));
    return gms_store_put_redirect(m->k->config.store, &m->row);
}

static void wake(const struct move *m)
{
    const struct span *group = m->groups.at;

    for (size_t i = 0; i < m->groups.len; i++) {
        struct keeper_group *g = keeper_group(m->k, group[i]);

        if (g == NULL)
            continue;
        g->rows_fine = false; /* he lacks what is in force */
        g->queue_at = g->queue_len = 0;
        keeper_touch(m->k, g);
        keeper_changed(m->k, group[i], m->row.member);
    }
}

static enum mu_err follow(struct move *m)
{
    struct gms_store *store = m->k->config.store;

    TRY(gms_store_groups_of(store, m->row.member, m->arena, &m->groups));
    /* Where there is no memory for it nothing has changed yet. */
    TRY(gms_domains_move(m->k->config.domains, m->row.member, m->row.kms));
    TRY(gms_store_begin(store));
    TRY(keeper_end(m->k, move_everywhere(m)));
    m->k->stats.redirected++;
    wake(m);
    return MU_OK;
}

/* Redirects of that key so far: of another one they are no loop. */
static enum mu_err hops_of(struct gms_keeper *k,
    const struct gms_delivery *first, struct mu_arena *arena, unsigned *out)
{
    struct gms_redirect_row before = {.hops = 0};
    enum mu_err err =
        gms_store_redirect(k->config.store, first->member, arena, &before);

    if (err != MU_OK && err != MU_E_NOT_FOUND)
        return err;
    *out = err == MU_OK && before.key.v == first->key.v ? before.hops : 0;
    return MU_OK;
}

static enum mu_err judge(struct gms_keeper *k, const struct refusal *refusal,
    struct span krr, struct move *m, enum gms_redirect *verdict)
{
    static const struct mu_conf_strs none = {.len = 0};
    const struct gms_delivery *first = refusal->rows.at;
    struct gms_redirect_terms terms = {
        .allowed =
            k->config.redirect_kmss != NULL ? k->config.redirect_kmss : &none,
        .domains = k->config.domains,
        .now_s = keeper_now_ms(k) / 1000,
        .present = first->kms};
    struct gms_redirect_found found = {.hops = 0};

    TRY(hops_of(k, first, m->arena, &terms.hops));
    *verdict = gms_redirect_judge(krr, &terms, m->arena, &found);
    m->row = (struct gms_redirect_row){.member = first->member,
        .kms = found.kms,
        .key = first->key,
        .hops = found.hops};
    return MU_OK;
}

enum mu_err gms_keeper_redirected(
    struct gms_keeper *k, const struct gms_brought *what, struct span krr)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct move m = {.k = k, .arena = &arena};
    struct refusal refusal = {.at_ms = what->at_ms};
    enum gms_redirect verdict;

    mu_arena_init(&arena, KEEPER_ARENA_MAX);
    TRY(load_brought(k, what, &arena, &refusal.rows));
    if (refusal.rows.len == 0)
        return MU_OK; /* he was moved by the answer before */
    TRY(judge(k, &refusal, krr, &m, &verdict));
    if (verdict == GMS_REDIRECT_FOLLOW)
        return follow(&m);
    k->stats.redirects_refused++;
    refusal.why = gms_redirect_name(verdict);
    mu_log(MU_LOG_WARNING, "keeper.redirect",
        mu_log_octets("member", m.row.member), mu_log_str("why", refusal.why));
    return refuse(k, &refusal);
}

/* Whom the operator does not let go there any more stays where the list says.
 */
static bool is_allowed(const struct gms_keeper *k, struct span kms)
{
    const struct mu_conf_strs *allowed = k->config.redirect_kmss;

    for (size_t i = 0; allowed != NULL && i < allowed->len; i++)
        if (span_eq(span_str(allowed->at[i]), kms))
            return true;
    return false;
}

enum mu_err keeper_redirects_load(struct gms_keeper *k)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    struct mu_arena_list list;
    const struct gms_redirect_row *rows;

    mu_arena_init(&arena, SIZE_MAX);
    TRY(gms_store_redirects(k->config.store, &arena, &list));
    rows = list.at;
    for (size_t i = 0; i < list.len; i++)
        if (is_allowed(k, rows[i].kms))
            TRY(gms_domains_move(
                k->config.domains, rows[i].member, rows[i].kms));
    return MU_OK;
}
