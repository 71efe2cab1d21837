//! KQL on DataFusion: plans, functions, runner.
