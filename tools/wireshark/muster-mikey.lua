-- SPDX-License-Identifier: Apache-2.0
--
-- muster-mikey.lua - MIKEY as 3GPP mission-critical services send it.
--
-- A Wireshark plugin for the key messages of TS 33.180 annex E: MIKEY-SAKKE (RFC 6509, on
-- RFC 3830 and RFC 6043) with hidden identities, group policies and key parameters. It takes
-- the place of the built-in dissector on port 2269, for application/mikey bodies and for
-- a=key-mgmt lines (RFC 4567), and opens the messages inside a key document (GKTP, TS 24.481).
-- Fields are called muster_mikey.*; docs/capture.md says how to use it.
--
-- Read it like the codecs: `payloads` has one row per payload, a row is a list of steps, and
-- a step reads one field through a sticky cursor that checks each length before it reads. So
-- no input can raise a Lua error.

local mikey = Proto("muster_mikey", "Multimedia Internet KEYing (3GPP)")
local gktp = Proto("muster_gktp", "3GPP Group Key Transport Payload")

local PORT = 2269
local MAX_PAYLOADS = 64 -- of one message; ours, a key message has about ten
local MAX_MESSAGES = 64 -- of one document; ours

local function expert_info(abbr, name, group, severity)
    return ProtoExpert.new(abbr, name, expert.group[group], expert.severity[severity])
end

local experts = {
    malformed = expert_info("muster_mikey.malformed", "Malformed", "MALFORMED", "ERROR"),
    unsupported = expert_info("muster_mikey.unsupported", "Not decoded", "UNDECODED", "WARN"),
    incomplete = expert_info("muster_mikey.incomplete", "Incomplete", "PROTOCOL", "WARN"),
    unusual = expert_info("muster_mikey.unusual", "Off the profile", "PROTOCOL", "NOTE"),
}

---------------------------------------------------------------------------- code points

local SIGN, T, RAND, SAKKE = 4, 5, 11, 26 -- payloads
local SAKKE_MSG = 26 -- data type

local codes = {
    data_type = { -- 11 to 25 belong to tickets (RFC 6043) and IBAKE (RFC 6267)
        [0] = "Pre-shared", "PSK ver msg", "Public key", "PK ver msg", "D-H init", "D-H resp",
        "Error", "DHHMAC init", "DHHMAC resp", "RSA-R I_MSG", "RSA-R R_MSG",
        [26] = "SAKKE msg" },
    payload = {
        [0] = "Last payload", "KEMAC", "PKE", "DH", "SIGN", "T", "ID", "CERT", "CHASH", "V",
        "SP", "RAND", "ERR", "TR", "IDR", "RANDR", "TP", "TICKET", [20] = "Key data",
        [21] = "General Extension", [22] = "IBAKE", [23] = "ESK", [24] = "SK",
        [25] = "ECCPT", [26] = "SAKKE" },
    prf = { [0] = "MIKEY-1 (HMAC-SHA-1)", "PRF-HMAC-SHA-256" },
    purpose = { [0] = "GMK", "PCK", "CSK", "SPK", "MKFC", "MSCCK", "MuSiK" }, -- 33.180 5.2.2
    map_type = { [0] = "SRTP-ID", "Empty map", "GENERIC-ID" },
    cs_id = { -- TS 33.180 table E.1.3-1
        [0] = "MCPTT private call, initiator", "MCPTT private call, receiver",
        "MCVideo private call, initiator", "MCVideo private call, receiver",
        "MCPTT group call", "MCVideo group call", "MCPTT SRTCP (CSK)",
        "MCPTT SRTCP (MuSiK)", "MCVideo SRTCP (CSK)", "MCVideo SRTCP (MuSiK)" },
    prot = { [0] = "SRTP", "TESLA" },
    off_on = { [0] = "off", "on" },
    ts_type = { [0] = "NTP-UTC", "NTP", "COUNTER", "NTP-UTC-32" },
    ts_role = { "Time of issue (TRi)", "Start of validity (TRs)", "End of validity (TRe)",
        "Rekeying interval (TRr)" },
    id_type = { [0] = "NAI", "URI", "Byte string" },
    id_role = { -- RFC 6043 clause 6.6, RFC 6509 clause 4.4, TS 33.180 clause E.7
        "Initiator (IDRi)", "Responder (IDRr)", "KMS (IDRkms)", "Pre-Shared Key (IDRpsk)",
        "Application (IDRapp)", "Initiator's KMS (IDRkmsi)", "Responder's KMS (IDRkmsr)",
        "Initiator's UID (IDRuidi)", "Responder's UID (IDRuidr)" },
    rand_role = { "Initiator (RANDRi)", "Responder (RANDRr)", "KMS (RANDRkms)" },
    cert_type = { [0] = "X.509v3", "X.509v3 URL", "X.509v3 Sign", "X.509v3 Encr" },
    srtp_encr = { [0] = "NULL", "AES-CM", "AES-F8", "SEED-CTR", "SEED-CCM", "SEED-GCM",
        "AES-GCM", "ARIA-CTR", "ARIA-GCM" },
    srtp_auth = { [0] = "NULL", "HMAC-SHA-1", "RCCm1", "RCCm2", "RCCm3" },
    srtp_prf = { [0] = "AES-CM", "SEED-CTR", "ARIA-CTR" },
    encr_alg = { [0] = "NULL", "AES-CM-128", "AES-KW-128", "AES-CM-256" },
    mac_alg = { [0] = "NULL", "HMAC-SHA-1-160", "HMAC-SHA-256-256" },
    hash = { [0] = "SHA-1", "MD5", "SHA-256" },
    pke_cache = { [0] = "No cache", "Cache", "Cache for CSB" },
    dh_group = { [0] = "OAKLEY 5", "OAKLEY 1", "OAKLEY 2" },
    key_type = { [0] = "TGK", "TGK+SALT", "TEK", "TEK+SALT", "GTGK", "GTGK+SALT", "MPK",
        "K_PR" },
    kv = { [0] = "Null", "SPI/MKI", "Interval" },
    error_no = { [0] = "Auth failure", "Invalid TS", "Invalid PRF", "Invalid MAC",
        "Invalid EA", "Invalid HA", "Invalid DH", "Invalid ID", "Invalid Cert", "Invalid SP",
        "Invalid SPpar", "Invalid DT", "Unspecified error", "Unsupported message type",
        "Invalid TICKET", "Invalid TPpar" },
    s_type = { [0] = "RSA/PKCS#1/1.5", "RSA/PSS", "ECCSI" },
    sakke_params = { "Parameter Set 1" },
    id_scheme = { "tel URI with monthly keys", "3GPP MCX hashed UID" },
    extension = { [0] = "Vendor ID", "SDP IDs", "TESLA I-Key", "Key ID", "CSB_ID",
        "OMA BCAST", "SAKKE-to-self", "3GPP key parameters" },
    key_id_type = { [0] = "MBMS Key Domain ID", "MBMS Service Key ID", "MBMS Traffic Key ID" },
    bcast = { "LTKM", "STKM", "LTKM Reporting", "Parental Control" },
    mcdata_msg = { [3] = "DATA PAYLOAD" }, -- TS 24.282
    aead = { "AEAD_AES_128_GCM", "AEAD_AES_256_GCM", "AEAD_AES_128_CCM",
        "AEAD_AES_256_CCM" }, -- RFC 5116
}

-- Lengths that no octet on the wire tells, by code point (RFC 3830 clauses 6.2, 6.4, 6.6
-- and 6.8, RFC 6043 clause 6).
local ts_len = { [0] = 8, 8, 4, 4 }
local dh_len = { [0] = 192, 96, 128 }
local hash_len = { [0] = 20, 16, 32 }
local mac_len = { [0] = 0, 20, 32 }

----------------------------------------------------------------------------- the cursor

-- Sticky: after the first fault, which is reported with field and offset, take() gives nil.
local reader = {}
reader.__index = reader

function reader.new(tvb, tree)
    return setmetatable({ tvb = tvb, tree = tree, at = 0, to = tvb:len(), got = {},
        fault = false }, reader)
end

function reader:tell(kind, text, ...)
    self.tree:add_proto_expert_info(experts[kind], text:format(...))
end

function reader:refuse(kind, text, ...)
    if not self.fault then
        self:tell(kind, text, ...)
        self.fault = true
    end
end

function reader:more() return not self.fault and self.at < self.to end

-- True if n octets are there. No n: a length that depends on an unknown code point.
function reader:fits(n, name)
    local left = self.to - self.at
    if not n then
        self:refuse("unsupported", "%s at offset %d has an unknown length", name, self.at)
    elseif n > left then
        local cut = self.tvb:reported_len() > self.tvb:len() and " in this capture" or ""
        self:refuse("malformed", "%s at offset %d needs %d, has %d octets%s", name, self.at, n,
            left, cut)
    end
    return not self.fault
end

function reader:take(n, name)
    if not self:fits(n, name) then
        return nil
    end
    self.at = self.at + n
    return self.tvb(self.at - n, n)
end

-- A length is a number, the name of a field read before, or a function of the reader.
function reader:length(len)
    if type(len) == "function" then
        return len(self)
    end
    return type(len) == "string" and self.got[len] or tonumber(len)
end

local function rest(r) return r.to - r.at end

local function by(abbr, lengths)
    return function(r) return lengths[r.got[abbr]] end
end

---------------------------------------------------------------------------------- steps

local fields = {}

local function declare(kind, abbr, name, ...)
    local field = ProtoField[kind]("muster_mikey." .. abbr, name, ...)
    fields[#fields + 1] = field
    return field
end

-- A step for one field; add() puts it into the tree.
local function field(kind, len, add, abbr, name, ...)
    local declared = declare(kind, abbr, name, ...)
    return function(r)
        local n = r:length(len)
        local range = n ~= 0 and r:take(n, name)
        if range then
            add(r, declared, range, abbr)
        end
    end
end

local function add_plain(r, declared, range) r.tree:add(declared, range) end

local function add_uint(r, declared, range, abbr)
    r.got[abbr] = range:uint()
    return r.tree:add(declared, range)
end

local function uint(n, shown)
    return function(abbr, name, names)
        return field("uint" .. 8 * n, n, add_uint, abbr, name, shown, names)
    end
end

local u8, u16 = uint(1, base.DEC), uint(2, base.DEC)
local x8, x16, x32 = uint(1, base.HEX), uint(2, base.HEX), uint(4, base.HEX)

local function octets(abbr, name, len) return field("bytes", len, add_plain, abbr, name) end
local function text(abbr, name, len) return field("string", len, add_plain, abbr, name) end

local function seq(...)
    local steps = { ... }
    return function(r)
        for _, step in ipairs(steps) do
            if not r.fault then
                step(r)
            end
        end
    end
end

-- Bit fields of n octets, most significant first, each { width, abbr, name, code points }.
local function bits(n, ...)
    local rows, at = { ... }, 0
    for _, row in ipairs(rows) do
        row.at, at = at, at + row[1]
        row.field = declare("uint" .. 8 * n, row[2], row[3], base.DEC, row[4],
            (2 ^ row[1] - 1) * 2 ^ (8 * n - at))
    end
    return function(r)
        local range = r:take(n, rows[1][3])
        for _, row in ipairs(range and rows or {}) do
            r.got[row[2]] = range:bitfield(row.at, row[1])
            r.tree:add(row.field, range)
        end
    end
end

-- Steps below a node of their own, which covers what they read.
local function group(abbr, name, ...)
    local field, steps = declare("none", abbr, name), seq(...)
    return function(r)
        local outer, from = r.tree, r.at
        r.tree = outer:add(field, r.tvb(from, r.to - from))
        steps(r)
        r.tree:set_len(r.at - from)
        r.tree = outer
    end
end

-- Steps within the next len octets, which they must use up. A fault in there is reported and
-- stays there: the length says where to go on.
local function inside(len, ...)
    local steps = seq(...)
    return function(r)
        local n, to = r:length(len), r.to
        if not r:fits(n, "Content") then
            return
        end
        r.to = r.at + n
        steps(r)
        if r:more() then
            r:tell("malformed", "%d octets too many at offset %d", r.to - r.at, r.at)
        end
        r.at, r.to, r.fault = r.to, to, false
    end
end

local function choose(abbr, steps, otherwise)
    return function(r)
        local step = steps[r.got[abbr]] or otherwise
        if step then
            step(r)
        end
    end
end

-- Both end: a turn reads an octet or more, or faults.
local function many(step)
    return function(r)
        while r:more() do
            step(r)
        end
    end
end

local function times(abbr, step)
    return function(r)
        local left = r.got[abbr]
        while left > 0 and not r.fault do
            left = left - 1
            step(r)
        end
    end
end

-- Puts the name of a code point into the line of the node.
local function title(abbr, names)
    return function(r)
        r.tree:append_text(": " .. (names[r.got[abbr]] or "type " .. r.got[abbr]))
    end
end

local function expect(holds, complaint)
    return function(r)
        if not holds(r.got) then
            r:tell("unusual", "%s", complaint)
        end
    end
end

-- The top four bits of a key identifier say what the key is for (TS 33.180 clause 5.2.2).
local purpose = declare("uint32", "purpose", "Purpose tag", base.DEC, codes.purpose, 0xf0000000)

local function key_id(abbr, name)
    return field("uint32", 4, function(r, declared, range)
        add_uint(r, declared, range, abbr):add(purpose, range)
    end, abbr, name, base.HEX)
end

-- 32.32 bits since 1900; with the top bit clear it is the next era, which starts in 2036.
local function ntp_time(abbr, name)
    return field("absolute_time", 8, function(r, declared, range)
        local s, fraction = range(0, 4):uint(), range(4, 4):uint()
        local era = s < 0x80000000 and 2 ^ 32 or 0
        local ns = math.floor(fraction * 1e9 / 2 ^ 32)
        r.tree:add(declared, range, NSTime.new(s + era - 2208988800, ns))
    end, abbr, name, base.UTC)
end

-- 40 bits of seconds since 1970 (TS 33.180 clause E.6, TS 24.282).
local function unix_time(abbr, name)
    return field("absolute_time", 5, function(r, declared, range)
        local s = range(0, 1):uint() * 2 ^ 32 + range(1, 4):uint()
        r.tree:add(declared, range, NSTime.new(s, 0))
    end, abbr, name, base.UTC)
end

------------------------------------------------------------------ parts of the payloads

local next_payload = u8("next", "Next payload", codes.payload)

local key_validity = choose("kv", { -- RFC 3830 clause 6.14
    seq(u8("kv.spi_len", "SPI length"), octets("kv.spi", "SPI", "kv.spi_len")),
    seq(u8("kv.from_len", "VF length"), octets("kv.from", "Valid from", "kv.from_len"),
        u8("kv.to_len", "VT length"), octets("kv.to", "Valid to", "kv.to_len")),
})

local timestamp = seq(u8("ts.type", "TS type", codes.ts_type), choose("ts.type", {
    [0] = ntp_time("ts.time", "Time"),
    [1] = ntp_time("ts.local_time", "Time, local"),
}, octets("ts.value", "TS value", by("ts.type", ts_len))))

local id_uri = declare("string", "id.uri", "Identity")
local id_uid = declare("bytes", "id.uid", "UID")

-- A UID is 32 octets under role 8 or 9 (TS 33.180 clause E.7), in older products under 1 or
-- 2, and of ID type "URI" all the same. A URI is printable; older products add a NUL.
local function identity(r)
    local n, role = r.got["id.len"], r.got["id.role"]
    local range = n > 0 and r:take(n, "ID data")
    r.got["id.role"] = nil -- which an ID payload lacks
    if not range then
        return
    end
    local uri = range:raw():match("^([\33-\126]+)\0?$")
    if uri and role ~= 8 and role ~= 9 then
        r.tree:add(id_uri, range, uri)
        r.tree:append_text(", " .. uri)
        return
    end
    r.tree:add(id_uid, range)
    r.tree:append_text(", " .. range:bytes():tohex(true))
    if n ~= 32 then
        r:tell("unusual", "A UID has 32 octets, not %d", n)
    end
end

local id_data = seq(u8("id.type", "ID type", codes.id_type), u16("id.len", "ID length"), identity)

-- SRTP policies by type (RFC 3830 clause 6.10.1, RFC 4771, RFC 7714).
local policies = {
    [0] = { "encr_alg", "Encryption algorithm", codes.srtp_encr },
    { "encr_key_len", "Session encryption key length" },
    { "auth_alg", "Authentication algorithm", codes.srtp_auth },
    { "auth_key_len", "Session authentication key length" },
    { "salt_len", "Session salt key length" },
    { "prf", "SRTP PRF", codes.srtp_prf },
    { "kdr", "Key derivation rate" },
    { "srtp_encr", "SRTP encryption", codes.off_on },
    { "srtcp_encr", "SRTCP encryption", codes.off_on },
    { "fec_order", "Sender's FEC order" },
    { "srtp_auth", "SRTP authentication", codes.off_on },
    { "tag_len", "Authentication tag length" },
    { "prefix_len", "SRTP prefix length" },
    { "roc_rate", "ROC transmission rate" },
    { "srtp_auth_alg", "SRTP authentication algorithm", codes.srtp_auth },
    { "srtcp_auth_alg", "SRTCP authentication algorithm", codes.srtp_auth },
    { "srtp_auth_key_len", "SRTP session authentication key length" },
    { "srtcp_auth_key_len", "SRTCP session authentication key length" },
    { "srtp_tag_len", "SRTP authentication tag length" },
    { "srtcp_tag_len", "SRTCP authentication tag length" },
    { "aead_tag_len", "AEAD authentication tag length" },
}
local policy_names = {}
for kind, row in pairs(policies) do
    policy_names[kind] = row[2]
    row.field = declare("uint32", "sp." .. row[1], row[2], base.DEC, row[3])
end
local policy_octets = declare("bytes", "sp.value", "Value")

-- Integers of as many octets as their length says: the ROC transmission rate has two in
-- RFC 4771, one in shipped products.
local function policy_value(r)
    local n, kind = r.got["sp.value_len"], r.got["sp.type"]
    local range = n > 0 and r:take(n, "Value")
    local row = r.got["sp.prot"] == 0 and n <= 4 and policies[kind] -- TESLA has its own
    if range and row then
        local value = range:uint()
        r.tree:add(row.field, range)
        r.tree:append_text((": %s: %s"):format(row[2], row[3] and row[3][value] or value))
    elseif range then
        r.tree:add(policy_octets, range)
    end
end

local srtp_session = seq(x32("cs.ssrc", "SSRC"),
    choose("cs.s", { seq(x32("cs.roc", "ROC"), u16("cs.seq", "SEQ")) }))
local session = choose("cs.session_len", { [0] = seq() },
    choose("cs.prot", { [0] = srtp_session }, octets("cs.session", "Session data", rest)))

-- An SPI tells what it is by its length (TS 33.180 clauses 7.4.1 and 7.4.2).
local spi = choose("cs.spi_len", {
    [4] = key_id("cs.key_id", "SPI: key ID"),
    [8] = seq(key_id("cs.gmk_id", "SPI: GMK-ID"), key_id("cs.guk_id", "SPI: GUK-ID")),
}, octets("cs.spi", "SPI", rest))

-- CS ID map info: RFC 3830 clause 6.1.1, RFC 4563 clause 5, RFC 6043 clause 6.1.1.
local cs_policy = u8("cs.policy", "Policy number")
local cs_map = choose("map_type", {
    [0] = times("cs_count", group("srtp_id", "Crypto session", cs_policy,
        x32("srtp_id.ssrc", "SSRC"), x32("srtp_id.roc", "ROC"))),
    [1] = seq(),
    [2] = times("cs_count", group("cs", "Crypto session",
        u8("cs.id", "CS ID", codes.cs_id), title("cs.id", codes.cs_id),
        u8("cs.prot", "Protocol", codes.prot),
        bits(1, { 1, "cs.s", "S: ROC and SEQ follow" }, { 7, "cs.policies", "Policies" }),
        times("cs.policies", cs_policy),
        u16("cs.session_len", "Session data length"), inside("cs.session_len", session),
        u8("cs.spi_len", "SPI length"), inside("cs.spi_len", spi))),
}, function(r)
    r:refuse("unsupported", "CS ID map type %d is unknown", r.got.map_type)
end)

local header = group("hdr", "HDR", u8("version", "Version"),
    u8("data_type", "Data type", codes.data_type), next_payload,
    bits(1, { 1, "v", "V: answer wanted" }, { 7, "prf", "PRF function", codes.prf }),
    key_id("csb_id", "CSB ID"), u8("cs_count", "Number of crypto sessions"),
    u8("map_type", "CS ID map type", codes.map_type),
    expect(function(got) return got.v == 0 or got.data_type ~= SAKKE_MSG end,
        "V is set, but a SAKKE message has no answer"),
    expect(function(got) return (got.map_type == 1) == (got.cs_count == 0) end,
        "An empty map stands for no crypto session, and nothing else does"),
    cs_map)

-- RFC 6509 clause 4.2. Parameter set 1: R is a point of 1024-bit coordinates, H 128 bits.
local sakke = seq(
    u8("sakke.params", "SAKKE params", codes.sakke_params),
    u8("sakke.scheme", "ID scheme", codes.id_scheme),
    u16("sakke.len", "SAKKE data length"),
    inside("sakke.len", choose("sakke.params", {
        seq(x8("sakke.prefix", "R prefix"), octets("sakke.x", "R x", 128),
            octets("sakke.y", "R y", 128), octets("sakke.hint", "H", 16)),
    }, octets("sakke.data", "SAKKE data", rest))))

local function all_but_tag(r) return math.max(rest(r) - 16, 0) end

-- Key parameters as MCData Protected Payload (TS 33.180 clauses E.6 and 8.5.4).
local protected = seq(
    bits(1, { 1, "kp.authenticated", "Authenticated" }, { 1, "kp.protected", "Protected" },
        { 6, "kp.type", "Message type", codes.mcdata_msg }),
    unix_time("kp.time", "Date and time"), x32("kp.payload_id", "Payload ID"),
    u8("kp.seq", "Payload sequence number"), u8("kp.alg", "Payload algorithm", codes.aead),
    octets("kp.iv", "IV", 16), key_id("kp.dppk_id", "DPPK-ID"),
    expect(function(got) return got["kp.dppk_id"] == got.csb_id end,
        "The DPPK-ID is not the CSB ID"),
    x8("kp.iei", "Protected payload type"), u16("kp.len", "Length of ciphertext and tag"),
    inside("kp.len", octets("kp.ciphertext", "Ciphertext", all_but_tag),
        octets("kp.tag", "Tag", 16)))

-- Early products sent the content in clear, which starts with a small number.
local in_clear = octets("kp.clear", "Key parameters in clear, an early form", rest)

local function key_parameters(r)
    local early = r:more() and r.tvb(r.at, 1):bitfield(0, 2) == 0;
    (early and in_clear or protected)(r)
end

-- General extensions by type (RFC 3830 clause 6.15, RFC 4563, 4567, 5410, TS 33.180 E.5, E.6).
local extension = choose("ext.type", {
    [0] = octets("ext.vendor", "Vendor ID", rest),
    [1] = text("ext.sdp_ids", "SDP IDs", rest),
    [3] = many(group("key_id", "Key ID", u8("key_id.type", "Type", codes.key_id_type),
        u8("key_id.len", "Length"), octets("key_id.value", "Value", "key_id.len"))),
    [5] = seq(u8("ext.bcast", "Subtype", codes.bcast), octets("ext.bcast_data", "Data", rest)),
    [6] = seq(u8("ext.self_next", "Next payload, ignored"), sakke),
    [7] = key_parameters,
}, octets("ext.data", "Data", rest))

-- RFC 6507 clause 5.2.1.
local signature = choose("sign.type", {
    [2] = seq(octets("sign.r", "r", 32), octets("sign.s", "s", 32),
        octets("sign.pvt", "PVT", 65)),
}, octets("sign.data", "Signature", rest))

-- Key data of these types carries a salt (RFC 3830 clause 6.13, RFC 6043).
local salt = seq(u16("keydata.salt_len", "Salt length"),
    octets("keydata.salt", "Salt", "keydata.salt_len"))
local salted = choose("keydata.type", { [1] = salt, [3] = salt, [5] = salt })

--------------------------------------------------------------------------- the payloads

-- One row a payload, in the order of the wire (RFC 3830 clause 6, RFC 6043 clause 6).
local payloads = {
    [1] = group("kemac", "KEMAC", next_payload,
        u8("kemac.encr_alg", "Encryption algorithm", codes.encr_alg),
        u16("kemac.len", "Encrypted data length"),
        octets("kemac.data", "Encrypted data", "kemac.len"),
        u8("kemac.mac_alg", "MAC algorithm", codes.mac_alg),
        octets("kemac.mac", "MAC", by("kemac.mac_alg", mac_len))),
    [2] = group("pke", "PKE", next_payload,
        bits(2, { 2, "pke.c", "Cache", codes.pke_cache }, { 14, "pke.len", "Data length" }),
        octets("pke.data", "Encrypted envelope key", "pke.len")),
    [3] = group("dh", "DH", next_payload,
        u8("dh.group", "DH group", codes.dh_group),
        octets("dh.value", "DH value", by("dh.group", dh_len)),
        bits(1, { 4, "dh.reserved", "Reserved" }, { 4, "kv", "Key validity", codes.kv }),
        key_validity),
    [SIGN] = group("sign", "SIGN", -- no next payload: always the last
        bits(2, { 4, "sign.type", "Signature type", codes.s_type },
            { 12, "sign.len", "Signature length" }),
        title("sign.type", codes.s_type), inside("sign.len", signature)),
    [T] = group("ts", "T", next_payload, timestamp),
    [6] = group("id", "ID", next_payload, id_data),
    [7] = group("cert", "CERT", next_payload,
        u8("cert.type", "Certificate type", codes.cert_type),
        u16("cert.len", "Certificate length"), octets("cert.data", "Certificate", "cert.len")),
    [8] = group("chash", "CHASH", next_payload,
        u8("chash.func", "Hash function", codes.hash),
        octets("chash.hash", "Hash", by("chash.func", hash_len))),
    [9] = group("ver", "V", next_payload,
        u8("ver.alg", "Authentication algorithm", codes.mac_alg),
        octets("ver.data", "Verification data", by("ver.alg", mac_len))),
    [10] = group("sp", "SP", next_payload,
        u8("sp.policy", "Policy number"), u8("sp.prot", "Protocol", codes.prot),
        u16("sp.len", "Parameters length"),
        inside("sp.len", many(group("sp.param", "Parameter", u8("sp.type", "Type", policy_names),
            u8("sp.value_len", "Length"), policy_value))),
        expect(function(got) return got.map_type ~= 1 end,
        "An SP does not go with an empty map (RFC 4563 clause 5)")),
    [RAND] = group("rand", "RAND", next_payload,
        u8("rand.len", "RAND length"), octets("rand.value", "RAND", "rand.len"),
        expect(function(got) return got["rand.len"] >= 16 end,
        "A RAND has 16 octets or more (RFC 3830 clause 6.11)")),
    [12] = group("err", "ERR", next_payload,
        u8("err.no", "Error number", codes.error_no), x16("err.reserved", "Reserved")),
    [13] = group("tr", "TR", next_payload, u8("tr.role", "TS role", codes.ts_role), timestamp),
    [14] = group("idr", "IDR", next_payload,
        u8("id.role", "ID role", codes.id_role), title("id.role", codes.id_role), id_data),
    [15] = group("randr", "RANDR", next_payload,
        u8("randr.role", "RAND role", codes.rand_role),
        u8("randr.len", "RAND length"), octets("randr.value", "RAND", "randr.len")),
    [20] = group("keydata", "Key data", next_payload,
        bits(1, { 4, "keydata.type", "Key type", codes.key_type },
            { 4, "kv", "Key validity", codes.kv }),
        u16("keydata.len", "Key length"), octets("keydata.key", "Key", "keydata.len"),
        salted, key_validity),
    [21] = group("ext", "General Extension", next_payload,
        u8("ext.type", "Type", codes.extension), title("ext.type", codes.extension),
        u16("ext.len", "Length"), inside("ext.len", extension)),
    [SAKKE] = group("sakke", "SAKKE", next_payload, sakke),
}

local function unknown(r)
    r:refuse("unsupported", "The layout of payload %s at offset %d is unknown",
        codes.payload[r.kind] or r.kind, r.at)
end

local function read_payloads(r)
    local seen = {}
    for _ = 1, MAX_PAYLOADS do
        if r.fault or r.got.next == 0 then
            break
        end
        r.kind, r.got.next = r.got.next, 0 -- as it stays after SIGN
        seen[r.kind] = true;
        (payloads[r.kind] or unknown)(r)
    end
    if r.got.next ~= 0 then
        r:refuse("unsupported", "More than %d payloads", MAX_PAYLOADS)
    end
    if r:more() then
        r:tell("malformed", "%d octets after the last payload, at offset %d", rest(r), r.at)
    end
    for _, kind in ipairs({ T, RAND, SAKKE, SIGN }) do -- RFC 6509 clause 2.2.1
        if r.got.data_type == SAKKE_MSG and not seen[kind] then
            r:tell("incomplete", "No %s payload", codes.payload[kind])
        end
    end
end

local function summary(got)
    local kind = codes.data_type[got.data_type] or "message"
    if not got.csb_id then
        return "MIKEY, cut short"
    end
    if got.data_type == SAKKE_MSG then
        kind = codes.purpose[math.floor(got.csb_id / 2 ^ 28)] or kind
    end
    return ("MIKEY %s, CSB ID 0x%08x"):format(kind, got.csb_id)
end

-- In the line of the packet: all of it on our port, else once behind what the carrier says
-- (the SDP dissector calls twice).
local function show_summary(pinfo, words)
    if pinfo.dst_port == PORT or pinfo.src_port == PORT then
        pinfo.cols.protocol = "MIKEY"
        pinfo.cols.info = words
    elseif not tostring(pinfo.cols.info):find(words, 1, true) then
        pinfo.cols.info:append(" [" .. words .. "]")
    end
end

-- A body in base64 comes from the MIME dissector as it stands. It cannot be taken for a
-- message, whose first octet, the version, is 1.
local function raw_octets(tvb)
    local chars = tvb:len() > 0 and tvb():raw() or ""
    if chars:find("^%w[%w+/=%s]+$") then
        return ByteArray.new(chars:gsub("%s", ""), true):base64_decode():tvb("MIKEY")
    end
    return tvb
end

function mikey.dissector(tvb, pinfo, tree)
    local message = raw_octets(tvb)
    local r = reader.new(message, tree:add(mikey, message()))
    header(r)
    read_payloads(r)
    r.tree:append_text(": " .. summary(r.got))
    show_summary(pinfo, summary(r.got))
    return tvb:len()
end

mikey.fields = fields
mikey.experts = experts

DissectorTable.get("udp.port"):add(PORT, mikey)
DissectorTable.get("tcp.port"):add(PORT, mikey)
DissectorTable.get("media_type"):add("application/mikey", mikey)
DissectorTable.get("key_mgmt"):add("mikey", mikey)

----------------------------------------------------------------- messages within text

-- A GKTP element of TS 24.481 (namespace urn:3gpp:ns:mcpttGKTP:1.0) is one message in
-- hexBinary. Looked for in whatever the XML dissector has seen, so in any HTTP or SIP body;
-- by its local name, since an XCAP fragment (RFC 4825) need not declare the namespace.
local gktp_malformed = expert_info("muster_gktp.malformed", "Malformed", "MALFORMED", "ERROR")
local gktp_attributes = {
    { "id", ProtoField.string("muster_gktp.id", "Key document ID") },
    { "activationtime", ProtoField.string("muster_gktp.activationtime", "Activation time") },
}

gktp.fields = { gktp_attributes[1][2], gktp_attributes[2][2] }
gktp.experts = { gktp_malformed }

local function dissect_element(range, attributes, content, pinfo, tree)
    local node = tree:add(gktp, range)
    for _, row in ipairs(gktp_attributes) do
        local value = attributes:match("%s" .. row[1] .. "%s*=%s*[\"']([^\"']*)")
        if value then
            node:add(row[2], range, value)
        end
    end
    local hex = content:gsub("%s", "")
    if hex == "" or #hex % 2 == 1 or hex:find("%X") then
        node:add_proto_expert_info(gktp_malformed, "The content is not hexBinary")
    else
        mikey.dissector(ByteArray.new(hex):tvb("MIKEY"), pinfo, node)
    end
end

local function dissect_elements(range, pinfo, tree)
    local count = 0
    for from, prefix, attributes, content, to in range:raw():gmatch(
        "()<([%w._-]*:?)GKTP%f[%s>]([^<>]*)>([^<>]*)</[%w._-]*:?GKTP%s*>()") do
        if prefix == "" or prefix:sub(-1) == ":" then
            count = count + 1
            if count > MAX_MESSAGES then
                local node = tree:add(gktp, range)
                return node:add_proto_expert_info(gktp_malformed, "Too many messages")
            end
            dissect_element(range(from - 1, to - from), attributes, content, pinfo, tree)
        end
    end
end

-- The SDP dissector hands on a=key-mgmt lines of a session, but not those of a media line.
local function dissect_key_mgmt(range, pinfo, tree)
    local from = range:raw():match("^mikey +()%S")
    if from then
        mikey.dissector(range(from - 1):tvb(), pinfo, tree)
    end
end

local sources = {
    { Field.new("xml"), dissect_elements },
    { Field.new("sdp.media_attribute.value"), dissect_key_mgmt },
}

function gktp.dissector(_, pinfo, tree)
    for _, source in ipairs(sources) do
        for _, found in ipairs({ source[1]() }) do
            source[2](found.range, pinfo, tree)
        end
    end
end

register_postdissector(gktp)
