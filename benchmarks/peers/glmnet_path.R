# An elastic-net path by glmnet. R reads no Arrow here: --data is a file of doubles, one column after the other, the label
# last, and a file of the same name with the ending .rows beside it has the number of rows.
arguments <- commandArgs(trailingOnly = TRUE)
option <- function(name, otherwise = NULL) {
    place <- match(paste0("--", name), arguments)
    if (is.na(place)) otherwise else arguments[place + 1]
}
suppressPackageStartupMessages(library(glmnet))
glmnet.control(fdev = 0, devmax = 1)

load <- system.time({
    file <- option("data")
    rows <- as.numeric(readLines(sub("[.]doubles$", ".rows", file)))
    columns <- file.size(file) / 8 / rows
    connection <- file(file, "rb")
    x <- matrix(readBin(connection, "double", rows * (columns - 1)), nrow = rows)
    y <- readBin(connection, "double", rows)
    close(connection)
})
lambdas <- scan(text = gsub("[][,]", " ", paste(readLines(option("lambdas"), warn = FALSE), collapse = " ")), quiet = TRUE)
fit <- system.time(
    model <- glmnet(
        x, y,
        family = "binomial", alpha = as.numeric(option("alpha", "1")), lambda = lambdas, standardize = FALSE,
        intercept = !("--no-intercept" %in% arguments), thresh = as.numeric(option("tolerance", "1e-7")), maxit = 1e8
    )
)
number <- function(values) formatC(values, digits = 17, format = "g", width = 1)
vector <- function(values) paste0("[", paste(number(values), collapse = ", "), "]")
coefficients <- as.matrix(rbind(model$a0, model$beta))
cat(sprintf(
    paste0(
        '{"tool": "glmnet", "version": "%s", "loadSeconds": %s, "fitSeconds": %s, "processorSeconds": %s, ',
        '"status": "%s", "lambdas": %s, "coefficients": [%s]}\n'
    ),
    packageVersion("glmnet"), number(load[["elapsed"]]), number(fit[["elapsed"]]),
    number(fit[["user.self"]] + fit[["sys.self"]]), if (model$jerr == 0) "ended" else paste("jerr", model$jerr),
    vector(model$lambda), paste(apply(coefficients, 2, vector), collapse = ", ")
))
