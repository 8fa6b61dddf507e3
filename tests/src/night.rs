//! Successive nights, over which an organization changes.

use jiff::{SignedDuration, Timestamp};
use keycensus_sim::World;

use crate::{NOW, Scenario, exchanges};

/// A night, of which every run begins at the same moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Night {
    /// That of [`NOW`].
    First,
    /// The next.
    Second,
    /// The one after that.
    Third,
    /// So many nights after the first, from 3 to 14.
    Later(usize),
    /// 30 days after the first.
    OfAnotherMonth,
}

impl Night {
    /// The moment at which its runs begin.
    pub(crate) fn begins(self) -> Timestamp {
        self.clock()()
    }

    /// A clock that shows this moment.
    pub(crate) fn clock(self) -> fn() -> Timestamp {
        match self {
            Self::First => || moment(NOW),
            Self::Second => || moment("2026-11-22T02:00:00Z"),
            Self::Third => || moment("2026-11-23T02:00:00Z"),
            Self::Later(nights) => match LATER.get(nights - 3) {
                Some(clock) => *clock,
                None => panic!("there is no night {nights} nights later"),
            },
            Self::OfAnotherMonth => || moment("2026-12-21T02:00:00Z"),
        }
    }

    pub(crate) fn next(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::Third,
            Self::Third => Self::Later(3),
            Self::Later(nights) => Self::Later(nights + 1),
            Self::OfAnotherMonth => panic!("no night is after that of another month"),
        }
    }
}

impl Scenario {
    /// The same function on the next night, invoked by another request, when the
    /// organization is that of `tonight`. It finds every object that is in the bucket now, and every finding of Security Hub. Ages in the
    /// world of `tonight` count back from tonight.
    ///
    /// # Panics
    /// This is the last of them.
    #[must_use]
    pub fn a_night_later(&self, tonight: &Self) -> Self {
        self.on(self.night.next(), tonight)
    }

    /// The same function on the same night, when the organization has become that of
    /// `meanwhile`.
    #[must_use]
    pub fn the_same_night(&self, meanwhile: &Self) -> Self {
        self.on(self.night, meanwhile)
    }

    /// The same function in the same world, where its runs began on another night, and
    /// others have run since.
    #[must_use]
    pub fn beginning_on(mut self, night: Night) -> Self {
        self.night = night;
        self
    }

    /// The same 30 days after the first night.
    #[must_use]
    pub fn a_month_later(&self, tonight: &Self) -> Self {
        self.on(Night::OfAnotherMonth, tonight)
    }

    /// The same on this night, when the organization is that of `tonight`.
    pub(crate) fn on(&self, night: Night, tonight: &Self) -> Self {
        let aws = exchanges::simulator(World {
            now: Some(night.begins()),
            ..tonight.aws.world().clone()
        });
        aws.take_objects_of(&self.aws);
        aws.take_findings_of(&self.aws);
        Self {
            aws,
            night,
            request_id: format!("{}-of-the-next-night", self.request_id),
            ..self.clone()
        }
    }
}

/// The clocks of later nights.
const LATER: [fn() -> Timestamp; 12] = [
    nights_later::<3>,
    nights_later::<4>,
    nights_later::<5>,
    nights_later::<6>,
    nights_later::<7>,
    nights_later::<8>,
    nights_later::<9>,
    nights_later::<10>,
    nights_later::<11>,
    nights_later::<12>,
    nights_later::<13>,
    nights_later::<14>,
];

fn nights_later<const NIGHTS: i64>() -> Timestamp {
    moment(NOW) + SignedDuration::from_hours(24 * NIGHTS)
}

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap_or(Timestamp::UNIX_EPOCH)
}
