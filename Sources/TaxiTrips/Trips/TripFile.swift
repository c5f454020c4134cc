import CommandSupport
import Drumlin

/// The trips of a TLC trip-record file (CSV, yellow or green cabs, 2015 and later), in order of pickup.
package struct TripFile {
    /// Why a row of the file is no trip to learn from.
    package enum SkipReason: String, CaseIterable {
        case noTime = "no pickup or dropoff time"
        case backwards = "dropoff before pickup"
        case noFare = "fare missing, zero or negative (voids and refunds)"
        case noTip = "tip missing or negative"
        case strayDate = "outside the file's months"
    }

    package private(set) var trips: [Trip] = []
    package private(set) var rowCount = 0
    package private(set) var skipped: [SkipReason: Int] = [:]

    /// Reads a file. Rows that are no trips are counted, not kept.
    ///
    /// - Throws: `CSVError` with the place for a file that is damaged (a short row, a word where a number belongs) or
    ///   holds no trip records.
    package init(path: String) throws {
        let reader = try CSVReader(path: path)
        reader.allowsEmptyExtraFields = true  // green cabs of 2015 and 2016: two commas more than columns
        let columns = try TripColumns(header: reader.header, path: path)
        while try reader.nextRow() {
            rowCount += 1
            try add(TripRow(reader: reader, columns: columns))
        }
        dropStrayDates()
        trips.sort { ($0.pickup, $0.line) < ($1.pickup, $1.line) }
    }

    private mutating func add(_ row: TripRow) throws {
        let fare = try row.number(row.columns.fare)
        let tip = try row.number(row.columns.tip)
        guard let pickup = try row.time(row.columns.pickup), let dropoff = try row.time(row.columns.dropoff) else {
            return skip(.noTime)
        }
        guard dropoff >= pickup else { return skip(.backwards) }
        // These two are false for NaN, an amount that is missing.
        guard fare > 0 else { return skip(.noFare) }
        guard tip >= 0 else { return skip(.noTip) }

        let rateCode = try row.integer(row.columns.rateCode)
        trips.append(
            Trip(
                line: row.reader.lineNumber, pickup: pickup, dropoff: dropoff,
                passengers: try row.integer(row.columns.passengers), distance: try row.number(row.columns.distance),
                pickupPlace: try row.place(row.columns.pickupPlace),
                dropoffPlace: try row.place(row.columns.dropoffPlace),
                rateCode: rateCode == 99 ? .nan : rateCode,  // TLC's code for unknown
                congestionSurcharge: try row.number(row.columns.congestionSurcharge), fare: fare, tip: tip))
    }

    private mutating func skip(_ reason: SkipReason) { skipped[reason, default: 0] += 1 }

    /// Meters whose clock is wrong record trips of 2008 or of next year. The file's months are those from the first to
    /// the last in which at least one trip in a hundred began.
    private mutating func dropStrayDates() {
        var tripsOfDay: [Timestamp: Int] = [:]
        for trip in trips { tripsOfDay[trip.pickup.midnight, default: 0] += 1 }
        let tripsOfMonth = tripsOfDay.reduce(into: [:]) { $0[$1.key.month, default: 0] += $1.value }
        let usual = tripsOfMonth.filter { $0.value * 100 >= trips.count }.keys
        guard let first = usual.min(), let last = usual.max() else { return }
        let strayDays = Set(tripsOfDay.keys.filter { !(first...last).contains($0.month) })
        if strayDays.isEmpty { return }
        let before = trips.count
        trips.removeAll { strayDays.contains($0.pickup.midnight) }
        skipped[.strayDate] = before - trips.count
    }
}

/// The current row of the file, as what its columns mean.
private struct TripRow {
    let reader: CSVReader
    let columns: TripColumns

    /// NaN where the field is empty or the file has no such column.
    func number(_ column: Int?) throws -> Double {
        guard let column, let number = try reader.float64(column) else { return .nan }
        if number.isInfinite { throw reader.badValue(column, "a finite number") }
        return number
    }

    /// A number that is stored as an int16; NaN where it is missing.
    func integer(_ column: Int?) throws -> Double {
        guard let column, let number = try reader.int64(column) else { return .nan }
        if Int16(exactly: number) == nil { throw reader.badValue(column, "an integer of 16 bits") }
        return Double(number)
    }

    func time(_ column: Int) throws -> Timestamp? {
        try reader.timestamp(column).map { Timestamp(microseconds: $0) }
    }

    func place(_ place: TripColumns.Place) throws -> Double {
        switch place {
        case .zone(let column): try integer(column)
        case .coordinates(let longitude, let latitude):
            PlaceGrid.cell(longitude: try number(longitude), latitude: try number(latitude))
        }
    }
}
