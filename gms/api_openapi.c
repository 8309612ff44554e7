/* SPDX-License-Identifier: Apache-2.0 */
#include "gms/api_openapi.h"

/* Found from the top of the build tree, where all compilers run. */
__asm__(".section .rodata\n"
        ".globl gms_api_openapi_text\n"
        ".type gms_api_openapi_text, %object\n"
        "gms_api_openapi_text:\n"
        ".incbin \"gms/openapi.text\"\n"
        ".byte 0\n"
        ".size gms_api_openapi_text, . - gms_api_openapi_text\n"
        ".previous\n");
