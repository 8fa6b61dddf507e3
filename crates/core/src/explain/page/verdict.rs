//! The verdict and its reason.

use super::{super::Explanation, Page};
use crate::{
    judge::verdict::Verdict,
    model::{
        plain_text::one_line,
        reading::{KeyKind, Usage},
        time::utc_date,
    },
    render::digest::wording::{by_hand_text, capitalized, days, last_use_text},
};

impl Explanation {
    pub(super) fn verdict(&self, page: &mut Page) {
        let judged = &self.key;
        page.heading(&format!(
            "VERDICT: {}",
            judged.judgement.verdict.as_str().replace('_', " ")
        ));
        page.line(&self.why());
        if let Usage::Recorded(last) = &judged.key.usage
            && let Some(since) = last.tracked_since
        {
            page.line(&format!(
                "AWS has recorded its uses since {}.",
                utc_date(since)
            ));
        }
        if let Some(reason) = &judged.key.exemption {
            page.line(&format!("It is exempt: {}.", one_line(reason)));
        }
        if judged.exemption_gap().is_some() {
            page.line("Whether it is exempt is not known: its tags could not be read.");
        }
        let flagged = match judged.is_flagged() {
            true => "It is flagged",
            false => "It is not flagged",
        };
        let advice = judged.recommendation.as_str();
        page.line(&format!("{flagged}; recommendation: {advice}."));
        if let Some(why) = by_hand_text(judged) {
            page.line(&format!("{}.", capitalized(&why)));
        }
    }

    fn why(&self) -> String {
        let judged = &self.key;
        let limit = self.stale_after_days;
        let idle = days(judged.judgement.idle_days.unwrap_or(0));
        match judged.judgement.verdict {
            Verdict::NotRecorded => "AWS does not record its use.".to_owned(),
            Verdict::AwsManaged if judged.key.kind == KeyKind::Secret => {
                "An AWS service owns it, and looks after it.".to_owned()
            }
            Verdict::AwsManaged => "AWS manages it: it is free, and cannot be deleted.".to_owned(),
            Verdict::PendingDeletion => match judged.key.deletion_date() {
                Some(_) => "It will be deleted, and cannot be used until that is canceled (CancelKeyDeletion, then EnableKey).".to_owned(),
                None => "It will be deleted once its replicas are gone, which has no date yet; until that is canceled it cannot be used (CancelKeyDeletion, then EnableKey).".to_owned(),
            },
            Verdict::Unreadable => "Whether it is in use could not be read.".to_owned(),
            Verdict::InUse | Verdict::Stale => format!(
                "{}, {idle} ago; a key is unused from {limit} days on.",
                capitalized(&last_use_text(judged))
            ),
            Verdict::NeverUsed => format!(
                "No use is recorded since it was created, {idle} ago; a key is unused from {limit} days on."
            ),
            Verdict::UnusedSinceTracking => format!(
                "{}. That was {idle} ago; a key is unused from {limit} days on.",
                capitalized(&last_use_text(judged))
            ),
            Verdict::Undecided => format!(
                "No use is recorded for {idle}: too early to say, which takes {limit} days."
            ),
        }
    }
}
