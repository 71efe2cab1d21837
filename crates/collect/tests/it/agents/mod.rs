//! Agents and identities: Foundry, Copilot Studio, AI Search, Entra.

mod coverage;
mod golden;
mod hostile;
mod shared;
