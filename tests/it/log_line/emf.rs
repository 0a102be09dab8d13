//! What a document of CloudWatch's embedded metric format must be, after the text and the JSON
//! schema of "Specification: Embedded metric format" (Amazon CloudWatch user guide).

use serde_json::{Map, Value, json};

const UNITS: [&str; 27] = [
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
    "None",
];

/// Everything about `document` that is against the specification.
pub(super) fn faults(document: &Value) -> Vec<String> {
    let mut faults = Faults(Vec::new());
    faults.check_document(document);
    faults.0
}

struct Faults(Vec<String>);

impl Faults {
    fn require(&mut self, holds: bool, what: &str) {
        if !holds {
            self.0.push(what.to_owned());
        }
    }

    fn check_document(&mut self, document: &Value) {
        let Some(root) = document.as_object() else {
            return self.require(false, "the root is no object");
        };
        self.require(document.to_string().len() <= 256 * 1024, "over 256 KB");
        let metadata = &document["_aws"];
        self.members("_aws", metadata, &["Timestamp", "CloudWatchMetrics"], &[]);
        self.require(metadata["Timestamp"].is_u64(), "Timestamp is no integer");
        for directive in self.array("CloudWatchMetrics", &metadata["CloudWatchMetrics"], 0, 1000) {
            self.check_directive(root, &directive);
        }
    }

    fn check_directive(&mut self, root: &Map<String, Value>, directive: &Value) {
        let required = ["Namespace", "Dimensions", "Metrics"];
        self.members("MetricDirective", directive, &required, &[]);
        self.text("Namespace", &directive["Namespace"], 1024);
        for set in self.array("Dimensions", &directive["Dimensions"], 1, 1000) {
            for name in self.array("DimensionSet", &set, 0, 30) {
                self.text("DimensionReference", &name, 250);
                let target = root.get(name.as_str().unwrap_or_default());
                self.text("a dimension's target", target.unwrap_or(&Value::Null), 1024);
            }
        }
        for metric in self.array("Metrics", &directive["Metrics"], 0, 100) {
            self.members(
                "MetricDefinition",
                &metric,
                &["Name"],
                &["Unit", "StorageResolution"],
            );
            self.text("Name", &metric["Name"], 1024);
            let unit = metric["Unit"].as_str().unwrap_or("None");
            self.require(UNITS.contains(&unit), "Unit is none of CloudWatch's");
            let target = root.get(metric["Name"].as_str().unwrap_or_default());
            self.require(
                target.is_some_and(is_metric),
                "a metric's target is no number",
            );
        }
    }

    fn members(&mut self, name: &str, value: &Value, required: &[&str], optional: &[&str]) {
        for member in required {
            self.require(
                value.get(member).is_some(),
                &format!("{name} lacks {member}"),
            );
        }
        let known = |member: &String| {
            let member = member.as_str();
            required.contains(&member) || optional.contains(&member)
        };
        let others = value
            .as_object()
            .is_none_or(|members| !members.keys().all(known));
        self.require(!others, &format!("{name} has other members"));
    }

    fn text(&mut self, name: &str, value: &Value, longest: usize) {
        let length = value.as_str().map_or(0, |text| text.chars().count());
        self.require(
            (1..=longest).contains(&length),
            &format!("{name} is no such text"),
        );
    }

    fn array(&mut self, name: &str, value: &Value, least: usize, most: usize) -> Vec<Value> {
        let items = value.as_array().cloned();
        let fits = items
            .as_ref()
            .is_some_and(|items| (least..=most).contains(&items.len()));
        self.require(fits, &format!("{name} is no such array"));
        items.unwrap_or_default()
    }
}

fn is_metric(target: &Value) -> bool {
    match target {
        Value::Number(_) => true,
        Value::Array(values) => values.len() <= 100 && values.iter().all(Value::is_number),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Object(_) => false,
    }
}

/// The check itself refuses what the specification refuses.
#[test]
fn documents_that_cloudwatch_rejects_have_faults() {
    let good = json!({
        "_aws": {
            "Timestamp": 2_000_000_000_000_u64,
            "CloudWatchMetrics": [{
                "Namespace": "Shop",
                "Dimensions": [["outcome"], []],
                "Metrics": [{"Name": "decisions", "Unit": "Count"}, {"Name": "series"}],
            }],
        },
        "outcome": "allow",
        "decisions": 1,
        "series": [1, 2.5],
    });
    assert_eq!(faults(&good), Vec::<String>::new());
    let directive = "/_aws/CloudWatchMetrics/0";
    let at = |path: &str| format!("{directive}{path}");
    let rows: [(&str, String, Value); 15] = [
        ("no metadata", "/_aws".to_owned(), Value::Null),
        (
            "a time as text",
            "/_aws/Timestamp".to_owned(),
            json!("2033"),
        ),
        (
            "no directives",
            "/_aws/CloudWatchMetrics".to_owned(),
            json!({}),
        ),
        ("no namespace", at("/Namespace"), json!("")),
        (
            "a long namespace",
            at("/Namespace"),
            json!("n".repeat(1025)),
        ),
        ("no set of dimensions", at("/Dimensions"), json!([])),
        (
            "a flat list of dimensions",
            at("/Dimensions"),
            json!(["outcome"]),
        ),
        (
            "31 dimensions",
            at("/Dimensions/0"),
            json!(vec!["outcome"; 31]),
        ),
        (
            "a dimension that is not there",
            at("/Dimensions/0/0"),
            json!("issuer"),
        ),
        (
            "a dimension that is a number",
            "/outcome".to_owned(),
            json!(1),
        ),
        (
            "a long dimension",
            "/outcome".to_owned(),
            json!("o".repeat(1025)),
        ),
        (
            "101 metrics",
            at("/Metrics"),
            json!(vec![json!({"Name": "decisions"}); 101]),
        ),
        (
            "a metric that is not there",
            at("/Metrics/0/Name"),
            json!("errors"),
        ),
        ("a metric that is text", "/decisions".to_owned(), json!("1")),
        (
            "a unit of our own",
            at("/Metrics/0/Unit"),
            json!("Decisions"),
        ),
    ];
    for (case, path, value) in rows {
        let mut document = good.clone();
        *document.pointer_mut(&path).unwrap() = value;
        assert_ne!(faults(&document), Vec::<String>::new(), "{case}");
    }
}
