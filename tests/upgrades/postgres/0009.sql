CREATE FUNCTION public.events_are_only_added_to() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if tg_op = 'UPDATE' then
        raise exception 'events are never changed';
    end if;
    raise exception 'events are never deleted';
end
$$;

CREATE FUNCTION public.events_lose_words_at_most() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if (new.ticket, new.seq, new.at, new.batch, new.actor) is distinct from
            (old.ticket, old.seq, old.at, old.batch, old.actor)
        or (new.what::json ->> 'event') is distinct from (old.what::json ->> 'event')
        or not exists (
            select 1
            from tickets
            where id = old.ticket and erased_at is not null and state in ('resolved', 'closed')
        )
    then
        raise exception 'events are never changed';
    end if;
    return new;
end
$$;

CREATE FUNCTION public.events_of_live_tickets_are_kept() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if (select state from tickets where id = old.ticket) in ('waiting', 'held', 'pending') then
        raise exception 'events are never deleted';
    end if;
    return old;
end
$$;

CREATE FUNCTION public.json_each(data text) RETURNS TABLE(key text, value jsonb, atom text)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
    with given as materialized (select data::jsonb as whole)
    select (place - 1)::text, part, part #>> '{}'
    from given, jsonb_array_elements(case jsonb_typeof(whole) when 'array' then whole else '[]' end)
        with ordinality as parts (part, place)
    union all
    select name, part, part #>> '{}'
    from given, jsonb_each(case jsonb_typeof(whole) when 'object' then whole else '{}' end) as parts (name, part)
$$;

CREATE FUNCTION public.the_trail_is_only_added_to() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
    if (new.id, new.at, new.what, new.token, new.person, new.route, new.tickets, new.more) is distinct from
        (old.id, old.at, old.what, old.token, old.person, old.route, old.tickets, old.more)
    then
        raise exception 'the trail is never changed';
    end if;
    return new;
end
$$;

CREATE TABLE public._sqlx_migrations (
    version bigint NOT NULL,
    description text NOT NULL,
    installed_on timestamp with time zone DEFAULT now() NOT NULL,
    success boolean NOT NULL,
    checksum bytea NOT NULL,
    execution_time bigint NOT NULL
);

CREATE TABLE public.day_rows (
    id bigint NOT NULL,
    kind text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    by text NOT NULL,
    body text NOT NULL,
    removed_at bigint,
    changed_batch bigint NOT NULL,
    CONSTRAINT day_rows_body_check CHECK (((body)::json IS NOT NULL)),
    CONSTRAINT day_rows_id_check CHECK ((id > 0)),
    CONSTRAINT day_rows_kind_check CHECK ((kind = ANY (ARRAY['leave'::text, 'override'::text])))
);

CREATE TABLE public.desk (
    id bigint NOT NULL,
    batch bigint NOT NULL,
    decided_at bigint,
    last_ticket bigint NOT NULL,
    last_handoff bigint NOT NULL,
    identity text DEFAULT ''::text NOT NULL COLLATE pg_catalog."C",
    CONSTRAINT desk_batch_check CHECK ((batch >= 0)),
    CONSTRAINT desk_id_check CHECK ((id = 1)),
    CONSTRAINT desk_last_handoff_check CHECK ((last_handoff >= 0)),
    CONSTRAINT desk_last_ticket_check CHECK ((last_ticket >= 0))
);

CREATE TABLE public.events (
    ticket bigint NOT NULL,
    seq bigint NOT NULL,
    at bigint NOT NULL,
    batch bigint NOT NULL,
    actor text NOT NULL,
    what text NOT NULL,
    CONSTRAINT events_actor_check CHECK (((actor)::json IS NOT NULL)),
    CONSTRAINT events_seq_check CHECK ((seq > 0)),
    CONSTRAINT events_what_check CHECK (((what)::json IS NOT NULL))
);

CREATE TABLE public.forgetting (
    customer text NOT NULL COLLATE pg_catalog."C",
    pseudonym text NOT NULL,
    at bigint NOT NULL,
    known text,
    batch bigint NOT NULL,
    ticket bigint NOT NULL,
    CONSTRAINT forgetting_customer_check CHECK ((customer <> ''::text)),
    CONSTRAINT forgetting_known_check CHECK (((known IS NULL) OR ((known)::json IS NOT NULL))),
    CONSTRAINT forgetting_pseudonym_check CHECK ((pseudonym <> ''::text))
);

CREATE TABLE public.handoffs (
    id bigint NOT NULL,
    boundary bigint NOT NULL,
    from_team text NOT NULL COLLATE pg_catalog."C",
    to_team text NOT NULL COLLATE pg_catalog."C",
    open bigint NOT NULL,
    changed_batch bigint NOT NULL,
    version bigint NOT NULL,
    body text NOT NULL,
    CONSTRAINT handoffs_body_check CHECK (((body)::json IS NOT NULL)),
    CONSTRAINT handoffs_id_check CHECK ((id > 0)),
    CONSTRAINT handoffs_open_check CHECK ((open = ANY (ARRAY[(0)::bigint, (1)::bigint])))
);

CREATE TABLE public.keys (
    name text NOT NULL COLLATE pg_catalog."C",
    secret text NOT NULL,
    at bigint NOT NULL,
    CONSTRAINT keys_name_check CHECK ((name <> ''::text)),
    CONSTRAINT keys_secret_check CHECK ((secret <> ''::text))
);

CREATE TABLE public.last_backup (
    id bigint NOT NULL,
    at bigint NOT NULL,
    batch bigint NOT NULL,
    CONSTRAINT last_backup_batch_check CHECK ((batch >= 0)),
    CONSTRAINT last_backup_id_check CHECK ((id = 1))
);

CREATE TABLE public.nodes (
    id text NOT NULL COLLATE pg_catalog."C",
    agreed bigint NOT NULL,
    at bigint NOT NULL,
    CONSTRAINT nodes_id_check CHECK ((id <> ''::text))
);

CREATE TABLE public.outbox (
    id text NOT NULL COLLATE pg_catalog."C",
    ticket bigint,
    urgency bigint NOT NULL,
    due_at bigint NOT NULL,
    attempts bigint DEFAULT 0 NOT NULL,
    sent_at bigint,
    failed_at bigint,
    channel text,
    last_error text,
    leased_by text COLLATE pg_catalog."C",
    leased_until bigint,
    version bigint NOT NULL,
    body text NOT NULL,
    receiver text COLLATE pg_catalog."C",
    made bigint DEFAULT 0 NOT NULL,
    priority bigint DEFAULT 2 NOT NULL,
    passed text,
    CONSTRAINT outbox_attempts_check CHECK ((attempts >= 0)),
    CONSTRAINT outbox_body_check CHECK (((body)::json IS NOT NULL)),
    CONSTRAINT outbox_check CHECK (((sent_at IS NULL) OR (failed_at IS NULL))),
    CONSTRAINT outbox_check1 CHECK (((leased_by IS NULL) = (leased_until IS NULL))),
    CONSTRAINT outbox_urgency_check CHECK ((urgency = ANY (ARRAY[(0)::bigint, (1)::bigint])))
);

CREATE TABLE public.remembered (
    key text NOT NULL COLLATE pg_catalog."C",
    fingerprint text NOT NULL,
    at bigint NOT NULL,
    answer text NOT NULL,
    CONSTRAINT remembered_answer_check CHECK (((answer)::json IS NOT NULL))
);

CREATE TABLE public.restores (
    at bigint NOT NULL,
    decided_at bigint,
    ticket_before bigint NOT NULL,
    ticket_after bigint NOT NULL,
    day_row_after bigint NOT NULL,
    CONSTRAINT restores_at_check CHECK ((at > 0)),
    CONSTRAINT restores_check CHECK ((ticket_after >= ticket_before)),
    CONSTRAINT restores_day_row_after_check CHECK ((day_row_after >= 0)),
    CONSTRAINT restores_ticket_before_check CHECK ((ticket_before >= 0))
);

CREATE TABLE public.revisions (
    number bigint NOT NULL,
    at bigint NOT NULL,
    files text NOT NULL,
    zone_version text,
    zones text NOT NULL,
    CONSTRAINT revisions_files_check CHECK (((files)::json IS NOT NULL)),
    CONSTRAINT revisions_number_check CHECK ((number > 0)),
    CONSTRAINT revisions_zones_check CHECK (((zones)::json IS NOT NULL))
);

CREATE TABLE public.schema_needs (
    id bigint NOT NULL,
    migration bigint NOT NULL,
    CONSTRAINT schema_needs_id_check CHECK ((id = 1))
);

CREATE TABLE public.tickets (
    id bigint NOT NULL,
    state text NOT NULL COLLATE pg_catalog."C",
    priority text NOT NULL COLLATE pg_catalog."C",
    opened_at bigint NOT NULL,
    holder_person text COLLATE pg_catalog."C",
    holder_team text COLLATE pg_catalog."C",
    offer_team text COLLATE pg_catalog."C",
    dedup_key text COLLATE pg_catalog."C",
    external_ref text COLLATE pg_catalog."C",
    residency text COLLATE pg_catalog."C",
    wake_at bigint,
    changed_batch bigint NOT NULL,
    version bigint NOT NULL,
    body text NOT NULL,
    closes_at bigint,
    erased_at bigint,
    stirred_at bigint,
    CONSTRAINT tickets_body_check CHECK (((body)::json IS NOT NULL)),
    CONSTRAINT tickets_check CHECK (((holder_person IS NULL) OR (holder_team IS NOT NULL))),
    CONSTRAINT tickets_check1 CHECK (((wake_at IS NULL) OR (state = ANY (ARRAY['waiting'::text, 'held'::text, 'pending'::text])))),
    CONSTRAINT tickets_id_check CHECK ((id > 0)),
    CONSTRAINT tickets_priority_check CHECK ((priority = ANY (ARRAY['P1'::text, 'P2'::text, 'P3'::text, 'P4'::text, 'P5'::text]))),
    CONSTRAINT tickets_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'held'::text, 'pending'::text, 'resolved'::text, 'closed'::text])))
);

CREATE TABLE public.tokens (
    name text NOT NULL COLLATE pg_catalog."C",
    hash text NOT NULL COLLATE pg_catalog."C",
    role text NOT NULL COLLATE pg_catalog."C",
    person text COLLATE pg_catalog."C",
    at bigint NOT NULL,
    CONSTRAINT tokens_hash_check CHECK ((length(hash) = 64)),
    CONSTRAINT tokens_name_check CHECK ((name <> ''::text)),
    CONSTRAINT tokens_role_check CHECK ((role = ANY (ARRAY['admin'::text, 'lead'::text, 'responder'::text, 'reader'::text, 'ingest'::text])))
);

CREATE TABLE public.trail (
    id text NOT NULL COLLATE pg_catalog."C",
    at bigint NOT NULL,
    what text NOT NULL COLLATE pg_catalog."C",
    token text COLLATE pg_catalog."C",
    person text COLLATE pg_catalog."C",
    route text NOT NULL,
    tickets text NOT NULL,
    more bigint NOT NULL,
    customer text COLLATE pg_catalog."C",
    CONSTRAINT trail_id_check CHECK ((id <> ''::text)),
    CONSTRAINT trail_more_check CHECK ((more >= 0)),
    CONSTRAINT trail_tickets_check CHECK (((tickets)::json IS NOT NULL)),
    CONSTRAINT trail_what_check CHECK ((what = ANY (ARRAY['read'::text, 'forget'::text, 'export'::text])))
);

CREATE TABLE public.turns (
    team text NOT NULL COLLATE pg_catalog."C",
    person text NOT NULL COLLATE pg_catalog."C",
    changed_batch bigint NOT NULL
);

INSERT INTO public._sqlx_migrations VALUES (1, 'start', '2026-11-22 22:44:16.883093+00', true, '\xfd0d79a5dabd0783fb4e731cafa2d976e474bdaf88ee0c17d20980225bb8004a0cbe2a13ce15a1e85485a64652c89df7', 116890954);
INSERT INTO public._sqlx_migrations VALUES (2, 'retention', '2026-11-22 22:44:17.003052+00', true, '\x78eab45160e820b586828b3ae7e5f8b25c344fddef14237b90840ea0b4fa2583f6fe2042903b99ba2c6a6b1b1cd22250', 3043762);
INSERT INTO public._sqlx_migrations VALUES (3, 'last backup', '2026-11-22 22:44:17.006307+00', true, '\x78d19ace3c19bb77b4091aec6a7e082c03ca82cf9149a9e5d9b70503f3597af59072bffda0cec3e5019866484b8e3607', 3158146);
INSERT INTO public._sqlx_migrations VALUES (4, 'restores', '2026-11-22 22:44:17.011482+00', true, '\x59e76233bc53fa8c3ba6774ab49be7cc2668e96c6bd5230d8dc70e7ebbdd3b6da37ae3dd5aabbc7af673a339f9ce21b3', 5645992);
INSERT INTO public._sqlx_migrations VALUES (5, 'order', '2026-11-22 22:44:17.017752+00', true, '\x171b05ab403ce825751d4cade0b47d18eee282c31f9ddf362918b2b51fa02de657602c15b997722c77fe2ed8a071dc24', 38800370);
INSERT INTO public._sqlx_migrations VALUES (6, 'closing', '2026-11-22 22:44:17.056849+00', true, '\xd61a74fe50a0010ae9606a2a113f1a49e9cf9e7c37751e785e9972be08ed5b9cce637d0d20bd0b2fda96e232b646ea83', 1678098);
INSERT INTO public._sqlx_migrations VALUES (7, 'reports', '2026-11-22 22:44:17.062056+00', true, '\x31b4aa711301dd5e87651739f4f06b4cdc2a3757d07ad3ef10de49016a764dfb0fcbc99957a9d0719b9000262b29ac58', 757361);
INSERT INTO public._sqlx_migrations VALUES (8, 'shifts', '2026-11-22 22:44:17.063188+00', true, '\xba578b3f5266ee65fa8eaec5dfefb7a7b19352446f493991a71e7d98df968868242b63bf4c559a126f2a847cc10a764d', 2262657);
INSERT INTO public._sqlx_migrations VALUES (9, 'privacy', '2026-11-22 22:44:17.065613+00', true, '\xe25c5efed09878e8b50ce4c1fefb2dcfa6c6bc3a570b584542d0d42f7a95bb051e0cc0e8db824a88d39c9d4f65621435', 14572478);

INSERT INTO public.day_rows VALUES (1, 'leave', 1772466000000, 'anna', '{"from":"2026-03-05","person":"anna","to":"2026-03-06"}', NULL, 21);
INSERT INTO public.day_rows VALUES (2, 'override', 1772466000000, 'lead', '{"from":"2026-03-03","only":[],"team":"amer","to":"2026-03-03"}', 1772466000000, 25);

INSERT INTO public.desk VALUES (1, 27, 1772466000000, 6, 1, 'a1242a1d349e4205bbc98842b2af6e73');

INSERT INTO public.events VALUES (1, 1, 1772442000000, 3, '{"kind":"token","id":"mail"}', '{"event":"opened","facts":{"title":"Everything is down","priority":"P1","customer":"acme","residency":"eu"},"priority":"P1"}');
INSERT INTO public.events VALUES (1, 2, 1772442000000, 3, '{"kind":"system"}', '{"event":"path_taken","path":{"policy":"standard","step":0,"hours_asked":false,"lines_called":0,"round":0,"since":"2026-03-02T09:00:00Z"},"why":"routed"}');
INSERT INTO public.events VALUES (1, 3, 1772442000000, 3, '{"kind":"system"}', '{"event":"offered","offer":{"kind":"routing","team":"emea","ask":["anna"],"since":"2026-03-02T09:00:00Z","expires_at":"2026-03-02T09:05:00Z"},"decision":{"text":"Offered to emea, anna first, in en: they are in their hours. P1, no route matches, policy standard, step 1 (frontline).","at":"2026-03-02T09:00:00Z","revision":2,"policy":"standard","step":0,"tier":"frontline","outcome":{"kind":"offer","team":"emea","ask":["anna"]},"rejected":[{"team":"amer","reason":"nobody_at_work","detail":"closed until 2026-03-02 16:00 UTC"},{"team":"network","reason":"nobody_at_work","detail":"closed until 2026-03-02 10:00 UTC"}],"counts":{"nobody_at_work":2},"loads":{"anna":0,"bjorn":0}}}');
INSERT INTO public.events VALUES (1, 4, 1772442000000, 3, '{"kind":"system"}', '{"event":"waits_set","acknowledge":{"allowed_seconds":300,"spent_seconds":0,"clock":{"kind":"open","team":"emea"},"running_since":"2026-03-02T09:00:00Z","due":"2026-03-02T09:05:00Z"},"resolve":null}');
INSERT INTO public.events VALUES (1, 5, 1772442000000, 4, '{"kind":"person","id":"anna"}', '{"event":"acknowledged","seat":{"person":"anna","team":"emea"},"handoff":null}');
INSERT INTO public.events VALUES (1, 6, 1772442000000, 4, '{"kind":"system"}', '{"event":"waits_set","acknowledge":null,"resolve":{"allowed_seconds":3600,"spent_seconds":0,"clock":{"kind":"open","team":"emea"},"running_since":"2026-03-02T09:00:00Z","due":"2026-03-02T10:00:00Z"}}');
INSERT INTO public.events VALUES (1, 7, 1772442000000, 5, '{"kind":"person","id":"anna"}', '{"event":"noted","text":"looked at the \"logs\"\n🌍","progress":true}');
INSERT INTO public.events VALUES (2, 1, 1772442000000, 6, '{"kind":"token","id":"mail"}', '{"event":"opened","facts":{"title":"Printer","priority":"P3"},"priority":"P3"}');
INSERT INTO public.events VALUES (2, 2, 1772442000000, 6, '{"kind":"system"}', '{"event":"path_taken","path":{"policy":"standard","step":0,"hours_asked":false,"lines_called":0,"round":0,"since":"2026-03-02T09:00:00Z"},"why":"routed"}');
INSERT INTO public.events VALUES (2, 3, 1772442000000, 6, '{"kind":"system"}', '{"event":"offered","offer":{"kind":"routing","team":"emea","ask":["bjorn"],"since":"2026-03-02T09:00:00Z","expires_at":"2026-03-02T11:00:00Z"},"decision":{"text":"Offered to emea, bjorn first, in en: they are in their hours. P3, no route matches, policy standard, step 1 (frontline).","at":"2026-03-02T09:00:00Z","revision":2,"policy":"standard","step":0,"tier":"frontline","outcome":{"kind":"offer","team":"emea","ask":["bjorn"]},"rejected":[{"team":"amer","reason":"nobody_at_work","detail":"closed until 2026-03-02 16:00 UTC"},{"team":"network","reason":"nobody_at_work","detail":"closed until 2026-03-02 10:00 UTC"}],"counts":{"nobody_at_work":2},"loads":{"anna":1,"bjorn":0}}}');
INSERT INTO public.events VALUES (2, 4, 1772442000000, 6, '{"kind":"system"}', '{"event":"waits_set","acknowledge":{"allowed_seconds":7200,"spent_seconds":0,"clock":{"kind":"open","team":"emea"},"running_since":"2026-03-02T09:00:00Z","due":"2026-03-02T11:00:00Z"},"resolve":null}');
INSERT INTO public.events VALUES (2, 5, 1772442000000, 7, '{"kind":"person","id":"bjorn"}', '{"event":"acknowledged","seat":{"person":"bjorn","team":"emea"},"handoff":null}');
INSERT INTO public.events VALUES (2, 6, 1772442000000, 7, '{"kind":"system"}', '{"event":"waits_set","acknowledge":null,"resolve":{"allowed_seconds":86400,"spent_seconds":0,"clock":{"kind":"open","team":"emea"},"running_since":"2026-03-02T09:00:00Z","due":"2026-03-05T09:00:00Z"}}');
INSERT INTO public.events VALUES (2, 7, 1772442000000, 8, '{"kind":"person","id":"bjorn"}', '{"event":"resolved","notes":"paper","cause":null,"closes_at":"2026-03-09T09:00:00Z"}');
INSERT INTO public.events VALUES (3, 1, 1772442000000, 9, '{"kind":"token","id":"mail"}', '{"event":"opened","facts":{"title":"Spam","priority":"P5"},"priority":"P5"}');
INSERT INTO public.events VALUES (3, 2, 1772442000000, 9, '{"kind":"system"}', '{"event":"path_taken","path":{"policy":"standard","step":0,"hours_asked":false,"lines_called":0,"round":0,"since":"2026-03-02T09:00:00Z"},"why":"routed"}');
INSERT INTO public.events VALUES (3, 3, 1772442000000, 9, '{"kind":"system"}', '{"event":"offered","offer":{"kind":"routing","team":"emea","ask":["anna"],"since":"2026-03-02T09:00:00Z","expires_at":"2026-03-10T09:00:00Z"},"decision":{"text":"Offered to emea, anna first, in en: they are in their hours. P5, no route matches, policy standard, step 1 (frontline).","at":"2026-03-02T09:00:00Z","revision":2,"policy":"standard","step":0,"tier":"frontline","outcome":{"kind":"offer","team":"emea","ask":["anna"]},"rejected":[{"team":"amer","reason":"nobody_at_work","detail":"closed until 2026-03-02 16:00 UTC"},{"team":"network","reason":"nobody_at_work","detail":"closed until 2026-03-02 10:00 UTC"}],"counts":{"nobody_at_work":2},"loads":{"anna":1,"bjorn":0}}}');
INSERT INTO public.events VALUES (3, 4, 1772442000000, 9, '{"kind":"system"}', '{"event":"waits_set","acknowledge":{"allowed_seconds":172800,"spent_seconds":0,"clock":{"kind":"open","team":"emea"},"running_since":"2026-03-02T09:00:00Z","due":"2026-03-10T09:00:00Z"},"resolve":null}');
INSERT INTO public.events VALUES (3, 5, 1772442000000, 10, '{"kind":"person","id":"anna"}', '{"event":"acknowledged","seat":{"person":"anna","team":"emea"},"handoff":null}');
INSERT INTO public.events VALUES (3, 6, 1772442000000, 10, '{"kind":"system"}', '{"event":"waits_set","acknowledge":null,"resolve":{"allowed_seconds":432000,"spent_seconds":0,"clock":{"kind":"open","team":"emea"},"running_since":"2026-03-02T09:00:00Z","due":"2026-03-23T09:00:00Z"}}');
INSERT INTO public.events VALUES (3, 7, 1772442000000, 11, '{"kind":"person","id":"anna"}', '{"event":"resolved","notes":"none of ours","cause":null,"closes_at":"2026-03-09T09:00:00Z"}');
INSERT INTO public.events VALUES (3, 8, 1772442000000, 12, '{"kind":"person","id":"anna"}', '{"event":"closed","reason":"spam"}');
INSERT INTO public.events VALUES (4, 1, 1772442000000, 13, '{"kind":"token","id":"mail"}', '{"event":"opened","facts":{"title":"Waits for the customer","priority":"P2"},"priority":"P2"}');
INSERT INTO public.events VALUES (4, 2, 1772442000000, 13, '{"kind":"system"}', '{"event":"path_taken","path":{"policy":"standard","step":0,"hours_asked":false,"lines_called":0,"round":0,"since":"2026-03-02T09:00:00Z"},"why":"routed"}');
INSERT INTO public.events VALUES (4, 3, 1772442000000, 13, '{"kind":"system"}', '{"event":"offered","offer":{"kind":"routing","team":"emea","ask":["bjorn"],"since":"2026-03-02T09:00:00Z","expires_at":"2026-03-02T09:15:00Z"},"decision":{"text":"Offered to emea, bjorn first, in en: they are in their hours. P2, no route matches, policy standard, step 1 (frontline).","at":"2026-03-02T09:00:00Z","revision":2,"policy":"standard","step":0,"tier":"frontline","outcome":{"kind":"offer","team":"emea","ask":["bjorn"]},"rejected":[{"team":"amer","reason":"nobody_at_work","detail":"closed until 2026-03-02 16:00 UTC"},{"team":"network","reason":"nobody_at_work","detail":"closed until 2026-03-02 10:00 UTC"}],"counts":{"nobody_at_work":2},"loads":{"anna":1,"bjorn":0}}}');
INSERT INTO public.events VALUES (4, 4, 1772442000000, 13, '{"kind":"system"}', '{"event":"waits_set","acknowledge":{"allowed_seconds":900,"spent_seconds":0,"clock":{"kind":"calendar"},"running_since":"2026-03-02T09:00:00Z","due":"2026-03-02T09:15:00Z"},"resolve":null}');
INSERT INTO public.events VALUES (4, 5, 1772442000000, 14, '{"kind":"person","id":"bjorn"}', '{"event":"acknowledged","seat":{"person":"bjorn","team":"emea"},"handoff":null}');
INSERT INTO public.events VALUES (4, 6, 1772442000000, 14, '{"kind":"system"}', '{"event":"waits_set","acknowledge":null,"resolve":{"allowed_seconds":14400,"spent_seconds":0,"clock":{"kind":"calendar"},"running_since":"2026-03-02T09:00:00Z","due":"2026-03-02T13:00:00Z"}}');
INSERT INTO public.events VALUES (1, 8, 1772465400000, 16, '{"kind":"system"}', '{"event":"overran","action":"told"}');
INSERT INTO public.events VALUES (1, 9, 1772465400000, 16, '{"kind":"system"}', '{"event":"told","people":["anna"],"why":"it has not been resolved in time"}');
INSERT INTO public.events VALUES (1, 10, 1772465400000, 16, '{"kind":"system"}', '{"event":"offered","offer":{"kind":"handoff","team":"amer","ask":["carol"],"since":"2026-03-02T15:30:00Z","expires_at":"2026-03-02T16:00:00Z","handoff":1},"decision":{"text":"Ahead of the shift end. Offered to amer, carol first, in en: they are in their hours by then. P1, no route matches, policy standard, step 1 (frontline).","at":"2026-03-02T15:30:00Z","revision":2,"policy":"standard","step":0,"tier":"frontline","outcome":{"kind":"offer","team":"amer","ask":["carol"]},"rejected":[{"team":"emea","reason":"nobody_at_work","detail":"closed until 2026-03-03 08:00 UTC"},{"team":"network","reason":"nobody_at_work","detail":"closed until 2026-03-03 10:00 UTC"}],"counts":{"nobody_at_work":2},"loads":{"carol":0}}}');
INSERT INTO public.events VALUES (5, 1, 1772465400000, 18, '{"kind":"token","id":"mail"}', '{"event":"opened","facts":{"title":"Slow line","priority":"P3","skills":["network"]},"priority":"P3"}');
INSERT INTO public.events VALUES (5, 2, 1772465400000, 18, '{"kind":"system"}', '{"event":"path_taken","path":{"policy":"standard","step":0,"hours_asked":false,"lines_called":0,"round":0,"since":"2026-03-02T15:30:00Z"},"why":"routed"}');
INSERT INTO public.events VALUES (5, 3, 1772465400000, 18, '{"kind":"system"}', '{"event":"parked","reason":"parked","until":"2026-03-03T10:00:00Z","decision":{"text":"Nobody who may take it is at work: parked until 2026-03-03 10:00 UTC, when network can. P3, no route matches, policy standard, step 1 (frontline).","at":"2026-03-02T15:30:00Z","revision":2,"policy":"standard","step":0,"tier":"frontline","outcome":{"kind":"park","team":"network","until":"2026-03-03T10:00:00Z"},"rejected":[{"team":"amer","reason":"nobody_at_work","detail":"closed until 2026-03-02 16:00 UTC"},{"team":"network","reason":"nobody_at_work","detail":"closed until 2026-03-03 10:00 UTC"},{"team":"emea","reason":"skill","detail":"anna, bjorn: none has the skills it needs"}],"counts":{"skill":1,"nobody_at_work":2}}}');
INSERT INTO public.events VALUES (6, 5, 1772465700000, 20, '{"kind":"token","id":"mail"}', '{"event":"repeated","priority":"P3"}');
INSERT INTO public.events VALUES (4, 7, 1772442000000, 15, '{"kind":"person","id":"bjorn"}', '{"event":"pended","pending":{"on":"customer","until":"2026-03-05T09:00:00Z"},"reason":"asked for logs"}');
INSERT INTO public.events VALUES (4, 8, 1772442000000, 15, '{"kind":"system"}', '{"event":"waits_set","acknowledge":null,"resolve":{"allowed_seconds":14400,"spent_seconds":0,"clock":{"kind":"calendar"}}}');
INSERT INTO public.events VALUES (1, 11, 1772465400000, 17, '{"kind":"person","id":"anna"}', '{"event":"briefed","briefing":{"summary":"all of it","done_so_far":"","next_action":"","waiting_on":"","customer_mood":"","composed":false}}');
INSERT INTO public.events VALUES (6, 1, 1772465700000, 19, '{"kind":"token","id":"mail"}', '{"event":"opened","facts":{"title":"Disk full","priority":"P3","dedup_key":"disk","external_ref":"INC-7"},"priority":"P3"}');
INSERT INTO public.events VALUES (6, 2, 1772465700000, 19, '{"kind":"system"}', '{"event":"path_taken","path":{"policy":"standard","step":0,"hours_asked":false,"lines_called":0,"round":0,"since":"2026-03-02T15:35:00Z"},"why":"routed"}');
INSERT INTO public.events VALUES (6, 3, 1772465700000, 19, '{"kind":"system"}', '{"event":"offered","offer":{"kind":"routing","team":"emea","ask":["anna"],"since":"2026-03-02T15:35:00Z","expires_at":"2026-03-03T09:35:00Z"},"decision":{"text":"Offered to emea, anna first, in en: they are in their hours. P3, no route matches, policy standard, step 1 (frontline).","at":"2026-03-02T15:35:00Z","revision":2,"policy":"standard","step":0,"tier":"frontline","outcome":{"kind":"offer","team":"emea","ask":["anna"]},"rejected":[{"team":"amer","reason":"nobody_at_work","detail":"closed until 2026-03-02 16:00 UTC"},{"team":"network","reason":"nobody_at_work","detail":"closed until 2026-03-03 10:00 UTC"}],"counts":{"nobody_at_work":2},"loads":{"anna":1,"bjorn":1}}}');
INSERT INTO public.events VALUES (6, 4, 1772465700000, 19, '{"kind":"system"}', '{"event":"waits_set","acknowledge":{"allowed_seconds":7200,"spent_seconds":0,"clock":{"kind":"open","team":"emea"},"running_since":"2026-03-02T15:35:00Z","due":"2026-03-03T09:35:00Z"},"resolve":null}');
INSERT INTO public.events VALUES (4, 9, 1772466000000, 27, '{"kind":"system"}', '{"event":"notice_failed","notice":"4-4-0-1772438400000","to":"bjorn","reason":"no channel is set up"}');

INSERT INTO public.forgetting VALUES ('somebody', 'forgotten-5d47aa06d97c34c7', 1772466000000, NULL, 0, 0);

INSERT INTO public.handoffs VALUES (1, 1772467200000, 'emea', 'amer', 1, 17, 1, '{"id":1,"boundary":"2026-03-02T16:00:00Z","from":"emea","to":"amer","items":[{"ticket":1,"from":"anna","outcome":{"kind":"offered"},"briefing":{"summary":"all of it","done_so_far":"","next_action":"","waiting_on":"","customer_mood":"","composed":false}}]}');

INSERT INTO public.keys VALUES ('acknowledge-links', 'a key that all nodes share', 1772466000000);

INSERT INTO public.last_backup VALUES (1, 1772460000000, 7);

INSERT INTO public.nodes VALUES ('node', 2, 1772466000000);

INSERT INTO public.outbox VALUES ('3-4-0-1772438400000', 3, 1, 1772442000000, 0, NULL, NULL, NULL, NULL, NULL, NULL, 1, '{"id":"3-4-0-1772438400000","at":"2026-03-02T09:00:00Z","ticket":3,"priority":"P5","kind":"offer","to":"anna","about":{"title":"Spam"},"says":{"says":"asked","how":"offered","team":"emea","until":"2026-03-10T09:00:00Z"},"expires_at":"2026-03-10T09:00:00Z"}', 'anna', 9437184, 5, NULL);
INSERT INTO public.outbox VALUES ('1-9-0-1772438400000', 1, 1, 1772465400000, 0, NULL, NULL, NULL, NULL, NULL, NULL, 1, '{"id":"1-9-0-1772438400000","at":"2026-03-02T15:30:00Z","ticket":1,"priority":"P1","kind":"told","to":"anna","about":{"title":"Everything is down","customer":"Acme"},"says":{"says":"told","why":{"why":"overran"}}}', 'anna', 16777216, 1, NULL);
INSERT INTO public.outbox VALUES ('1-10-2-1772438400000', 1, 1, 1772465400000, 0, NULL, NULL, NULL, NULL, NULL, NULL, 1, '{"id":"1-10-2-1772438400000","at":"2026-03-02T15:30:00Z","ticket":1,"priority":"P1","kind":"briefing_asked","to":"anna","about":{"title":"Everything is down","customer":"Acme"},"says":{"says":"briefing_asked","to":"amer","until":"2026-03-02T16:00:00Z"}}', 'anna', 16777218, 1, NULL);
INSERT INTO public.outbox VALUES ('6-4-0-1772438400000', 6, 1, 1772465700000, 0, NULL, NULL, NULL, NULL, NULL, NULL, 1, '{"id":"6-4-0-1772438400000","at":"2026-03-02T15:35:00Z","ticket":6,"priority":"P3","kind":"offer","to":"anna","about":{"title":"Disk full"},"says":{"says":"asked","how":"offered","team":"emea","until":"2026-03-03T09:35:00Z"},"expires_at":"2026-03-03T09:35:00Z"}', 'anna', 19922944, 3, NULL);
INSERT INTO public.outbox VALUES ('2-4-0-1772438400000', 2, 1, 1772442000000, 0, NULL, NULL, NULL, NULL, 'node', 1772466060000, 1, '{"id":"2-4-0-1772438400000","at":"2026-03-02T09:00:00Z","ticket":2,"priority":"P3","kind":"offer","to":"bjorn","about":{"title":"Printer"},"says":{"says":"asked","how":"offered","team":"emea","until":"2026-03-02T11:00:00Z"},"expires_at":"2026-03-02T11:00:00Z"}', 'bjorn', 6291456, 3, NULL);
INSERT INTO public.outbox VALUES ('1-4-0-1772438400000', 1, 1, 1772442000000, 1, 1772466000000, NULL, 'chat', NULL, NULL, NULL, 1, '{"id":"1-4-0-1772438400000","at":"2026-03-02T09:00:00Z","ticket":1,"priority":"P1","kind":"offer","to":"anna","about":{"title":"Everything is down","customer":"Acme"},"says":{"says":"asked","how":"offered","team":"emea","until":"2026-03-02T09:05:00Z"},"expires_at":"2026-03-02T09:05:00Z"}', 'anna', 3145728, 1, NULL);
INSERT INTO public.outbox VALUES ('1-10-1-1772438400000', 1, 1, 1772466120000, 1, NULL, NULL, 'chat', 'answered with 503', NULL, NULL, 1, '{"id":"1-10-1-1772438400000","at":"2026-03-02T15:30:00Z","ticket":1,"priority":"P1","kind":"offer","to":"carol","about":{"title":"Everything is down","customer":"Acme"},"says":{"says":"asked","how":"handed_over","team":"amer","until":"2026-03-02T16:00:00Z","briefing":{"summary":"Everything is down, open since 2026-03-02 09:00 UTC","done_so_far":"looked at the \"logs\"\n🌍","next_action":"","waiting_on":"","customer_mood":"","composed":true},"handoff":1},"expires_at":"2026-03-02T16:00:00Z"}', 'carol', 16777217, 1, NULL);
INSERT INTO public.outbox VALUES ('4-4-0-1772438400000', 4, 1, 1772442000000, 1, NULL, 1772466000000, NULL, 'no channel is set up', NULL, NULL, 1, '{"id":"4-4-0-1772438400000","at":"2026-03-02T09:00:00Z","ticket":4,"priority":"P2","kind":"offer","to":"bjorn","about":{"title":"Waits for the customer"},"says":{"says":"asked","how":"offered","team":"emea","until":"2026-03-02T09:15:00Z"},"expires_at":"2026-03-02T09:15:00Z"}', 'bjorn', 13631488, 2, NULL);

INSERT INTO public.remembered VALUES ('mail: key', 'POST /v1/tickets', 1772442000000, '{"created":true,"decision":{"at":"2026-03-02T09:00:00Z","counts":{"nobody_at_work":2},"loads":{"anna":1,"bjorn":0},"outcome":{"ask":["bjorn"],"kind":"offer","team":"emea"},"policy":"standard","rejected":[{"detail":"closed until 2026-03-02 16:00 UTC","reason":"nobody_at_work","team":"amer"},{"detail":"closed until 2026-03-02 10:00 UTC","reason":"nobody_at_work","team":"network"}],"revision":2,"step":0,"text":"Offered to emea, bjorn first, in en: they are in their hours. P2, no route matches, policy standard, step 1 (frontline).","tier":"frontline"},"kind":"ticket","ticket":{"acknowledge":{"allowed_seconds":900,"clock":{"kind":"calendar"},"due":"2026-03-02T09:15:00Z","running_since":"2026-03-02T09:00:00Z","spent_seconds":0},"asked":[{"person":"bjorn","team":"emea"}],"count":1,"facts":{"priority":"P2","title":"Waits for the customer"},"holder":{"kind":"nobody","reason":"offered"},"hops":0,"id":4,"offer":{"ask":["bjorn"],"expires_at":"2026-03-02T09:15:00Z","kind":"routing","since":"2026-03-02T09:00:00Z","team":"emea"},"opened_at":"2026-03-02T09:00:00Z","path":{"hours_asked":false,"lines_called":0,"policy":"standard","round":0,"since":"2026-03-02T09:00:00Z","step":0},"priority":"P2","reviewed_hops":0,"seq":4,"state":"waiting"}}');

INSERT INTO public.restores VALUES (1772438400000, NULL, 0, 0, 0);

INSERT INTO public.revisions VALUES (1, 1772442000000, '{"org.toml":"\n[org]\nname = \"Example\"\ntiers = [\"frontline\"]\npolicy = \"standard\"\nlast_resort = \"dave\"\n[regions.emea]\ntimezone = \"UTC\"\nresidency = \"eu\"\n[regions.amer]\ntimezone = \"UTC\"\nresidency = \"eu\"\n[teams.emea]\nregion = \"emea\"\ntier = \"frontline\"\nmembers = [\"anna\", \"bjorn\"]\nassign = \"round-robin\"\nhours = [{ days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"], from = \"08:00\", to = \"16:00\" }]\n[teams.amer]\nregion = \"amer\"\ntier = \"frontline\"\nmembers = [\"carol\"]\nhours = [{ days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"], from = \"16:00\", to = \"24:00\" }]\n[teams.network]\nregion = \"amer\"\ntier = \"frontline\"\nmembers = [\"dave\"]\nskills = [\"network\"]\nhours = [{ from = \"10:00\", to = \"12:00\" }]\n[people.anna]\ncontact = [\"chat\"]\n[people.bjorn]\ncontact = [\"chat\"]\n[people.carol]\ncontact = [\"chat\"]\n[people.dave]\n\n[customers.acme]\nname = \"Acme\"\nresidency = \"eu\"\n[priorities]\nP1 = { when_closed = \"park\", at_shift_end = \"hand-over\" }\n[policies.standard]\nsteps = [{ tier = \"frontline\" }]\n"}', '2026f', '{"UTC":"VFppZjIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAAEAAAAAAAAAVFppZjIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAAQAAAAAAABVVEMAClVUQzAK"}');
INSERT INTO public.revisions VALUES (2, 1772442000000, '{"org.toml":"\n[org]\nname = \"Example\"\ntiers = [\"frontline\"]\npolicy = \"standard\"\nlast_resort = \"dave\"\n[regions.emea]\ntimezone = \"UTC\"\nresidency = \"eu\"\n[regions.amer]\ntimezone = \"UTC\"\nresidency = \"eu\"\n[teams.emea]\nregion = \"emea\"\ntier = \"frontline\"\nmembers = [\"anna\", \"bjorn\"]\nassign = \"round-robin\"\nhours = [{ days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"], from = \"08:00\", to = \"16:00\" }]\n[teams.amer]\nregion = \"amer\"\ntier = \"frontline\"\nmembers = [\"carol\"]\nhours = [{ days = [\"mon\", \"tue\", \"wed\", \"thu\", \"fri\"], from = \"16:00\", to = \"24:00\" }]\n[teams.network]\nregion = \"amer\"\ntier = \"frontline\"\nmembers = [\"dave\"]\nskills = [\"network\"]\nhours = [{ from = \"10:00\", to = \"12:00\" }]\n[people.anna]\ncontact = [\"chat\"]\n[people.bjorn]\ncontact = [\"chat\"]\n[people.carol]\ncontact = [\"chat\"]\n[people.dave]\nname = \"Dave\"\n[customers.acme]\nname = \"Acme\"\nresidency = \"eu\"\n[priorities]\nP1 = { when_closed = \"park\", at_shift_end = \"hand-over\" }\n[policies.standard]\nsteps = [{ tier = \"frontline\" }]\n"}', '2026f', '{"UTC":"VFppZjIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAAEAAAAAAAAAVFppZjIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAQAAAAQAAAAAAABVVEMAClVUQzAK"}');

INSERT INTO public.schema_needs VALUES (1, 1);

INSERT INTO public.tickets VALUES (2, 'resolved', 'P3', 1772442000000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 8, 1, '{"id":2,"opened_at":"2026-03-02T09:00:00Z","facts":{"title":"Printer","priority":"P3"},"priority":"P3","state":"resolved","holder":{"kind":"nobody","reason":"done"},"path":{"policy":"standard","step":0,"hours_asked":false,"lines_called":0,"round":0,"since":"2026-03-02T09:00:00Z"},"closes_at":"2026-03-09T09:00:00Z","past":[{"person":"bjorn","team":"emea"}],"hops":0,"reviewed_hops":0,"count":1,"seq":7}', 1773046800000, NULL, NULL);
INSERT INTO public.tickets VALUES (3, 'closed', 'P5', 1772442000000, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 12, 1, '{"id":3,"opened_at":"2026-03-02T09:00:00Z","facts":{"title":"Spam","priority":"P5"},"priority":"P5","state":"closed","holder":{"kind":"nobody","reason":"done"},"path":{"policy":"standard","step":0,"hours_asked":false,"lines_called":0,"round":0,"since":"2026-03-02T09:00:00Z"},"past":[{"person":"anna","team":"emea"}],"hops":0,"reviewed_hops":0,"count":1,"seq":8}', NULL, NULL, NULL);
INSERT INTO public.tickets VALUES (1, 'held', 'P1', 1772442000000, 'anna', 'emea', 'amer', NULL, NULL, 'eu', 1772467200000, 26, 1, '{"id":1,"opened_at":"2026-03-02T09:00:00Z","facts":{"title":"Everything is down","priority":"P1","customer":"acme","residency":"eu"},"priority":"P1","state":"held","holder":{"kind":"person","person":"anna","team":"emea","since":"2026-03-02T09:00:00Z"},"offer":{"kind":"handoff","team":"amer","ask":["carol"],"since":"2026-03-02T15:30:00Z","expires_at":"2026-03-02T16:00:00Z","handoff":1},"path":{"policy":"standard","step":0,"hours_asked":false,"lines_called":0,"round":0,"since":"2026-03-02T09:00:00Z"},"resolve":{"allowed_seconds":3600,"spent_seconds":0,"clock":{"kind":"open","team":"emea"},"running_since":"2026-03-02T09:00:00Z","due":"2026-03-02T10:00:00Z"},"overran_at":"2026-03-02T15:30:00Z","asked":[{"person":"carol","team":"amer"}],"briefing":{"summary":"all of it","done_so_far":"","next_action":"","waiting_on":"","customer_mood":"","composed":false},"briefed_by":"anna","recent":["looked at the \"logs\"\n🌍"],"hops":0,"reviewed_hops":0,"count":1,"seq":11}', NULL, NULL, NULL);
INSERT INTO public.tickets VALUES (4, 'pending', 'P2', 1772442000000, 'bjorn', 'emea', NULL, NULL, NULL, NULL, 1772552400000, 27, 1, '{"id":4,"opened_at":"2026-03-02T09:00:00Z","facts":{"title":"Waits for the customer","priority":"P2"},"priority":"P2","state":"pending","holder":{"kind":"person","person":"bjorn","team":"emea","since":"2026-03-02T09:00:00Z"},"path":{"policy":"standard","step":0,"hours_asked":false,"lines_called":0,"round":0,"since":"2026-03-02T09:00:00Z"},"resolve":{"allowed_seconds":14400,"spent_seconds":0,"clock":{"kind":"calendar"}},"pending":{"on":"customer","until":"2026-03-05T09:00:00Z"},"hops":0,"reviewed_hops":0,"count":1,"seq":9}', NULL, NULL, NULL);
INSERT INTO public.tickets VALUES (5, 'waiting', 'P3', 1772465400000, NULL, NULL, NULL, NULL, NULL, NULL, 1772532000000, 26, 1, '{"id":5,"opened_at":"2026-03-02T15:30:00Z","facts":{"title":"Slow line","priority":"P3","skills":["network"]},"priority":"P3","state":"waiting","holder":{"kind":"nobody","reason":"parked","look_again":"2026-03-03T10:00:00Z"},"path":{"policy":"standard","step":0,"hours_asked":false,"lines_called":0,"round":0,"since":"2026-03-02T15:30:00Z"},"hops":0,"reviewed_hops":0,"count":1,"seq":3}', NULL, NULL, NULL);
INSERT INTO public.tickets VALUES (6, 'waiting', 'P3', 1772465700000, NULL, NULL, 'emea', 'disk', 'INC-7', NULL, 1772467200000, 26, 1, '{"id":6,"opened_at":"2026-03-02T15:35:00Z","facts":{"title":"Disk full","priority":"P3","dedup_key":"disk","external_ref":"INC-7"},"priority":"P3","state":"waiting","holder":{"kind":"nobody","reason":"offered"},"offer":{"kind":"routing","team":"emea","ask":["anna"],"since":"2026-03-02T15:35:00Z","expires_at":"2026-03-03T09:35:00Z"},"path":{"policy":"standard","step":0,"hours_asked":false,"lines_called":0,"round":0,"since":"2026-03-02T15:35:00Z"},"acknowledge":{"allowed_seconds":7200,"spent_seconds":0,"clock":{"kind":"open","team":"emea"},"running_since":"2026-03-02T15:35:00Z","due":"2026-03-03T09:35:00Z"},"asked":[{"person":"anna","team":"emea"}],"hops":0,"reviewed_hops":0,"count":2,"seq":5}', NULL, NULL, NULL);

INSERT INTO public.tokens VALUES ('mail', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 'ingest', NULL, 1772466000000);

INSERT INTO public.trail VALUES ('1772466000000-b786eca1d03c501a', 1772466000000, 'forget', NULL, NULL, 'POST /v1/forget', '[]', 0, 'somebody');

INSERT INTO public.turns VALUES ('amer', 'carol', 16);
INSERT INTO public.turns VALUES ('emea', 'anna', 19);

ALTER TABLE ONLY public._sqlx_migrations
    ADD CONSTRAINT _sqlx_migrations_pkey PRIMARY KEY (version);

ALTER TABLE ONLY public.day_rows
    ADD CONSTRAINT day_rows_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.desk
    ADD CONSTRAINT desk_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_pkey PRIMARY KEY (ticket, seq);

ALTER TABLE ONLY public.forgetting
    ADD CONSTRAINT forgetting_pkey PRIMARY KEY (customer);

ALTER TABLE ONLY public.handoffs
    ADD CONSTRAINT handoffs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.keys
    ADD CONSTRAINT keys_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.last_backup
    ADD CONSTRAINT last_backup_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.nodes
    ADD CONSTRAINT nodes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.remembered
    ADD CONSTRAINT remembered_pkey PRIMARY KEY (key);

ALTER TABLE ONLY public.restores
    ADD CONSTRAINT restores_pkey PRIMARY KEY (at);

ALTER TABLE ONLY public.revisions
    ADD CONSTRAINT revisions_pkey PRIMARY KEY (number);

ALTER TABLE ONLY public.schema_needs
    ADD CONSTRAINT schema_needs_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.tickets
    ADD CONSTRAINT tickets_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT tokens_hash_key UNIQUE (hash);

ALTER TABLE ONLY public.tokens
    ADD CONSTRAINT tokens_pkey PRIMARY KEY (name);

ALTER TABLE ONLY public.trail
    ADD CONSTRAINT trail_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.turns
    ADD CONSTRAINT turns_pkey PRIMARY KEY (team);

CREATE INDEX day_rows_by_changed_batch ON public.day_rows USING btree (changed_batch);

CREATE INDEX day_rows_in_force ON public.day_rows USING btree (kind, id) WHERE (removed_at IS NULL);

CREATE INDEX events_by_batch ON public.events USING btree (batch, ticket, seq);

CREATE INDEX handoffs_by_boundary ON public.handoffs USING btree (boundary, id);

CREATE INDEX handoffs_by_changed_batch ON public.handoffs USING btree (changed_batch, id);

CREATE INDEX handoffs_open ON public.handoffs USING btree (id) WHERE (open = 1);

CREATE INDEX outbox_before ON public.outbox USING btree (ticket, receiver, made) WHERE ((sent_at IS NULL) AND (failed_at IS NULL));

CREATE INDEX outbox_by_ticket ON public.outbox USING btree (ticket, id);

CREATE INDEX outbox_failed ON public.outbox USING btree (failed_at, id) WHERE (failed_at IS NOT NULL);

CREATE INDEX outbox_made ON public.outbox USING btree (made);

CREATE INDEX outbox_sent ON public.outbox USING btree (sent_at, id) WHERE (sent_at IS NOT NULL);

CREATE INDEX outbox_worst ON public.outbox USING btree (urgency, priority, due_at, id) WHERE ((sent_at IS NULL) AND (failed_at IS NULL));

CREATE INDEX remembered_by_age ON public.remembered USING btree (at, key);

CREATE INDEX tickets_by_changed_batch ON public.tickets USING btree (changed_batch, id);

CREATE INDEX tickets_by_external_ref ON public.tickets USING btree (external_ref, id) WHERE (external_ref IS NOT NULL);

CREATE INDEX tickets_by_holder ON public.tickets USING btree (holder_person, id) WHERE (holder_person IS NOT NULL);

CREATE INDEX tickets_by_holder_team ON public.tickets USING btree (holder_team, id) WHERE (holder_team IS NOT NULL);

CREATE INDEX tickets_by_offer_team ON public.tickets USING btree (offer_team, id) WHERE (offer_team IS NOT NULL);

CREATE INDEX tickets_by_opened_at ON public.tickets USING btree (opened_at, id);

CREATE INDEX tickets_by_priority ON public.tickets USING btree (priority, state, id);

CREATE INDEX tickets_by_state ON public.tickets USING btree (state, id);

CREATE INDEX tickets_closing ON public.tickets USING btree (id) WHERE (closes_at IS NOT NULL);

CREATE INDEX tickets_erased ON public.tickets USING btree (stirred_at, id) WHERE (erased_at IS NOT NULL);

CREATE UNIQUE INDEX tickets_live_dedup_key ON public.tickets USING btree (dedup_key) WHERE ((dedup_key IS NOT NULL) AND (state = ANY (ARRAY['waiting'::text, 'held'::text, 'pending'::text])));

CREATE INDEX tickets_whole ON public.tickets USING btree (changed_batch, id) WHERE ((erased_at IS NULL) AND (state = ANY (ARRAY['resolved'::text, 'closed'::text])));

CREATE INDEX trail_by_customer ON public.trail USING btree (customer, id) WHERE (customer IS NOT NULL);

CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON public.events FOR EACH ROW EXECUTE FUNCTION public.events_lose_words_at_most();

CREATE TRIGGER events_are_never_emptied BEFORE TRUNCATE ON public.events FOR EACH STATEMENT EXECUTE FUNCTION public.events_are_only_added_to();

CREATE TRIGGER events_of_live_tickets_are_never_deleted BEFORE DELETE ON public.events FOR EACH ROW EXECUTE FUNCTION public.events_of_live_tickets_are_kept();

CREATE TRIGGER the_trail_is_never_changed BEFORE UPDATE ON public.trail FOR EACH ROW EXECUTE FUNCTION public.the_trail_is_only_added_to();

ALTER TABLE ONLY public.events
    ADD CONSTRAINT events_ticket_fkey FOREIGN KEY (ticket) REFERENCES public.tickets(id);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_ticket_fkey FOREIGN KEY (ticket) REFERENCES public.tickets(id);
