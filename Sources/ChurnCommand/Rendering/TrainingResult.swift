import ChurnKit

/// What `churn train` reports; the JSON is described in `docs/formats/command-json.md`.
struct TrainingResult: Encodable {
    let kind: ModelKind
    let model: String
    let version: Int
    let parent: String?
    let rows: Int
    let positives: Int
    let testRows: Int
    let trainingCutoffs: [String]
    let testCutoffs: [String]
    let purgedCutoffs: [String]
    let calibration: Calibration?
    let calibrationGain: CalibrationGain?
    let certificate: FitCertificate
    let metrics: TrainingRecord.Figures
    private let details: any ModelDetails

    private enum CodingKeys: String, CodingKey {
        case kind, model, version, parent, rows, positives, testRows, trainingCutoffs, testCutoffs, purgedCutoffs,
            calibration, calibrationGain, certificate, metrics
    }

    init(name: String, version: Int, stored: StoredModel) {
        let fitted = stored.model.fitted
        kind = fitted.kind
        model = name
        self.version = version
        parent = stored.training.parent
        rows = stored.training.rows
        positives = stored.training.positives
        testRows = stored.training.testRows
        trainingCutoffs = stored.training.trainingCutoffs
        testCutoffs = stored.training.testCutoffs
        purgedCutoffs = stored.training.purgedCutoffs
        calibration = stored.model.calibration
        calibrationGain = stored.model.calibrationGain
        certificate = fitted.certificate
        metrics = stored.training.metrics
        details =
            switch fitted.content {
            case .logistic(let pipeline): LogisticDetails(pipeline)
            case .buyTillYouDie(let purchases): BuyTillYouDieDetails(purchases)
            case .boosted(let trees): BoostedTreesDetails(trees)
            }
    }

    /// The details stand beside the rest.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kind, forKey: .kind)
        try container.encode(model, forKey: .model)
        try container.encode(version, forKey: .version)
        try container.encodeIfPresent(parent, forKey: .parent)
        try container.encode(rows, forKey: .rows)
        try container.encode(positives, forKey: .positives)
        try container.encode(testRows, forKey: .testRows)
        try container.encode(trainingCutoffs, forKey: .trainingCutoffs)
        try container.encode(testCutoffs, forKey: .testCutoffs)
        try container.encode(purgedCutoffs, forKey: .purgedCutoffs)
        try container.encodeIfPresent(calibration, forKey: .calibration)
        try container.encodeIfPresent(calibrationGain, forKey: .calibrationGain)
        try container.encode(certificate, forKey: .certificate)
        try container.encode(metrics, forKey: .metrics)
        try details.encode(to: encoder)
    }

    func print(_ format: OutputFormat) throws {
        switch format {
        case .json:
            try ResultPrinter.json(self)
        case .csv:
            try ResultPrinter.csv(header: details.csv.header, rows: details.csv.rows)
            try ResultPrinter.flush()
        case .table:
            try ResultPrinter.text(text)
        }
    }

    private var text: String {
        var lines: [String] = []
        lines.append(
            "\(model)@\(version): \(NumberText.count(rows)) training rows, \(NumberText.count(positives)) positive"
                + " (\(NumberText.percent(Double(positives) / Double(max(rows, 1))))), \(details.size)"
        )
        if !trainingCutoffs.isEmpty {
            lines.append(WrappedText.wrap("trained on \(trainingCutoffs.joined(separator: ", "))"))
            if !testCutoffs.isEmpty { lines.append("tested on \(testCutoffs.joined(separator: ", "))") }
            if !purgedCutoffs.isEmpty {
                lines.append(
                    WrappedText.wrap(
                        "left out, because their label windows reach past the test cutoff: "
                            + purgedCutoffs.joined(separator: ", ")
                    )
                )
            }
        }
        if let parent { lines.append("goes on from \(parent)") }
        lines.append(WrappedText.wrap(details.title))
        if let calibration { lines.append(WrappedText.wrap(Self.text(calibration))) }
        if let gain = calibrationGain {
            lines.append(
                WrappedText.wrap(
                    "log loss where each fifth of the customers is left out in turn: \(NumberText.decimals(gain.logLossBefore, 6))"
                        + " before the calibration, \(NumberText.decimals(gain.logLossAfter, 6)) with it"
                )
            )
        }
        lines += ["", details.table]
        lines += details.remarks.map { WrappedText.wrap($0) }
        if !certificate.aliased.isEmpty {
            lines.append(
                WrappedText.wrap(
                    "aliased (repeat earlier columns, dropped): \(certificate.aliased.joined(separator: ", "))"
                )
            )
        }
        if !certificate.dropped.isEmpty {
            lines.append(WrappedText.wrap("constant (dropped): \(certificate.dropped.joined(separator: ", "))"))
        }
        let status =
            switch certificate.status {
            case .notConverged: "not converged"
            case .stoppedEarly: "stopped by the \(certificate.stoppedBy ?? "held-out loss")"
            case .converged, .diverged: certificate.status.rawValue
            }
        lines.append(WrappedText.wrap("fit: \(status) after \(details.end)"))
        lines += [
            "",
            MetricsText.table([("training rows", metrics.train)] + (metrics.test.map { [("test rows", $0)] } ?? [])),
        ]
        return lines.joined(separator: "\n")
    }

    private static func summand(_ number: Double) -> String {
        (number < 0 ? " - " : " + ") + NumberText.significant(abs(number))
    }

    private static func text(_ calibration: Calibration) -> String {
        switch calibration {
        case .platt(let slope, let intercept):
            "calibrated (Platt): log-odds x \(NumberText.significant(slope))\(summand(intercept))"
        case .beta(let a, let b, let intercept):
            "calibrated (beta): \(NumberText.significant(a)) ln p - \(NumberText.significant(b)) ln(1 - p)"
                + summand(intercept)
        case .isotonic(let regression, _):
            "calibrated (isotonic): a rising function with \(regression.knots.count) knots"
        }
    }
}

/// What a kind of model has to tell of its own: in JSON keys beside the common ones, as CSV and as text.
protocol ModelDetails: Encodable {
    /// What the model has been made of, in a few words.
    var size: String { get }
    var title: String { get }
    var table: String { get }
    /// What must be known beside the table.
    var remarks: [String] { get }
    /// After what the fit ended.
    var end: String { get }
    var csv: (header: [String], rows: [[ResultPrinter.Cell]]) { get }
}
