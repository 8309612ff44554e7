/* SPDX-License-Identifier: Apache-2.0 */
/*
 * api_openapi.h - the OpenAPI document of /v1, gms/openapi.json as it is.
 */
#ifndef GMS_API_OPENAPI_H
#define GMS_API_OPENAPI_H

extern const char gms_api_openapi_text[]; /* a C string */

#endif
