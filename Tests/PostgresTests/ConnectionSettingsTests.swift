import Postgres
import Testing

struct ConnectionSettingsTests {
    @Test func namesWhereAndWhoWithoutSecrets() {
        let uri = ConnectionSettings("postgresql://alice:s3cret@db.example:6543/shop?sslpassword=s3cret")
        #expect(uri.displayName == "alice@db.example:6543/shop")
        let words = ConnectionSettings("host=/run/x user=bob password=s3cret dbname=shop")
        #expect(words.displayName == "bob@/run/x/shop")
        for settings in [uri, words, uri.with(password: "s3cret")] {
            var dumped = ""
            dump(settings, to: &dumped)
            for text in ["\(settings)", String(reflecting: settings), dumped] {
                #expect(!text.contains("s3cret"))
            }
            #expect(settings.value("password") == nil)
        }
    }

    @Test func replacesWhatItIsAsked() {
        let settings = ConnectionSettings("host=/run/x user=bob dbname=shop")
            .with(user: "alice").with(database: "other")
        #expect(settings.displayName == "alice@/run/x/other")
        #expect(settings.value("host") == "/run/x")
        #expect(
            settings
                == ConnectionSettings("host=/run/x user=bob dbname=shop").with(
                    user: "alice", database: "other"))
    }

    @Test func aNameAloneIsADatabase() {
        #expect(ConnectionSettings("shop").value("dbname") == "shop")
    }

    @Test func aBrokenStringIsRefusedWithoutQuotingIt() async {
        for broken in ["postgresql://alice:s3cret%zz@host/db", "host=x pass word=s3cret"] {
            let error = await #expect(throws: PostgresError.self) {
                try await Connection.open(ConnectionSettings(broken))
            }
            #expect(error?.code == .misuse)
            #expect(error?.message.contains("s3cret") == false)
        }
    }
}
