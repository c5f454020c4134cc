import ColumnStore
import TestSupport
import Testing

@Suite struct InspectedPathTests {
    let folder = TemporaryFolder()

    func place(_ path: String, from directory: String = "/") throws -> InspectedPath {
        try InspectedPath(path, currentDirectory: directory, fileSystem: PosixFileSystem())
    }

    @Test func tablesAreFoundFromTheirStore() throws {
        let store = try Tips.make(folder)
        #expect(try place(store) == .store(store))
        #expect(try place(store + "/tips") == .tables(store: store, name: "tips"))
        #expect(try place(store + "/tips/labels") == .tables(store: store, name: "tips/labels"))
        #expect(try place(store + "/tips/../tips/labels/") == .tables(store: store, name: "tips/labels"))
        #expect(try place("./labels", from: store + "/tips") == .tables(store: store, name: "tips/labels"))
        #expect(try place("x", from: store) == .tables(store: store, name: "x"))
        #expect(throws: StoreError.self) { try place(store + "/a/b/c") }
    }
}
