import Foundation
import Postgres
import Tenancy
import TestSupport
import Testing

/// How another service checks a token: it asks, and learns what the record says and nothing of anybody else's.
struct InspectionTests {
    @Test func tellsWhatTheRecordSays() async throws {
        try await EngineWorld.run { world in
            let alice = try await world.connect(world.alice)
            let shop = try await world.connect(world.shop)
            let token = try await alice.token("acme")
            func asked(_ connection: Connection, _ text: String) async throws -> Row {
                try await connection.query("SELECT * FROM piste.inspect_token($1)", [.text(text)])[0]
            }
            for connection in [alice, shop] {
                let row = try await asked(connection, token.text)
                #expect(try row.bool("good") && row.optionalString("code") == nil)
                #expect(try row.string("url_id") == "acme" && row.string("operator") == world.alice)
                #expect(try row.string("purpose") == "access" && row.string("access") == "read")
                #expect(try !row.bool("is_open"))
                #expect(try row.string("claims").contains("\"aud\": \"acme\""))
            }
            #expect(try await alice.enter(token.text) == nil)
            #expect(try await asked(shop, token.text).bool("is_open"))
            // Everybody else learns nothing but that it is not theirs.
            for login in [world.carol] {
                let other = try await world.connect(login)
                let row = try await asked(other, token.text)
                #expect(try row.optionalString("code") == "token_foreign" && row.optionalString("jti") == nil)
                #expect(try row.optionalString("claims") == nil && row.optionalString("url_id") == nil)
                await other.close()
            }
            for (text, code) in [
                ("", "token_malformed"), (token.text + "x", "token_tampered"), ("a.b.c", "token_malformed"),
            ] {
                let row = try await asked(shop, text)
                #expect(try !row.bool("good") && row.optionalString("code") == code, "\(text)")
                #expect(try row.optionalString("claims") == nil)
            }
            let bob = try await world.client(world.bob)
            try await bob.suspendCompany("acme")
            let row = try await asked(shop, token.text)
            #expect(try !row.bool("good") && row.optionalString("code") != nil)
            // It opens nothing, leaves nothing behind and changes no role.
            #expect(try await shop.value("SELECT current_user") == world.shop)
            await bob.close()
            await alice.close()
            await shop.close()
        }
    }

    private static let jose = Task {
        await PythonEnvironment.with(
            ["python-jose==3.5.0", "joserfc==1.6.5", "PyJWT==2.10.1"], importing: "jose, joserfc, jwt")
    }
    private static func hasJose() async -> Bool { await jose.value.path != nil }

    private static let libraries = """
        import json, sys
        from jose import jwt as python_jose
        from joserfc import jwt as joserfc, jwk
        import jwt as pyjwt

        token, secret = sys.argv[1], bytes.fromhex(sys.argv[2])
        first = pyjwt.decode(token, secret, algorithms=["HS256"], audience="acme", issuer="piste")
        second = python_jose.decode(token, secret, algorithms=["HS256"], audience="acme", issuer="piste")
        third = joserfc.decode(token, jwk.OctKey.import_key(secret), algorithms=["HS256"])
        assert first == second == third.claims and pyjwt.get_unverified_header(token)["typ"] == "piste+jwt"
        print(json.dumps(first))
        """

    /// Whoever is given the key by the cluster's owner verifies the same with any library.
    @Test(.enabled("PyPI is not there") { await hasJose() })
    func isAnOrdinaryTokenForWhoeverHasTheKey() async throws {
        let python = try #require(await Self.jose.value.path)
        try await EngineWorld.run { world in
            let alice = try await world.connect(world.alice)
            let token = try await alice.token("acme")
            let secret = try await world.secret("acme")
            let ended = try await PythonEnvironment.run(python, Self.libraries, [token.text, secret])
            #expect(ended.status == 0, "\(ended.errors)")
            let claims = try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any]
            #expect(claims?["sub"] as? String == world.alice)
            let forged = try await PythonEnvironment.run(
                python, Self.libraries, [token.text, String(secret.reversed())])
            #expect(forged.status != 0)
            await alice.close()
        }
    }

    private static let node = """
        const [token, secret] = process.argv.slice(-2), crypto = require("crypto");
        const [head, claims, signature] = token.split(".");
        const made = crypto.createHmac("sha256", Buffer.from(secret, "hex")).update(`${head}.${claims}`).digest("base64url");
        if (made !== signature || JSON.parse(Buffer.from(head, "base64url")).typ !== "piste+jwt") process.exit(1);
        console.log(Buffer.from(claims, "base64url").toString());
        """
    private static let hasNode = (try? Program.run("/usr/bin/env", ["node", "--version"]))?.status == 0

    @Test(.enabled(if: hasNode, "node is not installed"))
    func isOneForNodeToo() async throws {
        try await EngineWorld.run { world in
            let alice = try await world.connect(world.alice)
            let token = try await alice.token("acme")
            let secret = try await world.secret("acme")
            let ended = try await Program.run(
                "/usr/bin/env", ["node", "-e", Self.node, "--", token.text, secret])
            #expect(ended.status == 0 && ended.output.contains(world.alice), "\(ended.errors)")
            #expect(
                try await Program.run(
                    "/usr/bin/env", ["node", "-e", Self.node, "--", token.text + "x", secret]
                )
                .status == 1)
            await alice.close()
        }
    }
}
