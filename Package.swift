// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target is built in Swift 6 mode with strict memory safety: each use of an unsafe
/// construct is marked `unsafe`, so that a reader finds them all.
var strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .strictMemorySafety(),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// Mistakes that the crash tests have to find, for `make bugs` alone.
if Context.environment["DRUMLIN_INJECTED_BUGS"] != nil { strict.append(.define("DRUMLIN_INJECTED_BUGS")) }

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
    name: "drumlin",
    products: [
        .library(name: "Drumlin", targets: ["Drumlin"]),
        .library(name: "DrumlinMetrics", targets: ["DrumlinMetrics"]),
        .library(name: "DrumlinLogging", targets: ["DrumlinLogging"]),
        .library(name: "DrumlinLifecycle", targets: ["DrumlinLifecycle"]),
        .executable(name: "drumlin", targets: ["DrumlinCLI"]),
        .executable(name: "colstat", targets: ["colstat"]),
        .executable(name: "TaxiTips", targets: ["TaxiTips"]),
    ],
    // What an adapter needs is fetched only by those who ask for it by its trait.
    traits: [
        .trait(name: "Metrics", description: "DrumlinMetrics, the adapter for swift-metrics"),
        .trait(name: "Logging", description: "DrumlinLogging, the adapter for swift-log"),
        .trait(name: "ServiceLifecycle", description: "DrumlinLifecycle, the service for swift-service-lifecycle"),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.10.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.12.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.10.0"),
    ],
    targets: [
        // C: the one system library; the few calls that Swift cannot make, and kernels for several instruction sets.
        .systemLibrary(name: "CLZ4", providers: [.apt(["liblz4-dev"]), .brew(["lz4"])]),
        .target(name: "CDrumlinShims"),
        // The page of `drumlin report`, in the program itself.
        .target(name: "CDrumlinReport", exclude: ["page"]),

        // The library, lowest layer first. Imports go down this list, never up.
        .target(name: "ColumnFormat", dependencies: ["CDrumlinShims"], swiftSettings: strict),
        .target(
            name: "ColumnEncoding", dependencies: ["ColumnFormat", "CLZ4", "CDrumlinShims"], swiftSettings: strict,
            linkerSettings: [.linkedLibrary("lz4")]),
        .target(
            name: "ColumnStore", dependencies: ["ColumnFormat", "ColumnEncoding", "CDrumlinShims"],
            swiftSettings: strict),
        .target(name: "ColumnViews", dependencies: ["ColumnFormat", "ColumnStore"], swiftSettings: strict),
        .target(
            name: "Drumlin",
            dependencies: ["ColumnFormat", "ColumnStore", "ColumnViews", "CDrumlinShims", "CDrumlinReport"],
            swiftSettings: strict),

        // Adapters to what servers have already; empty without their traits.
        .target(
            name: "DrumlinMetrics",
            dependencies: [
                "Drumlin", .product(name: "Metrics", package: "swift-metrics", condition: .when(traits: ["Metrics"])),
            ], swiftSettings: strict),
        .target(
            name: "DrumlinLogging",
            dependencies: [
                "Drumlin", .product(name: "Logging", package: "swift-log", condition: .when(traits: ["Logging"])),
            ], swiftSettings: strict),
        .target(
            name: "DrumlinLifecycle",
            dependencies: [
                "Drumlin",
                .product(
                    name: "ServiceLifecycle", package: "swift-service-lifecycle",
                    condition: .when(traits: ["ServiceLifecycle"])),
            ], swiftSettings: strict),

        // What people run. CommandSupport is what the three share: CSV, tables, JSON, progress, how they end.
        .target(name: "CommandSupport", dependencies: ["Drumlin", argumentParser], swiftSettings: strict),
        .executableTarget(
            name: "colstat",
            dependencies: ["Drumlin", "ColumnStore", "ColumnFormat", "CommandSupport", argumentParser],
            swiftSettings: strict),
        .executableTarget(
            name: "DrumlinCLI", dependencies: ["Drumlin", "CommandSupport", argumentParser], swiftSettings: strict),
        // Taxi trips, read or generated, and a model of them: what the running example and the small ones have in common.
        .target(name: "TaxiTrips", dependencies: ["Drumlin", "CommandSupport"], swiftSettings: strict),
        .executableTarget(
            name: "TaxiTips", dependencies: ["TaxiTrips", "Drumlin", "CommandSupport", argumentParser],
            swiftSettings: strict),
        .executableTarget(
            name: "Decay", dependencies: ["TaxiTrips", "Drumlin", "CommandSupport"], path: "Examples/Decay",
            swiftSettings: strict),
        .executableTarget(
            name: "ImportanceWeighting", dependencies: ["TaxiTrips", "Drumlin", "CommandSupport"],
            path: "Examples/ImportanceWeighting", swiftSettings: strict),
        .executableTarget(
            name: "DelayedLabels", dependencies: ["TaxiTrips", "Drumlin", "CommandSupport"],
            path: "Examples/DelayedLabels", swiftSettings: strict),

        // Tests, one target a module; CrashTests drive the whole store over a simulated disk.
        .target(
            name: "TestSupport", dependencies: ["ColumnFormat", "ColumnStore", "Drumlin"], path: "Tests/TestSupport",
            swiftSettings: strict),
        // Crashes for as long as one likes: `make soak`. No product, so that only those who work here build it.
        .executableTarget(name: "soak", dependencies: ["TestSupport"], path: "Tests/Soak", swiftSettings: strict),
        .testTarget(name: "ColumnFormatTests", dependencies: ["ColumnFormat", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "ColumnEncodingTests",
            dependencies: ["ColumnEncoding", "ColumnFormat", "ColumnStore", "TestSupport"],
            exclude: ["Stranger/segment.py"], swiftSettings: strict),
        .testTarget(
            name: "ColumnStoreTests", dependencies: ["ColumnStore", "ColumnFormat", "ColumnEncoding", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "ColumnViewsTests", dependencies: ["ColumnViews", "ColumnStore", "ColumnFormat", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "DrumlinTests",
            dependencies: ["Drumlin", "ColumnViews", "ColumnStore", "ColumnFormat", "TestSupport"],
            resources: [.copy("Expected")], swiftSettings: strict),
        // A program that the tests start, watch and kill.
        .executableTarget(
            name: "StoreProcess", dependencies: ["ColumnStore", "ColumnFormat", "TestSupport"],
            path: "Tests/StoreProcess", swiftSettings: strict),
        .testTarget(
            name: "CrashTests",
            dependencies: ["StoreProcess", "Drumlin", "ColumnStore", "ColumnFormat", "TestSupport"],
            swiftSettings: strict),
        // The code of the README and of the articles, compiled; a test holds the documents against it.
        .executableTarget(name: "Articles", dependencies: ["Drumlin"], path: "Tests/Articles", swiftSettings: strict),
        .testTarget(name: "ArticleTests", dependencies: ["Articles", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "CommandSupportTests", dependencies: ["CommandSupport", "Drumlin", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "DrumlinCLITests", dependencies: ["DrumlinCLI", "CommandSupport", "Drumlin", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "ColstatTests", dependencies: ["colstat", "CommandSupport", "Drumlin", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "TaxiTripsTests", dependencies: ["TaxiTrips", "CommandSupport", "Drumlin", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "TaxiTipsTests", dependencies: ["TaxiTips", "TaxiTrips", "CommandSupport", "Drumlin", "TestSupport"],
            swiftSettings: strict),
    ]
)

// The benchmarks and what they need are there only where they are asked for (`make bench` does), so that those who
// depend on Drumlin never fetch it.
if Context.environment["DRUMLIN_BENCHMARKS"] != nil {
    package.dependencies.append(.package(url: "https://github.com/ordo-one/benchmark", exact: "1.38.1", traits: []))
    package.targets += [
        .target(
            name: "BenchmarkSupport", dependencies: ["Drumlin", "ColumnStore", "CommandSupport"],
            path: "Benchmarks/Support",
            swiftSettings: strict),
        .executableTarget(
            name: "Scale", dependencies: ["BenchmarkSupport", "Drumlin", "CommandSupport"], path: "Benchmarks/Scale",
            swiftSettings: strict),
        .executableTarget(
            name: "Durability", dependencies: ["BenchmarkSupport", "Drumlin", "ColumnStore", "CommandSupport"],
            path: "Benchmarks/Durability", swiftSettings: strict),
        .executableTarget(
            name: "Columns",
            dependencies: ["BenchmarkSupport", "Drumlin", "ColumnStore", "ColumnFormat", "CommandSupport"],
            path: "Benchmarks/Columns", swiftSettings: strict),
        .executableTarget(
            name: "Codecs", dependencies: ["BenchmarkSupport", "Drumlin", "ColumnEncoding", "ColumnFormat"],
            path: "Benchmarks/Codecs", swiftSettings: strict),
        .executableTarget(
            name: "Mixture", dependencies: ["BenchmarkSupport", "Drumlin"], path: "Benchmarks/Mixture",
            swiftSettings: strict),
        .executableTarget(
            name: "Suite",
            dependencies: ["BenchmarkSupport", "Drumlin", .product(name: "Benchmark", package: "benchmark")],
            path: "Benchmarks/Suite", swiftSettings: strict,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
    ]
}

// `make docs` alone fetches what makes the documentation.
if Context.environment["DRUMLIN_DOCS"] != nil {
    package.dependencies.append(.package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"))
}

// The fuzzer's program, which links only with `-sanitize=fuzzer` (`make fuzz`).
if Context.environment["DRUMLIN_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "Drumlin", "ColumnViews", "ColumnStore", "ColumnEncoding", "ColumnFormat", "CommandSupport",
                "TestSupport",
            ],
            path: "Fuzz/Targets", swiftSettings: strict))
}
