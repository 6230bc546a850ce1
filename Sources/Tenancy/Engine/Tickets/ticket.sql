-- Tickets: the right of a service to use named tables of one company in one transaction.
--
--     SELECT ticket, refusal FROM piste.ticket('acme', 'users.read', 'users,journeys');     -- committed by itself
--     BEGIN; SELECT piste.use('…'); SELECT … FROM users …; COMMIT;                          -- on any connection of the pool
--
-- The making is the record: it is committed before anything can be read. What a ticket opens ends with the transaction that
-- uses it, so that a connection that goes back to its pool is in no company, whatever its client forgot.

SET LOCAL ROLE piste_owner;

-- Who may call it: `ticket`. Trusts: nothing of the token before its signature is verified; then the row that it names, with
-- which every claim is compared. Records: nothing (the caller does).
-- The company and the subject that a service's context token stands for, or what is wrong with it.
CREATE OR REPLACE FUNCTION piste.token_for_ticket(
    token text, OUT jti uuid, OUT firm uuid, OUT subject text, OUT expires_at timestamptz, OUT code text, OUT words text)
LANGUAGE plpgsql
AS $$
DECLARE
    read  record := piste.read_token(token);
    asked piste.context;
    home  piste.company;
BEGIN
    SELECT * INTO asked FROM piste.context c
    WHERE c.jti = (read.claims ->> 'jti')::uuid AND c.company = (read.claims ->> 'company')::uuid;
    SELECT * INTO home FROM piste.company k WHERE k.id = asked.company;
    SELECT p.code, p.words INTO code, words
    FROM piste.token_problem(session_user::text, read.code, read.words, read.claims, asked, home) AS p;
    IF code IS NULL AND asked.purpose <> 'service' THEN
        code := 'not_allowed';
        words := 'this token is a person''s, and no service''s';
    END IF;
    jti := asked.jti;
    firm := asked.company;
    subject := asked.subject;
    expires_at := asked.expires_at;
END
$$;

DROP FUNCTION IF EXISTS piste.tables_named(text);

-- Who may call it: the engine's own definer functions. Trusts: its arguments. Records: nothing.
-- 'users, journeys' as an array, each once; '*' for all tables, by itself. Raises PT400 for what is no table of this company,
-- PT413 for a list that is too long.
CREATE OR REPLACE FUNCTION piste.tables_named(list text, firm uuid DEFAULT NULL)
RETURNS text[]
LANGUAGE plpgsql
AS $$
DECLARE
    named text[];
    known CONSTANT text[] := array_remove(piste.resources(firm), 'token');
BEGIN
    IF octet_length(list) > 65536 THEN
        RAISE EXCEPTION 'a ticket''s list of tables has at most 65536 bytes, and this one, which begins with %, has %',
            piste.told(list), octet_length(list) USING
            ERRCODE = 'PT413', HINT = 'Name * for all of them.';
    END IF;
    named := string_to_array(translate(list, E' \t\r\n', ''), ',');
    IF named = '{*}' THEN
        RETURN named;
    END IF;
    IF coalesce(named = '{}' OR NOT named <@ known, true) THEN
        RAISE EXCEPTION 'a ticket names tables of a company, and not %', piste.told_unknown(named, known) USING
            ERRCODE = 'PT400', HINT = format('They are %s; or * for all of them.', array_to_string(known, ', '));
    END IF;
    IF cardinality(named) > 1 THEN
        named := ARRAY(SELECT DISTINCT n COLLATE "C" FROM unnest(named) AS n ORDER BY 1);
    END IF;
    RETURN named;
END
$$;

-- Who may call it: the engine's own definer functions, whose plans take it in. Records: nothing.
-- Whether nothing of this session stands against a ticket, at first sight.
CREATE OR REPLACE FUNCTION piste.session_is_plain()
RETURNS boolean
LANGUAGE sql STABLE
AS $$
    SELECT current_setting('role') = 'none' AND current_setting('transaction_read_only') = 'off'
        AND current_setting('transaction_isolation') IN ('read committed', 'read uncommitted')
$$;

-- Who may call it: the engine's own definer functions. Trusts: session_user. Records: nothing.
-- Raises PT409 where no ticket can be made or used: where a snapshot would outlive a revocation, where nothing can be
-- written, and in a session that has put itself into a role (which would be the pool's next client's too).
CREATE OR REPLACE FUNCTION piste.check_ticket_session()
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF current_setting('transaction_isolation') NOT IN ('read committed', 'read uncommitted') THEN
        RAISE EXCEPTION 'tickets are for READ COMMITTED, and this transaction is %',
            upper(current_setting('transaction_isolation')) USING ERRCODE = 'PT409';
    ELSIF current_setting('transaction_read_only') = 'on' THEN
        RAISE EXCEPTION 'in a READ ONLY transaction no ticket can be made or used' USING
            ERRCODE = 'PT409', HINT = 'For reading only, ask for a ticket with read_only => true.';
    ELSIF current_setting('role') <> 'none' AND NOT EXISTS (
        -- Whoever uses one in this transaction is in a company's role by that.
        SELECT FROM piste.ticket t
        WHERE t.used = pg_current_xact_id_if_assigned() AND t.login = session_user::text)
    THEN
        RAISE EXCEPTION 'this session has put itself into the role %', current_setting('role') USING
            ERRCODE = 'PT409', HINT = 'SET ROLE NONE; RESET search_path. A ticket sets both, for its transaction.';
    END IF;
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: the session's own cursors. Records: nothing. Raises PT409 beside
-- a cursor that outlives its transaction: the gate is shut there.
CREATE OR REPLACE FUNCTION piste.check_no_held_cursor()
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_cursor() AS c WHERE c.is_holdable) THEN
        RAISE EXCEPTION 'a cursor WITH HOLD is open in this session, and beside it nothing of a company is read' USING
            ERRCODE = 'PT409', HINT = 'Close it first.';
    END IF;
END
$$;

-- Who may call it: `ticket`, when what it was asked is not as usual. Trusts: nothing. Records: nothing.
-- Raises PT400 and PT413 for what makes no sense, PT409 as check_ticket_session says.
CREATE OR REPLACE FUNCTION piste.check_ticket_wish(
    url_id text, action text, detail jsonb, seconds integer, read_only boolean, token text)
RETURNS void
LANGUAGE plpgsql
AS $$
BEGIN
    IF (url_id IS NULL) = (token IS NULL) THEN
        RAISE EXCEPTION 'a ticket is asked for by url_id or by token, and here is %', CASE
            WHEN token IS NULL THEN 'neither' ELSE format('both: %s and a token', piste.told(url_id)) END
            USING ERRCODE = 'PT400';
    ELSIF coalesce(seconds NOT BETWEEN 1 AND 1800, true) THEN
        RAISE EXCEPTION 'seconds must be from 1 to 1800, and not %', coalesce(seconds::text, 'NULL')
            USING ERRCODE = 'PT400';
    ELSIF read_only IS NULL THEN
        RAISE EXCEPTION 'read_only must be true or false, and not NULL' USING ERRCODE = 'PT400';
    ELSIF jsonb_typeof(detail) <> 'object' THEN
        RAISE EXCEPTION 'detail is a JSON object, and not the % %', jsonb_typeof(detail),
            piste.told(detail::text) USING ERRCODE = 'PT400';
    ELSIF octet_length(detail::text) > 8192 THEN
        RAISE EXCEPTION 'detail has % bytes, and may have 8192', octet_length(detail::text) USING ERRCODE = 'PT413';
    END IF;
    PERFORM piste.check_action(action);
    PERFORM piste.check_ticket_session();
END
$$;

-- Who may call it: services, and an admin who proves, for the throw-away companies of that proof. Trusts: session_user, and of a
-- token its signature and its record. Records: the ticket itself,
-- in the company's trail, under the action and the tables that the service names, with the ticket's id as the context and
-- the token's subject; or `ticket.refused`. The company is named by its url_id, or by a context token of this service.
-- A ticket has to be used within ten seconds (`until`), and holds for `seconds` from then. Waits for nothing that a client
-- can hold. Raises PT400 and PT413 for what makes no sense, PT403 for a login that is no operator, PT409 as
-- check_ticket_session says and when the server's clock was set back, PT503 where records are replicated and the standbys
-- are not there.
-- Every request of an application begins with this, so what each asks for is known by few statements; what is out of the
-- ordinary is left to the functions above. Two statements cannot be one: what the lease says is believed only when it was read
-- behind its lock.
CREATE OR REPLACE FUNCTION piste.ticket(
    url_id text DEFAULT NULL, action text DEFAULT NULL, resource text DEFAULT NULL, detail jsonb DEFAULT NULL,
    seconds integer DEFAULT 60, read_only boolean DEFAULT false, token text DEFAULT NULL)
RETURNS TABLE (ticket uuid, until timestamptz, refusal text)
LANGUAGE plpgsql VOLATILE SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
#variable_conflict use_column
DECLARE
    me         CONSTANT text := session_user::text;
    access     CONSTANT text := CASE WHEN ticket.read_only THEN 'read' ELSE 'read+write' END;
    known      record;
    asked      record;
    lease      record;
    number     bigint;
    code       text;
    words      text;
    tables     text[];
    links      text[];
    current_   boolean;
    jti        uuid;
    stands_for text;
    wish       jsonb;
    moment     timestamptz;
BEGIN
    IF (piste.session_is_plain() AND ticket.token IS NULL AND ticket.url_id IS NOT NULL AND ticket.seconds BETWEEN 1 AND 1800
        AND ticket.read_only IS NOT NULL AND piste.is_action(ticket.action)
        AND (ticket.detail IS NULL OR jsonb_typeof(ticket.detail) = 'object' AND octet_length(ticket.detail::text) <= 8192)
    ) IS NOT TRUE
    THEN
        PERFORM piste.check_ticket_wish(
            ticket.url_id, ticket.action, ticket.detail, ticket.seconds, ticket.read_only, ticket.token);
    END IF;

    SELECT coalesce(o.level, '') AS level, k.id AS firm, k.status, coalesce(k.blueprint_version, -k.revision) AS version, k.adopted,
        w.channel, c.durability,
        coalesce(c.rate, piste.standard_of('ticket_rate'))::integer AS rate,
        EXISTS (SELECT FROM pg_cursor() AS h WHERE h.is_holdable) AS holds
    INTO known
    FROM (
        SELECT max(s.value) FILTER (WHERE s.name = 'durability') AS durability,
            max(s.value) FILTER (WHERE s.name = 'ticket_rate') AS rate
        FROM piste.setting s
    ) AS c
    LEFT JOIN piste.operator o ON o.login = me
    LEFT JOIN piste.company k ON k.url_id = ticket.url_id
    LEFT JOIN piste.trail_watch w ON w.company = k.id AND w.watched_until > clock_timestamp();
    IF known.holds THEN
        PERFORM piste.check_no_held_cursor();
    END IF;
    IF known.level = '' THEN
        -- Raises, but for a superuser.
        known.level := (piste.me()).level;
    ELSIF ticket.token IS NOT NULL AND known.level = 'service' THEN
        asked := piste.token_for_ticket(ticket.token);
        SELECT k.id, k.status, coalesce(k.blueprint_version, -k.revision), k.adopted, w.channel
        INTO known.firm, known.status, known.version, known.adopted, known.channel
        FROM piste.company k
        LEFT JOIN piste.trail_watch w ON w.company = k.id AND w.watched_until > clock_timestamp()
        WHERE k.id = asked.firm;
        jti := asked.jti;
        stands_for := asked.subject;
        code := asked.code;
        words := asked.words;
    END IF;
    IF known.level <> 'service' AND NOT piste.probes_tickets(known.level, known.firm, me) THEN
        code := 'not_allowed';
        words := 'tickets are for services; a person enters with a context token';
    ELSIF code IS NULL AND known.firm IS NULL THEN
        code := 'unknown_company';
        words := format('there is no company of this name: %s', piste.told(ticket.url_id));
    ELSIF code IS NULL AND known.status <> 'active' THEN
        code := 'company_suspended';
        words := 'this company is suspended';
    ELSIF code IS NULL AND known.adopted = 'people' THEN
        code := 'company_adopted';
        words := 'this company was adopted to guard it from people: its application goes on with a login of its own';
    ELSIF code IS NULL THEN
        number := nextval('piste.ticket_pace') - floor(extract(epoch FROM clock_timestamp()))::bigint * 100000;
        IF number NOT BETWEEN 1 AND known.rate OR number % 128 = 1 THEN
            words := piste.ticket_excess(known.firm, number, known.rate);
            IF words IS NOT NULL THEN
                code := 'too_many_tickets';
            END IF;
        END IF;
    END IF;
    IF code IS NULL THEN
        IF pg_try_advisory_xact_lock_shared(piste.lease_key(known.firm, me)) THEN
            SELECT l.links, l.version = known.version AND l.used_at > clock_timestamp() - interval '10 seconds',
                CASE WHEN l.version = known.version AND ticket.resource = ANY (l.tables) THEN ARRAY[ticket.resource] END
            INTO links, current_, tables
            FROM piste.lease l WHERE l.login = me AND l.company = known.firm;
        END IF;
        IF current_ IS NOT TRUE THEN
            lease := piste.lease_company(known.firm);
            links := lease.links;
            IF lease.free_at IS NOT NULL THEN
                code := 'too_many_companies';
                words := format('tickets of this service wait for %s companies; again at %s',
                    (piste.lease_bounds()).most, lease.free_at);
            END IF;
        END IF;
    END IF;
    IF tables IS NULL THEN
        tables := piste.tables_named(ticket.resource, CASE WHEN known.adopted IS NOT NULL THEN known.firm END);
    END IF;
    IF code IS NULL THEN
        IF access = 'read+write' AND tables <> '{*}'
            AND (cardinality(tables) > 1 OR strpos(',' || array_to_string(links, ','), ',' || tables[1] || '>') > 0)
        THEN
            -- Whoever writes 7 into journeys.user_id learns whether there is a user 7.
            SELECT 'tables_missing', format('%s: name these tables too, or ask for read_only', string_agg(
                format('%s names rows of %s', split_part(l, '>', 1), split_part(l, '>', 2)), '; ' ORDER BY l))
            INTO code, words
            FROM unnest(links) AS l
            WHERE split_part(l, '>', 1) = ANY (tables) AND NOT split_part(l, '>', 2) = ANY (tables)
            HAVING count(*) > 0;
        END IF;
    END IF;
    IF code IS NOT NULL THEN
        wish := jsonb_build_object(
            'url_id', left(ticket.url_id, 100), 'jti', jti,
            'action', ticket.action, 'tables', left(array_to_string(tables, ','), 1000));
        refusal := piste.refuse(known.firm, 'ticket.refused', 'ticket', code, words, wish);
        RETURN NEXT;
        RETURN;
    END IF;

    IF NOT piste.is_local(known.durability) THEN
        PERFORM piste.check_durability();
    END IF;
    moment := clock_timestamp();
    -- As check_clock does it, which has the words.
    number := extract(epoch FROM moment) * 1000000;
    IF number < pg_sequence_last_value('piste.newest_record') THEN
        PERFORM piste.check_clock();
    ELSE
        number := setval('piste.newest_record', number);
    END IF;
    ticket := gen_random_uuid();
    until := moment + interval '10 seconds';
    -- What the service says of itself, and what is out of the ordinary.
    wish := ticket.detail - 'ticket';
    IF access = 'read' OR ticket.seconds <> 60 OR jti IS NOT NULL THEN
        wish := coalesce(wish, '{}') || jsonb_build_object('ticket', jsonb_strip_nulls(jsonb_build_object(
            'access', access, 'seconds', ticket.seconds, 'token', jti)));
    END IF;
    WITH noted AS (
        INSERT INTO piste.entry (company, actor, subject, context, action, resource, detail)
        VALUES (known.firm, me, stands_for, ticket, ticket.action, array_to_string(tables, ','), wish)
        RETURNING id
    ), made AS (
        INSERT INTO piste.ticket
            (id, login, company, tables, access, subject, token, seconds, made, made_at, expires_at)
        VALUES (
            ticket, me, known.firm, tables, access, stands_for, jti, ticket.seconds, pg_current_xact_id(), moment, until)
    )
    SELECT n.id INTO number FROM noted n;
    IF known.channel IS NOT NULL THEN
        PERFORM piste.announce(known.channel, number::text);
    END IF;
    number := nextval('piste.tickets');
    RETURN NEXT;
END
$$;

RESET ROLE;
