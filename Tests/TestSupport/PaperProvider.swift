import FoundationEssentials

/// An identity provider that only exists on paper: keys and ID tokens, good and forged, made by Python's PyJWT and cryptography,
/// which know nothing of Piste.
package struct PaperProvider: Sendable {
    package static let issuer = "https://id.acme.example"
    package static let audience = "acme-app"

    /// What becomes of a token after the claims are made.
    package struct Recipe: Encodable, Sendable {
        /// Claims that replace or add to those of a good token; an empty text takes one away.
        package var claims: [String: Claim] = [:]
        /// What the header says: RS256, ES256, HS256 or none.
        package var alg = "RS256"
        /// Which key signs: rsa, ec, other (an RSA key of nobody), weak (RSA, 1024 bits), public (the RSA key's public text as a
        /// secret) or nothing.
        package var key = "rsa"
        /// The key's name in the header; nil leaves it out.
        package var kid: String? = "rsa-1"
        /// More members of the header.
        package var header: [String: Claim] = [:]

        package init(
            _ claims: [String: Claim] = [:], alg: String = "RS256", key: String = "rsa",
            kid: String? = "rsa-1",
            header: [String: Claim] = [:]
        ) {
            (self.claims, self.alg, self.key, self.kid, self.header) = (claims, alg, key, kid, header)
        }
    }

    /// A value of a claim; a `.later` is so many seconds from now.
    package enum Claim: Encodable, Sendable, ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
        ExpressibleByArrayLiteral
    {
        case text(String), truth(Bool), texts([String]), later(Int), absent

        package init(stringLiteral value: String) { self = .text(value) }
        package init(booleanLiteral value: Bool) { self = .truth(value) }
        package init(arrayLiteral elements: String...) { self = .texts(elements) }

        package func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .text(let text): try container.encode(text)
            case .truth(let truth): try container.encode(truth)
            case .texts(let texts): try container.encode(texts)
            case .later(let seconds): try container.encode(["later": seconds])
            case .absent: try container.encode(["absent": true])
            }
        }
    }

    private struct Made: Decodable {
        var keys: String
        var jwks: String
        var tokens: [String]
    }

    private struct Wish: Encodable {
        var keys: String
        var issuer = PaperProvider.issuer
        var audience = PaperProvider.audience
        var recipes: [Recipe]
    }

    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Debian's Python, which has the libraries from packages; else whichever has them.
    package static let python: String? = ["/usr/bin/python3", "/usr/local/bin/python3"].first {
        (try? Program.run($0, ["-c", "import jwt, cryptography"]))?.status == 0
    }

    /// The private keys, for Python alone.
    private let keys: String
    /// The public keys: `rsa-1` and `ec-1`.
    package let jwks: String

    /// Draws fresh keys.
    package init() async throws {
        let made = try await Self.make(Wish(keys: "", recipes: []))
        keys = made.keys
        jwks = made.jwks
    }

    /// Makes tokens for ada@acme.example, valid for ten minutes unless the recipe says otherwise.
    package func tokens(_ recipes: [Recipe]) async throws -> [String] {
        try await Self.make(Wish(keys: keys, recipes: recipes)).tokens
    }

    /// Makes one token.
    package func token(_ claims: [String: Claim] = [:]) async throws -> String {
        try await tokens([Recipe(claims)])[0]
    }

    private static func make(_ wish: Wish) async throws -> Made {
        guard let python else { throw Failure(description: "there is no python3 with jwt and cryptography") }
        let text = String(decoding: try JSONEncoder().encode(wish), as: UTF8.self)
        let ended = try await Program.run(python, ["-B", "-c", script], input: text, limit: .seconds(120))
        guard ended.status == 0 else { throw Failure(description: ended.errors) }
        return try JSONDecoder().decode(Made.self, from: Data(ended.output.utf8))
    }

    private static let script = """
        import base64, hashlib, hmac, json, sys, time, uuid
        import jwt
        from jwt.algorithms import ECAlgorithm, RSAAlgorithm
        from cryptography.hazmat.primitives import hashes, serialization
        from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
        from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

        ask = json.load(sys.stdin)

        def draw(bits):
            return rsa.generate_private_key(public_exponent=65537, key_size=bits)

        def pem(key):
            return key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()

        def b64(data):
            return base64.urlsafe_b64encode(data).rstrip(b"=").decode()

        if ask["keys"]:
            texts = json.loads(ask["keys"])
        else:
            texts = {"rsa": pem(draw(2048)), "other": pem(draw(2048)), "weak": pem(draw(1024)),
                     "ec": pem(ec.generate_private_key(ec.SECP256R1()))}
        keys = {name: serialization.load_pem_private_key(text.encode(), None) for name, text in texts.items()}
        public = keys["rsa"].public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        jwks = {"keys": [
            {**json.loads(RSAAlgorithm.to_jwk(keys["rsa"].public_key())), "kid": "rsa-1", "use": "sig", "alg": "RS256"},
            {**json.loads(ECAlgorithm.to_jwk(keys["ec"].public_key())), "kid": "ec-1", "use": "sig"},
            {**json.loads(RSAAlgorithm.to_jwk(keys["weak"].public_key())), "kid": "weak-1"},
        ]}
        for key in jwks["keys"]:
            key.pop("key_ops", None)

        def value(given):
            return int(time.time()) + given["later"] if isinstance(given, dict) else given

        tokens = []
        for recipe in ask["recipes"]:
            now = int(time.time())
            claims = {
                "iss": ask["issuer"], "aud": ask["audience"], "sub": "ada", "iat": now, "exp": now + 600,
                "email": "ada@acme.example", "email_verified": True, "jti": str(uuid.uuid4())}
            for name, given in recipe["claims"].items():
                if isinstance(given, dict) and "absent" in given:
                    claims.pop(name, None)
                else:
                    claims[name] = value(given)
            header = {"typ": "JWT", **({"kid": recipe["kid"]} if recipe.get("kid") else {}),
                      **{name: value(given) for name, given in recipe["header"].items()}}
            alg, key = recipe["alg"], recipe["key"]
            if not recipe["header"] and key in keys and key != "weak" and alg in ("RS256", "ES256") and (alg == "ES256") == (key == "ec"):
                tokens.append(jwt.encode(claims, texts[key], algorithm=alg, headers=header))
                continue
            # What no library would sign.
            part = b64(json.dumps({"alg": alg, **header}).encode()) + "." + b64(json.dumps(claims).encode())
            if key == "public":
                mark = hmac.new(public, part.encode(), hashlib.sha256).digest()
            elif key == "ec":
                r, s = decode_dss_signature(keys["ec"].sign(part.encode(), ec.ECDSA(hashes.SHA256())))
                mark = r.to_bytes(32, "big") + s.to_bytes(32, "big")
            elif key in keys:
                mark = keys[key].sign(part.encode(), padding.PKCS1v15(), hashes.SHA256())
            else:
                mark = b""
            tokens.append(part + "." + b64(mark))
        print(json.dumps({"keys": json.dumps(texts), "jwks": json.dumps(jwks), "tokens": tokens}))
        """
}
