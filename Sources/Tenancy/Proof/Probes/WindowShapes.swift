/// Queries of every shape in which the planner could look at a window's table before it asks the gate.
package enum WindowShapes {
    package struct Shape: Sendable {
        package let name: String
        /// Its addresses are those of `acme.example`.
        package let sql: String

        init(_ name: String, _ sql: String) {
            self.name = name
            self.sql = sql
        }
    }

    package static let all: [Shape] = [
        Shape("plain", "select email from users where email='u8@acme.example'"),
        Shape("count", "select count(*) from users"),
        Shape("minmax", "select min(email), max(created_at) from users"),
        Shape(
            "join2",
            "select * from users u join journeys j on j.user_id=u.id where u.email='u8@acme.example'"),
        Shape("selfjoin", "select a.email from users a join users b on a.id=b.id"),
        Shape(
            "leftin", "select u.name from (values (1)) x(a) left join users u on u.email='u8@acme.example'"),
        Shape("leftout", "select u.name from users u left join (values (8)) x(a) on x.a=u.id"),
        Shape("full", "select u.name from (values (8::bigint)) x(a) full join users u on u.id=x.a"),
        Shape("exists", "select 1 where exists (select from users where email='u8@acme.example')"),
        Shape("notexists", "select 1 where not exists (select from users where email='u8@acme.example')"),
        Shape(
            "semi",
            "select x.a from (values (8::bigint),(9)) x(a) where exists (select from users u where u.id=x.a)"),
        Shape(
            "anti",
            "select x.a from (values (8::bigint),(9)) x(a) where not exists (select from users u where u.id=x.a)"
        ),
        Shape("notin", "select x.a from (values (8::bigint),(9)) x(a) where a not in (select id from users)"),
        Shape(
            "lateral",
            "select x.a, u.name from (values (8::bigint),(9)) x(a), lateral (select name from users where id=x.a limit 1) u"
        ),
        Shape("subplan", "select (select name from users where id=x.a) from (values (8::bigint),(9)) x(a)"),
        Shape(
            "unionall",
            "select id from (select id from users union all select id from journeys) s where id=8"),
        Shape("except", "select 8::bigint except select id from users"),
        Shape(
            "cte",
            "with c as materialized (select * from users where email='u8@acme.example') select count(*) from c"
        ),
        Shape(
            "recursive",
            "with recursive r as (select id from users where id=1 union all select u.id from r join users u on u.id=r.id+1 where u.id<5) select * from r"
        ),
        Shape("window", "select row_number() over (order by name) from users where id<1100"),
        Shape("agg", "select role, count(*) from users group by role"),
        Shape("groupsets", "select role, count(*) from users group by grouping sets ((),(role))"),
        Shape("parts", "select * from journey_steps where id=7"),
        Shape("partsrun", "select * from journey_steps where id=(select 7)"),
        Shape("partsjoin", "select * from journey_steps p join users u on u.id=p.id where p.id=7"),
        Shape("forupd", "select * from users where email='u8@acme.example' for update"),
        Shape("forshare", "select * from users where email='u8@acme.example' for key share skip locked"),
        Shape("tid", "select * from users limit 1"),
        Shape("tsub", "select count(*) filter (where email like 'u8%') from users"),
        Shape("distinct", "select distinct role from users where role='member'"),
        Shape("oneorder", "select * from users where 1/(id-8) > 0"),
        Shape(
            "usersub",
            "select * from users where (select 1/(length(current_user)-length(current_user)-1)) > 0 or email='u8@acme.example'"
        ),
        Shape("ouser", "select * from users where email='u8@acme.example' or (select true)"),
        Shape("rowcmp", "select * from users where (name,id) > ('User 8',0) order by name,id limit 5"),
        Shape("srf", "select generate_series(1,2) from users where email='u8@acme.example'"),
        Shape(
            "gs",
            "select * from generate_series(1,3) g left join users u on u.id=g and u.email='u1@acme.example'"),
        Shape(
            "nested",
            "select * from (values (1::bigint)) x(a) left join (users u join journeys j on j.user_id=u.id) on u.id=x.a"
        ),
        Shape(
            "nestedleft",
            "select * from (values (1::bigint)) x(a) left join (journeys j left join users u on j.user_id=u.id) on j.id=x.a"
        ),
        Shape(
            "fullfull",
            "select * from (values (1::bigint)) x(a) full join (select id from users) u on u.id=x.a full join (select id from journeys) j on j.id=u.id"
        ),
        Shape(
            "ljw",
            "select u.email from (values (1)) x(a) left join users u on true where u.email='u8@acme.example'"),
        Shape(
            "ljnull",
            "select x.a from (values (8::bigint)) x(a) left join users u on u.id=x.a where u.id is null"),
        Shape("any", "select 8 = any(select id from users)"),
        Shape("array", "select array(select email from users where email='u8@acme.example')"),
        Shape("limit0", "select * from users order by created_at desc limit 1"),
        Shape("rollupany", "select x.a in (select id from users) from (values (8::bigint),(null)) x(a)"),
        Shape(
            "L1",
            "select * from pg_class c left join users u on u.email='u8@acme.example' where c.relname='pg_class'"
        ),
        Shape(
            "L2",
            "select * from pg_class c left join (select * from users where email='u8@acme.example') u on true where c.relname='pg_class'"
        ),
        Shape(
            "L3",
            "select * from pg_class c left join (users u join journeys j on j.user_id=u.id) on u.email='u8@acme.example' where c.relname='pg_class'"
        ),
        Shape("L4", "select * from generate_series(1::bigint,20) g left join users u on u.id=g"),
        Shape(
            "L5",
            "select * from generate_series(1::bigint,20) g left join lateral (select * from users u where u.id=g) u on true"
        ),
        Shape(
            "L6",
            "select * from generate_series(1::bigint,20) g left join lateral (select * from users u where u.id=g limit 1) u on true"
        ),
        Shape("L7", "select * from users u right join generate_series(1::bigint,20) g on u.id=g"),
        Shape(
            "L8",
            "select * from generate_series(1::bigint,20) g left join (select 1 as k, u.* from users u) u on u.id=g"
        ),
        Shape(
            "L9",
            "select * from generate_series(1::bigint,20) g left join (select coalesce(u.name,'x') nn, u.id from users u) u on u.id=g"
        ),
        Shape(
            "L10",
            "select * from generate_series(1::bigint,20) g left join users u on u.id=g left join journeys j on j.user_id=u.id"
        ),
        Shape(
            "L11",
            "select * from generate_series(1::bigint,20) g left join (users u left join journeys j on j.user_id=u.id) on u.id=g"
        ),
        Shape("L12", "select * from generate_series(1::bigint,20) g left join journey_steps p on p.id=g"),
        Shape("L13", "select * from generate_series(1::bigint,20) g left join journey_steps p on p.id=7"),
        Shape(
            "L14",
            "select * from generate_series(1::bigint,3) g left join (select id from users union all select id from journeys) u on u.id=g"
        ),
        Shape("L15", "select * from generate_series(1::bigint,3) g full join users u on u.id=g"),
        Shape(
            "L16",
            "select * from generate_series(1::bigint,3) g left join users u on u.id=g and exists (select from journeys j where j.user_id=u.id)"
        ),
        Shape(
            "L17",
            "select * from generate_series(1::bigint,3) g left join (select u.id from users u, lateral (select 1) y) u on u.id=g"
        ),
        Shape(
            "L19",
            "select * from (select 1) a left join ((select 1) b cross join users u) on u.email='u8@acme.example'"
        ),
        Shape(
            "L20",
            "select * from (select 1) a left join (users u left join (select 2) b on true) on u.email='u8@acme.example'"
        ),
        Shape(
            "L21",
            "select * from (select 1) a left join (users u1 cross join users u2) on u1.email='u8@acme.example' and u2.email='u8@acme.example'"
        ),
        Shape(
            "L22",
            "select * from (select 1 as a) a left join users u on a.a=1 and u.email='u8@acme.example'"),
        Shape(
            "L23",
            "select * from (select 1) a left join (select distinct on (role) * from users where email='u8@acme.example') u on true"
        ),
        Shape(
            "L24",
            "with recursive r(n) as (select 1 union all select n+1 from r left join users u on u.email like 'u8@%' where n<3) select * from r"
        ),
        Shape(
            "L25",
            "select (select count(*) from generate_series(1,2) g left join users u on u.email like 'u8@%')"
        ),
        Shape(
            "L26",
            "select * from generate_series(1::bigint,20) g left join (select * from users where id=8) u on u.id=g"
        ),
    ]
}
