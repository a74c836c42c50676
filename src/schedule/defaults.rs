//! What holds where the files say nothing. `org.tiers` and `org.policy` have no default.

use chrono::TimeDelta;

use super::{AtShiftEnd, Fraction, HandoffRule, Priority, PriorityRule, ResolutionPart, WhenClosed};

/// `org.name`.
pub const ORG_NAME: &str = "Support";

/// `org.language`.
pub const LANGUAGE: &str = "en";

/// `check_before` of `[org]`.
pub const CHECK_BEFORE: TimeDelta = TimeDelta::minutes(30);

/// Neither an organisation's nor a team's `check_before` is longer.
pub const CHECK_BEFORE_MAX: TimeDelta = TimeDelta::days(1);

/// `capacity` of a team: live tickets per person.
pub const CAPACITY: u32 = 5;

/// `line` of a rotation.
pub const LINE: &str = "primary";

/// `repeat_every` of a policy: the pace at which it begins again after its last step.
pub const REPEAT_EVERY: TimeDelta = TimeDelta::minutes(15);

/// `timezone` of a requirement's windows.
pub const REQUIREMENT_ZONE: &str = "UTC";

/// `priority.matrix`: rows are impact, columns urgency, both high, medium, low.
pub const MATRIX: [[Priority; 3]; 3] = [
    [Priority::P1, Priority::P2, Priority::P3],
    [Priority::P2, Priority::P3, Priority::P4],
    [Priority::P3, Priority::P4, Priority::P5],
];

/// `warn_at` of an SLA: people are warned when so much of a promise is spent.
pub const WARN_AT: [Fraction; 1] = [Fraction::thousandths(800)];

/// `requires` of `[closing]`.
pub const RESOLUTION: [ResolutionPart; 1] = [ResolutionPart::Notes];

/// `close_after` of `[closing]`.
pub const CLOSE_AFTER: TimeDelta = TimeDelta::days(7);

/// `[handoff]`.
pub const HANDOFF: HandoffRule = HandoffRule {
    lead: TimeDelta::minutes(30),
    minimum_remaining: TimeDelta::minutes(45),
    hops_before_review: 3,
    keep_at_most: TimeDelta::days(3),
};

/// `[priorities.P1]` to `[priorities.P5]`: the first two page and are handed over, the others park and are kept.
pub const PRIORITIES: [PriorityRule; 5] = [
    paging(TimeDelta::minutes(5), TimeDelta::hours(1)),
    paging(TimeDelta::minutes(15), TimeDelta::hours(4)),
    parking(TimeDelta::hours(2), TimeDelta::days(1)),
    parking(TimeDelta::days(1), TimeDelta::days(3)),
    parking(TimeDelta::days(2), TimeDelta::days(5)),
];

const fn paging(acknowledge_within: TimeDelta, resolve_within: TimeDelta) -> PriorityRule {
    PriorityRule {
        acknowledge_within,
        resolve_within: Some(resolve_within),
        when_closed: WhenClosed::Page,
        at_shift_end: AtShiftEnd::HandOver,
        updates: None,
    }
}

const fn parking(acknowledge_within: TimeDelta, resolve_within: TimeDelta) -> PriorityRule {
    PriorityRule {
        acknowledge_within,
        resolve_within: Some(resolve_within),
        when_closed: WhenClosed::Park,
        at_shift_end: AtShiftEnd::Keep,
        updates: None,
    }
}
