import ArgumentParser
import Tenancy

extension ValidationError {
    /// Throws what is wrong with a filter, before anything is connected or recorded for it.
    static func check(filter: String) throws {
        do throws(TenancyError) {
            _ = try Filter(filter)
        } catch {
            throw ValidationError("--filter: \(error.message)")
        }
    }
}
