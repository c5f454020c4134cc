import BenchmarkSupport

// Codecs
//
// What codecs cost a reader, on values that are made for each: GB of values a second that a page decodes to, beside copying
// as much, and what adding ten million rows takes beside adding an array of the same values in memory.

print("| values | encoding | bytes | GB/s |")
print("| --- | --- | ---: | ---: |")
for figure in CodecSamples.all.map({ DecodeFigure($0) }) { print(figure.line) }
let buffers = CopyBuffers(byteCount: 1 << 20)
let copying = ProcessorTime.medianMilliseconds { for _ in 0..<256 { buffers.copy() } }
print("| memcpy of 1 MiB | | | \(DecodeFigure.rounded(Double(256 << 20) / copying / 1e6)) |")

print("\n| sum of 10,000,000 rows of | column | ms | array in memory, ms | ratio |")
print("| --- | --- | ---: | ---: | ---: |")
for line in try SumFigures(rowCount: 10_000_000).lines { print(line) }
