"""The benchmark's harness: data, measurement, agreement, recorded results. Needs the standard library alone."""
