/* SPDX-License-Identifier: Apache-2.0 */
/*
 * subs_world.h - subscriptions with all that they stand on: the real store,
 * keeper, group documents and tokens; the vault is the fake one, the SIP agent
 * as well, and time is the test's.
 *
 *     subs_world_init(&w);
 *     sw_put(&w, 0, "ab");
 *     sw_subscribe(&w, &device, &(struct sw_want){
 *         .who = "a", .uris = {sw_keys(0, 'a')}});
 *     sw_answer_all(&w, 200);
 *
 * There are two groups, 0 and 1, whose members are letters as in
 * keeper_world.h. Failures end the running test.
 */
#ifndef TESTS_GMS_SUBS_WORLD_H
#define TESTS_GMS_SUBS_WORLD_H

#include "gms/group.h"
#include "gms/subs.h"
#include "tests/gms/fake_agent.h"
#include "tests/gms/keeper_world.h"
#include "xml/xcap_diff.h"

#define SW_GROUPS 2
#define SW_OWNER  "sip:owner@example.org" /* of both groups' documents */
#define SW_SERVER "sip:server@example.org"
#define SW_ROOT   "https://gms.example.org/xcap/"
#define SW_CORE   "127.0.0.1" /* where requests come from, if nothing is said */

struct subs_world {
    struct keeper_world keeper;
    struct gms_access *access;
    struct gms_groups *groups;
    struct http_auth auth;
    struct http_admit *callers, *failures; /* without a limit */
    struct gms_conf_sip conf;
    struct gms_conf_gktp gktp;
    struct gms_conf_csk csk;
    struct sip_agent *agent;
    struct gms_subs *subs;
    uint64_t last_request;
    unsigned edits; /* of documents; each has a text of its own */
    struct mu_arena arena;
};

/* For CUnit: the vault's world and the issuer of tokens, made once. */
int subs_world_end(void);

void subs_world_init(struct subs_world *w);
void subs_world_clear(struct subs_world *w);
/* Only what makes it up again: the conf was changed, or the process died. */
void subs_world_restart(struct subs_world *w);

/* Until nothing is to be done at this moment. */
void sw_run(struct subs_world *w);
/* Time passes, from one thing that is due to the next. */
void sw_wait(struct subs_world *w, uint64_t ms);

/* ---------------------------------------------------------------- documents */

const char *sw_group(int group); /* its URI */

/* The document of a group with these members; NULL deletes it. Runs. */
void sw_put(struct subs_world *w, int group, const char *members);
void sw_rekey(struct subs_world *w, int group, enum gms_stop stop);

/* Addresses as a subscriber writes them; static, a few at a time. */
const char *sw_document(int group);
const char *sw_owned(int group); /* the same in the owner's tree */
const char *sw_keys(int group, char member);
const char *sw_key_node(int group, char member);
const char *sw_all_keys(char member);
#define SW_ALL_GROUPS "org.openmobilealliance.groups/global/byGroupID/"

/* Rows of deliveries to a member in a state. */
size_t sw_rows(struct subs_world *w, int group, char member,
    enum gms_delivery_state state);

/* ---------------------------------------------------------------- SUBSCRIBE */

#define SW_URIS_MAX 8

/* What stands in a SUBSCRIBE; zero: what is usual, or absent. */
struct sw_want {
    const char *who;   /* of a token: a letter, or a URI */
    const char *token; /* this one instead */
    uint64_t token_s;  /* how long it is good; 0: an hour */
    const char *asserted;
    const char *uris[SW_URIS_MAX]; /* of the list; none: no list */
    const char *list;              /* this one instead */
    const char *event, *event_id;
    const char *accept[4]; /* none: no Accept */
    bool has_expires;
    uint32_t expires_s;
    const char *address;
    const char *access;   /* of P-Access-Network-Info */
    struct sip_part part; /* one more */
};

/* A device: its end of a dialog. Zero, and then as sw_device() says. */
struct sw_device {
    char call_id[24], tag[24], to_tag[64], contact[64];
    uint32_t cseq;
};
void sw_device(struct sw_device *device, unsigned number);

/* Sends it, in the dialog if there is one by now; what is not answered at once
 * is so later. Yields its number. */
uint64_t sw_send(
    struct subs_world *w, struct sw_device *device, const struct sw_want *want);
/* And runs; the answer, which there has to be. */
const struct fake_answer *sw_subscribe(
    struct subs_world *w, struct sw_device *device, const struct sw_want *want);

/* A token; in w->arena. */
const char *sw_token(struct subs_world *w, const char *who, uint64_t for_s);

/* ------------------------------------------------------------------- NOTIFY */

/* The only request that has no outcome. */
struct fake_ask *sw_asked(struct subs_world *w);
/* The outcome of it; runs. */
void sw_answer(struct subs_world *w, unsigned status);
/* Of all that are there and come, until there is none; runs. */
void sw_answer_all(struct subs_world *w, unsigned status);

/* The xcap-diff of a NOTIFY, alone or the first part of its body. */
void sw_diff(struct fake_ask *ask, struct xml_xcap_diff *out);
/* What it says of a thing; NULL: nothing. */
const struct xml_xcap_item *sw_item(
    const struct xml_xcap_diff *diff, const char *sel);
/* Whether its Subscription-State begins so. */
bool sw_is(const struct fake_ask *ask, const char *state);

/* Subscriptions in the store. */
size_t sw_stored(struct subs_world *w);

#endif
