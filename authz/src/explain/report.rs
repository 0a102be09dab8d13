//! How an explanation is written for a person.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use crate::explain::gateway::{Gateway, Later};
use crate::explain::steps::{Outcome, StepReport};
use crate::output::{ASIDE, BAD, GOOD, HEAD, ODD, Report, safe, shown};

/// The answer to "why?".
#[derive(Debug, Serialize)]
pub(crate) struct Explanation {
    /// When the request came.
    pub(crate) at: String,
    /// The outcome, as the log line names it.
    pub(crate) outcome: &'static str,
    /// The reason, as the log line names it.
    pub(crate) reason: &'static str,
    pub(crate) steps: Vec<StepReport>,
    pub(crate) gateway: Gateway,
}

impl Report for Explanation {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        for (number, step) in (1..).zip(&self.steps) {
            write_step(out, number, step)?;
        }
        let style = if self.outcome == "allow" { GOOD } else { BAD };
        writeln!(out)?;
        writeln!(
            out,
            "{HEAD}verdict{HEAD:#}  {style}{}, {}{style:#}  at {}",
            self.outcome, self.reason, self.at
        )?;
        self.gateway.write(out)
    }
}

fn write_step(out: &mut dyn Write, number: u8, step: &StepReport) -> io::Result<()> {
    let (style, word) = match step.outcome {
        Outcome::Passed => (GOOD, "ok"),
        Outcome::Failed => (BAD, "NO"),
        Outcome::NotReached => (ASIDE, "-"),
    };
    let found = step.found.iter().map(|line| (anstyle::Style::new(), line));
    let why = step.why.iter().map(|line| (BAD, line));
    let mut lines = found.chain(why);
    write!(out, "{number} {:<9} {style}{word}{style:#}", step.step)?;
    if let Some((style, line)) = lines.next() {
        writeln!(out, "  {style}{line}{style:#}")?;
    } else {
        writeln!(out)?;
    }
    for (style, line) in lines {
        writeln!(out, "                {style}{line}{style:#}")?;
    }
    Ok(())
}

impl Gateway {
    fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "{HEAD}client{HEAD:#}   {}", self.now)?;
        writeln!(out, "{HEAD}cache{HEAD:#}    {}", self.cache)?;
        let width = self
            .later
            .iter()
            .map(|later| later.name().chars().count())
            .max();
        let width = width.unwrap_or_default();
        for later in &self.later {
            let name = later.name();
            let (style, word) = match later.cached {
                "allow" => (GOOD, "allowed"),
                "deny" => (BAD, "refused"),
                _ => (ODD, "unknown"),
            };
            write!(out, "         {name:width$}  {style}{word}{style:#}")?;
            match later.remark() {
                Some(remark) => writeln!(out, "  {ODD}{remark}{ODD:#}")?,
                None if later.decided == "granted" && later.name().contains('{') => {
                    writeln!(out, "  {ASIDE}as in {}{ASIDE:#}", later.request)?;
                }
                None if later.decided == "granted" => writeln!(out)?,
                None => writeln!(out, "  {}", later.decided)?,
            }
        }
        writeln!(out, "{HEAD}answer{HEAD:#}")?;
        write_answer(out, &self.answer)
    }
}

impl Later {
    /// The route, or the request that was asked about.
    fn name(&self) -> &str {
        self.route.as_deref().unwrap_or(&self.request)
    }

    /// What is to be said where the cache and the authorizer differ.
    fn remark(&self) -> Option<&'static str> {
        match (self.cached, self.decided) {
            ("deny", "granted") => Some(
                "by the cached policy, which cannot tell it from what is refused; asked anew it is \
                 granted",
            ),
            ("allow", "granted") | ("deny", _) => None,
            ("allow", _) => Some("by the cached policy, though it is no route of the table"),
            _ => Some("the policy names no such path"),
        }
    }
}

/// The answer, a line for each resource and each value of the context.
fn write_answer(out: &mut dyn Write, answer: &Value) -> io::Result<()> {
    let Some(statements) = answer.pointer("/policyDocument/Statement") else {
        return writeln!(out, "  {}", safe(&answer.to_string()));
    };
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or_default().to_owned();
    writeln!(
        out,
        "  principalId {}",
        shown(&text(answer.get("principalId")))
    )?;
    for statement in statements.as_array().into_iter().flatten() {
        let effect = text(statement.get("Effect"));
        let resources = statement.get("Resource").and_then(Value::as_array);
        for resource in resources.into_iter().flatten() {
            writeln!(out, "  {effect:<5} {}", safe(&text(Some(resource))))?;
        }
    }
    let context = answer.get("context").and_then(Value::as_object);
    for (key, value) in context.into_iter().flatten() {
        writeln!(out, "  context {key} = {}", shown(&text(Some(value))))?;
    }
    Ok(())
}
