/* SPDX-License-Identifier: Apache-2.0 */
/*
 * open_message.c - a member opens a key message: libmuster from the octets to
 * the key (docs/ue-developer.md).
 *
 *   open_message KPAK Z RSK KMS SENDER RECEIVER NOW MESSAGE
 *
 * KPAK and Z are the KMS's public keys and RSK is the receiver's own, in hex;
 * KMS, SENDER and RECEIVER are URIs; NOW is Unix time. Prints what the message
 * brings, the key too, which a device would never do.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mcptt/incoming.h"
#include "mcptt/replay.h"
#include "mikey/ntp.h"
#include "tests/examples/args.h"

/* What a device knows of its KMS: from the certificate that the KMS signed. */
static const struct mcptt_period_rule rule = {.length_s = 2592000};

/* In the order of RFC 3830 clause 5.3: nothing that costs much, and nothing
 * that is kept, before it is known whose message it is. */
struct opening {
    struct mcptt_incoming in; /* borrows the message */
    struct mcptt_replay_message once;
    struct mcptt_uid sender, receiver;
};

/* 1. Form. Says who sent it and when, none of which is proven yet. */
static void read_message(struct opening *o, struct span message, uint64_t now_s)
{
    struct mikey_fault fault = {.payload = "message"};
    enum mu_err err = mcptt_incoming_read(message, 0, &o->in, &fault);

    must(err, fault.payload);
    o->once = (struct mcptt_replay_message){.signed_octets = o->in.msg.covered,
        .t_s = mikey_ntp_s(mikey_ts_64(&o->in.msg.ts), (int64_t)now_s),
        .deferred = true}; /* it lay in a document until we came */
}

/* 2. Time and repetition. The cache belongs to the device, not to the message,
 * and outlives a restart; its times count from 1900. */
static void check_replay(
    struct opening *o, struct mcptt_replay *replay, uint64_t now_1900_s)
{
    uint64_t period = 0;

    must(mcptt_period_number(&rule, o->once.t_s, &period), "key period");
    must(mcptt_period_interval(&rule, period, &o->once.period), "key period");
    must(mcptt_replay_check(replay, &o->once, now_1900_s), "replay");
}

/* 3. Identities, in the key period of the message's own timestamp. Only the
 * group server that we expect may send us keys. */
static struct mcptt_uid uid_of(
    const struct opening *o, struct span kms, const char *uri)
{
    const struct mcptt_uid_source source = {
        .identity = span_str(uri), .kms = kms, .rule = rule};
    struct mcptt_uid uid = {{0}};

    must(mcptt_uid_derive_at(&source, o->once.t_s, &uid), uri);
    return uid;
}

/* 4. Signature, then key, then what the message says of it. */
static void open_key(
    const struct opening *o, char **argv, struct mcptt_opened *out)
{
    struct mikey_eccsi_kms *kms = NULL;
    struct mikey_sakke_kms *home = NULL;
    struct mikey_sakke_user *user = NULL;
    struct mikey_fault fault = {.payload = "message"};
    MU_CLEANUP(mikey_rsk_clear) struct mikey_rsk rsk = {{0}};
    struct mcptt_opener opener = {.id = SPAN_OF(o->receiver.b),
        .uri = span_str(argv[6]),
        .keys.initiator_id = SPAN_OF(o->sender.b)};
    enum mu_err err;

    arg_octets(argv[3], rsk.b, sizeof(rsk.b));
    must(mikey_eccsi_kms_new(arg_hex(argv[1]), &kms), "KPAK");
    must(mikey_sakke_kms_new(arg_hex(argv[2]), &home), "Z");
    /* These take two pairings' time: a device makes them once a key period. */
    must(mikey_sakke_user_new(home, opener.id, &rsk, &user), "RSK");
    opener.keys.initiator_kms = kms;
    opener.keys.user = user;
    err = mcptt_incoming_open(&o->in, &opener, out, &fault);
    must(err, fault.rd.field != NULL ? fault.rd.field : fault.payload);
    mikey_sakke_user_free(user);
    mikey_sakke_kms_free(home);
    mikey_eccsi_kms_free(kms);
}

static void print(const struct opening *o, const struct mcptt_opened *opened)
{
    uint64_t from_s = 0, until_s = 0;

    print_key_id("gmk-id", opened->key_id);
    print_key_id("guk-id", o->in.csb_id);
    print_hex("gmk", SPAN_OF(opened->key.b));
    print_hex("rand", o->in.msg.rand.rand);
    (void)printf("revoked %s\n",
        mcptt_key_params_revoked(&opened->params, 0) ? "yes" : "no");
    must(mcptt_key_params_validity(&opened->params,
             o->once.t_s - (uint64_t)MIKEY_NTP_UNIX_S, &from_s, &until_s),
        "validity");
    (void)printf("from %llu\n", (unsigned long long)from_s);
    for (size_t i = 0; i < opened->params.group_count; i++)
        (void)printf("group %.*s\n", (int)opened->params.groups[i].len,
            (const char *)opened->params.groups[i].p);
}

int main(int argc, char **argv)
{
    const struct mcptt_replay_conf conf = {.window_s = MCPTT_REPLAY_WINDOW_S,
        .capacity = 64,
        .start = MCPTT_REPLAY_FIRST,
        .mode = MCPTT_REPLAY_DEFERRED};
    MU_CLEANUP(mcptt_opened_clear)
    struct mcptt_opened opened = {.has_params = false};
    struct mcptt_replay *replay = NULL;
    struct opening o;
    uint64_t now_s, now_1900_s;

    if (argc != 9)
        return 2;
    now_s = strtoull(argv[7], NULL, 10);
    now_1900_s = now_s + (uint64_t)MIKEY_NTP_UNIX_S;
    must(mcptt_replay_new(&conf, now_1900_s, &replay), "replay cache");
    read_message(&o, arg_hex(argv[8]), now_s);
    check_replay(&o, replay, now_1900_s);
    o.sender = uid_of(&o, o.in.initiator.kms, argv[5]);
    o.receiver = uid_of(&o, span_str(argv[4]), argv[6]);
    must(span_eq(o.in.initiator.uri, span_str(argv[5])) ? MU_OK : MU_E_DENIED,
        "sender");
    open_key(&o, argv, &opened);
    must(opened.has_params ? MU_OK : MU_E_MALFORMED, "key parameters");
    /* 5. Now that it is authentic it is remembered; only then is its key of
     * use (follow_keys.c). */
    must(mcptt_replay_add(replay, &o.once, now_1900_s), "replay");
    print(&o, &opened);
    mcptt_replay_free(replay);
    return 0;
}
