"""The benchmark of solvers. `designs`, `objective`, `verify` and `check` run in the peers' Python, the rest in any."""
