public import FoundationEssentials

/// One of the engine's settings, as it holds in this database.
public struct EngineSetting: Hashable, Sendable, Identifiable {
    /// Its name, for instance `durability`.
    public let name: String
    /// What holds; nil where nothing does.
    public let value: String?
    /// Whether an admin chose it; else it is the standard.
    public let isChosen: Bool
    /// What it is about, in words.
    public let meaning: String
    /// When it was chosen.
    public let setAt: Date?
    /// Who chose it.
    public let setBy: String?

    /// The name.
    public var id: String { name }
}

/// What a setting was before a change, and what it is now; nil where nothing holds.
public struct EngineSettingChange: Hashable, Sendable {
    /// What held before.
    public let before: String?
    /// What holds now.
    public let now: String?
}
