import Drumlin

/// One taxi trip. A number that the record lacks is NaN: nothing downstream sees a made-up value.
struct Trip {
    /// Line of the trip-record file, counted from 1 with the header as line 1; with generated trips, a running number.
    var line: Int
    /// New York wall-clock time, as recorded, read as if it were UTC: the records name no zone.
    var pickup: Timestamp
    var dropoff: Timestamp
    var passengers = Double.nan
    /// Miles.
    var distance = Double.nan
    /// Taxi zone, or for records with coordinates the number of a cell of ``PlaceGrid``.
    var pickupPlace = Double.nan
    var dropoffPlace = Double.nan
    var rateCode = Double.nan
    /// Dollars.
    var congestionSurcharge = Double.nan
    var fare: Double
    var tip: Double

    /// Unique in the store; leads back to the record: `sed -n 275430p FILE` shows `trip-275430`.
    var id: String { "trip-\(line)" }

    /// What the model predicts: a tip of more than 10 % of the fare.
    ///
    /// TLC records no tips in cash, so a cash trip is a trip without a tip here, as in the course: the label is what
    /// the record will say, not what the driver got. The model is not told how a trip was paid.
    var hasGoodTip: Bool { tip / fare > 0.1 }
}

/// Squares of 0.01 degrees, about a kilometre, over New York: the place of a trip of the years before taxi zones.
enum PlaceGrid {
    private static let west = -74.30
    private static let south = 40.48
    private static let columnCount = 65
    private static let rowCount = 45

    /// The cell's number, growing eastward and then northward, or NaN for a point that is not in New York, as the
    /// 0, 0 of a lost signal.
    static func cell(longitude: Double, latitude: Double) -> Double {
        let column = ((longitude - west) * 100).rounded(.down)
        let row = ((latitude - south) * 100).rounded(.down)
        guard column >= 0, column < Double(columnCount), row >= 0, row < Double(rowCount) else { return .nan }
        return row * Double(columnCount) + column + 1
    }
}
