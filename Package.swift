// swift-tools-version: 6.2

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
            pkgConfig: "ncursesw",
            providers: [.apt(["libncurses-dev"]), .brew(["ncurses"])],
        ),
        .systemLibrary(
            name: "CLibpq",
            pkgConfig: "libpq",
            providers: [.apt(["libpq-dev"]), .brew(["libpq"])],
        ),
        .target(name: "CTerminal", dependencies: ["CNcursesw"]),
        .target(
            name: "Terminal",
            dependencies: ["CNcursesw", "CTerminal", .product(name: "TOMLKit", package: "TOMLKit")],
            swiftSettings: settings,
        ),
        .target(name: "Postgres", dependencies: ["CLibpq"], swiftSettings: settings),
        .target(name: "Tenancy", dependencies: ["Postgres"], swiftSettings: settings),
        .target(name: "LocalCluster", dependencies: ["Postgres"], swiftSettings: settings),
        .target(name: "Console", dependencies: ["Terminal", "Tenancy"], swiftSettings: settings),
        .executableTarget(
            name: "piste",
            dependencies: [
                "Console", "LocalCluster", "Postgres", "Tenancy", "Terminal",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "TOMLKit", package: "TOMLKit"),
            ],
            swiftSettings: settings,
            linkerSettings: staticRuntime,
        ),
        .target(
            name: "TestSupport",
            dependencies: ["CTerminal", "LocalCluster", "Postgres", "Tenancy"],
            path: "Tests/TestSupport",
            swiftSettings: settings,
        ),
        .executableTarget(
            name: "ScreenProbe",
            dependencies: ["Terminal"],
            path: "Tests/ScreenProbe",
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
            dependencies: ["Postgres", "Tenancy", "TestSupport"],
            swiftSettings: settings,
        ),
        .testTarget(
            name: "ConsoleTests",
            dependencies: ["Console", "Tenancy", "Terminal", "TestSupport"],
            swiftSettings: settings,
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: ["CTerminal", "LocalCluster", "Postgres", "Tenancy", "TestSupport", "piste"],
            swiftSettings: settings,
        ),
    ],
    swiftLanguageModes: [.v6],
)
