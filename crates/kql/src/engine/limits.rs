//! Limits that a query sets for itself: `set query_take_max_records = 10;`.

use datafusion::common::Result;
use datafusion::logical_expr::{LogicalPlan, LogicalPlanBuilder};
use stance_kql_syntax::bound::{Literal, QueryOption};

/// Limits of the rows of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ResultLimits {
    /// More rows than these are an error.
    pub(super) rows: usize,
    /// Rows after these are left out.
    take: Option<usize>,
}

impl ResultLimits {
    /// What the query asks for, never above the engine's own limit: `notruncation` lifts the limit
    /// that the query set itself, no other.
    pub(super) fn of(options: &[QueryOption], row_limit: usize) -> Self {
        let mut limits = Self {
            rows: row_limit,
            take: None,
        };
        let mut truncated = true;
        for option in options {
            match option.name.to_ascii_lowercase().as_str() {
                "query_take_max_records" => limits.take = count(&option.value),
                "truncationmaxrecords" => {
                    limits.rows = count(&option.value).unwrap_or(row_limit).min(row_limit);
                }
                "notruncation" => truncated = matches!(option.value, Literal::Bool(false)),
                _ => {}
            }
        }
        if !truncated {
            limits.rows = row_limit;
        }
        limits
    }

    pub(super) fn applied(&self, plan: LogicalPlan) -> Result<LogicalPlan> {
        match self.take {
            None => Ok(plan),
            Some(take) => LogicalPlanBuilder::from(plan).limit(0, Some(take))?.build(),
        }
    }
}

fn count(value: &Literal) -> Option<usize> {
    match value {
        Literal::Long(number) => usize::try_from(*number).ok(),
        Literal::Int(number) => usize::try_from(*number).ok(),
        _ => None,
    }
}
