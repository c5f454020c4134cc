import ColumnFormat

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What libFuzzer tries to break: one program for all targets, so that it is built once.
///
/// `DRUMLIN_FUZZ_TARGET` chooses the target. With `DRUMLIN_FUZZ_SEEDS=FOLDER` the program writes the first inputs of all
/// targets there, instead of fuzzing.
protocol FuzzTarget: Sendable {
    /// Tries one input. What must not happen traps.
    func run(_ bytes: [UInt8])
    /// Puts right what would end every attempt at once: checksums.
    func repair(_ bytes: inout [UInt8], using choice: inout SplitMix)
    /// Inputs to begin with.
    var seeds: [[UInt8]] { get }
}

extension FuzzTarget {
    func repair(_ bytes: inout [UInt8], using choice: inout SplitMix) {}
}

private let targets: [String: any FuzzTarget] = [
    "segment": SegmentTarget(), "log": LogTarget(kind: .log), "manifest": LogTarget(kind: .manifest),
    "page": PageTarget(), "index": IndexTarget(), "checkpoint": CheckpointTarget(), "store": StoreTarget(),
    "csv": CSVTarget(), "json": JSONTarget(),
]

private func variable(_ name: String) -> String? { unsafe getenv(name).map { unsafe String(cString: $0) } }

private let chosen: any FuzzTarget = {
    let name = variable("DRUMLIN_FUZZ_TARGET") ?? ""
    guard let target = targets[name] else {
        print("set DRUMLIN_FUZZ_TARGET to one of \(targets.keys.sorted().joined(separator: ", "))")
        exit(2)
    }
    return target
}()

/// Called once by libFuzzer, before all.
@c(LLVMFuzzerInitialize)
public func initialize(
    _ count: UnsafeMutablePointer<CInt>?,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>?
) -> CInt {
    guard let folder = variable("DRUMLIN_FUZZ_SEEDS") else { return 0 }
    for (name, target) in targets {
        let directory = "\(folder)/\(name)"
        _ = unsafe mkdir(folder, 0o755)
        _ = unsafe mkdir(directory, 0o755)
        for (number, seed) in target.seeds.enumerated() {
            guard let file = unsafe fopen("\(directory)/seed-\(number)", "w") else { exit(3) }
            _ = unsafe seed.withUnsafeBytes { unsafe fwrite($0.baseAddress, 1, $0.count, file) }
            _ = unsafe fclose(file)
        }
    }
    exit(0)
}

/// Called by libFuzzer for each input.
@c(LLVMFuzzerTestOneInput)
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    chosen.run(unsafe Array(UnsafeBufferPointer(start: data, count: size)))
    return 0
}

@_silgen_name("LLVMFuzzerMutate")
private func mutate(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ limit: Int) -> Int

/// Called by libFuzzer to make an input from another one, in the same memory.
@c(LLVMFuzzerCustomMutator)
public func customMutator(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ limit: Int, _ seed: CUnsignedInt) -> Int {
    var choice = SplitMix(state: UInt64(seed))
    var bytes = unsafe Array(UnsafeBufferPointer(start: data, count: size))
    if let archive = chosen as? StoreTarget {
        bytes = archive.mutated(bytes, using: &choice, limit: limit)
    } else {
        bytes = fuzzed(bytes, limit: limit)
    }
    // One input in eight stays wrong, so that what finds that out is tried as well.
    if choice.next() % 8 != 0 { chosen.repair(&bytes, using: &choice) }
    guard bytes.count <= limit else { return size }
    for (place, byte) in bytes.enumerated() { unsafe data[place] = byte }
    return bytes.count
}

/// libFuzzer's own mutation of some bytes.
func fuzzed(_ bytes: [UInt8], limit: Int) -> [UInt8] {
    var buffer = bytes + [UInt8](repeating: 0, count: max(0, limit - bytes.count))
    let count = unsafe buffer.withUnsafeMutableBufferPointer { pointer in
        unsafe pointer.baseAddress.map { unsafe mutate($0, min(bytes.count, limit), limit) } ?? 0
    }
    return Array(buffer.prefix(count))
}

/// Stops the fuzzer: `condition` must hold for every input.
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    if !condition { fatalError(message()) }
}

/// A small generator, for choices that the fuzzer can repeat.
struct SplitMix {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }

    mutating func below(_ limit: Int) -> Int { Int(next() % UInt64(max(limit, 1))) }
}

extension [UInt8] {
    func word(_ offset: Int) -> UInt64 { self[offset..<offset + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) } }

    mutating func set(_ word: UInt64, at offset: Int, byteCount: Int = 8) {
        for place in 0..<byteCount { self[offset + place] = UInt8(truncatingIfNeeded: word >> (8 * UInt64(place))) }
    }
}
