extension CaseIterable where Self: Equatable, AllCases == [Self] {
    /// The case behind this one; behind the last comes the first.
    var next: Self {
        Self.allCases[(Self.allCases.firstIndex(of: self).map { $0 + 1 } ?? 0) % Self.allCases.count]
    }
}
