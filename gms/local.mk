# SPDX-License-Identifier: Apache-2.0
# libgms.a is the front and what it has in common with the other programs of
# this folder; libvault.a is the vault.
gms_cflags = $(AM_CFLAGS) $(CJOSE_CFLAGS) $(EVENT_CFLAGS) \
	$(JANSSON_CFLAGS) $(SQLITE_CFLAGS) $(SSL_CFLAGS)
gms_sources = \
	%D%/access.c %D%/access.h \
	%D%/adapter.c %D%/adapter.h \
	%D%/api.c %D%/api.h \
	%D%/api_ask.c \
	%D%/api_call.c %D%/api_call.h \
	%D%/api_change.c %D%/api_change.h \
	%D%/api_compromise.c \
	%D%/api_edit.c %D%/api_edit.h \
	%D%/api_events.c \
	%D%/api_form.c %D%/api_form.h \
	%D%/api_groups.c \
	%D%/api_inside.h \
	%D%/api_json.c %D%/api_json.h \
	%D%/api_kek.c \
	%D%/api_keys.c \
	%D%/api_members.c \
	%D%/api_once.c %D%/api_once.h \
	%D%/api_openapi.c %D%/api_openapi.h \
	%D%/api_receipts.c \
	%D%/api_route.c %D%/api_route.h \
	%D%/api_routes.c \
	%D%/api_settings.c \
	%D%/api_urgency.c \
	%D%/api_status.c \
	%D%/api_topics.h \
	%D%/api_undo.c %D%/api_undo.h \
	%D%/audit.c %D%/audit.h \
	%D%/audit_events.c %D%/audit_events.h \
	%D%/audit_read.c %D%/audit_read.h \
	%D%/caller.c %D%/caller.h \
	%D%/conf.c %D%/conf.h \
	%D%/conf_sip.c %D%/conf_sip.h \
	%D%/confine.c %D%/confine.h \
	%D%/csks.c %D%/csks.h \
	%D%/delivery.c %D%/delivery.h \
	%D%/document.c %D%/document.h \
	%D%/domains.c %D%/domains.h \
	%D%/fault.h \
	%D%/front_control.c %D%/front_control.h \
	%D%/front_loop.c %D%/front_loop.h \
	%D%/front_parts.c %D%/front_parts.h \
	%D%/front_routes.c %D%/front_routes.h \
	%D%/front_sip.c %D%/front_sip.h \
	%D%/gmk.c %D%/gmk.h \
	%D%/group.c %D%/group.h \
	%D%/identity.c %D%/identity.h \
	%D%/keeper.c %D%/keeper.h \
	%D%/keeper_agenda.c %D%/keeper_agenda.h \
	%D%/keeper_ask.c \
	%D%/keeper_batch.c \
	%D%/keeper_change.c \
	%D%/keeper_clock.c \
	%D%/keeper_draw.c \
	%D%/keeper_fence.c \
	%D%/keeper_group.c \
	%D%/keeper_in.h \
	%D%/keeper_intent.c \
	%D%/keeper_key.c \
	%D%/keeper_merge.c \
	%D%/keeper_opened.c \
	%D%/keeper_pump.c \
	%D%/keeper_redirect.c \
	%D%/keeper_revoke.c \
	%D%/keeper_rows.c \
	%D%/keeper_server.c \
	%D%/keeper_sign.c \
	%D%/keeper_spare.c \
	%D%/keeper_tell.c \
	%D%/keeper_urgency.c \
	%D%/keeper_wrap.c \
	%D%/keeper_write.c \
	%D%/key_address.c %D%/key_address.h \
	%D%/key_file.c %D%/key_file.h \
	%D%/keydoc.c %D%/keydoc.h \
	%D%/metrics.c %D%/metrics.h \
	%D%/metrics_print.c \
	%D%/policy.c %D%/policy.h \
	%D%/process.h \
	%D%/provision.c %D%/provision.h \
	%D%/redirect.c %D%/redirect.h \
	%D%/reseal.c %D%/reseal.h \
	%D%/rekey.c %D%/rekey.h \
	%D%/settings.c %D%/settings.h \
	%D%/store.h \
	%D%/store_sqlite.c %D%/store_sqlite.h \
	%D%/store_sqlite_delivery.c \
	%D%/store_sqlite_doc.c \
	%D%/store_sqlite_group.c \
	%D%/store_sqlite_intent.c \
	%D%/store_sqlite_kek.c \
	%D%/store_sqlite_key.c \
	%D%/store_sqlite_redirect.c \
	%D%/store_sqlite_rest.c \
	%D%/store_sqlite_sub.c \
	%D%/store_sqlite_tally.c \
	%D%/store_sqlite_urgency.c \
	%D%/store_sqlite_work.c \
	%D%/subs.c %D%/subs.h %D%/subs_inside.h \
	%D%/subs_csk.c \
	%D%/subs_keep.c \
	%D%/subs_look.c \
	%D%/subs_parts.c \
	%D%/subs_post.c \
	%D%/subs_take.c \
	%D%/subs_tell.c \
	%D%/urgency.c %D%/urgency.h \
	%D%/vault/proto.h \
	%D%/vault/proto_answer.c \
	%D%/vault/proto_request.c \
	%D%/vault/record.c %D%/vault/record.h \
	%D%/vault/wire.c %D%/vault/wire.h \
	%D%/vault_link.c %D%/vault_link.h \
	%D%/verify.c %D%/verify.h \
	%D%/verify_facts.c %D%/verify_facts.h \
	%D%/verify_rules.c %D%/verify_rules.h \
	%D%/watched.c %D%/watched.h \
	%D%/work.c %D%/work.h \
	%D%/xcap.c %D%/xcap.h \
	%D%/xcap_answer.c %D%/xcap_ask.h \
	%D%/xcap_groups.c \
	%D%/xcap_keys.c \
	%D%/xcap_match.c %D%/xcap_match.h \
	%D%/xcap_write.c

noinst_LIBRARIES += %D%/libgms.a
%C%_libgms_a_CFLAGS = $(gms_cflags)
%C%_libgms_a_SOURCES = $(gms_sources)

# The same with the points of fault.h, for tests.
check_LIBRARIES += %D%/libgms-fault.a
%C%_libgms_fault_a_CPPFLAGS = $(AM_CPPFLAGS) -DGMS_FAULTS
%C%_libgms_fault_a_CFLAGS = $(gms_cflags)
%C%_libgms_fault_a_SOURCES = $(gms_sources) %D%/fault.c

# api_openapi.c takes the document in with .incbin, from the build tree.
EXTRA_DIST += %D%/openapi.json
CLEANFILES += %D%/openapi.text
%D%/openapi.text: $(srcdir)/%D%/openapi.json
	$(AM_V_GEN)cp $(srcdir)/%D%/openapi.json $@.tmp && mv $@.tmp $@
%D%/libgms_a-api_openapi.$(OBJEXT): %D%/openapi.text
%D%/libgms_fault_a-api_openapi.$(OBJEXT): %D%/openapi.text

# The vault, without its process.
vault_sources = \
	%D%/vault/book.c %D%/vault/book.h \
	%D%/vault/confine.c %D%/vault/confine.h \
	%D%/vault/csk.c %D%/vault/csk.h \
	%D%/vault/desk.c %D%/vault/desk.h \
	%D%/vault/log.c %D%/vault/log.h \
	%D%/vault/order.c %D%/vault/order.h \
	%D%/vault/proof.c %D%/vault/proof.h \
	%D%/vault/reseal.c %D%/vault/reseal.h \
	%D%/vault/rules.c %D%/vault/rules.h \
	%D%/vault/seals.c %D%/vault/seals.h \
	%D%/vault/serve.c %D%/vault/serve.h \
	%D%/vault/stamps.c %D%/vault/stamps.h \
	%D%/vault/state.c %D%/vault/state.h \
	%D%/vault/work.c %D%/vault/work.h
noinst_LIBRARIES += %D%/libvault.a
%C%_libvault_a_CFLAGS = $(AM_CFLAGS) $(SECCOMP_CFLAGS)
%C%_libvault_a_SOURCES = $(vault_sources)

# The same with the points of fault.h, for tests.
check_LIBRARIES += %D%/libvault-fault.a
%C%_libvault_fault_a_CPPFLAGS = $(AM_CPPFLAGS) -DGMS_FAULTS
%C%_libvault_fault_a_CFLAGS = $(AM_CFLAGS) $(SECCOMP_CFLAGS)
%C%_libvault_fault_a_SOURCES = $(vault_sources)

front_libs = \
	kms-client/libkms-client.a \
	kms-client/libenrol.a \
	sip/libsip.a \
	http/libhttp.a \
	xml/libxml.a \
	mcptt/libmcptt.a \
	mikey/libmikey.a \
	base/libconf.a \
	base/libsql.a \
	base/libbase.a \
	$(EVENT_LIBS) $(CURL_LIBS) $(CJOSE_LIBS) $(JANSSON_LIBS) \
	$(LIBCONFIG_LIBS) $(SOFIA_LIBS) $(SQLITE_LIBS) $(XML_LIBS) $(SSL_LIBS) $(CRYPTO_LIBS)

pkglibexec_PROGRAMS += %D%/gmsd-front
%C%_gmsd_front_CFLAGS = $(gms_cflags)
%C%_gmsd_front_SOURCES = %D%/front.c
%C%_gmsd_front_LDADD = %D%/libgms.a $(front_libs)

# The front with the points of fault.h, for tests that have a whole gmsd.
check_PROGRAMS += %D%/gmsd-front-fault
%C%_gmsd_front_fault_CFLAGS = $(gms_cflags)
%C%_gmsd_front_fault_SOURCES = %D%/front.c
%C%_gmsd_front_fault_LDADD = %D%/libgms-fault.a $(front_libs)

pkglibexec_PROGRAMS += %D%/gmsd-vault
%C%_gmsd_vault_SOURCES = %D%/vault/main.c
%C%_gmsd_vault_LDADD = \
	%D%/libvault.a \
	%D%/libgms.a \
	kms-client/libkms-client.a \
	kms-client/libenrol.a \
	http/libhttp.a \
	xml/libxml.a \
	mcptt/libmcptt.a \
	mikey/libmikey.a \
	base/libbase.a \
	$(SECCOMP_LIBS) $(XML_LIBS) $(CRYPTO_LIBS)

# The monitor, what prepares an installation, and the programs that gmsd
# starts: those are not for people, and lie in libexec when installed.
noinst_LIBRARIES += %D%/libmonitor.a
%C%_libmonitor_a_CFLAGS = $(AM_CFLAGS) $(SYSTEMD_CFLAGS)
%C%_libmonitor_a_SOURCES = \
	%D%/installation.c %D%/installation.h \
	%D%/kek.c %D%/kek.h \
	%D%/monitor.c %D%/monitor.h \
	%D%/spawn.c %D%/spawn.h

sbin_PROGRAMS += %D%/gmsd
%C%_gmsd_CPPFLAGS = $(AM_CPPFLAGS) -DGMS_PROGRAMS_DIR='"$(pkglibexecdir)"'
%C%_gmsd_SOURCES = %D%/gmsd.c
%C%_gmsd_LDADD = \
	%D%/libmonitor.a \
	%D%/libgms.a \
	kms-client/libkms-client.a \
	kms-client/libenrol.a \
	mcptt/libmcptt.a \
	mikey/libmikey.a \
	base/libconf.a \
	base/libbase.a \
	$(LIBCONFIG_LIBS) $(SYSTEMD_LIBS) $(CRYPTO_LIBS)

pkglibexec_PROGRAMS += %D%/gmsd-kek
%C%_gmsd_kek_CFLAGS = $(AM_CFLAGS) $(P11KIT_CFLAGS)
%C%_gmsd_kek_SOURCES = %D%/kek_main.c %D%/token.c %D%/token.h
%C%_gmsd_kek_LDADD = %D%/libgms.a base/libbase.a \
	$(P11KIT_LIBS) $(CRYPTO_LIBS)

# The command line over the JSON API.
dist_man_MANS += docs/gmsctl.1
EXTRA_DIST += docs/api.md
bin_PROGRAMS += %D%/gmsctl
%C%_gmsctl_CFLAGS = $(gms_cflags)
%C%_gmsctl_SOURCES = \
	%D%/ctl.c %D%/ctl.h \
	%D%/ctl_commands.h \
	%D%/ctl_conf.c %D%/ctl_conf.h \
	%D%/ctl_follow.c \
	%D%/ctl_group.c \
	%D%/ctl_kek.c \
	%D%/ctl_keys.c \
	%D%/ctl_main.c \
	%D%/ctl_member.c \
	%D%/ctl_ops.c \
	%D%/ctl_settings.c \
	%D%/ctl_table.c \
	%D%/ctl_urgency.c \
	%D%/ctl_verify.c \
	%D%/ctl_watch.c
%C%_gmsctl_LDADD = \
	%D%/libgms.a \
	base/libconf.a \
	http/libhttp.a \
	cli/libcli.a \
	mcptt/libmcptt.a \
	mikey/libmikey.a \
	base/libbase.a \
	$(LIBCONFIG_LIBS) $(CURL_LIBS) $(EVENT_LIBS) $(JANSSON_LIBS) $(SSL_LIBS) \
	$(CRYPTO_LIBS)
dist_man_MANS += docs/gmsd.8 docs/gmsd.conf.5
EXTRA_DIST += debian/gmsd.service
