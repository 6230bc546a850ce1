import Text

/// The public keys of an identity provider (RFC 7517) that can verify an ID token.
struct JSONWebKeySet: Hashable, Sendable {
    /// The longest set that is read, in bytes.
    static let longest = 1 << 18

    let keys: [JSONWebKey]

    /// Reads a set, and leaves out the keys that are for something else; throws what is wrong with it.
    init(_ text: String) throws(TenancyError) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.longest else { throw Self.error("it is longer than \(Self.longest) bytes") }
        guard let document = StrictJSON.object(bytes) else { throw Self.error(StrictJSON.problem(bytes)) }
        guard case .array(let entries)? = document["keys"] else {
            throw Self.error(
                document["jwks_uri"]?.text.map {
                    "it is the provider's discovery document; its keys are at \($0)"
                }
                    ?? "it is no JSON object with an array of keys")
        }
        var keys: [JSONWebKey] = []
        var reasons: [String] = []
        for (index, entry) in entries.enumerated() {
            guard case .object(let members) = entry else { throw Self.error("one of its keys is no object") }
            guard ["d", "p", "q", "dp", "dq", "qi", "oth", "k"].allSatisfy({ members[$0] == nil }) else {
                throw Self.error("it holds a private key, and only public ones belong there")
            }
            do throws(JSONWebKey.Unusable) {
                keys.append(try JSONWebKey(members))
            } catch {
                reasons.append("key \(members["kid"]?.text ?? "\(index + 1)"): \(error.why)")
            }
        }
        guard !keys.isEmpty else {
            throw Self.error(
                "it has no key that can verify an ID token"
                    + (reasons.isEmpty ? "" : " (\(reasons.prefix(3).joined(separator: "; ")))"))
        }
        self.keys = keys
    }

    /// The keys of exactly this name; all of them for a token that names none (OpenID Connect Core, section 10.1).
    func keys(named kid: String?) -> [JSONWebKey] {
        guard let kid else { return keys }
        return keys.filter { $0.kid?.utf8.elementsEqual(kid.utf8) == true }
    }

    /// The keys that a token may be signed with by its name and its algorithm; one that stands there twice counts once.
    func candidates(for token: IDToken) -> [JSONWebKey] {
        var found: [JSONWebKey] = []
        for key in keys(named: token.kid)
        where key.allows(token.algorithm) && !found.contains(where: { $0.numbers == key.numbers }) {
            found.append(key)
        }
        return found
    }

    private static func error(_ what: String) -> TenancyError {
        TenancyError(.failed, "The set of keys cannot be used: \(what).")
    }
}
