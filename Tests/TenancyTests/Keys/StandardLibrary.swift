import Foundation
import Postgres
import TestSupport

/// PyJWT (Debian's python3-jwt): a JWT library that knows nothing of Piste.
enum StandardLibrary {
    static let python: String? = ["/usr/bin/python3", "/usr/local/bin/python3"].first {
        (try? Program.run($0, ["-c", "import jwt"]))?.status == 0
    }

    /// Reads one request from its input and answers in JSON: the claims, a token, or the name of its exception.
    private static let script = """
        import json, sys
        import jwt

        ask = json.load(sys.stdin)
        key = bytes.fromhex(ask["key"])
        try:
            if ask["do"] == "verify":
                claims = jwt.decode(
                    ask["token"], key, algorithms=ask.get("algorithms", ["HS256"]), audience=ask["audience"],
                    issuer=ask.get("issuer", "piste"), leeway=-ask.get("later", 0),
                    options={
                        "verify_iat": "later" not in ask, "verify_nbf": "later" not in ask,
                        "require": ["iss", "aud", "sub", "jti", "iat", "nbf", "exp"]})
                answer = {"header": jwt.get_unverified_header(ask["token"]), "claims": claims}
            else:
                answer = {"token": jwt.encode(
                    ask["claims"], key, algorithm=ask.get("algorithm", "HS256"), headers={"kid": ask["kid"], "typ": "piste+jwt"})}
        except Exception as error:
            answer = {"error": type(error).__name__}
        print(json.dumps(answer))
        """

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static func ask(_ request: [String: Any]) async throws -> [String: Any] {
        let text = String(decoding: try JSONSerialization.data(withJSONObject: request), as: UTF8.self)
        let (python, script) = (python ?? "python3", script)
        let ended = try await Program.run(python, ["-B", "-c", script], input: text, limit: .seconds(120))
        guard ended.status == 0,
            let answer = try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any]
        else { throw Failure(description: ended.errors) }
        return answer
    }

    /// Verifies a token `later` seconds from now.
    ///
    /// - Returns: header and claims, or the name of the exception with which the library refuses.
    static func verify(
        _ token: String, key: String, audience: String = "acme", issuer: String = "piste",
        algorithms: [String] = ["HS256"], later: Int = 0
    ) async throws -> (header: [String: Any], claims: [String: Any], error: String?) {
        let answer = try await ask(
            [
                "do": "verify", "token": token, "key": key, "audience": audience, "issuer": issuer,
                "algorithms": algorithms,
            ].merging(later == 0 ? [:] : ["later": later]) { $1 })
        return (
            answer["header"] as? [String: Any] ?? [:], answer["claims"] as? [String: Any] ?? [:],
            answer["error"] as? String
        )
    }

    /// Makes a token of any claims.
    static func sign(
        _ claims: [String: Any], key: String, kid: String, algorithm: String = "HS256"
    ) async throws -> String {
        let answer = try await ask([
            "do": "sign", "claims": claims, "key": key, "kid": kid, "algorithm": algorithm,
        ])
        guard let token = answer["token"] as? String else {
            throw Failure(description: "\(answer)")
        }
        return token
    }
}
