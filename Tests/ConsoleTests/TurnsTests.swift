import Testing

@testable import Console

/// Requests of one context take turns, also when they wait for something in between.
struct TurnsTests {
    private actor Ear {
        private(set) var heard: [Int] = []
        func hear(_ number: Int) { heard.append(number) }
    }

    @Test func nobodyComesBetweenADeclarationAndItsRead() async {
        let turns = Turns()
        let ear = Ear()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<50 {
                group.addTask {
                    await turns.take {
                        await ear.hear(number)
                        for _ in 0..<20 { await Task.yield() }
                        await ear.hear(number)
                    }
                }
            }
        }
        let order = await ear.heard
        #expect(order.count == 100)
        #expect(stride(from: 0, to: 100, by: 2).allSatisfy { order[$0] == order[$0 + 1] })
    }

    @Test func aRequestThatFailsGivesItsTurnOn() async {
        struct Refusal: Error {}
        let turns = Turns()
        await #expect(throws: Refusal.self) {
            try await turns.take { () throws(Refusal) in throw Refusal() }
        }
        let answer = await turns.take { 7 }
        #expect(answer == 7)
    }
}
