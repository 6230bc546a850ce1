import FoundationEssentials
import Postgres

/// Reads one row into a `Decodable` type: a keyed container whose keys are columns.
struct RowDecoder: Decoder {
    let row: Row
    let codingPath: [any CodingKey] = []
    let userInfo: [CodingUserInfoKey: Any] = [:]

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        KeyedDecodingContainer(Columns<Key>(row: row))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer { throw Self.notKeyed }
    func singleValueContainer() throws -> any SingleValueDecodingContainer { throw Self.notKeyed }

    private static let notKeyed = TenancyError(.invalid, "A row is read into a type with properties.")
}

/// The columns of one row as a container; `createdAt` finds the column `created_at` too.
private struct Columns<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let row: Row
    let codingPath: [any CodingKey] = []

    var allKeys: [Key] { row.columns.compactMap { Key(stringValue: $0) } }

    func contains(_ key: Key) -> Bool { name(key) != nil }
    func decodeNil(forKey key: Key) throws -> Bool { try text(key) == nil }

    func decode(_ type: Bool.Type, forKey key: Key) throws -> Bool {
        switch try present(key) {
        case "t", "true": true
        case "f", "false": false
        default: throw mismatch(key, type)
        }
    }

    func decode(_ type: String.Type, forKey key: Key) throws -> String { try present(key) }
    func decode(_ type: Double.Type, forKey key: Key) throws -> Double { try number(key) }
    func decode(_ type: Float.Type, forKey key: Key) throws -> Float { try number(key) }
    func decode(_ type: Int.Type, forKey key: Key) throws -> Int { try number(key) }
    func decode(_ type: Int8.Type, forKey key: Key) throws -> Int8 { try number(key) }
    func decode(_ type: Int16.Type, forKey key: Key) throws -> Int16 { try number(key) }
    func decode(_ type: Int32.Type, forKey key: Key) throws -> Int32 { try number(key) }
    func decode(_ type: Int64.Type, forKey key: Key) throws -> Int64 { try number(key) }
    func decode(_ type: UInt.Type, forKey key: Key) throws -> UInt { try number(key) }
    func decode(_ type: UInt8.Type, forKey key: Key) throws -> UInt8 { try number(key) }
    func decode(_ type: UInt16.Type, forKey key: Key) throws -> UInt16 { try number(key) }
    func decode(_ type: UInt32.Type, forKey key: Key) throws -> UInt32 { try number(key) }
    func decode(_ type: UInt64.Type, forKey key: Key) throws -> UInt64 { try number(key) }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        let text = try present(key)
        let value: Any? =
            switch type {
            case is Date.Type: Timestamp(text)?.date
            case is UUID.Type: UUID(uuidString: text)
            case is Data.Type: name(key).flatMap { try? row.bytes($0) }.map { Data($0) }
            default: scalar(type, text)
            }
        guard let value = value as? Value else { throw mismatch(key, type) }
        return value
    }

    /// What a text column holds for an enum and the like, or a JSON column for a type of its own.
    private func scalar<Value: Decodable>(_ type: Value.Type, _ text: String) -> Value? {
        if let value = try? JSONDecoder().decode(type, from: Data(text.utf8)) { return value }
        guard let quoted = try? JSONEncoder().encode(text) else { return nil }
        return try? JSONDecoder().decode(type, from: quoted)
    }

    private func name(_ key: Key) -> String? {
        let columns = row.columns
        if columns.contains(key.stringValue) { return key.stringValue }
        let snaked = key.stringValue.reduce(into: "") { name, letter in
            if letter.isUppercase { name += "_" }
            name += letter.lowercased()
        }
        return columns.contains(snaked) ? snaked : nil
    }

    private func text(_ key: Key) throws -> String? {
        guard let name = name(key) else { throw missing(key) }
        return try row.optionalString(name)
    }

    private func present(_ key: Key) throws -> String {
        guard let text = try text(key) else { throw missing(key) }
        return text
    }

    private func number<Number: LosslessStringConvertible>(_ key: Key) throws -> Number {
        guard let number = Number(try present(key)) else { throw mismatch(key, Number.self) }
        return number
    }

    private func missing(_ key: Key) -> TenancyError {
        TenancyError(.invalid, "The row has no value for \(key.stringValue).")
    }

    private func mismatch(_ key: Key, _ type: Any.Type) -> TenancyError {
        TenancyError(.invalid, "The column for \(key.stringValue) holds no \(type).")
    }

    func nestedContainer<Nested: CodingKey>(
        keyedBy type: Nested.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Nested> { throw mismatch(key, type) }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        throw mismatch(key, [Any].self)
    }
    func superDecoder() throws -> any Decoder { RowDecoder(row: row) }
    func superDecoder(forKey key: Key) throws -> any Decoder { RowDecoder(row: row) }
}
