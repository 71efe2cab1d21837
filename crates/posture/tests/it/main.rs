//! What findings and their risk promise.

mod risk;
mod risk_document;
