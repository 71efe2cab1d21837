//! Effective permissions agree with a plain evaluator.
