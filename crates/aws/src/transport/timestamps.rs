//! Moments in AWS's answers.

use jiff::{SignedDuration, Timestamp};

use crate::transport::answer::Unreadable;

/// How much later than the beginning of the run a moment in an answer may be. A key may
/// be used while the run goes on, for hours where there is no deadline; what is later
/// than this is no moment of AWS's.
const LATEST: SignedDuration = SignedDuration::from_hours(48);

/// How far moments of one answer may contradict each other: clocks differ, and AWS
/// rounds.
const TOLERANCE: SignedDuration = SignedDuration::from_hours(24);

/// Whether `earlier` lies so far before `later` that no rounding explains it.
pub(crate) fn is_long_before(earlier: Timestamp, later: Timestamp) -> bool {
    later.duration_since(earlier) > TOLERANCE
}

/// A moment in an answer, where there is one, as the run that began at `now` sees it.
///
/// # Errors
/// It is out of range, or lies in the future.
pub(crate) fn moment(
    at: Option<aws_smithy_types::DateTime>,
    now: Timestamp,
) -> Result<Option<Timestamp>, Unreadable> {
    let Some(at) = at else {
        return Ok(None);
    };
    let at = timestamp(at).filter(|at| at.duration_since(now) <= LATEST);
    at.map(Some).ok_or(Unreadable("a time that cannot be"))
}

/// A moment as the SDK gives it; `None` where it is out of range.
pub(crate) fn timestamp(at: aws_smithy_types::DateTime) -> Option<Timestamp> {
    Timestamp::new(at.secs(), i32::try_from(at.subsec_nanos()).ok()?).ok()
}
