internal import CDrumlinReport

extension StoreReport {
    /// The report as one HTML page with all that it needs in it: it loads nothing, from nowhere.
    public var html: String {
        var page = ""
        var rest = Self.part(drumlin_report_markup)[...]
        // Each placeholder once, in the order in which they stand: what is put in is not looked at again.
        for (placeholder, text) in [
            ("/*style*/", Self.part(drumlin_report_style)), ("/*data*/", json),
            ("/*script*/", Self.part(drumlin_report_script)),
        ] {
            guard let place = rest.range(of: placeholder) else { continue }
            page += rest[..<place.lowerBound]
            page += text
            rest = rest[place.upperBound...]
        }
        return page + rest
    }

    private static func part(_ part: drumlin_report_part) -> String {
        var count = 0
        let bytes = unsafe drumlin_report_page(part, &count)
        return unsafe String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
    }
}

extension Substring {
    /// Where `text` begins and ends, the first time.
    fileprivate func range(of text: String) -> Range<Index>? {
        var place = startIndex
        while place < endIndex {
            if self[place...].hasPrefix(text) { return place..<index(place, offsetBy: text.count) }
            place = index(after: place)
        }
        return nil
    }
}
