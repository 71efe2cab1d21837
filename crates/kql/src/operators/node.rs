//! The logical node of our operators.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::common::{DFSchema, DFSchemaRef, DataFusionError, Result};
use datafusion::logical_expr::{Expr, Extension, LogicalPlan, UserDefinedLogicalNodeCore};
use serde::{Deserialize, Serialize};

use super::{InputOrder, OperatorColumn, TableOperator};
use crate::types::arrow_schema;

/// An operator with the columns it gives: what travels with a plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct OperatorCall {
    pub(crate) operator: TableOperator,
    pub(crate) columns: Vec<OperatorColumn>,
    /// How the first input must come sorted.
    pub(crate) order: Vec<InputOrder>,
}

impl OperatorCall {
    /// The Arrow schema of the rows that it gives.
    pub(crate) fn schema(&self) -> SchemaRef {
        arrow_schema(
            self.columns
                .iter()
                .map(|column| (column.name.as_str(), column.scalar_type)),
        )
    }

    /// The bytes that travel with a plan.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self).map_err(|error| DataFusionError::External(Box::new(error)))
    }

    /// Reads [`Self::to_bytes`].
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self> {
        serde_json::from_slice(bytes).map_err(|error| DataFusionError::External(Box::new(error)))
    }
}

/// One of our operators in a plan.
#[derive(Clone)]
pub(crate) struct TableNode {
    pub(super) call: Arc<OperatorCall>,
    pub(super) inputs: Vec<LogicalPlan>,
    schema: DFSchemaRef,
    /// The call as it travels; two nodes are one where these bytes and the inputs are.
    encoded: Arc<[u8]>,
}

impl TableNode {
    pub(crate) fn new(call: OperatorCall, inputs: Vec<LogicalPlan>) -> Result<Self> {
        let schema = DFSchema::try_from(call.schema())?;
        let encoded = call.to_bytes()?;
        Ok(Self {
            call: Arc::new(call),
            inputs,
            schema: Arc::new(schema),
            encoded: encoded.into(),
        })
    }

    /// The plan of this operator over these inputs.
    pub(crate) fn plan(
        operator: TableOperator,
        inputs: Vec<LogicalPlan>,
        columns: Vec<OperatorColumn>,
        order: Vec<InputOrder>,
    ) -> Result<LogicalPlan> {
        let call = OperatorCall {
            operator,
            columns,
            order,
        };
        Ok(LogicalPlan::Extension(Extension {
            node: Arc::new(Self::new(call, inputs)?),
        }))
    }

    pub(super) fn encoded(&self) -> &[u8] {
        &self.encoded
    }
}

impl fmt::Debug for TableNode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.call.operator.name())
    }
}

impl PartialEq for TableNode {
    fn eq(&self, other: &Self) -> bool {
        self.encoded == other.encoded && self.inputs == other.inputs
    }
}

impl Eq for TableNode {}

impl Hash for TableNode {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.encoded.hash(state);
        self.inputs.hash(state);
    }
}

impl PartialOrd for TableNode {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match self.encoded.cmp(&other.encoded) {
            Ordering::Equal => self.inputs.partial_cmp(&other.inputs),
            order => Some(order),
        }
    }
}

impl UserDefinedLogicalNodeCore for TableNode {
    fn name(&self) -> &str {
        self.call.operator.name()
    }

    fn inputs(&self) -> Vec<&LogicalPlan> {
        self.inputs.iter().collect()
    }

    fn schema(&self) -> &DFSchemaRef {
        &self.schema
    }

    /// None: what an operator computes of its input is put into columns before it, where the
    /// optimiser sees it.
    fn expressions(&self) -> Vec<Expr> {
        Vec::new()
    }

    fn fmt_for_explain(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.call.operator.name())
    }

    fn with_exprs_and_inputs(&self, _: Vec<Expr>, inputs: Vec<LogicalPlan>) -> Result<Self> {
        Ok(Self {
            inputs,
            ..self.clone()
        })
    }
}
