import Drumlin

enum Operating {
    static func run() throws {
        let task = try Parcels.monitored(days: 6)
        let store = task.store
        // begin
        try store.setRetention(Retention(age: .days(400)), for: "late_parcel/predictions")
        try store.setRetention(Retention(byteCount: 2 << 30), for: "late_parcel/metrics")
        // end

        // begin
        try task.erase(ids: ["P17", "P18"])
        try store.compact()
        // end

        // begin
        let status = store.status
        print(status.memoryRows, "rows in memory,", status.unwrittenByteCount, "bytes not written")
        if let failure = status.sealFailure ?? status.logFailure ?? store.maintenanceStatus.failure { print(failure) }
        if let failure = task.alertFailure ?? task.checkFailure { print(failure) }
        // end

        // begin
        try task.registerConstraints(try task.suggestConstraints() + [.range("distance_km", 0...2_000)])
        try task.registerAlerts(AlertRule.standard + [.threshold("accuracy", below: 0.75, over: .tumbling(.days(1)))])
        try task.onAlert { alert in print(alert.state, alert.message) }
        // end
        try store.close()
    }
}
