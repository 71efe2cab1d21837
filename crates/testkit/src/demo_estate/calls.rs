//! Rows of `AzureDiagnostics`: calls to the AI accounts, as their diagnostic settings log them.

use serde_json::{Value, json};

use super::estate::{self, Account};
use super::{Timeline, guid, mixed};

/// Days before today that have rows: `ago(30d) .. ago(1d)` holds exactly these.
const PAST_DAYS: u64 = 29;

/// When a caller calls on a past day.
#[derive(Debug, Clone, Copy)]
enum Past {
    /// So many calls on each of the 29 days before today.
    Daily(u64),
    /// So many calls, all on one day, counted back from today.
    Once { day: u64, calls: u64 },
}

/// One caller of one model.
#[derive(Debug, Clone, Copy)]
struct Caller {
    address: &'static str,
    account: Account,
    /// Name of the deployment, name and version of its model.
    model: [&'static str; 3],
    past: Past,
    today: u64,
    /// Hours before now between which the calls of today lie.
    hours_today: (u64, u64),
}

/// Today's calls spread over the whole day.
const ALL_DAY: (u64, u64) = (1, 22);

const GPT_4O: [&str; 3] = ["fraud-triage", "gpt-4o", "2024-11-20"];
const CHAT: [&str; 3] = ["chat", "gpt-4o-mini", "2024-07-18"];
const SUMMARIES: [&str; 3] = ["summaries", "gpt-4o-mini", "2024-07-18"];
const PLAYGROUND: [&str; 3] = ["playground", "gpt-4o", "2024-11-20"];
const LAYOUT: [&str; 3] = ["", "prebuilt-layout", "2024-11-30"];

const CALLERS: [Caller; 13] = [
    steady("10.20.1.10", estate::FRAUD, GPT_4O, 24),
    steady("10.20.1.11", estate::FRAUD, GPT_4O, 18),
    steady("10.20.2.15", estate::CHATBOT, CHAT, 30),
    steady("10.20.2.16", estate::CHATBOT, CHAT, 16),
    steady("10.20.3.20", estate::SUMMARIES, SUMMARIES, 9),
    steady("10.30.0.8", estate::SANDBOX, PLAYGROUND, 6),
    steady("10.30.0.9", estate::SANDBOX, PLAYGROUND, 3),
    steady(
        estate::OFFICE,
        estate::AGENTS,
        ["agent-brain", "gpt-4.1", "2025-04-14"],
        5,
    ),
    // Ten times its usual volume: found with either arithmetic.
    Caller {
        today: 40,
        ..steady(estate::PARTNER, estate::DOCUMENTS, LAYOUT, 4)
    },
    // 29 calls in the baseline: `count()/30` is 0, so two calls today look like an anomaly. They are none.
    Caller {
        today: 2,
        ..steady("198.51.100.24", estate::CHATBOT, CHAT, 1)
    },
    // Ten calls once, sixty this morning: an anomaly, with a baseline that integer division makes 0.
    Caller {
        past: Past::Once { day: 10, calls: 10 },
        today: 60,
        hours_today: (3, 6),
        ..steady(estate::ATTACKER, estate::CHATBOT, CHAT, 0)
    },
    // Never seen before: an inner join with the baseline loses it.
    Caller {
        today: 45,
        hours_today: (2, 9),
        ..steady(estate::NEWCOMER, estate::SUMMARIES, SUMMARIES, 0)
    },
    // A job that ran once and never again.
    Caller {
        past: Past::Once { day: 12, calls: 10 },
        today: 0,
        ..steady("10.20.4.30", estate::SUMMARIES, SUMMARIES, 0)
    },
];

/// Answers of a size that stands out today: caller, minutes ago, characters.
const LARGE_ANSWERS: [(&str, Account, [&str; 3], i64, u64); 4] = [
    (estate::ATTACKER, estate::CHATBOT, CHAT, 281, 92_160),
    (estate::ATTACKER, estate::CHATBOT, CHAT, 262, 61_440),
    (estate::ATTACKER, estate::CHATBOT, CHAT, 247, 48_900),
    ("10.20.3.20", estate::SUMMARIES, SUMMARIES, 610, 21_300),
];

/// Account keys listed by the attacker, minutes ago.
const KEY_LISTINGS: [i64; 2] = [392, 377];

const fn steady(
    address: &'static str,
    account: Account,
    model: [&'static str; 3],
    daily: u64,
) -> Caller {
    Caller {
        address,
        account,
        model,
        past: Past::Daily(daily),
        today: daily,
        hours_today: ALL_DAY,
    }
}

/// Every row, oldest first. The large answers replace as many of their caller's ordinary calls of today.
pub(super) fn rows(timeline: Timeline) -> Vec<Value> {
    let mut timed: Vec<(i64, Value)> = Vec::new();
    for caller in &CALLERS {
        let large = LARGE_ANSWERS
            .iter()
            .filter(|answer| answer.0 == caller.address)
            .count() as u64;
        let (from, to) = caller.hours_today;
        add_calls(
            &mut timed,
            timeline,
            caller,
            (from * 3600, to * 3600),
            caller.today - large,
        );
        for day in 1..=PAST_DAYS {
            let calls = match caller.past {
                Past::Daily(calls) => calls,
                Past::Once { day: only, calls } if only == day => calls,
                Past::Once { .. } => 0,
            };
            let start = day * 86_400;
            add_calls(
                &mut timed,
                timeline,
                caller,
                (start + 7_200, start + 79_200),
                calls,
            );
        }
    }
    for (address, account, model, minutes, length) in LARGE_ANSWERS {
        let call = Call {
            address,
            account,
            model,
            seconds: minutes * 60,
            answer: length,
        };
        timed.push((call.seconds, call.row(timeline)));
    }
    for minutes in KEY_LISTINGS {
        timed.push((minutes * 60, key_listing(timeline, minutes)));
    }
    timed.sort_by_key(|(seconds, _)| std::cmp::Reverse(*seconds));
    timed.into_iter().map(|(_, row)| row).collect()
}

/// `count` calls spread evenly over a span of seconds ago, each a little off its place.
fn add_calls(
    timed: &mut Vec<(i64, Value)>,
    timeline: Timeline,
    caller: &Caller,
    (from, to): (u64, u64),
    count: u64,
) {
    for index in 0..count {
        let step = (to - from) / count;
        let chance = mixed(&format!("{} {from} {index}", caller.address));
        let seconds = (from + index * step + chance % (step / 2 + 1)) as i64;
        let call = Call {
            address: caller.address,
            account: caller.account,
            model: caller.model,
            seconds,
            answer: 300 + chance % 5_200,
        };
        timed.push((seconds, call.row(timeline)));
    }
}

/// One call to a model.
#[derive(Debug)]
struct Call {
    address: &'static str,
    account: Account,
    model: [&'static str; 3],
    seconds: i64,
    /// Length of the answer in characters.
    answer: u64,
}

impl Call {
    fn row(&self, timeline: Timeline) -> Value {
        let seed = format!("{} {} {}", self.address, self.seconds, self.answer);
        let [deployment, model, version] = self.model;
        let documents = deployment.is_empty();
        let duration = 180 + self.answer / 8;
        let details = json!({
            "apiName": if documents { "Document Intelligence API version 2024-11-30" } else { "Azure OpenAI API version 2024-10-21" },
            "requestTime": timeline.seconds_ago(self.seconds),
            "requestLength": 200 + mixed(&seed) % 3_000,
            "responseTime": timeline.seconds_ago(self.seconds),
            "responseLength": self.answer,
            "objectId": if self.address.starts_with("10.") { guid(self.address) } else { String::new() },
            "streamType": "Non-Streaming",
            "modelDeploymentName": deployment,
            "modelName": model,
            "modelVersion": version,
        });
        let operation = if documents {
            "AnalyzeDocument"
        } else {
            "ChatCompletions_Create"
        };
        let mut row = common(timeline, self.account, self.address, self.seconds, &seed);
        row["Category"] = json!("RequestResponse");
        row["OperationName"] = json!(operation);
        row["DurationMs"] = json!(duration);
        row["ResultSignature"] = json!("200");
        row["properties_s"] = json!(details.to_string());
        row
    }
}

fn key_listing(timeline: Timeline, minutes: i64) -> Value {
    let mut row = common(
        timeline,
        estate::CHATBOT,
        estate::ATTACKER,
        minutes * 60,
        &format!("keys {minutes}"),
    );
    row["Category"] = json!("Audit");
    row["OperationName"] = json!("ListKey");
    row["DurationMs"] = json!(41);
    row["ResultSignature"] = json!("200");
    row["properties_s"] = json!("{}");
    row
}

/// The columns that every row has, in the spelling of Log Analytics: capitals in the names it derives.
fn common(timeline: Timeline, account: Account, address: &str, seconds: i64, seed: &str) -> Value {
    json!({
        "TenantId": guid("workspace"),
        "TimeGenerated": timeline.seconds_ago(seconds),
        "ResourceId": account.id().to_uppercase(),
        "SubscriptionId": account.subscription,
        "ResourceGroup": account.group.to_uppercase(),
        "ResourceProvider": "MICROSOFT.COGNITIVESERVICES",
        "Resource": account.name.to_uppercase(),
        "ResourceType": "ACCOUNTS",
        "CallerIPAddress": address,
        "CorrelationId": guid(seed),
        "Tenant_g": estate::TENANT,
        "SourceSystem": "Azure",
        "Type": "AzureDiagnostics",
        "_ResourceId": account.id().to_lowercase(),
    })
}
