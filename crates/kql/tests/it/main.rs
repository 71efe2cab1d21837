//! What the engine promises, through its public API.
