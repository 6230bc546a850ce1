import Terminal
import Testing

@testable import Console

extension Scene {
    /// A list, or a screen of a company, with something over it.
    static let overlays = [
        Scene("help") { size in
            let driver = Driver.inside(size)
            driver.press(.character("?"))
            return driver
        },
        Scene("palette", selects: true) { size in
            let driver = Driver.inside(size)
            driver.press(.character(":"))
            driver.type("the")
            return driver
        },
        Scene("palette-user", selects: true) { size in
            let driver = Driver.inside(size)
            driver.press(.character(":"))
            driver.type("user gr")
            return driver
        },
        Scene("themes", selects: true) { size in
            let driver = Driver.companies(size)
            driver.press(.character("T"), .down)
            return driver
        },
        Scene("token-card") { size in
            let driver = Driver.inside(size)
            driver.press(.character("t"))
            return driver
        },
        Scene("token-shown") { size in
            let driver = Driver.inside(size)
            driver.press(.character("t"), .character("s"))
            let id = try #require(driver.state.context?.id)
            driver.send(.inside(id, .tokenShown("piste.v1." + String(repeating: "Zm9v", count: 40))))
            return driver
        },
        Scene("columns", selects: true) { size in
            let driver = Driver.inside(size)
            driver.press(.character("c"), .down, .character(" "))
            return driver
        },
        Scene("copy-menu", selects: true) { size in
            let driver = Driver.onUser(size)
            driver.press(.character("y"))
            return driver
        },
        Scene("copy-menu-marked", selects: true) { size in
            let driver = Driver.inside(size)
            driver.press(.character(" "), .character(" "), .character("y"))
            return driver
        },
        Scene("edit-menu", selects: true) { size in
            let driver = Driver.impersonating(size)
            driver.press(.character("e"))
            return driver
        },
        Scene("admin-menu", selects: true) { size in
            let driver = Driver.admin(size)
            driver.press(.character("m"))
            return driver
        },
        Scene("administer-menu", selects: true) { size in
            let driver = Driver.admin(size)
            driver.press(.character("e"))
            return driver
        },
        Scene("confirm") { size in
            let driver = Driver.impersonating(size)
            driver.press(.character("e"), .character("r"))
            return driver
        },
        Scene("confirm-typed") { size in
            let driver = Driver.admin(size)
            driver.press(.character("e"), .character("s"))
            driver.type("awe")
            return driver
        },
        Scene("confirm-reason") { size in
            let driver = Driver.deciding(size)
            driver.press(.character("P"), .character("a"))
            driver.type("known customer")
            return driver
        },
        Scene("confirm-after-reason") { size in
            let driver = Driver.deciding(size)
            driver.press(.character("P"), .character("a"))
            driver.type("known customer")
            driver.press(.enter)
            return driver
        },
        Scene("confirm-quit") { size in
            let driver = Driver.impersonating(size)
            driver.press(.control("c"))
            return driver
        },
        Scene("approval-wait") { try .waiting($0) },
    ]

    /// What is filled in.
    static let forms = [
        Scene("impersonation-form") { size in
            let driver = Driver.inside(size)
            driver.press(.character("i"))
            driver.type("cannot finish onboarding")
            return driver
        },
        Scene("impersonation-form-strict") { size in
            let driver = Driver.inside(size)
            driver.press(.character("i"))
            driver.send(.control(.companyLoaded(Fixture.strict)))
            return driver
        },
        Scene("impersonation-form-complaint") { size in
            let driver = Driver.inside(size)
            driver.press(.character("i"), .enter, .enter, .enter, .enter)
            return driver
        },
        Scene("create-company") { size in
            let driver = Driver.admin(size)
            driver.press(.character("n"))
            driver.type("Blå Bär GmbH")
            return driver
        },
        Scene("policy-form") { size in
            let driver = Driver.admin(size)
            driver.press(.character("e"), .character("p"))
            return driver
        },
        Scene("add-operator") { size in
            let driver = Driver.operators(size)
            driver.press(.character("n"))
            return driver
        },
        Scene("export-form") { size in
            let driver = Driver.inside(size)
            driver.press(.character("x"))
            return driver
        },
    ]
}
