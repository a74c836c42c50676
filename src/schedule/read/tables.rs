//! The file format: every table and key there is. All are optional here; `must` says which are missed.
//! The comments are what an editor shows; `as` says how a key is described whose type alone does not, `=>` what holds
//! where it is absent.

use chrono::{NaiveDate, Weekday};
use serde_json::json;

use crate::schedule::defaults;
use crate::schedule::place::At;
use crate::schedule::{
    AnsweredBy, Assign, AtShiftEnd, AtVendor, Audience, Fraction, Further, How, IfSilent, Language, Moment,
    News, OnBreach, OnWarning, Priority, Purpose, ResolutionPart, WhenClosed, ZoneName,
};

use super::describe::{
    between, categories, close_after, contact, during, erase_after, every, labels, length, matrix, messages,
    priorities, request_parts, required_when, resolution_parts, sla_clock, tiers, turns, waits,
};
use super::fields::tables;
use super::vendors::VendorTable;
use super::words::{Clock, Opening};
use super::{Entries, Length, Local, Node, Resolve};

/// A name that refers to something declared elsewhere.
pub(super) type Name = At<String>;

/// A list of which each entry is kept, readable or not: one that seems empty is empty as written.
pub(super) type Listed<T> = At<Vec<Option<T>>>;

/// Templates of one language, by table and key.
pub type Wording = Entries<Option<Entries<Option<At<String>>>>>;

/// People of a team; `None`: something else stands where their list should.
pub type Members = At<Option<Names>>;
/// The entries of such a list.
pub type Names = Vec<Option<Name>>;

tables! {
    /// One file of a set. Every table may stand in any file beneath the folder; names are unique across
    /// files.
    FileTable {
        /// The organisation as a whole; in one file.
        org: Option<OrgTable>,
        /// For each language the substitutes that will do, best first; the ticket then says that it needs
        /// translation.
        languages: Entries<Option<Vec<At<Language>>>>,
        /// How impact and urgency become a priority, and what raises it.
        priority: PriorityTable,
        /// The waits and habits of each priority, P1 to P5.
        priorities: Entries<Option<PriorityRuleTable>> as priorities,
        /// How open work changes hands where a shift ends.
        handoff: HandoffTable,
        /// What a resolution has to say, and when a ticket that is resolved is over.
        closing: ClosingTable,
        /// For how long what is personal in tickets is kept.
        privacy: PrivacyTable,
        /// Parts of the world with a time zone and a data residency.
        regions: Entries<Option<RegionTable>>,
        /// People of one region who serve one tier.
        teams: Entries<Option<TeamTable>>,
        /// Everybody who can hold a ticket or be told of one.
        people: Entries<Option<PersonTable>>,
        /// Who is away, and when.
        leave: Vec<LeaveTable>,
        /// Where others serve than the plan says.
        overrides: Vec<OverrideTable>,
        /// Calendars of days on which hours do not open as usual.
        holidays: Entries<Option<HolidaysTable>>,
        /// Open hours that belong to no team, for the clocks of SLAs.
        business_hours: Entries<Option<BusinessHoursTable>>,
        /// What is promised to customers, and what happens where it is not kept.
        slas: Entries<Option<SlaTable>>,
        /// Customers that routes, languages and residency depend on.
        customers: Entries<Option<CustomerTable>>,
        /// Services that tickets name.
        services: Entries<Option<ServiceTable>>,
        /// Kinds of tickets, as callers name them.
        categories: Entries<Option<CategoryTable>> as categories,
        /// What coverage has to keep, and `check` proves.
        requirements: Vec<RequirementTable>,
        /// Who is told how tickets go on without working on them.
        subscriptions: Vec<SubscriptionTable>,
        /// Whoever outside helps with tickets, asked by a channel; whoever of ours holds a ticket goes on holding it.
        vendors: Entries<Option<VendorTable>>,
        /// Escalation paths, in steps.
        policies: Entries<Option<PolicyTable>>,
        /// Which tickets follow which policy; the first match wins. All of them stand in one file.
        routes: Vec<RouteTable>,
        /// Messages in other words, or other languages, than those that are built in: by language tag. What is
        /// absent stays as it is built in.
        messages: Entries<Option<Wording>> as messages,
    }

    /// The organisation as a whole.
    OrgTable {
        /// Its name, as people say it.
        name: String => json!(defaults::ORG_NAME),
        /// The levels of support, lowest first.
        tiers: Listed<Name> as tiers = must,
        /// The house language: the last substitute for any other.
        language: Language => json!(defaults::LANGUAGE),
        /// The policy of tickets that no route matches.
        policy: Name = must,
        /// A person who is told when nobody can be found.
        last_resort: Name,
        /// What is promised where neither the customer, the route nor the customer's class says.
        sla: Name,
        /// So long before a shift begins it is checked that a message would reach everybody who begins it; their lead is
        /// told of those whom none would. At most a day; "0s": nobody is checked.
        check_before: At<Length> => length(defaults::CHECK_BEFORE),
    }

    /// Priority of tickets whose caller names none.
    PriorityTable {
        /// Three rows for impact high, medium, low, each with three priorities for urgency high, medium, low.
        matrix: Listed<Vec<Option<Priority>>> as matrix => json!(defaults::MATRIX),
        /// Rules that make tickets worse than the matrix or the caller says.
        raise: Vec<RaiseTable>,
    }

    /// A rule that raises a priority: by steps, or to at least one; write `by` or `to`.
    RaiseTable {
        /// Which tickets.
        when: ConditionsTable = must,
        /// So many steps worse, at most P1.
        by: At<u32>,
        /// At least this bad; never lowers.
        to: Priority,
    }

    /// `when` of routes and of `raise`: all keys written must hold, one value of each is enough.
    ConditionsTable {
        /// Priorities.
        priority: Vec<Priority>,
        /// Categories, as callers write them.
        category: Vec<String>,
        /// Customers by id.
        customer: Vec<Name>,
        /// Classes of customers.
        customer_class: Vec<Name>,
        /// Regions of the customer.
        region: Vec<Name>,
        /// Residencies that the ticket is bound to.
        residency: Vec<Name>,
        /// Languages asked for.
        language: Vec<Language>,
        /// Services by id.
        service: Vec<Name>,
        /// Values of services.
        service_value: Vec<Name>,
        /// Risks, as callers write them.
        risk: Vec<String>,
        /// Skills asked for.
        skills: Vec<String>,
        /// Channels on which tickets arrive.
        via: Vec<String>,
        /// For whom: customers, or the house's own people.
        audience: Vec<Audience>,
        /// For each label the values that match.
        labels: Entries<Option<Vec<String>>> as labels,
    }

    /// What holds for tickets of one priority.
    PriorityRuleTable {
        /// How long an offer waits; on the calendar where the priority pages, in the holder team's open hours
        /// where it parks.
        acknowledge_within: At<Length>,
        /// How long until the policy's `on_overrun`, or "none".
        resolve_within: At<Resolve>,
        /// Nobody at work: page the on-call lines, park until an opening, or go to the next step.
        when_closed: WhenClosed,
        /// Hand over at the end of the holder's shift, or keep until their next one.
        at_shift_end: AtShiftEnd,
        /// How often whoever holds it says how things stand; where absent, nobody has to.
        updates: UpdatesTable,
    }

    /// The status updates that a holder owes to those who wait. What counts, counts as for `acknowledge_within`.
    UpdatesTable {
        /// The first, from when somebody takes the ticket; as `every` where absent.
        first: At<Length>,
        /// From one to the next.
        every: At<Length> = must,
    }

    /// Handing over where a shift ends.
    HandoffTable {
        /// Offers go out this long before the end.
        lead: At<Length> => length(defaults::HANDOFF.lead),
        /// A team that closes sooner gets no new work, if another can take it.
        minimum_remaining: At<Length> => length(defaults::HANDOFF.minimum_remaining),
        /// After so many changes of hands without progress the next tier's lead is told.
        hops_before_review: u32 => json!(defaults::HANDOFF.hops_before_review),
        /// What is kept is handed over after all where the holder's next shift is further away.
        keep_at_most: At<Length> => length(defaults::HANDOFF.keep_at_most),
    }

    /// What a resolution has to say, and when a ticket that is resolved is over.
    ClosingTable {
        /// What a resolution has to say: a list for every priority, or one for each.
        requires: Node as resolution_parts => json!(defaults::RESOLUTION.map(ResolutionPart::as_str)),
        /// The causes that a resolution may name; any text where absent.
        causes: Listed<Name>,
        /// What has been resolved for so long closes by itself; "never" does not. One for all, or a table by priority.
        close_after: Node as close_after => length(defaults::CLOSE_AFTER),
    }

    /// For how long what is personal in tickets is kept.
    PrivacyTable {
        /// What is personal in a ticket that is over is erased so long after the last that happened to it, and figures stay;
        /// "never" does not. One for all, or a table by the customer's class, with `default` for all others. Where it is
        /// absent, nothing is erased.
        erase_after: Node as erase_after,
    }

    /// A part of the world.
    RegionTable {
        /// As people call it; the id where absent.
        name: String,
        /// IANA zone, the default of its teams: Europe/Stockholm.
        timezone: At<ZoneName> = must,
        /// Data residency: what is bound to it stays with people of such regions.
        residency: Name,
    }

    /// People of one region who serve one tier.
    TeamTable {
        /// As people call it; the id where absent.
        name: String,
        /// Its region.
        region: Name = must,
        /// The tier it serves.
        tier: Name = must,
        /// IANA zone of its hours and rotations; the region's where absent.
        timezone: At<ZoneName>,
        /// Spoken by the team as such; people at work add theirs.
        languages: Vec<Language>,
        /// Of the team as such; people at work add theirs.
        skills: Vec<String>,
        /// Its people.
        members: Members,
        /// Who is told where a ticket needs a decision.
        lead: Name,
        /// In place of the organisation's.
        check_before: At<Length>,
        /// Live tickets per person.
        capacity: u32 => json!(defaults::CAPACITY),
        /// Who of the team is asked first; `queue`: the team picks.
        assign: Assign => json!("least-loaded"),
        /// Calendars on whose days the hours do not open.
        holidays: Vec<Name>,
        /// The weekly windows in which the team is open.
        hours: Vec<Option<WindowTable>>,
        /// Who is on call, in turns.
        rotations: Vec<RotationTable>,
    }

    /// A weekly window on the wall clock; it belongs to the day on which it starts.
    WindowTable {
        /// Days on which it starts; every day where absent.
        days: Listed<At<Weekday>>,
        /// When it starts: "08:00".
        from: At<Clock> = must,
        /// When it ends; "24:00" is midnight, and the same time as `from` is a whole day.
        to: At<Clock> = must,
        /// Who works in it; only of hours. All of the team where absent.
        members: Listed<Name>,
    }

    /// People taking turns on a line.
    RotationTable {
        /// As people call it.
        name: Name,
        /// The line it feeds.
        line: Name => json!(defaults::LINE),
        /// Of rotations on one line the highest layer with a turn serves.
        layer: i64 => json!(0),
        /// When it serves: "always", "within-hours" or "outside-hours" of the team, or a list of windows.
        during: Node as during => json!("always"),
        /// When turn 0 begins, on the wall clock: date and time without offset.
        starts: At<Local> = must,
        /// How long a turn is: "day", "week", "month", or a recurrence rule of RFC 5545 without the start:
        /// "FREQ=WEEKLY;BYDAY=MO,TH".
        every: Name as every = must,
        /// How long each turn serves, on the wall clock; until the next one where absent.
        lasts: At<Length>,
        /// From here on nobody has a turn; date and time without offset.
        until: At<Local>,
        /// IANA zone of its times; the team's where absent.
        timezone: At<ZoneName>,
        /// Whose turn it is, one after the other. A list within serves together.
        members: At<Vec<Node>> as turns = must,
    }

    /// A person.
    PersonTable {
        /// As people call them; the id where absent.
        name: String,
        /// IANA zone in which they live.
        timezone: At<ZoneName>,
        /// What they speak; the house language where neither they nor the team say.
        languages: Vec<Language>,
        /// What they can do.
        skills: Vec<String>,
        /// Where mail reaches them.
        email: At<String>,
        /// Where calls reach them.
        phone: At<String>,
        /// Ways to reach them, in order: channels, or tables that say for what, after how long and at which hours.
        contact: Vec<Node> as contact,
    }

    /// A way to reach a person. Those with the same `after` are a chain: the next is tried where one fails.
    ContactTable {
        /// The channel.
        via: String = must,
        /// "page": for what has to wake them; "offer": pages and offers; "all": everything.
        r#for: Purpose => json!("all"),
        /// A page or an offer goes out by it as well, so long after the first word, unless somebody has taken the
        /// ticket by then; at once where everything before it has failed.
        after: At<Length> => json!("0s"),
        /// Only between these two times of day on the person's own clock: ["22:00", "07:00"].
        between: Listed<At<Clock>> as between,
    }

    /// A person is away.
    LeaveTable {
        /// Who.
        person: Name = must,
        /// First day, or the instant at which it begins.
        from: Moment = must,
        /// Last day, included, or the instant at which it ends.
        to: At<Moment> = must,
    }

    /// Others serve than the plan says.
    OverrideTable {
        /// In which team.
        team: Name = must,
        /// On which line, or "hours"; the hours and every line where absent.
        line: Name,
        /// First day, or the instant at which it begins.
        from: Moment = must,
        /// Last day, included, or the instant at which it ends.
        to: At<Moment> = must,
        /// Who stands in for whom wherever they are scheduled: { anna = "bjorn" }.
        cover: Entries<Option<Name>>,
        /// Who serves as well.
        add: Vec<Name>,
        /// Who does not serve.
        remove: Vec<Name>,
        /// These and nobody else; an empty list is a declared gap. Stands alone.
        only: At<Vec<Name>>,
    }

    /// A calendar of holidays.
    HolidaysTable {
        /// An iCalendar file, named from where this file stands.
        file: Name,
        /// Single days; they count where the file has the same date.
        days: Vec<HolidayTable>,
    }

    /// A day on which hours do not open as usual.
    HolidayTable {
        /// On the team's own calendar.
        date: At<NaiveDate> = must,
        /// Its name.
        name: String,
        /// The one window of the day, in place of the usual ones: "08:00-12:00". Closed where absent.
        open: At<Opening>,
    }

    /// Open hours that belong to no team.
    BusinessHoursTable {
        /// IANA zone in which they are meant.
        timezone: At<ZoneName> = must,
        /// Calendars on whose days they do not open.
        holidays: Vec<Name>,
        /// The weekly windows.
        hours: Listed<WindowTable> = must,
    }

    /// Promises to customers. A customer's own `sla` comes first, then that of the route, then the one that names
    /// the customer's class, then that of [org].
    SlaTable {
        /// Customers of these classes have it; a class is named by one SLA.
        classes: Vec<Name>,
        /// What counts: "calendar", "open" (the open hours of whichever team has the ticket), or { business_hours }.
        clock: Node as sla_clock => json!("calendar"),
        /// Until somebody answers: one promise for all priorities, or a table by priority. Where a priority is
        /// absent, nothing is promised.
        first_response: Node as waits,
        /// From then on, the longest time between two status updates.
        next_update: Node as waits,
        /// From the opening until it is resolved; stands still while it is pending or resolved.
        resolution: Node as waits,
        /// Fractions of each promise at which people are warned, ascending.
        warn_at: Listed<At<Fraction>> => json!(defaults::WARN_AT.map(Fraction::as_number)),
        /// What answers a customer: that somebody has taken the ticket, or only a status update.
        first_response_by: AnsweredBy => json!("acknowledgement"),
        /// Who is told of a warning: holder and lead, or nobody.
        on_warning: OnWarning => json!("tell"),
        /// What a broken promise does: tells holder, lead and the next tier's lead, or escalates one step as well.
        on_breach: OnBreach => json!("tell"),
    }

    /// Business hours by name.
    SlaHoursTable {
        /// Their name.
        business_hours: Name = must,
    }

    /// A customer.
    CustomerTable {
        /// As people call it.
        name: String,
        /// Its class, for routes and `raise`.
        class: String,
        /// What it speaks.
        language: Language,
        /// Its region, which is preferred.
        region: Name,
        /// Only people of regions with this residency may see its tickets.
        residency: Name,
        /// What is promised to it.
        sla: Name,
    }

    /// A service.
    ServiceTable {
        /// Its value to the business, for routes and `raise`.
        value: String,
        /// The team that a functional escalation goes to.
        owner: Name,
    }

    /// A kind of ticket.
    CategoryTable {
        /// Address of a page that tells how to solve such tickets; messages that ask somebody to take one have it.
        knowledge: At<String>,
    }

    /// What coverage has to keep.
    RequirementTable {
        /// As people say it.
        name: String = must,
        /// Whose people count.
        tier: Name = must,
        /// Each of them is spoken by somebody at work.
        languages: Vec<Language>,
        /// When: "always" (where absent), a window with its zone, or a list of such.
        when: Node as required_when => json!("always"),
        /// Gaps that are known and accepted.
        except: Vec<GapTable>,
    }

    /// A window of a requirement, in a zone.
    ZonedWindowTable {
        /// Days on which it starts; every day where absent.
        days: Listed<At<Weekday>>,
        /// When it starts: "08:00".
        from: At<Clock> = must,
        /// When it ends; "24:00" is midnight, and the same time as `from` is a whole day.
        to: At<Clock> = must,
        /// IANA zone in which it is meant.
        timezone: At<ZoneName> => json!(defaults::REQUIREMENT_ZONE),
    }

    /// A gap that is known and accepted.
    GapTable {
        /// First day, or the instant at which it begins.
        from: Moment = must,
        /// Last day, included, or the instant at which it ends.
        to: At<Moment> = must,
        /// The reason.
        why: String = must,
    }

    /// People who are told how tickets of a sort go on: stakeholders, or a person that stands for a room.
    SubscriptionTable {
        /// Who.
        people: Listed<Name> = must,
        /// Which tickets; all where absent.
        when: ConditionsTable,
        /// What they are told; what their own language is, they are told in.
        about: Listed<News> => json!(["opened", "update", "reopened", "resolved"]),
        /// They may be told of tickets that are bound to this residency, wherever they are.
        residency: Name,
    }

    /// An escalation path.
    PolicyTable {
        /// Which tiers, one after the other.
        steps: Listed<StepTable> = must,
        /// What the next step does when `resolve_within` ran out.
        on_overrun: How => json!("tell"),
        /// After the last step it begins again at this pace.
        repeat_every: At<Length> => length(defaults::REPEAT_EVERY),
        /// What people must say who send a ticket on: a list for every priority, or one for each.
        requires: Node as request_parts,
        /// So often people may send a ticket back to a team that has had it, without progress; then a lead decides.
        /// Where absent, as often as they like.
        returns_at_most: u32,
        /// Who is told at once of which tickets, beside the steps.
        immediately: Vec<AtOnceTable>,
        /// Whose escalations a lead has to approve.
        approve: ApproveTable,
        /// What a customer's bad feedback does.
        on_unhappy: UnhappyTable,
        /// What coming back too often does.
        on_reopened: ReopenedTable,
        /// How soon vendors answer such tickets, where it is not as they say themselves.
        vendor_reply_within: Node as waits,
        /// A vendor that does not answer in time: holder and lead are told, or it goes one step further as well.
        on_vendor_breach: OnBreach => json!("tell"),
        /// What the clocks of promises to customers do while a ticket is at a vendor.
        clocks_at_vendor: AtVendor => json!("run"),
    }

    /// Somebody of a tier is told of such tickets when they come in, or become such.
    AtOnceTable {
        /// Which tickets.
        when: ConditionsTable = must,
        /// The tier: somebody at work there, else on call on the lines of the policy's step for it, else a lead.
        tell: Name = must,
    }

    /// What people ask for goes to the next step only if a lead says so. Leads and programs need nobody's approval, and
    /// what goes by time neither.
    ApproveTable {
        /// Of the tickets.
        priorities: Listed<Priority> = must,
        /// How long the lead has, counted as the ticket's waits.
        within: At<Length> = must,
        /// What happens where nobody answers in time: it goes on, or it stays.
        if_silent: IfSilent => json!("approve"),
    }

    /// What a customer's bad feedback does.
    UnhappyTable {
        /// Feedback of so few points or fewer is unhappy: 1 to 4.
        at_most: At<u32> = must,
        /// The next tier's lead is told, or the ticket is reopened on the next step.
        how: Further => json!("tell"),
    }

    /// What coming back too often does.
    ReopenedTable {
        /// From so many reopenings on.
        from: u32 = must,
        /// It begins on the next step, or where it was, and the next tier's lead is told.
        how: Further => json!("move"),
    }

    /// One step of a policy.
    StepTable {
        /// Whose teams are asked.
        tier: Name = must,
        /// Lines to page where nobody is at work, one after the other.
        call: Vec<Name>,
        /// How long each line has; the acknowledgement wait where absent.
        call_every: At<Length>,
        /// Other waits than the priority's own: one for all, or a table by priority.
        acknowledge_within: Node as waits,
        /// Custody moves there, somebody there joins, or somebody there is told.
        how: How => json!("move"),
        /// Who is asked in place of this tier where all of it has too much to do.
        overflow: OverflowTable,
        /// Where a ticket goes further from here, this vendor is asked first, and the next step after it. Whoever holds
        /// the ticket keeps it and chases the vendor.
        vendor: Name,
    }

    /// Who is asked in place of a tier where each of its teams that could take a ticket is overloaded. They have to fit the
    /// ticket as everybody has, be at work, and not be overloaded themselves.
    OverflowTable {
        /// Teams of other tiers.
        to: Listed<Name> = must,
        /// The share of its capacity from which on a team is overloaded: 0.8. Where absent, as soon as nobody has room.
        at: Fraction,
    }

    /// Tickets like this follow that policy.
    RouteTable {
        /// As people call it.
        name: Name,
        /// Which tickets; all where absent.
        when: ConditionsTable,
        /// The policy they follow.
        policy: Name = must,
        /// What is promised, where the customer's own table does not say.
        sla: Name,
    }
}
