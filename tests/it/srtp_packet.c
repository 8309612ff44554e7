/* SPDX-License-Identifier: Apache-2.0 */
/*
 * srtp_packet.c - one SRTP packet of a group call, by libsrtp2, for scripts:
 *
 *   srtp_packet seal GMK GMK-ID RAND SENDER < SPEECH
 *                              the sender's: prints the packet in hex
 *   srtp_packet open GMK RAND PACKET
 *                              a listener's: prints what was said; exit 1 when
 *                              the packet is not good under that key
 *
 * Who listens knows the group key alone. Whose the stream is says the MKI,
 * GMK-ID || GUK-ID of the sender (TS 33.180 clause 7.4.2), and from that follow
 * his keys. AEAD_AES_128_GCM; that the roll-over counter goes along (RCCm3) is
 * left out, as it has nothing to do with keys.
 */
#include <srtp2/srtp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "mcptt/srtp.h"

#define HEAD_LEN   12
#define MKI_LEN    8
#define TAG_LEN    16
#define SPEECH_MAX 512
#define PACKET_MAX (HEAD_LEN + SPEECH_MAX + SRTP_MAX_TRAILER_LEN)
#define MASTER_LEN 28 /* key and salt */

static const uint8_t head[HEAD_LEN] = {
    0x80, 0x60, 0x12, 0x34, 0, 0, 0, 1, 0xca, 0xfe, 0xba, 0xbe};

static void must(bool holds, const char *what)
{
    if (holds)
        return;
    (void)fprintf(stderr, "srtp_packet: %s\n", what);
    exit(1);
}

static void read_hex(const char *text, uint8_t *out, size_t cap, size_t *len)
{
    must(mu_hex_read(span_str(text), out, cap, len) == MU_OK, text);
}

/* What one stream is protected with, in the form that libsrtp2 takes. */
struct stream {
    struct mcptt_key gmk;
    uint8_t rand[UINT8_MAX];
    size_t rand_len;
    uint8_t master[MASTER_LEN], mki[MKI_LEN];
    srtp_t session;
};

static void read_key(struct stream *s, const char *gmk, const char *random)
{
    uint8_t octets[MCPTT_KEY_LEN];
    size_t len = 0;

    read_hex(gmk, octets, sizeof(octets), &len);
    must(len == sizeof(octets), "a GMK has 16 octets");
    mcptt_key_set(&s->gmk, MCPTT_KIND_GMK, octets);
    read_hex(random, s->rand, sizeof(s->rand), &s->rand_len);
}

static void derive(struct stream *s)
{
    struct mcptt_srtp_source source = {.key = &s->gmk,
        .rand = {s->rand, s->rand_len},
        .cs_id = MCPTT_CS_MCPTT_GROUP};
    struct mcptt_srtp keys;
    struct rd r;

    rd_init(&r, (struct span){s->mki + MCPTT_KEY_ID_LEN, MCPTT_KEY_ID_LEN});
    source.csb_id.v = rd_u32(&r, "GUK-ID");
    must(mcptt_srtp_derive(&source, &keys) == MU_OK, "keys");
    memcpy(s->master, keys.key.b, sizeof(keys.key.b));
    memcpy(s->master + sizeof(keys.key.b), keys.salt.b, sizeof(keys.salt.b));
    mcptt_srtp_clear(&keys);
}

static void open_session(struct stream *s, srtp_ssrc_type_t direction)
{
    srtp_master_key_t master = {s->master, s->mki, MKI_LEN};
    srtp_master_key_t *masters[] = {&master};
    srtp_policy_t policy;

    memset(&policy, 0, sizeof(policy));
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
    srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    policy.ssrc.type = direction;
    policy.keys = masters;
    policy.num_master_keys = 1;
    must(srtp_init() == srtp_err_status_ok, "libsrtp2");
    must(srtp_create(&s->session, &policy) == srtp_err_status_ok, "a session");
}

static void close_session(struct stream *s)
{
    (void)srtp_dealloc(s->session);
    (void)srtp_shutdown();
    mcptt_key_clear(&s->gmk);
    mu_wipe(s->master, sizeof(s->master));
}

/* GMK-ID, and the identifier under which the sender knows the key. */
static void set_mki(struct stream *s, const char *gmk_id, const char *sender)
{
    struct mcptt_key_id id, guk_id;
    struct mcptt_gmk gmk;
    size_t len = 0;
    struct rd r;
    struct wr w;

    read_hex(gmk_id, s->mki, sizeof(s->mki), &len);
    must(len == MCPTT_KEY_ID_LEN, "a GMK-ID has 4 octets");
    rd_init(&r, (struct span){s->mki, len});
    id.v = rd_u32(&r, "GMK-ID");
    memcpy(gmk.b, s->gmk.b, sizeof(gmk.b));
    must(mcptt_guk_id_derive(&gmk, id, span_str(sender), &guk_id) == MU_OK,
        sender);
    mcptt_gmk_clear(&gmk);
    wr_init(&w, s->mki + len, MCPTT_KEY_ID_LEN);
    mcptt_key_id_write(&w, guk_id);
}

static int seal(char **arg)
{
    uint8_t packet[PACKET_MAX];
    char hex[MU_HEX_LEN(PACKET_MAX)];
    struct stream s = {.rand_len = 0};
    int len;

    memcpy(packet, head, HEAD_LEN);
    len = HEAD_LEN + (int)fread(packet + HEAD_LEN, 1, SPEECH_MAX, stdin);
    read_key(&s, arg[0], arg[2]);
    set_mki(&s, arg[1], arg[3]);
    derive(&s);
    open_session(&s, ssrc_any_outbound);
    must(srtp_protect_mki(s.session, packet, &len, 1, 0) == srtp_err_status_ok,
        "the packet cannot be protected");
    close_session(&s);
    mu_hex_write((struct span){packet, (size_t)len}, hex);
    (void)puts(hex);
    return 0;
}

/* The MKI is at the end of the packet: an AEAD has its tag before that (RFC
 * 7714 clause 13.2). */
static int open_packet(char **arg)
{
    uint8_t packet[PACKET_MAX];
    struct stream s = {.rand_len = 0};
    srtp_err_status_t status;
    size_t octets = 0;
    int len;

    read_key(&s, arg[0], arg[1]);
    read_hex(arg[2], packet, sizeof(packet), &octets);
    must(octets > HEAD_LEN + TAG_LEN + MKI_LEN, "the packet is too short");
    memcpy(s.mki, packet + octets - MKI_LEN, MKI_LEN);
    derive(&s);
    open_session(&s, ssrc_any_inbound);
    len = (int)octets;
    status = srtp_unprotect_mki(s.session, packet, &len, 1);
    close_session(&s);
    must(status != srtp_err_status_auth_fail, "the packet is not authentic");
    must(status == srtp_err_status_ok, "the packet cannot be opened");
    (void)fwrite(packet + HEAD_LEN, 1, (size_t)len - HEAD_LEN, stdout);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 6 && strcmp(argv[1], "seal") == 0)
        return seal(argv + 2);
    if (argc == 5 && strcmp(argv[1], "open") == 0)
        return open_packet(argv + 2);
    (void)fputs("usage: srtp_packet seal GMK GMK-ID RAND SENDER < SPEECH\n"
                "       srtp_packet open GMK RAND PACKET\n",
        stderr);
    return 2;
}
