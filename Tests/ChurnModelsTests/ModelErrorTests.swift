import ChurnNumerics
import Testing

@testable import ChurnModels

@Suite struct ModelErrorTests {
    /// Rows count from 1 for the reader, and a way out is named where there is one.
    @Test(arguments: [
        (
            ModelError.invalidHyperparameter(name: "l2Strength", value: -1, allowed: "0 or more, and finite"),
            "l2Strength is -1; it must be 0 or more, and finite"
        ),
        (.rowCountMismatch(what: "labels", expected: 3, got: 2), "there are 2 labels for 3 rows"),
        (
            .noRows,
            "there are no rows to train on. Fix: choose cutoffs with examples (`churn features` counts them), or check the file"
        ),
        (
            .invalidWeight(row: 0, value: -2),
            "the weight of row 1 is -2.0; a weight must be 0, or from 1e-100 to 1e+100"
        ),
        (.weightsAllZero, "every weight is zero, so no row counts"),
        (
            .oneClass(positives: 0, rows: 9),
            "all 9 rows have the same label (0 positive): there is nothing to tell apart."
                + " Fix: check the label and its positive value, weights of 0, or a study's horizon"
        ),
        (
            .notFinite(row: 4, column: "age", value: .infinity),
            "row 5, column \"age\" is inf; every predictor must be finite"
        ),
        (
            .everyColumnConstant(columns: ["a", "b"]),
            "none of the 2 predictors varies in the training rows (a, b)"
        ),
        (
            .namesOfRows(column: "code", texts: 29, rows: 30),
            "column \"code\" has 29 different texts in 30 rows: it names them and predicts nothing."
                + " Fix: --id code if it names the customer, else --exclude code"
        ),
        (
            .tooFewRows(rows: 3, coefficients: 5),
            "3 rows cannot determine 5 coefficients. Fix: use a penalty (--l2 1) or fewer columns"
        ),
        (
            .separated(columns: ["a", "b"]),
            "\"a\", \"b\" tell the classes apart without error on some rows, so the unpenalised"
                + " coefficients grow without bound. Fix: --l2 1 (with no penalty factor of 0) or --firth, or --exclude the predictor if it knows the answer"
        ),
        (
            .missingColumn("age", nearest: "Age"),
            "the table has no column \"age\", which the model was trained with. Did you mean \"Age\"?"
        ),
        (.missingColumn("age", nearest: nil), "the table has no column \"age\", which the model was trained with."),
        (
            .columnKindMismatch("age", trainedAs: "a number"),
            "column \"age\" was a number when the model was trained, and is not here"
        ),
        (
            .tooManyCategories(column: "id", categories: 1001, rows: 2000, limit: 1000),
            """
            column "id" has 1001 different texts in 2000 training rows, more than the 1000 that are encoded. Fix: --id id if it \
            names the customer, --hash-bits 4 with --model logistic or sgd (hashes every column of more than 16 texts), else \
            --exclude id
            """
        ),
        (
            .tooManyProducts(name: "shop * rep", columns: 250_000, limit: 4096),
            """
            the product shop * rep has 250000 columns, more than the 4096 that are fitted. Fix: leave it out, or --hash-bits \
            with fewer bits (6 and 6 make 64 x 64 columns at most)
            """
        ),
        (.diverged(advice: "raise --l2"), "the fit diverged. Fix: raise --l2"),
        (.numerics(.shapeMismatch(what: "elements", expected: 1, got: 2)), "elements: expected 1, got 2"),
        (
            .malformedModel("a coefficient is not finite"),
            "the stored model does not hold together: a coefficient is not finite"
        ),
    ])
    func saysWhatIsWrongAndHowToMendIt(error: ModelError, message: String) {
        #expect(error.description == message)
    }

    @Test func aLongListOfColumnsIsCut() {
        let columns = (1...10).map { "c\($0)" }
        let message = ModelError.separated(columns: columns).description
        #expect(message.hasPrefix("\"c1\", \"c2\", \"c3\", \"c4\", \"c5\", \"c6\", \"c7\", \"c8\" and 2 more tell"))
    }
}
