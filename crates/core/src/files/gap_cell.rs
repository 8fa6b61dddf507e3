//! Gaps as cells of the CSV files: JSON, so that programs need not parse `detail`.

use serde::{Deserialize, Serialize};

use crate::model::{
    cause::{Cause, PolicyKind, Refusal},
    gap::Gap,
    reading::KeyReading,
};

/// Stands for a policy whose kind the message does not name.
const SOME_POLICY: &str = "policy";

/// The gaps of a key.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct KeyGaps {
    /// Its last use.
    pub(crate) usage: Option<Gap>,
    /// Its tags: owner and exemption.
    pub(crate) tags: Option<Gap>,
    /// What depends on it, in part.
    pub(crate) dependents: Vec<Gap>,
    /// Refused uses of it.
    pub(crate) refused_uses: Option<Gap>,
}

/// What a gap of a key concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum GapSubject {
    Usage,
    Tags,
    Dependents,
    RefusedUses,
}

/// A gap in JSON: `{"call":"kms:ListKeys","code":"AccessDeniedException","cause":"refused"}`.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GapJson {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    of: Option<GapSubject>,
    /// `None`: there was no time left for the call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    call: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    cause: String,
    /// The kind of policy that denies the call explicitly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    denied_by: Option<String>,
}

/// The cell of the gaps of a key; empty where there are none.
pub(crate) fn of_key(key: &KeyReading) -> String {
    let usage = key.usage_gap().map(|gap| (GapSubject::Usage, gap));
    let tags = key.tags_gap.as_ref().map(|gap| (GapSubject::Tags, gap));
    let dependents = key.dependents().into_iter().flat_map(|found| &found.gaps);
    let refused_uses = key.refused_uses().and_then(|found| found.gap.as_ref());
    let gaps: Vec<GapJson> = usage
        .into_iter()
        .chain(tags)
        .chain(dependents.map(|gap| (GapSubject::Dependents, gap)))
        .chain(refused_uses.map(|gap| (GapSubject::RefusedUses, gap)))
        .map(|(of, gap)| GapJson {
            of: Some(of),
            ..GapJson::new(gap)
        })
        .collect();
    match gaps.is_empty() {
        true => String::new(),
        false => json(&gaps),
    }
}

/// Parses what [`of_key`] wrote; `None` for any other text.
pub(crate) fn read_of_key(cell: &str) -> Option<KeyGaps> {
    let mut gaps = KeyGaps::default();
    if cell.is_empty() {
        return Some(gaps);
    }
    for coded in serde_json::from_str::<Vec<GapJson>>(cell).ok()? {
        let of = coded.of;
        let gap = coded.gap()?;
        match of? {
            GapSubject::Usage => gaps.usage = Some(gap),
            GapSubject::Tags => gaps.tags = Some(gap),
            GapSubject::Dependents => gaps.dependents.push(gap),
            GapSubject::RefusedUses => gaps.refused_uses = Some(gap),
        }
    }
    Some(gaps)
}

/// The cell of a gap; empty where there is none.
pub(crate) fn of_gap(gap: Option<&Gap>) -> String {
    gap.map(|gap| json(&GapJson::new(gap))).unwrap_or_default()
}

/// Parses what [`of_gap`] wrote, `Some(None)` for an empty cell; `None` for any other text.
pub(crate) fn read_gap(cell: &str) -> Option<Option<Gap>> {
    match cell {
        "" => Some(None),
        cell => serde_json::from_str::<GapJson>(cell).ok()?.gap().map(Some),
    }
}

/// Plain fields always serialize.
fn json(coded: &impl Serialize) -> String {
    serde_json::to_string(coded).unwrap_or_default()
}

impl GapJson {
    pub(crate) fn new(gap: &Gap) -> Self {
        let (call, code) = match gap {
            Gap::NoTimeLeft => (None, None),
            Gap::Unanswered {
                operation, code, ..
            } => (Some(operation.to_string()), Some(code.to_string())),
        };
        let denied_by = match gap.cause() {
            Cause::Refused(Refusal::ExplicitDeny(kind)) => {
                Some(kind.map_or(SOME_POLICY, PolicyKind::as_str).to_owned())
            }
            Cause::Refused(Refusal::NotAllowed)
            | Cause::Throttled
            | Cause::OutOfTime
            | Cause::NotAnswering
            | Cause::UnreadableAnswer
            | Cause::Gone
            | Cause::Fault => None,
        };
        Self {
            of: None,
            call,
            code,
            cause: gap.cause().as_str().to_owned(),
            denied_by,
        }
    }

    pub(crate) fn gap(self) -> Option<Gap> {
        let cause = match (Cause::parse(&self.cause)?, self.denied_by.as_deref()) {
            (cause, None) => cause,
            (Cause::Refused(_), Some(SOME_POLICY)) => Cause::Refused(Refusal::ExplicitDeny(None)),
            (Cause::Refused(_), Some(kind)) => {
                let mut kinds = PolicyKind::ALL.into_iter();
                let kind = kinds.find(|known| known.as_str() == kind)?;
                Cause::Refused(Refusal::ExplicitDeny(Some(kind)))
            }
            _ => return None,
        };
        match (self.call, self.code) {
            (Some(call), Some(code)) => Some(Gap::Unanswered {
                operation: call.into(),
                code: code.into(),
                cause,
            }),
            (None, None) if cause == Cause::OutOfTime => Some(Gap::NoTimeLeft),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{of_gap, read_gap, read_of_key};
    use crate::model::{
        cause::{Cause, PolicyKind, Refusal},
        gap::Gap,
    };

    #[test]
    fn every_gap_is_read_back_from_its_cell() {
        let kinds = PolicyKind::ALL.map(Some).into_iter().chain([None]);
        let denied = kinds.map(|kind| Cause::Refused(Refusal::ExplicitDeny(kind)));
        for cause in Cause::ALL.into_iter().chain(denied) {
            for code in ["AccessDeniedException", "a \"b\"; c", ""] {
                let gap = Gap::unanswered("kms:ListKeys", code, cause);
                assert_eq!(read_gap(&of_gap(Some(&gap))), Some(Some(gap)));
            }
        }
        let no_time = of_gap(Some(&Gap::NoTimeLeft));
        assert_eq!(no_time, r#"{"cause":"out_of_time"}"#);
        assert_eq!(read_gap(&no_time), Some(Some(Gap::NoTimeLeft)));
        assert_eq!(read_gap(&of_gap(None)), Some(None));
    }

    #[test]
    fn what_no_run_writes_is_not_read() {
        for cell in [
            "no time left",
            "{}",
            r#"{"cause":"bored"}"#,
            r#"{"cause":"refused"}"#,
            r#"{"call":"kms:ListKeys","cause":"refused"}"#,
            r#"{"cause":"out_of_time","denied_by":"policy"}"#,
            r#"{"call":"kms:ListKeys","code":"A","cause":"refused","denied_by":"someone"}"#,
            r#"{"cause":"out_of_time","more":1}"#,
        ] {
            assert_eq!(read_gap(cell), None, "{cell}");
            assert_eq!(read_of_key(&format!("[{cell}]")), None, "{cell}");
        }
    }
}
