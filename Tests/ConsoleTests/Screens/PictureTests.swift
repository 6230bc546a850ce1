import FoundationEssentials
import Glibc
import Terminal
import Testing

@testable import Console

/// The picture in the README is a frame that the console draws.
struct PictureTests {
    private static let path =
        String(
            #filePath.dropLast("Tests/ConsoleTests/Screens/PictureTests.swift".count)
        ) + ".github/console.svg"

    /// `PISTE_RECORD_FRAMES=1` draws it anew.
    @Test func theReadmeShowsAFrameAsItIsDrawn() throws {
        _ = timesAreInUTC
        let drawn = Picture(canvas: Driver.impersonating(rows: 26).canvas, theme: .standard).svg + "\n"
        if getenv("PISTE_RECORD_FRAMES") != nil {
            try drawn.write(toFile: Self.path, atomically: true, encoding: .utf8)
            return
        }
        let kept = try String(contentsOfFile: Self.path, encoding: .utf8)
        #expect(kept == drawn, "record the frames anew, and look at the picture")
    }

    @Test func everyLineOfTheFrameIsInThePicture() {
        let canvas = Driver.impersonating(rows: 26).canvas
        let svg = Picture(canvas: canvas, theme: .standard).svg
        for words in ["IMPERSONATING", "Onboarding", "Audit trail", "ada@awesome.example"] {
            #expect(canvas.text.contains(words) && svg.contains(words), "\(words)")
        }
    }
}
