import Text

extension IDToken {
    /// How far the provider's clock may be ahead of the database's, in seconds; an expired token gets nothing on top.
    static let leeway = 60.0
    /// The longest that a token lives from its date on, in seconds, whatever it says: so long it is remembered as exchanged.
    static let longestLife = 86_400.0

    /// Verifies signature and claims; throws the first that is not right.
    ///
    /// `now` is the database's clock, in seconds since the epoch.
    func verified(
        by keys: JSONWebKeySet, for rules: SignInRules, nonce: String?, now: Double
    ) throws(IDTokenRefusal) -> VerifiedIDToken {
        guard !keys.keys(named: kid).isEmpty else {
            throw IDTokenRefusal(.unknownKey, "no key of the company's provider signed this token")
        }
        let candidates = keys.candidates(for: self)
        guard let key = candidates.first else {
            throw IDTokenRefusal(.algorithm, "this token names another algorithm than its key")
        }
        guard candidates.count == 1 else {
            throw IDTokenRefusal(
                .unknownKey, "this token does not say which of the provider's keys signed it")
        }
        guard key.isValid(signature, for: signedPart, as: algorithm) else {
            throw IDTokenRefusal(.signature, "the signature of this token does not match it")
        }
        return try verifiedClaims(for: rules, nonce: nonce, now: now)
    }

    /// Verifies issuer, audience, kind, required claims, dates, nonce and user of a token whose signature holds.
    func verifiedClaims(
        for rules: SignInRules, nonce: String?, now: Double
    ) throws(IDTokenRefusal) -> VerifiedIDToken {
        guard let claimed = claims["iss"]?.text, claimed.utf8.elementsEqual(rules.issuer.utf8) else {
            throw IDTokenRefusal(.issuer, "this ID token is of another issuer than the company's")
        }
        let audience = try checkedAudience(rules.audiences)
        try checkKind()
        try checkRequired(rules.requiredClaims)
        let expiry = try checkedDates(now)
        try checkNonce(nonce, isDemanded: rules.requiresNonce)
        return VerifiedIDToken(user: try user(rules), audience: audience, expiresAt: expiry)
    }

    /// The audience of the company that the token is for.
    private func checkedAudience(_ ours: [String]) throws(IDTokenRefusal) -> String {
        let named = claims["aud"]?.text.map { [$0] } ?? claims["aud"]?.texts ?? []
        guard let audience = ours.first(where: { own in named.contains { $0.utf8.elementsEqual(own.utf8) } })
        else { throw IDTokenRefusal(.audience, "this ID token is for another audience than the company's") }
        // Of several audiences one asked for the token, and it must have been this application.
        guard let asker = claims["azp"] else {
            guard named.count == 1 else {
                throw IDTokenRefusal(.audience, "this ID token was made for another party of its audience")
            }
            return audience
        }
        guard let asker = asker.text, ours.contains(where: { $0.utf8.elementsEqual(asker.utf8) }) else {
            throw IDTokenRefusal(.audience, "this ID token was made for another party of its audience")
        }
        return audience
    }

    /// Refuses what a provider signs with the same key for the same application and is no ID token, by what it says of itself.
    private func checkKind() throws(IDTokenRefusal) {
        func refusal(_ what: String) -> IDTokenRefusal {
            IDTokenRefusal(.kind, "this is \(what), and no ID token")
        }
        if let kind = claims["typ"] {
            guard let name = kind.text?.lowercased(), ["id", "jwt"].contains(name) else {
                throw refusal("a token of the kind \(kind.text.map { String($0.prefix(20)) } ?? "unknown")")
            }
        }
        if let use = claims["token_use"], use != .text("id") { throw refusal("a token for another use") }
        guard claims["events"] == nil else { throw refusal("a security event, such as a logout token") }
        let rights = ["scope", "scp", "client_id", "cid", "azpacr", "appidacr", "idtyp"].contains {
            claims[$0] != nil
        }
        let signsIn = ["nonce", "at_hash", "c_hash", "s_hash"].contains { claims[$0] != nil }
        guard !rights || signsIn else { throw refusal("an access token") }
    }

    private func checkRequired(_ required: [String: String]) throws(IDTokenRefusal) {
        for (name, value) in required.sorted(by: { $0.key < $1.key }) {
            let isThere =
                claims[name]?.text?.utf8.elementsEqual(value.utf8)
                ?? claims[name]?.texts?.contains { $0.utf8.elementsEqual(value.utf8) } ?? false
            guard isThere else {
                throw IDTokenRefusal(.claims, "this ID token has not the \(name) that the company demands")
            }
        }
    }

    /// The token's end, which is never later than a day after its date.
    private func checkedDates(_ now: Double) throws(IDTokenRefusal) -> Int64 {
        guard let expiry = claims["exp"]?.number, let issued = claims["iat"]?.number,
            claims["sub"]?.text?.isEmpty == false, expiry >= 0, (0..<1e11).contains(issued)
        else { throw IDTokenRefusal(.malformed, "this token lacks its subject, its date or its end") }
        let start = claims["nbf"].map { $0.number ?? .infinity } ?? issued
        guard max(issued, start) <= now + Self.leeway else {
            throw IDTokenRefusal(.early, "this ID token is not valid yet")
        }
        let end = min(expiry, issued + Self.longestLife)
        guard end > now else { throw IDTokenRefusal(.expired, "this ID token has expired; sign in again") }
        return Int64(end)
    }

    private func checkNonce(_ nonce: String?, isDemanded: Bool) throws(IDTokenRefusal) {
        switch (claims["nonce"], nonce) {
        case (nil, nil):
            guard !isDemanded else {
                throw IDTokenRefusal(.nonce, "the company demands a nonce, and this ID token carries none")
            }
        case (.text(let claimed)?, let nonce?) where claimed.utf8.elementsEqual(nonce.utf8): return
        case (nil, _?): throw IDTokenRefusal(.nonce, "this ID token carries no nonce, and one was given")
        case (_?, nil): throw IDTokenRefusal(.nonce, "this ID token carries a nonce, and none was given")
        default: throw IDTokenRefusal(.nonce, "the nonce of this ID token is another than the one given")
        }
    }

    /// The address or the number that names the user.
    private func user(_ rules: SignInRules) throws(IDTokenRefusal) -> String {
        let name = rules.userClaim
        guard let user = claims[name.rawValue]?.text else {
            throw IDTokenRefusal(
                .email,
                name == .email
                    ? "this ID token names no e-mail address" : "this ID token has no \(name.rawValue)")
        }
        guard name.isAddress else {
            guard (1...255).contains(user.utf8.count),
                !user.unicodeScalars.contains(where: JSONText.isHazardous)
            else { throw IDTokenRefusal(.malformed, "the \(name.rawValue) of this ID token names nobody") }
            return user
        }
        guard Self.isAddress(user) else {
            throw IDTokenRefusal(.email, "this ID token names no e-mail address")
        }
        guard rules.trustsAddresses || (name == .email && isVerified) else {
            throw IDTokenRefusal(.email, "the provider has not verified this e-mail address")
        }
        return user
    }

    /// Whether the provider says that it verified the address: `email_verified`, or what Entra has instead.
    private var isVerified: Bool {
        if let verified = claims["email_verified"] {
            return verified == .truth(true) || verified == .text("true")
        }
        return [.truth(true), .text("true"), .text("1"), .number(1)].contains(claims["xms_edov"] ?? .null)
    }

    /// Tells whether it is what the engine takes for an address: one @, no spaces, no characters that nobody sees.
    private static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && text.unicodeScalars.count <= 254
            && text.unicodeScalars.allSatisfy { !JSONText.isHazardous($0) && !$0.properties.isWhitespace }
    }
}
