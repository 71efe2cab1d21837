//! JSON objects in shapes that are not Azure Resource Manager's, each recognised by what it holds.
//!
//! Asked for every whole document and for every row of a list, array or JSON lines file.

use std::ops::ControlFlow;

use serde_json::{Map, Value};
use stance_base::redact;
use stance_model::Resource;

use crate::aws;
use crate::cloudformation;
use crate::context::FileContext;
use crate::ledger::Tally;
use crate::stream::Place;

/// A JSON object as it was read, and where.
pub(crate) struct Found<'a> {
    /// The object.
    pub(crate) body: Map<String, Value>,
    /// Where it begins.
    pub(crate) place: Place,
    /// Counts what it holds.
    pub(crate) tally: &'a mut Tally,
}

/// One format.
pub(crate) struct Format {
    /// Whether an object is of this format; looks at few keys, for it is asked for every row.
    pub(crate) recognises: fn(&Map<String, Value>) -> bool,
    /// Sends the resources that it holds.
    pub(crate) read: fn(&mut FileContext<'_>, Found<'_>) -> ControlFlow<()>,
}

/// Every format, the more specific first.
const FORMATS: &[Format] = &[
    Format {
        recognises: cloudformation::detect::is_template_body,
        read: cloudformation::read::found,
    },
    Format {
        recognises: cloudformation::detect::is_get_template,
        read: cloudformation::read::found,
    },
    Format {
        recognises: cloudformation::detect::is_parameters,
        read: cloudformation::read::parameters,
    },
    Format {
        recognises: aws::config::is_item,
        read: aws::config::item,
    },
    Format {
        recognises: aws::config::is_results,
        read: aws::config::results,
    },
    Format {
        recognises: aws::iam_details::is_details,
        read: aws::iam_details::read,
    },
    Format {
        recognises: aws::answers::detect::is_answer,
        read: aws::answers::read::read,
    },
];

/// The format of an object, if it is one of these.
pub(crate) fn of(body: &Map<String, Value>) -> Option<&'static Format> {
    FORMATS.iter().find(|format| (format.recognises)(body))
}

impl FileContext<'_> {
    /// Counts, redacts and sends a resource that a reader made itself.
    pub(crate) fn send_made(
        &mut self,
        mut resource: Resource,
        tally: &mut Tally,
    ) -> ControlFlow<()> {
        self.run.redacted += redact::redact(&mut resource.body) as u64;
        tally.see(&resource);
        self.send(resource)
    }
}
