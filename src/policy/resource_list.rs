//! The resources of a statement, all in one text: a policy may have hundreds of them, and is made
//! anew for each request.

/// A list of resources.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Resources {
    text: String,
    /// Where each of them ends in `text`.
    ends: Vec<usize>,
}

impl Resources {
    /// The resources, in their order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(&0).chain(&self.ends);
        let ranges = starts.zip(&self.ends);
        ranges.filter_map(|(start, end)| self.text.get(*start..*end))
    }

    /// Whether there is none.
    pub(super) const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Adds the resource of these parts at the end.
    pub(super) fn push(&mut self, parts: &[&str]) {
        self.text.extend(parts.iter().copied());
        self.ends.push(self.text.len());
    }

    /// Adds a resource to a list that is in order, unless it is there.
    pub(super) fn insert(&mut self, resource: &str) {
        let mut resources: Vec<&str> = self.iter().collect();
        if let Err(at) = resources.binary_search(&resource) {
            resources.insert(at, resource);
            *self = resources.into_iter().collect();
        }
    }
}

impl<'r> FromIterator<&'r str> for Resources {
    fn from_iter<I: IntoIterator<Item = &'r str>>(resources: I) -> Self {
        let mut own = Self::default();
        resources
            .into_iter()
            .for_each(|resource| own.push(&[resource]));
        own
    }
}
