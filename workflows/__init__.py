"""The mind: workflows decide. Standard library and temporalio only."""
