#!/usr/bin/env bash
# Writes reference.csv, predictions.csv and labels.csv: a shop's model that says whether a parcel will come late, over
# twelve days. From the ninth day on a new carrier takes parcels, of which more are hard to tell. What is committed here
# was made by this script; awks differ in their random numbers, not in what the files show.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

awk '
function uniform() { return rand() }
function two(number) { return number < 10 ? "0" number : number }
function time(minutes,    day) {   # after 2024-05-01
    day = 1 + int(minutes / 1440)
    return sprintf("2024-%s-%sT%s:%s:00Z", day > 31 ? "06" : "05", two(day > 31 ? day - 31 : day),
        two(int(minutes / 60) % 24), two(int(minutes) % 60))
}
# Draws a parcel: carrier, distance in km, weight in kg, the model'"'"'s score and whether it was late.
function parcel(newCarrier,    z, chance) {
    carrier = uniform() < 0.6 ? "post" : "swift"
    if (uniform() < newCarrier) carrier = "pigeon"
    distance = int(20 + 900 * uniform() * uniform())
    weight = int(10 * (0.2 + 12 * uniform() * uniform())) / 10
    z = (distance - 250) / 130 + (carrier == "swift" ? -1.2 : 0.3)
    if (carrier == "pigeon") z = z / 5
    chance = 1 / (1 + exp(-1.6 * z))
    score = sprintf("%.4f", 0.02 + 0.96 * chance)
    late = uniform() < chance ? 1 : 0
}
BEGIN {
    srand(7)
    print "carrier,distance_km,weight_kg,score,late" > "reference.csv"
    for (i = 0; i < 2000; i++) {
        parcel(0.1)
        print carrier "," distance "," weight "," score "," late > "reference.csv"
    }
    print "parcel,at,carrier,distance_km,weight_kg,score" > "predictions.csv"
    for (i = 0; i < 2400; i++) {
        minutes = i * 12 * 1440 / 2400
        parcel(minutes >= 8 * 1440 ? 0.55 : 0.1)
        print "P" 10000 + i "," time(minutes) "," carrier "," distance "," weight "," score > "predictions.csv"
        arrival = minutes - log(1 - uniform()) * 1.5 * 1440
        # What has not come by the end of the twelfth day has no label yet.
        if (arrival < 12 * 1440) printf "%09d P%d,%s,%d\n", arrival, 10000 + i, time(arrival), late > "labels.unsorted"
    }
}'
{
    echo "parcel,at,late"
    sort labels.unsorted | cut -d ' ' -f 2
} > labels.csv
rm labels.unsorted
