/// What the first line of an export says: whose trail it is, and from where to where it goes.
package struct AuditHeader: Hashable, Sendable {
    /// The company's uuid; the zero uuid is the engine's own trail.
    package var company: String
    /// The company's url id; nil for the engine's own trail.
    package var urlID: String?
    package var engineVersion: String
    package var firstSeq: Int64
    /// The last record's number; smaller than the first one's when there is none.
    package var lastSeq: Int64

    package init(company: String, urlID: String?, engineVersion: String, firstSeq: Int64, lastSeq: Int64) {
        self.company = company
        self.urlID = urlID
        self.engineVersion = engineVersion
        self.firstSeq = firstSeq
        self.lastSeq = lastSeq
    }
}

/// What there is of a trail, and what an export of it cannot hold.
package struct AuditExtent: Hashable, Sendable {
    package var header: AuditHeader
    /// The number of the last record that was archived, where that was asked for; 0 where none was.
    package var beginsAfter: Int64
    /// How many entries have no place in the chain yet.
    package var unsealed: Int64
}
