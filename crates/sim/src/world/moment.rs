//! Moments in a world file: either a fixed instant, or an age counted back from the world's `now`.

use std::{fmt, str::FromStr};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A moment as a world file writes it: `"2026-10-01T12:00:00Z"`, or an age such as `"3d 12h"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// A fixed instant (UTC).
    At(Timestamp),
    /// This many seconds before the world's `now`; negative lies in the future.
    Ago(i64),
}

/// The error of a text that is no moment.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is neither an RFC 3339 time such as `2026-10-01T12:00:00Z` nor an age such as `3d 12h` (units d, h, m, s; a leading `-` is the future)"
)]
pub struct MomentError {
    text: String,
}

impl Moment {
    /// An age of whole days and hours.
    pub const fn days_and_hours(days: i64, hours: i64) -> Self {
        Self::Ago(days * DAY + hours * HOUR)
    }

    /// The instant this stands for when the world starts at `now`.
    pub fn resolve(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(instant) => instant,
            Self::Ago(seconds) => now
                .checked_sub(SignedDuration::from_secs(seconds))
                .unwrap_or(if seconds > 0 {
                    Timestamp::MIN
                } else {
                    Timestamp::MAX
                }),
        }
    }
}

impl FromStr for Moment {
    type Err = MomentError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Some(seconds) = parse_age(text.trim()) {
            return Ok(Self::Ago(seconds));
        }
        text.trim().parse().map(Self::At).map_err(|_| MomentError {
            text: text.to_owned(),
        })
    }
}

/// Seconds in an age such as `3d 12h`, or `None` when the text is no age.
fn parse_age(text: &str) -> Option<i64> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let mut seconds: i64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let count: i64 = rest[..digits].parse().ok()?;
        let unit = match rest.as_bytes()[digits] {
            b'd' => DAY,
            b'h' => HOUR,
            b'm' => MINUTE,
            b's' => 1,
            _ => return None,
        };
        seconds = seconds.checked_add(count.checked_mul(unit)?)?;
        rest = rest[digits + 1..].trim_start();
    }
    (!text.is_empty() && text != "-").then_some(sign * seconds)
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = match self {
            Self::At(instant) => return write!(f, "{instant}"),
            Self::Ago(seconds) => *seconds,
        };
        if seconds < 0 {
            f.write_str("-")?;
        }
        let mut rest = seconds.abs();
        let mut separator = "";
        for (unit, letter) in [(DAY, 'd'), (HOUR, 'h'), (MINUTE, 'm'), (1, 's')] {
            if rest >= unit {
                write!(f, "{separator}{}{letter}", rest / unit)?;
                rest %= unit;
                separator = " ";
            }
        }
        if seconds == 0 {
            f.write_str("0d")
        } else {
            Ok(())
        }
    }
}

impl<'de> Deserialize<'de> for Moment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(D::Error::custom)
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_read_and_written_back() {
        for (text, seconds) in [
            ("100d", 100 * DAY),
            ("3d 12h", 3 * DAY + 12 * HOUR),
            ("90m", 90 * MINUTE),
            ("0d", 0),
            ("-10d", -10 * DAY),
            ("1d2h3m4s", DAY + 2 * HOUR + 3 * MINUTE + 4),
        ] {
            let moment: Moment = text.parse().unwrap();
            assert_eq!(moment, Moment::Ago(seconds), "{text}");
            assert_eq!(moment.to_string().parse(), Ok(moment), "{text}");
        }
    }

    #[test]
    fn a_leading_minus_lies_in_the_future() {
        let now: Timestamp = "2026-11-21T02:00:00Z".parse().unwrap();
        let moment: Moment = "-10d".parse().unwrap();
        assert_eq!(moment.resolve(now).to_string(), "2026-12-01T02:00:00Z");
    }

    #[test]
    fn what_is_neither_time_nor_age_is_named() {
        for text in ["", "-", "12", "12w", "yesterday", "2026-10-01"] {
            let error = text.parse::<Moment>().unwrap_err();
            assert!(error.to_string().contains(&format!("`{text}`")), "{error}");
        }
    }
}
