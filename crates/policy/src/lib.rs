//! Azure Policy: definitions, aliases, evaluation with evidence.
