//! What expressions come to. Expected values follow Terraform's documentation of each function.

use serde_json::{Value, json};

use super::support::{read_files, read_source, said, value_of};

#[track_caller]
#[allow(clippy::needless_pass_by_value)] // A table of tests reads better so.
fn is(expression: &str, expected: Value) {
    assert_eq!(value_of(expression, ""), expected, "{expression}");
}

#[track_caller]
fn unknown(expression: &str, rest: &str, text: &str) {
    assert_eq!(
        value_of(expression, rest),
        json!({"unknown": text}),
        "{expression}"
    );
}

#[test]
fn operators() {
    is("1 + 2 * 3", json!(7));
    is("(1 + 2) * 3", json!(9));
    is("7 % 4 - 10 / 4", json!(0.5));
    is("!false && 2 >= 2 || 1 == \"1\"", json!(true));
    is("-3 < 2 ? \"yes\" : \"no\"", json!("yes"));
    is("[1, 2] == [1, 2]", json!(true));
    is("{ a = 1 } != { a = 2 }", json!(true));
}

#[test]
fn texts_and_heredocs() {
    is(r#""a-${1 + 1}-${true}""#, json!("a-2-true"));
    is(
        r#""$${x} %%{y} \"q\" \u00e9\n""#,
        json!("${x} %{y} \"q\" é\n"),
    );
    is("<<EOT\n  one ${1}\n two\nEOT\n", json!("  one 1\n two\n"));
    is(
        "<<-EOT\n    one\n      two\n    EOT\n",
        json!("one\n  two\n"),
    );
    is(
        "\"%{ for x in [\"a\", \"b\"] }${x},%{ endfor }%{ if true }t%{ else }f%{ endif }\"",
        json!("a,b,t"),
    );
    is("\"x ${~ \" y \" ~} z\"", json!("x y z"));
}

/// Expected values are those of `terraform console` 1.11.
#[test]
fn indentation_and_strip_marks_of_heredocs() {
    is(
        "<<-EOT\n    head\n    %{ for x in [\"a\", \"b\"] ~}\n    line ${x}\n    %{ endfor ~}\n    tail\n\n  EOT\n",
        json!("head\n    line a\n    line b\n    tail\n\n"),
    );
    is(
        "<<-EOT\n      one\n      %{ if true }\n        two\n      %{ else }\n      no\n      %{ endif }\n    ${1} three\n    EOT\n",
        json!("  one\n  \n    two\n  \n1 three\n"),
    );
    is(
        "<<-EOT\n      a\n   \n        b\n      c $${d} %%{e}\n    EOT\n",
        json!("a\n   \n  b\nc ${d} %{e}\n"),
    );
    is("<<EOT\r\n one\r\nEOT\r\n", json!(" one\n"));
    is("<<EOT\nEOT\n", json!(""));
    is(r#""x\n  ${~ 1 ~}  \n  y""#, json!("x1y"));
    is(r#""  ${~ 5}""#, json!("5"));
    is(r#""${~ 5 ~}""#, json!(5));
}

#[test]
fn steps_keys_and_calls() {
    is("[[1, 2], [3]].0.1", json!(2));
    is(
        "[{ a = [{ b = 1 }, { b = 2 }] }].*.a[0][*].b",
        json!([1, 2]),
    );
    is(
        "{ a : 1, \"b c\" = 2, (upper(\"d\")) = 3, \"${\"e\"}\" = 4, 5 = 5, true = 6 }",
        json!({"a": 1, "b c": 2, "D": 3, "e": 4, "5": 5, "true": 6}),
    );
    is("max(1, [1, 2]...)", json!(2));
    is("[ # one\n  1, // two\n  /* three */ 2,\n]", json!([1, 2]));
    is("(1 +\n  2)", json!(3));
    is("-1.5e3 + 1E2", json!(-1400));
    is("[for x in [1, 2] : x if x > 1]", json!([2]));
    unknown("provider::x::f(1)", "", "provider::x::f(1)");
}

#[test]
fn byte_order_marks_and_line_ends_of_other_systems() {
    let found = read_source(
        "\u{feff}resource \"azurerm_resource_group\" \"r\" { # note\r\n  name = \"r\"\r\n  location = local.no\r\n}\r\n",
    );
    assert_eq!(found.resources[0].source.column, 1);
    assert_eq!(said(&found), "COL0031 main.tf:3 there is no local `no`\n");
}

#[test]
fn collections() {
    is("[for x in [1, 2, 3] : x * 2 if x > 1]", json!([4, 6]));
    is(
        "[for i, x in [\"a\", \"b\"] : \"${i}${x}\"]",
        json!(["0a", "1b"]),
    );
    is(
        "{ for k, v in { a = 1, b = 2 } : upper(k) => v }",
        json!({"A": 1, "B": 2}),
    );
    is(
        "{ for s in [\"ab\", \"ac\", \"bd\"] : substr(s, 0, 1) => s... }",
        json!({"a": ["ab", "ac"], "b": ["bd"]}),
    );
    is("[{ n = 1 }, { n = 2 }][*].n", json!([1, 2]));
    is("[{ n = [1, 2] }, { n = [3, 4] }].*.n[0]", json!([1, 2]));
    is("{ a = { b = [10, 20] } }.a.b[1]", json!(20));
    is("{ \"a b\" = 1, (\"c\") = 2 }[\"a b\"]", json!(1));
}

#[test]
fn functions_of_text() {
    is(r#"lower("ABC")"#, json!("abc"));
    is(r#"upper("abc")"#, json!("ABC"));
    is(r#"title("hello world")"#, json!("Hello World"));
    is(r#"trimspace("  a ")"#, json!("a"));
    is(r#"chomp("a\n")"#, json!("a"));
    is(r#"strrev("abc")"#, json!("cba"));
    is(r#"trim("?!a?!", "!?")"#, json!("a"));
    is(r#"trimprefix("ab", "a")"#, json!("b"));
    is(r#"trimsuffix("ab", "b")"#, json!("a"));
    is(r#"startswith("ab", "a")"#, json!(true));
    is(r#"endswith("ab", "a")"#, json!(false));
    is(r#"strcontains("abc", "b")"#, json!(true));
    is(r#"indent(2, "a\nb")"#, json!("a\n  b"));
    is(r#"join("-", ["a", 1], [true])"#, json!("a-1-true"));
    is(r#"split(",", "a,b")"#, json!(["a", "b"]));
    is(r#"replace("a-b-c", "-", "")"#, json!("abc"));
    is(r#"substr("hello", 1, 3)"#, json!("ell"));
    is(r#"substr("hello", -2, -1)"#, json!("lo"));
    is(
        r#"format("%s-%03d-%t-%5.1f|%-4s|%q%%", "a", 7, true, 2.25, "x", "y")"#,
        json!("a-007-true-  2.2|x   |\"y\"%"),
    );
    is("tostring(5)", json!("5"));
    is(r#"base64encode("hi")"#, json!("aGk="));
    is(r#"base64decode("aGk=")"#, json!("hi"));
    is(r#"urlencode("a b&")"#, json!("a+b%26"));
    is(
        r#"sha256("a")"#,
        json!("ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"),
    );
    is(r#"basename("a/b.txt")"#, json!("b.txt"));
    is(r#"dirname("a/b.txt")"#, json!("a"));
}

#[test]
fn functions_of_collections() {
    is("length([1, 2])", json!(2));
    is("length({ a = 1 })", json!(1));
    is("length(\"abc\")", json!(3));
    is("element([\"a\", \"b\"], 3)", json!("b"));
    is("concat([1], [2, 3])", json!([1, 2, 3]));
    is(
        "merge({ a = 1, b = 1 }, { b = 2 })",
        json!({"a": 1, "b": 2}),
    );
    is("lookup({ a = 1 }, \"b\", 9)", json!(9));
    is("keys({ b = 1, a = 2 })", json!(["a", "b"]));
    is("values({ b = 1, a = 2 })", json!([2, 1]));
    is("zipmap([\"a\", \"b\"], [1, 2])", json!({"a": 1, "b": 2}));
    is("flatten([[1, [2]], [3]])", json!([1, 2, 3]));
    is("compact([\"a\", \"\", null])", json!(["a"]));
    is("distinct([\"b\", \"a\", \"b\"])", json!(["b", "a"]));
    is("toset([\"b\", \"a\", \"b\"])", json!(["a", "b"]));
    is("setunion([\"b\"], [\"a\"])", json!(["a", "b"]));
    is("setintersection([\"a\", \"b\"], [\"b\"])", json!(["b"]));
    is("setsubtract([\"a\", \"b\"], [\"b\"])", json!(["a"]));
    is("setproduct([\"a\"], [1, 2])", json!([["a", 1], ["a", 2]]));
    is("contains([\"a\"], \"a\")", json!(true));
    is("index([\"a\", \"b\"], \"b\")", json!(1));
    is("slice([1, 2, 3], 1, 3)", json!([2, 3]));
    is("reverse([1, 2])", json!([2, 1]));
    is("sort([\"b\", \"a\"])", json!(["a", "b"]));
    is("range(3)", json!([0, 1, 2]));
    is("range(1, 6, 2)", json!([1, 3, 5]));
    is("chunklist([1, 2, 3], 2)", json!([[1, 2], [3]]));
    is("coalesce(null, \"\", \"a\")", json!("a"));
    is("coalescelist([], [1])", json!([1]));
    is("one([5])", json!(5));
    is("tolist([1])", json!([1]));
    is("tomap({ a = 1 })", json!({"a": 1}));
    is("alltrue([true, true])", json!(true));
    is("anytrue([false, true])", json!(true));
    is("max([3, 5, 1]...)", json!(5));
}

#[test]
fn functions_of_numbers_and_networks() {
    is("abs(-2)", json!(2));
    is("ceil(1.2)", json!(2));
    is("floor(1.8)", json!(1));
    is("max(1, 3, 2)", json!(3));
    is("min(1, 3, 2)", json!(1));
    is("sum([1, 2.5])", json!(3.5));
    is("pow(2, 10)", json!(1024));
    is("signum(-4)", json!(-1));
    is("parseint(\"ff\", 16)", json!(255));
    is("tonumber(\"12\")", json!(12));
    is("tobool(\"true\")", json!(true));
    is("cidrsubnet(\"10.0.0.0/16\", 8, 2)", json!("10.0.2.0/24"));
    is(
        "cidrsubnets(\"10.0.0.0/16\", 8, 8, 4)",
        json!(["10.0.0.0/24", "10.0.1.0/24", "10.0.16.0/20"]),
    );
    is("cidrhost(\"10.0.0.0/24\", 5)", json!("10.0.0.5"));
    is("cidrnetmask(\"172.16.0.0/12\")", json!("255.240.0.0"));
    is(
        "jsonencode({ a = [1, \"b\", null] })",
        json!("{\"a\":[1,\"b\",null]}"),
    );
    is("jsondecode(\"{\\\"a\\\": 1}\").a", json!(1));
}

#[test]
fn faults_are_caught_by_try_and_can() {
    is("try({ a = 1 }.b, \"none\")", json!("none"));
    is("can(tonumber(\"x\"))", json!(false));
    is("can(1 + 1)", json!(true));
}

#[test]
fn what_only_a_plan_knows_stays_unknown() {
    unknown("var.x", "variable \"x\" {}", "var.x");
    unknown("uuid()", "", "uuid()");
    unknown("timestamp()", "", "timestamp()");
    unknown("terraform.workspace", "", "terraform.workspace");
    unknown(
        "data.http.ip.response_body",
        "data \"http\" \"ip\" { url = \"https://x\" }",
        "data.http.ip.response_body",
    );
    unknown("upper(var.x)", "variable \"x\" {}", "upper(var.x)");
    unknown("var.x ? 1 : 2", "variable \"x\" {}", "var.x ? 1 : 2");
    unknown(
        "[for v in var.x : v]",
        "variable \"x\" {}",
        "[for v in var.x : v]",
    );
    unknown("try(var.x.y, 1)", "variable \"x\" {}", "var.x.y");
}

#[test]
fn what_does_not_depend_on_the_unknown_is_known() {
    let rest = "variable \"x\" {}";
    assert_eq!(value_of("false && var.x", rest), json!(false));
    assert_eq!(value_of("true || var.x", rest), json!(true));
    assert_eq!(value_of("var.x ? 1 : 1", rest), json!(1));
    assert_eq!(value_of("length([var.x, 1])", rest), json!(2));
    assert_eq!(value_of("coalesce(\"a\", var.x)", rest), json!("a"));
    assert_eq!(
        value_of("contains([\"a\", var.x], \"a\")", rest),
        json!(true)
    );
}

#[test]
fn variables_take_defaults_types_and_optional_attributes() {
    let rest = r#"
variable "n" {
  type    = number
  default = "5"
}
variable "o" {
  type = object({ a = string, b = optional(bool, true), c = optional(string) })
  default = { a = 1 }
}"#;
    assert_eq!(value_of("var.n", rest), json!(5));
    assert_eq!(
        value_of("var.o", rest),
        json!({"a": "1", "b": true, "c": null})
    );
}

#[test]
fn locals_are_evaluated_when_asked_for_and_cycles_are_told() {
    let rest = "locals {\n  b = local.a + 1\n  a = 1\n}\n";
    assert_eq!(value_of("local.b", rest), json!(2));
    let found = read_source(
        "locals {\n  a = local.b\n  b = local.a\n}\nresource \"azurerm_resource_group\" \"r\" {\n  name = local.a\n  location = \"x\"\n}\n",
    );
    assert_eq!(found.resources.len(), 1);
    assert_eq!(
        said(&found),
        "COL0031 main.tf:3 `local.a` depends on itself\n"
    );
    assert!(found.resources[0].unknown_at("/name").is_some());
}

#[test]
fn a_fault_costs_its_attribute_alone() {
    let found = read_source(
        "resource \"azurerm_resource_group\" \"r\" {\n  name = \"r\"\n  location = local.nowhere\n}\n",
    );
    assert_eq!(found.resources.len(), 1);
    assert_eq!(
        said(&found),
        "COL0031 main.tf:3 there is no local `nowhere`\n"
    );
}

#[test]
fn a_broken_file_costs_itself() {
    let group = |name| {
        format!("resource \"azurerm_resource_group\" \"{name}\" {{\n  name = \"{name}\"\n}}\n")
    };
    let broken = format!("{}locals {{\n  é = [1, =]\n}}\n", group("a"));
    let found = read_files(&[("broken.tf", &broken), ("main.tf", &group("b"))]);
    let names: Vec<&str> = found
        .resources
        .iter()
        .map(stance_model::Resource::name)
        .collect();
    assert_eq!(names, ["b"]);
    let said = said(&found);
    assert!(said.starts_with("COL0030 broken.tf:5 "), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert_eq!(found.diagnostics[0].column, 11);
}

#[test]
fn texts_of_json_files_are_templates() {
    let text = r#"{"resource": {"azapi_resource": {"x": {
  "type": "Microsoft.Test/things@1",
  "name": "x",
  "body": {"properties": {
    "a": "%{ for x in [1, 2] }${x},%{ endfor }",
    "b": "${[1, 2]}",
    "c": "$${x}\"${\"a${1}\"}"
  }},
  "location": "${local.no}"
}}}}"#;
    let found = read_files(&[("main.tf.json", text)]);
    let properties = &found.resources[0].body["properties"];
    assert_eq!(properties["a"], "1,2,");
    assert_eq!(properties["b"], json!([1, 2]));
    assert_eq!(properties["c"], "${x}\"a1");
    assert_eq!(
        said(&found),
        "COL0031 main.tf.json:9 there is no local `no`\n"
    );
    let broken = text.replace("${local.no}", "${local.}");
    let found = read_files(&[("main.tf.json", &broken)]);
    let said = said(&found);
    assert!(said.starts_with("COL0030 main.tf.json:9 "), "{said}");
}

/// Terraform reads these and `hcl-edit` 0.9 does not: their file is left out, and that is told. Should a later version
/// read them, this test fails and goes, with its sentence in `syntax/mod.rs`.
#[test]
fn what_the_parser_refuses_costs_the_file() {
    for expression in [
        "{ a = 1, a = 2 }",
        "{ for k, v in { a = 1 } : k => v\n + 1 }",
        "99999999999999999999",
    ] {
        let found = read_source(&format!("locals {{\n  x = {expression}\n}}\n"));
        let said = said(&found);
        assert!(said.starts_with("COL0030 main.tf:"), "{expression}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

/// Only Azure chooses object ids; the resource whose identity it is stands for each, so that assignments can be joined.
#[test]
fn principals_of_identities_are_their_resources() {
    let source = r#"
provider "azurerm" {
  features {}
  subscription_id = "11111111-1111-1111-1111-111111111111"
}
resource "azurerm_cognitive_account" "main" {
  name                = "oai"
  resource_group_name = "rg"
  location            = "westeurope"
  kind                = "OpenAI"
  sku_name            = "S0"
  identity {
    type = "SystemAssigned"
  }
}
resource "azurerm_user_assigned_identity" "shared" {
  name                = "shared"
  resource_group_name = "rg"
  location            = "westeurope"
}
resource "azurerm_role_assignment" "own" {
  scope                = "/subscriptions/11111111-1111-1111-1111-111111111111"
  role_definition_name = "Reader"
  principal_id         = azurerm_cognitive_account.main.identity[0].principal_id
}
resource "azurerm_role_assignment" "shared" {
  scope                = "/subscriptions/11111111-1111-1111-1111-111111111111"
  role_definition_name = "Reader"
  principal_id         = azurerm_user_assigned_identity.shared.principal_id
}
"#;
    let found = read_source(source);
    let of_kind = |kind: &str| -> Vec<&stance_model::Resource> {
        let all = found.resources.iter();
        all.filter(|one| one.resource_type == kind).collect()
    };
    let principals: Vec<&Value> = of_kind("microsoft.authorization/roleassignments")
        .iter()
        .map(|one| &one.body["properties"]["principalId"])
        .collect();
    let account = of_kind("microsoft.cognitiveservices/accounts")[0];
    let shared = of_kind("microsoft.managedidentity/userassignedidentities")[0];
    assert_eq!(
        principals,
        [&json!(account.id.as_str()), &json!(shared.id.as_str())],
        "{}",
        said(&found)
    );
    assert_eq!(account.body["identity"], json!({"type": "SystemAssigned"}));
}
