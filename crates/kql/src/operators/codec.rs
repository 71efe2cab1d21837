//! How our nodes and functions travel with a plan.
//!
//! A node is its [`OperatorCall`] as JSON behind a mark; a function is its name, which holds its
//! signature. Whatever is not ours goes to the codec underneath.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use datafusion::catalog::TableProvider;
use datafusion::common::{DataFusionError, Result, TableReference};
use datafusion::datasource::file_format::FileFormatFactory;
use datafusion::execution::TaskContext;
use datafusion::logical_expr::{AggregateUDF, Extension, LogicalPlan, ScalarUDF, WindowUDF};
use datafusion::physical_plan::ExecutionPlan;
use datafusion_proto::logical_plan::LogicalExtensionCodec;
use datafusion_proto::physical_plan::{PhysicalExtensionCodec, PhysicalProtoConverterExtension};

use super::node::OperatorCall;
use super::{RowGuardExec, TableExec, TableNode, resolve_window};

/// What the bytes of our nodes start with.
const MARK: &[u8] = b"stance-kql:";
/// The bytes of a [`RowGuardExec`].
const GUARD: &[u8] = b"stance-kql-row-guard";

fn function(name: &str) -> Result<Arc<ScalarUDF>> {
    crate::functions::udf::resolve(name)
        .map(Arc::new)
        .ok_or_else(|| DataFusionError::Plan(format!("no function `{name}`")))
}

fn aggregate(name: &str) -> Result<Arc<AggregateUDF>> {
    crate::aggregates::resolve(name)
        .map(Arc::new)
        .ok_or_else(|| DataFusionError::Plan(format!("no aggregate `{name}`")))
}

fn window(name: &str) -> Result<Arc<WindowUDF>> {
    resolve_window(name)
        .map(Arc::new)
        .ok_or_else(|| DataFusionError::Plan(format!("no window function `{name}`")))
}

/// Reads and writes our logical nodes and functions.
#[derive(Debug)]
pub struct KqlLogicalCodec {
    under: Arc<dyn LogicalExtensionCodec>,
}

impl KqlLogicalCodec {
    /// Over a codec that reads and writes what is not ours.
    pub fn over(under: Arc<dyn LogicalExtensionCodec>) -> Self {
        Self { under }
    }
}

impl LogicalExtensionCodec for KqlLogicalCodec {
    fn try_decode(
        &self,
        bytes: &[u8],
        inputs: &[LogicalPlan],
        context: &TaskContext,
    ) -> Result<Extension> {
        let Some(own) = bytes.strip_prefix(MARK) else {
            return self.under.try_decode(bytes, inputs, context);
        };
        let node = TableNode::new(OperatorCall::from_bytes(own)?, inputs.to_vec())?;
        Ok(Extension {
            node: Arc::new(node),
        })
    }

    fn try_encode(&self, node: &Extension, bytes: &mut Vec<u8>) -> Result<()> {
        let Some(own) = node.node.as_any().downcast_ref::<TableNode>() else {
            return self.under.try_encode(node, bytes);
        };
        bytes.extend_from_slice(MARK);
        bytes.extend_from_slice(own.encoded());
        Ok(())
    }

    fn try_decode_table_provider(
        &self,
        bytes: &[u8],
        table: &TableReference,
        schema: SchemaRef,
        context: &TaskContext,
    ) -> Result<Arc<dyn TableProvider>> {
        self.under
            .try_decode_table_provider(bytes, table, schema, context)
    }

    fn try_encode_table_provider(
        &self,
        table: &TableReference,
        provider: Arc<dyn TableProvider>,
        bytes: &mut Vec<u8>,
    ) -> Result<()> {
        self.under.try_encode_table_provider(table, provider, bytes)
    }

    fn try_decode_file_format(
        &self,
        bytes: &[u8],
        context: &TaskContext,
    ) -> Result<Arc<dyn FileFormatFactory>> {
        self.under.try_decode_file_format(bytes, context)
    }

    fn try_encode_file_format(
        &self,
        bytes: &mut Vec<u8>,
        format: Arc<dyn FileFormatFactory>,
    ) -> Result<()> {
        self.under.try_encode_file_format(bytes, format)
    }

    fn try_decode_udf(&self, name: &str, bytes: &[u8]) -> Result<Arc<ScalarUDF>> {
        function(name).or_else(|_| self.under.try_decode_udf(name, bytes))
    }

    fn try_decode_udaf(&self, name: &str, bytes: &[u8]) -> Result<Arc<AggregateUDF>> {
        aggregate(name).or_else(|_| self.under.try_decode_udaf(name, bytes))
    }

    fn try_decode_udwf(&self, name: &str, bytes: &[u8]) -> Result<Arc<WindowUDF>> {
        window(name).or_else(|_| self.under.try_decode_udwf(name, bytes))
    }
}

/// Reads and writes our physical nodes and functions.
#[derive(Debug)]
pub struct KqlPhysicalCodec {
    under: Arc<dyn PhysicalExtensionCodec>,
}

impl KqlPhysicalCodec {
    /// Over a codec that reads and writes what is not ours.
    pub fn over(under: Arc<dyn PhysicalExtensionCodec>) -> Self {
        Self { under }
    }
}

impl PhysicalExtensionCodec for KqlPhysicalCodec {
    fn try_decode(
        &self,
        bytes: &[u8],
        inputs: &[Arc<dyn ExecutionPlan>],
        context: &TaskContext,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        if let (true, [input]) = (bytes == GUARD, inputs) {
            return Ok(Arc::new(RowGuardExec::new(Arc::clone(input))));
        }
        let Some(own) = bytes.strip_prefix(MARK) else {
            return self.under.try_decode(bytes, inputs, context, converter);
        };
        let call = OperatorCall::from_bytes(own)?;
        Ok(Arc::new(TableExec::new(Arc::new(call), inputs.to_vec())))
    }

    fn try_encode(
        &self,
        node: Arc<dyn ExecutionPlan>,
        bytes: &mut Vec<u8>,
        converter: &dyn PhysicalProtoConverterExtension,
    ) -> Result<()> {
        if node.downcast_ref::<RowGuardExec>().is_some() {
            bytes.extend_from_slice(GUARD);
            return Ok(());
        }
        let Some(own) = node.downcast_ref::<TableExec>() else {
            return self.under.try_encode(node, bytes, converter);
        };
        bytes.extend_from_slice(MARK);
        bytes.extend(own.call().to_bytes()?);
        Ok(())
    }

    fn try_decode_udf(&self, name: &str, bytes: &[u8]) -> Result<Arc<ScalarUDF>> {
        function(name).or_else(|_| self.under.try_decode_udf(name, bytes))
    }

    fn try_decode_udaf(&self, name: &str, bytes: &[u8]) -> Result<Arc<AggregateUDF>> {
        aggregate(name).or_else(|_| self.under.try_decode_udaf(name, bytes))
    }

    fn try_decode_udwf(&self, name: &str, bytes: &[u8]) -> Result<Arc<WindowUDF>> {
        window(name).or_else(|_| self.under.try_decode_udwf(name, bytes))
    }
}
