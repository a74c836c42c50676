//! The file format: every table and key there is. All are optional here; `must` says which are missed.

use chrono::{NaiveDate, Weekday};

use crate::schedule::place::At;
use crate::schedule::{Assign, AtShiftEnd, How, Language, Moment, Priority, WhenClosed, ZoneName};

use super::fields::tables;
use super::words::{Clock, Opening};
use super::{Entries, Length, Local, Node, Resolve};

/// A name that refers to something declared elsewhere.
type Name = At<String>;

/// A list of which each entry is kept, readable or not: one that seems empty is empty as written.
type Listed<T> = At<Vec<Option<T>>>;

/// The entries of such a list of names.
pub type Names = Vec<Option<Name>>;

tables! {
    /// The top level of a file.
    FileTable {
        org: Option<OrgTable>,
        languages: Entries<Option<Vec<At<Language>>>>,
        priority: PriorityTable,
        priorities: Entries<Option<PriorityRuleTable>>,
        handoff: HandoffTable,
        regions: Entries<Option<RegionTable>>,
        teams: Entries<Option<TeamTable>>,
        people: Entries<Option<PersonTable>>,
        leave: Vec<LeaveTable>,
        overrides: Vec<OverrideTable>,
        holidays: Entries<Option<HolidaysTable>>,
        customers: Entries<Option<CustomerTable>>,
        services: Entries<Option<ServiceTable>>,
        requirements: Vec<RequirementTable>,
        policies: Entries<Option<PolicyTable>>,
        routes: Vec<RouteTable>,
    }

    OrgTable {
        name: String,
        tiers: Listed<Name> = must,
        language: Language,
        policy: Name = must,
        last_resort: Name,
    }

    PriorityTable {
        matrix: Listed<Vec<Option<Priority>>>,
        raise: Vec<RaiseTable>,
    }

    RaiseTable {
        when: ConditionsTable = must,
        by: At<u32>,
        to: Priority,
    }

    /// `when` of routes and of `raise`.
    ConditionsTable {
        priority: Vec<Priority>,
        category: Vec<String>,
        customer: Vec<Name>,
        customer_class: Vec<Name>,
        region: Vec<Name>,
        residency: Vec<Name>,
        language: Vec<Language>,
        service: Vec<Name>,
        service_value: Vec<Name>,
        risk: Vec<String>,
        skills: Vec<String>,
        via: Vec<String>,
        labels: Entries<Option<Vec<String>>>,
    }

    PriorityRuleTable {
        acknowledge_within: At<Length>,
        resolve_within: At<Resolve>,
        when_closed: WhenClosed,
        at_shift_end: AtShiftEnd,
    }

    HandoffTable {
        lead: At<Length>,
        minimum_remaining: At<Length>,
        hops_before_review: u32,
        keep_at_most: At<Length>,
    }

    RegionTable {
        name: String,
        timezone: At<ZoneName> = must,
        residency: Name,
    }

    TeamTable {
        name: String,
        region: Name = must,
        tier: Name = must,
        timezone: At<ZoneName>,
        languages: Vec<Language>,
        skills: Vec<String>,
        members: At<Option<Names>>,
        lead: Name,
        capacity: u32,
        assign: Assign,
        holidays: Vec<Name>,
        hours: Vec<Option<WindowTable>>,
        rotations: Vec<RotationTable>,
    }

    /// Of hours, where alone `members` has a meaning, of `during` and of requirements.
    WindowTable {
        days: Listed<At<Weekday>>,
        from: At<Clock> = must,
        to: At<Clock> = must,
        members: Listed<Name>,
    }

    RotationTable {
        name: Name,
        line: Name,
        layer: i64,
        /// A word, or a list of windows.
        during: Node,
        starts: At<Local> = must,
        every: Name = must,
        lasts: At<Length>,
        until: At<Local>,
        timezone: At<ZoneName>,
        /// Names, or lists of names that serve together.
        members: At<Vec<Node>> = must,
    }

    PersonTable {
        name: String,
        timezone: At<ZoneName>,
        languages: Vec<Language>,
        skills: Vec<String>,
        email: At<String>,
        phone: At<String>,
        contact: Vec<String>,
    }

    LeaveTable {
        person: Name = must,
        from: Moment = must,
        to: At<Moment> = must,
    }

    OverrideTable {
        team: Name = must,
        line: Name,
        from: Moment = must,
        to: At<Moment> = must,
        cover: Entries<Option<Name>>,
        add: Vec<Name>,
        remove: Vec<Name>,
        only: At<Vec<Name>>,
    }

    HolidaysTable {
        file: Name,
        days: Vec<HolidayTable>,
    }

    HolidayTable {
        date: At<NaiveDate> = must,
        name: String,
        open: At<Opening>,
    }

    CustomerTable {
        name: String,
        class: String,
        language: Language,
        region: Name,
        residency: Name,
    }

    ServiceTable {
        value: String,
        owner: Name,
    }

    RequirementTable {
        name: String = must,
        tier: Name = must,
        languages: Vec<Language>,
        /// "always", one window with its zone, or a list of such.
        when: Node,
        except: Vec<GapTable>,
    }

    /// A window of a requirement, which says in which zone it is meant.
    ZonedWindowTable {
        days: Listed<At<Weekday>>,
        from: At<Clock> = must,
        to: At<Clock> = must,
        timezone: At<ZoneName>,
    }

    GapTable {
        from: Moment = must,
        to: At<Moment> = must,
        why: String = must,
    }

    PolicyTable {
        steps: Listed<StepTable> = must,
        on_overrun: How,
        repeat_every: At<Length>,
    }

    StepTable {
        tier: Name = must,
        call: Vec<Name>,
        call_every: At<Length>,
        /// One duration for all priorities, or a table by priority.
        acknowledge_within: Node,
        how: How,
    }

    RouteTable {
        name: Name,
        when: ConditionsTable,
        policy: Name = must,
    }
}
