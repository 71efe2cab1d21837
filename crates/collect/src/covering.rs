//! What the rows of one file, list or export say about coverage.

use stance_model::{Coverage, CoverageStatus};

use crate::context::FileContext;
use crate::entra;
use crate::foundry;
use crate::ledger::{Asked, Basis, Tally, path_hint};
use crate::power_platform;
use crate::search_plane;

impl FileContext<'_> {
    /// Remembers a statement about coverage.
    pub(crate) fn cover(&mut self, basis: Basis, coverage: Coverage) {
        self.coverage_rows += 1;
        self.input.ledger.add(basis, coverage);
    }

    /// The rows of a list, export or file are through. `more` says why they are not all.
    pub(crate) fn close(&mut self, tally: Tally, more: Option<&str>) {
        let hinted =
            (tally.asked() == Asked::List && !tally.is_empty()).then(|| path_hint(self.file));
        if let Some(Some(list)) = hinted {
            self.cover_list(list, tally.count(), more);
        }
        self.coverage_rows += tally.close(more, self.file, &mut self.input.ledger);
    }

    /// An answer without rows: it covers something, if only it is known what was asked for.
    pub(crate) fn nothing_listed(&mut self, more: Option<&str>) {
        let asked = self.answer.url.as_deref().map(|url| {
            let path = url.split('?').next().unwrap_or_default();
            format!("{path}.json")
        });
        let named = path_hint(self.file)
            .or_else(|| asked.as_deref().and_then(path_hint))
            .or_else(|| self.listed_elsewhere());
        if let Some(list) = named {
            if let Some(classic) = foundry::generation_of(&self.origins(), &list.1) {
                self.input.homes.listed_agents(&list.0, classic);
            }
            self.cover_list(list, 0, more);
            return;
        }
        self.cover(
            Basis::Seen,
            Coverage {
                scope: self.file.to_owned(),
                what: "*".to_owned(),
                status: CoverageStatus::Partial,
                reason: "an empty answer does not say what was asked for; name it in stance-coverage.json"
                    .to_owned(),
                source: self.file.to_owned(),
                count: 0,
            },
        );
    }

    /// Scope and type of an empty list of a data plane, of Dataverse or of Microsoft Graph.
    pub(crate) fn listed_elsewhere(&self) -> Option<(String, String)> {
        let origins = self.origins();
        foundry::list_of(&origins)
            .or_else(|| search_plane::list_of(&origins))
            .or_else(|| power_platform::list_of(&origins, self))
            .or_else(|| entra::list_of(&origins, self))
            .map(|(scope, what)| (scope.to_lowercase(), what.to_lowercase()))
    }

    fn cover_list(&mut self, (scope, what): (String, String), count: u64, more: Option<&str>) {
        let (basis, status) = match more {
            None => (Basis::Listed, CoverageStatus::Complete),
            Some(_) => (Basis::Paged, CoverageStatus::Partial),
        };
        self.cover(
            basis,
            Coverage {
                scope,
                what,
                status,
                reason: more.unwrap_or_default().to_owned(),
                source: self.file.to_owned(),
                count,
            },
        );
    }
}
