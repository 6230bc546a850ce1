/// The block before a member of a ustar archive (POSIX.1-1988): a plain file's name and length.
struct TarHeader: Hashable {
    static let blockSize = 512
    /// Where the format's name stands.
    static let magic = 257..<262

    /// Tells whether a file begins as an archive does, whatever comes then.
    static func begins(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.dropFirst(magic.lowerBound).prefix(magic.count).elementsEqual("ustar".utf8)
    }

    /// The most bytes that eleven octal digits can tell.
    static let largestMember: Int64 = 0o77777777777

    var name: String
    var size: Int64

    /// The bytes from the end of a member's content to the next block.
    static func padding(after size: Int64) -> Int {
        let rest = Int(size % Int64(blockSize))
        return rest == 0 ? 0 : blockSize - rest
    }

    init(name: String, size: Int64) {
        self.name = name
        self.size = size
    }

    /// The header as one block; readable and writable by its owner only.
    var block: [UInt8] {
        var block = [UInt8](repeating: 0, count: Self.blockSize)
        func put(_ text: String, at offset: Int) {
            for (index, byte) in text.utf8.enumerated() { block[offset + index] = byte }
        }
        put(name, at: 0)
        put("0000600", at: 100)
        put("0000000", at: 108)
        put("0000000", at: 116)
        put(Self.octal(size, digits: 11), at: 124)
        put("00000000000", at: 136)
        put("        ", at: 148)
        put("0", at: 156)
        put("ustar", at: Self.magic.lowerBound)
        put("00", at: 263)
        put(Self.octal(Self.sum(block), digits: 6) + "\0 ", at: 148)
        return block
    }

    /// Reads a block, and takes nothing but what `block` writes, to the last byte.
    init(_ bytes: [UInt8]) throws(ArchiveError) {
        guard bytes.count == Self.blockSize, let size = Self.number(bytes[124..<135]) else {
            throw ArchiveError(.damaged, "this is no archive of a company, or its end is missing")
        }
        self.init(name: String(decoding: bytes[0..<100].prefix { $0 != 0 }, as: UTF8.self), size: size)
        guard name.utf8.count < 100, block == bytes else {
            throw ArchiveError(.damaged, "a header of the archive is none that an export writes")
        }
    }

    private static func sum(_ block: [UInt8]) -> Int64 {
        block.reduce(0) { $0 + Int64($1) }
    }

    private static func octal(_ number: Int64, digits: Int) -> String {
        let text = String(number, radix: 8)
        return String(repeating: "0", count: max(0, digits - text.count)) + text
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        var number: Int64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit) else { return nil }
            number = number << 3 | Int64(digit - UInt8(ascii: "0"))
        }
        return number
    }
}
