import ArgumentParser
import TOMLKit

@main
struct Piste: ParsableCommand {
    func run() throws { print((try TOMLTable(string: "a = 1")).count) }
}
