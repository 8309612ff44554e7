-- The store of gmsd at schema version 3, as commit d5b00b1 made it: its steps, then
-- rows written by hand. What is sealed has the right form and no key in it.
PRAGMA application_id = 1735226212;
CREATE TABLE fence (uri BLOB PRIMARY KEY, epoch INTEGER NOT NULL, version
    INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE document (uri BLOB NOT NULL UNIQUE, xui BLOB NOT NULL, name BLOB
    NOT NULL, etag BLOB NOT NULL, reduced_etag BLOB NOT NULL, version INTEGER
    NOT NULL, created_ms INTEGER NOT NULL, changed_ms INTEGER NOT NULL, text
    BLOB NOT NULL, UNIQUE (xui, name));
CREATE TABLE grp (uri BLOB PRIMARY KEY, present INTEGER NOT NULL, keyed
    INTEGER NOT NULL, disabled INTEGER NOT NULL, deleted_ms INTEGER NOT NULL,
    settings BLOB NOT NULL, ids BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE holder (grp BLOB NOT NULL, uri BLOB NOT NULL, kms BLOB NOT NULL,
    PRIMARY KEY (grp, uri)) WITHOUT ROWID;
CREATE INDEX holder_uri ON holder (uri, grp);
CREATE TABLE key_id (id INTEGER PRIMARY KEY);
CREATE TABLE gmk (id INTEGER PRIMARY KEY REFERENCES key_id (id), grp BLOB NOT
    NULL, epoch INTEGER NOT NULL, state INTEGER NOT NULL, made_ms INTEGER NOT
    NULL, activation_s INTEGER NOT NULL, expiry_s INTEGER NOT NULL, due_ms
    INTEGER NOT NULL, reason BLOB NOT NULL, sealed BLOB NOT NULL, UNIQUE (grp,
    epoch));
CREATE TABLE delivery (id INTEGER PRIMARY KEY AUTOINCREMENT, gmk INTEGER NOT
    NULL, grp BLOB NOT NULL, member BLOB NOT NULL, kms BLOB NOT NULL, period
    INTEGER NOT NULL, revocation INTEGER NOT NULL, class INTEGER NOT NULL,
    state INTEGER NOT NULL, tries INTEGER NOT NULL, next_ms INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL, guk_id INTEGER NOT NULL, envelope BLOB NOT
    NULL, message BLOB NOT NULL, UNIQUE (gmk, member, kms, period,
    revocation));
CREATE INDEX gmk_live ON gmk (state) WHERE state < 5;
CREATE INDEX delivery_queue ON delivery (state, class, id);
CREATE INDEX delivery_count ON delivery (gmk, revocation, state);
CREATE INDEX delivery_member ON delivery (member, grp);
CREATE INDEX delivery_grp ON delivery (grp, state);
CREATE INDEX delivery_due ON delivery (next_ms) WHERE next_ms > 0;
CREATE TABLE intent (id INTEGER PRIMARY KEY AUTOINCREMENT, grp BLOB NOT NULL,
    kind INTEGER NOT NULL, cause INTEGER NOT NULL, gmk INTEGER NOT NULL,
    has_gmk INTEGER NOT NULL, not_before_ms INTEGER NOT NULL, who BLOB NOT
    NULL, actor BLOB NOT NULL);
CREATE INDEX intent_grp ON intent (grp);
CREATE TABLE once (actor BLOB NOT NULL, key BLOB NOT NULL, request BLOB NOT
    NULL, status INTEGER NOT NULL, expires_ms INTEGER NOT NULL, body BLOB NOT
    NULL, PRIMARY KEY (actor, key));
CREATE INDEX once_expires ON once (expires_ms);
CREATE TABLE event (seq INTEGER PRIMARY KEY AUTOINCREMENT, at_ms INTEGER NOT
    NULL, name BLOB NOT NULL, grp BLOB NOT NULL, json BLOB NOT NULL);
CREATE TABLE blob (name BLOB PRIMARY KEY, octets BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE subscription (id INTEGER PRIMARY KEY, who BLOB NOT NULL, asserted
    INTEGER NOT NULL, token_expires_s INTEGER NOT NULL, expires_ms INTEGER NOT
    NULL, event_id BLOB NOT NULL, dialog BLOB NOT NULL, watch BLOB NOT NULL);
ALTER TABLE grp ADD COLUMN condition INTEGER NOT NULL DEFAULT 0;
ALTER TABLE grp ADD COLUMN urgent_until_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE holder ADD COLUMN standing INTEGER NOT NULL DEFAULT 0;
INSERT INTO fence VALUES (CAST('sip:incident-42@groups.example.org' AS BLOB), 2, 3);
INSERT INTO fence VALUES (CAST('sip:closed@groups.example.org' AS BLOB), 7, 9);
INSERT INTO document (uri, xui, name, etag, reduced_etag, version, created_ms, changed_ms, text) VALUES (CAST('sip:incident-42@groups.example.org' AS BLOB), CAST('sip:alice@example.org' AS BLOB), CAST('incident-42.xml' AS BLOB), CAST('e3' AS BLOB), CAST('r1' AS BLOB), 3, 1764244800000, 1764248400000, CAST('<?xml version="1.0"?>
<group xmlns="urn:oma:xml:poc:list-service"><list-service uri="sip:incident-42@groups.example.org"/></group>
' AS BLOB));
INSERT INTO grp (uri, present, keyed, disabled, deleted_ms, settings, ids) VALUES (CAST('sip:incident-42@groups.example.org' AS BLOB), 1, 1, 0, 0, CAST('{"grace_s":20}' AS BLOB), CAST('sip:incident-42@groups.example.org
' AS BLOB));
INSERT INTO holder (grp, uri, kms) VALUES (CAST('sip:incident-42@groups.example.org' AS BLOB), CAST('sip:alice@example.org' AS BLOB), CAST('kms.example.org' AS BLOB));
INSERT INTO holder (grp, uri, kms) VALUES (CAST('sip:incident-42@groups.example.org' AS BLOB), CAST('sip:bob@example.org' AS BLOB), CAST('kms.example.org' AS BLOB));
INSERT INTO holder (grp, uri, kms) VALUES (CAST('sip:incident-42@groups.example.org' AS BLOB), CAST('sip:carol@example.net' AS BLOB), CAST('kms.example.net' AS BLOB));
INSERT INTO key_id VALUES (16909060);
INSERT INTO key_id VALUES (168496141);
INSERT INTO key_id VALUES (33752069);
INSERT INTO gmk VALUES (16909060, CAST('sip:incident-42@groups.example.org' AS BLOB), 1, 5, 1764244800000, 1764244805, 1764331200, 0, CAST('created' AS BLOB), X'');
INSERT INTO gmk VALUES (168496141, CAST('sip:incident-42@groups.example.org' AS BLOB), 2, 2, 1764248400000, 1764248405, 1764334800, 1764334800000, CAST('removed' AS BLOB), X'015eb63bbbe01eeed049ac5de219edae62f9fdeea0fc3f3af48fd832f22fac50820ac11174d6e068bd227ba5f2c6c9109fe5c44a0696f393379607493a377f522ee27d9a7ae3227d8908f225fe08e94a5b1da2da4079fcd1a7');
INSERT INTO delivery (id, gmk, grp, member, kms, period, revocation, class, state, tries, next_ms, changed_ms, guk_id, envelope, message) VALUES (11, 168496141, CAST('sip:incident-42@groups.example.org' AS BLOB), CAST('sip:alice@example.org' AS BLOB), CAST('kms.example.org' AS BLOB), 1514, 0, 4, 2, 1, 0, 1764248401000, 185339150, X'015eb63bbbe01eeed0d3b312d075aa2af7614f71875aceb218b92a98484347a708c232cf0c97d5500be82ee6ac890fc8759eea2c7632919e2d898e9adbc14e3c69e9a35f6d19984548d266df8b2f4f7533fc2c45878272fc9db8eea1d693d751f026de61c67b607d31371dbe3de3a3552b621e0df30ab128ff574ee69aaa1955ee5c19390862bede505aefe12f7652667678bea76b29a0611b306cf630289a57fc76de0a5944e631eee565018284054ebf640c8cf57920d5b6169d7791cbfde8ea79d78eda29cbb9819d7dea9ab1cfaab2de27b788f3786d8313d08d85afb252ba5c2f32c01d843102b8e5c55e47758f5843d465d96906f6a9948dd9447af5793e891fa3086b5a1687024b26d6aae43b0b41f8c1088c8c1a7467b925517f0141104b52f1eb50559c9dadf0cfc5f88aa1744daac040a04b29a3b967f644265ca7f64788bb9556839fd10a', CAST('message to alice' AS BLOB));
INSERT INTO delivery (id, gmk, grp, member, kms, period, revocation, class, state, tries, next_ms, changed_ms, guk_id, envelope, message) VALUES (12, 168496141, CAST('sip:incident-42@groups.example.org' AS BLOB), CAST('sip:bob@example.org' AS BLOB), CAST('kms.example.org' AS BLOB), 1514, 0, 4, 1, 2, 0, 1764248401000, 202182159, X'015eb63bbbe01eeed0f866c015c699efaa1217821ae6ca8ad5890dd4a3fe54f65dd4510a6c0958b2333968cfa1ef688016f135838a8bdd6a571455ac1fa93bd16316ad2a824d2fad7e1c163a3f67fb68317292977815506d9904d60bad58b41388c219c7941a12ff38f2131cab58fd38a2a2f4befecbe0125d7705bad65f74e46e406c625d41fb3c6abfbda53ede1ad6f2dfcecc1052e65ec5226c3e02fca50de507549d4ae4d458a375e2fa0cd2e0c2085dee03e60ac3e1414810db8177ed94448cb0fc768cb82b8a6cf9e6f6c7a23a2ea59605420b71a0e9f8bda3a403843bc1ac3aa086baac425326cb4f064d2fb13650d634d7c8de19367df58a2ca9a5bdb92c4ed122edada84e95f9a9a05a30498f219271a61be57e49603712123c87a99a7f284483159b534da37e8ad18e7b9bac54a8e504a678567b42619ad33d641cd8a16eb1f81644363023', CAST('message to bob' AS BLOB));
INSERT INTO delivery (id, gmk, grp, member, kms, period, revocation, class, state, tries, next_ms, changed_ms, guk_id, envelope, message) VALUES (13, 168496141, CAST('sip:incident-42@groups.example.org' AS BLOB), CAST('sip:carol@example.net' AS BLOB), CAST('kms.example.net' AS BLOB), 1514, 0, 4, 0, 0, 1764248402000, 1764248401000, 0, X'', X'');
INSERT INTO intent VALUES (5, CAST('sip:incident-42@groups.example.org' AS BLOB), 0, 0, 0, 0, 1764248500000, X'', CAST('sip:alice@example.org' AS BLOB));
INSERT INTO once VALUES (CAST('sip:alice@example.org' AS BLOB), CAST('key-1' AS BLOB), X'1f58b9145b24d108d7ac38887338b3ea3229833b9c1e418250343f907bfd1047', 201, 1764334800000, CAST('{"uri":"sip:incident-42@groups.example.org"}' AS BLOB));
INSERT INTO event VALUES (40, 1764244800000, CAST('group.created' AS BLOB), CAST('sip:incident-42@groups.example.org' AS BLOB), CAST('{}' AS BLOB));
INSERT INTO event VALUES (41, 1764248400000, CAST('key.activated' AS BLOB), CAST('sip:incident-42@groups.example.org' AS BLOB), CAST('{"epoch":2}' AS BLOB));
INSERT INTO blob VALUES (CAST('kms.keys' AS BLOB), CAST('what the KMS client brought' AS BLOB));
INSERT INTO subscription (id, who, asserted, token_expires_s, expires_ms, event_id, dialog, watch) VALUES (3, CAST('sip:bob@example.org' AS BLOB), 0, 1764252000, 1764255600000, CAST('e-77' AS BLOB), CAST('dialog' AS BLOB), CAST('watch' AS BLOB));
UPDATE grp SET condition = 2, urgent_until_ms = 1764252000000;
UPDATE holder SET standing = 2 WHERE uri = CAST('sip:bob@example.org' AS BLOB);
PRAGMA user_version = 3;
