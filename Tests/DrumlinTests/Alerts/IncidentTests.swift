import ColumnFormat
import Testing

@testable import Drumlin

/// When alerts are entered and left.
struct IncidentTests {
    private func judgement(_ isBad: Bool, severe: Bool = false, clear: Bool? = nil) -> Judgement {
        Judgement(
            value: 0, expected: 0, limit: 0, isBad: isBad, isSevere: severe, isClear: clear ?? !isBad, rowCount: 1)
    }

    /// Lives through windows: `.` well, `b` bad, `B` severe, `~` neither bad nor well again.
    private func changes(_ windows: String, coolDown: Int64 = 0, mayBeAccepted: Bool = false) -> String {
        var incident = Incident()
        var result = ""
        for (place, window) in windows.enumerated() {
            let found = judgement(window == "b" || window == "B", severe: window == "B", clear: window == ".")
            switch incident.take(found, at: Int64(place), coolDown: coolDown, mayBeAccepted: mayBeAccepted) {
            case nil: result += "."
            case .entered: result += "+"
            case .left: result += "-"
            case .accepted: result += "a"
            }
        }
        return result
    }

    @Test func twiceRunningOrSevereEntersAndTwiceWellLeaves() {
        #expect(changes("..b.b.bb.b..b..") == ".......+...-...")
        #expect(changes("B~~..") == "+...-")
        #expect(changes("B.b.~..") == "+.....-")
        #expect(changes("bbbb..B") == ".+...-+")
    }

    @Test func aCoolDownKeepsTheSameAlertAway() {
        #expect(changes("B..B.B.BBB", coolDown: 0) == "+.-+.......".prefix(10))
        #expect(changes("B..BBBBBB", coolDown: 3) == "+.-...+..")
    }

    @Test func whatLastsIsUsualInTheEnd() {
        let windows = String(repeating: "B", count: 20)
        #expect(changes(windows, mayBeAccepted: true) == "+.............a+....")
        #expect(changes(windows) == "+" + String(repeating: ".", count: 19))
    }

    @Test func windowsOfAnAlertAreNoBaseline() {
        var incident = Incident()
        var (usualBefore, usualWithin): ([Bool], [Bool]) = ([], [])
        for place in 0..<12 {
            let isBad = (3...6).contains(place)
            _ = incident.take(
                judgement(isBad, severe: place == 4), at: Int64(place), coolDown: 0, mayBeAccepted: false)
            usualBefore.append(incident.isUsual(2))
            usualWithin.append(incident.isUsual(3))
        }
        #expect(usualBefore.allSatisfy { $0 })
        #expect(usualWithin == [true, true, true] + Array(repeating: false, count: 9))
        #expect(incident.isUsual(7) && !incident.isUsual(6))
    }

    @Test func bytesGiveTheIncidentBack() throws {
        var incident = Incident()
        for place in 0..<30 {
            _ = incident.take(
                judgement(place % 7 > 2, severe: true), at: Int64(place) - 5, coolDown: 0, mayBeAccepted: place > 20)
            var writer = ByteWriter()
            incident.write(to: &writer)
            let bytes = writer.bytes
            let read = try unsafe bytes.withUnsafeBytes { raw in
                var reader = unsafe ByteReader(raw)
                return try Incident(from: &reader)
            }
            #expect(read == incident)
        }
    }
}
