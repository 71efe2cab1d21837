//! `scan`: rows in order, matched step by step against what came before.
//!
//! The state and its rules follow <https://learn.microsoft.com/kusto/query/scan-operator>: each
//! record is held against the steps from the last to the first; a step takes over the sequence of
//! the step before it, or goes on with its own.

use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Int64Array, RecordBatch, RecordBatchOptions};
use arrow::compute::{concat, interleave};
use arrow::datatypes::{Schema, SchemaRef};
use arrow::row::{OwnedRow, RowConverter, SortField};
use datafusion::common::Result;
use serde::{Deserialize, Serialize};

use super::expressions::Compiled;
use super::{BatchSource, EncodedExpression, OperatorColumn, OperatorContext};
use crate::types::arrow_field;
use crate::value::{ColumnBuilder, Value};

/// What `scan` does. The input holds the columns that come out, then columns that conditions read,
/// then the keys of partitions, in the order of which the rows come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Scan {
    /// How many columns of the input come out.
    pub(crate) kept: usize,
    /// Positions of the partition keys in the input.
    pub(crate) keys: Vec<usize>,
    /// What expressions read of the input, by the names they have there.
    pub(crate) reads: Vec<(usize, OperatorColumn)>,
    /// What a step remembers of its record: positions in the input and names under which each step
    /// shows it (`step 0: name`).
    pub(crate) remembers: Vec<(usize, Vec<OperatorColumn>)>,
    /// Declared columns: the name under which each step shows it, and the value before any step
    /// assigns one.
    pub(crate) declared: Vec<ScanDeclared>,
    pub(crate) steps: Vec<ScanStep>,
    /// Whether the number of the match comes out last.
    pub(crate) match_id: bool,
}

/// A declared column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ScanDeclared {
    /// Its column in the state of each step.
    pub(crate) shown: Vec<OperatorColumn>,
    /// An expression without columns; null where absent.
    pub(crate) default: Option<EncodedExpression>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct ScanStep {
    /// Position in the input of a condition that reads the record alone, computed beforehand.
    pub(crate) prefilter: Option<usize>,
    /// What else must hold.
    pub(crate) condition: Option<EncodedExpression>,
    /// Positions in `declared` with their values.
    pub(crate) assignments: Vec<(usize, EncodedExpression)>,
    pub(crate) output: ScanOutput,
    pub(crate) optional: bool,
}

/// Which matches of a step come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ScanOutput {
    All,
    Last,
    None,
}

/// What one step remembers: arrays of one row.
#[derive(Debug, Clone)]
struct Memory {
    remembered: Vec<ArrayRef>,
    declared: Vec<ArrayRef>,
}

/// An active sequence: what the steps up to this one remember.
#[derive(Debug, Clone)]
struct Sequence {
    steps: Vec<Option<Memory>>,
    match_id: i64,
    /// The last record, where only the last of a run comes out.
    waiting: Option<Output>,
}

#[derive(Debug, Clone)]
struct Output {
    record: Record,
    declared: Vec<ArrayRef>,
    match_id: i64,
}

#[derive(Debug, Clone)]
enum Record {
    /// A row of the batch at hand.
    Here(usize),
    /// A row of an earlier batch.
    Kept(RecordBatch),
}

struct Step {
    condition: Option<Compiled>,
    assignments: Vec<(usize, Compiled)>,
}

struct Run<'a> {
    scan: &'a Scan,
    steps: Vec<Step>,
    /// The row that expressions read.
    schema: SchemaRef,
    /// What a step shows that remembers nothing.
    blank: Memory,
    state: Vec<Option<Sequence>>,
    next_match: i64,
    outputs: Vec<Output>,
}

fn null_array(column: &OperatorColumn) -> ArrayRef {
    let mut builder = ColumnBuilder::new(column.scalar_type, 1);
    builder.push(&Value::Null);
    builder.finish()
}

impl Scan {
    pub(super) fn run(
        &self,
        source: &mut BatchSource,
        context: &mut OperatorContext,
    ) -> Result<()> {
        let mut run = Run::new(self, context)?;
        let mut keys: Option<(RowConverter, Option<OwnedRow>)> = None;
        while let Some(batch) = source.next()? {
            context.check()?;
            let starts = self.starts(&batch, &mut keys)?;
            for row in 0..batch.num_rows() {
                if starts
                    .as_ref()
                    .is_some_and(|starts| starts.get(row) == Some(&true))
                {
                    run.end();
                }
                run.record(&batch, row)?;
            }
            run.send(&batch, context)?;
        }
        run.end();
        run.send(&RecordBatch::new_empty(Arc::new(Schema::empty())), context)
    }

    /// Where in a batch new partitions start; nothing without partitions.
    fn starts(
        &self,
        batch: &RecordBatch,
        keys: &mut Option<(RowConverter, Option<OwnedRow>)>,
    ) -> Result<Option<Vec<bool>>> {
        if self.keys.is_empty() {
            return Ok(None);
        }
        let columns = batch.project(&self.keys)?;
        let (converter, before) = match keys {
            Some(keys) => keys,
            none => {
                let fields = columns.schema();
                let fields = fields.fields().iter();
                let fields = fields.map(|field| SortField::new(field.data_type().clone()));
                none.insert((RowConverter::new(fields.collect())?, None))
            }
        };
        let rows = converter.convert_columns(columns.columns())?;
        let mut starts = Vec::with_capacity(batch.num_rows());
        for row in &rows {
            starts.push(before.as_ref().is_some_and(|before| before.row() != row));
            *before = Some(row.owned());
        }
        Ok(Some(starts))
    }
}

impl<'a> Run<'a> {
    fn new(scan: &'a Scan, context: &OperatorContext) -> Result<Self> {
        let mut fields = Vec::new();
        for (_, column) in &scan.reads {
            fields.push(arrow_field(&column.name, column.scalar_type));
        }
        for step in 0..scan.steps.len() {
            let remembered = scan
                .remembers
                .iter()
                .filter_map(|(_, shown)| shown.get(step));
            let declared = scan
                .declared
                .iter()
                .filter_map(|column| column.shown.get(step));
            for column in remembered.chain(declared) {
                fields.push(arrow_field(&column.name, column.scalar_type));
            }
        }
        let schema: SchemaRef = Arc::new(Schema::new(fields));
        let compile = |expression: &EncodedExpression| expression.compile(&schema, context.task());
        let mut steps = Vec::with_capacity(scan.steps.len());
        for step in &scan.steps {
            let assignments = step.assignments.iter();
            let assignments = assignments.map(|(at, value)| Ok((*at, compile(value)?)));
            steps.push(Step {
                condition: step.condition.as_ref().map(compile).transpose()?,
                assignments: assignments.collect::<Result<_>>()?,
            });
        }
        let blank = scan.blank(context)?;
        Ok(Self {
            scan,
            steps,
            schema,
            blank,
            state: vec![None; scan.steps.len()],
            next_match: 0,
            outputs: Vec::new(),
        })
    }

    /// One record against all steps, from the last to the first.
    fn record(&mut self, batch: &RecordBatch, row: usize) -> Result<()> {
        for step in (0..self.steps.len()).rev() {
            let prefilter = self.scan.steps.get(step).and_then(|step| step.prefilter);
            if let Some(column) = prefilter {
                let flags = batch.column(column).as_boolean();
                if flags.is_null(row) || !flags.value(row) {
                    continue;
                }
            }
            if self.take_over(step, batch, row)? {
                continue;
            }
            self.go_on(step, batch, row)?;
        }
        Ok(())
    }

    /// The step takes over the sequence of the step before it (or before optional ones).
    fn take_over(&mut self, step: usize, batch: &RecordBatch, row: usize) -> Result<bool> {
        let mut before = step;
        while let Some(previous) = before.checked_sub(1) {
            before = previous;
            let active = self.state.get(previous).and_then(Option::as_ref).cloned();
            if let Some(sequence) = active {
                let view = self.view(&sequence.steps, batch, row)?;
                if self.holds(step, &view)? {
                    self.clear(step);
                    self.clear(previous);
                    self.matched(step, sequence, &view, (batch, row))?;
                    return Ok(true);
                }
            }
            let optional = self
                .scan
                .steps
                .get(previous)
                .is_some_and(|step| step.optional);
            if !optional {
                break;
            }
        }
        Ok(false)
    }

    /// The step goes on with its own sequence, or starts one.
    fn go_on(&mut self, step: usize, batch: &RecordBatch, row: usize) -> Result<()> {
        let active = self.state.get(step).and_then(Option::as_ref).cloned();
        let first = (0..step).all(|before| self.scan.steps.get(before).is_some_and(|s| s.optional));
        let started = active.is_none();
        let sequence = match active {
            Some(sequence) => sequence,
            None if first => Sequence {
                steps: vec![None; self.steps.len()],
                match_id: self.next_match,
                waiting: None,
            },
            None => return Ok(()),
        };
        let view = self.view(&sequence.steps, batch, row)?;
        if !self.holds(step, &view)? {
            return Ok(());
        }
        if started {
            self.next_match += 1;
        }
        self.matched(step, sequence, &view, (batch, row))
    }

    fn holds(&self, step: usize, view: &RecordBatch) -> Result<bool> {
        match self
            .steps
            .get(step)
            .and_then(|step| step.condition.as_ref())
        {
            Some(condition) => condition.holds(view),
            None => Ok(true),
        }
    }

    /// The row that expressions read: the record, then what each step remembers.
    fn view(
        &self,
        steps: &[Option<Memory>],
        batch: &RecordBatch,
        row: usize,
    ) -> Result<RecordBatch> {
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(self.schema.fields().len());
        for (position, _) in &self.scan.reads {
            columns.push(batch.column(*position).slice(row, 1));
        }
        for memory in steps {
            let memory = memory.as_ref().unwrap_or(&self.blank);
            columns.extend(memory.remembered.iter().cloned());
            columns.extend(memory.declared.iter().cloned());
        }
        let options = RecordBatchOptions::new().with_row_count(Some(1));
        Ok(RecordBatch::try_new_with_options(
            Arc::clone(&self.schema),
            columns,
            &options,
        )?)
    }

    fn matched(
        &mut self,
        step: usize,
        mut sequence: Sequence,
        view: &RecordBatch,
        (batch, row): (&RecordBatch, usize),
    ) -> Result<()> {
        let mut declared = self.blank.declared.clone();
        if let Some(compiled) = self.steps.get(step) {
            for (position, value) in &compiled.assignments {
                if let Some(slot) = declared.get_mut(*position) {
                    *slot = value.evaluate(view)?;
                }
            }
        }
        let remembered = self.scan.remembers.iter();
        let remembered = remembered.map(|(position, _)| batch.column(*position).slice(row, 1));
        let memory = Memory {
            remembered: remembered.collect(),
            declared: declared.clone(),
        };
        if let Some(slot) = sequence.steps.get_mut(step) {
            *slot = Some(memory);
        }
        let output = Output {
            record: Record::Here(row),
            declared,
            match_id: sequence.match_id,
        };
        sequence.waiting = None;
        match self.scan.steps.get(step).map(|step| step.output) {
            Some(ScanOutput::All) => self.outputs.push(output),
            Some(ScanOutput::Last) => sequence.waiting = Some(output),
            _ => {}
        }
        if let Some(slot) = self.state.get_mut(step) {
            *slot = Some(sequence);
        }
        Ok(())
    }

    /// Ends the sequence of a step: a record that waited comes out.
    fn clear(&mut self, step: usize) {
        let ended = self.state.get_mut(step).and_then(Option::take);
        self.outputs
            .extend(ended.and_then(|sequence| sequence.waiting));
    }

    /// Ends all sequences, at the end of a partition.
    fn end(&mut self) {
        for step in 0..self.state.len() {
            self.clear(step);
        }
    }

    /// Sends what came out; waiting records are kept beyond their batch.
    fn send(&mut self, batch: &RecordBatch, context: &OperatorContext) -> Result<()> {
        let outputs = std::mem::take(&mut self.outputs);
        let mut sources = vec![batch.clone()];
        let mut places = Vec::with_capacity(outputs.len());
        for output in &outputs {
            match &output.record {
                Record::Here(row) => places.push((0, *row)),
                Record::Kept(record) => {
                    places.push((sources.len(), 0));
                    sources.push(record.clone());
                }
            }
        }
        if !outputs.is_empty() {
            self.emit(&outputs, &sources, &places, context)?;
        }
        for sequence in self.state.iter_mut().flatten() {
            if let Some(output) = &mut sequence.waiting
                && let Record::Here(row) = output.record
            {
                output.record = Record::Kept(batch.slice(row, 1));
            }
        }
        context.check()
    }

    fn emit(
        &self,
        outputs: &[Output],
        sources: &[RecordBatch],
        places: &[(usize, usize)],
        context: &OperatorContext,
    ) -> Result<()> {
        // The batch at hand may be the empty one at the end, which has no columns.
        let (sources, places): (Vec<&RecordBatch>, Vec<(usize, usize)>) = if sources
            .first()
            .is_some_and(|batch| batch.num_columns() == 0)
        {
            let places = places
                .iter()
                .map(|(source, row)| (source.saturating_sub(1), *row));
            (sources.iter().skip(1).collect(), places.collect())
        } else {
            (sources.iter().collect(), places.to_vec())
        };
        let mut columns: Vec<ArrayRef> = Vec::new();
        for column in 0..self.scan.kept {
            let arrays = sources.iter().map(|batch| batch.column(column).as_ref());
            columns.push(interleave(&arrays.collect::<Vec<&dyn Array>>(), &places)?);
        }
        for column in 0..self.scan.declared.len() {
            let values = outputs
                .iter()
                .filter_map(|output| output.declared.get(column));
            columns.push(concat(
                &values.map(AsRef::as_ref).collect::<Vec<&dyn Array>>(),
            )?);
        }
        if self.scan.match_id {
            let ids: Int64Array = outputs.iter().map(|output| Some(output.match_id)).collect();
            columns.push(Arc::new(ids));
        }
        context.emit(columns, outputs.len())
    }
}

impl Scan {
    /// What a step shows before it matched: nulls, and declared columns their defaults.
    fn blank(&self, context: &OperatorContext) -> Result<Memory> {
        let options = RecordBatchOptions::new().with_row_count(Some(1));
        let schema: SchemaRef = Arc::new(Schema::empty());
        let one = RecordBatch::try_new_with_options(Arc::clone(&schema), vec![], &options)?;
        let remembered = self.remembers.iter().filter_map(|(_, shown)| shown.first());
        let mut declared = Vec::with_capacity(self.declared.len());
        for column in &self.declared {
            declared.push(match (&column.default, column.shown.first()) {
                (Some(default), _) => default.compile(&schema, context.task())?.evaluate(&one)?,
                (None, Some(shown)) => null_array(shown),
                (None, None) => continue,
            });
        }
        Ok(Memory {
            remembered: remembered.map(null_array).collect(),
            declared,
        })
    }
}
