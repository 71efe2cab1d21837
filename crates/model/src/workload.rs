//! Which resource types are AI workloads, and what to call them.
