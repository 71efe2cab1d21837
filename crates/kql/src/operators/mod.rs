//! Operators that the engine has no node for.
//!
//! Each is plain data, a variant of [`TableOperator`], and runs over the whole of its inputs at
//! once. One logical node ([`TableNode`]), one physical node ([`TableExec`]) and one codec carry
//! them all, so that a plan which holds any of them can be sent to another process and read back:
//! a new operator is a variant here and a file beside, nothing more.

mod activity;
mod codec;
mod context;
mod exec;
mod expressions;
mod external;
pub(crate) mod graph;
mod guard;
mod ip_lookup;
mod node;
mod patterns;
mod planner;
mod range;
mod reduce;
mod rolling;
mod scan;
mod session_window;
mod sink;

use arrow::array::RecordBatch;
use datafusion::common::{Result, internal_err};
use serde::{Deserialize, Serialize};
use stance_base::ScalarType;

pub(crate) use activity::{Activity, ActivityKind, Period};
pub use codec::{KqlLogicalCodec, KqlPhysicalCodec};
pub(crate) use context::{BatchSource, OperatorContext};
pub(crate) use exec::TableExec;
pub(crate) use expressions::EncodedExpression;
pub(crate) use external::{ExternalData, ExternalFormat};
use graph::{GraphMatchOperator, GraphNodesOperator};
pub(crate) use guard::{RowBudget, RowGuardExec, TooManyIntermediateRows};
pub(crate) use ip_lookup::IpLookup;
pub(crate) use node::TableNode;
pub(crate) use patterns::{PatternKind, Patterns};
pub use planner::KqlQueryPlanner;
pub(crate) use range::{Range, RangeValues};
pub(crate) use reduce::Reduce;
pub(crate) use rolling::RollingPercentile;
pub(crate) use scan::{Scan, ScanDeclared, ScanOutput, ScanStep};
pub(crate) use session_window::{SessionWindow, resolve_window};
pub(crate) use sink::RowSink;

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
    /// Plugins that follow users over time.
    Activity(Activity),
    /// `externaldata`; no input.
    ExternalData(ExternalData),
    /// `ipv4_lookup`, `ipv6_lookup`; rows, then the lookup table.
    IpLookup(IpLookup),
    /// `basket`, `autocluster`, `diffpatterns`.
    Patterns(Patterns),
    /// `range`; no input.
    Range(Range),
    /// `reduce by`.
    Reduce(Reduce),
    /// `rolling_percentile`.
    RollingPercentile(RollingPercentile),
    /// `scan`.
    Scan(Scan),
    /// `graph-match`, `graph-shortest-paths`.
    GraphMatch(GraphMatchOperator),
    /// All nodes of a graph, for `graph-to-table` and `graph-mark-components`.
    GraphNodes(GraphNodesOperator),
}

impl TableOperator {
    /// The name that plans show.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Activity(_) => "Activity",
            Self::ExternalData(_) => "ExternalData",
            Self::IpLookup(_) => "IpLookup",
            Self::Patterns(_) => "Patterns",
            Self::Range(_) => "Range",
            Self::Reduce(_) => "Reduce",
            Self::RollingPercentile(_) => "RollingPercentile",
            Self::Scan(_) => "Scan",
            Self::GraphMatch(_) => "GraphMatch",
            Self::GraphNodes(_) => "GraphNodes",
        }
    }

    /// Whether the first input is read as it comes, by [`Self::run_streaming`].
    pub(crate) fn streams(&self) -> bool {
        matches!(self, Self::IpLookup(_) | Self::Scan(_))
    }

    /// Computes; rows go out through [`OperatorContext::emit`].
    pub(crate) fn run(
        &self,
        inputs: &[Vec<RecordBatch>],
        context: &mut OperatorContext,
    ) -> Result<()> {
        match self {
            Self::Activity(activity) => activity.run(inputs, context),
            Self::ExternalData(external) => external.run(context),
            Self::Patterns(patterns) => patterns.run(inputs, context),
            Self::Range(range) => range.run(context),
            Self::Reduce(reduce) => reduce.run(inputs, context),
            Self::GraphMatch(search) => search.run(inputs, context),
            Self::GraphNodes(nodes) => nodes.run(inputs, context),
            Self::RollingPercentile(rolling) => rolling.run(inputs, context),
            Self::IpLookup(_) | Self::Scan(_) => {
                internal_err!("{} reads its input as it comes", self.name())
            }
        }
    }

    /// As [`Self::run`], with the first input as it comes and the others whole.
    pub(crate) fn run_streaming(
        &self,
        first: &mut BatchSource,
        others: &[Vec<RecordBatch>],
        context: &mut OperatorContext,
    ) -> Result<()> {
        match self {
            Self::IpLookup(lookup) => lookup.run(first, others, context),
            Self::Scan(scan) => scan.run(first, context),
            _ => internal_err!("{} reads its inputs whole", self.name()),
        }
    }
}
