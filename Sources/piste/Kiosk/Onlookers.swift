import Console
import Glibc
import Synchronization
import Terminal

/// The host's programs that look on at a visit: the other ends of a socket in the visitor's place.
///
/// Nothing of what they send is read, so no key of theirs reaches the visitor, and nothing is kept of what they were shown.
final class Onlookers: Sendable {
    private struct One: Sendable {
        let descriptor: Int32
        var cast = Cast(title: "piste demo", startedAt: time(nil))
        /// What the socket did not take yet: until it does, this one is shown nothing newer.
        var rest: [UInt8] = []
    }

    /// How many look on at once.
    static let most = 4

    private let listener: Int32
    private let begun = ContinuousClock.now
    private let all = Mutex<[One]>([])

    init(at listener: Int32) { self.listener = listener }

    var audience: Audience {
        Audience(descriptors: { self.descriptors }, attend: { self.attend() }, show: { self.show($0, $1) })
    }

    private var descriptors: [Int32] { [listener] + all.withLock { $0.map(\.descriptor) } }

    private func attend() -> Bool {
        all.withLock { all in
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { break }
                guard all.count < Self.most, fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0,
                    fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0
                else {
                    close(descriptor)
                    continue
                }
                all.append(One(descriptor: descriptor))
            }
            all.removeAll { one in
                let isGone = Self.isGone(one.descriptor)
                if isGone { close(one.descriptor) }
                return isGone
            }
            return !all.isEmpty
        }
    }

    /// Whether the other end is closed; what it sends is thrown away.
    private static func isGone(_ descriptor: Int32) -> Bool {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
        return count == 0 || count < 0 && errno != EAGAIN && errno != EINTR
    }

    private func show(_ canvas: Canvas, _ theme: Theme) {
        let (seconds, attoseconds) = (ContinuousClock.now - begun).components
        let moment = Double(seconds) + Double(attoseconds) / 1e18
        all.withLock { all in
            for index in all.indices {
                if all[index].rest.isEmpty {
                    let lines = all[index].cast.lines(for: canvas, theme, at: moment)
                    all[index].rest = lines.flatMap { Array($0.utf8) + [UInt8(ascii: "\n")] }
                }
                Self.send(&all[index])
            }
        }
    }

    /// Sends as much as the socket takes; whoever is slow sees fewer frames, and the visitor waits for nobody.
    private static func send(_ one: inout One) {
        while !one.rest.isEmpty {
            let count = one.rest.withUnsafeBytes {
                Glibc.send(
                    one.descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
            }
            guard count > 0 else { return }
            one.rest.removeFirst(count)
        }
    }
}
