#pragma once
// The step-by-step SHA256_* keep their state in a plain struct; OpenSSL 3 calls them old, not wrong.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/sha.h>
