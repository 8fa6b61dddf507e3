//! Sets of ages in whole days.

/// A set of whole numbers of days, from 0 up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Days {
    /// First and last day of each stretch: in order, with a day between any two.
    stretches: Vec<(u64, u64)>,
}

impl Days {
    /// The last day of a stretch without an end.
    pub(super) const ENDLESS: u64 = u64::MAX;
    /// No day.
    pub(super) const NONE: Self = Self {
        stretches: Vec::new(),
    };

    /// Every day.
    pub(super) fn all() -> Self {
        Self::between(0, Self::ENDLESS)
    }

    /// The days from `first` to `last`; none if `last` is before `first`.
    pub(super) fn between(first: u64, last: u64) -> Self {
        let stretches = if first <= last {
            vec![(first, last)]
        } else {
            Vec::new()
        };
        Self { stretches }
    }

    /// The days of either.
    pub(super) fn or(&self, other: &Self) -> Self {
        let mut all = [self.stretches.as_slice(), &other.stretches].concat();
        all.sort_unstable();
        let mut stretches: Vec<(u64, u64)> = Vec::new();
        for (first, last) in all {
            match stretches.last_mut() {
                Some(before) if first <= before.1.saturating_add(1) => {
                    before.1 = before.1.max(last);
                }
                _ => stretches.push((first, last)),
            }
        }
        Self { stretches }
    }

    /// The days of both.
    pub(super) fn and(&self, other: &Self) -> Self {
        self.not().or(&other.not()).not()
    }

    /// The other days.
    pub(super) fn not(&self) -> Self {
        let mut stretches = Vec::new();
        let mut next = Some(0);
        for &(first, last) in &self.stretches {
            if let (Some(from), Some(to)) = (next, first.checked_sub(1))
                && from <= to
            {
                stretches.push((from, to));
            }
            next = last.checked_add(1);
        }
        if let Some(from) = next {
            stretches.push((from, Self::ENDLESS));
        }
        Self { stretches }
    }

    /// The last day of those that follow on day 0 without a gap; `None` if day 0 is not among them.
    pub(super) fn last_from_zero(&self) -> Option<u64> {
        match self.stretches.first() {
            Some((0, last)) => Some(*last),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Strategy, proptest};
    use proptest::{collection::vec, option};

    use super::Days;

    fn days() -> impl Strategy<Value = Days> {
        let stretch = (0..12_u64, option::weighted(0.8, 0..12_u64));
        vec(stretch, 0..4).prop_map(|stretches| {
            stretches.iter().fold(Days::NONE, |days, (first, last)| {
                days.or(&Days::between(*first, last.unwrap_or(Days::ENDLESS)))
            })
        })
    }

    fn has(days: &Days, day: u64) -> bool {
        let mut stretches = days.stretches.iter();
        stretches.any(|(first, last)| (*first..=*last).contains(&day))
    }

    proptest! {
        #[test]
        fn sets_are_joined_day_by_day(one in days(), other in days()) {
            for day in (0..14).chain([Days::ENDLESS]) {
                let (a, b) = (has(&one, day), has(&other, day));
                assert_eq!(has(&one.or(&other), day), a || b, "{day}");
                assert_eq!(has(&one.and(&other), day), a && b, "{day}");
                assert_eq!(has(&one.not(), day), !a, "{day}");
            }
        }

        #[test]
        fn the_last_day_from_zero_is_the_last_before_a_gap(one in days()) {
            let gap = (0..14).find(|day| !has(&one, *day));
            let expected = gap.map_or(Some(Days::ENDLESS), |day| day.checked_sub(1));
            assert_eq!(one.last_from_zero(), expected);
        }
    }
}
