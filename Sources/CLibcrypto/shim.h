#pragma once
// The step-by-step SHA256_* keep their state in a plain struct; OpenSSL 3 calls them old, not wrong.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

// A macro of macros, which Swift does not see.
static const int piste_evp_public_key = EVP_PKEY_PUBLIC_KEY;

// libcrypto keeps the addresses of these names, and Swift's own texts would be gone by then.
static const char *const piste_rsa_modulus = OSSL_PKEY_PARAM_RSA_N;
static const char *const piste_rsa_exponent = OSSL_PKEY_PARAM_RSA_E;
static const char *const piste_group_name = OSSL_PKEY_PARAM_GROUP_NAME;
static const char *const piste_public_point = OSSL_PKEY_PARAM_PUB_KEY;
static const char *const piste_p256 = "prime256v1";
