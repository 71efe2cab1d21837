//! Rows of `SigninLogs`: an ordinary month of sign-ins, and the few that matter.

use serde_json::{Value, json};

use super::{Timeline, estate, guid, mixed};

/// Accounts that sign in from the office twice a day. Roles, not people.
const STAFF: [&str; 6] = [
    "svc-fraud@contoso.example",
    "svc-documents@contoso.example",
    "analyst-risk@contoso.example",
    "engineer-ml@contoso.example",
    "soc-duty@contoso.example",
    "model-owner@contoso.example",
];

/// Days that have sign-ins, today included.
const DAYS: i64 = 30;

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

/// A sign-in worth a look: account, address, level of risk, state of the risk, minutes ago.
type Notable = (&'static str, &'static str, &'static str, &'static str, i64);

const NOTABLE: [Notable; 7] = [
    // An hour before the jailbreak attempt of this morning, by the same address.
    (
        "svc-chatbot@contoso.example",
        estate::ATTACKER,
        "high",
        "atRisk",
        5 * HOUR + 55,
    ),
    // 1 h 55 min after it: within two hours, yet `datetime_diff('hour', …)` counts two hour marks between.
    (
        "svc-chatbot@contoso.example",
        estate::ATTACKER,
        "medium",
        "atRisk",
        2 * HOUR + 55,
    ),
    // Same address, three days earlier: too far from any alert.
    (
        "svc-chatbot@contoso.example",
        estate::ATTACKER,
        "high",
        "atRisk",
        3 * DAY + 5 * HOUR,
    ),
    // Twenty minutes after the jailbreak attempt that was let through.
    (
        "engineer-agents@contoso.example",
        estate::PROBER,
        "medium",
        "atRisk",
        3 * DAY + HOUR + 40,
    ),
    // A risk that was already dealt with.
    (
        "customer-portal@contoso.example",
        estate::CUSTOMER,
        "low",
        "remediated",
        4 * DAY + 3 * HOUR + 30,
    ),
    // No risk at all: joins with an alert all the same, because the address is the branch's.
    (
        "teller-branch@contoso.example",
        estate::BRANCH,
        "none",
        "none",
        DAY + 7 * HOUR,
    ),
    // Before the jailbreak attempt of twenty days ago.
    (
        "svc-chatbot@contoso.example",
        estate::ATTACKER,
        "high",
        "atRisk",
        20 * DAY + HOUR + 10,
    ),
];

/// Every sign-in, oldest first.
pub(super) fn rows(timeline: Timeline) -> Vec<Value> {
    let mut timed: Vec<(i64, Value)> = Vec::new();
    for day in 0..DAYS {
        for user in STAFF {
            for part in 0..2 {
                let chance = (mixed(&format!("{user} {day} {part}")) % 400) as i64;
                let minutes = day * DAY + 2 * HOUR + part * 9 * HOUR + chance;
                timed.push((
                    minutes,
                    row(timeline, (user, estate::OFFICE, "none", "none", minutes)),
                ));
            }
        }
    }
    timed.extend(
        NOTABLE
            .into_iter()
            .map(|notable| (notable.4, row(timeline, notable))),
    );
    timed.sort_by_key(|(minutes, _)| std::cmp::Reverse(*minutes));
    timed.into_iter().map(|(_, row)| row).collect()
}

fn row(timeline: Timeline, (user, address, level, state, minutes): Notable) -> Value {
    let seed = format!("{user} {address} {minutes}");
    let name = user.split('@').next().unwrap_or(user);
    let time = timeline.minutes_ago(minutes);
    json!({
        "TenantId": guid("workspace"),
        "SourceSystem": "Azure AD",
        "TimeGenerated": time,
        "CreatedDateTime": time,
        "OperationName": "Sign-in activity",
        "Category": "SignInLogs",
        "ResultType": "0",
        "ResultSignature": "SUCCESS",
        "CorrelationId": guid(&seed),
        "Id": guid(&format!("id {seed}")),
        "Identity": name,
        "UserDisplayName": name,
        "UserPrincipalName": user,
        "UserId": guid(user),
        "UserType": "Member",
        "IPAddress": address,
        "Location": if level == "high" { "" } else { "NL" },
        "AppDisplayName": "Azure Portal",
        "AppId": "c44b4083-3bb0-49c1-b47d-974e53cbdf3c",
        "ClientAppUsed": "Browser",
        "ConditionalAccessStatus": "success",
        "AuthenticationRequirement": if level == "none" { "multiFactorAuthentication" } else { "singleFactorAuthentication" },
        "IsInteractive": true,
        "IsRisky": level != "none",
        "RiskDetail": "none",
        "RiskEventTypes": if level == "none" { "[]" } else { "[\"anonymizedIPAddress\"]" },
        "RiskLevelAggregated": level,
        "RiskLevelDuringSignIn": level,
        "RiskState": state,
        "Status": {"errorCode": 0},
        "DeviceDetail": {"operatingSystem": "Windows 11", "browser": "Edge"},
        "AADTenantId": estate::TENANT,
        "Type": "SigninLogs",
    })
}
