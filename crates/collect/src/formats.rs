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
use crate::entra;
use crate::facts::workload;
use crate::foundry;
use crate::google;
use crate::ledger::Tally;
use crate::power_platform;
use crate::sbom;
use crate::search_plane;
use crate::sensitivity::{dlp, groups, macie, purview};
use crate::stream::Place;
use crate::terraform;
use crate::vulnerabilities::{sub_assessment, trivy};

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
        recognises: google::inventory::recognises,
        read: google::inventory::read,
    },
    Format {
        recognises: sbom::recognises,
        read: sbom::read,
    },
    Format {
        recognises: trivy::recognises,
        read: trivy::read,
    },
    Format {
        recognises: macie::recognises,
        read: macie::read,
    },
    Format {
        recognises: dlp::recognises,
        read: dlp::read,
    },
    Format {
        recognises: purview::recognises,
        read: purview::read,
    },
    Format {
        recognises: google::answers::recognises,
        read: google::answers::read,
    },
    Format {
        recognises: entra::recognises,
        read: entra::read,
    },
    Format {
        recognises: power_platform::recognises,
        read: power_platform::read,
    },
    Format {
        recognises: search_plane::recognises,
        read: search_plane::read,
    },
    Format {
        recognises: foundry::recognises,
        read: foundry::read,
    },
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
        recognises: terraform::plan::recognises,
        read: terraform::plan::read,
    },
    Format {
        recognises: terraform::state::recognises,
        read: terraform::state::read,
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

/// Facts that a resource carries beside itself.
pub(crate) fn facts_of(resource: &Resource) -> Vec<Resource> {
    let mut rows = sub_assessment::rows(resource);
    rows.extend(groups::rows(resource));
    rows.extend(workload::rows(resource));
    rows
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
