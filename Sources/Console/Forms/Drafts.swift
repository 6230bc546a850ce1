/// What was typed into forms that were left by `esc`, so that nothing typed is lost; it ends with the program.
struct Drafts: Equatable, Sendable {
    /// The impersonation that was being written, by the company's url id.
    var impersonations: [String: ImpersonationForm] = [:]
}
