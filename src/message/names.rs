//! Which templates there are.

/// Defines an enum of fixed names, as they are written in tables.
macro_rules! names {
    ($($(#[$doc:meta])* $name:ident { $($(#[$note:meta])* $value:ident => $text:literal,)* })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$note])* $value,)* }

        impl $name {
            pub const ALL: &[$name] = &[$($name::$value,)*];

            /// As it is written.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$value => $text,)* }
            }
        }
    )*};
}

names! {
    /// What a notice is about: each has a subject and a text.
    Kind {
        /// Somebody on call is woken.
        Page => "page",
        Offer => "offer",
        /// Offered ahead of a shift end.
        Handoff => "handoff",
        /// Several tickets of one handoff.
        Handoffs => "handoffs",
        Escalation => "escalation",
        /// Asked to help the holder.
        Help => "help",
        StandDown => "stand_down",
        BriefingAsked => "briefing_asked",
        Told => "told",
        LastResort => "last_resort",
        /// A lead is asked whether it may go to the next tier.
        Approval => "approval",
        Review => "review",
        /// To those who follow it without working on it.
        News => "news",
        /// People begin a shift in which no page would reach them.
        ShiftCheck => "shift_check",
        /// A vendor is asked for help.
        Vendor => "vendor",
        VendorRecalled => "vendor_recalled",
    }

    /// Why somebody is told: half a sentence that other templates have as `why`.
    Reason {
        Taken => "taken",
        Resolved => "resolved",
        NotYours => "not_yours",
        Worse => "worse",
        NoLongerPending => "no_longer_pending",
        NotTaken => "not_taken",
        NobodyAbove => "nobody_above",
        NobodyHelps => "nobody_helps",
        EscalationUnanswered => "escalation_unanswered",
        Overran => "overran",
        OverranAlone => "overran_alone",
        Unreached => "unreached",
        StepNotTaken => "step_not_taken",
        StepEscalated => "step_escalated",
        NobodyBefore => "nobody_before",
        PathUnanswered => "path_unanswered",
        Promises => "promises",
        PromiseBroken => "promise_broken",
        SentBack => "sent_back",
        LinkedResolved => "linked_resolved",
        LinkEnded => "link_ended",
        Approved => "approved",
        NotApproved => "not_approved",
        Opened => "opened",
        ConcernsNow => "concerns_now",
        Updated => "updated",
        SentOn => "sent_on",
        Reopened => "reopened",
        Unhappy => "unhappy",
        ReopenedAgain => "reopened_again",
        Judged => "judged",
        VendorReplied => "vendor_replied",
        VendorUnreached => "vendor_unreached",
        VendorWithdrawn => "vendor_withdrawn",
    }

    /// What several texts have in common, by that name.
    Part {
        /// Customer, service, language, briefing.
        Details => "details",
        /// How to take it, how to refuse it.
        Answer => "answer",
        /// What the link of the message does: the word on a button.
        Tap => "tap",
    }
}

/// One template.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Template {
    Subject(Kind),
    Text(Kind),
    Reason(Reason),
    Part(Part),
}

impl Template {
    pub fn all() -> impl Iterator<Item = Template> {
        let kinds = Kind::ALL.iter().flat_map(|kind| [Template::Subject(*kind), Template::Text(*kind)]);
        let reasons = Reason::ALL.iter().copied().map(Template::Reason);
        kinds.chain(reasons).chain(Part::ALL.iter().copied().map(Template::Part))
    }

    /// The table in which it stands, and its key there.
    pub fn name(self) -> (&'static str, &'static str) {
        match self {
            Template::Subject(kind) => (kind.as_str(), "subject"),
            Template::Text(kind) => (kind.as_str(), "text"),
            Template::Reason(reason) => ("reasons", reason.as_str()),
            Template::Part(part) => ("parts", part.as_str()),
        }
    }
}
