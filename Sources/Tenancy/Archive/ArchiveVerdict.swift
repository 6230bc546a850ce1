/// What verifying an archive found: nothing is wrong with it, and this is how much that says.
package struct ArchiveVerdict: Hashable, Sendable {
    /// The SHA-256 of the archive as a whole.
    package let digest: String
    /// What was found of the trail.
    package let trail: AuditVerdict
    /// What the archive says of itself and nothing in it proves: whoever made it could have written anything there.
    package let unproved: [String]
}
