pragma foreign_keys = off;
CREATE TABLE _sqlx_migrations (
    version BIGINT PRIMARY KEY,
    description TEXT NOT NULL,
    installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
    success BOOLEAN NOT NULL,
    checksum BLOB NOT NULL,
    execution_time BIGINT NOT NULL
);
CREATE TABLE desk (
    id integer primary key check (id = 1),
    batch integer not null check (batch >= 0),
    decided_at integer,
    last_ticket integer not null check (last_ticket >= 0),
    last_handoff integer not null check (last_handoff >= 0)
, identity text not null default '') strict;
CREATE TABLE turns (
    team text primary key,
    person text not null,
    changed_batch integer not null
) strict, without rowid;
CREATE TABLE tickets (
    id integer primary key check (id > 0),
    state text not null check (state in ('waiting', 'held', 'pending', 'resolved', 'closed')),
    priority text not null check (priority in ('P1', 'P2', 'P3', 'P4', 'P5')),
    opened_at integer not null,
    holder_person text,
    holder_team text,
    offer_team text,
    dedup_key text,
    external_ref text,
    residency text,
    wake_at integer,
    changed_batch integer not null,
    version integer not null,
    body text not null check (json_valid(body)), closes_at integer, erased_at integer, stirred_at integer,
    check (holder_person is null or holder_team is not null),
    check (wake_at is null or state in ('waiting', 'held', 'pending'))
) strict;
CREATE TABLE events (
    ticket integer not null references tickets (id),
    seq integer not null check (seq > 0),
    at integer not null,
    batch integer not null,
    actor text not null check (json_valid(actor)),
    what text not null check (json_valid(what)),
    primary key (ticket, seq)
) strict;
CREATE TABLE handoffs (
    id integer primary key check (id > 0),
    boundary integer not null,
    from_team text not null,
    to_team text not null,
    open integer not null check (open in (0, 1)),
    changed_batch integer not null,
    version integer not null,
    body text not null check (json_valid(body))
) strict;
CREATE TABLE remembered (
    key text primary key,
    fingerprint text not null,
    at integer not null,
    answer text not null check (json_valid(answer))
) strict, without rowid;
CREATE TABLE revisions (
    number integer primary key check (number > 0),
    at integer not null,
    files text not null check (json_valid(files)),
    zone_version text,
    zones text not null check (json_valid(zones))
) strict;
CREATE TABLE day_rows (
    id integer primary key autoincrement,
    kind text not null check (kind in ('leave', 'override')),
    at integer not null,
    by text not null,
    body text not null check (json_valid(body)),
    removed_at integer
, changed_batch integer not null default 0) strict;
CREATE TABLE tokens (
    name text primary key check (name <> ''),
    hash text not null unique check (length(hash) = 64),
    role text not null check (role in ('admin', 'lead', 'responder', 'reader', 'ingest')),
    person text,
    at integer not null
) strict, without rowid;
CREATE TABLE nodes (
    id text primary key check (id <> ''),
    agreed integer not null,
    at integer not null
) strict, without rowid;
CREATE TABLE schema_needs (
    id integer primary key check (id = 1),
    migration integer not null
) strict;
CREATE TABLE last_backup (
    id integer primary key check (id = 1),
    at integer not null,
    -- The last batch of decisions that is in it.
    batch integer not null check (batch >= 0)
) strict;
CREATE TABLE restores (
    at integer primary key check (at > 0),
    -- When the last decision in the backup was made.
    decided_at integer,
    -- The last number given to a ticket: in the backup, and as if from then on.
    ticket_before integer not null check (ticket_before >= 0),
    ticket_after integer not null check (ticket_after >= ticket_before),
    -- Likewise, of leave and overrides.
    day_row_after integer not null check (day_row_after >= 0)
) strict;
CREATE TABLE keys (
    name text primary key check (name <> ''),
    secret text not null check (secret <> ''),
    at integer not null
) strict, without rowid;
CREATE TABLE "outbox" (
    id text primary key,
    ticket integer references tickets (id),
    -- 0 wakes somebody up, 1 does not.
    urgency integer not null check (urgency in (0, 1)),
    due_at integer not null,
    attempts integer not null default 0 check (attempts >= 0),
    sent_at integer,
    failed_at integer,
    channel text,
    last_error text,
    leased_by text,
    leased_until integer,
    version integer not null,
    body text not null check (json_valid(body)),
    receiver text,
    made integer not null default 0,
    -- 1 is P1.
    priority integer not null default 2,
    -- Channels that were not asked, as they did not answer, as a list in JSON: they have their turn after the others.
    passed text,
    check (sent_at is null or failed_at is null),
    check ((leased_by is null) = (leased_until is null))
) strict, without rowid;
CREATE TABLE trail (
    id text primary key check (id <> ''),
    at integer not null,
    what text not null check (what in ('read', 'forget', 'export')),
    token text,
    person text,
    route text not null,
    tickets text not null check (json_valid(tickets)),
    -- How many tickets there were beside those.
    more integer not null check (more >= 0),
    customer text
) strict, without rowid;
CREATE TABLE forgetting (
    customer text primary key check (customer <> ''),
    pseudonym text not null check (pseudonym <> ''),
    at integer not null,
    -- What the files said of the customer, as JSON.
    known text check (known is null or json_valid(known)),
    -- The last ticket that was looked at, by its last change.
    batch integer not null,
    ticket integer not null
) strict, without rowid;
insert into "_sqlx_migrations" values (1, 'start', '2026-11-22 22:44:13', 1, X'16914F9463F4A1886D085348D0A882C589D2F822B19346DE41C9D4E4DC2C536A6FD0CC891687B595E3232C8186C33DA6', 21606085);
insert into "_sqlx_migrations" values (10, 'privacy', '2026-11-22 22:44:13', 1, X'1757F2B2FC1589DBE3701DA8E9E160C3F21366F9F7D3360A8BF0DD4162508D7DF86D40529AA78113B6A97C92DE16819A', 4854277);
insert into "_sqlx_migrations" values (2, 'nodes', '2026-11-22 22:44:13', 1, X'AD98A9593C634565C8D736A558AB342E662F03C0017D9368FF0350D1CB1617AC8D06EDB59399561FA5182D402FA49F46', 1708945);
insert into "_sqlx_migrations" values (3, 'retention', '2026-11-22 22:44:13', 1, X'EB58D56CB639429197AA49333EFC5967C3D1B806E3435AA1785405FFD1E72C979B788E953C09E78BB5F34883A69AB0C2', 426174);
insert into "_sqlx_migrations" values (4, 'last backup', '2026-11-22 22:44:13', 1, X'BF23AF6AADA9ED1E6C311A63C1F8056DE9C5D0E72401366ED3C0E028C38774B83BFEB3996DEDE22334ADB0D1D8F17AF8', 342719);
insert into "_sqlx_migrations" values (5, 'restores', '2026-11-22 22:44:13', 1, X'80FA7FF99098BB51CE0C1359DD872D94F6FF5D661DB2CDA5C4A9A674DB9FCC402598D6FF744D59A4E6BBF66E755FC5F9', 1590795);
insert into "_sqlx_migrations" values (6, 'order', '2026-11-22 22:44:13', 1, X'D76724793FE43E5D357D0D794B815DD94F17AAC53FB3B0406EAD19B369077E93F16BD09182C4ED1EFAAA2A1EAB658470', 5666921);
insert into "_sqlx_migrations" values (7, 'closing', '2026-11-22 22:44:13', 1, X'4B6813B82E7A6F3C2306AEA68393A2179063CFCC40C81D125C0BA0D8FD6CD77A01D791D61414839B2DFDD398E2A34A32', 680578);
insert into "_sqlx_migrations" values (8, 'reports', '2026-11-22 22:44:13', 1, X'31B4AA711301DD5E87651739F4F06B4CDC2A3757D07AD3EF10DE49016A764DFB0FCBC99957A9D0719B9000262B29AC58', 291424);
insert into "_sqlx_migrations" values (9, 'shifts', '2026-11-22 22:44:13', 1, X'9A8A13DE723151DE500598453C5AE57C5C284245A41F1F1A0B9FCCB7CA7E1632801F567874D2008B6B3C9BE2DE387DFF', 2775883);
insert into "desk" values (1, 27, 1772466000000, 6, 1, '5ae811818815371ba6d9ba92b36c3dfb');
insert into "turns" values ('amer', 'carol', 16);
insert into "turns" values ('emea', 'anna', 19);
insert into "tickets" values (1, 'held', 'P1', 1772442000000, 'anna', 'emea', 'amer', NULL, NULL, 'eu', 1772467200000, 26, 1, '{"id":1,"opened_at":"2026-03-02T09:00:00Z","facts":{"title":"Everything is down","priority":"P1","customer":"acme","residency":"eu"},"priority":"P1","state":"held","holder":{"kind":"person","person":"anna","team":"emea","since":"2026-03-02T09:00:00Z"},"offer":{"kind":"handoff","team":"amer","ask":["carol"],"since":"2026-03-02T15:30:00Z","expires_at":"2026-03-02T16:00:00Z","handoff":1},"path":{"policy":"standard","step":0,"hours_asked":false,"lines_called":0,"round":0,"since":"2026-03-02T09:00:00Z"},"resolve":{"allowed_seconds":3600,"spent_seconds":0,"clock":{"kind":"open","team":"emea"},"running_since":"2026-03-02T09:00:00Z","due":"2026-03-02T10:00:00Z"},"overran_at":"2026-03-02T15:30:00Z","asked":[{"person":"carol","team":"amer"}],"briefing":{"summary":"all of it","done_so_far":"","next_action":"","waiting_on":"","customer_mood":"","composed":false},"briefed_by":"anna","recent":["looked at the \"logs\"\n🌍"],"hops":0,"reviewed_hops":0,"count":1,"seq":11}', NULL, NULL, NULL);
insert into "tickets" values (2, 'resolved', 'P3', 1772442000000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 8, 1, '{"id":2,"opened_at":"2026-03-02T09:00:00Z","facts":{"title":"Printer","priority":"P3"},"priority":"P3","state":"resolved","holder":{"kind":"nobody","reason":"done"},"path":{"policy":"standard","step":0,"hours_asked":false,"lines_called":0,"round":0,"since":"2026-03-02T09:00:00Z"},"closes_at":"2026-03-09T09:00:00Z","past":[{"person":"bjorn","team":"emea"}],"hops":0,"reviewed_hops":0,"count":1,"seq":7}', 1773046800000, NULL, NULL);
insert into "tickets" values (3, 'closed', 'P5', 1772442000000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 12, 1, '{"id":3,"opened_at":"2026-03-02T09:00:00Z","facts":{"title":"Spam","priority":"P5"},"priority":"P5","state":"closed","holder":{"kind":"nobody","reason":"done"},"path":{"policy":"standard","step":0,"hours_asked":false,"lines_called":0,"round":0,"since":"2026-03-02T09:00:00Z"},"past":[{"person":"anna","team":"emea"}],"hops":0,"reviewed_hops":0,"count":1,"seq":8}', NULL, NULL, NULL);
insert into "tickets" values (4, 'pending', 'P2', 1772442000000, 'bjorn', 'emea', NULL, NULL, NULL, NULL, 1772552400000, 27, 1, '{"id":4,"opened_at":"2026-03-02T09:00:00Z","facts":{"title":"Waits for the customer","priority":"P2"},"priority":"P2","state":"pending","holder":{"kind":"person","person":"bjorn","team":"emea","since":"2026-03-02T09:00:00Z"},"path":{"policy":"standard","step":0,"hours_asked":false,"lines_called":0,"round":0,"since":"2026-03-02T09:00:00Z"},"resolve":{"allowed_seconds":14400,"spent_seconds":0,"clock":{"kind":"calendar"}},"pending":{"on":"customer","until":"2026-03-05T09:00:00Z"},"hops":0,"reviewed_hops":0,"count":1,"seq":9}', NULL, NULL, NULL);
insert into "tickets" values (5, 'waiting', 'P3', 1772465400000, NULL, NULL, NULL, NULL, NULL, NULL, 1772532000000, 26, 1, '{"id":5,"opened_at":"2026-03-02T15:30:00Z","facts":{"title":"Slow line","priority":"P3","skills":["network"]},"priority":"P3","state":"waiting","holder":{"kind":"nobody","reason":"parked","look_again":"2026-03-03T10:00:00Z"},"path":{"policy":"standard","step":0,"hours_asked":false,"lines_called":0,"round":0,"since":"2026-03-02T15:30:00Z"},"hops":0,"reviewed_hops":0,"count":1,"seq":3}', NULL, NULL, NULL);
insert into "tickets" values (6, 'waiting', 'P3', 1772465700000, NULL, NULL, 'emea', 'disk', 'INC-7', NULL, 1772467200000, 26, 1, '{"id":6,"opened_at":"2026-03-02T15:35:00Z","facts":{"title":"Disk full","priority":"P3","dedup_key":"disk","external_ref":"INC-7"},"priority":"P3","state":"waiting","holder":{"kind":"nobody","reason":"offered"},"offer":{"kind":"routing","team":"emea","ask":["anna"],"since":"2026-03-02T15:35:00Z","expires_at":"2026-03-03T09:35:00Z"},"path":{"policy":"standard","step":0,"hours_asked":false,"lines_called":0,"round":0,"since":"2026-03-02T15:35:00Z"},"acknowledge":{"allowed_seconds":7200,"spent_seconds":0,"clock":{"kind":"open","team":"emea"},"running_since":"2026-03-02T15:35:00Z","due":"2026-03-03T09:35:00Z"},"asked":[{"person":"anna","team":"emea"}],"hops":0,"reviewed_hops":0,"count":2,"seq":5}', NULL, NULL, NULL);
insert into "events" values (1, 1, 1772442000000, 3, '{"kind":"token","id":"mail"}', '{"event":"opened","facts":{"title":"Everything is down","priority":"P1","customer":"acme","residency":"eu"},"priority":"P1"}');
insert into "events" values (1, 10, 1772465400000, 16, '{"kind":"system"}', '{"event":"offered","offer":{"kind":"handoff","team":"amer","ask":["carol"],"since":"2026-03-02T15:30:00Z","expires_at":"2026-03-02T16:00:00Z","handoff":1},"decision":{"text":"Ahead of the shift end. Offered to amer, carol first, in en: they are in their hours by then. P1, no route matches, policy standard, step 1 (frontline).","at":"2026-03-02T15:30:00Z","revision":2,"policy":"standard","step":0,"tier":"frontline","outcome":{"kind":"offer","team":"amer","ask":["carol"]},"rejected":[{"team":"emea","reason":"nobody_at_work","detail":"closed until 2026-03-03 08:00 UTC"},{"team":"network","reason":"nobody_at_work","detail":"closed until 2026-03-03 10:00 UTC"}],"counts":{"nobody_at_work":2},"loads":{"carol":0}}}');
insert into "events" values (1, 11, 1772465400000, 17, '{"kind":"person","id":"anna"}', '{"event":"briefed","briefing":{"summary":"all of it","done_so_far":"","next_action":"","waiting_on":"","customer_mood":"","composed":false}}');
insert into "events" values (1, 2, 1772442000000, 3, '{"kind":"system"}', '{"event":"path_taken","path":{"policy":"standard","step":0,"hours_asked":false,"lines_called":0,"round":0,"since":"2026-03-02T09:00:00Z"},"why":"routed"}');
insert into "events" values (1, 3, 1772442000000, 3, '{"kind":"system"}', '{"event":"offered","offer":{"kind":"routing","team":"emea","ask":["anna"],"since":"2026-03-02T09:00:00Z","expires_at":"2026-03-02T09:05:00Z"},"decision":{"text":"Offered to emea, anna first, in en: they are in their hours. P1, no route matches, policy standard, step 1 (frontline).","at":"2026-03-02T09:00:00Z","revision":2,"policy":"standard","step":0,"tier":"frontline","outcome":{"kind":"offer","team":"emea","ask":["anna"]},"rejected":[{"team":"amer","reason":"nobody_at_work","detail":"closed until 2026-03-02 16:00 UTC"},{"team":"network","reason":"nobody_at_work","detail":"closed until 2026-03-02 10:00 UTC"}],"counts":{"nobody_at_work":2},"loads":{"anna":0,"bjorn":0}}}');
insert into "events" values (1, 4, 1772442000000, 3, '{"kind":"system"}', '{"event":"waits_set","acknowledge":{"allowed_seconds":300,"spent_seconds":0,"clock":{"kind":"open","team":"emea"},"running_since":"2026-03-02T09:00:00Z","due":"2026-03-02T09:05:00Z"},"resolve":null}');
insert into "events" values (1, 5, 1772442000000, 4, '{"kind":"person","id":"anna"}', '{"event":"acknowledged","seat":{"person":"anna","team":"emea"},"handoff":null}');
insert into "events" values (1, 6, 1772442000000, 4, '{"kind":"system"}', '{"event":"waits_set","acknowledge":null,"resolve":{"allowed_seconds":3600,"spent_seconds":0,"clock":{"kind":"open","team":"emea"},"running_since":"2026-03-02T09:00:00Z","due":"2026-03-02T10:00:00Z"}}');
insert into "events" values (1, 7, 1772442000000, 5, '{"kind":"person","id":"anna"}', '{"event":"noted","text":"looked at the \"logs\"\n🌍","progress":true}');
insert into "events" values (1, 8, 1772465400000, 16, '{"kind":"system"}', '{"event":"overran","action":"told"}');
insert into "events" values (1, 9, 1772465400000, 16, '{"kind":"system"}', '{"event":"told","people":["anna"],"why":"it has not been resolved in time"}');
insert into "events" values (2, 1, 1772442000000, 6, '{"kind":"token","id":"mail"}', '{"event":"opened","facts":{"title":"Printer","priority":"P3"},"priority":"P3"}');
insert into "events" values (2, 2, 1772442000000, 6, '{"kind":"system"}', '{"event":"path_taken","path":{"policy":"standard","step":0,"hours_asked":false,"lines_called":0,"round":0,"since":"2026-03-02T09:00:00Z"},"why":"routed"}');
insert into "events" values (2, 3, 1772442000000, 6, '{"kind":"system"}', '{"event":"offered","offer":{"kind":"routing","team":"emea","ask":["bjorn"],"since":"2026-03-02T09:00:00Z","expires_at":"2026-03-02T11:00:00Z"},"decision":{"text":"Offered to emea, bjorn first, in en: they are in their hours. P3, no route matches, policy standard, step 1 (frontline).","at":"2026-03-02T09:00:00Z","revision":2,"policy":"standard","step":0,"tier":"frontline","outcome":{"kind":"offer","team":"emea","ask":["bjorn"]},"rejected":[{"team":"amer","reason":"nobody_at_work","detail":"closed until 2026-03-02 16:00 UTC"},{"team":"network","reason":"nobody_at_work","detail":"closed until 2026-03-02 10:00 UTC"}],"counts":{"nobody_at_work":2},"loads":{"anna":1,"bjorn":0}}}');
insert into "events" values (2, 4, 1772442000000, 6, '{"kind":"system"}', '{"event":"waits_set","acknowledge":{"allowed_seconds":7200,"spent_seconds":0,"clock":{"kind":"open","team":"emea"},"running_since":"2026-03-02T09:00:00Z","due":"2026-03-02T11:00:00Z"},"resolve":null}');
insert into "events" values (2, 5, 1772442000000, 7, '{"kind":"person","id":"bjorn"}', '{"event":"acknowledged","seat":{"person":"bjorn","team":"emea"},"handoff":null}');
insert into "events" values (2, 6, 1772442000000, 7, '{"kind":"system"}', '{"event":"waits_set","acknowledge":null,"resolve":{"allowed_seconds":86400,"spent_seconds":0,"clock":{"kind":"open","team":"emea"},"running_since":"2026-03-02T09:00:00Z","due":"2026-03-05T09:00:00Z"}}');
insert into "events" values (2, 7, 1772442000000, 8, '{"kind":"person","id":"bjorn"}', '{"event":"resolved","notes":"paper","cause":null,"closes_at":"2026-03-09T09:00:00Z"}');
insert into "events" values (3, 1, 1772442000000, 9, '{"kind":"token","id":"mail"}', '{"event":"opened","facts":{"title":"Spam","priority":"P5"},"priority":"P5"}');
insert into "events" values (3, 2, 1772442000000, 9, '{"kind":"system"}', '{"event":"path_taken","path":{"policy":"standard","step":0,"hours_asked":false,"lines_called":0,"round":0,"since":"2026-03-02T09:00:00Z"},"why":"routed"}');
insert into "events" values (3, 3, 1772442000000, 9, '{"kind":"system"}', '{"event":"offered","offer":{"kind":"routing","team":"emea","ask":["anna"],"since":"2026-03-02T09:00:00Z","expires_at":"2026-03-10T09:00:00Z"},"decision":{"text":"Offered to emea, anna first, in en: they are in their hours. P5, no route matches, policy standard, step 1 (frontline).","at":"2026-03-02T09:00:00Z","revision":2,"policy":"standard","step":0,"tier":"frontline","outcome":{"kind":"offer","team":"emea","ask":["anna"]},"rejected":[{"team":"amer","reason":"nobody_at_work","detail":"closed until 2026-03-02 16:00 UTC"},{"team":"network","reason":"nobody_at_work","detail":"closed until 2026-03-02 10:00 UTC"}],"counts":{"nobody_at_work":2},"loads":{"anna":1,"bjorn":0}}}');
insert into "events" values (3, 4, 1772442000000, 9, '{"kind":"system"}', '{"event":"waits_set","acknowledge":{"allowed_seconds":172800,"spent_seconds":0,"clock":{"kind":"open","team":"emea"},"running_since":"2026-03-02T09:00:00Z","due":"2026-03-10T09:00:00Z"},"resolve":null}');
insert into "events" values (3, 5, 1772442000000, 10, '{"kind":"person","id":"anna"}', '{"event":"acknowledged","seat":{"person":"anna","team":"emea"},"handoff":null}');
insert into "events" values (3, 6, 1772442000000, 10, '{"kind":"system"}', '{"event":"waits_set","acknowledge":null,"resolve":{"allowed_seconds":432000,"spent_seconds":0,"clock":{"kind":"open","team":"emea"},"running_since":"2026-03-02T09:00:00Z","due":"2026-03-23T09:00:00Z"}}');
insert into "events" values (3, 7, 1772442000000, 11, '{"kind":"person","id":"anna"}', '{"event":"resolved","notes":"none of ours","cause":null,"closes_at":"2026-03-09T09:00:00Z"}');
insert into "events" values (3, 8, 1772442000000, 12, '{"kind":"person","id":"anna"}', '{"event":"closed","reason":"spam"}');
insert into "events" values (4, 1, 1772442000000, 13, '{"kind":"token","id":"mail"}', '{"event":"opened","facts":{"title":"Waits for the customer","priority":"P2"},"priority":"P2"}');
insert into "events" values (4, 2, 1772442000000, 13, '{"kind":"system"}', '{"event":"path_taken","path":{"policy":"standard","step":0,"hours_asked":false,"lines_called":0,"round":0,"since":"2026-03-02T09:00:00Z"},"why":"routed"}');
insert into "events" values (4, 3, 1772442000000, 13, '{"kind":"system"}', '{"event":"offered","offer":{"kind":"routing","team":"emea","ask":["bjorn"],"since":"2026-03-02T09:00:00Z","expires_at":"2026-03-02T09:15:00Z"},"decision":{"text":"Offered to emea, bjorn first, in en: they are in their hours. P2, no route matches, policy standard, step 1 (frontline).","at":"2026-03-02T09:00:00Z","revision":2,"policy":"standard","step":0,"tier":"frontline","outcome":{"kind":"offer","team":"emea","ask":["bjorn"]},"rejected":[{"team":"amer","reason":"nobody_at_work","detail":"closed until 2026-03-02 16:00 UTC"},{"team":"network","reason":"nobody_at_work","detail":"closed until 2026-03-02 10:00 UTC"}],"counts":{"nobody_at_work":2},"loads":{"anna":1,"bjorn":0}}}');
insert into "events" values (4, 4, 1772442000000, 13, '{"kind":"system"}', '{"event":"waits_set","acknowledge":{"allowed_seconds":900,"spent_seconds":0,"clock":{"kind":"calendar"},"running_since":"2026-03-02T09:00:00Z","due":"2026-03-02T09:15:00Z"},"resolve":null}');
insert into "events" values (4, 5, 1772442000000, 14, '{"kind":"person","id":"bjorn"}', '{"event":"acknowledged","seat":{"person":"bjorn","team":"emea"},"handoff":null}');
insert into "events" values (4, 6, 1772442000000, 14, '{"kind":"system"}', '{"event":"waits_set","acknowledge":null,"resolve":{"allowed_seconds":14400,"spent_seconds":0,"clock":{"kind":"calendar"},"running_since":"2026-03-02T09:00:00Z","due":"2026-03-02T13:00:00Z"}}');
insert into "events" values (4, 7, 1772442000000, 15, '{"kind":"person","id":"bjorn"}', '{"event":"pended","pending":{"on":"customer","until":"2026-03-05T09:00:00Z"},"reason":"asked for logs"}');
insert into "events" values (4, 8, 1772442000000, 15, '{"kind":"system"}', '{"event":"waits_set","acknowledge":null,"resolve":{"allowed_seconds":14400,"spent_seconds":0,"clock":{"kind":"calendar"}}}');
insert into "events" values (4, 9, 1772466000000, 27, '{"kind":"system"}', '{"event":"notice_failed","notice":"4-4-0-1772438400000","to":"bjorn","reason":"no channel is set up"}');
insert into "events" values (5, 1, 1772465400000, 18, '{"kind":"token","id":"mail"}', '{"event":"opened","facts":{"title":"Slow line","priority":"P3","skills":["network"]},"priority":"P3"}');
insert into "events" values (5, 2, 1772465400000, 18, '{"kind":"system"}', '{"event":"path_taken","path":{"policy":"standard","step":0,"hours_asked":false,"lines_called":0,"round":0,"since":"2026-03-02T15:30:00Z"},"why":"routed"}');
insert into "events" values (5, 3, 1772465400000, 18, '{"kind":"system"}', '{"event":"parked","reason":"parked","until":"2026-03-03T10:00:00Z","decision":{"text":"Nobody who may take it is at work: parked until 2026-03-03 10:00 UTC, when network can. P3, no route matches, policy standard, step 1 (frontline).","at":"2026-03-02T15:30:00Z","revision":2,"policy":"standard","step":0,"tier":"frontline","outcome":{"kind":"park","team":"network","until":"2026-03-03T10:00:00Z"},"rejected":[{"team":"amer","reason":"nobody_at_work","detail":"closed until 2026-03-02 16:00 UTC"},{"team":"network","reason":"nobody_at_work","detail":"closed until 2026-03-03 10:00 UTC"},{"team":"emea","reason":"skill","detail":"anna, bjorn: none has the skills it needs"}],"counts":{"skill":1,"nobody_at_work":2}}}');
insert into "events" values (6, 1, 1772465700000, 19, '{"kind":"token","id":"mail"}', '{"event":"opened","facts":{"title":"Disk full","priority":"P3","dedup_key":"disk","external_ref":"INC-7"},"priority":"P3"}');
insert into "events" values (6, 2, 1772465700000, 19, '{"kind":"system"}', '{"event":"path_taken","path":{"policy":"standard","step":0,"hours_asked":false,"lines_called":0,"round":0,"since":"2026-03-02T15:35:00Z"},"why":"routed"}');
insert into "events" values (6, 3, 1772465700000, 19, '{"kind":"system"}', '{"event":"offered","offer":{"kind":"routing","team":"emea","ask":["anna"],"since":"2026-03-02T15:35:00Z","expires_at":"2026-03-03T09:35:00Z"},"decision":{"text":"Offered to emea, anna first, in en: they are in their hours. P3, no route matches, policy standard, step 1 (frontline).","at":"2026-03-02T15:35:00Z","revision":2,"policy":"standard","step":0,"tier":"frontline","outcome":{"kind":"offer","team":"emea","ask":["anna"]},"rejected":[{"team":"amer","reason":"nobody_at_work","detail":"closed until 2026-03-02 16:00 UTC"},{"team":"network","reason":"nobody_at_work","detail":"closed until 2026-03-03 10:00 UTC"}],"counts":{"nobody_at_work":2},"loads":{"anna":1,"bjorn":1}}}');
insert into "events" values (6, 4, 1772465700000, 19, '{"kind":"system"}', '{"event":"waits_set","acknowledge":{"allowed_seconds":7200,"spent_seconds":0,"clock":{"kind":"open","team":"emea"},"running_since":"2026-03-02T15:35:00Z","due":"2026-03-03T09:35:00Z"},"resolve":null}');
insert into "events" values (6, 5, 1772465700000, 20, '{"kind":"token","id":"mail"}', '{"event":"repeated","priority":"P3"}');
insert into "handoffs" values (1, 1772467200000, 'emea', 'amer', 1, 17, 1, '{"id":1,"boundary":"2026-03-02T16:00:00Z","from":"emea","to":"amer","items":[{"ticket":1,"from":"anna","outcome":{"kind":"offered"},"briefing":{"summary":"all of it","done_so_far":"","next_action":"","waiting_on":"","customer_mood":"","composed":false}}]}');
insert into "remembered" values ('mail: key', 'POST /v1/tickets', 1772442000000, '{"created":true,"decision":{"at":"2026-03-02T09:00:00Z","counts":{"nobody_at_work":2},"loads":{"anna":1,"bjorn":0},"outcome":{"ask":["bjorn"],"kind":"offer","team":"emea"},"policy":"standard","rejected":[{"detail":"closed until 2026-03-02 16:00 UTC","reason":"nobody_at_work","team":"amer"},{"detail":"closed until 2026-03-02 10:00 UTC","reason":"nobody_at_work","team":"network"}],"revision":2,"step":0,"text":"Offered to emea, bjorn first, in en: they are in their hours. P2, no route matches, policy standard, step 1 (frontline).","tier":"frontline"},"kind":"ticket","ticket":{"acknowledge":{"allowed_seconds":900,"clock":{"kind":"calendar"},"due":"2026-03-02T09:15:00Z","running_since":"2026-03-02T09:00:00Z","spent_seconds":0},"asked":[{"person":"bjorn","team":"emea"}],"count":1,"facts":{"priority":"P2","title":"Waits for the customer"},"holder":{"kind":"nobody","reason":"offered"},"hops":0,"id":4,"offer":{"ask":["bjorn"],"expires_at":"2026-03-02T09:15:00Z","kind":"routing","since":"2026-03-02T09:00:00Z","team":"emea"},"opened_at":"2026-03-02T09:00:00Z","path":{"hours_asked":false,"lines_called":0,"policy":"standard","round":0,"since":"2026-03-02T09:00:00Z","step":0},"priority":"P2","reviewed_hops":0,"seq":4,"state":"waiting"}}');
insert into "revisions" values (1, 1772442000000, '{"org.toml":"\n[org]\nname = \"Example\"\ntiers = [\"frontline\"]\npolicy = \"standard\"\nlast_resort = \"dave\"\n[regions.emea]\ntimezone = \"UTC\"\nresidency = \"eu\"\n[regions.amer]\ntimezone = \"UTC\"\nresidency = \"eu\"\n[teams.emea]\nregion = \"emea\"\ntier = \"frontline\"\nmembers = [\"anna\", \"bjorn\"]\nassign = \"round-robin\"\nhours = [{ days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"], from = \"08:00\", to = \"16:00\" }]\n[teams.amer]\nregion = \"amer\"\ntier = \"frontline\"\nmembers = [\"carol\"]\nhours = [{ days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"], from = \"16:00\", to = \"24:00\" }]\n[teams.network]\nregion = \"amer\"\ntier = \"frontline\"\nmembers = [\"dave\"]\nskills = [\"network\"]\nhours = [{ from = \"10:00\", to = \"12:00\" }]\n[people.anna]\ncontact = [\"chat\"]\n[people.bjorn]\ncontact = [\"chat\"]\n[people.carol]\ncontact = [\"chat\"]\n[people.dave]\n\n[customers.acme]\nname = \"Acme\"\nresidency = \"eu\"\n[priorities]\nP1 = { when_closed = \"park\", at_shift_end = \"hand-over\" }\n[policies.standard]\nsteps = [{ tier = \"frontline\" }]\n"}', '2026f', '{"UTC":"VFppZjIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAAEAAAAAAAAAVFppZjIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAAQAAAAAAABVVEMAClVUQzAK"}');
insert into "revisions" values (2, 1772442000000, '{"org.toml":"\n[org]\nname = \"Example\"\ntiers = [\"frontline\"]\npolicy = \"standard\"\nlast_resort = \"dave\"\n[regions.emea]\ntimezone = \"UTC\"\nresidency = \"eu\"\n[regions.amer]\ntimezone = \"UTC\"\nresidency = \"eu\"\n[teams.emea]\nregion = \"emea\"\ntier = \"frontline\"\nmembers = [\"anna\", \"bjorn\"]\nassign = \"round-robin\"\nhours = [{ days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"], from = \"08:00\", to = \"16:00\" }]\n[teams.amer]\nregion = \"amer\"\ntier = \"frontline\"\nmembers = [\"carol\"]\nhours = [{ days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"], from = \"16:00\", to = \"24:00\" }]\n[teams.network]\nregion = \"amer\"\ntier = \"frontline\"\nmembers = [\"dave\"]\nskills = [\"network\"]\nhours = [{ from = \"10:00\", to = \"12:00\" }]\n[people.anna]\ncontact = [\"chat\"]\n[people.bjorn]\ncontact = [\"chat\"]\n[people.carol]\ncontact = [\"chat\"]\n[people.dave]\nname = \"Dave\"\n[customers.acme]\nname = \"Acme\"\nresidency = \"eu\"\n[priorities]\nP1 = { when_closed = \"park\", at_shift_end = \"hand-over\" }\n[policies.standard]\nsteps = [{ tier = \"frontline\" }]\n"}', '2026f', '{"UTC":"VFppZjIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAAEAAAAAAAAAVFppZjIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAAQAAAAAAABVVEMAClVUQzAK"}');
insert into "day_rows" values (1, 'leave', 1772466000000, 'anna', '{"from":"2026-03-05","person":"anna","to":"2026-03-06"}', NULL, 21);
insert into "day_rows" values (2, 'override', 1772466000000, 'lead', '{"from":"2026-03-03","only":[],"team":"amer","to":"2026-03-03"}', 1772466000000, 25);
insert into "tokens" values ('mail', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'ingest', NULL, 1772466000000);
insert into "nodes" values ('node', 2, 1772466000000);
insert into "schema_needs" values (1, 2);
insert into "last_backup" values (1, 1772460000000, 7);
insert into "restores" values (1772438400000, NULL, 0, 0, 0);
insert into "keys" values ('acknowledge-links', 'a key that all nodes share', 1772466000000);
insert into "outbox" values ('1-10-1-1772438400000', 1, 1, 1772466120000, 1, NULL, NULL, 'chat', 'answered with 503', NULL, NULL, 1, '{"id":"1-10-1-1772438400000","at":"2026-03-02T15:30:00Z","ticket":1,"priority":"P1","kind":"offer","to":"carol","about":{"title":"Everything is down","customer":"Acme"},"says":{"says":"asked","how":"handed_over","team":"amer","until":"2026-03-02T16:00:00Z","briefing":{"summary":"Everything is down, open since 2026-03-02 09:00 UTC","done_so_far":"looked at the \"logs\"\n🌍","next_action":"","waiting_on":"","customer_mood":"","composed":true},"handoff":1},"expires_at":"2026-03-02T16:00:00Z"}', 'carol', 16777217, 1, NULL);
insert into "outbox" values ('1-10-2-1772438400000', 1, 1, 1772465400000, 0, NULL, NULL, NULL, NULL, NULL, NULL, 1, '{"id":"1-10-2-1772438400000","at":"2026-03-02T15:30:00Z","ticket":1,"priority":"P1","kind":"briefing_asked","to":"anna","about":{"title":"Everything is down","customer":"Acme"},"says":{"says":"briefing_asked","to":"amer","until":"2026-03-02T16:00:00Z"}}', 'anna', 16777218, 1, NULL);
insert into "outbox" values ('1-4-0-1772438400000', 1, 1, 1772442000000, 1, 1772466000000, NULL, 'chat', NULL, NULL, NULL, 1, '{"id":"1-4-0-1772438400000","at":"2026-03-02T09:00:00Z","ticket":1,"priority":"P1","kind":"offer","to":"anna","about":{"title":"Everything is down","customer":"Acme"},"says":{"says":"asked","how":"offered","team":"emea","until":"2026-03-02T09:05:00Z"},"expires_at":"2026-03-02T09:05:00Z"}', 'anna', 3145728, 1, NULL);
insert into "outbox" values ('1-9-0-1772438400000', 1, 1, 1772465400000, 0, NULL, NULL, NULL, NULL, NULL, NULL, 1, '{"id":"1-9-0-1772438400000","at":"2026-03-02T15:30:00Z","ticket":1,"priority":"P1","kind":"told","to":"anna","about":{"title":"Everything is down","customer":"Acme"},"says":{"says":"told","why":{"why":"overran"}}}', 'anna', 16777216, 1, NULL);
insert into "outbox" values ('2-4-0-1772438400000', 2, 1, 1772442000000, 0, NULL, NULL, NULL, NULL, 'node', 1772466060000, 1, '{"id":"2-4-0-1772438400000","at":"2026-03-02T09:00:00Z","ticket":2,"priority":"P3","kind":"offer","to":"bjorn","about":{"title":"Printer"},"says":{"says":"asked","how":"offered","team":"emea","until":"2026-03-02T11:00:00Z"},"expires_at":"2026-03-02T11:00:00Z"}', 'bjorn', 6291456, 3, NULL);
insert into "outbox" values ('3-4-0-1772438400000', 3, 1, 1772442000000, 0, NULL, NULL, NULL, NULL, NULL, NULL, 1, '{"id":"3-4-0-1772438400000","at":"2026-03-02T09:00:00Z","ticket":3,"priority":"P5","kind":"offer","to":"anna","about":{"title":"Spam"},"says":{"says":"asked","how":"offered","team":"emea","until":"2026-03-10T09:00:00Z"},"expires_at":"2026-03-10T09:00:00Z"}', 'anna', 9437184, 5, NULL);
insert into "outbox" values ('4-4-0-1772438400000', 4, 1, 1772442000000, 1, NULL, 1772466000000, NULL, 'no channel is set up', NULL, NULL, 1, '{"id":"4-4-0-1772438400000","at":"2026-03-02T09:00:00Z","ticket":4,"priority":"P2","kind":"offer","to":"bjorn","about":{"title":"Waits for the customer"},"says":{"says":"asked","how":"offered","team":"emea","until":"2026-03-02T09:15:00Z"},"expires_at":"2026-03-02T09:15:00Z"}', 'bjorn', 13631488, 2, NULL);
insert into "outbox" values ('6-4-0-1772438400000', 6, 1, 1772465700000, 0, NULL, NULL, NULL, NULL, NULL, NULL, 1, '{"id":"6-4-0-1772438400000","at":"2026-03-02T15:35:00Z","ticket":6,"priority":"P3","kind":"offer","to":"anna","about":{"title":"Disk full"},"says":{"says":"asked","how":"offered","team":"emea","until":"2026-03-03T09:35:00Z"},"expires_at":"2026-03-03T09:35:00Z"}', 'anna', 19922944, 3, NULL);
insert into "trail" values ('1772466000000-3141e3468e716f2b', 1772466000000, 'forget', NULL, NULL, 'POST /v1/forget', '[]', 0, 'somebody');
insert into "forgetting" values ('somebody', 'forgotten-c81f138bfcd295ca', 1772466000000, NULL, 0, 0);
delete from sqlite_sequence;
insert into "sqlite_sequence" values ('day_rows', 2);
CREATE INDEX tickets_by_state on tickets (state, id);
CREATE INDEX tickets_by_priority on tickets (priority, state, id);
CREATE INDEX tickets_by_holder on tickets (holder_person, id) where holder_person is not null;
CREATE INDEX tickets_by_holder_team on tickets (holder_team, id) where holder_team is not null;
CREATE INDEX tickets_by_offer_team on tickets (offer_team, id) where offer_team is not null;
CREATE INDEX tickets_by_external_ref on tickets (external_ref, id) where external_ref is not null;
CREATE INDEX tickets_by_changed_batch on tickets (changed_batch, id);
CREATE UNIQUE INDEX tickets_live_dedup_key on tickets (dedup_key)
    where dedup_key is not null and state in ('waiting', 'held', 'pending');
CREATE INDEX events_by_batch on events (batch, ticket, seq);
CREATE INDEX handoffs_open on handoffs (id) where open = 1;
CREATE INDEX handoffs_by_boundary on handoffs (boundary, id);
CREATE INDEX handoffs_by_changed_batch on handoffs (changed_batch, id);
CREATE INDEX remembered_by_age on remembered (at, key);
CREATE INDEX day_rows_in_force on day_rows (kind, id) where removed_at is null;
CREATE INDEX day_rows_by_changed_batch on day_rows (changed_batch);
CREATE INDEX tickets_closing on tickets (id) where closes_at is not null;
CREATE INDEX tickets_by_opened_at on tickets (opened_at, id);
CREATE INDEX outbox_worst on outbox (urgency, priority, due_at, id) where sent_at is null and failed_at is null;
CREATE INDEX outbox_failed on outbox (failed_at, id) where failed_at is not null;
CREATE INDEX outbox_sent on outbox (sent_at, id) where sent_at is not null;
CREATE INDEX outbox_by_ticket on outbox (ticket, id);
CREATE INDEX outbox_before on outbox (ticket, receiver, made) where sent_at is null and failed_at is null;
CREATE INDEX outbox_made on outbox (made);
CREATE INDEX tickets_erased on tickets (stirred_at, id) where erased_at is not null;
CREATE INDEX tickets_whole on tickets (changed_batch, id) where erased_at is null and state in ('resolved', 'closed');
CREATE INDEX trail_by_customer on trail (customer, id) where customer is not null;
CREATE TRIGGER events_of_live_tickets_are_never_deleted before delete on events
when (select state from tickets where id = old.ticket) in ('waiting', 'held', 'pending')
begin
    select raise(abort, 'events are never deleted');
end;
CREATE TRIGGER events_are_never_changed before update on events
when new.ticket is not old.ticket or new.seq is not old.seq or new.at is not old.at
    or new.batch is not old.batch or new.actor is not old.actor
    or (new.what ->> '$.event') is not (old.what ->> '$.event')
    or not exists (
        select 1
        from tickets
        where id = old.ticket and erased_at is not null and state in ('resolved', 'closed')
    )
begin
    select raise(abort, 'events are never changed');
end;
CREATE TRIGGER the_trail_is_never_changed before update on trail
when new.id is not old.id or new.at is not old.at or new.what is not old.what or new.token is not old.token
    or new.person is not old.person or new.route is not old.route or new.tickets is not old.tickets
    or new.more is not old.more
begin
    select raise(abort, 'the trail is never changed');
end;
