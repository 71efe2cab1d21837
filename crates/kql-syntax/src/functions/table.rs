//! Reads the text tables. A line that cannot be read is left out; a test says that none is.

use std::collections::HashMap;
use std::str::FromStr as _;

use stance_base::ScalarType;

use super::{
    Accepts, ArgumentKind, FunctionInfo, FunctionKind, Parameter, ResultName, Returns, Signature,
};

type Table = HashMap<&'static str, FunctionInfo>;

const SCALAR_FILES: &[(&str, &str)] = &[
    ("string", include_str!("string.txt")),
    ("datetime", include_str!("datetime.txt")),
    ("dynamic", include_str!("dynamic.txt")),
    ("conversion", include_str!("conversion.txt")),
    ("conditional", include_str!("conditional.txt")),
    ("math", include_str!("math.txt")),
    ("network", include_str!("network.txt")),
    ("series", include_str!("series.txt")),
    ("geo", include_str!("geo.txt")),
    ("graph", include_str!("graph.txt")),
    ("units", include_str!("units.txt")),
    ("system", include_str!("system.txt")),
];

pub(super) fn scalars() -> Table {
    let mut table = Table::new();
    for (group, text) in SCALAR_FILES {
        read(&mut table, FunctionKind::Scalar, group, text);
    }
    read(
        &mut table,
        FunctionKind::Window,
        "window",
        include_str!("window.txt"),
    );
    table
}

pub(super) fn aggregates() -> Table {
    let mut table = Table::new();
    read(
        &mut table,
        FunctionKind::Aggregate,
        "aggregate",
        include_str!("aggregate.txt"),
    );
    table
}

pub(super) fn plugins() -> Table {
    let mut table = Table::new();
    read(
        &mut table,
        FunctionKind::Plugin,
        "plugin",
        include_str!("plugin.txt"),
    );
    table
}

fn read(table: &mut Table, kind: FunctionKind, group: &'static str, text: &'static str) {
    let mut aliases = Vec::new();
    for line in text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        if let Some((alias, canonical)) = line.split_once(" = ") {
            aliases.push((alias, canonical));
        } else if let Some((name, result_name, signature)) = overload(line) {
            let new = || FunctionInfo {
                name,
                canonical: name,
                kind,
                group,
                result_name,
                signatures: Vec::new(),
            };
            table
                .entry(name)
                .or_insert_with(new)
                .signatures
                .push(signature);
        }
    }
    for (alias, canonical) in aliases {
        if let Some(function) = table.get_mut(alias) {
            function.canonical = canonical;
        }
    }
}

fn overload(line: &'static str) -> Option<(&'static str, ResultName, Signature)> {
    let (name, rest) = line.split_once('(')?;
    let (parameters, rest) = rest.split_once(')')?;
    let (returns, naming) = rest.trim().split_once('@').unwrap_or((rest.trim(), ""));
    let parameters = parameters.split(", ").filter(|text| !text.is_empty());
    let parameters = parameters.map(parameter).collect::<Option<Vec<_>>>()?;
    let signature = Signature {
        parameters,
        returns: result(returns.trim())?,
    };
    Some((name, naming_rule(naming)?, signature))
}

fn parameter(text: &'static str) -> Option<Parameter> {
    let (name, accepts) = text.split_once(':')?;
    let (accepts, argument) = match accepts.split_once('!') {
        None => (accepts, ArgumentKind::Any),
        Some((accepts, "column")) => (accepts, ArgumentKind::Column),
        Some((accepts, "constant")) => (accepts, ArgumentKind::Constant),
        Some((accepts, "literal")) => (accepts, ArgumentKind::Literal),
        Some(_) => return None,
    };
    let bare = accepts.trim_end_matches(['?', '+', '*']);
    let (minimum, repeats) = match &accepts[bare.len()..] {
        "" => (1, false),
        "?" => (0, false),
        "*" => (0, true),
        "+" => (1, true),
        "++" => (2, true),
        _ => return None,
    };
    Some(Parameter {
        name,
        accepts: accepted(bare)?,
        minimum,
        repeats,
        argument,
    })
}

fn accepted(text: &str) -> Option<Accepts> {
    Some(match text {
        "scalar" => Accepts::Scalar,
        "number" => Accepts::Number,
        "integer" => Accepts::Integer,
        "summable" => Accepts::Summable,
        "orderable" => Accepts::Orderable,
        "not_dynamic" => Accepts::NotDynamic,
        "common" => Accepts::Common,
        "array" | "bag" => Accepts::Dynamic,
        "string_or_dynamic" => Accepts::StringOrDynamic,
        "integer_or_dynamic" => Accepts::IntegerOrDynamic,
        "number_or_bool" => Accepts::NumberOrBool,
        "star" => Accepts::Star,
        "type" => Accepts::Type,
        "table" => Accepts::Table,
        types => Accepts::Types(
            types
                .split('|')
                .map(|name| ScalarType::from_str(name).ok())
                .collect::<Option<_>>()?,
        ),
    })
}

fn result(text: &'static str) -> Option<Returns> {
    Some(match text {
        "arg0" => Returns::Argument(0),
        "arg1" => Returns::Argument(1),
        "promoted0" => Returns::PromotedFirst,
        "widest" => Returns::Widest,
        "common" => Returns::Common,
        "typeof" => Returns::Typeof,
        "tuple" => Returns::Tuple,
        "special" => Returns::Special,
        _ if text.starts_with('(') => Returns::Columns(columns(text)?),
        name => Returns::Type(ScalarType::from_str(name).ok()?),
    })
}

fn columns(text: &'static str) -> Option<Vec<(&'static str, ScalarType)>> {
    let inside = text.strip_prefix('(')?.strip_suffix(')')?;
    inside
        .split(',')
        .map(|column| {
            let (name, scalar_type) = column.split_once(':')?;
            Some((name, ScalarType::from_str(scalar_type).ok()?))
        })
        .collect()
}

fn naming_rule(text: &'static str) -> Option<ResultName> {
    Some(match text.split_once('=') {
        Some(("prefix_and_first", prefix)) => ResultName::PrefixAndFirst(prefix),
        Some(("prefix", prefix)) => ResultName::Prefix(prefix),
        Some(_) => return None,
        None => match text {
            "" => ResultName::None,
            "first" => ResultName::First,
            "name_and_first" => ResultName::NameAndFirst,
            "only" => ResultName::Only,
            "column" => ResultName::ColumnText,
            _ => return None,
        },
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
    use super::*;

    #[test]
    fn every_line_is_read() {
        let files = SCALAR_FILES.iter().map(|(_, text)| *text);
        let others = [
            include_str!("window.txt"),
            include_str!("aggregate.txt"),
            include_str!("plugin.txt"),
        ];
        for line in files.chain(others).flat_map(str::lines) {
            if line.is_empty() || line.starts_with('#') || line.contains(" = ") {
                continue;
            }
            assert!(overload(line).is_some(), "{line}");
        }
    }

    #[test]
    fn every_alias_leads_to_a_function() {
        for table in [scalars(), aggregates(), plugins()] {
            for function in table.values() {
                assert!(table.contains_key(function.canonical), "{}", function.name);
            }
        }
    }
}
