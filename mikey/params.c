/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Limbs stand least significant first. That each value is what its name says
 * is a test (tests/mikey/params_test.c), against the printed hexadecimal.
 */
#include "mikey/params.h"

/* clang-format off */
const struct mikey_mod mikey_mod_p = {
    .n = {
        0x666d807afea85feb, 0x80c5df10ac7ace87, 0xfce3e82389857db0,
        0x9f94d6af56971f1f, 0xa7cf3c521c3c09aa, 0xb6aff4a831852a82,
        0x512ac5cd65681ce1, 0xe26c6487326b4cd4, 0x356d27f4a666a6d0,
        0xe791b39ff7c88a19, 0x228730d531a59cb0, 0xf40aab27e2fc0f1b,
        0xbe9ae358b3e01a2e, 0x416c0ce19cb48261, 0x65c61198dad0657a,
        0x997abb1f0a563fda},
    .rr = {
        0xe199c8ceed17b0a1, 0x7ffd8b4be3620f7f, 0xca865d5f4f76e245,
        0x623ff8dc27ecf5cb, 0x229900e1d19bb697, 0xed6aef26ea40c71f,
        0xa3aed42cc906365c, 0x17d461b69eab6451, 0x2009367d7d666da9,
        0x8bcad1dcb63c1d56, 0x5a126231c31a92dc, 0x5fb41b0eb8d94c5b,
        0xc113d394843f623c, 0x5d8d8e74f159f1eb, 0xae4ba7edb5d48c14,
        0x191640b9698af16a},
    .one = {
        0x99927f850157a015, 0x7f3a20ef53853178, 0x031c17dc767a824f,
        0x606b2950a968e0e0, 0x5830c3ade3c3f655, 0x49500b57ce7ad57d,
        0xaed53a329a97e31e, 0x1d939b78cd94b32b, 0xca92d80b5999592f,
        0x186e4c60083775e6, 0xdd78cf2ace5a634f, 0x0bf554d81d03f0e4,
        0x41651ca74c1fe5d1, 0xbe93f31e634b7d9e, 0x9a39ee67252f9a85,
        0x668544e0f5a9c025},
    .n0 = 0x290420077c8f2f3d};

const struct mikey_mod mikey_mod_q = {
    .n = {
        0xd99b601ebfaa17fb, 0x203177c42b1eb3a1, 0xff38fa08e2615f6c,
        0xa7e535abd5a5c7c7, 0xa9f3cf14870f026a, 0x6dabfd2a0c614aa0,
        0x144ab173595a0738, 0x389b1921cc9ad335, 0x4d5b49fd2999a9b4,
        0x39e46ce7fdf22286, 0xc8a1cc354c69672c, 0xbd02aac9f8bf03c6,
        0x6fa6b8d62cf8068b, 0x905b0338672d2098, 0x9971846636b4195e,
        0x265eaec7c2958ff6},
    .rr = {
        0xda18351aab65130d, 0x53d2a86ff2ea3168, 0x9cf2730004b7e984,
        0x7df33bab26caacf6, 0xbd9ffef9a4e7d523, 0xe4baf1d588717ce0,
        0x24b1bbc4bc93533a, 0x9ad2dc261db57a34, 0x422970b3838d8f48,
        0x890491f5401df1e3, 0xf3d2a16bbcb013be, 0x9b9de76d5595e10b,
        0x58d7c6f9f724bb45, 0xb2074f8f97cac807, 0x76271e07c569cadc,
        0x14274810a10f335f},
    .one = {
        0xe65bbf478203701e, 0x3ed73166fd47ca34, 0x04aa23cab1b7c377,
        0x10a0bdf8fe1d5150, 0x04492584d5a5f180, 0x6df81103b5b8403c,
        0x863fd74be7e3d4ad, 0xac5d6935345f0cc1, 0x2fdc4411066605c6,
        0xa4a572900c5330da, 0x4c3536c0358794f6, 0x91efff442b85e957,
        0x6217aafaf22fd8b9, 0x9dddecad94f13c6d, 0x6756e59ab7c767c8,
        0x19c7e751707ea038},
    .n0 = 0xb8a1d17d46eaa4cd};

const struct mikey_point mikey_p = {
    .x = {{
        0xbf9c7ec6e0162bc2, 0xddecc6e310a89289, 0x5d599df09e499d81,
        0x9a96ea286d358218, 0x01aec7d370c5f8db, 0xe72e49958cf5d066,
        0xc2e7297d3e91d7f8, 0x8621db92da9f2f5a, 0x4b26c8675a5679ed,
        0x233385df2c56aac1, 0xb88e74d4c6a13f99, 0x1214b173ffa8ec11,
        0xa0386a271f3f9fef, 0xbd9b1b4ec0e7b44e, 0xafe528dceecd3496,
        0x8dfff96a1c49f80b}},
    .y = {{
        0xb4a4753ac03c0c83, 0x68e69d18abcdcd75, 0xe3839b88f775b649,
        0x803f949abf58f352, 0x5f702679bd0bc15c, 0x85bf5d168ff298c2,
        0x3f6ebd98c6c7976e, 0x20618af445e3e1b4, 0x67d5598e54e64093,
        0xb047283b504fed9e, 0x450cabfd70d87517, 0x47d628bf3f5addbe,
        0x0037ef3078cb4cca, 0x4e148d3c6b1c4908, 0xe256d3294fcfd837,
        0x2aa1207bde3c01f3}}};

const struct mikey_fp mikey_g = {{
    0x170a46d2335c1685, 0xeac9e971e1007a58, 0x40e8f3df43ca4a73,
    0x2646f81582642475, 0x3af49bb4b36576d1, 0xd89e2d1472bf1afb,
    0x27be882c2fd151e6, 0xaddedc858f88717c, 0xd6d859bf16ac6c6f,
    0x0e741a1b2d8eae58, 0x6faf7a0061c1f30d, 0x66dbd09a9b67e096,
    0x21f11c067d3b4f7d, 0x6152ba02c727c98e, 0xafd58891e86cb221,
    0x59e93c6a6bd3baf4}};

const struct mikey_fp mikey_edwards_u = {{
    0xd8fe0e6bd7215603, 0xacb31fc1cef6890d, 0xe3c4257e66c07341,
    0xbc38bb90fd766730, 0x81a0ca8451d5e86d, 0xe7784ab8f0c760dc,
    0x552fddee86c31161, 0x248cdc13797e9306, 0xc8093fca7b2f7924,
    0x9614b7e4de56c46a, 0x9854e3a5a6116fee, 0xd065e1a80e92c50d,
    0xb48d033667a1fed0, 0xe7fc1b7d68098bc3, 0x348b44e2ac7392e5,
    0x3b689456ec36a853}};

const struct mikey_fp mikey_edwards_v = {{
    0x82ec40d18016e1b8, 0xa529764f9005ede8, 0x1af04e4415d4cec2,
    0x049950a3744ca277, 0xe6acb7dcbbdf091c, 0x3b193f5cfee6b5da,
    0xb36ad9bb6870e769, 0x70486389dbbc5649, 0x31915c1835947407,
    0x972777692461b622, 0x4ae931a275690042, 0x5a1d24ef56dd0bb3,
    0xebca9736528652a7, 0xad6e5db6975c5068, 0xeadcfef38370d449,
    0x15394cb012a80da2}};
/* clang-format on */
