# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += %D%/libxml.a
%C%_libxml_a_CFLAGS = $(AM_CFLAGS) $(XML_CFLAGS)
%C%_libxml_a_SOURCES = \
	%D%/c14n.c %D%/c14n.h \
	%D%/cert_key.c %D%/cert_key.h \
	%D%/dsig.h \
	%D%/dsig_form.h \
	%D%/dsig_sign.c \
	%D%/dsig_verify.c \
	%D%/fault.c %D%/fault.h \
	%D%/gktp.c %D%/gktp.h \
	%D%/gmop.c %D%/gmop.h \
	%D%/group_doc.c %D%/group_doc.h \
	%D%/group_model.c %D%/group_model.h \
	%D%/group_reduce.c \
	%D%/group_schema.c %D%/group_schema.h \
	%D%/group_write.c \
	%D%/kms_xml.c %D%/kms_xml.h \
	%D%/kms_cert.c %D%/kms_cert.h \
	%D%/kms_form.c %D%/kms_form.h \
	%D%/kms_krr.c %D%/kms_krr.h \
	%D%/kms_message.h \
	%D%/kms_request.c \
	%D%/kms_response.c \
	%D%/kms_wrap.c %D%/kms_wrap.h \
	%D%/kms_wrapped_set.c %D%/kms_wrapped_set.h \
	%D%/library.c %D%/library.h \
	%D%/mcptt_info.c %D%/mcptt_info.h \
	%D%/mcptt_token.c %D%/mcptt_token.h \
	%D%/parse.c %D%/parse.h \
	%D%/reader.c %D%/reader.h \
	%D%/resource_lists.c %D%/resource_lists.h \
	%D%/resolve.c %D%/resolve.h \
	%D%/schema.c %D%/schema.h \
	%D%/utf8.c %D%/utf8.h \
	%D%/value.c %D%/value.h \
	%D%/writer.c %D%/writer.h \
	%D%/xcap_caps.c %D%/xcap_caps.h \
	%D%/xcap_diff.c %D%/xcap_diff.h \
	%D%/xcap_edit.c %D%/xcap_edit.h \
	%D%/xcap_error.c %D%/xcap_error.h \
	%D%/xcap_node.c %D%/xcap_node.h \
	%D%/xcap_tree.c %D%/xcap_tree.h \
	%D%/xcap_uri.c %D%/xcap_uri.h \
	%D%/xenc.c %D%/xenc.h

# Schemas of our own, also for other people's validators. group_schema.c takes
# those of the group document in with .incbin, so the compiler does not see it.
xml_group_schemas = \
	%D%/schema/common-policy.xsd \
	%D%/schema/extensions.xsd \
	%D%/schema/group.xsd \
	%D%/schema/mcpttgi.xsd \
	%D%/schema/resource-lists.xsd
%D%/libxml_a-group_schema.$(OBJEXT): $(xml_group_schemas)
EXTRA_DIST += $(xml_group_schemas) \
	%D%/schema/gktp.xsd \
	%D%/schema/xcap-caps.xsd \
	%D%/schema/xcap-error.xsd
