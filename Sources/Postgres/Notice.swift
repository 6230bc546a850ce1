/// What the server tells beside an answer: NOTICE, WARNING, INFO.
package struct Notice: Sendable, Hashable {
    /// In English whatever the server's language is.
    package var severity: String
    package var message: String
    package var sqlState: String?
    package var detail: String?
    package var hint: String?
}

/// What another session sent with NOTIFY.
package struct Notification: Sendable, Hashable {
    package var channel: String
    package var payload: String
    /// The server process that sent it.
    package var sender: Int32
}
