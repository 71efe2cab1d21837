//! Expressions that travel inside an operator: those that read what the operator itself makes, so
//! that no projection before it can compute them.

use std::sync::Arc;

use arrow::array::{ArrayRef, RecordBatch};
use arrow::datatypes::SchemaRef;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use datafusion::common::{DFSchema, DataFusionError, Result};
use datafusion::execution::TaskContext;
use datafusion::logical_expr::Expr;
use datafusion::logical_expr::execution_props::ExecutionProps;
use datafusion::logical_expr::physical_planning_context::PhysicalPlanningContext;
use datafusion::physical_expr::{PhysicalExpr, create_physical_expr};
use datafusion_proto::logical_plan::DefaultLogicalExtensionCodec;
use datafusion_proto::logical_plan::from_proto::parse_expr;
use datafusion_proto::logical_plan::to_proto::serialize_expr;
use datafusion_proto::protobuf::LogicalExprNode;
use prost::Message;
use serde::{Deserialize, Serialize};

use super::KqlLogicalCodec;

/// A logical expression over plain column names, as its protobuf form in base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct EncodedExpression(String);

fn codec() -> KqlLogicalCodec {
    KqlLogicalCodec::over(Arc::new(DefaultLogicalExtensionCodec {}))
}

fn external(error: impl std::error::Error + Send + Sync + 'static) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}

impl EncodedExpression {
    pub(crate) fn new(expression: &Expr) -> Result<Self> {
        let node = serialize_expr(expression, &codec()).map_err(external)?;
        Ok(Self(STANDARD.encode(node.encode_to_vec())))
    }

    /// The expression ready to run over batches of a schema.
    pub(crate) fn compile(&self, schema: &SchemaRef, task: &TaskContext) -> Result<Compiled> {
        let bytes = STANDARD.decode(&self.0).map_err(external)?;
        let node = LogicalExprNode::decode(bytes.as_slice()).map_err(external)?;
        let expression = parse_expr(&node, task, &codec()).map_err(external)?;
        let schema = DFSchema::try_from(Arc::clone(schema))?;
        let physical = create_physical_expr(
            &expression,
            &schema,
            &ExecutionProps::new(),
            &PhysicalPlanningContext::default(),
        )?;
        Ok(Compiled(physical))
    }
}

/// An expression that runs.
#[derive(Debug)]
pub(crate) struct Compiled(Arc<dyn PhysicalExpr>);

impl Compiled {
    pub(crate) fn evaluate(&self, batch: &RecordBatch) -> Result<ArrayRef> {
        self.0.evaluate(batch)?.into_array(batch.num_rows())
    }

    /// Whether the condition holds of the first row; null does not.
    pub(crate) fn holds(&self, batch: &RecordBatch) -> Result<bool> {
        use arrow::array::{Array, AsArray};
        let flags = self.evaluate(batch)?;
        let flags = flags.as_boolean();
        Ok(!flags.is_empty() && flags.is_valid(0) && flags.value(0))
    }
}
