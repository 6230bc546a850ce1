import Tenancy
import Terminal
import Testing

@testable import Console

/// The list of keys is searched, and does what a line of it says.
struct HelpTests {
    @Test func aLineIsFoundByItsWordsAndDone() {
        let driver = Driver.inside()
        driver.press(.character("?"), .character("/"))
        driver.type("whole screen")
        #expect(driver.frame.contains("Show the audit trail on the whole screen"))
        driver.press(.enter)
        #expect(driver.state.scope == .audit)
        #expect(driver.state.overlays.isEmpty)
    }

    @Test func whatIsNotThereIsSaidAndEscGoesBackToAllKeys() {
        let driver = Driver.inside()
        driver.press(.character("?"), .character("/"))
        driver.type("zzz")
        #expect(driver.frame.contains("No key does that here."))
        driver.press(.enter)
        #expect(driver.state.overlays.count == 1)
        driver.press(.escape)
        #expect(driver.state.overlays == [.help(HelpState())])
    }

    /// Nobody is offered what would be refused: a line that is for admins is none of a support agent's.
    @Test func onlyWhatIsPermittedIsFound() {
        let driver = Driver.inside(level: .support)
        driver.press(.character("?"), .character("/"))
        driver.type("operators")
        #expect(!driver.frame.contains("List who may work here"))
    }
}
