import Tenancy
import TestSupport
import Testing

/// An export verifies without a database, and what was done to it is named.
struct ExportFileTests {
    private let records = TrailFixture.chain()

    @Test func verifiesAsItIs() throws {
        let lines = TrailFixture.lines(records)
        #expect(lines.allSatisfy { $0.utf8.allSatisfy { byte in byte >= 0x20 && byte != 0x7F } })
        for ending in ["\n", "\r\n"] {
            let check = try TrailFixture.check(lines, ending: ending)
            #expect(
                check.verdict.isIntact && check.verdict.entries == 12 && check.header == TrailFixture.header)
        }
        let bare = try TrailFixture.check(Array(lines.dropFirst()))
        #expect(bare.verdict.isIntact && bare.header == nil)
        // Every value comes back as it went in.
        for (line, record) in zip(lines.dropFirst(), records) {
            #expect(try AuditLine.content(of: Array(line.utf8)[...], line: 1) == .record(record))
        }
    }

    private struct Tampering: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let firstBad: Int64
        let apply: @Sendable ([String]) -> [String]
    }

    private static func replaced(_ line: Int, _ old: String, _ new: String)
        -> @Sendable ([String]) -> [String]
    {
        { lines in
            var lines = lines
            lines[line] = lines[line].split(separator: old, omittingEmptySubsequences: false).joined(
                separator: new)
            return lines
        }
    }

    private static let tamperings = [
        Tampering(
            testDescription: "an actor", firstBad: 4, apply: replaced(4, "\"actor\":\"al", "\"actor\":\"bl")),
        Tampering(
            testDescription: "a detail that means the same", firstBad: 5, apply: replaced(5, "1.50", "1.5")),
        Tampering(
            testDescription: "null for a text", firstBad: 12,
            apply: { lines in
                var lines = lines
                lines[12] =
                    TrailFixture.lines([
                        {
                            var record = TrailFixture.chain()[11]
                            record.subject = nil
                            return record
                        }()
                    ])[1]
                return lines
            }),
        Tampering(testDescription: "a line removed", firstBad: 5) {
            $0.enumerated().filter { $0.offset != 5 }.map(\.element)
        },
        Tampering(testDescription: "the first removed", firstBad: 1) { [$0[0]] + $0[2...] },
        Tampering(testDescription: "the last removed", firstBad: 12) { Array($0.dropLast()) },
        Tampering(testDescription: "all removed", firstBad: 1) { [$0[0]] },
        Tampering(testDescription: "two swapped", firstBad: 6) { lines in
            var lines = lines
            lines.swapAt(6, 7)
            return lines
        },
        Tampering(testDescription: "one twice", firstBad: 7) { Array($0[...7]) + $0[7...] },
        Tampering(testDescription: "a link", firstBad: 8) { lines in
            var lines = lines
            lines[8] = TrailFixture.lines([TrailFixture.chain(salt: "x")[7]])[1]
            return lines
        },
        Tampering(
            testDescription: "the company of the header", firstBad: 1,
            apply: replaced(0, "230f7f8c", "330f7f8c")),
        Tampering(testDescription: "the trail of another company", firstBad: 1) { lines in
            [lines[0]]
                + TrailFixture.lines(
                    TrailFixture.chain(company: "00000000-1111-4222-8333-444444444444"), header: nil)
        },
    ]

    @Test(arguments: tamperings)
    private func namesTheFirstBadRecord(tampering: Tampering) throws {
        let verdict = try TrailFixture.check(tampering.apply(TrailFixture.lines(records))).verdict
        #expect(!verdict.isIntact)
        #expect(verdict.firstBad == tampering.firstBad)
        #expect(verdict.why?.isEmpty == false)
    }

    @Test func isHeldAgainstACheckpoint() throws {
        let lines = TrailFixture.lines(records)
        func point(_ seq: Int64, _ records: [ChainedRecord]) -> ChainCheck.Point {
            ChainCheck.Point(seq: seq, hash: records[Int(seq) - 1].hash, source: "the note")
        }
        for seq in 1...12 as ClosedRange<Int64> {
            #expect(try TrailFixture.check(lines, through: [point(seq, records)]).verdict.isIntact)
        }
        // A sound chain of another history.
        let other = TrailFixture.chain(salt: "!")
        let forked = try TrailFixture.check(
            TrailFixture.lines(other), through: [point(5, records), point(9, other)])
        #expect(forked.verdict.firstBad == 5)
        #expect(
            try TrailFixture.check(TrailFixture.lines(other), through: [point(9, other)]).verdict.isIntact)
        // A part of the trail: it can prove what it touches, and nothing before.
        var header = TrailFixture.header
        header.firstSeq = 6
        let part = TrailFixture.lines(Array(records[5...]), header: header)
        #expect(try TrailFixture.check(part).verdict.isIntact)
        #expect(try TrailFixture.check(part, through: [point(5, records)]).verdict.isIntact)
        #expect(try TrailFixture.check(part, through: [point(5, other)]).verdict.firstBad == 5)
        #expect(try TrailFixture.check(part, through: [point(4, records)]).verdict.firstBad == 4)
        // An export from before the checkpoint proves nothing about it.
        header.firstSeq = 1
        header.lastSeq = 7
        let older = TrailFixture.lines(Array(records[..<7]), header: header)
        #expect(try TrailFixture.check(older).verdict.isIntact)
        #expect(try TrailFixture.check(older, through: [point(9, records)]).verdict.firstBad == 8)
    }

    private struct Misshape: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let line: Int
        let apply: @Sendable ([String]) -> [String]
    }

    private static let misshapes = [
        Misshape(
            testDescription: "a number as a text", line: 4, apply: replaced(3, "\"seq\":3", "\"seq\":\"3\"")),
        Misshape(testDescription: "a fraction", line: 4, apply: replaced(3, "\"seq\":3", "\"seq\":3.0")),
        Misshape(testDescription: "a leading zero", line: 4, apply: replaced(3, "\"seq\":3", "\"seq\":03")),
        Misshape(
            testDescription: "a key twice", line: 4, apply: replaced(3, "\"seq\":3", "\"seq\":3,\"seq\":3")),
        Misshape(
            testDescription: "a key more", line: 4, apply: replaced(3, "\"seq\":3", "\"seq\":3,\"more\":null")
        ),
        Misshape(testDescription: "a key less", line: 4, apply: replaced(3, "\"resource\":\"users\",", "")),
        Misshape(
            testDescription: "another moment for people", line: 4,
            apply: replaced(3, "\"at\":\"2026", "\"at\":\"2025")),
        Misshape(
            testDescription: "half a character", line: 4,
            apply: replaced(3, "\"resource\":\"", "\"resource\":\"\\ud83d")),
        Misshape(testDescription: "a short hash", line: 4, apply: replaced(3, "\"hash\":\"", "\"hash\":\"0")),
        Misshape(
            testDescription: "an object as detail", line: 5,
            apply: replaced(4, "\"detail\":\"", "\"detail\":{\"")),
        Misshape(testDescription: "a torn line", line: 13) { $0.dropLast() + [String($0[12].prefix(200))] },
        Misshape(testDescription: "an empty line", line: 3) { $0[...1] + [""] + $0[2...] },
        Misshape(
            testDescription: "another version", line: 1, apply: replaced(0, "\"version\":2", "\"version\":3")),
        Misshape(testDescription: "another format", line: 1, apply: replaced(0, "piste-audit", "something")),
        Misshape(testDescription: "a second header", line: 14) { $0 + [$0[0]] },
        Misshape(
            testDescription: "more than the header says", line: 13,
            apply: replaced(0, "\"last_seq\":12", "\"last_seq\":11")),
        Misshape(testDescription: "no JSON at all", line: 1) { _ in ["CEF:0|Piste|piste"] },
        Misshape(testDescription: "nothing", line: 1) { _ in [] },
    ]

    @Test(arguments: misshapes)
    private func namesTheLineThatIsNoExport(misshape: Misshape) throws {
        let lines = misshape.apply(TrailFixture.lines(records))
        let error = #expect(throws: AuditFileError.self) { try TrailFixture.check(lines) }
        #expect(error?.line == misshape.line)
        #expect(error?.what.isEmpty == false)
    }

    @Test func saysThatAFileIsNotThere() {
        let error = #expect(throws: AuditFileError.self) { try ExportCheck(path: "/nowhere/at/all") }
        #expect(error?.line == nil && error?.what.contains("No such file") == true)
    }
}
