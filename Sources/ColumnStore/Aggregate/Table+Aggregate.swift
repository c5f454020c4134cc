extension Table {
    /// What aggregates of rows come to, as of now or of the snapshot that the table is from: rows in segments and in memory, in one snapshot.
    ///
    ///     let hours = try table.aggregate(
    ///         .count, .mean("fare"), .quantile(0.5, "fare"), where: .greater("distance", 1.0),
    ///         groupBy: .time("at", every: .hours(1)), .column("vendor"))
    ///     for row in hours.rows { print(row.keys, row.values) }
    ///
    /// Rows are those on which `predicate` is true; see ``Predicate`` for null and NaN. What zone maps exclude is not read,
    /// and blocks of 65,536 rows that qualify as a whole are answered from theirs where these say all that is asked for.
    ///
    /// - Parameters:
    ///   - aggregates: What each row of the result says; see ``Aggregate`` for types, null, NaN and precision.
    ///   - predicate: Only rows that meet it; nil for all.
    ///   - keys: What the rows of a group have in common; without keys all rows are one group.
    ///   - groupLimit: The most groups there may be: it bounds the memory.
    ///   - parallelism: The most threads that read, the caller's among them. The result does not depend on it.
    ///   - zoneMaps: For measurements and tests: see ``ZoneMapUse``.
    /// - Throws: `.invalidInput` for columns that do not exist, types that an aggregate does not apply to, more groups than
    ///   allowed, and sums of integers beyond 64 bits; `.corrupt` with the file and the offset on damage.
    /// - Complexity: O(rows that are read).
    public func aggregate(
        _ aggregates: Aggregate..., where predicate: Predicate? = nil, groupBy keys: GroupKey...,
        groupLimit: Int = 1_000_000, parallelism: Int = 1, zoneMaps: ZoneMapUse = .full
    ) throws(StoreError) -> AggregateResult {
        try aggregate(
            aggregates, where: predicate, groupBy: keys, groupLimit: groupLimit, parallelism: parallelism,
            zoneMaps: zoneMaps)
    }

    /// The same with lists.
    public func aggregate(
        _ aggregates: [Aggregate], where predicate: Predicate? = nil, groupBy keys: [GroupKey] = [],
        groupLimit: Int = 1_000_000, parallelism: Int = 1, zoneMaps: ZoneMapUse = .full
    ) throws(StoreError) -> AggregateResult {
        try current().aggregate(
            aggregates, where: predicate, groupBy: keys, groupLimit: groupLimit, parallelism: parallelism,
            zoneMaps: zoneMaps)
    }
}

extension TableSnapshot {
    /// See `Table.aggregate`.
    package func aggregate(
        _ aggregates: [Aggregate], where predicate: Predicate? = nil, groupBy keys: [GroupKey] = [],
        groupLimit: Int = 1_000_000, parallelism: Int = 1, zoneMaps: ZoneMapUse = .full
    ) throws(StoreError) -> AggregateResult {
        guard parallelism >= 1 else {
            throw StoreError(.invalidInput, "a parallelism of \(parallelism)", remedy: "give at least 1 thread")
        }
        let plan = try AggregatePlan(
            aggregates, where: predicate, groupBy: keys, groupLimit: groupLimit, zoneMaps: zoneMaps, snapshot: self)
        return try AggregateRun(plan, snapshot: self).run(parallelism: parallelism)
    }
}
