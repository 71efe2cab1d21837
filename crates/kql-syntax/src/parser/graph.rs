//! Graph operators.

use super::cursor::Parser;
use crate::syntax::SyntaxKind as K;

impl Parser<'_> {
    pub(super) fn make_graph_operator(&mut self) {
        self.start(K::MakeGraphOperator);
        self.bump();
        self.operator_parameters(&[]);
        self.read_name();
        self.arrow();
        self.read_name();
        if self.at_word("with_node_id") {
            self.operator_parameter();
        } else if self.eat_word("with") {
            self.open_list(Self::make_graph_nodes);
        }
        if self.at_word("partitioned-by") {
            self.start(K::PartitionedBy);
            self.bump();
            self.read_name();
            self.subquery();
            self.finish();
        }
        self.finish();
    }

    /// `-->` or `--` as tokens.
    fn arrow(&mut self) {
        if self.at(K::Minus) && self.nth(1) == K::Minus {
            self.bump();
            self.bump();
            self.eat(K::Greater);
        } else {
            self.error_expected("`-->`");
        }
    }

    fn make_graph_nodes(&mut self) {
        self.start(K::MakeGraphNodes);
        self.unary();
        if self.expect_word("on") {
            self.read_name();
        }
        self.finish();
    }

    pub(super) fn graph_match_operator(&mut self, kind: K) {
        self.start(kind);
        self.bump();
        self.operator_parameters(&["cycles", "output"]);
        self.open_list(Self::graph_pattern);
        self.where_clause();
        self.project_clause();
        self.finish();
    }

    fn where_clause(&mut self) {
        if !self.at_word("where") {
            return;
        }
        self.start(K::WhereClause);
        self.bump();
        self.pipe_expression();
        self.finish();
    }

    fn project_clause(&mut self) {
        if !self.at_word("project") {
            return;
        }
        self.start(K::ProjectClause);
        self.bump();
        self.open_list(Self::named_expression);
        self.finish();
    }

    fn graph_pattern(&mut self) {
        self.start(K::GraphPattern);
        self.graph_node();
        while matches!(self.kind(), K::Minus | K::Less) {
            self.graph_edge();
            self.graph_node();
        }
        self.finish();
    }

    fn graph_node(&mut self) {
        self.start(K::GraphNode);
        self.expect(K::LeftParen, "`(` and a node");
        if self.at_name() {
            self.name();
        }
        self.expect(K::RightParen, "`)`");
        self.finish();
    }

    /// `-[e]->`, `<-[e]-`, `-[e]-`, `-->`, `<--`, `--`.
    fn graph_edge(&mut self) {
        self.start(K::GraphEdge);
        self.eat(K::Less);
        self.expect(K::Minus, "`-`");
        if self.eat(K::LeftBracket) {
            if self.at_name() {
                self.name();
            }
            if self.at(K::Star) {
                self.graph_range();
            }
            self.expect(K::RightBracket, "`]`");
        }
        self.expect(K::Minus, "`-`");
        self.eat(K::Greater);
        self.finish();
    }

    fn graph_range(&mut self) {
        self.start(K::GraphRange);
        self.bump();
        self.unary();
        if self.expect(K::DotDot, "`..`") {
            self.unary();
        }
        self.finish();
    }

    pub(super) fn graph_mark_components_operator(&mut self) {
        self.start(K::GraphMarkComponentsOperator);
        self.bump();
        self.operator_parameters(&["kind", "with_component_id"]);
        self.finish();
    }

    pub(super) fn graph_to_table_operator(&mut self) {
        self.start(K::GraphToTableOperator);
        self.bump();
        self.open_list(|parser| {
            parser.start(K::GraphTable);
            if !parser.eat_word("nodes") && !parser.eat_word("edges") {
                parser.error_expected("`nodes` or `edges`");
            }
            if parser.eat_word("as") {
                parser.name();
            }
            parser.operator_parameters(&["with_node_id", "with_source_id", "with_target_id"]);
            parser.finish();
        });
        self.finish();
    }

    pub(super) fn graph_where(&mut self, kind: K) {
        self.start(kind);
        self.bump();
        self.expression();
        self.finish();
    }
}
