//! The members of an event that are read, borrowed from its text; all others are passed over.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::event::credential::CredentialFault;

/// A text that may be null.
type Text<'e> = Option<Cow<'e, str>>;

/// A list of texts, each of which, and itself, may be null.
type Values<'e> = Option<Vec<Text<'e>>>;

/// An event as it came. Every member may be missing or null.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Event<'e> {
    #[serde(rename = "type", borrow, default)]
    pub(super) kind: Text<'e>,
    #[serde(borrow, default)]
    pub(super) version: Text<'e>,
    #[serde(borrow, default)]
    pub(super) method_arn: Text<'e>,
    #[serde(borrow, default)]
    pub(super) route_arn: Text<'e>,
    #[serde(borrow, default)]
    pub(super) authorization_token: Text<'e>,
    #[serde(borrow, default)]
    pub(super) http_method: Text<'e>,
    #[serde(borrow, default)]
    path: Text<'e>,
    #[serde(borrow, default)]
    raw_path: Text<'e>,
    #[serde(borrow, default)]
    route_key: Text<'e>,
    #[serde(borrow, default)]
    headers: Option<Members<'e, Text<'e>>>,
    #[serde(borrow, default)]
    multi_value_headers: Option<Members<'e, Values<'e>>>,
    #[serde(borrow, default)]
    query_string_parameters: Option<Members<'e, Text<'e>>>,
    #[serde(borrow, default)]
    multi_value_query_string_parameters: Option<Members<'e, Values<'e>>>,
    #[serde(default)]
    cookies: Values<'e>,
    #[serde(borrow, default)]
    request_context: Option<RequestContext<'e>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RequestContext<'e> {
    #[serde(borrow, default)]
    connection_id: Text<'e>,
    #[serde(borrow, default)]
    event_type: Text<'e>,
    #[serde(borrow, default)]
    api_id: Text<'e>,
    #[serde(borrow, default)]
    domain_name: Text<'e>,
    #[serde(borrow, default)]
    route_key: Text<'e>,
    /// Only whether it is there matters, and it may be anything that a client writes.
    #[serde(default)]
    query_string: Option<IgnoredAny>,
    /// Anything that a client writes too, so that it is not read any further than it must be.
    #[serde(borrow, default)]
    operation_name: Option<&'e RawValue>,
    #[serde(borrow, default)]
    http: Option<HttpContext<'e>>,
}

#[derive(Deserialize)]
struct HttpContext<'e> {
    #[serde(borrow, default)]
    method: Text<'e>,
}

impl RequestContext<'_> {
    /// Whether a client of AppSync opens the connection for its subscriptions. Each subscription is
    /// asked about by itself, with its query. Reports write the name in two letter cases.
    fn is_handshake(&self) -> bool {
        let name = self.operation_name.map(RawValue::get);
        name.is_some_and(|name| name.eq_ignore_ascii_case(r#""DeepDish:Connect""#))
    }
}

impl<'e> Event<'e> {
    /// Reads an event, whose error messages would quote it and are therefore dropped.
    pub(super) fn parse(text: &'e str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// Whether a WebSocket API asks about a new connection.
    pub(super) fn is_web_socket(&self) -> bool {
        self.request_context
            .as_ref()
            .is_some_and(|context| context.connection_id.is_some() || context.event_type.is_some())
    }

    /// Whether a GraphQL API of AppSync asks: it names the API and the query in the request
    /// context alone, or for a connection the name of its handshake. The events of its channels
    /// have neither; no table speaks of channels.
    pub(super) fn is_graphql(&self) -> bool {
        self.request_context.as_ref().is_some_and(|context| {
            context.api_id.is_some() && (context.query_string.is_some() || context.is_handshake())
        })
    }

    /// The verb that an event of payload version 2.0 names beside its ARN.
    pub(super) fn http_context_method(&self) -> Option<&str> {
        let http = self.request_context.as_ref()?.http.as_ref()?;
        http.method.as_deref()
    }

    /// The path that an HTTP API names beside its ARN, which begins with a named stage.
    pub(super) fn path(&self) -> Option<&str> {
        self.raw_path.as_deref().or(self.path.as_deref())
    }

    /// The route that an HTTP API has chosen.
    pub(super) fn route_key(&self) -> Option<&str> {
        let of_context = self.request_context.as_ref();
        let of_context = of_context.and_then(|context| context.route_key.as_deref());
        self.route_key.as_deref().or(of_context)
    }

    /// Whether the request came to the domain that API Gateway gave to the API, whose name begins
    /// with the API's id. Emulators name none.
    pub(super) fn is_own_domain(&self) -> bool {
        let Some(context) = &self.request_context else {
            return true;
        };
        let is_of = |domain: &str, id: &str| {
            let rest = domain.strip_prefix(id);
            rest.is_some_and(|rest| rest.starts_with('.'))
        };
        let id = context.api_id.as_deref();
        let domain = context.domain_name.as_deref();
        domain.is_none_or(|domain| id.is_some_and(|id| is_of(domain, id)))
    }

    /// The cookies that payload version 2.0 takes out of the headers, a pair each.
    pub(super) fn cookies(&self) -> impl Iterator<Item = &str> {
        self.cookies.iter().flatten().filter_map(Option::as_deref)
    }

    pub(super) fn headers(&self) -> Fields<'_> {
        Fields {
            single: self.headers.as_ref(),
            multi: self.multi_value_headers.as_ref(),
        }
    }

    pub(super) fn query(&self) -> Fields<'_> {
        Fields {
            single: self.query_string_parameters.as_ref(),
            multi: self.multi_value_query_string_parameters.as_ref(),
        }
    }
}

/// Headers or query parameters, in the two forms in which an event holds them.
pub(super) struct Fields<'e> {
    single: Option<&'e Members<'e, Text<'e>>>,
    multi: Option<&'e Members<'e, Values<'e>>>,
}

impl<'e> Fields<'e> {
    /// The one value of the member that `is_name` accepts.
    ///
    /// # Errors
    /// [`CredentialFault::Several`] if there is more than one value, more than one spelling of
    /// the name, or the two forms disagree.
    pub(super) fn one(
        &self,
        is_name: impl Fn(&str) -> bool,
    ) -> Result<Option<&'e str>, CredentialFault> {
        let (singles, multis) = self.forms(is_name);
        match (singles.as_slice(), multis.as_slice()) {
            ([], []) => Ok(None),
            ([value], []) | ([], [value]) => Ok(Some(value)),
            ([one], [other]) if one == other => Ok(Some(one)),
            _ => Err(CredentialFault::Several),
        }
    }

    /// Every value of the member that `is_name` accepts, for a header that may be sent in several
    /// fields. The form with single values has one of them, the last, or all of them joined.
    ///
    /// # Errors
    /// [`CredentialFault::Several`] if it has another.
    pub(super) fn all(
        &self,
        is_name: impl Fn(&str) -> bool,
    ) -> Result<Vec<&'e str>, CredentialFault> {
        let (singles, multis) = self.forms(is_name);
        if multis.is_empty() {
            return Ok(singles);
        }
        let joined = multis.join("; ");
        let is_known = |single: &&str| multis.contains(single) || *single == joined;
        if singles.iter().all(is_known) {
            Ok(multis)
        } else {
            Err(CredentialFault::Several)
        }
    }

    /// The values in either form, in every spelling of the name.
    fn forms(&self, is_name: impl Fn(&str) -> bool) -> (Vec<&'e str>, Vec<&'e str>) {
        let singles = self.single.into_iter();
        let singles = singles.flat_map(|members| members.of(&is_name));
        let multis = self.multi.into_iter();
        let multis = multis.flat_map(|members| members.of(&is_name));
        (
            singles.filter_map(Option::as_deref).collect(),
            multis
                .flatten()
                .flatten()
                .filter_map(Option::as_deref)
                .collect(),
        )
    }
}

/// The members of a JSON object in their order, those of the same name too.
pub(super) struct Members<'e, T>(Vec<(Cow<'e, str>, T)>);

impl<'e, T> Members<'e, T> {
    fn of<'m>(&'m self, is_name: &impl Fn(&str) -> bool) -> impl Iterator<Item = &'m T> {
        self.0
            .iter()
            .filter(move |(name, _)| is_name(name))
            .map(|(_, value)| value)
    }
}

impl<'de: 'e, 'e, T: Deserialize<'de>> Deserialize<'de> for Members<'e, T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor(PhantomData))
    }
}

struct MembersVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for MembersVisitor<T> {
    type Value = Members<'de, T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = access.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}
