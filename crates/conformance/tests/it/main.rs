//! The figures do not fall. Corpora are read from `$STANCE_SHARED/kql` (default `../shared` beside
//! the workspace) and skipped, loudly, where they are absent.

mod comparing;
mod figures;
