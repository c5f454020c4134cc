import CommandSupport
import Drumlin
import Foundation
import Testing

@testable import TaxiTrips

@Suite struct TripFileTests {
    /// Reads text as a trip-record file.
    private func file(_ text: String) throws -> TripFile {
        let path = FileManager.default.temporaryDirectory.appending(path: "trips-\(UUID().uuidString).csv").path
        try Data(text.utf8).write(to: URL(filePath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try TripFile(path: path)
    }

    private let green2020 = """
        VendorID,lpep_pickup_datetime,lpep_dropoff_datetime,store_and_fwd_flag,RatecodeID,PULocationID,DOLocationID,\
        passenger_count,trip_distance,fare_amount,extra,mta_tax,tip_amount,tolls_amount,improvement_surcharge,\
        total_amount,payment_type,trip_type,congestion_surcharge

        """

    @Test func greenCabsOf2020() throws {
        let file = try file(
            green2020
                + "2,2020-03-01 00:00:20,2020-03-01 00:10:43,N,1,95,121,1,2.52,10.5,0.5,0.5,2.95,0.0,0.3,14.75,1,1,2.75\n"
        )
        let trip = try #require(file.trips.first)
        #expect(trip.id == "trip-2")
        #expect(trip.pickup.description == "2020-03-01T00:00:20Z")
        #expect(trip.dropoff.description == "2020-03-01T00:10:43Z")
        #expect(trip.passengers == 1 && trip.distance == 2.52 && trip.rateCode == 1 && trip.congestionSurcharge == 2.75)
        #expect(trip.pickupPlace == 95 && trip.dropoffPlace == 121)
        #expect(trip.fare == 10.5 && trip.tip == 2.95 && trip.hasGoodTip)
    }

    @Test func missingValuesStayMissing() throws {
        let file = try file(
            green2020 + ",2020-03-19 12:27:00,2020-03-19 12:40:00,,,140,87,,6.18,14.74,0.0,0.0,0.0,0.0,0.3,15.04,,,\n")
        let trip = try #require(file.trips.first)
        #expect(trip.passengers.isNaN && trip.rateCode.isNaN && trip.congestionSurcharge.isNaN)
        #expect(trip.distance == 6.18 && trip.pickupPlace == 140)
        #expect(!trip.hasGoodTip)
    }

    @Test func yellowCabsOf2018HaveNoSurcharge() throws {
        let file = try file(
            """
            VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,passenger_count,trip_distance,RatecodeID,\
            store_and_fwd_flag,PULocationID,DOLocationID,payment_type,fare_amount,extra,mta_tax,tip_amount,\
            tolls_amount,improvement_surcharge,total_amount\r
            \r
            1,2018-01-01 00:21:05,2018-01-01 00:24:23,1,.50,1,N,41,24,2,4.5,0.5,0.5,0,0,0.3,5.8\r

            """)
        let trip = try #require(file.trips.first)
        #expect(trip.distance == 0.5 && trip.pickupPlace == 41 && trip.dropoffPlace == 24)
        #expect(trip.congestionSurcharge.isNaN)
        #expect(trip.line == 3)
    }

    @Test func yellowCabsOf2015HaveCoordinates() throws {
        let header = """
            VendorID,tpep_pickup_datetime,tpep_dropoff_datetime,passenger_count,trip_distance,pickup_longitude,\
            pickup_latitude,RateCodeID,store_and_fwd_flag,dropoff_longitude,dropoff_latitude,payment_type,fare_amount,\
            extra,mta_tax,tip_amount,tolls_amount,improvement_surcharge,total_amount

            """
        let file = try file(
            header
                + "2,2015-01-15 19:05:39,2015-01-15 19:23:42,1,1.59,-73.993896,40.750111,99,N,-73.974785,40.750618,1,12,1,0.5,3.25,0,0.3,17.05\n"
                + "1,2015-01-15 19:05:40,2015-01-15 19:23:42,2,1.59,0,0,5,N,-73.974785,40.750618,1,12,1,0.5,3.25,0,0.3,17.05\n"
        )
        let trip = try #require(file.trips.first)
        #expect(trip.rateCode.isNaN, "99 is TLC's code for unknown")
        #expect(trip.pickupPlace == PlaceGrid.cell(longitude: -73.993896, latitude: 40.750111))
        #expect(abs(trip.pickupPlace - trip.dropoffPlace) <= 2)
        #expect(file.trips[1].pickupPlace.isNaN, "0, 0 is no place in New York")
        #expect(file.trips[1].rateCode == 5)
    }

    @Test func greenCabsOf2015PadAndCapitalizeTheirHeader() throws {
        let file = try file(
            """
            \u{FEFF}VendorID, lpep_pickup_datetime ,Lpep_dropoff_datetime,Store_and_fwd_flag,RateCodeID,Pickup_longitude,\
            Pickup_latitude,Dropoff_longitude,Dropoff_latitude,Passenger_count,Trip_distance,Fare_amount,Extra,MTA_tax,\
            Tip_amount,Tolls_amount,Ehail_fee,improvement_surcharge,Total_amount,Payment_type,Trip_type\u{20}
            2,2015-07-01 00:12:33,2015-07-01 00:22:31,N,1,-73.9577,40.7178,-73.9454,40.7468,1,2.63,10.5,0.5,0.5,2.36,0,,0.3,14.16,1,1,,

            """)
        let trip = try #require(file.trips.first)
        #expect(trip.passengers == 1 && trip.rateCode == 1 && trip.tip == 2.36)
        #expect(!trip.pickupPlace.isNaN && trip.congestionSurcharge.isNaN)
    }

    private let short =
        "tpep_pickup_datetime,tpep_dropoff_datetime,trip_distance,PULocationID,DOLocationID,fare_amount,tip_amount\n"

    @Test func rowsThatAreNoTripsAreCountedByReason() throws {
        let rows = [
            "2020-03-02 10:00:00,2020-03-02 10:09:00,1,1,2,10,1.5",
            "2020-03-02 10:00:00,2020-03-02 09:59:59,1,1,2,10,1.5",
            "2020-03-02 10:00:00,2020-03-02 10:09:00,1,1,2,0,1.5",
            "2020-03-02 10:00:00,2020-03-02 10:09:00,1,1,2,-10,0",
            "2020-03-02 10:00:00,2020-03-02 10:09:00,1,1,2,,0",
            "2020-03-02 10:00:00,2020-03-02 10:09:00,1,1,2,10,",
            "2020-03-02 10:00:00,2020-03-02 10:09:00,1,1,2,10,-1",
            ",2020-03-02 10:09:00,1,1,2,10,1",
        ]
        let file = try file(short + rows.joined(separator: "\n") + "\n")
        #expect(file.rowCount == 8)
        #expect(file.trips.count == 1)
        #expect(file.skipped == [.backwards: 1, .noFare: 3, .noTip: 2, .noTime: 1])
    }

    @Test func tripsOfOtherMonthsAreStray() throws {
        let usual = (0..<300).map { i in "2020-0\(3 + i % 2)-11 10:00:00,2020-03-11 10:09:00,1,1,2,10,1" }
            .map { $0.replacingOccurrences(of: "2020-03-11 10:09", with: "2020-12-11 10:09") }
        let stray = [
            "2008-12-31 23:00:00,2020-12-11 10:09:00,1,1,2,10,1", "2020-05-01 00:00:00,2020-12-11 10:09:00,1,1,2,10,1",
        ]
        let file = try file(short + (stray + usual).joined(separator: "\n") + "\n")
        #expect(file.trips.count == 300)
        #expect(file.skipped == [.strayDate: 2])
        #expect(Set(file.trips.map(\.pickup.month)) == ["2020-03", "2020-04"])
    }

    @Test func tripsAreInOrderOfPickupWithTheirLines() throws {
        let file = try file(
            short
                + "2020-03-02 10:00:02,2020-03-02 10:09:00,1,1,2,10,1\n2020-03-02 10:00:01,2020-03-02 10:09:00,1,1,2,10,1\n"
                + "2020-03-02 10:00:02,2020-03-02 10:09:00,1,1,2,10,1\n")
        #expect(file.trips.map(\.line) == [3, 2, 4])
    }

    @Test func damageIsAnErrorThatNamesThePlace() throws {
        func message(_ text: String) -> String {
            do {
                _ = try file(text)
                return "read"
            } catch {
                return "\(error)"
            }
        }
        let good = "2020-03-02 10:00:00,2020-03-02 10:09:00,1,1,2,10,1\n"
        #expect(message(short + good + "2020-03-02 10:00:00,2020-03-02\n").contains(".csv:3"))
        #expect(message(short + good + "2020-03-02 10:00:00,2020-03-02 10:09:00,1,1,2,10,1,,7\n").contains(".csv:3"))
        let badNumber = message(short + good + good.replacingOccurrences(of: "10,1\n", with: "ten,1\n"))
        #expect(badNumber.contains(".csv:3") && badNumber.contains("fare_amount") && badNumber.contains("ten"))
        let badTime = message(short + "2. March 2020,2020-03-02 10:09:00,1,1,2,10,1\n")
        #expect(badTime.contains(".csv:2") && badTime.contains("2. March 2020"))
        let infinite = message(short + good.replacingOccurrences(of: "10,1\n", with: "10,inf\n"))
        #expect(infinite.contains(".csv:2") && infinite.contains("tip_amount"))
        let farAway = message(short + good.replacingOccurrences(of: ",1,1,2,", with: ",1,70000,2,"))
        #expect(farAway.contains(".csv:2") && farAway.contains("PULocationID") && farAway.contains("70000"))
        let halfPlace = message(short + good.replacingOccurrences(of: ",1,1,2,", with: ",1,1.5,2,"))
        #expect(halfPlace.contains("1.5"))
        let noTip = message(short.replacingOccurrences(of: ",tip_amount", with: ""))
        #expect(noTip.contains("tip") && noTip.contains("fare_amount"))
        let noPlace = message(short.replacingOccurrences(of: "PULocationID", with: "place"))
        #expect(noPlace.contains("pickup place"))
        #expect(message("").contains("empty"))
    }

    @Test func aFileWithoutTripsHasNone() throws {
        #expect(try file(short).trips.isEmpty)
    }
}
