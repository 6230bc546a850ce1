/// Waits until `condition` holds, looking ever less often; false after `limit`.
package func eventually(
    within limit: Duration = .seconds(90),
    isolation: isolated (any Actor)? = #isolation,
    _ condition: () async throws -> Bool
) async throws -> Bool {
    let end = ContinuousClock.now.advanced(by: limit)
    // Whoever waits for long looks less often: hundreds wait side by side.
    var pause = Duration.milliseconds(5)
    while try await !condition() {
        guard ContinuousClock.now < end else { return false }
        try await Task.sleep(for: pause)
        pause = min(pause * 2, .milliseconds(160))
    }
    return true
}
