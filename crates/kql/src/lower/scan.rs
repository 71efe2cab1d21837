//! `scan`.

use std::collections::BTreeSet;

use datafusion::logical_expr::{Expr, Operator as Logical};
use stance_base::ScalarType;
use stance_kql_syntax::bound::{BoundExpression, BoundStep, ExpressionKind, Scan};
use stance_kql_syntax::{Column, Schema};

use super::expression::{Scope, as_type, balanced};
use super::relation::Relation;
use super::table_operator::order_of_keys;
use super::{Lowered, Lowerer};
use crate::operators::{
    EncodedExpression, InputOrder, OperatorColumn, Scan as ScanOperator, ScanDeclared, ScanOutput,
    ScanStep, TableOperator,
};

/// The row that expressions of `scan` read: the record's columns (`in3`), then for each step the
/// columns of its state (`s1c3`).
struct ScanRow {
    input: Schema,
    state: Schema,
    steps: usize,
}

impl ScanRow {
    fn input_name(index: usize) -> String {
        format!("in{index}")
    }

    fn state_name(step: usize, index: usize) -> String {
        format!("s{step}c{index}")
    }

    fn scope(&self) -> Scope {
        let types = |schema: &Schema| -> Vec<ScalarType> {
            schema
                .columns()
                .iter()
                .map(|column| column.scalar_type)
                .collect()
        };
        let mut columns = Vec::new();
        for (index, scalar_type) in types(&self.input).into_iter().enumerate() {
            columns.push((Self::input_name(index), scalar_type));
        }
        for step in 0..self.steps {
            for (index, scalar_type) in types(&self.state).into_iter().enumerate() {
                columns.push((Self::state_name(step, index), scalar_type));
            }
        }
        Scope::of_columns(columns)
    }
}

/// What expressions were found to read.
#[derive(Default)]
struct Reads {
    input: BTreeSet<usize>,
    state: BTreeSet<usize>,
}

impl Reads {
    /// Notes the columns of an expression; whether it reads no state.
    fn note(&mut self, expression: &Expr) -> bool {
        let mut stateless = true;
        for column in expression.column_refs() {
            if let Some(index) = column.name.strip_prefix("in") {
                self.input.extend(index.parse::<usize>());
            } else if let Some((_, index)) = column.name.split_once('c') {
                stateless = false;
                self.state.extend(index.parse::<usize>());
            }
        }
        stateless
    }
}

impl Lowerer<'_> {
    pub(super) fn scan(&self, input: Relation, scan: &Scan, step: &BoundStep) -> Lowered<Relation> {
        let input = if scan.order_by.is_empty() {
            input
        } else {
            self.sort(input, &scan.order_by)?
        };
        let mut state = input.schema.columns().to_vec();
        for column in &scan.declared {
            let own = Column::new(column.name.clone(), column.scalar_type);
            match state.iter().position(|known| known.name == column.name) {
                Some(position) => state[position] = own,
                None => state.push(own),
            }
        }
        let row = ScanRow {
            input: input.schema.clone(),
            state: Schema::new(state),
            steps: scan.steps.len(),
        };
        let mut reads = Reads::default();
        let mut records = Scope::of(&input);
        let mut prefilters = Vec::new();
        let mut steps = Vec::with_capacity(scan.steps.len());
        for scan_step in &scan.steps {
            let mut rest = Vec::new();
            let mut own = Vec::new();
            for conjunct in conjuncts(&scan_step.condition) {
                let condition = self.condition_of(&row, conjunct)?;
                if Reads::default().note(&condition) {
                    own.push(self.truth(&mut records, conjunct)?);
                } else {
                    reads.note(&condition);
                    rest.push(condition);
                }
            }
            let mut assignments = Vec::new();
            for (position, value) in &scan_step.assignments {
                let mut scope = row.scope();
                let value = self.expression(&mut scope, value)?;
                reads.note(&value);
                assignments.push((*position, EncodedExpression::new(&value)?));
            }
            let prefilter = (!own.is_empty()).then_some(prefilters.len());
            if prefilter.is_some() {
                prefilters.push(balanced(own, Logical::And, true));
            }
            let condition = (!rest.is_empty()).then(|| balanced(rest, Logical::And, true));
            steps.push(ScanStep {
                prefilter,
                condition: condition.map(|c| EncodedExpression::new(&c)).transpose()?,
                assignments,
                output: match &*scan_step.output {
                    "last" => ScanOutput::Last,
                    "none" => ScanOutput::None,
                    _ => ScanOutput::All,
                },
                optional: scan_step.optional,
            });
        }
        let mut keys = Vec::new();
        for key in &scan.partition_by {
            keys.push(self.expression(&mut records, key)?);
        }
        let input = self.with_windows(input, records)?;
        let declared = self.declared(&row, scan)?;
        let operator = ScanOperator {
            kept: 0,
            keys: Vec::new(),
            reads: read_columns(&row, &reads),
            remembers: remembered_columns(&row, &reads, scan),
            declared,
            steps,
            match_id: scan.match_id,
        };
        self.scanned(input, operator, (prefilters, keys), step)
    }

    fn condition_of(&self, row: &ScanRow, condition: &BoundExpression) -> Lowered<Expr> {
        self.truth(&mut row.scope(), condition)
    }

    fn truth(&self, scope: &mut Scope, condition: &BoundExpression) -> Lowered<Expr> {
        let lowered = self.expression(scope, condition)?;
        as_type(lowered, condition.scalar_type, ScalarType::Bool)
    }

    fn declared(&self, row: &ScanRow, scan: &Scan) -> Lowered<Vec<ScanDeclared>> {
        let mut declared = Vec::with_capacity(scan.declared.len());
        for column in &scan.declared {
            let index = row.state.index_of(&column.name).unwrap_or(0);
            let shown = (0..row.steps).map(|step| OperatorColumn {
                name: ScanRow::state_name(step, index),
                scalar_type: column.scalar_type,
            });
            let default = match &column.default {
                None => None,
                Some(default) => {
                    let mut scope = Scope::empty();
                    let value = self.expression(&mut scope, default)?;
                    let value = as_type(value, default.scalar_type, column.scalar_type)?;
                    Some(EncodedExpression::new(&value)?)
                }
            };
            declared.push(ScanDeclared {
                shown: shown.collect(),
                default,
            });
        }
        Ok(declared)
    }

    /// The operator over its input: columns that come out, conditions, keys, order.
    fn scanned(
        &self,
        input: Relation,
        mut operator: ScanOperator,
        (prefilters, keys): (Vec<Expr>, Vec<Expr>),
        step: &BoundStep,
    ) -> Lowered<Relation> {
        let carried = Self::carried_columns(&input)?;
        let visible = input.columns.len();
        let mut outputs: Vec<Expr> = (0..visible).map(|at| input.column(at)).collect();
        outputs.extend(carried.iter().map(|(expression, _)| expression.clone()));
        operator.kept = outputs.len();
        for scan_step in &mut operator.steps {
            if let Some(prefilter) = &mut scan_step.prefilter {
                *prefilter += outputs.len();
            }
        }
        outputs.extend(prefilters);
        let mut order = Vec::new();
        for key in keys {
            operator.keys.push(outputs.len());
            outputs.push(key);
        }
        operator.keys.extend(visible..operator.kept);
        for key in &operator.keys {
            order.push(InputOrder {
                column: *key,
                descending: false,
                nulls_first: false,
            });
        }
        let (expressions, more) = order_of_keys(&input.ordering, outputs.len());
        // Without an order of its own the rows come as they are.
        if !more.is_empty() {
            outputs.extend(expressions);
        }
        order.extend(more);

        let declared = operator
            .declared
            .iter()
            .filter_map(|column| column.shown.first());
        let mut columns = input.schema.columns().to_vec();
        let hidden = carried.iter().map(|(_, scalar_type)| *scalar_type);
        let hidden: Vec<Column> = hidden.map(|kind| Column::new("partition", kind)).collect();
        columns.extend(hidden.iter().cloned());
        columns.extend(declared.map(|column| Column::new("declared", column.scalar_type)));
        if operator.match_id {
            columns.push(Column::new("match", ScalarType::Long));
        }
        let declared_names: Vec<String> = step
            .schema
            .columns()
            .iter()
            .map(|column| column.name.to_string())
            .collect();
        let plan = self.operator_input(input.plan, outputs)?;
        let operator_schema = Schema::new(columns);
        let declared_count = operator.declared.len();
        let operator = TableOperator::Scan(operator);
        let rows = self.table_operator(operator, vec![plan], order, &operator_schema)?;

        let first_declared = visible + hidden.len();
        let mut next_declared = 0;
        let mut selected = Vec::with_capacity(declared_names.len());
        for (index, name) in declared_names.iter().enumerate() {
            let is_id = index + 1 == declared_names.len()
                && operator_schema.len() > first_declared + declared_count;
            let own = input.schema.index_of(name);
            let position = match own {
                _ if is_id => operator_schema.len() - 1,
                Some(own) => own,
                None => {
                    next_declared += 1;
                    first_declared + next_declared - 1
                }
            };
            selected.push(rows.column(position));
        }
        let partition = (visible..first_declared).filter_map(|at| rows.columns.get(at).cloned());
        let rows = Relation {
            partition: partition.collect(),
            ..rows
        };
        rows.select(self, selected, &step.schema)
    }
}

fn conjuncts(condition: &BoundExpression) -> Vec<&BoundExpression> {
    match &condition.kind {
        ExpressionKind::And(operands) => operands.iter().flat_map(conjuncts).collect(),
        _ => vec![condition],
    }
}

fn read_columns(row: &ScanRow, reads: &Reads) -> Vec<(usize, OperatorColumn)> {
    let columns = row.input.columns();
    let read = reads.input.iter().filter_map(|index| {
        let column = columns.get(*index)?;
        let name = ScanRow::input_name(*index);
        let scalar_type = column.scalar_type;
        Some((*index, OperatorColumn { name, scalar_type }))
    });
    read.collect()
}

/// Input columns that a step must remember: those that are read of a state and not declared.
fn remembered_columns(
    row: &ScanRow,
    reads: &Reads,
    scan: &Scan,
) -> Vec<(usize, Vec<OperatorColumn>)> {
    let declared = |name: &str| scan.declared.iter().any(|column| &*column.name == name);
    let remembered = reads.state.iter().filter_map(|index| {
        let column = row.state.columns().get(*index)?;
        if declared(&column.name) {
            return None;
        }
        let shown = (0..row.steps).map(|step| OperatorColumn {
            name: ScanRow::state_name(step, *index),
            scalar_type: column.scalar_type,
        });
        Some((*index, shown.collect()))
    });
    remembered.collect()
}
