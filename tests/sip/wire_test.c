/* SPDX-License-Identifier: Apache-2.0 */
/* A user agent and whoever reaches its ports: octets on the wire. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sip/agent.h"
#include "tests/suites.h"

#define WAIT_MS 60000 /* until a test has failed */

static const struct sip_listen listens[] = {
    {SIP_TCP, "127.0.0.1", 0}, {SIP_UDP, "127.0.0.1", 0}};
static const char *const trusted[] = {"127.0.0.1"};
static const struct sip_agent_config config = {.listens = listens,
    .listen_count = 2,
    .user = "gms",
    .trusted = trusted,
    .trusted_count = 1,
    .pending_max = 16,
    .message_max = 65536,
    .idle_ms = 300};

struct wire {
    struct sip_agent *agent;
    int fd[2]; /* to each of its ports */
};

static void end(struct wire *w)
{
    for (size_t i = 0; i < 2; i++)
        if (w->fd[i] >= 0)
            (void)close(w->fd[i]);
    sip_agent_stop(w->agent);
    sip_library_cleanup();
}

static int connected(const struct sip_agent *agent, size_t listen)
{
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
    } to = {.v4 = {.sin_family = AF_INET,
                .sin_port = htons(sip_agent_port(agent, listen)),
                .sin_addr = {htonl(INADDR_LOOPBACK)}}};
    int fd = socket(AF_INET, listen == 0 ? SOCK_STREAM : SOCK_DGRAM, 0);

    CU_ASSERT_FATAL(fd >= 0);
    CU_ASSERT_EQUAL_FATAL(connect(fd, &to.any, sizeof(to.v4)), 0);
    return fd;
}

static struct wire begin(void)
{
    struct wire w = {NULL, {-1, -1}};

    CU_ASSERT_EQUAL_FATAL(sip_library_init(), MU_OK);
    CU_ASSERT_EQUAL_FATAL(sip_agent_start(&config, &w.agent), MU_OK);
    for (size_t i = 0; i < 2; i++)
        w.fd[i] = connected(w.agent, i);
    return w;
}

static void event_drop(struct sip_event **event)
{
    sip_event_free(*event);
}

static struct sip_event *await(struct sip_agent *agent)
{
    struct sip_event *event = sip_agent_next(agent);
    struct pollfd fd = {.fd = sip_agent_fd(agent), .events = POLLIN};

    while (event == NULL && poll(&fd, 1, WAIT_MS) == 1)
        event = sip_agent_next(agent);
    CU_ASSERT_PTR_NOT_NULL_FATAL(event);
    return event;
}

/* A SUBSCRIBE with more fields, each with its line end, and no body. */
static void subscribe(const struct wire *w, size_t listen, const char *fields)
{
    static unsigned number;
    char text[4096];
    int len;

    number++;
    len = snprintf(text, sizeof(text),
        "SUBSCRIBE sip:gms@127.0.0.1 SIP/2.0\r\n"
        "Via: SIP/2.0/%s 127.0.0.1:9;branch=z9hG4bK%u;rport\r\n"
        "Max-Forwards: 70\r\nFrom: <sip:a@example.org>;tag=1\r\n"
        "To: <sip:gms@example.org>\r\nCall-ID: c%u\r\nCSeq: 1 SUBSCRIBE\r\n"
        "%sContent-Length: 0\r\n\r\n",
        listen == 0 ? "TCP" : "UDP", number, number, fields);
    CU_ASSERT_FATAL(len > 0 && (size_t)len < sizeof(text));
    CU_ASSERT_EQUAL(send(w->fd[listen], text, (size_t)len, 0), (ssize_t)len);
}

/* Anybody can write the core's address on a datagram; a connection he has to
 * have. */
static void a_datagram_asserts_nobody(void)
{
    static const char asserted[] =
        "P-Asserted-Identity: <sip:server@example.org>\r\n"
        "P-Access-Network-Info: 3GPP-GERAN;cgi-3gpp=1, b;network-provided\r\n"
        "Contact: <sip:a@127.0.0.1:9>\r\nEvent: xcap-diff\r\n";
    MU_CLEANUP(end) struct wire w = begin();

    for (size_t i = 0; i < 2; i++) {
        MU_CLEANUP(event_drop) struct sip_event *event = NULL;

        subscribe(&w, i, asserted);
        event = await(w.agent);
        if (event == NULL)
            return;
        CU_ASSERT(span_eq(event->request.event, span_str("xcap-diff")));
        CU_ASSERT(span_eq(event->request.asserted,
            span_str(i == 0 ? "sip:server@example.org" : "")));
        CU_ASSERT(span_eq(event->request.access,
            span_str(i == 0 ? "b;network-provided" : "")));
    }
}

/* Whoever speaks something else on a port and goes leaves nothing behind. */
static void what_is_no_sip_is_closed(void)
{
    static const char other[] = "FOO\r\n\r\n";
    MU_CLEANUP(end) struct wire w = begin();
    struct pollfd fd = {.fd = w.fd[0], .events = POLLIN};
    char octet;

    CU_ASSERT_EQUAL_FATAL(
        send(w.fd[0], other, sizeof(other) - 1, 0), (ssize_t)sizeof(other) - 1);
    CU_ASSERT_EQUAL(shutdown(w.fd[0], SHUT_WR), 0);
    CU_ASSERT_EQUAL_FATAL(poll(&fd, 1, WAIT_MS), 1);
    CU_ASSERT_EQUAL(recv(w.fd[0], &octet, 1, 0), 0);
}

/* What is no SIP URI opens no dialog; of one that is, headers do not count. */
static void strange_contacts_are_no_targets(void)
{
    static const char *const contacts[][2] = {{"*", ""}, {"<tel:+1>", ""},
        {"<http://a.example/>", ""},
        {"<sip:a@127.0.0.1:9?Subject=x>", "sip:a@127.0.0.1:9"}};
    MU_CLEANUP(end) struct wire w = begin();

    for (size_t i = 0; i < sizeof(contacts) / sizeof(contacts[0]); i++) {
        MU_CLEANUP(event_drop) struct sip_event *event = NULL;
        char fields[256];

        (void)snprintf(
            fields, sizeof(fields), "Contact: %s\r\n", contacts[i][0]);
        subscribe(&w, 0, fields);
        event = await(w.agent);
        if (event == NULL)
            return;
        CU_ASSERT(span_eq(event->request.contact, span_str(contacts[i][1])));
    }
}

CU_TestInfo sip_wire_tests[] = {
    {"what is no SIP is closed", what_is_no_sip_is_closed},
    {"strange contacts are no targets", strange_contacts_are_no_targets},
    {"a datagram asserts nobody", a_datagram_asserts_nobody},
    CU_TEST_INFO_NULL,
};
