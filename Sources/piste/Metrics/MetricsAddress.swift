import ArgumentParser

/// Where figures are served: `HOST:PORT`, `[IPv6]:PORT`, or a port on the loopback interface.
struct MetricsAddress: ExpressibleByArgument, Sendable {
    let host: String
    let port: String

    init?(argument: String) {
        let colon = argument.lastIndex(of: ":")
        let number = colon.map { argument[argument.index(after: $0)...] } ?? argument[...]
        guard let port = UInt16(number), port > 0 else { return nil }
        var host = colon.map { String(argument[..<$0]) } ?? ""
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard colon == nil || !host.contains(":") || argument.hasPrefix("[") else { return nil }
        self.host = host.isEmpty ? "127.0.0.1" : host
        self.port = String(port)
    }

    var displayName: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
