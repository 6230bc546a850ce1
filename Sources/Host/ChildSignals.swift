package import Glibc

/// The signals of a child that is about to be started.
package enum ChildSignals {
    /// Calls the body with attributes for `posix_spawn` by which a child blocks no signal and ignores none.
    ///
    /// It would inherit both otherwise: from a thread that takes no signals, and from a process that ignores some.
    package static func clean<Value>(_ body: (UnsafePointer<posix_spawnattr_t>) -> Value) -> Value {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        return body(&attributes)
    }
}
