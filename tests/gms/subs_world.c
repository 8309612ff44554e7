/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gms/subs_world.h"

#include <CUnit/CUnit.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gms/subs_inside.h"
#include "tests/issuer.h"
#include "xml/mcptt_info.h"
#include "xml/resource_lists.h"

#define ARENA_MAX (256U << 20)
#define SCOPE     "3gpp:mc:ptt_group_management_service"
#define GKTP_AUID "org.3gpp.MCPTT-GKTP"

static const char *all_groups[] = {"*"};
static const struct gms_access_row roles[] = {
    {SW_OWNER, GMS_ROLE_DISPATCHER, {all_groups, 1}},
    {SW_SERVER, GMS_ROLE_SERVER, {all_groups, 1}},
};

/* One issuer for all tests; RSA keys take their time. */
static struct test_issuer *issuer;
static struct http_keys *issuer_keys;

static void must(enum mu_err err)
{
    CU_ASSERT_EQUAL_FATAL(err, MU_OK);
}

/* --------------------------------------------------------- beginning, end */

static void make_issuer(void)
{
    MU_CLEANUP(test_folder_remove) struct test_folder folder;
    static struct test_issuer made;
    struct http_keys_config config = {.clock = mu_clock_system()};

    CU_ASSERT_FATAL(test_issuer_make(&made));
    issuer = &made;
    test_folder_make(&folder);
    test_folder_write(&folder, "jwks", span_str(issuer->jwks));
    config.file = test_folder_path(&folder, "jwks");
    must(http_keys_new(&config, &issuer_keys));
}

int subs_world_end(void)
{
    if (issuer != NULL) {
        http_keys_free(issuer_keys);
        test_issuer_clear(issuer);
    }
    issuer = NULL;
    return vault_world_end();
}

static void configure(struct subs_world *w)
{
    w->conf = (struct gms_conf_sip){.user = "gms",
        .xcap_root = SW_ROOT,
        .expires_least_s = 60,
        .expires_s = 3600,
        .expires_most_s = 86400,
        .min_interval_ms = 5000,
        .retry_least_ms = 1000,
        .retry_most_ms = 60000,
        .answer_ms = 32000,
        .urgent_answer_ms = 4000,
        .message_proxy = "",
        .subscriptions = 100,
        .subscriptions_each = 16,
        .burst = 65536,
        .area_burst = 16384};
    w->gktp = (struct gms_conf_gktp){.auid = GKTP_AUID,
        .path = "users/{mcptt_id}/{gid_encoded}",
        .mime = "application/vnd.3gpp.GKTP+xml"};
    w->csk = (struct gms_conf_csk){.keys = 16,
        .keys_each = 2,
        .keep_s = 3600,
        .wait_ms = 8000,
        .waiting = 4,
        .failure_burst = 1};
    w->auth = (struct http_auth){.keys = issuer_keys,
        .policy = {.scopes = 1U << HTTP_SCOPE_PTT_GROUP_MANAGEMENT},
        .clock = &w->keeper.now.clock,
        .realm = "gms",
        .rng = &w->keeper.rng.rng};
}

static void on_changed(void *ctx, struct span group, struct span member)
{
    struct subs_world *w = ctx;

    if (w->subs != NULL)
        gms_subs_changed(w->subs, group, member);
}

static void start(struct subs_world *w)
{
    const struct gms_groups_config groups = {.store = w->keeper.store,
        .keeper = w->keeper.keeper,
        .domains = w->keeper.domains,
        .access = w->access,
        .rng = &w->keeper.rng.rng,
        .policy = &w->keeper.policy,
        .unknown = XML_GROUP_KEEP,
        .members_max = 100,
        .creation_xui = ""};
    struct gms_subs_parts parts = {.base = w->keeper.base,
        .clock = &w->keeper.now.clock,
        .rng = &w->keeper.rng.rng,
        .conf = &w->conf,
        .gktp = &w->gktp,
        .csk = &w->csk,
        .auth = &w->auth,
        .access = w->access,
        .store = w->keeper.store,
        .keeper = w->keeper.keeper,
        .audit = w->keeper.audit,
        .vault = w->keeper.link,
        .identity = span_str(VAULT_GMS)};

    must(gms_groups_new(&groups, &w->groups));
    w->agent = fake_agent_new();
    parts.groups = w->groups;
    parts.agent = w->agent;
    must(gms_subs_new(&parts, &w->subs));
}

static void stop(struct subs_world *w)
{
    gms_subs_free(w->subs);
    w->subs = NULL;
    fake_agent_free(w->agent);
    gms_groups_free(w->groups);
}

void subs_world_init(struct subs_world *w)
{
    *w = (struct subs_world){.last_request = 0};
    if (issuer == NULL)
        make_issuer();
    keeper_world_init(&w->keeper, KEEPER_FAKE);
    w->keeper.on_changed = on_changed;
    w->keeper.changed_ctx = w;
    mu_arena_init(&w->arena, ARENA_MAX);
    must(gms_access_new(roles, sizeof(roles) / sizeof(roles[0]), &w->access));
    configure(w);
    start(w);
    sw_run(w);
}

void subs_world_clear(struct subs_world *w)
{
    stop(w);
    gms_access_free(w->access);
    mu_arena_clear(&w->arena);
    keeper_world_clear(&w->keeper);
}

void subs_world_restart(struct subs_world *w)
{
    void (*on_ask)(void *, struct fake_ask *) = w->agent->on_ask;
    void *ctx = w->agent->ctx;

    stop(w);
    keeper_world_restart(&w->keeper);
    start(w);
    w->agent->on_ask = on_ask;
    w->agent->ctx = ctx;
}

/* ------------------------------------------------------------------------ time
 */

/* The timer of the subscriptions goes by the host's clock; what is due is by
 * this one. */
static bool call_due(struct subs_world *w)
{
    if (w->subs->wake_ms > w->keeper.now.mono_ms)
        return false;
    event_active(w->subs->on_time, EV_TIMEOUT, 0);
    return true;
}

static bool is_busy(struct subs_world *w)
{
    bool waits = w->subs->csk_waiting > 0 && !w->keeper.fake.keeps_csks;

    return call_due(w) || w->agent->event_count > 0 || waits;
}

void sw_run(struct subs_world *w)
{
    unsigned turns = 0;

    for (kw_run(&w->keeper); is_busy(w); kw_run(&w->keeper), turns++) {
        CU_ASSERT_FATAL(event_base_loop(w->keeper.base, EVLOOP_NONBLOCK) >= 0);
        CU_ASSERT_FATAL(turns < 10000);
    }
}

/* How long until something is due, at most ms. */
static uint64_t until_next(const struct subs_world *w, uint64_t ms)
{
    uint64_t keeper_ms = kw_next_ms(&w->keeper);
    uint64_t now_ms = w->keeper.now.mono_ms;

    if (w->subs->wake_ms - now_ms < ms)
        ms = w->subs->wake_ms - now_ms;
    if (keeper_ms > w->keeper.now.unix_ms &&
        keeper_ms - w->keeper.now.unix_ms < ms)
        ms = keeper_ms - w->keeper.now.unix_ms;
    return ms;
}

void sw_wait(struct subs_world *w, uint64_t ms)
{
    sw_run(w);
    while (ms > 0) {
        uint64_t step = until_next(w, ms);

        test_clock_step(&w->keeper.now, step);
        ms -= step;
        sw_run(w);
    }
}

/* ------------------------------------------------------------------- documents
 */

const char *sw_group(int group)
{
    static const char *const uris[SW_GROUPS] = {
        "sip:one@groups.example.org", "sip:two@groups.example.org"};

    return uris[group];
}

static const char *name_of(int group)
{
    static const char *const names[SW_GROUPS] = {"one.xml", "two.xml"};

    return names[group];
}

/* A protected group of those members. */
static void write_group(
    struct subs_world *w, int group, const char *members, struct buf *out)
{
    buf_text(out,
        "<group xmlns=\"urn:oma:xml:poc:list-service\""
        " xmlns:oxe=\"urn:oma:xml:xdm:extensions\""
        " xmlns:m=\"urn:3gpp:ns:mcpttGroupInfo:1.0\"><list-service uri=\"");
    buf_text(out, sw_group(group));
    buf_text(out, "\"><display-name>edit ");
    buf_number(out, ++w->edits);
    buf_text(out, "</display-name><list>");
    for (; *members != '\0'; members++) {
        buf_text(out, "<entry uri=\"");
        buf_add(out, kw_uri(*members));
        buf_text(out, "\"/>");
    }
    buf_text(out, "</list><oxe:supported-services><oxe:service enabler="
                  "\"urn:urn-7:3gpp-service.ims.icsi.mcptt\"><oxe:group-media>"
                  "<m:mcptt-speech/></oxe:group-media></oxe:service>"
                  "</oxe:supported-services></list-service></group>");
}

static void on_done(void *ctx, const struct gms_group_result *result)
{
    *(enum gms_group_outcome *)ctx = result->outcome;
}

void sw_put(struct subs_world *w, int group, const char *members)
{
    MU_CLEANUP(buf_clear) struct buf text = {0};
    enum gms_group_outcome outcome = GMS_GROUP_FAILED;
    struct gms_group_put put = {.caller = {.uri = span_str(SW_OWNER)},
        .at = {.xui = span_str(SW_OWNER), .name = span_str(name_of(group))},
        .stop = GMS_STOP_SOFT};

    if (members != NULL) {
        write_group(w, group, members, &text);
        put.text = buf_span(&text);
    }
    gms_group_put(w->groups, &put, on_done, &outcome);
    CU_ASSERT_FATAL(outcome == GMS_GROUP_CREATED ||
                    outcome == GMS_GROUP_REPLACED ||
                    outcome == GMS_GROUP_DELETED);
    sw_run(w);
}

void sw_rekey(struct subs_world *w, int group, enum gms_stop stop)
{
    must(gms_keeper_rekey(
        w->keeper.keeper, span_str(SW_OWNER), span_str(sw_group(group)), stop));
    sw_run(w);
}

/* ------------------------------------------------------------------- addresses
 */

__attribute__((format(printf, 1, 2))) static const char *address(
    const char *form, ...)
{
    static char rooms[32][256];
    static unsigned next;
    char *room = rooms[next++ % 32];
    va_list args;

    va_start(args, form);
    (void)vsnprintf(room, sizeof(rooms[0]), form, args);
    va_end(args);
    return room;
}

/* As the watch writes a group below a collection. */
static const char *encoded(int group)
{
    static const char *const uris[SW_GROUPS] = {
        "sip%3Aone%40groups.example.org", "sip%3Atwo%40groups.example.org"};

    return uris[group];
}

const char *sw_document(int group)
{
    return address("%s%s", SW_ALL_GROUPS, encoded(group));
}

const char *sw_owned(int group)
{
    return address(
        "org.openmobilealliance.groups/users/%s/%s", SW_OWNER, name_of(group));
}

const char *sw_keys(int group, char member)
{
    return address(
        "%s/users/sip:%c@example.org/%s", GKTP_AUID, member, encoded(group));
}

const char *sw_key_node(int group, char member)
{
    return address("%s/~~/GKTPs/GMK-GKTPs", sw_keys(group, member));
}

const char *sw_all_keys(char member)
{
    return address("%s/users/sip:%c@example.org/", GKTP_AUID, member);
}

size_t sw_rows(
    struct subs_world *w, int group, char member, enum gms_delivery_state state)
{
    const struct gms_delivery_query query = {.purpose = GMS_ISSUES,
        .group = span_str(sw_group(group)),
        .member = kw_uri(member),
        .states = 1U << state,
        .bare = true};
    struct mu_arena_list rows = {0};

    must(gms_store_deliveries(w->keeper.store, &query, &w->arena, &rows));
    return rows.len;
}

size_t sw_stored(struct subs_world *w)
{
    struct mu_arena_list rows = {0};

    must(gms_store_subs(w->keeper.store, &w->arena, &rows));
    return rows.len;
}

/* ------------------------------------------------------------------- SUBSCRIBE
 */

void sw_device(struct sw_device *device, unsigned number)
{
    *device = (struct sw_device){.cseq = 0};
    (void)snprintf(device->call_id, sizeof(device->call_id), "call-%u", number);
    (void)snprintf(device->tag, sizeof(device->tag), "tag-%u", number);
    (void)snprintf(device->contact, sizeof(device->contact),
        "sip:device-%u@127.0.0.1:5070;transport=tcp", number);
}

const char *sw_token(struct subs_world *w, const char *who, uint64_t for_s)
{
    char *token = mu_arena_alloc(&w->arena, TEST_TOKEN_MAX, 1);
    const char *uri = who;
    uint64_t now_s = w->keeper.now.unix_ms / 1000;

    CU_ASSERT_PTR_NOT_NULL_FATAL(token);
    if (who[1] == '\0')
        uri = mu_arena_text(&w->arena, kw_uri(who[0]));
    CU_ASSERT_FATAL(test_issuer_token(
        issuer, uri, SCOPE, now_s + (for_s > 0 ? for_s : 3600), token));
    return token;
}

static void add_part(struct sip_request *r, const char *type, struct span body)
{
    r->parts[r->part_count++] =
        (struct sip_part){.type = span_str(type), .body = body};
}

static struct span in_arena(struct subs_world *w, struct wr *out)
{
    struct span text = {NULL, 0};

    must(wr_close(out, &text));
    return mu_arena_copy(&w->arena, text);
}

static void add_list(
    struct subs_world *w, const struct sw_want *want, struct sip_request *r)
{
    struct span uris[SW_URIS_MAX];
    struct xml_resource_lists lists = {.uris = uris};
    uint8_t room[4096];
    struct wr out;

    if (want->list != NULL) {
        add_part(r, XML_RESOURCE_LISTS_TYPE, span_str(want->list));
        return;
    }
    while (lists.count < SW_URIS_MAX && want->uris[lists.count] != NULL) {
        uris[lists.count] = span_str(want->uris[lists.count]);
        lists.count++;
    }
    if (lists.count == 0)
        return;
    wr_init(&out, room, sizeof(room));
    must(xml_resource_lists_write(&out, &lists));
    add_part(r, XML_RESOURCE_LISTS_TYPE, in_arena(w, &out));
}

static void add_token(
    struct subs_world *w, const struct sw_want *want, struct sip_request *r)
{
    const char *token = want->token;
    struct xml_mcptt_info info = {.encrypted = false};
    uint8_t room[4096];
    struct wr out;

    if (token == NULL && want->who != NULL)
        token = sw_token(w, want->who, want->token_s);
    if (token == NULL)
        return;
    info.token = span_str(token);
    wr_init(&out, room, sizeof(room));
    must(xml_mcptt_info_write(&out, &info));
    add_part(r, XML_MCPTT_INFO_TYPE, in_arena(w, &out));
}

static struct span or_else(const char *text, const char *other)
{
    return span_str(text != NULL ? text : other);
}

uint64_t sw_send(
    struct subs_world *w, struct sw_device *device, const struct sw_want *want)
{
    struct sip_request r = {.id = ++w->last_request,
        .method = span_str("SUBSCRIBE"),
        .uri = span_str(VAULT_GMS),
        .from_uri = span_str("sip:whoever@example.org"), /* says nothing */
        .from_tag = span_str(device->tag),
        .to_uri = span_str(VAULT_GMS),
        .to_tag = span_str(device->to_tag),
        .call_id = span_str(device->call_id),
        .cseq = ++device->cseq,
        .contact = span_str(device->contact),
        .event = or_else(want->event, GMS_EVENT_PACKAGE),
        .event_id = or_else(want->event_id, ""),
        .has_expires = want->has_expires,
        .expires_s = want->expires_s,
        .asserted = or_else(want->asserted, ""),
        .address = or_else(want->address, SW_CORE),
        .access = or_else(want->access, "")};

    for (; r.accept_count < 4 && want->accept[r.accept_count] != NULL;
         r.accept_count++)
        r.accepts[r.accept_count] = span_str(want->accept[r.accept_count]);
    r.has_accept = r.accept_count > 0;
    add_token(w, want, &r);
    add_list(w, want, &r);
    if (want->part.type.len > 0)
        r.parts[r.part_count++] = want->part;
    fake_agent_request(w->agent, &r);
    return r.id;
}

const struct fake_answer *sw_subscribe(
    struct subs_world *w, struct sw_device *device, const struct sw_want *want)
{
    uint64_t id = sw_send(w, device, want);
    const struct fake_answer *answer;

    sw_run(w);
    answer = fake_agent_said(w->agent, id);
    CU_ASSERT_PTR_NOT_NULL_FATAL(answer);
    if (answer->status == 200)
        (void)snprintf(
            device->to_tag, sizeof(device->to_tag), "%s", answer->to_tag);
    return answer;
}

/* ---------------------------------------------------------------------- NOTIFY
 */

struct fake_ask *sw_asked(struct subs_world *w)
{
    CU_ASSERT_EQUAL_FATAL(fake_agent_open(w->agent), 1);
    return fake_agent_asked(w->agent);
}

void sw_answer(struct subs_world *w, unsigned status)
{
    fake_agent_outcome(w->agent, sw_asked(w), status);
    sw_run(w);
}

void sw_answer_all(struct subs_world *w, unsigned status)
{
    struct fake_ask *ask;

    sw_run(w);
    while ((ask = fake_agent_asked(w->agent)) != NULL) {
        fake_agent_outcome(w->agent, ask, status);
        sw_run(w);
    }
    fake_agent_tidy(w->agent);
}

/* The body, or its first part: behind the part's head, before the next
 * delimiter. */
static struct span first_part(struct fake_ask *ask)
{
    const char *text = mu_arena_text(&ask->arena, ask->ask.body), *end;

    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    if (strcmp(ask->ask.type, XML_XCAP_DIFF_TYPE) == 0)
        return span_str(text);
    CU_ASSERT_EQUAL_FATAL(strncmp(ask->ask.type, "multipart/mixed", 15), 0);
    text = strstr(text, "\r\n\r\n");
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    text += 4;
    end = strstr(text, "\r\n--");
    CU_ASSERT_PTR_NOT_NULL_FATAL(end);
    return (struct span){(const uint8_t *)text, (size_t)(end - text)};
}

void sw_diff(struct fake_ask *ask, struct xml_xcap_diff *out)
{
    struct xml_fault fault;

    must(xml_xcap_diff_read(first_part(ask), &ask->arena, &fault, out));
    CU_ASSERT(span_eq(out->root, span_str(SW_ROOT)));
}

const struct xml_xcap_item *sw_item(
    const struct xml_xcap_diff *diff, const char *sel)
{
    for (size_t i = 0; i < diff->count; i++)
        if (span_eq(diff->items[i].sel, span_str(sel)))
            return &diff->items[i];
    return NULL;
}

bool sw_is(const struct fake_ask *ask, const char *state)
{
    return strncmp(ask->ask.state, state, strlen(state)) == 0;
}
