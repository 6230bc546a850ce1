import Tenancy

/// Looks at the engine's figures now and then, over a connection of its own.
struct EngineLooks: Sendable {
    let target: Target
    let figures: SweepFigures

    /// Between two looks at the figures.
    private static let pace = Duration.seconds(5)
    /// How many looks pass between two at every company's chain: those read each company's tables.
    private static let looksBetweenHeads = 60

    /// Goes on until the task is cancelled; a server that is gone is asked again later.
    ///
    /// Throws when the login may not see the figures: that is told at once.
    func run() async throws {
        var looks = 0
        while !Task.isCancelled {
            do {
                let client = try await target.connect()
                do {
                    while !Task.isCancelled {
                        let version = try await client.whoAmI().engineVersion
                        figures.looked(try await client.metrics(), version: version)
                        if looks % Self.looksBetweenHeads == 0 {
                            figures.sawHeads(try await client.chainHeadAges())
                        }
                        looks += 1
                        try await Task.sleep(for: Self.pace)
                    }
                } catch {
                    await client.close()
                    throw error
                }
            } catch let error as TenancyError
                where error.code == .unreachable
                || error.code != .refused && error.code != .engineMissing && looks > 0
            {
                try await Task.sleep(for: Self.pace)
            }
        }
    }
}
