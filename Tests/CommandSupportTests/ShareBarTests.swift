import CommandSupport
import Testing

struct ShareBarTests {
    @Test func aShareIsAsLongAsItIsGreat() {
        #expect(ShareBar.text(1, width: 3) == "███" && ShareBar.text(0.5, width: 4) == "██")
        #expect(ShareBar.text(0.5, width: 1) == "▌" && ShareBar.text(0.40625, width: 4) == "█▋")
        #expect(ShareBar.text(1e-9, width: 8) == "▏", "something is never nothing")
    }

    @Test func whatIsNoShareIsEmptyOrFull() {
        #expect(ShareBar.text(0, width: 8) == "" && ShareBar.text(-1, width: 8) == "")
        #expect(ShareBar.text(.nan, width: 8) == "" && ShareBar.text(0.5, width: 0) == "")
        #expect(ShareBar.text(.infinity, width: 2) == "██")
    }
}
