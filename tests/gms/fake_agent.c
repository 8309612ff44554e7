/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/gms/fake_agent.h"

#include <CUnit/CUnit.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/alloc.h"

#define ROOM (4U << 20) /* octets of one request */

struct sip_agent *fake_agent_new(void)
{
    struct sip_agent *agent = mu_alloc(sizeof(*agent));

    CU_ASSERT_PTR_NOT_NULL_FATAL(agent);
    agent->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    CU_ASSERT_FATAL(agent->fd >= 0);
    agent->end = &agent->first;
    return agent;
}

static void ask_free(struct fake_ask *ask)
{
    mu_arena_clear(&ask->arena);
    mu_free(ask);
}

void fake_agent_free(struct sip_agent *agent)
{
    struct fake_ask *ask, *next;

    if (agent == NULL)
        return;
    for (size_t i = 0; i < agent->event_count; i++)
        sip_event_free(agent->events[i]);
    for (ask = agent->first; ask != NULL; ask = next) {
        next = ask->next;
        ask_free(ask);
    }
    (void)close(agent->fd);
    mu_free(agent);
}

/* --------------------------------------------------------------------- events
 */

static struct sip_event *event_new(void)
{
    struct sip_event *event = mu_alloc(sizeof(*event));

    CU_ASSERT_PTR_NOT_NULL_FATAL(event);
    mu_arena_init(&event->arena, ROOM);
    return event;
}

void sip_event_free(struct sip_event *event)
{
    if (event == NULL)
        return;
    mu_arena_clear(&event->arena);
    mu_free(event);
}

static void give(struct sip_agent *agent, struct sip_event *event)
{
    const uint64_t one = 1;

    CU_ASSERT_EQUAL_FATAL(mu_arena_err(&event->arena), MU_OK);
    CU_ASSERT_FATAL(agent->event_count < 64);
    agent->events[agent->event_count++] = event;
    CU_ASSERT_EQUAL_FATAL(write(agent->fd, &one, sizeof(one)), sizeof(one));
}

static void copy(struct mu_arena *arena, struct span *text)
{
    if (text->len > 0)
        *text = mu_arena_copy(arena, *text);
}

static void copy_each(struct mu_arena *arena, struct span *texts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        copy(arena, &texts[i]);
}

void fake_agent_request(
    struct sip_agent *agent, const struct sip_request *request)
{
    struct sip_event *event = event_new();
    struct sip_request *r = &event->request;
    struct span *const texts[] = {&r->method, &r->uri, &r->from_uri,
        &r->from_tag, &r->to_uri, &r->to_tag, &r->call_id, &r->contact,
        &r->event, &r->event_id, &r->asserted, &r->state, &r->reason,
        &r->address};

    *r = *request;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        copy(&event->arena, texts[i]);
    copy_each(&event->arena, r->routes, r->route_count);
    copy_each(&event->arena, r->accepts, r->accept_count);
    for (size_t i = 0; i < r->part_count; i++) {
        copy(&event->arena, &r->parts[i].type);
        copy(&event->arena, &r->parts[i].id);
        copy(&event->arena, &r->parts[i].body);
    }
    agent->stats.requests++;
    give(agent, event);
}

void fake_agent_outcome_of(struct sip_agent *agent, struct fake_ask *ask,
    const struct sip_outcome *outcome)
{
    struct sip_event *event = event_new();

    CU_ASSERT_FALSE_FATAL(ask->answered);
    ask->answered = true;
    event->is_outcome = true;
    event->outcome = *outcome;
    event->outcome.id = ask->ask.id;
    copy(&event->arena, &event->outcome.type);
    copy(&event->arena, &event->outcome.body);
    agent->stats.answered++;
    give(agent, event);
}

void fake_agent_outcome(
    struct sip_agent *agent, struct fake_ask *ask, unsigned status)
{
    const struct sip_outcome outcome = {
        .status = status, .unanswered = status == 408};

    fake_agent_outcome_of(agent, ask, &outcome);
}

int sip_agent_fd(const struct sip_agent *agent)
{
    return agent->fd;
}

struct sip_event *sip_agent_next(struct sip_agent *agent)
{
    struct sip_event *event;
    uint64_t count;

    if (agent->event_count == 0) {
        (void)!read(agent->fd, &count, sizeof(count));
        return NULL;
    }
    event = agent->events[0];
    agent->event_count--;
    memmove(agent->events, agent->events + 1,
        agent->event_count * sizeof(struct sip_event *));
    return event;
}

/* -------------------------------------------------------------------- answers
 */

static void copy_text(char *out, size_t room, const char *text)
{
    (void)snprintf(out, room, "%s", text != NULL ? text : "");
}

enum mu_err sip_agent_answer(
    struct sip_agent *agent, uint64_t id, const struct sip_answer *answer)
{
    struct fake_answer *a =
        &agent->answers[agent->answer_count++ % FAKE_ANSWERS];

    *a = (struct fake_answer){.request = id,
        .status = answer->status,
        .has_expires = answer->has_expires,
        .contact = answer->contact,
        .expires_s = answer->expires_s,
        .retry_after_s = answer->retry_after_s,
        .min_expires_s = answer->min_expires_s};
    copy_text(a->to_tag, sizeof(a->to_tag), answer->to_tag);
    copy_text(a->warning, sizeof(a->warning), answer->warning);
    copy_text(a->allow_events, sizeof(a->allow_events), answer->allow_events);
    return MU_OK;
}

const struct fake_answer *fake_agent_said(
    const struct sip_agent *agent, uint64_t request)
{
    for (size_t i = 0; i < FAKE_ANSWERS && i < agent->answer_count; i++)
        if (agent->answers[i].request == request)
            return &agent->answers[i];
    return NULL;
}

/* ----------------------------------------------------------------------- asks
 */

static const char *text_of(struct mu_arena *arena, const char *text)
{
    return text != NULL ? mu_arena_text(arena, span_str(text)) : NULL;
}

static struct fake_ask *ask_new(const struct sip_ask *from)
{
    struct fake_ask *ask = mu_alloc(sizeof(*ask));

    CU_ASSERT_PTR_NOT_NULL_FATAL(ask);
    mu_arena_init(&ask->arena, ROOM);
    ask->ask = *from;
    CU_ASSERT_EQUAL_FATAL(
        sip_dialog_copy(&from->dialog, &ask->arena, &ask->ask.dialog), MU_OK);
    ask->ask.method = text_of(&ask->arena, from->method);
    ask->ask.event = text_of(&ask->arena, from->event);
    ask->ask.state = text_of(&ask->arena, from->state);
    ask->ask.type = text_of(&ask->arena, from->type);
    copy(&ask->arena, &ask->ask.body);
    CU_ASSERT_EQUAL_FATAL(mu_arena_err(&ask->arena), MU_OK);
    return ask;
}

enum mu_err sip_agent_ask(struct sip_agent *agent, const struct sip_ask *from)
{
    struct fake_ask *ask;

    if (agent->refuses != MU_OK) {
        agent->refused++;
        return agent->refuses;
    }
    ask = ask_new(from);
    *agent->end = ask;
    agent->end = &ask->next;
    agent->stats.asked++;
    if (agent->on_ask != NULL)
        agent->on_ask(agent->ctx, ask);
    return MU_OK;
}

struct fake_ask *fake_agent_asked(const struct sip_agent *agent)
{
    struct fake_ask *ask = agent->first;

    while (ask != NULL && ask->answered)
        ask = ask->next;
    return ask;
}

size_t fake_agent_open(const struct sip_agent *agent)
{
    size_t count = 0;

    for (const struct fake_ask *ask = agent->first; ask != NULL;
         ask = ask->next)
        count += ask->answered ? 0 : 1;
    return count;
}

void fake_agent_tidy(struct sip_agent *agent)
{
    struct fake_ask **link = &agent->first, *ask;

    while ((ask = *link) != NULL)
        if (ask->answered) {
            *link = ask->next;
            ask_free(ask);
        } else {
            link = &ask->next;
        }
    agent->end = link;
}

struct sip_agent_stats sip_agent_stats(const struct sip_agent *agent)
{
    return agent->stats;
}
