//! Graph operators.

use std::sync::Arc;

use stance_base::ScalarType as T;

use super::environment::LetValue;
use super::graph_scope::{element_columns, graph_of, graph_scope};
use super::join::parameter;
use super::types::convert;
use super::{Binder, RowScope};
use crate::ast::{NodeExt as _, name_text};
use crate::bound::{
    BoundExpression, BoundGraph, BoundTabular, ColumnReference, ExpressionKind, GraphDirection,
    GraphEdgeRange, GraphElement, GraphElementKind, GraphMatch, GraphPattern, GraphShortestPaths,
    GraphTable, GraphToTable, Literal, MakeGraph, NamedExpression, Operator,
};
use crate::diagnostics::DiagnosticCode;
use crate::schema::{Column, Schema};
use crate::span::Span;
use crate::syntax::{SyntaxKind as K, SyntaxNode};

impl Binder<'_> {
    pub(super) fn bind_graph_operator(
        &mut self,
        flow: &mut BoundTabular,
        node: &SyntaxNode,
        span: Span,
    ) {
        match node.kind() {
            K::MakeGraphOperator => self.bind_make_graph(flow, node, span),
            K::GraphMatchOperator | K::GraphShortestPathsOperator => {
                self.bind_graph_match(flow, node, span);
            }
            K::GraphMarkComponentsOperator => self.bind_mark_components(flow, node, span),
            K::GraphToTableOperator => self.bind_graph_to_table(flow, node, span),
            K::GraphWhereNodesOperator | K::GraphWhereEdgesOperator => {
                self.bind_graph_where(flow, node, span);
            }
            K::Error => {}
            _ => self.error(
                DiagnosticCode::NotSupported,
                span,
                "this operator is not supported here",
            ),
        }
    }

    /// The graph that the pipeline so far gives, or that the operator around it hands in.
    fn current_graph(&mut self, flow: &BoundTabular, span: Span) -> Option<BoundGraph> {
        let graph = graph_of(flow, self.graph.as_ref());
        if graph.is_none() {
            let help = Some("put `make-graph` before it".to_owned());
            self.error_with_help(
                DiagnosticCode::GraphMismatch,
                span,
                "this operator needs a graph",
                help,
            );
        }
        graph
    }

    fn edge_column(
        &mut self,
        edges: &Schema,
        node: Option<&SyntaxNode>,
    ) -> Option<ColumnReference> {
        let node = node?;
        let name = name_text(node);
        if let Some(index) = edges.index_of(&name) {
            Some(ColumnReference {
                index,
                name: name.into(),
            })
        } else {
            self.with_row(RowScope::of(edges), |binder| {
                binder.unknown_column(node.span(), &name);
            });
            None
        }
    }

    fn bind_make_graph(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        let edges = flow.schema().clone();
        let names = node.children_of(K::Name);
        let source = self.edge_column(&edges, names.first());
        let target = self.edge_column(&edges, names.get(1));
        let (Some(source), Some(target)) = (source, target) else {
            return;
        };
        let mut node_tables = Vec::new();
        let mut columns: Vec<Column> = Vec::new();
        for table_node in node.children_of(K::MakeGraphNodes) {
            let Some(table) = table_node.expression() else {
                continue;
            };
            let plan = self.with_row(RowScope::default(), |binder| binder.bind_tabular(&table));
            let key = self.edge_column(&plan.schema().clone(), table_node.child(K::Name).as_ref());
            for column in plan.schema().columns() {
                if !columns.iter().any(|known| known.name == column.name) {
                    columns.push(column.clone());
                }
            }
            node_tables.extend(key.map(|key| (plan, key)));
        }
        let node_id = parameter(node, "with_node_id").map(|(name, _)| Arc::<str>::from(name));
        if let Some(name) = &node_id {
            columns.push(Column::new(
                Arc::clone(name),
                edges.columns()[source.index].scalar_type,
            ));
        }
        let graph = BoundGraph {
            nodes: Schema::new(columns),
            edges: edges.clone(),
        };
        let outer = self.graph.replace(graph.clone());
        let partition = node.child(K::PartitionedBy).and_then(|clause| {
            let by = self.edge_column(&edges, clause.child(K::Name).as_ref())?;
            let subquery = self.bind_operators_on(&clause.child(K::Subquery)?, &edges);
            Some((by, Box::new(subquery)))
        });
        self.graph = outer;
        let schema = partition
            .as_ref()
            .map_or_else(Schema::default, |(_, plan)| plan.schema().clone());
        let make = MakeGraph {
            source,
            target,
            nodes: node_tables,
            node_id,
            partition,
            graph,
        };
        self.push(flow, Operator::MakeGraph(Box::new(make)), schema, span);
    }

    fn bind_graph_match(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        let Some(graph) = self.current_graph(flow, span) else {
            return;
        };
        let mut elements = Vec::new();
        let mut width = 0;
        let mut patterns = Vec::new();
        for pattern in node.children_of(K::GraphPattern) {
            let path = pattern
                .children()
                .map(|part| self.graph_element(&part, &graph, &mut elements, &mut width));
            let path = path.collect::<Vec<_>>().into_iter().flatten().collect();
            patterns.push(GraphPattern { path });
        }
        let outer = self.graph.replace(graph.clone());
        let scope = graph_scope(&graph, &elements, false);
        let predicate = node
            .child(K::WhereClause)
            .and_then(|clause| clause.expression());
        let predicate = predicate
            .map(|condition| self.with_row(scope, |binder| binder.bind_predicate(&condition)));
        let scope = graph_scope(&graph, &elements, true);
        let outputs = match node.child(K::ProjectClause) {
            Some(project) => {
                let items =
                    self.with_row(scope, |binder| binder.bind_items(&project.expressions()));
                let (expressions, schema) = self.projected(&Schema::default(), items);
                let named = schema.columns().iter().zip(expressions);
                named
                    .map(|(column, expression)| NamedExpression {
                        name: column.name.clone(),
                        expression,
                    })
                    .collect()
            }
            None => element_columns(&graph, &elements, self.span(span)),
        };
        self.graph = outer;
        let columns = outputs
            .iter()
            .map(|output| Column::new(output.name.clone(), output.expression.scalar_type));
        let schema: Schema = columns.collect();
        let cycles = parameter(node, "cycles")
            .map_or_else(|| "unique_edges".to_owned(), |(cycles, _)| cycles);
        let search = GraphMatch {
            graph,
            patterns,
            elements,
            cycles: cycles.into(),
            predicate,
            outputs,
        };
        let operator = if node.kind() == K::GraphMatchOperator {
            Operator::GraphMatch(Box::new(search))
        } else {
            let all = parameter(node, "output").is_some_and(|(output, _)| output == "all");
            Operator::GraphShortestPaths(Box::new(GraphShortestPaths { search, all }))
        };
        self.push(flow, operator, schema, span);
    }

    /// The position of a pattern's element; a name met again is the same element.
    fn graph_element(
        &mut self,
        node: &SyntaxNode,
        graph: &BoundGraph,
        elements: &mut Vec<GraphElement>,
        width: &mut usize,
    ) -> Option<usize> {
        let name = node.name().map(Arc::<str>::from);
        if name.is_some()
            && let Some(position) = elements.iter().position(|element| element.name == name)
        {
            return Some(position);
        }
        let (kind, columns) = match node.kind() {
            K::GraphNode => (GraphElementKind::Node, graph.nodes.len()),
            K::GraphEdge => (self.edge_kind(node), graph.edges.len()),
            _ => return None,
        };
        elements.push(GraphElement {
            name,
            kind,
            first_column: *width,
        });
        *width += columns;
        Some(elements.len() - 1)
    }

    fn edge_kind(&mut self, node: &SyntaxNode) -> GraphElementKind {
        let tokens = node.own_tokens();
        let direction = match (
            tokens.first().map(crate::syntax::SyntaxToken::kind),
            tokens.last().map(crate::syntax::SyntaxToken::kind),
        ) {
            (Some(K::Less), Some(K::Greater)) => GraphDirection::Any,
            (Some(K::Less), _) => GraphDirection::Backward,
            (_, Some(K::Greater)) => GraphDirection::Forward,
            _ => GraphDirection::Any,
        };
        let range = node
            .child(K::GraphRange)
            .map(|range| self.edge_range(&range));
        GraphElementKind::Edge { direction, range }
    }

    fn edge_range(&mut self, node: &SyntaxNode) -> GraphEdgeRange {
        const LONGEST: u32 = 100;
        let mut ends = node.expressions().into_iter().map(|end| {
            let bound = self.with_row(RowScope::default(), |binder| binder.bind_expression(&end));
            if let ExpressionKind::Literal(Literal::Long(value)) = convert(bound, T::Long).kind {
                u32::try_from(value).unwrap_or_default()
            } else {
                self.error(
                    DiagnosticCode::ConstantExpected,
                    end.span(),
                    "a constant number of steps is wanted here",
                );
                1
            }
        });
        let minimum = ends.next().unwrap_or(1);
        let maximum = ends.next().unwrap_or(LONGEST);
        GraphEdgeRange { minimum, maximum }
    }

    /// `all(edge, predicate)`, `map(inner_nodes(edge), value)`, `node_degree_in(node)`.
    pub(super) fn bind_graph_function(
        &mut self,
        name: &str,
        nodes: &[SyntaxNode],
        span: Span,
    ) -> BoundExpression {
        let function =
            crate::functions::scalar(name).map_or("labels", |function| function.canonical);
        let scalar_type = match name {
            "any" | "all" => T::Bool,
            "node_degree_in" | "node_degree_out" => T::Long,
            "node_id" => T::String,
            _ => T::Dynamic,
        };
        let mut arguments = Vec::new();
        let mut scope = self.row.clone();
        if let Some(first) = nodes.first() {
            arguments.push(self.graph_element_argument(first));
            if nodes.len() > 1
                && let Some(columns) = self.element_scope(first)
            {
                for row in &mut scope.named {
                    row.first += columns.len();
                }
                scope.columns = columns;
            }
        }
        if let Some(second) = nodes.get(1) {
            arguments.push(self.with_row(scope, |binder| binder.bind_expression(second)));
        }
        let kind = ExpressionKind::Call {
            function,
            arguments,
        };
        BoundExpression {
            kind,
            scalar_type,
            span: self.span(span),
        }
    }

    /// An element on its own, by its name.
    fn graph_element_argument(&mut self, node: &SyntaxNode) -> BoundExpression {
        let name = node.name().filter(|_| node.kind() == K::NameExpression);
        let row = name.and_then(|name| self.row.named.iter().find(|row| row.name == name));
        let Some(row) = row else {
            return self.bind_expression(node);
        };
        let reference = ColumnReference {
            index: row.first,
            name: row.name.as_str().into(),
        };
        BoundExpression {
            kind: ExpressionKind::Column(reference),
            scalar_type: T::Dynamic,
            span: self.span(node.span()),
        }
    }

    /// The columns that bare names mean inside `all(edge, ...)`: those of one edge of the path, or
    /// for `inner_nodes(edge)` those of one node.
    fn element_scope(&self, node: &SyntaxNode) -> Option<Schema> {
        let graph = self.graph.as_ref()?;
        if node.kind() == K::CallExpression && node.name().as_deref() == Some("inner_nodes") {
            return Some(graph.nodes.clone());
        }
        let name = node.name()?;
        self.row
            .named
            .iter()
            .any(|row| row.name == name)
            .then(|| graph.edges.clone())
    }

    fn bind_mark_components(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        if self.current_graph(flow, span).is_none() {
            return;
        }
        let name = parameter(node, "with_component_id")
            .map_or_else(|| "ComponentId".to_owned(), |(name, _)| name);
        let strong = parameter(node, "kind").is_some_and(|(kind, _)| kind == "strong");
        let operator = Operator::GraphMarkComponents {
            strong,
            column: name.into(),
        };
        self.push(flow, operator, Schema::default(), span);
    }

    fn bind_graph_to_table(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        let Some(graph) = self.current_graph(flow, span) else {
            return;
        };
        let mut outputs = Vec::new();
        for table in node.children_of(K::GraphTable) {
            self.check_parameters(&table);
            let nodes = table.has_word("nodes");
            let mut columns = if nodes {
                graph.nodes.columns().to_vec()
            } else {
                graph.edges.columns().to_vec()
            };
            let mut id_columns = Vec::new();
            for kind in ["with_node_id", "with_source_id", "with_target_id"] {
                if let Some((name, _)) = parameter(&table, kind) {
                    columns.insert(id_columns.len(), Column::new(name.as_str(), T::Long));
                    id_columns.push((Arc::from(kind), Arc::from(name)));
                }
            }
            let name = table.child(K::Name).map(|name| name_text(&name).into());
            outputs.push(GraphTable {
                nodes,
                name,
                id_columns,
                schema: Schema::new(columns),
            });
        }
        if outputs.len() > 1 && outputs.iter().any(|table| table.name.is_none()) {
            self.error_with_help(
                DiagnosticCode::GraphMismatch,
                span,
                "several tables of a graph need names",
                Some("write `nodes as N, edges as E`".to_owned()),
            );
        }
        let schema = outputs
            .first()
            .map(|table| table.schema.clone())
            .unwrap_or_default();
        self.push(
            flow,
            Operator::GraphToTable(GraphToTable { outputs }),
            schema,
            span,
        );
    }

    /// `graph-to-table nodes as N, edges as E`: the statements after it know `N` and `E`.
    pub(super) fn name_graph_tables(&mut self, result: &BoundTabular) {
        let Some((last, before)) = result.steps.split_last() else {
            return;
        };
        let Operator::GraphToTable(tables) = &last.operator else {
            return;
        };
        for table in &tables.outputs {
            let Some(name) = &table.name else {
                continue;
            };
            let mut plan = BoundTabular {
                steps: before.to_vec(),
                ..result.clone()
            };
            let outputs = vec![table.clone()];
            let operator = Operator::GraphToTable(GraphToTable { outputs });
            self.push(&mut plan, operator, table.schema.clone(), last.span);
            let shared = self.share(Some(name), false, plan);
            let value = LetValue::Table(shared);
            self.environment = self.environment.with(name.to_string(), value);
        }
    }

    fn bind_graph_where(&mut self, flow: &mut BoundTabular, node: &SyntaxNode, span: Span) {
        let Some(graph) = self.current_graph(flow, span) else {
            return;
        };
        let nodes = node.kind() == K::GraphWhereNodesOperator;
        let Some(condition) = node.expression() else {
            return;
        };
        let columns = if nodes { &graph.nodes } else { &graph.edges };
        let predicate = self.with_row(RowScope::of(columns), |binder| {
            binder.bind_predicate(&condition)
        });
        self.push(
            flow,
            Operator::GraphWhere { nodes, predicate },
            Schema::default(),
            span,
        );
    }
}
