extension ColumnSlice {
    /// The same rows with those of `holes`, counted from the slice's first, null.
    package func clearing(_ holes: RowSet) -> ColumnSlice {
        guard !holes.isEmpty else { return self }
        let builder = ColumnBuilder(type: type, capacity: count)
        var row = 0
        for hole in holes.runs {
            builder.append(contentsOf: slice(row..<Int(hole.lowerBound)))
            for _ in hole { builder.appendNull() }
            row = Int(hole.upperBound)
        }
        builder.append(contentsOf: slice(row..<count))
        return builder.snapshot()
    }
}
