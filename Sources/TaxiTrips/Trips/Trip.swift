package import Drumlin

/// One taxi trip. A number that the record lacks is NaN: nothing downstream sees a made-up value.
package struct Trip {
    /// Line of the trip-record file, counted from 1 with the header as line 1; with generated trips, a running number.
    package var line: Int
    /// New York wall-clock time, as recorded, read as if it were UTC: the records name no zone.
    package var pickup: Timestamp
    package var dropoff: Timestamp
    package var passengers = Double.nan
    /// Miles.
    package var distance = Double.nan
    /// Taxi zone, or for records with coordinates the number of a cell of ``PlaceGrid``.
    package var pickupPlace = Double.nan
    package var dropoffPlace = Double.nan
    package var rateCode = Double.nan
    /// Dollars.
    package var congestionSurcharge = Double.nan
    package var fare: Double
    package var tip: Double

    /// Unique in the store; leads back to the record: `sed -n 275430p FILE` shows `trip-275430`.
    package var id: String { "trip-\(line)" }

    /// What the model predicts: a tip of more than 10 % of the fare.
    ///
    /// TLC records no tips in cash, so a cash trip is a trip without a tip here, as in the course: the label is what
    /// the record will say, not what the driver got. The model is not told how a trip was paid.
    package var hasGoodTip: Bool { tip / fare > 0.1 }
}

/// Squares of 0.01 degrees, about a kilometre, over New York: the place of a trip of the years before taxi zones.
package enum PlaceGrid {
    private static let west = -74.30
    private static let south = 40.48
    private static let columnCount = 65
    private static let rowCount = 45

    /// The cell's number, growing eastward and then northward, or NaN for a point that is not in New York, as the
    /// 0, 0 of a lost signal.
    package static func cell(longitude: Double, latitude: Double) -> Double {
        let column = ((longitude - west) * 100).rounded(.down)
        let row = ((latitude - south) * 100).rounded(.down)
        guard column >= 0, column < Double(columnCount), row >= 0, row < Double(rowCount) else { return .nan }
        return row * Double(columnCount) + column + 1
    }
}
