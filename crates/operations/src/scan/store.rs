//! Judged resources written to their tables, and what was stored before carried over where it still counts.

use std::collections::{BTreeSet, HashMap, HashSet};

use stance_base::hex;
use stance_lake::{CommitMode, TableCommit, Writer};
use stance_model::Coverage;
use stance_policy::Library;
use stance_state::FindingDates;

use crate::OperationsError;
use crate::rows::changes::{self, ChangeType, ScanStamp};
use crate::rows::recommendations::{self, Dates, Place};
use crate::rows::resources::{self, TABLES};
use crate::rows::table_output::TableOutput;
use crate::rows::{coverage, policies};
use crate::scan::gather::{Key, Reading, key_of};
use crate::scan::judge::Judged;
use crate::scan::previous::{Previous, Stored, origin_of};
use crate::stored;

const RECOMMENDATIONS: &str = "SecurityRecommendation";
const CHANGES: &str = "ResourceChanges";
const COVERAGE: &str = "CollectionCoverage";

/// What differs from the scan before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ResourceChangeCounts {
    /// Seen for the first time.
    pub added: u64,
    /// With other content.
    pub changed: u64,
    /// In no input any more that was read whole.
    pub gone: u64,
}

/// What a scan read, for those who write it down.
#[derive(Debug)]
pub(crate) struct ReadInputs<'a> {
    /// Keys of the inputs, in order.
    pub keys: &'a [String],
    /// Those of which everything was read.
    pub complete: &'a BTreeSet<String>,
}

/// The tables of one scan, on their way to one commit.
pub(crate) struct Store<'a> {
    writer: &'a Writer,
    inputs: &'a ReadInputs<'a>,
    readings: &'a HashMap<Key, Reading>,
    previous: &'a Previous,
    stamp: ScanStamp<'a>,
    outputs: HashMap<&'static str, TableOutput>,
    /// What differs so far.
    pub counts: ResourceChangeCounts,
}

impl std::fmt::Debug for Store<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Store")
            .field("counts", &self.counts)
            .finish_non_exhaustive()
    }
}

impl<'a> Store<'a> {
    pub(crate) fn new(
        writer: &'a Writer,
        inputs: &'a ReadInputs<'a>,
        readings: &'a HashMap<Key, Reading>,
        previous: &'a Previous,
        stamp: ScanStamp<'a>,
    ) -> Self {
        Self {
            writer,
            inputs,
            readings,
            previous,
            stamp,
            outputs: HashMap::new(),
            counts: ResourceChangeCounts::default(),
        }
    }

    /// The rows of one resource and its findings.
    pub(crate) fn resource(
        &mut self,
        judged: &Judged,
        dates: &HashMap<String, FindingDates>,
    ) -> Result<(), OperationsError> {
        let resource = &judged.resource;
        let key = key_of(resource.id.as_str(), resource.origin);
        let Some(reading) = self.readings.get(&key) else {
            return Ok(());
        };
        let input = self
            .inputs
            .keys
            .get(usize::from(reading.input))
            .map_or("", String::as_str);
        let content_hash = hex::encode(&reading.content_hash);
        self.version(
            judged,
            self.previous.resources.get(&key).copied(),
            reading,
            input,
        )?;
        let row = resources::Reading {
            input,
            observed_at: reading.observed_at,
            content_hash: &content_hash,
        };
        self.output(resources::table_of(&resource.resource_type), Some("input"))?
            .push(resources::cells(resource, row))?;
        let now = self.stamp.now;
        for (finding, fact) in &judged.findings {
            let known = dates.get(&finding.id);
            let dates = Dates {
                now,
                first_seen: known.map_or(now, |dates| dates.first_seen.timestamp_micros()),
                status_changed: known.map_or(now, |dates| dates.status_changed.timestamp_micros()),
            };
            let place = Place {
                policy_id: fact.policy_id(),
                location: resource.text("location").unwrap_or_default(),
                origin: resource.origin,
                input,
            };
            self.output(RECOMMENDATIONS, Some("input"))?
                .push(recommendations::cells(finding, dates, place))?;
        }
        self.states(judged, input)
    }

    /// The policy states of one resource, one behind the other.
    fn states(&mut self, judged: &Judged, input: &str) -> Result<(), OperationsError> {
        let of = policies::Judged {
            resource: &judged.resource,
            input,
            now: self.stamp.now,
        };
        for (finding, fact) in &judged.findings {
            let members = &fact.definition.memberships;
            let alone = members.is_empty().then_some(None);
            for member in members.iter().map(Some).chain(alone) {
                let Some(cells) = policies::state_cells(of, fact, &finding.id, member) else {
                    continue;
                };
                self.output(policies::TABLE, Some("input"))?.push(cells)?;
            }
        }
        Ok(())
    }

    /// What the policy files hold, in the place of what they held before. What was collected is there as a resource.
    pub(crate) fn policies(&mut self, library: &Library) -> Result<(), OperationsError> {
        let now = self.stamp.now;
        let output = self.output(policies::TABLE, Some("input"))?;
        for one in library.all_versions().filter(|one| !one.assigned_only) {
            output.push(policies::definition_cells(one, now))?;
        }
        for one in library.initiatives.iter().filter(|one| !one.assigned_only) {
            output.push(policies::initiative_cells(one, now))?;
        }
        for one in library.assignments.iter().filter(|one| !one.collected) {
            output.push(policies::assignment_cells(one, now))?;
        }
        for one in library.exemptions.iter().filter(|one| !one.collected) {
            output.push(policies::exemption_cells(one, now))?;
        }
        Ok(())
    }

    /// A row of history where the resource is new or differs.
    fn version(
        &mut self,
        judged: &Judged,
        known: Option<Stored>,
        reading: &Reading,
        input: &str,
    ) -> Result<(), OperationsError> {
        let change = match known {
            None => ChangeType::Create,
            Some(stored) if stored.content_hash != reading.content_hash => ChangeType::Update,
            Some(_) => return Ok(()),
        };
        match change {
            ChangeType::Create => self.counts.added += 1,
            _ => self.counts.changed += 1,
        }
        let stamp = self.stamp;
        let hash = hex::encode(&reading.content_hash);
        self.output(CHANGES, None)?.push(changes::version(
            &judged.resource,
            change,
            &hash,
            input,
            stamp,
        ))
    }

    /// What was collected, in the place of what earlier scans of the same inputs said.
    pub(crate) fn coverage(&mut self, rows: &[(Coverage, u16)]) -> Result<(), OperationsError> {
        let stamp = self.stamp;
        for (row, input) in rows {
            let input = self
                .inputs
                .keys
                .get(usize::from(*input))
                .cloned()
                .unwrap_or_default();
            self.output(COVERAGE, Some("input"))?.push(coverage::cells(
                row,
                stamp.now,
                stamp.scan_id,
                &input,
            ))?;
        }
        Ok(())
    }

    /// Carries over what still counts, marks what is gone, and gives the commits.
    pub(crate) async fn finish(
        mut self,
        lake: &stance_lake::Lake,
    ) -> Result<(Vec<TableCommit>, ResourceChangeCounts), OperationsError> {
        let read: BTreeSet<String> = self.inputs.keys.iter().cloned().collect();
        let mut commits = Vec::new();
        let mut all_touched = read.clone();
        let own = |number: usize| TABLES[number] == policies::TABLE;
        // Policy states lie beside the policies, and hang on resources of every table: they come last.
        let order = (0..TABLES.len())
            .filter(|number| !own(*number))
            .chain((0..TABLES.len()).filter(|number| own(*number)));
        for number in order {
            let table = TABLES[number];
            let mut touched = self
                .previous
                .touched_inputs(number, &read, |key| self.readings.contains_key(key));
            if own(number) {
                touched.extend(all_touched.iter().cloned());
                touched.insert(policies::FILES.to_owned());
            }
            self.carry_resources(number, &touched)?;
            self.replace(
                &mut commits,
                table,
                &touched,
                &self.previous.snapshots[number].clone(),
            )?;
            touched.remove(policies::FILES);
            all_touched.extend(touched);
        }
        let findings = lake.snapshot(RECOMMENDATIONS).await?;
        self.carry_findings(&findings, &all_touched)?;
        self.replace(&mut commits, RECOMMENDATIONS, &all_touched, &findings)?;
        let coverage = lake.snapshot(COVERAGE).await?;
        self.replace(&mut commits, COVERAGE, &read, &coverage)?;
        if let Some(output) = self.outputs.remove(CHANGES) {
            commits.push(TableCommit::new(output.finish()?, CommitMode::Append));
        }
        Ok((commits, self.counts))
    }

    /// Rows of touched inputs that this scan did not read again: kept, unless their input was read whole.
    fn carry_resources(
        &mut self,
        table: usize,
        touched: &BTreeSet<String>,
    ) -> Result<(), OperationsError> {
        let previous = self.previous;
        let snapshot = &previous.snapshots[table];
        let mut gone = Vec::new();
        let mut output = self.outputs.remove(TABLES[table]);
        if let Some(output) = &mut output {
            output.flush()?;
        }
        stored::read(
            snapshot,
            None,
            |input| touched.contains(input) && input != policies::FILES,
            |input, batch| {
                let ids = stored::text_column(&batch, "id")?;
                let parents = stored::text_column(&batch, "parent_id")?;
                let origins = stored::text_column(&batch, "origin")?;
                let types = stored::text_column(&batch, "type")?;
                let hashes = stored::text_column(&batch, "content_hash")?;
                let is_ours = |row| stored::text(&hashes, row).is_empty();
                let reread = |row| {
                    // A policy state goes with its resource.
                    let id = if is_ours(row) { &parents } else { &ids };
                    let key = key_of(
                        stored::text(id, row),
                        origin_of(stored::text(&origins, row)),
                    );
                    self.readings.contains_key(&key)
                };
                if self.inputs.complete.contains(input) {
                    let lost = (0..batch.num_rows()).filter(|row| !is_ours(*row) && !reread(*row));
                    gone.extend(lost.map(|row| {
                        (
                            stored::text(&ids, row).to_owned(),
                            stored::text(&types, row).to_owned(),
                            input.to_owned(),
                        )
                    }));
                    return Ok(());
                }
                let kept = stored::keep_rows(&batch, |row| !reread(row))?;
                if kept.num_rows() == 0 {
                    return Ok(());
                }
                let output = match &mut output {
                    Some(open) => open,
                    None => output.insert(TableOutput::begin(
                        self.writer,
                        TABLES[table],
                        Some("input"),
                    )?),
                };
                output.write(&kept)
            },
        )?;
        if let Some(output) = output {
            self.outputs.insert(TABLES[table], output);
        }
        self.counts.gone += gone.len() as u64;
        let stamp = self.stamp;
        for (id, resource_type, input) in &gone {
            self.output(CHANGES, None)?.push(changes::tombstone(
                id,
                resource_type,
                input,
                stamp,
            ))?;
        }
        Ok(())
    }

    /// Findings of resources that were not read again and are not gone.
    fn carry_findings(
        &mut self,
        snapshot: &stance_lake::TableSnapshot,
        touched: &BTreeSet<String>,
    ) -> Result<(), OperationsError> {
        let mut kept = Vec::new();
        stored::read(
            snapshot,
            None,
            |input| touched.contains(input),
            |input, batch| {
                if self.inputs.complete.contains(input) {
                    return Ok(());
                }
                let ids = stored::text_column(&batch, "AssessedResourceId")?;
                let origins = stored::text_column(&batch, "origin")?;
                kept.push(stored::keep_rows(&batch, |row| {
                    let key = key_of(
                        stored::text(&ids, row),
                        origin_of(stored::text(&origins, row)),
                    );
                    !self.readings.contains_key(&key)
                })?);
                Ok(())
            },
        )?;
        for batch in kept.iter().filter(|batch| batch.num_rows() > 0) {
            self.output(RECOMMENDATIONS, Some("input"))?.write(batch)?;
        }
        Ok(())
    }

    /// The commit that puts the new rows of `inputs` in the place of the old, where there are any.
    fn replace(
        &mut self,
        commits: &mut Vec<TableCommit>,
        table: &'static str,
        inputs: &BTreeSet<String>,
        snapshot: &stance_lake::TableSnapshot,
    ) -> Result<(), OperationsError> {
        let stored: HashSet<&str> = snapshot
            .files
            .iter()
            .filter_map(|file| file.partition.as_deref())
            .collect();
        let had_rows = inputs.iter().any(|input| stored.contains(input.as_str()));
        if !self.outputs.contains_key(table) && !had_rows {
            return Ok(());
        }
        self.output(table, Some("input"))?;
        if let Some(output) = self.outputs.remove(table) {
            let values = inputs.iter().cloned().collect();
            commits.push(TableCommit::new(
                output.finish()?,
                CommitMode::ReplacePartitions(values),
            ));
        }
        Ok(())
    }

    fn output(
        &mut self,
        table: &'static str,
        partition_by: Option<&str>,
    ) -> Result<&mut TableOutput, OperationsError> {
        use std::collections::hash_map::Entry;
        Ok(match self.outputs.entry(table) {
            Entry::Occupied(open) => open.into_mut(),
            Entry::Vacant(place) => {
                place.insert(TableOutput::begin(self.writer, table, partition_by)?)
            }
        })
    }
}
