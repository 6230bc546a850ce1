extension IDToken {
    /// How far the provider's clock may be ahead of the database's, in seconds; an expired token gets nothing on top.
    static let leeway = 60.0

    /// Verifies signature, issuer, audience, dates, nonce and address; throws the first that is not right.
    ///
    /// `now` is the database's clock, in seconds since the epoch.
    func verified(
        by keys: JSONWebKeySet, issuer: String, audience: String, nonce: String?, now: Double
    ) throws(IDTokenRefusal) -> VerifiedIDToken {
        guard let key = keys.key(named: kid) else {
            throw IDTokenRefusal(.unknownKey, "no key of the company's provider signed this token")
        }
        guard key.algorithm == algorithm else {
            throw IDTokenRefusal(.algorithm, "this token names another algorithm than its key")
        }
        guard key.isValid(signature, for: signedPart) else {
            throw IDTokenRefusal(.signature, "the signature of this token does not match it")
        }
        guard let claimed = claims["iss"]?.text, claimed.utf8.elementsEqual(issuer.utf8) else {
            throw IDTokenRefusal(.issuer, "this ID token is of another issuer than the company's")
        }
        try checkAudience(audience)
        let expiry = try checkDates(now)
        try checkNonce(nonce)
        return VerifiedIDToken(email: try verifiedEmail(), expiresAt: expiry)
    }

    private func checkAudience(_ audience: String) throws(IDTokenRefusal) {
        let named = claims["aud"]?.text.map { [$0] } ?? claims["aud"]?.texts ?? []
        guard named.contains(where: { $0.utf8.elementsEqual(audience.utf8) }) else {
            throw IDTokenRefusal(.audience, "this ID token is for another audience than the company's")
        }
        // Of several audiences one asked for the token, and it must have been this one.
        let asker = claims["azp"]
        guard asker?.text?.utf8.elementsEqual(audience.utf8) ?? (asker == nil && named.count == 1) else {
            throw IDTokenRefusal(.audience, "this ID token was made for another party of its audience")
        }
    }

    private func checkDates(_ now: Double) throws(IDTokenRefusal) -> Int64 {
        guard let expiry = claims["exp"]?.number, let issued = claims["iat"]?.number,
            claims["sub"]?.text?.isEmpty == false, (0..<1e11).contains(expiry)
        else { throw IDTokenRefusal(.malformed, "this token lacks its subject, its date or its end") }
        guard expiry > now else {
            throw IDTokenRefusal(.expired, "this ID token has expired; sign in again")
        }
        let start = claims["nbf"].map { $0.number ?? .infinity } ?? issued
        guard max(issued, start) <= now + Self.leeway else {
            throw IDTokenRefusal(.early, "this ID token is not valid yet")
        }
        return Int64(expiry)
    }

    private func checkNonce(_ nonce: String?) throws(IDTokenRefusal) {
        switch (claims["nonce"], nonce) {
        case (nil, nil): return
        case (.text(let claimed)?, let nonce?) where claimed.utf8.elementsEqual(nonce.utf8): return
        case (nil, _?): throw IDTokenRefusal(.nonce, "this ID token carries no nonce, and one was given")
        case (_?, nil): throw IDTokenRefusal(.nonce, "this ID token carries a nonce, and none was given")
        default: throw IDTokenRefusal(.nonce, "the nonce of this ID token is another than the one given")
        }
    }

    private func verifiedEmail() throws(IDTokenRefusal) -> String {
        guard let email = claims["email"]?.text, Self.isAddress(email) else {
            throw IDTokenRefusal(.email, "this ID token names no e-mail address")
        }
        guard claims["email_verified"] == .truth(true) else {
            throw IDTokenRefusal(.email, "the provider has not verified this e-mail address")
        }
        return email
    }

    /// Tells whether it is what the engine takes for an address: one @, no spaces, no characters that nobody sees.
    private static func isAddress(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && parts.allSatisfy { !$0.isEmpty } && text.unicodeScalars.count <= 254
            && text.unicodeScalars.allSatisfy { !JSONText.isHazardous($0) && !$0.properties.isWhitespace }
    }
}
