/* SPDX-License-Identifier: Apache-2.0 */
#include "xml/xcap_caps.h"

#include "xml/writer.h"

static void write_list(struct xml_writer *x, const char *list, const char *item,
    const char *const *texts)
{
    xml_open(x, list);
    for (; *texts != NULL; texts++)
        xml_leaf(x, item, span_str(*texts));
    xml_end(x);
}

enum mu_err xml_xcap_caps_write(
    struct wr *w, const char *const *auids, const char *const *namespaces)
{
    struct xml_writer x;

    xml_writer_init(&x, w);
    xml_open(&x, "xcap-caps");
    xml_attribute_text(&x, "xmlns", XML_XCAP_CAPS_NS);
    write_list(&x, "auids", "auid", auids);
    write_list(&x, "namespaces", "namespace", namespaces);
    xml_end(&x);
    return xml_writer_close(&x);
}
