@testable import Tenancy

/// What providers put into their tokens by their public references, and what looks like it: made up, in their shape.
enum ProviderDocuments {
    /// A provider's row of the page, with documents that are taken and look-alikes that are not.
    struct Row: Sendable {
        /// As the page calls it.
        let provider: String
        let rules: SignInRules
        /// Whom its ID token names.
        let user: String
        /// Claims of an ID token; `exp`, `iat` and `nbf` are put in.
        let good: [String]
        let lookAlikes: [(what: String, claims: String, refusal: String)]
    }

    static let tenant = "72f988bf-86f1-41af-91ab-2d7cd011db47"
    private static let stranger = "9188040d-6c67-4c5b-b112-36a304b66dad"
    private static let client = "6731de76-14a6-49ae-97bc-6eba6914391e"
    private static let entraIssuer = "https://login.microsoftonline.com/\(tenant)/v2.0"

    private static func entra(_ more: String, issuer: String = entraIssuer, tenant: String = tenant) -> String
    {
        #"{"aud":"\#(client)","iss":"\#(issuer)","aio":"AXQAi","name":"Ada Lovelace","oid":"00000000-0000-0000-66f3-3332eca7ea81","rh":"0.A","sub":"AAAAAAAAAAAAAAAAAAAAAIkzqFVrSaSaFHy782bbtaQ","tid":"\#(tenant)","uti":"fqiBqXLPj0eQa82S","ver":"2.0"\#(more)}"#
    }

    private static func okta(_ more: String) -> String {
        #"{"sub":"00uid4BxXw6I6TV4m0g3","ver":1,"iss":"https://acme.okta.com","aud":"0oaid4a","jti":"ID.1","amr":["pwd"],"idp":"00o","auth_time":1311280969,"at_hash":"MTIz","name":"Ada Lovelace","preferred_username":"ada@acme.example"\#(more)}"#
    }

    private static func google(_ more: String) -> String {
        #"{"iss":"https://accounts.google.com","azp":"1234987819200.apps.googleusercontent.com","aud":"1234987819200.apps.googleusercontent.com","sub":"10769150350006150715113082367","at_hash":"HK6E_P6Dh8Y93mRNtsDB1Q","email":"ada@acme.example","email_verified":true\#(more)}"#
    }

    private static func auth0(_ more: String) -> String {
        #"{"iss":"https://acme.eu.auth0.com/","sub":"auth0|507f1f77bcf86cd799439020","aud":"AUwLBQ","nickname":"ada","name":"Ada","updated_at":"2026-11-30T00:00:00.000Z","email":"ada@acme.example","email_verified":true,"sid":"s"\#(more)}"#
    }

    private static func keycloak(_ more: String, realm: String = "acme") -> String {
        #"{"jti":"j","iss":"https://id.acme.example/realms/\#(realm)","sub":"4fa5f7bb","azp":"app","sid":"s","acr":"1","name":"Ada","preferred_username":"ada","email":"ada@acme.example"\#(more)}"#
    }

    private static func cognito(_ more: String) -> String {
        #"{"sub":"aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee","cognito:groups":["staff"],"iss":"https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_example","cognito:username":"ada","origin_jti":"o","aud":"xxxxxxxxxxxxexample","event_id":"e","auth_time":1676312777,"jti":"j","email":"ada@acme.example","email_verified":true\#(more)}"#
    }

    private static func ping(_ more: String) -> String {
        #"{"iss":"https://auth.pingone.eu/b4a1/as","sub":"f0d2","aud":"d6c0","acr":"Single_Factor","amr":["pwd"],"auth_time":1,"sid":"s","env":"b4a1","org":"o","email":"ada@acme.example","preferred_username":"ada"\#(more)}"#
    }

    private static func gitlab(_ more: String) -> String {
        #"{"iss":"https://gitlab.com","sub":"42","aud":"2fba","auth_time":1,"sub_legacy":"x","name":"Ada","nickname":"ada","preferred_username":"ada","email":"ada@acme.example","profile":"https://gitlab.com/ada","groups_direct":["acme/staff"]\#(more)}"#
    }

    private static func rules(
        _ issuer: String, _ audience: String, _ claim: UserClaim = .email, trusted: Bool = false,
        demanding claims: [String: String] = [:]
    ) -> SignInRules {
        SignInRules(
            issuer: issuer, audiences: [audience], userClaim: claim, trustsAddresses: trusted,
            requiredClaims: claims)
    }

    private static let verified = #","email_verified":true"#

    static let rows: [Row] = [
        entraV2, entraEmail, entraV1, entraTenants, oktaVerified, oktaTrusted, workspace, organizations,
        realm, realmGroups, userPool, pingOne, gitLab, generic,
    ]

    private static let entraV2 = Row(
        provider: "Microsoft Entra, v2", rules: rules(entraIssuer, client, .preferredUsername, trusted: true),
        user: "ada@acme.example",
        good: [entra(#","preferred_username":"ada@acme.example""#)],
        lookAlikes: [
            (
                "another tenant",
                entra(
                    #","preferred_username":"ada@acme.example""#,
                    issuer: "https://login.microsoftonline.com/\(stranger)/v2.0", tenant: stranger),
                "id_token_issuer"
            ),
            (
                "an access token",
                entra(#","preferred_username":"ada@acme.example","scp":"User.Read","azp":"\#(client)""#),
                "id_token_kind"
            ),
            (
                "an application's own token",
                entra(
                    #","preferred_username":"ada@acme.example","idtyp":"app","roles":["Sync"],"azpacr":"1""#),
                "id_token_kind"
            ),
            ("a guest without an address", entra(#","preferred_username":"ada""#), "id_token_email"),
        ])

    private static let entraEmail = Row(
        provider: "Microsoft Entra, the optional claim email", rules: rules(entraIssuer, client),
        user: "ada@acme.example",
        good: [
            entra(#","email":"ada@acme.example","xms_edov":true"#),
            entra(#","email":"ada@acme.example","xms_edov":"1""#),
        ],
        lookAlikes: [
            (
                "an address that a tenant's admin typed", entra(#","email":"ada@acme.example""#),
                "id_token_email"
            ),
            (
                "a domain that the tenant does not own",
                entra(#","email":"ada@acme.example","xms_edov":false"#), "id_token_email"
            ),
        ])

    private static let entraV1 = Row(
        provider: "Microsoft Entra, v1",
        rules: rules("https://sts.windows.net/\(tenant)/", client, .upn, trusted: true),
        user: "ada@acme.example",
        good: [
            #"{"aud":"\#(client)","iss":"https://sts.windows.net/\#(tenant)/","amr":["pwd"],"family_name":"L","given_name":"Ada","ipaddr":"192.0.2.1","oid":"o","sub":"s","tid":"\#(tenant)","unique_name":"ada@acme.example","upn":"ada@acme.example","ver":"1.0"}"#
        ],
        lookAlikes: [
            ("a v2 token", entra(#","upn":"ada@acme.example""#), "id_token_issuer"),
            (
                "an access token",
                #"{"aud":"\#(client)","iss":"https://sts.windows.net/\#(tenant)/","appid":"\#(client)","appidacr":"1","oid":"o","sub":"s","tid":"\#(tenant)","upn":"ada@acme.example","ver":"1.0"}"#,
                "id_token_kind"
            ),
            (
                "no upn",
                #"{"aud":"\#(client)","iss":"https://sts.windows.net/\#(tenant)/","sub":"s","unique_name":"ada@acme.example"}"#,
                "id_token_email"
            ),
        ])

    private static let entraTenants = Row(
        provider: "Microsoft Entra, one application for many tenants",
        rules: rules(entraIssuer, client, .objectID, demanding: ["tid": tenant]),
        user: "00000000-0000-0000-66f3-3332eca7ea81",
        good: [entra("")],
        lookAlikes: [
            ("another tenant under this issuer", entra("", tenant: stranger), "id_token_claims"),
            (
                "the personal accounts' tenant",
                entra("", issuer: "https://login.microsoftonline.com/\(stranger)/v2.0", tenant: stranger),
                "id_token_issuer"
            ),
        ])

    private static let oktaVerified = Row(
        provider: "Okta", rules: rules("https://acme.okta.com", "0oaid4a"), user: "ada@acme.example",
        good: [okta(#","email":"ada@acme.example","email_verified":true"#)],
        lookAlikes: [
            (
                "an access token",
                #"{"ver":1,"jti":"AT.1","iss":"https://acme.okta.com","aud":"0oaid4a","sub":"ada@acme.example","cid":"0oaid4a","uid":"00u","scp":["openid"],"email":"ada@acme.example","email_verified":true}"#,
                "id_token_kind"
            ),
            ("no word on the address", okta(#","email":"ada@acme.example""#), "id_token_email"),
            (
                "another authorization server",
                okta(#","email":"ada@acme.example","email_verified":true"#).replacing(
                    "acme.okta.com", with: "acme.okta.com/oauth2/default"), "id_token_issuer"
            ),
        ])

    private static let oktaTrusted = Row(
        provider: "Okta, addresses of the directory",
        rules: rules("https://acme.okta.com", "0oaid4a", trusted: true),
        user: "ada@acme.example", good: [okta(#","email":"ada@acme.example""#)],
        lookAlikes: [("no address", okta(""), "id_token_email")])

    private static let workspace = Row(
        provider: "Google Workspace",
        rules: rules(
            "https://accounts.google.com", "1234987819200.apps.googleusercontent.com",
            demanding: ["hd": "acme.example"]),
        user: "ada@acme.example", good: [google(#","hd":"acme.example""#)],
        lookAlikes: [
            ("a personal account", google(""), "id_token_claims"),
            ("another company's Workspace", google(#","hd":"globex.example""#), "id_token_claims"),
            ("a list that is no domain", google(#","hd":7"#), "id_token_claims"),
        ])

    private static let organizations = Row(
        provider: "Auth0 Organizations",
        rules: rules("https://acme.eu.auth0.com/", "AUwLBQ", demanding: ["org_id": "org_9ybsU1dN2dKfDkBi"]),
        user: "ada@acme.example",
        good: [auth0(#","org_id":"org_9ybsU1dN2dKfDkBi","org_name":"acme""#)],
        lookAlikes: [
            ("another organization", auth0(#","org_id":"org_other""#), "id_token_claims"),
            ("no organization", auth0(""), "id_token_claims"),
            (
                "an access token",
                auth0(#","org_id":"org_9ybsU1dN2dKfDkBi","scope":"openid profile","azp":"AUwLBQ""#),
                "id_token_kind"
            ),
            (
                "the issuer without its slash",
                auth0(#","org_id":"org_9ybsU1dN2dKfDkBi""#).replacing("auth0.com/\"", with: "auth0.com\""),
                "id_token_issuer"
            ),
        ])

    private static let realm = Row(
        provider: "Keycloak", rules: rules("https://id.acme.example/realms/acme", "app"),
        user: "ada@acme.example",
        good: [
            keycloak(#","typ":"ID","aud":"app","at_hash":"h"\#(verified)"#),
            keycloak(#","typ":"ID","aud":["app","account"]\#(verified)"#),
        ],
        lookAlikes: [
            (
                "an access token",
                keycloak(#","typ":"Bearer","aud":["app","account"],"scope":"openid email"\#(verified)"#),
                "id_token_kind"
            ),
            (
                "an access token for the application alone",
                keycloak(#","typ":"Bearer","aud":"app"\#(verified)"#), "id_token_kind"
            ),
            ("an offline token", keycloak(#","typ":"Offline","aud":"app"\#(verified)"#), "id_token_kind"),
            ("a refresh token", keycloak(#","typ":"Refresh","aud":"app"\#(verified)"#), "id_token_kind"),
            (
                "a logout token",
                keycloak(
                    #","typ":"Logout","aud":"app","events":{"http://schemas.openid.net/event/backchannel-logout":{}}\#(verified)"#
                ), "id_token_kind"
            ),
            (
                "another realm", keycloak(#","typ":"ID","aud":"app"\#(verified)"#, realm: "globex"),
                "id_token_issuer"
            ),
            (
                "a user of the directory, unverified",
                keycloak(#","typ":"ID","aud":"app","email_verified":false"#), "id_token_email"
            ),
        ])

    private static let realmGroups = Row(
        provider: "Keycloak, a group for each company",
        rules: rules(
            "https://id.acme.example/realms/acme", "app", trusted: true,
            demanding: ["groups": "/companies/acme"]),
        user: "ada@acme.example",
        good: [
            keycloak(#","typ":"ID","aud":"app","email_verified":false,"groups":["/staff","/companies/acme"]"#)
        ],
        lookAlikes: [
            (
                "another group", keycloak(#","typ":"ID","aud":"app","groups":["/companies/acme-2"]"#),
                "id_token_claims"
            ),
            ("no group", keycloak(#","typ":"ID","aud":"app""#), "id_token_claims"),
        ])

    private static let userPool = Row(
        provider: "Amazon Cognito",
        rules: rules(
            "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_example", "xxxxxxxxxxxxexample"),
        user: "ada@acme.example", good: [cognito(#","token_use":"id""#)],
        lookAlikes: [
            (
                "an access token",
                cognito(#","token_use":"access","client_id":"xxxxxxxxxxxxexample","scope":"openid""#),
                "id_token_kind"
            ),
            ("a use that is no text", cognito(#","token_use":["id"]"#), "id_token_kind"),
        ])

    private static let pingOne = Row(
        provider: "PingOne", rules: rules("https://auth.pingone.eu/b4a1/as", "d6c0", trusted: true),
        user: "ada@acme.example",
        good: [ping("")],
        lookAlikes: [
            ("an access token", ping(#","client_id":"d6c0","scope":"openid""#), "id_token_kind"),
            (
                "another environment", ping("").replacing("pingone.eu/b4a1/as", with: "pingone.eu/ffff/as"),
                "id_token_issuer"
            ),
        ])

    private static let gitLab = Row(
        provider: "GitLab",
        rules: rules("https://gitlab.com", "2fba", demanding: ["groups_direct": "acme/staff"]),
        user: "ada@acme.example",
        good: [gitlab(verified)],
        lookAlikes: [
            (
                "a job's token",
                #"{"iss":"https://gitlab.com","sub":"project_path:acme/app:ref_type:branch:ref:main","aud":"2fba","user_email":"ada@acme.example","groups_direct":["acme/staff"]}"#,
                "id_token_email"
            ),
            ("an address that was not confirmed", gitlab(#","email_verified":false"#), "id_token_email"),
        ])

    private static let generic = Row(
        provider: "any OpenID Connect provider",
        rules: rules("https://id.acme.example", "acme-app", .subject), user: "248289761001",
        good: [#"{"iss":"https://id.acme.example","sub":"248289761001","aud":"acme-app"}"#],
        lookAlikes: [
            (
                "a JWT access token (RFC 9068)",
                #"{"iss":"https://id.acme.example","sub":"248289761001","aud":"acme-app","client_id":"acme-app","scope":"openid"}"#,
                "id_token_kind"
            ),
            (
                "a number for a name",
                #"{"iss":"https://id.acme.example","sub":248289761001,"aud":"acme-app"}"#,
                "id_token_malformed"
            ),
        ])
}
