/* SPDX-License-Identifier: Apache-2.0 */
#include "sip/command.h"

#include "base/alloc.h"
#include "sip/agent.h"

#define TEXTS_ROOM 4096 /* of names and numbers */

struct sip_command *sip_command_new(enum sip_order order, size_t room)
{
    struct sip_command *c = mu_alloc(sizeof(*c));

    if (c == NULL)
        return NULL;
    c->order = order;
    mu_arena_init(&c->arena, room);
    return c;
}

void sip_command_free(struct sip_command *c)
{
    sip_event_free(c->outcome);
    mu_arena_clear(&c->arena);
    mu_free(c);
}

static enum mu_err copy_text(
    struct mu_arena *arena, const char *text, const char **out)
{
    if (text == NULL)
        return MU_OK;
    *out = mu_arena_text(arena, span_str(text));
    return mu_arena_err(arena);
}

static enum mu_err copy_answer(
    struct sip_command *c, const struct sip_answer *answer)
{
    struct sip_answer *a = &c->answer;

    *a = *answer;
    TRY(copy_text(&c->arena, answer->to_tag, &a->to_tag));
    TRY(copy_text(&c->arena, answer->allow, &a->allow));
    TRY(copy_text(&c->arena, answer->warning, &a->warning));
    TRY(copy_text(&c->arena, answer->allow_events, &a->allow_events));
    TRY(copy_text(&c->arena, answer->type, &a->type));
    a->body = mu_arena_copy(&c->arena, answer->body);
    return mu_arena_err(&c->arena);
}

static enum mu_err copy_ask(struct sip_command *c, const struct sip_ask *ask)
{
    struct sip_ask *a = &c->ask;

    *a = *ask;
    TRY(sip_dialog_copy(&ask->dialog, &c->arena, &a->dialog));
    TRY(copy_text(&c->arena, ask->method, &a->method));
    TRY(copy_text(&c->arena, ask->event, &a->event));
    TRY(copy_text(&c->arena, ask->state, &a->state));
    TRY(copy_text(&c->arena, ask->accept, &a->accept));
    TRY(copy_text(&c->arena, ask->type, &a->type));
    a->body = mu_arena_copy(&c->arena, ask->body);
    return mu_arena_err(&c->arena);
}

/* The command with its texts, or none. */
static enum mu_err end(
    struct sip_command *c, enum mu_err err, struct sip_command **out)
{
    if (err != MU_OK)
        sip_command_free(c);
    else
        *out = c;
    return err;
}

enum mu_err sip_command_answer(
    uint64_t request, const struct sip_answer *answer, struct sip_command **out)
{
    struct sip_command *c =
        sip_command_new(SIP_ORDER_ANSWER, TEXTS_ROOM + answer->body.len);

    if (c == NULL)
        return MU_E_NO_MEMORY;
    c->request = request;
    return end(
        c, copy_answer(c, answer) == MU_OK ? MU_OK : MU_E_NO_MEMORY, out);
}

enum mu_err sip_command_ask(const struct sip_ask *ask, struct sip_command **out)
{
    struct sip_command *c = sip_command_new(SIP_ORDER_ASK,
        TEXTS_ROOM + (6 + SIP_ROUTES_MAX) * (size_t)SIP_TEXT_MAX +
            ask->body.len);

    if (c == NULL)
        return MU_E_NO_MEMORY;
    return end(c, copy_ask(c, ask), out);
}
