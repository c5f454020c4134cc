/// Runs the code of a document in the current folder: `Articles EmbedInFiveMinutes`.
let articles: [String: () async throws -> Void] = [
    "README": ReadMe.run,
    "EmbedInFiveMinutes": EmbedInFiveMinutes.run,
    "LabelsThatComeLate": LabelsThatComeLate.run,
    "ChoosingBuckets": ChoosingBuckets.run,
    "WhatAnEstimateCanSee": WhatAnEstimateCanSee.run,
    "WhenAMetricFalls": WhenAMetricFalls.run,
    "Durability": DurabilityArticle.run,
    "InspectingFiles": InspectingFiles.run,
    "Operating": Operating.run,
    "ComingFromDuckDB": ComingFromDuckDB.run,
]

guard let article = CommandLine.arguments.dropFirst().first.flatMap({ articles[$0] }) else {
    fatalError("usage: Articles \(articles.keys.sorted().joined(separator: "|"))")
}
try await article()
