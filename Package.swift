// swift-tools-version: 6.2

import Foundation
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// The Swift runtime goes into the release binary: it starts in half the time and runs where no toolchain is.
///
/// The libraries named here are those that Foundation's static archives need and do not ask for themselves.
let staticRuntime: [LinkerSetting] =
    [.unsafeFlags(["-static-stdlib"], .when(platforms: [.linux], configuration: .release))]
    + ["_FoundationCShims", "_FoundationCollections", "swiftSynchronization"].map {
        .linkedLibrary($0, .when(platforms: [.linux], configuration: .release))
    }

/// The program is compiled to be small.
///
/// It waits for people and for PostgreSQL: at the same speed, `-Osize` takes half a megabyte off its resident memory. What
/// other packages may use is left as it is, because SwiftPM allows no such flag there.
let programSettings: [SwiftSetting] =
    settings + [.unsafeFlags(["-Osize"], .when(platforms: [.linux], configuration: .release))]

/// The engine's SQL and the blueprint of a company, wherever they lie in their topics; `EngineScript` has their order.
///
/// SwiftPM remembers what a manifest answered, for as long as its text stays the same: after a file has come or gone, build once with
/// `--manifest-cache none`.
let engineFiles = ["Engine", "Blueprint"].flatMap { folder in
    let root = Context.packageDirectory + "/Sources/Tenancy/" + folder
    let found = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
    return found.filter { $0.hasSuffix(".sql") }.sorted().map { folder + "/" + $0 }
}

/// The adapters of other languages, which the program prints.
let clientFiles = ["piste_django.py", "piste_node.js", "piste_psycopg.py", "piste_sqlalchemy.py"].map {
    "Clients/" + $0
}

/// On Linux the headers lie where every compiler looks, and the module map names the libraries; what ncurses' own file for
/// pkg-config adds are flags that SwiftPM prohibits, with a warning at every build.
#if os(Linux)
let ncursesPackage: String? = nil
#else
let ncursesPackage: String? = "ncursesw"
#endif

let package = Package(
    name: "piste",
    products: [
        .executable(name: "piste", targets: ["piste"]),
        .library(name: "Tenancy", targets: ["Tenancy"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CNcursesw",
            pkgConfig: ncursesPackage,
            providers: [.apt(["libncurses-dev"]), .brew(["ncurses"])],
        ),
        .systemLibrary(
            name: "CLibpq",
            pkgConfig: "libpq",
            providers: [.apt(["libpq-dev"]), .brew(["libpq"])],
        ),
        .systemLibrary(
            name: "CLibcrypto",
            pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"]), .brew(["openssl"])],
        ),
        .target(
            name: "CTerminal",
            dependencies: ["CNcursesw"],
            // What is written in C asks for no library by a module map.
            linkerSettings: ["ncursesw", "tinfo"].map { .linkedLibrary($0, .when(platforms: [.linux])) },
        ),
        .target(name: "Host", swiftSettings: settings),
        .target(name: "Text", swiftSettings: settings),
        .target(
            name: "Terminal",
            dependencies: [
                "CNcursesw", "CTerminal", "Host", "Text", .product(name: "TOMLKit", package: "TOMLKit"),
            ],
            swiftSettings: programSettings,
        ),
        .target(name: "Postgres", dependencies: ["CLibpq", "Host"], swiftSettings: settings),
        .target(name: "Signing", dependencies: ["CLibcrypto"], swiftSettings: settings),
        .target(
            name: "Tenancy",
            dependencies: ["Host", "Postgres", "Signing", "Text"],
            resources: (engineFiles + clientFiles).map { .embedInCode($0) },
            swiftSettings: settings,
        ),
        .target(name: "LocalCluster", dependencies: ["Host", "Postgres"], swiftSettings: programSettings),
        .target(
            name: "Listing", dependencies: ["Tenancy", "Terminal", "Text"], swiftSettings: programSettings),
        .target(
            name: "Console", dependencies: ["Host", "Listing", "Terminal", "Tenancy", "Text"],
            swiftSettings: programSettings),
        .executableTarget(
            name: "piste",
            dependencies: [
                "Console", "Host", "Listing", "LocalCluster", "Postgres", "Signing", "Tenancy", "Terminal",
                "Text",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "TOMLKit", package: "TOMLKit"),
            ],
            exclude: ["Manual", "Service"],
            swiftSettings: programSettings,
            linkerSettings: staticRuntime,
        ),
        .target(
            name: "TestSupport",
            dependencies: ["CTerminal", "Host", "LocalCluster", "Postgres", "Tenancy"],
            path: "Tests/TestSupport",
            swiftSettings: settings,
        ),
        .executableTarget(
            name: "ScreenProbe",
            dependencies: ["Terminal"],
            path: "Tests/ScreenProbe",
            swiftSettings: settings,
        ),
        .executableTarget(
            name: "benchmark",
            dependencies: ["CTerminal", "LocalCluster", "Postgres", "Tenancy", "TestSupport"],
            path: "Tests/Benchmarks",
            swiftSettings: settings,
        ),
        .testTarget(
            name: "TerminalTests",
            dependencies: ["CTerminal", "ScreenProbe", "Terminal", "TestSupport"],
            swiftSettings: settings,
        ),
        .testTarget(
            name: "PostgresTests",
            dependencies: ["Postgres", "TestSupport"],
            swiftSettings: settings,
        ),
        .testTarget(
            name: "LocalClusterTests",
            dependencies: ["LocalCluster", "Postgres", "TestSupport"],
            swiftSettings: settings,
        ),
        .testTarget(
            name: "TenancyTests",
            dependencies: ["Postgres", "Signing", "Tenancy", "TestSupport", "Text"],
            swiftSettings: settings,
        ),
        .testTarget(name: "ListingTests", dependencies: ["Listing", "Tenancy"], swiftSettings: settings),
        .testTarget(
            name: "ConsoleTests",
            dependencies: ["CTerminal", "Console", "Listing", "Tenancy", "Terminal", "TestSupport"],
            exclude: ["Frames"],
            swiftSettings: settings,
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "CTerminal", "LocalCluster", "Postgres", "Signing", "Tenancy", "TestSupport", "Text", "piste",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            exclude: ["HighAvailability/Scripts", "SSH/Scripts", "Services/Scripts"],
            swiftSettings: settings,
        ),
    ],
    swiftLanguageModes: [.v6],
)
