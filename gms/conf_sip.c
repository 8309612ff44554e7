/* SPDX-License-Identifier: Apache-2.0 */
/* The options of what members reach by SIP. */
#include "gms/conf_sip.h"

static const char *const transport_words[] = {"udp", "tcp", "tls", NULL};

static const struct mu_conf_option sip_listen_options[] = {
    MU_CONF_CHOICE(struct gms_conf_sip_listen, transport, transport_words, NULL,
        "How messages come."),
    MU_CONF_ADDR(struct gms_conf_sip_listen, listen, NULL,
        "Numeric address and port; port 0: a free one."),
};

static const struct mu_conf_table sip_listen_table =
    MU_CONF_TABLE(struct gms_conf_sip_listen, sip_listen_options);

static const struct mu_conf_option sip_options[] = {
    MU_CONF_LIST(struct gms_conf_sip, listens, &sip_listen_table, 0, 8,
        "Ports of the SIP user agent; without any there is none, and members "
        "fetch their documents unasked."),
    MU_CONF_STR(struct gms_conf_sip, user, "\"gms\"", 1, 64,
        "The part before @ of our Contact."),
    MU_CONF_PATH(struct gms_conf_sip, tls_dir, "\"\"",
        "Folder with agent.pem (certificate and key) and cafile.pem, for "
        "listeners with tls, which is TLS 1.2: both sides show certificates "
        "by those authorities."),
    MU_CONF_STRS(struct gms_conf_sip, trusted, "[ ]", 0, 64,
        "Numeric addresses of the SIP core, whose P-Asserted-Identity is "
        "believed; by TCP or TLS, since a datagram can have any address."),
    MU_CONF_STR(struct gms_conf_sip, xcap_root, "\"\"", 0, 255,
        "URL of our XCAP root as members know it, with a slash at its end: "
        "what a NOTIFY names."),
    MU_CONF_INT(struct gms_conf_sip, expires_least_s, MU_CONF_SECONDS, "60", 1,
        86400, "Shortest subscription; shorter is answered 423."),
    MU_CONF_INT(struct gms_conf_sip, expires_s, MU_CONF_SECONDS, "3600", 1,
        604800, "Subscription of one who does not say how long."),
    MU_CONF_INT(struct gms_conf_sip, expires_most_s, MU_CONF_SECONDS, "86400",
        1, 604800, "Longest one; longer is shortened."),
    MU_CONF_INT(struct gms_conf_sip, token_grace_s, MU_CONF_SECONDS, "0", 0,
        86400, "How long a subscription may outlive its token."),
    MU_CONF_INT(struct gms_conf_sip, min_interval_ms, MU_CONF_MS, "5000", 0,
        600000,
        "Between two NOTIFYs of a subscription; one with a key does not wait."),
    MU_CONF_INT(struct gms_conf_sip, retry_least_ms, MU_CONF_MS, "1000", 10,
        600000, "Until a NOTIFY that was put off is tried again, at least."),
    MU_CONF_INT(struct gms_conf_sip, retry_most_ms, MU_CONF_MS, "60000", 10,
        3600000, "And at most, after many failures."),
    MU_CONF_INT(struct gms_conf_sip, answer_ms, MU_CONF_MS, "32000", 1000,
        600000,
        "How long a NOTIFY may go without an answer; then the "
        "subscription has ended."),
    MU_CONF_INT(struct gms_conf_sip, urgent_answer_ms, MU_CONF_MS, "4000", 100,
        600000,
        "The same at first for a key in an emergency, imminent peril or after "
        "an exclusion, over TCP or TLS; then it is sent again, for twice and "
        "then four times as long, 8 times in all (exclusion: 3)."),
    MU_CONF_BOOL(struct gms_conf_sip, deactivate, "false",
        "At SIGTERM, send all subscribers elsewhere: they are terminated with "
        "reason deactivated, and the next start knows none of them."),
    MU_CONF_BOOL(struct gms_conf_sip, mikey_part, "false",
        "Bring new keys along in a NOTIFY as parts application/mikey (adapter "
        "mikey-part), to who subscribes to his key documents."),
    MU_CONF_BOOL(struct gms_conf_sip, message, "false",
        "Bring keys by SIP MESSAGE, too (adapter message): no standard says "
        "so, it is for tests with peers."),
    MU_CONF_STR(struct gms_conf_sip, message_proxy, "\"\"", 0, 255,
        "SIP URI of the next hop of such a MESSAGE; empty: it goes to the "
        "contact of the member's subscription."),
    MU_CONF_STRS(struct gms_conf_sip, redirect_kmss, "[ ]", 0, 64,
        "URIs of KMSs to which a member's 488 (KMS redirect) may move him; the "
        "certificate of each has to be here as well (kds.other_kmss)."),
    MU_CONF_INT(struct gms_conf_sip, subscriptions, MU_CONF_NUMBER, "20000", 1,
        1000000, "Subscriptions at once."),
    MU_CONF_INT(struct gms_conf_sip, subscriptions_each, MU_CONF_NUMBER, "16",
        1, 10000, "Of one identity: its devices."),
    MU_CONF_INT(struct gms_conf_sip, octets_per_s, MU_CONF_OCTETS, "0", 0,
        4294967295, "Budget of all NOTIFYs in a second; 0: no limit."),
    MU_CONF_INT(struct gms_conf_sip, burst, MU_CONF_OCTETS, "65536", 1,
        4294967295, "At once after a quiet spell."),
    MU_CONF_INT(struct gms_conf_sip, area_octets_per_s, MU_CONF_OCTETS, "0", 0,
        4294967295,
        "The same for each access area (P-Access-Network-Info of a trusted "
        "core, "
        "or the address); 0: no limit."),
    MU_CONF_INT(struct gms_conf_sip, area_burst, MU_CONF_OCTETS, "16384", 1,
        4294967295, "At once after a quiet spell."),
    MU_CONF_INT(struct gms_conf_sip, pending, MU_CONF_NUMBER, "4096", 1, 65536,
        "Requests not yet answered; others are answered 503."),
    MU_CONF_INT(struct gms_conf_sip, idle_ms, MU_CONF_MS, "1800000", 1000,
        86400000,
        "How long a connection may be idle before it is closed; who is "
        "subscribed is called again."),
    MU_CONF_INT(struct gms_conf_sip, message_max, MU_CONF_OCTETS, "262144",
        4096, 16777216, "Largest SIP message."),
};

const struct mu_conf_table gms_conf_sip_table =
    MU_CONF_TABLE(struct gms_conf_sip, sip_options);

static const struct mu_conf_option csk_options[] = {
    MU_CONF_INT(struct gms_conf_csk, keys, MU_CONF_NUMBER, "20000", 1, 1000000,
        "Keys derived from members' CSKs that are kept, in memory."),
    MU_CONF_INT(struct gms_conf_csk, keys_each, MU_CONF_NUMBER, "4", 1, 64,
        "Those of one member; the oldest goes for a new one."),
    MU_CONF_INT(struct gms_conf_csk, keep_s, MU_CONF_SECONDS, "86400", 60,
        2592000, "How long one is kept, if it does not end before."),
    MU_CONF_INT(struct gms_conf_csk, wait_ms, MU_CONF_MS, "8000", 100, 30000,
        "How long a SUBSCRIBE waits for the vault to open its CSK; then it is "
        "a 503."),
    MU_CONF_INT(struct gms_conf_csk, waiting, MU_CONF_NUMBER, "2048", 1, 65536,
        "SUBSCRIBEs that may wait so at once; more are a 503."),
    MU_CONF_INT(struct gms_conf_csk, failures_per_s, MU_CONF_NUMBER, "10", 0,
        1000000,
        "CSKs and encrypted tokens from one source (whom a trusted core "
        "asserts, "
        "or an address) that may fail each second; after more its CSKs are a "
        "480 for a while. 0: all."),
    MU_CONF_INT(struct gms_conf_csk, failure_burst, MU_CONF_NUMBER, "200", 1,
        1000000, "The same at once after a quiet time."),
    MU_CONF_INT(struct gms_conf_csk, per_s, MU_CONF_NUMBER, "200", 0, 1000000,
        "CSKs that the vault looks at each second; 0: all."),
    MU_CONF_INT(struct gms_conf_csk, burst, MU_CONF_NUMBER, "4000", 1, 1000000,
        "The same at once after a quiet time."),
    MU_CONF_INT(struct gms_conf_csk, each_per_s, MU_CONF_NUMBER, "1", 0,
        1000000,
        "CSKs that it opens each second of one member, by his signature; 0: "
        "all."),
    MU_CONF_INT(struct gms_conf_csk, each_burst, MU_CONF_NUMBER, "20", 1,
        1000000, "The same at once after a quiet time."),
};

const struct mu_conf_table gms_conf_csk_table =
    MU_CONF_TABLE(struct gms_conf_csk, csk_options);
