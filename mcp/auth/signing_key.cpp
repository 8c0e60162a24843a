#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>

#include <mcp/auth/auth_error.h>
#include <mcp/auth/document.h>
#include <mcp/auth/signing_key.h>
#include <mcp/base/base64.h>
#include <mcp/base/digest.h>
#include <mcp/base/json.h>

namespace mcp::auth {
namespace {

template <auto release>
struct Release {
  template <typename T>
  void operator()(T* object) const {
    release(object);
  }
};
using KeyPointer = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Release<EVP_PKEY_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Release<EVP_MD_CTX_free>>;
using Number = std::unique_ptr<BIGNUM, Release<BN_clear_free>>;
using Bio = std::unique_ptr<BIO, Release<BIO_free_all>>;
using ParamBuilder = std::unique_ptr<OSSL_PARAM_BLD, Release<OSSL_PARAM_BLD_free>>;
using Params = std::unique_ptr<OSSL_PARAM, Release<OSSL_PARAM_free>>;
using EcdsaSignature = std::unique_ptr<ECDSA_SIG, Release<ECDSA_SIG_free>>;
using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t coordinate_bytes = 32;

const unsigned char* data_of(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

/// OpenSSL keeps a queue of errors per thread, which others would take for theirs.
[[noreturn]] void fail(const std::string& message) {
  ERR_clear_error();
  throw AuthError(message);
}

Bytes member(const Json& jwk, const char* name, std::size_t size = 0) {
  auto bytes = base64url_decode(required_text(jwk, name, "a JSON Web Key"));
  if (!bytes || (size != 0 && bytes->size() != size)) {
    fail("a JSON Web Key has a \"" + std::string(name) + "\" that is not base64url of " +
         (size == 0 ? std::string("a number") : std::to_string(size) + " bytes"));
  }
  return *std::move(bytes);
}

Number number(const Bytes& bytes) {
  return Number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
}

KeyPointer build(const char* type, bool is_private, OSSL_PARAM_BLD* builder) {
  const Params params(OSSL_PARAM_BLD_to_param(builder));
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) <= 0 ||
      EVP_PKEY_fromdata(context.get(), &key, is_private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
                        params.get()) <= 0) {
    EVP_PKEY_free(key);
    fail("a JSON Web Key holds numbers that are no key");
  }
  KeyPointer owned(key);
  // A point that is not on the curve would let a caller learn about the key.
  const KeyContext check(EVP_PKEY_CTX_new(owned.get(), nullptr));
  if (std::string_view(type) == "EC" && EVP_PKEY_public_check(check.get()) <= 0)
    fail("a JSON Web Key has a point that is not on its curve");
  return owned;
}

KeyPointer rsa_from(const Json& jwk) {
  const Bytes modulus = member(jwk, "n");
  const Bytes exponent = member(jwk, "e");
  if (modulus.size() > 1024 || exponent.size() > 8) fail("a JSON Web Key (RSA) is too large");
  const Number n = number(modulus);
  const Number e = number(exponent);
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, n.get());
  OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, e.get());
  return build("RSA", false, builder.get());
}

KeyPointer p256_from(const Json& jwk) {
  const Bytes x = member(jwk, "x", coordinate_bytes);
  const Bytes y = member(jwk, "y", coordinate_bytes);
  Bytes point{4};  // SEC 1: an uncompressed point
  point.insert(point.end(), x.begin(), x.end());
  point.insert(point.end(), y.begin(), y.end());
  Number secret;
  const ParamBuilder builder(OSSL_PARAM_BLD_new());
  OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
  OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                   point.size());
  if (jwk.contains("d")) {
    secret = number(member(jwk, "d", coordinate_bytes));
    OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_PRIV_KEY, secret.get());
  }
  return build("EC", secret != nullptr, builder.get());
}

KeyPointer ed25519_from(const Json& jwk) {
  const Bytes x = member(jwk, "x", 32);
  KeyPointer key;
  if (jwk.contains("d")) {
    const Bytes d = member(jwk, "d", 32);
    key.reset(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, d.data(), d.size()));
  } else {
    key.reset(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, x.data(), x.size()));
  }
  if (!key) fail("a JSON Web Key (Ed25519) holds no key");
  return key;
}

Bytes big_endian(const EVP_PKEY* key, const char* name, std::size_t size = 0) {
  BIGNUM* value = nullptr;
  if (EVP_PKEY_get_bn_param(key, name, &value) <= 0) fail("a key has no public numbers");
  const Number owned(value);
  Bytes bytes(size == 0 ? static_cast<std::size_t>(BN_num_bytes(value)) : size);
  if (BN_bn2binpad(value, bytes.data(), static_cast<int>(bytes.size())) < 0)
    fail("a key's public number is too large");
  return bytes;
}

Algorithm algorithm_of(const EVP_PKEY* key) {
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      if (EVP_PKEY_get_bits(key) < 2048 || EVP_PKEY_get_bits(key) > 8192)
        fail("an RSA key must have 2048 to 8192 bits, this one has " +
             std::to_string(EVP_PKEY_get_bits(key)));
      return Algorithm::rs256;
    case EVP_PKEY_EC: {
      std::array<char, 64> curve{};
      std::size_t size = 0;
      if (EVP_PKEY_get_group_name(key, curve.data(), curve.size(), &size) <= 0 ||
          std::string_view(curve.data(), size) != "prime256v1")
        fail("an elliptic curve key must be on P-256");
      return Algorithm::es256;
    }
    case EVP_PKEY_ED25519:
      return Algorithm::eddsa;
    default:
      fail("a key must be RSA, P-256 or Ed25519");
  }
}

/// Between DER, which OpenSSL speaks, and the two padded numbers that JWS wants.
std::string joined_from_der(const Bytes& der) {
  const unsigned char* at = der.data();
  const EcdsaSignature signature(d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())));
  Bytes joined(2 * coordinate_bytes);
  if (!signature ||
      BN_bn2binpad(ECDSA_SIG_get0_r(signature.get()), joined.data(), coordinate_bytes) < 0 ||
      BN_bn2binpad(ECDSA_SIG_get0_s(signature.get()), joined.data() + coordinate_bytes,
                   coordinate_bytes) < 0)
    fail("signing failed");
  return {joined.begin(), joined.end()};
}

std::optional<Bytes> der_from_joined(std::string_view joined) {
  if (joined.size() != 2 * coordinate_bytes) return std::nullopt;
  const EcdsaSignature signature(ECDSA_SIG_new());
  Number r(BN_bin2bn(data_of(joined), coordinate_bytes, nullptr));
  Number s(BN_bin2bn(data_of(joined) + coordinate_bytes, coordinate_bytes, nullptr));
  if (ECDSA_SIG_set0(signature.get(), r.get(), s.get()) != 1) return std::nullopt;
  static_cast<void>(r.release());  // the signature's now
  static_cast<void>(s.release());
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  if (size <= 0) return std::nullopt;
  Bytes bytes(der, der + size);
  OPENSSL_free(der);
  return bytes;
}

bool holds_private(const EVP_PKEY* key) {
  if (EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519) {
    std::size_t size = 0;
    return EVP_PKEY_get_raw_private_key(key, nullptr, &size) == 1;
  }
  BIGNUM* secret = nullptr;
  const char* name =
      EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA ? OSSL_PKEY_PARAM_RSA_D : OSSL_PKEY_PARAM_PRIV_KEY;
  const bool found = EVP_PKEY_get_bn_param(key, name, &secret) == 1;
  const Number owned(secret);
  return found;
}

}  // namespace

struct SigningKey::State {
  explicit State(KeyPointer owned)
      : key(std::move(owned)),
        algorithm(algorithm_of(key.get())),
        has_private(holds_private(key.get())) {
    ERR_clear_error();  // looking for a private part leaves an error behind
  }

  KeyPointer key;
  Algorithm algorithm;
  bool has_private;

  const EVP_MD* digest() const { return algorithm == Algorithm::eddsa ? nullptr : EVP_sha256(); }
};

std::string_view name_of(Algorithm algorithm) {
  switch (algorithm) {
    case Algorithm::rs256:
      return "RS256";
    case Algorithm::es256:
      return "ES256";
    case Algorithm::eddsa:
      return "EdDSA";
  }
  return "";
}

SigningKey SigningKey::generate(Algorithm algorithm) {
  KeyPointer key;
  switch (algorithm) {
    case Algorithm::rs256:
      key.reset(EVP_RSA_gen(2048));
      break;
    case Algorithm::es256:
      key.reset(EVP_EC_gen("prime256v1"));
      break;
    case Algorithm::eddsa:
      key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
      break;
  }
  if (!key) fail("no key could be made");
  return SigningKey(std::make_shared<const State>(std::move(key)));
}

SigningKey SigningKey::from_pem(std::string_view pem) {
  if (pem.size() > 65536) fail("a PEM key is larger than 64 KiB");
  // Without this OpenSSL would ask for a passphrase on the terminal.
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };
  const bool is_public = pem.find("-----BEGIN PUBLIC KEY-----") != std::string_view::npos;
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  KeyPointer key(is_public ? PEM_read_bio_PUBKEY(bio.get(), nullptr, no_passphrase, nullptr)
                           : PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  if (!key) fail("a key is no PEM text of a private key without passphrase, or of a public key");
  return SigningKey(std::make_shared<const State>(std::move(key)));
}

SigningKey SigningKey::from_jwk(const Json& jwk) {
  if (!jwk.is_object()) fail("a JSON Web Key is no JSON object");
  const std::string type = required_text(jwk, "kty", "a JSON Web Key");
  const std::string curve = text_member(jwk, "crv", "a JSON Web Key").value_or("");
  KeyPointer key = type == "RSA"                         ? rsa_from(jwk)
                   : type == "EC" && curve == "P-256"    ? p256_from(jwk)
                   : type == "OKP" && curve == "Ed25519" ? ed25519_from(jwk)
                                                         : nullptr;
  if (!key) fail("a JSON Web Key must be RSA, EC with P-256 or OKP with Ed25519");
  return SigningKey(std::make_shared<const State>(std::move(key)));
}

Algorithm SigningKey::algorithm() const noexcept {
  return state_->algorithm;
}

bool SigningKey::is_private() const noexcept {
  return state_->has_private;
}

Json SigningKey::public_jwk() const {
  const EVP_PKEY* key = state_->key.get();
  switch (state_->algorithm) {
    case Algorithm::rs256:
      return {{"kty", "RSA"},
              {"n", base64url_encode(big_endian(key, OSSL_PKEY_PARAM_RSA_N))},
              {"e", base64url_encode(big_endian(key, OSSL_PKEY_PARAM_RSA_E))}};
    case Algorithm::es256:
      return {{"kty", "EC"},
              {"crv", "P-256"},
              {"x", base64url_encode(big_endian(key, OSSL_PKEY_PARAM_EC_PUB_X, coordinate_bytes))},
              {"y", base64url_encode(big_endian(key, OSSL_PKEY_PARAM_EC_PUB_Y, coordinate_bytes))}};
    case Algorithm::eddsa: {
      std::array<std::uint8_t, 32> x{};
      std::size_t size = x.size();
      if (EVP_PKEY_get_raw_public_key(key, x.data(), &size) != 1) fail("a key has no public part");
      return {{"kty", "OKP"}, {"crv", "Ed25519"}, {"x", base64url_encode(x)}};
    }
  }
  return nullptr;
}

std::string SigningKey::thumbprint() const {
  // The members are the required ones, and nlohmann keeps them sorted, as RFC 7638 wants.
  return base64url_encode(sha256(public_jwk().dump()));
}

std::string SigningKey::private_pem() const {
  if (!state_->has_private) fail("a public key has no private part");
  const Bio bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_PKCS8PrivateKey(bio.get(), state_->key.get(), nullptr, nullptr, 0, nullptr,
                                    nullptr) != 1)
    fail("a key can't be written");
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string SigningKey::sign(std::string_view bytes) const {
  if (!state_->has_private) fail("a public key can't sign");
  const DigestContext context(EVP_MD_CTX_new());
  std::size_t size = 0;
  if (EVP_DigestSignInit(context.get(), nullptr, state_->digest(), nullptr, state_->key.get()) <=
          0 ||
      EVP_DigestSign(context.get(), nullptr, &size, data_of(bytes), bytes.size()) <= 0)
    fail("signing failed");
  Bytes signature(size);
  if (EVP_DigestSign(context.get(), signature.data(), &size, data_of(bytes), bytes.size()) <= 0)
    fail("signing failed");
  signature.resize(size);
  if (state_->algorithm == Algorithm::es256) return joined_from_der(signature);
  return {signature.begin(), signature.end()};
}

bool SigningKey::verify(std::string_view bytes, std::string_view signature) const {
  Bytes raw(signature.begin(), signature.end());
  if (state_->algorithm == Algorithm::es256) {
    auto der = der_from_joined(signature);
    if (!der) return false;
    raw = *std::move(der);
  }
  const DigestContext context(EVP_MD_CTX_new());
  const bool good =
      EVP_DigestVerifyInit(context.get(), nullptr, state_->digest(), nullptr, state_->key.get()) >
          0 &&
      EVP_DigestVerify(context.get(), raw.data(), raw.size(), data_of(bytes), bytes.size()) == 1;
  ERR_clear_error();
  return good;
}

}  // namespace mcp::auth
