/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gms/fake_vault.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define ARENA_MAX   (1U << 20)
#define MESSAGE_MAX 256

void fake_vault_init(struct fake_vault *v, const struct mu_clock *clock)
{
    *v = (struct fake_vault){.fd = -1, .clock = clock};
    CU_ASSERT_EQUAL_FATAL(gms_book_new(&v->book), MU_OK);
}

void fake_vault_die(struct fake_vault *v)
{
    if (v->event != NULL)
        event_free(v->event);
    if (v->fd >= 0)
        (void)close(v->fd);
    v->event = NULL;
    v->fd = -1;
}

void fake_vault_clear(struct fake_vault *v)
{
    fake_vault_die(v);
    gms_book_free(v->book);
}

static uint64_t now_s(const struct fake_vault *v)
{
    return mu_clock_unix_ms(v->clock) / 1000;
}

static void send_answer(
    const struct fake_vault *v, const struct gms_vault_answer *answer)
{
    static uint8_t octets[GMS_VAULT_FRAME_MAX];
    struct span frame;
    struct wr w;

    wr_init(&w, octets, sizeof(octets));
    CU_ASSERT_EQUAL_FATAL(gms_vault_answer_write(&w, answer), MU_OK);
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, &frame), MU_OK);
    CU_ASSERT_EQUAL_FATAL(
        send(v->fd, frame.p, frame.len, MSG_NOSIGNAL), (ssize_t)frame.len);
}

static struct gms_vault_answer answer_to(
    const struct gms_vault_request *request)
{
    return (struct gms_vault_answer){
        .op = request->op, .id = request->id, .last = true};
}

static void refuse(const struct fake_vault *v,
    const struct gms_vault_request *request, enum gms_vault_refusal refusal)
{
    struct gms_vault_answer answer = answer_to(request);

    answer.err = MU_E_DENIED;
    answer.refusal = refusal;
    send_answer(v, &answer);
}

static void note(struct fake_vault *v, const struct gms_vault_record *record)
{
    CU_ASSERT_EQUAL_FATAL(gms_book_note(v->book, record, now_s(v)), MU_OK);
}

static void hello(struct fake_vault *v, const struct gms_vault_request *request)
{
    struct gms_vault_answer answer = answer_to(request);

    answer.hello =
        (struct gms_vault_hello){.identity = span_str("sip:gms@example.org"),
            .kms = span_str("kms.example.org"),
            .now_ms = mu_clock_unix_ms(v->clock),
            .ready = true,
            .log_head = span_str("none")};
    send_answer(v, &answer);
}

static void new_key(
    struct fake_vault *v, const struct gms_vault_request *request)
{
    static uint8_t sealed[GMS_SEALED_KEY_LEN];
    struct gms_vault_answer answer = answer_to(request);
    uint32_t id = (uint32_t)request->new_key.kind << 28 | ++v->last_key;

    if (v->repeat_key != 0)
        id = v->repeat_key;
    v->repeat_key = 0;
    answer.key = (struct gms_sealed_key){.id = {id},
        .group = request->new_key.group,
        .epoch = request->new_key.epoch,
        .sealed = SPAN_OF(sealed)};
    v->keys++;
    send_answer(v, &answer);
}

/* The same refusals as the vault's own, in the same order. */
static enum gms_vault_refusal judge(const struct fake_vault *v,
    const struct gms_sealed_key *key, bool revocation, struct span recipient)
{
    if (!revocation && gms_book_outdated(v->book, key->group,
                           (enum mcptt_key_kind)mcptt_key_id_tag(key->id),
                           key->epoch, now_s(v)))
        return GMS_REFUSED_EPOCH;
    if (gms_book_excludes(v->book, key->group, key->epoch, recipient))
        return GMS_REFUSED_EXCLUDED;
    return GMS_REFUSED_NOT;
}

static uint32_t guk_id_of(
    struct fake_vault *v, uint32_t key, bool revocation, struct span uri)
{
    uint32_t hash = 2166136261U ^ key; /* FNV: any function will do */

    if (v->collide_with != 0 && !revocation) {
        hash = v->collide_with;
        v->collide_with = 0;
        return hash;
    }
    if (key >> 28 != MCPTT_KIND_GMK)
        return key;
    for (size_t i = 0; i < uri.len; i++)
        hash = (hash ^ uri.p[i]) * 16777619U;
    return hash & 0x0fffffffU;
}

static void wrap(struct fake_vault *v, const struct gms_vault_request *request)
{
    const struct gms_vault_wrap *in = &request->wrap;
    static uint8_t octets[GMS_VAULT_RECIPIENTS_MAX][GMS_ENVELOPE_LEN];
    static struct gms_vault_envelope out[GMS_VAULT_RECIPIENTS_MAX];
    struct gms_vault_answer answer = answer_to(request);

    for (size_t i = 0; i < in->count; i++) {
        enum gms_vault_refusal refusal =
            judge(v, &in->key, in->revocation, in->recipients[i]);

        if (refusal != GMS_REFUSED_NOT) {
            refuse(v, request, refusal);
            return;
        }
        memset(octets[i], 0, sizeof(octets[i]));
        (void)snprintf((char *)octets[i], sizeof(octets[i]), "%08x %d %.*s",
            (unsigned)in->key.id.v, in->revocation, (int)in->recipients[i].len,
            (const char *)in->recipients[i].p);
        out[i].guk_id.v =
            guk_id_of(v, in->key.id.v, in->revocation, in->recipients[i]);
        out[i].envelope = SPAN_OF(octets[i]);
    }
    v->wraps += in->count;
    /* In frames of at most half a hundred, as the real one streams. */
    for (size_t at = 0; at < in->count; at += 50) {
        answer.envelopes.first = at;
        answer.envelopes.count = in->count - at < 50 ? in->count - at : 50;
        answer.envelopes.at = out + at;
        answer.last = at + 50 >= in->count;
        send_answer(v, &answer);
    }
}

static enum gms_vault_refusal judge_item(const struct fake_vault *v,
    const struct gms_vault_sign *in, const struct gms_vault_sign_item *item)
{
    char want[2][GMS_ENVELOPE_LEN];

    for (int revocation = 0; revocation < 2; revocation++)
        (void)snprintf(want[revocation], sizeof(want[0]), "%08x %d %.*s",
            (unsigned)in->key.id.v, revocation, (int)item->recipient.len,
            (const char *)item->recipient.p);
    if (strcmp((const char *)item->envelope.p, want[1]) == 0 &&
        !in->terms.revoked)
        return GMS_REFUSED_PURPOSE;
    if (strcmp((const char *)item->envelope.p, want[0]) != 0 &&
        strcmp((const char *)item->envelope.p, want[1]) != 0)
        return GMS_REFUSED_ENVELOPE;
    return judge(v, &in->key,
        strcmp((const char *)item->envelope.p, want[1]) == 0, item->recipient);
}

static void note_signed(struct fake_vault *v, const struct gms_vault_sign *in,
    const struct span *uris)
{
    const struct gms_vault_record record = {.op = GMS_VAULT_SIGN,
        .group = in->key.group,
        .epoch = in->key.epoch,
        .key_id = in->key.id,
        .period = in->period,
        .revocation = in->terms.revoked,
        .activation_s = in->terms.activation_s,
        .expiry_s = in->terms.expiry_s,
        .uris = uris,
        .count = in->count};

    note(v, &record);
}

static void write_text(struct wr *w, struct span text)
{
    wr_u8(w, (uint8_t)text.len);
    wr_span(w, text);
}

/* What fake_message_read() reads. */
static void write_message(const struct gms_vault_sign *in, struct span member,
    uint8_t octets[MESSAGE_MAX], struct span *out)
{
    struct wr w;

    wr_init(&w, octets, MESSAGE_MAX);
    mcptt_key_id_write(&w, in->key.id);
    wr_u64(&w, in->key.epoch);
    wr_u64(&w, in->terms.activation_s);
    wr_u64(&w, in->terms.expiry_s);
    wr_u64(&w, in->period.number);
    wr_u64(&w, in->terms.group_count);
    wr_u8(&w, in->terms.revoked);
    write_text(&w, in->period.kms);
    write_text(&w, member);
    CU_ASSERT_EQUAL_FATAL(wr_close(&w, out), MU_OK);
}

static void sign(struct fake_vault *v, const struct gms_vault_request *request)
{
    const struct gms_vault_sign *in = &request->sign;
    static uint8_t text[GMS_VAULT_SIGN_MAX][MESSAGE_MAX];
    struct span out[GMS_VAULT_SIGN_MAX], uris[GMS_VAULT_SIGN_MAX];
    struct gms_vault_answer answer = answer_to(request);

    for (size_t i = 0; i < in->count; i++) {
        enum gms_vault_refusal refusal = judge_item(v, in, &in->items[i]);

        if (refusal != GMS_REFUSED_NOT) {
            refuse(v, request, refusal);
            return;
        }
        uris[i] = in->items[i].recipient;
        write_message(in, uris[i], text[i], &out[i]);
    }
    note_signed(v, in, uris);
    v->signs += in->count;
    answer.messages.count = in->count;
    answer.messages.at = out;
    send_answer(v, &answer);
}

static void members(
    struct fake_vault *v, const struct gms_vault_request *request)
{
    const struct gms_vault_record record = {.op = request->op,
        .group = request->members.group,
        .epoch = request->members.epoch,
        .uris = request->members.uris,
        .count = request->members.count};
    struct gms_vault_answer answer = answer_to(request);

    *(request->op == GMS_VAULT_EXCLUDE ? &v->excludes : &v->admits) +=
        request->members.count;
    note(v, &record);
    send_answer(v, &answer);
}

struct span fake_csk_write(
    struct mcptt_key_id id, const char *sender, char out[256])
{
    (void)snprintf(out, 256, "csk%08x%s", (unsigned)id.v, sender);
    return span_str(out);
}

struct mcptt_sig_conf_key fake_vault_csk(struct mcptt_key_id id)
{
    struct mcptt_sig_conf_key key = {{0}};

    memcpy(key.b, &id.v, sizeof(id.v));
    return key;
}

static void open_csk(
    struct fake_vault *v, const struct gms_vault_request *request)
{
    struct gms_vault_answer answer = answer_to(request);
    struct span message = request->csk.message;
    char text[256], hex[9];
    uint32_t id;

    if (v->keeps_csks)
        return;
    (void)snprintf(
        text, sizeof(text), "%.*s", (int)message.len, (const char *)message.p);
    if (strncmp(text, "csk", 3) != 0 || strlen(text) < 3 + 8) {
        refuse(v, request, GMS_REFUSED_MESSAGE);
        return;
    }
    memcpy(hex, text + 3, 8);
    hex[8] = '\0';
    id = (uint32_t)strtoul(hex, NULL, 16);
    answer.csk = (struct gms_vault_csk_opened){.sender = span_str(text + 3 + 8),
        .id = {id},
        .until_s = UINT64_MAX,
        .key = fake_vault_csk((struct mcptt_key_id){id})};
    send_answer(v, &answer);
}

static void take(struct fake_vault *v, const struct gms_vault_request *request)
{
    static void (*const takers[GMS_VAULT_OPS])(
        struct fake_vault *, const struct gms_vault_request *) = {
        [GMS_VAULT_HELLO] = hello,
        [GMS_VAULT_NEW_KEY] = new_key,
        [GMS_VAULT_WRAP] = wrap,
        [GMS_VAULT_SIGN] = sign,
        [GMS_VAULT_EXCLUDE] = members,
        [GMS_VAULT_ADMIT] = members,
        [GMS_VAULT_CSK] = open_csk,
    };

    if (v->refuse != GMS_REFUSED_NOT && request->op != GMS_VAULT_HELLO)
        refuse(v, request, v->refuse);
    else
        takers[request->op](v, request);
}

static void on_frame(evutil_socket_t fd, short what, void *ctx)
{
    MU_CLEANUP(mu_arena_clear) struct mu_arena arena;
    static uint8_t octets[GMS_VAULT_FRAME_MAX];
    struct fake_vault *v = ctx;
    struct gms_vault_request request;
    ssize_t n = recv(fd, octets, sizeof(octets), MSG_DONTWAIT);

    (void)what;
    if (n <= 0)
        return;
    mu_arena_init(&arena, ARENA_MAX);
    CU_ASSERT_EQUAL_FATAL(
        gms_vault_request_read(
            (struct span){octets, (size_t)n}, &arena, &request),
        MU_OK);
    if (request.op != GMS_VAULT_HELLO && v->dies_after > 0 &&
        --v->dies_after == 0) {
        fake_vault_die(v);
        return;
    }
    take(v, &request);
}

int fake_vault_start(struct fake_vault *v, struct event_base *base)
{
    int fds[2];

    fake_vault_die(v);
    CU_ASSERT_EQUAL_FATAL(
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
    v->fd = fds[1];
    v->event = event_new(base, v->fd, EV_READ | EV_PERSIST, on_frame, v);
    CU_ASSERT_EQUAL_FATAL(event_add(v->event, NULL), 0);
    return fds[0];
}

/* A text with its length before it, into a C string of cap octets. */
static void read_text(struct rd *r, char *out, size_t cap)
{
    size_t len = rd_u8(r, "length");
    struct span text = rd_span(r, len, "text");

    rd_check(r, len < cap, MU_E_MALFORMED, "text");
    if (rd_err(r) != MU_OK)
        return;
    memcpy(out, text.p, len);
    out[len] = '\0';
}

bool fake_message_read(struct span octets, struct fake_message *out)
{
    struct rd r;

    rd_init(&r, octets);
    out->key = mcptt_key_id_read(&r, "key");
    out->epoch = rd_u64(&r, "epoch");
    out->activation_s = rd_u64(&r, "activation");
    out->expiry_s = rd_u64(&r, "expiry");
    out->period = rd_u64(&r, "period");
    out->groups = rd_u64(&r, "groups");
    out->revoked = rd_u8(&r, "revoked") != 0;
    read_text(&r, out->kms, sizeof(out->kms));
    read_text(&r, out->member, sizeof(out->member));
    return rd_close(&r) == MU_OK;
}
