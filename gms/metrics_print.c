/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/metrics.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

enum kind {
    COUNTER,
    GAUGE,
    FLAG,   /* a bool */
    SIZE,   /* an unsigned */
    SECONDS /* of milliseconds */
};

/* One family: count values of a kind side by side in struct
 * gms_metrics_values. */
struct family {
    const char *name;
    const char *help;
    size_t at; /* offset of the first */
    enum kind kind;
    unsigned count;
    void (*labels)(struct buf *out, unsigned i); /* NULL: none */
};

#define AT(member) offsetof(struct gms_metrics_values, member)

static void label(struct buf *out, const char *name, const char *value)
{
    buf_text(out, name);
    buf_text(out, "=\"");
    buf_text(out, value);
    buf_text(out, "\"");
}

static void label_key(struct buf *out, unsigned i)
{
    label(out, "state", gms_gmk_state_name((enum gms_gmk_state)i));
}

/* Of values [class][state]. */
static void label_delivery(struct buf *out, unsigned i)
{
    label(out, "class", gms_class_name((enum gms_class)(i / GMS_DLV_STATES)));
    buf_text(out, ",");
    label(out, "state",
        gms_delivery_state_name((enum gms_delivery_state)(i % GMS_DLV_STATES)));
}

static void label_status(struct buf *out, unsigned i)
{
    const char text[] = {(char)('1' + i), 'x', 'x', '\0'};

    label(out, "code", text);
}

static void label_cut(struct buf *out, unsigned i)
{
    static const char *const phases[] = {"head", "body", "send", "idle"};

    label(out, "phase", phases[i]);
}

static void label_limited(struct buf *out, unsigned i)
{
    label(out, "of", i == 0 ? "caller" : "address");
}

#define CUTS ((AT(http.cut_idle) - AT(http.cut_head)) / sizeof(uint64_t) + 1)
_Static_assert(CUTS == 4, "label_cut() names those between the two");

/* clang-format off */
static const struct family families[] = {
    {"gmsd_ready", "Whether all that may be asked for can be done.",
        AT(ready), FLAG, 1, NULL},
    {"gmsd_uptime_seconds", "Since the front was started.",
        AT(uptime_ms), SECONDS, 1, NULL},
    {"gmsd_vault_up", "Whether there is a vault.",
        AT(keeper.vault_up), FLAG, 1, NULL},
    {"gmsd_vault_ready", "Whether the vault has keys to sign with.",
        AT(keeper.vault_ready), FLAG, 1, NULL},

    {"gmsd_groups", "Groups that exist.", AT(tally.groups), GAUGE, 1, NULL},
    {"gmsd_keys", "Group keys by state.",
        AT(tally.keys), GAUGE, GMS_GMK_DESTROYED, label_key},
    {"gmsd_deliveries", "Copies of keys for one member each.",
        AT(tally.deliveries), GAUGE, GMS_CLASSES * GMS_DLV_STATES,
        label_delivery},
    {"gmsd_deliveries_queued", "Copies to be wrapped or signed.",
        AT(keeper.queued), GAUGE, 1, NULL},
    {"gmsd_intents", "What was decided and is not done yet.",
        AT(keeper.intents), GAUGE, 1, NULL},
    {"gmsd_intent_oldest_seconds", "How long the oldest of them waits.",
        AT(keeper.oldest_ms), SECONDS, 1, NULL},

    {"gmsd_keys_made_total", "Group keys drawn by the vault.",
        AT(keeper.keys_made), COUNTER, 1, NULL},
    {"gmsd_envelopes_wrapped_total", "Keys encapsulated to a member.",
        AT(keeper.wrapped), COUNTER, 1, NULL},
    {"gmsd_messages_signed_total", "Messages signed.",
        AT(keeper.messages_signed), COUNTER, 1, NULL},
    {"gmsd_deliveries_accepted_total", "Messages that members have fetched.",
        AT(keeper.accepted), COUNTER, 1, NULL},
    {"gmsd_deliveries_opened_total", "Keys that members proved to hold.",
        AT(keeper.opened), COUNTER, 1, NULL},
    {"gmsd_deliveries_failed_total", "Messages given up.",
        AT(keeper.failed), COUNTER, 1, NULL},
    {"gmsd_keys_revoked_total", "Keys said to be no longer good.",
        AT(keeper.revoked), COUNTER, 1, NULL},
    {"gmsd_redirects_total", "Times that a member was moved to another KMS.",
        AT(keeper.redirected), COUNTER, 1, NULL},
    {"gmsd_redirects_refused_total", "KMS redirects that were not followed.",
        AT(keeper.redirects_refused), COUNTER, 1, NULL},

    {"gmsd_audit_written_total", "Records in the audit log.",
        AT(audit.written), COUNTER, 1, NULL},
    {"gmsd_audit_lost_total", "Records that could not be kept.",
        AT(audit.lost), COUNTER, 1, NULL},
    {"gmsd_audit_waiting", "Records that are not on disk yet.",
        AT(audit.waiting), GAUGE, 1, NULL},
    {"gmsd_audit_failing", "Whether the audit log cannot be written.",
        AT(audit.failing), FLAG, 1, NULL},

    {"gmsd_http_connections", "Connections open.",
        AT(http.connections), SIZE, 1, NULL},
    {"gmsd_http_requests_open", "Requests being answered.",
        AT(http.requests_open), SIZE, 1, NULL},
    {"gmsd_http_accepted_total", "Connections taken.",
        AT(http.accepted), COUNTER, 1, NULL},
    {"gmsd_http_requests_total", "Requests that came whole.",
        AT(http.requests), COUNTER, 1, NULL},
    {"gmsd_http_responses_total", "Answers by their status.",
        AT(http.answered[1]), COUNTER, 5, label_status},
    {"gmsd_http_refused_total", "Requests refused for their form.",
        AT(http.refused), COUNTER, 1, NULL},
    {"gmsd_http_limited_total", "Requests beyond a limit: of a caller who may "
        "ask, or from an address whose requests were refused.",
        AT(limited), COUNTER, 2, label_limited},
    {"gmsd_http_late_total", "Requests not answered in time.",
        AT(http.late), COUNTER, 1, NULL},
    {"gmsd_http_cut_total", "Connections ended at a deadline.",
        AT(http.cut_head), COUNTER, CUTS, label_cut},
    {"gmsd_http_full_total", "Times that no connection was free.",
        AT(http.full), COUNTER, 1, NULL},

    {"gmsd_sip_subscriptions", "Subscriptions that exist.",
        AT(sip.active), GAUGE, 1, NULL},
    {"gmsd_sip_notify_waiting", "Subscribers who wait for their NOTIFY's turn.",
        AT(sip.waiting), GAUGE, 1, NULL},
    {"gmsd_sip_subscribed_total", "Subscriptions begun.",
        AT(sip.subscribed), COUNTER, 1, NULL},
    {"gmsd_sip_refreshed_total", "Subscriptions prolonged or ended by a peer.",
        AT(sip.refreshed), COUNTER, 1, NULL},
    {"gmsd_sip_refused_total", "SUBSCRIBE requests refused.",
        AT(sip.refused), COUNTER, 1, NULL},
    {"gmsd_sip_notified_total", "NOTIFY requests sent.",
        AT(sip.notified), COUNTER, 1, NULL},
    {"gmsd_sip_lost_total", "Subscriptions that a NOTIFY's failure ended.",
        AT(sip.failed), COUNTER, 1, NULL},
    {"gmsd_sip_expired_total", "Subscriptions whose time was over.",
        AT(sip.expired), COUNTER, 1, NULL},
    {"gmsd_sip_csk_opened_total", "CSKs that came with SUBSCRIBE and opened.",
        AT(sip.csk_opened), COUNTER, 1, NULL},
    {"gmsd_sip_csk_refused_total", "CSKs that the vault refused.",
        AT(sip.csk_refused), COUNTER, 1, NULL},
    {"gmsd_sip_csk_limited_total",
        "CSKs that the vault was not shown, or did not open in time.",
        AT(sip.csk_limited), COUNTER, 1, NULL},
    {"gmsd_sip_csk_keys", "Keys of members' XML that are kept.", AT(sip.csks),
        GAUGE, 1, NULL},
    {"gmsd_sip_token_decrypted_total", "Encrypted tokens that were read.",
        AT(sip.unsealed), COUNTER, 1, NULL},
    {"gmsd_sip_token_unread_total", "Encrypted tokens that were not.",
        AT(sip.unread), COUNTER, 1, NULL},
    {"gmsd_sip_messages_total", "SIP MESSAGEs with a key sent.",
        AT(sip.messages), COUNTER, 1, NULL},
    {"gmsd_sip_deferred_total", "Of these, to members who were not there.",
        AT(sip.deferred), COUNTER, 1, NULL},
    {"gmsd_sip_requests_total", "Requests that came, with retransmissions.",
        AT(sip.agent.requests), COUNTER, 1, NULL},
    {"gmsd_sip_turned_away_total",
        "Requests refused for their form, method or number.",
        AT(sip.agent.refused), COUNTER, 1, NULL},
    {"gmsd_sip_pending", "Requests that are not answered yet.",
        AT(sip.agent.pending), GAUGE, 1, NULL},
    {"gmsd_sip_timed_out_total", "Requests of ours without an answer.",
        AT(sip.agent.timed_out), COUNTER, 1, NULL},
};
/* clang-format on */

static void print_head(
    struct buf *out, const char *name, const char *help, const char *type)
{
    buf_text(out, "# HELP ");
    buf_text(out, name);
    buf_text(out, " ");
    buf_text(out, help);
    buf_text(out, "\n# TYPE ");
    buf_text(out, name);
    buf_text(out, " ");
    buf_text(out, type);
    buf_text(out, "\n");
}

static void print_seconds(struct buf *out, uint64_t ms)
{
    char text[40];

    (void)snprintf(text, sizeof(text), "%" PRIu64 ".%03u", ms / 1000,
        (unsigned)(ms % 1000));
    buf_text(out, text);
}

static void print_value(struct buf *out, enum kind kind, const uint8_t *at)
{
    switch (kind) {
    case COUNTER:
    case GAUGE:
        buf_number(out, *(const uint64_t *)(const void *)at);
        break;
    case FLAG:
        buf_number(out, *(const bool *)at);
        break;
    case SIZE:
        buf_number(out, *(const unsigned *)(const void *)at);
        break;
    case SECONDS:
        print_seconds(out, *(const uint64_t *)(const void *)at);
        break;
    }
}

static void print_family(
    struct buf *out, const struct family *f, const struct gms_metrics_values *v)
{
    const uint8_t *at = (const uint8_t *)v + f->at;

    print_head(out, f->name, f->help, f->kind == COUNTER ? "counter" : "gauge");
    for (unsigned i = 0; i < f->count; i++) {
        buf_text(out, f->name);
        if (f->labels != NULL) {
            buf_text(out, "{");
            f->labels(out, i);
            buf_text(out, "}");
        }
        buf_text(out, " ");
        /* Only families of 64-bit numbers have more than one value. */
        print_value(out, f->kind, at + i * sizeof(uint64_t));
        buf_text(out, "\n");
    }
}

static void print_build(struct buf *out, const char *version)
{
    print_head(out, "gmsd_build_info", "What runs; always 1.", "gauge");
    buf_text(out, "gmsd_build_info{");
    label(out, "version", version);
    buf_text(out, "} 1\n");
}

#define COMMITS "gmsd_store_commit_seconds"

/* Prometheus' buckets hold what the smaller ones hold, too. */
static void print_commits(struct buf *out, const struct gms_store_times *t)
{
    uint64_t count = 0;

    print_head(
        out, COMMITS, "How long it took until a change was safe.", "histogram");
    for (size_t i = 0; i <= GMS_STORE_BOUNDS; i++) {
        buf_text(out, COMMITS "_bucket{le=\"");
        if (i < GMS_STORE_BOUNDS)
            print_seconds(out, gms_store_bounds_ms[i]);
        else
            buf_text(out, "+Inf");
        buf_text(out, "\"} ");
        buf_number(out, count += t->buckets[i]);
        buf_text(out, "\n");
    }
    buf_text(out, COMMITS "_sum ");
    print_seconds(out, t->sum_ms);
    buf_text(out, "\n" COMMITS "_count ");
    buf_number(out, count);
    buf_text(out, "\n");
}

void gms_metrics_print(const struct gms_metrics_values *v, struct buf *out)
{
    print_build(out, v->version);
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
        print_family(out, &families[i], v);
    print_commits(out, &v->commits);
}
