//! Operators that the engine has no node for.
//!
//! Each is plain data, a variant of [`TableOperator`], and runs over the whole of its inputs at
//! once. One logical node ([`TableNode`]), one physical node ([`TableExec`]) and one codec carry
//! them all, so that a plan which holds any of them can be sent to another process and read back:
//! a new operator is a variant here and a file beside, nothing more.

mod codec;
mod context;
mod exec;
mod node;
mod planner;
mod reduce;

use arrow::array::RecordBatch;
use datafusion::common::Result;
use serde::{Deserialize, Serialize};
use stance_base::ScalarType;

pub use codec::{KqlLogicalCodec, KqlPhysicalCodec};
pub(crate) use context::OperatorContext;
pub(crate) use exec::TableExec;
pub(crate) use node::TableNode;
pub use planner::KqlQueryPlanner;
pub(crate) use reduce::Reduce;

/// A column that an operator reads or gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OperatorColumn {
    /// Its name in the plan.
    pub(crate) name: String,
    /// Its KQL type, from which the Arrow type follows.
    pub(crate) scalar_type: ScalarType,
}

/// A key by which the first input must come sorted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct InputOrder {
    /// Position of the column in the first input.
    pub(crate) column: usize,
    pub(crate) descending: bool,
    pub(crate) nulls_first: bool,
}

/// What an operator does. Columns of inputs are named by position.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "operator", rename_all = "snake_case")]
pub(crate) enum TableOperator {
    /// `reduce by`.
    Reduce(Reduce),
}

impl TableOperator {
    /// The name that plans show.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Reduce(_) => "Reduce",
        }
    }

    /// Computes; rows go out through [`OperatorContext::emit`].
    pub(crate) fn run(
        &self,
        inputs: &[Vec<RecordBatch>],
        context: &mut OperatorContext,
    ) -> Result<()> {
        match self {
            Self::Reduce(reduce) => reduce.run(inputs, context),
        }
    }
}
