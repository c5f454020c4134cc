import CommandSupport
import Testing

struct SparklineTests {
    @Test func theLeastIsLowAndTheGreatestHigh() {
        #expect(Sparkline.text([0, 1, 2, 3, 4, 5, 6, 7], width: 8) == "▁▂▃▄▅▆▇█")
        #expect(Sparkline.text([-1, 1], width: 8) == "▁█")
        #expect(Sparkline.text([1, 2, 3], width: 2) == "▁█")
        #expect(Sparkline.text([5, 10], width: 8, floor: 0) == "▅█")
        #expect(Sparkline.text([-5, 10], width: 8, floor: 0) == "▁█")
    }

    @Test func whatIsMissingIsBlankAndWhatIsEqualIsInTheMiddle() {
        #expect(Sparkline.text([1, nil, .nan, 2, .infinity], width: 8) == "▁  █ ")
        #expect(Sparkline.text([3, 3], width: 8) == "▄▄" && Sparkline.text([0, 0], width: 8) == "▁▁")
        #expect(Sparkline.text([nil, nil], width: 8) == "  " && Sparkline.text([], width: 8) == "")
        #expect(Sparkline.text([1, 2], width: 0) == "" && Sparkline.text([1, 2], width: -1) == "")
        #expect(Sparkline.text([-1e308, 1e308], width: 2).count == 2)
    }
}
