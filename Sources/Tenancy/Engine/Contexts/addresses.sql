-- Who somebody is: what can be an e-mail address or a provider's number of a user, and addresses compared as people expect.
--
-- Capitals mean nothing, and one domain has two spellings (IDNA: bücher.example and xn--bcher-kva.example are one). Nothing else
-- is folded: who is a.b+c is not who is ab.

SET LOCAL ROLE piste_owner;

-- Who may call it: the engine's own definer functions. Trusts: nothing. Records: nothing.
-- Whether it can be an e-mail address: one @, no blanks, no controls, at most 254 characters. NULL for NULL.
CREATE OR REPLACE FUNCTION piste.is_mail_address(address text)
RETURNS boolean
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT address ~ '^[^[:space:][:cntrl:]@]+@[^[:space:][:cntrl:]@]+$' AND char_length(address) <= 254
$$;

-- Who may call it: the engine's own definer functions, and the table of links. Trusts: nothing. Records: nothing.
-- Whether it can be what a provider calls a user: 1 to 255 characters, none of them a control. NULL for NULL.
CREATE OR REPLACE FUNCTION piste.is_subject(subject text)
RETURNS boolean
LANGUAGE sql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
    SELECT char_length(subject) BETWEEN 1 AND 255 AND subject !~ '[[:cntrl:]]'
$$;

-- Who may call it: the engine's own definer functions. Trusts: nothing. Records: nothing.
-- The bias after one step of Punycode (RFC 3492, section 6.1).
CREATE OR REPLACE FUNCTION piste.punycode_bias(delta bigint, points integer, is_first boolean)
RETURNS integer
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
    k integer := 0;
BEGIN
    delta := CASE WHEN is_first THEN delta / 700 ELSE delta / 2 END;
    delta := delta + delta / points;
    WHILE delta > 455 LOOP
        delta := delta / 35;
        k := k + 36;
    END LOOP;
    RETURN k + 36 * delta / (delta + 38);
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: nothing. Records: nothing.
-- A label in Unicode as Punycode writes it, behind `xn--`.
CREATE OR REPLACE FUNCTION piste.punycode(label text)
RETURNS text
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
    letters CONSTANT text := 'abcdefghijklmnopqrstuvwxyz0123456789';
    points  integer[] := ARRAY(SELECT ascii(c) FROM regexp_split_to_table(label, '') WITH ORDINALITY AS t (c, n) ORDER BY n);
    written text := regexp_replace(label, '[^ -~]', '', 'g');
    basic   integer := char_length(written);
    done    integer := basic;
    code    integer := 128;
    delta   bigint := 0;
    bias    integer := 72;
    least_  integer;
    each    integer;
    q       bigint;
    k       integer;
    t       integer;
BEGIN
    IF basic > 0 THEN
        written := written || '-';
    END IF;
    WHILE done < cardinality(points) LOOP
        least_ := (SELECT min(p) FROM unnest(points) AS p WHERE p >= code);
        delta := delta + (least_ - code)::bigint * (done + 1);
        code := least_;
        FOREACH each IN ARRAY points LOOP
            IF each < code THEN
                delta := delta + 1;
            ELSIF each = code THEN
                q := delta;
                k := 36;
                LOOP
                    t := least(greatest(k - bias, 1), 26);
                    EXIT WHEN q < t;
                    written := written || substr(letters, (t + (q - t) % (36 - t))::integer + 1, 1);
                    q := (q - t) / (36 - t);
                    k := k + 36;
                END LOOP;
                written := written || substr(letters, q::integer + 1, 1);
                bias := piste.punycode_bias(delta, done + 1, done = basic);
                delta := 0;
                done := done + 1;
            END IF;
        END LOOP;
        delta := delta + 1;
        code := code + 1;
    END LOOP;
    RETURN written;
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: nothing. Records: nothing.
-- What stands behind `xn--` as Unicode; NULL for what is no Punycode.
CREATE OR REPLACE FUNCTION piste.punycode_read(written text)
RETURNS text
LANGUAGE plpgsql IMMUTABLE
AS $$
DECLARE
    letters CONSTANT text := 'abcdefghijklmnopqrstuvwxyz0123456789';
    hyphen  integer := char_length(written) - position('-' IN reverse(written));
    label   text := CASE WHEN position('-' IN written) > 0 THEN left(written, hyphen) ELSE '' END;
    place   integer := CASE WHEN position('-' IN written) > 0 THEN hyphen + 2 ELSE 1 END;
    code    bigint := 128;
    i       bigint := 0;
    bias    integer := 72;
    old     bigint;
    w       bigint;
    k       integer;
    t       integer;
    digit   integer;
BEGIN
    WHILE place <= char_length(written) LOOP
        old := i;
        w := 1;
        k := 36;
        LOOP
            digit := position(substr(written, place, 1) IN letters) - 1;
            IF place > char_length(written) OR digit < 0 THEN
                RETURN NULL;
            END IF;
            place := place + 1;
            i := i + digit * w;
            t := least(greatest(k - bias, 1), 26);
            EXIT WHEN digit < t;
            w := w * (36 - t);
            k := k + 36;
            IF i > 1114111 * 64::bigint OR w > 1114111 * 64::bigint THEN
                RETURN NULL;
            END IF;
        END LOOP;
        bias := piste.punycode_bias(i - old, char_length(label) + 1, old = 0);
        code := code + i / (char_length(label) + 1);
        i := i % (char_length(label) + 1);
        IF code > 1114111 OR code BETWEEN 55296 AND 57343 THEN
            RETURN NULL;
        END IF;
        label := left(label, i::integer) || chr(code::integer) || substr(label, i::integer + 1);
        i := i + 1;
    END LOOP;
    RETURN label;
END
$$;

-- Who may call it: the engine's own definer functions. Trusts: nothing. Records: nothing.
-- The spellings that an address may be stored in, in small letters: the domain in Unicode, and in ASCII.
CREATE OR REPLACE FUNCTION piste.address_spellings(address text)
RETURNS text[]
LANGUAGE plpgsql STABLE
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    plain text := CASE WHEN getdatabaseencoding() = 'UTF8'
        THEN lower(normalize(address, NFC) COLLATE piste.human) ELSE lower(address) END;
    name  text := split_part(plain, '@', 1);
    label text;
    wide  text[] := '{}';
    ascii text[] := '{}';
BEGIN
    IF getdatabaseencoding() <> 'UTF8' THEN
        RETURN ARRAY[plain];
    END IF;
    FOREACH label IN ARRAY string_to_array(split_part(plain, '@', 2), '.') LOOP
        wide := wide || CASE WHEN label LIKE 'xn--%' AND char_length(label) <= 63
            THEN coalesce(piste.punycode_read(substr(label, 5)), label) ELSE label END;
        ascii := ascii || CASE WHEN label ~ '[^ -~]' AND char_length(label) <= 63
            THEN 'xn--' || piste.punycode(label) ELSE label END;
    END LOOP;
    RETURN ARRAY[name || '@' || array_to_string(wide, '.'), name || '@' || array_to_string(ascii, '.')];
END
$$;

-- Who may call it: the engine's own definer functions, inside the company and with the gate of its users open. Records: nothing.
-- The user whose address it is, letter by letter; else the only one whose address is the same but for capitals and for the
-- domain's spelling. Of several nobody: which of them is meant, nothing says.
-- A large company has an index of fragments (blueprint_growth): search_text ends with the address, folded, so that only those are
-- compared that can be meant: of a million users in 1 to 150 ms, where reading them all takes seven seconds.
CREATE OR REPLACE FUNCTION piste.user_by_address(home text, address text, OUT email text, OUT status text)
LANGUAGE plpgsql STABLE
AS $$
DECLARE
    is_wide  CONSTANT boolean := getdatabaseencoding() = 'UTF8';
    plain    CONSTANT text := CASE WHEN is_wide
        THEN 'lower(normalize(u.email, NFC) COLLATE piste.human)' ELSE 'lower(u.email)' END;
    spelled  text[];
    likely   text;
BEGIN
    EXECUTE format('SELECT u.email, u.status FROM %I.users u WHERE u.email = $1', home) INTO email, status USING address;
    IF email IS NOT NULL OR address IS NULL THEN
        RETURN;
    END IF;
    spelled := piste.address_spellings(address);
    IF to_regclass(format('%I.users_by_fragment', home)) IS NOT NULL THEN
        likely := (
            SELECT string_agg(format('u.search_text LIKE %L', overlay(piste.fragment_pattern(a) PLACING '% ' FROM 1 FOR 1)), ' OR ')
            FROM unnest(spelled) AS a);
    END IF;
    EXECUTE format(
        'SELECT min(u.email), min(u.status) FROM %I.users u WHERE (%s) AND %s = ANY ($1) HAVING count(*) = 1',
        home, coalesce(likely, 'true'), plain)
    INTO email, status USING spelled;
END
$$;

RESET ROLE;
