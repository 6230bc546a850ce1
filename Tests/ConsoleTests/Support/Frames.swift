import FoundationEssentials
import Glibc
import Terminal
import Testing

@testable import Console

/// Compares the driver's frame with the one kept in `Frames`; `PISTE_RECORD_FRAMES=1` keeps the present one.
func expectFrame(_ driver: Driver, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    try expectText(driver.frame, name, sourceLocation: sourceLocation)
}

/// The same for any part or reading of a frame.
func expectText(
    _ text: @autoclosure () -> String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
    _ = timesAreInUTC
    let drawn = text() + "\n"
    let path = frameFolder + "/\(name).txt"
    if getenv("PISTE_RECORD_FRAMES") != nil {
        try drawn.write(toFile: path, atomically: true, encoding: .utf8)
        return
    }
    let kept = try String(contentsOfFile: path, encoding: .utf8)
    guard kept != drawn else { return }
    let pairs = zip(
        kept.split(separator: "\n", omittingEmptySubsequences: false),
        drawn.split(separator: "\n", omittingEmptySubsequences: false))
    let differing = pairs.filter { $0 != $1 }.map { "- \($0)\n+ \($1)" }.joined(separator: "\n")
    Issue.record(
        "the frame \(name) differs:\n\(differing)\n\nthe whole frame:\n\(drawn)",
        sourceLocation: sourceLocation)
}

/// Frames show times in UTC wherever they are drawn; set once, since other tests read the zone meanwhile.
let timesAreInUTC: Bool = {
    setenv("TZ", "UTC", 1)
    tzset()
    return true
}()

/// The names of the frames that a folder of `Frames` keeps.
func keptFrames(in folder: String) throws -> Set<String> {
    Set(try FileManager.default.contentsOfDirectory(atPath: frameFolder + "/" + folder))
}

private let frameFolder = String(#filePath.dropLast("Support/Frames.swift".count)) + "Frames"
