//! How functions and aggregates of ours are called in a plan: the name holds the types, so that a
//! plan can be read back anywhere.

use std::str::FromStr;

use stance_base::ScalarType;

/// What the names of our functions start with.
pub(crate) const NAME_PREFIX: &str = "kql:";

/// A name in a plan, `kql:strlen(string)->long`, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PlanSignature<'a> {
    /// The canonical name.
    pub(crate) function: &'a str,
    /// The types of the arguments.
    pub(crate) arguments: Vec<ScalarType>,
    /// The type of the result, or another word where it has none.
    pub(crate) result: &'a str,
}

impl<'a> PlanSignature<'a> {
    /// Reads a name without its prefix; nothing where it has another form.
    pub(crate) fn parse(name: &'a str) -> Option<Self> {
        let (function, rest) = name.split_once('(')?;
        let (arguments, result) = rest.split_once(")->")?;
        let arguments = arguments
            .split(',')
            .filter(|part| !part.is_empty())
            .map(ScalarType::from_str)
            .collect::<Result<_, _>>()
            .ok()?;
        Some(Self {
            function,
            arguments,
            result,
        })
    }

    /// The type of the result.
    pub(crate) fn result_type(&self) -> Option<ScalarType> {
        ScalarType::from_str(self.result).ok()
    }
}

/// The name in a plan.
pub(crate) fn plan_name(function: &str, arguments: &[ScalarType], result: &str) -> String {
    let list: Vec<&str> = arguments.iter().map(|argument| argument.as_str()).collect();
    format!("{NAME_PREFIX}{function}({})->{result}", list.join(","))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_name_reads_back() {
        let types = [ScalarType::String, ScalarType::Long];
        let name = plan_name("substring", &types, "string");
        assert_eq!(name, "kql:substring(string,long)->string");
        let read = PlanSignature::parse(name.strip_prefix(NAME_PREFIX).unwrap()).unwrap();
        assert_eq!(read.function, "substring");
        assert_eq!(read.arguments, types);
        assert_eq!(read.result_type(), Some(ScalarType::String));
        assert_eq!(PlanSignature::parse("strlen"), None);
        assert_eq!(PlanSignature::parse("strlen(text)->long"), None);
    }
}
