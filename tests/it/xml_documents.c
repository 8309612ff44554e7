/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xml_documents.c - writes one document of the group server to standard
 * output, for xmllint (tests/it/xml_schema_test.sh).
 *
 * xml_documents group | caps | keys | ERROR, where ERROR is an element of RFC
 * 4825 clause 11; xml_documents errors lists those.
 */
#include <stdio.h>
#include <string.h>

#include "xml/gktp.h"
#include "xml/group_doc.h"
#include "xml/xcap_caps.h"
#include "xml/xcap_error.h"
#include "xml/xcap_uri.h"

#define TEXT(s)                                                                \
    {                                                                          \
        (const uint8_t *)(s), sizeof(s) - 1                                    \
    }

static enum mu_err write_group(struct wr *w)
{
    static const struct xml_group_entry entries[] = {
        {.uri = TEXT("sip:pump.seven@mc.muster.example"),
            .display_name = TEXT("Pump <seven>"),
            .type = TEXT("crew"),
            .priority = 5,
            .required = true,
            .mcvideo_id = TEXT("sip:video@mc.muster.example"),
            .mcdata_id = TEXT("sip:data@mc.muster.example")},
        {.uri = TEXT("tel:+441234567"), .receive_only = true},
    };
    static const struct xml_group_template group = {
        .uri = TEXT("sip:inc-0042@groups.muster.example"),
        .display_name = TEXT("Harbour fire"),
        .owner = TEXT("sip:control.one@mc.muster.example"),
        .entries = entries,
        .entry_count = 2,
        .incident = true,
        .protect = true,
        .max_participants = 50,
    };

    return xml_group_write(w, &group);
}

static enum mu_err write_caps(struct wr *w)
{
    static const char *const auids[] = {
        XML_XCAP_AUID_CAPS, XML_XCAP_AUID_GROUPS, XML_GKTP_AUID, NULL};
    static const char *const namespaces[] = {
        XML_XCAP_CAPS_NS, XML_XCAP_ERROR_NS, XML_GROUP_NS, XML_GKTP_NS, NULL};

    return xml_xcap_caps_write(w, auids, namespaces);
}

static enum mu_err write_keys(struct wr *w)
{
    static const struct xml_gktp keys[] = {
        {XML_GKTP_GMK, TEXT("0a1b2c3d"), TEXT(""), 0, TEXT("\x01\x1a\x05")},
        {XML_GKTP_GMK, TEXT("0b2c3d4e"), TEXT(""), 1893553445, TEXT("\x01")},
        {XML_GKTP_MKFC, TEXT("0c3d4e5f"), TEXT("sip:tmp@g"), 0, TEXT("\xff")},
    };

    return xml_gktp_write(w, keys, 3);
}

static enum mu_err write_error(struct wr *w, enum xml_xcap_error_kind kind)
{
    static const struct span alts[] = {TEXT("sip:a@g"), TEXT("sip:b@g")};
    const struct xml_xcap_error error = {
        .kind = kind,
        .phrase = TEXT("a \"phrase\" <for> people & others"),
        .ancestor = TEXT("https://gms.example/u/global/d/~~/g"),
        .field = TEXT("group/list-service/@uri"),
        .alts = alts,
        .alt_count = 2,
    };

    return xml_xcap_error_write(w, &error);
}

static enum mu_err write_named(struct wr *w, const char *name)
{
    if (strcmp(name, "group") == 0)
        return write_group(w);
    if (strcmp(name, "caps") == 0)
        return write_caps(w);
    if (strcmp(name, "keys") == 0)
        return write_keys(w);
    for (int i = 0; i < XML_XCAP_ERRORS; i++)
        if (strcmp(name, xml_xcap_error_name((enum xml_xcap_error_kind)i)) == 0)
            return write_error(w, (enum xml_xcap_error_kind)i);
    return MU_E_NOT_FOUND;
}

int main(int argc, char **argv)
{
    uint8_t room[4096];
    struct span text;
    struct wr w;

    if (argc != 2)
        return 2;
    if (strcmp(argv[1], "errors") == 0) {
        for (int i = 0; i < XML_XCAP_ERRORS; i++)
            (void)puts(xml_xcap_error_name((enum xml_xcap_error_kind)i));
        return 0;
    }
    wr_init(&w, room, sizeof(room));
    if (write_named(&w, argv[1]) != MU_OK || wr_close(&w, &text) != MU_OK)
        return 1;
    return fwrite(text.p, 1, text.len, stdout) == text.len ? 0 : 1;
}
