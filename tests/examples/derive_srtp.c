/* SPDX-License-Identifier: Apache-2.0 */
/*
 * derive_srtp.c - who speaks in a group, and with which SRTP keys (TS 33.180
 * clauses 5.2.3 and 7.4.2; docs/ue-developer.md).
 *
 *   derive_srtp GMK GMK-ID RAND SENDER
 *
 * GMK, its identifier and the RAND of its message are in hex; they are the same
 * for all members. SENDER is the URI of the one who speaks: each sends under an
 * identifier of his own, the GUK-ID, and so with keys of his own, which every
 * other member can derive. Prints them, which a device would never do, and the
 * MKI of his packets: | GMK-ID | GUK-ID |.
 */
#include "mcptt/srtp.h"
#include "tests/examples/args.h"

int main(int argc, char **argv)
{
    MU_CLEANUP(mcptt_gmk_clear) struct mcptt_gmk gmk = {{0}};
    MU_CLEANUP(mcptt_key_clear) struct mcptt_key key = {.b = {0}};
    MU_CLEANUP(mcptt_srtp_clear) struct mcptt_srtp srtp = {.key = {{0}}};
    struct mcptt_srtp_source source = {
        .key = &key, .cs_id = MCPTT_CS_MCPTT_GROUP};
    struct mcptt_key_id gmk_id;
    uint8_t mki[2 * MCPTT_KEY_ID_LEN];
    struct wr w;

    if (argc != 5)
        return 2;
    arg_octets(argv[1], gmk.b, sizeof(gmk.b));
    source.rand = arg_hex(argv[3]);
    gmk_id = arg_key_id(argv[2]);
    must(mcptt_guk_id_derive(&gmk, gmk_id, span_str(argv[4]), &source.csb_id),
        "GUK-ID");
    mcptt_key_from_gmk(&gmk, &key);
    must(mcptt_srtp_derive(&source, &srtp), "SRTP");
    wr_init(&w, mki, sizeof(mki));
    mcptt_key_id_write(&w, gmk_id);
    mcptt_key_id_write(&w, source.csb_id);
    print_hex("mki", SPAN_OF(mki));
    print_hex("master-key", SPAN_OF(srtp.key.b));
    print_hex("master-salt", SPAN_OF(srtp.salt.b));
    return 0;
}
