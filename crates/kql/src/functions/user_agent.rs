//! `parse_user_agent`: the browser, system and device that a user-agent string names.
//!
//! The common ones are known; what is not is `Other`. The names of families are those of the
//! ua-parser project, which Kusto gives too.

use serde_json::{Map, Value as Json, json};

use super::{CallContext, ScalarFunction};
use crate::value::{Value, to_text};

pub(super) const FUNCTIONS: &[ScalarFunction] =
    &[ScalarFunction::new("parse_user_agent", parse_user_agent)];

/// Longest text that is read, in bytes.
const MAX_TEXT: usize = 4_096;
/// Words before a version and the browser they stand for; the first that is found counts.
const BROWSERS: [(&str, &str); 30] = [
    ("Edg/", "Edge"),
    ("EdgA/", "Edge Mobile"),
    ("EdgiOS/", "Edge Mobile"),
    ("Edge/", "Edge"),
    ("OPR/", "Opera"),
    ("Opera/", "Opera"),
    ("Vivaldi/", "Vivaldi"),
    ("YaBrowser/", "Yandex Browser"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("CriOS/", "Chrome Mobile iOS"),
    ("FxiOS/", "Firefox iOS"),
    ("HeadlessChrome/", "HeadlessChrome"),
    ("AdobeAIR/", "AdobeAIR"),
    ("Electron/", "Electron"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Firefox/", "Firefox"),
    ("MSIE ", "IE"),
    ("Trident/7.0; rv:", "IE"),
    ("bingbot/", "bingbot"),
    ("Googlebot/", "Googlebot"),
    ("curl/", "curl"),
    ("Wget/", "Wget"),
    ("python-requests/", "Python Requests"),
    ("aiohttp/", "Python/aiohttp"),
    ("okhttp/", "okhttp"),
    ("Go-http-client/", "Go-http-client"),
    ("PostmanRuntime/", "PostmanRuntime"),
    ("Apache-HttpClient/", "Apache-HttpClient"),
    ("axios/", "axios"),
];
/// Words before a version and the system they stand for.
const SYSTEMS: [(&str, &str); 8] = [
    ("Windows Phone ", "Windows Phone"),
    ("Android ", "Android"),
    ("iPhone OS ", "iOS"),
    ("CPU OS ", "iOS"),
    ("Mac OS X ", "Mac OS X"),
    ("CrOS x86_64 ", "Chrome OS"),
    ("Ubuntu/", "Ubuntu"),
    ("SymbianOS/", "Symbian OS"),
];
/// The versions of Windows by that of its kernel.
const WINDOWS: [(&str, &str, &str); 7] = [
    ("Windows NT 10.0", "10", ""),
    ("Windows NT 6.3", "8", "1"),
    ("Windows NT 6.2", "8", ""),
    ("Windows NT 6.1", "7", ""),
    ("Windows NT 6.0", "Vista", ""),
    ("Windows NT 5.2", "XP", ""),
    ("Windows NT 5.1", "XP", ""),
];
/// Systems that are named without a version.
const BARE_SYSTEMS: [&str; 6] = ["Ubuntu", "Fedora", "Debian", "FreeBSD", "Android", "Linux"];
/// What the names of devices start with, and who makes them.
const BRANDS: [(&str, &str); 8] = [
    ("SM-", "Samsung"),
    ("GT-", "Samsung"),
    ("Pixel", "Google"),
    ("Nexus", "Google"),
    ("Redmi", "XiaoMi"),
    ("Mi ", "XiaoMi"),
    ("ONEPLUS", "OnePlus"),
    ("moto", "Motorola"),
];

/// The parts of a version after a word: digits with dots or underscores between.
fn version_after<'t>(text: &'t str, word: &str) -> Option<Vec<&'t str>> {
    let (_, rest) = text.split_once(word)?;
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.' && c != '_');
    let version = rest.get(..end.unwrap_or(rest.len()))?;
    Some(version.split(['.', '_']).collect())
}

fn part<'t>(version: &[&'t str], at: usize) -> &'t str {
    version.get(at).copied().unwrap_or_default()
}

fn browser(text: &str) -> Json {
    let found = BROWSERS.iter().find_map(|(word, family)| {
        let version = version_after(text, word)?;
        Some(((*family).to_owned(), version))
    });
    let safari = || {
        let version = version_after(text, "Version/").filter(|_| text.contains("Safari/"))?;
        let mobile = text.contains("Mobile/");
        let family = if mobile { "Mobile Safari" } else { "Safari" };
        Some((family.to_owned(), version))
    };
    let (mut family, version) = found
        .or_else(safari)
        .unwrap_or_else(|| ("Other".to_owned(), Vec::new()));
    if matches!(family.as_str(), "Chrome" | "Firefox") && text.contains("Mobile") {
        family.push_str(" Mobile");
    }
    json!({
        "Family": family,
        "MajorVersion": part(&version, 0),
        "MinorVersion": part(&version, 1),
        "Patch": part(&version, 2),
    })
}

fn system(text: &str) -> Json {
    let windows = WINDOWS.iter().find(|known| text.contains(known.0));
    let (family, version) = if let Some((_, major, minor)) = windows {
        ("Windows", vec![*major, *minor])
    } else if let Some(found) = SYSTEMS
        .iter()
        .find_map(|(word, family)| Some((*family, version_after(text, word)?)))
    {
        found
    } else {
        let bare = BARE_SYSTEMS.iter().find(|name| text.contains(**name));
        (bare.copied().unwrap_or("Other"), Vec::new())
    };
    json!({
        "Family": family,
        "MajorVersion": part(&version, 0),
        "MinorVersion": part(&version, 1),
        "Patch": part(&version, 2),
        "PatchMinor": part(&version, 3),
    })
}

fn device(text: &str) -> Json {
    let described = |family: &str, brand: &str, model: &str| json!({ "Family": family, "Brand": brand, "Model": model });
    let lower = text.to_ascii_lowercase();
    if ["bot/", "spider", "crawler"]
        .iter()
        .any(|word| lower.contains(word))
    {
        return described("Spider", "Spider", "Desktop");
    }
    for name in ["iPhone", "iPad", "iPod"] {
        if text.contains(name) {
            return described(name, "Apple", name);
        }
    }
    if text.contains("Macintosh") {
        return described("Mac", "Apple", "Mac");
    }
    // `(Linux; Android 13; Pixel 7 Build/...)`
    let model = text
        .split_once("Android ")
        .and_then(|(_, rest)| rest.split_once(')'))
        .and_then(|(inside, _)| inside.split(';').nth(1))
        .map(|model| model.split(" Build").next().unwrap_or(model).trim())
        .filter(|model| !model.is_empty() && *model != "K");
    if let Some(model) = model {
        let brand = BRANDS.iter().find(|known| model.starts_with(known.0));
        let brand = brand.map_or("Generic_Android", |known| known.1);
        let family = if brand == "Samsung" {
            format!("Samsung {model}")
        } else {
            model.to_owned()
        };
        return described(&family, brand, model);
    }
    described("Other", "", "")
}

/// `parse_user_agent(text [, "browser" | "os" | "device" | array of these])`; all where none is
/// asked for.
fn parse_user_agent<'a>(_: &CallContext<'_>, values: &[Value<'a>]) -> Option<Value<'a>> {
    let text = to_text(values.first()?);
    if text.is_empty() || text.len() > MAX_TEXT {
        return None;
    }
    let wanted: Vec<String> = match values.get(1) {
        None => ["browser", "os", "device"].map(str::to_owned).to_vec(),
        Some(Value::Dynamic(list)) => list
            .elements()
            .unwrap_or_else(|| vec![list.to_json()])
            .iter()
            .filter_map(|name| Some(name.as_str()?.to_ascii_lowercase()))
            .collect(),
        Some(one) => vec![to_text(one).to_ascii_lowercase()],
    };
    let mut found = Map::new();
    for (word, name, read) in [
        ("browser", "Browser", browser as fn(&str) -> Json),
        ("os", "OperatingSystem", system),
        ("device", "Device", device),
    ] {
        if wanted.iter().any(|wanted| wanted == word) {
            found.insert(name.to_owned(), read(&text));
        }
    }
    (!found.is_empty()).then(|| Value::json(&Json::Object(found)))
}
