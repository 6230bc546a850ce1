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

/// The program is compiled to be small.
///
/// It waits for people and for PostgreSQL: at the same speed, `-Osize` takes half a megabyte off its resident memory. What
/// other packages may use is left as it is, because SwiftPM allows no such flag there.
let programSettings: [SwiftSetting] =
    settings + [.unsafeFlags(["-Osize"], .when(platforms: [.linux], configuration: .release))]

/// The engine's SQL, in the order in which it is installed, and the blueprints of a company's schema.
let engineFiles = [
    "Engine/m0001_roles.sql",
    "Engine/m0002_control_tables.sql",
    "Engine/m0003_backends_and_roles.sql",
    "Engine/m0004_crypto.sql",
    "Engine/m0005_audit.sql",
    "Engine/m0006_gate.sql",
    "Engine/m0007_search.sql",
    "Engine/m0008_companies.sql",
    "Engine/m0009_company_life.sql",
    "Engine/m0010_tokens.sql",
    "Engine/m0011_contexts.sql",
    "Engine/m0011_sessions.sql",
    "Engine/m0012_changes.sql",
    "Engine/m0013_verify.sql",
    "Engine/m0014_operators.sql",
    "Engine/m0015_sweeper.sql",
    "Engine/m0016_policy.sql",
    "Engine/m0017_requests.sql",
    "Engine/m0017_requests_decided.sql",
    "Engine/m0018_keys.sql",
    "Engine/m0019_statistics.sql",
    "Engine/m0020_archive.sql",
    "Engine/m0021_migrations.sql",
    "Engine/m0021_structure.sql",
    "Engine/m0022_blueprint_check.sql",
    "Engine/m0022_blueprints.sql",
    "Engine/m0023_audit_outside.sql",
    "Engine/m0024_services.sql",
    "Engine/m0025_figures.sql",
    "Engine/m0026_sign_in.sql",
    "Engine/m0027_metrics.sql",
    "Engine/m0030_manifest.sql",
    "Engine/m0031_proof_server.sql",
    "Engine/m0032_proof_roles.sql",
    "Engine/m0033_proof_companies.sql",
    "Engine/m0033_proof_structures.sql",
    "Engine/m0034_proof.sql",
    "Engine/m0035_probes.sql",
    "Engine/m0090_grants.sql",
    "Blueprint/b0001_company.sql",
    "Blueprint/b0001_growth.sql",
    "Blueprint/b0002_company.sql",
    "Blueprint/b0002_growth.sql",
    "Blueprint/b0002_migration.sql",
    "Blueprint/b0003_company.sql",
    "Blueprint/b0003_growth.sql",
    "Blueprint/b0003_migration.sql",
]

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
        .systemLibrary(
            name: "CLibcrypto",
            pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"]), .brew(["openssl"])],
        ),
        .target(name: "CTerminal", dependencies: ["CNcursesw"]),
        .target(
            name: "Terminal",
            dependencies: ["CNcursesw", "CTerminal", .product(name: "TOMLKit", package: "TOMLKit")],
            swiftSettings: programSettings,
        ),
        .target(name: "Postgres", dependencies: ["CLibpq"], swiftSettings: settings),
        .target(name: "Signing", dependencies: ["CLibcrypto"], swiftSettings: settings),
        .target(
            name: "Tenancy",
            dependencies: ["Postgres", "Signing"],
            resources: engineFiles.map { .embedInCode($0) },
            swiftSettings: settings,
        ),
        .target(name: "LocalCluster", dependencies: ["Postgres"], swiftSettings: programSettings),
        .target(name: "Console", dependencies: ["Terminal", "Tenancy"], swiftSettings: programSettings),
        .executableTarget(
            name: "piste",
            dependencies: [
                "Console", "LocalCluster", "Postgres", "Signing", "Tenancy", "Terminal",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "TOMLKit", package: "TOMLKit"),
            ],
            exclude: ["Manual"],
            swiftSettings: programSettings,
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
        .executableTarget(
            name: "benchmark",
            dependencies: ["CTerminal", "LocalCluster", "Postgres", "Tenancy", "TestSupport"],
            path: "Tests/Benchmarks",
            swiftSettings: settings,
            linkerSettings: staticRuntime,
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
            dependencies: ["Postgres", "Signing", "Tenancy", "TestSupport"],
            swiftSettings: settings,
        ),
        .testTarget(
            name: "ConsoleTests",
            dependencies: ["CTerminal", "Console", "Tenancy", "Terminal", "TestSupport"],
            exclude: ["Frames"],
            swiftSettings: settings,
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "CTerminal", "LocalCluster", "Postgres", "Signing", "Tenancy", "TestSupport", "piste",
            ],
            exclude: ["SSH/Scripts", "Services/Scripts", "Upgrade/Dumps"],
            swiftSettings: settings,
        ),
    ],
    swiftLanguageModes: [.v6],
)
