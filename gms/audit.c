/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/audit.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "gms/audit_events.h"
#include "gms/fault.h"

#define NAME "gmsd-audit" /* of the log, in its record 0 */

/* Octets and records that wait while the log cannot be written: an incident
 * with tens of thousands of deliveries fits. */
#define WAITING_MAX_OCTETS (16U << 20)
#define WAITING_MAX        100000U

/* Of one write and sync: what is waiting after a long failure goes in parts,
 * so that a disk with a little room takes some of it. */
#define BATCH_MAX_OCTETS (256U << 10)
#define BATCH_MAX        256U

/* A record that is not in the log yet. */
struct waiting {
    struct waiting *next;
    uint64_t unix_ms;
    size_t len;
    uint8_t payload[];
};

struct gms_audit {
    struct mu_chain_file *file;
    const struct mu_clock *clock;
    struct waiting *first, **end;
    size_t octets;   /* of all payloads that wait */
    uint64_t missed; /* since the last gap that was written down */
    uint64_t changed;
    struct gms_audit_stats stats;
    struct mu_chain_entry batch[BATCH_MAX];
    struct wr line; /* over text */
    uint8_t text[MU_CHAIN_PAYLOAD_MAX];
};

static void drop(struct gms_audit **audit)
{
    gms_audit_close(*audit);
}

/* The event's name stands first: event=NAME. */
static void on_record(void *ctx, const struct mu_chain_record *record)
{
    static const size_t start = sizeof("event=") - 1;
    struct gms_audit *audit = ctx;
    struct span name = record->payload;
    const struct gms_audit_event *event;
    const uint8_t *end;

    if (name.len <= start)
        return;
    name = (struct span){name.p + start, name.len - start};
    end = memchr(name.p, ' ', name.len);
    if (end != NULL)
        name.len = (size_t)(end - name.p);
    event = gms_audit_event_find(name);
    if (event != NULL && gms_audit_event_is_change(event))
        audit->changed = record->seq;
}

static void log_report(enum mu_err err, const struct mu_chain_report *report)
{
    if (err == MU_OK && report->fault == MU_CHAIN_TORN)
        mu_log(MU_LOG_WARNING, "audit.torn", mu_log_u64("line", report->line));
    if (err == MU_E_CRYPTO)
        mu_log(MU_LOG_ERROR, "audit.broken",
            mu_log_str("fault", mu_chain_fault_text(report->fault)),
            mu_log_u64("line", report->line));
}

/* A log that is there goes on; a torn last line never was in it. */
static enum mu_err open_file(
    const struct gms_audit_config *config, struct gms_audit *audit)
{
    const struct mu_chain_take take = {.key = config->key,
        .name = NAME,
        .rng = config->rng,
        .unix_ms = mu_clock_unix_ms(config->clock),
        .on_record = on_record,
        .ctx = audit};
    struct mu_chain_report report = {.fault = MU_CHAIN_GOOD};
    int fd = open(config->path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
    enum mu_err err;

    if (fd < 0 && errno == ENOENT)
        return mu_chain_file_create(config->path, config->key, NAME,
            config->rng, take.unix_ms, &audit->file);
    if (fd < 0)
        return MU_E_IO;
    err = mu_chain_file_take(fd, &take, &report, &audit->file);
    if (err != MU_OK)
        (void)close(fd);
    log_report(err, &report);
    return err;
}

enum mu_err gms_audit_open(
    const struct gms_audit_config *config, struct gms_audit **out)
{
    MU_CLEANUP(drop) struct gms_audit *audit = mu_alloc(sizeof(*audit));

    if (audit == NULL)
        return MU_E_NO_MEMORY;
    audit->clock = config->clock;
    audit->end = &audit->first;
    TRY(open_file(config, audit));
    *out = audit;
    audit = NULL;
    return MU_OK;
}

static void drop_first(struct gms_audit *audit)
{
    struct waiting *gone = audit->first;

    audit->first = gone->next;
    if (audit->first == NULL)
        audit->end = &audit->first;
    audit->octets -= gone->len;
    audit->stats.waiting--;
    mu_free(gone);
}

void gms_audit_close(struct gms_audit *audit)
{
    if (audit == NULL)
        return;
    if (!gms_audit_flush(audit))
        mu_log(MU_LOG_ERROR, "audit.unwritten",
            mu_log_u64("waiting", audit->stats.waiting),
            mu_log_u64("lost", audit->missed));
    while (audit->first != NULL)
        drop_first(audit);
    mu_chain_file_close(audit->file);
    mu_free(audit);
}

static bool keep(struct gms_audit *audit, struct span payload)
{
    struct waiting *w;

    if (audit->stats.waiting >= WAITING_MAX ||
        audit->octets + payload.len > WAITING_MAX_OCTETS)
        return false;
    w = mu_alloc(sizeof(*w) + payload.len);
    if (w == NULL)
        return false;
    w->unix_ms = mu_clock_unix_ms(audit->clock);
    w->len = payload.len;
    memcpy(w->payload, payload.p, payload.len);
    *audit->end = w;
    audit->end = &w->next;
    audit->octets += w->len;
    audit->stats.waiting++;
    return true;
}

/* Those that come after one that is missing are missing as well until the gap
 * is written down: so that the record of it stands where it is. */
static void write_record(struct gms_audit *audit, const char *event,
    const struct mu_log_field *fields, size_t count)
{
    struct span payload = {NULL, 0};

    wr_init(&audit->line, audit->text, sizeof(audit->text));
    mu_log_event_write(&audit->line, event, fields, count);
    if (audit->missed == 0 && wr_close(&audit->line, &payload) == MU_OK &&
        keep(audit, payload))
        return;
    audit->missed++;
    audit->stats.lost++;
}

/* A list is not for the eyes of the ordinary log, but its length. */
static void log_record(
    const char *event, const struct mu_log_field *fields, size_t count)
{
    struct mu_log_field shown[GMS_AUDIT_FIELDS_MAX];
    size_t n = 0;

    while (n < count && n < GMS_AUDIT_FIELDS_MAX &&
           (n == 0 || strcmp(fields[n].key, fields[n - 1].key) != 0)) {
        shown[n] = fields[n];
        n++;
    }
    if (n < count)
        shown[n - 1] = mu_log_u64("members", count - n + 1);
    mu_log_write(MU_LOG_INFO, event, shown, n);
}

void gms_audit_write(struct gms_audit *audit, const char *event,
    const struct mu_log_field *fields, size_t count)
{
    assert(gms_audit_event_fits(event, fields, count));
    log_record(event, fields, count);
    write_record(audit, event, fields, count);
}

/* What the next write takes; how many. */
static size_t gather(struct gms_audit *audit)
{
    const struct waiting *w = audit->first;
    size_t n = 0, octets = 0;

    while (w != NULL && n < BATCH_MAX &&
           (n == 0 || octets + w->len <= BATCH_MAX_OCTETS)) {
        audit->batch[n].unix_ms = w->unix_ms;
        audit->batch[n].payload = (struct span){w->payload, w->len};
        octets += w->len;
        n++;
        w = w->next;
    }
    return n;
}

static enum mu_err write_batch(struct gms_audit *audit)
{
    size_t n = gather(audit);

    GMS_FAULT("audit.write");
    TRY(mu_chain_file_append_all(audit->file, audit->batch, n));
    audit->stats.written += n;
    for (size_t i = 0; i < n; i++)
        drop_first(audit);
    return MU_OK;
}

/* After all that waited, so where the others are missing. */
static enum mu_err note_gap(struct gms_audit *audit)
{
    uint64_t missed = audit->missed;
    const struct mu_log_field lost = mu_log_u64("lost", missed);

    audit->missed = 0;
    write_record(audit, GMS_AUDIT_GAP, &lost, 1);
    if (audit->missed == 0)
        return MU_OK;
    audit->missed = missed;
    audit->stats.lost--; /* this one is not lost: it is tried again */
    return MU_E_NO_MEMORY;
}

/* Says once that it fails and once that it does no longer. */
static void set_failing(struct gms_audit *audit, enum mu_err err)
{
    bool failing = err != MU_OK;

    if (failing == audit->stats.failing)
        return;
    audit->stats.failing = failing;
    mu_log(failing ? MU_LOG_ERROR : MU_LOG_WARNING,
        failing ? "audit.failing" : "audit.restored", mu_log_err("err", err),
        mu_log_u64("waiting", audit->stats.waiting),
        mu_log_u64("lost", audit->stats.lost));
}

bool gms_audit_flush(struct gms_audit *audit)
{
    enum mu_err err = MU_OK;

    while (err == MU_OK && (audit->first != NULL || audit->missed > 0))
        err = audit->first != NULL ? write_batch(audit) : note_gap(audit);
    set_failing(audit, err);
    return err == MU_OK;
}

uint64_t gms_audit_told(const struct gms_audit *audit)
{
    return mu_chain_file_head(audit->file)->seq + audit->stats.waiting +
           (audit->missed > 0 ? 1 : 0); /* the gap will be one, too */
}

void gms_audit_undo(struct gms_audit *audit, uint64_t after)
{
    uint64_t last = gms_audit_told(audit);

    if (last > after)
        gms_audit_say(audit, GMS_AUDIT_UNDONE, mu_log_u64("first", after + 1),
            mu_log_u64("last", last));
}

void gms_audit_gap(struct gms_audit *audit, uint64_t lost)
{
    audit->stats.lost += lost;
    gms_audit_say(audit, GMS_AUDIT_GAP, mu_log_u64("lost", lost));
}

uint64_t gms_audit_changed(const struct gms_audit *audit)
{
    return audit->changed;
}

struct gms_audit_stats gms_audit_stats(const struct gms_audit *audit)
{
    return audit->stats;
}

const struct mu_chain_head *gms_audit_head(const struct gms_audit *audit)
{
    return mu_chain_file_head(audit->file);
}
