// swift-tools-version: 6.2
import PackageDescription

/// The adapters are tested as those who use them see them: from another package, which asks for them by their traits. So what
/// they need is fetched for these tests alone (`make test-adapters`).
let package = Package(
    name: "adapters",
    dependencies: [
        .package(name: "drumlin", path: "../..", traits: ["Metrics", "Logging", "ServiceLifecycle"]),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.10.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.12.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.10.0"),
    ],
    targets: [
        .testTarget(
            name: "AdapterTests",
            dependencies: [
                .product(name: "Drumlin", package: "drumlin"),
                .product(name: "DrumlinMetrics", package: "drumlin"),
                .product(name: "DrumlinLogging", package: "drumlin"),
                .product(name: "DrumlinLifecycle", package: "drumlin"),
                .product(name: "MetricsTestKit", package: "swift-metrics"),
                .product(name: "InMemoryLogging", package: "swift-log"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"), .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
            ])
    ])
