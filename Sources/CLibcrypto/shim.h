#pragma once
// The step-by-step SHA256_* keep their state in a plain struct; OpenSSL 3 calls them old, not wrong.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>

/// A public key made of named parameters; NULL when they make none. The names must outlive the call.
static inline EVP_PKEY *piste_public_key(const char *kind, OSSL_PARAM *parameters) {
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, kind, NULL);
    if (context != NULL && EVP_PKEY_fromdata_init(context) == 1
        && EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1) {
        key = NULL;
    }
    EVP_PKEY_CTX_free(context);
    ERR_clear_error();
    return key;
}

/// An RSA public key of its modulus and its exponent, big-endian; NULL when they make none.
static inline EVP_PKEY *piste_rsa_key(
    const unsigned char *modulus, size_t modulus_count, const unsigned char *exponent, size_t exponent_count) {
    EVP_PKEY *key = NULL;
    BIGNUM *n = BN_bin2bn(modulus, (int)modulus_count, NULL);
    BIGNUM *e = BN_bin2bn(exponent, (int)exponent_count, NULL);
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    if (n != NULL && e != NULL && builder != NULL
        && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) == 1
        && OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) == 1) {
        OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
        if (parameters != NULL) key = piste_public_key("RSA", parameters);
        OSSL_PARAM_free(parameters);
    }
    OSSL_PARAM_BLD_free(builder);
    BN_free(n);
    BN_free(e);
    return key;
}

/// A public key on a curve ("prime256v1", "secp384r1") of a point, uncompressed; NULL when it is none of the curve.
static inline EVP_PKEY *piste_ec_key(const char *curve, unsigned char *point, size_t count) {
    char name[32] = {0};
    for (size_t index = 0; curve[index] != 0 && index + 1 < sizeof name; index++) name[index] = curve[index];
    OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, name, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, count),
        OSSL_PARAM_construct_end(),
    };
    return piste_public_key("EC", parameters);
}

/// The DER form of an ECDSA signature that is two numbers of `half` bytes; the length, or 0. `der` has room for 120 bytes.
static inline int piste_ecdsa_der(const unsigned char *numbers, int half, unsigned char *der) {
    int count = 0;
    ECDSA_SIG *signature = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(numbers, half, NULL);
    BIGNUM *s = BN_bin2bn(numbers + half, half, NULL);
    if (signature != NULL && r != NULL && s != NULL && ECDSA_SIG_set0(signature, r, s) == 1) {
        // They belong to the signature now.
        r = s = NULL;
        unsigned char *place = der;
        count = i2d_ECDSA_SIG(signature, &place);
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(signature);
    return count < 0 ? 0 : count;
}

/// Whether the key's owner made the signature over the message's digest; with `pss`, RSA's padding is PSS and its salt as long
/// as the digest.
static inline int piste_is_valid(
    EVP_PKEY *key, const EVP_MD *digest, int pss, const unsigned char *signature, size_t signature_count,
    const unsigned char *message, size_t message_count) {
    EVP_PKEY_CTX *parameters = NULL;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int valid = context != NULL && EVP_DigestVerifyInit(context, &parameters, digest, NULL, key) == 1
        && (!pss
            || (EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1
                && EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1))
        && EVP_DigestVerify(context, signature, signature_count, message, message_count) == 1;
    EVP_MD_CTX_free(context);
    // What libcrypto had against it stays in a queue of the thread, and would be told to whoever asks next.
    ERR_clear_error();
    return valid;
}
