import Tenancy
import TestSupport
import Testing

/// Places and how they are written.
struct RowPlaceTests {
    @Test func roundTrip() throws {
        for text in ["~", "YQ", "YQ.~.Yg", ""] {
            #expect(RowPlace(text)?.description == text)
        }
        for text in ["'", "a b", "YQ.!", "YR", "_w"] {
            #expect(RowPlace(text) == nil, "\(text)")
        }
    }
}
