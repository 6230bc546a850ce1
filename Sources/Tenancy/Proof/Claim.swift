/// What the engine promises, word for word, and what it does not.
public enum Claim {
    /// The claim.
    public static let words = """
        No login can read or change a row of a company unless it holds an open, unexpired, unrevoked context for \
        exactly that company, opened with a token that PostgreSQL issued to that login; and no row is returned \
        before the record of that read is committed in the company's audit trail.
        """

    /// What is outside of it.
    public static let exclusions = [
        "PostgreSQL superusers",
        "whoever controls the operating system or the backups",
        "that the catalogs show how many tenants exist (their names are opaque)",
    ]
}
