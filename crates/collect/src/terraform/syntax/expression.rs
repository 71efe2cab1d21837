//! Expressions: what `hcl-edit` reads, as our tree.

use std::ops::Range;
use std::rc::Rc;

use hcl_edit::expr::{
    self, BinaryOperator, ForExpr, FuncCall, Object, ObjectKey, Traversal, TraversalOperator,
    UnaryOperator,
};
use hcl_edit::{Decorated, Ident, Span};

use super::hcl::Source;
use super::template::{Form, depth_of};
use super::tree::{
    Expression, ForExpression, Kind, MAX_DEPTH, Operator, Spread, Step, SyntaxFault, shortened,
};

type Found = Result<Expression, SyntaxFault>;
type FoundKind = Result<Kind, SyntaxFault>;

impl Source<'_> {
    pub(super) fn expression(&self, read: &expr::Expression) -> Found {
        let span = read.span().unwrap_or_default();
        let kind = match read {
            expr::Expression::Parenthesis(inner) => return self.expression(inner.inner()),
            expr::Expression::StringTemplate(template) => {
                return self.template(template, Form::Quoted, span);
            }
            expr::Expression::HeredocTemplate(heredoc) => {
                let opening = self.slice(span.clone());
                let indented = opening.starts_with("<<-");
                return self.template(&heredoc.template, Form::Heredoc { indented }, span);
            }
            expr::Expression::Null(_) => Kind::Null,
            expr::Expression::Bool(flag) => Kind::Bool(*flag.value()),
            expr::Expression::Number(number) => {
                Kind::Number(number.value().as_f64().unwrap_or(f64::NAN))
            }
            expr::Expression::String(text) => Kind::Text(text.as_str().into()),
            expr::Expression::Array(items) => Kind::List(self.all(items.iter())?),
            expr::Expression::Object(object) => self.object(object)?,
            expr::Expression::Variable(name) => Kind::Variable(name.as_str().into()),
            expr::Expression::Conditional(parts) => Kind::Conditional(Box::new([
                self.expression(&parts.cond_expr)?,
                self.expression(&parts.true_expr)?,
                self.expression(&parts.false_expr)?,
            ])),
            expr::Expression::FuncCall(call) => self.call(call)?,
            expr::Expression::Traversal(traversal) => self.traversal(traversal)?,
            expr::Expression::UnaryOp(operation) => {
                let inner = Box::new(self.expression(&operation.expr)?);
                match operation.operator.value() {
                    UnaryOperator::Neg => Kind::Negative(inner),
                    UnaryOperator::Not => Kind::Not(inner),
                }
            }
            expr::Expression::BinaryOp(operation) => Kind::Binary(
                operator(*operation.operator.value()),
                Box::new(self.expression(&operation.lhs_expr)?),
                Box::new(self.expression(&operation.rhs_expr)?),
            ),
            expr::Expression::ForExpr(read) => self.for_expression(read)?,
        };
        self.made(kind, span)
    }

    /// An expression of that kind, written at `span`.
    pub(super) fn made(&self, kind: Kind, span: Range<usize>) -> Found {
        let depth = levels(&kind);
        if depth > MAX_DEPTH {
            return Err(self.too_deep(span.start));
        }
        let text = match kind {
            // Known whatever happens: their text is never shown.
            Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) => Rc::from(""),
            _ => shortened(self.slice(span.clone())),
        };
        Ok(Expression {
            kind,
            place: self.place(span.start),
            text,
            depth,
        })
    }

    fn all<'e>(
        &self,
        items: impl Iterator<Item = &'e expr::Expression>,
    ) -> Result<Vec<Expression>, SyntaxFault> {
        items.map(|item| self.expression(item)).collect()
    }

    fn object(&self, object: &Object) -> FoundKind {
        let mut items = Vec::with_capacity(object.len());
        for (key, value) in object {
            let key = match key {
                // A bare name is the key itself.
                ObjectKey::Ident(name) => self.made(
                    Kind::Text(name.as_str().into()),
                    name.span().unwrap_or_default(),
                )?,
                ObjectKey::Expression(key) => self.expression(key)?,
            };
            items.push((key, self.expression(value.expr())?));
        }
        Ok(Kind::Object(items))
    }

    fn call(&self, call: &FuncCall) -> FoundKind {
        // Functions of providers: `provider::azurerm::normalise_resource_id(…)`.
        let mut name = String::new();
        for part in &call.name.namespace {
            name.push_str(part.as_str());
            name.push_str("::");
        }
        name.push_str(call.name.name.as_str());
        let spread = if call.args.expand_final() {
            Spread::Last
        } else {
            Spread::No
        };
        Ok(Kind::Call(name.into(), self.all(call.args.iter())?, spread))
    }

    fn traversal(&self, read: &Traversal) -> FoundKind {
        let root = Box::new(self.expression(&read.expr)?);
        let mut steps = Vec::with_capacity(read.operators.len());
        for step in &read.operators {
            steps.push(match step.value() {
                TraversalOperator::AttrSplat(_) => Step::Splat { full: false },
                TraversalOperator::FullSplat(_) => Step::Splat { full: true },
                TraversalOperator::GetAttr(name) => Step::Attribute(name.as_str().into()),
                TraversalOperator::Index(index) => Step::Index(self.expression(index)?),
                TraversalOperator::LegacyIndex(index) => {
                    let number = Kind::Number(*index.value() as f64);
                    Step::Index(self.made(number, index.span().unwrap_or_default())?)
                }
            });
        }
        Ok(Kind::Traversal(root, steps))
    }

    fn for_expression(&self, read: &ForExpr) -> FoundKind {
        let intro = &read.intro;
        let optional =
            |part: Option<&expr::Expression>| part.map(|part| self.expression(part)).transpose();
        Ok(Kind::For(Box::new(ForExpression {
            key_name: intro.key_var.as_ref().map(name),
            value_name: name(&intro.value_var),
            collection: self.expression(&intro.collection_expr)?,
            key: optional(read.key_expr.as_ref())?,
            value: self.expression(&read.value_expr)?,
            grouped: read.grouping,
            condition: optional(read.cond.as_ref().map(|condition| &condition.expr))?,
        })))
    }
}

pub(super) fn name(name: &Decorated<Ident>) -> Rc<str> {
    name.as_str().into()
}

fn operator(operator: BinaryOperator) -> Operator {
    match operator {
        BinaryOperator::Eq => Operator::Equal,
        BinaryOperator::NotEq => Operator::NotEqual,
        BinaryOperator::LessEq => Operator::LessEqual,
        BinaryOperator::GreaterEq => Operator::GreaterEqual,
        BinaryOperator::Less => Operator::Less,
        BinaryOperator::Greater => Operator::Greater,
        BinaryOperator::Plus => Operator::Add,
        BinaryOperator::Minus => Operator::Subtract,
        BinaryOperator::Mul => Operator::Multiply,
        BinaryOperator::Div => Operator::Divide,
        BinaryOperator::Mod => Operator::Remainder,
        BinaryOperator::And => Operator::And,
        BinaryOperator::Or => Operator::Or,
    }
}

/// How deep an expression of that kind is.
fn levels(kind: &Kind) -> u16 {
    match kind {
        Kind::Null | Kind::Bool(_) | Kind::Number(_) | Kind::Text(_) | Kind::Variable(_) => 1,
        Kind::Template(parts) => depth_of(parts).saturating_add(1),
        Kind::List(items) | Kind::Call(_, items, _) => Expression::depth_over(items),
        Kind::Object(items) => {
            Expression::depth_over(items.iter().flat_map(|(key, value)| [key, value]))
        }
        Kind::Traversal(root, steps) => {
            let indexes = steps.iter().filter_map(|step| match step {
                Step::Index(index) => Some(index),
                _ => None,
            });
            Expression::depth_over(indexes.chain([&**root]))
        }
        Kind::Not(inner) | Kind::Negative(inner) => Expression::depth_over([&**inner]),
        Kind::Binary(_, left, right) => Expression::depth_over([&**left, &**right]),
        Kind::Conditional(parts) => Expression::depth_over(parts.iter()),
        Kind::For(found) => {
            let parts = [&found.collection, &found.value];
            let optional = [found.key.as_ref(), found.condition.as_ref()];
            Expression::depth_over(parts.into_iter().chain(optional.into_iter().flatten()))
        }
    }
}
