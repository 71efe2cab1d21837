//! The template functions that need nothing but their arguments.
//!
//! Source: learn.microsoft.com/azure/azure-resource-manager/templates/template-functions and the pages below it.
//! Functions that look at the template or the deployment live in [`super::call`].

// Every function of the table has one signature, whether it can fail or not.
#![allow(clippy::unnecessary_wraps)]

mod array;
mod base64_text;
mod cidr;
mod compare;
mod container;
mod date;
mod date_format;
mod encoding;
mod format;
mod hash;
mod json_text;
mod number;
mod object;
mod text;
mod uri;

pub(super) use compare::equal;
pub(super) use date::utc_now;
pub(super) use hash::unique_string;

use super::fault::Fault;
use super::value::{Secret, Value};

/// What a function does about arguments that are not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unknowns {
    /// Anything unknown in its arguments, however deep, makes the result unknown.
    Deep,
    /// An unknown argument makes the result unknown; unknown members pass through.
    Shallow,
    /// The function sees to it.
    Own,
}

/// A function of the table.
pub(super) struct Function {
    name: &'static str,
    least: usize,
    most: usize,
    unknowns: Unknowns,
    call: fn(&[Value]) -> Result<Value, Fault>,
}

const ANY: usize = usize::MAX;

const fn function(
    name: &'static str,
    least: usize,
    most: usize,
    unknowns: Unknowns,
    call: fn(&[Value]) -> Result<Value, Fault>,
) -> Function {
    Function {
        name,
        least,
        most,
        unknowns,
        call,
    }
}

/// Every function, by name in lower case, in order of name.
static FUNCTIONS: &[Function] = {
    use Unknowns::{Deep, Own, Shallow};
    &[
        function("add", 2, 2, Deep, number::add),
        function("array", 1, 1, Own, array::array),
        function("base64", 1, 1, Deep, base64_text::base64),
        function("base64tojson", 1, 1, Deep, base64_text::base64_to_json),
        function("base64tostring", 1, 1, Deep, base64_text::base64_to_string),
        function("bool", 1, 1, Deep, number::bool),
        function("builduri", 1, 1, Deep, uri::build_uri),
        function("cidrhost", 2, 2, Deep, cidr::cidr_host),
        function("cidrsubnet", 3, 3, Deep, cidr::cidr_subnet),
        function("concat", 1, ANY, Own, container::concat),
        function("contains", 2, 2, Own, container::contains),
        function("createarray", 0, ANY, Own, array::create_array),
        function("createobject", 0, ANY, Own, object::create_object),
        function("datauri", 1, 1, Deep, encoding::data_uri),
        function("datauritostring", 1, 1, Deep, encoding::data_uri_to_string),
        function("datetimeadd", 2, 3, Deep, date::date_time_add),
        function("datetimefromepoch", 1, 1, Deep, date::date_time_from_epoch),
        function("datetimetoepoch", 1, 1, Deep, date::date_time_to_epoch),
        function("div", 2, 2, Deep, number::div),
        function("empty", 1, 1, Own, container::empty),
        function("endswith", 2, 2, Own, text::ends_with),
        function("equals", 2, 2, Own, compare::equals),
        function("false", 0, 0, Deep, |_| Ok(Value::Bool(false))),
        function("first", 1, 1, Own, container::first),
        function("flatten", 1, 1, Shallow, array::flatten),
        function("float", 1, 1, Deep, number::float),
        function("format", 1, ANY, Own, format::format),
        function("greater", 2, 2, Deep, compare::greater),
        function("greaterorequals", 2, 2, Deep, compare::greater_or_equals),
        function("guid", 1, ANY, Deep, hash::guid),
        function("indexfromend", 2, 2, Shallow, array::index_from_end),
        function("indexof", 2, 2, Deep, container::index_of),
        function("int", 1, 1, Deep, number::int),
        function("intersection", 2, ANY, Deep, container::intersection),
        function("items", 1, 1, Shallow, object::items),
        function("join", 2, 2, Own, text::join),
        function("json", 1, 1, Deep, json_text::json),
        function("last", 1, 1, Own, container::last),
        function("lastindexof", 2, 2, Deep, container::last_index_of),
        function("length", 1, 1, Own, container::length),
        function("less", 2, 2, Deep, compare::is_less),
        function("lessorequals", 2, 2, Deep, compare::less_or_equals),
        function("max", 1, ANY, Deep, number::max),
        function("min", 1, ANY, Deep, number::min),
        function("mod", 2, 2, Deep, number::modulo),
        function("mul", 2, 2, Deep, number::mul),
        function("not", 1, 1, Deep, number::not),
        function("null", 0, 0, Deep, |_| Ok(Value::Null)),
        function("objectkeys", 1, 1, Shallow, object::object_keys),
        function("padleft", 2, 3, Deep, text::pad_left),
        function("parsecidr", 1, 1, Deep, cidr::parse_cidr),
        function("parseuri", 1, 1, Deep, uri::parse_uri),
        function("range", 2, 2, Deep, array::range),
        function("replace", 3, 3, Own, text::replace),
        function("shallowmerge", 1, 1, Own, object::shallow_merge),
        function("skip", 2, 2, Shallow, container::skip),
        function("split", 2, 2, Own, text::split),
        function("startswith", 2, 2, Own, text::starts_with),
        function("string", 1, 1, Own, json_text::string),
        function("sub", 2, 2, Deep, number::sub),
        function("substring", 2, 3, Own, text::substring),
        function("take", 2, 2, Own, container::take),
        function("tolower", 1, 1, Own, text::to_lower),
        function("toupper", 1, 1, Own, text::to_upper),
        function("trim", 1, 1, Deep, text::trim),
        function("true", 0, 0, Deep, |_| Ok(Value::Bool(true))),
        function("tryget", 2, ANY, Own, container::try_get),
        function("tryindexfromend", 2, 2, Shallow, array::try_index_from_end),
        function("union", 1, ANY, Own, container::union),
        function("uniquestring", 1, ANY, Deep, hash::unique_string_of),
        function("uri", 2, 2, Own, uri::uri),
        function("uricomponent", 1, 1, Deep, encoding::uri_component),
        function(
            "uricomponenttostring",
            1,
            1,
            Deep,
            encoding::uri_component_to_string,
        ),
    ]
};

/// Finds a function whatever the case of its name.
pub(super) fn find(name: &str) -> Option<&'static Function> {
    let lower = name.to_ascii_lowercase();
    FUNCTIONS
        .binary_search_by(|function| function.name.cmp(&lower))
        .ok()
        .map(|at| &FUNCTIONS[at])
}

impl Function {
    /// Calls it; `name` is the spelling of the template, for messages and unknowns.
    pub(super) fn call(&self, name: &str, arguments: &[Value]) -> Result<Value, Fault> {
        if arguments.len() < self.least || arguments.len() > self.most {
            return Err(wrong_count(name, self.least, self.most, arguments.len()));
        }
        let held = |test: fn(&Value) -> bool| arguments.iter().any(test);
        let (unknown, secret) = match self.unknowns {
            Unknowns::Own => (false, false),
            Unknowns::Shallow => (
                held(|value| matches!(value, Value::Unknown(_))),
                held(|value| matches!(value, Value::Secret(_))),
            ),
            Unknowns::Deep => (held(Value::holds_unknown), held(Value::holds_secret)),
        };
        if unknown {
            return Ok(unknown_call(name, arguments));
        }
        if secret {
            return Ok(Value::Secret(Secret { given: true }));
        }
        (self.call)(arguments)
    }
}

/// The unknown outcome of a call.
pub(super) fn unknown_call(name: &str, arguments: &[Value]) -> Value {
    let arguments: Vec<_> = arguments.iter().map(Value::source).collect();
    Value::unknown(&format!("{name}({})", arguments.join(", ")))
}

/// A call with too few or too many arguments.
pub(super) fn wrong_count(name: &str, least: usize, most: usize, given: usize) -> Fault {
    let wanted = match (least, most) {
        (least, ANY) => format!("at least {least}"),
        (least, most) if least == most => least.to_string(),
        (least, most) => format!("{least} to {most}"),
    };
    Fault::new(
        "ARM0003",
        format!("`{name}` takes {wanted} arguments, not {given}"),
        "Give the function the arguments that its reference page lists.",
    )
}

/// A known text argument.
fn text_of<'v>(value: &'v Value, function: &str) -> Result<&'v str, Fault> {
    value.as_text().ok_or_else(|| {
        Fault::argument(format!(
            "`{function}` takes a string, not {}",
            value.type_name()
        ))
    })
}

/// A known integer argument.
fn int_of(value: &Value, function: &str) -> Result<i64, Fault> {
    match value {
        Value::Int(number) => Ok(*number),
        other => Err(Fault::argument(format!(
            "`{function}` takes an int, not {}",
            other.type_name()
        ))),
    }
}

/// The outcome of a call on a bare unknown or secret, for functions that see to it themselves.
fn pass_unknown(name: &str, arguments: &[Value]) -> Option<Value> {
    if arguments
        .iter()
        .any(|value| matches!(value, Value::Unknown(_)))
    {
        return Some(unknown_call(name, arguments));
    }
    arguments
        .iter()
        .any(|value| matches!(value, Value::Secret(_)))
        .then_some(Value::Secret(Secret { given: true }))
}

#[cfg(test)]
mod tests {
    use super::FUNCTIONS;

    #[test]
    fn the_table_is_in_order_so_that_it_can_be_searched() {
        assert!(FUNCTIONS.windows(2).all(|pair| pair[0].name < pair[1].name));
    }
}
